"""What a reader must know of a threshold is said, and nothing is said where nothing is wrong."""

import re

import numpy as np
import pandas as pd
import pytest

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
    assert "more apart than chance" in message


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
