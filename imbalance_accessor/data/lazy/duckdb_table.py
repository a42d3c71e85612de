"""Relations of DuckDB, by its batches of Arrow."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.lazy.tables import RowFunction, Table, engine_failed, rows_of_piece
from imbalance_accessor.data.lines import code, sql_name
from imbalance_accessor.errors import FeatureError

_Found = TypeVar("_Found")
_TYPES = {"bool": "BOOLEAN", "float64": "DOUBLE"}

#: The head of a box in a plan: on its upper edge, or below it.
_HEAD = re.compile(r"╭─+ ?([^─╮┴\n]+)|┌[─┴┬]+┐\n *│ *([A-Z_ ]+?) *│")
#: Steps after which rows come in no order, and what is said of them; a sort stands above what it orders.
_STEPS = {
    "": "ORDER BY|TOP N",
    "a join": "JOIN|CROSS PRODUCT",
    "a GROUP BY": "GROUP BY|AGGREGATE",
    "a DISTINCT": "DISTINCT",
    "a window": "(?<!STREAMING )WINDOW",
    "a random sample": "SAMPLE",
}
#: Types whose cells may be long.
_TEXTS = ("VARCHAR", "BLOB", "JSON")
#: The rows of a relation that are kept; tables of the user's have other names.
_ROWS = "select * from _rows where {0} in (select * from _kept) order by {0}"
_IN_ORDER = "current_setting('preserve_insertion_order')"

#: What reads batches, as releases name it, the newest first.
_READERS = ("to_arrow_reader", "fetch_record_batch", "fetch_arrow_reader")


class DuckdbTable(Table):
    """A relation of DuckDB: a scan of files, a table, or a query over them."""

    came_as = "DuckDB relation"

    def __init__(self, relation: Any) -> None:
        self.relation = relation

    @cached_property
    def columns(self) -> list[Hashable]:
        """The names of its columns."""
        try:
            return list(self.relation.columns)
        except Exception as error:  # such as of a connection that is closed
            raise engine_failed(self, error) from error

    def mapped(
        self, function: Callable[[pd.DataFrame, int], _Found], columns: Sequence[Hashable]
    ) -> Iterator[_Found]:
        """Yield what a function finds in each piece; see `Table.mapped`."""
        first = 0
        with duckdb.connect() as other:  # the relation's own answers nothing while it is read
            for piece in self._pieces(columns):
                yield function(self._like_df(other.from_arrow(piece).df()), first)
                first += len(piece)

    def count(self, column: Hashable) -> pd.Series:
        """Return the rows of each value of a column."""
        name = sql_name(column)
        found = self._df(lambda: self.relation.aggregate(f"{name}, count(*)", name))
        return pd.Series(found.iloc[:, 1].to_numpy(np.int64), index=pd.Index(found.iloc[:, 0], name=column))

    def is_integer(self, column: Hashable) -> bool:
        """Whether a column is declared of whole numbers."""
        kind = str(self.relation.types[self.columns.index(column)])
        return re.fullmatch("U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?", kind) is not None

    def take(self, places: NDArray[np.int64]) -> pd.DataFrame:
        """Return the rows at some places."""
        name = self.free_name()
        rows = self.relation.project(f"*, row_number() over () - 1 as {name}")
        return self._matching(rows, name, places).drop(columns=[name])

    def find(self, column: Hashable, ids: NDArray[Any]) -> pd.DataFrame:
        """Return the rows that have some ids."""
        return self._matching(self.relation, sql_name(column), ids)

    def computed(self, function: RowFunction, columns: Sequence[Hashable], dtypes: Mapping[str, str]) -> Any:
        """Return a relation of what a function makes of the rows; see `Table.computed`."""
        _check_map(self.came_as)
        schema = {name: duckdb.sqltype(_TYPES[dtype]) for name, dtype in dtypes.items()}
        return self._projected(columns).map(function, schema=schema)

    @property
    def disorder(self) -> str:
        """What leaves the rows without an order, as the plan or the connection says."""
        try:
            plan = self.relation.explain()
            ((in_order,),) = self.relation.query("_rows", f"select {_IN_ORDER}").fetchall()
        except Exception as error:
            raise engine_failed(self, error) from error
        heads = ["".join(found).upper().replace("_", " ").strip() for found in _HEAD.findall(plan)]
        steps = (name for head in heads for name, words in _STEPS.items() if re.search(words, head))
        return next(steps, "" if in_order else "SET preserve_insertion_order = false")

    @property
    def line_of_all(self) -> str:
        """The code that makes ``df`` all rows."""
        return "df = df.df()"

    def lines_of_cells(self, columns: Sequence[Hashable]) -> str:
        """Return the code of some columns in pandas."""
        made = f"df.project({code(', '.join(map(sql_name, columns)))}).df()"
        return f"{made}[{code(columns[0])}]" if len(columns) == 1 else made

    def lines_of_rows(self, id: Hashable | None) -> tuple[str, ...]:
        """Return code that reads the rows that are kept."""
        name = self.free_name() if id is None else str(id)
        rows = "df" if id is not None else f'df.project("*, row_number() over () - 1 as {name}")'
        query = _ROWS.format(name if id is None else sql_name(name))
        return (
            f"_kept = pd.DataFrame({{{code(name)}: kept}})",
            f'df = {rows}.query("_rows", {code(query)}).df().drop(columns={code([name])})',
        )

    def _matching(self, rows: Any, name: str, some: NDArray[Any]) -> pd.DataFrame:
        """Return the rows whose cells are among some."""

        def asked() -> Any:
            _kept = pd.DataFrame({"kept": some})  # the query finds it by its name
            assert _kept.shape[1] == 1
            return rows.query("_rows", _ROWS.format(name))

        return self._df(asked)

    def _df(self, asked: Callable[[], Any]) -> pd.DataFrame:
        try:
            frame: pd.DataFrame = asked().df()
        except Exception as error:
            raise engine_failed(self, error) from error
        return frame

    def _like_df(self, piece: pd.DataFrame) -> pd.DataFrame:
        """Return a piece with the categories that Arrow loses."""
        return piece.astype({name: each for name, each in self._categories.items() if name in piece.columns})

    @cached_property
    def _categories(self) -> dict[Hashable, pd.CategoricalDtype]:
        types = zip(self.columns, self.relation.types, strict=True)
        return {
            name: pd.CategoricalDtype(dict(each.children)["values"])
            for name, each in types
            if str(each).startswith("ENUM")
        }

    def _pieces(self, columns: Sequence[Hashable]) -> Iterator[Any]:
        chosen = self._projected(columns)
        read = next(getattr(chosen, name) for name in _READERS if hasattr(type(chosen), name))
        try:
            kinds = dict(zip(self.columns, map(str, self.relation.types), strict=True))
            pieces = read(rows_of_piece(columns, sum(kinds[name] in _TEXTS for name in columns)))
            arrow = import_module("pyarrow").Table  # which every release takes
            yield from (arrow.from_batches([piece]) for piece in pieces)
        except Exception as error:  # pyarrow's too
            raise engine_failed(self, error) from error

    def _projected(self, columns: Sequence[Hashable]) -> Any:
        return self.relation.project(", ".join(map(sql_name, columns)))


def _check_map(came_as: str) -> None:
    """Refuse releases whose `map` reads cells after they were freed, and so gives wrong ones."""
    if int(duckdb.__version__.partition(".")[0]) < 2:
        raise FeatureError(
            f"DuckDB {duckdb.__version__} returns wrong cells of what is computed for a {came_as}. Update it: "
            "python -m pip install 'duckdb>=2'."
        )
