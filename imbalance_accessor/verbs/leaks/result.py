"""The result of `leaks`: what each check saw, and what the wrong order would have claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.terminals import Printed
from imbalance_accessor.verbs.leaks import card, plots, snippet, text
from imbalance_accessor.verbs.leaks.fields import LeaksData


@dataclass(frozen=True, repr=False, eq=False)
class Leaks(LeaksData):
    """What was looked for in a frame, and what was found.

    Attributes
    ----------
    parts : Parts
        The rows, divided as the other verbs divide them.
    checks : tuple of Answer
        What each check saw.
    alone : pandas.DataFrame
        How well each column ranks alone, in the frame's order; see `columns`.
    demonstration : Demonstration or None
        What the wrong order would have claimed.
    findings : Findings
        What the reader must know.
    """

    @property
    def verdict(self) -> str:
        """What was found, in one clause."""
        return Printed(text.verdict(self))

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the checks in plain pandas and scikit-learn; see `Result.snippet`."""
        check_library(library)
        return snippet.write(self, check_style(style))

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
