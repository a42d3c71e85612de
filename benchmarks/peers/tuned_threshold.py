"""What the package's threshold is compared with: scikit-learn's tuner as its own examples use it, and Elkan's closed form.

Frozen; nothing here comes from the package.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.metrics import make_scorer, precision_score, recall_score
from sklearn.model_selection import TunedThresholdClassifierCV


def elkan_cut(cost: dict[str, float]) -> float:
    """Return the threshold that is best for true probabilities (Elkan 2001)."""
    return cost["fp"] / (cost["fp"] + cost["fn"])


def gain(y: Any, said: Any, *, pos_label: Any, fn: float, fp: float) -> float:
    """Return the negative cost of these answers."""
    positive, flagged = np.asarray(y) == pos_label, np.asarray(said) == pos_label
    return -float(fn * (positive & ~flagged).sum() + fp * (~positive & flagged).sum())


def recall_if_precise(y: Any, said: Any, *, pos_label: Any, least: float, otherwise: float) -> float:
    """Return the recall where the precision is at least so high, else a constant: a limit as users wrap it."""
    if precision_score(y, said, pos_label=pos_label, zero_division=0) < least:
        return otherwise
    return float(recall_score(y, said, pos_label=pos_label))


def tuned_for_cost(
    model: Any, X: Any, y: Any, *, positive: Any, cost: dict[str, float]
) -> TunedThresholdClassifierCV:
    """Tune for the lowest cost: 100 thresholds, five folds, as by default."""
    scorer = make_scorer(gain, pos_label=positive, **cost)
    return TunedThresholdClassifierCV(clone(model), scoring=scorer).fit(X, y)


def tuned_for_recall(
    model: Any, X: Any, y: Any, *, positive: Any, min_precision: float, otherwise: float = 0.0
) -> TunedThresholdClassifierCV:
    """Tune for the best recall at a least precision: 100 thresholds, five folds, as by default."""
    scorer = make_scorer(recall_if_precise, pos_label=positive, least=min_precision, otherwise=otherwise)
    return TunedThresholdClassifierCV(clone(model), scoring=scorer).fit(X, y)
