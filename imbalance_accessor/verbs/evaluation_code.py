"""The code of an `Evaluation`: plain scikit-learn and imbalanced-learn that gives the same points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imbalance_accessor.models import needs_codes
from imbalance_accessor.present import recipe
from imbalance_accessor.present.recipe import name_of
from imbalance_accessor.present.result import Style
from imbalance_accessor.present.snippets import Group, Node, Snippet, Writer, quoted
from imbalance_accessor.strategies import fit_params
from imbalance_accessor.verbs.split import write_parts

if TYPE_CHECKING:
    from imbalance_accessor.verbs.evaluation import Evaluation

_BEST_CUT = '''
def best_cut(y, score):
    """The cut with the best {name}; flag when score >= cut; of ties the one that flags fewest."""
    order = np.argsort(-score, kind="stable")
    y, score = y[order], score[order]
    last = np.r_[score[1:] != score[:-1], True]  # a cut stands between distinct scores
    tp = np.r_[0, np.cumsum(y)[last]]
    fp = np.r_[0, np.cumsum(~y)[last]]
    fn, tn = y.sum() - tp, (~y).sum() - fp
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
    if needs_codes(reading.model) and not target.is_one_vs_rest:
        codes = {label: code for code, label in enumerate(target.classes)}
        writer.assign("codes", writer.expression(codes))
        writer.add("y_train, y_test = y_train.map(codes), y_test.map(codes)")


def _write_strategies(writer: Writer, evaluation: Evaluation, *, short: bool) -> None:
    if evaluation.reading.model.fitted:
        writer.add('strategies = {"none": model}')
        return
    kept = {"none", evaluation.best} if short else set(evaluation.plans)
    writer.add(
        "# samplers stand inside the pipelines: they see training rows only, never the rows that are scored"
    )
    parts: list[tuple[str, Node]] = []
    for name, plan in evaluation.plans.items():
        if name not in evaluation.judged or name not in kept:
            continue
        if plan.strategy.same_as in evaluation.judged:
            continue
        parts.append((f"{quoted(name)}: ", writer.expression(plan.estimator)))
    writer.assign("strategies", Group("{", tuple(parts), "}"))


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
    return ", params=given.get(name, {})", ", **given.get(name, {})"


def _method(evaluation: Evaluation) -> str:
    return "predict_proba" if evaluation.scored.is_probability else "decision_function"


def _write_scores(writer: Writer, evaluation: Evaluation, column: str, *, short: bool) -> None:
    params, fit = _weights(writer, evaluation)
    method = _method(evaluation)
    writer.add("rows = {}", "for name, pipeline in strategies.items():")
    if evaluation.reading.model.fitted:
        writer.add(f"    oof = pipeline.{method}(X_train){column}")
        if not short:
            writer.add(f"    score = pipeline.{method}(X_test){column}")
        return
    if (evaluation.scored.folds.ids >= 0).all():
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
            if column
            else f"(len(y_train), {len(evaluation.scored.parts.task.target.classes)})"
        )
        given = fit and ", **{k: v[seen] for k, v in given.get(name, {}).items()}"
        writer.add(
            f"    oof = np.full({shape}, np.nan)",
            "    for seen, held in folds:",
            f"        fitted = clone(pipeline).fit(X_train.iloc[seen], y_train.iloc[seen]{given})",
            f"        oof[held] = fitted.{method}(X_train.iloc[held]){column}",
        )
    if not short:
        writer.add(f"    score = pipeline.fit(X_train, y_train{fit}).{method}(X_test){column}")


def _binary(writer: Writer, evaluation: Evaluation, *, short: bool) -> None:
    target, scored = evaluation.scored.parts.task.target, evaluation.scored
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    label = "True" if target.is_one_vs_rest else name_of(target.pos_label)
    if needs_codes(evaluation.reading.model) and not target.is_one_vs_rest:
        label = repr(scored.positive)
    column = f"[:, {scored.positive}]" if scored.is_probability else ""
    writer.add(f"is_train, is_test = (y_train == {label}).to_numpy(), (y_test == {label}).to_numpy()")
    if not short:
        criterion = evaluation.settings.criterion
        writer.add("", *_BEST_CUT.format(name=criterion, formula=_FORMULAS[criterion]).splitlines(), "", "")
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


def _several(writer: Writer, evaluation: Evaluation, *, short: bool) -> None:
    writer.use_module("numpy", "np")
    writer.use_module("pandas", "pd")
    _write_scores(writer, evaluation, "", short=short)
    labels = evaluation.reading.classes.tolist()
    if needs_codes(evaluation.reading.model):
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
        writer.use("sklearn.metrics", "log_loss")
        writer.add('    rows[name]["log_loss"] = log_loss(y_test, score, labels=labels)')
        writer.add('    rows[name]["brier"] = np.square(score - is_test).sum(axis=1).mean()')
    writer.add("print(pd.DataFrame(rows).T.to_string())")
