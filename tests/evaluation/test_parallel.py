"""Where fits run: in this thread, in threads, over a pool; and when a bar is seen on the way."""

import ctypes
import os
import signal
import threading
import warnings
from dataclasses import dataclass, replace
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from fit_rows import rows
from joblib.externals.loky import get_reusable_executor
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from imbalance_accessor.errors import OptionError
from imbalance_accessor.evaluation import parallel
from imbalance_accessor.evaluation.fit import fit_and_score
from imbalance_accessor.evaluation.parallel import Job, check_jobs, run_all
from imbalance_accessor.metrics import shared_cores
from imbalance_accessor.metrics.bootstrap import draws_at_most, n_draws_for
from imbalance_accessor.process_state import recorded

pytestmark = pytest.mark.filterwarnings("error")

#: What a job says it took: work that is short for this thread, worth threads, worth processes, and too long to wait for.
SHORT, WORTH_THREADS, WORTH_PROCESSES, VERY_LONG = 0.001, 1.0, 3.5, 200.0


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch):
    monkeypatch.setattr(parallel.joblib, "cpu_count", lambda: 2)


@dataclass
class Did:
    """What comes of a job: where it ran, and how long it says it took."""

    fold: int
    seconds: float
    thread: int


@dataclass
class Log:
    """The jobs that were done, in the order in which they began, and those that a pool was given."""

    begun: list[Did]
    pooled: list[int]

    def threads(self, *folds):
        return [each.thread for each in self.begun if each.fold in folds]

    def pool(self, calls, n_jobs):
        """Stand in for joblib's pool: run calls here, and write down which."""
        assert n_jobs == -1
        for function, args, kwargs in calls:
            self.pooled.append(args[0].fold)
            yield function(*args, **kwargs)


@pytest.fixture
def log():
    return Log([], [])


def work(log, seconds, n=6, shares=(), meeting=(), **options):
    """Run jobs that say they took `seconds`, and computed for a share of that, else all of it; some must meet another."""
    lock, both = threading.Lock(), threading.Barrier(2)

    def job_done(job):
        did = Did(job.fold, seconds, threading.get_ident())
        with lock:
            log.begun.append(did)
        if job.fold in meeting:
            both.wait(60)
        return did

    def measured(function, args, kwargs):
        did = function(*args, **kwargs)
        return did, dict(shares).get(did.fold, 1.0)

    jobs = [Job("none", fold) for fold in range(n)]
    options = {"n_jobs": None, "progress": False, "measured": measured, "pooled": log.pool} | options
    return run_all(jobs, lambda job: joblib.delayed(job_done)(job), **options)


def in_order_and_once(found, log, n=6):
    """Whether outcomes are in the order of the jobs, and each job was done once."""
    return [each.fold for each in found] == sorted(each.fold for each in log.begun) == list(range(n))


HERE = threading.get_ident


@pytest.mark.parametrize("threads", [True, False])
def test_short_work_stays_in_this_thread(log, threads):
    found = work(log, SHORT, threads=threads)
    assert in_order_and_once(found, log)
    assert set(log.threads(*range(6))) == {HERE()}
    assert log.pooled == []


def test_no_work_is_no_trouble(log):
    assert work(log, SHORT, n=0, threads=True) == []


def test_longer_work_goes_on_in_threads_that_compute(log):
    found = work(log, WORTH_THREADS, meeting=(1, 2), threads=True)
    assert in_order_and_once(found, log)
    assert log.threads(0) == [HERE()]  # to see how long one takes
    assert HERE() not in log.threads(1, 2, 3, 4, 5)
    assert len(set(log.threads(1, 2))) == 2  # side by side: they waited for each other
    assert log.pooled == []


def test_by_default_nothing_runs_in_threads(log):
    work(log, WORTH_THREADS)
    assert set(log.threads(*range(6))) == {HERE()}
    assert log.pooled == []


@pytest.mark.parametrize("seconds", [WORTH_PROCESSES, VERY_LONG])
def test_work_worth_processes_that_may_not_run_in_threads_goes_to_a_pool(log, seconds):
    found = work(log, seconds, threads=False)
    assert in_order_and_once(found, log)
    assert log.pooled == [1, 2, 3, 4, 5]  # the first ran here, to see how long one takes
    assert set(log.threads(*range(6))) == {HERE()}


def test_threads_that_wait_are_given_up_for_processes(log):
    """Two of six jobs waited in threads; the four left are worth processes."""
    found = work(log, WORTH_PROCESSES, shares={1: 0.1, 2: 0.1}, threads=True)
    assert in_order_and_once(found, log)
    assert HERE() not in log.threads(1, 2)
    assert log.pooled == [3, 4, 5]


def test_one_slow_strategy_among_quick_ones_sends_what_is_left_to_processes(log):
    """The first of each name is timed before what is left is judged: a mean of the first few would miss the slow one."""
    jobs = [Job(name, fold) for fold in range(5) for name in ("none", "oversample", "class_weight", "smote")]

    def job_done(job):
        did = Did(job.fold, 15.0 if job.name == "smote" else 0.1, HERE())
        log.begun.append(did)
        return did

    options = {"n_jobs": None, "progress": False, "threads": True, "pooled": log.pool}
    run_all(jobs, lambda job: joblib.delayed(job_done)(job), **options)
    assert log.pooled == [fold for fold in range(1, 5) for _ in range(4)]


def test_what_is_left_is_expected_to_take_as_long_as_its_own_name():
    jobs = [Job("a", 0), Job("b", 0), Job("a", 1), Job("b", 1), Job("c", 1)]
    done = [Did(0, 1.0, 0), Did(0, 5.0, 0)]
    assert parallel._expected(done, jobs) == 1.0 + 5.0 + 3.0
    assert parallel._expected([], jobs) == 0.0
    assert parallel._unseen(done, jobs) == 1


def test_threads_that_wait_go_on_where_processes_do_not_pay(log):
    found = work(log, WORTH_THREADS, shares={1: 0.1, 2: 0.1}, threads=True)
    assert in_order_and_once(found, log)
    assert HERE() not in log.threads(1, 2, 3, 4, 5)
    assert log.pooled == []


@pytest.mark.parametrize(("share", "pooled"), [(0.29, [3, 4, 5]), (0.31, [])])
def test_the_share_that_threads_must_compute_is_held_against_what_the_first_did(log, share, pooled):
    """Threads that compute less than .6 of that wait for the interpreter; less than all of it, for a busy machine."""
    found = work(log, WORTH_PROCESSES, shares={0: 0.5, 1: share, 2: share}, threads=True)
    assert in_order_and_once(found, log)
    assert log.pooled == pooled


def test_work_on_long_arrays_runs_in_threads_that_leave_filters_alone_and_tell_their_warnings():
    """Both threads stand in a library's own catch_warnings at once, and leave it in the order they came."""
    both, first_left = threading.Barrier(2), threading.Event()

    def in_a_library(item):
        if item:
            both.wait(10)
            with warnings.catch_warnings():
                warnings.simplefilter("error", BytesWarning)
                both.wait(10)
                first_left.wait(10)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("error", BytesWarning)
                both.wait(10)
                both.wait(10)
            first_left.set()
        warnings.warn(f"of {item}", UserWarning, stacklevel=1)
        return item, threading.get_ident()

    with pytest.warns(UserWarning) as told:
        filters, showing = list(warnings.filters), warnings.showwarning
        found = parallel.in_threads(in_a_library, [0, 1], rows=1_000_000)
        assert (list(warnings.filters), warnings.showwarning) == (filters, showing)
    assert [item for item, _ in found] == [0, 1]
    assert HERE() not in {thread for _, thread in found}
    assert sorted(str(each.message) for each in told) == ["of 0", "of 1"]


def test_work_on_short_arrays_runs_here():
    assert parallel.in_threads(lambda item: HERE(), [0, 1, 2], rows=100) == [HERE()] * 3


def test_work_that_is_too_long_for_threads_goes_to_processes_at_once(log):
    found = work(log, VERY_LONG, threads=True)
    assert in_order_and_once(found, log)
    assert log.pooled == [1, 2, 3, 4, 5]
    assert set(log.threads(*range(6))) == {HERE()}


@pytest.mark.parametrize("threads", [True, False])
def test_the_last_job_stays_here_however_long_it_is(log, threads):
    work(log, VERY_LONG, n=2, threads=threads)
    assert log.threads(0, 1) == [HERE(), HERE()]
    assert log.pooled == []


@pytest.mark.parametrize("threads", [True, False])
@pytest.mark.parametrize("seconds", [WORTH_THREADS, VERY_LONG])
def test_one_core_has_one_thread(log, monkeypatch, seconds, threads):
    monkeypatch.setattr(parallel.joblib, "cpu_count", lambda: 1)
    found = work(log, seconds, threads=threads)
    assert in_order_and_once(found, log)
    assert set(log.threads(*range(6))) == {HERE()}
    assert log.pooled == []


def no_thread(_):
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("seconds", [WORTH_THREADS, VERY_LONG])
def test_where_no_thread_starts_all_runs_here(log, monkeypatch, seconds, n_jobs):
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    found = work(log, seconds, threads=True, n_jobs=n_jobs, pooled=None)
    assert in_order_and_once(found, log)
    assert set(log.threads(*range(6))) == {HERE()}
    assert parallel.in_threads(abs, [-1, 2], rows=10**6) == [1, 2]


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_where_no_thread_starts_a_surrounding_configuration_runs_here(log, monkeypatch, backend):
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    with joblib.parallel_config(backend, n_jobs=2):
        work(log, SHORT, pooled=None)
    assert set(log.threads(*range(6))) == {HERE()}


@pytest.mark.parametrize("error", [OSError(52, "Function not implemented"), ImportError("_multiprocessing")])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_where_no_process_starts_all_runs_here(log, n_jobs, error):
    asked = []

    def pool(calls, n_jobs):
        asked.append(n_jobs)
        if n_jobs != 1:
            raise error
        for function, args, kwargs in calls:
            yield function(*args, **kwargs)

    assert in_order_and_once(work(log, VERY_LONG, n_jobs=n_jobs, pooled=pool), log)
    assert asked == [n_jobs or -1, 1]


def test_a_clock_of_threads_that_is_missing_is_one_that_goes_by(monkeypatch):
    monkeypatch.delattr("time.thread_time")
    assert shared_cores.measured(sum, ([1, 2],), {})[0] == 3


def test_more_cores_than_jobs_are_no_trouble(log, monkeypatch):
    monkeypatch.setattr(parallel.joblib, "cpu_count", lambda: 64)
    found = work(log, WORTH_THREADS, threads=True)
    assert in_order_and_once(found, log)
    assert HERE() not in log.threads(1, 2, 3, 4, 5)


@pytest.mark.parametrize("threads", [True, False])
@pytest.mark.parametrize("seconds", [SHORT, VERY_LONG])
def test_a_surrounding_configuration_of_threads_wins(seconds, threads):
    log = Log([], [])
    with joblib.parallel_config("threading", n_jobs=2):
        found = work(log, seconds, threads=threads, pooled=None)
    assert in_order_and_once(found, log)
    assert HERE() not in log.threads(*range(6))


@pytest.mark.parametrize("config", [("sequential",), ("loky", 1), (None, 1)])
@pytest.mark.parametrize("seconds", [WORTH_THREADS, VERY_LONG])
def test_a_surrounding_configuration_of_one_worker_wins(seconds, config):
    backend, *n_jobs = config
    given = {"backend": backend} if backend else {}
    log = Log([], [])
    with joblib.parallel_config(**given, n_jobs=n_jobs[0] if n_jobs else None):
        found = work(log, seconds, threads=True, pooled=None)
    assert in_order_and_once(found, log)
    assert set(log.threads(*range(6))) == {HERE()}


def test_threads_of_a_surrounding_configuration_hear_their_own_warnings_alone():
    barrier = threading.Barrier(2)

    def job_done(job):
        with recorded() as caught:
            barrier.wait(20)
            warnings.warn(str(job.fold), stacklevel=1)
            barrier.wait(20)
        return SimpleNamespace(seconds=SHORT, heard=[str(each.message) for each in caught])

    with joblib.parallel_config("threading", n_jobs=2):
        jobs = [Job("none", fold) for fold in range(2)]
        found = run_all(jobs, lambda job: joblib.delayed(job_done)(job), n_jobs=None, progress=False)
    assert [each.heard for each in found] == [["0"], ["1"]]


def test_a_number_of_workers_that_was_asked_for_wins():
    log = Log([], [])
    found = work(log, VERY_LONG, n_jobs=1, threads=True, pooled=None)
    assert in_order_and_once(found, log)
    assert set(log.threads(*range(6))) == {HERE()}
    with joblib.parallel_config("threading"):
        work(log := Log([], []), SHORT, n_jobs=2, pooled=None)
    assert HERE() not in log.threads(*range(6))


def test_what_a_job_raises_in_a_thread_is_raised_here():
    def job_done(job):
        if job.fold == 3:
            raise KeyboardInterrupt
        return Did(job.fold, WORTH_THREADS, threading.get_ident())

    jobs = [Job("none", fold) for fold in range(6)]
    with pytest.raises(KeyboardInterrupt):
        run_all(jobs, lambda job: joblib.delayed(job_done)(job), n_jobs=None, progress=False, threads=True)


# ---------------------------------------------------------------- fits, and their numbers


def fitted(job, estimator, given, seconds):
    """Fit, and say that it took so long."""
    return replace(fit_and_score(job, estimator, given), seconds=seconds)


def all_of(estimators, seconds=SHORT, **options):
    given = rows()
    jobs = [Job(str(place), place) for place in range(len(estimators))]
    return run_all(
        jobs,
        lambda job: joblib.delayed(fitted)(job, estimators[job.fold], given, seconds),
        **{"progress": False} | options,
    )


def test_order_and_numbers_are_the_same_wherever_jobs_run():
    estimators = [LogisticRegression(C=c) for c in (0.01, 0.1, 1, 10)]
    given = rows()
    wanted = [each.fit(given.X, given.y).predict_proba(given.scored).tolist() for each in estimators]
    assert len({str(scores) for scores in wanted}) == 4
    found = [all_of(estimators, n_jobs=None)]
    for n_jobs in (1, 2):
        with joblib.parallel_config(backend="threading"):
            found.append(all_of(estimators, n_jobs=n_jobs))
    found.append(all_of(estimators, WORTH_THREADS, n_jobs=None, threads=True))
    for got in found:
        assert [outcome.job.fold for outcome in got] == [0, 1, 2, 3]
        assert [outcome.scores.tolist() for outcome in got] == wanted


@pytest.mark.parametrize("n_jobs", [0, 1.5, "2", True])
def test_a_number_of_workers_that_joblib_does_not_take(n_jobs):
    with pytest.raises(OptionError, match="n_jobs"):
        check_jobs(n_jobs)


@pytest.mark.parametrize("n_jobs", [None, 1, 2, -1])
def test_numbers_of_workers_that_joblib_takes(n_jobs):
    check_jobs(n_jobs)


# ---------------------------------------------------------------- the bar over them


def test_an_asked_for_bar_is_shown_and_an_unwanted_one_is_not(capfd):
    all_of([LogisticRegression()] * 3, n_jobs=1, progress=True)
    assert "/3 [" in capfd.readouterr().err
    all_of([LogisticRegression()] * 3, n_jobs=1, progress=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="says how glibc keeps what is freed")
def test_a_young_worker_keeps_the_memory_it_freed_and_leaves_interrupts_to_us(monkeypatch):
    """Without it every round takes its arrays anew from the system, page by page."""
    for name in [each for each in os.environ if each.startswith(("MALLOC_", "GLIBC_TUNABLES"))]:
        monkeypatch.delenv(name)  # who says how memory is kept is obeyed

    def given_back():
        """Free five arrays, and return how much of them the system took back, of what mallinfo2(3) says is in use."""
        asked = ctypes.CDLL(None).mallinfo2
        asked.restype = type("Memory", (ctypes.Structure,), {"_fields_": [("all", ctypes.c_size_t * 10)]})
        held = [np.ones(100_000) for _ in range(5)]
        before = asked().all
        held.clear()
        after = asked().all
        return (
            before[0] + before[4] - after[0] - after[4]
        ) / 800_000  # on the heap, and in pages of their own

    def young_and_then():
        return given_back(), parallel._as_worker(given_back)

    get_reusable_executor().shutdown(kill_workers=True)
    assert list(parallel._pooled([joblib.delayed(given_back)()], 2)) == [0]
    get_reusable_executor().shutdown(kill_workers=True)
    ((young, then),) = joblib.Parallel(2)([joblib.delayed(young_and_then)()])
    assert young > 1
    assert then == 0
    assert list(parallel._pooled([joblib.delayed(signal.getsignal)(signal.SIGINT)], 2)) == [signal.SIG_IGN]


def test_what_holds_around_a_call_holds_in_its_threads():
    with draws_at_most(7):
        assert parallel.in_threads(n_draws_for, [10, 20], rows=1_000_000) == [7, 7]
