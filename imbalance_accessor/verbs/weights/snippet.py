"""The code of `weights`: the same weights in plain numpy and scikit-learn, and in each library's dialect."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from imbalance_accessor.data.target import Target
from imbalance_accessor.errors import OptionError
from imbalance_accessor.rendering.result import Style, check_library
from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Snippet, Writer
from imbalance_accessor.verbs.shared.snippet_data import name_of
from imbalance_accessor.verbs.shared.snippet_weighed_labels import write_weighed_labels
from imbalance_accessor.verbs.weights.fields import ClassWeightsData

#: Rows of the rarest class from which an isotonic calibrator has enough to learn from; fewer leave it to a sigmoid.
_ISOTONIC_FROM = 100
#: Libraries of boosted trees, whose probabilities no formula sets right.
BOOSTING = ("xgboost", "lightgbm", "catboost")
#: What makes ``values`` of the classes' ``rows``, by method.
_FORMULAS = {
    "balanced": ["values = rows.sum() / (len(rows) * rows)"],
    "sqrt": ["values = np.sqrt(rows.sum() / (len(rows) * rows))"],
    "effective": ["raw = (1 - beta) / (1 - beta**rows)", "values = raw / raw.sum() * len(rows)"],
}


@dataclass(frozen=True)
class _Dialect:
    """How a library takes weights: what it imports, and the lines for two classes and for several.

    Several classes go by a vector in the order of their codes, or by whatever stands in place of ``{by_class}``.
    """

    imports: tuple[str, ...]
    two: tuple[str, ...]
    several: tuple[str, ...]
    takes_vector: bool = False


_DIALECTS = {
    "sklearn": _Dialect(
        ("sklearn.linear_model", "LogisticRegression"),
        two=(),
        several=("model = LogisticRegression(class_weight={by_class}, max_iter=1000)",),
    ),
    "xgboost": _Dialect(
        ("xgboost", "XGBClassifier"),
        two=("model = XGBClassifier(scale_pos_weight=pos_weight)",),
        several=(
            "sample_weight = codes.map(dict(enumerate(weight_vector)))",
            "model = XGBClassifier()  # model.fit(X, codes, sample_weight=sample_weight)",
        ),
        takes_vector=True,
    ),
    "lightgbm": _Dialect(
        ("lightgbm", "LGBMClassifier"),
        two=("model = LGBMClassifier(scale_pos_weight=pos_weight)",),
        several=("model = LGBMClassifier(class_weight={by_class})",),
    ),
    "catboost": _Dialect(
        ("catboost", "CatBoostClassifier"),
        two=("model = CatBoostClassifier(scale_pos_weight=pos_weight, verbose=False)",),
        several=("model = CatBoostClassifier(class_weights={by_class}, verbose=False)",),
    ),
    "pytorch": _Dialect(
        ("torch",),
        two=("loss = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(pos_weight))",),
        several=("loss = torch.nn.CrossEntropyLoss(weight=torch.tensor(weight_vector))",),
        takes_vector=True,
    ),
    "keras": _Dialect(
        (),
        two=(
            "weight_by_code = {0: 1.0, 1: pos_weight}",
            "# model.fit(X, outcome, class_weight=weight_by_code), with a sigmoid at the end",
        ),
        several=(
            "weight_by_code = dict(enumerate(weight_vector))",
            "# model.fit(X, codes, class_weight=weight_by_code), with a softmax at the end",
        ),
        takes_vector=True,
    ),
}
#: Libraries whose parameter the weights can be written for.
LIBRARIES = tuple(_DIALECTS)


def write(weights: ClassWeightsData, style: Style, library: object) -> Snippet:
    """Write the weights as a program; the short style ends with them, the full one undoes what they do to probabilities."""
    name = check_library(library, LIBRARIES)
    writer = Writer()
    write_weighed_labels(writer, weights.weighed, in_frame=weights._in_frame)
    write_weights(writer, weights)
    _write_model(writer, weights, name)
    writer.add("print(class_weight)")
    if style == "full":
        _write_undone(writer, weights, name)
    return writer.text()


def write_weights(writer: Writer, weights: ClassWeightsData) -> None:
    """Write ``class_weight``, by label; labels that have no order of their own are counted by their codes."""
    target, labels, by = weights.target, "y", "labels.tolist()"
    if target.fitted_by_code:
        labels, by = "codes", "code_of"
        label_codes = {label: code for code, label in enumerate(target.classes)}
        writer.assign("code_of", writer.expression(label_codes))
        writer.add("codes = y.map(code_of).astype(int)")
    if weights.method == "own":
        writer.assign("class_weight", writer.expression(dict(weights)))
        return
    writer.use_module("numpy", "np")
    weighted = weights.weighed.own is not None
    if weights.method == "balanced" and not weighted:
        writer.use("sklearn.utils.class_weight", "compute_class_weight")
        writer.add(
            f"labels = np.unique({labels})",
            f'values = compute_class_weight("balanced", classes=labels, y={labels})',
        )
    else:
        writer.add(*([f"beta = {weights.beta!r}"] if weights.method == "effective" else []))
        rows = [f"labels, rows = np.unique({labels}, return_counts=True)"]
        if weighted:
            rows = [f"labels, places = np.unique({labels}, return_inverse=True)"]
            rows += ["rows = np.bincount(places, sample_weight)"]
        writer.add(*rows, *_FORMULAS[weights.method])
    writer.add(f"class_weight = dict(zip({by}, values.tolist()))")


def _write_outcome(writer: Writer, weights: ClassWeightsData) -> None:
    """Write the outcome as 0 and 1, and how many negatives a positive weighs as much as."""
    target = weights.target
    writer.add("", "# what the model is fitted on")
    line = f"outcome = (y == {name_of(target.pos_label)}).astype(int)"
    if target.fitted_by_code:
        line = f"outcome = (codes == {target.positive}).astype(int)"
    if len(line) > CODE_WIDTH:
        sides = {label: int(label == target.pos_label) for label in target.classes}
        writer.assign("sides", writer.expression(sides))
        line = "outcome = y.map(sides).astype(int)"
    writer.add(line)
    if weights.method == "balanced" or target.is_one_vs_rest:
        side = "(outcome == {}).sum()"
        if weights.weighed.own is not None:
            side = "sample_weight[outcome == {}].sum()"
        writer.add(f"pos_weight = float({side.format(0)} / {side.format(1)})")
        return
    unread = [label for label, weight in weights.items() if weight == 0]
    if unread:
        raise OptionError(
            f"Rows of {unread[0]!r} weigh 0, so that no ratio of weights can be written. Use .sample_weight, or "
            'library="sklearn".',
        )
    writer.add(*_ratio(target))


def _ratio(target: Target) -> tuple[str, str]:
    sides = "negative, positive" if target.positive == 1 else "positive, negative"
    return f"{sides} = class_weight.values()", "pos_weight = positive / negative"


def _write_model(writer: Writer, weights: ClassWeightsData, library: str) -> None:
    """Write what the library makes of the weights."""
    dialect, target = _DIALECTS[library], weights.target
    if target.is_binary and dialect.two:
        _write_outcome(writer, weights)
        lines: Iterable[str] = dialect.two
    else:
        by_class = _write_by_class(writer, target, dialect)
        lines = (line.replace("{by_class}", by_class) for line in dialect.several)
    if weights.weighed.own is not None:  # the line of several classes makes weights of rows
        lines = (line.replace("sample_weight = ", "sample_weight = sample_weight * ") for line in lines)
    if len(dialect.imports) == 1:
        writer.use_module(*dialect.imports)
    elif dialect.imports:
        writer.use(*dialect.imports)
    writer.add(*lines)


def _write_by_class(writer: Writer, target: Target, dialect: _Dialect) -> str:
    """Write the weights of several classes by what a model is fitted on, and return their name."""
    writer.add("")
    if not dialect.takes_vector and not target.fitted_by_code:
        return "class_weight"
    if not dialect.takes_vector:
        writer.add("weight_by_code = dict(enumerate(class_weight.values()))  # fit it on codes")
        return "weight_by_code"
    if not target.fitted_by_code:
        writer.add("codes = y.map({label: code for code, label in enumerate(class_weight)}).astype(int)")
    writer.add("weight_vector = list(class_weight.values())  # in the order of the codes")
    return "weight_vector"


def _write_undone(writer: Writer, weights: ClassWeightsData, library: str) -> None:
    """Write what gives probabilities of real rows back, where weights have shifted them."""
    shift = _shift(weights, library)
    if shift is None:
        return
    writer.add("", "", f"# weights shift probabilities: {shift}")
    if library in BOOSTING:
        _write_calibrator(writer, weights, library)
        return
    writer.add(
        "# this undoes it, exactly where a flexible model minimises the weighted log loss;",
        "# other models need a calibrator",
    )
    target = weights.target
    if not target.is_binary or (target.is_one_vs_rest and library == "sklearn"):
        writer.use_module("numpy", "np")
        writer.add(
            "def unweighted(p):  # p: predict_proba, columns in the order of class_weight",
            "    shares = p / np.array(list(class_weight.values()))",
            "    return shares / shares.sum(axis=1, keepdims=True)",
        )
        return
    writer.add("def unweighted(p):  # p: the probability of the positive class")
    if library == "sklearn":
        writer.add(*(f"    {line}" for line in _ratio(target)))
    writer.add("    return p / (p + (1 - p) * pos_weight)")


def _shift(weights: ClassWeightsData, library: str) -> str | None:
    """Say which way a weighted model errs; None where it does not, or where weights of 0 leave nothing to undo."""
    target = weights.target
    if target.is_one_vs_rest and library != "sklearn":  # these go by rows, whatever the weights of the others
        factor = weights.scale_pos_weight
    elif min(weights.values()) == 0:
        return None
    elif target.is_binary and not target.is_one_vs_rest:
        positive = weights[target.pos_label]
        factor = positive / next(each for label, each in weights.items() if label != target.pos_label)
    else:
        alike = math.isclose(min(weights.values()), max(weights.values()), rel_tol=1e-9)
        return None if alike else "classes of large weights get more than is true"
    if math.isclose(factor, 1, rel_tol=1e-9):
        return None
    return f"the positive class gets {'more' if factor > 1 else 'less'} than is true"


def _write_calibrator(writer: Writer, weights: ClassWeightsData, library: str) -> None:
    """Write a calibrator around the weighted model, which learns without weights."""
    target = weights.target
    rare = int(target.rows.min())
    method = "isotonic" if rare >= _ISOTONIC_FROM else "sigmoid"
    given = f'method="{method}", cv={min(5, max(rare, 2))}'
    writer.use("sklearn.calibration", "CalibratedClassifierCV")
    writer.add("# boosted trees have no closed-form correction: calibrate without weights")
    fitted_on = "outcome" if target.is_binary else "codes" if target.fitted_by_code else "y"
    # sample weights would reach the calibrator too; new versions of CatBoost cannot be cloned with a dict
    if library in {"xgboost", "catboost"} and not target.is_binary:
        fitted_on = "codes" if library == "xgboost" else fitted_on
        writer.use("sklearn.frozen", "FrozenEstimator")
        writer.add(
            f"# model.fit(...) on some rows, calibrated.fit(X, {fitted_on}) on others",
            f"calibrated = CalibratedClassifierCV(FrozenEstimator(model), {given})",
        )
        return
    writer.add(
        f"# calibrated.fit(X, {fitted_on}) in place of model.fit",
        f"calibrated = CalibratedClassifierCV(model, {given})",
    )
