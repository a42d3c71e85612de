"""Whether figures of a large table, of which a part is fitted on, are those of the model that made it.

The table: five normal features, log odds linear in them, about 0.6 % positive, as a lazy frame of polars. `fit_eval` draws
`max_rows` of it. Each figure of what is held out, with its 95 % interval, is held against what the model that is handed out comes
to on fresh rows, at the share of positives that the generating model has: the table's own differs from it by chance.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
import pandas as pd
import polars as pl
from prevalence import COST, FIGURES, fresh_rows, in_population, sides, truth

import imbalance_accessor as imb

ROWS, SAMPLED, SEEDS, HELD = 1_000_000, 50_000, 20, 17
FRESH = 400_000


def table(n: int, seed: int) -> pl.LazyFrame:
    """Return a table that no machine is asked to hold."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 5))
    y = rng.random(n) < truth(X)
    return pl.DataFrame({**dict(zip("abcde", X.T, strict=True)), "y": y.astype(np.int8)}).lazy()


def one(seed: int, *, n: int, sampled: int) -> dict[str, float]:
    """Return, for each figure, whether its interval holds the generating model's value."""
    e = imb.fit_eval(table(n, seed), "y", strategies=[], max_rows=sampled, random_state=seed, progress=False)
    t = e.best_threshold("none", cost=COST)
    X, counted = fresh_rows(FRESH, seed + 10**6)
    p = truth(X)
    share = float((p * counted).mean() / counted.mean())
    score = e.model("none").predict_proba(pd.DataFrame(X, columns=list("abcde")))[:, 1]
    wanted = in_population(score, *sides(p, counted, share), t.value)
    row, chosen, found = e.frame.loc["none"], t.report.loc["chosen"], {}
    for name in FIGURES:
        of = chosen if name in chosen and name not in ("average_precision", "log_loss", "brier") else row
        found[name] = float(of[f"{name}_low"] <= wanted[name] <= of[f"{name}_high"])
    return found


def main() -> int:
    """Print how often each figure is held; fail where that is too rare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--sampled", type=int, default=SAMPLED)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    asked = parser.parse_args()
    held = pd.DataFrame([one(seed, n=asked.rows, sampled=asked.sampled) for seed in range(asked.seeds)])
    print(f"{asked.rows:,} rows, {asked.sampled:,} of them drawn, {len(held)} tables")
    print(pd.DataFrame({"held": held.sum().astype(int), "of": len(held)}))
    return int(held.sum().min() < HELD * len(held) / SEEDS)


if __name__ == "__main__":
    sys.exit(main())
