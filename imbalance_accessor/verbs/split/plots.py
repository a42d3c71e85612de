"""The picture of a `Split`: each class's rows on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.verbs.split import text
from imbalance_accessor.verbs.split.fields import SplitData


def pictures(split: SplitData) -> Mapping[str, Picture]:
    """Return what can be drawn."""
    return {"classes": lambda ax: _classes(split, ax)}


def _classes(split: SplitData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.bars import split_bars

    frame = split.frame
    rows = frame[["train_rows", "test_rows"]].to_numpy().T
    split_bars(ax, list(frame.index), *rows, title=text.title(split))
