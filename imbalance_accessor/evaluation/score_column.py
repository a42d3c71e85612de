"""Scores that come with the rows, in a column of the frame: any model's, none of which is fitted here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.beside import beside, put_beside
from imbalance_accessor.data.cells import as_float, holds_numbers
from imbalance_accessor.data.checks import LARGEST, check_unicode_names, number_code, without_odd
from imbalance_accessor.data.column_kinds import Format
from imbalance_accessor.data.features import ABOUT_FEATURES, Features
from imbalance_accessor.data.lines import assigned, frames
from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import (
    IN_WORDS,
    LEFT_OUT,
    Fix,
    OptionError,
    change,
    counted,
    near,
    nearest_of,
    one_line,
)
from imbalance_accessor.evaluation.outputs import both_sides
from imbalance_accessor.evaluation.scores import CrossValScores, ModelScores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.splitting.deals import Positions
from imbalance_accessor.splitting.folds import Folds, make_folds
from imbalance_accessor.splitting.split import Parts, divide

#: How far beyond 0 and 1 rounding takes probabilities (of 32 bits).
_ROUNDED = 1e-5
#: From where on the highest of scores that end at 100 is read as percent.
_FEWEST_PERCENT = 20
#: The largest margin, whatever its sign, of which a sigmoid is not yet rounded to 0 or 1.
_MOST_MARGIN = 30
_NONE: Mapping[Hashable, Format] = {}


def check_alone(model: Any, more: bool, max_rows: Any = None) -> None:
    """Refuse a model, a strategy, ``fitted=`` or ``max_rows=`` beside a column of scores."""
    if max_rows is not None:
        raise OptionError(
            f"max_rows={one_line(max_rows)} caps the rows to learn from, and scores= names a column from which nothing is "
            "learned. Leave it out.",
            fix=change(max_rows=LEFT_OUT),
        )
    if more or not (isinstance(model, str) and model == "logistic"):
        raise OptionError(
            "scores= names a column that holds every row's score, so that nothing is fitted. Leave model=, strategy= and "
            "fitted= out, or leave scores= out.",
            fix=change(**dict.fromkeys(("model", "strategy", "strategies", "fitted"), LEFT_OUT)),
        )


def needed_columns(data: Any, target: Any, scores: Hashable, others: Collection[Any]) -> Any:
    """Return the columns that a choice from given scores reads: the rest is no feature of anything."""
    if not isinstance(data, pd.DataFrame):
        return data
    check_unicode_names(data, None, {"target": target, "scores": scores})
    if not pd.api.types.is_hashable(scores) or scores not in data.columns:
        raise OptionError(
            f"scores={one_line(scores)} is not a column of this frame.{near(scores, data.columns)}"
            + (
                beside("scores", scores, data)
                or " Scores go into the frame, one for each row in their order: df.assign(p=np.asarray(p))."
            ),
            fix=_into_the_frame(scores, data),
        )
    named = target.name if isinstance(target, pd.Series) else target
    if _same(scores, named):
        raise OptionError(
            f"scores={plain(scores)!r} is the target itself. Name the column with the model's scores."
        )
    wanted = [scores, *others, *([] if isinstance(target, pd.Series) else [target])]
    if target is None or any(isinstance(each, str) and each not in data.columns for each in wanted):
        return data  # what is refused next names the columns that are near
    return data.loc[:, [any(_same(name, each) for each in wanted) for name in data.columns]]


def _into_the_frame(scores: Any, data: pd.DataFrame) -> Fix:
    """Return what makes a column of scores that stand beside the frame, or names the column that was meant."""
    if isinstance(scores, Hashable):
        nearest = nearest_of(scores, data.columns)
        return change(scores=nearest[0]) if nearest else IN_WORDS
    if isinstance(scores, np.ndarray | pd.DataFrame) and scores.shape == (len(data), 2):  # of predict_proba
        return Fix("df = df.assign(scores=np.asarray(scores)[:, 1])", {"scores": "scores"})
    return put_beside("scores", scores, data)


def changed_scores(parts: Parts, column: Hashable, write: Callable[[str], str]) -> str:
    """Write lines that give the column other scores, in ``df`` and in a test frame."""
    number = number_code(parts.features.X[column], parts.features.columns.formats)
    return assigned(column, frames(parts.split_by.own_test), lambda cells: write(number(cells)))


def ends_of(scores: ColumnScores) -> tuple[float, float]:
    """Return the lowest and the highest score."""
    found = scores.labelled_scores
    every = np.concatenate([found.score_oof, found.score])
    return float(every.min()), float(every.max())


def made_probabilities(scores: ColumnScores) -> tuple[str, Fix]:
    """Return how scores outside of 0..1 become probabilities, which then can be calibrated: in words, and as code."""
    low, high = ends_of(scores)
    if low >= -_ROUNDED and high <= 1 + _ROUNDED:
        cure, form = "Rounding took them beyond 0..1: bring them back.", "{}.clip(0, 1)"
    elif low >= 0 and _FEWEST_PERCENT <= high <= 100:
        cure, form = "Divide percentages by 100.", "{} / 100"
    elif low < 0 and max(-low, high) <= _MOST_MARGIN:
        cure, form = "Take predict_proba, or the sigmoid of a decision function.", "expit({})"
    else:
        cure, form = "Bring them to 0..1 in their order.", f"(({{}} - {low!r}) / {high - low!r}).clip(0, 1)"
    lines = changed_scores(scores.scored.parts, scores.column, form.format)
    return cure, Fix(f"from scipy.special import expit\n\n{lines}" if "expit" in form else lines)


def _same(name: Hashable, wanted: Any) -> bool:
    name, wanted = plain(name), plain(wanted)
    return isinstance(wanted, Hashable) and type(name) is type(wanted) and name == wanted


def read_score_column(
    features: Features,
    scores: Hashable,
    *,
    cv: int,
    repeats: int,
    test_size: float,
    random_state: int | None,
) -> tuple[ColumnScores, list[Finding]]:
    """Divide and fold rows that come with their scores."""
    if features.weighting.in_frame and _same(scores, features.weighting.column):
        raise OptionError(
            f"sample_weight={plain(scores)!r} is the column of scores=. Name the column of row weights, or leave it out.",
            fix=change(sample_weight=LEFT_OUT),
        )
    deal: dict[str, Any] = {"cv": cv, "random_state": random_state, "repeats": repeats}
    parts = divide(features, test_size=test_size, nothing=True, **deal)
    folds = make_folds(parts, **deal)
    scores = plain(scores)
    scored = score_column(parts, folds, scores)
    # no column is a feature here
    findings = [each for each in (*parts.findings, *folds.findings) if each.code not in ABOUT_FEATURES]
    return ColumnScores(scored, "scores", scores), findings


def score_column(parts: Parts, folds: Folds, column: Hashable) -> CrossValScores:
    """Take a column of the frame as every row's score; nothing is fitted.

    Parameters
    ----------
    parts, folds
        The rows, and their folds: rows that no fold would score join a fold of their own, since they have scores; in the
        order of time only those before the first fold.
    column : hashable
        Any model's probability or score of the positive class.

    Raises
    ------
    OptionError
        Cells that are no finite numbers, or one score for all rows.
    """
    beside_frame = not parts.features.in_frame
    formats, test_name = parts.features.columns.formats, "test" if parts.split_by.own_test else "df"
    train = column_scores(parts.train.X, column, formats, beside=beside_frame)
    test = column_scores(parts.test.X, column, formats, beside=beside_frame, frame=test_name)
    every = np.concatenate([train, test])
    if every.min() == every.max():
        raise OptionError(
            f"scores={column!r} is {every[0]:g} in every row, so rows cannot be ranked. Name another column."
        )
    is_probability = bool(every.min() >= 0 and every.max() <= 1)
    found = CrossValScores(parts, folds, {}, is_probability, (), one_model=True)
    oof, held_out = (
        both_sides(values, found.positive, is_probability=is_probability) for values in (train, test)
    )
    by_name = {"scores": ModelScores(oof, held_out, None)}
    first, *again = (
        replace(found, folds=replace(deal, ids=_with_the_rest(parts, deal)), by_name=by_name)
        for deal in folds.deals
    )
    return replace(first, again=tuple(again))


def _with_the_rest(parts: Parts, folds: Folds) -> Positions:
    """Return the folds, one more for the rows that none holds; in the order of time fold 0 for those before the first."""
    if parts.split_by.time is None:
        ids = np.full(len(folds.ids), len(folds))  # every row has a score, whichever deal leaves it out
        for fold, (_, held) in enumerate(folds.pairs):
            ids[held] = fold
        return ids
    time = parts.train.X[parts.split_by.time]
    first = time[folds.ids >= 0].min()
    return np.where((time < first).to_numpy(), 0, np.where(folds.ids < 0, -1, folds.ids + 1))


def column_scores(
    X: pd.DataFrame,
    name: Hashable,
    formats: Mapping[Hashable, Format] = _NONE,
    *,
    beside: bool = False,
    frame: str = "df",
) -> NDArray[np.float64]:
    """Return a column of scores, or say why it is none; labels may stand `beside` the frame of that name.

    `formats` say how columns of numbers are written that `X` holds read.
    """
    if name not in X.columns:
        raise OptionError(f"scores={name!r} is not a column of this frame.{near(name, X.columns)}")
    column = X[name]
    if not holds_numbers(column):
        raise OptionError(f"scores={name!r} holds {column.dtype} cells. Name a column of numbers.")
    values = as_float(column).to_numpy(np.float64, na_value=np.nan)
    odd = int(np.count_nonzero(~np.isfinite(values)))
    if odd:
        raise OptionError(
            f"scores={name!r} has {counted(odd, 'missing or infinite cell')}; every row needs a score. Leave those rows out.",
            fix=without_odd(column, formats, beside=beside, frame=frame),
        )
    largest = float(np.abs(values).max(initial=0.0))
    if largest > LARGEST:
        raise OptionError(
            f"scores={name!r} reaches {largest:.2g}; differences of numbers beyond {LARGEST:g} overflow. Divide it by a "
            "power of ten, which keeps the order."
        )
    return values
