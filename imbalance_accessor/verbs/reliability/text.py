"""The sentences of a `Reliability`: what calibrated means here, the parts of the Brier score, and what calibrates."""

from __future__ import annotations

import math

import numpy as np

from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, TopLabelScores
from imbalance_accessor.rendering.cells import decimal
from imbalance_accessor.rendering.result import Audience
from imbalance_accessor.rendering.sentences import capital, digits, joined, most_important
from imbalance_accessor.verbs.reliability.calibration_report import CalibrationMetrics
from imbalance_accessor.verbs.reliability.card import dealt, kind_of
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.verdict import (
    called,
    departure,
    error_beside_chance,
    headline,
    largest_bin,
    level_after_prior,
    loss_text,
    needs_none,
    prior_is_rough,
    recommended,
    short_loss,
    where,
    worst,
)
from imbalance_accessor.verbs.reliability.worth import (
    PURPOSE,
    averaged,
    sentences,
    spoken_worth,
)
from imbalance_accessor.verbs.shared.held_out import held_back, split_said
from imbalance_accessor.verbs.shared.population import brought, said_in_person, shares_said

#: Decimals of the decomposition, or three digits of the score where that takes more.
_DECIMALS = 4


def explain(r: ReliabilityData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return _interview(r)
    return most_important(
        [
            *(f"{capital(each)}." for each in headline(r)),
            *([] if r.report.costs is None else sentences(r)),
            *averaged(r),
            *filter(None, [dealt(r).strip()]),
            *([] if _raw(r).is_probability else _shape(r)),
            *split_said(r._first.scored.parts),
            *shares_said(r._first.scored.parts.features),
            *_odds(r),
            *_calibrated(r),
            *_error(r),
            *_brier(r),
            *_how(r),
            *([PURPOSE] if r.report.costs is None else []),
            *(_shape(r) if _raw(r).is_probability else []),
        ]
    )


def _meant(r: ReliabilityData) -> str:
    """Return what rows of the outcome are."""
    return "are classified correctly" if isinstance(r._first, TopLabelScores) else "are positive"


def _raw(r: ReliabilityData) -> CalibrationMetrics:
    return r.report.rows[worst(r), "none"]


def _best(r: ReliabilityData) -> CalibrationMetrics:
    name = worst(r)
    return r.report.rows[name, r.best[name]]


def _spoken_of(r: ReliabilityData) -> CalibrationMetrics:
    """Return the scores that a sentence can hold against the outcome."""
    raw = _raw(r)
    return raw if raw.is_probability else _best(r)


def _definition(r: ReliabilityData) -> str:
    """Say what calibrated means, by a probability that can be had: the likeliest of k classes has at least 1 / k."""
    tenths = 3
    if isinstance(r._first, TopLabelScores):
        tenths = min(math.ceil(10 * float(np.median(_spoken_of(r).p))), 9)
    return f"of the rows with a probability of {tenths / 10:.1f}, {10 * tenths} % {_meant(r)}"


def _calibrated(r: ReliabilityData) -> list[str]:
    """Name the bin that adds most to the calibration error."""
    row = _spoken_of(r)
    if row.bins is None:
        return []
    at = largest_bin(row)
    rows, bins = int(row.bins.rows[at]), row.bins
    ends = "" if np.isnan(bins.low[at]) else f" [{decimal(bins.low[at])}, {decimal(bins.high[at])}]"
    weighed = brought(r.report.weights, r._first.scored.parts.features)
    off = "Most off is 1 row" if rows == 1 else f"Most off are {rows:,} rows"
    return [
        f"{off} at {decimal(bins.mean[at])}, of which{weighed} {decimal(bins.share[at])}{ends} {_meant(r)}."
    ]


def _brier(r: ReliabilityData) -> list[str]:
    """Take the Brier score apart, and say where the printed sum is off by rounding."""
    parts = _spoken_of(r).parts
    if parts is None:
        return []
    values = [parts.brier, parts.miscalibration, parts.discrimination, parts.uncertainty]
    decimals = max(_DECIMALS, 2 - math.floor(math.log10(parts.brier))) if parts.brier > 0 else _DECIMALS
    said = [f"{value:.{decimals}f}" for value in values]
    whole = [round(float(each) * 10**decimals) for each in said]
    rounded = "" if whole[0] == whole[1] - whole[2] + whole[3] else " (rounded)"
    return [
        f"The Brier score is miscalibration − discrimination + uncertainty: {said[0]} = {said[1]} − {said[2]} + "
        f"{said[3]}{rounded}."
    ]


def _odds(r: ReliabilityData) -> list[str]:
    """Say what the strategy did to the odds, and whether undoing it restores the level."""
    name, report = worst(r), r.report
    odds_shift = report.odds_shift[name]
    if not _raw(r).is_probability or odds_shift == 1:
        return []
    if np.isnan(odds_shift):
        return ["The focal loss draws probabilities towards one half."]
    by = f"multiplied the odds by {digits(odds_shift)}"
    if odds_shift < 1:
        by = f"divided the odds by {digits(1 / odds_shift)}"
    scores = r.scores_by_strategy[name]
    learned = "" if scores.scored.parts.kept is None else ", on the rows of max_rows=,"
    what = f"{_who_shifted(r, name)}{learned} {by}"
    if name not in report.prior_holds:
        return [f"{what}."]
    if not report.prior_holds[name]:
        corrected, truth = level_after_prior(report, name)
        return [
            f"{what}.",
            f"Undoing that (prior) fails: the mean is {corrected} out of fold, where {truth}.",
        ]
    mean, share = report.rows[name, "prior"].cv["mean_probability"], report.learned[0]
    rough = " roughly" if prior_is_rough(r, name) else ""
    truth = f"a prevalence of {decimal(share)}" if report.at_prevalence else f"{decimal(share)} observed"
    return [
        f"{what}; undoing that (prior) restores the level{rough}: {decimal(mean)} out of fold for {truth}."
    ]


def _who_shifted(r: ReliabilityData, name: str) -> str:
    """Say what moved the odds: the strategy, the sample's share of positives, or both."""
    report, scores = r.report, r.scores_by_strategy[name]
    strategy, factors = repr(scores.name), scores.scored.parts.train_weights.factors
    if name not in report.of_sample or factors is None:
        return strategy
    negative, positive = factors
    alone = abs(report.odds_shift[name] * positive / negative - 1) < 1e-9
    return f"The sample's share of positives{'' if alone else f' and {strategy}'}"


def _shape(r: ReliabilityData) -> list[str]:
    """Say what is typical of this kind of model."""
    kind, usual = kind_of(r, worst(r))
    if not kind or usual.startswith("not known"):
        return []
    if _raw(r).line is None:
        return [f"{kind} gives {usual}."] if usual.startswith("no ") else []
    return [f"{kind} is by itself {usual}."]


def _error(r: ReliabilityData) -> list[str]:
    """Say how far the chosen calibrator brings the diagram to its diagonal."""
    raw, best = _raw(r), _best(r)
    found = departure(best)
    if raw is best or best.bins is None or best.chance is None or found is None or needs_none(r, worst(r)):
        return []
    verdict = "beyond chance" if found.error else "within chance"
    return [f"With {r.best[worst(r)]} the {error_beside_chance(best)} is {verdict}."]


def _how(r: ReliabilityData) -> list[str]:
    if _spoken_of(r).bins is None:
        return ["Fit sigmoid or isotonic first, and then read them as risks."]
    if len(r.report.rows) == len(r.scores_by_strategy):
        return ["Nothing was calibrated."]
    fitted = "Calibrators were fitted fold by fold on the other folds."
    if len(r._first.scored.parts.test):
        what = "out-of-fold scores" if r._first.chosen_on == "out of fold" else "scores of the training set"
        fitted = f"Calibrators were fitted on {what}, and scored once on test."
    return [fitted, f"Chosen was {_rule(r)}."]


def _rule(r: ReliabilityData) -> str:
    """Say which calibrator is chosen, as `CalibrationReport.chosen` does, of which strategies."""
    rough = [name for name in r.scores_by_strategy if r.report.approximate[name]]
    if len(rough) == len(r.scores_by_strategy):
        return f"the one with the lowest cross-fitted {r.report.loss_name}"
    apart = f", for {joined([repr(name) for name in rough])} the lowest itself" if rough else ""
    return f"the simplest within one standard error of the lowest cross-fitted {r.report.loss_name}{apart}"


def _interview(r: ReliabilityData) -> list[str]:
    """Say what calibrated means, how far the scores are from it, and what would be done, as a candidate would."""
    shares = said_in_person(r._first.scored.parts.features)
    meaning = shares or f"I call scores calibrated if, {_definition(r)}."
    return [meaning, spoken_worth(r) or _level(r), _advice(r)]


def _level(r: ReliabilityData) -> str:
    """Say what the worst scores say on average, and what is observed."""
    row, name = _spoken_of(r), worst(r)
    if row.bins is None:
        return "My scores only rank the rows, so they are no probabilities."
    who = "my model" if name == "none" else repr(name)
    if isinstance(r.scores_by_strategy[name], ColumnScores):
        who = "my score"
    elif row is not _raw(r):
        who += f" with {r.best[name]}"
    mean, observed = decimal(row.figures.points["mean_probability"]), decimal(r.report.prevalence[0])
    found, so = departure(row), ""
    if found is not None:
        so = f", which is {found.level}" if found.level else ", which is within chance"
    if found is not None and found.error and not found.level:
        so = ", but single bins are off beyond chance"
    return f"On average{_held_back(r)} {who} says {mean} where {observed} {_meant(r)}{so}."


def _held_back(r: ReliabilityData) -> str:
    """Say that the rows are those of groups, or of a time, that the scores did not learn from."""
    scores = r.scores_by_strategy[worst(r)]
    known = isinstance(scores, FittedScores) and not scores.plan.model.fitted
    rows = held_back(r._first.scored.parts, "") if known or where(r) == "on test" else ""
    return f" over {rows.removeprefix('on ')}" if rows else ""


def _advice(r: ReliabilityData) -> str:
    """Say which scores and calibrator would be used, those that the headline calls best overall, and the price."""
    name, best = recommended(r)
    asked, several = len(r.report.rows) > len(r.scores_by_strategy), len(r.scores_by_strategy) > 1
    raw, row = r.report.rows[name, "none"], r.report.rows[name, best]
    loss = row.figures.points[r.report.loss]
    needless = needs_none(r, name)
    if several and best == "none" and raw.is_probability and (asked or name != worst(r)):
        better = ", and no calibrator does clearly better" if asked else ""
        better = ", and it shows no sign of miscalibration" if needless else better
        return f"I would use {called(r, name)}, uncalibrated: its {r.report.loss_name} is {loss_text(loss)} {where(r)}{better}."
    if not asked:
        return "I have not calibrated: that would change the level and keep the order of the rows."
    if needless:
        return "I leave them as they are: at this size nothing shows that they need a calibrator, which could overfit."
    if best == "none":
        return "I leave them as they are: no calibrator does clearly better, and each could overfit."
    which = "the prior correction" if best == "prior" else best
    which = f"{called(r, name)} with {which}" if several else which
    if not loss < raw.figures.points.get(r.report.loss, np.inf) and raw.is_probability:
        return f"I chose {which} out of fold, but {where(r)} it gains nothing: {short_loss(r)} {loss_text(loss)}."
    price = "can overfit few rows" if best == "isotonic" else "ranks the rows no better"
    return f"I would use {which}, which brings the {r.report.loss_name} to {loss_text(loss)} but {price}."
