"""Frames with one to eight positives, each handed to every verb: what comes of it, and every fix run to the letter."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from fix_cases import run

from imbalance_accessor.errors import ImbalanceError

POSITIVES = (1, 2, 3, 4, 6, 8)
#: Frames by kind, and the option that rules their rows.
KINDS = {"plain": "", "groups": ', groups="who"', "time": ', time="when"', "both parts few": ""}
#: What may come of a call.
OUTCOMES = ("answer", "error with a fix", "error in words")
#: What may not, and what a fix may not do.
WRONG = ("foreign exception", "foreign warning", "fix that fails")
#: Each verb's call; those that take no groups and no times are called without.
VERBS = {
    "overview": 'df.imb.overview("y")',
    "counts": 'df.imb.counts("y")',
    "weights": 'df.imb.weights("y")',
    "split": 'df.imb.split("y"{})',
    "smote": 'df.imb.smote("y"{})',
    "fit_eval": 'df.imb.fit_eval("y"{}, n_jobs=1, progress=False)',
    "reliability": 'df.imb.reliability("y"{}, n_jobs=1, progress=False)',
    "best_threshold": 'df.imb.best_threshold("y"{}, n_jobs=1, progress=False)',
    "leaks": 'df.imb.leaks("y"{})',
}


def framed(positives: int, kind: str, seed: int) -> pd.DataFrame:
    """Return two numbers and a category beside labels, few of them positive; groups and times lie across them."""
    rng = np.random.default_rng(seed)
    n = positives + int(rng.integers(3, 12)) if kind == "both parts few" else 120
    y = np.zeros(n, dtype=int)
    y[rng.choice(n, positives, replace=False)] = 1
    frame = pd.DataFrame(
        {"a": rng.normal(size=n) + y, "b": rng.exponential(size=n), "c": rng.choice(list("uvw"), n)}
    )
    if kind == "groups":
        frame["who"] = rng.integers(0, 15, n)
    if kind == "time":
        frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 50, n), unit="D")
    return frame.assign(y=np.where(y, "yes", "no"))


@dataclass
class Tally:
    """What came of calls: counts by outcome, and a line for each that should not be."""

    found: Counter[str]
    wrong: list[str]

    def call(self, code: str, frame: pd.DataFrame) -> None:
        """Run a call and every fix that it gives, each in a namespace of its own that holds the frame alone."""
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                result, fixes = run(code, {"df": frame.copy()}), []
            except ImbalanceError as error:
                self.found["error with a fix" if error.fix else "error in words"] += 1
                result, fixes = None, [("error", error.fix)] if error.fix else []
            except Exception as error:
                self.add("foreign exception", code, error)
                return
            if result is not None:
                self.found["answer"] += 1
                fixes = [(each.code, each.fix) for each in getattr(result, "findings", ()) if each.fix]
            for name, fix in fixes:
                self.mend(name, str(fix), frame)
        for each in warned:
            self.add("foreign warning", code, each.message)

    def mend(self, name: str, fix: str, frame: pd.DataFrame) -> None:
        """Run a fix: the call must succeed, and what was found be gone."""
        try:
            result = run(fix, {"df": frame.copy()})
            left = name in getattr(getattr(result, "findings", None), "codes", ())
        except Exception as error:
            self.add("fix that fails", f"{name}: {fix}", error)
            return
        if left:
            self.add("fix that fails", f"{name}: {fix}", "the finding is still there")
        self.found["fix that mends"] += not left

    def add(self, outcome: str, code: str, why: object) -> None:
        """Count what should not be, and note it."""
        self.found[outcome] += 1
        self.wrong.append(f"{outcome}: {code}: {type(why).__name__} {' '.join(str(why).split())[:200]}")


def tried(positives: int, kind: str, verb: str, seeds: int) -> Tally:
    """Hand so many frames of a kind to a verb."""
    tally = Tally(Counter(), [])
    for seed in range(seeds):
        tally.call(VERBS[verb].format(KINDS[kind]), framed(positives, kind, seed))
    return tally
