"""One fit: what it learns from, what comes of it, and what it said on the way."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning

from imbalance_accessor.errors import ModelError
from imbalance_accessor.metrics.calibration import log_odds
from imbalance_accessor.modeling.models import Estimator
from imbalance_accessor.threads import recorded
from imbalance_accessor.workers import Job

Matrix: TypeAlias = "NDArray[np.float64]"

#: Rows that show whether margins are log odds.
_FEW_ROWS = 100
#: How far from 0 and 1 rounding may take a probability.
_ROUNDED = 1e-6


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
    X : pandas.DataFrame, or what steps before made of it
        Rows to learn from.
    y : numpy.ndarray
        Their labels.
    fit_params : dict
        What else ``fit`` is given, such as sample weights.
    scored : pandas.DataFrame, or what the same steps made of it
        Rows to score, none of them among `X`.
    n_columns : int
        Columns of scores to expect.
    """

    X: Any
    y: NDArray[Any]
    fit_params: dict[str, Any]
    scored: Any
    n_columns: int


def run(job: Job, estimator: Estimator, rows: Rows) -> Outcome:
    """Fit a clone of the estimator and score; whatever it raises becomes the reason of a failure."""
    start = perf_counter()
    fitted, scores, margins, failure = None, None, None, ""
    with recorded() as caught:
        try:
            fitted = clone(estimator).fit(rows.X, np.array(rows.y), **rows.fit_params)  # its own labels
            scores = scores_of(fitted, rows.scored, rows.n_columns)
            margins = margins_of(fitted, rows.scored, scores)
        except Exception as error:  # a model of the user's may raise anything; its row says what
            failure = reason(error)
    kept = fitted if job.fold < 0 and not failure else None
    return Outcome(job, scores, margins, kept, failure, perf_counter() - start, said(caught))


def failed(job: Job, why: str) -> Outcome:
    """Return what came of a job that failed before its fit."""
    return Outcome(job, None, None, None, why, 0.0, ())


def reason(error: Exception) -> str:
    """Return an error's kind and the first line of what it says, if it says anything."""
    return ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])


def said(caught: Iterable[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return what a fit's warnings say that its reader must know."""
    return tuple(sorted({_warned(each) for each in caught} - {""}))


def _warned(caught: warnings.WarningMessage) -> str:
    if issubclass(caught.category, ConvergenceWarning):
        return "did not converge"
    if "Scoring failed" in str(caught.message) or issubclass(caught.category, FitFailedWarning):
        return "inside the search failed: its scorer may not take these labels"
    return ""


def scores_of(fitted: Estimator, X: Any, n_columns: int) -> Matrix:
    """Return a fitted model's scores, shape (n_rows, n_columns); a margin m of two classes becomes (-m, m)."""
    if not len_of(X):  # nothing is held out
        return np.empty((0, n_columns))
    known = getattr(fitted, "classes_", None)
    if known is not None and len(known) < n_columns:  # a sampler dropped all rows of the others
        raise ModelError(f"it learned from {len(known)} of {n_columns} classes.")
    if hasattr(fitted, "predict_proba"):
        scores = np.asarray(fitted.predict_proba(X), dtype=np.float64)
        low, high = scores.min(initial=0.0), scores.max(initial=1.0)
        if low < -_ROUNDED or high > 1 + _ROUNDED:
            raise ModelError(f"its probabilities reach from {scores.min():.3g} to {scores.max():.3g}.")
    else:
        scores = np.asarray(fitted.decision_function(X), dtype=np.float64)
        scores = np.column_stack([-scores, scores]) if scores.ndim == 1 else scores
    if scores.shape[1] != n_columns:
        raise ModelError(f"it gave {scores.shape[1]} columns of scores for {n_columns} classes.")
    if not np.isfinite(scores).all():
        raise ModelError("it gave scores that are not finite.")
    return scores


def len_of(X: Any) -> int:
    """Return how many rows there are; a sparse matrix has no length."""
    return int(X.shape[0])


def margins_of(fitted: Estimator, X: Any, scores: Matrix) -> Matrix | None:
    """Return a fitted model's margins, shape (n_rows,), where its probabilities do not tell them.

    Notes
    -----
    scikit-learn fits a calibrator on ``decision_function`` where there is one. For most models that is the log odds of
    ``predict_proba``, which a few rows show; then nothing more is computed.
    """
    if (
        not len(scores)
        or scores.shape[1] != 2
        or not (hasattr(fitted, "predict_proba") and hasattr(fitted, "decision_function"))
    ):
        return None
    few = slice(None, _FEW_ROWS)
    some = X.iloc[few] if isinstance(X, pd.DataFrame) else X[few]
    if np.allclose(fitted.decision_function(some), log_odds(scores[few, 1]), rtol=1e-6, atol=1e-9):
        return None
    return np.asarray(fitted.decision_function(X), dtype=np.float64)
