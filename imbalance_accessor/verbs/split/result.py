"""The result of `split`: four parts in scikit-learn's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.split import card, plots, snippet, text
from imbalance_accessor.verbs.split.fields import SplitData


@dataclass(frozen=True, repr=False, eq=False)
class Split(SplitData):
    """Train and test sets; unpacks in scikit-learn's order ``X_train, X_test, y_train, y_test``.

    Attributes
    ----------
    parts : Parts
        The rows, and the rule that divided them.
    findings : Findings
        What the reader must know.
    """

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the same split in plain scikit-learn; see `Result.snippet`."""
        check_library(library)
        check_style(style)
        return snippet.write(self)

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
