"""The code of `weights`: the same weights in plain numpy and scikit-learn, and in each library's dialect."""

from __future__ import annotations

import math
from typing import Any

from imbalance_accessor.data.target import Target
from imbalance_accessor.errors import OptionError
from imbalance_accessor.rendering.result import Style, check_library
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Snippet, Writer
from imbalance_accessor.verbs.shared.snippet_data import positive_rows
from imbalance_accessor.verbs.shared.snippet_table_rows import in_order, write_table_rows
from imbalance_accessor.verbs.shared.snippet_weighed_labels import write_weighed_labels
from imbalance_accessor.verbs.weights.fields import ClassWeightsData

#: Rows of the rarest class from which an isotonic calibrator has enough to learn from; fewer leave it to a sigmoid.
_ISOTONIC_FROM = 100
#: Libraries of boosted trees, whose probabilities no formula sets right.
BOOSTING = ("xgboost", "lightgbm", "catboost")
#: Libraries that the weights can be written for, each with a template of its name in ``dialects``.
LIBRARIES = ("sklearn", *BOOSTING, "pytorch", "keras")


def write(weights: ClassWeightsData, style: Style, library: object) -> Snippet:
    """Write the weights as a program; the short style ends with them, the full one undoes what they do to probabilities."""
    name, target, writer = check_library(library, LIBRARIES), weights.target, Writer()
    by_rows = weights.method == "balanced" or target.is_one_vs_rest
    if name != "sklearn" and target.is_binary and not by_rows:
        _check_ratio(weights)
    if not weights.weighed.engine:
        write_weighed_labels(writer, weights.weighed, in_frame=weights._in_frame)
    elif weights.method != "own" or (by_rows and name != "sklearn"):
        write_table_rows(writer, weights.weighed)
    write_template(
        writer,
        "weights/program.py.j2",
        **weight_values(weights),
        **_outcome(target),
        **_calibrator(target, name),
        library=name,
        by_rows=by_rows,
        boosted=name in BOOSTING,
        shift=_shift(weights, name) if style == "full" else None,
    )
    return writer.text()


def weight_values(weights: ClassWeightsData) -> dict[str, Any]:
    """Return what the template of ``class_weight`` reads."""
    target = weights.target
    return {
        "target": target,
        "codes": {label: code for code, label in enumerate(target.classes)},
        "weights": dict(weights),
        "method": weights.method,
        "beta": weights.beta,
        "weighted": weights.weighed.sums is not None,
        "engine": weights.weighed.engine,
        "in_order": in_order(target),
    }


def _outcome(target: Target) -> dict[str, Any]:
    """Return which rows are positive, and a table that says it where a comparison would be too long."""
    if not target.is_binary:
        return {}
    side = positive_rows(target, "y", dtype=str(target.labels.dtype))
    if target.fitted_by_code:
        side = f"codes == {target.positive}"
    is_long = len(f"outcome = ({side}).astype(int)") > CODE_WIDTH
    sides = {label: int(label == target.pos_label) for label in target.classes}
    return {"side": side, "sides": sides if is_long else {}}


def _check_ratio(weights: ClassWeightsData) -> None:
    unread = [label for label, weight in weights.items() if weight == 0]
    if unread:
        raise OptionError(
            f"Rows of {unread[0]!r} weigh 0, so that no ratio of weights can be written. Use .sample_weight, or "
            'library="sklearn".',
        )


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


def _calibrator(target: Target, library: str) -> dict[str, Any]:
    """Return what a calibrator around the weighted model is given, which learns without weights."""
    rare = int(target.rows.min())
    fitted_on = "outcome" if target.is_binary else "codes" if target.fitted_by_code else "y"
    # sample weights would reach the calibrator too; new versions of CatBoost cannot be cloned with a dict
    frozen = library in {"xgboost", "catboost"} and not target.is_binary
    return {
        "fitted_on": "codes" if frozen and library == "xgboost" else fitted_on,
        "frozen": frozen,
        "calibrator": "isotonic" if rare >= _ISOTONIC_FROM else "sigmoid",
        "cv": min(5, max(rare, 2)),
    }
