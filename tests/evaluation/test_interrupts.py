"""Interrupts: heard at once, passed on to threads, said where a fit must end first, and kept by no fit."""

import os
import signal
import threading
import time
import traceback
from types import SimpleNamespace

import joblib
import pytest
from joblib.externals.loky.process_executor import ShutdownExecutorError

import imbalance_accessor as imb
from imbalance_accessor.evaluation import interrupts, parallel
from imbalance_accessor.evaluation.parallel import Job, run_all

LONG = 60
pytestmark = pytest.mark.skipif(os.name == "nt", reason="interrupts are sent otherwise there")


@pytest.fixture(autouse=True)
def handler(monkeypatch):
    """What hears an interrupt: a shell's background jobs are born deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(parallel.joblib, "cpu_count", lambda: 2)
    threads = threading.active_count()
    yield
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler
    assert threading.active_count() == threads


@pytest.fixture
def said(monkeypatch):
    """What is said on the way, and what waits for it to be said."""
    heard = SimpleNamespace(lines=[], any=threading.Event())
    monkeypatch.setattr(interrupts, "say", lambda line: (heard.lines.append(line), heard.any.set()))
    return heard


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def run(work, n=6, **options):
    """Run jobs that are worth threads; return those that began."""
    begun = []

    def done(job):
        begun.append(job.fold)
        work(job)
        return SimpleNamespace(seconds=1.0)

    options = {"n_jobs": None, "threads": True, "progress": False} | options
    try:
        run_all([Job("none", fold) for fold in range(n)], lambda job: joblib.delayed(done)(job), **options)
    except KeyboardInterrupt:
        return begun
    return [*begun, "no interrupt"]


def configured(work):
    with joblib.parallel_config("threading", n_jobs=2):
        return run(work, threads=False)


@pytest.mark.parametrize("run_it", [run, configured])
def test_fits_in_threads_that_cannot_be_ended_are_waited_for_and_others_never_begin(said, run_it):
    """Both stand in a lock, where no thread takes an interrupt."""
    both = threading.Barrier(2)

    def work(job):
        if threading.current_thread() is threading.main_thread():
            return
        if not both.wait(LONG):
            interrupt()
        assert said.any.wait(LONG)

    assert len(run_it(work)) <= 3
    assert said.lines == ["stopping after the current fit"]
    assert run_it(lambda job: None)[-1] == "no interrupt"


def test_fits_in_threads_that_come_back_to_python_end_at_once(said):
    both, ended = threading.Barrier(2), []

    def work(job):
        if threading.current_thread() is threading.main_thread():
            return
        if not both.wait(LONG):
            interrupt()
        try:
            while not said.any.wait(0.001):
                pass
        except KeyboardInterrupt:
            ended.append(job.fold)
            raise

    assert sorted(run(work)) == [0, 1, 2]
    assert sorted(ended) == [1, 2]
    assert said.lines == []


def test_work_on_arrays_in_threads_ends_too(said):
    def work(item):
        if item == 0:
            interrupt()
        while not said.any.wait(0.001):
            pass

    with pytest.raises(KeyboardInterrupt):
        parallel.in_threads(work, [0, 1], rows=10**6)
    assert parallel.in_threads(abs, [-1, 2], rows=10**6) == [1, 2]


@pytest.mark.parametrize("last", [0, 2])
def test_an_interrupt_that_a_fit_keeps_ends_the_call_behind_it(last):
    """As scikit-learn's networks do: they end their training, and count as fitted."""

    def work(job):
        if job.fold == last:
            try:
                interrupt()
                threading.Event().wait(LONG)
            except KeyboardInterrupt:
                pass

    assert run(work, n=3, threads=False, n_jobs=1) == [*range(last + 1)]


def test_an_interrupt_that_the_process_takes_otherwise_is_left_to_it(handler):
    heard = []
    signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    try:
        assert run(lambda job: interrupt(), n=2, threads=False) == [0, 1, "no interrupt"]
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert heard == [1, 1]


def test_a_call_in_another_thread_goes_on(said):
    stands, go_on, found = threading.Event(), threading.Event(), []

    def beside(job):
        stands.set()
        assert go_on.wait(LONG)

    other = threading.Thread(target=lambda: found.append(run(beside)))
    other.start()
    assert stands.wait(LONG)
    assert run(lambda job: interrupt() if job.fold == 2 else None)[-1] != "no interrupt"
    go_on.set()
    other.join(LONG)
    assert [sorted(each[:-1]) for each in found] == [[*range(6)]]
    assert found[0][-1] == "no interrupt"


def test_a_call_that_joblib_makes_in_its_own_thread_ends_too():
    """What strategies share is fitted there, while processes fit; joblib then ends its pool by that very thread."""
    stands, found = threading.Event(), []

    def call(job):
        stands.set()
        while True:
            time.sleep(0.001)

    def pool(calls, n_jobs):
        thread = threading.Thread(target=lambda: found.append(next(calls)))
        thread.start()
        assert stands.wait(LONG)
        try:
            interrupt()
            threading.Event().wait(LONG)
        finally:
            thread.join(LONG)
        yield

    with pytest.raises(KeyboardInterrupt):
        run_all([Job("none", 0)], call, n_jobs=2, progress=False, pooled=pool)
    assert found == [(bool, (), {})]


def test_processes_that_another_call_s_interrupt_ended_are_followed_by_others():
    pools = []

    def pool(calls, n_jobs):
        pools.append(n_jobs)
        for function, args, kwargs in calls:
            yield function(*args, **kwargs)
            if len(pools) == 1:
                raise ShutdownExecutorError("shut down with kill_workers=True")

    assert run(lambda job: None, n_jobs=2, pooled=pool) == [*range(6), "no interrupt"]
    assert pools == [2, 2]


def test_the_traceback_has_one_frame_of_ours(monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(imb.registry.verb("counts").__wrapped__.__globals__["Counts"], "__init__", stopped)
    with pytest.raises(KeyboardInterrupt) as caught:
        imb.make_churn(60).imb.counts("churn")
    frames = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert [each == __file__ for each in frames] == [True, False]
    assert caught.value.__suppress_context__
