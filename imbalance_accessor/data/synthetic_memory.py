"""The rows that `smote` made in this process, bounded in bytes and looked through in a bounded number of steps."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.data.synthetic_token import SyntheticBatch, find
from imbalance_accessor.process_state import fork_safe_lock

#: Bytes that are held at most; the oldest calls are forgotten beyond that, but frames still carry their token.
MOST_BYTES = 2**26
#: Bytes of a call beside its rows, and of a row that is known by its cells: hash, number of its call, place in the table.
_OF_A_CALL, _OF_A_ROW = 2_048, 8 + 4 + 8
#: Sets of columns, and newest calls with doubtful rows for each, that are looked through at most.
_MOST_SETS, _MOST_DOUBTFUL = 32, 32
#: Places of the table for each row, at least: so few rows that nobody made are searched for among those made.
_PLACES = 4


@dataclass(frozen=True, eq=False)
class SmoteCall:
    """One call of `smote`.

    Attributes
    ----------
    batch : SyntheticBatch
        Its rows; of the synthetic ones only those that are doubtful: real rows have their cells, or may have them.
    number : int
        Calls before it.
    sure : int
        Synthetic rows that their cells prove.
    many : float
        Doubtful rows that a frame must hold before it is taken for what the call made.
    in_all : int
        Rows of the training set after resampling, and of the test set.
    before : tuple of int and int
        How many rows the frame had before, those without a label among them, and the sum of their hashes.
    """

    batch: SyntheticBatch
    number: int
    sure: int
    many: float
    in_all: int
    before: tuple[int, int]

    @property
    def n_bytes(self) -> int:
        """Bytes that are held for this call alone."""
        doubtful = self.batch.hashes.nbytes + self.batch.real.nbytes
        return _OF_A_CALL + _OF_A_ROW * self.sure + doubtful + _PLACES * 2 * len(self.batch.hashes)


@dataclass(frozen=True, eq=False)
class SyntheticTable:
    """The synthetic rows of all calls that hashed the same columns.

    Attributes
    ----------
    sure : numpy.ndarray of uint64, sorted
        Rows that their cells prove.
    numbers : numpy.ndarray of uint32
        The newest call that made each.
    doubtful : tuple of SmoteCall
        The newest calls that made others.
    frames : mapping of tuple to int
        What `SmoteCall.before` was, and the newest call on that frame: its rows are real.
    table : numpy.ndarray of bool
        By the first bits of a hash, whether a row was made that has them.
    """

    sure: NDArray[np.uint64]
    numbers: NDArray[np.uint32]
    doubtful: tuple[SmoteCall, ...] = ()
    frames: Mapping[tuple[int, int], int] = field(default_factory=dict)
    table: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def near(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return the positions of rows that may have been made."""
        return np.flatnonzero(self.table[_places(hashes, self.table)])


#: Before the first call.
_NONE = SyntheticTable(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint32))


@dataclass(frozen=True)
class Known:
    """What is known at one moment: calls by their token's name, rows by the columns that were hashed; newest last."""

    calls: Mapping[str, SmoteCall] = field(default_factory=dict)
    rows: Mapping[tuple[Hashable, ...], SyntheticTable] = field(default_factory=dict)


class SyntheticMemory:
    """What is known now. Threads that write wait for each other; what was read is never written to."""

    def __init__(self) -> None:
        self.now = Known()
        self.calls_so_far = 0
        self._lock = fork_safe_lock()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.now = Known()

    def keep(self, name: str, call: SmoteCall, sure: NDArray[np.uint64], most: int) -> None:
        """Keep one more call, and forget the oldest beyond so many bytes."""
        with self._lock:
            self.calls_so_far += 1
            now = self.now
            call = replace(_sharing(call, now), number=self.calls_so_far)
            columns = call.batch.columns
            sets = [*(each for each in now.rows if each != columns), columns][-_MOST_SETS:]
            calls = {key: each for key, each in now.calls.items() if key != name} | {name: call}
            kept = _newest({key: each for key, each in calls.items() if each.batch.columns in sets}, most)
            oldest = min(each.number for each in kept.values())
            rows = {each: _since(oldest, now.rows[each]) for each in sets if each in now.rows}
            rows[columns] = _with(rows.get(columns, _NONE), call, sure)
            self.now = Known(kept, {each: _tabled(made) for each, made in rows.items() if made.frames})


def _sharing(call: SmoteCall, now: Known) -> SmoteCall:
    """Let a call share the columns of an earlier one, and the real rows of one on the same frame."""
    batch = call.batch
    columns = next((each for each in now.rows if each == batch.columns), batch.columns)
    same = (
        each for each in now.calls.values() if each.before == call.before and each.batch.columns is columns
    )
    observed = next((each.batch.observed for each in same), batch.observed)
    return replace(call, batch=replace(batch, columns=columns, observed=observed))


def _since(oldest: int, made: SyntheticTable) -> SyntheticTable:
    """Return the rows that some call or a later one made."""
    frames = {frame: number for frame, number in made.frames.items() if number >= oldest}
    doubtful = tuple(call for call in made.doubtful if call.number >= oldest)
    kept = made.numbers >= oldest
    if kept.all() and (len(frames), len(doubtful)) == (len(made.frames), len(made.doubtful)):
        return made
    return SyntheticTable(made.sure[kept], made.numbers[kept], doubtful, frames)


def _with(made: SyntheticTable, call: SmoteCall, sure: NDArray[np.uint64]) -> SyntheticTable:
    """Return the rows of some columns, and those of one more call."""
    at, known = find(made.sure, sure)
    numbers = made.numbers.copy()
    numbers[at[known]] = call.number
    new = sure[~known]
    places = np.searchsorted(made.sure, new)
    doubtful = (*made.doubtful, *([call] if len(call.batch.hashes) else []))[-_MOST_DOUBTFUL:]
    return SyntheticTable(
        np.insert(made.sure, places, new),
        np.insert(numbers, places, call.number),
        doubtful,
        {**made.frames, call.before: call.number},
    )


def _tabled(made: SyntheticTable) -> SyntheticTable:
    """Return the rows with a table of them."""
    if len(made.table):
        return made
    every = [made.sure, *(call.batch.hashes for call in made.doubtful)]
    places = max(_PLACES * sum(map(len, every)), 2)
    table = np.zeros(1 << (places - 1).bit_length(), dtype=bool)
    for hashes in every:
        table[_places(hashes, table)] = True
    return replace(made, table=table)


def _places(hashes: NDArray[np.uint64], table: NDArray[np.bool_]) -> NDArray[np.uint64]:
    return np.right_shift(hashes, np.uint64(65 - len(table).bit_length()))


def _newest(calls: Mapping[str, SmoteCall], most: int) -> dict[str, SmoteCall]:
    """Return the newest calls that fit into so many bytes, one at least; real rows that they share count once."""
    held, frames = 0, set()
    kept: list[tuple[str, SmoteCall]] = []
    for name, call in reversed(list(calls.items())):
        observed = call.batch.observed
        held += call.n_bytes + (observed.nbytes if id(observed) not in frames else 0)
        if held > most and kept:
            break
        frames.add(id(observed))
        kept.append((name, call))
    return dict(reversed(kept))
