"""The door for tables that are read piece by piece: what a verb gets of one, by what it asks."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from imbalance_accessor.data.frames import Arguments
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import MOST_ROWS, TableSample, draw_sample
from imbalance_accessor.data.lazy.tables import Table, is_table, not_read_yet, table_of
from imbalance_accessor.data.target import Target, plain
from imbalance_accessor.errors import LEFT_OUT, OptionError, change
from imbalance_accessor.options import check_max_rows, check_seed

#: Verbs that ask nothing of a table but counts, and columns of its sample; `score` says which columns it reads.
_COUNTING = frozenset({"counts", "weights", "overview", "score"})
#: What names a column.
_NAMED = frozenset({"target", "groups", "time", "id", "sample_weight", "scores", "pred", "split"})


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


def check_names_columns(given: Mapping[str, Any]) -> None:
    """Refuse cells that are not read yet where a column is named.

    Raises
    ------
    OptionError
        One sentence.
    """
    for name in sorted(_NAMED & given.keys()):
        if kind := not_read_yet(given[name]):
            raise OptionError(f"{name}= is a {kind}, whose cells are not here. Name a column of the data.")


def table_or_sample(verb: str, parameters: Mapping[str, inspect.Parameter], read: Arguments) -> Arguments:
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
    of_sample: dict[str, Any] = {"max_rows": LEFT_OUT, "id": LEFT_OUT}
    if "prevalence" in parameters and given.get("prevalence") is None and sample.prevalence is not None:
        of_sample["prevalence"] = given["prevalence"] = sample.prevalence
    for name in ("max_rows", "id"):  # which the sample has followed
        given.pop(name, None)
    return replace(read, args=(sample, *others), given=given, lines=sample.lines, of_sample=of_sample)


def _drawn(table: Table, asked: Mapping[str, Any]) -> TableSample:
    """Draw the rows that a verb fits on, or say why what was asked cannot be had of a part of the rows."""
    check_max_rows(asked.get("max_rows"), ruled=False)
    check_seed(asked.get("random_state"))
    labels, most = count_labels(table, asked.get("target"), asked.get("pos_label")), asked.get("max_rows")
    _check_most(most, labels)
    most = MOST_ROWS if most is None else int(most)
    _check_test(asked.get("test"), table, labels, most)
    _check_weights(asked.get("sample_weight"), labels, most)
    seed = asked.get("random_state") or 0
    return draw_sample(table, labels, most=most, seed=seed, id=plain(asked.get("id")))


def _check_most(most: int | None, labels: Target) -> None:
    """Refuse a number of rows in which a class has less than two."""
    least = 2 * len(labels.classes)
    if most is not None and most < least:
        raise OptionError(
            f"max_rows={most} leaves a class less than two of its rows. Leave it out for {MOST_ROWS:,}.",
            fix=change(max_rows=LEFT_OUT),
        )


def _check_test(test: Any, table: Table, labels: Target, most: int) -> None:
    """Refuse a test set that is read piece by piece, or one whose rows count as they are beside rows that do not."""
    if is_table(test):
        raise OptionError(
            f"test= is a {table_of(test).came_as}, and a test set is read whole. Leave it out: a share of the rows is held "
            "out of the table.",
            fix=change(test=LEFT_OUT),
        )
    if test is not None and labels.labelled > most:
        raise OptionError(
            f"test= holds rows that count once, and of this {table.came_as} {most:,} of {labels.labelled:,} rows stand for "
            "all. Leave it out: a share of them is held out.",
            fix=change(test=LEFT_OUT),
        )


def _check_weights(given: Any, labels: Target, most: int) -> None:
    """Refuse weights of rows of which a part is drawn by class, since their shares of the weight are not known."""
    if given is not None and labels.labelled > most:
        raise OptionError(
            f"sample_weight= weighs rows, and {most:,} of {labels.labelled:,} are drawn here by class, whatever they weigh. "
            "Leave it out, or raise max_rows= to all of them.",
            fix=change(sample_weight=LEFT_OUT),
        )
