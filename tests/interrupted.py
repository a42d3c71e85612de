"""Run in a process of its own by `test_many_at_once.py`: interrupts at many places, and what they leave. Prints it as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import joblib
import matplotlib as mpl
import numpy as np
from faults import without_children
from many_at_once import LONG, Prevalence, around, changed, fitted, frame, mute, told
from meeting import Actor, a_call

import imbalance_accessor as imb

mpl.use("Agg")
PACKAGE = str(Path(imb.__file__).parent)


class Interrupts(Prevalence):
    """Interrupts a process from its first fit, wherever that is, and goes on for some time."""

    def __init__(self, process: int = 0, folder: str = "", seconds: float = 0.0) -> None:
        super().__init__()
        self.process, self.folder, self.seconds = process, folder, seconds

    def fit(self, X: Any, y: Any) -> Any:
        if self.process:
            place = Path(self.folder, "sent")
            with contextlib.suppress(FileExistsError):  # another fit has
                with place.open("x") as file:
                    file.write(repr(time.time()))
                os.kill(self.process, signal.SIGINT)
            until = time.perf_counter() + self.seconds
            while time.perf_counter() < until:
                time.sleep(0.01)
        return super().fit(X, y)


def long_arrays() -> Any:
    rng = np.random.default_rng(0)
    rows = frame(40_000)
    rows["scores"] = 0.3 * rng.random(40_000) + 0.4 * rows["y"]
    return imb.reliability(rows, "y", scores="scores", progress=False)


#: Work that is interrupted at places of its way, so many of each.
WAYS: dict[str, tuple[Callable[[], Any], int]] = {
    "counts": (lambda: imb.counts(frame(), "y"), 1),
    "bootstrap": (long_arrays, 1),
    "reading": (lambda: imb.overview(imb.make_churn(60), "churn"), 1),
    "smote": (lambda: imb.smote(frame(), "y"), 1),
    "leaks": (lambda: imb.leaks(frame(), "y"), 2),
    "fit": (lambda: fitted("logistic"), 3),
    "bar": (lambda: fitted(progress=True), 1),
    "threshold": (lambda: imb.best_threshold(frame(), "y", model=Prevalence(), cv=2, progress=False), 2),
    "reliability": (lambda: imb.reliability(frame(), "y", model=Prevalence(), cv=2, progress=False), 1),
    "card": (lambda: imb.counts(frame(), "y")._repr_html_(), 1),
    "picture": (lambda: str(imb.counts(frame(), "y").plot()), 1),
    "snippet": (lambda: str(fitted().snippet(style="full")), 1),
}


def counted(work: Callable[[], Any], at: int = 0) -> tuple[int, str, float]:
    """Count the calls of our own functions; interrupt that of a number. Return how many, where, and the time then."""
    calls, where, sent = 0, "", 0.0

    def note(called: FrameType, event: str, _: Any) -> None:
        nonlocal calls, where, sent
        if event == "call" and called.f_code.co_filename.startswith(PACKAGE):
            calls += 1
            if calls == at:
                where, sent = f"{Path(called.f_code.co_filename).stem}.{called.f_code.co_name}", time.time()
                signal.raise_signal(signal.SIGINT)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
        SEEN[:] = [calls, where, sent]
    return calls, where, sent


#: What the last count saw, an interrupt or none.
SEEN: list[Any] = []


def tried(work: Callable[[], Any], again: Callable[[], Any], alone: str, *, beside: bool) -> dict[str, Any]:
    """Interrupt work, by choice while another thread stands in a call; look at what is left, and call again."""
    before = around()
    other = Actor("call", a_call)
    if beside:
        other.enter()
        other.say()
    try:
        work()
        said = "nothing"
    except BaseException as error:
        said = type(error).__name__
    at = time.time()
    if beside:
        other.leave()
    children = without_children(LONG / 4)
    while (left := changed(before, around())) and time.time() < at + LONG / 4:
        time.sleep(0.01)  # a thread that cannot be ended first ends its fit
    left += [*children, *mute(), *other.found]
    return {"said": said, "at": at, "left": left, "quiet": time.time() - at, "same": told(again) == alone}


def on_the_way(*names: str) -> dict[str, Any]:
    """Interrupt each work at evenly spaced places of its way, and every other time beside a call in another thread."""
    found = {}
    for name in names or WAYS:
        work, places = WAYS[name]
        alone = told(work)
        calls, _, _ = counted(work)
        for place in range(1, places + 1):
            at, beside = place * calls // (places + 1), len(found) % 2 == 1
            saw = tried(lambda at=at, work=work: counted(work, at), work, alone, beside=beside)
            _, where, sent = SEEN
            found[f"{name}: {where}{' beside a call' * beside}"] = saw | {"seconds": saw.pop("at") - sent}
    return found


def in_pools(folder: str) -> dict[str, Any]:
    """Interrupt from fits here, in threads, and in processes: pools that are configured, and our own."""
    found, alone = {}, told(fitted)
    ways: dict[str, Callable[[Any], Any]] = {
        "a fit here": fitted,
        "a pool of threads": lambda model: _configured("threading", model),
        "a pool of processes": lambda model: _configured("loky", model),
        "threads of our own": lambda model: _as_it_comes(Threaded, model, 0.2),
        "processes of our own": lambda model: _as_it_comes(Slowly, model, 2.0),
    }
    for name, way in ways.items():
        place = Path(folder, name.replace(" ", "_"))
        place.mkdir()
        model, beside = Interrupts(os.getpid(), str(place), 0.5), len(found) % 2 == 1
        saw = tried(lambda way=way, model=model: way(model), fitted, alone, beside=beside)
        sent = float(Path(place, "sent").read_text())
        found[f"{name}{' beside a call' * beside}"] = saw | {"seconds": saw.pop("at") - sent}
    return found


def _configured(backend: str, model: Any) -> Any:
    with joblib.parallel_config(backend, n_jobs=2):
        return fitted(model, n_jobs=None)


class Slowly(Interrupts):
    """Takes its time here; interrupts from a fit that runs elsewhere than in the main thread."""

    def fit(self, X: Any, y: Any) -> Any:
        if threading.current_thread() is threading.main_thread() and os.getpid() == self.process:
            time.sleep(self.seconds)
            return Prevalence.fit(self, X, y)
        return super().fit(X, y)


class Threaded(Slowly):
    """Is taken for one of a library that is written for threads."""

    __module__ = "sklearn.slow"


def _as_it_comes(kind: type[Slowly], model: Interrupts, seconds: float) -> Any:
    return fitted(kind(model.process, model.folder, seconds), n_jobs=None, cv=5)


def everywhere(folder: str, *names: str) -> dict[str, Any]:
    """Interrupt work of these names, or all, and fits in pools."""
    return on_the_way(*names) | in_pools(folder)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born deaf to it
    import interrupted as module  # so that other processes find what stands here

    print(json.dumps(getattr(module, sys.argv[1])(*sys.argv[2:])))  # noqa: T201
