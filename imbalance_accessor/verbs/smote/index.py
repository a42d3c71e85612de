"""The index of resampled rows: real rows keep their labels, synthetic ones get labels that no other row has."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from imbalance_accessor.modeling.samplers import ResampledRows
from imbalance_accessor.splitting.split import Parts


def index_of(parts: Parts, made: ResampledRows) -> pd.Index:
    """Label the rows: synthetic ones count on from the largest label, or are ``("synthetic", i)``."""
    index = parts.train.X.index
    if _is_whole(index):
        new, first = made.train_row < 0, _next_number(parts)
        numbers = np.where(new, first - 1 + np.cumsum(new), np.asarray(index, dtype=np.int64)[made.train_row])
        return pd.Index(numbers, name=index.name)
    count, blanks = itertools.count(), [""] * (index.nlevels - 2)
    labels = [index[at] if at >= 0 else ("synthetic", next(count), *blanks) for at in made.train_row]
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_tuples(labels, names=index.names)
    return pd.Index(labels, dtype=object, name=index.name, tupleize_cols=False)


def _is_whole(index: pd.Index) -> bool:
    return pd.api.types.is_integer_dtype(index.dtype) and not isinstance(index, pd.MultiIndex)


def _next_number(parts: Parts) -> int:
    """Return the number after the largest index label of all rows, so that no synthetic row is labelled like another."""
    known = (parts.features.target.labels.index, parts.test.X.index)
    return 1 + max((int(index.max()) for index in known if _is_whole(index)), default=-1)
