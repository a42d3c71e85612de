"""The sentences of `ClassWeights`: the formula, what it does to three kinds of loss, and to probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, quoted
from imbalance_accessor.verbs.weights.fields import ClassWeightsData


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


def explain(weights: ClassWeightsData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    pair = _pair(weights)
    first = f"Class weights multiply each row's loss: {_formula(weights, pair)}"
    if audience == "interview":
        return [f"{first}{_in_all_losses(pair)}.", _interview(pair)]
    return [
        f"{first}.",
        _log_loss(pair),
        _margin(pair),
        *_impurity(weights, pair),
        *_odds(pair),
        *_decision(weights, pair),
    ]


def title(weights: ClassWeightsData) -> str:
    """Say what a row of the positive or rarest class weighs, and one of the largest."""
    target, values = weights.target, weights._values()
    rare, large = target.focus, target.largest
    return (
        f"A row of class {target.classes[rare]!r} weighs {values[rare]:.4g}, "
        f"one of class {target.classes[large]!r} weighs {values[large]:.4g}"
    )


def in_short(weights: ClassWeightsData) -> list[str]:
    """Return what another result says of its weights: the formula, and what it does to probabilities."""
    pair = _pair(weights)
    return [explain(weights, "colleague")[0], *_odds(pair)]


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


def _formula(weights: ClassWeightsData, pair: _Pair) -> str:
    n, k = _counted(weights.weighed.totals.sum()), len(weights.target.classes)
    values = (
        f"{digits(pair.weight)} for class {pair.label} and {digits(pair.other_weight)} for class {pair.other}"
    )
    known = {
        "balanced": f"w_c = n / (k · n_c), here {n} / ({k} · {pair.rows}) = {values}",
        "sqrt": f"w_c = √(n / (k · n_c)), here √({n} / ({k} · {pair.rows})) = {values}",
        "effective": f"w_c ∝ (1 − β) / (1 − β^n_c), scaled to sum to {k}, here with β = {weights.beta} it is {values}",
    }
    return known.get(weights.method, f"here by your own weights, {values}")


def _rows_of(pair: _Pair) -> str:
    """Return what one row counts as, in rows of the other class."""
    times = digits(pair.ratio)
    return f"{times} row{'' if times == '1' else 's'} of class {pair.other}"


def _left_out(pair: _Pair) -> str:
    return f"a weight of 0 leaves the rows of class {pair.other if pair.weight > 0 else pair.label} out of it"


def _in_all_losses(pair: _Pair) -> str:
    if np.isnan(pair.ratio):
        return f", and {_left_out(pair)}"
    return (
        f", so that one row of class {pair.label} counts as {_rows_of(pair)} in a logistic model's log loss, an SVM's margin "
        "penalty and a tree's impurity"
    )


def _log_loss(pair: _Pair) -> str:
    said = (
        "In a logistic model each row's log loss becomes −w · log p, with p the probability of its true class"
    )
    if np.isnan(pair.ratio):
        return f"{said}; {_left_out(pair)}."
    return f"{said}, so that one row of class {pair.label} counts as much as {_rows_of(pair)}."


def _margin(pair: _Pair) -> str:
    said = (
        f"In an SVM the margin penalty C becomes C · w_c, here {digits(pair.weight)} · C for class {pair.label} and "
        f"{digits(pair.other_weight)} · C for class {pair.other}"
    )
    if np.isnan(pair.ratio):
        return f"{said}."
    times = "as much" if digits(pair.ratio) == "1" else f"{digits(pair.ratio)} times as much"
    return (
        f"{said}, so that the same breach of the margin costs {times} on a row of class {pair.label} as on "
        f"one of class {pair.other}."
    )


def _impurity(weights: ClassWeightsData, pair: _Pair) -> list[str]:
    """Compare the Gini impurity of all rows with that of their weight."""
    rows, given = weights.weighed.totals, np.array([weights[label] for label in weights.target.classes])
    total = float(rows @ given)
    if not total > 0:
        return []
    code = [quoted(label) for label in weights.target.classes].index(pair.label)
    counted, weighed = rows / rows.sum(), rows * given / total
    gini = [1 - float(np.square(shares).sum()) for shares in (counted, weighed)]
    return [
        f"A tree's impurity takes shares of the weight in place of shares of the rows: over the whole frame "
        f"{pair.label} goes from a share of {digits(counted[code])} to {digits(weighed[code])}, and the Gini impurity "
        f"1 − Σ p² from {digits(gini[0])} to {digits(gini[1])}."
    ]


def _odds(pair: _Pair) -> list[str]:
    if np.isnan(pair.ratio):
        return []
    if digits(pair.ratio) == "1":
        return [
            f"Between {pair.label} and {pair.other} the weights are equal, so that their odds stay as they are."
        ]
    return [
        f"In theory logistic regression and naive Bayes then give class {pair.label} against {pair.other} odds multiplied by "
        f"{digits(pair.weight)} / {digits(pair.other_weight)} = {digits(pair.ratio)}: divide them by that again before a "
        "score is read as a probability; forests and boosting need a calibrator instead."
    ]


def _decision(weights: ClassWeightsData, pair: _Pair) -> list[str]:
    """Say which threshold of the unweighted probability is the same decision; for two classes."""
    if np.isnan(pair.ratio) or digits(pair.ratio) == "1" or len(weights.target.classes) > 2:
        return []
    r = digits(pair.ratio)
    return [
        f"The correction is p' = p / (p + {r} · (1 − p)), by which 0.5 becomes {digits(1 / (1 + pair.ratio))}: to decide at 0.5 "
        "with these weights is in theory the same as a threshold of that without any."
    ]


def _interview(pair: _Pair) -> str:
    judgement = "so I judge by average precision and recall instead of accuracy"
    if np.isnan(pair.ratio):
        return f"A class that weighs 0 is not learned at all, {judgement}, on rows that were held out and not weighted."
    if digits(pair.ratio) == "1":
        return (
            f"Between {pair.label} and {pair.other} these weights are equal and change nothing, {judgement}, and look at the "
            "threshold before anything else."
        )
    gains = pair.label if pair.ratio > 1 else pair.other
    return (
        f"They move the decision towards {gains} without making up a row, and the odds of {pair.label} with it, by a factor "
        f"of {digits(pair.ratio)} in logistic regression, {judgement}, and undo that factor or calibrate before I read a "
        "score as a probability."
    )
