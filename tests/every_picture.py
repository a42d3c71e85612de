"""Every kind of picture there is, with labels that try to break out of where they are drawn."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import precision_recall_curve

from imbalance_accessor.rendering.plots import (
    bars,
    curves,
    forests,
    leaks,
    matrices,
    prevalence,
    reliability,
    scatter,
    thresholds,
    traces,
    training_sizes,
)
from imbalance_accessor.rendering.plots.panels import Panels
from imbalance_accessor.rendering.plots.reliability import Points, Span
from imbalance_accessor.rendering.plots.thresholds import ThresholdMark

LABELS = ["<script>alert(1)</script>", r"$\alpha$ and $x", "two\nlines", "\x1b[31mred", "x" * 300, "ok"]
TITLE = r"A title $\frac{1}$ with " + "words " * 30


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
    traces.round_lines(axes, at, [1 / at, 2 / at], [at / 9, at / 8], at / 10, title=TITLE, best=3)


def scored_curve(recall=True):
    rng = np.random.default_rng(0)
    y = rng.random(300) < 0.2
    precision, recall, _ = precision_recall_curve(y, y + rng.normal(size=300))
    return recall, precision


def drawn_thresholds(ax, stand=None):
    values = np.append(np.inf, np.linspace(0.9, 0.0, 50))
    lines = {LABELS[0]: np.linspace(1, 0, 51), LABELS[1]: np.linspace(0, 1, 51)}
    stand = stand or ThresholdMark(0.4, LABELS[0], 0.3, 0.5, {LABELS[1]: 0.5, "far": 9.0})
    thresholds.threshold_lines(
        ax, values, lines, stand, title=TITLE, ylabel="share", points={LABELS[0]: 0.5}, where="test"
    )


def _points(ax):
    thresholds.mark_points(ax, {LABELS[0]: (0.2, 0.5), LABELS[1]: (0.4, 0.3)})


_ZOOMED = Span(high=0.4)


def drawn_reliability(ax, span=_ZOOMED, rows=(1000, 200, 30, 4, 1)):
    mean = np.linspace(0.01, 0.3, 5)
    points = Points(mean, mean, mean / 2, mean * 2, np.array(rows))
    reliability.reliability_curves(
        ax, dict.fromkeys(LABELS[:3], points), title=TITLE, span=span, where="test"
    )


def drawn_histogram(ax):
    rng = np.random.default_rng(0)
    sides = (LABELS[0], LABELS[1])
    reliability.score_histogram(ax, rng.random(50), rng.random(900) / 3, span=Span(high=0.4), labels=sides)


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
        ax, dict.fromkeys(LABELS, scored_curve()), prevalence=0.2, title=TITLE, points={"ok": (0.5, 0.5)}
    ),
    "roc_curves": lambda ax: curves.roc_curves(
        ax, dict.fromkeys(LABELS, scored_curve()), TITLE, {"ok": (0.5, 0.5)}
    ),
    "threshold_lines": drawn_thresholds,
    "mark_points": _points,
    "column_aucs": lambda ax: leaks.column_aucs(
        ax, LABELS, np.linspace(1, 0.5, len(LABELS)), limit=0.999, title=TITLE
    ),
    "order_dots": lambda ax: leaks.order_dots(
        ax, LABELS, np.tile([0.7, 0.6, 0.8], (len(LABELS), 1)), wrong=[True] * len(LABELS), title=TITLE
    ),
    "moved_panels": Panels(2, _moved),
    "stage_bars": Panels(2, _stages),
    "round_lines": Panels(3, _rounds),
    "size_curve": lambda ax: training_sizes.size_curve(
        ax,
        np.array([5.0, 10.0, 20.0]),
        np.array([0.2, 0.3, 0.35]),
        [np.array([0.1, 0.2, 0.2]), np.array([0.3, 0.4, 0.5])],
        np.array([[0.1, 0.25, 0.35], [0.3, 0.35, 0.35]]),
        reference=0.05,
        title=TITLE,
        where="on test",
    ),
    "term_bars": lambda ax: traces.term_bars(
        ax,
        LABELS * 4,
        np.linspace(-1, 1, 24),
        unit=LABELS[1],
        thresholds=[(LABELS[1], 0.5), ("own", 9.0)],
        title=TITLE,
    ),
    "reliability_curves": drawn_reliability,
    "score_histogram": drawn_histogram,
    "prevalence_lines": _prevalence,
    "confusions": Panels(
        (2, 2), lambda axes: matrices.confusions(axes, LABELS[:3], [np.eye(2)] * 3, LABELS[:2], title=TITLE)
    ),
    "one_confusion": lambda ax: matrices.one_confusion(ax, np.eye(2), LABELS[:2], title=TITLE),
    "class_confusion": lambda ax: matrices.class_confusion(ax, np.diag(COUNTS) + 1, LABELS, title=TITLE),
}
