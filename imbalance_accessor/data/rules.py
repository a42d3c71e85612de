"""The columns that rule a split, groups and time: refused where they cannot, with what makes them able to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.beside import beside, put_beside
from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.label_checks import BROKEN, is_broken, readable
from imbalance_accessor.data.lines import assigned, cells, kept
from imbalance_accessor.data.target import Target, plain
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    OptionError,
    change,
    counted,
    near,
    nearest_of,
    one_line,
)

#: Ways to make dates or numbers of a column, the likelier first: the code for a column, and what it does.
_AS_TIME: tuple[tuple[str, Callable[[pd.Series], Any]], ...] = (
    ("{}.dt.to_timestamp()", lambda column: column.dt.to_timestamp()),
    ("{}.dt.total_seconds()", lambda column: column.dt.total_seconds()),
    ("{}.astype(float)", lambda column: column.astype(float)),
    ('pd.to_datetime({}, format="mixed")', lambda column: pd.to_datetime(column, format="mixed")),
    (
        'pd.to_datetime({}, format="mixed", utc=True)',
        lambda column: pd.to_datetime(column, format="mixed", utc=True),
    ),
)


def check_rule_names(X: pd.DataFrame, groups: Hashable | None, time: Hashable | None, target: Target) -> None:
    """Refuse both rules at once, the target, and what is no column."""
    if groups is not None and time is not None:
        raise OptionError(
            "groups= and time= cannot be used together. Choose the one that new rows will differ by."
        )
    for option, name in (("groups", groups), ("time", time)):
        if name is None:
            continue
        if pd.api.types.is_hashable(name) and name is not pd.NA and name == target.labels.name:
            raise OptionError(f"{option}={name!r} is the target. Name the column that rules the split.")
        if not pd.api.types.is_hashable(name) or name not in X.columns:
            raise OptionError(
                f"{option}={one_line(name)} is not a column of this frame.{near(name, X.columns)}{beside(option, name, X)}",
                fix=put_beside(option, name, X) or _nearest_rule(option, name, X),
            )


def check_id(data: pd.DataFrame, id: Any, named: Mapping[str, Any]) -> None:
    """Refuse an id that is no column, or one that another option names; `named`, what these name."""
    if id is None:
        return
    if not isinstance(id, Hashable) or id not in data.columns:
        nearest = nearest_of(id, data.columns)
        raise OptionError(
            f"id={one_line(id)} is not a column of this frame.{near(id, data.columns)}",
            fix=change(id=plain(nearest[0])) if nearest else IN_WORDS,
        )
    others = {option: name for option, name in named.items() if option != "id" and isinstance(name, Hashable)}
    also = [option for option, name in others.items() if name == id]
    if also:
        raise OptionError(
            f"id={id!r} is {also[0]}= too, and an id is left aside. Leave id= out.", fix=change(id=LEFT_OUT)
        )


def _nearest_rule(option: str, name: Any, X: pd.DataFrame) -> Fix:
    """Return the column with nearly this name, if it can rule a split."""
    alone = name[0] if isinstance(name, list) and len(name) == 1 else name
    for likely in nearest_of(alone, X.columns):
        column = X[likely]
        if not column.isna().any() and (option == "groups" or is_time(column)):
            return change(**{option: plain(likely)})
    return IN_WORDS


def check_rules(
    X: pd.DataFrame,
    columns: Columns,
    target: Target,
    rules: tuple[Hashable | None, Hashable | None],
    names: tuple[str, ...],
    *,
    in_frame: bool,
) -> None:
    """Refuse groups or times with missing cells, and cells that have no order.

    Parameters
    ----------
    X : pandas.DataFrame
        Labelled rows; dates and numbers that are written as text are read.
    columns : Columns
    target : Target
    rules : tuple of two
        The columns of groups and of times; None where not given.
    names : tuple of str
        What the frames are called, in lines that mend them.
    in_frame : bool
        Whether the labels are a column of the frame.
    """
    for option, name in zip(("groups", "time"), rules, strict=True):
        if name is not None and (count := int(X[name].isna().sum())):
            raise OptionError(
                f"{option}={name!r} has {counted(count, 'missing cell')}. Fill them or drop those rows first.",
                fix=without_missing(X, name, columns, target, in_frame=in_frame),
            )
    groups, time = rules
    if groups is not None:
        _check_groups(groups, X[groups], names)
    if time is not None and not is_time(X[time]):
        raise OptionError(
            f"time={time!r} holds {_kind(X[time])}, and takes dates or numbers. Make such of it.",
            fix=Fix(as_time(time, X[time], names)[0]),
        )


def is_time(column: pd.Series) -> bool:
    """Whether a column's sort order is the order of time."""
    types = pd.api.types
    return bool(types.is_numeric_dtype(column.dtype) or types.is_datetime64_any_dtype(column.dtype))


def without_missing(
    X: pd.DataFrame, name: Hashable, columns: Columns, target: Target, *, in_frame: bool
) -> Fix:
    """Return the fix that drops rows, if these are few and every class keeps some."""
    filled = X[name].notna().to_numpy()
    left = np.bincount(target.codes[target.codes >= 0][filled], minlength=len(target.classes))
    if filled.mean() < 0.5 or left.min() < 2:
        return IN_WORDS
    written = columns.formats.get(name)
    column = cells(name) if written is None else written.code(cells(name))  # blanks may be text
    return Fix(kept(f"{column}.notna()", beside=not in_frame))


def _check_groups(name: Hashable, groups: pd.Series, names: tuple[str, ...]) -> None:
    try:
        different = list(set(groups))
        if broken := next(filter(is_broken, different), None):
            raise OptionError(
                f"groups={name!r} holds {BROKEN}, such as {one_line(broken)}. Write it anew.",
                fix=Fix(assigned(name, names, readable)),
            )
        if pd.api.types.is_object_dtype(np.asarray(groups.iloc[:0]).dtype):
            pd.factorize(pd.Series(different, dtype=object), sort=True)
    except TypeError:
        kind = " and ".join(sorted({type(cell).__name__ for cell in groups}))
        raise OptionError(
            f"groups={name!r} holds cells of type {kind}, which cannot be sorted. Name each group by text.",
            fix=Fix(assigned(name, names, lambda column: f"{column}.map(str)")),
        ) from None


def _kind(column: pd.Series) -> str:
    return "periods" if isinstance(column.dtype, pd.PeriodDtype) else f"{column.dtype} cells"


def as_time(name: Hashable, column: pd.Series, names: tuple[str, ...]) -> tuple[str, pd.Series | None]:
    """Write the lines that make dates or numbers of cells, and return these, where one of the ways does."""
    for code, read in _AS_TIME:
        try:
            found = read(column)
        except (ValueError, TypeError, OverflowError, AttributeError):
            continue
        if is_time(found) and found.notna().all():
            return assigned(name, names, code.format), found
    return "", None
