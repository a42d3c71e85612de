"""What `best_threshold` is asked for: options become an objective and costs, or one sentence."""

from __future__ import annotations

import numbers
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Target, beside
from imbalance_accessor.errors import OptionError, listed, near, one_line, one_of
from imbalance_accessor.metrics.costs import Amount, Costs
from imbalance_accessor.metrics.objectives import ONE_SIDED, Constraint, Objective, objectives
from imbalance_accessor.metrics.registry import METRICS, criteria, metric_name
from imbalance_accessor.options import is_whole

_OUTCOMES = ("fp", "fn", "tp", "tn")
_ALIASES = {
    "youden": "balanced_accuracy",
    "youden_j": "balanced_accuracy",
    "informedness": "balanced_accuracy",
    "costs": "cost",
    "expected_cost": "cost",
}

#: Beyond these, squares and sums of amounts would no longer be finite.
_MOST_BETA, _MOST_AMOUNT = 1e6, 1e100


@dataclass(frozen=True)
class ThresholdObjective:
    """What the user asked for, read.

    Attributes
    ----------
    objective : Objective
    costs : dict of str to (float or hashable), or None
        Amounts by outcome; a column's name where the amount differs from row to row.
    top_k : int, float or None
        As it was given; the objective holds it as a rate.
    rows : int
        Labelled rows, of which `top_k` is a rate.
    """

    objective: Objective
    costs: dict[str, Any] | None
    top_k: float | None
    rows: int

    def check_rows(self, X: pd.DataFrame) -> None:
        """Refuse rows whose amounts are missing or negative."""
        for outcome, name in (self.costs or {}).items():
            if not _is_number(name):
                _check_column(outcome, name, X[name])

    @property
    def cost_columns(self) -> tuple[Hashable, ...]:
        """Columns that hold amounts."""
        return tuple(name for name in (self.costs or {}).values() if not _is_number(name))

    def costs_of(self, X: pd.DataFrame) -> Costs | None:
        """Return what decisions on these rows cost."""
        if self.costs is None:
            return None
        return Costs(**{outcome: _amount(amount, X) for outcome, amount in self.costs.items()})


def _amount(amount: Any, X: pd.DataFrame) -> Amount:
    return float(amount) if _is_number(amount) else X[amount].to_numpy(np.float64, na_value=np.nan)


@dataclass(frozen=True)
class ThresholdOptions:
    """What a threshold is wanted for, as it was typed; `best_threshold` documents each."""

    criterion: Any
    beta: Any
    cost: Any
    min_precision: Any
    min_recall: Any
    max_flag_rate: Any
    top_k: Any
    confidence: Any

    def read(self, features: Features) -> ThresholdObjective:
        """Read the options for one class against the rest.

        Raises
        ------
        OptionError
            One sentence: what is wrong, and what to do instead.
        """
        target, X = features.target, features.X
        if target.positive is None:
            raise OptionError(
                f"{target.name!r} has {len(target.classes)} classes, and a threshold needs a binary target. Name one of "
                f"{listed(target.classes)} with pos_label=, which is then set against the rest; or give cost= as a DataFrame, "
                "labels by labels."
            )
        costs = None if self.cost is None else _read_costs(self.cost, target, X)
        constraints = _read_constraints(self.min_precision, self.min_recall, self.max_flag_rate)
        if self.top_k is not None:
            constraints = (*constraints, _read_top_k(self.top_k, target.labelled, self.max_flag_rate))
        _check_together(constraints, target)
        name, weight = _read_criterion(self.criterion, self.beta, constraints, costs is not None, self.top_k)
        if self.confidence is not None:
            _check_confidence(self.confidence, constraints)
        return ThresholdObjective(
            Objective(name, weight, constraints, self.confidence), costs, self.top_k, target.labelled
        )

    def read_matrix(self, target: Target) -> NDArray[np.float64]:
        """Read costs of several classes, true by predicted label, which leave nothing else to ask for."""
        others = {name: value for name, value in vars(self).items() if name != "cost" and value is not None}
        if others.get("criterion") == "cost":
            del others["criterion"]
        if others:
            raise OptionError(
                f"{listed(others)}: with a matrix of costs each row goes to its cheapest class, and there is no threshold. "
                "Leave them out, or name one class with pos_label=."
            )
        return read_matrix(target, self.cost)


def _read_criterion(
    criterion: str | None,
    beta: float | None,
    constraints: tuple[Constraint, ...],
    has_costs: bool,
    top_k: float | None,
) -> tuple[str, float]:
    """Return the criterion and beta; a criterion that was not named follows from the other options."""
    if criterion is None:
        name = _implied(beta, constraints, has_costs, top_k)
    else:
        name, beta = _named(criterion, beta)
    if name == "fbeta":
        if beta is None:
            raise OptionError("criterion='fbeta' needs beta=, how much more recall counts: beta=2.")
        return name, _read_beta(beta)
    if beta is not None:
        raise OptionError(
            f"beta={beta!r} belongs to criterion='fbeta', not to {name!r}. Leave one of them out."
        )
    if name == "cost" and not has_costs:
        raise OptionError('criterion=\'cost\' needs amounts: cost={"fp": 1, "fn": 5}.')
    if name in ONE_SIDED and not constraints:
        raise OptionError(
            f"criterion={name!r} alone is best where everyone or nobody is flagged. Add a limit, such as "
            f"{'min_recall=0.8' if name in {'precision', 'specificity'} else 'min_precision=0.5'}."
        )
    return name, 1.0


def _implied(
    beta: float | None, constraints: tuple[Constraint, ...], has_costs: bool, top_k: float | None
) -> str:
    if beta is not None:
        return "fbeta"
    if has_costs:
        return "cost"
    bounded = {constraint.metric for constraint in constraints}
    if top_k is not None and bounded == {"flag_rate"}:
        return "flag_rate"
    if not constraints or {"precision", "recall"} <= bounded:
        return "f1"
    return "precision" if "recall" in bounded else "recall"


def _named(criterion: Any, beta: float | None) -> tuple[str, float | None]:
    typed = metric_name(criterion)
    name = _ALIASES.get(typed, typed) if isinstance(typed, str) else typed
    metric = METRICS.get(name) if isinstance(name, str) else None
    if metric is not None and metric.kind != "decision":
        subject = "the order of all rows" if metric.kind == "ranking" else "the probabilities themselves"
        raise OptionError(
            f"criterion={criterion!r} judges {subject} and is the same at every threshold, so no threshold is best by it. "
            f"Use one of {listed(criteria())}, or cost=."
        )
    weighted = re.fullmatch(r"f(\d+(?:\.\d+)?)", name) if isinstance(name, str) else None
    if weighted and name != "f1":
        if beta is not None and beta != float(weighted[1]):
            raise OptionError(
                f"criterion={criterion!r} and beta={beta!r} contradict each other. Leave one out."
            )
        return "fbeta", float(weighted[1])
    return one_of("criterion", name, objectives()), beta


def _read_beta(beta: Any) -> float:
    if not _is_number(beta) or not 0 < beta < _MOST_BETA:
        raise OptionError(
            f"beta={beta!r:.60} must be a number above 0 and below a million; 2 counts recall twice as much. Use beta=2."
        )
    return float(beta)


def _read_constraints(min_precision: Any, min_recall: Any, max_flag_rate: Any) -> tuple[Constraint, ...]:
    given = {
        "min_precision": ("precision", min_precision),
        "min_recall": ("recall", min_recall),
        "max_flag_rate": ("flag_rate", max_flag_rate),
    }
    constraints = []
    for option, (metric, bound) in given.items():
        if bound is None:
            continue
        if not _is_number(bound) or not 0 < bound <= 1:
            raise OptionError(
                f"{option}={one_line(bound)} must be a share above 0 and at most 1. Use {option}=0.8 for 80 %."
            )
        constraints.append(Constraint(metric, float(bound)))
    return tuple(constraints)


def _read_top_k(top_k: Any, rows: int, max_flag_rate: Any) -> Constraint:
    if max_flag_rate is not None:
        raise OptionError("top_k= and max_flag_rate= both bound how many rows are flagged. Leave one out.")
    if is_whole(top_k):
        if not 0 < top_k <= rows:
            raise OptionError(
                f"top_k={one_line(top_k)} must be between 1 and the {rows:,} labelled rows of this frame; as a share of the "
                "rows use max_flag_rate=."
            )
        return Constraint("flag_rate", int(top_k) / rows)
    if not _is_number(top_k) or not 0 < top_k < 1:
        raise OptionError(
            f"top_k={one_line(top_k)} must be a whole number of rows, or a share of them between 0 and 1. Use top_k=100."
        )
    return Constraint("flag_rate", float(top_k))


def _check_together(constraints: tuple[Constraint, ...], target: Target) -> None:
    """Refuse limits that no scores could keep, however good."""
    bound = {constraint.metric: constraint.bound for constraint in constraints}
    if "flag_rate" not in bound or "recall" not in bound or target.positive is None:
        return
    prevalence = float(target.shares[target.positive])
    needed = bound["recall"] * prevalence
    if bound["flag_rate"] < needed:
        raise OptionError(
            f"A recall of {bound['recall']:g} needs at least {needed:.3g} of the rows flagged, since {prevalence:.3g} are "
            f"positive; the flag rate is bounded by {bound['flag_rate']:.3g}. Loosen one of the two."
        )


def _check_confidence(confidence: Any, constraints: tuple[Constraint, ...]) -> None:
    if not _is_number(confidence) or not 0.5 <= confidence < 1:
        raise OptionError(
            f"confidence={confidence!r:.60} must be at least 0.5, which a limit without it has, and below 1. Use confidence=0.9."
        )
    if not constraints:
        raise OptionError(
            f"confidence={confidence!r} says how surely a limit holds, and there is none. Add min_precision=, min_recall= "
            "or max_flag_rate=."
        )


def _read_costs(cost: Any, target: Target, X: pd.DataFrame) -> dict[str, Any]:
    if isinstance(cost, pd.DataFrame):
        cost = _from_matrix(cost, target)
    if not isinstance(cost, Mapping):
        raise OptionError(
            f'cost={one_line(cost)} must be amounts by outcome, such as cost={{"fp": 1, "fn": 5}}.'
        )
    unknown = [key for key in cost if key not in _OUTCOMES]
    if unknown:
        raise OptionError(
            f"cost has {listed(unknown)}, which is no outcome.{near(unknown[0], _OUTCOMES)} Known: {listed(_OUTCOMES)}."
        )
    if "fp" not in cost or "fn" not in cost:
        raise OptionError(f"cost={dict(cost)!r} needs both 'fp' and 'fn': cost={{\"fp\": 1, \"fn\": 5}}.")
    found: dict[str, Any] = {"fp": 0.0, "fn": 0.0, "tp": 0.0, "tn": 0.0}
    for outcome, amount in cost.items():
        found[outcome] = _read_amount(outcome, amount, X)
    _check_amounts(found, X)
    return found


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


def _read_amount(outcome: str, amount: Any, X: pd.DataFrame) -> float | Hashable:
    if _is_number(amount):
        amount = amount.item() if isinstance(amount, np.generic) else amount  # its own type may be too short
        if not -_MOST_AMOUNT < amount < _MOST_AMOUNT:
            raise OptionError(
                f"cost: {outcome!r} is {amount!r:.60}. Give a finite amount (below 1e100), or a column's name."
            )
        return float(amount)
    if not isinstance(amount, Hashable) or isinstance(amount, bool) or amount not in X.columns:
        raise OptionError(
            f"cost: {outcome!r} is {one_line(amount)}, which is neither an amount nor a column of this frame."
            f"{near(amount, X.columns)}{beside(outcome, amount, X)}"
        )
    _check_column(outcome, amount, X[amount])
    return amount


def _check_column(outcome: str, name: Hashable, column: Any) -> None:
    types = pd.api.types
    if not types.is_numeric_dtype(column.dtype) or types.is_bool_dtype(column) or column.dtype.kind == "c":
        raise OptionError(
            f"cost: {outcome!r} is the column {name!r}, which holds {column.dtype} cells, not amounts."
        )
    values = column.to_numpy(np.float64, na_value=np.nan)
    odd = int((~np.isfinite(values)).sum())
    if odd:
        raise OptionError(
            f"cost: the column {name!r} of {outcome!r} has {odd:,} missing or infinite cells. Fill them first."
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


def _check_amounts(costs: Mapping[str, Any], X: pd.DataFrame) -> None:
    """Refuse amounts by which one decision is never the dearer one, whatever the scores."""
    amounts = {
        outcome: amount if _is_number(amount) else X[amount].to_numpy(np.float64)
        for outcome, amount in costs.items()
    }
    for wrong, right, what in (("fp", "tn", "flagging everyone"), ("fn", "tp", "flagging nobody")):
        extra = np.asarray(amounts[wrong] - amounts[right])
        if not (extra > 0).any() or (extra < 0).any():
            raise OptionError(
                f"cost: {wrong!r} must cost more than {right!r}, or {what} is best whatever the scores; got "
                f"{wrong}={costs[wrong]!r} and {right}={costs[right]!r}. Give amounts above."
            )


def _is_number(value: Any) -> bool:
    # nan is not itself; math.isnan fails on whole numbers beyond 1e308
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_) and value == value
