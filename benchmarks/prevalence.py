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
FRESH = 1_000_000
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


def in_population(score: np.ndarray, p: np.ndarray, share: float, threshold: float) -> dict[str, float]:
    """Return what scores of fresh rows come to where so many are positive; `p` is each row's true probability."""
    positive, negative = share * p / p.mean(), (1 - share) * (1 - p) / (1 - p).mean()
    order = np.argsort(-score)
    tp, fp = positive[order].cumsum(), negative[order].cumsum()
    flagged = score >= threshold
    hits, alarms = positive[flagged].sum(), negative[flagged].sum()
    inside = np.clip(score, 2.3e-16, 1 - 2.3e-16)
    return {
        "average_precision": float(positive[order] @ (tp / (tp + fp)) / positive.sum()),
        "log_loss": float(-(positive @ np.log(inside) + negative @ np.log1p(-inside)) / len(p)),
        "brier": float((positive @ (1 - score) ** 2 + negative @ score**2) / len(p)),
        "precision": float(hits / (hits + alarms)),
        "recall": float(hits / positive.sum()),
        "cost_per_row": float((COST["fp"] * alarms + COST["fn"] * (positive.sum() - hits)) / len(p)),
    }


def one(seed: int, *, n: int, model: str, fresh: int = FRESH) -> dict[str, float]:
    """Return, for each figure, whether its interval holds the population's value, and log losses as ratios."""
    frame, share = sampled(n, seed)
    e = imb.fit_eval(
        frame, "y", model=model, strategies=[], prevalence=share, random_state=seed, n_jobs=1, progress=False
    )
    t = e.best_threshold("none", cost=COST)
    X = np.random.default_rng(seed + 10**6).standard_normal((fresh, 5))
    p = truth(X)
    score = e.model("none").predict_proba(pd.DataFrame(X, columns=list("abcde")))[:, 1]
    wanted = in_population(score, p, share, t.value)
    row, chosen, found = e.frame.loc["none"], t.report.loc["chosen"], {}
    for name in FIGURES:
        low, high = ((row if name in row else chosen)[f"{name}{end}"] for end in ("_low", "_high"))
        if name in ("precision", "recall"):
            low, high = (chosen[f"{name}{end}"] for end in ("_low", "_high"))
        found[name] = float(low <= wanted[name] <= high)
    ideal = in_population(p, p, share, t.value)["log_loss"]
    best = in_population(_recalibrated(score, p, share), p, share, t.value)["log_loss"]
    return found | {"to the truth": wanted["log_loss"] / ideal, "to its best": wanted["log_loss"] / best}


def _recalibrated(score: np.ndarray, p: np.ndarray, share: float) -> np.ndarray:
    """Return the scores calibrated as well as any monotone map can, fitted to these very rows' true probabilities."""
    from sklearn.isotonic import IsotonicRegression

    positive, negative = share * p / p.mean(), (1 - share) * (1 - p) / (1 - p).mean()
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
