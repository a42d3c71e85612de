"""What a model that knows nothing scores, and which constant answer is the better one."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.stats.judging import decision_figures
from imbalance_accessor.stats.judging_several import losses_of
from imbalance_accessor.stats.metrics import DECISION, confusion, probability_losses
from imbalance_accessor.stats.multiclass import confusion_matrix, multiclass_decision

#: Figures by metric, and whose they are.
NO_SKILL: TypeAlias = "tuple[dict[str, float], dict[str, str]]"


def no_skill(train: NDArray[np.bool_], test: NDArray[np.bool_], is_probability: bool) -> NO_SKILL:
    """Score constant answers about a positive class.

    Parameters
    ----------
    train, test : numpy.ndarray of bool
        Whether each row is positive.
    is_probability : bool
        Whether probability figures are wanted.

    Returns
    -------
    figures : dict of str to float
        Average precision is the prevalence, ROC-AUC 0.5, probabilities are the train part's prevalence, and each
        decision metric is the better of always-majority and always-positive.
    whose : dict of str to str
        Which constant answer each figure is.
    """
    losses = probability_losses(test, np.full(len(test), train.mean()))
    figures = {"average_precision": float(test.mean()), "roc_auc": 0.5}
    figures |= {name: float(np.mean(values)) for name, values in losses.items() if is_probability}
    whose = dict.fromkeys(figures, "the train prevalence for every row")
    whose |= dict.fromkeys(("average_precision", "roc_auc"), "a random order")
    majority = decision_figures(confusion(test, np.zeros(len(test), dtype=bool)))
    positive = decision_figures(confusion(test, np.ones(len(test), dtype=bool)))
    for metric in DECISION:
        better = "always positive" if positive[metric] > majority[metric] else "always majority"
        for suffix in ("", "_tuned"):
            figures[f"{metric}{suffix}"] = max(positive[metric], majority[metric])
            whose[f"{metric}{suffix}"] = better
    return {**figures, "prevalence": float(test.mean())}, whose


def no_skill_several(
    train: NDArray[np.intp], test: NDArray[np.intp], k: int, labels: tuple[str, ...], is_probability: bool
) -> NO_SKILL:
    """Score constant answers about several classes: train shares, and always the most frequent class."""
    shares = np.bincount(train, minlength=k) / len(train)
    losses = losses_of(test, np.tile(shares, (len(test), 1)))
    test_shares = np.bincount(test, minlength=k) / len(test)
    figures = {"average_precision": float(test_shares.mean()), "roc_auc": 0.5}
    figures |= {name: float(values.mean()) for name, values in losses.items() if is_probability}
    whose = dict.fromkeys(figures, "the train shares for every row")
    whose |= dict.fromkeys(("average_precision", "roc_auc"), "a random order")
    decided = multiclass_decision(confusion_matrix(test, np.full(len(test), shares.argmax()), k))
    for metric in DECISION:
        figures[metric], whose[metric] = float(decided[metric]), "always majority"
    for code, label in enumerate(labels):
        figures[f"recall[{label}]"] = float(code == shares.argmax())
        whose[f"recall[{label}]"] = "always majority"
    return figures, whose
