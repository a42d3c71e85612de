"""The words of an `Evaluation`: the verdict, the key figures, the explanation."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.errors import counted
from imbalance_accessor.evaluation.findings import FEW_POSITIVES
from imbalance_accessor.metrics.binary import chance_average_precision
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.registry import METRICS, metric_label
from imbalance_accessor.metrics.rounding import fixed
from imbalance_accessor.metrics.weights import effective
from imbalance_accessor.modeling.class_weights import weights_text
from imbalance_accessor.rendering.cells import decimal, percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, joined, most_important, named
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.plain_models import (
    against_next,
    apart,
    gain_text,
    none_better,
    plain_model,
    strategy_called,
)
from imbalance_accessor.verbs.shared.held_out import all_held_out, held_back, split_said
from imbalance_accessor.verbs.shared.per_class import least_found
from imbalance_accessor.verbs.shared.population import said_in_person, shares_said
from imbalance_accessor.verbs.shared.prevalences import precision_moved
from imbalance_accessor.verbs.shared.too_good import doubts, is_too_good, leak_first

SELECTED = "Nothing was held out, so the figures of whichever strategy is picked for them are optimistic."


def verdict(evaluation: EvaluationData) -> str:
    """Say whether a correction beats the plain model out of fold, and what to do then."""
    said = filter(None, [_compared(evaluation), _moved(evaluation) or _next(evaluation)])
    return leak_first(". ".join(said), evaluation.findings)


def _compared(evaluation: EvaluationData) -> str:
    """Say whether a correction beats the plain model."""
    metric, evaluated, base = evaluation.decided_by, evaluation.evaluated, evaluation.base
    name = figure_called(evaluation, metric)
    level = f"{name} {decimal(_level(evaluation, base, metric))} {_where(evaluation)}"
    if len(evaluated) == 1:
        whose = "The fitted model, as it is" if evaluation.reader.model.fitted else "The plain model"
        return f"{whose}: {level}{_no_better(evaluation, metric)}"
    if not evaluation.is_compared:
        groups = counted(evaluation.comparison.resamples.n_groups or 0, "group")
        return f"{capital(groups)} to learn from cannot say whether a correction beats {plain_model(evaluation)} ({level})"
    best = evaluation.best
    if best in evaluation.plain:
        none = none_better(evaluation)
        return f"{none} ({level}){_no_better(evaluation, metric)}{against_next(evaluation, metric)}"
    against = f"{decimal(evaluated[best].cv[metric])} against {decimal(evaluated[base].cv[metric])}"
    gain = gain_text(evaluation.gained(metric)[best])
    return f"{best!r} beats {plain_model(evaluation)}: {name} {against} out of fold ({gain})"


def _where(evaluation: EvaluationData) -> str:
    """Return the rows that levels are of: nothing is scored out of fold by a model that came fitted."""
    return evaluation.reported_on if evaluation.reader.model.fitted else "out of fold"


def _level(evaluation: EvaluationData, name: str, metric: str) -> float:
    evaluated = evaluation.evaluated[name]
    return (evaluated.points if evaluation.reader.model.fitted else evaluated.cv)[metric]


def _floor(evaluation: EvaluationData, metric: str) -> float:
    """Return what a dummy baseline scores on the same rows."""
    fitted = evaluation.reader.model.fitted
    return (evaluation.dummy_figures if fitted else evaluation.comparison.dummy)[metric]


def ranks(evaluation: EvaluationData, name: str) -> bool:
    """Whether a strategy's order can be told from a random one; where too few groups leave that open, it may."""
    fitted = evaluation.reader.model.fitted
    of = evaluation.evaluated if fitted else evaluation.comparison.figures("ranking")
    return not of[name].low["roc_auc"] <= 0.5


def figure_called(evaluation: EvaluationData, metric: str) -> str:
    """Return a metric's name; decisions of several classes are averaged over them."""
    bare = metric.removesuffix("_tuned")
    several = not evaluation.is_binary and METRICS[bare].kind == "decision"
    return f"macro {metric_label(bare)}" if several else metric_label(metric)


def _is_moved(evaluation: EvaluationData) -> bool:
    """Whether another threshold of the best one gains something."""
    best, criterion = evaluation.best, evaluation.settings.criterion
    if not evaluation.is_binary or (len(evaluation.evaluated) > 1 and not evaluation.is_compared):
        return False
    before, after = (_level(evaluation, best, name) for name in (criterion, f"{criterion}_tuned"))
    gains = round(after, 2) > round(before, 2) and after > _floor(evaluation, f"{criterion}_tuned")
    return gains and ranks(evaluation, best) and not _is_undone(evaluation, best)


def _moved(evaluation: EvaluationData) -> str:
    """Say where to move the best one's threshold, and what that comes to; nothing where it gains nothing."""
    if not _is_moved(evaluation):
        return ""
    best, criterion = evaluation.best, evaluation.settings.criterion
    before, after = (_level(evaluation, best, name) for name in (criterion, f"{criterion}_tuned"))
    return (
        f"{_verb(evaluation, best)} {_whose(evaluation)} to about {evaluation.about_threshold(best)}: "
        f"{metric_label(criterion)} {fixed(before, 2)} → {fixed(after, 2)} {_where(evaluation)}"
    )


def _whose(evaluation: EvaluationData) -> str:
    """Name the threshold that is moved; of several models, the sentence before may have named two."""
    return (
        f"the threshold of {strategy_called(evaluation, evaluation.best)}"
        if evaluation.plan.of_models
        else "its threshold"
    )


def _next(evaluation: EvaluationData) -> str:
    """Say what comes next where no threshold is moved; nothing where a leak does, or nothing could be compared."""
    best = evaluation.best
    compared = len(evaluation.evaluated) == 1 or evaluation.is_compared
    if is_too_good(evaluation.findings) or not compared:
        return ""
    if not ranks(evaluation, best):
        return "Look for better features first"
    if not evaluation.is_binary:
        return least_found(evaluation.per_class, best, _recall_column(evaluation), _where(evaluation))
    return (
        ""
        if _is_undone(evaluation, best)
        else f"Choose {_whose(evaluation)} by what mistakes cost: .best_threshold(cost=...)"
    )


def _recall_column(evaluation: EvaluationData) -> str:
    """Return the column of `per_class` that no test row entered."""
    return "recall_cv" if evaluation.held_out and not evaluation.reader.model.fitted else "recall"


def _verb(evaluation: EvaluationData, name: str) -> str:
    """Return which way a strategy's threshold moves; one that decides by ``predict`` flags more rows out of fold, or fewer."""
    found, scored = evaluation.evaluated[name], evaluation.scored
    lower = found.threshold < scored.default_threshold
    if scored.by_predict:
        flagged = {to: found.cv[f"tp{to}"] + found.cv[f"fp{to}"] for to in ("", "_tuned")}
        lower = flagged["_tuned"] > flagged[""]
    return "Lower" if lower else "Raise"


def _is_undone(evaluation: EvaluationData, name: str) -> bool:
    """Whether moving the threshold would undo what decided, or does not carry over to the refitted model."""
    decided = evaluation.decided_by
    other = METRICS[decided.removesuffix("_tuned")].kind == "decision" and decided.removesuffix("_tuned")
    lost = [each for each in evaluation.findings if each.code == "IMB407" and repr(name) in each.message]
    return bool(other and other != evaluation.settings.criterion and name not in evaluation.plain) or bool(
        lost
    )


def _no_better(evaluation: EvaluationData, metric: str) -> str:
    """Say what a dummy baseline scores, where the plain model cannot be told from it."""
    if not evaluation.is_compared:  # too few groups to tell
        return ""
    floor, whose = _floor(evaluation, metric), evaluation.dummy[metric]
    gained = METRICS[metric.removesuffix("_tuned")].better * (
        _level(evaluation, evaluation.base, metric) - floor
    )
    if gained > 0 and ranks(evaluation, evaluation.base):
        return ""
    return f"; a dummy baseline ({whose}) scores {decimal(floor)}"


def level_statistic(evaluation: EvaluationData) -> str:
    """Name the statistic that a ranking figure out of fold is."""
    if evaluation.scored.parts.is_stratified:
        return "of all rows, ordered by their rank within their fold"
    return "the mean over folds, weighted by their positives"


def figures(evaluation: EvaluationData) -> tuple[tuple[str, str], ...]:
    """Return the key figures."""
    metric, best = evaluation.decided_by, evaluation.best
    evaluated = evaluation.evaluated[best]
    low, high = evaluated.low[metric], evaluated.high[metric]
    ends = "" if np.isnan(low) else f" [{fixed(low, 2)}, {fixed(high, 2)}]"
    whose = "the fitted model" if evaluation.reader.model.fitted else strategy_called(evaluation, best)
    where = evaluation.chosen_on
    levels = f"{fixed(evaluated.points[metric], 3)}{ends} {evaluation.reported_on}"
    floor, whom = decimal(evaluation.dummy_figures[metric]), evaluation.dummy[metric]
    if evaluation.held_out:
        levels = f"{decimal(evaluated.cv[metric])} {where}, {levels}"
    if evaluation.held_out and not evaluation.reader.model.fitted:
        floor = f"{decimal(_floor(evaluation, metric))} {where}, {floor} on test"
    found = [
        (
            f"compared {where}" if len(evaluation.evaluated) > 1 else "measured",
            f"{whose} by {metric_label(metric)}: {levels}",
        ),
        ("dummy baseline", f"{metric_label(metric)} {floor} ({whom})"),
        ("test set" if evaluation.held_out else "held out", _test_set(evaluation)),
    ]
    if evaluation.permuted is not None:
        found.append(("any signal?", evaluation.permuted.said))
    return tuple(found)


def explain(evaluation: EvaluationData, audience: Audience) -> list[str]:
    """Say what was compared, on what, and what came of it: the sentences, the answer first."""
    features = evaluation.scored.parts.features
    if audience == "interview":
        why = said_in_person(features) or _why_compared(evaluation)
        return [why, _outcome(evaluation), _price(evaluation)]
    moved = _moved(evaluation)
    return most_important(
        [
            f"{capital(_compared(evaluation))}.",
            *doubts(evaluation.findings),
            *([f"{moved}."] if moved else []),
            *split_said(evaluation.scored.parts),
            *shares_said(features, _follows(evaluation)),
            _metric(evaluation),
            *_shifted(evaluation),
            _fitting(evaluation),
            *_own_decisions(evaluation),
            *_signal(evaluation),
            *_both(evaluation),
            *_apart(evaluation),
            *_meaning(evaluation),
            f"{_constant(evaluation)}.",
            *_by_chance(evaluation),
        ]
    )


def _meaning(evaluation: EvaluationData) -> list[str]:
    """Say what the metric is that decides."""
    metric = METRICS.get(evaluation.decided_by)  # none for a figure at a threshold of its own
    if metric is None or metric.kind == "decision":
        return []
    meaning = metric.meaning if evaluation.is_binary else metric.meaning_several
    return [f"{capital(metric_label(metric.name))} is {meaning}."] if meaning else []


def _follows(evaluation: EvaluationData) -> str:
    """Say what the prevalence does to ranking and precision; of one class against the rest."""
    if not evaluation.is_binary:
        return ""
    scores = evaluation.reported_scores(evaluation.best)
    return precision_moved(evaluation.scored.parts.features, scores, "_tuned")


def _why_compared(evaluation: EvaluationData) -> str:
    """Say what was compared and by what, as a candidate would: accuracy is left to whoever says no."""
    n = len(evaluation.evaluated)
    what = f"compared {n} strategies" if n > 1 else "looked at one model"
    if models := evaluation.plan.of_models:
        what = f"compared {len(models)} models, each with its corrections,"
    return f"{_constant(evaluation)}, so I {what} by {metric_label(evaluation.decided_by)}."


def _outcome(evaluation: EvaluationData) -> str:
    """Say what came of it, as a candidate would."""
    metric, best = evaluation.decided_by, evaluation.best
    mine = f"{metric_label(metric)} {decimal(_level(evaluation, best, metric))}"
    floor, where = decimal(_floor(evaluation, metric)), held_back(evaluation.scored.parts, "out of fold")
    if best not in evaluation.plain:
        plain = decimal(_level(evaluation, evaluation.base, metric))
        return f"{best!r} beats {plain_model(evaluation)}: {mine} against {plain} {where}."
    if evaluation.reader.model.fitted:
        return f"It has {mine}, where a dummy has {floor}, but it may have seen these rows."
    if len(evaluation.evaluated) == 1:
        return f"My model has {mine} {where}, where a dummy has {floor}."
    if not evaluation.is_compared:
        plain = strategy_called(evaluation, evaluation.base)
        return f"I have too few groups to compare: {plain} has {mine} {where}, where a dummy has {floor}."
    return f"{none_better(evaluation, 'my')}: {mine} {where}, where a dummy has {floor}."


def _price(evaluation: EvaluationData) -> str:
    """Say what would be done next, and what that costs."""
    if is_too_good(evaluation.findings):
        return "That is near perfect, so I would look for a leak first, even if it costs me the score."
    if _is_moved(evaluation):
        best, verb = evaluation.best, _verb(evaluation, evaluation.best).lower()
        price = "finds more positives but raises more false alarms"
        if verb == "raise":
            price = "raises fewer false alarms but misses more positives"
        return f"I would {verb} its threshold to about {evaluation.about_threshold(best)}, which {price}."
    if not evaluation.is_binary:
        return "I would weigh the recall of rare classes against false alarms in the others."
    if not ranks(evaluation, evaluation.best):
        return "I would look for better features first: a threshold only trades false alarms for misses."
    return "I would then choose the threshold by what a miss and a false alarm cost."


def _constant(evaluation: EvaluationData) -> str:
    """Say what a constant answer has for an accuracy."""
    target = evaluation.scored.parts.features.target
    accuracy = f"already has accuracy {decimal(evaluation.dummy_figures['accuracy'])}"
    if not evaluation.is_binary:
        return f"Always saying the most frequent class {accuracy}"
    always = "Always" if evaluation.dummy["accuracy"] == "always positive" else "Never"
    return f"{always} saying {named(target.pos_label)} {accuracy}"


def _metric(evaluation: EvaluationData) -> str:
    """Say what the best one has on the rows that are reported, next to a dummy baseline."""
    metric, best = evaluation.decided_by, evaluation.best
    whose = "the fitted model" if evaluation.reader.model.fitted else strategy_called(evaluation, best)
    where = "On the test set" if evaluation.held_out else capital(evaluation.chosen_on)
    return (
        f"{where} {whose} has {metric_label(metric)} {decimal(evaluation.evaluated[best].points[metric])}, where a "
        f"dummy baseline has {decimal(evaluation.dummy_figures[metric])}."
    )


def _by_chance(evaluation: EvaluationData) -> list[str]:
    """Say that average precision is high by chance where positives are few."""
    scored = evaluation.scored
    rows = scored.reported_rows
    n, positives = int(rows.sum()), int(rows[scored.positive or 0])
    plain = scored.resamples.weights.rows_are_ones  # the mean of a random order is known of such rows
    if not (
        plain
        and evaluation.is_binary
        and evaluation.decided_by == "average_precision"
        and positives < FEW_POSITIVES
    ):
        return []
    return [
        f"With {positives:,} positives a random order already averages "
        f"{decimal(chance_average_precision(n, positives))}, above the prevalence of {decimal(positives / n)}."
    ]


def _apart(evaluation: EvaluationData) -> list[str]:
    """Name the strategies that are better than the plain model by their intervals, and those that are worse."""
    whose = "their own plain model" if evaluation.plan.of_models else "the plain model"
    said = [
        f"{joined(map(repr, names), most=20)} {'is' if len(names) == 1 else 'are'} {what} than {whose}"
        for names, what in zip(apart(evaluation), ("better", "worse"), strict=True)
        if names and evaluation.is_compared
    ]
    return [f"By 95 % intervals out of fold {joined(said)}."] if said else []


def _fitting(evaluation: EvaluationData) -> str:
    """Say which rows were fitted on, and which chose."""
    if evaluation.reader.model.fitted:
        return "Nothing was fitted here, and the model may have seen these rows."
    if evaluation.held_out:
        return "All fitting was done inside the training folds; the test set was scored once."
    if len(evaluation.evaluated) > 1:
        return SELECTED
    return "All fitting was done inside the folds; nothing was held out."


def _both(evaluation: EvaluationData) -> list[str]:
    if all(each.name != "smote+class_weight" for each in evaluation.strategy_scores.values()):
        return []
    return [
        "SMOTE plus balanced weights is SMOTE alone: after it the classes are 1 : 1, and each weight is 1."
    ]


def weights_by_formula(evaluation: EvaluationData) -> list[str]:
    """Say what class weights are that are named by their formula."""
    classes = evaluation.reader.classes.tolist()
    weighted = {each.strategy.name: each.strategy for each in evaluation.candidates.values()}
    found = [
        f"{name} {weights_text(dict(zip(classes, strategy.weights.values(), strict=True)))}"
        for name, strategy in weighted.items()
        if strategy.weights is not None and not name.startswith("class_weight")
    ]
    return [f"Class weights: {'; '.join(found)}."] if found else []


def _signal(evaluation: EvaluationData) -> list[str]:
    if evaluation.permuted is None:
        return []
    return [f"{capital(evaluation.permuted.said)}."]


def _own_decisions(evaluation: EvaluationData) -> list[str]:
    """Say what the best one's own decisions come to, where these are not the default threshold's."""
    if not evaluation.scored.by_predict:
        return []
    found = evaluation.evaluated[evaluation.best].points
    shares = [each for each in ("recall", "precision") if each != evaluation.settings.criterion]
    figures = [
        f"{metric_label(each)} {fixed(found[each], 3)}" for each in (evaluation.settings.criterion, *shares)
    ]
    return [
        f"{capital(strategy_called(evaluation, evaluation.best))} decides by its own predict, not at "
        f"{evaluation.scored.default_threshold:g}: {joined(figures)} {evaluation.reported_on}."
    ]


def _shifted(evaluation: EvaluationData) -> list[str]:
    """Say that the recommended strategy raised the probabilities, or else which one raised them most."""
    if not (evaluation.is_binary and evaluation.scored.is_probability):
        return []
    means = {name: evaluated.points["mean_probability"] for name, evaluated in evaluation.evaluated.items()}
    n = float(evaluation.scored.reported_rows.sum())
    # few positives leave the prevalence itself in doubt, unless it was given
    weights = evaluation.scored.resamples.weights
    n = n if weights.own is None else effective(weights.own)
    too_high = 1.5 * evaluation.prevalence
    if weights.factors is None:
        too_high = max(too_high, float(wilson(evaluation.prevalence * n, n)[1]))
    most = max(means, key=lambda each: means[each])
    name = next((each for each in (evaluation.best, evaluation.base, most) if means[each] >= too_high), None)
    if name is None:
        return []
    who = f"Even {strategy_called(evaluation, name)}" if name in evaluation.plain else repr(name)
    so = "calibrate it before you read risks" if ranks(evaluation, name) else "it gives no risks"
    return [
        f"{who} says {decimal(means[name])} on average where {decimal(evaluation.prevalence)} is observed: {so}."
    ]


def _test_set(evaluation: EvaluationData) -> str:
    scored = evaluation.scored
    rows, n = scored.reported_rows, int(scored.reported_rows.sum())
    nothing = "" if evaluation.held_out else "nothing: "
    if scored.positive is None:
        return f"{nothing}{n:,} rows, {len(rows)} classes"
    positives, every = int(rows[scored.positive]), all_held_out(scored) or f"{n:,} rows"
    weighed = "" if scored.resamples.weights.are_ones else f", counted as {percent(evaluation.prevalence)}"
    return f"{nothing}{every}, {positives:,} of them positive ({percent(positives / n)}{weighed})"
