"""`fit_eval` with models, pipelines and samplers of the user's own, each against the same work by hand."""

import numpy as np
import pandas as pd
import pytest
from imblearn.ensemble import BalancedBaggingClassifier
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline as ImbPipeline
from imblearn.under_sampling import NearMiss, TomekLinks
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.class_weight import compute_sample_weight
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def numbers(n=300, labels=(0, 1), share=0.2, seed=0):
    k = len(labels)
    weights = [*[(1 - share) / (k - 1)] * (k - 1), share]
    X, y = make_classification(
        n,
        5,
        n_informative=4,
        n_redundant=0,
        n_classes=k,
        n_clusters_per_class=1,
        weights=weights,
        random_state=seed,
    )
    return pd.DataFrame(X, columns=list("abcde")).assign(y=np.array(labels)[y])


def by_hand(frame, estimator, *, weights=False, positive=None, cv=2, target="y"):
    """Out-of-fold and test scores of an estimator, by plain scikit-learn."""
    X, y = frame.drop(columns=target), frame[target]
    X_train, X_test, y_train, _ = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    if positive is not None:
        codes = dict(zip(sorted(y.unique()), range(9), strict=False))
        y_train = y_train.map(codes)

    def fitted(X, y):
        given = (
            {"sample_weight": compute_sample_weight("balanced", y_train).take(place(y))} if weights else {}
        )
        return clone(estimator).fit(X, y, **given)

    def place(y):
        return y_train.index.get_indexer(y.index)

    oof = np.empty((len(y_train), y.nunique()))
    for seen, held in StratifiedKFold(cv, shuffle=True, random_state=0).split(X_train, y_train):
        oof[held] = fitted(X_train.iloc[seen], y_train.iloc[seen]).predict_proba(X_train.iloc[held])
    return np.vstack([oof, fitted(X_train, y_train).predict_proba(X_test)])


def scores(found, strategy):
    rows = found.scores[found.scores["strategy"] == strategy]
    return rows[[name for name in rows if str(name).startswith("probability")]].to_numpy()


BOOSTERS = {
    "xgboost": lambda **given: xgboost.XGBClassifier(n_estimators=15, max_depth=3, n_jobs=1, **given),
    "lightgbm": lambda **given: lightgbm.LGBMClassifier(n_estimators=15, n_jobs=1, verbose=-1, **given),
}

# ---------------------------------------------------------------- boosters


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", BOOSTERS)
@pytest.mark.parametrize(
    ("labels", "positive"), [((0, 1), 1), (("no", "yes"), 1), (("stay", "leave"), 0), ((1, 0), 0)]
)
def test_class_weight_means_scale_pos_weight(name, labels, positive):
    """The booster's own positive class is the second label in sort order, whichever class is rare."""
    frame, make = numbers(labels=labels), BOOSTERS[name]
    found = frame.imb.fit_eval("y", model=make(), strategies=["class_weight"], **QUICK)
    train = train_test_split(frame["y"], test_size=0.2, stratify=frame["y"], random_state=0)[0]
    second = (train == sorted(labels)[1]).sum()
    weighted = make(scale_pos_weight=(len(train) - second) / second)
    for strategy, estimator in (("none", make()), ("class_weight", weighted)):
        wanted = by_hand(frame, estimator, positive=positive)[:, positive]
        assert scores(found, strategy)[:, 0] == pytest.approx(wanted, abs=1e-6), strategy
    raised = found.frame["mean_probability"]
    assert raised["class_weight"] > raised["none"]  # weights push towards the rare class


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", BOOSTERS)
def test_several_classes_get_sample_weights(name):
    frame, make = numbers(labels=("a", "b", "c"), share=0.1), BOOSTERS[name]
    found = frame.imb.fit_eval("y", model=make(), strategies=["class_weight"], **QUICK)
    weighted = by_hand(frame, make(), weights=True, positive=0)
    assert scores(found, "none") == pytest.approx(by_hand(frame, make(), positive=0), abs=1e-6)
    assert scores(found, "class_weight") == pytest.approx(weighted, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOSTERS)
def test_boosters_take_text_columns_and_missing_cells_and_answer_in_labels(name):
    frame = imb.make_churn(300, 0.2)
    found = frame.imb.fit_eval("churn", model=BOOSTERS[name](), strategies=["oversample", "smote"], **QUICK)
    assert list(found.frame.index) == ["none", "oversample", "smote", "dummy"]
    assert set(found.model("smote").predict(frame)) <= {"no", "yes"}


def test_one_class_against_the_rest_with_a_booster():
    frame = numbers(labels=("a", "b", "c"))
    found = frame.imb.fit_eval(
        "y", model=BOOSTERS["xgboost"](), strategies=["class_weight"], pos_label="b", **QUICK
    )
    train = train_test_split(frame["y"], test_size=0.2, stratify=frame["y"], random_state=0)[0]
    last = found.candidates["class_weight"].estimator[-1]
    assert last.scale_pos_weight == pytest.approx((train != "b").sum() / (train == "b").sum())


# ---------------------------------------------------------------- pipelines of the user's own


def own_pipeline(last=None, extra=()):
    parts = [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["tenure_months", "data_gb"]),
        ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["contract"]),
        *extra,
    ]
    return Pipeline(
        [("columns", ColumnTransformer(parts)), ("last", last or LogisticRegression(max_iter=500))]
    )


@pytest.mark.slow
def test_a_pipeline_brings_its_own_preprocessing_and_the_sampler_goes_before_its_last_step():
    frame = imb.make_churn(300, 0.2)
    mine = own_pipeline()
    found = frame.imb.fit_eval("churn", model=mine, strategies=["class_weight", "smote"], **QUICK)
    resampled = ImbPipeline([*mine.steps[:-1], ("sampler", SMOTE(random_state=0)), mine.steps[-1]])
    weighted = own_pipeline(LogisticRegression(max_iter=500, class_weight="balanced"))
    for strategy, estimator in (("none", mine), ("class_weight", weighted), ("smote", resampled)):
        wanted = by_hand(frame, estimator, target="churn")[:, 1]
        assert scores(found, strategy)[:, 0] == pytest.approx(wanted, abs=1e-8)
    assert not hasattr(mine["last"], "coef_")


@pytest.mark.slow
def test_columns_that_we_would_leave_out_reach_a_pipeline_that_names_them():
    frame = imb.make_churn(300, 0.2)
    month = FunctionTransformer(lambda part: part.apply(lambda column: column.dt.month))
    code = FunctionTransformer(lambda part: part.apply(lambda column: column.str[1:].astype(float)))
    extra = [("month", month, ["signup_date"]), ("code", code, ["customer_id"])]
    found = frame.imb.fit_eval("churn", model=own_pipeline(extra=extra), strategies=["oversample"], **QUICK)
    wanted = by_hand(frame, own_pipeline(extra=extra), target="churn")[:, 1]
    assert scores(found, "none")[:, 0] == pytest.approx(wanted, abs=1e-8)
    assert found.model("oversample").predict(frame.head(7)).shape == (7,)


@pytest.mark.slow
def test_a_search_is_rebuilt_around_the_sampler_and_still_searches():
    frame = numbers()
    search = GridSearchCV(LogisticRegression(), {"C": [0.01, 1.0]}, scoring="average_precision", cv=2)
    found = frame.imb.fit_eval("y", model=search, strategies=["smote"], preprocess=None, **QUICK)
    outer = GridSearchCV(
        ImbPipeline([("sampler", SMOTE(random_state=0)), ("model", LogisticRegression())]),
        {"model__C": [0.01, 1.0]},
        scoring="average_precision",
        cv=2,
    )
    assert scores(found, "none") == pytest.approx(by_hand(frame, search)[:, 1:], abs=1e-8)
    assert scores(found, "smote") == pytest.approx(by_hand(frame, outer)[:, 1:], abs=1e-8)
    assert found.model("smote").predict(frame).tolist()[:1] in ([0], [1])


def test_a_pipeline_that_resamples_is_not_corrected_twice():
    mine = ImbPipeline(
        [("units", StandardScaler()), ("more", SMOTE(random_state=3)), ("last", LogisticRegression())]
    )
    frame = numbers()
    found = frame.imb.fit_eval("y", model=mine, **QUICK)
    assert list(found.frame.index) == ["none", "class_weight", "dummy"]
    said = [finding.message for finding in found.findings if finding.code == "IMB110"]
    assert len(said) == 3
    assert scores(found, "none") == pytest.approx(by_hand(frame, mine)[:, 1:], abs=1e-9)


# ---------------------------------------------------------------- models fitted elsewhere


@pytest.mark.parametrize("how", ["frozen", "fitted=True"])
def test_a_fitted_model_is_scored_and_never_fitted(how):
    frame = numbers()
    mine = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame[list("abcde")], frame["y"])
    before = mine[-1].coef_.copy()
    given = {"model": FrozenEstimator(mine)} if how == "frozen" else {"model": mine, "fitted": True}
    found = frame.imb.fit_eval("y", **given, **QUICK)
    assert list(found.frame.index) == ["none", "dummy"]
    assert "IMB312" in found.findings.codes
    rows = found.scores
    assert rows["probability"].to_numpy() == pytest.approx(
        mine.predict_proba(frame.loc[rows.index, list("abcde")])[:, 1]
    )
    assert (mine[-1].coef_ == before).all()
    assert (
        found.model("none").predict(frame[list("abcde")]).tolist()
        == mine.predict(frame[list("abcde")]).tolist()
    )


# ---------------------------------------------------------------- models that cannot do everything


def test_a_model_without_weights_gets_no_made_up_row():
    found = numbers().imb.fit_eval("y", model=KNeighborsClassifier(), **QUICK)
    assert list(found.frame.index) == ["none", "oversample", "undersample", "smote", "dummy"]
    said = [finding.message for finding in found.findings if finding.code == "IMB304"]
    assert [message.split("'")[1] for message in said] == ["class_weight"]


class NoBalance(ClassifierMixin, BaseEstimator):
    """Cannot be fitted where classes are alike, or at all."""

    def __init__(self, always=False):
        self.always = always

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        if self.always or counts[0] == counts[1]:
            raise FloatingPointError("too much of a good thing\nwith a second line")
        self.inner_ = LogisticRegression().fit(X, y)
        return self

    def predict_proba(self, X):
        return self.inner_.predict_proba(X)


@pytest.mark.slow
def test_a_model_that_fails_for_one_strategy_keeps_its_other_rows_as_they_are():
    frame = numbers()
    found = frame.imb.fit_eval(
        "y", model=NoBalance(), strategies=["oversample", TomekLinks()], preprocess=None, **QUICK
    )
    assert list(found.frame.index) == ["none", "TomekLinks", "oversample", "dummy"]
    assert found.frame.loc["oversample"].isna().all()
    said = [str(finding) for finding in found.findings if finding.code == "IMB305"]
    assert len(said) == 1
    assert "'oversample' failed, so its row is empty: FloatingPointError: too much of a good thing" in said[0]
    assert "second line" not in said[0]
    assert scores(found, "none") == pytest.approx(by_hand(frame, LogisticRegression())[:, 1:], abs=1e-9)
    repr(found), found._repr_html_(), found.explain(), found.verdict


def test_a_model_that_always_fails_is_one_sentence():
    with pytest.raises(ModelError, match="NoBalance cannot be fitted on these rows") as caught:
        numbers().imb.fit_eval("y", model=NoBalance(always=True), **QUICK)
    assert "\n" not in str(caught.value)


# ---------------------------------------------------------------- samplers and ensembles


@pytest.mark.slow
def test_sampler_and_ensemble_objects_stand_beside_names():
    frame = numbers()
    bagging = BalancedBaggingClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=4, random_state=1)
    given = [NearMiss(), TomekLinks(), SMOTE(random_state=5), bagging]
    found = frame.imb.fit_eval("y", strategies=given, preprocess=None, **QUICK)
    names = ["none", "NearMiss", "TomekLinks", "SMOTE", "BalancedBaggingClassifier"]
    assert list(found.frame.index) == [*names, "dummy"]
    for name, sampler in zip(names[1:4], given, strict=False):
        hand = ImbPipeline([("s", sampler), ("m", LogisticRegression(max_iter=1000))])
        assert scores(found, name) == pytest.approx(by_hand(frame, hand)[:, 1:], abs=1e-6)
    assert scores(found, names[4]) == pytest.approx(by_hand(frame, bagging)[:, 1:], abs=1e-9)


NAMED = ["borderline", "adasyn", "smote_tomek", "smote_enn", "balanced_forest", "easy_ensemble", "rus_boost"]


@pytest.mark.slow
def test_every_named_strategy_takes_mixed_columns_with_missing_cells():
    frame = imb.make_churn(200, 0.2)
    found = frame.imb.fit_eval("churn", strategies=NAMED, **QUICK)
    assert list(found.frame.index) == ["none", *NAMED, "dummy"]
    assert "IMB305" not in found.findings.codes
    assert found.frame.drop(index="dummy").notna().all(axis=None)
    for name in NAMED:
        assert set(found.model(name).predict(frame)) <= {"no", "yes"}


def test_an_ensemble_gets_no_row_beside_margins():
    """One threshold of 0 for all would flag every row of an ensemble, whose scores are probabilities."""
    found = numbers().imb.fit_eval("y", model="svm", strategies=["balanced_forest", "oversample"], **QUICK)
    assert list(found.frame.index) == ["none", "oversample", "dummy"]
    said = [finding.message for finding in found.findings if finding.code == "IMB304"]
    assert len(said) == 1
    assert "'balanced_forest' is left out" in said[0]
