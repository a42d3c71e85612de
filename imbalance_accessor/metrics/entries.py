"""Fewer entries that stand for the same rows: negatives that no positive lies between are put together where scores are near."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Floats

#: Parts of one step of the log odds, or of a score that is none, within which scores are near.
_PARTS = 256
#: Levels of positives that are kept.
_MOST_LEVELS = 2**14

Entries = tuple[Bools, Floats, NDArray[np.int64]]


def fewer_entries(
    y: Bools, score: Floats, copies: NDArray[np.int64], near: Floats, edges: Sequence[float] | Floats = ()
) -> Entries:
    """Put entries together whose difference no figure shows, so that draws of them take less time.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    score : ndarray of float, shape (n,)
        Rising for each side.
    copies : ndarray of int, shape (n,)
        How many rows each entry stands for.
    near : ndarray of float, shape (n,)
        What scores are near by, rising with them: their log odds where they are probabilities.
    edges : sequence of float
        Thresholds that part entries.

    Returns
    -------
    tuple of ndarray
        `y`, `score` and `copies` of fewer entries; a score is the mean of the rows'.

    Notes
    -----
    A positive's score stays, and no entry has scores on both sides of one, so that whatever follows from the order is the
    same; so are decisions at the edges. A mean of squares moves by (1 / 256)² / 12 of itself. Of more than 16,384 levels of
    positives those stay that part their rows into so many; a level with more rows than such a part stays itself.

    Examples
    --------
    >>> y, score = np.array([False, False, True]), np.array([0.1, 0.1001, 0.4])
    >>> found = fewer_entries(y, score, np.array([3, 1, 1]), score)
    >>> [each.tolist() for each in found]
    [[False, True], [0.100025, 0.4], [4, 1]]
    """
    levels = _kept_levels(score[y], copies[y])
    groups = [
        np.searchsorted(levels, score, side="left") + np.searchsorted(levels, score, side="right"),
        np.searchsorted(np.unique(edges), score, side="right"),
        np.floor(near * _PARTS),
    ]
    sides = [_together(score[side], copies[side], [each[side] for each in groups]) for side in (~y, y)]
    (negative, n), (positive, p) = sides
    return (
        np.repeat([False, True], [len(n), len(p)]),
        np.concatenate([negative, positive]),
        np.concatenate([n, p]),
    )


def _kept_levels(score: Floats, copies: NDArray[np.int64]) -> Floats:
    """Return the scores of positives that no others are put together with."""
    levels, place = np.unique(score, return_inverse=True)
    if len(levels) <= _MOST_LEVELS:
        return levels
    rows = np.cumsum(np.bincount(place, copies))
    part = np.floor(rows * (_MOST_LEVELS / rows[-1]))
    return np.asarray(levels[np.diff(part, prepend=0) > 0])


def _together(
    score: Floats, copies: NDArray[np.int64], groups: Sequence[NDArray[np.generic]]
) -> tuple[Floats, NDArray[np.int64]]:
    """Put neighbours of one group together."""
    if not len(score):
        return score, copies
    parted = np.any([each[1:] != each[:-1] for each in groups], axis=0)
    first = np.flatnonzero(np.append(True, parted))
    n = np.add.reduceat(copies, first)
    mean = np.add.reduceat(score * copies, first) / n
    # a mean is rounded, and stays among the scores that it is of
    low, high = np.minimum.reduceat(score, first), np.maximum.reduceat(score, first)
    return np.clip(mean, low, high), n
