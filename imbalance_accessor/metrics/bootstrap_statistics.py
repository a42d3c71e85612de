"""What is computed in every draw of the bootstrap: sums, counts by cell, and figures of the order of the scores."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats, ratio
from imbalance_accessor.metrics.binary import LevelFigure, Ranking
from imbalance_accessor.metrics.cell_sums import CellSums
from imbalance_accessor.process_state import cached_property

#: Numbers of joint cells up to which each has its place, whether rows are in it or not.
_DENSE = 2**16


class Statistic(Protocol):
    """Something that is measured on weighted rows; `key` tells it from others of the same rows by what it is made of."""

    @property
    def key(self) -> Hashable:
        """What tells it from the others."""
        ...

    def of(self, weights: Floats) -> Floats:
        """Return the value of each draw, shape (b, ...), from weights of shape (b, n)."""
        ...


@dataclass(frozen=True, eq=False)
class Totals:
    """Weighted sums of columns, shape (b, m).

    Attributes
    ----------
    columns : ndarray of float, shape (n, m)
    """

    columns: Floats

    @cached_property
    def key(self) -> Hashable:
        """What tells it from the others."""
        return "totals", _digest(self.columns)

    def of(self, weights: Floats) -> Floats:
        """Return the sums of each draw."""
        return weights @ self.columns


@dataclass(frozen=True, eq=False)
class Cells:
    """Weighted rows of each cell, shape (b, n_cells).

    Attributes
    ----------
    cells : ndarray of int, shape (n,)
    n_cells : int
    """

    cells: NDArray[np.integer]
    n_cells: int

    @cached_property
    def key(self) -> Hashable:
        """What tells it from the others."""
        return "cells", self.n_cells, _digest(self.cells)

    def of(self, weights: Floats) -> Floats:
        """Return the sums of each draw."""
        return self.sums.of(weights)

    @cached_property
    def sums(self) -> CellSums:
        """The rows, in the order of their cells."""
        return CellSums(self.cells, self.n_cells)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Figures of the order of the scores, shape (b, m).

    Attributes
    ----------
    y : ndarray of bool, shape (n,)
    scores : ndarray of float, shape (n,) or (r, n)
        One set of scores, or those of r repeats, over which each draw's figure is averaged.
    figures : mapping of str to function of Levels
        What is computed, by name.
    folds : ndarray of int, shape (n,) or (r, n), optional
        The fold that scored each row. Then the figure is the mean over folds, each weighted by its positives in the draw,
        and a fold that lacks a class there is left out: scores of several folds are never put in one order.
    unseen : float
        Weight of negatives that were not sampled; see `Levels`.
    """

    y: Bools
    scores: Floats
    figures: Mapping[str, LevelFigure]
    folds: Codes | None = None
    unseen: float = 0.0

    @cached_property
    def key(self) -> Hashable:
        """What tells it from the others: scores that put rows in one order are one."""
        orders = tuple(
            (None if isinstance(rows, slice) else _digest(rows), _digest(ranking.cells))
            for repeat in self._rankings
            for rows, ranking in repeat
        )
        return "ranked", len(self._rankings), orders, tuple(self.figures.items()), self.unseen

    def of(self, weights: Floats) -> Floats:
        """Return the figures of each draw."""
        return np.asarray(np.mean([self._averaged(folds, weights) for folds in self._rankings], axis=0))

    @cached_property
    def _rankings(self) -> list[list[tuple[NDArray[np.intp] | slice, Ranking]]]:
        """Return the rankings of each repeat, one a fold, with its rows."""
        scores = np.atleast_2d(self.scores)
        if self.folds is None:
            return [[(slice(None), Ranking(self.y, score))] for score in scores]
        folds = np.broadcast_to(self.folds, scores.shape)
        return [
            [
                (rows, Ranking(self.y[rows], score[rows]))
                for rows in map(np.flatnonzero, fold == np.unique(fold)[:, None])
            ]
            for score, fold in zip(scores, folds, strict=True)
        ]

    def _averaged(self, folds: list[tuple[NDArray[np.intp] | slice, Ranking]], weights: Floats) -> Floats:
        if self.folds is None:
            return folds[0][1].drawn(weights, self.figures, self.unseen)
        total, positives = np.zeros((len(weights), len(self.figures))), np.zeros((len(weights), 1))
        for rows, ranking in folds:
            inside = weights.T[rows].T
            found = ranking.drawn(inside, self.figures, self.unseen)
            known = np.isfinite(found).all(axis=1, keepdims=True)
            weight = np.where(known, (inside @ self.y[rows])[:, None], 0.0)
            total += weight * np.where(known, found, 0.0)
            positives += weight
        return np.where(positives > 0, ratio(total, positives), np.nan)


class Together:
    """Several statistics of the same rows: one product for all columns, and one pass for all cells.

    Parameters
    ----------
    statistics : mapping of hashable to Statistic
        By their keys.
    """

    def __init__(self, statistics: Mapping[Hashable, Statistic]) -> None:
        self._columns = {key: each.columns for key, each in statistics.items() if isinstance(each, Totals)}
        self._stacked = np.column_stack([*self._columns.values()]) if self._columns else None
        cells = {key: each for key, each in statistics.items() if isinstance(each, Cells)}
        self._joint: CellSums | None = None
        if len(cells) > 1:
            self._joint, self._cells = _joined(cells)
        joined = {*self._columns, *(cells if self._joint is not None else ())}
        self._alone = {key: each for key, each in statistics.items() if key not in joined}

    def of(self, weights: Floats) -> dict[Hashable, Floats]:
        """Return the value of each in each draw, from weights of shape (b, n)."""
        found = {key: each.of(weights) for key, each in self._alone.items()}
        if self._stacked is not None:
            ends = np.cumsum([each.shape[1] for each in self._columns.values()])
            found |= zip(self._columns, np.split(weights @ self._stacked, ends[:-1], axis=1), strict=True)
        if self._joint is not None:
            sums = self._joint.of(weights)
            found |= {key: each.of(sums) for key, each in self._cells.items()}
        return found


def _joined(cells: Mapping[Hashable, Cells]) -> tuple[CellSums, dict[Hashable, Cells]]:
    """Put rows together that share a cell of each; return their sums, and in which cells of each these then are."""
    code, n_codes = np.zeros(1, np.int64), 1
    for each in cells.values():
        if n_codes * each.n_cells >= 2**62:
            code, n_codes = _numbered(code, n_codes)
        code, n_codes = code * each.n_cells + each.cells, n_codes * each.n_cells
    code, n_codes = _numbered(code, n_codes)
    one = np.empty(n_codes, np.intp)
    one[code] = np.arange(len(code))
    own = {key: Cells(each.cells[one], each.n_cells) for key, each in cells.items()}
    return CellSums(code, n_codes), own


def _numbered(code: Codes, n_codes: int) -> tuple[Codes, int]:
    """Return the codes numbered as they occur, and how many there are."""
    if n_codes > _DENSE:
        there, place = np.unique(code, return_inverse=True)
        return place, len(there)
    occurs = np.bincount(code, minlength=n_codes) > 0
    return (np.cumsum(occurs) - 1)[code], int(occurs.sum())


def _digest(array: NDArray[np.generic]) -> bytes:
    kind = f"{array.dtype} {array.shape}".encode()
    return blake2b(kind + np.ascontiguousarray(array).tobytes(), digest_size=16).digest()
