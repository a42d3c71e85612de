"""What the reader of a `Threshold` must know."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from imbalance_accessor.errors import counted
from imbalance_accessor.evaluation.findings import FEW_POSITIVES, about, carries_over, more_rows
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, StrategyScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.rounding import written
from imbalance_accessor.rendering.cells import percent
from imbalance_accessor.verbs.best_threshold.card import (
    against_constant,
    best_constant,
    no_better_than,
    range_ends,
    ranked,
    shown,
)
from imbalance_accessor.verbs.best_threshold.options import Asked
from imbalance_accessor.verbs.best_threshold.search import Found


def findings_of(origin: StrategyScores, asked: Asked, found: Found) -> list[Finding]:
    """Collect what keeps the cut from being read as it stands."""
    steps: tuple[Callable[[StrategyScores, Asked, Found], Iterator[Finding]], ...] = (
        _scores,
        _few,
        _one_sided,
        _missed,
        _ties,
        _folds,
        _moved,
        _grouped,
    )
    return [finding for step in steps for finding in step(origin, asked, found)]


def _scores(origin: StrategyScores, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    """Say that scores are no probabilities, and that the test part is small."""
    scored = origin.scored
    yield from (each for each in about(scored) if each.code != "IMB313" or isinstance(origin, FittedScores))
    if not isinstance(origin, ColumnScores) or scored.is_probability:
        return
    every = np.concatenate([found.ladders[0].score, origin.sides.score])
    sentence = (
        f"scores={origin.column!r} reaches from {every.min():.3g} to {every.max():.3g}: it ranks, and is cut on its own scale; "
        "0.5 and closed forms do not apply."
    )
    yield Finding("IMB313", "note", sentence, "Nothing to do, unless probabilities were meant.")


def _few(origin: StrategyScores, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    positives = found.table.positives
    if positives >= FEW_POSITIVES or not found.feasible or np.isnan(found.spread.low):
        return
    low, high = range_ends(found.spread.low, found.spread.high, found.cut, written(found.cut))
    cure = "Read it as that range; more positives narrow it most."
    if np.isinf(found.spread.low):
        resamples, cure = "flag nobody", "More positives would tell."
    elif np.isinf(found.spread.high):
        resamples = f"cut at {low} or above, or flag nobody"
    else:
        resamples = f"cut between {low} and {high}" if low != high else f"cut at {low}"
    sentence = f"The cut was chosen on {counted(positives, 'positive')}: 95 % of resamples of these scores {resamples}."
    yield Finding("IMB402", "warning", sentence, cure)


def _one_sided(origin: StrategyScores, asked: Asked, found: Found) -> Iterator[Finding]:
    """Say that scores rank like chance, or that an answer which needs none does as well; a limit may leave no other."""
    who, aim = no_better_than(asked, found), asked.aim
    cure = "Rank better first, or ask for something else."
    if not found.ranks:
        sentence = f"The scores rank the rows not clearly better than chance: {ranked(found)}."
        yield Finding("IMB403", "warning", sentence, cure)
    elif who or not found.helps:
        rows = "on the same rows" if who else origin.chosen_on
        other, mine = against_constant(found, held_out=bool(who))
        constant = f"Flagging {who or best_constant(found.one_sided_cv, aim)} comes to {shown(aim)} {other}"
        adds = "the threshold adds nothing there" if found.helps else "the threshold adds nothing"
        yield Finding("IMB403", "warning", f"{constant} {rows}, this cut to {mine}: {adds}.", cure)


def _missed(origin: StrategyScores, asked: Asked, found: Found) -> Iterator[Finding]:
    """Say which limit does not hold on the rows that are reported."""
    if not found.feasible:
        return
    points = found.rows["chosen"].figures.points
    there = "On the test part" if len(origin.scored.parts.test) else "Cross-fitted"
    for limit in asked.aim.limits:
        value = points[limit.metric]
        if limit.metric == "precision" and points["flag_rate"] == 0:
            sentence = f"{there} the cut flags nobody, so that its precision cannot be judged."
            option = more_rows(origin.scored.parts)
            cure = f"More rows to judge on would tell{option and f': {option}'}."
            yield Finding("IMB404", "warning", sentence, cure)
            continue
        if (value <= limit.bound) if limit.is_ceiling else (value >= limit.bound):
            continue
        side = "above" if limit.is_ceiling else "below"
        figure = limit.metric.replace("_", " ")
        sentence = f"{there} the {figure} is {value:.3f}, {side} the {limit.bound:.3g} asked for."
        cure = "A plain cut keeps its limit on new rows about half of the time; confidence=0.9 asks for more."
        if asked.aim.confidence is not None:
            cure = f"A limit held with {100 * asked.aim.confidence:.6g} % confidence fails so now and then."
        yield Finding("IMB404", "note" if limit.is_ceiling else "warning", sentence, cure)


def _ties(origin: StrategyScores, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    aim = asked.aim
    if asked.top_k is None or aim.criterion != "flag_rate" or aim.confidence is not None:
        return
    table = found.table
    n = table.positives + table.negatives
    wanted, got = aim.limits[-1].bound * n, round(table.tp[found.place] + table.fp[found.place])
    if wanted < 1:
        sentence = (
            f"top_k={asked.top_k} is less than one of the {n:,} rows that choose, so that nobody is flagged."
        )
        yield Finding("IMB405", "warning", sentence, "Use a larger top_k, or choose on more rows.")
    elif got < int(wanted + 1e-9):
        flagged = {0: "none is", 1: "1 is"}.get(got, f"{got:,} are")
        sentence = (
            f"top_k={asked.top_k} is {int(wanted + 1e-9):,} of the {n:,} rows that choose; scores tie there, so that "
            f"{flagged} flagged."
        )
        yield Finding(
            "IMB405", "note", sentence, "Nothing to do: rows of one score are flagged together or not at all."
        )


def _folds(origin: StrategyScores, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
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


def _moved(origin: StrategyScores, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    """Say that the cut flags another share of the test part than out of fold."""
    if not found.feasible or not len(origin.scored.parts.test):
        return
    table, points = found.table, found.rows["chosen"].figures.points
    n, n_test = table.positives + table.negatives, len(origin.scored.parts.test)
    flagged = float(table.tp[found.place] + table.fp[found.place])
    here, there = flagged / n, points["flag_rate"]
    if carries_over(flagged, n, there * n_test, n_test):
        return
    sentence = (
        f"The cut flags {percent(here)} of the rows {origin.chosen_on} and {percent(there)} of the test part, more apart than "
        "chance: the scores of the two are on different scales, or the rows differ."
    )
    yield Finding(
        "IMB407", "warning", sentence, "Compare the two parts, or use a model with steadier scores."
    )


def _grouped(origin: StrategyScores, asked: Asked, found: Found) -> Iterator[Finding]:  # noqa: ARG001
    if asked.aim.confidence is None or origin.scored.parts.rule.groups is None:
        return
    sentence = (
        f"confidence={asked.aim.confidence:g} is held as if rows were independent; rows of one group of "
        f"{origin.scored.parts.rule.groups!r} are not, so that the limit holds less often."
    )
    yield Finding("IMB408", "warning", sentence, "Ask for more confidence, or for a stricter limit.")
