"""What a `Threshold` holds, and what its words, code and pictures read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.strategy_scores import StrategyScores
from imbalance_accessor.findings import Findings
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import figure_of
from imbalance_accessor.metrics.rounding import written
from imbalance_accessor.metrics.threshold_range import ThresholdRange
from imbalance_accessor.metrics.thresholds import ThresholdTable
from imbalance_accessor.rendering.result import Result, cached_frame
from imbalance_accessor.verbs.best_threshold.found import ThresholdSearchResult
from imbalance_accessor.verbs.best_threshold.options import ThresholdObjective

#: Thresholds whose figures are computed at one time, so that little is held beside the frame itself.
_AT_ONCE = 2**16
_DERIVED = ("precision", "recall", "specificity", "f1", "mcc", "balanced_accuracy", "flag_rate")


@dataclass(frozen=True, repr=False, eq=False)
class ThresholdData(Result):
    """The fields of a `Threshold`, which documents them, and what follows from them."""

    strategy_scores: StrategyScores
    asked: ThresholdObjective
    found: ThresholdSearchResult
    findings: Findings

    @property
    def value(self) -> float:
        """The number that is printed: rows with at least this score are flagged; inf flags nobody, nan: none keeps the limits."""
        return self.found.threshold if self.feasible else np.nan

    @property
    def feasible(self) -> bool:
        """Whether a threshold keeps the limits on the rows that choose."""
        return self.found.feasible

    def __float__(self) -> float:
        return self.value

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """One row for each threshold that flags a different set of the rows that chose, the strictest first.

        ``threshold``, ``tp``, ``fp``, ``fn``, ``tn``, then ``precision``, ``recall``, ``specificity``, ``f1``, ``mcc``,
        ``balanced_accuracy``, ``flag_rate`` (shares of the rows), the criterion where it is another one, and ``cost``, the
        total, where costs are known. Counts are means where folds were dealt several times, and sums of weights where a
        prevalence or row weights are given. These are in-sample values: the best of them is too good, see `report`.
        """
        return thresholds_frame(self.found.table, self.asked.objective)

    @cached_frame
    def report(self) -> pd.DataFrame:
        """What each threshold comes to on the test set, indexed by how it was chosen.

        Rows: ``"chosen"`` (``"nearest"`` where no threshold keeps the limits), ``"yours"`` where ``threshold=`` gave one,
        ``"default"`` (0.5, or 0 for margins),
        ``"closed_form"`` where theory has a threshold, and ``"claimed"``: the threshold that the test set itself would have
        chosen, and the criterion it would have claimed. Each figure with its 95 % interval (``_low``, ``_high``) and
        the same on the rows that chose (``_cv``), cross-fitted where the threshold was chosen there. Without a test set
        all figures are cross-fitted ones.
        """
        return report_frame(self.found, self.asked.objective.criterion)

    @property
    def threshold_ci(self) -> ThresholdRange:
        """The best thresholds of resamples of these scores: 95 % lie from ``.low`` to ``.high``. Another fit may differ."""
        return self.found.threshold_ci

    @property
    def fold_thresholds(self) -> dict[int, float]:
        """The threshold chosen without each fold; the folds of all deals are numbered on."""
        return self.found.fold_thresholds

    @property
    def theory(self) -> Any:
        """The closed form's threshold for true probabilities: a number, one for each row that chose, or None."""
        return self.found.theory

    @property
    def threshold_text(self) -> str:
        """The threshold as it is written: the very number that is applied."""
        return written(self.found.threshold)


def thresholds_frame(table: ThresholdTable, objective: Objective) -> pd.DataFrame:
    """Lay out every threshold with its counts and what follows from them; see `Threshold.frame`."""
    columns: dict[str, Any] = {
        "threshold": table.thresholds,
        "tp": table.tp,
        "fp": table.fp,
        "fn": table.positives - table.tp,
        "tn": table.negatives - table.fp,
    }
    derived = [*_DERIVED, *([objective.criterion] if objective.criterion not in (*_DERIVED, "cost") else [])]
    columns |= {metric: np.empty(len(table.thresholds)) for metric in derived}
    for start in range(0, len(table.thresholds), _AT_ONCE):
        positions = slice(start, start + _AT_ONCE)
        counts = table.counts(positions)
        for metric in derived:
            columns[metric][positions] = (
                objective.value(counts) if metric == "fbeta" else figure_of(counts, metric)
            )
    if table.cost is not None:
        columns["cost"] = table.cost
    return pd.DataFrame(columns, copy=False)


def report_frame(found: ThresholdSearchResult, criterion: str) -> pd.DataFrame:
    """Lay the rows side by side: the figures with their intervals, and the same on the rows that chose (``_cv``)."""
    rows: dict[str, dict[str, float]] = {}
    for name, row in found.rows.items():
        points, low, high = row.points, row.figures.low, row.figures.high
        rows[name] = {"threshold": row.threshold}
        for figure, value in points.items():
            rows[name][figure] = value
            if figure in low:
                rows[name] |= {f"{figure}_low": low[figure], f"{figure}_high": high[figure]}
                rows[name][f"{figure}_cv"] = row.cv[figure]
    rows["claimed"] = {"threshold": found.claim[0], criterion: found.claim[1]}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "operating_point"
    return frame
