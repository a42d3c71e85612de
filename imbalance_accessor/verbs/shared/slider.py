"""The threshold of a result to play with: what others flag of the rows that chose it, and which rows these are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.thresholds import ThresholdTable, Tuning
from imbalance_accessor.rendering.slider import ThresholdSlider, places_on_slider
from imbalance_accessor.rendering.sentences import quoted
from imbalance_accessor.verbs.best_threshold.phrases import criterion_label
from imbalance_accessor.verbs.shared.population import both_shares

#: Scores with no more thresholds than these are decisions: nobody, those that were decided, everyone.
_OF_DECISIONS = 3
#: Criteria that the slider shows whatever is asked for.
_SHOWN = frozenset({"precision", "recall", "f1", "flag_rate", "cost"})


def slider_of(
    scored: CrossValScores,
    table: ThresholdTable,
    threshold: float,
    tuning: Tuning,
    *,
    called: str,
    chosen_on: str,
    default: float | None,
    strategy: str | None = None,
) -> ThresholdSlider | None:
    """Lay out the thresholds that one was chosen of; nothing where scores are decisions.

    Parameters
    ----------
    scored : CrossValScores
    table : ThresholdTable
        Of the rows that chose.
    threshold : float
        The one that was chosen.
    tuning : Tuning
        How.
    called : str
        What it is called: ``"chosen"``, ``"tuned"``, ``"nearest"``.
    chosen_on : str
        Where: ``"out of fold"``, ``"on the training set"``, ``"on these rows"``.
    default : float, optional
        The model's own threshold.
    strategy : str, optional
        Whose scores these are, where there are several.
    """
    if len(table.thresholds) <= _OF_DECISIONS:
        return None
    target, objective = scored.parts.features.target, tuning.objective
    own = {each: table.place_of(each) for each in (threshold, default) if each is not None}
    places = places_on_slider(table, list(own.values()))[::-1]
    each = 1.0 if table.sample is None else 1000 / (table.positives + table.negatives)
    other = None if objective.criterion in _SHOWN else objective.value(table.counts(places))
    return ThresholdSlider(
        _written(table, places, tuning, {place: each for each, place in reversed(own.items())}),
        each * table.tp[places],
        each * table.fp[places],
        each * table.positives,
        each * table.negatives,
        _at(places, own[threshold]),
        None if default is None or own[default] == own[threshold] else _at(places, own[default]),
        called,
        ("" if strategy is None else f"of {quoted(strategy)}, ") + _rows(scored, table, chosen_on),
        ("rest" if target.is_one_vs_rest else target.classes[1 - (scored.positive or 0)], target.pos_label),
        None if table.cost is None else each * table.cost[places],
        "cost" if table.sample is None else "cost per 1,000 rows",
        other,
        criterion_label(objective),
    )


def _written(
    table: ThresholdTable, places: NDArray[np.intp], tuning: Tuning, own: dict[int, float]
) -> tuple[float, ...]:
    """Return thresholds with few digits; those that have a name as they are."""
    return tuple(own.get(place, table.rounded(place, tuning.kind)) for place in places.tolist())


def _at(places: NDArray[np.intp], place: int) -> int:
    return int(np.flatnonzero(places == place)[0])


def _rows(scored: CrossValScores, table: ThresholdTable, chosen_on: str) -> str:
    """Say which rows are counted, that none is of the test set, and of how many the counts are."""
    training, deals, n = scored.held_out, 1 + len(scored.again), f"{table.n_rows:,}"
    rows = f"{n} training rows" if training else f"{n} rows"
    if chosen_on == "out of fold":
        found = f"out of fold on {rows if training else f'all {rows}'}"
    else:
        found = f"on the {rows}" if training else f"on these {rows}"
    if training:
        found += ", none of the test set"
    if deals > 1:
        found += f", averaged over {deals} deals of the folds"
    return found + _per_thousand(scored)


def _per_thousand(scored: CrossValScores) -> str:
    """Say at which shares rows are counted where they do not count once each."""
    features = scored.parts.features
    weighting = features.weighting
    if weighting.factors is not None:
        return f"; per 1,000 rows at a prevalence of {both_shares(weighting, features.target)[1]}"
    return "; by weight, per 1,000 rows" if scored.train_weights is not None else ""
