"""The range of a threshold against plain loops that draw rows, or whole groups of rows, one by one."""

import math
from fractions import Fraction

import numpy as np
import pytest
from best_thresholds import best_threshold_of

from imbalance_accessor.metrics import threshold_range
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.thresholds import MEDIAN_ROWS, ThresholdGrid, Tuning, best_of_draws
from imbalance_accessor.metrics.weights import Weights

pytestmark = pytest.mark.filterwarnings("error")

AT_PRECISION = Objective("recall", constraints=(Constraint("precision", 0.75),))
COSTS = {"fp": 2, "fn": 7, "tp": -1}


def range_of(grid, objective, *, seed=0, **options):
    """The range of the single best threshold, as of very many rows."""
    return threshold_range.threshold_range(grid, Tuning(objective, MEDIAN_ROWS + 1, seed), **options)


def a_sample(n=60, levels=6, seed=0, share=0.3, shift=2.2):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    raw = rng.normal(size=n) + shift * y
    return y, np.digitize(raw, np.quantile(raw, np.linspace(0, 1, levels + 1)[1:-1])) / 10


def chosen(kind, y, score, paid=None):
    """Choose a threshold by a loop over all of them, in exact arithmetic; nan where none keeps the limit."""
    y, score = np.asarray(y), np.asarray(score)
    positives, negatives = int(y.sum()), int((~y).sum())
    best = None
    for threshold in [math.inf, *sorted(set(score.tolist()), reverse=True)]:
        flagged = score >= threshold
        tp, fp = int((y & flagged).sum()), int((~y & flagged).sum())
        if kind == "f1":
            value = Fraction(2 * tp, tp + fp + positives)
        elif kind == "balanced_accuracy":
            value = Fraction(tp, positives) - Fraction(fp, negatives)
        elif kind == "cost":
            value = -(COSTS["fp"] * fp + COSTS["fn"] * (positives - tp) + COSTS["tp"] * tp)
        elif kind == "cost by row":
            value = -float(np.where(flagged, *paid).sum())
        else:
            if not tp + fp or Fraction(tp, tp + fp) < Fraction(3, 4):
                continue
            value = tp
        if best is None or value > best[0]:
            best = value, threshold
    return math.nan if best is None else best[1]


def row_bootstrap(kind, y, score, n_draws, seed, paid=None):
    """Draw rows one by one, again while a class is missing, and choose on each draw."""
    rng, thresholds = np.random.default_rng(seed), []
    while len(thresholds) < n_draws:
        rows = rng.integers(0, len(y), len(y))
        if 0 < y[rows].sum() < len(y):
            drawn = None if paid is None else (paid[0][rows], paid[1][rows])
            thresholds.append(chosen(kind, y[rows], score[rows], drawn))
    return np.array(thresholds)


def shares(thresholds):
    values, counts = np.unique(thresholds, return_counts=True)  # nan is one value here
    return dict(zip(map(str, values), counts / len(thresholds), strict=True))


def assert_same_distribution(a, b, extra=0.0):
    """Compare how often each threshold was chosen; 4.5 standard errors of a difference, and what is known to differ."""
    left, right = shares(a), shares(b)
    for threshold in {*left, *right}:
        p, q = left.get(threshold, 0), right.get(threshold, 0)
        pooled = (p * len(a) + q * len(b)) / (len(a) + len(b))
        error = math.sqrt(pooled * (1 - pooled) * (1 / len(a) + 1 / len(b)))
        assert abs(p - q) <= 4.5 * error + extra, (threshold, p, q)


CASES = {
    "f1": Objective("f1"),
    "balanced_accuracy": Objective("balanced_accuracy"),
    "cost": Objective("cost"),
    "recall": AT_PRECISION,
}


@pytest.mark.quick(2)
@pytest.mark.parametrize("kind", CASES)
def test_the_thresholds_of_few_scores_are_those_of_a_plain_row_bootstrap(kind):
    y, score = a_sample()
    found = range_of(ThresholdGrid(y, score, Costs(**COSTS)), CASES[kind], n_draws=4000, seed=5)
    expected = row_bootstrap(kind, y, score, 1500, seed=77)
    assert (found.groups, found.grouped) == (6, False)
    assert len(shares(found.thresholds)) > 2  # else there would be little to compare
    assert_same_distribution(found.thresholds, expected)


@pytest.mark.quick(1)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_thresholds_of_all_distinct_scores_are_those_of_a_plain_row_bootstrap(seed):
    rng = np.random.default_rng(seed)
    y = rng.random(25) < 0.4
    score = rng.normal(size=25) + y
    found = range_of(ThresholdGrid(y, score), Objective("f1"), n_draws=4000, seed=seed)
    expected = row_bootstrap("f1", y, score, 1500, seed=seed + 9)
    assert_same_distribution(found.thresholds, expected)
    ends = np.quantile(expected, [0.025, 0.975])
    assert np.searchsorted(np.sort(score), found.low) == pytest.approx(
        np.searchsorted(np.sort(score), ends[0]), abs=1
    )
    assert np.searchsorted(np.sort(score), found.high) == pytest.approx(
        np.searchsorted(np.sort(score), ends[1]), abs=1
    )


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_the_ends_are_thresholds_that_hold_so_many_of_the_draws(confidence):
    y, score = a_sample(n=200, levels=150)
    found = range_of(ThresholdGrid(y, score), Objective("f1"), confidence=confidence, n_draws=999)
    low, high = (1 - confidence) / 2, (1 + confidence) / 2
    assert found.low == np.quantile(found.thresholds, low, method="lower")
    assert found.high == np.quantile(found.thresholds, high, method="higher")
    assert {found.low, found.high} <= set(score)
    assert ((found.low <= found.thresholds) & (found.thresholds <= found.high)).mean() >= confidence
    assert found.low < found.high


def test_the_range_holds_the_chosen_threshold_and_narrows_with_more_positives():
    def width(n):
        rng = np.random.default_rng(4)
        y = rng.random(n) < 0.1
        score = rng.normal(size=n) + 1.5 * y
        found = range_of(ThresholdGrid(y, score), Objective("f1"), n_draws=400)
        assert found.low <= best_threshold_of(y, score) <= found.high
        return found.high - found.low

    assert width(200) > 1.5 * width(1900)


@pytest.mark.parametrize("criterion", ["f1", "mcc", "accuracy"])
@pytest.mark.parametrize("seed", range(5))
def test_a_median_lies_in_the_range_of_the_draws_that_it_is_of(criterion, seed):
    y, score = a_sample(n=90, levels=20, seed=seed)
    grid, tuning = ThresholdGrid(y, score), Tuning(Objective(criterion), 90, seed)
    found = threshold_range.threshold_range(grid, tuning)
    thresholds = np.sort(grid.table.thresholds[best_of_draws(grid.table, tuning.objective, seed)])
    assert sorted(found.thresholds) == thresholds.tolist()
    # few levels a tenth apart: two digits say them all
    assert (found.low, found.high) == (thresholds[12], thresholds[488])
    assert found.low <= tuning.threshold(grid.table) <= found.high


def test_the_ends_are_rounded_as_the_threshold_is_so_that_it_never_lies_outside():
    y = np.repeat([True, False], [30, 300])
    score = np.repeat([0.65912, 0.2], [30, 300])
    found = threshold_range.threshold_range(ThresholdGrid(y, score), Tuning(Objective("f1"), 330))
    assert (
        (found.low, found.high)
        == (0.65, 0.65)
        == (Tuning(Objective("f1"), 330).threshold(ThresholdGrid(y, score).table),) * 2
    )


def test_flagging_nobody_is_a_threshold_like_any_other():
    y, score = a_sample(n=80, levels=5, share=0.2, shift=0.5)
    found = range_of(ThresholdGrid(y, score), Objective("accuracy"), n_draws=800)
    assert 0.025 < np.isinf(found.thresholds).mean() < 1
    assert found.high == math.inf
    assert not np.isnan(found.thresholds).any()


def test_draws_in_which_no_threshold_keeps_the_limit_are_counted_and_left_out():
    y, score = a_sample()
    found = range_of(ThresholdGrid(y, score), AT_PRECISION, n_draws=4000)
    expected = np.isnan(row_bootstrap("recall", y, score, 1500, seed=3)).mean()
    assert 0.05 < expected < 0.95
    assert found.infeasible == pytest.approx(expected, abs=4.5 * math.sqrt(0.25 / 4000 + 0.25 / 1500))
    feasible = found.thresholds[~np.isnan(found.thresholds)]
    assert found.low == np.quantile(feasible, 0.025, method="lower")
    assert found.high == np.quantile(feasible, 0.975, method="higher")


def test_a_limit_that_no_draw_keeps_leaves_no_range():
    y = np.arange(40) % 2 == 0
    never = Objective("recall", constraints=(Constraint("precision", 0.9),))
    found = range_of(ThresholdGrid(y, np.zeros(40)), never, n_draws=50)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.infeasible == 1


def test_a_draw_without_a_positive_is_drawn_again():
    # 2 positives in 30 rows: one draw in eight lacks them; any other is split perfectly at a positive's score
    y = np.arange(30) >= 28
    found = range_of(ThresholdGrid(y, np.arange(30.0)), Objective("f1"), n_draws=500)
    assert set(found.thresholds) == {28.0, 29.0}
    # of the draws that hold one of the two, (29/30)^30 − (28/30)^30 hold only the upper one
    one, none = (29 / 30) ** 30, (28 / 30) ** 30
    only_upper = (one - none) / (1 - none)
    assert (found.thresholds == 29).mean() == pytest.approx(only_upper, abs=4.5 * math.sqrt(0.25 / 500))


@pytest.mark.parametrize("label", [True, False])
def test_rows_of_one_class_are_drawn_once(label):
    y = np.full(12, label)
    found = range_of(ThresholdGrid(y, np.arange(12.0)), Objective("accuracy"), n_draws=20)
    assert np.isinf(found.thresholds).all() == (not label)
    assert (found.thresholds <= 11).all() == label


@pytest.mark.parametrize("kind", ["f1", "recall", "cost by row"])
def test_whole_clusters_are_drawn_as_a_plain_loop_draws_them(kind):
    rng = np.random.default_rng(8)
    y, score = a_sample(n=70, levels=9, seed=8)
    clusters = rng.permutation(np.arange(70) % 17) * 3 + 1
    amount = rng.integers(1, 50, 70).astype(float)
    costs = Costs(fp=12.0, fn=amount) if kind == "cost by row" else None
    objective = Objective("cost") if costs else CASES[kind]
    found = range_of(
        ThresholdGrid(y, score, costs),
        objective,
        resamples=Resamples(y, groups=clusters, n_draws=150, seed=6),
    )
    names, loop = np.unique(clusters), np.random.default_rng(6)
    expected = []
    while len(expected) < 150:
        drawn = loop.integers(0, len(names), len(names))
        rows = np.concatenate([np.flatnonzero(clusters == names[each]) for each in drawn])
        if 0 < y[rows].sum() < len(rows):
            paid = np.where(y, 0.0, 12.0)[rows], np.where(y, amount, 0.0)[rows]
            expected.append(chosen(kind, y[rows], score[rows], paid))
    assert np.array_equal(found.thresholds, expected, equal_nan=True)


def test_clusters_of_rows_alike_widen_the_range():
    rng = np.random.default_rng(2)
    y, score = np.repeat(rng.random(40) < 0.4, 10), np.repeat(rng.normal(size=40), 10)
    score = score + y
    alone = range_of(ThresholdGrid(y, score), Objective("f1"), n_draws=300)
    groups = Resamples(y, groups=np.repeat(np.arange(40), 10), n_draws=300)
    together = range_of(ThresholdGrid(y, score), Objective("f1"), resamples=groups)
    assert np.ptp(together.thresholds) > np.ptp(alone.thresholds)


@pytest.mark.quick(2)
@pytest.mark.parametrize("criterion", ["f1", "mcc", "balanced_accuracy", "cost"])
def test_neighbouring_scores_put_together_keep_the_range(criterion):
    rng = np.random.default_rng(1)
    y = rng.random(3000) < 0.1
    score = rng.normal(size=3000) + 1.5 * y
    grid = ThresholdGrid(y, score, Costs(fp=1.0, fn=6.0))
    fine = range_of(grid, Objective(criterion), n_draws=400, most_groups=5000)
    coarse = range_of(grid, Objective(criterion), n_draws=400, most_groups=300)
    assert (fine.groups, fine.grouped) == (3000, False)
    assert 250 < coarse.groups <= 300
    assert coarse.grouped
    assert set(coarse.thresholds) <= {*score, math.inf}
    width = fine.high - fine.low
    assert coarse.low == pytest.approx(fine.low, abs=0.2 * width)
    assert coarse.high == pytest.approx(fine.high, abs=0.2 * width)
    assert np.median(coarse.thresholds) == pytest.approx(np.median(fine.thresholds), abs=0.2 * width)


def test_groups_tell_rare_positives_apart():
    # 20 positives share half of the mass: with 100 groups no two of them can stand in one
    rng = np.random.default_rng(3)
    y = np.zeros(20_000, bool)
    y[rng.choice(20_000, 20, replace=False)] = True
    score = rng.permutation(20_000.0 * np.ones(20_000) - np.arange(20_000))
    grid = ThresholdGrid(y, score)
    group, lowest = threshold_range._groups(grid, 100)
    assert len(set(group[grid.y])) == 20
    assert np.bincount(group[~grid.y]).max() <= 20_000 / 50 + 2
    for place in range(len(lowest)):  # each group ends at the lowest of its scores, and none is split
        assert grid.score[group == place].min() == lowest[place]
    assert (np.diff(group) >= 0).all()


def test_amounts_of_rows_with_scores_of_their_own_are_drawn_exactly():
    rng = np.random.default_rng(4)
    y = rng.random(25) < 0.4
    score = rng.normal(size=25) + y
    amount = rng.integers(1, 60, 25).astype(float)
    costs = Costs(fp=20.0, fn=amount, tp=-3.0)
    found = range_of(ThresholdGrid(y, score, costs), Objective("cost"), n_draws=4000)
    paid = np.where(y, -3.0, 20.0), np.where(y, amount, 0.0)
    expected = row_bootstrap("cost by row", y, score, 2000, seed=31, paid=paid)
    assert_same_distribution(found.thresholds, expected)


@pytest.mark.slow
def test_amounts_of_rows_that_share_a_score_are_drawn_nearly_so():
    # 40 positives whose misses cost 240 against 200 false alarms of 1: flag them, but a draw may see it otherwise
    y = np.repeat([True, False, True, False], [30, 5, 40, 200])
    score = np.repeat([0.9, 0.1], [35, 240])
    amount = np.concatenate([np.full(35, 100.0), np.tile([1.0, 1.0, 26.0, 1.0, 1.0], 8), np.zeros(200)])
    found = range_of(ThresholdGrid(y, score, Costs(fp=1.0, fn=amount)), Objective("cost"), n_draws=4000)
    paid = np.where(y, 0.0, 1.0), np.where(y, amount, 0.0)
    expected = row_bootstrap("cost by row", y, score, 4000, seed=13, paid=paid)
    assert set(expected) == {0.1, 0.9}
    assert_same_distribution(
        found.thresholds, expected, extra=0.02
    )  # normal noise for the sum of drawn amounts
    # were every miss to cost the mean, 6, half as many draws would see it otherwise
    flat = np.where(score == 0.1, 6.0, amount)
    dull = row_bootstrap("cost by row", y, score, 4000, seed=13, paid=(paid[0], np.where(y, flat, 0.0)))
    assert (dull == 0.9).mean() < 0.7 * (expected == 0.9).mean()


def test_a_seed_gives_its_draws_again():
    y, score = a_sample(n=300, levels=40)
    first = range_of(ThresholdGrid(y, score), Objective("f1"), n_draws=100, seed=3)
    assert np.array_equal(
        first.thresholds,
        range_of(ThresholdGrid(y, score), Objective("f1"), n_draws=100, seed=3).thresholds,
    )
    assert not np.array_equal(
        first.thresholds,
        range_of(ThresholdGrid(y, score), Objective("f1"), n_draws=100, seed=4).thresholds,
    )


@pytest.mark.parametrize("criterion", ["f1", "cost"])
def test_resamples_drawn_by_row_spread_as_the_multinomial_does(criterion):
    y, score = a_sample(seed=3)
    grid = ThresholdGrid(y, score, Costs(**COSTS))
    by_cell = range_of(grid, Objective(criterion), n_draws=4000, seed=1)
    by_row = range_of(grid, Objective(criterion), resamples=Resamples(y, n_draws=2000, seed=2))
    assert len(by_row.thresholds) == 2000
    assert len(shares(by_row.thresholds)) > 2
    assert_same_distribution(by_cell.thresholds, by_row.thresholds)


def test_too_few_groups_leave_no_range():
    y, score = a_sample()
    found = range_of(
        ThresholdGrid(y, score), Objective("f1"), resamples=Resamples(y, groups=np.arange(60) % 9)
    )
    assert not found.is_drawn
    assert np.isnan([found.low, found.high]).all()
    assert (len(found.thresholds), found.infeasible, found.groups) == (0, 0, 6)


def test_the_thresholds_of_weighted_rows_are_those_of_a_plain_loop():
    y, score = a_sample(n=50, levels=7, seed=5)
    weights = Weights(factors=np.array([0.25, 3.0]))
    resamples = Resamples(y, weights=weights, n_draws=80, seed=9)
    found = range_of(ThresholdGrid(y, score, weights=weights), Objective("accuracy"), resamples=resamples)
    rng, expected = np.random.default_rng(9), []
    while len(expected) < 80:
        rows = rng.integers(0, 50, 50)
        if 0 < y[rows].sum() < 50:
            thresholds = [math.inf, *sorted(set(score), reverse=True)]
            right = [
                3.0 * (y[rows] & (score[rows] >= threshold)).sum()
                + 0.25 * (~y[rows] & (score[rows] < threshold)).sum()
                for threshold in thresholds
            ]
            expected.append(thresholds[int(np.argmax(right))])
    assert found.thresholds.tolist() == expected
