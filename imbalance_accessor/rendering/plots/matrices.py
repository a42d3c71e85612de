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
from imbalance_accessor.rendering.plots.axes import figure_title, room, set_title
from imbalance_accessor.rendering.plots.palette import BLUE, VERMILLION
from imbalance_accessor.rendering.sentences import digits


def _shades(color: str) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("shares", [(*to_rgb(color), 0.0), (*to_rgb(color), 0.55)])


#: Of rows decided rightly and wrongly: transparent where there are none, and never so dark that the ink of a light or of a
#: dark page could not be read on it.
HITS, MISTAKES = _shades(BLUE), _shades(VERMILLION)
#: Classes that a matrix shows one by one.
MOST_CLASSES = 12


def confusions(
    axes: NDArray[Any],
    names: Sequence[str],
    matrices: Sequence[NDArray[Any]],
    labels: Sequence[object],
    *,
    title: str = "",
) -> None:
    """Draw confusion matrices of two sides side by side: counts, and shares of each actual class.

    Parameters
    ----------
    axes : array of Axes
        At least as many as there are matrices; the others are hidden.
    names : sequence of str
        What stands over each matrix.
    matrices : sequence of int or float arrays, shape (2, 2)
        Rows are actual classes, columns predicted ones; counts, or those of so many rows.
    labels : sequence, length 2
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


def class_confusion(ax: Axes, matrix: NDArray[Any], labels: Sequence[object], *, title: str) -> None:
    """Draw what several classes are taken for: shares of each actual class over counts, the rarest class first.

    Parameters
    ----------
    ax : matplotlib Axes
    matrix : int or float array, shape (k, k)
        Rows are actual classes, columns predicted ones; counts, or those of so many rows.
    labels : sequence, length k
        Of more than twelve classes the commonest are drawn as one.
    title : str
        The finding.
    """
    counts, names = _rarest_first(np.asarray(matrix), drawn_apart(labels, 14))
    shares = _row_shares(counts)
    _cells(ax, shares)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            share = percent(float(shares[row, column])).replace(".0 %", " %")
            ax.text(column, row, f"{share}\n{_count(count)}", ha="center", va="center", fontsize=7.5)
    rows = [f"{name} ({_count(total)})" for name, total in zip(names, counts.sum(axis=1), strict=True)]
    _name_classes(ax, rows, names)
    room(ax, len(names), each=0.36)
    ax.set_ylabel("actual class (rows)")
    set_title(ax, title, labels=rows)


def _rarest_first(matrix: NDArray[Any], names: Sequence[str]) -> tuple[NDArray[Any], list[str]]:
    """Order the classes by their rows, and put the commonest together where all would be too many."""
    order = np.argsort(matrix.sum(axis=1), kind="stable")
    matrix, shown = matrix[np.ix_(order, order)], [names[place] for place in order]
    if len(shown) <= MOST_CLASSES:
        return matrix, shown
    starts = range(MOST_CLASSES)
    matrix = np.add.reduceat(np.add.reduceat(matrix, starts, axis=0), starts, axis=1)
    rest = len(shown) - MOST_CLASSES + 1
    return matrix, [*shown[: MOST_CLASSES - 1], f"{rest:,} others"]


def draw_confusion(ax: Axes, name: str, matrix: NDArray[Any], labels: Sequence[object]) -> None:
    """Draw one confusion matrix of two sides; see `confusions`."""
    shares = _row_shares(matrix)
    _cells(ax, shares)
    for (row, column), count in np.ndenumerate(matrix):
        text = f"{_count(count)}\n{percent(float(shares[row, column]))}"
        ax.text(column, row, text, ha="center", va="center", fontsize=9.0)
    _name_classes(ax, *[drawn_apart(labels, 14)] * 2)
    ax.set_ylabel("actual")
    ax.set_title("\n".join(drawn(line, 30) for line in name.split("\n")), fontsize=9, fontweight="bold")


def one_confusion(ax: Axes, matrix: NDArray[Any], labels: Sequence[object], *, title: str) -> None:
    """Draw one confusion matrix of two sides by itself; see `confusions`."""
    draw_confusion(ax, "", matrix, labels)
    ax.set_title("")  # which stands over each of several
    set_title(ax, title)


def _row_shares(matrix: NDArray[Any]) -> NDArray[np.float64]:
    rows = matrix.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = matrix / np.where(rows > 0, rows, 1)
    return shares


def _cells(ax: Axes, shares: NDArray[np.float64]) -> None:
    """Colour the cells by their share, right and wrong ones, between thin lines; the first row is on top."""
    edges, on_diagonal = np.arange(len(shares) + 1) - 0.5, np.eye(len(shares), dtype=bool)
    for shades, others in ((HITS, ~on_diagonal), (MISTAKES, on_diagonal)):
        ax.pcolormesh(edges, edges, np.where(others, 0.0, shares), cmap=shades, vmin=0.0, vmax=1.0)
    for draw_lines in (ax.hlines, ax.vlines):
        draw_lines(edges, -0.5, len(shares) - 0.5, color="#808080", alpha=0.3, linewidth=0.6)
    ax.set(xlim=(-0.5, len(shares) - 0.5), ylim=(len(shares) - 0.5, -0.5))


def _name_classes(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    wide = max(map(len, columns)) * len(columns) > 70
    ax.set_xticks(range(len(columns)), columns, rotation=90 if wide else 0)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("predicted")


def _count(count: Any) -> str:
    return number(int(count)) if isinstance(count, np.integer) else digits(float(count))
