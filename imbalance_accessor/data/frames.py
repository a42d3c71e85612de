"""The door for frames of other libraries: polars, pyarrow and what else narwhals reads become pandas here, once a call."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from imbalance_accessor.data.lazy.tables import is_table, table_of
from imbalance_accessor.data.lines import as_pandas, needs_no_arrow
from imbalance_accessor.errors import FeatureError

#: Libraries whose objects are looked at; asking narwhals of any other object would import it for nothing.
_LIBRARIES = frozenset({"polars", "pyarrow", "modin", "cudf", "fireducks", "ibis"})


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call, frames of other libraries made pandas.

    Attributes
    ----------
    args : tuple
    given : dict of str to object
    lines : tuple of str
        The code that does the same, for snippets and fixes.
    came_as : str
        What the first argument was, such as ``"polars DataFrame"``; empty for what was pandas.
    of_sample : dict of str to object
        Of a table that is read piece by piece: what a call takes instead, once `lines` have drawn rows of it.
    """

    args: tuple[Any, ...]
    given: Mapping[str, Any]
    lines: tuple[str, ...] = ()
    came_as: str = ""
    of_sample: Mapping[str, Any] = field(default_factory=dict)


def in_pandas(parameters: Sequence[str], args: tuple[Any, ...], given: Mapping[str, Any]) -> Arguments:
    """Make pandas of the eager frames and Series of other libraries among the arguments of a call.

    Parameters
    ----------
    parameters : sequence of str
        The names of those that are given by place.
    args : tuple
    given : mapping of str to object

    Raises
    ------
    FeatureError
        A frame that its own library does not convert.

    Examples
    --------
    >>> in_pandas(["data", "target"], (pd.DataFrame({"y": [0, 1]}), "y"), {}).lines
    ()
    """
    named = dict(zip(parameters, args, strict=False))
    foreign = {name: value for name, value in {**named, **given}.items() if is_foreign(value)}
    if not foreign:
        return Arguments(args, given)
    made = {name: _converted(value, _called(name, value)) for name, value in foreign.items()}
    lines, came_as = how_read(parameters, args, given)
    return Arguments(
        tuple(made.get(name, value) for name, value in named.items()) + args[len(named) :],
        {name: made.get(name, value) for name, value in given.items()},
        lines,
        came_as,
    )


def how_read(
    parameters: Sequence[str], args: tuple[Any, ...], given: Mapping[str, Any]
) -> tuple[tuple[str, ...], str]:
    """Return the lines that make pandas of the arguments of a call, and what the first of them was; see `Arguments`."""
    every = {**dict(zip(parameters, args, strict=False)), **given}
    foreign = {name: value for name, value in every.items() if name in parameters and is_foreign(value)}
    lines = (
        as_pandas(value, _called(name, value))
        for name, value in foreign.items()
        if name != "target" or not is_frame(value)  # which is no target
    )
    first = foreign.get(parameters[0]) if parameters else None
    return tuple(dict.fromkeys(lines)), "" if first is None else came_as_text(first)


def made_pandas(value: Any, name: str = "X") -> Any:
    """Return what another library's frame or Series holds as pandas'; other values as they are.

    Examples
    --------
    >>> made_pandas("churn")
    'churn'
    """
    return _converted(value, name) if is_foreign(value) else value


def is_foreign(value: Any) -> bool:
    """Whether a value is an eager frame, or a Series, of another library.

    Examples
    --------
    >>> is_foreign(pd.Series([1])), is_foreign("churn")
    (False, False)
    """
    if _library(value) not in _LIBRARIES:
        return False
    import narwhals as nw

    try:
        found = nw.from_native(value, pass_through=True, allow_series=True)
    except Exception:  # such as of a table with two columns of one name, which is refused later in our words
        return hasattr(value, "to_pandas")
    return isinstance(found, nw.DataFrame | nw.Series)


def came_as_text(value: Any) -> str:
    """Name a frame by its library and class."""
    return f"{_library(value)} {type(value).__name__}"


def is_frame(value: Any) -> bool:
    """Whether a value is an eager frame, of whatever library."""
    return isinstance(value, pd.DataFrame) or (is_foreign(value) and hasattr(value, "columns"))


def column_names(value: Any) -> list[Hashable]:
    """Return the names of a frame's columns, of whatever library, eager or lazy; none of what is no frame.

    Examples
    --------
    >>> column_names(pd.DataFrame({"a": [1]})), column_names("a")
    (['a'], [])
    """
    if is_table(value):
        return table_of(value).columns
    if not is_frame(value):
        return []
    return list(value.column_names if hasattr(value, "column_names") else value.columns)  # pyarrow's, others'


def _called(name: str, value: Any) -> str:
    """Return what snippets and fixes call an argument that holds rows."""
    return (
        "df" if name == "data" and hasattr(value, "columns") else {"data": "y", "target": "y"}.get(name, name)
    )


def _library(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def _converted(value: Any, name: str) -> pd.DataFrame | pd.Series:
    """Do what the line of `as_pandas` does."""
    try:
        if not needs_no_arrow(value):
            frame: pd.DataFrame | pd.Series = value.to_pandas()
            return frame
        made = value.to_dict(as_series=False) if hasattr(value, "columns") else value.to_list()
        return pd.DataFrame(made) if hasattr(value, "columns") else pd.Series(made, name=value.name)
    except Exception as error:  # whatever a library says of its own cells
        raise FeatureError(
            f"{name} is a {came_as_text(value)} that cannot be made pandas: {type(error).__name__}: {error}. "
            "Cast that column, or drop it.",
        ) from error
