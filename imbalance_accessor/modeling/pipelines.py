"""What is done about the imbalance: a sampler, weights, an ensemble, another loss, or nothing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from imblearn.pipeline import Pipeline
from numpy.typing import NDArray
from sklearn.base import TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion
from sklearn.utils.class_weight import compute_sample_weight

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.errors import IN_WORDS, LEFT_OUT, Fix, ModelError, change, listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.modeling.models import (
    Model,
    estimators_inside,
    named_in_weights,
    splits_inside,
)
from imbalance_accessor.modeling.preprocessing import preprocessing, ready
from imbalance_accessor.modeling.read_strategies import Strategy
from imbalance_accessor.modeling.row_weights import (
    WeightedPipeline,
    ask_for_weights,
    balancing,
    takes_row_weights,
)
from imbalance_accessor.modeling.strategies import Estimator


@dataclass(frozen=True, eq=False)
class Candidate:
    """A strategy, and the pipeline that carries it out.

    Attributes
    ----------
    strategy : Strategy
    estimator : estimator
        Not fitted.
    """

    strategy: Strategy
    estimator: Estimator


def weighted_already(model: Model, strategies: Iterable[Strategy]) -> list[Finding]:
    """Say when the model itself carries weights, so that "none" is no "none" and resampling corrects twice."""
    if model.fitted:
        return []
    carried = [
        f"{type(each).__name__}({key}={value!r:.40})"
        for each in estimators_inside(model.classifier)
        for key, value in each.get_params(deep=False).items()
        if (key == "class_weight" and value is not None)
        or (key == "scale_pos_weight" and value not in {None, 1})
    ]
    if not carried:
        return []
    resampling = [strategy.name for strategy in strategies if strategy.resamples]
    twice = f", and {listed(resampling)} may correct twice" if resampling else ""
    sentence = f"The model carries weights of its own, {carried[0]}: 'none' is weighted too{twice}."
    cure = "Take them out of the model; 'class_weight' in strategies= adds them."
    return [Finding("IMB110", "warning", sentence, cure, _reset(model, _weighing(model.classifier)))]


def _weighing(classifier: Estimator) -> dict[str, Any]:
    """Return the parameters by which a classifier carries weights, with the values of one that carries none."""
    given = classifier.get_params(deep=False)
    usual = {"class_weight": None, "scale_pos_weight": 1}
    return {key: value for key, value in usual.items() if given.get(key) not in (None, value)}


def _reset(model: Model, params: Mapping[str, Any]) -> Fix:
    """Return the fix that sets parameters of a classifier that was passed alone; one inside other steps is left to words."""
    if not params or model.before or model.search is not None:
        return IN_WORDS
    return change(model=clone(model.classifier).set_params(**params))


def correction_made_twice(
    strategy: Strategy, rows: Mapping[Any, int], totals: Mapping[Any, float] | None = None
) -> list[Finding]:
    """Say what weights of the original counts on top of a sampler come to.

    Parameters
    ----------
    strategy : Strategy
    rows : mapping of label to int
        Train rows of each class.
    totals : mapping of label to float, optional
        The sums of their weights, where they have any.
    """
    totals = rows if totals is None else totals
    rarest, largest = min(rows, key=rows.__getitem__), max(rows, key=rows.__getitem__)
    resampled, weighted = rows[largest] / rows[rarest], totals[largest] / totals[rarest]
    if not strategy.corrects_twice or resampled == 1:
        return []
    whose = "the rarest class" if len(rows) == 2 else "the rarest class against the largest"
    again = " again" if weighted == resampled else ""
    sentence = (
        f"{strategy.name!r} corrects twice: resampling multiplies the odds of {whose} by {_times(resampled)}, "
        f"its weight by {_times(weighted)}{again}, {_times(resampled * weighted)} in all."
    )
    cure = "Use 'smote' or 'class_weight': each corrects once."
    return [Finding("IMB110", "warning", sentence, cure, _with_smote())]


def _times(factor: float) -> str:
    return f"{factor:.3g}" if factor < 100 else f"{factor:,.0f}"


def check_row_weights(model: Model, column: Hashable) -> None:
    """Refuse a model to whose fit weights of rows, from a column, cannot be handed."""
    if not model.fitted and not takes_row_weights(model.classifier):
        raise ModelError(
            f"{model.name!r} takes no row weights in its fit, and sample_weight={column!r} gives some. Use a model that does, "
            "such as 'logistic', or leave sample_weight= out.",
            fix=_logistic(model),
        )


def refusal(
    strategy: Strategy,
    model: Model,
    columns: Columns,
    missing: Sequence[Hashable],
    n_rows: int,
    n_classes: int = 2,
    *,
    row_weights: bool = False,
) -> Finding | None:
    """Say why this model gets no row for a strategy; None when it can have one."""
    if strategy.loss is not None:
        return _blocked_loss(strategy, strategy.loss(model.classifier), model, n_classes)
    if strategy.weighted and model.weighting is None:
        reason = f"{model.name} takes neither class nor sample weights"
        return _left_out(
            strategy,
            reason,
            "Use a model that takes class_weight=, such as 'logistic'.",
            fix=_logistic(model),
        )
    by_row = model.weighting == "sample_weight" or (model.weighting == "scale_pos_weight" and n_classes > 2)
    if strategy.corrects_twice and by_row:
        reason = f"{model.name} takes weights row by row, and the rows are made inside the pipeline"
        return _left_out(strategy, reason, strategy.cure, fix=_logistic(model))
    if strategy.ensemble is not None and not model.has_probabilities:
        reason = (
            f"it gives probabilities, whose threshold is 0.5, and {model.name} margins, whose threshold is 0"
        )
        cure = "Compare it with a model that has predict_proba, such as 'logistic'."
        return _left_out(strategy, reason, cure, fix=_logistic(model))
    if row_weights and strategy.ensemble is not None and not takes_row_weights(strategy.ensemble):
        reason = f"{type(strategy.ensemble).__name__} takes no row weights in its fit"
        instead = change(strategies="balanced_forest")
        cure = "Use 'balanced_forest', which takes them, or leave sample_weight= out."
        return _left_out(strategy, reason, cure, code="IMB323", fix=instead)
    by_first_counts = strategy.weighted and model.weighting != "class_weight"
    resampled = any(hasattr(step, "fit_resample") for _, step in model.before)
    if resampled and (strategy.resamples or by_first_counts):
        reason = "the pipeline resamples already, and would correct twice"
        cure = "Take the sampler out of the pipeline: a row of strategies= has its own."
        return _left_out(strategy, reason, cure, code="IMB110", fix=_without_samplers(model))
    if not strategy.resamples:
        return None
    inside = splits_inside(model, n_rows)
    if inside is not None:
        reason = f"{inside} uses an internal validation split, which would contain synthetic rows"
        cure = "Turn that off, or search around the pipeline with GridSearchCV, which is rebuilt around the sampler."
        return _left_out(
            strategy, reason, cure, code="IMB111", fix=_reset(model, _holding_back(model, n_rows))
        )
    return _blocked_sampler(strategy, model, columns, missing)


def _blocked_loss(strategy: Strategy, found: Estimator | str, model: Model, n_classes: int) -> Finding | None:
    """Say why this model cannot be fitted to another loss, from its counterpart under that loss."""
    if n_classes > 2:
        reason = f"its loss is written for two classes, and these are {n_classes}"
        return _left_out(strategy, reason, "Name one of them with pos_label=: that class against the rest.")
    if isinstance(found, str):
        return _left_out(strategy, found, strategy.cure, fix=_logistic(model))
    unknown = sorted(model.searched - set(found.get_params()))
    if unknown:
        reason = f"the search tries {listed(unknown)}, which {type(found).__name__} has not"
        return _left_out(strategy, reason, "Search other parameters, or none.")
    return None


def _blocked_sampler(
    strategy: Strategy, model: Model, columns: Columns, missing: Sequence[Hashable]
) -> Finding | None:
    if not strategy.neighbours:
        return None
    if model.vectorizer is not None and strategy.keeps_categories:
        reason = "it makes new rows of raw categories, and preprocess='skrub' has made numbers of them"
        return _left_out(strategy, reason, "Use 'smote'.", fix=_with_smote())
    if model.unencoded and strategy.needs_numbers:
        fix = _alone(model) if model.search is None else IN_WORDS
        return _left_out(strategy, _unencoded(strategy, model), _encoded_alone(model), fix=fix)
    if not model.own or model.before:
        return None
    if missing:
        have = "has" if len(missing) == 1 else "have"
        reason = f"{listed(missing)} {have} missing cells, and preprocess=None fills none"
        cure = "Use preprocess='auto', which imputes within each fold."
        return _left_out(strategy, reason, cure, fix=change(preprocess="auto"))
    names = columns.categorical
    if names and not strategy.keeps_categories:
        reason = f"{listed(names)} {'holds' if len(names) == 1 else 'hold'} no numbers"
        return _left_out(strategy, reason, "Encode them, or use 'smote'.", fix=_with_smote())
    return None


def _unencoded(strategy: Strategy, model: Model) -> str:
    names, last = model.unencoded, type(model.classifier).__name__
    hold = "holds" if len(names) == 1 else "hold"
    return f"{listed(names)} {hold} no numbers where the pipeline hands them to {last}, and {strategy.name} needs numbers"


def _alone(model: Model) -> Fix:
    """Return the fix that passes a pipeline's classifier alone, so that our own steps make numbers for it."""
    skrub = {"preprocess": "skrub"} if _is_of_skrub(model) else {}
    return change(model=clone(model.classifier), **skrub)


def _is_of_skrub(model: Model) -> bool:
    return type(model.before[0][1]).__module__.startswith("skrub")


def _encoded_alone(model: Model) -> str:
    """Say how the classifier gets numbers from us."""
    last = type(model.classifier).__name__
    skrub = ", with preprocess='skrub'" if _is_of_skrub(model) else ""
    return f"Encode them in the pipeline, or pass its {last} alone as model={skrub}."


def _left_out(
    strategy: Strategy, reason: str, cure: str, *, code: str = "IMB304", fix: Fix = IN_WORDS
) -> Finding:
    return Finding(code, "warning", f"{strategy.name!r} is left out: {reason}.", cure, fix)


def _with_smote() -> Fix:
    """Return the fix that takes SMOTE in a strategy's place."""
    return change(strategies="smote")


def _logistic(model: Model) -> Fix:
    """Return the fix that takes logistic regression, with our own steps before it."""
    own = {} if model.vectorizer is not None else {"preprocess": LEFT_OUT}
    return change(model="logistic", **own)


def _without_samplers(model: Model) -> Fix:
    """Return the fix that takes the samplers out of a pipeline; one inside a search is left to words."""
    if model.search is not None:
        return IN_WORDS
    kept = [(name, step) for name, step in model.before if not hasattr(step, "fit_resample")]
    alone = clone(model.classifier)
    return change(model=Pipeline([*kept, (model.step, alone)]) if kept else alone)


def _holding_back(model: Model, n_rows: int) -> dict[str, Any]:
    """Return parameters under which a classifier holds no rows back; none where there are none."""
    given = model.classifier.get_params(deep=False)
    usual = {"early_stopping": False, "probability": False, "n_iter_no_change": None}
    off = {key: value for key, value in usual.items() if given.get(key, value) != value}
    if "early_stopping" in given:
        off.pop("n_iter_no_change", None)
    is_off = (
        off
        and splits_inside(replace(model, classifier=clone(model.classifier).set_params(**off)), n_rows)
        is None
    )
    return off if is_off else {}


def answering_as_fitted(model: Model) -> Model:
    """Return a model whose own steps answer as they are fitted here, whatever scikit-learn is set to when they are used."""
    before = tuple((name, clone(step, safe=False)) for name, step in model.before)
    for _, step in before:
        _answer_as_fitted(step)
    return replace(model, before=before)


def _answer_as_fitted(step: Estimator) -> None:
    """Set what answers in arrays, as it comes, to do so always: behind it stands what learned from arrays."""
    for each in estimators_inside(step) if hasattr(step, "get_params") else ():
        if isinstance(each, TransformerMixin) and hasattr(each, "set_output") and not _is_set(each):
            # what holds others would set those too, of which some may be set to something else
            whole = isinstance(each, ColumnTransformer | FeatureUnion)
            (TransformerMixin if whole else type(each)).set_output(each, transform="default")


def _is_set(transformer: Estimator) -> bool:
    return "transform" in getattr(transformer, "_sklearn_output_config", {})


def assemble(
    strategy: Strategy,
    model: Model,
    columns: Columns,
    missing: Sequence[Hashable],
    rows: Mapping[Any, float],
    *,
    row_weights: bool = False,
) -> Estimator:
    """Build the pipeline: preprocess, sampler, classifier; a search stands around all of it.

    Parameters
    ----------
    strategy : Strategy
    model : Model
    columns : Columns
    missing : sequence
        Features with missing cells.
    rows : mapping of label to float
        Train rows of each class, or the sum of their weights, by the label that the classifier meets.
    row_weights : bool
        Whether rows have weights of their own.

    Returns
    -------
    estimator
        Not fitted; an imbalanced-learn `Pipeline`, one that takes weights of rows, or a search around one.
    """
    if model.fitted:
        return model.classifier
    if strategy.ensemble is not None:
        model = model.replaced_by(strategy.ensemble)
    if strategy.loss is not None:
        model = replace(model, classifier=strategy.loss(model.classifier))
    if not strategy.needs_numbers:
        model = replace(model, filler=None)
    neighbours, categories = strategy.neighbours, strategy.keeps_categories
    first, last = preprocessing(
        model, columns, missing=frozenset(missing), neighbours=neighbours, keeps_categories=categories
    )
    classifier = ready(model, columns, neighbours=neighbours, keeps_categories=categories)
    if strategy.weighted and strategy.same_as is None:
        classifier = _weighted(
            classifier, model, rows, resampled=strategy.resamples, weights=strategy.weights
        )
    sampler = [("resample", strategy.sampler)] if strategy.sampler is not None else []
    for step in (*(step for _, step in (*first, *last)), classifier):
        _answer_as_fitted(step)
    for _, step in first if row_weights else ():
        ask_for_weights(step)
    kind = WeightedPipeline if row_weights else Pipeline
    pipeline = kind([*model.before, *first, *sampler, *last, (model.step, classifier)])
    return pipeline if model.search is None else clone(model.search).set_params(estimator=pipeline)


def _weighted(
    classifier: Estimator,
    model: Model,
    rows: Mapping[Any, float],
    *,
    resampled: bool,
    weights: Mapping[Any, float] | None,
) -> Estimator:
    """Weight classes; behind a sampler by the training set's counts, of which stratified folds have equal shares."""
    if model.weighting == "class_weight":
        n, k = sum(rows.values()), len(rows)
        keys = named_in_weights(classifier, list(rows))
        if weights is not None:
            return classifier.set_params(class_weight=dict(zip(keys, weights.values(), strict=True)))
        original = {key: n / (k * count) for key, count in zip(keys, rows.values(), strict=True)}
        return classifier.set_params(class_weight=original if resampled else "balanced")
    if model.weighting == "scale_pos_weight" and len(rows) == 2 and weights is None:
        # a booster's positive class is the second one in sort order, whichever of them is ours
        first, second = rows.values()
        return classifier.set_params(scale_pos_weight=first / second)
    return classifier  # sample weights are handed to fit


def fit_params(
    strategy: Strategy, model: Model, y: NDArray[Any], own: Floats | None = None
) -> dict[str, NDArray[np.float64]]:
    """Return what ``fit`` must be given: weights of classes by row, where the classifier takes them no other way.

    Parameters
    ----------
    strategy : Strategy
    model : Model
    y : numpy.ndarray, shape (n_rows,)
    own : numpy.ndarray of float, shape (n_rows,), optional
        The rows' own weights, whose sums then take the place of counts.
    """
    if not strategy.weighted or strategy.same_as is not None:
        return {}
    by_ratio = strategy.weights is None and len(np.unique(y)) == 2
    if model.weighting == "sample_weight" or (model.weighting == "scale_pos_weight" and not by_ratio):
        if strategy.weights is None:
            return {f"{model.step}__sample_weight": balancing(y, own)}
        return {f"{model.step}__sample_weight": compute_sample_weight(dict(strategy.weights), y)}
    return {}
