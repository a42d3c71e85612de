"""Dates written as text: in which format a column writes them, and how they are read."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import pandas as pd

from imbalance_accessor.data.cells import as_float, by_level
from imbalance_accessor.data.number_text import is_missing_word

#: Formats of days, the likelier first where cells fit several; of months; and of times after a day.
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%y/%m/%d", "%y-%m-%d"),
    *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%B-%Y", "%d/%b/%Y", "%d%b%Y", "%d %b %y", "%d-%b-%y", "%d%b%y"),
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%b. %d, %Y", "%d %B, %Y", "%d. %B %Y", "%d. %b %Y"),
    *("%a, %d %b %Y", "%a %d %b %Y", "%a %b %d %Y", "%A, %B %d, %Y", "%A, %d %B %Y", "%Y-%b-%d", "%Y %b %d"),
)
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%b-%y", "%b %y", "%Y-%b")
_TIMES = (
    *("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p"),
    *("%H:%M:%S %z", "%H:%M:%S%z", "%H:%M:%S %Z", "%H.%M", "%H:%M:%S,%f"),
    *("%H.%M.%S", "%H.%M.%S.%f", "%I.%M.%S.%f %p"),
)
_OTHER = (
    *(
        "%a %b %d %H:%M:%S %Y",
        "%a %b %d %H:%M:%S.%f %Y",
        "%a %b %d %H:%M:%S %Z %Y",
        "%a %b %d %H:%M:%S %z %Y",
    ),
    *("[%d/%b/%Y:%H:%M:%S %z]", "%H:%M:%S %d/%m/%Y", "%H:%M %d/%m/%Y", "%H:%M:%S %d.%m.%Y", "%H:%M %d.%m.%Y"),
    *(
        "%Y%m%d%H%M%S",
        "%Y%m%d%H%M",
        "%Y%m%dT%H%M%S",
        "%Y%m%dT%H%M%S%z",
        "%Y-%m-%d-%H.%M.%S",
        "%Y-%m-%d-%H.%M.%S.%f",
    ),
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+\-]\d{2}:?\d{2})?)?")
_DIGIT = re.compile(r"\d")
#: What databases write for no date, and for a day that never comes.
_NEVER = re.compile(r"[0\s./:T\-]*|9999\D.*|31\D12\D9999.*|12\D31\D9999.*")
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
    example : str
        A cell, as it is written.
    utc : bool
        Whether the cells name time zones.
    whole : bool
        Whether they are whole numbers such as 20260131, not text.
    padded : bool
        Whether spaces stand around them.
    declared : bool
        Whether the column is one of categories by type.
    other : str
        Another format that all cells fit too, with another order of day, month and year.
    """

    format: str
    example: str = ""
    utc: bool = False
    whole: bool = False
    padded: bool = False
    declared: bool = False
    other: str = ""

    def read(self, column: pd.Series) -> pd.Series:
        """Return a column's dates, NaT for cells that are none."""
        return by_level(column, self._read)

    def _read(self, cells: pd.Series) -> pd.Series:
        numbers = pd.api.types.infer_dtype(cells) in ("integer", "floating", "mixed-integer-float")
        cells = _whole(cells) if numbers else cells.astype(object)
        cells = cells.str.strip() if self.padded else cells
        return pd.to_datetime(cells, format=self.format, errors="coerce", utc=self.utc)

    def code(self, column: str) -> str:
        """Write the same as code, for the code of a column.

        Examples
        --------
        >>> DateFormat("%d/%m/%Y").code('df["day"]')
        'pd.to_datetime(df["day"], format="%d/%m/%Y", errors="coerce")'
        """
        column += '.astype("Int64").astype(str)' if self.whole else ""
        column += ".astype(object)" if self.declared else ""
        column += ".str.strip()" if self.padded else ""
        utc = ", utc=True" if self.utc else ""
        return f'pd.to_datetime({column}, format="{self.format}", errors="coerce"{utc})'


def _whole(column: pd.Series) -> pd.Series:
    """Return whole numbers as text; rows to come may hold others, which are no days."""
    values = as_float(column)
    return values.where(values % 1 == 0).astype("Int64").astype(str)


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
    >>> date_format(["03/04/2026", "05/12/2025", "02/03/2026"]).other
    '%d/%m/%Y'
    """
    if not all(map(_is_dated, levels[:_FIRST])) or not all(isinstance(cell, str) for cell in levels):
        return None
    written = [cell for cell in levels if not _is_never(cell)]
    if len(written) < _FEWEST:
        return None
    stripped = [cell.strip() for cell in written]
    padded = stripped != written
    cells = pd.Series(stripped, dtype=object)
    if cells.str.fullmatch(_ISO.pattern).all():
        return _iso(cells, padded=padded)
    fitting = [each for each in _formats().get(_shape(stripped[0]), ()) if _reads(each, cells)]
    if not fitting or (_is_code(stripped[0]) and not _in_our_time(fitting[0], cells)):
        return None
    likeliest, *others = sorted(fitting, key=lambda each: _years(each, cells))
    other = next((each for each in others if sorted(each) == sorted(likeliest)), "")
    return DateFormat(likeliest, stripped[0], utc=_is_zoned(likeliest), padded=padded, other=other)


def _is_dated(cell: Any) -> bool:
    """Whether a cell looks like a date, or is a word for a missing one."""
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return False
    if not _DIGIT.search(cell):  # as every date has one, formats need not be made for words
        return _is_never(cell)
    return _is_never(cell) or bool(_ISO.fullmatch(cell.strip())) or _may_fit(cell)


def _may_fit(cell: str) -> bool:
    """Whether a format has a cell's shape and, where all of them name months, the cell names one."""
    formats = _formats().get(_shape(cell), ())
    return bool(formats) and (
        not all("%b" in each or "%B" in each for each in formats)
        or any(month in cell.lower() for month in _months())
    )


@cache
def _months() -> tuple[str, ...]:
    """Return the names of months, short and long."""
    return tuple(name.lower() for name in (*calendar.month_abbr, *calendar.month_name) if name)


def _is_never(cell: str) -> bool:
    return is_missing_word(cell) or _NEVER.fullmatch(cell) is not None


def _years(each: str, cells: pd.Series) -> int:
    """Count the years, where two digits may be a year or a day: of years there are fewer."""
    return _as_dates(each, cells).dt.year.nunique() if "%y" in each else 0


def whole_date_format(numbers: Sequence[Any]) -> DateFormat | None:
    """Return the format of days that are written as whole numbers, such as 20260131; None if any is no day.

    Examples
    --------
    >>> whole_date_format([20260131, 20251224, 20250228]).whole, whole_date_format([20260131, 20251324, 20250228])
    (True, None)
    """
    first, last = (year * 10_000 for year in _YEARS)
    days = [number for number in numbers if number]  # some write 0 for no date
    if len(days) < _FEWEST or not all(first < number < last for number in days):
        return None
    cells = pd.Series(days).astype(str)
    return DateFormat("%Y%m%d", cells.iloc[0], whole=True) if _reads("%Y%m%d", cells) else None


#: Names of days that order no rows: those of births, and of what was built.
BIRTH = re.compile(r"birth|born|built|dob", re.IGNORECASE)
#: Times without a date, such as 17:30 and 5:30 pm, or with a day but no year, as in system logs.
_NO_YEAR = re.compile(
    r"(?:[a-z]{3} {1,2}\d{1,2} )?(?:[01]?\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?", re.IGNORECASE
)


MIXED_DATES = "dates not of one format"


def other_times(cells: Sequence[str]) -> str:
    """Return what cells are that tell of time but are no dates of one format; nothing if they do not.

    Examples
    --------
    >>> other_times(["17:30", "8:15"]), other_times(["2026-01-31", "3/4/2026", "5 May 2026"]), other_times(["a1", "b2"])
    ('times of day', 'dates not of one format', '')
    """
    if not any(map(_is_dated, cells[:_FIRST])) and not _NO_YEAR.fullmatch(cells[0].strip()):
        return ""
    if all(_NO_YEAR.fullmatch(cell.strip()) for cell in cells):
        return "times of day" if cells[0].strip()[0].isdigit() else "times without a year"
    dated = sum(map(_is_date, cells[:_FIRST]))
    return MIXED_DATES if 2 * dated >= len(cells[:_FIRST]) >= _FEWEST else ""


def _is_date(cell: str) -> bool:
    """Whether a cell alone is a date of this time, in any format."""
    return date_format([cell] * _FEWEST) is not None


def _iso(cells: pd.Series, *, padded: bool) -> DateFormat | None:
    zoned = bool(cells.str.contains(r"Z$|:\d{2}.*[+\-]\d{2}:?\d{2}$").any())
    one = "%Y-%m-%d" if (cells.str.len() == len("2026-01-31")).all() else "ISO8601"
    found = DateFormat(one, cells.iloc[0], utc=zoned, padded=padded)
    return found if found.read(cells).notna().all() else None


def _reads(each: str, cells: pd.Series) -> bool:
    """Whether a format reads all cells; the first ones tell of most formats that it does not."""
    return all(bool(_as_dates(each, some).notna().all()) for some in (cells.iloc[:_FIRST], cells))


def _as_dates(each: str, cells: pd.Series) -> pd.Series:
    return DateFormat(each, utc=_is_zoned(each)).read(cells)


def _is_zoned(each: str) -> bool:
    return "%z" in each or "%Z" in each


def _is_code(cell: str) -> bool:
    """Whether a cell may as well be a code: one number or two, such as 20260131 and 01-2026."""
    return re.fullmatch(r"\d+\W?\d*", cell) is not None


def _in_our_time(each: str, cells: pd.Series) -> bool:
    """Whether cells are dates of the last century or this one; a number without marks has its full length then."""
    years = _as_dates(each, cells).dt.year
    as_long = not cells.iloc[0].isdigit() or bool((cells.str.len() == len(cells.iloc[0])).all())
    return as_long and bool(years.between(*_YEARS).all())


@cache
def _formats() -> dict[str, tuple[str, ...]]:
    """Return the formats by the shape of their cells."""
    known = [*_DAYS, *_MONTHS, *_OTHER]
    known += [f"{day}{between}{time}" for day, between, time in product(_DAYS, (" ", "T", ":", ", "), _TIMES)]
    found: dict[str, list[str]] = {}
    for each in known:
        for moment in ("2026-11-09 14:25:36.5+00:00", "2026-05-09 14:25:36.5+00:00"):  # May has one name
            cell = pd.Timestamp(moment).strftime(each)
            for shape in {_shape(cell), _shape(cell.replace("+0000", "Z"))}:
                formats = found.setdefault(shape, [])
                formats += [each] if each not in formats else []
    return {shape: tuple(formats) for shape, formats in found.items()}


def _shape(cell: str) -> str:
    """Return a cell with runs of digits, of letters and of spaces written as one each."""
    cell = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", " ".join(cell.split())))
    return re.sub(r"[+\-](?=9(:9)?$)", "+", cell)  # zones lie on both sides
