"""Frames of Dask, by its workers: a partition is a piece."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Generic, TypeVar

import dask
import numpy as np
import pandas as pd
from dask import delayed
from numpy.typing import NDArray

from imbalance_accessor.data.lazy.tables import RowFunction, Table, engine_failed, rows_of_piece
from imbalance_accessor.data.lines import cells, code
from imbalance_accessor.errors import FeatureError, ImbalanceError

_Found = TypeVar("_Found")

#: Steps that deal rows anew, by the names that Dask gives them.
_STEPS = {"a join": "Merge|Join", "a shuffle": "Shuffle|GroupBy|Groupby|Unique|DropDuplicates"}

#: Partitions whose results are held at one time.
_AT_ONCE = 16


class DaskTable(Table):
    """A frame of Dask: partitions in order."""

    came_as = "Dask DataFrame"

    def __init__(self, frame: Any) -> None:
        self.frame = frame
        self._lengths: tuple[int, ...] = ()

    @cached_property
    def columns(self) -> list[Hashable]:
        """The names of its columns."""
        return list(self.frame.columns)

    def mapped(
        self, function: Callable[[pd.DataFrame, int], _Found], columns: Sequence[Hashable]
    ) -> Iterator[_Found]:
        """Yield what a function finds in each partition; see `Table.mapped`."""
        tasks = self._tasks(function, columns)
        for start in range(0, len(tasks), _AT_ONCE):  # so that no more than some results are held
            yield from self._computed(*tasks[start : start + _AT_ONCE])

    def reduced(
        self,
        function: Callable[[pd.DataFrame, int], _Found],
        columns: Sequence[Hashable],
        merge: Callable[[_Found, _Found], _Found],
    ) -> Iterator[_Found]:
        """Yield what a function finds in some partitions, merged where they are; see `Table.reduced`."""
        tasks = self._tasks(_Reduced(function, merge, rows_of_piece(columns)), columns)
        merged = delayed(merge)
        for start in range(0, len(tasks), _AT_ONCE):
            some = tasks[start : start + _AT_ONCE]
            while len(some) > 1:  # neighbours first, so that few results wait
                some = [merged(*pair) if len(pair) > 1 else pair[0] for pair in _pairs(some)]
            yield from self._computed(*some)

    def count(self, column: Hashable) -> pd.Series:
        """Return the rows of each value of a column."""
        each = self._computed(*[delayed(_counted)(part, column) for part in self._parts([column])])
        self._lengths = tuple(int(found.sum()) for found in each)
        self._check_alike(
            [{column: _kind(found.index.dropna())} for found in each if found.index.notna().any()]
        )
        summed: dict[Any, int] = {}
        for found in each:
            for value, rows in zip(found.index, found.tolist(), strict=True):
                key = None if pd.isna(value) else value
                summed[key] = summed.get(key, 0) + rows
        values = pd.Index(list(summed), name=column)
        return pd.Series(list(summed.values()), index=values, dtype=np.int64)

    def is_categorical(self, column: Hashable) -> bool:
        """Whether a column is declared categorical."""
        return isinstance(self.frame[column].dtype, pd.CategoricalDtype)

    def is_integer(self, column: Hashable) -> bool:
        """Whether a column is declared of whole numbers."""
        return pd.api.types.is_integer_dtype(self.frame[column].dtype)

    def take(self, places: NDArray[np.int64]) -> pd.DataFrame:
        """Return the rows at some places."""
        parts = self.frame.to_delayed()
        firsts = self._firsts(parts)
        inside = np.split(places, np.searchsorted(places, firsts[1:]))
        tasks = [
            delayed(_rows_at)(part, at - first)
            for part, at, first in zip(parts, inside, firsts, strict=True)
            if len(at)
        ]
        return self._joined(self._computed(*tasks))

    def find(self, column: Hashable, ids: NDArray[Any]) -> pd.DataFrame:
        """Return the rows that have some ids."""
        tasks = [delayed(_rows_of)(part, column, ids) for part in self.frame.to_delayed()]
        found = self._joined([part for part in self._computed(*tasks) if len(part)])
        return found.iloc[np.argsort(found[column].to_numpy())].reset_index(drop=True)

    def computed(self, function: RowFunction, columns: Sequence[Hashable], dtypes: Mapping[str, str]) -> Any:
        """Return a frame in the same partitions, or a Series of one column; see `Table.computed`."""
        meta = pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes.items()})
        read = self.frame[list(columns)]
        meta.index = read._meta.index
        made = read.map_partitions(function, meta=meta)
        return made[next(iter(dtypes))] if len(dtypes) == 1 else made

    @property
    def disorder(self) -> str:
        """What leaves the rows without an order; rows that are sorted by their index have one."""
        expression = getattr(self.frame, "expr", None)
        if expression is None or self.frame.known_divisions:
            return ""
        steps = {type(step).__name__ for step in expression.walk()}
        found = (said for said, words in _STEPS.items() if any(re.search(words, step) for step in steps))
        return next(found, "")

    @property
    def line_of_all(self) -> str:
        """The code that makes ``df`` all rows."""
        return "df = df.compute().reset_index(drop=True)"

    def lines_of_cells(self, columns: Sequence[Hashable]) -> str:
        """Return the code of some columns in pandas."""
        chosen = cells(columns[0], "df") if len(columns) == 1 else f"df[{code(list(columns))}]"
        return f"{chosen}.compute().reset_index(drop=True)"

    def lines_of_rows(self, id: Hashable | None) -> tuple[str, ...]:
        """Return code that computes the rows that are kept."""
        if id is not None:
            rows = f"df[{cells(id, 'df')}.isin(kept.tolist())].compute()"
            return (f"df = {rows}.sort_values({code(id)}, ignore_index=True).drop(columns={code([id])})",)
        return (
            "parts = df.to_delayed()",
            "ends = np.cumsum(dask.compute(*map(dask.delayed(len), parts)))",
            "places = np.split(kept, np.searchsorted(kept, ends[:-1]))",
            "rows = [part.iloc[at - first] for part, at, first in zip(parts, places, [0, *ends]) if len(at)]",
            "df = pd.concat(dask.compute(*rows), ignore_index=True)",
        )

    def _tasks(self, function: Callable[[pd.DataFrame, int], Any], columns: Sequence[Hashable]) -> list[Any]:
        """Return what calls a function on each partition and the place of its first row."""
        parts = self._parts(columns)
        firsts = self._firsts(parts).tolist()
        once = delayed(
            function, traverse=False
        )  # what it holds, such as models, travels once, not with every task
        called = delayed(_called)
        return [called(once, part, first) for part, first in zip(parts, firsts, strict=True)]

    def _parts(self, columns: Sequence[Hashable]) -> Sequence[Any]:
        """Return some columns of each partition; Dask itself would read several partitions as one where columns are few."""
        whole, some = self.frame.to_delayed(), self.frame[list(columns)]
        if hasattr(some, "expr"):
            some = type(some)(some.expr.simplify().lower_completely())
        parts: Sequence[Any] = some.to_delayed(optimize_graph=not hasattr(some, "expr"))
        return parts if len(parts) == len(whole) else [part[list(columns)] for part in whole]

    def _firsts(self, parts: Sequence[Any]) -> NDArray[np.int64]:
        """Return the place of each partition's first row."""
        if not self._lengths:
            self._lengths = self._computed(*[delayed(len)(part) for part in parts])
        return np.cumsum([0, *self._lengths[:-1]], dtype=np.int64)

    def _joined(self, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        self._check_alike([{name: _kind(part[name]) for name in part.columns} for part in parts])
        rows: pd.DataFrame = pd.concat(parts, ignore_index=True)
        return rows

    def _check_alike(self, kinds: Sequence[dict[Hashable, str]]) -> None:
        """Refuse a column that holds text in one partition and numbers in another."""
        for name in kinds[0] if kinds else ():
            met = sorted({each[name] for each in kinds} - {""})
            if len(met) > 1:
                raise FeatureError(
                    f"{name!r} of this {self.came_as} holds {' in one partition, '.join(met)} in another. Give it one type, "
                    f"such as df.astype({{{code(name)}: str}})."
                )

    def _computed(self, *tasks: Any) -> tuple[Any, ...]:
        try:
            return tuple(dask.compute(*tasks))
        except ImbalanceError:  # of a function of ours
            raise
        except Exception as error:
            raise engine_failed(self, error) from error


def _called(function: Callable[[pd.DataFrame, int], _Found], part: pd.DataFrame, first: int) -> _Found:
    return function(part, first)


def _pairs(some: list[Any]) -> list[list[Any]]:
    return [some[place : place + 2] for place in range(0, len(some), 2)]


@dataclass(frozen=True)
class _Reduced(Generic[_Found]):
    """A function on the pieces of a long partition, merged: what it makes of many rows takes memory."""

    function: Callable[[pd.DataFrame, int], _Found]
    merge: Callable[[_Found, _Found], _Found]
    most: int

    def __call__(self, part: pd.DataFrame, first: int) -> _Found:
        starts = range(0, max(len(part), 1), self.most)
        return reduce(
            self.merge,
            (self.function(part.iloc[start : start + self.most], first + start) for start in starts),
        )


def _counted(part: pd.DataFrame, column: Hashable) -> pd.Series:
    counted = part[column].value_counts(dropna=False)
    return counted[counted > 0]


def _rows_at(part: pd.DataFrame, places: NDArray[np.int64]) -> pd.DataFrame:
    return part.iloc[places]


def _rows_of(part: pd.DataFrame, column: Hashable, ids: NDArray[Any]) -> pd.DataFrame:
    return part[part[column].isin(ids)]


def _kind(values: pd.Series | pd.Index) -> str:
    """Say what cells are; nothing of those that are all missing."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "categorical":
        return _kind(values.astype(object))
    if kind in ("integer", "floating", "mixed-integer-float", "decimal", "boolean"):
        return "numbers"
    return (
        ""
        if kind == "empty"
        else {"string": "text", "datetime64": "dates", "datetime": "dates"}.get(kind, kind)
    )
