"""Calibrators equal scikit-learn's `CalibratedClassifierCV(pipeline, cv=folds, ensemble=False)`, on raw rows and in pickles."""

import pickle

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import AdaBoostClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.utils.metaestimators import available_if
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError, OptionError
from imbalance_accessor.metrics.weights import Weights
from imbalance_accessor.modeling.calibrators import fit_calibrator, known_calibrators, learning_weights

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

CALIBRATORS = tuple(name for name in known_calibrators() if name != "prior")
SECOND, FIRST = ("often", "rare"), ("z often", "rare")  # where the rare label stands in sort order
MODELS = {
    "logistic": LogisticRegression(max_iter=1000),
    "forest": RandomForestClassifier(n_estimators=12, min_samples_leaf=3, random_state=0),
    "naive_bayes": GaussianNB(),
    "linear_svc": LinearSVC(),
    "svc": SVC(),
    "boosting": HistGradientBoostingClassifier(max_iter=8, random_state=0),
    "ada": AdaBoostClassifier(n_estimators=6, random_state=0),
    "qda": QuadraticDiscriminantAnalysis(),
}
QUICK = {"cv": 3, "n_jobs": 1, "progress": False}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def frame(labels=SECOND, n=360, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    rare = rng.random(n) < expit(X.sum(axis=1) - 1.2)
    found = pd.DataFrame(X, columns=["a", "b", "c"], index=np.arange(n) * 3 + 7)
    return found.assign(y=pd.Series(np.array(labels)[rare.astype(int)], index=found.index))


def with_strategy(classifier, strategy):
    samplers = {
        "oversample": [RandomOverSampler(random_state=0)],
        "undersample": [RandomUnderSampler(random_state=0)],
    }
    return make_pipeline(*samplers.get(strategy, []), classifier)


def scikit_learns(df, pipeline, method, label="rare"):
    """Return probabilities of `label` on the test set by scikit-learn alone."""
    X_train, X_test, y_train, _ = df.imb.split("y")
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    outer = CalibratedClassifierCV(pipeline, method=method, cv=folds, ensemble=False)
    outer.fit(X_train, y_train.to_numpy())  # its temperature reads an index as places
    return outer.predict_proba(X_test)[:, list(outer.classes_).index(label)]


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST])
@pytest.mark.parametrize("name", MODELS)
def test_every_calibrator_equals_scikit_learns(name, labels):
    df = frame(labels)
    r = df.imb.reliability("y", model=MODELS[name], preprocess=None, calibrators=CALIBRATORS, **QUICK)
    X_test = df.imb.split("y").X_test
    for method in CALIBRATORS:
        expected = scikit_learns(df, MODELS[name], method)
        # scikit-learn's sigmoid and temperature stop within a tolerance of their own
        far = 1e-9 if method == "isotonic" else 2e-5
        np.testing.assert_allclose(
            r.report.rows["none", method].p, expected, rtol=0, atol=far, err_msg=method
        )
        model = r.model(method)
        at = list(model.classes_).index("rare")
        np.testing.assert_allclose(
            model.predict_proba(df.loc[X_test.index])[:, at], expected, rtol=0, atol=far
        )


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST])
@pytest.mark.parametrize("strategy", ["oversample", "undersample"])
@pytest.mark.parametrize("name", ["logistic", "forest"])
def test_after_resampling_calibrators_are_fitted_on_untouched_rows(name, strategy, labels):
    df = frame(labels)
    r = df.imb.reliability("y", model=MODELS[name], preprocess=None, strategies=[strategy], **QUICK)
    for method in ("sigmoid", "isotonic"):
        expected = scikit_learns(df, with_strategy(MODELS[name], strategy), method)
        far = 1e-9 if method == "isotonic" else 2e-5
        np.testing.assert_allclose(r.report.rows[strategy, method].p, expected, rtol=0, atol=far)


def test_preprocessing_stands_inside_the_pipeline_that_is_calibrated():
    df = frame()
    expected = scikit_learns(
        df, make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)), "isotonic"
    )
    r = df.imb.reliability("y", **QUICK)
    np.testing.assert_allclose(r.report.rows["none", "isotonic"].p, expected, rtol=0, atol=1e-9)


def test_one_class_of_three_is_calibrated_against_the_rest():
    df = frame()
    df["y"] = np.where(df["b"] > 0.8, "third", df["y"])
    r = df.imb.reliability("y", pos_label="rare", **QUICK)
    X_train, X_test, y_train, _ = df.imb.split("y", pos_label="rare")
    fold = r.scores_by_strategy["none"].scored.folds.ids
    folds = [(np.flatnonzero(fold != each), np.flatnonzero(fold == each)) for each in range(3)]
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    for method, far in (("sigmoid", 2e-5), ("isotonic", 1e-9)):
        outer = CalibratedClassifierCV(pipeline, method=method, cv=folds, ensemble=False)
        expected = outer.fit(X_train, y_train == "rare").predict_proba(X_test)[:, 1]
        np.testing.assert_allclose(r.report.rows["none", method].p, expected, rtol=0, atol=far)


@pytest.mark.slow
def test_an_evaluation_calibrates_as_the_verb_does():
    df = frame()
    verb = df.imb.reliability("y", strategies=["class_weight"], **QUICK)
    given = df.imb.fit_eval("y", strategies=["class_weight"], **QUICK).reliability(["class_weight"])
    pd.testing.assert_frame_equal(given.frame, verb.frame.loc[["class_weight"]])


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_a_column_of_scores_is_calibrated_on_the_train_rows(method):
    df = frame().assign(p=lambda d: expit(d["a"] + d["b"]))
    r = df.imb.reliability("y", scores="p", **QUICK)
    train, test = (df.loc[part.index] for part in (df.imb.split("y").X_train, df.imb.split("y").X_test))

    class Column(GaussianNB):
        def predict_proba(self, X):
            return np.column_stack([1 - X["p"], X["p"]])

    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    outer = CalibratedClassifierCV(Column(), method=method, cv=folds, ensemble=False)
    expected = outer.fit(train[["p"]], train["y"]).predict_proba(test[["p"]])[:, 1]
    np.testing.assert_allclose(r.report.rows["scores", method].p, expected, rtol=0, atol=1e-12)


class Column(ClassifierMixin, BaseEstimator):
    """A column of margins is the model; `p` beside it makes them probabilities."""

    def __init__(self, p=False):
        self.p = p
        self.classes_ = np.array([0, 1])

    def fit(self, X, y, sample_weight=None):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def predict(self, X):
        return (X[:, 0] > 0).astype(int)

    @available_if(lambda self: not self.p)
    def decision_function(self, X):
        return X[:, 0]

    @available_if(lambda self: self.p)
    def predict_proba(self, X):
        return np.column_stack([1 - expit(X[:, 0]), expit(X[:, 0])])


@pytest.mark.parametrize("scores", ["distinct", "tied", "backwards", "few", "one-sided", "huge"])
@pytest.mark.parametrize("name", CALIBRATORS)
def test_calibrators_are_scikit_learns_to_the_last_bit(name, scores):
    y, p, counts = weighted(12 if scores == "few" else 300)
    y[:2] = True, False
    margin = logit(p) + (0 if scores == "tied" else np.linspace(0, 1e-5, len(p)))
    margin *= {"backwards": -1, "huge": 1e4}.get(scores, 1)
    margin = np.abs(margin) if scores == "one-sided" else margin
    asked, every = np.linspace(-8, 8, 99), [(np.arange(len(y)), np.arange(len(y)))]
    for w in (None, counts.astype(float)):
        for as_p in (False, True):
            outer = CalibratedClassifierCV(Column(as_p), method=name, cv=every, ensemble=False)
            outer.fit(margin[:, None], y.astype(int), sample_weight=w)
            learned, read = ((expit(each), None if as_p else each) for each in (margin, asked))
            found = fit_calibrator(name, y, *learned, 1.0, w).apply(*read)
            np.testing.assert_array_equal(found, outer.predict_proba(asked[:, None])[:, 1])


# --- ranking ---------------------------------------------------------------------------------------------------------


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST])
@pytest.mark.parametrize("name", ["logistic", "forest", "naive_bayes"])
def test_prior_and_sigmoid_keep_the_ranking_and_isotonic_inverts_no_pair(name, labels):
    df = frame(labels)
    r = df.imb.reliability("y", model=MODELS[name], strategies=["class_weight"], **QUICK)
    y = (df.imb.split("y").y_test == "rare").to_numpy()
    raw = r.report.rows["class_weight", "none"].p
    for calibrator in ("prior", "sigmoid"):
        p = r.report.rows["class_weight", calibrator].p
        assert roc_auc_score(y, p) == roc_auc_score(y, raw)
        for end in ("", "_low", "_high"):
            column = r.frame[f"average_precision{end}"]
            assert column["class_weight", calibrator] == column["class_weight", "none"]
        assert (np.diff(p[np.argsort(raw, kind="stable")]) >= 0).all()
    stepped = r.report.rows["class_weight", "isotonic"].p
    assert (np.diff(stepped[np.argsort(raw, kind="stable")]) >= 0).all()
    shown = r.frame.loc[("class_weight", "isotonic"), "average_precision"]
    assert shown == pytest.approx(average_precision_score(y, stepped), abs=1e-12)


def test_scores_that_a_sigmoid_makes_one_probability_are_tied():
    rng = np.random.default_rng(0)
    margin = np.repeat([-60.0, 1.0], 200) + rng.random(
        400
    )  # the lower ones are told apart by their log odds alone
    df = pd.DataFrame({"p": expit(margin), "y": np.where(rng.random(400) < 0.4, "rare", "most")})
    r = df.imb.reliability("y", scores="p", pos_label="rare", calibrators=["sigmoid"], **QUICK)
    row, raw = r.report.rows["scores", "sigmoid"], r.report.rows["scores", "none"].p
    y = df.imb.split("y").y_test == "rare"
    shown = r.frame["average_precision"]
    assert shown["scores", "none"] == pytest.approx(average_precision_score(y, raw), abs=1e-12)
    assert shown["scores", "sigmoid"] == pytest.approx(average_precision_score(y, row.p), abs=1e-12)
    assert len(np.unique(row.p)) < len(np.unique(raw))
    assert shown["scores", "sigmoid"] != pytest.approx(shown["scores", "none"], abs=1e-4)


def test_a_sigmoid_of_scores_that_rank_backwards_turns_them_round():
    df = frame().assign(p=lambda d: expit(-d["a"] - d["b"] - d["c"]))
    r = df.imb.reliability("y", scores="p", **QUICK)
    y = (df.imb.split("y").y_test == "rare").to_numpy()
    row, raw = r.report.rows["scores", "sigmoid"], r.report.rows["scores", "none"].p
    assert row.calibrator.inverts
    assert roc_auc_score(y, row.p) == pytest.approx(1 - roc_auc_score(y, raw), abs=1e-12)
    shown = r.frame.loc[("scores", "sigmoid"), "average_precision"]
    assert shown == pytest.approx(average_precision_score(y, row.p), abs=1e-12)
    assert shown > r.frame.loc[("scores", "none"), "average_precision"]


def test_a_sigmoid_says_whether_it_inverts():
    rng = np.random.default_rng(0)
    margin = rng.normal(size=500)
    y = rng.random(500) < expit(margin)
    for sign in (1, -1):
        for p, m in ((expit(sign * margin), None), (expit(sign * margin), sign * margin)):
            assert fit_calibrator("sigmoid", y, p, m, 1.0).inverts == (sign == -1)
    assert not fit_calibrator("isotonic", y, expit(margin), None, 1.0).inverts
    assert not fit_calibrator("prior", y, expit(margin), None, 19.0).inverts


# --- what is handed out ----------------------------------------------------------------------------------------------


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [SECOND, FIRST, (0, 1), (1, 0), (False, True), (2.0, 1.0)])
def test_models_pickle_and_answer_raw_rows_in_the_labels_own_type(labels):
    df = frame(labels).assign(
        unused=pd.Timestamp("2024-01-01"), text=lambda d: np.where(d["a"] > 0, "x", None)
    )
    calibrators = ("prior", *CALIBRATORS)
    r = df.imb.reliability(
        "y", strategies=["class_weight"], calibrators=calibrators, pos_label=labels[1], **QUICK
    )
    rows = df.loc[df.imb.split("y").X_test.index]
    for calibrator in ("none", *calibrators):
        model = r.model(calibrator, strategy="class_weight")
        again = pickle.loads(pickle.dumps(model))
        both = again.predict_proba(rows)
        np.testing.assert_array_equal(both, model.predict_proba(rows))
        np.testing.assert_allclose(both.sum(axis=1), 1, atol=1e-12)
        assert again.classes_.tolist() == sorted(labels)
        at = again.classes_.tolist().index(labels[1])
        np.testing.assert_allclose(
            both[:, at], r.report.rows["class_weight", calibrator].p, rtol=0, atol=1e-7
        )
        answered = again.predict(rows)
        assert {type(each) for each in answered.tolist()} == {type(labels[0])}
        likelier = both[:, at] > 0.5
        assert 0 < likelier.sum() < len(rows)
        assert (answered[likelier] == labels[1]).all()
        assert (answered[~likelier] == labels[0]).all()


def test_the_model_handed_out_is_the_calibrator_chosen_out_of_fold():
    df = frame()
    r = df.imb.reliability("y", strategies=["undersample"], **QUICK)
    rows = df.iloc[:50]
    for strategy, calibrator in r.best.items():
        default, named = r.model(strategy=strategy), r.model(calibrator, strategy=strategy)
        np.testing.assert_array_equal(default.predict_proba(rows), named.predict_proba(rows))


def test_no_model_is_handed_out_where_there_is_none():
    df = frame().assign(p=lambda d: expit(d["a"]))
    with pytest.raises(ModelError, match="Nothing was fitted"):
        df.imb.reliability("y", scores="p", **QUICK).model("sigmoid")
    r = imb.reliability(df.drop(columns="p"), "y", calibrators=["sigmoid"], **QUICK)
    with pytest.raises(OptionError, match="isotonic"):
        r.model("isotonic")
    with pytest.raises(OptionError, match="smote"):
        r.model("sigmoid", strategy="smote")


# --- weights of rows -------------------------------------------------------------------------------------------------


def weighted(n=400, seed=0):
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.0, 1.2, n)
    return rng.random(n) < expit(odds), expit(odds + 0.7).round(3), rng.integers(1, 5, n)


@pytest.mark.parametrize("name", CALIBRATORS)
def test_whole_weights_do_what_as_many_equal_rows_do(name):
    y, p, counts = weighted()
    found = fit_calibrator(name, y, p, None, 1.0, counts.astype(float)).apply(p)
    again = fit_calibrator(name, np.repeat(y, counts), np.repeat(p, counts), None, 1.0).apply(p)
    # sigmoid and temperature are searched for, and the search stops within a tolerance
    np.testing.assert_allclose(found, again, atol=1e-9 if name == "isotonic" else 1e-5)


@pytest.mark.filterwarnings("ignore:Since .* does not appear to accept sample_weight")
@pytest.mark.parametrize("name", CALIBRATORS)
def test_weights_reach_scikit_learns_calibrators_as_its_sample_weight(name):
    df = frame()
    X, y, w = df[list("abc")].to_numpy(), (df["y"] == "rare").to_numpy(), weighted(len(df))[2].astype(float)
    folds, model = (
        list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, y)),
        KNeighborsClassifier(15),
    )
    outer = CalibratedClassifierCV(model, method=name, cv=folds, ensemble=False)
    expected = outer.fit(X, y, sample_weight=w).predict_proba(X)[:, 1]
    p = cross_val_predict(model, X, y, cv=folds, method="predict_proba")[:, 1]
    found = fit_calibrator(name, y, p, None, 1.0, w).apply(model.fit(X, y).predict_proba(X)[:, 1])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("prevalence", [0.001, 0.6])
def test_a_sigmoid_at_a_prevalence_has_its_level(prevalence):
    y, p, _ = weighted(4000)
    weights = Weights(factors=np.array([(1 - prevalence) / (1 - y.mean()), prevalence / y.mean()]))
    found = fit_calibrator("sigmoid", y, p, None, 1.0, learning_weights(y, weights)).apply(p)
    assert np.average(found, weights=weights.of(y)) == pytest.approx(prevalence, rel=0.01)


def test_what_rows_count_where_calibrators_learn():
    y, own = np.array([True, False, False]), np.array([2.0, 1.0, 3.0])
    assert learning_weights(y) is None
    assert learning_weights(y, deals=4).tolist() == [0.25] * 3
    assert learning_weights(y, Weights(own)).tolist() == [2, 1, 3]
    known = Weights(own, np.array([1.5, 0.5]))
    assert learning_weights(y, known, 2).tolist() == [1, 1.5, 4.5]
