"""What a `Reliability` holds, and what its words, code and pictures read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.strategy_scores import FittedScores, StrategyScores
from imbalance_accessor.findings import Findings
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import probability_losses
from imbalance_accessor.metrics.worth import PER
from imbalance_accessor.process_state import cached_property
from imbalance_accessor.rendering.result import Result, cached_frame
from imbalance_accessor.verbs.best_threshold.options import ThresholdObjective
from imbalance_accessor.verbs.best_threshold.search import reported_points
from imbalance_accessor.verbs.reliability.calibration_report import (
    Binning,
    CalibrationMetrics,
    CalibrationReport,
)

#: Figures that carry an interval from the rows.
_BOUNDED = ("brier", "brier_skill", "log_loss", "mean_probability", "average_precision")
_CV = ("brier", "log_loss", "mean_probability")


@dataclass(frozen=True, repr=False, eq=False)
class ReliabilityData(Result):
    """The fields of a `Reliability`, which documents them, and what follows from them."""

    scores_by_strategy: dict[str, StrategyScores]
    binning: Binning
    report: CalibrationReport
    findings: Findings

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """One row for each (strategy, calibrator), the calibrator of the scores as they are being ``"none"``.

        On the test set: ``brier``, ``brier_skill`` (1 − Brier over that of the prevalence), ``log_loss``,
        ``mean_probability`` beside ``prevalence`` (by what rows count), ``average_precision``, each with its 95 % interval
        (``_low``, ``_high``) and some with the same out of fold, cross-fitted (``_cv``); ``miscalibration``, ``discrimination``,
        ``uncertainty``, whose sum with the middle one negative is the Brier score; ``ece``, the expected calibration
        error; ``_expected`` beside both: what a perfectly calibrated model would show at this size, and
        ``_expected_high``, below which 95 % of such models stay; ``calibration_intercept`` and ``calibration_slope`` with
        Wald intervals.

        With `cost`, for 1,000 rows: ``cost_per_1000`` of decisions at the formula's threshold, with its interval;
        ``cost_per_1000_expected`` by the probabilities, and between which ends the cost lies in 95 % of samples where these are
        true; ``cost_per_1000_saved`` against the uncalibrated ones; ``flag_rate``; and ``_tuned``, ``_flag_none``, ``_flag_all``:
        at the threshold that out-of-fold scores choose, and without any scores.
        """
        rows = {key: self._row(row) | self._worth(*key) for key, row in self.report.rows.items()}
        index = pd.MultiIndex.from_tuples(rows, names=["strategy", "calibrator"])
        return pd.DataFrame(list(rows.values()), index=index)

    @property
    def _first(self) -> StrategyScores:  # all are of the same rows and of one kind
        return next(iter(self.scores_by_strategy.values()))

    @cached_property
    def best(self) -> dict[str, str]:
        """The calibrator of each strategy, chosen by the cross-fitted Brier score, at a prevalence by the log loss.

        See `CalibrationReport.chosen`.
        """
        return {name: self.report.chosen(name) for name in self.scores_by_strategy}

    @cached_property
    def tuned(self) -> dict[str, float]:
        """What 1,000 rows cost at each strategy's threshold that out-of-fold scores choose; empty without `cost`."""
        if self.report.costs is None:
            return {}
        asked = ThresholdObjective(Objective("cost"), vars(self.report.costs), None, len(self.report.y))
        every = {name: reported_points(each, asked) for name, each in self.scores_by_strategy.items()}
        return {name: PER * points["cost_per_row"] for name, points in every.items() if points is not None}

    @cached_property
    def averaged(self) -> tuple[float, float] | None:
        """The loss of the mean probability of several models: as they are, and each by its chosen calibrator; None of one model.

        None also where scores are no probabilities, and where models are not reported on the very same rows.
        """
        plans = {id(each.plan) for each in self.scores_by_strategy.values() if isinstance(each, FittedScores)}
        raw = [self.report.rows[name, "none"] for name in self.scores_by_strategy]
        best = [self.report.rows[key] for key in self.best.items()]
        dealt = bool(self._first.scored.again) and not self._first.scored.held_out
        if len(plans) < 2 or dealt or not all(each.is_probability for each in (*raw, *best)):
            return None
        if self.report.weights.copies is not None:  # entries of each model's own
            return None
        return self._loss_of_mean(raw), self._loss_of_mean(best)

    def _loss_of_mean(self, rows: Sequence[CalibrationMetrics]) -> float:
        y, p = self.report.y, np.mean([each.p for each in rows], axis=0)
        return float(
            np.average(probability_losses(y, p)[self.report.loss], weights=self.report.weights.of(y))
        )

    def _worth(self, name: str, calibrator: str) -> dict[str, float]:
        """Return what decisions by a row's probabilities come to; nothing without costs."""
        if self.report.costs is None:
            return {}
        each = self.report.worth.get((name, calibrator))
        found: dict[str, float] = {}
        for of, column in (("cost", ""), ("promised", "_expected"), ("saved", "_saved")):
            values = (np.nan,) * 3 if each is None else getattr(each, of)
            ends = zip(("", "_low", "_high"), values, strict=True)
            found |= {f"cost_per_1000{column}{end}": value for end, value in ends}
        flagged, passed = self.report.costs.of_all(self.report.prevalence[0])
        alone = {"flag_none": PER * passed, "flag_all": PER * flagged}
        alone |= {"tuned": self.tuned.get(name, np.nan)}
        found["flag_rate"] = np.nan if each is None else each.flag_rate
        return found | {f"cost_per_1000_{to}": cost for to, cost in alone.items()}

    def _row(self, row: CalibrationMetrics) -> dict[str, float]:
        points, low, high = row.figures.points, row.figures.low, row.figures.high
        prevalence = dict(
            zip(("prevalence", "prevalence_low", "prevalence_high"), self.report.prevalence, strict=True)
        )
        found: dict[str, float] = {}
        for name in _BOUNDED:
            found |= {name: points[name], f"{name}_low": low[name], f"{name}_high": high[name]}
            found |= {f"{name}_cv": row.cv[name]} if name in _CV else {}
            found |= prevalence if name == "mean_probability" else {}
        parts, chance, line = row.parts, row.chance, row.line
        for name in ("miscalibration", "discrimination", "uncertainty"):
            found[name] = np.nan if parts is None else getattr(parts, name)
        for name, of in (("miscalibration", "miscalibration"), ("ece", "error")):
            found[f"{name}_expected"] = np.nan if chance is None else getattr(chance, of)
            found[f"{name}_expected_high"] = np.nan if chance is None else getattr(chance, f"{of}_high")
        found["ece"] = row.error
        for name in ("intercept", "slope"):
            for end in ("", "_low", "_high"):
                found[f"calibration_{name}{end}"] = np.nan if line is None else getattr(line, f"{name}{end}")
        return found
