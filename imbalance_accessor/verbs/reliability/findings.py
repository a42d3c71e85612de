"""What the reader of a `Reliability` must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from imbalance_accessor.errors import Fix, change, counted
from imbalance_accessor.evaluation.findings import FEW_POSITIVES, few_groups, on_all_rows, read_intervals
from imbalance_accessor.evaluation.odd_scores import odd_scores
from imbalance_accessor.evaluation.strategy_scores import StrategyScores, TopLabelScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.verbs.reliability.calibration_report import CalibrationReport
from imbalance_accessor.verbs.reliability.verdict import level_after_prior
from imbalance_accessor.verbs.reliability.worth import amount


def findings_of(
    scores_by_strategy: Mapping[str, StrategyScores], calibrators: Sequence[str], report: CalibrationReport
) -> list[Finding]:
    """Collect what keeps the rows from being read as they stand."""
    return [
        *_odd(scores_by_strategy),
        *_no_probabilities(scores_by_strategy, calibrators),
        *few_groups(next(iter(scores_by_strategy.values())).scored),
        *_few(scores_by_strategy, report),
        *_prior(calibrators, report),
        *_calibrators(scores_by_strategy, calibrators),
        *_worth(scores_by_strategy, report),
    ]


def _odd(scores_by_strategy: Mapping[str, StrategyScores]) -> Iterator[Finding]:
    """Say what is odd of the scores themselves; the likeliest of several classes is right or wrong, which is no class."""
    for scores in scores_by_strategy.values():
        if not isinstance(scores, TopLabelScores):
            yield from odd_scores(scores)


def _without(calibrators: Sequence[str], *names: str) -> Fix:
    """Return the fix that leaves calibrators out."""
    return change(calibrators=[each for each in calibrators if each not in names])


def _no_probabilities(
    scores_by_strategy: Mapping[str, StrategyScores], calibrators: Sequence[str]
) -> Iterator[Finding]:
    names = [
        _called(name)
        for name, strategy_scores in scores_by_strategy.items()
        if not strategy_scores.scored.is_probability
    ]
    if not names:
        return
    sentence = f"The scores of {', '.join(names)} rank, but are no probabilities; calibrate them first."
    asked = [calibrator for calibrator in calibrators if calibrator != "prior"]
    cure = f"Read the rows of {' and '.join(asked)}." if asked else "Use one: calibrators=('sigmoid',)."
    yield Finding("IMB313", "note", sentence, cure)


def _called(name: str) -> str:
    return "the plain model" if name == "none" else repr(name)


def _few(scores_by_strategy: Mapping[str, StrategyScores], report: CalibrationReport) -> Iterator[Finding]:
    positives = int(report.weights.rows(report.y, 2)[1])
    if isinstance(next(iter(scores_by_strategy.values())), TopLabelScores):
        return
    if positives < FEW_POSITIVES:
        few = counted(positives, "positive")
        sentence = f"The rows that are reported hold {few}; below 100 calibration is hard to assess."
        scored = next(iter(scores_by_strategy.values())).scored
        fix = on_all_rows(scored)
        yield Finding("IMB503", "warning", sentence, read_intervals(scored, fix), fix)


def _prior(calibrators: Sequence[str], report: CalibrationReport) -> Iterator[Finding]:
    """Say where the prior correction fails, does nothing, or cannot be had."""
    for name, holds in report.prior_holds.items():
        if holds or report.odds_shift[name] == 1:
            continue
        mean, truth = level_after_prior(report, name)
        sentence = (
            f"The prior correction fails for {_called(name)}: corrected out-of-fold scores have a mean of {mean}, and "
            f"{truth}."
        )
        yield Finding(
            "IMB501", "warning", sentence, "Leave it out, as .best does.", _without(calibrators, "prior")
        )
    still = [_called(name) for name in report.prior_holds if report.odds_shift[name] == 1]
    if still:
        why = (
            "its scores have the prevalence"
            if report.at_prevalence
            else "nothing shifted the class ratio there"
        )
        sentence = f"prior changes nothing for {', '.join(still)}: {why}."
        yield Finding("IMB504", "note", sentence, "Nothing to do.")
    lacking = [
        name for name, calibrator in report.rows if calibrator == "none" and name not in report.prior_holds
    ]
    bent = [name for name in lacking if np.isnan(report.odds_shift[name])]
    if "prior" in calibrators and bent:
        why = "the focal loss draws probabilities towards one half, by no fixed factor of the odds"
        sentence = f"prior has no row for {', '.join(map(_called, bent))}: {why}."
        yield Finding("IMB505", "note", sentence, "Use sigmoid or isotonic.", _without(calibrators, "prior"))
    lacking = [name for name in lacking if name not in bent]
    if "prior" in calibrators and lacking:
        known = [name for name in lacking if np.isnan(report.rows[name, "none"].p).any()]
        why = "its scores are margins, which have no odds" if known else "it is not known how it was trained"
        sentence = f"prior has no row for {', '.join(map(_called, lacking))}: {why}."
        cure = "Use sigmoid or isotonic, which need neither."
        yield Finding("IMB505", "note", sentence, cure, _without(calibrators, "prior"))


def _calibrators(
    scores_by_strategy: Mapping[str, StrategyScores], calibrators: Sequence[str]
) -> Iterator[Finding]:
    labelled_scores = next(iter(scores_by_strategy.values())).labelled_scores
    positives = int(labelled_scores.y_oof[labelled_scores.fold >= 0].sum())
    if "isotonic" in calibrators and positives < FEW_POSITIVES:
        sentence = f"isotonic is fitted on {counted(positives, 'positive')}; below about 100 it overfits."
        yield Finding("IMB502", "note", sentence, "Nothing to do: it is shown, and never chosen.")
    if "temperature" in calibrators:
        sentence = (
            "temperature has no intercept: it moves probabilities towards one half or away from it, and cannot undo a "
            "shift of the class ratio."
        )
        yield Finding(
            "IMB506",
            "note",
            sentence,
            "Use prior, sigmoid or isotonic after resampling or weighting.",
            _without(calibrators, "temperature"),
        )


def _worth(scores_by_strategy: Mapping[str, StrategyScores], report: CalibrationReport) -> Iterator[Finding]:
    """Say where the chosen calibrator changes what decisions cost by more than chance."""
    for name in scores_by_strategy:
        best = report.chosen(name)
        found = report.worth.get((name, best))
        if found is None or not (found.saved[1] > 0 or found.saved[2] < 0):
            continue
        point, *ends = found.saved if found.saved[0] > 0 else [-each for each in found.saved]
        more = f"{amount(point)} [{', '.join(map(amount, sorted(ends)))}] more per 1,000 rows"
        whose = f"the uncalibrated probabilities of {_called(name)}"
        if found.saved[0] > 0:
            sentence = f"Deciding by {whose} costs {more} than by {best}."
            yield Finding("IMB507", "warning", sentence, f"Decide by those of {best}.")
        else:
            sentence = f"Deciding by the probabilities of {best} costs {more} than by {whose}."
            yield Finding("IMB507", "warning", sentence, "Choose the threshold by best_threshold(cost=).")
