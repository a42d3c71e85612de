"""The card of an `Evaluation`: its key figures and its table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.metrics.registry import METRICS, metric_label
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval
from imbalance_accessor.verbs.fit_eval import text
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared.population import badges

#: How rows are decided where a model's own predict does.
_BY_PREDICT = "By predict: as the model itself decides, which is not at the default threshold."


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
            *_notes(evaluation),
            f"model={evaluation.reader.model.name!r}, {split_by.text}, {cv}, criterion={evaluation.settings.criterion!r}"
            + (f", positive class {target.pos_label!r}" if evaluation.is_binary else ""),
        ),
        findings=evaluation.findings,
        next=(*more, ".trace()", ".model()", ".scores", ".differences"),
        badges=badges(evaluation.scored.parts.features),
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


def _notes(evaluation: EvaluationData) -> tuple[str, ...]:
    """Return the small print under the table."""
    criterion = evaluation.settings.criterion
    whose = evaluation.dummy[criterion]
    few = evaluation.few_groups
    ends = "[..] are 95 % intervals" if few is None else "There are no intervals"
    where = "on the test set" if evaluation.held_out else evaluation.chosen_on
    notes = [f"{ends} {where}. Dummy baseline: for {metric_label(criterion)}, {whose}."]
    if evaluation.is_binary:
        own = f"{_BY_PREDICT} " if evaluation.scored.by_predict else ""
        notes.append(f"{own}Tuned: at {_threshold_chosen(evaluation)}.")
    else:
        notes.append(
            "A row goes to the likeliest class; averages are one-vs-rest, every class counting the same."
        )
    kind = METRICS[evaluation.decided_by.removesuffix("_tuned")].kind
    if kind == "ranking" and not evaluation.reader.model.fitted:
        notes.append(
            f"Out of fold, {metric_label(evaluation.decided_by)} is {text.level_statistic(evaluation)}."
        )
    if evaluation.scored.again:
        notes.append(
            f"Figures out of fold are means over {len(evaluation.scored.folds.deals)} deals of the folds."
        )
    if not evaluation.held_out and evaluation.scored.parts.split_by.time is not None:
        notes.append("Flags count from the second fold on: nothing earlier chose a threshold for the first.")
    if not evaluation.held_out and len(evaluation.evaluated) > 1:
        notes.append(text.SELECTED)
    if evaluation.decided_by != evaluation.settings.metric:
        asked = text.figure_called(evaluation, evaluation.settings.metric)
        notes.append(f"With groups=, {metric_label(evaluation.decided_by)} decides in place of {asked}.")
    return (" ".join(notes),)


def _threshold_chosen(evaluation: EvaluationData) -> str:
    """Say where the threshold comes from that rows are flagged at."""
    if evaluation.held_out:
        return f"the threshold chosen {'' if evaluation.reader.model.fitted else 'out of fold '}on the training set"
    if evaluation.reader.model.fitted:
        return "the threshold that was chosen on the other folds' rows"
    return "the threshold that the other folds chose (cross-fitted)"
