from __future__ import annotations

import ast
import io
import itertools
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from every_picture import EVERY, drawn_reliability, drawn_thresholds, scored_curve
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from sklearn.metrics import PrecisionRecallDisplay

import imbalance_accessor
from imbalance_accessor.rendering.plots import (
    bars,
    curves,
    forests,
    matrices,
    palette,
    reliability,
    scatter,
)
from imbalance_accessor.rendering.plots.canvas import draw, png
from imbalance_accessor.rendering.plots.matrices import HITS, MISTAKES, MOST_CLASSES
from imbalance_accessor.rendering.plots.reliability import Points, Span
from imbalance_accessor.rendering.plots.thresholds import ThresholdMark


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
    assert set(EVERY) == drawn - {"figure_title", "shared_legend", "shares_up"}


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


def test_a_line_reaches_the_few_scores_that_lie_far_apart():
    """Of 100,000 rows 30 score above 0.1: by order alone the line would end before all of them."""
    x = np.append(np.linspace(0.9, 0.11, 30), np.linspace(0.01, 0, 100_000))
    ax = _axes()
    curves.roc_curves(ax, {"one": (x, x)}, "")
    drawn = ax.lines[0].get_xdata()
    assert set(x[:30]) <= set(drawn)
    assert len(drawn) <= 2_000
    assert np.abs(np.diff(drawn)).max() <= 0.11


def test_pr_curves_are_drawn_as_scikit_learn_draws_them():
    recall, precision = scored_curve()
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


def _confusion(k):
    """Counts of k classes: class i has 100 + 10 i rows, 3 of which are taken for the next class."""
    matrix = np.diag(np.arange(k) * 10 + 97)
    matrix[np.arange(k), (np.arange(k) + 1) % k] = 3
    return matrix


def test_several_classes_are_confused_by_shares_over_counts_the_rarest_first():
    ax = _axes()
    order = np.array([2, 0, 1])  # class 2 of the frame is the rarest
    matrix = np.zeros((3, 3), dtype=int)
    matrix[np.ix_(order, order)] = _confusion(3)
    matrices.class_confusion(ax, matrix, ["a", "b", "c"], title="t")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["c (100)", "a (110)", "b (120)"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["c", "a", "b"]
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert shown == {
        (0, 0): "97 %\n97",
        (1, 0): "3 %\n3",
        (1, 1): "97.3 %\n107",
        (2, 1): "2.7 %\n3",
        (0, 2): "2.5 %\n3",
        (2, 2): "97.5 %\n117",
    }
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first class is on top


def test_of_many_classes_the_commonest_are_drawn_as_one():
    ax, k = _axes(), 30
    matrix = _confusion(k)
    matrices.class_confusion(ax, matrix, [f"c{i}" for i in range(k)], title="t")
    names = [tick.get_text() for tick in ax.get_xticklabels()]
    assert names == [*(f"c{i}" for i in range(MOST_CLASSES - 1)), "19 others"]
    rest = matrix[MOST_CLASSES - 1 :]
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert shown[11, 11].endswith(f"\n{rest[:, MOST_CLASSES - 1 :].sum():,}")
    assert shown[0, 11].endswith(f"\n{rest[:, 0].sum()}")
    total = sum(int(text.split("\n")[1].replace(",", "")) for text in shown.values())
    assert total == matrix.sum()


@pytest.mark.parametrize("page", [("#1f1f1f", "#ffffff"), ("#e4e4e4", "#1b1b1b"), ("#cccccc", "#1f1f1f")])
@pytest.mark.parametrize("share", np.linspace(0, 1, 11))
@pytest.mark.parametrize("shades", [HITS, MISTAKES])
def test_numbers_are_readable_on_their_cell_in_light_and_dark(shades, share, page):
    ink, ground = map(to_rgb, page)
    *cell, alpha = shades(float(share))
    seen = [alpha * above + (1 - alpha) * below for above, below in zip(cell, ground, strict=True)]
    assert _contrast(ink, seen) >= 4.5


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
        (palette.BLUE, palette.VIOLET),
    ]
    for one, other in (pair for group in together for pair in itertools.combinations(group, 2)):
        assert np.linalg.norm(_lab(one, deficiency) - _lab(other, deficiency)) > 15


def test_no_two_classes_of_a_scatter_look_alike():
    """Where a colour comes close to another, for eyes that see all colours or fewer, the shape differs."""
    code = np.repeat(np.arange(6), [60, 50, 40, 30, 20, 10])
    axes = Figure().subplots(1, 2)
    scatter.before_after(
        axes,
        np.random.default_rng(0).normal(size=(len(code), 2)),
        code,
        np.zeros(len(code), bool),
        [*"abcdef"],
        "t",
    )
    looks = [
        (to_hex(each.get_facecolor()[0]), each.get_paths()[0].vertices.tolist())
        for each in axes[0].collections
    ]
    assert len(looks) == 6
    for (one, shape), (other, another) in itertools.combinations(looks, 2):
        apart = [np.linalg.norm(_lab(one, each) - _lab(other, each)) for each in _DEFICIENCIES]
        assert apart[0] > 20
        assert min(apart) > 15 or shape != another


def test_thresholds_are_marked_where_they_stand_and_those_beyond_are_said():
    ax = _axes()
    drawn_thresholds(ax, ThresholdMark(0.02, "chosen: 0.02", 0.01, 0.03, {"0.5": 0.5, "far": 9.0}))
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
    drawn_thresholds(ax, ThresholdMark(np.inf, "chosen: inf", np.nan, np.nan, {}))
    assert all(np.isfinite(ax.get_xlim()))
    assert "chosen: inf" not in [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_zoomed_diagram_says_so_and_counts_its_rows():
    ax = _axes()
    drawn_reliability(ax)
    assert "zoomed to 0 to 0.4" in ax.get_xlabel()
    assert ax.get_xlim()[1] < 0.5
    assert [text.get_text() for text in ax.texts] == ["1,000", "200", "30", "4", "1"]
    assert all(text.xy[1] == 1.0 and text.xycoords[1] == "axes fraction" for text in ax.texts)
    ax = _axes()
    drawn_reliability(ax, Span())
    assert "zoomed" not in ax.get_xlabel()


def test_counts_of_bins_that_are_alike_are_said_once():
    ax = _axes()
    drawn_reliability(ax, rows=(40, 40, 41, 40, 40))
    assert not ax.texts
    assert ", 41 rows each" in ax.get_xlabel()


@pytest.mark.parametrize("crowd", [np.linspace(0.001, 0.4, 30), np.geomspace(0.001, 0.4, 30)])
def test_counts_of_bins_never_overprint(crowd):
    def picture(ax):
        rows = np.arange(1, 31) * 1000
        points = Points(crowd, crowd, crowd / 2, crowd * 2, rows)
        reliability.reliability_curves(ax, {"one": points}, title="", span=Span(0.001, 0.4), where="test")

    figure = draw(picture).figure
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=lambda box: float(box.x0))
    assert len(boxes) > 2
    assert all(one.x1 <= other.x0 for one, other in itertools.pairwise(boxes))


def test_a_logarithmic_diagram_shows_shares_of_nothing_hollow_at_its_edge():
    ax = _axes()
    mean, share = np.array([1e-9, 0.002, 0.05]), np.array([0.0, 0.01, 0.04])
    points = Points(mean, share, share / 2, share + 0.05, np.array([40, 40, 40]))
    reliability.reliability_curves(ax, {"one": points}, title="", span=Span(0.001, 0.1), where="test")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert "log scale, 0.001 and below at the edge" in ax.get_xlabel()
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == ax.get_facecolor()]
    assert [line.get_xydata().tolist() for line in hollow] == [[[0.001, 0.001]]]
    (curve,) = (line for line in ax.lines if line.get_label() == "one")
    assert curve.get_xdata().tolist() == [0.001, 0.002, 0.05]
    assert curve.get_ydata()[1:].tolist() == [0.01, 0.04]
    assert np.isnan(curve.get_ydata()[0])  # no line is drawn down to a share that the scale has not


def test_precision_is_read_on_a_logarithmic_axis_where_the_class_is_very_rare():
    recall, precision = np.array([1.0, 0.5, 0.0]), np.array([0.0005, 0.02, 1.0])
    for share, scale in ((0.0005, "log"), (0.05, "linear")):
        ax = _axes()
        curves.pr_curves(ax, {"one": (recall, precision)}, prevalence=share, title="")
        assert ax.get_yscale() == scale
        assert ("log scale" in ax.get_ylabel()) == (scale == "log")
        assert ax.get_ylim() == pytest.approx((0.0001, 1.15) if scale == "log" else (-0.001, 0.103))


@pytest.mark.parametrize("span", [Span(high=0.4), Span(0.01, 0.4)])
def test_the_histogram_holds_every_row(span):
    ax = _axes()
    rng = np.random.default_rng(0)
    reliability.score_histogram(ax, rng.random(50), rng.random(900) / 3, span=span, labels=("a", "b"))
    counts = [patch.get_data().values.sum() for patch in ax.patches]
    assert sorted(counts) == [50, 900]
