"""One fit after another: in this process while work is short, over a pool when it is long."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol, TypeAlias, TypeVar

import joblib
import numpy as np
import pandas as pd
from joblib.parallel import get_active_backend
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning

from imbalance_accessor.errors import ImbalanceError, ModelError, OptionError
from imbalance_accessor.models import Estimator
from imbalance_accessor.progress import bar as progress_bar
from imbalance_accessor.stats.calibration import log_odds

Matrix: TypeAlias = "NDArray[np.float64]"

#: Work that is expected to take longer than this is spread over processes.
POOL_SECONDS = 8.0
#: Pools that are tried, one after another, when processes die in them.
_POOLS = 3
#: Rows that show whether margins are log odds.
_FEW_ROWS = 100


@dataclass(frozen=True, eq=False)
class Job:
    """One fit: a strategy on the training rows of a fold, or on the whole train part (fold -1)."""

    name: str
    fold: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a job: scores of the rows it was to score (margins too, see `margins_of`), or why it failed."""

    job: Job
    scores: Matrix | None
    margins: Matrix | None
    model: Estimator | None
    failure: str
    seconds: float
    warned: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Rows:
    """What a job learns from and what it scores.

    Attributes
    ----------
    X : pandas.DataFrame
        Rows to learn from.
    y : numpy.ndarray
        Their labels.
    fit_params : dict
        What else ``fit`` is given, such as sample weights.
    scored : pandas.DataFrame
        Rows to score, none of them among `X`.
    n_columns : int
        Columns of scores to expect.
    """

    X: pd.DataFrame
    y: NDArray[Any]
    fit_params: dict[str, Any]
    scored: pd.DataFrame
    n_columns: int


class Timed(Protocol):
    """What comes of a job: it knows how long it took."""

    @property
    def seconds(self) -> float:
        """Seconds that the job took."""
        ...


Done = TypeVar("Done", bound=Timed)
#: A call as joblib delays it: function, arguments, keywords.
Delayed: TypeAlias = tuple[Callable[..., Done], tuple[Any, ...], dict[str, Any]]


def run(job: Job, estimator: Estimator, rows: Rows) -> Outcome:
    """Fit a clone of the estimator and score; whatever it raises becomes the reason of a failure."""
    start = perf_counter()
    fitted, scores, margins, failure = None, None, None, ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fitted = clone(estimator).fit(rows.X, rows.y, **rows.fit_params)
            scores = scores_of(fitted, rows.scored, rows.n_columns)
            margins = margins_of(fitted, rows.scored, scores)
        except Exception as error:  # a model of the user's may raise anything; its row says what
            failure = reason(error)
    warned = tuple(sorted({_warned(each) for each in caught} - {""}))
    kept = fitted if job.fold < 0 and not failure else None
    return Outcome(job, scores, margins, kept, failure, perf_counter() - start, warned)


def reason(error: Exception) -> str:
    """Return an error's kind and the first line of what it says, if it says anything."""
    return ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])


def _warned(caught: warnings.WarningMessage) -> str:
    if issubclass(caught.category, ConvergenceWarning):
        return "did not converge"
    if "Scoring failed" in str(caught.message) or issubclass(caught.category, FitFailedWarning):
        return "inside the search failed: its scorer may not take these labels"
    return ""


def scores_of(fitted: Estimator, X: pd.DataFrame, n_columns: int) -> Matrix:
    """Return a fitted model's scores, shape (n_rows, n_columns); a margin m of two classes becomes (-m, m)."""
    if hasattr(fitted, "predict_proba"):
        scores = np.asarray(fitted.predict_proba(X), dtype=np.float64)
    else:
        scores = np.asarray(fitted.decision_function(X), dtype=np.float64)
        scores = np.column_stack([-scores, scores]) if scores.ndim == 1 else scores
    if scores.shape[1] != n_columns:
        raise ModelError(f"it gave {scores.shape[1]} columns of scores for {n_columns} classes.")
    if not np.isfinite(scores).all():
        raise ModelError("it gave scores that are not finite.")
    return scores


def margins_of(fitted: Estimator, X: pd.DataFrame, scores: Matrix) -> Matrix | None:
    """Return a fitted model's margins, shape (n_rows,), where its probabilities do not tell them.

    Notes
    -----
    scikit-learn fits a calibrator on ``decision_function`` where there is one. For most models that is the log odds of
    ``predict_proba``, which a few rows show; then nothing more is computed.
    """
    if scores.shape[1] != 2 or not (
        hasattr(fitted, "predict_proba") and hasattr(fitted, "decision_function")
    ):
        return None
    few = slice(None, _FEW_ROWS)
    if np.allclose(fitted.decision_function(X.iloc[few]), log_odds(scores[few, 1]), rtol=1e-6, atol=1e-9):
        return None
    return np.asarray(fitted.decision_function(X), dtype=np.float64)


def run_all(
    jobs: list[Job], call: Callable[[Job], Delayed[Done]], *, n_jobs: int | None, progress: bool | None
) -> list[Done]:
    """Run every job, in order, and return what came of each.

    Parameters
    ----------
    jobs : list of Job
    call : callable
        Makes the delayed call of a job.
    n_jobs : int, optional
        As joblib takes it. By default a surrounding `joblib.parallel_config` decides; without one the first fits
        run here, and a pool takes the rest only when they would take longer than starting it.
    progress : bool, optional
        A bar; by default after two seconds.

    Raises
    ------
    ModelError
        When the workers of a configured pool die again and again, or cannot take the fits.
    """
    with progress_bar(len(jobs), shown=progress) as bar:
        if n_jobs is not None or _configured():
            return _spread(bar, jobs, call, n_jobs)
        return _as_it_comes(bar, jobs, call)


def check_jobs(n_jobs: int | None) -> None:
    """Refuse a number of workers that joblib does not take."""
    if n_jobs is not None and (isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0):
        raise OptionError(f"n_jobs={n_jobs!r} must be a whole number of workers, or -1 for all cores.")


def _as_it_comes(bar: Any, jobs: list[Job], call: Callable[[Job], Delayed[Done]]) -> list[Done]:
    """Run jobs here until what is left is worth a pool."""
    done: list[Done] = []
    for place, job in enumerate(jobs):
        if _is_long(done, len(jobs) - place):
            rest = jobs[place:]
            return done + list(_shown(bar, rest, _pooled(map(call, rest), -1)))
        bar.set_description(job.name, refresh=False)
        function, args, kwargs = call(job)
        done.append(function(*args, **kwargs))
        bar.update()
    return done


def _is_long(done: Sequence[Timed], left: int) -> bool:
    if not done or (os.cpu_count() or 1) < 2:
        return False
    return left > 1 and left * done[-1].seconds > POOL_SECONDS


def _configured() -> bool:
    """Whether a `joblib.parallel_config` stands around us."""
    backend, n_jobs = get_active_backend()
    return n_jobs not in {None, 1} or type(backend).__name__ != "LokyBackend"


def _spread(
    bar: Any, jobs: list[Job], call: Callable[[Job], Delayed[Done]], n_jobs: int | None
) -> list[Done]:
    """Run jobs over a pool; those that a dying process took along are run again by a fresh one.

    Notes
    -----
    Never in this process: what ended the worker (too little memory, a crash in a library) would end the session.
    A Dask cluster does a lost worker's fits again by itself.
    """
    done: list[Done] = []
    for pools_left in reversed(range(_POOLS)):
        rest = jobs[len(done) :]
        try:
            for outcome in _shown(bar, rest, _pooled(map(call, rest), n_jobs)):
                done.append(outcome)  # one by one, so that an error leaves what is done
            break
        except ImbalanceError:
            raise
        except Exception as error:  # of the workers, since `run` keeps what a model raises
            if pools_left and isinstance(error, BrokenExecutor):
                continue
            said = " ".join(f"{type(error).__name__}: {error}".split()).split(". ")[0].rstrip(".")
            raise ModelError(
                f"The workers did not finish {jobs[len(done)].name!r}. {said}. They need memory for a fit and the modules "
                "that the model is from; outside joblib.parallel_config, n_jobs=1 fits in this process."
            ) from error
    return done


def _pooled(calls: Iterable[Delayed[Done]], n_jobs: int | None) -> Iterator[Done]:
    """Run calls over a pool; each is made when a worker is near, since every one holds its own rows."""
    backend, _ = get_active_backend()
    lazily = getattr(backend, "supports_return_generator", False)
    with warnings.catch_warnings(), _failures_heard(backend):
        # Dask's; a fit takes its rows with it, so that a lost worker's fits can be done again
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
        yield from joblib.Parallel(n_jobs=n_jobs, return_as="generator" if lazily else "list")(calls)


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
