"""Frames of Dask, by its workers: a partition is a piece."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import dask
import numpy as np
import pandas as pd
from dask import delayed
from numpy.typing import NDArray

from imbalance_accessor.data.lazy.tables import RowFunction, Table, engine_failed

_Found = TypeVar("_Found")


class DaskTable(Table):
    """A frame of Dask: partitions in order."""

    came_as = "Dask DataFrame"

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    @cached_property
    def columns(self) -> list[Hashable]:
        """The names of its columns."""
        return list(self.frame.columns)

    def mapped(
        self, function: Callable[[pd.DataFrame, int], _Found], columns: Sequence[Hashable]
    ) -> Iterator[_Found]:
        """Yield what a function finds in each partition; see `Table.mapped`."""
        parts = self.frame[list(columns)].to_delayed()
        once = delayed(
            function, traverse=False
        )  # what it holds, such as models, travels once, not with every task
        called = delayed(_called)
        tasks = [called(once, part, first) for part, first in zip(parts, self._firsts.tolist(), strict=True)]
        yield from self._computed(*tasks)

    def count(self, column: Hashable) -> pd.Series:
        """Return the rows of each value of a column."""
        (found,) = self._computed(self.frame[column].value_counts(dropna=False))
        return pd.Series(found.to_numpy(np.int64), index=pd.Index(found.index, name=column))

    def take(self, places: NDArray[np.int64]) -> pd.DataFrame:
        """Return the rows at some places."""
        ends = np.append(self._firsts[1:], np.iinfo(np.int64).max)
        tasks = []
        for part, first, end in zip(self.frame.to_delayed(), self._firsts, ends, strict=True):
            inside = places[np.searchsorted(places, first) : np.searchsorted(places, end)] - first
            if len(inside):
                tasks.append(delayed(_rows_at)(part, inside))
        rows: pd.DataFrame = pd.concat(self._computed(*tasks), ignore_index=True)
        return rows

    def computed(self, function: RowFunction, columns: Sequence[Hashable], dtypes: Mapping[str, str]) -> Any:
        """Return a frame in the same partitions, or a Series of one column; see `Table.computed`."""
        meta = pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes.items()})
        read = self.frame[list(columns)]
        meta.index = read._meta.index
        made = read.map_partitions(function, meta=meta)
        return made[next(iter(dtypes))] if len(dtypes) == 1 else made

    @property
    def sampling_lines(self) -> str:
        """Code that samples a frame of Dask."""
        return ""

    @cached_property
    def _firsts(self) -> NDArray[np.int64]:
        """The place of each partition's first row."""
        lengths = self._computed(*[delayed(len)(part) for part in self.frame.to_delayed()])
        return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)[:-1]]).astype(np.int64)

    def _computed(self, *tasks: Any) -> tuple[Any, ...]:
        try:
            return tuple(dask.compute(*tasks))
        except Exception as error:
            raise engine_failed(self, error) from error


def _called(function: Callable[[pd.DataFrame, int], _Found], part: pd.DataFrame, first: int) -> _Found:
    return function(part, first)


def _rows_at(part: pd.DataFrame, places: NDArray[np.int64]) -> pd.DataFrame:
    return part.iloc[places]
