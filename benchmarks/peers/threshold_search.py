"""Three ways to look for the threshold with the best F1 that scikit-learn's users have. Frozen; nothing here is the package's."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import TunedThresholdClassifierCV


def grid_loop(
    y: np.ndarray, score: np.ndarray, thresholds: np.ndarray
) -> tuple[float, list[tuple[float, ...]]]:
    """Try one threshold after another, with three metrics each."""
    tried = []
    for threshold in thresholds:
        flag = score >= threshold
        row = f1_score(y, flag), precision_score(y, flag, zero_division=0), recall_score(y, flag)
        tried.append(row)
    return float(thresholds[np.argmax([f1 for f1, *_ in tried])]), tried


class GivenScores(ClassifierMixin, BaseEstimator):
    """A fitted model whose probability is the column it is shown."""

    classes_ = np.array([0, 1])

    def fit(self, X: Any, y: Any) -> GivenScores:  # noqa: ARG002
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - X[:, 0], X[:, 0]])


def tuned(y: np.ndarray, score: np.ndarray) -> float:
    """Let scikit-learn's tuner search 100 thresholds of given scores."""
    tuner = TunedThresholdClassifierCV(GivenScores(), scoring="f1", thresholds=100, cv="prefit", refit=False)
    return float(tuner.fit(score.reshape(-1, 1), y.astype(int)).best_threshold_)


def every_cut(y: np.ndarray, score: np.ndarray) -> float:
    """Compute F1 at each score that occurs (scikit-learn 1.9 and later)."""
    from sklearn.metrics import metric_at_thresholds

    f1, thresholds = metric_at_thresholds(y, score, f1_score, metric_params={"zero_division": 0.0})
    return float(thresholds[np.argmax(f1)])
