"""What the reader must know of how the columns were read: which are left out, and how numbers and dates are written."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.date_text import BIRTH, DateFormat
from imbalance_accessor.data.number_text import NumberFormat, is_bound, number_format, reads_as_number
from imbalance_accessor.errors import counted, one_line
from imbalance_accessor.findings import Finding

#: The most cells, and their share of the different ones, that are errors among numbers.
_FEW_ODD, _ODD_SHARE = 10, 0.1
#: Days from which a part of dates tells rows apart.
_PARTS = {"year": 730, "month": 60, "day_of_week": 3}
#: Columns that a line names at most.
_MOST_DROPPED = 10


def reading_findings(
    raw: pd.DataFrame, read: pd.DataFrame, columns: Columns, *, described: bool = False
) -> list[Finding]:
    """Say how the columns were read.

    Parameters
    ----------
    raw, read : pandas.DataFrame
        The features as they came, and with the numbers and dates that they write as text.
    columns : Columns
    described : bool
        Whether dates and free text become features too.
    """
    features = columns.described if described else set(columns.used)
    dates = [name for name in columns.of_kind("date") if name not in features]
    others = {
        name: why for name, why in columns.left_out.items() if name not in features and name not in dates
    }
    written = {name: each for name, each in columns.formats.items() if isinstance(each, NumberFormat)}
    days = {name: each for name, each in columns.formats.items() if isinstance(each, DateFormat)}
    found = [_left_out(columns, others)] if others else []
    found += [_dates(read, dates, days, ruled=_is_ruled(columns))] if dates else []
    found += [_numbers(raw, read, written)] if written else []
    found += [_unclear_numbers(name, each) for name, each in written.items() if each.unclear]
    found += [_unclear_days(name, each) for name, each in days.items() if each.other]
    return found + ([_bounds(raw, columns.bounds)] if columns.bounds else [])


def _left_out(columns: Columns, others: Mapping[Hashable, str]) -> Finding:
    reasons = ", ".join(f"{name!r} ({why})" for name, why in others.items())
    return Finding("IMB202", "note", f"Not used as features: {reasons}.", _cure(columns, others))


def _cure(columns: Columns, others: Mapping[Hashable, str]) -> str:
    """Name what can be done about the first kind of column that anything can be done about."""
    repeated = columns.of_kind("repeated id")
    if repeated and not _is_ruled(columns):
        return f"Keep the rows of one value on one side: groups={repeated[0]!r}."
    if "free text" in map(columns.kinds.get, others):
        return "preprocess='skrub' makes features of free text."
    if ids := columns.of_kind("id", "repeated id"):
        return f"Ids tell nothing of new rows: df = df.drop(columns={ids[:_MOST_DROPPED]!r})."
    if set(map(columns.kinds.get, others)) <= {"constant", "empty"}:
        return "They tell no row from another: nothing to do."
    if set(map(columns.kinds.get, others)) <= {"constant", "empty", "groups", "time"}:
        return "Nothing to do: what rules the split is no feature."
    return "Derive numbers from them if they hold a signal."


def _is_ruled(columns: Columns) -> bool:
    return bool(columns.of_kind("groups", "time"))


def _dates(
    read: pd.DataFrame, names: list[Hashable], days: Mapping[Hashable, DateFormat], *, ruled: bool
) -> Finding:
    spans = [f"{name!r} ({_span(read[name])}{_written(read[name], days.get(name))})" for name in names]
    first, dates = names[0], read[names[0]]
    typed = pd.api.types.is_datetime64_any_dtype(dates.dtype) and not dates.isna().any()
    doubtful = BIRTH.search(str(first)) or _is_wrapped(dates, days.get(first))
    orders = typed and not (ruled or doubtful)
    intro = f"Test on later rows with time={first!r}, or" if orders else "If they matter,"
    code = f"df[{first!r}]"
    if first in days:
        code = days[first].code(code)
    elif pd.api.types.is_object_dtype(dates.dtype):
        code = f"pd.to_datetime({code}, utc=True)"
    part = _telling_part(dates)
    return Finding(
        "IMB209",
        "note",
        f"Dates, not used as features: {', '.join(spans)}.",
        f"{intro} make features of dates with preprocess='skrub' or by hand, such as "
        f"df[{f'{first}_{part}'!r}] = {code}.dt.{part}.",
    )


def _telling_part(dates: pd.Series) -> str:
    """Return the part of dates of which a span holds several."""
    try:
        days = (dates.max() - dates.min()).days
    except (AttributeError, TypeError):  # periods, dates of several types
        return "month"
    return next((part for part, least in _PARTS.items() if days >= least), "hour")


def _is_wrapped(dates: pd.Series, written: DateFormat | None) -> bool:
    """Whether years of two digits are read as years to come."""
    return written is not None and "%y" in written.format and dates.dt.year.max() > pd.Timestamp.now().year


def _span(dates: pd.Series) -> str:
    try:
        low, high = dates.min(), dates.max()
    except TypeError:  # with and without a time zone, or a time
        return "of several types"
    return f"{low.strftime('%Y-%m-%d')} to {high.strftime('%Y-%m-%d')}"


def _written(dates: pd.Series, days: DateFormat | None) -> str:
    if days is None:
        return ""
    return (
        f", written {days.format}{', some to come by their two digits' if _is_wrapped(dates, days) else ''}"
    )


def _numbers(raw: pd.DataFrame, read: pd.DataFrame, written: Mapping[Hashable, NumberFormat]) -> Finding:
    columns = [
        f"{name!r} ({', '.join(filter(None, [f'like {each.example!r}', each.says]))}{_blank(raw[name], read[name])})"
        for name, each in written.items()
    ]
    return Finding(
        "IMB203",
        "note",
        f"Numbers written as text, read as numbers: {', '.join(columns)}.",
        "Nothing to do: models and snippets read them so.",
    )


def _blank(raw: pd.Series, read: pd.Series) -> str:
    """Say which cells are read as missing."""
    blank = raw[read.isna() & raw.notna()]
    return (
        f"; {_shown(sorted(blank.unique()))} in {counted(len(blank), 'cell')} is missing"
        if len(blank)
        else ""
    )


def _shown(cells: Sequence[Any]) -> str:
    """Write the first cells, none of them longer than a line."""
    return ", ".join([*map(one_line, cells[:3]), *(["..."] if len(cells) > 3 else [])])


def _unclear_numbers(name: Hashable, written: NumberFormat) -> Finding:
    cells, comma = f"df[{name!r}]", "," in written.example
    mark, taken, other = ("comma", "thousands", "decimals") if comma else ("dot", "decimals", "thousands")
    rest = [each for each in written.replacements if each != (",", "")]
    instead = replace(written, replacements=((",", ".") if comma else ("[.]", ""), *rest))
    return Finding(
        "IMB210",
        "warning" if written.unclear == "values" else "note",
        f"The {mark} in {name!r} (like {written.example!r}) may mark thousands or decimals, and no cell tells. It is taken "
        f"for {taken}.",
        f"If it marks {other}: {cells} = {instead.code(cells)}.",
    )


def _unclear_days(name: Hashable, days: DateFormat) -> Finding:
    cells = f"df[{name!r}]"
    other = replace(days, format=days.other)
    return Finding(
        "IMB210",
        "note",
        f"The dates of {name!r} are read as {days.format}, {_first(days)} first; as {days.other} all cells are dates too.",
        f"If the {_first(other)} comes first: {cells} = {other.code(cells)}.",
    )


def _first(days: DateFormat) -> str:
    return {"d": "day", "m": "month", "y": "year"}[re.findall("%([dmy])", days.format)[0]]


def _bounds(raw: pd.DataFrame, names: tuple[Hashable, ...]) -> Finding:
    levels = {name: list(raw[name].dropna().unique()) for name in names}
    odd = {name: [cell for cell in cells if not reads_as_number(cell)] for name, cells in levels.items()}
    shown = ", ".join(f"{name!r} ({_shown(cells or levels[name])})" for name, cells in odd.items())
    line = _typing_errors(names[0], levels[names[0]], odd[names[0]]) if len(names) == 1 else ""
    return Finding(
        "IMB211",
        "note",
        f"Numbers among words, or with words, are taken as categories, without their order: {shown}.",
        line or "If their order matters, map each of them to a number.",
    )


def _typing_errors(name: Hashable, levels: Any, odd: list[Any]) -> str:
    """Write the line that makes numbers of a column with a few cells that are none."""
    if len(odd) > _FEW_ODD or any(map(is_bound, odd)):  # 90+ is no error
        return ""
    others = [cell for cell in levels if cell not in odd]
    written = number_format(others) if len(odd) <= _ODD_SHARE * len(others) else None
    if written is None or written.read(pd.Series(odd, dtype=object)).notna().any():
        return ""
    cells = f"df[{name!r}]"
    return f"If such cells are errors, make them missing: {cells} = {written.code(cells)}."
