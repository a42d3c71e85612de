"""Frames of five shapes in which nothing leaks, though their columns look odd in the ways that recorded ones do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SHAPES = ("continuous", "integers", "few levels", "natural repeats", "heavy tails")

Rng = np.random.Generator
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def honest(rng: Rng, shape: str, strength: float, lowest: float, rare: int) -> tuple[pd.DataFrame, Bools]:
    """Make features of a shape, and labels that follow a logistic model of them, before rounding, of such a slope."""
    n = between(rng, 800, 6000)
    d = between(rng, 5, 10 if shape == "natural repeats" else 15)
    factors = rng.normal(size=(n, 2)) @ rng.normal(size=(2, d))
    z = np.sqrt(0.8) * rng.normal(size=(n, d)) + np.sqrt(0.1) * factors
    if shape == "natural repeats":
        z = coarsened(z, rng.uniform(0.3, 0.6))
    weights = rng.dirichlet(np.full(d, rng.choice([0.1, 0.5])))  # one column may say nearly all
    signal = z @ (weights * rng.choice([-1, 1], d))
    signal = strength * (signal - signal.mean()) / signal.std() + rng.logistic(size=n)
    positives = max(rare, round(n * np.exp(rng.uniform(np.log(lowest), np.log(0.3)))))
    y = signal >= np.sort(signal)[-positives]
    return pd.DataFrame({f"x{place}": SHAPED[shape](rng, column) for place, column in enumerate(z.T)}), y


def between(rng: Rng, low: float, high: float) -> int:
    """Draw a whole number evenly on the logarithmic scale."""
    return int(np.exp(rng.uniform(np.log(low), np.log(high + 0.99))))


def coarsened(z: Floats, share: float) -> Floats:
    """Round to the finest grid on which such a share of the rows repeats another."""
    for step in np.geomspace(0.2, 20, 60):
        rounded: Floats = np.round(z / step)
        if 1 - len(np.unique(rounded, axis=0)) / len(z) >= share:
            break
    return rounded


def as_measured(rng: Rng, z: Floats) -> Any:
    return np.exp(0.5 * z) if rng.random() < 0.3 else rng.normal() * 10 + z * np.exp(rng.normal())


def as_whole(rng: Rng, z: Floats) -> NDArray[np.int64]:
    """Scores, counts or ages."""
    kinds = (np.round(z * rng.uniform(1.5, 40)), np.floor(np.exp(0.8 * z + 1)), np.clip(45 + 14 * z, 18, 95))
    return kinds[rng.integers(3)].astype(np.int64)


def as_levels(rng: Rng, z: Floats) -> Any:
    """Uneven levels along z, 2 to 60 of them, whose names do not tell the order; or a few whole numbers."""
    count = between(rng, 2, 60)
    codes = np.searchsorted(np.quantile(z, np.cumsum(rng.dirichlet(np.full(count, 2.0)))[:-1]), z)
    return codes if count < 10 and rng.random() < 0.3 else names("level", rng.permutation(count))[codes]


def names(word: str, codes: Any) -> NDArray[np.object_]:
    return np.array([f"{word} {code}" for code in codes], dtype=object)


def as_heavy(rng: Rng, z: Floats) -> Floats:
    tails = (np.exp(1.5 * z + 4), np.sinh(1.5 * z) * 100, z / np.sqrt(rng.chisquare(2, len(z)) / 2))
    return tails[rng.integers(3)]


SHAPED: dict[str, Callable[[Rng, Floats], Any]] = {
    "continuous": as_measured,
    "integers": as_whole,
    "few levels": as_levels,
    "natural repeats": lambda rng, z: (z * rng.integers(1, 6)).astype(np.int64),
    "heavy tails": as_heavy,
}


def page_blocks(rng: Rng) -> tuple[pd.DataFrame, Bools]:
    """Make blocks of a page, whole and rounded numbers computed from each other; ruled lines, mostly rare, lie on a line."""
    n = 5_472
    y = rng.random(n) < 0.1
    line = rng.random(n) < np.where(y, 0.6, 0.003)
    high = np.where(line, rng.integers(1, 4, n), np.floor(np.exp(rng.normal(2.1, 0.5, n))) + 1)
    long = np.floor(np.exp(rng.normal(np.where(line, 4.5, 3.8 - 1.5 * y), 1.0))) + 4
    ink = np.where(line & (rng.random(n) < 0.8), 1 - rng.exponential(0.01, n), rng.beta(4, 6, n))
    ink = ink.clip(0.05, 1).round(3)
    smeared = np.clip(ink + rng.beta(3, 4, n) * (1 - ink), 0.05, 1).round(3)
    area = high * long
    runs = np.where(line, rng.integers(1, 4, n), np.maximum(1, np.round(area * rng.uniform(0.1, 0.5, n) / 8)))
    whole = {
        "high": high,
        "long": long,
        "area": area,
        "black": np.round(ink * area),
        "and": np.round(smeared * area),
    }
    frame = pd.DataFrame(whole | {"runs": runs}).astype(np.int64)
    return frame.assign(
        longer=(long / high).round(3), ink=ink, smeared=smeared, run=(frame["black"] / runs).round(2)
    ), y


def recorded_again(rng: Rng) -> tuple[pd.DataFrame, Bools]:
    """Make coarse rows of which 30 to 60 % are other ones again, label, year and all; few cases come very often."""
    frame, y = honest(rng, "natural repeats", rng.uniform(0.36, 2.7), lowest=0.05, rare=60)
    frame = frame.assign(
        year=rng.integers(2012, 2022, len(y)), ward=names("ward", rng.integers(0, 12, len(y)))
    )
    kept = int(len(y) * rng.uniform(0.4, 0.7))
    often = rng.dirichlet(np.full(kept, 0.05))
    rows = np.concatenate([np.arange(kept), rng.choice(kept, len(y) - kept, p=often)])
    return frame.iloc[rows].reset_index(drop=True), y[rows]


# ---------------------------------------------------------------- columns beside them


def tilted(rng: Rng, y: Bools, most: float = 3.0) -> Bools:
    """A thing that is met up to `most` times as often, or as rarely, among positives, and never always."""
    common, ratio = rng.uniform(0.03, 0.5), np.exp(rng.uniform(-np.log(most), np.log(most)))
    return rng.random(len(y)) < np.where(y, min(common * ratio, 0.8), common)


def days(rng: Rng, n: int) -> pd.Series:
    return pd.Series(pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"))


def money_text(amounts: Any, sign: str = "$") -> NDArray[np.object_]:
    return np.array([f"{sign}{int(each):,}" for each in amounts], dtype=object)


def amount(rng: Rng, n: int) -> Floats:
    return np.asarray(np.round(np.exp(rng.normal(5, 1.2, n)), 2) + 0.01)


def levels(rng: Rng, y: Bools, count: int) -> NDArray[np.int64]:
    """Levels of uneven size, whose own odds differ by a factor of two or so."""
    sizes = rng.dirichlet(np.full(count, 1.0))
    among = sizes * np.exp(rng.normal(0, 0.6, count))
    return np.where(y, rng.choice(count, len(y), p=among / among.sum()), rng.choice(count, len(y), p=sizes))


def branch(rng: Rng, y: Bools) -> dict[str, Any]:
    """Make branches, whose region and size are theirs."""
    codes = levels(rng, y, 60)
    regions, sizes = names("region", rng.integers(0, 6, 60)), rng.integers(5, 90, 60)
    return {"branch": names("branch", range(60))[codes], "region": regions[codes], "staff": sizes[codes]}


def birth(rng: Rng, y: Bools) -> dict[str, Any]:
    """Make dates of birth and ages; positives are a little older."""
    old = np.clip(rng.normal(16_000, 4_500, len(y)) + rng.uniform(-2_500, 2_500) * y, 6_600, 34_000).astype(
        int
    )
    return {"birth_date": pd.Timestamp("2023-06-30") - pd.to_timedelta(old, unit="D"), "age": old // 365}


#: Columns that say a little of the label, or nothing.
EXTRAS: dict[str, Callable[[Rng, Bools], dict[str, Any]]] = {
    "has_card": lambda rng, y: {"has_card": tilted(rng, y, 5.0).astype(np.int64)},
    "is_new": lambda rng, y: {"is_new": np.where(tilted(rng, y), "yes", "no")},
    "late_fees": lambda rng, y: {"late_fees": np.where(tilted(rng, y), amount(rng, len(y)), 0.0)},
    "donated": lambda rng, y: {"donated": money_text(np.where(tilted(rng, y), amount(rng, len(y)), 0.0))},
    "price": lambda rng, y: {"price": money_text(amount(rng, len(y)) * np.exp(rng.uniform(-0.5, 0.5) * y))},
    "town": lambda rng, y: {"town": names("town", range(60))[levels(rng, y, between(rng, 2, 60))]},
    "branch": branch,
    "month": lambda rng, y: {"month": levels(rng, y, 12) + 1},
    "signed_on": lambda rng, y: {"signed_on": days(rng, len(y))},
    "last_visit": lambda rng, y: {
        "last_visit": days(rng, len(y)).dt.strftime("%Y-%m-%d").where(~tilted(rng, y))
    },
    "days_since": lambda rng, y: {"days_since": np.where(tilted(rng, y), rng.integers(1, 400, len(y)), -1)},
    "year": lambda rng, y: {"year": rng.integers(2012, 2022, len(y))},
    "birth": birth,
    "record_id": lambda rng, y: {"record_id": rng.permutation(len(y)) + 10_000},
    "customer_id": lambda rng, y: {"customer_id": rng.integers(0, len(y) // 4, len(y)) + 500},
    "income": lambda rng, y: {"income": pd.Series(amount(rng, len(y))).where(~tilted(rng, y))},
}
#: Those of few values, beside which rows still repeat, and ids, which no comparison of rows looks at.
COARSE = ("has_card", "is_new", "record_id")


def beside(rng: Rng, frame: pd.DataFrame, y: Bools, shape: str, most: int) -> pd.DataFrame:
    """Put missing cells at random into two columns, and some of the extra columns beside them."""
    coarse = shape == "natural repeats"
    for name in rng.permutation(frame.columns)[:2]:
        if not coarse:
            frame[name] = frame[name].where(rng.random(len(y)) > rng.uniform(0.01, 0.3))
    known = list(COARSE if coarse else EXTRAS)
    chosen = rng.permutation(known)[: rng.integers(2, min(most, len(known)) + 1)]
    for name in chosen:
        frame = frame.assign(**EXTRAS[name](rng, y))
    return frame
