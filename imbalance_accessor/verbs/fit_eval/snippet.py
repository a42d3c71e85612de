"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.registry import Kind, Metric, rows
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
from imbalance_accessor.verbs.shared import snippet_intervals, snippet_scores
from imbalance_accessor.verbs.shared.snippet_data import name_of
from imbalance_accessor.verbs.shared.snippet_threshold import write_best_threshold


def write(evaluation: EvaluationData, style: Style) -> Snippet:
    """Write the comparison as a program; the short style has the plain model and the best, by average precision alone."""
    writer = Writer()
    snippet_scores.write_data(writer, evaluation.plan, evaluation.scored)
    if evaluation.reader.model.fitted:
        writer.add("# model is the fitted classifier that you passed")
    _write_strategies(writer, evaluation, short=style == "short")
    body = _binary if evaluation.is_binary else _several
    body(writer, evaluation, short=style == "short")
    if evaluation.permuted is not None and style == "full":
        _write_permuted(writer, evaluation, len(evaluation.permuted.shuffled))
    return writer.text()


def _write_permuted(writer: Writer, evaluation: EvaluationData, permutations: int) -> None:
    """Write the scores of the plain model on shuffled labels."""
    plan, scored = evaluation.plan, evaluation.scored
    split_by = scored.parts.split_by
    writer.use("sklearn.base", "clone")
    writer.add("", "# is there signal at all? the same on shuffled labels")
    X, y = (f"{each}_train{'' if scored.parts.kept is None else '.iloc[kept]'}" for each in "Xy")
    train, test = f"rng.permutation(len({y}))", "rng.permutation(len(y_test))"
    if split_by.groups is not None or split_by.time is not None:
        _write_order(writer, evaluation)
        train, test = "shuffled(ruled_train)", "shuffled(ruled_test)"
    margin = f".{snippet_scores.method(scored)}(X_test)"
    several = scored.positive is None
    column = snippet_scores.wide(plan) if several else snippet_scores.positive_column(plan, scored)
    sign = "-" if not scored.is_probability and scored.positive == 0 else ""
    writer.add(
        f"rng, on_shuffled = np.random.default_rng({plan.random_state!r}), []",
        f"for _ in range({permutations}):",
        f"    mixed = {y}.to_numpy()[{train}]",
        f'    fitted = clone(strategies["none"]).fit({X}, mixed)',
        f"    order = {test}",
        f"    score = {sign}fitted{margin}{column}",
        "    on_shuffled.append(average_precision_score(is_test[order], score))",
        "print(np.sort(on_shuffled))",
    )


def _write_order(writer: Writer, evaluation: EvaluationData) -> None:
    """Write how labels of whole groups change places, or are rotated along time."""
    split_by = evaluation.scored.parts.split_by
    name, column = ("groups", split_by.groups) if split_by.groups is not None else ("time", split_by.time)
    writer.add(f"ruled_train = np.asarray({name}_train)")
    source = f"test[{name_of(column)}]" if split_by.own_test else f"np.asarray({name})[held_out]"
    writer.add(f"ruled_test = np.asarray({source})")
    if name == "groups":
        inner = [
            "    codes = np.unique(ruled, return_inverse=True)[1]",
            '    places = np.argsort(codes, kind="stable")',
            '    givers = np.argsort(rng.permutation(codes.max() + 1)[codes], kind="stable")',
        ]
    else:
        inner = [
            '    places = np.argsort(ruled, kind="stable")',
            "    givers = np.roll(places, int(rng.integers(1, len(ruled))))",
        ]
    writer.add("", "", "def shuffled(ruled):", *inner, "    order = np.empty(len(places), dtype=int)")
    writer.add("    order[places] = givers", "    return order", "", "")


def _write_strategies(writer: Writer, evaluation: EvaluationData, *, short: bool) -> None:
    if evaluation.reader.model.fitted:
        writer.add('strategies = {"none": model}')
        return
    kept = {"none", evaluation.best} if short else set(evaluation.candidates)
    unique = evaluation.scored.unique
    candidates = {
        name: candidate.estimator
        for name, candidate in evaluation.candidates.items()
        if name in unique and name in kept
    }
    snippet_scores.name_shared(writer, evaluation.scored.parts.features.columns, list(candidates.values()))
    parts = [
        (f"{quoted_code(name)}: ", writer.expression(estimator)) for name, estimator in candidates.items()
    ]
    writer.add("# samplers stand inside the pipelines: they never see the rows that are scored")
    writer.assign("strategies", Group("{", tuple(parts), "}"))


def _write_loop(writer: Writer, evaluation: EvaluationData, *, compared: bool) -> None:
    """Begin the loop over strategies, with sample weights where a classifier takes weights no other way."""
    keys = snippet_scores.weight_keys(evaluation.plan, evaluation.scored, evaluation.evaluated)
    if keys:
        own = {name: snippet_scores.own_weights(writer, evaluation.plan, name) for name in keys}
        snippet_scores.write_given(writer, evaluation.scored, keys, own)
    writer.add(
        "rows, compared = {}, {}" if compared else "rows = {}", "for name, pipeline in strategies.items():"
    )
    writer.add(*(["    weights = given.get(name, {})"] if keys else []))


def _scores(
    writer: Writer, evaluation: EvaluationData, column: str, *, oof: bool, short: bool = False
) -> list[str]:
    """Return the lines that make ``oof`` or ``score`` of ``pipeline``, pointing to the positive class."""
    plan, scored = evaluation.plan, evaluation.scored
    keys = snippet_scores.weight_keys(plan, scored, evaluation.evaluated)
    options: dict[str, Any] = {"params": ", params=weights", "weights": "weights"} if keys else {}
    options["predicted"] = scored.by_predict and not short
    indent = 8 if oof and scored.again else 4
    lines = snippet_scores.score_lines(
        writer, plan, scored, column, **options, oof=oof, test=not oof, indent=indent
    )
    if scored.positive == 0 and not scored.is_probability:
        lines.append("oof = -oof  # margins point to the second label" if oof else "score = -score")
    return lines


def _binary(writer: Writer, evaluation: EvaluationData, *, short: bool) -> None:
    scored = evaluation.scored
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    snippet_scores.write_sides(writer, scored, coded=evaluation.reader.coded)
    column = snippet_scores.positive_column(evaluation.plan, scored)
    if not short:
        labelled_scores = scored.labelled_scores(next(iter(scored.by_name)))
        write_best_threshold(writer, labelled_scores.tuning(Objective(evaluation.settings.criterion)))
        _write_figures(writer, evaluation)
        write_functions(writer, evaluation)
    _write_loop(writer, evaluation, compared=not short and compares_in_code(evaluation))
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
                f"row = rows[name] = figures(is_test, score{_p(evaluation, 'score')})",
                "row |= decisions(is_test, flags)",
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
    test = (
        ['    "average_precision": average_precision_score(is_test, score),'] if evaluation.held_out else []
    )
    _indented(writer, ["rows[name] = {", '    "average_precision_cv": out_of_fold,', *test, "}"])
    writer.add("print(pd.DataFrame(rows).T)")


def _indented(writer: Writer, lines: Iterable[str]) -> None:
    writer.add(*(f"    {line}" for line in lines))


def _default(evaluation: EvaluationData, score: str, some: str = "") -> str:
    """Write which rows are flagged before a threshold is tuned."""
    if evaluation.scored.by_predict:
        return f"predicted{some}"
    return f"{score}{some} >= {evaluation.scored.default_threshold!r}"


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
    writer.use("sklearn.metrics", "average_precision_score")
    if evaluation.scored.one_model:
        return [
            "rank = oof  # one model's scores have one order",
            "out_of_fold = average_precision_score(is_train, rank)",
        ]
    if evaluation.scored.parts.is_stratified:
        writer.use("scipy.stats", "rankdata")
        return [
            "rank = np.empty(oof.shape)",
            "for _, f in folds:  # scores of several models: each is ranked within its fold",
            "    rank[f] = rankdata(oof[f], axis=0) / len(f)",
            "out_of_fold = average_precision_score(is_train, rank)",
        ]
    return [
        "by_fold = [",
        "    average_precision_score(is_train[f], oof[f], average=None) for _, f in folds",
        "]",
        "positives = [is_train[f].sum(axis=0) for _, f in folds]",
        "out_of_fold = np.average(by_fold, axis=0, weights=positives).mean()",
    ]


def _evaluated(evaluation: EvaluationData) -> list[str]:
    """Return the lines from the scores out of fold to their figures, ``crossed``, and the threshold."""
    scored = evaluation.scored
    whole, ordered = bool((scored.folds.ids >= 0).all()), scored.parts.split_by.time is not None
    some, evaluated = "" if whole else "[~np.isnan(oof)]", ""
    lines = [
        f"threshold = best_threshold(is_train{some}, oof{some})",
        "tuned = np.zeros(len(oof), dtype=bool)",
    ]
    others = "folds[1:]:  # each fold at the threshold that earlier ones chose"
    lines.append(
        f"for other, f in {others if ordered else 'folds:  # each fold at the threshold that the others chose'}"
    )
    lines += [] if whole else ["    other = other[~np.isnan(oof[other])]"]
    lines.append("    tuned[f] = oof[f] >= best_threshold(is_train[other], oof[other])")
    rank = "rank" if scored.parts.is_stratified or scored.one_model else "oof"
    arguments = f"is_train{some}, {rank}{some}{_p(evaluation, f'oof{some}')}"
    lines.append(f"crossed = figures({arguments})")
    lines += [] if scored.parts.is_stratified or scored.one_model else _by_fold()
    if ordered:
        evaluated = "[evaluated]"
        lines.append("evaluated = np.concatenate([f for _, f in folds[1:]])")
    elif not whole:
        evaluated = some
    lines.append(
        f'flags = {{"": {_default(evaluation, "oof", evaluated)}, "_tuned": tuned{evaluated}}}',
    )
    lines.append(f"crossed |= decisions(is_train{evaluated}, flags)")
    if is_drawn(evaluation):
        lines.append(f"drawn = {sampled(evaluation, f'{arguments}, flags', out_of_fold=True)}")
    if not evaluation.held_out and reports_ends(evaluation):
        lines += [line.replace("is_test", "is_train") for line in _COUNTED]
    return lines


def _by_fold() -> list[str]:
    """Return the lines of the ranking figures of folds that are not stratified."""
    lines = ['crossed["average_precision"] = out_of_fold']
    for metric in rows("ranking"):
        if metric.name == "average_precision":
            continue
        code = re.sub(r"\bscore\b", "oof[f]", metric.code.replace("is_test", "is_train[f]"))
        if metric.library is not None and metric.library[0] == "sklearn.metrics":
            code = f"{code[:-1]}, average=None)"
        lines += [
            f"by_fold = [{code} for _, f in folds]",
            "mean = np.average(by_fold, axis=0, weights=positives).mean()",
            f'crossed["{metric.name}"] = mean',
        ]
    return lines


def _renamed(metrics: Iterable[Metric], name: str) -> dict[str, str]:
    """Write metrics of scores that go by another name."""
    return {each.name: re.sub(r"\bscore\b", name, each.code) for each in metrics}


def _write_figures(writer: Writer, evaluation: EvaluationData) -> None:
    """Write the functions that measure the order of rows, their probabilities, and their flags."""
    _use(writer, "ranking", "decision")
    of = _renamed(rows("ranking"), "rank")
    if evaluation.scored.is_probability:
        _use(writer, "probability")
        of |= _renamed(rows("probability"), "p")
    head = f"def figures(is_test, rank{_p(evaluation, 'p')}):"
    lines = [head, "    return {", *snippet_intervals.entries(of).splitlines(), "    }"]
    snippet_intervals.write_function(writer, "\n".join(lines))
    decided = (f'        found["{metric.name}" + suffix] = {metric.code}' for metric in rows("decision"))
    head = "def decisions(is_test, flags):"
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
    column = snippet_scores.wide(evaluation.plan)
    if not short:
        names = scored.parts.features.target.names
        writer.assign("recall_of", writer.expression([f"recall[{name}]" for name in names]))
        _write_figures_of_several(writer, evaluation)
        write_functions(writer, evaluation)
    _write_loop(writer, evaluation, compared=not short and compares_in_code(evaluation))
    _write_out_of_fold(writer, evaluation, column, [] if short else _evaluated_several(evaluation))
    if scored.held_out:
        _indented(writer, _scores(writer, evaluation, column, oof=False))
    if short:
        _write_short(writer, evaluation)
        return
    if scored.held_out:
        _indented(writer, ["row = rows[name] = figures(is_test, score, score)"])
    _write_row(writer, evaluation, "is_test, score, score", ["counted = shares(is_test, score)"])
    _write_end(writer, evaluation)


def _evaluated_several(evaluation: EvaluationData) -> list[str]:
    """Return the lines from the scores out of fold to their figures, ``crossed``."""
    scored = evaluation.scored
    some = "" if (scored.folds.ids >= 0).all() else "[~np.isnan(oof[:, 0])]"
    rank = "rank" if scored.parts.is_stratified or scored.one_model else "oof"
    arguments = f"is_train{some}, {rank}{some}, oof{some}"
    lines = [f"crossed = figures({arguments})"]
    lines += [] if scored.parts.is_stratified or scored.one_model else _by_fold()
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
    figures = _renamed(rows("ranking"), "rank")
    figures |= {metric.name: metric.code_of_classes for metric in rows("decision", several=True)}
    means = ["        **{key: each.mean() for key, each in losses(is_test, p).items()},"] if losses else []
    lines = [
        "def figures(is_test, rank, p):",
        "    true, told = is_test.argmax(axis=1), p.argmax(axis=1)",
        "    recalls = recall_score(",
        "        true, told, labels=range(len(labels)), average=None, zero_division=0",
        "    )",
        "    there = is_test.any(axis=0)",
        "    return {",
        *snippet_intervals.entries(figures).splitlines(),
        "        **dict(zip(recall_of, recalls)),",
        *means,
        "    }",
    ]
    snippet_intervals.write_function(writer, "\n".join(lines))
