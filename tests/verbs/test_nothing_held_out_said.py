"""What is said, drawn and written where `test_size=0` holds nothing out: no word of test rows, no name that is not there."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from snippet_checks import check_alone

import imbalance_accessor as imb

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
LABELS = {"binary": ("no", "yes"), "several": ("a", "b", "c"), "codes": ((1, 2), (3, 4))}


def frame(kind="binary", n=300):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 5 == 0
    codes = y.astype(int) if kind != "several" else np.arange(n) % 3
    X = pd.DataFrame(rng.normal(size=(n, 3)) + codes[:, None], columns=list("abc"), index=np.arange(n) // 2)
    return X.assign(y=pd.Series([LABELS[kind][code] for code in codes], index=X.index))


def run(snippet, df):
    space, text = {"df": df.copy()}, io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(str(snippet), space)
    return space, text.getvalue()


@pytest.mark.parametrize("style", ["short", "full"])
@pytest.mark.parametrize("strategy", ["none", "smote"])
def test_the_code_of_a_trace_runs_and_counts_the_same(strategy, style):
    df = frame()
    found = df.reset_index(drop=True).imb.fit_eval("y", strategies=["smote"], test_size=0, **QUICK)
    trace = found.trace(strategy, row=3)
    space, _ = run(trace.snippet(style=style), df.reset_index(drop=True))
    for name, (rows, columns, counts) in space["stages"].items():
        told = trace.frame.loc[name]
        assert (rows, columns) == (told["rows"], told["columns"])
        assert counts == {label: told[f"rows[{label}]"] for label in ("no", "yes")}
    if style == "full":
        assert space["score"] == pytest.approx(trace.contributions.score, abs=1e-9)


@pytest.mark.parametrize("style", ["short", "full"])
@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("shown", [False, True])
def test_the_code_of_leaks_runs_and_sees_the_same(kind, style, shown):
    df = frame(kind)
    found = imb.leaks(df, "y", test_size=0, demonstrate=shown, **QUICK)
    space, text = run(found.snippet(style=style), df)
    assert "have a twin in train" not in text
    hashes = space["rows"]
    assert len(hashes) == len(df) and hashes.nunique() == len(df.drop_duplicates())
    if style == "full":
        check_alone(found, space)
    if style == "full" and shown:
        claims = [found.demonstration.auc(order) for order in ("before the split", "after the split")]
        assert [space["wrong"].mean(), space["right"].mean()] == pytest.approx(claims, abs=1e-9)


@pytest.mark.parametrize("strategy", ["none", "smote"])
def test_a_trace_names_no_rows_that_are_held_out(strategy):
    df = frame().reset_index(drop=True)
    found = df.imb.fit_eval("y", strategies=["smote"], test_size=0, **QUICK)
    for trace in (found.trace(strategy), found.trace(strategy, row=3)):
        drawn = np.asarray(trace.plot("stages")).ravel()
        every = [repr(trace), str(trace.explain()), drawn[0].figure._suptitle.get_text()]
        every.append(str(trace.explain(audience="interview")))
        text = " ".join(" ".join(every).split())
        for word in ("test rows stay", "yes held out", "held-out", "training set", "train rows", "/ 0"):
            assert word not in text
        assert len(drawn) == 1
    title = " ".join(found.trace(strategy)._card().title.split())
    made = (
        "480 rows, which its sampler makes of the 300 rows"
        if strategy == "smote"
        else "the 300 rows as they are"
    )
    assert title == f"{strategy!r} learns from {made}; nothing is held out"


@pytest.mark.parametrize("options", [{}, {"scores": "a", "cv": 2}])
@pytest.mark.parametrize("verb", ["best_threshold", "reliability"])
def test_the_small_print_says_that_nothing_was_held_out(verb, options):
    df = frame(n=400)
    df = df.assign(a=1 / (1 + np.exp(-df["a"])))
    for test_size in (0, 0.2):
        asked = options or {"preprocess": None, **QUICK}
        card = " ".join(repr(getattr(df.imb, verb)("y", test_size=test_size, **asked)).split())
        assert ("Nothing was held out." in card) == (test_size == 0)


def test_the_costs_of_several_classes_say_so_too():
    costs = {"cost": pd.DataFrame(1 - np.eye(3), list("abc"), list("abc"))}
    df = frame("several").reset_index(drop=True)
    cards = [repr(df.imb.best_threshold("y", test_size=size, **costs, **QUICK)) for size in (0, 0.2)]
    assert ["Nothing was held out." in " ".join(card.split()) for card in cards] == [True, False]
