"""The sentences of a `Score`: what the predictions find, what accuracy hides, and how sure that is."""

from __future__ import annotations

import math

from imbalance_accessor.metrics.measure import Figures
from imbalance_accessor.metrics.rounding import written
from imbalance_accessor.rendering.cells import decimal, percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, joined, most_important, named, quoted
from imbalance_accessor.verbs.score.fields import ScoreData
from imbalance_accessor.verbs.shared.per_class import confused, least_found

#: Accuracies that differ by less read alike.
_SAME = 5e-4
#: How much F1 falls from train to test before that is called a gap.
_GAP = 0.05


def explain(score: ScoreData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return [*_in_person(score)][:3]
    means = [] if score.sides.positive is None and not score.is_constant else [averages(score)]
    said = [f"{answer(score)}.", f"{accuracy(score)}.", *means, *gap(score), *_known(score)]
    return most_important([*said, *_ranking(score), *_confused(score), f"{reading(score)}."])


def answer(score: ScoreData) -> str:
    """Say what is found of the positive class, or of which class least."""
    if score.is_constant:
        return _constant(score)
    if score.sides.positive is None:
        macro, weighted = (decimal(score.measured.points[name]) for name in ("f1", "weighted_f1"))
        return f"Macro F1 is {macro} and weighted F1 {weighted}; {_least(score)}"
    label = named(score.sides.labels[score.focus])
    recall, precision = _figure(score, "recall"), _figure(score, "precision")
    hits, true, flagged = _counts(score)
    if not flagged:
        return f"No row is predicted as {label}, so none of its rows is found"
    if score.is_weighted:
        return f"Recall of {label} is {decimal(recall)}, at precision {decimal(precision)}"
    return f"{hits:,} of {true:,} rows of {label} are found, and {hits:,} of {flagged:,} predictions of {label} are right"


def _least(score: ScoreData) -> str:
    said = least_found(score.by_class, "pred", "recall", _where(score))
    return said[:1].lower() + said[1:] if said.startswith("Class") else said


def _constant(score: ScoreData) -> str:
    told = score.sides.labels[int(score.test.predicted[0])]
    if told != score.majority:
        return f"Every row is predicted as {named(told)}, so accuracy is {decimal(score.accuracy)}, its share"
    found = score.sides.positive
    missed = f"no row of {named(score.sides.labels[score.focus])}" if found is not None else "no other class"
    macro = decimal(score.measured.points["f1"])
    return f"Always {named(told)}: accuracy {decimal(score.accuracy)}, but macro F1 {macro}, and {missed} is found"


def accuracy(score: ScoreData) -> str:
    """Hold accuracy against that of the most frequent class."""
    own, constant = score.accuracy, score.accuracy_always_majority
    always = f"always saying {named(score.majority)}"
    if score.is_constant and own == constant:
        return f"That is the accuracy of {always}: it says nothing about the other rows"
    if abs(own - constant) < _SAME:
        return f"Accuracy {decimal(own)} is no more than {always} scores"
    more = "above" if own > constant else "below"
    return f"Accuracy {decimal(own)} lies {more} the {decimal(constant)} of {always}"


def averages(score: ScoreData) -> str:
    """Say the averages, and what the difference means."""
    points = score.measured.points
    macro, weighted = points["f1"], points["weighted_f1"]
    said = f"Macro F1 is {decimal(macro)} and weighted F1 {decimal(weighted)}"
    return f"{said}, where the larger class hides the others." if weighted - macro > _GAP else f"{said}."


def gap(score: ScoreData) -> list[str]:
    """Say how far figures fall from the training set to the test set."""
    if score.train is None:
        return []
    several = score.sides.positive is None
    name = "f1" if several else _name(score, "f1")
    train, test, high = (
        float(each[name]) for each in (score.train_points, score.measured.points, score.measured.high)
    )
    what = "Macro F1" if several else f"F1 of {named(score.sides.labels[score.focus])}"
    said = f"{what} is {decimal(test)} on the test rows and {decimal(train)} on the training set"
    return [f"{said}: a sign of overfitting." if train - test > _GAP and train > high else f"{said}."]


def _known(score: ScoreData) -> list[str]:
    """Say how sure the recall of the class in focus is."""
    figures, name = score.measured, _name(score, "recall")
    label, rows = named(score.sides.labels[score.focus]), int(score.test.rows[score.focus])
    if not rows or math.isnan(figures.low[name]):
        return []
    of = f"{rows:,} {'row' if rows == 1 else 'rows'}"
    return [f"Recall of {label}, from {of}, lies in {_ends(figures, name)} with 95 % confidence."]


def _ends(figures: Figures, name: str) -> str:
    return f"[{figures.low[name]:.2f}, {figures.high[name]:.2f}]"


def _ranking(score: ScoreData) -> list[str]:
    """Say what the scores rank, whatever the threshold."""
    if score.test.scores is None:
        return []
    found = score.overall
    own, chance = (float(found[name]["average_precision"]) for name in ("value", "dummy"))
    return [f"Average precision is {decimal(own)}, and {decimal(chance)} without skill."]


def _confused(score: ScoreData) -> list[str]:
    said = confused(score.by_class, "pred") if score.sides.positive is None and not score.is_constant else ""
    return [f"{capital(said)}."] if said else []


def reading(score: ScoreData) -> str:
    """Say how the column was read as classes."""
    told = score.told
    where = quoted(told.column) if told.in_frame else "the Series"
    if told.kind == "scores":
        label = named(score.sides.labels[score.focus])
        assert told.threshold is not None
        what = "probability" if told.is_probability else "score"
        return f"Rows whose {what} in {where} is {written(told.threshold)} or more are predicted as {label}"
    if told.kind == "flags":
        return f"1 in {where} is read as {named(score.sides.labels[score.focus])}, 0 as the other class"
    return f"The predicted labels are in {where}"


def rows_read(score: ScoreData) -> list[str]:
    """Say which rows are scored."""
    marks = score.marks
    if marks is None:
        return [f"All {len(score.test.y):,} rows with a label and a prediction are scored"]
    column = quoted(marks.column) if marks.in_frame else "the Series of split="
    test = joined(map(quoted, marks.values))
    train = (
        f"; {joined(map(quoted, marks.train_values))} marks the training set" if marks.train_values else ""
    )
    left = int((~(marks.test | marks.train)).sum())
    rest = f"; {left:,} rows of neither are left out" if left else ""
    return [f"Test rows are those with {test} in {column}: {len(score.test.y):,}{train}{rest}"]


def how_sure(score: ScoreData) -> str:
    """Say where the intervals come from."""
    drawn = "whole groups" if score.groups is not None else "rows"
    return (
        "95 % intervals: Wilson's for precision, recall and accuracy, MOVER's for macro recall; others by bootstrap of "
        f"{drawn}"
    )


def picture_title(score: ScoreData) -> str:
    """Say what the confusion matrix shows."""
    return answer(score)


def _in_person(score: ScoreData) -> list[str]:
    own, constant = decimal(score.accuracy), decimal(score.accuracy_always_majority)
    label = named(score.sides.labels[score.focus])
    macro, weighted = (decimal(score.measured.points[name]) for name in ("f1", "weighted_f1"))
    if score.is_constant:
        told = named(score.sides.labels[int(score.test.predicted[0])])
        return [
            f"My model always says {told}, which gives accuracy {own} and finds nothing else.",
            f"Macro F1 shows that with {macro}, while weighted F1 still says {weighted}.",
        ]
    return [
        _found(score, label),
        f"Its accuracy is {own}, and always saying {named(score.majority)} scores {constant}.",
        f"Macro F1 is {macro} and weighted F1 {weighted}, and I report the first where small classes matter.",
    ]


def _found(score: ScoreData, label: str) -> str:
    """Say recall and precision of the class in focus as a candidate would."""
    recall, precision = _figure(score, "recall"), _figure(score, "precision")
    if not recall:
        return f"My model finds no row of {label}."
    return f"My model finds {percent(recall)} of {label}, and {percent(precision)} of its predictions of {label} are right."


def _name(score: ScoreData, figure: str) -> str:
    return f"{figure}[{score.sides.names[score.focus]}]"


def _figure(score: ScoreData, figure: str) -> float:
    return float(score.measured.points[_name(score, figure)])


def _counts(score: ScoreData) -> tuple[int, int, int]:
    """Return how many rows of the class in focus are hit, how many it has, and how many are predicted as it."""
    counts, code = score.counts, score.focus
    found = counts[code, code], counts[code].sum(), counts[:, code].sum()
    hits, true, flagged = (round(float(each)) for each in found)
    return hits, true, flagged


def _where(score: ScoreData) -> str:
    return "on these rows" if score.marks is None else "on the test rows"
