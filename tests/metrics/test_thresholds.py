"""Thresholds against exhaustive search in exact arithmetic, published numbers and scikit-learn."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sklearn.metrics as sk
from best_thresholds import best_threshold_of, cross_fitted_flags, loop_cut, tuned_threshold
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from imbalance_accessor.errors import ModelError, SplitError
from imbalance_accessor.metrics.objectives import Constraint, Objective
from imbalance_accessor.metrics.registry import METRICS, Metric, criteria
from imbalance_accessor.metrics.rounding import rounded_down, written
from imbalance_accessor.metrics.thresholds import ThresholdGrid, Tuning, best_of_draws

pytestmark = pytest.mark.filterwarnings("error")


def over(a, b):
    return Fraction(a, b) if b else Fraction(0)


def signed_square(a, b2):
    """Order by a / sqrt(b2) without leaving the fractions."""
    return over(a * abs(a), b2)


EXACT = {
    "f1": lambda tp, fp, fn, tn: over(2 * tp, 2 * tp + fp + fn),
    "mcc": lambda tp, fp, fn, tn: signed_square(
        tp * tn - fp * fn, (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    ),
    "balanced_accuracy": lambda tp, fp, fn, tn: over(tp, tp + fn) + over(tn, tn + fp),
    "g_mean": lambda tp, fp, fn, tn: over(tp, tp + fn) * over(tn, tn + fp),
    "accuracy": lambda tp, fp, fn, tn: over(tp + tn, tp + fp + fn + tn),
}


def test_every_criterion_is_searched_exactly():
    assert list(EXACT) == criteria()


def counts_at(y, score, threshold):
    flags = [s >= threshold for s in score]
    pairs = list(zip([bool(each) for each in y], flags, strict=True))
    return tuple(pairs.count(cell) for cell in ((True, True), (False, True), (True, False), (False, False)))


def exhaustive(y, score, criterion):
    """The first best of all thresholds, from the strictest down, in exact arithmetic."""
    thresholds = [math.inf, *sorted(set(score), reverse=True)]
    return max(
        thresholds, key=lambda threshold: EXACT[criterion](*counts_at(y, score, threshold))
    )  # max keeps the first


@st.composite
def labelled_scores(draw, most=40):
    n = draw(st.integers(1, most))
    y = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    level = st.one_of(st.sampled_from([0.0, -0.0, 0.5, 0.1, -3.0]), st.floats(-10, 10))
    return y, np.array(draw(st.lists(level, min_size=n, max_size=n)))


@given(labelled_scores())
@settings(deadline=None)
def test_the_table_counts_every_threshold(case):
    y, score = case
    table = ThresholdGrid(y, score).table
    assert table.thresholds.tolist() == [math.inf, *sorted(set(score.tolist()), reverse=True)]
    for i, threshold in enumerate(table.thresholds):
        c = table.confusion
        assert (c.tp[i], c.fp[i], c.fn[i], c.tn[i]) == counts_at(y, score, threshold)


@pytest.mark.quick(1)
@pytest.mark.parametrize("criterion", EXACT)
@given(case=labelled_scores(), whole=st.booleans())
@settings(deadline=None, max_examples=80)
def test_the_best_threshold_is_that_of_an_exhaustive_exact_search(criterion, case, whole):
    y, score = case
    score = np.round(score) if whole else score
    assert best_threshold_of(y, score, criterion) == exhaustive(y, score, criterion)


@pytest.mark.slow
def test_equal_values_that_round_apart_go_to_the_fewest_flags():
    rng = np.random.default_rng(0)
    noisy = 0
    for _ in range(400):
        y = rng.random(24) < 0.4
        score = -np.arange(24.0)
        table = ThresholdGrid(y, score).table
        values = table.confusion.balanced_accuracy
        best = table.thresholds.tolist().index(exhaustive(y, score, "balanced_accuracy"))
        noisy += int(np.argmax(values)) != best
        assert table.choose(Objective("balanced_accuracy")) == (best, True)
    assert noisy > 0  # else the tolerance would not have been tested


def test_constant_scores_and_one_class():
    y = np.array([True, False, False])
    assert best_threshold_of(y, np.full(3, 0.2), "f1") == 0.2
    assert best_threshold_of(y, np.full(3, 0.2), "accuracy") == math.inf
    assert best_threshold_of(y, np.full(3, 0.2), "mcc") == math.inf
    assert best_threshold_of(~np.ones(3, bool), np.arange(3.0), "f1") == math.inf


def test_no_rows_leave_only_the_threshold_that_flags_nobody():
    assert ThresholdGrid(np.zeros(0, bool), np.zeros(0)).table.thresholds.tolist() == [math.inf]


def test_missing_scores_are_refused():
    with pytest.raises(ModelError, match="1 of 2 scores"):
        best_threshold_of(np.array([True, False]), np.array([0.5, math.nan]))


def test_the_published_in_sample_threshold():
    X, y = make_classification(
        10_000, n_features=2, n_redundant=0, n_clusters_per_class=1, weights=[0.99], flip_y=0, random_state=4
    )
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=2, stratify=y)
    p = LogisticRegression().fit(X_train, y_train).predict_proba(X_test)[:, 1]
    assert sk.f1_score(y_test, p >= 0.5) == pytest.approx(0.70130, abs=5e-6)
    assert sk.f1_score(y_test, p >= best_threshold_of(y_test == 1, p)) == pytest.approx(0.75556, abs=5e-6)


def test_the_exact_threshold_beats_the_textbook_grid():
    X, y = make_classification(
        n_samples=2000, n_features=10, n_informative=5, weights=[0.95, 0.05], flip_y=0.01, random_state=42
    )
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)
    model = LogisticRegression(max_iter=1000, random_state=42, class_weight="balanced").fit(X_train, y_train)
    p = model.predict_proba(X_test)[:, 1]
    threshold = best_threshold_of(y_test == 1, p)
    assert threshold == pytest.approx(0.4505, abs=5e-5)
    assert sk.f1_score(y_test, p >= threshold) == pytest.approx(0.2194, abs=5e-5)


# ---------------------------------------------------------------- the number that is printed and applied


def rounded(threshold, scores):
    scores = np.asarray(scores, np.float64)
    return rounded_down(threshold, float(scores[scores < threshold].max(initial=-np.inf)))


@pytest.mark.parametrize(
    ("threshold", "scores", "text"),
    [
        (0.99126, [0.85, 0.99126], "0.99"),
        (0.99126, [0.9909, 0.99126], "0.991"),
        (0.0873412, [0.0861, 0.0873412, 0.31], "0.087"),
        (0.0873412, [0.31], "0.087"),
        (0.5, [0.4999, 0.5], "0.5"),
        (1.0, [0.999, 1.0], "1"),
        (41.7, [12.0, 41.7], "41"),
        (-2.34, [-9.0, -2.34], "-2.4"),
        (-2.34, [-2.39, -2.34], "-2.34"),
        (-2.3412, [-2.39, -2.3412], "-2.35"),
        (0.03, [-0.2, 0.03], "0.03"),
        (-0.0, [-1.0, 0.0], "-0"),
        (3e-9, [2.4e-9, 3e-9], "3e-09"),
        (1.2345e300, [1.2e300, 1.2345e300], "1.23e+300"),
        (math.inf, [0.1], "inf"),
    ],
)
def test_a_threshold_is_rounded_to_few_digits_near_the_score_that_chose_it(threshold, scores, text):
    assert written(rounded(threshold, scores)) == text


@pytest.mark.parametrize("threshold", [0.1, -0.1, 1e300, -1e-300, 5e-324, 2.0**60, 0.30000000000000004])
def test_adjacent_floats_are_told_apart(threshold):
    below = np.nextafter(threshold, -math.inf)
    assert below < rounded_down(threshold, below) <= threshold


def test_a_threshold_that_is_nan_is_refused():
    with pytest.raises(ModelError, match="nan"):
        rounded_down(math.nan, -math.inf)


short = st.builds(
    lambda digits, power: float(f"{digits}e{power}"), st.integers(-999, 999), st.integers(-12, 4)
)
finite_floats = st.one_of(short, st.floats(allow_nan=False, allow_infinity=False))


@given(st.lists(finite_floats, min_size=1, max_size=8), st.data())
@settings(deadline=None, max_examples=300)
def test_the_number_flags_the_same_rows_and_no_shorter_one_below_does(scores, data):
    threshold = data.draw(st.sampled_from(scores))
    scores = np.array(scores)
    value = rounded(threshold, scores)
    assert value <= threshold
    assert ((scores >= value) == (scores >= threshold)).all()
    assert float(written(value)) == value
    # within a unit of the second digit of the threshold, however wide the gap is
    assert (
        abs(threshold - value) <= Decimal(1).scaleb(Decimal(repr(threshold)).adjusted() - 1)
        or value == threshold
    )
    digits = len(Decimal(repr(value)).normalize().as_tuple().digits)
    low = max((s for s in scores if s < threshold), default=-math.inf)
    for fewer in range(2, min(digits, 15)):
        nearest = Decimal(f"{threshold:.{fewer - 1}e}")
        step = Decimal(1).scaleb(nearest.adjusted() - fewer + 1)
        for near in (nearest - step, nearest, nearest + step):
            few = len(near.normalize().as_tuple().digits) <= fewer
            assert not (few and low < float(near) <= threshold)


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=8, unique=True), st.data())
@settings(deadline=None)
def test_the_number_flags_the_same_rows_of_single_precision_scores(scores, data):
    threshold = data.draw(st.sampled_from(scores))
    score = np.array(scores, np.float32)
    value = rounded_down(threshold, float(score[score < threshold].max(initial=-np.inf)), np.float32)
    assert ((score >= np.float32(value)) == (score >= np.float32(threshold))).all()
    assert ((score.astype(float) >= value) == (score >= np.float32(threshold))).all()


# ---------------------------------------------------------------- the median over draws


def by_rows(y, score, criterion, draws, rng):
    """The best threshold of each draw: rows of each class drawn one by one, and every score tried."""
    positives, negatives = np.flatnonzero(y), np.flatnonzero(~y)
    found = []
    for _ in range(draws):
        rows = np.concatenate([rng.choice(each, len(each)) for each in (positives, negatives)])
        found.append(exhaustive(y[rows], score[rows].tolist(), criterion))
    return np.array(found)


@pytest.mark.parametrize("criterion", EXACT)
def test_the_draws_are_the_bootstrap_of_rows_within_class(criterion):
    rng = np.random.default_rng(8)
    y = np.arange(40) < 10
    score = np.round(rng.normal(size=40) + 1.2 * y, 1)
    table = ThresholdGrid(y, score).table
    many = np.concatenate(
        [table.thresholds[best_of_draws(table, Objective(criterion), seed)] for seed in range(3)]
    )
    one_by_one = by_rows(y, score, criterion, 500, rng)
    for (
        threshold
    ) in table.thresholds:  # the same distribution, within five Monte-Carlo errors of their difference
        share, other = (many >= threshold).mean(), (one_by_one >= threshold).mean()
        error = math.sqrt(max(share * (1 - share), 0.005) * (1 / len(many) + 1 / len(one_by_one)))
        assert abs(share - other) <= 5 * error


@pytest.mark.parametrize("criterion", EXACT)
def test_the_threshold_is_the_middle_of_the_draws(criterion):
    rng = np.random.default_rng(9)
    for _ in range(20):
        y = rng.random(60) < 0.3
        table = ThresholdGrid(y, np.round(rng.normal(size=60) + y, 1)).table
        thresholds = np.sort(table.thresholds[best_of_draws(table, Objective(criterion), 4)])
        chosen = Tuning(Objective(criterion), 60, seed=4).choose(table)
        assert len(thresholds) == 501 and table.thresholds[chosen.place] == thresholds[250]
        assert chosen.feasible and chosen.threshold == rounded(thresholds[250], table.thresholds)


@pytest.mark.parametrize("criterion", EXACT)
@pytest.mark.parametrize(("n", "digits"), [(50, 1), (400, 7)])
def test_the_threshold_is_that_of_a_loop_over_draws_and_candidates(criterion, n, digits):
    rng = np.random.default_rng(n)
    y = rng.random(n) < 0.2
    score = np.round(rng.normal(size=n) + y + 4, digits)
    assert tuned_threshold(y, score, criterion, seed=3) == loop_cut(y, score, criterion, seed=3)


def test_many_positives_are_tried_in_steps_and_the_lowest_always():
    y, score = np.ones(1001, bool), np.arange(1001.0)
    positions = best_of_draws(ThresholdGrid(y, score).table, Objective("f1"))
    assert (
        np.median(positions) == 1001
    )  # all of them are positive: flag all, but where none of the lowest was drawn
    # 500 odd scores are positive: the lowest, 1, and every second one above it; the score s stands at place 1001 - s
    assert set(best_of_draws(ThresholdGrid(score % 2 > 0, score).table, Objective("f1"))) <= {
        0,
        *range(1000, 0, -4),
    }


def test_limits_costs_and_many_rows_are_searched_exactly():
    rng = np.random.default_rng(3)
    y = rng.random(300) < 0.2
    table = ThresholdGrid(y, rng.normal(size=300) + y).table
    limited = Objective("recall", constraints=(Constraint("precision", 0.4),))
    for objective, rows in ((limited, 300), (Objective("f1"), 20_001)):
        tuning = Tuning(objective, rows)
        assert not tuning.is_median
        assert tuning.choose(table).place == table.choose(objective)[0]
    assert Tuning(Objective("f1"), 20_000).is_median
    assert np.isnan(
        Tuning(Objective("recall", constraints=(Constraint("precision", 1.1),)), 300).threshold(table)
    )


def test_one_class_and_no_rows_have_a_threshold_too():
    for y in (np.zeros(5, bool), np.zeros(0, bool)):
        assert Tuning(Objective("f1"), 5).threshold(ThresholdGrid(y, np.arange(len(y))).table) == math.inf
    assert Tuning(Objective("f1"), 5).threshold(ThresholdGrid(np.ones(5, bool), np.arange(5.0)).table) == 0


def test_a_criterion_that_likes_false_alarms_gets_a_threshold_of_some_positive_row_or_none(monkeypatch):
    liked = Metric("alarms", "decision", lambda counts: counts.fp + 0.0, is_criterion=True, formula="fp")
    monkeypatch.setitem(METRICS, "alarms", liked)
    y = np.array([True, False, True, False, False])
    assert Tuning(Objective("alarms"), 5).threshold(ThresholdGrid(y, [5.0, 4.0, 3.0, 2.0, 1.0]).table) in {
        3.0,
        5.0,
        math.inf,
    }


# ---------------------------------------------------------------- out of fold


@pytest.mark.parametrize("criterion", EXACT)
def test_cross_fitted_flags_equal_a_loop_over_folds(criterion):
    rng = np.random.default_rng(6)
    y = rng.random(60) < 0.3
    score = np.round(rng.normal(size=60) + y, 1)
    fold = rng.integers(-1, 4, 60)
    score[fold == -1] = math.nan
    expected = np.zeros(60, bool)
    for held in range(4):
        others, rows = (fold >= 0) & (fold != held), fold == held
        expected[rows] = score[rows] >= loop_cut(y[others], score[others], criterion)
    flags = cross_fitted_flags(y, score, fold, criterion)
    assert flags.tolist() == expected.tolist()
    assert not flags[fold == -1].any()


def test_a_row_never_judges_its_own_threshold():
    rng = np.random.default_rng(0)
    y, score, fold = rng.random(400) < 0.1, rng.random(400), np.arange(400) % 5
    flags = cross_fitted_flags(y, score, fold)
    swapped = y.copy()
    swapped[fold == 2] = ~swapped[fold == 2]
    again = cross_fitted_flags(swapped, score, fold)
    assert (again[fold == 2] == flags[fold == 2]).all()
    assert (again[fold != 2] != flags[fold != 2]).any()


@pytest.mark.parametrize("fold", [[0, 0, 0], [-1, 1, 1], [-1, -1, -1]])
def test_one_fold_cannot_judge_itself(fold):
    with pytest.raises(SplitError, match="needs two folds"):
        cross_fitted_flags(np.array([True, False, True]), np.array([0.1, 0.2, 0.3]), fold)
