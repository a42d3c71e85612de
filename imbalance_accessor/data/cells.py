"""Cells of columns: what numbers, text and missing ones are made of, and how each becomes what a model's library takes."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Hashable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

#: Kinds and bytes of the numbers that are computed with as they are.
_WIDE = {("f", 4), ("f", 8), ("f", 16), ("i", 8)}


def as_float(column: pd.Series) -> pd.Series:
    """Return a column of numbers as one that numpy takes: whole numbers stay, others become float64 with nan."""
    if is_plain(column):
        return column
    if column.dtype == object:
        column = column.map(_float, na_action="ignore")
    return pd.Series(column.to_numpy(dtype=np.float64, na_value=np.nan), index=column.index, name=column.name)


def _float(cell: Any) -> float:
    """Return a number as a float; whole numbers and fractions have no end in Python."""
    try:
        return float(cell)
    except OverflowError:
        return math.inf if cell > 0 else -math.inf


def is_plain(column: pd.Series) -> bool:
    """Whether differences of two cells fit the type, as samplers need them: those of int8 and unsigned numbers wrap around."""
    dtype = column.dtype
    return isinstance(dtype, np.dtype) and (dtype.kind, dtype.itemsize) in _WIDE


def holds_numbers(column: pd.Series, *, truths: bool = True) -> bool:
    """Whether all cells are real numbers, or truth values where these count; missing ones may be among them."""
    if pd.api.types.is_object_dtype(column.dtype):
        no_number = () if truths else (bool, np.bool_)
        return all(
            isinstance(cell, numbers.Real | Decimal) and not isinstance(cell, no_number)
            for cell in column.dropna()
        )
    return pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind != "c"


def other_kinds(column: pd.Series, first: set[str], *, as_text: bool) -> set[str]:
    """Return the kinds of cells that a column has and those of another frame have not."""
    odd = kinds_of(column) - first
    # a column that becomes text takes whatever can be written as such
    return set() if as_text and "cells of other kinds" not in odd else odd


def kinds_of(column: pd.Series) -> set[str]:
    """Return what kinds of cells a column of categories has."""
    try:
        cells = column.dropna().unique()
    except (TypeError, NotImplementedError):  # lists; the latter is pyarrow's
        return {"cells of other kinds"}
    return {_kind_of(cell) for cell in cells}


def _kind_of(cell: Any) -> str:
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, bool | np.bool_):
        return "booleans"
    return "numbers" if isinstance(cell, numbers.Number) else "cells of other kinds"


def holds_other_cells(column: pd.Series, like: pd.Series) -> bool:
    """Whether missing categories are no nan, or the type holds other cells than that of a column like it does."""
    freed = isinstance(column.dtype, pd.CategoricalDtype) and not isinstance(like.dtype, pd.CategoricalDtype)
    emptied = pd.api.types.is_numeric_dtype(column.dtype) and bool(column.isna().all())  # as a file reads it
    return freed or emptied or has_odd_missing(column)


def has_odd_missing(column: pd.Series) -> bool:
    """Whether missing cells are anything but nan."""
    missing = column[column.isna()]
    return any(not isinstance(cell, float) for cell in missing)


def with_nan(column: pd.Series) -> pd.Series:
    """Return a column of categories as plain cells, nan where missing."""
    return column.astype(object).where(column.notna(), np.nan)


def as_text_cells(column: pd.Series) -> pd.Series:
    """Return every cell as text, nan where missing."""
    text = column.astype(object).map(str, na_action="ignore")
    return text.where(column.notna(), np.nan).astype(object)


def by_level(column: pd.Series, read: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Return what is read of each cell, of cells that are met again once only; index and name are the column's."""
    try:
        codes, levels = pd.factorize(column)
    except (TypeError, NotImplementedError):  # cells that are no levels; the latter is pyarrow's
        return pd.Series(read(column.astype(object)).array, index=column.index, name=column.name)
    found = read(pd.Series(levels, dtype=object)).reset_index(drop=True)
    cells = found.reindex(codes)  # -1 stands for a missing cell
    return pd.Series(cells.array, index=column.index, name=column.name)


def with_columns(frame: pd.DataFrame, changed: Mapping[Hashable, pd.Series]) -> pd.DataFrame:
    """Return a frame with other cells in some columns; the frame is not changed."""
    if changed:
        frame = frame.copy(deep=False)
    for name, column in changed.items():
        frame[name] = column
    return frame
