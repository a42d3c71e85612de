"""What a `Report` holds: the results of its sections, and what each of them answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from imbalance_accessor.findings import Findings
from imbalance_accessor.metrics.measure import Figures
from imbalance_accessor.rendering.result import Result, cached_frame
from imbalance_accessor.verbs.best_threshold.result import Threshold
from imbalance_accessor.verbs.fit_eval.result import Evaluation
from imbalance_accessor.verbs.leaks.result import Leaks
from imbalance_accessor.verbs.overview.result import Overview
from imbalance_accessor.verbs.reliability.result import Reliability

#: Figures by name, each with the ends of its interval where it has one.
_Answers: TypeAlias = list[tuple[str, tuple[float, ...]]]
#: What each section answers, by the verb that does.
QUESTIONS_ASKED = {
    "overview": "How imbalanced is it?",
    "leaks": "Is there a leak?",
    "fit_eval": "Does a strategy help?",
    "best_threshold": "Which threshold?",
    "reliability": "Can the probabilities be trusted?",
}


@dataclass(frozen=True, repr=False, eq=False)
class ReportData(Result):
    """The fields of a `Report`, which documents them, and what follows from them."""

    overview: Overview
    leaks: Leaks
    evaluation: Evaluation
    threshold: Threshold | None
    reliability: Reliability | None
    findings: Findings

    @property
    def sections(self) -> dict[str, Result]:
        """The results that there are, by the verb that each comes from, in their order on the page."""
        every = {
            "overview": self.overview,
            "leaks": self.leaks,
            "fit_eval": self.evaluation,
            "best_threshold": self.threshold,
            "reliability": self.reliability,
        }
        return {verb: result for verb, result in every.items() if result is not None}

    @property
    def scores_criterion(self) -> str:
        """The column of `Threshold.report` that the threshold was chosen for: for costs that of one row."""
        assert self.threshold is not None
        criterion = self.threshold.asked.objective.criterion
        return "cost_per_row" if criterion == "cost" else criterion

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """One row an answer: ``value``, with the ends of its 95 % interval, ``value_low`` and ``value_high``, where it has one.

        ``prevalence`` is the positive class's share of the rows, or the rarest class's of several; ``leaks`` counts the
        checks that found something. Then come the best strategy's figure that decided, on the test set and out of fold
        (``_cv``), and its gain over the plain model out of fold; its threshold, and what this comes to on the test set; and
        its mean probability beside the observed share, with the calibration error, as they are and after the calibrator
        that was chosen. With ``test_size=0`` figures of the test set are those out of fold.
        """
        found = [*self._of_rows(), *self._of_strategies(), *self._of_threshold(), *self._of_probabilities()]
        ends = {name: (*values, np.nan, np.nan)[:3] for name, values in found}
        table = pd.DataFrame.from_dict(ends, orient="index", columns=["value", "value_low", "value_high"])
        return table.astype(float).rename_axis("answer")

    def _of_rows(self) -> _Answers:
        counts = self.overview.counts
        share = float(counts.weighed.shares[counts.target.classes.index(counts.minority)])
        return [("prevalence", (share,)), ("leaks", (float(len(self.leaks.found)),))]

    def _of_strategies(self) -> _Answers:
        evaluation, metric = self.evaluation, self.evaluation.decided_by
        best = evaluation.evaluated[evaluation.best]
        gain = evaluation.comparison.differences(metric).get(evaluation.best, (0.0, np.nan, np.nan))
        return [
            (metric, (best.points[metric], best.low[metric], best.high[metric])),
            (f"{metric}_cv", (best.cv[metric],)),
            (f"{metric}_gain", tuple(gain)),
        ]

    def _of_threshold(self) -> _Answers:
        if self.threshold is None:
            return []
        t, metric = self.threshold, self.scores_criterion
        row, range_of = next(iter(t.found.rows.values())).figures, t.threshold_ci
        figures = [
            (
                f"{name}_at_threshold",
                (row.points[name], row.low.get(name, np.nan), row.high.get(name, np.nan)),
            )
            for name in dict.fromkeys([metric, "precision", "recall", "flag_rate"])
            if name in row.points
        ]
        return [("threshold", (t.value, range_of.low, range_of.high)), *figures]

    def _of_probabilities(self) -> _Answers:
        if self.reliability is None:
            return []
        r = self.reliability
        (name,) = r.scores_by_strategy
        raw, calibrated = (r.report.rows[name, calibrator] for calibrator in ("none", r.best[name]))
        found: _Answers = [("observed", r.report.prevalence)]
        for end, row in {"": raw, "_calibrated": calibrated}.items():
            figures = row.figures
            found.append((f"mean_probability{end}", _with_ends(figures, "mean_probability")))
            found.append((f"ece{end}", (row.error,)))
        return found


def _with_ends(figures: Figures, metric: str) -> tuple[float, ...]:
    """Return a figure and the ends of its interval, where it has one."""
    return figures.points[metric], figures.low.get(metric, np.nan), figures.high.get(metric, np.nan)
