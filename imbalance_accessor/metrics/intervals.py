"""How sure a figure is, in closed form: a share of counted rows, means of such shares, an area under the ROC curve."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from imbalance_accessor.errors import OptionError
from imbalance_accessor.metrics.arrays import Floats


def _quantile(confidence: float) -> float:
    """Give the standard normal quantile z of a two-sided interval."""
    if not 0 < confidence < 1:
        raise OptionError(f"confidence={confidence!r} must lie between 0 and 1. Use 0.95 for 95 %.")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval of a share.

    Parameters
    ----------
    successes : array-like of float
        In 0 .. `trials`; need not be whole, so that a planned share can be asked about.
    trials : array-like of float
        Of a shape that broadcasts with `successes`. No trials: the interval is (0, 1).
    confidence : float, default 0.95

    Returns
    -------
    low, high : ndarray of float64
        In 0..1; scalars where both arguments are. `low` is exactly 0 without a success, `high` exactly 1
        without a failure.

    Raises
    ------
    OptionError
        If the confidence is not between 0 and 1.

    Notes
    -----
    With p = s / t and the normal quantile z (Wilson 1927; recommended by Brown, Cai & DasGupta 2001):

        (s + z²/2  ±  z · √(t · p · (1 − p) + z²/4)) / (t + z²)

    Examples
    --------
    >>> low, high = wilson(6, 8)
    >>> round(float(low), 2), round(float(high), 2)
    (0.41, 0.93)
    """
    z2 = _quantile(confidence) ** 2
    hits, total = np.broadcast_arrays(np.asarray(successes, np.float64), np.asarray(trials, np.float64))
    misses = total - hits
    spread = np.divide(hits * misses, total, out=np.zeros(total.shape), where=total > 0)
    half = np.sqrt(z2 * (spread + z2 / 4))
    # Nothing below 0 where few successes, not whole, leave a last bit on the wrong side.
    low = np.where(hits > 0, np.maximum(hits + z2 / 2 - half, 0.0) / (total + z2), 0.0)
    high = np.where(misses > 0, np.minimum((hits + z2 / 2 + half) / (total + z2), 1.0), 1.0)
    return low[()], high[()]


def mean_of_shares(
    shares: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    weights: ArrayLike | None = None,
    rows: float | None = None,
) -> tuple[float, float]:
    """Take the interval of a mean of independent shares from theirs, as of balanced accuracy.

    Parameters
    ----------
    shares, low, high : array-like of float, shape (k,)
        The shares and the ends of their intervals, say Wilson's.
    weights : array-like of float, shape (k,), optional
        How much each share counts in the mean; by default 1.
    rows : float, optional
        Of how many rows the weights are the classes' shares, and vary so; None: they are known.

    Returns
    -------
    low, high : float

    Notes
    -----
    MOVER, the method of variance estimates recovery (Newcombe 1998; Zou & Donner 2008): how far each end lies from its
    share stands for that share's error, and independent errors add up as squares. With the mean m of the shares p_i and
    their ends l_i and u_i, and weights v_i that add up to 1 (1 / k each),

        (m − √Σ v_i² (p_i − l_i)²,  m + √Σ v_i² (u_i − p_i)²)

    Weights that are shares of N rows add one more error, that of Σ v_i p_i with these p_i: its variance is
    (Σ v_i p_i² − m²) / N, and Wilson's interval has the ends that a share m has of as many rows as give it.

    Examples
    --------
    >>> low, high = mean_of_shares([1.0, 0.9], [0.68, 0.86], [1.0, 0.93])
    >>> round(low, 3), round(high, 3)
    (0.789, 0.965)
    >>> low, high = mean_of_shares([0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [10, 990], rows=1000)  # the share of a class
    >>> round(low, 4), round(high, 4), [round(float(each), 4) for each in wilson(990, 1000)]
    (0.9817, 0.9946, [0.9817, 0.9946])
    """
    p, begin, end = (np.asarray(each, np.float64) for each in (shares, low, high))
    if weights is None:
        half = np.linalg.norm(p - begin) / len(p), np.linalg.norm(end - p) / len(p)
        return float(p.mean() - half[0]), float(p.mean() + half[1])
    of = np.asarray(weights, np.float64) / np.sum(weights)
    mean = float(of @ p)
    between = 0.0 if rows is None else float(of @ (p - mean) ** 2)
    lowest, highest = mean, mean
    if rows is not None and between > 0:
        worth = rows * mean * (1 - mean) / between
        lowest, highest = map(float, wilson(mean * worth, worth))
    below, above = [*(of * (p - begin)), mean - lowest], [*(of * (end - p)), highest - mean]
    return mean - float(np.linalg.norm(below)), mean + float(np.linalg.norm(above))


def geometric_mean_of_shares(shares: ArrayLike, low: ArrayLike, high: ArrayLike) -> tuple[float, float]:
    """Take the interval of a geometric mean of independent shares from theirs, as of the G-mean.

    Parameters
    ----------
    shares, low, high : array-like of float, shape (k,)
        The shares and the ends of their intervals, say Wilson's.

    Returns
    -------
    low, high : float
        `low` is 0 where a share is.

    Notes
    -----
    `mean_of_shares` of the logarithms (Zou & Donner 2008, for products and ratios), put back by exp. A share of 0 has no
    logarithm: for the upper end it counts as its own upper end, which is the limit where one share falls to 0 and the
    others are known.

    Examples
    --------
    >>> low, high = geometric_mean_of_shares([1.0, 0.9], [0.68, 0.86], [1.0, 0.93])
    >>> round(low, 3), round(high, 3)
    (0.781, 0.964)
    >>> geometric_mean_of_shares([0.0, 1.0], [0.0, 0.9], [0.25, 1.0])
    (0.0, 0.5)
    """
    p, begin, end = (np.asarray(each, np.float64) for each in (shares, low, high))
    logs = np.log([np.where(p > 0, p, end), np.where(p > 0, begin, 1.0), end])
    lower, upper = (float(np.exp(each)) for each in mean_of_shares(logs[0], logs[1], logs[2]))
    return lower if p.all() else 0.0, upper


def roc_auc_interval(
    auc: float, samples: Floats, units: ArrayLike, n_averaged: int = 1, confidence: float = 0.95
) -> tuple[float, float]:
    """Take the interval of an area under the ROC curve, or of a mean of such areas, on the logit scale.

    Parameters
    ----------
    auc : float
    samples : ndarray of float, shape (B,)
        The area in each of B >= 2 draws.
    units : array-like of int, shape (k,)
        Rows of each class, or groups that hold one.
    n_averaged : int, default 1
        Areas that were averaged, each of one class against the rest.
    confidence : float, default 0.95

    Returns
    -------
    low, high : float
        They hold `auc`, and never meet.

    Notes
    -----
    With the standard deviation s of the draws, and d = √Σ 1 / n_c² / (4 · n_averaged), what a quarter of a row of each class
    may move the area by when it ranks last instead of first:

        A = auc, but no nearer than d to 0 and to 1;   se² = s² + d²
        logit⁻¹(logit A ± z · se / (A · (1 − A)))

    The delta method on logits is that of Pepe (2003, section 5.2). d keeps the interval open where positives and negatives
    are apart in every draw, and vanishes faster than s. With it coverage is .94 and more at 10 and 20 positives, without it
    .87 to .92 (simulated; see ``benchmarks/coverage.py``).

    Examples
    --------
    >>> low, high = roc_auc_interval(1.0, np.ones(1000), [190, 10])
    >>> round(low, 2), high
    (0.84, 1.0)
    """
    if not (len(samples) and math.isfinite(auc)):
        return math.nan, math.nan
    counts = np.asarray(units, np.float64)
    step = float(np.linalg.norm(1 / counts)) / (4 * n_averaged)
    se = math.hypot(float(np.std(samples, ddof=1)), step)
    inside = min(max(auc, step), 1 - step)
    half = _quantile(confidence) * se / (inside * (1 - inside))
    middle = math.log(inside / (1 - inside))
    # 1 / (1 + exp(-x)), which overflows nowhere
    low, high = ((1 + math.tanh(each / 2)) / 2 for each in (middle - half, middle + half))
    return min(low, auc), max(high, auc)


def trials_for(p: float, half_width: float = 0.05, confidence: float = 0.95) -> int:
    """Give the number of trials at which a share is known to a given width.

    Parameters
    ----------
    p : float
        The share, in 0..1.
    half_width : float, default 0.05
        Half the length that Wilson's interval may have.
    confidence : float, default 0.95

    Returns
    -------
    int
        The fewest trials t at which the interval of ``p * t`` successes in t (not rounded) is at most
        ``2 * half_width`` long.

    Raises
    ------
    OptionError
        If `p` or `confidence` is no share, or `half_width` is not positive.

    Notes
    -----
    Half the length is z · √(t · p · (1 − p) + z²/4) / (t + z²), which falls in t, so t is the larger root of

        h² t² + z² (2 h² − p (1 − p)) t + z⁴ (h² − 1/4) = 0

    Examples
    --------
    >>> trials_for(0.5, half_width=0.1), trials_for(0.8)
    (93, 245)
    """
    if not 0 <= p <= 1:
        raise OptionError(f"p={p!r} must be a share between 0 and 1.")
    if not half_width > 0:
        raise OptionError(f"half_width={half_width!r} must be positive. Use 0.05 for ± 5 points.")
    z2, h2 = _quantile(confidence) ** 2, half_width**2
    middle = z2 * (p * (1 - p) - 2 * h2) / (2 * h2)
    root = middle + math.sqrt(max(middle**2 + z2**2 * (0.25 - h2) / h2, 0.0))
    # A root that is a whole number must not be rounded up because its last bit is off.
    return max(math.ceil(root - 1e-9), 0)
