"""Where fits run: in this thread, in threads, over a pool; and when a bar is seen on the way."""

import os
import platform
import threading
import time
import warnings
from dataclasses import dataclass
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.linear_model import LogisticRegression
from test_fitting import rows
from threadpoolctl import threadpool_limits

from imbalance_accessor import progress, workers
from imbalance_accessor.errors import OptionError
from imbalance_accessor.fitting import run
from imbalance_accessor.side_by_side import recorded
from imbalance_accessor.workers import Job, check_jobs, run_all

pytestmark = pytest.mark.filterwarnings("error")

#: What a job says it took: work that is short for this thread, worth threads, worth processes, and too long to wait for.
SHORT, WORTH_THREADS, WORTH_PROCESSES, VERY_LONG = 0.001, 1.0, 3.5, 200.0


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch):
    monkeypatch.setattr(workers.joblib, "cpu_count", lambda: 2)


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


@pytest.fixture
def log(monkeypatch):
    """Put a pool in the place of joblib's that runs calls here and writes down which."""
    found = Log([], [])

    def pool(calls, n_jobs):
        assert n_jobs == -1
        for function, args, kwargs in calls:
            found.pooled.append(args[0].fold)
            yield function(*args, **kwargs)

    monkeypatch.setattr(workers, "_pooled", pool)
    return found


def work(log, seconds, n=6, pause=0.0, n_jobs=None, computing=(0,), **options):
    """Run jobs that take no time, or a pause that some of them compute and others sleep; all say they took `seconds`."""
    lock = threading.Lock()

    def job_done(job):
        did = Did(job.fold, seconds, threading.get_ident())
        with lock:
            log.begun.append(did)
        until = time.perf_counter() + pause
        while job.fold in computing and time.perf_counter() < until:
            pass
        time.sleep(max(0.0, until - time.perf_counter()))
        return did

    jobs = [Job("none", fold) for fold in range(n)]
    return run_all(jobs, lambda job: joblib.delayed(job_done)(job), n_jobs=n_jobs, progress=False, **options)


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


def test_longer_work_goes_on_in_threads_that_compute(log, monkeypatch):
    monkeypatch.setattr(workers, "_COMPUTING", -1.0)  # however busy this machine is
    found = work(log, WORTH_THREADS, pause=0.15, threads=True)
    assert in_order_and_once(found, log)
    assert log.threads(0) == [HERE()]  # to see how long one takes
    assert HERE() not in log.threads(1, 2, 3, 4, 5)
    assert len(set(log.threads(1, 2))) == 2  # side by side: the first pause is not over yet
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
    """Two of six jobs sleep in threads; the four left are worth processes."""
    found = work(log, WORTH_PROCESSES, pause=0.05, threads=True)
    assert in_order_and_once(found, log)
    assert HERE() not in log.threads(1, 2)
    assert log.pooled == [3, 4, 5]


def test_one_slow_strategy_among_quick_ones_sends_what_is_left_to_processes(log, monkeypatch):
    """The first of each name is timed before what is left is judged: a mean of the first few would miss the slow one."""
    monkeypatch.setattr(workers, "_COMPUTING", -1.0)
    jobs = [Job(name, fold) for fold in range(5) for name in ("none", "oversample", "class_weight", "smote")]

    def job_done(job):
        did = Did(job.fold, 15.0 if job.name == "smote" else 0.1, HERE())
        log.begun.append(did)
        return did

    run_all(jobs, lambda job: joblib.delayed(job_done)(job), n_jobs=None, progress=False, threads=True)
    assert log.pooled == [fold for fold in range(1, 5) for _ in range(4)]


def test_what_is_left_is_expected_to_take_as_long_as_its_own_name():
    jobs = [Job("a", 0), Job("b", 0), Job("a", 1), Job("b", 1), Job("c", 1)]
    done = [Did(0, 1.0, 0), Did(0, 5.0, 0)]
    assert workers._expected(done, jobs) == 1.0 + 5.0 + 3.0
    assert workers._expected([], jobs) == 0.0
    assert workers._unseen(done, jobs) == 1


def test_threads_that_wait_go_on_where_processes_do_not_pay(log):
    found = work(log, WORTH_THREADS, pause=0.05, threads=True)
    assert in_order_and_once(found, log)
    assert HERE() not in log.threads(1, 2, 3, 4, 5)
    assert log.pooled == []


def test_the_share_that_threads_must_compute_is_held_against_what_they_did(log, monkeypatch):
    monkeypatch.setattr(workers, "_COMPUTING", 2.0)
    monkeypatch.setattr(workers, "POOL_SECONDS", 0.0)
    found = work(log, WORTH_THREADS, pause=0.02, computing=range(6), threads=True)
    assert in_order_and_once(found, log)
    assert log.pooled == [3, 4, 5]


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
        found = workers.in_threads(in_a_library, [0, 1], rows=1_000_000)
        assert (list(warnings.filters), warnings.showwarning) == (filters, showing)
    assert [item for item, _ in found] == [0, 1]
    assert HERE() not in {thread for _, thread in found}
    assert sorted(str(each.message) for each in told) == ["of 0", "of 1"]


def test_work_on_short_arrays_runs_here():
    assert workers.in_threads(lambda item: HERE(), [0, 1, 2], rows=100) == [HERE()] * 3


def test_work_that_is_too_long_for_threads_goes_to_processes_at_once(log, monkeypatch):
    monkeypatch.setattr(workers, "_COMPUTING", -1.0)
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
    monkeypatch.setattr(workers.joblib, "cpu_count", lambda: 1)
    found = work(log, seconds, threads=threads)
    assert in_order_and_once(found, log)
    assert set(log.threads(*range(6))) == {HERE()}
    assert log.pooled == []


def test_more_cores_than_jobs_are_no_trouble(log, monkeypatch):
    monkeypatch.setattr(workers.joblib, "cpu_count", lambda: 64)
    found = work(log, WORTH_THREADS, pause=0.02, threads=True)
    assert in_order_and_once(found, log)
    assert HERE() not in log.threads(1, 2, 3, 4, 5)


@pytest.mark.parametrize("threads", [True, False])
@pytest.mark.parametrize("seconds", [SHORT, VERY_LONG])
def test_a_surrounding_configuration_of_threads_wins(seconds, threads):
    log = Log([], [])
    with joblib.parallel_config("threading", n_jobs=2):
        found = work(log, seconds, threads=threads)
    assert in_order_and_once(found, log)
    assert HERE() not in log.threads(*range(6))


@pytest.mark.parametrize("config", [("sequential",), ("loky", 1), (None, 1)])
@pytest.mark.parametrize("seconds", [WORTH_THREADS, VERY_LONG])
def test_a_surrounding_configuration_of_one_worker_wins(seconds, config, monkeypatch):
    backend, *n_jobs = config
    given = {"backend": backend} if backend else {}
    log = Log([], [])
    with joblib.parallel_config(**given, n_jobs=n_jobs[0] if n_jobs else None):
        found = work(log, seconds, threads=True)
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
    found = work(log, VERY_LONG, n_jobs=1, threads=True)
    assert in_order_and_once(found, log)
    assert set(log.threads(*range(6))) == {HERE()}
    with joblib.parallel_config("threading"):
        work(log := Log([], []), SHORT, n_jobs=2)
    assert HERE() not in log.threads(*range(6))


def test_what_a_job_raises_in_a_thread_is_raised_here(monkeypatch):
    def job_done(job):
        if job.fold == 3:
            raise KeyboardInterrupt
        return Did(job.fold, WORTH_THREADS, threading.get_ident())

    monkeypatch.setattr(workers, "_COMPUTING", -1.0)
    jobs = [Job("none", fold) for fold in range(6)]
    with pytest.raises(KeyboardInterrupt):
        run_all(jobs, lambda job: joblib.delayed(job_done)(job), n_jobs=None, progress=False, threads=True)


# ---------------------------------------------------------------- fits, and their numbers


def all_of(estimators, **options):
    given = rows()
    jobs = [Job(str(place), place) for place in range(len(estimators))]
    return run_all(
        jobs,
        lambda job: joblib.delayed(run)(job, estimators[job.fold], given),
        **{"progress": False} | options,
    )


def test_order_and_numbers_are_the_same_wherever_jobs_run(monkeypatch):
    estimators = [LogisticRegression(C=c) for c in (0.01, 0.1, 1, 10)]
    given = rows()
    wanted = [each.fit(given.X, given.y).predict_proba(given.scored).tolist() for each in estimators]
    assert len({str(scores) for scores in wanted}) == 4
    found = [all_of(estimators, n_jobs=None)]
    for n_jobs in (1, 2):
        with joblib.parallel_config(backend="threading"):
            found.append(all_of(estimators, n_jobs=n_jobs))
    monkeypatch.setattr(workers, "THREAD_SECONDS", 0.0)
    monkeypatch.setattr(workers, "_COMPUTING", -1.0)
    found.append(all_of(estimators, n_jobs=None, threads=True))
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


def test_short_work_shows_no_bar_and_an_asked_for_one_is_shown(capfd, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS", 60.0)  # however slow this machine is
    all_of([LogisticRegression()] * 3, n_jobs=1, progress=None)
    assert capfd.readouterr() == ("", "")
    all_of([LogisticRegression()] * 3, n_jobs=1, progress=True)
    assert "/3 [" in capfd.readouterr().err
    all_of([LogisticRegression()] * 3, n_jobs=1, progress=False)
    assert capfd.readouterr() == ("", "")


def test_long_work_shows_a_bar(monkeypatch, capfd):
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    all_of([LogisticRegression()] * 3, n_jobs=None, progress=None)
    assert "fit" in capfd.readouterr().err


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="says how glibc gives memory back")
def test_a_young_worker_keeps_the_memory_it_freed(monkeypatch):
    """Without it every round takes its arrays anew from the system, page by page: 75,000 pages in all."""
    for name in [each for each in os.environ if each.startswith(("MALLOC_", "GLIBC_TUNABLES"))]:
        monkeypatch.delenv(name)  # who says how memory is kept is obeyed

    def pages():
        import resource

        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(100):
            [np.ones(100_000) for _ in range(5)]
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    get_reusable_executor().shutdown(kill_workers=True)
    found = list(workers._pooled([joblib.delayed(pages)() for _ in range(2)], 2))
    assert max(found) < 10_000
