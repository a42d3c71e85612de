"""What a search for a threshold found: the threshold, its spread, and what it and others come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.closed_forms import CalibrationCheck
from imbalance_accessor.metrics.costs import Amount
from imbalance_accessor.metrics.figures import Scores
from imbalance_accessor.metrics.measure import Figures, Measured, measure, points_of
from imbalance_accessor.metrics.signal import RankingSignal
from imbalance_accessor.metrics.threshold_range import ThresholdRange, pooled_range, threshold_range
from imbalance_accessor.metrics.thresholds import ThresholdGrid, ThresholdTable, Tuning
from imbalance_accessor.process_state import cached_property


@dataclass(frozen=True, eq=False)
class FlaggedRows:
    """Rows that are flagged in several ways; their intervals are drawn when they are first asked for.

    Attributes
    ----------
    measured : mapping of str to Measured
    resamples : Resamples
        Of these rows.
    """

    measured: Mapping[str, Measured]
    resamples: Resamples

    @cached_property
    def points(self) -> dict[str, dict[str, float]]:
        """The figures without intervals."""
        return {name: points_of(each, self.resamples.undrawn) for name, each in self.measured.items()}

    @cached_property
    def figures(self) -> dict[str, Figures]:
        """The figures with their intervals."""
        return measure(self.measured, self.resamples, compared=False)


@dataclass(frozen=True, eq=False)
class ThresholdRow:
    """One threshold of the scores, and what it comes to.

    Attributes
    ----------
    threshold : float
        nan where it differs from row to row.
    name : str
    reported : FlaggedRows
        The rows that are reported, where this threshold's flags stand under its name.
    cv : dict of str to float
        On the rows that chose, cross-fitted where the threshold was chosen there; means over the deals of the folds.
    """

    threshold: float
    name: str
    reported: FlaggedRows
    cv: Mapping[str, float]

    @property
    def points(self) -> dict[str, float]:
        """The figures on the rows that are reported."""
        return self.reported.points[self.name]

    @property
    def figures(self) -> Figures:
        """The same with their intervals."""
        return self.reported.figures[self.name]

    @property
    def is_drawn(self) -> bool:
        """Whether there are intervals."""
        return self.reported.resamples.n_draws > 0


@dataclass(frozen=True, eq=False)
class ThresholdSearchResult:
    """A threshold, and all that is known of it.

    Attributes
    ----------
    threshold : float
        The chosen one, as it is written and applied; where no threshold keeps the limits, the nearest to it.
    feasible : bool
    tuning : Tuning
        How it was chosen.
    grids : tuple of ThresholdGrid
        The rows that chose, once for each deal of the folds.
    table : ThresholdTable
        Their thresholds; what they count is a mean over the deals.
    place : int
        The threshold's place in the table.
    fold_thresholds : dict of int to float
        The threshold chosen without each fold; nan where none keeps the limits. Folds of all deals are numbered on.
    groups : Resamples or None
        Of the rows that chose, where whole groups are drawn.
    n_draws : int
        Resamples over which the threshold's range is taken.
    rows : dict of str to ThresholdRow
        ``"chosen"`` (or ``"nearest"``), and ``"yours"``, ``"default"`` and ``"closed_form"`` where there are such.
    reported : tuple of Scores
        What the first of them flags of the rows that are reported; once in each deal of the folds where nothing is held out.
    claim : tuple of (float, float)
        The threshold that the reported rows would have chosen themselves, and what it claims.
    theory : float, ndarray or None
        The closed form's threshold.
    calibration_check : CalibrationCheck or None
        Whether the probabilities of the first deal are true enough for it; None where groups are too few to tell.
    one_sided : dict of str to float
        What the criterion comes to on the rows that are reported where ``"everyone"`` or ``"nobody"`` is flagged.
    one_sided_cv : dict of str to float
        The same on the rows that chose.
    ranking_signal : RankingSignal or None
        Whether the scores of the first deal rank beyond chance; None where groups are too few to tell.
    backwards : bool
        Whether they rank positives below negatives.
    """

    threshold: float
    feasible: bool
    tuning: Tuning
    grids: tuple[ThresholdGrid, ...]
    table: ThresholdTable
    place: int
    fold_thresholds: dict[int, float]
    groups: Resamples | None
    n_draws: int
    rows: dict[str, ThresholdRow]
    reported: tuple[Scores, ...]
    claim: tuple[float, float]
    theory: Amount | None
    calibration_check: CalibrationCheck | None
    one_sided: dict[str, float]
    one_sided_cv: dict[str, float]
    ranking_signal: RankingSignal | None
    backwards: bool

    @cached_property
    def threshold_ci(self) -> ThresholdRange:
        """The threshold's range over resamples, of all deals; drawn when it is first asked for."""
        every = [
            threshold_range(grid, self.tuning, resamples=self.groups, n_draws=self.n_draws)
            for grid in self.grids
        ]
        return pooled_range(every, self.table, self.tuning)

    @property
    def averages(self) -> str:
        """Say that figures and threshold are means over several deals of the folds; nothing where there is one."""
        return f"averaged over {len(self.grids)} deals of the folds" if len(self.grids) > 1 else ""

    @property
    def ranks(self) -> bool:
        """Whether the scores rank beyond chance, as far as that can be told."""
        return self.ranking_signal is None or self.ranking_signal.is_above_chance

    @property
    def is_constant(self) -> bool:
        """Whether all rows of a fold have one score."""
        signal = self.ranking_signal
        return signal is not None and bool(np.isnan(signal.z) and not np.isnan(signal.auc))

    @property
    def helps(self) -> bool:
        """Whether scores rank, and by a criterion alone do better out of fold than an answer that needs none."""
        if not self.ranks or not self.tuning.has_draws or self.ranking_signal is None:
            return self.ranks
        criterion = self.tuning.objective.criterion
        return self.rows["chosen"].cv[criterion] > max(self.one_sided_cv.values())
