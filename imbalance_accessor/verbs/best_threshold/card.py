"""The words of a `Threshold`: the answer, the key figures, theory, the explanation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.odd_scores import are_decisions, two_values
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores
from imbalance_accessor.metrics import registry
from imbalance_accessor.metrics.objectives import Constraint
from imbalance_accessor.metrics.rounding import fixed, written
from imbalance_accessor.metrics.thresholds import MEDIAN_ROWS
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, Share, WrittenNumber, decimal, ends, number, percent
from imbalance_accessor.rendering.sentences import joined
from imbalance_accessor.rendering.slider import ThresholdSlider
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.found import ThresholdRow
from imbalance_accessor.verbs.best_threshold.phrases import (
    against_constant,
    best_constant,
    criterion_label,
    figure_said,
    no_better_than,
    no_signal,
    range_ends,
    short,
    theory,
    weights_of,
    where,
)
from imbalance_accessor.verbs.best_threshold.yours import beside_chosen
from imbalance_accessor.verbs.shared.held_out import all_held_out
from imbalance_accessor.verbs.shared.population import badges, bill, per_told, tally
from imbalance_accessor.verbs.shared.score_cells import in_cells
from imbalance_accessor.verbs.shared.slider import slider_of
from imbalance_accessor.verbs.shared.too_good import leak_first

_BY = {"chosen": "chosen", "nearest": "nearest", "yours": "your threshold", "closed_form": "closed form"}


def asked_words(t: ThresholdData) -> str:
    """Return what the threshold was chosen for: ``the best recall with a precision of at least 0.5``."""
    objective = t.asked.objective
    if t.asked.top_k is not None and objective.criterion == "flag_rate":
        return f"the top {_top(t)}"
    best = "the lowest cost" if objective.criterion == "cost" else f"the best {criterion_label(objective)}"
    constraints = joined([constraint_said(constraint) for constraint in objective.constraints])
    sure = (
        f", held with {100 * objective.confidence:.6g} % confidence"
        if objective.confidence is not None
        else ""
    )
    return f"{best} with {constraints}{sure}" if constraints else best


def _top(t: ThresholdData) -> str:
    top_k, rate = t.asked.top_k, percent(t.asked.objective.constraints[-1].bound)
    assert top_k is not None
    return f"{top_k:,} of {t.asked.rows:,} rows ({rate})" if top_k >= 1 else f"{rate} of the rows"


def constraint_said(constraint: Constraint) -> str:
    """Return a limit as a sentence names it: ``a precision of at least 0.5``."""
    if constraint.is_ceiling:
        return f"a flag rate of at most {percent(constraint.bound)}"
    return f"a {constraint.metric} of at least {constraint.bound:g}"


def title(t: ThresholdData) -> str:
    """Say where to put the threshold and what it comes to, that no threshold helps, or that none keeps the limits."""
    if are_decisions(t.strategy_scores):
        return f"Decisions leave no threshold to choose. {_title(t)}"
    return _title(t)


def _title(t: ThresholdData) -> str:
    if not t.feasible:
        return _nearest(t)
    if not t.found.helps:
        return _no_help(t)
    row = t.found.rows["chosen"]
    who = no_better_than(t.asked, t.found)
    flagged = {0.0: "nobody", 1.0: "everyone"}.get(row.points["flag_rate"], "")
    if t.asked.objective.criterion == "cost" and who and who != flagged:
        return f"Flag {who}: {_constant_cost(t, who)}, against {_figure(row, 'cost_per_row')} at {t.threshold_text}"
    return f"{_head(t)}: {_outcome(t, row)}{_against(t)}"


def _no_help(t: ThresholdData) -> str:
    """Say that no threshold does better than an answer that needs no scores; nobody is told to flag at it."""
    found, objective = t.found, t.asked.objective
    if found.ranks:
        other, mine = against_constant(found, held_out=False)
        who = best_constant(found.one_sided_cv, objective)
        return (
            f"No threshold helps: flagging {who} comes to {criterion_label(objective)} {other} "
            f"{t.strategy_scores.chosen_on}, the tuned threshold to {mine}"
        )
    said = f"No threshold helps: {no_signal(found)}"
    if objective.criterion != "cost" or objective.constraints:
        return said
    who = no_better_than(t.asked, found)
    return f"{said}. Flag {who}: {_constant_cost(t, who)}" if who else said


def _constant_cost(t: ThresholdData, who: str) -> str:
    """Say what flagging everyone or nobody costs a row, on the rows that are reported."""
    points = t.found.rows["chosen"].points
    rows = sum(points[each] for each in ("tp", "fp", "fn", "tn"))
    return f"cost {number(t.found.one_sided[who] / rows)} a row {where(t)}"


def _head(t: ThresholdData) -> str:
    if np.isinf(t.value):
        return "Flag nobody"
    is_all = t.found.place == len(t.found.table.thresholds) - 1
    return f"Flag at {t.threshold_text} and above{f', which is everyone {t.strategy_scores.chosen_on}' if is_all else ''}"


def _outcome(t: ThresholdData, row: ThresholdRow) -> str:
    objective = t.asked.objective
    if objective.criterion == "cost":
        said = f"cost {_figure(row, 'cost_per_row')} a row"
    elif objective.criterion == "flag_rate":
        said = f"precision {_figure(row, 'precision')} and recall {_figure(row, 'recall')}"
    else:
        said = f"{criterion_label(objective)} {_figure(row, objective.criterion)}"
    others = [
        constraint.metric
        for constraint in objective.constraints
        if constraint.metric not in {objective.criterion, "flag_rate"}
    ]
    held = [f"{metric} {_figure(row, metric)}" for metric in others]
    if any(constraint.is_ceiling for constraint in objective.constraints):
        held.append(f"{percent(row.points['flag_rate'])} of the rows flagged")
    kept = f" with {joined(held)}" if held else ""
    return f"{said}{kept}{' on test' if len(t.strategy_scores.scored.parts.test) else ', cross-fitted'}"


def _figure(row: ThresholdRow, metric: str) -> str:
    if _is_undefined(row, metric):
        return "undefined, since nobody is flagged,"
    interval = _interval(row, metric)
    if not interval.bounded:
        return number(interval.point)
    low, high = ends(interval)
    return f"{_pointed(interval)} [{low}, {high}]"


def _against(t: ThresholdData) -> str:
    objective = t.asked.objective
    default = t.found.rows.get("default")
    if default is None or objective.constraints:
        return ""
    metric = "cost_per_row" if objective.criterion == "cost" else objective.criterion
    other = _interval(default, metric)
    return f", against {_pointed(other)} at {default.threshold:g}"


def _pointed(interval: Interval) -> str:
    """Write the figure itself, as a sentence has it."""
    return decimal(interval.point) if interval.digits == 3 else fixed(interval.point, interval.digits)


def _nearest(t: ThresholdData) -> str:
    """Say that no threshold keeps the limits, and the nearest point to it, on the rows that choose."""
    objective, table, place = t.asked.objective, t.found.table, t.found.place
    wanted = joined([constraint_said(constraint) for constraint in objective.constraints])
    sure = f" with {100 * objective.confidence:.6g} % confidence" if objective.confidence is not None else ""
    counts = table.confusion
    figures = [
        "precision",
        "recall",
        *(["flag_rate"] if any(constraint.is_ceiling for constraint in objective.constraints) else []),
    ]
    reached = [
        f"{each.replace('_', ' ')} {decimal(registry.figure_of(counts, each)[place])}" for each in figures
    ]
    bound = ""
    if objective.confidence is not None:
        bounds = [
            float(np.asarray(constraint.reached(counts, objective.confidence))[place])
            for constraint in objective.constraints
        ]
        missed = [
            value - constraint.bound if constraint.is_ceiling else constraint.bound - value
            for constraint, value in zip(objective.constraints, bounds, strict=True)
        ]
        worst = int(np.argmax(missed))
        side = "upper" if objective.constraints[worst].is_ceiling else "lower"
        bound = f" ({objective.constraints[worst].metric.replace('_', ' ')}: {side} bound {decimal(bounds[worst])})"
    return (
        f"No threshold keeps {wanted}{sure} {t.strategy_scores.chosen_on}. The nearest is "
        f"{t.threshold_text}, with {joined(reached)}{bound}"
    )


def card(t: ThresholdData) -> Card:
    """Return what is shown."""
    helps = t.feasible and t.found.helps
    handed_out = (
        [".apply(df)" if isinstance(t.strategy_scores, ColumnScores) else ".model()"] if helps else []
    )
    return Card(
        title=leak_first(title(t), t.findings),
        figures=figures(t),
        table=_table(t),
        best="chosen" if helps else None,
        notes=_notes(t),
        findings=t.findings,
        next=(".report", *handed_out, ".threshold_ci", ".fold_thresholds"),
        badges=badges(t.strategy_scores.scored.parts.features),
        slider=_slider(t),
    )


def _slider(t: ThresholdData) -> ThresholdSlider | None:
    default, chosen = (t.found.rows.get(each) for each in ("default", "chosen"))
    crossed = None
    if chosen is not None and not len(t.strategy_scores.scored.parts.test):
        crossed = chosen.points[t.asked.objective.criterion]
    return slider_of(
        t.strategy_scores.scored,
        t.found.table,
        t.found.threshold,
        t.found.tuning,
        criterion=criterion_label(t.asked.objective),
        called="chosen" if t.feasible else "nearest",
        chosen_on=t.strategy_scores.chosen_on,
        default=None if default is None else default.threshold,
        cross_fitted=crossed,
    )


def figures(t: ThresholdData) -> tuple[tuple[str, str], ...]:
    """Return the key figures."""
    found = [("chosen for", asked_words(t)), ("how sure", threshold_ci(t)), (where(t), _decided(t))]
    if claim(t):
        found.append(
            ("tuned on " + ("test" if len(t.strategy_scores.scored.parts.test) else "the same"), claim(t))
        )
    found.append(("your threshold", "; ".join(beside_chosen(t))))
    return tuple((label, said) for label, said in found if said)


def threshold_ci(t: ThresholdData) -> str:
    """Say how far the threshold may lie elsewhere."""
    range_, thresholds = (
        t.threshold_ci,
        [threshold for threshold in t.fold_thresholds.values() if not np.isnan(threshold)],
    )
    if two_values(t.strategy_scores) is not None:
        return "two scores have one threshold"
    if not range_.is_drawn:
        return "not known: too few groups to resample"
    if np.isnan(range_.low):
        return "no resample of these rows has such a threshold"
    scores = f"these scores{' over all deals' if t.found.averages else ''}"
    of = f"of the resamples of {scores}{' that have one' if range_.infeasible > 0 else ''}, not of a refit"
    said = f"{threshold_span(t, range_.low, range_.high)} in 95 % {of}"
    if thresholds:
        said += f", {threshold_span(t, min(thresholds), max(thresholds))} without one fold"
    if range_.infeasible > 0:
        said += f"; in {percent(range_.infeasible)} of the resamples no threshold keeps the limit"
    return said


def single(t: ThresholdData) -> str:
    """Say that so many rows choose that the single best threshold is taken; nothing where a median is, or none could be."""
    tuning = t.found.tuning
    if tuning.is_median or not tuning.has_draws:
        return ""
    return f"More than {MEDIAN_ROWS:,} rows choose: the threshold is the single best one, not a median over resamples."


def dealt(t: ThresholdData) -> str:
    """Say that figures are means over several deals of the folds; nothing where there is one."""
    if not t.found.averages:
        return ""
    if t.asked.objective.constraints:
        return f"The threshold is the best by counts {t.found.averages}, and cross-fitted figures are means over them."
    return f"The threshold and cross-fitted figures are {t.found.averages}."


def threshold_span(t: ThresholdData, low: float, high: float) -> str:
    """Write where thresholds lie, so that the chosen one lies outside only where it does."""
    first, last = range_ends(low, high, t.found.threshold, t.threshold_text)
    return first if first == last else f"{first} to {last}"


def _decided(t: ThresholdData) -> str:
    row = t.found.rows["chosen" if t.feasible else "nearest"]
    points, weights = row.points, weights_of(t.found)
    tp, fp, fn, n, say, whole = tally(points, weights)
    said = f"{say(tp + fp)} of {n:,} rows flagged, {say(tp)} of them positive"
    if "cost" in points:
        said += f"; cost {bill(points['cost'], points, weights)} {whole}"
        default = t.found.rows.get("default")
        if default is not None:
            against = default.points
            said += f" ({bill(against['cost'], against, weights)} at {default.threshold:g})"
    return f"{said}; {say(fn)} positive{'' if fn == 1 else 's'} missed"


def claim(t: ThresholdData) -> str:
    """Say what tuning on the reported rows themselves would report."""
    (threshold, value), objective = t.found.claim, t.asked.objective
    if not t.feasible or objective.criterion == "flag_rate":
        return ""
    if np.isnan(threshold):
        return "would find no threshold that keeps the limit"
    points = t.found.rows["chosen"].points
    mine = points[objective.criterion]
    gained = mine - value if objective.criterion == "cost" else value - mine
    say = figure_said(t.found, points)
    if say(value) == say(mine):
        return f"would report no more than {criterion_label(objective)} {say(value)}"
    at = "with nobody flagged" if np.isinf(threshold) else f"at {written(threshold)}"
    if gained > 0:
        return (
            f"would report {criterion_label(objective)} {say(value)} {at} (optimistic); the "
            f"{'held-out' if where(t) == 'on test' else where(t)} value is {say(mine)}"
        )
    if objective.confidence is not None:
        return (
            f"would need a threshold {at} to be as sure, with {criterion_label(objective)} {say(value)}; the chosen one "
            f"has {say(mine)}"
        )
    # those of the other folds may keep it, and be better than any one threshold for all rows
    kept = all(limit.is_kept(points[limit.metric], weighted=True) for limit in objective.constraints)
    return (
        f"would meet the limit {at}, with {criterion_label(objective)} {say(value)}; the chosen threshold has "
        f"{say(mine)}{'' if kept else ' and does not'}"
    )


def _table(t: ThresholdData) -> pd.DataFrame:
    objective = t.asked.objective
    metric = "cost_per_row" if objective.criterion == "cost" else objective.criterion
    rows = t.found.rows
    names = [_BY.get(name, f"at {row.threshold:g}") for name, row in rows.items()]
    table: dict[str, list[Any]] = {"threshold": [WrittenNumber(_threshold_text(t, name)) for name in rows]}
    if metric not in {"precision", "recall", "flag_rate"}:
        column = "cost a row" if objective.criterion == "cost" else criterion_label(objective)
        table[column] = [_interval(row, metric) for row in rows.values()]
    table["precision"] = [_interval(row, "precision") for row in rows.values()]
    table["recall"] = [_interval(row, "recall") for row in rows.values()]
    table["flagged"] = [Share(row.points["flag_rate"]) for row in rows.values()]
    if "cost" in rows[next(iter(rows))].points:
        weights = weights_of(t.found)
        points = [row.points for row in rows.values()]
        column = f"cost{per_told(points[0], weights).removesuffix(' rows')}"
        table[column] = [WrittenNumber(bill(each["cost"], each, weights)) for each in points]
    return pd.DataFrame(table, index=names)


#: Figures whose bootstrap says nothing where nobody is flagged: they are 0 in every draw.
_OF_FLAGS = frozenset({"f1", "fbeta", "mcc", "g_mean"})


def _is_undefined(row: ThresholdRow, metric: str) -> bool:
    """Whether a figure is a share of nothing: the precision of no flags."""
    return metric == "precision" and row.points["flag_rate"] == 0


def _interval(row: ThresholdRow, metric: str) -> Interval:
    point = row.points[metric]
    if _is_undefined(row, metric):
        return Interval(np.nan)
    if metric in _OF_FLAGS and row.points["flag_rate"] == 0:
        return Interval(point)
    digits = 3 if abs(point) <= 1 else 2 if abs(point) < 10 else 1 if abs(point) < 100 else 0
    return Interval(point, row.figures.low[metric], row.figures.high[metric], digits)


def _threshold_text(t: ThresholdData, name: str) -> str:
    if name in {"chosen", "nearest"}:
        return t.threshold_text
    threshold = t.found.rows[name].threshold
    if name == "yours":
        return written(threshold)
    return "by row" if np.isnan(threshold) else short(threshold)


def _notes(t: ThresholdData) -> tuple[str, ...]:
    strategy_scores, scored = t.strategy_scores, t.strategy_scores.scored
    parts = scored.parts
    n = parts.rows_in(parts.test if len(parts.test) else parts.train)
    rows = (
        f"all {n:,} rows. Each fold is flagged at the threshold the other folds chose. Nothing was held out."
    )
    if len(parts.test):
        rows = f"the {n:,} test rows, which did not choose the threshold."
    if scored.reports_all_held_out:
        rows = f"{all_held_out(scored)}."
    row = next(iter(t.found.rows.values()))
    rows = f"{'[..]: 95 % intervals' if row.is_drawn else 'Figures are'} on {rows}"
    if t.threshold_ci.grouped:
        rows += f" The threshold's range comes from {t.threshold_ci.groups:,} score groups of equal mass."
    if isinstance(strategy_scores, FittedScores):
        what = f"model={strategy_scores.plan.model.name!r}, strategy={strategy_scores.name!r}"
    else:
        what = f"scores={strategy_scores.column!r}" if isinstance(strategy_scores, ColumnScores) else ""
    positive = parts.features.target.pos_label
    folds = len(np.unique(strategy_scores.scored.folds.ids[strategy_scores.scored.folds.ids >= 0]))
    again = f", dealt {len(t.found.grids)} times" if t.found.averages else ""
    return (
        *filter(None, (theory(t), single(t), dealt(t), in_cells(strategy_scores, chosen=True))),
        rows,
        f"{what}, {parts.split_by.text}, {folds} folds{again}, positive class {positive!r}",
    )
