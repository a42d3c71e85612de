"""Thresholds out of fold: those that the other folds choose for each, and what they flag."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.errors import SplitError
from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.thresholds import ThresholdGrid, ThresholdTable


def others(fold: NDArray[np.intp], *, ordered: bool = False) -> Iterator[tuple[int, Bools]]:
    """Yield each fold that can be judged, and the rows that may choose for it.

    Parameters
    ----------
    fold : ndarray of int, shape (n,)
        The fold of each row.
    ordered : bool, default False
        Whether folds follow each other in time: then the earlier ones choose, and the first one is not judged.

    Examples
    --------
    >>> import numpy as np
    >>> [(each, rows.tolist()) for each, rows in others(np.array([0, 1, 2]), ordered=True)]
    [(1, [True, False, False]), (2, [True, True, False])]
    """
    present = _present(fold)
    for held_out in present[1:] if ordered else present:
        yield int(held_out), fold < held_out if ordered else fold != held_out


def can_be_evaluated(fold: NDArray[np.intp], *, ordered: bool = False) -> Bools:
    """Return which rows other folds may choose for: all, or in the order of time all but the first fold's."""
    return np.asarray(fold > fold.min()) if ordered else np.ones(len(fold), dtype=bool)


def others_tables(
    grid: ThresholdGrid, fold: NDArray[np.intp], *, ordered: bool = False
) -> Iterator[tuple[int, ThresholdTable]]:
    """Yield, for each fold that can be judged, the thresholds of the rows that may choose for it; see `others`.

    Parameters
    ----------
    grid : ThresholdGrid
        The rows that folds scored.
    fold : ndarray of int, shape (n,)
        The fold of each row.
    ordered : bool, default False
        Whether folds follow each other in time.

    Raises
    ------
    SplitError
        If there are fewer than two folds.
    """
    count = len(_present(fold))
    if count < 2:
        raise SplitError(
            f"A threshold is tested on a fold that did not choose it, which needs two folds; {count} "
            "holds scores. Use more folds."
        )
    for held_out, rows in others(fold, ordered=ordered):
        yield held_out, grid.table_of(rows)


def flags_by_fold(score: Floats, fold: NDArray[np.intp], thresholds: dict[int, float]) -> Bools:
    """Flag each fold's rows at that fold's threshold; a threshold that is nan flags nobody."""
    of_fold = np.full(fold.max(initial=-1) + 1, np.nan)
    of_fold[[*thresholds]] = [*thresholds.values()]
    return np.asarray(score >= of_fold[fold])


def _present(fold: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the folds that hold rows, rising."""
    return np.flatnonzero(np.bincount(fold))
