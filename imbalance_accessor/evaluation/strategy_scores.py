"""One strategy's scores, and what is known of the rows they are of: fitted here, or from a column."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from imbalance_accessor.evaluation.plan import Fits
from imbalance_accessor.evaluation.scores import Scored
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.comparison import Sides
from imbalance_accessor.modeling.estimators import FrameReader
from imbalance_accessor.modeling.models import Estimator


@dataclass(frozen=True, eq=False)
class StrategyScores:
    """One strategy's scores, and what came of the rows they are of: fitted here, or from a column.

    Attributes
    ----------
    scored : Scored
        The scores, by strategy.
    name : str
        The strategy; ``"scores"`` where they came with the rows.
    """

    scored: Scored
    name: str

    @cached_property
    def sides(self) -> Sides:
        """The scores of the positive class, train and test."""
        return self.scored.sides(self.name)

    @property
    def resamples(self) -> Resamples:
        """Draws of the test rows."""
        return self.scored.resamples

    @property
    def oof_resamples(self) -> Resamples:
        """Draws of the train rows that folds scored."""
        return self.scored.oof_resamples

    @property
    def random_state(self) -> int | None:
        """The seed of the split, and of all that follows."""
        return self.scored.parts.rule.random_state

    @property
    def model(self) -> Estimator:
        """The model fitted on the whole train part, which predicts on raw rows; None where nothing was fitted."""
        return self.scored.by_name[self.name].model

    @property
    def classes(self) -> NDArray[Any]:
        """The labels that the model answers in."""
        return np.asarray(self.model.classes_)

    @property
    def chosen_on(self) -> str:
        """Where a cut is chosen: a model fitted elsewhere, or a column, has no out-of-fold scores."""
        return "on the train part" if len(self.scored.parts.test) else "on these rows"


@dataclass(frozen=True, eq=False)
class ColumnScores(StrategyScores):
    """Scores that came with the rows, in a column of the frame."""

    column: Hashable


@dataclass(frozen=True, eq=False)
class FittedScores(StrategyScores):
    """Scores of a model that was fitted here, or scored as it came; `fits` says how to come by them again."""

    fits: Fits

    @property
    def model(self) -> Estimator:
        """The model fitted on the whole train part, which predicts on raw rows."""
        fitted = self.scored.by_name[self.name].model
        if not self.fits.model.fitted:
            return fitted
        reader = FrameReader(self.scored.parts.task.columns, as_is=True, names=self.fits.reading.names)
        return Pipeline([("columns", reader), ("model", FrozenEstimator(fitted))])

    @property
    def chosen_on(self) -> str:
        """Where a cut is chosen: a model fitted elsewhere has no out-of-fold scores."""
        return super().chosen_on if self.fits.model.fitted else "out of fold"


@dataclass(frozen=True, eq=False)
class TopClass(FittedScores):
    """The probability of the likeliest of several classes, held against whether that class is the right one."""

    @cached_property
    def sides(self) -> Sides:
        """Whether the likeliest class is right, and its probability, train and test."""
        return self._sides(self.scored)

    def _sides(self, scored: Scored) -> Sides:
        scores = scored.by_name[self.name]
        return Sides(
            scores.test.argmax(axis=1) == scored.test_codes,
            scores.test.max(axis=1),
            scores.oof.argmax(axis=1) == scored.train_codes,
            scores.oof.max(axis=1),
            scored.folds.ids,
            scored.is_probability,
            scored.parts.rule.time is not None,
            again=tuple(self._sides(each) for each in scored.again),
        )

    @cached_property
    def resamples(self) -> Resamples:
        """Draws of the rows that are reported, by whether their likeliest class is right."""
        parts = self.scored.parts
        if not self.scored.held_out:
            return self.oof_resamples
        return Resamples(self.sides.y, groups=parts.groups_of(parts.test), seed=self.random_state or 0)

    @cached_property
    def oof_resamples(self) -> Resamples:
        """Draws of the train rows that folds scored, by the same rule."""
        seen, groups = self.sides.seen, self.scored.parts.groups_of(self.scored.parts.train)
        own = None if groups is None else groups[seen]
        return Resamples(self.sides.y_oof[seen], groups=own, seed=self.random_state or 0)
