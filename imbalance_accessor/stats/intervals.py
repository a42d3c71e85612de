"""How sure a figure is: Wilson's interval for counts, the bootstrap of rows or groups for everything else."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.errors import OptionError, SplitError

Floats = NDArray[np.float64]

#: Memory of one block of draw counts, in bytes; what a metric makes of a block comes on top of it.
BLOCK_BYTES = 8 * 2**20
#: Draws in a row that may lack a class. One positive row alone is missing from 37 % of the draws, so only
#: many tiny classes at once can come near it.
MOST_REDRAWS = 1000
#: A difference that moves less than this between draws is rounding, not doubt.
_ROUNDING = 1e-12


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


def draws(
    y: NDArray[np.bool_] | NDArray[np.integer],
    *,
    groups: ArrayLike | None = None,
    n_draws: int = 1000,
    seed: int = 0,
    block: int | None = None,
) -> Iterator[Floats]:
    """Draw bootstrap samples of the rows, or of whole groups of rows, as counts.

    Parameters
    ----------
    y : ndarray of bool or int, shape (n,)
        The labels. A draw that lacks one of the classes present here is drawn again; otherwise the draws are
        not stratified, since a fixed number of positives would hide part of the doubt.
    groups : array-like, shape (n,), optional
        What each row belongs to; then as many groups as there are are drawn, each with all its rows.
    n_draws : int, default 1000
    seed : int, default 0
    block : int, optional
        Draws per array; by default as many as fit in `BLOCK_BYTES`.

    Yields
    ------
    ndarray of float64, shape (b, n)
        How often each row was drawn, for the next b draws.

    Raises
    ------
    SplitError
        If `MOST_REDRAWS` draws in a row lack a class.

    Notes
    -----
    The bootstrap of Efron (1979), of clusters with `groups`. The same draws in plain numpy, `n` being the
    number of rows, or of groups in sort order:

        rng = np.random.default_rng(seed)
        drawn = rng.integers(0, n, n)    # for each draw; again while a class is missing

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([True, False, False, False])
    >>> counts = next(draws(y, n_draws=3))
    >>> counts.shape, counts.sum(axis=1).tolist(), bool((counts[:, 0] > 0).all())
    ((3, 4), [4.0, 4.0, 4.0], True)
    """
    rng = np.random.default_rng(seed)
    classes = np.unique(y, return_inverse=True)[1]
    units = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    block = block or max(1, BLOCK_BYTES // (8 * max(len(y), 1)))
    for start in range(0, n_draws, block):
        counts = np.empty((min(block, n_draws - start), len(y)))
        for row in counts:
            row[:] = _one_draw(rng, classes, units)
        yield counts


def _one_draw(
    rng: np.random.Generator, classes: NDArray[np.intp], units: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Draw as many units as there are, until every class is among their rows."""
    n_units = int(units.max()) + 1
    for _ in range(MOST_REDRAWS):
        drawn = np.bincount(rng.integers(0, n_units, n_units), minlength=n_units)
        counts: NDArray[np.intp] = drawn[units]
        if np.bincount(classes, weights=counts).all():
            return counts
    raise SplitError(
        f"{MOST_REDRAWS:,} bootstrap draws in a row lacked one of the {int(classes.max()) + 1} classes; "
        "these rows are too few for intervals. Merge the rarest classes, or test on more rows."
    )


def percentile(samples: Floats, point: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Take the percentile bootstrap interval.

    Parameters
    ----------
    samples : ndarray of float, shape (B, ...)
        The figure in each draw; a nan makes its interval nan.
    point : array-like of float, shape (...)
        The figure itself; the interval is widened to hold it.
    confidence : float, default 0.95

    Returns
    -------
    low, high : ndarray of float64, shape (...)

    Notes
    -----
    The (1 − confidence) / 2 and (1 + confidence) / 2 quantiles of the draws (Efron & Tibshirani 1993).

    Examples
    --------
    >>> import numpy as np
    >>> low, high = percentile(np.arange(101.0), 50.0)
    >>> round(float(low), 1), round(float(high), 1)
    (2.5, 97.5)
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0)
    return np.minimum(low, point), np.maximum(high, point)


def max_t(samples: Floats, points: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats, float]:
    """Take intervals that hold for several paired differences all at once.

    Parameters
    ----------
    samples : ndarray of float, shape (B, s)
        The s differences in each of B >= 2 draws.
    points : array-like of float, shape (s,)
        The differences themselves.
    confidence : float, default 0.95
        How often all s intervals together hold the truth.

    Returns
    -------
    low, high : ndarray of float64, shape (s,)
        ``points ± critical * se``. A difference that is the same in every draw gets [point, point]; one with
        a nan among its draws gets nan. Neither has a say in `critical`.
    critical : float
        How many standard errors wide; nan where no difference varies.

    Notes
    -----
    se_j is the standard deviation of the draws (ddof 1), and `critical` the quantile over draws of
    max over j of abs(sample_j − point_j) / se_j (Westfall & Young 1993; Hothorn, Bretz & Westfall 2008). For
    s = 1 it is near the normal quantile, and it grows with s; differences that move together cost less than
    Bonferroni's correction.

    Examples
    --------
    >>> import numpy as np
    >>> samples = np.random.default_rng(0).normal([0.0, 0.1, 0.2], 0.05, (2000, 3))
    >>> low, high, critical = max_t(samples, [0.0, 0.1, 0.2])
    >>> bool(1.96 < critical < 2.6), bool(low[2] > 0)
    (True, True)
    """
    centre = np.asarray(points, np.float64)
    se = samples.std(axis=0, ddof=1)
    varies = np.ptp(samples, axis=0) > _ROUNDING
    if not varies.any():
        return centre + 0 * se, centre + 0 * se, math.nan
    furthest = (np.abs(samples - centre)[:, varies] / se[varies]).max(axis=1)
    critical = float(np.quantile(furthest, confidence))
    half = np.where(varies, critical, 0.0) * se
    return centre - half, centre + half, critical
