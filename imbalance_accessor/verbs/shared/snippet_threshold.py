"""The function ``best_threshold`` of a snippet, and those that it takes: numpy that finds the same threshold."""

from __future__ import annotations

from collections.abc import Mapping

from imbalance_accessor.metrics.objectives import Objective
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
    objective = tuning.objective
    is_by_row = objective.criterion == "cost" and amounts is None
    known = METRICS.get(objective.criterion)
    write_template(
        writer,
        "shared/full/threshold.py.j2",
        tuning=tuning,
        objective=objective,
        formula="" if known is None else known.formula,
        beta=amount_text(objective.beta),
        is_by_row=is_by_row,
        amounts={name: amount_text(each) for name, each in (amounts or {}).items() if each},
        largest_amount=amount_text(max(map(abs, (amounts or {}).values()), default=0)),
        limits=[
            (each.metric, ceiling if each.is_ceiling else repr(each.bound)) for each in objective.constraints
        ],
        chance="" if objective.confidence is None else repr(round(1 - objective.confidence, 12)),
        is_searched=searched or not tuning.is_median,
        deals=deals,
        weights=weights,
        rows=["y", "score", *weight_arguments(objective, weights, by_row=is_by_row)],
        n_draws=DRAWS,
        n_candidates=CANDIDATES,
    )


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
