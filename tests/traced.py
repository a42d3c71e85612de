"""A frame with a rare class, and its strategies compared, for the tests of traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

QUICK: dict[str, Any] = {"cv": 2, "n_jobs": 1, "progress": False}
COMPARED = ["class_weight", "oversample", "undersample", "smote"]


def plain(n: int = 1000, share: int = 10, labels: tuple[str, str] = ("no", "yes")) -> pd.DataFrame:
    """Five columns, two of which know something; one row in `share` is of the second label."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % share == 0
    X = rng.normal(size=(n, 5)) + y[:, None] * np.array([1.0, 0.5, 0.0, 0.0, 0.0])
    return pd.DataFrame(X, columns=list("abcde")).assign(y=np.array(labels)[y.astype(int)])
