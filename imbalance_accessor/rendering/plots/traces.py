"""Pictures of a trace: rows by stage, loss by round, the terms of one row's score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from numpy.typing import NDArray

from imbalance_accessor.metrics.rounding import signed
from imbalance_accessor.rendering.labels import drawn_apart
from imbalance_accessor.rendering.plots.axes import (
    above,
    figure_title,
    legend,
    name_line,
    name_panels,
    over_lines,
    quiet,
    room,
    rows_down,
    set_title,
    shared_legend,
    write_text,
)
from imbalance_accessor.rendering.plots.palette import (
    ACCENT,
    MAJORITY,
    MINORITY,
    REFERENCE,
    TEST,
    TRAIN,
    cycled,
)
from imbalance_accessor.rendering.sentences import digits

_Numbers = NDArray[Any]
#: More classes than this share one colour.
_MOST_CLASSES = 5
#: More terms than this are drawn as the largest and the sum of the others.
_MOST_TERMS = 14


def stage_bars(
    axes: NDArray[Any],
    stages: Sequence[str],
    rows: Sequence[_Numbers],
    columns: Sequence[Sequence[int]],
    labels: Sequence[object],
    *,
    title: str,
    highlight: int | None,
    marked: int | None,
) -> None:
    """Draw the rows after each stage, by class: those to learn from on the left, those held out, if any, on the right.

    `labels`, `title`, `highlight`: as in `bars.class_bars`.

    Parameters
    ----------
    axes : array of Axes, shape (2,) or (1,)
    stages : sequence of str, length n_stages
        The first on top.
    rows : two int arrays, shape (n_stages, n_classes), or one
        Train and test.
    columns : two sequences of int, length n_stages, or one
        The columns that these rows have.
    marked : int, optional
        The stage in bold.
    """
    panels, parts = np.ravel(axes), ("rows to learn from", "rows held out")[: len(rows)]
    for ax, part, counts, wide in zip(panels, parts, rows, columns, strict=True):
        _stacked(ax, np.asarray(counts), labels, highlight)
        rows_down(ax, stages, best=marked)
        room(ax, len(stages), each=0.34)
        total = np.asarray(counts).sum(axis=1)
        for y, (n, width) in enumerate(zip(total, wide, strict=True)):
            text = f"{int(n):,} × {width:,}" if n else "–"
            write_text(ax, text, (n, y), (4, 0), va="center", fontsize=8.5)
        quiet(ax)
        ax.set_xlim(0, 1.45 * max(float(total.max()), 1.0))
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        ax.set_xlabel(f"{part} × columns")
    # below both panels, since any place inside has bars or their numbers
    shared_legend(panels)
    name_panels(panels, title)


def _stacked(ax: Axes, counts: _Numbers, labels: Sequence[object], highlight: int | None) -> None:
    """Stack the classes of each bar, the largest first; many small ones together."""
    order = np.argsort(-counts[0], kind="stable")
    shown = list(order if len(order) <= _MOST_CLASSES else order[: _MOST_CLASSES - 1])
    names = drawn_apart(labels, 16)
    parts = [(names[code], counts[:, code], code) for code in shown]
    if len(shown) < len(order):
        others = order[len(shown) :]
        parts.append((f"{len(others)} other classes", counts[:, others].sum(axis=1), -1))
    start = np.zeros(len(counts))
    for place, (label, values, code) in enumerate(parts):
        color = REFERENCE if code < 0 else cycled(place)
        if highlight is not None and len(labels) == 2:
            color = MINORITY if code == highlight else MAJORITY
        ax.barh(np.arange(len(counts)), values, 0.66, left=start, color=color, label=label)
        start = start + values


def round_lines(
    axes: NDArray[Any],
    rounds: _Numbers,
    losses: Sequence[_Numbers],
    accuracies: Sequence[_Numbers],
    score: _Numbers,
    *,
    title: str,
    best: int,
) -> None:
    """Draw loss and accuracy of rows learned from and held out by round, and beside them the out-of-fold score.

    Parameters
    ----------
    axes : array of Axes, shape (3,)
    rounds, score : array, shape (n,)
    losses, accuracies : two arrays of float, shape (n,)
        Train and out of fold.
    title : str
    best : int
        The round with the lowest out-of-fold loss, marked by a dashed line.
    """
    left, middle, right = np.ravel(axes)
    for ax, both in ((left, losses), (middle, accuracies)):
        for name, values, color in zip(("learned from", "out of fold"), both, (TRAIN, TEST), strict=True):
            ax.plot(rounds, values, color=color, linewidth=1.8, marker="o", markersize=3, label=name)
    right.plot(rounds, score, color=MAJORITY, linewidth=1.8, marker="o", markersize=3)
    named = ((left, "log loss"), (middle, "accuracy"), (right, "average precision out of fold"))
    for ax, what in named:
        ax.axvline(best, color=REFERENCE, linestyle="--", linewidth=1.0)
        ax.set_xlabel("round" + (f" (dashed: {best:,})" if ax is left else ""))
        ax.set_ylabel(what)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        quiet(ax, grid="y")
    legend(left)
    figure_title(np.ravel(axes), title)


def term_bars(
    ax: Axes,
    names: Sequence[str],
    added: _Numbers,
    *,
    unit: str,
    thresholds: Sequence[tuple[str, float]],
    title: str,
) -> None:
    """Draw how terms add up to a sum in some unit, one bar after another, and where the thresholds stand.

    Parameters
    ----------
    ax : matplotlib Axes
    names : sequence of str, length n
    added : array of float, shape (n,)
    unit, title : str
    thresholds : sequence of (str, float)
        Names and places of vertical lines, in the unit.
    """
    shown, values = _largest_terms(list(names), np.asarray(added, float))
    ends = np.cumsum(values)
    starts = ends - values
    labels = rows_down(ax, [*shown, "sum"], width=30)
    colors = [MINORITY if value > 0 else MAJORITY for value in values]
    ax.barh(np.arange(len(values)), values, 0.66, left=starts, color=colors)
    ax.plot([ends[-1]], [len(values)], marker="D", color=ACCENT, markersize=7, linestyle="none")
    for y, (value, start, end) in enumerate(zip(values, starts, ends, strict=True)):
        write_text(ax, signed(value, ".3g"), (max(start, end), y), (4, 0), va="center", fontsize=8)
    write_text(ax, digits(ends[-1]), (ends[-1], len(values)), (7, 0), va="center", fontsize=9)
    for place, (_, at) in enumerate(thresholds):
        ax.axvline(at, color=REFERENCE, linestyle=("--", ":")[place % 2], linewidth=1.3)
    over_lines(ax)
    quiet(ax, grid="x")
    ax.use_sticky_edges = False
    ax.margins(x=0.16)
    for place, (name, at) in enumerate(thresholds):
        name_line(ax, name, at, line=place)
    ax.set_xlabel(unit)
    set_title(ax, title, labels=labels, pad=above(len(thresholds)))


def _largest_terms(names: list[str], values: NDArray[np.float64]) -> tuple[list[str], NDArray[np.float64]]:
    """Keep the first term and the largest others, in their order, and put the rest together; leave out zeros."""
    there = values != 0
    there[0] = True
    names, values = [each for each, kept in zip(names, there, strict=True) if kept], values[there]
    if len(values) <= _MOST_TERMS:
        return names, values
    large = np.sort(np.argsort(-np.abs(values[1:]), kind="stable")[: _MOST_TERMS - 2] + 1)
    kept = np.concatenate([[0], large])
    rest = np.setdiff1d(np.arange(len(values)), kept)
    return (
        [*(names[each] for each in kept), f"{len(rest):,} smaller ones"],
        np.append(values[kept], values[rest].sum()),
    )
