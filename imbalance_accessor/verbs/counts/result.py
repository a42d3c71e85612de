"""The result of `counts`: rows of each class, its card and its plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from imbalance_accessor.errors import counted
from imbalance_accessor.metrics.intervals import trials_for
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, Share, decimal, percent
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.rendering.result import Audience, check_library, check_style
from imbalance_accessor.rendering.snippets.writer import Snippet
from imbalance_accessor.verbs.counts import snippet, text
from imbalance_accessor.verbs.counts.fields import HALF_WIDTH, CountsData
from imbalance_accessor.verbs.counts.text import short_ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Counts(CountsData):
    """Rows of each class, and what they allow.

    Attributes
    ----------
    target : Target
        The labels, counted.
    in_frame : bool
        Whether they are a column of a frame.
    test_size : float
        Share of rows that a test set would hold.
    cv : int
        Folds of the training set.
    findings : Findings
        What the reader must know.
    """

    def snippet(self, *, style: str = "full", library: str = "sklearn") -> Snippet:
        """Return the same counts in plain pandas; the full style adds the report on always saying the majority."""
        check_library(library)
        return snippet.write(self, check_style(style))

    def _card(self) -> Card:
        positive = self.target.focus
        share = percent(self.target.shares[self._minority])
        figures = [
            ("ratio", f"1 : {short_ratio(self.ratio)} (minority : majority)"),
            ("always saying " + repr(self.majority), f"accuracy {decimal(self.accuracy_always_majority)}"),
            (
                "no-skill average precision",
                f"{decimal(self.target.shares[positive])} (the share of {self.target.classes[positive]!r})",
            ),
        ]
        if self.missing:
            figures.append(("no label", counted(self.missing, "row")))
        return Card(
            title=f"{share} {self.target.name}={self.minority!r}: {self._words()}. "
            f"Always saying {self.majority!r} scores {decimal(self.accuracy_always_majority)}",
            figures=tuple(figures),
            table=self._table(),
            notes=(
                f"test_size={self.test_size:g}, cv={self.cv}. A recall of 0.8 on that many {self._scored} is known only within "
                f"its 95 % Wilson interval; ± 5 points around 0.5 take {trials_for(0.5, HALF_WIDTH):,} {self._scored} "
                "of a class.",
                *text.severity_rule(self),
            ),
            findings=self.findings,
        )

    def _table(self) -> pd.DataFrame:
        frame = self.frame
        ends = zip(frame["recall_80_low"], frame["recall_80_high"], strict=True)
        table = {
            "rows": frame["rows"].tolist(),
            "share": [Share(value) for value in frame["share"]],
            "train": frame["train_rows"].tolist(),
            "test": frame["test_rows"].tolist(),
            "per fold": frame["fold_rows"].tolist(),
            "recall 0.8 is": [Interval(0.8, low, high, digits=2) for low, high in ends],
        }
        return pd.DataFrame(table, index=frame.index)

    @property
    def _scored(self) -> str:
        return "test rows" if self.test_size else "rows out of fold"

    def _words(self) -> str:
        return self.severity if self.severity == "balanced" else f"{self.severity} imbalance"

    def _pictures(self) -> Mapping[str, Picture]:
        def draw(ax: Axes) -> None:
            from imbalance_accessor.rendering.plots.bars import class_bars

            rows = self.frame["rows"].to_numpy()
            labels = list(self.frame.index)
            title = f"1 : {short_ratio(self.ratio)}, {self._words()}"
            class_bars(ax, labels, rows, title=title, highlight=labels.index(self.minority))

        return {"classes": draw}

    def _explain(self, audience: Audience) -> Sequence[str]:
        return text.explain(self, audience)
