"""A number for each row, the same on every machine and in every engine: splitmix64 of its place in the table, or of its id."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.errors import FeatureError

_STEP, _FIRST, _SECOND = (
    np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


def splitmix64(places: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Return the numbers that splitmix64 gives at some places of its sequence.

    Parameters
    ----------
    places : ndarray of uint64, shape (n,)
        Counted from 0.
    seed : int
        Where the generator starts.

    Returns
    -------
    ndarray of uint64, shape (n,)

    Notes
    -----
    z = seed + (place + 1) · 0x9E3779B97F4A7C15, twice shifted and multiplied, all modulo 2⁶⁴ (Steele, Lea & Flood 2014).

    Examples
    --------
    >>> splitmix64(np.arange(2, dtype=np.uint64), 0).tolist()
    [16294208416658607535, 7960286522194355700]
    """
    z = (places + np.uint64(1)) * _STEP + np.uint64(seed % 2**64)
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return np.asarray(z ^ (z >> np.uint64(31)))


def hash_ids(ids: pd.Series) -> NDArray[np.uint64]:
    """Return a number for each id: whole numbers themselves, of text the hash that pandas gives it.

    Parameters
    ----------
    ids : pandas.Series
        Of whole numbers or text, however they are stored.

    Raises
    ------
    FeatureError
        Missing ids, or other cells.

    Examples
    --------
    >>> hash_ids(pd.Series([7, -1])).tolist()
    [7, 18446744073709551615]
    >>> hash_ids(pd.Series(["a", "b"])).tolist()
    [13950350942979735504, 12688059582079114975]
    """
    if ids.isna().any():
        raise FeatureError(
            f"id={ids.name!r} has missing cells, and each row needs an id. Leave those rows out, or name another column."
        )
    if not isinstance(ids.dtype, pd.StringDtype):
        kind = pd.api.types.infer_dtype(ids)
        if kind == "integer" or (kind == "floating" and (ids % 1 == 0).all()):
            return ids.to_numpy(np.uint64 if ids.dtype == np.uint64 else np.int64).view(np.uint64)
        if kind not in ("string", "categorical"):
            raise FeatureError(
                f"id={ids.name!r} holds {kind}, and ids are whole numbers or text. Cast it, or name another column."
            )
    return np.asarray(pd.util.hash_array(ids.astype(object).to_numpy(), categorize=False), np.uint64)
