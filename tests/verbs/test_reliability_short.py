"""The short code of `reliability`: few lines, well laid out, and the figures of the result."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from snippet_checks import by_strategy, churn_with_more, linted, reliability
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
SHORT = ["mean_probability", "brier", "average_precision", "ece"]
COSTS = ["cost_per_1000", "cost_per_1000_expected"]


@pytest.fixture(autouse=True, scope="module")
def _light():
    with threadpool_limits(1), draws_at_most(20):
        yield


PREVALENCE = {"prevalence": 0.02}
TIME = {"time": "signup_date", "cv": 3}
TWO_MODELS = {"model": {"plain": "logistic", "trees": RandomForestClassifier(10, random_state=0)}}
#: What is asked for, and the most lines that the program has.
LINES = {
    "as it comes": ({}, 40),
    "one calibrator": ({"calibrators": ["isotonic"]}, 40),
    "no calibrator": ({"calibrators": ()}, 34),
    "bins of equal width": ({"bins": "uniform", "n_bins": 7}, 40),
    "seven bins": ({"n_bins": 7}, 40),
    "class weights": ({"strategies": ["class_weight"]}, 48),
    "three strategies": ({"strategies": ["class_weight", "smote", "oversample"]}, 58),
    "a forest": ({"model": RandomForestClassifier(10, random_state=0)}, 41),
    "margins": ({"model": "svm"}, 39),
    "naive Bayes by class weights": ({"model": "naive_bayes", "strategies": ["class_weight"]}, 55),
    "the other class": ({"pos_label": "no"}, 42),
    "groups": ({"groups": "who"}, 46),
    "given scores": ({"scores": "p"}, 28),
    "given scores, of which nothing is calibrated": ({"scores": "p", "calibrators": ()}, 18),
    "given scores of all rows": ({"scores": "p", "test_size": 0, "repeats": 2}, 31),
    "given scores in time": ({"scores": "p", "test_size": 0} | TIME, 43),
    "given scores of groups": ({"scores": "p", "groups": "who", "pos_label": "no"}, 38),
    "given scores at a prevalence": ({"scores": "p"} | PREVALENCE, 39),
    "given scores of rows that count": ({"scores": "p", "sample_weight": "weight"}, 33),
    "a fitted model": ({"fitted": "logistic"}, 33),
    "a fitted model, nothing held out": ({"fitted": "forest", "test_size": 0, "repeats": 2}, 37),
    "a fitted model in time": ({"fitted": "logistic"} | TIME, 43),
    "a fitted model at a prevalence": ({"fitted": "logistic"} | PREVALENCE, 46),
    "nothing held out": ({"test_size": 0}, 41),
    "nothing held out, three strategies": ({"test_size": 0, "strategies": ["class_weight", "smote"]}, 55),
    "margins, nothing held out": ({"model": "svm", "test_size": 0}, 40),
    "folds dealt again": ({"repeats": 2}, 48),
    "folds dealt again, nothing held out": ({"repeats": 2, "test_size": 0}, 45),
    "time": (TIME, 50),
    "time, nothing held out": ({"test_size": 0} | TIME, 55),
    "two models": (TWO_MODELS, 51),
    "two models, nothing held out": ({"test_size": 0} | TWO_MODELS, 52),
    "margins beside probabilities": ({"model": {"margins": "svm", "plain": "logistic"}}, 50),
    "odds that are known of some": ({"strategies": ["easy_ensemble", "class_weight"]}, 58),
    "two models, two strategies": ({"strategies": ["class_weight"]} | TWO_MODELS, 64),
    "a prevalence": (PREVALENCE, 54),
    "a prevalence, folds dealt again": ({"repeats": 2} | PREVALENCE, 59),
    "a prevalence, nothing held out": ({"test_size": 0} | PREVALENCE, 55),
    "a prevalence in time": ({"test_size": 0} | TIME | PREVALENCE, 69),
    "row weights": ({"sample_weight": "weight"}, 64),
    "row weights, three strategies": (
        {"sample_weight": "weight", "strategies": ["smote", "class_weight"]},
        102,
    ),
    "row weights, nothing held out": ({"sample_weight": "weight", "test_size": 0, "bins": "uniform"}, 65),
    "costs": ({"cost": {"fp": 2, "fn": 31.5}, "strategies": ["class_weight"]}, 64),
    "costs at a prevalence": ({"cost": {"fp": 2, "fn": 31.5, "tp": -4}, "scores": "p"} | PREVALENCE, 55),
    "row weights and a prevalence": ({"sample_weight": "weight"} | PREVALENCE, 76),
}
#: What no short code gives: it is the longer one, whose numbers are the same.
LONGER = {
    "row weights and a prevalence in time": {"sample_weight": "weight", "test_size": 0} | PREVALENCE | TIME,
    "row weights, two models": {"sample_weight": "weight"} | TWO_MODELS,
}


@functools.cache
def fitted(model):
    df = churn_with_more().drop(columns=["who", "p", "weight"])
    return df.imb.fit_eval("churn", model=model, strategies=["none"], **QUICK).model("none")


def asked(options):
    named = {each for each in options.values() if isinstance(each, str)}
    df = churn_with_more().drop(columns={"who", "p", "weight"} - named)
    if "fitted" in options:
        options = options | {"model": fitted(options["fitted"]), "fitted": True}
    return df, df.imb.reliability("churn", **({"cv": 2} if "scores" in options else QUICK) | options)


def model_of(found):
    """The name that a program has for a model that came fitted."""
    plan = getattr(found._first, "plan", None)
    return {"model": plan.model.classifier} if plan is not None and plan.model.fitted else {}


@pytest.mark.quick(4)
@pytest.mark.parametrize("case", LINES)
def test_the_program_is_short_and_says_the_same(case, run):
    options, most = LINES[case]
    df, found = asked(options)
    code = found.snippet()
    assert len(code.splitlines()) <= most
    space = run(code, df=df.copy(), **model_of(found))
    reliability(found, space, short=True)
    rows = by_strategy(found, space["rows"])
    names = SHORT + (COSTS if "cost" in options else [])
    assert all(list(row) == names for row in rows.values())
    assert "def " not in code.replace("def fit(", "")
    for key, row in rows.items():
        assert list(row.values()) == pytest.approx(found.frame.loc[key, names].tolist(), rel=1e-9, abs=1e-12)
    linted(code)


def test_the_demo_as_it_comes(run):
    df = imb.make_churn()
    found = df.imb.reliability("churn", progress=False)
    code = found.snippet()
    assert len(code.splitlines()) <= 40
    space = run(code, df=df)
    rows = space["rows"]
    assert list(rows) == ["none", "sigmoid", "isotonic"]
    for calibrator, row in rows.items():
        wanted = found.frame.loc["none", calibrator][SHORT]
        assert list(row.values()) == pytest.approx(wanted.tolist(), rel=1e-9)


def test_the_error_of_calibration_is_that_of_ten_bins(run):
    df = churn_with_more().drop(columns=["who", "p", "weight"])
    found = df.imb.reliability("churn", **QUICK)
    space = run(found.snippet(), df=df)
    calibrated = CalibratedClassifierCV(space["pipe"], method="sigmoid", cv=space["cv"], ensemble=False)
    p = calibrated.fit(space["X_train"], space["y_train"]).predict_proba(space["X_test"])[:, 1]
    y, order = space["y_test"].to_numpy(), np.argsort(p, kind="stable")
    error = sum(abs((p - y)[rows].sum()) for rows in np.array_split(order, 10)) / len(p)
    assert space["rows"]["sigmoid"]["ece"] == pytest.approx(error, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("case", LONGER)
def test_what_no_short_code_gives_has_the_longer_one(case, run):
    df, found = asked(LONGER[case])
    code = found.snippet()
    assert "def figures" in code
    reliability(found, run(code, df=df), short=True)


@pytest.mark.slow
def test_a_model_that_asks_for_codes_beside_one_that_does_not(run):
    xgboost = pytest.importorskip("xgboost")
    trees = xgboost.XGBClassifier(n_estimators=5, max_depth=2, random_state=0)
    df, found = asked({"model": {"plain": "logistic", "trees": trees}})
    code = found.snippet()
    assert len(code.splitlines()) <= 56
    rows = run(code, df=df)["rows"]
    for key, row in rows.items():
        assert list(row.values()) == pytest.approx(found.frame.loc[key, SHORT].tolist(), rel=1e-9)


@pytest.mark.parametrize(
    "options",
    [{}, {"test_size": 0, "repeats": 2}, {"model": "forest"}, {"time": "signup_date", "test_size": 0}],
)
@pytest.mark.quick(1)
def test_the_likeliest_of_several_classes(options, run):
    df = churn_with_more().drop(columns=["who", "p", "weight", "churn"])
    df["plan"] = df.pop("contract").where(df["age"] < 70, "none")
    found = df.imb.reliability("plan", top_class=True, **QUICK | options)
    code = found.snippet()
    assert len(code.splitlines()) <= (45 if "time" in options else 40)
    space = run(code, df=df)
    row = space["rows"]["none"]
    assert list(row.values()) == pytest.approx(found.frame[SHORT].iloc[0].tolist(), rel=1e-9)
    linted(code)
