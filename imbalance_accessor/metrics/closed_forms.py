"""Where theory puts the threshold, and whether the probabilities are true enough for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imbalance_accessor.metrics.arrays import Bools, Floats
from imbalance_accessor.metrics.calibration import level_interval
from imbalance_accessor.metrics.costs import Amount, Costs
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.weights import ONES, Weights

#: Scores near a threshold have odds within this factor of the threshold's odds; fewer rows than this tell nothing.
_NEAR_ODDS, _FEW = 2.0, 50


def closed_form(
    objective: Objective, reached: float, prevalence: float, costs: Costs | None
) -> Amount | None:
    """Return the threshold that is best for true probabilities.

    Parameters
    ----------
    objective : Objective
    reached : float
        The criterion at the tuned threshold; in theory the best that there is.
    prevalence : float
        Share of positives, by weight; the one that the probabilities are those of.
    costs : Costs, optional

    Returns
    -------
    float, ndarray of float, shape (n,), or None
        One threshold a row where amounts differ from row to row; None where there is no closed form.

    Notes
    -----
    For costs (fp − tn) / (fp − tn + fn − tp) (Elkan 2001). For F1 half of the best F1, for F-beta
    F* / (1 + β²) (Lipton, Elkan & Naryanaswamy 2014). For balanced accuracy the prevalence, and for accuracy one
    half: flag where p / π > (1 − p) / (1 − π), and where p > 1 − p. All of them are thresholds of probabilities at the
    prevalence π where decisions are made, and hold as they are where it is another one than the sample's.

    Examples
    --------
    >>> closed_form(Objective("f1"), reached=0.5, prevalence=0.1, costs=None)
    0.25
    """
    if objective.constraints:
        return None
    if objective.criterion == "cost":
        return None if costs is None else costs.closed_form
    known = {
        "f1": reached / 2,
        "fbeta": reached / (1 + objective.beta**2),
        "accuracy": 0.5,
        "balanced_accuracy": prevalence,
    }
    return known.get(objective.criterion)


@dataclass(frozen=True)
class Level:
    """Mean score of some rows, their share of positives, and that share's 95 % interval; see `calibration_check`."""

    mean: float
    share: float
    low: float
    high: float
    rows: int

    @property
    def holds(self) -> bool:
        """Whether the mean score lies within the interval of the share of positives."""
        return self.low <= self.mean <= self.high

    @property
    def can_tell(self) -> bool:
        """Whether these rows are enough to say more of their scores."""
        return self.rows >= _FEW


@dataclass(frozen=True)
class CalibrationCheck:
    """Whether scores are true probabilities: over all rows, and where odds are within a factor of 2 of a threshold's."""

    overall: Level
    near: Level

    @property
    def holds(self) -> bool:
        """Whether probabilities are true enough for a closed form, as far as these rows tell."""
        return self.overall.holds and self.near.can_tell and self.near.holds


def calibration_check(y: Bools, p: Floats, threshold: float, weights: Weights = ONES) -> CalibrationCheck:
    """Hold scores against the shares of positives, over all rows and over those near a threshold.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Probabilities, each of rows that the model has not learned from.
    threshold : float
    weights : Weights
        How much each row counts.

    Notes
    -----
    The share's interval is Wilson's, of as many rows as the weights are worth (Kish 1965). Where a prevalence is known the
    share of all rows is that very one and does not vary, and what varies is how far outcomes lie from their probabilities:
    the share's interval is then that of a mean residual about 0; see `calibration.level_interval`.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.arange(1000) % 4 == 0
    >>> found = calibration_check(y, np.full(1000, 0.25), 0.2)
    >>> found.overall.holds, found.near.holds, found.near.rows
    (True, True, 1000)
    """
    # as a product, so that probabilities of 0 and 1 need no division
    here, there = p * (1 - threshold), threshold * (1 - p)
    near = (here <= _NEAR_ODDS * there) & (there <= _NEAR_ODDS * here)
    return CalibrationCheck(_level(y, p, weights), _level(y[near], p[near], weights.take(near)))


def _level(y: Bools, p: Floats, weights: Weights) -> Level:
    w, rows = weights.of(y), weights.rows(y, 2).tolist()
    if not len(y):
        return Level(np.nan, np.nan, 0.0, 1.0, 0)
    mean, share = float(np.average(p, weights=w)), float(np.average(y, weights=w))
    if weights.rows_are_ones:
        low, high = wilson(rows[1], sum(rows))
    elif weights.factors is None:
        worth = weights.worth(y)
        low, high = wilson(share * worth, worth)
    else:
        low, high = np.clip(level_interval(y, p, weights)[1:], 0.0, 1.0)
    return Level(mean, share, float(low), float(high), sum(rows))
