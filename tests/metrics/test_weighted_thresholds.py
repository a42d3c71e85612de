"""Thresholds of rows that do not count once each, against loops over thresholds, repeated rows and exact tests."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats

from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.cross_fitting import others_tables
from imbalance_accessor.metrics.objectives import Constraint, Objective, WeightedCounts
from imbalance_accessor.metrics.threshold_range import threshold_range
from imbalance_accessor.metrics.thresholds import MEDIAN_ROWS, ThresholdGrid, Tuning, best_of_draws
from imbalance_accessor.metrics.weights import Weights, effective

pytestmark = pytest.mark.filterwarnings("error")

CRITERIA = ("f1", "mcc", "balanced_accuracy", "accuracy", "fbeta", "cost", "recall", "precision")


def over(a, b):
    return a / b if b else Fraction(0)


def value_of(criterion, tp, fp, fn, tn, beta, paid):
    """A criterion of exact sums, made large; MCC by its signed square."""
    if criterion == "mcc":
        top = tp * tn - fp * fn
        return over(top * abs(top), (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    b2 = beta**2
    return {
        "f1": lambda: over(2 * tp, 2 * tp + fp + fn),
        "fbeta": lambda: over((1 + b2) * tp, (1 + b2) * tp + b2 * fn + fp),
        "balanced_accuracy": lambda: over(tp, tp + fn) + over(tn, tn + fp),
        "accuracy": lambda: over(tp + tn, tp + fp + fn + tn),
        "cost": lambda: -paid,
        "recall": lambda: over(tp, tp + fn),
        "precision": lambda: over(tp, tp + fp),
    }[criterion]()


def by_hand(y, score, w, criterion, beta, limits, costs):
    """Try every threshold in exact arithmetic; the strictest of the best that keep all limits, nan where none does."""
    best = None
    rows = [(bool(a), float(b), Fraction(c)) for a, b, c in zip(y, score, w, strict=True)]
    for threshold in [math.inf, *sorted({each for _, each, _ in rows}, reverse=True)]:
        cells = {cell: Fraction(0) for cell in ((1, 1), (0, 1), (1, 0), (0, 0))}
        paid = Fraction(0)
        for place, (positive, own, weight) in enumerate(rows):
            flagged = own >= threshold
            cells[positive, flagged] += weight
            outcome = {(1, 1): "tp", (0, 1): "fp", (1, 0): "fn", (0, 0): "tn"}[positive, flagged]
            paid += weight * Fraction(costs[outcome][place])
        tp, fp, fn, tn = cells[1, 1], cells[0, 1], cells[1, 0], cells[0, 0]
        shares = {
            "precision": (tp, tp + fp),
            "recall": (tp, tp + fn),
            "flag_rate": (tp + fp, tp + fp + fn + tn),
        }
        kept = all(
            shares[metric][1]
            and (over(*shares[metric]) <= bound if metric == "flag_rate" else over(*shares[metric]) >= bound)
            for metric, bound in limits.items()
        )
        value = value_of(criterion, tp, fp, fn, tn, beta, paid)
        if kept and (best is None or value > best[0]):
            best = value, threshold
    return math.nan if best is None else best[1]


@pytest.mark.quick(1)
@pytest.mark.parametrize("seed", range(10))
def test_the_weighted_search_is_that_of_a_brute_force_over_every_threshold(seed):
    rng = np.random.default_rng(seed)
    without = 0
    for case in range(50):
        n = int(rng.integers(4, 26))
        y = rng.random(n) < rng.choice([0.2, 0.5])
        score = rng.integers(0, rng.choice([4, 40]), n) / 8 + y / 4
        own = None if case % 3 == 0 else rng.choice([0, 0.5, 1, 1.75, 3, 10], n)
        factors = None if case % 3 == 1 else np.array([rng.choice([0.25, 4, 96]), 0.5])
        costs = {"fp": 1.0, "fn": 7.0, "tp": -0.5, "tn": 0.0}
        if case % 5 == 0:
            costs["fn"] = rng.integers(0, 30, n) / 4
        criterion = CRITERIA[case % len(CRITERIA)]
        bounds = {"precision": 0.125, "recall": 0.5, "flag_rate": 0.375}
        names = rng.permutation(list(bounds))[: rng.integers(0, 3)].tolist()
        weights = Weights(own, factors)
        found = ThresholdGrid(y, score, Costs(**costs), weights).table
        limits = tuple(Constraint(name, bounds[name]) for name in names)
        place, feasible = found.choose(Objective(criterion, 2.0, limits))
        got = found.thresholds[place] if feasible else math.nan
        w = np.ones(n) if weights.are_ones else weights.of(y)
        paid = {name: np.broadcast_to(amount, n) for name, amount in costs.items()}
        expected = by_hand(y, score, w, criterion, 2, {name: bounds[name] for name in names}, paid)
        assert got == pytest.approx(expected, nan_ok=True), (case, criterion, names)
        without += math.isnan(expected)
    assert 0 < without < 25


def a_case(n=300, seed=0, share=0.3):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    return y, np.round(rng.normal(size=n) + 1.5 * y, 1), rng.integers(0, 5, n).astype(float), rng


@pytest.mark.parametrize("factors", [None, np.array([1.2, 0.04])])
def test_whole_weights_are_repeated_rows(factors):
    y, score, own, rng = a_case()
    amount = rng.exponential(20, len(y))
    often = np.repeat(np.arange(len(y)), own.astype(int))
    costs = Costs(fp=1.0, fn=amount)
    weighted = ThresholdGrid(y, score, costs, Weights(own, factors)).table
    repeated = ThresholdGrid(y[often], score[often], costs.take(often), Weights(None, factors)).table
    for objective in (
        *(Objective(each) for each in ("f1", "mcc", "balanced_accuracy", "cost")),
        Objective("recall", constraints=(Constraint("precision", 0.5),)),
    ):
        (a, kept), (b, also) = (each.choose(objective) for each in (weighted, repeated))
        assert kept == also
        assert weighted.thresholds[a] == repeated.thresholds[b]
        values = [
            float(objective.value(each.confusion, each.cost)[at])
            for each, at in ((weighted, a), (repeated, b))
        ]
        assert values[0] == pytest.approx(values[1], rel=1e-9)


def test_factors_of_one_and_weights_of_one_change_nothing():
    y, score, _, _ = a_case()
    plain = ThresholdGrid(y, score, Costs(fp=1, fn=5)).table
    some = ThresholdGrid(y, score, Costs(fp=1, fn=5), Weights(np.ones(len(y)), np.ones(2))).table
    for criterion in ("f1", "mcc", "cost"):
        assert plain.choose(Objective(criterion)) == some.choose(Objective(criterion))
    assert plain.tp.tolist() == some.tp.tolist()
    assert best_of_draws(plain, Objective("f1")).tolist() == best_of_draws(some, Objective("f1")).tolist()


@pytest.mark.parametrize("own", [False, True])
def test_draws_are_those_of_a_plain_loop(own):
    y, score, weight, _ = a_case(n=120, seed=3)
    weight = weight + 0.25 if own else np.ones(len(y))
    factors = np.array([1.25, 0.1])
    table = ThresholdGrid(y, score, weights=Weights(weight if own else None, factors)).table
    found = table.thresholds[best_of_draws(table, Objective("f1"), seed=5)]
    thresholds = [math.inf, *sorted(set(score[y].tolist()), reverse=True)]
    rng, drawn = np.random.default_rng(5), {}
    for side, last in ((True, []), (False, [-math.inf])):
        ends = [*thresholds, *last]
        cells = [(y == side) & (score < a) & (score >= b) for a, b in itertools.pairwise(ends)]
        rows = np.array([cell.sum() for cell in cells])
        mean = [weight[cell].mean() if cell.any() else 0.0 for cell in cells]
        draws = rng.multinomial(rows.sum(), rows / rows.sum(), 501)
        drawn[side] = factors[int(side)] * draws * np.array(mean)
    expected = []
    for hits, alarms in zip(drawn[True], drawn[False], strict=True):
        best = (-1.0, None)
        for place, threshold in enumerate(thresholds):
            tp, fp = hits[:place].sum(), alarms[:place].sum()
            f1 = 2 * tp / (tp + fp + hits.sum())
            if f1 > best[0] * (1 + 1e-12):
                best = f1, threshold
        expected.append(best[1])
    assert found.tolist() == expected


def test_the_range_of_weighted_rows_is_that_of_a_plain_loop():
    y, score, own, _ = a_case(n=80, seed=4)
    score, own, factors = np.round(score), own + 0.5, np.array([1.3, 0.2])
    limit = Objective("recall", constraints=(Constraint("precision", 0.2),))
    grid = ThresholdGrid(y, score, weights=Weights(own, factors))
    found = threshold_range(grid, Tuning(limit, MEDIAN_ROWS + 1, 7), n_draws=60)
    levels = sorted(set(score.tolist()), reverse=True)
    sums = {}
    rng = np.random.default_rng(7)
    for side in (False, True):
        cells = [(y == side) & (score == level) for level in levels]
        rows = np.array([cell.sum() for cell in cells])
        there = rows > 0
        draws = np.zeros((60, len(levels)))
        draws[:, there] = rng.multinomial(rows.sum(), rows[there] / rows.sum(), 60)
        mean = np.array([own[cell].mean() if cell.any() else 0.0 for cell in cells])
        sums[side] = factors[int(side)] * draws * mean
    expected = []
    for hits, alarms in zip(sums[True].cumsum(axis=1), sums[False].cumsum(axis=1), strict=True):
        precision = np.divide(hits, hits + alarms, out=np.zeros(len(hits)), where=hits + alarms > 0)
        kept = [place for place in range(len(levels)) if precision[place] >= 0.2]
        best = max(kept, key=lambda place: (hits[place], -place), default=None)
        expected.append(math.nan if best is None else levels[best])
    assert np.array_equal(found.thresholds, expected, equal_nan=True)
    assert len(set(expected)) > 2


def test_whole_groups_count_their_rows_weights():
    y, score, own, rng = a_case(n=60, seed=6)
    groups, weights = rng.integers(0, 15, 60), Weights(own + 0.5, np.array([1.3, 0.2]))
    resamples = Resamples(y, groups=groups, weights=weights, n_draws=40, seed=2)
    limit = Objective("recall", constraints=(Constraint("precision", 0.15),), confidence=0.6)
    found = threshold_range(
        ThresholdGrid(y, score, weights=weights), Tuning(limit, MEDIAN_ROWS + 1), resamples=resamples
    )
    expected = []
    for counts in np.concatenate(list(resamples.blocks())) / weights.of(y):
        often = np.repeat(np.arange(60), np.rint(counts).astype(int))
        table = ThresholdGrid(y[often], score[often], weights=weights.take(often)).table
        place, feasible = table.choose(limit)
        expected.append(table.thresholds[place] if feasible else math.nan)
    assert np.array_equal(found.thresholds, expected, equal_nan=True)
    assert len({each for each in expected if not math.isnan(each)}) > 1


def test_where_a_prevalence_alone_is_given_limits_are_held_by_whole_rows():
    rng, factors = np.random.default_rng(1), np.array([1.32, 0.04])
    for _ in range(200):
        tp, fp, fn, tn = (int(each) for each in rng.integers(0, 60, 4))
        rows = Confusion([tp], [fp], [fn], [tn])
        counts = WeightedCounts(rows, factors, rows)
        odds = 0.1 / 0.9 * factors[0] / factors[1]
        limit = odds / (1 + odds)
        if tp + fp:
            exact = scipy.stats.binomtest(tp, tp + fp, limit, alternative="greater").pvalue <= 0.2
            at_all = tp * factors[1] >= 0.1 * (tp * factors[1] + fp * factors[0])
            assert Constraint("precision", 0.1).holds(counts, 0.8).tolist() == [exact and at_all]
            low = scipy.stats.beta.ppf(0.2, tp, fp + 1) if tp else 0.0
            moved = low * factors[1] / (low * factors[1] + (1 - low) * factors[0])
            assert Constraint("precision", 0.1).reached(counts, 0.8)[0] == pytest.approx(moved)
        if tp + fn:
            exact = scipy.stats.binomtest(tp, tp + fn, 0.7, alternative="greater").pvalue <= 0.2
            assert Constraint("recall", 0.7).holds(counts, 0.8).tolist() == [exact and tp >= 0.7 * (tp + fn)]


def test_rows_with_weights_of_their_own_are_as_many_as_they_are_worth():
    y, score, own, _ = a_case(n=100, seed=8)
    own, factors = own + 0.25, np.array([1.1, 0.3])
    table = ThresholdGrid(y, score, weights=Weights(own, factors)).table
    place = len(table.thresholds) // 2
    flagged, whole = score >= table.thresholds[place], own * factors[y.astype(int)]

    def low(hits, rows):
        n = effective(rows)
        share = hits.sum() / rows.sum()
        return scipy.stats.beta.ppf(0.1, share * n, n - share * n + 1)

    sample = low(own[flagged & y], own[flagged])
    expected = {
        "precision": sample * 0.3 / (sample * 0.3 + (1 - sample) * 1.1),
        "recall": low(own[flagged & y], own[y]),
    }
    n, share = effective(whole), whole[flagged].sum() / whole.sum()
    expected["flag_rate"] = scipy.stats.beta.ppf(0.9, share * n + 1, n - share * n)
    for metric, bound in expected.items():
        assert Constraint(metric, 0.5).reached(table.confusion, 0.9)[place] == pytest.approx(bound)
        for near, kept in ((-1e-6, metric != "flag_rate"), (1e-6, metric == "flag_rate")):
            assert Constraint(metric, bound + near).holds(table.confusion, 0.9)[place] == kept


def test_tables_of_some_rows_and_means_over_deals_keep_their_weights():
    y, score, own, rng = a_case(n=90, seed=9)
    own, fold = own + 0.5, rng.integers(0, 3, 90)
    weights = Weights(own, np.array([1.2, 0.4]))
    for held_out, table in others_tables(ThresholdGrid(y, score, weights=weights), fold):
        rows = fold != held_out
        alone = ThresholdGrid(y[rows], score[rows], weights=weights.take(rows)).table
        assert table.tp == pytest.approx(alone.tp)
        assert table.fp == pytest.approx(alone.fp)
    once = ThresholdGrid(y, score, weights=weights).table
    every = np.tile(np.arange(90), 2)
    twice = ThresholdGrid(y[every], score[every], weights=weights.take(every)).table.averaged(2)
    assert twice.tp == pytest.approx(once.tp)
    assert twice.negatives == pytest.approx(once.negatives)
    limit = Constraint("precision", 0.3)
    assert limit.reached(twice.confusion, 0.9) == pytest.approx(limit.reached(once.confusion, 0.9))
