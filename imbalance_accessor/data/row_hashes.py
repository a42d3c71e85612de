"""One hash for each row: the same however its cells are stored."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Rows hashed at a time: the cells of some dozens of columns then stay in the processor's cache.
_ROWS_AT_A_TIME = 4_096
#: An odd number whose bits look random: it mixes a row's hash before the next column's is added.
_MIXER = np.uint64(0x9E3779B97F4A7C15)
#: Whole numbers up to here are distinct as float64.
_FLOATS_TELL = 2**53


def row_hashes(
    X: pd.DataFrame, columns: Sequence[Hashable], *, every_digit: Collection[Hashable] = ()
) -> NDArray[np.uint64]:
    """Return one 64-bit hash a row, the same whether a number is stored as int, float, bool or object.

    Parameters
    ----------
    X : pandas.DataFrame, shape (n_rows, n_columns)
    columns : sequence of hashable
        What to hash, in this order.
    every_digit : collection of hashable
        Columns of numbers that float64 does not distinguish, see `beyond_floats`: each is hashed as its own type.

    Returns
    -------
    numpy.ndarray of uint64, shape (n_rows,)

    Notes
    -----
    A cell's hash is pandas' own. Among n rows two different ones share a hash with a chance of about n² / 2⁶⁵: 3 in
    10⁸ for a million rows. Rows are taken some thousands at a time, so that what is worked on stays in the cache.
    """
    cells = [_hashes(X[name]) if name in every_digit else _numbers_or_hashes(X[name]) for name in columns]
    total: NDArray[np.uint64] = np.zeros(len(X), dtype=np.uint64)
    for start in range(0, len(X), _ROWS_AT_A_TIME):
        some = slice(start, start + _ROWS_AT_A_TIME)
        for hashed in _hashed([column[some] for column in cells]):
            total[some] ^= total[some] >> np.uint64(29)
            total[some] *= _MIXER
            total[some] += hashed
    return total


def beyond_floats(column: pd.Series) -> bool:
    """Whether a column holds whole numbers beyond 2⁵³."""
    if not pd.api.types.is_integer_dtype(column.dtype):
        return False
    cells = column.dropna()
    return len(cells) > 0 and bool(cells.max() > _FLOATS_TELL or cells.min() < -_FLOATS_TELL)


def _numbers_or_hashes(column: pd.Series) -> NDArray[Any]:
    """Return the cells of a column of numbers as they are, or as float64; those of any other as hashes."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "ifb":
        return column.to_numpy()
    if isinstance(dtype, pd.CategoricalDtype):
        if not pd.api.types.is_numeric_dtype(dtype.categories.dtype):
            return _hashes(column)
        column = column.astype(dtype.categories.dtype if not column.isna().any() else "float64")
    elif pd.api.types.is_object_dtype(dtype):
        kind = pd.api.types.infer_dtype(column, skipna=True)
        if kind not in {"integer", "floating", "mixed-integer-float", "boolean", "decimal"}:
            return _hashes(column)
    elif not (pd.api.types.is_numeric_dtype(dtype) and dtype.kind != "c"):
        return _hashes(column)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _hashes(column: pd.Series) -> NDArray[np.uint64]:
    try:
        hashes = pd.util.hash_pandas_object(column, index=False)
    except (TypeError, UnicodeEncodeError):  # cells such as lists have no hash of their own
        hashes = pd.util.hash_pandas_object(column.map(repr), index=False)
    return np.asarray(hashes, dtype=np.uint64)


def _hashed(cells: list[NDArray[Any]]) -> list[NDArray[np.uint64]]:
    """Return the hashes of some rows, column by column; those of numbers are taken all at once, as float64."""
    numbers = [place for place, column in enumerate(cells) if column.dtype != np.uint64]
    if not numbers:
        return cells
    rows = len(cells[0])
    values = np.empty((len(numbers), rows))
    for row, place in zip(values, numbers, strict=True):
        np.add(cells[place], 0.0, out=row)  # -0.0 becomes 0.0
    hashes = pd.util.hash_array(values.ravel()).reshape(values.shape)
    found = list(cells)
    for place, hashed in zip(numbers, hashes, strict=True):
        found[place] = hashed
    return found
