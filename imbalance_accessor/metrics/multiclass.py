"""Decision metrics of several classes, from their confusion matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from imbalance_accessor.metrics import binary
from imbalance_accessor.metrics.arrays import Bools, Codes, Floats, ratio, sum_by_cell
from imbalance_accessor.metrics.binary import Ranking
from imbalance_accessor.metrics.weights import ONES, Weights


def is_of_one_class(column: str) -> bool:
    """Whether a column is one class's recall or precision, such as ``recall[<label>]``."""
    return column.startswith(("recall[", "precision["))


def confusion_matrix(y: Codes, predicted: Codes, k: int, weights: Floats | None = None) -> Floats:
    """Count the rows of each true and each predicted class.

    Parameters
    ----------
    y, predicted : ndarray of int, shape (n,)
        Class codes in 0 .. k − 1.
    k : int
        The number of classes.
    weights : ndarray of float, shape (n,) or (B, n), optional
        How often each row counts.

    Returns
    -------
    ndarray of float64, shape (k, k) or (B, k, k)
        The true class by row, the predicted class by column.

    Examples
    --------
    >>> import numpy as np
    >>> confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 2, 1, 2]), k=3).astype(int).tolist()
    [[1, 0, 1], [0, 1, 0], [0, 0, 1]]
    """
    cells = np.asarray(y, np.intp) * k + np.asarray(predicted, np.intp)
    sums = sum_by_cell(cells, k * k, weights)
    return sums.reshape(*sums.shape[:-1], k, k)


class ClassCounts:
    """Rows by true and predicted class, and every decision metric of several classes that follows from them.

    Parameters
    ----------
    cm : array-like of float, shape (..., k, k)
        From `confusion_matrix`.

    Notes
    -----
    0 / 0 is 0. Precision, recall and F1 are plain means over the classes that occur as a label or as a
    prediction (scikit-learn's ``average="macro"``). Balanced accuracy and the G-mean are the arithmetic and
    the geometric mean of the recalls of the classes that occur as a label. MCC is Gorodkin's R_K (2004).

    Examples
    --------
    >>> counts = ClassCounts([[8, 2], [1, 4]])
    >>> float(counts.balanced_accuracy), counts.recalls.tolist()
    (0.8, [0.8, 0.8])
    """

    def __init__(self, cm: ArrayLike) -> None:
        table = np.asarray(cm, np.float64)
        self.hits = np.diagonal(table, axis1=-2, axis2=-1)
        self.true, self.predicted = table.sum(axis=-1), table.sum(axis=-2)
        self.recalls, self.precisions = ratio(self.hits, self.true), ratio(self.hits, self.predicted)
        self._occurs = self.true + self.predicted > 0

    @property
    def precision(self) -> Floats:
        """The mean precision of the classes."""
        return _mean_where(self.precisions, self._occurs)

    @property
    def recall(self) -> Floats:
        """The mean recall of the classes."""
        return _mean_where(self.recalls, self._occurs)

    @property
    def f1(self) -> Floats:
        """The mean F1 of the classes."""
        return _mean_where(ratio(2 * self.hits, self.true + self.predicted), self._occurs)

    @property
    def mcc(self) -> Floats:
        """The correlation of label and prediction: the covariances of both are sums over classes."""
        n = self.true.sum(axis=-1)
        together = self.hits.sum(axis=-1) * n - (self.true * self.predicted).sum(axis=-1)
        # n² − Σ s², written so that it is exactly 0 where all rows are of one class, whatever rows count
        own = [
            (side * (side.sum(axis=-1, keepdims=True) - side)).sum(axis=-1)
            for side in (self.true, self.predicted)
        ]
        return ratio(together, np.sqrt(own[0]) * np.sqrt(own[1]))

    @property
    def balanced_accuracy(self) -> Floats:
        """The mean recall of the classes that have rows."""
        return _mean_where(self.recalls, self.true > 0)

    @property
    def g_mean(self) -> Floats:
        """The geometric mean of the recalls of the classes that have rows."""
        recalls, counted = self.recalls, self.true > 0
        logs = np.log(recalls, out=np.full(recalls.shape, -np.inf), where=recalls > 0)
        # Not a product of logs and flags: -inf times False is nan.
        mean = ratio(np.where(counted, logs, 0.0).sum(axis=-1), counted.sum(axis=-1))
        return np.where(counted.any(axis=-1), np.exp(mean), 0.0)[()]

    @property
    def accuracy(self) -> Floats:
        """The share of rows that are predicted as their label says."""
        return ratio(self.hits.sum(axis=-1), self.true.sum(axis=-1))


def _mean_where(values: Floats, counted: Bools) -> Floats:
    return ratio((values * counted).sum(axis=-1), counted.sum(axis=-1))


def brier(y: Codes, p: Floats) -> Floats:
    """Return each row's squared errors summed over classes, 0 to 2 (Brier 1950), shape (n,)."""
    return np.asarray(np.square(p).sum(axis=1) - 2 * p[np.arange(len(y)), y] + 1)


def log_loss(y: Codes, p: Floats) -> Floats:
    """Return each row's −log of the probability given to its class, shape (n,)."""
    eps = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(p[np.arange(len(y)), y], eps, 1 - eps)))


def average_precision(y: Codes, scores: Floats, positive: int | None, weights: Weights = ONES) -> float:
    """Return the average precision of the positive class, or else the mean over all classes, each against the rest."""
    classes = range(scores.shape[1]) if positive is None else [positive]
    sides = y if positive is None else y == positive
    undrawn = weights.each(sides)[None, :]
    found = []
    for code in classes:
        is_class = y == code
        figure, half = {"": binary.average_precision}, weights.half_a_negative(sides, is_class)
        found.append(Ranking(is_class, scores[:, code]).drawn(undrawn, figure, half)[0, 0])
    return float(np.mean(found))
