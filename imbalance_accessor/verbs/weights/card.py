"""The card of a `ClassWeights`: what a row of each class weighs."""

from __future__ import annotations

from imbalance_accessor.rendering.card import Card
from imbalance_accessor.verbs.shared.population import badges_of
from imbalance_accessor.verbs.weights import text
from imbalance_accessor.verbs.weights.fields import ClassWeightsData


def card(weights: ClassWeightsData) -> Card:
    """Return what is shown."""
    method = weights.method if weights.beta is None else f"{weights.method}, beta={weights.beta:g}"
    figures = [("method", method)]
    if weights.target.is_binary:
        ratio = f"{weights.scale_pos_weight:,.4g} (negatives / positives)"
        figures.append(("scale_pos_weight, pos_weight", ratio))
    return Card(
        title=text.title(weights),
        figures=tuple(figures),
        table=weights.frame.rename(
            columns={"share_of_weight": "share of weight", "weighted_rows": "weighted rows"}
        ),
        notes=(
            "Weights shift probabilities: a weighted model's scores are no longer shares of real rows.",
            *_by_code(weights),
        ),
        findings=weights.findings,
        next=() if _are_refused(weights) else ("LogisticRegression(class_weight=weights)",),
        badges=badges_of(weights.weighed.weighting, weights.target, weights.weighed.sums),
    )


def _are_refused(weights: ClassWeightsData) -> bool:
    return "IMB212" in weights.findings.codes


def _by_code(weights: ClassWeightsData) -> tuple[str, ...]:
    """Say how histogram boosting takes weights, which looks codes up in them."""
    classes = weights.target.classes
    if _are_refused(weights) or classes == tuple(range(len(classes))):
        return ()
    return (
        "HistGradientBoostingClassifier takes them by code: class_weight=dict(enumerate(weights.values())).",
    )
