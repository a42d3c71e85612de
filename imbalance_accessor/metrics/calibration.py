"""Whether probabilities are true: Brier's three parts, calibration intercept and slope; and odds that are put right.

Wherever `weights` is taken, it holds how much each row counts; see `metrics.weights`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit, ndtri

from imbalance_accessor.metrics.arrays import Bools, Floats, odds_divided, ratio
from imbalance_accessor.metrics.weights import ONES, Weights

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


def decompose(y: Bools, p: Floats, weights: Weights = ONES) -> Decomposition:
    """Take the Brier score apart by isotonic regression.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
    weights : Weights

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
    y, p, weights = that_count(y, p, weights)
    of_row = weights.of(y)
    place = np.unique(p, return_inverse=True)[1]
    mass, hits = totals(place, y, of_row)
    fitted = isotonic_regression(hits / mass, weights=mass).x[place]
    brier, best = (float(np.average((each - y) ** 2, weights=of_row)) for each in (p, fitted))
    prevalence = float(np.average(y, weights=of_row))
    uncertainty = prevalence * (1 - prevalence)
    return Decomposition(brier, brier - best, uncertainty - best, uncertainty)


def that_count(y: Bools, p: Floats, weights: Weights) -> tuple[Bools, Floats, Weights]:
    """Leave rows out that count nothing."""
    y, p = np.asarray(y, bool), np.asarray(p)
    if weights.own is None or weights.own.all():
        return y, p, weights
    kept = weights.own > 0
    return y[kept], p[kept], weights.take(kept)


def totals(place: NDArray[np.intp], y: Bools, of_row: Floats | None) -> tuple[Floats, Floats]:
    """Return what the rows of each place count together, and its positives."""
    hits = y if of_row is None else of_row * y
    return np.bincount(place, of_row).astype(np.float64), np.bincount(place, hits).astype(np.float64)


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


def calibration_line(y: Bools, p: Floats, weights: Weights = ONES) -> Line:
    """Fit calibration intercept and slope.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Probabilities; 0 and 1 are moved inside by `EDGE`, since they have no log odds.
    weights : Weights

    Returns
    -------
    Line

    Notes
    -----
    Logistic regressions of y on logit p: the intercept with the logit as an offset, the slope with an intercept of
    its own (Van Calster et al. 2019). Wald intervals from the Fisher information A; of weighted rows from the sandwich
    A⁻¹BA⁻¹ with B = Σ uu′ over the rows' scores u = w (y − μ) x (Huber 1967). Where classes count by factors, rows were
    drawn by class: u is then taken from its class's mean, and n_c / (n_c − 1) of that counts (Scott & Wild 1986). The shares
    of a table of N rows vary too: π (1 − π) / N · dd′ is added, d being Σ u / π of positives less Σ u / (1 − π) of negatives.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(20000)
    >>> found = calibration_line(rng.random(20000) < p, p)
    >>> found.intercept_low < 0 < found.intercept_high, found.slope_low < 1 < found.slope_high
    (True, True)
    """
    y, p, weights = that_count(y, p, weights)
    x = logit(np.clip(np.asarray(p, np.float64), EDGE, 1 - EDGE))
    ones = np.ones((len(x), 1))
    (level,), level_variance = _fit(ones, y, x, weights)
    both, variance = _fit(np.column_stack([ones, x]), y, np.zeros(len(x)), weights)
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


def _fit(X: Floats, y: Bools, offset: Floats, weights: Weights) -> tuple[Floats, Floats]:
    """Fit a logistic regression by Newton's method; coefficients and their covariance, nan where they run away."""
    k = X.shape[1]
    nothing = np.full(k, np.nan), np.full((k, k), np.nan)
    if y.all() or not y.any():
        return nothing
    w = weights.each(y)
    coef, loss = np.zeros(k), _loss(y, offset, w)
    for _ in range(_ITERATIONS):
        mu = expit(X @ coef + offset)
        information = (X * (w * (mu * (1 - mu)))[:, None]).T @ X
        errors = w * (y - mu)
        try:
            step: Floats = np.linalg.solve(information, X.T @ errors).astype(np.float64)
        except np.linalg.LinAlgError:
            return nothing
        coef, step, loss = _halved(X, y, offset, w, coef, step, loss)
        if np.abs(step).max() < 1e-10 * max(1.0, np.abs(coef).max()):
            covariance = np.asarray(np.linalg.inv(information), np.float64)
            if not weights.rows_are_ones:
                scores = X * (weights.of_one_row.each(y) * (y - mu))[:, None]
                covariance = covariance @ _meat(scores, y, weights) @ covariance
            return (coef, covariance) if (np.diagonal(covariance) > 0).all() else nothing
        if np.abs(coef).max() > 1e6:
            return nothing
    return nothing


def _meat(scores: Floats, y: Bools, weights: Weights) -> Floats:
    """Return how much the sum of the rows' scores varies, shape (k, k); within classes where rows were drawn so."""
    times = np.ones(len(y)) if weights.copies is None else weights.copies.astype(np.float64)
    if weights.factors is None:
        return np.asarray((scores * times[:, None]).T @ scores)
    total = np.zeros((scores.shape[1],) * 2)
    for inside in (y, ~y):
        of_class, rows = times[inside], float(times[inside].sum())
        apart = scores[inside] - np.average(scores[inside], axis=0, weights=of_class)
        total += (apart * of_class[:, None]).T @ apart * rows / max(rows - 1, 1)
    return total + _of_shares(scores * times[:, None], y, weights)


def _of_shares(scores: Floats, y: Bools, weights: Weights) -> Floats:
    """Return how much the sum varies as the shares of the classes do among tables of one size, shape (k, k)."""
    if weights.table_rows is None:
        return np.zeros((scores.shape[1],) * 2)
    share = float(np.average(y, weights=weights.each(y)))
    moved = scores[y].sum(axis=0) / share - scores[~y].sum(axis=0) / (1 - share)
    return np.asarray(share * (1 - share) / weights.table_rows * np.outer(moved, moved))


def _halved(
    X: Floats, y: Bools, offset: Floats, w: Floats, coef: Floats, step: Floats, loss: float
) -> tuple[Floats, Floats, float]:
    """Take a Newton step, halved until the likelihood does not fall."""
    for _ in range(200):
        new = _loss(y, X @ (coef + step) + offset, w)
        if new <= loss + 1e-9 * abs(loss):
            return coef + step, step, new
        step = step / 2
    return coef, np.zeros_like(step), loss


def _loss(y: Bools, eta: Floats, w: Floats) -> float:
    return float((w * np.logaddexp(0, eta)).sum() - (w * eta)[y].sum())


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
    return np.asarray(odds_divided(p, odds_shift))


def prior_corrected_classes(p: Floats, factors: Floats) -> Floats:
    """Bring probabilities of several classes to other shares of the classes.

    Parameters
    ----------
    p : ndarray of float, shape (n, k)
    factors : ndarray of float, shape (k,)
        Each class's share where the probabilities are wanted, over that in what was learned from.

    Returns
    -------
    ndarray of float, shape (n, k)

    Notes
    -----
    p'_c = p_c · f_c / Σ_j p_j · f_j (Saerens, Latinne & Decaestecker 2002). Of two classes it is `prior_corrected`.

    Examples
    --------
    >>> prior_corrected_classes(np.array([[0.5, 0.5]]), np.array([1.5, 0.5])).tolist()
    [[0.75, 0.25]]
    """
    by_class = np.asarray(p, np.float64) * factors
    return ratio(by_class, by_class.sum(axis=1, keepdims=True))


def level_interval(
    y: Bools, p: Floats, weights: Weights = ONES, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return the share of positives, and the interval in which the mean of true probabilities lies in 95 % of samples.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Probabilities of rows that the model has not learned from.
    weights : Weights
    confidence : float, default 0.95

    Returns
    -------
    share, low, high : float

    Notes
    -----
    Σwy / Σw ± z · √(Σ w² (y − p)²) / Σw, z = 1.96 at 95 %.

    Examples
    --------
    >>> found = level_interval(np.array([True, False, False, False]), np.array([0.4, 0.2, 0.2, 0.2]))
    >>> [round(each, 3) for each in found]
    [0.25, -0.089, 0.589]
    """
    w = weights.each(y)
    share = float(np.average(y, weights=w))
    of_one = weights.of_one_row.each(y) * (y - p)
    moved = float(np.sqrt((of_one**2).sum() if weights.copies is None else weights.copies @ of_one**2))
    half = float(ndtri((1 + confidence) / 2)) * moved / float(w.sum())
    return share, share - half, share + half
