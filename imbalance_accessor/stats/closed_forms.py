"""Where theory puts the cut, and whether the probabilities are true enough for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imbalance_accessor.stats.aims import Aim
from imbalance_accessor.stats.arrays import Bools, Floats
from imbalance_accessor.stats.costs import Amount, Costs
from imbalance_accessor.stats.intervals import wilson

#: Scores near a cut have odds within this factor of the cut's odds; fewer rows than this tell nothing.
_NEAR_ODDS, _FEW = 2.0, 50


def closed_form(aim: Aim, best: float, prevalence: float, costs: Costs | None) -> Amount | None:
    """Return the cut that is best for true probabilities.

    Parameters
    ----------
    aim : Aim
    best : float
        The best value of the criterion that the scores reach.
    prevalence : float
        Share of positives.
    costs : Costs, optional

    Returns
    -------
    float, ndarray of float, shape (n,), or None
        One cut a row where amounts differ from row to row; None where there is no closed form.

    Notes
    -----
    For costs (fp − tn) / (fp − tn + fn − tp) (Elkan 2001). For F1 half of the best F1, for F-beta
    F* / (1 + β²) (Lipton, Elkan & Naryanaswamy 2014). For balanced accuracy the prevalence, and for accuracy one
    half: flag where p / π > (1 − p) / (1 − π), and where p > 1 − p.

    Examples
    --------
    >>> closed_form(Aim("f1"), best=0.5, prevalence=0.1, costs=None)
    0.25
    """
    if aim.limits:
        return None
    if aim.criterion == "cost":
        return None if costs is None else costs.closed_form
    known = {
        "f1": best / 2,
        "fbeta": best / (1 + aim.beta**2),
        "accuracy": 0.5,
        "balanced_accuracy": prevalence,
    }
    return known.get(aim.criterion)


@dataclass(frozen=True)
class Trust:
    """Whether scores are true probabilities, on the whole and near a cut.

    Attributes
    ----------
    mean, share, low, high : float
        Mean score, share of positives and its 95 % interval, over all rows.
    near_mean, near_share, near_low, near_high : float
        The same over the rows whose odds are within a factor of 2 of the cut's.
    near_rows : int
    """

    mean: float
    share: float
    low: float
    high: float
    near_mean: float
    near_share: float
    near_low: float
    near_high: float
    near_rows: int

    @property
    def level_holds(self) -> bool:
        """Whether the mean score lies within the interval of the share of positives."""
        return self.low <= self.mean <= self.high

    @property
    def can_tell(self) -> bool:
        """Whether enough scores lie near the cut to say more of them."""
        return self.near_rows >= _FEW

    @property
    def holds_near(self) -> bool:
        """Whether the mean score lies within the interval near the cut, too."""
        return self.near_low <= self.near_mean <= self.near_high


def trust(y: Bools, p: Floats, cut: float) -> Trust:
    """Hold scores against the shares of positives, over all rows and over those near a cut.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
    p : ndarray of float, shape (n,)
        Probabilities, each of rows that the model has not learned from.
    cut : float

    Returns
    -------
    Trust

    Examples
    --------
    >>> import numpy as np
    >>> y = np.arange(1000) % 4 == 0
    >>> found = trust(y, np.full(1000, 0.25), 0.2)
    >>> found.level_holds, found.holds_near, found.near_rows
    (True, True, 1000)
    """
    # as a product, so that probabilities of 0 and 1 need no division
    here, there = p * (1 - cut), cut * (1 - p)
    near = (here <= _NEAR_ODDS * there) & (there <= _NEAR_ODDS * here)
    if not near.any():
        near_mean = near_share = np.nan
    else:
        near_mean, near_share = float(p[near].mean()), float(y[near].mean())
    (low, high), (near_low, near_high) = (
        wilson(int(y[rows].sum()), int(np.count_nonzero(rows))) for rows in (np.ones(len(p), bool), near)
    )
    return Trust(
        mean=float(p.mean()),
        share=float(y.mean()),
        low=float(low),
        high=float(high),
        near_mean=near_mean,
        near_share=near_share,
        near_low=float(near_low),
        near_high=float(near_high),
        near_rows=int(near.sum()),
    )
