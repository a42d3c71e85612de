"""Scores of raw rows, by what was fitted or read here: at once of a frame, lazily of a table."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.lazy.tables import is_table, table_of
from imbalance_accessor.errors import OptionError
from imbalance_accessor.evaluation.outputs import scores_of
from imbalance_accessor.evaluation.score_column import column_scores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, StrategyScores
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.modeling.calibrators import Calibrator, with_calibrator
from imbalance_accessor.modeling.estimators import columns_read
from imbalance_accessor.modeling.strategies import Estimator


class RowScorer(Protocol):
    """What scores raw rows; it travels to other processes, without the rows that it was made of."""

    @property
    def columns(self) -> Sequence[Hashable]:
        """What is read of the rows."""
        ...

    def of(self, rows: pd.DataFrame) -> Floats:
        """Return the score of the positive class, shape (n,)."""
        ...


@dataclass(frozen=True, eq=False)
class ModelOnRows:
    """A fitted model that is handed out.

    Attributes
    ----------
    model : Estimator
        It reads raw rows.
    positive : int
        The column of the positive class.
    """

    model: Estimator
    positive: int

    @property
    def columns(self) -> Sequence[Hashable]:
        """What the model reads."""
        return columns_read(self.model)

    def of(self, rows: pd.DataFrame) -> Floats:
        """Return the model's scores, shape (n,)."""
        return np.asarray(scores_of(self.model, rows, 2)[:, self.positive])


@dataclass(frozen=True, eq=False)
class ColumnOfRows:
    """A column of scores, and what calibrates it.

    Attributes
    ----------
    formats : Columns
        How the first frame was read.
    column : hashable
    calibrator : Calibrator, optional
    """

    formats: Columns
    column: Hashable
    calibrator: Calibrator | None = None

    @property
    def columns(self) -> Sequence[Hashable]:
        """The column alone."""
        return [self.column]

    def of(self, rows: pd.DataFrame) -> Floats:
        """Return the cells, calibrated, shape (n,)."""
        p = column_scores(self.formats.read(rows), self.column)
        return p if self.calibrator is None else self.calibrator.apply(p)


@dataclass(frozen=True, eq=False)
class Computed:
    """A column that is made of rows: scores, or whether they reach a threshold.

    Attributes
    ----------
    scorer : RowScorer
    name : str
        Of the column.
    threshold : float, optional
        Rows are flagged from there on; None: the score itself.
    """

    scorer: RowScorer
    name: str
    threshold: float | None = None

    @property
    def dtype(self) -> str:
        """What its cells are."""
        return "float64" if self.threshold is None else "bool"

    def of(self, data: Any, *, method: str) -> Any:
        """Return the column of a frame, or lazily of a table, in the engine's own form.

        Parameters
        ----------
        data : pandas.DataFrame, or a lazy frame, a relation, a frame in partitions
        method : str
            What was called, for errors.

        Raises
        ------
        OptionError
            Other data, or a frame without the columns that are read.
        """
        if isinstance(data, pd.DataFrame):
            return self._series(data)
        if not is_table(data):
            raise OptionError(
                f"{method}() takes a frame of rows, not {type(data).__name__}. Pass a DataFrame."
            )
        table, columns = table_of(data), self.scorer.columns
        table.check_columns(columns)
        return table.computed(self, columns, {self.name: self.dtype})

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the column of some rows, as a frame."""
        if not len(rows):  # a piece may have none
            return pd.DataFrame({self.name: np.zeros(0, self.dtype)}, index=rows.index)
        return self._series(rows).to_frame()

    def _series(self, rows: pd.DataFrame) -> pd.Series:
        return pd.Series(self._cells(rows), index=rows.index, name=self.name)

    def _cells(self, rows: pd.DataFrame) -> Floats | Bools:
        scores = self.scorer.of(rows)
        return scores if self.threshold is None else np.asarray(scores >= self.threshold)


def scorer_of(scores: StrategyScores, calibrator: Calibrator | None = None) -> RowScorer:
    """Return what gives raw rows the scores that a strategy gave: its model, or the column that they came in, calibrated."""
    if isinstance(scores, ColumnScores):
        return ColumnOfRows(scores.scored.parts.features.columns, scores.column, calibrator)
    model = (
        scores.handed_out
        if calibrator is None
        else with_calibrator(scores.model, calibrator, scores.scored.positive)
    )
    return ModelOnRows(model, scores.scored.positive or 0)
