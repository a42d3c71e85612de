"""The pictures of a `Threshold`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from imbalance_accessor.metrics.figures import Averaged
from imbalance_accessor.metrics.sensitivity import average_precision_at, decisions_at
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.verbs.best_threshold import card, phrases
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.shared.prevalences import prevalences_of


def pictures(t: ThresholdData) -> Mapping[str, Picture]:
    """Return what can be drawn; figures against the threshold first."""
    found: dict[str, Picture] = {
        "thresholds": lambda ax: _thresholds(t, ax),
        "pr": lambda ax: _pr(t, ax),
        "roc": lambda ax: _roc(t, ax),
    }
    if t.found.table.cost is not None:
        found["cost"] = lambda ax: _cost(t, ax)
        found["prevalence"] = Panels(2, lambda axes: _prevalence(t, axes))
    else:
        found["prevalence"] = lambda ax: _prevalence(t, [ax])
    return found


def _stand(t: ThresholdData, *, theory: bool = False) -> Any:
    from imbalance_accessor.rendering.plots.thresholds import ThresholdMark

    rows = t.found.rows
    others = {f"{rows['default'].threshold:g}": rows["default"].threshold} if "default" in rows else {}
    if t.asked.threshold is not None:
        others[f"yours: {t.asked.threshold:g}"] = t.asked.threshold
    if theory and isinstance(t.found.theory, float):
        others["closed form"] = t.found.theory
    name = f"{'chosen' if t.feasible else 'nearest'}: {t.threshold_text}"
    return ThresholdMark(t.found.threshold, name, t.threshold_ci.low, t.threshold_ci.high, others)


def _thresholds(t: ThresholdData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.axes import shares_up
    from imbalance_accessor.rendering.plots.thresholds import threshold_lines

    objective, table = t.asked.objective, t.found.table
    counts = table.confusion
    lines = {"precision": counts.precision, "recall": counts.recall}
    points = _points(t)
    marked = {name: points[name] for name in lines}
    if objective.criterion not in {"precision", "recall", "cost", "flag_rate"}:
        name = phrases.criterion_label(objective)
        lines[name], marked[name] = objective.value(counts, None), points[objective.criterion]
    beside = None
    if objective.criterion == "cost" and table.cost is not None:
        beside = ("cost a row", table.cost / (table.positives + table.negatives), points["cost_per_row"])
    scale = shares_up(ax, table.positives / (table.positives + table.negatives))
    threshold_lines(
        ax,
        table.thresholds,
        lines,
        _stand(t),
        title=card.title(t),
        ylabel=f"share, 0 to 1 ({t.strategy_scores.chosen_on}{scale})",
        points=marked,
        where="the test set there" if len(t.strategy_scores.scored.parts.test) else "cross-fitted",
        beside=beside,
    )


def _cost(t: ThresholdData, ax: Any) -> None:
    from imbalance_accessor.rendering.plots.thresholds import threshold_lines

    table = t.found.table
    assert table.cost is not None
    rows = table.positives + table.negatives
    threshold_lines(
        ax,
        table.thresholds,
        {"cost a row": table.cost / rows},
        _stand(t, theory=True),
        title=card.title(t),
        ylabel=f"cost a row ({t.strategy_scores.chosen_on})",
        points={"cost a row": _points(t)["cost_per_row"]},
        where="the test set there" if len(t.strategy_scores.scored.parts.test) else "cross-fitted",
    )


def _points(t: ThresholdData) -> dict[str, float]:
    return t.found.rows["chosen" if t.feasible else "nearest"].points


def _at(t: ThresholdData) -> dict[str, dict[str, float]]:
    """Return the figures at the chosen threshold and at the default one, by what they are called."""
    kind = "chosen" if t.feasible else "nearest"
    found = {}
    if t.found.rows[kind].points["flag_rate"] > 0:  # a precision of no flags stands on no curve
        found[f"{kind}: {t.threshold_text}"] = t.found.rows[kind].points
    for name, start in (("yours", "yours: "), ("default", "at ")):
        if name in t.found.rows:
            row = t.found.rows[name]
            found[f"{start}{row.threshold:g}"] = row.points
    return found


def _rows(t: ThresholdData) -> tuple[str, Any, Any, Any]:
    """Return the rows that are reported: what they are called, labels, scores and how much each counts."""
    labelled_scores, grid = t.strategy_scores.labelled_scores, t.found.grids[0]
    if len(t.strategy_scores.scored.parts.test):
        counted = labelled_scores.weights.of(labelled_scores.y)
        return "test set", labelled_scores.y, labelled_scores.score, counted
    counted = labelled_scores.weights_oof.take(labelled_scores.seen).of(grid.y)
    return f"all rows{', first deal' if t.found.averages else ''}", grid.y, grid.score, counted


def _pr(t: ThresholdData, ax: Any) -> None:
    from sklearn.metrics import precision_recall_curve

    from imbalance_accessor.rendering.plots.curves import pr_curves
    from imbalance_accessor.rendering.plots.thresholds import mark_points

    name, y, score, counted = _rows(t)
    precision, recall, _ = precision_recall_curve(y, score, sample_weight=counted)
    share = float(np.average(y, weights=counted))
    pr_curves(ax, {name: (recall, precision)}, prevalence=share, title=card.title(t))
    mark_points(ax, {each: (points["recall"], points["precision"]) for each, points in _at(t).items()})


def _roc(t: ThresholdData, ax: Any) -> None:
    from sklearn.metrics import roc_curve

    from imbalance_accessor.rendering.plots.curves import roc_curves
    from imbalance_accessor.rendering.plots.thresholds import mark_points

    name, y, score, counted = _rows(t)
    fpr, tpr, _ = roc_curve(y, score, sample_weight=counted)
    roc_curves(ax, {name: (fpr, tpr)}, card.title(t))
    mark_points(ax, {each: (1 - points["specificity"], points["recall"]) for each, points in _at(t).items()})


def _prevalence(t: ThresholdData, axes: Any) -> None:
    from imbalance_accessor.rendering.plots.axes import figure_title, shared_legend
    from imbalance_accessor.rendering.plots.prevalence import prevalence_lines

    scored, labelled_scores = t.strategy_scores.scored, t.strategy_scores.labelled_scores
    around = prevalences_of(scored.parts.features)
    at = around.axis, around.drawn
    on_test, criterion = labelled_scores.on_test(t.found.threshold), t.asked.objective.criterion
    ranked = on_test if scored.held_out else labelled_scores.out_of_fold(criterion)
    decided = decisions_at(Averaged(t.found.reported), *at)
    lines = {
        "average precision": average_precision_at(ranked, *at),
        f"precision at {t.threshold_text}": decided["precision"],
    }
    where = "test set" if scored.held_out else "out of fold"
    title = around.title("Precision at the threshold", decided["precision"])
    own = title if len(axes) == 1 else ""
    ylabel = f"share, 0 to 1 ({where})"
    prevalence_lines(axes[0], around.axis, lines, around.marks, ylabel=ylabel, title=own)
    if len(axes) == 1:
        return
    cost = {"cost per 1,000 rows": decided["cost_per_1000"]}
    ylabel = f"cost per 1,000 rows ({where})"
    prevalence_lines(axes[1], around.axis, cost, around.marks, ylabel=ylabel, is_share=False)
    shared_legend(axes)
    figure_title(axes, title)
