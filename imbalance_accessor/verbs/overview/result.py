"""The result of `overview`: counts, weights, features as they were read, and what to run next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.counts import plots
from imbalance_accessor.verbs.overview import card, snippet, text
from imbalance_accessor.verbs.overview.fields import OverviewData


@dataclass(frozen=True, repr=False, eq=False)
class Overview(OverviewData):
    """What a new frame with a rare class is like.

    Attributes
    ----------
    counts : Counts
        Rows of each class.
    weights : ClassWeights
        Balanced class weights.
    features : Features
        The features by kind.
    column_table : pandas.DataFrame
        How each column was read; `columns` is a copy.
    next_calls : tuple of str
        What to run next.
    findings : Findings
        What the reader must know.
    """

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the counts in plain pandas; the full style adds the report on always saying the majority, and weights."""
        check_library(library)
        return snippet.write(self, check_style(style))

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self.counts)

    def _default_picture(self) -> None:
        """Draw nothing on the card: its table has the same bars."""

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
