"""Rows between two others: exact loops in fractions, noise that gives no alarm, and every kin of SMOTE that does."""

import doctest
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import ADASYN, SMOTE, SVMSMOTE, BorderlineSMOTE
from sklearn.datasets import make_classification
from threadpoolctl import threadpool_limits

from imbalance_accessor.leakage import interpolated
from imbalance_accessor.leakage.interpolated import (
    ALARM,
    Between,
    alarm,
    between,
    decimal_digits,
    steps,
    tolerances,
)

pytestmark = pytest.mark.filterwarnings("error")

KIN = {"SMOTE": SMOTE, "Borderline": BorderlineSMOTE, "ADASYN": ADASYN, "SVMSMOTE": SVMSMOTE}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def evaluated(rare, common):
    """Both classes with the tolerances of all rows, as the check reads them."""
    tolerance = tolerances(np.vstack([rare, common]))
    return tuple(between(np.unique(rows, axis=0), tolerance) for rows in (rare, common))


def classes(columns, seed, n=600):
    return make_classification(
        n,
        columns,
        n_informative=max(3, columns // 2),
        n_redundant=0,
        weights=[0.8],
        flip_y=0,
        random_state=seed,
    )


def grown(columns, seed, kin="SMOTE", n=600):
    X, y = KIN[kin](random_state=seed).fit_resample(*classes(columns, seed, n))
    return X[y == 1], X[y == 0]


def test_the_examples_run():
    result = doctest.testmod(interpolated)
    assert result.attempted > 0
    assert result.failed == 0


# ---------------------------------------------------------------- steps and tolerances


@pytest.mark.slow
@given(st.lists(st.integers(-(10**5), 10**5), min_size=2, max_size=12), st.integers(0, 6))
@settings(deadline=None)
def test_the_step_is_the_smallest_gap_of_decimals(digits, decimals):
    exact = sorted({Fraction(each, 10**decimals) for each in digits})
    gap = min((b - a for a, b in itertools.pairwise(exact)), default=Fraction(0))
    column = np.array([float(Fraction(each, 10**decimals)) for each in digits])
    assert steps(column[:, None])[0] == pytest.approx(float(gap), rel=1e-6)


def test_a_column_with_one_long_decimal_has_no_step():
    rng = np.random.default_rng(0)
    whole = rng.integers(0, 100, 500) / 4
    noise = rng.normal(size=500)
    one = whole.copy()
    one[250] = math.pi
    table = np.c_[whole, noise, one, np.full(500, 0.3), noise.round(7), noise * 1e6]
    assert steps(table).tolist() == [0.25, 0.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_row_that_is_computed_on_a_line_stays_within_the_tolerance(scale, kind):
    rng = np.random.default_rng(1)
    values = ((rng.normal(size=(200, 4)) + 5) * scale).astype(kind)
    tolerance = tolerances(values.astype(np.float64))
    assert (tolerance < 1e-4 * scale).all()
    for a, b, share in zip(values[:99], values[100:], rng.random(99).astype(kind), strict=False):
        made = a + share * (b - a)
        assert made.dtype == kind
        for j in range(4):
            line = Fraction(float(a[j])) + Fraction(float(share)) * (
                Fraction(float(b[j])) - Fraction(float(a[j]))
            )
            assert abs(Fraction(float(made[j])) - line) <= tolerance[j]


def test_a_rounded_column_has_its_step_as_tolerance_and_a_constant_one_more_than_nothing():
    table = np.c_[np.random.default_rng(0).normal(size=300).round(2), np.zeros(300)]
    found = tolerances(table)
    assert found[0] == pytest.approx(0.01)
    assert 0 < found[1] < 1e-300


@pytest.mark.parametrize("kept", range(3, 13))
def test_significant_digits_are_recognised_whatever_the_magnitude(kept):
    rng = np.random.default_rng(kept)
    values = rng.normal(size=400) * np.exp(rng.normal(size=400) * 5)
    rounded = np.array([float(f"{value:.{kept}g}") for value in values])
    assert decimal_digits(np.c_[rounded, values])[0] == pytest.approx(10.0 ** (1 - kept))
    assert decimal_digits(np.c_[rounded, values])[1] == np.finfo(float).eps


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_numbers_that_were_stored_narrow_are_recognised_when_they_come_wide(kind):
    values = np.random.default_rng(0).normal(size=(300, 2)).astype(kind).astype(float)
    assert (decimal_digits(values) >= np.finfo(kind).eps).all()


# ---------------------------------------------------------------- between


def planted(n, columns, made, seed):
    """Dyadic numbers, some rows of which lie exactly between two others at a quarter, a half or three quarters."""
    rng = np.random.default_rng(seed)
    rows = [
        [Fraction(int(cell), 2**20) for cell in row]
        for row in rng.integers(0, 2**40, (n - made, columns)) * 4
    ]
    for _ in range(made):
        a, b = rng.choice(n - made, 2, replace=False)
        share = Fraction(int(rng.integers(1, 4)), 4)
        rows.append([x + share * (y - x) for x, y in zip(rows[a], rows[b], strict=True)])
    return [rows[place] for place in rng.permutation(n)]


def lies_between(row, a, b):
    shares = {(x - p) / (q - p) if q != p else None for x, p, q in zip(row, a, b, strict=True)}
    return len(shares) == 1 and None not in shares and 0 < shares.pop() < 1


def nearest(rows, place, most):
    """Positions of the nearest other rows, each column over its standard deviation."""
    n = len(rows)
    table = [[float(cell) for cell in row] for row in rows]
    means = [sum(column) / n for column in zip(*table, strict=True)]
    spread = [
        math.sqrt(sum((cell - mean) ** 2 for cell in column) / n)
        for column, mean in zip(zip(*table, strict=True), means, strict=True)
    ]
    scaled = [[cell / each for cell, each in zip(row, spread, strict=True)] for row in table]
    others = [other for other in range(n) if other != place]
    return sorted(others, key=lambda other: math.dist(scaled[place], scaled[other]))[:most]


@pytest.mark.quick(1)
@pytest.mark.parametrize("columns", [3, 4, 8])
@pytest.mark.parametrize(("n", "made"), [(3, 1), (12, 0), (24, 8), (31, 15), (70, 30)])
def test_rows_between_two_neighbours_are_those_of_an_exact_loop_over_every_pair(n, made, columns):
    rows = planted(n, columns, made, seed=n + columns)
    hits = 0
    for place in range(n):
        near = nearest(rows, place, 30)
        hits += any(lies_between(rows[place], rows[a], rows[b]) for a, b in itertools.combinations(near, 2))
    values = np.array([[float(cell) for cell in row] for row in rows])
    found = between(values, tolerances(values))
    # rows of three on one line fill one direction: chance is not told from making there
    wide = n > 3
    assert (found.hits, found.evaluated, found.sampled) == (hits * wide, n * wide, n)
    assert found.pairs == pytest.approx(math.comb(min(n - 1, 30), 2) * wide, rel=0.01)
    assert hits >= made * 0.5


@pytest.mark.quick(5)
@pytest.mark.parametrize("columns", [3, 4, 6])
@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_left_out_where_chance_puts_a_row_between_them(columns, seed):
    rng = np.random.default_rng(seed)
    values = rng.random((25, columns)) ** 3
    tolerance = np.full(columns, {3: 2e-5, 4: 5e-4, 6: 4e-3}[columns])
    fine = [0] * 25
    for place in range(25):
        others = (
            np.array([values[other] - values[place] for other in range(25) if other != place]) / tolerance
        )
        near = np.vstack([others, np.zeros(columns)])  # the row itself belongs to them
        axes = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(near.T, bias=True)), 0))
        if math.prod(1 / max(each, 1) for each in sorted(axes)[:-1]) > 1e-7:
            continue
        for a, b in itertools.combinations(others, 2):
            apart = sorted(abs(a - b))
            chance = math.prod(min(2 / each, 1) for each in apart[:-1])
            fine[place] += chance <= 1e-7 and sum(each > 20 for each in apart) >= 3
    assert 0 < sum(fine) < 0.9 * 25 * math.comb(24, 2)  # some, not all
    found = between(values, tolerance)
    assert found.evaluated == sum(each > 0 for each in fine)
    assert found.pairs == pytest.approx(sum(fine) / found.evaluated)


def test_fewer_than_three_rows_have_no_pair():
    assert between(np.zeros((2, 5)), np.full(5, 1e-9)) == Between(0, 0, 2, 0.0)
    assert Between(0, 0, 2, 0.0).share == 0.0


def test_three_hundred_rows_are_looked_at_where_all_would_take_long():
    values = np.random.default_rng(0).normal(size=(1000, 4))
    tolerance = tolerances(values)
    assert between(values, tolerance).sampled == 1000
    assert between(values, tolerance, quick=1000 * 400).sampled == 400
    assert between(values, tolerance, quick=0).sampled == 300


def test_rows_that_just_miss_a_line_are_counted_beside_those_on_it():
    rng = np.random.default_rng(0)
    off = np.array(
        [0, 0.5, 0.9, 0.9, 1.5, 2.5, 3.9, 4.5, 9, 90]
    )  # tolerances, in a column in which the ends agree
    a, b = rng.normal(size=(2, 10, 6)) * 1e5
    b[:, 2] = a[:, 2]
    middle = a + rng.uniform(0.2, 0.8, (10, 1)) * (b - a)
    middle[:, 2] += off
    found = between(np.vstack([a, middle, b]), np.ones(6))
    assert (found.hits, found.near) == ((off <= 1).sum(), ((off > 1) & (off <= 4)).sum()) == (4, 3)
    assert {tuple(sorted(line)) for line in found.lines.tolist()} == {(k, 10 + k, 20 + k) for k in range(4)}


@pytest.mark.quick(2)
@pytest.mark.parametrize("columns", [3, 5, 12, 40])
@pytest.mark.parametrize("seed", range(3))
def test_real_continuous_rows_give_no_alarm(columns, seed):
    rng = np.random.default_rng(seed)
    rare, common = rng.normal(size=(150, columns)) + 1, rng.standard_t(3, size=(900, columns))
    suspect, others = evaluated(rare, common)
    assert (suspect.hits, others.hits) == (0, 0)
    assert suspect.evaluated == 150
    assert alarm(suspect, others) is False


@pytest.mark.quick(1)
@pytest.mark.parametrize("kin", KIN)
@pytest.mark.parametrize("columns", [4, 10, 30])
def test_every_kin_of_smote_is_recognised(kin, columns):
    for seed in range(3):
        suspect, others = evaluated(*grown(columns, seed, kin))
        assert alarm(suspect, others) is True
        assert suspect.share > 0.2 > others.share


@pytest.mark.quick(1)
@pytest.mark.parametrize("kin", KIN)
def test_synthetic_rows_are_recognised_after_rounding_to_three_decimals(kin):
    rare, common = grown(10, 0, kin)
    assert alarm(*evaluated(rare.round(3), common.round(3))) is True


@pytest.mark.slow
@pytest.mark.parametrize("kin", ["SMOTE", "ADASYN"])
def test_single_precision_is_recognised_and_its_noise_is_not(kin):
    X, y = classes(8, 1)
    single = X.astype(np.float32)
    assert alarm(*evaluated(*(single[y == code].astype(float) for code in (1, 0)))) is False
    Z, z = KIN[kin](random_state=0).fit_resample(single, y)
    assert Z.dtype == np.float32
    assert alarm(*evaluated(*(Z[z == code].astype(float) for code in (1, 0)))) is True
    stored, late = KIN[kin](random_state=0).fit_resample(X, y)
    stored = stored.astype(np.float32).astype(float)  # made in double, stored in single
    assert alarm(*evaluated(stored[late == 1], stored[late == 0])) is True


# ---------------------------------------------------------------- what cannot be told


def numbers(rng, n, columns, form):
    if form == "small integers":
        return rng.integers(0, 8, (n, columns)).astype(float)
    if form == "one decimal":
        return rng.normal(size=(n, columns)).round(1)
    if form == "tied":
        return rng.choice(
            [0.0, 0.1234567, 1 / 3, 2.7182818, 9.87654321], (n, columns), p=[0.6, 0.1, 0.1, 0.1, 0.1]
        )
    return rng.normal(size=(n, columns))


@pytest.mark.quick(2)
@pytest.mark.parametrize("form", ["small integers", "one decimal"])
@pytest.mark.parametrize("columns", [3, 5])
@pytest.mark.parametrize("made", [False, True])
def test_coarse_numbers_are_not_evaluated(form, columns, made):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        rare, common = numbers(rng, 150, columns, form), numbers(rng, 600, columns, form)
        if made:
            X, y = np.vstack([rare, common]), np.arange(750) < 150
            Z, z = SMOTE(random_state=seed).fit_resample(X, y)
            Z = Z.round(1 if form == "one decimal" else 0)
            rare, common = Z[z], Z[~z]
        assert alarm(*evaluated(rare, common)) is None


@pytest.mark.quick(1)
@pytest.mark.parametrize("columns", [3, 5, 8])
def test_heavily_tied_rows_are_never_an_alarm(columns):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        rare, common = numbers(rng, 200, columns, "tied"), numbers(rng, 800, columns, "tied")
        assert alarm(*evaluated(rare, common)) is not True


@pytest.mark.parametrize("columns", [1, 2])
def test_two_columns_are_not_evaluated_even_after_smote(columns):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(500, columns)), np.arange(500) < 100
    Z, z = SMOTE(random_state=0).fit_resample(X, y)
    for values, labels in ((X, y), (Z, z)):
        assert alarm(*evaluated(values[labels], values[~labels])) is None


def test_integers_of_a_wide_range_are_evaluated():
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 10**6, (700, 6)).astype(float), np.arange(700) < 120
    assert alarm(*evaluated(X[y], X[~y])) is False
    Z, z = SMOTE(random_state=0).fit_resample(X, y)
    assert alarm(*evaluated(np.trunc(Z[z]), np.trunc(Z[~z]))) is True


@pytest.mark.quick(2)
@pytest.mark.parametrize("decimals", [1, 2, 3, 4, None])
@pytest.mark.parametrize("weights", [[[1, 1]], [[1, 1], [1, -1]], [[1, 1], [1, -1], [2, 1], [0.5, 3]]])
@pytest.mark.parametrize(("n_rare", "n_common"), [(60, 4000), (300, 4000), (100, 500)])
def test_columns_that_are_computed_from_two_others_are_no_alarm(decimals, weights, n_rare, n_common):
    for seed in range(2):
        rng = np.random.default_rng(seed)
        free = rng.normal(size=(n_rare + n_common, 2))
        table = np.c_[free, free @ np.array(weights, dtype=float).T]
        table = table if decimals is None else table.round(decimals)
        assert alarm(*evaluated(table[:n_rare], table[n_rare:])) is not True


def test_synthetic_rows_are_recognised_where_all_neighbours_lie_on_one_line():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(9000, 6)), np.arange(9000) < 6
    Z, z = SMOTE(random_state=0).fit_resample(X, y)
    assert alarm(*evaluated(Z[z], Z[~z])) is True


def test_products_and_ratios_of_rounded_columns_are_no_alarm():
    for seed in range(4):
        a, b = np.random.default_rng(seed).uniform(1, 3, (2, 3000)).round(2)
        table = np.c_[a, b, a * b, a / b, a**2].round(2)
        assert alarm(*evaluated(table[:300], table[300:])) is not True


def test_points_of_a_smooth_curve_are_no_alarm():
    rng = np.random.default_rng(0)
    time = rng.random(1500)
    table = np.c_[time, np.sin(time), np.cos(time), time**2, np.exp(time)].round(4)
    assert alarm(*evaluated(table[:300], table[300:])) is not True


# ---------------------------------------------------------------- the alarm


def tail(hits, n, p):
    """The chance of so many hits or more among n, each with this chance."""
    return math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits, n + 1))


@pytest.mark.parametrize("n_judged", [5, 40, 300])
@pytest.mark.parametrize("pairs", [50.0, 435.0, 1e5])
@pytest.mark.parametrize("near", [0, 7])
def test_the_alarm_is_raised_where_both_binomial_tails_are_below_one_in_a_million(n_judged, pairs, near):
    rate = max(pairs * 1e-7, 1e-5)
    quiet = Between(0, 300, 300, 400.0)
    raised = [alarm(Between(hits, n_judged, 300, pairs, near), quiet) for hits in range(n_judged + 1)]
    if n_judged < 30:  # less than a tenth of the rows looked at
        assert set(raised) == {None}
        raised = [
            alarm(Between(hits, n_judged, n_judged, pairs, near), quiet) for hits in range(n_judged + 1)
        ]
    chance = [max(tail(hits, n_judged, rate), tail(hits, hits + near, 0.25)) for hits in range(n_judged + 1)]
    assert [each is True for each in raised] == [each < ALARM for each in chance]
    assert [each is not False for each in raised] == [
        tail(hits, n_judged, rate) < ALARM for hits in range(n_judged + 1)
    ]
    assert True not in raised or raised.index(True) >= 10


def test_lines_in_the_most_frequent_class_are_no_alarm_in_the_rare_one():
    lined = Between(120, 300, 300, 435.0)
    assert alarm(Between(150, 300, 300, 435.0), lined) is None
    assert alarm(Between(60, 300, 300, 435.0), Between(30, 300, 300, 435.0)) is False
    assert alarm(Between(250, 300, 300, 435.0), Between(3, 300, 300, 435.0)) is True


@pytest.mark.parametrize("n_judged", [0, 4, 29])
def test_too_few_rows_to_judge_by_leave_it_open(n_judged):
    assert alarm(Between(n_judged, n_judged, 300, 400.0), Between(0, 300, 300, 400.0)) is None
