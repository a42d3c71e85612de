"""What every statistic needs: array types, checked scores, safe division, sums by cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.errors import ModelError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


def finite(score: ArrayLike) -> Floats:
    """Return scores as float64, refusing what can neither be ranked nor held against a threshold.

    Parameters
    ----------
    score : array-like of float, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    ModelError
        If a score is missing or infinite.
    """
    values = np.asarray(score, dtype=np.float64)
    bad = values.size - np.count_nonzero(np.isfinite(values))
    if bad:
        raise ModelError(
            f"{bad:,} of {values.size:,} scores are missing or infinite; only finite scores can be ranked "
            "or held against a threshold. Leave those rows out, or fix the model that scored them."
        )
    return values


def ratio(above: ArrayLike, below: ArrayLike) -> Floats:
    """Divide, with 0 wherever the divisor is 0, as scikit-learn does with ``zero_division=0``.

    Parameters
    ----------
    above, below : array-like of float
        Of shapes that broadcast together.

    Returns
    -------
    ndarray of float64
        A scalar where both are scalars.
    """
    top, bottom = np.asarray(above, np.float64), np.asarray(below, np.float64)
    nothing = bottom == 0
    if nothing.any():
        top, bottom = np.where(nothing, 0.0, top), np.where(nothing, 1.0, bottom)
    quotient: Floats = (top / bottom)[()]
    return quotient


def odds_divided(share: ArrayLike, by: ArrayLike) -> Floats:
    """Return shares whose odds are divided by a factor.

    Parameters
    ----------
    share, by : array-like of float
        Of shapes that broadcast together.

    Returns
    -------
    ndarray of float64
        A scalar where both are scalars; 0 and 1 stay, however large the factor.

    Examples
    --------
    >>> odds_divided([0.5, 1.0], 19.0).tolist()
    [0.05, 1.0]
    """
    p = np.asarray(share, np.float64)
    return ratio(p, p + (1 - p) * np.asarray(by, np.float64))


def sum_by_cell(cells: NDArray[np.integer], n_cells: int, weights: Floats | None = None) -> Floats:
    """Count the rows of each cell, once or for many draws.

    Parameters
    ----------
    cells : ndarray of int, shape (n,)
        The cell of each row, in 0 .. n_cells − 1.
    n_cells : int
    weights : ndarray of float, shape (n,) or (B, n), optional
        How often each row counts.

    Returns
    -------
    ndarray of float64, shape (n_cells,) or (B, n_cells)

    Examples
    --------
    >>> sum_by_cell(np.array([0, 2, 2]), 3).tolist()
    [1.0, 0.0, 2.0]
    """
    n = len(cells)
    counts = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    if counts.ndim == 1:
        return np.bincount(cells, counts, minlength=n_cells).astype(np.float64, copy=False)
    sums = np.empty((len(counts), n_cells))
    for found, draw in zip(sums, counts, strict=True):
        found[:] = np.bincount(cells, draw, minlength=n_cells)
    return sums


def counted_ranks(score: Floats, count: Floats) -> Floats:
    """Return the mid-rank that each score has where it stands as often as it counts.

    Examples
    --------
    >>> counted_ranks(np.array([0.9, 0.1, 0.4]), np.array([1.0, 2.0, 1.0])).tolist()
    [4.0, 1.5, 3.0]
    """
    levels, place = np.unique(score, return_inverse=True)
    at = np.bincount(place, count, minlength=len(levels))
    return np.asarray((at.cumsum() - at + (at + 1) / 2)[place])
