"""What decisions by probabilities come to: the cost, what the probabilities promise, and what calibrating them saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from imbalance_accessor.metrics.arrays import Bools, Floats, ratio
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.figures import Scores
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.measure import Figures, differences, measure
from imbalance_accessor.metrics.weights import ONES, Weights

#: Costs are those of so many rows.
PER = 1000
_UNKNOWN = (np.nan, np.nan, np.nan)
#: Probabilities that differ by less are the same.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Worth:
    """What decisions by one set of probabilities come to, for 1,000 rows; negative for a gain.

    Attributes
    ----------
    cost : tuple of (float, float, float)
        With its 95 % interval.
    promised : tuple of (float, float, float)
        What the probabilities say that these decisions cost, and between what 95 % of samples of this size would cost if the
        probabilities were true.
    saved : tuple of (float, float, float)
        What decisions by the uncalibrated probabilities cost more, with a 95 % interval; nan where there are none.
    flag_rate : float
    """

    cost: tuple[float, float, float]
    promised: tuple[float, float, float]
    saved: tuple[float, float, float]
    flag_rate: float

    @property
    def keeps_its_promise(self) -> bool:
        """Whether the cost is within what true probabilities would show by chance."""
        slack = 1e-9 * max(map(abs, self.promised))
        return self.promised[1] - slack <= self.cost[0] <= self.promised[2] + slack


def worth(
    probabilities: Mapping[str, Floats],
    y: Bools,
    costs: Costs,
    resamples: Resamples,
    *,
    weights: Weights,
    base: str,
) -> dict[str, Worth]:
    """Measure what the decisions cost that would be cheapest if probabilities were true.

    Parameters
    ----------
    probabilities : mapping of str to ndarray of float, shape (deals, n)
        One model's by calibrator, and as they are; figures are means over the deals.
    y : ndarray of bool, shape (n,)
    costs : Costs
        The same for all rows.
    resamples : Resamples
        Of these rows.
    weights : Weights
        How much these count.
    base : str
        The uncalibrated probabilities, from which savings are counted.

    Returns
    -------
    dict of str to Worth

    Notes
    -----
    A row is flagged from the probability (fp − tn) / (fp − tn + fn − tp) on (Elkan 2001), which no search has chosen.
    Intervals of costs are the percentile bootstrap's, or MOVER's from those of recall and specificity where that is wider: no
    draw shows a dear error of which the rows hold none. Those of savings hold for all calibrators at once (max-t).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.uniform(0, 0.2, (1, 5000))
    >>> y = rng.random(5000) < p[0]
    >>> worth({"none": p}, y, Costs(1, 9), Resamples(y), weights=ONES, base="none")["none"].keeps_its_promise
    True
    """
    scores = {
        key: Scores(y, flags={"": costs.flags(each)}, costs=costs, weights=weights)
        for key, each in probabilities.items()
    }
    for key, each in probabilities.items():  # what changes nothing differs by nothing
        if base in scores and np.abs(each - probabilities[base]).max() < _ROUNDING:
            scores[key] = scores[base]
    figures = measure(scores, resamples)
    saved = dict.fromkeys(figures, _UNKNOWN)
    if base in figures:
        dearer = differences(figures, "cost_per_row", base, n_groups=resamples.n_groups)
        saved = {key: (0.0 - point, 0.0 - high, 0.0 - low) for key, (point, low, high) in dearer.items()}
        saved[base] = (0.0, 0.0, 0.0)
    return {
        key: Worth(
            _scaled(*_cost(found, costs, resamples.effective_rows)),
            _scaled(*promise(probabilities[key], y, costs, weights)),
            _scaled(*saved[key]),
            found.points["flag_rate"],
        )
        for key, found in figures.items()
    }


def _cost(found: Figures, costs: Costs, rows: Floats) -> tuple[float, float, float]:
    """Return the cost a row with its interval (Zou & Donner 2008); `rows` tell as much as the negatives and positives."""
    points = found.points
    totals = np.array([points["fp"] + points["tn"], points["tp"] + points["fn"]])
    right = np.array([points["specificity"], points["recall"]])
    steps = totals / totals.sum() * [costs.tn - costs.fp, costs.tp - costs.fn]
    moves = [steps * (end - right) for end in wilson(right * rows, rows)]
    cheaper, dearer = (float(np.linalg.norm(each(*moves))) for each in (np.minimum, np.maximum))
    cost, low, high = (each["cost_per_row"] for each in (points, found.low, found.high))
    return cost, float(np.minimum(low, cost - cheaper)), float(np.maximum(high, cost + dearer))


def promise(p: Floats, y: Bools, costs: Costs, weights: Weights = ONES) -> tuple[float, float, float]:
    """Return what probabilities promise that decisions by them cost a row, and the 95 % interval of the cost if they are true.

    Parameters
    ----------
    p : ndarray of float, shape (deals, n)
    y : ndarray of bool, shape (n,)
        What came of the rows, by which they count; the promise itself does not ask.
    costs : Costs
    weights : Weights

    Returns
    -------
    promised, low, high : float

    Notes
    -----
    With c₁ and c₀ what a decided row costs if it is positive or not, e = p c₁ + (1 − p) c₀ is promised, and the cost of true
    probabilities has the variance Σ w² p (1 − p) (c₁ − c₀)² / (Σ w)². Rare outcomes that cost much make it skewed: its ends are
    at z + (z² − 1) γ / 6 standard deviations, γ being the skewness (Cornish & Fisher 1938), and none
    nearer than z / 2. The rows seen tell less: a sample may hold no miss at all. Where classes count by factors f, the
    rows were drawn so that a positive is p / f₁ to (1 − p) / f₀.

    Examples
    --------
    >>> promised, low, high = promise(np.full((1, 1000), 0.1), np.arange(1000) < 100, Costs(1, 5))
    >>> round(promised, 3), round(low, 2), round(high, 2)  # none is flagged
    (0.5, 0.41, 0.59)
    """
    flags = costs.flags(p)
    positive = np.where(flags, costs.tp, costs.fn).mean(axis=0)
    negative = np.where(flags, costs.fp, costs.tn).mean(axis=0)
    expected = costs.expected(p).mean(axis=0)
    promised = float(np.average(expected, weights=weights.of(y)))
    one, outcomes = weights.of_one_row, (np.ones(len(y), bool), np.zeros(len(y), bool))
    w_positive, w_negative = map(one.each, outcomes)
    share = p.mean(axis=0)
    drawn = ratio(share / w_positive, share / w_positive + (1 - share) / w_negative)
    moved = w_positive * (positive - expected), w_negative * (negative - expected)
    centre = drawn * moved[0] + (1 - drawn) * moved[1]
    second, third = (
        drawn * (moved[0] - centre) ** power + (1 - drawn) * (moved[1] - centre) ** power for power in (2, 3)
    )
    times = np.ones(len(y)) if weights.copies is None else weights.copies
    spread = float(np.sqrt(times @ second))
    skewness = float(times @ third) / spread**3 if spread else 0.0
    z, total = float(ndtri(0.975)), float(weights.each(y).sum())
    bend = (z**2 - 1) * skewness / 6
    # beyond that the short side would end before what is likeliest: no such row at all
    low, high = min(bend, z / 2) - z, max(bend, -z / 2) + z
    return promised, promised + low * spread / total, promised + high * spread / total


def _scaled(point: float, low: float, high: float) -> tuple[float, float, float]:
    return PER * point, PER * low, PER * high
