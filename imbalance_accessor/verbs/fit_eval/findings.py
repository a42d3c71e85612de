"""What must be known of strategies: which are one under two names, whose threshold does not carry over."""

from __future__ import annotations

from imbalance_accessor.evaluation.findings import carries_over
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.comparison import Metrics
from imbalance_accessor.modeling.pipelines import Candidate
from imbalance_accessor.modeling.read_strategies import without
from imbalance_accessor.rendering.cells import percent


def alike(candidates: dict[str, Candidate], evaluated: dict[str, Metrics]) -> list[Finding]:
    """Say which strategies are another one under a second name."""
    found = []
    strategies = [candidate.strategy for candidate in candidates.values()]
    fix = without(strategies, *(each.name for each in strategies if each.same_as is not None))
    for name, candidate in candidates.items():
        if candidate.strategy.same_as is not None and name in evaluated:
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
        # rows as they came here: which of them are flagged is no matter of how much they count
        here = labelled_scores.score_oof[labelled_scores.seen] >= threshold
        there = labelled_scores.score >= threshold
        if carries_over(here.sum(), len(here), there.sum(), len(there)):
            continue
        shares = f"{percent(here.mean())} of the rows out of fold and {percent(there.mean())} of the test set"
        sentence = (
            f"The tuned threshold of {name!r} does not carry over to the refitted model: it flags {shares}."
        )
        cure = (
            "Judge it by average precision or ROC-AUC, which need no threshold, or choose another strategy."
        )
        found.append(Finding("IMB407", "warning", sentence, cure))
    return found
