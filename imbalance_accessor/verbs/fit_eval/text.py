"""The words of an `Evaluation`: the verdict, the key figures, the explanation."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.errors import counted
from imbalance_accessor.evaluation.findings import FEW_POSITIVES
from imbalance_accessor.metrics.binary import chance_average_precision
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.registry import METRICS, metric_label
from imbalance_accessor.metrics.weights import effective
from imbalance_accessor.rendering.cells import decimal, percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, flat, joined, lowered, quoted, valued
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared.population import said_in_person, shares_said
from imbalance_accessor.verbs.shared.prevalences import precision_moved
from imbalance_accessor.verbs.shared.too_good import leak_first

#: Accuracy of a constant answer from which on it misleads.
_MISLEADS = 0.6


SELECTED = "Nothing was held out, so the figures of whichever strategy is picked for them are optimistic."


#: Where to move a threshold, and what that comes to.
_TO_DO = "{verb} its threshold to about {threshold}: {name} {before} → {after} {where}"


def verdict(evaluation: EvaluationData) -> str:
    """Say whether a correction beats the plain model out of fold, and what to do then."""
    said = _compared(evaluation) + _moved(evaluation, f". {_TO_DO}")
    return leak_first(said, evaluation.findings)


def _compared(evaluation: EvaluationData) -> str:
    """Say whether a correction beats the plain model."""
    metric, evaluated = evaluation.decided_by, evaluation.evaluated
    name = figure_called(evaluation, metric)
    level = f"{name} {decimal(_level(evaluation, 'none', metric))} {_where(evaluation)}"
    if len(evaluated) == 1:
        whose = "The fitted model, as it is" if evaluation.reader.model.fitted else "The plain model"
        return f"{whose}: {level}{_no_better(evaluation, metric)}"
    if not evaluation.is_compared:
        groups = counted(evaluation.comparison.resamples.n_groups or 0, "group")
        return (
            f"{capital(groups)} to learn from cannot say whether a correction beats the plain model ({level})"
        )
    if not evaluation.distinguished[0]:
        return f"No correction beats the plain model ({level}){_no_better(evaluation, metric)}"
    best = evaluation.best
    gained, low, high = evaluation.comparison.differences(metric)[best]
    gain = f"{gained:+.3f} [{low:+.3f}, {high:+.3f}]"
    against = f"{decimal(evaluated[best].cv[metric])} against {decimal(evaluated['none'].cv[metric])}"
    return f"{best!r} beats the plain model: {name} {against} out of fold ({gain})"


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


def _orders(evaluation: EvaluationData, name: str) -> bool:
    """Whether a strategy's order can be told from a random one; where too few groups leave that open, it may."""
    fitted = evaluation.reader.model.fitted
    of = evaluation.evaluated if fitted else evaluation.comparison.figures("ranking")
    return not of[name].low["roc_auc"] <= 0.5


def figure_called(evaluation: EvaluationData, metric: str) -> str:
    """Return a metric's name; decisions of several classes are averaged over them."""
    bare = metric.removesuffix("_tuned")
    several = not evaluation.is_binary and METRICS[bare].kind == "decision"
    return f"macro {metric_label(bare)}" if several else metric_label(metric)


def _moved(evaluation: EvaluationData, sentence: str) -> str:
    """Say where to move the best one's threshold, and what that comes to; nothing where it gains nothing."""
    best, criterion = evaluation.best, evaluation.settings.criterion
    if not evaluation.is_binary or (len(evaluation.evaluated) > 1 and not evaluation.is_compared):
        return ""
    before, after = (_level(evaluation, best, name) for name in (criterion, f"{criterion}_tuned"))
    gains = round(after, 2) > round(before, 2) and after > _floor(evaluation, f"{criterion}_tuned")
    if not (gains and _orders(evaluation, best)) or _is_undone(evaluation, best):
        return ""
    return sentence.format(
        verb=_verb(evaluation, best),
        threshold=evaluation.about_threshold(best),
        name=metric_label(criterion),
        before=f"{before:.2f}",
        after=f"{after:.2f}",
        where=_where(evaluation),
    )


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
    return bool(other and other != evaluation.settings.criterion and name != "none") or bool(lost)


def _no_better(evaluation: EvaluationData, metric: str) -> str:
    """Say what a dummy baseline scores, where the plain model cannot be told from it."""
    if not evaluation.is_compared:  # too few groups to tell
        return ""
    floor, whose = _floor(evaluation, metric), evaluation.dummy[metric]
    gained = METRICS[metric.removesuffix("_tuned")].better * (_level(evaluation, "none", metric) - floor)
    if gained > 0 and _orders(evaluation, "none"):
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
    ends = "" if np.isnan(low) else f" [{low:.2f}, {high:.2f}]"
    whose = "the fitted model" if evaluation.reader.model.fitted else _name_of(best)
    where = evaluation.chosen_on
    levels = f"{evaluated.points[metric]:.3f}{ends} {evaluation.reported_on}"
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


def _name_of(strategy: str) -> str:
    """Return a strategy as a sentence calls it."""
    return "the plain model" if strategy == "none" else repr(strategy)


def explain(evaluation: EvaluationData, audience: Audience) -> list[str]:
    """Say what was compared, on what, and what came of it: the sentences, the answer first."""
    if audience == "interview":
        features = evaluation.scored.parts.features
        return [
            _why_compared(evaluation),
            _outcome(evaluation),
            *said_in_person(features, _follows(evaluation)),
        ]
    return [
        f"{capital(_compared(evaluation))}.",
        *filter(None, [_moved(evaluation, f"{_TO_DO}.")]),
        *shares_said(evaluation.scored.parts.features, _follows(evaluation)),
        _accuracy(evaluation),
        _metric(evaluation),
        *_by_chance(evaluation),
        *_apart(evaluation),
        _fitting(evaluation),
        *_both(evaluation),
        *_signal(evaluation),
        *_own_decisions(evaluation),
        *_shifted(evaluation),
    ]


def _follows(evaluation: EvaluationData) -> str:
    """Say what the prevalence does to ranking and precision; of one class against the rest."""
    if not evaluation.is_binary:
        return ""
    scores = evaluation.reported_scores(evaluation.best)
    return precision_moved(evaluation.scored.parts.features, scores, "_tuned")


def _meaning(evaluation: EvaluationData) -> str:
    metric = METRICS.get(evaluation.decided_by)  # none for a figure at a threshold of its own
    if metric is None or metric.kind == "decision":
        return ""
    return metric.meaning if evaluation.is_binary else metric.meaning_several


def _why_compared(evaluation: EvaluationData) -> str:
    n = len(evaluation.evaluated)
    what = f"compared {n} strategies" if n > 1 else "judged one model"
    meaning = _meaning(evaluation)
    floor = decimal(_floor(evaluation, evaluation.decided_by))
    how = f"{meaning}, {floor} without skill" if meaning else f"{floor} without skill"
    inside = "; resampling stood inside each training fold" if _resamples(evaluation) else ""
    return f"{_constant(evaluation)}, so I {what} by {metric_label(evaluation.decided_by)} ({how}){inside}."


def _resamples(evaluation: EvaluationData) -> bool:
    """Whether any strategy makes or drops rows, ensembles that resample within themselves among them."""
    return any(candidate.strategy.resamples for candidate in evaluation.candidates.values())


def _outcome(evaluation: EvaluationData) -> str:
    scored, best, metric = evaluation.scored, evaluation.best, evaluation.decided_by
    n, learned = len(scored.reported_codes), int((scored.folds.ids >= 0).sum())
    said = flat(lowered(_compared(evaluation)))
    said += _moved(evaluation, ", and at threshold {threshold} {name} is {after} instead of {before}")
    if evaluation.reader.model.fitted:
        said = said.replace(", as it is: ", " has ", 1).replace(f" {evaluation.reported_on}", "", 1)
        rows = f"On {n:,} {'test ' if evaluation.held_out else ''}rows"
        return f"{rows} {said}, though it may have seen them."
    said = said.replace("model: ", "model has ", 1) if len(evaluation.evaluated) == 1 else said
    if not evaluation.held_out:
        return f"On {n:,} rows, each scored by a model that has not seen it, {said}."
    level = f"{metric_label(metric)} {evaluation.evaluated[best].points[metric]:.3f}"
    return (
        f"On {learned:,} train rows, each scored by a model that has not seen it, {said}; "
        f"on {n:,} test rows that chose nothing, {_name_of(best)} has {level}."
    )


def _constant(evaluation: EvaluationData) -> str:
    """Say what a constant answer has for an accuracy."""
    target, figures = evaluation.scored.parts.features.target, evaluation.dummy_figures
    code = target.rarest if target.positive is None else target.positive
    share = f"With {_share(evaluation, code, valued(target.name, target.classes[code]))}"
    where = " on the test set" if evaluation.held_out else ""
    accuracy = f"accuracy {decimal(figures['accuracy'])}{where}"
    if not evaluation.is_binary:
        return f"{share}, always saying the most frequent class has {accuracy} and finds no other class"
    if evaluation.dummy["accuracy"] == "always positive":
        return f"{share}, always saying {quoted(target.classes[code])} has {accuracy} and learns nothing"
    return f"{share}, never saying {quoted(target.classes[code])} has {accuracy} and finds no such row"


def _share(evaluation: EvaluationData, code: int, label: str) -> str:
    """Say a class's share of the frame, or of its weight, or where the model will be used."""
    features = evaluation.scored.parts.features
    weighting = features.weighting
    if weighting.factors is not None and weighting.wanted is not None:
        return f"{percent(weighting.wanted[code])} {label} where it is used"
    if weighting.own(features.X) is None:
        return f"{percent(features.target.shares[code])} {label}"
    return f"{percent(weighting.shares[code])} of the weight on {label}"


def _accuracy(evaluation: EvaluationData) -> str:
    target, scored = evaluation.scored.parts.features.target, evaluation.scored
    code = target.rarest if target.positive is None else target.positive
    counted = f"{target.rows[code]:,} of {target.labelled:,} rows"
    test = int((scored.parts.test.codes == code).sum())
    misleads = evaluation.dummy_figures["accuracy"] >= _MISLEADS
    plain = scored.resamples.weights.are_ones
    so = "an accuracy must be held against that"
    if misleads:
        so = f"accuracy misleads {'on these counts' if plain else 'at this share'}"
    held_out = f", {test:,} of {len(scored.parts.test):,} in the test set" if evaluation.held_out else ""
    return f"{_constant(evaluation)}, so {so} ({'' if plain else 'in this sample '}{counted}{held_out})."


def _metric(evaluation: EvaluationData) -> str:
    metric, best = evaluation.decided_by, evaluation.best
    evaluated, meaning = evaluation.evaluated[best], _meaning(evaluation)
    of = f", {meaning}," if meaning else ""
    where = evaluation.chosen_on
    if METRICS[metric.removesuffix("_tuned")].kind == "ranking" and not evaluation.scored.one_model:
        where += f" ({level_statistic(evaluation)})"
    held_out = f" and {evaluated.points[metric]:.3f} on the test set" if evaluation.held_out else ""
    return (
        f"By {metric_label(metric)}{of} {'the fitted model' if evaluation.reader.model.fitted else _name_of(best)} has "
        f"{decimal(evaluated.cv[metric])} {where}{held_out}; a dummy baseline has "
        f"{decimal(evaluation.dummy_figures[metric])}."
    )


def _by_chance(evaluation: EvaluationData) -> list[str]:
    """Say that average precision is high by chance where positives are few."""
    scored = evaluation.scored
    n, positives = len(scored.reported_codes), int((scored.reported_codes == scored.positive).sum())
    plain = scored.resamples.weights.are_ones  # the mean of a random order is known of such rows
    if not (
        plain
        and evaluation.is_binary
        and evaluation.decided_by == "average_precision"
        and positives < FEW_POSITIVES
    ):
        return []
    return [
        f"On few positives average precision is high by chance: with {positives:,} of {n:,} rows a random order averages "
        f"{decimal(chance_average_precision(n, positives))}, above the prevalence of {decimal(positives / n)}."
    ]


def _apart(evaluation: EvaluationData) -> list[str]:
    """Name the strategies that are distinguishable from the plain model, and those that are not."""
    if len(evaluation.evaluated) == 1 or not evaluation.is_compared:
        return []
    better, worse = evaluation.distinguished
    same = [name for name in evaluation.evaluated if name not in ("none", *better, *worse)]
    said, plain = [], "the plain model"
    for names, what in ((better, "better than"), (worse, "worse than"), (same, "not distinguishable from")):
        if names:
            said.append(
                f"{joined(map(repr, names), most=20)} {'is' if len(names) == 1 else 'are'} {what} {plain}"
            )
            plain = "it"
    metric = figure_called(evaluation, evaluation.decided_by)
    return [
        f"In {metric} out of fold, by 95 % intervals that hold for all differences at once, {joined(said)}."
    ]


def _fitting(evaluation: EvaluationData) -> str:
    """Say which rows were fitted on, and which chose."""
    one = len(evaluation.evaluated) == 1
    if evaluation.is_binary:
        what = "the threshold was chosen" if one else "strategies were compared and thresholds chosen"
        chosen = f"{what} {evaluation.chosen_on}, and "
    else:
        chosen = "" if one else f"strategies were compared {evaluation.chosen_on}, and "
    fitted = (
        "Nothing was fitted here, and the model may have seen these rows"
        if evaluation.reader.model.fitted
        else f"{'Sampling and fitting' if _resamples(evaluation) else 'Fitting'} saw training rows only, inside each fold"
    )
    if not evaluation.held_out:
        selected = f" {SELECTED}" if len(evaluation.evaluated) > 1 else ""
        return f"{fitted}; {chosen.removesuffix(', and ') or 'nothing was chosen'}.{selected}"
    return f"{fitted}; {chosen}the test set was scored once."


def _both(evaluation: EvaluationData) -> list[str]:
    if "smote+class_weight" not in evaluation.evaluated:
        return []
    return [
        "SMOTE plus balanced weights is SMOTE and no better: after it the classes are 1 : 1, so that w_c = n / (k · n_c) is "
        "1 for each class, and the scores are the same."
    ]


def _signal(evaluation: EvaluationData) -> list[str]:
    if evaluation.permuted is None:
        return []
    return [f"Is there signal at all: {evaluation.permuted.said}; a leak would pass that test too."]


def _own_decisions(evaluation: EvaluationData) -> list[str]:
    """Say what the best one's own decisions come to, where these are not the default threshold's."""
    if not evaluation.scored.by_predict:
        return []
    found = evaluation.evaluated[evaluation.best].points
    shares = [each for each in ("recall", "precision") if each != evaluation.settings.criterion]
    figures = [f"{metric_label(each)} {found[each]:.3f}" for each in (evaluation.settings.criterion, *shares)]
    return [
        f"{capital(_name_of(evaluation.best))} decides by its own predict, not at "
        f"{evaluation.scored.default_threshold:g}: {joined(figures)} {evaluation.reported_on}."
    ]


def _shifted(evaluation: EvaluationData) -> list[str]:
    """Say which strategy raised the probabilities most."""
    if not (evaluation.is_binary and evaluation.scored.is_probability):
        return []
    means = {name: evaluated.points["mean_probability"] for name, evaluated in evaluation.evaluated.items()}
    name, n = max(means, key=lambda each: means[each]), float(len(evaluation.scored.reported_codes))
    # few positives leave the prevalence itself in doubt, unless it was given
    weights = evaluation.scored.resamples.weights
    n = n if weights.own is None else effective(weights.own)
    too_high = 1.5 * evaluation.prevalence
    if weights.factors is None:
        too_high = max(too_high, float(wilson(evaluation.prevalence * n, n)[1]))
    if means[name] < too_high:
        return []
    if means["none"] >= too_high:
        return [
            f"Even the plain model says {decimal(means['none'])} on average where {decimal(evaluation.prevalence)} "
            f"is true: its scores {'rank, and ' if _orders(evaluation, 'none') else ''}are no probabilities."
        ]
    rank = "rank, and are no longer" if _orders(evaluation, name) else "are no"
    return [
        f"{name!r} says {decimal(means[name])} on average where {decimal(evaluation.prevalence)} is true: its scores {rank} "
        "probabilities."
    ]


def _test_set(evaluation: EvaluationData) -> str:
    scored = evaluation.scored
    codes = scored.reported_codes
    nothing = "" if evaluation.held_out else "nothing: "
    if scored.positive is None:
        return f"{nothing}{len(codes):,} rows, {len(scored.parts.features.target.classes)} classes"
    rows = int((codes == scored.positive).sum())
    weighed = "" if scored.resamples.weights.are_ones else f", counted as {percent(evaluation.prevalence)}"
    return f"{nothing}{len(codes):,} rows, {rows:,} of them positive ({percent(rows / len(codes))}{weighed})"
