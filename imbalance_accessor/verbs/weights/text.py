"""The sentences of `ClassWeights`: the formula, what it does to decisions, and to probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, digits, quoted
from imbalance_accessor.verbs.weights.fields import ClassWeightsData

#: How classes are weighted, as it is said.
_METHODS = {
    "balanced": "in inverse proportion to their rows",
    "sqrt": "by the root of the balanced weights",
    "effective": "by their effective number of rows",
}


@dataclass(frozen=True)
class _Pair:
    """The class that is spoken of, and the one it is held against."""

    label: str
    rows: str
    weight: float
    other: str
    other_weight: float

    @property
    def ratio(self) -> float:
        """How many rows of the other class one row counts as; nan where one of them does not count."""
        counted = self.weight > 0 and self.other_weight > 0
        return self.weight / self.other_weight if counted else np.nan

    def turned(self) -> _Pair:
        """Return the pair with the other class first."""
        return _Pair(self.other, self.rows, self.other_weight, self.label, self.weight)


def explain(weights: ClassWeightsData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    pair = _pair(weights)
    heavy = pair.turned() if pair.ratio < 1 else pair
    if audience == "interview":
        how = _METHODS.get(weights.method, "by hand")
        return [f"I weight classes {how}: {_counts_as(heavy)}.", *_in_person(heavy)]
    return [
        f"Class weights multiply each row's loss: {_formula(weights)}.",
        f"{capital(_values(weights, pair))}.",
        f"So {_counts_as(heavy)}.",
        *_odds(weights, heavy),
    ]


def title(weights: ClassWeightsData) -> str:
    """Say what a row of the positive or rarest class weighs, and one of the largest."""
    target, values = weights.target, weights._values()
    rare, large = target.focus, target.largest
    return (
        f"A row of class {target.classes[rare]!r} weighs {values[rare]:.4g}, "
        f"one of class {target.classes[large]!r} weighs {values[large]:.4g}"
    )


def in_short(weights: ClassWeightsData) -> str:
    """Return what another result says of its weights."""
    pair = _pair(weights)
    return f"With balanced class weights {_counts_as(pair.turned() if pair.ratio < 1 else pair)}."


def _pair(weights: ClassWeightsData) -> _Pair:
    """Set the positive or rarest class against the largest; the largest one against the rarest."""
    target = weights.target
    code = target.focus
    other = target.rarest if code == target.largest else target.largest
    label, against = target.classes[code], target.classes[other]
    return _Pair(
        quoted(label),
        _counted(weights.weighed.totals[code]),
        weights[label],
        quoted(against),
        weights[against],
    )


def _counted(rows: Any) -> str:
    """Write how many rows there are, or the sum of their weights."""
    return f"{rows:,}" if isinstance(rows, np.integer) else f"{rows:,.6g}"


def _formula(weights: ClassWeightsData) -> str:
    """Return how weights follow from rows."""
    known = {
        "balanced": "w_c = n / (k · n_c)",
        "sqrt": "w_c = √(n / (k · n_c))",
        "effective": f"w_c ∝ (1 − β) / (1 − β^n_c) with β = {weights.beta}",
    }
    return known.get(weights.method, "these weights are your own")


def _values(weights: ClassWeightsData, pair: _Pair) -> str:
    """Return the weights of both classes, the first one worked out."""
    n, k = _counted(weights.weighed.totals.sum()), len(weights.target.classes)
    share = f"{n} / ({k} · {pair.rows})"
    worked = {"balanced": f"{share} = ", "sqrt": f"√({share}) = "}.get(weights.method, "")
    return (
        f"here they are {worked}{digits(pair.weight)} for class {pair.label} and {digits(pair.other_weight)} "
        f"for class {pair.other}"
    )


def _counts_as(pair: _Pair) -> str:
    """Say how much one row counts, in rows of the other class."""
    if np.isnan(pair.ratio):
        return f"a weight of 0 leaves the rows of class {pair.other if pair.weight > 0 else pair.label} out of it"
    if digits(pair.ratio) == "1":
        return f"rows of class {pair.label} and {pair.other} count the same"
    return f"one row of class {pair.label} counts as {digits(pair.ratio)} of class {pair.other}"


def _odds(weights: ClassWeightsData, pair: _Pair) -> list[str]:
    """Say what weights do to decisions and probabilities, and what undoes it."""
    if np.isnan(pair.ratio):
        return ["A model cannot learn that class."]
    r = digits(pair.ratio)
    if r == "1":
        return ["Between these two nothing changes."]
    undone = "Divide them by that again"
    if len(weights.target.classes) == 2:
        undone = f"Then p' = p / (p + {r} · (1 − p)) turns 0.5 back into {digits(1 / (1 + pair.ratio))}"
    return [
        f"The model finds more rows of class {pair.label}, and raises more false alarms.",
        f"In theory logistic regression then gives odds {r} times too high.",
        f"{undone}; forests and boosting need a calibrator.",
    ]


def _in_person(pair: _Pair) -> list[str]:
    """Say the price as a candidate would, and what to do about it."""
    if np.isnan(pair.ratio):
        return ["The model cannot learn that class, so I trade it away for the other one."]
    if digits(pair.ratio) == "1":
        return [
            "That changes nothing, so I look at the threshold first.",
            "A lower one finds more rows of the class and raises more false alarms.",
        ]
    return [
        f"The model then finds more rows of class {pair.label} and raises more false alarms.",
        f"Its odds are up to {digits(pair.ratio)} times too high, so I calibrate before I read them as risks.",
    ]
