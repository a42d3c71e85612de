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
from sklearn.metrics import roc_auc_score

from imbalance_accessor.leakage import statistics
from imbalance_accessor.leakage.statistics import (
    agreement_by_chance,
    chance_of_perfection,
    class_aucs,
    contradictions,
    cross_fitted_rates,
    drift,
    expected_twins,
    have_near_row,
    have_own_cell,
    lone_twins,
    repeats,
    same_label_pairs,
    seen_after_a_split,
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
    counts = sorted(Counter(kinds).values())
    most = max(set(counts), key=lambda count: (counts.count(count), -count))
    whole = sum(count % most == 0 for count in counts) >= 0.95 * len(counts)
    found = repeats(np.array(kinds))
    assert (found.rows, found.different) == (len(kinds), len(counts))
    assert found.share == pytest.approx(float(Fraction(len(kinds) - len(counts), len(kinds))))
    assert found.added == pytest.approx(float(Fraction(len(kinds) - len(counts), len(counts))))
    assert found.once == pytest.approx(counts.count(1) / len(counts))
    assert found.times == (most if whole else 1)


@pytest.mark.parametrize(("different", "drawn"), [(20, 15), (250, 400), (2000, 6000)])
def test_rows_drawn_at_random_leave_as_many_met_once_as_their_law_says(different, drawn):
    rng = np.random.default_rng(0)
    runs = [repeats(np.r_[np.arange(different), rng.integers(0, different, drawn)]) for _ in range(300)]
    missed = math.exp(-drawn / different)
    error = math.sqrt(missed * (1 - missed) / different)
    assert np.mean([each.once for each in runs]) == pytest.approx(missed, abs=0.02)
    assert runs[0].once_if_drawn == pytest.approx(missed + 3 * error + 0.01)
    assert np.mean([each.once <= each.once_if_drawn for each in runs]) >= 0.99


def test_a_class_pasted_whole_is_told_by_its_multiples():
    whole = np.repeat(np.arange(50), 10)
    assert repeats(whole).times == 10
    assert repeats(np.r_[whole, whole[:10]]).times == 10  # a row that stood there twice before
    assert repeats(np.r_[whole, np.repeat(50, 3)]).times == 10  # a row more, or two
    assert repeats(np.r_[whole, np.repeat(np.arange(50, 55), 3)]).times == 1
    assert repeats(np.r_[np.arange(500), np.zeros(500, int)]).times == 1


def test_a_class_without_rows_has_no_copies():
    found = repeats(np.zeros(0, dtype=int))
    assert (found.rows, found.different, found.share, found.added, found.times) == (0, 0, 0.0, 0.0, 1)


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


def counts_of(values):
    return np.array(list(Counter(values).values()))


def share_of(pairs, at):
    return Fraction(sum(a[at] == b[at] for a, b in pairs), len(pairs))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=2, max_size=25))
@settings(deadline=None)
def test_expected_twins_are_those_of_all_pairs_that_differ(rows):
    columns = list(zip(*rows, strict=True))
    differ = [(a, b) for a, b in itertools.combinations(rows, 2) if a != b]
    q = math.prod(share_of(differ, at) for at in (0, 1)) if differ else 1
    found = expected_twins([counts_of(column) for column in columns], counts_of(rows), 7)
    assert found == pytest.approx(1 - math.exp(-7 * q), abs=1e-9)


@pytest.mark.parametrize("levels", [(9, 15), (5, 5, 4, 4), (30, 30)])
def test_expected_twins_are_near_those_of_a_simulation(levels):
    rng = np.random.default_rng(0)
    rows = np.stack([rng.integers(0, each, 5000) for each in levels], axis=1)
    known = set(map(tuple, rows[:100]))
    seen = np.mean([tuple(row) in known for row in rows[100:]])
    counts = [np.bincount(column) for column in rows.T]
    assert expected_twins(counts, counts_of(map(tuple, rows)), 100) == pytest.approx(seen, abs=0.05)


def test_numbers_that_never_repeat_and_copies_of_them_make_no_twins_by_chance():
    once, flag = np.ones(1000, int), np.array([400, 600])
    assert expected_twins([once, flag], once, 800) == 0.0
    twice = np.full(500, 2)
    assert expected_twins([twice, flag], twice, 800) == pytest.approx(0.0, abs=1e-9)
    assert expected_twins([np.array([50])], np.array([50]), 400) == pytest.approx(1.0)  # a single value


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), min_size=4, max_size=9), st.data())
@settings(deadline=None, max_examples=40)
def test_chances_after_a_split_are_those_of_all_splits(rows, data):
    kinds, codes = np.array(rows).T
    at = [np.flatnonzero(codes == code) for code in (0, 1)]
    test_rows = [data.draw(st.integers(0, len(here))) for here in at]
    seen, drawn = np.zeros(len(rows)), np.zeros(len(rows))
    draws = (itertools.combinations(here, size) for here, size in zip(at, test_rows, strict=True))
    for sides in itertools.product(*draws):
        test = [row for side in sides for row in side]
        train = {kinds[row] for row in set(range(len(rows))) - set(test)}
        drawn[test] += 1
        seen[[row for row in test if kinds[row] in train]] += 1
    found = seen_after_a_split(kinds, codes, np.array(test_rows))
    assert found[drawn > 0] == pytest.approx((seen / np.maximum(drawn, 1))[drawn > 0], abs=1e-9)


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=2, max_size=12, unique=True), st.data())
@settings(deadline=None)
def test_rows_beside_a_row_and_cells_of_its_own_are_those_of_a_double_loop(rows, data):
    table = np.array(rows, dtype=np.uint64)
    wanted = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, unique=True)))
    others = {one: [row for row in rows if row != rows[one]] for one in wanted}
    near = [any(sum(map(int.__ne__, rows[one], row)) == 1 for row in others[one]) for one in wanted]
    own = [any(all(row[at] != rows[one][at] for row in others[one]) for at in range(3)) for one in wanted]
    assert have_near_row(lambda: iter(table.T), wanted, 1.0).tolist() == near
    assert have_own_cell(iter(table.T), wanted, 1.1).tolist() == own
    enough = have_own_cell(iter(table.T), wanted, 0.5)  # no more columns than it takes
    assert not (enough & ~np.array(own)).any()
    assert (enough.mean() >= 0.5) == (np.mean(own) >= 0.5)


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


@given(
    st.lists(
        st.tuples(st.sampled_from([-np.inf, -1.0, 0.0, 0.1, 2.0, np.inf]), st.integers(0, 2)),
        min_size=2,
        max_size=50,
    )
)
@settings(deadline=None)
def test_class_aucs_equal_the_share_of_pairs_won(rows):
    values, codes = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    found = class_aucs(values, codes, 4)
    for code in range(4):
        own = [value for value, label in rows if label == code]
        rest = [value for value, label in rows if label != code]
        won = [(a > b) + Fraction(int(a == b), 2) for a in own for b in rest]
        expected = float(sum(won) / len(won)) if won else 0.5
        assert found[code] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_class_aucs_equal_those_of_scikit_learn(n_classes):
    rng = np.random.default_rng(n_classes)
    codes = rng.integers(0, n_classes, 3000)
    values = np.round(rng.normal(size=3000) + 0.3 * codes, 1)
    expected = [roc_auc_score(codes == code, values) for code in range(n_classes)]
    assert class_aucs(values, codes, n_classes) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", [0, 7])
def test_cross_fitted_rates_equal_a_loop_over_the_other_half(seed):
    rng = np.random.default_rng(1)
    levels, codes = rng.integers(0, 12, 61), rng.integers(0, 3, 61)
    levels[5] = 12  # a level of its own
    half = np.random.default_rng(seed).permutation(61) % 2
    assert abs(int(half.sum()) - 30) <= 1
    found = cross_fitted_rates(levels, codes, 3, seed=seed)
    for i in range(61):
        others = [j for j in range(61) if half[j] != half[i]]
        alike = [j for j in others if levels[j] == levels[i]] or others
        expected = [sum(codes[j] == code for j in alike) / len(alike) for code in range(3)]
        assert found[i].tolist() == pytest.approx(expected, abs=1e-12)
    overall = [np.mean([codes[j] == code for j in range(61) if half[j] != half[5]]) for code in range(3)]
    assert found[5].tolist() == pytest.approx(overall)


def test_a_row_never_sets_its_own_rate():
    rng = np.random.default_rng(2)
    levels, codes = rng.integers(0, 5, 80), rng.integers(0, 2, 80)
    found = cross_fitted_rates(levels, codes, 2)
    for i in range(0, 80, 9):
        swapped = codes.copy()
        swapped[i] = 1 - swapped[i]
        assert cross_fitted_rates(levels, swapped, 2)[i].tolist() == found[i].tolist()


def test_levels_that_name_rows_tell_nothing_and_levels_that_name_the_class_tell_all():
    codes = np.arange(400) % 4 // 3
    ids = cross_fitted_rates(np.arange(400), codes, 2)[:, 1]
    answer = cross_fitted_rates(codes * 3 + np.arange(400) % 2, codes, 2)[:, 1]
    assert class_aucs(ids, codes, 2)[1] <= 0.6  # two overall shares, near each other
    assert answer.tolist() == codes.tolist()


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
