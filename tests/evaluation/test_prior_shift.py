"""What a strategy multiplied the odds by, against counts taken by hand."""

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTEENN
from imblearn.ensemble import (
    BalancedBaggingClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    RUSBoostClassifier,
)
from imblearn.over_sampling import ADASYN, SMOTE, RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import NearMiss, RandomUnderSampler
from scipy.special import logit
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift

xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"cv": 2, "n_jobs": 1, "progress": False, "calibrators": ()}
SECOND, FIRST = ("often", "rare"), ("z often", "rare")  # where the rare label stands in sort order


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def frame(labels=SECOND, n=300, rare=0.2, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < rare
    X = rng.normal(size=(n, 3)) + y[:, None]
    return pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=np.array(labels)[y.astype(int)])


def train_part(df):
    """Features and labels of the training set, and how many rows are often and rare."""
    split = df.imb.split("y")
    often, rare = int((split.y_train != "rare").sum()), int((split.y_train == "rare").sum())
    return split.X_train, split.y_train, often, rare


def odds_shift(df, strategy="none", **options):
    r = df.imb.reliability("y", strategies=[strategy], **{**QUICK, **options})
    name = list(r.scores_by_strategy)[-1]
    assert r.report.odds_shift[name] == odds_ratio_shift(r.scores_by_strategy[name])
    return odds_ratio_shift(r.scores_by_strategy[name])


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST])
@pytest.mark.parametrize(
    "strategy", ["class_weight", "oversample", "undersample", "smote", "smote+class_weight", "borderline"]
)
def test_what_makes_classes_even_multiplies_the_odds_by_their_ratio(strategy, labels):
    df = frame(labels)
    _, _, often, rare = train_part(df)
    assert odds_shift(df) == 1
    assert odds_shift(df, strategy) == pytest.approx(often / rare, rel=1e-12)


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST])
def test_weights_of_the_original_counts_on_top_of_smote_multiply_once_more(labels):
    df = frame(labels)
    _, _, often, rare = train_part(df)
    assert odds_shift(df, "smote+original_weight") == pytest.approx((often / rare) ** 2, rel=1e-12)
    booster = xgboost.XGBClassifier(n_estimators=3, n_jobs=1)
    # a booster's weight is that of the second label, whichever is ours
    assert odds_shift(df, "smote+original_weight", model=booster) == pytest.approx((often / rare) ** 2)


def test_what_was_multiplied_twice_is_divided_twice():
    df = frame(n=4000, rare=0.1)
    r = df.imb.reliability(
        "y", strategies=["smote+original_weight"], cv=3, calibrators=["prior"], n_jobs=1, progress=False
    )
    rows = r.frame["mean_probability"]
    assert rows["smote+original_weight", "none"] > 0.5
    assert rows["smote+original_weight", "prior"] == pytest.approx(rows["none", "none"], abs=0.01)


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST])
@pytest.mark.parametrize(
    ("strategy", "sampler"), [("adasyn", ADASYN(random_state=0)), ("smote_enn", SMOTEENN(random_state=0))]
)
def test_samplers_that_do_not_even_out_are_counted(strategy, sampler, labels):
    df = frame(labels)
    X, y, often, rare = train_part(df)
    # the sampler sees codes, in the order of the labels
    codes = (y == max(labels)).astype(int)
    made = sampler.fit_resample(StandardScaler().fit_transform(X), codes)[1]
    is_rare = made == int(max(labels) == "rare")
    expected = is_rare.sum() / (~is_rare).sum() / (rare / often)
    assert expected != pytest.approx(often / rare, rel=1e-3)
    assert odds_shift(df, strategy) == pytest.approx(expected, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("labels", [SECOND, FIRST])
def test_a_sampler_of_ones_own_reaches_its_own_ratio(labels):
    df = frame(labels)
    _, _, often, rare = train_part(df)
    for half in (0.5, 0.8):
        under = RandomUnderSampler(sampling_strategy=half, random_state=0)
        kept = int(rare / half)
        assert odds_shift(df, under) == pytest.approx(often / kept, rel=1e-12)
        over = RandomOverSampler(sampling_strategy=half, random_state=0)
        made = int(often * half)
        assert odds_shift(df, over) == pytest.approx(made / rare, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("labels", [SECOND, FIRST])
def test_weights_in_the_model_itself_count(labels):
    df = frame(labels)
    _, _, often, rare = train_part(df)
    given = LogisticRegression(class_weight={"rare": 6.0, labels[0]: 1.5})
    assert odds_shift(df, model=given) == pytest.approx(4)
    assert odds_shift(df, model=LogisticRegression(class_weight={"rare": 3})) == pytest.approx(3)
    # weights on top of resampling multiply: balanced ones find even rows, given ones do not care
    assert odds_shift(df, "oversample", model=given) == pytest.approx(4 * often / rare)
    balanced = LogisticRegression(class_weight="balanced")
    assert odds_shift(df, model=balanced) == pytest.approx(often / rare)
    assert odds_shift(df, "oversample", model=balanced) == pytest.approx(often / rare)
    forest = RandomForestClassifier(5, class_weight="balanced_subsample", random_state=0)
    assert odds_shift(df, model=forest) == pytest.approx(often / rare)


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST])
def test_a_boosters_weight_is_that_of_its_second_class(labels):
    df = frame(labels)
    _, _, often, rare = train_part(df)
    booster = xgboost.XGBClassifier(n_estimators=3, n_jobs=1)
    assert odds_shift(df, model=booster) == 1
    assert odds_shift(df, "class_weight", model=booster) == pytest.approx(often / rare)
    weighted = xgboost.XGBClassifier(n_estimators=3, n_jobs=1, scale_pos_weight=3)
    assert odds_shift(df, model=weighted) == pytest.approx(3 if labels == SECOND else 1 / 3)


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST])
def test_sample_weights_count(labels):
    df = frame(labels)
    _, _, often, rare = train_part(df)
    assert odds_shift(df, "class_weight", model="naive_bayes") == pytest.approx(often / rare)
    assert odds_shift(df, "class_weight", model=GaussianNB()) == pytest.approx(often / rare)


@pytest.mark.slow
@pytest.mark.parametrize("labels", [SECOND, FIRST])
@pytest.mark.parametrize(
    "strategy",
    ["balanced_forest", EasyEnsembleClassifier(2, random_state=0), RUSBoostClassifier(random_state=0)],
)
def test_ensembles_even_out_each_of_their_samples(strategy, labels):
    df = frame(labels)
    _, _, often, rare = train_part(df)
    assert odds_shift(df, strategy) == pytest.approx(often / rare, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("as_model", [False, True])
@pytest.mark.parametrize("labels", [SECOND, FIRST])
def test_ensembles_of_ones_own_reach_their_own_ratio(labels, as_model):
    df = frame(labels)
    _, _, often, rare = train_part(df)
    forest = BalancedRandomForestClassifier(
        5, sampling_strategy=0.5, replacement=True, bootstrap=False, random_state=0
    )
    bagging = BalancedBaggingClassifier(n_estimators=3, random_state=0)
    for ensemble, kept in ((forest, int(rare / 0.5)), (bagging, rare)):
        found = odds_shift(df, model=ensemble) if as_model else odds_shift(df, ensemble)
        assert found == pytest.approx(often / kept, rel=1e-12)


@pytest.mark.slow
def test_a_search_counts_what_its_best_model_has():
    df = frame()
    search = GridSearchCV(LogisticRegression(), {"class_weight": [{"rare": 4.0}]}, cv=2)
    _, _, often, rare = train_part(df)
    assert odds_shift(df, model=search) == pytest.approx(4)
    plain = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    assert odds_shift(df, model=plain) == 1
    assert odds_shift(df, "undersample", model=plain) == pytest.approx(often / rare)


def test_a_sampler_in_the_users_own_pipeline_counts():
    df = frame()
    _, _, often, rare = train_part(df)
    over = RandomOverSampler(sampling_strategy=0.5, random_state=0)
    own = Pipeline([("scale", StandardScaler()), ("over", over), ("last", LogisticRegression())])
    assert odds_shift(df, model=own) == pytest.approx(int(often / 2) / rare)


def test_nothing_is_known_of_what_was_fitted_elsewhere():
    df = frame()
    X, y, _, _ = train_part(df)
    fitted = LogisticRegression(class_weight="balanced").fit(X, y)
    r = df.imb.reliability("y", model=fitted, fitted=True, **QUICK)
    assert odds_ratio_shift(r.scores_by_strategy["none"]) == 1
    scored = df.assign(p=fitted.predict_proba(df[["a", "b", "c"]])[:, 1])
    assert (
        odds_ratio_shift(scored.imb.reliability("y", scores="p", calibrators=()).scores_by_strategy["scores"])
        == 1
    )


@pytest.mark.quick(2)
@pytest.mark.parametrize("strategy", ["class_weight", "oversample", "smote"])
@pytest.mark.parametrize("label", ["a", "b", "c"])
def test_one_class_against_the_rest_counts_all_of_the_rest(strategy, label):
    rng = np.random.default_rng(1)
    y = rng.choice(["a", "b", "c"], 300, p=[0.2, 0.65, 0.15])
    df = pd.DataFrame({"x": rng.normal(size=300) + (y == "a"), "z": rng.normal(size=300), "y": y})
    y_train = df.imb.split("y", pos_label=label).y_train
    there, rest = int((y_train == label).sum()), int((y_train != label).sum())
    found = odds_shift(df, strategy, pos_label=label)
    # where the class is the larger side, the rest is raised, and its odds fall
    assert found == pytest.approx(rest / there, rel=1e-12)
    assert (found < 1) == (label == "b")


def test_dividing_by_it_restores_the_level_of_a_logistic_regression():
    df = frame(n=4000, rare=0.1)
    r = df.imb.reliability(
        "y", strategies=["class_weight"], cv=3, calibrators=["prior"], n_jobs=1, progress=False
    )
    rows = r.frame["mean_probability"]
    assert rows["class_weight", "none"] > 0.25
    assert rows["class_weight", "prior"] == pytest.approx(rows["none", "none"], abs=0.01)


def test_a_sampler_that_names_labels_is_followed():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
    frame["y"] = np.where(np.arange(300) % 10 == 0, "yes", "no")
    sampler = SMOTE(sampling_strategy={"yes": 108}, random_state=0)
    found = frame.imb.fit_eval("y", strategies=[sampler], cv=2, progress=False)
    told = found.reliability(["SMOTE"], calibrators=["prior"])
    assert told.report.odds_shift["SMOTE"] == pytest.approx((108 / 216) / (24 / 216))


WEIGHED = {"none", "class_weight", "oversample", "undersample"}


@pytest.mark.parametrize("model", ["logistic", "naive_bayes", "forest"])
def test_the_correction_is_exact_for_weights_copies_and_drops_of_models_that_shift(model):
    smoothed = RandomOverSampler(shrinkage=0.5, random_state=0)
    asked = [*WEIGHED, "smote", "smote_enn", RandomUnderSampler(random_state=0), smoothed, NearMiss()]
    r = frame().imb.reliability("y", model=model, strategies=asked, **QUICK)
    exact = {name for name, why in r.report.approximate.items() if not why}
    assert exact == (set() if model == "forest" else WEIGHED | {"RandomUnderSampler"})
    why = r.report.approximate
    assert why["smote"] == why["smote_enn"] == why["RandomOverSampler"] == "rows were made between neighbours"
    assert why["NearMiss"] == "rows were not dropped at random"


def test_weights_shift_log_odds_by_a_constant_and_smote_does_not():
    r = frame(n=1000).imb.reliability("y", model="naive_bayes", strategies=["class_weight", "smote"], **QUICK)
    p = {name: r.report.rows[name, "none"].p for name in r.scores_by_strategy}
    moved = {name: logit(p[name]) - logit(p["none"]) for name in ("class_weight", "smote")}
    assert moved["class_weight"] == pytest.approx(np.log(r.report.odds_shift["class_weight"]), abs=1e-6)
    assert np.ptp(moved["smote"]) > 0.1
