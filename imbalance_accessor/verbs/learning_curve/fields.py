"""What a `LearningCurve` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.findings import Findings
from imbalance_accessor.inspection.training_sizes import METRIC, TrainingSizes
from imbalance_accessor.rendering.result import Result, cached_frame


@dataclass(frozen=True, repr=False, eq=False)
class LearningCurveData(Result):
    """The fields of a `LearningCurve`, which documents them, and what follows from them."""

    plan: Plan
    scored: CrossValScores
    sizes: TrainingSizes
    findings: Findings

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """One row a size, indexed by its ``share`` of the training set's positives.

        ``positives`` and ``rows`` learned from (means over draws, and over folds where nothing is held out), ``draws`` of such
        parts, ``average_precision`` as their mean, its 95 % interval by resamples of the rows that are reported (``_low``,
        ``_high``), and its standard deviation over draws (``_sd``; nan for one draw).
        """
        sizes, once = self.sizes, np.array([share == 1 for share in self.sizes.shares])
        draws = np.where(once, 1, len(sizes.drawn))
        several = len(sizes.drawn) > 1
        spread = sizes.drawn.std(axis=0, ddof=1) if several else np.full(len(once), np.nan)
        found: dict[str, Any] = {"positives": sizes.positives, "rows": sizes.rows, "draws": draws}
        ends = {"": "points", "_low": "low", "_high": "high"}
        found |= {
            f"{METRIC}{end}": [getattr(each, name)[METRIC] for each in sizes.figures]
            for end, name in ends.items()
        }
        found[f"{METRIC}_sd"] = np.where(once, np.nan, spread)
        return pd.DataFrame(found, index=pd.Index(sizes.shares, name="share"))

    @property
    def gain(self) -> tuple[float, float, float]:
        """What a doubling of the positives brought in average precision, and its 95 % interval; nan for too few groups."""
        return self.sizes.gain, self.sizes.low, self.sizes.high

    @property
    def reported_on(self) -> str:
        """Which rows are reported, for a sentence."""
        n = len(self.scored.on_sample.reported_codes)
        return f"the same {n:,} {'test rows' if self.scored.held_out else 'rows out of fold'}"
