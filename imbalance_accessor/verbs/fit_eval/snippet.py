"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import METRICS, Kind, Metric, rows
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import Group, Snippet, Writer, laid_out, quoted_code
from imbalance_accessor.verbs.fit_eval.fields import EvaluationData
from imbalance_accessor.verbs.fit_eval.snippet_intervals import (
    compares_in_code,
    end_lines,
    reports_ends,
    sampled,
    write_differences,
    write_functions,
)
from imbalance_accessor.verbs.fit_eval.snippet_out_of_fold import (
    COUNTED,
    by_default,
    correction_of,
    figure_lines,
    figure_lines_several,
    has_weighted_fits,
    p_given,
    scoring_lines,
    w_given,
    write_indented,
    write_out_of_fold,
    written_strategies,
)
from imbalance_accessor.verbs.fit_eval.snippet_permuted import write_permuted
from imbalance_accessor.verbs.fit_eval.snippet_short import write_short
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_scores
from imbalance_accessor.verbs.shared.snippet_scores import called
from imbalance_accessor.verbs.shared.snippet_threshold import write_best_threshold
from imbalance_accessor.verbs.shared.snippet_weights import (
    carries_weights,
    say_left_out,
    weighted_code,
    write_counted,
    write_precision,
)


def write(evaluation: EvaluationData, style: Style) -> Snippet:
    """Write the comparison as a program; where the short style would give other numbers, by average precision alone."""
    writer = Writer()
    if style == "short" and write_short(writer, evaluation):
        return writer.text()
    snippet_scores.write_data(writer, evaluation.plan, evaluation.scored)
    if evaluation.reader.model.fitted:
        writer.add("# model is the fitted classifier that you passed")
    _write_strategies(writer, evaluation)
    body = _binary if evaluation.is_binary else _several
    if written_strategies(evaluation):
        body(writer, evaluation, short=style == "short")
    if evaluation.permuted is not None and style == "full":
        write_permuted(writer, evaluation, len(evaluation.permuted.shuffled))
    return writer.text()


def _write_strategies(writer: Writer, evaluation: EvaluationData) -> None:
    if evaluation.reader.model.fitted:
        writer.add('strategies = {"none": model}')
        return
    candidates = {name: evaluation.candidates[name].estimator for name in written_strategies(evaluation)}
    by_row = bool(snippet_scores.weight_keys(evaluation.plan, evaluation.scored, evaluation.evaluated))
    columns = evaluation.scored.parts.features.columns
    snippet_scores.name_shared(writer, columns, list(candidates.values()), by_row=by_row)
    parts = [
        (f"{quoted_code(name)}: ", writer.expression(estimator)) for name, estimator in candidates.items()
    ]
    writer.add("# samplers stand inside the pipelines: they never see the rows that are scored")
    left_out = [name for name, each in evaluation.candidates.items() if not carries_weights(each.estimator)]
    if left_out:
        writer.add(say_left_out(left_out))
    writer.assign("strategies", Group("{", tuple(parts), "}"))


def _write_loop(writer: Writer, evaluation: EvaluationData, *, compared: bool) -> None:
    """Begin the loop over strategies, with sample weights where a classifier takes weights no other way."""
    correction_of(evaluation).write(writer)
    keys = snippet_scores.weight_keys(evaluation.plan, evaluation.scored, evaluation.evaluated)
    if keys:
        own = {name: snippet_scores.own_weights(writer, evaluation.plan, name) for name in keys}
        snippet_scores.write_given(writer, evaluation.scored, keys, own)
    writer.add(
        "rows, compared = {}, {}" if compared else "rows = {}", "for name, pipeline in strategies.items():"
    )
    if has_weighted_fits(evaluation):
        more = "" if not keys else " | given.get(name, {})"
        writer.add(f'    weights = {{"sample_weight": own_train}}{more}')
    elif keys:
        writer.add("    weights = given.get(name, {})")


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
    _write_loop(writer, evaluation, compared=not short and compares_in_code(evaluation))
    write_out_of_fold(writer, evaluation, column, [] if short else figure_lines(evaluation))
    if scored.held_out:
        write_indented(writer, scoring_lines(writer, evaluation, column, oof=False, short=short))
    if short:
        _write_short(writer, evaluation)
        return
    if scored.held_out:
        write_indented(
            writer,
            [
                f'flags = {{"": {by_default(evaluation, "score")}, "_tuned": score >= threshold}}',
                f"row = rows[name] = figures(is_test, score{p_given(evaluation, 'score')}{w_given(evaluation, 'w_test')})",
                f"row |= decisions(is_test, flags{w_given(evaluation, 'w_test')})",
            ],
        )
    _write_row(writer, evaluation, f"is_test, score{p_given(evaluation, 'score')}, flags", COUNTED)
    write_indented(writer, ['row["threshold"] = threshold'])
    _write_end(writer, evaluation)


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
    write_indented(writer, lines)


def _write_end(writer: Writer, evaluation: EvaluationData) -> None:
    writer.add("print(pd.DataFrame(rows).T.to_string())")
    write_differences(writer, evaluation)


def _write_short(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the figures of the short style."""
    metric = METRICS["average_precision"]
    code = weighted_code(metric, metric.code, evaluation.scored, "w_test")
    function, given = code.removesuffix(")").split("(", 1)
    called = Group(f"{function}(", tuple(("", each) for each in given.split(", ")), ")")
    start = '    "average_precision": '
    line = f"{start}{laid_out(called, before=len(start) + 4, after=1, indent=4)},"
    test = line.split("\n") if evaluation.held_out else []
    write_indented(writer, ["rows[name] = {", '    "average_precision_cv": out_of_fold,', *test, "}"])
    writer.add("print(pd.DataFrame(rows).T)")


def _renamed(evaluation: EvaluationData, metrics: Iterable[Metric], name: str) -> dict[str, str]:
    """Write metrics of scores that go by another name."""
    named = {each: re.sub(r"\bscore\b", name, each.code) for each in metrics}
    return {each.name: weighted_code(each, code, evaluation.scored) for each, code in named.items()}


def _write_figures(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the functions that measure the order of rows, their probabilities, and their flags."""
    _use(writer, evaluation, "ranking", "decision")
    of = _renamed(evaluation, rows("ranking"), "rank")
    if evaluation.scored.is_probability:
        _use(writer, evaluation, "probability")
        of |= _renamed(evaluation, rows("probability"), "p")
    w = w_given(evaluation, "w")
    head = f"def figures(is_test, rank{p_given(evaluation, 'p')}{w}):"
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


def _use(writer: Writer, evaluation: EvaluationData, *kinds: Kind, several: bool = False) -> None:
    """Import what the calls of these metrics take."""
    for metric in (metric for kind in kinds for metric in rows(kind, several=several)):
        code = metric.code_of_classes if several and metric.kind == "decision" else metric.code
        code = weighted_code(metric, code, evaluation.scored)
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
    _write_loop(writer, evaluation, compared=not short and compares_in_code(evaluation))
    write_out_of_fold(writer, evaluation, column, [] if short else figure_lines_several(evaluation))
    if scored.held_out:
        write_indented(writer, scoring_lines(writer, evaluation, column, oof=False, short=short))
    if short:
        _write_short(writer, evaluation)
        return
    if scored.held_out:
        write_indented(
            writer, [f"row = rows[name] = figures(is_test, score, score{w_given(evaluation, 'w_test')})"]
        )
    _write_row(writer, evaluation, "is_test, score, score", ["counted = shares(is_test, score)"])
    _write_end(writer, evaluation)


def _write_figures_of_several(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the functions that measure several classes: each row's losses, and all figures."""
    _use(writer, evaluation, "ranking", "decision", several=True)
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
    figures, w = _renamed(evaluation, rows("ranking"), "rank"), w_given(evaluation, "w")
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
