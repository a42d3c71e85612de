"""The focal loss and its derivatives against fifty digits of plain arithmetic and finite differences."""

from decimal import Decimal, getcontext

import numpy as np
import pytest

from imbalance_accessor.modeling.focal.loss import (
    check_focus,
    focal_curvature,
    focal_gradient,
    focal_hessian,
    focal_loss,
)

pytestmark = pytest.mark.filterwarnings("error")

getcontext().prec = 60
STEP = Decimal(10) ** -15

MARGINS = [-30.0, -6.5, -2.4, -1.0, -0.3, 0.0, 1e-9, 0.7, 2.0, 5.5, 25.0]
FOCI = [(None, 2.0), (None, 0.0), (0.25, 2.0), (0.9, 0.5), (None, 1.0), (0.5, 5.0), (None, 1e-3)]


def by_hand(y, raw, alpha, gamma):
    """−a (1 − p)^γ ln p, in decimals."""
    own = raw if y else -raw
    p, q = 1 / (1 + (-own).exp()), 1 / (1 + own.exp())
    weight = Decimal(1) if alpha is None else Decimal(alpha) if y else 1 - Decimal(alpha)
    return -weight * (Decimal(gamma) * q.ln()).exp() * p.ln()


def slope_by_hand(*case):
    y, raw, *focus = case
    return (by_hand(y, raw + STEP, *focus) - by_hand(y, raw - STEP, *focus)) / (2 * STEP)


def bend_by_hand(*case):
    y, raw, *focus = case
    ends = by_hand(y, raw + STEP, *focus) + by_hand(y, raw - STEP, *focus)
    return (ends - 2 * by_hand(y, raw, *focus)) / STEP**2


@pytest.mark.parametrize(
    ("function", "witness"),
    [(focal_loss, by_hand), (focal_gradient, slope_by_hand), (focal_hessian, bend_by_hand)],
)
@pytest.mark.parametrize(("alpha", "gamma"), FOCI)
def test_loss_and_derivatives_are_those_of_plain_arithmetic(function, witness, alpha, gamma):
    for positive in (True, False):
        found = function(np.full(len(MARGINS), positive), np.array(MARGINS), alpha, gamma)
        wanted = [float(witness(positive, Decimal(raw), alpha, gamma)) for raw in MARGINS]
        assert found == pytest.approx(wanted, rel=1e-11, abs=1e-300)


def test_gamma_0_is_the_log_loss():
    y, raw = np.array([True, False, True, False]), np.array([0.3, 0.3, -4.0, 2.0])
    p = 1 / (1 + np.exp(-raw))
    assert focal_loss(y, raw, gamma=0) == pytest.approx(-np.log(np.where(y, p, 1 - p)))
    assert focal_gradient(y, raw, gamma=0) == pytest.approx(p - y)
    assert focal_hessian(y, raw, gamma=0) == pytest.approx(p * (1 - p))
    assert focal_curvature(y, raw, gamma=0) == pytest.approx(p * (1 - p))


def test_an_easy_row_counts_for_what_the_paper_says():
    # Lin et al. 2017, section 3.2: with γ = 2 a row of p = 0.9 has a hundredth of the log loss, 0.968 about a thousandth
    p = np.array([0.9, 0.968])
    raw, y = np.log(p / (1 - p)), np.ones(2, bool)
    assert focal_loss(y, raw) / focal_loss(y, raw, gamma=0) == pytest.approx([0.01, 0.001], rel=0.03)


def test_the_ends_of_the_scale_stay_finite():
    y, raw = np.array([True, True, False, False]), np.array([-800.0, 800.0, -800.0, 800.0])
    assert focal_loss(y, raw).tolist() == [800, 0, 0, 800]
    assert focal_gradient(y, raw).tolist() == [-1, 0, 0, 1]
    assert focal_hessian(y, raw) == pytest.approx(np.zeros(4), abs=1e-300)
    assert focal_curvature(y, raw).tolist() == [1e-16] * 4


@pytest.mark.parametrize(("alpha", "gamma"), FOCI)
def test_boosting_never_steps_backwards(alpha, gamma):
    raw = np.linspace(-5, 5, 401)
    for positive in (True, False):
        y = np.full(len(raw), positive)
        bent, found = focal_hessian(y, raw, alpha, gamma), focal_curvature(y, raw, alpha, gamma)
        assert (found > 0).all()
        p = 1 / (1 + np.exp(-raw if positive else raw))
        weight = 1 if alpha is None else alpha if positive else 1 - alpha
        least = weight * (1 - p) ** gamma * p * (1 - p)
        assert found == pytest.approx([max(pair) for pair in zip(bent, least, strict=True)], rel=1e-9)
        # clipped where the row is far on the wrong side, and nowhere on the right one
        assert (found == bent)[p > 0.5].all()
        assert (bent < 0).any() == (gamma > 0.1)
        assert (p[bent < 0] < 0.5).all()


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("true", [0.01, 0.05, 0.2, 0.45, 0.7])
def test_what_it_is_fitted_to_lies_nearer_to_one_half(true, gamma):
    raw = np.linspace(-6, 6, 240_001)
    sides = [focal_loss(np.full(len(raw), side), raw, gamma=gamma) for side in (True, False)]
    best = raw[np.argmin(true * sides[0] + (1 - true) * sides[1])]
    p = 1 / (1 + np.exp(-best))
    q = 1 - p
    assert abs(p - 0.5) < abs(true - 0.5)
    odds = p**gamma * (p - gamma * q * np.log(q)) / (q**gamma * (q - gamma * p * np.log(p)))
    assert odds == pytest.approx(true / (1 - true), rel=1e-3)


def test_alpha_weighs_the_classes():
    y, raw = np.array([True, False]), np.array([-1.0, 0.5])
    for function in (focal_loss, focal_gradient, focal_hessian, focal_curvature):
        assert function(y, raw, alpha=0.25) == pytest.approx(function(y, raw) * [0.25, 0.75])


@pytest.mark.parametrize("alpha", [0, 1, -0.1, 1.5, float("nan")])
def test_an_alpha_that_leaves_a_class_without_weight_is_refused(alpha):
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        check_focus(alpha, 2.0)


@pytest.mark.parametrize("gamma", [-0.5, float("nan")])
def test_a_gamma_that_prefers_easy_rows_is_refused(gamma):
    with pytest.raises(ValueError, match="must be 0 or more"):
        check_focus(None, gamma)


def test_what_is_allowed_passes():
    check_focus(None, 0)
    check_focus(0.25, 2.0)
