"""The code of a `Trace`: the pipeline fitted, and what there is after each of its steps."""

from __future__ import annotations

from imbalance_accessor.modeling.calibrators import Calibrator
from imbalance_accessor.modeling.models import is_search
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import is_drawn_anew, name_of
from imbalance_accessor.verbs.trace.fields import TraceData

#: How the terms are written, with the positive class's column and the sign of its margin.
_TERMS = {
    "coefficients": ["terms = {sign}np.r_[last.intercept_, np.ravel(x) * last.coef_[0]]"],
    "likelihoods": [
        "gaps = (np.ravel(x) - last.theta_) ** 2 / (2 * last.var_)",
        "density = -gaps - np.log(2 * np.pi * last.var_) / 2",
        "prior = np.log(last.class_prior_)",
        "terms = np.r_[prior[{one}] - prior[{other}], density[{one}] - density[{other}]]",
    ],
    "trees": [
        "said = [tree.predict_proba(np.asarray(x))[0, {one}] for tree in last.estimators_]",
        "said = np.array(said)",
        "terms = np.array([said[said >= 0.5].sum(), said[said < 0.5].sum()]) / len(said)",
    ],
    "neighbours": [
        "nearest = last.kneighbors(x, return_distance=False)[0]",
        "terms = (last._y[nearest] == {one}) / len(nearest)",
    ],
}


def write(t: TraceData, style: Style) -> Snippet:
    """Write the fit and the walk through it; the full style scores the row too, where one was asked for."""
    writer = Writer()
    plan, scored = t.strategy_scores.plan, t.strategy_scores.scored
    writer.use_module("pandas", "pd")
    folded = style == "full" and t.contributions is not None and t.contributions.fold >= 0
    snippet_scores.write_data(writer, plan, scored, folded=folded)
    given = snippet_scores.write_pipeline(writer, plan, scored, t.strategy_scores.name)
    if not plan.model.fitted:
        writer.add(snippet_scores.fit_line(scored, given.get("weights", "")))
    _write_walk(writer, t)
    if t.contributions is not None and style == "full":
        if is_drawn_anew(scored.parts):
            said = "The row's score is left out: it may fall into the other part at each draw."
            writer.placeholders.append(said)
        else:
            _write_row(writer, t, given)
    return writer.text()


def _write_walk(writer: Writer, t: TraceData) -> None:
    steps = 'getattr(pipeline, "steps", [])' if t.strategy_scores.plan.model.fitted else f"{_opened(t)}.steps"
    skipped = ['    elif step is None or step == "passthrough":', "        continue"] if _skips(t) else []
    held_out = t.strategy_scores.scored.held_out
    unseen = "*unseen.shape, " if held_out else ""
    begin = "X, y, unseen = X_train, y_train, X_test" if held_out else "X, y = X_train, y_train"
    found, some = f"(*X.shape, {unseen}y.value_counts().to_dict())", list[str]()
    if t.strategy_scores.scored.parts.kept is not None:
        some = ["X, y = X.iloc[kept], y.iloc[kept]", f'stages["max_rows"] = {found}']
    step_by_step = (
        "X, unseen = step.transform(X), step.transform(unseen)" if held_out else "X = step.transform(X)"
    )
    writer.add(
        f"steps = {steps}[:-1]",
        begin,
        f'stages = {{"split": {found}}}',
        *some,
        "for name, step in steps:",
        '    if hasattr(step, "fit_resample"):  # train rows only',
        "        X, y = step.fit_resample(X, y)",
        *skipped,
        "    else:",
        f"        {step_by_step}",
        "    counts = pd.Series(y).value_counts().to_dict()",
        f"    stages[name] = (*X.shape, {unseen}counts)",
        "for name, found in stages.items():",
        "    print(name, *found)",
    )


def _opened(t: TraceData) -> str:
    """Return the fitted pipeline: the best one, where a search stands around it."""
    searched = not t.strategy_scores.plan.model.fitted and is_search(
        t.strategy_scores.plan.candidates[t.strategy_scores.name].estimator
    )
    return "pipeline.best_estimator_" if searched else "pipeline"


def _skips(t: TraceData) -> bool:
    """Whether a step of the user's own pipeline does nothing."""
    return any(step in (None, "passthrough") for _, step in t.strategy_scores.plan.model.before)


def _write_row(writer: Writer, t: TraceData, given: dict[str, str]) -> None:
    """Write the row's score, by the model that has not learned from it, and what it adds up from."""
    plan, scored, contributions = t.strategy_scores.plan, t.strategy_scores.scored, t.contributions
    assert contributions is not None
    row = name_of(contributions.row)
    part = "X_test" if contributions.part == "test" else "X_train"
    writer.add("", f"row = {row}", f"cells = {part}.loc[[row]]")
    if contributions.scorer == "fold":
        writer.use("sklearn.base", "clone")
        weights = ", **given" if given else ""
        writer.add(
            f"seen, _ = folds[{contributions.fold}]  # the folds that have not scored it",
            *(line.strip() for line in snippet_scores.learned_alone(scored)),
            *([f"given = {{key: w[seen] for key, w in {given['weights']}.items()}}"] if given else []),
            "X_seen, y_seen = X_train.iloc[seen], y_train.iloc[seen]",
            f"pipeline = clone(pipeline).fit(X_seen, y_seen{weights})",
        )
    column = snippet_scores.positive_column(plan, scored)
    sign = "-" if not scored.is_probability and scored.positive == 0 else ""
    writer.add(f"score = ({sign}pipeline.{snippet_scores.method(scored)}(cells){column})[0]", "print(score)")
    if contributions.calibrator is not None:
        writer.add(*_at_prevalence(contributions.calibrator))
    if contributions.kind in _TERMS:
        _write_terms(writer, t)


def _at_prevalence(calibrator: Calibrator) -> list[str]:
    """Return the lines that bring a score to the prevalence."""
    if calibrator.name != "prior":
        return [
            f"# .model() has a {calibrator.name} calibrator behind it, which brings this to the prevalence"
        ]
    return [
        "# brought to the prevalence: what the sample and the strategy did to the odds is undone",
        f"odds = score / (1 - score) / {calibrator.odds_shift!r}",
        "print(odds / (1 + odds))",
    ]


def _write_terms(writer: Writer, t: TraceData) -> None:
    """Write what the score is the sum of."""
    plan, scored, contributions = t.strategy_scores.plan, t.strategy_scores.scored, t.contributions
    assert contributions is not None
    positive = scored.positive
    assert positive is not None
    writer.use_module("numpy", "np")
    opened = _opened(t)
    if plan.model.fitted and not hasattr(scored.by_name[t.strategy_scores.name].model, "steps"):
        writer.add("", "x, last = cells, pipeline")
    else:
        writer.add("", f"x, last = cells, {opened}.steps[-1][1]", f"for _, step in {opened}.steps[:-1]:")
        skipped = ' and step not in (None, "passthrough")' if _skips(t) else ""
        writer.add(f'    if hasattr(step, "transform"){skipped}:', "        x = step.transform(x)")
    if contributions.kind == "coefficients" and contributions.unit == "log odds":
        writer.add("# the log odds are a sum: the intercept, then each column's cell times its coefficient")
    values = {"one": positive, "other": 1 - positive, "sign": "" if positive == 1 else "-"}
    writer.add(*(line.format(**values) for line in _TERMS[contributions.kind]), "print(terms, terms.sum())")
