"""Frames of PySpark, by its workers: batches of Arrow in no order, so that rows are known by an id."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.lazy.tables import RowFunction, Table, engine_failed, rows_of_piece
from imbalance_accessor.data.lines import code, quoted_for_spark, spark_name
from imbalance_accessor.errors import ImbalanceError

_Found = TypeVar("_Found")
_TYPES = {"bool": "boolean", "float64": "double"}
_INTEGERS = ("tinyint", "smallint", "int", "bigint")


class SparkTable(Table):
    """A frame of PySpark: rows on its workers, in whatever order they come."""

    came_as = "PySpark DataFrame"
    disorder = "they went through Spark"
    keeps_a_sort = False

    def __init__(self, frame: Any) -> None:
        self.frame = frame.to_spark() if hasattr(frame, "to_spark") else frame  # of pyspark.pandas

    @cached_property
    def columns(self) -> list[Hashable]:
        """The names of its columns."""
        return list(self._asked(lambda: self.frame.columns))

    def mapped(
        self, function: Callable[[pd.DataFrame, int], _Found], columns: Sequence[Hashable]
    ) -> Iterator[_Found]:
        """Yield what a function finds in each piece; see `Table.mapped`. No piece has a place: each begins at 0."""
        work = _Pickled(function, list(columns), rows_of_piece(columns))
        rows = _by_number(self._selected(columns)).mapInPandas(work, "found binary")
        results = self._asked(lambda: rows.toLocalIterator(prefetchPartitions=True))
        while (result := self._asked(lambda: next(results, None))) is not None:
            found = pickle.loads(result.found)
            if isinstance(found, ImbalanceError):
                raise found
            yield found

    def count(self, column: Hashable) -> pd.Series:
        """Return the rows of each value of a column."""
        counted = self._asked(lambda: self.frame.groupBy(spark_name(column)).count().collect())
        values = pd.Series([row[0] for row in counted], name=column)
        rows = pd.Series([row[1] for row in counted], dtype=np.int64)
        return rows.groupby(values, dropna=False).sum()  # Spark tells NaN from null

    def is_integer(self, column: Hashable) -> bool:
        """Whether a column is declared of whole numbers."""
        return dict(self.frame.dtypes)[column] in _INTEGERS

    def take(self, places: NDArray[np.int64]) -> pd.DataFrame:
        """Refuse: no row has a place."""
        raise NotImplementedError

    def find(self, column: Hashable, ids: NDArray[Any]) -> pd.DataFrame:
        """Return the rows that have some ids."""
        return self._asked(lambda: self._found(column, ids))

    def computed(self, function: RowFunction, columns: Sequence[Hashable], dtypes: Mapping[str, str]) -> Any:
        """Return all columns and those that are made, since rows in no order cannot be put beside others."""
        schema = ", ".join(f"{quoted_for_spark(name)} {kind}" for name, kind in self.frame.dtypes)
        made = ", ".join(f"{quoted_for_spark(name)} {_TYPES[dtype]}" for name, dtype in dtypes.items())
        work = _Beside(function, self.columns, list(columns))
        return _by_number(self.frame).mapInPandas(work, f"{schema}, {made}")

    @property
    def line_of_all(self) -> str:
        """The code that makes ``df`` all rows."""
        return "df = df.toPandas()"

    def lines_of_cells(self, columns: Sequence[Hashable]) -> str:
        """Return the code of some columns in pandas."""
        made = f"df.select({', '.join(code(spark_name(each)) for each in columns)}).toPandas()"
        return f"{made}[{code(columns[0])}]" if len(columns) == 1 else made

    def lines_of_rows(self, id: Hashable | None) -> tuple[str, ...]:
        """Return code that reads the rows that are kept."""
        rows = f'df.join(ids, {code(spark_name(id))}, "leftsemi").toPandas()'
        return (
            f"ids = df.sparkSession.createDataFrame(kept.to_frame({code(id)}))",
            f"df = {rows}.sort_values({code(id)}, ignore_index=True).drop(columns={code([id])})",
        )

    def _found(self, column: Hashable, ids: NDArray[Any]) -> pd.DataFrame:
        wanted = self.frame.sparkSession.createDataFrame(pd.DataFrame({column: ids}))
        rows = self.frame.join(wanted, spark_name(column), "leftsemi").toPandas()
        frame: pd.DataFrame = rows[self.columns].sort_values(column, ignore_index=True)
        return frame

    def _selected(self, columns: Sequence[Hashable]) -> Any:
        return self.frame.select([spark_name(name) for name in columns])

    def _asked(self, asked: Callable[[], _Found]) -> _Found:
        try:
            return asked()
        except Exception as error:  # Spark's, py4j's
            raise engine_failed(self, _of_worker(error) or error) from error


def _of_worker(error: Exception) -> Exception | None:
    """Return what Python on a worker said, which Spark wraps in traces of its own."""
    said = re.findall(r"^(\w[\w.]*(?:Error|Exception)): (.*)$", str(error), re.MULTILINE)
    of_python = [f"{kind}: {words}" for kind, words in said if not kind.startswith(("org.", "java."))]
    return RuntimeError(f"on a worker, {of_python[-1]}") if of_python else None


class _Pickled:
    """What a worker does: it calls a function on pieces of so many rows, and hands on what that finds, or refuses."""

    def __init__(
        self, function: Callable[[pd.DataFrame, int], Any], columns: list[Hashable], most: int
    ) -> None:
        self.function, self.columns, self.most = function, columns, most

    def __call__(self, batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for piece in _joined(batches, self.most):
            try:
                found = self.function(piece.set_axis(self.columns, axis=1), 0)
            except ImbalanceError as error:
                found = error
            yield pd.DataFrame({"found": [pickle.dumps(found)]})


class _Beside:
    """What a worker does: it puts what a function makes of rows beside them."""

    def __init__(self, function: RowFunction, every: list[Hashable], columns: list[Hashable]) -> None:
        self.function, self.every, self.columns = function, every, columns

    def __call__(self, batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            rows = batch.set_axis(self.every, axis=1)
            yield pd.concat([rows, self.function(rows[self.columns])], axis=1)


def _by_number(frame: Any) -> Any:
    """Name columns by their number: Spark looks into names with a dot when it hands rows to Python."""
    return frame.toDF(*map(str, range(len(frame.columns))))


def _joined(batches: Iterable[pd.DataFrame], most: int) -> Iterator[pd.DataFrame]:
    """Put small batches together, at least so many rows at a time."""
    waiting: list[pd.DataFrame] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= most:
            yield pd.concat(waiting, ignore_index=True)
            waiting = []
    if waiting:
        yield pd.concat(waiting, ignore_index=True)
