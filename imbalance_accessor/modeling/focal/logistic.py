"""Logistic regression under the focal loss."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.modeling.focal.loss import check_focus, focal_gradient, focal_loss


class FocalLogisticRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression of two classes under the focal loss.

    Parameters
    ----------
    alpha : float in (0, 1), optional
        The weight of the second class, beside 1 - alpha for the first. By default both weigh 1, so that `gamma` alone
        tells it from `LogisticRegression`: the 0.25 of Lin et al. was tuned to their detector, and weighs the rare
        class down.
    gamma : float >= 0, default 2.0
        How much easy rows are faded out; 2 is what Lin et al. found best. 0 is `LogisticRegression`.
    C : float, default 1.0
        Inverse strength of the L2 penalty, as in `LogisticRegression`.
    tol : float, default 1e-4
        The largest component of the gradient at which the search ends.
    max_iter : int, default 100
        Iterations of L-BFGS.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    coef_ : ndarray of float, shape (1, n_features)
    intercept_ : ndarray of float, shape (1,)
    n_iter_ : ndarray of int, shape (1,)
    n_features_in_ : int

    Notes
    -----
    Minimises Σ w FL / Σ w + ‖coef‖² / (2 C Σ w), with FL the focal loss of Lin et al. 2017. For gamma > 0 that is not
    convex; the search begins at 0, and is the same every time. Probabilities are drawn towards one half: calibrate
    them.

    Examples
    --------
    >>> X, y = np.array([[-1.0], [0.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    >>> FocalLogisticRegression().fit(X, y).predict(X).tolist()
    [0, 0, 1, 1]
    """

    def __init__(
        self,
        *,
        alpha: float | None = None,
        gamma: float = 2.0,
        C: float = 1.0,
        tol: float = 1e-4,
        max_iter: int = 100,
    ) -> None:
        self.alpha = alpha
        self.gamma = gamma
        self.C = C
        self.tol = tol
        self.max_iter = max_iter

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> FocalLogisticRegression:
        """Fit by L-BFGS, from probabilities of one half.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_rows, n_features)
        y : array-like, shape (n_rows,)
            Labels of two classes.
        sample_weight : array-like of float, shape (n_rows,), optional

        Returns
        -------
        FocalLogisticRegression
        """
        check_focus(self.alpha, self.gamma)
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind != "binary":
            only = "Only binary classification is supported."
            raise ValueError(f"{only} The type of the target is {kind}.")
        self.classes_ = np.unique(y)
        if len(self.classes_) == 1:
            raise ValueError("Two classes are needed; the labels hold one class alone.")
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        found = self._minimised(X, y == self.classes_[1], weight)
        self.coef_, self.intercept_ = found.x[None, :-1], found.x[-1:]
        self.n_iter_ = np.array([found.nit])
        if not found.success:
            said = f"L-BFGS ended early ({found.message}): raise max_iter, or scale."
            warnings.warn(said, ConvergenceWarning, stacklevel=2)
        return self

    def _minimised(self, X: Any, y: Any, weight: Floats) -> Any:
        total = weight.sum()

        def loss(coef: Floats) -> tuple[float, Floats]:
            raw, penalised = X @ coef[:-1] + coef[-1], np.append(coef[:-1], 0.0)
            each = weight @ focal_loss(y, raw, self.alpha, self.gamma)
            slope = weight * focal_gradient(y, raw, self.alpha, self.gamma)
            gradient = np.append(X.T @ slope, slope.sum()) + penalised / self.C
            value = each + penalised @ penalised / (2 * self.C)
            return value / total, gradient / total

        return minimize(
            loss,
            np.zeros(X.shape[1] + 1),
            method="L-BFGS-B",
            jac=True,
            options={
                "maxiter": self.max_iter,
                "maxls": 50,
                "gtol": self.tol,
                "ftol": 64 * float(np.finfo(float).eps),
            },
        )

    def decision_function(self, X: Any) -> Floats:
        """Return the log odds of the second class, shape (n_rows,)."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        return np.asarray(X @ self.coef_[0] + self.intercept_[0])

    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities, shape (n_rows, 2)."""
        raw = self.decision_function(X)
        return np.column_stack([expit(-raw), expit(raw)])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier label of each row, shape (n_rows,)."""
        raw = self.decision_function(X)
        return np.asarray(self.classes_[(raw > 0).astype(int)])
