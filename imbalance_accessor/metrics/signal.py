"""Whether scores rank positives above negatives at all, beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Floats

#: Standard errors above chance from which scores are said to rank: one-sided, so 5 % of noise passes.
_SURE = 1.645


@dataclass(frozen=True)
class RankingSignal:
    """How well scores rank within folds, and how many standard errors that is above chance.

    Attributes
    ----------
    auc : float
        Share of the pairs of a positive and a negative row of one fold that are in order, ties counting one half.
    z : float
        nan where no fold holds both classes, or all scores of a fold are equal.
    """

    auc: float
    z: float

    @property
    def is_above_chance(self) -> bool:
        """Whether noise would rank so well in fewer than 5 % of frames."""
        return bool(self.z > _SURE)

    @property
    def is_below_chance(self) -> bool:
        """Whether noise would rank so badly in fewer than 5 % of frames."""
        return bool(self.z < -_SURE)


def ranking_signal(
    y: Bools,
    score: Floats,
    fold: NDArray[np.intp],
    groups: NDArray[np.intp] | None = None,
    copies: NDArray[np.int64] | None = None,
    *,
    falling: NDArray[np.intp] | None = None,
) -> RankingSignal:
    """Test whether positives rank above negatives within folds.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    score : ndarray of float, shape (n,)
    fold : ndarray of int, shape (n,)
        Scores of several folds come from several models and are not compared.
    groups : ndarray of int, shape (n,), optional
        Rows of one group are not independent.
    copies : ndarray of int, shape (n,), optional
        How many rows, all alike, each entry stands for.
    falling : ndarray of int, shape (n,), optional
        The rows' order by their scores, the highest first, where it is known.

    Notes
    -----
    With mid-ranks r within a fold, W = Σ (y − mean y)(r − mean r) over all folds is Mann & Whitney's U less what chance
    gives, stratified (van Elteren 1960). Were the scores given, its variance under chance would be Σ s_r² · P · N / (P + N) over
    folds, s_r² the variance of the fold's ranks; with groups, the sum of squares of the groups' shares in W. Out of fold it is
    twice that: what two folds have in common by chance counts once where one is scored and once where the other is
    (simulated: logistic regression on noise has a standard deviation of 1.43 = √2 times the plain one).

    Examples
    --------
    >>> import numpy as np
    >>> found = ranking_signal(np.arange(40) >= 30, np.arange(40.0), np.arange(40) % 2)
    >>> found.auc, found.is_above_chance
    (1.0, True)
    """
    excess, pairs, variance = 0.0, 0.0, 0.0
    parts = np.zeros(0 if groups is None else len(y))
    order = np.argsort(score) if falling is None else falling[::-1]  # of all rows, so of each fold's
    order = order[np.argsort(fold[order].astype(np.min_scalar_type(fold.max(initial=0))), kind="stable")]
    rising, y = score[order], y[order]
    times = None if copies is None else copies[order]
    last = np.bincount(fold).cumsum()
    for start, end in zip([0, *last], last, strict=False):
        if start == end:
            continue
        rows = slice(start, end)
        own, values = y[rows], rising[rows]
        # scores that tie are a run, and have the mean of its ranks
        ends = np.flatnonzero(np.append(values[1:] != values[:-1], True))
        passed = ends + 1 if times is None else times[rows].cumsum()[ends]
        size, n = np.diff(passed, prepend=0), int(passed[-1])
        ranks = passed - (size - 1) / 2 - (n + 1) / 2
        hits = np.flatnonzero(own)
        count = np.ones(len(hits)) if times is None else times[rows][hits]
        excess += float((count * ranks[np.searchsorted(ends, hits)]).sum())
        positives = float(count.sum())
        here = positives * (n - positives)
        pairs += here
        variance += here / n * float((size * ranks**2).sum()) / (n - 1) if n > 1 else 0.0
        if groups is not None:
            of_rows = np.repeat(ranks, np.diff(ends, prepend=-1))
            parts[rows] = (own - positives / n) * (of_rows if times is None else of_rows * times[rows])
    if groups is not None:
        variance = float((np.bincount(np.unique(groups[order], return_inverse=True)[1], parts) ** 2).sum())
    if not pairs or not variance:
        return RankingSignal(0.5 if pairs else np.nan, np.nan)
    return RankingSignal(0.5 + excess / pairs, excess / (2 * variance) ** 0.5)
