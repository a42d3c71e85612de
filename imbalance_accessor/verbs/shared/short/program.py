"""What a short program is made of, read from a plan and its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared import snippet_data, snippet_scores
from imbalance_accessor.verbs.shared.short.alike import read_together
from imbalance_accessor.verbs.shared.short.counts import RowCounts, read_counts
from imbalance_accessor.verbs.shared.short.exactness import SeenRows
from imbalance_accessor.verbs.shared.short.fits import weighted_fits
from imbalance_accessor.verbs.shared.short.folds import are_one_object, write_cv
from imbalance_accessor.verbs.shared.short.in_time import InTime, in_time
from imbalance_accessor.verbs.shared.short.outcome import Outcome
from imbalance_accessor.verbs.shared.short.pipelines import Recipes, inlined
from imbalance_accessor.verbs.shared.short.prevalence import AtPrevalence, at_prevalence, is_rare
from imbalance_accessor.verbs.shared.snippet_data import has_own
from imbalance_accessor.verbs.shared.snippet_weights import has_factors


@dataclass(frozen=True)
class ShortProgram:
    """The parts of a short program, as code.

    Attributes
    ----------
    data : str
        From ``df`` to the parts and the folds.
    definitions : dict of str to str
        Variables that pipelines share.
    pipes : dict of str to str
        Each strategy's pipeline.
    resamples : bool
        Whether a sampler stands in any.
    cv : str
        What ``cross_val_predict`` takes as ``cv``.
    folds : str
        What a loop over pairs of rows that are seen, and rows that are scored, goes through.
    y_train, y_test : str
        The outcome, true where a row is positive.
    sides : str
        Lines that make it, where labels are fitted.
    deals : bool
        Whether folds are dealt several times: then a loop over ``deals`` stands around what is done with them.
    weights : dict of str to str
        What the fits of some strategies are handed, where a classifier takes class weights no other way.
    one_by_one : bool
        Whether folds are fitted in a loop: `cross_val_predict` would leave rows out, or hand on codes for labels.
    kept : bool
        Whether some training rows alone are learned from: ``kept``.
    fitted : bool
        Whether the model is one that was passed, and only scored.
    held_out : bool
        Whether there is a test set.
    method : str
        ``predict_proba`` or ``decision_function``.
    column : str
        The subscript that picks the positive class's scores.
    n_classes : int
        Of several classes, their number; else 0.
    wide : str
        What makes of single precision what metrics add up as we do.
    sign : str
        A minus where margins point to the other class.
    is_told : tuple of (str, str)
        What stands around predicted labels to make truth values of them; nothing where they are such already.
    counts : RowCounts
        How much rows count in figures.
    count_lines : str
        The lines that say so.
    fits_weighted : bool
        Whether pipelines are fitted by a function, `fit`, to rows that have weights of their own.
    asking : list of str
        The steps of ``pipe`` that scikit-learn hands row weights on to, where it needs no such function.
    brought : AtPrevalence or None
        How scores come to the prevalence.
    scores_some : bool
        Whether the folds leave training rows unscored.
    """

    data: str
    definitions: Mapping[str, str]
    pipes: Mapping[str, str]
    resamples: bool
    cv: str
    folds: str
    y_train: str
    y_test: str
    sides: str
    deals: bool
    weights: Mapping[str, str]
    one_by_one: bool
    kept: bool
    fitted: bool
    held_out: bool
    method: str
    column: str
    n_classes: int
    wide: str
    sign: str
    is_told: tuple[str, str]
    counts: RowCounts
    count_lines: str
    fits_weighted: bool
    asking: Sequence[str]
    brought: AtPrevalence | None
    scores_some: bool

    @property
    def pipe(self) -> str:
        """The pipeline, of a program that has one."""
        (code,) = self.pipes.values()
        return code

    @property
    def y_fold(self) -> str:
        """The outcome of the rows that a fold scores."""
        return f"{self.y_train}{'' if self.sides else '.iloc'}[fold]"

    @property
    def score(self) -> str:
        """What scores are called: probabilities ``p``."""
        return "p" if self.method == "predict_proba" else "score"


def short_program(
    writer: Writer,
    plan: Plan,
    scored: CrossValScores,
    names: Sequence[str],
    *,
    folded: bool = True,
    routes: bool = False,
) -> ShortProgram | None:
    """Read what a short program of some strategies is made of; None where it would not give the same numbers.

    Parameters
    ----------
    writer : Writer
        Which imports what the expressions need.
    plan : Plan
    scored : CrossValScores
    names : sequence of str
        The strategies to write.
    folded : bool, default True
        Whether the program reads the folds.
    routes : bool
        Whether scikit-learn may hand row weights on to the steps of ``pipe``, which are then asked to take them.
    """
    if is_long(plan, scored, names):
        return None
    seen, outcome = SeenRows(plan, scored), Outcome(plan, scored, names)
    fits, asking, one_by_one = None, list[str](), _one_by_one(plan, scored, outcome)
    if has_own(scored.parts.features) and not plan.model.fitted:
        routes = routes and not one_by_one and scored.parts.kept is None
        pipes = Recipes(Writer(), plan, seen).pipelines(names)[1]
        fits = weighted_fits(plan, pipes, len(seen.columns.categorical))
        if fits is None:
            return None
        asking = fits.asking if routes else []
        if not asking:
            fits.write(writer)
    if plan.model.fitted:
        definitions, pipes = dict[str, str](), {"none": "model"}
    else:
        definitions, pipes = inlined(*Recipes(writer, plan, seen).pipelines(names))
    fits_weighted = fits is not None and not asking
    counts = read_counts(writer, scored, outcome.around_all, outcome.variables)
    cv, folds = _pairs(plan, scored)
    return ShortProgram(
        counts.renamed(_data(writer, plan, scored, outcome, folded=folded)),
        definitions,
        pipes,
        _resamples(plan, names),
        "learned" if scored.parts.kept is not None else cv,
        folds,
        *outcome.variables,
        outcome.sides(writer),
        bool(scored.again),
        _weights(writer, plan, scored, names, pipes),
        fits_weighted or one_by_one or (scored.parts.kept is not None and bool(scored.again)),
        scored.parts.kept is not None,
        plan.model.fitted,
        scored.held_out,
        snippet_scores.method(scored),
        f"[:, {scored.positive}]" if scored.is_probability and scored.positive is not None else "",
        len(plan.reader.classes) if scored.positive is None else 0,
        snippet_scores.wide(plan, scored),
        "-" if scored.positive == 0 and not scored.is_probability else "",
        outcome.is_told,
        counts,
        counts.lines(writer),
        fits_weighted,
        asking,
        at_prevalence(writer, scored, names),
        bool((scored.folds.ids < 0).any()),
    )


def _resamples(plan: Plan, names: Sequence[str]) -> bool:
    """Whether a sampler stands in any pipeline, a strategy's or that of a model of the user's own."""
    if plan.model.fitted:
        return False
    every = [plan.candidates[name] for name in names]
    inside = (step for each in every for _, step in getattr(each.estimator, "steps", ()))
    return any(each.strategy.resamples for each in every) or any(
        hasattr(step, "fit_resample") for step in inside
    )


def is_long(plan: Plan, scored: CrossValScores, names: Sequence[str]) -> bool:
    """Whether the longer program is written: row weights, a prevalence, and what few frames and models ask for."""
    by_row = bool(snippet_scores.weight_keys(plan, scored, names))
    return (
        (by_row and has_own(scored.parts.features))
        or is_rare(scored, names)
        or bool(scored.positive is None and _is_long_of_classes(plan, scored))
    )


def _is_long_of_classes(plan: Plan, scored: CrossValScores) -> bool:
    """Whether scikit-learn's metrics do not take the labels of several classes as they stand."""
    codes, k = scored.reported_codes, len(plan.reader.classes)
    at_shares = has_factors(scored.parts)
    counted_twice = at_shares and (has_own(scored.parts.features) or not scored.parts.is_stratified)
    return counted_twice or len(np.unique(codes)) < k or plan.model.fitted


def _pairs(plan: Plan, scored: CrossValScores) -> tuple[str, str]:
    """Return how folds are handed to `cross_val_predict`, and how they are looped over."""
    if are_one_object(scored, plan.random_state):
        return "cv", "cv.split(X_train, y_train)"
    return "folds", "folds"


def _weights(
    writer: Writer, plan: Plan, scored: CrossValScores, names: Sequence[str], pipes: Mapping[str, str]
) -> dict[str, str]:
    """Write what `fit` is handed; `make_pipeline` names a step after its class."""
    found = {}
    for name, named in snippet_scores.weight_keys(plan, scored, names).items():
        step = type(plan.candidates[name].estimator.steps[-1][1]).__name__.lower()
        prefix = f"{step}__" if pipes[name].startswith("make_pipeline") else ""
        key = named if pipes[name].startswith("Pipeline") else f"{prefix}sample_weight"
        own = snippet_scores.own_weights(writer, plan, name) or snippet_scores.balanced(writer, scored)
        found[name] = f'{{"{key}": {own}}}'
    return found


def _one_by_one(plan: Plan, scored: CrossValScores, outcome: Outcome) -> bool:
    if (scored.folds.ids < 0).any():
        return True
    if outcome.is_side:
        return False
    return snippet_scores.names_labels(plan) or not snippet_scores.all_named(plan, scored)


def _data(writer: Writer, plan: Plan, scored: CrossValScores, outcome: Outcome, *, folded: bool) -> str:
    """Write the lines from ``df`` to the parts and the folds."""
    own = replace(writer, lines=[])
    parts, reader, target = scored.parts, plan.reader, scored.parts.features.target
    cells: dict[str, Any] = {"plain": not reader.as_is, "raw": plan.model.reads_raw}
    if _takes_one_fold(scored) and (outcome.can_compare or not reader.coded):
        in_frame = parts.features.in_frame
        snippet_data.write_labels(own, target, in_frame=in_frame, with_features=True, around=outcome.compared)
        snippet_data.write_features(own, parts.features, reader.names, **cells)
        groups, n = snippet_data.groups_code(own, parts), scored.folds.made
        seed = parts.split_by.random_state
        write_template(own, "shared/short/groups.py.j2", groups=groups, n=n, seed=seed)
        return "\n".join(read_together(own.lines))
    times = in_time(scored)
    if times is None:
        snippet_data.write_parts(own, parts, reader.names, **cells, around=outcome.compared)
    else:
        _write_in_time(own, plan, scored, times, cells, outcome)
    snippet_data.write_outcome(own, target, divided=scored.held_out)
    if outcome.is_compared_later:
        own.add(outcome.later)
    elif reader.coded and not outcome.can_compare:
        snippet_scores.write_codes(own, target, divided=scored.held_out)
    if parts.kept is not None:
        snippet_data.write_kept(own, parts, "y_train", parts.learned_outcome)
    needs_none = plan.model.fitted and scored.one_model and not scored.again
    if folded and times is None and not needs_none:
        write_cv(own, scored, plan.random_state)
    return "\n".join(read_together(own.lines))


def _write_in_time(
    writer: Writer,
    plan: Plan,
    scored: CrossValScores,
    times: InTime,
    cells: dict[str, Any],
    outcome: Outcome,
) -> None:
    """Write the lines from ``df`` to the parts and the folds, which follow each other in time."""
    parts, features = scored.parts, scored.parts.features
    snippet_data.write_labels(
        writer, features.target, in_frame=features.in_frame, with_features=True, around=outcome.compared
    )
    snippet_data.write_features(writer, features, plan.reader.names, **cells)
    snippet_data.write_own(writer, features)
    time = snippet_data.ruling_column(writer, parts, parts.split_by.time)
    values = {"t": times, "time": time, "has_own": snippet_data.has_own(features)}
    write_template(writer, "shared/short/in_time.py.j2", **values)


def _takes_one_fold(scored: CrossValScores) -> bool:
    """Whether the test set is the first of the folds that groups are dealt to, and the training set is dealt alike."""
    parts, split_by = scored.parts, scored.parts.split_by
    if split_by.groups is None or split_by.own_test or not len(parts.test) or parts.kept is not None:
        return False
    target, folds = parts.features.target, scored.folds
    dealt = split_by.group_share(parts.features.X[split_by.groups].nunique())
    plain = not (target.needs_codes or target.is_one_vs_rest or parts.has_fewer_rows or folds.again)
    return (
        plain and dealt == (1, folds.made) and folds.made == len(folds) and split_by.random_state is not None
    )
