"""The lines of a snippet from ``df`` to scores: rows, folds, pipelines, out-of-fold and test scores."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.target import Target
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.modeling.models import NAMED, estimators_inside, is_search, needs_codes
from imbalance_accessor.modeling.pipelines import fit_params
from imbalance_accessor.modeling.strategies import NAMES, Estimator
from imbalance_accessor.rendering.snippets.templates import template_lines, write_template
from imbalance_accessor.rendering.snippets.writer import (
    Writer,
    code_of,
    on_one_line,
)
from imbalance_accessor.verbs.shared import snippet_data
from imbalance_accessor.verbs.shared.snippet_data import has_own, positive_rows, write_parts
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
    parts = {"train": scored.parts.train, "test": scored.parts.test}
    sides = {
        name: _side(f"y_{name}", scored, coded=coded, dtype=str(part.y.dtype))
        for name, part in parts.items()
        if name == "train" or len(part)
    }
    write_template(writer, "shared/parts/sides.py.j2", sides=sides)


def _side(labels: str, scored: CrossValScores, *, coded: bool, dtype: str = "") -> str:
    """Return the code that says which labels, known or predicted, are those of the positive class."""
    target = scored.parts.features.target
    if target.is_one_vs_rest:
        return labels
    return f"{labels} == {scored.positive!r}" if coded else positive_rows(target, labels, dtype=dtype)


def write_pipeline(writer: Writer, plan: Plan, scored: CrossValScores, name: str) -> dict[str, Any]:
    """Write one strategy's ``pipeline``, and return what `score_lines` must know of its weights."""
    if plan.model.fitted:
        write_template(writer, "shared/full/pipeline.py.j2", fitted=True)
        return {}
    candidate, keys = plan.candidates[name], weight_keys(plan, scored, [name])
    name_shared(writer, scored.parts.features.columns, [candidate.estimator], by_row=bool(keys))
    weights = {"sample_weight": "own_train"} if has_own(scored.parts.features) else {}
    for key in keys.values():
        weights[key] = own_weights(writer, plan, name) or balanced(writer, scored)
    write_template(
        writer,
        "shared/full/pipeline.py.j2",
        fitted=False,
        estimator=candidate.estimator,
        resamples=candidate.strategy.resamples,
        weights=weights,
    )
    return {"params": ", params=weights", "weights": "weights"} if weights else {}


def weight_keys(plan: Plan, scored: CrossValScores, names: Iterable[str]) -> dict[str, str]:
    """Return the fit parameter by which each strategy's sample weights reach its classifier, where they do."""
    y = plan.reader.labels(scored.train_codes)
    given = {name: list(fit_params(plan.candidates[name].strategy, plan.model, y)) for name in names}
    return {name: keys[0] for name, keys in given.items() if keys}


def write_given(
    writer: Writer, scored: CrossValScores, keys: Mapping[str, str], own: Mapping[str, str]
) -> None:
    """Write ``given``: the sample weights that each strategy's ``fit`` is handed, by strategy and fit parameter."""
    shared = "" if all(own[name] for name in keys) else balanced(writer, scored)
    weights = {name: own[name] or "weight" for name in keys}
    write_template(writer, "shared/full/given.py.j2", keys=keys, weights=weights, balanced=shared)


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


def method(scored: CrossValScores) -> str:
    """Return the method that gives scores."""
    return "predict_proba" if scored.is_probability else "decision_function"


def positive_column(plan: Plan, scored: CrossValScores) -> str:
    """Return the subscript that picks the positive class's scores; margins are one column as they come."""
    return f"[:, {scored.positive}]{wide(plan, scored)}" if scored.is_probability else ""


def wide(plan: Plan, scored: CrossValScores) -> str:
    """Widen scores that come in single precision, so that the metrics add them up as we do."""
    return ".astype(float)" if needs_codes(plan.model) or are_single(scored) else ""


def are_single(scored: CrossValScores) -> bool:
    """Whether models answered in single precision, as on columns of that."""
    every = (scored.as_fitted or scored).by_name.values()
    told = (each.oof[scored.folds.ids >= 0] for each in every)
    return any(bool((each == each.astype(np.float32)).all() and (each % 1).any()) for each in told)


@dataclass(frozen=True)
class Scoring:
    """How scores of ``pipeline`` are made, as the templates ``oof`` and ``test`` of ``shared/full`` read it.

    Attributes
    ----------
    plan : Plan
    scored : CrossValScores
    column : str
        The subscript that picks columns of scores.
    weighted : bool
        Whether fits are handed ``weights``, a dict of fit parameters.
    predicted : bool
        Whether it is wanted too which rows ``predict`` flags, as ``predicted``.
    gives : str
        The method that gives scores, where it is another one.
    """

    plan: Plan
    scored: CrossValScores
    column: str = ""
    weighted: bool = False
    predicted: bool = False
    gives: str = ""

    @property
    def fitted(self) -> bool:
        """Whether the model came fitted, and is only scored."""
        return self.plan.model.fitted

    @property
    def scores_some(self) -> bool:
        """Whether the folds leave train rows unscored, as those of the first block of time."""
        return bool((self.scored.folds.ids < 0).any())

    @property
    def kept(self) -> bool:
        """Whether some train rows alone are learned from."""
        return self.scored.parts.kept is not None

    @property
    def method(self) -> str:
        """The method that gives scores."""
        return self.gives or method(self.scored)

    @property
    def one_by_one(self) -> bool:
        """Whether folds are fitted in a loop: `cross_val_predict` would leave rows out, or hand on codes for labels."""
        return self.scores_some or not all_named(self.plan, self.scored) or names_labels(self.plan)

    @property
    def shape(self) -> str:
        """The shape of scores out of fold."""
        k = len(self.scored.parts.features.target.classes)
        return "len(y_train)" if self.scored.positive is not None else f"(len(y_train), {k})"

    def side(self, labels: str) -> str:
        """Return the code that says which labels are those of the positive class."""
        return _side(labels, self.scored, coded=self.plan.reader.coded)


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
    """Return the lines that make ``oof`` and ``score`` of ``pipeline``, for a block that is indented."""
    scoring = Scoring(plan, scored, column, bool(params or weights), predicted, gives)
    templates = ["oof"] * oof + ["test"] * test
    lines = [
        line
        for name in templates
        for line in template_lines(writer, f"shared/full/{name}.py.j2", indent=indent, scoring=scoring)
    ]
    return [line[indent:] for line in lines]


def names_labels(plan: Plan) -> bool:
    """Whether a pipeline weighs classes by their labels, which scikit-learn's cross-validation replaces by codes."""
    inside = (
        each for candidate in plan.candidates.values() for each in estimators_inside(candidate.estimator)
    )
    given = (each.get_params(deep=False).get("class_weight") for each in inside)
    codes = range(len(plan.reader.classes))
    return any(isinstance(weights, dict) and not all(key in codes for key in weights) for weights in given)


def all_named(plan: Plan, scored: CrossValScores) -> bool:
    """Whether no object of the user's own is fitted: ``cross_val_predict`` hands those codes in place of labels."""
    return plan.model.name in NAMED and all(name in NAMES for name in scored.by_name)


def write_rest(writer: Writer, scored: CrossValScores) -> None:
    """Write the fold of the rows that no fold holds, which have scores all the same."""
    by_time = scored.parts.split_by.time is not None
    deals = (scored.folds, *(each.folds for each in scored.again))
    if by_time or any((deal.ids == len(deal)).any() for deal in deals):
        write_template(writer, "shared/full/rest.py.j2", by_time=by_time, dealt=bool(scored.again))
