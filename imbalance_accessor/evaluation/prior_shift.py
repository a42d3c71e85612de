"""What a strategy, and a cap on the rows, did to the class ratio: how much it multiplied the odds of the positive class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from imblearn.utils import check_sampling_strategy
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB, MultinomialNB

from imbalance_accessor.evaluation.strategy_scores import FittedScores, StrategyScores
from imbalance_accessor.modeling.estimators import steps_of
from imbalance_accessor.modeling.focal import is_focal
from imbalance_accessor.modeling.models import named_in_weights
from imbalance_accessor.modeling.pipelines import fit_params
from imbalance_accessor.modeling.samplers import copies, counts_by_cells, resampled_rows
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import quieted

ClassTotals = NDArray[np.float64]

#: Classifiers whose log odds move by a constant when classes are weighted, or their rows copied or dropped at random.
_SHIFTED = (LogisticRegression, GaussianNB, BernoulliNB, MultinomialNB, CategoricalNB)


def odds_ratio_shift(strategy_scores: StrategyScores) -> float:
    """Return the odds of the positive class in what the model learned from, over its odds in the training set.

    Parameters
    ----------
    strategy_scores : StrategyScores
        A fitted strategy; 1 where nothing was fitted here, since then nothing is known of it; nan under another
        loss, which moves odds by a factor that differs from row to row.

    Notes
    -----
    Rows that ``max_rows=`` leaves, after the sampler (run again on them with its seed, if only that tells), times class weights,
    ``scale_pos_weight`` or sample weights. Ensembles that resample count as each of their samples does. Rows with
    weights of their own count by them, before and after.
    """
    positive = strategy_scores.scored.positive
    if not isinstance(strategy_scores, FittedScores) or strategy_scores.plan.model.fitted or positive is None:
        return 1.0
    plan = strategy_scores.plan
    if plan.candidates[strategy_scores.name].strategy.loss is not None or is_focal(
        steps_of(strategy_scores.model)[-1][1]
    ):
        return np.nan
    before, learned = _before_and_learned(strategy_scores)
    negative = 1 - positive
    found = float(learned[positive] / learned[negative] / (before[positive] / before[negative]))
    return 1.0 if np.isclose(found, 1, rtol=1e-9, atol=0) else found  # sums of weights are rounded


def class_shifts(strategy_scores: FittedScores) -> ClassTotals:
    """Return how much more each class weighed in what the model learned from than in the training set, shape (k,)."""
    before, learned = _before_and_learned(strategy_scores)
    return np.asarray(learned / before)


def _before_and_learned(strategy_scores: FittedScores) -> tuple[ClassTotals, ClassTotals]:
    scored, k = strategy_scores.scored, len(strategy_scores.plan.reader.classes)
    before = np.bincount(scored.train_codes, scored.parts.train_weights.own, minlength=k)
    return before.astype(np.float64), _learned(strategy_scores, scored.parts.learned_outcome)


def why_approximate(strategy_scores: StrategyScores) -> str:
    """Return why dividing the odds by one factor undoes a strategy only roughly; nothing where it does so exactly.

    Parameters
    ----------
    strategy_scores : StrategyScores
        Of scores that were not fitted here it is not known what was shifted.

    Notes
    -----
    Weights, and copies or drops at random, leave the density of each class as it is, so that the log odds of a logistic
    regression or of naive Bayes move by a constant (Elkan 2001). Rows made between neighbours change that density.
    """
    if not isinstance(strategy_scores, FittedScores) or strategy_scores.plan.model.fitted:
        return "it is not known how these scores were trained"
    steps = [step for _, step in steps_of(strategy_scores.model)]
    for sampler in (step for step in steps[:-1] if hasattr(step, "fit_resample") and not copies(step)):
        makes = getattr(sampler, "_sampling_type", "") == "over-sampling"
        return "rows were made between neighbours" if makes else "rows were not dropped at random"
    if strategy_scores.plan.candidates[strategy_scores.name].strategy.loss is not None or not isinstance(
        steps[-1], _SHIFTED
    ):
        return "the log odds of this model do not move by a constant"
    return ""


@quieted()
def _learned(strategy_scores: FittedScores, codes: NDArray[np.intp]) -> ClassTotals:
    """Return the weight of each class in what the classifier learned from."""
    plan = strategy_scores.plan
    strategy = plan.candidates[strategy_scores.name].strategy
    steps = steps_of(strategy_scores.model)
    X: Any = strategy_scores.scored.parts.learned.X
    own = strategy_scores.scored.parts.learned_weights.own
    k = len(plan.reader.classes)
    before, labels = np.bincount(codes, minlength=k), plan.reader.labels(np.arange(k))
    rows, totals = before.astype(np.float64), np.bincount(codes, own, minlength=k).astype(np.float64)
    samplers = [step for _, step in steps[:-1] if hasattr(step, "fit_resample")]
    reads_cells = any(counts_by_cells(each, weighted=own is not None) for each in samplers)
    for _, step in steps[:-1]:
        if hasattr(step, "fit_resample"):
            counts, totals = resampled_rows(step, X, codes, labels, own)
            rows = counts.astype(np.float64)
        elif reads_cells and hasattr(step, "transform"):
            X = step.transform(X)
    classifier = steps[-1][1]
    weights = _class_weights(classifier, rows, totals, labels)
    for given in fit_params(strategy, plan.model, plan.reader.labels(codes), own).values():
        weights = weights * np.bincount(codes, weights=given) / before
    return _sampled_inside(classifier, rows, labels) * (totals / rows) * weights


def _sampled_inside(classifier: Estimator, rows: ClassTotals, labels: NDArray[Any]) -> ClassTotals:
    """Return the rows of each class in the samples that an ensemble such as a balanced forest draws for itself."""
    params = classifier.get_params(deep=False)
    kind = getattr(params.get("sampler"), "_sampling_type", "under-sampling")
    if "sampling_strategy" not in params or kind not in {"under-sampling", "over-sampling"}:
        return rows
    counted = np.repeat(labels, rows.astype(int))
    drawn = check_sampling_strategy(params["sampling_strategy"], counted, kind)
    added = rows if kind == "over-sampling" else np.zeros(len(rows))
    each = [drawn.get(label, before) for label, before in zip(labels.tolist(), rows - added, strict=True)]
    return np.asarray(each + added, np.float64)


def _class_weights(
    classifier: Estimator, rows: ClassTotals, totals: ClassTotals, labels: NDArray[Any]
) -> ClassTotals:
    """Return the weight that a classifier's own parameters give each class, from its rows or the sums of their weights."""
    params = classifier.get_params(deep=False)
    given, weights = params.get("class_weight"), np.ones(len(rows))
    if isinstance(given, str):  # a forest's "balanced_subsample" counts rows
        by = totals if given == "balanced" else rows
        weights = by.sum() / (len(by) * by)
    elif isinstance(given, Mapping):
        keys = named_in_weights(classifier, labels.tolist())
        weights = np.array([float(given.get(key, 1.0)) for key in keys])
    scale = params.get("scale_pos_weight")
    if isinstance(scale, int | float) and not isinstance(scale, bool) and len(rows) == 2:
        weights = weights * np.array([1.0, float(scale)])
    return np.asarray(weights, np.float64)
