"""The code of `leaks`: the same checks in plain pandas and scikit-learn."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd
from imblearn.pipeline import Pipeline

from imbalance_accessor.data.target import Target
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
rows_train, rows_test = row_hashes(X_train{compared}), row_hashes(X_test{compared})
seen = rows_test.isin(rows_train)
print(f"{seen.sum()} of {len(seen)} test rows have a twin in train ({seen.mean():.1%})")

rows = pd.concat([rows_train, rows_test], ignore_index=True)
labels = pd.concat([y_train, y_test], ignore_index=True)"""

#: The rows where nothing is held out.
_TOGETHER = """\
rows = row_hashes(X_train{compared}).reset_index(drop=True)
labels = y_train.reset_index(drop=True)"""

_ALONE = """\
def alone(column, is_class, fold, odds):
    # every way to bin a column, scored out of five folds: the best ROC-AUC and average precision
    missing, bins, orders = column.isna().to_numpy(), [], []
    if is_ordered(column):
        values = numbers(column)
        levels, level, rows = np.unique(values, return_inverse=True, return_counts=True)
        middle = (rows.cumsum() - rows / 2) / len(values)
        own = (rows >= max(10, len(values) / 64)) | np.isnan(levels)
        ranges = np.where(own, 32 + np.arange(len(rows)), np.floor(32 * middle))
        bins = [ranges[level], np.where(missing, 2, values == 0)]
        orders = [np.where(missing, end, values) for end in (-np.inf, np.inf)]
    else:
        level, _ = pd.factorize(column)
        rows = pd.Series(level).groupby(level).transform("size").to_numpy()
        bins = [np.where(missing | (rows >= 10), level, -2)]  # rare levels together
    binned = [each for each in (missing, *bins) if len(np.unique(each)) > 1]
    scores = [by_share(each, is_class, fold) for each in binned]
    orders = [each for each in orders if len(np.unique(each)) > 1]
    scores += [either_way(each, is_class, fold) for each in orders]
    weight = np.where(is_class, 1.0, odds)
    aucs = [roc_auc_score(is_class, score) for score in scores]
    precisions = [
        average_precision_score(is_class, score, sample_weight=weight)
        for score in scores
    ]
    return max(aucs, default=np.nan), max(precisions, default=np.nan)


def by_share(binned, is_class, fold):
    # the class's share among the other folds' rows of the same cell, ranked within the fold
    score = np.empty(len(binned))
    for each in np.unique(fold):
        own, hits = fold == each, pd.Series(is_class[fold != each])
        found = pd.Series(binned[own]).map(hits.groupby(binned[~own]).mean())
        score[own] = found.fillna(hits.mean()).rank(pct=True)
    return score


def either_way(order, is_class, fold):
    # upwards or downwards, as the other folds say
    rank = rankdata(order) - (len(order) + 1) / 2
    up = [rank[is_class & (fold != each)].sum() >= 0 for each in range(5)]
    return np.where(np.array(up)[fold], rank, -rank)


def is_ordered(column):
    types = pd.api.types
    return types.is_datetime64_any_dtype(column) or (
        types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    )


def numbers(column):
    if pd.api.types.is_datetime64_any_dtype(column):
        return (column - column.min()).dt.total_seconds().to_numpy()
    return column.to_numpy(dtype=float, na_value=np.nan)

"""


def write(result: LeaksData, style: Style) -> Snippet:
    """Write the checks as one program; the short style holds the rows that come again alone."""
    writer, parts = Writer(), result.parts
    features, divided = parts.features, bool(len(parts.test))
    writer.use_module("pandas", "pd")
    names = _names(result, style)
    write_parts(writer, parts, names, plain=True)
    if features.target.needs_codes:
        snippet_data.write_code_map(writer, features.target)
        both = "y_train, y_test = (part.map(codes).astype(int) for part in (y_train, y_test))"
        writer.add(both if divided else "y_train = y_train.map(codes).astype(int)")
    if style == "short":
        write_template(writer, "leaks/short.py.j2", divided=divided, named=_named(features.target))
        return writer.text()
    used = list(features.columns.used)
    compared = "" if set(names) == set(used) else "[used]"
    if compared:
        writer.assign("used", writer.expression(used))
    writer.add("", "", *_twins(features.target, compared, divided=divided).splitlines())
    writer.use_module("numpy", "np")
    writer.use("sklearn.metrics", "average_precision_score", "roc_auc_score")
    writer.use("scipy.stats", "rankdata")
    writer.add("", "", *_ALONE.splitlines(), "")
    _write_sample(writer, features.target, divided=divided)
    _write_figures(writer, features.target)
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


def _twins(target: Target, compared: str, *, divided: bool) -> str:
    """Return the search for twins; labels that are codes by then are printed as they read."""
    printed = f'print("copies by class", copies{_named(target)}, sep="\\n")'
    rows = (_DIVIDED if divided else _TOGETHER).replace("{compared}", compared)
    found = _TWINS.replace("{rows}", rows)
    return found.replace('print("copies by class", copies, sep="\\n")', printed)


def _named(target: Target) -> str:
    """Return what names classes by their labels where those are codes by then."""
    return ".set_axis([*map(str, codes)])" if target.needs_codes else ""


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
        "dealt = known.sample(frac=1, random_state=0)",
        "fold = (dealt.groupby(dealt).cumcount().sort_index() % 5).to_numpy()",
    )


def _write_figures(writer: Writer, target: Target) -> None:
    """Write the figures of each column alone, of the class that it ranks best; two classes are ranked alike."""
    if len(target.classes) == 2 or target.positive is not None:
        label = target.focus if target.needs_codes else target.classes[target.focus]
        writer.assign("ranked", writer.expression([label]))
    else:
        writer.add("ranked = classes")
    writer.add(
        "rows_of, taken = labels.value_counts(), known.value_counts()",
        "found = {}",
        "for name in sample:",
        "    figures = []",
        "    for label in ranked:",
        "        is_class = (known == label).to_numpy()",
        "        rest = (len(labels) - rows_of[label]) / max((~is_class).sum(), 1)",
        "        odds = rest * is_class.sum() / rows_of[label]",
        "        figures.append(alone(sample[name], is_class, fold, odds))",
        "    found[name] = max(figures)",
        'found = pd.DataFrame(found, index=["roc_auc", "average_precision"]).T',
        'print("each column alone", found.sort_values("roc_auc", ascending=False), sep="\\n")',
    )


def _write_orders(writer: Writer, shown: Demonstration) -> None:
    """Write both orders, of which one is never to be used."""
    features, plan = shown.parts.features, shown.plan
    writer.use("sklearn.model_selection", "cross_val_score")
    writer.add("")
    _write_rows(writer, shown)
    metric = "roc_auc" if features.target.is_binary else "roc_auc_ovr"
    writer.add("", "# right: the sampler stands inside the pipeline, and sees training folds alone")
    writer.assign("pipeline", writer.expression(unweighted(plan.candidates["smote"].estimator)))
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
