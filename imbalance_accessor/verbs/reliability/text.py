"""The sentences of a `Reliability`: what calibrated means here, the parts of the Brier score, and what calibrates."""

from __future__ import annotations

import math

import numpy as np

from imbalance_accessor.evaluation.strategy_scores import ColumnScores, TopLabelScores
from imbalance_accessor.rendering.cells import decimal
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import digits, joined, lowered
from imbalance_accessor.verbs.reliability.calibration_report import CalibrationMetrics
from imbalance_accessor.verbs.reliability.card import dealt, kind_of, showed
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.verdict import (
    departure,
    error_beside_chance,
    headline,
    largest_bin,
    level_after_prior,
    prior_is_rough,
    worst,
)
from imbalance_accessor.verbs.shared.population import brought, said_in_person, shares_said

#: Decimals of the decomposition.
_DECIMALS = 4


def explain(r: ReliabilityData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return _interview(r)
    return [
        *(f"{each}." for each in headline(r)),
        *shares_said(r._first.scored.parts.features),
        _calibrated(r),
        *_brier(r),
        *_odds(r),
        *_shape(r),
        *_error(r),
        _how(r),
        *filter(None, [dealt(r).strip()]),
    ]


def _meant(r: ReliabilityData) -> tuple[str, str]:
    """Return what a row of the outcome is, in the plural and of a single share."""
    if isinstance(r._first, TopLabelScores):
        return "are answered rightly", "answered rightly"
    return "are positive", "positive"


def _raw(r: ReliabilityData) -> CalibrationMetrics:
    return r.report.rows[worst(r), "none"]


def _best(r: ReliabilityData) -> CalibrationMetrics:
    name = worst(r)
    return r.report.rows[name, r.best[name]]


def _spoken_of(r: ReliabilityData) -> tuple[CalibrationMetrics, str]:
    """Return the scores that a sentence can hold against the outcome, and what they are called."""
    name, raw = worst(r), _raw(r)
    who = "the model" if name == "none" else repr(name)
    if isinstance(r.scores_by_strategy[name], ColumnScores):
        who = "the score"
    return (raw, who) if raw.is_probability else (_best(r), f"{who} with {r.best[name]}")


def _definition(r: ReliabilityData) -> str:
    """Say what calibrated means, by a probability that can be had: the likeliest of k classes has at least 1 / k."""
    if not isinstance(r._first, TopLabelScores):
        return f"Calibrated means that of the rows with a probability of about 0.3, about 30 % {_meant(r)[0]}"
    tenths = min(math.ceil(10 * float(np.median(_spoken_of(r)[0].p))), 9)
    return (
        f"Calibrated means that of the rows whose likeliest class has a probability of about {tenths / 10:.1f}, about "
        f"{10 * tenths} % {_meant(r)[0]}"
    )


def _calibrated(r: ReliabilityData) -> str:
    """Say what calibrated means, by the bin that adds most to the calibration error."""
    one = _meant(r)[1]
    definition = _definition(r)
    row, who = _spoken_of(r)
    if row.bins is None:
        return f"{definition}; scores that only rank cannot be held against that."
    at = largest_bin(row)
    rows, bins = int(row.bins.rows[at]), row.bins
    ends = "" if np.isnan(bins.low[at]) else f" [{decimal(bins.low[at])}, {decimal(bins.high[at])}]"
    return (
        f"{definition}; most off, {who} says {decimal(bins.mean[at])} on average to {rows:,} row{'' if rows == 1 else 's'}, of "
        f"which{brought(r.report.weights)} {decimal(bins.share[at])}{ends} {'is' if rows == 1 else 'are'} {one}."
    )


def _brier(r: ReliabilityData) -> list[str]:
    """Take the Brier score apart, and say where the printed sum is off by rounding."""
    parts = _spoken_of(r)[0].parts
    if parts is None:
        return []
    values = [parts.brier, parts.miscalibration, parts.discrimination, parts.uncertainty]
    said = [f"{value:.{_DECIMALS}f}" for value in values]
    whole = [round(float(each) * 10**_DECIMALS) for each in said]
    weighed = brought(r.report.weights).removesuffix(",").replace("their", "the rows'")
    rounded = "" if whole[0] == whole[1] - whole[2] + whole[3] else " (rounded)"
    return [
        f"Its Brier score, the mean of (p − y)²{weighed}, is miscalibration − discrimination + uncertainty: {said[0]} = "
        f"{said[1]} − {said[2]} + {said[3]}{rounded}."
    ]


def _odds(r: ReliabilityData) -> list[str]:
    """Say what the strategy did to the odds, and whether undoing it restores the level."""
    name, report = worst(r), r.report
    odds_shift = report.odds_shift[name]
    if not _raw(r).is_probability or odds_shift == 1:
        return []
    if np.isnan(odds_shift):
        return ["The focal loss draws probabilities towards one half, by no fixed factor of the odds."]
    by = f"multiplied the odds by {digits(odds_shift)}"
    if odds_shift < 1:
        by = f"divided the odds by {digits(1 / odds_shift)}"
    scores = r.scores_by_strategy[name]
    learned = "" if scores.scored.parts.kept is None else ", on the rows that max_rows= leaves,"
    what = f"{_who_shifted(r, name)}{learned} {by}"
    if name not in report.prior_holds:
        return [f"{what}."]
    if not report.prior_holds[name]:
        corrected, truth = level_after_prior(report, name)
        return [f"{what}; undoing that (prior) fails: {corrected} out of fold, where {truth}."]
    mean, share = report.rows[name, "prior"].cv["mean_probability"], report.learned[0]
    rough = f" (only approximately: {report.approximate[name]})" if prior_is_rough(r, name) else ""
    truth = f"a prevalence of {decimal(share)}" if report.at_prevalence else f"{decimal(share)} observed"
    return [
        f"{what}; undoing that (prior) restores the level{rough}, {decimal(mean)} out of fold for {truth}."
    ]


def _who_shifted(r: ReliabilityData, name: str) -> str:
    """Say what moved the odds: the strategy, the sample's share of positives, or both."""
    report, strategy = r.report, repr(r.scores_by_strategy[name].name)
    if name not in report.of_sample or report.weights.factors is None:
        return strategy
    negative, positive = report.weights.factors
    alone = abs(report.odds_shift[name] * positive / negative - 1) < 1e-9
    return f"The sample's share of positives{'' if alone else f' and {strategy}'}"


def _shape(r: ReliabilityData) -> list[str]:
    """Say what is typical of this kind of model, and what this one showed."""
    name = worst(r)
    called, usual = kind_of(r, name)
    if not called or usual.startswith("not known"):
        return [f"Seen in the scores: {showed(r, name)}."] if _raw(r).line is not None else []
    if _raw(r).line is None:
        return [f"{called} gives {usual}."] if usual.startswith("no ") else []
    itself = "" if r.scores_by_strategy[name].name == "none" else " by itself"
    return [f"{called}{itself} is {usual}; seen here: {showed(r, name)}."]


def _error(r: ReliabilityData) -> list[str]:
    """Say how far the diagram is from its diagonal, and how far the chosen calibrator brings it there."""
    raw, best = _raw(r), _best(r)
    found = departure(best)
    if best.bins is None or best.chance is None or found is None:
        return []
    verdict = "beyond chance" if found.error else "within chance"
    if raw is best or raw.bins is None:
        return [f"The mean gap in the bins, {error_beside_chance(best)}, is {verdict}."]
    return [
        f"With {r.best[worst(r)]} the mean gap in the bins, {decimal(raw.error)} before, is {verdict}: "
        f"{error_beside_chance(best)}."
    ]


def _how(r: ReliabilityData) -> str:
    if _spoken_of(r)[0].bins is None:
        return "Only a calibrator such as sigmoid or isotonic makes probabilities of such scores, and none was asked for."
    if len(r.report.rows) == len(r.scores_by_strategy):
        return "Nothing was calibrated; the probabilities were held against what happened."
    rule = f"chosen was {_rule(r)}"
    if len(r._first.scored.parts.test):
        what = "out-of-fold scores" if r._first.chosen_on == "out of fold" else "scores of the training set"
        return f"Calibrators were fitted on {what} and judged once on test; {rule}."
    return f"Calibrators were fitted fold by fold on the other folds; {rule}."


def _rule(r: ReliabilityData) -> str:
    """Say which calibrator is chosen, as `CalibrationReport.chosen` does, of which strategies."""
    rough = [name for name in r.scores_by_strategy if r.report.approximate[name]]
    if len(rough) == len(r.scores_by_strategy):
        return f"the one with the lowest cross-fitted {r.report.loss_name}"
    apart = f", for {joined([repr(name) for name in rough])} the lowest itself" if rough else ""
    return f"the simplest within one standard error of the lowest cross-fitted {r.report.loss_name}{apart}"


def _interview(r: ReliabilityData) -> list[str]:
    judgement = (
        f"by the {r.report.loss_name} and a reliability diagram, since ROC-AUC does not see the level "
        "and accuracy only one threshold"
    )
    calibrated = len(r.report.rows) > len(r.scores_by_strategy)
    technique = ", each calibrator fitted on other rows than it is judged on" if calibrated else ""
    said = "; ".join(lowered(each) for each in headline(r))
    return [
        f"{_definition(r)}, and I judge it {judgement}.",
        f"Here {said}{technique}.",
        *said_in_person(r._first.scored.parts.features),
    ]
