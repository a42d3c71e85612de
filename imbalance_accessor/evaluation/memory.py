"""Memory that samplers of categories hold at once, foreseen from rows, levels and neighbours; and how much there is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTEN, SMOTENC
from imblearn.utils import check_sampling_strategy
from numpy.typing import NDArray

from imbalance_accessor.data.class_shares import fair_share
from imbalance_accessor.errors import Fix, change
from imbalance_accessor.findings import Finding
from imbalance_accessor.modeling.mixed_neighbours import runs_in_blocks, votes_in_blocks
from imbalance_accessor.modeling.models import Model
from imbalance_accessor.modeling.read_strategies import Strategy, with_instead
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.options import is_whole
from imbalance_accessor.splitting.split import Parts

RowsByClass = NDArray[np.int64]
#: Of the memory that is free, what a sampler may take: the rows are held beside it, and fits run side by side.
_SHARE = 0.5
#: Copies that SMOTENC makes of the new rows' cells in the column of most levels, and SMOTEN of all distances (measured).
_COPIES_OF_COLUMN, _COPIES_OF_PAIRS = 2.2, 2.1
#: Bytes that SMOTENC in blocks holds (measured): of each cell before and after its work, of each level of a row that it
#: weights, and of each neighbour of a new row, where all are of other levels. The blocks take some megabytes more.
_CELL, _CELL_AFTER, _LEVEL, _NEIGHBOUR = 30, 68, 13.3, 34
_GB = 1e9
#: Where a container finds its limit and what it has used, of both versions of control groups.
_LIMITS = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)
_memory: ContextVar[float | None] = ContextVar("memory", default=None)


@contextmanager
def memory_of(free: float) -> Iterator[None]:
    """Take so many bytes to be free within this block.

    Examples
    --------
    >>> with memory_of(1e9):
    ...     free_memory()
    1000000000.0
    """
    token = _memory.set(free)
    try:
        yield
    finally:
        _memory.reset(token)


def free_memory() -> float:
    """Return the bytes that are free on this machine, or in this container where that is less."""
    told = _memory.get()
    return told if told is not None else min(_free_of_machine(), free_of_container(Path("/sys/fs/cgroup")))


def _free_of_machine() -> float:
    """Return the bytes that are free; all that there are where the system tells no more."""
    try:
        return float(import_module("psutil").virtual_memory().available)
    except ImportError:
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError, AttributeError):  # Windows has no such call
        return float("inf")


def free_of_container(root: Path) -> float:
    """Return the bytes that a container's limit leaves free; infinity where there is none.

    Parameters
    ----------
    root : pathlib.Path
        Where control groups are mounted.
    """
    for limit, used, kinds in _LIMITS:
        try:
            most, now = (float((root / name).read_text()) for name in (limit, used))
            cached = dict(line.split() for line in (root / kinds).read_text().splitlines())
        except (OSError, ValueError):  # no such file, or the word "max"
            continue
        return max(0.0, most - now + float(cached.get("inactive_file", 0)))
    return float("inf")


@dataclass(frozen=True)
class Held:
    """What the arrays of a sampler grow with, its rows apart.

    Attributes
    ----------
    levels : tuple of int
        Of each column of categories.
    numbers : int
        Numeric columns.
    neighbours : int
        Among which a new row is placed.
    of_pairs : bool
        Whether all distances between rows of a class are held.
    in_blocks : bool
        Whether neighbours and votes are found in blocks.

    Notes
    -----
    SMOTENC makes dense one-hot arrays of 8 bytes a cell (imbalanced-learn 0.14): of a class's rows, of the neighbours of
    each new row, and some copies of the new rows' cells in the column of most levels. In blocks it makes none, but its
    sparse rows are weighted by the positions of all their cells, and each cell ends as an object of its own.
    """

    levels: tuple[int, ...]
    numbers: int
    neighbours: int
    of_pairs: bool = False
    in_blocks: bool = False

    def bytes(self, rows: RowsByClass, made: RowsByClass) -> float:
        """Return the bytes that are held at once, from the rows of each class and those to be made."""
        grown = made > 0
        if not grown.any():
            return 0.0
        cells = float(rows.sum()) * (self.numbers + len(self.levels))
        rows, made = rows[grown].astype(np.float64), made[grown].astype(np.float64)
        if self.in_blocks:
            searched = (_LEVEL * sum(self.levels) * rows).max()
            voted = (_NEIGHBOUR * self.neighbours * made).max()
            after = cells + made.sum() * (self.numbers + len(self.levels))
            return float(max(_CELL * cells + max(searched, voted), _CELL_AFTER * after))
        if self.of_pairs:
            return float((8 * _COPIES_OF_PAIRS * rows**2).max())
        width = self.numbers + sum(self.levels)
        column = _COPIES_OF_COLUMN * max(self.levels, default=0)
        return float((8 * (width * (rows + self.neighbours * made) + column * made)).max())


def held_by(sampler: Estimator, X: pd.DataFrame, *, scaled: bool = False) -> Held | None:
    """Return what a sampler's arrays grow with on these rows; None where they are no larger than the rows.

    Parameters
    ----------
    sampler : sampler
    X : pandas.DataFrame, shape (n_rows, n_features)
    scaled : bool
        Whether the sampler meets their numbers scaled.
    """
    sampler = getattr(sampler, "smote", None) or sampler
    if not isinstance(sampler, SMOTENC | SMOTEN):
        return None
    k = sampler.k_neighbors
    k = int(k) if is_whole(k) else int(getattr(k, "n_neighbors", 6)) - 1
    if isinstance(sampler, SMOTEN):
        return Held((), 0, k, of_pairs=True)
    named = sampler.categorical_features
    known = isinstance(named, list) and set(named) <= set(X.columns)
    names = named if known else [name for name in X.columns if X[name].dtype.kind not in "iufb"]
    levels = tuple(int(X[name].nunique(dropna=False)) for name in names)
    numbers = X.drop(columns=names)
    in_blocks = runs_in_blocks(sampler) and (scaled or votes_in_blocks(numbers))
    return Held(levels, numbers.shape[1], k, in_blocks=in_blocks)


def bytes_held(
    sampler: Estimator,
    X: pd.DataFrame,
    rows: RowsByClass,
    to_make: Callable[[RowsByClass], RowsByClass],
    *,
    scaled: bool = False,
) -> float:
    """Return the bytes that a sampler holds at once beside its rows; see `too_much`."""
    held = held_by(sampler, X, scaled=scaled)
    return 0.0 if held is None else held.bytes(rows, to_make(rows))


def rows_to_make(sampler: Estimator, labels: NDArray[Any], rows: RowsByClass) -> RowsByClass:
    """Return the rows of each class that a sampler is to make; none where its own check refuses that."""
    sampler = getattr(sampler, "smote", None) or sampler
    try:
        asked = check_sampling_strategy(sampler.sampling_strategy, np.repeat(labels, rows), "over-sampling")
    except (ValueError, TypeError):
        return np.zeros_like(rows)
    return np.array([asked.get(label, 0) for label in labels.tolist()], dtype=np.int64)


@dataclass(frozen=True)
class TooMuch:
    """Why a sampler does not fit into memory, and the cap under which it does.

    Attributes
    ----------
    reason : str
        A clause without a full stop.
    cap : int or None
        For ``max_rows=``; None where no cap helps.
    """

    reason: str
    cap: int | None

    @property
    def cure(self) -> str:
        """What to do."""
        return (
            "Copy rare rows instead."
            if self.cap is None
            else f"Learn from fewer rows: max_rows={self.cap:_}, as fit_eval and smote take it."
        )

    def fix(self, otherwise: Fix) -> Fix:
        """Return the fix: the cap, or else what copies rows."""
        return otherwise if self.cap is None else change(max_rows=self.cap)


def too_much(
    sampler: Estimator,
    X: pd.DataFrame,
    rows: RowsByClass,
    to_make: Callable[[RowsByClass], RowsByClass],
    parts: Parts,
    *,
    scaled: bool = False,
) -> TooMuch | None:
    """Say what a sampler would hold in memory, where that is more than half of what is free.

    Parameters
    ----------
    sampler : sampler
        Not fitted.
    X : pandas.DataFrame, shape (n_rows, n_features)
        The rows it is to be given.
    rows : numpy.ndarray of int, shape (n_classes,)
        RowsByClass of each class.
    to_make : callable
        From rows of each class to the rows to be made of it.
    parts : Parts
        Where the rows stand.
    scaled : bool
        Whether the sampler meets their numbers scaled.
    """
    held = held_by(sampler, X, scaled=scaled)
    if held is None:
        return None
    needed, free = held.bytes(rows, to_make(rows)), free_memory()
    if needed <= _SHARE * free:
        return None
    grows = f"{sum(held.levels):,} levels" if held.levels else "all pairs of rows of a class"
    grows += f" and {len(X):,} rows" if held.in_blocks else ""
    reason = (
        f"{type(sampler).__name__} would hold about {_size(needed)} at once, for {grows}: more than half of the "
        f"{_size(free)} that are free"
    )
    return TooMuch(reason, _cap(held, rows, to_make, _SHARE * free) if parts.is_stratified else None)


def left_out_for_memory(
    strategy: Strategy, model: Model, parts: Parts, labels: NDArray[Any], given: Sequence[Any]
) -> Finding | None:
    """Say that a strategy gets no row, since its sampler would not fit into memory; None where it does.

    Parameters
    ----------
    strategy : Strategy
    model : Model
        Of which no first steps stand before the sampler, or else it is not known what they hand it.
    parts : Parts
    labels : numpy.ndarray
        What the sampler meets for each class that is learned.
    given : sequence
        All strategies, as the user passed them.
    """
    if strategy.sampler is None or model.before or model.vectorizer is not None:
        return None
    X, rows = parts.learned.X[list(parts.features.columns.used)], np.bincount(parts.learned_outcome)
    to_make = partial(rows_to_make, strategy.sampler, labels)
    found = too_much(strategy.sampler, X, rows, to_make, parts, scaled=True)
    if found is None:
        return None
    fix = found.fix(change(strategies=with_instead(given, strategy.given, "oversample")))
    return Finding("IMB321", "warning", f"{strategy.name!r} is left out: {found.reason}.", found.cure, fix)


def _size(count: float) -> str:
    return f"{count / _GB:.1f} GB" if count >= _GB else f"{count / 1e6:.0f} MB"


def _cap(
    held: Held, rows: RowsByClass, to_make: Callable[[RowsByClass], RowsByClass], most: float
) -> int | None:
    """Return the largest round cap on the rows under which there is something to make, and memory for it."""
    rounded = (int(digit * 10**power) for power in range(8, 1, -1) for digit in range(9, 0, -1))
    for cap in rounded:
        if cap >= rows.sum() or fair_share(rows, cap) < 2:
            continue
        kept = np.minimum(rows, fair_share(rows, cap))
        made = to_make(kept)
        if made.any() and held.bytes(kept, made) <= most:
            return cap
    return None
