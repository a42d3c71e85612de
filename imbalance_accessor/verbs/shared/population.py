"""What is said of rows that do not count once each: the share of positives where the model will be used, and row weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Target
from imbalance_accessor.data.weighting import Weighting
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.weights import Weights, effective
from imbalance_accessor.rendering.card import Badge
from imbalance_accessor.rendering.cells import money, percent
from imbalance_accessor.rendering.labels import name
from imbalance_accessor.rendering.sentences import capital, digits, valued

#: Classes whose shares are named.
_NAMED = 4


def badges(features: Features) -> tuple[Badge, ...]:
    """Return what a card says of its rows before any figure; nothing where each counts once, as they came."""
    return badges_of(features.weighting, features.target, features.weighting.own(features.X))


def badges_of(weighting: Weighting, target: Target, own: Floats | None) -> tuple[Badge, ...]:
    """Return the badges of weighted labels; see `badges`."""
    found = []
    if weighting.factors is not None:
        here, there = both_shares(weighting, target)
        said = f"{there} where the model is used; {here} in this sample"
        found.append(Badge("prevalence", said, f"prevalence: sample {here} → in use {there}"))
    if own is not None:
        column = _column(weighting)
        said = f"{column}; {len(own):,} rows tell as much as {effective(own):,.0f} of one weight"
        found.append(Badge("row weights", said, f"row weights: {column}"))
    return tuple(found)


def _column(weighting: Weighting) -> str:
    return name(weighting.column, 40) if weighting.in_frame else "a Series"


def both_shares(weighting: Weighting, target: Target) -> tuple[str, str]:
    """Return the share of the positive class in the sample and where the model is used, or those of several classes."""
    assert weighting.wanted is not None
    here, there = (_shares(each, target) for each in (weighting.shares, weighting.wanted))
    return here, there


def _shares(shares: Floats, target: Target) -> str:
    if target.positive is not None:
        return percent(float(shares[target.positive]))
    named = [f"{label}: {percent(share)}" for label, share in zip(target.names, shares, strict=True)]
    return ", ".join(
        named if len(named) <= _NAMED else [*named[: _NAMED - 1], f"{len(named) - _NAMED + 1} more"]
    )


def shares_said(features: Features, ranking: str = "") -> list[str]:
    """Say which shares the sample has and where the model will be used, or that rows are weighted; nothing of plain rows.

    Parameters
    ----------
    features : Features
    ranking : str
        What follows for ranking and decisions, a clause of its own; see `precision_moved`.
    """
    weighting, target = features.weighting, features.target
    if weighting.factors is None:
        if weighting.own(features.X) is None:
            return []
        return [
            f"Rows count by their weights in {_column(weighting)}, in fits where the model takes them and in each figure."
        ]
    here, there = both_shares(weighting, target)
    shares = f"the shares are {here}" if target.positive is None else f"{here} are {_positive(target)}"
    return [
        f"In this sample {shares}; where you will use it, {there}.",
        *([f"{capital(ranking)}."] if ranking else []),
    ]


def said_in_person(features: Features, ranking: str = "") -> list[str]:
    """Say the shares as a candidate would, in one sentence more; nothing where they are one."""
    weighting, target = features.weighting, features.target
    if weighting.factors is None:
        return []
    here, there = both_shares(weighting, target)
    what = "the shares are" if target.positive is None else f"{_positive(target)} has a share of"
    so = f": {ranking}" if ranking else ""
    return [
        f"In this sample {what} {here} and where I would use it {there}, to which I brought all figures{so}."
    ]


def _positive(target: Target) -> str:
    assert target.positive is not None
    return valued(target.name, target.classes[target.positive])


def brought(weights: Weights) -> str:
    """Say that a share of rows is no plain one, set off by commas; nothing of plain rows."""
    if weights.factors is not None:
        return ", brought to the prevalence,"
    return "" if weights.own is None else ", by their weights,"


class Tally(NamedTuple):
    """How many rows are flagged and missed: of all rows, or per 1,000 where rows do not count once each."""

    tp: float
    fp: float
    fn: float
    n: float
    #: How a number of rows is written, and of how many a cost is.
    say: Callable[[float], str]
    whole: str


def tally(points: Mapping[str, float], weights: Weights, suffix: str = "") -> Tally:
    """Return what decisions come to as a reader counts."""
    tp, fp, fn, tn = (points[f"{each}{suffix}"] for each in ("tp", "fp", "fn", "tn"))
    if weights.are_ones:
        return Tally(round(tp), round(fp), round(fn), round(tp + fp + fn + tn), "{:,}".format, "in all")
    each = 1000 / (tp + fp + fn + tn)
    return Tally(tp * each, fp * each, fn * each, 1000, digits, "per 1,000 rows")


def bill(cost: float, points: Mapping[str, float], weights: Weights) -> str:
    """Write a total cost: as it is, or per 1,000 rows where rows do not count once each."""
    if weights.are_ones:
        return money(cost)
    return digits(1000 * cost / sum(points[each] for each in ("tp", "fp", "fn", "tn")))


def per_thousand(counts: Any) -> Floats:
    """Return sums of weights as so many of 1,000 rows."""
    return np.asarray(1000 * counts / counts.sum())
