"""What all threads of a process share: warnings, which each call has for itself here, locks, and the search for garbage."""

from __future__ import annotations

import functools
import gc
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property as cached_property
else:

    class cached_property(functools.cached_property):  # noqa: N801
        """Computed once, without the lock that Python 3.11 holds meanwhile, for the property of every object."""

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            kept = instance.__dict__
            if self.attrname not in kept:
                kept[self.attrname] = self.func(instance)
            return kept[self.attrname]


@contextmanager
def importing() -> Iterator[None]:
    """Import without searches for garbage: what modules make stays, and a search walks through all of it each time.

    Of the imports for a first answer these searches take a sixth.
    """
    was_on = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_on:
            gc.enable()


def fork_safe_lock(in_child: Callable[[], object] = bool) -> threading.RLock:
    """Return a lock that no thread holds in a child process, where threads that held it do not run on.

    Parameters
    ----------
    in_child : callable
        What is to be done there, with the lock.
    """
    lock = threading.RLock()

    def freed() -> None:
        try:
            in_child()
        finally:
            lock.release()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=freed)
    return lock


#: What is said for nothing around a fit: of matrix products by numpy, of which some builds (macOS) warn at every one; of many
#: classes in few rows by scikit-learn, which takes whole numbers for the target of a regression then; of columns with names,
#: where a model was fitted elsewhere without; and of categories new to an encoder that takes them.
_FOR_NOTHING: tuple[tuple[str, type[Warning]], ...] = (
    (".*encountered in matmul", RuntimeWarning),
    ("The number of unique classes is greater", UserWarning),
    ("X has feature names, but", UserWarning),
    ("Found unknown categories", UserWarning),
)


@contextmanager
def recorded() -> Iterator[list[warnings.WarningMessage]]:
    """Collect every warning of what runs inside, whatever filters say, and of threads started there; of no other."""
    with _own_settings(record=True) as heard, _as_shipped():
        warnings.simplefilter("always")
        yield heard


@contextmanager
def quieted() -> Iterator[None]:
    """Silence what is said for nothing around a fit; also a decorator, ``@quieted()``. Fits that are `recorded` need it not."""
    with own_filters(), _as_shipped():
        for text, category in _FOR_NOTHING:
            warnings.filterwarnings("ignore", text, category)
        yield


@contextmanager
def own_filters() -> Iterator[None]:
    """Let what runs inside change filters, through libraries too, without any other thread's being changed.

    Notes
    -----
    ``warnings.catch_warnings`` changes what all threads share. Where two threads are in it at once, each hears the
    other's warnings, and the one that entered last and leaves last brings back what the first one had set, for good.
    """
    with _own_settings():
        yield


def _as_shipped() -> Any:
    """Have scikit-learn answer in arrays and route nothing, whatever it was set to: samplers and weights count on it."""
    from sklearn import config_context

    return config_context(transform_output="default", enable_metadata_routing=False)


@dataclass(eq=False)
class _Block:
    """What a block of code has set for itself.

    Attributes
    ----------
    own : dict of str to object
        Attributes of the module `warnings`.
    outer : _Block, optional
        The block around it.
    ended : bool
        A thread that was started with a copy of the context may outlive it.
    threads : set of threading.Thread
        Those that were started inside, and run.
    """

    own: dict[str, Any]
    outer: _Block | None
    ended: bool = False
    threads: set[threading.Thread] = field(default_factory=set)


#: Whether `warnings.catch_warnings` keeps contexts apart by itself: in free-threaded Python 3.14, or with this flag.
_PYTHON_KEEPS_APART = bool(getattr(sys.flags, "context_aware_warnings", False))
_HERE: ContextVar[_Block | None] = ContextVar("warning_context", default=None)
#: The blocks that are running, in all threads; what was there before the first of them, and what stands in for it.
_RUNNING: set[_Block] = set()
_REPLACED: dict[tuple[Any, str], tuple[Any, Any]] = {}
#: Seconds in which a pool of threads mostly ends its last task.
_LAST_TASK = 1.0
#: Libraries of matrix products, and the threads that each had then.
_BLAS: list[tuple[Any, int]] = []


@contextmanager
def _own_settings(*, record: bool = False) -> Iterator[list[warnings.WarningMessage]]:
    heard: list[warnings.WarningMessage] = []
    if _PYTHON_KEEPS_APART:
        with warnings.catch_warnings(record=record) as caught:
            yield heard if caught is None else caught
        return
    own: dict[str, Any] = {"filters": list(warnings.filters)}
    if record:
        own |= {"showwarning": warnings._showwarning_orig, "_showwarnmsg_impl": heard.append}  # type: ignore[attr-defined]
    block = _Block(own, _here())
    try:
        with _LOCK:
            _RUNNING.add(block)
            _by_context()
        _HERE.set(block)
        _forget_what_was_shown()
        yield heard
    except KeyboardInterrupt:
        _wait_for_pools(block)
        for library, threads in _BLAS:
            library.set_num_threads(threads)
        raise
    finally:
        try:
            _leave(block)
        except KeyboardInterrupt:
            _leave(block)
            raise


def _wait_for_pools(block: _Block) -> None:
    """Wait for pools of threads that an interrupted fit leaves to their last task, which puts back the block's filters."""
    until = time.monotonic() + _LAST_TASK
    while time.monotonic() < until and any(
        type(each).__name__ == "DummyProcess" for each in tuple(block.threads)
    ):
        time.sleep(0.005)


def _leave(block: _Block) -> None:
    """End a block, in whatever order blocks end: a generator's may outlive the one around it."""
    block.ended = True
    block.own.clear()
    _HERE.set(_here())
    with _LOCK:
        _RUNNING.discard(block)
        _by_context()
    _forget_what_was_shown()


def _threads_of_blas() -> list[tuple[Any, int]]:
    """Return the libraries whose threads scikit-learn limits around its search for neighbours, and how many they have.

    An interrupt there is raised as the limit ends, and Python never comes to lift it.
    """
    pools = getattr(sys.modules.get("sklearn.utils.parallel"), "_get_threadpool_controller", None)
    every = pools().lib_controllers if pools is not None else ()
    return [(library, library.num_threads) for library in every if library.user_api == "blas"]


def _here() -> _Block | None:
    """Return the innermost block that this code runs in."""
    block = _HERE.get()
    while block is not None and block.ended:
        block = block.outer
    return block


def _forget_what_was_shown() -> None:
    """Let warnings be heard that were shown before, and are by default shown once."""
    warnings._filters_mutated()  # type: ignore[attr-defined]


def _setting(name: str) -> property:
    """Return an attribute of the module that a block may have for itself."""

    def found(module: ModuleType) -> Any:
        block = _here()
        while block is not None:
            try:
                return block.own[name]
            except KeyError:  # a block of another thread may end meanwhile
                block = block.outer
        return vars(module)[name]

    def put(module: ModuleType, value: Any) -> None:
        block = _here()
        (vars(module) if block is None else block.own)[name] = value

    return property(found, put)


class _ByContext(ModuleType):
    """The module `warnings` while blocks run: Python reads its settings there at each warning."""

    filters = _setting("filters")
    showwarning = _setting("showwarning")
    _showwarnmsg_impl = _setting("_showwarnmsg_impl")


# What the module's functions would read among their globals, not from the module.
def _show(message: warnings.WarningMessage) -> None:
    show = warnings.showwarning
    if show is warnings._showwarning_orig:  # type: ignore[attr-defined]
        warnings._showwarnmsg_impl(message)  # type: ignore[attr-defined]
    else:
        place = message.filename, message.lineno, message.file, message.line
        show(message.message, message.category, *place)
    if _here() is None:  # a block that records beside this one is to hear the same
        _forget_what_was_shown()


def _add_filter(*item: Any, append: bool) -> None:
    filters: list[Any] = warnings.filters  # type: ignore[assignment]
    if append:
        filters += [] if item in filters else [item]
    else:
        filters[:] = [item, *(each for each in filters if each != item)]
    _forget_what_was_shown()


def _reset_filters() -> None:
    warnings.filters[:] = []  # type: ignore[index]
    _forget_what_was_shown()


def _starting(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    @functools.wraps(start)
    def inside(thread: threading.Thread) -> None:
        block = _here()
        if block is not None:
            thread.run = functools.partial(_run_inside, block, thread, thread.run)  # type: ignore[method-assign]
        with THREAD_STARTS:
            start(thread)

    return inside


def _run_inside(block: _Block, thread: threading.Thread, run: Callable[[], None]) -> None:
    _HERE.set(block)
    block.threads.add(thread)
    try:
        run()
    finally:
        block.threads.discard(thread)


#: What stands in for functions of the standard library, made of these, by where they are found.
_REPLACEMENTS: dict[tuple[Any, str], Callable[[Any], Callable[..., None]]] = {
    (warnings, "_showwarnmsg"): lambda _: _show,
    (warnings, "_add_filter"): lambda _: _add_filter,
    (warnings, "resetwarnings"): lambda _: _reset_filters,
    (threading.Thread, "start"): _starting,
}


def _by_context() -> None:
    """Have the module read its settings by context while any block runs, and leave all as it was after the last."""
    if _RUNNING and type(warnings) is not _ByContext:
        for (place, name), made_of in _REPLACEMENTS.items():
            before = getattr(place, name)
            if (place, name) not in _REPLACED:
                _REPLACED[place, name] = before, made_of(before)
            setattr(place, name, _REPLACED[place, name][1])
        _BLAS[:] = _threads_of_blas()
        warnings.__class__ = _ByContext  # last: it says that all is in place
    elif _REPLACED and not _RUNNING:
        warnings.__class__ = ModuleType
        for (place, name), (before, ours) in _REPLACED.items():
            if getattr(place, name) is ours:  # nobody has put in another since
                setattr(place, name, before)
        _REPLACED.clear()


def _after_fork() -> None:
    """In a child process no other thread runs on."""
    block, mine = _here(), set()
    while block is not None:
        mine.add(block)
        block = block.outer
    _RUNNING.intersection_update(mine)
    _by_context()


_LOCK = fork_safe_lock(_after_fork)
#: Held while a thread starts: until it runs, Python up to 3.12 takes it for the one that starts it, and what is raised there
#: would end the new one, for which the other waits.
THREAD_STARTS = fork_safe_lock()
