"""The likeliest of several classes, held against whether it is right; probabilities handed out for rows."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB

from imbalance_accessor.errors import ModelError, OptionError

QUICK = {"progress": False, "n_jobs": 1, "cv": 2, "preprocess": None}


def several(n=600, labels=("low", "mid", "high")):
    rng = np.random.default_rng(0)
    code = rng.choice(len(labels), n, p=[0.6, 0.3, 0.1])
    X = rng.normal(size=(n, 3)) + 0.8 * code[:, None]
    return pd.DataFrame(X, columns=list("abc")).assign(y=np.array(labels, dtype=object)[code])


def confidence(frame, model):
    """The likeliest label's probability on the test set, and whether it is right, by hand."""
    X, y = frame.drop(columns="y"), frame["y"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    fitted = clone(model).fit(X_train, y_train)
    p = fitted.predict_proba(X_test)
    return p.max(axis=1), (fitted.classes_[p.argmax(axis=1)] == y_test).to_numpy()


@pytest.mark.quick(1)
@pytest.mark.parametrize("model", [GaussianNB(), LogisticRegression()])
def test_the_top_class_is_evaluated_by_whether_it_is_right(model, run):
    frame = several()
    r = frame.imb.reliability("y", model=model, top_class=True, **QUICK)
    p, right = confidence(frame, model)
    row = r.frame.loc["none", "none"]
    assert list(r.frame.index) == [("none", "none")]
    assert row["mean_probability"] == pytest.approx(p.mean())
    assert row["prevalence"] == pytest.approx(right.mean())
    assert row["brier"] == pytest.approx(brier_score_loss(right, p))
    edges = np.percentile(p, np.linspace(0, 100, 11))
    place = np.searchsorted(edges[1:-1], p)
    gaps = [
        abs(p[place == each].mean() - right[place == each].mean()) * (place == each).sum()
        for each in set(place)
    ]
    assert row["ece"] == pytest.approx(sum(gaps) / len(p))
    rows = run(r.snippet(style="full"), df=frame)["rows"]["none", "none"]
    for name, value in rows.items():
        assert value == pytest.approx(row[name], rel=1e-7), name
    assert "rightly" in repr(r)
    assert r.plot().shape == (2, 1)


def test_what_the_top_class_does_not_take_is_refused():
    frame = several()
    for options, error, words in (
        ({"pos_label": "high"}, OptionError, "pos_label"),
        ({"model": {"a": "logistic", "b": "naive_bayes"}}, OptionError, "one model at a time"),
        ({"strategies": ["smote"]}, OptionError, "one model at a time"),
        ({"model": "svm"}, ModelError, "no probabilities"),
        ({"top_class": "yes"}, OptionError, "True or False"),
        ({"calibrators": ["sigmoid"]}, OptionError, "calibrates nothing. Leave calibrators= out"),
    ):
        with pytest.raises(error, match=words):
            frame.imb.reliability("y", **QUICK | {"top_class": True} | options)
    with pytest.raises(OptionError, match="top_class=True"):
        frame.imb.reliability("y", **QUICK)


@pytest.mark.slow
def test_no_calibrators_and_the_usual_ones_are_no_question_of_the_top_class():
    frame = several()
    for options in ({}, {"calibrators": ()}, {"calibrators": ["prior", "sigmoid", "isotonic"]}):
        r = frame.imb.reliability("y", model=GaussianNB(), top_class=True, **QUICK | options)
        assert list(r.frame.index) == [("none", "none")]


@pytest.mark.quick(1)
@pytest.mark.parametrize("strength", [1e-3, 3.0])
def test_the_top_class_is_explained_by_a_probability_that_can_be_had(strength):
    frame = several()
    frame[list("abc")] *= strength  # from the shares of the classes to nearly sure
    r = frame.imb.reliability("y", model=LogisticRegression(), top_class=True, **QUICK)
    said = str(r.explain(audience="interview"))
    level, share = re.search(r"probability of ([\d.]+), (\d+) % are classified correctly", said).groups()
    assert 1 / 3 <= float(level) < 1 and int(share) == round(100 * float(level))
    assert abs(float(level) - np.median(r.report.rows["none", "none"].p)) <= 0.1


def two(n=900):
    rng = np.random.default_rng(1)
    x = rng.normal(size=n)
    y = np.where(rng.random(n) < expit(1.5 * x - 1), "yes", "no")
    return pd.DataFrame({"x": x, "y": y, "p": expit(3 * x)})


@pytest.mark.quick(1)
@pytest.mark.parametrize("calibrator", ["none", "prior", "sigmoid", "isotonic"])
def test_rows_get_the_probabilities_of_the_calibrated_model(calibrator):
    frame = two().drop(columns="p")
    r = frame.imb.reliability("y", strategies=["class_weight"], **QUICK)
    found = r.apply(frame, calibrator, strategy="class_weight")
    model = r.model(calibrator, strategy="class_weight")
    assert found.to_numpy() == pytest.approx(model.predict_proba(frame)[:, 1])
    assert found.index.equals(frame.index)
    test = r.report.rows["class_weight", calibrator].p
    parts = r.scores_by_strategy["none"].scored.parts
    assert r.apply(parts.test.X, calibrator, strategy="class_weight").to_numpy() == pytest.approx(test)


def test_rows_get_calibrated_scores_where_nothing_was_fitted():
    frame = two()
    r = frame.imb.reliability("y", scores="p", cv=3)
    assert r.apply(frame, "none").tolist() == frame["p"].tolist()
    calibrated = r.apply(frame, "sigmoid")
    assert abs(calibrated.mean() - (frame["y"] == "yes").mean()) < abs(
        frame["p"].mean() - (frame["y"] == "yes").mean()
    )
    assert (calibrated[np.argsort(frame["p"])].diff().dropna() >= 0).all()
    with pytest.raises(ModelError, match=r"r\.apply\(df, 'sigmoid'\)"):
        r.model("sigmoid")
    with pytest.raises(OptionError, match="'sigmoid'"):
        r.apply(frame, "prior")


def test_isotonic_of_few_positives_is_shown_and_never_chosen():
    frame = two(400)
    few = pd.concat([frame[frame["y"] == "no"], frame[frame["y"] == "yes"].iloc[:60]])
    r = few.imb.reliability("y", scores="p", calibrators=["isotonic"], cv=3)
    assert r.best == {"scores": "none"}
    assert ("scores", "isotonic") in r.frame.index
    assert "IMB502" in r.findings.codes
    many = two(3000).imb.reliability("y", scores="p", calibrators=["isotonic"], cv=3)
    assert many.best == {"scores": "isotonic"}


def test_what_is_typical_stands_beside_what_was_seen():
    models = {"bayes": GaussianNB(), "logit": "logistic", "margin": "svm"}
    frame = two()
    r = frame.drop(columns="p").imb.reliability("y", model=models, calibrators=["sigmoid"], **QUICK)
    assert list(r.typical.index) == list(models)
    assert "overconfident" in r.typical.loc["bayes", "typical"]
    assert r.typical.loc["margin", "this one"] == "no probabilities"
    assert "An SVM gives no probabilities, only an order." in str(r.explain())


def test_scores_that_rank_backwards_are_called_so():
    frame = two(3000).assign(p=lambda df: 1 - df["p"])
    r = frame.imb.reliability("y", scores="p", calibrators=())
    assert r.frame["calibration_slope_high"].iloc[0] < 0
    assert "ranking backwards" in r.typical.loc["scores", "this one"]


def test_a_slope_of_few_rows_is_not_told_and_one_near_0_is():
    ten = pd.DataFrame({"y": [1, 1, *[0] * 8], "p": [0.3, 0.35, 0.2, 0.4, 0.1, 0.25, 0.15, 0.3, 0.2, 0.4]})
    few = ten.imb.reliability("y", scores="p", calibrators=())
    assert few.frame["calibration_slope_low"].iloc[0] <= 0 < 1 <= few.frame["calibration_slope_high"].iloc[0]
    assert "too few rows to tell the slope" in few.typical.loc["scores", "this one"]
    noise = two(3000).assign(p=lambda df: df["p"].sample(frac=1, random_state=0).to_numpy())
    told = noise.imb.reliability("y", scores="p", calibrators=())
    assert told.frame["calibration_slope_high"].iloc[0] < 1
    assert "far too extreme" in told.typical.loc["scores", "this one"]


@pytest.mark.slow
def test_every_strategy_has_a_panel():
    asked = ["class_weight", "oversample", "undersample", "smote"]
    r = two(300).drop(columns="p").imb.reliability("y", strategies=asked, calibrators=["sigmoid"], **QUICK)
    axes = r.plot()
    assert [ax.get_title(loc="left") for ax in axes[0]] == ["plain model", *asked]
