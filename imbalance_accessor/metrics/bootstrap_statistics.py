"""What is computed in every draw of the bootstrap: sums, counts by cell, and figures of the order of the scores."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats, ratio, sum_by_cell
from imbalance_accessor.metrics.binary import LevelFigure, Ranking
from imbalance_accessor.process_state import cached_property


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
    """Weighted rows of each cell, shape (b, n_cells), where cells are too many for columns.

    Attributes
    ----------
    cells : ndarray of int, shape (n,)
    n_cells : int
    """

    cells: Codes
    n_cells: int

    @cached_property
    def key(self) -> Hashable:
        """What tells it from the others."""
        return "cells", self.n_cells, _digest(self.cells)

    def of(self, weights: Floats) -> Floats:
        """Return the sums of each draw."""
        return sum_by_cell(self.cells, self.n_cells, weights)


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
        """What tells it from the others."""
        folds = None if self.folds is None else _digest(self.folds)
        what = tuple(self.figures.items()), self.unseen
        return "ranked", _digest(self.y), _digest(self.scores), folds, *what

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
            inside = weights[:, rows]
            found = ranking.drawn(inside, self.figures, self.unseen)
            known = np.isfinite(found).all(axis=1, keepdims=True)
            weight = np.where(known, (inside @ self.y[rows])[:, None], 0.0)
            total += weight * np.where(known, found, 0.0)
            positives += weight
        return np.where(positives > 0, ratio(total, positives), np.nan)


def _digest(array: NDArray[np.generic]) -> bytes:
    kind = f"{array.dtype} {array.shape}".encode()
    return blake2b(kind + np.ascontiguousarray(array).tobytes(), digest_size=16).digest()
