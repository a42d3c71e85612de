"""The short code of a `Reliability`: the calibrators that scikit-learn has, side by side on the rows that are reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from imbalance_accessor.evaluation.calibrated_scores import MANY_ROWS
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, TopLabelScores
from imbalance_accessor.evaluation.table_scores import TableScores
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.calibration import log_odds
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, on_one_line
from imbalance_accessor.verbs.reliability import snippet
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.snippet_calibrators import (
    calibrators_of,
    has_margins,
    has_whole_pipelines,
    margins_beside,
)
from imbalance_accessor.verbs.reliability.snippet_figures import amounts_of, weighs_rows
from imbalance_accessor.verbs.reliability.verdict import prior_is_rough
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.short.column import ColumnNames, write_column
from imbalance_accessor.verbs.shared.short.counts import RowCounts, read_counts
from imbalance_accessor.verbs.shared.short.folds import are_one_object, write_cv
from imbalance_accessor.verbs.shared.short.in_time import in_time
from imbalance_accessor.verbs.shared.short.models import read_models
from imbalance_accessor.verbs.shared.short.program import ShortProgram
from imbalance_accessor.verbs.shared.snippet_weights import has_factors

#: Folds in which `CalibratedClassifierCV` takes the scores of a fitted model.
_FOLDS = 5
#: Log odds end here, by which what lies beyond is written.
_MOST = 36


def write(r: ReliabilityData) -> Snippet:
    """Write the comparison as a short program: level, Brier score, ranking and calibration error."""
    writer, short = Writer(), None
    if not isinstance(r._first, ColumnScores):
        folded = bool(_fitted(r)) or not r._first.scored.held_out
        short = read_models(writer, r.scores_by_strategy, folded=folded)
    way = _way(r, short)
    if way is None:
        return snippet.write(r, short=True)
    write_template(
        writer,
        "reliability/short.py.j2",
        short=short,
        way=way,
        several=len(r.scores_by_strategy) > 1,
        top_class=way == "top class",
        **_names(writer, r, short, way),
        **_folds(writer, r, short, way),
        **_prior(writer, r),
        **_calibrators(writer, r, short),
        **_bins(r),
    )
    return writer.text()


def _way(r: ReliabilityData, short: ShortProgram | None) -> str | None:
    """Return how calibrators are fitted; None where the longer program says it.

    Returns
    -------
    {"pipelines", "frozen", "scores", "folds", "time", "top class"} or None
        Around whole pipelines, or around a fitted one; on all out-of-fold scores, on those of other folds, or of earlier
        ones; or no class is calibrated.
    """
    scored, is_column = r._first.scored, isinstance(r._first, ColumnScores)
    if isinstance(r._first, TableScores):
        return "scores" if scored.held_out else "folds"
    ordered = scored.parts.split_by.time is not None
    if (short is None and not is_column) or _weighs_rarely(r):
        return None
    if isinstance(r._first, TopLabelScores) and (weighs_rows(r) or scored.as_fitted is not None):
        return None
    if isinstance(r._first, TopLabelScores):
        return "top class" if ordered or scored.held_out or (scored.folds.ids >= 0).all() else None
    if scored.held_out and not is_column and (not _fitted(r) or _has_whole_pipelines(r)):
        return "pipelines"
    if short is not None and short.fitted and scored.held_out and _takes_frozen(r):
        return "frozen"
    if margins_beside(r):
        return None
    way = "scores" if scored.held_out else "time" if ordered else "folds"
    return way if _reads_scores(r, way) else None


def _weighs_rarely(r: ReliabilityData) -> bool:
    """Whether rows count in a way that takes more lines: some nothing, or in the order of time by more than one rule."""
    parts = r._first.scored.parts
    own = [each.own for each in (parts.train_weights, parts.test_weights) if each.own is not None]
    ordered = parts.split_by.time is not None and not len(parts.test)
    return not all(each.all() for each in own) or (ordered and bool(own) and has_factors(parts))


def _fitted(r: ReliabilityData) -> list[str]:
    """Return the calibrators that are fitted."""
    return [each for each in calibrators_of(r) if each != "prior"]


def _has_whole_pipelines(r: ReliabilityData) -> bool:
    """Whether `CalibratedClassifierCV` calibrates the pipelines on the folds as we did."""
    first = r._first
    assert isinstance(first, FittedScores)
    plans = [each.plan for each in r.scores_by_strategy.values() if isinstance(each, FittedScores)]
    if "temperature" in _fitted(r) and any(row.margin for row in r.report.rows.values()):
        return False  # its search finds eight digits alone, so that it has to read the same numbers
    by_label = any(snippet_scores.names_labels(plan) for plan in plans)
    return has_whole_pipelines(r, first.plan, first.scored) and (not by_label or has_margins(r))


def _takes_frozen(r: ReliabilityData) -> bool:
    """Whether `CalibratedClassifierCV` can score a fitted model, in its own folds, by the labels that it knows."""
    first = r._first
    assert isinstance(first, FittedScores)
    if weighs_rows(r):  # by which these would be fitted too
        return False
    fitted, codes = first.plan.model.classifier, first.scored.train_codes
    labels = np.unique(first.plan.reader.labels(codes)).tolist()
    is_whole = bool((first.scored.folds.ids >= 0).all())
    enough = np.bincount(codes).min() >= _FOLDS
    return is_whole and is_classifier(fitted) and [*fitted.classes_] == labels and bool(enough)


def _reads_scores(r: ReliabilityData, way: str) -> bool:
    """Whether calibrators read scores, or their log odds, of all rows that folds score."""
    scored, reads = r._first.scored, _reads(r)
    ids = np.array([each.folds.ids for each in (scored, *scored.again)])
    is_column = isinstance(r._first, ColumnScores)
    is_whole = (ids >= 0).all() and not (is_column and way == "folds" and (ids == len(scored.folds)).any())
    return (
        reads != ""
        and not has_margins(r)
        and (is_whole or not (scored.again or way == "folds" or is_column))
        and not (way == "time" and "temperature" in calibrators_of(r))
        and not (way == "folds" and len(r.report.y) > MANY_ROWS)
    )


def _reads(r: ReliabilityData) -> str:
    """Return what calibrators read of scores; nothing where that takes more than a line to say.

    Returns
    -------
    {"scores", "log odds", "clipped log odds", "both", ""}
    """
    margins = {row.margin for row in r.report.rows.values()}
    if margins == {False}:
        return "scores"
    is_clipped = any(np.abs(log_odds(each)).max(initial=0) >= _MOST for each in _probabilities(r))
    if margins == {True}:
        return "clipped log odds" if is_clipped else "log odds"
    return "" if is_clipped or "temperature" in calibrators_of(r) else "both"


def _probabilities(r: ReliabilityData) -> Iterator[Floats]:
    """Yield the probabilities whose log odds calibrators read."""
    for name, each in r.scores_by_strategy.items():
        if r.report.rows[name, "none"].margin:
            for deal in (each.labelled_scores, *each.labelled_scores.again):
                yield from (deal.score_oof[deal.seen], deal.score)


def _names(writer: Writer, r: ReliabilityData, short: ShortProgram | None, way: str) -> dict[str, Any]:
    """Return what scores and outcomes are called, and the lines of those that come in a column."""
    held_out, own = r._first.scored.held_out, replace(writer, lines=[])
    if short is not None:
        names, counts = ColumnNames("oof", short.score, short.y_train, short.y_test), short.counts
    else:
        assert isinstance(r._first, ColumnScores)
        names = write_column(own, r._first)
        counts = read_counts(writer, r._first.scored, names.truth, (names.y_train, names.y_test))
        own.add(*counts.lines(own).splitlines())
    some_margins = bool(margins_beside(r))
    p, y = (names.p_test, names.y_test) if held_out else (names.p_train, names.y_train)
    later = "[later]" if r._first.scored.parts.split_by.time is not None and not held_out else ""
    if later:
        p, y = f"{p}{later}", "y_later"
    return {
        "data": counts.renamed("\n".join(own.lines)),
        "counts": counts,
        "learned": _learned(r, counts),
        "part": "test" if held_out else "train",
        "later": later,
        "w": counts.of("test" if held_out else "train") + later if counts.are_weighted else "",
        "oof": names.p_train,
        "y_train": names.y_train,
        "p": p,
        "outcome": y,
        "y": "is_right" if way == "top class" else y,
        "is_probability": r._first.scored.is_probability or some_margins,
        "some_margins": some_margins,
        "reads_oof": way in ("scores", "folds", "time") or not held_out,
        "reads_test": held_out and not some_margins and (r._first.scored.is_probability or way == "scores"),
    }


def _learned(r: ReliabilityData, counts: RowCounts) -> str:
    """Return how much training rows count where calibrators learn from them: no class less than its rows do."""
    factors = r._first.scored.parts.train_weights.factors
    if factors is None:
        return counts.of("train")
    return f"w_train / {'w_pos' if factors[1] < factors[0] else 'w_neg'}"


def _folds(writer: Writer, r: ReliabilityData, short: ShortProgram | None, way: str) -> dict[str, Any]:
    """Return the folds of scores that nothing is fitted for, and how folds are looped over."""
    scored, own = r._first.scored, replace(writer, lines=[])
    is_partial = bool((scored.folds.ids < 0).any())
    dealt = way in ("folds", "time") or (way == "scores" and is_partial)
    one_model = short is None or (short.fitted and scored.one_model)
    is_there = short is not None and in_time(scored) is not None
    is_table = isinstance(r._first, TableScores)
    if is_table:
        if way == "folds" and _fitted(r):
            own.use("sklearn.model_selection", "PredefinedSplit")
            own.add(f"cv = PredefinedSplit(z % {len(scored.folds)}{' % 2' if _is_halved(scored) else ''})")
    elif one_model and dealt and not is_there and (_fitted(r) or way == "time"):
        write_cv(own, scored, r._first.random_state)
    is_column = isinstance(r._first, ColumnScores)
    return {
        "more_folds": "\n".join(own.lines),
        "by_deal": not scored.held_out and bool(scored.again),
        "n_deals": 1 if one_model else len(scored.folds.deals),
        "folds": "cv" if is_table or are_one_object(scored, r._first.random_state) else "folds",
        "later_folds": "folds" if is_column else "folds[1:]",
        "is_partial": is_partial and not is_column,
    }


def _is_halved(scored: CrossValScores) -> bool:
    """Whether there is so much to learn from that two folds cross-fit."""
    return len(scored.folds.ids) > MANY_ROWS


def _prior(writer: Writer, r: ReliabilityData) -> dict[str, Any]:
    """Return what strategies multiplied the odds of the positive class by, where that is known; nothing where none did."""
    names = list(r.scores_by_strategy)
    known = [name for name in names if (name, "prior") in r.report.rows]
    found = {name: round(r.report.odds_shift[name], 12) for name in known}
    odds = found if any(shift != 1 for shift in found.values()) else {}
    return {
        "odds": "" if not odds else "odds[name]" if len(names) > 1 else f"{odds[names[0]]:.12g}",
        "odds_by_name": on_one_line(writer.expression(odds)),
        "odds_of_all": known == names,
        "is_rough": any(prior_is_rough(r, name) for name in names),
    }


def _calibrators(writer: Writer, r: ReliabilityData, short: ShortProgram | None) -> dict[str, Any]:
    """Return which calibrators are fitted, and what they read."""
    handed = "given" if len(r.scores_by_strategy) > 1 else "weights"
    return {
        "calibrators": _fitted(r),
        "calibrators_code": on_one_line(writer.expression(_fitted(r))),
        "given": handed if short is not None and short.weights else "",
        "positive": r._first.scored.positive,
        "reads": _reads(r),
    }


def _bins(r: ReliabilityData) -> dict[str, Any]:
    """Return the bins of the calibration error."""
    n, by_width = r.binning.n_bins, r.binning.error_rule == "uniform"
    w = r.report.weights.of(r.report.y)
    return {
        "n_bins": n,
        "by_width": by_width,
        "edges": _edges(n, by_width=by_width),
        "shares": f"np.linspace(0, 1, {n + 1})[1:-1]",
        "at_least_one": w is not None and w.mean() >= 1,
        "are_whole": w is not None and not (w % 1).any(),
        "amounts": amounts_of(r),
    }


def _edges(n: int, *, by_width: bool) -> str:
    """Write the inner edges of the bins."""
    if by_width:
        return f"np.linspace(0, 1, {n + 1})[1:-1]"
    shares = f"np.linspace(0, 100, {n + 1})[1:-1]" if 100 % n else f"range({100 // n}, 100, {100 // n})"
    return f"np.percentile(prob, {shares})"
