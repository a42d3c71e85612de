"""The threshold of a result to play with: what others flag of the rows that chose it, and which rows these are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.thresholds import ThresholdTable, Tuning
from imbalance_accessor.rendering.cells import number
from imbalance_accessor.rendering.slider import FEWER, MOST, ThresholdSlider, places_on_slider
from imbalance_accessor.verbs.shared.population import share_in_use, told_rows

#: Scores with no more thresholds than these are decisions: nobody, those that were decided, everyone.
_OF_DECISIONS = 3
#: The figures of the card are cross-fitted or of the test set; those of the rows that chose are higher.
_OPTIMISTIC = "These rows chose the threshold, so its figures here are a little optimistic."
#: Criteria that the slider shows whatever is asked for.
_SHOWN = frozenset({"precision", "recall", "f1", "flag_rate", "cost"})


def slider_of(
    scored: CrossValScores,
    table: ThresholdTable,
    threshold: float,
    tuning: Tuning,
    *,
    criterion: str,
    called: str,
    chosen_on: str,
    default: float | None,
    strategy: str = "",
    cross_fitted: float | None = None,
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
    criterion : str
        Its label.
    called : str
        What it is called: ``"chosen"``, ``"tuned"``, ``"nearest"``.
    chosen_on : str
        Where: ``"out of fold"``, ``"on the training set"``, ``"on these rows"``.
    default : float, optional
        The model's own threshold.
    strategy : str
        Whose scores these are, where there are several.
    cross_fitted : float, optional
        The criterion that the card has for the threshold, where each fold was flagged at the threshold of the others.
    """
    if len(table.thresholds) <= _OF_DECISIONS:
        return None
    target, objective = scored.parts.features.target, tuning.objective
    own = {each: table.place_of(each) for each in (threshold, default) if each is not None}
    others = (table.cost is not None) + (objective.criterion not in _SHOWN)
    places = places_on_slider(table, list(own.values()), MOST - FEWER * others)[::-1]
    told = 0 if table.sample is None else told_rows([table.positives, table.negatives])
    each = told / (table.positives + table.negatives) if told else 1.0
    here = _at(places, own[threshold])
    values = None if objective.criterion == "cost" else objective.value(table.counts(places))
    apart = ""
    if values is not None and cross_fitted is not None:
        apart = _apart(criterion, float(values[here]), cross_fitted)
    return ThresholdSlider(
        _written(table, places, tuning, {place: each for each, place in reversed(own.items())}),
        each * table.tp[places],
        each * table.fp[places],
        each * table.positives,
        each * table.negatives,
        here,
        None if default is None or own[default] == own[threshold] else _at(places, own[default]),
        called,
        _rows(scored, table, chosen_on),
        _note(scored, apart or _OPTIMISTIC, told),
        strategy,
        ("rest" if target.is_one_vs_rest else target.classes[1 - (scored.positive or 0)], target.pos_label),
        None if table.cost is None else each * table.cost[places],
        f"cost per {told:,} rows" if told else "cost",
        None if objective.criterion in _SHOWN else values,
        criterion,
    )


def _written(
    table: ThresholdTable, places: NDArray[np.intp], tuning: Tuning, own: dict[int, float]
) -> tuple[float, ...]:
    """Return thresholds with few digits; those that have a name as they are."""
    return tuple(own.get(place, table.rounded(place, tuning.kind)) for place in places.tolist())


def _at(places: NDArray[np.intp], place: int) -> int:
    return int(np.flatnonzero(places == place)[0])


def _rows(scored: CrossValScores, table: ThresholdTable, chosen_on: str) -> str:
    """Say which rows are counted, and that none is of the test set."""
    rows = f"{table.n_rows:,} training rows" if scored.held_out else f"{table.n_rows:,} rows"
    if chosen_on != "out of fold":
        return f"on the {rows}, none of the test set" if scored.held_out else f"on these {rows}"
    return f"out of fold on {rows}, none of the test set" if scored.held_out else f"out of fold on {rows}"


def _apart(criterion: str, here: float, there: float) -> str:
    """Say why the card has two values for one threshold; nothing where it has one."""
    if np.isnan(there) or number(here) == number(there):
        return ""
    return (
        f"{criterion} is {number(here)} here and {number(there)} cross-fitted: these rows chose this threshold, there the "
        "other folds did."
    )


def _note(scored: CrossValScores, chosen: str, told: int) -> str:
    """Say that these rows chose; of how many the counts are where rows do not count once each, and means of how many deals."""
    features, said = scored.parts.features, []
    if features.is_of_table:
        said.append(f"per {told:,} rows of the table")
    elif features.is_elsewhere:
        said.append(f"per {told:,} rows at a prevalence of {share_in_use(features)}")
    elif not scored.parts.train_weights.rows_are_ones:
        said.append(f"per {told:,} rows, each by its weight")
    if scored.again:
        said.append(f"averaged over {1 + len(scored.again)} deals of the folds")
    counts = f" Counts are {', '.join(said)}." if said else ""
    return f"{chosen}{counts}"
