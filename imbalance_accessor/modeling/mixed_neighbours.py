"""imbalanced-learn's SMOTENC with its search and its votes made in blocks: the same rows to the bit, sooner, in less memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTENC
from numpy.typing import NDArray
from scipy import sparse
from sklearn.metrics import euclidean_distances
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils import check_random_state
from sklearn.utils.extmath import row_norms

from imbalance_accessor.metrics.arrays import Codes, Floats
from imbalance_accessor.modeling.models import estimators_inside
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.options import is_whole

#: Cells of a block of distances, and of the part of it that is worked on at a time (so that it stays in a core's cache).
_BLOCK, _PART = 1 << 20, 1 << 16
#: Columns whose smallest distance is looked at first, at most; and candidates beyond which a row is sorted as a whole,
#: as multiples of those sought.
_GROUP, _FEW = 64, 32
#: Rows of a level, on average, from which on a level's products are computed once and copied to its rows.
_FEW_LEVELS = 3
#: Rows by which the library is asked whether its sums are these to the bit, here and now.
_ASKED = 8
#: Weights of a category below which SMOTENC's `isclose` takes different counts for the same.
_SMALL = 1e-6


@contextmanager
def searched_in_blocks(estimator: Estimator) -> Iterator[None]:
    """Let each plain SMOTENC inside an estimator search in blocks while it is fitted; behind it they are as they were."""
    found = [each for each in estimators_inside(estimator) if _is_plain(each)]
    for each in found:
        each.__class__ = BlockwiseSMOTENC
    try:
        yield
    finally:
        for each in found:
            each.__class__ = SMOTENC


def _is_plain(estimator: Estimator) -> bool:
    plain = type(estimator) is SMOTENC and estimator.categorical_encoder is None
    return plain and is_whole(estimator.k_neighbors)


class BlockwiseSMOTENC(SMOTENC):  # type: ignore[misc]
    """SMOTENC for one fit, behind which it is imbalanced-learn's own again, as are its search and its encoder.

    Notes
    -----
    Distances are summed column by column in the order, and with the operations, of the library's sparse product; the
    nearest are then taken by the same call of the same numbers. So ties fall as they do there, too.
    """

    def _validate_estimator(self) -> None:
        super()._validate_estimator()
        self.nn_k_.__class__ = BlockwiseNeighbors
        self.nn_k_.numbers = self.continuous_features_.size

    def _fit_resample(self, X: Any, y: NDArray[Any]) -> Any:
        try:
            return super()._fit_resample(X, y)
        finally:
            self._be_plain()

    def _be_plain(self) -> None:
        for each, plain in (("nn_k_", NearestNeighbors), ("categorical_encoder_", OneHotEncoder)):
            if isinstance(getattr(self, each, None), BlockwiseNeighbors | QuickOneHotEncoder):
                getattr(self, each).__class__ = plain
        vars(getattr(self, "nn_k_", self)).pop("numbers", None)
        self.__class__ = SMOTENC

    def _generate_samples(
        self,
        X: Any,
        nn_data: Any,
        nn_num: Codes,
        rows: Codes,
        cols: Codes,
        steps: Floats,
        y_type: Any,
        y: Any = None,
    ) -> Any:
        if type(self.categorical_encoder_) is OneHotEncoder:
            self.categorical_encoder_.__class__ = QuickOneHotEncoder
        mixed = read_mixed(nn_data, self.continuous_features_.size)
        if mixed is None or mixed.weight < _SMALL:
            return super()._generate_samples(X, nn_data, nn_num, rows, cols, steps, y_type, y)
        numbers, near = mixed.numbers, nn_num[rows]
        made = (numbers[rows] + steps * (numbers[nn_num[rows, cols]] - numbers[rows])).astype(X.dtype)
        rng = check_random_state(self.random_state)
        voted = [voted_levels(column[near], rng) for column in mixed.codes]
        return sparse.hstack([sparse.csr_matrix(made), self._one_hot(voted, X)], format="csr")

    def _one_hot(self, voted: list[Codes], X: Any) -> Any:
        """Return rows of ones, from their positions in the columns of categories."""
        positions = np.stack(voted, axis=1)
        starts = np.arange(len(positions) + 1) * len(voted)
        shape = (len(positions), X.shape[1] - self.continuous_features_.size)
        return sparse.csr_matrix((np.ones(positions.size, X.dtype), positions.ravel(), starts), shape=shape)


# what refuses a parameter, or shows the sampler, calls it by its name; it is pickled by `__qualname__`
BlockwiseSMOTENC.__name__ = "SMOTENC"


def voted_levels(near: Codes, rng: np.random.RandomState) -> Codes:
    """Return the most frequent level of each row's neighbours; one of several is drawn as SMOTENC draws it.

    Parameters
    ----------
    near : numpy.ndarray of int, shape (n_rows, n_neighbours)
    rng : numpy.random.RandomState

    Examples
    --------
    >>> voted_levels(np.array([[3, 1, 3], [2, 2, 0]]), np.random.RandomState(0)).tolist()
    [3, 2]
    """
    near = np.sort(near, axis=1)
    counts = np.zeros(near.shape, dtype=np.int32)
    for column in near.T:
        counts += near == column[:, None]
    most = counts == counts.max(axis=1, keepdims=True)
    most[:, 1:] &= near[:, 1:] != near[:, :-1]
    row, at = np.nonzero(most)
    drawn: Any = rng.permutation(np.stack([row, near[row, at].astype(row.dtype)], axis=1))
    _, first = np.unique(drawn[:, 0], return_index=True)
    return np.asarray(drawn[first, 1])


class MixedRows:
    """Rows of numbers and of one-hot categories, as SMOTENC weights them.

    Attributes
    ----------
    numbers : numpy.ndarray, shape (n_rows, n_numbers)
    codes : numpy.ndarray of int, shape (n_categories, n_rows)
        The position of each row's one among the columns behind the numbers.
    weight : float
        What stands for a one.
    """

    def __init__(self, numbers: NDArray[Any], codes: Codes, weight: float) -> None:
        self.numbers, self.codes, self.weight = numbers, codes, weight
        self._columns = np.ascontiguousarray(numbers.T, dtype=np.float64)

    def products(self, rows: slice) -> Floats:
        """Return some rows' inner products with all rows, summed column after column."""
        n = len(self.numbers)
        found = np.zeros((rows.stop - rows.start, n))
        width = max(_PART // len(found), 1)
        for start in range(0, n, width):
            self._add_products(rows, slice(start, min(start + width, n)), found)
        return found

    def _add_products(self, rows: slice, others: slice, found: Floats) -> None:
        total, term = np.zeros((2, rows.stop - rows.start, others.stop - others.start))
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


def read_mixed(X: Any, numbers: int) -> MixedRows | None:
    """Read SMOTENC's sparse rows; None where they are not of one weighted one for each column of categories."""
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
    smallest = np.min_scalar_type(max(ones.shape[1] - 1, 0))
    return MixedRows(
        X[:, :numbers].toarray(), np.ascontiguousarray(codes, dtype=smallest), float(ones.data[0])
    )


class BlockwiseNeighbors(NearestNeighbors):  # type: ignore[misc]
    """scikit-learn's search; the neighbours of SMOTENC's own rows are found in blocks that are not sparse."""

    numbers: int

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        """Return the nearest rows, as scikit-learn does."""
        asked = (
            n_neighbors is None and not return_distance and self.n_neighbors < self.n_samples_fit_
        )  # fewer rows are refused there
        mixed = read_mixed(X, self.numbers) if asked and _are_same(X, self._fit_X) else None
        if mixed is None:
            return super().kneighbors(X, n_neighbors, return_distance)
        norms = row_norms(X.astype(np.float64), squared=True)
        if not sums_alike(mixed, X, norms):
            return super().kneighbors(X, n_neighbors, return_distance)
        return np.vstack(list(self._found(mixed, norms)))

    def _found(self, mixed: MixedRows, norms: Floats) -> Iterator[Codes]:
        n, k = len(norms), self.n_neighbors
        height = max(_BLOCK // n, 1)
        for start in range(0, n, height):
            distances = squared_distances(mixed, norms, slice(start, min(start + height, n)))
            nearest, is_tied = nearest_where_distinct(distances, k)
            if is_tied.any():
                nearest[is_tied] = self._kneighbors_reduce_func(distances[is_tied], start, k, False)
            yield nearest


def _are_same(X: Any, other: Any) -> bool:
    """Whether two sparse matrices store the same cells in the same order."""
    if not (sparse.issparse(X) and sparse.issparse(other)):
        return False
    return all(
        np.array_equal(getattr(X, each), getattr(other, each)) for each in ("indptr", "indices", "data")
    )


def nearest_where_distinct(distances: Floats, k: int) -> tuple[Codes, NDArray[np.bool_]]:
    """Return the k nearest of each row, and whether some of them tie, so that another way might choose others.

    Examples
    --------
    >>> nearest, is_tied = nearest_where_distinct(np.array([[3.0, 1.0, 2.0], [1.0, 2.0, 2.0]]), 2)
    >>> nearest[0].tolist(), is_tied.tolist()
    ([1, 2], [False, True])

    Notes
    -----
    The smallest distances of groups of columns say below which one at least k + 1 lie: few do, and these are sorted.
    """
    height, n = distances.shape
    starts = np.arange(0, n, min(_GROUP, max(n // (4 * (k + 1)), 1)))
    smallest = np.minimum.reduceat(distances, starts, axis=1)
    last = min(k, smallest.shape[1] - 1)
    bound = np.partition(smallest, last, axis=1)[:, last] if k < len(starts) else np.full(height, np.inf)
    row, place = np.nonzero(distances <= bound[:, None])
    counts = np.bincount(row, minlength=height)
    is_tied = counts > _FEW * (k + 1)
    keep = ~is_tied[row]
    row, place, counts = row[keep], place[keep], np.where(is_tied, 0, counts)
    order = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    width = max(int(counts.max()), k + 1)
    near, where = np.full((height, width), np.inf), np.zeros((height, width), dtype=np.intp)
    near[row, order], where[row, order] = distances[row, place], place
    by_distance = np.argsort(near, axis=1)[:, : k + 1]
    near = np.take_along_axis(near, by_distance, axis=1)
    is_tied |= ~(near[:, 1:] > near[:, :-1]).all(axis=1)
    return np.take_along_axis(where, by_distance[:, :k], axis=1), is_tied


def squared_distances(mixed: MixedRows, norms: Floats, rows: slice) -> Floats:
    """Return squared distances of some rows to all, by the operations of scikit-learn's `euclidean_distances`."""
    found = mixed.products(rows)
    found *= -2
    found += norms[rows, None]
    found += norms
    return np.maximum(found, 0, out=found)


def sums_alike(mixed: MixedRows, X: Any, norms: Floats) -> bool:
    """Say whether scikit-learn's distances are these to the bit, by some rows: a processor may round sums otherwise."""
    rows = slice(0, min(_ASKED, len(norms)))
    known = euclidean_distances(X[rows], X, squared=True)
    return bool(np.array_equal(known, squared_distances(mixed, norms, rows)))


class QuickOneHotEncoder(OneHotEncoder):  # type: ignore[misc]
    """scikit-learn's encoder; rows that hold one level of every column are decoded by where their ones stand."""

    def inverse_transform(self, X: Any) -> NDArray[Any]:
        """Return the categories of one-hot rows, as scikit-learn's encoder does."""
        levels = [np.asarray(each) for each in self.categories_]
        ends = np.cumsum([len(each) for each in levels])
        if not _one_of_each(X, ends):
            return np.asarray(super().inverse_transform(X))
        positions = np.asarray(X.indices).reshape(-1, len(levels))
        found = np.empty(positions.shape, dtype=np.result_type(*(each.dtype for each in levels)))
        for column, (each, end) in enumerate(zip(levels, ends, strict=True)):
            found[:, column] = each[positions[:, column] - (end - len(each))]
        return found


def _one_of_each(X: Any, ends: NDArray[np.intp]) -> bool:
    """Whether each row of a sparse matrix holds one number above 0 for each column of categories, in their order."""
    if not (isinstance(X, sparse.csr_matrix | sparse.csr_array) and (np.asarray(X.data) > 0).all()):
        return False
    if X.shape[1] != ends[-1] or not (np.diff(X.indptr) == len(ends)).all():
        return False
    X.sort_indices()
    place = np.digitize(np.asarray(X.indices), ends).reshape(-1, len(ends))
    return bool((place == np.arange(len(ends))).all())
