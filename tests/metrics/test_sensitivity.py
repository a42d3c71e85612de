"""Figures over prevalences against scikit-learn with weights, loops, and the figures of weighted rows themselves."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_score

from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.figures import Averaged, Scores
from imbalance_accessor.metrics.measure import points_of
from imbalance_accessor.metrics.sensitivity import (
    average_precision_at,
    decisions_at,
    factors_at,
    prevalences_around,
)
from imbalance_accessor.metrics.weights import Weights

pytestmark = pytest.mark.filterwarnings("error")

SHARE, AT = 0.25, np.array([0.001, 0.02, 0.25, 0.6])


@pytest.fixture(scope="module")
def scores():
    rng = np.random.default_rng(0)
    y = rng.random(400) < SHARE
    rank = np.round(rng.normal(size=400) + 1.5 * y, 1)
    costs = Costs(fp=1.0, fn=rng.exponential(20, 400), tp=-0.5)
    own = rng.choice([1.0, 2.5], 400)
    return Scores(y, rank, flags={"": rank > 1}, costs=costs, weights=Weights(own))


def weighted(scores, prevalence):
    factors = np.where(scores.y, prevalence / SHARE, (1 - prevalence) / (1 - SHARE))
    return scores.weights.own * factors


def test_above_the_frames_share_average_precision_is_scikit_learns(scores):
    found = average_precision_at(scores, AT, SHARE)
    for value, prevalence in list(zip(found, AT, strict=True))[2:]:
        w = weighted(scores, prevalence)
        expected = average_precision_score(scores.y, scores.rank, sample_weight=w)
        assert value == pytest.approx(expected, rel=1e-12)


def test_below_it_half_a_negative_more_stands_above_each_positive(scores):
    found = average_precision_at(scores, AT, SHARE)
    y, own = scores.y, scores.weights.own
    for value, prevalence in list(zip(found, AT, strict=True))[:2]:
        w, (negative, positive) = weighted(scores, prevalence), factors_at(prevalence, SHARE)
        more = (negative - positive) / 2 * own[~y].mean()
        total = 0.0
        for level, counted in zip(scores.rank[y], w[y], strict=True):
            tp, fp = (w[side & (scores.rank >= level)].sum() for side in (y, ~y))
            total += counted * tp / (tp + fp + more)
        assert value == pytest.approx(total / w[y].sum(), rel=1e-12)


def test_precision_and_cost_are_those_of_weighted_rows(scores):
    found = decisions_at(scores, AT, SHARE)
    paid = np.where(scores.flags[""], *scores.costs.of_rows(scores.y))
    for place, prevalence in enumerate(AT):
        w = weighted(scores, prevalence)
        precision = precision_score(scores.y, scores.flags[""], sample_weight=w)
        assert found["precision"][place] == pytest.approx(precision, rel=1e-12)
        assert found["cost_per_1000"][place] == pytest.approx(1000 * np.average(paid, weights=w))


@pytest.mark.parametrize("folds", [None, np.arange(400) % 3])
def test_each_is_the_figure_that_is_reported_at_that_prevalence(scores, folds):
    some = replace(scores, folds=folds, decided=np.arange(400) >= 50)
    other = replace(some, rank=-some.rank, flags={"": ~some.flags[""]})
    both = Averaged((some, other))
    found = decisions_at(both, AT, SHARE) | {"average_precision": average_precision_at(both, AT, SHARE)}
    for place, prevalence in enumerate(AT):
        weights = Weights(some.weights.own, factors_at(prevalence, SHARE))
        undrawn = weights.of(some.y)[None, :]
        points = [points_of(replace(each, weights=weights), undrawn) for each in both.repeats]
        for name in ("precision", "average_precision"):
            expected = np.mean([each[name] for each in points])
            assert found[name][place] == pytest.approx(expected, rel=1e-9)


def test_the_axis_holds_what_is_marked():
    found = prevalences_around(0.6, 2e-4)
    assert (found[0], found[-1]) == (2e-5, 0.6)
    assert {0.6, 2e-4} <= set(found)
