"""Pictures of leaks: what each column knows alone, and what the wrong order would have claimed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from imbalance_accessor.rendering.plots.axes import over_lines, quiet, room, rows_down, set_title, write_text
from imbalance_accessor.rendering.plots.palette import ACCENT, MAJORITY, REFERENCE

_Numbers = NDArray[np.float64]


def column_aucs(ax: Axes, names: Sequence[Hashable], aucs: _Numbers, *, limit: float, title: str) -> None:
    """Draw how well each column ranks alone, as bars that begin at no signal.

    Parameters
    ----------
    ax : matplotlib Axes
    names : sequence of hashable, length n_columns
    aucs : ndarray of float, shape (n_columns,)
        ROC-AUC out of fold; by chance it may be below 0.5.
    limit : float
        From here on a column is in the accent's colour.
    title : str
    """
    shown = rows_down(ax, [str(name) for name in names])
    colors = [ACCENT if auc >= limit else MAJORITY for auc in aucs]
    bars = ax.barh(np.arange(len(aucs)), np.maximum(np.asarray(aucs) - 0.5, 0.0), 0.7, left=0.5, color=colors)
    ax.bar_label(bars, [f"{auc:.3f}" for auc in aucs], padding=4, fontsize=8.5)
    quiet(ax)
    ax.set_xlim(0.5, 1.08)
    ax.set_xticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    ax.axvline(1.0, color=REFERENCE, linestyle="--", linewidth=1.0, zorder=0.5)
    over_lines(ax)
    ax.set_xlabel("ROC-AUC of the column alone, out of fold\n(dashed: 1, the answer itself)")
    set_title(ax, title, labels=shown)


def order_dots(
    ax: Axes, orders: Sequence[str], values: _Numbers, *, wrong: Sequence[bool], title: str
) -> None:
    """Draw the ROC-AUC that each order of splitting and resampling gives, the first order on top.

    Parameters
    ----------
    ax : matplotlib Axes
    orders : sequence of str, length n_orders
    values : ndarray of float, shape (n_orders, 3)
        Mean, lowest and highest fold.
    wrong : sequence of bool, length n_orders
        Which are drawn in the accent's colour.
    title : str
    """
    shown = rows_down(ax, orders, width=40)
    room(ax, len(orders), each=0.55)
    ax.axvline(0.5, color=REFERENCE, linestyle="--", linewidth=1.2)
    for y, ((mean, low, high), is_wrong) in enumerate(zip(values, wrong, strict=True)):
        color = ACCENT if is_wrong else MAJORITY
        ax.plot([low, high], [y, y], color=color, linewidth=2.0, solid_capstyle="round")
        ax.plot([mean], [y], color=color, marker="X" if is_wrong else "o", markersize=8, linestyle="none")
        write_text(ax, f"{mean:.3f}", (mean, y), (0, 7), ha="center", fontsize=9)
    quiet(ax, grid="x")
    ax.set_ylim(len(orders) - 0.4, -0.8)
    ax.set_xlim(min(0.4, float(values.min()) - 0.03), 1.05)
    ax.set_xlabel("ROC-AUC, mean of the folds, lowest to highest (dashed: no skill)")
    set_title(ax, title, labels=shown)
