"""Signs of a leak, in numbers: contradictions, columns that rank alone, classes that drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import chi2, rankdata

from imbalance_accessor.metrics.arrays import Codes, Floats


@dataclass(frozen=True)
class Contradictions:
    """Rows with the same features and different labels.

    Attributes
    ----------
    rows : int
        Rows that have a twin with another label.
    focus_rows : int
        Those of them that belong to the class in focus.
    best_accuracy : float
        The accuracy of giving every row the most frequent label among its twins: no model can do better.
    """

    rows: int
    focus_rows: int
    best_accuracy: float


def contradictions(kinds: Codes, codes: Codes, focus: int) -> Contradictions:
    """Count rows whose features leave their label open.

    Parameters
    ----------
    kinds : ndarray of int, shape (n_rows,)
        Which different feature row each one is, numbered from 0.
    codes : ndarray of int, shape (n_rows,)
        Classes.
    focus : int
        The class that is spoken of.

    Examples
    --------
    >>> contradictions(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 1)
    Contradictions(rows=3, focus_rows=1, best_accuracy=0.75)
    """
    kind, rows = _cells(kinds, codes)
    labels, most = np.bincount(kind), np.zeros(int(kinds.max()) + 1, dtype=np.int64)
    np.maximum.at(most, kind, rows)
    open_rows = labels[kinds] > 1
    return Contradictions(
        int(open_rows.sum()), int((open_rows & (codes == focus)).sum()), float(most.sum() / len(kinds))
    )


def _cells(kinds: Codes, codes: Codes) -> tuple[Codes, NDArray[np.int64]]:
    """Return the kind of each cell, of rows of one kind and one class, and how many rows it has."""
    n_classes = int(codes.max()) + 1
    cells, rows = np.unique(kinds * n_classes + codes, return_counts=True)
    return cells // n_classes, rows


def chance_of_perfection(n_focus: int, n_rest: int, n_columns: int) -> float:
    """Return a bound on the chance that one of so many columns of noise separates two classes, either way round."""
    log_orders = gammaln(n_focus + n_rest + 1) - gammaln(n_focus + 1) - gammaln(n_rest + 1)
    return float(min(1.0, 2 * n_columns * np.exp(-log_orders)))


@dataclass(frozen=True, eq=False)
class Drift:
    """How the share of a class changes along an order of the rows.

    Attributes
    ----------
    shares : ndarray of float
        In blocks of about the same number of rows.
    p : float
        The chance of shares that differ so much where the order means nothing: Pearson's chi-squared test.
    """

    shares: Floats
    p: float


def drift(order: Floats, y: NDArray[np.bool_], n_blocks: int = 10) -> Drift:
    """Compare the share of a class between blocks of rows.

    Parameters
    ----------
    order : ndarray, shape (n_rows,)
        What orders the rows; equal values stay in one block.
    y : ndarray of bool, shape (n_rows,)
        Whether a row is of the class.
    n_blocks : int
        At most so many.

    Examples
    --------
    >>> found = drift(np.arange(200.0), np.arange(200) >= 150)
    >>> found.shares[[0, -1]].tolist(), found.p < 1e-9
    ([0.0, 1.0], True)
    """
    place = rankdata(order) - 0.5
    block = np.minimum((place * n_blocks / len(order)).astype(np.intp), n_blocks - 1)
    _, block = np.unique(block, return_inverse=True)
    rows = np.bincount(block)
    hits = np.bincount(block, weights=y)
    overall = float(y.mean())
    if len(rows) < 2 or not 0 < overall < 1:
        return Drift(hits / rows, 1.0)
    statistic = float((np.square(hits - rows * overall) / (rows * overall * (1 - overall))).sum())
    return Drift(hits / rows, float(chi2.sf(statistic, len(rows) - 1)))


def same_label_pairs(groups: Codes, codes: Codes) -> tuple[float, float]:
    """Return how often two rows of one group have the same label, and how often any two rows have.

    Parameters
    ----------
    groups, codes : ndarray of int, shape (n_rows,)

    Examples
    --------
    >>> same_label_pairs(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    (1.0, 0.3333333333333333)
    """

    def pairs(counts: NDArray[np.int64]) -> float:
        return float((counts * (counts - 1.0)).sum())

    _, cells = _cells(groups, codes)
    within = pairs(np.bincount(groups))
    everywhere = float(len(codes) * (len(codes) - 1.0))
    same = pairs(cells) / within if within else 0.0
    return same, pairs(np.bincount(codes)) / everywhere if everywhere else 0.0
