"""From `df.imb.counts("churn")` on the embedded frame to its card, in fresh processes.

`call` is the verb itself. What its card takes on top: `first` with the picture and all
that is imported for it (matplotlib, jinja2), `again` once the picture is drawn, `next` for a new result of the same
process, picture included. The peer draws ``Series.value_counts().plot.barh()`` into a PNG, first and again.
Sides take turns.

Then from `df.imb.fit_eval("churn")` to its card: a newcomer's first answer, all imports included, and the next one. The
processor's seconds beside it hardly depend on what else runs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys

MOST_AGAIN, MOST_FIRST, MOST_ANSWER = 0.3, 1.0, 3.0

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
ANSWER = """
import json, time
import imbalance_accessor as imb
df, times = imb.make_churn(), {}
for name in ("first", "next"):
    start, computed = time.perf_counter(), time.process_time()
    df.imb.fit_eval("churn", progress=False)._repr_html_()
    times[name] = time.perf_counter() - start
    times[f"{name} computed"] = time.process_time() - computed
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
    taken(OURS), taken(PEER), taken(ANSWER)  # bytecode, disk and font caches
    rounds = [(taken(OURS), taken(PEER), taken(ANSWER)) for _ in range(count)]
    ours, peer, answer = (medians(list(side)) for side in zip(*rounds, strict=True))
    print(f"counts, embedded frame, medians of {count} fresh processes")
    print(f"  call         {ours['call']:.3f} s")
    for name, bound in (("first", MOST_FIRST), ("next", MOST_AGAIN)):
        against = f"{ours[name] / peer[name]:.2f} × the peer's picture of {peer[name]:.3f} s"
        print(f"  {name + ' card':13}{ours[name]:.3f} s (at most {bound:g} s wanted), {against}")
    print(f"  same again   {ours['again']:.4f} s (at most {MOST_AGAIN:g} s wanted)")
    print(f"fit_eval and its card, medians of {count} fresh processes")
    for name, bound in (("first", f" (at most {MOST_ANSWER:g} s wanted)"), ("next", "")):
        computed = f"{answer[f'{name} computed']:.2f} s of the processor"
        print(f"  {name + ' answer':13}{answer[name]:.2f} s{bound}, {computed}")
    is_late = ours["first"] > MOST_FIRST or max(ours["again"], ours["next"]) > MOST_AGAIN
    sys.exit(is_late or answer["first"] > MOST_ANSWER)


if __name__ == "__main__":
    main()
