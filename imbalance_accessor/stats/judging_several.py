"""From scores of several classes to figures: one-vs-rest averages, and each class's recall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.stats.judging import Floats, Judged, Samples, gather, wilson_ends
from imbalance_accessor.stats.metrics import DECISION, RANKING, Ranking
from imbalance_accessor.stats.multiclass import confusion_matrix, multiclass_decision

Codes: TypeAlias = "NDArray[np.intp]"


@dataclass(frozen=True, eq=False)
class Several:
    """One strategy's scores of each class.

    Attributes
    ----------
    y : numpy.ndarray of int, shape (n_test,)
    score : numpy.ndarray, shape (n_test, k)
    y_oof, score_oof, fold : numpy.ndarray
        The train part, out of fold; fold -1 where no fold scored a row.
    is_probability : bool
    labels : tuple of str
        The classes' names, for the columns of recalls.
    """

    y: Codes
    score: Floats
    y_oof: Codes
    score_oof: Floats
    fold: Codes
    is_probability: bool
    labels: tuple[str, ...]


def judge_several(
    sides: Mapping[str, Several],
    *,
    groups: Codes | None = None,
    n_draws: int = 1000,
    seed: int = 0,
) -> dict[str, Judged]:
    """Judge several strategies on several classes; a row goes to the class with the highest score.

    Returns
    -------
    dict of str to Judged
        Average precision and ROC-AUC as plain means over the classes, each against the rest; the Brier score
        summed over classes (Brier 1950: 0 to 2); no cut.
    """
    meters = {
        name: _PerClass(side.y, side.score, side.is_probability, side.labels) for name, side in sides.items()
    }
    cv = {name: _out_of_fold(side) for name, side in sides.items()}
    y = next(iter(sides.values())).y
    return gather(meters, dict.fromkeys(sides, np.nan), cv, y, groups=groups, n_draws=n_draws, seed=seed)


def losses_of(y: Codes, p: Floats) -> dict[str, Floats]:
    """Return each row's Brier and log-loss terms, shape (n,)."""
    eps = np.finfo(np.float64).eps
    true = p[np.arange(len(y)), y]
    brier = np.square(p).sum(axis=1) - 2 * true + 1
    return {"brier": brier, "log_loss": -np.log(np.clip(true, eps, 1 - eps))}


class _PerClass:
    """Measures scores of several classes."""

    def __init__(self, y: Codes, score: Floats, is_probability: bool, labels: tuple[str, ...]) -> None:
        self.y, self.labels, self.k = y, labels, score.shape[1]
        self.predicted = score.argmax(axis=1)
        self.rankings = [Ranking(y == code, score[:, code]) for code in range(self.k)]
        self.losses = losses_of(y, score) if is_probability else {}

    def points(self) -> dict[str, float]:
        found = {name: float(values[0]) for name, values in self._measured(np.ones((1, len(self.y)))).items()}
        return found | {name: np.nan for name in ("brier", "log_loss") if name not in found}

    def drawn(self, weights: Floats) -> Samples:
        return self._measured(weights)

    def wilson(self, points: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        rows = np.bincount(self.y, minlength=self.k)
        ends = {
            f"recall[{label}]": wilson_ends(points[f"recall[{label}]"] * n, n)
            for label, n in zip(self.labels, rows, strict=True)
        }
        return ends | {"accuracy": wilson_ends(points["accuracy"] * len(self.y), len(self.y))}

    def _measured(self, weights: Floats) -> Samples:
        found = {
            name: np.mean([getattr(ranking, name)(weights) for ranking in self.rankings], axis=0)
            for name in RANKING
        }
        found |= {name: weights @ losses / weights.sum(axis=1) for name, losses in self.losses.items()}
        decided = multiclass_decision(confusion_matrix(self.y, self.predicted, self.k, weights))
        found |= {name: np.asarray(decided[name]) for name in DECISION}
        per_class = np.asarray(decided["per_class_recall"])
        return found | {f"recall[{label}]": per_class[..., code] for code, label in enumerate(self.labels)}


def _out_of_fold(side: Several) -> dict[str, float]:
    """Pool rows over folds, but for ranking figures, which are means over folds."""
    scored = side.fold >= 0
    y, score, fold = side.y_oof[scored], side.score_oof[scored], side.fold[scored]
    found = _PerClass(y, score, side.is_probability, side.labels).points()
    per_fold = [
        _PerClass(y[fold == each], score[fold == each], False, side.labels).points()
        for each in np.unique(fold)
    ]
    return found | {name: float(np.mean([points[name] for points in per_fold])) for name in RANKING}
