"""`reliability(prevalence=, sample_weight=)`: rows, calibrators and choice against scikit-learn with weights, and plain loops."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from scipy.special import expit, logit
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.metrics.intervals import wilson

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False}
PI = 0.01
POINTS = [
    "brier",
    "log_loss",
    "mean_probability",
    "prevalence",
    "brier_cv",
    "log_loss_cv",
    "ece",
    "uncertainty",
]
POINTS += ["miscalibration", "discrimination", "calibration_intercept", "calibration_slope"]


@pytest.fixture(autouse=True, scope="module")
def _quick():
    with threadpool_limits(1), draws_at_most(50):
        yield


@cache
def frame(n=1600, share=0.25):
    """Cases, three controls each, of a rare outcome whose log odds are a line."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40 * n, 3))
    y = rng.random(len(X)) < expit(X @ [1.0, -0.7, 0.4] - 4.5)
    cases = np.flatnonzero(y)[: int(n * share)]
    rows = rng.permutation(np.r_[cases, np.flatnonzero(~y)[: n - len(cases)]])
    found = pd.DataFrame(X[rows], columns=list("abc")).assign(y=y[rows].astype(int))
    return found.assign(w=rng.integers(1, 5, n), s=expit(X[rows] @ [1.0, -0.7, 0.4] - 0.5))


@cache
def judged():
    df = frame()[list("abcy")]
    return imb.reliability(df, "y", prevalence=PI, strategies=["class_weight"], cv=3, **QUICK)


def sides(r, name):
    return r.scores_by_strategy[name].labelled_scores


def rows_count(y, share=0.25):
    return np.where(y, PI / share, (1 - PI) / (1 - share))


def corrected(p, multiplied):
    return p / (p + (1 - p) * multiplied)


def plain_crossed(p, y, fold, w, method):
    crossed = np.empty(len(p))
    for each in np.unique(fold):
        inside = fold == each
        if method == "isotonic":
            one = IsotonicRegression(out_of_bounds="clip").fit(logit(p[~inside]), y[~inside], w[~inside])
        else:
            one = _SigmoidCalibration().fit(logit(p[~inside]), y[~inside], w[~inside])
        crossed[inside] = one.predict(logit(p[inside]))
    return crossed


@pytest.mark.parametrize("name", ["none", "class_weight"])
def test_each_row_is_what_scikit_learn_makes_of_weighted_rows(name):
    r, found = judged(), sides(judged(), name)
    y, w, w_oof = found.y, rows_count(found.y), rows_count(found.y_oof)
    # one factor for the weights of the strategy, which even the classes out, and for the sample
    multiplied = (3 if name == "class_weight" else 1) * (0.25 / 0.75) / (PI / (1 - PI))
    assert r.report.odds_shift[name] == pytest.approx(multiplied, rel=1e-12)
    scale = w_oof / w_oof.min()
    margin, margin_oof = logit(found.score), logit(found.score_oof)
    isotonic = IsotonicRegression(out_of_bounds="clip").fit(margin_oof, found.y_oof, scale)
    expected = {
        "none": (found.score, found.score_oof),
        "prior": tuple(corrected(each, multiplied) for each in (found.score, found.score_oof)),
        "sigmoid": (
            _SigmoidCalibration().fit(margin_oof, found.y_oof, scale).predict(margin),
            plain_crossed(found.score_oof, found.y_oof, found.fold, scale, "sigmoid"),
        ),
        "isotonic": (
            isotonic.predict(margin),
            plain_crossed(found.score_oof, found.y_oof, found.fold, scale, "isotonic"),
        ),
    }
    for calibrator, (p, crossed) in expected.items():
        row, far = r.frame.loc[(name, calibrator)], 2e-5
        np.testing.assert_allclose(r.report.rows[name, calibrator].p, p, atol=far)
        assert row["brier"] == pytest.approx(sk.brier_score_loss(y, p, sample_weight=w), abs=far)
        assert row["log_loss"] == pytest.approx(sk.log_loss(y, p, sample_weight=w), abs=1e-4)
        assert row["mean_probability"] == pytest.approx(np.average(p, weights=w), abs=far)
        brier = sk.brier_score_loss(found.y_oof, crossed, sample_weight=w_oof)
        assert row["brier_cv"] == pytest.approx(brier, abs=far)
        log_loss = sk.log_loss(found.y_oof, crossed, sample_weight=w_oof)
        assert row["log_loss_cv"] == pytest.approx(log_loss, rel=1e-3)
        assert row["prevalence"] == pytest.approx(PI, rel=1e-9)
        parts = row["miscalibration"] - row["discrimination"] + row["uncertainty"]
        assert parts == pytest.approx(row["brier"], abs=1e-12)


def test_the_log_loss_out_of_fold_chooses_and_scores_of_the_sample_are_no_candidate():
    r, found = judged(), sides(judged(), "none")
    w = rows_count(found.y_oof)
    y = found.y_oof
    loss = {
        calibrator: -np.log(np.where(y, row.crossed, 1 - row.crossed).clip(1e-15))
        for (name, calibrator), row in r.report.rows.items()
        if name == "none"
    }
    mean = {each: np.average(of, weights=w) for each, of in loss.items()}
    lowest = min(("prior", "sigmoid", "isotonic"), key=mean.get)
    simplest = next(
        each
        for each in ("prior", "sigmoid", "isotonic")
        if mean[each] - mean[lowest]
        <= np.sqrt(np.sum((w * (loss[each] - loss[lowest] - mean[each] + mean[lowest])) ** 2)) / w.sum()
    )
    assert r.best["none"] == simplest
    assert r.report.prior_holds == {"none": True, "class_weight": True}
    # a forecast that is the right one at the sample's share stays where nothing else was asked for
    assert frame()[list("abcy")].imb.reliability("y", prevalence=PI, calibrators=(), **QUICK).best == {
        "none": "none"
    }


def test_what_is_handed_out_gives_probabilities_at_the_prevalence():
    r = judged()
    split = frame()[list("abcy")].imb.split("y")
    w = rows_count(split.y_test.to_numpy() == 1)
    for name in ("none", "class_weight"):
        p = r.model(strategy=name).predict_proba(split.X_test)[:, 1]
        np.testing.assert_allclose(p, r.report.rows[name, r.best[name]].p, atol=1e-12)
        assert r.apply(split.X_test, strategy=name).tolist() == p.tolist()
        assert np.average(p, weights=w) == pytest.approx(PI, rel=0.25)
        sample = r.model("none", strategy=name).predict_proba(split.X_test)[:, 1]
        assert np.average(sample, weights=w) > 10 * PI


def test_the_prevalence_has_the_interval_of_the_sample_with_its_odds_shifted():
    row = judged().frame.iloc[0]
    low, high = wilson(80, 320)
    shift = PI / (1 - PI) / (0.25 / 0.75)
    ends = [float(each) / (1 - float(each)) * shift for each in (low, high)]
    expected = tuple(each / (1 + each) for each in ends)
    assert (row["prevalence_low"], row["prevalence_high"]) == pytest.approx(expected)


def test_the_frames_own_share_and_weights_of_one_change_nothing():
    df = frame()[list("abcy")]
    options = {"cv": 3, "calibrators": ["prior", "sigmoid"], **QUICK}
    plain = df.imb.reliability("y", **options)
    known = df.imb.reliability("y", prevalence=0.25, **options)
    pd.testing.assert_frame_equal(plain.frame, known.frame, check_exact=True)
    assert (plain.verdict, str(plain.explain())) == (known.verdict, str(known.explain()))
    ones = df.assign(w=1).imb.reliability("y", sample_weight="w", **options)
    pd.testing.assert_frame_equal(plain.frame, ones.frame, check_exact=True)


def test_whole_weights_of_given_scores_are_repeated_rows():
    df = frame()[["s", "y", "w"]]
    options = {"scores": "s", "calibrators": (), **QUICK}
    weighted = df.imb.reliability("y", sample_weight="w", **options)
    again = df.loc[df.index.repeat(df["w"])].reset_index(drop=True)
    repeated = again[["s", "y"]].imb.reliability("y", **options)
    for name in POINTS:
        found = weighted.frame[name].iloc[0]
        assert found == pytest.approx(repeated.frame[name].iloc[0], abs=1e-9), name
    row = weighted.frame.iloc[0]
    assert row["prevalence_high"] - row["prevalence_low"] > np.diff(
        repeated.frame[["prevalence_low", "prevalence_high"]].iloc[0]
    )


def test_scores_of_an_unknown_origin_are_repaired_by_calibrators_alone():
    r = frame()[["s", "y"]].imb.reliability("y", scores="s", prevalence=PI, **QUICK)
    assert list(r.frame.index) == [("scores", "none"), ("scores", "sigmoid"), ("scores", "isotonic")]
    assert {each.code for each in r.findings} == {"IMB503", "IMB505"}
    assert r.best["scores"] in {"sigmoid", "isotonic"}
    for name in ("sigmoid", "isotonic"):
        assert r.frame.loc[("scores", name), "mean_probability"] == pytest.approx(PI, rel=0.3)
    assert r.frame.loc[("scores", "none"), "calibration_intercept_high"] < -2


def test_the_likeliest_of_several_classes_is_weighted_by_its_rows_classes():
    rng = np.random.default_rng(1)
    df = pd.DataFrame(rng.normal(size=(400, 2)), columns=list("ab"))
    df["y"] = np.array(list("xyz"))[np.digitize(df["a"] + rng.normal(size=400), [-0.5, 0.8])]
    wanted = {"x": 0.05, "y": 0.05, "z": 0.9}
    r = df.imb.reliability("y", top_class=True, prevalence=wanted, **QUICK)
    shares = df["y"].value_counts(normalize=True)
    classes = df.imb.split("y").y_test
    w = np.array([wanted[each] / shares[each] for each in classes])
    row = r.frame.iloc[0]
    # the classes' probabilities are brought to their shares first
    came = df.imb.reliability("y", top_class=True, **QUICK).model().predict_proba(df.loc[classes.index])
    moved = came * [wanted[each] / shares[each] for each in "xyz"]
    moved /= moved.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(r.report.rows["none", "none"].p, moved.max(axis=1), atol=1e-9)
    np.testing.assert_allclose(r.model().predict_proba(df.loc[classes.index]), moved, atol=1e-9)
    p, right = r.report.rows["none", "none"].p, r.report.y
    assert row["prevalence"] == pytest.approx(np.average(right, weights=w))
    assert row["brier"] == pytest.approx(sk.brier_score_loss(right, p, sample_weight=w))


def test_a_model_that_weighs_its_rows_itself_may_stay_as_it_is():
    df = frame()[list("abcy")]
    weighing = LogisticRegression(max_iter=1000, class_weight={0: 0.99 / 0.75, 1: PI / 0.25})
    r = df.imb.reliability("y", model=weighing, prevalence=PI, calibrators=["prior", "isotonic"], **QUICK)
    assert r.report.of_sample == ()
    assert r.report.prior_holds == {"none": True}
    assert r.report.odds_shift["none"] == pytest.approx(1, rel=1e-9)
    assert r.best == {"none": "none"}


def test_an_evaluation_hands_over_its_scores_as_they_were_fitted():
    df = frame()[list("abcy")]
    e = df.imb.fit_eval("y", strategies=["class_weight"], cv=3, **QUICK)
    moved = replace(e.scored, by_name={}, as_fitted=e.scored)
    found = replace(e, scored=moved).reliability(["class_weight"], calibrators=["prior"])
    expected = e.reliability(["class_weight"], calibrators=["prior"])
    pd.testing.assert_frame_equal(found.frame, expected.frame, check_exact=True)


def test_words_tell_the_sample_from_the_prevalence():
    r = judged()
    shown, said = str(r), str(r.explain())
    assert "1.0 % [" not in shown  # a prevalence that is given has no interval
    assert "counted as where it will be used" in " ".join(shown.split())
    for words in ("Brier 0", "observed 0", "lowest cross-fitted Brier", "'none' multiplied"):
        assert words not in shown + said
    assert "prevalence 0.010" in r.verdict
    assert "The sample's share of positives" in said
    assert r.typical["typical"].str.contains("at the share that it learned from").all()
