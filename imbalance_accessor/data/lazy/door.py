"""The door for tables that are read piece by piece: what a verb gets of one, by what it asks."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from imbalance_accessor.data.frames import Arguments
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import MOST_ROWS, TableSample, draw_sample
from imbalance_accessor.data.lazy.tables import Table, is_table, table_of
from imbalance_accessor.data.target import plain
from imbalance_accessor.options import check_max_rows, check_seed

#: Verbs that ask nothing of a table but counts, and columns of its sample.
_COUNTING = frozenset({"counts", "weights", "overview"})


def with_table(read: Arguments) -> Arguments:
    """Return the arguments of a call with what reads a table in place of the table.

    Examples
    --------
    >>> with_table(Arguments(("churn",), {})).args
    ('churn',)
    """
    data, *others = read.args or (read.given.get("data"),)
    if not is_table(data):
        return read
    given = {key: value for key, value in read.given.items() if key != "data"}
    table = table_of(data)
    return replace(read, args=(table, *others), given=given, came_as=table.came_as)


def read_table(verb: str, parameters: Mapping[str, inspect.Parameter], read: Arguments) -> Arguments:
    """Give a verb the table itself where it counts, or scores are a column; else the rows that models are fitted on.

    Parameters
    ----------
    verb : str
    parameters : mapping of str to inspect.Parameter
        The verb's.
    read : Arguments
        As it was called; see `with_table`.

    Returns
    -------
    Arguments
        With a `Table` or a `TableSample` for the data, and the table's shares for the prevalence.

    Raises
    ------
    FeatureError, TargetError
        One sentence.
    """
    table, *others = read.args or (None,)
    if not isinstance(table, Table):
        return read
    given = dict(read.given)
    if verb in _COUNTING or given.get("scores") is not None:
        return read
    asked = {name: each.default for name, each in parameters.items()}
    asked |= dict(zip(parameters, (table, *others), strict=False)) | given
    sample = _drawn(table, asked)
    if "prevalence" in parameters and given.get("prevalence") is None:
        given["prevalence"] = sample.prevalence
    for name in ("max_rows", "id"):  # which the sample has followed
        given.pop(name, None)
    return replace(read, args=(sample, *others), given=given, lines=sample.lines)


def _drawn(table: Table, asked: Mapping[str, Any]) -> TableSample:
    """Draw the rows that a verb fits on."""
    check_max_rows(asked.get("max_rows"), ruled=False)
    check_seed(asked.get("random_state"))
    labels = count_labels(table, asked.get("target"), asked.get("pos_label"))
    return draw_sample(
        table,
        labels,
        most=asked.get("max_rows") or MOST_ROWS,
        seed=asked.get("random_state") or 0,
        id=plain(asked.get("id")),
    )
