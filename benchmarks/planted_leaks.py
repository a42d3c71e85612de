"""How often `leaks` finds a leak that was planted, and how often it accuses a frame that has none.

Planted: one leak each of ten kinds, in frames of five shapes, 800 to 6,000 rows, 2 to 30 % positive, beside columns of moderate
signal; the leak covers all positives or 30 to 100 % of them, never fewer than 20. Kinds by shape: all but interpolation, which
needs columns that are not rounded: continuous and heavy-tailed ones. Where a mark can stand on either side (a level, a zero, a
missing cell), a fifth of the leaks mark the common class, and all but a few of its rows.
Clean: the same shapes with honest signal of ROC-AUC 0.6 to 0.97, missing cells that say something and some that do not, amounts
that are mostly 0, flags, levels, dates, ids and money as text, down to 1 % positive; each in five orders of its rows.

A leak is found when a warning or an error of an IMB1xx code names its column; copies when IMB102 says so, interpolation when
IMB103 or IMB102 does. The exit code is 0 when 95 % of each kind are found, at most 2 % of the clean frames carry a warning or an
error of any code, and no answer (`.frame["found"]`) changes with the order of rows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, RandomOverSampler
from numpy.typing import NDArray

from imbalance_accessor.verbs.fit_eval import fit_eval
from imbalance_accessor.verbs.leaks import leaks

SHAPES = ("continuous", "integers", "few levels", "natural repeats", "heavy tails")
#: Columns of these have digits enough to lie on a line exactly.
UNROUNDED = ("continuous", "heavy tails")
ORDERS = 5
RECALL, FALSE_ALARMS = 0.95, 0.02

Rng = np.random.Generator
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A frame with label ``y``; the planted column, and what was planted."""

    name: str
    frame: pd.DataFrame
    column: str = ""
    flavour: str = ""


# ---------------------------------------------------------------- honest rows


def honest(rng: Rng, shape: str, strength: float, lowest: float, rare: int) -> tuple[pd.DataFrame, Bools]:
    """Make features of a shape, and labels of which a logistic model of them, before rounding, has such a slope."""
    n = int(np.exp(rng.uniform(np.log(800), np.log(6000))))
    d = int(rng.integers(5, 11 if shape == "natural repeats" else 16))
    factors = rng.normal(size=(n, 2)) @ rng.normal(size=(2, d))
    z = np.sqrt(0.8) * rng.normal(size=(n, d)) + np.sqrt(0.1) * factors
    if shape == "natural repeats":
        z = coarsened(z, rng.uniform(0.3, 0.6))
    signal = z @ (rng.dirichlet(np.full(d, 0.5)) * rng.choice([-1, 1], d))
    signal = strength * (signal - signal.mean()) / signal.std() + rng.logistic(size=n)
    positives = max(rare, round(n * np.exp(rng.uniform(np.log(lowest), np.log(0.3)))))
    y = signal >= np.sort(signal)[-positives]
    shaped = {f"x{place}": _SHAPED[shape](rng, column) for place, column in enumerate(z.T)}
    return pd.DataFrame(shaped), y


def coarsened(z: Floats, share: float) -> Floats:
    """Round to the finest grid on which such a share of the rows repeats another."""
    for step in np.geomspace(0.2, 20, 60):
        rounded = np.round(z / step)
        if 1 - len(np.unique(rounded, axis=0)) / len(z) >= share:
            break
    return rounded


def as_measured(rng: Rng, z: Floats) -> Floats:
    return np.exp(0.5 * z) if rng.random() < 0.3 else rng.normal() * 10 + z * np.exp(rng.normal())


def as_whole(rng: Rng, z: Floats) -> NDArray[np.int64]:
    """Scores, counts or ages."""
    kinds = (np.round(z * rng.uniform(1.5, 40)), np.floor(np.exp(0.8 * z + 1)), np.clip(45 + 14 * z, 18, 95))
    return kinds[rng.integers(3)].astype(np.int64)


def as_levels(rng: Rng, z: Floats) -> Any:
    """Uneven levels along z, 2 to 60 of them, whose names do not tell the order; or a few whole numbers."""
    count = int(np.exp(rng.uniform(np.log(2), np.log(60.9))))
    edges = np.quantile(z, np.cumsum(rng.dirichlet(np.full(count, 2.0)))[:-1])
    codes = np.searchsorted(edges, z)
    names = np.array([f"level {place}" for place in rng.permutation(count)], dtype=object)
    return codes if count < 10 and rng.random() < 0.3 else names[codes]


def as_heavy(rng: Rng, z: Floats) -> Floats:
    tails = (np.exp(1.5 * z + 4), np.sinh(1.5 * z) * 100, z / np.sqrt(rng.chisquare(2, len(z)) / 2))
    return tails[rng.integers(3)]


_SHAPED: dict[str, Callable[[Rng, Floats], Any]] = {
    "continuous": as_measured,
    "integers": as_whole,
    "few levels": as_levels,
    "natural repeats": lambda rng, z: (z * rng.integers(1, 6)).astype(np.int64),
    "heavy tails": as_heavy,
}


# ---------------------------------------------------------------- honest columns beside them


def tilted(rng: Rng, y: Bools, most: float = 3.0) -> Bools:
    """A thing that is met up to `most` times as often, or as rarely, among positives, and never always."""
    common, ratio = rng.uniform(0.03, 0.5), np.exp(rng.uniform(-np.log(most), np.log(most)))
    return rng.random(len(y)) < np.where(y, min(common * ratio, 0.8), common)


def days(rng: Rng, n: int) -> pd.DatetimeIndex:
    return pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")


def dollars(amounts: Any, sign: str = "$") -> NDArray[np.object_]:
    return np.array([f"{sign}{int(each):,}" for each in amounts], dtype=object)


def amount(rng: Rng, n: int) -> Floats:
    return np.round(np.exp(rng.normal(5, 1.2, n)), 2) + 0.01


def town(rng: Rng, y: Bools) -> Any:
    """Levels of uneven size, whose own odds differ by a factor of two or so."""
    count = int(np.exp(rng.uniform(np.log(2), np.log(60.9))))
    sizes = rng.dirichlet(np.full(count, 1.0))
    among = sizes * np.exp(rng.normal(0, 0.6, count))
    codes = np.where(y, rng.choice(count, len(y), p=among / among.sum()), rng.choice(count, len(y), p=sizes))
    return np.array([f"town {code}" for code in range(count)], dtype=object)[codes]


def birth_year(rng: Rng, y: Bools) -> Any:
    return np.round(rng.normal(1975, 14, len(y)) - rng.uniform(-8, 8) * y).astype(np.int64)


#: Columns that say a little of the label, or nothing.
EXTRAS: dict[str, Callable[[Rng, Bools], Any]] = {
    "has_card": lambda rng, y: tilted(rng, y, 5.0).astype(np.int64),
    "is_new": lambda rng, y: np.where(tilted(rng, y), "yes", "no"),
    "late_fees": lambda rng, y: np.where(tilted(rng, y), amount(rng, len(y)), 0.0),
    "donated": lambda rng, y: dollars(np.where(tilted(rng, y), amount(rng, len(y)), 0.0)),
    "price": lambda rng, y: dollars(amount(rng, len(y)) * np.exp(rng.uniform(-0.5, 0.5) * y)),
    "town": town,
    "signed_on": lambda rng, y: days(rng, len(y)),
    "last_visit": lambda rng, y: pd.Series(days(rng, len(y)).strftime("%Y-%m-%d")).where(~tilted(rng, y)),
    "year": lambda rng, y: rng.integers(2012, 2022, len(y)),
    "birth_year": birth_year,
    "record_id": lambda rng, y: rng.permutation(len(y)) + 10_000,
    "customer_id": lambda rng, y: rng.integers(0, len(y) // 4, len(y)) + 500,
    "income": lambda rng, y: pd.Series(amount(rng, len(y))).where(~tilted(rng, y)),
}
#: Those of few values, beside which rows still repeat, and ids, which no comparison of rows looks at.
COARSE = ("has_card", "is_new", "record_id")


def beside(rng: Rng, frame: pd.DataFrame, y: Bools, shape: str, most: int) -> pd.DataFrame:
    """Add some of the honest columns, and put missing cells at random into two that are there."""
    names = list(COARSE if shape == "natural repeats" else EXTRAS)
    count = int(rng.integers(2, min(most, len(names)) + 1))
    added = {name: EXTRAS[name](rng, y) for name in rng.permutation(names)[:count]}
    for name in rng.permutation(frame.columns)[:2]:
        if shape != "natural repeats":
            frame[name] = frame[name].where(rng.random(len(y)) > rng.uniform(0.01, 0.3))
    return frame.assign(**added)


# ---------------------------------------------------------------- leaks


def marks(rng: Rng, y: Bools) -> tuple[Bools, str]:
    """Rows that are marked after the outcome: positives alone, or, in a fifth, the common class but for a few rows."""
    if rng.random() < 0.2:
        spared = rng.permutation(np.flatnonzero(~y))[: int(rng.uniform(0, 0.06) * y.sum())]
        mark = ~y
        mark[spared] = False
        return mark, "common class"
    mark = covered(rng, y)
    share = mark.sum() / y.sum()
    if mark.sum() >= 200 and rng.random() < 0.3:
        mark[rng.choice(np.flatnonzero(~y))] = True
    return mark, "all positives" if share == 1 else f"{share:.0%} of positives"


def covered(rng: Rng, y: Bools) -> Bools:
    """All positives, or 30 to 100 % of them, 20 at least."""
    at = rng.permutation(np.flatnonzero(y))
    share = 1.0 if rng.random() < 0.4 else rng.uniform(0.3, 1)
    return np.isin(np.arange(len(y)), at[: max(20, round(share * len(at)))])


def level(rng: Rng, y: Bools) -> tuple[Any, str]:
    mark, flavour = marks(rng, y)
    count = int(rng.integers(2, 9))
    others = rng.choice([f"stage {place}" for place in range(count)], len(y), p=rng.dirichlet(np.ones(count)))
    return np.where(mark, "closed", others).astype(object), flavour


def zero(rng: Rng, y: Bools) -> tuple[Any, str]:
    mark, flavour = marks(rng, y)
    above = rng.random() < 0.5
    amounts = amount(rng, len(y)) if rng.random() < 0.7 else rng.poisson(3, len(y)) + 1
    return np.where(mark == above, amounts, 0), f"{'> 0' if above else '= 0'}, {flavour}"


def missing(rng: Rng, y: Bools) -> tuple[Any, str]:
    mark, flavour = marks(rng, y)
    filled = rng.random() < 0.5
    cells: list[Any] = [
        rng.normal(size=len(y)),
        rng.choice(["mail", "phone", "visit"], len(y)),
        amount(rng, len(y)),
    ]
    given = pd.Series(cells[rng.integers(3)]).where(mark == filled)
    return given, f"{'filled' if filled else 'missing'} {given.dtype}, {flavour}"


def threshold(rng: Rng, y: Bools) -> tuple[Any, str]:
    """A quantity that the outcome was defined by, but for 0.4 % of the positives."""
    z = np.abs(rng.normal(size=len(y))) * np.where(y, 1, -1)
    off = rng.permutation(np.flatnonzero(y))[: int(0.004 * y.sum())]
    z[off] = -z[off]
    z *= rng.choice([-1, 1])
    kinds = {"continuous": z, "rounded": np.round(600 + 80 * z + 0.5 * np.sign(z)), "skewed": np.exp(2 * z)}
    name = rng.choice(list(kinds))
    return kinds[name], name


def date(rng: Rng, y: Bools) -> tuple[Any, str]:
    n, cells = len(y), pd.Series(days(rng, len(y)))
    mark, flavour = covered(rng, y), rng.choice(["filled", "export day", "later"])
    if flavour == "filled":
        cells = cells.where(mark)
    elif flavour == "export day":
        cells = cells.where(mark, pd.Timestamp("2023-07-01"))
    else:  # all rows have a date; those of positives are later, but for one in a hundred
        late = y & (rng.random(n) > 0.01)
        cells = cells + pd.to_timedelta(np.where(late, 920, 0), unit="D")
    text = rng.random() < 0.4
    return cells.dt.strftime("%Y-%m-%d") if text else cells, f"{flavour}{', text' if text else ''}"


def text_money(rng: Rng, y: Bools) -> tuple[Any, str]:
    """Money as text, "$0" exactly where the label is 0 (or 1), or where no positive was covered."""
    mark, flavour = marks(rng, y)
    sign = rng.choice(["$", "€", ""])
    return dollars(np.where(mark, rng.integers(100, 90_000, len(y)), 0), sign), f"{sign}, {flavour}"


def counter(rng: Rng, y: Bools) -> tuple[Any, str]:
    """Ids that were handed out class by class, the last ones to the positives that are covered."""
    mark = covered(rng, y)
    place = np.lexsort([rng.random(len(y)), mark]).argsort()
    number = 10_000 + np.cumsum(rng.integers(1, 2 if rng.random() < 0.5 else 9, len(y)))[place]
    text = rng.random() < 0.2
    flavour = f"{'text' if text else 'number'}, {mark.sum() / y.sum():.0%} of positives"
    return np.array([f"A{each:07d}" for each in number], dtype=object) if text else number, flavour


def group(rng: Rng, y: Bools) -> tuple[Any, str]:
    """Customers with 2 to 12 rows on average, all of one label."""
    rows = int(rng.integers(2, min(12, y.sum() // 10) + 1))
    who = np.where(
        y, rng.integers(0, y.sum() // rows, len(y)), rng.integers(0, (~y).sum() // rows, len(y)) + 50_000
    )
    who = rng.permutation(60_000)[who]
    text = rng.random() < 0.3
    return np.array([f"P-{each:05d}" for each in who], dtype=object) if text else who, f"{rows} rows each"


#: The planted column's names, as its owner might have them, and what makes it.
COLUMNS: dict[str, tuple[tuple[str, ...], Callable[[Rng, Bools], tuple[Any, str]]]] = {
    "level": (("status", "contract", "outcome_code"), level),
    "zero": (("recovered", "refund", "balance"), zero),
    "missing": (("body", "exit_channel", "settlement"), missing),
    "threshold": (("score", "pressure", "days_late"), threshold),
    "date": (("closed_on", "resolved_at", "last_update"), date),
    "text money": (("charged_off", "paid", "loss"), text_money),
    "counter": (("case_no", "id", "row_id"), counter),
    "group": (("customer_id", "patient_id", "account_no"), group),
}
SAMPLERS: dict[str, Callable[..., Any]] = {"copy": RandomOverSampler, "interpolation": SMOTE}
KINDS = (*COLUMNS, *SAMPLERS)
#: What else than the column's name says that a kind was found.
CODES = {"copy": {"IMB102"}, "interpolation": {"IMB102", "IMB103"}}


def planted(kind: str, seed: int) -> Case:
    """Make a frame with one leak; its shape follows from the seed."""
    shapes = UNROUNDED if kind == "interpolation" else SHAPES
    shape = shapes[seed % len(shapes)]
    rng = np.random.default_rng([1, KINDS.index(kind), seed])
    frame, y = honest(rng, shape, rng.uniform(0.3, 1.3), lowest=0.02, rare=40)
    name, column, flavour = f"{kind}, {shape}, seed {seed}", "", ""
    if kind == "interpolation":
        frame, y, flavour = grown(rng, kind, frame, y)
        return Case(name, shuffled(labelled(rng, frame, y), seed), column, flavour)
    frame = beside(rng, frame, y, shape, most=6)
    if kind == "copy":
        frame, y, flavour = grown(rng, kind, frame, y)
    else:
        names, make = COLUMNS[kind]
        column = str(rng.choice(names))
        cells, flavour = make(rng, y)
        frame = frame.drop(columns=column, errors="ignore")
        frame.insert(int(rng.integers(len(frame.columns) + 1)), column, cells)
    return Case(name, shuffled(labelled(rng, frame, y), seed), column, flavour)


def grown(rng: Rng, kind: str, frame: pd.DataFrame, y: Bools) -> tuple[pd.DataFrame, Bools, str]:
    """Resample all rows: as many of both classes, or half as many where that is still twice the class or more."""
    half = y.mean() < 0.18 and rng.random() < 0.3
    sampler = SAMPLERS[kind](sampling_strategy=0.5 if half else 1.0, random_state=0)
    frame, y = sampler.fit_resample(frame, y)
    return frame, np.asarray(y), "half as many" if half else "as many"


def clean(seed: int) -> Case:
    """Make a frame without a leak; its shape follows from the seed."""
    shape = SHAPES[seed % len(SHAPES)]
    rng = np.random.default_rng([2, seed])
    frame, y = honest(rng, shape, rng.uniform(0.36, 2.7), lowest=0.01, rare=20)
    frame = beside(rng, frame, y, shape, most=10)
    return Case(f"clean, {shape}, seed {seed}", labelled(rng, frame, y))


def labelled(rng: Rng, frame: pd.DataFrame, y: Bools) -> pd.DataFrame:
    return frame.assign(y=np.where(y, "yes", "no") if rng.random() < 0.5 else y.astype(np.int64))


def shuffled(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=seed, ignore_index=True)


# ---------------------------------------------------------------- what is said of them


def warned(findings: Any) -> list[Any]:
    return [each for each in findings if each.severity in ("warning", "error")]


def judge_planted(kind: str, seed: int) -> dict[str, Any]:
    """Ask `leaks`, and hold what it says against what was planted."""
    case = planted(kind, seed)
    said = [each for each in warned(leaks(case.frame, "y").findings) if each.code.startswith("IMB1")]
    wanted = CODES.get(kind)
    naming = [each for each in said if (each.code in wanted if wanted else repr(case.column) in each.message)]
    codes = sorted({each.code for each in naming})
    return {
        "kind": kind,
        "case": case.name,
        "flavour": case.flavour,
        "found": bool(codes),
        "said": bool(said),
    } | {"codes": " ".join(codes)}


def judge_clean(seed: int, *, fits: bool = False) -> dict[str, Any]:
    """Ask `leaks` of five orders of one frame; with `fits`, `fit_eval` of the first too."""
    case = clean(seed)
    results = [leaks(shuffled(case.frame, order), "y") for order in range(ORDERS)]
    answers = pd.DataFrame([result.frame["found"].astype(float).fillna(-1) for result in results])
    findings = [each for result in results for each in warned(result.findings)]
    if fits:
        quick: dict[str, Any] = {"strategies": ["none"], "n_jobs": 1, "progress": False}
        found = warned(fit_eval(shuffled(case.frame, 0), "y", **quick).findings)
        findings += [each for each in found if each.code.startswith("IMB1")]
    changed = answers.columns[(answers != answers.iloc[0]).any()]
    return {
        "case": case.name,
        "codes": sorted({each.code for each in findings}),
        "changed": list(changed),
    } | {"messages": sorted({str(each) for each in findings})}


def judged(work: Callable[..., Any], jobs: int, *given: Any) -> Iterator[Any]:
    if jobs == 1:
        return map(work, *given)
    with ProcessPoolExecutor(jobs) as pool:
        return iter(list(pool.map(work, *given)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planted", type=int, default=20, help="frames a kind")
    parser.add_argument("--clean", type=int, default=200, help="frames")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--fits", action="store_true", help="ask fit_eval of the clean frames too")
    given = parser.parse_args()
    holds = True
    if given.planted and given.kinds:
        pairs = [(kind, seed) for kind in given.kinds for seed in range(given.planted)]
        holds &= report_planted(pd.DataFrame(judged(judge_planted, given.jobs, *zip(*pairs, strict=True))))
    if given.clean:
        work = partial(judge_clean, fits=given.fits)
        holds &= report_clean(list(judged(work, given.jobs, range(given.clean))))
    sys.exit(not holds)


def report_planted(table: pd.DataFrame) -> bool:
    by_kind = table.groupby("kind", sort=False)
    shown = by_kind.agg(frames=("found", "size"), recall=("found", "mean"), any_warning=("said", "mean"))
    shown["codes"] = by_kind["codes"].apply(
        lambda codes: ", ".join(
            f"{code} {count}" for code, count in codes.str.split().explode().value_counts().items()
        )
    )
    print(shown.round(3).to_string(), "\n\nNot found:")
    for row in table[~table["found"]].itertuples():
        print(f"  {row.case}: {row.flavour}{' (another warning)' if row.said else ''}")
    return bool((shown["recall"] >= RECALL).all())


def report_clean(rows: list[dict[str, Any]]) -> bool:
    accused, changed = [row for row in rows if row["codes"]], [row for row in rows if row["changed"]]
    print(
        f"\nClean: {len(accused)} of {len(rows)} frames ({len(accused) / len(rows):.1%}) carry a warning or an error."
    )
    for row in accused:
        print(f"  {row['case']}", *row["messages"], sep="\n    ")
    print(f"Answers that change among {ORDERS} orders of the rows: {len(changed)} of {len(rows)} frames.")
    for row in changed:
        print(f"  {row['case']}: {', '.join(row['changed'])}")
    return len(accused) <= FALSE_ALARMS * len(rows) and not changed


if __name__ == "__main__":
    main()
