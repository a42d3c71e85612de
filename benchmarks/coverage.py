"""How often the 95 % intervals of `fit_eval` hold the truth, on test parts drawn from a known model.

A row's score z is normal and its probability of being positive is 1 / (1 + exp(-(a + 2 z))). The truth of each figure
comes from a very large sample. The own cut is fixed: it is chosen once, on out-of-fold rows that stay the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from imbalance_accessor.stats.bootstrap import Resamples
from imbalance_accessor.stats.figures import differences
from imbalance_accessor.stats.judging import Judged, Sides, judge
from imbalance_accessor.stats.registry import KINDS, names

LEAST, MOST = 0.92, 1.00
#: Rows and share of positives: a realistic test part, which must reach the bounds, and a small one, which is shown.
REALISTIC, SMALL = (2_000, 0.10), (400, 0.05)
SLOPE = 2.0


class World:
    """A known model, and what three fitted models say in it.

    "none" says the true probability, "weighted" multiplies its odds as balanced weights do, "noisy" ranks worse.
    """

    def __init__(self, prevalence: float) -> None:
        self.prevalence = prevalence

    @cached_property
    def intercept(self) -> float:
        """The intercept that gives the prevalence, by bisection."""
        z = np.random.default_rng(1).normal(size=1_000_000)
        low, high = -20.0, 5.0
        for _ in range(40):
            middle = (low + high) / 2
            too_many = _logistic(middle + SLOPE * z).mean() > self.prevalence
            low, high = (low, middle) if too_many else (middle, high)
        return low

    @cached_property
    def out_of_fold(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The rows on which the own cuts are chosen."""
        return self.draw(4_000, np.random.default_rng(2))

    @cached_property
    def truth(self) -> dict[str, dict[str, float]]:
        """Every figure of every model, on four million rows."""
        found = judged(self.sides(4_000_000, np.random.default_rng(3)), n_draws=2)
        return {name: judged.points for name, judged in found.items()}

    def draw(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Draw rows: labels, and each model's scores."""
        odds = self.intercept + SLOPE * rng.normal(size=n)
        y = rng.random(n) < _logistic(odds)
        shift = np.log((1 - self.prevalence) / self.prevalence)
        said = {"none": odds, "weighted": odds + shift, "noisy": odds + rng.normal(size=n)}
        return y, {name: _logistic(each) for name, each in said.items()}

    def sides(self, n: int, rng: np.random.Generator) -> dict[str, Sides]:
        """Draw a test part, beside the out-of-fold rows that stay the same."""
        y, scores = self.draw(n, rng)
        y_oof, oof = self.out_of_fold
        fold = np.arange(len(y_oof)) % 5
        return {name: Sides(y, scores[name], y_oof, oof[name], fold, True) for name in scores}


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def judged(sides: dict[str, Sides], **draws: int) -> dict[str, Judged]:
    """Judge models as `fit_eval` does."""
    return judge(sides, Resamples(sides["none"].y, **draws), Resamples(sides["none"].y_oof, n_draws=2))[0]


def simulated(world: World, n: int, simulations: int) -> Iterator[dict[str, tuple[bool, bool]]]:
    """For each test part yield, by figure, whether its interval holds the truth, and whether all differences' do."""
    truth = world.truth
    figures = [name for kind in KINDS for name in names(kind)]
    figures += [f"{name}_tuned" for name in names("decision")]
    for seed in range(simulations):
        found = judged(world.sides(n, np.random.default_rng([4, seed])), seed=seed)
        none = found["none"]
        yield {
            name: (
                none.low[name] <= truth["none"][name] <= none.high[name],
                all(
                    low <= truth[other][name] - truth["none"][name] <= high
                    for other, (_, low, high) in differences(found, name).items()
                ),
            )
            for name in figures
        }


def report(n: int, prevalence: float, simulations: int, *, bound: bool) -> bool:
    """Print the coverage of every interval; say whether one misses the bound."""
    world = World(prevalence)
    found = list(simulated(world, n, simulations))
    print(f"\n{n:,} test rows, {prevalence:.0%} positive, {simulations} test parts")
    print(f"{'figure':26}{'truth':>8}{'interval':>10}{'differences, all at once':>27}")
    missed = []
    for name in found[0]:
        own, apart = np.mean([each[name] for each in found], axis=0)
        print(f"{name:26}{world.truth['none'][name]:8.3f}{own:10.3f}{apart:27.3f}")
        missed += [name] if not LEAST <= own <= MOST else []
    if bound:
        print(f"outside {LEAST} to {MOST:.2f}: {', '.join(missed) or 'none'}")
    return bound and bool(missed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=1_000)
    simulations = parser.parse_args().simulations
    failed = report(*REALISTIC, simulations, bound=True)
    report(*SMALL, simulations, bound=False)
    sys.exit(failed)


if __name__ == "__main__":
    main()
