"""What the cells of a column are: plain numbers, and the kinds that are mixed in it."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Hashable, Iterable
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
        column = pd.to_numeric(column.map(_within, na_action="ignore"))
    return pd.Series(column.to_numpy(dtype=np.float64, na_value=np.nan), index=column.index, name=column.name)


def _within(cell: Any) -> Any:
    """Whole numbers have no end in Python."""
    return cell if abs(cell) <= sys.float_info.max else np.copysign(np.inf, 1 if cell > 0 else -1)


def is_plain(column: pd.Series) -> bool:
    """Whether differences of two cells fit the type, as samplers need them: those of int8 and unsigned numbers wrap around."""
    dtype = column.dtype
    return isinstance(dtype, np.dtype) and (dtype.kind, dtype.itemsize) in _WIDE


def holds_numbers(column: pd.Series) -> bool:
    """Whether all cells are real numbers; missing ones may be among them."""
    if pd.api.types.is_object_dtype(column.dtype):
        real = column.map(lambda cell: isinstance(cell, numbers.Real | Decimal), na_action="ignore")
        return bool(real.dropna().all())
    return pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind != "c"


def dense_first(X: pd.DataFrame, names: Iterable[Hashable], frame: str = "df") -> str:
    """Write the line that must stand before cells are replaced: pandas replaces none in sparse columns."""
    sparse = {name: "float" for name in names if isinstance(X[name].dtype, pd.SparseDtype)}
    return f"{frame} = {frame}.astype({sparse!r}); " if sparse else ""


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
