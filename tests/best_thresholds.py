"""Thresholds and flags by the package's own search or rule, asked for in one call; and the same rule by plain loops."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

import numpy as np

from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.cross_fitting import flags_by_fold, others_tables
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.thresholds import ThresholdGrid, Tuning


def aim_of(criterion):
    return criterion if isinstance(criterion, Objective) else Objective(criterion)


def best_threshold_of(y, score, criterion="f1", costs=None):
    """The single best threshold of these rows; nan where none keeps the limits."""
    table = ThresholdGrid(y, score, costs).table
    place, feasible = table.choose(aim_of(criterion))
    return float(table.thresholds[place]) if feasible else np.nan


def tuned_threshold(y, score, criterion="f1", costs=None, seed=0):
    """The threshold that the package takes of these rows: the median over draws, or the single best one, rounded."""
    return Tuning(aim_of(criterion), len(y), seed).threshold(ThresholdGrid(y, score, costs).table)


def loop_cut(y, score, criterion="f1", seed=0):
    """The median over draws by plain loops, a draw at a time."""
    y, score = np.asarray(y, bool), np.asarray(score, np.float64)
    thresholds = sorted(set(score[y].tolist()))
    thresholds = thresholds[:: -(-len(thresholds) // 250)][::-1]
    upper = [np.inf, *thresholds]
    shares = [
        [
            ((score[rows] >= low) & (score[rows] < high)).mean()
            for high, low in zip(upper, [*thresholds, *rest], strict=False)
        ]
        for rows, rest in ((y, []), (~y, [-np.inf]))
    ]
    rng = np.random.default_rng(seed)
    hits = rng.multinomial(y.sum(), shares[0], 501)
    errors = rng.multinomial((~y).sum(), shares[1], 501)
    best, aim = [], aim_of(criterion)
    for hit, error in zip(hits, errors, strict=True):
        tp, fp = (
            np.array(list(accumulate(each[: len(thresholds)].tolist(), initial=0))) for each in (hit, error)
        )
        values = aim.value(Confusion(tp, fp, y.sum() - tp, (~y).sum() - fp)).tolist()
        enough = max(values) * (1 - 1e-14)
        best.append(next(each for each, value in zip(upper, values, strict=True) if value >= enough))
    threshold = sorted(best)[250]
    below = max((each for each in score.tolist() if each < threshold), default=-np.inf)
    if np.isinf(threshold):
        return threshold
    for digits in range(1, 17):  # text is cut off, which rounds positive numbers down
        text = f"{Decimal(repr(threshold)):.{digits}e}"
        step = Decimal(1).scaleb(Decimal(text).adjusted() - digits)
        number = Decimal(text) if Decimal(text) <= Decimal(repr(threshold)) else Decimal(text) - step
        if float(number) > below:
            return float(number)
    return threshold


def cross_fitted_flags(y, score, fold, criterion="f1", costs=None, *, ordered=False, seed=0):
    """Flag each fold's rows at the threshold that the other folds chose; rows of fold -1 are left alone."""
    y, score, fold = np.asarray(y, bool), np.asarray(score, np.float64), np.asarray(fold)
    seen, flags = fold >= 0, np.zeros(len(y), dtype=bool)
    grid = ThresholdGrid(y[seen], score[seen], None if costs is None else costs.take(seen))
    tables = others_tables(grid, fold[seen], ordered=ordered)
    tuning = Tuning(aim_of(criterion), int(seen.sum()), seed)
    thresholds = {each: tuning.threshold(table) for each, table in tables}
    flags[seen] = flags_by_fold(score[seen], fold[seen], thresholds)
    return flags
