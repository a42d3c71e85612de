"""Wilson's interval against scipy, closed forms and published numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm

from imbalance_accessor.errors import OptionError
from imbalance_accessor.metrics.intervals import (
    geometric_mean_of_shares,
    mean_of_shares,
    roc_auc_interval,
    trials_for,
    wilson,
)

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


@pytest.mark.quick(13)
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


# --- means of shares ---


def of_shares(of, hits, rows):
    return of(np.asarray(hits) / np.asarray(rows), *wilson(hits, rows))


def test_a_mean_of_shares_has_newcombes_interval():
    # 56 of 70 less 48 of 80 lies in [0.0524, 0.3339] (Newcombe 1998, method 10); the mean of p and 1 - q is (p - q + 1) / 2
    low, high = of_shares(mean_of_shares, [56, 32], [70, 80])
    assert (2 * low - 1, 2 * high - 1) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize("of", [mean_of_shares, geometric_mean_of_shares])
def test_a_mean_of_one_share_is_that_share(of):
    for hits in (0, 3, 9):
        assert of_shares(of, [hits], [9]) == pytest.approx(tuple(float(end) for end in wilson(hits, 9)))


def test_a_geometric_mean_is_a_mean_of_logarithms():
    low, high = of_shares(geometric_mean_of_shares, [6, 180], [8, 200])
    p, begin, end = np.array([0.75, 0.9]), *wilson([6, 180], [8, 200])
    mean = math.sqrt(0.75 * 0.9)
    assert low == pytest.approx(mean / math.exp(math.hypot(*np.log(p / begin)) / 2))
    assert high == pytest.approx(mean * math.exp(math.hypot(*np.log(end / p)) / 2))


def test_a_geometric_mean_of_a_share_that_falls_to_nothing_goes_on_to_its_end():
    end = float(wilson(0, 8)[1])
    _low, high = geometric_mean_of_shares([1e-12, 0.9], [1e-13, 0.9], [end, 0.9])
    assert geometric_mean_of_shares([0, 0.9], [0, 0.9], [end, 0.9]) == pytest.approx((0, high), abs=1e-5)
    assert geometric_mean_of_shares([0, 0], [0, 0], [end, end]) == pytest.approx((0, end))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("positives", [8, 20, 50])
@pytest.mark.parametrize("of", [mean_of_shares, geometric_mean_of_shares])
def test_means_of_recalls_are_covered_where_most_positives_are_hit(of, positives):
    recall, specificity, negatives = 0.95, 0.9, 150
    truth = (recall + specificity) / 2 if of is mean_of_shares else math.sqrt(recall * specificity)
    covered = 0.0
    for hits in range(positives + 1):  # every sample there is, by its chance
        for passed in range(100, negatives + 1):
            low, high = of_shares(of, [hits, passed], [positives, negatives])
            if low <= truth <= high:
                covered += binom.pmf(hits, positives, recall) * binom.pmf(passed, negatives, specificity)
    assert covered >= 0.93


# --- areas under the ROC curve ---


@pytest.mark.parametrize("auc", [0.0, 1.0])
@pytest.mark.parametrize("positives", [1, 2, 10, 200])
def test_an_area_of_one_is_not_known_to_be_one(auc, positives):
    low, high = roc_auc_interval(auc, np.full(50, auc), [1000, positives])
    assert high - low > 0.7 / positives and (low == auc or high == auc)
    assert 0 <= low <= high <= 1


def test_an_area_and_its_mirror_image_have_mirrored_intervals():
    draws = np.random.default_rng(0).normal(0.8, 0.05, 500)
    low, high = roc_auc_interval(0.8, draws, [300, 12])
    assert roc_auc_interval(0.2, 1 - draws, [300, 12]) == pytest.approx((1 - high, 1 - low))


def test_of_many_rows_the_interval_is_the_delta_methods():
    draws = np.random.default_rng(0).normal(0.8, 0.01, 5000)
    low, high = roc_auc_interval(0.8, draws, [10**7, 10**6])
    assert (low, high) == pytest.approx((0.8 - 1.96 * 0.01, 0.8 + 1.96 * 0.01), abs=1e-3)


def test_no_area_or_no_draws_have_no_interval():
    assert np.isnan(roc_auc_interval(math.nan, np.ones(9), [5, 5])).all()
    assert np.isnan(roc_auc_interval(0.5, np.empty(0), [5, 5])).all()


@pytest.mark.parametrize(("auc", "positives"), [(0.75, 10), (0.9, 10), (0.98, 10), (0.9, 20), (0.98, 20)])
def test_areas_of_two_normal_classes_are_covered(auc, positives):
    rng, covered, runs = np.random.default_rng(1), 0, 400
    for _ in range(runs):
        negative = np.sort(rng.normal(size=300))
        positive = np.sort(rng.normal(norm.ppf(auc) * math.sqrt(2), 1, positives))
        beaten = np.searchsorted(negative, positive) / 300
        beats = np.searchsorted(positive, negative) / positives
        # the variance of stratified draws, in closed form (DeLong, DeLong & Clarke-Pearson 1988)
        sd = math.sqrt(beaten.var(ddof=1) / positives + beats.var(ddof=1) / 300)
        draws = beaten.mean() + sd * np.array([-1.0, 1.0]) / math.sqrt(2)
        low, high = roc_auc_interval(beaten.mean(), draws, [300, positives])
        covered += low <= auc <= high
    assert covered / runs >= 0.93
