"""Pictures of intervals: strategies side by side, one metric or several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from imbalance_accessor.rendering.cells import decimal
from imbalance_accessor.rendering.labels import drawn, name
from imbalance_accessor.rendering.plots.axes import (
    above,
    name_line,
    name_panels,
    quiet,
    rows_down,
    set_title,
    wrapped,
)
from imbalance_accessor.rendering.plots.palette import ACCENT, MAJORITY, REFERENCE

_Numbers = NDArray[Any] | Sequence[float]


def forest(
    ax: Axes,
    rows: Sequence[str],
    points: _Numbers,
    lows: _Numbers,
    highs: _Numbers,
    *,
    title: str = "",
    xlabel: str = "",
    reference: float | None = None,
    reference_name: str | None = None,
    best: str | None = None,
) -> None:
    """Draw one number a row with its interval.

    Parameters
    ----------
    ax : matplotlib Axes
    rows : sequence of str, length n
        What is compared, the first on top.
    points, lows, highs : array of float, shape (n,)
        The numbers and the ends of their intervals; a nan point is left out, nan ends leave the point alone.
    title : str
        The finding.
    xlabel : str
        The metric.
    reference : float, optional
        Where the dashed line of the dummy baseline stands.
    reference_name : str, optional
        What it is, where it is something else.
    best : str, optional
        The row drawn in the accent's colour.
    """
    marked = rows.index(best) if best in rows else None
    names = rows_down(ax, rows, best=marked)
    for y, (point, low, high) in enumerate(zip(points, lows, highs, strict=True)):
        color = ACCENT if y == marked else MAJORITY
        if not (math.isnan(low) or math.isnan(high)):
            ax.plot([low, high], [y, y], color=color, linewidth=2.0, solid_capstyle="round")
        ax.plot([point], [y], color=color, marker="D" if y == marked else "o", markersize=6, linestyle="none")
    quiet(ax, grid="x")
    ax.margins(x=0.06)
    ax.set_xlabel(wrapped(name(xlabel, 60), 24))
    named = 0
    if reference is not None and math.isfinite(reference):
        ax.axvline(reference, color=REFERENCE, linestyle="--", linewidth=1.2, zorder=1.5)
        name_line(
            ax, reference_name or f"dummy {decimal(reference)}", reference
        )  # above the axes, where no interval runs
        named = 1
    if title:
        set_title(ax, title, labels=names, pad=above(named))


def forest_panels(
    axes: NDArray[Any],
    rows: Sequence[str],
    metrics: Mapping[str, tuple[_Numbers, _Numbers, _Numbers]],
    *,
    title: str,
    references: Mapping[str, float] | None = None,
    reference_names: Mapping[str, str] | None = None,
    best: str | Mapping[str, str] | None = None,
) -> None:
    """Draw several metrics side by side, the rows named once, and one title over all panels.

    `metrics` has each metric's points, lows and highs as `forest` takes them, `references` the dummy baseline, or
    what `reference_names` says; `best` is the row to mark in all panels, or one for each metric.
    """
    panels = np.ravel(axes)
    levels, names = references or {}, reference_names or {}
    for ax, (metric, (points, lows, highs)) in zip(panels, metrics.items(), strict=True):
        marked = best.get(metric) if isinstance(best, Mapping) else best
        level, name = levels.get(metric), names.get(metric)
        forest(
            ax, rows, points, lows, highs, xlabel=metric, reference=level, reference_name=name, best=marked
        )
    name_panels(panels, title)


def moved_panels(
    axes: NDArray[Any],
    rows: Sequence[str],
    metrics: Mapping[str, tuple[_Numbers, _Numbers, _Numbers, _Numbers]],
    *,
    title: str,
    before: str,
    after: str,
) -> None:
    """Draw how each metric moves from one way of deciding to another, several metrics side by side.

    As `forest_panels`; the first row is what the others are held against, by a dotted line.

    Parameters
    ----------
    metrics : mapping of str to (before, after, low, high)
        Arrays of shape (n,): where it was, where it is, and the ends of that one's interval.
    before, after : str
        What the two points are, for the legend.
    """
    panels = np.ravel(axes)
    for ax, (metric, (was, now, lows, highs)) in zip(panels, metrics.items(), strict=True):
        rows_down(ax, rows)
        ax.axvline(float(now[0]), color=REFERENCE, linestyle=":", linewidth=1.2)
        for y, (start, end, low, high) in enumerate(zip(was, now, lows, highs, strict=True)):
            ax.plot([low, high], [y, y], color=MAJORITY, linewidth=4.5, alpha=0.3, solid_capstyle="round")
            ax.plot([start, end], [y, y], color=REFERENCE, linewidth=1.0)
            named = (before, after) if y == 0 and ax is panels[0] else ("_", "_")
            ax.plot([start], [y], "o", color=REFERENCE, markersize=6, markerfacecolor="none", label=named[0])
            ax.plot([end], [y], "o", color=MAJORITY, markersize=6, label=named[1])
        quiet(ax, grid="x")
        ax.set_xlim(-0.03, 1.03)
        ax.set_xlabel(drawn(metric, 60))
    name_panels(panels, title)
    panels[0].figure.legend(loc="outside lower right", ncols=2, frameon=False, fontsize=8.5)
