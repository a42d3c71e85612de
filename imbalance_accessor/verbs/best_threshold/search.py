"""Choosing a threshold: on out-of-fold scores, judged on the test set, beside what it is held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.evaluation.odd_scores import ranks_backwards
from imbalance_accessor.evaluation.strategy_scores import FittedScores, StrategyScores
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.bootstrap import Resamples, n_draws_for
from imbalance_accessor.metrics.closed_forms import calibration_check, closed_form
from imbalance_accessor.metrics.costs import Amount, Costs
from imbalance_accessor.metrics.cross_fitting import can_be_evaluated, flags_by_fold, others_tables
from imbalance_accessor.metrics.figures import Averaged, Scores
from imbalance_accessor.metrics.flag_kinds import by_flags_alone, draws_kinds
from imbalance_accessor.metrics.measure import Figures, points_of
from imbalance_accessor.metrics.rounding import averaged_threshold
from imbalance_accessor.metrics.thresholds import Choice, ThresholdGrid, ThresholdTable
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.verbs.best_threshold.found import FlaggedRows, ThresholdRow, ThresholdSearchResult
from imbalance_accessor.verbs.best_threshold.options import ThresholdObjective


def choose(strategy_scores: StrategyScores, asked: ThresholdObjective) -> ThresholdSearchResult:
    """Choose a threshold on the training set's scores, and judge it on the test set's.

    Parameters
    ----------
    strategy_scores : StrategyScores
    asked : ThresholdObjective

    Returns
    -------
    Found
    """
    return _Search(strategy_scores, asked).found()


def chosen_threshold(strategy_scores: StrategyScores, asked: ThresholdObjective) -> float:
    """Return the threshold alone, which the rows that are reported have no part in."""
    return _Search(strategy_scores, asked).threshold


def reported_points(strategy_scores: StrategyScores, asked: ThresholdObjective) -> dict[str, float] | None:
    """Return what the choice comes to on the rows that are reported, no more; None where no threshold keeps the limits."""
    return _Search(strategy_scores, asked).points()


def tables_of(strategy_scores: StrategyScores, asked: ThresholdObjective) -> list[ThresholdTable]:
    """Return the thresholds that are chosen from: of all rows that choose, and without each fold of each deal."""
    search = _Search(strategy_scores, asked)
    return [search.table] + [
        table
        for deal in search.deals
        for _, table in others_tables(deal.grid, deal.fold, ordered=search.ordered)
    ]


def measured_at(
    strategy_scores: StrategyScores, asked: ThresholdObjective, thresholds: Sequence[float]
) -> Iterator[tuple[str, float, Figures]]:
    """Yield the figures at thresholds that these rows have no part in: of the rows that choose, then of the test set."""
    search = _Search(strategy_scores, asked)
    for threshold in thresholds:
        for part, figures in search.parts_at(threshold):
            yield part, threshold, figures


def measured_again(
    strategy_scores: StrategyScores, asked: ThresholdObjective, flags: Sequence[Bools]
) -> Figures:
    """Measure the rows that are reported, of which these were flagged."""
    return _Search(strategy_scores, asked).measured(flags)


@dataclass(frozen=True, eq=False)
class _Deal:
    """The rows that choose, scored by the folds as they were dealt once.

    Attributes
    ----------
    score : ndarray of float, shape (n,)
    fold : ndarray of int, shape (n,)
    grid : ThresholdGrid
    thresholds, theories : dict of int to float
        The thresholds chosen without each fold, and the closed form's where folds tell it differently.
    """

    score: Floats
    fold: NDArray[np.intp]
    grid: ThresholdGrid
    thresholds: dict[int, float] = field(default_factory=dict)
    theories: dict[int, float] = field(default_factory=dict)


#: Labels, what decisions cost, and how much each row counts.
_Rows: TypeAlias = "tuple[Bools, Costs | None, Weights]"
#: The same with their draws, which know the weights.
_Reported: TypeAlias = "tuple[Bools, Costs | None, Resamples]"


class _Search:
    """The rows on both sides, and what is asked of them."""

    def __init__(self, strategy_scores: StrategyScores, asked: ThresholdObjective) -> None:
        parts, labelled_scores = strategy_scores.scored.parts, strategy_scores.labelled_scores
        self.asked, self.objective, self.parts = asked, asked.objective, parts
        self.strategy_scores = strategy_scores
        self.scored = scored = labelled_scores.fold >= 0
        self.y, self.weights = labelled_scores.y_oof[scored], labelled_scores.weights_oof.take(scored)
        self.ordered, self.cells = labelled_scores.ordered, labelled_scores.cells
        costs = asked.costs_of(parts.train.X)
        self.costs = None if costs is None else costs.take(scored)
        self.deals = [
            self._deal(each.score_oof[scored], each.fold[scored], each.falling)
            for each in (labelled_scores, *labelled_scores.again)
        ]
        self.evaluated = can_be_evaluated(self.deals[0].fold, ordered=self.ordered)
        self.resamples = strategy_scores.scored.oof_resamples
        self.pooled = self._pooled()
        self.table = self.pooled.averaged(len(self.deals))
        self.tuning = labelled_scores.tuning(self.objective)
        self.test_score = labelled_scores.score
        self.reported = self._reported(strategy_scores)
        known = isinstance(strategy_scores, FittedScores) or labelled_scores.is_probability
        self.default = labelled_scores.default_threshold if known else None
        self.is_probability = labelled_scores.is_probability

    def _deal(self, score: Floats, fold: NDArray[np.intp], falling: NDArray[np.intp]) -> _Deal:
        grid = ThresholdGrid(self.y, score, self.costs, self.weights, self.cells, falling)
        return _Deal(score, fold, grid)

    def _pooled(self) -> ThresholdTable:
        """Return the thresholds of all deals, each row standing once for each of them."""
        if len(self.deals) == 1:
            return self.deals[0].grid.table
        return self.strategy_scores.labelled_scores.thresholds(self.costs)

    def found(self) -> ThresholdSearchResult:
        """Take the steps: the threshold, its spread, theory, and what all of them come to."""
        chosen = self._chosen()
        theory = self._theory(self._best(chosen)) if self.is_probability else None
        for deal in self.deals:
            self._choose_by_fold(deal, estimated=theory is not None)
        rows, reported = self._rows("chosen" if chosen.feasible else "nearest", chosen.threshold, theory)
        # one threshold a row has no neighbourhood; its level can be judged all the same
        few, first = self.resamples.too_few_groups, self.deals[0]
        believed = (
            None
            if theory is None or few
            else calibration_check(self.y, first.score, float(np.median(theory)), self.weights)
        )
        one_sided = self._one_sided(*self._reported_rows)
        return ThresholdSearchResult(
            chosen.threshold,
            chosen.feasible,
            self.tuning,
            tuple(deal.grid for deal in self.deals),
            self.table,
            chosen.place,
            self._fold_thresholds(),
            self.resamples if self.parts.split_by.groups is not None else None,
            n_draws_for(1),
            rows,
            reported,
            self._claim(),
            theory,
            believed,
            one_sided,
            self._one_sided(*self._own_rows) if len(self.parts.test) else one_sided,
            self.strategy_scores.ranking_signal,
            ranks_backwards(self.strategy_scores),
        )

    def points(self) -> dict[str, float] | None:
        """Choose, and measure the rows that are reported."""
        chosen = self._chosen()
        if not chosen.feasible:
            return None
        for deal in self.deals:
            self._choose_by_fold(deal, estimated=False)
        flags = [self._out_of_fold("chosen", chosen.threshold, deal) for deal in self.deals]
        if len(self.parts.test):
            flags = [np.asarray(self.test_score >= chosen.threshold)]
        return self._points(flags, *self._reported_rows)

    @property
    def threshold(self) -> float:
        """The chosen threshold."""
        return self._chosen().threshold

    def _chosen(self) -> Choice:
        """Average the deals' thresholds; under limits, which an average need not keep, choose by the means of what they count."""
        if self.objective.constraints:
            return self.tuning.choose(self._limited)
        threshold = averaged_threshold([self.tuning.choose(deal.grid.table).threshold for deal in self.deals])
        return Choice(threshold, self.table.place_of(threshold), True)

    @property
    def _limited(self) -> ThresholdTable:
        """The table that limits are held against: shares of sums are exact, and a bound must not count a row twice."""
        return self.pooled if self.objective.confidence is None else self.table

    def _best(self, chosen: Choice) -> float:
        """Return the criterion at the chosen threshold, the mean over the deals."""
        tables = [deal.grid.table for deal in self.deals]
        places = [each.place_of(chosen.threshold) for each in tables]
        return float(
            np.mean([each.value(self.objective, at) for each, at in zip(tables, places, strict=True)])
        )

    def _fold_thresholds(self) -> dict[int, float]:
        """Return each fold's threshold; the folds of a further deal are numbered on."""
        found: dict[int, float] = {}
        start = 0
        for deal in self.deals:
            found |= {start + fold: threshold for fold, threshold in deal.thresholds.items()}
            start += int(deal.fold.max()) + 1
        return found

    @property
    def _own_rows(self) -> _Rows:
        """The rows that can be judged, of those that choose."""
        costs = None if self.costs is None else self.costs.take(self.evaluated)
        return self.y[self.evaluated], costs, self.weights.take(self.evaluated)

    @property
    def _reported_rows(self) -> _Rows:
        y, costs, resamples = self.reported
        return y, costs, resamples.weights

    def _one_sided(self, y: Bools, costs: Costs | None, weights: Weights) -> dict[str, float]:
        flags = {"everyone": np.ones(len(y), bool), "nobody": np.zeros(len(y), bool)}
        return {
            name: self._points([flagged], y, costs, weights)[self.objective.criterion]
            for name, flagged in flags.items()
        }

    def _reported(self, strategy_scores: StrategyScores) -> _Reported:
        """Return the rows that are reported: the test set, or where there is none, those that others chose for."""
        if not len(self.parts.test):
            return self._choosing
        costs = self.asked.costs_of(self.parts.test.X)
        return strategy_scores.labelled_scores.y, costs, strategy_scores.resamples

    @property
    def _choosing(self) -> _Reported:
        """The rows that can be judged, of those that choose, with their draws."""
        y, costs, weights = self._own_rows
        if self.evaluated.all():
            return y, costs, self.resamples
        known = weights.factors is not None  # a prevalence: class shares stay
        return y, costs, Resamples(y, weights=weights, stratified=known, seed=self.tuning.seed)

    def _measured(
        self, flags: Sequence[Bools], y: Bools, costs: Costs | None, weights: Weights
    ) -> Scores | Averaged:
        """Return what is measured: the rows flagged once, or once in each deal."""
        every = self._decided(flags, y, costs, weights)
        return every[0] if len(every) == 1 else Averaged(every)

    def _decided(
        self, flags: Sequence[Bools], y: Bools, costs: Costs | None, weights: Weights
    ) -> tuple[Scores, ...]:
        beta = self.objective.beta if self.objective.criterion == "fbeta" else None
        return tuple(Scores(y, flags={"": each}, beta=beta, costs=costs, weights=weights) for each in flags)

    def _points(
        self, flags: Sequence[Bools], y: Bools, costs: Costs | None, weights: Weights
    ) -> dict[str, float]:
        """Return the figures without intervals."""
        return points_of(self._measured(flags, y, costs, weights), weights.each(y)[None, :])

    def measured(self, flags: Sequence[Bools]) -> Figures:
        """Measure the rows that are reported where these are flagged."""
        return self._evaluated({"": flags}, self.reported).figures[""]

    def parts_at(self, threshold: float) -> Iterator[tuple[str, Figures]]:
        """Yield the figures at a threshold that no row chose, of the rows that choose and of the test set."""
        chosen_on = self.strategy_scores.chosen_on
        flags = [self._out_of_fold("", threshold, deal) for deal in self.deals]
        yield (
            chosen_on if chosen_on == "out of fold" else "train",
            self._evaluated({"": flags}, self._choosing).figures[""],
        )
        if len(self.parts.test):
            yield "test", self.measured([np.asarray(self.test_score >= threshold)])

    def _evaluated(self, flags: Mapping[str, Sequence[Bools]], rows: _Reported) -> FlaggedRows:
        """Return rows that are flagged in several ways, as they are measured."""
        y, costs, resamples = rows
        if draws_kinds(resamples) and not self.asked.cost_columns:
            every = {name: np.array(some) for name, some in flags.items()}
            y, every, resamples = by_flags_alone(y, every, resamples)
            flags = {name: list(some) for name, some in every.items()}
        found = {name: self._measured(some, y, costs, resamples.weights) for name, some in flags.items()}
        return FlaggedRows(found, resamples)

    def _theory(self, best: float) -> Amount | None:
        """Return the closed form's threshold, which for some criteria follows from the best value that is reached."""
        prevalence = float(np.average(self.y, weights=self.weights.of(self.y)))
        return closed_form(self.objective, best, prevalence, self.costs)

    def _choose_by_fold(self, deal: _Deal, *, estimated: bool) -> None:
        """Choose the thresholds without each fold, and the closed form's where folds tell it differently."""
        estimated = estimated and self.objective.criterion in {"f1", "fbeta", "balanced_accuracy"}
        for held_out, table in others_tables(deal.grid, deal.fold, ordered=self.ordered):
            chosen = self.tuning.choose(table)
            deal.thresholds[held_out] = chosen.threshold if chosen.feasible else np.nan
            if estimated:
                prevalence = table.positives / (table.positives + table.negatives)
                best = table.value(self.objective, chosen.place)
                deal.theories[held_out] = float(closed_form(self.objective, best, prevalence, None))  # type: ignore[arg-type]

    def _out_of_fold(self, name: str, threshold: Amount, deal: _Deal) -> Bools:
        """Flag a deal's rows at a threshold, or at those that the other folds chose."""
        own, fold = deal.score[self.evaluated], deal.fold[self.evaluated]
        by_fold = {"chosen": deal.thresholds, "closed_form": deal.theories}.get(name)
        if by_fold:
            return flags_by_fold(own, fold, by_fold)
        return np.asarray(own >= (threshold if isinstance(threshold, float) else threshold[self.evaluated]))

    def _rows(
        self, name: str, threshold: float, theory: Amount | None
    ) -> tuple[dict[str, ThresholdRow], tuple[Scores, ...]]:
        _, costs, _ = self.reported
        at: dict[str, Amount] = {name: threshold}
        if self.asked.threshold is not None:
            at["yours"] = self.asked.threshold
        if self.default is not None:
            at["default"] = self.default
        if theory is not None and not (isinstance(theory, float) and theory == self.default):
            at["closed_form"] = theory
        out_of_fold = {
            each: [self._out_of_fold(each, level, deal) for deal in self.deals] for each, level in at.items()
        }
        flags = out_of_fold
        if len(self.parts.test):
            levels = dict(at)
            if not isinstance(at.get("closed_form", 0.0), float) and costs is not None:
                levels["closed_form"] = costs.closed_form
            flags = {each: [self.test_score >= level] for each, level in levels.items()}
        evaluated = self._evaluated(flags, self.reported)
        cv = {each: {**points} for each, points in evaluated.points.items()}
        if len(self.parts.test):
            cv = {each: self._points(some, *self._own_rows) for each, some in out_of_fold.items()}
        if name == "nearest":  # it was chosen on these very rows
            cv[name] = dict.fromkeys(cv[name], np.nan)
        written = {each: level if isinstance(level, float) else np.nan for each, level in at.items()}
        rows = {each: ThresholdRow(written[each], each, evaluated, cv[each]) for each in at}
        return rows, self._decided(flags[name], *self._reported_rows)

    def _claim(self) -> tuple[float, float]:
        """Return what the reported rows would have claimed, had they chosen their tuned threshold."""
        y, costs, weights = self._reported_rows
        table, limited, held_out = self.table, self._limited, bool(len(self.parts.test))
        if held_out or not self.evaluated.all():
            score = self.test_score if held_out else self.deals[0].score[self.evaluated]
            table = limited = ThresholdGrid(y, score, costs, weights, self.cells).table
        place, feasible = limited.choose(self.objective)
        if not feasible:
            return np.nan, np.nan
        return table.rounded(place, self.tuning.kind), table.value(self.objective, place)
