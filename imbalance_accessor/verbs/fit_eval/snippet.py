"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

from dataclasses import replace

from imbalance_accessor.metrics.comparison import Comparison
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer, quoted_code
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_full import write_full
from imbalance_accessor.verbs.fit_eval.snippet_short import write_short


def write(evaluation: EvaluationData, style: Style) -> Snippet:
    """Write the comparison as a program; where the short style would give other numbers, by average precision alone."""
    writer = Writer()
    if style == "full" or not write_short(writer, evaluation):
        writer = Writer()
        _write_models(writer, evaluation, alone=style != "full")
    return writer.text()


def _write_models(writer: Writer, evaluation: EvaluationData, *, alone: bool) -> None:
    """Write the longer program of the model; of several one model after another, since each may read its rows otherwise."""
    if not evaluation.plan.of_models:
        return write_full(writer, evaluation, alone=alone)
    for model in evaluation.plan.of_models:
        writer.add(f"print({quoted_code(model)})")
        write_full(writer, of_one_model(evaluation, model), alone=alone, compared=False)
    return None


def of_one_model(evaluation: EvaluationData, model: str) -> EvaluationData:
    """Return what a call with one of the models alone evaluates, its ensembles among its strategies."""
    plan = evaluation.plan.of_models[model]
    own = {name: each for name, each in evaluation.strategy_scores.items() if each.plan is plan}
    scores = {each.name: evaluation.comparison.scores[name] for name, each in own.items()}
    return replace(
        evaluation,
        plan=plan,
        scored=next(iter(own.values())).scored,
        evaluated={each.name: evaluation.evaluated[name] for name, each in own.items()},
        comparison=Comparison(scores, evaluation.comparison.resamples),
        strategy_scores={each.name: each for each in own.values()},
    )
