"""What makes probabilities true again: the prior correction, and calibrators fitted on out-of-fold scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn import calibration
from sklearn.isotonic import IsotonicRegression

from imbalance_accessor.errors import ModelError
from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.calibration import prior_corrected, prior_corrected_classes
from imbalance_accessor.metrics.weights import ONES, Weights
from imbalance_accessor.modeling.estimators import WrappedClassifier, lazily, refuse_tables
from imbalance_accessor.options import CALIBRATORS


def known_calibrators() -> tuple[str, ...]:
    """Return the calibrators that the installed scikit-learn can fit."""
    methods = calibration.CalibratedClassifierCV._parameter_constraints["method"][0].options
    return tuple(name for name in CALIBRATORS if name == "prior" or name in methods)


@dataclass(frozen=True, eq=False)
class Calibrator:
    """A fitted calibrator of the positive class's probability.

    Attributes
    ----------
    name : str
    odds_shift : float
        What the strategy multiplied the odds by; the prior correction divides by it.
    calibrator : IsotonicRegression, or scikit-learn's sigmoid or temperature, or None
        What `CalibratedClassifierCV` fits on scores; None for the prior correction.
    """

    name: str
    odds_shift: float = 1.0
    calibrator: Any = None

    @property
    def inverts(self) -> bool:
        """Whether it turns the order of the scores round, as a sigmoid of scores that rank backwards does."""
        low, high = self.apply(np.array([0.1, 0.9]), np.array([-2.0, 2.0]))
        return bool(low > high)

    def apply(self, p: Floats, margin: Floats | None = None) -> Floats:
        """Return calibrated probabilities, shape (n,).

        Parameters
        ----------
        p : ndarray of float, shape (n,)
            Probabilities, or scores that are none.
        margin : ndarray of float, shape (n,), optional
            What the model's ``decision_function`` gives; a calibrator reads it where there is one, as
            `CalibratedClassifierCV` does.
        """
        if self.calibrator is None:
            return prior_corrected(p, self.odds_shift)
        found = np.asarray(self.calibrator.predict(_read(self.name, p, margin)), np.float64)
        return np.minimum(found if found.ndim == 1 else found[:, 1], 1.0)  # steps are joined within rounding


def fit_calibrator(
    name: str,
    y: NDArray[np.bool_],
    p: Floats,
    margin: Floats | None,
    odds_shift: float,
    weights: Floats | None = None,
) -> Calibrator:
    """Fit a calibrator on scores of rows that the model has not learned from.

    Parameters
    ----------
    name : {"prior", "sigmoid", "isotonic", "temperature"}
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Out-of-fold probabilities (or scores).
    margin : ndarray of float, shape (n,), optional
        Out-of-fold margins.
    odds_shift : float
        What the strategy multiplied the odds by.
    weights : ndarray of float, shape (n,), optional
        How much each row counts; see `learning_weights`.

    Returns
    -------
    Calibrator

    Notes
    -----
    Sigmoid (Platt 1999), isotonic (Zadrozny & Elkan 2002) and temperature (Guo et al. 2017) are scikit-learn's, fitted
    as ``CalibratedClassifierCV(..., ensemble=False)`` fits them, with `weights` as its ``sample_weight``. Whole weights do
    what as many equal rows do.
    """
    if name == "prior":
        return Calibrator(name, odds_shift)
    fitted = _unfitted(name).fit(_read(name, p, margin), y.astype(int), sample_weight=weights)
    return Calibrator(name, odds_shift, fitted)


def _unfitted(name: str) -> Any:
    if name == "isotonic":
        return IsotonicRegression(out_of_bounds="clip")
    return calibration._SigmoidCalibration() if name == "sigmoid" else calibration._TemperatureScaling()


def _read(name: str, p: Floats, margin: Floats | None) -> Floats:
    """Return what a calibrator reads: margins where there are any, else probabilities; temperature those of both classes."""
    score = np.asarray(p if margin is None else margin, np.float64)
    return np.column_stack([1 - score, score]) if name == "temperature" and margin is None else score


def learning_weights(y: NDArray[np.bool_], weights: Weights = ONES, deals: int = 1) -> Floats | None:
    """Return how much each row counts where a calibrator is fitted on it; None where all count once.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    weights : Weights
    deals : int, default 1
        How often each row stands here, once for each deal of the folds; it counts so much less.

    Returns
    -------
    ndarray of float, shape (n,), or None

    Notes
    -----
    No class counts less than its rows do: its factors are divided by the smaller one. A sigmoid's targets are
    (n₁ + 1) / (n₁ + 2) and 1 / (n₀ + 2) by how much each class counts (Platt 1999); were 100 positives to count as 1, they
    would no longer speak for themselves. For the other calibrators the scale does not matter.

    Examples
    --------
    >>> learning_weights(np.array([True, False]), Weights(factors=np.array([1.2, 0.1]))).round(6).tolist()
    [1.0, 12.0]
    """
    if weights.are_ones:
        return None if deals == 1 else np.full(len(y), 1 / deals)
    counted = weights.of(y)
    assert counted is not None
    return counted / (1.0 if weights.factors is None else weights.factors.min()) / deals


@dataclass(frozen=True, eq=False)
class ClassCorrection:
    """What brings the probabilities of several classes to other shares; see `prior_corrected_classes`.

    Attributes
    ----------
    factors : ndarray of float, shape (k,)
    """

    factors: Floats


class ClassCorrectedModel(WrappedClassifier):
    """A fitted classifier of several classes whose probabilities are brought to other shares of the classes.

    Parameters
    ----------
    estimator : classifier
        Fitted on the whole training set; reads raw rows of the frame.
    factors : ndarray of float, shape (n_classes,)
        Each class's share where the model is used, over that in what it learned from.
    """

    def __init__(self, estimator: Any, factors: Floats) -> None:
        self.estimator = estimator
        self.factors = factors

    @lazily
    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities at these shares, shape (n_rows, n_classes); of a lazy frame lazily."""
        return prior_corrected_classes(self._ready().predict_proba(X), self.factors)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest label of each row, shape (n_rows,)."""
        refuse_tables(X)
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


class CalibratedModel(WrappedClassifier):
    """A fitted classifier whose probabilities are calibrated.

    Parameters
    ----------
    estimator : classifier
        Fitted on the whole training set; reads raw rows of the frame.
    calibrator : Calibrator
        Fitted on out-of-fold scores of the training set.
    positive : int
        The column of the positive class.
    """

    def __init__(self, estimator: Any, calibrator: Calibrator, positive: int = 1) -> None:
        self.estimator = estimator
        self.calibrator = calibrator
        self.positive = positive

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit the classifier anew, which takes `params`; the calibrator stays as it is."""
        super().fit(X, y, **params)
        if len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported. The target has {len(self.classes_)} classes."
            )
        return self

    @lazily
    def predict_proba(self, X: Any) -> Floats:
        """Return calibrated probabilities, shape (n_rows, 2); of a lazy frame lazily."""
        p, margin = scores_and_margin(self._ready(), X, self.positive)
        calibrated = self.calibrator.apply(p, margin)
        both = np.column_stack([1 - calibrated, calibrated])
        return both if self.positive == 1 else both[:, ::-1]

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier label of each row, shape (n_rows,)."""
        refuse_tables(X)
        likelier = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likelier])


def with_calibrator(model: Any, calibrator: Calibrator | ClassCorrection | None, positive: int | None) -> Any:
    """Return a fitted model whose probabilities are calibrated; the model itself where nothing calibrates it."""
    if isinstance(calibrator, ClassCorrection):
        return ClassCorrectedModel(model, calibrator.factors)
    return model if calibrator is None else CalibratedModel(model, calibrator, positive or 0)


def scores_and_margin(estimator: Any, X: Any, positive: int) -> tuple[Floats, Floats | None]:
    """Return the positive class's score and its margin, where the estimator gives one."""
    sign = 1.0 if positive == 1 else -1.0
    margin = None
    if hasattr(estimator, "decision_function"):
        margin = sign * np.asarray(estimator.decision_function(X), np.float64)
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(X), np.float64)[:, positive], margin
    if margin is None:
        raise ModelError(f"{type(estimator).__name__} gives neither probabilities nor margins.")
    return margin, margin
