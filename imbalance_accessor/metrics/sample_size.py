"""How many rows a regression needs for its columns, by formula; and what more positives brought, by slope."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from imbalance_accessor.metrics.arrays import Bools, Floats

#: The shrinkage that Riley et al. ask for: coefficients that are a tenth too large at most.
SHRINKAGE = 0.9
#: The share of the largest R² that they advise where none is known (Nagelkerke's R² of .15).
ADVISED = 0.15
#: What varies by a smaller share than this beside other columns follows from them; columns up to which that is asked.
_FREE, _MOST_COLUMNS = 1e-9, 2000
#: How near 0 and 1 a probability is taken for a likelihood.
_CERTAIN = 1e-15


def largest_r2(prevalence: float) -> float:
    """Return the largest R² of Cox & Snell that a model of two classes can have.

    Parameters
    ----------
    prevalence : float
        Share of either class, between 0 and 1.

    Notes
    -----
    1 − exp(2 ln L₀ / n) = 1 − (π^π (1 − π)^(1 − π))², L₀ being the likelihood of the prevalence alone (Riley et al. 2020).

    Examples
    --------
    >>> round(largest_r2(0.5), 2), round(largest_r2(0.01), 2)
    (0.75, 0.11)
    """
    return -math.expm1(2 * (_xlogx(prevalence) + _xlogx(1 - prevalence)))


def rows_for_shrinkage(n_columns: int, r2: float, shrinkage: float = SHRINKAGE) -> int:
    """Return the rows at which a regression of so many columns is expected to overfit no more than that.

    Parameters
    ----------
    n_columns : int
        Coefficients, the intercept aside.
    r2 : float
        The R² of Cox & Snell that the model is expected to have on new rows, between 0 and `shrinkage`.
    shrinkage : float, default 0.9

    Notes
    -----
    n = p / ((S − 1) ln(1 − R² / S)), criterion 1 of Riley et al. (2020, BMJ 368:m441).

    Examples
    --------
    >>> rows_for_shrinkage(24, 0.288)
    623
    """
    return math.ceil(n_columns / ((shrinkage - 1) * math.log1p(-r2 / shrinkage)))


def likelihood_ratio(y: Bools, p: Floats) -> float:
    """Return the likelihood ratio χ² of probabilities against the prevalence alone: 2 (ln L − ln L₀).

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Probabilities of the rows that the model was fitted on.

    Examples
    --------
    >>> y = np.array([True, False, False, False])
    >>> round(likelihood_ratio(y, np.full(4, 0.25)), 12)
    0.0
    """
    said = np.clip(np.where(y, p, 1 - p), _CERTAIN, 1.0)
    share = float(np.mean(y))
    return float(2 * (np.log(said).sum() - len(y) * (_xlogx(share) + _xlogx(1 - share))))


def expected_shrinkage(ratio: float, n_columns: int) -> float:
    """Return by how much coefficients are to be shrunk for new rows; 0 where the model says no more than chance would.

    Parameters
    ----------
    ratio : float
        The model's likelihood ratio χ² on the rows that it was fitted on.
    n_columns : int

    Notes
    -----
    (LR − p) / LR (van Houwelingen & le Cessie 1990).

    Examples
    --------
    >>> expected_shrinkage(120.0, 12)
    0.9
    """
    return max(1 - n_columns / ratio, 0.0) if ratio > 0 else 0.0


def r2_on_new_rows(ratio: float, n_columns: int, n_rows: int) -> float:
    """Return the R² of Cox & Snell that is left on new rows: the model's own times its expected shrinkage.

    Notes
    -----
    S (1 − exp(−LR / n)) (Riley et al. 2019, Statistics in Medicine 38:1276).

    Examples
    --------
    >>> round(r2_on_new_rows(120.0, 12, 1000), 4)
    0.1018
    """
    return expected_shrinkage(ratio, n_columns) * -math.expm1(-ratio / n_rows)


def free_columns(X: Any) -> int:
    """Return how many columns do not follow from the others and a constant: the coefficients that rows can tell.

    Parameters
    ----------
    X : ndarray or scipy.sparse matrix of float, shape (n, p)

    Notes
    -----
    The rank of the columns' correlations. Of a category whose levels have a column each, one follows from the others. Beyond
    2,000 columns all are counted.

    Examples
    --------
    >>> free_columns(np.array([[1.0, 0.0, 5.0], [0.0, 1.0, 6.0], [1.0, 0.0, 7.0]]))  # the first two sum to 1
    2
    """
    if X.shape[1] > _MOST_COLUMNS:
        return int(X.shape[1])
    spread, size = _spread(X)
    varies = np.diag(spread) > _FREE * size
    scale = np.sqrt(np.diag(spread)[varies])
    correlations = spread[np.ix_(varies, varies)] / np.outer(scale, scale)
    return int(np.count_nonzero(np.linalg.eigvalsh(correlations) > _FREE))


def _spread(X: Any) -> tuple[Floats, Floats]:
    """Return the columns' covariances, and what the rounding of their variances goes by."""
    n, means = X.shape[0], np.asarray(X.mean(axis=0), np.float64).ravel()
    if isinstance(X, np.ndarray):
        centred = X - means
        return centred.T @ centred / n, 1e-6 * means**2
    squares = (X.T @ X).toarray() / n
    return squares - np.outer(means, means), np.diag(squares)


def gain_per_doubling(positives: ArrayLike, values: ArrayLike) -> Floats:
    """Return the slope of a figure over the binary logarithm of the positives that were learned from.

    Parameters
    ----------
    positives : array-like of float, shape (k,)
        Two different numbers at least.
    values : array-like of float, shape (..., k)

    Returns
    -------
    ndarray of float64, shape (...)

    Notes
    -----
    Least squares weighted by the positives, since the variance of a figure falls about as their number grows, and since
    what a doubling brings is asked of the largest: ``np.polyfit(np.log2(n), values, 1, w=np.sqrt(n))[0]``.

    Examples
    --------
    >>> gain_per_doubling([10, 20, 40], [0.1, 0.2, 0.3]).round(12).item()
    0.1
    """
    n = np.asarray(positives, np.float64)
    x, w = np.log2(n), n / n.sum()
    lever = w * (x - w @ x)
    return np.asarray(np.asarray(values, np.float64) @ lever / (lever @ x))


def _xlogx(share: float) -> float:
    return share * math.log(share) if share > 0 else 0.0
