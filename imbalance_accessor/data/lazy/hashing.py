"""A number for each row that is the same on every machine and in every engine: splitmix64 of its place in the table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
