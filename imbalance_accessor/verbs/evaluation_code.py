"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imbalance_accessor.models import NAMED, Estimator, is_search, needs_codes
from imbalance_accessor.present import recipe
from imbalance_accessor.present.recipe import name_of
from imbalance_accessor.present.result import Style
from imbalance_accessor.present.snippets import Group, Snippet, Writer, code_of, quoted
from imbalance_accessor.strategies import NAMES, fit_params
from imbalance_accessor.task import Columns
from imbalance_accessor.verbs.split import write_parts

if TYPE_CHECKING:
    from imbalance_accessor.verbs.evaluation import Evaluation

_BEST_CUT = '''
def best_cut(y, score):
    """The cut with the best {name}: flag when score >= cut; ties flag fewest."""
    order = np.argsort(-score, kind="stable")
    y, score = y[order], score[order]
    last = np.r_[score[1:] != score[:-1], True]  # a cut stands between distinct scores
    tp = np.r_[0, np.cumsum(y)[last]]
    fp = np.r_[0, np.cumsum(~y)[last]]
    {rest}
    value = {formula}
    best = np.flatnonzero(value >= value.max() * (1 - 1e-14))[0]
    return np.r_[np.inf, score[last]][best]
'''
_FORMULAS = {
    "f1": "2 * tp / (2 * tp + fp + fn)",
    "accuracy": "(tp + tn) / len(y)",
    "balanced_accuracy": "(tp / (tp + fn) + tn / (tn + fp)) / 2",
    "g_mean": "np.sqrt(tp / (tp + fn) * tn / (tn + fp))",
    "mcc": "(tp * tn - fp * fn) / np.sqrt(\n"
    "        np.maximum((tp + fp) * (tn + fn), 1.0) * float((tp + fn)[0] * (tn + fp)[0])\n    )",
}


def write(evaluation: Evaluation, style: Style) -> Snippet:
    """Write the comparison as a program; the short style has the out-of-fold ranking alone."""
    writer = Writer()
    _write_data(writer, evaluation)
    recipe.write_folds(
        writer, evaluation.scored.parts, evaluation.scored.folds, evaluation.settings.random_state
    )
    writer.add("")
    if evaluation.reading.model.fitted:
        writer.add("# model is the fitted classifier that you passed")
    _write_strategies(writer, evaluation, short=style == "short")
    body = _binary if evaluation.is_binary else _several
    body(writer, evaluation, short=style == "short")
    return writer.text()


def _write_data(writer: Writer, evaluation: Evaluation) -> None:
    scored, reading = evaluation.scored, evaluation.reading
    target = scored.parts.task.target
    write_parts(writer, scored.parts, reading.names, plain=not reading.as_is)
    recipe.write_outcome(writer, target)
    if reading.coded and not target.is_one_vs_rest:
        codes = {label: code for code, label in enumerate(target.classes)}
        writer.assign("codes", writer.expression(codes))
        writer.add("y_train, y_test = y_train.map(codes), y_test.map(codes)")


def _write_strategies(writer: Writer, evaluation: Evaluation, *, short: bool) -> None:
    if evaluation.reading.model.fitted:
        writer.add('strategies = {"none": model}')
        return
    kept = {"none", evaluation.best} if short else set(evaluation.plans)
    once = evaluation.scored.once
    plans = {name: plan.estimator for name, plan in evaluation.plans.items() if name in once and name in kept}
    _name_shared(writer, evaluation.scored.parts.task.columns, list(plans.values()))
    parts = [(f"{quoted(name)}: ", writer.expression(estimator)) for name, estimator in plans.items()]
    writer.add("# samplers stand inside the pipelines: they never see the rows that are scored")
    writer.assign("strategies", Group("{", tuple(parts), "}"))


def _name_shared(writer: Writer, columns: Columns, estimators: list[Estimator]) -> None:
    """Give names to lists of columns and to steps that several pipelines share."""
    text = "".join(code_of(estimator) for estimator in estimators)
    for variable, names in (("numeric", columns.numeric), ("categorical", columns.categorical)):
        if text.count(code_of(list(names))) > 1 and names:
            writer.name(variable, list(names))
    uses: dict[str, list[tuple[str, Estimator]]] = {}
    for estimator in estimators:
        pipeline = estimator.estimator if is_search(estimator) else estimator
        for name, step in getattr(pipeline, "steps", []):
            if hasattr(step, "transform"):
                uses.setdefault(code_of(step), []).append((name, step))
    taken: dict[str, int] = {}
    for shared in (steps for steps in uses.values() if len(steps) > 1 and steps[0][0].isidentifier()):
        name, step = shared[0]
        taken[name] = count = taken.get(name, 0) + 1
        writer.name(name if count == 1 else f"{name}_{count}", step)


def _weights(writer: Writer, evaluation: Evaluation) -> tuple[str, str]:
    """Write sample weights where the classifier takes weights no other way."""
    y = evaluation.reading.labels(evaluation.scored.train_codes)
    given = {
        name: list(fit_params(plan.strategy, evaluation.reading.model, y))
        for name, plan in evaluation.plans.items()
        if name in evaluation.judged
    }
    weighted = {name: keys[0] for name, keys in given.items() if keys}
    if not weighted:
        return "", ""
    writer.use("sklearn.utils.class_weight", "compute_sample_weight")
    writer.add('weight = compute_sample_weight("balanced", y_train)')
    inner = ", ".join(f'{quoted(name)}: {{"{key}": weight}}' for name, key in weighted.items())
    writer.add(f"given = {{{inner}}}")
    return ", params=weights", ", **weights"


def _method(evaluation: Evaluation) -> str:
    return "predict_proba" if evaluation.scored.is_probability else "decision_function"


def _write_scores(writer: Writer, evaluation: Evaluation, column: str, *, short: bool) -> None:
    params, fit = _weights(writer, evaluation)
    method = _method(evaluation)
    writer.add("rows = {}", "for name, pipeline in strategies.items():")
    if params:
        writer.add("    weights = given.get(name, {})")
    if evaluation.reading.model.fitted:
        writer.add(f"    oof = pipeline.{method}(X_train){column}")
        if not short:
            writer.add(f"    score = pipeline.{method}(X_test){column}")
        return
    if (evaluation.scored.folds.ids >= 0).all() and _all_named(evaluation):
        writer.use("sklearn.model_selection", "cross_val_predict")
        writer.add(
            "    oof = cross_val_predict(",
            f'        pipeline, X_train, y_train, cv=folds, method="{method}"{params}',
            f"    ){column}",
        )
    else:
        writer.use("sklearn.base", "clone")
        shape = (
            "len(y_train)"
            if evaluation.is_binary
            else f"(len(y_train), {len(evaluation.scored.parts.task.target.classes)})"
        )
        given = ", **part" if fit else ""
        writer.add(f"    oof = np.full({shape}, np.nan)", "    for seen, held in folds:")
        if fit:
            writer.add("        part = {key: w[seen] for key, w in weights.items()}")
        writer.add(
            "        X_seen, y_seen = X_train.iloc[seen], y_train.iloc[seen]",
            f"        fitted = clone(pipeline).fit(X_seen, y_seen{given})",
            f"        oof[held] = fitted.{method}(X_train.iloc[held]){column}",
        )
    if not short:
        writer.add(
            f"    pipeline.fit(X_train, y_train{fit})", f"    score = pipeline.{method}(X_test){column}"
        )


def _binary(writer: Writer, evaluation: Evaluation, *, short: bool) -> None:
    target, scored = evaluation.scored.parts.task.target, evaluation.scored
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    label = name_of(target.pos_label)
    if evaluation.reading.coded and not target.is_one_vs_rest:
        label = repr(scored.positive)
    column = f"[:, {scored.positive}]{_wide(evaluation)}" if scored.is_probability else ""
    if target.is_one_vs_rest:
        writer.add("is_train, is_test = y_train.to_numpy(), y_test.to_numpy()")
    else:
        writer.add(
            f"is_train = (y_train == {label}).to_numpy()",
            f"is_test = (y_test == {label}).to_numpy()",
        )
    if not short:
        criterion = evaluation.settings.criterion
        writer.add("", *_best_cut(criterion).splitlines(), "", "")
    _write_scores(writer, evaluation, column, short=short)
    if not scored.is_probability and scored.positive == 0:
        writer.add("    oof = -oof  # margins point to the second label")
        writer.add(*([] if short else ["    score = -score"]))
    writer.use("sklearn.metrics", "average_precision_score")
    writer.add("    by_fold = [average_precision_score(is_train[f], oof[f]) for _, f in folds]")
    if short:
        writer.add('    rows[name] = {"average_precision_cv": np.mean(by_fold)}')
        writer.add("print(pd.DataFrame(rows).T)")
        return
    _write_figures(writer, evaluation)


def _write_figures(writer: Writer, evaluation: Evaluation) -> None:
    scored = evaluation.scored
    writer.use(
        "sklearn.metrics",
        "accuracy_score",
        "balanced_accuracy_score",
        "f1_score",
        "matthews_corrcoef",
        "precision_score",
        "recall_score",
        "roc_auc_score",
    )
    writer.use("imblearn.metrics", "geometric_mean_score")
    some = "" if (scored.folds.ids >= 0).all() else "[~np.isnan(oof)]"
    writer.add(f"    cut = best_cut(is_train{some}, oof{some})")
    writer.add(
        "    row = rows[name] = {",
        '        "average_precision": average_precision_score(is_test, score),',
        '        "average_precision_cv": np.mean(by_fold),',
        '        "roc_auc": roc_auc_score(is_test, score),',
        '        "cut": cut,',
        "    }",
    )
    if scored.is_probability:
        writer.use("sklearn.metrics", "brier_score_loss", "log_loss")
        writer.add(
            '    row["brier"] = brier_score_loss(is_test, score)',
            '    row["log_loss"] = log_loss(is_test, score)',
            '    row["mean_probability"] = score.mean()',
        )
    writer.add(
        f'    for suffix, at in {{"": {scored.default_cut!r}, "_tuned": cut}}.items():',
        "        flag = score >= at",
        '        row["precision" + suffix] = precision_score(is_test, flag, zero_division=0)',
        '        row["recall" + suffix] = recall_score(is_test, flag)',
        '        row["f1" + suffix] = f1_score(is_test, flag)',
        '        row["mcc" + suffix] = matthews_corrcoef(is_test, flag)',
        '        row["balanced_accuracy" + suffix] = balanced_accuracy_score(is_test, flag)',
        '        row["g_mean" + suffix] = geometric_mean_score(is_test, flag)',
        '        row["accuracy" + suffix] = accuracy_score(is_test, flag)',
        "print(pd.DataFrame(rows).T.to_string())",
    )


def _all_named(evaluation: Evaluation) -> bool:
    """Whether no object of the user's own is fitted: ``cross_val_predict`` hands those codes in place of labels."""
    return evaluation.reading.model.name in NAMED and all(name in NAMES for name in evaluation.judged)


def _wide(evaluation: Evaluation) -> str:
    """Widen scores that come in single precision, so that the metrics add them up as we do."""
    return ".astype(float)" if needs_codes(evaluation.reading.model) else ""


def _best_cut(criterion: str) -> str:
    formula = _FORMULAS[criterion]
    names = {"fn": "fn = y.sum() - tp", "tn": "tn = (~y).sum() - fp"}
    rest = [line for name, line in names.items() if name in formula]
    return _BEST_CUT.format(name=criterion, formula=formula, rest="\n    ".join(rest))


def _several(writer: Writer, evaluation: Evaluation, *, short: bool) -> None:
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    _write_scores(writer, evaluation, _wide(evaluation), short=short)
    labels = evaluation.reading.classes.tolist()
    if evaluation.reading.coded:
        labels = list(range(len(labels)))
    writer.use("sklearn.metrics", "average_precision_score")
    writer.use("sklearn.preprocessing", "label_binarize")
    writer.add(
        f"    labels = {labels!r}",
        "    is_train = label_binarize(y_train, classes=labels)",
        "    by_fold = [average_precision_score(is_train[f], oof[f]) for _, f in folds]",
    )
    if short:
        writer.add('    rows[name] = {"average_precision_cv": np.mean(by_fold)}')
        writer.add("print(pd.DataFrame(rows).T)")
        return
    writer.use("sklearn.metrics", "accuracy_score", "balanced_accuracy_score", "f1_score")
    writer.use("sklearn.metrics", "matthews_corrcoef", "precision_score", "recall_score", "roc_auc_score")
    writer.add(
        "    is_test = label_binarize(y_test, classes=labels)",
        "    said = np.array(labels)[score.argmax(axis=1)]",
        "    rows[name] = {",
        '        "average_precision": average_precision_score(is_test, score),',
        '        "average_precision_cv": np.mean(by_fold),',
        '        "roc_auc": roc_auc_score(is_test, score),',
        '        "precision": precision_score(y_test, said, average="macro", zero_division=0),',
        '        "recall": recall_score(y_test, said, average="macro", zero_division=0),',
        '        "f1": f1_score(y_test, said, average="macro", zero_division=0),',
        '        "mcc": matthews_corrcoef(y_test, said),',
        '        "balanced_accuracy": balanced_accuracy_score(y_test, said),',
        '        "accuracy": accuracy_score(y_test, said),',
        "    }",
    )
    if evaluation.scored.is_probability:
        if _wide(evaluation):  # single-precision rows miss a sum of 1 by more than scikit-learn lets pass
            writer.add("    true = np.clip((score * is_test).sum(axis=1), 1e-15, 1)")
            writer.add('    rows[name]["log_loss"] = -np.log(true).mean()')
        else:
            writer.use("sklearn.metrics", "log_loss")
            writer.add('    rows[name]["log_loss"] = log_loss(y_test, score, labels=labels)')
        writer.add('    rows[name]["brier"] = np.square(score - is_test).sum(axis=1).mean()')
    writer.add("print(pd.DataFrame(rows).T.to_string())")
