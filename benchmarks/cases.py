"""What is timed against what: one case a row of the table in RESULTS.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from agreement import same_calibrated, same_figures, same_parts
from frames import adult_like, bank_like, continuous, half_whole, labels, mixed, scored, scored_frame
from peers.boosting_loop import boosting_loop
from peers.bootstrap_loop import bootstrap_loop
from peers.calibrated_loop import calibrated_loop
from peers.labels import balanced_weights, label_counts
from peers.threshold_search import every_cut, tuned
from sides import (
    FIRST_CALL,
    FIRST_LOOP,
    STEP,
    WITHOUT_WEIGHTS,
    Work,
    bare_split,
    best_threshold_of,
    boosted_evaluation,
    cut_and_reliability,
    evaluation,
    five_of_the_grid,
    in_steps,
    loop,
    no_fit,
    our_best_threshold,
    our_fit_eval,
    our_intervals,
    our_reliability,
    our_smote,
    our_split,
    our_weights,
    parts_of,
    peer_smote,
    same_intervals,
    starts,
)
from sklearn.metrics import precision_recall_curve

import imbalance_accessor as imb
from imbalance_accessor.leakage.run_checks import run_checks


@dataclass(frozen=True)
class Bound:
    """What must be reached.

    Attributes
    ----------
    ratio : float
        Ours may take this many times the peer's time,
    seconds : float
        and so much longer,
    split : float
        and this many times a bare split of the same frame.
    memory : float or None
        Ours may hold this many times the peer's peak.
    faster : bool
        Whether the ratio is said the other way round.
    """

    ratio: float
    seconds: float = 0.0
    split: float = 0.0
    memory: float | None = None
    faster: bool = False

    def allowed(self, peer: float, split: float) -> float:
        """Return the seconds that ours may take."""
        return self.ratio * peer + self.seconds + self.split * split

    @property
    def text(self) -> str:
        if self.faster:
            return f"≥ {1 / self.ratio:g} × faster"
        plus = f" + {self.seconds:g} s" if self.seconds else ""
        share = f" + {self.split:g} × a bare split" if self.split else ""
        memory = "" if self.memory is None else f"; memory ≤ {self.memory:g} ×"
        return f"≤ {self.ratio:g} ×{plus}{share}{memory}"


@dataclass(frozen=True)
class Case:
    """Two sides of the same work.

    Attributes
    ----------
    key, name, against : str
        What is typed to run it, and the first two cells of its row.
    bound : Bound
    make : callable
        Makes the data at a number of rows.
    rows, warm : int
        Rows that are timed, and of the frame both sides see before, for their imports.
    ours, peer : callable
        Take the data.
    rounds : int
    times : float
        How many times the peer's measured work makes its whole work.
    goes_on : bool
        Whether ours continues with what the peer returned, so that its time is that of both.
    check : callable or None
        Compares what both returned: a remark, and whether it is as it must be.
    is_verb : bool
        Whether a user calls this, so that its memory is held to the frame's.
    remark : str
        What a reader of the row must know.
    one_by_one : callable or None
        Ours with one fit at a time, as the peer has it: by default as many estimators as cores take memory at once.
    """

    key: str
    name: str
    against: str
    bound: Bound
    make: Callable[[int], Any]
    rows: int
    ours: Work
    peer: Work
    rounds: int
    warm: int = 2_000
    times: float = 1.0
    goes_on: bool = False
    check: Callable[[Any, Any], tuple[str, bool]] | None = None
    is_verb: bool = True
    remark: str = ""
    one_by_one: Work | None = None

    @property
    def sides(self) -> dict[str, Work]:
        found = {"ours": self.ours, "peer": self.peer}
        return found | ({"split": bare_split} if self.bound.split else {})

    @property
    def held(self) -> dict[str, Work]:
        """What memory is measured of."""
        alone = {} if self.one_by_one is None else {"one_by_one": self.one_by_one}
        return {"ours": self.ours, "peer": self.peer} | alone


# --- the cases ---


def resampling(key: str, name: str, make: Callable[[int], Any], rows: int, bound: Bound, rounds: int) -> Case:
    return Case(
        key=key,
        name=name,
        against="the same split + `SMOTE().fit_resample`",
        bound=bound,
        make=make,
        rows=rows,
        ours=our_smote,
        peer=peer_smote,
        rounds=rounds,
        check=same_parts,
    )


def text_columns(levels: int, most: float) -> Case:
    return Case(
        key=f"smotenc_{levels}",
        name=f"`smote`, mixed columns, 50,000 × 8, categories of {levels} levels",
        against="the same split + `SMOTENC().fit_resample`",
        bound=Bound(most, memory=1.0),
        make=lambda n: mixed(n, levels),
        rows=50_000,
        ours=our_smote,
        peer=peer_smote,
        rounds=3,
        check=same_parts,
    )


def evaluated(
    key: str, name: str, rows: tuple[int, int, float], bound: Bound, rounds: int, **sides: Any
) -> Case:
    n, n_features, rare = rows
    return Case(
        **{
            "key": key,
            "name": name,
            "against": "the hand-written loop, sequential",
            "bound": bound,
            "make": lambda size: continuous(size, n_features, rare),
            "rows": n,
            "ours": our_fit_eval,
            "peer": loop,
            "rounds": rounds,
            "check": same_figures,
            "one_by_one": partial(sides.get("ours", our_fit_eval), n_jobs=1),
            **sides,
        }
    )


def counting(kind: str) -> Case:
    return Case(
        key=f"counts_{kind}",
        name=f"`counts`, 10 M labels, {kind}",
        against="`Series.value_counts(dropna=False)`",
        bound=Bound(1.15, seconds=0.01),
        make=lambda n: labels(n, kind),
        rows=10_000_000,
        ours=imb.counts,
        peer=label_counts,
        rounds=9,
    )


CASES = (
    Case(
        key="import",
        name="`import imbalance_accessor`",
        against="`import pandas`",
        bound=Bound(1.05),
        make=lambda _: None,
        rows=0,
        ours=starts("import imbalance_accessor"),
        peer=starts("import pandas"),
        rounds=30,
        is_verb=False,
    ),
    Case(
        key="first_call",
        name="`import` and the first `fit_eval`, `make_churn()`, fresh process",
        against="the hand-written loop and its imports, fresh process",
        bound=Bound(1.0),
        make=lambda _: None,
        rows=0,
        ours=starts(FIRST_CALL),
        peer=starts(FIRST_LOOP),
        rounds=7,
        is_verb=False,
        remark="2,000 rows, of which both use 9 columns",
    ),
    *map(counting, ("int", "str", "category")),
    Case(
        key="weights",
        name="`weights`, 10 M labels, with `.sample_weight`",
        against="`compute_class_weight` + `compute_sample_weight`",
        bound=Bound(0.25),
        make=lambda n: labels(n, "int"),
        rows=10_000_000,
        ours=our_weights,
        peer=balanced_weights,
        rounds=3,
        check=lambda ours, peer: (
            "the same weights",
            dict(ours[0]) == peer[0] and np.array_equal(ours[1], peer[1]),
        ),
    ),
    Case(
        key="split",
        name="`split`, 1 M × 30",
        against="`train_test_split`",
        bound=Bound(1.5),
        make=lambda n: continuous(n, 30, 0.05),
        rows=1_000_000,
        ours=our_split,
        peer=bare_split,
        rounds=5,
        check=same_parts,
    ),
    resampling(
        "smote_rare",
        "`smote`, 284,807 × 30, 0.17 % rare",
        lambda n: continuous(n, 30, 0.0017),
        284_807,
        Bound(1.05, split=0.5),
        5,
    ),
    resampling(
        "smote_few_columns",
        "`smote`, 200,000 × 12, 20,000 rare, continuous",
        lambda n: continuous(n, 12, 0.1),
        200_000,
        Bound(0.6),
        3,
    ),
    resampling(
        "smote_many",
        "`smote`, 500,000 × 30, 50,000 rare",
        lambda n: continuous(n, 30, 0.1),
        500_000,
        Bound(1.05, split=0.5),
        3,
    ),
    *map(text_columns, (5, 50, 500), (0.25, 0.25, 0.6)),
    evaluated(
        "fit_eval_logistic",
        "`fit_eval`, logistic, default strategies, 100,000 × 20",
        (100_000, 20, 0.05),
        Bound(0.45),
        3,
    ),
    evaluated(
        "fit_eval_boosting",
        "`fit_eval`, boosting, without the class_weight row, 100,000 × 20",
        (100_000, 20, 0.05),
        Bound(0.8),
        2,
        ours=partial(our_fit_eval, model="boosting", strategies=WITHOUT_WEIGHTS),
        peer=partial(boosting_loop, target="y", weighted=False),
    ),
    evaluated(
        "fit_eval_boosting_weighted",
        "`fit_eval`, boosting, none and class_weight, 100,000 × 20",
        (100_000, 20, 0.05),
        Bound(0.8),
        1,
        ours=partial(our_fit_eval, model="boosting", strategies=("class_weight",)),
        peer=partial(boosting_loop, target="y", weighted=True),
    ),
    evaluated(
        "fit_eval_small", "`fit_eval`, logistic, 2,000 × 10", (2_000, 10, 0.1), Bound(1.2, seconds=0.5), 7
    ),
    evaluated(
        "fit_eval_bank",
        "`fit_eval`, logistic, 45,211 × 16 with 9 text columns",
        (45_211, 16, 0.117),
        Bound(1.0, memory=1.5),
        2,
        make=bank_like,
    ),
    evaluated(
        "fit_eval_adult",
        "`fit_eval`, logistic, 48,842 × 14 with 8 text columns",
        (48_842, 14, 0.239),
        Bound(0.2, memory=1.0),
        2,
        make=adult_like,
    ),
    Case(
        key="cut_and_reliability",
        name="`best_threshold` and `reliability` from one `Evaluation`, 100,000 × 20",
        against="`fit_eval` alone",
        bound=Bound(2.0),
        make=lambda n: continuous(n, 20, 0.05),
        rows=100_000,
        ours=cut_and_reliability,
        peer=evaluation,
        rounds=3,
        goes_on=True,
        check=no_fit,
        remark="ours is the peer's call and both results on top of what it returned",
    ),
    Case(
        key="cut_and_reliability_boosting",
        name="`best_threshold` and `reliability` from one `Evaluation`, boosting without class_weight, 100,000 × 20",
        against="`fit_eval` alone",
        bound=Bound(1.15),
        make=lambda n: continuous(n, 20, 0.05),
        rows=100_000,
        ours=cut_and_reliability,
        peer=boosted_evaluation,
        rounds=1,
        goes_on=True,
        check=no_fit,
        remark="ours is the peer's call and both results on top of what it returned",
    ),
    Case(
        key="reliability",
        name="`reliability`, 100,000 scores, sigmoid and isotonic, with intervals",
        against="the same calibrators with scikit-learn alone, without intervals",
        bound=Bound(1.0),
        make=lambda n: scored_frame(n, 0.05),
        rows=100_000,
        ours=our_reliability,
        peer=calibrated_loop,
        rounds=5,
        check=same_calibrated,
    ),
    Case(
        key="threshold_verb",
        name="`best_threshold` and its `.frame`, 1 M scores, `test_size=0`",
        against="one `precision_recall_curve`",
        bound=Bound(3.0),
        make=lambda n: scored_frame(n, 0.05),
        rows=1_000_000,
        ours=our_best_threshold,
        peer=lambda df: precision_recall_curve(df["y"], df["p"]),
        rounds=5,
    ),
    Case(
        key="threshold_grid",
        name="exact threshold search, 1 M scores",
        against="a loop over 100 thresholds × 3 scikit-learn metrics",
        bound=Bound(1 / 100, faster=True),
        make=lambda n: scored(n, 0.05),
        rows=1_000_000,
        ours=best_threshold_of,
        peer=five_of_the_grid,
        rounds=3,
        times=20.0,
        is_verb=False,
        remark="the peer's time is 20 × that of 5 of its 100 thresholds",
    ),
    Case(
        key="threshold_tuner",
        name="exact threshold search, 1 M scores",
        against="`TunedThresholdClassifierCV`'s search of 100 thresholds",
        bound=Bound(1 / 2, faster=True),
        make=lambda n: scored(n, 0.05),
        rows=1_000_000,
        ours=best_threshold_of,
        peer=lambda arrays: tuned(*arrays),
        rounds=2,
        is_verb=False,
    ),
    Case(
        key="threshold_every",
        name="exact threshold search, 20,000 scores",
        against="`metric_at_thresholds`",
        bound=Bound(1 / 500, faster=True),
        make=lambda n: in_steps(*scored(n, 0.05)),
        rows=20_000,
        ours=lambda arrays: best_threshold_of(arrays[:2]),
        peer=lambda arrays: every_cut(arrays[0], arrays[2]),
        rounds=3,
        times=STEP,
        is_verb=False,
        remark=f"the peer's time is {STEP} × that of as many rows whose scores take {20_000 // STEP} values",
    ),
    Case(
        key="intervals",
        name="bootstrap intervals, 200,000 test rows, 500 resamples",
        against="scikit-learn's 8 metric functions in a loop",
        bound=Bound(1 / 50, faster=True),
        make=lambda n: scored(n, 0.05),
        rows=200_000,
        ours=our_intervals,
        peer=lambda arrays: bootstrap_loop(*arrays, resamples=10),
        rounds=3,
        times=50.0,
        check=same_intervals,
        is_verb=False,
        remark="the peer's time is 50 × that of 10 of its 500 resamples",
    ),
    Case(
        key="leaks",
        name="the leak checks, 1 M × 30",
        against="one `df.duplicated()`",
        bound=Bound(3.0),
        make=lambda n: parts_of(continuous(n, 30, 0.05)),
        rows=1_000_000,
        ours=lambda given: run_checks(given[0]),
        peer=lambda given: given[1].duplicated(),
        rounds=3,
    ),
    Case(
        key="leaks_wide",
        name="the leak checks, 1,000 × 150, half of them whole numbers",
        against="one `fit_eval`, logistic, which runs them itself",
        bound=Bound(0.5),
        make=lambda n: parts_of(half_whole(n, 150)),
        rows=1_000,
        ours=lambda given: run_checks(given[0]),
        peer=lambda given: our_fit_eval(given[1]),
        rounds=3,
    ),
    Case(
        key="leaks_very_wide",
        name="the leak checks, 1,000 × 1,000, half of them whole numbers",
        against="one `fit_eval`, logistic, which runs them itself",
        bound=Bound(1.0),
        make=lambda n: parts_of(half_whole(n, 1_000)),
        rows=1_000,
        ours=lambda given: run_checks(given[0]),
        peer=lambda given: our_fit_eval(given[1]),
        rounds=2,
    ),
    Case(
        key="leaks_of_fit_eval",
        name="the leak checks, 100,000 × 30",
        against="one `fit_eval`, logistic, which runs them itself",
        bound=Bound(0.15),
        make=lambda n: parts_of(continuous(n, 30, 0.05)),
        rows=100_000,
        ours=lambda given: run_checks(given[0]),
        peer=lambda given: our_fit_eval(given[1]),
        rounds=2,
    ),
)
