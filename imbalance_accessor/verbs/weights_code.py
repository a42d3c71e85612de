"""The code of `weights`: the same weights in plain numpy and scikit-learn, and in each library's dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from imbalance_accessor.errors import one_of
from imbalance_accessor.present.recipe import name_of, write_labels
from imbalance_accessor.present.result import Style
from imbalance_accessor.present.snippets import Snippet, Writer, laid_out

if TYPE_CHECKING:
    from imbalance_accessor.verbs.weights import ClassWeights

#: Libraries whose parameter the weights can be written for.
LIBRARIES = ("sklearn", "xgboost", "lightgbm", "catboost", "pytorch", "keras")


def write(weights: ClassWeights, style: Style, library: object) -> Snippet:
    """Write the weights as a program; the short style ends with them, the full one undoes what they do to probabilities."""
    name = one_of("library", library, LIBRARIES)
    writer = Writer()
    write_labels(writer, weights.target, in_frame=weights._in_frame)
    _FORMULAS.get(weights.method, _write_own)(writer, weights)
    two_sides = weights.target.is_binary
    if two_sides and name != "sklearn":
        _write_outcome(writer, weights)
    (_TWO_SIDES if two_sides else _SEVERAL)[name](writer)
    writer.add("print(class_weight)")
    if style == "full":
        _write_undone(writer, weights, with_ratio=name == "sklearn")
    return writer.text()


def _write_balanced(writer: Writer, weights: ClassWeights) -> None:  # noqa: ARG001
    writer.use_module("numpy", "np")
    writer.use("sklearn.utils.class_weight", "compute_class_weight")
    writer.add(
        "labels = np.unique(y)",
        'values = compute_class_weight("balanced", classes=labels, y=y)',
        "class_weight = dict(zip(labels.tolist(), values.tolist()))",
    )


def _write_sqrt(writer: Writer, weights: ClassWeights) -> None:  # noqa: ARG001
    writer.use_module("numpy", "np")
    writer.add(
        "labels, rows = np.unique(y, return_counts=True)",
        "values = np.sqrt(rows.sum() / (len(rows) * rows))",
        "class_weight = dict(zip(labels.tolist(), values.tolist()))",
    )


def _write_effective(writer: Writer, weights: ClassWeights) -> None:
    writer.use_module("numpy", "np")
    writer.add(
        f"beta = {weights.beta!r}",
        "labels, rows = np.unique(y, return_counts=True)",
        "raw = (1 - beta) / (1 - beta**rows)",
        "values = raw / raw.sum() * len(rows)",
        "class_weight = dict(zip(labels.tolist(), values.tolist()))",
    )


def _write_own(writer: Writer, weights: ClassWeights) -> None:
    writer.add(f"class_weight = {laid_out(writer.expression(dict(weights)), before=15)}")


_FORMULAS: dict[str, Callable[[Writer, ClassWeights], None]] = {
    "balanced": _write_balanced,
    "sqrt": _write_sqrt,
    "effective": _write_effective,
}


def _write_outcome(writer: Writer, weights: ClassWeights) -> None:
    """Write the outcome as 0 and 1, and how many negatives a positive weighs as much as."""
    target = weights.target
    label = name_of(target.pos_label)
    writer.add("", f"outcome = (y == {label}).astype(int)  # what the model is fitted on")
    if weights.method == "balanced" or target.is_one_vs_rest:
        writer.add("pos_weight = float((outcome == 0).sum() / (outcome == 1).sum())")
        return
    other = next(each for each in target.classes if each != target.pos_label)
    writer.add(f"pos_weight = class_weight[{label}] / class_weight[{name_of(other)}]")


def _sklearn(writer: Writer) -> None:
    writer.use("sklearn.linear_model", "LogisticRegression")
    writer.add("", "model = LogisticRegression(class_weight=class_weight, max_iter=1000)")


def _xgboost(writer: Writer) -> None:
    writer.use("xgboost", "XGBClassifier")
    writer.add("model = XGBClassifier(scale_pos_weight=pos_weight)  # fit it on outcome")


def _lightgbm(writer: Writer) -> None:
    writer.use("lightgbm", "LGBMClassifier")
    writer.add("model = LGBMClassifier(scale_pos_weight=pos_weight)  # fit it on outcome")


def _catboost(writer: Writer) -> None:
    writer.use("catboost", "CatBoostClassifier")
    writer.add("model = CatBoostClassifier(scale_pos_weight=pos_weight, verbose=False)  # fit it on outcome")


def _pytorch(writer: Writer) -> None:
    writer.use_module("torch")
    writer.add("loss = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(pos_weight))")


def _keras(writer: Writer) -> None:
    writer.add(
        "weight_by_code = {0: 1.0, 1: pos_weight}",
        "# model.fit(X, outcome, class_weight=weight_by_code), with a sigmoid at the end",
    )


def _coded(writer: Writer) -> None:
    """Write the labels as numbers, in the order of their weights."""
    writer.add(
        "",
        "codes = y.map({label: code for code, label in enumerate(class_weight)})",
        "weight_vector = list(class_weight.values())  # in the order of the codes",
    )


def _several_xgboost(writer: Writer) -> None:
    _coded(writer)
    writer.use("xgboost", "XGBClassifier")
    writer.add(
        "sample_weight = y.map(class_weight).astype(float)",
        "model = XGBClassifier()  # model.fit(X, codes, sample_weight=sample_weight)",
    )


def _several_lightgbm(writer: Writer) -> None:
    writer.use("lightgbm", "LGBMClassifier")
    writer.add("", "model = LGBMClassifier(class_weight=class_weight)")


def _several_catboost(writer: Writer) -> None:
    writer.use("catboost", "CatBoostClassifier")
    writer.add("", "model = CatBoostClassifier(class_weights=class_weight, verbose=False)")


def _several_pytorch(writer: Writer) -> None:
    _coded(writer)
    writer.use_module("torch")
    writer.add("loss = torch.nn.CrossEntropyLoss(weight=torch.tensor(weight_vector))")


def _several_keras(writer: Writer) -> None:
    _coded(writer)
    writer.add(
        "weight_by_code = dict(enumerate(weight_vector))",
        "# model.fit(X, codes, class_weight=weight_by_code), with a softmax at the end",
    )


_Dialect = dict[str, Callable[[Writer], None]]
_TWO_SIDES: _Dialect = {
    "sklearn": _sklearn,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
    "pytorch": _pytorch,
    "keras": _keras,
}
_SEVERAL: _Dialect = {
    "sklearn": _sklearn,
    "xgboost": _several_xgboost,
    "lightgbm": _several_lightgbm,
    "catboost": _several_catboost,
    "pytorch": _several_pytorch,
    "keras": _several_keras,
}


def _write_undone(writer: Writer, weights: ClassWeights, *, with_ratio: bool) -> None:
    """Write what gives probabilities of real rows back: the odds are weighted, or each class's share is."""
    writer.add(
        "", "", "# weights shift probabilities: a weighted model says more than is true; this undoes it"
    )
    target = weights.target
    if not target.is_binary or (target.is_one_vs_rest and with_ratio):
        writer.use_module("numpy", "np")
        writer.add(
            "def unweighted(p):  # p: predict_proba, columns in the order of class_weight",
            "    shares = p / np.array(list(class_weight.values()))",
            "    return shares / shares.sum(axis=1, keepdims=True)",
        )
        return
    writer.add("def unweighted(p):  # p: the probability of the positive class")
    if with_ratio:
        second = target.positive == 1
        writer.add(
            "    first, second = class_weight.values()",
            f"    pos_weight = {'second / first' if second else 'first / second'}",
        )
    writer.add("    return p / (p + (1 - p) * pos_weight)")
