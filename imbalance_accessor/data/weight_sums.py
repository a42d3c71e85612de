"""What the weights of rows add up to, class by class: sums of pieces add up to those of a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.cells import as_float, holds_numbers
from imbalance_accessor.metrics.arrays import Codes, Floats


@dataclass(frozen=True, eq=False)
class WeightSums:
    """Sums of row weights, by class, and what is odd among them.

    Attributes
    ----------
    rows : ndarray of int, shape (k,)
    totals, squares : ndarray of float, shape (k,)
        Sums of the weights, and of their squares.
    least, most, least_above_0 : float
        The smallest and largest weight, and the smallest one above 0; infinite where there is none.
    missing, infinite, negative : int
        How many weights are so.
    odd : pandas.Series, optional
        Some of the cells, where they are no numbers.
    """

    rows: NDArray[np.int64]
    totals: Floats
    squares: Floats
    least: float = np.inf
    most: float = -np.inf
    least_above_0: float = np.inf
    missing: int = 0
    infinite: int = 0
    negative: int = 0
    odd: pd.Series | None = None

    def __add__(self, other: WeightSums) -> WeightSums:
        """Return the sums of the rows of both."""
        return WeightSums(
            self.rows + other.rows,
            self.totals + other.totals,
            self.squares + other.squares,
            min(self.least, other.least),
            max(self.most, other.most),
            min(self.least_above_0, other.least_above_0),
            self.missing + other.missing,
            self.infinite + other.infinite,
            self.negative + other.negative,
            other.odd if self.odd is None else self.odd,
        )

    @property
    def are_ones(self) -> bool:
        """Whether every row weighs 1."""
        return self.least == self.most == 1

    @property
    def effective(self) -> Floats:
        """Kish's effective number of rows of each class, shape (k,); see `metrics.weights.effective`."""
        return np.asarray(np.square(self.totals) / self.squares)

    @property
    def effective_rows(self) -> float:
        """Kish's effective number of all rows."""
        return float(self.totals.sum() ** 2 / self.squares.sum())


def sums_of(column: pd.Series, codes: Codes, k: int) -> WeightSums:
    """Add up the weights of rows.

    Parameters
    ----------
    column : pandas.Series, shape (n,)
    codes : ndarray of int, shape (n,)
        The classes of the rows.
    k : int
        How many classes there are.

    Examples
    --------
    >>> sums_of(pd.Series([1.0, 2.0, 4.0]), np.array([0, 1, 1]), 2).totals
    array([1., 6.])
    """
    rows = np.bincount(codes, minlength=k)
    if not holds_numbers(column):
        return WeightSums(rows, np.zeros(k), np.zeros(k), odd=column)
    values = as_float(column).to_numpy(np.float64)
    finite = values[np.isfinite(values)]
    with np.errstate(over="ignore", invalid="ignore"):  # of weights that are refused
        totals, squares = np.bincount(codes, values, k), np.bincount(codes, np.square(values), k)
    return WeightSums(
        rows,
        np.asarray(totals, np.float64),
        np.asarray(squares, np.float64),
        least=float(finite.min(initial=np.inf)),
        most=float(finite.max(initial=-np.inf)),
        least_above_0=float(finite[finite > 0].min(initial=np.inf)),
        missing=int(np.isnan(values).sum()),
        infinite=int(np.isinf(values).sum()),
        negative=int((values < 0).sum()),
    )
