"""The rows of a `Reliability`: the probabilities as they are and calibrated, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.evaluation.findings import FEW_POSITIVES
from imbalance_accessor.evaluation.parallel import in_threads
from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift, why_approximate
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import FittedScores, StrategyScores
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.bins import BinRule, Bins, bins
from imbalance_accessor.metrics.bootstrap import Resamples, n_draws_for
from imbalance_accessor.metrics.calibration import (
    Decomposition,
    Line,
    calibration_line,
    decompose,
    log_odds,
)
from imbalance_accessor.metrics.chance import N_SIMULATIONS, Chance, by_chance
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.figures import Averaged, Scores
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.measure import Figures, measure
from imbalance_accessor.metrics.registry import probability_losses
from imbalance_accessor.metrics.thresholds import can_be_evaluated, others
from imbalance_accessor.modeling.calibrators import Calibrator, fit_calibrator

_Told = TypeVar("_Told", Decomposition, Chance, Line)
#: Key of a row: what was fitted, and the calibrator.
RowKey = tuple[str, str]
#: Rows above which cross-fitting takes two folds, since a calibrator of so many rows hardly depends on them.
MANY_ROWS = 100_000


@dataclass(frozen=True)
class Binning:
    """How probabilities are put into bins."""

    rule: BinRule
    n_bins: int

    @property
    def error_rule(self) -> BinRule:
        """How the calibration error bins: steps fitted to the outcome would flatter it."""
        return "uniform" if self.rule == "uniform" else "quantile"


@dataclass(frozen=True, eq=False)
class ScoreSet:
    """One model's scores of the positive class on the rows that calibrators are fitted on, or on those reported.

    Attributes
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Probabilities, or scores that are none.
    margin : ndarray of float, shape (n,), or None
    """

    y: Bools
    p: Floats
    margin: Floats | None

    def take(self, rows: Bools) -> ScoreSet:
        """Return some of the rows."""
        return ScoreSet(self.y[rows], self.p[rows], None if self.margin is None else self.margin[rows])


@dataclass(frozen=True, eq=False)
class CalibrationMetrics:
    """What one set of probabilities comes to on the rows that are reported.

    Where nothing is held out and folds were dealt several times, figures are means over the deals.

    Attributes
    ----------
    p : ndarray of float, shape (n,)
        nan throughout where scores are no probabilities. Of several deals the first one's.
    figures : Figures
    parts : Decomposition
    chance : Chance
    line : Line
    bins : Bins
        Of `p`.
    error : float
        The calibration error.
    cv : dict of str to float
        ``brier``, ``log_loss`` and ``mean_probability`` on the rows that calibrators are fitted on, cross-fitted.
    calibrator : Calibrator or None
        None for the scores as they are.
    crossed : ndarray of float, shape (n,) or (deals, n)
        Cross-fitted probabilities of the rows that calibrators are fitted on.
    margin : bool
        Whether calibrators read margins that are log odds of the scores.
    """

    p: Floats
    figures: Figures
    parts: Decomposition | None
    chance: Chance | None
    line: Line | None
    bins: Bins | None
    error: float
    cv: Mapping[str, float]
    calibrator: Calibrator | None
    crossed: Floats

    margin: bool

    @property
    def is_probability(self) -> bool:
        """Whether there is anything to judge."""
        return self.parts is not None


@dataclass(frozen=True, eq=False)
class CalibrationReport:
    """Every row, and what all of them are held against.

    Attributes
    ----------
    y : ndarray of bool, shape (n,)
        The rows that are reported.
    rows : dict of (str, str) to CalibrationMetrics
    odds_shift : dict of str to float
        What each strategy multiplied the odds by; nan where that differs from row to row.
    approximate : dict of str to str
        Why the prior correction of a strategy is only approximate; nothing where it is exact.
    prior_holds : dict of str to bool
        Whether the mean of the corrected out-of-fold scores lies within the interval of the prevalence.
    prevalence : tuple of (float, float, float)
        On the rows that are reported: share of positives and its 95 % interval, nan where groups are too few for one.
    learned : tuple of (float, float, float)
        The same on the rows that are cross-fitted.
    y_learned : ndarray of bool
        Those rows: all that calibrators are fitted on, in the order of time all but the first fold's.
    """

    y: Bools
    rows: dict[RowKey, CalibrationMetrics]
    odds_shift: dict[str, float]
    approximate: dict[str, str]
    prior_holds: dict[str, bool]
    prevalence: tuple[float, float, float]
    learned: tuple[float, float, float]
    y_learned: Bools

    def chosen(self, name: str) -> str:
        """Return the calibrator that the cross-fitted Brier score chooses.

        Notes
        -----
        Where the prior correction is exact, the simplest within one standard error of the lowest, that of the paired
        difference of the rows' squared errors (of each row the mean over the deals of the folds). Elsewhere the lowest
        itself. A prior correction whose check fails is out, and so is isotonic regression of fewer than 100 positives.
        """
        brier = {
            calibrator: row.cv["brier"]
            for (each, calibrator), row in self.rows.items()
            if each == name and np.isfinite(row.cv["brier"]) and self.may_be_chosen(each, calibrator)
        }
        if not brier:  # scores that are no probabilities, and nothing that makes some
            return "none"
        # what changes nothing differs from none by rounding alone
        best = min(brier, key=lambda calibrator: round(brier[calibrator], 12))
        if self.approximate[name]:
            return best
        return next(
            calibrator for calibrator in brier if self.is_within(1.0, (name, calibrator), (name, best))
        )

    def is_within(self, errors: float, key: RowKey, best: RowKey) -> bool:
        """Whether a row's cross-fitted Brier score lies within some standard errors of a lower one."""
        losses, lowest = (
            np.atleast_2d((self.rows[each].crossed - self.y_learned) ** 2).mean(axis=0)
            for each in (key, best)
        )
        behind = losses - lowest
        return bool(behind.mean() <= errors * behind.std() / np.sqrt(len(behind)))

    def may_be_chosen(self, name: str, calibrator: str) -> bool:
        """Whether a calibrator is fit to be chosen, whatever its Brier score."""
        if calibrator == "prior":
            return self.prior_holds[name]
        return calibrator != "isotonic" or int(self.y_learned.sum()) >= FEW_POSITIVES


@dataclass(frozen=True, eq=False)
class _Calibrated:
    """What is reported, with what it is ranked by, and what is cross-fitted, in each deal."""

    y: tuple[Bools, ...]
    p: tuple[Floats, ...]
    rank: tuple[Floats, ...]
    crossed: tuple[Floats, ...]
    calibrator: Calibrator | None
    margin: bool


def report_calibration(
    scores_by_strategy: Mapping[str, StrategyScores], calibrators: Sequence[str], binning: Binning
) -> CalibrationReport:
    """Calibrate and judge the scores of several models.

    Parameters
    ----------
    scores_by_strategy : mapping of str to StrategyScores
        All with the same parts.
    calibrators : sequence of str
    binning : Binning

    Returns
    -------
    CalibrationReport
    """
    models = {name: _Model(strategy_scores) for name, strategy_scores in scores_by_strategy.items()}
    first = next(iter(models.values()))
    keys = [
        (name, calibrator)
        for name, model in models.items()
        for calibrator in ("none", *model.applicable(calibrators))
    ]
    calibrated = in_threads(lambda key: models[key[0]].calibrated(key[1]), keys, rows=len(first.learns[0].p))
    found = dict(zip(keys, calibrated, strict=True))
    cv = {key: _losses(models[key[0]].labels, each.crossed) for key, each in found.items()}
    learned = _share(first.crossed.y)
    holds = {
        name: learned[1] <= cv[name, calibrator]["mean_probability"] <= learned[2]
        for name, calibrator in found
        if calibrator == "prior"
    }
    rows = _evaluated(found, cv, binning, first.resamples)
    odds_shift = {name: model.odds_shift for name, model in models.items()}
    approximate = {
        name: why_approximate(strategy_scores) for name, strategy_scores in scores_by_strategy.items()
    }
    prevalence = _share(*((first.side.y,) if first.held_out else first.labels))
    if first.resamples.too_few_groups:
        prevalence = (prevalence[0], np.nan, np.nan)
    return CalibrationReport(
        first.side.y, rows, odds_shift, approximate, holds, prevalence, learned, first.crossed.y
    )


class _Model:
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
        self.own_margins = scored.by_name[strategy_scores.name].margin_test is not None
        self.odds_shift = odds_ratio_shift(strategy_scores)
        fitted_here = isinstance(strategy_scores, FittedScores) and not strategy_scores.plan.model.fitted
        self.can_be_undone = fitted_here and self.is_probability and not np.isnan(self.odds_shift)
        self.resamples = _resamples(strategy_scores, self.evaluated)

    def applicable(self, calibrators: Sequence[str]) -> list[str]:
        """Return the calibrators that these scores can have: a prior correction needs probabilities fitted here."""
        return [calibrator for calibrator in calibrators if calibrator != "prior" or self.can_be_undone]

    def calibrated(self, name: str) -> _Calibrated:
        """Return one row's probabilities; where nothing is held out, the cross-fitted ones are reported."""
        deals = zip(self.learns, self.folds, strict=True)
        crossed = tuple(self._crossed(name, learn, fold) for learn, fold in deals)
        fitted = self._fit(name, _stacked(self.learns), len(self.learns))
        margin = self.is_probability and self.side.margin is not None
        if not self.held_out:
            raw = tuple(each.p[self.evaluated] for each in self.learns)
            rank = crossed if self.is_probability or name != "none" else raw
            return _Calibrated(self.labels, crossed, rank, crossed, fitted, margin)
        p = self._applied(fitted, self.side)
        # margins may distinguish rows whose probabilities are the same
        by_margin = self.own_margins and name not in {"none", "prior"}
        read = self.side.margin if by_margin and self.side.margin is not None else self.side.p
        return _Calibrated((self.side.y,), (p,), (_rank(p, read, fitted),), crossed, fitted, margin)

    def _fit(self, name: str, side: ScoreSet, deals: int = 1) -> Calibrator | None:
        if name == "none":
            return None
        weights = None if deals == 1 else np.full(len(side.y), 1 / deals)
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


def _evaluated(
    found: Mapping[RowKey, _Calibrated],
    cv: Mapping[RowKey, Mapping[str, float]],
    binning: Binning,
    resamples: Resamples,
) -> dict[RowKey, CalibrationMetrics]:
    n_draws = min(N_SIMULATIONS, n_draws_for(1))
    figures = measure({key: _measured(each) for key, each in found.items()}, resamples, compared=False)

    def evaluated(key: RowKey) -> CalibrationMetrics:
        each, every = found[key], found[key].p
        pairs = list(zip(each.y, every, strict=True))
        crossed = each.crossed[0] if len(each.crossed) == 1 else np.array(each.crossed)
        end = (cv[key], each.calibrator, crossed, each.margin)
        if np.isnan(every).any():
            return CalibrationMetrics(every[0], figures[key], None, None, None, None, np.nan, *end)
        rule = (binning.error_rule, binning.n_bins)
        chance = _mean([by_chance(p, *rule, n_draws=n_draws, seed=resamples.seed) for p in every])
        binned = [bins(*pair, *rule) for pair in pairs]
        line, there = _mean([calibration_line(*pair) for pair in pairs]), binned[0]
        if resamples.too_few_groups:
            line = Line(line.intercept, np.nan, np.nan, line.slope, np.nan, np.nan)
            there = replace(there, low=np.full(len(there.low), np.nan), high=np.full(len(there.high), np.nan))
        parts, error = (
            _mean([decompose(*pair) for pair in pairs]),
            float(np.mean([one.error for one in binned])),
        )
        return CalibrationMetrics(every[0], figures[key], parts, chance, line, there, error, *end)

    n = len(next(iter(found.values())).y[0])
    return dict(zip(found, in_threads(evaluated, list(found), rows=n), strict=True))


def _measured(each: _Calibrated) -> Scores | Averaged:
    every = tuple(Scores(*deal) for deal in zip(each.y, each.rank, each.p, strict=True))
    return every[0] if len(every) == 1 else Averaged(every)


def _mean(found: Sequence[_Told]) -> _Told:
    """Return the means of what was found in each deal of the folds; what is a flag holds where any does."""
    first = found[0]
    if len(found) == 1:
        return first
    values = {each.name: [getattr(one, each.name) for one in found] for each in fields(first)}
    return replace(first, **{name: type(of[0])(np.mean(of)) for name, of in values.items()})


def _learning(
    strategy_scores: StrategyScores, scored: CrossValScores, labelled_scores: LabelledScores
) -> tuple[ScoreSet, NDArray[np.intp]]:
    """Return the rows that calibrators are fitted on, with out-of-fold scores, and their folds, as these were dealt once."""
    kept = labelled_scores.fold >= 0
    side = ScoreSet(
        labelled_scores.y_oof,
        labelled_scores.score_oof,
        _signed(scored.by_name[strategy_scores.name].margin_oof, strategy_scores),
    )
    return _with_margin(side.take(kept), strategy_scores), labelled_scores.fold[kept]


def _stacked(labelled_scores: Sequence[ScoreSet]) -> ScoreSet:
    """Put the rows of all deals one after another."""
    if len(labelled_scores) == 1:
        return labelled_scores[0]
    margins = [each.margin for each in labelled_scores if each.margin is not None]
    y, p = (np.concatenate([getattr(each, name) for each in labelled_scores]) for name in ("y", "p"))
    return ScoreSet(y, p, np.concatenate(margins) if margins else None)


def _reported(strategy_scores: StrategyScores) -> ScoreSet:
    labelled_scores, scores = (
        strategy_scores.labelled_scores,
        strategy_scores.scored.by_name[strategy_scores.name],
    )
    return _with_margin(
        ScoreSet(labelled_scores.y, labelled_scores.score, _signed(scores.margin_test, strategy_scores)),
        strategy_scores,
    )


def _signed(margin: Floats | None, strategy_scores: StrategyScores) -> Floats | None:
    """Turn margins, which point to the second class, to the positive one."""
    return -margin if margin is not None and strategy_scores.scored.positive == 0 else margin


def _with_margin(side: ScoreSet, strategy_scores: StrategyScores) -> ScoreSet:
    """Add the margins that scikit-learn's calibrators read, where the model gives them."""
    if side.margin is not None or not hasattr(strategy_scores.model, "decision_function"):
        return side
    return ScoreSet(side.y, side.p, log_odds(side.p) if strategy_scores.scored.is_probability else side.p)


def _rank(p: Floats, raw: Floats, fitted: Calibrator | None) -> Floats:
    """Return what rows are ranked by: the scores themselves, where the calibrator keeps their order to the bit."""
    return p if fitted is not None and (fitted.name == "isotonic" or fitted.inverts) else raw


def _losses(labels: Sequence[Bools], every: Sequence[Floats]) -> dict[str, float]:
    """Return the means over rows and over the deals of the folds."""
    found = [probability_losses(y, p) for y, p in zip(labels, every, strict=True)]
    return {name: float(np.mean([each[name].mean() for each in found])) for name in found[0]}


def _share(*labels: Bools) -> tuple[float, float, float]:
    """Return the share of positives with its interval, the mean where labels differ between deals of the folds."""
    share, n = float(np.mean(labels)), len(labels[0])
    low, high = wilson(share * n, n)
    return share, float(low), float(high)


def _resamples(strategy_scores: StrategyScores, evaluated: Bools) -> Resamples:
    """Return the draws of the rows that are reported."""
    drawn = (
        strategy_scores.resamples if len(strategy_scores.scored.parts.test) else strategy_scores.oof_resamples
    )
    # in the order of time the first fold's rows are reported by nobody
    return (
        drawn
        if len(strategy_scores.scored.parts.test) or evaluated.all()
        else Resamples(drawn.classes[evaluated], seed=drawn.seed)
    )
