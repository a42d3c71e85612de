"""What a `Resampled` holds, and what its words, code, card and pictures read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from imbalance_accessor.findings import Findings
from imbalance_accessor.metrics.arrays import Codes
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.rendering.result import Result, cached_frame
from imbalance_accessor.splitting.split import Parts
from imbalance_accessor.verbs.smote.units import Units


@dataclass(frozen=True, repr=False, eq=False)
class ResampledData(Result):
    """The fields of a `Resampled`, which documents them, and what follows from them."""

    X_train: pd.DataFrame
    X_test: pd.DataFrame
    y_train: pd.Series
    y_test: pd.Series
    is_synthetic: pd.Series
    sampler: Estimator | None
    units: Units
    parts: Parts
    findings: Findings
    sample_weight: pd.Series | None = None

    def __iter__(self) -> Iterator[pd.DataFrame | pd.Series]:
        return iter((self.X_train, self.X_test, self.y_train, self.y_test))

    def __len__(self) -> int:
        return 4

    @property
    def _codes(self) -> Codes:
        """The class of each row of the training set, as a position among the target's classes."""
        place = {label: code for code, label in enumerate(self.parts.features.target.classes)}
        return np.asarray(self.y_train.map(place), dtype=np.intp)

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """Train rows of each class ``before`` and ``after``, how many were ``made`` and how many ``dropped``."""
        target = self.parts.features.target
        before = self.parts.train.rows(len(target.classes))
        codes = self._codes
        after = np.bincount(codes, minlength=len(before))
        made = np.bincount(codes[self.is_synthetic.to_numpy()], minlength=len(before))
        found = {"before": before, "after": after, "made": made, "dropped": before - (after - made)}
        return pd.DataFrame(found, index=pd.Index(target.classes, name=target.name, tupleize_cols=False))
