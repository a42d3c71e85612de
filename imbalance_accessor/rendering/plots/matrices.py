"""Pictures of confusion matrices, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from numpy.typing import NDArray

from imbalance_accessor.rendering.cells import number, percent
from imbalance_accessor.rendering.labels import drawn, drawn_apart
from imbalance_accessor.rendering.plots.axes import figure_title
from imbalance_accessor.rendering.plots.palette import BLUE
from imbalance_accessor.rendering.sentences import digits

_SHADES = LinearSegmentedColormap.from_list("shares", ["#DCE7F1", BLUE, "#00324F"])
#: Matrices of more classes are coloured and not written into.
_WRITTEN = 12


def confusions(
    axes: NDArray[Any],
    names: Sequence[str],
    matrices: Sequence[NDArray[Any]],
    labels: Sequence[object],
    *,
    title: str = "",
) -> None:
    """Draw confusion matrices side by side: counts, and shares of each actual class.

    Parameters
    ----------
    axes : array of Axes
        At least as many as there are matrices; the others are hidden.
    names : sequence of str
        What stands over each matrix.
    matrices : sequence of int or float arrays, shape (k, k)
        Rows are actual classes, columns predicted ones; counts, or rows of 1,000.
    labels : sequence, length k
    title : str
        The finding, over all panels.
    """
    panels = np.ravel(axes)
    for ax in panels[len(matrices) :]:
        ax.set_axis_off()
    first_column = set(np.atleast_2d(axes)[:, 0])
    for ax, name, matrix in zip(panels, names, matrices, strict=False):
        draw_confusion(ax, name, np.asarray(matrix), labels)
        if ax not in first_column:
            ax.set_ylabel("")
            ax.set_yticklabels([])
    if title:
        figure_title(panels, title)


def draw_confusion(ax: Axes, name: str, matrix: NDArray[Any], labels: Sequence[object]) -> None:
    """Draw one confusion matrix; see `confusions`."""
    rows = matrix.sum(axis=1, keepdims=True)
    shares = matrix / np.where(rows > 0, rows, 1)
    ax.imshow(shares, cmap=_SHADES, vmin=0.0, vmax=1.0, aspect="auto")
    if len(matrix) <= _WRITTEN:
        _write(ax, matrix, shares)
    shown = drawn_apart(labels, 14)
    few = len(labels) <= 30
    ticks = range(len(labels)) if few else []
    ax.set_xticks(ticks, shown if few else [], rotation=0 if sum(map(len, shown)) < 28 else 90)
    ax.set_yticks(ticks, shown if few else [])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("predicted")
    ax.set_ylabel("actual")
    ax.set_title(drawn(name, 30), fontsize=9, fontweight="bold")


def _write(ax: Axes, matrix: NDArray[Any], shares: NDArray[Any]) -> None:
    size = 9.0 if len(matrix) <= 3 else 6.5
    for (row, column), count in np.ndenumerate(matrix):
        share = float(shares[row, column])
        rows = number(int(count)) if np.issubdtype(matrix.dtype, np.integer) else digits(float(count))
        text = f"{rows}\n{percent(share)}" if len(matrix) <= 4 else rows
        ax.text(column, row, text, ha="center", va="center", fontsize=size, color=_ink(share))


def _ink(share: float) -> str:
    """Return black or white, whichever has more contrast to its cell (relative luminance of WCAG 2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(_SHADES(float(share)))
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if luminance > 0.179 else "#FFFFFF"
