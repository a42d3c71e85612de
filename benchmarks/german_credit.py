"""The published costs of the German credit data: our threshold against 0.5, Elkan's closed form and scikit-learn's tuner.

Twenty seeded stratified splits, 75 / 25. A bad customer (2) who is called good costs 5, a good one who is called bad 1.
The cost is paid on the test rows; each way of cutting sees the same train rows and the same model.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np
import pandas as pd
from peers.tuned_threshold import elkan_cut, tuned_for_cost
from scipy.stats import t as student

import imbalance_accessor as imb

POSITIVE, COST = 2, {"fn": 5, "fp": 1}
MOST_OF_HALF = 0.7
TEST_SIZE, ROWS = 0.25, 250


def paid(y: Any, flagged: Any) -> float:
    """Return the cost of these decisions for `ROWS` rows."""
    bad, flagged = np.asarray(y) == POSITIVE, np.asarray(flagged, bool)
    total = COST["fn"] * (bad & ~flagged).sum() + COST["fp"] * (~bad & flagged).sum()
    return float(total / len(bad) * ROWS)


def one_split(df: pd.DataFrame, target: str, seed: int) -> dict[str, float]:
    """Threshold on one split in each way, and return what the test rows cost."""
    split = imb.split(df, target, test_size=TEST_SIZE, random_state=seed, pos_label=POSITIVE)
    X_train, X_test, y_train, y_test = split
    ours = imb.best_threshold(
        df,
        target,
        cost=COST,
        pos_label=POSITIVE,
        test_size=TEST_SIZE,
        random_state=seed,
        progress=False,
        n_jobs=1,
    )
    plain = (
        ours.model().estimator_.estimator
    )  # the fitted pipeline itself, for the thresholds that need no tuning
    column = list(plain.classes_).index(POSITIVE)
    p = plain.predict_proba(X_test)[:, column]
    tuned = tuned_for_cost(plain, X_train, y_train, positive=POSITIVE, cost=COST)
    return {
        "at 0.5": paid(y_test, p >= 0.5),
        "Elkan's 1/6": paid(y_test, p >= elkan_cut(COST)),
        "tuned": paid(y_test, tuned.predict(X_test) == POSITIVE),
        "ours": paid(y_test, ours.apply(X_test)),
    }


def paired(difference: pd.Series) -> tuple[float, float, float]:
    """Return the mean difference and Student's 95 % interval of it."""
    n = len(difference)
    half = float(student.ppf(0.975, n - 1) * difference.std(ddof=1) / np.sqrt(n))
    mean = float(difference.mean())
    return mean, mean - half, mean + half


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="german_credit.csv: 1,000 rows, the classes 1 (good) and 2 (bad)")
    parser.add_argument("target", nargs="?", default="class")
    parser.add_argument("--splits", type=int, default=20)
    given = parser.parse_args()
    df = pd.read_csv(given.file)
    costs = pd.DataFrame([one_split(df, given.target, seed) for seed in range(given.splits)])
    sys.exit(report(costs))


def report(costs: pd.DataFrame) -> bool:
    """Print mean costs and paired differences; say whether a bound is missed."""
    print(f"cost of {ROWS} rows, mean of {len(costs)} splits")
    for name, mean in costs.mean().items():
        print(f"  {name:12s} {mean:6.1f}")
    failed = False
    for other in ("Elkan's 1/6", "tuned"):
        mean, low, high = paired(costs["ours"] - costs[other])
        print(f"  ours minus {other:12s} {mean:+.2f} [{low:+.2f}, {high:+.2f}] (0 wanted within)")
        failed |= not low <= 0 <= high
    ratio = costs["ours"].mean() / costs["at 0.5"].mean()
    print(f"  ours / at 0.5 {ratio:.3f} (at most {MOST_OF_HALF} wanted)")
    return bool(failed or ratio > MOST_OF_HALF)


if __name__ == "__main__":
    main()
