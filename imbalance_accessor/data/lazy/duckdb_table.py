"""Relations of DuckDB, by its batches of Arrow."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.lazy.tables import PIECE, RowFunction, Table, engine_failed

_Found = TypeVar("_Found")
_TYPES = {"bool": "BOOLEAN", "float64": "DOUBLE"}


class DuckdbTable(Table):
    """A relation of DuckDB: a scan of files, a table, or a query over them."""

    came_as = "DuckDB relation"

    def __init__(self, relation: Any) -> None:
        self.relation = relation

    @cached_property
    def columns(self) -> list[Hashable]:
        """The names of its columns."""
        return list(self.relation.columns)

    def mapped(
        self, function: Callable[[pd.DataFrame, int], _Found], columns: Sequence[Hashable]
    ) -> Iterator[_Found]:
        """Yield what a function finds in each piece; see `Table.mapped`."""
        first = 0
        for piece in self._pieces(columns):
            yield function(piece.to_pandas(), first)
            first += len(piece)

    def count(self, column: Hashable) -> pd.Series:
        """Return the rows of each value of a column."""
        name = _quoted(column)
        try:
            found = self.relation.aggregate(f"{name}, count(*)", name).df()
        except Exception as error:
            raise engine_failed(self, error) from error
        return pd.Series(found.iloc[:, 1].to_numpy(np.int64), index=pd.Index(found.iloc[:, 0], name=column))

    def take(self, places: NDArray[np.int64]) -> pd.DataFrame:
        """Return the rows at some places."""
        import pyarrow as pa

        first, taken = 0, []
        for piece in self._pieces(self.columns):
            inside = places[np.searchsorted(places, first) : np.searchsorted(places, first + len(piece))]
            taken.append(piece.take(pa.array(inside - first)))
            first += len(piece)
        frame: pd.DataFrame = pa.Table.from_batches(taken).to_pandas()
        return frame

    def computed(self, function: RowFunction, columns: Sequence[Hashable], dtypes: Mapping[str, str]) -> Any:
        """Return a relation of what a function makes of the rows; see `Table.computed`."""
        import duckdb

        schema = {name: duckdb.sqltype(_TYPES[dtype]) for name, dtype in dtypes.items()}
        return self._projected(columns).map(function, schema=schema)

    @property
    def sampling_lines(self) -> str:
        """Code that samples a relation."""
        return ""

    def _pieces(self, columns: Sequence[Hashable]) -> Iterator[Any]:
        chosen = self._projected(columns)
        read = getattr(chosen, "to_arrow_reader", None) or chosen.fetch_record_batch
        try:
            yield from read(PIECE)
        except Exception as error:
            raise engine_failed(self, error) from error

    def _projected(self, columns: Sequence[Hashable]) -> Any:
        return self.relation.project(", ".join(map(_quoted, columns)))


def _quoted(column: Hashable) -> str:
    """Write a column's name in SQL."""
    return '"' + str(column).replace('"', '""') + '"'
