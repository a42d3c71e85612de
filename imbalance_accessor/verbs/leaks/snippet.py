"""The code of `leaks`: the same checks in plain pandas and scikit-learn."""

from __future__ import annotations

from imblearn.pipeline import Pipeline

from imbalance_accessor.data.target import Target
from imbalance_accessor.leakage.evidence import SAMPLED_ROWS
from imbalance_accessor.rendering.result import Style
from imbalance_accessor.rendering.snippets.writer import Snippet, Writer
from imbalance_accessor.verbs.leaks.demonstration import Demonstration
from imbalance_accessor.verbs.leaks.fields import LeaksData
from imbalance_accessor.verbs.shared import snippet_data
from imbalance_accessor.verbs.shared.snippet_data import write_parts
from imbalance_accessor.verbs.shared.snippet_scores import write_codes

_TWINS = """\
def row_hashes(X):
    # 64 bits a row; numbers are hashed as floats, so that 1 and 1.0 are the same
    same = X.apply(lambda c: c.astype(float) if pd.api.types.is_numeric_dtype(c) else c)
    return pd.util.hash_pandas_object(same, index=False)


{rows}
copies = rows.groupby(labels).apply(lambda r: r.duplicated().mean())
print("copies by class", copies, sep="\\n")

per_row = pd.crosstab(rows, labels)
open_label = (per_row > 0).sum(axis=1) > 1
print("rows with a twin of another label:", per_row[open_label].to_numpy().sum())
print("best accuracy possible:", per_row.max(axis=1).sum() / len(rows))"""

#: The rows of both parts, and those of the test set that stand in the training set.
_DIVIDED = """\
rows_train, rows_test = row_hashes(X_train), row_hashes(X_test)
seen = rows_test.isin(rows_train)
print(f"{seen.sum()} of {len(seen)} test rows have a twin in train ({seen.mean():.1%})")

rows = pd.concat([rows_train, rows_test], ignore_index=True)
labels = pd.concat([y_train, y_test], ignore_index=True)"""

#: The rows where nothing is held out.
_TOGETHER = """\
rows = row_hashes(X_train).reset_index(drop=True)
labels = y_train.reset_index(drop=True)"""

_NAMED_BY_CODE = ".set_axis([*map(str, codes)])"

_ALONE = """\
def alone(column, is_class):
    missing = column.isna().to_numpy()
    ranked, aucs = [missing.astype(float)] if missing.any() else [], [0.5]
    if is_number(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        ranked += [np.where(missing, end, values) for end in (-1e300, 1e300)]
    most = min(50 if is_number(column) else len(column), len(column) // 10)
    levels, seen = pd.factorize(column, use_na_sentinel=False)
    if len(seen) <= most:
        # the class's share among the other half's rows of the same value
        half = np.random.default_rng(0).permutation(len(column)) % 2
        rate = np.empty(len(column))
        for side in (0, 1):
            other = half != side
            shares = pd.Series(is_class[other]).groupby(levels[other]).mean()
            found = pd.Series(levels[~other]).map(shares)
            rate[~other] = found.fillna(is_class[other].mean())
        aucs.append(roc_auc_score(is_class, rate))
    either_way = [roc_auc_score(is_class, values) for values in ranked]
    return max([*aucs, *either_way, *(1 - auc for auc in either_way)])


def is_number(column):
    kind = column.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)

"""


def write(result: LeaksData, style: Style) -> Snippet:
    """Write the checks as one program; the short style holds the rows on both sides alone."""
    writer, parts = Writer(), result.parts
    features, divided = parts.features, bool(len(parts.test))
    writer.use_module("pandas", "pd")
    write_parts(writer, parts, list(features.columns.used), plain=True)
    if features.target.needs_codes:
        snippet_data.write_code_map(writer, features.target)
        both = "y_train, y_test = (part.map(codes).astype(int) for part in (y_train, y_test))"
        writer.add(both if divided else "y_train = y_train.map(codes).astype(int)")
    writer.add("", "", *_twins(features.target, divided=divided).splitlines())
    if style == "short":
        return writer.text()
    writer.use_module("numpy", "np")
    writer.use("sklearn.metrics", "roc_auc_score")
    writer.add("", "", *_ALONE.splitlines(), "")
    _write_sample(writer, features.target, divided=divided)
    writer.add(
        "found = {",
        "    name: max(alone(sample[name], (known == label).to_numpy()) for label in classes)",
        "    for name in sample",
        "}",
        'print("each column alone", pd.Series(found).sort_values(ascending=False), sep="\\n")',
    )
    if result.demonstration is not None:
        _write_orders(writer, result.demonstration)
    return writer.text()


def _twins(target: Target, *, divided: bool) -> str:
    """Return the search for twins; labels that are codes by then are printed as they read."""
    printed = f'print("copies by class", copies{_NAMED_BY_CODE if target.needs_codes else ""}, sep="\\n")'
    found = _TWINS.replace("{rows}", _DIVIDED if divided else _TOGETHER)
    return found.replace('print("copies by class", copies, sep="\\n")', printed)


def _write_sample(writer: Writer, target: Target, *, divided: bool) -> None:
    """Write the rows that columns are judged on: all, or an even number of each class."""
    classes = list(range(len(target.classes))) if target.needs_codes else list(target.classes)
    most = max(SAMPLED_ROWS // len(classes), 1)
    writer.assign("classes", writer.expression(classes))
    every = "pd.concat([X_train, X_test], ignore_index=True)" if divided else "X_train.reset_index(drop=True)"
    writer.add(
        f"every = {every}",
        "rng = np.random.default_rng(0)",
        f"picked = [  # at most {most:,} rows of a class",
        f"    at if len(at) <= {most} else rng.choice(at, {most}, replace=False)",
        "    for at in (np.flatnonzero(labels == label) for label in classes)",
        "]",
        "at = np.sort(np.concatenate(picked))",
        "sample = every.iloc[at].reset_index(drop=True)",
        "known = labels.iloc[at].reset_index(drop=True)",
    )


def _write_orders(writer: Writer, shown: Demonstration) -> None:
    """Write both orders, of which one is never to be used."""
    features, plan = shown.parts.features, shown.plan
    writer.use("sklearn.model_selection", "cross_val_score")
    writer.add("")
    _write_rows(writer, shown)
    metric = "roc_auc" if features.target.is_binary else "roc_auc_ovr"
    writer.add("", "# right: the sampler stands inside the pipeline, and sees training folds alone")
    writer.assign("pipeline", writer.expression(plan.candidates["smote"].estimator))
    writer.add(f'right = cross_val_score(pipeline, X_train, y_train, cv=folds, scoring="{metric}")')
    writer.add("", "# wrong, to show what it claims: every row is resampled before the folds are made")
    _write_wrong(writer, shown)
    writer.use("sklearn.model_selection", "StratifiedKFold")
    folds = f"StratifiedKFold({len(shown.folds)}, shuffle=True, random_state={plan.random_state!r})"
    writer.add(
        f"deal = {folds}",
        f'wrong = cross_val_score(model, X_made, y_made, cv=deal, scoring="{metric}")',
        'print(f"ROC-AUC: {wrong.mean():.3f} resampled before the split")',
        'print(f"ROC-AUC: {right.mean():.3f} resampled inside the training folds")',
    )


def _write_rows(writer: Writer, shown: Demonstration) -> None:
    """Write all rows as ``X_train`` and ``y_train``, a sample of them where there are many, and their folds."""
    features, plan, split_by = shown.parts.features, shown.plan, shown.parts.split_by
    snippet_data.write_labels(writer, features.target, in_frame=features.in_frame, with_features=True)
    snippet_data.write_features(
        writer, features, plan.reader.names, plain=not plan.reader.as_is, raw=plan.model.reads_raw
    )
    snippet_data.write_split(writer, shown.parts)
    if shown.sampled:
        ruled = next((name for name in ("groups", "time") if getattr(split_by, name) is not None), None)
        writer.add(
            "kept, _ = train_test_split(",
            f"    np.arange(len(y)), train_size={len(features.codes)}, stratify=y, random_state={plan.random_state!r}",
            ")",
            "kept = np.sort(kept)",
            "X_train, y_train = X_train.iloc[kept], y_train.iloc[kept]",
        )
        writer.use("sklearn.model_selection", "train_test_split")
        if ruled is not None:
            writer.add(f"{ruled}_train = {ruled}_train{'.iloc' if ruled == 'groups' else ''}[kept]")
    snippet_data.write_outcome(writer, features.target, divided=False)
    if plan.reader.coded:
        write_codes(writer, features.target, divided=False)
    snippet_data.write_folds(writer, shown.parts, shown.folds, plan.random_state)


def _write_wrong(writer: Writer, shown: Demonstration) -> None:
    """Write the steps before the sampler, and the sampler, fitted on all rows; and the model that is left."""
    before, sampler, after = shown.steps
    made = "X_train"
    for name, step in before:
        start = f"{name}_all"
        writer.assign(start, writer.expression(step))
        writer.add(f"X_all = {start}.fit_transform({made}, y_train)")
        made = "X_all"
    writer.assign("sampler", writer.expression(sampler))
    writer.add(f"X_made, y_made = sampler.fit_resample({made}, y_train)")
    writer.assign("model", writer.expression(Pipeline(after)))
