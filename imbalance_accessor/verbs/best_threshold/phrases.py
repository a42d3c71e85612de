"""Phrases that the card, the sentences, the findings and the plots of a `Threshold` share, the closed form's among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from imbalance_accessor.metrics import registry
from imbalance_accessor.metrics.closed_forms import Level
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.rounding import fixed, minus
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.rendering.cells import decimal, number
from imbalance_accessor.rendering.labels import clean
from imbalance_accessor.rendering.sentences import capital
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.found import ThresholdSearchResult
from imbalance_accessor.verbs.best_threshold.options import ThresholdObjective
from imbalance_accessor.verbs.shared.population import bill, brought, per_told
from imbalance_accessor.verbs.shared.snippet_threshold import elkan


def where(t: ThresholdData) -> str:
    """Return the rows that are reported, for a sentence."""
    return "on test" if len(t.strategy_scores.scored.parts.test) else "cross-fitted"


def criterion_label(objective: Objective) -> str:
    """Return the criterion as it is written in a sentence."""
    return (
        f"F{objective.beta:g}"
        if objective.criterion == "fbeta"
        else registry.metric_label(objective.criterion)
    )


def no_signal(found: ThresholdSearchResult) -> str:
    """Say that the scores do not rank, or that they rank backwards."""
    if found.backwards:
        return f"the scores rank backwards ({ranked(found)})"
    return f"the scores rank the rows not clearly better than chance ({ranked(found)})"


def ranked(found: ThresholdSearchResult) -> str:
    """Write how well the scores that chose rank within folds."""
    ranking = found.ranking_signal
    if ranking is None or np.isnan(ranking.auc):
        return "no fold has rows to compare"
    return f"ROC-AUC {ranking.auc:.3f} within folds"


def best_constant(one_sided: Mapping[str, float], objective: Objective) -> str:
    """Return whether flagging everyone or nobody is the better answer that needs no scores."""
    sign = -1 if objective.criterion == "cost" else 1
    return max(one_sided, key=lambda each: sign * one_sided[each])


def against_constant(found: ThresholdSearchResult, *, held_out: bool) -> tuple[str, str]:
    """Write the criterion of the better constant answer and of the threshold, on the rows reported or those that chose."""
    objective, row = found.tuning.objective, found.rows["chosen"]
    one_sided = found.one_sided if held_out else found.one_sided_cv
    points = row.points if held_out else row.cv
    say = figure_said(found, points)
    return say(one_sided[best_constant(one_sided, objective)]), say(points[objective.criterion])


def range_ends(low: float, high: float, threshold: float, threshold_text: str) -> tuple[str, str]:
    """Write the ends of a threshold's range so that the threshold, as it is written, lies outside only where it does.

    Examples
    --------
    >>> range_ends(0.6591, 0.6934, 0.6591, "0.65"), range_ends(0.6591, 0.6934, 0.6934, "0.69341")
    (('0.65', '0.693'), ('0.659', '0.69341'))
    """
    first, last = short(low), short(high)
    if np.isinf(threshold):
        return first, last
    written = float(threshold_text)
    if low <= threshold and np.isfinite(low) and float(first) > written:
        first = threshold_text
    if high >= threshold and np.isfinite(high) and float(last) < written:
        last = threshold_text
    return first, last


def no_better_than(asked: ThresholdObjective, found: ThresholdSearchResult) -> str:
    """Return who is flagged by an answer that needs no scores and does as well: everyone or nobody; else nothing."""
    objective = asked.objective
    row = found.rows.get("chosen")
    # limits may leave no other, and few groups cannot tell
    if objective.constraints or row is None or not row.is_drawn:
        return ""
    sign, who = -1 if objective.criterion == "cost" else 1, best_constant(found.one_sided, objective)
    mine = row.points[objective.criterion]
    return "" if sign * mine > sign * found.one_sided[who] else who


def reported_metric(objective: Objective) -> str:
    """Return the figure that the headline gives: a row's cost, or the criterion."""
    return "cost_per_row" if objective.criterion == "cost" else objective.criterion


def is_unconfirmed(t: ThresholdData) -> bool:
    """Whether the default threshold does better on the rows that are reported; limits leave that open."""
    rows, objective = t.found.rows, t.asked.objective
    if objective.constraints or not {"chosen", "default"} <= {*rows}:
        return False
    metric, sign = reported_metric(objective), -1 if objective.criterion == "cost" else 1
    mine, other = (rows[each].points[metric] for each in ("chosen", "default"))
    return sign * other > sign * mine and number(other) != number(mine)


def broken_limits(t: ThresholdData) -> list[Constraint]:
    """Return the limits that the chosen threshold breaks on the rows that are reported."""
    row = t.found.rows.get("chosen")
    if row is None:
        return []
    points = row.points
    known = [each for each in t.asked.objective.constraints if not _is_of_nothing(each, points)]
    return [each for each in known if not is_kept(each, points)]


def is_kept(constraint: Constraint, points: Mapping[str, float]) -> bool:
    """Whether figures keep a limit; where nobody is flagged, one on precision is not known to be kept."""
    kept = constraint.is_kept(points[constraint.metric], weighted=True)
    return bool(kept) and not _is_of_nothing(constraint, points)


def beyond(value: float, limit: Constraint) -> str:
    """Write a figure with as many digits as tell it from the limit that it breaks."""
    written = (f"{value:.{digits}f}" for digits in range(3, 17))
    return next((each for each in written if float(each) != limit.bound), repr(value))


def _is_of_nothing(constraint: Constraint, points: Mapping[str, float]) -> bool:
    return constraint.metric == "precision" and points["flag_rate"] == 0


def are_within(t: ThresholdData) -> bool:
    """Whether the figures at the chosen and at the default threshold lie within each other's interval."""
    metric = reported_metric(t.asked.objective)
    mine, other = (t.found.rows[each].figures for each in ("chosen", "default"))
    pairs = ((mine, other), (other, mine))
    return all(a.low[metric] <= b.points[metric] <= a.high[metric] for a, b in pairs)


def figure_said(found: ThresholdSearchResult, points: Mapping[str, float]) -> Callable[[float], str]:
    """Return how a value of the criterion is written, on the rows that these figures are of."""
    weights = weights_of(found)
    if found.tuning.objective.criterion != "cost":
        return number
    return lambda cost: bill(cost, points, weights) + per_told(points, weights)


def weights_of(found: ThresholdSearchResult) -> Weights:
    """Return how much the rows that are reported count."""
    return found.reported[0].weights


def short(threshold: float) -> str:
    """Write a threshold with three digits, or as many as tell it from 0 and 1."""
    if np.isinf(threshold):
        return "nobody flagged"
    text = f"{threshold:.3g}"
    return text if text not in {"0", "1"} or float(text) == threshold else f"{threshold:.7g}"


def theory(t: ThresholdData) -> str:
    """Say where the closed form puts the threshold, and whether the probabilities are calibrated well enough for it."""
    found, objective = t.found, t.asked.objective
    if found.theory is None:
        if not t.strategy_scores.labelled_scores.is_probability and not objective.constraints:
            return "Theory: No closed form: these scores are no probabilities."
        return ""
    if objective.criterion == "cost":
        return f"For comparison: Elkan's formula {beside_the_tuned(t)}. {capital(trusted(t))}."
    threshold = "" if objective.criterion == "accuracy" else f" = {short(float(np.median(found.theory)))}"
    return f"Theory: {capital(formula(t))}{threshold}. {capital(trusted(t))}."


def beside_the_tuned(t: ThresholdData) -> str:
    """Write Elkan's threshold, and what it costs on the rows that the tuned one is reported on."""
    theory, form = t.found.theory, elkan_formula(t.asked.costs or {})
    assert theory is not None
    if isinstance(theory, float):
        level = form if form == short(theory) else f"{form} = {short(theory)}"
    else:
        level = f"{form}, one threshold a row ({short(float(theory.min()))} to {short(float(theory.max()))}),"
    rows = t.found.rows
    same = rows.get("closed_form") or rows["default"]  # the default threshold is not measured twice
    points, weights = same.points, weights_of(t.found)
    return f"{level} comes to {cost_said(points['cost'], points, weights)}{per_told(points, weights)} here"


def cost_said(cost: float, points: Mapping[str, float], weights: Weights) -> str:
    """Write a cost, or what it is when it is negative: a gain."""
    return f"a {'cost' if cost >= 0 else 'gain'} of {bill(abs(cost), points, weights)}"


def formula(t: ThresholdData) -> str:
    """Return the closed form of the criterion's threshold, which for costs is Elkan's."""
    objective = t.asked.objective
    return {
        "f1": "half of the F1 at the tuned threshold",
        "fbeta": f"F{objective.beta:g} at the tuned threshold / (1 + {objective.beta:g}²)",
        "accuracy": "one half",
        "balanced_accuracy": "the prevalence",
    }[objective.criterion]


def elkan_formula(costs: dict[str, Any]) -> str:
    """Write the closed form with amounts or column names, leaving out what is 0."""
    return elkan(*(_amount(costs[each]) for each in ("fp", "fn", "tp", "tn")))


def _amount(amount: Any) -> str:
    # a formula is code that is read
    return amount_said(amount).replace("−", "-") if isinstance(amount, float) else clean(amount)


def amount_said(amount: float) -> str:
    """Write an amount for a sentence.

    Examples
    --------
    >>> amount_said(50000.0), amount_said(-2.5)
    ('50,000', '−2.5')
    """
    return fixed(amount) if amount == round(amount) or abs(amount) >= 1e9 else minus(f"{amount:,.7g}")


def trusted(t: ThresholdData) -> str:
    """Say whether the probabilities are calibrated well enough for the closed form."""
    trust = t.found.calibration_check
    if trust is None:
        return "too few groups to check the calibration"
    weighed = brought(weights_of(t.found), t.strategy_scores.scored.parts.features)
    if not trust.overall.holds:
        said, what = _compared(trust.overall)
        return f"the scores are miscalibrated: they say {said} on average, and {what} of the rows{weighed} are positive"
    if not trust.near.can_tell:
        return "too few scores lie near it to check their calibration"
    said, what = _compared(trust.near)
    look = "look calibrated" if trust.near.holds else "are miscalibrated"
    return f"the scores {look} near it: they say {said}, and {what} of {trust.near.rows:,} rows{weighed} are positive"


def _compared(level: Level) -> tuple[str, str]:
    """Write what scores say on average, and the share of positives with its interval."""
    return decimal(level.mean), f"{decimal(level.share)} [{decimal(level.low)}, {decimal(level.high)}]"
