"""The snippet of `fit_eval` gives the same points where rows have weights, or the prevalence is another one."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from imblearn.ensemble import BalancedRandomForestClassifier, EasyEnsembleClassifier, RUSBoostClassifier
from imblearn.over_sampling import SMOTEN, RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import ClusterCentroids, TomekLinks
from sklearn.ensemble import (
    AdaBoostClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 3}
BOTH = {"prevalence": 0.03, "sample_weight": "w"}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1), draws_at_most(60):  # code and result take the same
        yield


def numbers(labels=(0, 1), n=240, seed=0):
    """Numbers that tell the last label from the others, with a weight, a block and a time of each row."""
    rng = np.random.default_rng(seed)
    shares = [*[0.75 / (len(labels) - 1)] * (len(labels) - 1), 0.25]
    y = rng.choice(len(labels), n, p=shares)
    frame = pd.DataFrame(rng.normal(size=(n, 3)) + 0.9 * y[:, None], columns=["a", "b", "c"])
    frame["w"] = rng.choice([0.5, 1.0, 2.0, 3.5], n)
    frame["who"] = rng.integers(0, 30, n)
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(n) // 2, unit="D")
    kind = type(labels[0]) if len({type(label) for label in labels}) == 1 else object
    return frame.assign(y=pd.Series(np.array([*labels, None], dtype=object)[y]).astype(kind))


def plain(**options):
    return numbers(**options).drop(columns=["who", "day"])


def grouped(**options):
    return numbers(**options).drop(columns="day")


def timed(**options):
    return numbers(**options).drop(columns="who")


def several(**options):
    return plain(labels=("x", "y", "z"), **options)


def churn():
    frame = imb.make_churn(240, 0.2)
    frame.loc[frame.index[::11], "churn"] = None
    return frame.assign(w=np.random.default_rng(1).choice([0.5, 1.0, 4.0], len(frame)))


def words():
    rng, frame = np.random.default_rng(2), plain()
    names = {name: rng.choice(["p", "q", "r"], len(frame)) for name in ("d", "e")}
    return frame[["w", "y"]].assign(**names, f=np.where(frame["a"] > 0, "high", "low"))


def boosted():
    return HistGradientBoostingClassifier(max_iter=5, early_stopping=False, random_state=0)


def few_stumps():
    return EasyEnsembleClassifier(2, estimator=AdaBoostClassifier(n_estimators=4), random_state=0)


def own_pipeline(*steps):
    return Pipeline([*steps, ("last", LogisticRegression(C=0.5))])


#: The frame, and what `fit_eval` is asked for.
CASES = {
    "both": (plain, BOTH | {"strategies": ["class_weight"]}),
    "a prevalence": (plain, {"prevalence": 0.03, "strategies": ["class_weight", "smote"]}),
    "a larger prevalence": (
        partial(plain, labels=(False, True)),
        {"prevalence": 0.6, "strategies": ["undersample"]},
    ),
    "row weights": (plain, {"sample_weight": "w", "strategies": ["class_weight", "smote", "oversample"]}),
    "text and numbers": (churn, BOTH | {"strategies": ["class_weight", "smote"]}),
    "text alone": (words, BOTH | {"strategies": [SMOTEN(random_state=0), "smote"]}),
    "several classes": (
        several,
        {"prevalence": {"x": 0.7, "y": 0.25, "z": 0.05}, "strategies": ["class_weight", "smote"]},
    ),
    "several classes with row weights": (
        several,
        {"sample_weight": "w", "strategies": ["class_weight", "oversample"]},
    ),
    "several classes with both": (
        several,
        BOTH | {"prevalence": {"x": 0.2, "y": 0.7, "z": 0.1}, "strategies": ["class_weight"]},
    ),
    "several classes with both in groups": (
        lambda: grouped(labels=("x", "y", "z")),
        BOTH
        | {"prevalence": {"x": 0.2, "y": 0.7, "z": 0.1}, "strategies": [], "groups": "who", "test_size": 0.5},
    ),
    "one class against the rest": (several, BOTH | {"pos_label": "z", "strategies": ["smote"]}),
    "the first label": (
        lambda: plain(labels=("stay", "leave")),
        BOTH | {"strategies": ["class_weight", "oversample"]},
    ),
    "labels of two types": (lambda: plain(labels=(1, "0")), BOTH | {"strategies": ["class_weight"]}),
    "groups": (grouped, BOTH | {"groups": "who", "strategies": ["class_weight"], "test_size": 0.4}),
    "time": (timed, BOTH | {"time": "day", "strategies": ["class_weight"], "cv": 4}),
    "nothing held out": (plain, BOTH | {"test_size": 0, "strategies": ["smote"]}),
    "folds dealt twice": (plain, BOTH | {"repeats": 2, "strategies": ["class_weight"]}),
    "fewer rows": (
        plain,
        BOTH | {"max_rows": 120, "strategies": ["class_weight"], "model": "naive_bayes"},
    ),
    "ensembles": (
        plain,
        {
            "prevalence": 0.03,
            "strategies": [few_stumps(), RUSBoostClassifier(n_estimators=5, random_state=0)],
        },
    ),
    "an ensemble with row weights": (
        plain,
        BOTH | {"strategies": [BalancedRandomForestClassifier(9, random_state=0)]},
    ),
    "other samplers": (
        plain,
        BOTH | {"strategies": ["borderline", "adasyn", "smote_tomek", "smote_enn", TomekLinks()]},
    ),
    "a sigmoid in time": (
        timed,
        {"prevalence": 0.03, "time": "day", "strategies": ["focal"], "cv": 4},
    ),
    "sigmoids on folds dealt twice": (
        lambda: plain(labels=("stay", "leave")),
        BOTH | {"repeats": 2, "strategies": ["focal"]},
    ),
    "sigmoids in groups dealt twice": (
        grouped,
        {"prevalence": 0.03, "groups": "who", "repeats": 2, "strategies": ["focal"], "test_size": 0.4},
    ),
    "sigmoids of several kinds": (
        lambda: plain(labels=("stay", "leave")),
        {
            "prevalence": 0.03,
            "model": boosted(),
            "strategies": [
                "smote",
                BalancedRandomForestClassifier(9, random_state=0),
                few_stumps(),
            ],
        },
    ),
    "a model that weighs for the prevalence": (
        plain,
        {
            "prevalence": 0.03,
            "model": LogisticRegression(class_weight={0: 1.0, 1: 0.1}),
            "strategies": ["class_weight"],
        },
    ),
    "the accuracy of many rows": (
        lambda: plain(n=26_000),
        BOTH | {"criterion": "accuracy", "strategies": [], "model": "naive_bayes"},
    ),
    "shuffled labels": (plain, BOTH | {"permutations": 2, "strategies": ["class_weight"]}),
    "the focal loss": (plain, BOTH | {"strategies": ["focal"]}),
    "a forest": (
        plain,
        BOTH | {"model": RandomForestClassifier(9, random_state=0), "strategies": ["class_weight", "smote"]},
    ),
    "boosting": (churn, BOTH | {"model": boosted(), "strategies": ["class_weight", "oversample"]}),
    "naive Bayes": (plain, BOTH | {"model": "naive_bayes", "strategies": ["class_weight", "smote"]}),
    "neighbours": (plain, {"prevalence": 0.03, "model": "knn", "strategies": ["smote"]}),
    "margins": (plain, BOTH | {"model": "svm", "strategies": ["class_weight", "smote"]}),
    "XGBoost": (
        lambda: plain(labels=("no", "yes")),
        BOTH
        | {
            "model": xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1),
            "strategies": ["class_weight", "smote"],
        },
    ),
    "a pipeline of one's own": (
        plain,
        BOTH | {"model": own_pipeline(("s", StandardScaler())), "strategies": ["class_weight", "smote"]},
    ),
    "a pipeline that resamples": (
        plain,
        BOTH | {"model": own_pipeline(("over", RandomOverSampler(random_state=0))), "strategies": []},
    ),
    "a model made of others": (
        plain,
        BOTH
        | {
            "model": VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"),
            "strategies": ["smote"],
        },
    ),
    "a search": (
        plain,
        BOTH
        | {"model": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2), "strategies": ["smote"]},
    ),
    "class weights of one's own": (plain, BOTH | {"strategies": [{0: 1.0, 1: 5.0}], "model": "naive_bayes"}),
}


def check(found, space, *, short=False, left_out=()):
    """Every point of `frame` is there, and the same."""
    named = {name for name in found.scored.unique if name not in left_out}
    assert set(space["rows"]) == named
    points = [name for name in found.frame if not name.endswith(("_low", "_high"))]
    counts = {"tp", "fp", "fn", "tn", "prevalence"}
    wanted = {name for name in points if name.removesuffix("_cv").removesuffix("_tuned") not in counts}
    if short:
        wanted = {"average_precision"} | ({"average_precision_cv"} if found.held_out else set())
    for name, figures in space["rows"].items():
        expected = found.frame.loc[name, sorted(wanted)]
        known = expected.dropna().index
        assert set(known) <= set(figures) <= set(found.frame)
        got = pd.Series({each: float(figures[each]) for each in known})
        pd.testing.assert_series_equal(got, expected[known], rtol=1e-9, atol=1e-12, check_names=False)


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", CASES)
def test_the_code_gives_the_same_points(case, run):
    make, options = CASES[case]
    frame = make()
    found = frame.imb.fit_eval("churn" if "churn" in frame else "y", **QUICK | options)
    given, code = frame.copy(), found.snippet(style="full")
    assert "== True" not in code  # truth values are not compared with what they are
    space = run(code, df=given)
    check(found, space)
    if found.permuted is not None:
        np.testing.assert_allclose(space["on_shuffled"], found.permuted.shuffled, rtol=1e-9)
    pd.testing.assert_frame_equal(given, frame)
    assert "w" not in space["X"] or "sample_weight" not in options
    check(found, run(found.snippet(style="short"), df=frame), short=True)


@pytest.mark.slow
@pytest.mark.parametrize("options", [BOTH, {"sample_weight": "w"}])
def test_a_test_frame_of_ones_own(options, run):
    frame = churn()
    train, test = frame.iloc[:160], frame.iloc[160:].assign(extra=1)
    found = train.imb.fit_eval("churn", test=test, strategies=["class_weight"], **QUICK | options)
    check(found, run(found.snippet(style="full"), df=train, test=test))


@pytest.mark.slow
@pytest.mark.parametrize("twice", [False, True])
def test_labels_and_weights_beside_the_frame(twice, run):
    frame = churn()
    frame.index = np.arange(len(frame)) // 2 if twice else frame.index
    X, y, w = frame.drop(columns=["churn", "w"]), frame["churn"], frame["w"].rename("of rows")
    options = BOTH | {"sample_weight": w, "strategies": ["class_weight"]}
    found = X.imb.fit_eval(y, **QUICK | options)
    check(found, run(found.snippet(style="full"), df=X, y=y, sample_weight=w))


@pytest.mark.parametrize("text", [False, True])
def test_weights_of_a_fitted_model_that_are_text(text, run):
    frame = plain()
    frame = frame.assign(w=frame["w"].astype(str).str.replace(".", ",")) if text else frame
    model = GaussianNB().fit(frame[["a", "b", "c"]], frame["y"])
    found = frame.imb.fit_eval("y", model=model, fitted=True, sample_weight="w", **QUICK)
    check(found, run(found.snippet(style="full"), df=frame, model=model))


@pytest.mark.slow
def test_a_sampler_whose_rows_have_no_parents_is_left_out(run):
    frame = plain()
    found = frame.imb.fit_eval(
        "y", strategies=[ClusterCentroids(random_state=0), "oversample"], **QUICK | BOTH
    )
    assert "# left out: ClusterCentroids" in found.snippet(style="full")
    check(found, run(found.snippet(style="full"), df=frame), left_out=["ClusterCentroids"])


def test_weights_of_one_and_the_prevalence_of_the_frame_write_the_plain_code():
    frame = plain().assign(w=1.0)
    options = QUICK | {"strategies": ["class_weight"]}
    plainly = frame.drop(columns="w").imb.fit_eval("y", **options)
    weighted = frame.imb.fit_eval("y", sample_weight="w", prevalence=frame["y"].mean(), **options)
    expected = plainly.snippet(style="full").replace('columns=["y"]', 'columns=["y", "w"]')
    assert weighted.snippet(style="full") == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", ["class_weight", "smote"])
def test_a_trace_scores_a_row_by_a_model_of_weighted_rows(name, run):
    frame = plain()
    found = frame.imb.fit_eval("y", sample_weight="w", strategies=[name], **QUICK)
    trace = found.trace(name, row=3)
    assert run(trace.snippet(style="full"), df=frame)["score"] == pytest.approx(
        trace.contributions.score, rel=1e-9
    )


@pytest.mark.slow
def test_leaks_are_shown_on_rows_without_weights(run):
    frame = plain()
    found = frame.imb.leaks("y", demonstrate=True, n_jobs=1, progress=False, **BOTH)
    space = run(found.snippet(style="full"), df=frame)
    shown = found.demonstration.frame["roc_auc"]
    assert space["right"].mean() == pytest.approx(shown.iloc[1], rel=1e-9)
    assert "w" not in space["X"]


@pytest.mark.quick(1)
@pytest.mark.parametrize(("part", "own"), [("test", False), ("train", True)])
def test_weights_of_one_in_one_part_alone_are_weights_all_the_same(part, own):
    """Whether rows count once is asked of all rows, not of each part."""
    frame = plain().assign(w=1.0)
    parts = imb.fit_eval(frame, "y", strategies=[], **QUICK).scored.parts
    heavy = (parts.train if part == "train" else parts.test).X.index[:40]
    frame.loc[heavy, "w"] = 3.0
    data, options, names = frame, {}, {}
    if own:
        data, names = frame.loc[parts.train.X.index], {"test": frame.loc[parts.test.X.index]}
        options = names
    e = imb.fit_eval(data, "y", sample_weight="w", strategies=["class_weight", "smote"], **QUICK, **options)
    found = {"df": data, **names}
    exec(str(e.snippet(style="full")), found)
    for name, row in found["rows"].items():
        for column, value in row.items():
            assert value == pytest.approx(e.frame.loc[name, column], abs=1e-9, nan_ok=True), (name, column)
