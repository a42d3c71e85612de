"""The reliability diagram: what probabilities say against how often it happened, and where they live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from imbalance_accessor.rendering.labels import drawn, drawn_apart
from imbalance_accessor.rendering.plots.axes import legend, plain_numbers, quiet
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


@dataclass(frozen=True)
class Span:
    """What the axes of probabilities show: all from 0 to 1, a part of it, or a part of it on a logarithmic scale.

    Attributes
    ----------
    low : float
        0, or where a logarithmic scale begins; what is smaller is drawn there.
    high : float
    """

    low: float = 0.0
    high: float = 1.0

    @property
    def is_log(self) -> bool:
        """Whether the scale is logarithmic."""
        return self.low > 0

    @property
    def said(self) -> str:
        """What a reader must know of the scale."""
        if self.is_log:
            return f"log scale, {self.low:g} and below at the edge"
        return f"zoomed to 0 to {self.high:.2g}" if self.high < 1 else ""

    def inside(self, values: _Numbers) -> _Numbers:
        """Return values with those below the scale at its edge."""
        return np.maximum(values, self.low)

    def apply(self, ax: Axes, axis: str) -> None:
        """Give an axis of a diagram these limits and this scale."""
        if not self.is_log:
            ax.set(**{f"{axis}lim": (-0.02 * self.high, 1.02 * self.high)})
            return
        edge = (self.high / self.low) ** 0.02
        ax.set(**{f"{axis}scale": "log", f"{axis}lim": (self.low / edge, self.high * edge)})
        plain_numbers(ax, axis)

    def edges(self, count: int) -> _Numbers:
        """Return the edges of so many bars."""
        if self.is_log:
            return np.geomspace(self.low, self.high, count + 1)
        return np.linspace(0, self.high, count + 1)


def reliability_curves(
    ax: Axes, curves: Mapping[str, Points], *, title: str, span: Span, where: str, among: Sequence[str] = ()
) -> None:
    """Draw curves against the diagonal.

    Parameters
    ----------
    ax : matplotlib Axes
    curves : mapping of str to Points
        The rows of the first one's bins are counted.
    title : str
    span : Span
        Of both axes.
    where : str
        Which rows these are.
    among : sequence of str, optional
        The curves of all panels, which have one colour each in all of them and a legend of the caller's;
        the axes have a legend of their own unless given.
    """
    up = _upwards(span, curves)
    ends = [min(span.low, up.low), 1]
    ax.plot(ends, ends, color=REFERENCE, linestyle="--", linewidth=1.2, label="calibrated")
    names = drawn_apart(curves)
    known = list(among) or list(curves)
    for place, (name, points) in enumerate(curves.items()):
        _curve(ax, points, (span, up), cycled(known.index(name)), names[place])
    quiet(ax, grid="both")
    span.apply(ax, "x")
    up.apply(ax, "y")
    ax.set_ylabel(f"share of positives ({where})")
    ax.set_title(drawn(title, 40), loc="left", fontsize=9.5, fontweight="bold")
    counted = _counts(ax, next(iter(curves.values())), span)
    said = f"\n({span.said})" if span.said else ""
    ax.set_xlabel(f"mean probability in the bin{counted}{said}")
    if not among:
        legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.02))


def _upwards(span: Span, curves: Mapping[str, Points]) -> Span:
    """Return what the axis of shares shows: as much as that of probabilities, or from below the smallest share on."""
    if not span.is_log:
        return span
    shares = np.concatenate([points.share for points in curves.values()])
    smallest = shares[shares > 0].min(initial=span.high)
    return Span(max(span.low, 10.0 ** np.floor(np.log10(smallest / 1.5))), span.high)


def _curve(ax: Axes, points: Points, spans: tuple[Span, Span], color: str, name: str) -> None:
    """Draw one curve with its intervals; shares of nothing, which a logarithmic scale has not, hollow at its edge."""
    x, y = spans[0].inside(points.mean), spans[1].inside(points.share)
    nothing = (points.share <= 0) & spans[1].is_log
    ends = np.vstack([y - spans[1].inside(points.low), spans[1].inside(points.high) - y])
    ax.errorbar(x, y, yerr=np.maximum(ends, 0.0), color=color, fmt="none", elinewidth=0.9, alpha=0.55)
    ax.plot(x[nothing], y[nothing], "o", color=color, markersize=4, markerfacecolor=ax.get_facecolor())
    ax.plot(x, np.where(nothing, np.nan, y), "o-", color=color, markersize=4, linewidth=1.4, label=name)


def score_histogram(
    ax: Axes,
    positive: _Numbers,
    negative: _Numbers,
    *,
    span: Span,
    labels: tuple[str, str],
    rows: tuple[_Numbers | None, _Numbers | None] = (None, None),
    xlabel: str = "uncalibrated probability",
) -> None:
    """Draw how many rows of each class have which probability, on a logarithmic scale; `rows`: how many each stands for."""
    edges = span.edges(30)
    sides = (negative, rows[1], MAJORITY, labels[1]), (positive, rows[0], MINORITY, labels[0])
    for values, copies, color, name in sides:
        counts = np.histogram(np.clip(values, span.low, span.high), edges, weights=copies)[0]
        ax.stairs(counts, edges, color=color, fill=False, linewidth=1.4, label=drawn(name))
    ax.set_yscale("symlog", linthresh=1)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda rows, _: f"{rows:,.0f}")
    quiet(ax)
    span.apply(ax, "x")
    ax.set_xlabel(xlabel + (", the last bar holds all above" if span.high < 1 else ""))
    ax.set_ylabel("rows (log scale)")
    # where no bar can be: on a rare class's axis they stand anywhere
    legend(ax, loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=2, borderaxespad=0.0)


def _counts(ax: Axes, points: Points, span: Span) -> str:
    """Say how many rows a bin has: in words where all have as many, else above the bins that are far enough apart."""
    fewest, most = int(points.rows.min()), int(points.rows.max())
    if most - fewest <= max(1, 0.02 * most):
        return f", {most:,} rows each"
    size, last = 6.5, -np.inf
    wide = ax.figure.bbox.width / ax.figure.dpi * ax.get_position().width * 72
    left, right, *at = ax.xaxis.get_transform().transform([*ax.get_xlim(), *span.inside(points.mean)])
    for x, here, rows in zip(span.inside(points.mean), at, points.rows, strict=True):
        middle, half = (here - left) / (right - left), 0.35 * size * len(f"{rows:,}") / wide
        if middle - half > last + 0.01 and middle + half <= 1.0:
            place: Any = {
                "xycoords": ("data", "axes fraction"),
                "ha": "center",
                "va": "bottom",
                "fontsize": size,
            }
            ax.annotate(f"{rows:,}", (x, 1.0), **place)
            last = middle + half
    return ", its rows above"
