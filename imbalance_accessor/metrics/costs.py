"""What decisions cost: amounts for each outcome, the same for all rows or one for each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.metrics.arrays import Bools, Floats, ratio
from imbalance_accessor.metrics.binary import Confusion

Amount: TypeAlias = "float | Floats"


@dataclass(frozen=True, eq=False)
class Costs:
    """Cost of each outcome; negative for a gain.

    Attributes
    ----------
    fp, fn, tp, tn : float or ndarray of float, shape (n,)
        Of a false alarm, a miss, a hit and a rest left alone.
    """

    fp: Amount
    fn: Amount
    tp: Amount = 0.0
    tn: Amount = 0.0

    @property
    def by_row(self) -> bool:
        """Whether any amount differs from row to row."""
        return any(np.ndim(amount) for amount in self._amounts)

    def take(self, rows: NDArray[np.intp] | Bools) -> Costs:
        """Return the amounts of some rows."""
        return Costs(
            *(amount[rows] if isinstance(amount, np.ndarray) else amount for amount in self._amounts)
        )

    def of(self, counts: Confusion) -> Floats:
        """Return the total of counted outcomes, or of sums of weights; for amounts that are the same for all rows."""
        return np.asarray(
            self.fp * counts.fp + self.fn * counts.fn + self.tp * counts.tp + self.tn * counts.tn, np.float64
        )

    def of_rows(self, y: Bools) -> tuple[Floats, Floats]:
        """Return what each row costs if it is flagged, and if it is not; both of shape (n,)."""
        flagged = np.where(y, self.tp, self.fp).astype(np.float64)
        passed = np.where(y, self.fn, self.tn).astype(np.float64)
        return flagged, passed

    def scale(self, n: float) -> float:
        """Return how large the amounts of n rows, or of their weights, are, beside which a sum's rounding is small."""
        return n * max(float(np.abs(amount).max(initial=0.0)) for amount in map(np.asarray, self._amounts))

    def flags(self, p: Floats) -> Bools:
        """Return the rows whose flag is the cheaper decision if probabilities are true, of the shape of `p`."""
        return np.asarray(p >= self.closed_form)

    def expected(self, p: Floats) -> Floats:
        """Return what these decisions cost each row on average if probabilities are true, of the shape of `p`.

        Examples
        --------
        >>> Costs(fp=1, fn=5).expected(np.array([0.1, 0.5])).tolist()
        [0.5, 0.5]
        """
        flagged = p * self.tp + (1 - p) * self.fp
        passed = p * self.fn + (1 - p) * self.tn
        return np.where(self.flags(p), flagged, passed)

    def of_all(self, share: float) -> tuple[float, float]:
        """Return what a row costs on average where all are flagged and where none is; for amounts that are the same for all.

        Examples
        --------
        >>> Costs(fp=1, fn=5).of_all(0.1)
        (0.9, 0.5)
        """
        flagged, passed = (
            share * hit + (1 - share) * rest for hit, rest in ((self.tp, self.fp), (self.fn, self.tn))
        )
        return float(flagged), float(passed)

    @property
    def closed_form(self) -> Amount:
        """The probability from which flagging is the cheaper decision.

        Notes
        -----
        (fp − tn) / (fp − tn + fn − tp), right where the scores are true probabilities (Elkan 2001).

        Examples
        --------
        >>> round(Costs(fp=1, fn=5).closed_form, 4)
        0.1667
        """
        alarm, miss = self.fp - self.tn, self.fn - self.tp
        share = ratio(alarm, alarm + miss)
        return share if np.ndim(share) else float(share)

    @property
    def _amounts(self) -> tuple[Amount, Amount, Amount, Amount]:
        return self.fp, self.fn, self.tp, self.tn
