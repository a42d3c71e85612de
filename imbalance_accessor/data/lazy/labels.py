"""The labels of a table that is read piece by piece: from the engine's own counts."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data import label_checks
from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.target import Label, Target, counted_target, places_of, plain, read_target
from imbalance_accessor.errors import TargetError, listed, one_line


def read_labels(data: Any, target: Any, pos_label: Label | None) -> Target:
    """Count the labels of a table, or read those of a frame or a Series."""
    if isinstance(data, Table):
        return count_labels(data, target, pos_label)
    return read_target(data, target, pos_label=pos_label)


def count_labels(table: Table, target: Any, pos_label: Label | None) -> Target:
    """Count a table's rows by label and check them, as `read_target` does those of a frame.

    Parameters
    ----------
    table : Table
    target : hashable
        A column's name.
    pos_label : label, optional

    Returns
    -------
    Target
        Its ``labels`` are each label once, since the rows are not here.

    Raises
    ------
    FeatureError, TargetError, OptionError
        One sentence.
    """
    if target is None:
        raise TargetError(f"Name the target, a column of the {table.came_as}: {listed(table.columns)}.")
    if not isinstance(target, Hashable) or isinstance(target, pd.Series):
        raise TargetError(
            f"target={one_line(target)} must name a column of the {table.came_as}. Put the labels into the table."
        )
    table.check_columns([plain(target)])
    every = table.counted(plain(target))
    if not int(every.sum()):
        raise TargetError(f"{target!r} has no rows. Pass a table that holds some.")
    if pd.api.types.is_float_dtype(every.index) and table.is_integer(plain(target)):
        every = every.set_axis(every.index.astype("Int64"))
    labels = pd.Series(every.index, name=plain(target))
    if table.is_categorical(plain(target)):
        labels = labels.astype("category")
    places = places_of(target, labels, ("df",), pos_label)
    label_checks.check_name(labels, places)
    label_checks.check_kind(labels, places)
    label_checks.count(labels, places)  # refuses what is no label
    counted = every[(every > 0) & ~np.asarray(every.index.isna())]
    missing = int(every.sum()) - int(counted.sum())
    label_checks.check_classes(labels, counted, places, missing=missing)
    return counted_target(labels, counted, pos_label, missing=missing)
