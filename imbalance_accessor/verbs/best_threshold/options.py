"""What `best_threshold` is asked for: options become an objective and costs, or one sentence."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.cells import as_float
from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import Target
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    OptionError,
    Words,
    change,
    known_as,
    listed,
    one_line,
    one_of,
)
from imbalance_accessor.metrics.costs import Amount, Costs
from imbalance_accessor.metrics.objectives import ONE_SIDED, Constraint, Objective, objectives
from imbalance_accessor.metrics.registry import METRICS, criteria, metric_name, metric_words
from imbalance_accessor.options import is_whole
from imbalance_accessor.verbs.best_threshold.cost_options import (
    check_column,
    is_cost,
    read_costs,
    read_matrix,
)
from imbalance_accessor.verbs.shared.own_threshold import read_number

#: What else a criterion is called that is no metric's name.
_WORDS: Words = {"cost": "costs expectedcost totalcost", "fbeta": "fbetascore"}

#: Beyond this its square would no longer be finite beside counts.
_MOST_BETA = 1e6

#: From here on a limit is read as percent.
_FEWEST_PERCENT = 5


@dataclass(frozen=True)
class ThresholdObjective:
    """What the user asked for, read.

    Attributes
    ----------
    objective : Objective
    costs : dict of str to (float or hashable), or None
        Amounts by outcome; a column's name where the amount differs from row to row.
    top_k : int, float or None
        As it was given; the objective holds it as a rate. A whole number is one of as many rows as the frame has, and of
        rows that do not count once each, as large a share of their weights.
    rows : int
        Labelled rows, of which `top_k` is a rate.
    threshold : float, optional
        One of the user's own, which the chosen one is held against.
    """

    objective: Objective
    costs: dict[str, Any] | None
    top_k: float | None
    rows: int
    threshold: float | None = None

    def check_rows(self, X: pd.DataFrame) -> None:
        """Refuse rows whose amounts are missing or negative."""
        for outcome, name in (self.costs or {}).items():
            if not is_cost(name):
                check_column(outcome, X[name], {}, frame="test")

    @property
    def cost_columns(self) -> tuple[Hashable, ...]:
        """Columns that hold amounts."""
        return tuple(name for name in (self.costs or {}).values() if not is_cost(name))

    def costs_of(self, X: pd.DataFrame) -> Costs | None:
        """Return what decisions on these rows cost."""
        if self.costs is None:
            return None
        return Costs(**{outcome: _amount(amount, X) for outcome, amount in self.costs.items()})


def _amount(amount: Any, X: pd.DataFrame) -> Amount:
    return float(amount) if is_cost(amount) else as_float(X[amount]).to_numpy(np.float64)


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
    threshold: Any = None

    def read(self, features: Features, *, matrix: bool = True) -> ThresholdObjective:
        """Read the options for one class against the rest; `matrix`, whether several classes could have costs of their own.

        Raises
        ------
        OptionError
            One sentence: what is wrong, and what to do instead.
        """
        target = features.target
        if target.positive is None:
            raise OptionError(
                f"{target.name!r} has {len(target.classes)} classes, and a threshold needs a binary target. Name one of "
                f"{listed(target.classes)} with pos_label=, which is then set against the rest"
                f"{'; or give cost= as a DataFrame, labels by labels' if matrix else ''}."
            )
        costs = None if self.cost is None else read_costs(self.cost, features)
        constraints = _read_constraints(self.min_precision, self.min_recall, self.max_flag_rate)
        if self.top_k is not None:
            rows = (target if features.sample is None else features.sample.labels).labelled
            constraints = (*constraints, _read_top_k(self.top_k, rows, self.max_flag_rate))
        _check_together(constraints, features)
        name, weight = _read_criterion(self.criterion, self.beta, constraints, costs is not None, self.top_k)
        if self.confidence is not None:
            _check_confidence(self.confidence, constraints)
        return ThresholdObjective(
            Objective(name, weight, constraints, self.confidence),
            costs,
            self.top_k,
            target.labelled,
            None if self.threshold is None else read_number(self.threshold),
        )

    def read_matrix(self, target: Target) -> NDArray[np.float64]:
        """Read costs of several classes, true by predicted label, which leave nothing else to ask for."""
        others = {name: value for name, value in vars(self).items() if name != "cost" and value is not None}
        if others.get("criterion") == "cost":
            del others["criterion"]
        matrix = read_matrix(target, self.cost)
        if others:
            raise OptionError(
                f"{listed(others)}: with a matrix of costs each row goes to its cheapest class, and there is no threshold. "
                "Leave them out.",
                fix=change(**dict.fromkeys(others, LEFT_OUT)),
            )
        return matrix


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
            raise OptionError(
                "criterion='fbeta' needs beta=, how much more recall counts: beta=2.", fix=change(beta=2)
            )
        return name, _read_beta(beta)
    if beta is not None:
        weighted = name == "f1"
        raise OptionError(
            f"beta={beta!r} belongs to criterion='fbeta', not to {name!r}. "
            f"{'Name that one.' if weighted else 'Leave beta= out.'}",
            fix=change(criterion="fbeta") if weighted else change(beta=LEFT_OUT),
        )
    if name == "cost" and not has_costs:
        raise OptionError('criterion=\'cost\' needs amounts: cost={"fp": 1, "fn": 5}.')
    if name in ONE_SIDED and not constraints:
        limit = {"min_recall": 0.8} if name in {"precision", "specificity"} else {"min_precision": 0.5}
        raise OptionError(
            f"criterion={name!r} alone is best where everyone or nobody is flagged. Add a limit, such as "
            f"{''.join(f'{option}={bound}' for option, bound in limit.items())}.",
            fix=Fix(options=limit),
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
    name = known_as(metric_name(criterion), objectives(), _WORDS)
    metric = METRICS.get(name) if isinstance(name, str) else None
    if metric is not None and metric.kind != "decision":
        subject = "the order of all rows" if metric.kind == "ranking" else "the probabilities themselves"
        raise OptionError(
            f"criterion={criterion!r} judges {subject} and is the same at every threshold, so no threshold is best by it. "
            f"Use one of {listed(criteria())}, or cost=."
        )
    weighted = (
        re.fullmatch(r"[fF][-_ ]?(\d+(?:\.\d+)?)(?:[-_ ]?score)?", name) if isinstance(name, str) else None
    )
    if weighted and name != "f1":
        if beta is not None and beta != float(weighted[1]):
            raise OptionError(
                f"criterion={criterion!r} and beta={beta!r} contradict each other. Leave beta= out.",
                fix=change(beta=LEFT_OUT),
            )
        return "fbeta", float(weighted[1])
    return one_of("criterion", name, objectives(), words={**metric_words(), **_WORDS}), beta


def _read_beta(beta: Any) -> float:
    if not is_cost(beta) or not 0 < beta < _MOST_BETA:
        raise OptionError(
            f"beta={one_line(beta)} must be a number above 0 and below a million; 2 counts recall twice as much. Use beta=2.",
            fix=change(beta=2),
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
        if not is_cost(bound) or not 0 < bound <= 1:
            fix = _share_meant(option, bound)
            share = fix.options.get(option) or 0.8
            raise OptionError(
                f"{option}={one_line(bound)} must be a share above 0 and at most 1. "
                f"Use {option}={share:g} for {100 * share:.4g} %.",
                fix=fix,
            )
        constraints.append(Constraint(metric, float(bound)))
    return tuple(constraints)


def _share_meant(option: str, bound: Any) -> Fix:
    """Return the share that percent or text stand for; a bound of 0 limits nothing."""
    number = _number_meant(bound)
    if number == 0:
        return change(**{option: LEFT_OUT})
    share = number / 100 if number >= _FEWEST_PERCENT else number
    return change(**{option: round(share, 10)}) if 0 < share <= 1 else IN_WORDS


def _number_meant(value: Any) -> float:
    """Return a number that may be written as text; nan where it is none."""
    try:
        return float(value) if isinstance(value, str) or is_cost(value) else np.nan
    except (ValueError, OverflowError):
        return np.nan


def _read_top_k(top_k: Any, rows: int, max_flag_rate: Any) -> Constraint:
    if max_flag_rate is not None:
        raise OptionError(
            "top_k= and max_flag_rate= both bound how many rows are flagged. Leave one out.",
            fix=change(max_flag_rate=LEFT_OUT),
        )
    if is_whole(top_k):
        if not 0 < top_k <= rows:
            raise OptionError(
                f"top_k={one_line(top_k)} must be between 1 and the {rows:,} labelled rows of this frame; a larger number limits "
                "nothing. As a share of the rows use max_flag_rate=.",
                fix=change(top_k=LEFT_OUT) if top_k > rows else IN_WORDS,
            )
        return Constraint("flag_rate", int(top_k) / rows)
    if not is_cost(top_k) or not 0 < top_k < 1:
        number = _number_meant(top_k)
        meant = number if 0 < number < 1 else int(number) if 1 < number <= rows and number % 1 == 0 else None
        raise OptionError(
            f"top_k={one_line(top_k)} must be a whole number of rows, or a share of them between 0 and 1. "
            f"Use top_k={min(100, rows) if meant is None else meant!r}.",
            fix=IN_WORDS if meant is None else change(top_k=meant),
        )
    return Constraint("flag_rate", float(top_k))


def _check_together(constraints: tuple[Constraint, ...], features: Features) -> None:
    """Refuse limits that no scores could keep, however good."""
    bound = {constraint.metric: constraint.bound for constraint in constraints}
    positive, weighting = features.target.positive, features.weighting
    if "flag_rate" not in bound or "recall" not in bound or positive is None:
        return
    prevalence = float((weighting.shares if weighting.wanted is None else weighting.wanted)[positive])
    needed = bound["recall"] * prevalence
    if bound["flag_rate"] < needed:
        raise OptionError(
            f"A recall of {bound['recall']:g} needs at least {needed:.3g} of the rows flagged, since {prevalence:.3g} are "
            f"positive; the flag rate is bounded by {bound['flag_rate']:.3g}. Leave min_recall= out.",
            fix=change(min_recall=LEFT_OUT),
        )


def _check_confidence(confidence: Any, constraints: tuple[Constraint, ...]) -> None:
    if not is_cost(confidence) or not 0.5 <= confidence < 1:
        number = _number_meant(confidence)
        share = number / 100 if number >= _FEWEST_PERCENT else number
        meant = round(share, 10) if 0.5 <= share < 1 else 0.9
        raise OptionError(
            f"confidence={one_line(confidence)} must be at least 0.5, which a limit without it has, and below 1. "
            f"Use confidence={meant:g}.",
            fix=change(confidence=meant),
        )
    if not constraints:
        raise OptionError(
            f"confidence={confidence!r} says how surely a limit holds, and there is none. Leave it out, or add "
            "min_precision=, min_recall= or max_flag_rate=.",
            fix=change(confidence=LEFT_OUT),
        )
