"""Lines of code that mend a frame, in the names that the reader has for it: ``df``, ``test``, and ``y`` for labels beside."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

#: Names that stand in code behind the module they come from.
_OF_PANDAS = (pd.Timestamp, pd.Timedelta, pd.Period, pd.Interval)


def code(value: Any) -> str:
    """Write a column's name, a label, or a list of them, with double quotes where a formatter would.

    Examples
    --------
    >>> print(code(["a", 'say "hi"', ("b", np.int64(3))]))
    ["a", 'say "hi"', ("b", 3)]
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        text = repr(value)
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text and "\\'" not in text else text
    if type(value) in (list, tuple):
        parts = ", ".join(map(code, value))
        return f"[{parts}]" if isinstance(value, list) else f"({parts}{',' if len(value) == 1 else ''})"
    if isinstance(value, _OF_PANDAS):
        return f"pd.{value!r}"
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def cells(name: Hashable, frame: str = "df") -> str:
    """Write a column of a frame.

    Examples
    --------
    >>> print(cells("age"), cells(3, "test"))
    df["age"] test[3]
    """
    return f"{frame}[{code(name)}]"


def frames(test: object) -> tuple[str, ...]:
    """Return the names of the frames that a call was given: a test frame needs the same lines as the first one."""
    return ("df",) if test is None or test is False else ("df", "test")


def on_each(names: Iterable[str], write: Callable[[str], str]) -> str:
    """Write a line for each of some frames.

    Examples
    --------
    >>> print(on_each(("df", "test"), lambda df: f"{df} = {df}.dropna()"))
    df = df.dropna()
    test = test.dropna()
    """
    return "\n".join(map(write, names))


def assigned(name: Hashable, names: Iterable[str], write: Callable[[str], str]) -> str:
    """Write lines that give a column of each frame other cells.

    Examples
    --------
    >>> print(assigned("a", ["df"], lambda cells: f"{cells}.abs()"))
    df["a"] = df["a"].abs()
    """
    return on_each(names, lambda frame: f"{cells(name, frame)} = {write(cells(name, frame))}")


def dropped(columns: Iterable[Hashable], names: Iterable[str] = ("df",)) -> str:
    """Write lines that leave columns out.

    Examples
    --------
    >>> print(dropped(["a", "b"]))
    df = df.drop(columns=["a", "b"])
    """
    listed = code(list(columns))
    return on_each(names, lambda frame: f"{frame} = {frame}.drop(columns={listed})")


def dropped_lazily(lines: str, came_as: str) -> str:
    """Return the line that leaves columns out of a table, where that is all that lines do to a frame; else nothing.

    Parameters
    ----------
    lines : str
        Of pandas, as `dropped` writes them.
    came_as : str
        The table's library and class.

    Examples
    --------
    >>> print(dropped_lazily('df = df.drop(columns=["a"])', "polars LazyFrame"))
    df = df.drop(["a"])
    >>> print(dropped_lazily('df = df.drop(columns=["a"])', "DuckDB relation"))
    df = df.project('* EXCLUDE ("a")')
    """
    columns = re.fullmatch(r"df = df\.drop\(columns=(\[.*\])\)", lines)
    if columns is None:
        return ""
    if came_as.startswith("Dask"):
        return lines
    names = ast.literal_eval(columns[1])
    if came_as.startswith("polars"):
        return f"df = df.drop({code(names)})"
    if came_as.startswith("PySpark"):
        return f"df = df.drop({', '.join(map(code, names))})"
    quoted = ", ".join(map(sql_name, names))
    return f"df = df.project({f'* EXCLUDE ({quoted})'!r})"


def kept(condition: str, *, beside: bool, frame: str = "df") -> str:
    """Write lines that keep some rows, and their labels where these stand beside the first frame.

    Examples
    --------
    >>> print(kept('df["a"].notna()', beside=True))
    kept = df["a"].notna()
    df, y = df[kept], y[kept]
    """
    return kept_of((frame, "y") if beside and frame == "df" else (frame,), condition)


def kept_of(rows: Sequence[str], condition: str) -> str:
    """Write lines that keep some rows of all that stand beside each other.

    Examples
    --------
    >>> print(kept_of(["y", "sample_weight"], "sample_weight.notna()"))
    kept = sample_weight.notna()
    y, sample_weight = y[kept], sample_weight[kept]
    """
    if len(rows) == 1:
        return f"{rows[0]} = {rows[0]}[{condition}]"
    return f"kept = {condition}\n{', '.join(rows)} = {', '.join(f'{each}[kept]' for each in rows)}"


def as_pandas(data: Any, name: str = "df", *, column: Any = None) -> str:
    """Write the line that makes a pandas object of other data, its names kept; nothing where none is known.

    Parameters
    ----------
    data : object
        A frame of another library, a dict of columns, rows, an array, or labels alone.
    name : str
        What it is called.
    column : hashable or pandas.Series, optional
        A column that it must have, or labels beside it; None: labels alone make a Series.
    """
    own = type(data).__module__.partition(".")[0]
    collected = f"{name}.collect()" if own == "polars" and hasattr(data, "collect") else name
    if hasattr(data, "to_pandas"):
        if needs_no_arrow(data) and hasattr(data, "columns"):
            return f"{name} = pd.DataFrame({collected}.to_dict(as_series=False))"
        if needs_no_arrow(data):
            return f"{name} = pd.Series({name}.to_list(), name={name}.name)"
        return f"{name} = {collected}.to_pandas()"
    if collected != name:
        return f"{name} = {collected}.to_pandas()"
    if own in ("duckdb", "_duckdb"):
        return f"{name} = {name}.df()"
    for method in ("compute", "toPandas", "read_pandas"):
        if hasattr(data, method):
            return f"{name} = {name}.{method}()"
    if own == "pyarrow" and hasattr(data, "to_table"):
        return f"{name} = {name}.to_table().to_pandas()"
    return _of_plain_data(data, name, column)


def sql_name(column: Hashable) -> str:
    """Write a column's name in SQL.

    Examples
    --------
    >>> sql_name("total fraud")
    '"total fraud"'
    """
    return '"' + str(column).replace('"', '""') + '"'


def spark_name(column: Hashable) -> str:
    """Write a column's name as Spark reads it, where a dot would be looked into.

    Examples
    --------
    >>> spark_name("fraud"), spark_name("total.fraud")
    ('fraud', '`total.fraud`')
    """
    return str(column) if str(column).isidentifier() else quoted_for_spark(column)


def quoted_for_spark(column: Hashable) -> str:
    """Write a column's name between Spark's marks, as a schema takes any of them.

    Examples
    --------
    >>> quoted_for_spark("order")
    '`order`'
    """
    return "`" + str(column).replace("`", "``") + "`"


def needs_no_arrow(data: Any) -> bool:
    """Whether data are of polars, and pyarrow, by which it makes pandas of them, is not there."""
    return type(data).__module__.partition(".")[0] == "polars" and find_spec("pyarrow") is None


def _of_plain_data(data: Any, name: str, column: Any) -> str:
    if not isinstance(data, dict | list | tuple | np.ndarray | pd.Index):
        return ""
    try:
        made = pd.DataFrame(data)
        if column is None:
            return f"{name} = pd.Series({name})" if np.ndim(data) == 1 and not made.empty else ""  # type: ignore[arg-type]
        named = isinstance(column, pd.Series) or column in made.columns
        return f"{name} = pd.DataFrame({name})" if named else ""
    except (ValueError, TypeError):
        return ""
