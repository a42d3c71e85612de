"""How often `leaks` finds a leak that was planted, and how often it accuses a frame that has none.

Planted: one leak each of ten kinds, in frames of five shapes, 800 to 6,000 rows, 2 to 30 % positive, beside columns of moderate
signal; the leak covers all positives or 30 to 100 % of them, never fewer than 20. Kinds by shape: all but interpolation, which
needs columns that are not rounded: continuous and heavy-tailed ones. Where a mark can stand on either side (a level, a zero, a
missing cell), a fifth of the leaks mark the common class, and all but a few of its rows.
Clean: the same shapes with honest signal of ROC-AUC 0.6 to 0.97, missing cells that say something and some that do not, amounts
that are mostly 0, flags, levels, dates, ids and money as text, down to 1 % positive; blocks of pages whose ruled lines lie on a
line; cases that were met twice, where IMB104 is right to count twins; days of -1, which IMB207 is right to ask about. Each is
asked in five orders of its rows.

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
from honest_frames import (
    SHAPES,
    Bools,
    Rng,
    amount,
    beside,
    days,
    honest,
    money_text,
    page_blocks,
    recorded_again,
)
from imblearn.over_sampling import SMOTE, RandomOverSampler

from imbalance_accessor.verbs.fit_eval import fit_eval
from imbalance_accessor.verbs.leaks import leaks

#: Columns of these have digits enough to lie on a line exactly.
UNROUNDED = ("continuous", "heavy tails")
ORDERS = 5
RECALL, FALSE_ALARMS = 0.95, 0.02


@dataclass(frozen=True)
class Case:
    """A frame with label ``y``; the planted column, what was planted, and codes that are true of a clean one."""

    name: str
    frame: pd.DataFrame
    column: str = ""
    flavour: str = ""
    true: tuple[str, ...] = ()


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
    n, cells = len(y), days(rng, len(y))
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
    return money_text(np.where(mark, rng.integers(100, 90_000, len(y)), 0), sign), f"{sign}, {flavour}"


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
    shape, place = SHAPES[seed % len(SHAPES)], seed // len(SHAPES)
    rng = np.random.default_rng([2, seed])
    if shape == "integers" and place % 4 == 0:
        return Case(f"clean, page blocks, seed {seed}", labelled(rng, *page_blocks(rng)))
    if shape == "natural repeats" and place % 2:
        frame, y = recorded_again(rng)
        return Case(f"clean, recorded again, seed {seed}", labelled(rng, frame, y), true=("IMB104",))
    frame, y = honest(rng, shape, rng.uniform(0.36, 2.7), lowest=0.01, rare=20)
    frame = labelled(rng, beside(rng, frame, y, shape, most=10), y)
    return Case(f"clean, {shape}, seed {seed}", frame, true=("IMB207",) if "days_since" in frame else ())


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
    codes = {each.code for each in said if _names(each, kind, case.column)}
    told = {"found": bool(codes), "said": bool(said), "codes": " ".join(sorted(codes))}
    return {"kind": kind, "case": case.name, "flavour": case.flavour, **told}


def _names(finding: Any, kind: str, column: str) -> bool:
    return finding.code in CODES[kind] if kind in CODES else repr(column) in finding.message


def judge_clean(seed: int, *, orders: int = ORDERS, fits: bool = False) -> dict[str, Any]:
    """Ask `leaks` of one frame in several orders; with `fits`, `fit_eval` of the first too."""
    case = clean(seed)
    results = [leaks(shuffled(case.frame, order), "y") for order in range(orders)]
    answers = pd.DataFrame([result.frame["found"].astype(float).fillna(-1) for result in results])
    said = [each for result in results for each in warned(result.findings)]
    if fits:
        found = fit_eval(shuffled(case.frame, 0), "y", strategies=["none"], n_jobs=1, progress=False).findings
        said += [each for each in warned(found) if each.code.startswith("IMB1")]
    messages = {each.code: str(each) for each in said if each.code not in case.true}
    changed = list(answers.columns[(answers != answers.iloc[0]).any()])
    return {"case": case.name, "messages": messages, "changed": changed}


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
    shown["codes"] = by_kind["codes"].apply(_counted)
    print(shown.round(3).to_string(), "\n\nNot found:")
    for row in table[~table["found"]].itertuples():
        print(f"  {row.case}: {row.flavour}{' (another warning)' if row.said else ''}")
    return bool((shown["recall"] >= RECALL).all())


def _counted(codes: Any) -> str:
    counts = codes.str.split().explode().value_counts()
    return ", ".join(f"{code} {count}" for code, count in counts.items())


def report_clean(rows: list[dict[str, Any]]) -> bool:
    accused, changed = [row for row in rows if row["messages"]], [row for row in rows if row["changed"]]
    share = len(accused) / len(rows)
    print(f"\nClean: {len(accused)} of {len(rows)} frames ({share:.1%}) carry a warning or an error.")
    for row in accused:
        print(f"  {row['case']}", *row["messages"].values(), sep="\n    ")
    print(f"Answers that change among {ORDERS} orders of the rows: {len(changed)} of {len(rows)} frames.")
    for row in changed:
        print(f"  {row['case']}: {', '.join(row['changed'])}")
    return share <= FALSE_ALARMS and not changed


if __name__ == "__main__":
    main()
