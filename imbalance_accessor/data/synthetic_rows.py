"""Rows that `smote` made are known again, so that no verb judges a model on them.

A frame's token tells which they are in any process, while its ``attrs`` last. This process knows them by their cells too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance_accessor.data.row_hashes import row_hashes
from imbalance_accessor.data.synthetic_memory import (
    MOST_BYTES,
    Known,
    SmoteCall,
    SyntheticMemory,
    SyntheticTable,
)
from imbalance_accessor.data.synthetic_token import (
    TOKEN,
    SyntheticBatch,
    call_of,
    find,
    labels_of,
    read_token,
    token_of,
)
from imbalance_accessor.errors import LeakageError
from imbalance_accessor.findings import Finding

#: Share of real rows that repeat another one, up to which cells name a row; else many of a call's rows must be there.
_ALIKE, _MANY = 0.01, 0.5
#: So many columns whose numbers hardly ever repeat (among so many synthetic rows) name a row; the others need not be hashed.
_ENOUGH, _LOOKED_AT = 4, 1_000
#: Numbers of so many digits are recorded as such.
_SHORT = 9

_CALLS = SyntheticMemory()

#: Hashes of a frame's rows over some columns.
RowHashes = Callable[[tuple[Hashable, ...]], NDArray[np.uint64]]


def remember(
    train: tuple[pd.DataFrame, pd.Series],
    made: NDArray[np.bool_],
    test: pd.DataFrame,
    unlabelled: pd.DataFrame,
    most: int = MOST_BYTES,
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
        Bytes that are held; the oldest call is forgotten beyond that, and known by the tokens of its frames alone.
    """
    if not made.any():
        return
    X, y = train
    columns = _naming(X, np.flatnonzero(made)[:_LOOKED_AT])
    hashes = row_hashes(X, columns)
    found, at, times = np.unique(hashes[made], return_index=True, return_counts=True)
    real = np.sort(np.concatenate([hashes[~made], row_hashes(test, columns)]))
    every = np.sort(np.concatenate([real, row_hashes(unlabelled, columns)])) if len(unlabelled) else real
    telling = int(np.count_nonzero(real[1:] == real[:-1])) <= _ALIKE * len(real)
    batch = SyntheticBatch(
        columns,
        found,
        _occurrences(found, real),
        every,
        telling,
        first=labels_of(X.index[made]),
        count=int(made.sum()),
        after=len(X),
    )
    token = token_of(batch)
    for part in (X, y):
        part.attrs[TOKEN] = token
    sure = telling & (batch.real == 0) & _between_rows(X[list(columns)], made)[at]
    call = SmoteCall(
        replace(batch, hashes=found[~sure], real=batch.real[~sure]),
        number=0,
        sure=int(sure.sum()),
        many=_MANY * float(times[~sure].sum()),
        in_all=len(X) + len(test),
        before=_summed(every),
    )
    _CALLS.keep(call_of(token), call, found[sure], most)


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


def _between_rows(X: pd.DataFrame, made: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of each synthetic row whether a cell is a long fraction that no real row has there.

    Such a number lies somewhere between two real ones, and nobody records it. Whole and short numbers are met again: in
    the frame of which a sample was resampled, or in next month's.
    """
    between = np.zeros(int(made.sum()), dtype=bool)
    for name in X.columns[X.dtypes == np.float64]:
        if between.all():
            break
        cells = X[name].to_numpy()
        new = cells[made]
        with np.errstate(all="ignore"):  # of missing and infinite cells
            digits = np.abs(new) * 10 ** (_SHORT - 1 - np.floor(np.log10(np.abs(new))))
            long = np.abs(digits - np.round(digits)) > 1e-4
        between |= long & ~np.isin(new, cells[~made])
    return between


def _occurrences(wanted: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Count how often each of some hashes occurs among others; both sorted."""
    first, beyond = (np.searchsorted(hashes, wanted, side=side) for side in ("left", "right"))
    return np.asarray(beyond - first, dtype=np.int64)


def count_synthetic(data: Any) -> int:
    """Count the rows of a frame, or the labels of a Series, that `smote` made.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series

    Returns
    -------
    int
        Rows with the cells of a row made in this process, over the columns it was made with; or, where ``attrs`` hold
        the token, with the index label of a synthetic row and not the cells of a real one. The label alone decides where
        columns are missing.

    Notes
    -----
    The token holds hashes of a thousand synthetic rows and a thousand real ones. Where there were more, and labels were
    reset in another process, the number is an estimate from those.
    """
    if not isinstance(data, pd.DataFrame | pd.Series):
        return 0
    known, token = _CALLS.now, data.attrs.get(TOKEN)
    if not known.calls and token is None:
        return 0
    hashes = cache(partial(row_hashes, pd.DataFrame(data)))
    by_cells = _count_by_cells(known, data, hashes) if isinstance(data, pd.DataFrame) else 0
    call = known.calls.get(call_of(token))
    names = data.columns if isinstance(data, pd.DataFrame) else ()
    batch = call.batch if call is not None else read_token(token, names)
    if batch is None:
        return by_cells
    return max(by_cells, _count_marked(data, batch, known.rows.get(batch.columns) if call else None, hashes))


def _count_by_cells(known: Known, data: pd.DataFrame, hashes: RowHashes) -> int:
    """Count synthetic rows by their cells, of calls whose columns are all there; calls with the same columns together."""
    found: dict[frozenset[Hashable], NDArray[np.bool_]] = {}
    for columns, rows in known.rows.items():
        if _has(data, columns):
            same = frozenset(columns)
            found[same] = _in_table(rows, hashes(columns)) | found.get(same, False)
    return max((int(made.sum()) for made in found.values()), default=0)


def _in_table(rows: SyntheticTable, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Say which rows were made, by their cells alone.

    A row with the cells of a real one, or of a frame whose rows are often alike, proves nothing by itself: the frame
    must hold half of such rows that a call made. A longer frame than the call's own may hold them by nature, as a whole
    does of which some rows were resampled; so does the frame as it was before.
    """
    made = np.zeros(len(hashes), dtype=bool)
    total = _summed(hashes)
    near = rows.near(hashes) if total not in rows.frames else np.zeros(0, dtype=np.intp)
    if not len(near):
        return made
    here = hashes[near]
    made[near] = find(rows.sure, here)[1]
    for call in rows.doubtful:
        if len(hashes) <= call.in_all:
            doubtful = call.batch.beyond_real(here)
            if doubtful.sum() >= call.many:
                made[near] |= doubtful
    return made


def _count_marked(
    data: pd.DataFrame | pd.Series, batch: SyntheticBatch, rows: SyntheticTable | None, hashes: RowHashes
) -> int:
    """Count synthetic rows of a frame that carries a token: by labels, but for rows whose cells tell otherwise."""
    labelled = batch.labelled(data.index)
    reset = len(data) == batch.after and isinstance(data.index, pd.RangeIndex) and data.index.start == 0
    if not (batch.columns and isinstance(data, pd.DataFrame) and _has(data, batch.columns)):
        return batch.count if reset else int(labelled.sum())
    cells = hashes(batch.columns)
    proved = find(rows.sure, cells)[1] if rows is not None else np.zeros(len(data), dtype=bool)
    made = proved | batch.beyond_real(cells)
    observed = find(batch.observed, cells)[1]
    alike = proved | find(batch.hashes, cells)[1]
    real = observed & ~alike & batch.telling
    if not batch.sampled:
        by_labels = min(batch.count, int((~real).sum())) if reset else int((labelled & ~real).sum())
        return max(int(made.sum()), by_labels)
    if reset and (made.any() or not real.any()):
        return batch.count
    sure = made & ~observed & batch.telling
    if (labelled == sure)[sure | real].all():
        return max(int(made.sum()), int(labelled.sum()))
    return round(len(data) * int(made.sum()) / int((alike | observed).sum()))  # labels are of other rows


def _has(data: pd.DataFrame, columns: tuple[Hashable, ...]) -> bool:
    return data.columns.is_unique and set(columns) <= set(data.columns)


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
    cure = "Look at the frame as it was before; evaluate models on the test set that .smote() returned."
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
