"""How well one column ranks a class alone, out of fold, however its owner might bin it: pure functions over arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats

ViewName = Literal["in order", "in ranges", "by level", "zero or not", "missing or not"]

#: Folds that columns are measured out of; ranges that numbers are put into; rows below which a level is pooled with others.
N_FOLDS, N_RANGES, ROWS_OF_A_LEVEL = 5, 32, 10


@dataclass(frozen=True, eq=False)
class ColumnLevels:
    """The different cells of one column.

    Attributes
    ----------
    of_row : ndarray of int, shape (n_rows,)
        Which of them each row holds.
    rows : ndarray of int, shape (n_levels,)
        How many rows hold it.
    cells : ndarray, shape (n_levels,) or one fewer
        The cells themselves, without the missing one: numbers ascending, others as they came up.
    is_ordered : bool
        Whether they have an order.
    has_missing : bool
        Whether the last level stands for missing cells.
    """

    of_row: Codes
    rows: Codes
    cells: NDArray[Any]
    is_ordered: bool
    has_missing: bool

    @classmethod
    def of_numbers(cls, numbers: Floats) -> ColumnLevels:
        """Take numbers apart, nan where missing."""
        values, of_row, rows = np.unique(numbers, return_inverse=True, return_counts=True)
        missing = bool(len(values) and np.isnan(values[-1]))
        return cls(of_row.astype(np.intp), rows.astype(np.intp), values[: len(rows) - missing], True, missing)

    @classmethod
    def of_cells(cls, cells: pd.Series) -> ColumnLevels:
        """Take cells without an order apart."""
        of_row, different = pd.factorize(cells)
        missing = bool((of_row < 0).any())
        of_row = np.where(of_row < 0, len(different), of_row).astype(np.intp)
        rows = np.bincount(of_row, minlength=len(different)).astype(np.intp)
        return cls(of_row, rows, np.asarray(different, dtype=object), False, missing)

    @property
    def is_missing(self) -> Bools:
        """Which levels stand for missing cells."""
        return np.arange(len(self.rows)) >= len(self.rows) - self.has_missing

    def views(self) -> list[View]:
        """Return the ways to bin the column, those that make one cell of all rows left out."""
        place = np.arange(len(self.rows))
        ways = [View("missing or not", self.is_missing.astype(np.intp), self)]
        if not self.is_ordered:
            ways.append(View("by level", self._pooled(), self))
        else:
            ways.append(View("in order", place, self, ordered=True))
            if self.has_missing:  # missing cells rank highest there, and lowest here
                ways.append(View("in order", np.roll(place, -1), self, ordered=True))
            ways.append(View("in ranges", self._ranges(), self))
            if (self.cells == 0).any():
                zero = np.append(self.cells == 0, [False] * self.has_missing)
                ways.append(View("zero or not", (zero + 2 * self.is_missing).astype(np.intp), self))
        return [way for way in ways if (way.cell_of != way.cell_of[:1]).any()]

    def _pooled(self) -> Codes:
        """Return each level's cell: its own, or one for all levels of few rows; missing cells keep theirs."""
        own = (self.rows >= ROWS_OF_A_LEVEL) | self.is_missing
        return np.where(own, np.arange(1, len(self.rows) + 1), 0).astype(np.intp)

    def _ranges(self) -> Codes:
        """Return each level's cell: its own where many rows hold it, else a range of about 1/32 of the rows."""
        n = self.rows.sum()
        own = (self.rows >= max(ROWS_OF_A_LEVEL, n / (2 * N_RANGES))) | self.is_missing
        middle = (np.cumsum(self.rows) - self.rows / 2) / n
        ranges = np.floor(N_RANGES * middle).astype(np.intp)
        return np.where(own, N_RANGES + np.arange(len(self.rows)), ranges).astype(np.intp)


@dataclass(frozen=True, eq=False)
class View:
    """One way to bin a column.

    Attributes
    ----------
    name : str
    cell_of : ndarray of int, shape (n_levels,)
        Which cell each level is put into.
    levels : ColumnLevels
    ordered : bool
        Whether cells rank in their order, upwards or downwards; else by the share of the class in them, fold by fold.
    """

    name: ViewName
    cell_of: Codes
    levels: ColumnLevels
    ordered: bool = False

    def figures(self, y: Bools, fold: Codes, odds: float = 1.0) -> tuple[float, float]:
        """Return the ROC-AUC and the average precision of a class, out of fold; see `ranking` for `odds`."""
        rows, hits = self._tables(y, fold)
        scores = self._scores(rows, hits)
        if (scores[:, :1] == scores).all():  # the same score in every fold
            rows, hits, scores = (each.sum(axis=1) for each in (rows, hits, scores[:, :1]))
        held = rows > 0  # of numbers that hardly repeat, four cells of five are empty
        return ranking(scores[held], hits[held], (rows - hits)[held], odds)

    def scores(self, y: Bools, fold: Codes) -> Floats:
        """Return each row's score out of fold, shape (n_rows,)."""
        table = self._scores(*self._tables(y, fold))
        return np.asarray(table[self.cell_of[self.levels.of_row], fold])

    def _tables(self, y: Bools, fold: Codes) -> tuple[Floats, Floats]:
        """Return the rows, and those of the class, of each cell in each fold."""
        n_cells, n_folds = int(self.cell_of.max()) + 1, int(fold.max()) + 1
        at = self.cell_of[self.levels.of_row] * n_folds + fold
        tables = (np.bincount(each, minlength=n_cells * n_folds) for each in (at, at[y]))
        rows, hits = (each.reshape(n_cells, n_folds).astype(np.float64) for each in tables)
        return rows, hits

    def _scores(self, rows: Floats, hits: Floats) -> Floats:
        """Return the score of each cell in each fold, learned in the other folds."""
        if self.ordered:
            per_cell = rows.sum(axis=1)
            place = np.cumsum(per_cell) - per_cell / 2 - per_cell.sum() / 2
            gained = place @ hits
            return np.asarray(place[:, None] * np.where(gained.sum() - gained >= 0, 1.0, -1.0))
        others, found = (each.sum(axis=1, keepdims=True) - each for each in (rows, hits))
        overall = found.sum(axis=0) / np.maximum(others.sum(axis=0), 1)
        shares = np.where(others > 0, found / np.maximum(others, 1), overall)
        # a share is the lower, the more of the class its own fold holds: folds are not compared by it
        return np.column_stack([_mid_ranks(*each) for each in zip(shares.T, rows.T, strict=True)])


def _mid_ranks(scores: Floats, rows: Floats) -> Floats:
    """Return the mid-rank of each score over all rows, of which so many have it."""
    _, place = np.unique(scores, return_inverse=True)
    equal = np.bincount(place, rows)
    return np.asarray((np.cumsum(equal) - equal + (equal + 1) / 2)[place] / max(rows.sum(), 1))


def deal(codes: Codes) -> Codes:
    """Return each row's fold: rows are dealt class by class, shuffled with seed 0.

    Examples
    --------
    >>> np.bincount(deal(np.zeros(10, dtype=int))).tolist()
    [2, 2, 2, 2, 2]
    """
    shuffled = pd.Series(codes).sample(frac=1, random_state=0)
    return np.asarray(shuffled.groupby(shuffled).cumcount().sort_index() % N_FOLDS, dtype=np.intp)


def ranking(scores: Floats, hits: Floats, others: Floats, odds: float = 1.0) -> tuple[float, float]:
    """Return how well scores rank a class above the rest, from counts of rows with each score.

    Parameters
    ----------
    scores : ndarray of float, shape (n_cells,)
    hits, others : ndarray, shape (n_cells,)
        Rows of the class, and of the rest, with that score; equal scores are taken together.
    odds : float
        How many rows of the rest one stands for, where it is a sample, per row that a row of the class stands for.

    Returns
    -------
    roc_auc, average_precision : float
        U / (n₁ n₀), ties counting one half, and Σ (R_i − R_(i−1)) P_i over descending scores; nan where a class has no rows.

    Examples
    --------
    >>> ranking(np.array([0.9, 0.5, 0.1]), np.array([1, 1, 0]), np.array([0, 2, 2]))
    (0.875, 0.75)
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    tp, fp = np.cumsum(hits[order])[ends], np.cumsum(others[order])[ends]
    if not len(tp) or not tp[-1] or not fp[-1]:
        return np.nan, np.nan
    here, below = np.diff(tp, prepend=0), fp[-1] - fp + np.diff(fp, prepend=0) / 2
    precision = tp / np.maximum(tp + odds * fp, np.finfo(float).tiny)
    return float(here @ below / (tp[-1] * fp[-1])), float(here @ precision / tp[-1])
