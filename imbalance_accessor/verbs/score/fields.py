"""What a `Score` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.target import Label, Target
from imbalance_accessor.data.weighting import WeighedLabels
from imbalance_accessor.findings import Findings
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.class_report import REPORTED, PredictedClasses, report_figures
from imbalance_accessor.metrics.figures import Scores
from imbalance_accessor.metrics.measure import Figures, measure
from imbalance_accessor.metrics.multiclass import ClassCounts, confusion_matrix
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.rendering.result import Result, cached_frame
from imbalance_accessor.verbs.score.predictions import Predictions, Sides
from imbalance_accessor.verbs.score.rows import Marks, ScoredRows

#: Figures of all rows, in the order of `ScoreData.overall`.
_OVERALL = ("accuracy", "balanced_accuracy", "mcc")
#: Those of the scores, whatever the threshold; the last is of probabilities alone.
_OF_SCORES = ("average_precision", "roc_auc", "brier")
#: Rows of the report below the classes.
AVERAGES = ("accuracy", "macro avg", "weighted avg")


@dataclass(frozen=True, repr=False, eq=False)
class ScoreData(Result):
    """The fields of a `Score`, which documents them, and what follows from them."""

    weighed: WeighedLabels
    in_frame: bool
    told: Predictions
    marks: Marks | None
    test: ScoredRows
    train: ScoredRows | None
    groups: Hashable | None
    findings: Findings

    @property
    def target(self) -> Target:
        """The labels."""
        return self.weighed.target

    @property
    def sides(self) -> Sides:
        """The classes that are distinguished."""
        return self.test.sides

    @property
    def threshold(self) -> float | None:
        """The threshold that the scores were held against; None where labels were given."""
        return self.told.threshold

    @cached_property
    def measured(self) -> Figures:
        """The figures of the predicted classes with their intervals."""
        return self._measured["classes"]

    @cached_property
    def _measured(self) -> dict[str, Figures]:
        """All figures, measured on the same draws."""
        test = self.test
        names = self.sides.names
        drawn = test.entries
        found: dict[str, Any] = {"classes": PredictedClasses(drawn.y, drawn.predicted, names, drawn.weights)}
        if test.scores is not None:
            y, weights = test.binary
            p = test.scores if self.told.is_probability else None
            found["scores"] = Scores(y, rank=test.scores, p=p, weights=weights)
        return measure(found, test.resamples, compared=False)

    @cached_property
    def train_points(self) -> dict[str, float]:
        """The same figures of the training set, where a column marks one."""
        if self.train is None:
            return {}
        found = report_figures(ClassCounts(_matrix(self.train)), self.sides.names)
        return {name: float(value) for name, value in found.items()}

    @cached_property
    def counts(self) -> Floats:
        """Rows, or their weights, by class and predicted class; shape (k, k)."""
        return _matrix(self.test)

    @cached_frame
    def confusion(self) -> pd.DataFrame:
        """The confusion matrix: the true class by row, the predicted class by column; weights where rows are weighted."""
        counts = self.counts if self.is_weighted else self.counts.astype(np.int64)
        columns = pd.Index(self.sides.labels, name="predicted", tupleize_cols=False)
        return pd.DataFrame(counts, index=self._index(list(self.sides.labels)), columns=columns)

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """The report: one row a class, then ``accuracy``, ``macro avg`` and ``weighted avg``.

        Columns: ``precision``, ``recall`` and ``f1`` with their 95 % intervals (``precision_low``, ``precision_high``), and
        ``support``, the rows of the class, or their weights. Where a column marks test rows, ``train_precision``,
        ``train_recall`` and ``train_f1`` are those of the training set. Classes that are neither a label nor a prediction
        here are left out, as in ``sklearn.metrics.classification_report``.
        """
        figures = self.measured
        frame = pd.DataFrame(
            {
                f"{name}{end}": [values[each] for each in self._figures_of(name)]
                for name in REPORTED
                for end, values in (("", figures.points), ("_low", figures.low), ("_high", figures.high))
            },
            index=self._index([*self.shown, *AVERAGES]),
        )
        total = self.counts.sum(axis=1)
        support = np.array([*total[self._occurs], *[total.sum()] * len(AVERAGES)])
        frame["support"] = support if self.is_weighted else support.astype(np.int64)
        if self.train is not None:
            for name in REPORTED:
                frame[f"train_{name}"] = [self.train_points[each] for each in self._figures_of(name)]
        return frame

    @cached_frame
    def overall(self) -> pd.DataFrame:
        """Figures of all rows: ``value`` with its 95 % interval (``low``, ``high``), and that of a ``dummy`` answer.

        Accuracy stands against that of always answering with the most frequent class (of the training set, where there is
        one), average precision against the positive class's share.
        """
        found = self.measured
        table = {name: (found.points[name], found.low[name], found.high[name]) for name in _OVERALL}
        if (scored := self._measured.get("scores")) is not None:
            names = [name for name in _OF_SCORES if name in scored.points]
            table |= {name: (scored.points[name], scored.low[name], scored.high[name]) for name in names}
        frame = pd.DataFrame.from_dict(table, orient="index", columns=["value", "low", "high"])
        frame.index.name = "figure"
        return frame.assign(dummy=[self._constant_answers[name] for name in frame.index])

    @property
    def accuracy(self) -> float:
        """The share of rows that are predicted as their label says."""
        return float(self.measured.points["accuracy"])

    @property
    def accuracy_always_majority(self) -> float:
        """The accuracy of always answering with the most frequent class."""
        return float(self.shares[self.largest])

    @property
    def majority(self) -> Label:
        """The most frequent class: of the training set, where a column marks one."""
        return self.sides.labels[self.largest]

    @cached_property
    def is_constant(self) -> bool:
        """Whether one class is predicted for every row."""
        return bool((self.test.predicted == self.test.predicted[0]).all())

    @property
    def is_weighted(self) -> bool:
        """Whether rows do not count once each."""
        return not self.test.weights.are_ones

    @property
    def shares(self) -> Floats:
        """Each class's share of what is scored, shape (k,)."""
        total = self.counts.sum(axis=1)
        return np.asarray(total / total.sum())

    @property
    def focus(self) -> int:
        """Position of the class that is spoken of: the positive one, else the rarest that has rows."""
        if self.sides.positive is not None:
            return self.sides.positive
        shares = np.where(self.shares > 0, self.shares, np.inf)
        return int(len(shares) - 1 - np.argmin(shares[::-1]))

    @property
    def shown(self) -> list[Label]:
        """The classes that the report has a row for."""
        return [label for label, occurs in zip(self.sides.labels, self._occurs, strict=True) if occurs]

    @property
    def by_class(self) -> pd.DataFrame:
        """What sentences on single classes read; see `verbs.shared.per_class`."""
        off = np.where(np.eye(len(self.counts)), 0.0, self.counts)
        most = off.argmax(axis=1)
        labels, rows = self.sides.labels, self.counts.sum(axis=1)
        wrong = off[np.arange(len(off)), most]
        frame = pd.DataFrame(
            {
                "rows": np.round(rows).astype(int),
                "recall": [self.measured.points[f"recall[{name}]"] for name in self.sides.names],
                "confused_rows": wrong,
            },
            index=pd.MultiIndex.from_product([["pred"], list(labels)], names=["strategy", "class"]),
        )
        taken = [labels[other] if n else None for other, n in zip(most, wrong, strict=True)]
        frame["confused_with"] = pd.Series(taken, frame.index, dtype=object)
        found: pd.DataFrame = frame.loc[rows > 0]
        return found

    @property
    def _occurs(self) -> Any:
        return self.counts.sum(axis=0) + self.counts.sum(axis=1) > 0

    def _figures_of(self, name: str) -> list[str]:
        """How precision, recall or F1 is called in each row of the report."""
        names = [each for each, occurs in zip(self.sides.names, self._occurs, strict=True) if occurs]
        return [*(f"{name}[{each}]" for each in names), "accuracy", name, f"weighted_{name}"]

    @cached_property
    def largest(self) -> int:
        """Position of the most frequent class, by what its rows count."""
        rows = self.train if self.train is not None else self.test
        return int(_matrix(rows).sum(axis=1).argmax())

    @property
    def _constant_answers(self) -> dict[str, float]:
        """What each figure is without skill."""
        share = float(self.shares[self.focus])
        return {
            "accuracy": self.accuracy_always_majority,
            "balanced_accuracy": 1 / float((self.shares > 0).sum()),
            "mcc": 0.0,
            "average_precision": share,
            "roc_auc": 0.5,
            "brier": share * (1 - share),
        }

    def _index(self, labels: list[Any]) -> pd.Index:
        return pd.Index(labels, name=self.target.name, tupleize_cols=False, dtype=object)


def _matrix(rows: ScoredRows) -> Floats:
    return confusion_matrix(rows.y, rows.predicted, len(rows.sides.labels), rows.weights.of(rows.y))
