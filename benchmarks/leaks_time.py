"""The time of all leak checks, against one `fit_eval` and against one `DataFrame.duplicated`.

`leaks` divides the frame and runs every check, as every modelling verb does. On 100,000 × 30 it stands beside a logistic
`fit_eval` with default strategies (which runs the same checks itself), on 1,000,000 × 30 beside ``df.duplicated()``. Time
is the median of interleaved rounds in this process; peak memory of the checks is beside that of the frame.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tracemalloc
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd

import imbalance_accessor as imb
from imbalance_accessor.leakage.look import look
from imbalance_accessor.parts import divide
from imbalance_accessor.task import read_task

#: Share of a fit_eval's time, and how many times one `duplicated`.
OF_FIT_EVAL, OF_DUPLICATED = 0.15, 3.0


def frame(n: int) -> pd.DataFrame:
    """Return continuous rows, 5 % of them rare."""
    rng = np.random.default_rng(0)
    y = rng.random(n) < 0.05
    X = rng.normal(size=(n, 30)) + 0.3 * y[:, None]
    return pd.DataFrame(X, columns=[f"x{place}" for place in range(30)]).assign(y=y.astype(int))


def medians(sides: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, work in sides.items():
            gc.collect()
            start = perf_counter()
            work()
            taken[side].append(perf_counter() - start)
    return {side: statistics.median(each) for side, each in taken.items()}


def compared(n: int, name: str, other: Callable[[pd.DataFrame], object], rounds: int, most: float) -> bool:
    rows = frame(n)
    parts = divide(read_task(rows, "y"))
    look(parts)  # imports
    found = medians({"checks": lambda: look(parts), name: lambda: other(rows)}, rounds)
    ratio = found["checks"] / found[name]
    print(
        f"{n:,} × 30: checks {found['checks']:.2f} s, {name} {found[name]:.2f} s: {ratio:.2f} × (at most {most:g})"
    )
    return ratio <= most


def memory(n: int) -> None:
    rows = frame(n)
    parts = divide(read_task(rows, "y"))
    tracemalloc.start()
    look(parts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(
        f"{n:,} × 30: peak memory of the checks {peak / rows.memory_usage(index=False).sum():.2f} × the frame"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()

    def fitted(rows: pd.DataFrame) -> object:
        return imb.fit_eval(rows, "y", progress=False)

    def duplicated(rows: pd.DataFrame) -> object:
        return rows.duplicated()

    held = [
        compared(100_000, "fit_eval", fitted, given.rounds, OF_FIT_EVAL),
        compared(1_000_000, "duplicated", duplicated, given.rounds, OF_DUPLICATED),
    ]
    memory(1_000_000)
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
