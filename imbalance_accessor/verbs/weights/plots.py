"""The picture of a `ClassWeights`: one bar a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.verbs.weights import text
from imbalance_accessor.verbs.weights.fields import ClassWeightsData


def pictures(weights: ClassWeightsData) -> Mapping[str, Picture]:
    """Return what can be drawn."""
    return {"weights": lambda ax: _weights(weights, ax)}


def _weights(weights: ClassWeightsData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.bars import weight_bars

    weight_bars(ax, list(weights.target.classes), weights._values(), text.title(weights))
