"""What a process keeps of 1,000 calls of `smote` on one frame of 300,000 rows, and what `counts` takes for looking there.

Bytes are those of resident memory, after freed memory was handed back; `counts` is looked at on the frame itself, and on
other rows with its columns. With `--ratio 1` each call makes 235,000 rows, and the oldest are soon forgotten.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import statistics
import time

import numpy as np
import pandas as pd
import psutil

import imbalance_accessor as imb

MOST_BYTES, MOST_SECONDS = 100e6, 0.020


def drawn(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, 6)), columns=list("abcdef")).assign(
        y=rng.permutation(n) < n // 100
    )


def seconds(frame: pd.DataFrame) -> float:
    taken = []
    for _ in range(21):
        start = time.perf_counter()
        imb.counts(frame, "y")
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def resident() -> int:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(psutil.Process().memory_info().rss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--ratio", type=float, default=0.05)
    asked = parser.parse_args()
    frame, others = drawn(asked.rows, 0), drawn(asked.rows, 1)
    without = seconds(frame)
    imb.smote(frame, "y", ratio=asked.ratio)
    once, before = seconds(frame), resident()
    for seed in range(1, asked.calls):
        imb.smote(frame, "y", ratio=asked.ratio, random_state=seed)
    held, own, other = resident() - before, seconds(frame), seconds(others)
    print(f"counts: {without * 1e3:.1f} ms before any call, {once * 1e3:.1f} ms after one,", end=" ")
    print(
        f"{own * 1e3:.1f} ms after {asked.calls:,}, {other * 1e3:.1f} ms on other rows; {held / 1e6:.0f} MB held"
    )
    if held > MOST_BYTES or own > MOST_SECONDS:
        raise SystemExit("more than 100 MB, or counts above 20 ms")


if __name__ == "__main__":
    main()
