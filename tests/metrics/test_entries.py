"""Entries that are put together: figures of the order and decisions stay, means move by hardly anything."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from imbalance_accessor.metrics.entries import fewer_entries


def entries(n, share, *, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    score = expit(rng.normal(-6, 2, n) + 2 * y).round(6)  # negatives tie with positives
    pairs, copies = np.unique(np.column_stack([y, score]), axis=0, return_counts=True)
    return pairs[:, 0] == 1, pairs[:, 1], copies


@pytest.mark.parametrize("share", [0.002, 0.05])
def test_figures_stay(share):
    y, score, copies = entries(60_000, share)
    edge = float(score[len(score) // 2])
    few_y, few, n = fewer_entries(y, score, copies, logit(np.clip(score, 1e-9, 1 - 1e-9)), [edge])
    assert len(few) < 0.9 * len(score) and n.sum() == copies.sum()
    for metric in (average_precision_score, roc_auc_score):
        assert metric(few_y, few, sample_weight=n) == pytest.approx(
            metric(y, score, sample_weight=copies), abs=1e-12
        )
    for loss in (brier_score_loss, log_loss):
        whole = loss(y, np.clip(score, 1e-9, 1), sample_weight=copies)
        assert loss(few_y, np.clip(few, 1e-9, 1), sample_weight=n) == pytest.approx(whole, rel=2e-6)
    for side in (True, False):
        flagged = n[(few_y == side) & (few >= edge)].sum()
        assert flagged == copies[(y == side) & (score >= edge)].sum()


def test_of_many_levels_of_positives_those_stay_that_tell_the_order():
    rng = np.random.default_rng(1)
    y = rng.random(200_000) < 0.5
    score = 0.005 * (rng.normal(size=len(y)) + 0.8 * y)  # nearly the same log odds
    score[rng.random(len(y)) < 0.3] = 0.001  # a leaf of a tree
    y, score = y[order := np.argsort(score)], score[order]
    found, few, n = fewer_entries(y, score, np.ones(len(y), np.int64), score)
    assert len(few) < 70_000
    assert n.sum() == len(y)
    for metric in (average_precision_score, roc_auc_score):
        assert metric(found, few, sample_weight=n) == pytest.approx(metric(y, score), abs=2e-5)
