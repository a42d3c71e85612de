"""The code of an `Evaluation` inside its loop: scores out of fold, ranks, thresholds and figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from imbalance_accessor.metrics.registry import METRICS, rows
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_intervals import (
    is_drawn,
    reports_ends,
    sampled,
)
from imbalance_accessor.verbs.shared import snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import has_own
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_weights import (
    carries_weights,
    is_weighted,
    takes_half,
    weighted_code,
)

COUNTED = (
    "counted = {",
    "    key + suffix: each",
    "    for suffix, flag in flags.items()",
    "    for key, each in shares(is_test, flag).items()",
    "}",
)


def written_strategies(evaluation: EvaluationData) -> list[str]:
    """Return the strategies that are written: those that have scores of their own, and whose code can take row weights."""
    found = [name for name in evaluation.candidates if name in evaluation.scored.unique]
    return [name for name in found if carries_weights(evaluation.candidates[name].estimator)]


def has_weighted_fits(evaluation: EvaluationData) -> bool:
    """Whether row weights are handed to the fits."""
    return has_own(evaluation.scored.parts.features) and not evaluation.reader.model.fitted


def correction_of(evaluation: EvaluationData) -> Correction:
    """Return how the scores of the strategies that are written come to the prevalence."""
    names = list(evaluation.evaluated) if evaluation.reader.model.fitted else written_strategies(evaluation)
    return Correction(evaluation.plan, evaluation.scored, tuple(names))


def scoring_lines(
    writer: Writer, evaluation: EvaluationData, column: str, *, oof: bool, short: bool = False
) -> list[str]:
    """Return the lines that make ``oof`` or ``score`` of ``pipeline``, pointing to the positive class."""
    plan, scored = evaluation.plan, evaluation.scored
    weighted = has_weighted_fits(evaluation) or snippet_scores.weight_keys(plan, scored, evaluation.evaluated)
    options: dict[str, Any] = {"params": ", params=weights", "weights": "weights"} if weighted else {}
    options["predicted"] = scored.by_predict and not short
    indent = 8 if oof and scored.again else 4
    lines = snippet_scores.score_lines(
        writer, plan, scored, column, **options, oof=oof, test=not oof, indent=indent
    )
    if scored.positive == 0 and not scored.is_probability:
        lines.append("oof = -oof  # margins point to the second label" if oof else "score = -score")
    correction = correction_of(evaluation)
    if not oof:
        return [*lines, *correction.on_test(writer)]
    given = options.get("params", ""), options.get("weights", "")
    return [*lines, *correction.out_of_fold(writer, params=given[0], weights=given[1], indent=indent)]


def write_out_of_fold(
    writer: Writer, evaluation: EvaluationData, column: str, evaluated: Sequence[str]
) -> None:
    """Write what is done with the folds, inside the loop over strategies; for each deal, where there are several."""
    lines = [
        *scoring_lines(writer, evaluation, column, oof=True, short=not evaluated),
        *_ranked(writer, evaluation),
        *evaluated,
    ]
    if not evaluation.scored.again:
        write_indented(writer, lines)
        return
    kept = {"out_of_fold": "np.mean([each[0] for each in every])"}
    if evaluated:
        kept = {"crossed": "averaged([each[0] for each in every])"}
        if evaluation.is_binary:
            kept["threshold"] = 'float(f"{np.mean([each[1] for each in every]):.4g}")'
        if is_drawn(evaluation):
            kept["drawn"] = f"[averaged(each) for each in zip(*(each[{len(kept)}] for each in every))]"
        if any(line.startswith("counted") for line in evaluated):
            kept["counted"] = f"averaged([each[{len(kept)}] for each in every])"
    left, made = list(kept), [f"{name} = {how}" for name, how in kept.items()]
    if correction_of(evaluation).by_sigmoid:
        left.append("raw")
        made.append(f"raws = [each[{len(kept)}] for each in every]")
    write_indented(
        writer,
        [
            "every = []",
            "for folds in deals:",
            *(f"    {line}" for line in lines),
            f"    every.append(({', '.join(left)},))",
            *made,
        ],
    )


def _ranked(writer: Writer, evaluation: EvaluationData) -> list[str]:
    """Return the lines of what rows are ranked by out of fold, and of the average precision, which `Comparison` explains."""
    scored = evaluation.scored
    half = takes_half(scored)
    if not half:
        writer.use("sklearn.metrics", "average_precision_score")
    pooled = f"out_of_fold = {_average_precision(evaluation, 'rank')}"
    if scored.one_model:
        return ["rank = oof  # one model's scores have one order", pooled]
    if scored.parts.is_stratified:
        ranked = _ranks(writer, evaluation)
        return [
            "rank = np.empty(oof.shape)",
            "for _, f in folds:  # scores of several models: each is ranked within its fold",
            f"    rank[f] = {ranked}",
            pooled,
        ]
    some = "" if (scored.folds.ids >= 0).all() else "seen"
    lines, own = list[str](), f"[{some}]" if some else ""
    if half:
        if some:
            lines.append("seen = np.concatenate([f for _, f in folds])")
        lines.append(f"half = half_a_negative(is_train{own}, w_train{own})")
    counted = "w_train[f] @ is_train[f]" if is_weighted(scored.parts) else "is_train[f].sum(axis=0)"
    found = _average_precision(evaluation, "oof[f]", "[f]", half="half" if half else "")
    return [
        *lines,
        "by_fold = [",
        f"    {found} for _, f in folds",
        "]",
        f"positives = [{counted} for _, f in folds]",
        "out_of_fold = np.average(by_fold, axis=0, weights=positives).mean()",
    ]


def _ranks(writer: Writer, evaluation: EvaluationData) -> str:
    """Write each row's rank within its fold, by weights of the rows where they have any."""
    scored = evaluation.scored
    if not has_own(scored.parts.features):
        writer.use("scipy.stats", "rankdata")
        return "rankdata(oof[f], axis=0) / len(f)"
    if scored.positive is None:
        return "np.apply_along_axis(weighted_rank, 0, oof[f], own_train[f])"
    return "weighted_rank(oof[f], own_train[f])"


def _average_precision(evaluation: EvaluationData, score: str, rows: str = "", *, half: str = "") -> str:
    """Write the average precision of rows of the training set."""
    code = f"average_precision_score(is_train{rows}, {score}{', average=None' if rows else ''})"
    metric = METRICS["average_precision"]
    return weighted_code(metric, code, evaluation.scored, f"w_train{rows}", half=half)


def figure_lines(evaluation: EvaluationData) -> list[str]:
    """Return the lines from the scores out of fold to their figures, ``crossed``, and the threshold."""
    scored = evaluation.scored
    whole, ordered = bool((scored.folds.ids >= 0).all()), scored.parts.split_by.time is not None
    some, evaluated = "" if whole else "[~np.isnan(oof)]", ""
    weighted = not scored.parts.train_weights.are_ones
    lines = [
        f"threshold = best_threshold(is_train{some}, oof{some}{f', w_train{some}' if weighted else ''})",
        "tuned = np.zeros(len(oof), dtype=bool)",
    ]
    others = "folds[1:]:  # each fold at the threshold that earlier ones chose"
    lines.append(
        f"for other, f in {others if ordered else 'folds:  # each fold at the threshold that the others chose'}"
    )
    lines += [] if whole else ["    other = other[~np.isnan(oof[other])]"]
    given = f"is_train[other], oof[other]{', w_train[other]' if weighted else ''}"
    lines.append(f"    tuned[f] = oof[f] >= best_threshold({given})")
    rank = "rank" if scored.parts.is_stratified or scored.one_model else "oof"
    arguments = f"is_train{some}, {rank}{some}{p_given(evaluation, f'oof{some}')}{w_given(evaluation, f'w_train{some}')}"
    lines.append(f"crossed = figures({arguments})")
    lines += [] if scored.parts.is_stratified or scored.one_model else _by_fold(evaluation)
    if ordered:
        evaluated = "[evaluated]"
        lines.append("evaluated = np.concatenate([f for _, f in folds[1:]])")
    elif not whole:
        evaluated = some
    lines.append(
        f'flags = {{"": {by_default(evaluation, "oof", evaluated)}, "_tuned": tuned{evaluated}}}',
    )
    weights = w_given(evaluation, f"w_train{evaluated}")
    lines.append(f"crossed |= decisions(is_train{evaluated}, flags{weights})")
    if is_drawn(evaluation):
        lines.append(f"drawn = {sampled(evaluation, f'{arguments}, flags', out_of_fold=True)}")
    if not evaluation.held_out and reports_ends(evaluation):
        lines += [line.replace("is_test", "is_train") for line in COUNTED]
    return lines


def _by_fold(evaluation: EvaluationData) -> list[str]:
    """Return the lines of the ranking figures of folds that are not stratified."""
    lines = ['crossed["average_precision"] = out_of_fold']
    for metric in rows("ranking"):
        if metric.name == "average_precision":
            continue
        code = re.sub(r"\bscore\b", "oof[f]", metric.code.replace("is_test", "is_train[f]"))
        if metric.library is not None and metric.library[0] == "sklearn.metrics":
            code = f"{code[:-1]}, average=None)"
        code = weighted_code(metric, code, evaluation.scored, "w_train[f]")
        lines += [
            f"by_fold = [{code} for _, f in folds]",
            "mean = np.average(by_fold, axis=0, weights=positives).mean()",
            f'crossed["{metric.name}"] = mean',
        ]
    return lines


def figure_lines_several(evaluation: EvaluationData) -> list[str]:
    """Return the lines from the scores out of fold to their figures, ``crossed``."""
    scored = evaluation.scored
    some = "" if (scored.folds.ids >= 0).all() else "[~np.isnan(oof[:, 0])]"
    rank = "rank" if scored.parts.is_stratified or scored.one_model else "oof"
    arguments = f"is_train{some}, {rank}{some}, oof{some}{w_given(evaluation, f'w_train{some}')}"
    lines = [f"crossed = figures({arguments})"]
    lines += [] if scored.parts.is_stratified or scored.one_model else _by_fold(evaluation)
    if is_drawn(evaluation):
        lines.append(f"drawn = {sampled(evaluation, arguments, out_of_fold=True)}")
    if not evaluation.held_out and reports_ends(evaluation):
        lines.append("counted = shares(is_train, oof)")
    return lines


def by_default(evaluation: EvaluationData, score: str, some: str = "") -> str:
    """Write which rows are flagged before a threshold is tuned."""
    if evaluation.scored.by_predict:
        return f"predicted{some}"
    return f"{score}{some} >= {evaluation.scored.default_threshold!r}"


def p_given(evaluation: EvaluationData, name: str) -> str:
    """Write the argument of probabilities, where there are any."""
    return f", {name}" if evaluation.scored.is_probability else ""


def w_given(evaluation: EvaluationData, name: str) -> str:
    """Write the argument of how much rows count, where they do not count once each."""
    return f", {name}" if is_weighted(evaluation.scored.parts) else ""


def write_indented(writer: Writer, lines: Iterable[str]) -> None:
    """Write lines inside the loop over strategies."""
    writer.add(*(f"    {line}" for line in lines))
