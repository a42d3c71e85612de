"""What a threshold is chosen for: a criterion to maximise, and limits that must hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv

from imbalance_accessor.metrics.arrays import Bools, Floats, ratio
from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.registry import criteria, figure_of

#: Criteria that are best where everyone or nobody is flagged, unless a limit holds them.
ONE_SIDED = ("recall", "precision", "specificity", "flag_rate")

#: Relative rounding of a criterion computed from whole counts stays well below this,
_ROUNDING = 1e-14
#: and that of a sum of amounts below this.
_SUM_ROUNDING = 1e-12


def objectives() -> list[str]:
    """Return every criterion a threshold can be chosen by."""
    return [*criteria(), "fbeta", "cost", *ONE_SIDED]


@dataclass(frozen=True)
class Constraint:
    """A bound that a threshold must keep.

    Attributes
    ----------
    metric : {"precision", "recall", "flag_rate"}
        The flag rate is bounded from above, the others from below.
    bound : float
    """

    metric: str
    bound: float

    @property
    def is_ceiling(self) -> bool:
        """Whether the bound is an upper one."""
        return self.metric == "flag_rate"

    def reached(self, counts: Confusion, confidence: float | None = None) -> Floats:
        """Return the figure that is held against the bound: the share itself, or its one-sided bound.

        Notes
        -----
        The bound of Clopper & Pearson (1934): with s successes in t trials, the lower one is the
        (1 − confidence) quantile of Beta(s, t − s + 1), the upper one the confidence quantile of
        Beta(s + 1, t − s).
        """
        hits, trials = _share(self.metric, counts)
        if confidence is None:
            return ratio(hits, trials)
        return exact_bound(hits, trials, confidence, upper=self.is_ceiling)

    def holds(self, counts: Confusion, confidence: float | None = None) -> Bools:
        """Say where the bound is kept; never where there is nothing to take a share of."""
        hits, trials = _share(self.metric, counts)
        share = ratio(hits, trials)
        kept = np.asarray(
            ((share <= self.bound) if self.is_ceiling else (share >= self.bound)) & (trials > 0)
        )
        if confidence is None or not kept.any():
            return kept
        # an exact bound lies beyond the share, so that only thresholds that keep the limit themselves can keep it
        sure = np.zeros(kept.shape, dtype=bool)
        sure[kept] = self._surely(hits[kept], np.broadcast_to(trials, kept.shape)[kept], confidence)
        return sure

    def _surely(self, hits: Floats, trials: Floats, confidence: float) -> Bools:
        """Say where the one-sided bound keeps the limit, without inverting the distribution."""
        misses = trials - hits
        if self.is_ceiling:  # the chance of so few hits, were the share at the limit
            chance = np.where(misses > 0, betainc(np.maximum(misses, 1), hits + 1, 1 - self.bound), 1.0)
        else:  # the chance of so many
            chance = np.where(hits > 0, betainc(np.maximum(hits, 1), misses + 1, self.bound), 1.0)
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
        rounding = scale * _SUM_ROUNDING if self.criterion == "cost" else np.abs(best) * _ROUNDING
        with np.errstate(invalid="ignore"):  # nothing is kept: -inf and inf
            lowest = best - np.where(np.isfinite(best), rounding, 0)
            found: np.intp | np.ndarray = np.argmax(gain >= lowest, axis=-1)
        return found

    def _nearest(self, counts: Confusion, cost: Floats | None, scale: float) -> int:
        """Return the threshold that misses its worst limit by least."""
        # between two thresholds that gain positives only false alarms are added, which helps no limit
        gains = np.flatnonzero(np.append(True, np.diff(counts.tp) > 0))
        some = Confusion(counts.tp[gains], counts.fp[gains], counts.fn[gains], counts.tn[gains])
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
