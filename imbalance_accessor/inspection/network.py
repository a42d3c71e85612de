"""What each layer of a neural network makes of one row: matrix products and activations, from the input to the probability."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse
from scipy.special import expit, softmax
from sklearn.neural_network import MLPClassifier

from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.modeling.strategies import Estimator

_ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "identity": lambda z: z,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "softmax": softmax,
}


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer's answer to a row.

    Attributes
    ----------
    name : str
        ``"input"``, ``"hidden 1"``, ``"hidden 2"``, ..., ``"output"``.
    activation : str
        The function that turns weighted sums into values, as scikit-learn names it; empty for the input.
    units : tuple of str
        Columns of the input, as the network sees them; numbers from 0 of hidden units; labels of the output.
    before : ndarray of float, shape (n_units,)
        Weighted sums plus intercepts, of the output the logits; nan for the input.
    values : ndarray of float, shape (n_units,)
        After the activation: of the output the probabilities.
    """

    name: str
    activation: str
    units: tuple[str, ...]
    before: Floats
    values: Floats

    def largest(self, n: int) -> list[int]:
        """Return the places of the units with the largest values other than 0, whatever their sign, the largest first."""
        order = np.argsort(-np.abs(self.values), kind="stable")[:n]
        return [int(place) for place in order if self.values[place] != 0]

    @property
    def active(self) -> int:
        """How many units have a value other than 0."""
        return int(np.count_nonzero(self.values))


def is_network(classifier: Estimator) -> bool:
    """Whether a fitted classifier is a network of which each row has one output unit, or one a class."""
    return isinstance(classifier, MLPClassifier) and {
        classifier.activation,
        classifier.out_activation_,
    } <= set(_ACTIVATIONS)


def layers_of(
    classifier: Estimator, x: Any, names: list[str], labels: tuple[str, ...], positive: int | None
) -> tuple[Layer, ...]:
    """Return what each layer of a fitted network makes of a row.

    Parameters
    ----------
    classifier : classifier
    x : array, shape (1, n_columns)
        The row as it reaches the network, after imputing and scaling.
    names : list of str
        The columns' names.
    labels : tuple of str
        The classes, or the positive one alone.
    positive : int, optional
        Its place among two classes.

    Returns
    -------
    tuple of Layer
        Empty where the model is no network.

    Notes
    -----
    Of two classes a network has one output, the log odds of the second; of the first they are its negative.
    """
    if not is_network(classifier):
        return ()
    cells: Any = x.toarray() if issparse(x) else x  # type: ignore[attr-defined]
    values = np.ravel(np.asarray(cells))
    found = [Layer("input", "", tuple(names), np.full(len(values), np.nan), values)]
    for place, (weights, intercepts) in enumerate(
        zip(classifier.coefs_, classifier.intercepts_, strict=True), start=1
    ):
        before = values @ weights + intercepts
        is_last = place == len(classifier.coefs_)
        if is_last and positive == 0:
            before = -before
        activation = classifier.out_activation_ if is_last else classifier.activation
        values = _ACTIVATIONS[activation](before)
        units = labels if is_last else tuple(map(str, range(len(values))))
        found.append(Layer("output" if is_last else f"hidden {place}", activation, units, before, values))
    return tuple(found)
