"""The door for frames: labels with features, sorted by kind. The only reader of a raw frame."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.cells import as_float, holds_numbers, kinds_of, other_kinds
from imbalance_accessor.data.checks import check_features
from imbalance_accessor.data.column_kinds import Columns, is_written, read_columns
from imbalance_accessor.data.missing_codes import missing_code_findings
from imbalance_accessor.data.number_text import NumberFormat, is_missing_word
from imbalance_accessor.data.reading_findings import reading_findings
from imbalance_accessor.data.target import Label, Target, beside, native, plain, read_target
from imbalance_accessor.errors import (
    FeatureError,
    OptionError,
    SplitError,
    TargetError,
    counted,
    listed,
    near,
    one_line,
)
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.arrays import Codes

#: Findings about what models learn from; they say nothing to a verb that reads no features.
ABOUT_FEATURES = ("IMB202", "IMB203", "IMB206", "IMB207", "IMB208", "IMB209", "IMB210", "IMB211")


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
        Columns of the frame that hold the target.
    test : TestRows or None
        The rows of a test frame of one's own.
    findings : tuple of Finding
        What the reader must know of these frames.
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
    test: TestRows | None
    findings: tuple[Finding, ...]


def read_features(
    data: pd.DataFrame,
    target: Any,
    *,
    pos_label: Label | None = None,
    groups: Hashable | None = None,
    time: Hashable | None = None,
    test: pd.DataFrame | None = None,
    for_models: bool = False,
    described: bool = False,
) -> Features:
    """Read a frame: labels checked, rows without a label set aside, features sorted by kind.

    Parameters
    ----------
    data : pandas.DataFrame
        Not changed.
    target : hashable or pandas.Series
        The target column.
    pos_label : label, optional
        The positive class.
    groups, time : hashable, optional
        Columns that define the split.
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
    if not isinstance(data, pd.DataFrame):
        raise FeatureError(f"A frame with features is needed, not {type(data).__name__}. Pass a DataFrame.")
    _check_names(data)
    _check_bytes(data)
    data = data.set_flags(allows_duplicate_labels=True)  # synthetic rows have the labels of rows
    groups, time = plain(groups), plain(time)
    labels = read_target(data, target, pos_label=pos_label)
    taken_out, in_frame = _target_columns(data, target), not isinstance(target, pd.Series)
    X = data.drop(columns=taken_out) if taken_out else data
    _check_names_of_rules(X, groups, time, labels)
    codes, y = labels.codes, labels.labels
    if labels.missing:
        kept = codes >= 0
        X, y, codes = X.loc[kept], y.loc[kept], codes[kept]
    findings = [_missing_labels(labels)] if labels.missing else []
    out = [_taken_out(taken_out)] if taken_out and not in_frame else []
    raw, (columns, X) = X, read_columns(X, groups=groups, time=time)
    _check_rules(X, columns, groups, time)
    if for_models:
        check_features(X, columns, described=described)
    findings += reading_findings(raw, X, columns, described=described)
    numbers = {name: as_float(X[name]) for name in columns.numeric}
    findings += missing_code_findings(X, numbers, columns.categorical, columns.as_text) + out
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
        taken_out=tuple(taken_out),
        test=None,
        findings=tuple(findings),
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
    check_features(features.X, features.columns, described=described)
    if features.test is not None:
        check_features(features.test.X, features.columns, frame="test", described=described)


def _check_names(data: pd.DataFrame) -> None:
    if not data.columns.is_unique:
        twice = list(dict.fromkeys(data.columns[data.columns.duplicated()]))
        raise FeatureError(
            f"Column names must be unique; {listed(twice)} stand{'s' if len(twice) == 1 else ''} more than once. "
            "Keep the first of each: df.loc[:, ~df.columns.duplicated()]."
        )
    truths = [name for name in data.columns if isinstance(name, bool | np.bool_)]
    if truths:
        raise FeatureError(
            f"Column names must not be {listed(map(bool, truths))}: pandas takes a list of them for a choice of rows. "
            "Rename them: df.columns = df.columns.map(str)."
        )


def _check_bytes(data: pd.DataFrame) -> None:
    dtypes = data.dtypes[[isinstance(dtype, np.dtype) and not dtype.isnative for dtype in data.dtypes]]
    if len(dtypes):
        raise FeatureError(
            f"{listed(dtypes.index)} {'holds' if len(dtypes) == 1 else 'hold'} numbers in another machine's order of bytes. "
            f"{native(data[dtypes.index[0]])}"
        )


def _target_columns(data: pd.DataFrame, target: Any) -> list[Hashable]:
    """Return the columns that hold the target: its own, or the one that a Series was taken or made from."""
    if not isinstance(target, pd.Series):
        return [target]
    return [name for name in data.columns if name == target.name or data[name].equals(target)]


def _check_names_of_rules(
    X: pd.DataFrame, groups: Hashable | None, time: Hashable | None, target: Target
) -> None:
    if groups is not None and time is not None:
        raise OptionError(
            "groups= and time= cannot be used together. Choose the one that new rows will differ by."
        )
    for option, name in (("groups", groups), ("time", time)):
        if name is None:
            continue
        if isinstance(name, Hashable) and name is not pd.NA and name == target.labels.name:
            raise OptionError(f"{option}={name!r} is the target. Name the column that rules the split.")
        if not isinstance(name, Hashable) or name not in X.columns:
            raise OptionError(
                f"{option}={one_line(name)} is not a column of this frame.{near(name, X.columns)}{beside(option, name, X)}"
            )


def _check_rules(X: pd.DataFrame, columns: Columns, groups: Hashable | None, time: Hashable | None) -> None:
    for option, name in (("groups", groups), ("time", time)):
        if name is None:
            continue
        if count := int(X[name].isna().sum()):
            cure = "Fill them or drop those rows first."
            if name in columns.formats:  # blanks that are text
                cure = f"Drop those rows: df = df[{columns.formats[name].code(f'df[{name!r}]')}.notna()]."
            raise OptionError(f"{option}={name!r} has {counted(count, 'missing cell')}. {cure}")
    if groups is not None:
        try:
            different = list(set(X[groups]))
            if pd.api.types.is_object_dtype(np.asarray(X[groups].iloc[:0]).dtype):
                pd.factorize(pd.Series(different, dtype=object), sort=True)
        except TypeError:
            kind = " and ".join(sorted({type(cell).__name__ for cell in X[groups]}))
            raise OptionError(
                f"groups={groups!r} holds cells of type {kind}, which cannot be sorted. Name each group by one value, such as "
                "text."
            ) from None
    if time is not None:
        _check_time(time, X[time])


def _check_time(name: Hashable, time: pd.Series) -> None:
    """Refuse a column whose sort order is not the order of time."""
    types = pd.api.types
    if not (types.is_numeric_dtype(time.dtype) or types.is_datetime64_any_dtype(time.dtype)):
        raise OptionError(
            f"time={name!r} holds {time.dtype} cells, whose sort order is not the order of time. "
            f"Make dates or numbers of it{_as_dates(name, time)}."
        )


def _as_dates(name: Hashable, time: pd.Series) -> str:
    """Write the line that makes dates of cells in several formats, where it can be done."""
    try:
        pd.to_datetime(time, format="mixed")
    except (ValueError, TypeError, OverflowError):
        return ""
    return f": df[{name!r}] = pd.to_datetime(df[{name!r}], format='mixed')"


def _missing_labels(target: Target) -> Finding:
    verbs = ("has", "is") if target.missing == 1 else ("have", "are")
    return Finding(
        "IMB201",
        "note",
        f"{target.missing:,} of {len(target.labels):,} rows {verbs[0]} no label in {target.name!r} and {verbs[1]} left out.",
        "Nothing to do, unless a missing label means something: then give it a name of its own with fillna.",
    )


def _taken_out(names: list[Hashable]) -> Finding:
    sentence = (
        f"{listed(names)} has the name or the cells of the target that was passed as a Series, and is taken out of the "
        "features."
    )
    cure = "Pass the column's name as target; or rename the Series, if the column is another thing."
    return Finding("IMB205", "warning", sentence, cure)


def _with_test(features: Features, test: pd.DataFrame, *, for_models: bool, described: bool) -> Features:
    """Read the test frame as the first one was read, or say how it differs."""
    if not isinstance(test, pd.DataFrame):
        raise SplitError(f"test= must be a DataFrame like the first one, not {type(test).__name__}.")
    if not test.columns.is_unique:
        twice = list(dict.fromkeys(test.columns[test.columns.duplicated()]))
        raise SplitError(f"The test frame has {listed(twice)} more than once. Keep the first of each.")
    name = features.target.labels.name
    if name is None:
        raise SplitError("test= needs the target's column name; the Series passed as target has none.")
    absent = [column for column in [*features.X.columns, name] if column not in test.columns]
    if absent:
        raise SplitError(f"The test frame lacks {listed(absent)}. It needs every column of the first frame.")
    _check_written(features.columns, test)
    read = features.columns.read(test)
    _check_cells(features, read)
    try:
        labels = read_target(test, name)
    except TargetError as error:
        raise TargetError(f"The test frame: {error}") from None
    known = {label: code for code, label in enumerate(features.target.classes)}
    new = [label for label in labels.classes if label not in known]
    if new:
        raise SplitError(
            f"The test frame has labels that the first one lacks: {listed(new)}. Leave those rows out."
        )
    place = np.array([*(known[label] for label in labels.classes), -1], dtype=np.intp)
    codes = place[labels.codes]
    kept = np.flatnonzero(codes >= 0)
    written = test[list(features.columns.formats)].take(kept)
    rows = TestRows(read[list(features.X.columns)].take(kept), test[name].take(kept), codes[kept], written)
    if for_models:
        check_features(rows.X, features.columns, frame="test", described=described)
    return replace(
        features,
        test=rows,
        findings=(*features.findings, *_unlabelled(labels), *_unread(features.columns, written)),
    )


def _check_written(columns: Columns, test: pd.DataFrame) -> None:
    """Refuse a test frame that writes numbers or dates in another way than the first frame."""
    for name, each in columns.formats.items():
        filled = _filled(test[name])
        if not len(filled) or not is_written(filled, each):
            continue
        misread = isinstance(each, NumberFormat) and each.misreads(filled)
        if misread or each.read(filled).isna().all():
            example, kind = one_line(filled.iloc[0]), "numbers" if isinstance(each, NumberFormat) else "dates"
            raise SplitError(
                f"The test frame has cells like {example} in {name!r}, where the first frame has {kind} like {each.example!r}. "
                "Write them alike."
            )


def _unread(columns: Columns, test: pd.DataFrame) -> list[Finding]:
    """Count the cells of a test frame that are no numbers or dates in the format of the first frame."""
    found = []
    for name, each in columns.formats.items():
        filled = _filled(test[name])
        odd = filled[each.read(filled).isna()] if is_written(filled, each) else filled[:0]
        if len(odd):
            sentence = (
                f"{counted(len(odd), 'cell')} of {name!r} in the test frame, such as {one_line(odd.iloc[0])}, "
                f"cannot be read like {each.example!r}, and {'is' if len(odd) == 1 else 'are'} taken as missing."
            )
            found.append(Finding("IMB203", "warning", sentence, "Write them as the first frame does."))
    return found


def _filled(column: pd.Series) -> pd.Series:
    cells = column.dropna()
    return cells[[not is_missing_word(cell) for cell in cells]]


def _check_cells(features: Features, test: pd.DataFrame) -> None:
    """Refuse a test frame whose cells are of another kind than those of the first frame."""
    wrong = [name for name in features.columns.numeric if not holds_numbers(test[name])]
    if wrong:
        kinds = set().union(*(kinds_of(test[name]) for name in wrong)) - {"numbers"} or {"complex numbers"}
        raise SplitError(
            f"The test frame has {' and '.join(sorted(kinds))} in {listed(wrong)}, where the first frame has numbers. Convert it."
        )
    for name in features.columns.categorical:
        first = kinds_of(features.X[name])
        odd = other_kinds(test[name], first, as_text=name in features.columns.as_text)
        if odd:
            raise SplitError(
                f"The test frame has {' and '.join(sorted(odd))} in {name!r}, where the first frame has "
                f"{' and '.join(sorted(first))}. Convert them."
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
