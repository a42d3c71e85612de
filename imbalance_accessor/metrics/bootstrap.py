"""The bootstrap, for every verb: rows are resampled once, and whatever is measured on them is measured on the same draws."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imbalance_accessor.errors import SplitError
from imbalance_accessor.metrics.arrays import Bools, Codes, Floats
from imbalance_accessor.metrics.bootstrap_statistics import Statistic, Together
from imbalance_accessor.metrics.shared_cores import in_one_thread
from imbalance_accessor.metrics.weights import ONES, Weights, effective_by_class
from imbalance_accessor.process_state import cached_property

Key = TypeVar("Key", bound=Hashable)
Samples: TypeAlias = "dict[str, Floats]"

N_DRAWS, FEWEST_DRAWS = 1000, 200
#: Rows times classes times draws at most, as long as that leaves `FEWEST_DRAWS`.
MOST_DRAWN = 200_000_000
#: Groups below which resampling whole groups does not tell how far a figure may move.
FEWEST_GROUPS = 10
#: Groups up to which a figure is also measured without each of them.
MOST_LEFT_OUT = 50
#: Memory of one block of weights, and of all draws that are kept, in bytes.
BLOCK_BYTES, KEPT_BYTES = 32 * 2**20, 32 * 2**20
#: Memory of a block that stays in a processor's cache; and draws that are added up together though they do not.
CACHED_BYTES, ABREAST = 4 * 2**20, 16
#: How many rows that stand for themselves are drawn in the time of one entry that stands for several.
COPIES_COST = 16
#: Cells times draws that are held at one time, where rows matter by their cell alone.
BLOCK_CELLS = 2**18
#: Draws in a row that may lack a class. One positive row alone is missing from 37 % of the draws, so only
#: many tiny classes at once can come near it.
MOST_REDRAWS = 1000

#: Rows of a class that are looked at first to see whether a draw has any.
_FEW_ROWS = 64

_at_most: ContextVar[int] = ContextVar("at most so many draws", default=N_DRAWS)


def n_draws_for(n: int, k: int = 1) -> int:
    """Return how many times n rows of k sets of scores are drawn.

    Examples
    --------
    >>> n_draws_for(400), n_draws_for(500_000)
    (1000, 400)
    """
    return min(int(np.clip(MOST_DRAWN // max(n * k, 1), FEWEST_DRAWS, N_DRAWS)), _at_most.get())


@contextmanager
def draws_at_most(n: int) -> Iterator[None]:
    """Take no more than n draws, and simulations, of anything that is begun within this block.

    Examples
    --------
    >>> with draws_at_most(50):
    ...     n_draws_for(400)
    50
    """
    token = _at_most.set(n)
    try:
        yield
    finally:
        _at_most.reset(token)


class Resamples:
    """Draws of some rows.

    Parameters
    ----------
    y : ndarray of bool or int, shape (n,)
        The class of each row. A draw that lacks one of the classes present here is drawn again.
    groups : array-like, shape (n,), optional
        What each row belongs to; then as many groups as there are are drawn, each with all its rows. Fewer than
        `FEWEST_GROUPS` are not drawn at all: there are no samples and no intervals.
    weights : Weights
        How much each row counts whenever it is drawn. Entries that stand for several rows are not drawn as one: their rows
        are, each by itself.
    stratified : bool, default False
        Whether rows are drawn within their class, as after a stratified split.
    frame_rows : int, optional
        For stratified draws: rows of the whole frame that these were split from. The share of each class is then drawn
        first, since it varies from frame to frame, though it is never 0; None: shares are known, and stay.
    n_draws : int, optional
        By default as many as `n_draws_for` says; fewer than these for many rows.
    seed : int, default 0
    n_scores : int, default 1
        Sets of scores a row (one for each of several classes), which `n_draws_for` counts.

    Notes
    -----
    The bootstrap of Efron (1979), of clusters with `groups`. Rows are drawn one by one at any size; only where nothing but
    flags of many rows is measured, they are drawn by their kind, see `flag_kinds`. The draws in plain
    numpy, `n` being the number of rows, or of groups in sort order:

        rng = np.random.default_rng(seed)
        drawn = rng.integers(0, n, n)    # for each draw; again while a class is missing

    Stratified, `rows` being those of each class in sort order: a split by class gives the test set the frame's share of
    each class, so that the share varies as it does among frames of N rows, n₁* = n · Binomial(N, n₁ / n) / N, and the rows
    of a class vary beside it. Of each class one row fewer is drawn than it has, so that few rows vary no less than they
    should (Rao & Wu 1988), but at least one, and each counts so much more:

        shares = np.maximum(rng.multinomial(frame_rows, rows / n, n_draws), 1) / frame_rows  # once, for all draws
        drawn = rng.integers(0, rows[c], rows[c] - 1)    # for each draw and class; counts n * shares[c] / (rows[c] - 1)

    Rows that were drawn from a large table by class hold other shares than it: those are redrawn as they vary among such
    tables, and each row counts n₁* / n₁ as much. Where entries stand for several rows, as many draws give
    ``rng.multinomial`` of the entries' rows.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([True, False, False, False])
    >>> counts = next(Resamples(y, n_draws=3).blocks())
    >>> counts.shape, counts.sum(axis=1).tolist(), bool((counts[:, 0] > 0).all())
    ((3, 4), [4.0, 4.0, 4.0], True)
    """

    def __init__(
        self,
        y: Bools | Codes,
        *,
        groups: ArrayLike | None = None,
        weights: Weights = ONES,
        stratified: bool = False,
        frame_rows: int | None = None,
        n_draws: int | None = None,
        seed: int = 0,
        n_scores: int = 1,
        block: int | None = None,
    ) -> None:
        if (stratified and groups is not None) or (frame_rows and not stratified):
            raise ValueError(
                "whole groups are not drawn by class, and frame_rows= belongs to stratified=True"
            )
        self.n, self.seed = len(y), seed
        self.frame_rows = weights.table_rows if stratified and frame_rows is None else frame_rows
        codes, self.classes = _codes(y)
        self._codes = codes
        self.rows = weights.rows(self.classes)
        self.units = None if groups is None else np.unique(groups, return_inverse=True)[1]
        self.strata = (
            [np.flatnonzero(self.classes == each) for each in range(len(self.rows))] if stratified else []
        )
        #: How much each entry counts where nothing is drawn; None: once.
        self.base = weights.of(y)
        #: How much what is drawn counts: a row, or with groups all rows of an entry.
        self._of_drawn = weights.of_one_row.of(y) if groups is None else self.base
        self.weights = weights
        n_scores *= 1 if weights.copies is None else COPIES_COST
        wanted = n_draws_for(self.n, n_scores) if n_draws is None else n_draws
        self.n_draws = 0 if self.too_few_groups else wanted
        fits, stay = (size // (8 * max(self.n, 1)) for size in (BLOCK_BYTES, CACHED_BYTES))
        self.block = block or max(1, min(fits, max(stay, ABREAST)))
        self._kept: list[tuple[NDArray[np.integer], Floats | None]] | None = None
        self._known: dict[Hashable, Floats] = {}

    @property
    def n_groups(self) -> int | None:
        """How many groups there are; None where rows stand for themselves."""
        return None if self.units is None else int(self.units.max(initial=-1)) + 1

    @cached_property
    def units_by_class(self) -> Codes:
        """How many rows each class has, or how many groups hold a row of it, in sort order."""
        if self.units is None:
            return self.rows
        return np.array([len(np.unique(self.units[self.classes == each])) for each in range(len(self.rows))])

    @property
    def too_few_groups(self) -> bool:
        """Whether there are groups, and too few of them to be drawn."""
        return self.n_groups is not None and self.n_groups < FEWEST_GROUPS

    @property
    def counts_rows(self) -> bool:
        """Whether every entry is one row, and counts once."""
        return self.base is None

    @cached_property
    def effective_rows(self) -> NDArray[Any]:
        """How many rows of one weight tell as much as those of each class do (Kish), in sort order."""
        return (
            self.rows
            if self.weights.own is None
            else effective_by_class(self.weights, self.classes, len(self.rows))
        )

    @property
    def effective_units(self) -> NDArray[Any]:
        """The same, or how many groups hold a row of each class."""
        return self.effective_rows if self.units is None else self.units_by_class

    @property
    def squares(self) -> Floats | None:
        """The squares of the rows' own weights, shape (1, n); None where they have none."""
        squares = self.weights.total_squares
        return None if squares is None else squares[None, :]

    @property
    def undrawn(self) -> Floats:
        """The weights of the rows as they are, shape (1, n)."""
        return np.ones((1, self.n)) if self.base is None else self.base[None, :]

    def of_entries(self, y: Bools, copies: NDArray[np.int64]) -> Resamples:
        """Return draws, as these are made, of the same rows in other entries."""
        how: dict[str, Any] = {"stratified": bool(self.strata), "frame_rows": self.frame_rows}
        weights = replace(self.weights, own=None, copies=copies)
        return Resamples(y, weights=weights, seed=self.seed, **how)

    def blocks(self) -> Iterator[Floats]:
        """Yield how much each row counts in the next b draws, shape (b, n).

        Raises
        ------
        SplitError
            If `MOST_REDRAWS` draws in a row lack a class.
        """
        return (weights.copy(order="K") for weights in self._blocks())

    def _blocks(self) -> Iterator[Floats]:
        """Yield the same, each block where the one before it was; a row's draws lie side by side."""
        made: Iterable[tuple[NDArray[np.integer], Floats | None]] = self._kept or self._made()
        if self._kept is None and self._type().itemsize * self.n * self.n_draws <= KEPT_BYTES:
            self._kept = list(made)
            made = self._kept
        place = np.argsort(np.concatenate(self.strata)) if self.strata else None
        memory = np.empty((1 if place is None else 2, self.n * min(self.block, self.n_draws)))
        for counts, scale in made:
            drawn, weights = (each[: counts.size].reshape(self.n, -1) for each in (memory[0], memory[-1]))
            drawn[:] = counts.T
            if scale is not None:
                ends = np.cumsum([len(rows) for rows in self.strata])[:-1]
                for of_class, factor in zip(np.split(drawn, ends), scale.T, strict=True):
                    np.multiply(of_class, factor, out=of_class)
                drawn.take(place, axis=0, out=weights, mode="clip")
            if self._of_drawn is not None:
                weights *= self._of_drawn[:, None]
            yield weights.T

    def without_each(self, statistic: Statistic) -> Floats:
        """Return a statistic without each group in turn, shape (n_groups, ...); nothing but where some dozens are drawn."""
        n_groups = self.n_groups or 0
        groups = range(n_groups) if FEWEST_GROUPS <= n_groups <= MOST_LEFT_OUT else ()
        found = [statistic.of(self.undrawn * (self.units != each)) for each in groups]
        return np.concatenate([statistic.of(self.undrawn[:0]), *found])

    def measure(self, statistics: Sequence[Statistic]) -> list[Floats]:
        """Return each statistic over the draws, shape (n_draws, ...), all from one pass.

        What was measured before is not measured again, whoever asks for it.
        """
        missing = {each.key: each for each in statistics if each.key not in self._known}
        if missing:
            with in_one_thread(short=True):  # a block is small, however many rows there are
                self._known |= self._measured(missing)
        return [self._known[each.key] for each in statistics]

    def _measured(self, statistics: Mapping[Hashable, Statistic]) -> dict[Hashable, Floats]:
        together = Together(statistics)
        parts = [together.of(weights) for weights in chain([self.undrawn[:0]], self._blocks())]
        return {key: np.concatenate([each[key] for each in parts]) for key in statistics}

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_kept": None}

    def _type(self) -> np.dtype[np.integer]:
        """Return what holds how often an entry is drawn: a row once on average, and never more than some dozens of times."""
        return np.dtype(np.uint8 if self.weights.copies is None or self.units is not None else np.int64)

    def _made(self) -> Iterator[tuple[NDArray[np.integer], Floats | None]]:
        """Draw, some draws at a time: how often each row is drawn, of strata one below another, and how classes are scaled."""
        rng = np.random.default_rng(self.seed)
        scales = self._scales(rng) if self.strata else None
        fewer = np.maximum(self.rows - 1, 1).tolist()
        for start in range(0, self.n_draws, self.block):
            counts = np.empty((min(self.block, self.n_draws - start), self.n), dtype=self._type())
            for row in counts:
                if not self.strata:
                    row[:] = self._drawn(rng)
                end = 0
                for rows, size in zip(self.strata, fewer, strict=False):
                    end += len(rows)
                    row[end - len(rows) : end] = self._sampled(rng, rows, size)
            yield counts, None if scales is None else scales[start : start + len(counts)]

    def _drawn(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw as many rows, or groups, as there are, until every class is among them."""
        for _ in range(MOST_REDRAWS):
            if self.units is None:
                counts = self._sampled(rng, self._every, int(self.rows.sum()))
            else:
                n_units = self.n_groups or 0
                counts = np.bincount(rng.integers(0, n_units, n_units), minlength=n_units)[self.units]
            # some of a large class's rows are drawn, almost always
            if all(counts[some].any() or counts[rows].any() for some, rows in self._members):
                return counts
        raise self._lacking()

    @cached_property
    def _every(self) -> NDArray[np.intp]:
        return np.arange(self.n)

    @cached_property
    def _members(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Return the rows of each class that count, the first few of them apart."""
        count = np.ones(self.n, bool) if self._of_drawn is None else self._of_drawn > 0
        every = (np.flatnonzero(count & (self.classes == each)) for each in range(len(self.rows)))
        return [(rows[:_FEW_ROWS], rows) for rows in every]

    def _sampled(self, rng: np.random.Generator, entries: NDArray[np.intp], size: int) -> NDArray[np.intp]:
        """Draw so many of the rows that some entries stand for, and count them by entry."""
        if self.weights.copies is None:
            return np.bincount(rng.integers(0, len(entries), size), minlength=len(entries))
        copies = self.weights.copies[entries]
        drawn: NDArray[np.intp] = rng.multinomial(size, copies / copies.sum())
        return drawn

    def _scales(self, rng: np.random.Generator) -> Floats:
        """Draw the share of each class, unless they are known, and give how much its rows count then, shape (n_draws, k)."""
        n = self.rows.sum()
        shares = np.tile(self.rows / n, (self.n_draws, 1))
        if self.frame_rows:
            known = self._shares_there
            there = np.maximum(rng.multinomial(self.frame_rows, known, self.n_draws), 1) / self.frame_rows
            shares = there if self.weights.table_rows is None else shares * there / known
        return np.asarray(shares * (n / np.maximum(self.rows - 1, 1)))

    @property
    def _shares_there(self) -> Floats:
        """Return the share of each class in the frame, or in the table, that the rows were drawn from."""
        rows, factors = self.rows, self.weights.factors
        counted = (
            rows
            if self.weights.table_rows is None or factors is None
            else rows * factors[self._codes.astype(np.intp)]
        )
        return np.asarray(counted / counted.sum())

    def _lacking(self) -> SplitError:
        return SplitError(
            f"{MOST_REDRAWS:,} bootstrap draws in a row lacked one of the {len(self.rows)} classes; "
            "these rows are too few for intervals. Merge the rarest classes, or test on more rows."
        )


def _codes(y: Bools | Codes) -> tuple[NDArray[Any], Codes]:
    """Return the classes in sort order, and the place of each row's among them."""
    if y.dtype != bool or y.all() or not y.any():
        return np.unique(y, return_inverse=True)
    return np.array([False, True]), y.astype(np.intp)


def cell_draws(
    rng: np.random.Generator,
    cell: Codes,
    n_cells: int,
    n_draws: int,
    *,
    copies: NDArray[np.int64] | None = None,
    by_class: bool = False,
    block: int = BLOCK_CELLS,
) -> Iterator[Floats]:
    """Draw as many rows as there are, where nothing but a row's cell matters: from the cells, a multinomial.

    Parameters
    ----------
    rng : numpy.random.Generator
    cell : ndarray of int, shape (n,)
        Each row's; even for one class, odd for the other. A draw that lacks a class is drawn again.
    n_cells, n_draws : int
    copies : ndarray of int, shape (n,), optional
        How many rows each entry of `cell` stands for.
    by_class : bool
        Whether as many rows of each class are drawn as it has, the even cells first.
    block : int
        Cells times draws that are yielded at one time.

    Yields
    ------
    ndarray of float64, shape (b, n_cells)
        Rows of each cell in the next b draws.
    """
    rows = np.bincount(cell, copies, minlength=n_cells).astype(np.int64)
    occupied = np.flatnonzero(rows)
    apart = [each for each in (occupied[occupied % 2 == 0], occupied[occupied % 2 == 1]) if len(each)]
    strata = apart if by_class else [occupied]
    both = [rows[side::2].any() for side in (0, 1)]
    step = max(1, block // n_cells)
    for start in range(0, n_draws, step):
        counts = np.zeros((min(step, n_draws - start), n_cells))
        wanted = np.arange(len(counts))
        while len(wanted):
            for cells in strata:
                size = int(rows[cells].sum())
                drawn = rng.multinomial(size, rows[cells] / size, size=len(wanted))
                counts[np.ix_(wanted, cells)] = drawn
            lacking = [both[side] & (counts[wanted, side::2].sum(axis=1) == 0) for side in (0, 1)]
            wanted = wanted[lacking[0] | lacking[1]]
        yield counts
