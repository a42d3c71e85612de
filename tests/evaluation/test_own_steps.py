"""A pipeline of the user's own whose classifier takes missing cells, and a sampler that does not."""

import numpy as np
import pandas as pd
import pytest
from alone import execute
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline as resampling
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb

QUICK = {"cv": 2, "n_jobs": 1, "progress": False}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def numbers(n=240, holes=True):
    rng = np.random.default_rng(0)
    y = rng.random(n) < 0.3
    df = pd.DataFrame(rng.normal(size=(n, 3)) + y[:, None], columns=["a", "b", "c"])
    if holes:
        df.loc[::9, "b"] = np.nan
    return df.assign(word=rng.choice(["u", "v", "w"], n), y=np.where(y, "yes", "no"))


def booster():
    return HistGradientBoostingClassifier(early_stopping=False, max_iter=10, random_state=0)


def names(found, strategy):
    return [name for name, _ in found.candidates[strategy].estimator.steps]


def left_out(found):
    return [each for each in found.findings if each.code in {"IMB304", "IMB305"}]


def test_missing_cells_are_filled_before_a_neighbour_search_and_nowhere_else():
    df = numbers().drop(columns="word")
    found = df.imb.fit_eval(
        "y", model=make_pipeline(StandardScaler(), booster()), strategies=["oversample", "smote"], **QUICK
    )
    assert not left_out(found)
    last = "histgradientboostingclassifier"
    assert names(found, "none") == ["standardscaler", last]
    assert names(found, "oversample") == ["standardscaler", "resample", last]
    assert names(found, "smote") == ["standardscaler", "impute", "resample", last]

    X, y = df.drop(columns="y"), df["y"]
    X, _, y, _ = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    by_hand, oof = resampling(
        StandardScaler(), SimpleImputer(strategy="median"), SMOTE(random_state=0), booster()
    ), np.empty(len(X))  # fmt: skip
    for learn, held in StratifiedKFold(2, shuffle=True, random_state=0).split(X, y):
        oof[held] = by_hand.fit(X.iloc[learn], y.iloc[learn]).predict_proba(X.iloc[held])[:, 1]
    np.testing.assert_allclose(found.scored.by_name["smote"].oof[:, 1], oof)
    assert len(found.model("smote").predict(df)) == len(df)


OWN = {
    "no cell is missing": (lambda: numbers(holes=False), make_pipeline(StandardScaler(), booster()), False),
    "the pipeline fills them": (numbers, make_pipeline(SimpleImputer(), booster()), False),
    "columns are picked": (
        numbers,
        make_pipeline(
            make_column_transformer(
                (StandardScaler(), ["a", "b"]), (OneHotEncoder(), ["word"]), sparse_threshold=0.0
            ),
            RandomForestClassifier(5, random_state=0),
        ),
        True,
    ),
    "a step makes them": (
        lambda: numbers(holes=False),
        make_pipeline(FunctionTransformer(lambda X: X.where(X > -1)), booster()),
        True,
    ),
}


@pytest.mark.parametrize("case", OWN)
def test_an_imputer_stands_there_only_where_a_missing_cell_can_reach_the_sampler(case):
    make, model, filled = OWN[case]
    df = make() if "picked" in case else make().drop(columns="word")
    found = df.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK)
    assert not left_out(found)
    assert ("impute" in names(found, "smote")) == filled


@pytest.mark.slow
def test_rows_that_the_pipeline_hands_on_sparse_are_filled_too():
    last = pytest.importorskip("xgboost").XGBClassifier(n_estimators=5)
    sparse = make_column_transformer(
        (OneHotEncoder(), ["word"]), remainder="passthrough", sparse_threshold=1.0
    )
    found = numbers().imb.fit_eval("y", model=make_pipeline(sparse, last), strategies=["smote"], **QUICK)
    assert not left_out(found)
    assert "impute" in names(found, "smote")
    assert np.isfinite(found.frame.loc["smote", "roc_auc"])


def test_a_name_that_is_taken_is_not_given_twice():
    df = numbers().drop(columns="word")
    model = Pipeline([("impute", StandardScaler()), ("last", booster())])
    found = df.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK)
    assert names(found, "smote") == ["impute", "impute_2", "resample", "last"]
    rows = execute(found.snippet(style="full"), df=df)["rows"]
    assert rows["smote"]["brier"] == pytest.approx(found.frame.loc["smote", "brier"])


def test_categories_that_reach_the_classifier_are_named_and_the_cure_works():
    as_category = FunctionTransformer(lambda X: X.astype({"word": "category"}))
    model = make_pipeline(as_category, HistGradientBoostingClassifier(max_iter=10))
    df = numbers()
    found = df.imb.fit_eval("y", model=model, strategies=["oversample", "smote"], **QUICK)
    (why,) = left_out(found)
    assert why.code == "IMB304"
    assert why.message.startswith(
        "'smote' is left out: 'word' holds no numbers where the pipeline hands them to"
    )
    assert "Encode them in the pipeline, or pass its HistGradientBoostingClassifier alone" in why.cure
    alone = df.imb.fit_eval("y", model=model[-1], strategies=["smote"], **QUICK)
    assert "smote" in alone.frame.index


def test_skrubs_own_boosting_pipeline_takes_smote_or_says_what_helps():
    skrub = pytest.importorskip("skrub")
    model = skrub.tabular_pipeline("classifier")
    df = numbers()
    found = df.drop(columns="word").imb.fit_eval("y", model=model, strategies=["smote"], **QUICK)
    assert "smote" in found.frame.index
    with_words = df.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK)
    (why,) = left_out(with_words)
    assert why.cure.endswith("alone as model=, with preprocess='skrub'.")
    cured = df.imb.fit_eval("y", model=model[-1], preprocess="skrub", strategies=["smote"], **QUICK)
    assert "smote" in cured.frame.index


def test_a_sampler_of_ones_own_gets_what_the_pipeline_hands_on():
    class Keeps(SMOTE):
        def fit_resample(self, X, y):
            assert pd.isna(np.asarray(X)).any()
            return X, y

    df = numbers().drop(columns="word")
    found = df.imb.fit_eval(
        "y", model=make_pipeline(StandardScaler(), booster()), strategies=[Keeps()], **QUICK
    )
    assert not left_out(found)


def test_rows_with_missing_cells_are_tried_among_many():
    df = pd.concat([numbers(holes=False)] * 10, ignore_index=True).drop(columns="word")
    df.loc[1717:1726, "c"] = np.nan
    model = make_pipeline(StandardScaler(), RandomForestClassifier(3, random_state=0))
    found = imb.fit_eval(df, "y", model=model, strategies=["smote"], ignore=["IMB102"], **QUICK)
    assert "impute" in names(found, "smote")
