"""One-hot columns turned back into categories all at once: what SMOTENC spends much of its time on, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.preprocessing import OneHotEncoder


class QuickOneHotEncoder(OneHotEncoder):  # type: ignore[misc]
    """scikit-learn's encoder; rows that hold one level of every column are decoded by where their ones stand."""

    def inverse_transform(self, X: Any) -> NDArray[Any]:
        """Return the categories of one-hot rows, as scikit-learn's encoder does."""
        levels = [np.asarray(each) for each in self.categories_]
        ends = np.cumsum([len(each) for each in levels])
        if not _one_of_each(X, ends):
            return np.asarray(super().inverse_transform(X))
        places = np.asarray(X.indices).reshape(-1, len(levels))
        found = np.empty(places.shape, dtype=np.result_type(*(each.dtype for each in levels)))
        for column, (each, end) in enumerate(zip(levels, ends, strict=True)):
            found[:, column] = each[places[:, column] - (end - len(each))]
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
