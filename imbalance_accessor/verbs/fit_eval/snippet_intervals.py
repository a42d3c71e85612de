"""Which intervals the full program writes: closed forms for counted rows, draws for the others, max-t for differences."""

from __future__ import annotations

from imbalance_accessor.metrics.registry import METRICS, rows
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared import snippet_intervals
from imbalance_accessor.verbs.shared.snippet_weights import is_weighted


class Intervals:
    """Which are written, and of what."""

    def __init__(self, evaluation: EvaluationData, *, compared: bool) -> None:
        self.evaluation, self.decided_by = evaluation, evaluation.decided_by
        parts, self.has_several = evaluation.scored.parts, len(evaluation.evaluated) > 1
        kind = METRICS[self.decided_by.removesuffix("_tuned")].kind
        weighted_folds = not (evaluation.held_out or parts.is_stratified)
        by_class = parts.is_stratified and not parts.split_by.own_test
        #: Those of what is reported: not where rows or folds are weighted, nor of few groups.
        self.are_reported = evaluation.few_groups is None and not (weighted_folds or is_weighted(parts))
        #: Those of differences: of ranks and probabilities, where one kind of draws serves all rows.
        by_draws = compared and by_class and not (kind == "decision" or is_weighted(parts))
        self.are_compared = self.has_several and by_draws
        #: Rows out of fold are counted, to report where nothing is held out; and they are drawn, also to compare.
        self.are_counted = self.are_reported and not evaluation.held_out
        self.are_drawn = self.are_counted or self.are_compared
        #: The order of rows decides, which draws may leave as it is.
        self.are_of_order = kind == "ranking"

    @property
    def are_missed(self) -> bool:
        """Whether the differences have intervals, written or not."""
        return self.has_several and self.evaluation.is_compared

    @property
    def groups(self) -> str:
        """The groups of the rows that are reported, as one more argument."""
        groups = snippet_intervals.groups_of(self.evaluation.scored.parts)
        return "" if groups is None else f", {groups}"

    @property
    def n_rarest(self) -> int:
        """How many rows, or groups, the rarest class has."""
        return int(self.evaluation.comparison.resamples.units_by_class.min())

    @property
    def means_of_recalls(self) -> list[str]:
        """The figures that are means of the classes' recalls."""
        every = rows("decision", several=True)
        return [*(each.name for each in every if each.interval.endswith("mover")), "recall"]
