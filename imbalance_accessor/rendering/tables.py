"""A table of a card as text: aligned, split into blocks of columns where it is too wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from imbalance_accessor.rendering import cells as present_cells
from imbalance_accessor.rendering.labels import ELLIPSIS, columns, name, names, pad, shorten, shorten_apart
from imbalance_accessor.terminals import for_terminal

_GAP = "  "


@dataclass(frozen=True)
class Column:
    """One column, the lines of its header and its cells as the terminal takes them."""

    header: tuple[str, ...]
    cells: tuple[str, ...]
    right: bool

    @property
    def width(self) -> int:
        """The columns that the widest cell takes."""
        return max(map(columns, (*self.header, *self.cells)))

    def narrowed(self) -> Column:
        """Return the column with a header of two lines, where that makes it narrower.

        Examples
        --------
        >>> Column(("AP out of fold",), ("0.250",), right=True).narrowed().header
        ('AP out', 'of fold')
        """
        words = " ".join(self.header).split(" ")
        halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
        narrow = min(
            (replace(self, header=each) for each in halves), key=lambda each: each.width, default=self
        )
        return narrow if narrow.width < self.width else self


def table_lines(table: pd.DataFrame, *, best: object, width: int, most: int = 30) -> list[str]:
    """Return a table as lines of at most `width` columns.

    Parameters
    ----------
    table : DataFrame, shape (n_rows, n_columns)
        Cells as `cells.text` knows them; any row labels and column names.
    best : object
        The row label that is marked with ``*``; None marks none.
    width : int
        Columns of the terminal.
    most : int, default 30
        More rows than this are left out in the middle, the best one excepted; more than half as many
        columns are left out at the end.
    """
    rows = visible_rows(len(table), most, best_row(table, best))
    spare = 2 * (len(for_terminal(ELLIPSIS)) - 1)  # a name that is shortened holds one or two
    index = _index_column(table, rows, best, limit=max(width // 2, 8) - spare)
    limit = width - index.width - len(_GAP) - spare
    body = [_column(table, j, rows, limit) for j in range(min(table.shape[1], most // 2))]
    if len(_blocks(index, body, width)) > 1:
        body = [column.narrowed() for column in body]
    lines = [line for block in _balanced(index, body, width) for line in ("", *_aligned(block))]
    return [*lines[1:], *map(for_terminal, hidden_columns(table, len(body)))]


def visible_rows(count: int, most: int, keep: int | None) -> list[int | range]:
    """Return the positions of the rows to show; a range stands for rows left out.

    Examples
    --------
    >>> visible_rows(9, 9, None), visible_rows(9, 4, 5)
    ([0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 1, 2, range(3, 5), 5, range(6, 8), 8])
    """
    if count <= most:
        return list(range(count))
    tail = max(most // 3, 1)
    shown = sorted(
        {*range(most - tail), *range(count - tail, count)} | ({keep} if keep is not None else set())
    )
    rows: list[int | range] = []
    for before, row in zip([-1, *shown], shown, strict=False):
        rows += [row] if row == before + 1 else [range(before + 1, row), row]
    return rows


def best_row(table: pd.DataFrame, best: object) -> int | None:
    """Return the position of the row to mark, or None."""
    labels = [] if best is None else list(table.index)
    same = (i for i, label in enumerate(labels) if label is best)
    alike = (i for i, label in enumerate(labels) if str(label) == str(best))
    return next(same, next(alike, None))


def row_names(table: pd.DataFrame, rows: Iterable[int | range], width: int) -> list[str]:
    """Return the labels of the rows that are shown, at most `width` wide and still different where they were."""
    return names((table.index[row] for row in rows if not isinstance(row, range)), width)


def header(label: object, width: int | None = None) -> str:
    """Return a column name as it is shown; the levels of a tuple are joined."""
    parts = label if isinstance(label, tuple) else (label,)
    joined = " ".join(name(part) for part in parts)
    return joined if width is None else shorten(joined, width)


def hidden(rows: range) -> str:
    """Say how many rows are left out."""
    return f"… {len(rows):,} more"


def hidden_columns(table: pd.DataFrame, shown: int) -> list[str]:
    """Say how many columns are left out, where any are."""
    more = table.shape[1] - shown
    return [f"… {more:,} more columns in .frame"] if more else []


def _index_column(table: pd.DataFrame, rows: Sequence[int | range], best: object, limit: int) -> Column:
    marked = best_row(table, best)
    signs = ("", "") if marked is None else ("  ", "* ")
    labels = [for_terminal(name(table.index[row])) for row in rows if not isinstance(row, range)]
    named = iter(shorten_apart(labels, limit - 2))
    shown = tuple(
        signs[0] + hidden(row) if isinstance(row, range) else signs[row == marked] + next(named)
        for row in rows
    )
    title = "" if table.index.name is None else signs[0] + _fitted(header(table.index.name), limit - 2)
    return Column((title,), tuple(map(for_terminal, shown)), right=False)


def _column(table: pd.DataFrame, position: int, rows: Iterable[int | range], limit: int) -> Column:
    values = table.iloc[:, position].tolist()
    shown = tuple(
        "" if isinstance(row, range) else _fitted(present_cells.text(values[row]), limit) for row in rows
    )
    right = any(map(present_cells.is_number, values))
    return Column((_fitted(header(table.columns[position]), limit),), shown, right)


def _fitted(text: str, width: int) -> str:
    """Shorten a text as it is printed."""
    return for_terminal(shorten(for_terminal(text), width))


def _balanced(index: Column, body: Sequence[Column], width: int) -> list[list[Column]]:
    """Return as few blocks as there need be, and those about equally wide: the narrowest that are no more."""
    blocks = _blocks(index, body, width)
    for narrower in range(width - 1, 0, -1):
        tried = _blocks(index, body, narrower)
        if len(tried) > len(blocks):
            break
        blocks = tried
    return blocks


def _blocks(index: Column, body: Sequence[Column], width: int) -> list[list[Column]]:
    """Fill blocks from left to right, each beginning with the row labels."""
    blocks: list[list[Column]] = [[index]]
    for column in body:
        taken = sum(each.width + len(_GAP) for each in blocks[-1])
        if taken + column.width > width and len(blocks[-1]) > 1:
            blocks.append([index])
        blocks[-1].append(column)
    return blocks


def _aligned(block: Sequence[Column]) -> list[str]:
    tall = max(len(column.header) for column in block)
    lines = [(*[""] * (tall - len(column.header)), *column.header, *column.cells) for column in block]
    return [
        _GAP.join(pad(cell, c.width, right=c.right) for cell, c in zip(row, block, strict=True)).rstrip()
        for row in zip(*lines, strict=True)
    ]
