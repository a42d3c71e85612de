"""Whether rows lie on a line because the frame's own rules put them there: tied and computed columns, series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats

#: Places of a row and of the two rows it lies between, one line a row.
Lines = NDArray[np.intp]

#: Hits whose lines are looked at; rows of a class that they are held against.
_HITS, _COMPARED = 60, 2_000
#: Share of the rows alike in the tied columns above which a line is a rule, and rows off the line that are needed.
_ON_THE_LINE, _OFF_THE_LINE = 0.2, 5
#: Rows on a line from which its ends must be hubs; lines that meet in one; neighbours that show them.
_LONG, _MEET, _NEIGHBOURS = 4, 3, 60
#: Where a row of a grid lies between two others: fractions up to sixths.
_FRACTIONS = np.unique([part / whole for whole in range(2, 7) for part in range(1, whole)])
#: Tolerances that a neighbour must be away to show a direction.
_RESOLVED = 20.0


def unexplained(lines: Lines, values: Floats, classes: Sequence[Floats], tolerance: Floats) -> float:
    """Return the share of rows on lines that neither a rule of the frame nor a series put there.

    Parameters
    ----------
    lines : ndarray of int, shape (n_lines, 3)
        Places of a row in `values` and of the two rows that it lies between.
    values : ndarray of float, shape (n_rows, n_columns)
        Different rows of the class.
    classes : sequence of ndarray
        Rows of every class, in an order that says nothing.
    tolerance : ndarray of float, shape (n_columns,)

    Returns
    -------
    float

    Notes
    -----
    A row at a half, a third, ... a sixth of the way lies on a grid, of round numbers or of settings: `SMOTE` draws the
    share of the way at random. A line is a rule where, of all rows that agree with it in the columns that do not change
    along it, more than a fifth lie on it too, or fewer than five do not: with height and share of black tied, area and
    ink are proportional to length. Four rows or more on one line are a series unless three such lines meet at both of
    its ends, as they do at the real rows that `SMOTE` draws its lines between.
    """
    together = np.concatenate([rows[:_COMPARED] for rows in classes]) / tolerance
    units = values / tolerance
    spread = np.where(values.std(axis=0) > 0, values.std(axis=0), 1.0) / tolerance
    hubs: dict[int, bool] = {}

    def is_hub(row: int) -> bool:
        if row not in hubs:
            hubs[row] = _lines_meeting(units, row, spread) >= _MEET
        return hubs[row]

    def is_unexplained(line: Codes) -> bool:
        row, a, b = (units[place] for place in line)
        if _is_on_a_grid(row, a, b) or _is_rule(row, a, b, together):
            return False
        on, along = _on_the_line(row, a, b, units)
        members = np.flatnonzero(on)
        if len(members) < _LONG:
            return True
        ends = members[[along[members].argmin(), along[members].argmax()]]
        return all(is_hub(int(end)) for end in ends)

    rows = np.unique(lines[:, 0])[:_HITS]
    if not len(rows):
        return 0.0
    return float(
        np.mean([any(is_unexplained(line) for line in lines[lines[:, 0] == row][:5]) for row in rows])
    )


def _on_the_line(row: Floats, a: Floats, b: Floats, others: Floats) -> tuple[Bools, Floats]:
    """Return which rows lie on the line through a and b, and where along it."""
    length = float(np.linalg.norm(b - a))
    along = (others - row) @ ((b - a) / length)
    off = np.abs(others - row - along[:, None] * ((b - a) / length)).max(axis=1)
    return np.asarray(off <= 1 + 2 * np.abs(along) / length), along


def _is_on_a_grid(row: Floats, a: Floats, b: Floats) -> bool:
    widest = np.abs(b - a).argmax()
    share = (row - a)[widest] / (b - a)[widest]
    return bool((np.abs(share - _FRACTIONS) <= 1 / np.abs(b - a)[widest]).any())


def _is_rule(row: Floats, a: Floats, b: Floats, others: Floats) -> bool:
    tied = (np.abs(b - a) <= 1) & (np.abs(row - a) <= 1)
    alike = others[(np.abs(others[:, tied] - row[tied]) <= 1).all(axis=1)]
    on, _ = _on_the_line(row, a, b, alike)
    return bool(on.mean() > _ON_THE_LINE or (~on).sum() < _OFF_THE_LINE) if len(on) else True


def _lines_meeting(units: Floats, row: int, spread: Floats) -> int:
    """Return how many lines with two rows or more begin at a row, as its near neighbours show."""
    offsets = units - units[row]
    distance = (np.square(offsets / spread)).sum(axis=1)
    distance[row] = np.inf
    most = min(_NEIGHBOURS, len(units) - 1)
    offsets = offsets[np.argpartition(distance, most - 1)[:most]]
    offsets = offsets[(np.abs(offsets) > _RESOLVED).any(axis=1)]
    length = np.linalg.norm(offsets, axis=1)
    order = np.argsort(-length, kind="stable")
    offsets, length = offsets[order], length[order]
    free, meeting = np.ones(len(offsets), dtype=bool), 0
    for place, far in enumerate(offsets):
        if free[place]:
            along = offsets @ (far / length[place])
            off = np.abs(offsets - along[:, None] * (far / length[place])).max(axis=1, initial=0.0)
            on = (off <= 1) & (along > 0) & free
            free[on] = False
            meeting += on.sum() >= 2
    return meeting
