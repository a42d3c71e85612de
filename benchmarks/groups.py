"""Groups that mean nothing: how often `fit_eval(groups=)` claims that a strategy does better or worse than none.

Two Gaussian classes of one covariance, five features, 2,000 rows with 5 % positive, logistic regression; each row is put
into one of G groups at random. Fewer than ten groups say nothing; else differences are those of whole groups.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import imbalance_accessor as imb


def frame(seed: int, n_groups: int) -> pd.DataFrame:
    """Rows of two classes, in groups that have nothing to do with them."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(2_000) < 100)
    X = pd.DataFrame(rng.normal(size=(2_000, 5)) + 0.6 * y[:, None], columns=list("abcde"))
    return X.assign(y=y.astype(int), who=np.random.default_rng(seed + 1_000).integers(0, n_groups, 2_000))


def claimed(e: imb.Evaluation) -> tuple[list[str], list[str]]:
    """Return the strategies whose interval of average precision lies above and below that of none."""
    found, metric = e.differences, e.settings.metric
    above, below = found[f"{metric}_low"] > 0, found[f"{metric}_high"] < 0
    return list(found.index[above]), list(found.index[below])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=30)
    frames = parser.parse_args().frames
    for n_groups in (8, 20, 40):
        found = [
            claimed(imb.fit_eval(frame(seed, n_groups), "y", groups="who", progress=False))
            for seed in range(frames)
        ]
        better, worse = (sum(bool(each[side]) for each in found) for side in (0, 1))
        error = np.sqrt(max(p := (better + worse) / frames, 1 / frames) * (1 - p) / frames)
        print(
            f"{n_groups} groups: better {better}, worse {worse} of {frames} (Monte-Carlo error {error:.3f})"
        )


if __name__ == "__main__":
    main()
