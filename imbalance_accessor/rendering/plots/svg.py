"""What matplotlib draws, written as SVG for a card: in the card's own colours, without ids, its text as text.

Notes
-----
matplotlib's own SVG backend fixes every colour and names clip paths, which two cards on one page would share. Here the ink
is ``currentColor`` and the ground ``var(--imb-back)``, what lies outside the axes is hidden by a nested ``<svg>``, and lengths
are whole tenths of a point: a tenth of the size, so that a card can carry it twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from imbalance_accessor.rendering.labels import clean, columns
from imbalance_accessor.rendering.plots.palette import INK, PANEL

#: Units of length in a point.
_TENTHS = 10
#: So many points share one path: within it they do not darken each other.
_CHUNK = 200
_LETTERS = {Path.MOVETO: "m", Path.LINETO: "l", Path.CURVE3: "q", Path.CURVE4: "c"}
_THEME = {INK.lower(): "currentColor", PANEL.lower(): "var(--imb-back)"}
_ANCHORS = {"center": ' text-anchor="middle"', "right": ' text-anchor="end"'}
_ALONG = {"top": "right", "center": "center", "center_baseline": "center"}


def as_svg(figure: Figure) -> str:
    """Return the shapes and texts of a figure; they stand in an ``<svg>`` of `size`."""
    renderer = _Renderer(*size(figure))
    _Canvas(figure, renderer)
    figure.patch.set_visible(False)
    for ax in figure.axes:
        ax.patch.set_visible(False)
    for text in figure.findobj(Text):
        text.set_gid(_aligned(text))  # the renderer is told of groups, not of what stands in them
    figure.draw(renderer)
    return renderer.finished()


def size(figure: Figure) -> tuple[int, int]:
    """Return width and height of a figure in the units that its shapes are written in."""
    width, height = figure.get_size_inches() * 72 * _TENTHS
    return round(width), round(height)


def _aligned(text: Any) -> str:
    """Return to which side a text lies along its own direction, which is what a browser's other font must keep."""
    if text.get_rotation() % 180 == 0 or text.get_rotation_mode() == "anchor":
        return str(text.get_horizontalalignment())
    return _ALONG.get(text.get_verticalalignment(), "left")


class _Canvas(FigureCanvasBase):
    """Hands the layout the renderer that the figure is drawn with."""

    def __init__(self, figure: Figure, renderer: _Renderer) -> None:
        super().__init__(figure)
        self._own_renderer = renderer

    def get_renderer(self) -> _Renderer:
        return self._own_renderer


class _Renderer(RendererBase):
    """Writes paths, markers and texts; a pixel is a point."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._width, self._height = width, height
        self._parts: list[str] = []
        self._clip = self._side = ""

    def finished(self) -> str:
        self._clip_to("")
        return "".join(self._parts)

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self._width / _TENTHS, self._height / _TENTHS

    def points_to_pixels(self, points: Any) -> Any:
        return points

    def flipy(self) -> bool:
        return True

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        """Measure a text; scripts that matplotlib's font lacks by letters of their width."""
        return super().get_text_width_height_descent(s if ismath else _measured(s), prop, ismath)

    def open_group(self, s: str, gid: str | None = None) -> None:
        if s == "text":
            self._side = gid or "left"

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:
        """Write a line or a filled shape."""
        is_line = rgbFace is None
        if is_line and not gc.get_linewidth():
            return
        clip = (0.0, 0.0, *self.get_canvas_width_height()) if is_line else None
        shape: Any = path.cleaned(
            transform, remove_nans=True, clip=clip, simplify=is_line and path.should_simplify, curves=True
        )
        kept = shape.codes != Path.STOP
        if not kept.any():  # all of it lies outside
            return
        shape = Path(self._placed(shape.vertices[kept]), shape.codes[kept])
        self._write(gc, shape.vertices, "".join(_commands(shape)), f"{_filled(gc, rgbFace)}{_stroked(gc)}")

    def draw_markers(
        self, gc: Any, marker_path: Path, marker_trans: Any, path: Path, trans: Any, rgbFace: Any = None
    ) -> None:
        """Write a mark at each point of a path, in a few paths of many points."""
        at = np.asarray(trans.transform(path.vertices), dtype=float)
        at = self._placed(at[np.isfinite(at).all(axis=1)])
        places = list(dict.fromkeys(map(tuple, at.tolist())))
        mark, style = _marked(gc, marker_path, marker_trans, rgbFace)
        for some in _chunks(places):
            self._write(gc, np.array(some), "".join(f"M{x} {y}{mark}" for x, y in some), style)

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Write a text that keeps its side where the browser's font is narrower than the one measured."""
        if ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        width = self.get_text_width_height_descent(s, prop, ismath)[0]
        part = {"center": 0.5, "right": 1.0}.get(self._side, 0.0) * width
        turned = np.deg2rad(angle)
        at = np.rint(np.array([x + part * np.cos(turned), y - part * np.sin(turned)]) * _TENTHS).astype(int)
        self._clip_to("")
        place = f'x="{at[0]}" y="{at[1]}"'
        if angle:
            place += f' transform="rotate({-angle:g} {at[0]} {at[1]})"'
        bold = ' font-weight="600"' if str(prop.get_weight()) in {"bold", "600", "700"} else ""
        ink = _color("fill", gc.get_rgb()).replace(' fill="currentColor"', "")
        font = f' font-size="{round(prop.get_size_in_points() * _TENTHS)}"{bold}'
        self._parts.append(
            f"<text {place}{font}{_ANCHORS.get(self._side, '')}{ink}>{escape(clean(s))}</text>"
        )

    def _placed(self, points: Any) -> Any:
        """Return points in the units of the SVG, whose y axis points down."""
        flipped = np.asarray(points, dtype=float) * (_TENTHS, -_TENTHS) + (0, self._height)
        return np.rint(np.clip(flipped, -1e6, 1e6)).astype(int)

    def _write(self, gc: Any, points: Any, commands: str, style: str) -> None:
        if not len(points):
            return
        self._clip_to(self._frame(gc, points))
        self._parts.append(f'<path d="{commands}"{style}/>')

    def _frame(self, gc: Any, points: Any) -> str:
        """Return the attributes of the frame that hides what lies outside the axes; none where nothing does."""
        frame = gc.get_clip_rectangle()
        if frame is None:
            return ""
        (left, top), (right, bottom) = self._placed([(frame.x0, frame.y1), (frame.x1, frame.y0)])
        if (points >= (left, top)).all() and (points <= (right, bottom)).all():
            return ""
        wide, high = right - left, bottom - top
        # a style: pages set the size of any svg by their own
        style = f"width:{wide}px;height:{high}px;max-width:none;overflow:hidden"
        return f'x="{left}" y="{top}" width="{wide}" height="{high}" viewBox="{left} {top} {wide} {high}" style="{style}"'

    def _clip_to(self, clip: str) -> None:
        if clip != self._clip:
            self._parts.append(f"{'</svg>' if self._clip else ''}{f'<svg {clip}>' if clip else ''}")
            self._clip = clip


def _chunks(places: list[Any]) -> Iterator[list[Any]]:
    return (places[start : start + _CHUNK] for start in range(0, len(places), _CHUNK))


def _measured(text: str) -> str:
    """Return letters of about the width of those that matplotlib's own font may not have."""
    if text.isascii():
        return text
    return "".join(
        c if ord(c) < 0x530 or "\u2000" <= c < "\u2300" else "W" if columns(c) == 2 else "n" for c in text
    )


def _commands(path: Path) -> Iterator[str]:
    """Yield a path of whole numbers as SVG's commands, each relative to where the last one ended."""
    x = y = 0
    start, last = (0, 0), "z"
    for points, code in path.iter_segments(simplify=False, curves=True):
        if code == Path.CLOSEPOLY:
            yield "z"
            (x, y), last = start, "z"
            continue
        letter = _LETTERS[code]
        values = [int(value) for value in points]
        moved = [value - (x, y)[place % 2] for place, value in enumerate(values)]
        (x, y) = values[-2:]
        if letter == "m":
            start = (x, y)
        elif letter == "l" and last in "lhv" and not any(moved):
            continue
        letter, moved = _shortest(letter, moved)
        numbers = _numbers(moved)
        yield f"{letter if letter != last else '' if moved[0] < 0 else ' '}{numbers}"
        last = letter


def _shortest(letter: str, moved: list[int]) -> tuple[str, list[int]]:
    """Return a line to the side or up as the command that has one number."""
    if letter == "l" and 0 in moved:
        return ("h", moved[:1]) if moved[1] == 0 else ("v", moved[1:])
    return letter, moved


def _numbers(values: Iterable[int]) -> str:
    return " ".join(map(str, values)).replace(" -", "-")


def _marked(gc: Any, path: Path, transform: Any, face: Any) -> tuple[str, str]:
    """Return what is drawn at each point, and its style: round dots are the round ends of a line of no length."""
    shape = path.transformed(transform + Affine2D().scale(_TENTHS, -_TENTHS))
    radius = float(np.abs(shape.vertices).max())
    edge = gc.get_linewidth() * _TENTHS
    if not _is_circle(path):
        shape = Path(np.rint(shape.vertices).astype(int), shape.codes)
        return "".join(_commands(shape)), f"{_filled(gc, face)}{_stroked(gc)}"
    if face is not None and (not edge or to_hex(face) == to_hex(gc.get_rgb())):
        dot = f' stroke-width="{round(2 * radius + edge)}" stroke-linecap="round"'
        return "h0", f' fill="none"{_color("stroke", _with_alpha(gc, face))}{dot}'
    r = round(radius)
    return f"m-{r} 0a{r} {r} 0 1 0 {2 * r} 0 {r} {r} 0 1 0-{2 * r} 0", f"{_filled(gc, face)}{_stroked(gc)}"


def _is_circle(path: Any) -> bool:
    circle: Any = Path.unit_circle()
    return np.array_equal(path.codes, circle.codes) and bool(np.isclose(*np.ptp(path.vertices, axis=0)))


def _with_alpha(gc: Any, face: Any) -> tuple[float, ...]:
    """Return a face's colour with the alpha that the whole shape has, or its own."""
    own = face[3] if len(face) > 3 else 1.0
    return (*face[:3], gc.get_alpha() if gc.get_forced_alpha() else own)


def _filled(gc: Any, face: Any) -> str:
    return ' fill="none"' if face is None else _color("fill", _with_alpha(gc, face))


def _stroked(gc: Any) -> str:
    """Return the attributes of a line: colour, width, dashes and ends."""
    width = gc.get_linewidth() * _TENTHS
    rgba = gc.get_rgb()
    if not width or (len(rgba) > 3 and not rgba[3]):
        return ""
    _, dashes = gc.get_dashes()
    dashed = f' stroke-dasharray="{_numbers(round(each * _TENTHS) for each in dashes)}"' if dashes else ""
    ends = ' stroke-linecap="round"' if gc.get_capstyle() == "round" else ""
    return f'{_color("stroke", rgba)} stroke-width="{round(width)}"{dashed}{ends}'


def _color(attribute: str, rgba: Any) -> str:
    """Return a colour as an attribute: the theme's where it is its ink or ground."""
    plain = to_hex(rgba[:3])
    alpha = rgba[3] if len(rgba) > 3 else 1.0
    seen = "" if alpha >= 1 else f' {attribute}-opacity="{alpha:.3g}"'
    return f' {attribute}="{_THEME.get(plain, plain)}"{seen}'
