"""The short code of a `Threshold`: the search as a person would write it, where that finds the same number."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context
from typing import Any

import numpy as np

from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores
from imbalance_accessor.metrics.objectives import Constraint
from imbalance_accessor.metrics.thresholds import CANDIDATES, best_of_draws
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.best_threshold import snippet
from imbalance_accessor.verbs.best_threshold.fields import ThresholdData
from imbalance_accessor.verbs.best_threshold.snippet_intervals import has_weights
from imbalance_accessor.verbs.shared.snippet_threshold import amount_text
from imbalance_accessor.verbs.shared.snippet_weights import carries_weights, say_left_out

#: Criteria that a median over draws is written for, as the field says them.
_NAMES = {
    "f1": "F1",
    "fbeta": "F-beta",
    "mcc": "MCC",
    "balanced_accuracy": "balanced accuracy",
    "g_mean": "the G-mean",
    "accuracy": "accuracy",
}
_CRITERIA = {*_NAMES, "precision", "recall", "specificity", "flag_rate", "cost"}


def write(t: ThresholdData) -> Snippet:
    """Write the choice as a short program: the threshold, and what it comes to on the test set."""
    if isinstance(t.strategy_scores, FittedScores) and not carries_weights(
        snippet.estimator_of(t.strategy_scores)
    ):
        return Snippet(say_left_out([t.strategy_scores.name]))
    writer, rounding = Writer(), _rounding(t)
    oof, on_test = snippet.scoring_lines(writer, t)
    snippet.write_costs(writer, t)
    if rounding is None or not _is_short(t):
        snippet.write_function(writer, t)
        writer.add(*oof)
        snippet.write_threshold(writer, t, cross_fitted=False)
    else:
        writer.add(*oof)
        _write_search(writer, t, rounding)
    if not t.feasible:
        writer.add('print("threshold", threshold)  # no threshold keeps the limits')
    elif not on_test:
        writer.add('print("threshold", threshold)')
    else:
        writer.add("", *on_test)
        _write_figures(writer, t)
    return writer.text()


def _is_short(t: ThresholdData) -> bool:
    """Whether the search that the template writes finds the same threshold."""
    objective = t.asked.objective
    limited, repeated = bool(objective.constraints), len(t.found.grids) > 1
    if has_weights(t) or objective.criterion not in _CRITERIA:
        return False
    if limited and (_is_by_row(t) or (repeated and objective.confidence is not None)):
        return False
    return all(each.bound > 0 for each in objective.constraints)  # of nothing flagged no share is taken


def _is_by_row(t: ThresholdData) -> bool:
    return bool(t.asked.cost_columns) and t.asked.objective.criterion == "cost"


def _write_search(writer: Writer, t: ThresholdData, rounding: dict[str, Any]) -> None:
    """Write the lines that find the threshold in ``oof``, or the mean of those of several deals of the folds."""
    y, deals = "is_train", len(t.found.grids)
    if snippet.some_of(t):
        snippet.write_scored(writer, t)
        y, every = "is_scored", "oofs = np.array(oofs)[:, scored]" if deals > 1 else "oof = oof[scored]"
        writer.add("is_scored = is_train[scored]", every)
    if deals > 1 and t.asked.objective.constraints:  # an average need not keep a limit
        writer.add("oof = np.concatenate(oofs)  # a row stands here once for each deal")
        writer.add(f"is_dealt = np.tile({y}, {deals})")
        y, deals = "is_dealt", 1
    writer.add("")
    write_template(writer, "best_threshold/search.py.j2", y=y, deals=deals, s=_search(t) | rounding)


def _search(t: ThresholdData) -> dict[str, Any]:
    """Return what the template of the search is written of."""
    objective, tuning = t.asked.objective, t.found.tuning
    tables = [grid.table for grid in t.found.grids]
    candidates = [np.count_nonzero(np.diff(table.rows[0]) > 0) for table in tables]
    step = -(-candidates[0] // CANDIDATES)
    square = 16 * objective.beta**2
    return {
        "criterion": objective.criterion,
        "name": _NAMES.get(objective.criterion, ""),
        "beta": amount_text(objective.beta),
        "is_rounded": objective.criterion == "mcc"
        or (objective.criterion == "fbeta" and square != int(square)),
        "is_median": tuning.is_median,
        "thinned": f"[::{step}]" if step > 1 else "",
        "nobody": tuning.is_median
        and any(0 in best_of_draws(table, objective, tuning.seed) for table in tables),
        "seed": tuning.seed,
        "limits": [{"metric": each.metric, "bound": _bound(t, each)} for each in objective.constraints],
        "chance": "" if objective.confidence is None else repr(round(1 - objective.confidence, 12)),
        "cost": _total(t, {"fn": "(n - tp)", "tn": "(m - fp)"}),
        "rounding": _cost_rounding(t),
        "is_by_row": _is_by_row(t),
        "some": snippet.some_of(t),
        "has_ties": any(len(table.thresholds) <= table.n_rows for table in tables),
        "is_feasible": t.feasible,
    }


def _bound(t: ThresholdData, limit: Constraint) -> str:
    return snippet.ceiling(t) if limit.is_ceiling else repr(limit.bound)


def _total(t: ThresholdData, counts: dict[str, str]) -> str:
    """Write what decisions cost together, of amounts that are the same for all rows; nothing where there are no such."""
    if t.asked.costs is None or t.asked.cost_columns:
        return ""
    terms = [
        f"{amount_text(amount)} * {counts.get(name, name)}" for name, amount in t.asked.costs.items() if amount
    ]
    return " + ".join(terms).replace("+ -", "- ") or "0 * tp"


def _cost_rounding(t: ThresholdData) -> str:
    """Write by how much totals may differ and be the same; nothing where they are sums of whole numbers."""
    if t.asked.costs is None or t.asked.objective.criterion != "cost":
        return ""
    if not t.asked.cost_columns and all(float(amount).is_integer() for amount in t.asked.costs.values()):
        return ""
    return f"{1e-12 * t.found.table.scale:.0e}"


def _rounding(t: ThresholdData) -> dict[str, Any] | None:
    """Return how the template rounds down to the threshold; None where several deals are not averaged so."""
    none = {"power": "", "digits": 0, "decimals": 0}
    if not t.feasible:
        return none
    if len(t.found.grids) > 1 and not t.asked.objective.constraints:
        return _averaged(t)
    exact, wanted = float(t.found.table.thresholds[t.found.place]), t.found.threshold
    if exact == wanted:
        return none
    for power in range(18):
        if np.floor(exact * 10.0**power) / 10.0**power == wanted:
            return none | {"power": str(10**power) if power < 4 else f"1e{power}"}
    for digits in range(1, 18):
        if float(Context(digits, ROUND_FLOOR).create_decimal(repr(exact))) == wanted:
            return none | {"digits": digits}
    return None


def _averaged(t: ThresholdData) -> dict[str, Any] | None:
    """Return the decimals of the mean of the deals' thresholds, which are rounded before as far as that shows in it."""
    places = [t.found.tuning.choose(grid.table).place for grid in t.found.grids]
    exact = np.array([grid.table.thresholds[at] for grid, at in zip(t.found.grids, places, strict=True)])
    for decimals in range(18):
        if round(np.mean(exact), decimals) == t.found.threshold:
            return {"power": "", "digits": 0, "decimals": decimals}
    return None


def _write_figures(writer: Writer, t: ThresholdData) -> None:
    """Write the lines that judge the threshold on the test set, beside the default one."""
    default = t.found.rows.get("default")
    shown = [row.figures.points["flag_rate"] for name, row in t.found.rows.items() if name != "closed_form"]
    total = _total(t, {})
    write_template(
        writer,
        "best_threshold/figures.py.j2",
        y="is_test",
        p="score",
        w="w_test" if has_weights(t) else "",
        default=None if default is None else f"{default.threshold:g}",
        flags_nobody=min(shown) == 0,
        by_row=bool(t.asked.cost_columns),
        cost=total,
        counts=", ".join(name if name in total else "_" for name in ("tn", "fp", "fn", "tp")),
    )
