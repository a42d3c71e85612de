"""The sentences of a `Threshold`: the threshold, precision against recall, what the criterion is, and what the choice costs."""

from __future__ import annotations

from typing import Any

import numpy as np

from imbalance_accessor.data.features import Features
from imbalance_accessor.metrics.figures import Averaged
from imbalance_accessor.metrics.objectives import Constraint
from imbalance_accessor.metrics.registry import METRICS, figure_of, metric_label
from imbalance_accessor.metrics.thresholds import DRAWS
from imbalance_accessor.rendering.cells import decimal, number, percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, joined, most_important, quoted, valued
from imbalance_accessor.verbs.best_threshold.card import (
    asked_words,
    claim,
    constraint_said,
    dealt,
    single,
    threshold_ci,
    threshold_span,
    title,
)
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.found import ThresholdRow
from imbalance_accessor.verbs.best_threshold.phrases import (
    against_constant,
    amount_said,
    are_within,
    beside_the_tuned,
    best_constant,
    beyond,
    broken_limits,
    cost_said,
    criterion_label,
    formula,
    is_unconfirmed,
    no_better_than,
    ranked,
    short,
    trusted,
    weights_of,
    where,
)
from imbalance_accessor.verbs.best_threshold.yours import own_threshold, own_threshold_in_person
from imbalance_accessor.verbs.shared.held_out import held_back, split_said
from imbalance_accessor.verbs.shared.population import brought, said_in_person, shares_said, tally
from imbalance_accessor.verbs.shared.prevalences import precision_moved
from imbalance_accessor.verbs.shared.too_good import doubts, is_too_good

#: Who is flagged where the share of flags is as far as it goes.
_ONE_SIDED = {0.0: "nobody", 1.0: "everyone"}
_TRADE = "a threshold only trades false alarms for misses"


def explain(t: ThresholdData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return _interview(t)
    return most_important(
        [
            *(f"{capital(each)}." for each in title(t).split(". ")),
            *doubts(t.findings),
            *_caution(t),
            *_unconfirmed(t),
            *_broken(t),
            *own_threshold(t),
            *split_said(t.strategy_scores.scored.parts),
            *shares_said(_features(t), _moved(t)),
            *filter(None, [single(t), dealt(t)]),
            *_theory_of_costs(t),
            _what_it_costs(t),
            _both(t),
            *_how_sure(t),
            *([] if _caution(t) else _claimed(t)),
            *_criterion(t),
            *_how_chosen(t),
        ]
    )


def _caution(t: ThresholdData) -> list[str]:
    """Say what comes before the threshold is used, where it does no better than what needs no scores."""
    if t.feasible and not t.found.helps:
        return [f"So {_instead(t)} before you use a threshold."]
    idle = _idle(t)
    return [f"But {idle}: use a better model first."] if idle else []


def _unconfirmed(t: ThresholdData) -> list[str]:
    """Say that the default threshold does better on the rows that are reported; the headline has the figures."""
    if not is_unconfirmed(t) or not t.found.helps or _caution(t):
        return []
    default = t.found.rows["default"].threshold
    return [f"{_not_confirmed(t)}: {default:g} does better there{_within(t)}."]


def _not_confirmed(t: ThresholdData) -> str:
    held_out = len(t.strategy_scores.scored.parts.test)
    return f"{'The test set' if held_out else 'Cross-fitting'} does not confirm it"


def _within(t: ThresholdData) -> str:
    return ", within their intervals" if are_within(t) else ""


def _instead(t: ThresholdData) -> str:
    """Say what comes before a threshold of scores that do not help."""
    return "turn the scores round" if t.found.backwards else "use a better model"


def _mine(t: ThresholdData) -> ThresholdRow:
    return t.found.rows["chosen" if t.feasible else "nearest"]


def _idle(t: ThresholdData) -> str:
    """Say that the threshold does what needs no scores, or no better than that; nothing where it does better."""
    if not t.feasible or not t.found.helps:  # of scores that do not help the headline says it
        return ""
    points, who = _mine(t).points, no_better_than(t.asked, t.found)
    flagged = _ONE_SIDED.get(points["flag_rate"], "")
    if flagged:
        also = f", and flagging {who} does better" if who and who != flagged else ""
        return f"it flags {flagged} {where(t)}, which needs no scores{also}"
    if not who:
        return ""
    return (
        f"flagging {who} needs no scores and comes to {_comes_to(t, t.found.one_sided[who])} on the same rows"
    )


def _features(t: ThresholdData) -> Features:
    return t.strategy_scores.scored.parts.features


def _moved(t: ThresholdData) -> str:
    return precision_moved(_features(t), Averaged(t.found.reported))


def _comes_to(t: ThresholdData, value: float) -> str:
    """Write a value of the criterion in the headline's unit: a cost is a row's."""
    objective = t.asked.objective
    if objective.criterion != "cost":
        return f"{criterion_label(objective)} {number(value)}"
    points = _mine(t).points
    cost = value / sum(points[each] for each in ("tp", "fp", "fn", "tn"))
    return f"a {'cost' if cost >= 0 else 'gain'} of {number(abs(cost))} a row"


def _both(t: ThresholdData) -> str:
    """Hold precision against recall, here and at the default threshold."""
    row, default = _mine(t), t.found.rows.get("default")
    who = "This threshold" if t.asked.threshold is None else "The tuned threshold"
    here = f"{who if t.feasible else 'The nearest threshold'} {_pair(row)} {where(t)}"
    if default is None or default.threshold == row.threshold:
        return f"{here}."
    return f"{here}; {default.threshold:g} {_pair(default)}."


def _pair(row: ThresholdRow) -> str:
    points = row.points
    if points["flag_rate"] == 0:
        return "flags nobody"
    return f"has precision {decimal(points['precision'])} and recall {decimal(points['recall'])}"


def _how_chosen(t: ThresholdData) -> list[str]:
    if not t.feasible:
        return ["So no model is handed out."]
    grid = t.found.table.cells
    what = "distinct scores" if grid is None or grid.is_exact else "cells of the score"
    how = f"It is the best of all {len(t.found.table.thresholds) - 1:,} {what}"
    if t.found.tuning.is_median:
        how = f"It is the median of the best thresholds of {DRAWS} resamples"
    return [f"{how}, {t.strategy_scores.chosen_on}."]


def _how_sure(t: ThresholdData) -> list[str]:
    """Say how far the threshold may lie elsewhere."""
    found = t.threshold_ci
    if not found.is_drawn or np.isnan(found.low):
        return [f"How sure it is: {threshold_ci(t)}."]
    of = f"In 95 % of the resamples{' that have one' if found.infeasible > 0 else ''}"
    if np.isinf(found.low):
        return [f"{of} nobody is flagged."]
    if np.isinf(found.high):
        return [f"{of} it is {threshold_span(t, found.low, found.low)} or above, or nobody is flagged."]
    return [f"{of} it is {threshold_span(t, found.low, found.high)}."]


def _criterion(t: ThresholdData) -> list[str]:
    """Say what the criterion is, and what theory says of the threshold."""
    objective, found = t.asked.objective, t.found
    about = METRICS[objective.criterion].about if objective.criterion in METRICS else ""
    if objective.criterion == "fbeta":
        about = f"{criterion_label(objective)} is a weighted harmonic mean of precision and recall."
    said = [about] if about else []
    if isinstance(found.theory, float) and objective.criterion not in {"cost", "accuracy"}:
        said.append(f"In theory the threshold is {formula(t)}, {short(found.theory)}.")
        said.append(f"{capital(trusted(t))}.")
    return said


def _theory_of_costs(t: ThresholdData) -> list[str]:
    """Say what mistakes cost, and where that puts the threshold in theory."""
    if t.asked.objective.criterion != "cost":
        return []
    said, theory = [f"{capital(_amounts(t))}."], t.found.theory
    if t.asked.objective.constraints:
        return [*said, "Of the thresholds that keep the limit the chosen one is the cheapest."]
    if theory is None:
        return [*said, "Theory has no threshold for these scores, since they are no probabilities."]
    return [*said, f"For comparison, Elkan's {beside_the_tuned(t)}.", f"{capital(trusted(t))}."]


def _what_it_costs(t: ThresholdData) -> str:
    points = _mine(t).points
    weights = weights_of(t.found)
    tp, fp, fn, n, say, whole = tally(points, weights)
    alarms = f"{say(fp)} of them {'a false alarm' if fp == 1 else 'false alarms'}"
    positives = f"{say(tp + fn)} positive{'' if tp + fn == 1 else 's'}"
    of = f"{say(tp + fp)} of {n:,} rows{brought(weights, _features(t))}"
    who = "It" if t.asked.threshold is None else f"The {'tuned' if t.feasible else 'nearest'} threshold"
    said = f"{who} flags {of} {where(t)}, {alarms}, and misses {say(fn)} of {positives}"
    if "cost" not in points:
        return f"{said}."
    return f"{said}: {_bill(t, points['cost'])} {whole}."


def _amount(amount: Any) -> tuple[str, str]:
    """Return a verb and what it is used of."""
    if not isinstance(amount, float):
        return "costs", f"what {quoted(amount)} says of its row"
    if amount == 0:
        return "costs", "nothing"
    return ("costs", amount_said(amount)) if amount > 0 else ("gains", amount_said(-amount))


def _amounts(t: ThresholdData) -> str:
    """Say what each outcome costs or gains."""
    costs = t.asked.costs or {}
    target = t.strategy_scores.scored.parts.features.target
    # "one missed 2" would read as a number of rows
    is_text = isinstance(target.pos_label, str)
    label = quoted(target.pos_label) if is_text else valued(target.name, target.pos_label)
    outcomes = {
        "fn": f"one missed {label}",
        "fp": "one false alarm",
        "tp": f"one {label} that is found",
        "tn": "one other row left alone",
    }
    said, before = [], ""
    for outcome, what in outcomes.items():
        if outcome in {"tp", "tn"} and costs[outcome] == 0:
            continue
        verb, amount = _amount(costs[outcome])
        said.append(f"{what} {amount}" if verb == before else f"{what} {verb} {amount}")
        before = verb
    return " and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))


def _bill(t: ThresholdData, cost: float) -> str:
    """Write a cost of the rows that are reported."""
    return cost_said(cost, _mine(t).points, weights_of(t.found))


def _claimed(t: ThresholdData) -> list[str]:
    held_out = len(t.strategy_scores.scored.parts.test)
    return [f"Tuning on {'the test set' if held_out else 'these very rows'} {claim(t)}."] if claim(t) else []


def _interview(t: ThresholdData) -> list[str]:
    """Say what was chosen and what it comes to, as a candidate would; then its price, or what the user's own comes to."""
    said = _in_person(t)
    own = own_threshold_in_person(t)
    return [*said[: 3 - len(own)], *own]


def _in_person(t: ThresholdData) -> list[str]:
    """Say what was chosen, what it comes to, and its price."""
    if not t.feasible:
        constraints = t.asked.objective.constraints
        limits = joined(map(constraint_said, constraints)) if len(constraints) < 3 else "all the limits"
        figures = [
            figure_of(t.found.table.confusion, each)[t.found.place] for each in ("precision", "recall")
        ]
        return [
            f"I found no threshold that keeps {limits}.",
            f"The nearest one has precision {decimal(figures[0])} and recall {decimal(figures[1])}{_held_back(t)}.",
            "I would loosen the limit, at the price of more mistakes, or use a better model.",
        ]
    if not t.found.helps:
        return [*_no_help(t), f"I would {_instead(t)} first: {_TRADE}."]
    idle = _idle(t)
    if idle:
        return [_chosen(t), f"But {idle}.", f"So I would use a better model first: {_TRADE}."]
    shares = said_in_person(_features(t))
    if is_too_good(t.findings):
        doubt = "That is near perfect, so I would look for a leak first, even if it costs me the score."
        return [_chosen(t), _comes_out(t, named=False), doubt]
    if is_unconfirmed(t):
        return [*filter(None, [shares, _chosen(t), _comes_out_worse(t), _price(t)])][:3]
    return [shares or _chosen(t), _comes_out(t, named=bool(shares)), _price(t)]


def _no_help(t: ThresholdData) -> list[str]:
    """Say that no threshold is better than an answer that needs no scores."""
    found, why = t.found, "the scores rank no better than chance"
    if found.ranks:
        other, mine = against_constant(found, held_out=False)
        why = f"flagging {best_constant(found.one_sided_cv, t.asked.objective)} does as well"
        level = f"It comes to {criterion_label(t.asked.objective)} {other}{_held_back(t)}, and my threshold to {mine}."
        return [f"I would not use a threshold here: {why}.", level]
    if found.backwards:
        why = "the scores rank backwards"
    return [f"I would not use a threshold here: {why}.", f"I measured that{_held_back(t)}: {ranked(found)}."]


def _held_back(t: ThresholdData) -> str:
    """Say that the threshold was chosen on rows that were held out as a whole; nothing where rows were dealt one by one."""
    return f" {_chosen_on(t)}" if _chosen_on(t) != t.strategy_scores.chosen_on else ""


def _chosen_on(t: ThresholdData) -> str:
    """Return the rows that chose, as a candidate names them."""
    on = t.strategy_scores.chosen_on
    return held_back(t.strategy_scores.scored.parts, on) if on == "out of fold" else on


def _reported(t: ThresholdData) -> str:
    """Return the rows that are reported, as a candidate names them where those that chose are not."""
    known = where(t) == "on test" or t.strategy_scores.chosen_on == "out of fold"
    return held_back(t.strategy_scores.scored.parts, where(t)) if known else where(t)


def _breaks(t: ThresholdData) -> str:
    """Say that the threshold breaks a limit on the rows that are reported, though it kept all where it was chosen."""
    limits = broken_limits(t)
    if not limits:
        return ""
    if len(t.asked.objective.constraints) == 1:
        return ", but breaks my limit"
    return f", but breaks {'one of my' if len(limits) == 1 else 'my'} limits"


def _limited(constraint: Constraint) -> str:
    return constraint.metric.replace("_", " ")


def _broken(t: ThresholdData) -> list[str]:
    """Say which limits the threshold breaks on the rows that are reported, and by how much."""
    points = _mine(t).points
    return [
        f"{capital(where(t))}, the {_limited(each)} of {beyond(points[each.metric], each)} breaks the limit of {each.bound:g}."
        for each in broken_limits(t)
    ]


def _chosen(t: ThresholdData) -> str:
    """Say which threshold was chosen, and for what."""
    objective, default = t.asked.objective, t.found.rows.get("default")
    if objective.criterion == "cost" and not objective.constraints:
        costs = t.asked.costs or {}
        if costs["tp"] == costs["tn"] == 0:
            return f"{capital(_amounts(t))}, so I chose the threshold by cost{_held_back(t)}."
        return f"I chose the threshold by what each outcome costs or gains{_held_back(t)}."
    wanted = asked_words(t)
    if objective.criterion == "flag_rate" and t.asked.top_k is not None:
        wanted = f"the top {percent(objective.constraints[-1].bound)} of the rows"
    what = f"{t.threshold_text} {_chosen_on(t)}"
    if np.isinf(t.value):
        what = f"to flag nobody {_chosen_on(t)}"
    elif objective.confidence is not None:
        what = "the threshold"
    if len(objective.constraints) > 1:
        wanted = f"{wanted.partition(' with ')[0]} within the limits"
    instead = "" if objective.constraints or default is None else f"Instead of {default.threshold:g} "
    return f"{instead}I chose {what} for {wanted}."


def _comes_out(t: ThresholdData, *, named: bool) -> str:
    """Say what the threshold, which is named or known, comes to on the rows that are reported."""
    objective, points, default = t.asked.objective, _mine(t).points, t.found.rows.get("default")
    criterion = objective.criterion
    if objective.constraints and criterion != "cost":
        others = [
            each.metric for each in objective.constraints if each.metric not in {criterion, "flag_rate"}
        ]
        shown = [each for each in (criterion, *others, "precision", "recall") if each != "flag_rate"]
        said = [f"{metric_label(each)} {number(points[each])}" for each in dict.fromkeys(shown)]
        found = joined(said[: 1 if named else 2])
    else:
        found = _comes_to(t, points[criterion])
    if named:
        who = "Flagging nobody" if np.isinf(t.value) else f"My threshold of {t.threshold_text}"
        return (
            f"{who} has {found}{', ' if _reported(t) == 'cross-fitted' else ' '}{_reported(t)}{_breaks(t)}."
        )
    rows = where(t) if _held_back(t) and objective.confidence is None else _reported(t)
    if default is None or (objective.constraints and criterion != "cost"):
        return f"{capital(rows)}, it has {found}{_breaks(t)}."
    return f"{capital(rows)}, it has {_beside_default(t, default)}{_breaks(t)}."


def _beside_default(t: ThresholdData, default: ThresholdRow) -> str:
    """Write what the threshold comes to against the default one, whose unit is said once."""
    criterion = t.asked.objective.criterion
    mine, other = (_comes_to(t, row.points[criterion]) for row in (_mine(t), default))
    other = other.removesuffix(" a row").removeprefix(f"{mine.partition(' of ')[0]} of ")
    label = f"{criterion_label(t.asked.objective)} "
    return f"{mine}, against {other.removeprefix(label)} at the default threshold"


def _comes_out_worse(t: ThresholdData) -> str:
    """Say what the threshold comes to where the default one does better."""
    return f"{_not_confirmed(t)}: {_beside_default(t, t.found.rows['default'])}{_within(t)}."


def _price(t: ThresholdData) -> str:
    """Say what the threshold is paid with: false alarms where it flags more than the model's own, misses where fewer."""
    weights, default = weights_of(t.found), t.found.rows.get("default")
    _, fp, fn, _, say, whole = tally(_mine(t).points, weights)
    each = "" if weights.rows_are_ones else f" {whole}"
    alarms = f"{say(fp)} false alarm{'' if fp == 1 else 's'}"
    missed = f"{say(fn)} missed positive{'' if fn == 1 else 's'}"
    if default is None or default.threshold == t.value:
        return f"I pay with {alarms}{each}; a higher threshold raises fewer, but adds to the {missed}."
    _, fp_before, fn_before, *_ = tally(default.points, weights)
    lower = t.value < default.threshold
    paid, now, before = (alarms, fp, fp_before) if lower else (missed, fn, fn_before)
    if say(now) == say(before):
        return (
            f"I pay with no more {'false alarms' if lower else 'misses'} here than at the default threshold."
        )
    return f"I pay with {paid}{each}, against {say(before)} at the default threshold."
