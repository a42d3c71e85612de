"""What an `Overview` holds, and what its words, code and card read."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from imbalance_accessor.data.features import Features
from imbalance_accessor.findings import Findings
from imbalance_accessor.rendering.result import Result
from imbalance_accessor.verbs.counts.result import Counts
from imbalance_accessor.verbs.weights.result import ClassWeights


@dataclass(frozen=True, repr=False, eq=False)
class OverviewData(Result):
    """The fields of an `Overview`, which documents them, and what follows from them."""

    counts: Counts
    weights: ClassWeights
    features: Features
    column_table: pd.DataFrame
    next_calls: tuple[str, ...]
    findings: Findings

    @property
    def frame(self) -> pd.DataFrame:
        """The counts' frame, with each class's balanced weight."""
        frame = self.counts.frame
        return frame.assign(weight=[self.weights[label] for label in frame.index])

    @property
    def columns(self) -> pd.DataFrame:
        """Each column: what it is read as, its missing cells, the levels of the others, and whether models use it or why not."""
        return self.column_table.copy()


def _missing_shares(features: Features) -> list[float]:
    """Return the share of missing cells of each column in the table that the rows were sampled from."""
    assert features.sample is not None
    counts_for = features.sample.labels.rows / features.target.rows
    each = counts_for[features.codes]
    return [float(each[features.X[name].isna()].sum() / each.sum()) for name in features.X]


def column_table(features: Features) -> pd.DataFrame:
    """Lay out how each column was read; see `Overview.columns`."""
    found, X = features.columns, features.X
    why_not = [found.left_out.get(name, "") for name in X]
    sampled = features.sample is not None and not features.sample.is_whole
    columns = {
        "read_as": list(found.kinds.values()),
        "missing": [int(X[name].isna().sum()) for name in X],
        **({"missing_share": _missing_shares(features)} if sampled else {}),
        "levels": pd.array(
            [None if found.kinds[name] in ("number", "date") else found.levels.get(name) for name in X],
            dtype="Int64",
        ),
        "used": [not why for why in why_not],
        "why_not": why_not,
    }
    return pd.DataFrame(columns, index=pd.Index(X.columns, name="column", tupleize_cols=False))
