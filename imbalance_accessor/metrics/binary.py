"""The arithmetic of metrics: the counts of a decision, the order of scores, each row's share in a figure of probabilities.

Wherever `weights` is taken, it holds how much each row counts: ``None`` (each once), an array of shape
(n,), or one row of such weights for each of B draws, shape (B, n), as `metrics.bootstrap.Resamples` yields them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.metrics.arrays import Bools, Floats, counted_ranks, finite, ratio, sum_by_cell
from imbalance_accessor.metrics.cell_sums import CellSums, running
from imbalance_accessor.process_state import cached_property

_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, eq=False)
class Confusion:
    """The four counts of a binary decision, and every metric that follows from them.

    Parameters
    ----------
    tp, fp, fn, tn : float or array-like of float
        True positives, false positives, false negatives, true negatives; arrays of one shape (one entry a
        threshold, or a bootstrap draw) or scalars. Kept as float64.

    Notes
    -----
    A metric whose divisor is 0 is 0. Balanced accuracy is (recall + specificity) / 2, and the G-mean is
    √(recall · specificity) (Kubat & Matwin 1997). With a, b the two row sums and c, d the two column sums
    of the table, MCC = (tp · tn − fp · fn) / √(a · b · c · d) (Matthews 1975).

    Examples
    --------
    >>> table = Confusion(tp=6, fp=4, fn=2, tn=88)
    >>> float(table.recall), float(table.precision), float(table.accuracy)
    (0.75, 0.6, 0.94)
    """

    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats

    def __init__(self, tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> None:
        for field, count in zip(fields(self), (tp, fp, fn, tn), strict=True):
            object.__setattr__(self, field.name, np.asarray(count, dtype=np.float64)[()])

    @property
    def precision(self) -> Floats:
        """The share of the flagged rows that are positive."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> Floats:
        """The share of the positive rows that are flagged."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> Floats:
        """The share of the negative rows that are not flagged."""
        return ratio(self.tn, self.tn + self.fp)

    @property
    def f1(self) -> Floats:
        """The harmonic mean of precision and recall."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def mcc(self) -> Floats:
        """Matthews' correlation of flag and label."""
        # Two square roots: the product of all four sums would overflow long before the counts do.
        flags = np.sqrt((self.tp + self.fp) * (self.fn + self.tn))
        labels = np.sqrt((self.tp + self.fn) * (self.fp + self.tn))
        return ratio(self.tp * self.tn - self.fp * self.fn, flags * labels)

    @property
    def balanced_accuracy(self) -> Floats:
        """The mean of recall and specificity."""
        return (self.recall + self.specificity) / 2

    @property
    def g_mean(self) -> Floats:
        """The geometric mean of recall and specificity."""
        root: Floats = np.sqrt(self.recall * self.specificity)
        return root

    @property
    def accuracy(self) -> Floats:
        """The share of all rows that are flagged or not as their label says."""
        return ratio(self.tp + self.tn, self.tp + self.fp + self.fn + self.tn)

    @property
    def flag_rate(self) -> Floats:
        """The share of all rows that are flagged."""
        return ratio(self.tp + self.fp, self.tp + self.fp + self.fn + self.tn)


def confusion(y: Bools, flagged: Bools, weights: Floats | None = None) -> Confusion:
    """Count hits and errors.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    flagged : ndarray of bool, shape (n,)
    weights : ndarray of float, shape (n,) or (B, n), optional
        How often each row counts.

    Returns
    -------
    Confusion
        Of scalars, or of arrays of shape (B,).

    Examples
    --------
    >>> import numpy as np
    >>> y, flagged = np.array([True, True, False]), np.array([True, False, True])
    >>> table = confusion(y, flagged)
    >>> [int(count) for count in (table.tp, table.fp, table.fn, table.tn)]
    [1, 1, 1, 0]
    """
    y, flagged = np.asarray(y, bool), np.asarray(flagged, bool)
    counts = sum_by_cell(2 * flagged + y, 4, weights)
    return Confusion(tn=counts[..., 0], fn=counts[..., 1], fp=counts[..., 2], tp=counts[..., 3])


@dataclass(frozen=True, eq=False)
class Levels:
    """Rows by score, the highest first, in several draws; all that a figure of the order of scores is made of.

    Attributes
    ----------
    hits : ndarray of float, shape (B, L)
        Weight of the positives at each distinct score that a positive has.
    passed : ndarray of float, shape (B, 2 L + 1)
        Weight of the negatives above the first of these scores, at it, between it and the second, at that, ..., below
        the last.
    unseen : float
        Weight of negatives that may stand above each positive and were not sampled; see `Weights.half_a_negative`.
    """

    hits: Floats
    passed: Floats
    unseen: float = 0.0

    @cached_property
    def positives(self) -> Floats:
        """Weight of all positives, shape (B,)."""
        return np.asarray(self.hits.sum(axis=1))

    @cached_property
    def negatives(self) -> Floats:
        """Weight of all negatives, shape (B,)."""
        return np.asarray(self.passed.sum(axis=1))

    @cached_property
    def found(self) -> Floats:
        """Weight of the positives with at least the score of each level, shape (B, L)."""
        return running(self.hits)

    @cached_property
    def ahead(self) -> Floats:
        """Weight of the negatives with at least the score of each level, shape (B, L)."""
        return running(self.passed[:, :-1:2] + self.passed[:, 1::2])


#: A figure of the order of scores: from levels of B draws to an array of shape (B,).
LevelFigure: TypeAlias = "Callable[[Levels], Floats]"


def average_precision(levels: Levels) -> Floats:
    """Average precision: the precision down to each positive, averaged over the positives.

    Notes
    -----
    Σ (TP − TP before) / P · TP / (TP + FP), never an interpolated area (Davis & Goadrich 2006); its no-skill level is
    the prevalence. Where each negative stands for many, half of one is added to FP; see `Weights.half_a_negative`.
    """
    seen = levels.found + levels.ahead
    if levels.unseen:
        seen += levels.unseen
    precision = levels.found / np.maximum(seen, _TINY)
    return ratio(np.einsum("bl,bl->b", precision, levels.hits), levels.positives)


def roc_auc(levels: Levels) -> Floats:
    """Area under the ROC curve: how often a positive scores higher than a negative, a tie counting one half.

    Notes
    -----
    The Mann-Whitney share of Hanley & McNeil (1982); its no-skill level is 0.5.
    """
    above = np.einsum("bl,bl->b", levels.ahead - levels.passed[:, 1::2] / 2, levels.hits)
    return 1 - ratio(ratio(above, levels.negatives), levels.positives)


def ranks_within(score: Floats, fold: NDArray[np.intp], own: Floats | None = None) -> Floats:
    """Replace each score by its rank among its fold's, so that folds whose scores differ in scale can be put in one order.

    Parameters
    ----------
    score : ndarray of float, shape (n,) or (n, k)
        Each column is ranked by itself.
    fold : ndarray of int, shape (n,)
        The fold that scored each row; each with about the same share of positives.
    own : ndarray of float, shape (n,), optional
        Weights of the rows: one of weight 2 is ranked as two rows are.

    Returns
    -------
    ndarray of float, of the shape of `score`
        The mid-rank of the score within its fold, over the rows of the fold: in (0, 1].

    Notes
    -----
    The mean of the folds' average precisions is too high where a fold has few positives (by .03 at 16, .1 at 4), and that of
    the pooled scores too low where models of different folds differ in scale (see Forman & Scholz 2010).

    Examples
    --------
    >>> import numpy as np
    >>> ranks_within(np.array([0.1, 0.3, 5.0, 7.0, 7.0]), np.array([0, 0, 1, 1, 1])).round(2).tolist()
    [0.5, 1.0, 0.33, 0.83, 0.83]
    """
    from scipy.stats import rankdata  # Tab lists the metrics, and waits for no library

    ranks = np.empty(np.shape(score))
    for each in np.unique(fold):
        inside = np.flatnonzero(fold == each)
        if own is None:
            ranks[inside] = rankdata(score[inside], axis=0) / len(inside)
        else:
            ranks[inside] = np.apply_along_axis(_weighted_ranks, 0, score[inside], own[inside])
    return ranks


def _weighted_ranks(score: Floats, own: Floats) -> Floats:
    """Return mid-ranks over the sum of the weights."""
    return np.asarray(counted_ranks(score, own) / own.sum())


def chance_average_precision(rows: int, positives: int) -> float:
    """Return what a random order scores on average: more than the prevalence, most where positives are few.

    Notes
    -----
    With R positives of N rows and the harmonic number H of N (Bestgen 2015):

        ((R − 1) / (N − 1) · (N − H) + H) / N

    Examples
    --------
    >>> round(chance_average_precision(400, 20), 3)
    0.063
    """
    harmonic = float(np.sum(1 / np.arange(1, rows + 1)))
    return ((positives - 1) / max(rows - 1, 1) * (rows - harmonic) + harmonic) / rows


class Ranking:
    """Rows in the order of their scores; sorted once, then asked for any figure of any number of draws.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    score : array-like of float, shape (n,)
        The higher, the more likely positive.

    Raises
    ------
    ModelError
        If a score is missing or infinite.

    Notes
    -----
    Rows of equal score are passed together, as in scikit-learn. Only scores that a positive has change a figure of
    the order, so negatives in between are added up in one go.

    Examples
    --------
    >>> import numpy as np
    >>> ranking = Ranking(np.array([False, False, True, True]), [0.1, 0.4, 0.35, 0.8])
    >>> round(ranking.average_precision(), 4), ranking.roc_auc()
    (0.8333, 0.75)
    """

    def __init__(self, y: Bools, score: ArrayLike) -> None:
        y, falling = np.asarray(y, bool), -finite(score)
        order = np.argsort(falling)
        hit, falling = y[order], falling[order]
        # rows of one score are a run; those that hold a positive are numbered as levels
        run = np.cumsum(np.append(False, falling[1:] != falling[:-1])) if len(y) else np.arange(0)
        is_level = np.bincount(run, hit) > 0
        self._n_levels = int(is_level.sum())
        passed = np.cumsum(is_level)[run]
        # from the highest score down: above level 0, at level 0, between levels 0 and 1, at level 1, ...
        cells = np.where(hit, passed - 1, self._n_levels + 2 * passed - is_level[run])
        #: The cell of each row, by which alone it matters.
        self.cells = np.empty(len(y), np.intp)
        self.cells[order] = cells

    @cached_property
    def _sums(self) -> CellSums:
        return CellSums(self.cells, 3 * self._n_levels + 1)

    def average_precision(self) -> float:
        """Average precision of the rows, nan where a class has none; its no-skill level is the prevalence."""
        return self.figure(average_precision)

    def roc_auc(self) -> float:
        """Area under the ROC curve, nan where a class has no row; its no-skill level is 0.5."""
        return self.figure(roc_auc)

    def figure(self, of: LevelFigure) -> float:
        """Return a figure of the rows as they are."""
        return float(self.drawn(np.ones((1, len(self.cells))), {"": of})[0, 0])

    def drawn(self, weights: Floats, figures: Mapping[str, LevelFigure], unseen: float = 0.0) -> Floats:
        """Return figures of the order from one pass over the draws.

        Parameters
        ----------
        weights : ndarray of float, shape (B, n)
            How much each row counts.
        figures : mapping of str to function of Levels
            What is computed.
        unseen : float
            As in `Levels`.

        Returns
        -------
        ndarray of float, shape (B, m)
            In the order of `figures`; nan where no positive or no negative has weight.
        """
        sums = self._sums.of(weights)
        levels = Levels(sums[:, : self._n_levels], sums[:, self._n_levels :], unseen)
        known = (levels.positives > 0) & (levels.negatives > 0)
        return np.column_stack([np.where(known, of(levels), np.nan) for of in figures.values()])


def brier(y: Bools, p: Floats) -> Floats:
    """Return each row's squared error, (p − y)² (Brier 1950), shape (n,)."""
    return np.asarray((np.asarray(p, np.float64) - y) ** 2)


def log_loss(y: Bools, p: NDArray[np.floating]) -> Floats:
    """Return each row's −log of the probability given to what happened, shape (n,).

    Notes
    -----
    It is first clipped to [eps, 1 − eps], eps being the machine precision of p's own type, as in scikit-learn.
    """
    eps = np.finfo(p.dtype).eps
    happened = np.clip(np.where(y, p, 1 - p), eps, 1 - eps)
    return np.asarray(-np.log(happened.astype(np.float64)))
