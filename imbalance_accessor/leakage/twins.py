"""Rows that come again, in numbers: copies, twins by chance and over all splits, rows that are nearly alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from imbalance_accessor.metrics.arrays import Codes, Floats


@dataclass(frozen=True)
class Repeats:
    """How often the rows of one class are repeated.

    Attributes
    ----------
    rows : int
        Rows of the class.
    different : int
        Different ones among them.
    once : float
        Share of the different ones that are met once.
    times : int
        How often the class was pasted whole: nearly every different row is met so many times, or a multiple of it. 1 where
        it was not.
    """

    rows: int
    different: int
    once: float
    times: int

    @property
    def share(self) -> float:
        """Share of the rows that are copies of another one."""
        return 1 - self.different / self.rows if self.rows else 0.0

    @property
    def added(self) -> float:
        """Copies for each different row."""
        return self.rows / self.different - 1 if self.different else 0.0

    @property
    def once_if_drawn(self) -> float:
        """The largest share met once, within three standard errors, if different rows were drawn at random to be copied."""
        missed = float(np.exp(-self.added))
        return missed + 3 * float(np.sqrt(missed * (1 - missed) / max(self.different, 1))) + 0.01


#: Share of the different rows that are met a multiple of the same number of times, where a class was pasted whole.
_NEARLY_ALL = 0.95


def repeats(kinds: Codes) -> Repeats:
    """Count copies among the rows of one class.

    Parameters
    ----------
    kinds : ndarray of int, shape (n_rows,)
        Which different row each one is.

    Notes
    -----
    Where n - d rows are drawn with replacement from d different ones and put beside them, λ = (n - d) / d, a row is drawn
    no time with probability about exp(-λ), and is then met once.

    Examples
    --------
    >>> repeats(np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    Repeats(rows=9, different=3, once=0.0, times=3)
    """
    counts = np.bincount(kinds)
    counts = counts[counts > 0]
    if not len(counts):
        return Repeats(0, 0, 0.0, 1)
    times = int(np.bincount(counts).argmax())
    whole = (counts % times == 0).mean() >= _NEARLY_ALL
    return Repeats(len(kinds), len(counts), float((counts == 1).mean()), times if whole else 1)


def expected_twins(
    level_counts: Iterable[NDArray[np.integer]], row_counts: NDArray[np.integer], n_train: int
) -> float:
    """Return the share of test rows that chance gives a twin in train, were the columns independent.

    Parameters
    ----------
    level_counts : iterable of ndarray of int
        For each column, how often each of its values occurs.
    row_counts : ndarray of int
        How often each different row occurs.
    n_train : int

    Notes
    -----
    Of n rows with values met m times, two agree with probability a = Σ m (m - 1) / (n (n - 1)); two that differ somewhere
    agree in a column with q = (a_column - a_row) / (1 - a_row), so that copies tell nothing of chance. One row of n_train
    agrees in all columns with 1 - exp(-n_train Π q).
    """
    alike, q = _agree(row_counts), 1.0
    for counts in level_counts:
        q *= max(_agree(counts) - alike, 0.0) / (1 - alike) if alike < 1 else 1.0
    return float(-np.expm1(-n_train * q))


def _agree(counts: NDArray[np.integer]) -> float:
    """Return the probability that two rows have the same value."""
    n = float(counts.sum())
    return float((counts * (counts - 1.0)).sum()) / max(n * (n - 1), 1.0)


def seen_after_a_split(kinds: Codes, codes: Codes, test_rows: NDArray[np.integer]) -> Floats:
    """Return each row's chance that a test row like it has a twin in train, over all splits by class.

    Parameters
    ----------
    kinds : ndarray of int, shape (n_rows,)
        Which different row each one is, numbered from 0.
    codes : ndarray of int, shape (n_rows,)
        Classes.
    test_rows : ndarray of int, shape (n_classes,)
        Test rows of each class.

    Notes
    -----
    Of class c, t_c of n_c rows are drawn. That all m_c of some rows are drawn has probability Π_{i<m_c} (t_c - i) / (n_c - i),
    and a row that was drawn has no twin in train if its other copies, of all classes, were drawn too.

    Examples
    --------
    >>> seen_after_a_split(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 0]), np.array([2])).round(3).tolist()
    [0.667, 0.667, 0.0, 0.0]
    """
    again = np.bincount(kinds)[kinds] > 1
    seen, n_classes = np.zeros(len(kinds)), len(test_rows)
    if not again.any():
        return seen
    rows = np.bincount(codes, minlength=n_classes)
    cells, copies = np.unique(kinds[again] * n_classes + codes[again], return_counts=True)
    n, t = rows[cells % n_classes], test_rows[cells % n_classes]
    fits = copies <= t
    log_drawn = np.full(len(cells), -np.inf)
    log_drawn[fits] = _log_drawn(n[fits], t[fits], copies[fits])
    all_drawn = np.zeros(int(kinds.max()) + 1)
    np.add.at(all_drawn, cells // n_classes, log_drawn)
    itself = np.log(np.maximum(test_rows, 1) / np.maximum(rows, 1))
    seen[again] = -np.expm1(np.minimum(all_drawn[kinds[again]] - itself[codes[again]], 0.0))
    return seen


def _log_drawn(n: NDArray[np.int64], t: NDArray[np.integer], m: NDArray[np.int64]) -> Floats:
    """Return the log of the chance that t rows drawn of n hold some m of them."""
    return np.asarray(gammaln(t + 1) - gammaln(t - m + 1) - gammaln(n + 1) + gammaln(n - m + 1))


def have_own_cell(
    cells: Iterable[NDArray[np.uint64]], wanted: NDArray[np.intp], most: float
) -> NDArray[np.bool_]:
    """Tell which of the different rows have a cell that no other row has in its column.

    Parameters
    ----------
    cells : iterable of ndarray of uint64
        For each column, a number that stands for the cell of each of the different rows.
    wanted : ndarray of int
        Positions of the rows that are asked about.
    most : float
        Share of the rows from which on no more columns are looked at.

    Examples
    --------
    >>> cells = [np.array([1, 1, 3], dtype=np.uint64), np.array([1, 2, 2], dtype=np.uint64)]
    >>> have_own_cell(cells, np.arange(3), 1.0).tolist()
    [True, False, True]
    """
    own = np.zeros(len(wanted), dtype=bool)
    for values in cells:
        own |= ~_has_another(values, wanted)
        if own.mean() >= most:
            break
    return own


def have_near_row(
    cells: Callable[[], Iterable[NDArray[np.uint64]]], wanted: NDArray[np.intp], most: float
) -> NDArray[np.bool_]:
    """Tell which of the different rows have another one beside them that differs in a single column.

    Parameters
    ----------
    cells : callable
        Returns the cells of each column, as `have_own_cell` takes them; called twice.
    wanted : ndarray of int
    most : float
        Share of the rows above which on no more columns are looked at.

    Examples
    --------
    >>> cells = [np.array([1, 1, 3], dtype=np.uint64), np.array([1, 2, 2], dtype=np.uint64)]
    >>> have_near_row(lambda: cells, np.array([0, 2]), 1.0).tolist()
    [True, True]
    >>> have_near_row(lambda: [*cells, cells[1]], np.array([0, 2]), 1.0).tolist()
    [False, True]
    """
    whole = row_kinds(cells())
    near = np.zeros(len(wanted), dtype=bool)
    for column, values in enumerate(cells()):
        near |= _has_another(whole - _mixed(values, column), wanted)
        if near.mean() > most:
            break
    return near


def row_kinds(cells: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Return a hash of each row: the sum of those of its cells, from which one can be taken away.

    Parameters
    ----------
    cells : iterable of ndarray of uint64
        For each column, a number that stands for the cell of each row.

    Examples
    --------
    >>> cells = [np.array([1, 1, 2], dtype=np.uint64), np.array([2, 2, 1], dtype=np.uint64)]
    >>> len(np.unique(row_kinds(cells)))
    2
    """
    return np.asarray(
        sum((_mixed(values, column) for column, values in enumerate(cells)), start=np.uint64(0))
    )


def _mixed(values: NDArray[np.uint64], column: int) -> NDArray[np.uint64]:
    """Return a hash of each cell that hangs on its column too: SplitMix64, whose state moves on by column."""
    mixed = values + np.uint64((column + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _has_another(values: NDArray[np.uint64], wanted: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether a value at some positions stands at another position too."""
    labels, different = pd.factorize(values[wanted])
    found = pd.Index(different).get_indexer(pd.Index(values))
    return np.asarray(np.bincount(found[found >= 0], minlength=len(different))[labels] > 1)


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
