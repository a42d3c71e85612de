"""The pictures, by name: plain data in, drawn on axes that are handed in, titled with the finding."""

from __future__ import annotations

from imbalance_accessor.present.bars import class_bars, split_bars, weight_bars
from imbalance_accessor.present.curves import pr_curves, roc_curves
from imbalance_accessor.present.cuts import cut_lines, mark_points
from imbalance_accessor.present.forests import forest, forest_panels, moved_panels
from imbalance_accessor.present.leaks import column_aucs, order_dots
from imbalance_accessor.present.matrices import confusions
from imbalance_accessor.present.reliability import reliability_curves, score_histogram
from imbalance_accessor.present.scatter import before_after
from imbalance_accessor.present.traces import round_lines, stage_bars, term_bars

__all__ = [
    "before_after",
    "class_bars",
    "column_aucs",
    "confusions",
    "cut_lines",
    "forest",
    "forest_panels",
    "mark_points",
    "moved_panels",
    "order_dots",
    "pr_curves",
    "reliability_curves",
    "roc_curves",
    "round_lines",
    "score_histogram",
    "split_bars",
    "stage_bars",
    "term_bars",
    "weight_bars",
]
