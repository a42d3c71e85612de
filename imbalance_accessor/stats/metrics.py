"""Metrics of flagged rows, of rankings and of probabilities, for one sample or many bootstrap draws at once.

Wherever `weights` is taken, it holds how often each row counts: ``None`` (each once), an array of shape
(n,), or one row of such counts for each of B draws, shape (B, n), as `stats.intervals.draws` yields them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.stats.arrays import Bools, Floats, finite, ratio, sum_by_cell
from imbalance_accessor.stats.multiclass import confusion_matrix, multiclass_decision
from imbalance_accessor.words import RANKING

__all__ = [
    "ALIASES",
    "DECISION",
    "LOWER_IS_BETTER",
    "PROBABILITY",
    "RANKING",
    "Confusion",
    "Ranking",
    "confusion",
    "confusion_matrix",
    "multiclass_decision",
    "probability_losses",
]

#: Metrics of which rows are flagged; each is a property of `Confusion`.
DECISION = ("precision", "recall", "f1", "mcc", "balanced_accuracy", "g_mean", "accuracy")
#: Figures of the probabilities; each is a key of `probability_losses`.
PROBABILITY = ("brier", "log_loss", "mean_probability")
LOWER_IS_BETTER = frozenset({"brier", "log_loss"})

#: Numbers that the draws ranked at one time hold: few enough to stay in a processor's cache.
_CACHED = 2**19

#: What people type, and the name it has here.
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "acc": "accuracy",
        "ap": "average_precision",
        "auc": "roc_auc",
        "auc_pr": "average_precision",
        "auc_roc": "roc_auc",
        "aucpr": "average_precision",
        "auprc": "average_precision",
        "auroc": "roc_auc",
        "average_precision_score": "average_precision",
        "bacc": "balanced_accuracy",
        "bal_acc": "balanced_accuracy",
        "balanced_accuracy_score": "balanced_accuracy",
        "brier_score": "brier",
        "brier_score_loss": "brier",
        "cross_entropy": "log_loss",
        "f1_score": "f1",
        "f_score": "f1",
        "g-mean": "g_mean",
        "geometric_mean": "g_mean",
        "geometric_mean_score": "g_mean",
        "gmean": "g_mean",
        "hit_rate": "recall",
        "logloss": "log_loss",
        "matthews": "mcc",
        "matthews_corrcoef": "mcc",
        "positive_predictive_value": "precision",
        "ppv": "precision",
        "pr_auc": "average_precision",
        "precision_score": "precision",
        "recall_score": "recall",
        "roc": "roc_auc",
        "roc_auc_score": "roc_auc",
        "sensitivity": "recall",
        "tpr": "recall",
        "true_positive_rate": "recall",
    }
)


def metric_name(typed: object) -> object:
    """Return the metric that an alias stands for; anything else as it is.

    Examples
    --------
    >>> metric_name("pr_auc"), metric_name("f1")
    ('average_precision', 'f1')
    """
    return ALIASES.get(typed, typed) if isinstance(typed, str) else typed


@dataclass(frozen=True, eq=False)
class Confusion:
    """The four counts of a binary decision, and every metric that follows from them.

    Parameters
    ----------
    tp, fp, fn, tn : float or array-like of float
        True positives, false positives, false negatives, true negatives; arrays of one shape (one entry a
        cut, or a bootstrap draw) or scalars. Kept as float64.

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


class Ranking:
    """How well scores put positives first; sorted once, then asked for any number of bootstrap draws.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    score : array-like of float, shape (n,)
        The higher, the more likely positive.
    flags : sequence of ndarray of bool, shape (n,), optional
        Rows that a cut flags, whose counts `drawn` adds up in the same pass.

    Raises
    ------
    ModelError
        If a score is missing or infinite.

    Notes
    -----
    Rows of equal score are passed together, as in scikit-learn. At each distinct score that a positive has,
    let TP and FP be the weight of the positives and negatives with at least that score:

    - average precision = Σ (TP − TP before) / P · TP / (TP + FP), never an interpolated area
      (Davis & Goadrich 2006);
    - ROC-AUC = the share of pairs of a positive and a negative in which the positive scores higher, a tie
      counting one half (Hanley & McNeil 1982).

    Only scores that a positive has change these sums, so negatives in between are added up in one go.

    Examples
    --------
    >>> import numpy as np
    >>> ranking = Ranking(np.array([False, False, True, True]), [0.1, 0.4, 0.35, 0.8])
    >>> round(ranking.average_precision(), 4), ranking.roc_auc()
    (0.8333, 0.75)
    """

    def __init__(self, y: Bools, score: ArrayLike, flags: Sequence[Bools] = ()) -> None:
        y, score = np.asarray(y, bool), finite(score)
        levels = np.unique(-score[y])
        # Bins from the highest score down: above level 0, at level 0, between levels 0 and 1, at level 1, ...
        bins = np.searchsorted(levels, -score, "left") + np.searchsorted(levels, -score, "right")
        self._n_levels, self._n_flags = len(levels), len(flags)
        cells = np.where(y, bins // 2, len(levels) + bins)
        for flagged in flags:
            cells = 2 * cells + flagged
        # only cells that hold rows are summed up; rows that differ in a flag stand side by side
        self._kinds, self._cells = np.unique(cells, return_inverse=True)

    @overload
    def average_precision(self, weights: None = None) -> float: ...
    @overload
    def average_precision(self, weights: Floats) -> Floats: ...
    def average_precision(self, weights: Floats | None = None) -> Floats | float:
        """Average precision; its no-skill level is the prevalence.

        Parameters
        ----------
        weights : ndarray of float, shape (n,) or (B, n), optional
            How often each row counts.

        Returns
        -------
        float or ndarray of float, shape (B,)
            nan where no positive or no negative has weight.
        """
        return self._average("average_precision", weights)

    @overload
    def roc_auc(self, weights: None = None) -> float: ...
    @overload
    def roc_auc(self, weights: Floats) -> Floats: ...
    def roc_auc(self, weights: Floats | None = None) -> Floats | float:
        """Area under the ROC curve; its no-skill level is 0.5.

        Parameters
        ----------
        weights : ndarray of float, shape (n,) or (B, n), optional
            How often each row counts.

        Returns
        -------
        float or ndarray of float, shape (B,)
            nan where no positive or no negative has weight.
        """
        return self._average("roc_auc", weights)

    def drawn(self, weights: Floats) -> tuple[dict[str, Floats], list[Confusion]]:
        """Return every figure of the ranking and the counts of each of the `flags`, from one pass over the draws.

        Parameters
        ----------
        weights : ndarray of float, shape (B, n)
            How often each row counts.

        Returns
        -------
        figures : dict of str to ndarray of float, shape (B,)
            For each name in `RANKING`.
        counts : list of Confusion
            Of arrays of shape (B,).
        """
        figures: dict[str, list[Floats]] = {name: [] for name in _FIGURES}
        counts: list[list[Floats]] = [[] for _ in range(self._n_flags)]
        for sums in self._blocks(weights):
            for name, found in self._figures(sums, _FIGURES).items():
                figures[name].append(found)
            for place, block in enumerate(counts):
                block.append(sums @ self._sides(place))
        whole = {name: np.concatenate(found) for name, found in figures.items()}
        return whole, [Confusion(*np.concatenate(block).T) for block in counts]

    def _blocks(self, weights: Floats) -> Iterator[Floats]:
        """Sum up the rows of each cell, some draws at a time; shape (b, n_cells)."""
        step = max(1, _CACHED // max(len(self._cells), 1))
        for at in range(0, len(weights), step):
            yield sum_by_cell(self._cells, len(self._kinds), weights[at : at + step])

    def _figures(self, sums: Floats, wanted: Iterable[str]) -> dict[str, Floats]:
        """Average what each level has over the positives there; nan where a class has no weight."""
        bins = self._kinds >> self._n_flags
        first = np.flatnonzero(np.diff(bins, prepend=-1))
        by_bin = np.zeros((len(sums), 3 * self._n_levels + 1))
        by_bin[:, bins[first]] = np.add.reduceat(sums, first, axis=1) if self._n_flags else sums
        gained, passed = by_bin[:, : self._n_levels], by_bin[:, self._n_levels :]
        positives, negatives = gained.sum(axis=1), passed.sum(axis=1)
        known = (positives > 0) & (negatives > 0)
        ahead = passed.cumsum(axis=1)[:, 1::2]
        return {
            name: np.where(
                known, ratio((_FIGURES[name](gained, passed, ahead) * gained).sum(axis=1), positives), np.nan
            )
            for name in wanted
        }

    def _sides(self, place: int) -> Floats:
        """Say of each cell whether its rows are tp, fp, fn or tn of one of the flags; shape (n_cells, 4)."""
        positive = (self._kinds >> self._n_flags) < self._n_levels
        flagged = self._kinds >> (self._n_flags - 1 - place) & 1
        return np.asarray(np.eye(4)[3 - 2 * flagged - positive])

    def _average(self, name: str, weights: Floats | None) -> Floats | float:
        counts = np.ones(len(self._cells)) if weights is None else np.asarray(weights, np.float64)
        means = [self._figures(sums, [name])[name] for sums in self._blocks(np.atleast_2d(counts))]
        return float(means[0][0]) if counts.ndim == 1 else np.concatenate(means)


def _precision(gained: Floats, passed: Floats, ahead: Floats) -> Floats:  # noqa: ARG001  (one shape with _beaten)
    """Precision down to each level, from positives by level (b, L) and negatives down to it (b, L)."""
    hits = gained.cumsum(axis=1)
    return ratio(hits, hits + ahead)


def _beaten(gained: Floats, passed: Floats, ahead: Floats) -> Floats:  # noqa: ARG001
    """Share of the negatives below each level, half of those on it among them; negatives by bin (b, 2 L + 1)."""
    return 1 - ratio(ahead - passed[:, 1::2] / 2, passed.sum(axis=1, keepdims=True))


_FIGURES = {"average_precision": _precision, "roc_auc": _beaten}


def probability_losses(y: Bools, p: NDArray[np.floating]) -> dict[str, Floats]:
    """Give each row's share in the figures of the probabilities, so that a (weighted) mean is one product.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    p : ndarray of float, shape (n,)
        The probability of the positive class; nan gives nan.

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        For each name in `PROBABILITY`.

    Notes
    -----
    Brier (1950): (p − y)². Log loss: −log of the probability given to what happened, which is first clipped
    to [eps, 1 − eps], eps being the machine precision of p's own type, as in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> losses = probability_losses(np.array([True, False]), np.array([0.9, 0.2]))
    >>> {name: round(float(each.mean()), 4) for name, each in losses.items()}
    {'brier': 0.025, 'log_loss': 0.1643, 'mean_probability': 0.55}
    """
    y, p = np.asarray(y, bool), np.asarray(p)
    p = p if np.issubdtype(p.dtype, np.floating) else p.astype(np.float64)
    eps = np.finfo(p.dtype).eps
    happened = np.clip(np.where(y, p, 1 - p), eps, 1 - eps)
    exact = p.astype(np.float64)
    return {
        "brier": (exact - y) ** 2,
        "log_loss": -np.log(happened.astype(np.float64)),
        "mean_probability": exact,
    }
