"""Tables that no memory holds: `counts` against the engine's own count of values, the sample of a fit, and peak memory.

Made Parquet parts of nine numbers and a label; an engine a process, each call the median of some rounds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

import imbalance_accessor as imb
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import MOST_ROWS, draw_sample
from imbalance_accessor.data.lazy.tables import table_of

ENGINES = ("polars", "duckdb", "dask")
#: `counts` at most so many times as long as the engine's own count.
BOUND = 1.2


def write_parts(folder: Path, rows: int, parts: int, share: float) -> None:
    """Write rows whose label depends on three of nine numbers, about so many of them positive."""
    rng = np.random.default_rng(0)
    for part in range(parts):
        x = rng.normal(size=(rows // parts, 9)).astype(np.float32)
        score = 1.2 * x[:, :3].sum(axis=1)
        odds = np.exp(score + np.log(share) - 1.2**2 * 3 / 2)  # whose mean is the share, where that is small
        y = (rng.random(len(x)) < odds / (1 + odds)).astype(np.int8)
        frame = pd.DataFrame(x, columns=[f"x{each}" for each in range(9)]).assign(y=y)
        frame.to_parquet(folder / f"part{part:04}.parquet", index=False)


def opened(engine: str, folder: str) -> Any:
    if engine == "polars":
        return importlib.import_module("polars").scan_parquet(f"{folder}/*.parquet")
    return importlib.import_module("duckdb" if engine == "duckdb" else "dask.dataframe").read_parquet(
        f"{folder}/*.parquet"
    )


def own_count(engine: str, given: Any) -> Any:
    """Count the labels as one would without the package."""
    if engine == "polars":
        return given.group_by("y").len().collect(engine="streaming")
    if engine == "duckdb":
        return given.aggregate("y, count(*)", "y").fetchall()
    return given["y"].value_counts().compute()


def peak() -> float:
    """Return the most memory that this process had, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def seconds(rounds: int, *works: Callable[[], Any]) -> list[float]:
    """Return the median of some rounds, in each of which every work is done in turn."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, taken in zip(works, found, strict=True):
            start = perf_counter()
            work()
            taken.append(perf_counter() - start)
    return [median(each) for each in found]


def measured(engine: str, folder: str, rounds: int) -> dict[str, float]:
    """Measure an engine in this process."""
    (
        own_count(engine, opened(engine, folder)),
        imb.counts(opened(engine, folder), "y"),
    )  # files are in the cache then
    own, ours = seconds(
        rounds,
        lambda: own_count(engine, opened(engine, folder)),
        lambda: imb.counts(opened(engine, folder), "y"),
    )
    found = {"own": own, "counts": ours, "ratio": ours / own, "peak_of_counts": peak()}

    def drawn() -> None:
        table = table_of(opened(engine, folder))
        draw_sample(table, count_labels(table, "y", None), most=MOST_ROWS, seed=0)

    return found | {"sample": seconds(1, drawn)[0], "peak_of_sample": peak()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--parts", type=int, default=10)
    parser.add_argument("--share", type=float, default=0.0005)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", nargs="+", default=ENGINES, choices=ENGINES)
    parser.add_argument("--here", nargs=2, metavar=("ENGINE", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measured(*given.here, given.rounds)))
        return 0
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        write_parts(Path(folder), int(given.rows), given.parts, given.share)
        for engine in given.engines:
            call = [sys.executable, __file__, "--rounds", str(given.rounds), "--here", engine, folder]
            done = subprocess.run(call, capture_output=True, text=True, check=True)
            rows.append({"engine": engine, **json.loads(done.stdout.splitlines()[-1])})
    print(f"{given.rows:,.0f} rows in {given.parts} parts; seconds, and GB at most")
    print(pd.DataFrame(rows).set_index("engine").round(2).to_string())
    return int(max(each["ratio"] for each in rows) > BOUND)


if __name__ == "__main__":
    sys.exit(main())
