"""What the reader must know of how the columns were read: which are left out, and how numbers and dates are written."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.date_text import DateFormat
from imbalance_accessor.data.number_text import NumberFormat
from imbalance_accessor.errors import counted, listed
from imbalance_accessor.findings import Finding


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
    found += [_dates(read, dates, days)] if dates else []
    found += [_numbers(raw, read, written)] if written else []
    found += [_unclear_numbers(name, each) for name, each in written.items() if each.unclear]
    found += [_unclear_days(name, each) for name, each in days.items() if each.unclear]
    return found + ([_bounds(columns.bounds)] if columns.bounds else [])


def _left_out(columns: Columns, others: Mapping[Hashable, str]) -> Finding:
    reasons = ", ".join(f"{name!r} ({why})" for name, why in others.items())
    return Finding("IMB202", "note", f"Not used as features: {reasons}.", _cure(columns, others))


def _cure(columns: Columns, others: Mapping[Hashable, str]) -> str:
    """Name what can be done about the first kind of column that anything can be done about."""
    repeated = columns.of_kind("repeated id")
    if repeated:
        return f"Keep the rows of one value on one side: groups={repeated[0]!r}."
    if "free text" in map(columns.kinds.get, others):
        return "preprocess='skrub' makes features of free text."
    if ids := columns.of_kind("id"):
        return f"Ids tell nothing of new rows: df = df.drop(columns={ids!r:.200})."
    if set(map(columns.kinds.get, others)) <= {"constant", "empty"}:
        return "They tell no row from another: nothing to do."
    if set(map(columns.kinds.get, others)) <= {"constant", "empty", "groups", "time"}:
        return "Nothing to do: what rules the split is no feature."
    return "Derive numbers from them if they hold a signal."


def _dates(read: pd.DataFrame, names: list[Hashable], days: Mapping[Hashable, DateFormat]) -> Finding:
    spans = [f"{name!r} ({_span(read[name])}{_written(days.get(name))})" for name in names]
    first = names[0]
    cells = f"df[{first!r}]"
    dates = days[first].code(cells) if first in days else cells
    return Finding(
        "IMB209",
        "note",
        f"Dates, not used as features: {', '.join(spans)}.",
        f"Test on later rows with time={first!r}, learn from dates with preprocess='skrub', or derive a number, such as "
        f"df['month'] = {dates}.dt.month.",
    )


def _span(dates: pd.Series) -> str:
    low, high = dates.min(), dates.max()
    return f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"


def _written(days: DateFormat | None) -> str:
    return "" if days is None else f", written {days.format}"


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
        f"; {listed(sorted(blank.unique()), 4)} in {counted(len(blank), 'cell')} is missing"
        if len(blank)
        else ""
    )


def _unclear_numbers(name: Hashable, written: NumberFormat) -> Finding:
    cells = f"df[{name!r}]"
    mark, taken, other = (
        ("comma", "thousands", "decimals") if "," in written.example else ("dot", "decimals", "thousands")
    )
    instead = {"comma": ('",", "."'), "dot": ('".", ""')}[mark]
    return Finding(
        "IMB210",
        "warning" if written.unclear == "values" else "note",
        f"The {mark} in {name!r} (like {written.example!r}) may mark thousands or decimals, and no cell tells. It is taken "
        f"for {taken}.",
        f"If it marks {other}: {cells} = pd.to_numeric({cells}.str.replace({instead}, regex=False), errors='coerce').",
    )


def _unclear_days(name: Hashable, days: DateFormat) -> Finding:
    cells = f"df[{name!r}]"
    other = DateFormat(days.format.translate(str.maketrans("dm", "md")), utc=days.utc)
    first, second = (
        ("month", "day") if days.format.index("%m") < days.format.index("%d") else ("day", "month")
    )
    return Finding(
        "IMB210",
        "note",
        f"No cell of {name!r} tells whether the day or the month comes first: read as {days.format}, {first} first.",
        f"If the {second} comes first: {cells} = {other.code(cells)}.",
    )


def _bounds(names: tuple[Hashable, ...]) -> Finding:
    return Finding(
        "IMB211",
        "note",
        f"Numbers with words, such as '<1' or '10+', are taken as categories, without their order: {listed(names)}.",
        "If their order matters, map each of them to a number.",
    )
