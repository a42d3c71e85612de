"""Sums by cell and running sums, of many draws at a time: a row's draws lie side by side, and are added up together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Floats, sum_by_cell
from imbalance_accessor.process_state import cached_property

#: Sums that are carried from one stretch to the next one at a time; within stretches all draws of all go together.
_STRETCH = 32
#: Draws below which a running sum is as fast one draw after another.
_FEW_DRAWS = 4


class CellSums:
    """Rows by their cell, put in order once.

    Parameters
    ----------
    cells : ndarray of int, shape (n,)
        The cell of each row, in 0 .. n_cells − 1.
    n_cells : int

    Examples
    --------
    >>> CellSums(np.array([0, 2, 2]), 3).of(np.array([[1.0, 1.0, 1.0], [0.0, 2.0, 3.0]])).tolist()
    [[1.0, 0.0, 2.0], [0.0, 0.0, 5.0]]
    """

    def __init__(self, cells: NDArray[np.integer], n_cells: int) -> None:
        self.cells, self.n_cells = cells, n_cells

    @cached_property
    def _one_by_row(self) -> Any:
        """Return the matrix, shape (n_cells, n), with a one for each row in its cell."""
        from scipy.sparse import csr_matrix  # Tab lists the metrics, and waits for no library

        small = self.cells.astype(np.uint16) if self.n_cells <= 2**16 else self.cells  # is sorted in one pass
        rows = np.argsort(small, kind="stable")
        ends = np.append(0, np.bincount(self.cells, minlength=self.n_cells).cumsum())
        return csr_matrix((np.ones(len(rows)), rows, ends), shape=(self.n_cells, len(rows)))

    def of(self, weights: Floats) -> Floats:
        """Return the sums of each draw, shape (b, n_cells), from weights of shape (b, n)."""
        if len(weights) == 1:
            return sum_by_cell(self.cells, self.n_cells, weights)
        return np.asarray((self._one_by_row @ np.ascontiguousarray(weights.T)).T)


def running(sums: Floats) -> Floats:
    """Return running sums along the last axis, shape (b, m).

    Examples
    --------
    >>> running(np.arange(8.0).reshape(4, 2).T).tolist()
    [[0.0, 2.0, 6.0, 12.0], [1.0, 4.0, 9.0, 16.0]]
    """
    b, m = sums.shape
    if b < _FEW_DRAWS:
        return np.asarray(sums.cumsum(axis=1))
    stretches = -(-m // _STRETCH)
    found = np.zeros((stretches * _STRETCH, b))
    found[:m] = sums.T
    apart = found.reshape(stretches, _STRETCH, b)
    for place in range(1, _STRETCH):
        apart[:, place] += apart[:, place - 1]
    apart[1:] += apart[:-1, -1].cumsum(axis=0)[:, None]
    return found[:m].T
