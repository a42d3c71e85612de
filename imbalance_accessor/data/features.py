"""The door for frames: labels with features, sorted by kind. The only reader of a raw frame."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data import row_weights, rules, test_frame
from imbalance_accessor.data.cells import as_float
from imbalance_accessor.data.checks import check_bytes, check_column_names, check_features
from imbalance_accessor.data.column_kinds import Columns, read_columns
from imbalance_accessor.data.lazy.sample import TableSample, rows_in_memory
from imbalance_accessor.data.lines import as_pandas, dropped, frames
from imbalance_accessor.data.missing_codes import missing_code_findings
from imbalance_accessor.data.reading_findings import reading_findings
from imbalance_accessor.data.target import Label, Target, places_of, plain, read_target
from imbalance_accessor.data.weighting import Weighting, read_weighting
from imbalance_accessor.errors import IN_WORDS, FeatureError, Fix, TargetError, change, listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes, Floats
from imbalance_accessor.metrics.weights import Weights

#: Findings about what models learn from; they say nothing to a verb that reads no features.
ABOUT_FEATURES = ("IMB202", "IMB203", "IMB206", "IMB207", "IMB208", "IMB209", "IMB210", "IMB211", "IMB214")
#: Groups of each class from which on every part of a split has some.
_MANY_GROUPS = 15
#: Shares that differ by less than this part of themselves are the same.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class TestRows:
    """The labelled rows of a test frame of one's own, as `Features` has those of the first one."""

    X: pd.DataFrame
    y: pd.Series
    codes: Codes
    as_written: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Features:
    """Labels with features: the labelled rows of a frame, and of a test frame of one's own, ready to be split.

    Attributes
    ----------
    target : Target
        The labels of all rows.
    X : pandas.DataFrame
        Every column but the target, labelled rows only; numbers and dates that are written as text are read.
    as_written : pandas.DataFrame
        The columns of `X` that were read so, as they came.
    y : pandas.Series
        Their labels, as they came.
    codes : numpy.ndarray, shape (n_labelled,)
        Their classes' positions.
    columns : Columns
        The features by kind.
    groups, time : hashable or None
        Columns that rule the split.
    in_frame : bool
        Whether the target is a column of the frame, not a Series beside it.
    taken_out : tuple
        Columns of the frame that hold the target, or identify a row.
    weighting : Weighting
        How much rows count.
    test : TestRows or None
        The rows of a test frame of one's own.
    findings : tuple of Finding
        What the reader must know of these frames.
    sample : TableSample or None
        Where the rows were drawn from, if that is a table which is read piece by piece.
    """

    target: Target
    X: pd.DataFrame
    as_written: pd.DataFrame
    y: pd.Series
    codes: Codes
    columns: Columns
    groups: Hashable | None
    time: Hashable | None
    in_frame: bool
    taken_out: tuple[Hashable, ...]
    weighting: Weighting
    test: TestRows | None
    findings: tuple[Finding, ...]
    sample: TableSample | None = None

    @property
    def is_sampled(self) -> bool:
        """Whether the rows are part of a table's."""
        return self.sample is not None and not self.sample.is_whole

    @property
    def shares(self) -> Floats:
        """Each class's share of the frame by its rows' weights, or of the table that the rows were drawn from."""
        if self.sample is None or not self.is_sampled:
            return self.weighting.shares
        return self.sample.labels.shares

    @property
    def is_elsewhere(self) -> bool:
        """Whether a prevalence was given that is not the data's own."""
        wanted, known = self.weighting.wanted, slice(None)
        if wanted is None or self.weighting.factors is None:
            return False
        if self.target.positive is not None:  # whose share alone is given
            known = slice(self.target.positive, self.target.positive + 1)
        return not np.allclose(wanted[known], self.shares[known], rtol=_SAME, atol=0)

    @property
    def is_of_table(self) -> bool:
        """Whether figures are those of the whole table, of which these rows are a part."""
        return self.weighting.factors is not None and self.is_sampled and not self.is_elsewhere

    def weights_of(self, X: pd.DataFrame) -> Weights:
        """Return how much some rows count, one class against the rest where one is named, else each class."""
        found = self.weighting.of(X, self.target.positive)
        if self.sample is None or not self.is_of_table:
            return found
        return replace(found, table_rows=self.sample.labels.labelled)


def read_features(
    data: pd.DataFrame | TableSample,
    target: Any,
    *,
    pos_label: Label | None = None,
    groups: Hashable | None = None,
    time: Hashable | None = None,
    id: Hashable | None = None,
    prevalence: float | Mapping[Label, float] | None = None,
    sample_weight: Any = None,
    test: pd.DataFrame | None = None,
    for_models: bool = False,
    described: bool = False,
) -> Features:
    """Read a frame: labels checked, rows without a label set aside, features sorted by kind.

    Parameters
    ----------
    data : pandas.DataFrame or TableSample
        Not changed.
    target : hashable or pandas.Series
        The target column.
    pos_label : label, optional
        The positive class.
    groups, time : hashable, optional
        Columns that define the split.
    id : hashable, optional
        A column that identifies a row, and is no feature.
    prevalence : float, or mapping of label to float, optional
        The positive class's share where the model will be used, or each class's.
    sample_weight : hashable or pandas.Series, optional
        A column of row weights.
    test : pandas.DataFrame, optional
        A test frame of one's own, with the same columns.
    for_models : bool
        Whether models of ours learn from these columns: then what no model takes is refused.
    described : bool
        Whether they learn from dates and free text too.

    Raises
    ------
    TargetError
        As `read_target`.
    FeatureError
        Duplicate column names, no feature left, or cells that no model takes.
    OptionError
        `groups` and `time` together, or unknown columns.
    SplitError
        A test frame that does not fit.
    """
    sample = data if isinstance(data, TableSample) else None
    data = rows_in_memory(data)
    if not isinstance(data, pd.DataFrame):
        line = "" if target is None or isinstance(data, pd.Series) else as_pandas(data, column=target)
        raise FeatureError(
            f"A frame with features is needed, not {type(data).__name__}. Pass a DataFrame.", fix=Fix(line)
        )
    names, groups, time, id = frames(test), plain(groups), plain(time), plain(id)
    ruling = {"groups": groups, "time": time}
    named = {"target": target, **ruling, "sample_weight": sample_weight, "id": id}
    check_column_names(data, test, named)
    check_bytes(data, names)
    data = data.set_flags(allows_duplicate_labels=True)  # synthetic rows have the labels of rows
    labels = read_target(data, target, pos_label=pos_label, names=names)
    taken_out, in_frame = _target_columns(data, target), not isinstance(target, pd.Series)
    rules.check_id(data, id, named)
    aside = taken_out if id is None else [*taken_out, id]
    X = data.drop(columns=aside) if aside else data
    rules.check_rule_names(X, groups, time, labels)
    column, beside = None, False
    if sample_weight is not None:
        X, column, beside = row_weights.put_into(X, sample_weight, labels, named=ruling, test=test)
    codes, y = labels.codes, labels.labels
    if labels.missing:
        kept = codes >= 0
        X, y, codes = X.loc[kept], y.loc[kept], codes[kept]
    findings = [missing_labels(labels, len(labels.labels))] if labels.missing else []
    findings += _differ_in_blanks(labels, target, names, pos_label)
    out = [_taken_out(data, labels, taken_out, test)] if taken_out and not in_frame else []
    raw, (columns, X) = X, read_columns(X, groups=groups, time=time, weights=column, names=names)
    if column is not None:
        rows = ("df", *([] if in_frame else ["y"]), *(["sample_weight"] if beside else []))
        place = row_weights.WeightsPlace(column, beside, rows, names)
        row_weights.check_weights(X[column], codes, labels, place, columns.formats)
        findings += row_weights.small_weights(X[column], place, columns.formats)
    weighting = read_weighting(prevalence, column, labels, X, in_frame=not beside)
    if column is not None:
        found, given = as_float(X[column]).to_numpy(np.float64), weighting.wanted is not None
        findings += row_weights.weights_of_classes(found, codes, labels, place, weighting.shares, given=given)
    rules.check_rules(X, columns, labels, (groups, time), names, in_frame=in_frame)
    if for_models:
        check_features(X, columns, named, names=names, described=described)
    findings += reading_findings(
        raw, X, columns, names=names, grouping=_grouping(X, columns, codes, test), described=described
    )
    numbers = {name: as_float(X[name]) for name in columns.numeric}
    findings += missing_code_findings(X, numbers, columns.categorical, columns.as_text, names=names) + out
    findings += row_weights.unnamed_weights(X, columns, given=column is not None, names=names)
    features = Features(
        target=labels,
        X=X,
        as_written=raw[list(columns.formats)],
        y=y,
        codes=codes,
        columns=columns,
        groups=groups,
        time=time,
        in_frame=in_frame,
        taken_out=tuple(aside),
        weighting=weighting,
        test=None,
        findings=tuple(findings),
        sample=sample,
    )
    return (
        features if test is None else _with_test(features, test, for_models=for_models, described=described)
    )


def check_for_models(features: Features, *, described: bool = False) -> None:
    """Refuse columns that no model of ours can learn from; described: of dates and free text too.

    Raises
    ------
    FeatureError
        No feature left, or cells that no model takes.
    """
    names, named = frames(features.test), _named(features)
    if features.in_frame:
        named["target"] = features.target.labels.name
    check_features(features.X, features.columns, named, names=names, described=described)
    if features.test is not None:
        check_features(features.test.X, features.columns, named, names=("test",), described=described)


def _named(features: Features) -> dict[str, Any]:
    """Return the options that name a column, with what they name."""
    weighting = features.weighting
    weights = weighting.column if weighting.in_frame else None
    return {"target": None, "groups": features.groups, "time": features.time, "sample_weight": weights}


def _grouping(X: pd.DataFrame, columns: Columns, codes: Codes, test: object) -> Hashable | None:
    """Return an id with repeated values by which a split can surely be made: every class has many of them."""
    if test is not None:  # which may have some of them too
        return None
    for name in columns.of_kind("repeated id"):
        values = pd.factorize(X[name])[0]
        each = [len(np.unique(values[codes == code])) for code in np.unique(codes)]
        if (values >= 0).all() and min(each) >= _MANY_GROUPS:
            return name
    return None


def _target_columns(data: pd.DataFrame, target: Any) -> list[Hashable]:
    """Return the columns that hold the target: its own, or the one that a Series was taken or made from."""
    if not isinstance(target, pd.Series):
        return [target]
    return [name for name in data.columns if name == target.name or data[name].equals(target)]


def missing_labels(target: Target, rows: int) -> Finding:
    """Say how many of so many rows have no label."""
    verbs = ("has", "is") if target.missing == 1 else ("have", "are")
    return Finding(
        "IMB201",
        "note",
        f"{target.missing:,} of {rows:,} rows {verbs[0]} no label in {target.name!r} and {verbs[1]} left out.",
        "Nothing to do, unless a missing label means something: then give it a name of its own with fillna.",
    )


def _differ_in_blanks(
    labels: Target, target: Any, names: tuple[str, ...], pos_label: Label | None
) -> list[Finding]:
    """Name classes that are one but for blanks around the word."""
    texts = [label for label in labels.classes if isinstance(label, str)]
    stripped = [label.strip() for label in texts]
    alike = [label for label, word in zip(texts, stripped, strict=True) if stripped.count(word) > 1]
    if not alike:
        return []
    places = places_of(target, labels.labels, names)
    given = {"pos_label": pos_label.strip()} if isinstance(pos_label, str) else {}
    lines = places.assigned(lambda cells: f"{cells}.str.strip()").lines
    enough = len(texts) == len(labels.classes) and len({*stripped}) > 1
    return [
        Finding(
            "IMB213",
            "warning",
            f"{listed(alike)} differ in blanks alone, and count as different classes of {labels.name!r}.",
            "If they are one class, take the blanks away.",
            fix=Fix(lines, given) if enough else IN_WORDS,
        )
    ]


def _taken_out(data: pd.DataFrame, target: Target, names: list[Hashable], test: object) -> Finding:
    sentence = (
        f"{listed(names)} has the name or the cells of the target that was passed as a Series, so it is no "
        "feature."
    )
    same = len(names) == 1 and data[names[0]].equals(target.labels)
    if same and (test is None or names[0] == target.labels.name):
        cure, fix = "Pass the column's name as target.", change(target=names[0])
    else:
        cure = "Drop it from the frame; or rename it and the Series, if it is another thing."
        fix = Fix(dropped(names))
    return Finding("IMB205", "warning", sentence, cure, fix=fix)


def _with_test(features: Features, test: pd.DataFrame, *, for_models: bool, described: bool) -> Features:
    """Read the test frame as the first one was read, or say how it differs."""
    columns, X = features.columns, features.X
    name = test_frame.check_test_names(X, features.target.labels, test)
    weights = features.weighting.column
    test_frame.check_test_columns(X, name, test, (features.groups, features.time, weights))
    test_frame.check_text(X, test)
    test_frame.check_written(columns, test)
    read = columns.read(test)
    test_frame.check_kinds(X, columns, read)
    try:
        labels = read_target(test, name, names=("test",))
    except TargetError as error:
        raise TargetError(f"The test frame: {error}", fix=error.fix) from None
    test_frame.check_test_labels(features.target, labels)
    known = {label: code for code, label in enumerate(features.target.classes)}
    place = np.array([*(known[label] for label in labels.classes), -1], dtype=np.intp)
    codes = place[labels.codes]
    kept = np.flatnonzero(codes >= 0)
    written = test[list(columns.formats)].take(kept)
    rows = TestRows(read[list(X.columns)].take(kept), labels.labels.take(kept), codes[kept], written)
    if weights is not None:
        where = row_weights.WeightsPlace(weights, False, ("test",), ("df", "test"))
        row_weights.check_weights(rows.X[weights], rows.codes, features.target, where, columns.formats)
    if for_models:
        check_features(rows.X, columns, _named(features), names=("test",), described=described)
    return replace(
        features,
        weighting=features.weighting.with_test(rows.X),
        test=rows,
        findings=(*features.findings, *_unlabelled(labels), *test_frame.unread(columns, written)),
    )


def _unlabelled(labels: Target) -> list[Finding]:
    if not labels.missing:
        return []
    verbs = ("has", "is") if labels.missing == 1 else ("have", "are")
    sentence = (
        f"{labels.missing:,} of {len(labels.labels):,} rows of the test frame {verbs[0]} no label in {labels.name!r} "
        f"and {verbs[1]} left out."
    )
    return [Finding("IMB201", "note", sentence, "Nothing to do, unless a missing label means something.")]
