"""The snippet of `fit_eval` runs where only ``df`` exists, without this package, and gives the same numbers."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1), draws_at_most(60):  # code and result take the same
        yield


def numbers(n=240, labels=(0, 1), seed=0):
    """Numbers that tell the last label from the others, with a block and a time of each row."""
    rng = np.random.default_rng(seed)
    shares = [*[0.8 / (len(labels) - 1)] * (len(labels) - 1), 0.2]
    y = rng.choice(len(labels), n, p=shares)
    X = rng.normal(size=(n, 3)) + 0.9 * y[:, None]
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    frame["who"] = rng.integers(0, 30, n)
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(n) // 2, unit="D")
    kind = type(labels[0]) if len({type(label) for label in labels}) == 1 else object
    return frame.assign(y=pd.Series(np.array(labels, dtype=object)[y]).astype(kind))


def plain(**options):
    return numbers(**options).drop(columns=["who", "day"])


def churn(n=200):
    return imb.make_churn(n, 0.2)


def some_unlabelled():
    frame = churn()
    frame.loc[frame.index[::9], "churn"] = None
    return frame


def odd():
    rng = np.random.default_rng(0)
    frame = plain()
    n = len(frame)
    return frame.assign(
        whole=pd.Series(rng.integers(0, 9, n), dtype="Int64").mask(rng.random(n) < 0.1),
        word=pd.Series(rng.choice(["x", "y"], n), dtype="string").mask(rng.random(n) < 0.1),
        flag=pd.Series(rng.random(n) < 0.5, dtype="boolean").mask(rng.random(n) < 0.1),
        level=pd.Categorical(rng.choice(["p", "q"], n), categories=["p", "q", "never"]),
        mixed=pd.Series(rng.choice(np.array([1, "a", 2.5], dtype=object), n), dtype=object),
    ).set_index(np.arange(n) + 7)


def xgb(**options):
    return xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1, **options)


def lgbm(**options):
    return lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1, **options)


def own_pipeline():
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [("numbers", StandardScaler(), ["age", "tenure_months"]), ("words", words, ["contract"])]
    return Pipeline([("columns", ColumnTransformer(parts)), ("last", LogisticRegression(C=0.5))])


#: The frame and its target, and what `fit_eval` is asked for.
CASES = {
    "the default": (churn, "churn", {}),
    "the default on numbers": (plain, "y", {}),
    "features as they are": (plain, "y", {"preprocess": None}),
    "a forest": (churn, "churn", {"model": "forest", "strategies": ["smote"]}),
    "boosting": (churn, "churn", {"model": "boosting", "strategies": ["oversample"]}),
    "naive Bayes by sample weights": (
        churn,
        "churn",
        {"model": "naive_bayes", "strategies": ["class_weight", "smote"]},
    ),
    "margins": (churn, "churn", {"model": "svm", "strategies": ["class_weight", "smote"]}),
    "margins against the first label": (
        lambda: plain(labels=("stay", "leave")),
        "y",
        {"model": "svm", "strategies": ["oversample"]},
    ),
    "objects": (
        plain,
        "y",
        {"strategies": [SMOTE(k_neighbors=3, random_state=4)], "model": LogisticRegression(C=0.2)},
    ),
    "odd columns": (odd, "y", {"strategies": ["class_weight"]}),
    "odd columns of trees": (odd, "y", {"model": xgb(), "strategies": ["smote"]}),
    "time": (
        lambda: numbers().drop(columns="who"),
        "y",
        {"time": "day", "strategies": ["class_weight"], "cv": 3},
    ),
    "time by sample weights": (
        lambda: numbers().drop(columns="who"),
        "y",
        {"time": "day", "model": "naive_bayes", "strategies": ["class_weight"], "cv": 3},
    ),
    "several classes": (lambda: plain(labels=("x", "y", "z")), "y", {}),
    "several classes in time": (
        lambda: numbers(labels=(3, 1, 2)).drop(columns="who"),
        "y",
        {"time": "day", "strategies": ["smote"], "cv": 3},
    ),
    "several classes in groups": (
        lambda: numbers(labels=("x", "y", "z")).drop(columns="day"),
        "y",
        {"groups": "who", "strategies": ["oversample"], "test_size": 0.5},
    ),
    "several classes in few groups": (
        lambda: numbers(labels=("x", "y", "z")).drop(columns="day"),
        "y",
        {"groups": "who", "strategies": ["oversample"]},
    ),
    "several classes by margins": (
        lambda: plain(labels=("x", "y", "z")),
        "y",
        {"model": "svm", "strategies": ["class_weight"]},
    ),
    "one class against the rest": (
        lambda: plain(labels=("x", "y", "z")),
        "y",
        {"pos_label": "y", "strategies": ["smote"]},
    ),
    "one class against the rest, boosted": (
        lambda: plain(labels=("x", "y", "z")),
        "y",
        {"pos_label": "z", "model": xgb(), "strategies": ["class_weight"]},
    ),
    "text labels, boosted": (
        lambda: plain(labels=("no", "yes")),
        "y",
        {"model": xgb(), "strategies": ["class_weight"]},
    ),
    "the first label, boosted": (
        lambda: plain(labels=("stay", "leave")),
        "y",
        {"model": xgb(), "strategies": ["class_weight", "oversample"]},
    ),
    "text columns, boosted": (churn, "churn", {"model": lgbm(), "strategies": ["class_weight", "smote"]}),
    "several classes, boosted": (
        lambda: plain(labels=("x", "y", "z")),
        "y",
        {"model": xgb(), "strategies": ["class_weight"]},
    ),
    "labels of two types in groups": (
        lambda: numbers(labels=(1, "0")).drop(columns="day"),
        "y",
        {"groups": "who", "strategies": ["class_weight"], "test_size": 0.5},
    ),
    "few groups": (
        lambda: numbers().drop(columns="day"),
        "y",
        {"groups": "who", "strategies": ["class_weight"]},
    ),
    "labels of two types": (lambda: plain(labels=(1, "0")), "y", {"strategies": ["class_weight"]}),
    "true and false": (lambda: plain(labels=(False, True)), "y", {"strategies": ["class_weight"]}),
    "a pipeline": (churn, "churn", {"model": own_pipeline(), "strategies": ["class_weight", "smote"]}),
    "a search": (
        plain,
        "y",
        {"model": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2), "strategies": ["oversample"]},
    ),
    "a search at the end": (
        plain,
        "y",
        {
            "model": make_pipeline(
                StandardScaler(), GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 0.1]}, cv=2)
            ),
            "strategies": ["class_weight"],
        },
    ),
    "nothing but none": (plain, "y", {"strategies": []}),
    "folds dealt twice": (plain, "y", {"repeats": 2, "strategies": ["class_weight"]}),
    "folds dealt twice, nothing held out": (plain, "y", {"repeats": 2, "test_size": 0, "strategies": []}),
    "several classes dealt twice": (
        lambda: plain(labels=("x", "y", "z")),
        "y",
        {"repeats": 2, "test_size": 0, "strategies": ["class_weight"]},
    ),
    **{
        f"threshold by {criterion}": (plain, "y", {"criterion": criterion, "strategies": ["class_weight"]})
        for criterion in ("mcc", "balanced_accuracy", "g_mean", "accuracy")
    },
}


def compare(found, rows, *, short=False):
    """Every figure that the code left is one of `frame`, to the last digits but rounding."""
    named = [name for name in found.frame.index if name != "dummy"]
    assert set(rows) <= set(named)
    assert {"none", found.best} <= set(rows) or short
    assert short or set(named) - set(rows) <= {"smote+class_weight"}  # which is smote
    bounds = {column for column in found.frame if column.endswith(("_low", "_high"))}
    bounds &= set(found.frame.loc[list(rows)].dropna(axis="columns", how="all"))
    few = found.few_groups is not None  # then there are no intervals, and no code for any
    assert few == (not bounds) and (few or {"recall_low", "average_precision_high"} < bounds)
    for name, figures in rows.items():
        figures = dict(figures)
        assert short or bounds <= set(figures), bounds - set(figures)  # every interval that the frame has
        assert not short or not bounds & set(figures)
        assert set(figures) <= set(found.frame.columns)
        wanted = found.frame.loc[name, list(figures)].to_numpy(float)
        got = np.array([float(value) for value in figures.values()])
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True), name
    return set().union(*map(set, rows.values()))


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", CASES)
def test_the_code_gives_the_same_numbers(case, run):
    make, target, options = CASES[case]
    frame = make()
    found = frame.imb.fit_eval(target, **QUICK | options)
    given = frame.copy()
    space = run(found.snippet(style="full"), df=given)
    told = compare(found, space["rows"])
    wanted = {"average_precision", "average_precision_cv", "roc_auc", "f1", "recall", "precision", "mcc"}
    wanted |= {f"{each}{end}" for each in ("f1", "recall", "mcc", "g_mean") for end in ("", "_low", "_high")}
    if not found.is_binary:
        wanted |= {f"recall[{name}]{end}" for name in found.reader.classes for end in ("_low", "_high")}
    else:
        wanted |= {"threshold", "f1_tuned", "recall_tuned", "precision_tuned"}
    if found.scored.is_probability:
        wanted |= {"brier", "log_loss"}
    few = found.few_groups is not None  # no interval
    assert {each for each in wanted if not (few and each.endswith(("_low", "_high")))} <= told
    for name in space["rows"]:
        assert name in space["printed"]
    pd.testing.assert_frame_equal(given, frame)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "case", ["the default on numbers", "margins", "several classes", "time", "text labels, boosted"]
)
def test_the_short_code_ranks_out_of_fold(case, run):
    make, target, options = CASES[case]
    frame = make()
    found = frame.imb.fit_eval(target, **QUICK | options)
    code = found.snippet(style="short")
    assert len(code.splitlines()) < len(found.snippet(style="full").splitlines())
    told = compare(found, run(code, df=frame)["rows"], short=True)
    assert "average_precision_cv" in told


@pytest.mark.slow
def test_a_test_frame_of_ones_own(run):
    frame = churn(300)
    train, test = frame.iloc[:200], frame.iloc[200:].assign(extra=1)
    found = train.imb.fit_eval("churn", test=test, strategies=["smote"], **QUICK)
    compare(found, run(found.snippet(style="full"), df=train, test=test)["rows"])


@pytest.mark.slow
def test_a_test_frame_with_odd_columns(run):
    frame = odd()
    train, test = frame.iloc[:160], frame.iloc[160:]
    found = train.imb.fit_eval("y", test=test, strategies=["smote"], **QUICK)
    compare(found, run(found.snippet(style="full"), df=train, test=test)["rows"])


@pytest.mark.slow
@pytest.mark.parametrize("missing", [False, True])
def test_labels_beside_the_frame(missing, run):
    frame = some_unlabelled() if missing else churn()
    X, y = frame.drop(columns="churn"), frame["churn"]
    found = X.imb.fit_eval(y, strategies=["class_weight"], **QUICK)
    compare(found, run(found.snippet(style="full"), df=X, y=y)["rows"])


def test_a_model_that_was_fitted_before(run):
    frame = plain()
    model = LogisticRegression().fit(frame[["a", "b", "c"]], frame["y"])
    found = frame.imb.fit_eval("y", model=model, fitted=True, **QUICK)
    compare(found, run(found.snippet(style="full"), df=frame, model=model)["rows"])


@pytest.mark.slow
@pytest.mark.parametrize("test_size", [0, 0.25])
def test_a_model_that_was_fitted_before_in_the_order_of_time(test_size, run):
    frame = numbers().drop(columns="who")
    model = LogisticRegression().fit(frame[["a", "b", "c"]], frame["y"])
    options = {"time": "day", "test_size": test_size, **QUICK}
    found = frame.imb.fit_eval("y", model=model, fitted=True, **options)
    assert (found.scored.folds.ids < 0).any()  # no fold holds the first rows
    for style in ("full", "short"):
        space = run(found.snippet(style=style), df=frame, model=model)
        compare(found, space["rows"], short=style == "short" or not test_size)  # folds' means: no ends


@pytest.mark.slow
def test_a_strategy_that_failed_is_not_in_the_code(run):
    frame = plain()
    broken = SMOTE(k_neighbors=NearestNeighbors(n_neighbors=10_000))
    found = frame.imb.fit_eval("y", strategies=[broken, "oversample"], **QUICK)
    assert list(found.frame.index) == ["none", "oversample", "SMOTE", "dummy"]
    assert list(run(found.snippet(style="full"), df=frame)["rows"]) == ["none", "oversample"]


@pytest.mark.slow
def test_hostile_names_stay_names(run):
    frame = plain().rename(columns={"a": 'quo"te', "b": "line\nbreak", "c": "back\\slash '"})
    frame = frame.rename(columns={"y": "it's {y}"})
    found = frame.imb.fit_eval("it's {y}", strategies=["class_weight"], **QUICK)
    compare(found, run(found.snippet(style="full"), df=frame)["rows"])


@pytest.mark.slow
@pytest.mark.parametrize("test_size", [0, 0.25])
def test_a_model_that_was_fitted_before_on_folds_dealt_twice(test_size, run):
    frame = plain()
    model = LogisticRegression().fit(frame[["a", "b", "c"]], frame["y"])
    options = {"repeats": 2, "test_size": test_size, **QUICK}
    found = frame.imb.fit_eval("y", model=model, fitted=True, **options)
    for style in ("full", "short"):
        rows = run(found.snippet(style=style), df=frame, model=model)["rows"]
        compare(found, rows, short=style == "short")


@pytest.mark.slow
def test_single_precision_is_widened_as_we_do(run):
    frame = plain().astype(dict.fromkeys("abc", "float32"))
    found = frame.imb.fit_eval("y", strategies=["class_weight"], preprocess=None, **QUICK)
    for style in ("full", "short"):
        rows = run(found.snippet(style=style), df=frame)["rows"]
        compare(found, rows, short=style == "short")


@pytest.mark.slow
def test_columns_that_a_selector_finds(run):
    frame = plain().assign(word=lambda df: np.where(df["a"] > 0, "p", "q"))
    parts = [
        (StandardScaler(), make_column_selector(dtype_include=np.number)),
        (OneHotEncoder(), make_column_selector("word")),
    ]
    model = make_pipeline(make_column_transformer(*parts), LogisticRegression())
    found = frame.imb.fit_eval("y", model=model, strategies=["oversample"], **QUICK)
    compare(found, run(found.snippet(style="full"), df=frame)["rows"])
