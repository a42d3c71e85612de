"""The sentences of a `Reliability`: what calibrated means here, what the Brier score is made of, and what repairs it."""

from __future__ import annotations

import math

import numpy as np

from imbalance_accessor.fits import ColumnScores, TopClass
from imbalance_accessor.present.cells import decimal
from imbalance_accessor.present.result import Audience
from imbalance_accessor.present.sentences import capital, digits, lowered
from imbalance_accessor.verbs.reliability_data import ReliabilityData
from imbalance_accessor.verbs.reliability_rows import Judged
from imbalance_accessor.verbs.reliability_words import best_of_all, kind_of, showed, title, worst

#: Decimals of the decomposition.
_DECIMALS = 4


def explain(r: ReliabilityData, audience: Audience) -> list[str]:
    """Return the sentences, the answer first."""
    if audience == "interview":
        return _interview(r)
    return [
        f"{capital(title(r))}.",
        _calibrated(r),
        *_brier(r),
        *_odds(r),
        *_shape(r),
        *_error(r),
        _how(r),
        *_others(r),
    ]


def _meant(r: ReliabilityData) -> tuple[str, str]:
    """Return what a row of the outcome is, in the plural and of a single share."""
    if isinstance(r._first, TopClass):
        return "are answered rightly", "answered rightly"
    return "are positive", "positive"


def _raw(r: ReliabilityData) -> Judged:
    return r.judging.rows[worst(r), "none"]


def _repaired(r: ReliabilityData) -> Judged:
    name = worst(r)
    return r.judging.rows[name, r.best[name]]


def _spoken_of(r: ReliabilityData) -> tuple[Judged, str]:
    """Return the scores that a sentence can hold against the outcome, and what they are called."""
    name, raw = worst(r), _raw(r)
    who = "the model" if name == "none" else repr(name)
    if isinstance(r.origins[name], ColumnScores):
        who = "the score"
    return (raw, who) if raw.is_probability else (_repaired(r), f"{who} with {r.best[name]}")


def _definition(r: ReliabilityData) -> str:
    """Say what calibrated means, by a probability that can be had: the likeliest of k classes has at least 1 / k."""
    if not isinstance(r._first, TopClass):
        return f"Calibrated means that of the rows with a probability of about 0.3, about 30 % {_meant(r)[0]}"
    tenths = min(math.ceil(10 * float(np.median(_spoken_of(r)[0].p))), 9)
    return (
        f"Calibrated means that of the rows whose likeliest class has a probability of about {tenths / 10:.1f}, about "
        f"{10 * tenths} % {_meant(r)[0]}"
    )


def _calibrated(r: ReliabilityData) -> str:
    """Say what calibrated means, by the bin that is furthest from it."""
    one = _meant(r)[1]
    definition = _definition(r)
    row, who = _spoken_of(r)
    if row.bins is None:
        return f"{definition}; scores that only rank cannot be held against that."
    at = int(np.abs(row.bins.mean - row.bins.share).argmax())
    rows, bins = int(row.bins.rows[at]), row.bins
    ends = "" if np.isnan(bins.low[at]) else f" [{decimal(bins.low[at])}, {decimal(bins.high[at])}]"
    return (
        f"{definition}; here, in the bin furthest from that, {who} says {decimal(bins.mean[at])} on average to {rows:,} "
        f"row{'' if rows == 1 else 's'}, of which a share of {decimal(bins.share[at])}{ends} is {one}."
    )


def _brier(r: ReliabilityData) -> list[str]:
    """Take the Brier score apart, and say where the printed sum is off by rounding."""
    parts = _spoken_of(r)[0].parts
    if parts is None:
        return []
    values = [parts.brier, parts.miscalibration, parts.discrimination, parts.uncertainty]
    said = [f"{value:.{_DECIMALS}f}" for value in values]
    whole = [round(float(each) * 10**_DECIMALS) for each in said]
    rounded = "" if whole[0] == whole[1] - whole[2] + whole[3] else " (rounded)"
    return [
        f"Its Brier score, the mean of (p − y)², is miscalibration − discrimination + uncertainty: {said[0]} = {said[1]} − "
        f"{said[2]} + {said[3]}{rounded}."
    ]


def _odds(r: ReliabilityData) -> list[str]:
    """Say what the strategy did to the odds, and whether undoing it restores the level."""
    name, judging = worst(r), r.judging
    multiplied = judging.multiplied[name]
    if not _raw(r).is_probability or multiplied == 1:
        return []
    if np.isnan(multiplied):
        return ["The focal loss draws probabilities towards one half, by no fixed factor of the odds."]
    by = f"multiplied the odds by {digits(multiplied)}"
    if multiplied < 1:
        by = f"divided the odds by {digits(1 / multiplied)}"
    what = f"{r.origins[name].name!r} {by}"
    if name not in judging.prior_holds:
        return [f"{what}."]
    mean = judging.rows[name, "prior"].cv["mean_probability"]
    share, low, high = judging.learned
    if judging.prior_holds[name]:
        return [
            f"{what}; undoing that (prior) restores the level, {decimal(mean)} out of fold where {decimal(share)} is true."
        ]
    return [
        f"{what}; undoing that leaves {mean:.4f} out of fold, where {share:.4f} [{low:.4f}, {high:.4f}] is true, so that this "
        "model needs a calibrator."
    ]


def _shape(r: ReliabilityData) -> list[str]:
    """Say what is typical of this kind of model, and what this one showed."""
    name = worst(r)
    called, usual = kind_of(r, name)
    if not called or usual.startswith("not known"):
        return [f"Seen in the scores: {showed(r, name)}."] if _raw(r).line is not None else []
    if _raw(r).line is None:
        return [f"{called} gives {usual}."] if usual.startswith("no ") else []
    itself = "" if r.origins[name].name == "none" else " by itself"
    return [f"{called}{itself} is {usual}; seen here: {showed(r, name)}."]


def _error(r: ReliabilityData) -> list[str]:
    """Say how far the diagram is from its diagonal, and how far the chosen repair brings it there."""
    raw, repaired = _raw(r), _repaired(r)
    if repaired.bins is None or repaired.chance is None:
        return []
    chance = f"by chance alone a calibrated model has up to {repaired.chance.error_high:.3f}"
    if raw is repaired or raw.bins is None:
        return [f"The calibration error, the mean gap in the bins, is {repaired.bins.error:.3f}; {chance}."]
    before, after = f"{raw.bins.error:.3f}", f"{repaired.bins.error:.3f}"
    moved = f"stays at {after}" if before == after else f"goes from {before} to {after}"
    return [f"With {r.best[worst(r)]} the calibration error, the mean gap in the bins, {moved}; {chance}."]


def _how(r: ReliabilityData) -> str:
    if _spoken_of(r)[0].bins is None:
        return "Only a calibrator such as sigmoid or isotonic makes probabilities of such scores, and none was asked for."
    if len(r.judging.rows) == len(r.origins):
        return "Nothing was repaired; the probabilities were held against what happened."
    if len(r._first.scored.parts.test):
        what = f"{'out-of-fold ' if r._first.chosen_on == 'out of fold' else ''}scores of the train part"
        return f"Repairs were fitted on {what}, chosen by their cross-fitted Brier score, and judged once on the test part."
    return "Repairs were fitted fold by fold: each fold was repaired by what was fitted on the others."


def _others(r: ReliabilityData) -> list[str]:
    """Say which of several strategies is best once repaired."""
    name, repair = best_of_all(r)
    brier = r.judging.rows[name, repair].cv["brier"]
    if len(r.origins) == 1 or not np.isfinite(brier):
        return []
    how = "as it is" if repair == "none" else f"with {repair}"
    return [
        f"Of the {len(r.origins)} sets of scores, each with its own repair, {name!r} {how} has the best Brier score out of fold, "
        f"{brier:.4f}; the table has the others."
    ]


def _interview(r: ReliabilityData) -> list[str]:
    judged = "by the Brier score and a reliability diagram, since ROC-AUC does not see the level and accuracy only one cut"
    repaired = len(r.judging.rows) > len(r.origins)
    technique = ", every repair fitted on other rows than those it is judged on" if repaired else ""
    return [f"{_definition(r)}, and I judge it {judged}.", f"Here {lowered(title(r))}{technique}."]
