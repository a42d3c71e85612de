"""The result of `Evaluation.trace`: what becomes of the rows on their way to a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.trace import card, plots, snippet, text
from imbalance_accessor.verbs.trace.fields import TraceData


@dataclass(frozen=True, repr=False, eq=False)
class Trace(TraceData):
    """A strategy's pipeline, stage by stage, and how one row's probability and decision came about.

    Attributes
    ----------
    strategy_scores : FittedScores
        The strategy that was fitted, its rows and its scores.
    stages : tuple of Stage
        What there is after each stage.
    threshold : float
        The strategy's tuned threshold; nan for several classes.
    threshold_text : str
        The same as the shortest decimal that flags the same rows.
    contributions : ScoreContributions or None
        How one row's score came about.
    findings : Findings
        What the reader must know.
    answer : ClassesAnswer or None
        What a neural network makes of one row of several classes.
    """

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the pipeline's way in plain scikit-learn and imbalanced-learn; see `Result.snippet`."""
        check_library(library)
        return snippet.write(self, check_style(style))

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
