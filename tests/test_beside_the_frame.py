"""What stands beside the frame, on another index: the line that the error offers gives the figures of a column of it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor import registry
from imbalance_accessor.errors import ImbalanceError, OptionError, TargetError

N = 120
QUICK = {"n_jobs": 1, "progress": False}
OPTIONS = {
    "fit_eval": {"strategies": ["class_weight"], "cv": 2, **QUICK},
    "best_threshold": {"cv": 2, **QUICK},
    "reliability": {"cv": 2, "strategies": ["none"], **QUICK},
    "leaks": {},
    "score": {"scores": "a"},
}
#: The report asks all of them.
VERBS = [verb for verb in registry.VERBS if verb != "report"]


def framed():
    """Rows whose index is shuffled, as a split leaves it, and that tell their label."""
    rng = np.random.default_rng(0)
    y = np.arange(N) % 4 == 0
    frame = pd.DataFrame({"a": rng.normal(size=N) + 2 * y, "b": rng.normal(size=N)}, index=rng.permutation(N))
    return frame.assign(y=np.where(y, "yes", "no"), amount=rng.integers(1, 9, N), who=rng.integers(0, 40, N))


def followed(error, df, target):
    """Return the labels after the lines of a fix."""
    space = {"df": df, "y": target, "pd": pd}
    exec(error.fix.lines, space)
    return space["y"]


def refused(data, target):
    with pytest.raises(TargetError) as caught:
        registry.verb("counts")(data, target)
    return caught.value


def same(found, wanted):
    pd.testing.assert_frame_equal(found.frame, wanted.frame)


@pytest.mark.parametrize("verb", VERBS)
def test_labels_in_the_same_order_are_given_the_frames_index(verb):
    frame, options = framed(), OPTIONS.get(verb, {})
    df = frame.drop(columns="y")
    function = registry.verb(verb)
    target = frame["y"].reset_index(drop=True)
    with pytest.raises(TargetError, match="does not stand on the frame's index") as caught:
        function(df, target, **options)
    mended = followed(caught.value, df, target)
    same(function(df, mended, **options), function(df, frame["y"], **options))
    # its labels happen to name the frame's rows too, and would scramble them: that comes second, with its condition
    assert "If its rows stand in the frame's order" in str(caught.value)
    assert "If its labels name the frame's rows instead: y.reindex(df.index)" in str(caught.value)
    assert (target.reindex(df.index) != frame["y"]).any()


def test_labels_of_more_rows_are_found_by_their_labels():
    frame = framed()
    df, target = frame.drop(columns="y").iloc[::2], frame["y"]
    error = refused(df, target)
    assert error.fix.lines == "y = y.reindex(df.index)"
    pd.testing.assert_series_equal(followed(error, df, target), frame["y"].iloc[::2])


@pytest.mark.parametrize(
    "target",
    [
        pd.Series(["no", "yes"] * 30),  # fewer rows
        pd.Series(["no", "yes"] * N),  # more, and not one for each row
        pd.Series(["no", "yes"] * 30, index=[0] * 60),
    ],
)
def test_what_cannot_be_aligned_is_offered_no_line(target):
    df = framed().drop(columns="y").set_axis([f"row {i}" for i in range(N)])
    error = refused(df, target)
    assert not error.fix
    assert "one label for each row" in str(error)


def test_a_line_that_cannot_work_is_not_offered():
    df = framed().drop(columns="y")
    error = refused(df, pd.Series(["no", "yes"] * 60, index=[5] * N))  # labels that stand twice name no row
    assert error.fix.lines == "y = y.set_axis(df.index)"


@pytest.mark.parametrize("kind", [np.asarray, list, pd.Index, pd.array, pd.Series.to_frame])
def test_labels_that_are_no_series_become_one(kind):
    frame = framed()
    df, target = frame.drop(columns="y"), kind(frame["y"])
    made = followed(refused(df, target), df, target)
    assert list(made) == list(frame["y"]) and made.index.equals(df.index)


# --- scores, amounts, groups and times are columns


def one_row_each(option):
    rows = framed()
    values = {
        "scores": rows["a"].rank(pct=True),
        "fn": rows["amount"],
        "groups": rows["who"],
        "time": rows["amount"],
    }[option]
    return rows, values


def asked(option, value):
    """Return the verb and the options that hand over one value a row, or its column's name."""
    if option == "fn":
        return "best_threshold", {"cost": {"fp": 1, "fn": value}, **OPTIONS["best_threshold"]}
    return ("reliability" if option == "scores" else "split"), {option: value}


@pytest.mark.parametrize("on", ["another index", "the same index", "no index"])
@pytest.mark.parametrize("option", ["scores", "fn", "groups", "time"])
def test_values_of_each_row_go_into_the_frame_in_its_order(option, on):
    df, column = one_row_each(option)
    values = {
        "another index": column.reset_index(drop=True),
        "the same index": column,
        "no index": column.to_numpy(),
    }[on]
    verb, options = asked(option, values)
    with pytest.raises(OptionError, match="Put the values into the frame") as caught:
        registry.verb(verb)(df, "y", **options)
    assert ("if they stand in the same order" in str(caught.value)) == (on == "another index")
    space = {"df": df, option: values}
    exec(re.search(r"df = df\.assign\(.*?\)(?=, and)", str(caught.value))[0], space)
    np.testing.assert_array_equal(space["df"][option], column)
    verb, options = asked(option, option)
    registry.verb(verb)(space["df"], "y", **options)


@pytest.mark.parametrize("values", [np.zeros((N, 2)), [1.0], {"p"}])
def test_values_that_are_not_one_for_each_row_are_offered_no_line(values):
    with pytest.raises(ImbalanceError, match="not a column of this frame") as caught:
        framed().imb.best_threshold("y", scores=values)
    assert "Put the values" not in str(caught.value)
