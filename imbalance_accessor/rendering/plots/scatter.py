"""Pictures of rows as points: before and after a sampler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from imbalance_accessor.rendering.labels import drawn, drawn_apart
from imbalance_accessor.rendering.plots.axes import figure_title, quiet
from imbalance_accessor.rendering.plots.palette import CYCLE, GREY, MAJORITY, MINORITY, SYNTHETIC

_REST = tuple(color for color in CYCLE if color not in (MAJORITY, MINORITY, SYNTHETIC))
#: More classes than there are colours for: the last one stands for all those that get none.
_MOST = 2 + len(_REST)
#: How points look; made ones lie under the rarest class, whose real rows could not be seen among their copies otherwise.
_RAREST: dict[str, Any] = {"s": 16, "linewidths": 0, "alpha": 0.85, "zorder": 2.0}
_OTHERS: dict[str, Any] = {"s": 11, "linewidths": 0, "alpha": 0.75, "zorder": 1.0}
#: A shape for each class but the largest and the rarest: colour alone does not part them for all eyes.
_SHAPES = ("s", "^", "D", "v")
_MADE: dict[str, Any] = {"s": 20, "linewidths": 0.8, "alpha": 0.85, "zorder": 1.5, "marker": "+"}


def before_after(
    axes: NDArray[Any],
    xy: NDArray[Any],
    code: NDArray[Any],
    synthetic: NDArray[Any],
    labels: Sequence[object],
    title: str,
    *,
    dropped: NDArray[Any] | None = None,
    subtitles: tuple[str, str] = ("before: the real rows", "after: with the rows the sampler made"),
    axis_labels: tuple[str, str] = ("first principal component", "second principal component"),
    note: str = "",
) -> None:
    """Draw train rows as points, without and with the rows that a sampler made.

    Parameters
    ----------
    axes : array of two Axes
    xy : array of float, shape (n, 2)
        Where each row lies.
    code : array of int, shape (n,)
        The class of each row, as a position in `labels`.
    synthetic : array of bool, shape (n,)
        Which rows were made; drawn as crosses, on the right alone.
    labels : sequence, length n_classes
    title : str
    dropped : array of bool, shape (n,), optional
        Which rows a sampler dropped; drawn on the left alone.
    subtitles, axis_labels : (str, str)
        What stands over the panels, and at their axes.
    note : str
        What stands over the legend.
    """
    xy, code, made = np.asarray(xy), np.asarray(code), np.asarray(synthetic, dtype=bool)
    kept = ~made if dropped is None else ~made & ~np.asarray(dropped, dtype=bool)
    groups = _groups(code[~made], labels)
    for ax, subtitle, real in zip(axes, subtitles, (~made, kept), strict=True):
        for group in groups:
            x, y = xy[real & np.isin(code, group.codes)].T
            ax.scatter(x, y, color=group.color, label=group.name, **group.style)
        _frame(ax, xy, subtitle, axis_labels)
    if made.any():
        axes[1].scatter(*xy[made].T, color=SYNTHETIC, label="synthetic", **_MADE)
    axes[1].set_ylabel("")
    _legend(axes, note)
    figure_title(axes, title)


@dataclass(frozen=True)
class _Group:
    """Classes drawn in one colour: one, or all those for which no colour is left."""

    codes: Sequence[int]
    name: str
    color: str
    style: dict[str, Any]


def _groups(code: NDArray[Any], labels: Sequence[object]) -> list[_Group]:
    """Give the largest class the majority's colour, the rarest the minority's, the next largest what is left."""
    order = np.argsort(-np.bincount(code, minlength=len(labels)), kind="stable").tolist()
    names = drawn_apart(labels, 18)
    own = order if len(order) <= _MOST else [*order[: _MOST - 2], order[-1]]
    others = order[len(own) - 1 : -1] if len(own) < len(order) else []
    colors = [MAJORITY, *_REST[: max(len(own) - 2, 0)], MINORITY][: len(own)]
    groups = [
        _Group([each], names[each], color, _RAREST if each == order[-1] else _OTHERS | {"marker": shape})
        for each, color, shape in zip(own, colors, ["o", *_SHAPES, "o"], strict=False)
    ]
    rest = [_Group(others, f"{len(others):,} other classes", GREY, _OTHERS)] if others else []
    return [*groups[:-1], *rest, groups[-1]]


def _frame(ax: Axes, xy: NDArray[Any], subtitle: str, axis_labels: tuple[str, str]) -> None:
    """Give both panels one frame, so that they can be compared by eye."""
    quiet(ax)
    for setter, values in ((ax.set_xlim, xy[:, 0]), (ax.set_ylim, xy[:, 1])):
        if len(values):
            low, high = float(values.min()), float(values.max())
            edge = 0.04 * (high - low) or 1.0
            setter(low - edge, high + edge)
    ax.set_title(drawn(subtitle, 60), loc="left", fontsize=9)
    ax.set_xlabel(drawn(axis_labels[0], 60))
    ax.set_ylabel(drawn(axis_labels[1], 60))


def _legend(axes: NDArray[Any], note: str) -> None:
    handles, names = axes[1].get_legend_handles_labels()
    where: Any = {"loc": "outside lower center", "ncols": min(len(names), 4)}
    where |= {"title": drawn(note, 80), "title_fontsize": 8.5} if note else {}
    legend = axes[0].figure.legend(handles, names, frameon=False, fontsize=8.5, **where)
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_alpha(1.0)
