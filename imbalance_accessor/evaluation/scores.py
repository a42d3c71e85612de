"""Scores of all strategies: out of fold on the training set, to choose; on the test set, to report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.evaluation.outputs import (
    Matrix,
    Predicted,
    both_sides,
)
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Bools, Codes, Floats
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.score_grid import ScoreGrid
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.modeling.calibrators import Calibrator, ClassCorrection
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.splitting.folds import Folds
from imbalance_accessor.splitting.split import Parts

#: How near the threshold a score says nothing of which side it is on.
_TIED = 1e-6


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A model's scores of all rows of a table that no fit learned from; an entry stands for the rows of one cell of the score.

    Attributes
    ----------
    y : numpy.ndarray of bool, shape (n,)
    score : numpy.ndarray of float, shape (n,)
        Of the positive class.
    weights : Weights
        How many rows each entry stands for, and how much a row of its class counts.
    tells_margin : bool
        Whether the margins that calibrators read follow from the score.
    """

    y: Bools
    score: Floats
    weights: Weights
    tells_margin: bool = True

    def at(self, prevalence: float, table_rows: int | None = None) -> HeldOut:
        """Return the same where positives are such a share; that of a table of so many rows is one of many."""
        negatives, positives = self.weights.rows(self.y, 2)
        share = positives / (negatives + positives)
        factors = np.array([(1 - prevalence) / (1 - share), prevalence / share])
        return replace(self, weights=replace(self.weights, factors=factors, table_rows=table_rows))


@dataclass(frozen=True, eq=False)
class ModelScores:
    """What one strategy's model says of each row.

    Attributes
    ----------
    oof : numpy.ndarray, shape (n_train, n_columns)
        Out-of-fold scores of the training set, nan where no fold scores a row.
    test : numpy.ndarray, shape (n_test, n_columns)
        Scores of the test set by the model fitted on the whole training set.
    model : estimator
        That model.
    margin_oof, margin_test : numpy.ndarray, shape (n_train,) and (n_test,), or None
        Margins of the second class, where they are not the log odds of the scores.
    predicted_oof, predicted_test : numpy.ndarray, shape (n_train,) and (n_test,), or None
        Codes that ``predict`` gives the same rows, -1 where no fold scores a row; None where it was not asked.
    calibrator : Calibrator, ClassCorrection or None
        What brought the model's scores to the prevalence; None where they are as the model gives them.
    held_out : HeldOut, optional
        What is reported in the test set's place, where the rows are a sample of a table.
    """

    oof: Matrix
    test: Matrix
    model: Estimator
    margin_oof: Matrix | None = None
    margin_test: Matrix | None = None
    predicted_oof: Predicted | None = None
    predicted_test: Predicted | None = None
    calibrator: Calibrator | ClassCorrection | None = None
    held_out: HeldOut | None = None

    def decides_otherwise(self, positive: int, threshold: float) -> bool:
        """Whether ``predict`` decides some row otherwise than the default threshold; scores at it decide neither way."""
        assert self.predicted_oof is not None and self.predicted_test is not None
        score = np.concatenate([self.oof, self.test])[:, positive]
        predicted = np.concatenate([self.predicted_oof, self.predicted_test]) == positive
        sure = np.abs(score - threshold) > _TIED
        return bool(((score >= threshold) != predicted)[sure].any())


@dataclass(frozen=True, eq=False)
class CrossValScores:
    """All strategies' scores on the same rows.

    Attributes
    ----------
    parts : Parts
        The rows.
    folds : Folds
        Which fold scored which train row.
    by_name : dict of str to ModelScores
        In the order given.
    is_probability : bool
        Whether scores are probabilities; otherwise they only rank, and 0 is the default threshold.
    findings : tuple of Finding
        Strategies that failed, and what libraries warned of.
    failed : tuple of str
        Names of strategies that failed: they have no scores.
    again : tuple of CrossValScores
        The same strategies on folds that were dealt again; on test they are the same models.
    one_model : bool
        Whether one model scored all rows, so that scores of several folds can be put in one order.
    by_predict : bool
        Whether rows are decided by the models' own ``predict``, which is not the default threshold's decision.
    as_fitted : CrossValScores, optional
        The scores before they were brought to the prevalence; None where they were not.
    cells : ScoreGrid, optional
        The cells of the score, where entries stand for the rows of each.
    """

    parts: Parts
    folds: Folds
    by_name: dict[str, ModelScores]
    is_probability: bool
    findings: tuple[Finding, ...]
    failed: tuple[str, ...] = ()
    again: tuple[CrossValScores, ...] = ()
    one_model: bool = False
    by_predict: bool = False
    as_fitted: CrossValScores | None = None
    cells: ScoreGrid | None = None

    @property
    def train_codes(self) -> Codes:
        """What the models learned, for each train row."""
        return self.parts.train_outcome

    @property
    def test_codes(self) -> Codes:
        """The same for each test row."""
        return self.parts.test_outcome

    @property
    def positive(self) -> int | None:
        """The column of the positive class; None for several classes taken together."""
        target = self.parts.features.target
        return 1 if target.is_one_vs_rest else target.positive

    @property
    def unique(self) -> dict[str, ModelScores]:
        """The strategies, without those that are another one under a second name."""
        found: dict[int, tuple[str, ModelScores]] = {}
        for name, scores in self.by_name.items():
            found.setdefault(id(scores), (name, scores))
        return dict(found.values())

    @property
    def default_threshold(self) -> float:
        """The threshold that ``predict`` uses, unless rows are decided `by_predict`."""
        return 0.5 if self.is_probability else 0.0

    @property
    def by_default(self) -> str:
        """What decides a row before any threshold is tuned, for a heading."""
        return "by predict" if self.by_predict else f"at {self.default_threshold:g}"

    @property
    def held_out(self) -> bool:
        """Whether there is a test set to report on."""
        return bool(len(self.parts.test))

    def with_held_out(self, entries: Mapping[str, HeldOut]) -> CrossValScores:
        """Return the same, reported on all rows that no fit learned from: of each strategy that is no other's second name."""
        found = {
            id(self.by_name[name]): replace(self.by_name[name], held_out=each)
            for name, each in entries.items()
        }
        return replace(self, by_name={name: found.get(id(each), each) for name, each in self.by_name.items()})

    @property
    def _first(self) -> str:
        return next(iter(self.by_name))

    @property
    def reported_codes(self) -> Codes:
        """What the models were to say of the rows that are reported: the test rows, or all that folds scored.

        Where entries stand for rows, they are those of the first strategy; see `reported_codes_of`.
        """
        return self.reported_codes_of(self._first)

    def reported_codes_of(self, name: str) -> Codes:
        """Return the same beside the scores of a strategy."""
        if (entries := self.by_name[name].held_out) is not None:
            positive = self.positive or 0  # entries are of two sides
            return np.where(entries.y, positive, 1 - positive)
        return self.test_codes if self.held_out else self.train_codes[self.folds.ids >= 0]

    @property
    def each_row_once(self) -> CrossValScores:
        """The scores as the models give them, on rows that count once each: what is asked of rows as they are."""
        first, parts = (self.as_fitted or self).on_sample, self.parts.each_row_once
        if parts is self.parts:
            return first
        return replace(first, parts=parts, again=tuple(replace(each, parts=parts) for each in first.again))

    @property
    def train_weights(self) -> Floats | None:
        """How much each train row counts; None where all count once."""
        return self._counted(self.parts.train_weights, self.train_codes)

    @property
    def reported_rows(self) -> NDArray[np.int64]:
        """How many rows of each class are reported, whatever stands for them, shape (k,)."""
        k = 2 if self.positive is not None else len(self.parts.features.target.classes)
        return self.weights_of_reported(self._first).rows(self.reported_codes, k)

    @property
    def reports_all_held_out(self) -> bool:
        """Whether all rows of a table are reported that no fit learned from."""
        return self.by_name[self._first].held_out is not None

    @property
    def reported_weights(self) -> Floats | None:
        """The same of the rows that are reported."""
        return self.reported_weights_of(self._first)

    def reported_weights_of(self, name: str) -> Floats | None:
        """Return the same beside the scores of a strategy."""
        return self._counted(self.weights_of_reported(name), self.reported_codes_of(name))

    def weights_of_reported(self, name: str) -> Weights:
        """Return what the rows that are reported count by, and how many an entry stands for."""
        if (entries := self.by_name[name].held_out) is not None:
            return entries.weights
        return (
            self.parts.test_weights if self.held_out else self.parts.train_weights.take(self.folds.ids >= 0)
        )

    def _counted(self, weights: Weights, codes: Codes) -> Floats | None:
        return weights.of(codes if self.positive is None else codes == self.positive)

    def reported(self, name: str) -> Matrix:
        """Return one strategy's scores of the rows that are reported."""
        scores = self.by_name[name]
        if scores.held_out is not None:
            return both_sides(scores.held_out.score, self.positive, is_probability=self.is_probability)
        return scores.test if self.held_out else scores.oof[self.folds.ids >= 0]

    @property
    def resamples(self) -> Resamples:
        """Draws of the rows that are reported, the same for every verb."""
        return self.resamples_of(self._first)

    def resamples_of(self, name: str) -> Resamples:
        """Return the draws of the rows beside the scores of a strategy: the same for all, but where entries stand for rows."""
        entries = self.by_name[name].held_out
        return self._resamples if entries is None else self._of_entries[id(entries)]

    @property
    def reported_resamples(self) -> Resamples | dict[str, Resamples]:
        """The draws that all strategies share, or those of each one's entries."""
        if all(each.held_out is None for each in self.by_name.values()):
            return self._resamples
        return {name: self.resamples_of(name) for name in self.by_name}

    @property
    def on_sample(self) -> CrossValScores:
        """The same, reported on the test rows of the sample of a table."""
        if not self.reports_all_held_out:
            return self
        raw = self.as_fitted
        by_name = {name: replace(each, held_out=None) for name, each in self.by_name.items()}
        return replace(self, by_name=by_name, as_fitted=None if raw is None else raw.on_sample)

    @property
    def for_calibrators(self) -> CrossValScores:
        """The same as the models gave them; on the sample's test rows where entries do not tell what calibrators read."""
        entries = [each.held_out for each in self.by_name.values() if each.held_out is not None]
        found = self if all(each.tells_margin for each in entries) else self.on_sample
        return found.as_fitted or found

    @cached_property
    def _of_entries(self) -> dict[int, Resamples]:
        every = {name: each.held_out for name, each in self.unique.items() if each.held_out is not None}
        return {
            id(each): self._drawn(self.reported_codes_of(name), None, each.weights)
            for name, each in every.items()
        }

    @cached_property
    def _resamples(self) -> Resamples:
        if not self.held_out:
            return self.oof_resamples
        return self._drawn(
            self.test_codes,
            self.parts.test_groups,
            self.parts.test_weights,
            stratified=not self.parts.split_by.own_test,
        )

    @cached_property
    def oof_resamples(self) -> Resamples:
        """Draws of the train rows that folds scored."""
        seen, groups = self.folds.ids >= 0, self.parts.train_groups
        own = None if groups is None else groups[seen]
        return self._drawn(self.train_codes[seen], own, self.parts.train_weights.take(seen))

    def _drawn(
        self, codes: Codes, groups: Codes | None, weights: Weights, *, stratified: bool = True
    ) -> Resamples:
        """Draw rows as they came here: split from the frame by class, in whole groups, or one by one.

        A prevalence that is given is known, so that the class shares stay. Those of a table that rows were drawn from vary
        as those of a frame do: as among tables of its size.
        """
        positive, seed, k = self.positive, self.parts.split_by.random_state or 0, 1
        if positive is None:
            k = len(self.parts.features.target.classes)
        else:
            codes = codes == positive
        how: dict[str, Any] = {"weights": weights, "seed": seed, "n_scores": k}
        if groups is not None or (weights.factors is None and not (stratified and self._by_class)):
            return Resamples(codes, groups=groups, **how)
        n = len(self.parts.features.codes) if weights.factors is None else None
        return Resamples(codes, stratified=True, frame_rows=n, **how)

    @property
    def _by_class(self) -> bool:
        return self.parts.split_by.time is None and self.cells is None

    def labelled_scores(self, name: str) -> LabelledScores:
        """Return one strategy's scores of the positive class, or of each class, train and test."""
        scores, positive = self.by_name[name], self.positive
        codes = [self.test_codes, self.train_codes]
        values = [scores.test, scores.oof]
        own: dict[str, Any] = {"weights": self.parts.test_weights, "weights_oof": self.parts.train_weights}
        own["cells"] = self.cells
        if scores.held_out is not None:
            codes[0], values[0] = self.reported_codes_of(name), self.reported(name)
            own["weights"] = scores.held_out.weights
        predicted = [scores.predicted_test, scores.predicted_oof]
        if positive is not None:
            codes, values = [each == positive for each in codes], [each[:, positive] for each in values]
        if self.by_predict:
            own["predicted"], own["predicted_oof"] = (each == positive for each in predicted)
        return LabelledScores(
            codes[0],
            values[0],
            codes[1],
            values[1],
            self.folds.ids,
            self.is_probability,
            self.parts.split_by.time is not None,
            self.parts.features.target.names if positive is None else None,
            self.parts.is_stratified,
            self.parts.split_by.random_state or 0,
            self.one_model,
            tuple(each.labelled_scores(name) for each in self.again),
            **own,
        )

    def deciding(self) -> CrossValScores:
        """Return the same, decided by ``predict`` where that is known and differs from the default threshold."""
        every = [scores for deal in (self, *self.again) for scores in deal.by_name.values()]
        if self.positive is None or any(each.predicted_oof is None for each in every):
            return self
        if not any(each.decides_otherwise(self.positive, self.default_threshold) for each in every):
            return self
        return replace(
            self, by_predict=True, again=tuple(replace(each, by_predict=True) for each in self.again)
        )
