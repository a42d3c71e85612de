"""The intervals of `best_threshold` as code: of every figure of the rows that are reported, and of the threshold itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.thresholds import ThresholdGrid
from imbalance_accessor.rendering.snippets.writer import Writer, spread_out
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_weights
from imbalance_accessor.verbs.shared.snippet_threshold import amount_text


def write_helpers(writer: Writer, t: ThresholdData, amounts: Mapping[str, str]) -> None:
    """Write the functions that the intervals take."""
    if has_weights(t):
        writer.add("# intervals are not written out here: see .report and .threshold_ci")
        return
    if not has_ends(t) and not t.threshold_ci.is_drawn:
        return
    scored, seed = t.strategy_scores.scored, t.strategy_scores.random_state
    averaged = bool(scored.again) and not scored.held_out
    snippet_intervals.write_helpers(
        writer, scored.parts, seed, _drawn(t), counted=has_ends(t), averaged=averaged
    )
    if not has_ends(t):
        return
    more = {}
    arguments, before = "y, flag, times", []
    if t.asked.objective.criterion == "fbeta":
        before.append(f"    square = {amount_text(t.asked.objective.beta)}**2")
        more["fbeta"] = "(1 + square) * tp / max((1 + square) * tp + square * fn + fp, 1e-9)"
    if t.asked.cost_columns:
        arguments = "y, flag, flagged, passed, times"
        more["cost"] = "times @ np.where(flag, flagged, passed)"
    elif t.asked.costs is not None:
        terms = [f"{amount} * {each}" for each, amount in amounts.items() if amount != "0"]
        before += spread_out("    cost = ", summed(terms), ("(", ")"), indent=4, bare=True)
        more["cost"] = "cost"
    snippet_intervals.write_decided(writer, more, compared=False, arguments=arguments, before=before)
    deals = len(t.found.grids) if several_flags(t) else 1
    snippet_intervals.write_shares(writer, compared=False, deals=deals)


def summed(terms: Sequence[str]) -> list[str]:
    """Put a plus before every term but the first."""
    return [f"+ {term}" if at else term for at, term in enumerate(terms)]


def write_ends(writer: Writer, t: ThresholdData, arrays: Sequence[str]) -> None:
    """Write the ends of every figure of ``rows``, from ``flags`` and the arrays of the rows that are reported."""
    if not has_ends(t):
        return
    y, amounts = arrays[0], arrays[1:]
    groups = snippet_intervals.groups_of(t.strategy_scores.scored.parts)
    if groups is not None and y == "is_scored":
        groups = f"np.asarray({groups})[scored]"
    drawn = snippet_intervals.draws_of(y, _drawn(t).n_draws, groups)
    of = "means(decided, " if several_flags(t) else "decided("
    call = f"{of}{', '.join([y, 'flag', *amounts, 'times'])})"
    writer.add(
        "for name, flag in flags.items():",
        *spread_out("    sample = ", [call, f"for times in {drawn}"], ("[", "]"), indent=4),
        "    add_ends(rows[name], sample)",
        f"    add_counted(rows[name], shares({y}, flag))",
    )


def several_flags(t: ThresholdData) -> bool:
    """Whether a reported row is flagged once in each of several deals of the folds."""
    return len(t.found.grids) > 1 and not len(t.strategy_scores.scored.parts.test)


def has_ends(t: ThresholdData) -> bool:
    """Whether figures have intervals: few groups have none, and rows that do not count once each."""
    return not _drawn(t).too_few_groups and not has_weights(t)


def has_weights(t: ThresholdData) -> bool:
    """Whether rows do not count once each."""
    return snippet_weights.is_weighted(t.strategy_scores.scored.parts)


def _drawn(t: ThresholdData) -> Resamples:
    scored = t.strategy_scores.scored
    return scored.resamples


def range_is_searched(t: ThresholdData) -> bool:
    """Whether resamples search the range exactly; else it is of the draws whose median is the threshold."""
    return (t.threshold_ci.is_drawn and not has_weights(t)) and (
        not t.found.tuning.is_median or t.strategy_scores.scored.parts.split_by.groups is not None
    )


def write_threshold_range(writer: Writer, t: ThresholdData, every_score: str) -> None:
    """Write the range of the thresholds that resamples of the rows would have chosen, in each deal of the folds."""
    threshold_ci, grouped = t.threshold_ci, t.strategy_scores.scored.parts.split_by.groups is not None
    if not threshold_ci.is_drawn or has_weights(t):
        return
    if threshold_ci.grouped or (not grouped and any(map(_noisy, t.found.grids))):
        why = "scores are put together" if threshold_ci.grouped else "amounts of rows of one score are drawn"
        writer.add(f"# the range of the threshold is left out: {why} for it")
        return
    whole, deals = bool((t.strategy_scores.scored.folds.ids >= 0).all()), len(t.found.grids)
    some = "" if whole else "[scored]"
    writer.add("", "# how sure is the threshold? resamples of the scores would have chosen these")
    if not range_is_searched(t):
        drawn = f"drawn_thresholds(is_train{some}, oof{some})"
        writer.add(f"resampled = {drawn if deals == 1 else f'np.concatenate([{drawn} for oof in oofs])'}")
    else:
        lines = _by_group(t, some, whole) if grouped else _by_row(t, some, whole)
        if deals > 1:
            lines = ["for oof in oofs:", *(f"    {line}" for line in lines)]
        writer.add("resampled = []", *lines)
    writer.add(
        'threshold_low = np.nanquantile(resampled, 0.025, method="lower")',
        'threshold_high = np.nanquantile(resampled, 0.975, method="higher")',
    )
    if deals > 1:
        writer.add(f"every_oof = {every_score}")
        every_score = "every_oof"
    writer.add(
        f"threshold_low = rounded(threshold_low, {every_score})",
        f"threshold_high = rounded(threshold_high, {every_score})",
        'print("95 % of the thresholds:", threshold_low, "to", threshold_high)',
    )


def _searched(t: ThresholdData) -> tuple[list[str], str]:
    """Return the lines before each draw is searched, and the search."""
    if not (t.asked.cost_columns and t.asked.objective.criterion == "cost"):
        return [], "exact_threshold(is_train[drawn], oof[drawn])"
    names = "is_train, oof, flagged_train, passed_train"  # too long for a line
    return [f"of_rows = ({names})"], "exact_threshold(*(each[drawn] for each in of_rows))"


def _by_group(t: ThresholdData, some: str, whole: bool) -> list[str]:
    taken, call = _searched(t)
    groups = "groups_train" if whole else "np.asarray(groups_train)[scored]"
    count = len(t.threshold_ci.thresholds) // len(t.found.grids)
    return [
        *taken,
        f"for times in {snippet_intervals.draws_of(f'is_train{some}', count, groups)}:",
        f"    drawn = np.repeat({'np.arange(len(oof))' if whole else 'scored'}, times)",
        f"    resampled.append({call})",
    ]


def _by_row(t: ThresholdData, some: str, whole: bool) -> list[str]:
    taken, call = _searched(t)
    deals = len(t.found.grids)
    count, seed = len(t.threshold_ci.thresholds) // deals, t.strategy_scores.random_state or 0
    start = [f"rng = np.random.default_rng({seed})"]
    if deals > 1:
        start.append(f"until = len(resampled) + {count}")
    return [
        *taken,
        f"level = np.unique(-oof{some}, return_inverse=True)[1]",
        f"alike = 2 * level + is_train{some}  # rows of one score and one class",
        "first, share = np.unique(alike, return_index=True, return_counts=True)[1:]",
        *([] if whole else ["first = scored[first]"]),
        *start,
        f"while len(resampled) < {count if deals == 1 else 'until'}:",
        "    times = rng.multinomial(len(level), share / len(level))",
        "    drawn = np.repeat(first, times)",
        "    if is_train[drawn].any() and not is_train[drawn].all():  # else drawn again",
        f"        resampled.append({call})",
    ]


def _noisy(grid: ThresholdGrid) -> bool:
    """Whether rows of one score and class have several amounts."""
    if grid.amounts is None:
        return False
    extra = grid.amounts[0] - grid.amounts[1]
    cell = 2 * grid.levels() + grid.y
    low, high = np.full(cell.max() + 1, np.inf), np.full(cell.max() + 1, -np.inf)
    np.minimum.at(low, cell, extra)
    np.maximum.at(high, cell, extra)
    return bool((high > low).any())
