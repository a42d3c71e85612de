"""How sure a share of counted rows is: Wilson's interval."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from imbalance_accessor.errors import OptionError
from imbalance_accessor.stats.arrays import Floats


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
