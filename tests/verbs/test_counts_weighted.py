"""`counts`, `weights` and `overview` of weighted rows and at another prevalence: repeated rows, closed forms, the snippet."""

from __future__ import annotations

import contextlib
import io
import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import classification_report
from sklearn.utils.class_weight import compute_class_weight

import imbalance_accessor  # noqa: F401 - registers the accessors

Z2 = NormalDist().inv_cdf(0.975) ** 2
#: By class: how many rows, and the weights that they take in turn.
SEVERAL = {"a": (70, [1, 2, 3]), "b": (40, [2, 5]), "c": (13, [1, 1, 4])}
TWO = {"no": (90, [1, 2, 3]), "yes": (30, [1, 5])}


def frame(made=TWO) -> pd.DataFrame:
    rows = [(label, weights[i % len(weights)]) for label, (n, weights) in made.items() for i in range(n)]
    return pd.DataFrame(rows, columns=["y", "w"]).sample(frac=1, random_state=0, ignore_index=True)


def repeated(df: pd.DataFrame) -> pd.DataFrame:
    return df.loc[df.index.repeat(df["w"]), ["y"]].reset_index(drop=True)


def run(code, **names):
    """Run a snippet, and return its variables and what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(str(code), names)
    return names, printed.getvalue()


@pytest.mark.parametrize("made", [TWO, SEVERAL], ids=["two", "several"])
def test_whole_weights_are_repeated_rows(made):
    df = frame(made)
    found, again = df.imb.counts("y", sample_weight="w"), repeated(df).imb.counts("y")
    for name in ("ratio", "severity", "accuracy_always_majority", "minority", "majority"):
        assert getattr(found, name) == getattr(again, name)
    pd.testing.assert_series_equal(found.no_skill_average_precision, again.no_skill_average_precision)
    pd.testing.assert_frame_equal(found.always_majority, again.always_majority, check_dtype=False)
    wanted = again.frame.loc[found.frame.index]
    assert found.frame["weighted_rows"].tolist() == wanted["rows"].tolist()
    assert found.frame["share"].tolist() == wanted["share"].tolist()
    assert found.frame["rows"].to_dict() == df["y"].value_counts().to_dict()


def test_intervals_are_those_of_kishs_effective_number():
    df = frame()
    for label, row in df.imb.counts("y", sample_weight="w").frame.iterrows():
        own = df.loc[df["y"] == label, "w"]
        n = row["test_rows"] * own.sum() ** 2 / (own**2).sum() / len(own)
        middle, half = 0.8 * n + Z2 / 2, math.sqrt(Z2) * math.sqrt(0.16 * n + Z2 / 4)
        assert row["recall_80_low"] == pytest.approx((middle - half) / (n + Z2), rel=1e-12)
        assert row["recall_80_high"] == pytest.approx((middle + half) / (n + Z2), rel=1e-12)


def test_rows_that_tell_are_those_of_the_frame_in_card_and_words():
    c = frame().assign(w=lambda df: df["w"] + 0.413).imb.counts("y", sample_weight="w")
    rows, own = c.frame.loc["yes"], frame().query("y == 'yes'")["w"] + 0.413
    wanted = math.ceil(381 * len(own) * (own**2).sum() / own.sum() ** 2)  # 381 rows of one weight
    assert rows["rows_for_5_points"] == wanted > 381
    said = " ".join(str(c).split())
    assert f"take {wanted} test rows of class 'yes'" in said and "381" not in said
    no = frame().query("y == 'no'")["w"] + 0.413
    assert f" {no.sum():.0f} " in str(c) and f"{no.sum():.0f}.0" not in str(
        c
    )  # no digits that are not shown truly


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("prevalence", [0.02, 0.9])
def test_at_a_prevalence_shares_and_levels_are_those_of_such_rows(prevalence, weights):
    found = frame().imb.counts("y", prevalence=prevalence, sample_weight=weights)
    assert found.frame["share"].to_dict() == pytest.approx({"no": 1 - prevalence, "yes": prevalence})
    most = max(prevalence, 1 - prevalence)
    assert found.accuracy_always_majority == pytest.approx(most)
    assert found.no_skill_average_precision["yes"] == prevalence
    assert found.ratio == pytest.approx(most / (1 - most))
    assert found.majority == ("yes" if prevalence > 0.5 else "no")
    plain = frame().imb.counts("y").frame
    assert found.frame["test_rows"].to_dict() == plain["test_rows"].to_dict()
    sample = 90 / 270 if weights else 0.25  # 15 · 1 + 15 · 5 of 270
    assert f"In this sample {sample:.1%}"[:-1] in found.explain()
    assert f"where you will use it, {prevalence:.0%}"[:-1] in found.explain()


def test_the_frames_own_share_and_weights_of_one_change_nothing():
    df = frame().assign(one=1)
    for options in (
        {"prevalence": 0.25},
        {"sample_weight": "one"},
        {"prevalence": {"no": 0.75, "yes": 0.25}},
    ):
        plain = df.drop(columns=options.get("sample_weight", [])).imb.counts("y")  # weights are no feature
        found = df.imb.counts("y", **options)
        assert repr(found) == repr(plain)
        assert str(found.snippet(style="full")) == str(plain.snippet(style="full"))
        assert found.explain() == plain.explain()
        pd.testing.assert_frame_equal(found.frame, plain.frame)
    assert df.imb.weights("y", sample_weight="one") == df.imb.weights("y")


ODD = {
    "plain": lambda df: df,
    "text": lambda df: df.assign(w=df["w"].map("${}.00".format)),
    "no label": lambda df: df.assign(y=df["y"].where(df.index % 7 > 0), w=df["w"].where(df.index % 7 > 0)),
    "labels twice": lambda df: df.assign(y=df["y"].where(df.index % 7 > 0)).set_index(df.index // 2),
    "category": lambda df: df.astype({"y": pd.CategoricalDtype(["none", "yes", "no"])}),
    "nullable": lambda df: df.assign(w=df["w"].astype("Int64"), y=(df["y"] == "yes").astype("Int64")),
    "tuples": lambda df: df.assign(y=[(label, 1) for label in df["y"]]),
}


@pytest.mark.parametrize("beside", [False, True], ids=["in the frame", "beside it"])
@pytest.mark.parametrize("at", [None, 0.02])
@pytest.mark.parametrize("kind", ODD)
def test_snippets_give_the_same_numbers(kind, at, beside):
    df = ODD[kind](frame())
    names, weights, target = {"df": df.copy()}, "w", "y"
    if beside:
        weights, target = df["w"].rename("mine"), df["y"]
        names |= {"y": target.copy(), "sample_weight": weights.copy()}
        names["df"] = df = df.assign(x=np.arange(len(df)) / 7)[["x"]]
    options = {"prevalence": at, "sample_weight": weights}
    counted = df.imb.counts(target, **options)
    got, printed = run(counted.snippet(style="full"), **names)
    assert sorted(got["rows"].tolist()) == pytest.approx(sorted(counted.frame["weighted_rows"]), rel=1e-12)
    assert f"{counted.accuracy_always_majority:.3f}" in printed
    overview, classes = df.imb.overview(target, **options), df.imb.weights(target, sample_weight=weights)
    assert run(overview.snippet(style="full"), **names)[0]["class_weight"] == pytest.approx(
        dict(classes), rel=1e-12
    )
    assert run(classes.snippet(style="full"), **names)[0]["class_weight"] == pytest.approx(
        dict(classes), rel=1e-12
    )


@pytest.mark.parametrize("made", [TWO, SEVERAL], ids=["two", "several"])
@pytest.mark.parametrize("method", ["balanced", "sqrt", "effective"])
def test_class_weights_of_whole_weights_are_those_of_repeated_rows(made, method):
    df = frame(made)
    found = df.imb.weights("y", method=method, sample_weight="w")
    again = repeated(df)["y"]
    assert dict(found) == pytest.approx(dict(again.imb.weights(method=method)), rel=1e-14)
    if method == "balanced":
        wanted = compute_class_weight("balanced", classes=np.array(sorted(made)), y=again)
        assert list(found.values()) == pytest.approx(wanted.tolist(), rel=1e-14)
        assert found.sample_weight.groupby(df["y"]).sum().tolist() == pytest.approx(
            [len(again) / len(made)] * len(made)
        )
    if made is TWO:
        assert found.scale_pos_weight == again.imb.weights().scale_pos_weight


def test_the_code_of_a_booster_has_the_ratio_of_weighted_rows():
    pytest.importorskip("lightgbm")
    df = frame(TWO)
    found = df.imb.weights("y", sample_weight="w")
    got, _ = run(found.snippet(style="short", library="lightgbm"), df=df)
    assert got["pos_weight"] == found.scale_pos_weight


def test_labels_alone_take_a_series_of_weights():
    df = frame()
    beside, inside = (
        df["y"].imb.counts(prevalence=0.02, sample_weight=df["w"]),
        df.imb.counts("y", prevalence=0.02, sample_weight="w"),
    )
    pd.testing.assert_frame_equal(beside.frame, inside.frame)
    assert df["y"].imb.weights(sample_weight=df["w"]) == df.imb.weights("y", sample_weight="w")


def test_the_report_on_the_majority_is_scikit_learns():
    df = frame(SEVERAL)
    found = df.imb.counts("y", sample_weight="w")
    wanted = classification_report(
        df["y"], ["b"] * len(df), sample_weight=df["w"], output_dict=True, zero_division=0
    )
    assert found.majority == "b"  # of fewer rows, which weigh more
    for label in "abc":
        assert found.always_majority.loc[label, "f1"] == pytest.approx(wanted[label]["f1-score"], rel=1e-12)
        assert found.always_majority.loc[label, "rows"] == wanted[label]["support"]


def test_an_overview_proposes_calls_that_count_rows_alike():
    df = frame(SEVERAL).assign(x=lambda rows: rows.index % 11 / 7)
    shares = {"a": 0.9, "b": 0.08, "c": 0.02}
    found = df.imb.overview("y", prevalence=shares, sample_weight="w")
    assert found.next_calls[0] == (
        'df.imb.fit_eval("y", prevalence={"a": 0.9, "b": 0.08, "c": 0.02}, sample_weight="w")'
    )
    assert found.columns.loc["w", ["read_as", "used"]].tolist() == ["weights", False]
    beside = df.imb.overview("y", pos_label="c", prevalence=0.02, sample_weight=df["w"] * 2)
    assert (
        beside.next_calls[0]
        == 'df.imb.fit_eval("y", pos_label="c", prevalence=0.02, sample_weight=sample_weight)'
    )
