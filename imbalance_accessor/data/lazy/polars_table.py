"""Lazy frames of polars, by its streaming engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from polars import selectors as cs

from imbalance_accessor.data.frames import made_pandas
from imbalance_accessor.data.lazy.tables import RowFunction, Table, engine_failed, rows_of_piece
from imbalance_accessor.data.lines import as_pandas, code, needs_no_arrow

_Found = TypeVar("_Found")
_TYPES = {"bool": pl.Boolean, "float64": pl.Float64}

#: What a plan says where rows come in no order, each on a line of its own; the frame's last step stands first.
_STEPS = {
    "": re.compile(r"^\s*SORT BY", re.MULTILINE),
    "a join": re.compile(r"^\s*(?:[A-Z_]+ )*JOIN:?\s*$", re.MULTILINE),
    "a group_by": re.compile(r"^\s*AGGREGATE(?!\[maintain_order: true)", re.MULTILINE),
    "unique()": re.compile(r"^\s*UNIQUE\[maintain_order: false", re.MULTILINE),
    "a concat without order": re.compile(r"^\s*UNION\[maintain_order: false", re.MULTILINE),
}


class PolarsTable(Table):
    """A lazy frame of polars: a scan of files, or whatever follows from one."""

    came_as = "polars LazyFrame"

    def __init__(self, frame: pl.LazyFrame) -> None:
        self.frame = frame

    @cached_property
    def columns(self) -> list[Hashable]:
        """The names of its columns."""
        return list(self._schema)

    @cached_property
    def _schema(self) -> dict[str, Any]:
        try:
            return dict(self.frame.collect_schema())
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
        counted = (
            self.frame.select(cs.by_name(name)).group_by(cs.by_name(name)).agg(pl.len().alias("rows " + name))
        )
        found = made_pandas(self._collected(counted))
        return pd.Series(found.iloc[:, 1].to_numpy(np.int64), index=pd.Index(found.iloc[:, 0], name=column))

    def is_integer(self, column: Hashable) -> bool:
        """Whether a column is declared of whole numbers."""
        return bool(self.frame.collect_schema()[str(column)].is_integer())

    def take(self, places: NDArray[np.int64]) -> pd.DataFrame:
        """Return the rows at some places."""
        name = self.free_name()
        wanted = pl.Series(places.astype(np.uint32 if places.max(initial=0) < 2**32 else np.uint64))
        rows = self.frame.with_row_index(name).filter(pl.col(name).cast(wanted.dtype).is_in(_as_set(wanted)))
        frame: pd.DataFrame = made_pandas(self._collected(rows).sort(name).drop(name))
        return frame

    def find(self, column: Hashable, ids: NDArray[Any]) -> pd.DataFrame:
        """Return the rows that have some ids."""
        name = str(column)
        cells = cs.by_name(name)
        rows = self.frame.filter(cells.is_in(ids.tolist()))
        frame: pd.DataFrame = made_pandas(self._collected(rows).sort(cells))
        return frame

    def computed(
        self, function: RowFunction, columns: Sequence[Hashable], dtypes: Mapping[str, str]
    ) -> pl.LazyFrame:
        """Return a lazy frame of what a function makes of the rows; see `Table.computed`."""
        read = self.frame.select(cs.by_name(*map(str, columns)))
        schema = {name: _TYPES[dtype] for name, dtype in dtypes.items()}
        return read.map_batches(
            partial(_made, function),
            schema=schema,
            streamable=True,
            predicate_pushdown=False,  # filters and columns that follow are of what is made here
            projection_pushdown=False,
        )

    @property
    def disorder(self) -> str:
        """What leaves the rows without an order, as the plan says."""
        try:
            plan = self.frame.explain()
        except Exception as error:
            raise engine_failed(self, error) from error
        steps = {step.start(): name for name, each in _STEPS.items() if (step := each.search(plan))}
        return steps[min(steps)] if steps else ""

    @property
    def line_of_all(self) -> str:
        """The code that makes ``df`` all rows."""
        return as_pandas(self.frame)

    def lines_of_cells(self, columns: Sequence[Hashable]) -> str:
        """Return the code of some columns in pandas."""
        names = [_named(name) for name in columns]
        picked = f"df.select({', '.join(names)}).collect()"
        made = (
            f"pd.DataFrame({picked}.to_dict(as_series=False))"
            if self._is_without_arrow
            else f"{picked}.to_pandas()"
        )
        return f"{made}[{code(columns[0])}]" if len(columns) == 1 else made

    def lines_of_rows(self, id: Hashable | None) -> tuple[str, ...]:
        """Return code that collects the rows that are kept."""
        place = code(self.free_name())
        name, rows = (place, f"df.with_row_index({place})") if id is None else (_named(id), "df")
        cells = f"pl.col({name})" if name.startswith(("'", '"')) else name
        made = f"rows.collect({_STREAMING}).sort({name}).drop({name})"
        made = (
            f"pd.DataFrame({made}.to_dict(as_series=False))"
            if self._is_without_arrow
            else f"{made}.to_pandas()"
        )
        return f"rows = {rows}.filter({cells}.is_in(kept.tolist()))", f"df = {made}"

    @property
    def _is_without_arrow(self) -> bool:
        return needs_no_arrow(self.frame)

    def _pieces(self, columns: Sequence[Hashable]) -> Iterator[pl.DataFrame]:
        frame = self.frame.select(cs.by_name(*map(str, columns)))
        kinds = self._schema
        rows = rows_of_piece(columns, sum(not kinds[str(name)].is_numeric() for name in columns))
        try:
            if hasattr(frame, "collect_batches"):
                yield from frame.collect_batches(chunk_size=rows, maintain_order=True)
            else:  # before 1.34
                yield from self._collected(frame).iter_slices(rows)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise engine_failed(self, error) from error

    def _collected(self, frame: pl.LazyFrame) -> pl.DataFrame:
        try:
            found: Any = frame.collect(**_ENGINE)
        except (Exception, pl.exceptions.PanicException) as error:
            raise engine_failed(self, error) from error
        collected: pl.DataFrame = found
        return collected


#: The engine that keeps little in memory, which polars has since 1.23.
_ENGINE: dict[str, Any] = (
    {"engine": "streaming"} if tuple(map(int, pl.__version__.split(".")[:2])) >= (1, 23) else {}
)
_STREAMING = 'engine="streaming"' if _ENGINE else ""


def _as_set(values: pl.Series) -> Any:
    """Return values to look up in, as one list, which older releases do not take."""
    return values.implode() if hasattr(values, "implode") and _ENGINE else values


def _named(column: Hashable) -> str:
    """Write a column's name; in selectors where it reads as a pattern."""
    name = str(column)
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return f"pl.selectors.by_name({code(name)})"
    return code(name)


def _made(function: RowFunction, rows: pl.DataFrame) -> pl.DataFrame:
    made = function(made_pandas(rows))
    return pl.DataFrame({name: made[name].to_numpy() for name in made.columns})
