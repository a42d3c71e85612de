"""Where pictures are drawn: figures of our own, or the axes of the user; no global setting is changed."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

from imbalance_accessor.process_state import fork_safe_lock, own_filters
from imbalance_accessor.rendering.card_picture import CardPicture
from imbalance_accessor.rendering.plots.axes import OWN, leave_out_title
from imbalance_accessor.rendering.plots.palette import INK, PANEL
from imbalance_accessor.rendering.plots.panels import Panels, Picture

#: matplotlib's settings, which pictures are drawn with, belong to the process.
_DRAWING = fork_safe_lock()
_WIDTH, _HEIGHT, _PANEL_WIDTH, _WIDE_PANEL, _PANEL_HEIGHT = 6.8, 3.6, 2.2, 3.1, 2.4
# labels are the user's, so they are never read as TeX
_LITERAL: Any = {"text.usetex": False, "text.parse_math": True}
_CARD: Any = {
    "figure.facecolor": PANEL,
    "savefig.facecolor": PANEL,
    "axes.facecolor": PANEL,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.size": 9.0,
}
_DPI, _COLORS = 144, 64
#: Bytes of an SVG at most: a card holds it twice, once for pages that drop it.
_HEAVY = 42_000
_SCRIPTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Hiragino Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
    "Segoe UI",
    "Arial Unicode MS",
)


def draw(picture: Picture, ax: Axes | None = None) -> Any:
    """Draw a picture on `ax`, or on a new pyplot figure, which a notebook shows; return the axes, an array for `Panels`."""
    with _DRAWING:
        if ax is not None and not isinstance(picture, Panels):
            return _fill(picture, ax)
        return _on_new_figure(picture)


def _on_new_figure(picture: Picture) -> Any:
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=_size(picture), layout="constrained")
    try:
        return _fill(picture, _axes(figure, picture))
    except BaseException:
        # half a picture would be shown by the notebook, or stay open for good
        pyplot.close(figure)
        raise


def card_picture(picture: Picture, said: str = "") -> CardPicture:
    """Draw a picture as a card shows it: as SVG, or as a PNG where the SVG would make the card too heavy.

    A title that the card has `said` above it is left out.
    """
    from imbalance_accessor.rendering.plots import svg

    with _of_a_card(picture, dpi=72) as figure:
        leave_out_title(figure, said)
        shapes = svg.as_svg(figure)
        width, height = svg.size(figure)
    if len(shapes.encode()) > _HEAVY:
        return CardPicture(png=png(picture))
    return CardPicture(width, height, shapes)


def png(picture: Picture) -> bytes:
    """Draw a picture on a light panel, and return it as a PNG of 64 colours."""
    with _of_a_card(picture, dpi=_DPI) as figure:
        return _encoded(figure)


@contextmanager
def _of_a_card(picture: Picture, dpi: int) -> Iterator[Figure]:
    """Draw a picture on a bare figure, which pyplot never hears of, in a card's style."""
    from matplotlib import style

    settings = style.context(["default", _CARD, {"font.family": _families()}])
    with _DRAWING, settings, own_filters():
        # a label in a script that no installed font has is shown as boxes; the card says it in text
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        layout = ConstrainedLayoutEngine(w_pad=0.09, h_pad=0.09)
        figure = Figure(figsize=_size(picture), layout=layout, dpi=dpi)
        _fill(picture, _axes(figure, picture))
        yield figure


def _families() -> list[str]:
    """Return the card's fonts: matplotlib's own, then those installed for other scripts."""
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return ["DejaVu Sans", *(family for family in _SCRIPTS if family in installed)]


def _encoded(figure: Figure) -> bytes:
    """Return a figure as PNG of few colours, a third of the size of one of all colours."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    few = image.quantize(_COLORS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, format="png")
    return buffer.getvalue()


def _size(picture: Picture) -> tuple[float, float]:
    if not isinstance(picture, Panels):
        return _WIDTH, _HEIGHT
    rows, columns = picture.shape
    if rows == 1:
        return min(max(_WIDTH, columns * _PANEL_WIDTH), 12.0), _HEIGHT
    return min(max(_WIDTH, columns * _WIDE_PANEL), 12.0), rows * _PANEL_HEIGHT + 0.4


def _axes(figure: Figure, picture: Picture) -> Any:
    figure.set_gid(OWN)
    if not isinstance(picture, Panels):
        return figure.add_subplot()
    axes = figure.subplots(*picture.shape, squeeze=False)
    return axes[0] if isinstance(picture.count, int) else axes


def _fill(picture: Picture, axes: Any) -> Any:
    paint: Callable[[Any], None] = picture.draw if isinstance(picture, Panels) else picture
    with mpl.rc_context(_LITERAL):
        paint(axes)
        for text in (text for ax in np.ravel(axes) for text in ax.findobj(Text)):
            # tick labels are older than this context
            text.set(usetex=False, parse_math=True)
    return axes
