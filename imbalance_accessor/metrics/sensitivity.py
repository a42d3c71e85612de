"""The figures of scores and of flagged rows over a range of prevalences: nothing is fitted, and no row is flagged otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np

from imbalance_accessor.metrics.arrays import Floats, ratio
from imbalance_accessor.metrics.binary import Ranking, average_precision
from imbalance_accessor.metrics.figures import Averaged, ClassScores, Scores

AnyScores: TypeAlias = "Scores | ClassScores | Averaged"

#: The lowest prevalence that is drawn, and the highest, unless others are marked.
LOWEST, HIGHEST = 1e-4, 0.5
_POINTS = 61


def prevalences_around(*marked: float) -> Floats:
    """Return prevalences for a logarithmic axis that holds some marked ones, a tenth of the smallest, and 0.0001 to 0.5.

    Examples
    --------
    >>> found = prevalences_around(0.25, 0.02)
    >>> float(found[0]), float(found[-1]), 0.02 in found
    (0.0001, 0.5, True)
    """
    low, high = min(LOWEST, min(marked) / 10), max(HIGHEST, *marked)
    inside = np.geomspace(low, high, _POINTS)[1:-1]
    return np.unique([low, high, *inside, *marked])


def factors_at(prevalence: float, share: float) -> Floats:
    """Return how much more negatives and positives count at a prevalence than in a sample with a share of positives."""
    return np.array([(1 - prevalence) / (1 - share), prevalence / share])


def _share_of(scores: Scores, share: float) -> float:
    """Return the share of positives in the rows that entries stand for, all of which are known; else that of the frame."""
    rows = scores.weights.rows(scores.y, 2)
    return share if scores.weights.copies is None else float(rows[1] / rows.sum())


def average_precision_at(scores: AnyScores, prevalences: Floats, share: float) -> Floats:
    """Return average precision at each prevalence, shape (k,).

    Parameters
    ----------
    scores : Scores, or Averaged of such
        What rows are ranked by, and their own weights; means over repeats.
    prevalences : ndarray of float, shape (k,)
    share : float
        The share of positives in the frame that the rows are of.

    Notes
    -----
    As in `metrics.binary.average_precision`: below the frame's share half a negative more is counted above each positive.

    Examples
    --------
    >>> y = np.array([True, False, True, False])
    >>> scores = Scores(y, rank=np.array([0.9, 0.7, 0.4, 0.1]))
    >>> average_precision_at(scores, np.array([0.5, 0.05]), share=0.5).round(3).tolist()
    [0.833, 0.083]
    """
    return np.asarray(np.mean([_ranked_at(each, prevalences, share) for each in _repeats(scores)], axis=0))


def _ranked_at(scores: Scores, prevalences: Floats, share: float) -> Floats:
    assert scores.rank is not None
    y, rank, share = scores.y, scores.rank, _share_of(scores, share)
    folds = np.zeros(len(y), int) if scores.folds is None else scores.folds
    own = scores.weights.without_factors.each(y)
    inside = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
    rankings = [(rows, Ranking(y[rows], rank[rows])) for rows in inside if 0 < y[rows].sum() < len(rows)]
    positives = [float(own[rows] @ y[rows]) for rows, _ in rankings]
    found = np.empty(len(prevalences))
    for place, prevalence in enumerate(prevalences):
        weights = replace(scores.weights, factors=factors_at(prevalence, share))
        counted, unseen = np.asarray(weights.of(y))[None, :], weights.half_a_negative(y, y)
        by_fold = [
            ranking.drawn(counted[:, rows], {"": average_precision}, unseen)[0, 0]
            for rows, ranking in rankings
        ]
        found[place] = np.average(by_fold, weights=positives) if rankings else np.nan
    return found


def decisions_at(scores: AnyScores, prevalences: Floats, share: float, suffix: str = "") -> dict[str, Floats]:
    """Return ``precision``, and ``cost_per_1000`` where costs are known, at each prevalence; the same rows are flagged.

    Parameters
    ----------
    scores : Scores, or Averaged of such
        Which rows are flagged, their own weights and what decisions cost; means over repeats.
    prevalences : ndarray of float, shape (k,)
    share : float
        The share of positives in the frame that the rows are of.
    suffix : str
        Which of the flags.

    Notes
    -----
    The threshold stays where it is on the scores as they are. Probabilities that are corrected again, to each prevalence,
    keep their order, so that the threshold moves with them and the same rows stay flagged. Another threshold may be better
    there.

    Examples
    --------
    >>> from imbalance_accessor.metrics.costs import Costs
    >>> y = np.arange(400) < 100
    >>> flagged = np.r_[np.ones(80, bool), np.zeros(310, bool), np.ones(10, bool)]
    >>> scores = Scores(y, flags={"": flagged}, costs=Costs(fp=1, fn=20))
    >>> found = decisions_at(scores, np.array([0.25, 0.02]), share=0.25)
    >>> {name: values.round(3).tolist() for name, values in found.items()}
    {'precision': [0.889, 0.329], 'cost_per_1000': [1025.0, 112.667]}
    """
    every = [_flagged_at(each, prevalences, share, suffix) for each in _repeats(scores)]
    return {name: np.mean([each[name] for each in every], axis=0) for name in every[0]}


def _flagged_at(scores: Scores, prevalences: Floats, share: float, suffix: str) -> dict[str, Floats]:
    y, flagged, share = scores.y, scores.flags[suffix], _share_of(scores, share)
    own = scores.weights.without_factors.each(y)
    own = own if scores.decided is None else own * scores.decided
    negative, positive = np.transpose([factors_at(each, share) for each in prevalences])

    def total(values: Floats) -> Floats:
        return np.asarray(positive * values[y].sum() + negative * values[~y].sum())

    found = {"precision": ratio(positive * (own * flagged)[y].sum(), total(own * flagged))}
    if scores.costs is not None:
        paid = np.where(flagged, *scores.costs.of_rows(y))
        found["cost_per_1000"] = 1000 * total(own * paid) / total(own)
    return found


def _repeats(scores: AnyScores) -> list[Scores]:
    every = scores.repeats if isinstance(scores, Averaged) else (scores,)
    return [each for each in every if isinstance(each, Scores)]
