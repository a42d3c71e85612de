"""The guard: a training set and a test set. Only the training set can be resampled, and only after the split."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Hashable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from imbalance_accessor.data.cells import with_columns
from imbalance_accessor.data.features import Features
from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import Fix, OptionError, SplitError, listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.options import check_seed, check_test_size, is_nothing

Positions: TypeAlias = "NDArray[np.intp]"
AnyPart = TypeVar("AnyPart", bound="Part")
#: Folds that groups are dealt into at most, to hold out a small share of them.
MOST_DEALT = 25


@dataclass(frozen=True, eq=False)
class Part:
    """Rows on one side of the split.

    Attributes
    ----------
    X : pandas.DataFrame
        Every column but the target, with the original index; numbers and dates that are written as text are read.
    y : pandas.Series
        Their labels, as they came.
    codes : numpy.ndarray, shape (n_rows,)
        Their classes' positions.
    as_written : pandas.DataFrame
        The columns of `X` that were read so, as they came.
    """

    X: pd.DataFrame
    y: pd.Series
    codes: Codes
    as_written: pd.DataFrame

    def __len__(self) -> int:
        return len(self.codes)

    def rows(self, n_classes: int) -> NDArray[np.int64]:
        """Rows of each class."""
        return np.bincount(self.codes, minlength=n_classes).astype(np.int64)


class TrainPart(Part):
    """The rows to learn from; the only rows that `samplers.resample` takes."""


class TestPart(Part):
    """The rows to report on; nothing in this package changes them."""

    __test__ = False  # not a test class, whatever its name says to pytest


def as_it_came(part: Part) -> pd.DataFrame:
    """Return a part's columns with numbers and dates as they were written."""
    return with_columns(part.X, dict(part.as_written.items()))


@dataclass(frozen=True)
class SplitRule:
    """How rows were divided, enough to do it again.

    Attributes
    ----------
    test_size : float
        The share asked for.
    random_state : int or None
        The seed, handed on verbatim.
    groups, time : hashable or None
        The column that defined the split.
    own_test : bool
        Whether the test set was handed in.
    max_rows : int or None
        Train rows that are learned from at most.
    """

    test_size: float
    random_state: int | None
    groups: Hashable | None = None
    time: Hashable | None = None
    own_test: bool = False
    max_rows: int | None = None

    @property
    def text(self) -> str:
        """The rule, for small print."""
        capped = f", max_rows={self.max_rows:_}" if self.max_rows is not None else ""
        if self.own_test:
            return f"test: a frame of your own, random_state={self.random_state}{capped}"
        ruled = f", groups={self.groups!r}" if self.groups is not None else ""
        ruled += f", time={self.time!r}" if self.time is not None else ""
        return f"test_size={self.test_size:g}, random_state={self.random_state}{ruled}{capped}"

    def group_share(self, n_groups: int) -> tuple[int, int]:
        """Return k and n such that k of n folds of groups come near the share of the rows.

        Examples
        --------
        >>> [SplitRule(share, 0).group_share(n) for share, n in ((0.2, 100), (0.04, 100), (0.04, 8))]
        [(1, 5), (1, 25), (1, 8)]
        """
        share = Fraction(self.test_size).limit_denominator(max(2, min(10, n_groups)))
        smaller = min(self.test_size, 1 - self.test_size)
        if 0 < share < 1 and smaller >= 0.1:
            return share.numerator, share.denominator
        dealt = max(2, min(round(1 / smaller), n_groups, MOST_DEALT))
        return (1 if self.test_size < 0.5 else dealt - 1), dealt


@dataclass(frozen=True, eq=False)
class Parts:
    """Features, divided.

    Attributes
    ----------
    features : Features
        What was divided.
    train : TrainPart
    test : TestPart
    split_by : SplitRule
    findings : tuple of Finding
        The features' and the split's.
    kept : numpy.ndarray of int, or None
        Positions of the train rows that models learn from; None for all. The others are scored alike.
    """

    features: Features
    train: TrainPart
    test: TestPart
    split_by: SplitRule
    findings: tuple[Finding, ...]
    kept: Positions | None = None

    @cached_property
    def learned(self) -> TrainPart:
        """The train rows that models learn from."""
        return self.train if self.kept is None else _take(self.train, self.kept)

    @cached_property
    def learned_outcome(self) -> Codes:
        """What models learn of them."""
        return self.outcome_of(self.learned.codes)

    @cached_property
    def train_outcome(self) -> Codes:
        """What models learn of the train rows."""
        return self.outcome_of(self.train.codes)

    @cached_property
    def test_outcome(self) -> Codes:
        """The same of the test rows."""
        return self.outcome_of(self.test.codes)

    def outcome_of(self, codes: Codes) -> Codes:
        """Return what models learn: 0/1 where one of several classes is set against the rest, else the codes."""
        target = self.features.target
        return np.asarray(codes == target.positive, dtype=np.intp) if target.is_one_vs_rest else codes

    @cached_property
    def train_groups(self) -> Codes | None:
        """The group of each train row, as a number; None where no groups define the split."""
        return self._groups_of(self.train)

    @cached_property
    def test_groups(self) -> Codes | None:
        """The same of the test rows."""
        return self._groups_of(self.test)

    def _groups_of(self, part: Part) -> Codes | None:
        return None if self.split_by.groups is None else group_codes(part.X[self.split_by.groups])

    @cached_property
    def missing(self) -> tuple[Hashable, ...]:
        """Features with a missing cell in either set."""
        frames = (self.train.X, self.test.X)
        used = self.features.columns.used
        return tuple(name for name in used if any(X[name].isna().any() for X in frames))

    @property
    def is_stratified(self) -> bool:
        """Whether rows were divided by class, one by one: neither by group nor by time."""
        return self.split_by.groups is None and self.split_by.time is None

    @property
    def test_share(self) -> float:
        """The share of rows that the test set got."""
        return len(self.test) / (len(self.train) + len(self.test))

    @property
    def has_fewer_rows(self) -> bool:
        """Whether rows that could be learned from are in neither set."""
        return len(self.train) + (0 if self.split_by.own_test else len(self.test)) < len(self.features.codes)


def divide(
    features: Features,
    *,
    test_size: float = 0.2,
    random_state: int | None = 0,
    nothing: bool = False,
) -> Parts:
    """Divide the rows once, before anything else happens to them.

    Parameters
    ----------
    features : Features
        Labels with features, and the columns that define the split; with a test frame of one's own nothing is split off.
    test_size : float
        Share of rows to hold out, between 0 and 1.
    random_state : int or None
        Seed of the shuffle.
    nothing : bool
        Whether ``test_size=0`` is taken: then nothing is held out, and every row is scored out of fold.

    Raises
    ------
    SplitError
        A share out of range, a class too small to stand on both sides, or a test frame that breaks the rule.
    """
    check_seed(random_state)
    if isinstance(test_size, numbers.Real) and not isinstance(test_size, bool):
        test_size = float(test_size)
    has_test = features.test is not None
    split_by = SplitRule(test_size, random_state, features.groups, features.time, has_test)
    if has_test and is_nothing(test_size):
        raise OptionError(
            "test_size=0 holds nothing out, and test= is a frame to report on. Leave one of them out."
        )
    if not has_test:
        check_test_size(test_size, nothing=nothing)
    train, test = _both(features, split_by)
    parts = Parts(features, train, test, split_by, features.findings)
    if not is_nothing(test_size):
        _check_sides(parts)
        _check_own_test(parts)
    return replace(parts, findings=(*features.findings, *_share_missed(parts)))


def _both(features: Features, split_by: SplitRule) -> tuple[TrainPart, TestPart]:
    """Return the training set and the test set, which is a frame of one's own where there is one."""
    rows, own = (features.X, features.y, features.codes, features.as_written), features.test
    if own is not None:
        return TrainPart(*rows), TestPart(own.X, own.y, own.codes, own.as_written)
    if is_nothing(split_by.test_size):
        return TrainPart(*rows), _take(TestPart(*rows), np.arange(0))
    train_at, test_at = _positions(features, split_by)
    return _take(TrainPart(*rows), train_at), _take(TestPart(*rows), test_at)


def _take(part: AnyPart, at: Positions) -> AnyPart:
    """Return the rows at some positions."""
    return type(part)(part.X.take(at), part.y.take(at), part.codes[at], part.as_written.take(at))


def group_codes(groups: pd.Series) -> Codes:
    """Return each row's group as a number, in the groups' sort order, as scikit-learn numbers them.

    Categories may have an order of their own, which scikit-learn does not see; names of several types have one in pandas.
    """
    cells = groups.astype(object) if isinstance(groups.dtype, pd.CategoricalDtype) else groups
    return np.asarray(pd.factorize(cells, sort=True)[0], dtype=np.intp)


def _positions(features: Features, split_by: SplitRule) -> tuple[Positions, Positions]:
    if split_by.time is not None:
        return _by_time(features.X[split_by.time], split_by.test_size)
    if split_by.groups is not None:
        return _by_groups(features, split_by)
    _check_stratified(features, split_by.test_size)
    train_at, test_at = train_test_split(
        np.arange(len(features.codes)),
        test_size=split_by.test_size,
        stratify=features.codes,
        random_state=split_by.random_state,
    )
    return train_at, test_at


def _check_stratified(features: Features, test_size: float) -> None:
    rows, classes = features.target.rows, features.target.classes
    single = [label for label, count in zip(classes, rows, strict=True) if count < 2]
    if single:
        line = _without_singles(features) if len(classes) - len(single) > 1 else ""
        merge = "Merge classes, or get more rows." if len(classes) > 2 else "More rows of it are needed."
        raise SplitError(
            f"{features.target.name!r} has one row of class {listed(single)}; a split needs two of every class. "
            + (f"Drop such rows: {line}. Or merge classes." if line else merge),
            fix=Fix(line),
        )
    n_test = int(np.ceil(test_size * rows.sum()))
    if min(n_test, int(rows.sum()) - n_test) < len(classes):
        raise SplitError(
            f"test_size={test_size:g} of {int(rows.sum()):,} rows leaves a set smaller than the {len(classes)} "
            "classes. Use a test_size nearer to 0.5, or more rows."
        )


def _without_singles(features: Features) -> str:
    """Write the line that leaves out classes with one row."""
    if features.in_frame:
        return f"df = df[df[{features.target.labels.name!r}].duplicated(keep=False)]"
    return "df, y = df[y.duplicated(keep=False)], y[y.duplicated(keep=False)]"


def _by_time(time: pd.Series, test_size: float) -> tuple[Positions, Positions]:
    """Train before, test after; the boundary falls between two distinct times, nearest to the share asked for."""
    order, n = np.argsort(time.to_numpy(), kind="stable"), len(time)
    starts = time_starts(time.to_numpy()[order])
    if not starts.size:
        raise SplitError(
            f"time={plain(time.name)!r} has one value in all {n:,} rows; before and after need two."
        )
    boundary = starts[np.argmin(np.abs(starts - (1 - test_size) * n))]
    return np.sort(order[:boundary]), np.sort(order[boundary:])


def time_starts(ordered: NDArray[Any]) -> Positions:
    """Positions at which a new time begins, the first one left out."""
    return np.flatnonzero(ordered[1:] != ordered[:-1]) + 1


def _by_groups(features: Features, split_by: SplitRule) -> tuple[Positions, Positions]:
    """Hold out whole groups: deal them into n stratified folds and take k of them, k/n near the share."""
    groups = group_codes(features.X[split_by.groups])
    n_groups = int(groups.max()) + 1
    taken, dealt = split_by.group_share(n_groups)
    if n_groups < dealt or features.target.rows.max() < dealt:
        raise SplitError(
            f"groups={split_by.groups!r} has {n_groups} groups; test_size={split_by.test_size:g} needs at least {dealt}. "
            "Use a test_size nearer to 0.5, or pass a frame of your own as test=."
        )
    folds = StratifiedGroupKFold(dealt, shuffle=True, random_state=split_by.random_state)
    with warnings.catch_warnings():  # small classes: one that is absent is refused below, by name
        warnings.simplefilter("ignore", UserWarning)
        sides = [side for _, side in folds.split(np.zeros(len(groups)), features.codes, groups)]
    held_out = np.zeros(len(groups), dtype=bool)
    held_out[np.concatenate(sides[:taken])] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def share_with_groups(parts: Parts, fewest: int) -> float | None:
    """Return the least share to hold out, up to one half, that puts so many groups in the test set; None where none does."""
    for share in (0.3, 0.4, 0.5):
        split_by = replace(parts.split_by, test_size=share)
        if split_by.own_test or share <= parts.split_by.test_size or not len(parts.test):
            continue
        _, test_at = _by_groups(parts.features, split_by)
        if parts.features.X[split_by.groups].iloc[test_at].nunique() >= fewest:
            return share
    return None


def _check_sides(parts: Parts) -> None:
    """Refuse a training set or a test set that lacks a class."""
    classes = parts.features.target.classes
    for name, part in (("training", parts.train), ("test", parts.test)):
        rows = part.rows(len(classes))
        absent = [label for label, count in zip(classes, rows, strict=True) if count == 0]
        if absent:
            raise SplitError(
                f"The {name} set ({len(part):,} rows) has no row of class {listed(absent)}. "
                "More rows of it are needed, another test_size, or a frame of your own as test=."
            )


def _share_missed(parts: Parts) -> list[Finding]:
    """Say that whole groups, or distinct times, missed the share asked for."""
    split_by, got = parts.split_by, parts.test_share
    ruled = "groups" if split_by.groups is not None else "time"
    if parts.is_stratified or split_by.own_test or abs(got - split_by.test_size) <= 0.01:
        return []
    return [
        Finding(
            "IMB309",
            "note",
            f"The test set holds {got:.1%} of the rows where {split_by.test_size:.1%} was asked, "
            f"since {ruled}={getattr(split_by, ruled)!r} cannot be divided finer.",
            "Nothing to do, or choose another test_size.",
        )
    ]


def _check_own_test(parts: Parts) -> None:
    """Refuse a test frame that breaks the rule the user named."""
    train, test, split_by = parts.train, parts.test, parts.split_by
    if not split_by.own_test:
        return
    if split_by.groups is not None:
        shared = set(train.X[split_by.groups]) & set(test.X[split_by.groups])
        if shared:
            raise SplitError(
                f"groups={split_by.groups!r}: {len(shared):,} groups stand in both frames, such as {next(iter(shared))!r}. "
                "Take them out of one."
            )
    if split_by.time is None:
        return
    try:
        is_later = train.X[split_by.time].max() < test.X[split_by.time].min()
    except TypeError:
        raise SplitError(
            f"time={split_by.time!r} holds {train.X[split_by.time].dtype} in the first frame and "
            f"{test.X[split_by.time].dtype} in the test frame, which have no order. Convert one."
        ) from None
    if not is_later:
        raise SplitError(
            f"time={split_by.time!r}: the test frame begins at {test.X[split_by.time].min()}, and the first frame reaches "
            f"{train.X[split_by.time].max()}. Test on later rows."
        )
