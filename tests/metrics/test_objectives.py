"""Limits against scipy's exact tests, the nearest threshold against a loop, and how often a limit holds on new rows."""

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import fbeta_score

from imbalance_accessor.metrics.binary import Confusion
from imbalance_accessor.metrics.objectives import (
    ONE_SIDED,
    Constraint,
    Objective,
    exact_bound,
    fbeta,
    objectives,
)
from imbalance_accessor.metrics.registry import criteria
from imbalance_accessor.metrics.thresholds import ThresholdGrid

pytestmark = pytest.mark.filterwarnings("error")

PLAIN = {
    "precision": lambda tp, fp, fn, tn: (tp, tp + fp),
    "recall": lambda tp, fp, fn, tn: (tp, tp + fn),
    "flag_rate": lambda tp, fp, fn, tn: (tp + fp, tp + fp + fn + tn),
}
VALUES = {
    "f1": lambda tp, fp, fn, tn: over(2 * tp, 2 * tp + fp + fn),
    "accuracy": lambda tp, fp, fn, tn: over(tp + tn, tp + fp + fn + tn),
    "balanced_accuracy": lambda tp, fp, fn, tn: over(tp, tp + fn) + over(tn, tn + fp),
    "recall": lambda tp, fp, fn, tn: over(tp, tp + fn),
    "precision": lambda tp, fp, fn, tn: over(tp, tp + fp),
    "cost": lambda tp, fp, fn, tn: -(3 * fp + 7 * fn),
}
counts = st.tuples(*[st.integers(0, 60)] * 4)
bounds = st.integers(1, 20).map(lambda twentieth: twentieth / 20)


def over(a, b):
    return Fraction(a, b) if b else Fraction(0)


def bounded(metric, hits, trials, confidence):
    """Bound a share by the quantile of a beta distribution, as Clopper & Pearson do."""
    if metric == "flag_rate":
        return 1.0 if hits == trials else scipy.stats.beta.ppf(confidence, hits + 1, trials - hits)
    return 0.0 if hits == 0 else scipy.stats.beta.ppf(1 - confidence, hits, trials - hits + 1)


@pytest.mark.quick(1)
@pytest.mark.parametrize("metric", PLAIN)
@given(four=counts, bound=bounds)
@settings(deadline=None, max_examples=200)
def test_a_plain_limit_holds_where_the_share_keeps_it(metric, four, bound):
    hits, trials = PLAIN[metric](*four)
    limit, table = Constraint(metric, bound), Confusion(*([count] for count in four))
    share, exact = over(hits, trials), Fraction(str(bound))
    kept = trials > 0 and (share <= exact if metric == "flag_rate" else share >= exact)
    assert limit.holds(table).tolist() == [kept]
    assert limit.reached(table).tolist() == [float(share)]
    assert limit.is_ceiling == (metric == "flag_rate")


@pytest.mark.quick(1)
@pytest.mark.parametrize("metric", PLAIN)
@given(four=counts, bound=bounds, confidence=st.sampled_from([0.5, 0.6, 0.8, 0.9, 0.95, 0.99]))
@settings(deadline=None, max_examples=200)
def test_a_limit_with_confidence_holds_where_the_exact_test_rejects(metric, four, bound, confidence):
    hits, trials = PLAIN[metric](*four)
    limit, table = Constraint(metric, bound), Confusion(*([count] for count in four))
    (held,) = limit.holds(table, confidence)
    if trials == 0:
        assert not held
        return
    ceiling = metric == "flag_rate"
    test = scipy.stats.binomtest(hits, trials, bound, alternative="less" if ceiling else "greater")
    if abs(test.pvalue - (1 - confidence)) > 1e-9:
        assert held == (test.pvalue <= 1 - confidence)
    end = bounded(metric, hits, trials, confidence)
    (reached,) = limit.reached(table, confidence)
    assert reached == pytest.approx(end, abs=1e-9)
    if abs(end - bound) > 1e-9:
        assert held == (end <= bound if ceiling else end >= bound)


@pytest.mark.parametrize("metric", PLAIN)
def test_a_limit_with_confidence_agrees_with_the_exact_test_at_every_count(metric):
    side = "less" if metric == "flag_rate" else "greater"
    for trials in (1, 7, 30):
        hits = np.arange(trials + 1)
        rest, none = trials - hits, np.zeros(trials + 1)
        table = Confusion(hits, none, rest, none) if metric == "recall" else Confusion(hits, rest, none, none)
        if metric == "flag_rate":
            table = Confusion(hits, none, none, rest)
        for bound in (0.25, 0.37, 0.83):
            chance = [scipy.stats.binomtest(int(h), trials, bound, alternative=side).pvalue for h in hits]
            assert Constraint(metric, bound).holds(table, 0.85).tolist() == [p <= 0.15 for p in chance]


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.975])
@pytest.mark.parametrize(("hits", "trials"), [(0, 22), (1, 22), (6, 8), (22, 22), (487, 9000)])
def test_an_exact_bound_is_the_end_of_scipys_exact_interval(hits, trials, confidence):
    # an interval of level 2c − 1 leaves 1 − c on each side
    both = scipy.stats.binomtest(hits, trials).proportion_ci(2 * confidence - 1, method="exact")
    assert exact_bound(hits, trials, confidence, upper=False) == pytest.approx(both.low, abs=1e-10)
    assert exact_bound(hits, trials, confidence, upper=True) == pytest.approx(both.high, abs=1e-10)


def test_a_bound_without_a_hit_a_miss_or_a_trial():
    assert exact_bound([0, 5, 0], [5, 5, 0], 0.9, upper=False).tolist() == [
        0,
        pytest.approx(0.1 ** (1 / 5)),
        0,
    ]
    assert exact_bound([0, 5, 0], [5, 5, 0], 0.9, upper=True).tolist() == [
        pytest.approx(1 - 0.1 ** (1 / 5)),
        1,
        1,
    ]


def test_a_limit_is_held_for_every_draw_and_threshold_at_once():
    rng = np.random.default_rng(0)
    tp, fp = rng.integers(0, 30, (2, 5, 7))
    table = Confusion(tp, fp, 30 - tp, 40 - fp)
    for metric in PLAIN:
        for confidence in (None, 0.9):
            at_once = Constraint(metric, 0.45).holds(table, confidence)
            one_by_one = [
                [
                    bool(
                        Constraint(metric, 0.45)
                        .holds(Confusion([t], [f], [30 - t], [40 - f]), confidence)
                        .item()
                    )
                    for t, f in zip(*pair, strict=True)
                ]
                for pair in zip(tp, fp, strict=True)
            ]
            assert at_once.tolist() == one_by_one
            assert 0 < at_once.mean() < 1


@pytest.mark.parametrize("beta", [0.1, 0.5, 1, 2, 7.5])
def test_fbeta_equals_scikit_learn(beta):
    rng = np.random.default_rng(1)
    for _ in range(30):
        y, flags = rng.random((2, 25)) < 0.4
        tn, fn, fp, tp = np.bincount(2 * flags + y, minlength=4)
        expected = fbeta_score(y, flags, beta=beta, zero_division=0)
        assert fbeta(Confusion(tp, fp, fn, tn), beta) == pytest.approx(expected, abs=1e-12)
    assert fbeta(Confusion(0, 0, 0, 9), beta) == 0


@st.composite
def steps(draw):
    """Draw the counts of a sorted sample's thresholds, from the one that flags nobody on."""
    y = draw(st.lists(st.booleans(), min_size=1, max_size=14))
    score = draw(st.lists(st.integers(0, 9), min_size=len(y), max_size=len(y)))
    return ThresholdGrid(np.array(y), np.array(score, float)).table


def exhaustively_nearest(table, criterion, limits, confidence):
    """Of all thresholds, those whose worst limit is missed by least; of these the best; of these the first."""
    ranked = []
    for place, (tp, fp) in enumerate(zip(table.tp.tolist(), table.fp.tolist(), strict=True)):
        four = (tp, fp, table.positives - tp, table.negatives - fp)
        short = [Fraction(0)]
        for metric, bound in limits.items():
            hits, trials = PLAIN[metric](*four)
            reached = over(hits, trials)
            if confidence is not None:
                end = bounded(metric, hits, trials, confidence)
                reached = Fraction(round(end * 10**11), 10**11)
            missed = reached - Fraction(str(bound))
            short.append(missed if metric == "flag_rate" else -missed)
        ranked.append((max(short), -VALUES[criterion](*four), place))
    return min(ranked)[2]


@pytest.mark.slow
@pytest.mark.parametrize("criterion", VALUES)
@given(
    table=steps(),
    limits=st.dictionaries(st.sampled_from(sorted(PLAIN)), bounds, min_size=1),
    confidence=st.sampled_from([None, None, 0.8, 0.95]),
)
@settings(deadline=None, max_examples=300)
def test_where_no_threshold_keeps_the_limits_the_nearest_is_the_one_a_loop_finds(
    criterion, table, limits, confidence
):
    wanted = tuple(Constraint(metric, bound) for metric, bound in limits.items())
    objective = Objective(criterion, constraints=wanted, confidence=confidence)
    four = table.confusion
    place, feasible = objective.choose(four, 3 * four.fp + 7 * four.fn)
    kept = np.all([limit.holds(four, confidence) for limit in wanted], axis=0)
    assert feasible == kept.any()
    assert (objective.holds(four) == kept).all()
    if not feasible:
        assert place == exhaustively_nearest(table, criterion, limits, confidence)


def test_the_nearest_of_a_sample_done_by_hand():
    # precision reaches 1/2, then 2/3, then 2/4: two thirds is nearest to 0.9
    y, score = np.array([False, True, True, False]), np.array([0.9, 0.9, 0.7, 0.1])
    table = ThresholdGrid(y, score).table
    assert table.choose(Objective("recall", constraints=(Constraint("precision", 0.9),))) == (2, False)
    assert table.thresholds[2] == 0.7
    assert table.choose(Objective("recall", constraints=(Constraint("precision", 0.6),))) == (2, True)


def test_every_objective_has_a_value():
    table = Confusion([0, 1], [0, 1], [1, 0], [1, 0])
    assert sorted(objectives()) == sorted([*criteria(), *ONE_SIDED, "fbeta", "cost"])
    for name in objectives():
        assert Objective(name).value(table, np.array([1.0, 2.0])).shape == (2,)
    assert Objective("cost").choose(table, np.array([2.0, 1.0])) == (1, True)
    assert Objective("cost").choose(table, np.array([1.0, 1.0])) == (0, True)


def kept_on_new_rows(confidence, n=1500, n_samples=300):
    """Choose a threshold on each of many samples, and ask the whole population whether its precision is there.

    Scores are standard normal, 1.5 higher for the positives, one row in five.
    """
    rng = np.random.default_rng(11)
    prevalence, shift, limit = 0.2, 1.5, Constraint("precision", 0.6)
    kept = chosen = 0
    for _ in range(n_samples):
        y = rng.random(n) < prevalence
        table = ThresholdGrid(y, rng.normal(size=n) + shift * y).table
        place, feasible = table.choose(Objective("recall", constraints=(limit,), confidence=confidence))
        if not feasible or math.isinf(table.thresholds[place]):
            continue
        threshold = table.thresholds[place]
        hits = prevalence * scipy.stats.norm.sf(threshold - shift)
        alarms = (1 - prevalence) * scipy.stats.norm.sf(threshold)
        chosen += 1
        kept += bool(hits / (hits + alarms) >= limit.bound)
    assert chosen > 0.95 * n_samples
    return kept / chosen


def test_a_plain_limit_holds_on_new_rows_about_half_of_the_time():
    assert 0.37 < kept_on_new_rows(None) < 0.63


def test_a_limit_with_confidence_holds_on_new_rows_as_often_as_asked():
    assert kept_on_new_rows(0.9) > 0.85


def test_a_bound_that_is_met_exactly_is_kept():
    # one hit of one has the lower bound 1 - 0.9, which in floats is a little below 0.1
    one = Confusion(tp=[1], fp=[0], fn=[0], tn=[9])
    assert Constraint("precision", 0.1).holds(one, 0.9).tolist() == [True]
