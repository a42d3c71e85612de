"""The reliability diagram: what probabilities say against how often it happened, and where they live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from imbalance_accessor.rendering.labels import drawn, drawn_apart
from imbalance_accessor.rendering.plots.axes import legend, quiet, write_text
from imbalance_accessor.rendering.plots.palette import MAJORITY, MINORITY, REFERENCE, cycled

_Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Points:
    """One curve: mean probability and share of positives of each bin, with the share's interval and the rows."""

    mean: _Numbers
    share: _Numbers
    low: _Numbers
    high: _Numbers
    rows: NDArray[np.intp]


def reliability_curves(
    ax: Axes, curves: Mapping[str, Points], *, title: str, end: float, where: str, among: Sequence[str] = ()
) -> None:
    """Draw curves against the diagonal.

    Parameters
    ----------
    ax : matplotlib Axes
    curves : mapping of str to Points
        The first carries the counts of its rows.
    title : str
    end : float
        Where both axes end; below 1 the diagram is zoomed, and says so.
    where : str
        Which rows these are.
    among : sequence of str, optional
        The curves of all panels, which have one colour each in all of them and a legend of the caller's;
        the axes have a legend of their own unless given.
    """
    ax.plot([0, 1], [0, 1], color=REFERENCE, linestyle="--", linewidth=1.2, label="calibrated")
    names = drawn_apart(curves)
    known = list(among) or list(curves)
    for place, (name, points) in enumerate(curves.items()):
        color = cycled(known.index(name))
        ends = np.abs(np.vstack([points.share - points.low, points.high - points.share]))
        ax.errorbar(
            points.mean,
            points.share,
            yerr=ends,
            color=color,
            marker="o",
            markersize=4,
            linewidth=1.4,
            elinewidth=0.9,
            label=names[place],
        )
        if not place:
            _counts(ax, points, end)
    quiet(ax, grid="both")
    ax.set_xlim(-0.02 * end, 1.02 * end)
    ax.set_ylim(-0.02 * end, 1.02 * end)
    zoomed = f" (zoomed to 0 to {end:.2g})" if end < 1 else ""
    ax.set_xlabel(f"mean probability in the bin{zoomed}")
    ax.set_ylabel(f"share of positives ({where})")
    ax.set_title(drawn(title, 40), loc="left", fontsize=9.5, fontweight="bold")
    if not among:
        legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.02))


def score_histogram(
    ax: Axes,
    positive: _Numbers,
    negative: _Numbers,
    *,
    end: float,
    labels: tuple[str, str],
    xlabel: str = "probability as it is",
) -> None:
    """Draw how many rows of each class have which probability, on a logarithmic scale."""
    edges = np.linspace(0, end, 31)
    for values, color, name in ((negative, MAJORITY, labels[1]), (positive, MINORITY, labels[0])):
        counts = np.histogram(np.minimum(values, end), edges)[0]
        ax.stairs(counts, edges, color=color, fill=False, linewidth=1.4, label=drawn(name))
    ax.set_yscale("symlog", linthresh=1)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda rows, _: f"{rows:,.0f}")
    quiet(ax)
    ax.set_xlim(-0.02 * end, 1.02 * end)
    ax.set_xlabel(xlabel + (", the last bar holds all above" if end < 1 else ""))
    ax.set_ylabel("rows (log scale)")
    legend(ax, loc="upper right")


def _counts(ax: Axes, points: Points, end: float) -> None:
    """Write the rows of each bin beside its point, where they do not run into each other."""
    last = -np.inf
    for x, y, rows in zip(points.mean, points.share, points.rows, strict=True):
        if x <= end and x - last > 0.06 * end:
            write_text(ax, f"{rows:,}", (x, y), (3, -9), fontsize=6.5, color=REFERENCE)
            last = x
