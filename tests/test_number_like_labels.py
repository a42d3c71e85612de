"""Text labels that read as whole numbers: everything works, and says the same, as with the numbers themselves.

scikit-learn takes ``int(label)`` before it looks a label up in ``class_weight``: "1" is then not found, nor is "01".
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from alone import execute
from imblearn.ensemble import BalancedRandomForestClassifier
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import Pipeline as SamplingPipeline
from imblearn.under_sampling import TomekLinks
from sklearn.base import clone
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.modeling.models import NAMED
from imbalance_accessor.modeling.strategies import NAMES

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
#: Labels in sort order, the rarest last.
PAIRS = {
    "0 and 1": ("0", "1"),
    "1 and 2": ("1", "2"),
    "a sign": ("-1", "1"),
    "leading zeros": ("01", "02"),
    "blanks": (" 0", " 1"),
    "points": ("1.0", "2.0"),
    "truths": ("False", "True"),
    "one of two": ("1", "x"),
    "one number twice": ("01", "1"),
    "no order of numbers": ("10", "9"),
}
#: As what pandas holds them.
DTYPES = {
    "object": lambda y: y.astype(object),
    "str": lambda y: y.astype(str),
    "string": lambda y: y.astype("string[python]"),
    "category": lambda y: y.astype("category"),
    "pyarrow": lambda y: pytest.importorskip("pyarrow") and y.astype("string[pyarrow]"),
    "arrow": lambda y: y.astype(pd.ArrowDtype(pytest.importorskip("pyarrow").string())),
}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1), draws_at_most(60):
        yield


def coded(k=2, n=160, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.choice(k, n, p=[*[0.75 / (k - 1)] * (k - 1), 0.25])
    X = rng.normal(size=(n, 3)) + y[:, None]
    return pd.DataFrame(X, columns=list("abc")).assign(y=y)


def labelled(labels, dtype="object"):
    """The same rows, with labels in place of their codes."""
    frame = coded(len(labels))
    text = pd.Series(np.array(labels, dtype=object)[frame["y"]], dtype=object)
    return frame.assign(y=DTYPES[dtype](text))


def compare(found, plain, labels):
    """Every figure equals that of the codes, and models answer in the labels."""
    wanted = plain.frame.rename(columns=lambda name: name.replace("[0]", f"[{labels[0]}]"))
    np.testing.assert_array_equal(found.frame.to_numpy(), wanted.to_numpy())
    assert list(found.frame.index) == list(plain.frame.index)
    assert [each.code for each in found.findings] == [each.code for each in plain.findings]
    X = coded(len(labels)).drop(columns="y")
    for name in (each for each in found.frame.index if each != "dummy"):
        said, numbers = found.model(name).predict(X), plain.model(name).predict(X)
        assert list(said) == [labels[code] for code in numbers]
        assert list(found.model(name).classes_) == list(labels)
        assert {type(each) for each in np.asarray(said).tolist()} == {str}


@pytest.mark.slow
@pytest.mark.parametrize("model", NAMED)
def test_every_model_and_every_strategy_give_the_figures_of_codes(model):
    strategies = NAMES if model == "logistic" else ["class_weight", "smote+original_weight", "smote_tomek"]
    options = {"model": model, "strategies": strategies, **QUICK}
    compare(
        labelled(("1", "2")).imb.fit_eval("y", **options), coded().imb.fit_eval("y", **options), ("1", "2")
    )


@cache
def weighted_forest():
    return coded().imb.fit_eval("y", model=forest(), strategies=["class_weight"], **QUICK)


#: Each pair in two types, each type with three pairs or more.
WRITTEN = [
    (labels, tuple(DTYPES)[(place + turn) % len(DTYPES)])
    for place, labels in enumerate(PAIRS.values())
    for turn in (0, 3)
]


@pytest.mark.quick(5)
@pytest.mark.parametrize(("labels", "dtype"), WRITTEN, ids=[f"{a} {b} {dtype}" for (a, b), dtype in WRITTEN])
def test_a_weighted_forest_takes_every_such_label(labels, dtype):
    found = labelled(labels, dtype).imb.fit_eval("y", model=forest(), strategies=["class_weight"], **QUICK)
    assert not found.findings.codes.count("IMB305")
    compare(found, weighted_forest(), labels)


@pytest.mark.slow
def test_several_classes():
    labels, strategies = ("1", "10", "2"), ["class_weight", "smote+original_weight", "smote"]
    options = {"model": RandomForestClassifier(5, random_state=0), "strategies": strategies, **QUICK}
    found, plain = (frame.imb.fit_eval("y", **options) for frame in (labelled(labels), coded(3)))
    np.testing.assert_array_equal(found.frame.to_numpy(), plain.frame.to_numpy())
    assert set(found.model("class_weight").predict(labelled(labels))) <= set(labels)
    one = labelled(labels).imb.fit_eval("y", pos_label="2", **options)
    np.testing.assert_array_equal(
        one.frame.to_numpy(), coded(3).imb.fit_eval("y", pos_label=2, **options).frame
    )


# --- what is the user's own names labels as the user does


def forest(**options):
    return RandomForestClassifier(5, random_state=0, **options)


def logistic(**options):
    return LogisticRegression(max_iter=1000, **options)


def scorer(label):
    return make_scorer(f1_score, pos_label=label)


#: A model that names labels, made of the names of the first and the second one.
OWN = {
    "weights": lambda a, b: forest(class_weight={a: 1, b: 4}),
    "weights of one class": lambda a, b: logistic(class_weight={a: 4}),
    "weights in a pipeline": lambda a, b: make_pipeline(StandardScaler(), logistic(class_weight={b: 4})),
    "weights in a search": lambda a, b: GridSearchCV(
        ExtraTreesClassifier(5, random_state=0), {"class_weight": [{a: 1, b: 4}, None, "balanced"]}, cv=2
    ),
    "a search judged by one class": lambda a, b: GridSearchCV(
        logistic(), {"C": [1e-4, 1.0]}, cv=2, scoring=scorer(b)
    ),
    "by several scores": lambda a, b: GridSearchCV(
        logistic(), {"C": [1e-4, 1.0]}, cv=2, scoring={"one": scorer(a), "other": scorer(b)}, refit="other"
    ),
    "a sampler": lambda a, b: SamplingPipeline(
        [("more", RandomOverSampler(sampling_strategy={b: 50}, random_state=0)), ("model", logistic())]
    ),
    "a balanced forest": lambda a, b: BalancedRandomForestClassifier(
        5, random_state=0, class_weight={a: 1, b: 3}
    ),
}


@cache
def own_by_code(own):
    return coded().imb.fit_eval("y", model=OWN[own](0, 1), strategies=["class_weight"], **QUICK)


@pytest.mark.quick(4)
@pytest.mark.parametrize("labels", [("0", "1"), ("1", "2"), ("10", "9")])
@pytest.mark.parametrize("own", OWN)
def test_what_names_the_labels_means_them(own, labels):
    found = labelled(labels).imb.fit_eval("y", model=OWN[own](*labels), strategies=["class_weight"], **QUICK)
    compare(found, own_by_code(own), labels)


@pytest.mark.parametrize("labels", [("0", "1"), ("1", "2"), ("10", "9")])
def test_weights_by_the_number_that_a_label_reads_as_mean_it_as_in_scikit_learn(labels):
    model = logistic(class_weight={int(labels[0]): 4.0})
    found = labelled(labels).imb.fit_eval("y", model=model, strategies=[], **QUICK)
    plain = coded().imb.fit_eval("y", model=logistic(class_weight={0: 4.0}), strategies=[], **QUICK)
    np.testing.assert_array_equal(found.frame, plain.frame)


def test_weights_by_code_stay_where_a_model_looks_codes_up():
    for own in (
        HistGradientBoostingClassifier(class_weight={0: 1, 1: 4}, early_stopping=False, max_iter=5),
        BaggingClassifier(DecisionTreeClassifier(class_weight={0: 1, 1: 4}), 3, random_state=0),
    ):
        options = {"model": own, "strategies": [], **QUICK}
        found, plain = (each.imb.fit_eval("y", **options) for each in (labelled(("1", "2")), coded()))
        np.testing.assert_array_equal(found.frame, plain.frame)


def test_a_sampler_that_names_rows_by_label():
    for labels in (("1", "2"), ("no", "yes")):
        options = {"model": forest(), **QUICK}
        named, numbers = (SMOTE(sampling_strategy={each: 50}, random_state=0) for each in (labels[1], 1))
        found = labelled(labels).imb.fit_eval("y", strategies=[named], **options)
        compare(found, coded().imb.fit_eval("y", strategies=[numbers], **options), labels)
    xgboost = pytest.importorskip("xgboost")  # which takes codes, whatever the labels
    options["model"] = xgboost.XGBClassifier(n_estimators=3, n_jobs=1)
    found = labelled(labels).imb.fit_eval("y", strategies=[named], **options)
    compare(found, coded().imb.fit_eval("y", strategies=[numbers], **options), labels)


def test_what_is_handed_out_can_be_fitted_anew_on_the_labels():
    frame = labelled(("1", "2"))
    X, y = frame.drop(columns="y"), frame["y"]
    for model, strategy in (
        (forest(class_weight={"1": 1, "2": 4}), "none"),
        (forest(), "class_weight"),
        (forest(), SMOTE(sampling_strategy={"2": 50}, random_state=0)),
        (forest(), TomekLinks(sampling_strategy=["1"])),
    ):
        found = frame.imb.fit_eval("y", model=model, strategies=[strategy], test_size=0, **QUICK)
        fitted = found.model(strategy if isinstance(strategy, str) else type(strategy).__name__)
        again = clone(fitted).fit(X, y)
        assert list(again.predict(X)) == list(fitted.predict(X))
        np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


def test_the_users_own_model_is_not_changed():
    model = GridSearchCV(forest(class_weight={"1": 1, "2": 4}), {"class_weight": [{"2": 5}]}, cv=2)
    labelled(("1", "2")).imb.fit_eval("y", model=model, strategies=[], **QUICK)
    assert model.estimator.class_weight == {"1": 1, "2": 4}
    assert model.param_grid == {"class_weight": [{"2": 5}]}


def test_a_fitted_model_answers_in_the_labels():
    frame = labelled(("1", "2"))
    model = LogisticRegression().fit(frame[list("abc")], frame["y"])
    plain = LogisticRegression().fit(frame[list("abc")], coded()["y"])
    found, wanted = (
        each.imb.fit_eval("y", model=own, fitted=True, **QUICK)
        for each, own in ((frame, model), (coded(), plain))
    )
    np.testing.assert_array_equal(found.frame, wanted.frame)


# --- verbs that follow, and the code


@pytest.mark.quick(2)
@pytest.mark.parametrize("dtype", DTYPES)
def test_threshold_and_calibrated_models_answer_in_the_labels(dtype):
    frame, X = labelled(("1", "2"), dtype), coded().drop(columns="y")
    evaluation = frame.imb.fit_eval("y", model=forest(), strategies=["class_weight"], **QUICK)
    plain = weighted_forest()
    chosen, numbers = (each.best_threshold("class_weight") for each in (evaluation, plain))
    assert chosen.value == numbers.value
    assert list(chosen.model().predict(X)) == [("1", "2")[code] for code in numbers.model().predict(X)]
    calibrated, numbers = (each.reliability("class_weight") for each in (evaluation, plain))
    np.testing.assert_array_equal(calibrated.frame.to_numpy(), numbers.frame.to_numpy())
    said = calibrated.model().predict(X)
    assert list(said) == [("1", "2")[code] for code in numbers.model().predict(X)]


#: Every type, and every pair of labels and style.
CODE = [
    ((("0", "1"), ("1", "2"))[place % 2], dtype, ("full", "short")[place // 2 % 2])
    for place, dtype in enumerate(DTYPES)
]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("labels", "dtype", "style"), CODE, ids=[f"{a} {dtype} {style}" for (a, _), dtype, style in CODE]
)
def test_the_code_runs_and_gives_the_same_numbers(labels, dtype, style):
    frame = labelled(labels, dtype)
    strategies = ["class_weight", "smote+original_weight", "smote"]
    found = frame.imb.fit_eval("y", model=forest(), strategies=strategies, **QUICK)
    rows = execute(found.snippet(style=style), df=frame.copy())["rows"]
    assert style == "short" or set(rows) == {"none", *strategies}
    for name, figures in rows.items():
        wanted = found.frame.loc[name, list(figures)].astype(float)
        np.testing.assert_allclose([float(each) for each in figures.values()], wanted, rtol=1e-9, atol=1e-12)
    chosen = found.best_threshold("class_weight")
    space = execute(chosen.snippet(style=style), df=frame.copy())
    assert f"{chosen.value:.4g}"[:4] in space["printed"]


def test_the_code_of_leaks_and_smote_runs():
    frame = labelled(("1", "2"))
    made = frame.imb.smote("y")
    assert set(made.y_train) == {"1", "2"}
    execute(made.snippet(style="full"), df=frame.copy())
    execute(frame.imb.leaks("y").snippet(style="full"), df=frame.copy())
    execute(frame.imb.counts("y").snippet(style="full"), df=frame.copy())
    assert imb.split(frame, "y").snippet(style="full") == imb.split(labelled(("a", "b")), "y").snippet(
        style="full"
    )
