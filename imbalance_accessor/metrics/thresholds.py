"""The thresholds of a score: every possible one, the best one for an objective."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.metrics.arrays import Bools, Floats, finite
from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.objectives import Objective, WeightedCounts, counts_at
from imbalance_accessor.metrics.rounding import rounded_down
from imbalance_accessor.metrics.score_grid import ScoreGrid
from imbalance_accessor.metrics.weights import ONES, Weights
from imbalance_accessor.process_state import cached_property

#: Draws whose best thresholds a median is taken of: an odd number, so that it is one of them.
DRAWS = 501
#: Rows above which the single best threshold is taken: there it is steady enough.
MEDIAN_ROWS = 20_000
#: Candidates of a draw: the argmax moves by far more than a 250th of the positives from draw to draw.
CANDIDATES = 250


#: What thresholds flag of the positives and of the negatives, each of shape (m,) or (b, m); the last one flags all.
Flagged: TypeAlias = "tuple[NDArray[Any], NDArray[Any]]"
#: How many of the rows in falling order each threshold flags; a slice where each row may be the last.
_Places: TypeAlias = "slice | NDArray[np.intp]"


def counts_of(flagged: Flagged) -> Confusion:
    """Return the four counts at each threshold."""
    tp, fp = flagged
    return Confusion(tp, fp, tp[..., -1:] - tp, fp[..., -1:] - fp)


@dataclass(frozen=True, eq=False)
class Sample:
    """What rows that do not count once each flag before they are multiplied by a factor of their class.

    Attributes
    ----------
    rows, own, squares : tuple of ndarray, shape (m,)
        Flagged positives and negatives: the rows, the sums of their own weights, and of those weights' squares.
    factors : ndarray of float, shape (2,)
        How much more negatives and positives count.
    """

    rows: Flagged
    own: Flagged
    squares: Flagged
    factors: Floats

    @property
    def confusion(self) -> WeightedCounts:
        """The four counts at each threshold."""
        return WeightedCounts(counts_of(self.own), self.factors, counts_of(self.squares))

    def averaged(self, deals: int) -> Sample:
        """Return the means over deals of the folds."""
        rows, own, squares = ((tp / deals, fp / deals) for tp, fp in (self.rows, self.own, self.squares))
        return Sample(rows, own, squares, self.factors)


@dataclass(frozen=True, eq=False)
class ThresholdTable:
    """Every threshold that flags a different set of rows, the strictest first.

    Attributes
    ----------
    thresholds : ndarray of float, shape (m,)
        Falling: +inf, which flags nobody, then each distinct score. A row is flagged when its score >= threshold.
    tp, fp : ndarray of int, shape (m,)
        Positives and negatives that each threshold flags; means where folds were dealt several times, sums of weights where
        rows do not count once each.
    positives, negatives : int or float
        Rows of each class; else their weight.
    cost : ndarray of float, shape (m,), or None
        Total cost at each threshold, where costs are known.
    scale : float
        How large the amounts are of which costs are sums.
    sample : Sample or None
        What is flagged before class factors, where rows do not count once each.
    cells : ScoreGrid or None
        The cells whose lowest scores the thresholds are, where these stand for all scores in them.
    """

    thresholds: Floats
    tp: NDArray[Any]
    fp: NDArray[Any]
    positives: float
    negatives: float
    cost: Floats | None = None
    scale: float = 0.0
    sample: Sample | None = None
    cells: ScoreGrid | None = None

    @property
    def n_rows(self) -> int:
        """How many rows choose, whatever they count."""
        return round(float(self.rows[0][-1] + self.rows[1][-1]))

    @property
    def rows(self) -> Flagged:
        """The positive and the negative rows that each threshold flags, whatever they count."""
        return (self.tp, self.fp) if self.sample is None else self.sample.rows

    @property
    def confusion(self) -> Confusion:
        """The four counts at each threshold, of shape (m,)."""
        return self.counts(slice(None)) if self.sample is None else self.sample.confusion

    def counts(self, positions: slice | NDArray[np.intp]) -> Confusion:
        """Return the four counts at some of the thresholds."""
        tp, fp = self.tp[positions], self.fp[positions]
        return Confusion(tp, fp, self.positives - tp, self.negatives - fp)

    def choose(self, objective: Objective) -> tuple[int, bool]:
        """Return the place of the best threshold for an objective, or of the nearest to it, and whether it is kept."""
        if objective.constraints or objective.criterion == "cost":
            return objective.choose(self.confusion, self.cost, self.scale)
        # the others are never better by flagging more negatives at the same true positives
        gains = np.flatnonzero(np.append(True, self.tp[1:] > self.tp[:-1]))
        place, kept = objective.choose(self.confusion_at(gains))
        return int(gains[place]), kept

    def confusion_at(self, places: NDArray[np.intp]) -> Confusion:
        """Return `confusion` at some of the thresholds."""
        return self.counts(places) if self.sample is None else counts_at(self.sample.confusion, places)

    def value(self, objective: Objective, place: int) -> float:
        """Return what an objective's criterion comes to at a threshold."""
        at = np.array([place])
        cost = None if self.cost is None else self.cost[at]
        return float(objective.value(self.confusion_at(at), cost)[0])

    def rounded(self, place: int, kind: type[np.floating] = np.float64) -> float:
        """Return the threshold at a place with as few digits as flag the same rows; see `rounded_down`."""
        below = float(self.thresholds[place + 1]) if place + 1 < len(self.thresholds) else -np.inf
        found = rounded_down(float(self.thresholds[place]), below, kind)
        while self.cells is not None and (inside := self.cells.inside(found)) is not None:
            found = rounded_down(float(self.thresholds[place]), inside, kind)  # flags a cell whole, or not
        return found

    def place_of(self, threshold: float) -> int:
        """Return the place of the lowest threshold that flags the same rows as this number."""
        return int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1

    def averaged(self, deals: int) -> ThresholdTable:
        """Return the means of what is counted, where each row stands here once for each deal of the folds.

        Examples
        --------
        >>> import numpy as np
        >>> y = np.array([True, False])
        >>> table = ThresholdGrid(np.tile(y, 2), [0.9, 0.4, 0.8, 0.85]).table.averaged(2)
        >>> table.thresholds.tolist(), table.tp.tolist(), table.fp.tolist()
        ([inf, 0.9, 0.85, 0.8, 0.4], [0.0, 0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5, 1.0])
        """
        if deals == 1:
            return self
        tp, fp, cost = self.tp / deals, self.fp / deals, None if self.cost is None else self.cost / deals
        rows, sample = (self.positives // deals, self.negatives // deals), self.sample
        if sample is not None:
            rows, sample = (self.positives / deals, self.negatives / deals), sample.averaged(deals)
        return ThresholdTable(self.thresholds, tp, fp, *rows, cost, self.scale / deals, sample, self.cells)


def best_of_draws(table: ThresholdTable, objective: Objective, seed: int = 0) -> NDArray[np.intp]:
    """Find the best threshold of each of `DRAWS` bootstrap draws within class.

    Parameters
    ----------
    table : ThresholdTable
        Of the rows that choose.
    objective : Objective
        Without limits, and not the cost: never better by flagging more negatives at the same true positives.
    seed : int

    Returns
    -------
    ndarray of int, shape (DRAWS,)
        Places in the table; of equal thresholds the one that flags fewest.

    Notes
    -----
    Such a criterion is best at +inf or at the score of some positive row. With P positives, of which a share h_j
    lies between candidate j and the one above it, the true positives of a draw are the running sums of
    Multinomial(P, h), and its false positives those of Multinomial(N, e) of the N negatives: exactly the bootstrap of
    rows within class, without drawing rows. Of more than `CANDIDATES` scores every k-th is tried, the lowest always.
    Rows are drawn so whatever they count. Where they have weights of their own, those drawn from between two candidates
    count the mean weight of the rows there, and the sums of a class are then multiplied by its factor.

    The median of the draws' best thresholds is bagging (Breiman 1996): the argmax of a criterion follows single rows,
    and its middle over resamples does so less. On fresh rows F1 is .001 to .004 higher in 6 of 6 cases
    (``benchmarks/threshold_median.py``).

    Examples
    --------
    >>> import numpy as np
    >>> table = ThresholdGrid(np.arange(100) >= 90, np.arange(100.0)).table
    >>> thresholds = table.thresholds[best_of_draws(table, Objective("f1"))]
    >>> float(np.median(thresholds)), float(thresholds.max())
    (90.0, 94.0)
    """
    rows, sample = table.rows, table.sample
    gains = np.flatnonzero(np.diff(rows[0]) > 0) + 1
    if not len(gains):
        return np.zeros(DRAWS, np.intp)
    gains = gains[::-1][:: -(-len(gains) // CANDIDATES)][::-1]
    ends = gains, np.append(gains, len(rows[1]) - 1)
    rng = np.random.default_rng(seed)
    tp, fp = (
        _drawn(rng, np.diff(each[at], prepend=0), None if own is None else np.diff(own[at], prepend=0))
        for each, own, at in zip(rows, (None, None) if sample is None else sample.own, ends, strict=True)
    )
    counts = Confusion(tp, fp[:, :-1], tp[:, -1:] - tp, fp[:, -1:] - fp[:, :-1])
    weighted = counts if sample is None else WeightedCounts(counts, sample.factors)
    positions: NDArray[np.intp] = np.append(0, gains)[objective.best(weighted, None, np.ones((), bool))]
    return positions


def _drawn(rng: np.random.Generator, between: NDArray[np.integer], own: Floats | None) -> NDArray[Any]:
    """Draw a class's rows anew, and sum up those above each candidate, none above +inf; shape (DRAWS, candidates + 1)."""
    rows = int(between.sum())
    drawn: NDArray[Any] = rng.multinomial(rows, between / max(rows, 1), DRAWS)
    if own is not None:
        drawn = drawn * (own / np.maximum(between, 1))
    return np.insert(drawn.cumsum(axis=1), 0, 0, axis=1)


@dataclass(frozen=True)
class Choice:
    """The threshold that a rule takes of a table.

    Attributes
    ----------
    threshold : float
        As it is written and applied: the score at `place`, rounded down to few digits that flag the same rows.
    place : int
        In the table.
    feasible : bool
        Whether it keeps the limits; else it is the nearest to keeping them.
    """

    threshold: float
    place: int
    feasible: bool


@dataclass(frozen=True)
class Tuning:
    """How a threshold is chosen for an objective, the same for all rows and for those outside of each fold.

    Attributes
    ----------
    objective : Objective
    rows : int
        Rows that choose, all folds together.
    seed : int
        Of the draws.
    kind : type
        Of the scores that the threshold will be compared with.
    """

    objective: Objective
    rows: int
    seed: int = 0
    kind: type[np.floating] = np.float64

    @property
    def has_draws(self) -> bool:
        """Whether a criterion alone decides, for which a median over draws could be taken."""
        return not self.objective.constraints and self.objective.criterion != "cost"

    @property
    def is_median(self) -> bool:
        """Whether the threshold is the median of the draws' best ones; else it is the single best one."""
        return self.has_draws and self.rows <= MEDIAN_ROWS

    def choose(self, table: ThresholdTable) -> Choice:
        """Choose one of the thresholds of a table: the lower median over draws, or by exact search."""
        place, feasible = self._median(table) if self.is_median else table.choose(self.objective)
        return Choice(table.rounded(place, self.kind), place, feasible)

    def threshold(self, table: ThresholdTable) -> float:
        """Return the threshold alone; nan where none keeps the limits."""
        chosen = self.choose(table)
        return chosen.threshold if chosen.feasible else np.nan

    def _median(self, table: ThresholdTable) -> tuple[int, bool]:
        return int(np.sort(best_of_draws(table, self.objective, self.seed))[DRAWS // 2]), True


class ThresholdGrid:
    """Rows in the order of their scores, sorted once, then asked for the thresholds of all or of some of them.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    score : array-like of float, shape (n,)
        The higher, the more likely positive.
    costs : Costs, optional
        What decisions cost.
    weights : Weights
        How much each row counts.
    cells : ScoreGrid, optional
        Where each score is the lowest one of a cell.
    order : ndarray of int, shape (n,), optional
        The rows' order by their scores, the highest first, where it is known.

    Raises
    ------
    ModelError
        If a score is missing or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> table = ThresholdGrid(np.array([True, False, True]), [0.9, 0.4, 0.4]).table
    >>> table.thresholds.tolist(), table.tp.tolist(), table.fp.tolist()
    ([inf, 0.9, 0.4], [0, 1, 2], [0, 0, 1])
    """

    def __init__(
        self,
        y: Bools,
        score: ArrayLike,
        costs: Costs | None = None,
        weights: Weights = ONES,
        cells: ScoreGrid | None = None,
        order: NDArray[np.intp] | None = None,
    ) -> None:
        y, score = np.asarray(y, bool), finite(score)
        # the order among equal scores does not matter: they are flagged together
        order = np.argsort(-score) if order is None else order
        self.order: NDArray[Any] = order.astype(_kind_of_places(len(y)))
        self._falling = np.append(np.inf, score[self.order])
        self.y, self.score = y[self.order], self._falling[1:]
        self.costs, self.weights, self.cells = costs, weights.take(self.order), cells
        #: What each row costs if it is flagged and if it is not, where that differs from row to row.
        self.amounts: tuple[Floats, Floats] | None = None
        if costs is not None and costs.by_row:
            flagged, passed = costs.of_rows(y)
            self.amounts = flagged[self.order], passed[self.order]

    def levels(self) -> NDArray[np.intp]:
        """Return the place of each row's score among the distinct ones, the highest first; in falling order."""
        return np.cumsum(np.append(False, self.score[1:] != self.score[:-1])) if len(self.y) else np.arange(0)

    @cached_property
    def _has_ties(self) -> bool:
        return bool((self.score[1:] == self.score[:-1]).any())

    @cached_property
    def table(self) -> ThresholdTable:
        """The thresholds of all rows: one more than there are distinct scores."""
        return self._table(slice(None))

    def table_of(self, rows: Bools) -> ThresholdTable:
        """Return the thresholds of some rows, given as a mask in the order they were handed in."""
        return self._table(rows[self.order])

    def _table(self, rows: Bools | slice) -> ThresholdTable:
        y, falling, copies = self.y[rows], self.score[rows], self.weights.copies
        # A threshold flags no row, or all down to the last one of a run of equal scores.
        at: _Places = slice(None)
        if self._has_ties and len(y):
            at = np.append(0, np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) + 1)
        tp, fp = _counted(y, at) if copies is None else _counted_copies(y, at, copies[rows])
        positives, negatives = int(tp[-1]), int(fp[-1])
        thresholds = (self._falling if isinstance(rows, slice) else np.append(np.inf, falling))[at]
        found = ThresholdTable(thresholds, tp, fp, positives, negatives, cells=self.cells)
        if not self.weights.rows_are_ones:
            found = self._weighted(found, rows, at)
        if self.costs is None:
            return found
        weights = self.weights.of(self.y)
        scale = self.costs.scale(len(self.y) if weights is None else float(weights.sum()))
        if self.amounts is None:
            return replace(found, cost=self.costs.of(found.confusion), scale=scale)
        # rows above a threshold cost what they cost flagged, rows below it what they cost passed over
        flagged, passed = (
            (amounts if weights is None else amounts * weights)[rows] for amounts in self.amounts
        )
        total = passed.sum() + _down_to(flagged - passed, at)
        return replace(found, cost=total, scale=scale)

    def _weighted(self, counted: ThresholdTable, rows: Bools | slice, at: _Places) -> ThresholdTable:
        """Return the table with sums of weights in place of counted rows."""
        y, factors = self.y[rows], self.weights.factors
        flagged = counted.tp, counted.fp
        sample = Sample(flagged, flagged, flagged, np.ones(2) if factors is None else factors)
        if self.weights.own is not None:
            each = (self.weights.total_own, self.weights.total_squares)
            sums = [_summed(y, values[rows], at) for values in each if values is not None]
            sample = replace(sample, own=sums[0], squares=sums[1])
        (negative, positive), (tp, fp) = sample.factors, sample.own
        tp, fp = positive * tp, negative * fp
        return replace(counted, tp=tp, fp=fp, positives=float(tp[-1]), negatives=float(fp[-1]), sample=sample)


def _down_to(values: NDArray[Any], at: _Places, kind: Any = None) -> NDArray[Any]:
    """Sum up values of falling scores down to each threshold, none at +inf."""
    sums = np.zeros(len(values) + 1, values.dtype if kind is None else kind)
    np.cumsum(values, out=sums[1:])
    return np.asarray(sums[at])


def _counted(y: Bools, at: _Places) -> Flagged:
    """Count the positives and the negatives down to each threshold."""
    kind = _kind_of_places(len(y))
    tp = _down_to(y, at, kind)
    return tp, np.asarray(np.arange(len(y) + 1, dtype=kind)[at] - tp)


def _counted_copies(y: Bools, at: _Places, copies: NDArray[np.int64]) -> Flagged:
    """Count the same of entries that stand for several rows."""
    tp, fp = (_down_to(np.where(side, copies, 0), at) for side in (y, ~y))
    return tp, fp


def _summed(y: Bools, values: Floats, at: _Places) -> Flagged:
    """Sum up values of the positives and of the negatives down to each threshold."""
    tp, fp = (_down_to(np.where(side, values, 0.0), at) for side in (y, ~y))
    return tp, fp


def _kind_of_places(n: int) -> type[np.int32] | type[np.int64]:
    """Return the smaller of the types that hold places among n rows."""
    return np.int32 if n < 2**31 - 1 else np.int64
