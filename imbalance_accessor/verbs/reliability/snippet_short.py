"""The short code of a `Reliability`: the calibrators that scikit-learn has, side by side on the rows that are reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from imbalance_accessor.evaluation.calibrated_scores import MANY_ROWS
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import FittedScores, TopLabelScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.calibration import log_odds
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, on_one_line
from imbalance_accessor.verbs.reliability import snippet
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.snippet_calibrators import calibrators_of
from imbalance_accessor.verbs.reliability.verdict import prior_is_rough
from imbalance_accessor.verbs.shared.short.program import ShortProgram, short_program

#: Folds in which `CalibratedClassifierCV` takes the scores of a fitted model.
_FOLDS = 5
#: Log odds end here, by which what lies beyond is written.
_MOST = 36


def write(r: ReliabilityData) -> Snippet:
    """Write the comparison as a short program: level, Brier score, ranking and calibration error."""
    writer = Writer()
    short = _read_short(writer, r)
    way = None if short is None else _way(r, short)
    if short is None or way is None:
        return snippet.write(r, short=True)
    write_template(
        writer,
        "reliability/short.py.j2",
        short=short,
        way=way,
        by_deal=short.deals and not short.held_out,
        y=short.y_test if short.held_out else "y_later" if way == "time" else short.y_train,
        **_prior(writer, r),
        **_calibrators(writer, r, short),
        **_bins(r),
    )
    return writer.text()


def _read_short(writer: Writer, r: ReliabilityData) -> ShortProgram | None:
    """Return what the program is made of; None where these are not strategies of one plan."""
    first, every = r._first, list(r.scores_by_strategy.values())
    if not isinstance(first, FittedScores) or isinstance(first, TopLabelScores):
        return None
    if not all(isinstance(each, FittedScores) and each.plan is first.plan for each in every):
        return None
    return short_program(writer, first.plan, first.scored, list(r.scores_by_strategy))


def _way(r: ReliabilityData, short: ShortProgram) -> str | None:
    """Return how calibrators are fitted; None where the longer program says it.

    Returns
    -------
    {"pipelines", "frozen", "scores", "folds", "time"} or None
        Around whole pipelines, or around a fitted one; on all out-of-fold scores, on those of other folds, or of earlier ones.
    """
    first = r._first
    assert isinstance(first, FittedScores)
    if short.held_out and (_has_no_fits(r) or snippet.has_whole_pipelines(r, first.plan, first.scored)):
        return "pipelines"
    if short.held_out and short.fitted:
        return "frozen" if _takes_frozen(first.plan, first.scored) else None
    way = "scores" if short.held_out else "folds" if first.scored.parts.split_by.time is None else "time"
    return way if _reads_scores(r, short, way) else None


def _has_no_fits(r: ReliabilityData) -> bool:
    """Whether no calibrator is fitted."""
    return set(calibrators_of(r)) <= {"prior"}


def _takes_frozen(plan: Plan, scored: CrossValScores) -> bool:
    """Whether `CalibratedClassifierCV` can score a fitted model, in its own folds, by the labels that it knows."""
    fitted, codes = plan.model.classifier, scored.train_codes
    labels = np.unique(plan.reader.labels(codes)).tolist()
    return is_classifier(fitted) and [*fitted.classes_] == labels and np.bincount(codes).min() >= _FOLDS


def _reads_scores(r: ReliabilityData, short: ShortProgram, way: str) -> bool:
    """Whether all calibrators read the scores, or their log odds, of all rows that are scored."""
    scored, margins = r._first.scored, {row.margin for row in r.report.rows.values()}
    is_partial = bool((scored.folds.ids < 0).any())
    return (
        len(margins) == 1
        and not snippet._has_margins(r)
        and not (is_partial and (short.deals or way == "folds"))
        and not (way == "time" and "temperature" in calibrators_of(r))
        and not (way == "folds" and len(r.report.y) > MANY_ROWS)
    )


def _prior(writer: Writer, r: ReliabilityData) -> dict[str, Any]:
    """Return what strategies multiplied the odds of the positive class by; nothing where none did, or not all are known."""
    names = list(r.scores_by_strategy)
    known = all((name, "prior") in r.report.rows for name in names)
    found = {name: round(r.report.odds_shift[name], 12) for name in names} if known else {}
    odds = found if any(shift != 1 for shift in found.values()) else {}
    return {
        "odds": "" if not odds else "odds[name]" if len(names) > 1 else f"{odds[names[0]]:.12g}",
        "odds_by_name": on_one_line(writer.expression(odds)),
        "is_rough": any(prior_is_rough(r, name) for name in names),
    }


def _calibrators(writer: Writer, r: ReliabilityData, short: ShortProgram) -> dict[str, Any]:
    """Return which calibrators are fitted, and what they read."""
    calibrators, scored = [each for each in calibrators_of(r) if each != "prior"], r._first.scored
    by_log_odds = any(row.margin for row in r.report.rows.values())
    return {
        "calibrators": calibrators,
        "calibrators_code": on_one_line(writer.expression(calibrators)),
        "given": "" if not short.weights else "given" if len(r.scores_by_strategy) > 1 else "weights",
        "positive": scored.positive,
        "n_deals": len(scored.folds.deals),
        "is_partial": bool((scored.folds.ids < 0).any()),
        "by_log_odds": by_log_odds,
        "is_clipped": by_log_odds and any(_is_clipped(each) for each in _probabilities(r)),
    }


def _probabilities(r: ReliabilityData) -> Iterator[Floats]:
    for each in r.scores_by_strategy.values():
        for deal in (each.labelled_scores, *each.labelled_scores.again):
            yield from (deal.score_oof[deal.seen], deal.score)


def _is_clipped(p: Floats) -> bool:
    """Whether log odds of some probabilities end where a double holds no more."""
    return bool((np.abs(log_odds(p)) >= _MOST).any())


def _bins(r: ReliabilityData) -> dict[str, Any]:
    """Return the bins of the calibration error."""
    n, by_width = r.binning.n_bins, r.binning.error_rule == "uniform"
    return {"n_bins": n, "equal": "width" if by_width else "mass", "edges": _edges(n, by_width=by_width)}


def _edges(n: int, *, by_width: bool) -> str:
    """Write the inner edges of the bins."""
    if by_width:
        return f"np.linspace(0, 1, {n + 1})[1:-1]"
    shares = f"np.linspace(0, 100, {n + 1})[1:-1]" if 100 % n else f"range({100 // n}, 100, {100 // n})"
    return f"np.percentile(prob, {shares})"
