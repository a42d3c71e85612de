"""Time and peak memory of `fit_eval` with default settings on a file, against the same work written by hand.

Each run is a fresh process, ours and the loop's in turn. Imports and reading the file are not timed; peak memory is
the process's own (`ru_maxrss`), workers of a pool not included.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from agreement import MOST_APART, furthest

MOST_TIME, MOST_MEMORY = 1.0, 1.5
SIDES = ("ours", "loop")


def child(side: str, file: str, target: str) -> None:
    """Do one side's work once, and print seconds, peak memory and figures as JSON."""
    import pandas as pd

    df = pd.read_csv(file)
    if side == "ours":
        from imbalance_accessor.verbs.fit_eval import fit_eval

        start = perf_counter()
        frame = fit_eval(df, target).frame
    else:
        from peers.fit_eval_loop import fit_eval_loop

        start = perf_counter()
        frame = fit_eval_loop(df, target)
    taken = perf_counter() - start
    scale = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20
    print(json.dumps({"seconds": taken, "peak": peak, "figures": frame.T.to_dict()}))


def run(side: str, file: str, target: str) -> dict[str, Any]:
    """Start one side in a fresh process and return what it printed."""
    command = [sys.executable, __file__, file, target, "--child", side]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="a CSV file; made frames are in run.py")
    parser.add_argument("target")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", choices=SIDES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.file, given.target)
        return
    rounds = []
    for number in range(given.rounds):
        rounds.append({side: run(side, given.file, given.target) for side in SIDES})
        shown = ", ".join(f"{side} {rounds[-1][side]['seconds']:.1f} s" for side in SIDES)
        print(f"round {number + 1}: {shown}", flush=True)
    failed = report(rounds, Path(given.file).name)
    sys.exit(failed)


def report(rounds: list[dict[str, Any]], name: str) -> bool:
    """Print medians, ratios and the largest difference; say whether a bound is missed."""
    seconds, peak = (
        {side: statistics.median(each[side][key] for each in rounds) for side in SIDES}
        for key in ("seconds", "peak")
    )
    apart, whose = furthest(rounds[0]["ours"]["figures"], rounds[0]["loop"]["figures"])
    time_ratio, memory_ratio = (each["ours"] / each["loop"] for each in (seconds, peak))
    print(f"{name}, median of {len(rounds)}")
    print(f"  time         ours {seconds['ours']:.1f} s, loop {seconds['loop']:.1f} s")
    print(f"  peak memory  ours {peak['ours']:.0f} MiB, loop {peak['loop']:.0f} MiB")
    print(f"  time ratio   {time_ratio:.2f} (at most {MOST_TIME:.2f} wanted)")
    print(f"  memory ratio {memory_ratio:.2f} (at most {MOST_MEMORY:.2f} wanted)")
    print(f"  largest difference of a figure {apart:.1e} ({whose}; at most {MOST_APART:.0e} wanted)")
    return time_ratio > MOST_TIME or memory_ratio > MOST_MEMORY or not apart <= MOST_APART


if __name__ == "__main__":
    main()
