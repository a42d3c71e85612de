"""Text that others wrote (labels, column names, messages), made safe to print and to draw."""

from __future__ import annotations

import textwrap
import unicodedata

ELLIPSIS = "…"
# clean() lets no such character through
_FILLER = "\0"


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
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() or (lines and c == "\n") else repr(c)[1:-1] for c in shown)


def name(label: object, width: int | None = None) -> str:
    r"""Return a class label, row label or column name as it is shown: safe, on one line, at most `width` wide.

    Text that is empty or begins or ends with a blank is quoted, since it could not be told apart otherwise.

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


def shorten(text: str, width: int) -> str:
    """Cut the middle out of `text` until it is at most `width` columns wide.

    Examples
    --------
    >>> shorten("0123456789", 5)
    '01…89'
    """
    if columns(text) <= width:
        return text
    head, tail = text[: max(width // 2, 0)], text[len(text) - max((width - 1) // 2, 0) :]
    while columns(head) + columns(tail) + 1 > width and (head or tail):
        head, tail = (head[:-1], tail) if columns(head) >= columns(tail) else (head, tail[1:])
    return f"{head}{ELLIPSIS}{tail}"


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
    """Break a sentence into lines of at most `width` columns.

    Parameters
    ----------
    text : object
        The sentence; control characters are escaped.
    width : int
        Columns of a line, indents included.
    first, rest : str
        What stands before the first line and before the others (`first` again unless given).

    Returns
    -------
    list of str
    """
    shown = _widened(clean(text))
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
