"""What must be known of strategies: which are one under two names, whose threshold does not carry over."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from imbalance_accessor.evaluation.findings import carries_over, few_flagged_negatives
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Bools
from imbalance_accessor.metrics.comparison import Metrics
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.read_strategies import without
from imbalance_accessor.rendering.cells import percent


def alike(candidates: Mapping[str, Candidate], scored: Collection[str]) -> list[Finding]:
    """Say which strategies are another one under a second name."""
    found = []
    strategies = [candidate.strategy for candidate in candidates.values()]
    fix = without(strategies, *(each.name for each in strategies if each.same_as is not None))
    for name, candidate in candidates.items():
        if candidate.strategy.same_as is not None and name in scored:
            sentence = (
                f"{name!r} is {candidate.strategy.same_as!r}: after resampling to 1 : 1, weights from the resampled counts "
                "are 1 : 1 too, so that nothing was fitted twice."
            )
            cure = "Leave it out. Weights of the original counts are 'smote+original_weight', which corrects twice."
            found.append(Finding("IMB306", "note", sentence, cure, fix))
    return found


def not_carried_over(scored: CrossValScores, evaluated: dict[str, Metrics]) -> list[Finding]:
    """Name the strategies whose refitted model scores on another scale than those that chose its threshold."""
    if scored.positive is None or not scored.held_out:
        return []
    found = []
    for name in scored.unique:
        labelled_scores, threshold = scored.labelled_scores(name), evaluated[name].threshold
        seen = labelled_scores.seen
        out_of_fold = labelled_scores.y_oof[seen], labelled_scores.weights_oof.take(seen)
        here, n = _share(labelled_scores.score_oof[seen] >= threshold, *out_of_fold)
        there, n_test = _share(labelled_scores.score >= threshold, labelled_scores.y, labelled_scores.weights)
        if carries_over(here * n, n, there * n_test, n_test):
            continue
        shares = f"{percent(here)} of the rows out of fold and {percent(there)} of the test set"
        sentence = (
            f"The tuned threshold of {name!r} does not carry over to the refitted model. It flags {shares}."
        )
        cure = (
            "Compare it by average precision or ROC-AUC, which need no threshold, or choose another strategy."
        )
        found.append(Finding("IMB407", "warning", sentence, cure))
    return found


def _share(flagged: Bools, y: Bools, weights: Weights) -> tuple[float, float]:
    """Return the share of the rows that is flagged, and how many rows tell as much (Kish)."""
    return float(np.average(flagged, weights=weights.of(y))), weights.worth(y)


def on_few_negatives(scored: CrossValScores, evaluated: dict[str, Metrics]) -> list[Finding]:
    """Say where precision at the tuned threshold rests on few flagged negatives, as rows do not count once each."""
    if scored.positive is None or scored.reported_weights is None:
        return []
    found = {}
    for name in scored.unique:
        y, weights = scored.reported_codes_of(name) == scored.positive, scored.weights_of_reported(name)
        flagged = scored.reported(name)[:, scored.positive] >= evaluated[name].threshold
        if flagged.any():
            found[name] = int(weights.take(flagged).rows(y[flagged], 2)[0])
    means = np.bincount(y, weights.each(y)) / weights.rows(y)
    worth = float(means[0] / means[1])
    where = "of the test set" if scored.held_out else "out of fold"
    return few_flagged_negatives("Precision at the tuned threshold", found, worth, where)
