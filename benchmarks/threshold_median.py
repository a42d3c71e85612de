"""F1 of fresh rows at the median threshold over resamples, against at the single best one.

Each case is two normal classes of one covariance, so that the F1 of any threshold of a linear score is known on a large
fresh sample of 100,000 rows. A logistic regression is scored out of fold, both thresholds are chosen on these scores, and
the model fitted on all rows is judged at each. The loss is what F1 lacks to the best threshold of the fresh rows.

Run it: ``python -m benchmarks.threshold_median [runs]``. Seeds are 0, 1, 2, ... of each case; errors are Monte-Carlo
standard errors of the paired difference.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.thresholds import MEDIAN_ROWS, ThresholdGrid, Tuning

FRESH = 100_000


@dataclass(frozen=True)
class Case:
    """Rows, positives among them, distance of the classes in one of five features."""

    rows: int
    positives: int
    distance: float


CASES = (
    Case(400, 20, 1.2),
    Case(1000, 50, 0.8),
    Case(1000, 50, 1.5),
    Case(2000, 100, 1.2),
    Case(2000, 400, 1.2),
    Case(10000, 500, 1.5),
)


def drawn(rng: np.random.Generator, rows: int, case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows of the case's class share."""
    y = np.arange(rows) < round(rows * case.positives / case.rows)
    X = rng.normal(size=(rows, 5))
    X[:, 0] += case.distance * y
    return X, y


def losses(case: Case, seed: int) -> tuple[float, float]:
    """Return what F1 lacks at the median threshold, and at the single best one."""
    rng = np.random.default_rng(seed)
    X, y = drawn(rng, case.rows, case)
    model, folds = LogisticRegression(), StratifiedKFold(5, shuffle=True, random_state=seed)
    table = ThresholdGrid(y, cross_val_predict(model, X, y, cv=folds, method="predict_proba")[:, 1]).table
    fresh, label = drawn(rng, FRESH, case)
    p = model.fit(X, y).predict_proba(fresh)[:, 1]
    thresholds = [
        Tuning(Objective("f1"), rows, seed).threshold(table) for rows in (case.rows, MEDIAN_ROWS + 1)
    ]
    best = ThresholdGrid(label, p).table.confusion.f1.max()
    median, single = (
        best - 2 * label[p >= threshold].sum() / (label.sum() + (p >= threshold).sum())
        for threshold in thresholds
    )
    return float(median), float(single)


def main(runs: int) -> None:
    """Print a line a case."""
    print(f"{'rows':>6} {'pos.':>5} {'dist.':>5}   loss: median  single   gained (± error), {runs} runs")
    for case in CASES:
        found = np.array([losses(case, seed) for seed in range(runs)])
        gained = found[:, 1] - found[:, 0]
        median, single = found.mean(axis=0)
        error = gained.std(ddof=1) / np.sqrt(runs)
        print(
            f"{case.rows:>6} {case.positives:>5} {case.distance:>5}         {median:.4f}  {single:.4f}   "
            f"{gained.mean():+.4f} ± {error:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
