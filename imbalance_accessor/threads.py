"""Fits side by side in threads: each hears its own warnings, and none starts more threads than its share of the cores."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time
from types import SimpleNamespace
from typing import Any, TypeAlias

from sklearn import config_context
from threadpoolctl import ThreadpoolController

#: What each thread has heard; whether threads hear apart now, and how many do.
_OWN, _NOW, _FEWER = threading.local(), SimpleNamespace(apart=False, hearing=0), threading.Condition()


@contextmanager
def recorded() -> Iterator[list[warnings.WarningMessage]]:
    """Collect every warning of what runs inside, whatever filters say; of this thread alone, in `side_by_side`."""
    if not _NOW.apart:
        with warnings.catch_warnings(record=True) as caught, as_shipped():
            warnings.simplefilter("always")
            yield caught
        return
    before, _OWN.heard = getattr(_OWN, "heard", None), []
    with _FEWER:
        _NOW.hearing += 1
    try:
        with as_shipped():
            yield _OWN.heard
    finally:
        _OWN.heard = before
        with _FEWER:
            _NOW.hearing -= 1
            _FEWER.notify_all()


def as_shipped() -> Any:
    """Have scikit-learn answer in arrays and route nothing, whatever it was set to: samplers and weights count on it."""
    return config_context(transform_output="default", enable_metadata_routing=False)


@contextmanager
def quieted() -> Iterator[None]:
    """Silence what is said for nothing around a fit. Fits that are `recorded` need it not.

    Of matrix products by numpy, of which some builds (macOS) warn at every one; and of many classes in few rows by
    scikit-learn, which takes whole numbers for the target of a regression then; of columns with names, where a model
    was fitted elsewhere without; and of categories new to an encoder that takes them. Also a decorator: ``@quieted()``.
    """
    with warnings.catch_warnings(), as_shipped():
        warnings.filterwarnings("ignore", ".*encountered in matmul", RuntimeWarning)
        warnings.filterwarnings("ignore", "The number of unique classes is greater", UserWarning)
        warnings.filterwarnings("ignore", "X has feature names, but", UserWarning)
        warnings.filterwarnings("ignore", "Found unknown categories", UserWarning)
        yield


def measured(
    function: Callable[..., Any],
    args: Any,
    kwargs: Any,
    now: Callable[[], float] = perf_counter,
    worked: Callable[[], float] = thread_time,
) -> tuple[Any, float]:
    """Call a function; return what it returns, and the share of the time that its thread computed, not waited."""
    start, before = now(), worked()
    found = function(*args, **kwargs)
    return found, (worked() - before) / max(now() - start, 1e-9)


TimedCall: TypeAlias = Callable[[Callable[..., Any], Any, Any], tuple[Any, float]]


@contextmanager
def side_by_side(threads: int | None = None, measured: TimedCall = measured) -> Iterator[TimedCall]:
    """Let threads hear warnings apart, and share the cores.

    Parameters
    ----------
    threads : int, optional
        Threads that matrix products and compiled loops may start inside of each; by default as many as they like.
    measured : callable
        What is to be called in a thread; see `measured`.

    Yields
    ------
    callable
        `measured`, for a thread that has no more than its share of the cores.

    Notes
    -----
    ``warnings.catch_warnings`` changes what all threads share, so it stands around them once, and is left when the last of
    them is done: after an interrupt too, since a library's own ``catch_warnings`` in a thread would bring back later what was
    there meanwhile. The number of OpenMP threads belongs to the thread that starts them, that of BLAS to the process.
    """
    pools = ThreadpoolController()

    def timed(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, float]:
        with pools.limit(limits=threads, user_api="openmp"):
            return measured(function, args, kwargs)

    with warnings.catch_warnings(), pools.limit(limits=threads, user_api="blas"):
        elsewhere = warnings.showwarning

        def hear(
            message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
        ) -> None:
            heard = getattr(_OWN, "heard", None)
            if heard is None:
                elsewhere(message, category, filename, lineno, file, line)
            else:
                heard.append(warnings.WarningMessage(message, category, filename, lineno, file, line))

        warnings.simplefilter("always")
        warnings.showwarning = hear
        before, _NOW.apart = _NOW.apart, True
        try:
            yield timed
        finally:
            with _FEWER:
                _FEWER.wait_for(lambda: not _NOW.hearing)
            _NOW.apart = before
