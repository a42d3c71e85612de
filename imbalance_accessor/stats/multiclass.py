"""Decision metrics of several classes, from their confusion matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from imbalance_accessor.stats.arrays import Bools, Codes, Floats, ratio, sum_by_cell


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


def multiclass_decision(cm: ArrayLike) -> dict[str, Floats]:
    """Compute the decision metrics of several classes.

    Parameters
    ----------
    cm : array-like of float, shape (..., k, k)
        From `confusion_matrix`.

    Returns
    -------
    dict of str to ndarray of float64, shape (...)
        For each name in `DECISION`; and ``"per_class_recall"``, shape (..., k).

    Notes
    -----
    0 / 0 is 0. Precision, recall and F1 are plain means over the classes that occur as a label or as a
    prediction (scikit-learn's ``average="macro"``). Balanced accuracy and the G-mean are the arithmetic and
    the geometric mean of the recalls of the classes that occur as a label. MCC is Gorodkin's R_K (2004).

    Examples
    --------
    >>> metrics = multiclass_decision([[8, 2], [1, 4]])
    >>> float(metrics["balanced_accuracy"]), metrics["per_class_recall"].tolist()
    (0.8, [0.8, 0.8])
    """
    table = np.asarray(cm, np.float64)
    hits = np.diagonal(table, axis1=-2, axis2=-1)
    true, predicted = table.sum(axis=-1), table.sum(axis=-2)
    recall, occurs = ratio(hits, true), true + predicted > 0
    return {
        "precision": _mean_where(ratio(hits, predicted), occurs),
        "recall": _mean_where(recall, occurs),
        "f1": _mean_where(ratio(2 * hits, true + predicted), occurs),
        "mcc": _correlation(hits, true, predicted),
        "balanced_accuracy": _mean_where(recall, true > 0),
        "g_mean": _geometric_mean(recall, true > 0),
        "accuracy": ratio(hits.sum(axis=-1), true.sum(axis=-1)),
        "per_class_recall": recall,
    }


def _mean_where(values: Floats, counted: Bools) -> Floats:
    return ratio((values * counted).sum(axis=-1), counted.sum(axis=-1))


def _geometric_mean(values: Floats, counted: Bools) -> Floats:
    logs = np.log(values, out=np.full(values.shape, -np.inf), where=values > 0)
    # Not a product of logs and flags: -inf times False is nan.
    mean = ratio(np.where(counted, logs, 0.0).sum(axis=-1), counted.sum(axis=-1))
    return np.where(counted.any(axis=-1), np.exp(mean), 0.0)[()]


def _correlation(hits: Floats, true: Floats, predicted: Floats) -> Floats:
    """Correlate labels and predictions: the covariances of both are sums over classes."""
    n = true.sum(axis=-1)
    together = hits.sum(axis=-1) * n - (true * predicted).sum(axis=-1)
    own = [n**2 - (side**2).sum(axis=-1) for side in (true, predicted)]
    return ratio(together, np.sqrt(own[0]) * np.sqrt(own[1]))
