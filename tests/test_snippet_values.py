"""Estimators, labels and parameters in snippets come back the same, else they are a name with a sentence; never wrong code."""

from __future__ import annotations

import ast
import datetime
import decimal
import functools
from collections import namedtuple
from enum import IntEnum
from http import HTTPStatus
from inspect import Parameter

import numpy as np
import pandas as pd
import pytest
from alone import execute
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from snippet_cases import numbers

import imbalance_accessor as imb
from imbalance_accessor.present.snippets import Writer

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")
QUICK = {"cv": 2, "n_jobs": 1, "progress": False}
Pair = namedtuple("Pair", "a b")


class Local(ClassifierMixin, BaseEstimator):
    """A classifier that nothing outside this file can import."""

    def __init__(self, share=0.5):
        self.share = share


Local.__module__ = "__main__"


def written(value):
    writer = Writer()
    writer.assign("value", writer.expression(value))
    code = writer.text()
    ast.parse(code)
    return code


EXACT = [
    pd.Interval(0, 1.5, "left"),
    pd.Interval(-np.inf, 3),
    pd.Interval(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02"), "both"),
    pd.Timestamp("2024-01-02 03:04:05.000000007"),
    pd.Timestamp("2024-07-02", tz="Europe/Berlin"),
    pd.Timedelta("-1D 2h"),
    pd.Period("2024-03", "M"),
    pd.Period("2024Q2", "Q"),
    pd.NaT,
    pd.NA,
    datetime.date(2024, 1, 2),
    datetime.datetime(2024, 1, 2, 3, 4),
    datetime.time(1, 2),
    decimal.Decimal("1.10"),
    np.datetime64("2024-01-01T00:00:00.000000001"),
    np.timedelta64(3, "h"),
    np.dtype("float32"),
    np.dtype("<U7"),
    (1, ("a", None)),
    b"raw'\"",
    set(),
    {1},
    frozenset([2]),
    slice(1, None),
    float,
    len,
    np.float32,
    np.log1p,
    float("inf"),
    HTTPStatus.OK,
    Parameter.KEYWORD_ONLY,
]


@pytest.mark.parametrize("value", EXACT, ids=repr)
def test_values_come_back_the_same(value):
    made = execute(written(value))["value"]
    assert type(made) is type(value)
    assert made is value or made == value


@pytest.mark.parametrize("value", [np.bool_(True), np.int64(3), np.float32(0.1), np.str_("x")])
def test_numpy_scalars_become_python_values(value):
    assert execute(written(value))["value"] == value.item()


def test_what_is_not_equal_to_itself_comes_back():
    assert np.isnan(execute(written(np.nan))["value"])


@pytest.mark.parametrize(
    "array",
    [
        np.array([1.0, np.nan, -np.inf]),
        np.array([0.1], dtype="float32"),
        np.zeros((2, 0)),
        np.array(["a", 1, None], dtype=object),
        np.array(["a", "bc"]),
        np.array(["2024-01-01", "NaT"], dtype="datetime64[ns]"),
        np.array([[True], [False]]),
        np.array([1, 2], dtype="uint8"),
    ],
    ids=repr,
)
def test_arrays_come_back_with_their_type(array):
    made = execute(written(array))["value"]
    assert made.dtype == array.dtype
    np.testing.assert_array_equal(made, array)


def test_a_partial_is_a_partial_of_what_it_calls():
    made = execute(written(functools.partial(np.clip, a_min=0, a_max=decimal.Decimal("2"))))["value"]
    assert (made.func, made.keywords) == (np.clip, {"a_min": 0, "a_max": decimal.Decimal("2")})


NAMED = {
    "your_lambda": lambda x: x,
    "your_pair": Pair(1, 2),
    "your_randomstate": np.random.RandomState(0),
    "your_frozenestimator": FrozenEstimator(GaussianNB().fit([[0.0], [1.0]], [0, 1])),
    "your_own": IntEnum("own", {"ONE": 1}, module="__main__").ONE,
    "your_upper": "abc".upper,
    "your_series": pd.Series([1.0]),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_cannot_be_written_has_a_name_and_a_sentence(name):
    code = written(NAMED[name])
    assert f"# {name}: put your own object here; " in code
    assert code.endswith(f"value = {name}")


def test_two_lambdas_have_two_names():
    one, other = (lambda x: x), (lambda x: x + 1)
    code = written([one, other, one])
    assert code.endswith("value = [your_lambda, your_lambda_2, your_lambda]")
    assert execute(code.replace("value", "your_lambda, your_lambda_2 = 1, 2\nvalue", 1))["value"] == [1, 2, 1]


def test_a_class_that_cannot_be_imported_is_asked_for():
    code = written(Local(share=0.25))
    assert "import" not in code.replace("it cannot be imported", "")
    assert "# Local: put your own class here; it cannot be imported" in code
    assert execute(code, Local=Local)["value"].share == 0.25


# --- whole programs


def check(frame, model, *, given=None, strategies=("oversample",)):
    """Both styles give the numbers, once the names they ask for are there."""
    found = imb.fit_eval(frame, "y", model=model, strategies=list(strategies), **QUICK)
    code = found.snippet()
    for name in given or {}:
        assert f"# {name}: put your own" in code
    rows = execute(code, df=frame.copy(), **(given or {}))["rows"]
    for name, figures in rows.items():
        wanted = found.frame.loc[name, list(figures)].to_numpy(float)
        assert list(map(float, figures.values())) == pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True)
    return code


def test_pipelines_within_pipelines_keep_their_own_classes():
    inner = make_pipeline(StandardScaler(), make_pipeline(FunctionTransformer(np.tanh)))
    words = Pipeline([("class", OneHotEncoder(handle_unknown="ignore", sparse_output=False))])
    columns = ColumnTransformer([("numbers", inner, ["a", "b"]), ("words", words, ["word"])])
    frame = numbers().assign(word=np.tile(["p", "q"], 75))
    code = check(frame, Pipeline([("np", columns), ("lambda", StandardScaler()), ("last", GaussianNB())]))
    assert (
        "from imblearn.pipeline import Pipeline" in code and "from sklearn.pipeline import Pipeline" in code
    )
    assert " as SklearnPipeline" in code or " as ImblearnPipeline" in code


def test_a_lambda_is_asked_for_and_then_the_numbers_are_the_same():
    model = make_pipeline(FunctionTransformer(lambda X: X * 2), GaussianNB())
    check(numbers(), model, given={"your_lambda": model.steps[0][1].func})


def test_a_vote_is_written_with_its_voters():
    vote = VotingClassifier([("bayes", GaussianNB()), ("plain", LogisticRegression(C=0.1))], voting="soft")
    check(numbers(), vote)


def test_a_fitted_object_inside_is_asked_for():
    frame = numbers()
    fitted = FrozenEstimator(GaussianNB().fit(frame[["a", "b", "c"]].to_numpy(), frame["y"]))
    model = CalibratedClassifierCV(fitted, cv=2)
    check(frame, model, given={"your_frozenestimator": fitted}, strategies=())


def test_a_dict_of_two_hundred_weights_is_written_out():
    rng = np.random.default_rng(0)
    weights = {label: round(float(rng.random()), 6) for label in range(200)}
    made = execute(written(LogisticRegression(class_weight=weights)))["value"]
    assert made.class_weight == weights
    y = pd.Series(np.repeat([f"class {place:03d}" for place in range(200)], 2), name="y")
    own = {label: place + 0.5 for place, label in enumerate(sorted(set(y)))}
    found = imb.weights(y.to_frame(), "y", method=own)
    code = found.snippet()
    assert execute(code, df=y.to_frame())["class_weight"] == own
    assert max(map(len, code.splitlines())) <= 88


LABELS = {
    "intervals": pd.interval_range(0, 2),
    "times": pd.to_datetime(["2024-01-01", "2024-02-01"]).astype(object),
    "dates": pd.Index([datetime.date(2024, 1, 1), datetime.date(2024, 2, 1)], dtype=object),
    "periods": pd.period_range("2024-01", periods=2, freq="M").astype(object),
    "decimals": pd.Index([decimal.Decimal("1.5"), decimal.Decimal("2")], dtype=object),
    "bytes": pd.Index([b"a", b"b"], dtype=object),
}


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("verb", ["counts", "weights", "split", "fit_eval", "best_threshold"])
def test_labels_that_have_no_literal(verb, kind):
    if kind in ("times", "periods") and pd.__version__ < "3":
        pytest.skip("pandas 2 warns of counting times that are objects")
    frame = numbers()
    labels = [LABELS[kind][code] for code in frame["y"]]
    frame["y"] = pd.Series(labels, index=frame.index, dtype=LABELS[kind].dtype)
    options = {"fit_eval": QUICK | {"strategies": []}, "best_threshold": QUICK}.get(verb, {})
    found = getattr(imb, verb)(frame, "y", **options)
    space = execute(found.snippet(), df=frame.copy())
    if verb == "counts":
        assert space["rows"].to_dict() == found.frame["rows"].to_dict()
    elif verb == "weights":
        assert list(space["class_weight"].values()) == list(found.values())
    elif verb == "split":
        assert list(space["y_test"]) == list(found.y_test)
    elif verb == "best_threshold":
        assert space["cut"] == found.value
    else:
        assert space["rows"]["none"]["f1"] == pytest.approx(found.frame.loc["none", "f1"])
