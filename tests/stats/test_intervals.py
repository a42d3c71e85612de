"""Intervals against scipy, closed forms, plain loops and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from imbalance_accessor.errors import OptionError, SplitError
from imbalance_accessor.stats import intervals
from imbalance_accessor.stats.intervals import draws, max_t, percentile, trials_for, wilson

pytestmark = pytest.mark.filterwarnings("error")


def test_wilson_of_published_examples():
    assert np.round(wilson(6, 8), 2).tolist() == [0.41, 0.93]
    assert wilson(0, 22)[1] == pytest.approx(0.149, abs=5e-4)


@given(st.integers(1, 3000), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.999]))
@settings(deadline=None, max_examples=150)
def test_wilson_equals_scipys(trials, share, confidence):
    hits = round(trials * share)
    expected = binomtest(hits, trials).proportion_ci(confidence, method="wilson")
    assert wilson(hits, trials, confidence) == pytest.approx(tuple(expected), abs=1e-12)


def test_wilson_is_exact_at_its_ends_and_vectorised():
    low, high = wilson([0, 5, 0, 2], [5, 5, 0, 4])
    assert low[[0, 2]].tolist() == [0, 0]
    assert high[[1, 2]].tolist() == [1, 1]
    z2 = norm.ppf(0.975) ** 2
    assert high[0] == pytest.approx(z2 / (5 + z2), abs=1e-15)
    assert low[1] == pytest.approx(5 / (5 + z2), abs=1e-15)
    assert wilson([[1], [2]], [3, 4])[0].shape == (2, 2)


@given(st.floats(0, 1), st.integers(0, 10**12))
@settings(deadline=None)
def test_wilson_stays_within_0_and_1_around_its_share(share, trials):
    low, high = wilson(share * trials, trials)
    assert 0 <= low <= high <= 1
    if trials:
        assert low <= share * trials / trials + 1e-15
        assert high >= share * trials / trials - 1e-15


def half_length(p, t):
    z = norm.ppf(0.975)
    return z * math.sqrt(t * p * (1 - p) + z * z / 4) / (t + z * z)


@pytest.mark.parametrize("p", [0.0, 0.01, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("half_width", [0.02, 0.05, 0.1, 0.3, 0.5, 0.7])
def test_trials_for_is_the_first_that_a_count_upwards_meets(p, half_width):
    first = next(t for t in range(100_000) if half_length(p, t) <= half_width + 1e-12)
    assert trials_for(p, half_width) == first


@given(st.floats(0, 1), st.floats(0.001, 0.49))
@settings(deadline=None)
def test_trials_for_is_enough_and_one_fewer_is_not(p, half_width):
    t = trials_for(p, half_width)
    low, high = wilson(p * t, t)
    assert (high - low) / 2 <= half_width + 1e-9
    if t:
        low, high = wilson(p * (t - 1), t - 1)
        assert (high - low) / 2 > half_width - 1e-9


@pytest.mark.parametrize("wrong", [{"p": 1.2}, {"p": math.nan}, {"half_width": 0}, {"confidence": 95}])
def test_questions_without_an_answer_are_refused(wrong):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        trials_for(**{"p": 0.5} | wrong)


def plain_loop(y, n_draws, seed, groups=None):
    """The recipe of the docstring, row by row."""
    rng, n = np.random.default_rng(seed), len(y)
    members = (
        [[i] for i in range(n)]
        if groups is None
        else [np.flatnonzero(groups == g) for g in np.unique(groups)]
    )
    counts = np.zeros((n_draws, n))
    for b in range(n_draws):
        rows = []
        while set(y[rows]) != set(y):
            rows = [i for unit in rng.integers(0, len(members), len(members)) for i in members[unit]]
        for i in rows:
            counts[b, i] += 1
    return counts


@pytest.mark.parametrize(
    "y",
    [
        np.arange(50) < 5,
        np.arange(50) < 1,
        np.arange(12) % 4,
        np.zeros(6, bool),
    ],
    ids=["usual", "one positive", "four classes", "one class"],
)
def test_draws_equal_a_plain_loop(y):
    ours = np.vstack(list(draws(y, n_draws=40, seed=11, block=7)))
    assert ours.tolist() == plain_loop(y, 40, 11).tolist()


def test_draws_of_groups_equal_a_plain_loop():
    groups = np.array(list("caabbbcdda"))
    y = np.array([1, 0, 0, 0, 0, 0, 0, 0, 1, 0], bool)
    ours = np.vstack(list(draws(y, groups=groups, n_draws=40, seed=2)))
    assert ours.tolist() == plain_loop(y, 40, 2, groups).tolist()
    for g in "abcd":
        assert (np.ptp(ours[:, groups == g], axis=1) == 0).all()


@pytest.mark.parametrize("block", [None, 1, 3, 100])
def test_blocks_do_not_change_the_draws(block):
    y = np.arange(20) < 3
    blocks = list(draws(y, n_draws=10, block=block))
    assert np.vstack(blocks).tolist() == plain_loop(y, 10, 0).tolist()
    assert max(len(each) for each in blocks) <= (block or 10)


def test_a_block_stays_small(monkeypatch):
    monkeypatch.setattr(intervals, "BLOCK_BYTES", 8 * 20 * 4)
    assert [len(block) for block in draws(np.arange(20) < 3, n_draws=10)] == [4, 4, 2]


def test_draws_that_can_never_hold_all_classes_give_up():
    with pytest.raises(SplitError, match=r"1,000 bootstrap draws in a row lacked one of the 60 classes"):
        next(draws(np.arange(60)))


def test_percentile_equals_sorted_draws():
    samples = np.random.default_rng(0).normal(size=(401, 2))
    low, high = percentile(samples, samples.mean(axis=0))
    ordered = np.sort(samples, axis=0)
    # 0.025 * 400 and 0.975 * 400 are whole, so the quantiles are draws.
    assert low == pytest.approx(ordered[10], abs=1e-12)
    assert high == pytest.approx(ordered[390], abs=1e-12)


def test_percentile_is_widened_to_its_point_and_passes_nan_on():
    assert percentile(np.arange(11.0), 20.0)[1] == 20
    assert percentile(np.arange(11.0), -1.0)[0] == -1
    assert np.isnan(percentile(np.array([1.0, np.nan]), 1.0)).all()


def test_the_bootstrap_of_a_mean_covers_it():
    rng = np.random.default_rng(1)
    held = 0
    for seed in range(200):
        x, y = rng.exponential(size=80), np.arange(80) < 40
        counts = next(draws(y, n_draws=200, seed=seed))
        low, high = percentile(counts @ x / 80, x.mean())
        held += low <= 1 <= high
    # Nominally 0.95; for a skewed mean of 80 the percentile bootstrap loses a little.
    assert 0.89 <= held / 200 <= 0.98


def test_max_t_equals_a_plain_loop():
    rng = np.random.default_rng(0)
    points = np.array([0.1, -0.2, 0.0])
    samples = points + rng.normal(size=(501, 3)) * [0.1, 0.5, 2.0]
    se = [np.sqrt(np.sum((column - column.mean()) ** 2) / 500) for column in samples.T]
    furthest = sorted(max(abs(row[j] - points[j]) / se[j] for j in range(3)) for row in samples)
    low, high, critical = max_t(samples, points)
    assert critical == pytest.approx(furthest[475], rel=1e-12)  # 0.95 * 500 is whole
    assert low == pytest.approx(points - furthest[475] * np.array(se), rel=1e-12)
    assert high == pytest.approx(points + furthest[475] * np.array(se), rel=1e-12)


@pytest.mark.parametrize("s", [1, 2, 5])
def test_max_t_of_independent_normals_nears_the_closed_form(s):
    samples = np.random.default_rng(s).normal(size=(40_000, s))
    expected = norm.ppf((1 + 0.95 ** (1 / s)) / 2)  # Šidák
    assert max_t(samples, np.zeros(s))[2] == pytest.approx(expected, abs=0.04)


def test_max_t_holds_all_truths_at_once():
    rng = np.random.default_rng(4)
    truth, factor = np.array([0.0, 0.3, -0.1, 0.2]), np.tril(np.full((4, 4), 0.5)) + np.eye(4)
    held = 0
    for _ in range(600):
        points = truth + factor @ rng.normal(size=4)
        low, high, _ = max_t(points + rng.normal(size=(400, 4)) @ factor.T, points)
        held += bool(((low <= truth) & (truth <= high)).all())
    assert 0.92 <= held / 600 <= 0.975


def test_max_t_leaves_out_what_does_not_vary_or_is_missing():
    rng = np.random.default_rng(0)
    noisy = rng.normal(0.5, 1, 1000)
    rounding = 0.25 + rng.integers(0, 2, 1000) * 2.0**-54
    missing = np.where(np.arange(1000) == 3, np.nan, noisy)
    samples = np.column_stack([noisy, np.zeros(1000), rounding, missing])
    points = np.array([0.5, 0.0, 0.25, 0.5])
    low, high, critical = max_t(samples, points)
    alone = max_t(noisy[:, None], points[:1])
    assert (low[0], high[0], critical) == pytest.approx((alone[0][0], alone[1][0], alone[2]), rel=1e-12)
    assert low[1] == high[1] == 0
    assert low[2] == high[2] == 0.25
    assert np.isnan([low[3], high[3]]).all()


def test_max_t_of_identical_scores_has_no_critical_value():
    low, high, critical = max_t(np.zeros((10, 2)), [0.0, 0.0])
    assert low.tolist() == high.tolist() == [0, 0]
    assert math.isnan(critical)
