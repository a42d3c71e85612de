"""One model's scores of the rows that calibrators learn from and of those reported, as they are and calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import FittedScores, StrategyScores
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.calibration import level_interval, log_odds
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.cross_fitting import can_be_evaluated, others
from imbalance_accessor.metrics.weights import ONES, Weights, stacked_weights
from imbalance_accessor.modeling.calibrators import Calibrator, fit_calibrator, learning_weights
from imbalance_accessor.modeling.models import NAMED

#: Rows above which cross-fitting takes two folds, since a calibrator of so many rows hardly depends on them.
MANY_ROWS = 100_000


@dataclass(frozen=True, eq=False)
class ScoreSet:
    """One model's scores of the positive class on the rows that calibrators are fitted on, or on those reported.

    Attributes
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Probabilities, or scores that are none.
    margin : ndarray of float, shape (n,), or None
    weights : Weights
        How much the rows count.
    """

    y: Bools
    p: Floats
    margin: Floats | None
    weights: Weights = ONES

    def take(self, rows: Bools) -> ScoreSet:
        """Return some of the rows."""
        margin = None if self.margin is None else self.margin[rows]
        return ScoreSet(self.y[rows], self.p[rows], margin, self.weights.take(rows))


@dataclass(frozen=True, eq=False)
class CalibratedScores:
    """What is reported, with what it is ranked by, and what is cross-fitted, in each deal."""

    y: tuple[Bools, ...]
    p: tuple[Floats, ...]
    rank: tuple[Floats, ...]
    crossed: tuple[Floats, ...]
    calibrator: Calibrator | None
    margin: bool


class ModelScoreSets:
    """One model's scores on the rows that calibrators are fitted on, and on those that are reported."""

    def __init__(self, strategy_scores: StrategyScores) -> None:
        self.is_probability = strategy_scores.scored.is_probability
        self.held_out = bool(len(strategy_scores.scored.parts.test))
        scored, labelled_scores = strategy_scores.scored, strategy_scores.labelled_scores
        deals = zip((scored, *scored.again), (labelled_scores, *labelled_scores.again), strict=True)
        self.learns, self.folds = zip(*(_learning(strategy_scores, *deal) for deal in deals), strict=True)
        self.ordered = labelled_scores.ordered
        self.evaluated = can_be_evaluated(self.folds[0], ordered=self.ordered)
        self.labels = tuple(each.y[self.evaluated] for each in self.learns)
        self.crossed = self.learns[0].take(self.evaluated)
        self.side = _reported(strategy_scores) if self.held_out else self.crossed
        self.odds_shift = odds_ratio_shift(strategy_scores)
        fitted_here = isinstance(strategy_scores, FittedScores) and not strategy_scores.plan.model.fitted
        factors = self.crossed.weights.factors  # of the rows that were learned from
        self.learned_elsewhere = fitted_here and factors is not None
        if fitted_here and factors is not None:
            self.odds_shift *= float(factors[0] / factors[1])
        self.may_weigh_rows = isinstance(strategy_scores, FittedScores) and (
            strategy_scores.plan.model.name not in NAMED
        )
        self.can_be_undone = fitted_here and self.is_probability and not np.isnan(self.odds_shift)
        self.resamples = _resamples(strategy_scores, self.evaluated)

    def applicable(self, calibrators: Sequence[str]) -> list[str]:
        """Return the calibrators that these scores can have: a prior correction needs probabilities fitted here."""
        return [calibrator for calibrator in calibrators if calibrator != "prior" or self.can_be_undone]

    def is_of_sample(self, as_they_are: CalibratedScores) -> bool:
        """Whether scores are known to be of another share of positives than the one asked for.

        A model of the user's own may weigh its rows itself: where the mean of its scores is the prevalence, it is not known.
        """
        return self.learned_elsewhere and not (self.may_weigh_rows and self.holds(as_they_are))

    def holds(self, found: CalibratedScores) -> bool:
        """Whether the mean of out-of-fold probabilities is the share of positives, as near as it should be."""
        y, weights = self.crossed.y, self.crossed.weights
        p = np.mean(found.crossed, axis=0)
        _, low, high = level_interval(y, p, weights)
        return bool(low <= np.average(p, weights=weights.of(y)) <= high)

    def calibrated(self, name: str) -> CalibratedScores:
        """Return one row's probabilities; where nothing is held out, the cross-fitted ones are reported."""
        deals = zip(self.learns, self.folds, strict=True)
        crossed = tuple(self._crossed(name, learn, fold) for learn, fold in deals)
        fitted = self._fit(name, _stacked(self.learns), len(self.learns))
        margin = self.is_probability and self.side.margin is not None
        if not self.held_out:
            raw = tuple(each.p[self.evaluated] for each in self.learns)
            rank = crossed if self.is_probability or name != "none" else raw
            return CalibratedScores(self.labels, crossed, rank, crossed, fitted, margin)
        p = self._applied(fitted, self.side)
        # a calibrator may give rows one probability whose scores differ: these are then tied; one order is ranked once
        ranked = (self.side.p if fitted is None or _in_one_order(self.side.p, p) else p,)
        return CalibratedScores((self.side.y,), (p,), ranked, crossed, fitted, margin)

    def _fit(self, name: str, side: ScoreSet, deals: int = 1) -> Calibrator | None:
        if name == "none":
            return None
        weights = learning_weights(side.y, side.weights, deals)
        return fit_calibrator(name, side.y, side.p, side.margin, self.odds_shift, weights)

    def _applied(self, calibrator: Calibrator | None, side: ScoreSet) -> Floats:
        if calibrator is not None:
            return calibrator.apply(side.p, side.margin)
        return side.p if self.is_probability else np.full(len(side.p), np.nan)

    def _crossed(self, name: str, learn: ScoreSet, fold: NDArray[np.intp]) -> Floats:
        """Calibrate each fold's scores by what was fitted on the other folds; in the order of time on earlier ones."""
        if name in {"none", "prior"}:
            return self._applied(self._fit(name, learn), learn.take(self.evaluated))
        parts = fold % 2 if len(fold) > MANY_ROWS and not self.ordered else fold
        calibrated = np.full(len(learn.p), np.nan)
        for held_out, rows in others(parts, ordered=self.ordered):
            inside = parts == held_out
            calibrated[inside] = self._applied(self._fit(name, learn.take(rows)), learn.take(inside))
        return calibrated[self.evaluated]


def _in_one_order(score: Floats, p: Floats) -> bool:
    """Whether rows are ranked, and tied, alike."""
    order = np.argsort(score)
    rises, rises_too = (np.sign(np.diff(each[order])) for each in (score, p))
    return np.array_equal(rises, rises_too)


def _learning(
    strategy_scores: StrategyScores, scored: CrossValScores, labelled_scores: LabelledScores
) -> tuple[ScoreSet, NDArray[np.intp]]:
    """Return the rows that calibrators are fitted on, with out-of-fold scores, and their folds, as these were dealt once."""
    kept = labelled_scores.fold >= 0
    side = ScoreSet(
        labelled_scores.y_oof,
        labelled_scores.score_oof,
        _signed(scored.by_name[strategy_scores.name].margin_oof, strategy_scores),
        labelled_scores.weights_oof,
    )
    return _with_margin(side.take(kept), strategy_scores), labelled_scores.fold[kept]


def _stacked(labelled_scores: Sequence[ScoreSet]) -> ScoreSet:
    """Put the rows of all deals one after another."""
    if len(labelled_scores) == 1:
        return labelled_scores[0]
    margins = [each.margin for each in labelled_scores if each.margin is not None]
    y, p = (np.concatenate([getattr(each, name) for each in labelled_scores]) for name in ("y", "p"))
    weights = stacked_weights([(each.weights, len(each.y)) for each in labelled_scores])
    return ScoreSet(y, p, np.concatenate(margins) if margins else None, weights)


def _reported(strategy_scores: StrategyScores) -> ScoreSet:
    labelled_scores, scores = (
        strategy_scores.labelled_scores,
        strategy_scores.scored.by_name[strategy_scores.name],
    )
    margin = None if scores.held_out is not None else _signed(scores.margin_test, strategy_scores)
    side = ScoreSet(labelled_scores.y, labelled_scores.score, margin, labelled_scores.weights)
    return _with_margin(side, strategy_scores)


def _signed(margin: Floats | None, strategy_scores: StrategyScores) -> Floats | None:
    """Turn margins, which point to the second class, to the positive one."""
    return -margin if margin is not None and strategy_scores.scored.positive == 0 else margin


def _with_margin(side: ScoreSet, strategy_scores: StrategyScores) -> ScoreSet:
    """Add the margins that scikit-learn's calibrators read, where the model gives them."""
    if side.margin is not None or not hasattr(strategy_scores.model, "decision_function"):
        return side
    return replace(side, margin=log_odds(side.p) if strategy_scores.scored.is_probability else side.p)


def _resamples(strategy_scores: StrategyScores, evaluated: Bools) -> Resamples:
    """Return the draws of the rows that are reported."""
    drawn = (
        strategy_scores.resamples if len(strategy_scores.scored.parts.test) else strategy_scores.oof_resamples
    )
    if len(strategy_scores.scored.parts.test) or evaluated.all():
        return drawn
    # in the order of time the first fold's rows are reported by nobody
    weights, known = drawn.weights.take(evaluated), drawn.weights.factors is not None
    return Resamples(drawn.classes[evaluated], weights=weights, stratified=known, seed=drawn.seed)
