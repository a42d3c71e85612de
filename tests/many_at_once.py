"""Run in a process of its own by `test_many_at_once.py`: calls side by side, and what they leave. Prints what it saw as JSON."""

from __future__ import annotations

import contextlib
import contextvars
import io
import json
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from joblib.parallel import get_active_backend
from odd_frames import surroundings
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_info

import imbalance_accessor as imb

QUICK: dict[str, Any] = {"strategies": ["none"], "cv": 2, "progress": False, "n_jobs": 1}
#: Seconds after which a call is taken for one without end.
LONG = 60.0


def frame(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = (rng.random(n) < 0.3).astype(int)
    return pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"]).assign(y=y)


class Prevalence(ClassifierMixin, BaseEstimator):
    """Says the prevalence; its fit does a piece of `WORK` before, known by name, so that every copy does the same."""

    def __init__(self, work: str = "nothing") -> None:
        self.work = work

    def fit(self, X: Any, y: Any) -> Self:
        WORK[self.work]()
        self.classes_, self.share_ = np.unique(y), float(np.mean(y))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return np.tile([1 - self.share_, self.share_], (len(X), 1))


def converges_not() -> None:
    warnings.warn("no optimum", ConvergenceWarning, stacklevel=1)
    time.sleep(0)


def says() -> None:
    for _ in range(5):
        warnings.warn("said in a fit", UserWarning, stacklevel=1)
        time.sleep(0)


def nests() -> None:
    imb.counts(frame(), "y")
    found = imb.fit_eval(frame(), "y", model=Prevalence("does not converge"), **QUICK)
    assert "IMB315" in found.findings.codes


def starts_threads() -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: converges_not(), range(2)))


def fails() -> None:
    raise ValueError("this fit fails")


def stops() -> None:
    raise KeyboardInterrupt


WORK: dict[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "does not converge": converges_not,
    "says": says,
    "nests": nests,
    "starts threads": starts_threads,
    "fails": fails,
    "stops": stops,
}


def fitted(model: Any = None, **options: Any) -> Any:
    return imb.fit_eval(frame(), "y", model=Prevalence() if model is None else model, **QUICK | options)


def in_a_pool(model: Any, backend: str = "threading") -> Any:
    with joblib.parallel_config(backend, n_jobs=2):
        return fitted(model, n_jobs=None)


def in_its_threads(model: Any) -> Any:
    with joblib.parallel_config("threading"):
        return fitted(model)


NETWORK = MLPClassifier(max_iter=2, random_state=0)
#: Calls by name; `FITS` take longest, and of `LOUD` a fit does not converge.
CALLS: dict[str, Callable[[], Any]] = {
    "counts": lambda: imb.counts(frame(), "y"),
    "weights": lambda: imb.weights(frame(), "y"),
    "overview": lambda: imb.overview(frame(), "y"),
    "split": lambda: imb.split(frame(), "y"),
    "smote": lambda: imb.smote(frame(), "y"),
    "no such column": lambda: imb.counts(frame(), "z"),
    "picture": lambda: imb.counts(frame(), "y")._repr_html_(),
}
FITS: dict[str, Callable[[], Any]] = {
    "leaks": lambda: imb.leaks(frame(), "y"),
    "best_threshold": lambda: imb.best_threshold(frame(), "y", model="logistic", cv=2, n_jobs=1),
    "reliability": lambda: imb.reliability(frame(), "y", model="logistic", cv=2, n_jobs=1),
    "trace": lambda: fitted("logistic").trace(),
    "logistic": lambda: fitted("logistic"),
    "bayes": lambda: fitted(GaussianNB()),
    "network": lambda: fitted(NETWORK),
    "bagged networks": lambda: fitted(BaggingClassifier(NETWORK, n_estimators=2, random_state=0)),
    "networks in its own threads": lambda: in_its_threads(
        BaggingClassifier(NETWORK, n_estimators=2, n_jobs=2, random_state=0)
    ),
    "forest": lambda: fitted(RandomForestClassifier(4, n_jobs=2, random_state=0)),
    **{work: lambda work=work: fitted(Prevalence(work)) for work in WORK},
    "a pool": lambda: in_a_pool(Prevalence("does not converge")),
    "a pool of nests": lambda: in_a_pool(Prevalence("nests")),
}


LOUD = (
    "network",
    "bagged networks",
    "networks in its own threads",
    "does not converge",
    "starts threads",
    "a pool",
)


def told(call: Callable[[], Any]) -> str:
    """Return all that a call says: its numbers and findings, or its error."""
    try:
        found = call()
    except (Exception, KeyboardInterrupt) as error:
        return f"{type(error).__name__}: {error}"
    told = found if isinstance(found, str) else f"{found!r} {found.findings}"
    return told + (found.frame.to_csv() if hasattr(found, "frame") else "")


def around() -> dict[str, Any]:
    """Return what calls must leave alone: of the process, and of this thread."""
    return (
        surroundings()
        | {
            "showwarning": warnings.showwarning,
            "formatwarning": warnings.formatwarning,
            "_showwarnmsg": warnings._showwarnmsg,  # type: ignore[attr-defined]
            "_showwarnmsg_impl": warnings._showwarnmsg_impl,  # type: ignore[attr-defined]
            "warning filters": list(warnings.filters),
            "type of warnings": type(warnings).__name__,
            "how threads start": threading.Thread.start,
            "signals": signal.getsignal(signal.SIGINT),
            "environment": dict(os.environ),
            "files": sorted(os.listdir(tempfile.gettempdir())),  # noqa: PTH208
            "threads": threads(),
        }
        | around_thread()
    )


def threads(seconds: float = 10.0) -> list[str]:
    """Return the names of living threads, given those of a closed pool a moment to end."""
    until = time.perf_counter() + seconds
    while threading.active_count() > 1 and time.perf_counter() < until and seconds:
        seconds = seconds if any("Pool" in each.name for each in threading.enumerate()) else 0.0
        time.sleep(0.01)
    return sorted(each.name for each in threading.enumerate())


def around_thread() -> dict[str, Any]:
    backend, n_jobs = get_active_backend()
    return {
        "library threads": [(each["filepath"], each["num_threads"]) for each in threadpool_info()],
        "joblib": (type(backend).__name__, n_jobs),
        "scikit-learn's": sklearn.get_config(),
        "numpy's errors": np.geterr(),
        "context": [
            (each.name, id(value))
            for each, value in contextvars.copy_context().items()
            # Python's own, made at the first use; and what a call has set for itself, and taken back
            if each.name != "decimal_context" and value is not None
        ],
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return what is not as it was."""
    return [
        f"{name}: {was!r:.90} is {after[name]!r:.200}" for name, was in before.items() if after[name] != was
    ]


def mute() -> list[str]:
    """Warn in four ways, and return those that nobody hears."""
    lost, code = [], compile('import warnings; warnings.warn("mine")', "<mine>", "exec")
    with contextlib.redirect_stderr(io.StringIO()) as printed:
        exec(code, {"__name__": "mine"})
    if "mine" not in printed.getvalue():
        lost.append("stderr")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(code, {"__name__": "mine"})
    if [str(each.message) for each in caught] != ["mine"]:
        lost.append("catch_warnings")
    try:
        with pytest.warns(UserWarning, match="mine"):
            exec(code, {"__name__": "mine"})
    except BaseException:  # pytest's failures are no exceptions
        lost.append("pytest.warns")
    before, own = warnings.showwarning, list[str]()
    warnings.showwarning = lambda message, *_, **__: own.append(str(message))
    exec(code, {"__name__": "mine"})
    warnings.showwarning = before
    return lost if own == ["mine"] else [*lost, "showwarning"]


@contextlib.contextmanager
def watched() -> Iterator[dict[str, Any]]:
    """Hold the process against what it was."""
    saw: dict[str, Any] = {}
    before = around()
    yield saw
    saw["changed"], saw["mute"] = changed(before, around()), mute()


def storm(calls: str = "15", of: str = "8") -> dict[str, Any]:
    """Mix calls in threads; say which were not as they are alone. One more thread warns, and hears itself alone."""
    every = CALLS | FITS
    with watched() as lone, contextlib.redirect_stderr(io.StringIO()) as printed_alone:
        alone = {name: told(call) for name, call in every.items()}
        unsteady = [name for name, call in every.items() if told(call) != alone[name]]
    unheard = [name for name in LOUD if "IMB315" not in alone[name]]
    refused = [name for name, said in alone.items() if re.match(r"\w+(Error|Interrupt): ", said)]
    own, over, lost = 0, threading.Event(), list[str]()

    def user() -> None:
        nonlocal own
        while not over.is_set():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                warnings.warn("the user's", UserWarning, stacklevel=1)
            heard = [str(each.message) for each in caught]
            own += 1
            lost.extend(["lost"] if "the user's" not in heard else [])
            lost.extend(each for each in heard if each in ("no optimum", "said in a fit"))
            time.sleep(0.01)

    def work(seed: int) -> list[str]:
        rng, wrong = random.Random(seed), list[str]()
        before = around_thread()
        for _ in range(int(calls)):
            name = rng.choice(sorted(CALLS if rng.random() < 0.7 else FITS))
            found = told(every[name])
            if found != alone[name]:
                wrong.append(f"{name}: {found} INSTEAD OF {alone[name]}")
        return wrong + changed(before, around_thread())

    with watched() as saw, contextlib.redirect_stderr(io.StringIO()) as printed:
        listener = threading.Thread(target=user)
        listener.start()
        with ThreadPoolExecutor(int(of)) as pool:
            wrong = [each for found in pool.map(work, range(int(of))) for each in found]
        over.set()
        listener.join()
    return {
        "alone": lone
        | {"unsteady": unsteady, "unheard": unheard, "refused": refused, "printed": printed_alone.getvalue()},
        "together": saw | {"wrong": wrong, "user": lost, "printed": printed.getvalue()},
        "heard": own > 0,
    }


if __name__ == "__main__":
    import faulthandler

    import many_at_once as module  # so that other processes find what stands here

    faulthandler.dump_traceback_later(4 * LONG, exit=True)
    print(json.dumps(getattr(module, sys.argv[1])(*sys.argv[2:])))  # noqa: T201
    sys.stdout.flush()
    os._exit(0)  # whatever hangs
