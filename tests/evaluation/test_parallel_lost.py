"""Worker processes of a pool that die while fits run: what they took along is done again, and not here."""

import os

import joblib
import pandas as pd
import pytest
from lost_workers import Witness, left

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation import parallel

#: Fits of two strategies: two folds each, and the whole training set.
FITS = 6
OPTIONS = {"strategies": ["none", "class_weight"], "cv": 2, "progress": False}


@pytest.fixture(scope="module")
def frame():
    return imb.make_churn(300)


@pytest.mark.slow
def test_a_killed_process_costs_no_result(frame, tmp_path):
    want = frame.imb.fit_eval("churn", model=Witness(str(tmp_path)), **OPTIONS)
    assert left(tmp_path, "fitted") == [os.getpid()] * FITS
    with joblib.parallel_config("loky", n_jobs=2):
        dying = Witness(str(tmp_path), deaths=1, after=FITS + 2, home=os.getpid())
        got = frame.imb.fit_eval("churn", model=dying, **OPTIONS)
    pd.testing.assert_frame_equal(got.frame, want.frame, check_exact=True)
    fitted, (dead,) = left(tmp_path, "fitted"), left(tmp_path, "died")
    assert dead != os.getpid()
    assert fitted.count(os.getpid()) == FITS  # nothing was done again in this process
    assert len(fitted) >= 2 * FITS


@pytest.mark.slow
def test_a_fit_that_kills_every_process_is_one_sentence(frame, tmp_path):
    dying = Witness(str(tmp_path), deaths=1000, home=os.getpid())
    with (
        joblib.parallel_config("loky", n_jobs=2),
        pytest.raises(ModelError, match=r"did not finish 'none'\. TerminatedWorkerError: .*n_jobs=1") as told,
    ):
        frame.imb.fit_eval("churn", model=dying, **OPTIONS)
    assert "\n" not in str(told.value)
    assert left(tmp_path, "fitted") == []
    assert 3 <= len(left(tmp_path, "died")) <= 6  # three pools of two


def test_only_a_broken_pool_is_followed_by_another():
    pools = []

    def pool(calls, n_jobs):
        pools.append(n_jobs)
        yield next(iter(calls))
        raise OSError("no route. To any worker\nsecond line")

    jobs = [parallel.Job("first", 0), parallel.Job("second", 0)]
    with pytest.raises(ModelError, match=r"did not finish 'second'\. OSError: no route\. They ") as told:
        parallel.run_all(jobs, lambda job: job, n_jobs=2, progress=False, pooled=pool)
    assert "\n" not in str(told.value)
    assert isinstance(told.value.__cause__, OSError)
    assert pools == [2]


def test_an_interrupt_that_a_pool_answers_with_an_error_is_an_interrupt():
    """joblib joins the threads of a pool that it ends, and one that was just being started cannot be joined."""

    def pool(calls, n_jobs):
        yield next(iter(calls))
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("cannot join thread before it is started")

    def failing(calls, n_jobs):
        yield next(iter(calls))
        raise OSError("no route")

    def run(pool):
        jobs = [parallel.Job("first", 0), parallel.Job("second", 0)]
        parallel.run_all(jobs, lambda job: job, n_jobs=2, progress=False, pooled=pool)

    with pytest.raises(KeyboardInterrupt):
        run(pool)
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:  # one from before says nothing of this call
        with pytest.raises(ModelError, match="no route"):
            run(failing)
