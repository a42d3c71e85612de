"""What a reader must know of a threshold is said, and nothing is said where nothing is wrong."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most

N = 2000


@pytest.fixture(autouse=True)
def _few_draws():
    with draws_at_most(50):
        yield


def scored(seed=0, rare=0.2, skill=1.5):
    """Labels and true probabilities of a fair model."""
    rng = np.random.default_rng(seed)
    x = skill * rng.normal(size=N) + np.log(rare / (1 - rare))
    p = 1 / (1 + np.exp(-x))
    return pd.DataFrame({"y": (rng.random(N) < p).astype(int), "p": p, "who": np.arange(N) // 20})


def said(frame, **options):
    t = frame.imb.best_threshold("y", scores="p", **options)
    return {finding.code: finding.message for finding in t.findings}


def test_a_fair_model_has_no_findings():
    assert said(scored()) == {}
    assert said(scored(), cost={"fp": 1, "fn": 5}, test_size=0) == {}


def test_scores_that_rank_like_chance_are_called_so():
    frame = scored()
    frame["p"] = np.random.default_rng(1).random(N)
    for options in ({}, {"cost": {"fp": 1, "fn": 50}}, {"criterion": "accuracy"}, {"min_recall": 0.5}):
        t = frame.imb.best_threshold("y", scores="p", test_size=0, **options)
        message = next(finding.message for finding in t.findings if finding.code == "IMB403")
        assert re.match(r"The scores rank the rows not clearly better than chance: ROC-AUC 0\.[45]", message)
        assert t._card().title.startswith("No threshold helps") and t._card().best is None
        assert ".apply(df)" not in t._card().next


def test_a_threshold_that_is_no_better_than_everyone_is_called_so():
    frame = scored(skill=0.3)
    cheap = {"fp": 1, "fn": 50}
    t = frame.imb.best_threshold("y", scores="p", test_size=0, cost=cheap)
    negatives = (frame["y"] == 0).sum()
    assert t.report.loc["chosen", "cost"] >= negatives  # this sample must show it
    message = next(finding.message for finding in t.findings if finding.code == "IMB403")
    assert message.startswith(
        f"Flagging everyone comes to cost {negatives:,.0f} on the same rows, this threshold to "
    )
    assert t._card().title.startswith(f"Flag everyone: cost {negatives / N:.3f} a row cross-fitted, against ")
    rare = scored(2, rare=0.1, skill=0.8)
    nobody = rare.imb.best_threshold("y", scores="p", test_size=0, criterion="accuracy")
    assert nobody.report.loc["chosen", "accuracy_cv"] <= 1 - rare["y"].mean()
    assert nobody._card().title.startswith("No threshold helps: flagging nobody comes to accuracy ")


@pytest.mark.parametrize("skill", [0.7, 1.5])
def test_weak_and_strong_scores_get_an_order_to_flag(skill):
    t = scored(skill=skill).imb.best_threshold("y", scores="p", test_size=0)
    assert t._card().title.startswith(f"Flag at {t.threshold_text} and above: F1 ")
    assert float(t.threshold_text) == t.value


def test_a_limit_that_leaves_no_other_answer_is_no_verdict_on_the_scores():
    assert "IMB403" not in said(scored(), min_recall=1.0, test_size=0)
    assert "IMB403" not in said(scored(), top_k=N, test_size=0)


def test_less_than_one_row_flags_nobody_and_says_so():
    t = scored().imb.best_threshold("y", scores="p", top_k=1)
    assert t.value == np.inf
    message = next(finding.message for finding in t.findings if finding.code == "IMB405")
    assert message == "top_k=1 is less than one of the 1,600 rows that choose, so that nobody is flagged."
    assert "IMB405" not in said(scored(), top_k=1, test_size=0)


def test_scores_that_tie_at_the_last_row_are_said():
    frame = scored().assign(p=lambda df: df["p"].round(2))
    top = frame["p"].sort_values(ascending=False).to_numpy()
    k = next(k for k in range(50, 200) if top[k - 1] == top[k])
    flagged = int((frame["p"] > top[k - 1]).sum())
    message = said(frame, top_k=k, test_size=0)["IMB405"]
    assert (
        message
        == f"top_k={k} is {k} of the 2,000 rows that choose; scores tie there, so that {flagged} are flagged."
    )


@pytest.mark.slow
def test_a_limit_that_does_not_hold_on_the_rows_reported_is_named():
    for seed in range(20):
        t = scored(seed).imb.best_threshold("y", scores="p", min_precision=0.7, test_size=0)
        reached = t.report.loc["chosen", "precision"]
        codes = [finding.code for finding in t.findings]
        assert ("IMB404" in codes) == (reached < 0.7)
    frame = scored(1)
    t = frame.imb.best_threshold("y", scores="p", min_recall=0.8)
    assert ("IMB404" in t.findings.codes) == (t.report.loc["chosen", "recall"] < 0.8)


def test_scores_of_another_scale_on_the_test_set_are_noticed():
    frame, later = scored(0), scored(1)
    assert "IMB407" not in said(frame, test=later)
    message = said(frame, test=later.assign(p=later["p"] / 3))["IMB407"]
    assert "which is more than chance" in message


@pytest.mark.slow
def test_confidence_among_groups_is_qualified():
    limits = {"min_precision": 0.5, "confidence": 0.9}
    assert "IMB408" in said(scored(), groups="who", **limits)
    assert "IMB408" not in said(scored(), **limits)
    assert "IMB408" not in said(scored(), groups="who", min_precision=0.5)


def test_few_positives_give_a_range_and_an_infeasible_limit_gives_none():
    frame = scored().sample(250, random_state=0)
    assert "positives: 95 % of resamples of these scores put it between" in said(frame, test_size=0)["IMB402"]
    impossible = said(frame, test_size=0, min_precision=1.0, min_recall=0.99)
    assert "IMB402" not in impossible


def test_scores_that_are_no_probabilities_give_their_range_over_all_rows():
    frame = scored().assign(p=lambda df: 300 + 550 * df["p"])
    low, high = frame["p"].min(), frame["p"].max()
    assert f"from {low:.3g} to {high:.3g}" in said(frame)["IMB313"]


def test_findings_can_be_muted():
    t = imb.best_threshold(scored(), "y", scores="p", top_k=1, ignore=("IMB405",))
    assert "IMB405" not in t.findings.codes


# ---------------------------------------------------------------- what is odd of the scores themselves


def finding(result, code):
    return next((each for each in result.findings if each.code == code), None)


@pytest.mark.parametrize("values", [(0, 1), (-1, 1), (False, True)])
def test_decisions_are_called_so_before_anything_else(values):
    frame = scored()
    frame["p"] = np.where(frame["p"] > 0.5, values[1], values[0])
    t = frame.imb.best_threshold("y", scores="p")
    assert t.findings[0].code == "IMB412" and t.findings[0].severity == "error"
    assert t._card().title.startswith("Decisions leave no threshold to choose. Flag at 1 and above: F1 ")
    assert dict(t._card().figures)["how sure"] == "two scores have one threshold"
    assert "IMB313" not in t.findings.codes


@pytest.mark.parametrize("values", [[0.2, 0.7], [0, 1, 2], [0.0, 0.5, 1.0]])
def test_few_values_are_scores_like_others(values):
    frame = scored()
    edges = np.linspace(0, 1, len(values) + 1)[1:-1]
    frame["p"] = np.array(values)[np.digitize(frame["p"], edges)]
    t = frame.imb.best_threshold("y", scores="p")
    assert not {"IMB413", "IMB414"} & set(t.findings.codes)
    assert [each.severity for each in t.findings if each.code == "IMB412"] == ["note"] * (len(values) == 2)
    assert t._card().title.startswith("Flag at ")


def test_scores_that_rank_backwards_say_how_much_within_folds():
    frame = scored().assign(p=lambda df: 1 - df["p"])
    t = frame.imb.best_threshold("y", scores="p", test_size=0)
    scores = t.strategy_scores.labelled_scores
    by_fold = [np.flatnonzero(scores.fold == fold) for fold in np.unique(scores.fold)]
    y, p = scores.y_oof, scores.score_oof
    aucs = [roc_auc_score(y[rows], p[rows]) for rows in by_fold]
    pairs = [y[rows].sum() * (~y[rows]).sum() for rows in by_fold]
    assert f"(ROC-AUC {np.average(aucs, weights=pairs):.3f} within folds)" in finding(t, "IMB413").message
    assert t._card().title.startswith("No threshold helps: the scores rank backwards")
    assert "IMB403" not in t.findings.codes
    assert "turn the scores round before" in str(t.explain())
    assert frame.imb.reliability("y", scores="p", calibrators=()).findings[0].code == "IMB413"


def test_a_model_fitted_here_is_not_told_to_turn_round():
    rng, when = np.random.default_rng(0), np.arange(200)
    y = rng.random(200) < 0.4
    turned = np.where(when < 68, 3, -1)  # what the first rows teach is wrong of the later ones
    frame = pd.DataFrame({"x": turned * (2 * y - 1) + rng.normal(size=200), "when": when, "y": y})
    t = frame.imb.best_threshold("y", time="when", model="naive_bayes", cv=2, test_size=0)
    assert t.found.ranking_signal.is_below_chance  # this sample must show it
    assert "IMB413" not in t.findings.codes and "IMB403" in t.findings.codes


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (lambda df: df["p"].where(df["who"] < 80, 0.25), "for all 400 test rows (0.25)"),
        (lambda df: df["p"].where(df["who"] >= 16, 0.25), "for all rows of 1 of 5 folds"),
        (lambda df: df["p"].where(df["y"] == 0, 0.999), "positives (0.999), as if made from the labels"),
    ],
)
def test_scores_that_do_not_vary_in_a_part_are_said_in_one_sentence(values, said):
    frame = scored().assign(p=values)
    rows = {"test": frame[frame["who"] >= 80]}
    train = frame[frame["who"] < 80]
    t = train.imb.best_threshold("y", scores="p", time="who", cv=4, **rows)
    assert said in finding(t, "IMB414").message


def test_a_limit_that_is_offered_is_the_strictest_that_is_kept_without_each_fold_too():
    frame = scored().assign(p=lambda df: df["p"].clip(upper=0.6))
    offered = finding(frame.imb.best_threshold("y", scores="p", min_precision=0.9), "IMB415").fix.options

    def kept(bound):
        t = frame.imb.best_threshold("y", scores="p", min_precision=bound)
        return t.feasible and not np.isnan(list(t.fold_thresholds.values())).any()

    assert kept(offered["min_precision"]) and not kept(offered["min_precision"] + 0.001)
