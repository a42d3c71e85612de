"""A picture as SVG: its shapes are where matplotlib would draw them, its texts are texts, and nothing of the data is markup."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from every_picture import EVERY, LABELS
from matplotlib.path import Path

from imbalance_accessor.rendering.card_picture import CardPicture
from imbalance_accessor.rendering.labels import name
from imbalance_accessor.rendering.plots import bars, palette
from imbalance_accessor.rendering.plots.canvas import card_picture
from imbalance_accessor.rendering.plots.panels import Panels

_SVG = "{http://www.w3.org/2000/svg}"
_ATTRIBUTES = {
    "svg": {"x", "y", "width", "height", "viewBox", "style"},
    "path": {"d", "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width"}
    | {"stroke-linecap", "stroke-dasharray"},
    "text": {"x", "y", "font-size", "font-weight", "text-anchor", "transform", "fill"},
}


def parsed(picture) -> ElementTree.Element:
    return elements(card_picture(picture))


def elements(drawn: CardPicture) -> ElementTree.Element:
    """Return the elements of the image that stands for a picture, which a strict parser reads."""
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', drawn.html("A title"))
    return ElementTree.fromstring(base64.b64decode(found[1]).decode())


def texts(picture) -> list[str]:
    return [each.text for each in parsed(picture).iter(f"{_SVG}text")]


@pytest.mark.quick(2)
@pytest.mark.parametrize("kind", EVERY)
def test_a_picture_is_small_and_has_neither_markup_of_the_data_nor_names(kind, recwarn):
    drawn = card_picture(EVERY[kind])
    assert 0 < len(drawn.shapes.encode()) < 42_000
    assert card_picture(EVERY[kind]) == drawn
    root = elements(drawn)
    for element in list(root.iter())[1:]:
        tag = element.tag.removeprefix(_SVG)
        assert set(element.attrib) <= _ATTRIBUTES[tag]  # no id, href, class or handler
        for attribute, value in element.attrib.items():
            if attribute != "style":
                assert re.fullmatch(r"[-\w\d\s.,#()]*", value)
    assert not recwarn.list


def test_labels_are_read_as_they_are():
    shown = texts(lambda ax: bars.class_bars(ax, LABELS[:4], [4, 3, 2, 1], title="t"))
    assert {name(label, 24) for label in LABELS[:4]} <= set(shown)
    assert "<script" in card_picture(EVERY["class_bars"]).shapes.replace("&lt;", "<")
    assert "<script" not in card_picture(EVERY["class_bars"]).shapes


def test_labels_of_other_scripts_are_text_whatever_fonts_are_installed(recwarn):
    labels = ["日本語", "नमस्ते", "שלום", "€ – 😀"]
    assert set(labels) <= set(texts(lambda ax: bars.class_bars(ax, labels, [4, 3, 2, 1], title="t")))
    assert not recwarn.list


def test_ink_and_ground_are_the_cards():
    shapes = card_picture(EVERY["weight_bars"]).shapes
    for theme, fixed in (("currentColor", palette.INK), ("var(--imb-back)", palette.PANEL)):
        assert theme in shapes
        assert fixed.lower() not in shapes
    assert palette.MAJORITY.lower() in shapes
    image = base64.b64decode(card_picture(EVERY["weight_bars"]).image("").split("base64,")[1]).decode()
    assert f"color:{palette.INK};--imb-back:{palette.PANEL};background:{palette.PANEL}" in image


def _boxes(picture) -> list[tuple[int, int, int, int]]:
    """Return left, top, width and height of each filled rectangle."""
    drawn = [each.get("d") for each in parsed(picture).iter(f"{_SVG}path")]
    found = [re.fullmatch(r"m(\d+) (\d+)h(\d+)v(-?\d+)h-\d+z", commands) for commands in drawn]
    return [tuple(map(int, each.groups())) for each in found if each]


def test_bars_are_as_long_as_their_numbers():
    boxes = _boxes(lambda ax: bars.class_bars(ax, ["no", "yes"], [1900, 100], title="t"))
    (left, top, long, _), (other_left, lower, short, _) = boxes
    assert (left, long / short) == (other_left, pytest.approx(19, abs=0.2))
    assert top < lower  # the y axis of an SVG points down


def test_points_lie_where_matplotlib_puts_them():
    seen = {}
    x, y = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 1.0])

    def picture(ax):
        seen["ax"] = ax
        ax.scatter(x, y, s=9, color=palette.GREEN, linewidths=0)

    root = parsed(picture)
    (path,) = (each for each in root.iter(f"{_SVG}path") if each.get("stroke") == palette.GREEN.lower())
    places = [tuple(map(int, each)) for each in re.findall(r"M(\d+) (\d+)h0", path.get("d"))]
    ax = seen["ax"]  # in points, the origin below
    expected = ax.transData.transform(np.column_stack([x, y])) * 10
    height = float(root.get("viewBox").split()[3])
    assert places == [(round(px), round(height - py)) for px, py in expected.tolist()]
    assert path.get("stroke-width") == "30"  # an area of 9 square points is a dot 3 points wide
    assert path.get("stroke-linecap") == "round"


def test_a_curve_is_the_path_that_was_drawn():
    codes = [Path.MOVETO, Path.CURVE3, Path.CURVE3, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY]
    vertices = np.array([(0, 0), (1, 2), (2, 0), (2.5, 1), (3, 1), (3, 0), (0, 0)])
    seen = {}

    def picture(ax):
        from matplotlib.patches import PathPatch

        seen["ax"] = ax
        ax.set(xlim=(-1, 4), ylim=(-1, 4))
        ax.add_patch(PathPatch(Path(vertices, codes), facecolor=palette.PURPLE, linewidth=0))

    root = parsed(picture)
    (path,) = (each for each in root.iter(f"{_SVG}path") if each.get("fill") == palette.PURPLE.lower())
    pixels = seen["ax"].transData.transform(vertices) * 10
    pixels[:, 1] = float(root.get("viewBox").split()[3]) - pixels[:, 1]
    assert re.sub(r"[^a-z]", "", path.get("d")) == "mqcz"
    numbers = list(map(int, re.findall(r"-?\d+", path.get("d"))))
    start, one, two = np.array(numbers[:2]), np.reshape(numbers[2:6], (2, 2)), np.reshape(numbers[6:], (3, 2))
    ends = np.vstack([start, start + one, start + one[-1] + two])
    assert np.abs(ends - pixels[:6]).max() <= 1.5


def test_what_lies_outside_the_axes_is_cut_off():
    def picture(ax):
        ax.plot([0, 1], [0, 1], color=palette.SKY)
        ax.set(xlim=(0, 0.5), ylim=(0, 0.5))

    root = parsed(picture)
    _, frame = root.iter(f"{_SVG}svg")
    assert [each.get("stroke") for each in frame] == [palette.SKY.lower()]
    left, top, wide, high = map(int, frame.get("viewBox").split())
    assert [frame.get(side) for side in ("x", "y", "width")] == [str(left), str(top), str(wide)]
    assert f"width:{wide}px;height:{high}px;max-width:none;overflow:hidden" == frame.get("style")


def test_a_text_keeps_its_side():
    seen = {}

    def picture(ax):
        seen["ax"] = ax
        bars.class_bars(ax, ["no", "yes"], [1900, 100], title="A title")

    found = {each.text: each for each in parsed(picture).iter(f"{_SVG}text")}
    sides = [found[text].get("text-anchor") for text in ("no", "rows", "A title")]
    assert sides == ["end", "middle", None]
    # in whatever font it is shown: a middle lies below the middle of the axes, a name ends short of them
    frame = seen["ax"].get_window_extent()
    assert int(found["rows"].get("x")) == pytest.approx(10 * (frame.x0 + frame.x1) / 2, abs=10)
    assert 10 * frame.x0 - 80 < int(found["no"].get("x")) < 10 * frame.x0
    assert int(found["A title"].get("x")) == pytest.approx(10 * frame.x0, abs=1)


def test_wide_characters_have_room_whatever_fonts_are_installed():
    label = "日本語の長い名前です"
    root = parsed(lambda ax: bars.class_bars(ax, [label, "b"], [2, 1], title="t"))
    (found,) = (each for each in root.iter(f"{_SVG}text") if each.text == label)
    assert int(found.get("x")) - len(label) * int(found.get("font-size")) >= 0  # each is as wide as high


@pytest.mark.parametrize("lines", [1, 2])
def test_turned_texts_and_texts_of_two_lines_keep_their_side_too(lines):
    def picture(ax):
        ax.set_xticks([0, 1], ["turned", "as well"], rotation=90)
        ax.set_ylabel("upwards")
        ax.text(0.5, 0.5, "\n".join(["middle"] * lines), ha="center")

    root = parsed(picture)
    sides = [
        (each.text, each.get("text-anchor"), "transform" in each.attrib) for each in root.iter(f"{_SVG}text")
    ]
    assert sides.count(("middle", "middle", False)) == lines
    assert ("turned", "end", True) in sides  # it ends at the axis
    assert ("upwards", "middle", True) in sides


def test_a_picture_of_very_many_shapes_is_an_image():
    rng = np.random.default_rng(0)
    crowded = card_picture(Panels(2, lambda axes: [ax.scatter(*rng.random((2, 9_000))) for ax in axes]))
    assert crowded.shapes == ""
    assert crowded.png.startswith(b"\x89PNG")
    assert len(crowded.png) < 80_000


def _walked(commands: str) -> list[tuple[int, int]]:
    """Return the points of a path of straight lines, by reading its commands one after another."""
    at, found, letter = [0, 0], [], ""
    steps = {"m": (0, 1), "l": (0, 1), "h": (0,), "v": (1,)}
    words = re.findall(r"[mlhv]|-?\d+", commands)
    while words:
        letter = words.pop(0) if words[0] in steps else letter
        for axis in steps[letter]:
            at[axis] += int(words.pop(0))
        found.append(tuple(at))
    return found


def test_a_long_line_is_simplified_and_keeps_its_peak():
    x = np.linspace(0, 1, 50_000)
    y = np.where(np.abs(x - 0.5) < 1e-4, 1.0, 0.5 * x)
    seen = {}

    def picture(ax):
        seen["ax"] = ax
        ax.plot(x, y, color=palette.SKY)

    drawn = card_picture(picture)
    (commands,) = re.findall(rf'd="([^"]+)"[^>]*stroke="{palette.SKY.lower()}"', drawn.shapes)
    points = _walked(commands)
    assert 4 <= len(points) < 500
    ends = seen["ax"].transData.transform([(0, 0), (0.5, 1), (1, 0.5)]) * 10
    start, peak, end = ((px, drawn.height - py) for px, py in ends.tolist())
    assert points[0] == pytest.approx(start, abs=2)
    assert min(points, key=lambda point: point[1]) == pytest.approx(peak, abs=3)
    assert points[-1] == pytest.approx(end, abs=2)
