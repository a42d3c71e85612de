"""Signs of a leak, in numbers: contradictions, columns that rank alone, classes that drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import chi2, gamma

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


def drift(order: Floats, y: NDArray[np.bool_], n_blocks: int = 10, *, kinds: Codes | None = None) -> Drift:
    """Compare the share of a class between blocks of rows.

    Parameters
    ----------
    order : ndarray, shape (n_rows,)
        What orders the rows; equal values stay in one block.
    y : ndarray of bool, shape (n_rows,)
        Whether a row is of the class.
    n_blocks : int
        At most so many.
    kinds : ndarray of int, shape (n_rows,), optional
        Which different row each one is, numbered from 0, where equal rows may be copies of one.

    Notes
    -----
    Copies that lie in one block are no independent rows. The statistic is divided by how much they add to the variance
    of a block's hits (Rao and Scott 1981), 1 + Σ_k λ_k Σ_{i≠j in k} (y_i − ȳ)(y_j − ȳ) / (n ȳ (1 − ȳ)): λ_k, the share of the
    pairs of equal rows k that lie in one block, beyond chance, is about 0 where they are spread as any rows are, and 1
    where they all lie together.

    Examples
    --------
    >>> found = drift(np.arange(200.0), np.arange(200) >= 150)
    >>> found.shares[[0, -1]].tolist(), found.p < 1e-9
    ([0.0, 1.0], True)
    """
    block = _blocks(order, n_blocks)
    rows = np.bincount(block)
    hits = np.bincount(block, weights=y)
    overall = float(y.mean())
    if len(rows) < 2 or not 0 < overall < 1:
        return Drift(hits / rows, 1.0)
    statistic = float((np.square(hits - rows * overall) / (rows * overall * (1 - overall))).sum())
    inflated = 1.0 if kinds is None else _inflation(kinds, block, y - overall)
    return Drift(hits / rows, float(chi2.sf(statistic / inflated, len(rows) - 1)))


def _blocks(order: Floats, n_blocks: int) -> Codes:
    """Return each row's block, numbered from 0: that in which the middle of its mid-rank lies."""
    n = len(order)
    edges = [each * n // n_blocks for each in range(n_blocks)]
    # rows below, at and between the values at the edges: no more needs to be sorted
    at = np.unique(np.partition(order, edges)[edges])
    left = np.searchsorted(at, order)
    span = 2 * left + (at[np.minimum(left, len(at) - 1)] == order)
    rows = np.bincount(span)
    place = np.cumsum(rows) - rows / 2
    block = np.minimum((place * n_blocks / n).astype(np.intp), n_blocks - 1)
    return np.asarray(
        np.unique(block[rows > 0], return_inverse=True)[1][np.cumsum(rows > 0) - 1][span], dtype=np.intp
    )


def _inflation(kinds: Codes, block: Codes, apart: NDArray[np.floating[Any]]) -> float:
    """Return how much equal rows that lie in one block add to the variance of its hits; see `drift`."""
    rows = np.bincount(kinds)
    if rows.max() == 1:
        return 1.0
    by_chance = float(np.square(np.bincount(block) / len(block)).sum())
    kind, cells = _cells(kinds, block)
    in_one_block = np.bincount(kind, weights=cells * (cells - 1.0)) / np.maximum(rows * (rows - 1.0), 1.0)
    beyond = (in_one_block - by_chance) / (1 - by_chance)
    alike = np.square(np.bincount(kinds, weights=apart)) - np.bincount(kinds, weights=np.square(apart))
    return max(1.0, 1 + float(beyond @ alike / np.square(apart).sum()))


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
    within = _pairs(np.bincount(groups))
    everywhere = float(len(codes) * (len(codes) - 1.0))
    alike = sum(_pairs(np.bincount(groups[codes == code])) for code in range(int(codes.max()) + 1))
    same = alike / within if within else 0.0
    return same, _pairs(np.bincount(codes)) / everywhere if everywhere else 0.0


def chance_of_pairs(groups: Codes, y: NDArray[np.bool_]) -> float:
    """Return the chance of so many pairs of rows of a class within groups, were the labels dealt to rows at random.

    Parameters
    ----------
    groups : ndarray of int, shape (n_rows,)
        Numbered from 0.
    y : ndarray of bool, shape (n_rows,)
        Whether a row is of the class.

    Notes
    -----
    The number of pairs is taken as gamma distributed with its exact mean and variance over all permutations of the
    labels: it is skewed where the class is rare.

    Examples
    --------
    >>> groups, y = np.arange(40) // 2, np.arange(40) < 10
    >>> round(chance_of_pairs(groups, y), 4), chance_of_pairs(groups, np.arange(40) % 4 == 0)
    (0.0042, 1.0)
    """
    sizes = np.bincount(groups).astype(np.float64)
    n, of_class = float(len(y)), float(y.sum())
    met = _pairs(np.bincount(groups, weights=y)) / 2
    pairs, overlapping = _pairs(sizes) / 2, float((sizes * (sizes - 1) * (sizes - 2)).sum())
    drawn = np.arange(4.0)
    # the chance that 2, 3, 4 given rows are all of the class
    two, three, four = np.cumprod(np.maximum(of_class - drawn, 0) / np.maximum(n - drawn, 1))[1:]
    mean = pairs * two
    variance = mean + overlapping * three + (pairs**2 - pairs - overlapping) * four - mean**2
    if met == 0 or variance <= 0:
        return 1.0
    return float(gamma.sf(met - 0.5, mean**2 / variance, scale=variance / mean))


def _pairs(counts: NDArray[Any]) -> float:
    return float((counts * (counts - 1.0)).sum())
