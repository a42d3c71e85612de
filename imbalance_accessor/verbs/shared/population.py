"""What is said of rows that do not count once each: those of a table in part, a prevalence in use, and row weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Label, Target
from imbalance_accessor.data.weight_sums import WeightSums, sums_of
from imbalance_accessor.data.weighting import Weighting
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.rendering.card import Badge
from imbalance_accessor.rendering.cells import money, percent
from imbalance_accessor.rendering.labels import name
from imbalance_accessor.rendering.sentences import capital, digits, joined, quoted, valued

#: Classes whose shares are named.
_NAMED = 4
#: The least share of the rarest class of which 1,000 rows tell enough, but for rounding.
_RARE = 0.001 - 1e-12


def badges(features: Features, *, weighted: bool = True) -> tuple[Badge, ...]:
    """Return what a card says of its rows before any figure; nothing where each counts once, as they came.

    Parameters
    ----------
    features : Features
    weighted : bool, default True
        Whether the card's figures are of the rows as they are weighted.
    """
    weighting, target = features.weighting, features.target
    found = _sampled(features, weighted=weighted)
    if features.is_elsewhere:
        found.append(_moved(features.shares, weighting, target, "table" if features.is_sampled else "sample"))
    own = weighting.own(features.X)
    sums = None if own is None else sums_of(pd.Series(own), features.codes, len(target.classes))
    return (*found, *_own(weighting, sums))


def badges_of(weighting: Weighting, target: Target, sums: WeightSums | None) -> tuple[Badge, ...]:
    """Return the badges of weighted labels; see `badges`."""
    moved = [] if weighting.factors is None else [_moved(weighting.shares, weighting, target, "sample")]
    return (*moved, *_own(weighting, sums))


def _sampled(features: Features, *, weighted: bool) -> list[Badge]:
    """Say how many rows of each class were drawn from a table."""
    if features.sample is None:
        return []
    if not features.is_sampled:
        rows = f"all {features.sample.labels.labelled:,} rows"
        return [Badge("rows", f"{rows} of the table", f"rows: {rows}")]
    rows = drawn_rows(features)
    to = ""
    if weighted and features.is_of_table:
        to = f", weighted to the table's {_shares(features.shares, features.target)}"
    return [Badge("sample", f"{rows}{to}", f"sample: {rows}")]


def _moved(shares: Floats, weighting: Weighting, target: Target, data: str) -> Badge:
    """Say which share the data have, and which they have where the model is used."""
    assert weighting.wanted is not None
    here, there = (_shares(each, target) for each in (shares, weighting.wanted))
    said = f"{there} where the model is used; {here} in this {data}"
    return Badge("prevalence", said, f"prevalence: {data} {here} → in use {there}")


def _own(weighting: Weighting, sums: WeightSums | None) -> list[Badge]:
    if sums is None:
        return []
    column = _column(weighting)
    said = f"{column}; {sums.rows.sum():,} rows carry as much information as {sums.effective_rows:,.0f} of one weight"
    return [Badge("row weights", said, f"row weights: {column}")]


def drawn_rows(features: Features) -> str:
    """Say how many rows of each class were drawn from a table, of how many: of two sides, or of the classes by name."""
    sample, target = features.sample, features.target
    assert sample is not None
    of = {label: (sample.taken[label], rows) for label, rows in sample.rows.items()}
    if target.positive is None:
        return joined(_named_rows(of), most=_NAMED)
    positive = of.pop(target.pos_label)
    taken, rows = (sum(each) for each in zip(*of.values(), strict=True))
    return f"{_of_rows(*positive)} positives and {_of_rows(taken, rows)} negatives"


def _drawn(features: Features) -> str:
    """Say the same in a sentence, which has no room for several classes."""
    sample = features.sample
    assert sample is not None
    if features.target.positive is not None:
        return drawn_rows(features)
    rare = min(sample.rows, key=sample.rows.__getitem__)
    whole = f", all of class {quoted(rare)} among them" if sample.taken[rare] == sample.rows[rare] else ""
    return f"{_of_rows(sum(sample.taken.values()), sample.labels.labelled)} rows{whole}"


def rows_said(features: Features) -> list[str]:
    """Say how many rows were drawn from a table, where nothing is weighted to it."""
    return [f"These rows are {_drawn(features)} of the table."] if features.is_sampled else []


def only_sampled(features: Features) -> list[Finding]:
    """Say that rows which are handed out are part of a table, at other shares than its own."""
    if not features.is_sampled:
        return []
    sentence = (
        f"These rows are {_drawn(features)} of the table: models fitted on them see other shares than it has."
    )
    cure = "fit_eval and what follows from it bring figures and probabilities back to the table's."
    return [Finding("IMB316", "note", sentence, cure)]


def _named_rows(of: Mapping[Label, tuple[int, int]]) -> list[str]:
    return [f"{_of_rows(*rows)} rows of class {quoted(label)}" for label, rows in of.items()]


def _of_rows(taken: int, rows: int) -> str:
    return f"{taken:,} of {rows:,}"


def _column(weighting: Weighting) -> str:
    return name(weighting.column, 40) if weighting.in_frame else "a Series"


def _shares(shares: Floats, target: Target) -> str:
    if target.positive is not None:
        return percent(float(shares[target.positive]))
    named = [f"{label}: {percent(share)}" for label, share in zip(target.names, shares, strict=True)]
    return ", ".join(
        named if len(named) <= _NAMED else [*named[: _NAMED - 1], f"{len(named) - _NAMED + 1} more"]
    )


def share_in_use(features: Features) -> str:
    """Return the share of the positive class where the model is used, or those of several classes."""
    assert features.weighting.wanted is not None
    return _shares(features.weighting.wanted, features.target)


def shares_said(features: Features, ranking: str = "") -> list[str]:
    """Say which share the class has in the data and where the model will be used, or that rows are sampled or weighted.

    Parameters
    ----------
    features : Features
        Of rows that count once each nothing is said.
    ranking : str
        What follows for ranking and decisions, a clause of its own; see `precision_moved`.
    """
    weighting = features.weighting
    if features.is_of_table:
        return [f"Fitted on {_drawn(features)}; figures are weighted to the whole table."]
    if not features.is_elsewhere:
        own = weighting.own(features.X) is not None
        return [f"Rows count by their weights in {_column(weighting)}."] if own else []
    label, here, there = _of_focus(features)
    return [
        *([f"Fitted on {_drawn(features)}."] if features.is_sampled else []),
        f"In this {'table' if features.is_sampled else 'sample'} {here} are {label}; where you will use it, {there}.",
        *([f"{capital(ranking)}."] if ranking else []),
    ]


def said_in_person(features: Features) -> str:
    """Say the shares, or what was drawn, as a candidate would; nothing where rows count as they came."""
    if features.is_of_table:
        return f"I fit on {_drawn(features)}, and weight the figures to the whole table."
    if not features.is_elsewhere:
        return ""
    label, here, there = _of_focus(features)
    data = "table" if features.is_sampled else "sample"
    return f"In this {data} {here} are {label}, but {there} where I would use the model, so I weight the rows to match."


def _of_focus(features: Features) -> tuple[str, str, str]:
    """Return the positive or rarest class, and its shares in the data and where the model is used."""
    weighting, target = features.weighting, features.target
    assert weighting.wanted is not None
    code = target.focus
    here, there = (percent(float(shares[code])) for shares in (features.shares, weighting.wanted))
    return valued(target.name, target.classes[code]), here, there


def brought(weights: Weights, features: Features) -> str:
    """Say that a share of rows is no plain one, set off by commas; nothing of plain rows."""
    if weights.factors is not None:
        return ", weighted to the table," if features.is_of_table else ", brought to the prevalence,"
    return "" if weights.own is None else ", by their weights,"


class Tally(NamedTuple):
    """How many rows are flagged and missed: of all rows, or of so many where rows do not count once each; see `told_rows`."""

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
    if weights.rows_are_ones:
        return Tally(round(tp), round(fp), round(fn), round(tp + fp + fn + tn), "{:,}".format, "in all")
    told = told_rows([tp + fn, fp + tn])
    each = told / (tp + fp + fn + tn)
    return Tally(tp * each, fp * each, fn * each, told, digits, f"per {told:,} rows")


def bill(cost: float, points: Mapping[str, float], weights: Weights) -> str:
    """Write a total cost: as it is, or of so many rows where rows do not count once each; see `told_rows`."""
    if weights.rows_are_ones:
        return money(cost)
    sums = _sums(points)
    return digits(told_rows(sums) * cost / sum(sums))


def per_told(points: Mapping[str, float], weights: Weights) -> str:
    """Say of how many rows a cost is, after it; nothing where it is that of all."""
    return "" if weights.rows_are_ones else f" per {told_rows(_sums(points)):,} rows"


def told_rows(sums: Sequence[float] | NDArray[Any]) -> int:
    """Return of how many rows sums of weights are told: 1,000, or a million where few of 1,000 are of the rarest class.

    Examples
    --------
    >>> told_rows([20, 980]), told_rows([0.14, 999.86])
    (1000, 1000000)
    """
    return 1_000 if min(filter(None, sums)) >= _RARE * sum(sums) else 1_000_000


def as_told(counts: Any) -> Floats:
    """Return sums of weights, by actual class in rows, as so many of the rows that are told."""
    return np.asarray(told_rows(counts.sum(axis=1)) * counts / counts.sum())


def _sums(points: Mapping[str, float]) -> list[float]:
    """Return the weights of positives and of negatives."""
    return [points["tp"] + points["fn"], points["fp"] + points["tn"]]
