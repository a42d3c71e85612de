"""The sentences of `Counts`: how rare the class is, what accuracy hides, and what its rows allow to know."""

from __future__ import annotations

import math

from imbalance_accessor.metrics.rounding import fixed
from imbalance_accessor.rendering.cells import percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, of_class, quoted
from imbalance_accessor.verbs.counts.fields import CountsData


def explain(counts: CountsData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return [_definition(counts), _plan(counts)]
    return [f"{_opening(counts)}.", _constant(counts), _metric(counts), *_known(counts)]


def short_ratio(ratio: float) -> str:
    """Write a ratio as briefly as its size allows."""
    return fixed(ratio, 0 if ratio >= 10 or math.isclose(ratio, round(ratio)) else 1)


def severity(counts: CountsData) -> str:
    """Name how uneven the classes are."""
    return counts.severity if counts.severity == "balanced" else f"{counts.severity} imbalance"


def severity_rule(counts: CountsData) -> list[str]:
    """Say by which share several classes are judged, which is not the one in the title."""
    target = counts.target
    if len(target.classes) == 2:
        return []
    rare = quoted(target.classes[target.rarest])
    return [
        f"{counts.severity}: with several classes the rarest one is held against the most frequent one alone; {rare} is "
        f"{percent(counts._share_of_two)} of these two together."
    ]


def _opening(counts: CountsData, mark: str = ":") -> str:
    target = counts.target
    rare = target.classes.index(counts.minority)
    what = "labelled rows" if target.missing else "rows"
    are = "is" if target.rows[rare] == 1 else "are"
    return (
        f"{target.rows[rare]:,} of {target.labelled:,} {what} {are} {of_class(counts.minority)}{mark} "
        f"{percent(target.shares[rare])}, or 1 : {short_ratio(counts.ratio)} (minority : majority)"
    )


def _constant(counts: CountsData) -> str:
    said = (
        f"A model that always says {quoted(counts.majority)} is right in {percent(counts.accuracy_always_majority)} of "
        f"the rows and finds no row that is {of_class(counts.minority)}"
    )
    if counts.severity == "balanced":
        return f"{said}: that is the level an accuracy must beat."
    return f"{said}: accuracy hides what becomes of the rare class."


def _prevalence(counts: CountsData) -> tuple[str, int, float]:
    """Return the class that is judged, its rows and its share: the positive one, or the rarest of several."""
    target, code = counts.target, counts.target.focus
    return quoted(target.classes[code]), int(target.rows[code]), float(target.shares[code])


def _metric(counts: CountsData) -> str:
    label, rows, share = _prevalence(counts)
    level = f"{rows:,}/{counts.target.labelled:,} = {digits(share)}"
    if counts.target.positive is None:
        return (
            "Judge each class against the rest by average precision, whose no-skill level is the share of the class, "
            f"π = {level} for class {label}, and by its recall and precision."
        )
    return (
        f"Judge it by average precision, whose no-skill level is the prevalence π = {level}, and by recall and precision "
        "at a chosen threshold."
    )


def _known(counts: CountsData) -> list[str]:
    label = _prevalence(counts)[0]
    positive = counts.target.classes[counts.target.focus]
    row = counts.frame.iloc[list(counts.frame.index).index(positive)]
    test, size = int(row["test_rows"]), percent(counts.test_size)
    enough = f"± 5 points around a recall of 0.5 take {int(row['rows_for_5_points']):,} test rows of a class"
    rows = f"{test:,} row{'' if test == 1 else 's'} of class {label}"
    if not test:
        return [f"A test set of {size} would hold no row of class {label}, and {enough}."]
    return [
        f"A test set of {size} holds about {rows}; where 0.8 of them are found, the true recall lies "
        f"between {row['recall_80_low']:.2f} and {row['recall_80_high']:.2f} (95 % Wilson interval), and {enough}."
    ]


def _definition(counts: CountsData) -> str:
    what, here = "Classes are imbalanced when one has far fewer rows than another", "; here "
    if counts.severity == "balanced":
        here = f", which is {'not' if counts.ratio == 1 else 'hardly'} so here: "
    return (
        f"{what}{here}{_opening(counts, mark=',')}, so that always saying {quoted(counts.majority)} is right in "
        f"{percent(counts.accuracy_always_majority)} of the rows and finds no row that is {of_class(counts.minority)}."
    )


def _plan(counts: CountsData) -> str:
    label, _, share = _prevalence(counts)
    if counts.target.positive is None:
        ranking = "average precision of each class against the rest, whose no-skill level is its share, "
        ranking += f"{digits(share)} for class {label}"
        tools = "class weights or costs of mistakes"
        mistakes = "weigh the probabilities by costs only where mistakes cost differently"
    else:
        ranking = f"average precision, whose no-skill level is the prevalence {digits(share)}"
        tools = "class weights or a moved threshold"
        mistakes = "move the threshold only where the two mistakes cost differently"
    if counts.severity == "balanced":
        return (
            f"So accuracy may be read, held against that level, and I judge by it beside {ranking}, on rows the model has not "
            f"seen; I neither weight nor resample, since there is nothing to even out, and I {mistakes}."
        )
    return (
        f"So I judge by {ranking}, beside recall and precision on rows the model has not seen, and I try {tools} before I "
        "resample, always inside the training set."
    )
