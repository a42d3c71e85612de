"""What a sentence is, and whether its numbers are among those it may speak of."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

#: A number that stands by itself: not the 1 of F1, of x_1 or of IMB106.
NUMBER = re.compile(r"(?<![\w.^'])[+−-]?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?(?! ?[A-Z]\w*=)(?P<percent> %)?")
#: What Python writes for text; labels may hold anything.
QUOTED = re.compile(r"(?<!\w)'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
Z = 1.959963984540054


class Cut:
    """A threshold is written as the shortest decimal that flags the same rows, not as a rounded one."""

    def __init__(self, value: float, scores: Iterable[float]) -> None:
        self.value, self.scores = value, np.asarray(list(scores), float)

    def matches(self, text: float) -> bool:
        return text <= self.value and bool(((self.scores >= text) == (self.scores >= self.value)).all())


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval, written out."""
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    middle, half = p + Z**2 / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n * n))
    return (middle - half) / (1 + Z**2 / n), (middle + half) / (1 + Z**2 / n)


def plain(text: str) -> str:
    """The text without what stands in quotes: labels, columns, strategies."""
    return QUOTED.sub("Q", text.replace("**", ""))


def sentences(text: str) -> list[str]:
    """Where one sentence ends and the next begins."""
    return re.split(r"(?<=[.!?])\s+(?=[A-ZQΣ])", plain(text))


def numbers_in(text: str) -> list[tuple[str, bool]]:
    """Every number, and whether it is in percent."""
    found = NUMBER.finditer(re.sub(r"−(?=\d)", "-", plain(text)))
    return [(each[0].removesuffix(" %").rstrip(","), each["percent"] is not None) for each in found]


def is_among(text: str, percent: bool, pool: Iterable[object]) -> bool:
    """Whether a printed number is one of the pool's, to the digits it is printed with."""
    bare = text.replace(",", "")
    value = float(bare)
    mantissa, _, exponent = bare.partition("e")
    step = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    for each in pool:
        if isinstance(each, Cut):
            if each.matches(value):
                return True
            continue
        exact = isinstance(each, int | np.integer)
        wanted = float(each) * (100 if percent else 1)  # type: ignore[arg-type]
        slack = 1e-9 if exact and not percent else 0.5 * step + 1e-9 * max(1.0, abs(wanted))
        if abs(value - wanted) <= slack:
            return True
    return False


def strays(text: str, pool: Iterable[object]) -> list[str]:
    """The numbers of a text that are not among those of the pool."""
    known = list(pool)
    return [number for number, percent in numbers_in(text) if not is_among(number, percent, known)]


def columns(frame: pd.DataFrame, row: object, names: Iterable[str]) -> list[float]:
    """A row's figures with their intervals and their out-of-fold values, as far as there are such."""
    ends = ("", "_low", "_high", "_cv")
    return [float(frame.loc[row, name + end]) for name in names for end in ends if name + end in frame]
