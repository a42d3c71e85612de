"""Every model that a verb hands out behaves as scikit-learn's own do, whatever is done with it and around it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer, roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, TunedThresholdClassifierCV, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted, has_fit_parameter
from threadpoolctl import threadpool_limits

from imbalance_accessor.modeling.calibrators import CalibratedModel, Calibrator
from imbalance_accessor.modeling.estimators import Relabelled

xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
READ = ["a", "b", "kind"]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def frame(labels: tuple[Any, ...] = ("no", "yes"), n: int = 160) -> pd.DataFrame:
    """Numbers with holes, words and an id; the last label is the rare one."""
    rng, place = np.random.default_rng(0), np.arange(n)
    y = np.where(place % 4 == 0, len(labels) - 1, place % (len(labels) - 1))
    made = pd.DataFrame({"id": [f"id{i:04d}" for i in place], "a": rng.normal(size=n) + y})
    made["b"] = (rng.normal(size=n) + y / 2).round(3)
    made.loc[::13, "b"] = np.nan
    made["kind"] = np.array(["x", "y", "z"])[(place // 3 + y) % 3]
    made["y"] = pd.Series([labels[each] for each in y], dtype=object if labels[0] == 1 else None)
    return made


def numbers(**options: Any) -> pd.DataFrame:
    return frame(**options)[["a", "b", "y"]].fillna(0.0)


def boosted() -> Any:
    return xgboost.XGBClassifier(n_estimators=3, n_jobs=1)


def own() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression())


def fitted_elsewhere() -> Any:
    rows = numbers()
    return GaussianNB().fit(rows[["a", "b"]], rows["y"])


MADE: dict[str, Callable[[], tuple[pd.DataFrame, Any]]] = {
    "plain": lambda: _of(frame(), "fit_eval", strategies=[]),
    "smote": lambda: _of(frame(), "fit_eval", "smote", strategies=["smote"]),
    "trees": lambda: _of(frame(), "fit_eval", model="boosting", strategies=[]),
    "by code": lambda: _of(frame(), "fit_eval", model=boosted(), strategies=[]),
    "own steps": lambda: _of(numbers(), "fit_eval", model=own(), strategies=[]),
    "search": lambda: _of(numbers(), "fit_eval", model=GridSearchCV(own(), {}, cv=2), strategies=[]),
    "focal": lambda: _of(frame(), "fit_eval", "focal", strategies=["focal"]),
    "calibrated": lambda: _of(frame(), "reliability", "sigmoid"),
    "corrected": lambda: _of(frame(), "reliability", "prior", model=boosted()),
    "threshold": lambda: _of(frame(), "best_threshold"),
    "threshold, by code": lambda: _of(frame(), "best_threshold", model=boosted()),
    "threshold, elsewhere": lambda: _of(numbers(), "best_threshold", model=fitted_elsewhere(), fitted=True),
    "threshold, odd labels": lambda: _of(frame((1, "one")), "best_threshold"),
    "cheapest": lambda: _of(
        frame(("p", "q", "r")), "best_threshold", cost=pd.DataFrame(1 - np.eye(3), [*"pqr"], [*"pqr"])
    ),
}


def _of(rows: pd.DataFrame, verb: str, name: str | None = None, **options: Any) -> tuple[pd.DataFrame, Any]:
    return rows, getattr(rows.imb, verb)("y", **QUICK, **options).model(name)


_kept: dict[str, tuple[pd.DataFrame, Any]] = {}


def handed_out(kind: str) -> tuple[pd.DataFrame, Any]:
    """Return rows and the model that was made for them, once."""
    if kind not in _kept:
        _kept[kind] = MADE[kind]()
    return _kept[kind]


@pytest.fixture(params=MADE)
def made(request: Any) -> tuple[pd.DataFrame, Any]:
    return handed_out(request.param)


def is_frozen(model: Any) -> bool:
    """Whether it holds a model that was fitted elsewhere, which stays as it is."""
    return any(isinstance(each, FrozenEstimator) for each in model.get_params().values())


def test_it_says_what_it_reads_once_it_is_fitted(made):
    rows, model = made
    read = [name for name in READ if name in rows]
    assert sorted(model.feature_names_in_) == read and model.n_features_in_ == len(read)
    assert sorted(model.classes_.tolist(), key=str) == sorted(set(rows["y"]), key=str)
    assert (model.predict(rows[model.feature_names_in_]) == model.predict(rows)).all()
    assert is_classifier(model) and get_tags(model).estimator_type == "classifier"
    check_is_fitted(model)
    fresh = clone(model)
    for name in ("feature_names_in_", "n_features_in_", "classes_"):
        assert hasattr(fresh, name) == (is_frozen(model) and name == "classes_"), name
    if not is_frozen(model):
        with pytest.raises(NotFittedError):
            check_is_fitted(fresh)
    fresh.fit(rows, rows["y"])
    check_is_fitted(fresh)
    assert fresh.feature_names_in_.tolist() == model.feature_names_in_.tolist()
    assert "text/html" in model._repr_mimebundle_() and "<div" in model._repr_html_()


def test_it_answers_the_same_whatever_scikit_learn_is_set_to(made):
    rows, model = made
    wanted, again = model.predict_proba(rows), clone(model)
    for kind in ("pandas", "polars"):  # what is set beforehand asks for no library
        with config_context(transform_output=kind, enable_metadata_routing=True):
            assert (model.predict_proba(rows) == wanted).all()
    if "resample" not in str(model):  # SMOTENC of imbalanced-learn itself cannot be fitted then
        with config_context(transform_output="pandas"):
            there = again.fit(rows, rows["y"]).predict_proba(rows)
        assert there == pytest.approx(clone(model).fit(rows, rows["y"]).predict_proba(rows), abs=1e-12)


def test_a_column_that_is_missing_is_named_by_a_value_error(made):
    rows, model = made
    assert (model.predict(rows[rows.columns[::-1]]) == model.predict(rows)).all()
    with pytest.raises(ValueError, match=r"lacks \['a'\]"):
        model.predict(rows.drop(columns="a"))
    with pytest.raises(ValueError, match="got ndarray"):
        model.predict(rows.to_numpy())


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        ("plain", ("stay", "leave")),
        ("by code", (False, True)),
        ("calibrated", ("stay", "leave")),
        ("calibrated", (0, 1)),
        ("corrected", ("no", "yes")),
        ("threshold", (False, True)),
        ("threshold", ("stay", "leave")),
    ],
)
def test_scorers_judge_it_fold_by_fold(kind, labels):
    """As they judge a model that is made anew for each fold, whose labels are 0 and 1."""
    rows, model = handed_out(kind)
    y = rows["y"].map({"no": 0, "yes": 1})
    named = y.map(dict(enumerate(labels)))
    ranks = ["roc_auc", *(["average_precision"] if labels[1] in (True, 1) else [])]
    scoring = {name: name for name in (*ranks, "balanced_accuracy", "accuracy")}
    scoring["f1"] = make_scorer(f1_score, pos_label=labels[1])
    renamed = clone(model)
    if hasattr(renamed, "pos_label"):
        renamed.set_params(pos_label=labels[1])
    if labels[0] > labels[1] and hasattr(renamed, "positive"):
        renamed.set_params(positive=0)
    found = cross_validate(renamed, rows, named, cv=2, scoring=scoring, error_score="raise")
    wanted = cross_validate(model, rows, rows["y"], cv=2, scoring=["roc_auc"], error_score="raise")
    if labels[0] < labels[1]:
        assert found["test_roc_auc"] == pytest.approx(wanted["test_roc_auc"], abs=1e-9)
    assert all(np.isfinite(found[f"test_{name}"]).all() for name in scoring)
    for fold, (learn, held) in enumerate(StratifiedKFold(2).split(rows, named)):
        said = clone(renamed).fit(rows.iloc[learn], named.iloc[learn]).predict(rows.iloc[held])
        both = f1_score(named.iloc[held] == labels[1], said == labels[1])
        assert found["test_f1"][fold] == pytest.approx(both) and both > 0


def test_folds_are_not_judged_by_a_model_that_has_seen_them():
    """Labels that nothing tells are found out of fold as often as by chance, by a tree that knows its rows by heart."""
    rows = frame().assign(y=np.random.default_rng(3).permutation(frame()["y"]))
    by_heart = DecisionTreeClassifier(random_state=0)
    model = rows.imb.best_threshold("y", model=by_heart, preprocess="auto", **QUICK).model()
    assert roc_auc_score(rows["y"], model.predict_proba(rows)[:, 1]) > 0.9
    found = cross_validate(model, rows, rows["y"], cv=4, scoring="roc_auc")
    assert found["test_score"].mean() < 0.65


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["threshold", "by code"])
def test_what_stands_around_models_stands_around_it(kind):
    rows, model = handed_out(kind)
    y = rows["y"]
    assert permutation_importance(model, rows, y, n_repeats=2, scoring="roc_auc").importances.shape == (5, 2)
    one = partial_dependence(
        model, rows.fillna({"b": 0.0}), ["a"], grid_resolution=4, response_method="predict_proba"
    )
    by_hand = [
        model.predict_proba(rows.fillna({"b": 0.0}).assign(a=value))[:, 1].mean()
        for value in one["grid_values"][0]
    ]
    assert one["average"][0] == pytest.approx(by_hand)
    both = VotingClassifier([("one", model), ("two", clone(model))], voting="soft").fit(rows, y)
    assert both.score(rows, y) > 0.6
    assert CalibratedClassifierCV(model, cv=2).fit(rows, y).predict_proba(rows).shape == (160, 2)
    assert CalibratedClassifierCV(FrozenEstimator(model)).fit(rows, y).n_features_in_ == 3
    tuned = TunedThresholdClassifierCV(model, cv=2, scoring="balanced_accuracy").fit(rows, y)
    assert tuned.score(rows, y) > 0.6


def test_a_search_reaches_its_parameters_and_leaves_it_alone():
    rows, model = handed_out("calibrated")
    before = model.predict_proba(rows)
    search = GridSearchCV(model, {"estimator__model__C": [1e-6, 1.0]}, cv=2, scoring="neg_log_loss")
    found = search.fit(rows, rows["y"]).best_estimator_
    assert found.get_params()["estimator__model__C"] == found.inner[-1].C
    assert (model.predict_proba(rows) == before).all()
    _, model = handed_out("threshold")
    assert type(model.pos_label) is str and "np." not in repr(model)


# --- what its steps answer


def test_steps_name_what_they_make_and_answer_in_frames_when_asked():
    rows, model = handed_out("plain")
    front = model[:-1]
    names = front.get_feature_names_out().tolist()
    assert len(names) == len(model[-1].coef_[0])
    assert [name for name in names if name.split("__")[-1] in ("a", "b")]
    asked = clone(model).set_output(transform="pandas").fit(rows, rows["y"])
    table = asked[:-1].transform(rows)
    assert isinstance(table, pd.DataFrame) and list(table.columns) == names
    plain = clone(model).fit(rows, rows["y"])
    assert table.to_numpy() == pytest.approx(plain[:-1].transform(rows))
    assert asked.predict_proba(rows) == pytest.approx(plain.predict_proba(rows))


def test_steps_of_ones_own_keep_what_they_are_set_to():
    mine = make_pipeline(StandardScaler().set_output(transform="pandas"), LogisticRegression())
    rows = numbers()
    model = rows.imb.fit_eval("y", model=mine, strategies=[], **QUICK).model()
    assert model[-1].feature_names_in_.tolist() == ["a", "b"]
    assert not hasattr(own()[0].fit(rows[["a"]]), "_sklearn_output_config")
    plain = own()
    rows.imb.fit_eval("y", model=plain, strategies=[], **QUICK)
    assert not hasattr(plain[0], "_sklearn_output_config")


# --- weights of rows


@pytest.mark.parametrize(
    ("kind", "inside", "step"),
    [
        ("plain", lambda model: model[-1], "model__sample_weight"),
        ("by code", lambda model: model[-1].estimator, "model__sample_weight"),
        ("calibrated", lambda model: model.estimator[-1], "model__sample_weight"),
        ("corrected", lambda model: model.estimator[-1].estimator, "model__sample_weight"),
        ("threshold", lambda model: model.estimator[-1], None),
    ],
)
def test_weights_reach_the_classifier_or_are_refused_as_scikit_learn_does(kind, inside, step):
    rows, model = handed_out(kind)
    y, weight = rows["y"], np.where(rows["y"] == "yes", 5.0, 1.0)
    plain = clone(model).fit(rows, y).predict_proba(rows)[:, 1].mean()
    with pytest.raises(ValueError, match=r"sample_weight|metadata"):
        clone(model).fit(rows, y, sample_weight=weight)
    given = [] if step is None else [clone(model).fit(rows, y, **{step: weight})]
    with config_context(enable_metadata_routing=True):
        asks = clone(model)
        for each in asks.get_params().values():
            if hasattr(each, "set_fit_request") and has_fit_parameter(each, "sample_weight"):
                each.set_fit_request(sample_weight=False)
        if hasattr(inside(asks), "get_metadata_routing") and kind not in {"by code", "corrected"}:
            with pytest.raises(ValueError, match="not explicitly set as requested"):
                clone(model).fit(rows, y, sample_weight=weight)
        inside(asks).set_fit_request(sample_weight=True)
        given.append(clone(asks).fit(rows, y, sample_weight=weight))
        cross_validate(
            asks.set_score_request(sample_weight=False) if hasattr(asks, "set_score_request") else asks,
            rows,
            y,
            cv=2,
            params={"sample_weight": weight},
            scoring=make_scorer(f1_score, pos_label="yes").set_score_request(sample_weight=True),
            error_score="raise",
        )
    for each in given:
        assert each.predict_proba(rows)[:, 1].mean() > plain + 0.1


# --- scikit-learn's own checks


@pytest.mark.slow
@pytest.mark.parametrize(
    "instance",
    [
        Relabelled(LogisticRegression(), np.array([0, 1])),
        CalibratedModel(LogisticRegression(), Calibrator("prior", 1.0)),
    ],
)
def test_it_passes_scikit_learns_checks(instance):
    """But `CheapestClassifier`, whose costs are of so many classes, and what reads frames alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.filterwarnings("ignore", "invalid value encountered in cast")
        check_estimator(instance, on_skip=None)


def test_costs_and_calibrators_are_of_so_many_classes():
    rows, model = handed_out("cheapest")
    with pytest.raises(ValueError, match="The costs are of 3 classes, the labels of 2"):
        clone(model).fit(frame(), frame()["y"])
    _, model = handed_out("corrected")
    with pytest.raises(ValueError, match="Only binary"):
        clone(model).fit(rows, rows["y"])
