"""What is said where rows do not count once each: every number is true at the prevalence, or says that it is of the sample."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from explained import plain, sentences, strays
from explained_cases import QUICK, features, of_evaluation, of_threshold, three
from scipy.special import expit, logit
from sklearn.metrics import precision_score, roc_auc_score
from spoken import awkward

import imbalance_accessor as imb
from imbalance_accessor.rendering.cells import decimal
from imbalance_accessor.rendering.sentences import digits

#: The share of 'yes' in the sample, and where the model is used.
SHARE, WANTED = 0.2, 0.05
COST = {"fp": 1.0, "fn": 20.0}
WEIGHTS = np.random.default_rng(3).integers(1, 9, 400) / 4


@cache
def evaluation(**options: Any) -> Any:
    return imb.fit_eval(features(), "y", prevalence=WANTED, strategies=["class_weight"], **options, **QUICK)


@cache
def threshold() -> Any:
    return evaluation().best_threshold("none", cost=COST)


@cache
def weighted() -> Any:
    frame = features().assign(w=WEIGHTS)
    return imb.fit_eval(frame, "y", sample_weight="w", strategies=[], **QUICK)


def test_rows() -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores of the test rows."""
    rows = evaluation().scores.query("strategy == 'none' and part == 'test'")
    return (rows["y"] == "yes").to_numpy(), rows["probability"].to_numpy()


test_rows.__test__ = False  # type: ignore[attr-defined]


def at_both(cut: float) -> tuple[float, float]:
    """Precision of the test rows as they came, and by Bayes' rule at the prevalence."""
    y, score = test_rows()
    recall, alarms = (score >= cut)[y].mean(), (score >= cut)[~y].mean()
    bayes = WANTED * recall / (WANTED * recall + (1 - WANTED) * alarms)
    return precision_score(y, score >= cut), bayes


def per_1000(cut: float) -> dict[str, float]:
    y, score = test_rows()
    tp, fp = 1000 * WANTED * (score >= cut)[y].mean(), 1000 * (1 - WANTED) * (score >= cut)[~y].mean()
    fn = 1000 * WANTED - tp
    return {"flagged": tp + fp, "tp": tp, "fp": fp, "fn": fn, "cost": COST["fp"] * fp + COST["fn"] * fn}


def said(result: Any) -> list[str]:
    return [str(result.explain(audience=each)) for each in ("colleague", "interview")]


def test_an_evaluation_says_both_shares_and_that_precision_follows_them():
    e, pool = evaluation(), [WANTED, 1 - WANTED]
    pool += [*at_both(e.frame.loc[e.best, "threshold"]), *of_evaluation(e, features()["y"], "yes")]
    colleague, interview = said(e)
    assert not strays(colleague + interview, pool)
    before, after = at_both(e.frame.loc["none", "threshold"])
    assert "In this sample 20.0 % are y='yes'; where you will use it, 5.0 %." in colleague
    moved = f"ROC-AUC is the same; precision at the tuned threshold falls from {before:.3f} to {after:.3f}."
    assert moved in colleague
    shares = "In this sample 20.0 % are y='yes', but 5.0 % where I would use the model"
    assert interview.startswith(f"{shares}, so I weight the rows to match. ")
    assert after == pytest.approx(e.frame.loc["none", "precision_tuned"]) and e.best == "none"
    y, score = test_rows()
    weights = np.where(y, WANTED / y.mean(), (1 - WANTED) / (1 - y.mean()))
    assert roc_auc_score(y, score) == pytest.approx(roc_auc_score(y, score, sample_weight=weights))
    assert "(20.0 %, counted as 5.0 %)" in " ".join(str(e).split())


def test_a_threshold_counts_of_1000_rows_as_they_are_where_it_is_used():
    t = threshold()
    rows, default = per_1000(t.value), per_1000(0.5)
    pool = [*rows.values(), *default.values(), rows["tp"] + rows["fn"], 1000, *COST.values(), WANTED, SHARE]
    pool.append(per_1000(1 / 21)["cost"])  # at Elkan's threshold
    pool += [*at_both(t.value), *of_threshold(t, "cost_per_row", theory=1 / 21), 1000 * t.found.claim[1] / 80]
    pool += [  # near the closed form rows count at the prevalence
        each
        for level in (t.found.calibration_check.near, t.found.calibration_check.overall)
        for each in (level.mean, level.share, level.low, level.high, int(level.rows))
    ]
    colleague, interview = said(t)
    assert not strays(colleague + interview, pool)
    shown = " ".join(str(t).split())
    assert f"{rows['flagged']:.3g} of 1,000 rows flagged, {rows['tp']:.3g} of them positive" in shown
    assert f"cost {rows['cost']:.3g} per 1,000 rows ({default['cost']:.3g} at 0.5)" in shown
    assert "prevalence 5.0 % where the model is used; 20.0 % in this sample" in shown
    before, after = at_both(t.value)
    assert f"precision at the threshold falls from {before:.3f} to {after:.3f}" in colleague
    assert after == pytest.approx(t.at(prevalence=WANTED)["precision"])
    assert before == pytest.approx(t.at(prevalence=SHARE)["precision"])
    assert "in all" not in colleague + shown
    # the threshold is named, and what it costs is in the headline's unit
    assert (
        f"My threshold of {t.threshold_text} has a cost of {rows['cost'] / 1000:.3f} a row on test."
        in interview
    )


def test_counts_say_of_which_rows_they_speak():
    colleague, interview = said(imb.counts(features(), "y", prevalence=WANTED))
    assert "where you will use it, 5.0 %" in colleague
    assert "'no' is right in 95.0 % of the rows there and never finds" in colleague
    assert "In my sample 20.0 % are 'yes', but where I would use the model, 5.0 %." in interview


def test_reliability_says_both_shares():
    r = evaluation().reliability(["none"])
    assert all("this sample" in each for each in said(r))
    assert "[" not in re.search(r"  observed.*", str(r))[0]  # a prevalence that is given has no interval


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_account_of_a_row_ends_at_its_score(part):
    e = evaluation()
    row = e.scores.query("strategy == 'class_weight' and part == @part").iloc[0]
    found = e.trace("class_weight", row=row.name)
    assert expit(found.terms["sum"].iloc[-1]) == pytest.approx(row["probability"])
    assert found.terms.index[-1] == "brought to the prevalence"
    # class weights made the odds 1 : 1 out of 1 : 4, and the sample 1 : 4 out of 1 : 19
    shift = 4 * (SHARE / (1 - SHARE)) / (WANTED / (1 - WANTED))
    assert found.terms["adds"].iloc[-1] == pytest.approx(-np.log(shift))
    fitted = expit(logit(row["probability"]) + np.log(shift))
    moved = f"its odds are divided by {shift:.3g}: {fitted:.3g} becomes {row['probability']:.3g}"
    assert moved in str(found.explain()) and moved in " ".join(str(found).split())
    assert "comes out otherwise" not in str(found)


def test_the_account_of_trees_ends_there_too():
    e = imb.fit_eval(features(), "y", prevalence=WANTED, strategies=[], **QUICK | {"model": "knn"})
    row = e.scores.query("part == 'test'").iloc[0]
    found = e.trace("none", row=row.name)
    assert found.terms["sum"].iloc[-1] == pytest.approx(row["probability"])
    assert "nearest neighbours" in str(found.explain())


def test_of_rare_classes_a_million_rows_are_told():
    """Of 1,000 rows at 0.02 % a fifth of one would be positive, and a precision under 0.01 keeps its digits."""
    share, cost = 0.0002, {"fp": 1, "fn": 4000}
    t = imb.best_threshold(features(), "y", cost=cost, prevalence=share, **QUICK)
    chosen = t.report.loc["chosen"]
    tp, fp = 1e6 * share * chosen["recall"], 1e6 * (1 - share) * (1 - chosen["specificity"])
    shown = " ".join(str(t).split())
    assert f"{digits(tp + fp)} of 1,000,000 rows flagged, {digits(tp)} of them positive" in shown
    paid = cost["fp"] * fp + cost["fn"] * (1e6 * share - tp)
    assert f"cost {digits(paid)} per 1,000,000 rows" in shown
    assert "1,000 rows" not in shown + str(t.explain())
    t = imb.best_threshold(features(), "y", min_recall=0.5, prevalence=share, **QUICK)
    precision = t.report.loc["chosen", "precision"]
    assert 0 < precision < 0.01
    assert f"precision {decimal(precision)} [" in str(t).partition("\n\n")[0]


def test_weighted_rows_are_said_to_be_so():
    e = weighted()
    kish = WEIGHTS.sum() ** 2 / (WEIGHTS**2).sum()
    assert f"row weights w; 400 rows carry as much information as {kish:.0f} of one weight" in " ".join(
        str(e).split()
    )
    assert "Rows count by their weights in w" in said(e)[0]
    assert "of 1,000 rows flagged" in " ".join(str(e.best_threshold("none")).split())
    assert "divided the odds by 1" not in said(e.reliability())[0]


def test_several_classes_say_all_shares():
    shares = {"a": 0.9, "b": 0.02, "c": 0.08}
    e = imb.fit_eval(three(), "y", prevalence=shares, strategies=[], **QUICK)
    assert "a: 90.0 %, b: 2.0 %, c: 8.0 % where the model is used" in " ".join(str(e).split())
    for each in said(e):
        assert (
            "In this sample 10.0 % are y='c'" in each
            and "8.0 %" in each
            and "ROC-AUC is the same" not in each
        )


def test_pictures_count_as_the_figures_do():
    e, t = evaluation(), threshold()
    axes = e.plot("confusion")
    cells = per_1000(e.frame.loc["none", "threshold"])
    written = [float(each.get_text().split("\n")[0]) for each in axes[0].texts]
    assert written[1:] == pytest.approx([cells[each] for each in ("fp", "fn", "tp")], rel=3e-3)
    assert axes[0].figure.texts[0].get_text().startswith("Per 1,000 test rows")
    ax = t.plot("pr")
    curve = ax.lines[0].get_xydata()
    recall = (test_rows()[1] >= t.value)[test_rows()[0]].mean()
    assert np.isclose(curve, [recall, at_both(t.value)[1]]).all(axis=1).any()


def test_sentences_are_as_many_as_promised():
    row = evaluation().scores.index[0]
    for each in (evaluation(), threshold(), evaluation().trace("none", row=row), weighted()):
        colleague, interview = (each._explain(audience) for audience in ("colleague", "interview"))
        assert 3 <= len(colleague) <= 6 and 2 <= len(interview) <= 3
        assert awkward(colleague, "colleague") == awkward(interview, "interview") == []
        for sentence in (*colleague, *interview):
            assert len(sentences(sentence)) == 1 and sentence.endswith("."), sentence
            assert "nan" not in plain(sentence)


def test_nothing_is_said_of_the_frames_own_share():
    plain_, same = (
        imb.fit_eval(features(), "y", strategies=[], **option, **QUICK)
        for option in ({}, {"prevalence": SHARE})
    )
    assert str(plain_) == str(same).replace("prevalence=0.2, ", "")
    assert said(plain_) == said(same)
    assert "prevalence:" not in plain_._repr_html_().split("imb-figures")[0]
