"""Signs of a leak, in numbers: copies, contradictions, columns that rank alone, classes that drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import chi2, gamma, rankdata

from imbalance_accessor.metrics.arrays import Codes, Floats


@dataclass(frozen=True, eq=False)
class Repeats:
    """How often the rows of one class are repeated.

    Attributes
    ----------
    rows : int
        Rows of the class.
    different : int
        Different ones among them.
    dispersion : float
        Variance over mean of the copies of each different row: about 1 where copies were drawn at random, 0 where
        every row was copied equally often, far above 1 where a few rows make up most of them.
    """

    rows: int
    different: int
    dispersion: float

    @property
    def share(self) -> float:
        """Share of the rows that are copies of another one."""
        return 1 - self.different / self.rows if self.rows else 0.0


def repeats(kinds: Codes) -> Repeats:
    """Count copies among the rows of one class.

    Parameters
    ----------
    kinds : ndarray of int, shape (n_rows,)
        Which different row each one is.

    Examples
    --------
    >>> repeats(np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    Repeats(rows=9, different=3, dispersion=0.0)
    """
    counts = np.unique(kinds, return_counts=True)[1]
    copies = counts - 1
    mean = float(copies.mean()) if len(copies) else 0.0
    return Repeats(len(kinds), len(counts), float(copies.var() / mean) if mean else 0.0)


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


def expected_twins(level_counts: Sequence[NDArray[np.integer]], n_train: int) -> float:
    """Return the share of test rows that chance gives a twin in train, were the columns independent.

    Parameters
    ----------
    level_counts : list of ndarray of int
        For each column, how often each of its values occurs.
    n_train : int

    Notes
    -----
    Two rows agree in a column with probability q = Σ p_v², in all columns with Π q; one of n_train does with
    1 − exp(−n_train Π q).
    """
    log_q = sum(float(np.log(np.square(counts / counts.sum()).sum())) for counts in level_counts)
    return float(-np.expm1(-n_train * np.exp(log_q)))


@dataclass(frozen=True)
class LoneTwins:
    """New rows whose value a known row has, and one only.

    Attributes
    ----------
    share : float
        Of the new rows.
    expected : float
        What new rows from the same source would have: the probability of all values met once.
    error : float
        Standard error of the difference.
    """

    share: float
    expected: float
    error: float

    @property
    def beyond_chance(self) -> bool:
        """Whether twice what is expected, and four standard errors, do not explain it."""
        return self.share > 2 * self.expected + 4 * self.error


def lone_twins(known: Codes, new: Codes) -> LoneTwins:
    """Compare how often new rows meet a value that was met once with how often they would by chance.

    Parameters
    ----------
    known, new : ndarray of int, shape (n_known,), (n_new,)
        Which value each row has, numbered from 0.

    Notes
    -----
    Good (1953): values met once in n rows have together a probability of about 2 f₂ / n, f₂ the values met twice. Values
    that come up often are left out: new rows may have more of them without being copies.

    Examples
    --------
    >>> lone_twins(np.arange(100), np.arange(50)).beyond_chance
    True
    >>> lone_twins(np.arange(100) % 3, np.arange(50) % 3).beyond_chance
    False
    """
    times = np.bincount(known, minlength=int(max(known.max(), new.max())) + 1)
    twice, n = int((times == 2).sum()), len(known)
    expected = 2 * twice / n
    error = np.sqrt(max(expected, 1 / n) / len(new) + 4 * twice / n**2)
    return LoneTwins(float((times[new] == 1).mean()), expected, float(error))


def agreement_by_chance(known: Codes, new: Codes, n_pairs: int) -> float:
    """Return the chance that pairs of a known row and a new one all agree, were the pairs drawn at random.

    Parameters
    ----------
    known, new : ndarray of int
        Which kind of row each one is, numbered from 0.
    n_pairs : int

    Notes
    -----
    One pair agrees with probability Σ p_v q_v, p_v and q_v the shares of a kind among known and new rows.

    Examples
    --------
    >>> agreement_by_chance(np.array([0, 1]), np.array([0, 1]), 3)
    0.125
    """
    size = int(max(known.max(), new.max())) + 1
    shares = [np.bincount(each, minlength=size) / len(each) for each in (known, new)]
    return float((shares[0] @ shares[1]) ** n_pairs)


def class_aucs(values: Floats, codes: Codes, n_classes: int) -> Floats:
    """Return how well one column ranks each class above the rest.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows,)
        Not missing.
    codes : ndarray of int, shape (n_rows,)
    n_classes : int

    Returns
    -------
    ndarray of float, shape (n_classes,)
        ROC-AUC: the Mann-Whitney statistic U / (n₁ n₀) of the mid-ranks; 0.5 for a class without rows.

    Examples
    --------
    >>> class_aucs(np.array([3.0, 2.0, 1.0, 0.0]), np.array([0, 0, 1, 1]), 2).tolist()
    [1.0, 0.0]
    """
    ranks = rankdata(values)
    rows = np.bincount(codes, minlength=n_classes)
    rest = len(codes) - rows
    won = np.bincount(codes, weights=ranks, minlength=n_classes) - rows * (rows + 1) / 2
    pairs = np.maximum(rows * rest, 1)
    return np.where(rows * rest > 0, won / pairs, 0.5)


def cross_fitted_rates(levels: Codes, codes: Codes, n_classes: int, seed: int = 0) -> Floats:
    """Return the share of each class among the other half's rows of the same level.

    Parameters
    ----------
    levels : ndarray of int, shape (n_rows,)
        Which value a categorical column has, numbered from 0.
    codes : ndarray of int, shape (n_rows,)
    n_classes : int
    seed : int
        Of the two halves.

    Returns
    -------
    ndarray of float, shape (n_rows, n_classes)
        Learned on the half that a row is not in, so that a level of its own tells nothing; a level that the other half
        lacks has the classes' overall shares.
    """
    half = np.random.default_rng(seed).permutation(len(codes)) % 2
    n_levels = int(levels.max()) + 1
    rates = np.empty((len(codes), n_classes))
    for side in (0, 1):
        other = half != side
        overall = np.bincount(codes[other], minlength=n_classes) / max(int(other.sum()), 1)
        cells = np.bincount(levels[other] * n_classes + codes[other], minlength=n_levels * n_classes)
        table = cells.reshape(n_levels, n_classes)
        seen = table.sum(axis=1, keepdims=True)
        shares = np.where(seen > 0, table / np.maximum(seen, 1), overall)
        rates[half == side] = shares[levels[half == side]]
    return rates


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
