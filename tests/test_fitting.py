"""One fit after another: what a job returns, where it runs, and when a bar is seen."""

import subprocess
import sys
import threading
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from imbalance_accessor import progress, workers
from imbalance_accessor.errors import ModelError, OptionError
from imbalance_accessor.fitting import Rows, run, scores_of
from imbalance_accessor.workers import Job, check_jobs, run_all

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def rows(n=40, labels=(0, 1)):
    rng = np.random.default_rng(0)
    y = np.resize(np.array(labels), n)
    X = pd.DataFrame(rng.normal(size=(n, 2)) + np.searchsorted(labels, y)[:, None], columns=["a", "b"])
    return Rows(X, y, {}, X.head(7), len(labels))


class Moody(ClassifierMixin, BaseEstimator):
    """Raises, warns, or answers as it is told."""

    def __init__(self, error=None, warning=None, answer=None):
        self.error = error
        self.warning = warning
        self.answer = answer

    def fit(self, X, y):
        if self.warning is not None:
            warnings.warn(self.warning, stacklevel=2)
        if self.error is not None:
            raise self.error
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5) if self.answer is None else self.answer(len(X))


def test_a_job_scores_its_rows_with_a_clone():
    mine, given = LogisticRegression(), rows()
    outcome = run(Job("none", -1), mine, given)
    assert outcome.scores == pytest.approx(
        LogisticRegression().fit(given.X, given.y).predict_proba(given.scored)
    )
    assert not hasattr(mine, "coef_")
    assert outcome.model.predict(given.scored).shape == (7,)
    assert (outcome.failure, outcome.warned) == ("", ())


def test_models_of_folds_are_not_kept():
    assert run(Job("none", 0), LogisticRegression(), rows()).model is None


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("no such thing\nsecond line"), "ValueError: no such thing"),
        (RuntimeError(), "RuntimeError"),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_whatever_a_model_raises_becomes_a_reason_of_one_line(error, says):
    outcome = run(Job("none", -1), Moody(error=error), rows())
    assert outcome.scores is None
    assert outcome.model is None
    assert outcome.failure.startswith(says)
    assert "\n" not in outcome.failure


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda n: np.full((n, 3), 1 / 3), "3 columns of scores for 2 classes"),
        (lambda n: np.full((n, 2), np.nan), "not finite"),
    ],
)
def test_scores_that_cannot_be_judged_are_a_failure(answer, says):
    assert says in run(Job("none", -1), Moody(answer=answer), rows()).failure


def test_a_fit_that_did_not_converge_is_told_and_no_warning_leaks():
    given = rows()
    outcome = run(Job("none", 0), Moody(warning=ConvergenceWarning("raise max_iter")), given)
    assert outcome.warned == ("did not converge",)
    assert run(Job("none", 0), Moody(warning=FutureWarning("soon")), given).warned == ()


def test_margins_of_two_classes_become_two_columns():
    given = rows()
    fitted = SVC().fit(given.X, given.y)
    margin = fitted.decision_function(given.scored)
    assert (scores_of(fitted, given.scored, 2) == np.column_stack([-margin, margin])).all()


def test_margins_of_several_classes_stay_as_they_are():
    given = rows(labels=(0, 1, 2))
    fitted = SVC().fit(given.X, given.y)
    assert (scores_of(fitted, given.scored, 3) == fitted.decision_function(given.scored)).all()
    with pytest.raises(ModelError, match="3 columns of scores for 2 classes"):
        scores_of(fitted, given.scored, 2)


# ---------------------------------------------------------------- where jobs run

THREADS = []


class Telltale(Moody):
    """Writes down the thread it was fitted in."""

    def fit(self, X, y):
        THREADS.append(threading.get_ident())
        return super().fit(X, y)


def all_of(estimators, **options):
    given = rows()
    jobs = [Job(str(place), place) for place in range(len(estimators))]
    return run_all(
        jobs,
        lambda job: joblib.delayed(run)(job, estimators[job.fold], given),
        **{"progress": False} | options,
    )


def test_order_is_kept_wherever_jobs_run():
    estimators = [LogisticRegression(C=c) for c in (0.01, 0.1, 1, 10)]
    wanted = [outcome.scores.tolist() for outcome in all_of(estimators, n_jobs=None)]
    assert len({str(scores) for scores in wanted}) == 4
    for n_jobs in (1, 2):
        with joblib.parallel_config(backend="threading"):
            got = all_of(estimators, n_jobs=n_jobs)
        assert [outcome.job.fold for outcome in got] == [0, 1, 2, 3]
        assert [outcome.scores.tolist() for outcome in got] == wanted


def test_short_work_stays_in_this_thread_and_a_surrounding_configuration_is_honoured():
    THREADS.clear()
    all_of([Telltale()] * 3, n_jobs=None)
    assert set(THREADS) == {threading.get_ident()}
    THREADS.clear()
    with joblib.parallel_config(backend="threading", n_jobs=2):
        all_of([Telltale()] * 3, n_jobs=None)
    assert threading.get_ident() not in THREADS


def test_long_work_goes_to_a_pool_and_nothing_is_done_twice(monkeypatch):
    monkeypatch.setattr(workers, "POOL_SECONDS", 0.0)
    monkeypatch.setattr(workers.joblib, "cpu_count", lambda: 2)
    pooled = []

    def pool(calls, n_jobs):
        pooled.extend(calls)
        return (function(*args, **kwargs) for function, args, kwargs in pooled)

    monkeypatch.setattr(workers, "_pooled", pool)
    got = all_of([LogisticRegression()] * 5, n_jobs=None)
    assert len(pooled) == 4  # the first ran here, to see how long one takes
    assert [outcome.job.fold for outcome in got] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("n_jobs", [0, 1.5, "2", True])
def test_a_number_of_workers_that_joblib_does_not_take(n_jobs):
    with pytest.raises(OptionError, match="n_jobs"):
        check_jobs(n_jobs)


@pytest.mark.parametrize("n_jobs", [None, 1, 2, -1])
def test_numbers_of_workers_that_joblib_takes(n_jobs):
    check_jobs(n_jobs)


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


class Shown:
    """Stands in for IPython's display: keeps what a cell's output held, one text after another."""

    def __init__(self):
        self.texts = []

    def display(self, data, **given):
        self.texts.append(data["text/plain"])
        return self

    def update(self, data, **given):
        self.texts.append(data["text/plain"])


def test_in_a_notebook_the_bar_stands_in_the_output_and_is_gone_when_done(monkeypatch, capfd):
    shown = Shown()
    monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", shown)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    with progress.bar(3, shown=True) as bar:
        bar.set_description("smote")
        bar.update()
        bar.refresh()
    assert any(text.startswith("smote:  33%") and "/3 [" in text for text in shown.texts)
    assert shown.texts[-1] == ""
    before = len(shown.texts)
    with progress.bar(3, shown=False) as bar:
        bar.update()
    with progress.bar(3, shown=None) as bar:  # short work
        bar.update()
    assert len(shown.texts) == before
    assert capfd.readouterr() == ("", "")


def test_a_notebook_needs_no_widgets():
    code = """
import sys, types, IPython.display
sys.modules["ipykernel.zmqshell"] = types.ModuleType("ipykernel.zmqshell")
sys.modules["ipywidgets"] = None
from imbalance_accessor.progress import bar
with bar(2, shown=True) as shown:
    shown.update()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
