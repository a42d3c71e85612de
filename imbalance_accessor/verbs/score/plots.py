"""The picture of a `Score`: its confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.verbs.score import text
from imbalance_accessor.verbs.score.fields import ScoreData
from imbalance_accessor.verbs.shared.population import as_told


def pictures(score: ScoreData) -> Mapping[str, Picture]:
    """Return what can be drawn."""
    return {"confusion": lambda ax: _confusion(score, ax)}


def _confusion(score: ScoreData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.matrices import class_confusion, one_confusion

    counts = as_told(score.counts) if score.is_weighted else score.counts.astype(int)
    draw = one_confusion if len(counts) == 2 else class_confusion
    draw(ax, counts, list(score.sides.labels), title=text.picture_title(score))
