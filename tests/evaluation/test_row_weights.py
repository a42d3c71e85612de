"""Weights of rows in fits: held against rows that are repeated, and against plain scikit-learn that is handed them."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from imblearn.ensemble import BalancedBaggingClassifier, BalancedRandomForestClassifier, RUSBoostClassifier
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import Pipeline
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation.permutation import permute
from imbalance_accessor.evaluation.plan import make_plan
from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift
from imbalance_accessor.evaluation.strategy_scores import FittedScores
from imbalance_accessor.inspection.contributions import TO_PREVALENCE, contributions_of
from imbalance_accessor.inspection.learning_curves import rounds_frame
from imbalance_accessor.inspection.pipeline_trace import stages_of
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.modeling.models import read_model
from imbalance_accessor.modeling.pipelines import check_row_weights

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


def weighted_frame(n=300, *, categories=False, seed=8):
    """Complete cells, frequent levels, and whole weights that depend on the class."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)) * [1, 10, 0.1]
    y = rng.random(n) < 1 / (1 + np.exp(1.3 - x[:, 0]))
    df = pd.DataFrame(x, columns=["a", "b", "c"])
    if categories:
        df["kind"] = rng.choice(["x", "y", "z"], n)
    weights = rng.choice([1.0, 2.0, 3.0], n) * np.where(y, 1, 2)
    return df.assign(w=weights, churn=np.where(y, "yes", "no"))


def planned(df, strategies=("none",), model="logistic", *, sample_weight="w", **options):
    given = {"test_size": 0.25, "cv": 3, "random_state": 0} | options
    read = read_model(model)
    features = read_features(df, "churn", sample_weight=sample_weight, for_models=not read.reads_raw)
    return make_plan(features, read, list(strategies), **given)


def scored(plan):
    return plan.score(n_jobs=1, progress=False)


def numbers(plan):
    """What the model of the whole training set learns from and scores, by hand."""
    parts = plan.parts
    X, X_test = (part.X[["a", "b", "c"]] for part in (parts.train, parts.test))
    return X, parts.train.y.to_numpy(), parts.train.X["w"].to_numpy(), X_test


def balanced(y, w):
    totals = {label: w[y == label].sum() for label in np.unique(y)}
    return np.array([w.sum() / (len(totals) * totals[label]) for label in y])


def scaled(X, w, X_test):
    scaler = StandardScaler().fit(X, sample_weight=w)
    return scaler.transform(X), scaler.transform(X_test)


# ---------------------------------------------------------------- repeated rows


def repeated(X, y, weights):
    times = weights.astype(int)
    return X.loc[X.index.repeat(times)], np.repeat(y, times)


@pytest.mark.parametrize("categories", [True, False])
def test_whole_weights_are_repeated_rows_through_scaling_class_weights_and_classifier(categories):
    """The same pipeline, fitted to each fold's rows, each as often as it weighs."""
    df, strategies = weighted_frame(categories=categories), ("none", "class_weight")
    plan, plain = planned(df, strategies), planned(df.assign(w=1.0), strategies)
    found, parts, labels = scored(plan), plan.parts, plan.reader.classes
    X, y, w = plan.reader.features(parts.train), labels[parts.train_outcome], parts.train.X["w"].to_numpy()
    for name in strategies:
        pipeline = plain.candidates[name].estimator
        assert type(pipeline) is Pipeline
        for learn, held in plan.folds.pairs:
            witness = pipeline.fit(*repeated(X.iloc[learn], y[learn], w[learn])).predict_proba(X.iloc[held])
            assert np.abs(found.by_name[name].oof[held] - witness).max() < 1e-9
        witness = pipeline.fit(*repeated(X, y, w)).predict_proba(plan.reader.features(parts.test))
        assert np.abs(found.by_name[name].test - witness).max() < 1e-9


def test_the_users_own_balanced_weights_go_by_weights_too():
    plan = planned(weighted_frame(), model=LogisticRegression(class_weight="balanced", max_iter=1000))
    X, y, w, X_test = numbers(plan)
    X, X_test = scaled(X, w, X_test)
    by_hand = LogisticRegression(max_iter=1000).fit(X, y, sample_weight=w * balanced(y, w))
    found = scored(plan).by_name["none"]
    assert np.abs(found.test - by_hand.predict_proba(X_test)).max() < 1e-9
    assert found.model[-1].class_weight == "balanced"  # it is handed out as it was passed


def test_weights_of_one_leave_every_pipeline_and_number_as_they_are():
    df, strategies = weighted_frame(categories=True), ("none", "class_weight", "smote")
    ones = planned(df.assign(w=1.0), strategies)
    assert {type(each.estimator) for each in ones.candidates.values()} == {Pipeline}
    without = planned(df.drop(columns="w"), strategies, sample_weight=None)
    found, expected = scored(ones), scored(without)
    for name in strategies:
        assert np.array_equal(found.by_name[name].oof, expected.by_name[name].oof)


# ---------------------------------------------------------------- plain scikit-learn

SMALL_FOREST = RandomForestClassifier(n_estimators=10, random_state=0)


@pytest.mark.parametrize(
    ("model", "scales", "by_hand"),
    [
        ("naive_bayes", False, GaussianNB()),
        (SMALL_FOREST, False, SMALL_FOREST),
        ("boosting", False, HistGradientBoostingClassifier(early_stopping=False, random_state=0)),
        ("svm", True, SVC(random_state=0)),
    ],
)
def test_every_model_that_takes_weights_gets_them(model, scales, by_hand):
    plan = planned(weighted_frame(150), ("none", "class_weight"), model, cv=2)
    X, y, w, X_test = numbers(plan)
    if scales:
        X, X_test = scaled(X, w, X_test)
    elif model != "naive_bayes":
        X, X_test = X.to_numpy(), X_test.to_numpy()
    found = scored(plan)
    for name, weights in (("none", w), ("class_weight", w * balanced(y, w))):
        fitted = clone(by_hand).fit(X, y, sample_weight=weights)
        scores = (
            fitted.predict_proba(X_test)[:, 1]
            if hasattr(fitted, "predict_proba")
            else fitted.decision_function(X_test)
        )
        assert np.allclose(found.by_name[name].test[:, 1], scores, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "ensemble",
    [
        BalancedRandomForestClassifier(n_estimators=10, random_state=0),
        RUSBoostClassifier(n_estimators=10, random_state=0),
    ],
)
def test_ensembles_that_take_weights_get_them(ensemble):
    plan = planned(weighted_frame(150), (ensemble,), cv=2)
    X, y, w, X_test = numbers(plan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = clone(ensemble).fit(X.to_numpy(), y, sample_weight=w)
    found = scored(plan).by_name[type(ensemble).__name__]
    assert np.allclose(found.test, fitted.predict_proba(X_test.to_numpy()), atol=1e-12)


def test_a_boosters_ratio_is_that_of_the_weights():
    xgboost = pytest.importorskip("xgboost")
    plan = planned(weighted_frame(), ("class_weight",), xgboost.XGBClassifier(n_estimators=3, n_jobs=1))
    _, y, w, _ = numbers(plan)
    last = plan.candidates["class_weight"].estimator[-1]
    assert last.scale_pos_weight == w[y == "no"].sum() / w[y == "yes"].sum()


# ---------------------------------------------------------------- behind a sampler


def nearest_of_the_class(made, labels, X, y, w):
    """By all distances: rows in front are the real ones, and each one behind them takes the nearest one's weight."""
    found = list(w)
    for row, label in zip(made[len(X) :], labels[len(X) :], strict=True):
        own = np.flatnonzero(y == label)
        found.append(w[own[cdist(row[None, :], X[own]).argmin()]])
    return np.array(found)


def test_copies_keep_their_weight_and_rows_that_smote_makes_take_their_nearest_ones():
    plan = planned(weighted_frame(), ("oversample", "undersample", "smote", "smote_tomek"))
    X, y, w, X_test = numbers(plan)
    X, X_test = scaled(X, w, X_test)
    found = scored(plan)
    for name in ("oversample", "undersample"):
        sampler = clone(plan.candidates[name].strategy.sampler)
        made, labels = sampler.fit_resample(X, y)
        fitted = LogisticRegression(max_iter=1000).fit(made, labels, sample_weight=w[sampler.sample_indices_])
        assert np.abs(found.by_name[name].test - fitted.predict_proba(X_test)).max() < 1e-9
    made, labels = SMOTE(random_state=0).fit_resample(X, y)
    weights = nearest_of_the_class(made, labels, X, y, w)
    fitted = LogisticRegression(max_iter=1000).fit(made, labels, sample_weight=weights)
    assert np.abs(found.by_name["smote"].test - fitted.predict_proba(X_test)).max() < 1e-9
    sampler = clone(plan.candidates["smote_tomek"].strategy.sampler)
    left, labels = sampler.fit_resample(X, y)
    kept = sampler.tomek_.sample_indices_
    fitted = LogisticRegression(max_iter=1000).fit(left, labels, sample_weight=weights[kept])
    assert np.abs(found.by_name["smote_tomek"].test - fitted.predict_proba(X_test)).max() < 1e-9


def test_what_is_handed_out_predicts_pickles_clones_and_is_fitted_anew():
    df = weighted_frame(categories=True)
    plan = planned(df, ("smote",))
    found = scored(plan).by_name["smote"]
    rows = plan.parts.test.X
    for model in (found.model, pickle.loads(pickle.dumps(found.model))):
        assert np.array_equal(model.predict_proba(rows), found.test)
    X, y = plan.parts.train.X, plan.parts.train.y
    again = clone(found.model).fit(X, y, sample_weight=X["w"])
    assert np.abs(again.predict_proba(rows) - found.test).max() < 1e-9
    without = clone(found.model).fit(X, y)
    assert np.abs(without.predict_proba(rows) - found.test).max() > 1e-3


def test_a_sampler_within_a_pipeline_of_ones_own_hands_weights_on():
    own = Pipeline(
        [("units", MinMaxScaler()), ("more", RandomOverSampler(random_state=3)), ("last", GaussianNB())]
    )
    plan = planned(weighted_frame(), model=own)
    X, y, w, X_test = numbers(plan)
    units, more = MinMaxScaler().fit(X), RandomOverSampler(random_state=3)
    made, labels = more.fit_resample(units.transform(X), y)
    fitted = GaussianNB().fit(made, labels, sample_weight=w[more.sample_indices_])
    assert np.allclose(
        scored(plan).by_name["none"].test, fitted.predict_proba(units.transform(X_test)), atol=1e-9
    )


# ---------------------------------------------------------------- models of the user's own


def test_weights_reach_the_last_step_of_ones_own_pipeline_and_search_under_any_routing():
    """scikit-learn's own way: ``last__sample_weight``, and steps before it count every row once."""
    own = Pipeline([("units", StandardScaler()), ("last", LogisticRegression())])
    search = GridSearchCV(own, {"last__C": [0.01, 1.0]}, cv=2, scoring="neg_log_loss")
    for model in (own, search):
        plan = planned(weighted_frame(), model=model, cv=2)
        found = scored(plan).by_name["none"].test
        with sklearn.config_context(enable_metadata_routing=True):
            assert np.array_equal(
                scored(planned(weighted_frame(), model=model, cv=2)).by_name["none"].test, found
            )
        X, y, w, X_test = numbers(plan)
        best = own if model is own else own.set_params(last__C=_settled(scored(plan)))
        fitted = clone(best).fit(X, y, last__sample_weight=w)
        assert np.abs(found - fitted.predict_proba(X_test)).max() < 1e-9


def _settled(found):
    (search,) = (step for _, step in found.by_name["none"].model.steps if hasattr(step, "best_params_"))
    return search.best_params_["last__C"]


def test_a_step_that_asks_for_weights_gets_them():
    with sklearn.config_context(enable_metadata_routing=True):
        asking = StandardScaler().set_fit_request(sample_weight=True)
    own = Pipeline([("units", asking), ("last", LogisticRegression())])
    plan = planned(weighted_frame(), model=own, cv=2)
    X, y, w, X_test = numbers(plan)
    X, X_test = scaled(X, w, X_test)
    fitted = LogisticRegression().fit(X, y, sample_weight=w)
    assert np.abs(scored(plan).by_name["none"].test - fitted.predict_proba(X_test)).max() < 1e-9


@pytest.mark.parametrize(
    "model",
    ["knn", KNeighborsClassifier(), VotingClassifier([("near", KNeighborsClassifier())], voting="soft")],
    ids=["a name", "an object", "one inside"],
)
def test_a_model_that_takes_no_weights_is_refused_before_any_fit(model):
    with pytest.raises(ModelError, match="takes no row weights") as refused:
        planned(weighted_frame(), model=model)
    assert "'w'" in str(refused.value)
    check_row_weights(read_model("logistic"), "w")


def test_an_ensemble_that_takes_no_weights_is_left_out_with_a_finding():
    plan = planned(weighted_frame(), ("easy_ensemble", BalancedBaggingClassifier()))
    assert list(plan.candidates) == ["none"]
    found = [each for each in plan.findings if each.code == "IMB323"]
    assert len(found) == 2 and all("takes no row weights" in each.message for each in found)
    plan = planned(weighted_frame(), ("balanced_forest",))
    assert not [each for each in plan.findings if each.code == "IMB323"]


# ---------------------------------------------------------------- what follows


def strategy_scores(plan, name):
    return FittedScores(scored(plan), name, plan)


@pytest.mark.parametrize("cap", [None, 150])
def test_odds_are_shifted_by_sums_of_weights(cap):
    plan = planned(weighted_frame(), ("class_weight", "oversample"), max_rows=cap)
    y, w = plan.parts.train.y.to_numpy(), plan.parts.train.X["w"].to_numpy()
    before = w[y == "yes"].sum() / w[y == "no"].sum()
    assert odds_ratio_shift(strategy_scores(plan, "class_weight")) == pytest.approx(1 / before)
    learned = slice(None) if cap is None else plan.parts.kept
    X, y, w = plan.parts.train.X[["a", "b", "c"]].iloc[learned], y[learned], w[learned]
    sampler = RandomOverSampler(random_state=0)
    _, labels = sampler.fit_resample(X, y)
    made = w[sampler.sample_indices_]
    after = made[labels == "yes"].sum() / made[labels == "no"].sum()
    assert odds_ratio_shift(strategy_scores(plan, "oversample")) == pytest.approx(after / before)
    plain = w[y == "yes"].sum() / w[y == "no"].sum()
    assert odds_ratio_shift(strategy_scores(plan, "none")) == pytest.approx(plain / before)


def test_a_shuffled_label_takes_its_weight_along():
    plan = planned(weighted_frame(), model="naive_bayes", cv=2)
    found = permute(plan, scored(plan), 2, n_jobs=1, progress=False)
    X, y, w, X_test = numbers(plan)
    y_test, w_test = plan.parts.test.y.to_numpy() == "yes", plan.parts.test.X["w"].to_numpy()
    real = GaussianNB().fit(X, y, sample_weight=w).predict_proba(X_test)[:, 1]
    assert found.real == pytest.approx(average_precision_score(y_test, real, sample_weight=w_test))
    rng, by_hand = np.random.default_rng(0), []
    for _ in range(2):
        order, held = rng.permutation(len(y)), rng.permutation(len(y_test))
        p = GaussianNB().fit(X, y[order], sample_weight=w[order]).predict_proba(X_test)[:, 1]
        by_hand.append(average_precision_score(y_test[held], p, sample_weight=w_test[held]))
    assert found.shuffled.tolist() == pytest.approx(by_hand)


def test_rounds_terms_and_stages_follow():
    plan = planned(weighted_frame(), ("class_weight",), HistGradientBoostingClassifier(max_iter=4), cv=2)
    found = strategy_scores(plan, "class_weight")
    last = rounds_frame(found).iloc[-1]
    y, w = plan.parts.train_outcome, plan.parts.train.X["w"].to_numpy()
    p = found.scored.by_name["class_weight"].oof[np.arange(len(y)), y]
    assert last["oof_loss"] == pytest.approx(np.average(-np.log(p), weights=w))
    assert "row weights" in stages_of(found)[-2].what
    plan = planned(weighted_frame(), ("class_weight",), cv=2)
    found = strategy_scores(plan, "class_weight")
    for part in (plan.parts.train, plan.parts.test):
        told = contributions_of(found, part.y.index[0])
        assert told.kind == "coefficients" and 1 / (1 + np.exp(-told.total)) == pytest.approx(told.score)
        assert np.isfinite(
            told.corrected
        )  # the odds without the class weights are those of the rows' weights


@pytest.mark.parametrize(("model", "weighted"), [("logistic", True), ("knn", False), (SMALL_FOREST, False)])
def test_terms_of_a_row_add_up_to_its_probability_at_a_prevalence(model, weighted):
    df = weighted_frame(200)
    given = {"sample_weight": "w"} if weighted else {}
    df = df if weighted else df.drop(columns="w")
    options = {"strategies": ["oversample"], "cv": 2, "n_jobs": 1, "progress": False, "prevalence": 0.02}
    with draws_at_most(20):
        e = imb.fit_eval(df, "churn", model=model, **options, **given)
    for part in (e.scored.parts.train, e.scored.parts.test):
        trace = e.trace("oversample", row=part.y.index[0])
        told = trace.contributions
        assert told.terms[-1][0] == TO_PREVALENCE
        total = 1 / (1 + np.exp(-told.total)) if told.unit == "log odds" else told.total
        assert total == pytest.approx(told.score)
        assert told.odds_shift == 1 and np.isnan(told.corrected)
        assert " becomes " in str(trace.explain())
