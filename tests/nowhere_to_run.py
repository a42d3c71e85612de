"""Every verb where no thread and no process can start; run in a process of its own by `test_nowhere_to_run.py`."""

from __future__ import annotations

import json
import os
import subprocess  # takes along what starts a process: joblib counts cores by one
import sys
import threading
import warnings
from typing import Any, NoReturn

assert subprocess


def no_thread(_: threading.Thread) -> NoReturn:
    raise RuntimeError("can't start new thread")


def no_process(*_: Any) -> NoReturn:
    raise OSError(52, "Function not implemented")


class NoSemaphore:
    """What a system without semaphores has in their place."""

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, *_: Any, **__: Any) -> None:
        raise OSError(38, "Function not implemented")

    @staticmethod
    def _rebuild(*_: Any) -> None: ...


def forbid(cores: int | None, *, semaphores: bool) -> None:
    """Let no thread and no process start from here on."""
    import _multiprocessing
    import _posixsubprocess

    threading.Thread.start = no_thread  # type: ignore[method-assign]
    os.fork = no_process
    _posixsubprocess.fork_exec = no_process
    os.cpu_count = lambda: cores
    if cores is not None:
        os.sched_getaffinity = lambda _: set(range(cores))
    if not semaphores:
        _multiprocessing.SemLock = NoSemaphore  # type: ignore[misc]


def answers(n_jobs: int, *, every: bool = True) -> dict[str, Any]:
    """Return the numbers of every verb, as text; else those of `fit_eval` alone."""
    import imbalance_accessor as imb
    from imbalance_accessor.metrics.bootstrap import draws_at_most

    df = imb.make_churn(300, 0.15).drop(columns=["customer_id", "signup_date", "region", "contract"])
    work: dict[str, Any] = {"cv": 2, "n_jobs": n_jobs, "progress": False}
    fits = work | {"model": "naive_bayes"}
    with draws_at_most(20):
        found: dict[str, Any] = {
            "fit_eval": df.imb.fit_eval("churn", strategies=["smote"], permutations=3, **fits)
        }
        if every:
            found |= {
                "counts": df.imb.counts("churn"),
                "overview": df.imb.overview("churn"),
                "weights": df.imb.weights("churn"),
                "split": df.imb.split("churn"),
                "smote": df.imb.smote("churn", impute=True),
                "best_threshold": df.imb.best_threshold("churn", model="boosting", cv=2, progress=False),
                "reliability": df.imb.reliability("churn", **fits),
                "trace": found["fit_eval"].trace("smote"),
                "leaks": df.imb.leaks("churn", demonstrate=True, **work),
                "report": df.imb.report("churn", strategies=["none"], **fits),
            }
            found["smote"]._repr_html_()
    return {name: each.frame.to_csv(float_format="%.9g") for name, each in found.items()}


if __name__ == "__main__":
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", ".*joblib will operate in serial mode")  # said as joblib is imported
    semaphores = sys.argv[1] == "cores"
    forbid(4 if semaphores else None, semaphores=semaphores)
    sys.stdout.write(json.dumps(answers(2, every=semaphores)))
