"""Scores in a column of a table that is read piece by piece: one pass counts them, and entries stand for the rows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Literal

import numpy as np
import pandas as pd

from imbalance_accessor.data.cells import as_float, holds_numbers
from imbalance_accessor.data.checks import LARGEST
from imbalance_accessor.data.column_kinds import read_columns
from imbalance_accessor.data.features import Features, missing_labels
from imbalance_accessor.data.lazy.hashing import hash_ids, splitmix64
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.target import Label, plain
from imbalance_accessor.data.weighting import weighting_of
from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, OptionError, SplitError, change, counted, one_line
from imbalance_accessor.evaluation.outputs import both_sides
from imbalance_accessor.evaluation.scores import CrossValScores, ModelScores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.metrics.score_grid import MOST_CELLS, ScoreGrid
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.options import check_cv, check_seed, check_test_size
from imbalance_accessor.splitting.deals import SplitRule
from imbalance_accessor.splitting.folds import Folds
from imbalance_accessor.splitting.split import Part, Parts, TestPart, TrainPart

#: What a table of scores is read without, by parameter.
_NEEDS_ROWS = ("groups", "time", "test", "sample_weight")
#: Which score stands for those of a cell: the lowest, by which a threshold flags whole cells, or their mean.
At = Literal["lowest", "means"]


@dataclass(frozen=True, eq=False)
class TableParts(Parts):
    """Entries of a table on both sides: which rows are held out goes by chance alone, not by class."""

    def _weights_of(self, part: Part) -> Weights:
        """Return what rows count, so that each part has the wanted prevalence, whatever share it got by chance."""
        weights, target = super()._weights_of(part), self.features.target
        wanted = self.features.weighting.wanted
        if weights.factors is None or wanted is None or not len(part):
            return weights
        assert target.positive is not None
        rows = weights.rows(part.codes == target.positive, 2)
        share, prevalence = rows[1] / rows.sum(), wanted[target.positive]
        factors = np.array([(1 - prevalence) / (1 - share), prevalence / share])
        return replace(weights, factors=factors)


@dataclass(frozen=True, eq=False)
class TableScores(ColumnScores):
    """Scores that came in a column of a table; entries stand for its rows.

    Attributes
    ----------
    table : Table
    grid : ScoreGrid
        Its rows by score: negatives and positives of the test set, then those of each fold.
    id : hashable or None
        The column by which rows are divided, instead of by their place.
    """

    table: Table
    grid: ScoreGrid
    id: Hashable | None = None


def read_scored_table(
    table: Table,
    target: Any,
    scores: Any,
    *,
    pos_label: Label | None,
    prevalence: Any,
    id: Hashable | None = None,
    **others: Any,
) -> Features:
    """Count the labels of a table whose scores are a column, and read what else is known before its rows are.

    Parameters
    ----------
    table : Table
    target, scores : hashable
        Columns.
    pos_label, prevalence, id
        As verbs take them.
    **others
        What needs the rows themselves: ``groups``, ``time``, ``test``, ``sample_weight``, ``repeats``.

    Raises
    ------
    FeatureError, TargetError, OptionError
        One sentence.
    """
    _check_others(table, others)
    scores = plain(scores)
    if not isinstance(scores, Hashable):
        raise OptionError(f"scores={one_line(scores)} must name a column of the {table.came_as}.")
    labels = count_labels(table, target, pos_label)
    table.check_columns([scores] if id is None else [scores, plain(id)])
    table.check_order(id)
    if scores == labels.labels.name:
        raise OptionError(f"scores={scores!r} is the target itself. Name the column with the model's scores.")
    columns, X = read_columns(pd.DataFrame({scores: np.empty(0)}))
    return Features(
        target=labels,
        X=X,
        as_written=X[[]],
        y=pd.Series([], dtype=object, name=labels.labels.name),
        codes=np.empty(0, np.intp),
        columns=columns,
        groups=None,
        time=None,
        in_frame=True,
        taken_out=(labels.labels.name,),
        weighting=weighting_of(prevalence, None, labels, labels.rows),
        test=None,
        findings=(missing_labels(labels, labels.labelled + labels.missing),) if labels.missing else (),
    )


def _check_others(table: Table, others: Mapping[str, Any]) -> None:
    """Refuse what needs the rows themselves, where these are only counted."""
    given = [f"{name}=" for name in _NEEDS_ROWS if others.get(name) is not None]
    given += ["repeats="] if others.get("repeats", 1) != 1 else []
    if given:
        names = [each[:-1] for each in given]
        raise OptionError(
            f"scores= of a {table.came_as} counts rows by score and label in one pass, without {' and '.join(given)}. "
            f"Leave {'it' if len(given) == 1 else 'them'} out.",
            fix=change(**dict.fromkeys(names, LEFT_OUT)),
        )


def score_table(
    features: Features,
    table: Table,
    scores: Hashable,
    *,
    cv: int,
    test_size: float,
    random_state: int | None,
    at: At,
    id: Hashable | None = None,
    edges: Sequence[float] = (),
    most: int = MOST_CELLS,
) -> TableScores:
    """Count the rows of a table by their score in one pass, and let entries stand for them.

    Parameters
    ----------
    features : Features
        As `read_scored_table` read them.
    table : Table
    scores : hashable
    cv, test_size, random_state
        As verbs take them.
    at : {"lowest", "means"}
        Which score each entry has.
    id : hashable, optional
        The column that identifies a row, by which rows are divided then.
    edges : sequence of float
        Thresholds that are known already: figures are exact there, as at the one that is chosen.
    most : int
        Cells of the score at most.

    Raises
    ------
    FeatureError, OptionError, SplitError
        One sentence.

    Notes
    -----
    A row is in the test set where splitmix64(its place or id, random_state) is above (1 − test_size) · 2⁶⁴; else its fold is that
    number modulo cv. So the parts are the same whatever the engine and the pieces, though shares of the classes vary as by
    chance. The rows that models are fitted on have the smallest of these numbers: none of a class that was drawn in part is
    in the test set when the model's scores come back in a column.
    """
    check_seed(random_state)
    check_test_size(test_size, nothing=True)
    check_cv(cv)
    scores, id, rule = (
        plain(scores),
        plain(id),
        SplitRule(float(test_size), random_state, cv=int(cv), takes_nothing=True),
    )
    grid = _counted(features, table, _Counting.of(features, scores, id, rule, edges, most))
    parts, fold = _parts(features, grid, scores, rule, at)
    ids = np.unique(fold)
    pairs = tuple((np.flatnonzero(fold != each), np.flatnonzero(fold == each)) for each in ids)
    is_probability = bool(grid.lowest[0] >= 0 and grid.highest[-1] <= 1)
    found = CrossValScores(
        parts, Folds(pairs, fold, len(ids), ()), {}, is_probability, (), one_model=True, cells=grid
    )
    oof, held_out = (
        both_sides(part.X[scores].to_numpy(), found.positive, is_probability=is_probability)
        for part in (parts.train, parts.test)
    )
    by_name = {"scores": ModelScores(oof, held_out, None)}
    return TableScores(replace(found, by_name=by_name), "scores", scores, table, grid, id)


@dataclass(frozen=True)
class _Piece:
    """What is counted of a piece: its rows by score, and what scores cannot be."""

    grid: ScoreGrid | None
    odd: int
    dtype: str

    def merged(self, other: _Piece) -> _Piece:
        """Return what is counted of both; nothing by score once some cells are none."""
        odd, dtype = self.odd + other.odd, self.dtype or other.dtype
        if odd or dtype or self.grid is None or other.grid is None:
            return _Piece(None if odd or dtype else self.grid or other.grid, odd, dtype)
        return _Piece(self.grid.merged(other.grid), 0, "")


@dataclass(frozen=True)
class _Counting:
    """What counts a piece of the table; it travels to workers."""

    target: Hashable
    scores: Hashable
    id: Hashable | None
    positive: Label
    seed: int
    held_out: float
    folds: int
    edges: tuple[float, ...]
    most: int

    @classmethod
    def of(
        cls,
        features: Features,
        scores: Hashable,
        id: Hashable | None,
        rule: SplitRule,
        edges: Sequence[float],
        most: int,
    ) -> _Counting:
        """Return what counts the rows of a table by a rule that divides them."""
        target = features.target
        return cls(
            target.labels.name,
            scores,
            id,
            target.pos_label,
            rule.random_state or 0,
            rule.test_size,
            rule.cv or 1,
            tuple(edges),
            most,
        )

    @property
    def columns(self) -> list[Hashable]:
        """What is read of the table."""
        return [self.target, self.scores] + ([] if self.id is None else [self.id])

    def __call__(self, piece: pd.DataFrame, first: int) -> _Piece:
        """Count the labelled rows of a piece that begins at a place."""
        column = piece[self.scores]
        if not holds_numbers(column):
            return _Piece(None, 0, str(column.dtype))
        codes, known = pd.factorize(piece[self.target])
        kept = codes >= 0
        score = as_float(column).to_numpy(np.float64, na_value=np.nan)[kept]
        odd = int(np.count_nonzero(~np.isfinite(score)))
        if odd:
            return _Piece(None, odd, "")
        is_positive = np.array([plain(label) == self.positive for label in known], bool)
        kind = 2 * self._part(piece, first)[kept] + is_positive[codes[kept]]
        k = 2 * (1 + self.folds)
        return _Piece(ScoreGrid.of(kind, score, k=k, edges=self.edges, most=self.most), 0, "")

    def _part(self, piece: pd.DataFrame, first: int) -> Codes:
        """Return 0 for rows of the test set, and one more than their fold for the others."""
        places = np.arange(first, first + len(piece), dtype=np.uint64)
        numbers = splitmix64(places if self.id is None else hash_ids(piece[self.id]), self.seed)
        fold = (numbers % np.uint64(self.folds)).astype(np.intp)
        return np.where(numbers > (1 - self.held_out) * 2.0**64, 0, 1 + fold)


def _counted(features: Features, table: Table, counting: _Counting) -> ScoreGrid:
    """Pass over the table, or say why its scores are none."""
    name = counting.scores
    found = reduce(_Piece.merged, table.reduced(counting, counting.columns, _Piece.merged))
    if found.dtype:
        raise OptionError(f"scores={name!r} holds {found.dtype} cells. Name a column of numbers.")
    grid, odd = found.grid, found.odd
    if odd:
        raise OptionError(
            f"scores={name!r} has {counted(odd, 'missing or infinite cell')}; every row with a label needs a score. Leave "
            "those rows out."
        )
    if grid is None or (len(grid) < 2 and grid.is_exact):
        value = np.nan if grid is None else grid.lowest[0]
        raise OptionError(
            f"scores={name!r} is {value:g} in every row, so rows cannot be ranked. Name another column."
        )
    largest = max(-grid.lowest[0], grid.highest[-1])
    if largest > LARGEST:
        raise OptionError(
            f"scores={name!r} reaches {largest:.2g}; differences of numbers beyond {LARGEST:g} overflow. Divide it by a "
            "power of ten, which keeps the order."
        )
    _check_parts(features, grid, counting)
    return grid


def _check_parts(features: Features, grid: ScoreGrid, counting: _Counting) -> None:
    """Refuse rows of which a part, or what is left without a fold, lacks a class."""
    rows = grid.counts.sum(axis=0).reshape(-1, 2)
    test, folds = rows[0], rows[1:]
    without = folds.sum(axis=0) - folds
    lacks = (counting.held_out > 0 and not test.all()) or not without.all()
    if not lacks:
        return
    scarce, can = int(rows.sum(axis=0).min()), bool(without.all())
    how = "Hold nothing out: test_size=0." if can else "Two folds need rows of every class."
    raise SplitError(
        f"{features.target.name!r} has {counted(scarce, 'row')} of a class, and a part of the rows got none of them. {how}",
        fix=change(test_size=0) if can else IN_WORDS,
    )


def _parts(
    features: Features, grid: ScoreGrid, scores: Hashable, rule: SplitRule, at: At
) -> tuple[Parts, Codes]:
    """Return the entries of the training set and of the test set, and the folds of the first ones."""
    target, score = features.target, getattr(grid, at)
    assert target.positive is not None
    cell, kind, copies = grid.rows_of(range(grid.counts.shape[1]))
    order = np.argsort(kind >= 2, kind="stable")  # the test set's first
    cell, kind, copies = cell[order], kind[order], copies[order]
    codes = np.where(kind % 2, target.positive, _other(features))
    y = pd.Series(np.array([*target.classes, None], object)[codes], name=target.labels.name)
    X = pd.DataFrame({scores: score[cell]})
    features = replace(features, X=X, as_written=X[[]], y=y, codes=codes)
    features = replace(features, weighting=replace(features.weighting, copies=copies))
    n = int(np.count_nonzero(kind < 2))
    train, test = ((X.iloc[rows], y.iloc[rows], codes[rows]) for rows in (slice(n, None), slice(n)))
    parts = TableParts(
        features,
        TrainPart(*train, train[0][[]]),
        TestPart(*test, test[0][[]]),
        rule,
        features.findings,
    )
    return parts, kind[n:] // 2 - 1


def _other(features: Features) -> int:
    """Return the code of a class that is not the positive one, which stands for all of them."""
    return next(code for code in range(len(features.target.classes)) if code != features.target.positive)
