"""Closed forms on samples whose scores are exactly true, and the trust in them counted by hand."""

import math
from fractions import Fraction

import numpy as np
import pytest
from best_thresholds import best_threshold_of
from scipy.stats import binomtest

from imbalance_accessor.metrics.closed_forms import calibration_check, closed_form
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.thresholds import ThresholdGrid
from imbalance_accessor.metrics.weights import Weights

pytestmark = pytest.mark.filterwarnings("error")

STEPS = 40


def true_probabilities(seed):
    """Make a sample in which exactly the share p of the rows of score p is positive, for p = 0, 1/40, ... 1.

    Scores are the floats next to the fractions; each holds a multiple of 40 rows, more of them at low scores.
    """
    rng = np.random.default_rng(seed)
    blocks = rng.integers(1, 8, STEPS + 1) * rng.choice([1, 1, 30], STEPS + 1)
    blocks[rng.random(STEPS + 1) < 0.2] = 0
    blocks[: STEPS // 4] *= 6
    blocks[[2, 30]] += 1
    score = np.repeat(np.arange(STEPS + 1) / STEPS, blocks * STEPS)
    y = np.concatenate([np.arange(rows * STEPS) < rows * step for step, rows in enumerate(blocks.tolist())])
    return y, score


def strictest_above(score, threshold):
    """Where two thresholds are equally good the one that flags fewest is taken: the lowest score above the closed form."""
    levels = [Fraction(level) / STEPS for level in sorted(set(np.round(score * STEPS).astype(int).tolist()))]
    above = [level for level in levels if level > threshold]
    return float(min(above)) if above else np.inf


def totals(y, score):
    """Count hits and alarms at every threshold by a loop, in whole numbers."""
    thresholds = [np.inf, *sorted(set(score.tolist()), reverse=True)]
    return {
        threshold: (int((y & (score >= threshold)).sum()), int((~y & (score >= threshold)).sum()))
        for threshold in thresholds
    }


SEEDS = pytest.mark.parametrize("seed", range(6))


@pytest.mark.quick(8)
@SEEDS
@pytest.mark.parametrize(
    ("fp", "fn", "tp", "tn"), [(1, 5, 0, 0), (1, 3, 0, 0), (500, 50_000, 0, 0), (3, 4, -2, 1), (7, 2, 0, -3)]
)
def test_elkans_threshold_costs_least_where_probabilities_are_true(seed, fp, fn, tp, tn):
    y, score = true_probabilities(seed)
    costs = Costs(fp=fp, fn=fn, tp=tp, tn=tn)
    theory = closed_form(Objective("cost"), np.nan, y.mean(), costs)
    exact = Fraction(fp - tn, fp - tn + fn - tp)
    assert theory == pytest.approx(float(exact))
    positives, negatives = int(y.sum()), int((~y).sum())
    every = {
        threshold: fp * alarms + tn * (negatives - alarms) + tp * hits + fn * (positives - hits)
        for threshold, (hits, alarms) in totals(y, score).items()
    }
    assert every[strictest_above(score, exact)] == min(every.values())
    assert best_threshold_of(y, score, Objective("cost"), costs) == strictest_above(score, exact)


def test_elkans_threshold_of_each_row_is_its_cheapest_decision():
    rng = np.random.default_rng(0)
    p, amount = rng.random(500), rng.exponential(40, 500)
    costs = Costs(fp=15.0, fn=amount + 3, tp=-2.0, tn=amount / 90)
    theory = closed_form(Objective("cost"), np.nan, 0.1, costs)
    flags = p >= theory
    if_flagged = p * -2.0 + (1 - p) * 15.0
    if_passed = p * (amount + 3) + (1 - p) * amount / 90
    assert 0 < flags.mean() < 1
    assert flags.tolist() == (if_flagged <= if_passed).tolist()


@pytest.mark.quick(7)
@SEEDS
@pytest.mark.parametrize("beta", [1, Fraction(1, 2), 2, 3])
def test_a_share_of_the_best_f_is_its_threshold_where_probabilities_are_true(seed, beta):
    y, score = true_probabilities(seed)
    positives, b2 = int(y.sum()), Fraction(beta) ** 2
    every = {
        threshold: (1 + b2) * hits / ((1 + b2) * hits + b2 * (positives - hits) + alarms)
        for threshold, (hits, alarms) in totals(y, score).items()
    }
    best = max(every.values())
    objective = Objective("f1") if beta == 1 else Objective("fbeta", beta=float(beta))
    theory = closed_form(objective, float(best), y.mean(), None)
    assert theory == pytest.approx(float(best / (1 + b2)))
    assert every[strictest_above(score, best / (1 + b2))] == best
    assert best_threshold_of(y, score, objective) == strictest_above(score, best / (1 + b2))
    table = ThresholdGrid(y, score).table
    assert objective.value(table.confusion).max() == pytest.approx(float(best))


@SEEDS
@pytest.mark.parametrize("criterion", ["balanced_accuracy", "accuracy"])
def test_prevalence_and_one_half_are_best_where_probabilities_are_true(seed, criterion):
    y, score = true_probabilities(seed)
    positives, negatives = int(y.sum()), int((~y).sum())
    share = Fraction(positives, len(y))
    exact = share if criterion == "balanced_accuracy" else Fraction(1, 2)
    assert closed_form(Objective(criterion), np.nan, float(share), None) == pytest.approx(float(exact))
    every = {
        threshold: Fraction(hits, positives) - Fraction(alarms, negatives)
        if exact == share
        else hits - alarms
        for threshold, (hits, alarms) in totals(y, score).items()
    }
    assert every[strictest_above(score, exact)] == max(every.values())
    assert best_threshold_of(y, score, criterion) == strictest_above(score, exact)


def test_a_useless_score_is_best_flagged_as_a_whole_by_f1():
    # F1 of flagging everyone is 2π / (1 + π), half of which is below π
    y = np.arange(1000) % 10 == 0
    best = Fraction(2, 10) / Fraction(11, 10)
    assert closed_form(Objective("f1"), float(best), 0.1, None) == pytest.approx(1 / 11)
    assert best_threshold_of(y, np.full(1000, 0.1)) == 0.1


def test_there_is_no_closed_form_for_the_rest():
    costs, limit = Costs(fp=1, fn=5), (Constraint("precision", 0.5),)
    for criterion in ("mcc", "g_mean", "recall", "precision", "specificity", "flag_rate"):
        assert closed_form(Objective(criterion), 0.5, 0.1, costs) is None
    for criterion in ("f1", "fbeta", "accuracy", "balanced_accuracy", "cost"):
        assert closed_form(Objective(criterion), 0.5, 0.1, costs) is not None
        assert closed_form(Objective(criterion, constraints=limit), 0.5, 0.1, costs) is None
    assert closed_form(Objective("cost"), 0.5, 0.1, None) is None


@pytest.mark.parametrize("threshold", [0.3141592, 0.02, 0.98])
@pytest.mark.parametrize("n", [7, 150, 1500])
def test_trust_counts_the_rows_whose_odds_are_near_those_of_the_threshold(n, threshold):
    rng = np.random.default_rng(n)
    p = rng.permutation((np.arange(n) + 0.5) / n)
    y = rng.random(n) < p**2
    found = calibration_check(y, p, threshold)
    near = [row for row in range(n) if 0.5 <= (p[row] / (1 - p[row])) / (threshold / (1 - threshold)) <= 2]
    assert found.near.rows == len(near)
    assert found.near.can_tell == (len(near) >= 50)
    for rows, level in ((range(n), found.overall), *([(near, found.near)] if near else [])):
        positives = sum(bool(y[row]) for row in rows)
        interval = binomtest(positives, len(rows)).proportion_ci(method="wilson")
        assert level.mean == pytest.approx(sum(p[row] for row in rows) / len(rows))
        assert level.share == pytest.approx(positives / len(rows))
        assert (level.low, level.high) == pytest.approx((interval.low, interval.high))
        assert level.holds == (level.low <= level.mean <= level.high)
    # scores twice as high as they should be are seen but in seven rows
    assert found.overall.holds == (n == 7)


def test_where_no_score_is_near_the_threshold_nothing_is_told():
    p = np.repeat([0.01, 0.0, 1.0], [500, 100, 400])
    found = calibration_check(np.arange(1000) % 2 == 0, p, 0.5)
    assert found.near.rows == 0
    assert not found.near.can_tell
    assert np.isnan(found.near.mean)


def test_probabilities_of_0_and_1_are_near_thresholds_of_0_and_1_alone():
    p = np.repeat([0.0, 0.2, 1.0], [100, 100, 100])
    y = p > 0.5
    assert [calibration_check(y, p, threshold).near.rows for threshold in (0.0, 0.2, 1.0)] == [100, 100, 100]


def test_true_probabilities_are_trusted():
    y, score = true_probabilities(0)
    found = calibration_check(y, score, 0.2)
    assert found.overall.mean == pytest.approx(found.overall.share)
    assert found.near.mean == pytest.approx(found.near.share)
    assert found.overall.holds
    assert found.near.holds


def test_elkans_threshold_costs_least_at_the_prevalence_of_the_probabilities():
    for seed in range(3):
        y, score = true_probabilities(seed)
        factors = np.array([1.25, 0.01])
        odds = score / np.where(score < 1, 1 - score, 1) * factors[1] / factors[0]
        p = np.where(score < 1, odds / (1 + odds), 1.0)
        theory = closed_form(Objective("cost"), np.nan, 0.01, Costs(fp=1, fn=60))
        # back on the sample's scale, where the shares of positives are the scores exactly
        exact = Fraction(1, 61) * Fraction(125) / (Fraction(1, 61) * Fraction(125) + Fraction(60, 61))
        level = strictest_above(score, exact)
        table = ThresholdGrid(y, p, Costs(fp=1, fn=60), Weights(None, factors)).table
        place, _ = table.choose(Objective("cost"))
        assert np.array_equal(p >= table.thresholds[place], score >= level)
        assert np.array_equal(p >= theory, p > theory)
        assert np.array_equal(p >= theory, score >= level)


def test_probabilities_are_held_against_weighted_shares():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.6, 400)
    y, own = rng.random(400) < p, rng.choice([1.0, 4.0], 400)
    found = calibration_check(y, p, 0.3, Weights(own)).overall
    share, n = own[y].sum() / own.sum(), own.sum() ** 2 / (own**2).sum()
    middle, half = (
        share + 1.96**2 / (2 * n),
        1.96 * math.sqrt(share * (1 - share) / n + 1.96**2 / (4 * n * n)),
    )
    ends = [(middle + sign * half) / (1 + 1.96**2 / n) for sign in (-1, 1)]
    assert (found.mean, found.share) == pytest.approx(((own * p).sum() / own.sum(), share))
    assert (found.low, found.high) == pytest.approx(ends, abs=1e-5)
    for shift in (0.0, 0.02, 0.06):
        weights = Weights(own, np.array([1.2, 0.5]))
        q, w = np.clip(p + shift, 0, 1), own * np.where(y, 0.5, 1.2)
        off = abs((w * (q - y)).sum()) / w.sum() <= 1.96 * math.sqrt((w**2 * (y - q) ** 2).sum()) / w.sum()
        assert calibration_check(y, q, 0.3, weights).overall.holds == off
