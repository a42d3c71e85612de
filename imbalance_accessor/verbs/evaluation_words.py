"""The words of an `Evaluation`: the verdict, the key figures, the explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imbalance_accessor.present.cells import percent
from imbalance_accessor.present.result import Audience
from imbalance_accessor.stats.intervals import wilson

if TYPE_CHECKING:
    from imbalance_accessor.verbs.evaluation import Evaluation

NAMES_SHOWN = {
    "average_precision": "average precision",
    "roc_auc": "ROC-AUC",
    "brier": "Brier score",
    "log_loss": "log loss",
    "f1": "F1",
    "mcc": "MCC",
    "balanced_accuracy": "balanced accuracy",
    "g_mean": "G-mean",
    "f1_tuned": "F1 at its own cut",
}


def shown(metric: str) -> str:
    """Return a metric's name as it is written in a sentence."""
    return NAMES_SHOWN.get(metric, metric.removesuffix("_tuned").replace("_", " "))


def verdict(evaluation: Evaluation) -> str:
    """Say whether anything beats doing nothing, each strategy at its own cut."""
    metric = decided_by(evaluation)
    name = shown(metric.removesuffix("_tuned"))
    name = name if evaluation.is_binary else f"macro {name}"
    base = evaluation.judged["none"].points[metric]
    at_cut = ", each at its own cut" if evaluation.is_binary else ""
    if len(evaluation.judged) == 1:
        what = (
            "The fitted model, as it is"
            if evaluation.reading.model.fitted
            else "Doing nothing about the imbalance"
        )
        return f"{what}: {name} {base:.3f}{_own_cut(evaluation)}"
    on_test = f"{at_cut} ({name} {base:.3f} on test)"
    better, worse = _sides(evaluation, metric)
    if better:
        top = max(better, key=lambda each: evaluation.judged[each].points[metric])
        row = evaluation.differences.loc[top]
        value = evaluation.judged[top].points[metric]
        ends = f"{row[metric]:+.3f} [{row[f'{metric}_low']:+.3f}, {row[f'{metric}_high']:+.3f}]"
        return f"Of these fitted models {top!r} beats doing nothing{at_cut}: {name} {value:.3f} against {base:.3f} ({ends})"
    advice = _advice(evaluation, metric)
    if worse:
        listed = ", ".join(map(repr, worse))
        return f"None of these fitted models beats doing nothing{on_test}, and {listed} did worse{advice}"
    return f"None of these fitted models is distinguishable from doing nothing{on_test}{advice}"


def _advice(evaluation: Evaluation, metric: str) -> str:
    """Say where to move the cut, or that there is nothing to move it for."""
    floor = evaluation.no_skill_figures[metric]
    if evaluation.judged["none"].points[metric] <= floor:
        return f"; {evaluation.no_skill[metric]}, which knows nothing, scores {floor:.3f}"
    return f"; move the cut to {evaluation.cut_text('none')}" if _cut_moves(evaluation) else ""


def effect(evaluation: Evaluation) -> str:
    """Say how far strategies lie apart at the default cut, and how far at their own cuts."""
    points = [judged.points for judged in evaluation.judged.values()]
    spans = [(min(p[name] for p in points), max(p[name] for p in points)) for name in ("f1", "f1_tuned")]
    default = f"{evaluation.scored.default_cut:g}"
    (low, high), (own_low, own_high) = spans
    if len(points) == 1:
        return f"F1 is {low:.3f} at {default}, and {own_low:.3f} at its own cut"
    return f"F1 is {low:.3f} to {high:.3f} at {default}, and {own_low:.3f} to {own_high:.3f} with each strategy at its own cut"


def decided_by(evaluation: Evaluation) -> str:
    """Return the metric that the verdict compares."""
    criterion = evaluation.settings.criterion
    return f"{criterion}_tuned" if evaluation.is_binary else criterion


def figures(evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    """Return the key figures."""
    metric, best = evaluation.settings.metric, evaluation.best
    judged = evaluation.judged[best]
    low, high = judged.low[metric], judged.high[metric]
    test = f"{judged.points[metric]:.3f} [{low:.2f}, {high:.2f}] on test"
    floor = float(evaluation.no_skill_figures[metric])
    where = evaluation.chosen_on
    found = [
        (
            f"best {evaluation.chosen_on}",
            f"{best!r} by {shown(metric)}: {judged.cv[metric]:.3f} {where}, {test}",
        ),
        ("no skill", f"{shown(metric)} {floor:.3f} ({evaluation.no_skill[metric]})"),
        ("test part", _test_part(evaluation)),
    ]
    if evaluation.permuted is not None:
        found.append(("any signal?", evaluation.permuted.said))
    return tuple(found)


def table_notes(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the small print under the table."""
    criterion = evaluation.settings.criterion
    whose = evaluation.no_skill[criterion]
    notes = [f"[..] are 95 % intervals on the test part. No skill: for {shown(criterion)}, {whose}."]
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


def explain(evaluation: Evaluation, audience: Audience) -> str:
    """Say what was compared, on what, and what came of it."""
    metric = evaluation.settings.metric
    floor = evaluation.no_skill_figures[metric]
    best = evaluation.best
    if audience == "interview":
        return (
            f"I compared {len(evaluation.judged)} strategies by {shown(metric)}, because with {_rare(evaluation)} accuracy "
            f"rewards always saying the majority; {_fitting(evaluation, short=True)}. {verdict(evaluation)}."
        )
    sentences = [
        f"**{verdict(evaluation)}.**",
        f"{_rare(evaluation, capital=True)}; always answering with the majority has accuracy "
        f"{evaluation.no_skill_figures['accuracy']:.3f} on the test part and learns nothing, so accuracy says little here.",
        f"By {shown(metric)} (no skill: {floor:.3f}) {best!r} is best {evaluation.chosen_on}, with "
        f"{evaluation.judged[best].cv[metric]:.3f}; on the test part it has {evaluation.judged[best].points[metric]:.3f}.",
        f"{_fitting(evaluation, short=False)}; "
        f"{'cuts and the winner were' if evaluation.is_binary else 'the winner was'} chosen {evaluation.chosen_on}, "
        "and the test part was scored once.",
    ]
    if "smote+class_weight" in evaluation.judged:
        sentences.append(
            "SMOTE plus balanced weights is SMOTE: after it the classes are 1 : 1, so balanced weights are 1 : 1 too."
        )
    if evaluation.permuted is not None:
        sentences.append(
            f"Is there signal at all? With labels as they are: {evaluation.permuted.said}. A leak would pass that test too."
        )
    shifted = _shifted(evaluation)
    if shifted:
        sentences.append(shifted)
    return " ".join(sentences)


def _fitting(evaluation: Evaluation, *, short: bool) -> str:
    """Say which rows were fitted on."""
    if evaluation.reading.model.fitted:
        return (
            "nothing was fitted here"
            if short
            else "Nothing was fitted here; the model may have seen the train part"
        )
    if short:
        return "resampling stood inside each training fold"
    return "Sampling and fitting saw training rows only, inside each fold"


def _shifted(evaluation: Evaluation) -> str:
    """Say which strategy raised the probabilities most."""
    if not (evaluation.is_binary and evaluation.scored.is_probability):
        return ""
    means = {name: judged.points["mean_probability"] for name, judged in evaluation.judged.items()}
    name, n = max(means, key=lambda each: means[each]), len(evaluation.scored.parts.test)
    # few positives leave the prevalence itself in doubt
    too_high = max(1.5 * evaluation.prevalence, float(wilson(evaluation.prevalence * n, n)[1]))
    if means[name] < too_high:
        return ""
    if means["none"] >= too_high:
        return (
            f"Even with nothing done this model says {means['none']:.3f} on average where {evaluation.prevalence:.3f} "
            "is true: its scores rank, and are no probabilities."
        )
    return (
        f"{name!r} says {means[name]:.3f} on average where {evaluation.prevalence:.3f} is true: its scores rank, "
        "and are no longer probabilities."
    )


def _sides(evaluation: Evaluation, metric: str) -> tuple[list[str], list[str]]:
    table = evaluation.differences
    better = [str(name) for name in table.index if table.loc[name, f"{metric}_low"] > 0]
    worse = [str(name) for name in table.index if table.loc[name, f"{metric}_high"] < 0]
    return better, worse


def _own_cut(evaluation: Evaluation) -> str:
    return f" at its own cut, {evaluation.cut_text('none')}" if evaluation.is_binary else ""


def _cut_moves(evaluation: Evaluation) -> bool:
    if not evaluation.is_binary:
        return False
    none = evaluation.judged["none"]
    criterion = evaluation.settings.criterion
    return none.cv[f"{criterion}_tuned"] > none.cv[criterion]


def _test_part(evaluation: Evaluation) -> str:
    scored = evaluation.scored
    n = len(scored.parts.test)
    if scored.positive is None:
        return f"{n:,} rows, {len(scored.parts.task.target.classes)} classes"
    rows = int((scored.test_codes == scored.positive).sum())
    return f"{n:,} rows, {rows:,} of them positive ({percent(rows / n)})"


def _rare(evaluation: Evaluation, *, capital: bool = False) -> str:
    target = evaluation.scored.parts.task.target
    code = target.rarest if target.positive is None else target.positive
    words = f"{percent(target.shares[code])} {target.name}={target.classes[code]!r}"
    return f"The frame has {words}" if capital else words
