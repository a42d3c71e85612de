"""The card: what a result shows of itself, as text for a terminal and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from imbalance_accessor.errors import brief, counted
from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.rendering.labels import clean, columns, pad, sentence, shorten, wrap
from imbalance_accessor.rendering.slider import ThresholdSlider
from imbalance_accessor.rendering.tables import table_lines
from imbalance_accessor.terminals import code_for_terminal, for_terminal

_NONE = Findings()


class Badge(NamedTuple):
    """What all figures rest on, seen before them: a line of text, and a short form for a page."""

    label: str
    value: str
    short: str


@dataclass(frozen=True)
class Card:
    """What a result shows of itself: plain data, the same for every face.

    Attributes
    ----------
    title : str
        The answer in one line.
    figures : tuple of (str, str)
        Three to five key figures: label and value.
    table : DataFrame, optional
        Compact; cells are numbers, text, `cells.Share` or `cells.Interval`; the index holds the row labels.
    best : object, optional
        The label of the row to mark.
    notes : tuple of str
        Small print: seeds, sizes, what intervals mean.
    findings : Findings
        What the reader must know.
    next : tuple of str
        Calls to run next.
    more_tables : tuple of DataFrame
        Shown below the table.
    badges : tuple of Badge
        At which prevalence figures are, and by which weights.
    slider : ThresholdSlider, optional
        Other thresholds to move through; in HTML alone.
    """

    title: str
    figures: tuple[tuple[str, str], ...] = ()
    table: pd.DataFrame | None = None
    best: object = None
    notes: tuple[str, ...] = ()
    findings: Findings = _NONE
    next: tuple[str, ...] = ()
    more_tables: tuple[pd.DataFrame, ...] = ()
    badges: tuple[Badge, ...] = ()
    slider: ThresholdSlider | None = None

    def __post_init__(self) -> None:
        figures = tuple((sentence(label), sentence(value)) for label, value in self.figures)
        badges = tuple(Badge(*map(sentence, badge)) for badge in self.badges)
        object.__setattr__(self, "title", sentence(self.title))
        object.__setattr__(self, "badges", badges)
        object.__setattr__(self, "figures", figures)
        object.__setattr__(self, "notes", tuple(map(sentence, self.notes)))


def as_text(card: Card, width: int = 80, before: Collection[Finding] = ()) -> str:
    """Return a card as text for a terminal.

    Parameters
    ----------
    card : Card
    width : int, default 80
        No line but code is wider than this.
    before : collection of Finding
        Notes that an earlier card of the same frame has shown: named in one line.

    Returns
    -------
    str
        Paragraphs: title, key figures, table, notes, findings, what to run next.

    Examples
    --------
    >>> table = pd.DataFrame({"rows": [1900, 100]}, index=["no", "yes"])
    >>> print(as_text(Card("5.0 % yes", figures=(("rows", "2,000"),), table=table, best="yes")))
    5.0 % yes
    <BLANKLINE>
      rows  2,000
    <BLANKLINE>
            rows
      no   1,900
    * yes    100
    """
    _, seen = new_and_seen(card.findings, before)
    paragraphs = (
        wrap(card.title, width),
        _figures((*(badge[:2] for badge in card.badges), *card.figures), width),
        [] if card.table is None else table_lines(card.table, best=card.best, width=width),
        *(table_lines(table, best=None, width=width) for table in card.more_tables),
        [line for note in card.notes for line in wrap(note, width)],
        [line for each in card.findings if each not in seen for line in _finding(each, width)],
        wrap(f"{said_before(seen)}; see .findings", width) if seen else [],
        _next(tuple(map(brief, card.next)), width),
    )
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def new_and_seen(findings: Findings, before: Collection[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Return the notes among findings that are new, and those that were shown before."""
    notes = [each for each in findings if each.severity == "note"]
    return [each for each in notes if each not in before], [each for each in notes if each in before]


def said_before(notes: Sequence[Finding]) -> str:
    """Name notes that were shown before by their codes."""
    codes = ", ".join(dict.fromkeys(clean(each.code) for each in notes))
    return f"{counted(len(notes), 'note')} shown before: {codes}"


def _figures(figures: tuple[tuple[str, str], ...], width: int) -> list[str]:
    labels = [for_terminal(shorten(for_terminal(clean(label)), width // 2)) for label, _ in figures]
    wide = max(map(columns, labels), default=0)
    return [
        line
        for label, (_, value) in zip(labels, figures, strict=True)
        for line in wrap(value, width, first=f"  {pad(label, wide)}  ", rest=" " * (wide + 4))
    ]


def _finding(finding: Finding, width: int) -> list[str]:
    sentence = f"{finding.code} {finding.severity}: {finding.message} {finding.cure}".rstrip()
    lines = wrap(sentence, width, first="! " if finding.severity != "note" else "- ", rest="  ")
    return [*lines, *finding.fix.below().splitlines()[1:]]


def _next(calls: tuple[str, ...], width: int) -> list[str]:
    return [
        line
        for first, call in zip(("Next: ", *["      "] * len(calls)), calls, strict=False)
        for line in wrap(code_for_terminal(call), width, first=first, rest="        ")
    ]
