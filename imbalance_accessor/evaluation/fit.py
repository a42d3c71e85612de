"""One fit: how rows reach a model, the first steps that strategies share, and what came of it."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from imbalance_accessor.data.cells import kinds_of
from imbalance_accessor.data.target import Target
from imbalance_accessor.evaluation.outputs import (
    LIKELIEST,
    Matrix,
    Predicted,
    len_of,
    margins_of,
    predictions_of,
    reason,
    scores_of,
)
from imbalance_accessor.evaluation.parallel import Job
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.modeling.by_code import sampler_by_label
from imbalance_accessor.modeling.estimators import ColumnSelector, Relabelled, steps_of
from imbalance_accessor.modeling.models import NAMED, Model, Steps, estimators_inside, needs_codes
from imbalance_accessor.modeling.pipelines import Candidate, fit_params
from imbalance_accessor.modeling.preprocessing import takes_missing
from imbalance_accessor.modeling.row_weights import fit_clone
from imbalance_accessor.modeling.strategies import NAMES, Estimator
from imbalance_accessor.process_state import cached_property, recorded
from imbalance_accessor.splitting.folds import Folds
from imbalance_accessor.splitting.split import Part, Parts, as_it_came

#: What is said of a fit that ended before its optimum.
NOT_CONVERGED = "did not converge"


@dataclass(frozen=True, eq=False)
class FeatureReader:
    """How rows reach a model, and labels leave it."""

    model: Model
    parts: Parts

    def features(self, part: Part) -> pd.DataFrame:
        """Return what the model sees of a part's rows."""
        if self.model.reads_raw:
            return as_it_came(part)[self.names]
        if self.as_is:
            return part.X[self.names]
        return self.parts.features.columns.plain(part.X, names=self.names)

    @property
    def as_is(self) -> bool:
        """Whether cells stay as they are, numbers and dates that are written as text apart."""
        return self.model.own

    @cached_property
    def sees(self) -> list[Any]:
        """The columns that reach the model's steps."""
        return self.model.sees(self.parts.features.X[self.names])

    @property
    def names(self) -> list[Any]:
        """The columns picked."""
        model, columns = self.model, self.parts.features.columns
        ruling = ("groups", "weights")
        everything = [name for name in self.parts.train.X.columns if columns.kinds[name] not in ruling]
        if model.fitted:
            known = list(getattr(model.classifier, "feature_names_in_", everything))
            return known if set(known) <= set(self.parts.train.X.columns) else everything
        if model.reads_all_columns:
            return everything
        if model.vectorizer is None:
            return list(columns.used)
        described = columns.described
        return [name for name in everything if name in described]

    def labels(self, codes: Codes) -> NDArray[Any]:
        """Return what a classifier is fitted on: the labels, or their codes."""
        return codes if self.coded else self.classes[codes]

    @property
    def coded(self) -> bool:
        """Whether the classifier takes nothing but codes, or scikit-learn does not take, or not weigh, the labels."""
        target = self.parts.features.target
        return needs_codes(self.model) or (target.fitted_by_code and not target.is_one_vs_rest)

    @property
    def classes(self) -> NDArray[Any]:
        """The labels that models answer in, by code."""
        return answers(self.parts.features.target)

    @property
    def predicted_labels(self) -> NDArray[Any] | None:
        """The labels that ``predict`` gives, by code; None where it decides by the default threshold, or of several classes."""
        known = self.model.name in NAMED or type(self.model.classifier) in LIKELIEST
        return None if known or len(self.classes) > 2 else self.labels(np.arange(2))

    @cached_property
    def kinds(self) -> dict[Hashable, set[str]]:
        """What cells each column of categories has."""
        features = self.parts.features
        return {name: kinds_of(features.X[name]) for name in features.columns.categorical}

    def handed_out(self, fitted: Estimator) -> Estimator:
        """Put the reader before a fitted model, so that it predicts on raw rows of the frame."""
        if self.model.fitted:
            return fitted
        kinds = None if self.as_is else self.kinds
        steps = steps_of(fitted)
        if not self.model.own:
            _answer_in_arrays(step for _, step in steps)
        filled = self.as_is or takes_missing(steps[-1][1]) or any(name == "impute" for name, _ in steps)
        reader = ColumnSelector(
            self.parts.features.columns, self.as_is, self.names, kinds, filled, raw=self.model.reads_raw
        ).fit()
        steps = list(fitted.steps) if isinstance(fitted, Pipeline) else [("search", fitted)]
        if self.coded:
            *before, (name, last) = steps
            before = [(each, sampler_by_label(step, self.classes.tolist())) for each, step in before]
            steps = [*before, (name, Relabelled(last, self.classes))]
        return (
            type(fitted)([("columns", reader), *steps])
            if isinstance(fitted, Pipeline)
            else Pipeline([("columns", reader), *steps])
        )


def _answer_in_arrays(steps: Iterable[Estimator]) -> None:
    """Have fitted encoders of ours answer as who looks into a model expects, in pandas' frames too where asked to."""
    for step in steps:
        for each in (*estimators_inside(step), *getattr(step, "named_transformers_", {}).values()):
            if isinstance(each, OneHotEncoder):
                each.sparse_output = False
        if isinstance(step, ColumnTransformer):
            step.sparse_output_ = False


@dataclass(frozen=True, eq=False)
class FittedPreprocessing:
    """First steps of a pipeline, fitted on the rows of a fold.

    Attributes
    ----------
    steps : list of (str, transformer)
        Fitted.
    X, scored : array
        What they make of the rows to learn from, and of those to score.
    warned : tuple of str
        What their fit said, as a `FitResult` has it.
    """

    steps: Steps
    X: Any
    scored: Any
    warned: tuple[str, ...]

    def kept(self, fold: int) -> FittedPreprocessing:
        """Return what is worth keeping when the fold is over: steps of the whole training set alone."""
        return replace(self, steps=self.steps if fold < 0 else [], X=None, scored=None)


class FoldData:
    """What fits are fed with: the rows and labels of a fold, or of the whole training set.

    Parameters
    ----------
    reader : FeatureReader
    folds : Folds
    """

    def __init__(self, reader: FeatureReader, folds: Folds) -> None:
        self.model, self.folds, self.n_columns = reader.model, folds, len(reader.classes)
        self.labels = reader.predicted_labels
        parts = reader.parts
        self.X_train, self.X_test = reader.features(parts.train), reader.features(parts.test)
        self.y = reader.labels(parts.train_outcome)
        self.learned = slice(None) if parts.kept is None else parts.kept
        self.weights = parts.train_weights.own
        self._given: dict[str, dict[str, NDArray[np.float64]]] = {}
        self._at, self._fronts = -2, dict[Any, FittedPreprocessing]()

    def rows(self, candidate: Candidate, fold: int) -> FitTask:
        """Return what one fit learns from and scores; fold -1 is the whole training set, which scores the test set."""
        learn, held = self.folds.every[fold] if fold >= 0 else (self.learned, None)
        name = candidate.strategy.name
        if name not in self._given:  # the same for every fold
            own = None if self.weights is None else self.weights[self.learned]
            given = fit_params(candidate.strategy, self.model, self.y[self.learned], own)
            self._given[name] = {key: self._placed(values) for key, values in given.items()}
        params = {key: values[learn] for key, values in self._given[name].items()}
        if self.weights is not None:
            params["sample_weight"] = self.weights[learn]
        scored = self.X_test if held is None else self.X_train.iloc[held]
        return FitTask(self.X_train.iloc[learn], self.y[learn], params, scored, self.n_columns, self.labels)

    def _placed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the rows that are learned from their values, and the others none."""
        found = np.full(len(self.y), np.nan)
        found[self.learned] = values
        return found

    def shared(
        self, candidate: Candidate, fold: int
    ) -> tuple[FittedPreprocessing | None, Estimator, FitTask]:
        """Return one fit in two parts: steps that other strategies have too, fitted, and what is left to fit on their rows.

        None where no step stands before the sampler or the classifier.

        Parameters
        ----------
        candidate : Candidate
        fold : int
            Folds come one after another: what they share is kept for one fold.
        """
        rows = self.rows(candidate, fold)
        first_steps, rest = divided(candidate.estimator)
        if first_steps is None:
            return None, rest, rows
        if fold != self._at:
            self._at, self._fronts = fold, {}
        found = self._front(first_steps, rows)
        X, scored = found.X, found.scored
        if not (self.model.name in NAMED and candidate.strategy.name in NAMES):
            X, scored = _copied((X, scored))  # what is the user's own may write into the rows it is given
        return found, rest, replace(rows, X=X, scored=scored)

    def _front(self, first_steps: Estimator, rows: FitTask) -> FittedPreprocessing:
        """Return first steps fitted on these rows: once for all that have them, though others stand behind."""
        # steps of the user's own are the same objects in every pipeline; ours are made anew, and alike
        key = (
            tuple(id(step) for _, step in first_steps.steps)
            if self.model.own
            else joblib.hash(first_steps.get_params())
        )
        if key not in self._fronts:
            self._fronts[key] = self._in_turn(first_steps, rows)
        return self._fronts[key]

    def _in_turn(self, first_steps: Estimator, rows: FitTask) -> FittedPreprocessing:
        """Fit what all strategies begin with, then what some of them have behind it."""
        alike = len(self.model.before) if self.model.own else int(self.model.vectorizer is not None)
        if not 0 < alike < len(first_steps.steps):
            return _fitted(first_steps, rows)
        front = self._front(type(first_steps)(first_steps.steps[:alike]), rows)
        X, scored = _copied((front.X, front.scored)) if self.model.own else (front.X, front.scored)
        behind = _fitted(type(first_steps)(first_steps.steps[alike:]), replace(rows, X=X, scored=scored))
        warned = tuple(sorted({*front.warned, *behind.warned}))
        return replace(behind, steps=[*front.steps, *behind.steps], warned=warned)


def _fitted(first_steps: Estimator, rows: FitTask) -> FittedPreprocessing:
    """Fit first steps here, whatever pool is configured: its workers wait for these rows."""
    fitted = clone(first_steps)
    with recorded() as caught, joblib.parallel_config(backend="sequential"):
        weights = rows.fit_params.get("sample_weight")
        given = {} if weights is None else {"sample_weight": weights}
        X = fitted.fit_transform(rows.X, rows.y, **given)
        # where nothing is held out, the model of all rows has none to score
        scored = fitted.transform(rows.scored) if len_of(rows.scored) else rows.scored
        return FittedPreprocessing(fitted.steps, X, scored, messages_of(caught))


def divided(estimator: Estimator) -> tuple[Estimator, Estimator]:
    """Divide a pipeline before its sampler or its classifier; None in front where nothing stands there."""
    if not isinstance(estimator, Pipeline) or estimator.memory is not None:
        return None, estimator
    last = len(estimator.steps) - 1
    place = next((at for at, (_, step) in enumerate(estimator.steps) if hasattr(step, "fit_resample")), last)
    if not place or any(step is None or isinstance(step, str) for _, step in estimator.steps[:place]):
        return None, estimator
    return type(estimator)(estimator.steps[:place]), type(estimator)(estimator.steps[place:])


def _copied(value: Any) -> Any:
    """Return a copy all the way down; what holds a lock or a connection has none, and is shared."""
    try:
        return deepcopy(value)
    except Exception:  # of the user's own class
        return value


def with_first_steps(outcome: FitResult, first_steps: FittedPreprocessing | None) -> FitResult:
    """Put fitted steps before the fitted pipeline that learned from what they made."""
    if first_steps is None:
        return outcome
    warned = tuple(sorted({*outcome.warned, *first_steps.warned}))
    if outcome.model is None:
        return replace(outcome, warned=warned)
    # a model's own steps: fitting one model anew must not change the others
    steps = [*_copied(first_steps.steps), *outcome.model.steps]
    return replace(outcome, warned=warned, model=type(outcome.model)(steps))


def answers(target: Target) -> NDArray[Any]:
    """Return the labels that models answer in, by code; of objects, where scikit-learn takes them as codes only."""
    if target.is_one_vs_rest:
        return np.array([False, True])
    if not target.needs_codes:
        return np.array(target.classes)
    labels = np.empty(len(target.classes), dtype=object)  # mixed labels, tuples, dates
    labels[:] = target.classes
    return labels


@dataclass(frozen=True, eq=False)
class FitResult:
    """What came of a job: scores of the rows it was to score (margins too, see `margins_of`), or why it failed.

    Where a model may decide otherwise than by the default threshold, the codes it predicts too, or why there are none.
    """

    job: Job
    scores: Matrix | None
    margins: Matrix | None
    model: Estimator | None
    failure: str
    seconds: float
    warned: tuple[str, ...]
    predicted: Predicted | None = None
    unpredicted: str = ""


@dataclass(frozen=True, eq=False)
class FitTask:
    """What a job learns from and what it scores.

    Attributes
    ----------
    X : pandas.DataFrame, or what steps before made of it
        Rows to learn from.
    y : numpy.ndarray
        Their labels.
    fit_params : dict
        What else ``fit`` is given: ``sample_weight``, the rows' own, and by the last step's name those of classes.
    scored : pandas.DataFrame, or what the same steps made of it
        Rows to score, none of them among `X`.
    n_columns : int
        Columns of scores to expect.
    labels : numpy.ndarray, optional
        The labels by code, where predictions are wanted beside scores.
    """

    X: Any
    y: NDArray[Any]
    fit_params: dict[str, Any]
    scored: Any
    n_columns: int
    labels: NDArray[Any] | None = None


def fit_and_score(job: Job, estimator: Estimator, rows: FitTask) -> FitResult:
    """Fit a clone of the estimator and score; whatever it raises becomes the reason of a failure."""
    start = perf_counter()
    fitted, scores, margins, failure = None, None, None, ""
    predicted: tuple[Predicted | None, str] = None, ""
    with recorded() as caught:
        try:
            fitted = fit_clone(estimator, rows.X, np.array(rows.y), rows.fit_params)  # its own labels
            scores = scores_of(fitted, rows.scored, rows.n_columns)
            margins = margins_of(fitted, rows.scored, scores)
            predicted = predictions_of(fitted, rows.scored, rows.labels)
        except Exception as error:  # a model of the user's may raise anything; its row says what
            failure = reason(error)
    kept = fitted if job.fold < 0 and not failure else None
    seconds = perf_counter() - start
    return FitResult(job, scores, margins, kept, failure, seconds, messages_of(caught), *predicted)


def failed(job: Job, why: str) -> FitResult:
    """Return what came of a job that failed before its fit."""
    return FitResult(job, None, None, None, why, 0.0, ())


def messages_of(caught: Iterable[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return what a fit's warnings say that its reader must know."""
    return tuple(sorted({_warned(each) for each in caught} - {""}))


def _warned(caught: warnings.WarningMessage) -> str:
    if issubclass(caught.category, ConvergenceWarning):
        return NOT_CONVERGED
    if "Scoring failed" in str(caught.message) or issubclass(caught.category, FitFailedWarning):
        return "inside the search failed: its scorer may not take these labels"
    return ""
