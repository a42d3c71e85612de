"""Frames that the benchmarks make for themselves, so that they run where no data are."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Levels of the text columns of `wide_text`, as many as a bank's campaign data have.
LEVELS = {
    "job": 12,
    "marital": 3,
    "education": 4,
    "default": 2,
    "housing": 2,
    "loan": 2,
    "contact": 3,
    "month": 12,
    "outcome": 4,
}
NUMBERS = ("age", "balance", "day", "duration", "campaign", "days_since", "previous")


def wide_text(n: int = 45_211, positives: float = 0.117, seed: int = 0) -> pd.DataFrame:
    """Make a frame of 7 number and 9 text columns whose target ``y`` is "yes" in a share of the rows.

    The number columns are whole and skewed, in units as unlike as years and seconds; levels are uneven. The log odds
    of "yes" are linear in both, with noise, so that models rank well and not perfectly.
    """
    rng = np.random.default_rng(seed)
    frame, signal = {}, rng.normal(0.0, 1.5, n)
    for place, name in enumerate(NUMBERS):
        values = rng.gamma(1.0 + place, 1.0, n)
        signal += rng.normal(0.0, 0.8) * (values - values.mean()) / values.std()
        frame[name] = np.round(values * 10.0 ** (1 + place % 3)).astype(np.int64)
    for name, count in LEVELS.items():
        codes = rng.choice(count, n, p=rng.dirichlet(np.full(count, 2.0)))
        signal += rng.normal(0.0, 0.5, count)[codes]
        frame[name] = np.array([f"{name} {code}" for code in range(count)], dtype=object)[codes]
    yes = signal > np.quantile(signal, 1 - positives)
    return pd.DataFrame(frame).assign(y=np.where(yes, "yes", "no"))


def pure_noise(n: int = 2_000, positives: float = 0.05, n_features: int = 20, seed: int = 0) -> pd.DataFrame:
    """Make a frame of normal features that say nothing of the target ``y``, which is 1 in a share of the rows."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) < round(n * positives)).astype(int)
    X = rng.normal(size=(n, n_features))
    return pd.DataFrame(X, columns=[f"x{place}" for place in range(n_features)]).assign(y=y)
