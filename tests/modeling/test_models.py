"""What the user may give as a model, and the preprocessing each model gets."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from imbalance_accessor.data.column_kinds import sort_columns
from imbalance_accessor.errors import ModelError, OptionError
from imbalance_accessor.modeling.estimators import ColumnSelector, Relabelled
from imbalance_accessor.modeling.models import NAMED, needs_codes, read_model, splits_inside
from imbalance_accessor.modeling.preprocessing import preprocessing, ready

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error")


class Mute(BaseEstimator):
    """Fits, and can neither rank nor classify."""

    def fit(self, X, y):
        return self


class Silent(Mute):
    """A classifier that gives labels alone."""

    _estimator_type = "classifier"

    def predict(self, X):
        return np.zeros(len(X))


# ---------------------------------------------------------------- reading what was given


@pytest.mark.parametrize(
    ("name", "kind", "encoding", "scales", "probabilities", "weighting"),
    [
        ("logistic", LogisticRegression, "onehot", True, True, "class_weight"),
        ("forest", RandomForestClassifier, "ordinal", False, True, "class_weight"),
        ("boosting", HistGradientBoostingClassifier, "native", False, True, "class_weight"),
        ("naive_bayes", GaussianNB, "onehot", False, True, "sample_weight"),
        ("svm", SVC, "onehot", True, False, "class_weight"),
        ("knn", KNeighborsClassifier, "onehot", True, True, None),
    ],
)
def test_named_models(name, kind, encoding, scales, probabilities, weighting):
    model = read_model(name, random_state=7)
    assert type(model.classifier) is kind
    assert (model.encoding, model.scales, model.has_probabilities) == (encoding, scales, probabilities)
    assert model.weighting == weighting
    assert not model.own


def test_every_named_model_is_known_and_seeded_where_chance_plays():
    assert set(NAMED) == {"logistic", "forest", "boosting", "naive_bayes", "svm", "knn"}
    assert read_model("forest", random_state=7).classifier.random_state == 7
    assert read_model("boosting", random_state=7).classifier.random_state == 7


def test_the_named_booster_never_validates_inside_fit():
    assert read_model("boosting").classifier.early_stopping is False


def test_weights_reach_boosters_by_scale_pos_weight():
    for model in (xgboost.XGBClassifier(), lightgbm.LGBMClassifier()):
        assert read_model(model).weighting == "scale_pos_weight"
    assert needs_codes(read_model(xgboost.XGBClassifier()))
    assert not needs_codes(read_model(lightgbm.LGBMClassifier()))


@pytest.mark.parametrize(
    ("model", "options", "error", "says"),
    [
        ("logistik", {}, OptionError, "Did you mean 'logistic'"),
        ("logistic", {"preprocess": "none"}, OptionError, "preprocess"),
        ("forest", {"fitted": True}, ModelError, "fitted=True needs a fitted model"),
        (LogisticRegression, {}, ModelError, r"LogisticRegression\(\)"),
        (LogisticRegression(), {"fitted": True}, ModelError, "is not. Fit it first"),
        (FrozenEstimator(LogisticRegression()), {}, ModelError, "is not. Fit it first"),
        (LinearRegression(), {}, ModelError, "no classifier"),
        (KMeans(), {}, ModelError, "no classifier"),
        (Mute(), {}, ModelError, "no classifier"),
        (42, {}, ModelError, "no classifier"),
        (VotingClassifier([("a", RidgeClassifier())]), {}, ModelError, "neither predict_proba"),
        (xgboost.XGBClassifier(early_stopping_rounds=5), {}, ModelError, "validation set"),
        (lightgbm.LGBMClassifier(early_stopping_round=5), {}, ModelError, "validation set"),
        (
            make_pipeline(StandardScaler(), xgboost.XGBClassifier(early_stopping_rounds=5)),
            {},
            ModelError,
            "validation set",
        ),
    ],
)
def test_what_is_no_usable_model_is_refused_in_one_sentence(model, options, error, says):
    with pytest.raises(error, match=says) as caught:
        read_model(model, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("model", [LinearRegression(), make_pipeline(StandardScaler(), LinearRegression())])
def test_regressors_are_no_classifiers(model):
    with pytest.raises(ModelError, match="classifier"):
        read_model(model)


def test_fitted_models_stay_the_very_same_object():
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    assert read_model(model, fitted=True).classifier is model
    frozen = FrozenEstimator(model)
    assert read_model(frozen).classifier is frozen
    assert read_model(frozen).fitted
    assert not read_model(model).fitted
    assert read_model(model).classifier is not model  # a clone, which forgets what it saw


# ---------------------------------------------------------------- pipelines and searches are taken apart


def test_a_pipeline_keeps_its_steps_and_its_name_for_the_classifier():
    given = Pipeline([("units", StandardScaler()), ("last", LogisticRegression(C=3))])
    model = read_model(given)
    assert [name for name, _ in model.before] == ["units"]
    assert (model.step, model.classifier.C, model.own) == ("last", 3, True)


def test_a_search_of_a_bare_classifier_gets_the_name_of_the_step():
    given = GridSearchCV(LogisticRegression(), {"C": [1, 2]})
    model = read_model(given)
    assert model.search.param_grid == {"model__C": [1, 2]}
    assert type(model.classifier) is LogisticRegression
    assert not model.own
    assert given.param_grid == {"C": [1, 2]}  # the user's object is as it was


def test_a_search_of_a_pipeline_keeps_its_names():
    pipeline = Pipeline([("units", StandardScaler()), ("last", LogisticRegression())])
    model = read_model(GridSearchCV(pipeline, [{"last__C": [1]}, {"units__with_mean": [False]}]))
    assert model.search.param_grid == [{"last__C": [1]}, {"units__with_mean": [False]}]
    assert model.step == "last"


def test_a_search_at_the_end_of_a_pipeline_goes_to_the_outside():
    search = RandomizedSearchCV(LogisticRegression(), {"C": [1, 2]}, n_iter=2)
    model = read_model(Pipeline([("units", StandardScaler()), ("find", search)]))
    assert model.search.param_distributions == {"find__C": [1, 2]}
    assert type(model.classifier) is LogisticRegression
    assert model.step == "find"


# ---------------------------------------------------------------- what splits inside fit


@pytest.mark.parametrize(
    ("classifier", "n_rows", "splits"),
    [
        (LogisticRegression(), 10**6, False),
        (LogisticRegressionCV(), 10, True),
        (HistGradientBoostingClassifier(), 5_000, False),
        (HistGradientBoostingClassifier(), 5_001, True),  # 10,002 rows once the classes are made alike
        (HistGradientBoostingClassifier(early_stopping=True), 10, True),
        (HistGradientBoostingClassifier(early_stopping=False), 10**6, False),
        (GradientBoostingClassifier(), 10**6, False),
        (GradientBoostingClassifier(n_iter_no_change=5), 10, True),
        (MLPClassifier(), 10**6, False),
        (MLPClassifier(early_stopping=True), 10, True),
        (SGDClassifier(), 10**6, False),
        (SGDClassifier(early_stopping=True), 10, True),
        (StackingClassifier([("a", LogisticRegression())]), 10, True),
        (StackingClassifier([("a", LogisticRegression())], cv="prefit"), 10, False),
        (CalibratedClassifierCV(LogisticRegression()), 10, True),
        (VotingClassifier([("a", LogisticRegressionCV())], voting="soft"), 10, True),
        (BaggingClassifier(GradientBoostingClassifier(n_iter_no_change=2)), 10, True),
        (xgboost.XGBClassifier(), 10**6, False),
        (lightgbm.LGBMClassifier(), 10**6, False),
    ],
)
def test_what_holds_rows_back_inside_fit(classifier, n_rows, splits):
    assert (splits_inside(read_model(classifier), n_rows) is not None) == splits


def test_a_search_is_no_such_case():
    search = GridSearchCV(LogisticRegression(), {"C": [1]})
    assert splits_inside(read_model(search), 10**6) is None
    assert splits_inside(read_model(make_pipeline(StandardScaler(), search)), 10**6) is None


def test_a_stack_ends_in_logistic_regression_unless_told_otherwise():
    stack = StackingClassifier([("a", GaussianNB())])
    for given in (
        stack,
        make_pipeline(StandardScaler(), stack),
        GridSearchCV(stack, {"passthrough": [True]}),
    ):
        assert read_model(given).has_probabilities
    margins = StackingClassifier([("a", GaussianNB())], final_estimator=RidgeClassifier())
    assert not read_model(margins).has_probabilities


# ---------------------------------------------------------------- preprocessing by column kind and model


def mixed():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "level": rng.choice(["a", "b"], 300),
            "amount": rng.normal(50, 9, 300),
            "rare": ["x"] * 150 + ["y"] * 145 + ["r1", "r2", "r3", "r4", "r5"],
            "count": rng.integers(0, 9, 300),
        }
    )
    frame.loc[3, "amount"] = np.nan
    frame.loc[5, "level"] = np.nan
    return frame


def prepared(name, frame, *, neighbours=False, keeps_categories=False, rows=None):
    """What reaches the classifier without a sampler."""
    columns = sort_columns(frame)
    holes = frozenset(frame.columns[frame.isna().any()])
    first, last = preprocessing(
        read_model(name), columns, missing=holes, neighbours=neighbours, keeps_categories=keeps_categories
    )
    steps = [*first, *last]
    if not steps:
        return [], frame
    pipeline = Pipeline(steps).fit(frame)
    return [step for step, _ in steps], pipeline.transform(frame if rows is None else rows)


def test_models_with_distances_or_penalties_are_imputed_scaled_and_one_hot():
    frame = mixed()
    for name in ("logistic", "svm", "knn"):
        steps, out = prepared(name, frame)
        assert steps == ["impute", "scale", "encode"]
    amount = frame["amount"].fillna(frame["amount"].median())
    count = frame["count"]
    wanted = np.column_stack(
        [
            frame["level"] == "a",
            frame["level"] == "b",
            frame["level"].isna(),  # a missing cell is a level of its own, grouped with the infrequent ones
            frame["rare"] == "x",
            frame["rare"] == "y",
            ~frame["rare"].isin(["x", "y"]),  # five levels below 1 % share one column
            (amount - amount.mean()) / amount.std(ddof=0),
            (count - count.mean()) / count.std(ddof=0),
        ]
    ).astype(float)
    assert np.asarray(out, float) == pytest.approx(wanted, abs=1e-12)


def test_levels_never_seen_join_the_infrequent_ones_or_get_no_column():
    frame = mixed()
    new = frame.head(2).assign(rare="never met", level=["never met", "a"])
    _, out = prepared("logistic", frame, rows=new)
    assert np.asarray(out)[:, 3:6].tolist() == [[0, 0, 1], [0, 0, 1]]


def test_naive_bayes_is_not_scaled():
    assert prepared("naive_bayes", mixed())[0] == ["impute", "encode"]


def test_trees_get_ordinal_codes_and_keep_missing_cells():
    frame = mixed()
    steps, out = prepared("forest", frame, rows=frame.head(6).assign(rare=["zzz", *frame["rare"][1:6]]))
    assert steps == ["encode"]
    codes = {"a": 0.0, "b": 1.0}
    wanted = [codes.get(cell, -2.0) for cell in frame["level"].head(6)]
    out = np.asarray(out, float)
    assert out[:, 0].tolist() == wanted
    assert out[0, 1] == -1.0  # a level never met
    assert np.isnan(out[3, 2])


def test_boosting_gets_native_categories_with_nan_for_missing_and_unknown():
    frame = mixed()
    steps, out = prepared("boosting", frame, rows=frame.head(6).assign(rare=["zzz", *frame["rare"][1:6]]))
    out = np.asarray(out, float)
    assert steps == ["encode"]
    assert np.isnan(out[5, 0])
    assert np.isnan(out[0, 1])
    columns = sort_columns(frame)
    classifier = ready(read_model("boosting"), columns, neighbours=False, keeps_categories=False)
    assert classifier.categorical_features == [0, 1]


def test_a_neighbour_search_brings_imputing_and_scaling_for_trees_too():
    for name in ("forest", "boosting", "naive_bayes"):
        steps, out = prepared(name, mixed(), neighbours=True)
        assert steps == ["impute", "scale", "encode"]
        assert not np.isnan(np.asarray(out, float)).any()
        assert np.asarray(out).shape[1] > 4  # one-hot: distances between codes mean nothing
    classifier = ready(read_model("boosting"), sort_columns(mixed()), neighbours=True, keeps_categories=False)
    assert classifier.categorical_features != [0, 1]


def test_raw_categories_wait_for_their_sampler():
    frame = mixed()
    columns = sort_columns(frame)
    first, last = preprocessing(
        read_model("logistic"),
        columns,
        missing=frozenset({"amount", "level"}),
        neighbours=True,
        keeps_categories=True,
    )
    assert [name for name, _ in first] == ["impute", "scale"]
    assert [name for name, _ in last] == ["encode"]
    before = Pipeline(first).fit_transform(frame)
    assert before["level"].isna().sum() == 0
    assert set(before["level"]) == {"a", "b", "missing"}
    assert before["amount"].mean() == pytest.approx(0, abs=1e-9)


def test_complete_numbers_need_nothing_but_a_scale():
    frame = mixed()[["count"]].assign(other=1.5 * np.arange(300))
    assert prepared("forest", frame)[0] == []
    steps, out = prepared("logistic", frame)
    assert steps == ["scale"]
    assert np.asarray(out).mean(axis=0) == pytest.approx([0, 0], abs=1e-12)


def test_categories_alone():
    frame = mixed()[["level", "rare"]]
    steps, out = prepared("logistic", frame)
    assert steps == ["encode"]
    assert np.ravel(out.sum(axis=1)).tolist() == [2.0] * 300  # one column each for level and rare


# ---------------------------------------------------------------- helpers that are handed out


def test_relabelled_answers_in_the_labels_themselves():
    X = np.array([[0.0], [1.0], [2.0], [3.0]])
    inner = LogisticRegression().fit(X, [0, 0, 1, 1])
    outer = Relabelled(inner, np.array(["no", "yes"]))
    assert outer.predict(X).tolist() == ["no", "no", "yes", "yes"]
    assert (outer.predict_proba(X) == inner.predict_proba(X)).all()
    again = clone(outer).fit(X, np.array(["low", "low", "high", "high"]))
    assert again.predict(X).tolist() == ["low", "low", "high", "high"]


def test_the_frame_reader_picks_its_columns_and_says_what_is_absent():
    frame = mixed()
    reader = ColumnSelector(sort_columns(frame))
    assert list(reader.transform(frame.assign(extra=1)[["extra", *frame.columns[::-1]]]).columns) == list(
        frame
    )
    with pytest.raises(OptionError, match=r"lacks \['rare'\]"):
        reader.transform(frame.drop(columns="rare"))
    with pytest.raises(OptionError, match="DataFrame"):
        reader.transform(frame.to_numpy())
    assert pickle.loads(pickle.dumps(reader)).transform(frame).equals(reader.transform(frame))
