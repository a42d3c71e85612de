"""What no model of ours can learn from: frames without a feature, infinite cells, names that are no text or stand twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.cells import as_float
from imbalance_accessor.data.column_kinds import Columns, Format
from imbalance_accessor.data.label_checks import are_same, is_broken, native, readable_names
from imbalance_accessor.data.lines import assigned, cells, code, frames, kept, on_each
from imbalance_accessor.errors import IN_WORDS, FeatureError, Fix, change, listed, makes_missing, spelled_out

#: The largest number whose squares are added up.
LARGEST = 1e150
_NONE: Mapping[str, Any] = {}


def check_column_names(data: pd.DataFrame, test: Any, named: Mapping[str, Any]) -> None:
    """Refuse names that stand twice, are no Unicode, truth values, and missing ones that another frame is asked for.

    Parameters
    ----------
    data, test : pandas.DataFrame
        The test frame may be absent, or anything else.
    named : mapping of str to object
        The options that name a column, with what they name.
    """
    check_unicode_names(data, test, named)
    if not data.columns.is_unique:
        twice = list(dict.fromkeys(data.columns[data.columns.duplicated()]))
        same = all(are_same(data.loc[:, data.columns.isin([name])]) for name in twice)
        raise FeatureError(
            f"Column names must be unique; {listed(twice)} stand{'s' if len(twice) == 1 else ''} more than once. "
            + ("Keep the first of each." if same else "Rename the others, by their place."),
            fix=_unique(data, test, named, twice, same=same),
        )
    truths = [name for name in data.columns if isinstance(name, bool | np.bool_)]
    missing = [
        name for name in data.columns if test is not None and not isinstance(name, tuple) and pd.isna(name)
    ]
    if truths or missing:
        why = "pandas takes a list of them for a choice of rows" if truths else "pandas does not find them"
        raise FeatureError(
            f"Column names must not be {listed([*map(bool, truths), *missing])}: {why}. Rename them.",
            fix=_as_text_names(data.columns, named, frames(test)),
        )


def check_unicode_names(data: pd.DataFrame, test: Any, named: Mapping[str, Any]) -> None:
    """Refuse names that no library can hash or print; see `check_column_names`."""
    both = [each for each in (data, test) if isinstance(each, pd.DataFrame)]
    broken = list(dict.fromkeys(name for each in both for name in each.columns if is_broken(name)))
    if broken:
        options = {option: spelled_out(name) for option, name in named.items() if is_broken(name)}
        raise FeatureError(
            f"Column names must be Unicode; {listed(broken)} {'is' if len(broken) == 1 else 'are'} not. Rename "
            f"{'it' if len(broken) == 1 else 'them'}.",
            fix=Fix(on_each(frames(test), readable_names), options),
        )


def _unique(
    data: pd.DataFrame, test: Any, named: Mapping[str, Any], twice: Sequence[Hashable], *, same: bool
) -> Fix:
    """Return the fix that makes names unique, if it does so for both frames and no option names one of them."""
    alike = not isinstance(test, pd.DataFrame) or list(test.columns) == list(data.columns)
    if same:
        names = frames(test if alike else None)
        return Fix(on_each(names, lambda df: f"{df} = {df}.loc[:, ~{df}.columns.duplicated()]"))
    asked = any(_is(name, value) for name in twice for value in named.values())
    if asked or not alike:
        return IN_WORDS
    again = 'f"{name}_{place}" if twice else name'
    places = "enumerate(zip(df.columns, df.columns.duplicated()))"
    line = f"df.columns = [{again} for place, (name, twice) in {places}]"
    return Fix(line if test is None else f"{line}\ntest.columns = df.columns")


def _is(name: Hashable, value: Any) -> bool:
    return isinstance(value, Hashable) and not isinstance(value, pd.Series) and name == value


def _as_text_names(columns: pd.Index, named: Mapping[str, Any], names: Iterable[str]) -> Fix:
    """Return the fix that makes text of names, in the frames and in the options that name a column."""
    if len(set(map(str, columns))) < len(columns):
        return IN_WORDS
    options = {
        option: str(name)
        for option, name in named.items()
        if name is not None and isinstance(name, Hashable) and not isinstance(name, str | pd.Series)
    }
    return Fix(on_each(names, lambda df: f"{df}.columns = {df}.columns.map(str)"), options)


def check_bytes(data: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse numbers in another machine's order of bytes."""
    dtypes = data.dtypes[[isinstance(dtype, np.dtype) and not dtype.isnative for dtype in data.dtypes]]
    if len(dtypes):
        kinds = ", ".join(f"{code(name)}: {code(native(data[name]))}" for name in dtypes.index)
        raise FeatureError(
            f"{listed(dtypes.index)} {'holds' if len(dtypes) == 1 else 'hold'} numbers in another machine's order of bytes. "
            "Make them native.",
            fix=Fix(on_each(names, lambda df: f"{df} = {df}.astype({{{kinds}}})")),
        )


def check_features(
    X: pd.DataFrame,
    columns: Columns,
    named: Mapping[str, Any] = _NONE,
    *,
    names: tuple[str, ...] = ("df",),
    described: bool = False,
) -> None:
    """Refuse a frame without a usable feature, with names of several types, or with infinite or far too large cells.

    Parameters
    ----------
    X : pandas.DataFrame
    columns : Columns
    named : mapping of str to object
        The options that name a column, with what they name.
    names : tuple of str
        What the frames are called, in lines that mend them; the first one is looked at.
    described : bool
        Whether models learn from dates and free text too.
    """
    if not (columns.described if described else columns.used):
        reasons = _reasons(columns) or "nothing; there is none"
        can = bool(columns.described) and not described
        more = " fit_eval(..., preprocess='skrub') makes features of dates and free text." if can else ""
        raise FeatureError(
            f"No column is left to learn from. Left out: {reasons}.{more}",
            fix=change(preprocess="skrub") if can and find_spec("skrub") is not None else IN_WORDS,
        )
    _check_text_names(columns, X.columns, named, names)
    check_sizes(X, columns, names=names)


def check_sizes(X: pd.DataFrame, columns: Columns, *, names: tuple[str, ...] = ("df",)) -> None:
    """Refuse infinite and far too large cells; `names` are those that rows have with the reader."""
    of = "" if names[0] == "df" else f" of {names[0]}="
    too_large = [name for name in columns.numeric if _extreme(X[name]) > LARGEST]
    if not too_large:
        return
    infinite = {name: int(np.isinf(as_float(X[name])).sum()) for name in too_large}
    bad = {name: count for name, count in infinite.items() if count}
    fix = makes_missing("\n".join(_smaller(X, name, columns, names) for name in too_large))
    if bad:
        shown = ", ".join(f"{name!r} ({count:,})" for name, count in bad.items())
        raise FeatureError(
            f"Infinite values in {shown}{of}. No model takes them; make them missing.", fix=fix
        )
    shown = ", ".join(f"{name!r} ({_extreme(X[name]):.2g})" for name in too_large)
    raise FeatureError(
        f"Numbers beyond {LARGEST:g} in {shown}{of}: their squares overflow, and models add up squares. "
        "Divide such a column by a power of ten, or make such cells missing.",
        fix=fix,
    )


def _smaller(X: pd.DataFrame, name: Hashable, columns: Columns, names: tuple[str, ...]) -> str:
    """Write lines that divide a column of huge numbers, or make cells missing that are huge or infinite among others."""
    values = as_float(X[name]).to_numpy()
    known = np.abs(values[np.isfinite(values)])
    number = number_code(X[name], columns.formats)
    if np.isfinite(values[~np.isnan(values)]).all() and np.mean(known > LARGEST) >= 0.5:
        power = 10.0 ** int(np.log10(known.max()))
        return assigned(name, names, lambda each: f"{number(each)} / {power:g}")
    if X[name].dtype == object:  # whole numbers have no end in Python
        small = f'lambda x: x if abs(x) <= {LARGEST:g} else None, na_action="ignore"'
        return assigned(name, names, lambda cells: f"{cells}.map({small})")
    return assigned(name, names, lambda cells: f"{number(cells)}.where(lambda x: x.abs() <= {LARGEST:g})")


def number_code(column: pd.Series, formats: Mapping[Hashable, Format]) -> Callable[[str], str]:
    """Return what writes a column as numbers to calculate with: text, objects, and sparse ones are none."""
    written = formats.get(column.name)
    if written is not None:
        return written.code
    if column.dtype == object:
        return 'pd.to_numeric({}.map(float, na_action="ignore"), errors="coerce")'.format
    return (
        "{}" if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf" else "{}.astype(float)"
    ).format


def without_odd(
    column: pd.Series, formats: Mapping[Hashable, Format], *, beside: bool = False, frame: str = "df"
) -> Fix:
    """Return the fix that leaves out rows where a column is missing or infinite."""
    endless = column.dtype == object and any(isinstance(cell, int) and abs(cell) > 1e308 for cell in column)
    if endless or not np.isfinite(as_float(column)).any():
        return IN_WORDS
    finite = f"np.isfinite({number_code(column, formats)(cells(column.name, frame))})"
    return Fix(kept(finite, beside=beside, frame=frame))


def _extreme(column: pd.Series) -> float:
    """Return the largest number of a column, whatever its sign."""
    values = as_float(column).to_numpy()
    low, high = values.min(), values.max()
    if np.isnan(low):
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    return max(-float(low), float(high))


def _check_text_names(
    columns: Columns, every: pd.Index, named: Mapping[str, Any], names: tuple[str, ...]
) -> None:
    """Refuse names that scikit-learn takes as positions, or not at all."""
    other = [name for name in columns.used if not isinstance(name, str)]
    numbered = len(other) == len(columns.used) and all(isinstance(name, int) for name in other)
    if other and (columns.categorical or not numbered):
        raise FeatureError(
            f"Column names must be text here; {listed(other)} {'is' if len(other) == 1 else 'are'} not, and scikit-learn "
            "would take numbers for positions. Rename them.",
            fix=_as_text_names(every, named, names),
        )


def missing_cells(
    X: pd.DataFrame, columns: Columns, *, only: Sequence[Hashable] | None = None
) -> dict[Hashable, int]:
    """Count missing cells of each feature that has any, or of some features."""
    counts = {name: int(X[name].isna().sum()) for name in (columns.used if only is None else only)}
    return {name: count for name, count in counts.items() if count}


def _reasons(columns: Columns) -> str:
    return ", ".join(f"{name!r} ({reason})" for name, reason in columns.left_out.items())
