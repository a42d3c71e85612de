"""Frames that once went wrong: each found by trying odd ones, each with what is right."""

import decimal
import random
import uuid
import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from alone import execute
from matplotlib import pyplot as plt
from odd_frames import Odd, nothing_left
from odd_numbers import check_numbers

import imbalance_accessor as imb
from imbalance_accessor.errors import FeatureError, ModelError, OptionError, SplitError, TargetError
from imbalance_accessor.metrics.calibration import calibration_line

pytestmark = pytest.mark.filterwarnings("error")
QUICK = {"cv": 2, "progress": False, "n_jobs": 1}


def numbers(n=80, rare=16, k=3, seed=0):
    rng = np.random.default_rng(seed)
    y = (np.arange(n) < rare).astype(int)
    return pd.DataFrame(rng.normal(size=(n, k)), columns=[f"x{place}" for place in range(k)]).assign(y=y)


def test_a_name_taken_from_whole_number_columns_is_shown_as_it_is_typed():
    frame = pd.DataFrame(np.ones((5, 3)))
    with pytest.raises(TargetError, match=r"^2 has one class"):
        imb.counts(frame, frame.columns.to_numpy()[-1])
    frame[2] = [0, 0, 0, 1, 1]
    assert imb.counts(frame, np.int64(2)).target.name == "2"
    assert "np." not in str(imb.counts(frame, np.int64(2)).snippet(style="full"))


@pytest.mark.parametrize("verb", ["overview", "split", "smote", "fit_eval", "leaks"])
def test_truth_values_are_no_column_names(verb):
    frame = numbers().rename(columns={"x0": True, "x1": False})
    with pytest.raises(FeatureError, match=r"(?s)must not be True, False.*map\(str\)"):
        getattr(imb, verb)(frame, "y")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int8", "int16", "int32", "uint64", "float16"])
def test_rows_between_small_numbers_do_not_wrap_around(dtype):
    """SMOTE takes differences in the columns' own type, where 3 - 5 of unsigned bytes is 254."""
    rng = np.random.default_rng(0)
    cells = rng.integers(0, 120, (90, 3))
    y = (np.arange(90) < 20).astype(int)
    frame = pd.DataFrame(cells, columns=["a", "b", "c"]).astype(dtype).assign(y=y)
    plain = pd.DataFrame(cells, columns=["a", "b", "c"]).astype(float).assign(y=y)
    got, want = imb.smote(frame, "y"), imb.smote(plain, "y")
    pd.testing.assert_frame_equal(got.X_train, want.X_train)
    made = got.X_train[got.is_synthetic]
    real = frame.loc[frame["y"] == 1, ["a", "b", "c"]].astype(float)
    assert (made.min() >= real.min()).all()
    assert (made.max() <= real.max()).all()
    names = {"df": frame}
    exec(str(got.snippet(style="short")), names)
    assert np.array_equal(names["X_train"].to_numpy(float), got.X_train.to_numpy(float))


def test_nested_pyarrow_cells_are_left_out_with_the_reason():
    pa = pytest.importorskip("pyarrow")
    nested = pd.Series([[1, 2], [3]] * 40).astype(pd.ArrowDtype(pa.list_(pa.int64())))
    found = imb.overview(numbers().assign(nested=nested), "y")
    assert found.columns.loc["nested", "read_as"] == "other"


def test_pyarrow_dates_are_looked_at_like_others():
    pa = pytest.importorskip("pyarrow")
    days = pd.Series(pd.date_range("2024", periods=80).date)
    drifting = numbers().assign(day=days)
    arrow = drifting.assign(day=days.astype(pd.ArrowDtype(pa.date32())))
    assert imb.leaks(arrow, "y").findings.codes == imb.leaks(drifting, "y").findings.codes


def test_numbers_whose_squares_overflow_are_refused_before_any_work():
    frame = numbers().assign(
        huge=lambda df: df["x0"] * 1e300, odd=lambda df: df["x1"].mask(df["x1"] > 0) * -1e200
    )
    for verb in ("smote", "fit_eval", "best_threshold"):
        with pytest.raises(FeatureError, match=r"beyond 1e\+150 in 'huge' \(.*e\+300\), 'odd' \(.*e\+200\)"):
            getattr(imb, verb)(frame, "y")
    large = numbers().assign(large=lambda df: df["x0"] * 1e149)
    assert imb.fit_eval(large, "y", strategies=["none"], **QUICK).frame["roc_auc"].notna().all()


@pytest.mark.quick(1)
@pytest.mark.parametrize("model", ["svm", "logistic", "forest", "boosting", "knn", "naive_bayes"])
def test_no_model_of_ours_moves_the_seeds_of_the_process(model):
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    frame = numbers()
    with nothing_left(frame):
        imb.fit_eval(frame, "y", model=model, strategies=["smote", "borderline"], **QUICK)


def test_more_neighbours_than_rows_are_refused_before_any_fit():
    with pytest.raises(
        ModelError, match=r"n_neighbors=5 of 'knn' exceeds the 4 training rows.*or 2 neighbours\."
    ):
        imb.fit_eval(numbers(10, 4), "y", model="knn", **QUICK)


@pytest.mark.slow
def test_a_column_that_a_fold_has_empty_is_refused_for_boosting_before_any_fit():
    """scikit-learn 1.9 cannot bin it: a window of two values over none."""
    frame = numbers(80, 20).assign(rare=[1.5, *[np.nan] * 79], more=[np.nan, 2.5, *[np.nan] * 78])
    with pytest.raises(FeatureError, match="so few cells"):
        imb.fit_eval(frame, "y", model="boosting", **QUICK)
    kept = imb.fit_eval(frame.drop(columns=["rare", "more"]), "y", model="boosting", **QUICK)
    assert np.isfinite(kept.frame["roc_auc"]).all()


def test_naive_bayes_without_a_variance_is_refused_before_any_fit():
    labels = numbers(80, 20)[["y"]]
    rare, tiny = labels.assign(x=[1.5, 2.5, *[np.nan] * 78]), labels.assign(x=np.arange(80) * 1e-310)
    for frame in (rare, tiny):
        with pytest.raises(FeatureError, match="all rows to learn from have the same features"):
            imb.fit_eval(frame, "y", model="naive_bayes", **QUICK)


@pytest.mark.parametrize(("y", "p"), [
    ([0, 0, 1, 0, 1, 1, 0, 0, 0], [0.999, 1e-9, 0.999, 0.999, 0.999, 0.999, 1e-9, 1e-9, 0.999]),
    ([1, 1, 0, 1, 1, 0, 1, 0], [1 - 1e-9, 1e-9, 1e-9, 1 - 1e-9, *[1e-9] * 4]),
    ([1, 0, 0, 1, 0, 1], [1e-9] * 6),
])  # fmt: skip
def test_a_slope_that_the_rows_do_not_tell_is_none(y, p):
    """All probabilities, or those of all positives, are the same to the last digits: the variance came out below 0."""
    found = calibration_line(np.array(y, bool), np.array(p))
    assert np.isnan([found.slope, found.slope_low, found.slope_high]).all()


def test_one_long_name_is_written_as_a_choice_of_columns():
    odd = Odd(80, "0 and 1", 0.2, ("None only", "lists", "text"), "long", as_series=True)
    frame, labels = odd.frame()
    names = {"df": frame, "y": labels}
    exec(str(imb.split(frame, labels).snippet(style="full")), names)
    found = imb.smote(frame, labels, kind="oversample")
    exec(str(found.snippet(style="short")), names)
    assert list(names["X_train"].columns) == list(found.X_train.columns)


def test_a_title_with_a_long_label_leaves_room_for_the_picture():
    found = imb.split(*Odd(13, "long", 0.4).frame())
    ax = found.plot()
    ax.figure.draw_without_rendering()
    assert ax.get_title(loc="left").count("\n") < 6
    plt.close("all")


@pytest.mark.quick(1)
@pytest.mark.parametrize("far", [np.inf, -np.inf, 1.7e308])
def test_copied_rows_with_endless_numbers_are_drawn(far):
    frame = numbers().assign(x1=lambda df: df["x1"].mask(df.index % 3 == 0, far))
    assert "could not be drawn" not in imb.smote(frame, "y", kind="oversample")._repr_html_()
    assert "could not be drawn" not in imb.smote(frame[["x1", "y"]], "y", kind="oversample")._repr_html_()


def test_numbers_next_to_zero_are_looked_at_in_silence():
    frame = Odd(30, features=("float", "denormal", "denormal"), seed=122).frame()[0]
    assert "IMB103" not in imb.leaks(frame, "y").findings.codes


def test_rows_that_are_all_the_same_are_drawn():
    frame = numbers().assign(x0=1.0, x1=lambda df: df.index % 2, x2=2.0)
    train = imb.split(frame, "y").X_train
    frame.loc[train.index, "x1"] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        imb.smote(frame, "y", kind="oversample").plot()
    plt.close("all")


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", ["smote", "fit_eval", "best_threshold", "reliability"])
def test_snippets_give_samplers_no_categories_that_are_bools(verb):
    """imbalanced-learn answers with labels that are all missing."""
    df = numbers(120, 30)
    df["y"] = pd.Categorical(df["y"] == 1)
    one = {"strategies": ["none", "oversample"]} if verb in ("fit_eval", "reliability") else {}
    found = getattr(imb, verb)(df, "y", **({} if verb == "smote" else {**QUICK, **one}))
    for style in ("short", "full"):
        left = execute(found.snippet(style=style), df=df)
        if verb == "smote":
            assert left["y_train"].tolist() == found.y_train.tolist()
            assert left["y_train"].value_counts().tolist() == [72, 72]


@pytest.mark.slow
def test_a_class_that_a_sampler_drops_fails_that_strategy_alone():
    """Boosting takes one class, and gave the other's probability for it."""
    frame, target = Odd(n=50, labels="text", rare=0.5, features=("float", "int"), seed=187).frame()
    asked = {"model": "boosting", "strategies": ("none", "smote_enn"), **QUICK}
    found = imb.reliability(frame, target, **asked)
    assert list(found.frame.index.get_level_values(0).unique()) == ["none"]
    found = imb.fit_eval(frame, target, **asked)
    assert found.frame.loc["smote_enn"].isna().all()
    (why,) = [each.message for each in found.findings if each.code == "IMB305"]
    assert "it learned from 1 of 2 classes" in why


@pytest.mark.parametrize("verb", ["best_threshold", "reliability"])
def test_scores_named_by_a_number_as_numpy_holds_it(verb):
    """Names taken from a frame's columns are NumPy's numbers; the column was lost on the way."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({0: rng.random(80), 1: np.arange(80) % 4 == 0})
    wanted = getattr(imb, verb)(frame, 1, scores=0, test_size=0.3)
    found = getattr(imb, verb)(frame, np.int64(1), scores=np.int64(0), test_size=0.3)
    pd.testing.assert_frame_equal(found.frame, wanted.frame)
    assert "np.int64" not in str(found.snippet(style="full"))
    with pytest.raises(OptionError, match=r"^scores=1 is the target itself"):
        getattr(imb, verb)(frame, 1, scores=np.int64(1))


def test_a_time_named_by_a_number_as_numpy_holds_it():
    frame = pd.DataFrame({0: ["2026-01-01", "2026-01-02"] * 20, 1: np.arange(40) % 4 == 0})
    with pytest.raises(OptionError, match=r"^time=0 holds .* takes dates or numbers"):
        imb.split(frame, 1, time=np.int64(0))


@pytest.mark.parametrize("verb", ["best_threshold", "reliability"])
def test_scores_in_a_frame_whose_columns_are_truth_values(verb):
    frame = pd.DataFrame({True: np.linspace(0, 1, 40)})
    with pytest.raises(FeatureError, match="must not be True"):
        getattr(imb, verb)(frame, pd.Series(np.arange(40) % 4 == 0), scores=True)


def test_code_of_a_split_by_groups_deals_labels_that_scikit_learn_does_not_take():
    frame = pd.DataFrame({"x": np.arange(40.0), "group": np.arange(40) // 2})
    frame["y"] = [decimal.Decimal(int(place % 8 == 0)) for place in range(40)]
    found = imb.split(frame, "y", groups="group")
    left = execute(found.snippet(style="full"), df=frame)
    pd.testing.assert_frame_equal(left["X_test"], found.X_test)


@pytest.mark.parametrize("kind", ["oversample", "undersample"])
def test_code_that_copies_rows_leaves_their_cells_as_they_are(kind):
    frame = numbers().assign(mixed=pd.Categorical([1, "1", 2.5, True] * 20))
    found = imb.smote(frame, "y", kind=kind)
    left = execute(found.snippet(style="full"), df=frame)
    assert list(map(type, left["X_train"]["mixed"])) == list(map(type, found.X_train["mixed"]))
    assert left["X_train"]["mixed"].tolist() == found.X_train["mixed"].tolist()


@pytest.mark.parametrize("impute", [False, True])
def test_categories_are_the_same_words_in_train_and_test(impute):
    """The training set's were text, for the sampler, and the test set's were not: no encoder would know them again."""
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(80) % 3, "D")
    frame = numbers().assign(day=pd.Categorical(days), mixed=pd.Categorical([1, "1", 2.5, True] * 20))
    found = imb.smote(frame, "y", impute=impute)
    for name in ("day", "mixed"):
        assert set(found.X_test[name]) <= set(found.X_train[name])
    left = execute(found.snippet(style="full"), df=frame)
    pd.testing.assert_frame_equal(left["X_test"], found.X_test)


@pytest.mark.slow
@pytest.mark.parametrize("label", [Fraction(1, 3), uuid.UUID(int=7), decimal.Decimal("0.10")])
def test_labels_of_the_standard_library_are_written_as_they_are_made(label):
    frame = numbers()
    frame["y"] = frame["y"].map(
        {0: type(label)(int=1) if isinstance(label, uuid.UUID) else type(label)(0), 1: label}
    )
    for verb, options in (("weights", {}), ("split", {}), ("smote", {}), ("fit_eval", QUICK)):
        found = getattr(imb, verb)(frame, "y", pos_label=label, **options)
        left = execute(found.snippet(style="full"), df=frame)
        if verb == "weights":
            assert left["class_weight"] == dict(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "own"), [("object", "category"), ("category", "string"), ("object", "str")]
)
def test_a_test_frame_may_hold_the_same_words_in_another_type(first, own):
    """A category takes no new word for its missing cells; pd.NA is neither the same as itself nor another."""
    frame = numbers(120, 40).assign(job=pd.Series(["a", "b", "c", "a"] * 30).astype(first))
    test = numbers(40, 12, seed=1).assign(job=pd.Series(["a", None, "b", "c"] * 10).astype(own))
    for verb, options in (
        ("smote", {"impute": True}),
        ("fit_eval", {**QUICK, "strategies": ["none", "smote"]}),
        ("best_threshold", {**QUICK, "strategy": "smote"}),
    ):
        found = getattr(imb, verb)(frame, "y", test=test, **options)
        for style in ("full", "short"):
            left = execute(found.snippet(style=style), df=frame.copy(), test=test.copy())
            check_numbers(verb, found, left, style)


def test_columns_that_are_numbered_are_named_by_plain_numbers():
    frame = numbers(60, 20, k=2).set_axis([0, 1, 2], axis=1)
    with pytest.raises(SplitError, match=r"^time=1 has one value"):
        frame.assign(z=0).set_axis([0, 3, 2, 1], axis=1).imb.split(2, time=np.int64(1))
    with pytest.raises(FeatureError, match=r"(?s)0 holds numbers .*astype\(\{0: "):
        frame.astype({0: ">f8"}).imb.smote(2)


def test_scores_further_apart_than_a_number_reaches():
    frame = numbers(120, 40).assign(s=np.random.default_rng(0).uniform(-1, 1, 120) * 1.7e308)
    with pytest.raises(OptionError, match=r"scores='s' reaches 1\.7e\+308; .* Divide it by"):
        imb.best_threshold(frame, "y", scores="s")
    t = imb.best_threshold(frame.assign(s=frame["s"] / 1e200), "y", scores="s")
    assert t.apply(frame.assign(s=frame["s"] / 1e200)).tolist() == (frame["s"] / 1e200 >= t.value).tolist()
    assert t._repr_html_()


@pytest.mark.parametrize("impute", [False, True])
def test_words_that_stand_in_rows_without_a_label_alone(impute):
    frame = numbers(120, 40)
    frame["y"] = frame["y"].astype("Int64")
    frame["odd"] = pd.Series(range(120), dtype=object)
    frame.loc[100:, "y"] = pd.NA
    frame.loc[110, "odd"] = "unknown"
    assert len(imb.smote(frame, "y", impute=impute).X_train) == 2 * 48  # 100 labelled, 60 of them 0
