"""One strategy's scores, and what is known of the rows they are of: fitted here, or from a column."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.signal import RankingSignal, ranking_signal
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.modeling.calibrators import with_calibrator
from imbalance_accessor.modeling.estimators import ColumnSelector
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import cached_property


@dataclass(frozen=True, eq=False)
class StrategyScores:
    """One strategy's scores, and what came of the rows they are of: fitted here, or from a column.

    Attributes
    ----------
    scored : CrossValScores
        The scores, by strategy.
    name : str
        The strategy; ``"scores"`` where they came with the rows.
    """

    scored: CrossValScores
    name: str

    @cached_property
    def labelled_scores(self) -> LabelledScores:
        """The scores of the positive class, train and test."""
        return self.scored.labelled_scores(self.name)

    @cached_property
    def ranking_signal(self) -> RankingSignal | None:
        """Whether the scores that choose rank within folds; rows of one group are not independent, and few groups cannot tell."""
        if self.oof_resamples.too_few_groups:
            return None
        found, groups = self.labelled_scores, self.scored.parts.train_groups
        seen = found.seen
        own = None if groups is None else groups[seen]
        copies = found.weights_oof.take(seen).copies
        rows = found.y_oof[seen], found.score_oof[seen], found.fold[seen]
        return ranking_signal(*rows, own, copies, falling=found.falling)

    @property
    def resamples(self) -> Resamples:
        """Draws of the test rows."""
        return self.scored.resamples_of(self.name)

    @property
    def oof_resamples(self) -> Resamples:
        """Draws of the train rows that folds scored."""
        return self.scored.oof_resamples

    @property
    def random_state(self) -> int | None:
        """The seed of the split, and of all that follows."""
        return self.scored.parts.split_by.random_state

    @property
    def model(self) -> Estimator:
        """The model fitted on the whole training set, which predicts on raw rows; None where nothing was fitted."""
        return self.scored.by_name[self.name].model

    @property
    def handed_out(self) -> Estimator:
        """What predicts on raw rows, at the prevalence that was asked for."""
        return self.model

    @property
    def classes(self) -> NDArray[Any]:
        """The labels that the model answers in."""
        return np.asarray(self.model.classes_)

    @property
    def chosen_on(self) -> str:
        """Where a threshold is chosen: a model fitted elsewhere, or a column, has no out-of-fold scores."""
        return "on the training set" if len(self.scored.parts.test) else "on these rows"


@dataclass(frozen=True, eq=False)
class ColumnScores(StrategyScores):
    """Scores that came with the rows, in a column of the frame."""

    column: Hashable


@dataclass(frozen=True, eq=False)
class FittedScores(StrategyScores):
    """Scores of a model that was fitted here, or scored as it came; `plan` says how to come by them again."""

    plan: Plan

    @property
    def as_fitted(self) -> FittedScores:
        """The same as the models gave them, before probabilities were brought to a prevalence."""
        return self if self.scored.as_fitted is None else replace(self, scored=self.scored.as_fitted)

    @property
    def model(self) -> Estimator:
        """The model fitted on the whole training set, which predicts on raw rows."""
        fitted = self.scored.by_name[self.name].model
        if not self.plan.model.fitted:
            return fitted
        reader = ColumnSelector(
            self.scored.parts.features.columns,
            as_is=True,
            names=self.plan.reader.names,
            raw=self.plan.model.reads_raw,
        ).fit()
        return Pipeline([("columns", reader), ("model", FrozenEstimator(fitted))])

    @property
    def handed_out(self) -> Estimator:
        """The same model, with what brings its probabilities to the prevalence."""
        return with_calibrator(self.model, self.scored.by_name[self.name].calibrator, self.scored.positive)

    @property
    def chosen_on(self) -> str:
        """Where a threshold is chosen: a model fitted elsewhere has no out-of-fold scores."""
        return super().chosen_on if self.plan.model.fitted else "out of fold"


@dataclass(frozen=True, eq=False)
class TopLabelScores(FittedScores):
    """The probability of the likeliest of several classes, held against whether that class is the right one."""

    @cached_property
    def labelled_scores(self) -> LabelledScores:
        """Whether the likeliest class is right, and its probability, train and test."""
        return self._labelled_scores(self.scored)

    def _labelled_scores(self, scored: CrossValScores) -> LabelledScores:
        scores = scored.by_name[self.name]
        return LabelledScores(
            scores.test.argmax(axis=1) == scored.test_codes,
            scores.test.max(axis=1),
            scores.oof.argmax(axis=1) == scored.train_codes,
            scores.oof.max(axis=1),
            scored.folds.ids,
            scored.is_probability,
            scored.parts.split_by.time is not None,
            again=tuple(self._labelled_scores(each) for each in scored.again),
            weights=self._weights(scored.parts.test_weights, scored.test_codes),
            weights_oof=self._weights(scored.parts.train_weights, scored.train_codes),
        )

    @staticmethod
    def _weights(weights: Weights, codes: Codes) -> Weights:
        """Return each row's weight by its class, since what is asked here is whether the likeliest one is right."""
        return Weights(weights.of_one_row.of(codes), copies=weights.copies)

    @cached_property
    def resamples(self) -> Resamples:
        """Draws of the rows that are reported, by whether their likeliest class is right."""
        parts = self.scored.parts
        if not self.scored.held_out:
            return self.oof_resamples
        found = self.labelled_scores
        how: dict[str, Any] = {"weights": found.weights, "seed": self.random_state or 0}
        return Resamples(found.y, groups=parts.test_groups, **how)

    @cached_property
    def oof_resamples(self) -> Resamples:
        """Draws of the train rows that folds scored, by the same rule."""
        seen, groups = self.labelled_scores.seen, self.scored.parts.train_groups
        own = None if groups is None else groups[seen]
        found = self.labelled_scores
        how: dict[str, Any] = {"weights": found.weights_oof.take(seen), "seed": self.random_state or 0}
        return Resamples(found.y_oof[seen], groups=own, **how)
