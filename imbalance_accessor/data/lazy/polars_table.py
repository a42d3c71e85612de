"""Lazy frames of polars, by its streaming engine."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from imbalance_accessor.data.frames import made_pandas
from imbalance_accessor.data.lazy.tables import PIECE, RowFunction, Table, engine_failed

_Found = TypeVar("_Found")
_TYPES = {"bool": pl.Boolean, "float64": pl.Float64}


class PolarsTable(Table):
    """A lazy frame of polars: a scan of files, or whatever follows from one."""

    came_as = "polars LazyFrame"

    def __init__(self, frame: pl.LazyFrame) -> None:
        self.frame = frame

    @cached_property
    def columns(self) -> list[Hashable]:
        """The names of its columns."""
        try:
            return list(self.frame.collect_schema().names())
        except Exception as error:
            raise engine_failed(self, error) from error

    def mapped(
        self, function: Callable[[pd.DataFrame, int], _Found], columns: Sequence[Hashable]
    ) -> Iterator[_Found]:
        """Yield what a function finds in each piece; see `Table.mapped`."""
        first = 0
        for piece in self._pieces(columns):
            yield function(made_pandas(piece), first)
            first += len(piece)

    def count(self, column: Hashable) -> pd.Series:
        """Return the rows of each value of a column."""
        name = str(column)
        counted = self.frame.select(pl.col(name)).group_by(name).agg(pl.len().alias("rows " + name))
        found = made_pandas(self._collected(counted))
        return pd.Series(found.iloc[:, 1].to_numpy(np.int64), index=pd.Index(found.iloc[:, 0], name=column))

    def take(self, places: NDArray[np.int64]) -> pd.DataFrame:
        """Return the rows at some places."""
        row = "row" + "_" * max((len(str(each)) for each in self.columns), default=0)
        wanted = pl.Series(places.astype(np.uint32 if places.max(initial=0) < 2**32 else np.uint64))
        rows = self.frame.with_row_index(row).filter(pl.col(row).cast(wanted.dtype).is_in(wanted.implode()))
        frame: pd.DataFrame = made_pandas(self._collected(rows).sort(row).drop(row))
        return frame

    def computed(
        self, function: RowFunction, columns: Sequence[Hashable], dtypes: Mapping[str, str]
    ) -> pl.LazyFrame:
        """Return a lazy frame of what a function makes of the rows; see `Table.computed`."""
        read = self.frame.select(pl.col(list(map(str, columns))))
        schema = {name: _TYPES[dtype] for name, dtype in dtypes.items()}
        return read.map_batches(
            partial(_made, function),
            schema=schema,
            streamable=True,
            predicate_pushdown=False,  # filters and columns that follow are of what is made here
            projection_pushdown=False,
        )

    @property
    def sampling_lines(self) -> str:
        """Code that samples a lazy frame."""
        return ""

    def _pieces(self, columns: Sequence[Hashable]) -> Iterator[pl.DataFrame]:
        frame = self.frame.select(pl.col(list(map(str, columns))))
        try:
            if hasattr(frame, "collect_batches"):
                yield from frame.collect_batches(chunk_size=PIECE, maintain_order=True)
            else:
                yield from frame.collect().iter_slices(PIECE)
        except pl.exceptions.PolarsError as error:
            raise engine_failed(self, error) from error

    def _collected(self, frame: pl.LazyFrame) -> pl.DataFrame:
        try:
            found: Any = frame.collect(engine="streaming")
        except Exception as error:
            raise engine_failed(self, error) from error
        collected: pl.DataFrame = found
        return collected


def _made(function: RowFunction, rows: pl.DataFrame) -> pl.DataFrame:
    made = function(made_pandas(rows))
    return pl.DataFrame({name: made[name].to_numpy() for name in made.columns})
