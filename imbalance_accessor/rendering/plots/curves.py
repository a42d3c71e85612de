"""Pictures of what a threshold trades: precision against recall, true against false positives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from imbalance_accessor.rendering.cells import decimal
from imbalance_accessor.rendering.labels import drawn_apart
from imbalance_accessor.rendering.plots.axes import dot, legend, quiet, set_title, shares_up
from imbalance_accessor.rendering.plots.palette import GREY, REFERENCE, cycled

_Curve = tuple[NDArray[Any], NDArray[Any]]
#: Curves are thinned to this many points: more cannot be seen, and a picture of them is slow to draw.
_MOST = 2_000


def pr_curves(
    ax: Axes,
    curves: Mapping[str, _Curve],
    *,
    prevalence: float,
    title: str,
    points: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    """Draw precision against recall, in steps: between two thresholds there is nothing to interpolate.

    Parameters
    ----------
    ax : matplotlib Axes
    curves : mapping of str to (recall, precision)
        Arrays of one length, as ``sklearn.metrics.precision_recall_curve`` gives them (recall falling).
    prevalence : float
        Share of positives, the precision of flagging at random; drawn as a dashed line.
    title : str
        The finding.
    points : mapping of str to (recall, precision), optional
        Where each curve's chosen threshold lies.
    """
    _curves(ax, curves, points, drawstyle="steps-post")
    ax.axhline(
        prevalence, color=REFERENCE, linestyle="--", linewidth=1.2, label=f"no skill: {decimal(prevalence)}"
    )
    _finish(ax, "recall (share of the positives that are flagged)", title)
    scale, top = shares_up(ax, prevalence), _end(curves, prevalence, points or {})
    limit = "share of flags that are right" if top == 1.0 or scale else f"axis ends at {top:.2g}, not at 1"
    ax.set_ylabel(f"precision ({limit}{scale})")
    if not scale:
        ax.set_ylim(-0.01 * top, 1.03 * top)


def _end(curves: Mapping[str, _Curve], prevalence: float, points: Mapping[str, tuple[float, float]]) -> float:
    """Return where the axis of precision ends: 1, or lower where every curve keeps below a half of it.

    The precision of 1 that a curve has where nobody is flagged is a convention, and does not count.
    """
    heights = [np.asarray(precision)[np.asarray(recall) > 0] for recall, precision in curves.values()]
    chosen = [precision for _, precision in points.values()]
    highest = float(np.nanmax(np.concatenate([*heights, chosen, [prevalence]])))
    end = math.ceil(highest * 1.2 * 20) / 20
    return end if end <= 0.5 else 1.0


def roc_curves(
    ax: Axes,
    curves: Mapping[str, _Curve],
    title: str,
    points: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    """Draw the true positive rate against the false positive rate.

    As `pr_curves`, with `curves` and `points` of (fpr, tpr), as ``sklearn.metrics.roc_curve`` gives them.
    """
    _curves(ax, curves, points, drawstyle="default")
    ax.plot([0, 1], [0, 1], color=REFERENCE, linestyle="--", linewidth=1.2, label="no skill")
    _finish(ax, "false positive rate (share of the negatives that are flagged)", title)
    ax.set_ylabel("true positive rate (recall)")


def _curves(
    ax: Axes, curves: Mapping[str, _Curve], points: Mapping[str, tuple[float, float]] | None, drawstyle: Any
) -> None:
    styles = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))
    labels = drawn_apart(curves)
    for position, (name, (x, y)) in enumerate(curves.items()):
        keep = thinned(np.asarray(x))
        color, style = cycled(position), styles[position // 7 % len(styles)]
        drawn: dict[str, Any] = {"drawstyle": drawstyle, "linestyle": style, "label": labels[position]}
        ax.plot(np.asarray(x)[keep], np.asarray(y)[keep], color=color, linewidth=1.6, **drawn)
        if points and name in points:
            dot(ax, points[name], color)
    if points:
        dot(ax, (np.nan, np.nan), GREY, label="the chosen threshold")


def thinned(x: NDArray[Any]) -> NDArray[np.intp]:
    """Return the places of at most some thousands of points, half of them evenly by order, half evenly along the axis.

    Of a rare class the few points that matter lie far apart, where points by order alone would leave the line out.

    Parameters
    ----------
    x : ndarray of float, shape (m,)
        Rising or falling.

    Examples
    --------
    >>> x = np.append(np.linspace(0, 0.01, 100_000), [0.3, 0.7])
    >>> thinned(x)[-2:].tolist()
    [100000, 100001]
    """
    last = len(x) - 1
    if last < _MOST:
        return np.arange(len(x))
    by_order = np.linspace(0, last, _MOST // 2).round().astype(np.intp)
    falls = x[-1] < x[0]
    rising = x[::-1] if falls else x
    along = np.searchsorted(rising, np.linspace(rising[0], rising[-1], _MOST // 2)).clip(0, last)
    return np.unique(np.append(by_order, last - along if falls else along))


def _finish(ax: Axes, xlabel: str, text: str) -> None:
    quiet(ax, grid="both")
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(-0.01, 1.03)
    ax.set_xlabel(xlabel)
    legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.02))
    set_title(ax, text)
