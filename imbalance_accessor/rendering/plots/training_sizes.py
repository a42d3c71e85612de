"""A learning curve: a figure against the positives that were learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import NDArray

from imbalance_accessor.rendering.plots.axes import legend, quiet, set_title
from imbalance_accessor.rendering.plots.palette import MAJORITY, REFERENCE, TEST

_Numbers = NDArray[np.float64]


def size_curve(
    ax: Axes,
    positives: _Numbers,
    points: _Numbers,
    ends: Sequence[_Numbers],
    drawn: _Numbers,
    *,
    reference: float,
    title: str,
    where: str,
) -> None:
    """Draw average precision against the number of positives, on a logarithmic axis: each doubling is as wide.

    Parameters
    ----------
    ax : matplotlib Axes
    positives, points : array of float, shape (k,)
    ends : two arrays of float, shape (k,)
        Of the 95 % intervals; nan for none.
    drawn : array of float, shape (n_draws, k)
        What each draw of parts came to.
    reference : float
        Average precision of a random order.
    title : str
    where : str
        The rows that were scored, for the axis.
    """
    if len(drawn) > 1:
        at = np.broadcast_to(positives, drawn.shape)
        ax.plot(at.ravel(), drawn.ravel(), ".", color=TEST, markersize=5, zorder=3, label="one draw")
    if np.isfinite(ends).all():
        below, above = points - ends[0], ends[1] - points
        ax.errorbar(
            positives,
            points,
            [below, above],
            color=MAJORITY,
            linestyle="none",
            capsize=3,
            label="95 % interval",
        )
    ax.plot(positives, points, "o-", color=MAJORITY, linewidth=1.8, markersize=5, label="mean over draws")
    ax.axhline(reference, color=REFERENCE, linestyle="--", linewidth=1.0, label="random order")
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_locator(FixedLocator(positives.tolist()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda n, _: f"{n:,.0f}")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("positives learned from (log scale)")
    ax.set_ylabel(f"average precision {where}")
    quiet(ax, grid="y")
    legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.02))
    set_title(ax, title)
