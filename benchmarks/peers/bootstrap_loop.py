"""Percentile intervals of eight metrics, one resample after another. Frozen; nothing here comes from the package."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_score,
    recall_score,
    roc_auc_score,
)


def bootstrap_loop(y: np.ndarray, score: np.ndarray, resamples: int) -> np.ndarray:
    """Return the ends of the 95 % intervals, shape (2, 8)."""
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(resamples):
        rows = rng.integers(0, len(y), len(y))
        drawn.append(eight(y[rows], score[rows]))
    return np.quantile(drawn, [0.025, 0.975], axis=0)


def eight(y: np.ndarray, score: np.ndarray) -> list[float]:
    """Compute four figures of the scores and four of the rows flagged at 0.5."""
    flag = score >= 0.5
    return [
        average_precision_score(y, score),
        roc_auc_score(y, score),
        brier_score_loss(y, score),
        log_loss(y, score),
        precision_score(y, flag, zero_division=0),
        recall_score(y, flag),
        f1_score(y, flag),
        matthews_corrcoef(y, flag),
    ]
