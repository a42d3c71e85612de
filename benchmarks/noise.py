"""On pure noise no strategy may look good: average precision on test must lie where a random ranker's lies."""

from __future__ import annotations

import argparse
import sys

import numpy as np
from frames import pure_noise
from sklearn.metrics import average_precision_score

from imbalance_accessor.verbs.fit_eval import fit_eval

LEAST = 0.88
FRAMES = {"logistic": 100, "forest": 20}


def no_skill_band(n: int, positives: int, draws: int = 20_000, seed: int = 0) -> tuple[float, float]:
    """Simulate the 95 % range of a random ranker's average precision on n rows."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) < positives
    found = [average_precision_score(y, rng.random(n)) for _ in range(draws)]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def scores_on_noise(model: str, seed: int) -> np.ndarray:
    """Return the average precision of every strategy on one frame of noise, each fitted strategy once."""
    evaluation = fit_eval(pure_noise(seed=seed), "y", model=model, random_state=seed, progress=False)
    frame = evaluation.frame.drop(index="dummy")
    return frame["average_precision"].to_numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for model, frames in FRAMES.items():
        parser.add_argument(f"--{model}", type=int, default=frames, help="how many frames")
    given = vars(parser.parse_args())
    low, high = no_skill_band(n=400, positives=20)
    print(f"a random ranker on 400 rows with 20 positives: 95 % between {low:.3f} and {high:.3f}")
    missed = False
    for model in FRAMES:
        if not given[model]:
            continue
        found = np.array([scores_on_noise(model, seed) for seed in range(given[model])])
        inside = (found >= low) & (found <= high)
        share = inside.mean()
        missed |= share < LEAST
        print(
            f"{model}: {inside.sum()} of {inside.size} scores inside, {share:.1%} (at least {LEAST:.0%} wanted); "
            f"all {found.shape[1]} strategies inside on {inside.all(axis=1).mean():.0%} of {len(found)} frames; "
            f"mean {found.mean():.3f}",
            flush=True,
        )
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
