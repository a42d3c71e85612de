"""The errors of this package, the one shape of their sentence (name, rule, what was got, cure), and cures as code."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import Any, Final, TypeAlias, TypeVar

from imbalance_accessor.terminals import Printed, code_for_terminal

#: The similarity from which on a name is near: one letter wrong in three, and no word that merely shares letters.
_NEAR = 0.66
#: How numpy writes its scalars.
_OF_NUMPY = re.compile(r"\bnp\.(?:float|int|uint|bool|str|bytes|longdouble|longlong)\w*\(([^()]*)\)")
#: The most characters within a sentence: of a value, of a name or a label; and of code below one.
_LONGEST, _LONGEST_NAME, _LONGEST_CODE = 60, 100, 4_000
#: Names and labels in quotes; an apostrophe stands behind a letter.
_QUOTED = re.compile(r"""(?<!\w)b?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_Known = TypeVar("_Known", bound=Hashable)

#: What else the field calls a name: words between blanks, as `bare` writes them.
Words: TypeAlias = Mapping[str, str]


#: Writes lines, and below them a call with its options changed.
Written: TypeAlias = Callable[[str, Mapping[str, Any]], str]


class Code(str):
    """An option's value as code, written as it stands where other values are written as literals."""

    __slots__ = ()


#: The value of an option that is to be left out of the call.
LEFT_OUT: Final = Code("")


@dataclass(frozen=True)
class Fix:
    """What mends, for this very frame; empty where the cure is in words alone.

    ``str(fix)`` is the code to run: the lines, then the call that was made, with its options changed.

    Attributes
    ----------
    lines : str
        Statements on ``df`` (and on ``y`` or ``test`` where these were passed) to run before the call.
    options : mapping of str to object
        What to change in the call, by parameter: values, `Code`, or `LEFT_OUT`.
    also : mapping of str to object
        What to change beside them, in a call that has these parameters.
    written : callable, optional
        Writes lines and call; a verb adds it.

    Examples
    --------
    >>> print(Fix("df = df.drop(columns=['id'])"))
    df = df.drop(columns=['id'])
    >>> bool(Fix())
    False
    """

    lines: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)
    written: Written | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return bool(self.lines or self.options)

    def __str__(self) -> str:
        return code_for_terminal(self.code)

    @property
    def code(self) -> str:
        """The code to run."""
        if self and self.written is not None:
            return self.written(self.lines, self.options)
        options = (f"{name}={value!r}" for name, value in self.options.items() if value is not LEFT_OUT)
        return "\n".join(filter(None, [self.lines, ", ".join(options)]))

    def __repr__(self) -> str:
        return str(self)

    def below(self) -> str:
        """Return the code as it stands below a sentence, on lines of its own; nothing where there is none."""
        code = spelled_out(str(self))
        if len(code) > _LONGEST_CODE:
            code = f"# {len(code):,} characters of code, because of long names: .fix has them"
        return f"\n{indent(code, '    ')}" if self else ""


def change(**options: Any) -> Fix:
    """Return the fix that changes options of the call.

    Examples
    --------
    >>> change(cv=3)
    cv=3
    """
    return Fix(options=options)


def makes_missing(lines: str) -> Fix:
    """Return the fix of lines that make cells missing: a call that takes none unless they are filled is told to fill them."""
    return Fix(lines, also={"impute": True})


#: A cure in words only: no code can do it, such as collecting more rows.
IN_WORDS: Final = Fix()


class ImbalanceError(ValueError):
    """Base of every error that this package raises on purpose; it says one line, whatever a value looks like.

    A traceback shows the fix below that line.

    Attributes
    ----------
    fix : Fix
        The cure as code for this frame; empty, and so false, where the cure is in words only.
    """

    def __init__(self, message: str = "", *, fix: Fix = IN_WORDS) -> None:
        super().__init__(Printed(plainly(message)))
        self.fix = fix

    def within(self, call: Written) -> None:
        """Write the fix for the call that was made, and show it below the sentence."""
        self.fix = replace(self.fix, written=call)
        self.__notes__ = [f"Fix:{self.fix.below()}"] if self.fix else []


class TargetError(ImbalanceError):
    """The target column, or its labels, cannot be used."""


class FeatureError(ImbalanceError):
    """The features cannot be used."""


class SplitError(ImbalanceError):
    """The rows cannot be divided as asked."""


class OptionError(ImbalanceError):
    """An option has a value that it does not take."""


class ModelError(ImbalanceError):
    """The model cannot be used as asked, or was not fitted here."""


class LeakageError(ImbalanceError):
    """What was asked would judge a model on rows that are not real or not new."""


def listed(names: Iterable[object], most: int = 8) -> str:
    """Join names for a sentence: ``'a', 'b' and 3 more``."""
    shown = [repr(name) for name in names]
    if len(shown) > most:
        return f"{', '.join(shown[: most - 1])} and {len(shown) - most + 1} more"
    return ", ".join(shown)


def plainly(sentence: str) -> str:
    """Write a sentence on one line that prints: numpy's scalars as Python writes its own, what is no Unicode spelled out.

    Examples
    --------
    >>> plainly("3 rows are np.str_('yes').")
    "3 rows are 'yes'."
    """
    return brief(_printable(re.sub(r"\s*\n\s*", " ", sentence)))


def spelled_out(text: str) -> str:
    """Return text with what is no Unicode in it spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _printable(text: str) -> str:
    text = spelled_out(text)
    return _OF_NUMPY.sub(r"\1", text) if "np." in text else text


def brief(sentence: str) -> str:
    """Take the middle out of long names and labels in quotes.

    Examples
    --------
    >>> brief(f"No column is called 'a{'x' * 999}b'.")[:24], len(brief(repr("x" * 999)))
    ("No column is called 'axx", 100)
    """
    if len(sentence) <= _LONGEST_NAME:
        return sentence
    return _QUOTED.sub(lambda found: _without_middle(found[0]), sentence)


def _without_middle(text: str) -> str:
    half = _LONGEST_NAME // 2
    return text if len(text) <= _LONGEST_NAME else f"{text[: half - 1]}…{text[-half:]}"


def one_line(value: object) -> str:
    """Write what was got within a sentence: a table by its size, and a model by its name where it is long.

    Examples
    --------
    >>> one_line([1, 2]), one_line("x" * 99)[-5:]
    ('[1, 2]', "xxx…'")
    """
    shape, written = getattr(value, "shape", ()), repr(value)
    is_table = isinstance(shape, tuple) and shape and not isinstance(value, type)
    if is_table and (len(written) > _LONGEST or "\n" in written):
        return f"{type(value).__name__} of {' × '.join(f'{each:,}' for each in shape)}"
    shown = _printable(" ".join(written.split()))
    if len(shown) > _LONGEST and hasattr(value, "get_params") and not isinstance(value, type):
        return f"{type(value).__name__}(…)"
    if len(shown) <= _LONGEST:
        return shown
    quote = shown[-1] if isinstance(value, str) else ""
    return f"{shown[: _LONGEST - 1 - len(quote)]}…{quote}"


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> counted(1, "positive"), counted(1200, "row"), counted(2, "class", "classes")
    ('1 positive', '1,200 rows', '2 classes')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def nearest_of(got: object, known: Iterable[_Known]) -> list[_Known]:
    """Return the one or two known names that look like `got`, the likest first; none where none does."""
    # the hyphens of an option would make any two options alike
    names = {str(name).casefold().lstrip("-"): name for name in known}
    found = difflib.get_close_matches(str(got).casefold().lstrip("-"), names, n=2, cutoff=_NEAR)
    return [names[key] for key in found]


def near(got: object, known: Iterable[object]) -> str:
    """Say which known names look like `got`: ``" Did you mean 'churn'?"``, or nothing."""
    return _did_you_mean(nearest_of(got, known))


def _did_you_mean(found: Iterable[object]) -> str:
    names = " or ".join(map(repr, found))
    return f" Did you mean {names}?" if names else ""


def bare(word: str) -> str:
    """Return a word without what is typed now this way, now that: capitals, hyphens, blanks and the like.

    Examples
    --------
    >>> bare("PR-AUC"), bare("Platt's scaling"), bare("class_weight")
    ('prauc', 'plattsscaling', 'classweight')
    """
    return re.sub(r"[\W_]", "", word).casefold()


def known_as(got: Any, known: Iterable[_Known], words: Words) -> Any:
    """Return the known name that a word means, by whatever the field calls it; anything else as it is.

    Examples
    --------
    >>> known_as("Platt scaling", ["sigmoid"], {"sigmoid": "platt plattscaling"}), known_as("x", ["sigmoid"], {})
    ('sigmoid', 'x')
    """
    names = list(known)
    if not isinstance(got, str) or got in names:
        return got
    typed = bare(got)
    as_typed = [name for name in names if bare(str(name)) == typed]
    called = [name for name in names if typed in words.get(str(name), "").split()]
    return next(iter([*as_typed, *called]), got)


def _nearest_known(got: object, names: list[_Known], words: Words) -> list[_Known]:
    """Return the one or two names that look like `got`; where none does, those that are also called so."""
    also = {word: name for name in names for word in words.get(str(name), "").split()}
    typed = bare(got) if isinstance(got, str) else got
    return nearest_of(got, names) or [*dict.fromkeys(also[word] for word in nearest_of(typed, also))]


def one_of(
    option: str,
    got: object,
    known: Iterable[_Known],
    error: type[ImbalanceError] = OptionError,
    *,
    fix: Callable[[_Known], Fix] | None = None,
    words: Words | None = None,
) -> _Known:
    """Return `got` if it is one of the known names; raise the sentence that lists them otherwise.

    `fix` makes the fix of the nearest name, where it is not the whole value of an option that is called `option`. With
    `words` a name may be written as one likes, or be what else the field calls it.
    """
    names = list(known)
    meant = got if words is None else known_as(got, names, words)
    for name in names:
        if isinstance(meant, str) and meant == name:
            return name
    nearest = _nearest_known(got, names, words or {})
    make = fix or (lambda name: IN_WORDS if option.startswith("-") else change(**{option: name}))
    raise error(
        f"{option}={one_line(got)} is not known.{_did_you_mean(nearest)} Known: {listed(names, most=40)}.",
        fix=make(nearest[0]) if nearest else IN_WORDS,
    )
