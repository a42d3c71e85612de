"""Shares of counted rows, for their intervals: how many rows tell as much, and how class factors move the share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imbalance_accessor.metrics.arrays import odds_divided, ratio
from imbalance_accessor.metrics.intervals import geometric_mean_of_shares, mean_of_shares, wilson
from imbalance_accessor.metrics.registry import IntervalKind, ShareTerms
from imbalance_accessor.metrics.weights import Weights

#: The cells of each class's rows, in sort order.
_CELLS = (("fp", "tn"), ("tp", "fn"))


@dataclass(frozen=True)
class CountedShare:
    """So many hits of so many rows.

    Attributes
    ----------
    hits, rows : float
        Rows that count once each; of rows with weights of their own, Kish's effective number of them.
    weight : float
        How much the share counts in a mean of several.
    odds : float
        What its odds are multiplied by where classes count differently from how they were sampled.
    of_rows : float, optional
        Rows that the weights are shares of, where these vary as among so many; None: they are known.
    """

    hits: float
    rows: float
    weight: float = 1.0
    odds: float = 1.0
    of_rows: float | None = None


def shares_of_cells(
    terms: ShareTerms,
    points: Mapping[str, float],
    squares: Mapping[str, float] | None,
    weights: Weights,
) -> list[CountedShare]:
    """Return the shares of counted rows that a share of weighted cells is made of.

    Parameters
    ----------
    terms : tuple of (tuple of str, tuple of str)
        Which of tp, fp, fn, tn are counted, of which.
    points : mapping of str to float
        Their weights.
    squares : mapping of str to float, optional
        Sums of the squares of the rows' own weights; None where rows have none.
    weights : Weights
        What rows count, of which the factors of their class are read.

    Notes
    -----
    Within one class its factor cancels. A share of all rows, such as the accuracy, is the mean of one share a class. Of
    flagged rows the share of positives is that of the sample, its odds times the ratio of the factors; how far the shares
    of a table's classes vary it holds already, since a sample has no more rows of a class.
    """
    factors = weights.factors
    of_class = {cell: side for side, cells in enumerate(_CELLS) for cell in cells}
    own = {
        cell: points[cell] / (1.0 if factors is None else float(factors[side]))
        for cell, side in of_class.items()
    }
    again = own if squares is None else squares

    def counted(hits: Sequence[str], of: Sequence[str]) -> CountedShare:
        rows = sum(own[cell] for cell in of)
        kish = float(ratio(rows, sum(again[cell] for cell in of)))
        return CountedShare(sum(own[cell] for cell in hits) * kish, rows * kish)

    hits, of = terms
    if factors is None or len({of_class[cell] for cell in of}) == 1:
        return [counted(hits, of)]
    if len(of) == len(own):
        return [
            replace(
                counted([cell for cell in cells if cell in hits], cells),
                weight=sum(points[cell] for cell in cells),
                of_rows=weights.table_rows,
            )
            for cells in _CELLS
        ]
    side = of_class[hits[0]]
    return [replace(counted(hits, of), odds=float(factors[side] / factors[1 - side]))]


def interval_of_shares(kind: IntervalKind, counted: Sequence[CountedShare]) -> tuple[float, float]:
    """Return the interval of a share, or of the mean or geometric mean of several.

    Examples
    --------
    >>> low, high = interval_of_shares("wilson", [CountedShare(20, 40, odds=0.01)])
    >>> round(low, 4), round(high, 4)  # 20 of 40 flagged rows, where each negative stands for a hundred
    (0.0054, 0.0181)
    >>> low, high = interval_of_shares("wilson", [CountedShare(20, 20, odds=1e-49)])  # where they stand for all there are
    >>> low < 1e-48, high
    (True, 1.0)
    """
    hits, rows = (np.array([getattr(each, name) for each in counted]) for name in ("hits", "rows"))
    low, high = wilson(hits, rows)
    if len(counted) > 1:
        shares = ratio(hits, rows)
        if kind == "log mover":
            return geometric_mean_of_shares(shares, low, high)
        return mean_of_shares(shares, low, high, [each.weight for each in counted], counted[0].of_rows)
    ends = float(low[0]), float(high[0])
    by = 1 / counted[0].odds
    return ends if by == 1 else (float(odds_divided(ends[0], by)), float(odds_divided(ends[1], by)))
