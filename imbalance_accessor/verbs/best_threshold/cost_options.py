"""What `cost=` is given as: amounts by outcome, columns of them, or a matrix of labels by labels."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.beside import beside
from imbalance_accessor.data.cells import as_float, holds_numbers
from imbalance_accessor.data.checks import without_odd
from imbalance_accessor.data.column_kinds import Format
from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Target
from imbalance_accessor.errors import (
    IN_WORDS,
    Fix,
    OptionError,
    change,
    counted,
    listed,
    near,
    nearest_of,
    one_line,
)

_OUTCOMES = ("fp", "fn", "tp", "tn")
#: Beyond this, sums of amounts would no longer be finite.
_MOST_AMOUNT = 1e100


def read_costs(cost: Any, features: Features) -> dict[str, Any]:
    """Read amounts by outcome, or a matrix of two labels."""
    target, X = features.target, features.X
    if isinstance(cost, pd.DataFrame):
        cost = _from_matrix(cost, target)
    if not isinstance(cost, Mapping):
        is_series = isinstance(cost, pd.Series) and {"fp", "fn"} <= set(cost.index)
        raise OptionError(
            f'cost={one_line(cost)} must be amounts by outcome, such as cost={{"fp": 1, "fn": 5}}.',
            fix=change(cost=cost.to_dict()) if is_series else IN_WORDS,
        )
    unknown = [key for key in cost if key not in _OUTCOMES]
    if unknown:
        raise OptionError(
            f"cost has {listed(unknown)}, which is no outcome.{near(unknown[0], _OUTCOMES)} Known: {listed(_OUTCOMES)}.",
            fix=_renamed(cost),
        )
    if "fp" not in cost or "fn" not in cost:
        raise OptionError(f"cost={dict(cost)!r} needs both 'fp' and 'fn': cost={{\"fp\": 1, \"fn\": 5}}.")
    found: dict[str, Any] = {"fp": 0.0, "fn": 0.0, "tp": 0.0, "tn": 0.0}
    for outcome, amount in cost.items():
        found[outcome] = _read_amount(outcome, amount, X, cost)
        if not is_cost(found[outcome]):
            check_column(
                outcome, cast(pd.Series, X[amount]), features.columns.formats, beside=not features.in_frame
            )
    _check_amounts(found, X, cost)
    return found


def _renamed(cost: Mapping[Any, Any]) -> Fix:
    """Return the fix that gives outcomes the known names near theirs, and leaves out those whose name is taken."""
    new: dict[str, Any] = {}
    for key, amount in cost.items():
        known = key if key in _OUTCOMES else next(iter(nearest_of(key, _OUTCOMES)), None)
        if known is not None and (key == known or known not in cost):
            new[known] = amount
    return change(cost=new) if {"fp", "fn"} <= new.keys() else IN_WORDS


def _from_matrix(cost: pd.DataFrame, target: Target) -> dict[str, Any]:
    """Read a matrix of two labels, true by predicted."""
    if target.is_one_vs_rest:
        raise OptionError(
            "cost as a matrix weighs all labels at once, pos_label= one against the rest. Leave one out."
        )
    matrix = read_matrix(target, cost)
    assert target.positive is not None
    negative, positive = 1 - target.positive, target.positive
    return {
        "fp": float(matrix[negative, positive]),
        "fn": float(matrix[positive, negative]),
        "tp": float(matrix[positive, positive]),
        "tn": float(matrix[negative, negative]),
    }


def read_matrix(target: Target, cost: pd.DataFrame) -> NDArray[np.float64]:
    """Read costs of true (rows) by predicted (columns) label, in the target's order of classes."""
    labels = list(target.classes)
    for side, names in (("rows", cost.index), ("columns", cost.columns)):
        if len(names) != len(labels) or set(names) != set(labels):
            raise OptionError(
                f"cost: its {side} are {listed(names) or 'none'}; they must be the labels of {target.name!r}, {listed(labels)}."
            )
    try:
        matrix = cost.reindex(index=labels, columns=labels).to_numpy(np.float64)
    except (TypeError, ValueError):
        raise OptionError("cost must hold numbers only. Give an amount for each pair of labels.") from None
    if not np.isfinite(matrix).all():
        raise OptionError("cost must hold finite amounts only. Give an amount for each pair of labels.")
    if (matrix == matrix[:, :1]).all():
        raise OptionError(
            "cost: every answer costs the same for every label, so none is better. Give other amounts."
        )
    return np.asarray(matrix)


def _read_amount(outcome: str, amount: Any, X: pd.DataFrame, cost: Mapping[str, Any]) -> float | Hashable:
    if is_cost(amount):
        amount = amount.item() if isinstance(amount, np.generic) else amount  # its own type may be too short
        if not -_MOST_AMOUNT < amount < _MOST_AMOUNT:
            raise OptionError(
                f"cost: {outcome!r} is {one_line(amount)}. Give a finite amount (below 1e100), or a column's name."
            )
        return float(amount)
    if not isinstance(amount, Hashable) or isinstance(amount, bool) or amount not in X.columns:
        raise OptionError(
            f"cost: {outcome!r} is {one_line(amount)}, which is neither an amount nor a column of this frame."
            f"{near(amount, X.columns)}{beside(outcome, amount, X)}",
            fix=_column_meant(outcome, amount, X, cost),
        )
    return amount


def _column_meant(outcome: str, amount: Any, X: pd.DataFrame, cost: Mapping[str, Any]) -> Fix:
    """Return the fix that names the column which is near, where it holds amounts."""
    if not isinstance(amount, str):
        return IN_WORDS
    nearest = nearest_of(amount, X.columns)[:1]
    if not nearest or not holds_numbers(X[nearest[0]], truths=False):
        return IN_WORDS
    return change(cost={**cost, outcome: nearest[0]})


def check_column(
    outcome: str,
    column: pd.Series,
    formats: Mapping[Hashable, Format],
    *,
    beside: bool = False,
    frame: str = "df",
) -> None:
    """Refuse a column that is no amounts; labels may stand `beside` the frame of that name."""
    name = column.name
    if not holds_numbers(column, truths=False) or pd.api.types.is_bool_dtype(column.dtype):
        raise OptionError(
            f"cost: {outcome!r} is the column {name!r}, which holds {column.dtype} cells, not amounts."
        )
    values = as_float(column).to_numpy(np.float64, na_value=np.nan)
    odd = int((~np.isfinite(values)).sum())
    if odd:
        raise OptionError(
            f"cost: the column {name!r} of {outcome!r} has {counted(odd, 'missing or infinite cell')}. Fill them, or leave "
            "those rows out.",
            fix=without_odd(column, formats, beside=beside, frame=frame),
        )
    large = int((values >= _MOST_AMOUNT).sum())
    if large:
        raise OptionError(
            f"cost: the column {name!r} of {outcome!r} has {large:,} amounts of {_MOST_AMOUNT:g} or more. Divide it first."
        )
    negative = int((values < 0).sum())
    if negative:
        raise OptionError(
            f"cost: the column {name!r} of {outcome!r} has {negative:,} negative amounts. Costs of a column cannot be "
            "negative; a gain goes to 'tp' or 'tn' as a negative number."
        )


def _check_amounts(costs: Mapping[str, Any], X: pd.DataFrame, given: Mapping[str, Any]) -> None:
    """Refuse amounts by which one decision is never the dearer one, whatever the scores."""
    amounts = {
        outcome: amount if is_cost(amount) else as_float(X[amount]).to_numpy(np.float64)
        for outcome, amount in costs.items()
    }
    for wrong, right, what in (("fp", "tn", "flagging everyone"), ("fn", "tp", "flagging nobody")):
        extra = np.asarray(amounts[wrong] - amounts[right])
        if not (extra > 0).any() or (extra < 0).any():
            raise OptionError(
                f"cost: {wrong!r} must cost more than {right!r}, or {what} is best whatever the scores; got "
                f"{wrong}={costs[wrong]!r} and {right}={costs[right]!r}. Give amounts above.",
                fix=_as_costs(given),
            )


def _as_costs(given: Mapping[str, Any]) -> Fix:
    """Return the fix that turns the signs of what was given as gains."""
    if not all(map(is_cost, given.values())):
        return IN_WORDS
    turned = {"tp": 0, "tn": 0, **{outcome: -amount for outcome, amount in given.items()}}
    if turned["fp"] <= turned["tn"] or turned["fn"] <= turned["tp"]:
        return IN_WORDS
    return change(cost={outcome: turned[outcome] for outcome in given})


def is_cost(value: Any) -> bool:
    """Whether a value is a number, numpy's included, and no truth value."""
    # nan is not itself; math.isnan fails on whole numbers beyond 1e308
    return (
        isinstance(value, numbers.Real | Decimal)
        and not isinstance(value, bool | np.bool_)
        and value == value
    )
