"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

from imbalance_accessor.present.recipe import name_of
from imbalance_accessor.present.result import Style
from imbalance_accessor.present.snippets import Group, Snippet, Writer, quoted
from imbalance_accessor.stats.aims import Aim
from imbalance_accessor.stats.registry import Kind, rows
from imbalance_accessor.verbs import interval_code, scores_code
from imbalance_accessor.verbs.cut_code import write_best_cut
from imbalance_accessor.verbs.evaluation_data import EvaluationData
from imbalance_accessor.verbs.evaluation_interval_code import (
    write_several,
    write_several_ends,
    write_two_sided,
    write_two_sided_ends,
)

#: The figures of the short style.
_SHORT = (
    "    rows[name] = {",
    '        "average_precision_cv": out_of_fold,',
    '        "average_precision": average_precision_score(is_test, score),',
    "    }",
    "print(pd.DataFrame(rows).T)",
)


def write(evaluation: EvaluationData, style: Style) -> Snippet:
    """Write the comparison as a program; the short style has doing nothing and the best, by average precision alone."""
    writer = Writer()
    scores_code.write_data(writer, evaluation.fits, evaluation.scored)
    if evaluation.reading.model.fitted:
        writer.add("# model is the fitted classifier that you passed")
    _write_strategies(writer, evaluation, short=style == "short")
    body = _binary if evaluation.is_binary else _several
    body(writer, evaluation, short=style == "short")
    if evaluation.permuted is not None and style == "full":
        _write_permuted(writer, evaluation, len(evaluation.permuted.shuffled))
    return writer.text()


def _write_permuted(writer: Writer, evaluation: EvaluationData, permutations: int) -> None:
    """Write the scores of doing nothing on shuffled labels."""
    fits, scored = evaluation.fits, evaluation.scored
    rule = scored.parts.rule
    writer.use("sklearn.base", "clone")
    writer.add("", "# is there signal at all? the same on shuffled labels")
    train, test = "rng.permutation(len(y_train))", "rng.permutation(len(y_test))"
    if rule.groups is not None or rule.time is not None:
        _write_order(writer, evaluation)
        train, test = "shuffled(ruled_train)", "shuffled(ruled_test)"
    margin = f".{scores_code.method(scored)}(X_test)"
    several = scored.positive is None
    column = scores_code.wide(fits) if several else scores_code.positive_column(fits, scored)
    sign = "-" if not scored.is_probability and scored.positive == 0 else ""
    writer.add(
        f"rng, on_shuffled = np.random.default_rng({fits.random_state!r}), []",
        f"for _ in range({permutations}):",
        f"    mixed = y_train.to_numpy()[{train}]",
        '    fitted = clone(strategies["none"]).fit(X_train, mixed)',
        f"    order = {test}",
        f"    score = {sign}fitted{margin}{column}",
        "    on_shuffled.append(average_precision_score(is_test[order], score))",
        "print(np.sort(on_shuffled))",
    )


def _write_order(writer: Writer, evaluation: EvaluationData) -> None:
    """Write how labels of whole groups change places, or are rotated along time."""
    rule = evaluation.scored.parts.rule
    name, column = ("groups", rule.groups) if rule.groups is not None else ("time", rule.time)
    writer.add(f"ruled_train = np.asarray({name}_train)")
    source = f"test[{name_of(column)}]" if rule.own_test else f"np.asarray({name})[held_out]"
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
    if evaluation.reading.model.fitted:
        writer.add('strategies = {"none": model}')
        return
    kept = {"none", evaluation.best} if short else set(evaluation.plans)
    once = evaluation.scored.once
    plans = {name: plan.estimator for name, plan in evaluation.plans.items() if name in once and name in kept}
    scores_code.name_shared(writer, evaluation.scored.parts.task.columns, list(plans.values()))
    parts = [(f"{quoted(name)}: ", writer.expression(estimator)) for name, estimator in plans.items()]
    writer.add("# samplers stand inside the pipelines: they never see the rows that are scored")
    writer.assign("strategies", Group("{", tuple(parts), "}"))


def _write_scores(writer: Writer, evaluation: EvaluationData, column: str) -> None:
    """Write the loop over strategies, with sample weights where a classifier takes weights no other way."""
    fits, scored = evaluation.fits, evaluation.scored
    keys = scores_code.weight_keys(fits, scored, evaluation.judged)
    if keys:
        writer.use("sklearn.utils.class_weight", "compute_sample_weight")
        writer.add('weight = compute_sample_weight("balanced", y_train)')
        inner = ", ".join(f'{quoted(name)}: {{"{key}": weight}}' for name, key in keys.items())
        writer.add(f"given = {{{inner}}}")
    writer.add("rows = {}", "for name, pipeline in strategies.items():")
    writer.add(*(["    weights = given.get(name, {})"] if keys else []))
    params, weights = (", params=weights", "weights") if keys else ("", "")
    lines = scores_code.score_lines(writer, fits, scored, column, params=params, weights=weights, indent=4)
    writer.add(*(f"    {line}" for line in lines))


def _binary(writer: Writer, evaluation: EvaluationData, *, short: bool) -> None:
    scored = evaluation.scored
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    scores_code.write_sides(writer, scored, coded=evaluation.reading.coded)
    if not short:
        sides = scored.sides(next(iter(scored.by_name)))
        write_best_cut(writer, sides.tuning(Aim(evaluation.settings.criterion)))
        if evaluation.few_groups is None:
            write_two_sided(writer, evaluation)
    column = scores_code.positive_column(evaluation.fits, scored)
    _write_scores(writer, evaluation, column)
    if not scored.is_probability and scored.positive == 0:
        writer.add("    oof = -oof  # margins point to the second label", "    score = -score")
    _write_out_of_fold(writer, evaluation)
    if short:
        writer.add(*_SHORT)
        return
    _write_figures(writer, evaluation)


def _write_out_of_fold(writer: Writer, evaluation: EvaluationData) -> None:
    """Write, inside the loop over strategies, the average precision out of fold, which `Comparison` explains."""
    writer.use("sklearn.metrics", "average_precision_score")
    if evaluation.scored.parts.is_stratified:
        writer.use("scipy.stats", "rankdata")
        writer.add(
            "    rank = np.empty(oof.shape)",
            "    for _, f in folds:  # scores of several models: each is ranked within its fold",
            "        rank[f] = rankdata(oof[f], axis=0) / len(f)",
            "    out_of_fold = average_precision_score(is_train, rank)",
        )
        return
    writer.add(
        "    by_fold = [",
        "        average_precision_score(is_train[f], oof[f], average=None) for _, f in folds",
        "    ]",
        "    positives = [is_train[f].sum(axis=0) for _, f in folds]",
        "    out_of_fold = np.average(by_fold, axis=0, weights=positives).mean()",
    )


def _write_figures(writer: Writer, evaluation: EvaluationData) -> None:
    scored = evaluation.scored
    _use(writer, "ranking", "decision")
    some = "" if (scored.folds.ids >= 0).all() else "[~np.isnan(oof)]"
    writer.add(f"    cut = best_cut(is_train{some}, oof{some})")
    writer.add(
        "    row = rows[name] = {",
        *(f'        "{metric.name}": {metric.code},' for metric in rows("ranking")),
        '        "average_precision_cv": out_of_fold,',
        '        "cut": cut,',
        "    }",
    )
    if scored.is_probability:
        _use(writer, "probability")
        writer.add(*(f'    row["{metric.name}"] = {metric.code}' for metric in rows("probability")))
    writer.add(
        f'    for suffix, at in {{"": {scored.default_cut!r}, "_tuned": cut}}.items():',
        "        flag = score >= at",
        *(f'        row["{metric.name}" + suffix] = {metric.code}' for metric in rows("decision")),
    )
    if evaluation.few_groups is None:
        write_two_sided_ends(writer, evaluation)
    writer.add("print(pd.DataFrame(rows).T.to_string())")


def _use(writer: Writer, *kinds: Kind, several: bool = False) -> None:
    """Import what the calls of these metrics take."""
    for metric in (metric for kind in kinds for metric in rows(kind, several=several)):
        code = metric.code_of_classes if several and metric.kind == "decision" else metric.code
        if metric.library is not None and metric.library[1] in code:
            writer.use(*metric.library)


def _several(writer: Writer, evaluation: EvaluationData, *, short: bool) -> None:
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    labels = evaluation.reading.classes.tolist()
    if evaluation.reading.coded:
        labels = list(range(len(labels)))
    writer.assign("labels", writer.expression(labels))
    if not short:
        names = evaluation.scored.parts.task.target.names
        writer.assign("recall_of", writer.expression([f"recall[{name}]" for name in names]))
        if evaluation.few_groups is None:
            write_several(writer, evaluation)
    _write_scores(writer, evaluation, scores_code.wide(evaluation.fits))
    writer.use("sklearn.preprocessing", "label_binarize")
    writer.add("    is_train = label_binarize(y_train, classes=labels)")
    _write_out_of_fold(writer, evaluation)
    if short:
        writer.add("    is_test = label_binarize(y_test, classes=labels)", *_SHORT)
        return
    _write_figures_of_several(writer, evaluation)


def _write_figures_of_several(writer: Writer, evaluation: EvaluationData) -> None:
    _use(writer, "ranking", "decision", several=True)
    writer.use("sklearn.metrics", "recall_score")
    figures = {metric.name: metric.code for metric in rows("ranking")}
    figures |= {metric.name: metric.code_of_classes for metric in rows("decision", several=True)}
    writer.add(
        "    is_test = label_binarize(y_test, classes=labels)",
        "    true, told = is_test.argmax(axis=1), score.argmax(axis=1)",
        "    recalls = recall_score(",
        "        true, told, labels=range(len(labels)), average=None, zero_division=0",
        "    )",
        "    there = is_test.any(axis=0)",
        "    row = rows[name] = {",
        *interval_code.entries(figures).splitlines(),
        '        "average_precision_cv": out_of_fold,',
        "        **dict(zip(recall_of, recalls)),",
        "    }",
    )
    if evaluation.scored.is_probability:
        losses = {metric.name: metric.formula_of_classes for metric in rows("probability", several=True)}
        writer.add(
            "    eps = np.finfo(float).eps",
            "    own = np.clip((score * is_test).sum(axis=1), eps, 1 - eps)",
            "    squares = np.square(score - is_test).sum(axis=1)",
            "    loss = {",
            *interval_code.entries(losses).splitlines(),
            "    }",
            "    row |= {key: each.mean() for key, each in loss.items()}",
        )
    if evaluation.few_groups is None:
        write_several_ends(writer, evaluation)
    writer.add("print(pd.DataFrame(rows).T.to_string())")
