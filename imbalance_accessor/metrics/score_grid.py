"""Scores of more rows than are held: counted in cells of the score that any two parts of the rows can share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats

#: Cells at most; where there are as many distinct scores, more than half of so many are used.
MOST_CELLS = 2**18
_SIGN, _HALF = np.uint64(2**63), np.uint64(32)
_LOW = np.uint64(2**32 - 1)

_Keys = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class ScoreGrid:
    """How many rows of each kind have their score in each of some cells, from the lowest score to the highest.

    Attributes
    ----------
    starts : ndarray of uint64, shape (m,)
        Where each cell starts, in the order of `ordered`; only cells that hold rows.
    counts : ndarray of int, shape (m, k)
        Rows of each kind in each cell, such as negatives and positives.
    low, high : ndarray of uint64, shape (m,)
        The lowest and the highest score in it.
    sums : ndarray of uint64, shape (m, 2)
        How far its rows lie above its start, summed up: the upper and the lower 32 bits, each by itself.
    dropped : int
        Bits of the scores that no cell tells.
    edges : ndarray of uint64
        Scores at which cells end whatever bits are dropped.
    most : int
        Cells at most, besides those that edges make.

    Notes
    -----
    A float of 64 bits, read as a whole number, keeps its order once the sign is turned round. Cells are scores that are
    alike but for their last bits; while there are more than `most`, one more bit is dropped. Cells of fewer bits are made
    of whole cells of more bits, and all sums are of whole numbers: a grid is the same, bit for bit, in whatever pieces and
    order its rows come. `edges` are counted exactly: no cell has scores on both sides.

    Examples
    --------
    >>> grid = ScoreGrid.of(np.array([False, True, True]), np.array([0.2, 0.7, 0.7]))
    >>> grid.counts.tolist(), grid.means.tolist()
    ([[1, 0], [0, 2]], [0.2, 0.7])
    """

    starts: _Keys
    counts: NDArray[np.integer]
    low: _Keys
    high: _Keys
    sums: _Keys
    dropped: int
    edges: _Keys
    most: int

    @classmethod
    def of(
        cls,
        kind: Bools | Codes,
        score: Floats,
        *,
        k: int = 2,
        edges: Sequence[float] = (),
        most: int = MOST_CELLS,
    ) -> ScoreGrid:
        """Count rows by their score.

        Parameters
        ----------
        kind : ndarray of bool or int, shape (n,)
            What each row is, in 0 .. k − 1.
        score : ndarray of float, shape (n,)
            All finite.
        k : int
        edges : sequence of float
            Scores, such as thresholds that are known before, at which no cell lies on both sides: ``score >= edge`` is exact.
        most : int
            Cells at most, besides those that edges make.
        """
        keys = ordered(score)
        order = np.argsort(keys)
        keys, kind = keys[order], np.asarray(kind)[order].astype(np.intp)
        every = ordered(np.unique(np.asarray(edges, np.float64)))
        dropped = _bits(keys, every, most)
        starts = _starts(keys, dropped, every)
        first = _firsts(starts)
        place = np.cumsum(np.append(0, starts[1:] != starts[:-1])) if len(keys) else np.empty(0, np.intp)
        counts = np.bincount(k * place + kind, minlength=k * len(first)).reshape(-1, k).astype(np.int32)
        above = keys - starts
        sums = _summed(np.column_stack([above >> _HALF, above & _LOW]), first)
        last = np.append(first[1:], len(keys))[: len(first)] - 1
        return cls(starts[first], counts, keys[first], keys[last], sums, dropped, every, most)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def is_exact(self) -> bool:
        """Whether every cell is one score."""
        return bool((self.low == self.high).all())

    @property
    def lowest(self) -> Floats:
        """The lowest score in each cell, shape (m,), rising."""
        return floats_of(self.low)

    @property
    def highest(self) -> Floats:
        """The highest score in each cell."""
        return floats_of(self.high)

    @property
    def means(self) -> Floats:
        """The mean score in each cell, which lies within one power of two as long as there are thousands of cells."""
        rows = self.counts.sum(axis=1).astype(np.uint64)
        whole, rest = np.divmod(self.sums[:, 0], rows)
        # the rest is below 2³² rows, so that it fits into 64 bits again with 32 more below
        above = (whole << _HALF) + ((rest << _HALF) + self.sums[:, 1]) // rows
        return floats_of(self.starts + above)

    def inside(self, score: float) -> float | None:
        """Return the highest score of the cell that has scores on both sides of a threshold; None where none has."""
        place = int(np.searchsorted(self.low, ordered(np.array([score]))[0], side="left")) - 1
        straddled = place >= 0 and self.highest[place] >= score
        return float(self.highest[place]) if straddled else None

    def rows_of(self, kinds: Sequence[int]) -> tuple[Codes, Codes, NDArray[np.int64]]:
        """Return what stands for the rows of some kinds: the cell of each entry, its kind, and how many rows it stands for."""
        cell, kind = np.nonzero(self.counts[:, list(kinds)])
        of = np.asarray(kinds, np.intp)[kind]
        return cell, of, self.counts[cell, of].astype(np.int64)

    def entries(self) -> tuple[Bools, Floats, NDArray[np.int64]]:
        """Return what stands for all rows of two kinds: labels, the means of their cells, and how many rows each stands for."""
        cell, kind, copies = self.rows_of([0, 1])
        return kind == 1, self.means[cell], copies

    def merged(self, other: ScoreGrid) -> ScoreGrid:
        """Return the grid of the rows of both."""
        if not len(self) or not len(other):
            return self if len(self) else other
        dropped = max(self.dropped, other.dropped)
        both = self._without(dropped), other._without(dropped)
        starts = np.sort(
            np.concatenate([each.starts for each in both])
        )  # two sorted runs: faster than by hashes
        starts = starts[_firsts(starts)]
        places = [np.searchsorted(starts, each.starts) for each in both]
        counts = np.zeros((len(starts), self.counts.shape[1]), np.int64)
        sums = np.zeros((len(starts), 2), np.uint64)
        low, high = np.full(len(starts), ~np.uint64(0)), np.zeros(len(starts), np.uint64)
        for each, at in zip(both, places, strict=True):  # of one grid no two cells are one
            counts[at] += each.counts
            sums[at] += each.sums
            low[at], high[at] = np.minimum(low[at], each.low), np.maximum(high[at], each.high)
        found = replace(
            self, starts=starts, counts=counts, low=low, high=high, sums=_carried(sums), dropped=dropped
        )
        return found._without(max(dropped, _bits(starts, self.edges, self.most)))

    def _without(self, dropped: int) -> ScoreGrid:
        """Return the grid whose cells do not tell so many bits."""
        if dropped == self.dropped:
            return self
        moved = _starts(self.starts, dropped, self.edges)
        above, rows = self.starts - moved, self.counts.sum(axis=1).astype(np.uint64)
        # how far all rows of a cell lie above the new start: what they had, and as often how far their cell did
        part = (above & _LOW) * rows
        sums = self.sums + np.column_stack([(above >> _HALF) * rows + (part >> _HALF), part & _LOW])
        first = _firsts(moved)
        return replace(
            self,
            starts=moved[first],
            counts=np.add.reduceat(self.counts, first),
            low=np.minimum.reduceat(self.low, first),
            high=np.maximum.reduceat(self.high, first),
            sums=_summed(sums, first),
            dropped=dropped,
        )


def ordered(score: Floats) -> _Keys:
    """Return whole numbers in the order of scores, equal where these are.

    Examples
    --------
    >>> keys = ordered(np.array([-1.0, -0.0, 0.0, 2.5]))
    >>> bool(keys[0] < keys[1] == keys[2] < keys[3])
    True
    """
    bits = (np.asarray(score, np.float64) + 0.0).view(np.uint64)  # -0.0 is 0.0
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def floats_of(keys: _Keys) -> Floats:
    """Return the scores of such numbers.

    Examples
    --------
    >>> floats_of(ordered(np.array([-1.5, 0.25]))).tolist()
    [-1.5, 0.25]
    """
    return np.where(keys & _SIGN, keys ^ _SIGN, ~keys).view(np.float64)


def _firsts(starts: _Keys) -> NDArray[np.intp]:
    """Return where each run of equal starts begins."""
    return np.flatnonzero(np.append(np.ones(min(len(starts), 1), bool), starts[1:] != starts[:-1]))


def _summed(sums: _Keys, first: NDArray[np.intp]) -> _Keys:
    """Add up both halves of sums from each place to the next."""
    if not len(first):
        return sums
    return _carried(np.column_stack([np.add.reduceat(np.ascontiguousarray(half), first) for half in sums.T]))


def _carried(sums: _Keys) -> _Keys:
    """Leave 32 bits in the lower half."""
    return np.column_stack([sums[:, 0] + (sums[:, 1] >> _HALF), sums[:, 1] & _LOW])


def _bits(starts: _Keys, edges: _Keys, most: int) -> int:
    """Return how many bits must be dropped of starts, which rise, so that no more than `most` are left."""
    if len(starts) <= most:
        return 0
    level = np.searchsorted(edges, starts, side="right")
    apart = (starts[1:] ^ starts[:-1])[level[1:] == level[:-1]]
    # neighbours are one cell when all bits are dropped in which they differ
    upper = apart >> _HALF
    lengths = np.frexp(np.where(upper, upper, apart).astype(np.float64))[1] + 32 * (upper > 0)
    longer = np.cumsum(np.bincount(lengths, minlength=66)[::-1])[::-1]
    return int(np.flatnonzero(1 + longer[1:] <= most)[0])


def _starts(starts: _Keys, dropped: int, edges: _Keys) -> _Keys:
    """Return where the cells start that hold some scores, when so many bits are dropped."""
    found = starts >> np.uint64(dropped) << np.uint64(dropped) if dropped < 64 else np.zeros_like(starts)
    if not len(edges):
        return found
    level = np.searchsorted(edges, starts, side="right")
    at = np.append(np.uint64(0), edges)[level]
    return np.maximum(found, at)
