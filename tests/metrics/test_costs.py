"""Costs against plain sums over rows, and the cheapest threshold against each row's own best decision."""

import numpy as np
import pytest
from best_thresholds import best_threshold_of, cross_fitted_flags
from hypothesis import given
from hypothesis import strategies as st

from imbalance_accessor.metrics.binary import Confusion, confusion
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.objectives import Objective
from imbalance_accessor.metrics.thresholds import ThresholdGrid

pytestmark = pytest.mark.filterwarnings("error")

AMOUNT = np.array([3.0, 0.0, 8.0, 1.5, 20.0, 4.0])
Y = np.array([True, False, True, False, False, True])


def paid(y, flags, costs, row):
    """Look up what one decision costs."""
    outcome = {(True, True): "tp", (True, False): "fn", (False, True): "fp", (False, False): "tn"}
    amount = costs[outcome[bool(y[row]), bool(flags[row])]]
    return amount[row] if isinstance(amount, np.ndarray) else amount


@pytest.mark.parametrize(
    "costs",
    [
        {"fp": 2.0, "fn": 5.0, "tp": 0.0, "tn": 0.0},
        {"fp": 2.0, "fn": 5.0, "tp": -3.0, "tn": 0.25},
        {"fp": AMOUNT, "fn": 5.0, "tp": -3.0, "tn": 1.0},
        {"fp": 2.0, "fn": AMOUNT, "tp": -AMOUNT, "tn": 0.0},
    ],
)
def test_every_pattern_of_flags_costs_what_its_rows_cost(costs):
    given_costs = Costs(**costs)
    flagged, passed = given_costs.of_rows(Y)
    for pattern in range(2**6):
        flags = np.array([pattern >> row & 1 for row in range(6)], bool)
        total = sum(paid(Y, flags, costs, row) for row in range(6))
        assert np.where(flags, flagged, passed).sum() == pytest.approx(total)
        if not given_costs.by_row:
            assert given_costs.of(confusion(Y, flags)) == pytest.approx(total)
    assert given_costs.by_row == any(isinstance(amount, np.ndarray) for amount in costs.values())


def test_totals_are_taken_for_many_tables_at_once():
    tables = Confusion([[1, 2], [3, 4]], [[0, 1], [2, 3]], [[5, 5], [0, 1]], [[9, 8], [7, 6]])
    expected = [[2 * 0 + 7 * 5 - 1 + 9 * 0.5, 2 * 1 + 7 * 5 - 2 + 4], [4 - 3 + 3.5, 6 + 7 - 4 + 3]]
    assert Costs(fp=2, fn=7, tp=-1, tn=0.5).of(tables) == pytest.approx(np.array(expected))


def test_some_rows_keep_their_own_amounts():
    costs = Costs(fp=2.0, fn=AMOUNT, tp=-AMOUNT)
    for rows in (np.array([4, 0]), np.array([True, False, False, False, True, True])):
        some = costs.take(rows)
        assert some.fn.tolist() == AMOUNT[rows].tolist()
        assert some.tp.tolist() == (-AMOUNT[rows]).tolist()
        assert (some.fp, some.tn) == (2.0, 0.0)


def test_the_closed_form_is_where_both_decisions_cost_the_same():
    for fp, fn, tp, tn in [(1, 5, 0, 0), (500, 50_000, 0, 0), (3, 4, -2, 1), (1, 1, 0, 0), (2, 9, 1, -6)]:
        p = Costs(fp=fp, fn=fn, tp=tp, tn=tn).closed_form
        assert p * tp + (1 - p) * fp == pytest.approx(p * fn + (1 - p) * tn)
        assert isinstance(p, float)
    by_row = Costs(fp=2.0, fn=AMOUNT).closed_form
    assert by_row.tolist() == pytest.approx([2 / (2 + amount) for amount in AMOUNT])


@given(
    rows=st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 50)), min_size=1, max_size=20),
    fp=st.integers(1, 40),
    gain=st.integers(-9, 0),
)
def test_the_table_sums_the_rows_above_and_below_each_threshold(rows, fp, gain):
    y, score, amount = (np.array(column) for column in zip(*rows, strict=True))
    costs = {"fp": float(fp), "fn": amount.astype(float), "tp": 0.0, "tn": float(gain)}
    table = ThresholdGrid(y, score, Costs(**costs)).table
    for threshold, cost in zip(table.thresholds, table.cost, strict=True):
        assert cost == sum(paid(y, score >= threshold, costs, row) for row in range(len(y)))


def test_flags_of_a_fold_use_the_amounts_of_the_others():
    rng = np.random.default_rng(2)
    y, fold = rng.random(60) < 0.4, rng.integers(-1, 3, 60)
    score = np.round(rng.normal(size=60) + y, 1)
    amount = rng.integers(1, 30, 60).astype(float)
    costs = {"fp": 9.0, "fn": amount, "tp": 0.0, "tn": 0.0}
    expected = np.zeros(60, bool)
    for each in range(3):
        others = np.flatnonzero((fold >= 0) & (fold != each))
        totals = {
            threshold: sum(paid(y, score >= threshold, costs, row) for row in others)
            for threshold in [np.inf, *sorted(set(score[others].tolist()), reverse=True)]
        }
        expected[fold == each] = score[fold == each] >= min(totals, key=totals.get)  # min keeps the first
    flags = cross_fitted_flags(y, score, fold, Objective("cost"), Costs(**costs))
    assert flags.tolist() == expected.tolist()


def test_equal_totals_that_round_apart_go_to_the_fewest_flags():
    # 0.1 + 0.2 against 0.3: flagging the first three rows pays nothing in exact decimals
    y = np.array([False, False, True, False, True])
    score = np.array([0.9, 0.8, 0.7, 0.2, 0.1])
    table = ThresholdGrid(
        y, score, Costs(fp=np.array([0.1, 0.2, 0, 9.0, 0]), fn=np.array([0, 0, 0.3, 0, 0.5]))
    ).table
    assert table.cost[3] == pytest.approx(table.cost[0], abs=1e-15)
    assert table.choose(Objective("cost")) == (0, True)
    flipped = Costs(fp=np.array([0.1, 0.2, 0, 9.0, 0]), fn=np.array([0, 0, 0.30000001, 0, 0.5]))
    assert best_threshold_of(y, score, Objective("cost"), flipped) == 0.7


def test_totals_that_are_all_nothing_go_to_the_fewest_flags():
    # three hits of -0.1 pay for one false alarm of 0.3 at either score
    y, score = np.array([True, True, True, False] * 2), np.repeat([0.9, 0.1], 4)
    assert best_threshold_of(y, score, Objective("cost"), Costs(fp=0.3, fn=0.0, tp=-0.1)) == np.inf
