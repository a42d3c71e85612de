"""What a table that is read piece by piece can do, whatever engine holds it; and which one holds a value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.errors import FeatureError, listed, near

_Found = TypeVar("_Found")

#: What makes columns of some rows.
RowFunction: TypeAlias = "Callable[[pd.DataFrame], pd.DataFrame]"

#: The module and class that read what comes of a library, by the first part of its module's name.
_READERS = {
    ("polars", "LazyFrame"): ("polars_table", "PolarsTable"),
    ("duckdb", "DuckDBPyRelation"): ("duckdb_table", "DuckdbTable"),
    ("_duckdb", "DuckDBPyRelation"): ("duckdb_table", "DuckdbTable"),
    ("dask", "DataFrame"): ("dask_table", "DaskTable"),
    ("dask_expr", "DataFrame"): ("dask_table", "DaskTable"),
    ("pyspark", "DataFrame"): ("spark_table", "SparkTable"),
}
#: What stands for cells that are not read yet, and has no name to look up.
_CELLS_TO_COME = {
    "dask": ("Series", "Index", "Array"),
    "dask_expr": ("Series", "Index"),
    "pyspark": ("Column",),
    "polars": ("Expr",),
    "duckdb": ("Expression",),
    "_duckdb": ("Expression",),
}
#: Rows of a piece at most, and its cells, of which one of text counts ten: 100 numbers are read by 50,000 rows.
PIECE, _CELLS = 500_000, 5_000_000
#: The most of what an engine says that is repeated.
_LONGEST = 300


class Table(ABC):
    """A table that is read piece by piece.

    Attributes
    ----------
    came_as : str
        What it is, such as ``"polars LazyFrame"``.
    keeps_a_sort : bool
        Whether rows that were sorted come in that order.
    """

    came_as: str
    keeps_a_sort = True

    @property
    def engine(self) -> str:
        """What reads it: ``"polars"``, ``"duckdb"``, ``"dask"`` or ``"pyspark"``."""
        return self.came_as.partition(" ")[0].lower()

    @property
    @abstractmethod
    def columns(self) -> list[Hashable]:
        """The names of its columns."""

    @abstractmethod
    def mapped(
        self, function: Callable[[pd.DataFrame, int], _Found], columns: Sequence[Hashable]
    ) -> Iterator[_Found]:
        """Yield what a function finds in each piece, in the table's order.

        Parameters
        ----------
        function : callable
            Takes a piece and the place of its first row in the table. It may run on another machine.
        columns : sequence of hashable
            What is read of the table.

        Raises
        ------
        FeatureError
            Whatever the engine says in the middle of it, in one sentence.
        """

    def reduced(
        self,
        function: Callable[[pd.DataFrame, int], _Found],
        columns: Sequence[Hashable],
        merge: Callable[[_Found, _Found], _Found],  # noqa: ARG002 - an engine with workers uses it
    ) -> Iterator[_Found]:
        """Yield what a function finds, as `mapped` does; workers may merge what some pieces gave before it travels."""
        return self.mapped(function, columns)

    @abstractmethod
    def count(self, column: Hashable) -> pd.Series:
        """Return the rows of each value of a column, missing cells included, counted by the engine."""

    def is_categorical(self, column: Hashable) -> bool:  # noqa: ARG002 - asked where engines count categories as plain cells
        """Whether a column is declared categorical, so that its code may meet levels that no row has."""
        return False

    @abstractmethod
    def is_integer(self, column: Hashable) -> bool:
        """Whether a column is declared of whole numbers, of which pandas makes fractions where cells are missing."""

    def counted(self, column: Hashable) -> pd.Series:
        """Return the same, asked of the engine once."""
        known: dict[Hashable, pd.Series] = self.__dict__.setdefault("_known_counts", {})
        if column not in known:
            known[column] = self.count(column)
        return known[column]

    @abstractmethod
    def take(self, places: NDArray[np.int64]) -> pd.DataFrame:
        """Return the rows at some places, which ascend, as the engine itself makes pandas of them."""

    @abstractmethod
    def find(self, column: Hashable, ids: NDArray[Any]) -> pd.DataFrame:
        """Return the rows that have some ids in a column, which ascend."""

    @abstractmethod
    def computed(self, function: RowFunction, columns: Sequence[Hashable], dtypes: Mapping[str, str]) -> Any:
        """Return columns that a function makes of the rows, in the engine's own lazy form: nothing is read here.

        Parameters
        ----------
        function : callable
            Takes some rows in order, and returns a frame on their index. It may run on another machine.
        columns : sequence of hashable
            What is read of the table.
        dtypes : mapping of str to {"bool", "float64"}
            The columns that are made.
        """

    @property
    @abstractmethod
    def disorder(self) -> str:
        """What leaves the rows without an order, such as ``"a join"``; empty where they have one."""

    @property
    @abstractmethod
    def line_of_all(self) -> str:
        """The code that makes ``df`` all its rows."""

    @abstractmethod
    def lines_of_cells(self, columns: Sequence[Hashable]) -> str:
        """Return the code of some columns in pandas, of a table that is called ``df``; of one column a Series."""

    @abstractmethod
    def lines_of_rows(self, id: Hashable | None) -> tuple[str, ...]:
        """Return code that makes ``df`` the rows that are ``kept``: an array of places, or a Series of ids."""

    def check_columns(self, named: Sequence[Hashable]) -> None:
        """Refuse a table without some columns.

        Raises
        ------
        FeatureError
            One sentence, with near names.
        """
        unknown = [name for name in named if name not in self.columns]
        if unknown:
            raise FeatureError(
                f"{listed(unknown)} {'is no column' if len(unknown) == 1 else 'are no columns'} of this "
                f"{self.came_as}.{near(unknown[0], self.columns)}"
            )

    def check_order(self, id: Hashable | None) -> None:
        """Refuse rows without an order that have no ids.

        Raises
        ------
        FeatureError
            One sentence.
        """
        if id is None and self.disorder:
            sort = ", or sort the table" if self.keeps_a_sort else ""
            raise FeatureError(
                f"Rows of this {self.came_as} have no order after {self.disorder}, so no sample of them can be repeated. "
                f"Name a column that identifies a row: id={sort}."
            )

    def free_name(self) -> str:
        """Return a name for the rows' places that no column has."""
        taken = {str(name).casefold() for name in self.columns}  # DuckDB takes both cases for one name
        return "place" + "_" * max(len(name) * name.startswith("place") for name in [*taken, ""])


def rows_of_piece(columns: Sequence[Hashable], texts: int = 0) -> int:
    """Return how many rows of some columns are read at a time; `texts`, how many of them hold text.

    Examples
    --------
    >>> rows_of_piece(["y"]), rows_of_piece(range(100)), rows_of_piece(range(100), texts=100)
    (500000, 50000, 5000)
    """
    return min(PIECE, max(_CELLS // max(len(columns) + 9 * texts, 1), 1))


def is_table(value: Any) -> bool:
    """Whether a value is a table that is read piece by piece.

    Examples
    --------
    >>> is_table(pd.DataFrame())
    False
    """
    return _reader(value) is not None


def table_of(value: Any) -> Table:
    """Return what reads a lazy frame, a relation, a frame in partitions."""
    place = _reader(value)
    assert place is not None
    module = import_module(f"imbalance_accessor.data.lazy.{place[0]}")
    table: Table = getattr(module, place[1])(value)
    return table


def engine_failed(table: Table, error: BaseException) -> FeatureError:
    """Return the one sentence that says what an engine said.

    An engine wraps what a function raised in its own words, and adds hints below the first line.
    """
    if isinstance(error, ImportError) and error.name:
        library = error.name.partition(".")[0]
        return FeatureError(
            f"The {table.came_as} cannot be read without {library}. Install it: python -m pip install {library}."
        )
    said = " ".join(f"{type(error).__name__}: {error}".split())
    said = said if len(said) <= _LONGEST else f"{said[:_LONGEST]} ..."
    return FeatureError(
        f"The {table.came_as} could not be read: {said.rstrip('.')}. Mend what is named there: {table.engine} alone fails alike."
    )


def not_read_yet(value: Any) -> str:
    """Name what holds cells that no verb reads beside its data: another table, or a column that is not computed.

    Examples
    --------
    >>> not_read_yet("churn"), not_read_yet(pd.Series([1]))
    ('', '')
    """
    if is_table(value):
        return table_of(value).came_as
    library = type(value).__module__.partition(".")[0]
    kind = type(value).__name__
    return f"{library.strip('_')} {kind}" if kind in _CELLS_TO_COME.get(library, ()) else ""


def _reader(value: Any) -> tuple[str, str] | None:
    kinds = [each for each in type(value).__mro__ if each is not object]
    return next(
        (
            _READERS[key]
            for key in ((each.__module__.partition(".")[0], each.__name__) for each in kinds)
            if key in _READERS
        ),
        None,
    )
