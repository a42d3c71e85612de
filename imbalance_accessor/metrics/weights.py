"""How much rows count: their own weights, times a factor of their class; and how many rows an entry stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats


@dataclass(frozen=True, eq=False)
class Weights:
    """How much each of some rows, or of some entries that stand for rows, counts in every figure.

    Attributes
    ----------
    own : ndarray of float, shape (n,), optional
        Weights of the rows' own; None: 1 each.
    factors : ndarray of float, shape (k,), optional
        How much more each class counts, in sort order (for two sides: negative, positive): (1 − π) / (1 − π_s) and
        π / π_s for a prevalence π that is known, π_s being that of the sample. None: 1 each.
    copies : ndarray of int, shape (n,), optional
        How many rows, all alike, each entry stands for: every figure, effective number and interval is that of those rows.
        None: each is one row.
    table_rows : int, optional
        Rows of the table whose shares `factors` bring these rows to, where they were drawn from it by class: its shares are
        those of one table, and vary as among tables of its size. None: the shares are known.
    """

    own: Floats | None = None
    factors: Floats | None = None
    copies: NDArray[np.int64] | None = None
    table_rows: int | None = None

    @property
    def are_ones(self) -> bool:
        """Whether every entry is one row, and counts once."""
        return self.rows_are_ones and self.copies is None

    @property
    def rows_are_ones(self) -> bool:
        """Whether every row counts once, however many an entry stands for."""
        return self.own is None and self.factors is None

    @property
    def of_one_row(self) -> Weights:
        """The weights of one of the rows that each entry stands for."""
        return replace(self, copies=None)

    @property
    def without_factors(self) -> Weights:
        """The rows' own weights."""
        return replace(self, factors=None)

    @property
    def total_own(self) -> Floats | None:
        """The own weights of the rows of each entry, summed up; None where all are one row that counts once."""
        return self._times_copies(self.own)

    @property
    def total_squares(self) -> Floats | None:
        """The squares of these, summed up; None where rows have no weights of their own."""
        return None if self.own is None else self._times_copies(np.square(self.own))

    def _times_copies(self, values: Floats | None) -> Floats | None:
        if self.copies is None:
            return values
        return self.copies.astype(np.float64) if values is None else values * self.copies

    def take(self, rows: NDArray[np.intp] | Bools) -> Weights:
        """Return the weights of some entries."""
        return replace(
            self,
            own=None if self.own is None else self.own[rows],
            copies=None if self.copies is None else self.copies[rows],
        )

    def of(self, y: Bools | Codes) -> Floats | None:
        """Return how much each entry of these classes counts, shape (n,); None where all count once."""
        if self.factors is None:
            return self.total_own
        by_class = self.factors[np.asarray(y).astype(np.intp)]
        return np.asarray(by_class if self.total_own is None else by_class * self.total_own)

    def each(self, y: Bools | Codes) -> Floats:
        """Return the same as numbers, 1 for a row that counts once."""
        found = self.of(y)
        return np.ones(len(y)) if found is None else found

    def rows(self, y: Bools | Codes, k: int = 0) -> NDArray[np.int64]:
        """Return how many rows of each class there are, whatever they count, shape (k,) at least."""
        codes = np.asarray(y).astype(np.intp)
        return np.bincount(codes, self.copies, minlength=k).astype(np.int64)

    def worth(self, y: Bools | Codes) -> float:
        """Return how many rows that count once tell as much as all of these (Kish)."""
        return effective(self.of_one_row.each(y), self.copies)

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
        own = 1.0 if self.own is None else self._mean(self.own, rest)
        return max(0.0, self._mean(factors, rest) - self._mean(factors, positive)) / 2 * own

    def _mean(self, values: Floats, entries: Bools) -> float:
        """Return the mean over the rows that some entries stand for."""
        copies = None if self.copies is None else self.copies[entries]
        return float(np.average(values[entries], weights=copies))


ONES = Weights()


def stacked_weights(every: Sequence[tuple[Weights, int]]) -> Weights:
    """Return the weights of rows that stand below one another, each with how many entries it is of.

    Examples
    --------
    >>> stacked_weights([(Weights(np.array([2.0])), 1), (ONES, 2)]).each(np.zeros(3, int)).tolist()
    [2.0, 1.0, 1.0]
    """
    own = [np.ones(n) if each.own is None else each.own for each, n in every]
    copies = [np.ones(n, np.int64) if each.copies is None else each.copies for each, n in every]
    first = every[0][0]
    return replace(
        first,
        own=np.concatenate(own) if any(each.own is not None for each, _ in every) else None,
        copies=np.concatenate(copies) if any(each.copies is not None for each, _ in every) else None,
    )


def effective_by_class(weights: Weights, codes: Codes, k: int) -> Floats:
    """Return Kish's effective number of rows of each class by their own weights, shape (k,); the rows where they have none."""
    if weights.own is None:
        return weights.rows(codes, k).astype(np.float64)
    inside = [codes == code for code in range(k)]
    return np.array([weights.without_factors.take(each).worth(codes[each]) for each in inside])


def effective(weights: Floats, copies: NDArray[np.int64] | None = None) -> float:
    """Return Kish's effective number of rows: as many of one weight tell as much.

    Parameters
    ----------
    weights : ndarray of float, shape (n,)
    copies : ndarray of int, shape (n,), optional
        How many rows have each weight; by default one.

    Notes
    -----
    (Σ w)² / Σ w² (Kish 1965).

    Examples
    --------
    >>> effective(np.array([1.0, 1.0, 2.0]))
    2.6666666666666665
    """
    times = np.ones(len(weights)) if copies is None else copies
    squares = float(times @ np.square(weights))
    return float(times @ weights) ** 2 / squares if squares else 0.0
