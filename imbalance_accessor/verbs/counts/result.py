"""The result of `counts`: the rows of each class, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.counts import card, plots, snippet, text
from imbalance_accessor.verbs.counts.fields import CountsData


@dataclass(frozen=True, repr=False, eq=False)
class Counts(CountsData):
    """Rows of each class, and what they allow.

    Attributes
    ----------
    target : Target
        The labels, counted.
    weighed : WeighedLabels
        How much their rows count.
    in_frame : bool
        Whether they are a column of a frame.
    test_size : float
        Share of rows that a test set would hold.
    cv : int
        Folds of the training set.
    findings : Findings
        What the reader must know.
    width : Width
        How many columns the features become: beside the target and the weights, of a frame encoded; 0 of labels alone.
    """

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the same counts in plain pandas; the full style adds the report on always saying the majority."""
        check_library(library)
        return snippet.write(self, check_style(style))

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _default_picture(self) -> None:
        """Draw nothing on the card: its table has the same bars."""

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
