"""The lines of a snippet that bring scores to the prevalence: by the odds, or by a sigmoid where these fail."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imbalance_accessor.evaluation.calibrated_scores import MANY_ROWS
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.modeling.calibrators import Calibrator, ClassCorrection
from imbalance_accessor.rendering.snippets.templates import template_lines, write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared.snippet_scores import Scoring


@dataclass(frozen=True, eq=False)
class Correction:
    """How strategies' scores come to the prevalence, as code.

    Attributes
    ----------
    plan : Plan
    scored : CrossValScores
        After they were brought there.
    names : tuple of str
        The strategies that are written.
    """

    plan: Plan
    scored: CrossValScores
    names: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        """Whether any scores are brought anywhere."""
        return any(self.scored.by_name[name].calibrator is not None for name in self.names)

    @property
    def by_sigmoid(self) -> list[str]:
        """The strategies whose odds no factor corrects."""
        found = {name: self.scored.by_name[name].calibrator for name in self.names}
        return [
            name
            for name, each in found.items()
            if isinstance(each, Calibrator) and each.calibrator is not None
        ]

    @property
    def by_odds(self) -> list[str]:
        """The others."""
        return [name for name in self.names if name not in self.by_sigmoid]

    @property
    def is_binary(self) -> bool:
        """Whether odds are corrected, and not each class's share."""
        return self.scored.positive is not None

    @property
    def is_in_halves(self) -> bool:
        """Whether sigmoids are cross-fitted by halves, as those of many rows are."""
        return int((self.scored.folds.ids >= 0).sum()) > MANY_ROWS

    @property
    def sign(self) -> str:
        """The sign of margins that rise with the positive class."""
        return "-" if self.scored.positive == 0 else ""

    @property
    def constants(self) -> object:
        """What odds, or shares of classes, are multiplied by: of each strategy, where several are written."""
        found = {name: self._constant(name) for name in self.by_odds}
        return found if self._is_looped else found[self.by_odds[0]]

    @property
    def constant(self) -> str:
        """The one of the strategy at hand, as code."""
        constants = "odds" if self.is_binary else "times"
        return f"{constants}[name]" if self._is_looped else constants

    @property
    def read_as(self) -> dict[str, list[str]]:
        """The strategies by what a sigmoid reads of their scores."""
        kinds = {name: self._kind(name) for name in self.by_sigmoid}
        return {
            kind: [name for name, each in kinds.items() if each == kind]
            for kind in ("p", "logit", "margin")
            if kind in kinds.values()
        }

    def write(self, writer: Writer) -> None:
        """Write the functions, and what odds are divided by."""
        if self.is_needed:
            write_template(writer, "shared/full/prevalence.py.j2", correction=self)

    def out_of_fold(self, writer: Writer, *, params: str, weights: str, indent: int) -> list[str]:
        """Return the lines that bring ``oof`` there, and keep as ``raw`` what a sigmoid reads."""
        if not self.is_needed:
            return []
        scoring = Scoring(self.plan, self.scored, weighted=bool(params or weights))
        lines = template_lines(
            writer, "shared/full/oof_at_prevalence.py.j2", indent=indent, correction=self, scoring=scoring
        )
        return [line[indent:] for line in lines]

    def on_test(self, writer: Writer) -> list[str]:
        """Return the lines that bring ``score`` there."""
        if not self.is_needed:
            return []
        return template_lines(writer, "shared/full/score_at_prevalence.py.j2", correction=self)

    def _constant(self, name: str) -> float | Floats:
        found = self.scored.by_name[name].calibrator
        if isinstance(found, ClassCorrection):
            return found.factors
        return found.odds_shift if isinstance(found, Calibrator) else 1.0

    @property
    def _is_looped(self) -> bool:
        """Whether several strategies are written, one after another, each with a constant of its own."""
        return len(self.names) > 1

    def _kind(self, name: str) -> str:
        """Return what a sigmoid reads of a strategy's scores."""
        as_fitted = self.scored.as_fitted
        assert as_fitted is not None
        scores = as_fitted.by_name[name]
        if scores.margin_oof is not None:
            return "margin"
        return "logit" if hasattr(scores.model, "decision_function") else "p"

    def by_margins(self, scoring: Scoring) -> Scoring:
        """Return how margins are made where scores are."""
        return replace(scoring, column="", predicted=False, gives="decision_function")
