"""The lines of snippets that let a table's own engine count its rows."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from imbalance_accessor.data.lines import spark_name, sql_name
from imbalance_accessor.data.target import Target
from imbalance_accessor.data.weighting import WeighedLabels
from imbalance_accessor.rendering.snippets.templates import write_template
from imbalance_accessor.rendering.snippets.writer import Writer
from imbalance_accessor.verbs.shared.snippet_weighed_labels import wanted_shares


def write_table_rows(writer: Writer, weighed: WeighedLabels) -> None:
    """Write ``rows`` of a table that is read piece by piece: those of each class, or the sums of their weights."""
    target = weighed.target
    weights = None if weighed.sums is None else weighed.weighting.column
    write_template(
        writer,
        "shared/full/table_rows.py.j2",
        engine=weighed.engine,
        name=target.labels.name,
        spark=spark_name(target.labels.name),
        weights=weights,
        sql=_sql(target.labels.name, weights),
        missing=bool(target.missing),
    )
    if weighed.weighting.factors is not None:
        write_template(writer, "shared/full/table_shares.py.j2", wanted=wanted_shares(weighed))


def in_order(target: Target) -> str:
    """Write what puts ``rows`` into the order of the classes."""
    if target.needs_codes or isinstance(target.labels.dtype, pd.CategoricalDtype):
        return f".reindex({list(target.classes)!r})"
    return ".sort_index()"


def _sql(name: Hashable, weights: Hashable | None) -> str:
    """Write the groups and their counts, or the sums of their weights."""
    return f"{sql_name(name)}, {'count(*)' if weights is None else f'sum({sql_name(weights)})'}"
