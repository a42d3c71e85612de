"""The lines of a snippet from ``df`` to scores: rows, folds, pipelines, out-of-fold and test scores."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import Any

import pandas as pd

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.target import Target
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.modeling.models import NAMED, estimators_inside, is_search, needs_codes
from imbalance_accessor.modeling.pipelines import fit_params
from imbalance_accessor.modeling.strategies import NAMES, Estimator
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import (
    CODE_WIDTH,
    Group,
    Writer,
    code_of,
    on_one_line,
    quoted_code,
)
from imbalance_accessor.verbs.shared import snippet_data
from imbalance_accessor.verbs.shared.snippet_data import has_own, name_of, write_parts
from imbalance_accessor.verbs.shared.snippet_weights import define_pipeline

#: Code of a step that is written again rather than named.
_SHORT = 40
#: Names that the lines of a snippet have for themselves.
_TAKEN = {
    *("df", "test", "model", "X", "y", "np", "pd", "codes", "deal", "folds", "groups", "time", "held_out"),
    *("X_train", "X_test", "y_train", "y_test", "is_train", "is_test", "groups_train", "time_train"),
    *("order", "rows", "name", "numeric", "categorical", "strategies", "pipeline", "figures"),
    *("best_threshold", "clone", "wilson", "draws"),
}


def write_data(writer: Writer, plan: Plan, scored: CrossValScores, *, folded: bool = True) -> None:
    """Write the parts, the outcome and, where they are wanted, the folds."""
    reader, target = plan.reader, scored.parts.features.target
    write_parts(writer, scored.parts, reader.names, plain=not reader.as_is, raw=plan.model.reads_raw)
    snippet_data.write_outcome(writer, target, divided=scored.held_out)
    if reader.coded:
        write_codes(writer, target, divided=scored.held_out)
    if scored.parts.kept is not None:
        snippet_data.write_kept(writer, scored.parts, "y_train", scored.parts.learned_outcome)
    if folded:
        snippet_data.write_folds(writer, scored.parts, scored.folds, plan.random_state)
    writer.add("")


def write_codes(writer: Writer, target: Target, *, divided: bool = True) -> None:
    """Write the labels as codes."""
    if target.is_one_vs_rest:
        return
    snippet_data.write_code_map(writer, target)
    # of categories `map` makes categories
    coded = ".map(codes)" + ".astype(int)" * isinstance(target.labels.dtype, pd.CategoricalDtype)
    write_template(writer, "shared/parts/outcome.py.j2", learned=coded, divided=divided)


def name_shared(
    writer: Writer,
    columns: Columns,
    estimators: list[Estimator],
    *,
    by_row: bool = False,
) -> None:
    """Give names to lists of columns and to long steps that several pipelines have alike; define what they are made of.

    Each pipeline gets a clone of its own, or fitting one of them would fit the step of another anew. For ``by_row`` see
    `define_pipeline`.
    """
    define_pipeline(writer, estimators, by_row=by_row)
    text = "".join(code_of(estimator) for estimator in estimators)
    for variable, names in (("numeric", columns.numeric), ("categorical", columns.categorical)):
        if text.count(code_of(list(names))) > 1 and names:
            writer.name(variable, list(names))
    uses: dict[str, list[tuple[str, Estimator]]] = {}
    for estimator in estimators:
        pipeline = estimator.estimator if is_search(estimator) else estimator
        for name, step in getattr(pipeline, "steps", []):
            if hasattr(step, "transform") and len(code_of(step)) > _SHORT:
                uses.setdefault(code_of(step), []).append((name, step))
    taken: dict[str, int] = {}
    for shared in (steps for steps in uses.values() if len(steps) > 1 and _is_free(steps[0][0])):
        name, step = shared[0]
        taken[name] = count = taken.get(name, 0) + 1
        variable = name if count == 1 else f"{name}_{count}"
        writer.use("sklearn.base", "clone")
        writer.name(variable, step, used_as=f"clone({variable})")


def _is_free(name: str) -> bool:
    """Whether a step's name can be a variable's."""
    return name.isidentifier() and not iskeyword(name) and name not in _TAKEN and not hasattr(builtins, name)


def write_sides(writer: Writer, scored: CrossValScores, *, coded: bool) -> None:
    """Write ``is_train`` and ``is_test``: whether each row is positive."""
    parts = scored.parts
    for part, rows in {"train": parts.train, "test": parts.test}.items():
        if part == "train" or len(rows):
            side = _is_positive(f"y_{part}", scored, coded=coded, dtype=str(rows.y.dtype))
            writer.add(f"is_{part} = {f'({side})' if ' ' in side or side[0] == '~' else side}.to_numpy()")


def _is_positive(labels: str, scored: CrossValScores, *, coded: bool, dtype: str = "") -> str:
    """Return the code that says which labels, known or predicted, are those of the positive class."""
    target = scored.parts.features.target
    if target.of_truth_values and not coded and not target.is_one_vs_rest:
        end = "" if dtype == "bool" else ".astype(bool)"
        return f"{'' if target.pos_label else '~'}{labels}{end}"
    label = repr(scored.positive) if coded else name_of(target.pos_label)
    return labels if target.is_one_vs_rest else f"{labels} == {label}"


def write_pipeline(writer: Writer, plan: Plan, scored: CrossValScores, name: str) -> dict[str, Any]:
    """Write one strategy's ``pipeline``, and return what `score_lines` must know of its weights."""
    if plan.model.fitted:
        writer.add("pipeline = model  # the fitted classifier that you passed")
        return {}
    candidate, keys = plan.candidates[name], weight_keys(plan, scored, [name])
    name_shared(writer, scored.parts.features.columns, [candidate.estimator], by_row=bool(keys))
    if candidate.strategy.resamples:
        writer.add("# the sampler stands inside the pipeline: it never sees the rows that are scored")
    writer.assign("pipeline", writer.expression(candidate.estimator))
    given = {"sample_weight": "own_train"} if has_own(scored.parts.features) else {}
    for key in keys.values():
        given[key] = own_weights(writer, plan, name) or balanced(writer, scored)
    if not given:
        return {}
    parts = [f'"{key}": {each}' for key, each in given.items()]
    if len(parts) == 1:
        writer.add(f"weights = {{{parts[0]}}}")
    else:
        writer.assign("weights", Group("{", tuple(("", each) for each in parts), "}"))
    return {"params": ", params=weights", "weights": "weights"}


def weight_keys(plan: Plan, scored: CrossValScores, names: Iterable[str]) -> dict[str, str]:
    """Return the fit parameter by which each strategy's sample weights reach its classifier, where they do."""
    y = plan.reader.labels(scored.train_codes)
    given = {name: list(fit_params(plan.candidates[name].strategy, plan.model, y)) for name in names}
    return {name: keys[0] for name, keys in given.items() if keys}


def write_given(
    writer: Writer, scored: CrossValScores, keys: Mapping[str, str], own: Mapping[str, str]
) -> None:
    """Write ``given``: the sample weights that each strategy's ``fit`` is handed, by strategy and fit parameter."""
    if not all(own[name] for name in keys):
        writer.add(f"weight = {balanced(writer, scored)}")
    parts = [
        (f"{quoted_code(name)}: ", Group("{", ((f'"{key}": ', own[name] or "weight"),), "}"))
        for name, key in keys.items()
    ]
    writer.assign("given", Group("{", tuple(parts), "}"))


def own_weights(writer: Writer, plan: Plan, name: str) -> str:
    """Return the call that weighs train rows by class weights of the user's own; nothing where a strategy has none."""
    weights = plan.candidates[name].strategy.weights
    if weights is None:
        return ""
    writer.use("sklearn.utils.class_weight", "compute_sample_weight")
    return f"compute_sample_weight({on_one_line(writer.expression(dict(weights)))}, y_train)"


def balanced(writer: Writer, scored: CrossValScores) -> str:
    """Return the call that weighs train rows so that the classes that are learned from weigh the same."""
    if has_own(scored.parts.features):
        if scored.parts.kept is None:
            return "balanced(y_train, own_train)"
        writer.use_module("pandas", "pd")
        inside = "balanced(y_train.iloc[kept], own_train[kept])"
        return f"pd.Series({inside}, kept).reindex(range(len(y_train))).to_numpy()"
    writer.use("sklearn.utils.class_weight", "compute_sample_weight")
    some = "" if scored.parts.kept is None else ", indices=kept"
    return f'compute_sample_weight("balanced", y_train{some})'


def fit_line(scored: CrossValScores, weights: str = "") -> str:
    """Return the line that fits ``pipeline`` on the training set, or on the rows of it that are learned from."""
    if scored.parts.kept is None:
        return f"pipeline.fit(X_train, y_train{f', **{weights}' if weights else ''})"
    given = f", **{{key: w[kept] for key, w in {weights}.items()}}" if weights else ""
    return f"pipeline.fit(X_train.iloc[kept], y_train.iloc[kept]{given})"


def method(scored: CrossValScores) -> str:
    """Return the method that gives scores."""
    return "predict_proba" if scored.is_probability else "decision_function"


def positive_column(plan: Plan, scored: CrossValScores) -> str:
    """Return the subscript that picks the positive class's scores; margins are one column as they come."""
    return f"[:, {scored.positive}]{wide(plan)}" if scored.is_probability else ""


def wide(plan: Plan) -> str:
    """Widen scores that come in single precision, so that the metrics add them up as we do."""
    return ".astype(float)" if needs_codes(plan.model) else ""


def score_lines(
    writer: Writer,
    plan: Plan,
    scored: CrossValScores,
    column: str,
    *,
    params: str = "",
    weights: str = "",
    oof: bool = True,
    test: bool = True,
    predicted: bool = False,
    indent: int = 0,
    gives: str = "",
) -> list[str]:
    """Return the lines that make ``oof`` and ``score`` of ``pipeline``.

    Parameters
    ----------
    column : str
        The subscript that picks columns of scores.
    params : str
        The end of the call of ``cross_val_predict``.
    weights : str
        The name of a dict of fit parameters; none where there are none.
    oof, test : bool
        Whether out-of-fold and test scores are wanted.
    predicted : bool
        Whether it is wanted too which rows ``predict`` flags, as ``predicted``.
    indent : int
        Columns that the caller indents the lines by.
    gives : str
        The method that gives scores, where it is another one.
    """
    gives, lines = gives or method(scored), []

    def flagged(fitted: str, rows: str, into: str = "predicted") -> list[str]:
        predicts = _is_positive(f"{fitted}.predict({rows})", scored, coded=plan.reader.coded)
        return [f"{into} = {predicts}"] if predicted else []

    if oof and plan.model.fitted:
        lines = [f"oof = pipeline.{gives}(X_train){column}", *flagged("pipeline", "X_train")]
    elif oof:
        each = flagged("fitted", "X_train.iloc[held]", "predicted[held]")
        lines = _out_of_fold(writer, plan, scored, column, params, weights, indent, each, gives)
    if test:
        lines += [] if plan.model.fitted else [fit_line(scored, weights)]
        lines += [f"score = pipeline.{gives}(X_test){column}", *flagged("pipeline", "X_test")]
    return lines


def _out_of_fold(
    writer: Writer,
    plan: Plan,
    scored: CrossValScores,
    column: str,
    params: str,
    weights: str,
    indent: int,
    predicted: list[str],
    gives: str,
) -> list[str]:
    if not ((scored.folds.ids >= 0).all() and _all_named(plan, scored)) or names_labels(plan):
        return _fold_by_fold(writer, scored, column, gives, weights, predicted)
    writer.use("sklearn.model_selection", "cross_val_predict")
    cv, lines = "folds", list[str]()
    if scored.parts.kept is not None:
        cv, lines = "learned", ["learned = [(np.intersect1d(seen, kept), held) for seen, held in folds]"]
    given = f'pipeline, X_train, y_train, cv={cv}, method="{gives}"{params}'
    lines += called("oof", f"cross_val_predict({given})", indent)
    return [*lines, *([f"oof = oof{column}"] if column else [])]


def called(variable: str, call: str, indent: int = 0) -> list[str]:
    """Return the lines of a call on one line, or with its arguments on a line of their own where it is too long."""
    line = f"{variable} = {call}"
    if indent + len(line) <= CODE_WIDTH or not call.endswith(")"):
        return [line]
    function, _, given = call[:-1].partition("(")
    return [f"{variable} = {function}(", f"    {given}", ")"]


def _fold_by_fold(
    writer: Writer, scored: CrossValScores, column: str, gives: str, weights: str, predicted: list[str]
) -> list[str]:
    writer.use("sklearn.base", "clone")
    k = len(scored.parts.features.target.classes)
    shape = "len(y_train)" if scored.positive is not None else f"(len(y_train), {k})"
    given = ", **part" if weights else ""
    part = [f"    part = {{key: w[seen] for key, w in {weights}.items()}}"] if weights else []
    return [
        f"oof = np.full({shape}, np.nan)",
        *(["predicted = np.zeros(len(y_train), dtype=bool)"] if predicted else []),
        "for seen, held in folds:",
        *learned_alone(scored),
        *part,
        "    X_seen, y_seen = X_train.iloc[seen], y_train.iloc[seen]",
        f"    fitted = clone(pipeline).fit(X_seen, y_seen{given})",
        f"    oof[held] = fitted.{gives}(X_train.iloc[held]){column}",
        *(f"    {line}" for line in predicted),
    ]


def learned_alone(scored: CrossValScores) -> list[str]:
    """Return the line that leaves of a fold's rows those that are learned from."""
    return [] if scored.parts.kept is None else ["    seen = np.intersect1d(seen, kept)"]


def names_labels(plan: Plan) -> bool:
    """Whether a pipeline weighs classes by their labels, which scikit-learn's cross-validation replaces by codes."""
    inside = (
        each for candidate in plan.candidates.values() for each in estimators_inside(candidate.estimator)
    )
    given = (each.get_params(deep=False).get("class_weight") for each in inside)
    codes = range(len(plan.reader.classes))
    return any(isinstance(weights, dict) and not all(key in codes for key in weights) for weights in given)


def _all_named(plan: Plan, scored: CrossValScores) -> bool:
    """Whether no object of the user's own is fitted: ``cross_val_predict`` hands those codes in place of labels."""
    return plan.model.name in NAMED and all(name in NAMES for name in scored.by_name)


def write_rest(writer: Writer, scored: CrossValScores) -> None:
    """Write the fold of the rows that no fold holds, which have scores all the same."""
    if scored.parts.split_by.time is not None:
        writer.add(
            "first = min(time_train[held].min() for _, held in folds)",
            "early = np.flatnonzero(time_train < first)  # no fold holds them, but they have scores",
            "folds = [(None, early), *folds]",
        )
    elif any(
        (deal.ids == len(deal)).any() for deal in (scored.folds, *(each.folds for each in scored.again))
    ):
        lines = [
            "every = np.concatenate([held for _, held in folds])",
            "rest = np.setdiff1d(np.arange(len(y_train)), every)",
            "folds.append((None, rest))  # every row has a score, also those that no fold holds",
        ]
        writer.add(*(["for folds in deals:", *(f"    {line}" for line in lines)] if scored.again else lines))
