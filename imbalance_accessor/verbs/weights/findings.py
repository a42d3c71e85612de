"""What must be known of weights: labels that were given none, labels that estimators do not find in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.target import Target, plain, whole_number
from imbalance_accessor.errors import Fix, change, listed
from imbalance_accessor.findings import Finding
from imbalance_accessor.verbs.shared.snippet_data import name_of


def unnamed_labels(target: Target, given: Mapping[Any, float]) -> list[Finding]:
    """Name the labels that were given no weight."""
    named = {plain(label) for label in given}
    absent = [label for label in target.classes if label not in named]
    if not absent:
        return []
    sentence = f"No weight was given for class {listed(absent)}: 1 is taken, as scikit-learn does."
    every = {label: given.get(label, 1.0) for label in target.classes}
    return [Finding("IMB204", "note", sentence, "Name every label.", change(method=every))]


def refused_labels(
    target: Target, *, in_frame: bool, options: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Say which estimators refuse weights by these labels, and the line that mends the labels.

    Parameters
    ----------
    target : Target
    in_frame : bool
        Whether the labels are a column of the frame.
    options : mapping of str to label or dict, optional
        Arguments that name labels; they are named by number then.
    """
    if not _are_refused(target):
        return []
    read = [label for label in target.classes if whole_number(label) is not None]
    if read and all(isinstance(label, str) for label in target.classes):
        sentence = (
            f"scikit-learn reads {listed(read, 3)} as {'a number' if len(read) == 1 else 'numbers'} before it looks weights up: "
            "its classifiers with class_weight=, and imbalanced-learn's BalancedRandomForestClassifier, refuse this dict."
        )
    else:
        sentence = (
            f"The classifiers of scikit-learn, imbalanced-learn and LightGBM take no labels such as {target.classes[0]!r:.40} "
            f"in a column of dtype {target.labels.dtype}, weighted or not."
        )
    numbers = dict(zip(target.classes, _numbers(target), strict=True))
    renamed = {
        name: {numbers[plain(label)]: weight for label, weight in value.items()}
        if isinstance(value, Mapping)
        else numbers[plain(value)]
        for name, value in (options or {}).items()
    }
    fix = Fix(_mended(target, numbers, in_frame=in_frame), renamed)
    return [Finding("IMB212", "warning", sentence, "Make numbers of them.", fix)]


def _are_refused(target: Target) -> bool:
    """Ask scikit-learn, with a few rows of each class, where labels are neither plain numbers nor plain words."""
    words = all(isinstance(label, str) for label in target.classes)
    if not target.fitted_by_code and (words or target.labels.dtype != object):
        return False
    from sklearn.utils.class_weight import compute_class_weight
    from sklearn.utils.multiclass import check_classification_targets

    y = np.repeat(np.asarray(_one_of_each(target)), 3)
    try:
        check_classification_targets(y)
        compute_class_weight(dict.fromkeys(target.classes, 1.0), classes=np.unique(y), y=y)
    except (TypeError, ValueError):
        return True
    return False


def _mended(target: Target, numbers: Mapping[Any, int], *, in_frame: bool) -> str:
    """Write the line after which the labels are these numbers."""
    y = f"df[{name_of(target.labels.name)}]" if in_frame else "y"
    if _reads_whole(target) and not target.missing and _converts(target):
        return f"{y} = {y}.astype(int)"
    if not target.missing and not all(
        isinstance(label, str | int | float | tuple) for label in target.classes
    ):
        codes = f"{y}.factorize(sort=True)[0]"
        return f"{y} = {codes if in_frame else f'pd.Series({codes}, {y}.index, name={y}.name)'}"
    named = ", ".join(f"{name_of(label)}: {number}" for label, number in numbers.items())
    return f"{y} = {y}.map({{{named}}})"


def _numbers(target: Target) -> list[int]:
    """Return the whole number that each label reads as, or else its code."""
    whole = [_as_whole(label) for label in target.classes]
    return [each for each in whole if each is not None] if _reads_whole(target) else list(range(len(whole)))


def _reads_whole(target: Target) -> bool:
    whole = [_as_whole(label) for label in target.classes]
    return None not in whole and len(set(whole)) == len(whole)


def _one_of_each(target: Target) -> pd.Series:
    """Return one row of each class."""
    return target.labels[target.labels.notna() & ~target.labels.duplicated()]


def _converts(target: Target) -> bool:
    """Whether pandas makes whole numbers of the labels, held as they are."""
    try:
        return _one_of_each(target).astype(int).nunique() == len(target.classes)
    except (TypeError, ValueError, OverflowError):
        return False


def _as_whole(label: Any) -> int | None:
    """Return the number that a label is or reads as, where it is whole and pandas has a type for it."""
    try:
        number = int(label)
    except (TypeError, ValueError, OverflowError):
        return None
    is_it = isinstance(label, str) or label == number
    return number if is_it and abs(number) < 2**63 else None
