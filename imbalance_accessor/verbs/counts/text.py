"""The sentences of `Counts`: how rare the class is, what accuracy hides, and what its rows allow to know."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from imbalance_accessor.metrics.rounding import fixed
from imbalance_accessor.rendering.cells import percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, of_class, quoted
from imbalance_accessor.verbs.counts.fields import CountsData


def explain(counts: CountsData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return [_definition(counts), _plan(counts)]
    return [f"{_opening(counts)}.", *_where_used(counts), _constant(counts), _metric(counts), *_known(counts)]


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
    rare = quoted(target.classes[counts._rarest])
    return [
        f"{counts.severity}: with several classes the rarest one is held against the most frequent one alone; {rare} is "
        f"{percent(counts._share_of_two)} of these two together."
    ]


def rounded_rows(rows: Iterable[float]) -> list[float]:
    """Return sums of weights as they are shown: whole, unless one of them is below 10.

    Examples
    --------
    >>> rounded_rows([7030.322, 41.678]), rounded_rows([990.0, 0.5])
    ([7030, 42], [990.0, 0.5])
    """
    given = list(rows)
    return given if min(given) < 10 else [round(each) for each in given]


def effective_rows(counts: CountsData) -> list[str]:
    """Say how much rows tell that are weighted."""
    if counts.weighed.own is None:
        return []
    known, rows = counts.weighed.effective.sum(), counts.target.labelled
    return [
        f"Weighted rows tell less: the intervals are those of {known:,.0f} effective rows (Kish), not of {rows:,}."
    ]


def rows_that_tell(counts: CountsData, scored: str) -> str:
    """Say how many rows a recall takes that is known to 5 points: more of weighted ones, by how weights differ in a class."""
    of = "a class" if counts.weighed.own is None else f"class {quoted(counts.target.classes[counts._focus])}"
    return f"{int(_focused(counts)['rows_for_5_points']):,} {scored} of {of}"


def _focused(counts: CountsData) -> pd.Series:
    """Return the row of the class that is spoken of."""
    return counts.frame.iloc[list(counts.frame.index).index(counts.target.classes[counts._focus])]


def _both_shares(counts: CountsData) -> tuple[str, str] | None:
    """Return the share of the class that is spoken of in the sample, and where the model will be used, if that is given."""
    weighed, focus = counts.weighed, counts._focus
    if weighed.weighting.factors is None:
        return None
    return percent(weighed.weighting.shares[focus]), percent(weighed.shares[focus])


def _where_used(counts: CountsData, end: str = ".") -> list[str]:
    """Say both shares, where the model will be used at another one."""
    shares, label = _both_shares(counts), of_class(counts.target.classes[counts._focus])
    return (
        [f"In this sample {shares[0]} are {label}; where you will use it, {shares[1]}{end}"] if shares else []
    )


def _opening(counts: CountsData, mark: str = ":") -> str:
    target, rare = counts.target, counts._minority
    what = "labelled rows" if target.missing else "rows"
    are = "is" if target.rows[rare] == 1 else "are"
    by = "" if counts.weighed.own is None else " of the weight"
    share, most = counts.weighed.weighting.shares[rare], counts.weighed.weighting.shares.max()
    ratio = counts.ratio if counts.weighed.weighting.factors is None else most / share
    return (
        f"{target.rows[rare]:,} of {target.labelled:,} {what} {are} {of_class(counts.minority)}{mark} "
        f"{percent(share)}{by}, or 1 : {short_ratio(ratio)} (minority : majority)"
    )


def _there(counts: CountsData) -> str:
    """Say that the rows which are spoken of are not those of the sample."""
    return "" if counts.weighed.weighting.factors is None else " there"


def _constant(counts: CountsData) -> str:
    said = (
        f"A model that always says {quoted(counts.majority)} is right in {percent(counts.accuracy_always_majority)} of "
        f"the rows{_there(counts)} and finds no row that is {of_class(counts.minority)}"
    )
    if counts.severity == "balanced":
        return f"{said}: that is the level an accuracy must beat."
    return f"{said}: accuracy hides what becomes of the rare class."


def _prevalence(counts: CountsData) -> tuple[str, str, float]:
    """Return the class that is judged, its share as counted and as a number: the positive one, or the rarest of several."""
    target, code = counts.target, counts._focus
    share = float(counts.weighed.shares[code])
    counted = f"{target.rows[code]:,}/{target.labelled:,} = " if counts.weighed.are_rows else ""
    return quoted(target.classes[code]), f"{counted}{digits(share)}", share


def _metric(counts: CountsData) -> str:
    label, level, _ = _prevalence(counts)
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
    row = _focused(counts)
    test, size = int(row["test_rows"]), percent(counts.test_size)
    enough = f"± 5 points around a recall of 0.5 take {rows_that_tell(counts, 'test rows')}"
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
    there = "".join(f". {each}" for each in _where_used(counts, end=""))
    return (
        f"{what}{here}{_opening(counts, mark=',')}{there}, so that always saying {quoted(counts.majority)} is right in "
        f"{percent(counts.accuracy_always_majority)} of the rows{_there(counts)} and finds no row that is "
        f"{of_class(counts.minority)}."
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
