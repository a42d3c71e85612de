"""The grammar of ``%imbalance``: a line of text is taken apart into verb, frame, target and options.

`shlex` takes the quotes off and tells an open one. It would take them out of ``parts["train"]`` as well, so a pattern finds
the words. `argparse` has no part: the options are the parameters of a verb, which is not loaded before its line is read.
"""

from __future__ import annotations

import ast
import keyword
import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, OptionError, change, near, nearest_of

#: A word as it is typed: quotes keep blanks together, wherever in it they stand; the last quote may be open.
_WORD = re.compile(r"""(?:"[^"]*"?|'[^']*'?|[^\s"'])+""")
#: How a word begins that stands in quotes, or whose value does.
_IN_QUOTES = re.compile(r"""(-[^=]*=)?["']""")
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
    save : str or None
        The file that what is shown is written to.
    overwrite : bool
        Whether a file of that name may be replaced.
    """

    verb: str
    data: str
    target: str | None
    options: dict[str, tuple[str, ...]]
    output: str | None
    snippet: str | None = None
    library: str = "sklearn"
    save: str | None = None
    overwrite: bool = False


def split_words(line: str) -> list[str]:
    """Split a line at blanks outside of quotes; the words stay as they are typed.

    Examples
    --------
    >>> split_words('parts["all rows"] y --name="a b"'), split_words("df 'total day")
    (['parts["all rows"]', 'y', '--name="a b"'], ['df', "'total day"])
    """
    return _WORD.findall(line)


def unquoted(word: str) -> str:
    """Return a typed word without the quotes around it or its value; others are part of an expression.

    Raises
    ------
    OptionError
        When a quote is not closed.

    Examples
    --------
    >>> [unquoted(word) for word in ("'total day'", '--name="a b"', 'parts["train"]')]
    ['total day', '--name=a b', 'parts["train"]']
    """
    lexer = shlex.shlex(word, posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        bare = "".join(lexer)
    except ValueError:
        raise OptionError(
            """A quote is not closed. Put a name that holds an apostrophe in double quotes: "it's"."""
        ) from None
    return bare if _IN_QUOTES.match(word) else word


def opens(word: str) -> bool:
    """Return whether a word, as it is typed, begins an option."""
    return word == "-o" or word.startswith("--")


def grouped(words: Sequence[str], verbs: Collection[str]) -> tuple[str, list[str], list[str]]:
    """Return the verb that typed words begin with, or ""; the positionals, unquoted; the options and their values, as typed.

    Examples
    --------
    >>> grouped(["fit-eval", "df", "'total day'", "--groups", "'a b'"], ["fit_eval"])
    ('fit_eval', ['df', 'total day'], ['--groups', "'a b'"])
    """
    start = next((i for i, word in enumerate(words) if opens(word)), len(words))
    bare = list(map(unquoted, words))  # all of them, as an open quote is said before any other mistake
    positionals, options = bare[:start], list(words[start:])
    verb = positionals[0].replace("-", "_") if positionals else ""
    return (verb, positionals[1:], options) if verb in verbs else ("", positionals, options)


def read_line(line: str, verbs: Collection[str]) -> Call:
    """Take a line apart: positionals first, then options, each with all words up to the next ``--``.

    Parameters
    ----------
    line : str
        What follows ``%imbalance``.
    verbs : collection of str
        The verbs' names; a first word that is one of them is the verb.

    Raises
    ------
    OptionError
        When the line does not follow the grammar.

    Examples
    --------
    >>> call = read_line("smote df churn --k-neighbors 3 -o made", ["smote"])
    >>> call.verb, call.data, call.target, call.options, call.output
    ('smote', 'df', 'churn', {'k_neighbors': ('3',)}, 'made')
    """
    words = split_words(line)
    verb, positionals, given = grouped(words, verbs)
    _check_comment(words, 3 if verb else 2)
    _check_positionals(positionals, verbs, named=bool(verb))
    options = _read_options(given)
    if "style" in options:  # as `.snippet(style=...)` names it
        options["snippet"] = (*options.get("snippet", ()), *options.pop("style"))
    output = output_name(options.pop("-o")) if "-o" in options else None
    snippet = _snippet_style(options.pop("snippet")) if "snippet" in options else None
    library = _library(options.pop("library"), snippet) if "library" in options else "sklearn"
    save = _file_name(options.pop("save")) if "save" in options else None
    overwrite = _overwrites(options.pop("overwrite"), save) if "overwrite" in options else False
    target = positionals[1] if len(positionals) == 2 else None
    extras = (output, snippet, library, save, overwrite)
    return Call(verb or "overview", positionals[0], target, options, *extras)


def asks_for_help(line: str, verbs: Collection[str]) -> str | None:
    """Return the verb whose help a line asks for, "" for the help on the magic, or None where it asks for none.

    Examples
    --------
    >>> [asks_for_help(line, ["smote"]) for line in ("", "-h", "smote df churn --help", "smote df churn")]
    ['', '', 'smote', None]
    """
    words = split_words(line)
    asked = not words or {"--help", "-h"} & {*words}
    return grouped(words, verbs)[0] if asked else None


def dashed(name: str) -> str:
    """Return an option as it is typed: ``--test-size``."""
    return name if name == "-o" else f"--{name.replace('_', '-')}"


def _check_comment(words: Sequence[str], most: int) -> None:
    """Refuse what would be a comment in Python; a column named ``#1`` is none, nor is a value of an option."""
    for place, word in enumerate(words):
        opened = place > 0 and opens(words[place - 1]) and "=" not in words[place - 1]
        is_value = opened or (place < most and not any(map(opens, words[:place])))
        if word == "#" or (word.startswith("#") and not is_value):
            raise OptionError(
                "A line of %imbalance takes no comment. Leave it out, from the # on.",
                fix=Fix(" ".join(["%imbalance", *words[:place]])),
            )


def _check_positionals(positionals: list[str], verbs: Collection[str], *, named: bool) -> None:
    if not positionals:
        raise OptionError(f"Which frame? Positionals come first: {_USAGE}.")
    if len(positionals) > 2:
        _check_brackets(positionals)
        first, *more = positionals
        _check_hyphens(more)
        if named:
            raise OptionError(
                f"{len(positionals)} words stand where DF TARGET is expected: {' '.join(positionals)}. "
                f"""Put a name that holds blanks in quotes, as in "{" ".join(more)}".""",
                fix=change(target=" ".join(more)),
            )
        nearest = nearest_of(first, verbs)
        blanks = f"""Or is {first!r} the frame? Put a name that holds blanks in quotes, as in "{" ".join(more)}"."""
        raise OptionError(
            f"{first!r} is no verb.{near(first, verbs)} Verbs: {', '.join(verbs)}.{'' if nearest else f' {blanks}'}",
            fix=change(verb=nearest[0]) if nearest else change(target=" ".join(more)),
        )


def _check_hyphens(words: Sequence[str]) -> None:
    """Refuse what is meant as an option and has no two hyphens: ``-cv 5``, ``cv=5``."""
    for word in words:
        meant = re.match(r"-([a-z]\w*)$|([a-z]\w*)=", word)
        if meant:
            raise OptionError(
                f"{word!r} is no option. Options begin with two hyphens: {dashed(meant[1] or meant[2])}."
            )


def _check_brackets(positionals: Sequence[str]) -> None:
    """Refuse an expression with blanks: words from an open bracket to the one that closes it."""
    first = positionals[0]
    if sum(map(first.count, "([{")) <= sum(map(first.count, ")]}")):
        return
    for end in range(2, len(positionals) + 1):
        expression, rest = " ".join(positionals[:end]), " ".join(positionals[end:])
        if _is_expression(expression):
            raise OptionError(
                f"An expression that holds blanks goes in quotes: {expression}.",
                fix=Fix(options={"data": expression, "target": rest or LEFT_OUT}),
            )
    raise OptionError(
        f"A bracket is not closed in {' '.join(positionals)}. Close it, and quote the expression."
    )


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def _read_options(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    options: dict[str, tuple[str, ...]] = {}
    name = ""
    for word in words:
        if not opens(word):
            options[name] += (unquoted(word),)
            continue
        name, given, value = unquoted(word).partition("=")
        name = name if name == "-o" else name[2:].replace("-", "_")
        if name in options:
            raise OptionError(f"{dashed(name)} is given twice. Give all its values after one {dashed(name)}.")
        options[name] = (value,) if given else ()
    return options


def _snippet_style(words: Sequence[str]) -> str:
    style = " ".join(words) or "short"
    if style not in ("short", "full"):
        nearest = nearest_of(style, ("short", "full"))
        raise OptionError(
            f"--snippet={style!r} is not known.{near(style, ('full', 'short'))} Known: 'short', 'full'.",
            fix=change(snippet=nearest[0]) if nearest else IN_WORDS,
        )
    return style


def _library(words: Sequence[str], snippet: str | None) -> str:
    """Return the library's name; whether the result has code for it, the result itself knows."""
    if snippet is None:
        raise OptionError(
            "--library says what the code of --snippet is for. Add --snippet.", fix=change(snippet=True)
        )
    if len(words) != 1:
        raise OptionError(
            f"--library takes one name, not {' '.join(words)!r}. For example: --library xgboost."
        )
    return words[0]


def output_name(words: Sequence[str]) -> str:
    """Return the name that follows ``-o``, or say that it is none."""
    name = " ".join(words)
    if not name.isidentifier() or keyword.iskeyword(name):
        raise OptionError(
            f"-o takes one name to store the result under, not {name!r}. For example: -o result.",
            fix=change(**{"-o": "result"}),
        )
    return name


def _file_name(words: Sequence[str]) -> str:
    if not words:
        raise OptionError("--save takes the name of a file. For example: --save report.html.")
    return " ".join(words)


def _overwrites(words: Sequence[str], save: str | None) -> bool:
    said = " ".join(words).casefold() or "true"
    if said not in ("true", "false"):
        raise OptionError(f"--overwrite={said!r} takes no value.", fix=change(overwrite=True))
    if save is None:
        raise OptionError(
            "--overwrite says that --save may replace a file. Add --save FILE, or leave it out.",
            fix=change(overwrite=LEFT_OUT),
        )
    return said == "true"
