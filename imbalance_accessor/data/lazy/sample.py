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
from imbalance_accessor.data.target import Label, Target, plain

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
    labels : Target
        The table's labels, counted.
    taken : dict of label to int
        How many rows of each class are in `frame`.
    share : int
        Rows of a class at most.
    seed : int
        Of the numbers by which rows are chosen.
    """

    table: Table
    frame: pd.DataFrame
    places: NDArray[np.int64]
    labels: Target
    taken: Mapping[Label, int]
    share: int
    seed: int

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
        """Code that draws the same rows."""
        return ()


def rows_in_memory(data: pd.DataFrame | TableSample) -> pd.DataFrame:
    """Return a frame, or the rows that were drawn of a table."""
    return data.frame if isinstance(data, TableSample) else data


def draw_sample(table: Table, labels: Target, *, most: int, seed: int) -> TableSample:
    """Take the rows of each class whose places have the smallest numbers.

    Parameters
    ----------
    table : Table
    labels : Target
        Its labels, counted.
    most : int
        Rows in all.
    seed : int

    Returns
    -------
    TableSample
        The same however the table is divided into pieces.

    Notes
    -----
    A row's number is `splitmix64` of its place. Of each class the rows with the smallest numbers are kept: as many as all
    classes can have alike, small ones whole (`fair_share`). Of one class against the rest, the rest is taken as one.
    """
    target, against = labels.labels.name, labels.pos_label if labels.is_one_vs_rest else None
    share = fair_share(_sides(labels), most)
    found: dict[Label, _Smallest] = {}
    chosen = partial(_smallest, target=target, against=against, most=share, seed=seed)
    for piece in table.mapped(chosen, [target]):
        for side, smallest in piece.items():
            found[side] = _merged(found[side], smallest, share) if side in found else smallest
    places = np.sort(np.concatenate([each for _, each in found.values()]))
    frame = table.take(places)
    rows = {plain(label): int(count) for label, count in frame[target].value_counts().items()}
    taken = {label: rows.get(label, 0) for label in labels.classes}
    return TableSample(table, frame, places, labels, taken, share, seed)


def _sides(labels: Target) -> NDArray[np.int64]:
    """Return the rows that are sampled alike: each class's, or those of the positive class and of all others."""
    if not labels.is_one_vs_rest:
        return labels.rows
    positive = labels.rows[labels.positive]
    return np.array([positive, labels.labelled - positive])


def _smallest(
    piece: pd.DataFrame, first: int, *, target: Hashable, against: Label | None, most: int, seed: int
) -> dict[Label, _Smallest]:
    """Return the rows of each class, or of one and of its rest, that a piece can give to the sample."""
    cells = piece[target]
    codes, labels = pd.factorize(cells if against is None else (cells == against).where(cells.notna()))
    places = np.arange(first, first + len(piece), dtype=np.int64)
    numbers = splitmix64(places.astype(np.uint64), seed)
    return {
        plain(label): _fewest(numbers[codes == code], places[codes == code], most)
        for code, label in enumerate(labels)
    }


def _merged(one: _Smallest, other: _Smallest, most: int) -> _Smallest:
    return _fewest(np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]]), most)


def _fewest(numbers: NDArray[np.uint64], places: NDArray[np.int64], most: int) -> _Smallest:
    if len(numbers) <= most:
        return numbers, places
    kept = np.argpartition(numbers, most - 1)[:most]
    return numbers[kept], places[kept]
