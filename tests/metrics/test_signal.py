"""Whether scores rank beyond chance: against scipy's rank sum, scikit-learn's ROC-AUC, and simulated noise."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from imbalance_accessor.metrics.signal import ranking_signal

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("digits", [1, 7])
def test_one_fold_is_the_rank_sum_with_its_variance_doubled(digits):
    rng = np.random.default_rng(0)
    y = rng.random(90) < 0.3
    score = np.round(rng.normal(size=90) + 0.4 * y, digits)
    found = ranking_signal(y, score, np.zeros(90, int))
    assert found.auc == pytest.approx(roc_auc_score(y, score))
    plain = mannwhitneyu(
        score[y], score[~y], alternative="greater", method="asymptotic", use_continuity=False
    )
    assert found.z * np.sqrt(2) == pytest.approx(norm.isf(plain.pvalue))


def test_folds_are_not_compared():
    rng = np.random.default_rng(1)
    fold, y = np.arange(300) % 3, rng.random(300) < 0.2
    score = rng.normal(size=300) + 0.5 * y
    moved = ranking_signal(y, score + 100 * fold, fold)
    assert moved == ranking_signal(y, score, fold)
    weights = [y[fold == f].sum() * (~y[fold == f]).sum() for f in range(3)]
    aucs = [roc_auc_score(y[fold == f], score[fold == f]) for f in range(3)]
    assert moved.auc == pytest.approx(np.average(aucs, weights=weights))


def test_rows_that_stand_several_times_prove_no_more_where_they_are_one_group():
    rng = np.random.default_rng(2)
    y, score, fold = rng.random(60) < 0.4, rng.normal(size=60), np.arange(60) % 2
    score = score + 0.5 * y
    ten = [np.repeat(each, 10) for each in (y, score, fold)]
    together = ranking_signal(*ten, groups=np.repeat(np.arange(60), 10))
    assert together.z < 0.5 * ranking_signal(*ten).z
    assert together.z == pytest.approx(ranking_signal(y, score, fold, groups=np.arange(60)).z, rel=1e-6)


def test_what_cannot_be_ranked_is_not_above_chance():
    fold = np.array([0, 0, 1, 1])
    for y, score in (
        ([True, True, False, False], [4.0, 3, 2, 1]),
        ([True, False, True, False], np.ones(4)),
        ([False] * 4, [4.0, 3, 2, 1]),
    ):
        found = ranking_signal(np.array(y), np.array(score), fold)
        assert not found.is_above_chance


def test_noise_of_given_scores_seldom_ranks_backwards():
    rng, fold = np.random.default_rng(3), np.arange(120) % 2
    below = [
        ranking_signal(rng.random(120) < 0.3, rng.random(120), fold).is_below_chance for _ in range(1000)
    ]
    rate = norm.sf(1.645 * np.sqrt(2))  # the variance is doubled for scores that folds made
    assert abs(np.mean(below) - rate) < 3 * np.sqrt(rate / 1000)


def test_scores_that_are_equal_within_folds_rank_like_chance():
    found = ranking_signal(np.arange(8) % 2 == 0, np.repeat([0.2, 0.7], 4), np.repeat([0, 1], 4))
    assert found.auc == 0.5 and np.isnan(found.z) and not found.is_below_chance


@pytest.mark.slow
@pytest.mark.parametrize(("frames", "shift", "low", "high"), [(200, 0, 0, 0.1), (60, 1.2, 0.95, 1)])
def test_noise_is_rarely_above_chance_and_a_signal_mostly(frames, shift, low, high):
    """On noise 5 % of 200 frames, so fewer than 10 % but by more than three Monte-Carlo errors."""
    passed = []
    for seed in range(frames):
        rng = np.random.default_rng(seed)
        y = rng.permutation(np.arange(400) < 40)
        X = rng.normal(size=(400, 4)) + shift * y[:, None] * np.array([1, 0, 0, 0])
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        p = cross_val_predict(LogisticRegression(), X, y, cv=folds, method="predict_proba")[:, 1]
        fold = np.zeros(400, int)
        for place, (_, rows) in enumerate(folds.split(X, y)):
            fold[rows] = place
        passed.append(ranking_signal(y, p, fold).is_above_chance)
    assert low <= np.mean(passed) <= high
