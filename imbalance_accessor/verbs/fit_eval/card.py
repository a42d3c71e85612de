"""The card of an `Evaluation`: its key figures and its table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.metrics.registry import metric_label
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval
from imbalance_accessor.verbs.fit_eval import text
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData


def card(evaluation: EvaluationData) -> Card:
    """Return what is shown."""
    target, split_by = evaluation.scored.parts.features.target, evaluation.scored.parts.split_by
    more = (".best_threshold()", ".reliability()") if evaluation.is_binary else ()
    cv = (
        f"threshold {evaluation.chosen_on}"
        if evaluation.reader.model.fitted
        else evaluation.scored.folds.text
    )
    return Card(
        title=text.verdict(evaluation),
        figures=text.figures(evaluation),
        table=table(evaluation),
        best=evaluation.best,
        notes=(
            *text.table_notes(evaluation),
            f"model={evaluation.reader.model.name!r}, {split_by.text}, {cv}, criterion={evaluation.settings.criterion!r}"
            + (f", positive class {target.pos_label!r}" if evaluation.is_binary else ""),
        ),
        findings=evaluation.findings,
        next=(*more, ".trace()", ".model()", ".scores", ".differences"),
    )


def _short(metric: str) -> str:
    return "AP" if metric == "average_precision" else metric_label(metric)


def table(evaluation: EvaluationData) -> pd.DataFrame:
    """Return the strategies side by side, at the default threshold and at the tuned ones."""
    criterion, failed, evaluated = (
        evaluation.settings.criterion,
        evaluation.scored.failed,
        evaluation.evaluated,
    )

    def figures(metric: str) -> list[float]:
        known = [each.points[metric] for each in evaluated.values()]
        return [*known, *[np.nan] * len(failed), evaluation.dummy_figures.get(metric, np.nan)]

    def intervals(metric: str) -> list[Interval]:
        ends = [(each.low[metric], each.high[metric]) for each in evaluated.values()]
        every = [*ends, *[(np.nan, np.nan)] * (len(failed) + 1)]
        return [Interval(point, *each) for point, each in zip(figures(metric), every, strict=True)]

    columns: dict[str, Any] = {}
    if evaluation.held_out and not evaluation.reader.model.fitted:
        # none of the other figures out of fold is computed before it is asked for
        levels = evaluation.comparison.levels(evaluation.decided_by)
        columns[f"{_short(evaluation.decided_by)} out of fold"] = [*levels, *[np.nan] * (len(failed) + 1)]
    name = metric_label(criterion)
    if evaluation.is_binary:
        shares = [each for each in ("recall", "precision") if each != criterion]
        default = evaluation.scored.by_default
        columns |= {f"{metric_label(each)} {default}": figures(each) for each in (criterion, *shares)}
        thresholds = [evaluation.threshold_text(strategy) for strategy in evaluated]
        columns["tuned threshold"] = [*thresholds, *["–"] * (len(failed) + 1)]
        columns[f"{name} tuned"] = intervals(f"{criterion}_tuned")
        columns |= {f"{metric_label(each)} tuned": figures(f"{each}_tuned") for each in shares}
    else:
        columns[f"macro {name}"] = intervals(criterion)
        columns["recall (macro)"] = figures("recall")
    columns |= {"avg precision": intervals("average_precision"), "ROC-AUC": figures("roc_auc")}
    if evaluation.scored.is_probability:
        columns["Brier"] = figures("brier")
    if evaluation.is_binary and evaluation.scored.is_probability:
        columns["mean p"] = figures("mean_probability")
    index = pd.Index([*evaluated, *(f"{name} (failed)" for name in failed), "dummy"], name="strategy")
    return pd.DataFrame(columns, index=index)
