"""The row that is asked for, the model that has not learned from it, and what that model sees of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import Series, isna
from pandas.api.types import is_scalar
from scipy.sparse import issparse

from imbalance_accessor.data.target import plain
from imbalance_accessor.errors import IN_WORDS, OptionError, change, listed
from imbalance_accessor.evaluation.fit import FoldData
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.inspection.pipeline_trace import transformed, transformers_of
from imbalance_accessor.modeling.row_weights import fit_clone
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import quieted


@dataclass(frozen=True, eq=False)
class TracedRow:
    """A row that is followed, and who scores it.

    Attributes
    ----------
    row : hashable
        Its index label.
    part : str
        ``"train"`` or ``"test"``.
    place : int
        Its place there.
    fold : int
        The fold whose model scored it, which learned from the other folds; -1 for the model of the whole training set.
    scorer : str
        ``"train"`` for the model of the whole training set, ``"fold"`` for a fold's, ``"yours"`` for one that came fitted.
    label : object
        What the row is.
    """

    row: Any
    part: str
    place: int
    fold: int
    scorer: str
    label: Any


def traced_row(strategy_scores: FittedScores, row: Any) -> TracedRow:
    """Find a row by its index label.

    Raises
    ------
    OptionError
        A label that no row has, or several, or a row that no fold scores.
    """
    plan, scored = strategy_scores.plan, strategy_scores.scored
    part, place = _found(strategy_scores, row)
    scorer = "yours" if plan.model.fitted else "train" if part == "test" else "fold"
    fold = int(scored.folds.ids[place]) if scorer == "fold" else -1
    if scorer == "fold" and fold < 0:
        raise OptionError(
            f"row={row!r} has no out-of-fold score: it precedes the first validation fold. Take a later row."
        )
    y = (scored.parts.train if part == "train" else scored.parts.test).y
    return TracedRow(_plain(row), part, place, fold, scorer, plain(y.iloc[place]))


def seen_by_model(strategy_scores: FittedScores, traced: TracedRow) -> tuple[Estimator, Any, list[str]]:
    """Return the fitted classifier that scores a row, the row as it reaches it, and the names of its columns."""
    model, cells = _model_of(strategy_scores, traced)
    steps, classifier = transformers_of(model)
    x = transformed(steps, cells)
    return classifier, x, names_of(steps, cells, x)


def dense(x: Any) -> NDArray[np.float64]:
    """Return one row's cells as an array, shape (n_columns,)."""
    cells: Any = x.toarray() if issparse(x) else x  # type: ignore[attr-defined]
    return np.ravel(np.asarray(cells, np.float64))


def _plain(row: Any) -> Any:
    return tuple(map(plain, row)) if isinstance(row, tuple) else plain(row)


def _found(strategy_scores: FittedScores, row: Any) -> tuple[str, int]:
    """Return the part and the position of the row with an index label."""
    parts = strategy_scores.scored.parts
    found = [
        (part, int(place))
        for part, rows in (("train", parts.train), ("test", parts.test))
        for place in np.flatnonzero(_same(rows.y.index, row))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise OptionError(
            f"row={plain(row)!r} is the index label of {len(found):,} rows. Number the rows anew: df.reset_index(drop=True)."
        )
    some = listed([*parts.train.y.index[:2], *parts.test.y.index[:1]])
    alike = [label for label in (*parts.train.y.index, *parts.test.y.index) if str(label) == str(row)]
    raise OptionError(
        f"row={plain(row)!r} is not the index label of a labelled row. Such labels are {some}.",
        fix=change(row=plain(alike[0])) if len(alike) == 1 else IN_WORDS,
    )


def _same(index: Any, row: Any) -> NDArray[np.bool_]:
    if isinstance(row, tuple):
        return np.fromiter((isinstance(each, tuple) and each == row for each in index), bool, len(index))
    is_no_row = isinstance(row, bool) and index.dtype != bool and index.dtype != object  # True is no row 1
    if is_no_row or not is_scalar(row):
        return np.zeros(len(index), bool)
    if isinstance(row, str) and index.dtype.kind in "mM":  # a day's name is all of its moments
        try:
            there = Series(np.arange(len(index)), index=index).loc[row]
        except (KeyError, ValueError):
            there = []
        return np.isin(np.arange(len(index)), there)
    if isna(row):
        return np.asarray(index.isna() if index.nlevels == 1 else np.zeros(len(index), bool), bool)
    return np.asarray(index == row, bool)


@quieted()
def _model_of(strategy_scores: FittedScores, traced: TracedRow) -> tuple[Estimator, Any]:
    """Return the fitted model that scores a row, and the row as it reaches the pipeline."""
    plan, scored = strategy_scores.plan, strategy_scores.scored
    fold_data = FoldData(plan.reader, scored.folds)
    cells = (fold_data.X_train if traced.part == "train" else fold_data.X_test).iloc[[traced.place]]
    if traced.fold < 0:
        return scored.by_name[strategy_scores.name].model, cells
    candidate = plan.candidates[strategy_scores.name]
    rows = fold_data.rows(candidate, traced.fold)
    return fit_clone(candidate.estimator, rows.X, rows.y, rows.fit_params), cells


def names_of(steps: list[tuple[str, Estimator]], cells: Any, x: Any) -> list[str]:
    """Return the names of the columns that a classifier sees, as far as the steps before it tell them."""
    names = list(map(str, cells.columns))
    for _, step in steps:
        if hasattr(step, "get_feature_names_out"):
            try:
                names = list(map(str, step.get_feature_names_out(names)))
            except ValueError:
                names = list(map(str, step.get_feature_names_out()))
        elif not hasattr(step, "fit_resample"):
            names = []
    width = np.shape(x)[1]
    if len(names) != width:
        return [f"column {place}" for place in range(width)]
    short = [each.split("__", 1)[-1] for each in names]  # without the name of the transformer
    return short if len(set(short)) == width else names
