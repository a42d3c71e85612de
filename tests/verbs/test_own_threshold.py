"""Figures at thresholds of the user's own: against scikit-learn by hand, and against the columns of other results."""

import contextlib
import io
import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError

AT = 0.3


def rows(n=600, seed=0):
    """A fifth of positives, with a fair score, its margin, groups, an order in time, weights and amounts."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 5 == 0
    s = rng.normal(size=n) + 1.5 * y - 1.5
    return pd.DataFrame(
        {
            "y": np.where(y, "yes", "no"),
            "p": 1 / (1 + np.exp(-s)),
            "m": s,
            "g": rng.permutation(np.arange(n) // 10),
            "t": rng.permutation(n),
            "w": rng.integers(1, 4, n),
            "amount": rng.uniform(2, 9, n),
        }
    )


DF = rows()


@pytest.fixture(scope="module")
def e():
    return DF[["y", "m", "amount"]].imb.fit_eval("y", strategies=["class_weight"], cv=2)


def test_each_part_is_counted_by_hand(e):
    t, scores = e.best_threshold("none"), e.scores[lambda all_: all_["strategy"] == "none"]
    at = t.at([AT, 0.5])
    assert at.index.tolist() == ["out of fold", "test"] * 2
    assert (at.columns[:2].tolist(), at.columns[-4:].tolist()) == (
        ["threshold", "precision"],
        ["tp", "fp", "fn", "tn"],
    )
    for threshold in (AT, 0.5):
        for part, name in (("train", "out of fold"), ("test", "test")):
            some, row = scores[scores["part"] == part], at[at["threshold"] == threshold].loc[name]
            y, flag = some["y"] == "yes", some["probability"] >= threshold
            tn, fp, fn, tp = confusion_matrix(y, flag).ravel()
            assert row[["tn", "fp", "fn", "tp"]].tolist() == [tn, fp, fn, tp]
            assert row["precision"] == pytest.approx(precision_score(y, flag))
            assert row["f1"] == pytest.approx(f1_score(y, flag))
            ends = binomtest(tp, tp + fn).proportion_ci(method="wilson")
            assert row[["recall_low", "recall_high"]].tolist() == pytest.approx(ends)


def test_scores_are_those_that_the_model_hands_out(e):
    test = e.scored.parts.test
    for name in ("none", "class_weight"):
        flag = e.model(name).predict_proba(test.X)[:, 1] >= AT
        assert e.at(AT).loc[name, "recall"] == pytest.approx(recall_score(test.y == "yes", flag))
        assert e.at(AT).loc[name, "recall"] == e.best_threshold(name).at(AT).loc["test", "recall"]


def test_strategies_at_the_default_threshold_are_their_frame(e):
    at = e.at([0.5, AT])
    assert at.index.tolist() == ["none", "class_weight"] * 2
    half, columns = at[at["threshold"] == 0.5], [name for name in at.columns if name != "threshold"]
    pd.testing.assert_frame_equal(half[columns], e.frame.loc[half.index, columns], check_exact=True)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "options",
    [
        {"groups": "g"},
        {"time": "t", "cost": {"fp": 1, "fn": "amount"}},
        {"prevalence": 0.28, "test_size": 0},
        {"sample_weight": "w", "criterion": "f2"},
    ],
    ids=lambda options: "-".join(options),
)
def test_a_row_of_its_own_stands_in_the_report(options):
    t = DF.imb.best_threshold("y", scores="p", cv=3, threshold=AT, **options)
    row, at = t.report.loc["yours"], t.at(AT)
    last, first = at.iloc[-1], at.iloc[0]
    assert row["threshold"] == AT
    for name in last.index.drop("threshold"):
        assert last[name] == pytest.approx(row[name], nan_ok=True)
        if f"{name}_cv" in row.index:
            assert first[name] == pytest.approx(row[f"{name}_cv"], nan_ok=True)
    same = DF.imb.best_threshold("y", scores="p", cv=3, threshold=0.5, **options)
    kept = same.report.loc["default"].notna()
    assert same.report.loc["yours", kept].equals(same.report.loc["default", kept])


def test_weights_and_costs_are_counted_by_hand():
    t = DF.imb.best_threshold(
        "y", scores="p", sample_weight="w", cost={"fp": 1, "fn": "amount"}, test_size=0, threshold=AT
    )
    y, flag, w = DF["y"] == "yes", DF["p"] >= AT, DF["w"]
    row = t.report.loc["yours"]
    assert row["precision"] == pytest.approx(precision_score(y, flag, sample_weight=w))
    assert row["cost"] == pytest.approx(((~y & flag) * w + (y & ~flag) * w * DF["amount"]).sum())
    more = 1000 * (row["cost_per_row"] - t.report.loc["chosen", "cost_per_row"])
    said = f"costs {abs(more):.3g} {'more' if more > 0 else 'less'} per 1,000 rows"
    assert f"It {said}." in t.explain()
    assert said in t._repr_html_()


def test_limits_are_said_to_be_kept_or_broken():
    t = DF.imb.best_threshold("y", scores="p", min_recall=0.8, threshold=AT)
    recall, precision = t.report.loc["yours", ["recall", "precision"]]
    chosen = t.report.loc["chosen"]
    assert recall < 0.8
    against = f"against {chosen['precision']:.3f} and {chosen['recall']:.3f} at the tuned {t.threshold_text}"
    figures = f"precision is {precision:.3f} and recall {recall:.3f} on test, {against}."
    assert (
        f"At your threshold 0.3, {figures} It breaks the limit: recall {recall:.3f} is below 0.8."
        in t.explain()
    )
    assert f"A threshold of 0.3 breaks my limit: {figures}" in t.explain(audience="interview")
    kept = DF.imb.best_threshold("y", scores="p", min_recall=0.7, threshold=0.05)
    assert "It keeps the limit." in kept.explain()
    same = DF.imb.best_threshold("y", scores="p", threshold=kept.value, min_recall=0.7)
    assert f"Your threshold {kept.threshold_text} is the tuned one." in same.explain()


@pytest.mark.quick(1)
@pytest.mark.parametrize("options", [{}, {"test_size": 0}], ids=["test", "none"])
def test_the_code_prints_the_same_figures(options):
    t = DF.imb.best_threshold("y", scores="p", threshold=AT, **options)
    row = t.report.loc["yours"]
    for style in ("short", "full"):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(str(t.snippet(style=style)), {"df": DF})
        said = out.getvalue()
        if style == "short":
            after = said.split("threshold 0.3 ")[1]
            assert float(re.search(r"recall (\S+)", after)[1]) == pytest.approx(row["recall"])
            assert float(re.search(r"F1 (\S+)", after)[1]) == pytest.approx(row["f1"])
        else:
            figures = next(line.split() for line in said.splitlines() if line.startswith("yours"))
            assert float(figures[1]) == pytest.approx(row["precision"], abs=1e-5)


def test_margins_have_thresholds_within_their_range():
    t = DF.imb.best_threshold("y", scores="m", threshold=-1)
    flag = DF["m"] >= -1
    both = t.at(-1)[["tp", "fp"]].sum().sum()
    assert both == flag.sum()
    assert "yours" in t.report.index
    low, high = DF["m"].min(), DF["m"].max()
    with pytest.raises(
        OptionError, match=re.escape(f"which go from {low:.6g} to {high:.6g}. Choose one there.")
    ):
        t.at(9)
    with pytest.raises(OptionError, match="must lie within the scores, which go from"):
        DF.imb.best_threshold("y", scores="m", threshold=9)


def test_tables_are_counted_exactly_at_it():
    polars = pytest.importorskip("polars")
    t = polars.from_pandas(DF).lazy().imb.best_threshold("y", scores="p", threshold=AT)
    flagged = t.at(AT)[["tp", "fp"]].sum().sum()
    assert flagged == (DF["p"] >= AT).sum()
    row = t.report.loc["yours", ["tp", "fp"]]
    assert row.tolist() == t.at(AT).loc["test", ["tp", "fp"]].tolist()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            30,
            "threshold=30 must lie within the scores, which are probabilities from 0 to 1. Use threshold=0.3 for 30 %.",
        ),
        (
            -0.1,
            "threshold=-0.1 must lie within the scores, which are probabilities from 0 to 1. Choose one there.",
        ),
        (np.nan, "threshold=nan must be a number on the scale of the scores, such as threshold=0.3."),
        ("0,3", "threshold='0,3' must be a number on the scale of the scores. Use threshold=0.3."),
        (True, "threshold=True must be a number on the scale of the scores, such as threshold=0.3."),
        ([], "threshold=[] names none. Give one or several: threshold=0.3."),
    ],
)
def test_a_wrong_one_is_one_sentence(e, wrong, said):
    for ask in (e.at, e.best_threshold("none").at):
        with pytest.raises(OptionError, match=f"^{re.escape(said)}"):
            ask(wrong)
    if wrong != []:
        with pytest.raises(OptionError, match=f"^{re.escape(said)}"):
            e.best_threshold("none", threshold=wrong)


def test_what_else_is_refused(e):
    t = e.best_threshold("none")
    for both in ({}, {"threshold": AT, "prevalence": 0.1}):
        with pytest.raises(OptionError, match="at takes a threshold or a prevalence, one of them"):
            t.at(**both)
    with pytest.raises(OptionError, match="at takes threshold by place") as error:
        t.at(AT, 0.5)
    assert not error.value.fix  # no other option is made of it
    several = DF.assign(y=np.arange(len(DF)) % 3)[["y", "m"]].imb.fit_eval("y", strategies=["none"], cv=2)
    with pytest.raises(OptionError, match="has 3 classes here"):
        several.at(AT)
    with pytest.raises(OptionError, match="threshold=30 must lie within"):  # before any fit
        imb.best_threshold(DF[["y", "m"]], "y", threshold=30)
