"""What resampling and weighting do to the level of the probabilities, and what `prior` makes of it.

Three independent standard normal predictors, logistic regression with an AUROC of 0.75, 5,000 rows to learn from and
100,000 fresh rows to report on. Shown are medians over seeds of the calibration intercept (slope fixed at 1) of each
strategy as it is, beside logit(prevalence), and after `prior`; and of the calibration slope.
"""

from __future__ import annotations

import argparse
import sys
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.optimize import brentq, fsolve
from scipy.special import expit, logit

import imbalance_accessor as imb

STRATEGIES = ("class_weight", "oversample", "undersample", "smote")
PREVALENCES, AUROC = (0.30, 0.10, 0.01), 0.75
N_TRAIN, N_TEST = 5_000, 100_000
#: How far a median intercept may lie from logit(prevalence) or from 0, and the plain model's from 0.
FAR, PLAIN_FAR = 0.15, 0.10


class World:
    """A row's log odds are a + b (x1 + x2 + x3), with a and b that give the prevalence and the AUROC."""

    def __init__(self, prevalence: float) -> None:
        self.prevalence = prevalence

    @cached_property
    def coefficients(self) -> tuple[float, float]:
        """Return a and b, by quadrature over the sum of the predictors."""
        z = np.linspace(-8, 8, 4001)
        mass = np.exp(-(z**2) / 2)
        mass /= mass.sum()

        def missed(given: np.ndarray) -> tuple[float, float]:
            risk = expit(given[0] + given[1] * z)
            positive, negative = mass * risk, mass * (1 - risk)
            below = negative.cumsum() - negative / 2
            return positive.sum() - self.prevalence, (
                positive @ below
            ) / positive.sum() / negative.sum() - AUROC

        start = brentq(lambda a: (mass * expit(a + z)).sum() - self.prevalence, -20, 20)
        a, spread = fsolve(missed, [start, 1.0])
        return float(a), float(spread / np.sqrt(3))

    def draw(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        """Draw rows with their labels."""
        a, b = self.coefficients
        X = rng.normal(size=(n, 3))
        frame = pd.DataFrame(X, columns=["x1", "x2", "x3"])
        return frame.assign(y=(rng.random(n) < expit(a + b * X.sum(axis=1))).astype(int))


def measured(world: World, seed: int) -> pd.DataFrame:
    """Return intercept and slope of every strategy, as it is and after `prior`."""
    rng = np.random.default_rng([seed, round(1000 * world.prevalence)])
    train, test = world.draw(N_TRAIN, rng), world.draw(N_TEST, rng)
    found = imb.reliability(
        train,
        "y",
        strategies=STRATEGIES,
        calibrators=("prior",),
        test=test,
        pos_label=1,
        random_state=seed,
        n_jobs=1,
        progress=False,
    )
    return found.frame[["calibration_intercept", "calibration_slope", "mean_probability"]]


def report(prevalence: float, n_seeds: int) -> list[str]:
    """Print medians over seeds; return what misses its bound."""
    runs = [measured(World(prevalence), seed) for seed in range(n_seeds)]
    medians = pd.concat(runs).groupby(level=[0, 1]).median()
    target = float(logit(prevalence))
    print(f"\nprevalence {prevalence:.0%}, logit {target:.3f}, medians over {n_seeds} seeds", flush=True)
    print(
        f"{'strategy':14}{'intercept':>11}{'− logit':>9}{'after prior':>13}{'slope':>8}{'says':>8}{'prior says':>12}"
    )
    missed = []
    for name in ("none", *STRATEGIES):
        raw, prior = medians.loc[(name, "none")], medians.loc[(name, "prior")]
        off = raw["calibration_intercept"] - (0 if name == "none" else target)
        after = prior["calibration_intercept"]
        print(
            f"{name:14}{raw['calibration_intercept']:11.3f}{off:9.3f}{after:13.3f}{raw['calibration_slope']:8.3f}"
            f"{raw['mean_probability']:8.3f}{prior['mean_probability']:12.4f}",
            flush=True,
        )
        missed += [f"{prevalence:.0%} {name}"] if abs(off) > (PLAIN_FAR if name == "none" else FAR) else []
        missed += [f"{prevalence:.0%} {name} after prior"] if abs(after) > FAR else []
    if medians.loc[("smote", "none"), "calibration_slope"] >= 1:
        missed.append(f"{prevalence:.0%} smote: slope")
    return missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    seeds = parser.parse_args().seeds
    missed = [each for prevalence in PREVALENCES for each in report(prevalence, seeds)]
    print(f"\noutside the bounds: {', '.join(missed) or 'none'}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
