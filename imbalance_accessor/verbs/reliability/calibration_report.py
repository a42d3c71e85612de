"""The rows of a `Reliability`: the probabilities as they are and calibrated, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from scipy.special import entr

from imbalance_accessor.evaluation.calibrated_scores import CalibratedScores, ModelScoreSets
from imbalance_accessor.evaluation.findings import FEW_POSITIVES
from imbalance_accessor.evaluation.parallel import in_threads
from imbalance_accessor.evaluation.prior_shift import why_approximate
from imbalance_accessor.evaluation.strategy_scores import StrategyScores
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.bins import BinRule, Bins, bins, shares_with_intervals
from imbalance_accessor.metrics.bootstrap import Resamples, n_draws_for
from imbalance_accessor.metrics.calibration import (
    Decomposition,
    Line,
    calibration_line,
    decompose,
    level_interval,
)
from imbalance_accessor.metrics.chance import N_SIMULATIONS, Chance, by_chance
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.figures import Averaged, Scores
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.measure import Figures, measure
from imbalance_accessor.metrics.registry import probability_losses
from imbalance_accessor.metrics.weights import ONES, Weights
from imbalance_accessor.metrics.worth import Worth, worth
from imbalance_accessor.modeling.calibrators import Calibrator
from imbalance_accessor.process_state import cached_property

_Told = TypeVar("_Told", Decomposition, Chance, Line)
#: Key of a row: what was fitted, and the calibrator.
RowKey = tuple[str, str]


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
    y : ndarray of bool, shape (n,)
        What came of the rows of `p`.
    weights : Weights
        How much these count.
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
    y: Bools
    weights: Weights

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
        What each strategy multiplied the odds by; nan where that differs from row to row. Where a prevalence is known,
        times the odds in the sample over those at the prevalence, unless it is not known what was learned from.
    approximate : dict of str to str
        Why the prior correction of a strategy is only approximate; nothing where it is exact.
    prevalence : tuple of (float, float, float)
        On the rows that are reported: share of positives by what they count, and its 95 % interval, nan where groups are
        too few for one.
    learned : tuple of (float, float, float)
        The same on the rows that are cross-fitted.
    y_learned : ndarray of bool
        Those rows: all that calibrators are fitted on, in the order of time all but the first fold's.
    of_sample : tuple of str
        Strategies whose scores are known to be of another share of positives than the wanted prevalence.
    weights, weights_learned : Weights
        How much the rows count that are reported, and that are cross-fitted.
    costs : Costs, optional
        Of decisions, the same for all rows.
    worth : dict of (str, str) to Worth
        What decisions by each row's probabilities come to; empty without costs, and without probabilities.
    """

    y: Bools
    rows: dict[RowKey, CalibrationMetrics]
    odds_shift: dict[str, float]
    approximate: dict[str, str]
    prevalence: tuple[float, float, float]
    learned: tuple[float, float, float]
    y_learned: Bools
    of_sample: tuple[str, ...] = ()
    weights: Weights = ONES
    weights_learned: Weights = ONES
    costs: Costs | None = None
    worth: Mapping[RowKey, Worth] = field(default_factory=dict)

    @property
    def loss(self) -> str:
        """What chooses calibrators: at a known prevalence, which may be tiny, the log loss; else the Brier score."""
        return "brier" if self.weights_learned.factors is None else "log_loss"

    @property
    def loss_name(self) -> str:
        """The loss in a sentence."""
        return "Brier score" if self.loss == "brier" else "log loss"

    @property
    def at_prevalence(self) -> bool:
        """Whether figures are those of another share of positives than that of these rows."""
        return self.weights.factors is not None

    @property
    def loss_of_share(self) -> float:
        """The loss of saying the share of positives for every row."""
        share = self.prevalence[0]
        return share * (1 - share) if self.loss == "brier" else float(entr(share) + entr(1 - share))

    @cached_property
    def prior_holds(self) -> dict[str, bool]:
        """Whether the mean of a strategy's corrected out-of-fold scores is as near the share of positives as it should be."""
        found = {}
        for name, calibrator in self.rows:
            if calibrator == "prior":
                _, low, high = self.level(name)
                found[name] = low <= self.rows[name, "prior"].cv["mean_probability"] <= high
        return found

    def level(self, name: str) -> tuple[float, float, float]:
        """Return the share of positives of the cross-fitted rows, and the interval that is to hold the mean after "prior"."""
        if self.weights_learned.rows_are_ones:
            return self.learned
        p = np.atleast_2d(self.rows[name, "prior"].crossed).mean(axis=0)
        return level_interval(self.y_learned, p, self.weights_learned)

    def chosen(self, name: str) -> str:
        """Return the calibrator that the cross-fitted loss chooses.

        Notes
        -----
        Where the prior correction is exact, the simplest within one standard error of the lowest, that of the paired
        difference of the rows' losses (of each row the mean over the deals of the folds). Elsewhere the lowest itself. A
        prior correction whose check fails is out, and so is isotonic regression of fewer than 100 positives. Scores that
        are known to be of another share of positives are left as they are only where nothing else was tried.
        """
        losses = {
            calibrator: row.cv[self.loss]
            for (each, calibrator), row in self.rows.items()
            if each == name and np.isfinite(row.cv[self.loss]) and self.may_be_chosen(each, calibrator)
        }
        if name in self.of_sample and len(losses) > 1:
            losses.pop("none", None)
        if not losses:  # scores that are no probabilities, and nothing that makes some
            return "none"
        # what changes nothing differs from none by rounding alone
        best = min(losses, key=lambda calibrator: round(losses[calibrator], 12))
        if self.approximate[name]:
            return best
        return next(
            calibrator for calibrator in losses if self.is_within(1.0, (name, calibrator), (name, best))
        )

    def is_within(self, errors: float, key: RowKey, best: RowKey) -> bool:
        """Whether a row's cross-fitted loss lies within some standard errors of a lower one."""
        behind = self._losses(key) - self._losses(best)
        w, copies = self.weights_learned.of(self.y_learned), self.weights_learned.copies
        if w is None:
            return bool(behind.mean() <= errors * behind.std() / np.sqrt(len(behind)))
        mean = np.average(behind, weights=w)
        squares = (self.weights_learned.of_one_row.each(self.y_learned) * (behind - mean)) ** 2
        total = squares.sum() if copies is None else copies @ squares
        return bool(mean <= errors * np.sqrt(total) / w.sum())

    def _losses(self, key: RowKey) -> Floats:
        every = np.atleast_2d(self.rows[key].crossed)
        return np.asarray(np.mean([probability_losses(self.y_learned, p)[self.loss] for p in every], axis=0))

    def may_be_chosen(self, name: str, calibrator: str) -> bool:
        """Whether a calibrator is fit to be chosen, whatever its Brier score."""
        if calibrator == "prior":
            return self.prior_holds[name]
        return calibrator != "isotonic" or self.positives_learned >= FEW_POSITIVES

    @property
    def positives_learned(self) -> int:
        """Positive rows that calibrators are fitted on."""
        return int(self.weights_learned.rows(self.y_learned, 2)[1])


def report_calibration(
    scores_by_strategy: Mapping[str, StrategyScores],
    calibrators: Sequence[str],
    binning: Binning,
    costs: Costs | None = None,
) -> CalibrationReport:
    """Calibrate and judge the scores of several models.

    Parameters
    ----------
    scores_by_strategy : mapping of str to StrategyScores
        All with the same parts.
    calibrators : sequence of str
    binning : Binning
    costs : Costs, optional

    Returns
    -------
    CalibrationReport
    """
    models = {name: ModelScoreSets(strategy_scores) for name, strategy_scores in scores_by_strategy.items()}
    first = next(iter(models.values()))
    keys = [
        (name, calibrator)
        for name, model in models.items()
        for calibrator in ("none", *model.applicable(calibrators))
    ]
    calibrated = in_threads(lambda key: models[key[0]].calibrated(key[1]), keys, rows=len(first.learns[0].p))
    found = dict(zip(keys, calibrated, strict=True))
    weights, weights_learned = first.side.weights, first.crossed.weights
    cv = {key: _losses(models[key[0]].labels, each.crossed, weights_learned) for key, each in found.items()}
    rows = _evaluated(found, cv, binning, models)
    odds_shift = {name: model.odds_shift for name, model in models.items()}
    approximate = {
        name: why_approximate(strategy_scores) for name, strategy_scores in scores_by_strategy.items()
    }
    learned = _share(first.crossed.y, weights=weights_learned)
    prevalence = _share(*((first.side.y,) if first.held_out else first.labels), weights=weights)
    if first.resamples.too_few_groups:
        prevalence = (prevalence[0], np.nan, np.nan)
    of_sample = tuple(name for name, model in models.items() if model.is_of_sample(found[name, "none"]))
    y = (first.side.y, first.crossed.y)
    return CalibrationReport(
        y[0],
        rows,
        odds_shift,
        approximate,
        prevalence,
        learned,
        y[1],
        of_sample,
        weights,
        weights_learned,
        costs,
        {} if costs is None else _worth(found, models, costs),
    )


def _worth(
    found: Mapping[RowKey, CalibratedScores], models: Mapping[str, ModelScoreSets], costs: Costs
) -> dict[RowKey, Worth]:
    """Measure what decisions by the probabilities of each model cost, in the draws of its figures."""
    measured: dict[RowKey, Worth] = {}
    for name, model in models.items():
        every = {calibrator: np.array(each.p) for (of, calibrator), each in found.items() if of == name}
        known = {calibrator: p for calibrator, p in every.items() if not np.isnan(p).any()}
        if known:
            y, weights = found[name, "none"].y[0], model.side.weights
            of_model = worth(known, y, costs, model.resamples, weights=weights, base="none")
            measured |= {(name, calibrator): each for calibrator, each in of_model.items()}
    return measured


def _evaluated(
    found: Mapping[RowKey, CalibratedScores],
    cv: Mapping[RowKey, Mapping[str, float]],
    binning: Binning,
    models: Mapping[str, ModelScoreSets],
) -> dict[RowKey, CalibrationMetrics]:
    simulations = min(N_SIMULATIONS, n_draws_for(1))
    drawn = list(_by_draws(found, models))
    work: list[Callable[[], Any]] = [partial(_figures, found, models, *each) for each in drawn]
    work += [partial(_calibration, each, models[key[0]], binning, simulations) for key, each in found.items()]
    n = len(next(iter(found.values())).y[0])
    # the bootstrap of all rows beside what is computed of each
    done = in_threads(lambda task: task(), work, rows=n)
    figures = {key: each for of in done[: len(drawn)] for key, each in of.items()}
    rows = {}
    for (key, each), calibration in zip(found.items(), done[len(drawn) :], strict=True):
        crossed = each.crossed[0] if len(each.crossed) == 1 else np.array(each.crossed)
        end = (cv[key], each.calibrator, crossed, each.margin, each.y[0], models[key[0]].side.weights)
        parts, chance, line, binned, error = calibration
        rows[key] = CalibrationMetrics(each.p[0], figures[key], parts, chance, line, binned, error, *end)
    return rows


def _figures(
    found: Mapping[RowKey, CalibratedScores],
    models: Mapping[str, ModelScoreSets],
    resamples: Resamples,
    keys: Iterable[RowKey],
) -> dict[RowKey, Figures]:
    """Measure rows in the same draws."""
    measured = {key: _measured(found[key], models[key[0]].side.weights) for key in keys}
    return measure(measured, resamples, compared=False)


def _calibration(
    each: CalibratedScores, model: ModelScoreSets, binning: Binning, simulations: int
) -> tuple[Decomposition | None, Chance | None, Line | None, Bins | None, float]:
    """Hold one row's probabilities against what happened, and against what chance would show."""
    if np.isnan(each.p).any():
        return None, None, None, None, np.nan
    weights, resamples = model.side.weights, model.resamples
    pairs = list(zip(each.y, each.p, strict=True))
    rule = (binning.error_rule, binning.n_bins)
    how: dict[str, Any] = {"weights": weights, "n_draws": simulations, "seed": resamples.seed}
    chance = _mean([by_chance(p, *rule, y=y, **how) for y, p in pairs])
    binned = [bins(*pair, *rule, weights) for pair in pairs]
    line, there = _mean([calibration_line(*pair, weights) for pair in pairs]), binned[0]
    if resamples.too_few_groups:
        line = Line(line.intercept, np.nan, np.nan, line.slope, np.nan, np.nan)
        there = replace(there, low=np.full(len(there.low), np.nan), high=np.full(len(there.high), np.nan))
    parts = _mean([decompose(*pair, weights) for pair in pairs])
    return parts, chance, line, there, float(np.mean([one.error for one in binned]))


def _by_draws(
    keys: Iterable[RowKey], models: Mapping[str, ModelScoreSets]
) -> Iterable[tuple[Resamples, list[RowKey]]]:
    """Put together what is measured in the same draws: all models' rows, or the entries of each model."""
    found: dict[int, tuple[Resamples, list[RowKey]]] = {}
    for key in keys:
        resamples = models[key[0]].resamples
        found.setdefault(id(resamples), (resamples, []))[1].append(key)
    return found.values()


def _measured(each: CalibratedScores, weights: Weights) -> Scores | Averaged:
    every = tuple(Scores(*deal, weights=weights) for deal in zip(each.y, each.rank, each.p, strict=True))
    return every[0] if len(every) == 1 else Averaged(every)


def _mean(found: Sequence[_Told]) -> _Told:
    """Return the means of what was found in each deal of the folds; what is a flag holds where any does."""
    first = found[0]
    if len(found) == 1:
        return first
    values = {each.name: [getattr(one, each.name) for one in found] for each in fields(first)}
    return replace(first, **{name: type(of[0])(np.mean(of)) for name, of in values.items()})


def _losses(labels: Sequence[Bools], every: Sequence[Floats], weights: Weights) -> dict[str, float]:
    """Return the means over rows and over the deals of the folds."""
    found = [probability_losses(y, p) for y, p in zip(labels, every, strict=True)]
    counted = [weights.of(y) for y in labels]
    return {
        name: float(
            np.mean([np.average(each[name], weights=w) for each, w in zip(found, counted, strict=True)])
        )
        for name in found[0]
    }


def _share(*labels: Bools, weights: Weights) -> tuple[float, float, float]:
    """Return the share of positives with its interval, the mean where labels differ between deals of the folds.

    That of a table which rows were drawn from is counted in all of its rows.
    """
    if weights.are_ones:
        share, n = float(np.mean(labels)), len(labels[0])
    else:
        share, *ends = map(float, np.mean([shares_with_intervals(y, weights) for y in labels], (0, 2)))
        if weights.table_rows is None:
            return share, ends[0], ends[1]
        n = weights.table_rows
    low, high = wilson(share * n, n)
    return share, float(low), float(high)
