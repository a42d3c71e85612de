"""The card of an `Overview`: that of its counts, with weights, features and what to run next."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from imbalance_accessor.data.date_text import DateFormat
from imbalance_accessor.data.number_text import NumberFormat
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Share
from imbalance_accessor.verbs.counts import card as counts_card
from imbalance_accessor.verbs.counts import text
from imbalance_accessor.verbs.overview.fields import OverviewData

#: Where a reason may end in a table.
_SHORT = re.compile(", | in ")


def card(overview: OverviewData) -> Card:
    """Return what is shown."""
    counted = counts_card.card(overview.counts)
    return replace(
        counted,
        figures=(*counted.figures, ("features", _features(overview))),
        table=_table(overview),
        more_tables=(_columns(overview),),
        notes=(
            f"weight: the balanced class weight. test: rows of a test set with test_size={overview.counts.test_size:g}.",
            *text.severity_rule(overview.counts),
            *_sampled(overview),
        ),
        findings=overview.findings,
        next=overview.next_calls,
    )


def _features(overview: OverviewData) -> str:
    """Count the features by kind, and those with empty cells."""
    found, found_in_sample = overview.features.columns, overview.features.is_sampled
    kinds = (
        f"{len(found.numeric)} numeric, {len(found.categorical)} categorical, {len(found.left_out)} left out"
    )
    with_missing = int((overview.columns["missing"] > 0).sum())
    if with_missing:
        return f"{kinds}; empty cells in {with_missing}"
    return f"{kinds}; no {'sampled ' if found_in_sample else ''}cell is empty"


def _sampled(overview: OverviewData) -> list[str]:
    """Say by which rows of a table its columns are read."""
    sample = overview.features.sample
    if sample is None or sample.is_whole:
        return []
    taken, rows = sum(sample.taken.values()), overview.counts.target.labelled
    return [
        f"Rows, shares and weights are those of all {rows:,} labelled rows. Columns are as read from {taken:,} sampled rows, "
        "and findings are of these."
    ]


def _table(overview: OverviewData) -> pd.DataFrame:
    frame = overview.frame
    cells = {
        "rows": frame["rows"].tolist(),
        "share": [Share(value) for value in frame["share"]],
        "weight": frame["weight"].tolist(),
        "test": frame["test_rows"].tolist(),
    }
    return pd.DataFrame(cells, index=frame.index)


def _columns(overview: OverviewData) -> pd.DataFrame:
    """Show how each column was read: its kind, an example of how its numbers or dates are written, and whether it is used."""
    found, frame = overview.features.columns, overview.columns
    cells = {
        "read as": [_read_as(kind, found.formats.get(name)) for name, kind in found.kinds.items()],
        "missing": _missing(frame),
        "levels": ["" if pd.isna(count) else int(count) for count in frame["levels"]],
        # the finding says the whole reason
        "used": ["yes" if not why else f"no: {_SHORT.split(why)[0]}" for why in frame["why_not"]],
    }
    return pd.DataFrame(cells, index=frame.index)


def _missing(columns: pd.DataFrame) -> list[object]:
    """Show the missing cells of each column; of a table's the share that they have in all of it."""
    if "missing_share" in columns:
        return [Share(share) if share else "" for share in columns["missing_share"]]
    return [int(count) or "" for count in columns["missing"]]


def _read_as(kind: str, written: NumberFormat | DateFormat | None) -> str:
    """Name a kind, and how its cells are written."""
    if written is None:
        return kind
    return (
        f"{kind}, like {written.example}"
        if isinstance(written, NumberFormat)
        else f"{kind}, {written.format}"
    )
