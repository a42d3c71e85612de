"""The pictures of an `Evaluation`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from imbalance_accessor.errors import counted
from imbalance_accessor.metrics.figures import Averaged, Scores
from imbalance_accessor.metrics.registry import METRICS, metric_label
from imbalance_accessor.metrics.sensitivity import average_precision_at, decisions_at
from imbalance_accessor.rendering.cells import decimal, percent
from imbalance_accessor.rendering.plots.panels import Panels, Picture
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.shared.population import as_told, told_rows
from imbalance_accessor.verbs.shared.prevalences import prevalences_of

#: Points, lower and upper ends, and the level of reference.
Forest: TypeAlias = "tuple[Any, Any, Any, float]"
#: What a strategy and a threshold trade against each other.
_DECISIONS = ("precision", "recall", "f1")


def pictures(evaluation: EvaluationData) -> Mapping[str, Picture]:
    """Return what can be drawn; intervals first, for several classes what each is taken for."""
    # none of the panels is computed before it is drawn
    differences = (len(evaluation.evaluated) > 1) + evaluation.has_own_plain
    panels = len(_metrics(evaluation)) + differences
    intervals = Panels(panels, lambda axes: _intervals(evaluation, axes))
    if not evaluation.is_binary:
        return {"confusion": lambda ax: _confusion(evaluation, ax), "intervals": intervals}
    return {
        "intervals": intervals,
        "effect": Panels(len(_DECISIONS), lambda axes: _effect(evaluation, axes)),
        "pr": lambda ax: _pr(evaluation, ax),
        "roc": lambda ax: _roc(evaluation, ax),
        "prevalence": Panels(2, lambda axes: _prevalence(evaluation, axes)),
        "confusion": Panels(len(evaluation.evaluated), lambda axes: _confusions(evaluation, axes)),
    }


def _metrics(evaluation: EvaluationData) -> list[str]:
    """Return what is held side by side: what decides, what thresholds are tuned for, how far probabilities are off."""
    criterion = f"{evaluation.settings.criterion}{'_tuned' if evaluation.is_binary else ''}"
    brier = ["brier"] if evaluation.scored.is_probability else []
    return [*dict.fromkeys([evaluation.decided_by, criterion, *brier])]


def _panels(evaluation: EvaluationData) -> dict[str, Forest]:
    """Return what is held side by side, each with its level of reference: out of fold, the difference first."""
    metrics, frame = _metrics(evaluation), evaluation.frame
    if evaluation.reader.model.fitted:
        ends = {name: frame.loc[[evaluation.base], [name, f"{name}_low", f"{name}_high"]] for name in metrics}
        return {
            metric_label(name): (*ends[name].to_numpy().T, evaluation.dummy_figures[name]) for name in metrics
        }
    levels = {}
    for name in metrics:
        kind = METRICS[name.removesuffix("_tuned")].kind
        measured = evaluation.comparison.figures(kind).values()
        points, low, high = (
            [getattr(each, end)[name] for each in measured] for end in ("points", "low", "high")
        )
        levels[metric_label(name)] = (points, low, high, evaluation.comparison.dummy[name])
    if len(evaluation.evaluated) == 1:
        return levels
    return {**_differences(evaluation), **levels}


def _differences(evaluation: EvaluationData) -> dict[str, Forest]:
    """Return differences to the plain model; of several models to each one's own, then to the best one."""
    pairs, names = evaluation.comparison.pairs(evaluation.decided_by), list(evaluation.evaluated)
    bases = {_difference(evaluation): dict.fromkeys(names, evaluation.base)}
    if evaluation.has_own_plain:
        own = {name: name if name in evaluation.plain else evaluation.plain_of(name) for name in names}
        bases = {_difference(evaluation, "their own plain model"): own, **bases}
    still = (0.0, np.nan, np.nan)
    return {
        title: (*np.array([pairs.get((name, base), still) for name, base in each.items()]).T, 0.0)
        for title, each in bases.items()
    }


def _difference(evaluation: EvaluationData, base: str = "") -> str:
    return f"{metric_label(evaluation.decided_by)}, difference to {base or repr(evaluation.base)}"


def _reference_names(evaluation: EvaluationData) -> dict[str, str]:
    if not evaluation.plan.of_models:
        return {_difference(evaluation): "the plain model"}
    own = _difference(evaluation, "their own plain model")
    return {own: "own plain model", _difference(evaluation): "best plain model"}


def _intervals(evaluation: EvaluationData, axes: Any) -> None:
    from imbalance_accessor.rendering.plots.forests import forest_panels

    panels = _panels(evaluation)
    forest_panels(
        np.atleast_1d(axes),
        list(evaluation.evaluated),
        {name: (points, low, high) for name, (points, low, high, _) in panels.items()},
        title=intervals_title(evaluation),
        references={name: floor for name, (*_, floor) in panels.items()},
        reference_names=_reference_names(evaluation),
        best=evaluation.best,
    )


def _effect(evaluation: EvaluationData, axes: Any) -> None:
    from imbalance_accessor.rendering.plots.forests import moved_panels

    rows = list(evaluation.evaluated)
    frame = evaluation.frame.loc[rows]
    panels = {
        metric_label(metric): (
            frame[metric].to_numpy(),
            frame[f"{metric}_tuned"].to_numpy(),
            frame[f"{metric}_tuned_low"].to_numpy(),
            frame[f"{metric}_tuned_high"].to_numpy(),
        )
        for metric in _DECISIONS
    }
    before = evaluation.scored.by_default
    title = effect(evaluation)
    moved_panels(axes, rows, panels, title=title, before=before, after="tuned, with 95 % interval")


def _curves(evaluation: EvaluationData, curve: Any) -> dict[str, Any]:
    scored = evaluation.scored
    found = {}
    for name in scored.unique:
        y, weights = scored.reported_codes_of(name) == scored.positive, scored.reported_weights_of(name)
        found[name] = curve(y, _ranked(evaluation, name), sample_weight=weights)[:2]
    return found


def _ranked(evaluation: EvaluationData, name: str) -> Any:
    """Return what the rows that are reported are ordered by; out of fold it is their rank within their fold."""
    scores = evaluation.comparison.scores[name]
    if isinstance(scores, Averaged):
        scores = scores.repeats[0]
    if evaluation.held_out or not isinstance(scores, Scores):
        return evaluation.scored.reported(name)[:, evaluation.scored.positive]
    return scores.rank


def _pr(evaluation: EvaluationData, ax: Any) -> None:
    from sklearn.metrics import precision_recall_curve

    from imbalance_accessor.rendering.plots.curves import pr_curves

    curves = {
        name: (recall, precision)
        for name, (precision, recall) in _curves(evaluation, precision_recall_curve).items()
    }
    points = {
        name: (
            evaluation.evaluated[name].points["recall_tuned"],
            evaluation.evaluated[name].points["precision_tuned"],
        )
        for name in curves
    }
    title = pr_title(evaluation)
    pr_curves(ax, curves, prevalence=evaluation.prevalence, title=title, points=points)


def _roc(evaluation: EvaluationData, ax: Any) -> None:
    from sklearn.metrics import roc_curve

    from imbalance_accessor.rendering.plots.curves import roc_curves

    curves = _curves(evaluation, roc_curve)
    points = {}
    for name in curves:
        evaluated = evaluation.evaluated[name].points
        negatives = evaluated["fp_tuned"] + evaluated["tn_tuned"]
        points[name] = (evaluated["fp_tuned"] / negatives, evaluated["recall_tuned"])
    roc_curves(ax, curves, roc_title(evaluation), points)


def _prevalence(evaluation: EvaluationData, axes: Any) -> None:
    """Draw the best and the plain strategy, or the only one, over prevalences."""
    from imbalance_accessor.rendering.plots.axes import figure_title, shared_legend
    from imbalance_accessor.rendering.plots.prevalence import prevalence_lines

    around = prevalences_of(evaluation.scored.parts.features)
    at, best = (around.axis, around.drawn), evaluation.best
    scores = {
        name: evaluation.reported_scores(name)
        for name in dict.fromkeys([best, evaluation.base])
        if name in evaluation.evaluated
    }
    precision = {name: decisions_at(each, *at, "_tuned")["precision"] for name, each in scores.items()}
    panels = {
        "average precision": {name: average_precision_at(each, *at) for name, each in scores.items()},
        "precision when tuned": precision,
    }
    for ax, (figure, lines) in zip(axes, panels.items(), strict=True):
        ylabel = f"{figure} ({evaluation.reported_on})"
        prevalence_lines(ax, around.axis, lines, around.marks, ylabel=ylabel)
    shared_legend(axes)
    whose = f" of {best!r}" if len(scores) > 1 else ""
    figure_title(axes, around.title(f"Precision at the tuned threshold{whose}", precision[best]))


def _confusion(evaluation: EvaluationData, ax: Any) -> None:
    """Draw what the best strategy takes each of several classes for."""
    from imbalance_accessor.rendering.plots.matrices import class_confusion

    scored, labels = evaluation.scored, list(evaluation.scored.parts.features.target.classes)
    codes, weights = scored.reported_codes, scored.reported_weights
    matrix = _matrix(codes, scored.reported(evaluation.best).argmax(axis=1), len(labels), weights)
    class_confusion(ax, matrix, labels, title=confusion_title(evaluation))


def _reported(evaluation: EvaluationData) -> tuple[Any, Any]:
    """Return the classes of the rows that are reported, or on which side they are, and what these count."""
    scored = evaluation.scored
    codes = scored.reported_codes
    return (codes if scored.positive is None else codes == scored.positive), scored.reported_weights


def _confusions(evaluation: EvaluationData, axes: Any) -> None:
    from imbalance_accessor.rendering.plots.matrices import confusions

    target = evaluation.scored.parts.features.target
    labels = ["rest", target.pos_label]
    if len(target.classes) == 2:
        labels[0] = next(label for label in target.classes if label != target.pos_label)
    matrices = [_counts(evaluation, name) for name in evaluation.evaluated]
    names = [f"{name}\nthreshold {evaluation.threshold_text(name)}" for name in evaluation.evaluated]
    confusions(np.atleast_1d(axes), names, matrices, labels, title=confusion_title(evaluation))


def _matrix(true: Any, predicted: Any, k: int, weights: Any) -> Any:
    counts = np.bincount(true * k + predicted, weights, minlength=k * k).reshape(k, k)
    return counts if weights is None else as_told(counts)


def _counts(evaluation: EvaluationData, name: str) -> Any:
    points = evaluation.evaluated[name].points
    tp, fp, fn, tn = (points[f"{count}_tuned"] for count in ("tp", "fp", "fn", "tn"))
    counts = np.array([[tn, fp], [fn, tp]])
    return counts.astype(int) if evaluation.scored.reported_weights is None else as_told(counts)


def effect(evaluation: EvaluationData) -> str:
    """Say how far strategies lie apart at the default threshold, and how far at their tuned thresholds."""
    points = [evaluated.points for evaluated in evaluation.evaluated.values()]
    spans = [(min(p[name] for p in points), max(p[name] for p in points)) for name in ("f1", "f1_tuned")]
    default = evaluation.scored.by_default
    (low, high), (own_low, own_high) = spans
    if len(points) == 1:
        return f"F1 is {low:.3f} {default}, and {own_low:.3f} at its tuned threshold"
    return f"F1 is {low:.3f} to {high:.3f} {default}, and {own_low:.3f} to {own_high:.3f} at the tuned thresholds"


def intervals_title(evaluation: EvaluationData) -> str:
    """Say what the intervals stand on: the rows, and how many of them are positive."""
    scored = evaluation.scored
    if evaluation.reader.model.fitted:
        codes, few = scored.reported_codes, evaluation.few_groups
        where = "test rows" if evaluation.held_out else "rows"
    else:
        codes = scored.train_codes[scored.folds.ids >= 0]
        where = f"{'train ' if evaluation.held_out else ''}rows, out of fold"
        few = None if evaluation.is_compared else evaluation.comparison.resamples.n_groups
    what = (
        f"{int((codes == scored.positive).sum()):,} of them positive{counted_as(evaluation)}"
        if evaluation.is_binary
        else f"{len(scored.parts.features.target.classes):,} classes"
    )
    if few is not None:
        return f"{len(codes):,} {where}, {what}; {counted(few, 'group')}, too few for intervals"
    return f"95 % intervals on {len(codes):,} {where}, {what}"


def counted_as(evaluation: EvaluationData) -> str:
    """Say the share of positives where rows do not count once each."""
    plain = evaluation.scored.reported_weights is None
    return "" if plain else f", counted as {percent(evaluation.prevalence)}"


def pr_title(evaluation: EvaluationData) -> str:
    """Say the highest average precision, whose it is, and what flagging at random has."""
    values = {name: evaluated.points["average_precision"] for name, evaluated in evaluation.evaluated.items()}
    top = max(values, key=lambda name: values[name])
    highest, whose = ("Average", "") if len(values) == 1 else ("Highest average", f" ({top!r})")
    floor = f"{decimal(evaluation.prevalence)}, the prevalence, for flagging at random"
    return f"{highest} precision {evaluation.reported_on} {values[top]:.3f}{whose}, against {floor}"


def roc_title(evaluation: EvaluationData) -> str:
    """Say the span of the ROC-AUC, and what no skill has."""
    values = [evaluated.points["roc_auc"] for evaluated in evaluation.evaluated.values()]
    low, high = f"{min(values):.3f}", f"{max(values):.3f}"
    return f"ROC-AUC {evaluation.reported_on} {low if low == high else f'{low} to {high}'}, against 0.5 without skill"


def confusion_title(evaluation: EvaluationData) -> str:
    """Say which rows are counted, and how each of them was decided."""
    rows = f"The {len(evaluation.scored.reported_codes):,} {'test ' if evaluation.held_out else ''}rows"
    if evaluation.scored.reported_weights is not None:
        told = told_rows(np.bincount(*_reported(evaluation)))
        rows = f"Per {told:,} {'test ' if evaluation.held_out else ''}rows, by what they count"
    if not evaluation.is_binary:
        whose = f" by {evaluation.best!r}" if len(evaluation.evaluated) > 1 else ""
        return f"{rows}, each given to its likeliest class{whose}"
    return (
        f"{rows} at the model's tuned threshold"
        if len(evaluation.evaluated) == 1
        else f"{rows}, each strategy at its tuned threshold"
    )
