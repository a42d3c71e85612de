"""Wilson's interval against scipy, closed forms and published numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from imbalance_accessor.errors import OptionError
from imbalance_accessor.stats.intervals import trials_for, wilson

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
