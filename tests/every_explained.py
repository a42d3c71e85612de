"""Every explained result by name, made once for all files that look at them; the numbers that it may speak of beside it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from explained_cases import (
    BY_ROW,
    DEAR,
    FRAUD,
    GAINS,
    HARMONIC,
    MONEY,
    Case,
    applied,
    balanced,
    by_amount,
    calibrated,
    calibrated_scores,
    categories,
    changed,
    cheap,
    churn,
    cut_of,
    cut_scores,
    divided,
    effective,
    elkan,
    evaluated,
    features,
    half,
    leaking,
    of_counts,
    of_weights,
    resampled,
    several_evaluated,
    table,
    three,
    top_class,
    weighed,
)
from imblearn.over_sampling import BorderlineSMOTE, RandomOverSampler

import imbalance_accessor as imb
from imbalance_accessor.rendering.result import Result

Y, FEW = FRAUD["y"], features()["y"]
GAPS = table()[["y"]].mask(np.arange(400)[:, None] % 7 == 1)
EVEN = pd.DataFrame({"y": ["a", "b"] * 30})
PAIR, OWN = (1, 0), {0: 0.5, 1: 4.0}

CASES: dict[str, Case] = {
    # counts, overview
    "counts": lambda: (imb.counts(FRAUD, "y"), [*of_counts(Y), 1]),
    "counts majority": lambda: (imb.counts(FRAUD, "y", pos_label=0), [*of_counts(Y, 0), 0]),
    "counts several": lambda: (imb.counts(three(), "y"), of_counts(three()["y"])),
    "counts one of several": lambda: (imb.counts(three(), "y", pos_label="c"), of_counts(three()["y"], "c")),
    "counts with gaps": lambda: (imb.counts(GAPS, "y"), of_counts(GAPS["y"].dropna())),
    "counts even": lambda: (imb.counts(EVEN, "y"), of_counts(EVEN["y"], "b")),
    "counts no test row": lambda: (
        imb.counts(FRAUD, "y", test_size=0.001),
        [*of_counts(Y, test=0, size=0.001), 1, 0],
    ),
    "overview": lambda: (
        imb.overview(features(), "y"),
        of_counts(FEW) + of_weights(FEW, balanced(FEW), ("yes", "no")),
    ),
    # weights
    "weights": lambda: weighed(FRAUD, PAIR, balanced(Y)),
    "weights sqrt": lambda: weighed(FRAUD, PAIR, balanced(Y, 0.5), method="sqrt"),
    "weights effective": lambda: weighed(FRAUD, PAIR, effective(Y), method="effective"),
    "weights own": lambda: weighed(FRAUD, PAIR, OWN, method=OWN),
    "weights own, less": lambda: weighed(FRAUD, PAIR, {0: 3.0, 1: 1.5}, method={0: 3.0, 1: 1.5}),
    "weights own, none": lambda: weighed(FRAUD, PAIR, {0: 0.0, 1: 2.0}, method={0: 0, 1: 2}),
    "weights majority": lambda: weighed(FRAUD, (0, 1), balanced(Y), pos_label=0),
    "weights several": lambda: weighed(three(), ("b", "a"), balanced(three()["y"])),
    "weights even": lambda: weighed(EVEN, ("b", "a"), balanced(EVEN["y"])),
    "weights changed": changed,
    # split
    "split": lambda: divided(features(), "yes"),
    "split groups": lambda: divided(table(), "yes", groups="who"),
    "split time": lambda: divided(table(), "yes", time="day"),
    "split own test": lambda: divided(features(), "yes", test=features().iloc[:40]),
    "split several": lambda: divided(three(), "b"),
    # smote
    "smote": lambda: resampled(features()),
    "smote three neighbours": lambda: resampled(features(), k=3, k_neighbors=3),
    "smote half": lambda: resampled(features(), ratio=0.5, scale=True),
    "smote several": lambda: resampled(three()),
    "smote numbers": lambda: resampled(features().assign(y=(FEW == "yes") * 1), labels=(0, 1)),
    "smote nothing": lambda: resampled(features(), ratio=0.1),
    "smote mixed": lambda: resampled(churn(), "churn", impute=True),
    "smote categories": lambda: resampled(categories(), "churn", kind="auto"),
    "smote own": lambda: resampled(features(), kind=RandomOverSampler(shrinkage=0.3, random_state=0)),
    "smote borderline-2": lambda: resampled(
        features(), kind=BorderlineSMOTE(kind="borderline-2", random_state=0)
    ),
    **{
        f"smote {kind}": lambda kind=kind: resampled(features(), kind=kind)
        for kind in ("borderline", "adasyn", "oversample", "undersample", "smote_tomek", "smote_enn")
    },
    # fit_eval
    **{
        f"fit_eval {kind}": lambda kind=kind: evaluated(kind)
        for kind in ("usual", "alone", "svm", "brier", "permuted", "mcc", "focal", "fitted")
    },
    "fit_eval majority": lambda: evaluated("majority", "no"),
    "fit_eval several": lambda: several_evaluated(),
    "fit_eval one of several": lambda: several_evaluated("b"),
    # best_threshold
    "threshold f1": lambda: cut_of(pool=HARMONIC, theory=half),
    "threshold f2": lambda: cut_of(
        "fbeta", HARMONIC, lambda t: applied(t)["fbeta"] / 5, criterion="fbeta", beta=2
    ),
    "threshold mcc": lambda: cut_of("mcc", [0], criterion="mcc"),
    "threshold g_mean": lambda: cut_of("g_mean", [0], criterion="g_mean"),
    "threshold accuracy": lambda: cut_of("accuracy", (), lambda t: 0.5, criterion="accuracy"),
    "threshold balanced": lambda: cut_of(
        "balanced_accuracy", (), lambda t: 64 / 320, criterion="balanced_accuracy"
    ),
    "threshold cost": lambda: cut_of("cost", MONEY.values(), elkan, cost=MONEY),
    "threshold gains": lambda: cut_of("cost", [0, 12.5, 300, 2, 14.5], lambda t: 14.5 / 314.5, cost=GAINS),
    "threshold cost with a limit": lambda: cut_of(
        "cost", [*MONEY.values(), 0.5], cost=MONEY, criterion="cost", min_precision=0.5
    ),
    "threshold precision": lambda: cut_of("recall", [0.5], min_precision=0.5),
    "threshold recall": lambda: cut_of("precision", [0.7], min_recall=0.7),
    "threshold infeasible": lambda: cut_of("f1", [*HARMONIC, 0.99, 0.5], min_precision=0.99, min_recall=0.5),
    "threshold sure": lambda: cut_of("recall", [0.3, 0.9], min_precision=0.3, confidence=0.9),
    "threshold sure, infeasible": lambda: cut_of(
        "recall", [0.95, 0.99, *np.linspace(0, 1, 1001)], min_precision=0.95, confidence=0.99
    ),
    "threshold nobody": lambda: cut_of(
        "precision", [0.002, 0], min_precision=None, max_flag_rate=0.002, criterion="precision"
    ),
    "threshold top_k": lambda: cut_of("precision", [40, 400, 0.1], top_k=40),
    "threshold flag rate": lambda: cut_of("recall", [0.15], max_flag_rate=0.15),
    "threshold svm": lambda: cut_of("f1", [*HARMONIC, 0], kind="svm"),
    "threshold svm cost": lambda: cut_of("cost", [*MONEY.values(), 0], kind="svm", cost=MONEY),
    "threshold fitted": lambda: cut_of("f1", HARMONIC, half, kind="fitted"),
    "threshold scores": lambda: cut_scores(pool=HARMONIC, theory=half),
    "threshold margins": lambda: cut_scores(pool=HARMONIC, scores="m"),
    "threshold without test": lambda: cut_scores(pool=HARMONIC, theory=half, test_size=0),
    "threshold cost by row": lambda: cut_scores("cost", by_amount(), cost=BY_ROW),
    "threshold cost by row without test": lambda: cut_scores("cost", by_amount(), cost=BY_ROW, test_size=0),
    "threshold groups": lambda: cut_scores(pool=HARMONIC, theory=half, groups="who"),
    "threshold time": lambda: cut_scores(pool=HARMONIC, theory=half, time="day"),
    "cheapest": lambda: cheap(DEAR),
    "cheapest even": lambda: cheap(1 - np.eye(3)),
    # reliability
    "reliability": lambda: calibrated(["none"]),
    "reliability weighted": lambda: calibrated(["class_weight"]),
    "reliability uncalibrated": lambda: calibrated(["none"], calibrators=[]),
    "reliability many": lambda: calibrated(
        ["none", "class_weight", "undersample", "smote"], calibrators=["prior", "sigmoid"]
    ),
    "reliability svm": lambda: calibrated(["none"], kind="svm"),
    "reliability svm uncalibrated": lambda: calibrated(["none"], kind="svm", calibrators=["prior"]),
    "reliability focal": lambda: calibrated(["focal"], kind="focal"),
    "reliability scores": lambda: calibrated_scores(),
    "reliability without test": lambda: calibrated_scores(test_size=0, calibrators=["sigmoid"]),
    "reliability top class": top_class,
    # leaks
    "leaks": lambda: leaking(features()),
    "leaks demonstrated": lambda: leaking(features(), demonstrate=True),
    "leaks found": lambda: leaking(
        pd.concat([table(seed=5).assign(refund=(table()["y"] == "yes") * 3.0)] * 3, ignore_index=True)
    ),
}


@cache
def made(case: str) -> tuple[Result, list[object]]:
    return CASES[case]()
