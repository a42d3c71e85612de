"""What a `Threshold` holds, and what its words, code and pictures read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.strategy_scores import StrategyScores
from imbalance_accessor.findings import Findings
from imbalance_accessor.metrics.objectives import Aim
from imbalance_accessor.metrics.registry import figure_of
from imbalance_accessor.metrics.rounding import written
from imbalance_accessor.metrics.threshold_range import CutRange
from imbalance_accessor.metrics.thresholds import CutTable
from imbalance_accessor.rendering.result import Result, own_copy
from imbalance_accessor.verbs.best_threshold.options import Asked
from imbalance_accessor.verbs.best_threshold.search import Found, report

#: Cuts whose figures are computed at one time, so that little is held beside the frame itself.
_AT_ONCE = 2**16
_DERIVED = ("precision", "recall", "specificity", "f1", "mcc", "balanced_accuracy", "flag_rate")


@dataclass(frozen=True, repr=False, eq=False)
class ThresholdData(Result):
    """The fields of a `Threshold`, which documents them, and what follows from them."""

    origin: StrategyScores
    asked: Asked
    found: Found
    findings: Findings

    @property
    def value(self) -> float:
        """The number that is printed: rows with at least this score are flagged; inf flags nobody, nan: none keeps the limits."""
        return self.found.cut if self.feasible else np.nan

    @property
    def feasible(self) -> bool:
        """Whether a cut keeps the limits on the rows that choose."""
        return self.found.feasible

    def __float__(self) -> float:
        return self.value

    @own_copy
    def frame(self) -> pd.DataFrame:
        """One row for each cut that flags a different set of the rows that chose, the strictest first.

        ``cut``, ``tp``, ``fp``, ``fn``, ``tn``, then ``precision``, ``recall``, ``specificity``, ``f1``, ``mcc``,
        ``balanced_accuracy``, ``flag_rate`` (shares of the rows), the criterion where it is another one, and ``cost``, the
        total, where costs are known. Counts are means where folds were dealt several times. These are in-sample values:
        the best of them is too good, see `report`.
        """
        return cut_frame(self.found.table, self.asked.aim)

    @own_copy
    def report(self) -> pd.DataFrame:
        """What each way of cutting comes to on the test part, indexed by what the cut was chosen by.

        Rows: ``"chosen"`` (``"nearest"`` where no cut keeps the limits), ``"default"`` (0.5, or 0 for margins),
        ``"closed_form"`` where theory has a cut, and ``"claimed"``: the cut that the test part itself would have
        chosen, and the criterion it would have claimed. Each figure with its 95 % interval (``_low``, ``_high``) and
        the same on the rows that chose (``_cv``), cross-fitted where the cut was chosen there. Without a test part
        all figures are cross-fitted ones.
        """
        return report(self.found, self.asked.aim.criterion)

    @property
    def spread(self) -> CutRange:
        """The best cuts of resamples of these scores; 95 % lie from ``.low`` to ``.high``. Another fit may choose others."""
        return self.found.spread

    @property
    def fold_cuts(self) -> dict[int, float]:
        """The cut chosen without each fold; the folds of all deals are numbered on."""
        return self.found.fold_cuts

    @property
    def theory(self) -> Any:
        """The closed form's cut for true probabilities: a number, one for each row that chose, or None."""
        return self.found.theory

    @property
    def cut_text(self) -> str:
        """The cut as it is written: the very number that is applied."""
        return written(self.found.cut)


def cut_frame(table: CutTable, aim: Aim) -> pd.DataFrame:
    """Lay out every cut with its counts and what follows from them; see `Threshold.frame`."""
    columns: dict[str, Any] = {
        "cut": table.cuts,
        "tp": table.tp,
        "fp": table.fp,
        "fn": table.positives - table.tp,
        "tn": table.negatives - table.fp,
    }
    derived = [*_DERIVED, *([aim.criterion] if aim.criterion not in (*_DERIVED, "cost") else [])]
    columns |= {metric: np.empty(len(table.cuts)) for metric in derived}
    for start in range(0, len(table.cuts), _AT_ONCE):
        places = slice(start, start + _AT_ONCE)
        counts = table.counts(places)
        for metric in derived:
            columns[metric][places] = aim.value(counts) if metric == "fbeta" else figure_of(counts, metric)
    if table.cost is not None:
        columns["cost"] = table.cost
    return pd.DataFrame(columns, copy=False)
