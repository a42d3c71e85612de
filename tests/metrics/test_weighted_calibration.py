"""Calibration figures of weighted rows: against repeated rows, scikit-learn with sample_weight, loops, and samples of cases."""

import math

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from imbalance_accessor.metrics.bins import bin_of, bins, shares_with_intervals
from imbalance_accessor.metrics.calibration import (
    calibration_line,
    decompose,
    level_interval,
    prior_corrected,
    prior_corrected_classes,
)
from imbalance_accessor.metrics.chance import by_chance
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.weights import Weights

pytestmark = pytest.mark.filterwarnings("error")

Z = 1.959963984540054


def drawn(n, seed=0, *, digits=None):
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.0, 1.3, n)
    p = expit(odds + 0.4)
    return rng.random(n) < expit(odds), p if digits is None else p.round(digits), rng


def at(prevalence, y, own=None):
    """Weights that bring rows to a prevalence."""
    share = np.average(y, weights=own)
    return Weights(own, np.array([(1 - prevalence) / (1 - share), prevalence / share]))


def case_control(rng, n_positives, n_negatives):
    """Draw cases and controls whose probabilities are true in the population, and the weights that say so."""
    population = expit(np.random.default_rng(99).normal(-5, 1.5, 20_000))
    pi = population.mean()
    positives = rng.choice(population, n_positives, p=population / population.sum())
    negatives = rng.choice(population, n_negatives, p=(1 - population) / (1 - population).sum())
    y = np.repeat([True, False], [n_positives, n_negatives])
    return y, np.r_[positives, negatives], at(pi, y)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("digits", [None, 2])
def test_whole_weights_are_repeated_rows(seed, digits):
    y, p, rng = drawn(200, seed, digits=digits)
    counts = rng.integers(0, 5, len(y))
    own, again = Weights(counts.astype(float)), (np.repeat(y, counts), np.repeat(p, counts))
    assert vars(decompose(y, p, own)) == pytest.approx(vars(decompose(*again)), abs=1e-12)
    for rule in ("quantile", "uniform", "isotonic"):
        for n_bins in (2, 7, 10):
            weighted, repeated = bins(y, p, rule, n_bins, own), bins(*again, rule, n_bins)
            for name in ("mean", "share"):
                np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name), atol=1e-12)
            assert weighted.mass.tolist() == repeated.rows.tolist()
            assert weighted.error == pytest.approx(repeated.error, abs=1e-12)
    line, repeated = calibration_line(y, p, own), calibration_line(*again)
    assert (line.intercept, line.slope) == pytest.approx((repeated.intercept, repeated.slope), abs=1e-9)


def test_the_parts_at_a_prevalence_are_scikit_learns_with_weights():
    y, p, rng = drawn(500, 1, digits=2)
    weights = at(0.03, y, rng.random(500) + 0.1)
    w = weights.of(y)
    found = decompose(y, p, weights)
    fitted = IsotonicRegression().fit(p, y, sample_weight=w).predict(p)
    best = brier_score_loss(y, fitted, sample_weight=w)
    assert found.brier == pytest.approx(brier_score_loss(y, p, sample_weight=w), abs=1e-12)
    assert found.miscalibration == pytest.approx(found.brier - best, abs=1e-9)
    assert found.uncertainty == pytest.approx(0.03 * 0.97, abs=1e-12)
    assert found.miscalibration - found.discrimination + found.uncertainty == pytest.approx(found.brier)


@pytest.mark.parametrize("rule", ["quantile", "uniform", "isotonic"])
def test_bins_at_a_prevalence_are_those_of_a_plain_loop(rule):
    y, p, rng = drawn(300, 2, digits=2)
    own = rng.random(300) + 0.1
    weights = at(0.02, y, own)
    w = weights.of(y)
    place, found, error = bin_of(p, rule, 8, y, w), bins(y, p, rule, 8, weights), 0.0
    for at_bin, each in enumerate(np.unique(place)):
        rows = [i for i in range(300) if place[i] == each]
        mass = sum(w[i] for i in rows)
        share, mean = (sum(w[i] * of[i] for i in rows) / mass for of in (y, p))
        error += abs(mean - share) * mass / sum(w)
        assert (found.share[at_bin], found.mean[at_bin]) == pytest.approx((share, mean), abs=1e-12)
        # Wilson of the sample's share, its odds shifted
        n = sum(own[i] for i in rows) ** 2 / sum(own[i] ** 2 for i in rows)
        hits = n * sum(own[i] * y[i] for i in rows) / sum(own[i] for i in rows)
        for end, seen in zip(wilson(hits, n), (found.low[at_bin], found.high[at_bin]), strict=True):
            a, b = float(end) * weights.factors[1], (1 - float(end)) * weights.factors[0]
            assert seen == pytest.approx(a / (a + b), abs=1e-12)
    assert found.error == pytest.approx(error, abs=1e-12)


def test_bins_of_equal_mass_hold_as_much():
    y, p, rng = drawn(2000, 3)
    w = at(0.01, y, rng.random(2000) + 0.1).of(y)
    mass = np.bincount(bin_of(p, "quantile", 10, of_row=w), w)
    assert np.abs(mass / w.sum() - 0.1).max() < w.max() / w.sum()
    # however the weights are scaled
    tiny = np.bincount(bin_of(p, "quantile", 10, of_row=w / 1e6), w)
    assert np.abs(tiny / w.sum() - 0.1).max() < w.max() / w.sum()


def test_a_share_at_a_prevalence_has_wilsons_interval_of_the_sample_with_its_odds_shifted():
    y = np.repeat([True, False], [30, 70])
    share, low, high = (float(each[0]) for each in shares_with_intervals(y, at(0.002, y)))
    assert share == pytest.approx(0.002)
    shift = 0.002 / 0.998 / (30 / 70)
    ends = [float(each) / (1 - float(each)) * shift for each in wilson(30, 100)]
    assert (low, high) == pytest.approx(tuple(odds / (1 + odds) for odds in ends))


def test_the_line_is_scikit_learns_and_its_variance_a_sandwich():
    y, p, rng = drawn(1500, 4)
    w = rng.random(1500) * 3 + 0.1
    found, x = calibration_line(y, p, Weights(w)), logit(p)
    fitted = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(x[:, None], y, sample_weight=w)
    assert found.slope == pytest.approx(fitted.coef_[0, 0], abs=1e-6)
    bread, meat = np.zeros((2, 2)), np.zeros((2, 2))
    for i in range(1500):
        row = np.array([1.0, x[i]])
        mu = expit(fitted.intercept_[0] + fitted.coef_[0, 0] * x[i])
        bread += w[i] * mu * (1 - mu) * np.outer(row, row)
        meat += (w[i] * (y[i] - mu)) ** 2 * np.outer(row, row)
    half = Z * math.sqrt((np.linalg.inv(bread) @ meat @ np.linalg.inv(bread))[1, 1])
    assert found.slope_high - found.slope == pytest.approx(half, rel=1e-5)


def test_at_a_prevalence_the_variance_is_within_classes():
    y, p, _ = drawn(800, 5)
    weights, x = at(0.02, y), logit(p)
    found, w = calibration_line(y, p, weights), weights.of(y)
    mu = expit(found.intercept + x)
    assert np.sum(w * (y - mu)) == pytest.approx(0, abs=1e-9)
    total = sum(side.sum() * np.var((w * (y - mu))[side], ddof=1) for side in (y, ~y))
    half = Z * math.sqrt(total) / np.sum(w * mu * (1 - mu))
    assert found.intercept_high - found.intercept == pytest.approx(half, rel=1e-9)
    assert found.intercept - found.intercept_low == pytest.approx(half, rel=1e-9)


def plain_chance(y, p, weights, n_draws):
    """Draw outcomes row by row, and rows of each class at a prevalence; calibration error and miscalibration."""
    rng, own = np.random.default_rng(9), np.ones(len(y)) if weights.own is None else weights.own
    place, n = bin_of(p, "quantile", 6, of_row=weights.of(y)), len(y)
    errors, losses = [], []
    for _ in range(n_draws):
        if weights.factors is None:
            rows, outcome, w = np.arange(n), rng.random(n) < p, own
        else:
            b, a = weights.factors
            q = p * b / (p * b + (1 - p) * a)
            positives = rng.choice(n, y.sum(), p=q / q.sum())
            negatives = rng.choice(n, (~y).sum(), p=(1 - q) / (1 - q).sum())
            rows, outcome = np.r_[positives, negatives], np.repeat([True, False], [y.sum(), (~y).sum()])
            scale = np.where(outcome, a * q.sum() / y.sum(), b * (1 - q).sum() / (~y).sum())
            w = own[rows] * scale
        gaps = np.bincount(place[rows], w * (outcome - p[rows]))
        fitted = IsotonicRegression().fit(p[rows], outcome, sample_weight=w).predict(p[rows])
        errors.append(np.abs(gaps).sum() / w.sum())
        losses.append(np.average((p[rows] - outcome) ** 2 - (fitted - outcome) ** 2, weights=w))
    return np.array(errors), np.array(losses)


@pytest.mark.quick(1)
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_what_chance_shows_is_what_plain_simulation_shows(known, weighted):
    y, p, rng = drawn(200, 6)
    own = rng.integers(1, 6, 200).astype(float) if weighted else None
    weights = at(0.05, y, own) if known else Weights(own)
    if known:
        p = prior_corrected(p, weights.factors[0] / weights.factors[1])
    n = 150
    found = by_chance(p, "quantile", 6, y=y, weights=weights, n_draws=2 * n, seed=1)
    errors, losses = plain_chance(y, p, weights, n)
    assert abs(found.error - errors.mean()) < 4 * math.sqrt(1.5 / n) * errors.std()
    assert abs(found.miscalibration - losses.mean()) < 4 * math.sqrt(1.5 / n) * losses.std()
    assert abs(np.mean(errors <= found.error_high) - 0.95) < 4 * math.sqrt(1.5 * 0.95 * 0.05 / n)


def test_saying_the_known_prevalence_is_always_right():
    y = np.repeat([True, False], [50, 150])
    weights, p = at(0.01, y), np.full(200, 0.01)
    found = by_chance(p, y=y, weights=weights)
    assert (found.error, found.error_high) == pytest.approx((0, 0), abs=1e-12)
    assert bins(y, p, weights=weights).error == pytest.approx(0, abs=1e-12)


@pytest.mark.slow
def test_a_sample_of_cases_whose_probabilities_are_true_is_called_miscalibrated_in_one_of_twenty():
    alarms, n = np.zeros(2), 100
    for seed in range(n):
        y, p, weights = case_control(np.random.default_rng(seed), 100, 300)
        chance = by_chance(p, y=y, weights=weights, seed=seed, n_draws=100)
        line = calibration_line(y, p, weights)
        alarms += (
            bins(y, p, weights=weights).error > chance.error_high,
            not line.intercept_low < 0 < line.intercept_high,
        )
    assert (alarms / n < 0.05 + 3 * math.sqrt(0.05 * 0.95 / n)).all(), alarms / n


def test_probabilities_of_the_sample_are_beyond_chance_at_the_prevalence():
    y, p, weights = case_control(np.random.default_rng(0), 100, 300)
    of_sample = prior_corrected(p, weights.factors[1] / weights.factors[0])
    chance = by_chance(of_sample, y=y, weights=weights)
    assert bins(y, of_sample, weights=weights).error > 4 * chance.error_high
    assert calibration_line(y, of_sample, weights).intercept_high < -2


@pytest.mark.parametrize("factors", [[0.2, 3.0], [1.3, 1e-4]])
def test_two_classes_are_brought_elsewhere_by_the_odds(factors):
    p = np.array([0.0, 0.1, 0.5, 0.999, 1.0])
    found = prior_corrected_classes(np.column_stack([1 - p, p]), np.array(factors))
    np.testing.assert_allclose(found[:, 1], prior_corrected(p, factors[0] / factors[1]), rtol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_several_classes_are_brought_to_other_shares_by_bayes():
    # densities of a cell under each class, learned at one set of shares and wanted at another
    density = np.array([[0.5, 0.1, 0.4], [0.2, 0.2, 0.6]])
    learned, wanted = np.array([0.3, 0.3, 0.4]), np.array([0.9, 0.08, 0.02])
    posterior = density * learned / (density * learned).sum(axis=1, keepdims=True)
    expected = density * wanted / (density * wanted).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(prior_corrected_classes(posterior, wanted / learned), expected, rtol=1e-12)


def test_the_level_is_held_against_what_the_rows_let_it_vary():
    y, p, rng = drawn(100, 8)
    w = at(0.05, y, rng.random(100) + 0.5)
    of_row = w.of(y)
    share, low, high = level_interval(y, p, w)
    half = Z * math.sqrt(sum((a * (b - c)) ** 2 for a, b, c in zip(of_row, y, p, strict=True))) / of_row.sum()
    assert (share, high - share, share - low) == pytest.approx((0.05, half, half))
