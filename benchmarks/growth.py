"""How the time of each verb grows with the rows: 10,000, 100,000 and 1,000,000 of them, 10 columns, in fresh processes.

The exponent is fitted by least squares to the logarithms of all three, and between the last two alone, where constant
costs weigh less; the larger of them is held to the bound. Neighbour searches grow faster, and are timed but not held to
it; so does the SVM, which is not timed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MARKER = "run.py --growth"
SIZES, MOST = (10_000, 100_000, 1_000_000), 1.15
#: Calls at one size: until so many seconds are spent, at most and at least so many.
SPENT, MOST_ROUNDS, LEAST_ROUNDS = 3.0, 7, 1
#: Neighbour searches: their time grows with the square of the rare rows, or nearly so.
EXEMPT = ("smote", "smote_few_columns")
HEAD = ("verb", *(f"{size:,} rows" for size in SIZES), "exponent", "last decade", "at most", "held?")


def frame(n: int) -> pd.DataFrame:
    """Return 10 continuous features, 2 % rare rows, and a column of scores for the verbs that take one."""
    from frames import continuous, scored

    df = continuous(n, 10, 0.02)
    return df.assign(p=scored(n, 0.02)[1])


def verbs() -> dict[str, Callable[[pd.DataFrame], Any]]:
    """Write each call as its user does, with what it returns read."""
    import imbalance_accessor as imb

    features = [f"x{place}" for place in range(10)]
    return {
        "overview": lambda df: repr(imb.overview(df[[*features, "y"]], "y")),
        "counts": lambda df: imb.counts(df, "y").frame,
        "weights": lambda df: imb.weights(df, "y").sample_weight,
        "split": lambda df: tuple(imb.split(df[[*features, "y"]], "y")),
        "smote": lambda df: tuple(imb.smote(df[[*features, "y"]], "y")),
        "smote_few_columns": lambda df: tuple(imb.smote(df[["x0", "x1", "x2", "y"]], "y")),
        "fit_eval": lambda df: (
            imb.fit_eval(df[[*features, "y"]], "y", strategies=("none", "class_weight"), progress=False).frame
        ),
        "best_threshold": lambda df: imb.best_threshold(df, "y", scores="p", progress=False).frame,
        "reliability": lambda df: imb.reliability(df, "y", scores="p", progress=False).frame,
        "leaks": lambda df: imb.leaks(df[[*features, "y"]], "y", progress=False).frame,
    }


def child(name: str) -> int:
    """Time one verb at every size, and print the medians as JSON."""
    from measuring import timed

    verb, found = verbs()[name], []
    timed(verb, frame(2_000))  # imports and caches
    for size in SIZES:
        df, taken = frame(size), []
        while len(taken) < LEAST_ROUNDS or (sum(taken) < SPENT and len(taken) < MOST_ROUNDS):
            taken.append(timed(verb, df)[0])
        found.append(float(np.median(taken)))
    print(json.dumps(found))
    return 0


def exponents(seconds: list[float]) -> tuple[float, float]:
    """Return the slope of log seconds over log rows: of all sizes, and of the last two."""
    rows, taken = np.log(SIZES), np.log(seconds)
    return tuple(float(np.polyfit(rows[last:], taken[last:], 1)[0]) for last in (0, -2))


def main(chosen: list[str], *, write: bool) -> bool:
    """Time the chosen verbs, print a table, and say whether one grows too fast."""
    from report import line, machine, seconds, table, write_block

    run = str(Path(__file__).with_name("run.py"))
    names = [name for name in verbs() if not chosen or name.startswith(tuple(chosen))]
    rows, missed = [], False
    print(*table(HEAD, []), sep="\n", flush=True)
    for name in names:
        command = [sys.executable, run, "--growth", "--child", name]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        taken = json.loads(done.stdout.splitlines()[-1])
        both = exponents(taken)
        verdict = "a neighbour search" if name in EXEMPT else "yes" if max(both) <= MOST else "no"
        missed |= verdict == "no"
        cells = (f"`{name}`", *map(seconds, taken), *(f"{each:.2f}" for each in both), f"{MOST}", verdict)
        rows.append(cells)
        print(line(cells), flush=True)
    print("", machine(), sep="\n")
    if write:
        write_block(MARKER, [machine(), "", *table(HEAD, rows)])
    return missed
