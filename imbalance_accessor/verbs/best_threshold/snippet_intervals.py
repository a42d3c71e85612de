"""The functions of a `Threshold`'s program that make intervals of every figure of the rows that are reported."""

from __future__ import annotations

from collections.abc import Sequence

from imbalance_accessor.rendering.snippets.writer import Writer, spread_out
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.snippet_program import ThresholdProgram
from imbalance_accessor.verbs.shared import snippet_intervals


def write_helpers(writer: Writer, program: ThresholdProgram, terms: Sequence[str]) -> None:
    """Write the functions that the intervals take; terms: what flagged rows cost, by their counts."""
    if program.is_weighted:
        writer.add("# intervals are not written out here: see .report and .threshold_ci")
        return
    if not program.has_ends and not program.t.threshold_ci.is_drawn:
        return
    scored = program.t.strategy_scores.scored
    averaged = bool(scored.again) and not scored.held_out
    seed, ends = program.t.strategy_scores.random_state, program.has_ends
    snippet_intervals.write_helpers(
        writer,
        scored.parts,
        seed,
        scored.resamples,
        counted=ends,
        averaged=averaged,
        by_kind=program.draws_kinds,
    )
    if ends:
        _write_decided(writer, program, terms)


def _write_decided(writer: Writer, program: ThresholdProgram, terms: Sequence[str]) -> None:
    """Write the figures of flagged rows that count several times."""
    more, before, arguments = {}, list[str](), ["y", "flag", *program.beside_flags, "times"]
    if program.objective.criterion == "fbeta":
        before.append(f"    square = {program.beta}**2")
        more["fbeta"] = "(1 + square) * tp / max((1 + square) * tp + square * fn + fp, 1e-9)"
    if program.costs_by_row:
        more["cost"] = "times @ np.where(flag, flagged, passed)"
    elif terms:
        before.append(f"    cost = {total(terms, '    cost = ')}")
        more["cost"] = "cost"
    snippet_intervals.write_decided(
        writer, more, compared=False, arguments=", ".join(arguments), before=before
    )
    deals = program.deals if program.has_several_flags else 1
    snippet_intervals.write_shares(writer, compared=False, deals=deals)


def total(terms: Sequence[str], start: str) -> str:
    """Write a sum behind a line's start, on one line where it fits; nothing without terms."""
    if not terms:
        return ""
    summed = [f"+ {term}" if at else term for at, term in enumerate(terms)]
    return "\n".join(spread_out(start, summed, ("(", ")"), indent=4, bare=True)).removeprefix(start)


def has_weights(t: ThresholdData) -> bool:
    """Whether rows do not count once each."""
    return ThresholdProgram(t).is_weighted
