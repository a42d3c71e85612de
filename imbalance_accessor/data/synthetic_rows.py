"""Rows that `smote` made, remembered for the life of the process, so that no verb judges a model on them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.errors import LeakageError
from imbalance_accessor.findings import Finding

#: Where a frame's ``attrs`` hold the token of the call that made some of its rows.
TOKEN = "imbalance_accessor"
#: Share of real rows that repeat another one, up to which cells name a row; else many of a call's rows must be there.
_ALIKE, _MANY = 0.01, 0.5
#: So many columns whose numbers hardly ever repeat (among so many synthetic rows) name a row; the others need not be hashed.
_ENOUGH, _LOOKED_AT = 4, 1_000
#: Rows hashed at a time: the cells of some dozens of columns then stay in the processor's cache.
_ROWS_AT_A_TIME = 4_096
#: An odd number whose bits look random: it mixes a row's hash before the next column's is added.
_MIXER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class _SyntheticBatch:
    """The rows of one call.

    Attributes
    ----------
    columns : tuple of hashable
        What was hashed.
    hashes : numpy.ndarray of uint64, sorted
        The different synthetic rows.
    made, real : numpy.ndarray of int
        How many synthetic rows, and how many real rows of the same frame, have these cells.
    telling : bool
        Whether cells name a row: real rows are hardly ever alike.
    labels : pandas.Index
        Index labels of the synthetic rows.
    after : int
        Rows of the training set after resampling.
    in_all : int
        The same and the rows of the test set.
    before : tuple of int and int
        How many rows the frame had before, those without a label among them, and the sum of their hashes.
    observed : numpy.ndarray of uint64, sorted
        The real rows.
    """

    columns: tuple[Hashable, ...]
    hashes: NDArray[np.uint64]
    made: NDArray[np.int64]
    real: NDArray[np.int64]
    telling: bool
    labels: pd.Index
    after: int
    in_all: int
    before: tuple[int, int]
    observed: NDArray[np.uint64]


_CALLS: dict[str, _SyntheticBatch] = {}
#: Whole numbers up to here are distinct as float64.
_FLOATS_TELL = 2**53


def row_hashes(
    X: pd.DataFrame, columns: Sequence[Hashable], *, every_digit: Collection[Hashable] = ()
) -> NDArray[np.uint64]:
    """Return one 64-bit hash a row, the same whether a number is stored as int, float, bool or object.

    Parameters
    ----------
    X : pandas.DataFrame, shape (n_rows, n_columns)
    columns : sequence of hashable
        What to hash, in this order.
    every_digit : collection of hashable
        Columns of numbers that float64 does not distinguish, see `beyond_floats`: each is hashed as its own type.

    Returns
    -------
    numpy.ndarray of uint64, shape (n_rows,)

    Notes
    -----
    A cell's hash is pandas' own. Among n rows two different ones share a hash with a chance of about n² / 2⁶⁵: 3 in
    10⁸ for a million rows. Rows are taken some thousands at a time, so that what is worked on stays in the cache.
    """
    cells = [_hashes(X[name]) if name in every_digit else _numbers_or_hashes(X[name]) for name in columns]
    total: NDArray[np.uint64] = np.zeros(len(X), dtype=np.uint64)
    for start in range(0, len(X), _ROWS_AT_A_TIME):
        some = slice(start, start + _ROWS_AT_A_TIME)
        for hashed in _hashed([column[some] for column in cells]):
            total[some] ^= total[some] >> np.uint64(29)
            total[some] *= _MIXER
            total[some] += hashed
    return total


def beyond_floats(column: pd.Series) -> bool:
    """Whether a column holds whole numbers beyond 2⁵³."""
    if not pd.api.types.is_integer_dtype(column.dtype):
        return False
    cells = column.dropna()
    return len(cells) > 0 and bool(cells.max() > _FLOATS_TELL or cells.min() < -_FLOATS_TELL)


def _numbers_or_hashes(column: pd.Series) -> NDArray[Any]:
    """Return the cells of a column of numbers as they are, or as float64; those of any other as hashes."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "ifb":
        return column.to_numpy()
    if isinstance(dtype, pd.CategoricalDtype):
        if not pd.api.types.is_numeric_dtype(dtype.categories.dtype):
            return _hashes(column)
        column = column.astype(dtype.categories.dtype if not column.isna().any() else "float64")
    elif pd.api.types.is_object_dtype(dtype):
        kind = pd.api.types.infer_dtype(column, skipna=True)
        if kind not in {"integer", "floating", "mixed-integer-float", "boolean", "decimal"}:
            return _hashes(column)
    elif not (pd.api.types.is_numeric_dtype(dtype) and dtype.kind != "c"):
        return _hashes(column)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _hashes(column: pd.Series) -> NDArray[np.uint64]:
    try:
        hashes = pd.util.hash_pandas_object(column, index=False)
    except (TypeError, UnicodeEncodeError):  # cells such as lists have no hash of their own
        hashes = pd.util.hash_pandas_object(column.map(repr), index=False)
    return np.asarray(hashes, dtype=np.uint64)


def _hashed(cells: list[NDArray[Any]]) -> list[NDArray[np.uint64]]:
    """Return the hashes of some rows, column by column; those of numbers are taken all at once, as float64."""
    numbers = [place for place, column in enumerate(cells) if column.dtype != np.uint64]
    if not numbers:
        return cells
    rows = len(cells[0])
    values = np.empty((len(numbers), rows))
    for row, place in zip(values, numbers, strict=True):
        np.add(cells[place], 0.0, out=row)  # -0.0 becomes 0.0
    hashes = pd.util.hash_array(values.ravel()).reshape(values.shape)
    found = list(cells)
    for place, hashed in zip(numbers, hashes, strict=True):
        found[place] = hashed
    return found


def remember(
    train: tuple[pd.DataFrame, pd.Series],
    made: NDArray[np.bool_],
    test: pd.DataFrame,
    unlabelled: pd.DataFrame,
    most: int = 20_000_000,
) -> None:
    """Remember which rows of a resampled training set are synthetic, and mark the part with a token.

    Parameters
    ----------
    train : tuple of pandas.DataFrame and pandas.Series
        Features and labels after resampling; only their ``attrs`` are written to.
    made : numpy.ndarray of bool, shape (n_rows,)
    test, unlabelled : pandas.DataFrame
        The test set and the rows without a label, as they came; both are real.
    most : int
        Synthetic rows that are remembered; the oldest call is forgotten beyond that.
    """
    if not made.any():
        return
    X, y = train
    columns = _naming(X, np.flatnonzero(made)[:_LOOKED_AT])
    hashes = row_hashes(X, columns)
    found, times = np.unique(hashes[made], return_counts=True)
    real = np.sort(np.concatenate([hashes[~made], row_hashes(test, columns)]))
    every = np.sort(np.concatenate([real, row_hashes(unlabelled, columns)])) if len(unlabelled) else real
    alike = int(np.count_nonzero(real[1:] == real[:-1])) / len(real)
    token = secrets.token_hex(8)
    _CALLS[token] = _SyntheticBatch(
        columns,
        found,
        times,
        _occurrences(found, real),
        alike <= _ALIKE,
        X.index[made],
        after=len(X),
        in_all=len(X) + len(test),
        before=_summed(every),
        observed=every,
    )
    for part in (X, y):
        part.attrs[TOKEN] = token
    while sum(len(call.hashes) for call in _CALLS.values()) > most and len(_CALLS) > 1:
        _CALLS.pop(next(iter(_CALLS)))


def _summed(hashes: NDArray[np.uint64]) -> tuple[int, int]:
    return len(hashes), int(hashes.sum())


def _naming(X: pd.DataFrame, positions: NDArray[np.intp]) -> tuple[Hashable, ...]:
    """Return columns whose cells name a synthetic row: a few of continuous numbers where there are such, else all.

    Fewer columns are hashed sooner, and a row is still known once others were dropped or changed.
    """
    some = X.iloc[positions]
    floats = [name for name in X.columns if X[name].dtype == np.float64]
    if len(some) < _LOOKED_AT or len(floats) < _ENOUGH:
        return tuple(X.columns)
    continuous = [name for name in floats if some[name].nunique() > (1 - _ALIKE) * len(some)]
    return tuple(continuous[:_ENOUGH]) if len(continuous) >= _ENOUGH else tuple(X.columns)


def _occurrences(wanted: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Count how often each of some hashes occurs among others; both sorted."""
    first, beyond = (np.searchsorted(hashes, wanted, side=side) for side in ("left", "right"))
    return np.asarray(beyond - first, dtype=np.int64)


def count_synthetic(data: Any) -> int:
    """Count the rows of a frame, or the labels of a Series, that `smote` made in this process.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series

    Returns
    -------
    int
        Rows with the cells of a synthetic row, over the columns it was made with; or with its index label, where ``attrs``
        hold the token and the cells are not those of a real row. The label alone decides where columns are missing.
    """
    if not _CALLS or not isinstance(data, pd.DataFrame | pd.Series):
        return 0
    by_cells = _count_by_cells(data) if isinstance(data, pd.DataFrame) else 0
    return max(by_cells, _count_by_token(data))


def _count_by_cells(data: pd.DataFrame) -> int:
    """Count synthetic rows by their cells, of calls whose columns are all there; calls with the same columns together."""
    names = set(data.columns) if data.columns.is_unique else set()
    hashes = cache(partial(row_hashes, data))
    found: dict[frozenset[Hashable], NDArray[np.bool_]] = {}
    for call in _CALLS.values():
        columns = frozenset(call.columns)
        if columns <= names:
            made = _made_by(call, hashes(call.columns), marked=_call_of(data) is call)
            found[columns] = made | found.get(columns, False)
    return max((int(made.sum()) for made in found.values()), default=0)


def _made_by(call: _SyntheticBatch, hashes: NDArray[np.uint64], *, marked: bool) -> NDArray[np.bool_]:
    """Say which rows a call made; of equal cells, as many as there are real rows are real.

    A row with the cells of a real one, or of a frame whose rows are often alike, proves nothing by itself: then the
    frame must carry the call's token, or hold half of such rows that the call made. A longer frame than the call's own
    may hold them by nature, as a whole does of which some rows were resampled; so does the frame as it was before.
    """
    positions = np.minimum(np.searchsorted(call.hashes, hashes), len(call.hashes) - 1)
    here = np.flatnonzero(call.hashes[positions] == hashes)
    at = positions[here]
    nth = pd.Series(at).groupby(at).cumcount().to_numpy()
    beyond = nth >= call.real[at]
    sure = call.telling & (call.real == 0)
    doubtful = beyond & ~sure[at]
    by_nature = (
        len(hashes) > call.in_all
        or _summed(hashes) == call.before
        or doubtful.sum() < _MANY * call.made[~sure].sum()
    )
    if not marked and by_nature:
        beyond &= ~doubtful
    made = np.zeros(len(hashes), dtype=bool)
    made[here[beyond]] = True
    return made


def _call_of(data: pd.DataFrame | pd.Series) -> _SyntheticBatch | None:
    return _CALLS.get(str(data.attrs.get(TOKEN)))


def _count_by_token(data: pd.DataFrame | pd.Series) -> int:
    call = _call_of(data)
    if call is None:
        return 0
    real = _real_rows(data, call)
    if len(data) == call.after and isinstance(data.index, pd.RangeIndex) and data.index.start == 0:
        return min(len(call.labels), int((~real).sum()))  # a training set whose index was reset
    return int((data.index.isin(call.labels) & ~real).sum())


def _real_rows(data: pd.DataFrame | pd.Series, call: _SyntheticBatch) -> NDArray[np.bool_]:
    """Say which rows have the cells of a real row, where cells name a row."""
    named = isinstance(data, pd.DataFrame) and data.columns.is_unique and call.telling
    if not (named and set(call.columns) <= set(data.columns)):
        return np.zeros(len(data), dtype=bool)
    hashes = row_hashes(pd.DataFrame(data), call.columns)
    real = (_occurrences(hashes, call.observed) > 0) & (_occurrences(hashes, call.hashes) == 0)
    return np.asarray(real, dtype=bool)


def synthetic_findings(*data: Any) -> list[Finding]:
    """Say how many rows or labels are made, for verbs that only look."""
    counted = max(
        ((count_synthetic(each), len(each)) for each in data if hasattr(each, "__len__")), default=(0, 0)
    )
    return synthetic_finding(*counted)


def synthetic_finding(count: int, of: int) -> list[Finding]:
    """Say that so many rows are made; nothing where none is."""
    if not count:
        return []
    sentence = (
        f"{_some(count, of)} made by .smote(), not observed: shares and weights are those after resampling."
    )
    cure = "Look at the frame as it was before; models are judged on the test set that .smote() returned."
    return [Finding("IMB101", "error", sentence, cure)]


def refuse_synthetic(*data: Any) -> None:
    """Refuse frames that hold rows which `smote` made.

    Raises
    ------
    LeakageError
        With their number, and where to judge instead.
    """
    for each in data:
        count = count_synthetic(each)
        if count:
            raise LeakageError(
                f"[IMB101] {_some(count, len(each))} made by .smote(), so a model judged on them is judged on near-copies "
                "of the rows it learned from. Evaluate on the test set it returned, or pass the frame as it was before: "
                "fit_eval(..., strategies=['smote']) resamples inside each training fold."
            )


def _some(count: int, of: int) -> str:
    return f"{count:,} of these {of:,} rows {'was' if count == 1 else 'were'}"
