"""Sentences of explanations: labels and numbers as they are said, and how sentences stand together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from imbalance_accessor.metrics.rounding import fixed, minus
from imbalance_accessor.rendering.labels import clean, name, shorten

#: Columns that a label or a name takes in a sentence at most.
LABEL_WIDTH = 40
#: What a colleague listens to.
MOST_SENTENCES, MOST_WORDS = 6, 90
#: What counts as one word: a label or a name in quotes, and code.
_AS_ONE = re.compile(r"(?<!\w)'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")


def quoted(label: object) -> str:
    r"""Return a label as a sentence names it: as Python writes it, on one line, long ones shortened.

    Examples
    --------
    >>> quoted("yes"), quoted(1)
    ("'yes'", '1')
    """
    return shorten(clean(repr(label)), LABEL_WIDTH)


def valued(target: object, label: object) -> str:
    """Return a class by its target's name.

    Examples
    --------
    >>> valued("churn", "yes")
    "churn='yes'"
    """
    return f"{name(target, LABEL_WIDTH)}={quoted(label)}"


def of_class(label: object) -> str:
    """Return what rows of a class are: a number or a truth value would run into the count before it.

    Examples
    --------
    >>> of_class("yes"), of_class(1)
    ("'yes'", 'of class 1')
    """
    return quoted(label) if isinstance(label, str) else f"of class {quoted(label)}"


def named(label: object) -> str:
    """Return a class as an answer names it: a number would be read as a count.

    Examples
    --------
    >>> named("yes"), named(1)
    ("'yes'", 'class 1')
    """
    return of_class(label).removeprefix("of ")


def joined(words: Iterable[str], most: int = 8) -> str:
    """Join words for a sentence.

    Examples
    --------
    >>> joined(["a", "b", "c"]), joined("abcd", most=3)
    ('a, b and c', 'a, b and 2 more')
    """
    shown = list(words)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def digits(value: float, count: int = 3) -> str:
    """Return a number with so many significant digits, whole where it is large, in powers of ten from 10⁹ on.

    Examples
    --------
    >>> digits(10.0), digits(0.5263157), digits(1234.5678)
    ('10', '0.526', '1,235')
    """
    return fixed(value) if abs(value) >= 10 ** (count - 1) else minus(f"{value:.{count}g}")


def lowered(text: str) -> str:
    """Return a clause that stood at the beginning of a sentence for a place inside one."""
    return text[:1].lower() + text[1:]


def capital(text: str) -> str:
    """Return a clause for the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def flat(text: str) -> str:
    """Take away brackets around brackets, which cannot be said.

    Examples
    --------
    >>> flat("0.5 against 0.3 (+0.2 [+0.1, +0.3])")
    '0.5 against 0.3, +0.2 [+0.1, +0.3]'
    """
    return re.sub(r" \(([^()\[\]]*\[[^\]]*\][^()\[\]]*)\)", r", \1", text)


def most_important(sentences: Iterable[str]) -> list[str]:
    """Return as many sentences as a colleague listens to, of those that stand in the order of their weight.

    Examples
    --------
    >>> len(most_important(["So it is."] * 9)), len(most_important(["word " * 50] * 3))
    (6, 1)
    """
    found, words = list[str](), 0
    for each in sentences:
        words += len(_AS_ONE.sub("Q", each).split())
        if words > MOST_WORDS or len(found) == MOST_SENTENCES:
            break
        found.append(each)
    return found


def as_markdown(sentences: Sequence[str], *, bold: bool) -> str:
    """Let sentences stand together; the first, which is the answer, bold or not."""
    first, *rest = sentences
    return " ".join([f"**{first}**" if bold else first, *rest])
