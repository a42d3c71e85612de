"""Fixes as lines: the line as it was typed, with its options changed; Python where a line cannot say it."""

from __future__ import annotations

import builtins
import itertools
import re
import types
from collections.abc import Collection, Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from imbalance_accessor.errors import LEFT_OUT, Code, Fix, OptionError, change
from imbalance_accessor.ipython.parser import Call, dashed, grouped, opens, split_words
from imbalance_accessor.rendering.page import check_page_path


def as_word(text: object) -> str:
    """Return a name or a value as it is typed in the line: in quotes where it must be.

    Examples
    --------
    >>> print(as_word("churn"), as_word("it's"), as_word("total day"))
    churn "it's" "total day"
    """
    word = str(text)
    if word and not re.search(r"[\s'\"]", word) and not opens(word) and not word.startswith("#"):
        return word
    quote = "'" if '"' in word else '"'
    return f"{quote}{word}{quote}"


def typed(value: Any) -> list[str] | None:
    """Return a value as the words that an option takes, or None where there are no words for it.

    Examples
    --------
    >>> typed(0.5), typed(("none", "smote")), typed({"fp": 1, "fn": 10}), typed(True)
    (['0.5'], ['none', 'smote'], ['fp=1,fn=10'], [])
    """
    if isinstance(value, bool):
        return [] if value else ["false"]
    if value is None:
        return ["none"]
    if isinstance(value, Code):
        return None
    if isinstance(value, str | int | float):
        return [as_word(value)]
    if isinstance(value, Mapping):
        plain = all(re.fullmatch(r"\w+", str(key)) for key in value)
        return [",".join(f"{key}={one}" for key, one in value.items()) if plain else as_word(repr(value))]
    if isinstance(value, list | tuple) and value:
        parts = [typed(each) for each in value if isinstance(each, str | int | float)]
        return [word for part in parts for word in part or ()] if len(parts) == len(value) else None
    return None


def changed(line: str, verbs: Collection[str], options: Mapping[str, Any]) -> str | None:
    """Return a line with some of it changed, or None where words cannot say it.

    Parameters
    ----------
    line : str
        What follows ``%imbalance``.
    verbs : collection of str
        The verbs' names.
    options : mapping
        By parameter; ``verb``, ``data``, ``target`` and ``-o`` count among them.

    Examples
    --------
    >>> changed("smote df y --cv 9 -o made", ["smote"], {"cv": LEFT_OUT, "target": "is fraud", "ratio": 0.5})
    '%imbalance smote df "is fraud" -o made --ratio 0.5'
    """
    words = split_words(line)
    start = next((i for i, word in enumerate(words) if opens(word)), len(words))
    verb, places, _ = grouped(words, verbs)
    verbs_words, places = ([words[0]], words[1:start]) if verb else ([], words[:start])
    given = _segments(words[start:])
    for name, value in options.items():
        said = [] if value is LEFT_OUT else typed(value)
        if said is None:
            return None
        if name == "verb":  # a first word that was no verb
            verbs_words, places = said, places[1:]
        elif name == "data":
            places[:1] = said
        elif name == "target":
            places[1:] = said
        elif value is LEFT_OUT:
            given.pop(name, None)
        else:
            given[name] = said
    parts = [verbs_words, places, *([dashed(name), *said] for name, said in given.items())]
    return " ".join(["%imbalance", *(word for part in parts for word in part)])


def page_of(call: Call) -> Path | None:
    """Return the file that ``--save`` names, or refuse it in the words of a line."""
    if call.save is None:
        return None
    try:
        return check_page_path(call.save, overwrite=call.overwrite)
    except OptionError as error:
        said = str(error).replace("path=", "--save=", 1).replace("overwrite=True", "--overwrite")
        options = {"save" if name == "path" else name: value for name, value in error.fix.options.items()}
        raise OptionError(said, fix=Fix(options=options)) from None


def _segments(words: Sequence[str]) -> dict[str, list[str]]:
    """Return the words of each option, as they are typed."""
    found: dict[str, list[str]] = {}
    name = ""
    for word in words:
        if opens(word):
            name, equals, value = word.partition("=")
            name = name if name == "-o" else name[2:].replace("-", "_")
            found[name] = [value] if equals else []
        else:
            found[name].append(word)
    return found


def check_output(call: Call, read: tuple[Any, ...], names: Mapping[str, Any]) -> None:
    """Refuse to overwrite what the line reads, and to hide a module or one of Python's own names."""
    own = names.get(str(call.output))
    values = [part for each in read for part in (each if isinstance(each, list | tuple) else (each,))]
    words = set(re.findall(r"\w+", call.data)) if call.data not in names else {call.data}
    is_read = own is not None and (call.output in words or any(each is own for each in values))
    if is_read or isinstance(own, types.ModuleType) or str(call.output) in {*dir(builtins), "In", "Out"}:
        wrong = "overwrite what this line reads" if is_read else "hide a module, or a name of Python's own"
        raise OptionError(
            f"-o {call.output} would {wrong}. Take another name.",
            fix=change(**{"-o": free_name(f"{call.output}_{call.verb}", names)}),
        )


def free_name(name: str, taken: Container[str]) -> str:
    """Return a name that no variable has.

    Examples
    --------
    >>> free_name("df", ()), free_name("df", ("df", "df_2"))
    ('df', 'df_3')
    """
    numbered = (f"{name}_{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in taken)
