"""What no model of ours can learn from: frames without a feature, infinite cells, names that are no text."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from imbalance_accessor.data.cells import as_float, dense_first
from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.errors import FeatureError, Fix, listed

#: The largest number whose squares are added up.
LARGEST = 1e150


def check_features(X: pd.DataFrame, columns: Columns, *, frame: str = "df", described: bool = False) -> None:
    """Refuse a frame without a usable feature, with names of several types, or with infinite or far too large cells."""
    if not (columns.described if described else columns.used):
        reasons = _reasons(columns) or "nothing; there is none"
        more = (
            ""
            if described or not columns.described
            else " fit_eval(..., preprocess='skrub') makes features of dates and free text."
        )
        raise FeatureError(f"No column is left to learn from. Left out: {reasons}.{more}")
    _check_text_names(columns)
    check_sizes(X, columns, frame=frame)


def check_sizes(X: pd.DataFrame, columns: Columns, *, frame: str = "df") -> None:
    """Refuse infinite and far too large cells; `frame` is the name that the rows have with the reader."""
    of = "" if frame == "df" else f" of {frame}="
    too_large = [name for name in columns.numeric if _extreme(X[name]) > LARGEST]
    infinite = {name: int(np.isinf(as_float(X[name])).sum()) for name in too_large}
    bad = {name: count for name, count in infinite.items() if count}
    if bad:
        shown = ", ".join(f"{name!r} ({count:,})" for name, count in bad.items())
        raise FeatureError(
            f"Infinite values in {shown}{of}. No model takes them; make them missing: "
            f"{dense_first(X, bad, frame)}{frame} = {frame}.replace([np.inf, -np.inf], np.nan)."
        )
    if too_large:
        shown = ", ".join(f"{name!r} ({_extreme(X[name]):.2g})" for name in too_large)
        raise FeatureError(
            f"Numbers beyond {LARGEST:g} in {shown}{of}: their squares overflow, and models add up squares. "
            "Divide such a column by a power of ten, or make such cells missing."
        )


def _extreme(column: pd.Series) -> float:
    """Return the largest number of a column, whatever its sign."""
    values = as_float(column).to_numpy()
    low, high = values.min(), values.max()
    if np.isnan(low):
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    return max(-float(low), float(high))


def _check_text_names(columns: Columns) -> None:
    """Refuse names that scikit-learn takes as positions, or not at all."""
    other = [name for name in columns.used if not isinstance(name, str)]
    numbered = len(other) == len(columns.used) and all(isinstance(name, int) for name in other)
    if other and (columns.categorical or not numbered):
        raise FeatureError(
            f"Column names must be text here; {listed(other)} {'is' if len(other) == 1 else 'are'} not, and scikit-learn "
            "would take numbers for positions. Rename them: df.columns = df.columns.map(str).",
            fix=Fix("df.columns = df.columns.map(str)"),
        )


def missing_cells(
    X: pd.DataFrame, columns: Columns, *, only: Sequence[Hashable] | None = None
) -> dict[Hashable, int]:
    """Count missing cells of each feature that has any, or of some features."""
    counts = {name: int(X[name].isna().sum()) for name in (columns.used if only is None else only)}
    return {name: count for name, count in counts.items() if count}


def _reasons(columns: Columns) -> str:
    return ", ".join(f"{name!r} ({reason})" for name, reason in columns.left_out.items())
