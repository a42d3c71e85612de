"""Cuts and flags by the package's own search or rule, asked for in one call; and the same rule by plain loops."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.objectives import Aim
from imbalance_accessor.metrics.thresholds import Ladder, Tuning, flags_by_fold, others_tables


def aim_of(criterion):
    return criterion if isinstance(criterion, Aim) else Aim(criterion)


def best_cut(y, score, criterion="f1", costs=None):
    """The single best cut of these rows; nan where none keeps the limits."""
    table = Ladder(y, score, costs).table
    place, feasible = table.choose(aim_of(criterion))
    return float(table.cuts[place]) if feasible else np.nan


def tuned_cut(y, score, criterion="f1", costs=None, seed=0):
    """The cut that the package takes of these rows: the median over draws, or the single best one, rounded."""
    return Tuning(aim_of(criterion), len(y), seed).cut(Ladder(y, score, costs).table)


def loop_cut(y, score, criterion="f1", seed=0):
    """The median over draws by plain numpy, a draw and a candidate at a time."""
    y, score = np.asarray(y, bool), np.asarray(score, np.float64)
    cuts = sorted(set(score[y].tolist()))
    cuts = cuts[:: -(-len(cuts) // 250)][::-1]
    upper = [np.inf, *cuts]
    shares = [
        [
            ((score[rows] >= low) & (score[rows] < high)).mean()
            for high, low in zip(upper, [*cuts, *rest], strict=False)
        ]
        for rows, rest in ((y, []), (~y, [-np.inf]))
    ]
    rng = np.random.default_rng(seed)
    hits = rng.multinomial(y.sum(), shares[0], 501)
    errors = rng.multinomial((~y).sum(), shares[1], 501)
    best = []
    for hit, error in zip(hits, errors, strict=True):
        values = []
        for at in range(len(cuts) + 1):
            tp, fp = hit[:at].sum(), error[:at].sum()
            values.append(float(aim_of(criterion).value(Confusion(tp, fp, y.sum() - tp, (~y).sum() - fp))))
        best.append(
            next(cut for cut, value in zip(upper, values, strict=True) if value >= max(values) * (1 - 1e-14))
        )
    cut = sorted(best)[250]
    below = max((each for each in score.tolist() if each < cut), default=-np.inf)
    if np.isinf(cut):
        return cut
    for digits in range(1, 17):  # text is cut off, which rounds positive numbers down
        text = f"{Decimal(repr(cut)):.{digits}e}"
        step = Decimal(1).scaleb(Decimal(text).adjusted() - digits)
        number = Decimal(text) if Decimal(text) <= Decimal(repr(cut)) else Decimal(text) - step
        if float(number) > below:
            return float(number)
    return cut


def cross_fitted_flags(y, score, fold, criterion="f1", costs=None, *, ordered=False, seed=0):
    """Flag each fold's rows at the cut that the other folds chose; rows of fold -1 are left alone."""
    y, score, fold = np.asarray(y, bool), np.asarray(score, np.float64), np.asarray(fold)
    seen, flags = fold >= 0, np.zeros(len(y), dtype=bool)
    ladder = Ladder(y[seen], score[seen], None if costs is None else costs.take(seen))
    tables = others_tables(ladder, fold[seen], ordered=ordered)
    tuning = Tuning(aim_of(criterion), int(seen.sum()), seed)
    cuts = {each: tuning.cut(table) for each, table in tables}
    flags[seen] = flags_by_fold(score[seen], fold[seen], cuts)
    return flags
