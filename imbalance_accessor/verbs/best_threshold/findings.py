"""What the reader of a `Threshold` must know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from imbalance_accessor.errors import IN_WORDS, Fix, change, counted
from imbalance_accessor.evaluation.findings import (
    FEW_POSITIVES,
    carries_over,
    few_flagged_negatives,
    on_all_rows,
    own_decisions,
    score_findings,
)
from imbalance_accessor.evaluation.odd_scores import are_decisions, odd_scores, two_values
from imbalance_accessor.evaluation.score_column import ends_of, made_probabilities
from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, StrategyScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.rounding import written
from imbalance_accessor.metrics.thresholds import ThresholdTable
from imbalance_accessor.rendering.cells import decimal, percent
from imbalance_accessor.verbs.best_threshold.found import ThresholdSearchResult
from imbalance_accessor.verbs.best_threshold.loosened import loosened
from imbalance_accessor.verbs.best_threshold.options import ThresholdObjective
from imbalance_accessor.verbs.best_threshold.phrases import (
    against_constant,
    best_constant,
    criterion_label,
    is_kept,
    no_better_than,
    range_ends,
    ranked,
)
from imbalance_accessor.verbs.best_threshold.search import reported_points

#: The confidence that is offered where a limit does not hold.
_SURE = 0.9


def findings_of(
    strategy_scores: StrategyScores, asked: ThresholdObjective, found: ThresholdSearchResult
) -> list[Finding]:
    """Collect what keeps the threshold from being read as it stands."""
    steps: tuple[
        Callable[[StrategyScores, ThresholdObjective, ThresholdSearchResult], Iterator[Finding]], ...
    ] = (
        _odd,
        _scores,
        _infeasible,
        _few,
        _one_sided,
        _missed,
        _ties,
        _folds,
        _moved,
        _grouped,
        _few_negatives,
    )
    return [finding for step in steps for finding in step(strategy_scores, asked, found)]


def _odd(
    strategy_scores: StrategyScores,
    asked: ThresholdObjective,  # noqa: ARG001
    found: ThresholdSearchResult,  # noqa: ARG001
) -> Iterator[Finding]:
    yield from odd_scores(strategy_scores)
    two = two_values(strategy_scores)
    if isinstance(strategy_scores, ColumnScores) and two is not None and not are_decisions(strategy_scores):
        sentence = f"scores={strategy_scores.column!r} holds {two[0]:g} and {two[1]:g} alone: there is one threshold to take."
        yield Finding("IMB412", "note", sentence, "Nothing to do, unless a finer score was meant.")


def _infeasible(
    strategy_scores: StrategyScores, asked: ThresholdObjective, found: ThresholdSearchResult
) -> Iterator[Finding]:
    """Say that no threshold keeps the limits, and offer one that is kept."""
    if found.feasible:
        return
    sentence = (
        f"No threshold of these scores meets the limits {strategy_scores.chosen_on}, so none is handed out."
    )
    cure, fix = loosened(strategy_scores, asked)
    yield Finding("IMB415", "error", sentence, cure, fix)


def _scores(
    strategy_scores: StrategyScores,
    asked: ThresholdObjective,
    found: ThresholdSearchResult,  # noqa: ARG001
) -> Iterator[Finding]:
    """Say that scores are no probabilities, and that the test set is small."""
    scored = strategy_scores.scored
    yield from (
        each
        for each in score_findings(scored)
        if each.code != "IMB313" or isinstance(strategy_scores, FittedScores)
    )
    yield from own_decisions(scored, strategy_scores.name)
    if (
        not isinstance(strategy_scores, ColumnScores)
        or scored.is_probability
        or are_decisions(strategy_scores)
    ):
        return
    low, high = ends_of(strategy_scores)
    sentence = (
        f"scores={strategy_scores.column!r} reaches from {low:.3g} to {high:.3g}: it ranks, "
        "but is no probability, so 0.5 and closed forms do not apply."
    )
    cure, fix = "Nothing to do, unless probabilities were meant.", IN_WORDS
    if asked.costs is not None:
        cure, fix = made_probabilities(strategy_scores)
        cure = f"The closed form of costs needs probabilities. {cure}"
    yield Finding("IMB313", "note", sentence, cure, fix)


def _few(
    strategy_scores: StrategyScores,
    asked: ThresholdObjective,  # noqa: ARG001
    found: ThresholdSearchResult,
) -> Iterator[Finding]:
    positives = round(float(found.grids[0].table.rows[0][-1]))
    told = positives >= FEW_POSITIVES or are_decisions(strategy_scores)
    if told or not found.feasible or np.isnan(found.threshold_ci.low):
        return
    low, high = range_ends(
        found.threshold_ci.low, found.threshold_ci.high, found.threshold, written(found.threshold)
    )
    cure, fix = "Read it as that range; more positives narrow it most.", on_all_rows(strategy_scores.scored)
    if fix:
        cure = "Read it as that range, or choose on all rows."
    if np.isinf(found.threshold_ci.low):
        resamples, cure = "flag nobody", "Collect more positives." if not fix else cure
    elif np.isinf(found.threshold_ci.high):
        resamples = f"put it at {low} or above, or flag nobody"
    else:
        resamples = f"put it between {low} and {high}" if low != high else f"put it at {low}"
    sentence = f"The threshold was chosen on {counted(positives, 'positive')}: 95 % of resamples of these scores {resamples}."
    yield Finding("IMB402", "warning", sentence, cure, fix)


def _one_sided(
    strategy_scores: StrategyScores, asked: ThresholdObjective, found: ThresholdSearchResult
) -> Iterator[Finding]:
    """Say that scores rank like chance, or that an answer which needs none does as well; a limit may leave no other."""
    who, objective = no_better_than(asked, found), asked.objective
    cure = "Use a better model first, or choose another objective."
    if found.backwards or found.is_constant:  # which is said of the scores themselves
        return
    if not found.ranks:
        sentence = f"The scores rank the rows not clearly better than chance: {ranked(found)}."
        yield Finding("IMB403", "warning", sentence, cure)
    elif who or not found.helps:
        rows = "on the same rows" if who else strategy_scores.chosen_on
        other, mine = against_constant(found, held_out=bool(who))
        constant = f"Flagging {who or best_constant(found.one_sided_cv, objective)} comes to {criterion_label(objective)} {other}"
        adds = "the threshold adds nothing there" if found.helps else "the threshold adds nothing"
        yield Finding("IMB403", "warning", f"{constant} {rows}, this threshold to {mine}: {adds}.", cure)


def _missed(
    strategy_scores: StrategyScores, asked: ThresholdObjective, found: ThresholdSearchResult
) -> Iterator[Finding]:
    """Say which limit does not hold on the rows that are reported."""
    if not found.feasible:
        return
    points = found.rows["chosen"].points
    there = "On the test set" if len(strategy_scores.scored.parts.test) else "Cross-fitted"
    for constraint in asked.objective.constraints:
        value = points[constraint.metric]
        if constraint.metric == "precision" and points["flag_rate"] == 0:
            sentence = f"{there} the threshold flags nobody, so its precision cannot be measured."
            yield Finding("IMB404", "warning", sentence, "Test on more rows.")
            continue
        if is_kept(constraint, points):
            continue
        side = "above" if constraint.is_ceiling else "below"
        figure = constraint.metric.replace("_", " ")
        sentence = f"{there} the {figure} is {decimal(value)}, {side} the limit of {constraint.bound:.3g}."
        cure, fix = _surer(strategy_scores, asked)
        yield Finding("IMB404", "note" if constraint.is_ceiling else "warning", sentence, cure, fix)


def _surer(strategy_scores: StrategyScores, asked: ThresholdObjective) -> tuple[str, Fix]:
    """Offer confidence in the limits, where they then hold on the rows that are reported too."""
    objective = asked.objective
    if objective.confidence is not None:
        missed = f"{100 * (1 - objective.confidence):.3g} % of cases"
        return f"A limit held with this confidence is still missed in {missed}.", IN_WORDS
    surer = replace(objective, confidence=_SURE)
    points = reported_points(strategy_scores, replace(asked, objective=surer))
    half = "Without confidence= a limit holds on new rows about half of the time"
    if points is None or not all(is_kept(constraint, points) for constraint in objective.constraints):
        return f"{half}.", IN_WORDS
    return f"{half}; a higher confidence= helps.", change(confidence=_SURE)


def _ties(
    strategy_scores: StrategyScores,  # noqa: ARG001
    asked: ThresholdObjective,
    found: ThresholdSearchResult,
) -> Iterator[Finding]:
    objective = asked.objective
    if asked.top_k is None or objective.criterion != "flag_rate" or objective.confidence is not None:
        return
    table = found.table
    if table.sample is not None:  # rows do not count once, so that no count is met exactly
        if not found.place:
            first = float(table.tp[1] + table.fp[1])
            sentence = (
                f"top_k={asked.top_k} flags nobody: the rows of the highest score count as {first:.3g} alone."
            )
            yield Finding("IMB405", "warning", sentence, "Use a larger top_k, or choose on more rows.")
        return
    n = table.positives + table.negatives
    wanted, got = objective.constraints[-1].bound * n, round(table.tp[found.place] + table.fp[found.place])
    if wanted < 1:
        sentence = (
            f"top_k={asked.top_k} is less than one of the {n:,} rows that choose, so that nobody is flagged."
        )
        cure, fix = "Use a larger top_k, or choose on more rows.", IN_WORDS
        enough = _enough(asked, table)
        if enough is not None:
            cure, fix = f"{counted(1, 'row')} is flagged from top_k={enough!r} on.", change(top_k=enough)
        yield Finding("IMB405", "warning", sentence, cure, fix)
    elif got < int(wanted + 1e-9):
        flagged = {0: "none is", 1: "1 is"}.get(got, f"{got:,} are")
        sentence = (
            f"top_k={asked.top_k} is {int(wanted + 1e-9):,} of the {n:,} rows that choose; scores tie there, so that "
            f"{flagged} flagged."
        )
        yield Finding(
            "IMB405", "note", sentence, "Nothing to do: rows of one score are flagged together or not at all."
        )


def _enough(asked: ThresholdObjective, table: ThresholdTable) -> int | float | None:
    """Return the smallest capacity that flags just as many rows as it says; None where rows tie everywhere."""
    n = table.positives + table.negatives
    for flagged in np.unique(np.rint(table.tp + table.fp))[1:]:
        top_k: int | float = int(np.ceil(flagged * asked.rows / n))
        if asked.top_k is not None and asked.top_k < 1:
            top_k = float(np.ceil(flagged / n * 1e4) / 1e4)
        rate = top_k / asked.rows if isinstance(top_k, int) else top_k
        if rate < 1 and int(rate * n + 1e-9) == flagged:
            return top_k
    return None


def _folds(
    strategy_scores: StrategyScores,
    asked: ThresholdObjective,
    found: ThresholdSearchResult,
) -> Iterator[Finding]:
    lacking = sum(np.isnan(threshold) for threshold in found.fold_thresholds.values())
    if not found.feasible or not lacking:
        return
    sentence = (
        f"Without {lacking} of {len(found.fold_thresholds)} folds no threshold keeps the limits; "
        "cross-fitted figures flag nobody "
        "in those folds."
    )
    cure, fix = loosened(strategy_scores, asked)
    yield Finding("IMB406", "warning", sentence, cure, fix)


def _moved(
    strategy_scores: StrategyScores,
    asked: ThresholdObjective,  # noqa: ARG001
    found: ThresholdSearchResult,
) -> Iterator[Finding]:
    """Say that the threshold flags another share of the test set than out of fold."""
    if not found.feasible or not len(strategy_scores.scored.parts.test):
        return
    table, points = found.table, found.rows["chosen"].points
    scores = strategy_scores.labelled_scores
    here = float(table.tp[found.place] + table.fp[found.place]) / (table.positives + table.negatives)
    there = points["flag_rate"]
    n, n_test = (
        weights.worth(y)
        for y, weights in (
            (scores.y_oof[scores.seen], scores.weights_oof.take(scores.seen)),
            (scores.y, scores.weights),
        )
    )
    if carries_over(here * n, n, there * n_test, n_test):
        return
    sentence = (
        f"The threshold flags {percent(here)} of the rows {strategy_scores.chosen_on} and {percent(there)} "
        "of the test set, which is more than chance."
    )
    cure = "Scores or rows of the two sets differ: compare them, or use a model with steadier scores."
    yield Finding("IMB407", "warning", sentence, cure)


def _grouped(
    strategy_scores: StrategyScores,
    asked: ThresholdObjective,
    found: ThresholdSearchResult,  # noqa: ARG001
) -> Iterator[Finding]:
    if asked.objective.confidence is None or strategy_scores.scored.parts.split_by.groups is None:
        return
    sentence = (
        f"confidence={asked.objective.confidence:g} assumes independent rows; those of one group of "
        f"{strategy_scores.scored.parts.split_by.groups!r} are not, so the limit holds less often."
    )
    yield Finding("IMB408", "warning", sentence, "Use a higher confidence= or a stricter limit.")


def _few_negatives(
    strategy_scores: StrategyScores, asked: ThresholdObjective, found: ThresholdSearchResult
) -> Iterator[Finding]:
    """Say that the precision or the cost rests on few flagged negatives, where rows do not count once each."""
    every = found.reported
    y, weights = every[0].y, every[0].weights
    if not found.feasible or weights.rows_are_ones or y.all() or not y.any():
        return
    flagged = round(
        float(np.mean([weights.take(at).rows(y[at], 2)[0] for at in (each.flags[""] for each in every)]))
    )
    figure = "The cost" if asked.objective.criterion == "cost" else "The precision"
    where = "of the test set" if strategy_scores.scored.held_out else "out of fold"
    means = np.bincount(y, weights.each(y)) / weights.rows(y)
    worth = float(means[0] / means[1])
    yield from few_flagged_negatives(figure, {"": flagged}, worth, where)
