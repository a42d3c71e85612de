"""Settings, flags, test frames and option values that are met in notebooks and that no frame by itself has."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import sklearn
from alone import execute
from imblearn.under_sampling import RandomUnderSampler
from sklearn.linear_model import LogisticRegression

import imbalance_accessor as imb
from imbalance_accessor.errors import FeatureError, OptionError, SplitError, TargetError
from imbalance_accessor.modeling.samplers import resample

pytestmark = pytest.mark.filterwarnings("error")
QUICK = {"cv": 2, "progress": False, "n_jobs": 1}


def frame(n=80):
    rng = np.random.default_rng(0)
    y = (np.arange(n) < n // 5).astype(int)
    rng.shuffle(y)
    df = pd.DataFrame(rng.normal(size=(n, 3)), columns=["x0", "x1", "x2"])
    return df.assign(c=np.where(np.arange(n) % 3 == 0, "a", "b"), y=y)


@pytest.mark.slow
@pytest.mark.parametrize("setting", [{"transform_output": "pandas"}, {"enable_metadata_routing": True}])
def test_what_scikit_learn_was_set_to_changes_no_figure(setting):
    df, asked = frame(), {"strategies": ["none", "class_weight", "smote"], "model": "naive_bayes", **QUICK}
    plain, made = imb.fit_eval(df, "y", **asked).frame, imb.smote(df, "y").X_train
    with sklearn.config_context(**setting):
        pd.testing.assert_frame_equal(imb.fit_eval(df, "y", **asked).frame, plain)
        pd.testing.assert_frame_equal(imb.smote(df, "y").X_train, made)
        imb.reliability(df, "y", **asked)
        imb.fit_eval(df, "y", **asked).trace("smote")


@pytest.mark.parametrize(("name", "cells", "said"), [
    ("x0", 1j, "complex numbers in 'x0', where the first frame has numbers"),
    ("c", 1.0, "numbers in 'c', where the first frame has text"),
    ("c", True, "booleans in 'c', where the first frame has text"),
    ("c", pd.Timestamp("2020-01-01"), "cells of other kinds in 'c'"),
    ("c", [1], "cells of other kinds in 'c'"),
])  # fmt: skip
@pytest.mark.parametrize("verb", ["split", "smote", "fit_eval", "leaks"])
def test_a_test_frame_of_other_cells_is_refused(verb, name, cells, said):
    df = frame()
    test = df[60:].assign(**{name: [cells] * 20})
    with pytest.raises(SplitError, match=said):
        getattr(imb, verb)(df[:60], "y", test=test, **(QUICK if verb == "fit_eval" else {}))


@pytest.mark.quick(1)
@pytest.mark.parametrize("cells", ["string", "category", "object"])
def test_a_test_frame_may_write_its_text_in_another_type(cells):
    df = frame()
    same = imb.fit_eval(df[:60], "y", test=df[60:], strategies=["none"], **QUICK).frame
    other = df[60:].astype({"c": cells})
    pd.testing.assert_frame_equal(
        imb.fit_eval(df[:60], "y", test=other, strategies=["none"], **QUICK).frame, same
    )


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [
    [True, False, 0], [10**30 + 1, 10**30, 10**30],
])  # fmt: skip
@pytest.mark.parametrize("verb", ["counts", "overview", "weights", "smote", "fit_eval", "best_threshold"])
def test_snippets_take_labels_that_numpy_has_no_type_for(verb, labels):
    df = frame().drop(columns="c")
    positions = np.where(df["y"] == 1, 0, 1 + np.arange(80) % 2)
    df["y"] = pd.Series([labels[place] for place in positions], dtype=object)
    asked = {"fit_eval": {"strategies": ["none", "smote"], **QUICK}, "best_threshold": QUICK}
    found = getattr(imb, verb)(df, "y", **asked.get(verb, {}))
    for style in ("short", "full"):
        execute(found.snippet(style=style), df=df)


def test_cells_that_cannot_be_counted_spoil_no_sentence():
    df = frame().assign(s=np.array([b"a", b"b"])[frame()["y"]], tags=[[1], [2]] * 40)
    for name in ("chrun", "s", "tags"):
        with pytest.raises(TargetError, match=f"'{name}'"):
            imb.counts(df, name)


def test_a_frame_that_allows_no_label_twice_is_resampled_all_the_same():
    df = frame().set_flags(allows_duplicate_labels=False)
    assert imb.smote(df, "y").X_train.equals(imb.smote(frame(), "y").X_train)
    assert not df.flags.allows_duplicate_labels


def test_groups_and_times_without_an_order_are_refused():
    df = frame().assign(g=[[place % 9] for place in range(80)], t=pd.date_range("2020", periods=80, tz="UTC"))
    with pytest.raises(OptionError, match="groups='g' holds cells of type list"):
        imb.split(df, "y", groups="g")
    later = df[60:].assign(t=df["t"][60:].dt.tz_localize(None))
    with pytest.raises(SplitError, match="which have no order"):
        imb.split(df[:60].drop(columns="g"), "y", time="t", test=later)


def test_another_machines_order_of_bytes_is_refused_and_the_cure_runs():
    swapped = frame().assign(y=frame()["y"].to_numpy().astype(">i8"))
    with pytest.raises(TargetError, match=r'(?s)order of bytes.*df\["y"\] = df\["y"\].astype\("int64"\)'):
        imb.counts(swapped, "y")
    swapped = frame().assign(x0=frame()["x0"].to_numpy().astype(">f8"))
    with pytest.raises(FeatureError, match=r'(?s)order of bytes.*astype\(\{"x0": "float64"\}\)'):
        imb.split(swapped, "y")
    swapped["x0"] = swapped["x0"].astype("float64")
    assert imb.split(swapped, "y").X_test.equals(imb.split(frame(), "y").X_test)


def test_numbers_beyond_any_float_are_infinite():
    df = frame().assign(z=pd.Series([10**400, *[1, 2] * 39, 3], dtype=object))
    imb.overview(df, "y")
    with pytest.raises(FeatureError, match=r"Infinite values in 'z' \(1\)"):
        imb.fit_eval(df, "y", **QUICK)


def test_the_least_whole_number_has_no_size_of_its_own():
    df = frame().assign(x0=np.where(np.arange(80) % 9 == 0, -(2**63), np.arange(80)))
    imb.smote(df.drop(columns="c"), "y")


@pytest.mark.parametrize("share", [np.float32(0.25), Fraction(1, 4)])
def test_any_kind_of_share_is_one(share):
    assert imb.split(frame(), "y", test_size=share).X_test.equals(
        imb.split(frame(), "y", test_size=0.25).X_test
    )


def test_a_frame_given_as_target_is_written_on_one_line():
    for wrong in (frame()[["y"]], frame()["y"].to_numpy()):
        with pytest.raises(TargetError, match=r"^target=.{10,60} is not a column's name"):
            imb.counts(frame(), wrong)


def test_a_model_fitted_on_columns_without_names_is_scored_in_silence():
    df = frame().drop(columns="c")
    model = LogisticRegression().fit(df[["x0", "x1", "x2"]].to_numpy(), df["y"])
    found = imb.fit_eval(df, "y", model=model, fitted=True, strategies=["none"], **QUICK)
    assert np.isfinite(found.frame["roc_auc"]).all()


def test_a_series_that_has_the_name_of_a_feature_is_said_to():
    df = frame()
    finding = next(
        each for each in imb.split(df[["x0", "x1"]], df["y"].rename("x0")).findings if each.code == "IMB205"
    )
    assert "has the name or the cells" in finding.message


def test_many_classes_in_few_rows_are_no_regression():
    """scikit-learn warns of it inside samplers."""
    made = resample(RandomUnderSampler(random_state=0), frame(40)[["x0"]], np.arange(40) % 30)
    assert len(made.X) == 30


@pytest.mark.parametrize(("verb", "options", "said"), [
    ("counts", {"pos_label": pd.NA}, "pos_label=<NA> is not a label"),
    ("counts", {"pos_label": np.array([0, 1])}, r"pos_label=array\(\[0, 1\]\) is not a label"),
    ("counts", {"ignore": [["IMB202"]]}, r"ignore=\['IMB202'\] is not a finding's code"),
    ("smote", {"ratio": "-1:-3"}, "ratio='-1:-3' must be minority : majority"),
    ("weights", {"method": {0: 10**400, 1: 1}}, "the weight of class 0 is 1000"),
    ("weights", {"method": {0: 1e-320, 1: 1}}, "the weight of class 0 is 1e-320"),
    ("split", {"groups": pd.NA}, "groups=<NA> is not a column"),
])  # fmt: skip
def test_odd_values_of_options_are_refused_in_one_sentence(verb, options, said):
    with pytest.raises(OptionError, match=said):
        getattr(imb, verb)(frame().drop(columns="c"), "y", **options)


def test_amounts_whose_sums_overflow_are_refused():
    df = frame().assign(p=lambda df: 0.5 + df["x0"] / 100, amount=1.7e308)
    with pytest.raises(OptionError, match="has 80 amounts of 1e\\+100 or more"):
        imb.best_threshold(df, "y", scores="p", cost={"fp": 1, "fn": "amount"}, cv=2)
