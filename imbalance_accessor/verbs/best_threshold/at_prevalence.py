"""The figures of a threshold at another prevalence: nothing is fitted, and the same rows are flagged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from imbalance_accessor.data.target import plain
from imbalance_accessor.data.weighting import is_prevalence, meant_share
from imbalance_accessor.errors import IN_WORDS, OptionError, change, one_line
from imbalance_accessor.metrics.measure import Figures
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.search import measured_again

_SHOWN = ("precision", "recall", "f1", "flag_rate")


def figures_at(t: ThresholdData, prevalence: Any) -> pd.Series:
    """Return the figures at a prevalence, with their intervals; see `Threshold.at`."""
    if not is_prevalence(prevalence):
        meant = meant_share(plain(prevalence))
        raise OptionError(
            f"prevalence={one_line(plain(prevalence))} must be a share between 0 and 1, such as "
            f"t.at(prevalence={meant or 0.02:g}).",
            fix=change(prevalence=meant) if meant else IN_WORDS,
        )
    scored = t.strategy_scores.scored
    features, positive = scored.parts.features, scored.parts.features.target.positive
    assert positive is not None
    there = replace(features, weighting=features.weighting.at(float(prevalence), positive))
    moved = replace(scored, parts=replace(scored.parts, features=there))
    if (entries := scored.by_name[t.strategy_scores.name].held_out) is not None:
        moved = moved.with_held_out({t.strategy_scores.name: entries.at(float(prevalence))})
    scores = replace(t.strategy_scores, scored=moved)
    found = measured_again(scores, t.asked, [each.flags[""] for each in t.found.reported])
    return pd.Series(_row(found), name=float(prevalence))


def _row(found: Figures) -> dict[str, float]:
    row: dict[str, float] = {}
    for name in _SHOWN:
        row |= {name: found.points[name], f"{name}_low": found.low[name], f"{name}_high": found.high[name]}
    if "cost_per_row" in found.points:
        ends = {"": found.points, "_low": found.low, "_high": found.high}
        row |= {f"cost_per_1000{end}": 1000 * each["cost_per_row"] for end, each in ends.items()}
    return row
