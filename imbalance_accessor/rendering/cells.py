"""The cells of a card's table: numbers that know how they are shown."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass

import pandas as pd

from imbalance_accessor.metrics.rounding import fixed, minus
from imbalance_accessor.rendering.labels import clean

#: Shares below this are written with an exponent.
_TINY = 1e-9
#: What stands where there is no value.
MISSING = "–"


@dataclass(frozen=True)
class Share:
    """A part of a whole.

    Attributes
    ----------
    value : float
        Between 0 and 1; shown in percent, with a bar in HTML.

    Examples
    --------
    >>> text(Share(0.05)), text(Share(0.0077)), text(Share(0.000001)), text(Share(0.9923))
    ('5.0 %', '0.77 %', '0.0001 %', '99.23 %')
    """

    value: float


@dataclass(frozen=True)
class Interval:
    """A number with the interval it may lie in.

    Attributes
    ----------
    point : float
        The number itself; nan is shown as missing.
    low, high : float
        The ends of its interval; nan shows the point alone.
    digits : int, default 3
        Decimals of the point, from three on more where it is small. The ends have one less, unless the interval is too
        narrow for that.

    Examples
    --------
    >>> text(Interval(0.523, 0.411, 0.634))
    '0.523 [0.41, 0.63]'
    >>> text(Interval(0.00314, 0.0012, 0.0066))
    '0.00314 [0.0012, 0.0066]'
    """

    point: float
    low: float = math.nan
    high: float = math.nan
    digits: int = 3

    @property
    def bounded(self) -> bool:
        """Whether there is an interval to show."""
        return not any(math.isnan(end) for end in (self.point, self.low, self.high))


@dataclass(frozen=True)
class WrittenNumber:
    """A number that is written already, such as a threshold to the very digits that are applied.

    Examples
    --------
    >>> text(WrittenNumber("0.1045"))
    '0.1045'
    """

    value: str


def text(cell: object) -> str:
    r"""Return a cell as text.

    Parameters
    ----------
    cell : object
        `Share`, `Interval`, `WrittenNumber`, a number, text, or nothing (None, nan, NaT, ``pd.NA``).

    Returns
    -------
    str
        Integers with thousands separators, other numbers with three significant digits (see `number`), text as it is
        with control characters escaped, and a dash for nothing.

    Examples
    --------
    >>> text(36168), text(0.5), text(0.0000123), text(None), text("two\nlines")
    ('36,168', '0.500', '1.23e-05', '–', 'two\\nlines')
    """
    if isinstance(cell, Share):
        return percent(cell.value)
    if isinstance(cell, WrittenNumber):
        return clean(cell.value)
    if isinstance(cell, Interval) and not math.isnan(cell.point):
        point = (_fixed if cell.digits > 2 else fixed)(cell.point, cell.digits)
        return f"{point} [{', '.join(ends(cell))}]" if cell.bounded else point
    if isinstance(cell, Interval) or _is_missing(cell):
        return MISSING
    return number(cell) if is_number(cell) else clean(cell)


def is_number(cell: object) -> bool:
    """Whether a cell stands in a column of numbers, which is aligned to the right."""
    return isinstance(cell, (Share, Interval, WrittenNumber, numbers.Real)) and not isinstance(cell, bool)


def decimal(value: float) -> str:
    """Return a share for a sentence: three decimals, three digits below 0.01, and as many as it needs to be told from 1.

    Examples
    --------
    >>> decimal(0.25), decimal(0.0384), decimal(0.00384), decimal(0.00015), decimal(4e-13), decimal(1.0), decimal(0.99999)
    ('0.250', '0.038', '0.00384', '0.00015', '4e-13', '1.000', '0.99999')
    """
    value = float(value) + 0.0  # no -0.0
    if math.isnan(value):
        return MISSING
    if 0 < abs(value) < _TINY:
        return minus(f"{value:.2g}")
    if 0 < abs(value) < 0.01:
        head, _, tail = _fixed(value, 3).partition(".")
        return f"{head}.{tail.rstrip('0').ljust(3, '0')}"
    rest = abs(1 - value)
    if rest == 0 or rest >= 0.0005:
        return minus(f"{value:.3f}")
    return f"{value:.{1 - math.floor(math.log10(rest))}f}".rstrip("0")


def percent(value: float) -> str:
    """Return a share in percent with the digits it needs to be told from 0 % and from 100 %.

    Examples
    --------
    >>> percent(0.5), percent(1.0), percent(0.999999), percent(4e-13)
    ('50.0 %', '100.0 %', '99.9999 %', '4e-11 %')
    """
    value = float(value) + 0.0
    if math.isnan(value):
        return MISSING
    if 0 < abs(value) < _TINY:
        return minus(f"{value * 100:.2g} %")
    rest = min(abs(value), abs(1 - value)) * 100
    decimals = 1 if rest == 0 else max(1, 1 - math.floor(math.log10(rest)))
    whole, _, part = f"{value * 100:,.{decimals}f}".partition(".")
    return minus(f"{whole}.{part.rstrip('0') or '0'} %")


def number(value: object) -> str:
    """Return a plain number as text: whole numbers as they are, others with three significant digits.

    Examples
    --------
    >>> number(36168), number(36168.4), number(10.0), number(1.2345), number(0.5), number(0.05), number(-0.0384)
    ('36,168', '36,168', '10.0', '1.23', '0.500', '0.0500', '−0.0384')
    """
    if isinstance(value, numbers.Integral):
        return minus(f"{int(value):,}")
    shown = float(value)  # type: ignore[arg-type]
    if 0 < abs(shown) < 0.0001:
        return minus(f"{shown:.3g}")
    whole = len(f"{abs(shown):.0f}") if 1 < abs(shown) < 1e6 else 0
    return _fixed(shown, max(3 - whole, 0) if abs(shown) < 1e6 else 0)


def _fixed(value: float, decimals: int) -> str:
    """Write a number with so many decimals, or with three significant digits where that takes more."""
    if 0 < abs(value) < _TINY:
        return minus(f"{value:.3g}")
    if 0 < abs(value) < 0.1:
        decimals = max(decimals, 2 - math.floor(math.log10(abs(float(f"{value:.3g}")))))
    return fixed(value, decimals)


def money(amount: float) -> str:
    """Write a total cost: whole where it is whole or large, else to the hundredth where that tells enough.

    Examples
    --------
    >>> money(128.0), money(1234567.8), money(800.74), money(0.25), money(1e30)
    ('128', '1,234,568', '800.74', '0.250', '1e+30')
    """
    if amount == round(amount) or abs(amount) >= 1000:
        return fixed(amount)
    return minus(f"{amount:,.2f}") if abs(amount) >= 10 else number(amount)


def ends(cell: Interval) -> tuple[str, str]:
    """Return the two ends of an interval as text."""
    narrow, furthest = cell.high - cell.low < 5 * 10 ** (1 - cell.digits), max(abs(cell.low), abs(cell.high))
    decimals = cell.digits if narrow else max(cell.digits - 1, 0)
    if 0 < furthest < 0.1 and cell.digits > 2:  # two significant digits
        decimals = max(decimals, 1 - math.floor(math.log10(furthest)))
    low, high = (round(end, decimals) + 0.0 for end in (cell.low, cell.high))  # no -0.0
    return fixed(low, decimals), fixed(high, decimals)


def _is_missing(cell: object) -> bool:
    return pd.api.types.is_scalar(cell) and bool(pd.isna(cell))  # type: ignore[call-overload]
