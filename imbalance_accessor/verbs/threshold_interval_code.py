"""The intervals of `best_threshold` as code: of every figure of the rows that are reported, and of the cut itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from imbalance_accessor.present.snippets import Writer, spread_out
from imbalance_accessor.stats.bootstrap import Resamples
from imbalance_accessor.stats.thresholds import Ladder
from imbalance_accessor.verbs import interval_code
from imbalance_accessor.verbs.cut_code import amount_text
from imbalance_accessor.verbs.threshold_data import ThresholdData


def write_helpers(writer: Writer, t: ThresholdData, amounts: Mapping[str, str]) -> None:
    """Write the functions that the intervals take."""
    if not has_ends(t) and not t.spread.is_drawn:
        return
    scored, seed = t.origin.scored, t.origin.random_state
    interval_code.write_helpers(writer, scored.parts, seed, _drawn(t), counted=has_ends(t))
    if not has_ends(t):
        return
    more = {}
    arguments, before = "y, flag, times", []
    if t.asked.aim.criterion == "fbeta":
        before.append(f"    square = {amount_text(t.asked.aim.beta)}**2")
        more["fbeta"] = "(1 + square) * tp / max((1 + square) * tp + square * fn + fp, 1e-9)"
    if t.asked.cost_columns:
        arguments = "y, flag, flagged, passed, times"
        more["cost"] = "times @ np.where(flag, flagged, passed)"
    elif t.asked.costs is not None:
        terms = [f"{amount} * {each}" for each, amount in amounts.items() if amount != "0"]
        before += spread_out("    cost = ", joined(terms), ("(", ")"), indent=4, bare=True)
        more["cost"] = "cost"
    interval_code.write_decided(writer, more, compared=False, arguments=arguments, before=before)
    interval_code.write_shares(writer, compared=False)


def joined(terms: Sequence[str]) -> list[str]:
    """Put a plus before every term but the first."""
    return [f"+ {term}" if at else term for at, term in enumerate(terms)]


def write_ends(writer: Writer, t: ThresholdData, arrays: Sequence[str]) -> None:
    """Write the ends of every figure of ``rows``, from ``flags`` and the arrays of the rows that are reported."""
    if not has_ends(t):
        return
    y, amounts = arrays[0], arrays[1:]
    drawn = interval_code.drawn(y, _drawn(t).n_draws, interval_code.groups_of(t.origin.scored.parts))
    call = f"decided({', '.join([y, 'flag', *amounts, 'times'])})"
    writer.add(
        "for name, flag in flags.items():",
        *spread_out("    sample = ", [call, f"for times in {drawn}"], ("[", "]"), indent=4),
        "    add_ends(rows[name], sample)",
        f"    add_counted(rows[name], shares({y}, flag))",
    )


def has_ends(t: ThresholdData) -> bool:
    """Whether figures have intervals: few groups have none."""
    return not _drawn(t).too_few_groups


def _drawn(t: ThresholdData) -> Resamples:
    scored = t.origin.scored
    return scored.resamples


def range_is_searched(t: ThresholdData) -> bool:
    """Whether the range is of cuts that resamples search exactly; else it is of the draws of which the cut is the median."""
    return t.spread.is_drawn and (
        not t.found.tuning.is_median or t.origin.scored.parts.rule.groups is not None
    )


def write_cut_range(writer: Writer, t: ThresholdData) -> None:
    """Write the range of the cuts that resamples of the rows would have chosen."""
    spread, grouped = t.spread, t.origin.scored.parts.rule.groups is not None
    if not spread.is_drawn:
        return
    if spread.grouped or (not grouped and _noisy(t.found.ladder)):
        why = "scores are put together" if spread.grouped else "amounts of rows of one score are drawn"
        writer.add(f"# the range of the cut is left out: {why} for it")
        return
    whole = bool((t.origin.scored.folds.ids >= 0).all())
    some = "" if whole else "[scored]"
    by_row = bool(t.asked.cost_columns) and t.asked.aim.criterion == "cost"
    names = ["is_train", "oof", *(["flagged_train", "passed_train"] if by_row else [])]
    arrays = ", ".join(f"{name}[drawn]" for name in names)
    taken, call = [], f"exact_cut({arrays})"
    if by_row:  # too long for a line
        taken, call = [f"of_rows = ({', '.join(names)})"], "exact_cut(*(each[drawn] for each in of_rows))"
    writer.add(
        "", "# how sure is the cut? resamples of the scores that chose it would have chosen these", *taken
    )
    if not range_is_searched(t):
        writer.add(f"resampled = drawn_cuts(is_train{some}, oof{some})")
    elif grouped:
        groups = "groups_train" if whole else "np.asarray(groups_train)[scored]"
        drawn = interval_code.drawn(f"is_train{some}", len(spread.cuts), groups)
        writer.add(
            "resampled = []",
            f"for times in {drawn}:",
            f"    drawn = np.repeat({'np.arange(len(oof))' if whole else 'scored'}, times)",
            f"    resampled.append({call})",
        )
    else:
        writer.add(
            f"level = np.unique(-oof{some}, return_inverse=True)[1]",
            f"alike = 2 * level + is_train{some}  # rows of one score and one class",
            "first, share = np.unique(alike, return_index=True, return_counts=True)[1:]",
            *([] if whole else ["first = scored[first]"]),
            f"rng, resampled = np.random.default_rng({t.origin.random_state or 0}), []",
            f"while len(resampled) < {len(spread.cuts)}:",
            "    times = rng.multinomial(len(level), share / len(level))",
            "    drawn = np.repeat(first, times)",
            "    if is_train[drawn].any() and not is_train[drawn].all():  # else drawn again",
            f"        resampled.append({call})",
        )
    writer.add(
        'cut_low = np.nanquantile(resampled, 0.025, method="lower")',
        'cut_high = np.nanquantile(resampled, 0.975, method="higher")',
        f"cut_low, cut_high = rounded(cut_low, oof{some}), rounded(cut_high, oof{some})",
        'print("95 % of the cuts:", cut_low, "to", cut_high)',
    )


def _noisy(ladder: Ladder) -> bool:
    """Whether rows of one score and class have several amounts."""
    if ladder.amounts is None:
        return False
    extra = ladder.amounts[0] - ladder.amounts[1]
    cell = 2 * ladder.levels() + ladder.y
    low, high = np.full(cell.max() + 1, np.inf), np.full(cell.max() + 1, -np.inf)
    np.minimum.at(low, cell, extra)
    np.maximum.at(high, cell, extra)
    return bool((high > low).any())
