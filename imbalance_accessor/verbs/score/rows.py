"""Which rows are scored: those of the test set where a column says so, and how much each of them counts."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.lines import code, kept_of
from imbalance_accessor.data.target import plain
from imbalance_accessor.data.weighting import WeighedLabels
from imbalance_accessor.errors import LEFT_OUT, Fix, OptionError, change, counted, listed
from imbalance_accessor.metrics.arrays import Bools, Codes, Floats
from imbalance_accessor.metrics.bootstrap import Resamples, n_draws_for
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.rendering.sentences import quoted
from imbalance_accessor.verbs.score.predictions import Predictions, Sides, cells_of

#: Words that mark rows of the test set, of the training set, and of neither.
_TEST = {"test", "testing", "tst", "holdout", "hold-out", "held-out", "heldout", "oos", "out-of-sample"}
_TRAIN = {"train", "training", "trn", "fit", "learn", "in-sample"}
_NEITHER = {"val", "valid", "validation", "dev", "calib", "calibration"}
#: Names of columns in which 1 marks the training set.
_OF_TRAIN = re.compile(r"(^|[^a-z])train", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Marks:
    """Which rows a column marks as test rows.

    Attributes
    ----------
    column : hashable
    in_frame : bool
    test, train : ndarray of bool, shape (n_rows,)
    values : tuple
        The cells that mark test rows.
    train_values : tuple
        Those that mark rows of the training set.
    """

    column: Hashable
    in_frame: bool
    test: Bools
    train: Bools
    values: tuple[Any, ...]
    train_values: tuple[Any, ...]


def read_marks(split: Any, data: pd.DataFrame, sides: Sides, rows: tuple[str, ...]) -> Marks | None:
    """Read which rows are test rows, or say what is wrong with their marks."""
    if split is None:
        return None
    column = cells_of("split", split, data, sides.target)
    name, in_frame = plain(column.name), not isinstance(split, pd.Series)
    if missing := int(column.isna().sum()):
        raise OptionError(
            f"split={name!r} is missing in {counted(missing, 'row')}, which are then neither train nor test. Mark them, or "
            "leave them out.",
            fix=Fix(kept_of(rows, f"df[{code(name)}].notna()") if in_frame else ""),
        )
    found = [plain(each) for each in pd.unique(column)]
    meaning = {each: _meaning(each, name) for each in found}
    if unknown := [each for each, means in meaning.items() if means == "unknown"]:
        raise OptionError(
            f"split={name!r} holds {listed(unknown, 4)}, which marks neither train nor test. Write 'train' and 'test', or 0 "
            "and 1 for test."
        )
    if "test" not in meaning.values() and "neither" in meaning.values():
        meaning = {each: "test" if means == "neither" else means for each, means in meaning.items()}
    if "test" not in meaning.values():
        raise OptionError(
            f"split={name!r} marks no row as test; it holds {listed(found, 4)}. Leave it out to score all rows.",
            fix=change(split=LEFT_OUT),
        )
    test, train = (
        tuple(each for each, means in meaning.items() if means == side) for side in ("test", "train")
    )
    return Marks(
        name, in_frame, column.isin(test).to_numpy(bool), column.isin(train).to_numpy(bool), test, train
    )


def _meaning(cell: Any, name: Hashable) -> str:
    """Return what a mark says: ``test``, ``train``, ``neither`` or ``unknown``."""
    word = re.sub(r"[\s_]+", "-", str(cell).strip().casefold())
    for words, means in ((_TEST, "test"), (_TRAIN, "train"), (_NEITHER, "neither")):
        if word in words:
            return means
    truth = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}.get(word)
    if truth is None:
        return "unknown"
    return "test" if truth != bool(_OF_TRAIN.search(str(name))) else "train"


@dataclass(frozen=True, eq=False)
class ScoredRows:
    """Some rows with what they are and what they were predicted as.

    Attributes
    ----------
    sides : Sides
    y, predicted : ndarray of int, shape (n,)
    scores : ndarray of float, shape (n,), optional
        Of the positive class.
    weights : Weights
        How much each row counts, by the positions of `sides`.
    groups : ndarray of int, shape (n,), optional
    """

    sides: Sides
    y: Codes
    predicted: Codes
    scores: Floats | None
    weights: Weights
    groups: Codes | None = None

    @property
    def rows(self) -> Codes:
        """How many rows each class has, whatever they count."""
        return np.bincount(self.y, minlength=len(self.sides.labels))

    @property
    def binary(self) -> tuple[Bools, Weights]:
        """Which rows are positive, and what they count by that."""
        positive = self.sides.positive
        assert positive is not None
        factors = self.weights.factors
        order = [1 - positive, positive]
        return self.y == positive, Weights(self.weights.own, None if factors is None else factors[order])

    @property
    def are_counted(self) -> bool:
        """Whether nothing but a row's class, prediction and group matters."""
        return self.scores is None and self.weights.own is None

    @cached_property
    def entries(self) -> ScoredRows:
        """The same rows, those that are alike as one entry that stands for all of them: draws of counts take no time."""
        if not self.are_counted:
            return self
        k = len(self.sides.labels)
        group = 0 if self.groups is None else self.groups
        cells, copies = np.unique((group * k + self.y) * k + self.predicted, return_counts=True)
        weights = replace(self.weights, copies=copies.astype(np.int64))
        groups = None if self.groups is None else cells // (k * k)
        return ScoredRows(self.sides, cells // k % k, cells % k, None, weights, groups)

    @cached_property
    def resamples(self) -> Resamples:
        """The draws of `entries`: whole groups, classes of known shares, or rows."""
        drawn = self.entries
        known = drawn.weights.factors is not None and drawn.groups is None
        return Resamples(
            drawn.y,
            groups=drawn.groups,
            weights=drawn.weights,
            stratified=known,
            n_draws=n_draws_for(len(drawn.y)),
        )


def chosen_rows(
    sides: Sides, told: Predictions, weighed: WeighedLabels, which: Bools, groups: Codes | None
) -> ScoredRows:
    """Return the chosen rows that have a label and a prediction."""
    codes = sides.target.codes
    chosen = which & (codes >= 0) & (told.codes >= 0)
    y = sides.of(codes)[chosen]
    own = None if weighed.own is None else weighed.own[chosen[codes >= 0]]
    factors = _factors(sides, weighed, y, own)
    scores = None if told.scores is None else told.scores[chosen]
    weights = Weights(own, factors)
    return ScoredRows(
        sides, y, told.codes[chosen], scores, weights, None if groups is None else groups[chosen]
    )


def _factors(sides: Sides, weighed: WeighedLabels, y: Codes, own: Floats | None) -> Floats | None:
    """Return how much each class counts more than on these rows, so that its share is that where the model is used."""
    wanted = shares_in_use(sides, weighed)
    if wanted is None:
        return None
    here = np.bincount(y, own, minlength=len(wanted)).astype(np.float64)
    return np.asarray(np.divide(wanted * here.sum(), here, out=np.zeros(len(wanted)), where=here > 0))


def shares_in_use(sides: Sides, weighed: WeighedLabels) -> Floats | None:
    """Return each class's share where the model is used; None where it is that of the rows."""
    wanted = weighed.weighting.wanted
    if wanted is None:
        return None
    if sides.target.is_one_vs_rest:
        share = float(wanted[sides.target.focus])
        return np.array([1 - share, share])
    return np.asarray(wanted, np.float64)


def read_groups(groups: Any, data: pd.DataFrame, sides: Sides, rows: tuple[str, ...]) -> Codes | None:
    """Read what each row belongs to, or say what is wrong with it."""
    if groups is None:
        return None
    column = cells_of("groups", groups, data, sides.target)
    name = plain(column.name)
    if missing := int(column.isna().sum()):
        raise OptionError(
            f"groups={name!r} is missing in {counted(missing, 'row')}, which then belong to no group. Fill them, or leave "
            "those rows out.",
            fix=Fix(kept_of(rows, f"df[{code(name)}].notna()")),
        )
    try:
        return np.asarray(pd.factorize(column, sort=True)[0], np.intp)
    except TypeError:  # cells of several types have no order
        return np.asarray(pd.factorize(column)[0], np.intp)


def check_two_classes(scored: ScoredRows, marks: Marks | None) -> None:
    """Refuse rows in which a single class is left."""
    there = np.flatnonzero(scored.rows)
    if len(there) > 1:
        return
    which = "row with a prediction" if marks is None else f"test row of split={quoted(marks.column)}"
    if not len(there):
        raise OptionError(f"No {which} has a label and a prediction. Name other columns, or mark other rows.")
    label = scored.sides.labels[int(there[0])]
    raise OptionError(
        f"Every {which} is of class {label!r} in {scored.sides.target.name!r}, so that nothing can be distinguished. Score "
        "rows of two classes."
    )
