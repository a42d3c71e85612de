"""Choosing a cut: on out-of-fold scores, judged on the test part, beside what it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from imbalance_accessor.fits import FittedScores, StrategyScores
from imbalance_accessor.stats.arrays import Bools, Floats
from imbalance_accessor.stats.bootstrap import Resamples
from imbalance_accessor.stats.closed_forms import Trust, closed_form, trust
from imbalance_accessor.stats.costs import Amount, Costs
from imbalance_accessor.stats.cut_range import CutRange, cut_range
from imbalance_accessor.stats.figures import Figures, Scores, measure, points_of
from imbalance_accessor.stats.signal import Ranking, ranking
from imbalance_accessor.stats.thresholds import (
    CutTable,
    Ladder,
    Tuning,
    can_be_judged,
    flags_by_fold,
    others_tables,
)
from imbalance_accessor.verbs.threshold_options import Asked


@dataclass(frozen=True, eq=False)
class Row:
    """One way of cutting the scores.

    Attributes
    ----------
    cut : float
        nan where it differs from row to row.
    figures : Figures
        On the rows that are reported.
    cv : dict of str to float
        On the rows that chose, cross-fitted where the cut was chosen there.
    """

    cut: float
    figures: Figures
    cv: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Found:
    """A cut, and all that is known of it.

    Attributes
    ----------
    cut : float
        The chosen one, as it is written and applied; where no cut keeps the limits, the nearest to it.
    feasible : bool
    tuning : Tuning
        How it was chosen.
    ladder : Ladder
        The rows that chose.
    place : int
        The cut's place in the ladder's table.
    fold_cuts : dict of int to float
        The cut chosen without each fold; nan where none keeps the limits.
    spread : CutRange
        Over resamples.
    rows : dict of str to Row
        ``"chosen"`` (or ``"nearest"``), ``"default"`` and ``"closed_form"`` where there are such.
    claim : tuple of (float, float)
        The cut that the reported rows would have chosen themselves, and what it claims.
    theory : float, ndarray or None
        The closed form's cut.
    trust : Trust or None
        Whether the probabilities are true enough for it; None where groups are too few to tell.
    one_sided : dict of str to float
        What the criterion comes to on the rows that are reported where ``"everyone"`` or ``"nobody"`` is flagged.
    one_sided_cv : dict of str to float
        The same on the rows that chose.
    ranking : Ranking or None
        Whether the scores of the rows that chose rank beyond chance; None where groups are too few to tell.
    """

    cut: float
    feasible: bool
    tuning: Tuning
    ladder: Ladder
    place: int
    fold_cuts: dict[int, float]
    spread: CutRange
    rows: dict[str, Row]
    claim: tuple[float, float]
    theory: Amount | None
    trust: Trust | None
    one_sided: dict[str, float]
    one_sided_cv: dict[str, float]
    ranking: Ranking | None

    @property
    def ranks(self) -> bool:
        """Whether the scores rank beyond chance, as far as that can be told."""
        return self.ranking is None or self.ranking.is_above_chance

    @property
    def helps(self) -> bool:
        """Whether scores rank, and by a criterion alone do better out of fold than an answer that needs none."""
        if not self.ranks or not self.tuning.has_draws or self.ranking is None:
            return self.ranks
        criterion = self.tuning.aim.criterion
        return self.rows["chosen"].cv[criterion] > max(self.one_sided_cv.values())


def choose(origin: StrategyScores, asked: Asked) -> Found:
    """Choose a cut on the train part's scores, and judge it on the test part's.

    Parameters
    ----------
    origin : StrategyScores
    asked : Asked

    Returns
    -------
    Found
    """
    return _Search(origin, asked).found()


class _Search:
    """The rows on both sides, and what is asked of them."""

    def __init__(self, origin: StrategyScores, asked: Asked) -> None:
        parts, sides = origin.scored.parts, origin.sides
        self.asked, self.aim, self.parts = asked, asked.aim, parts
        self.scored = scored = sides.fold >= 0
        self.y, self.score, self.fold = sides.y_oof[scored], sides.score_oof[scored], sides.fold[scored]
        self.ordered = sides.ordered
        self.judged = can_be_judged(self.fold, ordered=self.ordered)
        costs = asked.costs_of(parts.train.X)
        self.costs = None if costs is None else costs.take(scored)
        self.resamples = origin.scored.oof_resamples
        self.ladder = Ladder(self.y, self.score, self.costs)
        self.tuning = sides.tuning(self.aim)
        self.reported = self._reported(origin)
        known = isinstance(origin, FittedScores) or sides.is_probability
        self.default = sides.default_cut if known else None
        self.is_probability = sides.is_probability

    def found(self) -> Found:
        """Take the steps: the cut, its spread, theory, and what all of them come to."""
        chosen = self.tuning.choose(self.ladder.table)
        theory = self._theory(self.ladder.table, chosen.place) if self.is_probability else None
        cuts, theories = self._by_fold(theory)
        rows = self._rows("chosen" if chosen.feasible else "nearest", chosen.cut, cuts, theory, theories)
        # one cut a row has no neighbourhood; its level can be judged all the same
        few = self.resamples.too_few_groups
        believed = None if theory is None or few else trust(self.y, self.score, float(np.median(theory)))
        return Found(
            chosen.cut,
            chosen.feasible,
            self.tuning,
            self.ladder,
            chosen.place,
            cuts,
            self._spread(),
            rows,
            self._claim(),
            theory,
            believed,
            self._one_sided(self.reported[0], self.reported[2]),
            self._one_sided(self.y[self.judged], self._own_costs),
            None if few else self._ranking(),
        )

    def _ranking(self) -> Ranking:
        """Test the scores within folds; rows of one group are not independent."""
        groups = self.parts.groups_of(self.parts.train)
        return ranking(self.y, self.score, self.fold, None if groups is None else groups[self.scored])

    @property
    def _own_costs(self) -> Costs | None:
        """What decisions on the rows that can be judged cost, of those that choose."""
        return None if self.costs is None else self.costs.take(self.judged)

    def _one_sided(self, y: Bools, costs: Costs | None) -> dict[str, float]:
        flags = {"everyone": np.ones(len(y), bool), "nobody": np.zeros(len(y), bool)}
        return {name: self._points(y, flagged, costs)[self.aim.criterion] for name, flagged in flags.items()}

    def _reported(self, origin: StrategyScores) -> tuple[Bools, Floats, Costs | None, Resamples]:
        """Return the rows that are reported: the test part, or where there is none, those that others chose for."""
        test, judged, sides = self.parts.test, self.judged, origin.sides
        if len(test):
            return sides.y, sides.score, self.asked.costs_of(test.X), origin.scored.resamples
        drawn = self.resamples if judged.all() else Resamples(self.y[judged], seed=self.tuning.seed)
        return self.y[judged], self.score[judged], self._own_costs, drawn

    def _spread(self) -> CutRange:
        groups = self.resamples if self.parts.rule.groups is not None else None
        return cut_range(self.ladder, self.tuning, resamples=groups)

    def _measured(self, y: Bools, flagged: Bools, costs: Costs | None) -> Scores:
        beta = self.aim.beta if self.aim.criterion == "fbeta" else None
        return Scores(y, flags={"": flagged}, beta=beta, costs=costs)

    def _points(self, y: Bools, flagged: Bools, costs: Costs | None) -> dict[str, float]:
        """Return the figures without intervals."""
        return points_of(self._measured(y, flagged, costs), np.ones((1, len(y))))

    def _theory(self, table: CutTable, place: int) -> Amount | None:
        """Return the closed form's cut, as the rows of a table and its chosen cut tell it."""
        values = self.aim.value(table.confusion, table.cost)
        prevalence = table.positives / (table.positives + table.negatives)
        return closed_form(self.aim, float(values[place]), prevalence, self.costs)

    def _by_fold(self, theory: Amount | None) -> tuple[dict[int, float], dict[int, float]]:
        """Return the cuts chosen without each fold, and the closed form's where folds tell it differently."""
        cuts: dict[int, float] = {}
        theories: dict[int, float] = {}
        estimated = theory is not None and self.aim.criterion in {"f1", "fbeta", "balanced_accuracy"}
        for held_out, table in others_tables(self.ladder, self.fold, ordered=self.ordered):
            chosen = self.tuning.choose(table)
            cuts[held_out] = chosen.cut if chosen.feasible else np.nan
            if estimated:
                theories[held_out] = float(self._theory(table, chosen.place))  # type: ignore[arg-type]
        return cuts, theories

    def _rows(
        self,
        name: str,
        cut: float,
        cuts: dict[int, float],
        theory: Amount | None,
        theories: dict[int, float],
    ) -> dict[str, Row]:
        held_out = bool(len(self.parts.test))
        y, score, costs, resamples = self.reported
        own, fold = self.score[self.judged], self.fold[self.judged]
        out_of_fold = {name: flags_by_fold(own, fold, cuts) if name == "chosen" else own >= cut}
        flags = {name: score >= cut if held_out else out_of_fold[name]}
        at = {name: cut}
        if self.default is not None:
            at["default"] = self.default
            out_of_fold["default"], flags["default"] = own >= self.default, score >= self.default
        if theory is not None and not (isinstance(theory, float) and theory == self.default):
            at["closed_form"] = theory if isinstance(theory, float) else np.nan
            out_of_fold["closed_form"] = (
                flags_by_fold(own, fold, theories)
                if theories
                else np.asarray(own >= (theory if isinstance(theory, float) else theory[self.judged]))
            )
            there = theory if isinstance(theory, float) or costs is None else costs.closed_form
            flags["closed_form"] = score >= there if held_out else out_of_fold["closed_form"]
        judged = measure(
            {each: self._measured(y, flagged, costs) for each, flagged in flags.items()}, resamples
        )
        cv = {
            each: self._points(self.y[self.judged], flagged, self._own_costs)
            for each, flagged in out_of_fold.items()
        }
        if name == "nearest":  # it was chosen on these very rows
            cv[name] = dict.fromkeys(cv[name], np.nan)
        return {each: Row(at[each], judged[each], cv[each]) for each in at}

    def _claim(self) -> tuple[float, float]:
        """Return what the reported rows would have claimed, had they chosen their own cut."""
        y, score, costs, _ = self.reported
        whole = not len(self.parts.test) and self.judged.all()
        table = self.ladder.table if whole else Ladder(y, score, costs).table
        place, feasible = table.choose(self.aim)
        if not feasible:
            return np.nan, np.nan
        return table.rounded(place, self.tuning.kind), float(
            self.aim.value(table.confusion, table.cost)[place]
        )


def report(found: Found, criterion: str) -> pd.DataFrame:
    """Lay the rows side by side: the figures with their intervals, and the same on the rows that chose (``_cv``)."""
    rows: dict[str, dict[str, float]] = {}
    for name, row in found.rows.items():
        points, low, high = row.figures.points, row.figures.low, row.figures.high
        rows[name] = {"cut": row.cut}
        for figure, value in points.items():
            rows[name][figure] = value
            if figure in low:
                rows[name] |= {f"{figure}_low": low[figure], f"{figure}_high": high[figure]}
                rows[name][f"{figure}_cv"] = row.cv[figure]
    rows["claimed"] = {"cut": found.claim[0], criterion: found.claim[1]}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "cut_by"
    return frame
