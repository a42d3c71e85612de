"""The code of `leaks`: the same checks in plain pandas and scikit-learn."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd
from imblearn.pipeline import Pipeline

from imbalance_accessor.leakage.evidence import SAMPLED_ROWS
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.leaks.demonstration import Demonstration
from imbalance_accessor.verbs.leaks.fields import LeaksData
from imbalance_accessor.verbs.shared import snippet_data
from imbalance_accessor.verbs.shared.snippet_data import write_parts
from imbalance_accessor.verbs.shared.snippet_scores import write_codes
from imbalance_accessor.verbs.shared.snippet_weights import unweighted


def write(result: LeaksData, style: Style) -> Snippet:
    """Write the checks as one program; the short style holds the rows that come again alone."""
    writer, parts = Writer(), result.parts
    target, divided = parts.features.target, bool(len(parts.test))
    names, used = _names(result, style), list(parts.features.columns.used)
    write_parts(writer, parts, names, plain=True)
    if target.needs_codes:
        snippet_data.write_code_map(writer, target)
        coded = ".map(codes).astype(int)"
        write_template(writer, "shared/parts/outcome.py.j2", learned=coded, divided=divided)
    # labels that are codes by then are printed as they read
    named = ".set_axis([*map(str, codes)])" if target.needs_codes else ""
    if style == "short":
        write_template(writer, "leaks/short.py.j2", divided=divided, named=named)
        return writer.text()
    classes = list(range(len(target.classes)) if target.needs_codes else target.classes)
    is_ranked = len(classes) == 2 or target.positive is not None  # two classes are ranked alike
    write_template(
        writer,
        "leaks/full.py.j2",
        divided=divided,
        named=named,
        used=[] if set(names) == set(used) else used,
        classes=classes,
        ranked=[classes[target.focus]] if is_ranked else [],
        most=max(SAMPLED_ROWS // len(classes), 1),
    )
    if result.demonstration is not None:
        _write_orders(writer, result.demonstration)
    return writer.text()


def _names(result: LeaksData, style: Style) -> list[Hashable]:
    """Return the columns that the program holds: features, and in the full style the dates and ids that were measured."""
    features, types = result.parts.features, pd.api.types
    used = features.columns.used
    if style == "short":
        return list(used)
    measured = set(result.alone.index[result.alone["roc_auc"].notna()])
    plain = {
        name
        for name in measured.intersection(features.columns.of_kind("date", "id", "repeated id"))
        if (types.is_datetime64_any_dtype(features.X[name]) or types.is_numeric_dtype(features.X[name]))
        and not isinstance(features.X[name].dtype, pd.ArrowDtype)
    }
    return [name for name in features.X.columns if name in used or name in plain]


def _write_orders(writer: Writer, shown: Demonstration) -> None:
    """Write both orders, of which one is never to be used."""
    plan = shown.plan
    before, sampler, after = shown.steps
    writer.add("")
    _write_rows(writer, shown)
    write_template(
        writer,
        "leaks/orders.py.j2",
        pipeline=unweighted(plan.candidates["smote"].estimator),
        metric="roc_auc" if shown.parts.features.target.is_binary else "roc_auc_ovr",
        before=before,
        sampler=sampler,
        model=Pipeline(after),
        n_folds=len(shown.folds),
        seed=plan.random_state,
    )


def _write_rows(writer: Writer, shown: Demonstration) -> None:
    """Write all rows as ``X_train`` and ``y_train``, a sample of them where there are many, and their folds."""
    features, plan = shown.parts.features, shown.plan
    plain, raw = not plan.reader.as_is, plan.model.reads_raw
    snippet_data.write_labels(writer, features.target, in_frame=features.in_frame, with_features=True)
    snippet_data.write_features(writer, features, plan.reader.names, plain=plain, raw=raw)
    snippet_data.write_split(writer, shown.parts)
    if shown.sampled:
        values = {"size": len(features.codes), "seed": plan.random_state}
        write_template(writer, "leaks/sampled.py.j2", rule=shown.parts.split_by, **values)
    snippet_data.write_outcome(writer, features.target, divided=False)
    if plan.reader.coded:
        write_codes(writer, features.target, divided=False)
    snippet_data.write_folds(writer, shown.parts, shown.folds, plan.random_state)
