"""The code of a `Reliability`: plain scikit-learn and numpy that calibrates and judges alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, TopLabelScores
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Group, Snippet, Writer, on_one_line, quoted_code
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.snippet_calibrators import Calibration, is_single, margins_beside
from imbalance_accessor.verbs.reliability.snippet_figures import write_figures
from imbalance_accessor.verbs.reliability.verdict import prior_is_rough
from imbalance_accessor.verbs.shared import snippet_scores, snippet_weights
from imbalance_accessor.verbs.shared.snippet_dealt import scores_of_column, scores_of_fits
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction


def write(r: ReliabilityData, *, short: bool = False) -> Snippet:
    """Write the comparison as a program; a short one has level, Brier score and ranking alone."""
    r = _probabilities_first(r)
    writer, calibration, first = Writer(), Calibration(r), r._first
    if isinstance(first, FittedScores):
        scores = _write_models(writer, r, first, calibration, short=short)
    elif isinstance(first, ColumnScores):
        scores = _write_column(writer, r, first, calibration, short=short)
    write_template(writer, "reliability/full.py.j2", c=calibration, **scores)
    return writer.text()


def _probabilities_first(r: ReliabilityData) -> ReliabilityData:
    """Return the same with models that give probabilities first: the program is written for these."""
    every = r.scores_by_strategy
    return replace(
        r,
        scores_by_strategy={
            name: every[name] for name in sorted(every, key=lambda name: name in margins_beside(r))
        },
    )


def _write_models(
    writer: Writer, r: ReliabilityData, first: FittedScores, calibration: Calibration, *, short: bool
) -> dict[str, Any]:
    """Write rows and pipelines, and return what the lines are written of that score these, out of fold and on the test set."""
    plan, scored = first.plan, first.scored
    snippet_scores.write_data(writer, plan, scored)
    _write_pipelines(writer, r, plan, calibration)
    correction = None
    if isinstance(first, TopLabelScores):
        labels = list(range(len(plan.reader.classes))) if plan.reader.coded else plan.reader.classes.tolist()
        writer.assign("labels", Group("np.array(", (("", writer.expression(labels)),), ")"))
        if calibration.is_weighted:
            snippet_weights.write_classes(writer, scored, coded=plan.reader.coded)
        correction = Correction(plan, scored, (first.name,))
    else:
        snippet_scores.write_sides(writer, scored, coded=plan.reader.coded)
        snippet_weights.write_counted(writer, scored, coded=plan.reader.coded)
    write_figures(writer, r, short=short)
    if correction is not None:
        correction.write(writer)
    if calibration.weight_keys:
        own = _own_weights(writer, r, calibration)
        snippet_scores.write_given(writer, scored, calibration.weight_keys, own)
    return scores_of_fits(
        writer,
        plan,
        scored,
        _column(calibration, plan, scored),
        correction,
        weighted=calibration.has_own or bool(calibration.weight_keys),
        oof=calibration.learns_from_scores or not scored.held_out,
        test=scored.held_out,
        indent=4,
    )


def _column(calibration: Calibration, plan: Plan, scored: CrossValScores) -> str:
    """Return the subscript that picks the scores, all in double precision where some models answer in it."""
    if calibration.is_top_class:
        return snippet_scores.wide(plan, scored)
    wide = ".astype(float)" if is_single(calibration.r) and scored.is_probability else ""
    return snippet_scores.positive_column(plan, scored).removesuffix(wide) + wide


def _own_weights(writer: Writer, r: ReliabilityData, calibration: Calibration) -> dict[str, str]:
    """Return the calls that make row weights of class weights of the user's own, by strategy; empty where there are none."""
    found = {}
    for name in calibration.weight_keys:
        scores = r.scores_by_strategy[name]
        assert isinstance(scores, FittedScores)
        found[name] = snippet_scores.own_weights(writer, scores.plan, scores.name)
    return found


def _write_pipelines(writer: Writer, r: ReliabilityData, plan: Plan, calibration: Calibration) -> None:
    """Write the pipeline of each strategy."""
    estimators = dict[str, Estimator]()
    for name, scores in r.scores_by_strategy.items():
        if isinstance(scores, FittedScores) and not plan.model.fitted:
            estimators[name] = scores.plan.candidates[scores.name].estimator
    left_out = [name for name, each in estimators.items() if not snippet_weights.carries_weights(each)]
    if left_out:
        writer.add(snippet_weights.say_left_out(left_out))
    if calibration.leaves_margins_out:
        margins = margins_beside(r)
        writer.add(f"# left out: {', '.join(margins)}, whose margins take code of their own")
        left_out += margins
    estimators = {name: each for name, each in estimators.items() if name not in left_out}
    columns = r._first.scored.parts.features.columns
    by_row = bool(calibration.weight_keys)
    snippet_scores.name_shared(writer, columns, list(estimators.values()), by_row=by_row)
    known = [name for name in r.report.prior_holds if name in estimators]
    odds = {name: round(r.report.odds_shift[name], 12) for name in known}
    write_template(
        writer,
        "reliability/pipelines.py.j2",
        c=calibration,
        name=next(iter(r.scores_by_strategy)),
        is_passed=plan.model.fitted,
        pipelines={name: on_one_line(writer.expression(each)) for name, each in estimators.items()},
        of_sample=snippet_weights.has_factors(r._first.scored.parts),
        odds=on_one_line(writer.expression(odds)),
        rough=", ".join(quoted_code(name) for name in known if prior_is_rough(r, name)),
    )


def _write_column(
    writer: Writer, r: ReliabilityData, first: ColumnScores, calibration: Calibration, *, short: bool
) -> dict[str, Any]:
    """Write rows, and return what the lines are written of that read their scores."""
    split_by, dealt = first.scored.parts.split_by, calibration.deals > 1
    crossed = bool(calibration.calibrators) or split_by.time is not None or dealt
    scores = scores_of_column(writer, first, folded=crossed and not first.scored.held_out)
    write_figures(writer, r, short=short)
    return scores
