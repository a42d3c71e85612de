"""Interrupts: threads that end with the call they are of, and fits that keep no interrupt for themselves."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from time import monotonic
from types import FrameType
from typing import Any, Self, TypeAlias, TypeVar

import joblib
from joblib.parallel import ThreadingBackend

from imbalance_accessor.evaluation.progress import say
from imbalance_accessor.process_state import THREAD_STARTS

_Done = TypeVar("_Done")
#: A call as joblib delays it: function, arguments, keywords.
Delayed: TypeAlias = tuple[Callable[..., _Done], tuple[Any, ...], dict[str, Any]]
#: Seconds of one wait: some systems hear an interrupt only between two.
_STEP = 0.1
#: Seconds in which an interrupted fit ends, unless compiled code holds it.
_SOON = 0.3


class _Calls:
    """Calls in other threads than the one that hears an interrupt."""

    def __init__(self) -> None:
        self._lock, self._threads, self.are_over = threading.RLock(), set[int](), False

    def run(self, function: Callable[..., _Done], *args: Any, **kwargs: Any) -> _Done:
        me = threading.get_ident()
        try:
            with self._lock:
                if self.are_over:
                    raise KeyboardInterrupt
                self._threads.add(me)
            return function(*args, **kwargs)
        finally:
            with self._lock:  # behind it no interrupt comes
                self._threads.discard(me)

    def end(self, *, at_once: bool = True) -> None:
        """Let no more begin; at once: raise an interrupt in those that run."""
        with self._lock:
            self.are_over = True
            for thread in self._threads if at_once else ():
                _raise_in(thread)


class Threads:
    """Threads of one call, to be used in a ``with``: none is left behind it.

    Parameters
    ----------
    number : int
        How many run side by side.

    Notes
    -----
    joblib's threads go on behind a call that was interrupted. Here the caller waits in short steps, so that it hears an
    interrupt at once, and raises it in its threads, where Python looks for one. Compiled code is waited for, until the next
    interrupt. What runs inside finds joblib configured as its own threads would.
    """

    def __init__(self, number: int) -> None:
        self._near = 2 * number
        self._given: SimpleQueue[tuple[Future[Any], Delayed[Any]] | None] = SimpleQueue()
        self._calls = _Calls()
        # what holds around the call holds in its threads
        works = [partial(copy_context().run, self._work) for _ in range(number)]
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]

    def __enter__(self) -> Self:
        try:
            for thread in self._threads:
                thread.start()
        except BaseException as error:
            self._end(error)
            raise
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._end(error)

    def in_order(self, calls: Iterable[Delayed[_Done]]) -> Iterator[_Done]:
        """Yield what calls return, in order; each is made when a thread is near, since every one holds its own rows."""
        waiting: deque[Future[_Done]] = deque()
        for call in calls:
            waiting.append(Future())
            self._given.put((waiting[-1], call))
            while len(running := [each for each in waiting if not each.done()]) >= self._near:
                wait(running, _STEP, FIRST_COMPLETED)
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
        while waiting:
            while not waiting[0].done():
                wait([waiting[0]], _STEP)
            yield waiting.popleft().result()

    def _work(self) -> None:
        with suppress(KeyboardInterrupt):  # one that was meant for a call that has just returned
            while not self._calls.are_over and (given := self._given.get()) is not None:
                future, call = given
                try:
                    future.set_result(self._calls.run(_as_in_a_pool, *call))
                except BaseException as error:
                    future.set_exception(error)
                del given, future, call  # the rows, which the thread would hold while it waits

    def _end(self, error: BaseException | None) -> None:
        """End the threads; say what is waited for after an interrupt."""
        self._calls.end(at_once=error is not None)
        for _ in self._threads:
            self._given.put(None)
        if isinstance(error, KeyboardInterrupt) and not self._ended(_SOON):
            say("stopping after the current fit")
        self._ended(float("inf"))

    def _ended(self, seconds: float) -> bool:
        """Wait for the threads to end; return whether they have."""
        until = monotonic() + seconds
        for thread in self._threads:
            while thread.is_alive():
                if monotonic() > until:
                    return False
                thread.join(_STEP)
        return True


def _as_in_a_pool(function: Callable[..., _Done], args: Any, kwargs: Any) -> _Done:
    with joblib.parallel_config(backend=ThreadingBackend(nesting_level=1)):
        return function(*args, **kwargs)


def _raise_in(thread: int) -> None:
    """Raise an interrupt in a thread at its next step in Python, where Python can."""
    raising = getattr(getattr(ctypes, "pythonapi", None), "PyThreadState_SetAsyncExc", None)
    if raising is None:
        return
    with THREAD_STARTS:
        raising(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))


@contextmanager
def no_interrupt_kept() -> Iterator[Callable[..., Any]]:
    """Note interrupts while fits run, so that none is lost.

    Yields
    ------
    callable
        Makes the next call of a job. It raises an interrupt again that the last fit kept for itself: a network ends its
        training there, and goes on as fitted. A call that joblib makes meanwhile, in a thread of its own, is not finished.
    """
    before, home, elsewhere = signal.getsignal(signal.SIGINT), threading.get_ident(), _Calls()

    def note(number: int, frame: FrameType | None) -> None:
        try:
            before(number, frame)  # type: ignore[operator, misc]
        except KeyboardInterrupt:
            elsewhere.end()
            raise

    def check() -> None:
        if elsewhere.are_over:
            raise KeyboardInterrupt

    def made(make: Callable[[Any], Any], job: Any) -> Any:
        if threading.get_ident() == home:
            check()
            return make(job)
        try:
            return elsewhere.run(make, job)
        except KeyboardInterrupt:
            if not elsewhere.are_over:
                raise
            return bool, (), {}  # joblib ends its pool meanwhile, by this very thread

    try:
        if callable(before):
            with suppress(ValueError):  # only the main thread has handlers
                signal.signal(signal.SIGINT, note)
        yield made
    finally:
        try:
            _put_back(before, note)
        except KeyboardInterrupt:
            _put_back(before, note)
            raise
    check()


def _put_back(before: Any, note: Any) -> None:
    if signal.getsignal(signal.SIGINT) is note:  # nobody has put in another since
        signal.signal(signal.SIGINT, before)
