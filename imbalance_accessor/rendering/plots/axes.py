"""What every picture does to its axes: a wrapped title, quiet spines, safe labels, room for its rows."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import LogLocator, NullFormatter

from imbalance_accessor.rendering.labels import clean, drawn, drawn_apart

#: Marks the figures made here: a picture may set their height, never that of a figure a user hands in.
OWN = "imbalance_accessor"
#: Shares below this are read on a logarithmic axis: there the imbalance is extreme.
RARE = 0.01

_POINTS = 72.0
#: Width of an average bold character in parts of the font size.
_CHARACTER = 0.66
#: Lines of a title at most.
_LINES = 6
#: Height of a line of small print above the axes, in points.
_LINE = 10.0


def set_title(
    ax: Axes, text: str, *, labels: Sequence[str] = (), size: float = 10.0, pad: float | None = None
) -> None:
    """Set a title, wrapped to the axes' width and never read as mathematics.

    Parameters
    ----------
    text : str
        The finding that the picture shows.
    labels : sequence of str
        The labels left of the axes, which take of its width.
    size : float, default 10.0
        Font size in points.
    pad : float, optional
        Points between the axes and the title; matplotlib's own unless given.
    """
    figure = ax.figure
    width = figure.bbox.width / figure.dpi * ax.get_position().width * _POINTS
    surplus = max(map(len, labels), default=0) * size * _CHARACTER - 0.1 * width
    characters = max(int((width - max(surplus, 0.0)) / (size * _CHARACTER)), 16)
    ax.set_title(wrapped(text, characters), loc="left", fontsize=size, fontweight="bold", pad=pad)


def wrapped(text: str, characters: int) -> str:
    """Break a title into lines, no more than leave room for a picture; ``$`` stays a dollar sign."""
    return textwrap.fill(clean(text), characters, max_lines=_LINES, placeholder=" …").replace("$", r"\$")


def figure_title(axes: Any, text: str, *, size: float = 10.0) -> None:
    """Set one title over several panels, wrapped to the figure's width."""
    figure = axes.flat[0].figure
    width = figure.bbox.width / figure.dpi * _POINTS
    shown = wrapped(text, int(width / (size * _CHARACTER)))
    figure.suptitle(shown, fontsize=size, fontweight="bold", x=0.01, ha="left")


def leave_out_title(figure: Figure, said: str) -> None:
    """Take away the title of a picture that says no more than `said`, once it is wrapped alike."""
    known = wrapped(said, 10_000)

    def is_known(title: str) -> bool:
        return bool(title) and known.startswith(" ".join(title.removesuffix(" …").split()))

    if is_known(figure.get_suptitle()):
        figure.suptitle("")
    for ax in figure.axes:
        if is_known(ax.get_title(loc="left")):
            ax.set_title("", loc="left")


def name_panels(axes: Any, title: str) -> None:
    """Leave the names of the rows to the first of several panels, and set one title over all."""
    for ax in axes[1:]:
        ax.set_yticklabels([])
    figure_title(axes, title)


def quiet(ax: Axes, grid: str = "") -> None:
    """Take away the frame that carries nothing; `grid` is the axis whose lines help to read values."""
    ax.spines[["top", "right"]].set_visible(False)
    if grid:
        ax.grid(visible=True, axis=grid, color="#808080", alpha=0.3, linewidth=0.6)  # type: ignore[arg-type]
        ax.set_axisbelow(True)


def plain_numbers(ax: Axes, axis: str) -> None:
    """Write the decades of a logarithmic axis as plain numbers, and what is between them where it has but one or two."""
    which = getattr(ax, f"{axis}axis")
    low, high = getattr(ax, f"get_{axis}lim")()
    which.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 30 * low else (1,)))
    which.set_major_formatter(lambda value, _: f"{value:.10g}")
    which.set_minor_formatter(NullFormatter())


def shares_up(ax: Axes, lowest: float) -> str:
    """Scale the axis of shares: from 0 to 1, or logarithmic where a share below 1 % would lie flat; return what to add.

    Parameters
    ----------
    lowest : float
        The share that must be readable, such as the prevalence.
    """
    if not 0 < lowest < RARE:
        ax.set_ylim(-0.02, 1.03)
        return ""
    ax.set_yscale("log")
    ax.set_ylim(10.0 ** math.floor(math.log10(lowest)), 1.15)
    plain_numbers(ax, "y")
    return ", log scale"


def rows_down(ax: Axes, labels: Sequence[str], *, best: int | None = None, width: int = 24) -> list[str]:
    """Name the rows on the y axis, the first on top, and return the names as drawn."""
    shown = drawn_apart(labels, width)
    room(ax, len(shown))
    ax.set_yticks(range(len(shown)), shown)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    if best is not None:
        ax.get_yticklabels()[best].set_fontweight("bold")
    return shown


def room(ax: Axes, rows: int, each: float = 0.28) -> None:
    """Make a figure of our own as tall as its rows need, `each` inches a row."""
    figure = ax.figure
    if isinstance(figure, Figure) and not isinstance(figure, SubFigure) and figure.get_gid() == OWN:
        figure.set_figheight(min(max(rows * each + 1.2, 2.0), 12.0))


def legend(ax: Axes, **where: Any) -> None:
    """Add a legend without a frame."""
    ax.legend(frameon=False, fontsize=8.5, **where)


def over_lines(ax: Axes) -> None:
    """Lay the numbers written on the axes over its lines, on a ground of their own."""
    for text in ax.texts:
        text.set_bbox({"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 1.5})


def write_text(ax: Axes, text: str, at: tuple[float, float], by: tuple[float, float], **style: Any) -> None:
    """Write a text beside a point, so many points to the right of it and above it."""
    ax.annotate(text, at, xytext=by, textcoords="offset points", **style)


def dot(
    ax: Axes, at: tuple[float, float], color: str, *, marker: str = "o", label: str | None = None
) -> None:
    """Mark a point that lies on lines, edged so that it stands out from them."""
    ax.plot(*at, marker, color=color, markersize=8, markeredgecolor=ax.get_facecolor(), zorder=4, label=label)


def name_line(ax: Axes, text: str, at: float, line: int = 0) -> None:
    """Name a vertical line above the axes, where nothing is drawn; `line` counts upwards."""
    low, high, here = ax.xaxis.get_transform().transform([*ax.get_xlim(), at])
    place = (here - low) / (high - low)
    # near an edge the words turn inwards, lest they run out of the figure or into the next panel's
    side = "left" if place < 0.25 else "right" if place > 0.75 else "center"
    style = {"xycoords": ("data", "axes fraction"), "ha": side, "va": "bottom", "fontsize": 7.5}
    write_text(ax, drawn(text, 40), (at, 1.0), (0, 2 + _LINE * line), **style)


def above(lines: int) -> float | None:
    """Return the points between the axes and a title that leave room for so many lines of names."""
    return 6.0 + _LINE * lines if lines else None


def shared_legend(axes: Any, columns: int = 3) -> None:
    """Add one legend below several panels, each name once."""
    found: dict[str, Any] = {}
    for ax in axes:
        for handle, name in zip(*ax.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    where = {"loc": "outside lower center", "ncols": min(len(found), columns), "columnspacing": 1.2}
    axes[0].figure.legend(list(found.values()), list(found), frameon=False, fontsize=8.5, **where)
