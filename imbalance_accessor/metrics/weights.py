"""How much rows count: their own weights, times a factor of their class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats


@dataclass(frozen=True, eq=False)
class Weights:
    """How much each of some rows counts in every figure.

    Attributes
    ----------
    own : ndarray of float, shape (n,), optional
        Weights of the rows' own; None: 1 each.
    factors : ndarray of float, shape (k,), optional
        How much more each class counts, in sort order (for two sides: negative, positive): (1 − π) / (1 − π_s) and
        π / π_s for a prevalence π that is known, π_s being that of the sample. None: 1 each.
    """

    own: Floats | None = None
    factors: Floats | None = None

    @property
    def are_ones(self) -> bool:
        """Whether every row counts once."""
        return self.own is None and self.factors is None

    def take(self, rows: NDArray[np.intp] | Bools) -> Weights:
        """Return the weights of some rows."""
        return self if self.own is None else Weights(self.own[rows], self.factors)

    def of(self, y: Bools | Codes) -> Floats | None:
        """Return how much each row of these classes counts, shape (n,); None where all count once."""
        if self.factors is None:
            return self.own
        by_class = self.factors[np.asarray(y).astype(np.intp)]
        return np.asarray(by_class if self.own is None else by_class * self.own)

    def each(self, y: Bools | Codes) -> Floats:
        """Return the same as numbers, 1 for rows that count once."""
        found = self.of(y)
        return np.ones(len(y)) if found is None else found

    def worth(self, y: Bools | Codes) -> float:
        """Return how many rows that count once tell as much as all of these (Kish)."""
        return effective(self.each(y))

    def half_a_negative(self, y: Bools | Codes, positive: Bools) -> float:
        """Return the weight of half a negative more above each positive, where negatives stand for more rows than these do.

        Parameters
        ----------
        y : ndarray of bool or int, shape (n,)
            Each row's class.
        positive : ndarray of bool, shape (n,)
            The rows that are ranked against the others.

        Notes
        -----
        ½ · (w₀ − w₁), where w₀ and w₁ are what a negative and a positive count by their class; 0 where w₀ is the smaller
        one. Of negatives that were sampled, fp above a positive stand for w₀ / w₁ · fp + ½ · (w₀ / w₁ − 1) in all, by the
        mean of Jeffreys' posterior of binomial sampling; without it the precision above the first sampled negative is 1,
        and average precision too high.

        Where rows have weights of their own it is times the mean of the negatives': half of a row that was sampled, at any
        scale of the weights. Repeated rows are sampled one by one, and have half of a smaller one.
        """
        if self.factors is None or positive.all() or not positive.any():
            return 0.0
        factors, rest = self.factors[np.asarray(y).astype(np.intp)], ~positive
        own = 1.0 if self.own is None else float(self.own[rest].mean())
        return max(0.0, float(factors[rest].mean() - factors[positive].mean())) / 2 * own


ONES = Weights()


def effective_by_class(own: Floats | None, codes: Codes, k: int) -> Floats:
    """Return Kish's effective number of rows of each class, shape (k,); the rows themselves where `own` is None."""
    if own is None:
        return np.bincount(codes, minlength=k).astype(np.float64)
    return np.array([effective(own[codes == code]) for code in range(k)])


def effective(weights: Floats) -> float:
    """Return Kish's effective number of rows: as many of one weight tell as much.

    Notes
    -----
    (Σ w)² / Σ w² (Kish 1965).

    Examples
    --------
    >>> effective(np.array([1.0, 1.0, 2.0]))
    2.6666666666666665
    """
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0
