"""The rows of a large table that models are fitted on: small classes whole, the larger ones in part, the same on any engine."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.class_shares import fair_share
from imbalance_accessor.data.lazy.hashing import splitmix64
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.target import Label, plain

#: Rows that are taken of a table, unless ``max_rows=`` says otherwise.
MOST_ROWS = 200_000

#: Of one class: the smallest numbers, and the places of their rows.
_Smallest: TypeAlias = "tuple[NDArray[np.uint64], NDArray[np.int64]]"


@dataclass(frozen=True, eq=False)
class TableSample:
    """Rows of a table, as many of each class as were asked for.

    Attributes
    ----------
    table : Table
        What they were taken from.
    frame : pandas.DataFrame
        The rows, in the table's order; all have a label.
    places : ndarray of int64, shape (n,)
        Where they stand in the table, ascending.
    rows : dict of label to int
        How many rows of each class the table has.
    taken : dict of label to int
        How many of them are in `frame`.
    missing : int
        Rows of the table without a label.
    share : int
        Rows of a class at most.
    seed : int
        Of the numbers by which rows are chosen.
    """

    table: Table
    frame: pd.DataFrame
    places: NDArray[np.int64]
    rows: Mapping[Label, int]
    taken: Mapping[Label, int]
    missing: int
    share: int
    seed: int

    @property
    def shares(self) -> dict[Label, float]:
        """Each class's share of the table's labelled rows."""
        whole = sum(self.rows.values())
        return {label: rows / whole for label, rows in self.rows.items()}

    @property
    def is_whole(self) -> bool:
        """Whether every labelled row was taken."""
        return self.rows == self.taken


def draw(table: Table, target: Hashable, counted: pd.Series, *, most: int, seed: int) -> TableSample:
    """Take the rows of each class whose places have the smallest numbers.

    Parameters
    ----------
    table : Table
    target : hashable
        The column of labels.
    counted : pandas.Series
        The table's rows of each label, as `Table.count` gives them.
    most : int
        Rows in all.
    seed : int

    Returns
    -------
    TableSample
        However the table is cut into pieces.

    Notes
    -----
    A row's number is `splitmix64` of its place. Of each class the rows with the smallest numbers are kept: as many as all
    classes can have alike, small ones whole (`fair_share`).
    """
    known = counted[counted.index.notna()]
    rows = {plain(label): int(n) for label, n in known.items() if n}
    share = fair_share(np.array(list(rows.values())), most)
    found: dict[Label, list[_Smallest]] = {}
    for piece in table.mapped(partial(_smallest, target=target, most=share, seed=seed), [target]):
        for label, smallest in piece.items():
            pair = [*found.get(label, []), smallest]
            found[label] = [_fewest(*map(np.concatenate, zip(*pair, strict=True)), share)]
    places = np.sort(np.concatenate([each[0][1] for each in found.values()]))
    taken = {label: len(found[label][0][1]) for label in rows}
    missing = int(counted.sum()) - sum(rows.values())
    return TableSample(table, table.take(places), places, rows, taken, missing, share, seed)


def _smallest(
    piece: pd.DataFrame, first: int, *, target: Hashable, most: int, seed: int
) -> dict[Label, _Smallest]:
    """Return the rows of each class that a piece can give to the sample."""
    codes, labels = pd.factorize(piece[target])
    places = np.arange(first, first + len(piece), dtype=np.int64)
    numbers = splitmix64(places.astype(np.uint64), seed)
    return {
        plain(label): _fewest(numbers[codes == code], places[codes == code], most)
        for code, label in enumerate(labels)
    }


def _fewest(numbers: NDArray[np.uint64], places: NDArray[np.int64], most: int) -> _Smallest:
    if len(numbers) <= most:
        return numbers, places
    kept = np.argpartition(numbers, most - 1)[:most]
    return numbers[kept], places[kept]
