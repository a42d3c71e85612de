"""Where to cut a score: every possible cut, the best one for an aim, and what it does out of fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.errors import SplitError
from imbalance_accessor.stats.aims import Aim
from imbalance_accessor.stats.arrays import Bools, Floats, finite
from imbalance_accessor.stats.costs import Costs
from imbalance_accessor.stats.metrics import Confusion


@dataclass(frozen=True, eq=False)
class CutTable:
    """Every cut that flags a different set of rows, the strictest first.

    Attributes
    ----------
    cuts : ndarray of float, shape (m,)
        Falling: +inf, which flags nobody, then each distinct score. A row is flagged when its score >= cut.
    tp, fp : ndarray of int, shape (m,)
        Positives and negatives that each cut flags.
    positives, negatives : int
        Rows of each class.
    cost : ndarray of float, shape (m,), or None
        Total cost at each cut, where costs are known.
    scale : float
        How large the amounts are of which costs are sums.
    """

    cuts: Floats
    tp: NDArray[np.integer]
    fp: NDArray[np.integer]
    positives: int
    negatives: int
    cost: Floats | None = None
    scale: float = 0.0

    @property
    def confusion(self) -> Confusion:
        """The four counts at each cut, of shape (m,)."""
        return self.counts(slice(None))

    def counts(self, places: slice) -> Confusion:
        """Return the four counts at some of the cuts."""
        tp, fp = self.tp[places], self.fp[places]
        return Confusion(tp, fp, self.positives - tp, self.negatives - fp)

    def choose(self, aim: Aim) -> tuple[int, bool]:
        """Return the place of the best cut for an aim, or of the nearest to it, and whether it is kept."""
        return aim.choose(self.confusion, self.cost, self.scale)

    def best(self, aim: Aim) -> float:
        """Return the best cut for an aim; nan where none keeps its limits."""
        place, feasible = self.choose(aim)
        return float(self.cuts[place]) if feasible else np.nan


class Ladder:
    """Rows in the order of their scores, sorted once, then asked for the cuts of all or of some of them.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    score : array-like of float, shape (n,)
        The higher, the more likely positive.
    costs : Costs, optional
        What decisions cost.

    Raises
    ------
    ModelError
        If a score is missing or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> table = Ladder(np.array([True, False, True]), [0.9, 0.4, 0.4]).table
    >>> table.cuts.tolist(), table.tp.tolist(), table.fp.tolist()
    ([inf, 0.9, 0.4], [0, 1, 2], [0, 0, 1])
    """

    def __init__(self, y: Bools, score: ArrayLike, costs: Costs | None = None) -> None:
        y, score = np.asarray(y, bool), finite(score)
        # the order among equal scores does not matter: they are flagged together
        self.order = np.argsort(-score).astype(_places(len(y)))
        self._falling = np.append(np.inf, score[self.order])
        self.y, self.score = y[self.order], self._falling[1:]
        self.costs = costs
        #: What each row costs if it is flagged and if it is not, where that differs from row to row.
        self.amounts: tuple[Floats, Floats] | None = None
        if costs is not None and costs.by_row:
            flagged, passed = costs.of_rows(y)
            self.amounts = flagged[self.order], passed[self.order]

    def levels(self) -> NDArray[np.intp]:
        """Return the place of each row's score among the distinct ones, the highest first; in falling order."""
        return np.cumsum(np.append(False, self.score[1:] != self.score[:-1])) if len(self.y) else np.arange(0)

    @cached_property
    def table(self) -> CutTable:
        """The cuts of all rows: one more than there are distinct scores."""
        return self._table(slice(None))

    def table_of(self, rows: Bools) -> CutTable:
        """Return the cuts of some rows, given as a mask in the order they were handed in."""
        return self._table(rows[self.order])

    def _table(self, rows: Bools | slice) -> CutTable:
        y, falling = self.y[rows], self.score[rows]
        # A cut stands at the last row of each run of equal scores.
        ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) if len(y) else np.arange(0)
        kind = _places(len(y))
        tp: Any = np.asarray(np.append(0, np.cumsum(y, dtype=kind)[ends]), kind)
        fp: Any = np.asarray(np.append(0, ends + 1), kind) - tp
        positives = int(np.count_nonzero(y))
        whole = isinstance(rows, slice) and len(ends) == len(y)
        cuts = self._falling if whole else np.append(np.inf, falling[ends])
        found = CutTable(cuts, tp, fp, positives, len(y) - positives)
        if self.costs is None:
            return found
        scale = self.costs.scale(len(self.y))
        if self.amounts is None:
            return replace(found, cost=self.costs.of(found.confusion), scale=scale)
        # rows above a cut cost what they cost flagged, rows below it what they cost passed over
        flagged, passed = (amounts[rows] for amounts in self.amounts)
        total = passed.sum() + np.append(0.0, np.cumsum(flagged - passed)[ends])
        return replace(found, cost=total, scale=scale)


def _places(n: int) -> type[np.int32] | type[np.int64]:
    """Return the smaller of the types that hold places among n rows."""
    return np.int32 if n < 2**31 - 1 else np.int64


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
    present = np.unique(fold)
    for held_out in present[1:] if ordered else present:
        yield int(held_out), fold < held_out if ordered else fold != held_out


def can_be_judged(fold: NDArray[np.intp], *, ordered: bool = False) -> Bools:
    """Return which rows other folds may choose for: all, or in the order of time all but the first fold's."""
    return np.asarray(fold > fold.min()) if ordered else np.ones(len(fold), dtype=bool)


def others_tables(
    ladder: Ladder, fold: NDArray[np.intp], *, ordered: bool = False
) -> Iterator[tuple[int, CutTable]]:
    """Yield, for each fold that can be judged, the cuts of the rows that may choose for it; see `others`.

    Parameters
    ----------
    ladder : Ladder
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
    count = len(np.unique(fold))
    if count < 2:
        raise SplitError(
            f"A cut is judged on a fold that did not choose it, which needs two folds; {count} "
            "holds scores. Use more folds."
        )
    for held_out, rows in others(fold, ordered=ordered):
        yield held_out, ladder.table_of(rows)


def flags_by_fold(score: Floats, fold: NDArray[np.intp], cuts: dict[int, float]) -> Bools:
    """Flag each fold's rows at that fold's cut; a cut that is nan flags nobody."""
    flags = np.zeros(len(score), dtype=bool)
    for held_out, cut in cuts.items():
        inside = fold == held_out
        flags[inside] = score[inside] >= cut
    return flags
