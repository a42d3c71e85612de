"""Limits that are kept, tried on the scores: what to offer instead of limits that no threshold keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from imbalance_accessor.errors import IN_WORDS, Fix, change
from imbalance_accessor.evaluation.strategy_scores import StrategyScores
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.thresholds import ThresholdTable
from imbalance_accessor.verbs.best_threshold.options import ThresholdObjective
from imbalance_accessor.verbs.best_threshold.search import tables_of

#: Digits of a limit that is offered.
_DIGITS = 3


def loosened(strategy_scores: StrategyScores, asked: ThresholdObjective) -> tuple[str, Fix]:
    """Return the cure that loosens one limit least, so that a threshold keeps all limits, without each fold too."""
    tables = tables_of(strategy_scores, asked)
    found = [
        (abs(bound - constraint.bound) / constraint.bound, *_option(asked, constraint, bound))
        for constraint in asked.objective.constraints
        for bound in _reachable(asked.objective, constraint, tables)
    ]
    if not found:
        return "Loosen the limits, or use a better model.", IN_WORDS
    _, name, value = min(found)
    return f"Loosen the limit, or use a better model: {name}={value!r} is kept.", change(**{name: value})


def _reachable(
    objective: Objective, constraint: Constraint, tables: Sequence[ThresholdTable]
) -> Iterator[float]:
    """Yield the bound to which a limit must be loosened while all others hold, where that is enough."""
    others = replace(
        objective, constraints=tuple(each for each in objective.constraints if each != constraint)
    )
    reached = []
    for table in tables:
        counts = table.confusion
        kept = others.holds(counts) & ((counts.tp + counts.fp > 0) | (constraint.metric != "precision"))
        if not kept.any():
            return
        values = np.asarray(constraint.reached(counts, objective.confidence))[kept]
        reached.append(float(values.min() if constraint.is_ceiling else values.max()))
    bound = _rounded(max(reached) if constraint.is_ceiling else min(reached), up=constraint.is_ceiling)
    loosened = replace(constraint, bound=bound)
    new = replace(
        objective,
        constraints=tuple(loosened if each == constraint else each for each in objective.constraints),
    )
    if 0 < bound <= 1 and all(new.holds(table.confusion).any() for table in tables):
        yield bound


def _rounded(bound: float, *, up: bool) -> float:
    """Round a limit to the side that is kept."""
    scale = 10.0**_DIGITS
    return float((np.ceil(bound * scale + 1e-9) if up else np.floor(bound * scale - 1e-9)) / scale)


def _option(asked: ThresholdObjective, constraint: Constraint, bound: float) -> tuple[str, float]:
    """Return the option that sets a limit."""
    if not constraint.is_ceiling:
        return f"min_{constraint.metric}", bound
    if asked.top_k is None:
        return "max_flag_rate", bound
    return "top_k", bound if asked.top_k < 1 else int(np.ceil(bound * asked.rows))
