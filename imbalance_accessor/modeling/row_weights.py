"""Fits to rows with weights of their own: which estimators take them, and how they go through a pipeline."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from imblearn.pipeline import Pipeline
from numpy.typing import ArrayLike, NDArray
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.modeling.mixed_neighbours import searched_in_blocks
from imbalance_accessor.modeling.models import estimators_inside
from imbalance_accessor.modeling.samplers import with_parents
from imbalance_accessor.modeling.strategies import Estimator

_WEIGHTS = "sample_weight"


def takes_row_weights(classifier: Estimator) -> bool:
    """Whether a classifier's ``fit`` takes weights of rows, and so do those that it is made of.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> takes_row_weights(LogisticRegression()), takes_row_weights(KNeighborsClassifier())
    (True, False)
    """
    if isinstance(classifier, VotingClassifier | StackingClassifier):
        return all(takes_row_weights(each) for _, each in classifier.estimators if not isinstance(each, str))
    if isinstance(classifier, BaggingClassifier) and classifier.estimator is not None:
        return has_fit_parameter(classifier, _WEIGHTS) and takes_row_weights(classifier.estimator)
    return bool(has_fit_parameter(classifier, _WEIGHTS))


def balancing(y: NDArray[Any], weights: Floats | None) -> Floats:
    """Return the weight that each row's class has where all classes weigh alike, shape (n_rows,).

    Notes
    -----
    W / (k · W_c), W_c the sum of the weights of class c: as for rows that were repeated.

    Examples
    --------
    >>> balancing(np.array([0, 0, 1]), np.array([1.0, 2.0, 1.0])).round(2).tolist()
    [0.67, 0.67, 2.0]
    """
    labels, codes = np.unique(y, return_inverse=True)
    totals = np.bincount(codes, weights)
    by_class = np.zeros(len(labels))
    np.divide(totals.sum(), len(labels) * totals, out=by_class, where=totals > 0)
    return np.asarray(by_class[codes])


def ask_for_weights(step: Estimator) -> None:
    """Let the scaling within a step of ours learn from weights of rows."""
    with config_context(enable_metadata_routing=True):
        for each in estimators_inside(step):
            if isinstance(each, StandardScaler):
                each.set_fit_request(sample_weight=True)


class WeightedPipeline(Pipeline):  # type: ignore[misc]
    """An imbalanced-learn pipeline that is fitted to rows with weights of their own; without them as any other.

    Notes
    -----
    Weights reach the classifier, and steps that ask for them (``set_fit_request(sample_weight=True)``), as scaling does
    here. Behind a sampler each row has the weight of the row it comes from, see `parents_of`. ``class_weight="balanced"``
    goes by sums of weights, where most of scikit-learn counts rows. Medians that fill missing cells, and the share below
    which levels are pooled, count rows: scikit-learn has no weighted ones.
    """

    def fit(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None, **params: Any) -> Self:
        """Fit the steps one after another.

        Parameters
        ----------
        X : array-like, shape (n_rows, n_features)
        y : array-like, shape (n_rows,)
        sample_weight : array-like of float, shape (n_rows,), optional
        **params : dict
            Of the last step, ``step__parameter``; its own ``sample_weight`` multiplies the rows'.
        """
        if sample_weight is None:
            return super().fit(X, y, **params)  # type: ignore[no-any-return]
        last, classifier = self.steps[-1]
        given = {name.removeprefix(f"{last}__"): value for name, value in params.items()}
        weights = np.asarray(sample_weight, np.float64)
        factors = np.asarray(given.pop(_WEIGHTS, np.ones(len(weights))), np.float64)
        X, y, weights, factors = self._through(X, np.asarray(y), weights, factors)
        _fit(classifier, X, y, weights, factors, given)
        return self

    def fit_transform(
        self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None, **params: Any
    ) -> Any:
        """Fit the steps, of which the last is no classifier, and return what they make of the rows."""
        if sample_weight is None:
            return super().fit_transform(X, y, **params)
        weights = np.asarray(sample_weight, np.float64)
        X, y, weights, _ = self._through(X, np.asarray(y), weights, weights)
        return _transformed(self.steps[-1][1], X, y, weights)

    def _through(
        self, X: Any, y: NDArray[Any], weights: Floats, factors: Floats
    ) -> tuple[Any, NDArray[Any], Floats, Floats]:
        """Fit all steps but the last, and return what they hand to it."""
        self._validate_steps()
        for _, step in self.steps[:-1]:
            if step is None or isinstance(step, str):
                continue
            if hasattr(step, "fit_resample"):
                X, y, parents = with_parents(step, X, y)
                weights, factors = weights[parents], factors[parents]
            else:
                X = _transformed(step, X, y, weights)
        return X, y, weights, factors


def _transformed(step: Estimator, X: Any, y: NDArray[Any], weights: Floats) -> Any:
    """Fit a step, with weights where it asks for them, and return what it makes of its rows."""
    asks = asks_for_weights(step)
    with config_context(enable_metadata_routing=asks):
        given = {_WEIGHTS: weights} if asks else {}
        if hasattr(step, "fit_transform"):
            return step.fit_transform(X, y, **given)
        return step.fit(X, y, **given).transform(X)


def asks_for_weights(step: Estimator) -> bool:
    """Whether a step's fit wants row weights."""
    try:
        return bool(get_routing_for_object(step).consumes("fit", {_WEIGHTS}))
    except NotImplementedError:  # of scikit-learn's own, which route nothing yet
        return False


def _fit(
    classifier: Estimator, X: Any, y: NDArray[Any], weights: Floats, factors: Floats, given: dict[str, Any]
) -> None:
    """Fit a classifier; ``class_weight="balanced"`` becomes a factor of each row's weight."""
    is_balanced = str(classifier.get_params(deep=False).get("class_weight")) == "balanced"
    if is_balanced:
        factors = factors * balancing(y, weights)
        classifier.set_params(class_weight=None)
    try:
        classifier.fit(X, y, sample_weight=weights * factors, **given)
    finally:
        if is_balanced:
            classifier.set_params(class_weight="balanced")


def fit_clone(estimator: Estimator, X: Any, y: NDArray[Any], params: dict[str, Any]) -> Estimator:
    """Fit a clone; weights of rows are handed on by name, whatever routing scikit-learn is set to."""
    fitted = clone(estimator)
    with searched_in_blocks(fitted):
        if not params:
            return fitted.fit(X, y)
        with config_context(enable_metadata_routing=False):
            return fitted.fit(X, y, **params)
