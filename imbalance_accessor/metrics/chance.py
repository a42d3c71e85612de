"""What a perfectly calibrated model would show by chance: calibration error and miscalibration of simulated outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from imbalance_accessor.metrics.arrays import Bools, Floats, ratio, sum_by_cell
from imbalance_accessor.metrics.bins import BinRule, bin_of
from imbalance_accessor.metrics.calibration import prior_corrected, that_count
from imbalance_accessor.metrics.weights import ONES, Weights

#: Distinct probabilities above which neighbouring ones are put together for simulations.
MOST_PROBABILITIES = 4096
#: Simulations of what chance alone would show.
N_SIMULATIONS = 200
#: Binomials that are drawn at one time: few enough to stay in a processor's cache.
BLOCK_DRAWN = 2**15


@dataclass(frozen=True)
class Chance:
    """What a perfectly calibrated model of the same probabilities would show on as many rows.

    Attributes
    ----------
    error, miscalibration : float
        Means over simulations.
    error_high, miscalibration_high : float
        95 % of the simulations stay below.
    n_draws : int
        Simulations.
    grouped : bool
        Whether neighbouring probabilities were put together.
    """

    error: float
    miscalibration: float
    error_high: float
    miscalibration_high: float
    n_draws: int
    grouped: bool


def by_chance(
    p: Floats,
    rule: BinRule = "quantile",
    n_bins: int = 10,
    *,
    y: Bools | None = None,
    weights: Weights = ONES,
    n_draws: int = N_SIMULATIONS,
    seed: int = 0,
    most_groups: int = MOST_PROBABILITIES,
) -> Chance:
    """Simulate outcomes that the probabilities are true of, and measure calibration error and miscalibration.

    Parameters
    ----------
    p : ndarray of float, shape (n,)
    rule, n_bins
        As `bins`; ``"isotonic"`` is measured in bins of equal mass.
    y : ndarray of bool, shape (n,), optional
        What happened, where rows are weighted: those of one class may count more than the others.
    weights : Weights
    n_draws, seed : int
    most_groups : int
        Distinct probabilities above which neighbours are put together.

    Returns
    -------
    Chance

    Notes
    -----
    Outcomes are drawn as Bernoulli(p) (Bröcker & Smith 2007). Above `most_groups` distinct probabilities neighbours
    form groups, whose outcomes are binomial; miscalibration then comes out a few percent low. Rows keep their own weights.

    Where classes count by factors f, the share of positives in the sample is none of the probabilities' doing. As many
    rows of each class as there are are then drawn among all rows, positives with chances in proportion to q and
    negatives to 1 − q, where the odds of q are those of p times f₀ / f₁: in such samples Σ w (y − p) is 0 in the mean
    at every p. Rows that are drawn twice make miscalibration come out up to a tenth low.

    Examples
    --------
    >>> found = by_chance(np.full(100, 0.5))
    >>> 0.03 < found.error < 0.05
    True
    """
    y, p, weights = that_count(np.zeros(len(p), bool) if y is None else y, p, weights)
    by = "quantile" if rule == "isotonic" else rule
    place = bin_of(p, by, n_bins, of_row=weights.of(y), copies=weights.copies)
    mean, rows, of, group, grouped = _groups(p, place, most_groups, weights.copies)
    outcomes = _simulation(np.random.default_rng(seed), mean, rows, group, y, weights)
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    block = max(1, BLOCK_DRAWN // len(rows if weights.own is None else p))
    found = []
    for done in range(0, n_draws, block):
        hits, mass = outcomes(min(block, n_draws - done))
        share = ratio(hits, mass)
        gaps = np.add.reduceat(mass * (share - mean), starts, axis=1)
        off = (share - mean) ** 2 - (share - _fitted(share, mass)) ** 2
        found.append(np.array([np.abs(gaps).sum(axis=1), (off * mass).sum(axis=1)]) / mass.sum(axis=1))
    errors, losses = np.concatenate(found, axis=1)
    high = np.quantile([errors, losses], 0.95, axis=1)
    return Chance(
        errors.mean().item(), losses.mean().item(), high[0].item(), high[1].item(), n_draws, grouped
    )


def _fitted(share: Floats, mass: Floats) -> Floats:
    """Return the isotonic regression of each draw, in one: draws stand above one another, so that no step joins two."""
    there, above = mass > 0, 2.0 * np.arange(len(share))[:, None]
    fitted = np.zeros(share.shape)
    fitted[there] = isotonic_regression((share + above)[there], weights=mass[there]).x
    return fitted - above


def _simulation(
    rng: np.random.Generator,
    mean: Floats,
    rows: NDArray[np.intp],
    group: NDArray[np.intp],
    y: Bools,
    weights: Weights,
) -> Callable[[int], tuple[Floats, Floats]]:
    """Return what draws outcomes so many times: what the positives, and all rows, of each group count in each draw."""
    p, n, own = mean, rows, np.ones(len(mean))
    if weights.own is not None:  # rows of a group are not alike
        copies = np.ones(len(group), np.intp) if weights.copies is None else weights.copies
        p, n, own = mean[group], copies, weights.own

    def by_group(drawn: NDArray[np.integer]) -> Floats:
        return own * drawn if weights.own is None else sum_by_cell(group, len(mean), own * drawn)

    if weights.factors is None:
        every = by_group(n[None, :])
        return lambda draws: (by_group(rng.binomial(n, p, (draws, len(p)))), np.repeat(every, draws, axis=0))
    factors = weights.factors
    q = prior_corrected(p, factors[1] / factors[0])
    likely = (n * (1 - q), n * q)
    sizes = weights.rows(y, 2).tolist()
    chances = [ratio(each, each.sum()) for each in likely]
    scales = [
        factor * ratio(each.sum(), size) for size, each, factor in zip(sizes, likely, factors, strict=True)
    ]

    def of_classes(draws: int) -> tuple[Floats, Floats]:
        both = [list(map(rng.multinomial, sizes, chances)) for _ in range(draws)]
        negatives, positives = map(by_group, np.swapaxes(both, 0, 1))
        return scales[1] * positives, scales[1] * positives + scales[0] * negatives

    return of_classes


def _groups(
    p: Floats, place: NDArray[np.intp], most: int, copies: NDArray[np.int64] | None = None
) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], bool]:
    """Put like probabilities into groups, in rising order.

    Mean, rows and bin of each, the group of each row, and whether probabilities were put together.
    """
    order = np.argsort(p, kind="stable")
    number, group = _numbered(p[order]), np.empty(len(p), np.intp)
    times = np.ones(len(p), np.int64) if copies is None else copies
    grouped = bool(number[-1] >= most)
    if grouped:
        # half of the groups by rows, half by width where the variance of outcomes is even: tails need groups of few rows
        width = np.arcsin(np.sqrt(p[order]))
        above = (times[order].cumsum() - times[order]) / times.sum()
        level = above + ratio(width - width[0], width[-1] - width[0])
        # a group ends where a bin ends
        number = _numbered((level / 2 * most).astype(np.int64) + 2 * most * place[order].astype(np.int64))
    group[order] = number
    rows = np.bincount(group, times).astype(np.int64)
    of = np.zeros(len(rows), dtype=np.intp)
    of[group] = place
    return np.minimum(np.bincount(group, times * p) / rows, 1.0), rows, of, group, grouped


def _numbered(rising: NDArray[Any]) -> NDArray[np.intp]:
    """Return the number of each value of a sorted array, from 0 on."""
    return np.append(False, rising[1:] != rising[:-1]).cumsum()
