"""Frames that the benchmarks make for themselves, so that they run where no data are."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Levels of the text columns of `bank_like` and of `adult_like`: as many as a bank's campaign and a census have.
BANK_LEVELS = {
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
ADULT_LEVELS = {
    "workclass": 9,
    "education": 16,
    "marital": 7,
    "occupation": 15,
    "relationship": 6,
    "race": 5,
    "sex": 2,
    "country": 42,
}
BANK_NUMBERS = ("age", "balance", "day", "duration", "campaign", "days_since", "previous")
ADULT_NUMBERS = ("age", "weight", "years", "gain", "loss", "hours")


def bank_like(n: int = 45_211, seed: int = 0) -> pd.DataFrame:
    """Make a frame of 7 number and 9 text columns, 11.7 % of the rows positive; see `with_text`."""
    return with_text(n, BANK_NUMBERS, BANK_LEVELS, 0.117, seed)


def adult_like(n: int = 48_842, seed: int = 0) -> pd.DataFrame:
    """Make a frame of 6 number and 8 text columns, 23.9 % of the rows positive; see `with_text`."""
    return with_text(n, ADULT_NUMBERS, ADULT_LEVELS, 0.239, seed)


def with_text(
    n: int, numbers: tuple[str, ...], levels: dict[str, int], positives: float, seed: int = 0
) -> pd.DataFrame:
    """Make a frame of number and text columns whose target ``y`` is "yes" in a share of the rows.

    The number columns are whole and skewed, in units as unlike as years and seconds; levels are uneven. The log odds
    of "yes" are linear in both, with noise, so that models rank well and not perfectly.
    """
    rng = np.random.default_rng(seed)
    frame, signal = {}, rng.normal(0.0, 1.5, n)
    for place, name in enumerate(numbers):
        values = rng.gamma(1.0 + place, 1.0, n)
        signal += rng.normal(0.0, 0.8) * (values - values.mean()) / values.std()
        frame[name] = np.round(values * 10.0 ** (1 + place % 3)).astype(np.int64)
    for name, count in levels.items():
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


def half_whole(n: int, n_features: int) -> pd.DataFrame:
    """Make a frame like `continuous` with one row in ten positive, every second column in whole numbers."""
    frame = continuous(n, n_features, 0.1)
    whole = list(frame.columns.drop("y"))[1::2]
    return frame.assign(**{name: (frame[name] * 10).round().astype(int) for name in whole})


def labels(n: int, kind: str, rare: float = 0.01) -> pd.Series:
    """Make a column of labels, a share of them rare: whole numbers, text, or a category of that text."""
    codes = np.random.default_rng(0).permutation(np.arange(n) < round(n * rare)).astype(np.int64)
    if kind == "int":
        return pd.Series(codes, name="y")
    category = pd.Categorical.from_codes(codes, categories=["no", "yes"])
    if kind == "category":
        return pd.Series(category, name="y")
    return pd.Series(np.array(["no", "yes"], dtype=object)[codes], name="y")


def continuous(n: int, n_features: int, positives: float) -> pd.DataFrame:
    """Make a frame of normal features, shifted a little in the share of the rows where the target ``y`` is 1.

    At least 60 rows are positive, so that small frames can be resampled too.
    """
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(n) < max(round(n * positives), 60)).astype(int)
    X = rng.normal(size=(n, n_features)) + 0.3 * y[:, None]
    return pd.DataFrame(X, columns=[f"x{place}" for place in range(n_features)]).assign(y=y)


def mixed(n: int, levels: int) -> pd.DataFrame:
    """Make a frame of 5 normal columns and 3 text columns of so many levels each; ``y`` is 1 in a tenth of the rows."""
    rng = np.random.default_rng(0)
    frame = continuous(n, 5, 0.1)
    names = np.array([f"level {place}" for place in range(levels)], dtype=object)
    for place in range(3):
        frame.insert(5 + place, f"c{place}", names[rng.integers(0, levels, n)])
    return frame


def scored(n: int, positives: float) -> tuple[np.ndarray, np.ndarray]:
    """Return whether rows are positive, and distinct scores of a fair model."""
    rng = np.random.default_rng(0)
    y = rng.random(n) < positives
    return y, 1 / (1 + np.exp(4 - 2 * y - rng.normal(size=n)))


def scored_frame(n: int, positives: float) -> pd.DataFrame:
    """Return the same as columns ``y`` and ``p``."""
    y, p = scored(n, positives)
    return pd.DataFrame({"y": y.astype(int), "p": p})
