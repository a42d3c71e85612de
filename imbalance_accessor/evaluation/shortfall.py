"""Strategies whose sampler made fewer rows of the training set than it was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from imbalance_accessor.errors import change
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.estimators import steps_of
from imbalance_accessor.modeling.read_strategies import with_instead
from imbalance_accessor.modeling.samplers import may_fall_short, rows_short
from imbalance_accessor.modeling.shortfall import rows_not_made


def fell_short(plan: Plan, scored: CrossValScores) -> list[Finding]:
    """Say which samplers made too few rows of the whole training set: those that may are run on it once more."""
    given = [each.strategy.given for each in plan.candidates.values()]
    found = []
    for name, candidate in plan.candidates.items():
        sampler = candidate.strategy.sampler
        if sampler is None or name not in scored.by_name or not may_fall_short(sampler):
            continue
        try:
            short = rows_short(sampler, *_handed_to_sampler(plan, scored.by_name[name].model))
        except Exception:  # of a step of the user's own, which gives other rows the second time
            continue
        if plan.reader.coded:
            classes = plan.reader.classes.tolist()
            short = {classes[code]: rows for code, rows in short.items()}
        fix = change(strategies=with_instead(given, candidate.strategy.given, "smote"))
        cure = "Compare 'smote' instead, which grows every row of the class."
        found += rows_not_made(repr(name), sampler, short, cure, fix)
    return found


def _handed_to_sampler(plan: Plan, model: Any) -> tuple[Any, Any]:
    """Return what a fitted pipeline's first steps make of the rows that are learned from, and their labels."""
    X: Any = plan.parts.learned.X
    for _, step in steps_of(model):
        if hasattr(step, "fit_resample"):
            break
        X = step.transform(X)
    return X, np.asarray(plan.reader.labels(plan.parts.learned_outcome))
