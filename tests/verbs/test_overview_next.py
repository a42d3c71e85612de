"""What `overview` proposes to run next runs, on the very frame: each line and call is executed as it is printed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from odd_frames import Odd, odd_frames, tried

from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import ImbalanceError
from imbalance_accessor.verbs.overview import next_calls, overview

QUICK = "n_jobs=1, progress=False"


def framed(rows, **columns):
    """A frame with so many rows of each label."""
    y = [label for label, count in rows.items() for _ in range(count)]
    rng = np.random.default_rng(0)
    return pd.DataFrame({"a": rng.normal(size=len(y)), "b": rng.normal(size=len(y)), **columns, "y": y})


def words(k):
    return [f"label {place}" for place in range(k)]


def beside():
    frame = framed({"no": 40, "yes": 10, "maybe": 1}).set_axis([3] * 51)
    return frame[["a", "b"]], frame["y"]


def made():
    X, _, y, _ = framed({"no": 40, "yes": 10}).imb.smote("y")
    return X.assign(y=y)


#: A frame and its target, what `overview` is told, and the verbs and lines that it proposes.
#: What makes infinite cells missing.
MADE_MISSING = 'df["b"] = df["b"].where(lambda x: x.abs() <= 1e+150)'
CASES = {
    "a plain frame": (
        lambda: (framed({"no": 40, "yes": 10}), "y"),
        {},
        ["fit_eval", "best_threshold", "smote"],
    ),
    "one row of a class": (lambda: (framed({"no": 40, "yes": 1}), "y"), {}, []),
    "one row of three classes": (
        lambda: (framed({"no": 40, "yes": 10, "maybe": 1}), "y"),
        {},
        ['df = df[df["y"].duplicated(keep=False)]'],
    ),
    "one row, labels beside": (
        beside,
        {},
        ["df, y = df[y.duplicated(keep=False)], y[y.duplicated(keep=False)]"],
    ),
    "two rows of a class": (
        lambda: (framed({"no": 40, "yes": 2}), "y"),
        {},
        ["fit_eval(test_size=0)", "best_threshold(test_size=0)"],
    ),
    "22 labels in 30 rows": (
        lambda: (framed({label: 1 + (place < 8) for place, label in enumerate(words(22))}), "y"),
        {},
        ['df = df[df["y"].duplicated(keep=False)]'],
    ),
    "22 labels of two rows": (
        lambda: (framed(dict.fromkeys(words(22), 2)), "y"),
        {},
        ["fit_eval(test_size=0)"],
    ),
    "30 labels of six rows": (
        lambda: (framed(dict.fromkeys(words(30), 6)), "y"),
        {},
        ["fit_eval(test_size=0)", "smote"],
    ),
    "30 labels of ten rows": (
        lambda: (framed(dict.fromkeys(words(30), 10)), "y"),
        {},
        ["fit_eval(test_size=0)", "smote"],
    ),
    "30 labels of many rows": (
        lambda: (framed(dict.fromkeys(words(30), 40)), "y"),
        {},
        ["fit_eval", "smote"],
    ),
    "no feature": (lambda: (framed({"no": 40, "yes": 10})[["y"]], "y"), {}, []),
    "an id and a constant": (
        lambda: (framed({"no": 40, "yes": 10}, a=[f"id {i}" for i in range(50)], b=1), "y"),
        {},
        [],
    ),
    "missing cells": (
        lambda: (framed({"no": 40, "yes": 10}, b=[None, 1.0, 2.0, 3.0, 5.0] * 10), "y"),
        {},
        ["fit_eval", "best_threshold", "smote(impute=True)"],
    ),
    "the only filled cell is tested on": (
        lambda: (framed({"no": 40, "yes": 10}, b=[None] * 3 + [3.0] + [None] * 46), "y"),
        {},
        ["fit_eval", "best_threshold"],
    ),
    "missing words": (
        lambda: (framed({"no": 40, "yes": 10}, b=[None, "u", "v", "u", "v"] * 10), "y"),
        {},
        ["fit_eval", "best_threshold", "smote(impute=True)"],
    ),
    "infinite cells": (
        lambda: (framed({"no": 40, "yes": 10}, b=[np.inf, *range(49)]), "y"),
        {},
        [MADE_MISSING],
    ),
    "names of several types": (
        lambda: (framed({"no": 40, "yes": 10}).rename(columns={"a": 1}), "y"),
        {},
        ["df.columns = df.columns.map(str)"],
    ),
    "a name of two words": (
        lambda: (framed({"no": 40, "yes": 10}).rename(columns={"y": 'the "y"'}), 'the "y"'),
        {},
        ["fit_eval", "best_threshold", "smote"],
    ),
    "labels of two types": (
        lambda: (framed({1: 40, "0": 10}), "y"),
        {},
        ["fit_eval", "best_threshold", "smote"],
    ),
    "tuples": (lambda: (framed({(1, 2): 40, (3, 4): 10}), "y"), {}, ["fit_eval", "best_threshold", "smote"]),
    "no label in some rows": (
        lambda: (framed({"no": 40, "yes": 10, None: 5}), "y"),
        {},
        ["fit_eval", "best_threshold", "smote"],
    ),
    "the larger class": (
        lambda: (framed({"no": 40, "yes": 10}), "y"),
        {"pos_label": "no"},
        ['fit_eval(pos_label="no")', 'best_threshold(pos_label="no")', "smote"],
    ),
    "one of three classes": (
        lambda: (framed({"no": 40, "yes": 10, "maybe": 9}), "y"),
        {"pos_label": "yes"},
        ['fit_eval(pos_label="yes")', 'best_threshold(pos_label="yes")', "smote"],
    ),
    "three classes": (lambda: (framed({"no": 40, "yes": 10, "maybe": 9}), "y"), {}, ["fit_eval", "smote"]),
    "rows that smote made": (lambda: (made(), "y"), {}, []),
    "three rows": (lambda: (framed({"no": 2, "yes": 1}), "y"), {}, []),
    "four rows": (
        lambda: (framed({"no": 2, "yes": 2}), "y"),
        {},
        ["fit_eval(test_size=0)", "best_threshold(test_size=0)"],
    ),
}


def short(call, target):
    """Return the verb and its options, without the target."""
    name = "y" if isinstance(target, pd.Series) else call.partition("(")[2].removesuffix(")").split(", ")[0]
    if not call.startswith("df.imb."):
        return call
    return call.removeprefix("df.imb.").replace(f"({name}, ", "(").replace(f"({name})", "")


def execute(calls, frame, target):
    """Run each call on the frame, and each line on a copy; return the calls' results, and what a line left."""
    space = {"df": frame, "y": target}
    results, mended = [], None
    for call in calls:
        if call.startswith("df.imb."):
            options = f", {QUICK})" if "smote" not in call else ")"
            results.append(eval(call.removesuffix(")") + options, space))
        else:
            mended = dict(space)
            exec(call, mended)
    return results, mended


@pytest.mark.filterwarnings("ignore")
@pytest.mark.quick(6)
@pytest.mark.parametrize("case", CASES)
def test_each_call_runs_on_the_frame(case):
    make, options, wanted = CASES[case]
    frame, target = make()
    calls = overview(frame, target, **options)._card().next
    assert [short(call, target) for call in calls] == wanted
    _, mended = execute(calls, frame, target)
    if mended is not None:  # the line helps: more is proposed after it, and that runs too
        target = mended["y"] if isinstance(target, pd.Series) else target
        again = overview(mended["df"], target)._card().next
        assert any("fit_eval" in call for call in again)
        execute(again, mended["df"], target)


def test_it_fits_nothing(_nothing_is_fitted):
    for make, options, _ in CASES.values():
        frame, target = make()
        try:
            repr(overview(frame, target, **options))
        except ImbalanceError:
            continue


def test_a_frame_whose_calls_are_all_refused_shows_none():
    shown = repr(overview(*CASES["an id and a constant"][0]()))
    assert "df.imb" not in shown


@pytest.mark.slow
def test_the_calls_of_the_churn_frame_run():
    frame = make_churn(400)
    results, _ = execute(overview(frame, "churn")._card().next, frame, "churn")
    assert len(results) == 3


@tried(40, many=2_000)
@given(odd=odd_frames(least=3))
def test_each_call_runs_on_odd_frames(odd: Odd):
    frame, target = odd.frame()
    try:
        calls = overview(frame, target)._card().next
    except ImbalanceError:
        return
    execute(calls, frame, target)


@pytest.mark.parametrize("k", [2, 3, 40])
def test_with_rows_in_plenty_nothing_need_be_tried(k, monkeypatch):
    few = [[50] * k, [50] * (k - 1) + [5_000], [50] + [5_000] * (k - 1)]
    for rows in few:
        frame = framed(dict(zip(words(k), rows, strict=True)))
        features = read_features(frame, "y")
        assert next_calls._tried(features) == ({}, "", True)
        monkeypatch.setattr(next_calls, "_tried", None)
        assert next(short(call, "y") for call in overview(frame, "y")._card().next) == "fit_eval"
        monkeypatch.undo()


def test_a_usual_frame_waits_for_no_library():
    code = (
        "import sys, imbalance_accessor as imb; repr(imb.make_churn().imb.overview('churn')); "
        "print(*{'sklearn', 'imblearn', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
