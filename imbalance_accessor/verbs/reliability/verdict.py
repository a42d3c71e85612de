"""The headline of a `Reliability`: whether probabilities depart from what happened, and what calibrates them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imbalance_accessor.evaluation.findings import FEW_POSITIVES
from imbalance_accessor.evaluation.odd_scores import are_decisions
from imbalance_accessor.evaluation.strategy_scores import ColumnScores
from imbalance_accessor.metrics.calibration import Line
from imbalance_accessor.rendering.cells import decimal
from imbalance_accessor.rendering.sentences import capital
from imbalance_accessor.verbs.reliability.calibration_report import CalibrationMetrics, CalibrationReport
from imbalance_accessor.verbs.reliability.fields import ReliabilityData


@dataclass(frozen=True)
class Departure:
    """How one set of probabilities departs from what happened by more than chance.

    Attributes
    ----------
    level, shape : str
        How the mean and the spread are off, by the 95 % intervals of calibration intercept and slope; nothing within
        chance.
    error : bool
        Whether the calibration error lies above that of 95 % of perfectly calibrated models (Bröcker & Smith 2007).
    """

    level: str
    shape: str
    error: bool

    @property
    def is_clear(self) -> bool:
        """Whether level or error depart; the slope alone, a third test, would make too many false alarms."""
        return bool(self.level) or self.error

    @property
    def no_sign(self) -> str:
        """How the lack of a sign is called: one is there where the slope alone departs."""
        return "no clear sign of miscalibration" if self.shape else "no sign of miscalibration"


def departure(row: CalibrationMetrics) -> Departure | None:
    """Return how a row departs; None where that cannot be judged: no probabilities, or few groups."""
    if row.line is None or row.bins is None or row.chance is None or has_few_groups(row.line):
        return None
    # few rows of few probabilities reach the same error by another sum
    beyond = row.error > row.chance.error_high + 1e-9
    return Departure(_level(row.line), _shape(row.line), bool(beyond))


def has_few_groups(line: Line) -> bool:
    """Whether the interval was left out, since groups are too few for one."""
    return bool(np.isnan(line.intercept_high) and not np.isnan(line.intercept))


def _level(line: Line) -> str:
    if line.intercept_high < 0:
        return "too high"
    return "too low" if line.intercept_low > 0 else ""


def _shape(line: Line) -> str:
    cases = (
        (line.slope_high <= 0, "ranking backwards"),
        (line.slope_low <= 0 and line.slope_high < 1, "far too extreme"),
        (line.slope_high < 1, "too extreme"),
        (line.slope_low > 1, "too moderate"),
    )
    return next((words for holds, words in cases if holds), "")


def title(r: ReliabilityData) -> str:
    """Say whether the probabilities are calibrated, and what calibrates them."""
    return ". ".join(headline(r))


def headline(r: ReliabilityData) -> list[str]:
    """Return the sentences of the headline, without their full stops: how the worst scores depart, and what calibrates them."""
    decisions = isinstance(r._first, ColumnScores) and are_decisions(r._first)
    return [*(["These are decisions, no probabilities"] if decisions else []), *_headline(r)]


def _headline(r: ReliabilityData) -> list[str]:
    name = worst(r)
    raw, calibrated = r.report.rows[name, "none"], r.report.rows[name, r.best[name]]
    if not raw.is_probability:
        made = f", and {r.best[name]} makes some of them ({short_loss(r)} {_loss(r, calibrated)} {where(r)})"
        only = f"{_whose(r, name)} only rank; they are no probabilities"
        return [only + (made if calibrated.is_probability else "")]
    asked = len(r.report.rows) > len(r.scores_by_strategy)
    chosen = _chosen(r, name) if asked else f"The {r.report.loss_name} is {_loss(r, raw)} {where(r)}"
    return [_state(r, name), chosen + _best_of_all(r)]


def _state(r: ReliabilityData, name: str) -> str:
    """Say whether the worst scores depart by more than chance, how much, and where."""
    row = r.report.rows[name, "none"]
    found = departure(row)
    if found is None:
        return f"{_who(r, name)[0]} cannot be assessed on so few groups: mean {_mean(row)}, {_truth(r)}"
    if not found.is_clear:
        return f"{_none_departs(r, name, found)}: {error_beside_chance(row)}"
    error = f"{error_beside_chance(row)}, " if found.error else ""
    return f"{_departs(r, name)}: {error}{_direction(r, row, found)}"


def _departs(r: ReliabilityData, name: str) -> str:
    """Begin the sentence of scores that depart, and say how many others do."""
    every = [departure(r.report.rows[each, "none"]) for each in r.scores_by_strategy]
    clear = sum(found is not None and found.is_clear for found in every)
    who, be, _ = _who(r, name)
    if clear == 1:
        return f"{who} {be} miscalibrated"
    of = f"{clear} of {len(every)}" if clear < len(every) else "Both" if clear == 2 else f"All {clear}"
    return f"{of} are miscalibrated, {called(r, name)} most"


def _none_departs(r: ReliabilityData, name: str, found: Departure) -> str:
    who, _, show = _who(r, name)
    if len(r.scores_by_strategy) == 1:
        return f"{who} {show} {found.no_sign} at this size"
    none = "Neither" if len(r.scores_by_strategy) == 2 else f"None of {len(r.scores_by_strategy)}"
    signs = found.no_sign.removeprefix("no ").replace("sign", "signs")
    return f"{none} shows {signs} at this size; {called(r, name)} has most"


def _direction(r: ReliabilityData, row: CalibrationMetrics, found: Departure) -> str:
    """Say how probabilities are off: their level, their spread, or else the bin where the error is largest."""
    level = ""
    if found.level:
        level = f"{found.level} (mean {_mean(row)}, {_truth(r)})"
    said = " and ".join(each for each in (level, found.shape) if each)
    if said:
        return said
    at = largest_bin(row)
    assert row.bins is not None
    brought = " (brought to the prevalence)" if r.report.at_prevalence else ""
    return f"most at {decimal(row.bins.mean[at])}, where {decimal(row.bins.share[at])} is observed{brought}"


def _chosen(r: ReliabilityData, name: str) -> str:
    """Say which calibrator was chosen out of fold, and what it comes to on the rows that are reported."""
    best = r.best[name]
    raw, calibrated = r.report.rows[name, "none"], r.report.rows[name, best]
    if best == "none":
        better = "better" if r.report.approximate[name] else "clearly better"
        return f"{_tried(r, name)} does {better} out of fold ({short_loss(r)} {_loss(r, raw)} {where(r)})"
    scores = f"{short_loss(r)} {_loss(r, raw)} to {_loss(r, calibrated)} {where(r)}"
    if needs_none(r, name):
        return f"No calibrator is needed; chosen out of fold: {best} ({scores})"
    return f"Chosen out of fold: {best}{_outcome(r, raw, calibrated)} ({scores})"


def _outcome(r: ReliabilityData, raw: CalibrationMetrics, calibrated: CalibrationMetrics) -> str:
    """Say what the chosen calibrator does for the probabilities, and no more than it does."""
    points, before, after = calibrated.figures.points, departure(raw), departure(calibrated)
    if points[r.report.loss] >= raw.figures.points[r.report.loss]:
        return ", which gains nothing"
    if (
        points["brier_skill"] <= 0
        if r.report.loss == "brier"
        else points["log_loss"] >= r.report.loss_of_share
    ):
        return ", no better than the prevalence"
    if before is None or after is None or not before.is_clear:
        return ""
    if after.is_clear:
        return f", which leaves it {'miscalibrated' if after.error else after.level}"
    return ", which calibrates it"


def _tried(r: ReliabilityData, name: str) -> str:
    """Name the calibrators that could have been chosen; isotonic regression of few positives could not."""
    few = r.report.positives_learned < FEW_POSITIVES and (name, "isotonic") in r.report.rows
    return "No calibrator that so few positives allow" if few else "No calibrator tried"


def _best_of_all(r: ReliabilityData) -> str:
    """Name the scores that are best once calibrated, where they are others."""
    name, calibrator = recommended(r)
    if name == worst(r):
        return ""
    calibrated = ", uncalibrated" if calibrator == "none" else f" with {calibrator}"
    return f"; best overall: {called(r, name)}{calibrated}"


def recommended(r: ReliabilityData) -> tuple[str, str]:
    """Return the row that is advised: the best of all, or that of the worst scores where no other can be told better.

    What shows no sign of miscalibration is advised as it is, whatever calibrator was chosen for it.
    """
    best, least = best_of_all(r), worst(r)
    known = bool(np.isfinite(r.report.rows[best].cv[r.report.loss]))
    name, calibrator = (
        best if known and r.report.rows[least, "none"].is_probability else (least, r.best[least])
    )
    return name, "none" if needs_none(r, name) else calibrator


def needs_none(r: ReliabilityData, name: str) -> bool:
    """Whether scores as they are show no sign of miscalibration, though a calibrator was chosen for them."""
    found = departure(r.report.rows[name, "none"])
    return found is not None and not found.is_clear and r.best[name] != "none"


def worst(r: ReliabilityData) -> str:
    """Return the strategy whose scores as they are depart the most: no probabilities, then beyond chance, then by how much."""

    def gap(name: str) -> tuple[bool, float]:
        row = r.report.rows[name, "none"]
        found = departure(row)
        return found is not None and found.is_clear, np.inf if row.parts is None else row.parts.miscalibration

    return max(
        r.scores_by_strategy, key=lambda name: (not r.report.rows[name, "none"].is_probability, *gap(name))
    )


def best_of_all(r: ReliabilityData) -> tuple[str, str]:
    """Return the best row of those chosen: the plain model's, unless another is two standard errors better out of fold."""
    chosen = [(name, r.best[name]) for name in r.scores_by_strategy]
    loss = {key: r.report.rows[key].cv[r.report.loss] for key in chosen}
    finite = [key for key in chosen if np.isfinite(loss[key])] or chosen
    best = min(finite, key=lambda key: round(loss[key], 12))
    plain = next((key for key in finite if key[0] == "none"), best)
    return plain if plain == best or r.report.is_within(2.0, plain, best) else best


def prior_is_rough(r: ReliabilityData, name: str) -> bool:
    """Whether a prior correction is shown that undoes the strategy only approximately."""
    report = r.report
    return (name, "prior") in report.rows and report.odds_shift[name] != 1 and bool(report.approximate[name])


def level_after_prior(report: CalibrationReport, name: str) -> tuple[str, str]:
    """Return the mean after the prior correction, and what it is held against, for a sentence."""
    values = (report.rows[name, "prior"].cv["mean_probability"], *report.level(name))
    mean, share, low, high = (f"{each:.3g}" if report.at_prevalence else f"{each:.4f}" for each in values)
    ends = f"{share} [{low}, {high}]"
    return mean, f"the prevalence is {ends}" if report.at_prevalence else f"{ends} is observed"


def largest_bin(row: CalibrationMetrics) -> int:
    """Return the bin that adds most to the calibration error."""
    assert row.bins is not None
    return int((row.bins.mass * np.abs(row.bins.mean - row.bins.share)).argmax())


def error_beside_chance(row: CalibrationMetrics) -> str:
    """Return the calibration error beside the most that a perfectly calibrated model has in 95 % of draws."""
    assert row.bins is not None and row.chance is not None
    error, most = row.error, row.chance.error_high
    said, chance = decimal(error), decimal(most)
    if said == chance and abs(error - most) > 1e-9:  # which of them is the larger one must be seen
        said, chance = f"{error:.5f}", f"{most:.5f}"
    return f"calibration error {said} (by chance up to {chance})"


def where(r: ReliabilityData) -> str:
    """Return the rows that are reported, for a sentence."""
    if len(r._first.scored.parts.test):
        return "on test"
    return "on all rows" if len(r.report.rows) == len(r.scores_by_strategy) else "cross-fitted"


def _who(r: ReliabilityData, name: str) -> tuple[str, str, str]:
    """Begin a sentence of a set of scores, with its verbs."""
    if isinstance(r.scores_by_strategy[name], ColumnScores):
        return "The scores", "are", "show"
    return capital(called(r, name)), "is", "shows"


def called(r: ReliabilityData, name: str) -> str:
    """Return what a sentence calls a set of scores."""
    if isinstance(r.scores_by_strategy[name], ColumnScores):
        return "the scores"
    return (
        "the plain model"
        if name == "none" and len(r.scores_by_strategy) > 1
        else "the model"
        if name == "none"
        else repr(name)
    )


def strategy_label(r: ReliabilityData, name: str) -> str:
    """Return what a row, a panel or a line about a strategy is headed."""
    is_plain = name == "none" and not isinstance(r.scores_by_strategy[name], ColumnScores)
    return "plain model" if is_plain else name


def calibrator_label(calibrator: str) -> str:
    """Return what a row or a curve of a calibrator is named."""
    return "uncalibrated" if calibrator == "none" else calibrator


def _whose(r: ReliabilityData, name: str) -> str:
    is_plain = name == "none" and not isinstance(r.scores_by_strategy[name], ColumnScores)
    return "The model's scores" if is_plain else f"The scores of {name!r}"


def short_loss(r: ReliabilityData) -> str:
    """Return the loss that chooses calibrators, before a number."""
    return "Brier" if r.report.loss == "brier" else "log loss"


def _loss(r: ReliabilityData, row: CalibrationMetrics) -> str:
    return loss_text(row.figures.points[r.report.loss])


def loss_text(loss: float) -> str:
    """Write a Brier score or a log loss: four decimals, or three digits where that takes more.

    Examples
    --------
    >>> loss_text(0.0491), loss_text(0.000129)
    ('0.0491', '0.000129')
    """
    return f"{loss:.4f}" if not 0 < loss < 0.01 else decimal(loss)


def _truth(r: ReliabilityData) -> str:
    """Return the share of positives that the mean is held against."""
    return f"{'prevalence' if r.report.at_prevalence else 'observed'} {decimal(r.report.prevalence[0])}"


def _mean(row: CalibrationMetrics) -> str:
    return decimal(row.figures.points["mean_probability"])
