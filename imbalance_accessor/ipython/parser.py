"""The grammar of ``%imbalance``: a line of text is taken apart into verb, frame, target and options."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imbalance_accessor.errors import OptionError, near, one_of

_QUOTES = ('"', "'")
#: A word, and the parts of one: what stands in quotes, and what does not.
WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")
_PARTS = re.compile(r""""[^"]*"|'[^']*'|[^"']+""")
_USAGE = "%imbalance [VERB] DF TARGET [--parameter value ...]"


@dataclass(frozen=True)
class Call:
    """One line, taken apart; the values are still text.

    Attributes
    ----------
    verb, data : str
        The verb's name, and what stands for the frame.
    target : str or None
        What stands for the target column.
    options : dict
        Each option's name, with underscores, and its values.
    output : str or None
        The name to store the result under.
    snippet : str or None
        The style of the code that goes into the next cell.
    library : str
        The library that code is for.
    """

    verb: str
    data: str
    target: str | None
    options: dict[str, tuple[str, ...]]
    output: str | None
    snippet: str | None = None
    library: str = "sklearn"


def split_words(line: str) -> list[str]:
    """Split a line at blanks; quotes around a word or a value keep it together, others are part of an expression.

    Raises
    ------
    OptionError
        When a quote is not closed.

    Examples
    --------
    >>> split_words('''df 'total day charge' --method "{0: 1, 1: 10}" --name="a b"''')
    ['df', 'total day charge', '--method', '{0: 1, 1: 10}', '--name=a b']
    >>> split_words('parts["train"] y')
    ['parts["train"]', 'y']
    """
    if WORD.sub("", line).strip():
        raise OptionError(
            """A quote is not closed. Put a name that holds an apostrophe in double quotes: "it's"."""
        )
    return [_unquoted(word) for word in WORD.findall(line)]


class _Quoted(str):
    """A word that stood in quotes: no option, whatever it begins with."""

    __slots__ = ()


def _unquoted(word: str) -> str:
    name, given, value = word.partition("=") if word.startswith("-") else ("", "", word)
    if value.startswith(_QUOTES):
        value = "".join(part[1:-1] if part[0] in _QUOTES else part for part in _PARTS.findall(value))
    return name + given + value if name else value if value is word else _Quoted(value)


def read_line(line: str, verbs: Iterable[str]) -> Call:
    """Take a line apart: positionals first, then options, each with all words up to the next ``--``.

    Parameters
    ----------
    line : str
        What follows ``%imbalance``.
    verbs : iterable of str
        The verbs' names; a first word that is one of them is the verb.

    Raises
    ------
    OptionError
        When the line does not follow the grammar.

    Examples
    --------
    >>> read_line("smote df churn --k-neighbors 3 -o made", ["smote"])
    Call(verb='smote', data='df', target='churn', options={'k_neighbors': ('3',)}, output='made', snippet=None, library='sklearn')
    """
    words = split_words(line)
    start = next((i for i, word in enumerate(words) if _opens(word)), len(words))
    positionals, known = [str(word) for word in words[:start]], tuple(verbs)
    named = bool(positionals) and positionals[0].replace("-", "_") in known
    verb = positionals.pop(0).replace("-", "_") if named else "overview"
    _check_positionals(positionals, known, named=named)
    options = _read_options(words[start:])
    output = _output_name(options.pop("-o")) if "-o" in options else None
    snippet = _snippet_style(options.pop("snippet")) if "snippet" in options else None
    library = _library(options.pop("library"), snippet) if "library" in options else "sklearn"
    target = positionals[1] if len(positionals) == 2 else None
    return Call(verb, positionals[0], target, options, output, snippet, library)


def asks_for_help(line: str, verbs: Iterable[str]) -> str | None:
    """Return the verb whose help a line asks for, "" for the help on the magic, or None where it asks for none.

    Examples
    --------
    >>> [asks_for_help(line, ["smote"]) for line in ("", "-h", "smote df churn --help", "smote df churn")]
    ['', '', 'smote', None]
    """
    words = split_words(line)
    if words and not any(word in {"--help", "-h"} and not isinstance(word, _Quoted) for word in words):
        return None
    first = words[0].replace("-", "_") if words else ""
    return first if first in verbs else ""


def dashed(name: str) -> str:
    """Return an option as it is typed: ``--test-size``."""
    return name if name == "-o" else f"--{name.replace('_', '-')}"


def _opens(word: str) -> bool:
    return not isinstance(word, _Quoted) and (word == "-o" or word.startswith("--"))


def _check_positionals(positionals: list[str], known: Sequence[str], *, named: bool) -> None:
    if not positionals:
        raise OptionError(f"Which frame? Positionals come first: {_USAGE}.")
    if len(positionals) > 2:
        quotes = f"""Put a name that holds blanks in quotes, as in "{" ".join(positionals[1:])}"."""
        if not named:
            first = repr(positionals[0])
            raise OptionError(
                f"{first} is no verb.{near(positionals[0], known)} Verbs: {', '.join(known)}. Or is {first} the frame? {quotes}"
            )
        raise OptionError(
            f"{len(positionals)} words stand where DF TARGET is expected: {' '.join(positionals)}. {quotes}"
        )


def _read_options(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    options: dict[str, list[str]] = {}
    name = ""
    for word in words:
        if not _opens(word):
            options[name].append(str(word))
            continue
        name, given, value = word.partition("=")
        name = name if name == "-o" else name[2:].replace("-", "_")
        if name in options:
            raise OptionError(f"{dashed(name)} is given twice. Give all its values after one {dashed(name)}.")
        options[name] = [value] if given else []
    return {option: tuple(values) for option, values in options.items()}


def _snippet_style(words: Sequence[str]) -> str:
    return one_of("--snippet", " ".join(words) or "full", ("full", "short"))


def _library(words: Sequence[str], snippet: str | None) -> str:
    """Return the library's name; whether the result has code for it, the result itself knows."""
    if snippet is None:
        raise OptionError("--library says what the code of --snippet is for. Add --snippet.")
    if len(words) != 1:
        raise OptionError(
            f"--library takes one name, not {' '.join(words)!r}. For example: --library xgboost."
        )
    return words[0]


def _output_name(words: Sequence[str]) -> str:
    name = " ".join(words)
    if not name.isidentifier() or keyword.iskeyword(name):
        raise OptionError(
            f"-o takes one name to store the result under, not {name!r}. For example: -o result."
        )
    return name
