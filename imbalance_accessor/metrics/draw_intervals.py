"""How sure a figure is, by its draws: percentiles, and intervals of several differences that hold all at once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, stdtrit

from imbalance_accessor.metrics.arrays import Floats

#: A difference that moves less than this between draws is rounding, not doubt.
_ROUNDING = 1e-12


def percentile(samples: Floats, point: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Take the percentile bootstrap interval.

    Parameters
    ----------
    samples : ndarray of float, shape (B, ...)
        The figure in each draw; a nan makes its interval nan, and so do no draws.
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
    if not len(samples):
        return np.full(np.shape(point), np.nan)[()], np.full(np.shape(point), np.nan)[()]
    tail = (1 - confidence) / 2
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0)
    return np.minimum(low, point), np.maximum(high, point)


def max_t(
    samples: Floats,
    points: ArrayLike,
    confidence: float = 0.95,
    *,
    without: Floats | None = None,
    n_groups: int | None = None,
    least: ArrayLike = 0.0,
) -> tuple[Floats, Floats, float]:
    """Take intervals that hold for several paired differences all at once.

    Parameters
    ----------
    samples : ndarray of float, shape (B, s)
        The s differences in each of B >= 2 draws.
    points : array-like of float, shape (s,)
        The differences themselves.
    confidence : float, default 0.95
        How often all s intervals together hold the truth.
    without : ndarray of float, shape (n_groups, s), optional
        The differences without each group.
    n_groups : int, optional
        Groups that were drawn.
    least : array-like of float, shape (s,), default 0
        Half the length that each interval has at least, where rows that no draw shows may distinguish the two.

    Returns
    -------
    low, high : ndarray of float64, shape (s,)
        ``points ± max(critical * se, least)``. A difference that is the same in every draw gets ``points ± least``; one
        with a nan among its draws gets nan. Neither has a say in `critical`.
    critical : float
        How many standard errors wide; nan where no difference varies.

    Notes
    -----
    se_j is the standard deviation of the draws (ddof 1), and `critical` the quantile over draws of
    max over j of abs(sample_j − point_j) / se_j (Westfall & Young 1993; Hothorn, Bretz & Westfall 2008). For
    s = 1 it is near the normal quantile, and it grows with s; differences that move together cost less than
    Bonferroni's correction.

    Draws of G groups understate the doubt where G is small. se_j is then times √(G / (G − 1)), or the jackknife's
    √((G − 1) / G · Σ (without_g − mean)²) where that is larger, and `critical` becomes the quantile of Student's t with
    G − 1 degrees of freedom that lies as far out (Cameron & Miller 2015; MacKinnon, Nielsen & Webb 2023).

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
        half = least + 0 * se
        return centre - half, centre + half, math.nan
    furthest = (np.abs(samples - centre)[:, varies] / se[varies]).max(axis=1)
    critical = float(np.quantile(furthest, confidence))
    if n_groups is not None:
        critical = float(stdtrit(n_groups - 1, ndtr(critical)))
        se = se * np.sqrt(n_groups / (n_groups - 1))
        if without is not None and len(without):
            se = np.maximum(se, np.sqrt(n_groups - 1) * without.std(axis=0))
    half = np.maximum(np.where(varies, critical, 0.0) * se, least)
    return centre - half, centre + half, critical
