"""What the program of a `Threshold` asks of its result: which rows chose by what, what is reported, and with which intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.flag_kinds import draws_kinds
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.thresholds import ThresholdGrid
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_weights
from imbalance_accessor.verbs.shared.snippet_threshold import amount_text, weight_arguments

_ESTIMATED = {"f1", "fbeta", "balanced_accuracy"}


@dataclass(frozen=True)
class ThresholdProgram:
    """What the templates of the threshold, its figures and its range read.

    Attributes
    ----------
    t : ThresholdData
    """

    t: ThresholdData

    @property
    def objective(self) -> Objective:
        """What chooses."""
        return self.t.asked.objective

    @property
    def beta(self) -> str:
        """The weight of recall in F-beta."""
        return amount_text(self.objective.beta)

    @property
    def deals(self) -> int:
        """How often folds are dealt."""
        return len(self.t.found.grids)

    @property
    def is_fitted(self) -> bool:
        """Whether a strategy is scored, rather than rows that came with their scores."""
        return isinstance(self.t.strategy_scores, FittedScores)

    @property
    def is_held_out(self) -> bool:
        """Whether there is a test set."""
        return len(self.t.strategy_scores.scored.parts.test) > 0

    @property
    def is_ordered(self) -> bool:
        """Whether only earlier folds choose for later ones."""
        return self.t.strategy_scores.labelled_scores.ordered

    @property
    def is_weighted(self) -> bool:
        """Whether rows do not count once each."""
        return snippet_weights.is_weighted(self.t.strategy_scores.scored.parts)

    @property
    def some(self) -> str:
        """The subscript of the rows that folds scored; nothing where these are all."""
        return "" if (self.t.strategy_scores.scored.folds.ids >= 0).all() else "[scored]"

    @property
    def reported(self) -> str:
        """The rows whose figures are reported, as their arrays are called: ``test``, ``train``, or some of these."""
        if self.is_held_out:
            return "test"
        return "later" if self.is_ordered else self.some[1:-1] or "train"

    @property
    def costs_by_row(self) -> bool:
        """Whether columns hold amounts."""
        return bool(self.t.asked.cost_columns)

    @property
    def arrays(self) -> list[str]:
        """What ``best_threshold`` takes."""
        weights, by_row = self.t.strategy_scores.labelled_scores.weights_oof, self.is_chosen_by_row
        weighed = weight_arguments(self.objective, weights, by_row=by_row)
        costs = ["flagged_train", "passed_train"] if by_row else []
        return ["is_train", "oof", *costs, *(f"{each}_train" for each in weighed)]

    @property
    def is_chosen_by_row(self) -> bool:
        """Whether costs by row choose."""
        return self.costs_by_row and self.objective.criterion == "cost"

    @property
    def beside_flags(self) -> list[str]:
        """What ``figures`` takes beside labels and flags, without the part's name."""
        costs = ["flagged", "passed"] if self.costs_by_row else []
        return [*costs, *(["w"] if self.is_weighted else [])]

    @property
    def crosses_theory(self) -> bool:
        """Whether the closed form is cross-fitted: nothing is held out, and it follows from scores, not from amounts alone."""
        has_theory = "closed_form" in self.t.found.rows
        return has_theory and self.objective.criterion in _ESTIMATED and not self.is_held_out

    @property
    def has_several_flags(self) -> bool:
        """Whether a reported row is flagged once in each of several deals of the folds."""
        return self.deals > 1 and not self.is_held_out

    @property
    def has_ends(self) -> bool:
        """Whether figures have intervals: few groups have none, and rows that do not count once each."""
        return not self.t.strategy_scores.scored.resamples.too_few_groups and not self.is_weighted

    @property
    def draws_kinds(self) -> bool:
        """Whether the rows that are reported are drawn by their kind, as many rows are."""
        return draws_kinds(self._resamples) and not self.costs_by_row

    @property
    def n_draws(self) -> int:
        """How often they are drawn."""
        return next(iter(self.t.found.rows.values())).reported.resamples.n_draws

    @property
    def _resamples(self) -> Resamples:
        return self.t.strategy_scores.scored.resamples

    @property
    def groups(self) -> str | None:
        """The groups of the reported rows, where whole groups are drawn."""
        return snippet_intervals.groups_of(self.t.strategy_scores.scored.parts)

    @property
    def has_range(self) -> bool:
        """Whether something is said of the range of the threshold."""
        return self.t.threshold_ci.is_drawn and not self.is_weighted

    @property
    def range_left_out(self) -> str:
        """Why that is not written; nothing where it is."""
        if self.t.threshold_ci.grouped:
            return "scores are put together"
        noisy = self.groups is None and any(map(_is_noisy, self.t.found.grids))
        return "amounts of rows of one score are drawn" if noisy else ""

    @property
    def is_searched(self) -> bool:
        """Whether resamples search the range exactly; else it is of the draws whose median is the threshold."""
        return self.has_range and (not self.t.found.tuning.is_median or self.groups is not None)

    @property
    def n_thresholds(self) -> int:
        """How many resamples choose in each deal of the folds."""
        return len(self.t.threshold_ci.thresholds) // self.deals


def _is_noisy(grid: ThresholdGrid) -> bool:
    """Whether rows of one score and class have several amounts."""
    if grid.amounts is None:
        return False
    extra = grid.amounts[0] - grid.amounts[1]
    cell = 2 * grid.levels() + grid.y
    low, high = np.full(cell.max() + 1, np.inf), np.full(cell.max() + 1, -np.inf)
    np.minimum.at(low, cell, extra)
    np.maximum.at(high, cell, extra)
    return bool((high > low).any())
