"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import METRICS, Kind, Metric, rows
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import Group, Snippet, Writer, quoted_code
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_intervals import (
    compares_in_code,
    end_lines,
    is_drawn,
    reports_ends,
    sampled,
    write_differences,
    write_functions,
)
from imbalance_accessor.verbs.fit_eval.snippet_permuted import write_permuted
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import has_own
from imbalance_accessor.verbs.shared.snippet_prevalence import Correction
from imbalance_accessor.verbs.shared.snippet_scores import called
from imbalance_accessor.verbs.shared.snippet_threshold import write_best_threshold
from imbalance_accessor.verbs.shared.snippet_weights import (
    carries_weights,
    is_weighted,
    say_left_out,
    takes_half,
    weighted_code,
    write_counted,
    write_precision,
)


def write(evaluation: EvaluationData, style: Style) -> Snippet:
    """Write the comparison as a program; the short style has the plain model and the best, by average precision alone."""
    writer = Writer()
    snippet_scores.write_data(writer, evaluation.plan, evaluation.scored)
    if evaluation.reader.model.fitted:
        writer.add("# model is the fitted classifier that you passed")
    _write_strategies(writer, evaluation, short=style == "short")
    body = _binary if evaluation.is_binary else _several
    if _written(evaluation, short=style == "short"):
        body(writer, evaluation, short=style == "short")
    if evaluation.permuted is not None and style == "full":
        write_permuted(writer, evaluation, len(evaluation.permuted.shuffled))
    return writer.text()


def _write_strategies(writer: Writer, evaluation: EvaluationData, *, short: bool) -> None:
    if evaluation.reader.model.fitted:
        writer.add('strategies = {"none": model}')
        return
    candidates = {name: evaluation.candidates[name].estimator for name in _written(evaluation, short=short)}
    how = {
        "by_row": bool(snippet_scores.weight_keys(evaluation.plan, evaluation.scored, candidates)),
        "unweighted": evaluation.permuted is not None,
    }
    columns = evaluation.scored.parts.features.columns
    snippet_scores.name_shared(writer, columns, list(candidates.values()), **how)
    parts = [
        (f"{quoted_code(name)}: ", writer.expression(estimator)) for name, estimator in candidates.items()
    ]
    writer.add("# samplers stand inside the pipelines: they never see the rows that are scored")
    left_out = [name for name, each in evaluation.candidates.items() if not carries_weights(each.estimator)]
    if left_out:
        writer.add(say_left_out(left_out))
    writer.assign("strategies", Group("{", tuple(parts), "}"))


def _written(evaluation: EvaluationData, *, short: bool = False) -> list[str]:
    """Return the strategies that are written: the short style has the plain model and the best."""
    kept = {"none", evaluation.best} if short else set(evaluation.candidates)
    found = [name for name in evaluation.candidates if name in evaluation.scored.unique and name in kept]
    return [name for name in found if carries_weights(evaluation.candidates[name].estimator)]


def _write_loop(writer: Writer, evaluation: EvaluationData, *, compared: bool, short: bool) -> None:
    """Begin the loop over strategies, with sample weights where a classifier takes weights no other way."""
    _correction(evaluation, short=short).write(writer)
    keys = snippet_scores.weight_keys(evaluation.plan, evaluation.scored, evaluation.evaluated)
    if keys:
        own = {name: snippet_scores.own_weights(writer, evaluation.plan, name) for name in keys}
        snippet_scores.write_given(writer, evaluation.scored, keys, own)
    writer.add(
        "rows, compared = {}, {}" if compared else "rows = {}", "for name, pipeline in strategies.items():"
    )
    if _has_own(evaluation):
        more = "" if not keys else " | given.get(name, {})"
        writer.add(f'    weights = {{"sample_weight": own_train}}{more}')
    elif keys:
        writer.add("    weights = given.get(name, {})")


def _has_own(evaluation: EvaluationData) -> bool:
    """Whether row weights are handed to the fits."""
    return has_own(evaluation.scored.parts.features) and not evaluation.reader.model.fitted


def _correction(evaluation: EvaluationData, *, short: bool) -> Correction:
    """Return how the scores of the strategies that are written come to the prevalence."""
    names = (
        list(evaluation.evaluated) if evaluation.reader.model.fitted else _written(evaluation, short=short)
    )
    return Correction(evaluation.plan, evaluation.scored, tuple(names))


def _scores(
    writer: Writer, evaluation: EvaluationData, column: str, *, oof: bool, short: bool = False
) -> list[str]:
    """Return the lines that make ``oof`` or ``score`` of ``pipeline``, pointing to the positive class."""
    plan, scored = evaluation.plan, evaluation.scored
    weighted = _has_own(evaluation) or snippet_scores.weight_keys(plan, scored, evaluation.evaluated)
    options: dict[str, Any] = {"params": ", params=weights", "weights": "weights"} if weighted else {}
    options["predicted"] = scored.by_predict and not short
    indent = 8 if oof and scored.again else 4
    lines = snippet_scores.score_lines(
        writer, plan, scored, column, **options, oof=oof, test=not oof, indent=indent
    )
    if scored.positive == 0 and not scored.is_probability:
        lines.append("oof = -oof  # margins point to the second label" if oof else "score = -score")
    correction = _correction(evaluation, short=short)
    if not oof:
        return [*lines, *correction.on_test(writer)]
    given = options.get("params", ""), options.get("weights", "")
    return [*lines, *correction.out_of_fold(writer, params=given[0], weights=given[1], indent=indent)]


def _binary(writer: Writer, evaluation: EvaluationData, *, short: bool) -> None:
    scored = evaluation.scored
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    snippet_scores.write_sides(writer, scored, coded=evaluation.reader.coded)
    write_counted(writer, scored, coded=evaluation.reader.coded)
    column = snippet_scores.positive_column(evaluation.plan, scored)
    if not short:
        labelled_scores = scored.labelled_scores(next(iter(scored.by_name)))
        tuning = labelled_scores.tuning(Objective(evaluation.settings.criterion))
        write_best_threshold(writer, tuning, weights=scored.parts.train_weights)
    write_precision(writer, scored)
    if not short:
        _write_figures(writer, evaluation)
        write_functions(writer, evaluation)
    _write_loop(writer, evaluation, compared=not short and compares_in_code(evaluation), short=short)
    _write_out_of_fold(writer, evaluation, column, [] if short else _evaluated(evaluation))
    if scored.held_out:
        _indented(writer, _scores(writer, evaluation, column, oof=False, short=short))
    if short:
        _write_short(writer, evaluation)
        return
    if scored.held_out:
        _indented(
            writer,
            [
                f'flags = {{"": {_default(evaluation, "score")}, "_tuned": score >= threshold}}',
                f"row = rows[name] = figures(is_test, score{_p(evaluation, 'score')}{_w(evaluation, 'w_test')})",
                f"row |= decisions(is_test, flags{_w(evaluation, 'w_test')})",
            ],
        )
    _write_row(writer, evaluation, f"is_test, score{_p(evaluation, 'score')}, flags", _COUNTED)
    _indented(writer, ['row["threshold"] = threshold'])
    _write_end(writer, evaluation)


_COUNTED = (
    "counted = {",
    "    key + suffix: each",
    "    for suffix, flag in flags.items()",
    "    for key, each in shares(is_test, flag).items()",
    "}",
)


def _write_row(writer: Writer, evaluation: EvaluationData, arguments: str, counted: Sequence[str]) -> None:
    """Write the rest of a strategy's row, inside the loop: figures out of fold, and the ends of intervals."""
    lines = [] if evaluation.held_out else ["row = rows[name] = dict(crossed)"]
    lines.append('row |= {key + "_cv": each for key, each in crossed.items()}')
    if reports_ends(evaluation):
        if evaluation.held_out:
            lines += [f"sample = {sampled(evaluation, arguments)}", *counted]
        else:
            lines.append("sample = drawn")
        several, held_out = not evaluation.is_binary, evaluation.held_out
        y = ("true" if several else "is_test") if held_out else ("true" if several else "is_train")
        if several:
            lines.append(f"true = is_{'test' if held_out else 'train'}.argmax(axis=1)")
        lines += end_lines(evaluation, y)
    if compares_in_code(evaluation):
        lines.append(f'compared[name] = [each["{evaluation.decided_by}"] for each in drawn]')
    _indented(writer, lines)


def _write_end(writer: Writer, evaluation: EvaluationData) -> None:
    writer.add("print(pd.DataFrame(rows).T.to_string())")
    write_differences(writer, evaluation)


def _write_short(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the figures of the short style."""
    metric = METRICS["average_precision"]
    code = weighted_code(metric, metric.code, evaluation.scored, "w_test")
    test = [f'    "average_precision": {code},'] if evaluation.held_out else []
    _indented(writer, ["rows[name] = {", '    "average_precision_cv": out_of_fold,', *test, "}"])
    writer.add("print(pd.DataFrame(rows).T)")


def _indented(writer: Writer, lines: Iterable[str]) -> None:
    writer.add(*(f"    {line}" for line in lines))


def _default(evaluation: EvaluationData, score: str, some: str = "") -> str:
    """Write which rows are flagged before a threshold is tuned."""
    if evaluation.scored.by_predict:
        return f"predicted{some}"
    return f"{score}{some} >= {evaluation.scored.default_threshold!r}"


def _w(evaluation: EvaluationData, name: str) -> str:
    """Write the argument of how much rows count, where they do not count once each."""
    return f", {name}" if is_weighted(evaluation.scored.parts) else ""


def _average_precision(evaluation: EvaluationData, score: str, rows: str = "", *, half: str = "") -> str:
    """Write the average precision of rows of the training set."""
    code = f"average_precision_score(is_train{rows}, {score}{', average=None' if rows else ''})"
    metric = METRICS["average_precision"]
    return weighted_code(metric, code, evaluation.scored, f"w_train{rows}", half=half)


def _p(evaluation: EvaluationData, name: str) -> str:
    """Write the argument of probabilities, where there are any."""
    return f", {name}" if evaluation.scored.is_probability else ""


def _write_out_of_fold(
    writer: Writer, evaluation: EvaluationData, column: str, evaluated: Sequence[str]
) -> None:
    """Write what is done with the folds, inside the loop over strategies; for each deal, where there are several."""
    lines = [
        *_scores(writer, evaluation, column, oof=True, short=not evaluated),
        *_ranked(writer, evaluation),
        *evaluated,
    ]
    if not evaluation.scored.again:
        _indented(writer, lines)
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
    _indented(
        writer,
        [
            "every = []",
            "for folds in deals:",
            *(f"    {line}" for line in lines),
            f"    every.append(({', '.join(kept)},))",
            *(f"{name} = {how}" for name, how in kept.items()),
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


def _evaluated(evaluation: EvaluationData) -> list[str]:
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
    arguments = (
        f"is_train{some}, {rank}{some}{_p(evaluation, f'oof{some}')}{_w(evaluation, f'w_train{some}')}"
    )
    lines.append(f"crossed = figures({arguments})")
    lines += [] if scored.parts.is_stratified or scored.one_model else _by_fold(evaluation)
    if ordered:
        evaluated = "[evaluated]"
        lines.append("evaluated = np.concatenate([f for _, f in folds[1:]])")
    elif not whole:
        evaluated = some
    lines.append(
        f'flags = {{"": {_default(evaluation, "oof", evaluated)}, "_tuned": tuned{evaluated}}}',
    )
    weights = _w(evaluation, f"w_train{evaluated}")
    lines.append(f"crossed |= decisions(is_train{evaluated}, flags{weights})")
    if is_drawn(evaluation):
        lines.append(f"drawn = {sampled(evaluation, f'{arguments}, flags', out_of_fold=True)}")
    if not evaluation.held_out and reports_ends(evaluation):
        lines += [line.replace("is_test", "is_train") for line in _COUNTED]
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


def _renamed(evaluation: EvaluationData, metrics: Iterable[Metric], name: str) -> dict[str, str]:
    """Write metrics of scores that go by another name."""
    named = {each: re.sub(r"\bscore\b", name, each.code) for each in metrics}
    return {each.name: weighted_code(each, code, evaluation.scored) for each, code in named.items()}


def _write_figures(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the functions that measure the order of rows, their probabilities, and their flags."""
    _use(writer, "ranking", "decision")
    of = _renamed(evaluation, rows("ranking"), "rank")
    if evaluation.scored.is_probability:
        _use(writer, "probability")
        of |= _renamed(evaluation, rows("probability"), "p")
    w = _w(evaluation, "w")
    head = f"def figures(is_test, rank{_p(evaluation, 'p')}{w}):"
    lines = [head, "    return {", *snippet_intervals.entries(of).splitlines(), "    }"]
    snippet_intervals.write_function(writer, "\n".join(lines))
    of = {each.name: weighted_code(each, each.code, evaluation.scored) for each in rows("decision")}
    decided = [
        f"        {line}"
        for name, code in of.items()
        for line in called(f'found["{name}" + suffix]', code, 8)
    ]
    head = f"def decisions(is_test, flags{w}):"
    lines = [head, "    found = {}", "    for suffix, flag in flags.items():", *decided, "    return found"]
    snippet_intervals.write_function(writer, "\n".join(lines))


def _use(writer: Writer, *kinds: Kind, several: bool = False) -> None:
    """Import what the calls of these metrics take."""
    for metric in (metric for kind in kinds for metric in rows(kind, several=several)):
        code = metric.code_of_classes if several and metric.kind == "decision" else metric.code
        if metric.library is not None and metric.library[1] in code:
            writer.use(*metric.library)


def _several(writer: Writer, evaluation: EvaluationData, *, short: bool) -> None:
    scored = evaluation.scored
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    writer.use("sklearn.preprocessing", "label_binarize")
    labels = evaluation.reader.classes.tolist()
    if evaluation.reader.coded:
        labels = list(range(len(labels)))
    writer.assign("labels", writer.expression(labels))
    for part in ("train", "test") if scored.held_out else ("train",):
        writer.add(f"is_{part} = label_binarize(y_{part}, classes=labels)")
    write_counted(writer, scored, coded=evaluation.reader.coded)
    write_precision(writer, scored)
    column = snippet_scores.wide(evaluation.plan)
    if not short:
        names = scored.parts.features.target.names
        writer.assign("recall_of", writer.expression([f"recall[{name}]" for name in names]))
        _write_figures_of_several(writer, evaluation)
        write_functions(writer, evaluation)
    _write_loop(writer, evaluation, compared=not short and compares_in_code(evaluation), short=short)
    _write_out_of_fold(writer, evaluation, column, [] if short else _evaluated_several(evaluation))
    if scored.held_out:
        _indented(writer, _scores(writer, evaluation, column, oof=False, short=short))
    if short:
        _write_short(writer, evaluation)
        return
    if scored.held_out:
        _indented(writer, [f"row = rows[name] = figures(is_test, score, score{_w(evaluation, 'w_test')})"])
    _write_row(writer, evaluation, "is_test, score, score", ["counted = shares(is_test, score)"])
    _write_end(writer, evaluation)


def _evaluated_several(evaluation: EvaluationData) -> list[str]:
    """Return the lines from the scores out of fold to their figures, ``crossed``."""
    scored = evaluation.scored
    some = "" if (scored.folds.ids >= 0).all() else "[~np.isnan(oof[:, 0])]"
    rank = "rank" if scored.parts.is_stratified or scored.one_model else "oof"
    arguments = f"is_train{some}, {rank}{some}, oof{some}{_w(evaluation, f'w_train{some}')}"
    lines = [f"crossed = figures({arguments})"]
    lines += [] if scored.parts.is_stratified or scored.one_model else _by_fold(evaluation)
    if is_drawn(evaluation):
        lines.append(f"drawn = {sampled(evaluation, arguments, out_of_fold=True)}")
    if not evaluation.held_out and reports_ends(evaluation):
        lines.append("counted = shares(is_train, oof)")
    return lines


def _write_figures_of_several(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the functions that measure several classes: each row's losses, and all figures."""
    _use(writer, "ranking", "decision", several=True)
    writer.use("sklearn.metrics", "recall_score")
    losses: list[str] = []
    if evaluation.scored.is_probability:
        of = {metric.name: metric.formula_of_classes for metric in rows("probability", several=True)}
        losses = [
            "def losses(is_test, p):  # of each row",
            "    eps = np.finfo(float).eps",
            "    own = np.clip((p * is_test).sum(axis=1), eps, 1 - eps)",
            "    squares = np.square(p - is_test).sum(axis=1)",
            "    return {",
            *snippet_intervals.entries(of).splitlines(),
            "    }",
        ]
        snippet_intervals.write_function(writer, "\n".join(losses))
    figures, w = _renamed(evaluation, rows("ranking"), "rank"), _w(evaluation, "w")
    figures |= {
        metric.name: weighted_code(metric, metric.code_of_classes, evaluation.scored)
        for metric in rows("decision", several=True)
    }
    mean = "np.average(each, weights=w)" if w else "each.mean()"
    means = [f"        **{{key: {mean} for key, each in losses(is_test, p).items()}},"] if losses else []
    given = "true, told, labels=range(len(labels)), average=None, zero_division=0"
    lines = [
        f"def figures(is_test, rank, p{w}):",
        "    true, told = is_test.argmax(axis=1), p.argmax(axis=1)",
        "    recalls = recall_score(",
        *(
            [f"        {given}"]
            if not w
            else [f"        {each}," for each in (*given.split(", ", 2), "sample_weight=w")]
        ),
        "    )",
        "    there = is_test.any(axis=0)",
        "    return {",
        *snippet_intervals.entries(figures).splitlines(),
        "        **dict(zip(recall_of, recalls)),",
        *means,
        "    }",
    ]
    snippet_intervals.write_function(writer, "\n".join(lines))
