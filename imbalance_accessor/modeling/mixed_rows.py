"""The nearest of rows of numbers and categories: sifted by one matrix product, then by the library's own sums, to the bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.metrics import euclidean_distances
from sklearn.utils.extmath import row_norms

from imbalance_accessor.metrics.arrays import Codes, Floats

#: Cells of a block of distances, and of the part of it that is worked on at a time (so that it stays in a core's cache).
_BLOCK, _PART = 1 << 19, 1 << 16
#: Rows in a group whose smallest distance is looked at first; and candidates beyond which a row's distances are all
#: computed, as multiples of the neighbours sought.
_GROUP, _FEW = 32, 32
#: Share of the rows from which on a level is a column of the matrix product; rarer ones are looked up.
_FREQUENT = 0.05
#: No cell is larger but those of no row.
_LARGEST = np.finfo(np.float32).max
#: Rows of a level, on average, from which on a level's products are computed once and copied to its rows.
_FEW_LEVELS = 3
#: Rows by which the library is asked whether its sums are these to the bit, here and now.
_ASKED = 8


class MixedRows:
    """Rows of numbers and of one-hot categories, as SMOTENC weights them.

    Attributes
    ----------
    numbers : numpy.ndarray, shape (n_rows, n_numbers)
    codes : numpy.ndarray of int, shape (n_categories, n_rows)
        The position of each row's one among the columns behind the numbers.
    weight : float
        What stands for a one.
    norms : numpy.ndarray, shape (n_rows,)
        The library's squared norms.
    searched : int
        How many of the first rows may be a row's neighbours.
    """

    def __init__(
        self, numbers: NDArray[Any], codes: Codes, weight: float, norms: Floats, searched: int
    ) -> None:
        self.numbers, self.codes, self.weight, self.norms = numbers, codes, weight, norms
        self.searched = searched
        self._columns = np.ascontiguousarray(numbers.T, dtype=np.float64)

    def distances(self, rows: Codes) -> Floats:
        """Return squared distances to all that are searched, by the operations of scikit-learn's `euclidean_distances`."""
        found = np.zeros((len(rows), self.searched))
        width = max(_PART // len(rows), 1)
        for start in range(0, self.searched, width):
            self._add_products(rows, slice(start, min(start + width, self.searched)), found)
        return _of_products(found, self.norms[rows, None], self.norms[: self.searched])

    def distances_of_pairs(self, rows: Codes, others: Codes) -> Floats:
        """Return squared distances of pairs of rows, by the same sums."""
        total = np.zeros(len(rows))
        for column in self._columns:
            total += column[rows] * column[others]
        for column in self.codes:
            total += (column[rows] == column[others]) * (self.weight * self.weight)
        return _of_products(total, self.norms[rows], self.norms[others])

    def _add_products(self, rows: Codes, others: slice, found: Floats) -> None:
        total, term = np.zeros((2, len(rows), others.stop - others.start))
        for column in self._columns:
            np.multiply(column[rows, None], column[others], out=term)
            total += term
        for column in self.codes:
            self._products_of_ones(column[rows], column[others], term)
            total += term
        found[:, others] = total

    def _products_of_ones(self, of_rows: Codes, of_others: Codes, out: Floats) -> None:
        """Write the product of two ones where two rows are of one level; by level where there are few of them."""
        one, levels = self.weight * self.weight, np.unique(of_rows)
        if _FEW_LEVELS * len(levels) > len(of_rows):
            np.multiply(of_rows[:, None] == of_others, one, out=out)
            return
        by_level = (levels[:, None] == of_others) * one
        np.take(by_level, np.searchsorted(levels, of_rows), axis=0, out=out, mode="clip")


def _of_products(products: Floats, of_rows: Floats, of_others: Floats) -> Floats:
    products *= -2
    products += of_rows
    products += of_others
    return np.maximum(products, 0, out=products)


def read_mixed(X: Any, numbers: int, searched: int) -> MixedRows | None:
    """Read SMOTENC's sparse rows; None where they are not of one weighted one for each column of categories.

    Parameters
    ----------
    X : sparse matrix, shape (n_rows, n_numbers + n_levels)
    numbers : int
        The columns of numbers, in front.
    searched : int
        How many of the first rows may be a row's neighbours.
    """
    is_read = isinstance(X, sparse.csr_matrix | sparse.csr_array) and X.dtype.kind in "if"
    if not is_read or X.dtype == np.float32:  # whose sums the library makes in blocks of its own
        return None
    ones = X[:, numbers:]
    per_row = np.diff(ones.indptr)
    if not (len(per_row) and per_row[0] and (per_row == per_row[0]).all() and X.has_sorted_indices):
        return None
    if (ones.data != ones.data[0]).any():
        return None
    codes = ones.indices.reshape(len(per_row), -1).T
    codes = np.ascontiguousarray(codes, dtype=np.min_scalar_type(max(ones.shape[1] - 1, 0)))
    norms = row_norms(X.astype(np.float64), squared=True)
    return MixedRows(X[:, :numbers].toarray(), codes, float(ones.data[0]), norms, searched)


def in_blocks(rows: Codes, width: int) -> Iterator[Codes]:
    """Yield so many rows at a time as make a block of cells, each of this width."""
    height = max(_BLOCK // width, 1)
    for start in range(0, len(rows), height):
        yield rows[start : start + height]


def sums_alike(mixed: MixedRows, rows: Codes, X: Any, searched: Any) -> bool:
    """Say whether scikit-learn's distances are these to the bit, by some rows: a processor may round sums otherwise."""
    known = euclidean_distances(X[:_ASKED], searched, squared=True)
    return bool(np.array_equal(known, mixed.distances(rows[:_ASKED])))


@np.errstate(all="ignore")  # where squares overflow, all rows are left
def nearest_where_distinct(mixed: MixedRows, rows: Codes, k: int) -> tuple[Codes, NDArray[np.bool_]]:
    """Return the k nearest of some rows, and where they are not told: some tie, so that another way might choose others.

    Parameters
    ----------
    mixed : MixedRows
        More than k of them are searched.
    rows : numpy.ndarray of int
    k : int
        Neighbours of a row; where it is one of those searched, it is one itself.
    """
    sieve = _Sieve(mixed, k)
    nearest, is_left = np.zeros((len(rows), k), dtype=np.intp), np.ones(len(rows), dtype=np.bool_)
    for block in in_blocks(np.arange(len(rows)), mixed.searched):
        row, other = sieve.candidates(rows[block])
        counts = np.bincount(row, minlength=len(block))
        is_few = (counts > k) & (counts <= _FEW * (k + 1))
        other, counts, at = other[is_few[row]], counts[is_few], block[is_few]
        if not len(at):
            continue
        row = np.repeat(np.arange(len(at)), counts)
        order = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        near, where = np.full((len(at), counts.max()), np.inf), np.zeros((len(at), counts.max()), np.intp)
        near[row, order], where[row, order] = mixed.distances_of_pairs(rows[at][row], other), other
        by_distance = np.argsort(near, axis=1)[:, : k + 1]
        near = np.take_along_axis(near, by_distance, axis=1)
        nearest[at] = np.take_along_axis(where, by_distance[:, :k], axis=1)
        is_left[at] = ~(near[:, 1:] > near[:, :-1]).all(axis=1)
    return nearest, is_left


class _Sieve:
    """Distances of 32 bits, and how far off they may be: what they leave out is no neighbour by the library's sums.

    Notes
    -----
    Numbers are held against their medians, in units of the largest. A cell is the squared norm of the other row, less
    twice the product of both; of two rows of one level that is twice the squared weight. Each sum of t terms is off by
    (t + 3) roundings of all its terms at most; twice that is reckoned with. The share of the other row's norm is left
    out of the cell, so that it never says too much; a row so near has no more than twice this row's norm and distance.
    """

    def __init__(self, mixed: MixedRows, k: int) -> None:
        n, p = mixed.searched, mixed.numbers.shape[1]
        terms = p + len(mixed.codes) + 1
        centred = mixed.numbers - np.median(mixed.numbers, axis=0)
        unit = max(np.abs(centred).max(initial=0.0), mixed.weight) or 1.0
        centred, weight = centred / unit, mixed.weight / unit
        norm = np.einsum("ij,ij->i", centred, centred)
        self.off = (terms + 3) * float(np.finfo(np.float32).eps)
        self.own = norm + 2 * weight**2 * len(mixed.codes)
        of_sums = (terms + 5) * np.finfo(np.float64).eps * mixed.norms / unit**2
        self.slack = 10 * (self.off * self.own + of_sums)
        self.k, self.groups = k, max(-(-n // _GROUP), 4 * (k + 1))
        self.members = -(-n // self.groups)
        sizes = np.bincount(mixed.codes.ravel())
        frequent = np.flatnonzero(sizes > _FREQUENT * len(norm))
        place = np.full(len(sizes), -1)
        place[frequent] = p + np.arange(len(frequent))
        self.left = np.zeros((len(norm), p + len(frequent) + 1), dtype=np.float32)
        self.left[:, :p], self.left[:, -1] = centred, 1
        category, row = np.nonzero(place[mixed.codes] >= 0)
        self.left[row, place[mixed.codes[category, row]]] = weight
        self.right = np.zeros((self.left.shape[1], self.groups * self.members), dtype=np.float32)
        self.right[:, :n] = -2 * self.left[:n].T
        self.right[-1] = np.inf
        self.right[-1, :n] = (1 - 2 * self.off) * norm[:n]
        category, row = np.nonzero(place[mixed.codes] < 0)
        level = mixed.codes[category, row]
        ones = np.full(len(row), weight, dtype=np.float32)
        self.rare = sparse.csr_matrix((ones, (row, level)), shape=(len(norm), len(sizes)))
        self.twice_rare = 2 * self.rare[:n].T.tocsr()

    def candidates(self, rows: Codes) -> tuple[Codes, Codes]:
        """Return positions among some rows, in order, and for each a row that may be one of its k + 1 nearest."""
        found = self.left[rows] @ self.right
        if self.rare.nnz:
            same = (self.rare[rows] @ self.twice_rare).tocoo()
            found[same.row, same.col] -= same.data
        by_group = found.reshape(len(rows), self.members, self.groups)
        smallest = by_group.min(axis=1)
        bound = np.partition(smallest, self.k, axis=1)[:, self.k].astype(np.float64)
        limit = (bound + self.own[rows] + self.slack[rows]) * (1 + 10 * self.off) - self.own[rows]
        limit = np.minimum(np.nextafter(limit.astype(np.float32), np.float32(np.inf)), _LARGEST)
        row, group = np.nonzero(smallest <= limit[:, None])
        hit, member = np.nonzero(by_group[row, :, group] <= limit[row, None])
        return row[hit], member * self.groups + group[hit]
