"""The short code of `reliability`: few lines, well laid out, and the figures of the result."""

from __future__ import annotations

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


@pytest.fixture(autouse=True, scope="module")
def _light():
    with threadpool_limits(1), draws_at_most(20):
        yield


#: What is asked for, and the most lines that the program has.
LINES = {
    "as it comes": ({}, 40),
    "one calibrator": ({"calibrators": ["isotonic"]}, 40),
    "no calibrator": ({"calibrators": ()}, 35),
    "bins of equal width": ({"bins": "uniform", "n_bins": 7}, 40),
    "seven bins": ({"n_bins": 7}, 40),
    "class weights": ({"strategies": ["class_weight"]}, 49),
    "three strategies": ({"strategies": ["class_weight", "smote", "oversample"]}, 59),
    "a forest": ({"model": RandomForestClassifier(10, random_state=0)}, 41),
    "margins": ({"model": "svm"}, 39),
    "naive Bayes by class weights": ({"model": "naive_bayes", "strategies": ["class_weight"]}, 55),
    "the other class": ({"pos_label": "no"}, 44),
    "groups": ({"groups": "who"}, 49),
}
#: What no short code gives: it is the longer one, whose numbers are the same.
LONGER = {
    "nothing held out": {"test_size": 0},
    "folds dealt again": {"repeats": 2},
    "time": {"time": "signup_date", "cv": 3},
    "row weights": {"sample_weight": "weight"},
    "a prevalence": {"prevalence": 0.02},
    "given scores": {"scores": "p"},
}


def asked(options):
    named = {each for each in options.values() if isinstance(each, str)}
    df = churn_with_more().drop(columns={"who", "p", "weight"} - named)
    return df, df.imb.reliability("churn", **({"cv": 2} if "scores" in options else QUICK) | options)


@pytest.mark.quick(4)
@pytest.mark.parametrize("case", LINES)
def test_the_program_is_short_and_says_the_same(case, run):
    options, most = LINES[case]
    df, found = asked(options)
    code = found.snippet()
    assert len(code.splitlines()) <= most
    space = run(code, df=df.copy())
    reliability(found, space, short=True)
    rows = by_strategy(found, space["rows"])
    assert all(list(row) == SHORT for row in rows.values())
    assert "def " not in code
    for key, row in rows.items():
        assert list(row.values()) == pytest.approx(found.frame.loc[key, SHORT].tolist(), rel=1e-9, abs=1e-12)


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


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", LONGER)
def test_what_no_short_code_gives_has_the_longer_one(case, run):
    df, found = asked(LONGER[case])
    code = found.snippet()
    assert "def figures" in code
    reliability(found, run(code, df=df), short=True)


@pytest.mark.slow
@pytest.mark.parametrize("case", LINES)
def test_a_formatter_and_a_linter_have_nothing_to_say(case):
    linted(asked(LINES[case][0])[1].snippet())
