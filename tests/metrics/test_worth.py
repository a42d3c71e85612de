"""What decisions by probabilities cost and what is promised: against plain loops, and against outcomes of true probabilities."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.weights import ONES, Weights
from imbalance_accessor.metrics.worth import promise, worth

pytestmark = pytest.mark.filterwarnings("error")

RARE = Costs(fp=500.0, fn=50_000.0)
GAIN = Costs(fp=1.0, fn=9.0, tp=-3.0, tn=0.5)


def of_row(costs, flag, y):
    return (costs.tp if y else costs.fp) if flag else (costs.fn if y else costs.tn)


def by_hand(p, y, w, costs):
    """Sum up, row by row, the cheaper decision by its expected cost; what it cost, and what was expected."""
    paid = promised = 0.0
    for each, outcome, weight in zip(p, y, w, strict=True):
        expected = {
            flag: each * of_row(costs, flag, True) + (1 - each) * of_row(costs, flag, False)
            for flag in (0, 1)
        }
        flag = min(expected, key=expected.get)
        paid += weight * of_row(costs, flag, outcome)
        promised += weight * expected[flag]
    return 1000 * paid / sum(w), 1000 * promised / sum(w)


@pytest.mark.parametrize("costs", [RARE, GAIN])
@pytest.mark.parametrize(
    "weights", [ONES, Weights(own=np.linspace(0.5, 2, 300)), Weights(factors=np.array([1.1, 0.2]))]
)
def test_cost_and_promise_are_sums_over_rows(costs, weights):
    rng = np.random.default_rng(0)
    p = rng.beta(0.3, 3, (2, 300))
    y = rng.random(300) < p[0]
    found = worth(
        {"none": p[:1], "both": p},
        y,
        costs,
        Resamples(y, weights=weights, n_draws=50),
        weights=weights,
        base="none",
    )
    first, second = (by_hand(each, y, weights.each(y), costs) for each in p)
    assert (found["none"].cost[0], found["none"].promised[0]) == pytest.approx(first)
    assert (found["both"].cost[0], found["both"].promised[0]) == pytest.approx(
        np.mean([first, second], axis=0)
    )
    assert found["both"].saved[0] == pytest.approx(first[0] - np.mean([first[0], second[0]]))
    assert found["none"].saved == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("costs", "factors"), [(RARE, None), (GAIN, None), (GAIN, (10.0, 1.0))])
def test_true_probabilities_keep_their_promise_in_95_of_100_samples(costs, factors):
    """Also where one negative in ten was sampled, and each counts ten times."""
    rng, kept = np.random.default_rng(1), []
    weights = ONES if factors is None else Weights(factors=np.array(factors))
    for _ in range(400):
        p = np.exp(rng.normal(-4.5 if costs is RARE else -3, 1.2, 1000)).clip(0, 0.95)
        y = rng.random(1000) < p
        if factors is not None:
            some = y | (rng.random(1000) < 1 / factors[0])
            p, y = p[some], y[some]
        promised, low, high = promise(p[None], y, costs, weights)
        paid = np.where(costs.flags(p), np.where(y, costs.tp, costs.fp), np.where(y, costs.fn, costs.tn))
        assert low < promised < high
        kept.append(low <= np.average(paid, weights=weights.of(y)) <= high)
    assert 0.92 < np.mean(kept) < 0.99


def test_the_interval_of_a_promise_is_that_of_binomial_misses():
    """With skewness: a handful of misses at a hundred times the cost, of rows of which none is flagged."""
    promised, low, high = promise(np.full((1, 2000), 0.00475), np.zeros(2000, bool), RARE)
    of_one = RARE.fn / 2000
    assert promised == pytest.approx(9.5 * of_one)
    assert (low, high) == pytest.approx(binom.ppf([0.025, 0.975], 2000, 0.00475) * of_one, abs=0.2 * of_one)


@pytest.mark.parametrize("expected", [0.02, 0.05, 0.3, 2.0])
@pytest.mark.parametrize("costs", [Costs(1.0, 1000.0), Costs(1.0, 1.0, tp=-1000.0)])
def test_the_likeliest_outcome_of_hardly_any_positive_is_within_the_interval(expected, costs):
    """No positive at all, where misses are dear, and where hits are a gain."""
    p = np.full((1, 2000), expected / 2000)
    promised, low, high = promise(p, np.zeros(2000, bool), costs)
    nothing = costs.fp if costs.flags(p).all() else costs.tn
    assert low < promised < high
    assert low <= nothing <= high


def test_inflated_probabilities_break_it_and_what_undoes_them_saves():
    rng = np.random.default_rng(4)
    p = rng.beta(0.5, 8, 4000)
    y = rng.random(4000) < p
    inflated = 10 * p / (10 * p + 1 - p)
    every = {"none": inflated[None], "same": inflated[None], "prior": p[None]}
    found = worth(every, y, Costs(1, 9), Resamples(y, n_draws=200), weights=ONES, base="none")
    assert found["prior"].keeps_its_promise
    assert not found["none"].keeps_its_promise
    assert found["prior"].saved[1] > 0
    assert found["same"].saved == (0.0, 0.0, 0.0)
    assert found["none"].flag_rate > found["prior"].flag_rate == pytest.approx((p >= 0.1).mean())


def test_dear_errors_that_no_row_shows_are_within_the_costs_interval():
    # every positive is flagged, so no draw holds a miss; 60 positives of 1,000 rows allow 6 % of misses
    y = np.arange(1000) < 60
    p = np.where(y, 0.9, 0.001)[None]
    p[0, 60:160] = 0.5
    costs = Costs(fp=1.0, fn=200.0)
    cost, low, high = worth({"none": p}, y, costs, Resamples(y), weights=ONES, base="none")["none"].cost
    recall, specificity = proportion(60, 60), proportion(840, 940)
    misses, alarms = 200 * 60 * (1 - recall.low), 940 * (840 / 940 - specificity.low)
    assert cost == pytest.approx(100)
    assert high == pytest.approx(100 + np.hypot(misses, alarms))
    fewer = 940 * (specificity.high - 840 / 940)
    assert low == pytest.approx(min(100 - fewer, 82), abs=1)  # fewer false alarms alone
    none = worth({"none": p / 1000}, y, Costs(fp=50.0, fn=1.0), Resamples(y), weights=ONES, base="none")[
        "none"
    ].cost
    assert none[0] == pytest.approx(60)
    assert none[2] == pytest.approx(60 + 940 * 50 * (1 - proportion(940, 940).low), rel=0.01)


def proportion(hits, rows):
    return binomtest(hits, rows).proportion_ci(0.95, method="wilson")
