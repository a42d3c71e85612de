"""`fit_eval` runs anywhere alike, says nothing it need not, and leaves the world as it was."""

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import joblib
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error")

THREADS = []


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


class Telltale(LogisticRegression):
    """Writes down the thread it is fitted in."""

    def fit(self, X, y, sample_weight=None):
        THREADS.append(threading.get_ident())
        return super().fit(X, y, sample_weight)


def evaluated(**options):
    options = {"strategies": ["class_weight", "smote"], "cv": 2} | options
    return imb.make_churn(160, 0.2).imb.fit_eval("churn", **options)


@pytest.fixture(scope="module")
def in_process():
    return evaluated(n_jobs=1)


def same(one, other):
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.scores, other.scores, check_exact=True)
    pd.testing.assert_frame_equal(one.differences, other.differences, check_exact=True)
    assert one.findings == other.findings
    assert one.verdict == other.verdict


@pytest.mark.slow
def test_processes_give_the_same_numbers(in_process):
    same(evaluated(n_jobs=2), in_process)


@pytest.mark.slow
def test_threads_of_a_surrounding_configuration_give_the_same_numbers(in_process):
    with joblib.parallel_config(backend="threading", n_jobs=2):
        same(evaluated(), in_process)
        THREADS.clear()
        evaluated(model=Telltale(), strategies=[])
    assert threading.get_ident() not in THREADS
    assert len(THREADS) == 3


@pytest.mark.slow
def test_work_that_is_chosen_for_gives_the_same_numbers(in_process):
    same(evaluated(n_jobs=None), in_process)


def test_nothing_is_said_but_by_a_bar(capfd):
    evaluated(n_jobs=1, progress=False)
    assert capfd.readouterr() == ("", "")
    evaluated(n_jobs=1)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert not shown.err or "/9 [" in shown.err  # where two seconds were not enough


def test_a_bar_is_shown_when_asked_for(capfd):
    evaluated(n_jobs=1, progress=True)
    shown = capfd.readouterr()
    assert "/9 [" in shown.err  # three strategies; two folds and the whole training set each
    assert shown.out == ""


@pytest.mark.slow
def test_a_default_run_warns_of_nothing_even_where_warnings_are_errors():
    code = """
        import imbalance_accessor as imb
        found = imb.make_churn(160, 0.2).imb.fit_eval("churn", cv=2, n_jobs=1, progress=False)
        repr(found), found._repr_html_(), found.frame, found.scores, found.explain(), found.snippet(style="full")
        found.model("smote").predict(imb.make_churn(20, 0.5))
    """
    root = Path(imb.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        cwd=root,
        env={"MPLBACKEND": "agg", "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_a_fit_that_does_not_converge_is_a_finding_and_no_warning(recwarn):
    found = evaluated(model=LogisticRegression(max_iter=2), n_jobs=1)
    said = [finding.message for finding in found.findings if finding.code == "IMB315"]
    assert said[0] == "'none': a fit did not converge."
    assert not list(recwarn)


def options_of_pandas():
    return [pd.get_option(name) for name in ("display.max_rows", "display.width", "display.precision")]


@pytest.mark.slow
def test_the_world_is_left_as_it_was():
    frame = imb.make_churn(240, 0.2)
    frame["mixed"] = pd.Series([1, "a"] * 120, dtype=object)
    frame["level"] = pd.Categorical(np.where(np.arange(240) % 3, "p", "q"), categories=["p", "q", "never"])
    before, random = frame.copy(deep=True), np.random.get_state()[1].copy()  # noqa: NPY002
    hashed = pd.util.hash_pandas_object(frame)
    settings = dict(mpl.rcParams), options_of_pandas(), sklearn.get_config()
    found = frame.imb.fit_eval("churn", cv=2, n_jobs=1)
    (
        repr(found),
        found._repr_html_(),
        found.frame,
        found.scores,
        found.plot(),
        found.explain(),
        found.snippet(style="full"),
    )
    pd.testing.assert_frame_equal(frame, before)
    assert (pd.util.hash_pandas_object(frame) == hashed).all()
    assert frame.dtypes.equals(before.dtypes)
    assert frame.attrs == before.attrs == {}
    assert (np.random.get_state()[1] == random).all()  # noqa: NPY002
    assert (dict(mpl.rcParams), options_of_pandas(), sklearn.get_config()) == settings


@pytest.mark.slow
def test_a_seed_is_an_int_or_none_and_none_draws_anew():
    one, other = (evaluated(n_jobs=1, random_state=None, strategies=[]) for _ in range(2))
    assert not one.scores.index.equals(other.scores.index)
