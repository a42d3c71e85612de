"""How many columns a frame's features become when categories are encoded, without fitting anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from imbalance_accessor.data.column_kinds import read_columns
from imbalance_accessor.errors import FeatureError, counted

#: The share of rows below which one-hot encoding pools levels.
POOLED_BELOW = 0.01
#: Rows that are looked at, evenly over a longer frame.
_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Width:
    """The columns of a frame's features.

    Attributes
    ----------
    columns : int
        Encoded, or as they are where nothing was read.
    parameters : int
        The same without one level of each category, which follows from the others.
    is_encoded : bool
        Whether their kinds were read.
    """

    columns: int
    parameters: int
    is_encoded: bool


#: Of labels alone.
NO_COLUMNS = Width(0, 0, is_encoded=False)


def encoded_width(X: pd.DataFrame) -> Width:
    """Read what kind each feature is, and count a column for each number, and one for each level that is not rare.

    Parameters
    ----------
    X : pandas.DataFrame

    Examples
    --------
    >>> encoded_width(pd.DataFrame({"age": [20.5, 31, 47, 52], "plan": ["a", "b", "a", "c"]}))
    Width(columns=4, parameters=3, is_encoded=True)
    """
    seen = X.iloc[:: max(len(X) // _LOOKED_AT, 1)]
    try:
        columns, read = read_columns(seen)
    except (FeatureError, TypeError, ValueError):  # cells that only verbs on features have words for
        return Width(X.shape[1], X.shape[1], is_encoded=False)
    levels = [_levels(read[name]) for name in columns.categorical]
    numbers = len(columns.numeric)
    return Width(numbers + sum(levels), numbers + sum(each - 1 for each in levels if each), is_encoded=True)


def columns_said(parameters: int, columns: int) -> str:
    """Say how many encoded columns there are, and how many of them count.

    Examples
    --------
    >>> columns_said(16, 20), columns_said(5, 5)
    ('16 parameters in 20 encoded columns', '5 encoded columns')
    """
    encoded = counted(columns, "encoded column")
    return encoded if parameters == columns else f"{counted(parameters, 'parameter')} in {encoded}"


def _levels(cells: pd.Series) -> int:
    """Count levels of at least 1 % of the rows, missing cells among them, and one for all others together."""
    shares = cells.value_counts(normalize=True, dropna=False)
    shares = shares[shares > 0]
    return int(np.count_nonzero(shares >= POOLED_BELOW)) + int((shares < POOLED_BELOW).any())
