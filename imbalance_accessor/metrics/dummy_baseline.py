"""What a dummy model scores, and which constant answer is the better one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Floats
from imbalance_accessor.metrics.binary import confusion
from imbalance_accessor.metrics.figures import decision_figures
from imbalance_accessor.metrics.multiclass import ClassCounts, confusion_matrix
from imbalance_accessor.metrics.registry import losses_of_classes, probability_losses, rows

#: Figures by metric, and whose they are.
DummyBaseline: TypeAlias = "tuple[dict[str, float], dict[str, str]]"


def dummy_baseline(
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
    is_probability: bool,
    weights: tuple[Floats | None, Floats | None] = (None, None),
) -> DummyBaseline:
    """Score constant answers about a positive class.

    Parameters
    ----------
    train, test : numpy.ndarray of bool
        Whether each row is positive.
    is_probability : bool
        Whether probability figures are wanted.
    weights : tuple of (numpy.ndarray, numpy.ndarray)
        How much train and test rows count; None: once each.

    Returns
    -------
    figures : dict of str to float
        Average precision is the prevalence, ROC-AUC 0.5, probabilities are the training set's prevalence, and each
        decision metric is the better of always-majority and always-positive.
    whose : dict of str to str
        Which constant answer each figure is.
    """
    prevalence = float(np.average(test, weights=weights[1]))
    losses = probability_losses(test, np.full(len(test), np.average(train, weights=weights[0])))
    figures, whose = _ranked_at_random(prevalence)
    figures |= _means(losses if is_probability else {}, weights[1])
    whose |= dict.fromkeys(losses if is_probability else (), "the train prevalence for every row")
    majority = decision_figures(confusion(test, np.zeros(len(test), dtype=bool), weights[1]))
    positive = decision_figures(confusion(test, np.ones(len(test), dtype=bool), weights[1]))
    for metric in rows("decision"):
        constant = {"always majority": majority[metric.name], "always positive": positive[metric.name]}
        better = max(constant, key=lambda name: metric.better * constant[name])
        for suffix in ("", "_tuned"):
            figures[f"{metric.name}{suffix}"], whose[f"{metric.name}{suffix}"] = constant[better], better
    return {**figures, "prevalence": prevalence}, whose


def dummy_baseline_several(
    train: NDArray[np.intp],
    test: NDArray[np.intp],
    k: int,
    labels: tuple[str, ...],
    is_probability: bool,
    weights: tuple[Floats | None, Floats | None] = (None, None),
) -> DummyBaseline:
    """Score constant answers about several classes: train shares, and always the most frequent class."""
    shares, test_shares = (
        np.bincount(codes, each, minlength=k) / (len(codes) if each is None else each.sum())
        for codes, each in zip((train, test), weights, strict=True)
    )
    losses = losses_of_classes(test, np.tile(shares, (len(test), 1)))
    figures, whose = _ranked_at_random(*test_shares)
    figures |= _means(losses if is_probability else {}, weights[1])
    whose |= dict.fromkeys(losses if is_probability else (), "the train shares for every row")
    counts = ClassCounts(confusion_matrix(test, np.full(len(test), shares.argmax()), k, weights[1]))
    for metric in rows("decision", several=True):
        assert metric.of_classes is not None
        figures[metric.name], whose[metric.name] = float(metric.of_classes(counts)), "always majority"
    for code, label in enumerate(labels):
        figures[f"recall[{label}]"] = float(code == shares.argmax())
        whose[f"recall[{label}]"] = "always majority"
    return figures, whose


def _means(losses: Mapping[str, Floats], weights: Floats | None) -> dict[str, float]:
    return {name: float(np.average(values, weights=weights)) for name, values in losses.items()}


def _ranked_at_random(*prevalences: float) -> DummyBaseline:
    """Return what a random order scores, averaged over the classes."""
    figures = {
        metric.name: float(np.mean([metric.no_skill(each) for each in prevalences]))
        if metric.no_skill
        else np.nan
        for metric in rows("ranking")
    }
    return figures, dict.fromkeys(figures, "a random order")
