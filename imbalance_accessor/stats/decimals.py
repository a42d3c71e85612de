"""How to write a cut down: the shortest decimal that flags the same rows."""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.errors import ModelError


def shortest_decimal(cut: float, *scores: NDArray[np.floating]) -> str:
    """Write a cut with as few digits as flag the same rows.

    Parameters
    ----------
    cut : float
        Rows are flagged when their score >= cut.
    *scores : ndarray of float, shape (n,)
        All the scores that the cut is used on; nan is never flagged and does not matter.

    Returns
    -------
    str
        A Python float literal above the largest score below the cut, and not above the cut; of these, one
        with fewest significant digits, and of those the nearest to the cut. ``"inf"`` for inf.

    Raises
    ------
    ModelError
        If the cut is nan, which would flag nobody without a word.

    Examples
    --------
    >>> import numpy as np
    >>> shortest_decimal(0.0873412, np.array([0.0861, 0.0873412, 0.31]))
    '0.087'
    """
    if math.isnan(cut):
        raise ModelError("A cut that is nan flags nobody. Use a number, or inf to flag nobody on purpose.")
    if math.isinf(cut):
        return repr(float(cut))
    low = max((_highest_below(cut, part) for part in scores), default=-math.inf)
    # Scores of float32 turn the cut they are compared with into a float32.
    kinds = {part.dtype.type for part in map(np.asarray, scores) if part.dtype.kind == "f"} | {np.float64}
    for candidate in _rounded_down(float(cut)):
        with np.errstate(over="ignore"):
            if all(low < float(kind(candidate)) for kind in kinds):
                return repr(candidate).removesuffix(".0")
    return repr(float(cut))


def _highest_below(cut: float, score: NDArray[np.floating]) -> float:
    """Find the largest score that the cut does not flag; -inf where it flags all."""
    values = np.asarray(score, np.float64)
    return float(values[values < cut].max(initial=-np.inf))


def _rounded_down(cut: float) -> list[float]:
    """Give 0 and then the cut rounded down to 1, 2, ... 17 digits, as far as they are not above the cut."""
    # Its shortest text, not its exact binary value, or 3e-09 (2.99…e-09 in binary) would become 2.9e-09.
    text = Decimal(repr(cut))
    quanta = (Decimal(1).scaleb(text.adjusted() - digits) for digits in range(17))
    rounded = [float(text.quantize(quantum, rounding=ROUND_FLOOR)) for quantum in quanta]
    return [candidate for candidate in (0.0, *rounded) if candidate <= cut]
