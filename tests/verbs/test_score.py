"""`score`: the report on predictions equals scikit-learn's, whatever says them; snippets print the same numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alone import execute
from sklearn import metrics
from snippet_checks import linted

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import Resamples, draws_at_most
from imbalance_accessor.metrics.class_report import PredictedClasses
from imbalance_accessor.metrics.intervals import mean_of_shares, wilson
from imbalance_accessor.metrics.measure import measure

N = 400


@pytest.fixture(autouse=True, scope="module")
def _few_draws():
    with draws_at_most(10):
        yield


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    positive = np.arange(N) % 10 == 0
    p = np.clip(rng.beta(2, 7, N) + 0.3 * positive, 0, 1)
    three = np.where(p > 0.5, "a", np.where(p > 0.25, "b", "c"))
    told = np.where(rng.random(N) < 0.7, three, rng.choice(list("abc"), N))
    return pd.DataFrame(
        {
            "y": np.where(positive, "leave", "stay"),
            "p": p,
            "margin": p - 0.4,
            "flag": (p > 0.4).astype(int),
            "said": np.where(p > 0.4, "leave", "stay"),
            "three": three,
            "told": told,
            "part": np.where(np.arange(N) % 3 == 1, "test", "train"),
            "g": rng.integers(0, 30, N),
            "w": rng.uniform(0.5, 2, N),
        },
        index=rng.permutation(N),
    )


DF = frame()


def check_report(found: imb.Score, y: Any, told: Any, names: dict[Any, Any], weights: Any = None) -> None:
    """Hold every figure of the report and below it against scikit-learn's."""
    wanted = metrics.classification_report(y, told, sample_weight=weights, output_dict=True, zero_division=0)
    rows = {names.get(label, label): figures for label, figures in wanted.items()}
    assert set(found.frame.index) == set(rows)
    for label, figures in rows.items():
        ours = found.frame.loc[label]
        if label == "accuracy":
            assert ours["f1"] == pytest.approx(figures)
            continue
        for name, theirs in {"precision": "precision", "recall": "recall", "f1": "f1-score"}.items():
            assert ours[name] == pytest.approx(figures[theirs]), (label, name)
            assert ours[f"{name}_low"] <= ours[name] <= ours[f"{name}_high"]
        assert ours["support"] == pytest.approx(figures["support"])
    overall = found.overall["value"]
    given = {"sample_weight": weights}
    assert found.accuracy == pytest.approx(metrics.accuracy_score(y, told, **given))
    assert overall["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(y, told, **given))
    assert overall["mcc"] == pytest.approx(metrics.matthews_corrcoef(y, told, **given))
    matrix = metrics.confusion_matrix(y, told, **given)
    sides = [names.get(str(label), label) for label in np.union1d(y, told)]
    assert found.confusion.loc[sides, sides].to_numpy() == pytest.approx(matrix)


TRUTH = {"True": "leave", "False": "stay"}


@pytest.mark.quick(4)
@pytest.mark.parametrize(
    ("target", "options", "truth", "names"),
    [
        ("y", {"pred": "said"}, lambda df: (df.y, df.said), {}),
        ("y", {"pred": "flag"}, lambda df: (df.y == "leave", df.flag == 1), TRUTH),
        ("y", {"pred": DF["flag"] == 1}, lambda df: (df.y == "leave", df.flag == 1), TRUTH),
        ("y", {"scores": "p", "threshold": 0.3}, lambda df: (df.y == "leave", df.p >= 0.3), TRUTH),
        ("y", {"scores": "p"}, lambda df: (df.y == "leave", df.p >= 0.5), TRUTH),
        ("y", {"scores": "margin"}, lambda df: (df.y == "leave", df.margin >= 0), TRUTH),
        ("three", {"pred": "told"}, lambda df: (df.three, df.told), {}),
        (
            "three",
            {"pred": "told", "pos_label": "b"},
            lambda df: (df.three == "b", df.told == "b"),
            {"True": "b", "False": "rest"},
        ),
        ("y", {"pred": "said", "split": "part"}, lambda df: (df.y, df.said), {}),
    ],
    ids=["labels", "flags", "truth", "threshold", "half", "margins", "several", "one of several", "split"],
)
def test_the_report_is_scikit_learns(target, options, truth, names):
    df = DF[DF["part"] == "test"] if "split" in options else DF
    found = imb.score(DF, target, **options)
    check_report(found, *truth(df), names)
    check_program(found, DF, pred=options.get("pred"))


def check_program(found: imb.Score, df: pd.DataFrame, **names: Any) -> None:
    """Run both programs, in fifteen lines at most: the report that they leave is the result's, with its intervals."""
    short, full = (found.snippet(style=style) for style in ("short", "full"))
    linted(full)
    space = execute(short, df=df.copy(), **names)
    assert metrics.accuracy_score(space["y"], space["flag"], sample_weight=space.get("w")) == pytest.approx(
        found.accuracy
    )
    if found.is_weighted:
        return
    assert len(str(short).splitlines()) <= 15
    space = execute(full, df=df.copy(), **names)
    row = space["row"]
    parts = [found.measured, *([found._measured["scores"]] if found.test.scores is not None else [])]
    sides = dict(
        zip(space["labels"].tolist(), sorted(found.shown, key=lambda side: _rank(found, side)), strict=True)
    )
    ours = {name: each for each in parts for name in each.low}
    assert len(space["sample"][0]) >= 11
    for name in space["sample"][0]:
        told = name
        for theirs, side in sides.items():
            told = told.replace(f"[{theirs}]", f"[{side}]")
        each = ours[told]
        wanted = [each.points[told], each.low[told], each.high[told]]
        assert [row[name], row[f"{name}_low"], row[f"{name}_high"]] == pytest.approx(wanted), name


def _rank(found: imb.Score, side: Any) -> int:
    """Return where a side stands in a program: by label, or False before True."""
    code = found.sides.labels.index(side)
    if found.told.kind == "labels" and not found.target.is_one_vs_rest:
        return code
    return code == found.sides.positive


def test_the_figures_of_the_scores_are_scikit_learns():
    found = imb.score(DF, "y", scores="p", threshold=0.3)
    y = DF["y"] == "leave"
    overall = found.overall
    assert overall.loc["average_precision", "value"] == pytest.approx(
        metrics.average_precision_score(y, DF["p"])
    )
    assert overall.loc["roc_auc", "value"] == pytest.approx(metrics.roc_auc_score(y, DF["p"]))
    assert overall.loc["brier", "value"] == pytest.approx(metrics.brier_score_loss(y, DF["p"]))
    dummy = {"accuracy": 0.9, "balanced_accuracy": 0.5, "mcc": 0, "average_precision": 0.1, "roc_auc": 0.5}
    assert overall["dummy"].to_dict() == pytest.approx({**dummy, "brier": 0.09})
    assert "brier" not in imb.score(DF, "y", scores="margin").overall.index


@pytest.mark.parametrize(
    ("options", "target", "call"),
    [
        ({}, "y", 'df.imb.best_threshold("y", scores="p")'),
        ({"pos_label": "stay"}, "y", 'df.imb.best_threshold("y", pos_label="stay", scores="p")'),
        ({}, DF["y"], 'df.imb.best_threshold(y, scores="p")'),
    ],
)
def test_what_comes_next_is_a_call_to_paste(options, target, call):
    df, y = DF, DF["y"]
    found = df.imb.score(target, scores="p", **options)
    assert call in repr(found)
    then = eval(call, {"df": df, "y": y})
    assert then.strategy_scores.scored.parts.features.target.pos_label == found.target.pos_label


def test_shares_have_wilsons_interval_and_their_mean_movers():
    found = imb.score(DF, "y", pred="said")
    counts = found.confusion
    hits, own, said = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    for name, rows in {"recall": own, "precision": said}.items():
        low, high = wilson(hits, rows)
        assert found.frame[f"{name}_low"].to_numpy()[:2] == pytest.approx(low)
        assert found.frame[f"{name}_high"].to_numpy()[:2] == pytest.approx(high)
    ends = mean_of_shares(hits / own, *wilson(hits, own))
    macro = found.frame.loc["macro avg"]
    assert (macro["recall_low"], macro["recall_high"]) == pytest.approx(ends)
    accuracy = found.frame.loc["accuracy", ["f1_low", "f1_high"]]
    assert accuracy.tolist() == pytest.approx([*wilson(hits.sum(), N)])


def test_always_the_majority():
    df = pd.DataFrame({"y": ["stay"] * 950 + ["leave"] * 50, "said": "stay"})
    found = df.imb.score("y", pred="said")
    assert (found.accuracy, found.accuracy_always_majority) == (0.95, 0.95)
    assert found.frame["f1"]["macro avg"] == pytest.approx(0.487, abs=5e-4)
    assert found.frame["f1"]["weighted avg"] == pytest.approx(0.926, abs=5e-4)
    assert found.overall.loc["balanced_accuracy", "value"] == 0.5
    said = repr(found)
    assert "Always 'stay': accuracy 0.950, but macro F1 0.487, and no row of 'leave' is" in said
    assert "That is the accuracy of always saying 'stay'" in found.explain()
    assert "My model always says 'stay'" in found.explain(audience="interview")
    check_program(found, df)


def test_precision_1_and_recall_0_01_have_a_tiny_f1():
    df = pd.DataFrame({"y": [1] * 100 + [0] * 900, "flag": [1] + [0] * 999})
    row = df.imb.score("y", pred="flag").frame.loc[1]
    assert (row["precision"], row["recall"]) == (1.0, 0.01)
    assert (row["precision"] + row["recall"]) / 2 == 0.505
    assert row["f1"] == pytest.approx(0.0198, abs=5e-5)


def test_eight_rows_by_hand():
    df = pd.DataFrame({"y": [1, 0, 1, 1, 0, 1, 0, 0], "said": [1, 0, 0, 1, 0, 1, 1, 0]})
    found = df.imb.score("y", pred="said")
    assert found.frame.loc[1, ["precision", "recall", "f1"]].tolist() == [0.75] * 3
    assert found.confusion.to_numpy().tolist() == [[3, 1], [1, 3]]
    at_the_threshold = df.assign(p=np.where(df["said"] == 1, 0.3, 0.2)).imb.score(
        "y", scores="p", threshold=0.3
    )
    pd.testing.assert_frame_equal(at_the_threshold.confusion, found.confusion)


def test_rows_count_by_their_weights():
    found = imb.score(DF, "y", pred="said", sample_weight="w")
    check_report(found, DF["y"], DF["said"], {}, DF["w"])
    check_program(found, DF)


@pytest.mark.quick(1)
@pytest.mark.parametrize("sample_weight", [None, "w"])
def test_figures_are_those_of_the_prevalence(sample_weight):
    found = imb.score(DF, "y", scores="p", threshold=0.3, prevalence=0.02, sample_weight=sample_weight)
    y, own = DF["y"] == "leave", DF[sample_weight] if sample_weight else pd.Series(1.0, DF.index)
    share = np.average(y, weights=own)
    weights = np.where(y, 0.02 / share, 0.98 / (1 - share)) * own
    check_report(found, y, DF["p"] >= 0.3, TRUTH, weights)
    assert np.average(y, weights=weights) == pytest.approx(0.02)
    assert found.accuracy_always_majority == pytest.approx(0.98)
    check_program(found, DF)
    check_report(
        imb.score(DF, "three", pred="told", prevalence={"a": 0.1, "b": 0.3, "c": 0.6}),
        DF["three"],
        DF["told"],
        {},
        DF["three"].map({"a": 0.1, "b": 0.3, "c": 0.6}) / DF.groupby("three")["three"].transform("size") * N,
    )


def test_whole_groups_are_drawn_for_intervals():
    found = imb.score(DF, "y", scores="p", threshold=0.3, groups="g")
    check_program(found, DF)
    plain = imb.score(DF, "y", scores="p", threshold=0.3)
    assert (
        (found.frame["recall_high"] - found.frame["recall_low"])
        .ge(plain.frame["recall_high"] - plain.frame["recall_low"] - 1e-12)
        .all()
    )
    few = imb.score(DF.assign(g=np.arange(N) % 3), "y", pred="said", groups="g")
    assert "IMB410" in few.findings.codes
    assert few.frame["recall_low"].isna().all()


def test_labels_and_predictions_may_stand_beside_the_frame():
    found = imb.score(DF.drop(columns=["y", "said"]), DF["y"], pred=DF["said"])
    pd.testing.assert_frame_equal(found.frame, imb.score(DF, "y", pred="said").frame)
    check_program(found, DF.drop(columns=["y", "said"]), y=DF["y"], pred=DF["said"])


def test_labels_that_scikit_learn_does_not_take_are_scored_too():
    df = DF.assign(y=[("a", 1) if each == "leave" else ("b", 2) for each in DF["y"]])
    df["said"] = [("a", 1) if each == "leave" else ("b", 2) for each in DF["said"]]
    found = imb.score(df, "y", pred="said")
    assert found.frame.to_numpy() == pytest.approx(imb.score(DF, "y", pred="said").frame.to_numpy())
    check_report_of_codes(found, df)


def check_report_of_codes(found: imb.Score, df: pd.DataFrame) -> None:
    space = execute(found.snippet(), df=df.copy())
    assert set(space["y"]) == {0, 1}
    assert metrics.f1_score(space["y"], space["flag"], average="macro") == pytest.approx(
        found.frame["f1"]["macro avg"]
    )


# --- which rows are test rows


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("part", {"test": "test", "train": "train"}),
        ("Split", {"test": "Hold_Out", "train": " Training "}),
        ("is_test", {"test": True, "train": False}),
        ("is_test", {"test": 1, "train": 0}),
        ("in_train", {"test": False, "train": True}),
        ("part", {"test": "validation", "train": "train"}),
    ],
)
def test_test_rows_are_scored_and_train_rows_stand_beside(name, cells):
    df = DF.drop(columns="part").assign(**{name: DF["part"].map(cells)})
    found = imb.score(df, "y", pred="said", split=name)
    test, train = DF[DF["part"] == "test"], DF[DF["part"] == "train"]
    check_report(found, test["y"], test["said"], {})
    wanted = metrics.f1_score(train["y"], train["said"], average="macro")
    assert found.frame["train_f1"]["macro avg"] == pytest.approx(wanted)
    assert f"Test rows are those with {cells['test']!r} in {name!r}: 133" in repr(found)
    assert "F1 on" in repr(found) and "on the training set" in found.explain()


@pytest.mark.slow
def test_rows_of_neither_are_left_out_and_the_majority_is_that_of_train():
    df = DF.assign(part=np.where(np.arange(N) % 3 == 2, "valid", DF["part"]))
    found = imb.score(df, "y", pred="said", split="part")
    assert f"{(df['part'] == 'valid').sum()} rows of neither are left out" in " ".join(repr(found).split())
    flipped = pd.DataFrame(
        {
            "y": ["a"] * 30 + ["b"] * 10 + ["a"] * 5 + ["b"] * 15,
            "said": ["a", "b"] * 30,
            "part": ["train"] * 40 + ["test"] * 20,
        }
    )
    found = imb.score(flipped, "y", pred="said", split="part")
    assert (found.majority, found.accuracy_always_majority) == ("a", 0.25)
    check_program(found, flipped)


def test_a_model_that_is_worse_on_test_rows_is_called_overfitted():
    rng = np.random.default_rng(0)
    y = np.where(rng.random(600) < 0.2, "yes", "no")
    df = pd.DataFrame({"y": y, "said": y, "part": ["train"] * 300 + ["test"] * 300})
    df.loc[300:, "said"] = rng.permutation(y[300:])
    assert "a sign of overfitting" in imb.score(df, "y", pred="said", split="part").explain()


# --- odd rows


def test_rows_without_label_or_prediction_are_left_out_and_said():
    df = DF.reset_index(drop=True)
    df.loc[:9, "y"] = None
    df.loc[5:24, "said"] = None
    found = imb.score(df, "y", pred="said")
    whole = df.dropna(subset=["y", "said"])
    check_report(found, whole["y"], whole["said"], {})
    message = next(each.message for each in found.findings if each.code == "IMB217")
    assert message == "15 of 390 rows have no prediction in 'said' and are left out of every figure."
    assert {"IMB201", "IMB217"} <= set(found.findings.codes)
    check_program(found, df)


def test_one_positive_row():
    df = pd.DataFrame({"y": [1] + [0] * 49, "p": np.linspace(0.9, 0.1, 50)})
    found = df.imb.score("y", scores="p", threshold=0.85)
    assert found.frame.loc[1, "recall"] == 1 and found.frame.loc[1, "recall_low"] < 0.3
    assert math.isfinite(found.overall.loc["roc_auc", "low"])


def test_a_class_that_neither_occurs_nor_is_predicted_has_no_row():
    df = DF.assign(part=np.where(DF["three"] == "a", "train", "test"), told=DF["told"].replace("a", "b"))
    found = imb.score(df, "three", pred="told", split="part")
    assert [*found.frame.index] == ["b", "c", "accuracy", "macro avg", "weighted avg"]
    test = df[df["part"] == "test"]
    wanted = metrics.f1_score(test["three"], test["told"], average="macro")
    assert found.frame["f1"]["macro avg"] == pytest.approx(wanted)


@pytest.mark.slow
def test_nothing_but_the_named_columns_is_read():
    odd = DF.assign(other=[object()] * N, **{'"; import os': 1, "<script>": 2})
    pd.testing.assert_frame_equal(
        imb.score(odd, "y", pred="said").frame, imb.score(DF, "y", pred="said").frame
    )
    hostile = DF.rename(columns={"said": '"; import os', "y": "<script>"})
    found = imb.score(hostile, "<script>", pred='"; import os')
    check_program(found, hostile)
    assert "<script>alert" not in found._repr_html_() and "&lt;script&gt;" in found._repr_html_()


TEXT, NUMBER, TRUE = ("stay", "leave"), (0, 1), (False, True)


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("labels", "of_labels", "told", "of_told"),
    [
        (NUMBER, "Int64", NUMBER, "float"),
        (NUMBER, "object", NUMBER, "category"),
        (TRUE, "category", NUMBER, "Int64"),
        (TRUE, "boolean", TRUE, "object"),
        (TEXT, "category", TRUE, "category"),
        (TEXT, "string", NUMBER, "object"),
        (TEXT, "object", TEXT, "category"),
    ],
)
def test_labels_and_predictions_of_any_type(labels, of_labels, told, of_told):
    true, flag = (DF[name] == "leave" for name in ("y", "said"))
    made = {"y": (true, labels, of_labels), "told": (flag, told, of_told)}
    df = pd.DataFrame({name: _cells(*each) for name, each in made.items()}).reset_index(drop=True)
    df["told"] = df["told"].mask(df.index % 7 == 0)
    found = imb.score(df, "y", pred="told")
    kept = df.index % 7 > 0
    assert found.accuracy == pytest.approx((true == flag)[kept].mean())
    space = execute(found.snippet(), df=df)
    wanted = metrics.f1_score(true[kept], flag[kept])
    assert found.frame.loc[labels[1], "f1"] == pytest.approx(wanted)
    assert metrics.f1_score(space["y"], space["flag"], average="macro") == pytest.approx(
        found.frame["f1"]["macro avg"]
    )


@pytest.mark.parametrize("dtype", ["float32", "Float64", "object"])
def test_scores_of_any_type_are_read_as_the_programs_read_them(dtype):
    df = DF.assign(p=DF["p"].astype("float32").astype(dtype))
    found = df.imb.score("y", scores="p", threshold=0.3)
    space = execute(found.snippet(), df=df)
    wanted = metrics.brier_score_loss(df["y"] == "leave", df["p"].astype(float))
    assert found.overall.loc["brier", "value"] == pytest.approx(wanted, rel=1e-12)
    assert metrics.brier_score_loss(space["y"], space["p"]) == pytest.approx(wanted, rel=1e-12)
    assert space["p"].dtype == np.float64


def _cells(positive: pd.Series, labels: tuple[Any, Any], dtype: str) -> pd.Series:
    return pd.Series([labels[int(each)] for each in positive], positive.index, dtype=object).astype(dtype)


def _by_rows(found: imb.Score, n_draws: int) -> Resamples:
    """The draws of the rows themselves."""
    test = found.test
    return Resamples(test.y, groups=test.groups, weights=test.weights, n_draws=n_draws)


def test_rows_that_are_alike_are_drawn_as_one_entry():
    found = DF.imb.score("three", pred="told")
    resamples = found.test.resamples
    assert (
        resamples.n == 9 and resamples.rows.tolist() == np.unique(DF["three"], return_counts=True)[1].tolist()
    )
    table = found.confusion.to_numpy().ravel()
    drawn = np.random.default_rng(0).multinomial(N, table / N, resamples.n_draws).reshape(-1, 3, 3)
    f1 = 2 * np.diagonal(drawn, axis1=1, axis2=2) / (drawn.sum(1) + drawn.sum(2))
    assert found.measured.samples["f1"] == pytest.approx(f1.mean(axis=1))
    with draws_at_most(1000):
        many = DF.imb.score("three", pred="told")
        names, rows = many.sides.names, many.test
        by_rows = measure(
            {"": PredictedClasses(rows.y, rows.predicted, names)}, _by_rows(many, 1000), compared=False
        )[""]
    for name in ("f1", "mcc", "weighted_f1"):
        assert many.measured.low[name] == pytest.approx(by_rows.low[name], abs=0.01)
        assert many.measured.high[name] == pytest.approx(by_rows.high[name], abs=0.01)


def test_groups_of_rows_that_are_alike_are_drawn_as_their_rows_are():
    found = DF.imb.score("three", pred="told", groups="g")
    rows, names = found.test, found.sides.names
    assert found.test.resamples.n < N
    wanted = measure(
        {"": PredictedClasses(rows.y, rows.predicted, names)}, _by_rows(found, 10), compared=False
    )
    assert found.measured.low == pytest.approx(wanted[""].low)
    assert found.measured.high == pytest.approx(wanted[""].high)
