"""Cells that are no labels: refused by name, with the line that makes labels of them where one is known."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.lines import code, on_each
from imbalance_accessor.errors import IN_WORDS, Fix, TargetError, one_line, spelled_out
from imbalance_accessor.process_state import own_filters

#: Fewer distinct values than this are classes, whatever they look like.
FEW_CLASSES = 20
#: From this share of different labels on they are no classes, but ids, free text or measurements.
_ID_SHARE = 0.9
#: Characters that are none alone, and what text with such is called.
_SURROGATE, BROKEN = re.compile("[\\ud800-\\udfff]"), "text that is no Unicode"


@dataclass(frozen=True)
class Places:
    """Where labels stand in the reader's code, and what is asked of them.

    Attributes
    ----------
    cells : tuple of str
        ``df["churn"]``, or ``y`` for a Series; the column of a test frame too.
    pos_label : hashable
        The positive class as it was given.
    """

    cells: tuple[str, ...]
    pos_label: Hashable | None = None

    def assigned(self, write: Callable[[str], str]) -> Fix:
        """Return the fix that gives them other cells."""
        return Fix(on_each(self.cells, lambda cells: f"{cells} = {write(cells)}"))

    @property
    def as_text(self) -> Fix:
        """The fix that makes text of them; missing ones stay missing."""
        given = {} if self.pos_label is None else {"pos_label": str(self.pos_label)}
        return Fix(self.assigned(lambda cells: f'{cells}.map(str, na_action="ignore")').lines, given)


def are_same(columns: pd.DataFrame) -> bool:
    """Whether columns hold the same cells; as objects, since pandas cannot compare sparse truth values."""
    first, *others = (columns.iloc[:, place].astype(object) for place in range(columns.shape[1]))
    return all(each.equals(first) for each in others)


def target_text(labels: pd.Series) -> str:
    """Name labels in a sentence."""
    return "The target" if labels.name is None else repr(labels.name)


def native(column: pd.Series) -> str:
    """Return the type that a column of another order of bytes needs: pandas cannot sort or take its cells."""
    return str(np.dtype(column.to_numpy().dtype).newbyteorder("=").name)


def must_be_float64(labels: pd.Series) -> bool:
    """Whether labels are floats of 16 or 128 bits, in objects or sparse too: pandas counts them, and looks none up."""
    dtype = labels.dtype.subtype if isinstance(labels.dtype, pd.SparseDtype) else labels.dtype
    if pd.api.types.is_object_dtype(dtype):
        floats = pd.api.types.infer_dtype(labels, skipna=True) == "floating"
        return floats and any(isinstance(cell, np.longdouble) for cell in labels)
    return (
        isinstance(dtype, np.dtype) and dtype.isnative and dtype.kind == "f" and dtype.itemsize not in (4, 8)
    )


def check_name(labels: pd.Series, places: Places) -> None:
    """Refuse a name that is no Unicode, of a Series or of a column."""
    if is_broken(labels.name):
        new = spelled_out(str(labels.name))
        beside = places.cells[0] == "y"
        raise TargetError(
            f"The target's name must be Unicode; {labels.name!r} is not. Rename it.",
            fix=Fix(f"y = y.rename({code(new)})") if beside else Fix(readable_names("df"), {"target": new}),
        )


def check_kind(labels: pd.Series, places: Places) -> None:
    """Refuse labels in another machine's order of bytes, complex numbers, dates and durations."""
    kind = labels.dtype
    if isinstance(kind, np.dtype) and not kind.isnative:
        raise TargetError(
            f"{target_text(labels)} holds {kind.str} values, in another machine's order of bytes. Make it native.",
            fix=places.assigned(lambda cells: f'{cells}.astype("{native(labels)}")'),
        )
    if kind.kind == "c":
        real = bool((np.imag(labels.to_numpy()) == 0).all())
        raise TargetError(
            f"{target_text(labels)} holds complex numbers, which are no classes. "
            + (
                "Take their real part: the other is 0."
                if real
                else "Make classes of them, or name another column."
            ),
            fix=places.assigned(lambda cells: f"{cells}.map(lambda cell: cell.real)") if real else IN_WORDS,
        )
    if pd.api.types.is_datetime64_any_dtype(kind) or isinstance(kind, pd.PeriodDtype) or kind.kind == "m":
        raise TargetError(
            f"{target_text(labels)} holds {kind} values, which are no classes. "
            "Make classes of them first, such as before and after a day."
        )


def count(labels: pd.Series, places: Places) -> pd.Series:
    """Return how many rows each label has, or refuse cells that are none."""
    try:
        # missing cells counted too and dropped after: pandas looks at each object twice to leave them out itself
        with own_filters():  # pandas 2 warns of how the index of intervals will look in pandas 3
            warnings.filterwarnings("ignore", "The behavior of value_counts", FutureWarning)
            counted = labels.value_counts(sort=False, dropna=False)
        set(counted.index)  # pandas counts lists and dicts, which are no labels
    except (TypeError, NotImplementedError) as error:
        raise TargetError(
            f"{target_text(labels)} holds cells that cannot be compared ({one_line(error)}). "
            "Labels must be single values: text, numbers or booleans.",
            fix=places.assigned(lambda cells: f"{cells}.str[0]") if _are_singles(labels) else IN_WORDS,
        ) from None
    if broken := next(filter(is_broken, counted.index), None):
        raise TargetError(
            f"{target_text(labels)} holds {BROKEN}, such as {one_line(broken)}. Write it anew.",
            fix=places.assigned(readable),
        )
    met: pd.Series = counted[counted > 0]
    return met[~np.asarray(met.index.isna())]


def is_broken(cell: Any) -> bool:
    """Whether a cell is text that no library can hash or print, such as half of a pair of surrogates."""
    return isinstance(cell, str) and not cell.isascii() and _SURROGATE.search(cell) is not None


def readable_names(df: str) -> str:
    """Write the names of a frame's columns with what is no Unicode in them spelled out."""
    new = 'name.encode("utf-8", "backslashreplace").decode()'
    return f"{df}.columns = [{new} if isinstance(name, str) else name for name in {df}.columns]"


def readable(cells: str) -> str:
    """Write cells with what is no Unicode in them spelled out."""
    return f'{cells}.map(lambda cell: str(cell).encode("utf-8", "backslashreplace").decode(), na_action="ignore")'


def _are_singles(labels: pd.Series) -> bool:
    """Whether all cells are lists of one label."""
    return all(isinstance(cell, list | tuple) and len(cell) == 1 for cell in labels)


def check_classes(labels: pd.Series, counted: pd.Series, places: Places, *, missing: int) -> None:
    """Refuse labels of which there is none, or one, or that are measurements, ids or free text."""
    if counted.empty:
        raise TargetError(
            f"{target_text(labels)} has no labels: all {missing:,} cells are missing. Name another column."
        )
    if len(counted) == 1:
        _refuse_one(labels, counted, places, missing)
    if pd.api.types.is_float_dtype(labels.dtype):
        _check_whole(labels, counted, places)
    if len(counted) > FEW_CLASSES:
        _check_many(labels, counted, places)


def _refuse_one(labels: pd.Series, counted: pd.Series, places: Places, missing: int) -> None:
    label = counted.index.tolist()[0]
    other = _other_than(label)
    rows = f"in all {int(counted.iloc[0]):,} labelled rows"
    if not missing or other is None:
        raise TargetError(
            f"{target_text(labels)} has one class, {label!r}, {rows}. Two are needed: check the filter that made this frame."
        )
    raise TargetError(
        f"{target_text(labels)} has one class, {label!r}, {rows}; {missing:,} cells are missing. "
        f"If a missing cell means the other class, write {other!r} there; else check the filter that made this frame.",
        fix=places.assigned(lambda cells: f"{cells}.astype(object).where({cells}.notna(), {code(other)})"),
    )


def _other_than(label: Any) -> Any:
    """Return what a missing cell may mean beside one label that says yes; None where the label is no such word."""
    if isinstance(label, str):
        return f"not {label}"
    return type(label)(0) if isinstance(label, bool | int | float) and label else None


def _check_many(labels: pd.Series, counted: pd.Series, places: Places) -> None:
    """Refuse ids, free text and measurements: nearly all different, or numbers with gaps of which many are met once."""
    distinct, rows, single = len(counted), int(counted.sum()), int((counted == 1).sum())
    said = f"{distinct:,} distinct values in {rows:,} rows, {single:,} of them met once"
    nearly_all = distinct >= _ID_SHARE * rows
    if not pd.api.types.is_numeric_dtype(labels.dtype):
        if nearly_all:
            raise TargetError(
                f"{target_text(labels)} looks like an id or free text: {said}. Name another column as target."
            )
        return
    has_gaps = int(counted.index.max()) - int(counted.index.min()) >= distinct
    if nearly_all or (has_gaps and single > 0.1 * distinct):
        raise TargetError(
            f"{target_text(labels)} looks continuous: {said}. Bin it into classes first, with pd.cut."
            + ("" if nearly_all else " If they are classes, make text of them."),
            fix=IN_WORDS if nearly_all else places.as_text,
        )


def _check_whole(labels: pd.Series, counted: pd.Series, places: Places) -> None:
    values = np.asarray(counted.index, dtype=np.float64)
    fractional = values[~np.isfinite(values) | (values != np.round(values))]
    if not fractional.size:
        return
    few = len(counted) <= FEW_CLASSES and bool(np.isfinite(values).all())
    raise TargetError(
        f"{target_text(labels)} looks continuous: {len(counted):,} distinct values such as {fractional[0]:g}. "
        "Bin it into classes first, with pd.cut."
        + (" If they are classes, make text of them." if few else ""),
        fix=places.as_text if few else IN_WORDS,
    )
