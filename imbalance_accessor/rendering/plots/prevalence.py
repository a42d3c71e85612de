"""Figures against the prevalence, on a logarithmic axis: what a benchmark's share of positives hides."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from imbalance_accessor.rendering.labels import drawn, drawn_apart
from imbalance_accessor.rendering.plots.axes import above, dot, legend, name_line, quiet, set_title, shares_up
from imbalance_accessor.rendering.plots.palette import ACCENT, BLUE, GREEN, PURPLE, REFERENCE

#: Of the lines of one panel, in this order; vermillion marks the wanted prevalence.
_COLORS = (BLUE, GREEN)


def prevalence_lines(
    ax: Axes,
    prevalences: NDArray[np.float64],
    lines: Mapping[str, NDArray[np.float64]],
    marks: Mapping[str, float],
    *,
    ylabel: str,
    title: str = "",
    is_share: bool = True,
) -> None:
    """Draw figures against the prevalence.

    Parameters
    ----------
    ax : matplotlib Axes
    prevalences : ndarray of float, shape (k,)
        Rising; all marks are among them.
    lines : mapping of str to ndarray of float, shape (k,)
        One figure each, by name; two at most.
    marks : mapping of str to float
        Prevalences to mark, by name: the frame's first, then the wanted one.
    ylabel : str
        What the figures are, with their unit and their rows.
    title : str
        Empty where one title stands over several panels.
    is_share : bool
        Whether the figures lie in 0..1.
    """
    colors = _COLORS if is_share else (PURPLE,)
    for color, name, values in zip(colors, drawn_apart(lines, 40), lines.values(), strict=False):
        ax.plot(prevalences, values, color=color, linewidth=1.6, label=name)
        for at in marks.values():
            dot(ax, (at, float(values[np.searchsorted(prevalences, at)])), color)
    ax.set_xscale("log")
    ax.set_xlim(prevalences[0], prevalences[-1])
    if is_share:
        ylabel += shares_up(ax, min(marks.values()))
    else:
        if all(
            (values > 0).all() for values in lines.values()
        ):  # a tenth of the share is a tenth of the cost
            ax.set_yscale("log")
        ax.yaxis.set_major_formatter(lambda cost, _: f"{cost:,.10g}")
    for line, (style, color, (name, at)) in enumerate(
        zip(("--", "-"), (REFERENCE, ACCENT), marks.items(), strict=False)
    ):
        ax.axvline(at, color=color, linestyle=style, linewidth=1.2, zorder=1)
        name_line(ax, name, at, line)
    ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
    quiet(ax, grid="both")
    ax.set_xlabel("share of positives (log scale)")
    ax.set_ylabel(drawn(ylabel, 60))
    if title:
        legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        set_title(ax, title, pad=above(len(marks)))
