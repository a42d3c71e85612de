"""What the program of a `Reliability` asks of its result: which calibrators, fitted on what, for which strategies."""

from __future__ import annotations

from dataclasses import dataclass

from imbalance_accessor.evaluation.calibrated_scores import MANY_ROWS
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import FittedScores, TopLabelScores
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.snippet_figures import subset_of, weighs_rows
from imbalance_accessor.verbs.shared import snippet_data, snippet_scores, snippet_weights


def calibrators_of(r: ReliabilityData) -> list[str]:
    """Return the calibrators that were tried, in order."""
    return list(dict.fromkeys(calibrator for _, calibrator in r.report.rows if calibrator != "none"))


def has_whole_pipelines(r: ReliabilityData, plan: Plan, scored: CrossValScores) -> bool:
    """Whether `CalibratedClassifierCV` calibrates whole pipelines on the folds as we did."""
    seen = bool((scored.folds.ids >= 0).all()) and scored.parts.kept is None and not scored.again
    by_hand = (is_single(r) or snippet_scores.names_labels(plan)) and not has_margins(r)
    return seen and not plan.model.fitted and not by_hand and not weighs_rows(r)


def is_single(r: ReliabilityData) -> bool:
    """Whether scores come in single precision, in which scikit-learn finds the best sigmoid to few digits."""
    every = r.scores_by_strategy.values()
    return any(
        isinstance(each, FittedScores) and bool(snippet_scores.wide(each.plan, each.scored)) for each in every
    )


def has_margins(r: ReliabilityData) -> bool:
    """Whether any calibrator reads margins that are not the log odds of the probabilities."""
    every = r.scores_by_strategy.values()
    return any(each.scored.by_name[each.name].margin_oof is not None for each in every)


def margins_beside(r: ReliabilityData) -> list[str]:
    """Return the strategies whose scores are margins, where those of others are probabilities."""
    every = r.scores_by_strategy
    margins = [name for name, each in every.items() if not each.scored.is_probability]
    return margins if len(margins) < len(every) else []


@dataclass(frozen=True)
class Calibration:
    """What the templates of scores and calibrators read."""

    r: ReliabilityData

    @property
    def _scored(self) -> CrossValScores:
        return self.r._first.scored

    @property
    def is_fitted(self) -> bool:
        """Whether strategies are scored one after another, rather than rows that came with their scores."""
        return isinstance(self.r._first, FittedScores)

    @property
    def is_top_class(self) -> bool:
        """Whether the probability of the likeliest class is held against whether it is right."""
        return isinstance(self.r._first, TopLabelScores)

    @property
    def is_held_out(self) -> bool:
        """Whether there is a test set."""
        return self._scored.held_out

    @property
    def is_probability(self) -> bool:
        """Whether scores are probabilities, not margins."""
        return self._scored.is_probability

    @property
    def is_mixed(self) -> bool:
        """Whether margins of some models stand beside probabilities of others in one program."""
        return bool(margins_beside(self.r)) and not self.leaves_margins_out

    @property
    def leaves_margins_out(self) -> bool:
        """Whether such margins would be read as probabilities, as where calibrators learn from scores."""
        return bool(margins_beside(self.r)) and (self.learns_from_scores or not self.is_held_out)

    @property
    def is_weighted(self) -> bool:
        """Whether rows do not count once each."""
        return weighs_rows(self.r)

    @property
    def learned_weight(self) -> str:
        """How much train rows count where a calibrator learns from them: no class less than its rows do."""
        return "w_train / factors.min()" if snippet_weights.has_factors(self._scored.parts) else "w_train"

    @property
    def deals(self) -> int:
        """How often folds are dealt."""
        return len(self._scored.folds.deals)

    @property
    def subset(self) -> str:
        """The subscript of the rows that are cross-fitted."""
        some = subset_of(self.r)
        return some if self.is_fitted or some == "[later]" else ""  # scores that came are of all rows

    @property
    def is_halved(self) -> bool:
        """Whether rows are many enough to be calibrated by one other half of them."""
        return self._scored.parts.split_by.time is None and len(self.r.report.y) > MANY_ROWS

    @property
    def positive(self) -> int | None:
        """The column of the positive class."""
        return self._scored.positive

    @property
    def calibrators(self) -> list[str]:
        """The calibrators that are fitted."""
        return [each for each in calibrators_of(self.r) if each != "prior"]

    @property
    def prior(self) -> str:
        """Of which strategies' scores the odds are corrected: ``all``, ``some`` or none."""
        if "prior" not in calibrators_of(self.r):
            return ""
        return "all" if len(self.r.report.prior_holds) == len(self.r.scores_by_strategy) else "some"

    @property
    def margins(self) -> str:
        """Of which strategies calibrators read the log odds of their scores: ``all``, ``some`` or ``none``."""
        found = {row.margin for row in self.r.report.rows.values()}
        return "some" if len(found) > 1 else "all" if True in found else "none"

    @property
    def takes_both(self) -> bool:
        """Whether temperature scaling takes the probabilities of both classes."""
        return "temperature" in self.calibrators and self.is_probability and self.margins != "all"

    @property
    def has_whole_pipelines(self) -> bool:
        """Whether `CalibratedClassifierCV` calibrates whole pipelines on the folds as we did."""
        first = self.r._first
        return isinstance(first, FittedScores) and has_whole_pipelines(self.r, first.plan, first.scored)

    @property
    def refusal(self) -> str:
        """Why no code of scikit-learn's calibrates these scores; nothing where some does."""
        can = not has_margins(self.r) or (self.is_held_out and self.has_whole_pipelines)
        if can or not self.calibrators:
            return ""
        if self.is_weighted:
            return "would fit the models by these weights too"
        if self._scored.parts.kept is not None:
            return "would learn from all train rows"
        return (
            f"refuses folds that {'are dealt several times' if self._scored.again else 'leave rows unscored'}"
        )

    @property
    def learns_from_scores(self) -> bool:
        """Whether calibrators are fitted on scores out of fold, and applied to those of the test set."""
        return bool(self.calibrators) and not self.has_whole_pipelines and not self.refusal

    @property
    def why_by_hand(self) -> str:
        """Why `CalibratedClassifierCV` does not calibrate the pipelines; nothing where its folds alone forbid it."""
        if not isinstance(self.r._first, FittedScores):
            return ""
        if self.is_weighted:
            return "CalibratedClassifierCV would fit the models by these weights too"
        if snippet_scores.names_labels(self.r._first.plan):
            return "CalibratedClassifierCV would hand codes to weights that name labels"
        if self._scored.parts.kept is not None:
            return "CalibratedClassifierCV would learn from all train rows"
        if is_single(self.r):
            return "in double precision; CalibratedClassifierCV would fit in single precision"
        return ""

    @property
    def has_own(self) -> bool:
        """Whether the rows' own weights are handed to fits."""
        first = self.r._first
        fitted = isinstance(first, FittedScores) and not first.plan.model.fitted
        return fitted and snippet_data.has_own(self._scored.parts.features)

    @property
    def weight_keys(self) -> dict[str, str]:
        """The names under which strategies hand weights of classes to their models, by strategy."""
        found = {}
        for name, each in {} if self.is_top_class else self.r.scores_by_strategy.items():
            if isinstance(each, FittedScores) and not each.plan.model.fitted:
                found[name] = snippet_scores.weight_keys(each.plan, each.scored, [each.name]).get(
                    each.name, ""
                )
        return {name: key for name, key in found.items() if key}
