"""Rows of which nothing but flags is measured: those of one class that are flagged alike are drawn together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from imbalance_accessor.metrics.arrays import Bools, Codes
from imbalance_accessor.metrics.bootstrap import Resamples

#: Rows above which they are drawn so; entries that stand for several rows are at any number.
BY_KIND_ABOVE = 100_000


def draws_kinds(resamples: Resamples) -> bool:
    """Whether rows are drawn so: many, without weights of their own, and in no groups.

    Examples
    --------
    >>> draws_kinds(Resamples(np.arange(4) < 2))
    False
    """
    is_long = resamples.weights.copies is not None or resamples.n > BY_KIND_ABOVE
    return is_long and resamples.units is None and resamples.weights.own is None


def by_flags_alone(
    y: Bools, flags: Mapping[str, Bools], resamples: Resamples
) -> tuple[Bools, dict[str, Bools], Resamples]:
    """Put rows, or entries for rows, together that are of one class and flagged alike.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    flags : mapping of str to ndarray of bool, shape (deals, n)
    resamples : Resamples
        Of rows without weights of their own.

    Returns
    -------
    y, flags, resamples
        Of as many entries as there are different ones. Their rows are drawn as before, each by itself, in far less time.

    Examples
    --------
    >>> from imbalance_accessor.metrics.weights import Weights
    >>> drawn = Resamples(np.arange(4) < 2, weights=Weights(copies=np.arange(1, 5)))
    >>> y, flags, drawn = by_flags_alone(np.arange(4) < 2, {"": np.ones((1, 4), bool)}, drawn)
    >>> y.tolist(), flags[""].tolist(), drawn.rows.tolist()
    ([False, True], [[True, True]], [7, 3])
    """
    stacked = np.concatenate([y[None, :], *flags.values()])
    kind, first = _kinds(stacked)
    copies = np.bincount(kind, resamples.weights.copies).astype(np.int64)
    unique, ends = stacked[:, first], np.cumsum([1, *map(len, flags.values())])
    found = {name: unique[at : at + len(each)] for (name, each), at in zip(flags.items(), ends, strict=False)}
    return unique[0], found, resamples.of_entries(unique[0], copies)


def _kinds(stacked: Bools) -> tuple[Codes, Codes]:
    """Return which of the different columns each one is, in sort order, and where each stands first."""
    kind, first = np.zeros(stacked.shape[1], np.int64), np.zeros(min(stacked.shape[1], 1), np.int64)
    for row in stacked:
        code = 2 * kind + row
        there = np.flatnonzero(np.bincount(code))
        place = np.zeros(int(there.max(initial=0)) + 1, np.int64)
        place[there] = np.arange(len(there))
        kind = place[code]
        first = np.zeros(len(there), np.int64)
        first[kind[::-1]] = np.arange(len(kind))[::-1]
    return kind, first
