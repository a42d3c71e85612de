"""How long a frame of 30 columns, ten of them text, is read: `overview` against pandas' own `describe(include="all")`.

The text is categories of 2 to 50,000 levels, an id, dates, and numbers written as text, with hundreds of thousands of
different cells. The growth is the time for four times the rows, divided by four: 1 where reading grows with the rows.
Sides take turns.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import pandas as pd

import imbalance_accessor as imb

MOST_GROWTH = 1.5


def written(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns = {f"number_{place}": rng.normal(size=n) for place in range(10)}
    columns |= {
        f"whole_{place}": rng.integers(0, most, n)
        for place, most in enumerate([2, 10, 1_000, 10**6, 10**9] * 2)
    }
    for place, levels in enumerate((2, 5, 30, 300, 5_000, 50_000)):
        columns[f"text_{place}"] = np.array([f"level {each}" for each in range(levels)])[
            rng.integers(0, levels, n)
        ]
    days = pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 2_000, n), unit="D")
    columns["id"] = [f"u{each:07d}" for each in range(n)]
    columns["charges"] = np.where(rng.uniform(size=n) < 0.01, " ", np.char.mod("%.2f", rng.gamma(2, 700, n)))
    columns["income"] = [f"${each:,.0f}" for each in rng.gamma(2, 30_000, n)]
    columns["day"] = days.strftime("%d/%m/%Y")
    return pd.DataFrame(columns).assign(y=rng.uniform(size=n) < 0.05)


def seconds(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the seconds of both sides."""
    start = time.perf_counter()
    imb.overview(frame, "y")
    between = time.perf_counter()
    frame.describe(include="all")
    return between - start, time.perf_counter() - between


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    large, small = written(asked.rows), written(asked.rows // 4)
    seconds(small)  # libraries are loaded
    rounds = [(*seconds(large), seconds(small)[0]) for _ in range(asked.rounds)]
    ours, peer, quarter = (statistics.median(each) for each in zip(*rounds, strict=True))
    growth = ours / quarter / 4
    print(
        f"overview {ours:.2f} s, {ours / peer:.2f} x describe(include='all') ({peer:.2f} s); growth {growth:.2f}"
    )
    if growth > MOST_GROWTH:
        raise SystemExit(f"reading grows faster than the rows: {growth:.2f}")


if __name__ == "__main__":
    main()
