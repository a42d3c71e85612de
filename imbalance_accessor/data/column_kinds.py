"""What kind each column is, as its owner means it: a number, a category or a code, or left out as an id, a date, free text ..."""

from __future__ import annotations

import numbers
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from imbalance_accessor.data.cells import (
    as_float,
    as_text_cells,
    has_odd_missing,
    holds_numbers,
    holds_other_cells,
    is_plain,
    with_columns,
    with_nan,
)
from imbalance_accessor.data.date_text import (
    MIXED_DATES,
    DateFormat,
    date_format,
    other_times,
    whole_date_format,
)
from imbalance_accessor.data.ids import counts_rows, is_code_name, may_name_things, names_rows, names_things
from imbalance_accessor.data.label_checks import BROKEN, is_broken, readable
from imbalance_accessor.data.lines import assigned
from imbalance_accessor.data.number_text import (
    NumberFormat,
    bounds_share,
    holds_codes,
    is_blank,
    number_format,
    reads_as_number,
)
from imbalance_accessor.errors import FeatureError, Fix, listed, one_line

ColumnKind: TypeAlias = Literal[
    "number",
    "category",
    "code",
    "date",
    "id",
    "repeated id",
    "free text",
    "constant",
    "empty",
    "other",
    "groups",
    "time",
    "weights",
]
#: How a column writes numbers or dates.
Format: TypeAlias = NumberFormat | DateFormat
#: Levels from which days in several formats are no categories.
_MANY_LEVELS = 20
#: The share of numbers and bounds among different cells from which their order may matter, and from which they name no rows.
_MIXED, _QUANTITIES = 0.5, 0.9
#: Rows, the share of different cells, and the words in them on average, from which text is prose.
_PROSE_ROWS, _PROSE_SHARE, _PROSE_WORDS = 20, 0.5, 4
#: Rows, or different cells, that tell of most columns what they are not: constant, whole, empty, prose.
_FIRST_ROWS = 1_000


@dataclass(frozen=True)
class Columns:
    """The features of a frame, sorted by kind.

    Attributes
    ----------
    used : tuple
        Names of the columns that models use, in the frame's order.
    numeric, categorical : tuple
        The same by what models make of them.
    left_out : mapping
        Name and reason of each column that they do not.
    kinds : mapping
        What each column is, used or not.
    formats : mapping
        How numbers and dates are written, of columns that write them as text or dates as whole numbers.
    levels : mapping
        Different cells of each column that is known by them: text, categories, truth values.
    bounds : tuple
        Categories that hold numbers with words, such as ``10+ years``.
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
    kinds: Mapping[Hashable, ColumnKind] = field(default_factory=dict)
    formats: Mapping[Hashable, Format] = field(default_factory=dict)
    levels: Mapping[Hashable, int] = field(default_factory=dict)
    bounds: tuple[Hashable, ...] = ()
    as_text: frozenset[Hashable] = frozenset()
    as_float: frozenset[Hashable] = frozenset()
    whole: tuple[Hashable, ...] = ()

    @property
    def described(self) -> frozenset[Hashable]:
        """Names of the columns of which a table's vectorizer makes features: those in use, dates and free text."""
        return frozenset(self.used).union(self.of_kind("date", "free text"))

    def of_kind(self, *kinds: ColumnKind) -> list[Hashable]:
        """Return the names of the columns of some kinds, in the frame's order."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def read(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return raw rows with the numbers and dates that they write as text; the frame is not changed."""
        written = {name: each for name, each in self.formats.items() if name in frame.columns}
        cells = {
            name: each.read(frame[name]) for name, each in written.items() if is_written(frame[name], each)
        }
        return with_columns(frame, cells)

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
        changed |= {name: as_text_cells(frame[name]) for name in self.as_text}
        # rows to come may write missing cells in another way than the rows that were learned from
        others = (name for name in self.categorical if name not in self.as_text)
        like = frame if like is None else like
        changed |= {
            name: with_nan(frame[name]) for name in others if holds_other_cells(frame[name], like[name])
        }
        features = frame[list(self.used if names is None else names)]
        if changed:
            features = features.copy()  # pandas 2 warns of writing to a selection
        for name, column in changed.items():
            features[name] = column
        return features


def read_columns(
    X: pd.DataFrame,
    *,
    groups: Hashable | None = None,
    time: Hashable | None = None,
    weights: Hashable | None = None,
    names: tuple[str, ...] = ("df",),
) -> tuple[Columns, pd.DataFrame]:
    """Sort the columns of `X` by kind, and read the numbers and dates that they write as text.

    Parameters
    ----------
    X : pandas.DataFrame
        Features, one column each, unique names; not changed.
    groups, time : hashable, optional
        Columns that rule the split, which are no features.
    weights : hashable, optional
        The column of row weights, which is none either.
    names : tuple of str
        What the frames are called, in lines that mend them.

    Returns
    -------
    columns : Columns
    read : pandas.DataFrame
        As `Columns.read` gives it.

    Raises
    ------
    FeatureError
        Text that is no Unicode.
    """
    found: dict[Hashable, _Read] = {
        name: _read(name, X[name])
        for name in X.columns
        if name is None or name not in (groups, time, weights)
    }
    _check_text(X, found, names)
    if groups is not None:
        found[groups] = _Read("groups", "groups the split")
    if time is not None:
        found[time] = _read_time(X[time])
    if weights is not None:
        found[weights] = _read_weights(X[weights])
    found = {name: found[name] for name in X.columns}
    read = with_columns(X, {name: each.cells for name, each in found.items() if each.cells is not None})
    return _sorted(found), read


def _check_text(X: pd.DataFrame, found: Mapping[Hashable, _Read], names: tuple[str, ...]) -> None:
    """Refuse text that no library can hash or print, such as half of a pair of surrogates."""
    if broken := [name for name, each in found.items() if each.why_not == BROKEN]:
        refuse_text(X, broken, names)


def refuse_text(X: pd.DataFrame, broken: Sequence[Hashable], names: tuple[str, ...]) -> None:
    """Refuse columns of such text; `names` are those that rows have with the reader."""
    of = "" if names[0] == "df" else f" of {names[0]}="
    cell = next(cell for cell in X[broken[0]].dropna() if is_broken(cell))
    raise FeatureError(
        f"{listed(broken)}{of} {'holds' if len(broken) == 1 else 'hold'} {BROKEN}, such as {one_line(cell)}. Write it anew.",
        fix=Fix("\n".join(assigned(name, names, readable) for name in broken)),
    )


def sort_columns(X: pd.DataFrame) -> Columns:
    """Sort the columns of `X` by kind; see `read_columns`."""
    return read_columns(X)[0]


def _sorted(found: Mapping[Hashable, _Read]) -> Columns:
    numeric = tuple(name for name, each in found.items() if each.kind == "number")
    categorical = tuple(name for name, each in found.items() if each.kind in ("category", "code"))
    return Columns(
        used=tuple(name for name, each in found.items() if not each.why_not),
        numeric=numeric,
        categorical=categorical,
        left_out={name: each.why_not for name, each in found.items() if each.why_not},
        kinds={name: each.kind for name, each in found.items()},
        formats={name: each.format for name, each in found.items() if each.format is not None},
        levels={name: each.levels for name, each in found.items() if each.levels},
        bounds=tuple(name for name, each in found.items() if each.bounds),
        as_text=frozenset(name for name in categorical if found[name].changed),
        as_float=frozenset(name for name in numeric if found[name].changed),
        whole=tuple(name for name in numeric if found[name].whole),
    )


@dataclass(frozen=True)
class _Read:
    """What a column is: why models do not use it, its format, whether cells must change, are whole, or hold bounds; levels."""

    kind: ColumnKind
    why_not: str = ""
    format: Format | None = None
    cells: pd.Series | None = None
    changed: bool = False
    whole: bool = False
    bounds: bool = False
    levels: int = 0


def _read(name: Hashable, column: pd.Series) -> _Read:
    dtype, types = column.dtype, pd.api.types
    if _all_of(column, _is_empty):
        return _Read("empty", "no values")
    if types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
        return _Read("date", "dates")
    if dtype.kind in "mc":
        return _Read("other", "durations" if dtype.kind == "m" else "complex numbers")
    if str(dtype).startswith(("time32", "time64")):  # pyarrow's
        return _Read("other", "times of day")
    if types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype):
        return _read_numbers(name, column, changed=not is_plain(column))
    inferred = types.infer_dtype(column, skipna=True) if types.is_object_dtype(dtype) else ""
    if inferred in {"integer", "floating", "mixed-integer-float", "decimal"} or (
        inferred in {"mixed", "mixed-integer"} and holds_numbers(column, truths=False)
    ):
        return _read_numbers(name, column, changed=True)
    if inferred in {"datetime", "date", "datetime64", "period"}:
        return _Read("date", "dates")
    if inferred in {"time", "timedelta"}:
        return _Read("other", "times of day" if inferred == "time" else "durations")
    try:
        levels: Any = np.asarray(column.dropna().unique(), dtype=object)
    except (TypeError, NotImplementedError):  # the latter is pyarrow's
        return _Read("other", f"cells of type {type(column.dropna().iloc[0]).__name__}")
    return replace(_read_levels(name, column, levels, inferred), levels=len(levels))


def _read_written(name: Hashable, column: pd.Series, written: Format) -> _Read:
    """Read a column that writes numbers or dates as text, or dates as whole numbers."""
    cells = written.read(column)
    read = _read_numbers(name, cells) if isinstance(written, NumberFormat) else _Read("date", "dates")
    return replace(read, format=written, cells=cells)


def _read_time(column: pd.Series) -> _Read:
    """Read the column that orders the split."""
    ruling, written = _Read("time", "orders the split"), _order_format(column)
    return ruling if written is None else replace(ruling, format=written, cells=written.read(column))


def _read_weights(column: pd.Series) -> _Read:
    """Read the column of row weights."""
    weighing, cells = _Read("weights", "weighs the rows"), column.dropna().astype(object)
    if pd.api.types.infer_dtype(cells) != "string" or (written := number_format(cells.unique())) is None:
        return weighing
    written = replace(written, declared=isinstance(column.dtype, pd.CategoricalDtype))
    return replace(weighing, format=written, cells=written.read(column))


def _read_numbers(name: Hashable, column: pd.Series, *, changed: bool = False) -> _Read:
    if _all_of(column, _are_constant):
        return _Read("constant", "constant")
    if not _is_whole(column):
        return _Read("number", changed=changed)
    values = as_float(column).to_numpy(np.float64)
    days = _whole_date_format(column, values)
    if days is not None:
        return _read_written(name, column, days)
    if why := counts_rows(name, values):
        return _Read("id", why)
    if may_name_things(name):
        n_filled, n_levels = int(np.isfinite(values).sum()), len(pd.unique(values[np.isfinite(values)]))
        if names_things(name, n_filled, n_levels):
            return _Read("repeated id", _repeated(n_filled, n_levels))
    return _Read("number", changed=changed, whole=True)


def _read_levels(name: Hashable, column: pd.Series, levels: Any, inferred: str) -> _Read:
    """Read a column of text, of truth values, or of cells of several types by its different cells."""
    n_filled, n_levels = int(column.notna().sum()), len(levels)
    if getattr(column.dtype, "storage", "") != "pyarrow" and any(map(is_broken, levels)):
        return _Read("other", BROKEN)
    if all(isinstance(cell, str) and is_blank(cell) for cell in levels):
        return _Read("empty", "no values")
    if n_levels == 1 and n_filled == len(column):
        return _Read("constant", "constant")
    declared = isinstance(column.dtype, pd.CategoricalDtype)
    # types are often declared of all text at once: numbers that are all different are no categories
    different, named = names_rows(n_filled, n_levels), is_code_name(name, levels)
    text = different if declared else _may_be_numbers(column, levels, inferred)
    if text and not named and (written := date_format(levels) or number_format(levels)):
        return _read_written(name, column, replace(written, declared=declared))
    first = [str(cell) for cell in levels[:_FIRST_ROWS]]
    if not declared and _is_prose(first, n_filled, n_levels):
        return _Read("free text", "free text")
    code = holds_codes(levels) or named or (declared and all(map(reads_as_number, levels)))
    bounds = 0.0 if declared or code else bounds_share(first)
    times = "" if declared or code else other_times(first)
    if times and (different or (times == MIXED_DATES and n_levels >= _MANY_LEVELS)):
        return _Read("other", times)
    if different and bounds < _QUANTITIES:
        return _Read("id", "nearly all different, like an id")
    if names_things(name, n_filled, n_levels):
        return _Read("repeated id", _repeated(n_filled, n_levels))
    changed = _must_change(column, inferred)
    return _Read("code" if code else "category", changed=changed, bounds=bounds >= _MIXED)


def _repeated(n_filled: int, n_levels: int) -> str:
    return f"an id with {n_levels:,} values in {n_filled:,} rows"


def _may_be_numbers(column: pd.Series, levels: Any, inferred: str) -> bool:
    """Whether cells are text, or text among numbers."""
    if not pd.api.types.is_object_dtype(column.dtype):
        return pd.api.types.is_string_dtype(column.dtype)
    number = numbers.Real | str
    return inferred == "string" or (
        inferred in {"mixed", "mixed-integer"}
        and all(isinstance(cell, number) and not isinstance(cell, bool | np.bool_) for cell in levels)
    )


def _order_format(column: pd.Series) -> Format | None:
    """Return the format of dates or numbers that order rows, where they are text or days written as whole numbers."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        whole = column.dtype.kind != "c" and _is_whole(column)
        return _whole_date_format(column, as_float(column).to_numpy(np.float64)) if whole else None
    cells = column.dropna().astype(object)
    if pd.api.types.infer_dtype(cells) != "string":
        return None
    levels = cells.unique()
    return date_format(levels) or number_format(levels)


def _whole_date_format(column: pd.Series, values: Any) -> DateFormat | None:
    """Return the format of days that are written as whole numbers."""
    known = values[~np.isnan(values)]
    if not pd.api.types.is_numeric_dtype(column.dtype) or not 19e6 < known.max(initial=0) < 21e6:
        return None
    return whole_date_format(pd.unique(known.astype(np.int64)).tolist())


def _is_prose(first: list[str], n_filled: int, n_levels: int) -> bool:
    if n_filled < _PROSE_ROWS or n_levels < _PROSE_SHARE * n_filled:
        return False
    return sum(len(re.findall(r"[^\W\d_]{2,}", cell)) for cell in first) >= _PROSE_WORDS * len(first)


def _must_change(column: pd.Series, inferred: str) -> bool:
    """Whether categories are no cells that every model's library takes."""
    dtype = column.dtype
    clean = inferred in {"string", "boolean"} and not has_odd_missing(column)
    native = dtype.kind == "b" and isinstance(dtype, np.dtype)
    native = native or (isinstance(dtype, pd.StringDtype) and isinstance(dtype.na_value, float))
    return not (clean or native or _clean_category(column))


def _clean_category(column: pd.Series) -> bool:
    if not isinstance(column.dtype, pd.CategoricalDtype) or column.isna().any():
        return False  # a cell of its own for what is missing would be no category
    return pd.api.types.infer_dtype(column.cat.categories) in {"string", "integer", "boolean"}


def is_written(column: pd.Series, written: Format) -> bool:
    """Whether cells are written in a format; rows to come may hold the numbers and dates themselves."""
    types = pd.api.types
    if types.is_datetime64_any_dtype(column.dtype):
        return False
    return not types.is_numeric_dtype(column.dtype) or (isinstance(written, DateFormat) and written.whole)


def reads_whole(column: pd.Series, written: Format) -> bool:
    """Whether pandas reads whole numbers where we read floats: a sampler would round the rows that it makes of those."""
    return isinstance(written, NumberFormat) and bool((written.read(column) % 1 == 0).all())


def _all_of(column: pd.Series, holds: Callable[[pd.Series], bool]) -> bool:
    """Whether all cells are of a kind; the first rows tell for most columns, and then no other is looked at."""
    return holds(column.iloc[:_FIRST_ROWS]) and holds(column)


def _is_empty(cells: pd.Series) -> bool:
    return bool(np.isnan(cells.to_numpy()).all() if is_plain(cells) else cells.isna().all())


def _are_constant(cells: pd.Series) -> bool:
    # frames of thousands of columns are looked at too
    values: Any = as_float(cells).to_numpy() if is_plain(cells) or cells.dtype == object else cells
    return bool(not pd.isna(values).any() and values.min() == values.max())


def _is_whole(column: pd.Series) -> bool:
    return column.dtype.kind in "iu" or _all_of(column, _are_whole)


def _are_whole(cells: pd.Series) -> bool:
    values: Any = as_float(cells).to_numpy()
    values = values[np.isfinite(values)]
    return bool((values == np.round(values)).all())
