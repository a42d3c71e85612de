"""The card of a `Counts`: what accuracy hides, and the rows of each class."""

from __future__ import annotations

import pandas as pd

from imbalance_accessor.errors import counted
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, Share, decimal, percent
from imbalance_accessor.verbs.counts import text
from imbalance_accessor.verbs.counts.fields import CountsData
from imbalance_accessor.verbs.shared.population import badges_of


def card(counts: CountsData) -> Card:
    """Return what is shown."""
    shares = counts.weighed.shares
    scored = "test rows" if counts.test_size else "rows out of fold"
    return Card(
        title=f"{percent(shares[counts._minority])} {counts.target.name}={counts.minority!r}: {text.severity(counts)}. "
        f"Always saying {counts.majority!r} scores {decimal(counts.accuracy_always_majority)}",
        figures=figures(counts),
        table=_table(counts),
        notes=(
            f"test_size={counts.test_size:g}, cv={counts.cv}. A recall of 0.8 on that many {scored} is known only within "
            f"its 95 % Wilson interval. To know one of 0.5 to ± 5 points, take {text.rows_that_tell(counts, scored)}.",
            *text.effective_rows(counts),
            *text.events_per_column(counts),
            *text.severity_rule(counts),
        ),
        findings=counts.findings,
        badges=badges_of(counts.weighed.weighting, counts.target, counts.weighed.sums),
    )


def figures(counts: CountsData) -> tuple[tuple[str, str], ...]:
    """Return the key figures, which an overview shows too."""
    target, focus = counts.target, counts._focus
    found = [
        ("ratio", f"1 : {text.short_ratio(counts.ratio)} (minority : majority)"),
        (
            "no-skill average precision",
            f"{decimal(counts.weighed.shares[focus])} (the share of {target.classes[focus]!r})",
        ),
    ]
    if counts.missing:
        found.append(("no label", counted(counts.missing, "row")))
    return tuple(found)


def _table(counts: CountsData) -> pd.DataFrame:
    frame = counts.frame
    ends = zip(frame["recall_80_low"], frame["recall_80_high"], strict=True)
    table = {
        "rows": frame["rows"].tolist(),
        **({} if counts.weighed.are_rows else {"weighted rows": text.rounded_rows(frame["weighted_rows"])}),
        "share": [Share(value) for value in frame["share"]],
        "train": frame["train_rows"].tolist(),
        "test": frame["test_rows"].tolist(),
        "per fold": frame["fold_rows"].tolist(),
        "recall 0.8 is": [Interval(0.8, low, high, digits=2) for low, high in ends],
    }
    return pd.DataFrame(table, index=frame.index)
