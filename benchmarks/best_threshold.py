"""One million scores: time and memory of the search, beside one call of scikit-learn's precision-recall curve.

`verb` is `df.imb.best_threshold("y", scores="p", test_size=0).frame`: a check of the rows, folds, the threshold, those
without each fold, theory, findings, and every threshold with its figures. It is what is bound. For information, `report`
is the same with `.report` and `.threshold_ci` in place of `.frame`: their draws are made when they are asked for. `core` is
the table of every threshold, the best one for ten aims, the 95 % range of the first, and `.frame`. Time is the median of
interleaved rounds in this process; memory the peak of what is allocated beyond the two input arrays (tracemalloc, a run of
its own).
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tracemalloc
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pandas as pd
from frames import scored
from sklearn.metrics import precision_recall_curve

import imbalance_accessor as imb
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.registry import criteria
from imbalance_accessor.metrics.threshold_range import threshold_range
from imbalance_accessor.metrics.thresholds import ThresholdGrid, Tuning
from imbalance_accessor.verbs.best_threshold.fields import thresholds_frame

MOST_TIMES = 3.0
COSTS = Costs(fp=1.0, fn=20.0)
AIMS = (
    *(Objective(criterion) for criterion in criteria()),
    Objective("fbeta", beta=2.0),
    Objective("cost"),
    Objective("recall", constraints=(Constraint("precision", 0.5),)),
    Objective("precision", constraints=(Constraint("recall", 0.8),)),
    Objective("recall", constraints=(Constraint("flag_rate", 0.05),)),
)


def curve(y: Any, p: Any) -> None:
    precision_recall_curve(y, p)


def core(y: Any, p: Any) -> Any:
    """Search once for all aims, draw the range of the first, and lay out every threshold as `.frame` does."""
    grid = ThresholdGrid(y, p, COSTS)
    for objective in AIMS:
        grid.table.choose(objective)
    threshold_range(grid, Tuning(AIMS[0], len(y)))
    return thresholds_frame(grid.table, AIMS[0])


def verb(y: Any, p: Any) -> Any:
    return imb.best_threshold(pd.DataFrame({"y": y, "p": p}), "y", scores="p", test_size=0).frame


def report_of(y: Any, p: Any) -> Any:
    found: Any = imb.best_threshold(pd.DataFrame({"y": y, "p": p}), "y", scores="p", test_size=0)
    return found.report, found.threshold_ci


SIDES: dict[str, Callable[[Any, Any], Any]] = {
    "curve": curve,
    "verb": verb,
    "report": report_of,
    "core": core,
}


def seconds(work: Callable[[Any, Any], Any], y: Any, p: Any) -> float:
    gc.collect()
    start = perf_counter()
    work(y, p)
    return perf_counter() - start


def peak(work: Callable[[Any, Any], Any], y: Any, p: Any) -> float:
    """Return the peak of allocations as a multiple of the two input arrays."""
    gc.collect()
    tracemalloc.start()
    work(y, p)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / (y.nbytes + p.nbytes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rare", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    y, p = scored(given.rows, given.rare)
    for work in SIDES.values():  # imports and caches
        work(y[:20_000], p[:20_000])
    taken: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(given.rounds):
        for side, work in SIDES.items():
            taken[side].append(seconds(work, y, p))
    held = {side: peak(work, y, p) for side, work in SIDES.items()}
    sys.exit(report({side: statistics.median(each) for side, each in taken.items()}, held, given))


def report(taken: dict[str, float], held: dict[str, float], given: argparse.Namespace) -> bool:
    """Print time and memory side by side; say whether the bound is missed."""
    most = MOST_TIMES * taken["curve"]
    print(f"{given.rows:,} distinct scores, {given.rare:.1%} positive, median of {given.rounds} rounds")
    for side, seconds_ in taken.items():
        bound = f" (at most {MOST_TIMES:g} x curve = {most:.2f} s wanted)" if side == "verb" else ""
        print(f"  {side:8}{seconds_:.2f} s{bound}, {held[side]:.1f} x the input arrays")
    return bool(taken["verb"] > most)


if __name__ == "__main__":
    main()
