"""Which safety of a pipeline these rows need: a short program leaves out what changes none of its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.process_state import cached_property


class SeenRows:
    """The rows that each fit of a plan learns from: every fold's, and the whole training set's.

    Parameters
    ----------
    plan : Plan
    scored : CrossValScores
    """

    def __init__(self, plan: Plan, scored: CrossValScores) -> None:
        self.X = plan.reader.features(scored.parts.train)
        self.columns = scored.parts.features.columns
        self.outcome = scored.train_codes
        whole = np.arange(len(self.X)) if scored.parts.kept is None else scored.parts.kept
        self.fits: list[Codes] = [whole, *(seen for seen, _ in scored.folds.every)]

    @cached_property
    def has_empty(self) -> bool:
        """Whether a column has no cell at all in some fit, so that an imputer would drop it."""
        filled = [self.X[name].notna().to_numpy() for name in self.columns.used]
        return not all(has[rows].any() for has in filled for rows in self.fits)

    def has_rare(self, share: float, *, grown: bool = False) -> bool:
        """Whether a level has less than a share of the rows in some fit; grown: after classes were made even."""
        return any(count < share * (self._even(rows) if grown else len(rows)) for rows, count in self._fewest)

    @cached_property
    def _fewest(self) -> list[tuple[Codes, int]]:
        """The rows of each fit, and of the rarest level that is met in it."""
        return list(self._counted())

    def _counted(self) -> Iterator[tuple[Codes, int]]:
        for name in self.columns.categorical:
            levels: Any = pd.factorize(self.X[name], use_na_sentinel=False)[0]
            for rows in self.fits:
                counts = np.bincount(levels[rows])
                yield rows, int(counts[counts > 0].min())

    def _even(self, rows: Codes) -> int:
        counts = np.bincount(self.outcome[rows])
        return int(len(counts) * counts.max())
