"""Probabilities put into bins: how many of the rows of each bin are positive, and the calibration error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from imbalance_accessor.metrics.arrays import Bools, Floats, ratio
from imbalance_accessor.metrics.calibration import prior_corrected, that_count, totals
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.weights import ONES, Weights

BinRule = Literal["quantile", "uniform", "isotonic"]
BIN_RULES: tuple[BinRule, ...] = ("quantile", "uniform", "isotonic")


@dataclass(frozen=True, eq=False)
class Bins:
    """Probabilities put into bins.

    Attributes
    ----------
    mean, share : ndarray of float, shape (b,)
        Mean probability and share of positives of each bin.
    low, high : ndarray of float, shape (b,)
        Wilson's 95 % interval of the share; see `shares_with_intervals`.
    rows : ndarray of int, shape (b,)
    mass : ndarray of float, shape (b,)
        What these rows count together.
    """

    mean: Floats
    share: Floats
    low: Floats
    high: Floats
    rows: NDArray[np.intp]
    mass: Floats

    @property
    def error(self) -> float:
        """Expected calibration error: the mean gap between share and probability, weighted by what the rows count.

        Notes
        -----
        Naeini, Cooper & Hauskrecht (2015). It is above 0 for a perfectly calibrated model too, see `by_chance`.
        """
        return float(np.average(np.abs(self.mean - self.share), weights=self.mass))


def bin_of(
    p: Floats,
    rule: BinRule,
    n_bins: int,
    y: Bools | None = None,
    of_row: Floats | None = None,
    copies: NDArray[np.int64] | None = None,
) -> NDArray[np.intp]:
    """Return the bin of each probability: ``"quantile"`` of equal mass, ``"uniform"`` of equal width.

    ``"isotonic"`` gives the steps of the isotonic regression of `y`. `of_row` is how much each row counts, more than
    nothing, and `copies` how many rows it stands for.

    Notes
    -----
    The edges are those of scikit-learn's ``calibration_curve``; of weighted rows those of as many equal ones.
    """
    if rule == "isotonic":
        assert y is not None
        place = np.unique(p, return_inverse=True)[1]
        mass, hits = totals(place, y, of_row)
        steps = isotonic_regression(hits / mass, weights=mass).x
        return np.asarray(np.cumsum(np.append(0, np.diff(steps) > 0))[place], np.intp)
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    if rule == "quantile":
        edges = np.percentile(p, edges * 100) if of_row is None else _quantiles(p, edges, of_row, copies)
    return np.searchsorted(edges[1:-1], p)


def _quantiles(p: Floats, shares: Floats, of_row: Floats, copies: NDArray[np.int64] | None) -> Floats:
    """Return where the rows below count a share of all, as `numpy.percentile` does but for what lies between neighbours."""
    order = np.argsort(p)
    passed = np.cumsum(of_row[order])
    one = min(1.0, float(of_row.sum() / (len(of_row) if copies is None else copies.sum())))
    at = np.searchsorted(passed, (passed[-1] - one) * shares, side="right")
    return np.asarray(p[order][np.minimum(at, len(p) - 1)])


def shares_with_intervals(
    y: Bools, weights: Weights = ONES, place: NDArray[np.intp] | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return the share of positives of each place, and its 95 % interval.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    weights : Weights
    place : ndarray of int, shape (n,), optional
        By default all rows are in one.

    Returns
    -------
    share, low, high : ndarray of float, shape (b,)

    Notes
    -----
    Wilson's interval of Kish's effective number of rows, by the rows' own weights. Where classes count by factors f, the
    odds of share and ends in the sample are multiplied by f₁ / f₀ (Elkan 2001).

    Examples
    --------
    >>> y = np.repeat([True, False], [25, 75])
    >>> found = shares_with_intervals(y, Weights(factors=np.array([0.98 / 0.75, 0.02 / 0.25])))
    >>> [round(float(each[0]), 4) for each in found]
    [0.02, 0.0129, 0.031]
    """
    place = np.zeros(len(y), np.intp) if place is None else place
    mass, hits = totals(place, y, weights.total_own)
    n = mass if weights.own is None else ratio(mass**2, np.bincount(place, weights.total_squares))
    share = ratio(hits, mass)
    found = (share, *wilson(hits if weights.own is None else share * n, n))
    if weights.factors is None:
        return found
    negative, positive = weights.factors
    share, low, high = (prior_corrected(each, negative / positive) for each in found)
    return share, low, high


def bins(y: Bools, p: Floats, rule: BinRule = "quantile", n_bins: int = 10, weights: Weights = ONES) -> Bins:
    """Put probabilities into bins and count positives.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
    rule : {"quantile", "uniform", "isotonic"}
    n_bins : int
    weights : Weights

    Returns
    -------
    Bins
        Without empty ones.

    Examples
    --------
    >>> found = bins(np.array([False, True, True, True]), np.array([0.1, 0.3, 0.6, 0.8]), n_bins=2)
    >>> found.share.tolist(), found.rows.tolist(), round(found.error, 3)
    ([0.5, 1.0], [2, 2], 0.3)
    """
    y, p, weights = that_count(y, p, weights)
    of_row = weights.of(y)
    place = bin_of(p, rule, n_bins, y, of_row, weights.copies)
    rows, (mass, hits) = weights.rows(place), totals(place, y, of_row)
    sums = np.bincount(place, p if of_row is None else of_row * p)
    kept = rows > 0
    _, low, high = (each[kept] for each in shares_with_intervals(y, weights, place))
    return Bins(sums[kept] / mass[kept], hits[kept] / mass[kept], low, high, rows[kept], mass[kept])
