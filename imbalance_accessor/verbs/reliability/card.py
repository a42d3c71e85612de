"""The words of a `Reliability`: its card, and what is typical of each kind of model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.strategy_scores import ColumnScores, FittedScores, TopLabelScores
from imbalance_accessor.metrics.rounding import fixed, signed
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, percent
from imbalance_accessor.verbs.reliability.calibration_report import CalibrationMetrics, RowKey
from imbalance_accessor.verbs.reliability.fields import ReliabilityData
from imbalance_accessor.verbs.reliability.verdict import (
    calibrator_label,
    departure,
    loss_text,
    needs_none,
    prior_is_rough,
    recommended,
    short_loss,
    strategy_label,
    title,
    where,
)
from imbalance_accessor.verbs.reliability.worth import (
    decision_rule,
    legend_of_worth,
    verdict_of_worth,
    worth_table,
)
from imbalance_accessor.verbs.shared.population import badges
from imbalance_accessor.verbs.shared.score_cells import in_cells

#: Each kind of model: what it is called, what is typical of its scores, and the classes that are of it.
_KINDS = {
    "logistic": ("Logistic regression", "usually well calibrated", {"LogisticRegression"}),
    "naive_bayes": (
        "Naive Bayes",
        "usually overconfident, since it counts features as independent",
        {"GaussianNB", "BernoulliNB", "MultinomialNB", "CategoricalNB"},
    ),
    "forest": (
        "A forest",
        "usually away from 0 and 1, since it averages its trees",
        {"RandomForestClassifier", "ExtraTreesClassifier", "BalancedRandomForestClassifier"},
    ),
    "boosting": (
        "Boosting",
        "usually well calibrated, and overconfident where it overfits",
        {"HistGradientBoostingClassifier", "GradientBoostingClassifier", "XGBClassifier", "LGBMClassifier"},
    ),
    "svm": ("An SVM", "no probabilities, only an order", {"SVC", "LinearSVC"}),
    "knn": ("Nearest neighbours", "coarse, being shares of a few rows", {"KNeighborsClassifier"}),
}


def typical(r: ReliabilityData) -> pd.DataFrame:
    """Lay what is typical of each kind of model beside what this one showed."""
    rows = {
        name: {"typical": kind_of(r, name)[1], "this one": showed(r, name)} for name in r.scores_by_strategy
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "strategy"
    return frame


def kind_of(r: ReliabilityData, name: str) -> tuple[str, str]:
    """Return what a model is called, and what is typical of it."""
    strategy_scores = r.scores_by_strategy[name]
    if not isinstance(strategy_scores, FittedScores):
        return "", "not known: the scores came in a column"
    model = strategy_scores.plan.model
    for kind, (called, usual, classes) in _KINDS.items():
        if model.name == kind or type(model.classifier).__name__ in classes:
            there = ", at the share that it learned from" if name in r.report.of_sample else ""
            return called, usual + (there if usual.startswith("usually") else "")
    return model.name, "not known of this model"


def showed(r: ReliabilityData, name: str) -> str:
    """Say whether a model's scores as they are depart from what happened, and how."""
    raw = r.report.rows[name, "none"]
    found = departure(raw)
    if found is None:
        return "no probabilities" if raw.line is None else _direction(raw)
    return f"{'miscalibrated' if found.is_clear else found.no_sign}, {_direction(raw)}"


def card(r: ReliabilityData) -> Card:
    """Return what is shown."""
    parts = r._first.scored.parts
    share, low, high = r.report.prevalence
    negatives, positives = r.report.weights.rows(r.report.y, 2).tolist()
    n = negatives + positives
    what = "answered rightly" if isinstance(r._first, TopLabelScores) else "positive"
    ends = "" if np.isnan(low) else f" [{percent(low)}, {percent(high)}]"
    observed = f"{percent(share)}{ends} of {n:,} rows are {what} ({positives:,})"
    if r.report.at_prevalence:
        there = "where it will be used" if parts.features.is_elsewhere else "in the whole table"
        observed = f"{percent(share)} of {n:,} rows, counted as {there}; {percent(positives / n)} as they are"
    elif not r.report.weights.rows_are_ones:
        observed = f"{percent(share)}{ends} of {n:,} rows are {what}, by their weights ({positives:,} rows)"
    figures = [
        ("observed", observed),
        (
            "base rate for every row",
            f"{short_loss(r)} {loss_text(r.report.loss_of_share)}, the level to beat",
        ),
        *([] if r.report.costs is None else _worth(r)),
        *((strategy_label(r, name), _shape(r, name)) for name in r.scores_by_strategy),
    ]
    return Card(
        title=title(r),
        figures=tuple(figures[: 6 if r.report.costs is None else 8]),
        table=_table(r),
        more_tables=() if r.report.costs is None else (worth_table(r, _labels(r)),),
        best=_label(r, *recommended(r)),
        notes=(
            _notes(r),
            *([legend_of_worth(r)] if r.report.worth else []),
            *filter(None, [in_cells(r._first, chosen=False)]),
            f"{_models(r)}, {parts.split_by.text}, {_folds(r)}, {_evaluated(r)}",
        ),
        findings=r.findings,
        next=((".apply(df)" if isinstance(r._first, ColumnScores) else ".model()"), ".best", ".typical"),
        badges=badges(parts.features),
    )


def _evaluated(r: ReliabilityData) -> str:
    """Return what the probabilities are of."""
    if isinstance(r._first, TopLabelScores):
        return "the likeliest of several classes, right or wrong"
    return f"positive class {r._first.scored.parts.features.target.pos_label!r}"


def _shape(r: ReliabilityData, name: str) -> str:
    """Say how scores as they are depart from what happened, and which calibrator was chosen."""
    if len(r.report.rows) == len(r.scores_by_strategy):
        return showed(r, name)
    chosen = "no calibrator" if r.best[name] == "none" else r.best[name]
    rough = f" (prior is approximate: {r.report.approximate[name]})" if prior_is_rough(r, name) else ""
    needless = ", but none is needed" if needs_none(r, name) else ""
    return f"{showed(r, name)}; chosen out of fold: {chosen}{rough}{needless}"


def _direction(row: CalibrationMetrics) -> str:
    """Say how level and spread are off, by calibration intercept and slope."""
    line, found = row.line, departure(row)
    assert line is not None
    if np.isnan(line.intercept):
        return "level unknown"
    if found is None:
        return f"too few groups to judge the level (intercept {signed(line.intercept, '.2f')})"
    level = (
        f"{found.level} (intercept {signed(line.intercept, '.2f')})"
        if found.level
        else "level right within chance"
    )
    if line.slope_low <= 0 and line.slope_high >= 1:
        return f"{level}, too few rows to tell the slope ({fixed(line.slope, 2)})"
    perhaps = "" if found.is_clear else "perhaps "
    return f"{level}, {perhaps}{found.shape} (slope {fixed(line.slope, 2)})" if found.shape else level


def _label(r: ReliabilityData, name: str, calibrator: str) -> str:
    if len(r.scores_by_strategy) == 1:
        return calibrator_label(calibrator)
    return f"{strategy_label(r, name)}, {calibrator_label(calibrator)}"


def _worth(r: ReliabilityData) -> list[tuple[str, str]]:
    """Say what decisions by the probabilities come to."""
    said = verdict_of_worth(r)
    return [("decision", decision_rule(r)), *([("expected and actual cost", said)] if said else [])]


def _labels(r: ReliabilityData) -> dict[RowKey, str]:
    """Name the rows that are shown: a prior correction that changes nothing is said in a finding."""
    same = {(name, "prior") for name, odds_shift in r.report.odds_shift.items() if odds_shift == 1}
    return {key: _label(r, *key) for key in r.report.rows if key not in same}


def _table(r: ReliabilityData) -> pd.DataFrame:
    labels = _labels(r)
    rows = {key: r.report.rows[key] for key in labels}
    loss = r.report.loss

    def interval(metric: str, digits: int = 3) -> list[Interval]:
        return [
            Interval(row.figures.points[metric], row.figures.low[metric], row.figures.high[metric], digits)
            for row in rows.values()
        ]

    def line(name: str) -> list[Interval]:
        return [Interval(*_ends(row, name), digits=2) for row in rows.values()]

    table = {
        "mean p": [row.figures.points["mean_probability"] for row in rows.values()],
        short_loss(r): interval(loss, 4),
        "out of fold": [Interval(row.cv[loss], digits=4) for row in rows.values()],
        "intercept": line("intercept"),
        "slope": line("slope"),
        "error": [row.error for row in rows.values()],
        "by chance up to": [
            np.nan if row.chance is None else float(row.chance.error_high) for row in rows.values()
        ],
    }
    return pd.DataFrame(table, index=list(labels.values()))


def _ends(row: CalibrationMetrics, name: str) -> tuple[float, float, float]:
    """Return intercept or slope with the ends of its interval."""
    if row.line is None:
        return np.nan, np.nan, np.nan
    return getattr(row.line, name), getattr(row.line, f"{name}_low"), getattr(row.line, f"{name}_high")


def _notes(r: ReliabilityData) -> str:
    bins = f"{r.binning.n_bins} {'equal-mass' if r.binning.error_rule == 'quantile' else 'equal-width'} bins"
    rows = where(r) if where(r) != "cross-fitted" else "of the cross-fitted rows"
    ends = "Figures are" if np.isnan(r.report.prevalence[1]) else "[..]: 95 % intervals"
    kept = "" if len(r._first.scored.parts.test) else " Nothing was held out."
    return (
        f"{ends} {rows}.{kept} Out of fold: the {r.report.loss_name} that chooses the calibrator. Ideal: intercept 0, slope 1. "
        f"Error: expected calibration error in {bins}. By chance up to: what 95 % of perfectly calibrated models "
        f"of this size stay below.{dealt(r)}"
    )


def dealt(r: ReliabilityData) -> str:
    """Say that figures are means over several deals of the folds; nothing where there is one."""
    scored = r._first.scored
    if not scored.again:
        return ""
    what = "Cross-fitted figures are" if scored.held_out else "All figures are"
    shown = "" if scored.held_out else "; the diagram shows the first deal"
    return f" {what} averaged over {len(scored.folds.deals)} deals of the folds{shown}."


def _models(r: ReliabilityData) -> str:
    if isinstance(r._first, ColumnScores):
        return f"scores={r._first.column!r}"
    plans = (
        strategy_scores.plan
        for strategy_scores in r.scores_by_strategy.values()
        if isinstance(strategy_scores, FittedScores)
    )
    names = list(dict.fromkeys(each.model.name for each in plans))
    return f"model={names[0]!r}" if len(names) == 1 else f"models {', '.join(map(repr, names))}"


def _folds(r: ReliabilityData) -> str:
    folds = r._first.scored.folds
    again = f", dealt {len(folds.deals)} times" if folds.again else ""
    return f"{len(np.unique(folds.ids[folds.ids >= 0]))} folds{again}"
