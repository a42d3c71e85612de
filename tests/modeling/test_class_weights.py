"""Class weights by label as a strategy: fitted as scikit-learn fits them, written in snippets, known to priors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.modeling.class_weights import read_weights, weights_text

RNG = np.random.default_rng(0)
IS = np.arange(300) % 5 == 0
DF = pd.DataFrame({"a": RNG.normal(size=300) + IS, "b": RNG.normal(size=300), "y": np.where(IS, "yes", "no")})
WEIGHTS = {"yes": 9, "no": 0.5}
NAME = "class_weight {yes: 9, no: 0.5}"
ROWS = {"cv": 2, "progress": False}


def evaluation(model, df=DF, given=WEIGHTS, **options):
    return imb.fit_eval(df, "y", model=model, strategies=[given], **ROWS, **options)


def split():
    return train_test_split(DF[["a", "b"]], DF["y"], test_size=0.2, stratify=DF["y"], random_state=0)


def test_a_dict_is_fitted_as_class_weight():
    found = evaluation(LogisticRegression(), preprocess=None)
    assert list(found.frame.index) == ["none", NAME, "dummy"]
    X_train, X_test, y_train, _ = split()
    expected = LogisticRegression(class_weight=WEIGHTS).fit(X_train, y_train).predict_proba(X_test)
    np.testing.assert_allclose(found.model(NAME).predict_proba(X_test), expected)


def test_a_model_without_class_weight_is_given_them_row_by_row():
    found = evaluation("naive_bayes")
    X_train, X_test, y_train, _ = split()
    expected = GaussianNB().fit(X_train, y_train, sample_weight=y_train.map(WEIGHTS)).predict_proba(X_test)
    np.testing.assert_allclose(found.model(NAME).predict_proba(X_test), expected)


@pytest.mark.quick(1)
@pytest.mark.parametrize("model", ["xgboost", "lightgbm"])
def test_boosters_are_given_them_row_by_row_too(model):
    library = pytest.importorskip(model)
    booster = getattr(library, {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier"}[model])
    options = {"n_estimators": 3, **({"verbose": -1, "min_child_samples": 5} if model == "lightgbm" else {})}
    found = evaluation(booster(**options), preprocess=None)
    X_train, X_test, y_train, _ = split()
    fitted = booster(**options).fit(
        X_train, (y_train == "yes").astype(int), sample_weight=y_train.map(WEIGHTS)
    )
    np.testing.assert_allclose(
        found.model(NAME).predict_proba(X_test), fitted.predict_proba(X_test), rtol=1e-5
    )


@pytest.mark.parametrize("model", ["logistic", "naive_bayes"])
def test_the_snippet_gives_the_same_scores(model):
    found = evaluation(model)
    code = str(found.snippet(style="full"))
    assert ("compute_sample_weight" in code) == (model == "naive_bayes")
    space = {"df": DF}
    exec(code.partition("rows, compared =")[0], space)
    pipeline, weights = space["strategies"][NAME], space.get("given", {}).get(NAME, {})
    pipeline.fit(space["X_train"], space["y_train"], **weights)
    expected = pipeline.predict_proba(space["X_test"])
    np.testing.assert_allclose(found.model(NAME).predict_proba(space["X_test"]), expected)


@pytest.mark.parametrize("model", ["logistic", "naive_bayes"])
def test_the_odds_are_known_to_be_multiplied_by_their_ratio(model):
    found = evaluation(model)
    assert odds_ratio_shift(FittedScores(found.scored, NAME, found.plan)) == pytest.approx(9 / 0.5)


@pytest.mark.parametrize("labels", [("0", "1"), (False, True), (3, 8)])
def test_labels_of_any_kind_are_weighed(labels):
    df = DF.assign(y=np.where(IS, labels[1], labels[0]))
    given = dict(zip(labels, (1, 4), strict=True))
    found = evaluation("logistic", df, given)
    assert odds_ratio_shift(FittedScores(found.scored, found.frame.index[1], found.plan)) == pytest.approx(4)


def test_balanced_weights_are_the_strategy_of_that_name():
    found = imb.fit_eval(
        DF, "y", strategies=["class_weight", imb.weights(DF.loc[split()[0].index], "y")], **ROWS
    )
    _, balanced, own, _ = found.frame["roc_auc"]
    assert own == balanced


@pytest.fixture(scope="module")
def by_formula():
    train = DF.loc[split()[0].index]
    given = [
        "sqrt",
        "effective",
        imb.weights(train, "y", method="sqrt"),
        WEIGHTS,
        dict(WEIGHTS),
        {"no": 1, "yes": 15},
    ]
    given += [{"no": 1, "yes": 15.001}, imb.weights(train, "y", method="effective", beta=0.9)]
    return imb.fit_eval(DF, "y", model=LogisticRegression(), preprocess=None, strategies=given, **ROWS)


def test_weights_are_named_by_what_they_are_and_none_is_taken_for_another(by_formula):
    assert list(by_formula.frame.index) == [
        *("none", "sqrt", "effective", "sqrt weights", NAME),
        *("class_weight {no: 1, yes: 15}", "class_weight {no: 1, yes: 15.001}"),
        *("effective weights, beta 0.9", "dummy"),
    ]


def test_the_card_says_what_weights_by_a_formula_are(by_formula):
    said = " ".join(str(by_formula).split())
    assert "Class weights: sqrt {no: 0.791, yes: 1.58}; effective {no: " in said
    assert "sqrt weights {no: 0.791, yes: 1.58}; effective weights, beta 0.9 {no: 0.997, yes: 1}." in said


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("sqrt", [(240 / (2 * 192)) ** 0.5, (240 / (2 * 48)) ** 0.5]),
        ("sqrt weights", [(240 / (2 * 192)) ** 0.5, (240 / (2 * 48)) ** 0.5]),
        (
            "effective",
            [2 / (1 + (1 - 0.999**192) / (1 - 0.999**48)), 2 / (1 + (1 - 0.999**48) / (1 - 0.999**192))],
        ),
        ("class_weight {no: 1, yes: 15.001}", [1, 15.001]),
    ],
)
def test_weights_by_a_formula_are_those_of_the_dict(by_formula, name, weights):
    X_train, X_test, y_train, _ = split()
    weighted = LogisticRegression(class_weight=dict(zip(["no", "yes"], weights, strict=True)))
    expected = weighted.fit(X_train, y_train).predict_proba(X_test)
    np.testing.assert_allclose(by_formula.model(name).predict_proba(X_test), expected, rtol=1e-9)
    shift = odds_ratio_shift(FittedScores(by_formula.scored, name, by_formula.plan))
    assert shift == pytest.approx(weights[1] / weights[0])
    space = {"df": DF}
    exec(str(by_formula.snippet()).partition("rows = {}")[0], space)
    pipeline = space["strategies"][name].fit(X_train, y_train)
    np.testing.assert_allclose(pipeline.predict_proba(X_test), expected, rtol=1e-9)


def test_a_formula_goes_by_the_sums_of_row_weights():
    df = DF.assign(w=np.where(IS, 4.0, 1.0))  # 192 and 48 rows of the training set weigh the same
    found = imb.fit_eval(df, "y", strategies="sqrt", model=LogisticRegression(), sample_weight="w", **ROWS)
    assert found.model("sqrt")[-1].class_weight == {"no": 1, "yes": 1}


def test_one_dict_stands_for_a_list_and_the_singular_takes_one():
    found = imb.fit_eval(DF, "y", strategies=WEIGHTS, model="naive_bayes", **ROWS)
    assert list(found.frame.index) == ["none", NAME, "dummy"]
    alone = imb.best_threshold(DF, "y", strategy=WEIGHTS, model="naive_bayes", **ROWS)
    assert repr(alone) == repr(found.best_threshold(NAME))


@pytest.mark.parametrize(
    ("given", "every", "says"),
    [
        ({"yes": 1}, True, "leave out 'no'"),
        ({"no": 1, "maybe": 2}, False, "'maybe' is not among the labels 'no', 'yes'"),
        ({"no": -1}, False, "the weight of class 'no' is -1"),
        ({"no": "heavy"}, False, "the weight of class 'no' is 'heavy'"),
        ({"no": 0, "yes": 0}, True, "every weight is 0"),
    ],
)
def test_weights_that_are_none_are_refused(given, every, says):
    with pytest.raises(OptionError, match=f"strategies: .*{says}"):
        read_weights(given, ["no", "yes"], "strategies", every=every)


def test_names_stay_short():
    many = {f"class {place}": place for place in range(9)}
    assert weights_text(many) == "{class 0: 0, class 1: 1, class 2: 2, 6 more}"
