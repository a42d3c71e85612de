"""How neighbours are searched: as scikit-learn would, or by brute force where that finds the same ones sooner."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neighbors import KDTree

from imbalance_accessor.metrics.arrays import Floats

#: Fewer rows are searched in no time, either way.
FEWEST_ROWS = 2_000
#: scikit-learn searches a tree up to so many columns and by brute force beyond; in very few a tree always wins.
FEWEST_COLUMNS, MOST_COLUMNS = 5, 15
#: Rows whose neighbours are looked up to see how much of the tree that visits.
_PROBED = 200
#: One distance that a tree computes takes about the time of 8 to 15 of a matrix product's, with one core or two.
_DISTANCES_PER_VISIT = 8
#: Rounding of a squared distance by matrix products, relative to the distance, that swaps no neighbours.
_ROUNDING = 1e-9
#: Share of all columns' variance above which one column keeps distances apart.
_MATTERS = 1e-3


def brute_force_is_sooner(X: Floats, k: int) -> bool:
    """Say whether all distances are computed sooner than a tree is searched, and give the same k neighbours.

    Parameters
    ----------
    X : numpy.ndarray, shape (n_rows, n_columns)
        Complete rows.
    k : int
        Neighbours of a row beside itself.

    Notes
    -----
    A k-d tree is built and some rows are looked up; by the number of distances that took (not by the clock, so that
    any machine decides alike) the whole search is foreseen.
    """
    n, columns = X.shape
    if n < max(FEWEST_ROWS, 2 * (k + 1)) or not FEWEST_COLUMNS <= columns <= MOST_COLUMNS:
        return False
    tree = KDTree(X)
    tree.reset_n_calls()
    probed = X[np.linspace(0, n - 1, _PROBED).astype(np.intp)]
    distances, _ = tree.query(probed, k=k + 1)
    visits = tree.get_n_calls() / _PROBED
    return bool(_DISTANCES_PER_VISIT * visits > n and _gives_the_same(X, distances))


def _gives_the_same(X: Floats, distances: Floats) -> bool:
    """Say whether neighbours are told apart by rounded distances too: no ties, and no numbers large beside them.

    Rows that are looked up miss what few rows have, so the smallest distance counts, not a usual one; and values of
    two or three decimals, whose distances tie now and then, are known by a column that repeats a value.
    """
    if not (np.diff(distances, axis=1) > 0).all():
        return False
    longest: Any = np.einsum("ij,ij->i", X, X).max()
    small = longest * np.finfo(np.float64).eps < _ROUNDING * distances[:, 1].min() ** 2
    return bool(small and _has_continuous_column(X))


def _has_continuous_column(X: Floats) -> bool:
    """Say whether a column that matters for distances repeats no value, so that two of them are never the same."""
    spreads = X.var(axis=0)
    places = np.argsort(-spreads)
    mattering = places[spreads[places] > _MATTERS * spreads.sum()]
    return any(len(np.unique(X[:, place])) == len(X) for place in mattering)
