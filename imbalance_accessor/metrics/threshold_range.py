"""How sure a threshold is: the thresholds that resamples of the rows would have chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Floats, sum_by_cell
from imbalance_accessor.metrics.bootstrap import Resamples, cell_draws, n_draws_for
from imbalance_accessor.metrics.objectives import Objective, WeightedCounts
from imbalance_accessor.metrics.thresholds import (
    ThresholdGrid,
    ThresholdTable,
    Tuning,
    best_of_draws,
    counts_of,
)

#: Distinct scores above which neighbouring ones are put together.
MOST_SCORES = 2048


@dataclass(frozen=True, eq=False)
class ThresholdRange:
    """The spread of a threshold over resamples.

    Attributes
    ----------
    low, high : float
        95 % of the thresholds that resamples of these scores choose lie between them; nan where no resample keeps the limits.
    thresholds : ndarray of float, shape (n_draws,)
        The threshold of each draw, nan where no threshold keeps the limits.
    groups : int
        Distinct scores, or groups of them.
    grouped : bool
        Whether neighbouring scores were put together.
    """

    low: float
    high: float
    thresholds: Floats
    groups: int
    grouped: bool

    @property
    def infeasible(self) -> float:
        """Share of the draws in which no threshold keeps the limits."""
        return float(np.isnan(self.thresholds).mean()) if len(self.thresholds) else 0.0

    @property
    def is_drawn(self) -> bool:
        """Whether there are draws: fewer than ten groups are not resampled."""
        return bool(len(self.thresholds))


def threshold_range(
    grid: ThresholdGrid,
    tuning: Tuning,
    *,
    resamples: Resamples | None = None,
    n_draws: int | None = None,
    confidence: float = 0.95,
    most_groups: int = MOST_SCORES,
) -> ThresholdRange:
    """Choose a threshold on every resample of the rows.

    Parameters
    ----------
    grid : ThresholdGrid
        The rows that chose.
    tuning : Tuning
        How they chose, with the seed of the draws.
    resamples : Resamples, optional
        Of the rows, in the order the grid was handed them and with its weights, where whole groups are drawn.
    n_draws : int
        Draws, where the threshold is not the median of its own.
    confidence : float, default 0.95
    most_groups : int
        Distinct scores above which neighbouring ones are put together.

    Returns
    -------
    ThresholdRange
        Its ends are thresholds that were chosen, rounded as a chosen threshold is, so that one of them may be inf.

    Notes
    -----
    It is the range of these scores' best threshold, not of what another fit would choose. Where the threshold is the
    median over draws, these are the very draws: their middle 95 %. Otherwise, and where whole groups are drawn, each
    draw is searched exactly.

    The percentile bootstrap (Efron & Tibshirani 1993). A row matters by its score and its class alone, so drawing
    n rows is drawing n times from the cells (score, class), a multinomial; that is exact up to `most_groups`
    distinct scores. Above them neighbouring scores form groups of equal mass, each class having half of the mass,
    so that rare positives are distinguished as finely as the many negatives. Where amounts differ from row to row, the
    rows drawn from a cell cost their mean plus normal noise of the cell's variance. Where rows have weights of their own,
    those drawn from a cell count their mean weight; where a prevalence is known, rows are drawn within class, and the sums
    of a class are multiplied by its factor.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.arange(100) >= 90
    >>> found = threshold_range(ThresholdGrid(y, np.arange(100.0)), Tuning(Objective("f1"), rows=100))
    >>> found.low, found.high
    (90.0, 93.0)
    """
    table, objective = grid.table, tuning.objective
    if tuning.is_median and resamples is None:
        thresholds, n_groups = (
            table.thresholds[best_of_draws(table, objective, tuning.seed)],
            len(table.thresholds) - 1,
        )
    else:
        group, lowest = _groups(grid, most_groups)
        blocks = _resampled(grid, group, len(lowest), resamples, n_draws, tuning.seed)
        found = [_chosen(draws, lowest, objective, grid) for draws in blocks]
        thresholds, n_groups = np.concatenate([np.empty(0), *found]), len(lowest)
    low, high = _ends(thresholds, table, tuning, confidence)
    return ThresholdRange(low, high, thresholds, n_groups, n_groups < len(table.thresholds) - 1)


def pooled_range(
    ranges: Sequence[ThresholdRange], table: ThresholdTable, tuning: Tuning, confidence: float = 0.95
) -> ThresholdRange:
    """Put the ranges of folds that were dealt several times together.

    Parameters
    ----------
    ranges : sequence of ThresholdRange
        One for each deal.
    table : ThresholdTable
        Of all deals; see `ThresholdTable.averaged`.
    tuning : Tuning
    confidence : float, default 0.95

    Notes
    -----
    The draws of all deals are one sample, so that the range holds what resamples move and what the deals of the folds
    move. It is that of one deal's threshold; the average of several moves less.
    """
    if len(ranges) == 1:
        return ranges[0]
    thresholds = np.concatenate([each.thresholds for each in ranges])
    low, high = _ends(thresholds, table, tuning, confidence)
    return ThresholdRange(
        low, high, thresholds, max(each.groups for each in ranges), any(each.grouped for each in ranges)
    )


def _ends(
    thresholds: Floats, table: ThresholdTable, tuning: Tuning, confidence: float
) -> tuple[float, float]:
    """Return the ends of the middle of the draws' thresholds, rounded as a chosen threshold is."""
    ends = np.sort(thresholds[~np.isnan(thresholds)])
    if not len(ends):
        return np.nan, np.nan
    tail = (1 - confidence) / 2
    positions = int(tail * (len(ends) - 1)), int(np.ceil((1 - tail) * (len(ends) - 1)))
    low, high = (table.rounded(table.place_of(ends[place]), tuning.kind) for place in positions)
    return low, high


def _groups(grid: ThresholdGrid, most: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the group of each row (in the grid's order) and each group's lowest score, falling."""
    thresholds = grid.table.thresholds[1:]
    if len(thresholds) <= most:
        return grid.levels(), thresholds
    tp, fp = grid.table.rows
    mass = (tp / max(tp[-1], 1) + fp / max(fp[-1], 1))[1:]
    ends = np.unique(np.searchsorted(mass, np.arange(1, most + 1) / most * mass[-1] - 1e-12))
    return np.searchsorted(ends, grid.levels()), thresholds[ends]


@dataclass(frozen=True, eq=False)
class _Draws:
    """What b draws hold of each (group, class), each of shape (b, 2 · n_groups).

    Attributes
    ----------
    own : ndarray of float
        Sums of the rows' own weights; the rows themselves where they have none.
    added : ndarray of float, shape (b, n_groups), or None
        What flagging each group adds to the cost, where that differs from row to row.
    squares : ndarray of float
        Sums of the own weights' squares.
    """

    own: Floats
    added: Floats | None
    squares: Floats


def _resampled(
    grid: ThresholdGrid,
    group: NDArray[np.intp],
    n_groups: int,
    resamples: Resamples | None,
    n_draws: int | None,
    seed: int,
) -> Iterator[_Draws]:
    cell, n_cells = 2 * group + grid.y, 2 * n_groups
    own, weights, copies = grid.weights.own, grid.weights.of_one_row.of(grid.y), grid.weights.copies
    extra = None if grid.amounts is None else grid.amounts[0] - grid.amounts[1]
    if resamples is not None:
        by_cell = np.tile(_factors(grid), n_groups)
        for unordered in resamples.blocks():
            drawn = unordered[:, grid.order]
            added = None if extra is None else sum_by_cell(group, n_groups, drawn * extra)
            sums = sum_by_cell(cell, n_cells, drawn) / by_cell
            squares = sums if own is None else sum_by_cell(cell, n_cells, drawn * own) / by_cell
            yield _Draws(sums, added, squares)
        return
    rng = np.random.default_rng(seed)
    if extra is not None and weights is not None:
        extra = extra * weights
    wanted = n_draws_for(1) if n_draws is None else n_draws
    by_class = grid.weights.factors is not None
    for counts in cell_draws(rng, cell, n_cells, wanted, copies=copies, by_class=by_class):
        added = None if extra is None else _added(rng, counts, cell, extra, copies)
        if own is None:
            yield _Draws(counts, added, counts)
        else:
            means = [_mean(each, cell, n_cells, copies) for each in (own, own**2)]
            yield _Draws(counts * means[0], added, counts * means[1])


def _mean(values: Floats, cell: NDArray[np.intp], n_cells: int, copies: NDArray[np.int64] | None) -> Floats:
    """Return the mean of each cell's rows; 0 where it has none."""
    rows = np.maximum(np.bincount(cell, copies, minlength=n_cells), 1)
    sums = np.bincount(cell, values if copies is None else values * copies, minlength=n_cells)
    return np.asarray(sums / rows)


def _added(
    rng: np.random.Generator,
    counts: Floats,
    cell: NDArray[np.intp],
    extra: Floats,
    copies: NDArray[np.int64] | None,
) -> Floats:
    """Return what flagging each group adds to the cost: exact for cells of one row, else with normal noise."""
    n_cells = counts.shape[1]
    mean = _mean(extra, cell, n_cells, copies)
    spread = np.sqrt(_mean((extra - mean[cell]) ** 2, cell, n_cells, copies))
    sums = counts * mean
    if spread.any():
        sums += np.sqrt(counts) * spread * rng.standard_normal(counts.shape)
    return np.asarray(sums[:, 0::2] + sums[:, 1::2])


def _chosen(draws: _Draws, lowest: Floats, objective: Objective, grid: ThresholdGrid) -> Floats:
    """Return the threshold that each draw chooses."""
    table = counts_of(_flagged(draws.own))
    if grid.weights.rows_are_ones:
        rows = draws.own[0].sum()
    else:
        table = WeightedCounts(table, _factors(grid), counts_of(_flagged(draws.squares)))
        rows = sum(each[0, 0] for each in (table.tp, table.fp, table.fn, table.tn))
    costs, cost = grid.costs, None
    if objective.criterion == "cost" and costs is not None:
        # what all rows cost when nobody is flagged moves no threshold, and is left out
        added = draws.added
        cost = costs.of(table) if added is None else _from_none(np.cumsum(added, axis=1))
    kept = objective.holds(table)
    scale = 0.0 if costs is None else costs.scale(float(rows))
    positions = objective.best(table, cost, kept, scale)
    return np.where(kept.any(axis=1), np.append(np.inf, lowest)[positions], np.nan)


def _factors(grid: ThresholdGrid) -> Floats:
    """Return how much more each class counts."""
    return np.ones(2) if grid.weights.factors is None else grid.weights.factors


def _flagged(cells: Floats) -> tuple[Floats, Floats]:
    """Return the positives and the negatives of each draw that each threshold flags."""
    tp, fp = (_from_none(np.cumsum(cells[:, side::2], axis=1)) for side in (1, 0))
    return tp, fp


def _from_none(sums: Floats) -> Floats:
    """Put the threshold that flags nobody before the others."""
    return np.concatenate([np.zeros((len(sums), 1)), sums], axis=1)
