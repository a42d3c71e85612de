"""Text that others wrote (labels, column names, messages), made safe to print and to draw."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from imbalance_accessor.errors import brief
from imbalance_accessor.terminals import Printed, for_terminal

ELLIPSIS = "…"
# clean() lets no such character through
_FILLER = "\0"
#: The most columns that a sentence takes.
_SENTENCE = 1_000
# where words of a label end
_BREAKS = " _-./:"


def clean(text: object, *, lines: bool = False) -> str:
    r"""Return `text` with every character that does not print written as its escape.

    Parameters
    ----------
    text : object
        Anything; `str` of it is shown.
    lines : bool, default False
        Keep line breaks.

    Returns
    -------
    str
        Text without control characters, so that a label can neither break a table nor colour a terminal.

    Examples
    --------
    >>> print(clean("two\nlines"), clean("\x1b[31mred"))
    two\nlines \x1b[31mred
    """
    shown = text.whole if isinstance(text, Printed) else str(text)
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() or (lines and c == "\n") else repr(c)[1:-1] for c in shown)


def name(label: object, width: int | None = None) -> str:
    r"""Return a class label, row label or column name as it is shown: safe, on one line, at most `width` wide.

    Text that is empty or begins or ends with a blank is quoted, since it could not be seen otherwise.

    Examples
    --------
    >>> name(" yes"), name("yes"), name(1)
    ("' yes'", 'yes', '1')
    >>> name("a_very_long_column_name", width=11)
    'a_ver…_name'
    """
    shown = clean(label)
    if shown == "" or (isinstance(label, str) and label != label.strip()):
        shown = f"'{shown}'"
    return shown if width is None else shorten(shown, width)


def sentence(text: object) -> str:
    """Return a sentence as it is shown: safe, on one line, names and labels in it short."""
    return shorten(brief(clean(text)), _SENTENCE)


def shorten(text: str, width: int) -> str:
    """Take the middle out of `text` until it is at most `width` columns wide, between words where these are short.

    Examples
    --------
    >>> shorten("0123456789", 5), shorten("no word is broken in two", 18)
    ('01…89', 'no word … in two')
    """
    if columns(text) <= width:
        return text
    head, tail = text[: max(width // 2, 0)], text[len(text) - max((width - 1) // 2, 0) :]
    while columns(head) + columns(tail) + 1 > width and (head or tail):
        head, tail = (head[:-1], tail) if columns(head) >= columns(tail) else (head, tail[1:])
    return f"{_whole_words(head, text)}{ELLIPSIS}{_whole_words(tail[::-1], text[::-1])[::-1]}"


def _whole_words(start: str, text: str) -> str:
    """Return the start of a text without the piece of a word at its end, where that costs a few characters only."""
    is_broken = start and not start[-1].isspace() and not text[len(start) : len(start) + 1].isspace()
    place = max(start.rfind(" "), start.rfind("\u3000")) + 1
    return start[:place] if is_broken and place > 0 and len(start) - place <= len(start) // 3 else start


def shorten_apart(texts: Sequence[str], width: int) -> list[str]:
    """Shorten each text to `width` columns, so that texts that differ still differ.

    Where the middle that `shorten` takes out is all that distinguishes some of them, what they begin and end with
    alike is shortened instead; where that does not help either, they are numbered.

    Examples
    --------
    >>> shorten_apart(["sensor reading 01 in degrees Celsius", "sensor reading 02 in degrees Celsius"], 14)
    ['sensor rea…01…', 'sensor rea…02…']
    """
    found = {text: shorten(text, width) for text in texts}
    for alike in _alike(found):
        found.update(zip(alike, _differences(alike, width), strict=True))
    for alike in _alike(found):
        for number, text in enumerate(alike, start=1):
            mark = f" #{number}"
            found[text] = f"{shorten(text, max(width - len(mark), 1))}{mark}"
    return [found[text] for text in texts]


def _alike(found: Mapping[str, str]) -> list[list[str]]:
    """Return the texts whose short forms are the same, in groups."""
    groups: dict[str, list[str]] = {}
    for text, short in found.items():
        groups.setdefault(short, []).append(text)
    return [texts for texts in groups.values() if len(texts) > 1]


def _differences(texts: Sequence[str], width: int) -> list[str]:
    """Show of each text what the others have not, and as much of its beginning as there is room for."""
    begin, first = _shared(texts), texts[0]
    shortest = min(len(text) for text in texts)
    end = min(_shared([text[::-1] for text in texts]), shortest - begin)
    # whole words differ, not the last digit of a number, unless the words are too long
    words = 1 + max(first[:begin].rfind(mark) for mark in _BREAKS)
    after = next((left for left in range(end, 0, -1) if first[len(first) - left] in _BREAKS), 0)
    if max(columns(text[words : len(text) - after]) for text in texts) <= width - 2:
        begin, end = words, after
    return [_around(text, begin, len(text) - end, width) for text in texts]


def _shared(texts: Sequence[str]) -> int:
    """Count the characters with which all texts begin; the first and the last in order tell."""
    pairs = zip(min(texts), max(texts), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _around(text: str, start: int, stop: int, width: int) -> str:
    """Shorten `text` to what stands between two places, after as much of its beginning as fits."""
    tail = ELLIPSIS if stop < len(text) else ""
    core = shorten(text[start:stop], max(width - 1 - len(tail), 1))
    left = width - columns(core) - len(tail) - 1
    head = text[: min(max(left, 0), start)]
    while columns(head) > left and head:
        head = head[:-1]
    return f"{head}{ELLIPSIS if len(head) < start else ''}{core}{tail}"


def names(labels: Iterable[object], width: int) -> list[str]:
    """Return each label as `name` shows it, shortened so that different ones stay different."""
    return shorten_apart([name(label) for label in labels], width)


def columns(text: str) -> int:
    """Count the columns that `text` takes in a terminal: wide characters take two, combining marks none.

    Examples
    --------
    >>> columns("abc"), columns("日本")
    (3, 4)
    """
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill `text` with blanks up to `width` columns; `right` aligns it to the right."""
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks


def wrap(text: object, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Break a sentence into lines of at most `width` columns, as the terminal takes it.

    Parameters
    ----------
    text : object
        The sentence; control characters are escaped.
    width : int
        Columns of a line, indents included.
    first, rest : str
        What stands before the first line and before the others (`first` again unless given).
    """
    shown = _widened(for_terminal(clean(text)))
    lines = textwrap.wrap(
        shown,
        # one column to spare, since a line may end between a wide character and its filler
        width - (_FILLER in shown),
        initial_indent=_widened(first),
        subsequent_indent=_widened(first if rest is None else rest),
    )
    return [line.replace(_FILLER, "") for line in lines]


def _widened(text: str) -> str:
    """Follow each wide character by a filler, since textwrap counts characters, not columns."""
    if text.isascii():
        return text
    return "".join(c + _FILLER if _columns(c) == 2 else c for c in text)


def drawn(label: object, width: int = 24) -> str:
    r"""Return a label as matplotlib shows it literally: shortened, on one line, ``$`` never as mathematics.

    Examples
    --------
    >>> print(drawn(r"$\alpha$"))
    \$\alpha\$
    """
    return name(label, width).replace("$", r"\$")


def drawn_apart(labels: Iterable[object], width: int = 24) -> list[str]:
    """Return each label as `drawn` shows it, shortened so that different ones stay different."""
    return [shown.replace("$", r"\$") for shown in names(labels, width)]
