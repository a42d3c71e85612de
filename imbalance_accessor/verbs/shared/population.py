"""What is said of rows that do not count once each: the share of positives where the model will be used, and row weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Target
from imbalance_accessor.data.weight_sums import WeightSums, sums_of
from imbalance_accessor.data.weighting import Weighting
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.rendering.card import Badge
from imbalance_accessor.rendering.cells import money, percent
from imbalance_accessor.rendering.labels import name
from imbalance_accessor.rendering.sentences import capital, digits, valued

#: Classes whose shares are named.
_NAMED = 4


def badges(features: Features) -> tuple[Badge, ...]:
    """Return what a card says of its rows before any figure; nothing where each counts once, as they came."""
    own, classes = features.weighting.own(features.X), features.target.classes
    sums = None if own is None else sums_of(pd.Series(own), features.codes, len(classes))
    return badges_of(features.weighting, features.target, sums)


def badges_of(weighting: Weighting, target: Target, sums: WeightSums | None) -> tuple[Badge, ...]:
    """Return the badges of weighted labels; see `badges`."""
    found = []
    if weighting.factors is not None:
        here, there = both_shares(weighting, target)
        said = f"{there} where the model is used; {here} in this sample"
        found.append(Badge("prevalence", said, f"prevalence: sample {here} → in use {there}"))
    if sums is not None:
        column = _column(weighting)
        said = f"{column}; {sums.rows.sum():,} rows carry as much information as {sums.effective_rows:,.0f} of one weight"
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
    """Say which share the class has in the sample and where the model will be used, or that rows are weighted.

    Parameters
    ----------
    features : Features
        Of rows that count once each nothing is said.
    ranking : str
        What follows for ranking and decisions, a clause of its own; see `precision_moved`.
    """
    weighting = features.weighting
    if weighting.factors is None:
        own = weighting.own(features.X) is not None
        return [f"Rows count by their weights in {_column(weighting)}."] if own else []
    label, here, there = _of_focus(features)
    return [
        f"In this sample {here} are {label}; where you will use it, {there}.",
        *([f"{capital(ranking)}."] if ranking else []),
    ]


def said_in_person(features: Features) -> str:
    """Say the shares as a candidate would; nothing where they are one."""
    if features.weighting.factors is None:
        return ""
    label, here, there = _of_focus(features)
    return f"In this sample {here} are {label}, but {there} where I would use the model, so I weight the rows to match."


def _of_focus(features: Features) -> tuple[str, str, str]:
    """Return the positive or rarest class, and its shares in the sample and where the model is used."""
    weighting, target = features.weighting, features.target
    assert weighting.wanted is not None
    code = target.focus
    here, there = (percent(float(shares[code])) for shares in (weighting.shares, weighting.wanted))
    return valued(target.name, target.classes[code]), here, there


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
