"""The picture of a `Counts`: one bar a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.verbs.counts import text
from imbalance_accessor.verbs.counts.fields import CountsData


def pictures(counts: CountsData) -> Mapping[str, Picture]:
    """Return what can be drawn."""
    return {"classes": lambda ax: _classes(counts, ax)}


def _classes(counts: CountsData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.bars import class_bars

    plain = counts.weighed.are_rows
    labels = list(counts.frame.index)
    rows = counts.frame["rows"] if plain else text.rounded_rows(counts.frame["weighted_rows"])
    title = f"1 : {text.short_ratio(counts.ratio)}, {text.severity(counts)}"
    what = "rows" if plain else "weighted rows"
    class_bars(
        ax, labels, np.asarray(rows), title=title, highlight=labels.index(counts.minority), xlabel=what
    )
