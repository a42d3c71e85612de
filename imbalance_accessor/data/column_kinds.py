"""What kind each column is, as its owner means it: a number, a category, or left out as an id, a date, a constant."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.errors import FeatureError, listed
from imbalance_accessor.findings import Finding

#: A text column with at least this many values, nearly all different, is an id.
ID_ROWS, ID_SHARE = 20, 0.9
#: The largest number whose squares are added up.
LARGEST = 1e150
#: Rows that tell of most columns what they are not: constant, whole, empty.
_FIRST_ROWS = 1_000
#: Reasons to leave a column out of which a table's vectorizer makes features.
_DESCRIBED = ("dates", "free text")


@dataclass(frozen=True)
class Columns:
    """The features of a frame, sorted by kind.

    Attributes
    ----------
    used : tuple
        Names of the columns that models use, in the frame's order.
    numeric, categorical : tuple
        The same by kind.
    left_out : mapping
        Name and reason of each column that they do not.
    as_text, as_float : frozenset
        Columns whose cells a model's library cannot take as they are (nullable or mixed types), and what
        `plain` makes of them.
    whole : tuple
        Numeric columns that hold whole numbers only, 0/1 columns included.
    """

    used: tuple[Hashable, ...]
    numeric: tuple[Hashable, ...]
    categorical: tuple[Hashable, ...]
    left_out: Mapping[Hashable, str] = field(default_factory=dict)
    as_text: frozenset[Hashable] = frozenset()
    as_float: frozenset[Hashable] = frozenset()
    whole: tuple[Hashable, ...] = ()

    @property
    def described(self) -> frozenset[Hashable]:
        """Names of the columns of which a table's vectorizer makes features: those in use, dates and free text."""
        return frozenset(self.used) | {name for name, reason in self.left_out.items() if reason in _DESCRIBED}

    def plain(
        self,
        frame: pd.DataFrame,
        like: pd.DataFrame | None = None,
        names: Sequence[Hashable] | None = None,
    ) -> pd.DataFrame:
        """Return the features, or the columns named, with cells that every model's library takes; the frame is not changed.

        Nullable, sparse and number-in-object columns become float64 with nan; mixed cells become text; missing
        categories become nan, and categories plain cells where they are such in the frame that this one is to be like.
        """
        changed = {name: as_float(frame[name]) for name in self.numeric if not is_plain(frame[name])}
        changed |= {name: _as_text(frame[name]) for name in self.as_text}
        # rows to come may write missing cells in another way than the rows that were learned from
        others = (name for name in self.categorical if name not in self.as_text)
        like = frame if like is None else like
        changed |= {
            name: _with_nan(frame[name]) for name in others if holds_other_cells(frame[name], like[name])
        }
        features = frame[list(self.used if names is None else names)]
        if changed:
            features = features.copy()  # pandas 2 warns of writing to a selection
        for name, column in changed.items():
            features[name] = column
        return features


def sort_columns(X: pd.DataFrame, aside: Mapping[Hashable | None, str] | None = None) -> Columns:
    """Sort the columns of `X` into numeric, categorical and left out, with the reason.

    Parameters
    ----------
    X : pandas.DataFrame
        Features, one column each, unique names.
    aside : mapping, optional
        Columns to leave out beforehand, with the reason.
    """
    numeric, categorical, whole = [], [], []
    left_out: dict[Hashable, str] = {}
    as_text, as_float = set(), set()
    for name in X.columns:
        if aside and name in aside:
            left_out[name] = aside[name]
            continue
        kind, changed = _kind(X[name])
        if kind == "numeric":
            numeric.append(name)
            as_float.update([name] if changed else [])
            whole.extend([name] if _is_whole(X[name]) else [])
        elif kind == "categorical":
            categorical.append(name)
            as_text.update([name] if changed else [])
        else:
            left_out[name] = kind
    used = tuple(name for name in X.columns if name not in left_out)
    kinds = tuple(numeric), tuple(categorical)
    return Columns(used, *kinds, left_out, frozenset(as_text), frozenset(as_float), tuple(whole))


def check_features(X: pd.DataFrame, columns: Columns, *, frame: str = "df", described: bool = False) -> None:
    """Refuse a frame without a usable feature, with names of several types, or with infinite or far too large cells."""
    if not (columns.described if described else columns.used):
        reasons = _reasons(columns) or "nothing; there is none"
        raise FeatureError(f"No column is left to learn from. Left out: {reasons}.")
    _check_text_names(columns)
    check_sizes(X, columns, frame=frame)


def check_sizes(X: pd.DataFrame, columns: Columns, *, frame: str = "df") -> None:
    """Refuse infinite and far too large cells; `frame` is the name that the rows have with the reader."""
    of = "" if frame == "df" else f" of {frame}="
    too_large = [name for name in columns.numeric if _extreme(X[name]) > LARGEST]
    infinite = {name: int(np.isinf(as_float(X[name])).sum()) for name in too_large}
    bad = {name: count for name, count in infinite.items() if count}
    if bad:
        shown = ", ".join(f"{name!r} ({count:,})" for name, count in bad.items())
        raise FeatureError(
            f"Infinite values in {shown}{of}. No model takes them; make them missing: "
            f"{dense_first(X, bad, frame)}{frame} = {frame}.replace([np.inf, -np.inf], np.nan)."
        )
    if too_large:
        shown = ", ".join(f"{name!r} ({_extreme(X[name]):.2g})" for name in too_large)
        raise FeatureError(
            f"Numbers beyond {LARGEST:g} in {shown}{of}: their squares overflow, and models add up squares. "
            "Divide such a column by a power of ten, or make such cells missing."
        )


def _extreme(column: pd.Series) -> float:
    """Return the largest number of a column, whatever its sign."""
    values = as_float(column).to_numpy()
    low, high = values.min(), values.max()
    if np.isnan(low):
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    return max(-float(low), float(high))


def _check_text_names(columns: Columns) -> None:
    """Refuse names that scikit-learn takes as positions, or not at all."""
    other = [name for name in columns.used if not isinstance(name, str)]
    numbered = len(other) == len(columns.used) and all(isinstance(name, int) for name in other)
    if other and (columns.categorical or not numbered):
        raise FeatureError(
            f"Column names must be text here; {listed(other)} {'is' if len(other) == 1 else 'are'} not, and scikit-learn "
            "would take numbers for positions. Rename them: df.columns = df.columns.map(str)."
        )


def missing_cells(
    X: pd.DataFrame, columns: Columns, *, only: Sequence[Hashable] | None = None
) -> dict[Hashable, int]:
    """Count missing cells of each feature that has any, or of some features."""
    counts = {name: int(X[name].isna().sum()) for name in (columns.used if only is None else only)}
    return {name: count for name, count in counts.items() if count}


def _kind(column: pd.Series) -> tuple[str, bool]:
    """Return "numeric", "categorical" or the reason to leave a column out; and whether cells must change."""
    dtype = column.dtype
    types = pd.api.types
    if _all_of(column, _is_empty):
        return "no values", False
    if types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
        return "dates", False
    if dtype.kind in "mc":
        return "durations" if dtype.kind == "m" else "complex numbers", False
    if types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype):
        return _numeric_kind(column), not is_plain(column)
    return _categorical_kind(column)


def _numeric_kind(column: pd.Series) -> str:
    return "constant" if _all_of(column, _are_constant) else "numeric"


def _categorical_kind(column: pd.Series) -> tuple[str, bool]:
    dtype = column.dtype
    inferred = pd.api.types.infer_dtype(column, skipna=True) if pd.api.types.is_object_dtype(dtype) else ""
    if inferred in {"integer", "floating", "mixed-integer-float", "decimal"}:
        return _numeric_kind(column), True
    if inferred in {"datetime", "date", "datetime64", "time", "timedelta", "period"}:
        return "dates", False
    try:
        distinct = column.nunique(dropna=False)
    except (TypeError, NotImplementedError):  # the latter is pyarrow's
        kind = type(column.dropna().iloc[0]).__name__
        return f"cells of type {kind}", False
    if distinct <= 1:
        return "constant", False
    filled = int(column.notna().sum())
    text = not isinstance(dtype, pd.CategoricalDtype) and not pd.api.types.is_bool_dtype(dtype)
    if text and filled >= ID_ROWS and column.nunique() >= ID_SHARE * filled:
        return "nearly all different, like an id", False
    clean = inferred in {"string", "boolean"} and not _odd_missing(column)
    native = dtype.kind == "b" and isinstance(dtype, np.dtype)
    native = native or (isinstance(dtype, pd.StringDtype) and isinstance(dtype.na_value, float))
    return "categorical", not (clean or native or _clean_category(column))


def _clean_category(column: pd.Series) -> bool:
    if not isinstance(column.dtype, pd.CategoricalDtype) or column.isna().any():
        return False  # a cell of its own for what is missing would be no category
    return pd.api.types.infer_dtype(column.cat.categories) in {"string", "integer", "boolean"}


def holds_other_cells(column: pd.Series, like: pd.Series) -> bool:
    """Whether missing categories are no nan, or the type holds other cells than that of a column like it does."""
    freed = isinstance(column.dtype, pd.CategoricalDtype) and not isinstance(like.dtype, pd.CategoricalDtype)
    emptied = pd.api.types.is_numeric_dtype(column.dtype) and bool(column.isna().all())  # as a file reads it
    return freed or emptied or _odd_missing(column)


def _odd_missing(column: pd.Series) -> bool:
    missing = column[column.isna()]
    return any(not isinstance(cell, float) for cell in missing)


def _all_of(column: pd.Series, holds: Callable[[pd.Series], bool]) -> bool:
    """Whether all cells are of a kind; the first rows tell for most columns, and then no other is looked at."""
    return holds(column.iloc[:_FIRST_ROWS]) and holds(column)


def _is_empty(cells: pd.Series) -> bool:
    return bool(np.isnan(cells.to_numpy()).all() if is_plain(cells) else cells.isna().all())


def _are_constant(cells: pd.Series) -> bool:
    # frames of thousands of columns are looked at too
    values: Any = cells.to_numpy() if is_plain(cells) else cells
    return bool(not pd.isna(values).any() and values.min() == values.max())


def _is_whole(column: pd.Series) -> bool:
    return column.dtype.kind in "iu" or _all_of(column, _are_whole)


def _are_whole(cells: pd.Series) -> bool:
    values: Any = as_float(cells).to_numpy()
    values = values[np.isfinite(values)]
    return bool((values == np.round(values)).all())


def _with_nan(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), np.nan)


def _as_text(column: pd.Series) -> pd.Series:
    text = column.astype(object).map(str, na_action="ignore")
    return text.where(column.notna(), np.nan).astype(object)


def left_out_finding(columns: Columns) -> Finding:
    """Say which columns are not used as features, and why."""
    silent = set(columns.left_out.values()) <= {"constant", "no values"}
    cure = (
        "They tell no row from another: nothing to do."
        if silent
        else "Derive numbers from them if they hold a signal."
    )
    return Finding("IMB202", "note", f"Not used as features: {_reasons(columns)}.", cure)


def _reasons(columns: Columns) -> str:
    return ", ".join(f"{name!r} ({reason})" for name, reason in columns.left_out.items())


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
