"""The rows of a large table that models are fitted on: small classes whole, the larger ones in part, the same on any engine."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.class_shares import fair_share
from imbalance_accessor.data.lazy.hashing import hash_ids, splitmix64
from imbalance_accessor.data.lazy.sampling_code import lines_of_sample
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.target import Label, Target, plain
from imbalance_accessor.errors import FeatureError

#: Rows that are taken of a table, unless ``max_rows=`` says otherwise.
MOST_ROWS = 200_000

#: Of one class: the smallest numbers, and the places or ids of their rows.
_Smallest: TypeAlias = "tuple[NDArray[np.uint64], NDArray[Any]]"


@dataclass(frozen=True, eq=False)
class TableSample:
    """Rows of a table, as many of each class as were asked for.

    Attributes
    ----------
    table : Table
        What they were taken from.
    frame : pandas.DataFrame
        The rows, in the table's order, or by their ids; all have a label, and the id is left out.
    places : ndarray of int64, or of ids, shape (n,)
        Where they stand in the table, or the ids they have there, ascending.
    labels : Target
        The table's labels, counted.
    taken : dict of label to int
        How many rows of each class are in `frame`.
    share : int
        Rows of a class at most.
    seed : int
        Of the numbers by which rows are chosen.
    id : hashable or None
        The column that identifies a row, where the table has no order.
    """

    table: Table
    frame: pd.DataFrame
    places: NDArray[Any]
    labels: Target
    taken: Mapping[Label, int]
    share: int
    seed: int
    id: Hashable | None = None

    @property
    def rows(self) -> dict[Label, int]:
        """How many rows of each class the table has."""
        return dict(zip(self.labels.classes, self.labels.rows.tolist(), strict=True))

    @property
    def is_whole(self) -> bool:
        """Whether every labelled row was taken."""
        return self.rows == self.taken

    @property
    def prevalence(self) -> float | dict[Label, float] | None:
        """The table's share of the positive class, or each class's; None where all rows were taken."""
        shares = dict(zip(self.labels.classes, self.labels.shares.tolist(), strict=True))
        if self.is_whole:
            return None
        return shares if self.labels.positive is None else shares[self.labels.classes[self.labels.positive]]

    @property
    def lines(self) -> tuple[str, ...]:
        """Code that makes ``df`` these rows, a statement a line."""
        if self.is_whole and self.id is None and not self.labels.missing:
            return (self.table.line_of_all,)
        ids = None if self.id is None else pd.Series(self.places)
        return lines_of_sample(self.table, self.labels, share=self.share, seed=self.seed, id=self.id, ids=ids)


def rows_in_memory(data: pd.DataFrame | TableSample) -> pd.DataFrame:
    """Return a frame, or the rows that were drawn of a table."""
    return data.frame if isinstance(data, TableSample) else data


def draw_sample(
    table: Table, labels: Target, *, most: int, seed: int, id: Hashable | None = None
) -> TableSample:
    """Take the rows of each class whose places, or ids, have the smallest numbers.

    Parameters
    ----------
    table : Table
    labels : Target
        Its labels, counted.
    most : int
        Rows in all.
    seed : int
    id : hashable, optional
        The column that identifies a row; without it, its place in the table does.

    Returns
    -------
    TableSample
        The same however the table is divided into pieces.

    Raises
    ------
    FeatureError
        Rows without an order that have no ids, ids that do not identify a row, or a table that changes between two passes.

    Notes
    -----
    A row's number is `splitmix64` of its place or id. Of each class the rows with the smallest numbers are kept: as many as
    all classes can have alike, small ones whole (`fair_share`). Of one class against the rest, the rest is drawn as one.
    """
    target, sides = labels.labels.name, _Sides(labels)
    share = fair_share(sides.rows, most)
    _check_order(table, target, id)
    chosen = partial(_smallest, target=target, sides=sides.of_label, most=share, seed=seed, id=id)
    columns = [target] if id is None else [target, id]
    found = _found(table, partial(chosen, limits=_limits(sides.rows, share)), columns, share)
    if any(
        len(found[side][0]) < min(share, rows)
        for side, rows in enumerate(sides.rows.tolist())
        if side in found
    ):
        found = _found(
            table, partial(chosen, limits=None), columns, share
        )  # by chance, or ids that are not single
    places = np.concatenate([each for _, each in found.values()])
    drawn = np.repeat(np.array([*found]), [len(each) for _, each in found.values()])
    order = np.argsort(places, kind="stable")
    places, drawn = places[order], drawn[order]
    if id is not None:
        _check_once(id, places)
    frame = table.take(places) if id is None else table.find(id, places).drop(columns=[id])
    if pd.api.types.is_float_dtype(frame[target]) and pd.api.types.is_integer_dtype(labels.labels):
        frame[target] = frame[target].astype(np.int64)  # all have a label
    codes = replace(labels, labels=frame[target]).codes
    _check_same(table, np.asarray(sides.of_code)[codes], drawn, id)
    taken = dict(zip(labels.classes, np.bincount(codes, minlength=len(labels.classes)).tolist(), strict=True))
    return TableSample(table, frame, places, labels, taken, share, seed, id)


@dataclass(frozen=True)
class _Sides:
    """What is drawn alike: each class, or the positive class and all others."""

    labels: Target

    @property
    def of_code(self) -> list[int]:
        """The side of each class, by code."""
        labels = self.labels
        every = range(len(labels.classes))
        return [int(code == labels.positive) for code in every] if labels.is_one_vs_rest else [*every]

    @property
    def of_label(self) -> dict[Label, int]:
        """The side of each class, by label."""
        return dict(zip(self.labels.classes, self.of_code, strict=True))

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows of each side."""
        return np.bincount(self.of_code, self.labels.rows).astype(np.int64)


def _found(
    table: Table,
    smallest: Callable[[pd.DataFrame, int], dict[int, _Smallest]],
    columns: list[Hashable],
    share: int,
) -> dict[int, _Smallest]:
    """Put together what the pieces give, by side."""
    found: dict[int, _Smallest] = {}
    for piece in table.mapped(smallest, columns):
        for side, some in piece.items():
            found[side] = _merged(found[side], some, share) if side in found else some
    return dict(sorted(found.items()))


def _limits(rows: NDArray[np.int64], share: int) -> list[float]:
    """Return the numbers below which those of each side's sample lie, but for once in 10¹⁴ tables: pieces give few rows then."""
    expected = share + 8 * share**0.5 + 40
    return [min(expected / max(each, 1), 1) * 2.0**64 for each in rows.tolist()]


def _smallest(
    piece: pd.DataFrame,
    first: int,
    *,
    target: Hashable,
    sides: Mapping[Label, int],
    most: int,
    seed: int,
    id: Hashable | None,
    limits: Sequence[float] | None,
) -> dict[int, _Smallest]:
    """Return the rows of each side that a piece can give to the sample; a label that was not counted is on none."""
    codes, labels = pd.factorize(piece[target])
    side = np.array([*(sides.get(plain(label), -1) for label in labels), -1])[codes]
    first_numbers = (
        np.arange(first, first + len(piece), dtype=np.uint64) if id is None else hash_ids(piece[id])
    )
    numbers, found = splitmix64(first_numbers, seed), dict[int, _Smallest]()
    for each in sorted({*sides.values()}):
        at = np.flatnonzero(side == each if limits is None else (side == each) & (numbers <= limits[each]))
        at = at[_fewest(numbers[at], most)]
        if len(at):
            found[each] = numbers[at], at + first if id is None else _ids(piece[id].iloc[at])
    return found


def _ids(ids: pd.Series) -> NDArray[Any]:
    is_number = pd.api.types.is_numeric_dtype(ids)
    whole = np.uint64 if ids.dtype == np.uint64 else np.int64
    found: NDArray[Any] = ids.to_numpy(whole) if is_number else ids.astype(object).to_numpy()
    return found


def _merged(one: _Smallest, other: _Smallest, most: int) -> _Smallest:
    numbers, names = np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
    kept = _fewest(numbers, most)
    return numbers[kept], names[kept]


def _fewest(numbers: NDArray[np.uint64], most: int) -> NDArray[np.intp]:
    """Return where the smallest numbers stand."""
    return np.arange(len(numbers)) if len(numbers) <= most else np.argpartition(numbers, most - 1)[:most]


def _check_order(table: Table, target: Hashable, id: Hashable | None) -> None:
    if id is not None:
        table.check_columns([id])
        if id == target:
            raise FeatureError(f"id={id!r} is the target. Name a column that differs in every row.")
    table.check_order(id)


def _check_once(id: Hashable, ids: NDArray[Any]) -> None:
    """Refuse ids that several rows have: these have one number, so that a sample holds all of them or none."""
    again = ids[1:][ids[1:] == ids[:-1]]
    if len(again):
        raise FeatureError(
            f"id={id!r} names several rows: {again[0]!r} stands more than once. Name a column that differs in every row."
        )


def _check_same(
    table: Table, again: NDArray[np.integer], drawn: NDArray[np.integer], id: Hashable | None
) -> None:
    """Refuse a table that gave other rows when it was read for the second time."""
    if not np.array_equal(again, drawn):
        raise gave_others(table, f"{len(again):,} for {len(drawn):,}", id)


def gave_others(table: Table, rows: str, id: Hashable | None) -> FeatureError:
    """Return the sentence for a table that gave other rows when it was read again, with what was got for what."""
    cure = "" if id is not None else ", or name a column that identifies a row: id="
    return FeatureError(
        f"This {table.came_as} gave other rows when it was read again ({rows}). Write it to files first{cure}."
    )
