"""The sentences of `Counts`: how rare the class is, what accuracy hides, and what its rows allow to know."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from imbalance_accessor.data.encoded_width import columns_said
from imbalance_accessor.errors import counted
from imbalance_accessor.metrics.rounding import fixed
from imbalance_accessor.metrics.sample_size import SHRINKAGE
from imbalance_accessor.rendering.cells import percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, named, of_class, quoted
from imbalance_accessor.verbs.counts.fields import CountsData


def explain(counts: CountsData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return [*_how_rare(counts), _instead_of_accuracy(counts), _tools(counts)]
    return [f"{_opening(counts)}.", *_where_used(counts), _constant(counts), _metric(counts), _known(counts)]


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
        f"{counts.severity}: with several classes the rarest one is compared with the most frequent one only; {rare} is "
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
    if counts.weighed.sums is None:
        return []
    known, rows = counts.weighed.effective.sum(), counts.target.labelled
    return [
        f"Weighted rows carry less information: the intervals are those of {known:,.0f} effective rows (Kish), not of {rows:,}."
    ]


def events_per_column(counts: CountsData) -> list[str]:
    """Say how many rows of the rarer side there are to a column, and how many a regression without penalty takes."""
    width = counts.width
    if not (width.parameters and counts.events):
        return []
    rows, events = counts.rows_for_columns
    each, columns = counts.events / width.parameters, columns_said(width.parameters, width.columns)
    if not width.is_encoded:
        columns = f"{counted(width.columns, 'column')} before encoding"
    return [
        f"Events per variable: {fixed(each, 1)} ({counted(counts.events, 'event')} in training, {columns}). "
        f"Without penalty Riley et al. (2020) ask for {events:,} events in {rows:,} rows, for a shrinkage of {SHRINKAGE:g}."
    ]


def rows_that_tell(counts: CountsData, scored: str) -> str:
    """Say how many rows a recall takes that is known to 5 points: more of weighted ones, by how weights differ in a class."""
    of = "a class" if counts.weighed.sums is None else f"class {quoted(counts.target.classes[counts._focus])}"
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


def _where_used(counts: CountsData) -> list[str]:
    """Say both shares, where the model will be used at another one."""
    shares, label = _both_shares(counts), of_class(counts.target.classes[counts._focus])
    return [f"In this sample {shares[0]} are {label}; where you will use it, {shares[1]}."] if shares else []


def _opening(counts: CountsData) -> str:
    target, rare = counts.target, counts._minority
    what = "labelled rows" if target.missing else "rows"
    are = "is" if target.rows[rare] == 1 else "are"
    by = "" if counts.weighed.sums is None else " of the weight"
    share, most = counts.weighed.weighting.shares[rare], counts.weighed.weighting.shares.max()
    ratio = counts.ratio if counts.weighed.weighting.factors is None else most / share
    return (
        f"{target.rows[rare]:,} of {target.labelled:,} {what} {are} {of_class(counts.minority)}: "
        f"{percent(share)}{by}, or 1 : {short_ratio(ratio)} (minority : majority)"
    )


def _there(counts: CountsData) -> str:
    """Say that the rows which are spoken of are not those of the sample."""
    return "" if counts.weighed.weighting.factors is None else " there"


def _constant(counts: CountsData) -> str:
    """Say what accuracy a constant answer has."""
    so = "accuracy must beat that" if counts.severity == "balanced" else "accuracy hides the rare class"
    return (
        f"Always saying {named(counts.majority)} is right in {percent(counts.accuracy_always_majority)} of the "
        f"rows{_there(counts)} and never finds {named(counts.minority)}: {so}."
    )


def _no_skill(counts: CountsData) -> str:
    """Say what average precision is without skill, for the class that is spoken of."""
    target, code = counts.target, counts._focus
    whose = f" for class {quoted(target.classes[code])}"
    return (
        f"{digits(float(counts.weighed.shares[code]))}{'' if target.positive == counts._minority else whose}"
    )


def _metric(counts: CountsData) -> str:
    each = " of each class" if counts.target.positive is None else ""
    return f"Look at the average precision{each}, which is {_no_skill(counts)} without skill."


def _known(counts: CountsData) -> str:
    row, label = _focused(counts), quoted(counts.target.classes[counts._focus])
    test, size = int(row["test_rows"]), percent(counts.test_size)
    if not test:
        return f"A test set of {size} would hold no row of class {label}."
    return (
        f"A test set of {size} holds about {test:,} of class {label}: a recall of 0.8 there may be anything "
        f"from {row['recall_80_low']:.2f} to {row['recall_80_high']:.2f}."
    )


def _how_rare(counts: CountsData) -> list[str]:
    """Say how rare the class is, as a candidate would."""
    used = _both_shares(counts)
    if used:
        focus = of_class(counts.target.classes[counts._focus])
        return [f"In my sample {used[0]} are {focus}, but where I would use the model, {used[1]}."]
    of = "rows" if counts.weighed.sums is None else "weight"
    share = percent(counts.weighed.shares[counts._minority])
    right = f"always saying {named(counts.majority)} is right in {percent(counts.accuracy_always_majority)}"
    if counts.severity == "balanced":
        return [f"My classes are almost even: {right} of the {of}."]
    is_ = "are" if of == "rows" else "is"
    return [f"Only {share} of my {of} {is_} {of_class(counts.minority)}, so {right} and finds none."]


def _instead_of_accuracy(counts: CountsData) -> str:
    each = " of each class" if counts.target.positive is None else ""
    if counts.severity == "balanced":
        return f"So I can read accuracy, next to average precision{each}, {_no_skill(counts)} without skill."
    return f"Instead of accuracy I look at the average precision{each}, where no skill gives {_no_skill(counts)}."


def _tools(counts: CountsData) -> str:
    """Name what would be tried first, and its price."""
    if counts.severity == "balanced":
        return "I leave weights and resampling out, since they would cost false alarms and gain little."
    first = "class weights" if counts.target.positive is None else "a lower threshold or class weights"
    return f"I try {first} before I resample, and pay for more rare rows found with false alarms."
