"""Estimators, labels and parameters in snippets come back the same, else they are a name with a sentence; never wrong code."""

from __future__ import annotations

import ast
import datetime
import decimal
import enum
import functools
from collections import namedtuple
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
from snippet_checks import check_alone

import imbalance_accessor as imb
from imbalance_accessor.rendering.snippets.writer import Writer

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
    "your_own": enum.IntEnum("own", {"ONE": 1}, module="__main__").ONE,
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


def test_a_member_of_a_class_of_the_notebook_is_named_as_it_is_there():
    one, other = (enum.Enum("Risk", {"LOW": 1, "HIGH": 2}, module="__main__") for _ in range(2))
    code = written([one.LOW, one.HIGH])
    assert code.count("# Risk: put your own class here; it cannot be imported") == 1
    assert execute(code, Risk=one)["value"] == [one.LOW, one.HIGH]
    code = written([one.LOW, other.LOW])
    assert code.endswith("value = [Risk.LOW, your_risk]")
    assert execute(code, Risk=one, your_risk=other.LOW)["value"] == [one.LOW, other.LOW]


# --- whole programs


def check(frame, model, *, given=None, strategies=("oversample",)):
    """Both styles give the numbers, once the names they ask for are there."""
    found = imb.fit_eval(frame, "y", model=model, strategies=list(strategies), **QUICK)
    code = found.snippet(style="full")
    for name in given or {}:
        assert f"# {name}: put your own" in code
    rows = execute(code, df=frame.copy(), **(given or {}))["rows"]
    for name, figures in rows.items():
        wanted = found.frame.loc[name, list(figures)].to_numpy(float)
        assert list(map(float, figures.values())) == pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True)
    return code


@pytest.mark.slow
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


@pytest.mark.slow
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
    code = found.snippet(style="full")
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


@pytest.mark.quick(2)
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
    space = execute(found.snippet(style="full"), df=frame.copy())
    if verb == "counts":
        assert space["rows"].to_dict() == found.frame["rows"].to_dict()
    elif verb == "weights":
        assert list(space["class_weight"].values()) == list(found.values())
    elif verb == "split":
        assert list(space["y_test"]) == list(found.y_test)
    elif verb == "best_threshold":
        assert space["threshold"] == found.value
    else:
        assert space["rows"]["none"]["f1"] == pytest.approx(found.frame.loc["none", "f1"])


def as_labels(kind, codes):
    """Labels that scikit-learn cannot sort or take, by code."""
    known = {
        **LABELS,
        "mixed": [3, "a", 2.5],
        "tuples": [("b", 2), ("a", 1), ("a", 2)],
        "fractions": [0.5, 1.5, 2.5],
        "whole numbers as objects": [0, 1, 2],
        "yes or no as objects": [False, True],
        "alike": [1, "1"],
    }
    kind, is_category = kind.removeprefix("categories of "), kind.startswith("categories of ")
    cells = np.empty(len(codes), dtype=object)
    cells[:] = [list(known[kind])[code] for code in codes]
    if is_category:
        categories = pd.Index(list(known[kind])[: codes.max() + 1], dtype=object, tupleize_cols=False)
        return pd.Categorical.from_codes(codes, categories=categories)
    return pd.Series(cells, dtype=LABELS[kind].dtype if kind == "intervals" else object)


KINDS = (
    *("intervals", "dates", "decimals", "bytes", "mixed", "tuples", "fractions", "alike"),
    *("whole numbers as objects", "yes or no as objects", "categories of tuples", "categories of mixed"),
)
LIBRARIES = ("sklearn", "xgboost", "lightgbm", "keras")


def labelled(kind, *, several=False):
    frame = numbers()
    codes = frame["y"].to_numpy(copy=True)
    if several:
        codes[np.flatnonzero(codes == 0)[::4]] = 2
    return frame.assign(y=as_labels(kind, codes))


@pytest.mark.quick(4)
@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_dialect_counts_labels_of_any_kind(kind, several):
    if several and kind not in (
        "mixed",
        "tuples",
        "fractions",
        "categories of tuples",
        "categories of mixed",
    ):
        return
    frame = labelled(kind, several=several)
    for method in ("balanced", "sqrt", "effective"):
        found = imb.weights(frame, "y", method=method)
        for library in LIBRARIES:
            space = execute(found.snippet(style="full", library=library), df=frame.copy())
            assert list(space["class_weight"]) == list(found)
            assert space["class_weight"] == pytest.approx(dict(found), rel=1e-13)
            codes = [list(found).index(label) for label in frame["y"]]
            if library == "sklearn":
                y = space.get("codes", space["y"])
                assert set(space["model"].fit(frame[["a"]], y).classes_) == set(y)
            elif not several:
                positive = list(found).index(found.target.pos_label)
                assert space["outcome"].tolist() == [int(code == positive) for code in codes]
            elif library == "keras":
                assert space["codes"].tolist() == codes


@pytest.mark.quick(1)
@pytest.mark.parametrize("style", ["full", "short"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_overview_smote_and_leaks_take_labels_of_any_kind(kind, style):
    frame = labelled(kind)
    found = imb.overview(frame, "y")
    space = execute(found.snippet(style=style), df=frame.copy())
    rows = {str(label): n for label, n in space["rows"].items()}
    assert rows == {str(label): n for label, n in found.counts.frame["rows"].items()}
    if style == "full":
        assert space["class_weight"] == dict(found.weights)
        assert f"{found.counts.accuracy_always_majority:.3f}" in space["printed"]
    grown = imb.smote(frame, "y")
    space = execute(grown.snippet(style=style), df=frame.copy())
    np.testing.assert_allclose(space["X_train"].to_numpy(), grown.X_train.to_numpy(), rtol=1e-12)
    assert list(space["y_train"]) == list(grown.y_train)
    assert list(space["y_test"]) == list(grown.y_test)
    leaks = imb.leaks(frame, "y", demonstrate=True, model="naive_bayes", cv=2, progress=False)
    space = execute(leaks.snippet(style=style), df=frame.copy())
    assert all(str(label) in space["printed"] for label in set(frame["y"]))
    if style == "full":
        shown = leaks.demonstration.frame["roc_auc"]
        assert space["wrong"].mean() == pytest.approx(shown["before the split"], rel=1e-9)
        check_alone(leaks, space)


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", ["leaks", "fit_eval"])
def test_one_tuple_against_the_rest(verb):
    frame = labelled("tuples", several=True)
    options = {"leaks": {"demonstrate": True, "model": "naive_bayes"}, "fit_eval": {"strategies": []}}[verb]
    found = getattr(imb, verb)(frame, "y", pos_label=("a", 1), cv=2, progress=False, **options)
    space = execute(found.snippet(style="full"), df=frame.copy())
    if verb == "fit_eval":
        assert space["rows"]["none"]["f1"] == pytest.approx(found.frame.loc["none", "f1"])
    else:
        assert space["right"].mean() == pytest.approx(found.demonstration.frame["roc_auc"].iloc[1])
