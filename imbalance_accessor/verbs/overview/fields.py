"""What an `Overview` holds, and what its words, code and card read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    findings: Findings

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Give the weights their rows back: as a plain dict they go through pickle without."""
        counts, weights = state["counts"], state["weights"]
        restored = ClassWeights(
            weights, target=counts.target, method=weights.method, beta=weights.beta, in_frame=counts.in_frame
        )
        self.__dict__.update(state, weights=restored)

    @property
    def frame(self) -> pd.DataFrame:
        """The counts' frame, with each class's balanced weight."""
        frame = self.counts.frame
        return frame.assign(weight=[self.weights[label] for label in frame.index])

    @property
    def columns(self) -> pd.DataFrame:
        """Each column, its kind (numeric, categorical, left out), why, and its missing cells."""
        found = self.features.columns
        kinds = dict.fromkeys(found.numeric, ("numeric", ""))
        kinds |= dict.fromkeys(found.categorical, ("categorical", ""))
        kinds |= {name: ("left out", reason) for name, reason in found.left_out.items()}
        rows = [(*kinds[name], int(self.features.X[name].isna().sum())) for name in self.features.X.columns]
        index = pd.Index(self.features.X.columns, name="column", tupleize_cols=False)
        return pd.DataFrame(rows, columns=["kind", "why", "missing"], index=index)
