"""The figures at thresholds of the user's own, on the rows that choose and on the test set."""

from __future__ import annotations

from typing import Any

import pandas as pd

from imbalance_accessor.metrics.measure import COUNTS, Figures
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.search import measured_at
from imbalance_accessor.verbs.shared.own_threshold import ScoreRange, read_thresholds


def at_thresholds(t: ThresholdData, given: Any) -> pd.DataFrame:
    """Return a row for each threshold and part; see `Threshold.at`."""
    scores = t.strategy_scores
    thresholds = read_thresholds(given, ScoreRange.of([scores.labelled_scores]))
    rows = list(measured_at(scores, t.asked, thresholds))
    index = pd.Index([part for part, _, _ in rows], name="part")
    return pd.DataFrame([figures_row(threshold, found) for _, threshold, found in rows], index=index)


def figures_row(threshold: float, found: Figures) -> dict[str, float]:
    """Return each figure at a threshold, with its 95 % interval where it has one, and the counts at last."""
    row = {"threshold": threshold}
    for name in (each for each in found.points if each not in COUNTS):
        row[name] = found.points[name]
        if name in found.low:
            row |= {f"{name}_low": found.low[name], f"{name}_high": found.high[name]}
    return row | {count: found.points[count] for count in COUNTS if count in found.points}
