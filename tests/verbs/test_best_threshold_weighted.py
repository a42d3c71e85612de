"""Thresholds at a prevalence, and of weighted rows: figures against plain numpy, repeated rows and the unweighted answer."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from imbalance_accessor.errors import ModelError, OptionError

mpl.use("Agg")
pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

SHARE, AT = 0.25, 0.02
COST = {"fp": 1, "fn": 20}


def case_control(n=800, seed=0):
    """A quarter positives, with true probabilities of a population with 2 % of them, and whole weights."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 4 == 0
    x = rng.normal(size=n) + 1.5 * y
    p = 1 / (1 + np.exp(-(1.5 * x - 1.5**2 / 2 + np.log(AT / (1 - AT)))))
    return pd.DataFrame({"y": np.where(y, "yes", "no"), "p": p, "w": rng.integers(0, 4, n)})


DF = case_control()
PLAIN, TEST = DF.drop(columns="w"), case_control(seed=1)


def flagged_by(t, frame):
    return frame["p"].to_numpy() >= t.value, (frame["y"] == "yes").to_numpy()


def same(a, b):
    assert a.value == b.value
    pd.testing.assert_frame_equal(a.report, b.report, check_exact=True)
    pd.testing.assert_frame_equal(a.frame, b.frame, check_exact=True)
    assert (a.threshold_ci.low, a.threshold_ci.high) == (b.threshold_ci.low, b.threshold_ci.high)


@pytest.mark.quick(1)
@pytest.mark.parametrize("options", [{}, {"min_precision": 0.6, "confidence": 0.9}])
def test_the_frames_share_and_weights_of_one_change_nothing(options):
    rows = {"scores": "p", "cv": 2, **options}
    plain = PLAIN.imb.best_threshold("y", **rows)
    same(plain, PLAIN.imb.best_threshold("y", prevalence=SHARE, **rows))
    same(plain, PLAIN.assign(w=1.0).imb.best_threshold("y", sample_weight="w", **rows))


@pytest.mark.quick(1)
@pytest.mark.parametrize("options", [{"cost": COST}, {"min_precision": 0.5}])
def test_whole_weights_are_repeated_rows(options):
    rows = {"scores": "p", "cv": 2, "ignore": ["IMB204"], **options}
    often, often_test = (
        frame.loc[np.repeat(frame.index, frame["w"])].drop(columns="w").reset_index(drop=True)
        for frame in (DF, TEST)
    )
    weighted = DF.imb.best_threshold("y", test=TEST, sample_weight="w", **rows)
    repeated = often.imb.best_threshold("y", test=often_test, **rows)
    assert weighted.value == repeated.value
    found = weighted.report.filter(regex="^(tp|fp|fn|tn|precision|recall|f1|mcc|flag_rate|cost|accuracy)$")
    expected = repeated.report[found.columns]
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, check_exact=False)


def test_figures_cost_and_closed_form_are_those_of_the_prevalence():
    t = PLAIN.imb.best_threshold("y", scores="p", cost=COST, prevalence=AT, test=TEST.drop(columns="w"))
    flagged, y = flagged_by(t, TEST)
    w = np.where(y, AT / SHARE, (1 - AT) / (1 - SHARE))
    row = t.report.loc["chosen"]
    paid = np.where(flagged, ~y, 20 * y)
    assert row["precision"] == pytest.approx(w[flagged & y].sum() / w[flagged].sum())
    assert row["cost_per_row"] == pytest.approx(np.average(paid, weights=w))
    assert row["flag_rate"] == pytest.approx(np.average(flagged, weights=w))
    assert row["precision_low"] < row["precision"] < row["precision_high"]
    assert t.theory == pytest.approx(1 / 21)
    p, rare = DF["p"].to_numpy(), (DF["y"] == "yes").to_numpy()
    best = min(w @ np.where(p >= each, ~rare, 20 * rare) for each in p)
    assert t.frame["cost"].min() == pytest.approx(best)


def test_a_capacity_is_a_share_of_the_weights():
    t = PLAIN.imb.best_threshold("y", scores="p", top_k=20, prevalence=AT, test=TEST.drop(columns="w"))
    w = np.where(DF["y"] == "yes", AT / SHARE, (1 - AT) / (1 - SHARE))
    order = np.argsort(-DF["p"].to_numpy())
    allowed = np.flatnonzero(np.cumsum(w[order]) <= 20)
    assert t.apply(DF).sum() == len(allowed)
    assert not any(each.code == "IMB405" for each in t.findings)
    few = [each for each in t.findings if each.code == "IMB417"]
    assert len(few) == int((t.apply(TEST) & (TEST["y"] == "no")).sum() < 10)
    alone = PLAIN.assign(p=np.where(DF["y"] == "no", 3.0, 1.5))
    nobody = alone.imb.best_threshold("y", scores="p", top_k=1, prevalence=AT, cv=2)
    (said,) = (each for each in nobody.findings if each.code == "IMB405")
    assert "flags nobody" in said.message


def test_the_threshold_at_another_prevalence():
    t = PLAIN.imb.best_threshold("y", scores="p", cost=COST, prevalence=AT, cv=2)
    again, row = t.at(prevalence=AT), t.report.loc["chosen"]
    for name in ("precision", "recall", "f1", "flag_rate"):
        for end in ("", "_low", "_high"):
            assert again[name + end] == pytest.approx(row[name + end], rel=1e-13)
    assert again["cost_per_1000_low"] == pytest.approx(1000 * row["cost_per_row_low"], rel=1e-13)
    there = t.at(prevalence=0.4)
    odds = row["precision"] / (1 - row["precision"]) * (0.4 / 0.6) / (AT / (1 - AT))
    assert there["precision"] == pytest.approx(odds / (1 + odds))
    assert there["recall"] == pytest.approx(row["recall"])
    assert there.name == 0.4
    for wrong in (0, 1.2, "2%", True):
        with pytest.raises(OptionError, match="must be a share between 0 and 1"):
            t.at(prevalence=wrong)
    none = PLAIN.imb.best_threshold("y", scores="p", min_precision=0.99, min_recall=0.9, cv=2)
    with pytest.raises(ModelError):
        none.at(prevalence=0.1)


def drawn_at(line, prevalence):
    x, y = line.get_data()
    return y[list(x).index(prevalence)]


def test_the_picture_holds_the_figures_that_are_reported():
    test = TEST.drop(columns="w")
    t = PLAIN.imb.best_threshold("y", scores="p", cost=COST, prevalence=AT, test=test)
    shares, costs = t.plot("prevalence")
    by_name = {line.get_label(): line for ax in (shares, costs) for line in ax.lines}
    row, (flagged, y) = t.report.loc["chosen"], flagged_by(t, TEST)
    precision = by_name[f"precision at {t.threshold_text}"]
    assert drawn_at(precision, AT) == pytest.approx(row["precision"])
    assert drawn_at(precision, SHARE) == pytest.approx(y[flagged].mean())
    ranking = average_precision_score(y, TEST["p"])
    assert drawn_at(by_name["average precision"], SHARE) == pytest.approx(ranking)
    cost = by_name["cost per 1,000 rows"]
    assert drawn_at(cost, AT) == pytest.approx(1000 * row["cost_per_row"])
    assert {text.get_text() for text in shares.texts} == {"this frame: 25.0 %", "wanted: 2.0 %"}
    ax = PLAIN.imb.best_threshold("y", scores="p", cv=2).plot("prevalence")
    assert [text.get_text() for text in ax.texts] == ["this frame: 25.0 %"]


@pytest.mark.quick(1)
@pytest.mark.parametrize("test_size", [0.3, 0])
def test_the_picture_of_strategies_holds_theirs(test_size):
    frame = pd.DataFrame({"x": np.log(DF["p"]), "y": DF["y"]})
    e = frame.imb.fit_eval(
        "y", strategies=["none", "class_weight"], cv=2, test_size=test_size, prevalence=AT, progress=False
    )
    axes = e.plot("prevalence")
    for ax, column in zip(axes, ("average_precision", "precision_tuned"), strict=True):
        for line in ax.lines:
            if line.get_label() in e.evaluated:
                expected = e.frame.loc[line.get_label(), column]
                assert drawn_at(line, AT) == pytest.approx(expected, rel=1e-9)


def test_the_cheapest_class_counts_rows_by_their_classes_and_weights():
    rng = np.random.default_rng(0)
    codes = np.arange(600) % 3
    frame = pd.DataFrame(rng.normal(size=(600, 2)) + codes[:, None], columns=["a", "b"])
    frame = frame.assign(y=np.array(["x", "y", "z"])[codes], w=rng.integers(1, 4, 600))
    amounts = pd.DataFrame(
        [[0, 2, 9], [4, 0, 3], [40, 25, 0.0]], index=["x", "y", "z"], columns=["x", "y", "z"]
    )
    wanted = {"x": 0.9, "y": 0.08, "z": 0.02}
    own = frame.imb.best_threshold(
        "y", cost=amounts, cv=2, prevalence=wanted, sample_weight="w", progress=False
    )
    shares = frame.groupby("y")["w"].sum() / frame["w"].sum()
    test = own.scored.parts.test
    w = test.X["w"].to_numpy() * [wanted[each] / shares[each] for each in test.y]
    said = own.model().predict(test.X)
    paid = np.array([amounts.loc[true, answer] for true, answer in zip(test.y, said, strict=True)])
    row = own.frame.loc["cheapest"]
    assert row["cost_per_row"] == pytest.approx(np.average(paid, weights=w))
    assert row["cost"] == pytest.approx(paid @ w)
    assert row["accuracy"] == pytest.approx(np.average(said == test.y, weights=w))
    assert row["cost_per_row_low"] < row["cost_per_row"] < row["cost_per_row_high"]


def test_positives_are_few_where_their_weights_tell_of_few():
    rows = {"scores": "p", "cv": 2, "min_recall": 0.5}
    many = DF.assign(w=1.0).imb.best_threshold("y", test=TEST.assign(w=1.0), sample_weight="w", **rows)
    assert "IMB401" not in many.findings.codes  # 200 positives that count once each
    uneven = TEST.assign(w=np.where(np.arange(800) % 80 == 0, 30.0, 1.0))
    w = uneven.loc[uneven["y"] == "yes", "w"]
    kish = w.sum() ** 2 / (w**2).sum()
    few = DF.assign(w=1.0).imb.best_threshold("y", test=uneven, sample_weight="w", **rows)
    (found,) = [each for each in few.findings if each.code == "IMB401"]
    assert (
        kish < 100
        and f"200 positives, which carry as much information as {kish:.0f} of one weight" in found.message
    )
