"""How numbers are rounded and written: a threshold once, at the choice; what is large in powers of ten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context

import numpy as np

from imbalance_accessor.errors import ModelError

#: Significant digits: fewer than the first would put a threshold far from the score that chose it.
_FEWEST, _ALL = 2, 17
#: Powers of ten up to which a number is written without an exponent.
_FIXED = 4
#: From here on nobody counts the digits of a number.
_LARGE = 1e9


def rounded_down(threshold: float, below: float, kind: type[np.floating] = np.float64) -> float:
    """Round a threshold down to as few digits as flag the same rows, at least two.

    Parameters
    ----------
    threshold : float
        A score that some row has, or inf; rows are flagged when their score >= threshold.
    below : float
        The next lower score of these rows; -inf where there is none.
    kind : type, default numpy.float64
        Of the scores that the threshold will be compared with, which turn it into their own.

    Returns
    -------
    float
        Above `below` and not above `threshold`: of the numbers with 2, 3, ... 17 significant digits the first that is.

    Raises
    ------
    ModelError
        If the threshold is nan, which would flag nobody without a word.

    Examples
    --------
    >>> rounded_down(0.99126, 0.85), rounded_down(0.0873412, 0.0871), rounded_down(0.5, 0.4999)
    (0.99, 0.0873, 0.5)
    """
    if math.isnan(threshold):
        raise ModelError(
            "A threshold that is nan flags nobody. Use a number, or inf to flag nobody on purpose."
        )
    for digits in range(_FEWEST, _ALL + 1):
        # its shortest text, not its exact binary value, or 3e-09 (2.99…e-09 in binary) would become 2.9e-09
        candidate = float(Context(digits, ROUND_FLOOR).create_decimal(repr(float(threshold))))
        with np.errstate(over="ignore"):
            if below < candidate and below < float(kind(candidate)):
                return candidate
    return float(threshold)


def averaged_threshold(thresholds: Sequence[float]) -> float:
    """Average the thresholds of repeated folds, to four significant digits or as many as keep it among them.

    One alone, or several that are the same number, stay as they are.

    Examples
    --------
    >>> averaged_threshold([0.0871]), averaged_threshold([0.1, 0.12, 0.12]), averaged_threshold([0.99997, 0.99999])
    (0.0871, 0.1133, 0.99998)
    """
    mean, low, high = float(np.mean(thresholds)), min(thresholds), max(thresholds)
    if low == high:
        return thresholds[0]
    found = (float(f"{mean:.{digits}g}") for digits in range(4, _ALL))
    return next((threshold for threshold in found if low <= threshold <= high), mean)


def about(threshold: float, low: float, high: float) -> str:
    """Write a threshold with no more digits than half the width of its range leaves, two at least.

    Examples
    --------
    >>> about(0.204, 0.08, 0.27), about(0.1025, 0.1021, 0.1028), about(40.0, 31.0, 55.0)
    ('0.20', '0.1025', '40')
    """
    half = (high - low) / 2
    if not (math.isfinite(threshold) and math.isfinite(half) and half > 0) or threshold == 0:
        return written(threshold)
    place = math.floor(math.log10(abs(threshold)))
    digits = min(max(1 + place - math.floor(math.log10(half)), _FEWEST), _ALL)
    if abs(place) > _FIXED:
        return written(float(f"{threshold:.{digits}g}"))
    return f"{float(f'{threshold:.{digits}g}'):.{max(0, digits - 1 - place)}f}"


def written(threshold: float) -> str:
    """Write a threshold as the very number that it is, without a decimal point where it is whole.

    Examples
    --------
    >>> written(0.087), written(40.0), written(float("inf"))
    ('0.087', '40', 'inf')
    """
    return repr(float(threshold)).removesuffix(".0")


def fixed(value: float, decimals: int = 0) -> str:
    """Write a number with so many decimals, from 10⁹ on in powers of ten.

    Examples
    --------
    >>> fixed(1234567.8), fixed(0.5, 2), fixed(123456789012.3, 2), fixed(-1e30)
    ('1,234,568', '0.50', '1.235e+11', '−1e+30')
    """
    is_short = not math.isfinite(value) or abs(value) < _LARGE
    return minus(f"{value:,.{decimals}f}" if is_short else f"{value:.4g}")


def signed(value: float, how: str = ".3f") -> str:
    """Write a difference with its sign, whichever it is.

    Examples
    --------
    >>> signed(0.25), signed(-0.25, ".2f")
    ('+0.250', '−0.25')
    """
    return minus(f"{value:+{how}}")


def minus(number: str) -> str:
    """Write the sign of a number that is read as a minus, which a hyphen is not; thresholds are typed, and keep theirs.

    Examples
    --------
    >>> minus("-0.02"), minus("1e-05")
    ('−0.02', '1e-05')
    """
    return f"−{number[1:]}" if number.startswith("-") else number
