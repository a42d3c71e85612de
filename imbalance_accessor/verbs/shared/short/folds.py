"""Folds as a short program writes them: one object of scikit-learn's where that deals rows as we did, else pairs of rows."""

from __future__ import annotations

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.options import SEEDS
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared import snippet_data


def are_one_object(scored: CrossValScores, random_state: int | None) -> bool:
    """Whether `StratifiedKFold` deals these folds, and each learns from all other rows."""
    parts, every = scored.parts, scored.folds.deals
    is_plain = parts.is_stratified and all(deal.made == len(deal) for deal in every) and parts.kept is None
    return is_plain and random_state is not None


def write_cv(writer: Writer, scored: CrossValScores, random_state: int | None) -> None:
    """Write ``cv``, or ``folds`` as pairs of rows; of several deals ``deals``, which holds those."""
    if not are_one_object(scored, random_state):
        snippet_data.write_folds(writer, scored.parts, scored.folds, random_state)
        return
    writer.use("sklearn.model_selection", "StratifiedKFold")
    dealt = f"StratifiedKFold({scored.folds.made}, shuffle=True, random_state="
    seeds = [((random_state or 0) + place) % SEEDS for place in range(len(scored.folds.deals))]
    is_one = not scored.again
    writer.add(
        f"cv = {dealt}{random_state!r})" if is_one else f"deals = [{dealt}seed) for seed in {seeds!r}]"
    )
