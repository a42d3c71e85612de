"""Seconds and peak memory of two sides of a case, each round as if it were the first of its process."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
import psutil
from joblib.externals.loky import reusable_executor

from imbalance_accessor.data import synthetic_rows

#: Seconds between two looks at the memory.
SAMPLED = 0.005


def forget() -> None:
    """Undo what is kept between calls of one process.

    The package remembers the rows that `smote` made, and later calls pay for looking frames up among them. joblib keeps
    the workers of a pool warm, where a first call has to start them.
    """
    synthetic_rows._CALLS.clear()
    pool = reusable_executor._executor  # get_reusable_executor() would make one where there is none
    if pool is not None:
        pool.terminate(kill_workers=True)  # and joblib's temporary files with it


def timed(work: Callable[[Any], Any], given: Any) -> tuple[float, Any]:
    """Return the seconds of one call and what it returned."""
    forget()
    given = anew(given)
    gc.collect()
    start = perf_counter()
    result = work(given)
    return perf_counter() - start, result


def anew(given: Any) -> Any:
    """Hand the data over in new objects on the same memory, so that nothing cached on a frame is found again."""
    if isinstance(given, pd.DataFrame | pd.Series):
        return given.copy(deep=False)
    return given


def n_bytes(given: Any) -> int:
    """Return the bytes of a frame, a column, arrays, or a tuple of them."""
    if isinstance(given, tuple):
        return sum(n_bytes(each) for each in given)
    if isinstance(given, pd.DataFrame):
        return int(given.memory_usage(index=False, deep=True).sum())
    if isinstance(given, pd.Series):
        return int(given.memory_usage(index=False, deep=True))
    return int(getattr(given, "nbytes", 0))


def interleaved(
    sides: Mapping[str, Callable[[Any], Any]], given: Any, rounds: int, *, goes_on: bool
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Time the sides in turn, round by round; return every time, and what each side returned last.

    goes_on: ours continues with what the peer has just returned, and its time is that of both.
    """
    taken: dict[str, list[float]] = {side: [] for side in sides}
    results: dict[str, Any] = {}
    order = sorted(sides, reverse=goes_on)  # ours, peer; or peer, ours
    for _ in range(rounds):
        results.clear()
        for side in order:
            on = results["peer"] if goes_on and side == "ours" else given
            seconds, results[side] = timed(sides[side], on)
            before = taken["peer"][-1] if goes_on and side == "ours" else 0.0
            taken[side].append(before + seconds)
    return taken, results


def peak_memory(work: Callable[[Any], Any], given: Any) -> dict[str, int]:
    """Return the most bytes held above those just before the call: ``own``, and ``summed`` with child processes.

    A thread looks every 5 ms at this process's resident memory and at its children's (their proportional share, where
    the system tells it, so that pages shared between workers count once). On Linux the own peak is the kernel's.
    """
    forget()
    gc.collect()
    give_back()
    with watched() as peak:
        work(given)
    return peak


@contextmanager
def watched() -> Iterator[dict[str, int]]:
    process, peak, stop = psutil.Process(), {"own": 0, "summed": 0}, threading.Event()
    by_kernel, before = counted_anew(), process.memory_info().rss

    def look() -> None:
        while not stop.wait(SAMPLED):
            own = process.memory_info().rss - before
            peak["own"] = max(peak["own"], own)
            peak["summed"] = max(peak["summed"], own + sum(map(share, process.children(recursive=True))))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()
        if by_kernel:
            peak["own"] = max(peak["own"], kernel_peak() - before)
        peak["summed"] = max(peak["summed"], peak["own"])


def share(child: psutil.Process) -> int:
    """Return a process's proportional share of memory, its resident memory where that is not told, 0 once it is gone."""
    try:
        return int(child.memory_full_info().pss)
    except AttributeError:
        with suppress(psutil.Error):
            return int(child.memory_info().rss)
    except psutil.Error:
        pass
    return 0


def give_back() -> None:
    """Return freed memory to the system, so that it does not hide what the call takes anew."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def counted_anew() -> bool:
    """Let Linux count this process's peak from now on; say whether it does."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def kernel_peak() -> int:
    """Return the peak of resident memory that Linux has counted, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
