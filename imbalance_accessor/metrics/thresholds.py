"""Where to cut a score: every possible cut, the best one for an aim, and what it does out of fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.errors import SplitError
from imbalance_accessor.metrics.arrays import Bools, Floats, finite
from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.objectives import Aim
from imbalance_accessor.metrics.rounding import rounded_down

#: Draws whose best thresholds a median is taken of: an odd number, so that it is one of them.
DRAWS = 501
#: Rows above which the single best threshold is taken: there it is steady enough.
MOST_ROWS = 20_000
#: Candidates of a draw: the argmax moves by far more than a 250th of the positives from draw to draw.
CANDIDATES = 250


@dataclass(frozen=True, eq=False)
class CutTable:
    """Every cut that flags a different set of rows, the strictest first.

    Attributes
    ----------
    cuts : ndarray of float, shape (m,)
        Falling: +inf, which flags nobody, then each distinct score. A row is flagged when its score >= cut.
    tp, fp : ndarray of int, shape (m,)
        Positives and negatives that each cut flags; means where folds were dealt several times.
    positives, negatives : int
        Rows of each class.
    cost : ndarray of float, shape (m,), or None
        Total cost at each cut, where costs are known.
    scale : float
        How large the amounts are of which costs are sums.
    """

    cuts: Floats
    tp: NDArray[Any]
    fp: NDArray[Any]
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

    def rounded(self, place: int, kind: type[np.floating] = np.float64) -> float:
        """Return the cut at a place with as few digits as flag the same rows; see `rounded_down`."""
        below = float(self.cuts[place + 1]) if place + 1 < len(self.cuts) else -np.inf
        return rounded_down(float(self.cuts[place]), below, kind)

    def place_of(self, cut: float) -> int:
        """Return the place of the lowest cut that flags the same rows as this number."""
        return int(np.searchsorted(-self.cuts, -cut, side="right")) - 1

    def averaged(self, deals: int) -> CutTable:
        """Return the means of what is counted, where each row stands here once for each deal of the folds.

        Examples
        --------
        >>> import numpy as np
        >>> y = np.array([True, False])
        >>> table = Ladder(np.tile(y, 2), [0.9, 0.4, 0.8, 0.85]).table.averaged(2)
        >>> table.cuts.tolist(), table.tp.tolist(), table.fp.tolist()
        ([inf, 0.9, 0.85, 0.8, 0.4], [0.0, 0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5, 1.0])
        """
        if deals == 1:
            return self
        tp, fp, cost = self.tp / deals, self.fp / deals, None if self.cost is None else self.cost / deals
        rows = self.positives // deals, self.negatives // deals
        return CutTable(self.cuts, tp, fp, *rows, cost, self.scale / deals)


def best_of_draws(table: CutTable, aim: Aim, seed: int = 0) -> NDArray[np.intp]:
    """Find the best cut of each of `DRAWS` bootstrap draws within class.

    Parameters
    ----------
    table : CutTable
        Of the rows that choose.
    aim : Aim
        Without limits, and not the cost: never better by flagging more negatives at the same true positives.
    seed : int

    Returns
    -------
    ndarray of int, shape (DRAWS,)
        Places in the table; of equal cuts the one that flags fewest.

    Notes
    -----
    Such a criterion is best at +inf or at the score of some positive row. With P positives, of which a share h_j
    lies between candidate j and the one above it, the true positives of a draw are the running sums of
    Multinomial(P, h), and its false positives those of Multinomial(N, e) of the N negatives: exactly the bootstrap of
    rows within class, without drawing rows. Of more than `CANDIDATES` scores every k-th is tried, the lowest always.

    The median of the draws' best thresholds is bagging (Breiman 1996): the argmax of a criterion follows single rows,
    and its middle over resamples does so less. On fresh rows F1 is .001 to .004 higher in 6 of 6 cases
    (``benchmarks/threshold_median.py``).

    Examples
    --------
    >>> import numpy as np
    >>> table = Ladder(np.arange(100) >= 90, np.arange(100.0)).table
    >>> cuts = table.cuts[best_of_draws(table, Aim("f1"))]
    >>> float(np.median(cuts)), float(cuts.max())
    (90.0, 94.0)
    """
    gains = np.flatnonzero(np.diff(table.tp) > 0) + 1
    if not len(gains):
        return np.zeros(DRAWS, np.intp)
    gains = gains[::-1][:: -(-len(gains) // CANDIDATES)][::-1]
    rng = np.random.default_rng(seed)
    tp = _drawn(rng, np.diff(table.tp[gains], prepend=0))
    fp = _drawn(rng, np.diff(np.append(table.fp[gains], table.negatives), prepend=0))[:, :-1]
    counts = Confusion(tp, fp, table.positives - tp, table.negatives - fp)
    places: NDArray[np.intp] = np.append(0, gains)[aim.best(counts, None, np.ones((), bool))]
    return places


def _drawn(rng: np.random.Generator, between: NDArray[np.integer]) -> NDArray[np.integer]:
    """Draw a class's rows anew, and count those above each candidate, none above +inf; shape (DRAWS, candidates + 1)."""
    rows = int(between.sum())
    drawn = rng.multinomial(rows, between / max(rows, 1), DRAWS)
    return np.insert(drawn.cumsum(axis=1), 0, 0, axis=1)


@dataclass(frozen=True)
class Choice:
    """The cut that a rule takes of a table.

    Attributes
    ----------
    cut : float
        As it is written and applied: the score at `place`, rounded down to few digits that flag the same rows.
    place : int
        In the table.
    feasible : bool
        Whether it keeps the limits; else it is the nearest to keeping them.
    """

    cut: float
    place: int
    feasible: bool


@dataclass(frozen=True)
class Tuning:
    """How a cut is chosen for an aim, the same for all rows and for those outside of each fold.

    Attributes
    ----------
    aim : Aim
    rows : int
        Rows that choose, all folds together.
    seed : int
        Of the draws.
    kind : type
        Of the scores that the cut will be compared with.
    """

    aim: Aim
    rows: int
    seed: int = 0
    kind: type[np.floating] = np.float64

    @property
    def has_draws(self) -> bool:
        """Whether a criterion alone decides, for which a median over draws could be taken."""
        return not self.aim.limits and self.aim.criterion != "cost"

    @property
    def is_median(self) -> bool:
        """Whether the cut is the median of the draws' best ones; else it is the single best one."""
        return self.has_draws and self.rows <= MOST_ROWS

    def choose(self, table: CutTable) -> Choice:
        """Choose one of the cuts of a table: the lower median over draws, or by exact search."""
        place, feasible = self._median(table) if self.is_median else table.choose(self.aim)
        return Choice(table.rounded(place, self.kind), place, feasible)

    def cut(self, table: CutTable) -> float:
        """Return the cut alone; nan where none keeps the limits."""
        chosen = self.choose(table)
        return chosen.cut if chosen.feasible else np.nan

    def _median(self, table: CutTable) -> tuple[int, bool]:
        return int(np.sort(best_of_draws(table, self.aim, self.seed))[DRAWS // 2]), True


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
