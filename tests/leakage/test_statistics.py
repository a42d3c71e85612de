"""Signs of a leak against loops in plain Python, exact fractions, SciPy and scikit-learn."""

import doctest
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from imbalance_accessor.leakage import statistics
from imbalance_accessor.leakage.statistics import (
    chance_of_perfection,
    contradictions,
    drift,
    same_label_pairs,
)

pytestmark = pytest.mark.filterwarnings("error")


def test_the_examples_run():
    result = doctest.testmod(statistics)
    assert result.attempted > 0
    assert result.failed == 0


# ---------------------------------------------------------------- open labels


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=40), st.integers(0, 2))
@settings(deadline=None)
def test_contradictions_equal_a_double_loop_and_an_exhaustive_search(rows, focus):
    kinds, codes = np.array(rows).T
    has_twin = [any(kind == k and code != c for k, c in rows) for kind, code in rows]
    most = sum(
        max(sum(1 for row in rows if row == (kind, code)) for code in range(3))
        for kind in {kind for kind, _ in rows}
    )
    found = contradictions(kinds, codes, focus)
    assert found.rows == sum(has_twin)
    assert found.focus_rows == sum(
        twin and code == focus for twin, (_, code) in zip(has_twin, rows, strict=True)
    )
    assert found.best_accuracy == pytest.approx(most / len(rows), abs=1e-15)


def test_no_rule_from_features_to_labels_is_more_accurate_and_one_is_as_accurate():
    rng = np.random.default_rng(3)
    kinds, codes = rng.integers(0, 4, 30), rng.integers(0, 3, 30)
    rules = itertools.product(range(3), repeat=4)
    best = max(sum(rule[k] == c for k, c in zip(kinds, codes, strict=True)) for rule in rules)
    assert contradictions(kinds, codes, 0).best_accuracy == pytest.approx(best / 30, abs=1e-15)


# ---------------------------------------------------------------- one column alone


@pytest.mark.parametrize(
    ("n_focus", "n_rest", "n_columns"), [(3, 7, 1), (5, 5, 10), (10, 990, 30), (1, 4, 1), (400, 800, 5)]
)
def test_the_chance_of_perfection_counts_orders_exactly(n_focus, n_rest, n_columns):
    exact = Fraction(2 * n_columns, math.comb(n_focus + n_rest, n_focus))
    found = chance_of_perfection(n_focus, n_rest, n_columns)
    assert found == pytest.approx(float(min(exact, 1)), rel=1e-9, abs=1e-300)


def test_the_chance_of_perfection_is_that_of_all_orders():
    orders = [set(order[:2]) for order in itertools.permutations(range(6))]
    perfect = sum(first in ({0, 1}, {4, 5}) for first in orders)
    assert chance_of_perfection(2, 4, 1) == pytest.approx(perfect / len(orders))


# ---------------------------------------------------------------- order and groups


def pearson(order, y, n_blocks):
    """Blocks by a loop over mid-ranks, the test by SciPy."""
    n = len(order)
    place = [sum(b < a for b in order) + sum(b == a for b in order) / 2 for a in order]
    blocks = {}
    for at, label in zip(place, y, strict=True):
        blocks.setdefault(min(int(at * n_blocks / n), n_blocks - 1), []).append(bool(label))
    rows = [blocks[key] for key in sorted(blocks)]
    table = [[sum(each), len(each) - sum(each)] for each in rows]
    return [sum(each) / len(each) for each in rows], chi2_contingency(table, correction=False).pvalue


@pytest.mark.parametrize("n_blocks", [2, 4, 10])
@pytest.mark.parametrize("tied", [False, True])
def test_drift_equals_the_chi_squared_test_of_scipy(n_blocks, tied):
    rng = np.random.default_rng(n_blocks)
    order = rng.permutation(300) // 7 * 1.0 if tied else rng.normal(size=300)
    y = rng.random(300) < 0.1 + 0.3 * (order > np.median(order))
    shares, p = pearson(order.tolist(), y, n_blocks)
    found = drift(order, y, n_blocks)
    assert found.shares.tolist() == pytest.approx(shares)
    assert found.p == pytest.approx(p, rel=1e-6)


def test_equal_values_stay_in_one_block():
    order = np.repeat([1.0, 2.0, 3.0], [50, 200, 50])
    y = np.arange(300) % 3 == 0
    shares = [y[order == value].mean() for value in (1.0, 2.0, 3.0)]
    assert drift(order, y).shares.tolist() == pytest.approx(shares)


def test_one_class_or_one_time_does_not_drift():
    assert drift(np.arange(50.0), np.ones(50, bool)).p == 1.0
    assert drift(np.zeros(50), np.arange(50) % 2 == 0).p == 1.0
    assert drift(np.zeros(50), np.arange(50) % 2 == 0).shares.tolist() == [0.5]


def test_drift_in_noise_is_rejected_as_often_as_its_level_says():
    rng = np.random.default_rng(0)
    p = np.array([drift(np.arange(500.0), rng.random(500) < 0.3).p for _ in range(600)])
    assert abs((p < 0.1).mean() - 0.1) < 0.04  # 3.3 standard errors


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=30))
@settings(deadline=None)
def test_pairs_of_equal_label_equal_a_double_loop(rows):
    groups, codes = np.array(rows).T
    pairs = list(itertools.combinations(rows, 2))
    within = [a[1] == b[1] for a, b in pairs if a[0] == b[0]]
    anywhere = [a[1] == b[1] for a, b in pairs]
    same, anyhow = same_label_pairs(groups, codes)
    assert same == pytest.approx(sum(within) / len(within) if within else 0.0)
    assert anyhow == pytest.approx(sum(anywhere) / len(anywhere) if anywhere else 0.0)
