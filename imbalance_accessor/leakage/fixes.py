"""Cures of leaks as code: columns left out, copies dropped, a split by groups or time; each tried on the rows at hand."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data import rules
from imbalance_accessor.data.cells import with_columns
from imbalance_accessor.data.features import Features
from imbalance_accessor.data.lines import cells, code, dropped, frames, kept
from imbalance_accessor.data.row_hashes import beyond_floats, row_hashes
from imbalance_accessor.errors import IN_WORDS, Fix, ImbalanceError
from imbalance_accessor.leakage.evidence import Evidence
from imbalance_accessor.metrics.arrays import Bools
from imbalance_accessor.splitting.folds import make_folds
from imbalance_accessor.splitting.split import divide

#: Different rows of each class that must be left where copies are dropped.
_FEWEST = 10
#: Folds that a split must allow, where no model was fitted.
_FOLDS = 5


def names_of_frames(evidence: Evidence) -> tuple[str, ...]:
    """Return what the reader calls the frames that were given."""
    return frames(evidence.parts.split_by.own_test)


def without_columns(evidence: Evidence, names: Sequence[Hashable]) -> Fix:
    """Return the fix that leaves columns out; none where no feature is left, or where the user's own model may name them."""
    model = None if evidence.fitted is None else evidence.fitted.plan.model
    used = set(evidence.parts.features.columns.used)
    if not names or not used - {*names} or (model is not None and (model.fitted or model.reads_raw)):
        return IN_WORDS
    return Fix(dropped(names, names_of_frames(evidence)))


def ruled_by(evidence: Evidence, option: str, name: Hashable) -> Fix:
    """Return the fix that lets a column rule the split, with what makes it able to; none where rows cannot be divided so."""
    features, names = evidence.parts.features, names_of_frames(evidence)
    lines, filled = [], features.X[name].notna().to_numpy()
    if not filled.all():
        missing = rules.without_missing(
            features.X, name, features.columns, features.target, in_frame=features.in_frame
        )
        if not missing or evidence.parts.split_by.own_test:
            return IN_WORDS
        lines.append(missing.lines)
        features = _some_rows(features, filled)
    if option == "time" and not rules.is_time(features.X[name]):
        line, times = rules.as_time(name, features.X[name], names)
        if times is None:
            return IN_WORDS
        lines.append(line)
        features = replace(features, X=with_columns(features.X, {name: times}))
    groups, time = (name, None) if option == "groups" else (None, name)
    ruled = replace(features, groups=groups, time=time)
    return Fix("\n".join(lines), {option: name}) if _can_be_divided(evidence, ruled) else IN_WORDS


def without_copies(evidence: Evidence, code_of_class: int | None = None) -> Fix:
    """Return the fix that drops rows whose features and label came before; of one class, or of all.

    None where too few rows would be left, and where a test frame is given, whose rows may be copies too.
    """
    features = evidence.parts.features
    if evidence.parts.split_by.own_test:
        return IN_WORDS
    rows = pd.DataFrame({"cells": _hashes(evidence, features.X), "code": features.codes})
    again = rows.duplicated().to_numpy()
    if code_of_class is not None:
        again = again & (features.codes == code_of_class)
    left = np.bincount(features.codes[~again], minlength=len(features.target.classes))
    if left.min() < _FEWEST:
        return IN_WORDS
    copies = f"{_compared(evidence, labelled=True)}.duplicated()"
    if code_of_class is not None:
        label = code(features.target.classes[code_of_class])
        where = cells(features.target.labels.name) if features.in_frame else "y"
        copies = f"({copies} & ({where} == {label}))"
    return Fix(kept(f"~{copies}", beside=not features.in_frame))


def kept_together(evidence: Evidence) -> Fix:
    """Return the fix that keeps rows with the same features on one side of the split; none where that cannot be split."""
    features, name = evidence.parts.features, "same_rows"
    if evidence.parts.split_by.own_test or name in features.X.columns:
        return IN_WORDS
    ruled = replace(
        features, groups=name, time=None, X=features.X.assign(same_rows=_hashes(evidence, features.X))
    )
    if not _can_be_divided(evidence, ruled):
        return IN_WORDS
    hashed = f"pd.util.hash_pandas_object({_compared(evidence, labelled=False)}, index=False)"
    return Fix(f"df = df.assign({name}={hashed})", {"groups": name})


def without_seen(evidence: Evidence, seen: Bools) -> Fix:
    """Return the fix that takes test rows out whose features stand in the first frame; none where too few are left."""
    left = np.bincount(evidence.parts.test.codes[~seen], minlength=len(evidence.classes))
    if left.min() < _FEWEST:
        return IN_WORDS
    columns = code(list(evidence.compared))
    return Fix(
        f"seen = pd.concat([df, test]).duplicated({columns}).to_numpy()[len(df) :]\ntest = test[~seen]"
    )


def _compared(evidence: Evidence, *, labelled: bool) -> str:
    """Write the columns in which rows are compared, with the label or without."""
    features = evidence.parts.features
    used, weighting = list(evidence.compared), features.weighting
    beside = () if weighting.in_frame else (weighting.column,)
    aside: list[Hashable] = [name for name in features.X.columns if name not in (*used, *beside)]
    if features.in_frame:
        target = features.target.labels.name
        used, aside = ([*used, target], aside) if labelled else (used, [*aside, target])
    else:
        aside += features.taken_out
    rows = f"df[{code(used)}]" if len(aside) > len(used) else f"df.drop(columns={code(aside)})"
    rows = rows if aside else "df"
    return f"pd.concat([{rows}, y], axis=1)" if labelled and not features.in_frame else rows


def _hashes(evidence: Evidence, X: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a number that stands for the features of each row, in the frame's order."""
    used = list(evidence.compared)
    return row_hashes(X, used, every_digit=[name for name in used if beyond_floats(X[name])])


def _some_rows(features: Features, at: Bools) -> Features:
    return replace(
        features,
        X=features.X[at],
        y=features.y[at],
        codes=features.codes[at],
        as_written=features.as_written[at],
    )


def _can_be_divided(evidence: Evidence, features: Features) -> bool:
    """Whether rows can be split and folded as they were, by another rule."""
    split_by, fitted = evidence.parts.split_by, evidence.fitted
    cv, seed = _FOLDS if fitted is None else fitted.plan.folds.made, split_by.random_state
    try:
        parts = divide(features, test_size=split_by.test_size, random_state=seed, nothing=True)
        make_folds(parts, cv=cv, random_state=seed)
    except (ImbalanceError, TypeError):  # cells of several types have no order
        return False
    return True
