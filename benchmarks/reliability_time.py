"""One million scores in a column: the whole answer of `reliability`, with its bands, as it is and with calibrators.

`evaluated` is ``df.imb.reliability("y", scores="p", calibrators=())``: every row is reported. `calibrated` is the same with the
default calibrators, fitted on the train rows and reported on the test rows. Each ends with `.frame` and the card. Time is the
median of interleaved rounds in this process. `--profile` prints where the time of one call goes.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import statistics
import sys
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd

import imbalance_accessor as imb

MOST_SECONDS = 5.0


def rows(n: int, rare: float) -> pd.DataFrame:
    """Return labels and distinct scores of a model that says too much."""
    rng = np.random.default_rng(0)
    y = rng.random(n) < rare
    return pd.DataFrame({"y": y.astype(int), "p": 1 / (1 + np.exp(3 - 2 * y - rng.normal(size=n)))})


def evaluated(frame: pd.DataFrame) -> str:
    return answer(imb.reliability(frame, "y", scores="p", calibrators=(), progress=False))


def repaired(frame: pd.DataFrame) -> str:
    return answer(imb.reliability(frame, "y", scores="p", progress=False))


def answer(found: imb.Reliability) -> str:
    """Read what a notebook shows: the numbers and the words."""
    return f"{found.frame.shape} {found!r}"


SIDES: dict[str, Callable[[pd.DataFrame], str]] = {"judged": evaluated, "calibrated": repaired}


def seconds(work: Callable[[pd.DataFrame], str], frame: pd.DataFrame) -> float:
    gc.collect()
    start = perf_counter()
    work(frame)
    return perf_counter() - start


def profile(work: Callable[[pd.DataFrame], str], frame: pd.DataFrame) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(work, frame)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(35)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rare", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    frame = rows(given.rows, given.rare)
    for work in SIDES.values():  # imports and caches
        work(frame.iloc[:20_000])
    if given.profile:
        for work in SIDES.values():
            profile(work, frame)
        return
    taken: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(given.rounds):
        for side, work in SIDES.items():
            taken[side].append(seconds(work, frame))
    print(f"{given.rows:,} distinct scores, {given.rare:.1%} positive, median of {given.rounds} rounds")
    medians = {side: statistics.median(each) for side, each in taken.items()}
    for side, median in medians.items():
        print(f"  {side:10}{median:.2f} s (at most {MOST_SECONDS:g} s wanted)")
    sys.exit(max(medians.values()) > MOST_SECONDS)


if __name__ == "__main__":
    main()
