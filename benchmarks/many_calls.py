"""Calls in many threads: what each waits for the others, and how soon a call ends when it is interrupted.

A call beside another thread whose fit only sleeps must take no more than 1.5 times what it takes alone: nothing is computed
beside it. Calls in eight threads wait for Python's interpreter, as any do: beside ours stand plain calls of pandas and
scikit-learn. The interrupts are those of `tests/interrupted.py`: at places of every verb's way, and in fits here, in threads,
and in processes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.naive_bayes import GaussianNB

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from many_at_once import CALLS, FITS, WORK, Prevalence, fitted, frame, in_a_pool  # noqa: E402  a module of the tests

import imbalance_accessor as imb  # noqa: E402

#: At most so many times as long as alone.
BOUND = 1.5
LONG = 120.0
QUICK = {"strategies": ["none", "class_weight"], "cv": 3, "progress": False}
#: What is called beside a thread that sleeps: here, in threads of our own, in a pool.
BESIDE = {
    "counts": lambda: imb.counts(imb.make_churn(2_000), "churn"),
    "leaks": lambda: imb.leaks(imb.make_churn(2_000), "churn"),
    "fit_eval, logistic": lambda: imb.fit_eval(imb.make_churn(2_000), "churn", **QUICK),
    "fit_eval, forest": lambda: imb.fit_eval(imb.make_churn(2_000), "churn", model="forest", **QUICK),
    "fit_eval, pool of threads": lambda: in_a_pool(Prevalence("does not converge")),
}
#: In eight threads: models that fit in pools start threads beside them, which are left out here.
MIXED = [name for name in (*CALLS, *FITS) if "pool" not in name and "threads" not in name and name != "stops"]


def taken(call: Any) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def beside_a_sleeper(rounds: int) -> dict[str, float]:
    """Return how many times as long each call takes beside a thread that is asleep in its fit."""
    found = {}
    for name, call in BESIDE.items():
        call()
        ratios = []
        for _ in range(rounds):
            alone = taken(call)
            asleep, awake = threading.Event(), threading.Event()
            WORK["sleeps"] = lambda asleep=asleep, awake=awake: (asleep.set(), awake.wait(LONG))[0]
            thread = threading.Thread(target=fitted, args=(Prevalence("sleeps"),))
            thread.start()
            asleep.wait(LONG)
            ratios.append(taken(call) / alone)
            awake.set()
            thread.join()
        found[name] = median(ratios)
    return found


def mixed(work: list[Callable[[], Any]], rounds: int, threads: int = 8) -> float:
    """Return how many times as long calls take in threads as one after another."""
    ratios = []
    for _ in range(rounds):
        in_turn = taken(lambda: [call() for call in work])
        with ThreadPoolExecutor(threads) as pool:
            ratios.append(taken(lambda pool=pool: list(pool.map(lambda call: call(), work))) / in_turn)
    return median(ratios)


def ours() -> list[Callable[[], Any]]:
    """Return our calls of every kind."""

    def tried(name: str) -> None:
        with suppress(imb.ImbalanceError):  # of the calls that are wrong
            (CALLS | FITS)[name]()

    return [partial(tried, name) for name in MIXED] * 4


def plain() -> list[Callable[[], Any]]:
    """Return plain calls of about as long: a count, a split, and cross-validations."""
    X, y = frame()[["a", "b"]], frame()["y"]
    count, split = y.value_counts, partial(train_test_split, X, y, stratify=y)
    fits = [partial(cross_val_score, model, X, y, cv=3) for model in (LogisticRegression(), GaussianNB())]
    return [count, split, *fits] * 40


def interrupts() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        (there := Path(folder, "there")).mkdir()
        words = [sys.executable, str(HERE.parent / "tests" / "interrupted.py"), "everywhere", str(there)]
        env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "MPLBACKEND": "agg", "TMPDIR": folder}
        done = subprocess.run(
            words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
        )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each call is timed")
    rounds = parser.parse_args().rounds
    print("| call beside a thread that sleeps in its fit | time, alone = 1 |", "| --- | ---: |", sep="\n")
    ratios = beside_a_sleeper(rounds)
    print(*(f"| {name} | {ratio:.2f} |" for name, ratio in ratios.items()), sep="\n", flush=True)
    print(
        "\n| calls of every kind in eight threads | time, one after another = 1 |", "| --- | ---: |", sep="\n"
    )
    for name, work in (("ours", ours()), ("plain pandas and scikit-learn", plain())):
        print(f"| {name} | {mixed(work, rounds):.2f} |", flush=True)
    print(
        "\n| interrupted in | ms to the KeyboardInterrupt | ms until nothing of it runs |",
        "| --- | ---: | ---: |",
        sep="\n",
    )
    for place, saw in interrupts().items():
        print(f"| {place} | {1e3 * saw['seconds']:.1f} | {1e3 * (saw['seconds'] + saw['quiet']):.0f} |")
    sys.exit(any(ratio > BOUND for ratio in ratios.values()))


if __name__ == "__main__":
    main()
