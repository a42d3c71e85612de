"""Given scores calibrated and judged with scikit-learn alone, one after another. Frozen; nothing here is the package's.

There are no intervals, and nothing says what chance alone would show.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from peers.threshold_search import GivenScores
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss
from sklearn.model_selection import StratifiedKFold, train_test_split


class Scored(GivenScores):
    """The same, with the labels that scikit-learn asks of every classifier."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        return (X[:, 0] >= 0.5).astype(int)


def calibrated_loop(df: pd.DataFrame) -> pd.DataFrame:
    """Judge the scores as they are, under a sigmoid and under isotonic regression: out of fold, and on a test set."""
    X, y = df[["p"]].to_numpy(), df["y"].to_numpy().astype(int)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X_train, y_train))
    found = {"none": judged(y_train, X_train[:, 0], y_test, X_test[:, 0])}
    for method in ("sigmoid", "isotonic"):
        every = np.arange(len(y_train))
        model = CalibratedClassifierCV(Scored(), method=method, cv=[(every, every)], ensemble=False)
        crossed = np.empty(len(y_train))
        for rows, held_out in folds:
            inside = np.arange(len(rows))
            fold = CalibratedClassifierCV(Scored(), method=method, cv=[(inside, inside)], ensemble=False).fit(
                X_train[rows], y_train[rows]
            )
            crossed[held_out] = fold.predict_proba(X_train[held_out])[:, 1]
        p = model.fit(X_train, y_train).predict_proba(X_test)[:, 1]
        found[method] = judged(y_train, crossed, y_test, p)
    return pd.DataFrame(found).T


def judged(y_train: np.ndarray, crossed: np.ndarray, y_test: np.ndarray, p: np.ndarray) -> dict[str, float]:
    calibration_curve(y_test, p, n_bins=10, strategy="quantile")
    return {
        "brier_cv": brier_score_loss(y_train, crossed),
        "log_loss_cv": log_loss(y_train, crossed),
        "brier": brier_score_loss(y_test, p),
        "log_loss": log_loss(y_test, p),
        "average_precision": average_precision_score(y_test, p),
    }
