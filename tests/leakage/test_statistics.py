"""Signs of a leak against loops in plain Python, exact fractions, SciPy and scikit-learn."""

import doctest
import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from imbalance_accessor.leakage import statistics
from imbalance_accessor.leakage.statistics import (
    agreement_by_chance,
    chance_of_perfection,
    contradictions,
    drift,
    expected_twins,
    lone_twins,
    repeats,
    same_label_pairs,
)

pytestmark = pytest.mark.filterwarnings("error")

labels = st.lists(st.integers(0, 4), min_size=1, max_size=40)


def test_the_examples_run():
    result = doctest.testmod(statistics)
    assert result.attempted > 0
    assert result.failed == 0


# ---------------------------------------------------------------- copies


@given(labels)
@settings(deadline=None)
def test_repeats_are_counted_as_a_loop_counts_them(kinds):
    copies = [count - 1 for count in Counter(kinds).values()]
    mean = Fraction(sum(copies), len(copies))
    variance = sum((each - mean) ** 2 for each in copies) / len(copies)
    found = repeats(np.array(kinds))
    assert (found.rows, found.different) == (len(kinds), len(copies))
    assert found.share == pytest.approx(float(Fraction(sum(copies), len(kinds))))
    assert found.dispersion == pytest.approx(float(variance / mean) if mean else 0.0)


def test_rows_drawn_at_random_have_a_dispersion_near_one():
    drawn = np.random.default_rng(0).integers(0, 2000, 20_000)  # each about Poisson with mean 10
    kinds = np.r_[np.arange(2000), drawn]
    assert repeats(kinds).dispersion == pytest.approx(1.0, abs=0.15)
    assert repeats(np.repeat(np.arange(50), 10)).dispersion == 0.0
    assert repeats(np.r_[np.arange(500), np.zeros(500, int)]).dispersion > 100


def test_a_class_without_rows_has_no_copies():
    found = repeats(np.zeros(0, dtype=int))
    assert (found.rows, found.different, found.share, found.dispersion) == (0, 0, 0.0, 0.0)


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


# ---------------------------------------------------------------- twins by chance


@pytest.mark.parametrize(("levels", "n_train"), [((3, 5), 4), ((2, 2, 4), 10), ((10, 10), 25)])
def test_expected_twins_are_those_of_the_formula_and_near_those_of_a_simulation(levels, n_train):
    rng = np.random.default_rng(0)
    counts = [np.full(each, 7) for each in levels]
    q = math.prod(Fraction(1, each) for each in levels)
    assert expected_twins(counts, n_train) == pytest.approx(1 - math.exp(-n_train * q))
    draws = 4000
    test = np.stack([rng.integers(0, each, draws) for each in levels], axis=1)
    train = np.stack([rng.integers(0, each, (draws, n_train)) for each in levels], axis=2)
    seen = (train == test[:, None]).all(axis=2).any(axis=1).mean()
    assert expected_twins(counts, n_train) == pytest.approx(seen, abs=0.06)


def test_uneven_levels_agree_more_often():
    counts = [np.array([6, 3, 1]), np.array([9, 1])]
    q = Fraction(36 + 9 + 1, 100) * Fraction(81 + 1, 100)
    assert expected_twins(counts, 3) == pytest.approx(1 - math.exp(-3 * q))


def test_one_value_in_every_row_makes_twins_certain_and_ids_make_them_rare():
    assert expected_twins([np.array([50])], 400) == pytest.approx(1.0)
    assert expected_twins([np.ones(1000, int)] * 4, 800) == pytest.approx(800 / 1000**4)


@pytest.mark.parametrize("values", [30, 400, 5000])
def test_values_met_once_are_met_again_as_often_as_expected(values):
    shares, expected, errors = [], [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        known, new = rng.integers(0, values, 400), rng.integers(0, values, 200)
        found = lone_twins(known, new)
        unique = [value for value in set(known.tolist()) if (known == value).sum() == 1]
        assert found.share == pytest.approx(np.isin(new, unique).mean())
        shares.append(found.share)
        expected.append(found.expected)
        errors.append(found.error)
        assert not found.beyond_chance
        assert lone_twins(known, known[:100]).beyond_chance == (values == 5000)  # the others could be chance
    assert np.mean(shares) == pytest.approx(np.mean(expected), abs=0.01)
    assert np.std(np.subtract(shares, expected)) <= 1.2 * np.mean(errors)


def test_a_frequent_value_that_gets_more_frequent_is_no_twin_of_a_lone_row():
    known = np.r_[np.zeros(100, int), np.arange(1, 301)]
    assert not lone_twins(known, np.zeros(200, int)).beyond_chance
    assert lone_twins(known, np.arange(1, 201)).beyond_chance


def test_the_chance_of_agreement_is_that_of_a_simulation():
    rng = np.random.default_rng(0)
    known, new = np.array([0, 0, 0, 1, 2]), np.array([0, 1, 1, 3])
    drawn = [(rng.choice(known, 2) == rng.choice(new, 2)).all() for _ in range(20_000)]
    one = Fraction(3, 5) * Fraction(1, 4) + Fraction(1, 5) * Fraction(1, 2)
    assert agreement_by_chance(known, new, 2) == pytest.approx(float(one**2))
    assert np.mean(drawn) == pytest.approx(float(one**2), abs=0.01)


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
