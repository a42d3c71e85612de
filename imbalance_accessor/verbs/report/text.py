"""The sentences of a `Report`: one answer a section, which together are its headline."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.errors import counted
from imbalance_accessor.findings import CATALOG
from imbalance_accessor.leakage.model_scores import TooGood
from imbalance_accessor.rendering.cells import decimal, number, percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, digits, joined, quoted, valued
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.best_threshold.card import constraint_said
from imbalance_accessor.verbs.best_threshold.phrases import (
    best_constant,
    broken_limits,
    criterion_label,
    is_unconfirmed,
    where,
)
from imbalance_accessor.verbs.best_threshold.result import Threshold
from imbalance_accessor.verbs.counts.text import severity
from imbalance_accessor.verbs.fit_eval.text import figure_called, ranks
from imbalance_accessor.verbs.reliability.verdict import departure
from imbalance_accessor.verbs.report.fields import ReportData
from imbalance_accessor.verbs.shared.held_out import held_back
from imbalance_accessor.verbs.shared.population import said_in_person


def answers_by_verb(report: ReportData) -> dict[str, str]:
    """Return one sentence a section, by its verb."""
    return {
        "overview": _how_rare(report),
        "leaks": _leaks(report),
        "fit_eval": _strategy(report),
        "best_threshold": _threshold(report),
        "reliability": _probabilities(report),
    }


def explain(report: ReportData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    return _interview(report) if audience == "interview" else list(answers_by_verb(report).values())


def _how_rare(report: ReportData) -> str:
    """Say which share the positive class has, or the rarest of several."""
    counts = report.overview.counts
    target, rare = counts.target, counts.minority
    share, weighed = percent(counts.weighed.shares[target.classes.index(rare)]), counts.weighed
    rows = f"{int(target.rows.sum()):,} rows"
    if weighed.weighting.factors is not None:
        share = f"Where the model is used, {share} of the rows"
    else:
        share = f"{share} of {rows}" if weighed.are_rows else f"By weight, {share} of {rows}"
    several = "" if target.is_binary else f", the rarest of {len(target.classes)} classes"
    return f"{share} are {valued(target.name, rare)}{several}: {severity(counts)}."


def _leaks(report: ReportData) -> str:
    """Say whether a check found a leak, and which came first."""
    found, checks = report.leaks.found, report.leaks.checks
    told = sum(check.status != "cannot tell" for check in checks)
    if found:
        return f"Look for leaks first: {len(found)} of {told} checks found something, such as {CATALOG[found[0].code]}."
    if TooGood.code in report.evaluation.findings.codes:
        return f"Look for a leak first: the scores are near perfect, though none of {told} checks found one."
    unknown = f", and {len(checks) - told} could not tell" if told < len(checks) else ""
    return f"None of {told} checks found a leak{unknown}."


def _strategy(report: ReportData) -> str:
    """Say which strategy to use, and by which figure."""
    evaluation = report.evaluation
    metric, best = evaluation.decided_by, evaluation.best
    name, figures = figure_called(evaluation, metric), evaluation.evaluated
    if evaluation.reader.model.fitted:
        return f"The fitted model has {name} {decimal(figures[best].points[metric])} {_on_test(report)}."
    level, rows = decimal(figures[best].cv[metric]), held_back(evaluation.scored.parts, "out of fold")
    if len(figures) == 1:
        return f"The plain model has {name} {level} {rows}."
    if not evaluation.is_compared:
        groups = counted(evaluation.comparison.resamples.n_groups or 0, "group")
        return f"{capital(groups)} are too few to compare strategies: keep the plain model, {name} {level} {rows}."
    if best == "none":
        return f"No strategy beats the plain model: keep it, with {name} {level} {rows}."
    return f"Use {best!r}: {rows} {name} goes from {decimal(figures['none'].cv[metric])} to {level}."


def _threshold(report: ReportData) -> str:
    """Say from which score on to flag a row, and what that comes to."""
    t = report.threshold
    if t is None:
        rarest = report.overview.counts.minority
        return f"Several classes have no threshold: set one against the rest, such as pos_label={quoted(rarest)}."
    objective = t.asked.objective
    if not t.feasible:
        return f"No threshold keeps {joined(map(constraint_said, objective.constraints))}: relax it or improve the model."
    if not t.found.helps:
        who = best_constant(t.found.one_sided_cv, objective) if t.found.ranks else ""
        return (
            f"No threshold does better than flagging {who}."
            if who
            else "No threshold helps: the scores rank no better than chance."
        )
    if np.isinf(t.value):
        return f"Flag nobody: {_why_nobody(t)}."
    if objective.constraints:
        return f"Flag rows that score {t.threshold_text} or more: {_within_limits(t)} {_on_test(report)}."
    what = "the cost of a row" if objective.criterion == "cost" else criterion_label(objective)
    figures = {each: row.figures.points[report.scores_criterion] for each, row in t.found.rows.items()}
    before = ""
    if "default" in figures:
        better = ", which is better" if is_unconfirmed(t) else ""
        before = f", {number(figures['default'])} at {t.found.rows['default'].threshold:g}{better}"
    return f"Flag rows that score {t.threshold_text} or more: {what} is {number(figures['chosen'])} {_on_test(report)}{before}."


def _why_nobody(t: Threshold) -> str:
    """Say what keeps every threshold that flags a row from being better."""
    if t.asked.objective.constraints:
        return "no threshold that flags a row keeps the limits and does better"
    return "every threshold that flags a row costs more"


def _within_limits(t: Threshold) -> str:
    """Say what the threshold was chosen for, and what it comes to where limits are set."""
    objective, points = t.asked.objective, t.found.rows["chosen"].figures.points
    limited = [each.metric for each in objective.constraints]
    if objective.criterion == "flag_rate":  # the rows that can be flagged were all that was asked
        first, others = "precision", ["recall", *limited]
    else:
        first, others = objective.criterion, limited
    label, value = criterion_label(objective) if first != "precision" else first, number(points[first])
    if first == "cost":
        label, value = "the cost of a row", number(points["cost_per_row"])
    beside = [_figure(metric, points[metric]) for metric in dict.fromkeys(others) if metric != first]
    said = f"{label} is {value} with {joined(beside)}" if beside else f"{label} is {value}"
    return f"{said}{', beyond the limit,' if broken_limits(t) else ''}"


def _figure(metric: str, value: float) -> str:
    return f"{percent(value)} of the rows flagged" if metric == "flag_rate" else f"{metric} {number(value)}"


def _on_test(report: ReportData) -> str:
    return "on the test set" if report.evaluation.held_out else report.evaluation.reported_on


def _probabilities(report: ReportData) -> str:
    """Say whether the probabilities fit what happened, and what calibrates them."""
    r = report.reliability
    if r is None:
        return "The scores only rank: they are no probabilities."
    (name,) = r.scores_by_strategy
    raw, best = r.report.rows[name, "none"], r.best[name]
    if not raw.is_probability:
        return f"The scores only rank; {quoted(best)} makes probabilities of them{_for_raw_scores(report)}."
    found = departure(raw)
    means = f"they average {decimal(raw.figures.points['mean_probability'])}, and {decimal(r.report.prevalence[0])} {_is(report)}"
    few = (
        counted(int(r.report.weights.rows(r.report.y, 2)[1]), "positive")
        if "IMB503" in r.findings.codes
        else ""
    )
    if found is None:
        return f"So few groups cannot say whether the probabilities fit: {means}."
    if not found.is_clear:
        far = f", as far as {few} can tell" if few else ""
        return f"The probabilities fit what happened{far}: {means}."
    if best == "none":
        return f"The probabilities are off: {means}."
    fitted = "As fitted, probabilities" if r.report.at_prevalence else "The probabilities"
    return f"{fitted} are off: {means}; correct them with {quoted(best)}{_for_raw_scores(report)}."


def _for_raw_scores(report: ReportData) -> str:
    """Say that the threshold, where one was named, is not for what a calibrator makes of the scores.

    At a prevalence it is for scores that are brought there, which the reliability's own row, as they were fitted, are not.
    """
    t = report.threshold
    if t is None or not (t.feasible and t.found.helps) or np.isinf(t.value):
        return ""
    if report.reliability is not None and report.reliability.report.at_prevalence:
        return ", but apply the threshold to those of .evaluation.model()"
    return ", but apply the threshold to the raw scores"


def _is(report: ReportData) -> str:
    """Say what the observed share is of."""
    if not report.evaluation.is_binary:
        return "of the rows are classified right"
    assert report.reliability is not None
    return "is the prevalence" if report.reliability.report.at_prevalence else "is observed"


def _interview(report: ReportData) -> list[str]:
    """Say what was done and what came of it, as a person would."""
    looked, shares = _looked(report), said_in_person(report.evaluation.scored.parts.features)
    return [*([shares] if shares and len(looked) == 1 else []), *looked, _outcome(report)]


def _looked(report: ReportData) -> list[str]:
    """Say whether a leak was found, which comes first, and what was measured then."""
    evaluation, found = report.evaluation, report.leaks.found
    rows = _not_learned(evaluation.scored.parts)
    n = len(evaluation.evaluated)
    measured = f"compared {n} strategies" if n > 1 else "measured one model"
    on = f"{rows} {'they' if n > 1 else 'it'} had not learned from"
    if evaluation.reader.model.fitted:
        measured, on = "measured the fitted model", "rows that it may have seen"
    if found:
        return [
            f"I found a sign of a leak, {CATALOG[found[0].code]}, and would settle that first.",
            f"Until then I trust no score, though I {measured} on {on}.",
        ]
    if TooGood.code in evaluation.findings.codes:
        doubt = "The scores are near perfect, so I would look for a leak first, though no check found one."
        return [f"I {measured} on {on}.", doubt]
    return [f"I looked for leaks, found none, and {measured} on {on}."]


def _not_learned(parts: Parts) -> str:
    """Return what was held out: rows, whole groups of them, or those that came later."""
    if parts.split_by.groups is not None:
        return "whole groups"
    return "rows" if parts.split_by.time is None else "later rows"


def _outcome(report: ReportData) -> str:
    """Say which strategy was kept, and the trade-off of what comes next."""
    evaluation, t = report.evaluation, report.threshold
    best = evaluation.best
    plain = "took the fitted model" if evaluation.reader.model.fitted else "kept the plain model"
    chosen = plain if best == "none" else f"took {best!r}"
    if not ranks(evaluation, best) or (t is not None and not t.found.ranks):
        return f"I {chosen}, but it ranks no better than chance: I would look for better features first."
    figure = f"its {figure_called(evaluation, evaluation.decided_by)} is {decimal(_level(report))}"
    if t is None:
        return f"I {chosen}; {figure}, and finding more of a rare class raises false alarms in others."
    if not t.feasible:
        return f"I {chosen}; {figure}, and no threshold keeps the limits that I set."
    if not t.found.helps:
        return f"I {chosen}; {figure}, and no threshold beats {_constant(t)}."
    if np.isinf(t.value):
        return f"I {chosen} and flag nobody: {_why_nobody(t)}."
    return f"I {chosen} and flag rows from {t.threshold_text} on{_asked(t) or f': {_trade(t)}'}."


def _constant(t: Threshold) -> str:
    who = best_constant(t.found.one_sided_cv, t.asked.objective)
    return f"flagging {who}" if who else "an answer without scores"


def _asked(t: Threshold) -> str:
    """Say what the threshold was chosen for, where costs or limits were given, and whether the limits hold."""
    objective, costs = t.asked.objective, t.asked.costs or {}
    if objective.constraints:
        one = len(objective.constraints) == 1 and t.asked.top_k is None and objective.confidence is None
        limits = constraint_said(objective.constraints[0]) if one else "my limits"
        fails = f"{limits if one else 'one of my limits'} fails {where(t)}"
        cheapest = " as the cheapest" if objective.criterion == "cost" else ""
        return f", where {fails}" if broken_limits(t) else f"{cheapest} for {limits}"
    if objective.criterion != "cost":
        return ""
    amounts = [costs[each] for each in ("fn", "fp", "tp", "tn")]
    if all(isinstance(each, float) for each in amounts) and amounts[1] > 0 and amounts[2:] == [0, 0]:
        return f", since a miss costs {digits(amounts[0] / amounts[1])} times a false alarm"
    return ", the cheapest by what each outcome costs or gains"


def _trade(t: Threshold) -> str:
    """Say what the threshold gives for what, against the model's own."""
    default = t.found.rows.get("default")
    if default is not None and t.value > default.threshold:
        return f"above {default.threshold:g} I raise fewer false alarms, but miss more"
    return "a lower threshold finds more, with more false alarms"


def _level(report: ReportData) -> float:
    evaluation = report.evaluation
    figures = evaluation.evaluated[evaluation.best]
    return (figures.points if evaluation.reader.model.fitted else figures.cv)[evaluation.decided_by]
