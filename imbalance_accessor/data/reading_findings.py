"""What the reader must know of how the columns were read: which are left out, and how numbers and dates are written."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import pandas as pd

from imbalance_accessor.data.column_kinds import ColumnKind, Columns
from imbalance_accessor.data.date_text import BIRTH, DateFormat
from imbalance_accessor.data.lines import assigned, cells, dropped, on_each
from imbalance_accessor.data.number_text import NumberFormat, is_bound, number_format, reads_as_number
from imbalance_accessor.errors import IN_WORDS, Fix, counted, listed, makes_missing, one_line
from imbalance_accessor.findings import Finding

#: The most cells, and their share of the different ones, that are errors among numbers.
_FEW_ODD, _ODD_SHARE = 10, 0.1
#: Days from which a part of dates distinguishes rows.
_PARTS = {"year": 730, "month": 60, "day_of_week": 3}
#: Types of Arrow's dates, which have no hours.
_DAYS_ALONE = re.compile(r"date\d+\[")


def reading_findings(
    raw: pd.DataFrame,
    read: pd.DataFrame,
    columns: Columns,
    *,
    names: tuple[str, ...] = ("df",),
    grouping: Hashable | None = None,
    described: bool = False,
) -> list[Finding]:
    """Say how the columns were read.

    Parameters
    ----------
    raw, read : pandas.DataFrame
        The features as they came, and with the numbers and dates that they write as text.
    columns : Columns
    names : tuple of str
        What the frames are called, in lines that mend them.
    grouping : hashable, optional
        An id with repeated values by which rows can be divided.
    described : bool
        Whether dates and free text become features too.
    """
    features = columns.described if described else set(columns.used)
    dates = [name for name in columns.of_kind("date") if name not in features]
    ruling = {*dates, *columns.of_kind("groups", "time", "weights")}  # what was named is no news
    others = {name: why for name, why in columns.left_out.items() if name not in ruling.union(features)}
    written = {name: each for name, each in columns.formats.items() if isinstance(each, NumberFormat)}
    days = {name: each for name, each in columns.formats.items() if isinstance(each, DateFormat)}
    found = [_left_out(columns, others, names, grouping)] if others else []
    found += [_dates(read, dates, days, names, ruled=_is_ruled(columns))] if dates else []
    found += [_numbers(raw, read, written)] if written else []
    found += [_unclear_numbers(name, each, names) for name, each in written.items() if each.unclear]
    found += [_unclear_days(name, each, names) for name, each in days.items() if each.other]
    return found + ([_bounds(raw, columns.bounds, names)] if columns.bounds else [])


def _left_out(
    columns: Columns, others: Mapping[Hashable, str], names: tuple[str, ...], grouping: Hashable | None
) -> Finding:
    reasons = ", ".join(f"{name!r} ({why})" for name, why in others.items())
    cure, fix = _cure(columns, others, names, grouping)
    return Finding("IMB202", "note", f"Not used as features: {reasons}.", cure, fix=fix)


def _cure(
    columns: Columns, others: Mapping[Hashable, str], names: tuple[str, ...], grouping: Hashable | None
) -> tuple[str, Fix]:
    """Say what can be done about each kind of column, and return the fix that does it."""
    of: dict[ColumnKind, list[Hashable]] = {}
    for name in others:
        of.setdefault(columns.kinds[name], []).append(name)
    if of.keys() <= {"constant", "empty"}:
        return "They do not vary: nothing to do.", IN_WORDS
    said, options, possible = [], dict[str, Any](), True
    if of.get("repeated id") and not _is_ruled(columns):
        possible = grouping is not None
        said.append(
            f"Keep the rows of one value on one side: groups={grouping!r}."
            if possible
            else "The rows of one value belong on one side of a split."
        )
        options["groups"] = grouping
    if of.get("free text"):
        possible &= find_spec("skrub") is not None
        said.append("preprocess='skrub' of fit_eval makes features of free text.")
        options["preprocess"] = "skrub"
    dropped_names = [
        name for name in others if columns.kinds[name] != "free text" and name not in options.values()
    ]
    if of.get("id") or (of.get("repeated id") and _is_ruled(columns)):
        said.append("Ids say nothing about new rows: leave them out.")
    if other := of.get("other"):
        said.append(f"Make numbers of {listed(other)} if they hold a signal, or leave them out.")
    possible &= len(dropped_names) < len(columns.kinds)
    lines = dropped(dropped_names, names) if dropped_names else ""
    return " ".join(said), Fix(lines, options) if possible else IN_WORDS


def _is_ruled(columns: Columns) -> bool:
    return bool(columns.of_kind("groups", "time"))


def _dates(
    read: pd.DataFrame,
    columns: list[Hashable],
    days: Mapping[Hashable, DateFormat],
    names: tuple[str, ...],
    *,
    ruled: bool,
) -> Finding:
    spans = [f"{name!r} ({_span(read[name])}{_written(read[name], days.get(name))})" for name in columns]
    first, dates = columns[0], read[columns[0]]
    typed = pd.api.types.is_datetime64_any_dtype(dates.dtype) and not dates.isna().any()
    doubtful = BIRTH.search(str(first)) or _is_wrapped(dates, days.get(first))
    orders = (
        f"Test on later rows with time={first!r}, or"
        if typed and not (ruled or doubtful)
        else "If they matter,"
    )
    lines = [_part_of(name, read, days, names) for name in columns]
    return Finding(
        "IMB209",
        "note",
        f"Dates, not used as features: {', '.join(spans)}.",
        f"{orders} make features of dates with preprocess='skrub' of fit_eval, or by hand.",
        fix=Fix("\n".join([*lines, dropped(columns, names)])) if all(lines) else IN_WORDS,
    )


def _part_of(
    name: Hashable, read: pd.DataFrame, days: Mapping[Hashable, DateFormat], names: tuple[str, ...]
) -> str:
    """Write the lines that make a feature of dates; nothing where its name is taken."""
    dates = read[name]
    part = _telling_part(dates)
    new = f"{name}_{part}"
    if new in read.columns:
        return ""

    def written(column: str) -> str:
        if name in days:
            return days[name].code(column)
        return f"pd.to_datetime({column}, utc=True)" if pd.api.types.is_object_dtype(dates.dtype) else column

    return on_each(names, lambda df: f"{cells(new, df)} = {written(cells(name, df))}.dt.{part}")


def _telling_part(dates: pd.Series) -> str:
    """Return the part of dates of which a span holds several."""
    try:
        days = (dates.max() - dates.min()).days
    except (AttributeError, TypeError):  # periods, dates of several types
        return "month"
    part = next((part for part, least in _PARTS.items() if days >= least), "hour")
    return "day" if part == "hour" and _DAYS_ALONE.match(str(dates.dtype)) else part


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


def _unclear_numbers(name: Hashable, written: NumberFormat, names: tuple[str, ...]) -> Finding:
    comma = "," in written.example
    mark, taken, other = ("comma", "thousands", "decimals") if comma else ("dot", "decimals", "thousands")
    rest = [each for each in written.replacements if each != (",", "")]
    instead = replace(written, replacements=((",", ".") if comma else ("[.]", ""), *rest))
    return Finding(
        "IMB210",
        "warning" if written.unclear == "values" else "note",
        f"The {mark} in {name!r} (like {written.example!r}) may mark thousands or decimals, and no cell decides it. It is taken "
        f"for {taken}.",
        f"If it marks {other}, read it so.",
        fix=Fix(assigned(name, names, instead.code)),
    )


def _unclear_days(name: Hashable, days: DateFormat, names: tuple[str, ...]) -> Finding:
    other = replace(days, format=days.other)
    return Finding(
        "IMB210",
        "note",
        f"The dates of {name!r} are read as {days.format}, {_first(days)} first; as {days.other} all cells are dates too.",
        f"If the {_first(other)} comes first, read them so.",
        fix=Fix(assigned(name, names, other.code)),
    )


def _first(days: DateFormat) -> str:
    return {"d": "day", "m": "month", "y": "year"}[re.findall("%([dmy])", days.format)[0]]


def _bounds(raw: pd.DataFrame, columns: tuple[Hashable, ...], names: tuple[str, ...]) -> Finding:
    levels = {name: list(raw[name].dropna().unique()) for name in columns}
    odd = {name: [cell for cell in own if not reads_as_number(cell)] for name, own in levels.items()}
    shown = ", ".join(f"{name!r} ({_shown(own or levels[name])})" for name, own in odd.items())
    lines = [_typing_errors(name, levels[name], odd[name], names) for name in columns]
    errors = all(lines)
    return Finding(
        "IMB211",
        "note",
        f"Numbers among words, or with words, are taken as categories, without their order: {shown}.",
        "If such cells are errors, make them missing."
        if errors
        else "If their order matters, map each of them to a number.",
        fix=makes_missing("\n".join(lines)) if errors else IN_WORDS,
    )


def _typing_errors(name: Hashable, levels: Any, odd: list[Any], names: tuple[str, ...]) -> str:
    """Write the line that makes numbers of a column with a few cells that are none."""
    if len(odd) > _FEW_ODD or any(map(is_bound, odd)):  # 90+ is no error
        return ""
    others = [cell for cell in levels if cell not in odd]
    written = number_format(others) if len(odd) <= _ODD_SHARE * len(others) else None
    if written is None or written.read(pd.Series(odd, dtype=object)).notna().any():
        return ""
    return assigned(name, names, written.code)
