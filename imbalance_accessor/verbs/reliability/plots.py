"""The pictures of a `Reliability`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from imbalance_accessor.evaluation.strategy_scores import TopLabelScores
from imbalance_accessor.metrics.bins import BinRule, bins
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.verbs.reliability import verdict
from imbalance_accessor.verbs.reliability.fields import ReliabilityData

#: The scale is logarithmic where half of the bins lie below this part of the axis.
_CROWDED = 0.2


def pictures(r: ReliabilityData) -> Mapping[str, Picture]:
    """Return what can be drawn: the diagram as it was asked for, then with other bins."""
    rules: dict[str, BinRule] = {"quantile": "quantile", "uniform": "uniform", "isotonic": "isotonic"}
    shown = [name for name in r.scores_by_strategy if _drawn(r, name)]
    if not shown:
        return {}
    size = (2, len(shown))

    def picture(rule: BinRule) -> Picture:
        return Panels(size, lambda axes: _draw(r, shown, rule, axes))

    return {
        "diagram": picture(r.binning.rule),
        **{name: picture(rule) for name, rule in rules.items() if name != r.binning.rule},
    }


def _drawn(r: ReliabilityData, name: str) -> bool:
    return any(row.is_probability for (each, _), row in r.report.rows.items() if each == name)


def _draw(r: ReliabilityData, shown: list[str], rule: BinRule, axes: Any) -> None:
    from imbalance_accessor.rendering.plots.axes import figure_title, shared_legend
    from imbalance_accessor.rendering.plots.reliability import Points, reliability_curves, score_histogram

    grid = np.asarray(axes).reshape(2, -1)
    target = r._first.scored.parts.features.target
    labels = ("right", "wrong") if isinstance(r._first, TopLabelScores) else (f"{target.pos_label}", "rest")
    among = _calibrators(r, shown) if len(shown) > 1 else []
    for column, name in enumerate(shown):
        rows = _rows(r, name)
        binned = {
            verdict.calibrator_label(calibrator): bins(row.y, row.p, rule, r.binning.n_bins, row.weights)
            for calibrator, row in rows.items()
        }
        curves = {
            key: Points(each.mean, each.share, each.low, each.high, each.rows) for key, each in binned.items()
        }
        span = _span(list(binned.values()))
        first, row = next(iter(rows.items()))
        after = "uncalibrated probability" if first == "none" else f"probability after {first}"
        title, where = verdict.strategy_label(r, name), verdict.where(r)
        reliability_curves(grid[0, column], curves, title=title, span=span, where=where, among=among)
        copies, y = row.weights.copies, row.y
        rows_of = (None, None) if copies is None else (copies[y], copies[~y])
        score_histogram(
            grid[1, column], row.p[y], row.p[~y], span=span, labels=labels, rows=rows_of, xlabel=after
        )
    if among:
        shared_legend(grid[0], columns=len(among) + 1)
    figure_title(grid, verdict.title(r))


def _rows(r: ReliabilityData, name: str) -> dict[str, Any]:
    """Return a model's rows by calibrator, without the calibrator that changes nothing.

    Scores that are of the sample's share of positives are left out beside those at the prevalence, which they would dwarf.
    """
    found = {
        calibrator: row
        for (each, calibrator), row in r.report.rows.items()
        if each == name
        and row.is_probability
        and not (calibrator == "prior" and r.report.odds_shift[name] == 1)
    }
    if name in r.report.of_sample and len(found) > 1:
        found.pop("none", None)
    return found


def _calibrators(r: ReliabilityData, shown: list[str]) -> list[str]:
    """Return the curves of all panels, each once, in the order in which they first appear."""
    every = (calibrator for name in shown for calibrator in _rows(r, name))
    return list(dict.fromkeys(map(verdict.calibrator_label, every)))


def _span(binned: Any) -> Any:
    """Return what the axes show: from 0 to where the curves end, on a logarithmic scale where most bins crowd near 0."""
    from imbalance_accessor.rendering.plots.reliability import Span

    means, shares = (np.concatenate([getattr(each, of) for each in binned]) for of in ("mean", "share"))
    top = 1.1 * max(float(means.max()), float(shares.max()))
    high = 1.0 if top > 0.6 else _rounded_up(top)
    if np.median(means) > _CROWDED * high:
        return Span(high=high)
    rows = sum(int(each.rows.sum()) for each in binned) / len(binned)
    # nothing below a tenth of a row in all of them can be seen to be wrong
    low = max(float(np.quantile(means, 0.05)), 0.1 / rows, 1e-6)
    return Span(10.0 ** np.floor(np.log10(low)), high)


def _rounded_up(top: float) -> float:
    step = 0.05 if top > 0.01 else 10.0 ** np.floor(np.log10(max(top, 1e-9)))
    return float(np.ceil(top / step) * step)
