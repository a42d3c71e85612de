"""The card of an `Evaluation`: its key figures and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.errors import listed
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import METRICS, metric_label
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, WrittenNumber
from imbalance_accessor.rendering.slider import ThresholdSlider
from imbalance_accessor.verbs.fit_eval import text
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared.per_class import confused, rarest
from imbalance_accessor.verbs.shared.population import badges
from imbalance_accessor.verbs.shared.slider import slider_of

#: Of several classes those that are shown one by one.
_RAREST = 5
#: How rows are decided where a model's own predict does.
_BY_PREDICT = "By predict: as the model itself decides, not at the default threshold."


def card(evaluation: EvaluationData) -> Card:
    """Return what is shown."""
    target, split_by = evaluation.scored.parts.features.target, evaluation.scored.parts.split_by
    more = (".best_threshold()", ".reliability()") if evaluation.is_binary else (".per_class",)
    cv = (
        f"threshold {evaluation.chosen_on}"
        if evaluation.reader.model.fitted
        else evaluation.scored.folds.text
    )
    return Card(
        title=text.verdict(evaluation),
        figures=(*text.figures(evaluation), *_confused(evaluation)),
        table=table(evaluation),
        best=evaluation.best,
        more_tables=() if evaluation.is_binary else (_classes(evaluation),),
        notes=(
            *_notes(evaluation),
            *_size(evaluation),
            f"{_models(evaluation)}, {split_by.text}, {cv}, criterion={evaluation.settings.criterion!r}"
            + (f", positive class {target.pos_label!r}" if evaluation.is_binary else ""),
        ),
        findings=evaluation.findings,
        next=(*more, ".trace()", ".model()", ".scores", ".differences"),
        badges=badges(evaluation.scored.parts.features),
        slider=_slider(evaluation) if evaluation.is_binary else None,
    )


def _models(evaluation: EvaluationData) -> str:
    """Name the model, or the models."""
    models = evaluation.plan.of_models
    return f"models {listed(models)}" if models else f"model={evaluation.reader.model.name!r}"


def _slider(evaluation: EvaluationData) -> ThresholdSlider | None:
    """Lay out the thresholds of the best strategy."""
    scored, name = evaluation.scored, evaluation.best
    labelled_scores, criterion = scored.labelled_scores(name), evaluation.settings.criterion
    found, fitted = evaluation.evaluated[name], evaluation.reader.model.fitted
    return slider_of(
        scored,
        labelled_scores.thresholds().averaged(1 + len(scored.again)),
        found.threshold,
        labelled_scores.tuning(Objective(criterion)),
        criterion=metric_label(criterion),
        called="tuned",
        chosen_on=evaluation.chosen_on,
        default=scored.default_threshold,
        strategy=name,
        cross_fitted=None if fitted else found.cv[f"{criterion}_tuned"],
    )


def table(evaluation: EvaluationData) -> pd.DataFrame:
    """Return the strategies side by side: what compared them, and what each comes to at its tuned threshold."""
    rows = _Rows(evaluation)
    decided = _by_two_sides(evaluation, rows) if evaluation.is_binary else _by_classes(evaluation, rows)
    columns = {**_compared(evaluation, rows, [*decided]), **decided}
    failed = [f"{each} (failed)" for each in evaluation.scored.failed]
    title = "model: strategy" if evaluation.plan.of_models else "strategy"
    return pd.DataFrame(columns, index=pd.Index([*evaluation.evaluated, *failed, "dummy"], name=title))


def _compared(evaluation: EvaluationData, rows: _Rows, others: Sequence[str]) -> dict[str, Any]:
    """Return the figure that the strategies are compared by, average precision and the Brier score; none twice."""
    metric, where = evaluation.decided_by, evaluation.reported_on
    columns: dict[str, Any] = {}
    if evaluation.held_out and not evaluation.reader.model.fitted:
        # none of the other figures out of fold is computed before it is asked for
        levels = evaluation.comparison.levels(metric)
        columns[f"{_short(evaluation, metric)} out of fold"] = rows.filled(levels)
    if evaluation.has_own_plain:
        columns[f"{_short(evaluation, metric)} over own plain model"] = rows.filled(_gained(evaluation))
    if _short(evaluation, metric) not in others:
        columns[f"{_short(evaluation, metric)} {where}"] = rows.intervals(metric)
    columns[f"AP {where}"] = rows.intervals("average_precision")
    if evaluation.scored.is_probability and metric != "brier":
        columns["Brier"] = rows.figures("brier")
    return columns


def _gained(evaluation: EvaluationData) -> list[Any]:
    """Return what each strategy has more out of fold than the plain model of its own; nothing of that one itself."""
    found, plain = evaluation.comparison.pairs(evaluation.decided_by), evaluation.plain
    return [
        None if name in plain else Interval(*found[name, evaluation.plain_of(name)])
        for name in evaluation.evaluated
    ]


def _by_two_sides(evaluation: EvaluationData, rows: _Rows) -> dict[str, Any]:
    """Return the columns of decisions between a class and the rest."""
    criterion = evaluation.settings.criterion
    label = metric_label(criterion)
    thresholds = [WrittenNumber(evaluation.threshold_text(strategy)) for strategy in evaluation.evaluated]
    shares = [each for each in ("recall", "precision") if each != criterion]
    columns = {"mean p": rows.figures("mean_probability")} if evaluation.scored.is_probability else {}
    return {
        **columns,
        f"{label} {evaluation.scored.by_default}": rows.figures(criterion),
        f"{label} tuned": rows.intervals(f"{criterion}_tuned"),
        **{f"{metric_label(each)} tuned": rows.figures(f"{each}_tuned") for each in shares},
        "tuned threshold": rows.filled(thresholds),
    }


def _by_classes(evaluation: EvaluationData, rows: _Rows) -> dict[str, Any]:
    """Return the columns of decisions among several classes."""
    criterion = evaluation.settings.criterion
    others = [each for each in ("recall",) if each != criterion]
    return {
        _short(evaluation, criterion): rows.intervals(criterion),
        **{_short(evaluation, each): rows.figures(each) for each in others},
    }


def _classes(evaluation: EvaluationData) -> pd.DataFrame:
    """Return the rarest classes of the best strategy, the rarest first."""
    found = rarest(evaluation.per_class, evaluation.best, _RAREST)
    columns = {f"rows {evaluation.reported_on}": found["rows"].tolist()}
    for metric in ("recall", "precision"):
        ends = found[[metric, f"{metric}_low", f"{metric}_high"]].itertuples(index=False)
        columns[metric] = [Interval(*each) for each in ends]
    if evaluation.held_out and not evaluation.reader.model.fitted:
        columns["recall out of fold"] = found["recall_cv"].tolist()
    return pd.DataFrame(
        columns, index=pd.Index(found.index, dtype=object, name=f"class, by {evaluation.best}")
    )


def _confused(evaluation: EvaluationData) -> list[tuple[str, str]]:
    """Name the classes that the best strategy takes for each other."""
    said = "" if evaluation.is_binary else confused(evaluation.per_class, evaluation.best)
    return [("most confused", said)] if said else []


def _short(evaluation: EvaluationData, metric: str) -> str:
    return "AP" if metric == "average_precision" else text.figure_called(evaluation, metric)


@dataclass(frozen=True)
class _Rows:
    """The rows of the table: each strategy, those that failed, the dummy baseline."""

    evaluation: EvaluationData

    def figures(self, metric: str) -> list[Any]:
        """Return a figure of each row, on the rows that are reported."""
        known = [each.points[metric] for each in self.evaluation.evaluated.values()]
        return self.filled(known, self.evaluation.dummy_figures.get(metric, np.nan))

    def intervals(self, metric: str) -> list[Any]:
        """Return the same with its interval."""
        every = self.evaluation.evaluated.values()
        known = [Interval(each.points[metric], each.low[metric], each.high[metric]) for each in every]
        return self.filled(known, Interval(self.evaluation.dummy_figures.get(metric, np.nan)))

    def filled(self, known: Sequence[Any], dummy: object = None) -> list[Any]:
        """Return what is known of strategies that were fitted, nothing of those that failed, and the dummy's."""
        return [*known, *[None] * len(self.evaluation.scored.failed), dummy]


def _notes(evaluation: EvaluationData) -> tuple[str, ...]:
    """Return the small print under the table."""
    criterion = evaluation.settings.criterion
    whose = evaluation.dummy[criterion]
    few = evaluation.few_groups
    ends = "[..]: 95 % intervals" if few is None else "There are no intervals"
    where = "on the test set" if evaluation.held_out else evaluation.chosen_on
    notes = [f"{ends} {where}. Dummy baseline: {whose} (for {metric_label(criterion)})."]
    if evaluation.has_own_plain and evaluation.is_compared:
        notes.append(
            "Over own plain model: out of fold, by intervals that hold for all pairs with a plain model at once."
        )
        if any(evaluation.model_of(name) is None for name in evaluation.evaluated):
            notes.append("Ensembles stand in a model's place and are held against the best plain one.")
    if evaluation.is_binary:
        own = f"{_BY_PREDICT} " if evaluation.scored.by_predict else ""
        notes.append(f"{own}Tuned: at {_threshold_chosen(evaluation)}.")
    else:
        notes.append("A row goes to the likeliest class. Averages count each class once, against the rest.")
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
    notes += text.weights_by_formula(evaluation)
    return (" ".join(notes),)


def _size(evaluation: EvaluationData) -> tuple[str, ...]:
    """Say whether there are events enough for the columns of a regression."""
    return () if evaluation.regression_size is None else (evaluation.regression_size.said,)


def _threshold_chosen(evaluation: EvaluationData) -> str:
    """Say where the threshold comes from that rows are flagged at."""
    if evaluation.held_out:
        return f"the threshold chosen {'' if evaluation.reader.model.fitted else 'out of fold '}on the training set"
    if evaluation.reader.model.fitted:
        return "the threshold that was chosen on the other folds' rows"
    return "the threshold that the other folds chose (cross-fitted)"
