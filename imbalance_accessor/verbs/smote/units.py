"""What is learned on the training set before neighbours are searched: fills and scales, and the way back."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.modeling.samplers import ResampledRows
from imbalance_accessor.splitting.split import Parts


@dataclass(frozen=True, eq=False)
class Units:
    """Rows in the units in which neighbours are searched.

    Attributes
    ----------
    train : pandas.DataFrame
        The training set's features: filled, scaled.
    test : pandas.DataFrame
        The test set's features: the original rows, filled where filling was asked for; cells that no sampler takes
        (dates, mixed kinds) are text here as they are in the training set.
    real : pandas.DataFrame
        The training set's features, filled, in their own units.
    fills : dict
        What missing cells of a column were filled with.
    means, spreads : pandas.Series
        Of the scaled columns; empty where nothing was scaled.
    opened : tuple
        Filled columns that were categories: their type takes no other word.
    as_they_came : bool
        Whether no cell was made plain, since rows are only copied.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    real: pd.DataFrame
    fills: dict[Hashable, object]
    means: pd.Series
    spreads: pd.Series
    opened: tuple[Hashable, ...] = ()
    as_they_came: bool = False

    @property
    def scales(self) -> bool:
        """Whether columns were standardised."""
        return not self.means.empty

    def own_units(self, made: ResampledRows) -> pd.DataFrame:
        """Return synthetic rows in the columns' own units; real rows as they were, to the bit."""
        if not self.scales:
            return made.X
        names = list(self.means.index)
        kept = made.train_row >= 0
        cells = (made.X[names] * self.spreads + self.means).to_numpy(dtype=np.float64, copy=True)
        cells[kept] = self.real[names].to_numpy()[made.train_row[kept]]
        found = made.X.copy()
        found[names] = cells
        return found


def learn_units(parts: Parts, names: list[Hashable], *, impute: bool, scale: bool, as_is: bool) -> Units:
    """Learn fills and scales on the training set.

    Parameters
    ----------
    parts : Parts
    names : list
        The columns to keep, where rows are only copied; else those that are used as features.
    impute, scale : bool
        Whether cells are filled, whether numbers are standardised.
    as_is : bool
        Whether cells stay as they came, since rows are only copied.
    """
    columns = parts.features.columns
    nothing = pd.Series(dtype="float64")
    if as_is:
        train = parts.train.X[names]
        return Units(train, parts.test.X[names], train, {}, nothing, nothing, as_they_came=True)
    # what learns from one part must find the other's cells in the same words
    real, test = columns.plain(parts.train.X), columns.plain(parts.test.X, parts.train.X)
    fills = _fills(parts, real) if impute else {}
    opened = _closed(real, test, fills)
    if fills:
        real, test = (part.astype(dict.fromkeys(opened, object)).fillna(fills) for part in (real, test))
    if not scale or not columns.numeric:
        return Units(real, test, real, fills, nothing, nothing, opened)
    numeric: Any = list(columns.numeric)
    means, spreads = real[numeric].mean(), real[numeric].std(ddof=0).replace(0.0, 1.0)
    scaled = real.copy()
    scaled[numeric] = (real[numeric] - means) / spreads
    return Units(scaled, test, real, fills, means, spreads, opened)


def _closed(real: pd.DataFrame, test: pd.DataFrame, fills: Iterable[Hashable]) -> tuple[Hashable, ...]:
    """Return the columns whose type takes no word that it does not know, as a fill is."""
    return tuple(
        name
        for name in fills
        if any(isinstance(part[name].dtype, pd.CategoricalDtype) for part in (real, test))
    )


def _fills(parts: Parts, real: pd.DataFrame) -> dict[Hashable, object]:
    columns, missing = parts.features.columns, parts.missing
    fills: dict[Hashable, object] = {
        name: float(median)
        for name, median in real[list(columns.numeric)].median().items()
        if name in missing
    }
    return fills | {name: "missing" for name in columns.categorical if name in missing}
