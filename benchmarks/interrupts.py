"""Ctrl-C at several moments of long calls: how soon the caller hears of it, and how soon nothing of the call runs any more.

Each place is a process of its own. The signal goes to the whole process group, as a terminal and a notebook send it; the call is
made anew for every moment. `Ctrl-C` is to be heard within two seconds; where compiled code cannot be ended, within its fit.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import psutil
from frames import adult_like, continuous
from sides import WITHOUT_WEIGHTS
from sklearn.svm import SVC

import imbalance_accessor as imb

MARKER = "run.py --interrupts"
HEAD = ("Ctrl-C in", "times", "heard after, median", "at most", "nothing runs after, at most", "within 2 s?")
#: Seconds in which it is to be heard.
BOUND = 2.0
LONG = 20.0
QUIET: dict[str, Any] = {"progress": False}


def of_fit_eval(frame: Callable[[], pd.DataFrame], **options: Any) -> Callable[[], Any]:
    """Return a call of `fit_eval` on a frame that is made before it."""
    df = frame()
    return lambda: imb.fit_eval(df, "y", **QUIET, **options)


def of_result(verb: str, n: int, **options: Any) -> Callable[[], Any]:
    """Return a call of what is read from an evaluation that is made before it."""
    found = imb.fit_eval(continuous(n, 20, 0.05), "y", **QUIET, **options)
    return lambda: getattr(found, verb)()


def of_verb(verb: str, n: int, k: int, **options: Any) -> Callable[[], Any]:
    df = continuous(n, k, 0.05)
    return lambda: getattr(imb, verb)(df, "y", **options)


#: What is called, as a call that makes its data, and the seconds after which it is interrupted.
PLACES: dict[str, tuple[Callable[[], Callable[[], Any]], tuple[float, ...]]] = {
    "`fit_eval`, logistic, 2,000 × 10": (
        lambda: of_fit_eval(lambda: continuous(2_000, 10, 0.1)),
        (0.05, 0.15, 0.25),
    ),
    "`fit_eval`, logistic, 100,000 × 20, in threads": (
        lambda: of_fit_eval(lambda: continuous(100_000, 20, 0.05)),
        (0.5, 1.5, 2.5, 3.5),
    ),
    "`fit_eval`, boosting, 100,000 × 20, in processes": (
        lambda: of_fit_eval(
            lambda: continuous(100_000, 20, 0.05), model="boosting", strategies=WITHOUT_WEIGHTS
        ),
        (0.5, 2.0, 3.0, 8.0),
    ),
    "`fit_eval`, boosting with class weights, 100,000 × 20": (
        lambda: of_fit_eval(
            lambda: continuous(100_000, 20, 0.05), model="boosting", strategies=("class_weight",)
        ),
        (1.5, 4.0, 12.0),
    ),
    "`fit_eval`, logistic, census": (lambda: of_fit_eval(adult_like), (1.0, 3.0, 6.0, 10.0)),
    "`fit_eval`, forest, 20,000 × 20": (
        lambda: of_fit_eval(lambda: continuous(20_000, 20, 0.05), model="forest"),
        (0.5, 3.0, 8.0),
    ),
    "`fit_eval`, SVC, 10,000 × 20": (
        lambda: of_fit_eval(lambda: continuous(10_000, 20, 0.05), model=SVC(), max_rows=None),
        (1.0, 3.0, 8.0),
    ),
    "`fit_eval`, permutations": (
        lambda: of_fit_eval(lambda: continuous(5_000, 10, 0.1), permutations=500),
        (1.0, 2.0, 4.0),
    ),
    "`learning_curve`, 100,000 × 20": (lambda: of_result("learning_curve", 100_000), (0.3, 1.0, 2.0)),
    "`reliability`, 100,000 × 20": (lambda: of_result("reliability", 100_000), (0.3, 1.0, 2.0)),
    "`leaks`, 100,000 × 30": (lambda: of_verb("leaks", 100_000, 30), (0.1, 0.3, 0.6)),
    "`report`, 20,000 × 20": (lambda: of_verb("report", 20_000, 20, progress=False), (0.5, 2.0, 4.0)),
}


def running() -> list[str]:
    """Return the threads of this process, and the processes below it but joblib's tracker of shared memory, which stays."""
    found = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if each.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(each.cmdline()):
                found.append(f"process {each.pid}")
    return found


def interrupted(name: str) -> list[dict[str, Any]]:
    """Interrupt a call at each of its moments; return the seconds until it was heard, and until nothing of it ran."""
    make, moments = PLACES[name]
    call, found = make(), []
    for moment in moments:
        sent: list[float] = []

        def send(sent: list[float] = sent) -> None:
            sent.append(time.perf_counter())
            os.killpg(os.getpgid(0), signal.SIGINT)

        before = len(running())
        timer = threading.Timer(moment, send)
        timer.start()
        said = "nothing"
        try:
            call()
        except BaseException as error:
            said = type(error).__name__
        heard = time.perf_counter()
        timer.cancel()
        timer.join()
        if not sent:
            continue
        while len(running()) > before and time.perf_counter() < heard + LONG:
            time.sleep(0.01)
        at = time.perf_counter()
        found.append({"moment": moment, "said": said, "heard": heard - sent[0], "quiet": at - sent[0]})
    return found


def child(name: str) -> int:
    """Interrupt one place at its moments, and print what was seen as JSON."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born deaf to it
    print(json.dumps(interrupted(name)))
    return 0


def main(chosen: list[str], *, write: bool) -> bool:
    """Interrupt the chosen places, print a table, and say whether one hears too late."""
    from report import line, machine, table, write_block

    run = str(Path(__file__).with_name("run.py"))
    rows, late = [], False
    print(*table(HEAD, []), sep="\n", flush=True)
    for name in PLACES:
        if chosen and not any(word in name for word in chosen):
            continue
        command = [sys.executable, run, "--interrupts", "--child", name]
        out: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        done = subprocess.run(command, check=True, start_new_session=True, **out)
        saw = json.loads(done.stdout.splitlines()[-1])
        heard, quiet = [each["heard"] for each in saw], [each["quiet"] for each in saw]
        is_late = max(heard) > BOUND or any(each["said"] != "KeyboardInterrupt" for each in saw)
        late |= is_late
        cells = (name, str(len(saw)), *(f"{each:.2f} s" for each in (median(heard), max(heard), max(quiet))))
        rows.append((*cells, "no" if is_late else "yes"))
        print(line(rows[-1]), flush=True)
    print("", machine(), sep="\n")
    if write:
        write_block(MARKER, [machine(), "", *table(HEAD, rows)])
    return late
