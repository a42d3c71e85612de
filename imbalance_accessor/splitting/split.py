"""The guard: a training set and a test set. Only the training set can be resampled, and only after the split."""

from __future__ import annotations

import numbers
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.cells import with_columns
from imbalance_accessor.data.features import Features
from imbalance_accessor.data.lines import cells
from imbalance_accessor.data.target import plain
from imbalance_accessor.data.weighting import Weighting
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    OptionError,
    SplitError,
    change,
    counted,
    listed,
)
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.options import (
    check_cv,
    check_max_rows,
    check_repeats,
    check_seed,
    check_test_size,
    in_words,
    is_cap,
    is_nothing,
    is_number_of_folds,
    is_share,
    is_whole,
)
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.splitting.deals import Positions, SplitRule, group_codes, sides, what_works
from imbalance_accessor.splitting.refusals import (
    learned_of,
    mended,
    refuse,
    refuse_rule,
    refuse_singles,
    refuse_unweighted,
    rows_of,
)

AnyPart = TypeVar("AnyPart", bound="Part")
#: By how much a test set may miss the share that was asked for, before that is said.
_MISSED = 0.01


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
        return learned_of(self.features, codes)

    @cached_property
    def train_groups(self) -> Codes | None:
        """The group of each train row, as a number; None where no groups define the split."""
        return self._groups_of(self.train)

    @property
    def train_time(self) -> NDArray[Any] | None:
        """The time of each train row; None where no time defines the split."""
        return None if self.split_by.time is None else self.train.X[self.split_by.time].to_numpy()

    @cached_property
    def test_groups(self) -> Codes | None:
        """The same of the test rows."""
        return self._groups_of(self.test)

    @cached_property
    def train_weights(self) -> Weights:
        """How much each train row counts."""
        return self._weights_of(self.train)

    @property
    def learned_weights(self) -> Weights:
        """The same of the train rows that models learn from."""
        return self.train_weights if self.kept is None else self.train_weights.take(self.kept)

    @cached_property
    def test_weights(self) -> Weights:
        """The same of the test rows."""
        return self._weights_of(self.test)

    @property
    def each_row_once(self) -> Parts:
        """The same rows, without their weights and at the shares that they have."""
        weighting = self.features.weighting
        if weighting.column is None and weighting.factors is None:
            return self
        plain = Weighting(None, None, self.features.target.shares, None, copies=weighting.copies)
        return replace(self, features=replace(self.features, weighting=plain))

    def rows_in(self, part: Part) -> int:
        """Return how many rows a part has, whatever stands for them."""
        return int(self._weights_of(part).rows(part.codes).sum())

    def _weights_of(self, part: Part) -> Weights:
        return self.features.weights_of(part.X)

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
    cv: int | None = None,
    repeats: int = 1,
    max_rows: int | None = None,
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
    cv : int, optional
        The folds that the training set is to be dealt into next, so that what is advised can be dealt into them too.
    repeats : int
        How often they are to be dealt.
    max_rows : int, optional
        How many train rows are to be left at most; see `cap`.

    Raises
    ------
    SplitError
        A share out of range, a class too small to stand on both sides, or a test frame that breaks the rule.
    """
    check_seed(random_state)
    if isinstance(test_size, numbers.Real) and not isinstance(test_size, bool):
        test_size = float(test_size)
    has_test = features.test is not None
    rules = (features.groups, features.time, has_test, max_rows, cv, repeats, nothing)
    split_by = SplitRule(test_size, random_state, *rules)
    _check_options(features, split_by)
    if has_test and is_nothing(test_size):
        raise OptionError(
            "test_size=0 holds nothing out, and test= is a frame to report on. Leave one of them out.",
            fix=change(test_size=LEFT_OUT),
        )
    train, test = _both(features, split_by)
    parts = Parts(features, train, test, split_by, features.findings)
    if not is_nothing(test_size):
        _check_sides(parts)
        _check_own_test(parts)
    return replace(parts, findings=(*features.findings, *_share_missed(parts)))


def _check_options(features: Features, rule: SplitRule) -> None:
    """Refuse options that divide no rows; what is proposed in their place divides these."""
    ruled = rule.groups is not None or rule.time is not None
    sound = replace(
        rule,
        test_size=rule.test_size if is_share(rule.test_size, nothing=rule.takes_nothing) else 0.2,
        cv=rule.cv if rule.cv is None or is_number_of_folds(rule.cv) else 5,
        repeats=rule.repeats if is_whole(rule.repeats) and rule.repeats > 0 and rule.time is None else 1,
        max_rows=rule.max_rows if is_cap(rule.max_rows) and not ruled else None,
    )
    tried = partial(mended, features, sound)
    if rule.cv is not None:
        check_cv(rule.cv, tried=tried)
        check_repeats(rule.repeats, time=rule.time, tried=tried)
    if not rule.own_test:
        check_test_size(rule.test_size, nothing=rule.takes_nothing, tried=tried)
    check_max_rows(rule.max_rows, ruled=ruled, tried=tried)


def _both(features: Features, split_by: SplitRule) -> tuple[TrainPart, TestPart]:
    """Return the training set and the test set, which is a frame of one's own where there is one."""
    rows, own = (features.X, features.y, features.codes, features.as_written), features.test
    if own is not None:
        return TrainPart(*rows), TestPart(own.X, own.y, own.codes, own.as_written)
    if is_nothing(split_by.test_size):
        return TrainPart(*rows), _take(TestPart(*rows), np.arange(0))
    divided = sides(rows_of(features), split_by)
    if divided is None:
        _refuse_share(features, split_by)
    return _take(TrainPart(*rows), divided[0]), _take(TestPart(*rows), divided[1])


def _take(part: AnyPart, at: Positions) -> AnyPart:
    """Return the rows at some positions."""
    return type(part)(part.X.take(at), part.y.take(at), part.codes[at], part.as_written.take(at))


def _refuse_share(features: Features, split_by: SplitRule) -> NoReturn:
    """Say why rows cannot be divided at that share: one time, too few groups, or too few rows of a class."""
    n, share = len(features.codes), f"test_size={split_by.test_size:g}"
    if split_by.time is not None:
        why = f"time={plain(split_by.time)!r} has one value in all {n:,} rows; before and after need two."
        refuse_rule(features, split_by, why)
    if split_by.groups is not None:
        n_groups = int(features.X[split_by.groups].nunique())
        if n_groups == 1:
            refuse_rule(features, split_by, f"groups={split_by.groups!r} has 1 group, and a split needs two.")
        dealt = split_by.group_share(n_groups)[1]
        refuse(features, split_by, f"{share} deals groups into {dealt} parts, and no class has {dealt} rows.")
    classes, rows = features.target.classes, features.target.rows
    single = [label for label, count in zip(classes, rows, strict=True) if count < 2]
    if single:
        why = f"{features.target.name!r} has one row of class {listed(single)}; a split needs two of every class."
        refuse_singles(features, split_by, why)
    why = f"{share} of {n:,} rows leaves a set smaller than the {len(classes)} classes."
    refuse(features, split_by, why, "More rows are needed.")


def share_with_groups(parts: Parts, fewest: int) -> float | None:
    """Return the least share to hold out, up to one half, that puts so many groups in the test set; None where none does."""
    split_by, groups = parts.split_by, rows_of(parts.features).groups
    if split_by.own_test or not len(parts.test) or groups is None:
        return None
    shares = tuple(share for share in (0.3, 0.4, 0.5) if share > split_by.test_size)
    options = what_works(
        rows_of(parts.features),
        split_by,
        shares=shares,
        wanted=lambda _, __, test_at: len(np.unique(groups[test_at])) >= fewest,
    )
    return options["test_size"] if options is not None and options.keys() == {"test_size"} else None


def _check_sides(parts: Parts) -> None:
    """Refuse a training set or a test set that lacks a class."""
    classes = parts.features.target.classes
    for name, part in (("training", parts.train), ("test", parts.test)):
        rows = part.rows(len(classes))
        absent = [label for label, count in zip(classes, rows, strict=True) if count == 0]
        if absent:
            why = f"The {name} set ({len(part):,} rows) has no row of class {listed(absent)}."
            if parts.split_by.own_test:
                raise SplitError(f"{why} Add rows of it to the test frame.")
            refuse(parts.features, parts.split_by, why)
        _check_part_weights(parts, name, part)


def _check_part_weights(parts: Parts, name: str, part: Part) -> None:
    """Refuse a training set or a test set in which a class has rows, and all of them weigh 0."""
    own, classes = parts.features.weighting.own(part.X), parts.features.target.classes
    if own is not None and not (weights := np.bincount(part.codes, own, minlength=len(classes))).all():
        refuse_unweighted(parts.features, parts.split_by, name, np.flatnonzero(weights == 0))


def _share_missed(parts: Parts) -> list[Finding]:
    """Say that whole groups, or distinct times, missed the share asked for."""
    split_by, got = parts.split_by, parts.test_share
    ruled = "groups" if split_by.groups is not None else "time"
    if parts.is_stratified or split_by.own_test or _is_met(split_by.test_size, got):
        return []
    sentence = (
        f"The test set holds {got:.1%} of the rows where {split_by.test_size:.1%} was asked, "
        f"since {ruled}={getattr(split_by, ruled)!r} cannot be divided finer."
    )
    options = _share_that_is_met(parts)
    if options is None:
        return [Finding("IMB309", "note", sentence, "Nothing to do: no share that was tried is met.")]
    cure = f"Nothing to do, or name a share that is met. {in_words(options)}"
    return [Finding("IMB309", "note", sentence, cure, fix=Fix(options=options))]


def _is_met(asked: float, got: float) -> bool:
    return abs(got - asked) <= _MISSED


def _share_that_is_met(parts: Parts) -> dict[str, Any] | None:
    """Return a share that these groups or times can be divided at, near the one that was asked for."""
    split_by, got, n = parts.split_by, parts.test_share, len(parts.features.codes)
    shares = {round(got, 2), round(got, 3), *(share / 20 for share in range(1, 11))} - {split_by.test_size}
    nearest = sorted(shares, key=lambda share: abs(share - split_by.test_size))
    return what_works(
        rows_of(parts.features),
        split_by,
        shares=tuple(share for share in nearest if 0 < share < 1),
        wanted=lambda share, _, test_at: _is_met(share, len(test_at) / n),
    )


def _check_own_test(parts: Parts) -> None:
    """Refuse a test frame that breaks the rule the user named."""
    split_by = parts.split_by
    if split_by.own_test and split_by.groups is not None:
        _check_own_groups(parts, split_by.groups)
    if split_by.own_test and split_by.time is not None:
        _check_own_time(parts, split_by.time)


def _check_own_groups(parts: Parts, name: Hashable) -> None:
    known = parts.test.X[name].isin(list(set(parts.train.X[name]))).to_numpy()
    if known.any():
        shared = parts.test.X[name][known]
        raise SplitError(
            f"groups={name!r}: {counted(len(set(shared)), 'group')} of both frames, such as {plain(shared.iloc[0])!r}; "
            "a group stays on one side. Leave their rows out of the test frame.",
            fix=_without(parts, name, ~known, f"~{cells(name, 'test')}.isin({cells(name)})"),
        )


def _check_own_time(parts: Parts, name: Hashable) -> None:
    before, after = parts.train.X[name], parts.test.X[name]
    try:
        later = (after > before.max()).to_numpy()
    except TypeError:
        raise SplitError(
            f"time={name!r} holds {before.dtype} in the first frame and {after.dtype} in the test frame, which have no order. "
            "Convert one."
        ) from None
    if not later.all():
        raise SplitError(
            f"time={name!r}: the test frame begins at {after.min()}, and the first frame reaches {before.max()}. "
            "Test on later rows.",
            fix=_without(parts, name, later, f"{cells(name, 'test')} > {cells(name)}.max()"),
        )


def _without(parts: Parts, name: Hashable, kept: NDArray[np.bool_], condition: str) -> Fix:
    """Return the line that keeps some rows of the test frame, where every class and every label is left."""
    has_all = np.bincount(parts.test.codes[kept], minlength=len(parts.features.target.classes)).all()
    as_it_stands = name not in parts.features.columns.formats and not parts.features.target.missing
    return Fix(f"test = test[{condition}]") if has_all and as_it_stands else IN_WORDS
