"""The door for labels: validated once, the positive class named. All that counts and weights look at."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.errors import OptionError, TargetError, listed, near, one_line
from imbalance_accessor.metrics.arrays import Codes

Label: TypeAlias = Hashable

#: Fewer distinct values than this are classes, whatever they look like.
FEW_CLASSES = 20
#: From this share of different labels on they are no classes, but ids, free text or measurements.
_ID_SHARE = 0.9
#: The largest whole number that numpy has a type for.
_LONGEST = 2**63 - 1


@dataclass(frozen=True, eq=False)
class Target:
    """Labels, counted and checked.

    Attributes
    ----------
    labels : pandas.Series
        The labels as they came, missing ones included.
    classes : tuple
        The distinct labels as plain Python values, in sort order.
    rows : numpy.ndarray of int, shape (n_classes,)
        Rows of each class.
    missing : int
        Rows without a label.
    positive : int or None
        Position of the positive class in `classes`; None for several classes taken together.
    """

    labels: pd.Series
    classes: tuple[Label, ...]
    rows: NDArray[np.int64]
    missing: int
    positive: int | None

    @property
    def name(self) -> str:
        """The target's name, for sentences."""
        return "target" if self.labels.name is None else str(self.labels.name)

    @property
    def labelled(self) -> int:
        """Rows that have a label."""
        return int(self.rows.sum())

    @property
    def pos_label(self) -> Label | None:
        """The positive class, or None for several classes taken together."""
        return None if self.positive is None else self.classes[self.positive]

    @property
    def names(self) -> tuple[str, ...]:
        """The classes as text, for columns; by `repr` where two labels read alike."""
        names = tuple(map(str, self.classes))
        return names if len(set(names)) == len(names) else tuple(map(repr, self.classes))

    @property
    def is_binary(self) -> bool:
        """Whether the outcome has two sides: two classes, or one class against the rest."""
        return self.positive is not None

    @property
    def is_one_vs_rest(self) -> bool:
        """Whether one of several classes is set against the rest."""
        return self.positive is not None and len(self.classes) > 2

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of each class among the labelled rows."""
        return np.asarray(self.rows / self.rows.sum(), dtype=np.float64)

    @property
    def rarest(self) -> int:
        """Position of the rarest class; on a tie the last in sort order."""
        return int(len(self.rows) - 1 - np.argmin(self.rows[::-1]))

    @property
    def focus(self) -> int:
        """Position of the class that is spoken of: the positive one, else the rarest."""
        return self.rarest if self.positive is None else self.positive

    @property
    def largest(self) -> int:
        """Position of the most frequent class; on a tie the first in sort order."""
        return int(np.argmax(self.rows))

    @cached_property
    def needs_codes(self) -> bool:
        """Whether scikit-learn takes the labels as codes only: mixed types, tuples, dates, fractions.

        Samplers lose categories that are bools.
        """
        kinds = {type(label) for label in self.classes}
        if self.labels.dtype == object and kinds <= {bool, int}:  # True and 1 are one class, of two types
            kinds |= {type(plain(label)) for label in self.labels[self.codes >= 0]}
        if kinds == {str}:
            return False
        if kinds == {bool}:
            return isinstance(self.labels.dtype, pd.CategoricalDtype)
        if len(kinds) > 1 and bool in kinds:
            return True
        return (
            any(type(label) is not int and not _is_whole_float(label) for label in self.classes)
            or max(abs(cast(float, label)) for label in self.classes) > _LONGEST
        )

    @property
    def fitted_by_code(self) -> bool:
        """Whether classifiers are fitted on codes: also where weights could not name text that reads as a number."""
        return self.needs_codes or any(whole_number(label) is not None for label in self.classes)

    @cached_property
    def codes(self) -> Codes:
        """Position of each row's label in `classes`, -1 where it is missing; shape (n_rows,)."""
        seen, uniques = pd.factorize(self.labels)
        place = {plain(label): code for code, label in enumerate(self.classes)}
        lookup = np.array([*(place[plain(label)] for label in uniques), -1], dtype=np.intp)
        return np.asarray(lookup[seen])


def read_target(data: Any, target: Any = None, *, pos_label: Label | None = None) -> Target:
    """Read and check the labels of `data`.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series
        A frame, or the labels themselves.
    target : hashable or pandas.Series, optional
        A column's name, or a Series on the frame's index; not given for a Series, which is its own target.
    pos_label : hashable, optional
        The positive class. By default the rarest of two classes; none for more.

    Raises
    ------
    TargetError
        Unknown column, no rows, no labels, one class, or labels that look continuous or like an id.
    """
    labels = _labels(data, target).copy()  # codes are read later, when the frame may have been changed
    if labels.size == 0:
        raise TargetError(f"{_name(labels)} has no rows. Pass a frame that holds some.")
    _check_kind(labels)
    counted = _count(labels)
    missing = labels.size - int(counted.sum())
    _check_classes(labels, counted)
    order = _sort_order(list(counted.index))
    classes = tuple(plain(counted.index[i]) for i in order)
    rows = counted.to_numpy(dtype=np.int64)[order]
    found = Target(labels, classes, rows, missing, positive=None)
    return Target(labels, classes, rows, missing, positive=_positive(found, pos_label))


def plain(label: Any) -> Label:
    """Return a label as a plain Python value (``numpy.int64(1)`` becomes ``1``)."""
    value: Label = label.item() if isinstance(label, np.generic) else label
    return value


def whole_number(label: Any) -> int | None:
    """Return the whole number that text reads as, None for other labels.

    scikit-learn takes it for the label when it looks up ``class_weight``, and does not find ``"1"`` or ``"01"``.

    Examples
    --------
    >>> [whole_number(label) for label in ("1", "01", "-1", "1.0", "yes", 1)]
    [1, 1, -1, None, None, None]
    """
    if not isinstance(label, str):
        return None
    try:
        return int(label)
    except ValueError:
        return None


def likely_targets(frame: pd.DataFrame, most: int = 3) -> list[tuple[Hashable, Label, float]]:
    """Guess which columns could be the target: ``(column, rarest label, its share)``, the likeliest first.

    Columns with 2 to 20 distinct values count; telling names, two classes and the last place come first.
    """
    telling = ("target", "label", "class", "churn", "fraud", "default", "outcome", "y", "response", "status")
    found: list[tuple[tuple[bool, bool, bool, float], tuple[Hashable, Label, float]]] = []
    for place, column in enumerate(frame.columns):
        try:
            shares = frame.iloc[:, place].value_counts(normalize=True)
            set(shares.index)
        except (TypeError, NotImplementedError):  # the latter is pyarrow's
            continue  # cells that cannot be counted are no labels
        shares = shares[shares > 0]
        if not 2 <= len(shares) <= FEW_CLASSES:
            continue
        share = float(shares.iloc[-1])
        last = place == frame.shape[1] - 1
        rank = (str(column).casefold() not in telling, not last, len(shares) != 2, share)
        found.append((rank, (column, plain(shares.index[-1]), share)))
    return [guess for _, guess in sorted(found, key=lambda pair: pair[0])][:most]


def _labels(data: Any, target: Any) -> pd.Series:
    if isinstance(data, pd.Series):
        if target is not None:
            raise TargetError(f"A Series is its own target; target={target!r} cannot be looked up in it.")
        return data
    if not isinstance(data, pd.DataFrame):
        raise TargetError(
            f"data must be a pandas DataFrame or Series, not {type(data).__name__}. "
            "Wrap it: pd.Series(labels), or pd.DataFrame(rows)."
        )
    if target is None:
        raise TargetError(f"Which column is the target?{_suggest(data)}")
    if not isinstance(target, pd.Series):
        return _column(data, target)
    if not target.index.equals(data.index):
        raise TargetError(
            f"The target Series ({len(target):,} rows) does not stand on the frame's index "
            f"({len(data):,} rows). {_aligned(target, data)}"
        )
    return target


def _aligned(target: pd.Series, data: pd.DataFrame) -> str:
    """Say how a Series comes onto the frame's index: by its order, by its labels, or not at all."""
    by_order = "If the rows stand in the same order: target.set_axis(df.index)."
    by_label = "If its labels name the frame's rows: target.reindex(df.index)."
    named = target.index.is_unique and bool(data.index.isin(target.index).all())
    said = [*([by_order] if len(target) == len(data) else []), *([by_label] if named else [])]
    return " ".join(said) or "It needs one label for each row: take both from one frame."


def beside(option: str, values: Any, data: pd.DataFrame) -> str:
    """Say how values that stand beside the frame, one for each row, become a column; nothing where they are none."""
    if not pd.api.types.is_list_like(values) or isinstance(values, set | dict | tuple | pd.DataFrame):
        return ""
    if np.ndim(values) != 1 or len(values) != len(data):
        return ""
    by_order = isinstance(values, pd.Series) and not values.index.equals(data.index)
    when, cells = (", if they stand in the same order", f"{option}.to_numpy()") if by_order else ("", option)
    return f" Put the values into the frame{when}: df = df.assign({option}={cells}), and name the column."


def _column(data: pd.DataFrame, target: Any) -> pd.Series:
    if not isinstance(target, Hashable):
        raise TargetError(
            f"target={one_line(target)} is not a column's name. Give one name, or a Series{_as_series(target, data)}."
        )
    target = plain(target)
    if target not in data.columns:
        raise TargetError(
            f"{one_line(target)} is not a column of this frame.{near(target, data.columns)}{_suggest(data)}"
        )
    column = data[target]
    if isinstance(column, pd.DataFrame):
        raise TargetError(
            f"{target!r} names {column.shape[1]} columns. Rename them so that each name is unique."
        )
    # df.columns[3] of whole-number names is a numpy number
    named: pd.Series = column.rename(plain(target)) if isinstance(column.name, np.generic) else column
    return named


def _as_series(values: Any, data: pd.DataFrame) -> str:
    """Write the Series that values of all rows make, in the frame's order."""
    if isinstance(values, pd.DataFrame):
        return ": target.iloc[:, 0]" if values.shape[1] == 1 else ""
    is_labels = pd.api.types.is_list_like(values) and not isinstance(values, set | dict)
    return ": pd.Series(target, index=df.index)" if is_labels and len(values) == len(data) else ""


def _suggest(data: pd.DataFrame) -> str:
    guesses = [f"{column!r} ({label!r} {share:.1%})" for column, label, share in likely_targets(data)]
    return f" Likely: {', '.join(guesses)}." if guesses else ""


def _name(labels: pd.Series) -> str:
    return "The target" if labels.name is None else repr(labels.name)


def _check_kind(labels: pd.Series) -> None:
    kind = labels.dtype
    if isinstance(kind, np.dtype) and not kind.isnative:
        raise TargetError(
            f"{_name(labels)} holds {kind.str} values, in another machine's order of bytes. {native(labels)}"
        )
    if pd.api.types.is_datetime64_any_dtype(kind) or isinstance(kind, pd.PeriodDtype) or kind.kind in "mc":
        raise TargetError(
            f"{_name(labels)} holds {kind} values, which are no classes. "
            "Make classes of them first: pd.cut(df[...], bins, labels=names)."
        )


def _count(labels: pd.Series) -> pd.Series:
    try:
        # missing cells counted too and dropped after: pandas looks at each object twice to leave them out itself
        counted = labels.value_counts(sort=False, dropna=False)
        set(counted.index)  # pandas counts lists and dicts, which are no labels
    except (TypeError, NotImplementedError) as error:
        raise TargetError(
            f"{_name(labels)} holds cells that cannot be compared ({one_line(error)}). "
            "Labels must be single values: text, numbers or booleans."
        ) from None
    met: pd.Series = counted[counted > 0]
    return met[~np.asarray(met.index.isna())]


def _check_classes(labels: pd.Series, counted: pd.Series) -> None:
    if counted.empty:
        raise TargetError(f"{_name(labels)} has no labels: all {labels.size:,} cells are missing.")
    if len(counted) == 1:
        raise TargetError(
            f"{_name(labels)} has one class, {plain(counted.index[0])!r}, in all {int(counted.iloc[0]):,} "
            "labelled rows. Two are needed: check the filter that made this frame."
        )
    if pd.api.types.is_float_dtype(labels.dtype):
        _check_whole(labels, counted)
    if len(counted) > FEW_CLASSES:
        _check_many(labels, counted)


def _check_many(labels: pd.Series, counted: pd.Series) -> None:
    """Refuse ids, free text and measurements: nearly all different, or numbers with gaps of which many are met once."""
    distinct, rows, single = len(counted), int(counted.sum()), int((counted == 1).sum())
    said = f"{distinct:,} distinct values in {rows:,} rows, {single:,} of them met once"
    nearly_all = distinct >= _ID_SHARE * rows
    if not pd.api.types.is_numeric_dtype(labels.dtype):
        if nearly_all:
            raise TargetError(
                f"{_name(labels)} looks like an id or free text: {said}. Name another column as target."
            )
        return
    has_gaps = int(counted.index.max()) - int(counted.index.min()) >= distinct
    if nearly_all or (has_gaps and single > 0.1 * distinct):
        text = "" if nearly_all else " If they are classes, make text of them: df[...].astype(str)."
        raise TargetError(
            f"{_name(labels)} looks continuous: {said}. Bin it into classes first: pd.cut(df[...], bins, labels=names).{text}"
        )


def _check_whole(labels: pd.Series, counted: pd.Series) -> None:
    values = np.asarray(counted.index, dtype=np.float64)
    fractional = values[~np.isfinite(values) | (values != np.round(values))]
    if fractional.size:
        raise TargetError(
            f"{_name(labels)} looks continuous: {len(counted):,} distinct values such as {fractional[0]:g}. "
            "Bin it into classes first (pd.cut with labels=), or make text of it: df[...].astype(str)."
        )


def native(column: pd.Series) -> str:
    """Say how a column of another order of bytes is mended: pandas cannot sort or take its cells."""
    name = repr(plain(column.name))
    kind = np.dtype(column.to_numpy().dtype).newbyteorder("=").name
    return f"Make it native: df[{name}] = df[{name}].astype({kind!r})."


def _is_whole_float(label: Label) -> bool:
    return type(label) is float and label.is_integer()


def _sort_order(labels: list[Any]) -> list[int]:
    try:
        return sorted(range(len(labels)), key=labels.__getitem__)
    except TypeError:  # labels of mixed types have no order of their own
        return sorted(range(len(labels)), key=lambda i: (type(labels[i]).__name__, str(labels[i])))


def _positive(target: Target, pos_label: Label | None) -> int | None:
    if pos_label is None:
        return target.rarest if len(target.classes) == 2 else None
    asked = plain(pos_label)
    if not isinstance(asked, Hashable) or asked is pd.NA:
        raise OptionError(f"pos_label={one_line(asked)} is not a label. Labels: {listed(target.classes)}.")
    for place, label in enumerate(target.classes):
        if label == asked and isinstance(label, str) == isinstance(asked, str):
            return place
    alike = [label for label in target.classes if str(label) == str(asked)]
    hint = (
        f" Did you mean {alike[0]!r} ({type(alike[0]).__name__})?" if alike else near(asked, target.classes)
    )
    raise OptionError(
        f"pos_label={one_line(asked)} is not a label of {target.name!r}.{hint} Labels: {listed(target.classes)}."
    )
