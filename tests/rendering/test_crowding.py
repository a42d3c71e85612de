"""Nothing lies on anything else: names of lines, numbers, legends; and few colours for many classes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from imbalance_accessor.rendering.plots import bars, curves, forests, palette, scatter, traces
from imbalance_accessor.rendering.plots.canvas import draw


def _boxes(figure, artists):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return [artist.get_window_extent(canvas.get_renderer()) for artist in artists]


@pytest.mark.quick(2)
@pytest.mark.parametrize("reference", [0.0, 0.31, 0.5, 1.0])
def test_no_skill_is_named_above_the_axes_and_within_the_figure(reference):
    figure = Figure(figsize=(9, 3), layout="constrained")
    axes = figure.subplots(1, 3)
    numbers = ([0.4, 0.6], [0.3, 0.5], [0.5, 0.7])
    metrics = dict.fromkeys(("one", "two", "three"), numbers)
    forests.forest_panels(axes, ["a", "b"], metrics, title="t", references=dict.fromkeys(metrics, reference))
    boxes = _boxes(figure, [ax.texts[0] for ax in axes])
    assert all(box.y0 >= ax.get_window_extent().y1 for box, ax in zip(boxes, axes, strict=True))
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))


def test_a_title_stands_above_the_name_of_the_line():
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    forests.forest(ax, ["a"], [0.5], [0.4], [0.6], title="A title", reference=0.41)
    name, title = _boxes(figure, [ax.texts[0], ax._left_title])
    assert not name.overlaps(title)


def test_at_most_six_colours_of_classes():
    rng = np.random.default_rng(0)
    rows = np.array([70, 60, 50, 5, 40, 30, 20, 10])
    code = np.repeat(np.arange(8), rows)
    axes = Figure(layout="constrained").subplots(1, 2)
    made = np.zeros(len(code), dtype=bool)
    scatter.before_after(axes, rng.normal(size=(len(code), 2)), code, made, list("abcdefgh"), "t")
    shown = {each.get_label(): len(each.get_offsets()) for each in axes[0].collections}
    assert shown == {"a": 70, "b": 60, "c": 50, "e": 40, "3 other classes": 30 + 20 + 10, "d": 5}
    colors = {tuple(each.get_facecolor()[0][:3]) for each in axes[0].collections}
    assert len(colors) == 6
    assert [text.get_text() for text in axes[0].figure.legends[0].get_texts()] == list(shown)


def test_split_bars_have_room_for_both_numbers():
    rows = np.arange(12) + 20
    ax = draw(lambda ax: bars.split_bars(ax, list("abcdefghijkl"), rows * 4, rows, title="t"))
    boxes = sorted(_boxes(ax.figure, ax.texts), key=lambda box: box.y0)
    assert len(boxes) == 24
    assert all(lower.y1 <= upper.y0 + 1 for lower, upper in itertools.pairwise(boxes))


@pytest.mark.parametrize(("height", "end"), [(0.1, 0.15), (0.3, 0.4), (0.6, 1.0)])
def test_the_axis_of_precision_fits_low_curves_and_says_so(height, end):
    ax = Figure().subplots()
    curve = (np.array([1.0, 0.5, 0.0]), np.array([0.05, height, 1.0]))
    curves.pr_curves(ax, {"one": curve}, prevalence=0.05, title="")
    low, high = ax.get_ylim()
    assert low <= 0 < 0.05 < height < high
    assert high == pytest.approx(1.03 * end)
    assert ("not at 1" in ax.get_ylabel()) == (end < 1)


def test_stages_have_their_legend_below_the_panels():
    figure = Figure(figsize=(6.8, 3.6), layout="constrained")
    axes = figure.subplots(1, 2)
    rows = [np.array([[90, 10], [70, 30]]), np.array([[10, 2], [10, 2]])]
    names = ["no", "yes"]
    traces.stage_bars(axes, ["a", "b"], rows, [[1, 1]] * 2, names, title="t", highlight=1, marked=None)
    (box,) = _boxes(figure, figure.legends)
    assert box.y1 <= min(ax.get_tightbbox().y0 for ax in axes)


def test_a_number_lies_over_the_line_that_crosses_it():
    ax = Figure().subplots()
    bars.weight_bars(ax, ["no", "yes"], [0.5263, 10.0], "weights")
    dashed = next(line for line in ax.lines if list(line.get_xdata()) == [1, 1])
    assert all(text.get_bbox_patch() is not None and text.zorder > dashed.zorder for text in ax.texts)
    assert dashed.get_color() == palette.REFERENCE
