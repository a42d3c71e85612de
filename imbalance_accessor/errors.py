"""The errors of this package, and the one shape of their sentence: name, rule, what was got, cure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Hashable, Iterable
from typing import TypeVar

#: The similarity from which on a name is near: one letter wrong in three, and no word that merely shares letters.
_NEAR = 0.66
_Known = TypeVar("_Known", bound=Hashable)


class ImbalanceError(ValueError):
    """Base of every error that this package raises on purpose; it says one line, whatever a value looks like.

    Attributes
    ----------
    line : str
        The line of code that mends what is wrong, where there is one.
    """

    def __init__(self, message: str = "", *, line: str = "") -> None:
        super().__init__(re.sub(r"\s*\n\s*", " ", message))
        self.line = line


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


def one_line(value: object) -> str:
    """Write what was got within a sentence, a table or an array too."""
    return f"{' '.join(repr(value).split()):.60}"


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> counted(1, "positive"), counted(1200, "row"), counted(2, "class", "classes")
    ('1 positive', '1,200 rows', '2 classes')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def near(got: object, known: Iterable[object]) -> str:
    """Say which known names look like `got`: ``" Did you mean 'churn'?"``, or nothing."""
    # the hyphens of an option would make any two options alike
    names = {str(name).casefold().lstrip("-"): name for name in known}
    found = difflib.get_close_matches(str(got).casefold().lstrip("-"), names, n=2, cutoff=_NEAR)
    return f" Did you mean {' or '.join(repr(names[key]) for key in found)}?" if found else ""


def one_of(
    option: str, got: object, known: Iterable[_Known], error: type[ImbalanceError] = OptionError
) -> _Known:
    """Return `got` if it is one of the known names; raise the sentence that lists them otherwise."""
    names = list(known)
    for name in names:
        if isinstance(got, str) and got == name:
            return name
    raise error(f"{option}={got!r} is not known.{near(got, names)} Known: {listed(names, most=40)}.")
