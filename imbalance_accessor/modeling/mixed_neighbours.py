"""imbalanced-learn's SMOTENC with its search and its votes made in blocks: the same rows to the bit, sooner, in less memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTENC
from numpy.typing import NDArray
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils import check_random_state

from imbalance_accessor.metrics.arrays import Codes, Floats
from imbalance_accessor.metrics.shared_cores import in_one_thread
from imbalance_accessor.modeling.mixed_rows import (
    in_blocks,
    nearest_where_distinct,
    read_mixed,
    sums_alike,
)
from imbalance_accessor.modeling.models import estimators_inside
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.options import is_whole

#: Weights of a category below which SMOTENC's `isclose` takes different counts for the same.
_SMALL = 1e-6


@contextmanager
def searched_in_blocks(estimator: Estimator) -> Iterator[None]:
    """Let each plain SMOTENC inside an estimator search in blocks while it is fitted; behind it they are as they were."""
    found = [each for each in estimators_inside(estimator) if runs_in_blocks(each)]
    for each in found:
        each.__class__ = BlockwiseSMOTENC
    try:
        yield
    finally:
        for each in found:
            each.__class__ = SMOTENC


def runs_in_blocks(sampler: Estimator) -> bool:
    """Whether a sampler is imbalanced-learn's own SMOTENC, with an encoder and a search of its own."""
    plain = type(sampler) is SMOTENC and sampler.categorical_encoder is None
    return plain and is_whole(sampler.k_neighbors)


def votes_in_blocks(numbers: pd.DataFrame) -> bool:
    """Whether a category weighs enough beside these numbers, so that votes, too, are counted in blocks.

    Examples
    --------
    >>> votes_in_blocks(pd.DataFrame({"x": [0.0, 1.0]})), votes_in_blocks(pd.DataFrame({"x": [0, 1]}))
    (True, False)

    Notes
    -----
    The weight is half the median spread, in the type of the numbers: of whole ones it is a whole number.
    """
    known = all(isinstance(each, np.dtype) and each.kind in "iuf" for each in numbers.dtypes)
    dtype = np.result_type(*numbers.dtypes) if known else np.dtype(np.float64)
    spread = np.median(numbers.astype(np.float64).std(ddof=0)) / np.sqrt(2)
    return bool(dtype != np.float32 and np.asarray(spread).astype(dtype) >= _SMALL)


class BlockwiseSMOTENC(SMOTENC):  # type: ignore[misc]
    """SMOTENC for one fit, behind which it is imbalanced-learn's own again, as are its search and its encoder.

    Notes
    -----
    One matrix product tells which rows may be near. Their distances are summed column by column in the order, and with
    the operations, of the library's sparse product. Where some tie, all of a row's are, and the nearest are taken by
    the library's call of the same numbers: so ties fall as they do there, too.
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
        mixed = read_mixed(nn_data, self.continuous_features_.size, nn_data.shape[0])
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
    drawn = rng.permutation(len(row))[::-1]  # of a row's several the one drawn first is written last
    found = np.empty(len(near), dtype=np.intp)
    found[row[drawn]] = near[row, at][drawn]
    return found


class BlockwiseNeighbors(NearestNeighbors):  # type: ignore[misc]
    """scikit-learn's search; the neighbours of SMOTENC's sparse rows are found in blocks that are not sparse."""

    numbers: int

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        """Return the nearest rows, as scikit-learn does."""
        k, n, searched = self.n_neighbors, self.n_samples_fit_, self._fit_X
        asked = n_neighbors is None and not return_distance and k < n  # fewer rows are refused there
        if not (asked and _are_sparse(X, searched)):
            return super().kneighbors(X, n_neighbors, return_distance)
        own = _are_same(X, searched)
        mixed = read_mixed(X if own else sparse.vstack([searched, X], format="csr"), self.numbers, n)
        rows = np.arange(n) if own else np.arange(n, n + X.shape[0])
        if mixed is None or not sums_alike(mixed, rows, X, searched):
            return super().kneighbors(X, n_neighbors, return_distance)
        with in_one_thread(short=True, loops=False):  # a block is, however many there are
            nearest, is_left = nearest_where_distinct(mixed, rows, k)
        for at in in_blocks(np.flatnonzero(is_left), n):
            nearest[at] = self._kneighbors_reduce_func(mixed.distances(rows[at]), 0, k, False)
        return nearest


def neighbours_in_blocks(numbers: int, k: int) -> BlockwiseNeighbors:
    """Return a search for the k nearest of sparse rows, of so many columns of numbers in front."""
    search = BlockwiseNeighbors(n_neighbors=k)
    search.numbers = numbers
    return search


def _are_sparse(X: Any, other: Any) -> bool:
    """Whether two matrices are sparse, of numbers of one type."""
    return all(map(sparse.issparse, (X, other))) and bool(X.dtype == other.dtype)


def _are_same(X: Any, other: Any) -> bool:
    """Whether two sparse matrices store the same cells in the same order."""
    return all(
        np.array_equal(getattr(X, each), getattr(other, each)) for each in ("indptr", "indices", "data")
    )


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
