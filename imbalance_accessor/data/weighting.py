"""How much rows count: a column of weights, and the share of each class where the model will be used."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.data.cells import as_float
from imbalance_accessor.data.target import Label, Target, plain
from imbalance_accessor.errors import OptionError, listed
from imbalance_accessor.metrics.arrays import Codes, Floats
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.process_state import cached_property

#: Shares that differ by less than this part of themselves are the same.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Weighting:
    """How much the rows of a frame count.

    Attributes
    ----------
    column : hashable or None
        The column that holds the rows' own weights.
    prevalence : float, mapping of label to float, or None
        The positive class's share where the model will be used, or each class's, as it was given.
    shares : ndarray of float, shape (k,)
        Each class's share of the frame, by its rows' weights.
    wanted : ndarray of float, shape (k,), or None
        Each class's share where the model will be used; None: as in the frame.
    """

    column: Hashable | None
    prevalence: float | Mapping[Label, float] | None
    shares: Floats
    wanted: Floats | None

    @cached_property
    def factors(self) -> Floats | None:
        """How much more each class counts than in the frame, shape (k,); None where its shares stay."""
        if self.wanted is None or np.allclose(self.wanted, self.shares, rtol=_SAME, atol=0):
            return None
        return np.asarray(self.wanted / self.shares)

    def at(self, prevalence: float, positive: int) -> Weighting:
        """Return the same at another prevalence of one class; the others keep their shares among themselves."""
        wanted = self.shares * (1 - prevalence) / (1 - self.shares[positive])
        wanted[positive] = prevalence
        return replace(self, prevalence=prevalence, wanted=wanted)

    def own(self, X: pd.DataFrame) -> Floats | None:
        """Return the rows' own weights, shape (n,); None where there are none, or all are 1."""
        if self.column is None:
            return None
        found = as_float(X[self.column]).to_numpy(np.float64)
        return None if (found == 1).all() else np.asarray(found)

    def of(self, X: pd.DataFrame, positive: int | None) -> Weights:
        """Return how much rows count, one class against the rest where one is named, else each class."""
        factors = self.factors
        if factors is not None and positive is not None:
            factors = factors[[0 if positive else 1, positive]]
        return Weights(self.own(X), factors)


def read_weighting(prevalence: Any, column: Hashable | None, target: Target, X: pd.DataFrame) -> Weighting:
    """Read how much rows count, or say what is wrong with it.

    Parameters
    ----------
    prevalence : float, mapping of label to float, or None
    column : hashable or None
        Of weights.
    target : Target
    X : pandas.DataFrame, shape (n_labelled, n_columns)
        The labelled rows.

    Raises
    ------
    OptionError
        One sentence.
    """
    codes: Codes = target.codes[target.codes >= 0]
    own = None if column is None else as_float(X[column]).to_numpy(np.float64)
    totals = np.bincount(codes, own, minlength=len(target.classes))
    shares = np.asarray(totals / totals.sum(), np.float64)
    return Weighting(column, prevalence, shares, _wanted(prevalence, target, shares))


def _wanted(prevalence: Any, target: Target, shares: Floats) -> Floats | None:
    if prevalence is None:
        return None
    if isinstance(prevalence, Mapping):
        return np.array([float(prevalence[label]) for label in target.classes])
    if target.positive is None:
        raise OptionError(
            f"prevalence={prevalence!r} is the share of one class, and {target.name!r} has {len(target.classes)}. Give "
            f"each one's, or name one of {listed(target.classes)} with pos_label=."
        )
    share = float(prevalence)
    if not 0 < share < 1:
        raise OptionError(f"prevalence={plain(prevalence)!r} must be a share between 0 and 1.")
    rest = shares * (1 - share) / (1 - shares[target.positive])
    rest[target.positive] = share
    return np.asarray(rest)
