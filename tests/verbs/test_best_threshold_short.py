"""The short code of `best_threshold`: few lines, well laid out, and the very threshold and figures of the result."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from snippet_checks import check_said_thresholds, churn_with_more, linted, said_thresholds
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}


@pytest.fixture(autouse=True, scope="module")
def _light():
    with threadpool_limits(1), draws_at_most(20):
        yield


COLUMN = {"fp": 1, "fn": "monthly_charges"}
SURE = {"min_recall": 0.3, "max_flag_rate": 0.6, "confidence": 0.8}
#: What is asked for, and the lines that the program has at most.
LINES = {
    "as it comes": ({}, 40),
    "costs": ({"cost": {"fp": 1, "fn": 10}}, 37),
    "costs that are no whole numbers": ({"cost": {"fp": 0.1, "fn": 0.7, "tp": -0.3, "tn": 0.01}}, 37),
    "a column of costs": ({"cost": COLUMN}, 41),
    "a precision": ({"min_precision": 0.3}, 36),
    "a precision and a recall": ({"min_precision": 0.2, "min_recall": 0.2}, 37),
    "a sure recall": ({"min_recall": 0.5, "confidence": 0.9}, 37),
    "a flag rate": ({"max_flag_rate": 0.1}, 36),
    "rows": ({"top_k": 50, "criterion": "precision"}, 36),
    "a limit and costs": ({"min_recall": 0.6, "cost": {"fp": 1, "fn": 3}}, 38),
    "a limit and a column of costs": ({"min_recall": 0.6, "cost": COLUMN}, 45),
    "out of reach": ({"min_precision": 1.0, "min_recall": 0.99}, 30),
    "by F2": ({"beta": 2}, 41),
    "by another beta": ({"beta": 0.7}, 42),
    "by mcc": ({"criterion": "mcc"}, 44),
    **{
        f"by {name}": ({"criterion": name}, most)
        for name, most in {"accuracy": 41, "balanced_accuracy": 46, "g_mean": 42}.items()
    },
    "class weights": ({"strategy": "class_weight"}, 41),
    "SMOTE": ({"strategy": "smote"}, 47),
    "SMOTE and costs": ({"strategy": "smote", "cost": {"fp": 1, "fn": 10}}, 44),
    "a forest": ({"model": RandomForestClassifier(10, random_state=0)}, 40),
    "margins": ({"model": "svm"}, 40),
    "naive Bayes by class weights": ({"model": "naive_bayes", "strategy": "class_weight"}, 44),
    "nothing held out": ({"test_size": 0}, 31),
    "the other class": ({"pos_label": "no"}, 42),
    "groups": ({"groups": "who"}, 46),
    "time": ({"time": "signup_date", "cv": 3}, 48),
    "time, nothing held out": ({"time": "signup_date", "cv": 3, "test_size": 0}, 39),
    "time, as numbers": ({"time": "tenure_months", "cv": 3}, 48),
    "folds dealt three times": ({"repeats": 3}, 52),
    "folds dealt three times, a limit": ({"repeats": 3, "min_recall": 0.5}, 41),
    "folds dealt twice, a sure limit": ({"repeats": 2, "min_recall": 0.5, "confidence": 0.9}, 43),
    "a prevalence": ({"prevalence": 0.02}, 49),
    "a prevalence and costs": ({"prevalence": 0.3, "cost": {"fp": 1, "fn": 10}}, 44),
    "a prevalence and a column of costs": ({"prevalence": 0.05, "cost": COLUMN}, 55),
    "a prevalence and balanced accuracy": ({"prevalence": 0.3, "criterion": "balanced_accuracy"}, 55),
    "a prevalence and mcc": ({"prevalence": 0.3, "criterion": "mcc"}, 52),
    "a prevalence and class weights": ({"prevalence": 0.02, "strategy": "class_weight"}, 50),
    "a prevalence, nothing held out": ({"prevalence": 0.3, "test_size": 0}, 37),
    "a prevalence under a limit": ({"prevalence": 0.05, "min_recall": 0.5}, 46),
    "a prevalence under sure limits": ({"prevalence": 0.3} | SURE, 52),
    "a prevalence, a sure flag rate": (
        {"prevalence": 0.3, "max_flag_rate": 0.2, "confidence": 0.8},
        50,
    ),
    "a prevalence, a sure precision": (
        {"prevalence": 0.05, "min_precision": 0.1, "confidence": 0.8},
        46,
    ),
    "a prevalence, folds dealt again": ({"prevalence": 0.05, "repeats": 2}, 56),
    "a prevalence, folds dealt again, sure limits": ({"prevalence": 0.3, "repeats": 2} | SURE, 57),
    "a prevalence, to which a sigmoid brings scores": ({"prevalence": 0.02, "strategy": "smote"}, 62),
    "the same of folds dealt again": ({"prevalence": 0.02, "strategy": "smote", "repeats": 2}, 71),
    "row weights": ({"sample_weight": "weight"}, 55),
    "row weights under a limit": ({"sample_weight": "weight", "min_recall": 0.5}, 49),
    "row weights under sure limits": ({"sample_weight": "weight"} | SURE, 57),
    "row weights and a column of costs": ({"sample_weight": "weight", "cost": COLUMN}, 57),
    "row weights and folds dealt again": ({"sample_weight": "weight", "repeats": 2}, 62),
    "row weights and a prevalence": ({"sample_weight": "weight", "prevalence": 0.05}, 62),
    "row weights, a prevalence and a sure precision": (
        {"sample_weight": "weight", "prevalence": 0.05, "min_precision": 0.1, "confidence": 0.8},
        65,
    ),
    "row weights of a forest": (
        {"sample_weight": "weight", "model": RandomForestClassifier(10, random_state=0)},
        54,
    ),
    "row weights past SMOTE": ({"sample_weight": "weight", "strategy": "smote"}, 86),
    "row weights by class": ({"sample_weight": "weight", "strategy": "class_weight"}, 70),
    "row weights and time": ({"sample_weight": "weight", "time": "signup_date", "cv": 3}, 70),
    "as features come": ({"preprocess": None, "model": RandomForestClassifier(10, random_state=0)}, 31),
    "given scores": ({"scores": "p"}, 25),
    "given scores and costs": ({"scores": "p", "cost": {"fp": 1, "fn": 10}}, 21),
    "given scores and a column of costs": ({"scores": "p", "cost": COLUMN}, 31),
    "given scores, nothing held out": ({"scores": "p", "test_size": 0}, 15),
    "given scores, the other class": ({"scores": "p", "pos_label": "no"}, 25),
    "given scores in the order of time": ({"scores": "p", "time": "signup_date", "cv": 3}, 35),
    "given scores of groups": ({"scores": "p", "groups": "who"}, 35),
    "given scores, folds dealt again": ({"scores": "p", "repeats": 3}, 25),
    "given scores and row weights": ({"scores": "p", "sample_weight": "weight"}, 33),
    "given scores and row weights by mcc": (
        {"scores": "p", "sample_weight": "weight", "criterion": "mcc"},
        36,
    ),
    "given scores, row weights and sure limits": (
        {"scores": "p", "sample_weight": "weight", "min_precision": 0.15} | SURE,
        38,
    ),
    "given scores, row weights and a prevalence": (
        {"scores": "true", "sample_weight": "weight", "prevalence": 0.3},
        38,
    ),
    "given scores and a prevalence": ({"scores": "true", "prevalence": 0.3}, 32),
}
#: What few lines do not say: the pipeline is the longer one, of which the numbers are the same.
LONGER = {
    "row weights past a cleaner": {"sample_weight": "weight", "strategy": "smote_tomek"},
    "a sigmoid in the order of time": {
        "prevalence": 0.02,
        "strategy": "smote",
        "time": "signup_date",
        "cv": 3,
    },
}


@functools.cache
def asked(case):
    options = {**LINES, **{name: (each, 0) for name, each in LONGER.items()}}[case][0]
    named = {each for each in options.values() if isinstance(each, str)}
    df = churn_with_more()
    rng, y = np.random.default_rng(1), (df["churn"] == "yes").to_numpy()
    odds = np.exp(rng.normal(1.0, 1.4, len(df)) * np.where(y, 1, -1)) * 3 / 7  # of three in ten
    df = df.assign(true=odds / (1 + odds)).drop(columns={"who", "p", "true", "weight"} - named)
    if options.get("preprocess", "auto") is None:
        df = df[["age", "support_calls", "churn"]].dropna()
    given = {"cv": 2} if "scores" in options else QUICK
    return df, df.imb.best_threshold("churn", **given | options)


@pytest.mark.quick(6)
@pytest.mark.parametrize("case", LINES)
def test_the_program_is_short_and_says_the_same(case, run):
    df, t = asked(case)
    code = t.snippet()
    assert len(code.splitlines()) <= LINES[case][1]
    space = run(code, df=df.copy())
    assert space["threshold"] == t.value or (np.isnan(space["threshold"]) and not t.feasible)
    check_said_thresholds(t, space["printed"])
    assert "def " not in code or "def fit(" in code


def test_the_demo_as_it_comes(run):
    df = imb.make_churn()
    t = df.imb.best_threshold("churn", progress=False)
    code = t.snippet()
    assert len(code.splitlines()) <= 40
    space = run(code, df=df)
    assert space["threshold"] == t.value == 0.1045
    check_said_thresholds(t, space["printed"])
    assert len(said_thresholds(space["printed"])) == 2


@pytest.mark.slow
@pytest.mark.parametrize("case", LONGER)
def test_what_few_lines_do_not_say_has_a_longer_pipeline(case, run):
    df, t = asked(case)
    code = t.snippet()
    assert "Pipeline(\n" in code
    space = run(code, df=df.copy())
    assert space["threshold"] == t.value
    check_said_thresholds(t, space["printed"])


def brute(y, score, keeps, gain):
    """Try every score and inf, one after another: the first of the best that keeps the limit."""
    best, found = -np.inf, np.nan
    for threshold in [np.inf, *sorted(set(score), reverse=True)]:
        flag = score >= threshold
        tp, fp = int((y & flag).sum()), int((~y & flag).sum())
        counts = {"tp": tp, "fp": fp, "fn": int(y.sum()) - tp, "tn": int((~y).sum()) - fp}
        if keeps(**counts) and gain(**counts) > best + 1e-9:
            best, found = gain(**counts), threshold
    return found


SEARCHED = {
    "costs": ({"cost": {"fp": 1, "fn": 3}}, lambda **n: True, lambda fp, fn, **_: -fp - 3 * fn),
    "a precision": (
        {"min_precision": 0.5},
        lambda tp, fp, **_: tp + fp > 0 and tp / (tp + fp) >= 0.5,
        lambda tp, **_: tp,
    ),
    "a recall": (
        {"min_recall": 0.7},
        lambda tp, fn, **_: tp / (tp + fn) >= 0.7,
        lambda tp, fp, **_: tp / max(tp + fp, 1),
    ),
    "a flag rate": (
        {"max_flag_rate": 0.2},
        lambda tp, fp, fn, tn: (tp + fp) / (tp + fp + fn + tn) <= 0.2,
        lambda tp, **_: tp,
    ),
}


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("case", SEARCHED)
def test_the_search_is_exact(case, tied, run):
    options, keeps, gain = SEARCHED[case]
    rng = np.random.default_rng(3)
    y = rng.random(400) < 0.2
    score = rng.normal(size=400) + y
    df = pd.DataFrame({"p": score.round(1) if tied else score, "y": y.astype(int)})
    t = df.imb.best_threshold("y", scores="p", test_size=0, cv=2, **options)
    threshold = run(t.snippet(), df=df)["threshold"]
    wanted = brute(y, df["p"].to_numpy(), keeps, gain)
    assert ((df["p"] >= threshold) == (df["p"] >= wanted)).all()


@pytest.mark.slow
@pytest.mark.parametrize("case", LINES)
def test_a_formatter_and_a_linter_have_nothing_to_say(case):
    linted(asked(case)[1].snippet())
