"""What decisions by the probabilities are worth: the amounts that are asked for, their table and their sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.features import Features
from imbalance_accessor.errors import LEFT_OUT, OptionError, change, one_line
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.worth import PER, Worth
from imbalance_accessor.rendering.cells import Interval, Share, decimal, money
from imbalance_accessor.verbs.best_threshold.cost_options import is_cost, read_costs
from imbalance_accessor.verbs.reliability.calibration_report import RowKey
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.verdict import called, loss_text, strategy_label, where, worst


def check_cost(cost: Any, *, top_class: bool = False) -> None:
    """Refuse amounts of the rows' own, and of several classes at once, before anything is read."""
    if cost is None:
        return
    if top_class:
        raise OptionError(
            "cost= weighs decisions about one class, and top_class=True evaluates the likeliest of several. Leave cost= out.",
            fix=change(cost=LEFT_OUT),
        )
    if isinstance(cost, Mapping):
        _refuse_columns({outcome: each for outcome, each in cost.items() if isinstance(each, str)})


def costs_of(cost: Any, features: Features) -> Costs | None:
    """Read amounts by outcome, or a matrix of two labels."""
    if cost is None:
        return None
    amounts = read_costs(cost, features)
    _refuse_columns({outcome: each for outcome, each in amounts.items() if not is_cost(each)})
    return Costs(**amounts)


def _refuse_columns(named: Mapping[Any, Any]) -> None:
    for outcome, name in named.items():
        raise OptionError(
            f"cost: {outcome!r} is {one_line(name)}; reliability takes amounts that are the same for all rows. Give numbers; "
            "best_threshold(cost=) takes columns."
        )


def worth_table(r: ReliabilityData, labels: Mapping[RowKey, str]) -> pd.DataFrame:
    """Lay what decisions by the rows cost beside the promise, and below them what needs no probabilities."""
    found = {label: r.report.worth.get(key) for key, label in labels.items()}
    rows = {label: _cells(each) for label, each in found.items() if each is not None}
    for name, cost in r.tuned.items():
        of = f"{strategy_label(r, name)}, " if len(r.tuned) > 1 else ""
        rows[f"{of}tuned threshold"] = [(cost, np.nan, np.nan), None, None, None]
    for name, cost, share in zip(("flag none", "flag all"), one_sided(r), (0.0, 1.0), strict=True):
        rows[name] = [(cost, np.nan, np.nan), None, None, Share(share)]
    shown = [_shown(each, _digits(r)) for row in rows.values() for each in row]
    columns = ["cost per 1,000 rows", "expected", "saved by calibrating", "flagged"]
    cells = np.array(shown, dtype=object).reshape(len(rows), len(columns))
    table = pd.DataFrame(cells, index=list(rows), columns=columns)
    table.index.name = "What it is worth"
    return table


def _cells(each: Worth) -> list[Any]:
    return [each.cost, each.promised, each.saved if any(each.saved) else None, Share(each.flag_rate)]


def _shown(cell: Any, digits: int) -> Any:
    """Return three numbers as an interval, all in the same number of decimals."""
    return Interval(cell[0], cell[1], cell[2], digits) if isinstance(cell, tuple) else cell


def _digits(r: ReliabilityData) -> int:
    """Return the decimals of costs: none where they are large."""
    most = max([*map(abs, one_sided(r)), *(abs(each.cost[0]) for each in r.report.worth.values())])
    return 0 if most >= PER else 1 if most >= 10 else 3


def one_sided(r: ReliabilityData) -> tuple[float, float]:
    """Return what 1,000 rows cost where none is flagged, and where all are."""
    assert r.report.costs is not None
    flagged, passed = r.report.costs.of_all(r.report.prevalence[0])
    return PER * passed, PER * flagged


def decision_rule(r: ReliabilityData) -> str:
    """Say from which probability on a row is flagged, and what needs no probabilities."""
    costs = r.report.costs
    assert costs is not None
    nobody, everyone = map(money, one_sided(r))
    return (
        f"flag from a probability of {decimal(float(costs.closed_form))} (formula, by the amounts); flagging none costs "
        f"{nobody}, all {everyone} per 1,000 rows"
    )


def legend_of_worth(r: ReliabilityData) -> str:
    """Say what the columns of the table mean."""
    gain = " Negative: a gain." if min(vars(r.report.costs).values()) < 0 else ""
    return (
        f"What it is worth: decisions at the formula's threshold, which nothing was tuned for, {where(r)}. Expected: by the "
        "probabilities, [..] what they allow by chance if true. Saved: against the uncalibrated scores, all calibrators at once, "
        f"with room for rows too rare to be seen.{gain}"
    )


def verdict_of_worth(r: ReliabilityData) -> str:
    """Return the promise and the cost of the worst scores, and the cost once calibrated, for a sentence."""
    name, calibrator = worst(r), r.best[worst(r)]
    raw, best = r.report.worth.get((name, "none")), r.report.worth.get((name, calibrator))
    if raw is None:
        return "" if best is None else f"{called(r, name)} with {calibrator} {promise_and_bill(best)}"
    said = f"{called(r, name)} {promise_and_bill(raw)}"
    return (
        said
        if best is None or best is raw
        else f"{said}; with {calibrator} it {promise_and_bill(best, short=True)}"
    )


def promise_and_bill(each: Worth, *, short: bool = False) -> str:
    """Say which cost was expected by the probabilities and what it came to.

    Examples
    --------
    >>> promise_and_bill(Worth((720.0, 650.0, 790.0), (310.0, 280.0, 345.0), (0.0, 0.0, 0.0), 0.1))
    'expected a cost of 310 per 1,000 rows and came to 720'
    """
    per = "" if short else " a cost of"
    rows = "" if short else " per 1,000 rows"
    return f"expected{per} {amount(each.promised[0])}{rows} and came to {amount(each.cost[0])}"


def amount(cost: float) -> str:
    """Write a cost with the digits that the table has.

    Examples
    --------
    >>> amount(339.56), amount(400.0), amount(12_345.6)
    ('339.6', '400', '12,346')
    """
    written = money(float(f"{cost:.4g}") if abs(cost) < PER else round(cost))
    return written.rstrip("0").rstrip(".") if "." in written else written


def sentences(r: ReliabilityData) -> list[str]:
    """Say what calibration is for, with these numbers."""
    name, costs = worst(r), r.report.costs
    raw, best = r.report.worth.get((name, "none")), r.report.worth.get((name, r.best[name]))
    if costs is None or (raw is None and best is None):
        return []
    need, at = "Thresholds from costs need true probabilities", decimal(float(costs.closed_form))
    said = (
        ""
        if raw is None
        else f": from {at} on {called(r, name)} {promise_and_bill(raw)} {where(r)}{_kept(raw)}"
    )
    calibrated = [] if best is None or best is raw else [_calibrated(r.best[name], best)]
    return [f"{need}{said}.", *calibrated, _AND_ELSE, *_tuned(r)]


def spoken_worth(r: ReliabilityData) -> str:
    """Say what calibration is for, as a candidate would; nothing without costs."""
    name, calibrator = worst(r), r.best[worst(r)]
    raw, best = r.report.worth.get((name, "none")), r.report.worth.get((name, calibrator))
    who = called(r, name) if raw is not None else f"{called(r, name)} with {calibrator}"
    found = raw or best
    if found is None:
        return ""
    return (
        f"Thresholds from costs need true probabilities, a ranking does not: {who} {promise_and_bill(found)}."
    )


def _kept(each: Worth) -> str:
    """Say that a promise is kept as far as can be told."""
    known = not np.isnan(each.cost[1])  # too few groups tell nothing
    return ", which is within chance" if known and each.keeps_its_promise else ""


def _calibrated(calibrator: str, each: Worth) -> str:
    """Say what calibrating does for the cost, and whether by more than chance."""
    said = f"With {calibrator} it {promise_and_bill(each, short=True)}"
    point, low, high = each.saved
    if np.isnan(point) or not any(each.saved):
        return f"{said}."
    ends = ", ".join(map(amount, (low, high) if point >= 0 else (-high, -low)))
    verb, chance = "saves" if point >= 0 else "costs", "" if low > 0 or high < 0 else ", within chance"
    between = "" if np.isnan(low) else f" [{ends}]{chance}"
    return f"{said}, which {verb} {amount(abs(point))}{between}."


def _tuned(r: ReliabilityData) -> list[str]:
    cost = r.tuned.get(worst(r))
    if cost is None:
        return []
    return [f"A threshold tuned out of fold needs no true probabilities: it came to {amount(cost)}."]


def averaged(r: ReliabilityData) -> list[str]:
    """Say what the mean of several models' probabilities comes to, as they are and calibrated."""
    if r.averaged is None:
        return []
    raw, calibrated = map(loss_text, r.averaged)
    return [
        f"The mean of all {len(r.scores_by_strategy)} has a {r.report.loss_name} of {raw} uncalibrated, and of {calibrated} "
        f"each with its chosen calibrator, {where(r)}."
    ]


#: What else calibration is for, beside thresholds from costs; and all of it.
_AND_ELSE = "So do expected values and means of several models; ranking does not."
PURPOSE = "Costs, expected values and means of several models need true risks; ranking does not."
