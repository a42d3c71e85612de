"""The report on predicted classes: precision, recall and F1 of each class, their averages, and what one table of counts gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Codes, Floats, ratio
from imbalance_accessor.metrics.bootstrap import Samples
from imbalance_accessor.metrics.bootstrap_statistics import Cells, Statistic
from imbalance_accessor.metrics.figures import ClassScores
from imbalance_accessor.metrics.measure import Counted
from imbalance_accessor.metrics.multiclass import ClassCounts
from imbalance_accessor.metrics.registry import rows
from imbalance_accessor.metrics.weights import ONES, Weights
from imbalance_accessor.process_state import cached_property

#: What a report says of each class, and averages.
REPORTED = ("precision", "recall", "f1")


@dataclass(frozen=True, eq=False)
class PredictedClasses:
    """Predicted classes of some rows, as far as they are to be measured.

    Attributes
    ----------
    y, predicted : ndarray of int, shape (n,)
        Class codes.
    labels : tuple of str
        The classes' names, for columns such as ``f1[<label>]``.
    weights : Weights
        How much rows count in every draw.

    Notes
    -----
    Precision, recall and F1 of each class are in ``<name>[<label>]``; ``<name>`` is the plain mean over the classes that
    occur as a label or as a prediction, ``weighted_<name>`` the mean by the classes' rows. 0 / 0 is 0.
    """

    y: Codes
    predicted: Codes
    labels: tuple[str, ...]
    weights: Weights = ONES

    @cached_property
    def statistics(self) -> Sequence[Statistic]:
        """What is summed up in every draw: the rows of each class by what they are predicted as."""
        k = len(self.labels)
        return (Cells(k * self.y + self.predicted, k * k),)

    def figures(self, found: Sequence[Floats]) -> Samples:
        """Return figures of shape (b,) from the tables of b draws."""
        k = len(self.labels)
        return report_figures(ClassCounts(found[0].reshape(-1, k, k)), self.labels)

    @property
    def n_averaged(self) -> int:
        """No area under a ROC curve is among the figures."""
        return 1

    def shares(
        self, points: Mapping[str, float], squares: Mapping[str, float] | None = None
    ) -> Mapping[str, Counted]:
        """Return how many rows of how many, for shares of counted rows and means of such."""
        decided = np.eye(len(self.labels))[self.predicted]
        as_scores = ClassScores(self.y, decided, False, self.labels, weights=self.weights)
        found = as_scores.shares(points, squares)
        return {**found, "weighted_recall": found["accuracy"]}  # one figure under two names

    def unseen(self, found: Sequence[Floats], counted: NDArray[Any]) -> Mapping[str, float]:  # noqa: ARG002
        """Return nothing: no other model is held against this one."""
        return {}


def report_figures(counts: ClassCounts, labels: Sequence[str]) -> Samples:
    """Return the report's figures from tables of counts, each of the tables' leading shape.

    Examples
    --------
    >>> found = report_figures(ClassCounts([[[950.0, 0.0], [50.0, 0.0]]]), ("stay", "leave"))
    >>> [round(float(found[name][0]), 3) for name in ("accuracy", "f1", "weighted_f1")]
    [0.95, 0.487, 0.926]
    """
    of_class = {
        "precision": counts.precisions,
        "recall": counts.recalls,
        "f1": ratio(2 * counts.hits, counts.true + counts.predicted),
    }
    found = {
        f"{name}[{label}]": np.asarray(of_class[name][..., code])
        for name in REPORTED
        for code, label in enumerate(labels)
    }
    total = counts.true.sum(axis=-1)
    for metric in rows("decision", several=True):
        assert metric.of_classes is not None
        found[metric.name] = np.asarray(metric.of_classes(counts))
    weighted = {
        f"weighted_{name}": ratio((of_class[name] * counts.true).sum(axis=-1), total) for name in REPORTED
    }
    return found | weighted
