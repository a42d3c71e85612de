"""Where fits run: in this thread while they are short, side by side in threads, or over a pool of processes."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pickle import PicklingError
from typing import Any, Protocol, TypeVar

import joblib
import numpy as np
from joblib.externals.loky import reusable_executor
from joblib.externals.loky.process_executor import ShutdownExecutorError
from joblib.parallel import get_active_backend

from imbalance_accessor.errors import LEFT_OUT, ImbalanceError, ModelError, OptionError, change
from imbalance_accessor.evaluation.interrupts import Delayed, Threads, no_interrupt_kept
from imbalance_accessor.evaluation.progress import Progress
from imbalance_accessor.evaluation.progress import bar as progress_bar
from imbalance_accessor.metrics.shared_cores import TimedCall, can_start_threads, measured, side_by_side
from imbalance_accessor.options import is_whole
from imbalance_accessor.process_state import own_filters, recorded

#: Work that is expected to take longer than this is worth threads; worth starting processes.
THREAD_SECONDS, POOL_SECONDS = 0.5, 8.0
#: Longer work goes to processes: they share no interpreter, and end at once when interrupted; a thread first ends its fit.
PROCESS_SECONDS = 20.0
#: Threads that compute a smaller share of their time than the first fit did wait for the interpreter, which processes
#: do not share.
_COMPUTING = 0.6
#: Rows from which on work on arrays is worth threads.
_LONG_ARRAYS = 20_000
#: Pools that are tried, one after another, when processes die in them.
_POOLS = 3
#: Backends of joblib whose workers are of this machine.
_OF_THIS_MACHINE = ("LokyBackend", "MultiprocessingBackend", "ThreadingBackend")
#: What the start of a process fails with where there are none, or no semaphores, and where no more of them are allowed.
_NOT_STARTED = (OSError, ImportError, NotImplementedError)


@dataclass(frozen=True)
class Job:
    """One fit: a strategy on the training rows of a fold, or on the whole training set (fold -1).

    It is known by its values: a worker sends back a copy of it.
    """

    name: str
    fold: int


class Timed(Protocol):
    """What comes of a job: it knows how long it took."""

    @property
    def seconds(self) -> float:
        """Seconds that the job took."""
        ...


Done = TypeVar("Done", bound=Timed)
Item = TypeVar("Item")
Found = TypeVar("Found")


def run_all(
    jobs: list[Job],
    call: Callable[[Job], Delayed[Done]],
    *,
    n_jobs: int | None,
    progress: Progress,
    threads: bool = False,
    note: str = "",
    measured: TimedCall = measured,
    pooled: Callable[..., Iterator[Any]] | None = None,
) -> list[Done]:
    """Run every job, in order, and return what came of each.

    Parameters
    ----------
    jobs : list of Job
    call : callable
        Makes the delayed call of a job.
    n_jobs : int, optional
        As joblib takes it. By default a surrounding `joblib.parallel_config` decides; without one the first fits
        run here, and by the time they take the rest goes on here, in threads, or over a pool of processes.
    progress : bool or Within, optional
        A bar; by default after two seconds; or the bar in which to count.
    threads : bool
        Whether jobs may run in threads of this process.
    note : str
        What the bar says beside it.
    measured : callable
        Does a job here and says which share of the time it computed; see `shared_cores.measured`.
    pooled : callable, optional
        Does jobs elsewhere; by default a pool as joblib is configured.

    Raises
    ------
    ModelError
        When the workers of a configured pool die again and again, or cannot take the fits.
    """
    with progress_bar(len(jobs), shown=progress) as bar, no_interrupt_kept() as made:
        unless_interrupted = partial(made, call)
        if note:  # before the first fit, however long that takes
            bar.set_postfix_str(note)
        if n_jobs is not None or _configured():
            return _spread(bar, jobs, unless_interrupted, n_jobs, pooled or _pooled)
        return _as_it_comes(bar, jobs, unless_interrupted, threads, measured, pooled or _pooled)


def check_jobs(n_jobs: int | None) -> None:
    """Refuse a number of workers that joblib does not take."""
    if n_jobs is not None and (not is_whole(n_jobs) or n_jobs == 0):
        raise OptionError(
            f"n_jobs={n_jobs!r} must be a whole number of workers, or -1 for all cores. Leave it out to have it chosen.",
            fix=change(n_jobs=LEFT_OUT),
        )


def _as_it_comes(
    bar: Any,
    jobs: list[Job],
    call: Callable[[Job], Delayed[Done]],
    threads: bool,
    measured: TimedCall,
    pooled: Callable[..., Iterator[Any]],
) -> list[Done]:
    """Run jobs here while what is left is short; then side by side, in threads where that is as good as processes."""
    done: list[Done] = []
    alone, cores = 1.0, _workers()
    while len(done) < len(jobs):
        rest = jobs[len(done) :]
        expected = _expected(done, jobs)
        if cores > 1 and len(rest) > 1 and threads and THREAD_SECONDS < expected < PROCESS_SECONDS:
            found, computing = _threaded(bar, rest[: max(cores, _unseen(done, jobs))], call, cores, measured)
            done += found
            left, expected = jobs[len(done) :], _expected(done, jobs)
            threads = computing > _COMPUTING * alone or expected < POOL_SECONDS
            if threads and left and expected < PROCESS_SECONDS:
                return done + _threaded(bar, left, call, cores, measured)[0]
        elif cores > 1 and len(rest) > 1 and expected > POOL_SECONDS:
            return done + _spread(bar, rest, call, -1, pooled)
        else:
            found, alone = measured(*call(rest[0]))
            done += _shown(bar, rest[:1], iter([found]))
    return done


def _workers() -> int:
    """Return how many workers can be had: one where no thread can be started, as pools of processes have threads too."""
    cores = joblib.cpu_count()
    return cores if cores > 1 and can_start_threads() else 1


def _unseen(done: Sequence[Timed], jobs: Sequence[Job]) -> int:
    """Return how many of the next jobs to run, so that one of each name has been timed: folds come one by one."""
    return len({job.name for job in jobs} - {job.name for job in jobs[: len(done)]})


def _expected(done: Sequence[Timed], jobs: Sequence[Job]) -> float:
    """Return the seconds that the jobs left will take here: as long as those of their name, else as the mean of all."""
    if not done:
        return 0.0
    taken: dict[str, list[float]] = {}
    for job, each in zip(jobs, done, strict=False):
        taken.setdefault(job.name, []).append(each.seconds)
    mean = sum(map(sum, taken.values())) / len(done)
    return sum(float(np.mean(taken.get(job.name, mean))) for job in jobs[len(done) :])


def _threaded(
    bar: Any, jobs: list[Job], call: Callable[[Job], Delayed[Done]], cores: int, measured: TimedCall
) -> tuple[list[Done], float]:
    """Run jobs in threads; return what came of them, and which share of their time they were computing."""
    number, shares = min(cores, len(jobs)), list[float]()
    with side_by_side(cores // number, measured) as timed, Threads(number) as pool:

        def outcomes() -> Iterator[Done]:
            for outcome, share in pool.in_order((timed, delayed, {}) for delayed in map(call, jobs)):
                shares.append(share)
                yield outcome

        found = list(_shown(bar, jobs, outcomes()))
    return found, float(np.median(shares))


def in_threads(work: Callable[[Item], Found], items: Sequence[Item], *, rows: int) -> list[Found]:
    """Do work on arrays for each item, side by side where they are long.

    Parameters
    ----------
    work : callable
        Computes with numpy, scipy or scikit-learn, and keeps nothing.
    items : sequence
    rows : int
        Length of the arrays; short ones are worked through here.

    Returns
    -------
    list
        In the order of the items.
    """
    threads = min(_workers(), len(items)) if rows >= _LONG_ARRAYS else 1
    if threads < 2:
        return [work(item) for item in items]

    def heard(item: Item) -> tuple[Found, list[warnings.WarningMessage]]:
        with recorded() as caught:
            return work(item), caught

    with side_by_side(max(1, joblib.cpu_count() // threads)), Threads(threads) as pool:
        found = list(pool.in_order((heard, (item,), {}) for item in items))
    for _, caught in found:  # as they would have been told here
        for each in caught:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    return [done for done, _ in found]


def _configured() -> bool:
    """Whether a `joblib.parallel_config` stands around us."""
    backend, n_jobs = get_active_backend()
    return n_jobs is not None or type(backend).__name__ != "LokyBackend"


def _spread(
    bar: Any, jobs: list[Job], call: Callable[[Job], Delayed[Done]], n_jobs: int | None, pooled: Any
) -> list[Done]:
    """Run jobs over a pool; those that a dying process took along are run again by a fresh one.

    Notes
    -----
    Never in this process: what ended the worker (too little memory, a crash in a library) would end the session.
    A Dask cluster does a lost worker's fits again by itself. Where no worker of this machine can be started, nothing has
    been ended: the jobs run here.
    """
    done: list[Done] = []
    sharing: dict[str, Any] = {}
    around = sys.exception()
    is_here = type(get_active_backend()[0]).__name__ in _OF_THIS_MACHINE
    if is_here and not can_start_threads():
        n_jobs = 1
    for pools_left in reversed(range(_POOLS)):
        rest = jobs[len(done) :]
        try:
            with closing(pooled(map(call, rest), n_jobs, **sharing)) as outcomes:
                for outcome in _shown(bar, rest, outcomes):
                    done.append(outcome)  # one by one, so that an error leaves what is done
            break
        except ImbalanceError:
            raise
        except Exception as error:  # of the workers, since `fit_and_score` keeps what a model raises
            if _interrupted(error, around):
                raise KeyboardInterrupt from error
            if pools_left and isinstance(error, BrokenExecutor | ShutdownExecutorError):
                continue  # the latter where a call in another thread was interrupted: calls share the processes
            if pools_left and is_here and n_jobs != 1 and not done and isinstance(error, _NOT_STARTED):
                n_jobs = 1
                continue
            if pools_left and not sharing and isinstance(error, PicklingError):
                # the disk that arrays are shared on is full: hand them over instead
                sharing = {"max_nbytes": None}
                continue
            said = " ".join(f"{type(error).__name__}: {error}".split()).split(". ")[0].rstrip(".")
            raise ModelError(
                f"The workers did not finish {jobs[len(done)].name!r}. {said}. They need memory for a fit and the modules "
                "that the model is from; outside joblib.parallel_config, n_jobs=1 fits in this process."
            ) from error
    return done


def _interrupted(error: BaseException | None, around: BaseException | None) -> bool:
    """Whether an interrupt came first: joblib fails where it ends a pool whose threads were just being started."""
    while error is not None and error is not around and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not around and isinstance(error, KeyboardInterrupt)


def _pooled(calls: Iterable[Delayed[Done]], n_jobs: int | None, **sharing: Any) -> Iterator[Done]:
    """Run calls over a pool; each is made when a worker is near, since every one holds its own rows."""
    backend, _ = get_active_backend()
    if type(backend).__name__ == "ThreadingBackend" and (number := joblib.effective_n_jobs(n_jobs)) > 1:
        with Threads(number) as pool:
            yield from pool.in_order(calls)
        return
    lazily = getattr(backend, "supports_return_generator", False)
    with own_filters(), _failures_heard(backend):
        # Dask's; a fit takes its rows with it, so that a lost worker's fits can be done again
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
        warnings.filterwarnings("ignore", ".* have been cancelled", UserWarning)  # joblib's, of an interrupt
        pool = joblib.Parallel(n_jobs=n_jobs, return_as="generator" if lazily else "list", **sharing)
        with _rows_let_go() as handed_on:
            yield from pool(
                (_as_worker, (function, *args), kwargs) for function, args, kwargs in handed_on(calls)
            )


@contextmanager
def _rows_let_go() -> Iterator[Callable[[Iterable[Item]], Iterator[Item]]]:
    """Let joblib's thread that sends calls to workers end with them; it would wait, and hold rows, for good (loky 3.5)."""
    queues: dict[Any, Any] = {}

    def handed_on(calls: Iterable[Item]) -> Iterator[Item]:
        for call in calls:
            executor = reusable_executor._executor
            queues.setdefault(executor, getattr(executor, "_call_queue", None))
            yield call

    try:
        yield handed_on
    except (KeyboardInterrupt, GeneratorExit):
        for executor, queue in queues.items():
            if queue is not None and executor._call_queue is None:  # its workers were ended
                queue._reader.close()
        raise


def _as_worker(function: Callable[..., Done], *args: Any, **kwargs: Any) -> Done:
    """Call a function in a process that keeps the memory it has freed, for the next array, and hears no interrupt.

    Notes
    -----
    An interrupt of a terminal reaches the workers too, which say where they stood. They are ended by the process above.

    glibc hands larger arrays back to the system when they are freed, and takes each anew, page by page, until the process
    has once freed one of up to 32 MiB (mallopt(3), M_MMAP_THRESHOLD). A worker is young: a boosting fit with weights took
    there twice its time. The array here is freed before any of its pages is touched.
    """
    if multiprocessing.current_process().name.startswith("LokyProcess"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    np.empty(31 << 20, np.uint8)
    return function(*args, **kwargs)


@contextmanager
def _failures_heard(backend: Any) -> Iterator[None]:
    """Have joblib told of a task that Dask gives up; its Dask backend calls back for results alone (joblib 1.6).

    Notes
    -----
    Without it a fit that ends every worker it is given to, or a class that workers cannot import, is waited for without
    end. Should joblib tell of it by itself one day, being told twice is no harm.
    """
    if type(backend).__name__ != "DaskDistributedBackend" or not hasattr(backend, "submit"):
        yield
        return
    submit = backend.submit

    def told(calls: Any, callback: Callable[[Any], None]) -> Any:
        future = submit(calls, callback)
        future.add_done_callback(lambda each: callback(each.exception()) if each.exception() else None)
        return future

    backend.submit = told
    try:
        yield
    finally:
        del backend.submit


def _shown(bar: Any, jobs: list[Job], outcomes: Iterator[Done]) -> Iterator[Done]:
    for job, outcome in zip(jobs, outcomes, strict=True):
        bar.set_description(job.name, refresh=False)
        bar.update()
        yield outcome
