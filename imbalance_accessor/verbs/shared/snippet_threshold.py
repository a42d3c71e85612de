"""The function ``best_threshold`` of a snippet, and those that it takes: numpy that finds the same threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.metrics.thresholds import CANDIDATES, DRAWS, Tuning
from imbalance_accessor.metrics.weights import ONES, Weights
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer


def write_best_threshold(
    writer: Writer,
    tuning: Tuning,
    *,
    amounts: Mapping[str, float] | None = None,
    ceiling: str = "",
    searched: bool = False,
    deals: int = 1,
    weights: Weights = ONES,
) -> None:
    """Write the function, after ``rounded`` and either ``drawn_thresholds``, whose median it takes, or ``exact_threshold``.

    Parameters
    ----------
    writer : Writer
    tuning : Tuning
        How it chooses.
    amounts : mapping of str to float, optional
        Costs by outcome, where they are the same for all rows; else the function takes two more arrays, what
        each row costs if it is flagged and if it is passed over.
    ceiling : str
        How the bound of the flag rate is written.
    searched : bool
        Whether ``exact_threshold`` is wanted beside ``drawn_thresholds``.
    deals : int
        How often folds are dealt; ``averaged`` then averages thresholds, or a sure limit counts each row once.
    weights : Weights
        Of the rows that choose. Where they do not count once each, the function takes the arrays of `weight_arguments` last,
        and the costs of rows times their weights.
    """
    search = _Search(tuning, amounts, ceiling, searched or not tuning.is_median, deals, weights)
    write_template(writer, "shared/full/threshold.py.j2", s=search)


@dataclass(frozen=True, eq=False)
class _Search:
    """What the template reads."""

    tuning: Tuning
    amounts: Mapping[str, float] | None
    ceiling: str
    is_searched: bool
    deals: int
    weights: Weights

    n_draws, n_candidates = DRAWS, CANDIDATES

    @property
    def objective(self) -> Objective:
        return self.tuning.objective

    @property
    def is_weighted(self) -> bool:
        return not self.weights.are_ones

    @property
    def is_by_row(self) -> bool:
        """Whether each row has its own costs."""
        return self.objective.criterion == "cost" and self.amounts is None

    @property
    def takes_means(self) -> bool:
        """Whether a sure limit holds means over several deals of the folds."""
        return self.deals > 1 and self.objective.confidence is not None

    @property
    def rows(self) -> list[str]:
        """The arrays that are put in the order of the scores."""
        return ["y", "score", *weight_arguments(self.objective, self.weights, by_row=self.is_by_row)]

    @property
    def arguments(self) -> list[str]:
        return [*self.rows[:2], *(["flagged", "passed"] if self.is_by_row else []), *self.rows[2:]]

    @property
    def least(self) -> str:
        """What stands for 0 in a divisor: far below any count, or any sum of weights."""
        return "1e-99" if self.is_weighted else "1e-9"

    @property
    def digits(self) -> str:
        """The relative rounding of a criterion of counts, or of sums of weights."""
        return "1e-12" if self.is_weighted else "1e-14"

    @property
    def chance(self) -> str:
        """The chance at which a limit may fail; nothing where it need not be sure."""
        confidence = self.objective.confidence
        return "" if confidence is None else repr(round(1 - confidence, 12))

    @property
    def limits(self) -> list[_Limit]:
        return [_Limit(each, self.ceiling) for each in self.objective.constraints]

    @property
    def odds(self) -> float:
        """How much larger the odds are than in the rows that choose."""
        assert self.weights.factors is not None
        return float(self.weights.factors[0] / self.weights.factors[1])

    @property
    def formula(self) -> str:
        """The criterion as a formula of counts, where it is one of the registry's."""
        known = METRICS.get(self.objective.criterion)
        return "" if known is None else known.formula.replace("1e-9)", f"{self.least})")

    @property
    def beta(self) -> str:
        return amount_text(self.objective.beta)

    @property
    def costs(self) -> dict[str, str]:
        """The amounts that are not 0, by outcome."""
        return {name: amount_text(each) for name, each in (self.amounts or {}).items() if each}

    @property
    def largest_amount(self) -> str:
        return amount_text(max(map(abs, (self.amounts or {}).values())))

    @property
    def what(self) -> str:
        """What the function finds, in words."""
        criterion = self.objective.criterion
        best = {"cost": "The cheapest threshold", "flag_rate": "The threshold that flags most"}.get(
            criterion, f"The threshold with the best {criterion}"
        )
        return f"{best} at {' and '.join(each.what for each in self.limits)}" if self.limits else best


@dataclass(frozen=True)
class _Limit:
    """A limit as the template reads it."""

    constraint: Constraint
    ceiling: str

    @property
    def metric(self) -> str:
        return self.constraint.metric

    @property
    def bound(self) -> str:
        return self.ceiling if self.constraint.is_ceiling else repr(self.constraint.bound)

    @property
    def what(self) -> str:
        if self.constraint.is_ceiling:
            return f"flag rate <= {self.bound}"
        return f"{self.metric} >= {self.bound}"


def weight_arguments(objective: Objective, weights: Weights, *, by_row: bool = False) -> list[str]:
    """Return the last arguments of the function: how much rows count, and their own weights where a sure precision needs them.

    None where costs by row alone decide, which are times the weights already.

    Examples
    --------
    >>> import numpy as np
    >>> weight_arguments(Objective("f1"), Weights(factors=np.array([1.2, 0.1])))
    ['w']
    """
    if weights.are_ones or (by_row and not objective.constraints):
        return []
    sure = objective.confidence is not None and "precision" in {each.metric for each in objective.constraints}
    return ["w", "own"] if sure and weights.own is not None and weights.factors is not None else ["w"]


def amount_text(amount: float) -> str:
    """Write an amount as a person would: without a decimal point where it is whole."""
    return str(int(amount)) if amount == int(amount) else repr(float(amount))


def elkan(fp: str, fn: str, tp: str, tn: str) -> str:
    """Write Elkan's closed form, leaving out amounts that are 0.

    Examples
    --------
    >>> elkan("1", "5", "0", "0"), elkan("1", "5", "-2", "0")
    ('1 / (1 + 5)', '1 / (1 + (5 + 2))')
    """
    alarm, miss = _less(fp, tn), _less(fn, tp)
    return f"{alarm} / ({alarm} + {miss})"


def _less(one: str, other: str) -> str:
    if other == "0":
        return one
    return f"({one} + {other[1:]})" if other.startswith("-") else f"({one} - {other})"
