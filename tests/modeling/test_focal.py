"""The classifiers under the focal loss: against scikit-learn, the boosters' own log loss, and Newton steps by hand."""

import doctest
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.fixes import parse_version

from imbalance_accessor.modeling import focal
from imbalance_accessor.modeling.focal import FocalLogisticRegression, counterparts, is_focal, logistic
from imbalance_accessor.modeling.focal.counterparts import focal_counterpart

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")
FocalXGBClassifier, FocalLGBMClassifier = focal.FocalXGBClassifier, focal.FocalLGBMClassifier

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

BOOSTED = {FocalXGBClassifier: {"n_jobs": 1}, FocalLGBMClassifier: {"n_jobs": 1, "verbose": -1}}
#: Up to 1.6 this check gives the two fits different labels where a classifier takes two classes alone.
MISTAKEN = {
    f"check_sample_weight_equivalence_on_{kind}_data": "the check itself swaps the labels"
    for kind in ("dense", "sparse")
    if parse_version(sklearn.__version__) < parse_version("1.7")
}


def rows(n=300, seed=0, share=0.15):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    return rng.normal(size=(n, 3)) + 0.8 * y[:, None], y, rng.random(n) + 0.2


# ---------------------------------------------------------------- logistic regression


@parametrize_with_checks([FocalLogisticRegression()], expected_failed_checks=lambda _: MISTAKEN)
def test_it_is_a_classifier_as_scikit_learn_wants_one(estimator, check):
    check(estimator)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0, np.inf])
@pytest.mark.parametrize("weighted", [False, True])
def test_gamma_0_is_logistic_regression(C, weighted):
    X, y, weight = rows()
    given = {"sample_weight": weight} if weighted else {}
    plain = LogisticRegression(C=C, tol=1e-8).fit(X, y, **given)
    found = FocalLogisticRegression(gamma=0, C=C, tol=1e-8).fit(X, y, **given)
    assert found.coef_ == pytest.approx(plain.coef_, abs=1e-5)
    assert found.intercept_ == pytest.approx(plain.intercept_, abs=1e-5)
    assert found.predict_proba(X) == pytest.approx(plain.predict_proba(X), abs=1e-5)
    assert (found.coef_.shape, found.intercept_.shape) == (plain.coef_.shape, plain.intercept_.shape)


def penalised(model, coef, X, y):
    """What is minimised, added up row by row."""
    total = sum(float(b) ** 2 for b in coef[:-1]) / (2 * model.C)
    for row, label in zip(X, y, strict=True):
        raw = sum(float(a) * float(b) for a, b in zip(row, coef[:-1], strict=True)) + float(coef[-1])
        p = 1 / (1 + math.exp(-raw if label else raw))
        weight = 1.0 if model.alpha is None else model.alpha if label else 1 - model.alpha
        total -= weight * (1 - p) ** model.gamma * math.log(p)
    return total


@pytest.mark.parametrize(("alpha", "gamma", "C"), [(None, 2.0, 1.0), (0.25, 2.0, 0.1), (None, 0.5, 10.0)])
def test_no_step_from_the_minimum_leads_lower(alpha, gamma, C):
    X, y, _ = rows(120)
    model = FocalLogisticRegression(alpha=alpha, gamma=gamma, C=C, tol=1e-9).fit(X, y)
    coef = np.append(model.coef_[0], model.intercept_)
    least = penalised(model, coef, X, y)
    assert least < penalised(model, np.zeros(4), X, y) - 0.1
    for place in range(4):
        for step in (-1e-3, 1e-3):
            moved = coef.copy()
            moved[place] += step
            assert penalised(model, moved, X, y) > least


def test_alpha_is_a_weight_of_the_second_class():
    X, y, _ = rows()
    found = FocalLogisticRegression(alpha=0.2, tol=1e-9).fit(X, y)
    by_weights = FocalLogisticRegression(tol=1e-9).fit(X, y, np.where(y, 0.2, 0.8))
    assert found.coef_ == pytest.approx(by_weights.coef_, abs=1e-6)


def test_weights_count_rows():
    X, y, _ = rows(80)
    times = np.arange(80) % 3
    found = FocalLogisticRegression(tol=1e-10).fit(X, y, times)
    repeated = FocalLogisticRegression(tol=1e-10).fit(X.repeat(times, axis=0), y.repeat(times))
    assert found.coef_ == pytest.approx(repeated.coef_, abs=1e-6)


def test_sparse_rows_and_labels_of_any_kind():
    X, y, _ = rows()
    found = FocalLogisticRegression().fit(X, y)
    words = np.array(["stay", "leave"])[y]  # leave comes first in sort order
    other = FocalLogisticRegression().fit(sparse.csr_matrix(X), words)
    assert other.classes_.tolist() == ["leave", "stay"]
    assert other.predict_proba(X)[:, 0] == pytest.approx(found.predict_proba(X)[:, 1], abs=1e-6)
    raw = found.decision_function(X)
    assert found.predict_proba(X)[:, 1] == pytest.approx(1 / (1 + np.exp(-raw)))
    assert (found.predict(X) == (raw > 0)).all()


def test_what_it_cannot_fit_is_refused():
    X, y, _ = rows(60)
    with pytest.raises(ValueError, match="type of the target is multiclass"):
        FocalLogisticRegression().fit(X, np.arange(60) % 3)
    with pytest.raises(ValueError, match="one class alone"):
        FocalLogisticRegression().fit(X, np.zeros(60))
    with pytest.raises(ValueError, match="gamma"):
        FocalLogisticRegression(gamma=-1).fit(X, y)
    with pytest.raises(NotFittedError):
        FocalLogisticRegression().predict(X)
    with pytest.warns(ConvergenceWarning, match="raise max_iter"):
        FocalLogisticRegression(max_iter=1).fit(X, y)


# ---------------------------------------------------------------- boosting


@pytest.mark.parametrize("kind", BOOSTED)
def test_gamma_0_is_the_boosters_own_log_loss(kind):
    X, y, weight = rows()
    given = {"n_estimators": 15, "max_depth": 3, **BOOSTED[kind]}
    from_0 = {"base_score": 0.5} if kind is FocalXGBClassifier else {"boost_from_average": False}
    found = kind(focal_gamma=0, **given).fit(X, y, sample_weight=weight)
    own = kind.__bases__[0](**given, **from_0).fit(X, y, sample_weight=weight)
    assert found.predict_proba(X) == pytest.approx(own.predict_proba(X), abs=1e-6)


def newton(y, raw, gamma, weight):
    """One leaf's sums of gradient and Hessian, from the loss by differences."""

    def loss(label, at):
        p = 1 / (1 + math.exp(-at if label else at))
        return -((1 - p) ** gamma) * math.log(p)

    h = 1e-4
    pairs = [*zip(y, weight, strict=True)]
    slope = sum(w * (loss(label, raw + h) - loss(label, raw - h)) / (2 * h) for label, w in pairs)
    bend = sum(
        w * (loss(label, raw + h) + loss(label, raw - h) - 2 * loss(label, raw)) / h**2 for label, w in pairs
    )
    return slope, bend


@pytest.mark.parametrize("gamma", [1.0, 2.0])
@pytest.mark.parametrize("kind", BOOSTED)
def test_each_round_is_a_newton_step_in_each_leaf(kind, gamma):
    side = np.arange(120) % 2
    place = np.arange(120) // 2
    y = (place % np.where(side, 2, 10) == 0).astype(int)
    weight = np.array([1.0, 2.0, 0.5])[place % 3]
    given = {"n_estimators": 3, "learning_rate": 0.5, "reg_lambda": 1.0, **BOOSTED[kind]}
    found = kind(focal_gamma=gamma, max_depth=1, **given).fit(side[:, None], y, sample_weight=weight)
    for leaf in (0, 1):
        rows_there, raw = side == leaf, 0.0
        for _ in range(3):
            slope, bend = newton(y[rows_there], raw, gamma, weight[rows_there])
            raw -= 0.5 * slope / (bend + 1.0)
        p = found.predict_proba([[leaf]])[0]
        assert p == pytest.approx([1 / (1 + math.exp(raw)), 1 / (1 + math.exp(-raw))], abs=1e-5)


@pytest.mark.parametrize("kind", BOOSTED)
def test_boosters_keep_the_manners_of_scikit_learn(kind):
    X, y, weight = rows()
    model = clone(kind(n_estimators=8, focal_gamma=1.5, focal_alpha=0.4, **BOOSTED[kind]))
    params = model.get_params()
    assert (params["n_estimators"], params["focal_gamma"], params["focal_alpha"]) == (8, 1.5, 0.4)
    p = model.fit(X, y, sample_weight=weight).predict_proba(X)
    assert p.sum(axis=1) == pytest.approx(np.ones(len(X)))
    assert (p >= 0).all()
    assert (model.predict(X) == (p[:, 1] > 0.5)).all()
    assert (pickle.loads(pickle.dumps(model)).predict_proba(X) == p).all()
    assert (clone(model).fit(X, y, sample_weight=weight).predict_proba(X) == p).all()
    assert model.get_params() == params
    for other in ({"focal_gamma": 4.0}, {"focal_alpha": None}, {"n_estimators": 3}):
        assert np.ptp(clone(model).set_params(**other).fit(X, y).predict_proba(X) - p) > 1e-3
    assert np.ptp(clone(model).fit(X, y).predict_proba(X) - p) > 1e-3


@pytest.mark.parametrize("kind", BOOSTED)
def test_boosters_refuse_what_the_loss_is_not_written_for(kind):
    X, _, _ = rows(60)
    with pytest.raises(ValueError, match="Only binary classification"):
        kind(**BOOSTED[kind]).fit(X, np.arange(60) % 3)
    with pytest.raises(ValueError, match="gamma"):
        kind(focal_gamma=-1, **BOOSTED[kind]).fit(X, np.arange(60) % 2)


def test_lightgbm_answers_in_labels_and_still_gives_margins_and_leaves():
    X, y, _ = rows()
    words = np.array(["stay", "leave"])[y]
    model = FocalLGBMClassifier(n_estimators=4, n_jobs=1, verbose=-1).fit(X, words)
    p = model.predict_proba(X)
    raw = model.predict(X, raw_score=True)
    assert set(model.predict(X)) <= {"stay", "leave"}
    assert p[:, 1] == pytest.approx(1 / (1 + np.exp(-raw)))
    assert model.predict_proba(X, pred_leaf=True).shape == (len(X), 4)


@pytest.mark.slow
def test_no_booster_is_loaded_before_it_is_asked_for():
    code = """
import sys
from imbalance_accessor.modeling import strategies
from imbalance_accessor.modeling.focal import FocalLogisticRegression
print([name for name in ("xgboost", "lightgbm") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------- counterparts


@pytest.mark.parametrize(
    ("classifier", "kind", "kept"),
    [
        (LogisticRegression(C=0.3, max_iter=77), FocalLogisticRegression, {"C": 0.3, "max_iter": 77}),
        (LogisticRegression(solver="newton-cg", n_jobs=2), FocalLogisticRegression, {"C": 1.0}),
        (xgboost.XGBClassifier(max_depth=2, eta=0.1), FocalXGBClassifier, {"max_depth": 2, "eta": 0.1}),
        (lightgbm.LGBMClassifier(num_leaves=5), FocalLGBMClassifier, {"num_leaves": 5}),
        (lightgbm.LGBMClassifier(objective="binary"), FocalLGBMClassifier, {"objective": None}),
        (xgboost.XGBClassifier(scale_pos_weight=1), FocalXGBClassifier, {"focal_gamma": 2.0}),
    ],
)
def test_the_counterpart_keeps_the_models_parameters(classifier, kind, kept):
    found = focal_counterpart(classifier)
    assert type(found) is kind
    assert kept.items() <= found.get_params().items()
    assert is_focal(found)
    assert not is_focal(classifier)


@pytest.mark.parametrize(
    ("classifier", "says"),
    [
        (RandomForestClassifier(), "RandomForestClassifier takes no loss of one's own"),
        (LogisticRegressionCV(), "LogisticRegressionCV takes no loss"),
        (xgboost.XGBRFClassifier(), "XGBRFClassifier takes no loss"),
        (LogisticRegression(class_weight="balanced"), "class_weight='balanced'"),
        (LogisticRegression(fit_intercept=False), "fit_intercept=False"),
        (LogisticRegression(l1_ratio=0.5), "l1_ratio=0.5"),
        (xgboost.XGBClassifier(scale_pos_weight=3), "scale_pos_weight=3"),
        (lightgbm.LGBMClassifier(is_unbalance=True), "is_unbalance=True"),
        (xgboost.XGBClassifier(objective="binary:hinge"), "minimises a loss of its own"),
        (lightgbm.LGBMClassifier(objective=max), "minimises a loss of its own"),
    ],
)
def test_what_has_no_counterpart_says_why(classifier, says):
    assert says in focal_counterpart(classifier)


@pytest.mark.parametrize("module", [logistic, counterparts])
def test_the_examples_hold(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
