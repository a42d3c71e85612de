"""What a threshold is chosen for: a criterion to maximise, and limits that must hold."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv

from imbalance_accessor.metrics.arrays import Bools, Codes, Floats, odds_divided, ratio
from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.registry import criteria, figure_of

#: Criteria that are best where everyone or nobody is flagged, unless a limit holds them.
ONE_SIDED = ("recall", "precision", "specificity", "flag_rate")

#: Relative rounding of a criterion computed from whole counts stays well below this,
_ROUNDING = 1e-14
#: and that of a sum of amounts, or of weights, below this.
_SUM_ROUNDING = 1e-12


def objectives() -> list[str]:
    """Return every criterion a threshold can be chosen by."""
    return [*criteria(), "fbeta", "cost", *ONE_SIDED]


class WeightedCounts(Confusion):
    """Counts that are sums of weights, and the sums before they are multiplied by a factor of their class.

    Parameters
    ----------
    own : Confusion
        Sums of the rows' own weights; the rows themselves where they have none.
    factors : ndarray of float, shape (2,)
        How much more negatives and positives count.
    squares : Confusion, optional
        Sums of the own weights' squares, of which bounds with confidence are made.

    Examples
    --------
    >>> counts = WeightedCounts(Confusion(tp=8, fp=4, fn=2, tn=6), np.array([1.5, 0.5]))
    >>> float(counts.precision), float(counts.recall)
    (0.4, 0.8)
    """

    own: Confusion
    factors: Floats
    squares: Confusion | None

    def __init__(self, own: Confusion, factors: Floats, squares: Confusion | None = None) -> None:
        negative, positive = factors
        super().__init__(positive * own.tp, negative * own.fp, positive * own.fn, negative * own.tn)
        for name, value in {"own": own, "factors": factors, "squares": squares}.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Constraint:
    """A bound that a threshold must keep.

    Attributes
    ----------
    metric : {"precision", "recall", "flag_rate"}
        The flag rate is bounded from above, the others from below.
    bound : float

    Notes
    -----
    With confidence it is held by the bound of Clopper & Pearson (1934): with s successes in t trials, the lower one is the
    (1 − confidence) quantile of Beta(s, t − s + 1), the upper one the confidence quantile of Beta(s + 1, t − s).

    Of weighted rows as many are counted as they tell: t = (Σ w)² / Σ w² (Kish 1965), and s is t times the share. The rows
    are those that the share is taken of, w being their own weights; for the flag rate, times the factor f of their class.
    For precision the share is that of the sample, before class factors, and the odds of its bound are multiplied by f₁ / f₀.
    Where rows have no weights of their own, recall and precision are so held by whole rows.

    Examples
    --------
    >>> limit, rows = Constraint("precision", 0.5), Confusion(tp=90, fp=1, fn=10, tn=299)
    >>> counts = WeightedCounts(rows, factors=np.array([1.3, 0.08]), squares=rows)
    >>> float(counts.precision.round(3)), bool(limit.holds(counts)), bool(limit.holds(counts, 0.99))
    (0.847, True, False)
    """

    metric: str
    bound: float

    @property
    def is_ceiling(self) -> bool:
        """Whether the bound is an upper one."""
        return self.metric == "flag_rate"

    def reached(self, counts: Confusion, confidence: float | None = None) -> Floats:
        """Return the figure that is held against the bound: the share itself, or its one-sided bound."""
        if confidence is None:
            return ratio(*_share(self.metric, counts))
        found = exact_bound(*_tested(self.metric, counts), confidence, upper=self.is_ceiling)
        return np.asarray(_moved(found, self._odds_ratio(counts)))[()]

    def holds(self, counts: Confusion, confidence: float | None = None) -> Bools:
        """Say where the bound is kept; never where there is nothing to take a share of."""
        hits, trials = _share(self.metric, counts)
        kept = np.asarray(
            self.is_kept(ratio(hits, trials), weighted=isinstance(counts, WeightedCounts)) & (trials > 0)
        )
        if confidence is None or not kept.any():
            return kept
        # an exact bound lies beyond the share, so that only thresholds that keep the limit themselves can keep it
        sure = np.zeros(kept.shape, dtype=bool)
        hits, trials = (np.broadcast_to(each, kept.shape)[kept] for each in _tested(self.metric, counts))
        limit = float(_moved(self.bound, 1 / self._odds_ratio(counts)))
        sure[kept] = self._surely(hits, trials, confidence, limit)
        return sure

    def is_kept(self, share: Any, *, weighted: bool = False) -> Any:
        """Say where a share keeps the bound; one of sums of weights may miss it by their rounding."""
        slack = self.bound * _SUM_ROUNDING if weighted else 0.0
        return share <= self.bound + slack if self.is_ceiling else share >= self.bound - slack

    def _odds_ratio(self, counts: Confusion) -> float:
        """Return how much larger the odds are than in the sample whose rows are tested."""
        if self.metric != "precision" or not isinstance(counts, WeightedCounts):
            return 1.0
        negative, positive = counts.factors
        return float(positive / negative)

    def _surely(self, hits: Floats, trials: Floats, confidence: float, limit: float) -> Bools:
        """Say where the one-sided bound keeps the limit, without inverting the distribution."""
        misses = trials - hits
        if self.is_ceiling:  # the chance of so few hits, were the share at the limit
            chance = np.where(misses > 0, betainc(np.maximum(misses, 1), hits + 1, 1 - limit), 1.0)
        else:  # the chance of so many
            chance = np.where(hits > 0, betainc(np.maximum(hits, 1), misses + 1, limit), 1.0)
        return np.asarray(chance <= round(1 - confidence, 12))  # 1 - 0.9 is a little below 0.1


def exact_bound(hits: ArrayLike, trials: ArrayLike, confidence: float, *, upper: bool) -> Floats:
    """Bound a share from one side.

    Parameters
    ----------
    hits, trials : array-like of float
    confidence : float
        How often the bound holds, at least.
    upper : bool
        Whether the bound is an upper one.

    Returns
    -------
    ndarray of float64
        0 or 1 where nothing can be said.

    Notes
    -----
    Clopper & Pearson (1934).

    Examples
    --------
    >>> round(float(exact_bound(20, 20, 0.95, upper=False)), 3)
    0.861
    """
    s, t = np.broadcast_arrays(np.asarray(hits, np.float64), np.asarray(trials, np.float64))
    if upper:
        found = np.where(s < t, betaincinv(s + 1, np.maximum(t - s, 1), confidence), 1.0)
    else:
        found = np.where(s > 0, betaincinv(np.maximum(s, 1), t - s + 1, 1 - confidence), 0.0)
    bound: Floats = found[()]
    return bound


def _share(metric: str, counts: Confusion) -> tuple[Floats, Floats]:
    """Return successes and trials of a share."""
    flagged = counts.tp + counts.fp
    if metric == "precision":
        return counts.tp, flagged
    if metric == "recall":
        return counts.tp, counts.tp + counts.fn
    return flagged, flagged + counts.fn + counts.tn


def _tested(metric: str, counts: Confusion) -> tuple[Floats, Floats]:
    """Return the successes and trials that an exact bound counts; see `Constraint`."""
    if not isinstance(counts, WeightedCounts):
        return _share(metric, counts)
    assert counts.squares is not None
    own, squares = counts.own, counts.squares
    if metric == "flag_rate":
        own, squares = counts, WeightedCounts(squares, counts.factors**2)
    hits, trials = _share(metric, own)
    worth = ratio(trials, _share(metric, squares)[1])
    return hits * worth, trials * worth


def _moved(share: Any, odds_ratio: float) -> Any:
    """Return a share whose odds are so many times as large."""
    return share if odds_ratio == 1 else odds_divided(share, 1 / odds_ratio)


def counts_at(counts: Confusion, positions: Codes) -> Confusion:
    """Return the counts at some of many thresholds."""
    if isinstance(counts, WeightedCounts):
        squares = None if counts.squares is None else counts_at(counts.squares, positions)
        return WeightedCounts(counts_at(counts.own, positions), counts.factors, squares)
    return Confusion(*(getattr(counts, each.name)[positions] for each in fields(Confusion)))


@dataclass(frozen=True)
class Objective:
    """What a threshold is chosen for.

    Attributes
    ----------
    criterion : str
        One of `objectives`; ``"cost"`` is made small, everything else large.
    beta : float, default 1.0
        How much more recall counts than precision, for ``"fbeta"``.
    constraints : tuple of Constraint
        What must hold.
    confidence : float, optional
        How surely the limits must hold on new rows; else they hold for the rows that choose.

    Examples
    --------
    >>> counts = Confusion(tp=[0, 1, 2], fp=[0, 0, 3], fn=[2, 1, 0], tn=[3, 3, 0])
    >>> Objective("recall", constraints=(Constraint("precision", 0.9),)).choose(counts)
    (1, True)
    """

    criterion: str = "f1"
    beta: float = 1.0
    constraints: tuple[Constraint, ...] = ()
    confidence: float | None = None

    def value(self, counts: Confusion, cost: Floats | None = None) -> Floats:
        """Return the criterion itself; costs are handed in."""
        if self.criterion == "cost":
            assert cost is not None
            return cost
        if self.criterion == "fbeta":
            return fbeta(counts, self.beta)
        return figure_of(counts, self.criterion)

    def holds(self, counts: Confusion) -> Bools:
        """Say where every limit is kept."""
        kept = np.ones(np.shape(counts.tp), dtype=bool)
        for constraint in self.constraints:
            kept &= constraint.holds(counts, self.confidence)
        return kept

    def choose(self, counts: Confusion, cost: Floats | None = None, scale: float = 0.0) -> tuple[int, bool]:
        """Choose one of the thresholds of a table.

        Parameters
        ----------
        counts : Confusion
            At each threshold, of shape (m,), the strictest threshold first.
        cost : ndarray of float, shape (m,), optional
            Total cost at each threshold, for ``criterion="cost"``.
        scale : float
            How large the amounts are of which the costs are sums.

        Returns
        -------
        place : int
            The best threshold that keeps the limits, or the one nearest to keeping them; of equals the strictest.
        feasible : bool
            Whether it keeps them.
        """
        kept = self.holds(counts)
        if kept.any():
            return int(self.best(counts, cost, kept, scale)), True
        return self._nearest(counts, cost, scale), False

    def best(
        self, counts: Confusion, cost: Floats | None, kept: Bools, scale: float = 0.0
    ) -> np.intp | np.ndarray:
        """Return the place of the best threshold along the last axis, of equals the first; 0 where none is kept."""
        values = self.value(counts, cost)
        gain = np.where(kept, -values if self.criterion == "cost" else values, -np.inf)
        best = gain.max(axis=-1, keepdims=True)
        # Equal criteria of different counts (3/4 + 1/6 and 5/12 + 1/2) may differ in their last bit.
        digits = _SUM_ROUNDING if isinstance(counts, WeightedCounts) else _ROUNDING
        rounding = scale * _SUM_ROUNDING if self.criterion == "cost" else np.abs(best) * digits
        with np.errstate(invalid="ignore"):  # nothing is kept: -inf and inf
            lowest = best - np.where(np.isfinite(best), rounding, 0)
            found: np.intp | np.ndarray = np.argmax(gain >= lowest, axis=-1)
        return found

    def _nearest(self, counts: Confusion, cost: Floats | None, scale: float) -> int:
        """Return the threshold that misses its worst limit by least."""
        # between two thresholds that gain positives only false alarms are added, which helps no limit
        gains = np.flatnonzero(np.append(True, np.diff(counts.tp) > 0))
        some = counts_at(counts, gains)
        short = np.zeros(len(gains))
        for constraint in self.constraints:
            reached = constraint.reached(some, self.confidence)
            missed = reached - constraint.bound if constraint.is_ceiling else constraint.bound - reached
            short = np.maximum(short, missed)
        kept = np.asarray(short <= short.min() + _ROUNDING)
        return int(gains[self.best(some, None if cost is None else cost[gains], kept, scale)])


def fbeta(counts: Confusion, beta: float) -> Floats:
    """Return the weighted harmonic mean of precision and recall.

    Notes
    -----
    (1 + β²) · tp / ((1 + β²) · tp + β² · fn + fp) (van Rijsbergen 1979).

    Examples
    --------
    >>> round(float(fbeta(Confusion(tp=6, fp=4, fn=2, tn=88), beta=2)), 4)
    0.7143
    """
    square = beta**2
    hits = (1 + square) * counts.tp
    return ratio(hits, hits + square * counts.fn + counts.fp)
