"""`split`: unpacks like scikit-learn's, says what it did, and hands out code that does the same."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.errors import OptionError, TargetError
from imbalance_accessor.verbs.split import split

N = 240
RARE = np.random.default_rng(1).random(N) < 0.2


def framed(index=None, **columns) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    columns = {"x": rng.normal(size=N), "who": np.arange(N) // 4, "when": rng.permutation(N) // 3, **columns}
    return pd.DataFrame({"y": np.where(RARE, "yes", "no"), **columns}, index=index)


def assert_same(found, expected):
    for part, other in zip(found, expected, strict=True):
        (pd.testing.assert_frame_equal if part.ndim == 2 else pd.testing.assert_series_equal)(part, other)


def test_it_unpacks_in_scikit_learns_order_with_every_column_but_the_target():
    frame = make_churn(400)
    X_train, X_test, y_train, y_test = split(frame, "churn")
    X, y = frame.drop(columns="churn"), frame["churn"]
    expected = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    assert_same((X_train, X_test, y_train, y_test), expected)
    assert {"customer_id", "signup_date"} <= set(X_train.columns)


def test_parts_have_names_and_a_length():
    parts = split(framed(), "y", test_size=0.25, random_state=5)
    assert len(parts) == len(list(parts)) == 4
    assert_same(parts, (parts.X_train, parts.X_test, parts.y_train, parts.y_test))


def test_columns_that_no_model_uses_are_kept_and_not_complained_of():
    frame = framed(id=[f"c{i}" for i in range(N)], digits=[str(i % 5) for i in range(N)], lists=[[1]] * N)
    parts = split(frame, "y")
    assert list(parts.X_test.columns) == list(frame.columns.drop("y"))
    assert parts.findings == ()


def test_the_frame_counts_each_class_on_each_side():
    parts = split(framed(), "y", test_size=0.3)
    frame = parts.frame
    for label in ("no", "yes"):
        for side, y in (("train", parts.y_train), ("test", parts.y_test)):
            rows = sum(cell == label for cell in y)
            assert frame.loc[label, f"{side}_rows"] == rows
            assert frame.loc[label, f"{side}_share"] == pytest.approx(rows / len(y))
    assert frame.index.name == "y"


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({}, "stratified: "),
        ({"groups": "who"}, "by whole groups of 'who'"),
        ({"time": "when"}, "in the order of 'when': "),
        ({"test": framed().iloc[:50]}, "with a test set of its own: "),
    ],
)
def test_it_says_how_it_divided(rules, says):
    parts = split(framed(), "y", **rules)
    assert says in parts.explain()
    assert f"{len(parts.X_train):,} to train on and {len(parts.X_test):,} to test on" in parts.explain()
    assert "random_state=0" in repr(parts)


def test_unlabelled_rows_are_reported():
    frame = framed()
    frame.loc[frame.index[:7], "y"] = None
    parts = split(frame, "y")
    assert parts.findings.codes == ("IMB201",)
    assert "7 of 240 rows" in parts.findings[0].message
    assert len(parts.X_train) + len(parts.X_test) == N - 7


def test_a_finding_can_be_muted():
    frame = framed()
    frame.loc[frame.index[:7], "y"] = None
    assert split(frame, "y", ignore=("IMB201",)).findings == ()
    with pytest.raises(OptionError, match=r"ignore='IMB999' is not a finding's code\."):
        split(frame, "y", ignore=("IMB999",))


INDEXES = {
    "shuffled": np.random.default_rng(2).permutation(N),
    "text": [f"r{i}" for i in range(N)],
    "duplicates": np.arange(N) // 2,
    "levels": pd.MultiIndex.from_product([range(8), range(N // 8)]),
}
RULES = {
    "plain": {"test_size": 0.25, "random_state": 42},
    "groups": {"groups": "who", "test_size": 0.3, "random_state": 3},
    "time": {"time": "when"},
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("gaps", [False, True])
def test_the_snippet_makes_the_same_parts(run, rule, index, gaps):
    frame = framed(INDEXES[index])
    if gaps:
        frame["y"] = frame["y"].astype(object).mask(np.arange(N) % 9 == 4)
    parts = split(frame, "y", **RULES[rule])
    made = run(parts.snippet(style="full"), df=frame.copy())
    assert_same(parts, (made["X_train"], made["X_test"], made["y_train"], made["y_test"]))
    counted = pd.concat([parts.y_train.value_counts(), parts.y_test.value_counts()])
    for rows in counted:
        assert str(rows) in made["printed"]


@pytest.mark.parametrize(
    "options", [{"groups": "who", "test_size": 0.05}, {"groups": "who", "test_size": 0.9}, {}]
)
def test_the_short_snippet_and_other_shares(run, options):
    parts = split(framed(), "y", **options)
    for style in ("full", "short"):
        made = run(parts.snippet(style=style), df=framed())
        assert_same(parts, (made["X_train"], made["X_test"], made["y_train"], made["y_test"]))


def test_the_snippet_of_an_own_test_set(run):
    first, second = framed().iloc[:150], framed().iloc[150:].copy()
    second.loc[second.index[:3], "y"] = None
    parts = split(first, "y", test=second)
    made = run(parts.snippet(style="full"), df=first, test=second)
    assert_same(parts, (made["X_train"], made["X_test"], made["y_train"], made["y_test"]))


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("gaps", [False, True])
def test_the_snippet_of_a_series_beside_the_frame(run, index, gaps):
    frame = framed(INDEXES[index])
    y = frame.pop("y").astype(object)
    if gaps:
        y = y.mask(np.arange(N) % 9 == 4)
    parts = split(frame, y)
    made = run(parts.snippet(style="full"), df=frame, y=y)
    assert_same(parts, (made["X_train"], made["X_test"], made["y_train"], made["y_test"]))


def test_the_snippet_of_odd_names_and_kinds(run):
    frame = framed().rename(columns={"x": 'say "x"', "who": 7})
    frame["y"] = pd.Categorical(frame["y"], categories=["z", "yes", "no"])
    frame = frame.rename(columns={"y": "it's a\nlabel"})
    parts = split(frame, "it's a\nlabel", groups=7)
    made = run(parts.snippet(style="full"), df=frame)
    assert_same(parts, (made["X_train"], made["X_test"], made["y_train"], made["y_test"]))


@pytest.mark.parametrize("rule", [*RULES, "own test"])
def test_parts_are_written_to_without_a_warning_and_the_frame_stays(rule):
    frame = framed()
    before = frame.copy(deep=True)
    rules = {"test": frame.iloc[:50]} if rule == "own test" else RULES[rule]
    X_train, X_test, y_train, y_test = split(frame, "y", **rules)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if rule != "own test":  # there the training set is the frame's own rows
            X_train["x"] = 0.0
            y_train.iloc[0] = "changed"
        X_test["x"] = 0.0
        y_test.iloc[:] = "changed"
    pd.testing.assert_frame_equal(frame, before)


def test_refusals_come_through():
    with pytest.raises(TargetError, match=r"'Y' is not a column of this frame\. Did you mean 'y'\?"):
        split(framed(), "Y")
    with pytest.raises(OptionError, match="groups= and time= cannot be used together"):
        split(framed(), "y", groups="who", time="when")
    with pytest.raises(OptionError, match=r"test_size=1\.2"):
        split(framed(), "y", test_size=1.2)
