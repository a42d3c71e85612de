"""The sentences of a `Threshold`: the threshold, precision against recall, what the criterion is, and what the choice costs."""

from __future__ import annotations

from typing import Any

from imbalance_accessor.data.features import Features
from imbalance_accessor.metrics.figures import Averaged
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.metrics.thresholds import DRAWS
from imbalance_accessor.rendering.cells import number
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, flat, joined, lowered, quoted, valued
from imbalance_accessor.verbs.best_threshold.card import (
    asked_words,
    claim,
    dealt,
    single,
    threshold_ci,
    title,
    where,
)
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.phrases import (
    amount_said,
    criterion_label,
    elkan_formula,
    formula,
    is_recommended,
    no_better_than,
    outdone,
    short,
    trusted,
    weights_of,
)
from imbalance_accessor.verbs.best_threshold.search import ThresholdRow
from imbalance_accessor.verbs.shared.population import (
    bill,
    brought,
    said_in_person,
    shares_said,
    tally,
)
from imbalance_accessor.verbs.shared.prevalences import precision_moved

#: What is low where precision or recall is.
_PAIR = "precision 1.0 and recall 0.01 give 0.020, where the arithmetic mean says 0.505"
#: Who is flagged where the share of flags is as far as it goes.
_ONE_SIDED = {0.0: "nobody", 1.0: "everyone"}


def explain(t: ThresholdData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return [_why(t), _answer(t), *said_in_person(_features(t), _moved(t))]
    idle, unhelped = _idle(t), t.feasible and not t.found.helps
    return [
        f"{capital(title(t))}.",
        *([f"So {_instead(t)} before you use a threshold."] if unhelped else []),
        *([f"But {idle}: use a better model before you use this threshold."] if idle else []),
        *shares_said(_features(t), _moved(t)),
        _how_chosen(t),
        _trade(t),
        *_criterion(t),
        _what_it_costs(t),
        f"How sure the threshold is: {threshold_ci(t)}.",
        *([] if idle or unhelped else _claimed(t)),
        *_theory(t),
    ]


def _instead(t: ThresholdData) -> str:
    """Say what comes before a threshold of scores that do not help."""
    return "turn the scores round" if t.found.backwards else "use a better model"


def _mine(t: ThresholdData) -> ThresholdRow:
    return t.found.rows["chosen" if t.feasible else "nearest"]


def _idle(t: ThresholdData) -> str:
    """Say that the threshold does what needs no scores, or no better than that; nothing where it does better."""
    if not t.feasible or not t.found.helps:  # of scores that do not help the headline says it
        return ""
    points, who = _mine(t).figures.points, no_better_than(t.asked, t.found)
    flagged = _ONE_SIDED.get(points["flag_rate"], "")
    if flagged:
        also = f", and flagging {who} does better" if who and who != flagged else ""
        return f"this threshold flags {flagged} {where(t)}, which needs no scores{also}"
    if not who:
        return ""
    other, mine = (
        _comes_to(t, value) for value in (t.found.one_sided[who], points[t.asked.objective.criterion])
    )
    return f"flagging {who} needs no scores and comes to {other} on the same rows, against {mine} with this threshold"


def _features(t: ThresholdData) -> Features:
    return t.strategy_scores.scored.parts.features


def _moved(t: ThresholdData) -> str:
    return precision_moved(_features(t), Averaged(t.found.reported))


def _comes_to(t: ThresholdData, value: float) -> str:
    objective = t.asked.objective
    return (
        _bill(t, value) if objective.criterion == "cost" else f"{criterion_label(objective)} {number(value)}"
    )


def _held_out(t: ThresholdData) -> bool:
    return bool(len(t.strategy_scores.scored.parts.test))


def _how_chosen(t: ThresholdData) -> str:
    tried = len(t.found.table.thresholds) - 1
    kind = "out-of-fold " if t.strategy_scores.chosen_on == "out of fold" else ""
    each = f"each of the {tried:,} distinct {kind}scores was tried as a threshold"
    if t.found.tuning.is_median:
        each = (
            f"it is the middle one of the best thresholds of {DRAWS} resamples of the {kind}scores, "
            "steadier than the single best one"
        )
    if not t.feasible:
        return (
            f"Asked for was {asked_words(t)}: {each}, the nearest one is shown, and no model is handed out."
        )
    judgement = "each fold was judged at the threshold that the others chose"
    if _held_out(t):
        judgement = "the test set was judged once"
    flagged = f"a row is flagged when its score is at least the threshold, and {judgement}."
    return " ".join(
        [f"Asked for was {asked_words(t)}: {each}, {flagged}", *filter(None, [single(t), dealt(t)])]
    )


def _both(row: ThresholdRow) -> str:
    points = row.figures.points
    if points["flag_rate"] == 0:
        return f"flags nobody (recall {points['recall']:.3f}, no precision)"
    return f"has precision {points['precision']:.3f} and recall {points['recall']:.3f}"


def _trade(t: ThresholdData) -> str:
    """Hold precision against recall, here and at the default threshold."""
    row, default = _mine(t), t.found.rows.get("default")
    here = f"{'this threshold' if t.feasible else 'the nearest threshold'} {_both(row)} {where(t)}"
    other = ""
    if default is not None and default.threshold != row.threshold:
        other = f", and {default.threshold:g} {_both(default)}"
    return (
        "Precision and recall move against each other, since a lower threshold finds more positives and as a rule more false "
        f"alarms: {here}{other}."
    )


def _criterion(t: ThresholdData) -> list[str]:
    objective = t.asked.objective
    if objective.criterion == "cost":
        said = isinstance(t.found.theory, float)
        return [f"{_business(t)}.", *(_advice(t) if said else [])]
    means = {
        "f1": f"F1 is their harmonic mean, 2 · P · R / (P + R), so that it is low where either is: {_PAIR}.",
        "fbeta": f"{criterion_label(objective)} is their weighted harmonic mean, (1 + β²) · P · R / (β² · P + R) "
        f"with β = {objective.beta:g}, so "
        f"that it is low where either is; with β = 1, {_PAIR}.",
    }
    about = means.get(objective.criterion) or METRICS[objective.criterion].about
    return [about] if about else []


def _advice(t: ThresholdData) -> list[str]:
    """Say whether the closed form of costs is recommended, beside the tuned threshold that the headline names."""
    if outdone(t):
        return [f"It is only shown, since {outdone(t)}."]
    advice = "So it is only shown: where probabilities do not hold it can cost far more."
    if is_recommended(t):
        tuned = f"flagging at {t.threshold_text} and above is what was tuned, and what `.value` holds"
        advice = f"So the closed form is recommended, since it costs less on average; {tuned}."
    return [f"{capital(trusted(t))}.", advice]


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


def _business(t: ThresholdData, *, summed: bool = False) -> str:
    """Say what mistakes cost, and where that puts the threshold in theory."""
    first, theory = capital(_amounts(t)), t.found.theory
    if t.asked.objective.constraints:
        return f"{first}, and of the thresholds that keep the limit the cheapest is taken"
    if theory is None:
        return f"{first}; these scores are no probabilities, so that theory has no threshold for them"
    form = _summed(t) if summed else elkan_formula(t.asked.costs or {})
    if not isinstance(theory, float):
        low, high = short(float(theory.min())), short(float(theory.max()))
        return f"{first}, so with true probabilities each row has a threshold of its own, {form}, here {low} to {high}"
    equal = "" if form == short(theory) else f" = {short(theory)}"
    return f"{first}, so with true probabilities the best threshold is {form}{equal}"


def _summed(t: ThresholdData) -> str:
    """Write the closed form by what a false alarm and a miss cost more than their alternatives, as far as these are numbers."""
    costs = t.asked.costs or {}
    if not all(isinstance(amount, float) for amount in costs.values()):
        return elkan_formula(costs)
    alarm, miss = amount_said(costs["fp"] - costs["tn"]), amount_said(costs["fn"] - costs["tp"])
    return f"{alarm} / ({alarm} + {miss})"


def _what_it_costs(t: ThresholdData) -> str:
    points = _mine(t).figures.points
    weights = weights_of(t.found)
    tp, fp, fn, n, say, whole = tally(points, weights)
    choice = "This choice" if t.feasible else "The nearest threshold"
    alarms = f"{say(fp)} of them {'a false alarm' if fp == 1 else 'false alarms'}"
    positives = f"{say(tp + fn)} positive{'' if tp + fn == 1 else 's'}"
    rows = f"{n:,} rows{brought(weights)} {where(t)}"
    said = f"{choice} flags {say(tp + fp)} of {rows}, {alarms}, and misses {say(fn)} of {positives}"
    if "cost" not in points:
        return f"{said}."
    default = t.found.rows.get("default")
    against = ""
    if default is not None:
        against = f", against {_bill(t, default.figures.points['cost'])} at {default.threshold:g}"
    return f"{said}, {_bill(t, points['cost'])} {whole}{against}."


def _bill(t: ThresholdData, cost: float) -> str:
    """Write a cost of the rows that are reported."""
    amount = bill(abs(cost), _mine(t).figures.points, weights_of(t.found))
    return f"a cost of {amount}" if cost >= 0 else f"a gain of {amount}"


def _claimed(t: ThresholdData) -> list[str]:
    whose = "the test set itself" if _held_out(t) else "these very rows"
    return [f"Tuning on {whose} {claim(t)}."] if claim(t) else []


def _theory(t: ThresholdData) -> list[str]:
    """Say where theory puts the threshold; for costs that is said before, and here only whether it can be trusted."""
    found, objective = t.found, t.asked.objective
    if found.theory is None:
        if (
            t.strategy_scores.labelled_scores.is_probability
            or objective.constraints
            or objective.criterion == "cost"
        ):
            return []
        return ["Theory has no threshold for these scores, since they are no probabilities."]
    if not isinstance(found.theory, float) or objective.criterion == "cost":
        return []
    threshold = "" if objective.criterion == "accuracy" else f", {short(found.theory)}"
    return [f"In theory the threshold is {formula(t)}{threshold}; {trusted(t)}."]


def _why(t: ThresholdData) -> str:
    """Return the first sentence of the short answer."""
    objective, default = t.asked.objective, t.found.rows.get("default")
    threshold = f"I looked for {asked_words(t)}"
    if t.feasible:
        instead = f"Instead of a threshold of {default.threshold:g}, " if default is not None else ""
        threshold = f"{instead}I chose the threshold {t.strategy_scores.chosen_on} for {asked_words(t)}"
    if objective.criterion == "cost":
        return f"{threshold}: {lowered(_business(t, summed=True))}."
    if objective.criterion not in {"f1", "fbeta"}:
        return f"{threshold}: {_reason(t)}."
    trade = f"{threshold}, since precision and recall move against each other"
    if objective.criterion == "f1":
        return f"{trade} and F1, their harmonic mean, is low where either is: 1.0 and 0.01 give 0.020, not 0.505."
    more = "recall" if objective.beta > 1 else "precision"
    weighs = f" and weighs {more} more" if objective.beta != 1 else ""
    return f"{trade} and {criterion_label(objective)}, their weighted harmonic mean, is low where either is{weighs}."


def _reason(t: ThresholdData) -> str:
    """Say what the criterion is and why one would choose it, and what its limits are for."""
    objective = t.asked.objective
    said = METRICS[objective.criterion].reason or f"{criterion_label(objective)} is what counts here"
    if objective.criterion == "flag_rate" or not objective.constraints:
        return said
    if any(constraint.is_ceiling for constraint in objective.constraints):
        return f"{said}, and the flag rate is a fixed capacity, no more rows than can be looked at"
    others = [
        METRICS[constraint.metric].reason
        for constraint in objective.constraints
        if constraint.metric != objective.criterion
    ]
    kept = joined([reason.replace(" is ", ", ", 1) for reason in others])
    return f"{said}, and the limit keeps {kept}" if kept else said


def _answer(t: ThresholdData) -> str:
    points = _mine(t).figures.points
    weights = weights_of(t.found)
    tp, fp, fn, _, say, whole = tally(points, weights)
    done = f"{say(fp)} false alarm{'' if fp == 1 else 's'} and {say(fn)} of {say(tp + fn)} positive{'' if tp + fn == 1 else 's'}"
    done += f" missed{'' if weights.are_ones else f' {whole}'}"
    if not t.feasible:
        return f"{flat(capital(title(t)))}, so that I would loosen the limit or use a better model first."
    if not t.found.helps:
        return f"{flat(capital(title(t)))}, so that I would {_instead(t)} before I use a threshold."
    idle = _idle(t)
    if idle:
        return f"{flat(capital(title(t)))}, but {idle}, so that I would use a better model before I use it."
    return f"{flat(capital(title(t)))}, with {done}."
