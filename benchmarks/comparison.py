"""How often `fit_eval` finds the better of two strategies, claims one that is not, and holds the true difference.

Rows are normal: the negative class around 0, the positive one around a mean, both with the identity as covariance, 5 %
positive. Linear scores then have an average precision that is known exactly, whatever the weights: it depends on the
distance of the two classes along the score alone, see `population`. "none" is a logistic regression of the first five
features; a strategy is one of other columns, given as an object that takes the model's place.

- Power: the strategy sees one feature more, which lifts the average precision of the fitted models by about 0.045.
- False claims: five strategies and "none" each see a column of noise of their own beside the five features.
- Coverage: of the difference in average precision, on the rows of the power case. The truth is the mean difference of
  the folds' models.

Run i has the seed i: ``default_rng(i)`` draws its rows, and `fit_eval` has ``random_state=i``.
"""

from __future__ import annotations

import argparse
import sys
from functools import cache
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

import imbalance_accessor as imb

ROWS, PREVALENCE, FEATURES = 2_000, 0.05, 5
#: Distance of the classes over the five features, and along the sixth.
DISTANCE, EXTRA = 1.5, 0.615
#: What the runs must reach: power at each `test_size`, share of false claims, coverage.
LEAST_POWER = {0.2: 0.37, 0.0: 0.52}
MOST_FALSE, LEAST_COVERED = 0.05, 0.90


class Sees(ClassifierMixin, BaseEstimator):
    """A logistic regression of some columns."""

    def __init__(self, columns: tuple[int, ...] = (0,)) -> None:
        self.columns = columns

    def fit(self, X: Any, y: Any) -> Self:
        self.inner_ = LogisticRegression(max_iter=1000).fit(self._seen(X), y)
        self.classes_ = self.inner_.classes_
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return self.inner_.predict_proba(self._seen(X))

    def predict(self, X: Any) -> np.ndarray:
        return self.inner_.predict(self._seen(X))

    def _seen(self, X: Any) -> np.ndarray:
        return np.asarray(X, float)[:, list(self.columns)]

    def distance(self, mean: np.ndarray) -> float:
        """Return the distance of the two classes along the score, in its standard deviations."""
        weights = self.inner_.coef_[0]
        return float(weights @ mean[list(self.columns)] / np.linalg.norm(weights))


def mean_of(extra: float, columns: int) -> np.ndarray:
    """Return the positive class's mean: five features of equal weight, then one of its own, then noise."""
    mean = np.zeros(columns)
    mean[:FEATURES] = DISTANCE / np.sqrt(FEATURES)
    mean[FEATURES : FEATURES + 1] = extra
    return mean


def drawn(mean: np.ndarray, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw features and labels, exactly 5 % of them positive."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) < round(PREVALENCE * n))
    return rng.normal(size=(n, len(mean))) + y[:, None] * mean, y


def frame_of(mean: np.ndarray, seed: int) -> pd.DataFrame:
    """Return the rows of one run."""
    X, y = drawn(mean, ROWS, seed)
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(len(mean))]).assign(y=y.astype(int))


def population(distance: float) -> float:
    """Return the average precision of a score whose classes are normal, so many standard deviations apart.

    Notes
    -----
    The integral of precision over recall, by the midpoints of 20,000 steps of recall.
    """
    recall = (np.arange(20_000) + 0.5) / 20_000
    false_alarms = norm.sf(norm.isf(recall) + distance)
    hits = PREVALENCE * recall
    return float(np.mean(hits / (hits + (1 - PREVALENCE) * false_alarms)))


@cache
def _table() -> tuple[np.ndarray, np.ndarray]:
    distances = np.linspace(-4, 6, 2_001)
    return distances, np.array([population(each) for each in distances])


def true_value(model: Sees, mean: np.ndarray) -> float:
    """Return a fitted model's average precision in the population."""
    return float(np.interp(model.distance(mean), *_table()))


def compared(frame: pd.DataFrame, none: Sees, others: list[Sees], seed: int, test_size: float) -> Any:
    """Compare strategies as a user does."""
    return imb.fit_eval(
        frame,
        "y",
        model=none,
        strategies=others,
        preprocess=None,
        test_size=test_size,
        random_state=seed,
        n_jobs=1,
        progress=False,
    )


def true_difference(evaluation: Any, frame: pd.DataFrame, pair: tuple[Sees, Sees], mean: np.ndarray) -> float:
    """Return the mean difference in average precision between two strategies' models, over the folds."""
    rows = evaluation.scores.query("strategy == 'none' and part == 'train'")
    X, y, fold = frame.loc[rows.index].drop(columns="y"), rows["y"], rows["fold"].to_numpy()
    found = [
        [true_value(Sees(each.columns).fit(X[fold != at], y[fold != at]), mean) for each in pair]
        for at in np.unique(fold)
    ]
    return float(np.mean(np.diff(found)))


def power(runs: int, test_size: float) -> dict[str, np.ndarray]:
    """Return, for each run, whether the better strategy is found, whether its interval holds the truth, and the truth."""
    mean = mean_of(EXTRA, FEATURES + 1)
    none, better = Sees(tuple(range(FEATURES))), Sees(tuple(range(FEATURES + 1)))
    kept = []
    for seed in range(runs):
        frame = frame_of(mean, seed)
        evaluation = compared(frame, none, [better], seed, test_size)
        low, high = evaluation.differences.loc["Sees", ["average_precision_low", "average_precision_high"]]
        truth = true_difference(evaluation, frame, (none, better), mean)
        kept.append((low > 0, low <= truth <= high, truth, high - low))
    return dict(zip(("found", "held", "truth", "width"), np.array(kept, float).T, strict=True))


def false_claims(runs: int, test_size: float, strategies: int = 5) -> np.ndarray:
    """Return, for each run, whether any of the exchangeable strategies is claimed to beat "none"."""
    mean = mean_of(0.0, FEATURES + strategies + 1)
    alike = [Sees((*range(FEATURES), FEATURES + own)) for own in range(strategies + 1)]
    claimed = []
    for seed in range(runs):
        evaluation = compared(frame_of(mean, seed), alike[0], alike[1:], seed, test_size)
        claimed.append((evaluation.differences["average_precision_low"] > 0).any())
    return np.array(claimed, float)


def lift(fits: int = 200) -> float:
    """Return the mean lift of models fitted on four fifths of a run's training set, by other seeds than the runs'."""
    mean = mean_of(EXTRA, FEATURES + 1)
    pairs = []
    for seed in range(fits):
        X, y = drawn(mean, round(ROWS * 0.8 * 0.8), 1_000_000 + seed)
        models = [Sees(tuple(range(count))).fit(X, y) for count in (FEATURES, FEATURES + 1)]
        pairs.append([true_value(each, mean) for each in models])
    return float(np.mean(np.diff(pairs)))


def checked_population() -> float:
    """Return by how much the exact average precision and that of 2,000,000 drawn rows differ, in standard errors."""
    mean = mean_of(EXTRA, FEATURES + 1)
    parts = []
    for seed in range(20):
        X, y = drawn(mean, 100_000, 2_000_000 + seed)
        parts.append(average_precision_score(y, X @ mean))
    error = np.std(parts, ddof=1) / np.sqrt(len(parts))
    return float((np.mean(parts) - population(float(np.linalg.norm(mean)))) / error)


def error_of(share: float, runs: int) -> float:
    """Return the Monte-Carlo error of a share."""
    return float(np.sqrt(max(share * (1 - share), 1 / runs / 4) / runs))


def told(name: str, values: np.ndarray, least: float = -np.inf, most: float = np.inf) -> bool:
    """Print a share with its Monte-Carlo error; say whether it misses its bound by more than two of them."""
    share, error = float(values.mean()), error_of(float(values.mean()), len(values))
    wanted = f"at least {least:.2f}" if np.isfinite(least) else f"at most {most:.2f}"
    print(f"  {name:<28} {share:.3f} ± {error:.3f}  ({wanted} wanted, {len(values)} runs)", flush=True)
    return share + 2 * error < least or share - 2 * error > most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400, help="runs of the power case")
    parser.add_argument("--null", type=int, default=400, help="runs without an effect")
    parser.add_argument("--test-size", type=float, action="append", help="0.2, 0, or both by default")
    given = parser.parse_args()
    print(f"exact average precision against drawn rows: {checked_population():+.1f} standard errors")
    print(f"true lift, fitted models: {lift():.4f}")
    missed = False
    for test_size in given.test_size or [0.2, 0.0]:
        print(f"test_size={test_size:g}")
        found = power(given.runs, test_size)
        truth, width = found["truth"], found["width"]
        print(f"  mean true difference {truth.mean():.4f}, mean width of the interval {width.mean():.4f}")
        missed |= told("better one found", found["found"], least=LEAST_POWER[test_size])
        missed |= told("coverage of the difference", found["held"], least=LEAST_COVERED)
        missed |= told("false claims, five alike", false_claims(given.null, test_size), most=MOST_FALSE)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
