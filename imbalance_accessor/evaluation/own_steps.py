"""What the first steps of a user's own pipeline hand on, where a sampler is to stand behind them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.modeling.models import Model
from imbalance_accessor.modeling.preprocessing import takes_missing
from imbalance_accessor.process_state import recorded

#: Rows that are tried, those with missing cells in a column, and those of a class.
_TRIED, _HOLED, _OF_CLASS = 1_000, 10, 50


def with_what_they_leave(model: Model, X: pd.DataFrame, y: NDArray[Any]) -> Model:
    """Return the model, told what its own first steps leave to a sampler behind them: missing cells, columns of no numbers.

    Only a classifier that takes missing cells is handed any; the steps are then tried on some rows.

    Parameters
    ----------
    model : Model
        Of which first steps are the user's own.
    X : pandas.DataFrame, shape (n_train, n_features)
        What the steps read.
    y : numpy.ndarray, shape (n_train,)
    """
    if not model.before or model.fitted or not takes_missing(model.classifier):
        return model
    rows = _some_rows(X, np.unique(y, return_inverse=True)[1])
    try:
        handed_on = _handed_on(model, X.iloc[rows], y[rows])
        unencoded, missing = _unencoded(handed_on), _has_missing(handed_on)
    except Exception:  # a step of the user's may raise anything: the fits themselves say what is wrong
        return model
    filler = SimpleImputer(strategy="median", keep_empty_features=True)
    if isinstance(handed_on, pd.DataFrame):
        filler.set_output(transform="pandas")
    return replace(model, filler=filler if missing and not unencoded else None, unencoded=unencoded)


def _handed_on(model: Model, X: pd.DataFrame, y: NDArray[Any]) -> Any:
    with recorded():
        return clone(Pipeline(list(model.before))).fit_transform(X, y)


def _some_rows(X: pd.DataFrame, codes: Codes) -> NDArray[np.intp]:
    """Return the positions of some rows: of each class, and with missing cells of each column that has any."""
    if len(X) <= _TRIED:
        return np.arange(len(X))
    holed = (np.flatnonzero(X.iloc[:, place].isna())[:_HOLED] for place in range(X.shape[1]))
    of_class = (np.flatnonzero(codes == code)[:_OF_CLASS] for code in np.unique(codes))
    evenly = np.linspace(0, len(X) - 1, _TRIED).astype(np.intp)
    return np.unique(np.concatenate([evenly, *holed, *of_class]))


def _unencoded(handed_on: Any) -> tuple[Hashable, ...]:
    """Return the columns that hold no numbers, by name or position."""
    if sparse.issparse(handed_on) or getattr(handed_on, "dtype", np.dtype(object)).kind in "fiub":
        return ()
    frame = pd.DataFrame(handed_on)
    return tuple(name for place, name in enumerate(frame.columns) if not _are_numbers(frame.iloc[:, place]))


def _are_numbers(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype.kind in "mM":
        return False
    try:
        column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        return False
    return True


def _has_missing(handed_on: Any) -> bool:
    cells: Any = handed_on.data if sparse.issparse(handed_on) else handed_on  # type: ignore[attr-defined]
    return bool(np.asarray(pd.isna(cells)).any())
