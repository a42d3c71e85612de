"""The door for labels: validated once, the positive class named. All that counts and weights look at."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data import label_checks
from imbalance_accessor.data.beside import aligned
from imbalance_accessor.data.label_checks import FEW_CLASSES, Places, are_same, target_text
from imbalance_accessor.data.lines import as_pandas, cells
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Code,
    Fix,
    OptionError,
    TargetError,
    change,
    listed,
    near,
    nearest_of,
    one_line,
)
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.process_state import cached_property

Label: TypeAlias = Hashable

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
    as_float : bool
        Whether the labels came as floats of 16 or 128 bits, by which pandas looks nothing up, and are float64 here.
    """

    labels: pd.Series
    classes: tuple[Label, ...]
    rows: NDArray[np.int64]
    missing: int
    positive: int | None
    as_float: bool = False

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
    def of_truth_values(self) -> bool:
        """Whether the labels are True and False, of whatever column type, and are fitted as they are."""
        return all(type(label) is bool for label in self.classes) and not self.needs_codes

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


def read_target(
    data: Any, target: Any = None, *, pos_label: Label | None = None, names: tuple[str, ...] = ("df",)
) -> Target:
    """Read and check the labels of `data`.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series
        A frame, or the labels themselves.
    target : hashable or pandas.Series, optional
        A column's name, or a Series on the frame's index; not given for a Series, which is its own target.
    pos_label : hashable, optional
        The positive class. By default the rarest of two classes; none for more.
    names : tuple of str
        What the frame is called, and the test frame with the same column, in lines that mend them.

    Raises
    ------
    TargetError
        Unknown column, no rows, no labels, one class, or labels that look continuous or like an id.
    """
    given = _labels(data, target)
    as_float = label_checks.must_be_float64(given)
    labels = given.copy()  # codes are read later, when the frame may have been changed
    if as_float:
        values = given.to_numpy(np.float64, na_value=np.nan)
        labels = pd.Series(values, index=given.index, name=given.name)
    places = places_of(data if isinstance(data, pd.Series) else target, labels, names, pos_label)
    if labels.size == 0:
        raise TargetError(f"{target_text(labels)} has no rows. Pass a frame that holds some.")
    label_checks.check_name(labels, places)
    label_checks.check_kind(labels, places)
    counted = label_checks.count(labels, places)
    missing = labels.size - int(counted.sum())
    label_checks.check_classes(labels, counted, places, missing=missing)
    return counted_target(labels, counted, pos_label, missing=missing, as_float=as_float)


def counted_target(
    labels: pd.Series, counted: pd.Series, pos_label: Label | None, *, missing: int, as_float: bool = False
) -> Target:
    """Return labels that are counted and checked already.

    Parameters
    ----------
    labels : pandas.Series
        Those of all rows; of a table that is read piece by piece each label once.
    counted : pandas.Series
        The rows of each label.
    pos_label : hashable, optional
    missing : int
        Rows without a label.
    as_float : bool
        See `Target`.

    Raises
    ------
    OptionError
        A positive class that is none of them.
    """
    order = _sort_order(list(counted.index))
    classes = tuple(plain(counted.index[i]) for i in order)
    rows = counted.to_numpy(dtype=np.int64)[order]
    found = Target(labels, classes, rows, missing, positive=None, as_float=as_float)
    return replace(found, positive=_positive(found, pos_label))


def plain(label: Any) -> Label:
    """Return a label as a plain Python value (``numpy.int64(1)`` becomes ``1``)."""
    value: Label = label.item() if isinstance(label, np.generic) else label
    return float(value) if isinstance(value, np.floating) else value  # of 128 bits, which are their own item


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


def places_of(
    target: Any, labels: pd.Series, names: tuple[str, ...], pos_label: Label | None = None
) -> Places:
    """Return where labels stand: beside the frame or in it, and in a test frame."""
    first, *others = names
    here = "y" if isinstance(target, pd.Series) else cells(plain(target), first)
    return Places((here, *(cells(plain(labels.name), each) for each in others)), pos_label)


def _labels(data: Any, target: Any) -> pd.Series:
    if isinstance(data, pd.Series):
        if target is not None:
            raise TargetError(
                f"A Series is its own target; target={one_line(target)} cannot be looked up in it. Leave it out.",
                fix=change(target=LEFT_OUT),
            )
        return data
    if not isinstance(data, pd.DataFrame):
        raise TargetError(
            f"data must be a pandas DataFrame or Series, not {type(data).__name__}. Make one of it.",
            fix=Fix(as_pandas(data, column=target)),
        )
    if target is None:
        raise which_target(data)
    if not isinstance(target, pd.Series):
        return _column(data, target)
    if not target.index.equals(data.index):
        cure, line = aligned(target, data)
        raise TargetError(
            f"The target Series ({len(target):,} rows) does not stand on the frame's index "
            f"({len(data):,} rows). {cure}",
            fix=Fix(line),
        )
    return target


def _column(data: pd.DataFrame, target: Any) -> pd.Series:
    if not pd.api.types.is_hashable(target):
        raise TargetError(
            f"target={one_line(target)} is not a column's name. Give one name, or a Series on the frame's index.",
            fix=_as_target(target, data),
        )
    target = plain(target)
    if target not in data.columns:
        raise TargetError(
            f"{one_line(target)} is not a column of this frame.{near(target, data.columns)}{_suggest(data)}",
            fix=_nearest_target(target, data),
        )
    column = data[target]
    if isinstance(column, pd.DataFrame):
        same = are_same(column)
        raise TargetError(
            f"{target!r} names {column.shape[1]} columns. "
            + ("They are the same: keep the first." if same else "Rename them so that each name is unique."),
            fix=Fix("df = df.loc[:, ~df.columns.duplicated()]") if same else IN_WORDS,
        )
    # df.columns[3] of whole-number names is a numpy number
    named: pd.Series = column.rename(plain(target)) if isinstance(column.name, np.generic) else column
    return named


def _nearest_target(target: Label, data: pd.DataFrame) -> Fix:
    """Return the column with nearly this name, if it can be a target."""
    for name in nearest_of(target, data.columns):
        try:
            read_target(data, name)
        except TargetError:
            continue
        return change(target=plain(name))
    return IN_WORDS


def _as_target(values: Any, data: pd.DataFrame) -> Fix:
    """Return what names the one column of a list, or makes a Series of one label for each row, in the frame's order."""
    if isinstance(values, pd.DataFrame):
        return Fix("y = y.iloc[:, 0]", {"target": Code("y")}) if values.shape[1] == 1 else IN_WORDS
    if not pd.api.types.is_list_like(values) or isinstance(values, dict):
        return IN_WORDS
    listed_names = [name for name in values if isinstance(name, Hashable)]
    if len(listed_names) == len(values) == 1 and listed_names[0] in data.columns:
        return change(target=plain(listed_names[0]))
    if isinstance(values, set) or len(values) != len(data) or np.ndim(values) != 1:
        return IN_WORDS
    return Fix("y = pd.Series(y, index=df.index)", {"target": Code("y")})


def which_target(data: pd.DataFrame, how: str = "") -> TargetError:
    """Return the error that asks for the target, with what names it, and the likely columns."""
    likely = likely_targets(data, most=1)
    return TargetError(
        f"Which column is the target?{how and f' {how}'}{_suggest(data, ', with the rarest class and its share')}",
        fix=change(target=likely[0][0]) if likely else IN_WORDS,
    )


def _suggest(data: pd.DataFrame, what: str = "") -> str:
    guesses = [f"{column!r} ({label!r}: {share:.1%})" for column, label, share in likely_targets(data)]
    return f" Likely{what}: {', '.join(guesses)}." if guesses else ""


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
        inside = asked if isinstance(asked, list | tuple | set | np.ndarray) else ()
        found = [label for label in target.classes if label in inside]
        raise OptionError(
            f"pos_label={one_line(asked)} is not a label. Labels: {listed(target.classes)}.",
            fix=change(pos_label=found[0]) if len(found) == 1 else IN_WORDS,
        )
    for place, label in enumerate(target.classes):
        if label == asked and isinstance(label, str) == isinstance(asked, str):
            return place
    alike = [label for label in target.classes if reads_alike(label, asked)]
    nearest = alike or nearest_of(asked, target.classes)
    hint = (
        f" Did you mean {alike[0]!r} ({type(alike[0]).__name__})?" if alike else near(asked, target.classes)
    )
    raise OptionError(
        f"pos_label={one_line(asked)} is not a label of {target.name!r}.{hint} Labels: {listed(target.classes)}.",
        fix=change(pos_label=nearest[0]) if nearest else IN_WORDS,
    )


def reads_alike(label: Label, asked: Label) -> bool:
    """Whether two labels are the same, written by different types: 1, 1.0 and "1"."""
    if str(label) == str(asked):
        return True
    try:
        return float(str(label)) == float(str(asked))
    except ValueError:
        return False
