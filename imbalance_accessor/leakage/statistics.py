"""Signs of a leak, in numbers: copies, contradictions, columns that rank alone, classes that drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import chi2, rankdata

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
