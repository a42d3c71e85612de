"""What a fitted model says of rows: scores, margins, and the labels that it predicts."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from imbalance_accessor.data.features import Features
from imbalance_accessor.data.lines import cells, code
from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, ModelError, listed, one_line
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.calibration import log_odds
from imbalance_accessor.modeling.sampler_causes import cause_of, failed_sampler
from imbalance_accessor.modeling.strategies import Estimator

Matrix: TypeAlias = "NDArray[np.float64]"
Predicted: TypeAlias = "NDArray[np.int8]"

#: Classifiers that predict the likeliest class; what others predict is asked.
LIKELIEST = (
    LogisticRegression,
    RandomForestClassifier,
    HistGradientBoostingClassifier,
    GaussianNB,
    KNeighborsClassifier,
)

#: Rows that show whether margins are log odds.
_FEW_ROWS = 100
#: How far from 0 and 1 rounding may take a probability.
_ROUNDED = 1e-6


def reason(error: Exception) -> str:
    """Return an error's kind and the first line of what it says, if it says anything; of a sampler, what it means."""
    sampler = failed_sampler(error)
    if sampler is not None:
        return f"{type(sampler).__name__} cannot work on these rows: {cause_of(error, sampler).reason}"
    return ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])


def not_fitted(model: str, strategy: str, failure: str, features: Features) -> ModelError:
    """Return the error of a model that no fold, or not all rows, could be fitted on."""
    what, cure, fix = model, "Use another model.", IN_WORDS
    if strategy != "none":
        sampler = "cannot work on these rows" in failure
        what = f"{strategy!r} with {model}"
        cure = "Use another strategy." if sampler else "Use another strategy, or another model."
    if "is not a valid label" in failure and features.target.is_binary:
        cure, fix = "Its scoring looks for a class named 1: code the target as 0 and 1.", as_numbers(features)
    return ModelError(f"{what} cannot be fitted on these rows. {failure.rstrip('.')}. {cure}", fix=fix)


def as_numbers(features: Features) -> Fix:
    """Return the fix that codes two classes as 0 and 1, the positive one as 1."""
    target = features.target
    if target.missing or features.test is not None:
        return IN_WORDS
    labels = cells(target.labels.name) if features.in_frame else "y"
    return Fix(f"{labels} = ({labels} == {code(target.pos_label)}).astype(int)", {"pos_label": LEFT_OUT})


def unpredicted(whose: str, why: str) -> list[Finding]:
    """Say that predictions are not known."""
    if not why:
        return []
    sentence = (
        f"predict of {whose} cannot be read, so rows are decided at the default threshold: {why.rstrip('.')}."
    )
    return [Finding("IMB322", "warning", sentence, "Let it return the labels that it learned.")]


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


def predictions_of(fitted: Estimator, X: Any, labels: NDArray[Any] | None) -> tuple[Predicted | None, str]:
    """Return the codes of the labels that a fitted model predicts, shape (n_rows,), or None and why they are not known.

    Parameters
    ----------
    fitted : estimator
    X : array-like
    labels : numpy.ndarray, optional
        By code, where the model itself does not list them; None where nobody asks for predictions.
    """
    if labels is None or not hasattr(fitted, "predict"):
        return None, ""
    if not len_of(X):
        return np.empty(0, np.int8), ""
    try:
        predicted = np.asarray(fitted.predict(X)).reshape(len_of(X))
    except Exception as error:  # a model of the user's may raise anything
        return None, reason(error)
    known = np.asarray(getattr(fitted, "classes_", labels))  # in the order of its scores
    if predicted.dtype == bool and known.dtype.kind in "iuf":
        predicted = predicted.astype(known.dtype)  # True is 1 to Python
    codes = pd.Index(known).get_indexer(pd.Index(predicted))
    if (codes < 0).any():
        return None, f"{one_line(predicted[codes < 0].tolist()[0])} is none of {listed(known.tolist())}"
    return codes.astype(np.int8), ""


def both_sides(values: Matrix, positive: int | None, *, is_probability: bool = True) -> Matrix:
    """Put scores of the positive class beside those of the other one, in the order of the classes, shape (n, 2)."""
    other = 1 - values if is_probability else -values
    return np.column_stack([values, other] if positive == 0 else [other, values])
