"""The result of `score`: the report on predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.card_picture import CardPicture
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.score import card, plots, snippet, text
from imbalance_accessor.verbs.score.fields import ScoreData


@dataclass(frozen=True, repr=False, eq=False)
class Score(ScoreData):
    """The report on predictions that came with the rows.

    Attributes
    ----------
    weighed : WeighedLabels
        The labels, and how much their rows count.
    in_frame : bool
        Whether they are a column of the frame.
    told : Predictions
        What each row is predicted as.
    marks : Marks or None
        Which rows are test rows; None: all are scored.
    test : ScoredRows
        The rows that are scored.
    train : ScoredRows or None
        Those of the training set, where a column marks them.
    groups : hashable or None
        The column of groups.
    findings : Findings
        What the reader must know.
    """

    def snippet(self, *, style: str = "short", library: str = "sklearn") -> Snippet:
        """Return the same report in plain scikit-learn; the full style adds the intervals."""
        check_library(library)
        return snippet.write(self, check_style(style))

    def _card(self) -> Card:
        return card.card(self)

    def _pictures(self) -> Mapping[str, Picture]:
        return plots.pictures(self)

    def _default_picture(self) -> CardPicture | None:
        """Draw nothing where the card's table is the confusion matrix."""
        return None if card.has_matrix(self) else super()._default_picture()

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
