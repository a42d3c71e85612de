"""From `df.imb.counts("churn")` on the embedded frame to its card, in fresh processes.

`call` is the verb itself. What its card takes on top: `first` with the picture and all
that is imported for it (matplotlib, jinja2), `again` once the picture is drawn, `next` for a new result of the same
process, picture included. The peer draws ``Series.value_counts().plot.barh()`` into a PNG, first and again.
Sides take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys

MOST_AGAIN, MOST_FIRST = 0.3, 1.0

OURS = """
import json, time
import imbalance_accessor as imb
df, times = imb.make_churn(), {}

def timed(name, work):
    start = time.perf_counter()
    done = work()
    times[name] = time.perf_counter() - start
    return done

result = timed("call", lambda: df.imb.counts("churn"))
timed("first", result._repr_html_)
timed("again", result._repr_html_)
other = df.imb.counts("churn")
timed("next", other._repr_html_)
print(json.dumps(times))
"""
PEER = """
import io, json, time
import imbalance_accessor as imb
df, times = imb.make_churn(), {}
for name in ("first", "next"):
    start = time.perf_counter()
    ax = df["churn"].value_counts().plot.barh()
    ax.figure.savefig(io.BytesIO(), format="png")
    times[name] = time.perf_counter() - start
    ax.figure.clear()
print(json.dumps(times))
"""


def taken(code: str) -> dict[str, float]:
    environment = {**os.environ, "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    count = parser.parse_args().rounds
    taken(OURS), taken(PEER)  # bytecode, disk and font caches
    rounds = [(taken(OURS), taken(PEER)) for _ in range(count)]
    ours, peer = (medians(list(side)) for side in zip(*rounds, strict=True))
    print(f"counts, embedded frame, medians of {count} fresh processes")
    print(f"  call         {ours['call']:.3f} s")
    for name, bound in (("first", MOST_FIRST), ("next", MOST_AGAIN)):
        against = f"{ours[name] / peer[name]:.2f} × the peer's picture of {peer[name]:.3f} s"
        print(f"  {name + ' card':13}{ours[name]:.3f} s (at most {bound:g} s wanted), {against}")
    print(f"  same again   {ours['again']:.4f} s (at most {MOST_AGAIN:g} s wanted)")
    sys.exit(ours["first"] > MOST_FIRST or max(ours["again"], ours["next"]) > MOST_AGAIN)


if __name__ == "__main__":
    main()
