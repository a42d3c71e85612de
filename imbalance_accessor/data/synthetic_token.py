"""What a frame carries of the rows that `smote` made: a word in its ``attrs`` by which any process knows them."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Where a frame's ``attrs`` hold the token of the call that made some of its rows.
TOKEN = "imbalance_accessor"
#: Hashes of synthetic rows, and of real ones, that a token holds at most: 16 kB, 22 kB as text. Four bytes a column come on top.
MOST_HASHES = 1_024
#: What a token looks like; others are not read.
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class SyntheticBatch:
    """The rows of one call.

    Attributes
    ----------
    columns : tuple of hashable
        What was hashed.
    hashes : numpy.ndarray of uint64, sorted
        Different synthetic rows.
    real : numpy.ndarray of int
        How many real rows of the same frame have these cells.
    observed : numpy.ndarray of uint64, sorted
        Real rows.
    telling : bool
        Whether cells name a row: real rows are hardly ever alike.
    first : int or None
        The least index label of synthetic rows, which count on from there; None where they are ``("synthetic", i)``.
    count : int
        How many rows are synthetic.
    after : int
        Rows of the training set after resampling.
    sampled : bool
        Whether only the rows of the smallest hashes are held here, the synthetic and the real ones.
    """

    columns: tuple[Hashable, ...]
    hashes: NDArray[np.uint64]
    real: NDArray[np.int64]
    observed: NDArray[np.uint64]
    telling: bool
    first: int | None
    count: int
    after: int
    sampled: bool = False

    def labelled(self, index: pd.Index) -> NDArray[np.bool_]:
        """Say which index labels are those of synthetic rows; an index that was reset holds none of them."""
        if isinstance(index, pd.RangeIndex):
            return np.zeros(len(index), dtype=bool)
        several, objects = isinstance(index, pd.MultiIndex), pd.api.types.is_object_dtype(index.dtype)
        made: pd.Index
        if self.first is not None and not several and (objects or pd.api.types.is_numeric_dtype(index.dtype)):
            made = pd.RangeIndex(self.first, self.first + self.count)
        elif self.first is None and objects:
            labels = [("synthetic", place, *[""] * (index.nlevels - 2)) for place in range(self.count)]
            made = pd.MultiIndex.from_tuples(labels) if several else pd.Index(labels, tupleize_cols=False)
        else:
            return np.zeros(len(index), dtype=bool)
        return np.asarray(index.isin(made), dtype=bool)

    def beyond_real(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Say which rows have cells of synthetic ones; of equal cells, as many as there are real rows are real."""
        at, known = find(self.hashes, hashes)
        here = np.flatnonzero(known)
        nth = pd.Series(at[here]).groupby(at[here]).cumcount().to_numpy()
        made = np.zeros(len(hashes), dtype=bool)
        made[here[nth >= self.real[at[here]]]] = True
        return made


def find(among: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the places of some hashes among others, which are sorted, and whether they are there."""
    if not len(among):
        return np.zeros(len(wanted), dtype=np.intp), np.zeros(len(wanted), dtype=bool)
    places, order = (
        np.empty(len(wanted), dtype=np.intp),
        np.argsort(wanted),
    )  # in order, for the processor's cache
    places[order] = np.minimum(np.searchsorted(among, wanted[order]), len(among) - 1)
    return places, among[places] == wanted


def labels_of(index: pd.Index) -> int | None:
    """Return the least of labels that count on from there, as `smote` gives them; None for any other."""
    if isinstance(index, pd.MultiIndex) or not pd.api.types.is_integer_dtype(index.dtype):
        return None
    first, last = int(index.min()), int(index.max())
    return first if last - first + 1 == len(index) else None


def token_of(batch: SyntheticBatch) -> str:
    """Write a batch as text, which ``attrs`` carry through pickle, Parquet, copies and slices at no cost.

    Where there are too many rows, those with the smallest hashes are held, the same of synthetic and of real ones: a
    row's hash then says whether the token knows of it.
    """
    observed = np.unique(batch.observed)
    limits = [each[MOST_HASHES] for each in (batch.hashes, observed) if len(each) > MOST_HASHES]
    made, real = len(batch.hashes), len(observed)
    if limits:
        made, real = (int(np.searchsorted(each, min(limits))) for each in (batch.hashes, observed))
    held = {
        "format": _FORMAT,
        "columns": _text([_name(column) for column in batch.columns], np.uint32),
        "hashes": _text(batch.hashes[:made], np.uint64),
        "real": batch.real[:made].tolist() if batch.real[:made].any() else [],
        "observed": _text(observed[:real], np.uint64),
        "telling": batch.telling,
        "first": batch.first,
        "count": batch.count,
        "after": batch.after,
        "sampled": bool(limits),
    }
    text = json.dumps(held, separators=(",", ":"))
    return f"{blake2b(text.encode(), digest_size=8).hexdigest()}:{text}"


def call_of(token: Any) -> str:
    """Return the name of the call that a token is of."""
    return token.split(":")[0] if isinstance(token, str) else ""


def read_token(token: Any, names: Iterable[Hashable]) -> SyntheticBatch | None:
    """Return what a token tells of a frame with these columns, without cells where one is missing; None for no token."""
    read = _read(token) if isinstance(token, str) else None
    if read is None:
        return None
    batch, wanted = read
    by_name = {_name(name): name for name in names}
    there = all(each in by_name for each in wanted)
    return replace(batch, columns=tuple(by_name[each] for each in wanted) if there else ())


@lru_cache(maxsize=16)
def _read(token: str) -> tuple[SyntheticBatch, Sequence[int]] | None:
    try:
        held = json.loads(token.split(":", 1)[1])
        if held.pop("format") != _FORMAT:
            return None
        columns = _array(held.pop("columns"), np.uint32).tolist()
        hashes, observed = (_array(held.pop(key), np.uint64) for key in ("hashes", "observed"))
        real = np.array(held.pop("real") or np.zeros(len(hashes)), dtype=np.int64)
        return SyntheticBatch((), hashes, real, observed, **held), columns
    except (IndexError, KeyError, TypeError, ValueError, AttributeError):  # not ours, or of another release
        return None


def _name(column: Hashable) -> int:
    """Return a number for a column's name, the same in every process and after a file made text of it."""
    return crc32(str(column).encode(errors="surrogatepass"))


def _text(numbers: Any, dtype: type[np.generic]) -> str:
    return b64encode(np.asarray(numbers, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()).decode()


def _array(text: str, dtype: type[np.generic]) -> NDArray[Any]:
    return np.frombuffer(b64decode(text), dtype=np.dtype(dtype).newbyteorder("<")).astype(dtype)
