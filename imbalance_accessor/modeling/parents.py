"""Which real row each resampled row is, and which one it comes from, so that it takes that row's weight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import ADASYN, SMOTE, SMOTEN, SMOTENC, SVMSMOTE, BorderlineSMOTE, KMeansSMOTE
from numpy.typing import NDArray
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder

from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.modeling.mixed_neighbours import neighbours_in_blocks
from imbalance_accessor.modeling.strategies import Estimator

#: Samplers that keep all rows in front and put made ones behind them.
APPENDING = {SMOTE, SMOTENC, SMOTEN, BorderlineSMOTE, SVMSMOTE, KMeansSMOTE, ADASYN}


def parents_of(sampler: Estimator, X: Any, y: NDArray[Any], made: Any, labels: NDArray[Any]) -> Codes:
    """Return the position of the real row whose weight each resampled row takes, shape (n_after,).

    Parameters
    ----------
    sampler : sampler
        After its work.
    X : array-like, shape (n_rows, n_features)
        The rows that it was given.
    y : numpy.ndarray, shape (n_rows,)
        Their labels.
    made : array-like, shape (n_after, n_features)
        What it made of them.
    labels : numpy.ndarray, shape (n_after,)

    Notes
    -----
    A row that was kept or copied comes from itself (``sample_indices_``). A sampler that makes rows between neighbours
    does not say between which: such a row is given to the row of its class that is nearest to it, in the units of
    these columns. A category that differs is as far away as SMOTENC holds it to be: the median standard deviation of
    the class's numbers; without numbers each counts alike.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [5.0], [6.0], [7.0]]), np.array([1, 1, 0, 0, 0])
    >>> sampler = SMOTE(k_neighbors=1, random_state=0)
    >>> made, labels = sampler.fit_resample(X, y)
    >>> made[5:].round(2).tolist(), parents_of(sampler, X, y, made, labels).tolist()
    ([[0.59]], [0, 1, 2, 3, 4, 1])
    """
    given = getattr(sampler, "sample_indices_", None)
    if given is not None and len(given) == len(labels):
        return np.asarray(given, np.intp)
    found = _kept(sampler, X, made, len(y), len(labels))
    for label in np.unique(labels[found < 0]):
        here, own = np.flatnonzero((found < 0) & (labels == label)), np.flatnonzero(y == label)
        real, new, search = _numbers(sampler, _at(X, own), _at(made, here))
        nearest = search.fit(real).kneighbors(new, return_distance=False)
        found[here] = own[nearest[:, 0]]
    return found


def _kept(sampler: Estimator, X: Any, made: Any, n: int, n_after: int) -> Codes:
    """Return the position of each row that was there before; -1 for rows that were made."""
    found = np.arange(n_after)
    for cleaner in (getattr(sampler, name, None) for name in ("tomek_", "enn_")):
        if cleaner is not None:  # SMOTE appends, then the cleaner keeps some of all rows
            found = np.array(cleaner.sample_indices_, np.intp)
            return np.where(found < n, found, -1)
    in_front = n_after >= n and (type(sampler) in APPENDING or _same(X, _at(made, np.arange(n))))
    return np.where(found < n, found, -1) if in_front else np.full(n_after, -1)


def _same(X: Any, other: Any) -> bool:
    if sparse.issparse(X):
        return bool((other != X).nnz == 0)
    return bool(np.array_equal(np.asarray(X), np.asarray(other)))


def _at(X: Any, rows: NDArray[np.intp]) -> Any:
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def _numbers(sampler: Estimator, real: Any, new: Any) -> tuple[Any, Any, NearestNeighbors]:
    """Return rows of one class, and rows made of them, as numbers whose distances are the sampler's own; and a search."""
    search = NearestNeighbors(n_neighbors=1)
    if sparse.issparse(real):
        return real, new, search
    both = pd.concat(
        [pd.DataFrame(np.asarray(each, dtype=object)) for each in (real, new)], ignore_index=True
    )
    categories = _categories(sampler, pd.DataFrame(real))
    numeric = both.drop(columns=categories).to_numpy(np.float64)
    n = np.shape(real)[0]
    if categories:
        search = neighbours_in_blocks(numeric.shape[1], 1)
        spread = float(np.median(numeric[:n].std(axis=0))) if numeric.shape[1] else 1.0
        codes = both[categories].apply(lambda column: pd.factorize(column)[0])
        apart = OneHotEncoder().fit_transform(codes) * (spread / np.sqrt(2))
        numeric = sparse.hstack([sparse.csr_matrix(numeric), apart]).tocsr()
    return numeric[:n], numeric[n:], search


def _categories(sampler: Estimator, rows: pd.DataFrame) -> list[int]:
    """Return the positions of the columns that hold no numbers to the sampler."""
    if isinstance(sampler, SMOTEN):
        return list(range(rows.shape[1]))
    if isinstance(sampler, SMOTENC):
        return [int(place) for place in sampler.categorical_features_]
    return [place for place, dtype in enumerate(rows.dtypes) if not pd.api.types.is_numeric_dtype(dtype)]


def rows_that_stayed(sampler: Estimator, X: pd.DataFrame, made: pd.DataFrame) -> Codes:
    """Return the position of the real row that each resampled row is, shape (n_after,); -1 where it was made or copied."""
    given = getattr(sampler, "sample_indices_", None)
    if given is not None:
        return np.where(pd.Series(given).duplicated(), -1, given)
    found = _kept(sampler, X, made, len(X), len(made))
    return found if (found >= 0).any() else _rows_by_cells(X, made)


def _rows_by_cells(X: pd.DataFrame, made: pd.DataFrame) -> Codes:
    """Find each synthetic row among the train rows by its cells; a second one of the same cells is a copy."""
    positions: dict[tuple[Any, ...], list[int]] = {}
    for place, cells in enumerate(X.itertuples(index=False, name=None)):
        positions.setdefault(cells, []).insert(0, place)
    found = [
        positions[cells].pop() if positions.get(cells) else -1
        for cells in made.itertuples(index=False, name=None)
    ]
    return np.array(found, dtype=np.intp)
