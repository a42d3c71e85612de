"""The pictures of a `Trace`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import logit

from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.verbs.trace import text
from imbalance_accessor.verbs.trace.fields import TraceData


def pictures(t: TraceData) -> Mapping[str, Picture]:
    """Return what can be drawn: one row's terms first, where one was asked for."""
    found: dict[str, Picture] = {}
    if t.contributions is not None and t.contributions.terms:
        found["row"] = lambda ax: _terms(t, ax)
    found["stages"] = Panels(_sides(t), lambda axes: _stages(t, axes))
    if t.learns_in_rounds:
        found["rounds"] = Panels(3, lambda axes: _rounds(t, axes))
    return found


def _sides(t: TraceData) -> int:
    """Return how many panels rows need: one where nothing is held out."""
    return 2 if any(stage.test.any() for stage in t.stages) else 1


def _stages(t: TraceData, axes: Any) -> None:
    from imbalance_accessor.rendering.plots.traces import stage_bars

    stages = t.stages
    sides = _sides(t)
    marked = next((place for place, stage in enumerate(stages) if stage.resamples), None)
    stage_bars(
        axes,
        [stage.name for stage in stages],
        [np.array([stage.train for stage in stages]), np.array([stage.test for stage in stages])][:sides],
        [[stage.columns for stage in stages], [stage.test_columns for stage in stages]][:sides],
        t.labels,
        title=text.way(t),
        highlight=t.strategy_scores.scored.positive,
        marked=marked,
    )


def _rounds(t: TraceData, axes: Any) -> None:
    from imbalance_accessor.rendering.plots.traces import round_lines

    frame = t.rounds
    round_lines(
        axes,
        frame.index.to_numpy(),
        [frame["train_loss"].to_numpy(), frame["oof_loss"].to_numpy()],
        [frame["train_accuracy"].to_numpy(), frame["oof_accuracy"].to_numpy()],
        frame["oof_average_precision"].to_numpy(),
        title=text.rounds_title(t),
        best=text.best_round(t),
    )


def _terms(t: TraceData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.traces import term_bars

    contributions = t.contributions
    assert contributions is not None
    default = t.strategy_scores.scored.default_threshold
    thresholds = [(f"{default:g}", default)] if not t.strategy_scores.scored.by_predict else []
    thresholds.append((f"tuned {t.threshold_text}", t.threshold))
    if contributions.unit == "log odds":
        thresholds = [(name, float(logit(at))) for name, at in thresholds]
    shown = [(name, at) for name, at in thresholds if np.isfinite(at)]
    terms = t.terms
    title = text.row_title(t)
    term_bars(
        ax,
        list(terms.index),
        terms["adds"].to_numpy(),
        unit=contributions.unit,
        thresholds=shown,
        title=title,
    )
