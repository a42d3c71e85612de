"""The focal loss: a log loss in which rows that are easy already count for little; with its derivatives."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit

from imbalance_accessor.metrics.arrays import Bools, Floats


def focal_loss(y: Bools, raw: Floats, alpha: float | None = None, gamma: float = 2.0) -> Floats:
    """Return each row's focal loss.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        Whether a row is positive.
    raw : ndarray of float, shape (n,)
        Its margin: the log odds of the positive class.
    alpha : float in (0, 1), optional
        The weight of a positive, beside 1 − alpha for a negative; by default both weigh 1.
    gamma : float >= 0, default 2.0
        How much easy rows are faded out; 0 leaves the log loss.

    Returns
    -------
    ndarray of float, shape (n,)

    Notes
    -----
    −a (1 − p)^γ log p, with p the probability of the row's own class and a its weight (Lin, Goyal, Girshick, He &
    Dollár 2017). For γ > 0 it is no proper scoring rule: with η the true probability, its expectation is least at a
    p nearer to one half, where η / (1 − η) = p^γ (p − γ q log q) / (q^γ (q − γ p log p)) (Charoenphakdee et al. 2021).
    Probabilities that it was fitted to must be calibrated.

    Examples
    --------
    >>> focal_loss(np.array([True, True]), np.array([0.0, 3.0]), gamma=2.0).round(4).tolist()
    [0.1733, 0.0001]
    """
    margin = np.where(y, raw, -raw)
    loss: Floats = -_weight(y, alpha) * expit(-margin) ** gamma * log_expit(margin)
    return loss


def focal_gradient(y: Bools, raw: Floats, alpha: float | None = None, gamma: float = 2.0) -> Floats:
    """Return the first derivative of each row's focal loss by its margin.

    Parameters
    ----------
    y, raw, alpha, gamma
        As in `focal_loss`.

    Returns
    -------
    ndarray of float, shape (n,)

    Notes
    -----
    With p as in `focal_loss`, q = 1 − p and s = 1 for a positive, −1 for a negative: s a q^γ (γ p log p − q).

    Examples
    --------
    >>> focal_gradient(np.array([True, False]), np.array([0.0, 0.0]), gamma=0.0).tolist()
    [-0.5, 0.5]
    """
    margin = np.where(y, raw, -raw)
    p, q = expit(margin), expit(-margin)
    slope = q**gamma * (gamma * p * log_expit(margin) - q)
    gradient: Floats = np.where(y, slope, -slope) * _weight(y, alpha)
    return gradient


def focal_hessian(y: Bools, raw: Floats, alpha: float | None = None, gamma: float = 2.0) -> Floats:
    """Return the second derivative of each row's focal loss by its margin.

    Parameters
    ----------
    y, raw, alpha, gamma
        As in `focal_loss`.

    Returns
    -------
    ndarray of float, shape (n,)

    Notes
    -----
    With p and q as in `focal_gradient`: a q^γ p ((1 + 2γ) q + γ (q − γ p) log p). Below 0 where a row is far on the
    wrong side: the loss is not convex there.

    Examples
    --------
    >>> focal_hessian(np.array([True, True]), np.array([0.0, -5.0]), gamma=2.0).round(4).tolist()
    [0.3991, -0.032]
    """
    margin = np.where(y, raw, -raw)
    p, q = expit(margin), expit(-margin)
    bent = (1 + 2 * gamma) * q + gamma * (q - gamma * p) * log_expit(margin)
    hessian: Floats = _weight(y, alpha) * q**gamma * p * bent
    return hessian


def focal_curvature(y: Bools, raw: Floats, alpha: float | None = None, gamma: float = 2.0) -> Floats:
    """Return what boosting divides by: the second derivative, kept above 0.

    Parameters
    ----------
    y, raw, alpha, gamma
        As in `focal_loss`.

    Returns
    -------
    ndarray of float, shape (n,)

    Notes
    -----
    Clipped from below at a q^γ p q, the second derivative of a log loss that is weighted by the focal factor, and at
    1e-16: a leaf of hard rows then moves as far as the log loss would move it, and never backwards.

    Examples
    --------
    >>> focal_curvature(np.array([True, True]), np.array([0.0, -5.0]), gamma=2.0).round(4).tolist()
    [0.3991, 0.0066]
    """
    margin = np.where(y, raw, -raw)
    p, q = expit(margin), expit(-margin)
    least = np.maximum(_weight(y, alpha) * q**gamma * p * q, 1e-16)
    curvature: Floats = np.maximum(focal_hessian(y, raw, alpha, gamma), least)
    return curvature


def check_focus(alpha: float | None, gamma: float) -> None:
    """Refuse an alpha outside of (0, 1) and a gamma below 0.

    Raises
    ------
    ValueError
        Which of them, and what it may be.
    """
    if alpha is not None and not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha!r} must lie between 0 and 1, or be None.")
    if not gamma >= 0:
        raise ValueError(f"gamma={gamma!r} must be 0 or more.")


def _weight(y: Bools, alpha: float | None) -> Floats:
    """Return the weight of each row's class."""
    return np.ones(len(y)) if alpha is None else np.where(y, alpha, 1 - alpha)
