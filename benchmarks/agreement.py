"""Whether two sides of a benchmark come to the same numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

MOST_APART = 1e-6
OTHERWISE = ("average_precision_cv", "roc_auc_cv", "threshold")


def furthest(ours: dict[str, Any], loop: dict[str, Any]) -> tuple[float, str]:
    """Return the largest difference between figures that both sides have, and whose it is.

    Left out are figures of the order out of fold (ours are of ranks within folds, the loop's means over folds), and those at
    the tuned threshold: ours is rounded as far as the rows that chose it are flagged alike.
    """
    apart = {
        f"{metric} of {name}": abs(ours[name][metric] - value)
        for name, row in loop.items()
        for metric, value in row.items()
        if metric not in OTHERWISE and not metric.endswith("_tuned")
    }
    worst = max(apart, key=lambda each: apart[each] if not math.isnan(apart[each]) else math.inf)
    return apart[worst], worst


def same_figures(ours: pd.DataFrame, loop: pd.DataFrame) -> tuple[str, bool]:
    """Say how far the figures of two tables are apart, and whether that is rounding."""
    apart, whose = furthest(ours.T.to_dict(), loop.T.to_dict())
    return f"figures apart by at most {apart:.0e} ({whose})", apart <= MOST_APART


def same_calibrated(ours: pd.DataFrame, loop: pd.DataFrame) -> tuple[str, bool]:
    """Say the same of the rows of given scores, as they are and calibrated."""
    return same_figures(ours.droplevel("strategy"), loop)


def same_parts(ours: tuple[Any, ...], peer: tuple[Any, ...]) -> tuple[str, bool]:
    """Say whether X_train, X_test, y_train, y_test hold the same cells in the same order."""
    different = [cells_apart(*pair) for pair in zip(ours, peer, strict=True)]
    worst = max(different)
    return ("the same rows" if not worst else f"cells apart by at most {worst:.0e}"), worst <= MOST_APART


def cells_apart(ours: Any, peer: Any) -> float:
    """Return the largest difference of two numbers at the same place; inf where other cells differ."""
    if ours.shape != peer.shape:
        return math.inf
    pairs = [(ours, peer)] if ours.ndim == 1 else [(ours[name], peer[name]) for name in peer]
    return max(column_apart(*(each.to_numpy() for each in pair)) for pair in pairs)


def column_apart(ours: np.ndarray, peer: np.ndarray) -> float:
    if peer.dtype.kind in "fiu" and ours.dtype.kind in "fiu":
        return float(np.abs(ours.astype(float) - peer.astype(float)).max())
    return 0.0 if (ours == peer).all() else math.inf
