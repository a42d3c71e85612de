"""How often the 95 % intervals of `fit_eval` hold the truth, on test sets drawn from known models.

Every frame is drawn anew and split by class, so that the share of positives varies from frame to frame; nothing is fitted.

- The world: a row's score z is normal and its probability of being positive is 1 / (1 + exp(-(a + 2 z))). The truth of each
  figure comes from a very large sample. The tuned threshold is fixed: it is chosen once, on out-of-fold rows that stay the same.
- Few positives: each figure where it is hardest, beside the bound that it must reach.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from scipy.stats import norm

from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.figures import Scores
from imbalance_accessor.metrics.measure import Figures, differences, measure
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import KINDS, metric_names
from imbalance_accessor.metrics.thresholds import ThresholdGrid

LEAST, MOST = 0.92, 1.00
#: Rows and share of positives: a realistic test set, which must reach the bounds, and a small one, which is shown.
REALISTIC, SMALL = (2_000, 0.10), (400, 0.05)
SLOPE = 2.0
#: The test set is one row in so many of the frame.
FRAME = 5


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
        """The rows on which the tuned thresholds are chosen."""
        return self.draw(4_000, np.random.default_rng(2))

    @cached_property
    def truth(self) -> dict[str, dict[str, float]]:
        """Every figure of every model, on four million rows."""
        found = evaluated(self.sides(4_000_000, np.random.default_rng(3), split=False), n_draws=2)
        return {name: each.points for name, each in found.items()}

    def draw(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Draw rows: labels, and each model's scores."""
        odds = self.intercept + SLOPE * rng.normal(size=n)
        y = rng.random(n) < _logistic(odds)
        shift = np.log((1 - self.prevalence) / self.prevalence)
        said = {"none": odds, "weighted": odds + shift, "noisy": odds + rng.normal(size=n)}
        return y, {name: _logistic(each) for name, each in said.items()}

    def test_part(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Draw a frame and split it by class; return the test set."""
        y, scores = self.draw(FRAME * n, rng)
        held_out = split_by_class(y, n)
        return y[held_out], {name: each[held_out] for name, each in scores.items()}

    def sides(self, n: int, rng: np.random.Generator, *, split: bool = True) -> dict[str, LabelledScores]:
        """Draw a test set, beside the out-of-fold rows that stay the same."""
        y, scores = self.test_part(n, rng) if split else self.draw(n, rng)
        y_oof, oof = self.out_of_fold
        fold = np.arange(len(y_oof)) % 5
        return {name: LabelledScores(y, scores[name], y_oof, oof[name], fold, True) for name in scores}


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def split_by_class(y: np.ndarray, n: int) -> np.ndarray:
    """Return the first rows of each class, n in all and at least one of each, in the shares that the frame has."""
    positives = min(max(round(n * y.mean()), 1), n - 1)
    return np.concatenate([np.flatnonzero(y)[:positives], np.flatnonzero(~y)[: n - positives]])


def drawn(y: np.ndarray, frame_rows: int, **draws: int) -> Resamples:
    """Draw rows of a part that was split by class, as `fit_eval` does."""
    return Resamples(y, stratified=True, frame_rows=frame_rows, **draws)


def evaluated(sides: dict[str, LabelledScores], **draws: int) -> dict[str, Figures]:
    """Measure models on the test set as `fit_eval` does."""
    y = sides["none"].y
    scores = {name: each.on_test(each.tuned_threshold("f1")) for name, each in sides.items()}
    return measure(scores, drawn(y, FRAME * len(y), **draws))


def simulated(world: World, n: int, simulations: int) -> Iterator[dict[str, tuple[bool, bool]]]:
    """For each test set yield, by figure, whether its interval holds the truth, and whether all differences' do."""
    truth = world.truth
    figures = [name for kind in KINDS for name in metric_names(kind)]
    figures += [f"{name}_tuned" for name in metric_names("decision")]
    for seed in range(simulations):
        found = evaluated(world.sides(n, np.random.default_rng([4, seed])), seed=seed)
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
    """Print the coverage of every interval; say whether one misses the bound by more than two Monte-Carlo errors."""
    world = World(prevalence)
    found = list(simulated(world, n, simulations))
    error = (0.95 * 0.05 / simulations) ** 0.5
    print(f"\n{n:,} test rows, {prevalence:.0%} positive, {simulations} test sets, error {error:.3f} at 0.95")
    print(f"{'figure':26}{'truth':>8}{'interval':>10}{'differences, all at once':>27}")
    missed = []
    for name in found[0]:
        own, apart = np.mean([each[name] for each in found], axis=0)
        print(f"{name:26}{world.truth['none'][name]:8.3f}{own:10.3f}{apart:27.3f}")
        error = (own * (1 - own) / simulations) ** 0.5
        missed += [name] if own + 2 * error < LEAST or own - 2 * error > MOST else []
    if bound:
        print(f"outside {LEAST} to {MOST:.2f}: {', '.join(missed) or 'none'}")
    return bound and bool(missed)


@dataclass(frozen=True)
class Case:
    """A figure at few positives.

    Attributes
    ----------
    name : str
    covered : callable
        From a seed to whether its interval holds the truth.
    least, most : float
        The coverage that it must have, but for two Monte-Carlo errors.
    """

    name: str
    covered: Callable[[int], bool]
    least: float
    most: float = 1.0


def mean_of_recalls(metric: str, positives: int, seed: int) -> bool:
    """Whether an interval holds the mean, or geometric mean, of a recall of .95 and a specificity of .9."""
    recall, specificity = 0.95, 0.9
    truth = (recall + specificity) / 2 if metric == "balanced_accuracy" else (recall * specificity) ** 0.5
    rng = np.random.default_rng([5, positives, seed])
    y = np.arange(20 * positives) < positives
    flag = rng.random(len(y)) < np.where(y, recall, 1 - specificity)
    found = measure({"": Scores(y, flags={"": flag})}, Resamples(y, n_draws=2))[""]
    return found.low[metric] <= truth <= found.high[metric]


def roc_auc(truth: float, positives: int, negatives: int, seed: int) -> bool:
    """Whether an interval holds the area between two normal classes of one variance."""
    rng = np.random.default_rng([6, positives, negatives, round(1000 * truth), seed])
    y = np.arange(positives + negatives) < positives
    score = rng.normal(size=len(y)) + y * norm.ppf(truth) * 2**0.5
    resamples = drawn(y, FRAME * len(y), seed=seed, n_draws=400)
    found = measure({"": Scores(y, score)}, resamples)[""]
    return found.low["roc_auc"] <= truth <= found.high["roc_auc"]


def loss(world: World, metric: str, positives: int, model: str, seed: int) -> bool:
    """Whether an interval holds a model's Brier score, or log loss, on all rows that there might be."""
    rng = np.random.default_rng([7, positives, seed])
    y, scores = world.test_part(round(positives / world.prevalence), rng)
    resamples = drawn(y, FRAME * len(y), seed=seed)
    found = measure({"": Scores(y, p=scores[model])}, resamples)[""]
    return found.low[metric] <= world.truth[model][metric] <= found.high[metric]


def f1_differences(positives: int, spread: float, seed: int) -> bool:
    """Whether all differences in F1 hold at once, of four rules to a fifth on the same rows.

    Two normal classes in five features, 5 % positive; each rule is a linear score whose coefficients vary by `spread`, at the
    threshold where F1 was best on as many other rows. Its F1 on all rows that there might be has a closed form.
    """
    rng, prevalence, n = np.random.default_rng([8, positives, seed]), 0.05, 20 * positives
    mean = np.full(5, 1.6 / 5**0.5)
    coefficients = mean + spread * rng.normal(size=(5, 5)) * (np.arange(5) > 0)[:, None]

    def rows(size: int) -> tuple[np.ndarray, np.ndarray]:
        y = rng.random(size) < prevalence
        return y, rng.normal(size=(size, 5)) + y[:, None] * mean

    y, X = rows(n)
    objective, thresholds = Objective("f1"), []
    for each in coefficients:
        table = ThresholdGrid(y, X @ each).table
        thresholds.append(table.thresholds[table.choose(objective)[0]])
    y, X = rows(round(1.25 * n))  # a frame, of which four rows in five are scored out of fold
    part = split_by_class(y, n)
    y, X = y[part], X[part]
    flags = [X @ each >= threshold for each, threshold in zip(coefficients, thresholds, strict=True)]
    scores = {name: Scores(y, flags={"": flag}) for name, flag in zip(["none", *"abcd"], flags, strict=True)}
    found: dict[str, Figures] = measure(scores, drawn(y, round(1.25 * n), seed=seed))
    length = np.linalg.norm(coefficients, axis=1)
    recall, alarms = norm.sf((thresholds - coefficients @ mean) / length), norm.sf(thresholds / length)
    truth = 2 * prevalence * recall / (prevalence * (1 + recall) + (1 - prevalence) * alarms)
    ends = differences(found, "f1").values()
    return all(
        low < high and low <= t - truth[0] <= high for t, (_, low, high) in zip(truth[1:], ends, strict=True)
    )


def few_positives() -> Iterator[Case]:
    """Yield every figure where it is hardest."""
    for metric in ("balanced_accuracy", "g_mean"):
        for positives in (8, 20, 50):
            name = f"{metric}, {positives} positives, recall .95"
            yield Case(name, partial(mean_of_recalls, metric, positives), 0.90)
    for positives in (10, 20):
        for truth, negatives in ((0.75, 200), (0.9, 200), (0.98, 200), (0.9, 2000)):
            name = f"roc_auc {truth:g}, {positives} and {negatives:,} rows"
            yield Case(name, partial(roc_auc, truth, positives, negatives), 0.93)
    world = World(0.05)
    for metric in ("brier", "log_loss"):
        for positives in (4, 20):
            for model in ("none", "weighted"):
                name = f"{metric} of {model!r}, {positives} positives"
                yield Case(name, partial(loss, world, metric, positives, model), 0.90, 0.98)
    for positives in (20, 50):
        for spread in (0.05, 0.15, 0.4):
            name = f"F1 differences, {positives} positives, rules apart by {spread}"
            yield Case(name, partial(f1_differences, positives, spread), 0.90)


def report_few_positives(simulations: int) -> bool:
    """Print the coverage at few positives; say whether one misses its bound by more than two Monte-Carlo errors."""
    print(f"\nfew positives, {simulations} test sets each")
    print(f"{'figure':54}{'interval':>9}{'error':>8}{'bound':>14}")
    missed = []
    for case in few_positives():
        share = float(np.mean([case.covered(seed) for seed in range(simulations)]))
        error = (share * (1 - share) / simulations) ** 0.5
        print(f"{case.name:54}{share:9.3f}{error:8.3f}{case.least:9.2f} to {case.most:.2f}", flush=True)
        missed += [case.name] if share + 2 * error < case.least or share - 2 * error > case.most else []
    print(f"outside its bounds: {', '.join(missed) or 'none'}")
    return bool(missed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=1_000)
    parser.add_argument("--few", action="store_true", help="few positives alone")
    options = parser.parse_args()
    failed = report_few_positives(options.simulations)
    if not options.few:
        failed |= report(*REALISTIC, options.simulations, bound=True)
        report(*SMALL, options.simulations, bound=False)
    sys.exit(failed)


if __name__ == "__main__":
    main()
