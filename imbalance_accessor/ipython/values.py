"""The values of ``%imbalance``: text becomes what the verb's own parameter is annotated with."""

from __future__ import annotations

import ast
import inspect
import re
import types
import typing
from collections import abc
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

import pandas as pd

from imbalance_accessor.data.frames import column_names, is_frame
from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, OptionError, change, near, nearest_of, one_line
from imbalance_accessor.ipython.parser import Call, dashed, unquoted
from imbalance_accessor.rendering.calls import also_called
from imbalance_accessor.verbs.weights.snippet import LIBRARIES

#: Annotations whose parameter takes several values.
_MANY = (tuple, list, set, frozenset, abc.Sequence, abc.Collection, abc.Iterable, abc.Set)
_PLAIN = (str, int, float, bool, types.NoneType)
_BRACKETS = ("{", "(", "[")
#: What a line may say beside a verb's own parameters.
OF_EVERY_VERB = ("snippet", "library", "save", "overwrite")
#: The parts of a word between commas outside of quotes.
_PART = re.compile(r"""(?:"[^"]*"|'[^']*'|[^,"'])+""")


def typed_options(
    function: Callable[..., Any], call: Call, labels: pd.Series | None, data: Any, names: Mapping[str, Any]
) -> dict[str, Any]:
    """Turn the options' text into the values that the verb's own parameters are annotated with.

    Parameters
    ----------
    function : callable
        The verb; its keyword-only parameters are the options.
    call : Call
        The line, taken apart.
    labels : pandas.Series or None
        The target's labels, among which ``--pos-label`` is looked up.
    data : pandas.DataFrame or pandas.Series
        The frame, among whose columns an option that takes a column is looked up.
    names : mapping
        The user's variables.

    Raises
    ------
    OptionError
        Unknown option, or a value of the wrong kind.
    """
    known = parameters(function)
    values: dict[str, Any] = {}
    for name, given in call.options.items():
        if name not in known:
            _refuse_option(name, given, call.verb, list(known))
        reader = _Reader(name, *known[name], names, labels, data)
        in_brackets = given and given[0].startswith(_BRACKETS)
        words = (" ".join(given),) if in_brackets else given  # a literal may hold blanks
        if name == "pos_label" and labels is not None:
            values[name] = label_of(reader.single(words), labels)
        else:
            column = column_of(reader.single(words), data) if reader.takes_column else None
            values[name] = reader.read(words) if column is None else column
    return values


def libraries(verb: str) -> tuple[str, ...]:
    """Return the libraries that a verb's result has code for."""
    return LIBRARIES if verb == "weights" else ("sklearn",)


def parameters(function: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    """Return a verb's keyword-only parameters: name, annotation and default."""
    hints = typing.get_type_hints(function)
    return {
        name: (hints.get(name, Any), parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


def column_of(word: str, data: Any) -> Hashable | None:
    """Return the column whose text is `word`, or None; a column that is that text comes first."""
    columns = column_names(data)
    if word in columns:
        return word
    found: Hashable | None = next((column for column in columns if str(column) == word), None)
    return found


def label_of(word: str, labels: pd.Series) -> Any:
    """Return the label whose text is `word` if there is exactly one; else the number it spells, or the text."""
    try:
        distinct = labels.dropna().drop_duplicates().tolist()
    except TypeError:  # cells such as lists, which the verb itself refuses
        distinct = []
    for same in (str, lambda label: str(label).casefold()):
        alike = [label for label in distinct if same(label) == same(word)]
        if len(alike) == 1:
            return alike[0]
    try:
        return ast.literal_eval(word)
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # the latter of very long words
        return None if word == "none" else word


class _Reader:
    """Reads the words of one option as its parameter's annotation and default say."""

    def __init__(
        self,
        name: str,
        annotation: Any,
        default: Any,
        names: Mapping[str, Any],
        labels: pd.Series | None,
        data: Any,
    ) -> None:
        self.name, self.option = name, dashed(name)
        self.default, self.names = default, names
        self.labels, self.data = labels, data
        self.members = {*_members(annotation), type(default)} - {type}

    @property
    def takes_column(self) -> bool:
        """Whether the parameter is annotated as a column's name."""
        return any(_base(member) is Hashable for member in self.members)

    def read(self, words: Sequence[str]) -> Any:
        """Return the value of all words: a tuple where the parameter takes several."""
        items = [member for member in self.members if _base(member) in _MANY]
        if not words and bool in self.members:
            return True
        if any(_base(member) is abc.Mapping for member in self.members) and _are_pairs(words):
            return self.pairs(words)
        if not items or (len(words) == 1 and words[0].startswith(_BRACKETS)):
            return self.value(self.single(words), self.members)
        if not words:
            raise OptionError(f"{self.option} takes at least one value.")
        if len(words) == 1 and isinstance(whole := self.names.get(words[0]), list | tuple):
            return tuple(whole)
        of = {inner for member in items for arg in typing.get_args(member) for inner in _members(arg)}
        parts = [part.strip() for word in words for part in word.split(",")]
        if len(parts) == 1 and isinstance(self.default, str):  # one value, or several
            return self.value(parts[0], self.members)
        return tuple(self.value(part, of or {str}) for part in parts if part)

    def pairs(self, words: Sequence[str]) -> dict[Any, Any]:
        """Return what ``fp=1,fn=10`` says: numbers, or columns, by name or by label."""
        by_label = any(typing.get_args(member)[:1] in ((Any,), (Hashable,)) for member in self.members)
        found: dict[Any, Any] = {}
        for part in _parts(words):
            key, value = map(str.strip, part.split("=" if "=" in part else ":", 1))
            number = next((n for kind in (int, float) if (n := _number(kind, value)) is not None), None)
            column = column_of(unquoted(value), self.data) if number is None else number
            key = label_of(key, self.labels) if by_label and self.labels is not None else key
            found[key] = unquoted(value) if column is None else column
        return found

    def single(self, words: Sequence[str]) -> str:
        """Return the one word there must be."""
        if len(words) != 1:
            got = f"{len(words)}: {' '.join(words)}" if words else "none"
            whole = column_of(" ".join(words), self.data) if self.takes_column else None
            raise OptionError(
                f"{self.option} takes one value, got {got}.{'' if whole is None else ' Put a name that holds blanks in quotes.'}",
                fix=IN_WORDS if whole is None else change(**{self.name: whole}),
            )
        return words[0]

    def value(self, word: str, members: set[Any]) -> Any:
        """Return one word as the first of these that it can be: variable, none, bool, number, literal, text."""
        if any(_is_object(member) for member in members) and self._is_variable(word, members):
            return self.names[word]
        if types.NoneType in members and word.casefold() == "none":
            return None
        if bool in members and word.casefold() in ("true", "false"):
            return word.casefold() == "true"
        for kind in (int, float):
            if kind in members and (number := _number(kind, word)) is not None:
                return number
        if word.startswith(("{", "(", "[")) and any(_base(member) not in _PLAIN for member in members):
            return self._literal(word)
        if word.endswith("%") and float in members:
            return word  # the verb says which share is meant
        if any(_takes_text(member) for member in members):
            return next((choice for choice in _choices(members) if str(choice) == word), word)
        alike = nearest_of(word, self._frames()) if pd.DataFrame in members else []
        raise OptionError(
            f"{self.option} takes {_described(members)}, got {word!r}.{near(word, alike)}",
            fix=change(**{self.name: alike[0]}) if alike else IN_WORDS,
        )

    def _frames(self) -> list[str]:
        return [name for name, each in self.names.items() if is_frame(each)]

    def _is_variable(self, word: str, members: set[Any]) -> bool:
        """Whether a word names a variable that is meant: no known text, no import, no result of ours."""
        defaults = self.default if isinstance(self.default, tuple) else (self.default,)
        if word not in self.names or word in (*defaults, *_choices(members)):
            return False
        variable = self.names[word]
        functions = () if any(_base(member) is abc.Callable for member in members) else types.FunctionType
        # After `smote = df.imb.smote(...)`, `--kind smote` still means the kind; weights are a dict to pass on.
        ours = type(variable).__module__.startswith("imbalance_accessor.") and not isinstance(variable, dict)
        return not ours and not isinstance(variable, (types.ModuleType, type, functions))

    def _literal(self, word: str) -> Any:
        try:
            return ast.literal_eval(word)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            bare = [re.sub(r"\s*:\s*", "=", part.strip()) for part in word.strip("[](){}").split(",")]
            form = r"[\w+.-]+=[\w.-]+" if word.startswith("{") else r"[\w+.-]+"
            plain = all(re.fullmatch(form, part) for part in bare)
            raise OptionError(
                f"{self.option}: {word!r} is no Python literal. "
                + (
                    "Leave its brackets out."
                    if plain
                    else """Quote it whole and its text inside, as in "{'no': 1, 'yes': 10}"."""
                ),
                fix=change(**{self.name: tuple(bare)}) if plain else IN_WORDS,
            ) from None


def _refuse_option(name: str, words: tuple[str, ...], verb: str, known: list[str]) -> NoReturn:
    meant = [each for each in (also_called(name),) if each in known] or nearest_of(
        name, [*known, *OF_EVERY_VERB]
    )
    hint = f" Did you mean {' or '.join(repr(dashed(each)) for each in meant)}?" if meant else ""
    options = ", ".join(map(dashed, [*known, "-o"]))
    value: Any = " ".join(words) if meant and meant[0] in OF_EVERY_VERB else words
    raise OptionError(
        f"{one_line(dashed(name))[1:-1]} is not an option of {verb}.{hint} It has: {options}.",
        fix=Fix(options={name: LEFT_OUT, **({meant[0]: value or True} if meant else {})}),
    )


def _are_pairs(words: Sequence[str]) -> bool:
    """Whether every part says ``name=value``, or ``name:value``."""
    return (
        bool(words)
        and not words[0].startswith(_BRACKETS)
        and all("=" in part or ":" in part for part in _parts(words))
    )


def _parts(words: Sequence[str]) -> list[str]:
    return [part for word in words for part in _PART.findall(word) if part.strip()]


def _members(annotation: Any) -> list[Any]:
    """Flatten unions and ``Annotated``."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return [member for arg in typing.get_args(annotation) for member in _members(arg)]
    return _members(typing.get_args(annotation)[0]) if origin is typing.Annotated else [annotation]


def _base(member: Any) -> Any:
    return typing.get_origin(member) or member


def _choices(members: Iterable[Any]) -> list[Any]:
    return [arg for member in members if _base(member) is typing.Literal for arg in typing.get_args(member)]


def _is_object(member: Any) -> bool:
    return _base(member) not in (*_PLAIN, *_MANY, typing.Literal)


def _takes_text(member: Any) -> bool:
    return _base(member) in (str, typing.Literal, Any, object, Hashable)


def _number(kind: type[int] | type[float], word: str) -> int | float | None:
    try:
        return kind(word)
    except ValueError:
        return None


def _described(members: set[Any]) -> str:
    words = {int: "a whole number", float: "a number", bool: "true or false", types.NoneType: "none"}
    kinds = members - ({int} if float in members else set())
    plain = [text for kind, text in words.items() if kind in kinds]
    others = ["the name of a variable of yours"] if any(map(_is_object, members)) else []
    return " or ".join([*plain, *others])
