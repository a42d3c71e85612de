"""The picture of a `LearningCurve`: average precision against the positives that were learned from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imbalance_accessor.inspection.training_sizes import METRIC
from imbalance_accessor.rendering.plots.panels import Picture
from imbalance_accessor.verbs.learning_curve import text
from imbalance_accessor.verbs.learning_curve.fields import LearningCurveData


def pictures(c: LearningCurveData) -> Mapping[str, Picture]:
    """Return what can be drawn."""
    return {"learning_curve": lambda ax: draw_sizes(c, ax)}


def draw_sizes(c: LearningCurveData, ax: Any) -> None:
    """Draw the curve with the draws of parts, and the no-skill level."""
    from imbalance_accessor.rendering.plots.training_sizes import size_curve

    frame = c.frame
    scored = c.scored.on_sample
    ends = [frame[f"{METRIC}{end}"].to_numpy() for end in ("_low", "_high")]
    size_curve(
        ax,
        frame["positives"].to_numpy(),
        frame[METRIC].to_numpy(),
        ends,
        c.sizes.drawn,
        reference=_no_skill(scored),
        title=text.title(c),
        where="on test" if scored.held_out else "out of fold",
    )


def _no_skill(scored: Any) -> float:
    import numpy as np

    positive = scored.reported_codes == scored.positive
    return float(np.average(positive, weights=scored.reported_weights))
