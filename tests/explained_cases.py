"""Results over the options of every verb, each with the numbers that its explanation may speak of."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from explained import Cut, columns, wilson
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import imbalance_accessor as imb

Pool = list[Any]
QUICK: dict[str, Any] = {"model": "naive_bayes", "cv": 2, "progress": False, "n_jobs": 1}
FRAUD = pd.DataFrame({"y": [0] * 950 + [1] * 50})
LABELS = ["a", "b", "c"]


@cache
def churn() -> pd.DataFrame:
    return imb.make_churn(400, 0.15)


@cache
def table(n: int = 400, share: float = 0.2, seed: int = 1) -> pd.DataFrame:
    """Two informative columns, an amount, a probability, a margin, groups and days."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % round(1 / share) == 0
    frame = pd.DataFrame({"a": rng.normal(y * 1.2, 1, n), "b": rng.normal(y * 0.6, 1, n)})
    odds = -1.8 + 1.2 * frame["a"]
    return frame.assign(
        amount=rng.uniform(20, 60, n).round(2),
        p=1 / (1 + np.exp(-odds)),
        m=odds,
        who=np.arange(n) // 4,
        day=np.arange(n),
        y=np.where(y, "yes", "no"),
    )


@cache
def three() -> pd.DataFrame:
    frame = table()[["a", "b"]].copy()
    frame["y"] = np.where(table()["y"] == "no", "a", np.where(np.arange(400) % 10 == 0, "b", "c"))
    return frame


def features() -> pd.DataFrame:
    return table()[["a", "b", "y"]]


# ---------------------------------------------------------------- counts, weights, split


def rows_for_5_points() -> int:
    n = 1
    while (lambda ends: ends[1] - ends[0])(wilson(0.5 * n, n)) / 2 > 0.05:
        n += 1
    return n


def of_counts(y: pd.Series, label: Any = None, test: int | None = None, size: float = 0.2) -> Pool:
    """Rows of the positive or rarest class, shares, the ratio, the recall's interval on the test rows."""
    rows = y.value_counts()
    rare = rows.index[-1] if label is None else label
    minority = rows.index[-1] if rare == rows.index[0] else rare
    n, of = int(rows.sum()), [int(rows[each]) for each in {rare, minority}]
    test = round(size * int(rows[rare])) if test is None else test
    ratio = rows.max() / rows[minority]
    known = [*wilson(0.8 * test, test), test, rows_for_5_points(), 0.8, 0.5, 5, 0.95, size]
    return [n, *of, *(each / n for each in of), rows.max() / n, 1, ratio, *known]


def of_weights(
    y: pd.Series, made: dict[Any, float], pair: tuple[Any, Any], beta: float | None = None
) -> Pool:
    rows = y.value_counts()
    n, k, (label, other) = int(rows.sum()), len(rows), pair
    w = np.array([made[each] for each in rows.index])
    weight = rows.to_numpy() * w / (rows.to_numpy() * w).sum()
    shares, at = rows.to_numpy() / n, list(rows.index).index(label)
    pool: Pool = [n, k, int(rows[label]), made[label], made[other], shares[at], weight[at], 1, 0.5, 0]
    pool += [1 - (shares**2).sum(), 1 - (weight**2).sum(), *([] if beta is None else [beta])]
    if made[label] and made[other]:
        ratio = made[label] / made[other]
        pool += [ratio, 1 / (1 + ratio), 1 / ratio, 1 / (1 + 1 / ratio)]
    return pool


def balanced(y: pd.Series, power: float = 1.0) -> dict[Any, float]:
    rows = y.value_counts()
    return {label: (len(y) / (len(rows) * count)) ** power for label, count in rows.items()}


def effective(y: pd.Series, beta: float = 0.999) -> dict[Any, float]:
    rows = y.value_counts()
    raw = {label: (1 - beta) / (1 - beta**count) for label, count in rows.items()}
    return {label: value * len(rows) / sum(raw.values()) for label, value in raw.items()}


def weighed(frame: pd.DataFrame, pair: tuple[Any, Any], made: dict[Any, float], **options: Any) -> Any:
    return imb.weights(frame, "y", **options), [
        *of_weights(frame["y"], made, pair, 0.999 if options.get("method") == "effective" else None),
        *(each for each in pair if isinstance(each, int)),
    ]


def changed() -> Any:
    found = imb.weights(FRAUD, "y")
    found[1] = 7.0
    return found, [*of_weights(FRAUD["y"], {0: 1000 / 1900, 1: 7.0}, (1, 0)), 1, 0]


def of_split(y_train: pd.Series, y_test: pd.Series, label: Any) -> Pool:
    train, test = int((y_train == label).sum()), int((y_test == label).sum())
    n = len(y_train), len(y_test)
    return [*n, train, test, train / n[0], test / n[1], *wilson(0.8 * test, test), 0.8, 0.95]


def divided(frame: pd.DataFrame, label: Any, **options: Any) -> Any:
    found = imb.split(frame, "y", **options)
    y = found.y_train, found.y_test
    if not options:
        y = tuple(train_test_split(frame, test_size=0.2, stratify=frame["y"], random_state=0))
        y = y[0]["y"], y[1]["y"]
    return found, of_split(*y, label)


# ---------------------------------------------------------------- smote


def resampled(frame: pd.DataFrame, target: str = "y", k: int = 5, labels: Any = (), **options: Any) -> Any:
    found = imb.smote(frame, target, **options)
    train, test = train_test_split(frame, test_size=0.2, stratify=frame[target], random_state=0)
    before, after = train[target].value_counts(), found.y_train.value_counts()
    rare, most = before.index[-1], before.index[0]
    made = int(found.is_synthetic.sum())
    kept = len(found.X_train) - made
    factor = (after[rare] / after[most]) / (before[rare] / before[most])
    rows = [*before, *after, len(train), len(test), len(found.X_train), made, len(train) - kept]
    return found, [*map(int, rows), *labels, k, 0, 1, 0.5, factor]


def categories() -> pd.DataFrame:
    return churn()[["contract", "churn"]].assign(candidate=np.where(np.arange(400) % 3, "x", "z"))


# ---------------------------------------------------------------- fit_eval


@cache
def evaluation(kind: str = "usual") -> Any:
    options: dict[str, dict[str, Any]] = {
        "usual": {},
        "alone": {"strategies": []},
        "svm": {"model": "svm", "strategies": ["class_weight"]},
        "brier": {"metric": "brier", "strategies": ["oversample"]},
        "permuted": {"strategies": [], "permutations": 3},
        "majority": {"pos_label": "no", "strategies": ["class_weight"]},
        "mcc": {"criterion": "mcc", "metric": "roc_auc", "strategies": ["smote"]},
        "focal": {"model": "logistic", "strategies": ["focal"]},
        "fitted": {
            "model": LogisticRegression().fit(table(300)[["a", "b"]], table(300)["y"]),
            "fitted": True,
        },
    }
    return imb.fit_eval(features(), "y", **(QUICK | options[kind]))


def of_evaluation(found: Any, y: pd.Series, label: Any) -> Pool:
    frame, several = found.frame, not found.is_binary
    test = y.loc[found.scores.query("part == 'test'").index.unique()]
    share, n = (y == label).mean(), len(y)
    criterion = found.settings.criterion + ("" if several else "_tuned")
    pool: Pool = [
        int((y == label).sum()),
        n,
        share,
        int((test == label).sum()),
        len(test),
        (test == label).mean(),
        1,
        0.95,
    ]
    constant = (
        (test == y.value_counts().index[0]).mean()
        if several
        else max((test == label).mean(), (test != label).mean())
    )
    scored = found.scores.query("strategy == 'none' and part == 'train'")
    there = scored.loc[scored.iloc[:, 4:].notna().any(axis=1), y.name] == label
    pool += [constant, frame.loc["dummy", found.settings.metric], len(frame) - 1, len(there)]
    pool += [there.mean()] if not several else [found.comparison.dummy[found.settings.metric]]
    n_test, hits = len(test), int((test == label).sum())
    harmonic = sum(1 / each for each in range(1, n_test + 1))  # a random order's average precision
    pool += [((hits - 1) / (n_test - 1) * (n_test - harmonic) + harmonic) / n_test]
    for name in frame.index[:-1]:
        pool += columns(frame, name, [found.settings.metric])
        pool += columns(frame, name, [criterion, found.settings.criterion])
        pool += [] if several else [frame.loc[name, "mean_probability"]]
        if not several:
            scores = found.scores.query("strategy == @name").iloc[:, 4].dropna()
            pool += [
                frame.loc[name, "threshold"],
                Cut(frame.loc[name, "threshold"], scores),
            ]  # rounded, and exact
    floor = frame.loc["dummy", criterion]
    for name in found.differences.index:
        pool += columns(found.differences, name, [found.settings.metric])
    if found.permuted is not None:
        real, made = frame.loc["none", "average_precision"], found.permuted.shuffled
        pool += [real, len(made), made.median(), made.max(), (1 + (made >= real).sum()) / (1 + len(made))]
    return [*pool, floor]


def evaluated(kind: str, label: str = "yes") -> Any:
    found = evaluation(kind)
    return found, of_evaluation(found, features()["y"], label)


@cache
def several_evaluated(pos_label: str | None = None) -> Any:
    found = imb.fit_eval(
        three(), "y", strategies=["class_weight", "smote+class_weight"], pos_label=pos_label, **QUICK
    )
    rarest = three()["y"].value_counts().index[-1]
    return found, of_evaluation(found, three()["y"], pos_label or rarest)


# ---------------------------------------------------------------- best_threshold


def near(t: Any, threshold: float) -> Pool:
    """Mean score and share of positives over all rows that chose, and over those near a threshold, from the table."""
    rows = t.frame.iloc[1:] if np.isinf(t.frame["threshold"].iloc[0]) else t.frame
    score = rows["threshold"].to_numpy()
    pos, neg = (np.diff(t.frame[each].to_numpy(), prepend=0)[-len(score) :] for each in ("tp", "fp"))
    pool: Pool = []
    odds = (score / (1 - score)) / (threshold / (1 - threshold))
    for here in (np.ones(len(score), bool), (odds <= 2) & (odds >= 0.5)):
        n, hits = (pos + neg)[here].sum(), pos[here].sum()
        pool += [int(n), ((pos + neg) * score)[here].sum() / max(n, 1), hits / max(n, 1), *wilson(hits, n)]
    return pool


def applied(t: Any) -> Any:
    """The row of the table of thresholds that flags what the threshold flags, which is rounded down from it."""
    return t.frame[t.frame["threshold"] >= t.found.threshold].iloc[-1]


def of_threshold(t: Any, metric: str, *more: Any, theory: float | None = None) -> Pool:
    report, frame = t.report, t.frame
    pool: Pool = [*more, len(frame) - 1, 0.95, 1, 2]
    for name in report.index.drop("claimed"):
        row = report.loc[name]
        tp, fp, fn, tn = (int(row[each]) for each in ("tp", "fp", "fn", "tn"))
        pool += [fp, fn, tp + fn, tp + fp, tp + fp + fn + tn, row["flag_rate"]]
        pool += columns(report, name, ["precision", "recall", metric])
        pool += [float(row["cost"]), abs(float(row["cost"]))] if "cost" in row else []
        pool += [0.5] if name == "default" else []
        pool += [*columns(report, name, ["cost_per_row"]), abs(row["cost_per_row"])] if "cost" in row else []
    costs, counted = t.asked.costs or {}, report.iloc[0]
    if costs and not t.asked.cost_columns:  # everyone is flagged, or nobody
        pos, neg = counted["tp"] + counted["fn"], counted["fp"] + counted["tn"]
        for flagged in (costs["tp"] * pos + costs["fp"] * neg, costs["fn"] * pos + costs["tn"] * neg):
            pool += [flagged, abs(flagged), flagged / (pos + neg), abs(flagged / (pos + neg))]
    at = "chosen" if t.feasible else "nearest"
    pool += [report.loc[at, "threshold"], Cut(report.loc[at, "threshold"], frame["threshold"])]
    if not t.feasible:
        here = applied(t)
        pool += [here["precision"], here["recall"], here["flag_rate"]]
    claimed = report.loc["claimed"]
    pool += [
        claimed["threshold"],
        claimed.iloc[1:].max(),
        Cut(claimed["threshold"], [*frame["threshold"], *t.strategy_scores.labelled_scores.score]),
    ]
    pool += [
        501,
        *([t.found.ranking_signal.auc] if t.found.ranking_signal else []),
        *t.found.one_sided_cv.values(),
    ]
    pool += [
        *t.fold_thresholds.values(),
        t.threshold_ci.low,
        t.threshold_ci.high,
        np.mean(np.isnan(t.threshold_ci.thresholds)),
    ]
    if theory is not None:
        pool += [theory, *near(t, theory)]
    elif t.asked.cost_columns and isinstance(t.found.theory, np.ndarray):  # judged at the rows' median
        pool += near(t, float(np.median(t.found.theory)))
    return [each for each in pool if isinstance(each, Cut) or not math.isnan(each)]


HARMONIC = (1.0, 0.01, 2 * 1.0 * 0.01 / 1.01, (1.0 + 0.01) / 2)
MONEY = {"fn": 50_000, "fp": 500}
GAINS = {"fn": 0, "fp": 12.5, "tp": -300, "tn": -2}
BY_ROW = {"fn": "amount", "fp": 5}


def cut_of(
    metric: str = "f1", pool: Any = (), theory: Any = None, kind: str = "usual", **options: Any
) -> Any:
    t = evaluation(kind).best_threshold("none", **options)
    return t, of_threshold(t, metric, *pool, theory=None if theory is None else theory(t))


def cut_scores(metric: str = "f1", pool: Any = (), theory: Any = None, **options: Any) -> Any:
    scores = options.pop("scores", "p")
    others = [each for each in ("p", "m") if each != scores]
    t = imb.best_threshold(table().drop(columns=others), "y", scores=scores, cv=2, progress=False, **options)
    return t, of_threshold(t, metric, *pool, theory=None if theory is None else theory(t))


def half(t: Any) -> float:
    return float(applied(t)["f1"] / 2)


def elkan(t: Any) -> float:
    return 500 / 50_500


def by_amount() -> Pool:
    share = 5 / (5 + table()["amount"])
    return [5, share.min(), share.max()]


# ---------------------------------------------------------------- reliability, costs of several classes, leaks


def of_reliability(r: Any, odds: dict[str, float] | None = None) -> Pool:
    y = r.report.y
    n, share = len(y), y.mean()
    pool: Pool = [
        0.3,
        share,
        *wilson(y.sum(), n),
        *range(1, len(r.scores_by_strategy) + 1),
        *(odds or {}).values(),
        0.5,
    ]
    learned = r.report.y_learned
    pool += [learned.mean(), *wilson(learned.sum(), len(learned))]
    names = [
        "brier",
        "mean_probability",
        "miscalibration",
        "discrimination",
        "uncertainty",
        "ece",
        "ece_expected_high",
    ]
    for (strategy, calibrator), row in r.frame.iterrows():
        chosen = calibrator in {"none", "prior", r.best[strategy]}
        pool += columns(
            r.frame,
            (strategy, calibrator),
            [*names, "calibration_intercept", "calibration_slope"] if chosen else [],
        )
        p = r.report.rows[strategy, calibrator].p
        if not chosen or np.isnan(p).any() or row.empty:
            continue
        edges = np.percentile(p, np.linspace(0, 100, 11))
        place = np.digitize(p, edges[1:-1], right=True)
        for each in np.unique(place):
            here = place == each
            pool += [int(here.sum()), p[here].mean(), y[here].mean(), *wilson(y[here].sum(), here.sum())]
    return [each for each in pool if not math.isnan(each)]


def calibrated(names: list[str], kind: str = "usual", **options: Any) -> Any:
    r = evaluation(kind).reliability(names, **options)
    train = train_test_split(features(), test_size=0.2, stratify=features()["y"], random_state=0)[0]["y"]
    no, yes = int((train == "no").sum()), int((train == "yes").sum())
    return r, of_reliability(r, {"balanced": no / yes})


def calibrated_scores(**options: Any) -> Any:
    r = imb.reliability(table().drop(columns="m"), "y", scores="p", cv=2, progress=False, **options)
    return r, of_reliability(r)


def top_class() -> Any:
    r = imb.reliability(three(), "y", top_class=True, **QUICK)
    middle = np.median(r.report.rows["none", "none"].p)
    return r, [*of_reliability(r), min(math.ceil(10 * middle) / 10, 0.9)]


def cheap(matrix: Any) -> Any:
    costs = pd.DataFrame(matrix, LABELS, LABELS)
    found = imb.best_threshold(three(), "y", cost=costs, **QUICK)
    pool = [each for name in found.frame.index for each in found.frame.loc[name]]
    return found, [*pool, costs.to_numpy().max(), 80, 2001]


def leaking(frame: pd.DataFrame, target: str = "y", **options: Any) -> Any:
    found = imb.leaks(frame, target, cv=2, model="naive_bayes", progress=False, **options)
    table_ = found.frame
    pool: Pool = [
        len(frame),
        len(found.columns),
        len(table_),
        int(table_["found"].isna().sum()),
        int(table_["found"].sum()),
    ]
    pool += [
        *table_["rows"].dropna().astype(int),
        *table_["share"].dropna(),
        *found.columns["roc_auc"],
        sum(check.status != "cannot tell" for check in found.checks),
        len(found.parts.test),
    ]
    if found.demonstration is not None:
        pool += [*found.demonstration.frame["roc_auc"]]
    return found, pool


Case = Callable[[], Any]
DEAR = [[0, 1, 1], [8, 0, 8], [2.5, 2.5, 0]]
