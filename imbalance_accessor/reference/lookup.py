"""Rows by a word: those that are called so, else those whose text has it; near words where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from imbalance_accessor.errors import (
    IN_WORDS,
    OptionError,
    Words,
    bare,
    change,
    known_as,
    listed,
    nearest_of,
    one_line,
)
from imbalance_accessor.reference.page import Reference, References
from imbalance_accessor.reference.words import TABLE_WORDS, row_words

Tables: TypeAlias = Mapping[str, Reference]
#: Words of fewer letters are looked for whole: "ap" is not in "apart".
_FEWEST_LETTERS = 4


def look_up(topic: Any, tables: Tables, call: str) -> Reference | References:
    """Return a table by its name, or the rows of all of them that a word belongs to.

    Parameters
    ----------
    topic : str
    tables : mapping of str to Reference
    call : str
        The function that asks, for the fix.

    Raises
    ------
    OptionError
        Nothing is called so, and no text has it.
    """
    name = known_as(topic, tables, TABLE_WORDS)
    if isinstance(name, str) and name in tables:
        return tables[name]
    word = topic if isinstance(topic, str) else ""
    words = row_words()
    said = {place for place in _places(tables) if _is_in(word, " ".join(_row(tables, place)))}
    found = {(table, row) for table, row in _places(tables) if _is_called(word, row, words)} or said
    if not found:
        raise _unknown(topic, tables, call)
    others = [row for table, row in _places(tables) if (table, row) in said - found]
    return _page(tables, found, list(dict.fromkeys(others)))


def names_in(tables: Tables) -> list[str]:
    """Return the names of tables, where there are several, and of their rows, each once."""
    whole = tables if len(tables) > 1 else ()
    return [*dict.fromkeys([*whole, *(row for _, row in _places(tables))])]


def _places(tables: Tables) -> Iterator[tuple[str, str]]:
    return ((name, row[0]) for name, table in tables.items() for row in table.rows)


def _row(tables: Tables, place: tuple[str, str]) -> tuple[str, ...]:
    table, name = place
    return next(row for row in tables[table].rows if row[0] == name)


def _is_called(word: str, row: str, words: Words) -> bool:
    """Whether a word is a row's name, a part of it, or another name for it."""
    typed = bare(word)
    return typed in {bare(row), *words.get(row, "").split()} or _is_in(word, row)


def _is_in(word: str, text: str) -> bool:
    """Whether a text has a word, or words one after the other; the last one may go on."""
    sought, within = (re.sub(r"[\W_]+", " ", each).casefold().strip() for each in (word, text))
    end = "" if len(sought) >= _FEWEST_LETTERS else " "
    return len(sought) > 1 and f" {sought}{end}" in f" {within} "


def _page(tables: Tables, found: set[tuple[str, str]], others: list[str]) -> Reference | References:
    """Return the rows, table by table, and below them which other rows have the word."""
    kept = {
        name: _with_rows(table, [row for row in table.rows if (name, row[0]) in found])
        for name, table in tables.items()
        if any(name == place[0] for place in found)
    }
    *first, last = kept
    also = (f"The word is also in {_rows_named(others)}.",) if others else ()
    kept[last] = replace(kept[last], notes=(*kept[last].notes, *also))
    if not first:
        return kept[last]
    return References(tuple(kept), tuple(kept.values()))


def _rows_named(rows: list[str]) -> str:
    return f"the row{'' if len(rows) == 1 else 's'} {listed(rows)}"


def _with_rows(table: Reference, rows: list[tuple[str, ...]]) -> Reference:
    """Return a table of some of its rows; a note that begins with a row's name goes with that row."""
    left = {row[0] for row in table.rows} - {row[0] for row in rows}
    notes = tuple(note for note in table.notes if note.partition(":")[0] not in left)
    return replace(table, rows=tuple(rows), notes=notes)


def _unknown(topic: Any, tables: Tables, call: str) -> OptionError:
    """Return the error that says which words are near: names first, then words of the texts."""
    rows = [row for _, row in _places(tables)]
    called = row_words()
    words = [word for row in rows for word in called.get(row, "").split()]
    text = " ".join(cell for table in tables.values() for row in table.rows for cell in row)
    typed = topic if isinstance(topic, str) else ""
    known_words = ([*tables, *rows], words, re.findall(r"[^\W\d_]{4,}", text))
    near = next(filter(None, (nearest_of(typed, each) for each in known_words)), [])
    meant = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    known = listed(tables if len(tables) > 1 else rows, most=40)
    error = OptionError(
        f"topic={one_line(topic)} is not known.{meant} Known: {known}, and every word in them.",
        fix=change(topic=near[0]) if near else IN_WORDS,
    )
    error.within(lambda _, options: f"imb.{call}({options['topic']!r})")
    return error
