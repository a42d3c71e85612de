"""The card of an `Evaluation`: its key figures and its table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from imbalance_accessor.present.card import Card
from imbalance_accessor.present.cells import Interval
from imbalance_accessor.stats.registry import shown
from imbalance_accessor.verbs import evaluation_words
from imbalance_accessor.verbs.evaluation_data import EvaluationData


def card(evaluation: EvaluationData) -> Card:
    """Return what is shown."""
    target, rule = evaluation.scored.parts.task.target, evaluation.scored.parts.rule
    more = (".best_threshold()", ".reliability()") if evaluation.is_binary else ()
    cv = (
        f"threshold {evaluation.chosen_on}"
        if evaluation.reading.model.fitted
        else evaluation.scored.folds.text
    )
    return Card(
        title=evaluation_words.verdict(evaluation),
        figures=evaluation_words.figures(evaluation),
        table=table(evaluation),
        best=evaluation.best,
        notes=(
            *evaluation_words.table_notes(evaluation),
            f"model={evaluation.reading.model.name!r}, {rule.text}, {cv}, criterion={evaluation.settings.criterion!r}"
            + (f", positive class {target.pos_label!r}" if evaluation.is_binary else ""),
        ),
        findings=evaluation.findings,
        next=(*more, ".trace()", ".model()", ".scores", ".differences"),
    )


def _short(metric: str) -> str:
    return "AP" if metric == "average_precision" else shown(metric)


def table(evaluation: EvaluationData) -> pd.DataFrame:
    """Return the strategies side by side, at the default threshold and at the tuned ones."""
    frame, criterion, failed = evaluation.frame, evaluation.settings.criterion, evaluation.scored.failed

    def interval(metric: str) -> list[Interval]:
        ends = zip(frame[metric], frame[f"{metric}_low"], frame[f"{metric}_high"], strict=True)
        return [Interval(float(point), float(low), float(high)) for point, low, high in ends]

    columns: dict[str, Any] = {}
    if evaluation.held_out and not evaluation.reading.model.fitted:
        columns[f"{_short(evaluation.decided_by)} out of fold"] = frame[
            f"{evaluation.decided_by}_cv"
        ].tolist()
    columns |= {
        "avg precision": interval("average_precision"),
        "ROC-AUC": frame["roc_auc"].tolist(),
    }
    name = shown(criterion)
    if evaluation.is_binary:
        shares = [each for each in ("recall", "precision") if each != criterion]
        default = f"at {evaluation.scored.default_cut:g}"
        columns |= {f"{shown(each)} {default}": frame[each].tolist() for each in (criterion, *shares)}
        cuts = [evaluation.cut_text(strategy) for strategy in evaluation.judged]
        columns["tuned threshold"] = [*cuts, *["–"] * (len(failed) + 1)]
        columns[f"{name} tuned"] = interval(f"{criterion}_tuned")
        columns |= {f"{shown(each)} tuned": frame[f"{each}_tuned"].tolist() for each in shares}
    else:
        columns[f"macro {name}"] = interval(criterion)
        columns["recall (macro)"] = frame["recall"].tolist()
    if evaluation.scored.is_probability:
        columns["Brier"] = frame["brier"].tolist()
    if evaluation.is_binary and evaluation.scored.is_probability:
        columns["mean p"] = frame["mean_probability"].tolist()
    return pd.DataFrame(columns, index=frame.index).rename(
        lambda name: f"{name} (failed)" if name in failed else name
    )
