"""Predictions that come with the rows: a column of labels, of flags, or of scores with a threshold, read as classes."""

from __future__ import annotations

import numbers
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import numpy as np
import pandas as pd

from imbalance_accessor.data.beside import aligned, beside, put_beside
from imbalance_accessor.data.cells import holds_numbers
from imbalance_accessor.data.lines import code
from imbalance_accessor.data.target import Label, Target, plain, reads_alike
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    OptionError,
    change,
    listed,
    near,
    nearest_of,
    one_line,
)
from imbalance_accessor.evaluation.score_column import column_scores
from imbalance_accessor.metrics.arrays import Codes, Floats
from imbalance_accessor.rendering.sentences import quoted

#: How a column says classes: by their labels, by 1 or True for the positive one, or by scores held against a threshold.
ToldBy = Literal["labels", "flags", "scores"]


@dataclass(frozen=True, eq=False)
class Sides:
    """The classes that are distinguished: all of them, or one against the rest.

    Attributes
    ----------
    target : Target
    labels : tuple
        In sort order; ``"rest"`` and the positive class of one against the rest.
    positive : int or None
        Position of the positive class.
    """

    target: Target
    labels: tuple[Label, ...]
    positive: int | None

    @property
    def names(self) -> tuple[str, ...]:
        """The classes as text, for columns."""
        names = tuple(map(str, self.labels))
        return names if len(set(names)) == len(names) else tuple(map(repr, self.labels))

    def of(self, codes: Codes) -> Codes:
        """Return the side of each of the target's classes; -1 stays."""
        if not self.target.is_one_vs_rest:
            return codes
        return np.where(codes < 0, -1, codes == self.target.positive)


def sides_of(target: Target) -> Sides:
    """Return the classes that are distinguished."""
    if not target.is_one_vs_rest:
        return Sides(target, target.classes, target.positive)
    rest = "rest" if target.pos_label != "rest" else "other classes"
    return Sides(target, (rest, target.pos_label), 1)


@dataclass(frozen=True, eq=False)
class Predictions:
    """What was predicted for each row of the frame.

    Attributes
    ----------
    option : {"pred", "scores"}
    column : hashable
        The column's name, or that of the Series.
    in_frame : bool
        Whether it is a column of the frame.
    cells : pandas.Series
        The column as it came.
    codes : ndarray of int, shape (n_rows,)
        The side that each row is predicted as; -1 where nothing is predicted.
    kind : {"labels", "flags", "scores"}
    scores : ndarray of float, shape (n_rows,), optional
        nan where a row has none.
    threshold : float, optional
        Rows with a score at or above it are predicted positive.
    """

    option: str
    column: Hashable
    in_frame: bool
    cells: pd.Series
    codes: Codes
    kind: ToldBy
    scores: Floats | None = None
    threshold: float | None = None

    @property
    def is_probability(self) -> bool:
        """Whether all scores lie in 0..1."""
        return self.scores is not None and _are_probabilities(self.scores)

    @property
    def said(self) -> str:
        """The option, for sentences."""
        return f"{self.option}={quoted(self.column)}" if self.in_frame else f"The Series of {self.option}="


def check_one(pred: Any, scores: Any, threshold: Any) -> None:
    """Refuse both or neither of predictions and scores, and a threshold for what is decided already."""
    if pred is None and scores is None:
        raise OptionError(
            "score needs predictions: name a column of labels or 0/1 with pred=, or of scores with scores=."
        )
    if pred is not None and scores is not None:
        raise OptionError(
            f"pred={one_line(pred)} and scores={one_line(scores)} are two answers, and score takes one. Leave scores= out.",
            fix=change(scores=LEFT_OUT, threshold=LEFT_OUT),
        )
    if pred is not None and threshold is not None:
        raise OptionError(
            f"threshold={one_line(threshold)} is for scores=, and pred= is decided already. Leave it out.",
            fix=change(threshold=LEFT_OUT),
        )


def read_predictions(data: pd.DataFrame, sides: Sides, pred: Any, scores: Any, threshold: Any) -> Predictions:
    """Read what each row is predicted as; see `check_one`, which comes first."""
    if pred is not None:
        column = cells_of("pred", pred, data, sides.target)
        return _read_labels(column, sides, in_frame=not isinstance(pred, pd.Series))
    if sides.positive is None:
        label = sides.target.classes[sides.target.rarest]
        raise OptionError(
            f"scores={one_line(scores)} are of one class, and {sides.target.name!r} has {len(sides.labels)}. Name it with "
            "pos_label=.",
            fix=change(pos_label=label),
        )
    column = cells_of("scores", scores, data, sides.target)
    return _read_scores(column, sides, threshold, in_frame=not isinstance(scores, pd.Series))


def cells_of(option: str, given: Any, data: pd.DataFrame, target: Target) -> pd.Series:
    """Return a column of the frame, or a Series on its index, or say what is wrong with it."""
    given = plain(given)
    if isinstance(given, pd.Series):
        if not given.index.equals(data.index):
            cure, line = aligned(given, data, option)
            raise OptionError(
                f"{option}= ({len(given):,} rows) does not stand on the frame's index ({len(data):,} rows). {cure}",
                fix=Fix(line),
            )
        return given
    if not pd.api.types.is_hashable(given) or given is pd.NA or given not in data.columns:
        nearest = nearest_of(given, data.columns) if isinstance(given, Hashable) else []
        raise OptionError(
            f"{option}={one_line(given)} is not a column of this frame.{near(given, data.columns)}"
            + (beside(option, given, data) or " Name one, or pass a Series on the frame's index."),
            fix=change(**{option: plain(nearest[0])}) if nearest else put_beside(option, given, data),
        )
    if _is_target(given, target, data):
        raise OptionError(f"{option}={given!r} is the target itself. Name the column that a model wrote.")
    column = data[given]
    if isinstance(column, pd.DataFrame):
        raise OptionError(
            f"{option}={given!r} names {column.shape[1]} columns. Rename them so that each name is unique."
        )
    return column


def _is_target(given: Any, target: Target, data: pd.DataFrame) -> bool:
    name = plain(target.labels.name)
    if type(name) is not type(given) or name != given:
        return False
    return bool(data[given].index.equals(target.labels.index)) and target.labels.equals(data[given])


def _read_labels(column: pd.Series, sides: Sides, *, in_frame: bool) -> Predictions:
    """Read a column of labels, or of 1 and True for the positive class."""
    target, name = sides.target, plain(column.name)
    try:
        place, distinct = pd.factorize(column)
    except TypeError:
        raise OptionError(
            f"pred={name!r} holds cells that cannot be compared. Predictions are single values: text, numbers or booleans."
        ) from None
    found = [plain(each) for each in distinct]
    if not found:
        raise OptionError(f"pred={name!r} holds no predictions: every cell is missing.")
    known = {label: code for code, label in enumerate(target.classes)}
    kind: ToldBy = "labels"
    if all(each in known for each in found) and not (target.is_one_vs_rest and _are_truths(found)):
        codes = sides.of(_looked_up(place, [known[each] for each in found]))
    elif sides.positive is not None and _are_flags(found):
        kind = "flags"
        codes = _looked_up(place, [sides.positive if each else 1 - sides.positive for each in found])
    else:
        _refuse_labels(column, found, sides, in_frame=in_frame)
    return Predictions("pred", name, in_frame, column, codes, kind)


def _looked_up(place: Codes, codes: list[int]) -> Codes:
    return np.asarray(np.array([*codes, -1], np.intp)[place])


def _are_truths(values: list[Any]) -> bool:
    return all(type(each) is bool for each in values)


def _are_flags(values: list[Any]) -> bool:
    return all(isinstance(each, numbers.Real) and each in (0, 1) for each in values)


def _refuse_labels(column: pd.Series, found: list[Any], sides: Sides, *, in_frame: bool) -> NoReturn:
    """Refuse scores where labels are asked, and labels that the target lacks."""
    target, name = sides.target, plain(column.name)
    fractions = [each for each in found if isinstance(each, float) and not each.is_integer()]
    if fractions:
        raise OptionError(
            f"pred={name!r} holds scores such as {fractions[0]:.3g}, and pred= takes labels or 0/1. Give them as scores=.",
            fix=change(pred=LEFT_OUT, scores=name) if sides.positive is not None else IN_WORDS,
        )
    odd = [each for each in found if each not in target.classes]
    meant = {
        each: next((label for label in target.classes if reads_alike(label, each)), None) for each in found
    }
    alike = None not in meant.values()
    cure = "They read alike: map them onto the labels." if alike else "Map them onto the labels."
    raise OptionError(
        f"pred={name!r} holds {listed(odd, 4)}, which {target.name!r} has not.{near(odd[0], target.classes)} "
        f"Labels: {listed(target.classes)}. {cure}",
        fix=Fix(f"df[{code(name)}] = df[{code(name)}].map({meant!r})") if alike and in_frame else IN_WORDS,
    )


def _read_scores(column: pd.Series, sides: Sides, threshold: Any, *, in_frame: bool) -> Predictions:
    """Read a column of scores of the positive class, and hold them against a threshold."""
    assert sides.positive is not None
    name = plain(column.name)
    if not holds_numbers(column):
        _refuse_text(column, sides)
    there = column.notna().to_numpy()
    if not there.any():
        raise OptionError(f"scores={name!r} holds no scores: every cell is missing.")
    values = np.full(len(column), np.nan)
    values[there] = column_scores(column[there].to_frame(), column.name)
    at = _threshold(threshold, values[there], name)
    flagged = values >= at
    codes = np.where(there, np.where(flagged, sides.positive, 1 - sides.positive), -1)
    return Predictions("scores", name, in_frame, column, codes, "scores", values, at)


def _refuse_text(column: pd.Series, sides: Sides) -> NoReturn:
    name, met = plain(column.name), column.dropna()
    labels = not met.empty and bool(met.map(lambda cell: plain(cell) in sides.target.classes).all())
    what = "labels" if labels else f"{column.dtype} cells"
    cure = "Give them as pred=." if labels else "Name a column of numbers."
    raise OptionError(
        f"scores={name!r} holds {what}, and scores= takes numbers that rank the rows. {cure}",
        fix=change(scores=LEFT_OUT, threshold=LEFT_OUT, pred=name) if labels else IN_WORDS,
    )


def _are_probabilities(values: Floats) -> bool:
    return bool(np.nanmin(values) >= 0 and np.nanmax(values) <= 1)


def _threshold(threshold: Any, values: Floats, name: Hashable) -> float:
    """Return the threshold: 0.5 for probabilities and 0 for margins unless one is given."""
    low, high = float(values.min()), float(values.max())
    is_probability = _are_probabilities(values)
    threshold = plain(threshold)
    if threshold is None:
        if not is_probability and low >= 0:
            percent = high <= 100 and high >= 20
            raise OptionError(
                f"scores={name!r} runs from {low:.4g} to {high:.4g}, neither probabilities nor margins around 0. Give its "
                "threshold=.",
                fix=change(threshold=50) if percent and low < 50 < high else IN_WORDS,
            )
        return 0.5 if is_probability else 0.0
    if not isinstance(threshold, int | float) or isinstance(threshold, bool) or not np.isfinite(threshold):
        raise OptionError(
            f"threshold={one_line(threshold)} must be a number on the scale of scores={name!r}, {low:.4g} to {high:.4g}. "
            "Leave it out for the default.",
            fix=change(threshold=LEFT_OUT),
        )
    ends = (0.0, 1.0) if is_probability else (low, high)
    if not ends[0] <= threshold <= ends[1]:
        meant = float(f"{threshold / 100:.12g}") if is_probability and 2 <= threshold <= 100 else None
        all_or_none = "no row" if threshold > ends[1] else "every row"
        raise OptionError(
            f"threshold={threshold:g} lies outside of scores={name!r}, which run from {low:.4g} to {high:.4g}: it flags "
            f"{all_or_none}. {'Give one between' if meant is None else f'Use threshold={meant:g}'}.",
            fix=change(threshold=LEFT_OUT if meant is None else meant),
        )
    return float(threshold)
