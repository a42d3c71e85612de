"""How an `Evaluation` speaks of the plain model, or of the plain ones of several models."""

from __future__ import annotations

from imbalance_accessor.metrics.comparison import Difference
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.metrics.rounding import signed
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData


def plain_model(evaluation: EvaluationData) -> str:
    """Return the plain model that the verdict is about, as a sentence calls it."""
    if not evaluation.plan.of_models:
        return "the plain model"
    return f"the best plain model, {evaluation.model_of(evaluation.base)!r}"


def strategy_called(evaluation: EvaluationData, name: str) -> str:
    """Return a strategy as a sentence calls it."""
    if name not in evaluation.plain:
        return repr(name)
    return f"plain {evaluation.model_of(name)!r}" if evaluation.plan.of_models else "the plain model"


def none_better(evaluation: EvaluationData, whose: str = "the") -> str:
    """Say that nothing beats the plain model; that it is the best of plain ones where nothing else was tried."""
    model, models = evaluation.model_of(evaluation.base), evaluation.plan.of_models
    if not models:
        return f"No correction beats {whose} plain model"
    if len(evaluation.evaluated) == len(models):
        return f"The best of {len(models)} plain models is {model!r}"
    return f"No correction of {len(models)} models beats {whose} best plain one, {model!r}"


def against_next(evaluation: EvaluationData, metric: str) -> str:
    """Say whether the best plain model can be distinguished from the one that comes next; nothing of a single one."""
    others = [name for name in evaluation.plain if name != evaluation.base]
    if not others or not evaluation.is_compared:
        return ""
    name = evaluation.best_of(metric, others)
    _, low, high = found = evaluation.gained(metric)[name]
    is_apart = high < 0 if METRICS[metric.removesuffix("_tuned")].better > 0 else low > 0
    told = "is worse" if is_apart else "cannot be distinguished from it"
    return f". Plain {evaluation.model_of(name)!r}, the next, {told} ({gain_text(found)})"


def apart(evaluation: EvaluationData) -> tuple[list[str], list[str]]:
    """Return the strategies that are better than the plain model of their own, out of fold, and those that are worse."""
    metric = evaluation.decided_by
    found = {
        name: each
        for (name, base), each in evaluation.comparison.pairs(metric).items()
        if name not in evaluation.plain and base == evaluation.plain_of(name)
    }
    above = [name for name, (_, low, _) in found.items() if low > 0]
    below = [name for name, (_, _, high) in found.items() if high < 0]
    return (above, below) if METRICS[metric.removesuffix("_tuned")].better > 0 else (below, above)


def gain_text(found: Difference) -> str:
    """Write a difference with its interval."""
    gained, low, high = map(signed, found)
    return f"{gained} [{low}, {high}]"
