"""Threads within threads: fits side by side start no more than their share of the cores, and short work none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Any, TypeAlias

from threadpoolctl import ThreadpoolController

from imbalance_accessor.process_state import fork_safe_lock

#: Rows from which on several threads compute faster than one.
LONG = 20_000


def can_start_threads() -> bool:
    """Whether a thread can be started: in a browser's Python, and at a limit of the system, none can."""
    thread = threading.Thread(target=bool, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True


def _thread_time() -> float:
    """Return the seconds that this thread has computed; where no clock tells them, those that went by."""
    try:
        return time.thread_time()
    except (AttributeError, OSError):
        return perf_counter()


def measured(
    function: Callable[..., Any],
    args: Any,
    kwargs: Any,
    now: Callable[[], float] = perf_counter,
    worked: Callable[[], float] = _thread_time,
) -> tuple[Any, float]:
    """Call a function; return what it returns, and the share of the time that its thread computed, not waited."""
    start, before = now(), worked()
    found = function(*args, **kwargs)
    return found, (worked() - before) / max(now() - start, 1e-9)


TimedCall: TypeAlias = Callable[[Callable[..., Any], Any, Any], tuple[Any, float]]


@contextmanager
def side_by_side(threads: int, measured: TimedCall = measured) -> Iterator[TimedCall]:
    """Let threads share the cores.

    Parameters
    ----------
    threads : int
        Threads that matrix products and compiled loops may start inside of each.
    measured : callable
        What is to be called in a thread; see `measured`.

    Yields
    ------
    callable
        `measured`, for a thread that has no more than its share of the cores.

    Notes
    -----
    The number of OpenMP threads belongs to the thread that starts them, that of BLAS to the process: blocks that run at
    once have the smallest that one of them asks for.
    """
    pools = ThreadpoolController()

    def timed(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, float]:
        with pools.limit(limits=threads, user_api="openmp"):
            return measured(function, args, kwargs)

    with _BLAS.at_most(threads, pools):
        yield timed


@contextmanager
def in_one_thread(*, short: bool, loops: bool = True) -> Iterator[None]:
    """Compute in this thread alone where arrays are short: other threads take longer to wake than the work.

    Parameters
    ----------
    short : bool
        Whether they are; else nothing is limited.
    loops : bool, default True
        Whether compiled loops are limited too, beside matrix products. A model's fit may loop long over short arrays.

    Notes
    -----
    Where no thread can be started, nothing is to try: histogram boosting starts as many as its loops have.
    """
    alone = not can_start_threads()
    with ExitStack() as limits:
        if short or alone:
            pools = ThreadpoolController()
            limits.enter_context(_BLAS.at_most(1, pools))
            if loops or alone:
                limits.enter_context(pools.limit(limits=1, user_api="openmp"))
        yield


class _SharedLimit:
    """The threads of BLAS, limited while any block asks for it; after the last one as many as before the first."""

    def __init__(self) -> None:
        self._lock = fork_safe_lock()
        self._asked: dict[object, int] = {}
        self._limit: Any = None

    @contextmanager
    def at_most(self, threads: int, pools: ThreadpoolController) -> Iterator[None]:
        """Have no more threads of BLAS in what runs inside, and beside it."""
        block = object()
        try:
            with self._lock:
                self._asked[block] = threads
                self._follow(pools)
            yield
        finally:
            with self._lock:
                self._asked.pop(block, None)
                self._follow(pools)

    def _follow(self, pools: ThreadpoolController) -> None:
        if self._limit is not None:
            self._limit.restore_original_limits()
            self._limit = None
        if self._asked:
            self._limit = pools.limit(limits=min(self._asked.values()), user_api="blas")


_BLAS = _SharedLimit()
