"""`repeats=` of `best_threshold` and `reliability`: thresholds, calibrators and figures over several deals of the folds."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from best_thresholds import tuned_threshold
from scipy.stats import beta
from sklearn.calibration import _SigmoidCalibration
from sklearn.datasets import load_wine, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.naive_bayes import GaussianNB

import imbalance_accessor as imb
from imbalance_accessor.ipython.parser import read_line
from imbalance_accessor.ipython.values import typed_options
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.rounding import averaged_threshold
from imbalance_accessor.metrics.threshold_range import threshold_range
from imbalance_accessor.metrics.thresholds import ThresholdGrid

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False, "preprocess": None}
MODEL = LogisticRegression(max_iter=1000)
OF_FLAGS = {
    "f1": sk.f1_score,
    "recall": sk.recall_score,
    "precision": lambda y, flags: sk.precision_score(y, flags, zero_division=0),
    "balanced_accuracy": sk.balanced_accuracy_score,
}


def frame(n=400, seed=0):
    X, y = make_classification(
        n, n_features=4, n_redundant=0, weights=[0.85], flip_y=0.1, class_sep=0.7, random_state=seed
    )
    return pd.DataFrame(X, columns=list("abcd")).assign(y=y)


def learned(df, test_size):
    """The rows that folds score."""
    X, y = df[list("abcd")], df["y"].to_numpy()
    if test_size:
        X, _, y, _ = train_test_split(X, y, test_size=test_size, stratify=y, random_state=0)
    return X, y == 1


@cache
def deals(test_size):
    """Folds and out-of-fold probabilities of the frame's rows to learn from, with seeds 0, 1, 2."""
    X, y = learned(frame(), test_size)
    found = []
    for seed in range(3):
        folds = list(StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y))
        p = cross_val_predict(MODEL, X, y.astype(int), cv=folds, method="predict_proba")[:, 1]
        found.append((folds, p))
    return found


def cross_fitted(y, folds, p, criterion, costs=None):
    flags = np.empty(len(y), bool)
    for others, held in folds:
        flags[held] = p[held] >= tuned_threshold(y[others], p[others], criterion, costs)
    return flags


def chosen(df, **options):
    return df.imb.best_threshold("y", model=MODEL, **QUICK, **options)


# ---------------------------------------------------------------- thresholds


@pytest.mark.parametrize("test_size", [0, 0.2])
@pytest.mark.parametrize("criterion", ["f1", "balanced_accuracy", "mcc"])
def test_the_threshold_is_that_of_fit_eval(criterion, test_size):
    df = frame()
    t = chosen(df, criterion=criterion, repeats=3, test_size=test_size)
    _, y = learned(df, test_size)
    thresholds = [tuned_threshold(y, p, criterion) for _, p in deals(test_size)]
    assert t.value == averaged_threshold(thresholds)
    assert abs(t.value - np.mean(thresholds)) < 1e-3
    e = df.imb.fit_eval(
        "y",
        model=MODEL,
        strategies=["none"],
        criterion=criterion,
        repeats=3,
        test_size=test_size,
        **QUICK,
    )
    assert e.frame.loc["none", "threshold"] == t.value
    assert e.best_threshold("none", criterion=criterion).value == t.value


@pytest.mark.parametrize("test_size", [0, 0.2])
@pytest.mark.parametrize("options", [{}, {"cost": {"fp": 1, "fn": 5}}], ids=str)
def test_cross_fitted_figures_are_means_over_the_deals(options, test_size):
    df = frame()
    t = chosen(df, repeats=3, test_size=test_size, **options)
    _, y = learned(df, test_size)
    criterion, costs = ("cost", Costs(**options["cost"])) if options else ("f1", None)
    every = deals(test_size)
    assert t.value == averaged_threshold([tuned_threshold(y, p, criterion, costs) for _, p in every])
    flags = [cross_fitted(y, *deal, criterion, costs) for deal in every]
    row = t.report.loc["chosen"]
    wanted = {name: np.mean([of(y, each) for each in flags]) for name, of in OF_FLAGS.items()}
    if options:
        wanted["cost"] = np.mean([(each & ~y).sum() + 5 * (~each & y).sum() for each in flags])
    for name, value in wanted.items():
        assert row[f"{name}_cv"] == pytest.approx(value, abs=1e-9), name
        if not test_size:
            assert row[name] == row[f"{name}_cv"]
            assert row[f"{name}_low"] < value < row[f"{name}_high"]
    default = t.report.loc["default"]
    assert default["f1_cv"] == pytest.approx(np.mean([sk.f1_score(y, p >= 0.5) for _, p in every]), abs=1e-9)


def mean_counts(y, every, threshold):
    flags = [p >= threshold for _, p in every]
    return np.mean([(each & y).sum() for each in flags]), np.mean([(each & ~y).sum() for each in flags])


@pytest.mark.parametrize("confidence", [None, 0.8])
def test_under_a_limit_the_best_by_mean_counts_is_taken(confidence):
    df = frame()
    t = chosen(df, min_recall=0.6, repeats=3, confidence=confidence)
    _, y = learned(df, 0.2)
    every = deals(0.2)
    best, wanted = -1.0, None
    for threshold in sorted({p for _, each in every for p in each}, reverse=True):
        tp, fp = mean_counts(y, every, threshold)
        recall = tp / y.sum()
        if confidence:
            recall = beta.ppf(1 - confidence, tp, y.sum() - tp + 1) if tp >= 1 else 0
        if recall >= 0.6 and tp / (tp + fp) > best + 1e-12:
            best, wanted = tp / (tp + fp), threshold
    assert mean_counts(y, every, t.value) == mean_counts(y, every, wanted)
    assert t.frame.loc[t.frame["threshold"].ge(t.value), "recall"].iloc[-1] >= 0.6
    never = chosen(df, min_recall=0.99, min_precision=0.99, repeats=3)
    assert not never.feasible
    assert "No threshold keeps" in repr(never)


def test_the_range_holds_the_resamples_of_all_deals_and_every_fold_is_shown():
    df = frame()
    t = chosen(df, repeats=3)
    _, y = learned(df, 0.2)
    every = deals(0.2)
    alone = [threshold_range(ThresholdGrid(y, p), t.found.tuning).thresholds for _, p in every]
    pooled = np.sort(np.concatenate(alone))
    assert len(pooled) == 3 * 501
    np.testing.assert_array_equal(np.sort(t.threshold_ci.thresholds), pooled)
    lower, upper = (
        np.quantile(pooled, share, method=how) for share, how in ((0.025, "lower"), (0.975, "higher"))
    )
    scores = np.concatenate([p for _, p in every])
    for end, at in ((t.threshold_ci.low, lower), (t.threshold_ci.high, upper)):
        assert ((scores >= end) == (scores >= at)).all()  # rounded, it flags the same rows
    thresholds = [tuned_threshold(y[others], p[others]) for folds, p in every for others, _ in folds]
    assert list(t.fold_thresholds) == list(range(15))
    assert list(t.fold_thresholds.values()) == thresholds


def test_words_say_what_is_averaged():
    df = frame()
    t, limited = chosen(df, repeats=3), chosen(df, repeats=3, min_recall=0.6)
    for each in (t, limited):
        for text in (repr(each), str(each.explain())):
            assert "averaged over 3 deals of the folds" in " ".join(text.split())
    assert "dealt 3 times" in " ".join(repr(t).split())
    assert "deals" not in repr(chosen(df)) + str(chosen(df).explain())


# ---------------------------------------------------------------- scores of a column: every deal has the same scores


def with_scores():
    df = frame(600)
    p = MODEL.fit(df[list("ab")], df["y"]).predict_proba(df[list("ab")])[:, 1]
    return df[["y"]].assign(p=p**2)


@pytest.mark.parametrize("options", [{}, {"cost": {"fp": 1, "fn": 5}}, {"min_recall": 0.7}], ids=str)
def test_deals_of_given_scores_leave_the_threshold(options):
    df = with_scores()
    unique = imb.best_threshold(df, "y", scores="p", **options)
    thrice = imb.best_threshold(df, "y", scores="p", repeats=3, **options)
    assert thrice.value == unique.value
    pd.testing.assert_frame_equal(
        unique.report.filter(regex="^(?!.*_cv)"), thrice.report.filter(regex="^(?!.*_cv)")
    )


@pytest.mark.parametrize("calibrator", ["sigmoid", "isotonic"])
def test_a_row_that_stands_thrice_weighs_a_third(calibrator):
    df = with_scores()
    unique, thrice = (
        imb.reliability(df, "y", scores="p", calibrators=[calibrator], repeats=k) for k in (1, 3)
    )
    assert thrice.frame.loc["scores", calibrator]["brier"] == pytest.approx(
        unique.frame.loc["scores", calibrator]["brier"], abs=1e-9
    )
    np.testing.assert_allclose(thrice.apply(df, calibrator), unique.apply(df, calibrator), atol=1e-6)


# ---------------------------------------------------------------- calibrators


def log_odds(p):
    return np.log(p / (1 - p))


@pytest.mark.parametrize("test_size", [0, 0.2])
def test_calibrators_are_cross_fitted_in_each_deal_and_fitted_on_all(test_size):
    df = frame()
    r = df.imb.reliability("y", model=MODEL, calibrators=["sigmoid"], repeats=3, test_size=test_size, **QUICK)
    X, y = learned(df, test_size)
    every = deals(test_size)
    losses = []
    for folds, p in every:
        calibrated = np.empty(len(p))
        for others, held in folds:
            fitted = _SigmoidCalibration().fit(log_odds(p[others]), y[others].astype(int))
            calibrated[held] = fitted.predict(log_odds(p[held]))
        losses.append((calibrated - y) ** 2)
    row, raw = r.frame.loc["none", "sigmoid"], r.frame.loc["none", "none"]
    assert row["brier_cv"] == pytest.approx(np.mean(losses), abs=1e-7)
    assert raw["brier_cv"] == pytest.approx(np.mean([(p - y) ** 2 for _, p in every]), abs=1e-9)
    if not test_size:
        assert row["brier"] == pytest.approx(row["brier_cv"], abs=1e-9)
        assert row["brier_low"] < row["brier"] < row["brier_high"]
        aps = [sk.average_precision_score(y, p) for _, p in every]
        assert raw["average_precision"] == pytest.approx(np.mean(aps), abs=1e-9)
        parts = row["miscalibration"] - row["discrimination"] + row["uncertainty"]
        assert parts == pytest.approx(row["brier"], abs=1e-9)
    stacked = np.concatenate([p for _, p in every])
    whole = _SigmoidCalibration().fit(
        log_odds(stacked), np.tile(y, 3).astype(int), np.full(3 * len(y), 1 / 3)
    )
    said = MODEL.fit(X, y.astype(int)).predict_proba(df[list("abcd")])[:, 1]
    np.testing.assert_allclose(r.apply(df, "sigmoid"), whole.predict(log_odds(said)), atol=1e-6)


def test_the_choice_takes_the_mean_of_a_rows_squared_errors():
    df = frame()
    r = df.imb.reliability("y", model=MODEL, calibrators=["sigmoid"], repeats=3, **QUICK)
    y, rows = r.report.y_learned, r.report.rows
    loss = {key: ((row.crossed - y) ** 2).mean(axis=0) for key, row in rows.items()}
    assert all(each.shape == y.shape for each in loss.values())
    behind = loss["none", "none"] - loss["none", "sigmoid"]
    for errors in (-2.0, 0.0, 0.5, 1.0, 2.0):
        within = behind.mean() <= errors * behind.std() / np.sqrt(len(y))
        assert r.report.is_within(errors, ("none", "none"), ("none", "sigmoid")) == within


@pytest.mark.parametrize(
    ("test_size", "said"), [(0, "All figures are averaged"), (0.2, "Cross-fitted figures are averaged")]
)
def test_words_of_reliability_say_what_is_averaged(test_size, said):
    df = frame()
    r = df.imb.reliability("y", model=MODEL, repeats=3, test_size=test_size, **QUICK)
    for text in (repr(r), str(r.explain())):
        assert f"{said} over 3 deals of the folds" in " ".join(text.split())
    assert ("the diagram shows the first deal" in " ".join(repr(r).split())) == (test_size == 0)
    e = df.imb.fit_eval(
        "y", model=MODEL, strategies=["class_weight"], repeats=3, test_size=test_size, **QUICK
    )
    same = e.reliability(["none"]).frame.loc["none", "none"]
    assert same["brier_cv"] == r.frame.loc["none", "none"]["brier_cv"]


# ---------------------------------------------------------------- several classes


@pytest.mark.parametrize("test_size", [0, 0.2])
def test_the_cheapest_class_costs_the_mean_over_the_deals(test_size, run):
    wine = load_wine(as_frame=True).frame.iloc[:, [0, 1, 2, 13]]
    costs = pd.DataFrame([[0, 1, 1], [5, 0, 5], [9, 9, 0]])
    c = wine.imb.best_threshold(
        "target", cost=costs, model=GaussianNB(), repeats=3, test_size=test_size, **QUICK
    )
    X, y = wine.drop(columns="target"), wine["target"].to_numpy()
    if test_size:
        X, _, y, _ = train_test_split(X, y, test_size=test_size, stratify=y, random_state=0)
    said = []
    for seed in range(3):
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        p = cross_val_predict(GaussianNB(), X, y, cv=folds, method="predict_proba")
        said.append((p @ costs.to_numpy()).argmin(axis=1))
    row = c.frame.loc["cheapest"]
    assert row["cost_per_row_cv"] == pytest.approx(np.mean([costs.to_numpy()[y, each] for each in said]))
    if not test_size:
        assert row["cost_per_row"] == row["cost_per_row_cv"]
        assert row["accuracy"] == pytest.approx(np.mean([each == y for each in said]))
    printed = dict(
        line.split(" ", 1) for line in run(c.snippet(style="full"), df=wine)["printed"].splitlines()
    )
    for name, numbers in printed.items():
        wanted = c.frame.loc[name, ["cost_per_row", "cost_per_row_cv"]].to_list()
        assert [float(each) for each in numbers.split()] == pytest.approx(wanted, abs=1e-9)
    assert set(printed) == set(c.frame.index)
    assert "dealt 3 times" in " ".join(repr(c).split())


# ---------------------------------------------------------------- what is refused, and the magic


def test_the_magic_takes_repeats():
    df = frame()
    for verb in (imb.best_threshold, imb.reliability):
        call = read_line(f"{verb.__name__} df y --repeats 3 --test-size 0", [verb.__name__])
        assert typed_options(verb, call, df["y"], df, {}) == {"repeats": 3, "test_size": 0}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"repeats": 0}, "repeats=0 must be a whole number, 1 or more"),
        ({"repeats": 1.5}, "repeats=1.5 must be a whole number"),
        ({"repeats": 3, "time": "a"}, "repeats=3 deals the folds anew, and time='a' leaves one order only"),
    ],
)
@pytest.mark.parametrize("scores", [{}, {"scores": "b"}], ids=str)
@pytest.mark.parametrize("verb", ["best_threshold", "reliability"])
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_repeats_that_make_no_sense_are_refused_before_any_fit(verb, scores, options, said):
    df = frame()
    df["b"] = df["b"].rank(pct=True)
    with pytest.raises(imb.ImbalanceError, match=said):
        getattr(df.imb, verb)("y", **options, **scores)
