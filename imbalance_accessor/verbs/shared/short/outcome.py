"""The outcome in a short program: true where a row is positive, made of the labels where they are read, or beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.modeling.models import estimators_inside
from imbalance_accessor.modeling.row_weights import WeightedPipeline
from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Writer
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import name_of

#: Libraries whose estimators learn the same of truth values as of two labels.
_LIBRARIES = ("sklearn", "imblearn", "xgboost", "lightgbm", "catboost", "skrub")

#: Columns that a target's name and its positive label may take on the line that compares them.
_ROOM = 40


class Outcome:
    """How labels become truth values: at once where models learn the same of those, else beside the labels."""

    def __init__(self, plan: Plan, scored: CrossValScores, names: Sequence[str]) -> None:
        self.plan, self.scored, self.target = plan, scored, scored.parts.features.target
        self.can_compare = (
            self.target.is_binary
            and not self.target.is_one_vs_rest
            and self.target.positive == 1
            and not self.target.needs_codes
            and len(f"{name_of(self.target.labels.name)}{name_of(self.target.pos_label)}") < _ROOM
            and (self.in_one_frame or len(self.later) <= CODE_WIDTH)
            and not plan.model.fitted
            and not any(plan.candidates[name].strategy.weights for name in names)
            and (plan.reader.coded or not any(_reads_labels(each) for each in self._estimators(names)))
        )

    def _estimators(self, names: Sequence[str]) -> Iterator[Any]:
        for name in names:
            yield from estimators_inside(self.plan.candidates[name].estimator)

    @property
    def is_as_is(self) -> bool:
        """Whether the labels are truth values, or 0 and 1, as they came."""
        labels = self.target.labels
        return bool(
            self.target.positive == 1
            and self.target.classes in ((0, 1), (False, True))
            and isinstance(labels.dtype, np.dtype)
            and labels.dtype.kind in ("iub" if self.plan.reader.coded else "iubf")
            and not self.target.missing
        )

    @property
    def compared(self) -> tuple[str, str]:
        """What stands around the labels, where they are read, to make truth values of them."""
        return self._around if self.can_compare and not self.is_as_is and self.in_one_frame else ("", "")

    @property
    def in_one_frame(self) -> bool:
        """Whether one line reads all labels."""
        return self.scored.parts.features.in_frame and not self.scored.parts.split_by.own_test

    @property
    def _around(self) -> tuple[str, str]:
        labels, label = self.target.labels.dropna(), self.target.pos_label
        if self.target.of_truth_values:
            return "", f".astype({'int' if self.plan.reader.coded else 'bool'})"
        if self.plan.reader.coded:
            return "(", f" == {name_of(label)}).astype(int)"
        if (labels == label).dtype != bool:  # nullable, which metrics do not take
            return "(", f" == {name_of(label)}).astype(bool)"
        return "", f" == {name_of(label)}"

    @property
    def is_compared_later(self) -> bool:
        """Whether labels become truth values after the split."""
        return self.can_compare and not self.is_as_is and not self.in_one_frame

    @property
    def later(self) -> str:
        """The line that does it."""
        parts = ("y_train", "y_test") if self.scored.held_out else ("y_train",)
        start, end = self._around
        return f"{', '.join(parts)} = {', '.join(f'{start}{part}{end}' for part in parts)}"

    @property
    def is_side(self) -> bool:
        """Whether what is fitted is the outcome itself."""
        coded = self.plan.reader.coded and self.scored.positive == 1
        several = self.scored.positive is None
        return self.can_compare or self.target.is_one_vs_rest or self.is_as_is or coded or several

    @property
    def variables(self) -> tuple[str, str]:
        """The names of the outcome."""
        return ("y_train", "y_test") if self.is_side else ("is_train", "is_test")

    @property
    def is_told(self) -> tuple[str, str]:
        """What stands around predicted labels to compare them with the positive one."""
        if self.is_side:
            return "", ""
        if self.target.of_truth_values and not self.plan.reader.coded:
            return "" if self.target.pos_label else "~", ".astype(bool)"
        code = repr(self.scored.positive) if self.plan.reader.coded else name_of(self.target.pos_label)
        return "", f" == {code}"

    @property
    def around_all(self) -> tuple[str, str]:
        """What stands around the labels of all rows to make truth values of them."""
        if self.is_as_is or (self.can_compare and self.in_one_frame):
            return "", ""
        if self.target.of_truth_values:
            return "" if self.target.pos_label else "~", ".astype(bool)"
        if self.target.needs_codes:
            return "", f".map(codes) == {self.target.positive!r}"
        return "", f" == {name_of(self.target.pos_label)}"

    def sides(self, writer: Writer) -> str:
        """Write the outcome beside the labels, where it is not what is fitted."""
        if self.is_side:
            return ""
        own = replace(writer, lines=[])
        snippet_scores.write_sides(own, self.scored, coded=self.plan.reader.coded)
        return "\n".join(own.lines)


def _reads_labels(estimator: Any) -> bool:
    """Whether an estimator may ask what labels are: one of the user's own, or one that is told of single labels."""
    if not type(estimator).__module__.startswith(_LIBRARIES) and type(estimator) is not WeightedPipeline:
        return True
    return any(isinstance(value, dict) for value in estimator.get_params(deep=False).values())
