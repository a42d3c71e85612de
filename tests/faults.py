"""Run in a process of its own by `test_faults.py`: what a fault leaves behind. Prints what it saw as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import joblib
import matplotlib as mpl
import numpy as np
import pandas as pd
import psutil
from sklearn.base import BaseEstimator, ClassifierMixin

import imbalance_accessor as imb
from imbalance_accessor.errors import ImbalanceError

mpl.use("Agg")
QUICK: dict[str, Any] = {"strategies": ["none", "class_weight"], "cv": 2, "progress": False}


class Slow(ClassifierMixin, BaseEstimator):
    """Takes its time to say the prevalence; its first fit says that it has begun."""

    def __init__(self, seconds: float = 0.0, begun: str = "", class_weight: Any = None) -> None:
        self.seconds = seconds
        self.begun = begun
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any) -> Self:
        if self.begun:
            Path(self.begun, f"{os.getpid()}").touch()
        until = time.perf_counter() + self.seconds
        while time.perf_counter() < until:
            time.sleep(0.01)
        self.classes_, self.share_ = np.unique(y), float(np.mean(y))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return np.tile([1 - self.share_, self.share_], (len(X), 1))


def frame(n: int = 400, k: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = (rng.random(n) < 0.2).astype(int)
    return pd.DataFrame(rng.normal(size=(n, k)), columns=[f"x{place}" for place in range(k)]).assign(y=y)


def children() -> list[str]:
    """Return the processes that stand below this one; joblib's tracker of shared memory ends with this one."""
    found = []
    for each in psutil.Process().children(recursive=True):
        try:
            words = " ".join(each.cmdline())
        except psutil.Error:
            continue
        if words and "resource_tracker" not in words and each.status() != psutil.STATUS_ZOMBIE:
            found.append(words)
    return found


def without_children(seconds: float = 60.0) -> list[str]:
    """Wait for processes that are on their way out, and return those that are not."""
    until = time.perf_counter() + seconds
    while children() and time.perf_counter() < until:
        time.sleep(0.05)
    return children()


def interrupted(where: str, folder: str) -> dict[str, Any]:
    """Interrupt fits that run here, in threads, or in processes, and look at what is left."""
    df = frame()
    filters, showing, threads = list(warnings.filters), warnings.showwarning, threading.active_count()
    begun = Path(folder, "begun")
    begun.mkdir()

    def ctrl_c() -> None:
        while not any(begun.iterdir()):
            time.sleep(0.01)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=ctrl_c, daemon=True).start()
    said = ""
    try:
        model = Slow(1.0 if where == "threading" else 300.0, str(begun))  # a thread first ends its fit
        if where == "here":
            imb.fit_eval(df, "y", model=model, n_jobs=1, **QUICK)
        else:
            with joblib.parallel_config(where, n_jobs=2):
                imb.fit_eval(df, "y", model=model, **QUICK)
    except KeyboardInterrupt:
        said = "KeyboardInterrupt"
    left = without_children()
    again = imb.fit_eval(df, "y", model=Slow(), n_jobs=1, **QUICK).frame
    return {
        "said": said,
        "left": left,
        "filters": list(warnings.filters) == filters and warnings.showwarning is showing,
        "threads": threading.active_count() - threads,
        "again": len(again),
    }


def full_disk(folder: str) -> dict[str, Any]:
    """Fit in processes where no file of more than 100 kB can be written, as joblib does to share memory."""
    import resource

    df = frame(30_000, 20)
    with joblib.parallel_config("loky", n_jobs=2, temp_folder=folder):
        wanted = imb.fit_eval(df, "y", **QUICK).frame
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            found = imb.fit_eval(df, "y", **QUICK).frame
        except ImbalanceError as error:
            return {"said": str(error)}
    return {"said": "", "same": bool(found.equals(wanted))}


def read_only(folder: str) -> dict[str, Any]:
    """Work in a folder that nothing can be written to: every verb, its card and its picture."""
    os.chdir(folder)
    df, said = frame(), {}
    for verb in (
        "overview",
        "counts",
        "weights",
        "split",
        "smote",
        "leaks",
        "fit_eval",
        "reliability",
        "best_threshold",
    ):
        options = (
            {"cv": 2, "progress": False} if verb in ("fit_eval", "reliability", "best_threshold") else {}
        )
        found = getattr(imb, verb)(df, "y", **options)
        said[verb] = len(found._repr_html_()) if hasattr(found, "_repr_html_") else len(repr(found))
    return said


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born deaf to it
    work: dict[str, Callable[..., dict[str, Any]]] = {
        "interrupted": interrupted,
        "full_disk": full_disk,
        "read_only": read_only,
    }
    print(json.dumps(work[sys.argv[1]](*sys.argv[2:])))  # noqa: T201
