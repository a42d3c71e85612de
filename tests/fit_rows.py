"""A few rows for one fit to learn from and to score."""

from __future__ import annotations

import numpy as np
import pandas as pd

from imbalance_accessor.evaluation.fit import FitTask


def rows(n=40, labels=(0, 1)):
    rng = np.random.default_rng(0)
    y = np.resize(np.array(labels), n)
    X = pd.DataFrame(rng.normal(size=(n, 2)) + np.searchsorted(labels, y)[:, None], columns=["a", "b"])
    return FitTask(X, y, {}, X.head(7), len(labels))
