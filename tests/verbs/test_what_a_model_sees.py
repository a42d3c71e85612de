"""A user's own pipeline is given the raw frame, and what is said of columns speaks of those that it sees."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from imbalance_accessor.data.features import read_features
from imbalance_accessor.modeling.models import columns_of, read_model
from imbalance_accessor.modeling.preprocessing import pooled_levels
from imbalance_accessor.verbs.best_threshold import best_threshold
from imbalance_accessor.verbs.fit_eval import fit_eval
from imbalance_accessor.verbs.reliability import reliability


def reviews(n=600, seed=0) -> pd.DataFrame:
    """Free text that tells the label, beside a column of three categories that tells nothing."""
    rng = np.random.default_rng(seed)
    churned = np.arange(n) % 6 == 0
    good, bad = ["fine", "quick", "kind", "clean", "cheap"], ["late", "broken", "rude", "angry", "refund"]
    text = [
        " ".join(rng.choice(bad if each else good, 6)) + f" order {rng.integers(9999)}" for each in churned
    ]
    return pd.DataFrame({"review": text, "kind": rng.choice(["a", "b", "c"], n), "y": churned})


def on_text() -> object:
    return make_pipeline(ColumnTransformer([("words", TfidfVectorizer(), "review")]), LogisticRegression())


def test_text_that_only_the_pipeline_reads_is_learned_from_and_no_sentence_denies_it():
    found = fit_eval(reviews(), "y", model=on_text(), strategies=["none"], progress=False)
    assert found.frame.loc["none", "accuracy"] > 0.95
    assert not {"IMB105", "IMB202", "IMB104", "IMB102"} & set(found.findings.codes)
    # a model of ours sees "kind" alone, and the text may tell rows from each other that agree in it
    assert not {"IMB105"} & set(fit_eval(reviews(), "y", strategies=["none"], progress=False).findings.codes)


@pytest.mark.parametrize("verb", [fit_eval, best_threshold, reliability])
def test_a_frame_that_only_the_pipeline_can_read_is_read(verb):
    frame = reviews()[["review", "y"]]
    plural = {"strategy": "none"} if verb is best_threshold else {"strategies": ["none"]}
    assert verb(frame, "y", model=on_text(), progress=False, **plural).frame.notna().any(axis=None)


def test_its_snippet_and_its_model_read_raw_rows(run):
    frame = reviews()
    found = fit_eval(frame, "y", model=on_text(), strategies=["none"], progress=False)
    made = run(found.snippet(style="short"), df=frame)
    assert made["rows"]["none"]["average_precision"] == found.frame.loc["none", "average_precision"]
    assert found.model("none").predict_proba(frame.head(3)).shape == (3, 2)


def test_numbers_as_text_stay_text_for_a_pipeline_that_picks_columns_and_are_numbers_for_one_that_does_not():
    n, rng = 400, np.random.default_rng(1)
    amount = rng.gamma(2, 500, n)
    frame = pd.DataFrame(
        {"amount": [f"{each:,.2f}" for each in amount], "y": amount > np.quantile(amount, 0.8)}
    )
    picks = make_pipeline(
        ColumnTransformer([("levels", OneHotEncoder(handle_unknown="ignore"), ["amount"])]),
        LogisticRegression(),
    )
    blind = fit_eval(frame, "y", model=picks, strategies=["none"], progress=False)
    assert blind.frame.loc["none", "roc_auc"] < 0.7  # each cell a level of its own
    assert "IMB203" not in blind.findings.codes
    for model, preprocess in (
        (make_pipeline(StandardScaler(), LogisticRegression()), "auto"),
        ("forest", None),
    ):
        found = fit_eval(frame, "y", model=model, preprocess=preprocess, strategies=["none"], progress=False)
        assert found.frame.loc["none", "roc_auc"] > 0.99
        assert "IMB203" in found.findings.codes
        assert found.model("none").predict_proba(frame.head(2)).shape == (2, 2)


TABLE = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"], "c": [3, 4], "d": ["u", "v"]})


@pytest.mark.parametrize(
    ("transformers", "remainder", "names"),
    [
        ([("n", StandardScaler(), ["a"])], "drop", ["a"]),
        ([("n", StandardScaler(), ["a"])], "passthrough", ["a", "b", "c", "d"]),
        ([("t", TfidfVectorizer(), "b")], "drop", ["b"]),
        ([("n", StandardScaler(), [2, 0])], "drop", ["a", "c"]),
        ([("n", StandardScaler(), -1)], "drop", ["d"]),
        ([("n", StandardScaler(), slice(0, 2))], "drop", ["a", "b"]),
        ([("n", StandardScaler(), slice("b", "c"))], "drop", ["b", "c"]),
        ([("n", StandardScaler(), np.array([True, False, True, False]))], "drop", ["a", "c"]),
        ([("n", StandardScaler(), make_column_selector(dtype_include="number"))], "drop", ["a", "c"]),
        ([("gone", "drop", ["a", "b"])], OneHotEncoder(), ["c", "d"]),
        ([("kept", "passthrough", ["d"]), ("n", StandardScaler(), [])], "drop", ["d"]),
    ],
)
def test_the_columns_of_a_column_transformer_are_those_that_scikit_learn_takes(
    transformers, remainder, names
):
    picks = ColumnTransformer(transformers, remainder=remainder)
    assert columns_of(picks, TABLE) == names


def one(X):
    return X


@pytest.mark.parametrize(
    ("first", "raw"),
    [
        (ColumnTransformer([("n", StandardScaler(), ["a"])]), True),
        (FunctionTransformer(one), True),
        (FunctionTransformer(np.log1p), False),
        (SimpleImputer(), False),
        ("passthrough", False),
        (make_pipeline(StandardScaler()), False),
        (make_pipeline(ColumnTransformer([("n", StandardScaler(), ["a"])])), True),
        (FeatureUnion([("a", StandardScaler()), ("b", SimpleImputer())]), False),
        (FeatureUnion([("a", FunctionTransformer(one)), ("b", SimpleImputer())]), True),
    ],
)
def test_a_pipeline_that_can_pick_columns_is_given_all_of_them(first, raw):
    assert read_model(make_pipeline(first, LogisticRegression())).reads_raw is raw


def test_pooled_levels_are_those_that_scikit_learn_pools():
    rng = np.random.default_rng(2)
    n = 1_000
    frame = pd.DataFrame(
        {
            "shop": [f"s{min(int(k), 300)}" for k in rng.zipf(1.5, n)],
            "few": rng.choice(["a", "b"], n),
            "gaps": np.where(rng.uniform(size=n) < 0.005, None, rng.choice(["a", "b"], n)),
            "z": rng.normal(size=n),
            "y": np.arange(n) % 7 == 0,
        }
    )
    found = fit_eval(frame, "y", strategies=["none"], progress=False)
    (said,) = [each.message for each in found.findings if each.code == "IMB319"]
    encoder = dict(found.model("none").steps)["encode"].named_transformers_["onehot"]
    pooled = dict(zip(["shop", "few", "gaps"], encoder.infrequent_categories_, strict=True))
    levels = len(encoder.categories_[0])
    assert (
        said
        == f"Levels under 1 % of the training rows are pooled into one: 'shop' ({len(pooled['shop'])} of {levels})."
    )
    features = read_features(frame, "y")
    for model in (
        read_model("boosting"),
        read_model(RandomForestClassifier()),
        read_model("logistic", preprocess=None),
    ):
        assert pooled_levels(model, features.X, features.columns) == {}


def test_a_telco_like_column_is_worth_as_much_as_parsed_by_hand():
    rng = np.random.default_rng(3)
    n = 800
    charges = rng.gamma(2, 700, n)
    written = pd.Series([f"{each:.2f}" for each in charges]).where(charges > 60, " ")
    y = np.where(rng.uniform(size=n) < 1 / (1 + np.exp(2.5 - charges / 900)), "Yes", "No")
    frame = pd.DataFrame({"TotalCharges": written, "z": rng.normal(size=n), "Churn": y})
    by_hand = frame.assign(TotalCharges=pd.to_numeric(frame["TotalCharges"], errors="coerce"))
    found, expected = (fit_eval(each, "Churn", progress=False) for each in (frame, by_hand))
    pd.testing.assert_frame_equal(found.frame, expected.frame, check_exact=True)
    assert (
        found.model("smote").predict_proba(frame).tolist()
        == expected.model("smote").predict_proba(by_hand).tolist()
    )
    test = frame.iloc[found.scored.parts.test.X.index]
    score = found.model("none").predict_proba(test)[:, 1]
    assert average_precision_score(test["Churn"] == "Yes", score) == pytest.approx(
        found.frame.loc["none", "average_precision"]
    )
