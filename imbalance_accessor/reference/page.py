"""A table of sentences: wrapped text in a terminal, a card in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import dedent

import pandas as pd

from imbalance_accessor.rendering.card import Card, as_text
from imbalance_accessor.rendering.html import HtmlRow, HtmlTable, Shown, as_html
from imbalance_accessor.rendering.labels import clean
from imbalance_accessor.terminals import for_terminal

#: Numbers stay on one line in the cards of results; here a cell is a sentence or two.
_WRAPPED = """<style>
.imb-reference .imb-card .imb-table td { white-space: normal; min-width: 10.5em; overflow-wrap: break-word; }
.imb-reference .imb-card .imb-table td:nth-child(3) { min-width: 14em; }
.imb-reference .imb-card .imb-table tbody th { font-weight: 600; white-space: normal; min-width: 6em; }
</style>"""


@dataclass(frozen=True, repr=False)
class Reference:
    """A table of sentences: wrapped text in a terminal, a card in a notebook.

    Attributes
    ----------
    title : str
    columns : tuple of str
        The first names the rows.
    rows : tuple of tuple of str
        One text a column.
    notes : tuple of str
        Small print.
    next : tuple of str
        Calls to run next.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    next: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """The table as text that the terminal takes, a new frame at every call."""
        rows = [[for_terminal(cell) for cell in row] for row in self.rows]
        index = pd.Index([row[0] for row in rows], name=self.columns[0])
        return pd.DataFrame([row[1:] for row in rows], index=index, columns=list(self.columns[1:]))

    def __repr__(self) -> str:
        end = as_text(Card("", notes=self.notes, next=self.next))
        return "\n\n".join(filter(None, [as_text(Card(self.title)), *map(self._row_text, self.rows), end]))

    def _row_text(self, row: tuple[str, ...]) -> str:
        """Return a row as a card's key figures, its name close above them."""
        figures = tuple(zip(self.columns[1:], row[1:], strict=True))
        return as_text(Card(row[0], figures=figures)).replace("\n\n", "\n")

    def _repr_html_(self) -> str:
        card = Card(self.title, notes=self.notes, next=self.next)
        return f'<div class="imb-reference">{_WRAPPED}\n{as_html(card, table=self._table())}</div>'

    def _table(self) -> HtmlTable:
        """Return the table for the template of all cards, with no sentence shortened."""
        first, *others = map(clean, self.columns)
        rows = tuple(
            HtmlRow(clean(row[0]), tuple(Shown(clean(cell)) for cell in row[1:])) for row in self.rows
        )
        return HtmlTable(first, tuple(map(Shown, others)), rows, more="")


@dataclass(frozen=True, repr=False)
class References:
    """Rows of several tables, below one another.

    Attributes
    ----------
    names : tuple of str
        The tables' names.
    tables : tuple of Reference
        Their rows that are shown.
    """

    names: tuple[str, ...]
    tables: tuple[Reference, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """All rows as text, a new frame at every call; empty where a row's table has no such column."""
        frames = [each.frame.rename_axis("row") for each in self.tables]
        for name, frame in zip(self.names, frames, strict=True):
            frame.insert(0, "table", name)
        return pd.concat(frames).fillna("")

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self._shown()))

    def _repr_html_(self) -> str:
        return "\n".join(each._repr_html_() for each in self._shown())

    def _shown(self) -> list[Reference]:
        """Return the tables, what to run next below the last one alone."""
        *first, last = self.tables
        return [*(replace(each, next=()) for each in first), last]


def read_rows(text: str) -> tuple[tuple[str, ...], ...]:
    """Read rows: a name, then a bullet for each other column, over as many lines as it takes."""
    blocks = dedent(text).strip().split("\n\n")
    return tuple(tuple(" ".join(cell.split()) for cell in block.split("\n- ")) for block in blocks)
