"""Dates written as text: in which format a column writes them, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import pandas as pd

from imbalance_accessor.data.cells import by_level
from imbalance_accessor.data.number_text import is_missing_word

#: Formats of days, the likelier first where cells fit several; of months; and of times after a day.
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y"),
    *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%B-%Y", "%d/%b/%Y", "%d%b%Y", "%d %b %y", "%d-%b-%y", "%d%b%y"),
    *(
        "%b %d, %Y",
        "%B %d, %Y",
        "%b %d %Y",
        "%B %d %Y",
        "%b. %d, %Y",
        "%a, %d %b %Y",
        "%a %b %d %Y",
        "%A, %B %d, %Y",
    ),
    *("%Y-%b-%d", "%Y %b %d", "%d. %B %Y", "%d. %b %Y"),
)
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%b-%y", "%b %y", "%Y-%b")
_TIMES = (
    *("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p"),
    *("%H:%M:%S %z", "%H:%M:%S%z", "%H:%M:%S %Z", "%H.%M", "%H:%M:%S,%f"),
)
_OTHER = ("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %Z %Y", "%Y%m%d%H%M%S", "%Y%m%d%H%M")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+\-]\d{2}:?\d{2})?)?")
#: Fewer different dates, or fewer than these first ones, tell nothing.
_FEWEST, _FIRST = 3, 50
#: Years that days written as one number may have.
_YEARS = (1900, 2100)
_LONGEST = 40


@dataclass(frozen=True)
class DateFormat:
    """How a column writes dates.

    Attributes
    ----------
    format : str
        As `pandas.to_datetime` takes it.
    utc : bool
        Whether the cells name time zones.
    whole : bool
        Whether they are whole numbers such as 20260131, not text.
    unclear : bool
        Whether days and months may be exchanged, and no cell tells.
    """

    format: str
    utc: bool = False
    whole: bool = False
    unclear: bool = False

    def read(self, column: pd.Series) -> pd.Series:
        """Return a column's dates, NaT for cells that are none."""
        return by_level(column, self._read)

    def _read(self, cells: pd.Series) -> pd.Series:
        cells = cells.astype(str) if self.whole else cells
        return pd.to_datetime(cells, format=self.format, errors="coerce", utc=self.utc)

    def code(self, column: str) -> str:
        """Write the same as code, for the code of a column.

        Examples
        --------
        >>> DateFormat("%d/%m/%Y").code('df["day"]')
        'pd.to_datetime(df["day"], format="%d/%m/%Y", errors="coerce")'
        """
        column += ".astype(str)" if self.whole else ""
        utc = ", utc=True" if self.utc else ""
        return f'pd.to_datetime({column}, format="{self.format}", errors="coerce"{utc})'


def date_format(levels: Any) -> DateFormat | None:
    """Return the format in which a column writes dates, or None if it holds anything else but words for missing cells.

    One format for all cells; all of them decide which is the day and which the month.

    Parameters
    ----------
    levels : sequence or array
        The column's different cells, without missing ones.

    Examples
    --------
    >>> date_format(["03/04/2026", "31/12/2025", "?", "02/02/2026"]).format
    '%d/%m/%Y'
    >>> date_format(["03/04/2026", "05/12/2025", "02/03/2026"]).unclear
    True
    """
    first = [cell for cell in levels[:_FIRST] if not is_missing_word(cell)]  # tells of most columns
    if (
        not first
        or not isinstance(first[0], str)
        or not (_ISO.fullmatch(first[0]) or _shape(first[0]) in _formats())
    ):
        return None
    if not all(isinstance(cell, str) for cell in levels):
        return None
    written = [cell for cell in levels if not is_missing_word(cell)]
    if len(written) < _FEWEST or max(map(len, written[:_FIRST])) > _LONGEST:
        return None
    cells = pd.Series(written, dtype=object)
    if all(_ISO.fullmatch(cell) for cell in written[:_FIRST]) and cells.str.fullmatch(_ISO.pattern).all():
        return _iso(cells)
    fitting = [each for each in _formats().get(_shape(written[0]), ()) if _reads(each, cells)]
    if not fitting or (written[0].strip().isdigit() and not _in_our_time(cells)):
        return None
    likeliest = fitting[0]
    swapped = likeliest.translate(str.maketrans("dm", "md"))
    return DateFormat(
        likeliest, utc=_is_zoned(likeliest), unclear=swapped != likeliest and swapped in fitting
    )


def whole_date_format(numbers: Sequence[Any]) -> DateFormat | None:
    """Return the format of days that are written as whole numbers, such as 20260131; None if any is no day.

    Examples
    --------
    >>> whole_date_format([20260131, 20251224, 20250228]).whole, whole_date_format([20260131, 20251324, 20250228])
    (True, None)
    """
    first, last = (year * 10_000 for year in _YEARS)
    if len(numbers) < _FEWEST or not all(first < number < last for number in numbers):
        return None
    cells = pd.Series(numbers).astype(str)
    return DateFormat("%Y%m%d", whole=True) if _reads("%Y%m%d", cells) else None


def is_time_of_day(levels: Any) -> bool:
    """Whether all cells are times such as ``17:30``."""
    return all(
        isinstance(cell, str)
        and re.fullmatch(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?", cell, re.IGNORECASE)
        for cell in levels
    )


def _iso(cells: pd.Series) -> DateFormat | None:
    zoned = bool(cells.str.contains(r"Z$|:\d{2}.*[+\-]\d{2}:?\d{2}$").any())
    one = "%Y-%m-%d" if (cells.str.len() == len("2026-01-31")).all() else "ISO8601"
    found = DateFormat(one, utc=zoned)
    return found if found.read(cells).notna().all() else None


def _reads(each: str, cells: pd.Series) -> bool:
    """Whether a format reads all cells; the first ones tell of most formats that it does not."""
    found = DateFormat(each, utc=_is_zoned(each))
    return all(bool(found.read(some).notna().all()) for some in (cells.iloc[:_FIRST], cells))


def _is_zoned(each: str) -> bool:
    return "%z" in each or "%Z" in each


def _in_our_time(cells: pd.Series) -> bool:
    """Whether numbers of one length are days of the last century or this one."""
    first, last = map(str, _YEARS)
    digits = cells.str.strip()
    return bool(digits.between(first, last).all()) and bool((digits.str.len() == len(digits.iloc[0])).all())


@cache
def _formats() -> dict[str, tuple[str, ...]]:
    """Return the formats by the shape of their cells."""
    known = [*_DAYS, *_MONTHS, *_OTHER]
    known += [f"{day}{between}{time}" for day, between, time in product(_DAYS, (" ", "T", ":", ", "), _TIMES)]
    found: dict[str, list[str]] = {}
    for each in known:
        for moment in ("2026-11-09 14:25:36.5+00:00", "2026-05-09 14:25:36.5+00:00"):  # May has one name
            shapes = found.setdefault(_shape(pd.Timestamp(moment).strftime(each)), [])
            shapes += [each] if each not in shapes else []
    return {shape: tuple(formats) for shape, formats in found.items()}


def _shape(cell: str) -> str:
    """Return a cell with runs of digits and of letters written as one each."""
    return re.sub(r"[+\-](?=9(:9)?$)", "+", re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell.strip())))
