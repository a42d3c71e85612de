"""A test frame of one's own: held against the first frame, with the lines that make the two alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pandas as pd

from imbalance_accessor.data.cells import holds_numbers, kinds_of, other_kinds
from imbalance_accessor.data.column_kinds import Columns, is_written, refuse_text
from imbalance_accessor.data.date_text import date_format
from imbalance_accessor.data.label_checks import is_broken
from imbalance_accessor.data.lines import as_pandas, assigned, cells, code, dropped
from imbalance_accessor.data.number_text import NumberFormat, is_missing_word, number_format
from imbalance_accessor.data.target import Target
from imbalance_accessor.errors import IN_WORDS, Fix, SplitError, counted, listed, nearest_of, one_line
from imbalance_accessor.findings import Finding

_NAMES = ("test",)
#: Ways to make cells those that another frame has: the code for a column, and what it does.
_CONVERSIONS: tuple[tuple[str, Callable[[pd.Series], Any]], ...] = (
    ("pd.to_numeric({})", pd.to_numeric),
    ('{}.map(str, na_action="ignore")', lambda column: column.map(str, na_action="ignore")),
    ("{}.astype(float)", lambda column: column.astype(float)),
    (
        '{}.map({{"True": True, "False": False}})',
        lambda column: column.map({"True": True, "False": False}),
    ),
    ("{}.map({{1: True, 0: False}})", lambda column: column.map({1: True, 0: False})),
)


def check_test_names(X: pd.DataFrame, labels: pd.Series, test: Any) -> Hashable:
    """Return the target's name, or refuse a test frame that is none, lacks a column, or has one twice."""
    if not isinstance(test, pd.DataFrame):
        raise SplitError(
            f"test= must be a DataFrame like the first one, not {type(test).__name__}. Make one of it.",
            fix=Fix(as_pandas(test, "test", column=labels.name)),
        )
    if not test.columns.is_unique:
        twice = list(dict.fromkeys(test.columns[test.columns.duplicated()]))
        raise SplitError(
            f"The test frame has {listed(twice)} more than once. Keep the first of each.",
            fix=Fix("test = test.loc[:, ~test.columns.duplicated()]"),
        )
    if labels.name is None:
        others = [name for name in test.columns if name not in X.columns]
        raise SplitError(
            "test= needs the target's column name; the Series passed as target has none. Name it.",
            fix=Fix(f"y = y.rename({code(others[0])})") if len(others) == 1 else IN_WORDS,
        )
    return labels.name


def check_test_columns(
    X: pd.DataFrame, target: Hashable, test: pd.DataFrame, ruling: tuple[Hashable | None, ...]
) -> None:
    """Refuse a test frame that lacks a column of the first frame."""
    absent = [column for column in [*X.columns, target] if column not in test.columns]
    if not absent:
        return
    others = [name for name in test.columns if name not in X.columns and name != target]
    renamed: dict[Hashable, Hashable] = {
        near[0]: name for name in absent if (near := nearest_of(name, others))
    }
    said, lines = "It needs every column of the first frame.", ""
    if len(renamed) == len(absent):
        said, lines = "Give its columns the first frame's names.", _renamed(renamed)
    elif target not in absent and not {*ruling} & {*absent} and len(absent) < len(X.columns):
        said, lines = "Leave out what it lacks, or add it.", dropped(absent)
    raise SplitError(f"The test frame lacks {listed(absent)}. {said}", fix=Fix(lines))


def _renamed(names: Mapping[Hashable, Hashable]) -> str:
    pairs = ", ".join(f"{code(old)}: {code(new)}" for old, new in names.items())
    return f"test = test.rename(columns={{{pairs}}})"


def check_test_labels(target: Target, labels: Target) -> None:
    """Refuse labels that the first frame lacks."""
    known, name = list(target.classes), labels.labels.name
    new = [label for label in labels.classes if label not in set(known)]
    if new:
        raise SplitError(
            f"The test frame has labels that the first one lacks: {listed(new)}. Leave those rows out.",
            fix=Fix(f"test = test[{cells(name, 'test')}.isin({code(known)})]")
            if len(new) < len(labels.classes) - 1
            else IN_WORDS,
        )


def check_written(columns: Columns, test: pd.DataFrame) -> None:
    """Refuse a test frame that writes numbers or dates in another way than the first frame."""
    for name, each in columns.formats.items():
        filled = _filled(test[name])
        if not len(filled) or not is_written(filled, each):
            continue
        numbers = isinstance(each, NumberFormat)
        misread = isinstance(each, NumberFormat) and each.misreads(filled)
        if misread or each.read(filled).isna().all():
            read = (number_format if numbers else date_format)(filled.astype(object).unique())
            raise SplitError(
                f"The test frame has cells like {one_line(filled.iloc[0])} in {name!r}, where the first frame has "
                f"{'numbers' if numbers else 'dates'} like {each.example!r}. Write them alike.",
                fix=IN_WORDS if read is None else Fix(assigned(name, _NAMES, read.code)),
            )


def unread(columns: Columns, test: pd.DataFrame) -> list[Finding]:
    """Count the cells of a test frame that are no numbers or dates in the format of the first frame."""
    found = []
    for name, each in columns.formats.items():
        filled = _filled(test[name])
        odd = filled[each.read(filled).isna()] if is_written(filled, each) else filled[:0]
        if len(odd):
            sentence = (
                f"{counted(len(odd), 'cell')} of {name!r} in the test frame, such as {one_line(odd.iloc[0])}, "
                f"cannot be read like {each.example!r}, and {'is' if len(odd) == 1 else 'are'} taken as missing."
            )
            found.append(Finding("IMB203", "warning", sentence, "Write them as the first frame does."))
    return found


def _filled(column: pd.Series) -> pd.Series:
    filled = column.dropna()
    return filled[[not is_missing_word(cell) for cell in filled]]


def check_text(X: pd.DataFrame, test: pd.DataFrame) -> None:
    """Refuse text that no library can hash or print."""
    if broken := [name for name in X.columns if _is_broken(test[name])]:
        refuse_text(test, broken, _NAMES)


def _is_broken(column: pd.Series) -> bool:
    dtype = column.dtype
    if pd.api.types.is_numeric_dtype(dtype) or getattr(dtype, "storage", "") == "pyarrow":
        return False
    try:
        return any(map(is_broken, column.dropna().unique()))
    except (TypeError, NotImplementedError):  # lists; the latter is pyarrow's
        return False


def check_kinds(X: pd.DataFrame, columns: Columns, test: pd.DataFrame) -> None:
    """Refuse a test frame whose cells are of another kind than those of the first frame."""
    wrong = [name for name in columns.numeric if not holds_numbers(test[name])]
    if wrong:
        kinds = set().union(*(kinds_of(test[name]) for name in wrong)) - {"numbers"} or {"complex numbers"}
        raise SplitError(
            f"The test frame has {' and '.join(sorted(kinds))} in {listed(wrong)}, where the first frame has numbers. "
            "Convert it.",
            fix=_as_numbers(wrong, test),
        )
    for name in columns.categorical:
        first = kinds_of(X[name])
        odd = other_kinds(test[name], first, as_text=name in columns.as_text)
        if odd:
            raise SplitError(
                f"The test frame has {' and '.join(sorted(odd))} in {name!r}, where the first frame has "
                f"{' and '.join(sorted(first))}. Convert them.",
                fix=Fix(_converted(name, X[name], test[name])),
            )


def _as_numbers(names: list[Hashable], test: pd.DataFrame) -> Fix:
    """Return the fix that makes numbers of columns, if each can be read so."""
    lines = []
    for name in names:
        filled = _filled(test[name]).astype(object)
        written = number_format(filled.unique()) if len(filled) else None
        if written is None or written.read(filled).isna().any():
            return IN_WORDS
        lines.append(assigned(name, _NAMES, written.code))
    return Fix("\n".join(lines))


def _converted(name: Hashable, first: pd.Series, test: pd.Series) -> str:
    """Write the line that makes cells levels of the first frame, where one of the ways does."""
    kinds, levels = kinds_of(first), set(first.dropna())
    for written, convert in _CONVERSIONS:
        try:
            found = convert(test)
        except (ValueError, TypeError):
            continue
        read = found.notna().sum() == test.notna().sum() and levels.intersection(found.dropna())
        if read and not other_kinds(found, kinds, as_text=False):
            return assigned(name, _NAMES, written.format)
    return ""
