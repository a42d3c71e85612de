"""Placeholder until the mergeable grid of scores is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imbalance_accessor.metrics.arrays import Bools, Floats


@dataclass(frozen=True, eq=False)
class ScoreGrid:
    levels: Floats
    counts: Floats

    @classmethod
    def of(cls, y: Bools, score: Floats, *, edges: Sequence[float] = ()) -> ScoreGrid:
        levels, place = np.unique(score, return_inverse=True)
        counts = np.column_stack([np.bincount(place, y == each, len(levels)) for each in (False, True)])
        return cls(levels, counts)

    def merged(self, other: ScoreGrid) -> ScoreGrid:
        levels, place = np.unique(np.concatenate([self.levels, other.levels]), return_inverse=True)
        both = np.concatenate([self.counts, other.counts])
        counts = np.column_stack([np.bincount(place, both[:, each], len(levels)) for each in (0, 1)])
        return ScoreGrid(levels, counts)

    def entries(self):
        y = np.repeat([False, True], len(self.levels))
        copies = self.counts.T.ravel().astype(np.int64)
        return y[copies > 0], np.tile(self.levels, 2)[copies > 0], copies[copies > 0]
