"""Calibration figures against scikit-learn, closed forms, plain loops and simulation."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from imbalance_accessor.metrics import chance
from imbalance_accessor.metrics.bins import bin_of, bins
from imbalance_accessor.metrics.calibration import (
    EDGE,
    calibration_line,
    decompose,
    log_odds,
    prior_corrected,
)
from imbalance_accessor.metrics.chance import by_chance
from imbalance_accessor.metrics.intervals import wilson

pytestmark = pytest.mark.filterwarnings("error")

Z = 1.959963984540054
LEVELS = [0.0, 1.0, 0.1, 0.5, 0.25, 1 / 3]


@st.composite
def probabilities(draw, most=40, least=1):
    n = draw(st.integers(least, most))
    y = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    level = st.one_of(st.sampled_from(LEVELS), st.integers(0, 10**6).map(lambda each: each / 10**6))
    return y, np.array(draw(st.lists(level, min_size=n, max_size=n)))


def drawn(n, seed=0, *, shift=0.0, digits=None):
    """Outcomes, and probabilities whose log odds are `shift` too high."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.5, 1.3, n)
    p = expit(odds + shift)
    return rng.random(n) < expit(odds), p if digits is None else p.round(digits)


# --- Brier's three parts ---------------------------------------------------------------------------------------------


@given(probabilities())
@settings(deadline=None)
def test_the_three_parts_add_up_to_the_brier_score(case):
    y, p = case
    found = decompose(y, p)
    assert found.brier == pytest.approx(
        sum((a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(y), abs=1e-12
    )
    assert abs(found.miscalibration - found.discrimination + found.uncertainty - found.brier) <= 1e-12
    share = Fraction(int(y.sum()), len(y))
    assert found.uncertainty == pytest.approx(float(share * (1 - share)), abs=1e-12)
    assert found.miscalibration >= -1e-12
    assert found.discrimination >= -1e-12


@given(probabilities())
@settings(deadline=None)
def test_the_parts_come_from_scikit_learns_isotonic_regression(case):
    y, p = case
    fitted = IsotonicRegression().fit(p, y.astype(float)).predict(p)
    share = y.mean()
    best = np.mean((fitted - y) ** 2)
    found = decompose(y, p)
    assert found.miscalibration == pytest.approx(np.mean((p - y) ** 2) - best, abs=1e-9)
    assert found.discrimination == pytest.approx(share * (1 - share) - best, abs=1e-9)


def test_the_parts_of_ten_thousand_rows_equal_scikit_learns():
    y, p = drawn(10_000, shift=1.0)
    fitted = IsotonicRegression().fit(p, y).predict(p)
    found = decompose(y, p)
    assert found.brier == pytest.approx(brier_score_loss(y, p), abs=1e-12)
    assert found.miscalibration == pytest.approx(
        brier_score_loss(y, p) - brier_score_loss(y, fitted), abs=1e-12
    )
    assert found.skill == pytest.approx(1 - brier_score_loss(y, p) / (y.mean() * (1 - y.mean())), abs=1e-12)
    assert abs(found.miscalibration - found.discrimination + found.uncertainty - found.brier) <= 1e-12


def test_a_constant_probability_has_no_discrimination():
    y = np.array([True] * 3 + [False] * 7)
    found = decompose(y, np.full(10, 0.5))
    assert found.discrimination == pytest.approx(0, abs=1e-15)
    assert found.miscalibration == pytest.approx(0.04, abs=1e-15)  # (0.5 − 0.3)²


@pytest.mark.parametrize("label", [True, False])
def test_one_class_alone_is_certain_and_has_no_skill(label):
    p = np.array([0.2, 0.9, 0.9])
    found = decompose(np.full(3, label), p)
    assert (found.uncertainty, found.discrimination) == (0, 0)
    assert found.miscalibration == found.brier == pytest.approx(np.mean((p - label) ** 2))
    assert math.isnan(found.skill)


def test_equal_probabilities_get_one_isotonic_value():
    # Were the tie broken by the labels, the fit would be perfect: 0, 0, 1, 1.
    found = decompose(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.4, 0.8]))
    assert found.discrimination == pytest.approx(0.25 - 2 * 0.25 / 4, abs=1e-15)


# --- bins ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["quantile", "uniform"])
@pytest.mark.parametrize("n_bins", [2, 5, 10, 37])
@pytest.mark.parametrize("digits", [None, 2, 1, 0])
def test_bins_equal_scikit_learns_calibration_curve(rule, n_bins, digits):
    y, p = drawn(300, seed=n_bins, digits=digits)
    found = bins(y, p, rule, n_bins)
    share, mean = calibration_curve(y, p, strategy=rule, n_bins=n_bins)
    assert_close_curves(found, share, mean)


@given(probabilities(), st.sampled_from(["quantile", "uniform"]), st.integers(2, 12))
@settings(deadline=None)
def test_bins_of_ties_and_edges_equal_scikit_learns(case, rule, n_bins):
    y, p = case
    if len(np.unique(y)) < 2:
        return
    try:
        share, mean = calibration_curve(y, p, strategy=rule, n_bins=n_bins)
    except ValueError:  # scikit-learn's own quantiles of neighbouring floats may not rise
        return
    assert_close_curves(bins(y, p, rule, n_bins), share, mean)


def assert_close_curves(found, share, mean):
    np.testing.assert_allclose(found.share, share, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.mean, mean, rtol=0, atol=1e-12)


def test_uniform_bins_are_closed_on_the_right():
    p = np.array([0.0, 0.1, np.nextafter(0.1, 1), 0.2, 0.55, 1.0])
    edges = np.linspace(0, 1, 11)
    expected = [max(next(i for i, edge in enumerate(edges) if each <= edge) - 1, 0) for each in p]
    assert bin_of(p, "uniform", 10).tolist() == expected == [0, 0, 1, 1, 5, 9]


def test_isotonic_bins_are_the_steps_of_scikit_learns_isotonic_regression():
    y, p = drawn(400, seed=3, digits=2)
    fitted = IsotonicRegression().fit(p, y.astype(float)).predict(p)
    levels = sorted(set(fitted.round(12).tolist()))
    assert bin_of(p, "isotonic", 10, y).tolist() == [levels.index(each) for each in fitted.round(12)]
    found = bins(y, p, "isotonic")
    np.testing.assert_allclose(found.share, levels, atol=1e-11)
    assert found.rows.sum() == 400


@pytest.mark.slow
@given(probabilities(), st.sampled_from(["quantile", "uniform", "isotonic"]), st.integers(2, 12))
@settings(deadline=None)
def test_the_calibration_error_is_that_of_a_plain_loop(case, rule, n_bins):
    y, p = case
    members = {}
    for each, probability, label in zip(bin_of(p, rule, n_bins, y), p, y, strict=True):
        members.setdefault(int(each), []).append((probability, bool(label)))
    error = 0.0
    for rows in members.values():
        gap = sum(probability for probability, _ in rows) - sum(label for _, label in rows)
        error += abs(gap) / len(p)
    found = bins(y, p, rule, n_bins)
    assert found.error == pytest.approx(error, abs=1e-12)
    assert found.rows.tolist() == [len(members[each]) for each in sorted(members)]


def test_each_bin_carries_wilsons_interval_of_its_share():
    y, p = drawn(500)
    found = bins(y, p)
    for at, rows in enumerate(found.rows):
        low, high = wilson(round(found.share[at] * rows), rows)
        assert (found.low[at], found.high[at]) == pytest.approx((low, high), abs=1e-12)


# --- what chance alone shows -----------------------------------------------------------------------------------------


def simulated(p, rule, n_bins, n_draws, seed):
    """Draw outcomes row by row; calibration error and miscalibration of each draw."""
    rng = np.random.default_rng(seed)
    place = bin_of(p, rule, n_bins)
    errors, losses = [], []
    for _ in range(n_draws):
        y = rng.random(len(p)) < p
        gaps = [abs((p[place == each] - y[place == each]).sum()) for each in np.unique(place)]
        fitted = IsotonicRegression().fit(p, y).predict(p)
        errors.append(sum(gaps) / len(p))
        losses.append(np.mean((p - y) ** 2) - np.mean((fitted - y) ** 2))
    return np.array(errors), np.array(losses)


@pytest.mark.quick(1)
@pytest.mark.parametrize(("rule", "digits"), [("quantile", None), ("uniform", 2)])
def test_what_chance_shows_is_what_plain_simulation_shows(rule, digits):
    _, p = drawn(300, seed=5, digits=digits)
    p = np.clip(p, 0.001, 0.999)
    found, n = by_chance(p, rule, 8, n_draws=300, seed=1), 300
    errors, losses = simulated(p, rule, 8, n, seed=2)
    far = 4 * math.sqrt(2 / n)  # four standard errors of the difference of two simulations
    assert abs(found.error - errors.mean()) < far * errors.std()
    assert abs(found.miscalibration - losses.mean()) < far * losses.std()
    for high, plain in ((found.error_high, errors), (found.miscalibration_high, losses)):
        assert abs(np.mean(plain <= high) - 0.95) < 4 * math.sqrt(2 * 0.95 * 0.05 / n)


@pytest.mark.parametrize("rule", ["quantile", "uniform", "isotonic"])
def test_grouping_changes_little_and_ends_groups_where_bins_end(rule):
    _, p = drawn(5000, seed=7)
    exact = by_chance(p, rule, 10, n_draws=300, most_groups=5000)
    grouped = by_chance(p, rule, 10, n_draws=300, most_groups=512)
    assert (exact.grouped, grouped.grouped) == (False, True)
    assert grouped.error == pytest.approx(exact.error, rel=0.08)
    assert 0.88 < grouped.miscalibration / exact.miscalibration < 1.05  # fewer steps fit chance less closely
    place = bin_of(p, "quantile" if rule == "isotonic" else rule, 10)
    mean, rows, of, _, _ = chance._groups(p, place, 512)
    assert 256 < len(rows) <= 512 + 10
    np.testing.assert_array_equal(np.bincount(of, rows, minlength=10), np.bincount(place, minlength=10))
    np.testing.assert_allclose(np.bincount(of, rows * mean), np.bincount(place, p), rtol=1e-12)
    assert (np.diff(mean) > 0).all()


def test_probabilities_too_near_each_other_to_tell_their_width_are_grouped_too():
    p = 0.5 + np.arange(40) * np.finfo(float).eps
    found = by_chance(p, n_bins=2, n_draws=2000, most_groups=4)
    expected = sum(math.comb(20, k) / 2**20 * abs(k / 20 - 0.5) for k in range(21))
    assert found.error == pytest.approx(expected, rel=0.05)


def test_certain_probabilities_show_nothing_by_chance():
    found = by_chance(np.array([0.0, 1.0, 1.0, 0.0]))
    assert (found.error, found.miscalibration, found.error_high, found.miscalibration_high) == (0, 0, 0, 0)


def test_one_probability_shows_the_mean_deviation_of_a_binomial():
    n, p = 100, 0.5
    expected = sum(math.comb(n, k) / 2**n * abs(k / n - p) for k in range(n + 1))
    found = by_chance(np.full(n, p), n_draws=4000)
    spread = math.sqrt(p * (1 - p) / n - expected**2)
    assert abs(found.error - expected) < 4 * spread / math.sqrt(4000)
    assert found.miscalibration == pytest.approx(p * (1 - p) / n, rel=0.1)  # E (share − p)²
    assert by_chance(np.full(n, p), n_draws=50, seed=3) == by_chance(np.full(n, p), n_draws=50, seed=3)


# --- intercept and slope ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [0.0, 2.5, -1.0])
def test_the_slope_is_scikit_learns_and_the_intercept_a_root(shift):
    y, p = drawn(3000, seed=2, shift=shift)
    x = logit(p)
    found = calibration_line(y, p)
    fitted = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(x[:, None], y)
    assert found.slope == pytest.approx(fitted.coef_[0, 0], abs=1e-6)
    root = brentq(lambda a: np.sum(y - expit(a + x)), -20, 20, xtol=1e-13)
    assert found.intercept == pytest.approx(root, abs=1e-9)
    assert found.intercept == pytest.approx(-shift, abs=0.2)


def likelihood(y, x, a, b):
    return float(np.sum(y * (a + b * x) - np.logaddexp(0, a + b * x)))


def test_wald_intervals_follow_the_curvature_of_the_likelihood():
    y, p = drawn(2000, seed=4, shift=1.0)
    x, h = logit(p), 1e-3
    found = calibration_line(y, p)
    a = found.intercept
    bend = (likelihood(y, x, a + h, 1) - 2 * likelihood(y, x, a, 1) + likelihood(y, x, a - h, 1)) / h**2
    half = Z / math.sqrt(-bend)
    assert found.intercept_high - a == pytest.approx(half, rel=1e-4)
    assert a - found.intercept_low == pytest.approx(half, rel=1e-4)
    fitted = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(x[:, None], y)
    at = np.array([fitted.intercept_[0], fitted.coef_[0, 0]])
    steps = np.eye(2) * h
    hessian = np.array(
        [
            [
                sum(s * t * likelihood(y, x, *(at + s * u + t * v)) for s in (1, -1) for t in (1, -1))
                / (4 * h * h)
                for u in steps
            ]
            for v in steps
        ]
    )
    half = Z * math.sqrt(np.linalg.inv(-hessian)[1, 1])
    assert found.slope_high - found.slope == pytest.approx(half, rel=1e-4)
    assert found.slope - found.slope_low == pytest.approx(half, rel=1e-4)


@pytest.mark.parametrize("label", [True, False])
def test_one_class_alone_has_no_line(label):
    found = calibration_line(np.full(4, label), np.array([0.1, 0.2, 0.3, 0.4]))
    assert all(math.isnan(each) for each in vars(found).values())


@pytest.mark.parametrize("sign", [1, -1])
def test_separated_classes_have_an_intercept_and_no_slope(sign):
    p = np.array([0.1, 0.2, 0.3, 0.6, 0.7])
    y = np.array([0, 0, 0, 1, 1]) == (1 if sign == 1 else 0)
    found = calibration_line(y, p)
    assert math.isnan(found.slope)
    assert math.isnan(found.slope_low)
    assert math.isnan(found.slope_high)
    root = brentq(lambda a: np.sum(y - expit(a + logit(p))), -20, 20, xtol=1e-13)
    assert found.intercept == pytest.approx(root, abs=1e-9)


def test_one_probability_alone_has_no_slope():
    y = np.array([True, False, False, False])
    found = calibration_line(y, np.full(4, 0.5))
    assert found.intercept == pytest.approx(math.log(1 / 3), abs=1e-9)
    assert math.isnan(found.slope)


def test_saturated_probabilities_are_moved_inside():
    y, p = drawn(400, seed=6)
    p[:40], p[40:60] = 0.0, 1.0
    moved = calibration_line(y, np.clip(p, EDGE, 1 - EDGE))
    found = calibration_line(y, p)
    assert vars(found) == vars(moved)
    x = logit(np.clip(p, EDGE, 1 - EDGE))
    root = brentq(lambda a: np.sum(y - expit(a + x)), -20, 20, xtol=1e-13)
    assert found.intercept == pytest.approx(root, abs=1e-8)
    fitted = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(x[:, None], y)
    assert found.slope == pytest.approx(fitted.coef_[0, 0], abs=1e-6)


def test_a_rare_class_far_from_its_level_still_converges():
    rng = np.random.default_rng(0)
    y = np.zeros(20_000, bool)
    y[:5] = True
    p = expit(rng.normal(6, 2, len(y)))
    root = brentq(lambda a: np.sum(y - expit(a + logit(np.clip(p, EDGE, 1 - EDGE)))), -60, 20, xtol=1e-13)
    assert calibration_line(y, p).intercept == pytest.approx(root, abs=1e-7)


# --- odds ------------------------------------------------------------------------------------------------------------


@given(st.floats(0, 1), st.floats(1e-3, 1e3))
def test_the_prior_correction_is_saerens(p, odds_shift):
    prevalence = 0.1
    learned = odds_shift * prevalence / (odds_shift * prevalence + 1 - prevalence)  # odds multiplied
    a, b = prevalence / learned, (1 - prevalence) / (1 - learned)
    expected = p * a / (p * a + (1 - p) * b)
    assert prior_corrected(np.array([p]), odds_shift)[0] == pytest.approx(expected, abs=1e-12)


@given(st.floats(0, 1), st.floats(1e-3, 1))
def test_after_undersampling_it_is_dal_pozzolos(p, kept):
    expected = kept * p / ((kept - 1) * p + 1)
    assert prior_corrected(np.array([p]), 1 / kept)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("odds_shift", [19.0, 99.0, 1 / 19])
def test_the_prior_correction_keeps_the_ranking(odds_shift):
    y, p = drawn(5000, seed=8)
    p[:3] = [0.0, 1.0, 0.5]
    corrected = prior_corrected(p, odds_shift)
    assert (np.diff(corrected[np.argsort(p)]) >= 0).all()
    assert roc_auc_score(y, corrected) == roc_auc_score(y, p)
    assert corrected[:2].tolist() == [0.0, 1.0]
    np.testing.assert_array_equal(prior_corrected(p, 1.0), p)


def test_log_odds_end_where_doubles_end():
    p = np.array([0.0, 1e-300, 0.2, 0.5, 0.8, 1.0])
    expected = [-36.0, -36.0, math.log(0.25), 0.0, math.log(4.0), 36.0]
    np.testing.assert_allclose(log_odds(p), expected, atol=1e-14)
