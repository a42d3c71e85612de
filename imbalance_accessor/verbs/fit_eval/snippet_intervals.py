"""Which intervals the full program writes: closed forms for counted rows, draws for the others, max-t for differences."""

from __future__ import annotations

from imbalance_accessor.metrics.registry import METRICS, rows
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared import snippet_intervals
from imbalance_accessor.verbs.shared.snippet_weights import is_weighted


class Intervals:
    """Which are written, and from how many draws of which rows."""

    def __init__(self, evaluation: EvaluationData) -> None:
        self.evaluation, self.scored = evaluation, evaluation.scored
        self.decided_by = evaluation.decided_by

    @property
    def are_reported(self) -> bool:
        """Whether those of what is reported are written: not where rows or folds are weighted, nor of few groups."""
        weighted_folds = not (self.evaluation.held_out or self.scored.parts.is_stratified)
        return self.evaluation.few_groups is None and not (weighted_folds or is_weighted(self.scored.parts))

    @property
    def are_compared(self) -> bool:
        """Whether those of differences are written: of ranks and probabilities, where one kind of draws serves all rows."""
        parts = self.scored.parts
        of_flags = METRICS[self.decided_by.removesuffix("_tuned")].kind == "decision"
        several = len(self.evaluation.evaluated) > 1
        by_class = parts.is_stratified and not parts.split_by.own_test
        return several and by_class and not (of_flags or is_weighted(parts))

    @property
    def are_drawn(self) -> bool:
        """Whether the rows out of fold are drawn: to compare, or to report where nothing is held out."""
        return self.are_counted or self.are_compared

    @property
    def are_counted(self) -> bool:
        """Whether rows out of fold are counted: to report where nothing is held out."""
        return self.are_reported and not self.evaluation.held_out

    @property
    def are_missed(self) -> bool:
        """Whether there are differences with intervals, written or not."""
        return len(self.evaluation.evaluated) > 1 and self.evaluation.is_compared

    @property
    def groups(self) -> str:
        """The groups of the rows that are reported, as one more argument."""
        groups = snippet_intervals.groups_of(self.scored.parts)
        return "" if groups is None else f", {groups}"

    @property
    def on_logits(self) -> list[str]:
        """The figures whose intervals are made on logits."""
        return [each.name for each in rows("ranking") if each.interval == "logit"]

    @property
    def by_order(self) -> bool:
        """Whether the order of rows decides, which a draw may leave as it is."""
        return METRICS[self.decided_by].kind == "ranking"

    @property
    def n_rarest(self) -> int:
        """How many rows, or groups, the rarest class has."""
        return int(self.evaluation.comparison.resamples.units_by_class.min())
