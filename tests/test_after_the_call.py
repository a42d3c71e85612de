"""What is done with a result after the call: other rows for its models, edits of the frame, odd numbers in options."""

from __future__ import annotations

import copy
import datetime

import numpy as np
import pandas as pd
import pytest
from alone import execute
from imblearn.over_sampling import ADASYN, SMOTE
from sklearn.base import clone

import imbalance_accessor as imb
from imbalance_accessor.errors import FeatureError, OptionError

QUICK = {"cv": 2, "progress": False, "n_jobs": 1, "model": "logistic"}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(0)
    made = pd.DataFrame(
        {
            "a": draw.normal(size=200),
            "flag": draw.random(200) < 0.5,
            "word": draw.choice(list("xyz"), 200),
            "level": pd.Categorical(draw.choice([1, 2, 3], 200)),
        }
    )
    return made.assign(y=(made["a"] + 2 * made["flag"] + draw.normal(size=200) > 2).astype(int))


@pytest.fixture(scope="module")
def handed_out(frame) -> list:
    """Return what predicts on raw rows: models, and the functions that flag and score a frame."""
    e = frame.imb.fit_eval("y", strategies=["smote"], **QUICK)
    t, r = e.best_threshold(), e.reliability()
    return [
        e.model("none").predict_proba,
        e.model("smote").predict,
        t.model().predict,
        r.model().predict,
        r.apply,
    ]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("name", "cells", "said"),
    [
        ("flag", str, "reads booleans in 'flag'; the frame holds text there"),
        ("level", str, "reads numbers in 'level'; the frame holds text there"),
        ("word", len, "reads text in 'word'; the frame holds numbers there"),
        ("a", str, "reads numbers; the frame holds other cells in 'a'"),
    ],
)
def test_rows_whose_cells_are_of_another_kind_are_refused(name, cells, said, frame, handed_out):
    rows = frame.astype({name: object}).assign(**{name: [cells(each) for each in frame[name]]})
    for gives in handed_out:
        with pytest.raises(OptionError, match=said):
            gives(rows)


def test_words_never_seen_and_gaps_are_no_other_kind(frame, handed_out):
    rows = frame.head(5).assign(word=["new", None, "x", "y", "z"])
    for gives in handed_out:
        assert len(gives(rows)) == 5


@pytest.mark.slow
def test_a_blank_column_is_a_gap_whatever_its_type(frame, handed_out):
    learned = frame.assign(word=frame["word"].where(frame["a"] < 1))
    e = learned.imb.fit_eval("y", strategies=["smote"], **QUICK)
    for gives in (*handed_out, e.model("none").predict_proba, e.model("smote").predict_proba):
        wanted = gives(
            learned.head(6).assign(word=pd.Series([None] * 6, dtype=object), flag=None, level=None)
        )
        for blank in (np.nan, pd.NA):
            assert np.array_equal(gives(learned.head(6).assign(word=blank, flag=blank, level=blank)), wanted)
    test = frame.tail(60).assign(word=np.nan)
    found = frame.head(140).imb.fit_eval("y", test=test, strategies=["none"], **QUICK)
    left = execute(found.snippet(style="full"), df=frame.head(140).copy(), test=test.copy())
    assert left["rows"]["none"]["brier"] == pytest.approx(found.frame.loc["none", "brier"])


def test_booleans_may_arrive_as_0_and_1(frame, handed_out):
    for gives in handed_out:
        wanted = gives(frame)
        for kind in (int, float, "Int64", object):
            assert np.array_equal(gives(frame.astype({"flag": int}).astype({"flag": kind})), wanted)
        with pytest.raises(OptionError, match="reads booleans in 'flag'; the frame holds numbers there"):
            gives(frame.assign(flag=frame["flag"] * 2))


def test_missing_numbers_are_refused_where_none_were_met_and_none_are_taken(frame, handed_out):
    rows = frame.assign(a=frame["a"].where(frame["a"] < 1))
    for gives in handed_out:
        with pytest.raises(OptionError, match="missing cells in 'a'; the model was fitted without any there"):
            gives(rows)
    met = rows.imb.fit_eval("y", strategies=[], **QUICK).model("none")
    taken = frame.imb.fit_eval("y", strategies=[], **QUICK | {"model": "boosting"}).model("none")
    for model in (met, taken):
        assert len(model.predict(rows)) == len(rows)


def test_infinite_cells_and_no_rows_are_refused_in_one_sentence(frame, handed_out):
    for gives in handed_out:
        with pytest.raises(FeatureError, match=r"Infinite values in 'a' \(200\) of X=.* make them missing"):
            gives(frame.assign(a=np.inf))
    *models, applied = handed_out
    for gives in models:
        with pytest.raises(OptionError, match="The frame has no rows"):
            gives(frame.head(0))
    assert applied(frame.head(0)).empty  # as a piece of a table may be


LABELS = {
    "tuples": [("a", 0), ("b", 1)],
    "dates": [datetime.date(2024, 1, 1), datetime.date(2025, 1, 1)],
    "several types": [0, "one"],
    "beyond int64": [10**30, 10**30 + 1],
    "plain": [0, 1],
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", LABELS)
def test_models_count_right_answers_whatever_the_labels(kind, frame):
    df = frame.assign(
        y=pd.Series([LABELS[kind][each] for each in frame["y"]], dtype=object if kind != "plain" else int)
    )
    e = df.imb.fit_eval("y", strategies=[], **QUICK)
    for model in (e.model("none"), e.best_threshold().model(), e.reliability().model()):
        right = [said == label for said, label in zip(model.predict(df), df["y"], strict=True)]
        assert model.score(df, df["y"]) == np.mean(right)
        weight = np.arange(200.0)
        assert model.score(df, df["y"], sample_weight=weight) == pytest.approx(
            np.average(right, weights=weight)
        )
        fresh = clone(model).fit(df, df["y"])
        assert fresh.score(df, df["y"]) > 0.5
    again = copy.deepcopy(e.model("none"))
    fresh = clone(again).fit(df, df["y"])
    assert list(fresh.classes_) == list(again.classes_) and fresh.score(df, df["y"]) > 0.7


def test_weights_are_of_the_rows_as_they_were(frame):
    for method in (imb.counts, imb.weights):
        y = frame["y"].copy()
        found = method(y)
        wanted = str(found.frame)
        y.iloc[:] = 7
        assert str(found.frame) == wanted
    assert found.sample_weight.sum() == pytest.approx(200)


def test_weights_that_no_longer_name_a_class_say_so(frame):
    weights = frame.imb.weights("y")
    del weights[0]
    for asked in ("frame", "sample_weight", "_repr_html_", "snippet", "explain"):
        with pytest.raises(OptionError, match=r"no longer name 0\. Put it back"):
            got = getattr(weights, asked)
            got()
    weights[0] = 1.0
    assert weights.method == "own" and weights.sample_weight.notna().all()


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", ["auto", "smote", "borderline", "adasyn", "smote_tomek", "smote_enn"])
def test_neighbours_may_be_counted_in_numpys_numbers(kind, frame):
    data = (
        frame[["a", "level", "y"]]
        if kind == "auto"
        else frame[["a", "y"]].assign(b=frame["a"].to_numpy()[::-1])
    )
    found, plain = (data.imb.smote("y", kind=kind, k_neighbors=k) for k in (np.int64(3), 3))
    assert "one of the 3 nearest rows" in str(found.explain()) and found._repr_html_()
    pd.testing.assert_frame_equal(found.X_train, plain.X_train)


@pytest.mark.parametrize(
    "sampler", [SMOTE(k_neighbors=np.int64(3), random_state=0), ADASYN(n_neighbors=np.int32(3))]
)
def test_and_so_may_those_of_a_sampler(sampler, frame):
    found = frame[["a", "y"]].imb.smote("y", kind=sampler)
    assert "one of the 3 nearest rows" in str(found.explain())


@pytest.mark.quick(1)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int8])
def test_costs_in_short_numbers(kind, frame):
    short, plain = (
        frame.imb.best_threshold("y", cost={"fp": made(1), "fn": made(5)}, **QUICK) for made in (kind, float)
    )
    assert short.value == plain.value


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("rows", "cure"),
    [
        ({"test_size": 0.2}, "Read the intervals; more positives narrow them."),
        ({"test_size": 0}, "Read the intervals; repeats=5 averages over five deals of the folds."),
        ({"test_size": 0, "repeats": 2}, "Read the intervals; more positives narrow them."),
        ({"test": 60}, "Read the intervals; more positives narrow them."),
    ],
)
def test_what_helps_against_few_positives_is_said(rows, cure, frame):
    rows = {"test": frame.tail(60)} if "test" in rows else rows
    found = frame.imb.fit_eval("y", strategies=[], **rows, **QUICK)
    for result in (found, found.reliability()):
        (said,) = [each.cure for each in result.findings if each.code in {"IMB401", "IMB503"}]
        assert said == cure


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    "option", [{}, {"sample_weight": "w"}, {"permutations": 1}, {"groups": "g"}], ids=str
)
def test_all_rows_are_advised_only_where_they_are_enough_and_can_be_had(option):
    """130 positives in all; by weights that one row dominates they tell as much as a few."""
    y = np.arange(520) % 4 == 0
    frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=520) + y, "y": y})
    frame = frame.assign(w=np.geomspace(1, 1e6, 520)) if "sample_weight" in option else frame
    frame = frame.assign(g=np.arange(520) // 4) if "groups" in option else frame
    found = frame.imb.fit_eval("y", strategies=[], **option, **QUICK)
    (few,) = [each for each in found.findings if each.code == "IMB401"]
    assert bool(few.fix) == ("test_size=0" in few.cure) == (not option)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.001, 1.0000001, r"to 1\.0000001, which are no probabilities. Rounding"),
        (-1e-12, 0.9, r"from -1e-12 to 0\.9, which are no probabilities. Rounding"),
        (0.001, 99.5, r"from 0\.001 to 99\.5, which are no probabilities. Divide percentages by 100"),
        (-4.25, 3, r"from -4\.25 to 3, which are no probabilities.*sigmoid of a decision"),
    ],
)
def test_scores_beyond_0_and_1_are_told_by_how_far(low, high, said, frame):
    p = np.linspace(low, high, 200)
    with pytest.raises(OptionError, match=said):
        frame.assign(p=p).imb.reliability("y", scores="p")


def test_the_row_of_a_trace_is_found_by_its_own_label_alone():
    draw = np.random.default_rng(0)
    y = np.arange(120) % 4 == 0
    frame = pd.DataFrame({"a": draw.normal(size=120) + y, "b": draw.normal(size=120), "y": y})
    gap = frame.set_axis(np.r_[np.nan, np.arange(119)])
    assert gap.imb.fit_eval("y", strategies=[], **QUICK).trace("none", row=np.nan).frame is not None
    moments = frame.set_axis(pd.date_range("2020-01-01", periods=120, freq="h"))
    found = moments.imb.fit_eval("y", strategies=[], **QUICK)
    assert found.trace("none", row=pd.Timestamp("2020-01-02")).frame is not None
    with pytest.raises(OptionError, match="row='2020-01-02' is the index label of 24 rows"):
        found.trace("none", row="2020-01-02")
    assert "2020-01-02 03:00" in str(found.trace("none", row="2020-01-02 03:00"))
    with pytest.raises(OptionError, match="row='2031-01-01' is not the index label"):
        found.trace("none", row="2031-01-01")
    days = frame.set_axis(pd.date_range("2020-01-01", periods=120))
    assert days.imb.fit_eval("y", strategies=[], **QUICK).trace("none", row="2020-01-04").frame is not None
    twice = frame.set_axis(np.repeat(np.arange(60), 2)).imb.fit_eval("y", strategies=[], **QUICK)
    with pytest.raises(OptionError, match="row=3 is the index label of 2 rows"):
        twice.trace("none", row=np.int64(3))


@pytest.mark.parametrize(
    "option", ["test_size", "random_state", "max_rows", "k_neighbors", "kind", "impute", "ignore"]
)
def test_an_error_is_one_line_whatever_was_given(option, frame):
    for odd in (frame, np.arange(40).reshape(20, 2) / 7, [np.zeros(30)] * 9, np.array(0.2)):
        with pytest.raises(OptionError) as told:
            frame.imb.smote("y", **{option: odd})
        assert "\n" not in str(told.value) and len(str(told.value)) < 500


TABLES = {
    "counts": ("frame", "always_majority"),
    "weights": ("frame",),
    "smote": ("frame",),
    "fit_eval": ("frame", "differences", "scores"),
    "reliability": ("frame",),
    "best_threshold": ("frame", "report"),
    "leaks": ("frame", "columns"),
}


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", TABLES)
def test_who_edits_a_table_changes_no_result(verb, frame):
    fitted = verb in {"fit_eval", "reliability", "best_threshold"}
    found = getattr(imb, verb)(frame[["a", "word", "y"]], "y", **(QUICK if fitted else {}))
    said = str(found), found._repr_html_(), str(found.explain())
    for name in TABLES[verb]:
        mine, before = getattr(found, name), getattr(found, name)
        if isinstance(mine, pd.DataFrame):
            for column in mine.select_dtypes("number"):
                mine[column] *= 100
            mine["a column of mine"] = 1
        else:
            mine.iloc[:] = 0
        (pd.testing.assert_frame_equal if isinstance(mine, pd.DataFrame) else pd.testing.assert_series_equal)(
            getattr(found, name), before
        )
    assert (str(found), found._repr_html_(), str(found.explain())) == said
