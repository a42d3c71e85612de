"""Whether figures at a prevalence are those of the population that a case-control sample came from.

The population: five normal features, log odds linear in them, about 0.6 % positive. The frame is all of its positives and three
times as many negatives. `fit_eval(prevalence=...)` is told the population's share, and each figure of the test set, with its 95 %
interval, is held against what the model that is handed out comes to in the population: on fresh rows, each counted as a positive
by its true probability and as a negative by the rest, weighted to exactly that share.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import expit

import imbalance_accessor as imb

COEFFICIENTS, INTERCEPT = np.array([0.9, -0.7, 0.5, 0.4, 0.3]), -6.0
POPULATION, FEW, SEEDS, HELD = 3_000_000, 300_000, 200, 186
#: Fresh rows; as each counts by its true probability, they tell as much as many more with labels.
FRESH = 400_000
COST = {"fp": 1.0, "fn": 20.0}
FIGURES = ("average_precision", "log_loss", "brier", "precision", "recall", "cost_per_row")


def truth(X: np.ndarray) -> np.ndarray:
    """Return the true probability of each row."""
    return expit(X @ COEFFICIENTS + INTERCEPT)


def sampled(n: int, seed: int) -> tuple[pd.DataFrame, float]:
    """Return all positives of a population and three negatives each, and the population's share of positives."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 5))
    y = rng.random(n) < truth(X)
    positives = np.flatnonzero(y)
    negatives = rng.choice(np.flatnonzero(~y), 3 * len(positives), replace=False)
    rows = rng.permutation(np.r_[positives, negatives])
    return pd.DataFrame(X[rows], columns=list("abcde")).assign(y=y[rows].astype(int)), float(y.mean())


def fresh_rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows, half of them drawn as positives are, which are rare among the others, and how often each counts."""
    X = np.random.default_rng(seed).standard_normal((n, 5))
    X[::2] += COEFFICIENTS
    # the density of all rows over that of these
    tilt = np.exp(X @ COEFFICIENTS - COEFFICIENTS @ COEFFICIENTS / 2)
    return X, 2 / (1 + tilt)


def sides(p: np.ndarray, counted: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how much each row counts as a positive and as a negative, both with means that add up to the shares."""
    positive, negative = p * counted, (1 - p) * counted
    return share * positive / positive.mean(), (1 - share) * negative / negative.mean()


def in_population(
    score: np.ndarray, positive: np.ndarray, negative: np.ndarray, threshold: float
) -> dict[str, float]:
    """Return what scores come to of rows that count so much as positives and as negatives."""
    n = len(score)
    order = np.argsort(-score)
    tp, fp = positive[order].cumsum(), negative[order].cumsum()
    flagged = score >= threshold
    hits, alarms = positive[flagged].sum(), negative[flagged].sum()
    inside = np.clip(score, 2.3e-16, 1 - 2.3e-16)
    return {
        "average_precision": float(positive[order] @ (tp / (tp + fp)) / positive.sum()),
        "log_loss": float(-(positive @ np.log(inside) + negative @ np.log1p(-inside)) / n),
        "brier": float((positive @ (1 - score) ** 2 + negative @ score**2) / n),
        "precision": float(hits / (hits + alarms)),
        "recall": float(hits / positive.sum()),
        "cost_per_row": float((COST["fp"] * alarms + COST["fn"] * (positive.sum() - hits)) / n),
    }


def one(seed: int, *, n: int, model: str, fresh: int = FRESH) -> dict[str, float]:
    """Return, for each figure, whether its interval holds the population's value, and log losses as ratios."""
    frame, share = sampled(n, seed)
    e = imb.fit_eval(
        frame, "y", model=model, strategies=[], prevalence=share, random_state=seed, n_jobs=1, progress=False
    )
    t = e.best_threshold("none", cost=COST)
    X, counted = fresh_rows(fresh, seed + 10**6)
    p, both = truth(X), sides(truth(X), counted, share)
    score = e.model("none").predict_proba(pd.DataFrame(X, columns=list("abcde")))[:, 1]
    wanted = in_population(score, *both, t.value)
    row, chosen, found = e.frame.loc["none"], t.report.loc["chosen"], {}
    for name in FIGURES:
        low, high = ((row if name in row else chosen)[f"{name}{end}"] for end in ("_low", "_high"))
        if name in ("precision", "recall"):
            low, high = (chosen[f"{name}{end}"] for end in ("_low", "_high"))
        found[name] = float(low <= wanted[name] <= high)
    ideal, best = (
        in_population(each, *both, t.value)["log_loss"] for each in (p, _recalibrated(score, *both))
    )
    return found | {"to the truth": wanted["log_loss"] / ideal, "to its best": wanted["log_loss"] / best}


def _recalibrated(score: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """Return the scores calibrated as well as any monotone map can, fitted to these very rows."""
    from sklearn.isotonic import IsotonicRegression

    weight = positive + negative
    return IsotonicRegression().fit(score, positive / weight, sample_weight=weight).predict(score)


def main() -> int:
    """Print the table; fail where a figure is held too rarely, or a log loss is too high."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="logistic")
    parser.add_argument("--population", type=int, default=POPULATION)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--fresh", type=int, default=FRESH)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.workers) as pool:
        each = partial(one, n=asked.population, model=asked.model, fresh=asked.fresh)
        found = pd.DataFrame(list(pool.map(each, range(asked.seeds))))
    held = found[list(FIGURES)]
    error = np.sqrt(held.mean() * (1 - held.mean()) / len(held))
    print(f"{asked.model}, population {asked.population:,}, {len(found)} samples")
    print(pd.DataFrame({"held": held.sum().astype(int), "coverage": held.mean(), "±": 1.96 * error}).round(3))
    ratios = found[["to the truth", "to its best"]]
    print(ratios.describe().loc[["mean", "min", "max"]].round(4))
    if asked.model == "logistic":
        fewest = HELD * len(found) / SEEDS
        return int(
            asked.population == POPULATION and (held.sum().min() < fewest or ratios.iloc[:, 0].mean() > 1.02)
        )
    return int(ratios["to its best"].mean() > 1.05)


if __name__ == "__main__":
    sys.exit(main())
