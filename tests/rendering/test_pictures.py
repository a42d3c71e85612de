from __future__ import annotations

import ast
import io
import itertools
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from sklearn.metrics import PrecisionRecallDisplay, precision_recall_curve

import imbalance_accessor
from imbalance_accessor.rendering.plots import (
    bars,
    curves,
    forests,
    leaks,
    matrices,
    palette,
    prevalence,
    reliability,
    scatter,
    thresholds,
    traces,
)
from imbalance_accessor.rendering.plots.canvas import draw, png
from imbalance_accessor.rendering.plots.matrices import _SHADES, _ink
from imbalance_accessor.rendering.plots.panels import Panels
from imbalance_accessor.rendering.plots.reliability import Points
from imbalance_accessor.rendering.plots.thresholds import ThresholdMark

LABELS = ["<script>alert(1)</script>", r"$\alpha$ and $x", "two\nlines", "\x1b[31mred", "x" * 300, "ok"]
TITLE = r"A title $\frac{1}$ with " + "words " * 30


def _luminance(color) -> float:
    """Relative luminance, WCAG 2."""
    parts = np.array(to_rgb(color))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _contrast(one, other) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _texts(axes) -> list[str]:
    return [text.get_text() for text in axes.figure.findobj(Text) if text.get_text()]


def _axes(count=1):
    return Figure(layout="constrained").subplots(1, count)


def _before_after(axes):
    rng = np.random.default_rng(0)
    code = np.repeat(np.arange(6), [60, 50, 40, 30, 20, 10])
    scatter.before_after(axes, rng.normal(size=(210, 2)), code, rng.random(210) < 0.3, LABELS, TITLE)


def _forests(axes):
    numbers = (
        np.linspace(0.1, 0.9, 6),
        np.linspace(0.0, 0.8, 6),
        np.array([*np.linspace(0.2, 0.9, 5), np.nan]),
    )
    metrics = {LABELS[1]: numbers, "f1": numbers}
    forests.forest_panels(axes, LABELS, metrics, title=TITLE, references={"f1": 0.1}, best="ok")


def _moved(axes):
    numbers = tuple(np.linspace(low, 0.9, 6) for low in (0.1, 0.2, 0.0, 0.3))
    forests.moved_panels(
        axes, LABELS, {LABELS[1]: numbers, "f1": numbers}, title=TITLE, before=LABELS[1], after="now"
    )


def _stages(axes):
    rows = np.arange(36).reshape(6, 6) * 10
    columns = [[1, 2, 3, 4, 5, 6]] * 2
    traces.stage_bars(axes, LABELS, [rows, rows[::-1]], columns, LABELS, title=TITLE, highlight=1, marked=2)


def _rounds(axes):
    at = np.arange(1, 7)
    traces.round_lines(axes, at, [1 / at, 2 / at], at / 10, title=TITLE, best=3)


def _curve(recall=True):
    rng = np.random.default_rng(0)
    y = rng.random(300) < 0.2
    precision, recall, _ = precision_recall_curve(y, y + rng.normal(size=300))
    return recall, precision


def _threshold_lines(ax, stand=None):
    values = np.append(np.inf, np.linspace(0.9, 0.0, 50))
    lines = {LABELS[0]: np.linspace(1, 0, 51), LABELS[1]: np.linspace(0, 1, 51)}
    stand = stand or ThresholdMark(0.4, LABELS[0], 0.3, 0.5, {LABELS[1]: 0.5, "far": 9.0})
    thresholds.threshold_lines(
        ax, values, lines, stand, title=TITLE, ylabel="share", points={LABELS[0]: 0.5}, where="test"
    )


def _points(ax):
    thresholds.mark_points(ax, {LABELS[0]: (0.2, 0.5), LABELS[1]: (0.4, 0.3)})


def _reliability(ax, end=0.4):
    mean = np.linspace(0.01, 0.3, 5)
    points = Points(mean, mean, mean / 2, mean * 2, np.array([1000, 200, 30, 4, 1]))
    reliability.reliability_curves(ax, dict.fromkeys(LABELS[:3], points), title=TITLE, end=end, where="test")


def _histogram(ax):
    rng = np.random.default_rng(0)
    sides = (LABELS[0], LABELS[1])
    reliability.score_histogram(ax, rng.random(50), rng.random(900) / 3, end=0.4, labels=sides)


def _prevalence(ax):
    at = np.geomspace(1e-4, 0.5, 9)
    marks = {LABELS[0]: float(at[7]), LABELS[1]: float(at[4])}
    lines = dict.fromkeys(LABELS[:2], np.linspace(0, 1, 9))
    prevalence.prevalence_lines(ax, at, lines, marks, ylabel=LABELS[1], title=TITLE)


COUNTS = np.array([500, 40, 30, 20, 10, 1])
EVERY = {
    "class_bars": lambda ax: bars.class_bars(ax, LABELS, COUNTS, title=TITLE, highlight=5),
    "weight_bars": lambda ax: bars.weight_bars(ax, LABELS, 1 / COUNTS, TITLE),
    "split_bars": lambda ax: bars.split_bars(ax, LABELS, COUNTS * 4, COUNTS, title=TITLE),
    "before_after": Panels(2, _before_after),
    "forest": lambda ax: forests.forest(
        ax, LABELS, COUNTS, COUNTS - 1, COUNTS + 1, title=TITLE, xlabel=LABELS[1], reference=3.0, best="ok"
    ),
    "forest_panels": Panels(2, _forests),
    "pr_curves": lambda ax: curves.pr_curves(
        ax, dict.fromkeys(LABELS, _curve()), prevalence=0.2, title=TITLE, points={"ok": (0.5, 0.5)}
    ),
    "roc_curves": lambda ax: curves.roc_curves(
        ax, dict.fromkeys(LABELS, _curve()), TITLE, {"ok": (0.5, 0.5)}
    ),
    "threshold_lines": _threshold_lines,
    "mark_points": _points,
    "column_aucs": lambda ax: leaks.column_aucs(
        ax, LABELS, np.linspace(1, 0.5, len(LABELS)), limit=0.999, title=TITLE
    ),
    "order_dots": lambda ax: leaks.order_dots(
        ax, LABELS, np.tile([0.7, 0.6, 0.8], (len(LABELS), 1)), wrong=[True] * len(LABELS), title=TITLE
    ),
    "moved_panels": Panels(2, _moved),
    "stage_bars": Panels(2, _stages),
    "round_lines": Panels(2, _rounds),
    "term_bars": lambda ax: traces.term_bars(
        ax,
        LABELS * 4,
        np.linspace(-1, 1, 24),
        unit=LABELS[1],
        thresholds=[(LABELS[1], 0.5), ("own", 9.0)],
        title=TITLE,
    ),
    "reliability_curves": _reliability,
    "score_histogram": _histogram,
    "prevalence_lines": _prevalence,
    "confusions": Panels(
        (2, 2), lambda axes: matrices.confusions(axes, LABELS[:3], [np.diag(COUNTS)] * 3, LABELS, title=TITLE)
    ),
}


def test_every_picture_is_tried():
    verbs = Path(imbalance_accessor.__file__).parent / "verbs"
    drawn = {
        alias.name
        for path in verbs.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and str(node.module).startswith("imbalance_accessor.rendering.plots.")
        for alias in node.names
        if alias.name.islower()
    }
    assert set(EVERY) == drawn - {"figure_title", "shared_legend"}


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", EVERY)
def test_pictures_of_hostile_labels(kind, recwarn):
    data = png(EVERY[kind])
    assert Image.open(io.BytesIO(data)).format == "PNG"
    assert len(data) < 80_000
    assert not recwarn.list


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", EVERY)
def test_texts_are_safe_and_inside_the_figure(kind):
    axes = draw(EVERY[kind])
    figure = np.ravel(axes)[0].figure
    figure.canvas.draw()
    renderer, frame = figure.canvas.get_renderer(), figure.bbox
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible():
            assert all(line.isprintable() for line in text.get_text().split("\n"))
            assert not text._preprocess_math(text.get_text())[1]
            box = text.get_window_extent(renderer)
            if text.get_text().replace("\n", " ").startswith("A title"):
                assert box.x1 <= frame.x1 + 1


@pytest.mark.quick(7)
@pytest.mark.parametrize("kind", EVERY)
def test_pictures_change_no_setting(kind):
    before = dict(mpl.rcParams)
    draw(EVERY[kind])
    assert dict(mpl.rcParams) == before


@pytest.mark.quick(7)
@pytest.mark.parametrize("kind", EVERY)
def test_pictures_survive_tex(kind):
    # a user who typesets with TeX has labels that TeX would choke on
    with mpl.rc_context({"text.usetex": True, "text.parse_math": False}):
        axes = draw(EVERY[kind])
    assert not any(
        text.get_usetex() for text in np.ravel(axes)[0].figure.findobj(Text) if "script" in text.get_text()
    )


@pytest.mark.slow
def test_class_bars_say_counts_and_shares():
    ax = _axes()
    bars.class_bars(ax, ["no", "yes"], [1900, 100], title="5.0 % churn", highlight=1)
    assert {"1,900  (95.0 %)", "100  (5.0 %)", "no", "yes", "rows", "5.0 % churn"} <= set(_texts(ax))
    assert [bar.get_width() for bar in ax.patches] == [1900, 100]
    assert [to_rgb(bar.get_facecolor()[:3]) for bar in ax.patches] == [
        to_rgb(palette.MAJORITY),
        to_rgb(palette.MINORITY),
    ]


def test_many_classes_show_the_largest_and_the_smallest():
    ax = _axes()
    rows = np.random.default_rng(0).permutation(100) + 1
    bars.class_bars(ax, [f"c{n}" for n in rows], rows, title="many")
    assert "… 76 more" in _texts(ax)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == [*range(100, 88, -1), 0, *range(12, 0, -1)]


def test_twenty_five_classes_are_all_shown():
    ax = _axes()
    bars.class_bars(ax, range(25), np.arange(25) + 1, title="all")
    assert len(ax.patches) == 25


def test_weight_bars_end_at_the_weights():
    ax = _axes()
    bars.weight_bars(ax, ["no", "yes"], [1000 / 1900, 10.0], "weights")
    assert [bar.get_width() for bar in ax.patches] == [1000 / 1900, 10.0]
    assert {"× 0.5263", "× 10"} <= set(_texts(ax))


def test_only_the_right_panel_shows_synthetic_rows():
    axes = _axes(2)
    xy, code = np.arange(20.0).reshape(10, 2), np.array([0] * 6 + [1] * 4)
    scatter.before_after(axes, xy, code, np.arange(10) >= 8, ["no", "yes"], "made")
    points = [sum(len(each.get_offsets()) for each in ax.collections) for ax in axes]
    assert points == [8, 10]
    assert axes[0].get_xlim() == axes[1].get_xlim()


def test_a_forest_draws_each_interval_and_leaves_out_what_is_missing():
    ax = _axes()
    forests.forest(ax, ["a", "b", "c"], [0.5, 0.6, np.nan], [0.4, np.nan, np.nan], [0.7, np.nan, np.nan])
    lines = [line.get_xdata() for line in ax.lines]
    assert [list(line) for line in lines if len(line) == 2] == [[0.4, 0.7]]
    assert [line[0] for line in lines if len(line) == 1][:2] == [0.5, 0.6]


def test_pr_curves_are_drawn_as_scikit_learn_draws_them():
    recall, precision = _curve()
    ax, other = _axes(2)
    curves.pr_curves(ax, {"one": (recall, precision)}, prevalence=0.2, title="")
    reference = PrecisionRecallDisplay(precision=precision, recall=recall).plot(ax=other).line_
    assert ax.lines[0].get_drawstyle() == reference.get_drawstyle() == "steps-post"
    assert np.array_equal(ax.lines[0].get_xydata(), reference.get_xydata())


def test_long_curves_are_thinned_and_keep_their_ends():
    ax = _axes()
    x = np.linspace(0, 1, 100_000)
    curves.roc_curves(ax, {"one": (x, x)}, "")
    drawn = ax.lines[0].get_xdata()
    assert len(drawn) <= 2_000
    assert (drawn[0], drawn[-1]) == (0.0, 1.0)


def test_confusions_say_counts_and_row_shares():
    axes = _axes(2)
    matrices.confusions(axes, ["none", "smote"], [np.array([[1500, 500], [5, 15]])] * 2, ["no", "yes"])
    assert [text.get_text() for text in axes[0].texts] == [
        "1,500\n75.0 %",
        "500\n25.0 %",
        "5\n25.0 %",
        "15\n75.0 %",
    ]


@pytest.mark.parametrize("share", np.linspace(0, 1, 51))
def test_numbers_are_readable_on_their_cell(share):
    assert _contrast(_ink(share), _SHADES(float(share))) >= 4.5


@pytest.mark.parametrize("color", sorted({*palette.CYCLE, palette.TRAIN, palette.TEST, palette.REFERENCE}))
@pytest.mark.parametrize("page", ["#FFFFFF", "#111111", palette.PANEL])
def test_colors_stand_out_on_light_and_dark(color, page):
    assert _contrast(color, page) >= 3.0


def test_ink_is_readable_on_the_panel():
    assert _contrast(palette.INK, palette.PANEL) >= 7.0


# Machado, Oliveira and Fernandes (2009), severity 1.0, applied to linear RGB
_DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def _lab(color, deficiency) -> np.ndarray:
    parts = np.array(to_rgb(color))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(_DEFICIENCIES[deficiency] @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ seen / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("deficiency", _DEFICIENCIES)
def test_colors_that_stand_side_by_side_are_told_apart(deficiency):
    together = [
        (palette.MAJORITY, palette.MINORITY, palette.SYNTHETIC),
        (palette.TRAIN, palette.TEST),
        palette.CYCLE[:4],
    ]
    for one, other in (pair for group in together for pair in itertools.combinations(group, 2)):
        assert np.linalg.norm(_lab(one, deficiency) - _lab(other, deficiency)) > 15


def test_thresholds_are_marked_where_they_stand_and_those_beyond_are_said():
    ax = _axes()
    _threshold_lines(ax, ThresholdMark(0.02, "chosen: 0.02", 0.01, 0.03, {"0.5": 0.5, "far": 9.0}))
    verticals = [
        line.get_xdata()[0] for line in ax.lines if list(line.get_ydata()) == [0, 1] and line.axes is ax
    ]
    assert 0.02 in verticals
    low, high = ax.get_xlim()
    assert low < 0.01
    assert high < 0.6  # a rare class's scores crowd near 0
    assert "far is further right" in ax.get_xlabel()
    dots = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "o"]
    assert [[0.02, 0.5]] in dots


def test_a_threshold_that_flags_nobody_is_drawn_without_a_mark():
    ax = _axes()
    _threshold_lines(ax, ThresholdMark(np.inf, "chosen: inf", np.nan, np.nan, {}))
    assert all(np.isfinite(ax.get_xlim()))
    assert "chosen: inf" not in [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_zoomed_diagram_says_so_and_counts_its_rows():
    ax = _axes()
    _reliability(ax)
    assert "zoomed to 0 to 0.4" in ax.get_xlabel()
    assert ax.get_xlim()[1] < 0.5
    assert {text.get_text() for text in ax.texts} <= {"1,000", "200", "30", "4", "1"}
    assert len(ax.texts) >= 3
    ax = _axes()
    _reliability(ax, end=1.0)
    assert "zoomed" not in ax.get_xlabel()


def test_the_histogram_holds_every_row():
    ax = _axes()
    _histogram(ax)
    counts = [patch.get_data().values.sum() for patch in ax.patches]
    assert sorted(counts) == [50, 900]
