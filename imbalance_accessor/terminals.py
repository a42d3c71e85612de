"""Text where it is printed: what the stream's encoding cannot hold is written in ASCII, and UTF-8 is left as it is."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Mapping
from itertools import accumulate
from typing import Final

#: How this package's own characters are written where they cannot be; all others as Python's escapes.
WORDS: Final = (
    {"−": "-", "–": "-", "→": "->", "▸": ">", "…": "...", "×": "x", "·": "*", "±": "+/-", "²": "^2"}
    | {"≤": "<=", "≥": ">=", "√": "sqrt", "∝": "~", "\u0303": "~", "Σ": "sum", "π": "pi", "λ": "lambda"}
    | {"α": "alpha", "β": "beta", "γ": "gamma", "‘": "'", "’": "'", "“": '"', "”": '"'}
)


def for_terminal(text: str) -> str:
    r"""Write text so that standard output takes it, whatever its encoding.

    Examples
    --------
    >>> import contextlib
    >>> with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "latin-1")):
    ...     said = for_terminal("Zoë 日: 0.25 → 0.43")
    >>> print(said)
    Zoë \u65e5: 0.25 -> 0.43
    """
    return _held(text, WORDS)


def code_for_terminal(code: str) -> str:
    """Write code so that standard output takes it, and it means the same: labels keep their value, as escapes in literals."""
    if _held(code, {}) == code:
        return code
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):  # a line of the magic
        return _held(code, {})
    starts = [0, *accumulate(len(line) + 1 for line in code.split("\n"))]
    parts, done = [], 0
    for token in tokens:
        if token.type in _WRITTEN:
            begin, end = (starts[row - 1] + column for row, column in (token.start, token.end))
            parts += [_held(code[done:begin], {}), _WRITTEN[token.type](code[begin:end])]
            done = end
    return "".join([*parts, _held(code[done:], {})])


class Printed(str):
    """A `str` of sentences that is handed out: it holds what was said, and prints as the terminal takes it."""

    __slots__ = ()

    def __str__(self) -> str:
        return for_terminal(self.whole)

    def __repr__(self) -> str:
        return code_for_terminal(repr(self.whole))

    def __format__(self, how: str) -> str:
        return format(str(self), how)

    @property
    def whole(self) -> str:
        """The text as it is, for all that is not printed."""
        return str.__str__(self)


class PrintedCode(Printed):
    """A `str` of code that is handed out: it prints, and shows itself, as code that means the same."""

    __slots__ = ()

    def __str__(self) -> str:
        return code_for_terminal(self.whole)

    def __repr__(self) -> str:
        return str(self)


def _held(text: str, words: Mapping[str, str]) -> str:
    """Write what the stream's encoding cannot hold in words, or else as an escape."""
    encoding = getattr(sys.stdout, "encoding", None)
    if text.isascii() or not isinstance(encoding, str) or _holds(encoding, text):
        return text
    return "".join(
        c if _holds(encoding, c) else words.get(c, c.encode("ascii", "backslashreplace").decode())
        for c in text
    )


def _holds(encoding: str, text: str) -> bool:
    """Whether text comes out of a stream as it went in: a Japanese one takes a minus, and shows one of twice the width."""
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeError:
        return False
    except LookupError:  # a stream of somebody's own, whose encoding Python does not know
        return True


def _literal(code: str) -> str:
    """Write a literal with escapes; where these would be read otherwise, such as in a raw one, by its value."""
    escaped = _held(code, {})
    try:
        value = ast.literal_eval(code)
        return escaped if ast.literal_eval(escaped) == value else ascii(value)
    except (ValueError, SyntaxError):  # an f-string
        return escaped


_WRITTEN: Final = {tokenize.STRING: _literal, tokenize.COMMENT: for_terminal}
