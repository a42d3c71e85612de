"""The code that gives each row of a table its weight, without reading the table."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from imbalance_accessor.data.lines import sql_name
from imbalance_accessor.data.weighting import WeighedLabels


def column_lazily(weighed: WeighedLabels, weights: Mapping[Hashable, float]) -> str:
    """Write what adds a column of weights to ``df``, for what reads it; polars and Dask look them up in ``weights``."""
    name = str(weighed.target.labels.name)
    own = None if weighed.sums is None else str(weighed.weighting.column)
    if weighed.engine == "polars":
        times = "" if own is None else f" * pl.col({own!r})"
        return f"df.with_columns(sample_weight=pl.col({name!r}).replace_strict(weights, default=None){times})"
    if weighed.engine == "dask":
        times = "" if own is None else f" * df[{own!r}]"
        return f"df.assign(sample_weight=df[{name!r}].map(weights, meta=({name!r}, 'f8')){times})"
    cases = " ".join(f"WHEN {_in_sql(label)} THEN {weight:.6g}" for label, weight in weights.items())
    times = "" if own is None else f" * {sql_name(own)}"
    return f"df.project('''*, CASE {sql_name(name)} {cases} END{times} AS sample_weight''')"


def _in_sql(label: Hashable) -> str:
    return "'" + label.replace("'", "''") + "'" if isinstance(label, str) else str(label)
