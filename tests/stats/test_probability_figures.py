"""Figures of probabilities against scikit-learn; their intervals against plain draws, and those of `fit_eval`."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss

import imbalance_accessor as imb
from imbalance_accessor.stats import probability_figures as module
from imbalance_accessor.stats.intervals import draws
from imbalance_accessor.stats.judging import Sides, judge
from imbalance_accessor.stats.probability_figures import probability_figures

pytestmark = pytest.mark.filterwarnings("error")

SHARED = ("brier", "log_loss", "mean_probability", "average_precision")
NAMES = (*SHARED, "brier_skill")


def drawn(n, seed=0, *, shift=0.0, digits=None):
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.5, 1.3, n)
    p = expit(odds + shift)
    return rng.random(n) < expit(odds), p if digits is None else p.round(digits)


def skill(y, p, weights=None):
    share = np.average(y, weights=weights)
    return 1 - brier_score_loss(y, p, sample_weight=weights) / (share * (1 - share))


EXACT = {
    "brier": lambda y, p, w=None: brier_score_loss(y, p, sample_weight=w),
    "log_loss": lambda y, p, w=None: log_loss(y, p, sample_weight=w),
    "mean_probability": lambda y, p, w=None: np.average(p, weights=w),
    "average_precision": lambda y, p, w=None: average_precision_score(y, p, sample_weight=w),
    "brier_skill": skill,
}


def one(y, p, **options):
    return probability_figures(y, {"a": p}, {"a": p}, **options)["a"]


@pytest.mark.quick(12)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("digits", [None, 2, 1])
@pytest.mark.parametrize("many", [False, True])
def test_points_are_scikit_learns(name, digits, many, monkeypatch):
    y, p = drawn(10_000 if many else 500, shift=1.0, digits=digits)
    monkeypatch.setattr(module, "MANY_ROWS", 1000)
    assert one(y, p).points[name] == pytest.approx(EXACT[name](y, p), rel=0, abs=1e-12)


@pytest.mark.parametrize("clustered", [False, True])
def test_intervals_are_the_percentiles_of_plain_draws(clustered, monkeypatch):
    monkeypatch.setattr(module, "n_draws_for", lambda n: 40)
    y, p = drawn(120, seed=1, digits=2)
    clusters = np.arange(120) // 4 if clustered else None
    found = one(y, p, clusters=clusters, seed=3)
    weights = np.concatenate(list(draws(y, groups=clusters, n_draws=40, seed=3)))
    for name in NAMES:
        values = [EXACT[name](y, p, each) for each in weights]
        np.testing.assert_allclose(found.samples[name], values, rtol=0, atol=1e-11)
        low, high = np.quantile(values, [0.025, 0.975])
        point = found.points[name]
        assert (found.low[name], found.high[name]) == pytest.approx(
            (min(low, point), max(high, point)), abs=1e-11
        )


def test_intervals_are_those_of_judging():
    y, p = drawn(300, seed=2)
    fold = np.arange(300) % 3
    judged = judge({"none": Sides(y, p, y, p, fold, True)}, seed=5)["none"]
    found = one(y, p, seed=5)
    for name in SHARED:
        assert found.points[name] == judged.points[name]
        assert (found.low[name], found.high[name]) == (judged.low[name], judged.high[name])


@pytest.mark.parametrize("groups", [None, "who"])
def test_an_evaluation_and_its_reliability_agree_to_the_bit(groups):
    rng = np.random.default_rng(0)
    y = rng.random(600) < 0.2
    frame = pd.DataFrame(
        {"a": rng.normal(size=600) + y, "b": rng.normal(size=600), "who": np.arange(600) // 3}
    )
    frame["y"] = y.astype(int)
    frame = frame if groups else frame.drop(columns="who")
    e = imb.fit_eval(frame, "y", strategies=["class_weight"], groups=groups, cv=2, n_jobs=1, progress=False)
    r = e.reliability()
    for strategy in ("none", "class_weight"):
        for name in SHARED:
            for end in ("", "_low", "_high"):
                there, here = e.frame.loc[strategy], r.frame.loc[(strategy, "none")]
                assert here[f"{name}{end}"] == there[f"{name}{end}"], (strategy, name, end)


def test_repairs_that_keep_the_order_share_one_ranking():
    y, p = drawn(200, seed=4)
    odd = p**2
    found = probability_figures(y, {"a": p, "b": odd}, {"a": p, "b": p})
    for at in ("points", "low", "high"):
        a, b = getattr(found["a"], at), getattr(found["b"], at)
        assert a["average_precision"] == b["average_precision"]
        assert a["brier"] != b["brier"]
    assert found["b"].points["brier"] == pytest.approx(brier_score_loss(y, odd), abs=1e-12)


def test_scores_that_are_no_probabilities_are_only_ranked():
    y, score = drawn(200, seed=5)
    nothing = np.full(200, np.nan)
    found = probability_figures(y, {"a": nothing}, {"a": score * 8 - 4})["a"]
    assert found.points["average_precision"] == pytest.approx(average_precision_score(y, score), abs=1e-12)
    for name in set(NAMES) - {"average_precision"}:
        assert np.isnan([found.points[name], found.low[name], found.high[name]]).all()


@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_above_many_rows_normal_intervals_are_near_the_bootstraps(shift, monkeypatch):
    y, p = drawn(6000, seed=6, shift=shift)
    plain = one(y, p)
    monkeypatch.setattr(module, "MANY_ROWS", 5999)
    found = one(y, p)
    for name in NAMES:
        wide = plain.high[name] - plain.low[name]
        assert found.points[name] == plain.points[name]
        assert abs(found.low[name] - plain.low[name]) < 0.12 * wide, name
        assert abs(found.high[name] - plain.high[name]) < 0.12 * wide, name


def test_normal_intervals_of_means_are_those_of_a_mean(monkeypatch):
    monkeypatch.setattr(module, "MANY_ROWS", 100)
    y, p = drawn(3000, seed=7)
    found = one(y, p)
    losses = {"brier": (p - y) ** 2, "log_loss": -np.log(np.where(y, p, 1 - p)), "mean_probability": p}
    for name, each in losses.items():
        half = 1.959963984540054 * each.std() / np.sqrt(3000)
        assert (found.low[name], found.high[name]) == pytest.approx(
            (each.mean() - half, each.mean() + half), abs=1e-12
        )


def test_the_skills_normal_interval_follows_from_the_delta_method(monkeypatch):
    monkeypatch.setattr(module, "MANY_ROWS", 100)
    y, p = drawn(3000, seed=8, shift=1.0)
    found = one(y, p)
    n, share, loss = len(y), y.mean(), (p - y) ** 2
    covariance = np.cov(np.stack([loss, y.astype(float)]), ddof=0) / n

    def of(brier, share):
        return 1 - brier / (share * (1 - share))

    h = 1e-6
    slopes = np.array(
        [
            (of(loss.mean() + h, share) - of(loss.mean() - h, share)) / (2 * h),
            (of(loss.mean(), share + h) - of(loss.mean(), share - h)) / (2 * h),
        ]
    )
    half = 1.959963984540054 * np.sqrt(slopes @ covariance @ slopes)
    assert found.high["brier_skill"] - found.points["brier_skill"] == pytest.approx(half, rel=1e-5)
    assert found.points["brier_skill"] - found.low["brier_skill"] == pytest.approx(half, rel=1e-5)


def test_groups_of_tied_scores_still_hold_the_point(monkeypatch):
    monkeypatch.setattr(module, "MANY_ROWS", 100)
    y, p = drawn(3000, seed=9, digits=1)
    found = one(y, p)
    low, point, high = (each["average_precision"] for each in (found.low, found.points, found.high))
    assert low < point < high
    monkeypatch.setattr(module, "MANY_ROWS", 10_000)
    plain = one(y, p)
    wide = plain.high["average_precision"] - plain.low["average_precision"]
    assert abs(low - plain.low["average_precision"]) < 0.15 * wide
    assert abs(high - plain.high["average_precision"]) < 0.15 * wide
