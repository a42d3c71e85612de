"""The result of `Evaluation.learning_curve`: what more positives brought, and what twice as many may bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.terminals import Printed
from imbalance_accessor.verbs.learning_curve import card, plots, snippet, text
from imbalance_accessor.verbs.learning_curve.fields import LearningCurveData
from imbalance_accessor.verbs.shared.held_out import with_rows_said


@dataclass(frozen=True, repr=False, eq=False)
class LearningCurve(LearningCurveData):
    """Average precision of the plain model by the positives that it learned from.

    Attributes
    ----------
    plan : Plan
    scored : CrossValScores
        Of the whole training set.
    sizes : TrainingSizes
        The parts that were learned from, and what came of them.
    findings : Findings
        What the reader must know of the rows.
    """

    @property
    def verdict(self) -> str:
        """Whether more positives helped, and what twice as many may bring; or that it cannot be told."""
        return Printed(text.verdict(self))

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the same points in plain scikit-learn, in both styles; intervals are in ``.frame`` alone."""
        check_library(library)
        check_style(style)
        return with_rows_said(snippet.write(self), self.scored)

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
