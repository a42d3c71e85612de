"""The short program of an `Evaluation`: all strategies side by side, their figures without intervals."""

from __future__ import annotations

from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.rendering.snippets.templates import replaced_names, write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_out_of_fold import written_strategies
from imbalance_accessor.verbs.shared.short.program import ShortProgram, short_program

#: The figures that are reported, in this order.
_FIGURES = ("average_precision", "roc_auc", "brier", "f1", "recall", "precision")


def write_short(writer: Writer, evaluation: EvaluationData) -> bool:
    """Write the comparison as a person would; return whether that gives the same numbers.

    Of folds that are not stratified the figures are means over folds, weighted by positives.
    """
    scored = evaluation.scored
    names = written_strategies(evaluation)
    if not (scored.held_out and scored.parts.is_stratified) or scored.by_predict:
        return False
    short = short_program(writer, evaluation.plan, scored, names)
    if short is None:
        return False
    by_rank = scored.parts.is_stratified and not scored.one_model
    rank = "oof" if scored.held_out else "rank"
    figures = _figures(evaluation, short)
    write_template(writer, "fit_eval/short.py.j2", short=short, by_rank=by_rank, rank=rank, figures=figures)
    return True


def _figures(evaluation: EvaluationData, short: ShortProgram) -> dict[str, str]:
    """Return the calls that measure each figure."""
    found = {"average_precision_cv": _measured("average_precision", short.y_train, "oof")}
    kinds = {"ranking", "decision"} | ({"probability"} if evaluation.scored.is_probability else set())
    flag = f"{short.score} >= {evaluation.scored.default_threshold:g}"
    for name in _FIGURES:
        if METRICS[name].kind in kinds:
            found[name] = _measured(name, short.y_test, short.score, flag)
    return found


def _measured(name: str, y: str, score: str, flag: str = "") -> str:
    return f"metrics.{replaced_names(METRICS[name].code, {'is_test': y, 'score': score, 'flag': flag})}"
