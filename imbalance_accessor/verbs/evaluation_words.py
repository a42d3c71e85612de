"""The words of an `Evaluation`: the verdict, the key figures, the explanation."""

from __future__ import annotations

import numpy as np

from imbalance_accessor.errors import counted
from imbalance_accessor.present.cells import decimal, percent
from imbalance_accessor.present.result import Audience
from imbalance_accessor.present.sentences import capital, flat, joined, lowered, quoted, valued
from imbalance_accessor.stats.intervals import wilson
from imbalance_accessor.stats.registry import METRICS, shown
from imbalance_accessor.verbs.evaluation_data import EvaluationData

#: Accuracy of a constant answer from which on it misleads.
_MISLEADS = 0.6


def verdict(evaluation: EvaluationData) -> str:
    """Say whether anything beats doing nothing, each strategy at its own cut."""
    metric = decided_by(evaluation)
    name, sign = _called(evaluation, metric), METRICS[metric.removesuffix("_tuned")].better
    base = evaluation.judged["none"].compared.points[metric]
    at_cut = ", each at its own cut" if metric.endswith("_tuned") else ""
    if len(evaluation.judged) == 1:
        what = (
            "The fitted model, as it is"
            if evaluation.reading.model.fitted
            else "Doing nothing about the imbalance"
        )
        return f"{what}: {name} {decimal(base)}{_own_cut(evaluation)}{_knows_nothing(evaluation, metric)}"
    on_test = f"{at_cut} ({name} {decimal(base)} {_where(evaluation, metric)})"
    if not evaluation.is_compared:
        learned, tested = evaluation.scored.oof_resamples.n_groups, evaluation.few_groups
        return f"{learned} groups to learn from and {tested} to test on cannot say whether anything beats doing nothing{on_test}"
    models = "strategies" if evaluation.compares_folds else "fitted models"
    better, worse = _sides(evaluation, metric)
    if better:
        top = max(better, key=lambda each: sign * evaluation.judged[each].compared.points[metric])
        row = evaluation.differences.loc[top]
        value = evaluation.judged[top].compared.points[metric]
        ends = f"{row[metric]:+.3f} [{row[f'{metric}_low']:+.3f}, {row[f'{metric}_high']:+.3f}]"
        where = f" {_where(evaluation, metric)}" if evaluation.compares_folds else ""
        against = f"{name} {value:.3f} against {decimal(base)} ({ends})"
        return f"Of these {models} {top!r} beats doing nothing{at_cut}{where}: {against}"
    advice = _advice(evaluation, metric)
    if worse:
        listed = ", ".join(map(repr, worse))
        return f"None of these {models} beats doing nothing{on_test}, and {listed} did worse{advice}"
    return f"None of these {models} is distinguishable from doing nothing{on_test}{advice}"


def _called(evaluation: EvaluationData, metric: str) -> str:
    """Return a metric's name without its cut; decisions of several classes are averaged over them."""
    bare = metric.removesuffix("_tuned")
    return (
        f"macro {shown(bare)}"
        if not evaluation.is_binary and METRICS[bare].kind == "decision"
        else shown(bare)
    )


def _where(evaluation: EvaluationData, metric: str) -> str:
    """Say which rows are compared, and how folds are put together where that is not by their rows."""
    by_positives = evaluation.compares_folds and METRICS[metric.removesuffix("_tuned")].kind == "ranking"
    return f"{evaluation.compared_on}{', folds weighted by their positives' if by_positives else ''}"


def _advice(evaluation: EvaluationData, metric: str) -> str:
    """Say where to move the cut, or that there is nothing to move it for."""
    floor = _knows_nothing(evaluation, metric)
    if floor:
        return floor
    return f"; move the cut to {evaluation.cut_text('none')}" if _cut_moves(evaluation) else ""


def _knows_nothing(evaluation: EvaluationData, metric: str) -> str:
    """Say what an answer that knows nothing scores, where the model does no better."""
    floor = evaluation.no_skill_figures[metric]
    if evaluation.few_groups is not None:  # they cannot tell
        return ""
    if METRICS[metric.removesuffix("_tuned")].better * (evaluation.judged["none"].points[metric] - floor) > 0:
        return ""
    return f"; {evaluation.no_skill[metric]}, which knows nothing, scores {decimal(floor)}"


def effect(evaluation: EvaluationData) -> str:
    """Say how far strategies lie apart at the default cut, and how far at their own cuts."""
    points = [judged.points for judged in evaluation.judged.values()]
    spans = [(min(p[name] for p in points), max(p[name] for p in points)) for name in ("f1", "f1_tuned")]
    default = f"{evaluation.scored.default_cut:g}"
    (low, high), (own_low, own_high) = spans
    if len(points) == 1:
        return f"F1 is {low:.3f} at {default}, and {own_low:.3f} at its own cut"
    return f"F1 is {low:.3f} to {high:.3f} at {default}, and {own_low:.3f} to {own_high:.3f} with each strategy at its own cut"


def intervals_title(evaluation: EvaluationData) -> str:
    """Say what the intervals stand on: the test rows, and how many of them are positive."""
    codes, several = evaluation.scored.test_codes, evaluation.scored.parts.task.target.classes
    what = (
        f"{int((codes == evaluation.scored.positive).sum()):,} of them positive"
        if evaluation.is_binary
        else f"{len(several):,} classes"
    )
    few = evaluation.few_groups
    if few is not None:
        return f"{len(codes):,} test rows, {what}; {counted(few, 'group')}, too few for intervals"
    return f"95 % intervals on {len(codes):,} test rows, {what}"


def pr_title(evaluation: EvaluationData) -> str:
    """Say the highest average precision, whose it is, and what flagging at random has."""
    values = {name: judged.points["average_precision"] for name, judged in evaluation.judged.items()}
    top = max(values, key=lambda name: values[name])
    highest, whose = ("Average", "") if len(values) == 1 else ("Highest average", f" ({top!r})")
    floor = f"{decimal(evaluation.prevalence)}, the prevalence, for flagging at random"
    return f"{highest} precision on test {values[top]:.3f}{whose}, against {floor}"


def roc_title(evaluation: EvaluationData) -> str:
    """Say the span of the ROC-AUC, and what no skill has."""
    values = [judged.points["roc_auc"] for judged in evaluation.judged.values()]
    low, high = f"{min(values):.3f}", f"{max(values):.3f}"
    return f"ROC-AUC on test {low if low == high else f'{low} to {high}'}, against 0.5 without skill"


def confusion_title(evaluation: EvaluationData) -> str:
    """Say which rows are counted, and how each of them was decided."""
    rows = f"The {len(evaluation.scored.test_codes):,} test rows"
    if not evaluation.is_binary:
        return f"{rows}, each given to its likeliest class"
    return (
        f"{rows} at the model's own cut"
        if len(evaluation.judged) == 1
        else f"{rows}, each strategy at its own cut"
    )


def decided_by(evaluation: EvaluationData) -> str:
    """Return the metric that the verdict compares: at each one's own cut; across few groups' folds nothing that has a cut."""
    criterion = evaluation.settings.criterion
    if evaluation.few_groups is not None and len(evaluation.judged) > 1:
        metric = METRICS[evaluation.settings.metric.removesuffix("_tuned")]
        return "average_precision" if metric.kind == "decision" else metric.name
    return f"{criterion}_tuned" if evaluation.is_binary else criterion


def figures(evaluation: EvaluationData) -> tuple[tuple[str, str], ...]:
    """Return the key figures."""
    metric, best = evaluation.settings.metric, evaluation.best
    judged = evaluation.judged[best]
    low, high = judged.low[metric], judged.high[metric]
    ends = "" if np.isnan(low) else f" [{low:.2f}, {high:.2f}]"
    test = f"{judged.points[metric]:.3f}{ends} on test"
    floor = float(evaluation.no_skill_figures[metric])
    where = evaluation.chosen_on
    found = [
        (
            f"best {evaluation.chosen_on}",
            f"{best!r} by {shown(metric)}: {judged.cv[metric]:.3f} {where}, {test}",
        ),
        ("no skill", f"{shown(metric)} {decimal(floor)} ({evaluation.no_skill[metric]})"),
        ("test part", _test_part(evaluation)),
    ]
    if evaluation.permuted is not None:
        found.append(("any signal?", evaluation.permuted.said))
    return tuple(found)


def table_notes(evaluation: EvaluationData) -> tuple[str, ...]:
    """Return the small print under the table."""
    criterion = evaluation.settings.criterion
    whose = evaluation.no_skill[criterion]
    few = evaluation.few_groups
    ends = "[..] are 95 % intervals" if few is None else "There are no intervals"
    notes = [f"{ends} on the test part. No skill: for {shown(criterion)}, {whose}."]
    if evaluation.is_binary:
        notes.append(
            "Recall and precision are at the own cut, which was chosen "
            + ("on the train part." if evaluation.reading.model.fitted else "out of fold on the train part.")
        )
    else:
        notes.append(
            "A row goes to the likeliest class; averages are one-vs-rest, every class counting alike."
        )
    return (" ".join(notes),)


def explain(evaluation: EvaluationData, audience: Audience) -> list[str]:
    """Say what was compared, on what, and what came of it: the sentences, the answer first."""
    if audience == "interview":
        return [_why_compared(evaluation), _outcome(evaluation)]
    return [
        f"{capital(verdict(evaluation))}.",
        _accuracy(evaluation),
        _metric(evaluation),
        *_apart(evaluation),
        _fitting(evaluation),
        *_both(evaluation),
        *_signal(evaluation),
        *_shifted(evaluation),
    ]


def _meaning(evaluation: EvaluationData) -> str:
    metric = METRICS.get(evaluation.settings.metric)  # none for a figure at a cut of its own
    if metric is None or metric.kind == "decision":
        return ""
    return metric.meaning if evaluation.is_binary else metric.meaning_several


def _why_compared(evaluation: EvaluationData) -> str:
    n = len(evaluation.judged)
    what = f"compared {n} strategies" if n > 1 else "judged one model"
    meaning = _meaning(evaluation)
    floor = decimal(evaluation.no_skill_figures[evaluation.settings.metric])
    how = f"{meaning}, {floor} without skill" if meaning else f"{floor} without skill"
    inside = "; resampling stood inside each training fold" if _resamples(evaluation) else ""
    return f"{_constant(evaluation)}, so I {what} by {shown(evaluation.settings.metric)} ({how}){inside}."


def _resamples(evaluation: EvaluationData) -> bool:
    """Whether any strategy makes or drops rows, ensembles that resample within themselves among them."""
    return any(plan.strategy.resamples for plan in evaluation.plans.values())


def _outcome(evaluation: EvaluationData) -> str:
    n = len(evaluation.scored.parts.test)
    seen = (
        ", though the model was fitted elsewhere and may have seen them"
        if evaluation.reading.model.fitted
        else ""
    )
    said = flat(lowered(verdict(evaluation)))
    if len(evaluation.judged) == 1:
        mark = "," if evaluation.reading.model.fitted else ""
        said = said.replace(": ", f"{mark} has ", 1)
    if evaluation.compares_folds:
        few = counted(evaluation.few_groups or 0, "group")
        return f"The test part has {few}, too few to compare on, and across folds {said}{seen}."
    return f"Judged once, on {n:,} test rows that chose nothing, {said}{seen}."


def _constant(evaluation: EvaluationData) -> str:
    """Say what a constant answer has for an accuracy."""
    target, figures = evaluation.scored.parts.task.target, evaluation.no_skill_figures
    code = target.rarest if target.positive is None else target.positive
    share = f"With {percent(target.shares[code])} {valued(target.name, target.classes[code])}"
    accuracy = f"accuracy {decimal(figures['accuracy'])} on the test part"
    if not evaluation.is_binary:
        return f"{share}, always saying the most frequent class has {accuracy} and finds no other class"
    if evaluation.no_skill["accuracy"] == "always positive":
        return f"{share}, always saying {quoted(target.classes[code])} has {accuracy} and learns nothing"
    return f"{share}, never saying {quoted(target.classes[code])} has {accuracy} and finds no such row"


def _accuracy(evaluation: EvaluationData) -> str:
    target, scored = evaluation.scored.parts.task.target, evaluation.scored
    code = target.rarest if target.positive is None else target.positive
    counted = f"{target.rows[code]:,} of {target.labelled:,} rows"
    test = int((scored.parts.test.codes == code).sum())
    misleads = evaluation.no_skill_figures["accuracy"] >= _MISLEADS
    so = "accuracy misleads on these counts" if misleads else "an accuracy must be held against that"
    return f"{_constant(evaluation)}, so {so} ({counted}, {test:,} of {len(scored.parts.test):,} in the test part)."


def _metric(evaluation: EvaluationData) -> str:
    metric, best = evaluation.settings.metric, evaluation.best
    judged, meaning = evaluation.judged[best], _meaning(evaluation)
    floor = evaluation.no_skill_figures[metric]
    of = f", {meaning}" if meaning else ""
    return (
        f"By {shown(metric)}{of} (no skill: {decimal(floor)}), {best!r} is {'best' if len(evaluation.judged) > 1 else 'judged'} "
        f"{evaluation.chosen_on} with {judged.cv[metric]:.3f}, and has {judged.points[metric]:.3f} on the test part."
    )


def _apart(evaluation: EvaluationData) -> list[str]:
    """Name the strategies that are distinguishable from doing nothing, and those that are not."""
    if len(evaluation.judged) == 1:
        return []
    if not evaluation.is_compared:
        return []
    metric = decided_by(evaluation)
    better, worse = _sides(evaluation, metric)
    same = [str(name) for name in evaluation.differences.index if str(name) not in (*better, *worse)]
    said = [
        f"{joined(map(repr, names), most=20)} {'is' if len(names) == 1 else 'are'} {what}"
        for names, what in (
            (better, "better than 'none'"),
            (worse, "worse than 'none'"),
            (same, "not distinguishable from 'none'"),
        )
        if names
    ]
    where = f"{_called(evaluation, metric)}{' at the own cut' if metric.endswith('_tuned') else ''}"
    where += f" {_where(evaluation, metric)}" if evaluation.compares_folds else ""
    return [f"In {where}, by 95 % intervals that hold for all differences at once, {joined(said)}."]


def _fitting(evaluation: EvaluationData) -> str:
    """Say which rows were fitted on, and which chose."""
    one = len(evaluation.judged) == 1
    if evaluation.is_binary:
        chosen = f"{'the cut was' if one else 'cuts and the winner were'} chosen {evaluation.chosen_on}, and "
    else:
        chosen = "" if one else f"the winner was chosen {evaluation.chosen_on}, and "
    fitted = (
        "Nothing was fitted here, and the model may have seen these rows"
        if evaluation.reading.model.fitted
        else f"{'Sampling and fitting' if _resamples(evaluation) else 'Fitting'} saw training rows only, inside each fold"
    )
    return f"{fitted}; {chosen}the test part was scored once."


def _both(evaluation: EvaluationData) -> list[str]:
    if "smote+class_weight" not in evaluation.judged:
        return []
    return [
        "SMOTE plus balanced weights is SMOTE and no better: after it the classes are 1 : 1, so that w_c = n / (k · n_c) is "
        "1 for each class, and the scores are the same."
    ]


def _signal(evaluation: EvaluationData) -> list[str]:
    if evaluation.permuted is None:
        return []
    return [f"Is there signal at all: {evaluation.permuted.said}; a leak would pass that test too."]


def _shifted(evaluation: EvaluationData) -> list[str]:
    """Say which strategy raised the probabilities most."""
    if not (evaluation.is_binary and evaluation.scored.is_probability):
        return []
    means = {name: judged.points["mean_probability"] for name, judged in evaluation.judged.items()}
    name, n = max(means, key=lambda each: means[each]), len(evaluation.scored.parts.test)
    # few positives leave the prevalence itself in doubt
    too_high = max(1.5 * evaluation.prevalence, float(wilson(evaluation.prevalence * n, n)[1]))
    if means[name] < too_high:
        return []
    if means["none"] >= too_high:
        return [
            f"Even with nothing done this model says {decimal(means['none'])} on average where {decimal(evaluation.prevalence)} "
            "is true: its scores rank, and are no probabilities."
        ]
    return [
        f"{name!r} says {decimal(means[name])} on average where {decimal(evaluation.prevalence)} is true: its scores rank, "
        "and are no longer probabilities."
    ]


def _sides(evaluation: EvaluationData, metric: str) -> tuple[list[str], list[str]]:
    table, ends = evaluation.differences, (f"{metric}_low", f"{metric}_high")
    above = [str(name) for name in table.index if table.loc[name, ends[0]] > 0]
    below = [str(name) for name in table.index if table.loc[name, ends[1]] < 0]
    return (above, below) if METRICS[metric.removesuffix("_tuned")].better > 0 else (below, above)


def _own_cut(evaluation: EvaluationData) -> str:
    return f" at its own cut, {evaluation.cut_text('none')}" if evaluation.is_binary else ""


def _cut_moves(evaluation: EvaluationData) -> bool:
    if not evaluation.is_binary:
        return False
    none = evaluation.judged["none"]
    criterion = evaluation.settings.criterion
    return none.cv[f"{criterion}_tuned"] > none.cv[criterion]


def _test_part(evaluation: EvaluationData) -> str:
    scored = evaluation.scored
    n = len(scored.parts.test)
    if scored.positive is None:
        return f"{n:,} rows, {len(scored.parts.task.target.classes)} classes"
    rows = int((scored.test_codes == scored.positive).sum())
    return f"{n:,} rows, {rows:,} of them positive ({percent(rows / n)})"
