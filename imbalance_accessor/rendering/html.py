"""A card as HTML: the values that the one template shows."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from imbalance_accessor.errors import counted
from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.rendering import cells as present_cells
from imbalance_accessor.rendering.card import Card, new_and_seen, said_before
from imbalance_accessor.rendering.card_picture import CardPicture
from imbalance_accessor.rendering.labels import clean, sentence, shorten
from imbalance_accessor.rendering.tables import (
    best_row,
    header,
    hidden,
    hidden_columns,
    row_names,
    visible_rows,
)

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_LIMIT = 150_000
_CELLS, _ROWS, _COLUMNS = 400, 40, 40
#: Rows of a table that is not shown whole: about ten at the top and five at the end.
_ROWS_OF_LONG = 15
_LABEL, _EXPLANATION = 40, 20_000


#: In cards narrower than so many pixels tables wider than so many characters are set smaller, by `card.html.j2`.
_SMALLER = {860: 105, 740: 75, 520: 45}
#: The padding of a cell, and the track that a range is drawn on, in characters.
_BETWEEN, _TRACK = 2, 12


@dataclass(frozen=True)
class Shown:
    """One cell: its text, the ends of its interval, and the share or the range drawn, in percent of the track."""

    text: str
    right: bool = False
    share: float | None = None
    ends: str = ""
    point: float | None = None
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class HtmlRow:
    """One row of the table; `gap` tells of rows left out."""

    label: str
    cells: tuple[Shown, ...] = ()
    best: bool = False
    gap: bool = False


@dataclass(frozen=True)
class HtmlTable:
    """The table as the template shows it."""

    corner: str
    headers: tuple[Shown, ...]
    rows: tuple[HtmlRow, ...]
    more: str

    @property
    def width(self) -> int:
        """About how many characters wide the table is, where texts are broken into lines and numbers are not.

        Examples
        --------
        >>> cells = (Shown("two words"), Shown("1,000", right=True))
        >>> HtmlTable("", (Shown("text"), Shown("number of rows")), (HtmlRow("a row", cells),), "").width
        22
        """
        named = [len(row.label) + 2 * row.best for row in self.rows if not row.gap]
        cells = [row.cells for row in self.rows if row.cells]
        widths = (
            max(_longest_word(head.text), *(_width(each[at]) for each in cells), 0)
            for at, head in enumerate(self.headers)
        )
        return sum(each + _BETWEEN for each in (max(named, default=0), *widths))

    @property
    def css(self) -> str:
        """The class of a table that is set smaller in a narrow card; a small one never is."""
        return next((f" imb-below-{narrow}" for narrow, least in _SMALLER.items() if self.width > least), "")


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _width(cell: Shown) -> int:
    """Return how many characters a cell needs: those of a number stay on one line, as do those of an interval."""
    if cell.point is not None:
        return max(len(f"{cell.text} {cell.ends}"), _TRACK)
    return len(cell.text) if cell.right else _longest_word(cell.text)


def as_html(
    card: Card,
    *,
    table: HtmlTable | None = None,
    picture: CardPicture | None = None,
    explanation: str = "",
    snippet: str = "",
    calls: tuple[str, ...] = (),
    before: Collection[Finding] = (),
) -> str:
    """Return a card as HTML for a notebook: styles of its own, no scripts, every text escaped.

    A picture that would make the card too heavy is shown once, as an image, or left out.

    Parameters
    ----------
    card : Card
    table : HtmlTable, optional
        In place of the card's own.
    picture : CardPicture, optional
        Shown inline.
    explanation : str
        Markdown (paragraphs, bullets, bold, code), folded.
    snippet : str
        Plain library code, folded.
    calls : tuple of str
        The methods that hand out the numbers, the picture and the code, folded.
    before : collection of Finding
        Notes that an earlier card of the same frame has shown: folded apart from the others.

    Returns
    -------
    str
        At most 150 KB for a picture of 80 KB and a snippet and an explanation of usual length.
    """
    if table is None and card.table is not None:
        table = table_view(card.table, card.best)
    view = {
        "title": card.title,
        "badges": [badge.short for badge in card.badges],
        "figures": card.figures,
        "tables": [table] * (table is not None) + [table_view(each, None) for each in card.more_tables],
        "slider": card.slider,
        "notes": card.notes,
        "findings": [each for each in card.findings if each.severity != "note"],
        "notes_folded": _folded(card.findings, before),
        "sentence": sentence,
        "code": functools.partial(clean, lines=True),
        "next": [clean(call) for call in card.next],
        "explanation": markdown(explanation[:_EXPLANATION]),
        "snippet": clean(snippet, lines=True),
        "calls": [clean(call) for call in calls],
    }
    faces = (picture.html, picture.image) if picture else ()
    for drawn in (*(face(card.title) for face in faces), None):
        page = template().render(view, picture=drawn)
        if len(page.encode()) <= _LIMIT:
            break
    return page


def _folded(findings: Findings, before: Collection[Finding]) -> dict[str, list[Finding]]:
    """Return the notes to fold, those that are new and those that were shown before, by what is seen of them."""
    new, seen = new_and_seen(findings, before)
    folded = {counted(len(new), "note"): new, said_before(seen): seen}
    return {summary: notes for summary, notes in folded.items() if notes}


@functools.cache
def template(name: str = "card.html.j2") -> Template:
    """Return a template, by default the one of all cards; autoescape is on."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("imbalance_accessor", "rendering"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def table_view(table: pd.DataFrame, best: object) -> HtmlTable:
    """Return a table as the template shows it, its middle left out where it is long, its end where it is wide."""
    wide = min(table.shape[1], _COLUMNS)
    marked = best_row(table, best)
    most = max(min(_ROWS, _CELLS // max(wide, 1)), 6)
    most = most if len(table) <= most else min(most, _ROWS_OF_LONG)
    positions = visible_rows(len(table), most, marked)
    columns = [_column(table.iloc[:, j].tolist(), positions) for j in range(wide)]
    named = iter(row_names(table, positions, _LABEL))
    rows = tuple(
        HtmlRow(hidden(position), gap=True)
        if isinstance(position, range)
        else HtmlRow(next(named), tuple(c[i] for c in columns), position == marked)
        for i, position in enumerate(positions)
    )
    headers = tuple(
        Shown(header(table.columns[j], _LABEL), right=any(cell.right for cell in columns[j]))
        for j in range(wide)
    )
    corner = "" if table.index.name is None else header(table.index.name, _LABEL)
    return HtmlTable(corner, headers, rows, "".join(hidden_columns(table, wide)))


def _column(values: Sequence[object], positions: Sequence[int | range]) -> list[Shown]:
    """Show one column; its intervals share one scale, from the lowest end to the highest, and a share's track ends at 100 %."""
    bounded = [v for v in values if isinstance(v, present_cells.Interval) and v.bounded]
    low = min((v.low for v in bounded), default=0.0)
    high = max((v.high for v in bounded), default=1.0)
    right = any(map(present_cells.is_number, values))
    return [Shown("") if isinstance(i, range) else _shown(values[i], low, high, right) for i in positions]


def _shown(cell: object, low: float, high: float, right: bool) -> Shown:
    text = shorten(present_cells.text(cell), _LABEL * 2)
    if isinstance(cell, present_cells.Share) and not math.isnan(cell.value):
        return Shown(text, right, share=_percent(cell.value, 0.0, 1.0))
    if isinstance(cell, present_cells.Interval) and cell.bounded and math.isfinite(high - low):
        point, _, ends = text.partition(" ")
        positions = (_percent(value, low, high) for value in (cell.point, cell.low, cell.high))
        return Shown(point, right, None, ends, *positions)
    return Shown(text, right)


def _percent(value: float, low: float, high: float) -> float:
    """Return where `value` lies between `low` and `high`, in percent of the way."""
    if not high > low:
        return 50.0
    return round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 1)


def markdown(text: str) -> Markup:
    """Return Markdown as HTML: paragraphs, bullets, headings as bold lines, bold and code; all else is text.

    Examples
    --------
    >>> print(markdown("**Recall** is `tp / (tp + fn)`, <b>not</b> accuracy."))
    <p><strong>Recall</strong> is <code>tp / (tp + fn)</code>, &lt;b&gt;not&lt;/b&gt; accuracy.</p>
    """
    from markupsafe import Markup

    blocks = re.split(r"\n\s*\n", clean(text, lines=True).strip())
    # every piece is escaped in _inline before any tag is put around it
    return Markup("\n".join(_block(block) for block in blocks if block.strip()))


def _block(block: str) -> str:
    parts: list[str] = []
    for bullets, lines in _runs(block.splitlines()):
        if bullets:
            parts.append(f"<ul>{''.join(f'<li>{_inline(line)}</li>' for line in lines)}</ul>")
        else:
            parts.append(f"<p>{_inline(' '.join(lines))}</p>")
    return "\n".join(parts)


def _runs(lines: Sequence[str]) -> list[tuple[bool, list[str]]]:
    """Group lines into runs of bullets and of plain text; an indented line continues its bullet."""
    runs: list[tuple[bool, list[str]]] = []
    for line in lines:
        bullet = re.match(r"\s*[-*] +(.*)", line)
        if not bullet and runs and runs[-1][0] and line[:1].isspace():
            runs[-1][1][-1] += f" {line.strip()}"
            continue
        if not runs or runs[-1][0] != bool(bullet):
            runs.append((bool(bullet), []))
        runs[-1][1].append(bullet[1] if bullet else re.sub(r"^#+ +(.*)$", r"**\1**", line.strip()))
    return runs


def _inline(line: str) -> str:
    pieces = re.split(r"`([^`]+)`", escape(line))
    return "".join(
        f"<code>{piece}</code>" if i % 2 else re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", piece)
        for i, piece in enumerate(pieces)
    )
