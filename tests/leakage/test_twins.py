"""Rows that come again against loops in plain Python, exact fractions, all splits and simulations."""

import doctest
import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imbalance_accessor.leakage import twins
from imbalance_accessor.leakage.twins import (
    agreement_by_chance,
    expected_twins,
    have_near_row,
    have_own_cell,
    lone_twins,
    repeats,
    seen_after_a_split,
)

pytestmark = pytest.mark.filterwarnings("error")

labels = st.lists(st.integers(0, 4), min_size=1, max_size=40)


def test_the_examples_run():
    result = doctest.testmod(twins)
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
