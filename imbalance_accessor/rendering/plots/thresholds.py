"""Pictures of thresholds: what each threshold comes to, and where the chosen one stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from imbalance_accessor.rendering.labels import drawn
from imbalance_accessor.rendering.plots.axes import dot, legend, quiet, set_title
from imbalance_accessor.rendering.plots.curves import thinned
from imbalance_accessor.rendering.plots.palette import ACCENT, BLUE, GREEN, GREY, PURPLE

_COLORS = (BLUE, GREEN, PURPLE)


@dataclass(frozen=True)
class ThresholdMark:
    """Where thresholds stand on the axis of scores.

    Attributes
    ----------
    chosen : float
        The chosen threshold; not finite where none can be drawn.
    name : str
        What it is called.
    low, high : float
        Its range over resamples.
    others : mapping of str to float
        Other thresholds, by name.
    """

    chosen: float
    name: str
    low: float
    high: float
    others: Mapping[str, float]


def threshold_lines(
    ax: Axes,
    thresholds: NDArray[np.float64],
    lines: Mapping[str, NDArray[np.float64]],
    stand: ThresholdMark,
    *,
    title: str,
    ylabel: str,
    points: Mapping[str, float] | None = None,
    where: str = "",
    beside: tuple[str, NDArray[np.float64], float] | None = None,
) -> None:
    """Draw figures against the threshold.

    Parameters
    ----------
    ax : matplotlib Axes
    thresholds : ndarray of float, shape (m,)
        Falling; the first may be inf.
    lines : mapping of str to ndarray of float, shape (m,)
        One figure each.
    stand : ThresholdMark
        The thresholds to mark.
    title : str
    ylabel : str
        What the figures are, with their unit.
    points : mapping of str to float, optional
        The same figures on other rows at the chosen threshold, marked with a dot.
    where : str
        Which rows those are.
    beside : tuple of (str, ndarray of float, float), optional
        A figure of another unit, on an axis on the right: its name, its values, shape (m,), and its value on the other rows.
    """
    shown = np.isfinite(thresholds)
    x = thresholds[shown]
    keep = thinned(x)
    if beside is not None:
        _beside(ax, x[keep], beside[0], beside[1][shown][keep], (stand.chosen, beside[2]))
    for color, (name, values) in zip(_COLORS, lines.items(), strict=False):
        ax.plot(x[keep], values[shown][keep], color=color, linewidth=1.6, label=drawn(name))
        if points and name in points and np.isfinite(stand.chosen):
            dot(ax, (stand.chosen, points[name]), color)
    left, right, beyond = _window(x, stand)
    _mark(ax, stand, beyond)
    if points:
        dot(ax, (np.nan, np.nan), GREY, label=where)
    quiet(ax, grid="both")
    ax.set_xlim(left, right)
    further = "".join(f"; {name} is further right" for name in beyond)
    ax.set_xlabel(f"threshold: a row is flagged when its score is at least this{further}")
    ax.set_ylabel(ylabel)
    legend(ax, loc="upper left", bbox_to_anchor=(1.0 if beside is None else 1.14, 1.02))
    set_title(ax, title)


def _beside(
    ax: Axes, x: NDArray[np.float64], name: str, values: NDArray[np.float64], point: tuple[float, float]
) -> None:
    """Draw a figure of another unit against an axis on the right."""
    right, color = ax.twinx(), _COLORS[-1]
    right.plot(x, values, color=color, linewidth=1.6)
    if np.isfinite(point[0]):
        dot(right, point, color)
    ax.plot(np.nan, np.nan, color=color, linewidth=1.6, label=f"{drawn(name)} (right)")
    right.set_ylabel(drawn(name, 40))
    right.spines["top"].set_visible(False)


def mark_points(ax: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    """Mark named points on curves that are drawn already, the first as the chosen one."""
    for place, (name, point) in enumerate(points.items()):
        color, marker = (ACCENT, "o") if place == 0 else (GREY, "s")
        dot(ax, point, color, marker=marker, label=drawn(name, 40))
    legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.02))


def _mark(ax: Axes, stand: ThresholdMark, beyond: list[str]) -> None:
    if np.isfinite(stand.chosen):
        ax.axvline(stand.chosen, color=ACCENT, linewidth=1.6, label=drawn(stand.name, 40))
    if np.isfinite(stand.low) and np.isfinite(stand.high):
        ax.axvspan(stand.low, stand.high, color=ACCENT, alpha=0.15, linewidth=0, label="its range, 95 %")
    styles = ("--", ":")
    for style, (name, threshold) in zip(styles, stand.others.items(), strict=False):
        if name not in beyond:
            ax.axvline(threshold, color=GREY, linestyle=style, linewidth=1.2, label=drawn(name, 40))


def _window(x: NDArray[np.float64], stand: ThresholdMark) -> tuple[float, float, list[str]]:
    """Return the part of the axis in which the thresholds stand, and the thresholds beyond it."""
    marks = [mark for mark in (stand.chosen, stand.low, stand.high) if np.isfinite(mark)]
    low, high = float(x.min()), float(x.max())
    if marks and low >= 0:  # scores of a rare class crowd near 0
        high = min(high, max(5 * stand.chosen if np.isfinite(stand.chosen) else 0.0, 2 * max(marks)))
    beyond = [name for name, threshold in stand.others.items() if threshold > low + 1.5 * (high - low)]
    inside = [
        threshold for name, threshold in stand.others.items() if name not in beyond and np.isfinite(threshold)
    ]
    low, high = min([low, *marks, *inside]), max([high, *marks, *inside])
    margin = 0.02 * (high - low) or 0.5
    return low - margin, high + margin, beyond
