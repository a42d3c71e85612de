"""Pictures of counts and weights: one bar a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from numpy.typing import NDArray

from imbalance_accessor.rendering.cells import number, percent
from imbalance_accessor.rendering.plots.axes import legend, over_lines, quiet, room, rows_down, set_title
from imbalance_accessor.rendering.plots.palette import MAJORITY, MINORITY, REFERENCE, TEST, TRAIN

#: More classes than this are drawn as the largest and the smallest.
MOST_BARS = 25


def class_bars(
    ax: Axes,
    labels: Sequence[object],
    rows: NDArray[Any] | Sequence[int],
    *,
    title: str,
    highlight: int | None = None,
    xlabel: str = "rows",
) -> None:
    """Draw the rows of each class as horizontal bars, with count and share at their ends.

    Parameters
    ----------
    ax : matplotlib Axes
    labels : sequence, length n_classes
    rows : array of int or float, shape (n_classes,)
        Counted, or their sum of weights.
    title : str
        The finding.
    highlight : int, optional
        Position of the class in the minority's colour.
    xlabel : str
        What is counted.
    """
    counts = np.asarray(rows)
    colors = [MINORITY if i == highlight else MAJORITY for i in range(len(counts))]
    _bars(ax, labels, counts, _with_shares(counts), colors, title=title, xlabel=xlabel)


def _with_shares(counts: NDArray[Any]) -> list[str]:
    total = max(float(counts.sum()), 1.0)
    whole = [int(count) if count == int(count) else count for count in counts]
    return [f"{number(count)}  ({percent(count / total)})" for count in whole]


def _largest_and_smallest(counts: NDArray[Any]) -> tuple[NDArray[np.intp], int | None]:
    """Return which classes are drawn, in which order, and where the gap stands."""
    if len(counts) <= MOST_BARS:
        return np.arange(len(counts)), None
    order = np.argsort(-counts, kind="stable")
    head = MOST_BARS - 1 - MOST_BARS // 2
    return np.concatenate([order[:head], order[-(MOST_BARS // 2) :]]), head


def weight_bars(
    ax: Axes, labels: Sequence[object], weights: NDArray[Any] | Sequence[float], title: str
) -> None:
    """Draw the weight of each class as horizontal bars; a dashed line stands at 1, no weight at all.

    `ax`, `labels`, `title`: as in `class_bars`; `weights` is of shape (n_classes,).
    """
    values = np.asarray(weights, dtype=float)
    ends = [f"× {value:,.4g}" for value in values]
    colors = [MINORITY if value > 1 else MAJORITY for value in values]
    xlabel = "weight of one row (dashed: 1, as without weights)"
    _bars(ax, labels, values, ends, colors, title=title, xlabel=xlabel)
    ax.axvline(1.0, color=REFERENCE, linestyle="--", linewidth=1.0, zorder=0.5)
    over_lines(ax)


def split_bars(
    ax: Axes,
    labels: Sequence[object],
    train: NDArray[Any] | Sequence[int],
    test: NDArray[Any] | Sequence[int],
    *,
    title: str,
) -> None:
    """Draw the rows of each class in the train and in the test set, one bar above the other.

    `ax`, `labels`, `title`: as in `class_bars`; `train` and `test` are rows, of shape (n_classes,).
    """
    parts = (("train", np.asarray(train), TRAIN, -0.2), ("test", np.asarray(test), TEST, 0.2))
    positions, _ = _largest_and_smallest(parts[0][1])
    names = rows_down(ax, [str(labels[i]) for i in positions])
    room(ax, len(names), each=0.42)  # two bars a row, each with a number
    for part, counts, color, offset in parts:
        ends = _with_shares(counts)
        bars = ax.barh(np.arange(len(positions)) + offset, counts[positions], 0.38, color=color, label=part)
        ax.bar_label(bars, [ends[i] for i in positions], padding=4, fontsize=8)
    _finish(ax, names, title, "rows")
    legend(ax, loc="lower right")


def _bars(
    ax: Axes,
    labels: Sequence[object],
    values: NDArray[Any],
    ends: Sequence[str],
    colors: Sequence[str],
    *,
    title: str,
    xlabel: str,
) -> None:
    """Draw a bar for each class, or for the largest and the smallest with a gap between them."""
    positions, gap = _largest_and_smallest(values)
    rows = [(str(labels[i]), float(values[i]), ends[i], colors[i]) for i in positions]
    if gap is not None:
        rows.insert(gap, (f"… {len(values) - len(positions):,} more", 0.0, "", REFERENCE))
    names, lengths, texts, shades = zip(*rows, strict=True)
    shown = rows_down(ax, names)
    # a list: two in a tuple are a colour and its alpha
    bars = ax.barh(np.arange(len(rows)), lengths, 0.7, color=list(shades))
    ax.bar_label(bars, texts, padding=4, fontsize=8.5)
    _finish(ax, shown, title, xlabel)


def _finish(ax: Axes, names: Sequence[str], text: str, xlabel: str) -> None:
    """Leave room for the numbers at the ends of the bars, and title the picture."""
    quiet(ax)
    ax.margins(x=0.3)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    ax.set_xlabel(xlabel)
    set_title(ax, text, labels=names)
