"""What is said of a threshold of the user's own: what it comes to beside the chosen one, and whether it keeps the limits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from imbalance_accessor.metrics.objectives import Constraint
from imbalance_accessor.metrics.registry import metric_label
from imbalance_accessor.metrics.rounding import written
from imbalance_accessor.rendering.cells import number
from imbalance_accessor.rendering.sentences import joined
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.phrases import beyond, criterion_label, is_kept, where


def own_threshold(t: ThresholdData) -> list[str]:
    """Say what the user's own threshold comes to, for a colleague; nothing where none was given."""
    if t.asked.threshold is None:
        return []
    if t.asked.threshold == t.found.threshold:
        return [f"Your threshold {written(t.asked.threshold)} is the {_called(t)} one."]
    return [f"At your threshold {_compared(t)}.", *(f"It {each}." for each in beside_chosen(t))]


def beside_chosen(t: ThresholdData) -> list[str]:
    """Say what the user's own threshold costs more than the chosen one, and which limits it keeps and breaks."""
    return [] if t.asked.threshold is None else [*_costs_more(t), *_limits(t)]


def own_threshold_in_person(t: ThresholdData) -> list[str]:
    """Say the same in one sentence, as a candidate would."""
    if t.asked.threshold is None or t.asked.threshold == t.found.threshold:
        return []
    points, limits = _points(t)[0], t.asked.objective.constraints
    if all(is_kept(each, points) for each in limits):
        return [f"At a threshold of {_compared(t)}."]
    at, _, figures = _compared(t).partition(", ")
    return [f"A threshold of {at} breaks my limit{'s' if len(limits) > 1 else ''}: {figures}."]


def _called(t: ThresholdData) -> str:
    return "tuned" if t.feasible else "nearest"


def _compared(t: ThresholdData) -> str:
    """Hold the figures at both thresholds against each other, on the rows that are reported."""
    assert t.asked.threshold is not None
    mine, other = _points(t)
    at = "with nobody flagged" if np.isinf(t.found.threshold) else f"at the {_called(t)} {t.threshold_text}"
    held_out = where(t) == "on test"
    rows, crossed = (where(t), "") if held_out else (t.strategy_scores.chosen_on, f"{where(t)} ")
    return (
        f"{written(t.asked.threshold)}, {_figures(t, mine)} {rows}, against {_values(t, other)} {crossed}{at}"
    )


def _points(t: ThresholdData) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the figures at the user's threshold, and at the chosen one."""
    rows = t.found.rows
    return rows["yours"].points, rows["chosen" if t.feasible else "nearest"].points


def _metrics(t: ThresholdData) -> list[str]:
    """Return what is compared: the criterion; precision and recall where it is a limit's or their trade."""
    objective = t.asked.objective
    if objective.criterion == "cost":
        return ["cost_per_row"]
    if objective.constraints:
        return ["precision", "recall"]
    return [objective.criterion]


def _figures(t: ThresholdData, points: Mapping[str, float]) -> str:
    """Name the figures at a threshold."""
    first, *others = (f"{_label(t, metric)} {_value(metric, points)}" for metric in _metrics(t))
    return joined([" is ".join(first.rsplit(" ", 1)), *others])


def _values(t: ThresholdData, points: Mapping[str, float]) -> str:
    return joined(_value(metric, points) for metric in _metrics(t))


def _label(t: ThresholdData, metric: str) -> str:
    if metric == "cost_per_row":
        return "the cost of a row"
    return (
        criterion_label(t.asked.objective) if metric == t.asked.objective.criterion else metric_label(metric)
    )


def _value(metric: str, points: Mapping[str, float]) -> str:
    """Write a figure; the precision of no flags is none."""
    undefined = metric == "precision" and points["flag_rate"] == 0
    return "undefined" if undefined else number(points[metric])


def _costs_more(t: ThresholdData) -> list[str]:
    """Say what the user's threshold costs more than the chosen one, where costs are known."""
    mine, other = _points(t)
    if "cost" not in mine:
        return []
    more = 1000 * (mine["cost_per_row"] - other["cost_per_row"])
    if number(more) == number(0.0):
        return [f"costs as much as the {_called(t)} one"]
    return [f"costs {number(abs(more))} {'more' if more > 0 else 'less'} per 1,000 rows"]


def _limits(t: ThresholdData) -> list[str]:
    """Say which limits the user's threshold keeps and breaks."""
    limits, (points, _) = t.asked.objective.constraints, _points(t)
    if not limits:
        return []
    broken = [each for each in limits if not is_kept(each, points)]
    if not broken:
        return [f"keeps the limit{'s' if len(limits) > 1 else ''}"]
    said = [_broken(each, points) for each in broken]
    some = "the limit" if len(limits) == 1 else "one of the limits" if len(broken) == 1 else "the limits"
    return [f"breaks {some}: {joined(said)}"]


def _broken(limit: Constraint, points: Mapping[str, float]) -> str:
    """Say by how much a limit is broken."""
    value = points[limit.metric]
    if _value(limit.metric, points) == "undefined":
        return "it flags nobody"
    side = "above" if limit.is_ceiling else "below"
    return f"{metric_label(limit.metric)} {beyond(value, limit)} is {side} {limit.bound:g}"
