"""The way of the rows through one strategy's pipeline, stage by stage, as counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator

from imbalance_accessor.evaluation.fit import FoldData
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.modeling.estimators import ColumnSelector, steps_of
from imbalance_accessor.modeling.pipelines import fit_params
from imbalance_accessor.modeling.samplers import passed_on
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import quieted

Rows = NDArray[np.int64]

#: Stages that are no steps of the pipeline.
RAW, SPLIT, CAP, FIT, TEST_STAGE = "raw", "split", "max_rows", "fit", "test"


@dataclass(frozen=True, eq=False)
class Stage:
    """What there is after one stage.

    Attributes
    ----------
    name : str
        ``raw``, ``split``, ``max_rows`` where there is a cap, the pipeline's own step names, ``fit``, ``test``.
    what : str
        What stands there: a class's name, or words.
    train, test : ndarray of int, shape (n_classes,)
        Rows to learn from, and rows held out, by class.
    columns, test_columns : int
        Their columns; 0 where there are no rows.
    resamples : bool
        Whether train rows were made, copied or dropped here.
    """

    name: str
    what: str
    train: Rows
    columns: int
    test: Rows
    test_columns: int
    resamples: bool = False


@quieted()
def stages_of(strategy_scores: FittedScores) -> tuple[Stage, ...]:
    """Follow the rows of a strategy that was fitted; its sampler is run again on the training set, with its seed.

    Counts alone: no synthetic row leaves this function.
    """
    return tuple(_walk(strategy_scores.as_fitted))


def transformers_of(model: Estimator) -> tuple[list[tuple[str, Estimator]], Estimator]:
    """Return the fitted steps before the classifier, our reader of raw frames left out, and the classifier itself."""
    *before, (_, last) = steps_of(model)
    kept = [
        (name, step)
        for name, step in before
        if not isinstance(step, ColumnSelector) and step not in (None, "passthrough")
    ]
    return kept, last.estimator if isinstance(last, FrozenEstimator) else last


@quieted()
def transformed(steps: list[tuple[str, Estimator]], X: Any) -> Any:
    """Take rows through fitted steps as a prediction does: samplers let them pass."""
    for _, step in steps:
        X = X if hasattr(step, "fit_resample") else step.transform(X)
    return X


def _walk(strategy_scores: FittedScores) -> Iterator[Stage]:
    plan, scored = strategy_scores.plan, strategy_scores.scored
    parts, fold_data = scored.parts, FoldData(plan.reader, scored.folds)
    k, wide = len(plan.reader.classes), parts.train.X.shape[1]
    train, test = (_counted(codes, k) for codes in (scored.train_codes, scored.test_codes))
    aside = test if parts.split_by.own_test else np.zeros_like(test)
    together = _counted(parts.outcome_of(parts.features.codes), k)
    yield Stage(RAW, "the frame as it came", together, wide, aside, wide * bool(aside.any()))
    X, X_test, y = fold_data.X_train, fold_data.X_test, fold_data.y
    yield Stage(SPLIT, parts.split_by.text, train, X.shape[1], test, _wide(X_test))
    if parts.kept is not None:
        X, y, train = X.iloc[parts.kept], y[parts.kept], _counted(parts.learned_outcome, k)
        yield Stage(CAP, "the rows to learn from", train, X.shape[1], test, _wide(X_test))
    steps, classifier = transformers_of(scored.by_name[strategy_scores.name].model)
    for name, step in steps:
        what = type(step).__name__
        if hasattr(step, "fit_resample"):
            X, y = passed_on(step, X, y)
            labels = plan.reader.labels(np.arange(k))
            train = np.array([np.count_nonzero(y == label) for label in labels], dtype=np.int64)
        else:
            X, X_test = step.transform(X), step.transform(X_test) if len(X_test) else X_test
        resamples = hasattr(step, "fit_resample")
        yield Stage(_free(name), what, train, np.shape(X)[1], test, _wide(X_test), resamples)
    what, nobody = _classifier(classifier, strategy_scores), np.zeros_like(train)
    learned, columns = (nobody, 0) if plan.model.fitted else (train, np.shape(X)[1])
    yield Stage(FIT, what, learned, columns, test, _wide(X_test))
    scored_once = "scored once, as they came" if scored.held_out else "none: every row was scored out of fold"
    yield Stage(TEST_STAGE, scored_once, nobody, 0, test, _wide(X_test))


def _wide(X: Any) -> int:
    """Return how many columns there are; none where there are no rows."""
    return int(np.shape(X)[1]) if np.shape(X)[0] else 0


def _classifier(classifier: Estimator, strategy_scores: FittedScores) -> str:
    """Name a classifier, and say how classes are weighted in its fit."""
    plan, name = strategy_scores.plan, type(classifier).__name__
    if plan.model.fitted:
        return f"{name}, fitted elsewhere"
    params = classifier.get_params(deep=False)
    given = {key: params.get(key) for key in ("class_weight", "scale_pos_weight")}
    said = [f"{key}={_short(value)}" for key, value in given.items() if value is not None and value != 1]
    if fit_params(
        plan.candidates[strategy_scores.name].strategy,
        plan.model,
        plan.reader.labels(strategy_scores.scored.train_codes),
    ):
        said.append("balanced sample weights")
    if strategy_scores.scored.parts.learned_weights.own is not None:
        said.append("row weights")
    return ", ".join([name, *said])


def _short(value: Any) -> str:
    """Write weights to three digits."""
    if not isinstance(value, Mapping):
        return f"{value!r:.24}"
    return f"{ ({label: float(f'{weight:.3g}') for label, weight in value.items()})!r:.60}"


def _counted(codes: NDArray[np.intp], k: int) -> Rows:
    return np.bincount(codes, minlength=k).astype(np.int64)


def _free(name: str) -> str:
    """Keep a step's name apart from the stages around the pipeline."""
    return f"{name} (step)" if name in {RAW, SPLIT, CAP, FIT, TEST_STAGE} else name
