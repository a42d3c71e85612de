"""What resampling does to probabilities, and what calibrators make of it, in worlds whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

PREVALENCE, SEEDS = 0.10, (0, 1, 2)
STRATEGIES = ("class_weight", "oversample", "undersample", "smote")
#: Weight of each of three independent normal predictors that gives an AUROC of 0.75 at this prevalence.
WEIGHT = 1.0010 / np.sqrt(3)
QUICK = {"n_jobs": 1, "progress": False, "pos_label": 1}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def world(n, seed, prevalence=PREVALENCE):
    """Rows whose log odds are known."""
    z = np.linspace(-8, 8, 4001) * WEIGHT * np.sqrt(3)
    mass = np.exp(-(np.linspace(-8, 8, 4001) ** 2) / 2)
    level = brentq(lambda a: np.average(expit(a + z), weights=mass) - prevalence, -20, 20)
    rng = np.random.default_rng([seed, n])
    X = rng.normal(size=(n, 3))
    odds = level + WEIGHT * X.sum(axis=1)
    frame = pd.DataFrame(X, columns=["x1", "x2", "x3"])
    return frame.assign(y=(rng.random(n) < expit(odds)).astype(int)), odds


@pytest.fixture(scope="module")
def medians():
    runs = []
    for seed in SEEDS:
        train, test = world(5_000, seed)[0], world(20_000, seed)[0]
        options = {"strategies": STRATEGIES, "calibrators": ["prior"], "cv": 2, "test": test, **QUICK}
        runs.append(imb.reliability(train, "y", random_state=seed, **options).frame)
    return pd.concat(runs).groupby(level=[0, 1]).median()


def test_the_world_has_the_ranking_and_the_prevalence_it_is_said_to_have():
    frame, odds = world(200_000, 0)
    assert roc_auc_score(frame["y"], odds) == pytest.approx(0.75, abs=0.005)
    assert frame["y"].mean() == pytest.approx(PREVALENCE, abs=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_evened_out_classes_shift_the_intercept_by_the_log_odds_of_the_prevalence(medians, strategy):
    found = medians.loc[(strategy, "none"), "calibration_intercept"]
    assert found == pytest.approx(logit(PREVALENCE), abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["none", *STRATEGIES])
def test_prior_takes_the_intercept_back_to_zero(medians, strategy):
    assert medians.loc[(strategy, "prior"), "calibration_intercept"] == pytest.approx(0, abs=0.15)
    assert medians.loc[(strategy, "prior"), "mean_probability"] == pytest.approx(PREVALENCE, abs=0.012)


@pytest.mark.slow
def test_the_plain_model_is_level(medians):
    assert medians.loc[("none", "none"), "calibration_intercept"] == pytest.approx(0, abs=0.10)
    assert medians.loc[("none", "none"), "calibration_slope"] == pytest.approx(1, abs=0.10)


@pytest.mark.slow
def test_smotes_probabilities_are_too_extreme(medians):
    assert medians.loc[("smote", "none"), "calibration_slope"] < 1
    assert (
        medians.loc[("smote", "none"), "calibration_slope"]
        < medians.loc[("none", "none"), "calibration_slope"]
    )


@pytest.mark.slow
def test_prior_fails_for_an_oversampled_forest_and_the_verdict_takes_a_calibrator():
    train, test = world(2_000, 0)[0], world(5_000, 1)[0]
    r = imb.reliability(train, "y", model="forest", strategies=["oversample"], cv=3, test=test, **QUICK)
    fired = [each for each in r.findings if each.code == "IMB501"]
    assert any("'oversample'" in each.message for each in fired)
    assert not r.report.prior_holds["oversample"]
    chosen = r.best["oversample"]
    assert chosen in {"sigmoid", "isotonic"}
    assert chosen in r.verdict
    brier = {
        name: brier_score_loss(test["y"], r.report.rows["oversample", name].p)
        for name in ("none", "prior", chosen)
    }
    assert brier[chosen] < min(brier["none"], brier["prior"])
    for name, each in brier.items():
        assert r.frame.loc[("oversample", name), "brier"] == pytest.approx(each, abs=1e-12)


def test_the_frame_is_what_the_definitions_give():
    train, test = world(1_500, 2)[0], world(10_000, 3)[0]
    r = imb.reliability(train, "y", strategies=["undersample"], cv=2, test=test, **QUICK)
    y = test["y"].to_numpy()
    kept = train["y"].sum() / (train["y"] == 0).sum()
    raw = r.model("none", strategy="undersample").predict_proba(test)[:, 1]
    dal_pozzolo = kept * raw / ((kept - 1) * raw + 1)
    for calibrator, p in (("none", raw), ("prior", dal_pozzolo)):
        row = r.frame.loc[("undersample", calibrator)]
        np.testing.assert_allclose(r.report.rows["undersample", calibrator].p, p, rtol=0, atol=1e-12)
        assert row["brier"] == pytest.approx(brier_score_loss(y, p), abs=1e-12)
        assert row["log_loss"] == pytest.approx(log_loss(y, p), abs=1e-12)
        assert row["mean_probability"] == pytest.approx(p.mean(), abs=1e-12)
        assert row["prevalence"] == pytest.approx(y.mean(), abs=1e-12)
        assert row["brier_skill"] == pytest.approx(1 - row["brier"] / (y.mean() * (1 - y.mean())), abs=1e-12)
        parts = row["miscalibration"] - row["discrimination"] + row["uncertainty"]
        assert parts == pytest.approx(row["brier"], abs=1e-12)
        edges = np.percentile(p, np.arange(1, 10) * 10)
        place = (p[:, None] > edges).sum(axis=1)
        gaps = [abs(p[place == each].sum() - y[place == each].sum()) for each in range(10)]
        assert row["ece"] == pytest.approx(sum(gaps) / len(y), abs=1e-12)


@pytest.mark.slow
def test_the_chosen_calibrator_is_the_simplest_within_one_standard_error():
    train, test = world(1_500, 4)[0], world(2_000, 5)[0]
    r = imb.reliability(train, "y", strategies=["class_weight"], cv=3, test=test, **QUICK)
    for strategy in ("none", "class_weight"):
        losses = {}
        for calibrator in ("none", "prior", "sigmoid", "isotonic"):
            row = r.report.rows[strategy, calibrator]
            losses[calibrator] = (row.crossed - train["y"].to_numpy()) ** 2
            assert r.frame.loc[(strategy, calibrator), "brier_cv"] == pytest.approx(
                losses[calibrator].mean(), abs=1e-12
            )
        best = min(losses.values(), key=np.mean)
        near = [
            name
            for name, each in losses.items()
            if (each - best).mean() <= (each - best).std() / np.sqrt(len(best))
        ]
        assert r.best[strategy] == near[0]
    assert r.best == {"none": "none", "class_weight": "prior"}
