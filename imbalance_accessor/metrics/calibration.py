"""Whether probabilities are true: Brier's three parts, calibration error, intercept and slope, and what chance alone shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

from imbalance_accessor.metrics.arrays import Bools, Floats, ratio
from imbalance_accessor.metrics.intervals import wilson

BinRule = Literal["quantile", "uniform", "isotonic"]
BIN_RULES: tuple[BinRule, ...] = ("quantile", "uniform", "isotonic")

#: Distinct probabilities above which neighbouring ones are put together for simulations.
MOST_PROBABILITIES = 4096
#: Simulations of what chance alone would show.
N_SIMULATIONS = 200
#: Probabilities of 0 and 1 have no log odds; they are moved this far inside.
EDGE = 1e-6
#: Log odds end here: a double cannot tell probabilities beyond from 0 and 1.
_MOST_MARGIN = 36.0
_ITERATIONS = 100
_Z = 1.959963984540054


@dataclass(frozen=True)
class Decomposition:
    """The Brier score in three parts: brier = miscalibration − discrimination + uncertainty.

    Attributes
    ----------
    brier : float
    miscalibration : float
        What the best monotone change of the probabilities would gain.
    discrimination : float
        What they then gain over saying the prevalence for every row.
    uncertainty : float
        The Brier score of the prevalence.
    """

    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float

    @property
    def skill(self) -> float:
        """Brier skill: the part of the prevalence's Brier score that is gained; below 0 worse than the prevalence."""
        return float(1 - ratio(self.brier, self.uncertainty)) if self.uncertainty else np.nan


def decompose(y: Bools, p: Floats) -> Decomposition:
    """Take the Brier score apart by isotonic regression.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)

    Returns
    -------
    Decomposition

    Notes
    -----
    CORP (Dimitriadis, Gneiting & Jordan 2021): with r the isotonic regression of y on p (rows of one p together)
    and π the prevalence, miscalibration = B(p) − B(r), discrimination = B(π) − B(r), uncertainty = B(π).

    Examples
    --------
    >>> found = decompose(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.4, 0.8]))
    >>> round(found.miscalibration - found.discrimination + found.uncertainty - found.brier, 12)
    0.0
    """
    y = np.asarray(y, bool)
    _, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    means = np.bincount(place, y) / counts
    fitted = isotonic_regression(means, weights=counts).x[place]
    brier, best = (float(np.mean((each - y) ** 2)) for each in (p, fitted))
    prevalence = float(y.mean())
    uncertainty = prevalence * (1 - prevalence)
    return Decomposition(brier, brier - best, uncertainty - best, uncertainty)


@dataclass(frozen=True, eq=False)
class Bins:
    """Probabilities put into bins.

    Attributes
    ----------
    mean, share : ndarray of float, shape (b,)
        Mean probability and share of positives of each bin.
    low, high : ndarray of float, shape (b,)
        Wilson's 95 % interval of the share.
    rows : ndarray of int, shape (b,)
    """

    mean: Floats
    share: Floats
    low: Floats
    high: Floats
    rows: NDArray[np.intp]

    @property
    def error(self) -> float:
        """Expected calibration error: the mean gap between share and probability, weighted by rows.

        Notes
        -----
        Naeini, Cooper & Hauskrecht (2015). It is above 0 for a perfectly calibrated model too, see `by_chance`.
        """
        return float(np.average(np.abs(self.mean - self.share), weights=self.rows))


def bin_of(p: Floats, rule: BinRule, n_bins: int, y: Bools | None = None) -> NDArray[np.intp]:
    """Return the bin of each probability: ``"quantile"`` of equal mass, ``"uniform"`` of equal width.

    ``"isotonic"`` gives the steps of the isotonic regression of `y`.

    Notes
    -----
    The edges are those of scikit-learn's ``calibration_curve``.
    """
    if rule == "isotonic":
        assert y is not None
        _, place, counts = np.unique(p, return_inverse=True, return_counts=True)
        steps = isotonic_regression(np.bincount(place, y) / counts, weights=counts).x
        return np.asarray(np.cumsum(np.append(0, np.diff(steps) > 0))[place], np.intp)
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    if rule == "quantile":
        edges = np.percentile(p, edges * 100)
    return np.searchsorted(edges[1:-1], p)


def bins(y: Bools, p: Floats, rule: BinRule = "quantile", n_bins: int = 10) -> Bins:
    """Put probabilities into bins and count positives.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
    rule : {"quantile", "uniform", "isotonic"}
    n_bins : int

    Returns
    -------
    Bins
        Without empty ones.

    Examples
    --------
    >>> found = bins(np.array([False, True, True, True]), np.array([0.1, 0.3, 0.6, 0.8]), n_bins=2)
    >>> found.share.tolist(), found.rows.tolist(), round(found.error, 3)
    ([0.5, 1.0], [2, 2], 0.3)
    """
    place = bin_of(p, rule, n_bins, y)
    rows = np.bincount(place)
    hits, sums = np.bincount(place, y), np.bincount(place, p)
    kept = rows > 0
    low, high = wilson(hits[kept], rows[kept])
    return Bins(sums[kept] / rows[kept], hits[kept] / rows[kept], low, high, rows[kept])


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
    n_draws, seed : int
    most_groups : int
        Distinct probabilities above which neighbours are put together.

    Returns
    -------
    Chance

    Notes
    -----
    Outcomes are drawn as Bernoulli(p) (Bröcker & Smith 2007). Above `most_groups` distinct probabilities neighbours
    form groups, whose outcomes are binomial; miscalibration then comes out a few percent low.

    Examples
    --------
    >>> found = by_chance(np.full(100, 0.5))
    >>> 0.03 < found.error < 0.05
    True
    """
    rng = np.random.default_rng(seed)
    place = bin_of(p, "quantile" if rule == "isotonic" else rule, n_bins)
    mean, rows, of, grouped = _groups(p, place, most_groups)
    errors, losses = np.empty(n_draws), np.empty(n_draws)
    n_bins_there = int(place.max()) + 1
    for draw in range(n_draws):
        share = rng.binomial(rows, mean) / rows
        gaps = np.bincount(of, rows * (share - mean), minlength=n_bins_there)
        errors[draw] = np.abs(gaps).sum() / len(p)
        fitted = isotonic_regression(share, weights=rows).x
        losses[draw] = ((share - mean) ** 2 - (share - fitted) ** 2) @ rows / len(p)
    high = np.quantile([errors, losses], 0.95, axis=1)
    return Chance(
        errors.mean().item(), losses.mean().item(), high[0].item(), high[1].item(), n_draws, grouped
    )


def _groups(
    p: Floats, place: NDArray[np.intp], most: int
) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp], bool]:
    """Return mean, rows and bin of each group of like probabilities, in rising order, and whether some were put together."""
    group = np.unique(p, return_inverse=True)[1]
    grouped = bool(group.max() >= most)
    if grouped:
        order = np.argsort(p, kind="stable")
        # half of the groups by rows, half by width where the variance of outcomes is even: tails need groups of few rows
        width = np.arcsin(np.sqrt(p[order]))
        level = np.arange(len(p)) / len(p) + ratio(width - width[0], width[-1] - width[0])
        # a group ends where a bin ends
        cells = (level / 2 * most).astype(np.int64) + 2 * most * place[order].astype(np.int64)
        group[order] = np.unique(cells, return_inverse=True)[1]
    rows = np.bincount(group)
    of = np.zeros(len(rows), dtype=np.intp)
    of[group] = place
    return np.minimum(np.bincount(group, p) / rows, 1.0), rows, of, grouped


@dataclass(frozen=True)
class Line:
    """Calibration intercept and slope with 95 % Wald intervals; nan where they do not exist.

    Attributes
    ----------
    intercept, intercept_low, intercept_high : float
        With the slope fixed at 1; 0 where the level is right, negative where probabilities are too high.
    slope, slope_low, slope_high : float
        1 where the spread is right, below 1 where probabilities are too extreme.
    """

    intercept: float
    intercept_low: float
    intercept_high: float
    slope: float
    slope_low: float
    slope_high: float


def calibration_line(y: Bools, p: Floats) -> Line:
    """Fit calibration intercept and slope.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Probabilities; 0 and 1 are moved inside by `EDGE`, since they have no log odds.

    Returns
    -------
    Line

    Notes
    -----
    Logistic regressions of y on logit p: the intercept with the logit as an offset, the slope with an intercept of
    its own (Van Calster et al. 2019). Wald intervals from the Fisher information.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(20000)
    >>> found = calibration_line(rng.random(20000) < p, p)
    >>> found.intercept_low < 0 < found.intercept_high, found.slope_low < 1 < found.slope_high
    (True, True)
    """
    x = logit(np.clip(np.asarray(p, np.float64), EDGE, 1 - EDGE))
    ones = np.ones((len(x), 1))
    (level,), level_variance = _fit(ones, y, x)
    both, variance = _fit(np.column_stack([ones, x]), y, np.zeros(len(x)))
    level_half, slope_half = _Z * np.sqrt(level_variance[0, 0]), _Z * np.sqrt(variance[1, 1])
    slope = float(both[1])
    return Line(
        float(level),
        float(level - level_half),
        float(level + level_half),
        slope,
        float(slope - slope_half),
        float(slope + slope_half),
    )


def _fit(X: Floats, y: Bools, offset: Floats) -> tuple[Floats, Floats]:
    """Fit a logistic regression by Newton's method; coefficients and their covariance, nan where they run away."""
    k = X.shape[1]
    nothing = np.full(k, np.nan), np.full((k, k), np.nan)
    if y.all() or not y.any():
        return nothing
    coef = np.zeros(k)
    loss = float(np.logaddexp(0, offset).sum() - offset[y].sum())
    for _ in range(_ITERATIONS):
        eta = X @ coef + offset
        mu = expit(eta)
        information = (X * (mu * (1 - mu))[:, None]).T @ X
        try:
            step: Floats = np.linalg.solve(information, X.T @ (y - mu)).astype(np.float64)
        except np.linalg.LinAlgError:
            return nothing
        coef, step, loss = _halved(X, y, offset, coef, step, loss)
        if np.abs(step).max() < 1e-10 * max(1.0, np.abs(coef).max()):
            covariance = np.asarray(np.linalg.inv(information), np.float64)
            return (coef, covariance) if (np.diagonal(covariance) > 0).all() else nothing
        if np.abs(coef).max() > 1e6:
            return nothing
    return nothing


def _halved(
    X: Floats, y: Bools, offset: Floats, coef: Floats, step: Floats, loss: float
) -> tuple[Floats, Floats, float]:
    """Take a Newton step, halved until the likelihood does not fall."""
    for _ in range(200):
        eta = X @ (coef + step) + offset
        new = float(np.logaddexp(0, eta).sum() - eta[y].sum())
        if new <= loss + 1e-9 * abs(loss):
            return coef + step, step, new
        step = step / 2
    return coef, np.zeros_like(step), loss


def log_odds(p: Floats) -> Floats:
    """Return the log odds of probabilities, as far as a double holds them.

    Examples
    --------
    >>> log_odds(np.array([0.5, 1.0])).tolist()
    [0.0, 36.0]
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(logit(p), -_MOST_MARGIN, _MOST_MARGIN))


def prior_corrected(p: Floats, odds_shift: float) -> Floats:
    """Divide the odds again by what a strategy multiplied them by.

    Parameters
    ----------
    p : ndarray of float, shape (n,)
    odds_shift : float
        Odds of the positive class in what was learned from, over its odds in the rows as they are.

    Returns
    -------
    ndarray of float, shape (n,)

    Notes
    -----
    p' = p · a / (p · a + (1 − p) · b) with a = π / π_s and b = (1 − π) / (1 − π_s), so that b / a is `odds_shift`
    (Saerens, Latinne & Decaestecker 2002; Elkan 2001). After undersampling that keeps the share β of the negatives it
    is βp / ((β − 1) p + 1) with β = 1 / `odds_shift` (Dal Pozzolo et al. 2015).

    Examples
    --------
    >>> prior_corrected(np.array([0.5]), 19.0).tolist()
    [0.05]
    """
    p = np.asarray(p, np.float64)
    return np.asarray(ratio(p, p + (1 - p) * odds_shift))
