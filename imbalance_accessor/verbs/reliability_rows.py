"""The rows of a `Reliability`: the probabilities as they are and repaired, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.fits import FEW_POSITIVES, FittedScores, StrategyScores
from imbalance_accessor.repairs import Repair, fit_repair
from imbalance_accessor.shifts import odds_multiplied, why_approximate
from imbalance_accessor.stats.arrays import Bools, Floats
from imbalance_accessor.stats.bootstrap import Resamples, n_draws_for
from imbalance_accessor.stats.calibration import (
    N_SIMULATIONS,
    BinRule,
    Bins,
    Chance,
    Decomposition,
    Line,
    bins,
    by_chance,
    calibration_line,
    decompose,
    log_odds,
)
from imbalance_accessor.stats.figures import Figures, Scores, measure
from imbalance_accessor.stats.intervals import wilson
from imbalance_accessor.stats.registry import probability_losses
from imbalance_accessor.stats.thresholds import can_be_judged, others
from imbalance_accessor.workers import in_threads

#: Key of a row: what was fitted, and the repair.
Key = tuple[str, str]
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
class Side:
    """One model's scores of the positive class on the rows that repairs are fitted on, or on those reported.

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

    def take(self, rows: Bools) -> Side:
        """Return some of the rows."""
        return Side(self.y[rows], self.p[rows], None if self.margin is None else self.margin[rows])


@dataclass(frozen=True, eq=False)
class Judged:
    """What one set of probabilities comes to on the rows that are reported.

    Attributes
    ----------
    p : ndarray of float, shape (n,)
        nan throughout where scores are no probabilities.
    figures : Figures
    parts : Decomposition
    chance : Chance
    line : Line
    bins : Bins
    cv : dict of str to float
        ``brier``, ``log_loss`` and ``mean_probability`` on the rows that repairs are fitted on, cross-fitted.
    repair : Repair or None
        None for the scores as they are.
    crossed : ndarray of float
        Cross-fitted probabilities of the rows that repairs are fitted on.
    margin : bool
        Whether calibrators read margins that are log odds of the scores.
    """

    p: Floats
    figures: Figures
    parts: Decomposition | None
    chance: Chance | None
    line: Line | None
    bins: Bins | None
    cv: Mapping[str, float]
    repair: Repair | None
    crossed: Floats

    margin: bool

    @property
    def is_probability(self) -> bool:
        """Whether there is anything to judge."""
        return self.parts is not None


@dataclass(frozen=True, eq=False)
class Judging:
    """Every row, and what all of them are held against.

    Attributes
    ----------
    y : ndarray of bool, shape (n,)
        The rows that are reported.
    rows : dict of (str, str) to Judged
    multiplied : dict of str to float
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
        Those rows: all that repairs are fitted on, in the order of time all but the first fold's.
    """

    y: Bools
    rows: dict[Key, Judged]
    multiplied: dict[str, float]
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
        difference of the rows' squared errors. Elsewhere the lowest itself. A prior correction whose check fails is out,
        and so is isotonic regression of fewer than 100 positives.
        """
        brier = {
            repair: row.cv["brier"]
            for (each, repair), row in self.rows.items()
            if each == name and np.isfinite(row.cv["brier"]) and self.may_be_chosen(each, repair)
        }
        if not brier:  # scores that are no probabilities, and nothing that makes some
            return "none"
        # what changes nothing differs from none by rounding alone
        best = min(brier, key=lambda repair: round(brier[repair], 12))
        if self.approximate[name]:
            return best
        return next(repair for repair in brier if self.is_within(1.0, (name, repair), (name, best)))

    def is_within(self, errors: float, key: Key, best: Key) -> bool:
        """Whether a row's cross-fitted Brier score lies within some standard errors of a lower one."""
        losses, lowest = ((self.rows[each].crossed - self.y_learned) ** 2 for each in (key, best))
        behind = losses - lowest
        return bool(behind.mean() <= errors * behind.std() / np.sqrt(len(behind)))

    def may_be_chosen(self, name: str, repair: str) -> bool:
        """Whether a calibrator is fit to be chosen, whatever its Brier score."""
        if repair == "prior":
            return self.prior_holds[name]
        return repair != "isotonic" or int(self.y_learned.sum()) >= FEW_POSITIVES


@dataclass(frozen=True, eq=False)
class _Repaired:
    """Probabilities of the rows that are reported, what they are ranked by, and the cross-fitted ones."""

    p: Floats
    rank: Floats
    crossed: Floats
    repair: Repair | None
    margin: bool


def judge(origins: Mapping[str, StrategyScores], repairs: Sequence[str], binning: Binning) -> Judging:
    """Repair and judge the scores of several models.

    Parameters
    ----------
    origins : mapping of str to StrategyScores
        All with the same parts.
    repairs : sequence of str
    binning : Binning

    Returns
    -------
    Judging
    """
    models = {name: _Model(origin) for name, origin in origins.items()}
    first = next(iter(models.values()))
    keys = [
        (name, repair) for name, model in models.items() for repair in ("none", *model.applicable(repairs))
    ]
    repaired = in_threads(lambda key: models[key[0]].repaired(key[1]), keys, rows=len(first.learn.p))
    found = dict(zip(keys, repaired, strict=True))
    cv = {key: _losses(first.crossed.y, each.crossed) for key, each in found.items()}
    learned = _share(first.crossed.y)
    holds = {
        name: learned[1] <= cv[name, repair]["mean_probability"] <= learned[2]
        for name, repair in found
        if repair == "prior"
    }
    rows = _judged(first.side.y, found, cv, binning, first.resamples)
    multiplied = {name: model.multiplied for name, model in models.items()}
    approximate = {name: why_approximate(origin) for name, origin in origins.items()}
    prevalence = _share(first.side.y)
    if first.resamples.too_few_groups:
        prevalence = (prevalence[0], np.nan, np.nan)
    return Judging(first.side.y, rows, multiplied, approximate, holds, prevalence, learned, first.crossed.y)


class _Model:
    """One model's scores on the rows that repairs are fitted on, and on those that are reported."""

    def __init__(self, origin: StrategyScores) -> None:
        self.is_probability = origin.scored.is_probability
        self.held_out = bool(len(origin.scored.parts.test))
        self.learn, self.fold = _learning(origin)
        self.ordered = origin.sides.ordered
        self.judged = can_be_judged(self.fold, ordered=self.ordered)
        self.crossed = self.learn.take(self.judged)
        self.side = _reported(origin) if self.held_out else self.crossed
        self.own_margins = origin.scored.by_name[origin.name].margin_test is not None
        self.multiplied = odds_multiplied(origin)
        fitted_here = isinstance(origin, FittedScores) and not origin.fits.model.fitted
        self.can_be_undone = fitted_here and self.is_probability and not np.isnan(self.multiplied)
        self.resamples = _resamples(origin, self.judged)

    def applicable(self, repairs: Sequence[str]) -> list[str]:
        """Return the repairs that these scores can have: a prior correction needs probabilities fitted here."""
        return [repair for repair in repairs if repair != "prior" or self.can_be_undone]

    def repaired(self, name: str) -> _Repaired:
        """Return one row's probabilities; where nothing is held out, the cross-fitted ones are reported."""
        crossed = self._crossed(name)
        fitted = self._fit(name, self.learn)
        margin = self.is_probability and self.side.margin is not None
        if not self.held_out:
            return _Repaired(crossed, crossed, crossed, fitted, margin)
        p = self._applied(fitted, self.side)
        # margins may tell rows apart whose probabilities are the same
        by_margin = self.own_margins and name not in {"none", "prior"}
        read = self.side.margin if by_margin and self.side.margin is not None else self.side.p
        return _Repaired(p, _rank(p, read, fitted), crossed, fitted, margin)

    def _fit(self, name: str, side: Side) -> Repair | None:
        return None if name == "none" else fit_repair(name, side.y, side.p, side.margin, self.multiplied)

    def _applied(self, repair: Repair | None, side: Side) -> Floats:
        if repair is not None:
            return repair.apply(side.p, side.margin)
        return side.p if self.is_probability else np.full(len(side.p), np.nan)

    def _crossed(self, name: str) -> Floats:
        """Repair each fold's scores by what was fitted on the other folds; in the order of time on earlier ones."""
        if name in {"none", "prior"}:
            return self._applied(self._fit(name, self.learn), self.crossed)
        parts = self.fold % 2 if len(self.fold) > MANY_ROWS and not self.ordered else self.fold
        repaired = np.full(len(self.learn.p), np.nan)
        for held_out, rows in others(parts, ordered=self.ordered):
            inside = parts == held_out
            repaired[inside] = self._applied(self._fit(name, self.learn.take(rows)), self.learn.take(inside))
        return repaired[self.judged]


def _judged(
    y: Bools,
    found: Mapping[Key, _Repaired],
    cv: Mapping[Key, Mapping[str, float]],
    binning: Binning,
    resamples: Resamples,
) -> dict[Key, Judged]:
    n_draws = min(N_SIMULATIONS, n_draws_for(1))
    figures = measure({key: Scores(y, each.rank, each.p) for key, each in found.items()}, resamples)

    def judged(key: Key) -> Judged:
        each, p = found[key], found[key].p
        end = (cv[key], each.repair, each.crossed, each.margin)
        if np.isnan(p).any():
            return Judged(p, figures[key], None, None, None, None, *end)
        chance = by_chance(p, binning.error_rule, binning.n_bins, n_draws=n_draws, seed=resamples.seed)
        there = bins(y, p, binning.error_rule, binning.n_bins)
        line = calibration_line(y, p)
        if resamples.too_few_groups:
            line = Line(line.intercept, np.nan, np.nan, line.slope, np.nan, np.nan)
            there = replace(there, low=np.full(len(there.low), np.nan), high=np.full(len(there.high), np.nan))
        return Judged(p, figures[key], decompose(y, p), chance, line, there, *end)

    return dict(zip(found, in_threads(judged, list(found), rows=len(y)), strict=True))


def _learning(origin: StrategyScores) -> tuple[Side, NDArray[np.intp]]:
    """Return the rows that repairs are fitted on, with out-of-fold scores, and their folds."""
    scored, sides = origin.scored, origin.sides
    scores = scored.by_name[origin.name]
    kept = sides.fold >= 0
    side = Side(sides.y_oof, sides.score_oof, _signed(scores.margin_oof, origin))
    return _with_margin(side.take(kept), origin), sides.fold[kept]


def _reported(origin: StrategyScores) -> Side:
    sides, scores = origin.sides, origin.scored.by_name[origin.name]
    return _with_margin(Side(sides.y, sides.score, _signed(scores.margin_test, origin)), origin)


def _signed(margin: Floats | None, origin: StrategyScores) -> Floats | None:
    """Turn margins, which point to the second class, to the positive one."""
    return -margin if margin is not None and origin.scored.positive == 0 else margin


def _with_margin(side: Side, origin: StrategyScores) -> Side:
    """Add the margins that scikit-learn's calibrators read, where the model gives them."""
    if side.margin is not None or not hasattr(origin.model, "decision_function"):
        return side
    return Side(side.y, side.p, log_odds(side.p) if origin.scored.is_probability else side.p)


def _rank(p: Floats, raw: Floats, fitted: Repair | None) -> Floats:
    """Return what rows are ranked by: the scores themselves, where the repair keeps their order to the bit."""
    return p if fitted is not None and (fitted.name == "isotonic" or fitted.inverts) else raw


def _losses(y: Bools, p: Floats) -> dict[str, float]:
    return {name: float(values.mean()) for name, values in probability_losses(y, p).items()}


def _share(y: Bools) -> tuple[float, float, float]:
    low, high = wilson(int(y.sum()), len(y))
    return float(y.mean()), float(low), float(high)


def _resamples(origin: StrategyScores, judged: Bools) -> Resamples:
    """Return the draws of the rows that are reported."""
    drawn = origin.resamples if len(origin.scored.parts.test) else origin.oof_resamples
    # in the order of time the first fold's rows are reported by nobody
    return (
        drawn
        if len(origin.scored.parts.test) or judged.all()
        else Resamples(drawn.classes[judged], seed=drawn.seed)
    )
