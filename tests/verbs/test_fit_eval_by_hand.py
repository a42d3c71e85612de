"""`fit_eval` against the same work written by hand: each strategy on each model, step by step."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, SMOTENC, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.utils.class_weight import compute_sample_weight
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False}
NUMBERS = ["tenure_months", "monthly_charges", "support_calls", "data_gb", "age"]
TEXT = ["contract", "payment_method", "region", "paperless"]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1), draws_at_most(20):
        yield


def churn(numeric_only):
    frame = imb.make_churn(400, 0.15)
    return frame[[*NUMBERS, "churn"]] if numeric_only else frame


MODELS = {
    "logistic": (lambda: LogisticRegression(max_iter=1000), "scaled"),
    "svm": (SVC, "scaled"),
    "knn": (KNeighborsClassifier, "scaled"),
    "naive_bayes": (GaussianNB, "raw"),
    "forest": (lambda: RandomForestClassifier(random_state=0), "codes"),
    "boosting": (
        lambda: HistGradientBoostingClassifier(early_stopping=False, random_state=0),
        "native",
    ),
}


def encoder(how):
    if how == "native":
        hole = float("nan")
        return OrdinalEncoder(
            handle_unknown="use_encoded_value",
            unknown_value=hole,
            encoded_missing_value=hole,
            max_categories=255,
        )
    if how == "codes":
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=0.01, sparse_output=False)


def prepared(X, new, how, *, neighbours):
    """Numbers of the rows to learn from and of new rows, everything learned on the former."""
    numbers, others = X[NUMBERS].to_numpy(float), new[NUMBERS].to_numpy(float)
    if neighbours or how in {"scaled", "raw"}:
        fill = SimpleImputer(strategy="median").fit(numbers)
        numbers, others = fill.transform(numbers), fill.transform(others)
    if neighbours or how == "scaled":
        scale = StandardScaler().fit(numbers)
        numbers, others = scale.transform(numbers), scale.transform(others)
    return numbers, others


def learn_and_score(model, strategy, X, y, new):
    """One strategy on one training set, step by step; returns scores of the positive class of new rows."""
    make, how = MODELS[model]
    classifier, text = make(), [name for name in TEXT if name in X]
    smote = strategy == "smote"
    numbers, others = prepared(X, new, how, neighbours=smote)
    words, new_words = X[text], new[text]
    if smote and text:
        words, new_words = (part.astype(object).where(part.notna(), "missing") for part in (words, new_words))
        table = pd.concat([pd.DataFrame(numbers, columns=NUMBERS), words.reset_index(drop=True)], axis=1)
        table, y = SMOTENC(categorical_features=text, random_state=0).fit_resample(table, y)
        numbers, words = table[NUMBERS].to_numpy(float), table[text]
    if text:
        encode = encoder(how).fit(words)
        numbers = np.hstack([encode.transform(words), numbers])
        others = np.hstack([encode.transform(new_words), others])
    samplers = {"oversample": RandomOverSampler, "undersample": RandomUnderSampler}
    if strategy in samplers or (smote and not text):
        sampler = samplers.get(strategy, SMOTE)(random_state=0)
        numbers, y = sampler.fit_resample(numbers, y)
    given = {}
    if strategy == "class_weight" and model == "naive_bayes":
        given["sample_weight"] = compute_sample_weight("balanced", y)
    elif strategy == "class_weight":
        classifier.set_params(class_weight="balanced")
    if how == "native" and text:
        classifier.set_params(categorical_features=list(range(len(text))))
    classifier.fit(numbers, y, **given)
    return classifier.decision_function(others) if model == "svm" else classifier.predict_proba(others)[:, 1]


CASES = [
    ("logistic", True, ["class_weight", "oversample", "undersample", "smote"], 3),
    ("logistic", False, ["class_weight", "oversample", "undersample", "smote"], 3),
    ("forest", False, ["smote"], 2),
    ("boosting", False, ["class_weight", "smote"], 2),
    ("naive_bayes", False, ["class_weight", "smote"], 2),
    ("svm", False, ["class_weight", "smote"], 2),
    ("knn", False, ["oversample", "smote"], 2),
]


@pytest.mark.quick(1)
@pytest.mark.parametrize(("model", "numeric_only", "strategies", "cv"), CASES)
def test_scores_equal_plain_loops_over_the_same_steps(model, numeric_only, strategies, cv):
    frame = churn(numeric_only)
    found = frame.imb.fit_eval("churn", model=model, strategies=strategies, cv=cv, **QUICK)
    assert list(found.frame.index) == ["none", *strategies, "dummy"]
    X, y = frame[[name for name in [*NUMBERS, *TEXT] if name in frame]], frame["churn"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    folds = list(StratifiedKFold(cv, shuffle=True, random_state=0).split(X_train, y_train))
    for strategy in ["none", *strategies]:
        oof = np.empty(len(y_train))
        for seen, held in folds:
            rows = X_train.iloc[seen], y_train.iloc[seen], X_train.iloc[held]
            oof[held] = learn_and_score(model, strategy, *rows)
        test = learn_and_score(model, strategy, X_train, y_train, X_test)
        got = found.scores[found.scores["strategy"] == strategy]
        kind = "score" if model == "svm" else "probability"
        assert got.index.tolist() == [*X_train.index, *X_test.index]
        assert got["churn"].tolist() == [*y_train, *y_test]
        assert got[kind].to_numpy() == pytest.approx(np.r_[oof, test], rel=1e-6, abs=1e-8), strategy
        assert got["part"].tolist() == ["train"] * len(y_train) + ["test"] * len(y_test)
        for fold, (_, held) in enumerate(folds):
            assert (got["fold"].iloc[held] == fold).all()
