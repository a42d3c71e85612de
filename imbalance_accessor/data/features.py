"""The door for frames: labels with features, sorted by kind. The only reader of a raw frame."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.dtypes import as_float, dense_first, is_plain
from imbalance_accessor.data.missing_codes import missing_code_findings
from imbalance_accessor.data.target import Codes, Label, Target, native, plain, read_target
from imbalance_accessor.errors import FeatureError, OptionError, listed, near, one_line
from imbalance_accessor.findings import Finding

#: A text column with at least this many values, nearly all different, is an id.
ID_ROWS, ID_SHARE = 20, 0.9
#: The largest number whose squares are added up.
LARGEST = 1e150
#: Rows that tell of most columns what they are not: constant, whole, empty.
_FIRST_ROWS = 1_000
#: Findings about what models learn from; they say nothing to a verb that reads no features.
ABOUT_FEATURES = ("IMB202", "IMB203", "IMB206", "IMB207", "IMB208")


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

    def plain(self, frame: pd.DataFrame, like: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the features with cells that every model's library takes; the frame is not changed.

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
        features = frame[list(self.used)]
        if changed:
            features = features.copy()  # pandas 2 warns of writing to a selection
        for name, column in changed.items():
            features[name] = column
        return features


@dataclass(frozen=True, eq=False)
class Features:
    """Labels with features: the labelled rows of a frame, ready to be split.

    Attributes
    ----------
    target : Target
        The labels of all rows.
    X : pandas.DataFrame
        Every column but the target, labelled rows only.
    y : pandas.Series
        Their labels, as they came.
    codes : numpy.ndarray, shape (n_labelled,)
        Their classes' positions.
    columns : Columns
        The features by kind.
    groups, time : hashable or None
        Columns that rule the split.
    in_frame : bool
        Whether the target is a column of the frame, not a Series beside it.
    taken_out : tuple
        Columns of the frame that hold the target.
    findings : tuple of Finding
        What the reader must know of this frame.
    """

    target: Target
    X: pd.DataFrame
    y: pd.Series
    codes: Codes
    columns: Columns
    groups: Hashable | None
    time: Hashable | None
    in_frame: bool
    taken_out: tuple[Hashable, ...]
    findings: tuple[Finding, ...]


def read_features(
    data: pd.DataFrame,
    target: Any,
    *,
    pos_label: Label | None = None,
    groups: Hashable | None = None,
    time: Hashable | None = None,
) -> Features:
    """Read a frame: labels checked, rows without a label set aside, features sorted by kind.

    Raises
    ------
    TargetError
        As `read_target`.
    FeatureError
        Duplicate column names, or no feature left.
    OptionError
        `groups` and `time` together, or unknown columns.
    """
    if not isinstance(data, pd.DataFrame):
        raise FeatureError(f"A frame with features is needed, not {type(data).__name__}. Pass a DataFrame.")
    _check_names(data)
    _check_bytes(data)
    data = data.set_flags(allows_duplicate_labels=True)  # synthetic rows have the labels of rows
    groups, time = plain(groups), plain(time)
    labels = read_target(data, target, pos_label=pos_label)
    taken_out = _target_columns(data, target)
    X = data.drop(columns=taken_out) if taken_out else data
    _check_rules(X, groups, time, labels)
    codes, y = labels.codes, labels.labels
    if labels.missing:
        kept = codes >= 0
        X, y, codes = X.loc[kept], y.loc[kept], codes[kept]
    columns = sort_columns(X, aside={groups: "groups the split", time: "orders the split"})
    in_frame = not isinstance(target, pd.Series)
    findings = [_missing_labels(labels)] if labels.missing else []
    findings += [_left_out(columns)] if columns.left_out else []
    findings += missing_code_findings(X, columns.numeric, columns.categorical, columns.as_text)
    findings += [_taken_out(taken_out)] if taken_out and not in_frame else []
    return Features(labels, X, y, codes, columns, groups, time, in_frame, tuple(taken_out), tuple(findings))


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


def check_features(X: pd.DataFrame, columns: Columns, *, frame: str = "df") -> None:
    """Refuse a frame without a usable feature, with names of several types, or with infinite or far too large cells."""
    if not columns.used:
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


def _check_names(data: pd.DataFrame) -> None:
    if not data.columns.is_unique:
        twice = list(dict.fromkeys(data.columns[data.columns.duplicated()]))
        raise FeatureError(
            f"Column names must be unique; {listed(twice)} stand{'s' if len(twice) == 1 else ''} more than once. "
            "Keep the first of each: df.loc[:, ~df.columns.duplicated()]."
        )
    truths = [name for name in data.columns if isinstance(name, bool | np.bool_)]
    if truths:
        raise FeatureError(
            f"Column names must not be {listed(map(bool, truths))}: pandas takes a list of them for a choice of rows. "
            "Rename them: df.columns = df.columns.map(str)."
        )


def _check_bytes(data: pd.DataFrame) -> None:
    dtypes = data.dtypes[[isinstance(dtype, np.dtype) and not dtype.isnative for dtype in data.dtypes]]
    if len(dtypes):
        raise FeatureError(
            f"{listed(dtypes.index)} {'holds' if len(dtypes) == 1 else 'hold'} numbers in another machine's order of bytes. "
            f"{native(data[dtypes.index[0]])}"
        )


def _target_columns(data: pd.DataFrame, target: Any) -> list[Hashable]:
    """Return the columns that hold the target: its own, or the one that a Series was taken or made from."""
    if not isinstance(target, pd.Series):
        return [target]
    return [name for name in data.columns if name == target.name or data[name].equals(target)]


def _check_rules(X: pd.DataFrame, groups: Hashable | None, time: Hashable | None, target: Target) -> None:
    if groups is not None and time is not None:
        raise OptionError(
            "groups= and time= cannot be used together. Choose the one that new rows will differ by."
        )
    for option, name in (("groups", groups), ("time", time)):
        if name is None:
            continue
        if isinstance(name, Hashable) and name is not pd.NA and name == target.labels.name:
            raise OptionError(f"{option}={name!r} is the target. Name the column that rules the split.")
        if not isinstance(name, Hashable) or name not in X.columns:
            raise OptionError(
                f"{option}={one_line(name)} is not a column of this frame.{near(name, X.columns)}"
            )
        if count := int(X[name].isna().sum()):
            raise OptionError(
                f"{option}={name!r} has {count:,} missing cells. Fill them or drop those rows first."
            )
    if groups is not None:
        try:
            different = list(set(X[groups]))
            if pd.api.types.is_object_dtype(np.asarray(X[groups].iloc[:0]).dtype):
                pd.factorize(pd.Series(different, dtype=object), sort=True)
        except TypeError:
            kind = " and ".join(sorted({type(cell).__name__ for cell in X[groups]}))
            raise OptionError(
                f"groups={groups!r} holds cells of type {kind}, which cannot be sorted. Name each group by one value, such as "
                "text."
            ) from None
    if time is not None:
        _check_time(time, X[time])


def _check_time(name: Hashable, time: pd.Series) -> None:
    """Refuse a column whose sort order is not the order of time."""
    types = pd.api.types
    if not (types.is_numeric_dtype(time.dtype) or types.is_datetime64_any_dtype(time.dtype)):
        raise OptionError(
            f"time={name!r} holds {time.dtype} cells, whose sort order is not the order of time. "
            f"Make dates or numbers of it: df[{name!r}] = pd.to_datetime(df[{name!r}])."
        )


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


def _missing_labels(target: Target) -> Finding:
    verbs = ("has", "is") if target.missing == 1 else ("have", "are")
    return Finding(
        "IMB201",
        "note",
        f"{target.missing:,} of {len(target.labels):,} rows {verbs[0]} no label in {target.name!r} and {verbs[1]} left out.",
        "Nothing to do, unless a missing label means something: then give it a name of its own with fillna.",
    )


def _taken_out(names: list[Hashable]) -> Finding:
    sentence = (
        f"{listed(names)} has the name or the cells of the target that was passed as a Series, and is taken out of the "
        "features."
    )
    cure = "Pass the column's name as target; or rename the Series, if the column is another thing."
    return Finding("IMB205", "warning", sentence, cure)


def _left_out(columns: Columns) -> Finding:
    silent = set(columns.left_out.values()) <= {"constant", "no values"}
    cure = (
        "They tell no row from another: nothing to do."
        if silent
        else "Derive numbers from them if they hold a signal."
    )
    return Finding("IMB202", "note", f"Not used as features: {_reasons(columns)}.", cure)


def _reasons(columns: Columns) -> str:
    return ", ".join(f"{name!r} ({reason})" for name, reason in columns.left_out.items())
