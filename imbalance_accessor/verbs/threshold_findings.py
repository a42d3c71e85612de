"""What the reader of a `Threshold` must know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from imbalance_accessor.findings import Finding
from imbalance_accessor.fits import FEW_POSITIVES, Origin, about
from imbalance_accessor.verbs.threshold_choice import Found
from imbalance_accessor.verbs.threshold_options import Asked
from imbalance_accessor.verbs.threshold_words import shown

if TYPE_CHECKING:
    from collections.abc import Callable


def findings_of(origin: Origin, asked: Asked, found: Found) -> list[Finding]:
    """Collect what keeps the cut from being read as it stands."""
    steps: tuple[Callable[[Origin, Asked, Found], Iterator[Finding]], ...] = (
        _scores,
        _few,
        _one_sided,
        _missed,
        _ties,
        _folds,
    )
    return [finding for step in steps for finding in step(origin, asked, found)]


def _scores(origin: Origin, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    """Say that scores are no probabilities, and that the test part is small."""
    scored = origin.scored
    yield from (each for each in about(scored) if each.code != "IMB313" or origin.column is None)
    if origin.column is None or scored.is_probability:
        return
    score = found.ladder.score
    sentence = (
        f"scores={origin.column!r} reaches from {score[-1]:g} to {score[0]:g}: it ranks, and is cut on its own scale; "
        "0.5 and closed forms do not apply."
    )
    yield Finding("IMB313", "note", sentence, "Nothing to do, unless probabilities were meant.")


def _few(origin: Origin, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    positives = found.ladder.table.positives
    if positives >= FEW_POSITIVES or not found.feasible or np.isnan(found.spread.low):
        return
    low, high = found.spread.low, found.spread.high
    sentence = f"The cut was chosen on {positives} positives: 95 % of resamples cut between {low:.3g} and {high:.3g}."
    yield Finding("IMB402", "warning", sentence, "Read it as that range; more positives narrow it most.")


def _one_sided(origin: Origin, asked: Asked, found: Found) -> Iterator[Finding]:
    everyone = found.place == len(found.ladder.table.cuts) - 1
    if not found.feasible or not (everyone or np.isinf(found.cut)):
        return
    which = "everyone" if everyone else "nobody"
    sentence = (
        f"By {shown(asked.aim)} flagging {which} is best {origin.chosen_on}: the scores add nothing to it."
    )
    yield Finding("IMB403", "warning", sentence, "Rank better first, or ask for something else.")


def _missed(origin: Origin, asked: Asked, found: Found) -> Iterator[Finding]:
    """Say which limit does not hold on the rows that are reported."""
    if not found.feasible or not len(origin.scored.parts.test):
        return
    points = found.rows["chosen"].figures.points
    for limit in asked.aim.limits:
        value = points[limit.metric]
        if limit.metric == "precision" and points["flag_rate"] == 0:
            sentence = "The cut flags nobody on the test part, so that its precision cannot be judged there."
            yield Finding("IMB404", "warning", sentence, "Hold out more rows: test_size=0.5.")
            continue
        if (value <= limit.bound) if limit.is_ceiling else (value >= limit.bound):
            continue
        side = "above" if limit.is_ceiling else "below"
        figure = limit.metric.replace("_", " ")
        sentence = f"On the test part the {figure} is {value:.3f}, {side} the {limit.bound:.3g} asked for."
        cure = "A plain cut keeps its limit on new rows about half of the time; confidence=0.9 asks for more."
        if asked.aim.confidence is not None:
            cure = f"A limit held with confidence {asked.aim.confidence:g} may fail so now and then."
        yield Finding("IMB404", "note" if limit.is_ceiling else "warning", sentence, cure)


def _ties(origin: Origin, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    if asked.top_k is None:
        return
    table = found.ladder.table
    n = table.positives + table.negatives
    rate = next(limit.bound for limit in reversed(asked.aim.limits) if limit.is_ceiling)
    wanted, got = int(rate * n + 1e-9), int(table.tp[found.place] + table.fp[found.place])
    if asked.aim.criterion != "flag_rate" or got >= wanted or asked.aim.confidence is not None:
        return
    sentence = f"top_k={asked.top_k} is {wanted:,} of the {n:,} rows that choose; scores tie there, so that {got:,} are flagged."
    yield Finding(
        "IMB405", "note", sentence, "Nothing to do: rows of one score are flagged together or not at all."
    )


def _folds(origin: Origin, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    lacking = sum(np.isnan(cut) for cut in found.fold_cuts.values())
    if not found.feasible or not lacking:
        return
    sentence = (
        f"Without {lacking} of {len(found.fold_cuts)} folds no cut keeps the limits; cross-fitted figures flag nobody "
        "in those folds."
    )
    yield Finding(
        "IMB406", "warning", sentence, "The limit is at the edge of what these scores can keep: loosen it."
    )
