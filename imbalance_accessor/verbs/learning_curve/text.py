"""The sentences of a `LearningCurve`: whether more positives helped, and what twice as many may bring."""

from __future__ import annotations

import math

from imbalance_accessor.errors import counted
from imbalance_accessor.inspection.training_sizes import METRIC
from imbalance_accessor.metrics.rounding import fixed, signed
from imbalance_accessor.rendering.cells import decimal, percent
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, joined, most_important
from imbalance_accessor.verbs.learning_curve.fields import LearningCurveData
from imbalance_accessor.verbs.shared.population import said_in_person, shares_said
from imbalance_accessor.verbs.shared.too_good import leak_first

_FIT = (
    "I fitted the plain model on growing parts of the training set and scored each on the same unseen rows."
)
_PRICE = "A learning curve costs a few more fits, and is cheaper than collecting rows that may not help."


def explain(c: LearningCurveData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    features = c.scored.parts.features
    if audience == "interview":
        return [said_in_person(features) or _FIT, _in_person(c), _PRICE]
    said = [f"{leak_first(_helped(c), c.findings)}.", *_twice(c), *shares_said(features)]
    return most_important([*said, _levels(c), _parts(c), *left_out(c)])


def verdict(c: LearningCurveData) -> str:
    """Say whether more positives helped, and what twice as many may bring."""
    said = [_helped(c), *(each.rstrip(".") for each in _twice(c))]
    return leak_first(". ".join(said), c.findings)


def how(c: LearningCurveData) -> str:
    """Say in small print what was fitted, and what is resampled."""
    ends = (
        ""
        if math.isnan(c.sizes.low)
        else " Intervals are of the rows that are scored; that of the gain counts draws too."
    )
    return f"{_parts(c)}{ends}"


def left_out(c: LearningCurveData) -> list[str]:
    """Say which sizes were not tried, and why."""
    each = [f"{percent(share)} ({why.rstrip('.')})" for share, why in sorted(c.sizes.left_out.items())]
    return [f"Left out: {joined(each)}."] if each else []


def gained(c: LearningCurveData) -> str:
    """Return what a doubling brought, with its interval."""
    gain, low, high = c.gain
    ends = "" if math.isnan(low) else f" [{signed(low)}, {signed(high)}]"
    return f"{signed(gain)}{ends}"


def title(c: LearningCurveData) -> str:
    """Say what the picture shows."""
    first, last = _ends(c)
    return f"Average precision {decimal(first)} to {decimal(last)}: {gained(c)} with each doubling of the positives"


def _helped(c: LearningCurveData) -> str:
    """Say whether more positives helped."""
    _, low, high = c.gain
    by = f"average precision {gained(c)} per doubling"
    if math.isnan(low):
        groups = counted(c.scored.on_sample.resamples.n_groups or 0, "group")
        return f"With {groups} one cannot tell whether more positives help: {by}"
    if low > 0:
        return f"More positives helped: {by}"
    if high < 0:
        return f"More positives did not help: {by}"
    return f"These rows cannot tell whether more positives help: {by}"


def _in_person(c: LearningCurveData) -> str:
    """Say the same as a candidate would: the interval, or its middle where it tells."""
    gain, low, high = c.gain
    if math.isnan(low):
        return "I have too few groups to tell whether more positives help."
    if low > 0:
        return f"More positives helped: each doubling brought about {digits(gain)} of average precision."
    if high < 0:
        return f"More positives did not help: each doubling cost about {digits(-gain)} of average precision."
    return f"I cannot tell whether more help: a doubling brought {signed(low)} to {signed(high)} of average precision."


def _twice(c: LearningCurveData) -> list[str]:
    """Say what twice as many positives may bring."""
    gain, low, high = c.gain
    if math.isnan(low) or high < 0:
        return []
    if low > 0:
        return [f"Twice as many may bring about {signed(gain)} more, or less, since such curves flatten."]
    return [f"Twice as many would hardly bring more than {signed(high)}."]


def _ends(c: LearningCurveData) -> tuple[float, float]:
    first, *_, last = c.sizes.figures
    return first.points[METRIC], last.points[METRIC]


def _levels(c: LearningCurveData) -> str:
    first, last = _ends(c)
    few, all_ = fixed(c.sizes.positives[0]), fixed(c.sizes.positives[-1])
    return f"It was {decimal(first)} with {few} positives and {decimal(last)} with all {all_}."


def _parts(c: LearningCurveData) -> str:
    """Say what was learned from, and what was scored."""
    split_by, n = c.scored.parts.split_by, c.sizes.n_draws
    if split_by.time is not None:
        return f"Each part holds the latest training rows; all are scored on {c.reported_on}."
    what = "whole groups" if split_by.groups is not None else "negatives in proportion"
    return f"Parts are nested random draws with {what}, {n} of each size, scored on {c.reported_on}."
