"""The row weights of a table that is read piece by piece: added up by class in one pass."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.lazy.tables import Table
from imbalance_accessor.data.row_weights import WeightsPlace, check_sums, put_into
from imbalance_accessor.data.target import Label, Target, plain
from imbalance_accessor.data.weight_sums import WeightSums, sums_of
from imbalance_accessor.errors import OptionError

#: Cells that are looked at to say what they are, where they are no numbers.
_LOOKED_AT = 1_000


def sum_weights(table: Table, target: Target, given: Any) -> tuple[Hashable, WeightSums]:
    """Add up a column of weights by class, and check it as those of a frame are.

    Parameters
    ----------
    table : Table
    target : Target
        Its labels, counted.
    given : hashable
        A column's name.

    Returns
    -------
    column : hashable
    sums : WeightSums

    Raises
    ------
    OptionError
        One sentence.
    """
    if isinstance(given, pd.Series):
        raise OptionError(
            f"sample_weight= must name a column of the {table.came_as}, not hold weights. Put them into the table."
        )
    _, column, _ = put_into(pd.DataFrame(columns=table.columns), given, target, named={})
    name = target.labels.name
    summed = partial(_summed, target=name, weights=column, classes=target.classes)
    sums = reduce(add, table.mapped(summed, [name, column]))
    check_sums(sums, target, WeightsPlace(column, own=False, rows=("df",)))
    return column, sums


def _summed(
    piece: pd.DataFrame, _first: int, *, target: Hashable, weights: Hashable, classes: tuple[Label, ...]
) -> WeightSums:
    """Add up the weights of the labelled rows of a piece."""
    seen, labels = pd.factorize(piece[target])
    places = {label: code for code, label in enumerate(classes)}
    codes = np.array([*(places[plain(label)] for label in labels), -1], dtype=np.intp)[seen]
    sums = sums_of(piece[weights][codes >= 0], codes[codes >= 0], len(classes))
    return sums if sums.odd is None else replace(sums, odd=sums.odd.head(_LOOKED_AT))
