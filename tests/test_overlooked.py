"""Ways to a wrong number that nobody would notice: each was possible once."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import imbalance_accessor  # noqa: F401  (registers df.imb)
from imbalance_accessor.errors import FeatureError, ModelError, OptionError, SplitError


def frame(n: int = 240, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % 6 == 0).astype(int)
    return pd.DataFrame({"a": rng.normal(size=n) + y, "b": rng.normal(size=n), "y": y})


def evaluated(data, target, **options):
    options.setdefault("strategies", ["none"])
    return data.imb.fit_eval(target, progress=False, cv=2, **options)


@pytest.mark.parametrize(
    "made", [lambda df: df["y"], lambda df: df["y"].rename("z"), lambda df: df["y"] == 1]
)
def test_a_target_passed_as_a_series_is_no_feature(made):
    df = frame()
    found = evaluated(df, made(df))
    assert found.scored.parts.features.columns.used == ("a", "b")
    assert "IMB205" in found.findings.codes
    by_name = evaluated(df, "y")
    assert found.frame.loc["none", "roc_auc"] == by_name.frame.loc["none", "roc_auc"]
    X_train, X_test, *_ = df.imb.split(made(df))
    assert "y" not in X_train.columns
    assert "y" not in X_test.columns


def test_class_names_do_not_collide_with_interval_columns():
    df = frame()
    df["y"] = np.array(["low", "high", "cv"])[np.arange(len(df)) % 3]
    row = evaluated(df, "y").frame.loc["none"]
    assert row["recall_low"] <= row["recall"] <= row["recall_high"]
    assert {"recall[low]", "recall[high]_low", "recall[cv]_cv"} <= set(row.index)


def test_numbers_as_column_names_are_not_taken_for_positions():
    df = frame().rename(columns={"a": 1, "b": 0})
    df[2] = np.where(np.arange(len(df)) % 2, "x", "z")
    for call in (df.imb.smote, df.imb.fit_eval):
        with pytest.raises(FeatureError, match="names must be text"):
            call("y")


def test_a_fitted_models_labels_must_be_the_frames():
    df = frame()
    fitted = LogisticRegression().fit(df[["a", "b"]], df["y"])
    named = df.assign(y=df["y"].map({1: "churned", 0: "stayed"}))
    with pytest.raises(ModelError, match=r"answers in 0, 1; this frame's labels are 'churned', 'stayed'"):
        evaluated(named, "y", model=fitted, fitted=True)


def test_a_fitted_models_train_scores_are_not_called_out_of_fold():
    df = frame()
    fitted = RandomForestClassifier(20, random_state=0).fit(df[["a", "b"]], df["y"])
    found = evaluated(df, "y", model=fitted, fitted=True)
    said = " ".join([repr(found), found.explain(), found.explain(audience="interview")])
    assert "out of fold" not in said
    assert "inside each" not in said
    assert "may have seen" in said
    assert found.scores["fold"].isna().all()


def test_an_own_test_frame_keeps_the_rule_that_was_named():
    df = frame().assign(who=np.arange(240) // 4, day=np.arange(240))
    train, test = df.iloc[:122], df.iloc[122:]
    with pytest.raises(SplitError, match=r"groups='who': 1 group of both frames"):
        train.imb.split("y", test=test, groups="who")
    with pytest.raises(SplitError, match=r"time='day': the test frame begins at 0"):
        test.imb.split("y", test=train, time="day")
    with pytest.raises(SplitError, match=r"text in 'a', where the first frame has numbers"):
        train.imb.split("y", test=test.assign(a="x"))


@pytest.mark.quick(1)
@pytest.mark.parametrize("model", [LogisticRegression(class_weight={0: 1, 1: 9}), "xgboost"])
def test_weights_that_the_model_carries_are_said(model):
    if model == "xgboost":
        model = pytest.importorskip("xgboost").XGBClassifier(n_estimators=3, scale_pos_weight=5)
    found = evaluated(frame(), "y", model=model, strategies=["smote"])
    (finding,) = [each for each in found.findings if each.code == "IMB110"]
    assert "'none' is weighted too, and 'smote' may correct twice" in finding.message
    assert "IMB110" not in evaluated(frame(), "y", strategies=["smote"]).findings.codes


def test_a_metric_without_a_value_is_refused_before_fitting(monkeypatch):
    monkeypatch.setattr("imbalance_accessor.evaluation.score_folds.run_all", pytest.fail)
    with pytest.raises(OptionError, match=r"metric='brier' needs probabilities; 'svm' only ranks"):
        evaluated(frame(), "y", model="svm", metric="brier")
    df = frame().assign(y=np.arange(240) % 3)
    with pytest.raises(OptionError, match=r"metric='f1_tuned' needs a threshold.*pos_label="):
        evaluated(df, "y", metric="f1_tuned")


@pytest.mark.parametrize(
    "options",
    [
        {"random_state": -1},
        {"random_state": 2**40},
        {"strategies": None},
        {"strategies": {"smote": 1}},
        {"metric": ["f1"]},
        {"ignore": 5},
        {"fitted": "no"},
        {"test_size": "0.2"},
    ],
)
def test_odd_options_get_a_sentence(options):
    (name,) = options
    with pytest.raises(OptionError, match=name):
        evaluated(frame(), "y", **options)


def test_a_column_empty_in_a_fold_costs_no_strategy():
    df = frame(60)
    df["seldom"] = pd.Series([None] * 60, dtype=object)
    df.loc[[0, 1], "seldom"] = ["u", "v"]
    found = evaluated(df, "y", strategies=["smote"])
    assert list(found.evaluated) == ["none", "smote"]


def test_rows_with_attrs_and_awkward_names_still_give_scores():
    df = frame().rename(columns={"y": "probability"})
    df.attrs["source"] = np.arange(3)
    found = evaluated(df, "probability").scores
    assert found["probability"].dtype == float
    assert set(found["probability (label)"]) == {0, 1}


def test_the_majority_as_positive_class_gets_true_words():
    found = evaluated(frame(), "y", pos_label=0)
    assert "finds none" not in found.explain()
    assert "never finding" not in found.explain(audience="interview")
