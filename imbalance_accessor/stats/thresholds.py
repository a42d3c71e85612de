"""Where to cut a score: every possible cut, the best one by a criterion, and how to write it down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.errors import ModelError, SplitError, one_of
from imbalance_accessor.stats.arrays import Bools, Floats, finite
from imbalance_accessor.stats.metrics import Confusion

#: What a cut can be chosen by; each is a property of `Confusion`, the larger the better.
CRITERIA = ("f1", "mcc", "balanced_accuracy", "g_mean", "accuracy")

#: Relative rounding of a criterion computed from whole counts stays well below this.
_ROUNDING = 1e-14


@dataclass(frozen=True, eq=False)
class CutTable:
    """Every cut that flags a different set of rows, the strictest first.

    Parameters
    ----------
    cuts : ndarray of float, shape (m,)
        Falling: +inf, which flags nobody, then each distinct score. A row is flagged when its score >= cut.
    confusion : Confusion
        The counts at each cut, of shape (m,).
    """

    cuts: Floats
    confusion: Confusion


def cut_table(y: Bools, score: ArrayLike) -> CutTable:
    """Count hits and errors at every cut.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    score : array-like of float, shape (n,)
        The higher, the more likely positive.

    Returns
    -------
    CutTable
        Of one row more than there are distinct scores.

    Raises
    ------
    ModelError
        If a score is missing or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> table = cut_table(np.array([True, False, True]), [0.9, 0.4, 0.4])
    >>> table.cuts.tolist(), table.confusion.tp.tolist(), table.confusion.fp.tolist()
    ([inf, 0.9, 0.4], [0.0, 1.0, 2.0], [0.0, 0.0, 1.0])
    """
    y, score = np.asarray(y, bool), finite(score)
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    # Rows of one score are flagged together, so a cut stands at the last row of each run of equal scores.
    ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) if len(score) else np.arange(0)
    tp = np.append(0, np.cumsum(y[order])[ends])
    flagged = np.append(0, ends + 1)
    counts = Confusion(tp=tp, fp=flagged - tp, fn=y.sum() - tp, tn=(~y).sum() - (flagged - tp))
    return CutTable(cuts=np.append(np.inf, falling[ends]), confusion=counts)


def first_best(values: Floats) -> int:
    """Find the first place where the largest value is reached, but for rounding.

    Parameters
    ----------
    values : ndarray of float, shape (m,)
        A criterion at each cut of a `CutTable`; the first best cut is then the one that flags fewest.

    Returns
    -------
    int

    Examples
    --------
    >>> import numpy as np
    >>> first_best(np.array([0.0, 0.3, 0.1 + 0.2]))
    1
    """
    # Equal criteria of different counts (3/4 + 1/6 and 5/12 + 1/2) may differ in their last bit.
    best = values.max()
    return int(np.argmax(values >= best - _ROUNDING * abs(best)))


def best_cut(y: Bools, score: ArrayLike, criterion: str = "f1") -> float:
    """Choose the cut at which a criterion is largest.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    score : array-like of float, shape (n,)
    criterion : {"f1", "mcc", "balanced_accuracy", "g_mean", "accuracy"}, default "f1"

    Returns
    -------
    float
        A score, or inf where flagging nobody is best. Of several best cuts, the one that flags fewest.

    Raises
    ------
    ModelError
        If a score is missing or infinite.
    OptionError
        If the criterion is not known.

    Notes
    -----
    Exact: every distinct score is tried. The value reached on the rows that chose the cut is too good;
    report another sample's.

    Examples
    --------
    >>> import numpy as np
    >>> best_cut(np.array([True, False, True, False]), [0.9, 0.4, 0.3, 0.1])
    0.3
    """
    one_of("criterion", criterion, CRITERIA)
    table = cut_table(y, score)
    return float(table.cuts[first_best(getattr(table.confusion, criterion))])


def cross_fitted_flags(y: Bools, score: ArrayLike, fold: ArrayLike, criterion: str = "f1") -> Bools:
    """Flag each fold's rows at the cut that the other folds chose, so that no row judges its own cut.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        True for a positive row.
    score : array-like of float, shape (n,)
        Out of fold; may be nan where the fold is -1.
    fold : array-like of int, shape (n,)
        The fold that scored the row, or -1 for a row without a score.
    criterion : {"f1", "mcc", "balanced_accuracy", "g_mean", "accuracy"}, default "f1"

    Returns
    -------
    ndarray of bool, shape (n,)
        False for rows without a score.

    Raises
    ------
    SplitError
        If fewer than two folds hold scores.
    ModelError
        If a score of a fold is missing or infinite.
    OptionError
        If the criterion is not known.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([True, False, True, False])
    >>> cross_fitted_flags(y, [0.9, 0.5, 0.4, 0.1], fold=[0, 0, 1, 1]).tolist()
    [True, True, False, False]
    """
    y, score, fold = np.asarray(y, bool), np.asarray(score, np.float64), np.asarray(fold)
    scored = fold >= 0
    present = np.unique(fold[scored])
    if len(present) < 2:
        raise SplitError(
            f"A cut is judged on a fold that did not choose it, which needs two folds; {len(present)} "
            "holds scores. Use more folds."
        )
    flags = np.zeros(len(y), dtype=bool)
    for held_out in present:
        inside, others = fold == held_out, scored & (fold != held_out)
        flags[inside] = finite(score[inside]) >= best_cut(y[others], score[others], criterion)
    return flags


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
