"""The code that draws a sample as `sample` does, without this package."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.lines import cells, code
from imbalance_accessor.data.target import Target


def lines_of_sample(
    table: Table, labels: Target, *, share: int, seed: int, id: Hashable | None, ids: pd.Series | None
) -> tuple[str, ...]:
    """Return code that makes ``df``, a table, the rows of a sample: splitmix64 in numpy, and what its engine takes.

    Parameters
    ----------
    table : Table
    labels : Target
        Its labels, counted.
    share : int
        Rows of a class at most.
    seed : int
    id : hashable, optional
        The column that identifies a row.
    ids : pandas.Series, optional
        Some ids.

    Returns
    -------
    tuple of str
        A statement each, however long.
    """
    target = labels.labels.name
    read = [f"labels = {table.lines_of_cells([target] if id is None else [id, target])}"]
    sides = _sides("labels" if id is None else cells(target, "labels"), labels)
    kept = f"number.groupby({sides}, observed=True).nsmallest({share}).index.get_level_values(1)"
    kept = f"np.sort({kept})" if id is None else f"{cells(id, 'labels')}[{kept}]"
    return (
        *read,
        f"z = {_first_numbers(id, ids)}",
        f"z = (z + 1) * 0x9E3779B97F4A7C15{f' + {seed % 2**64}' if seed else ''}",
        "z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9",
        "z = (z ^ (z >> 27)) * 0x94D049BB133111EB",
        "number = pd.Series(z ^ (z >> 31))",
        f"kept = {kept}",
        *table.lines_of_rows(id),
    )


def _sides(cells: str, labels: Target) -> str:
    """Write what rows are drawn alike by: their labels, or whether these are the positive class."""
    if not labels.is_one_vs_rest:
        return cells
    side = f"({cells} == {code(labels.pos_label)})"
    return f"{side}.where({cells}.notna())" if labels.missing else side


def _first_numbers(id: Hashable | None, ids: pd.Series | None) -> str:
    """Write the number that each row begins with."""
    if ids is None:
        return 'np.arange(len(labels), dtype="uint64")'
    return numbers_of_ids(id, are_text=not pd.api.types.is_numeric_dtype(ids), frame="labels")


def numbers_of_ids(id: Hashable, *, are_text: bool, frame: str) -> str:
    """Write the number of each id in a frame's column; see `hash_ids`.

    Examples
    --------
    >>> print(numbers_of_ids("key", are_text=False, frame="rows"))
    rows["key"].to_numpy("int64").view("uint64")
    """
    column = cells(id, frame)
    if not are_text:
        return f'{column}.to_numpy("int64").view("uint64")'
    return f"pd.util.hash_array({column}.to_numpy(object), categorize=False)"
