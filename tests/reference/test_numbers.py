"""Every number that the cheatsheet and the pitfalls quote, computed again."""

from __future__ import annotations

import functools
import math
import re
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from imblearn.metrics import geometric_mean_score
from imblearn.over_sampling import SMOTE
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.special import betainc
from scipy.stats import binom, norm
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    auc,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    fbeta_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.class_weight import compute_class_weight

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.modeling.models import NAMED
from imbalance_accessor.reference import cheatsheet

TABLES = {name: table.frame for name, table in cheatsheet.TABLES.items()}
Y = np.repeat([0, 1], [950, 50])


def cell(table: str, row: str, column: str) -> str:
    return TABLES[table].loc[row, column]


# --- numbers of public data


def test_every_share_is_its_quotient():
    texts = " ".join(TABLES["domains"]["prevalence"])
    found = re.findall(r"([\d.]+) %, ([\d,]+) of ([\d,]+)(?=\D)", texts)
    assert len(found) == texts.count(" of ") - texts.count("of which") == 10
    for percent, part, whole in found:
        share = 100 * Fraction(part.replace(",", "")) / Fraction(whole.replace(",", ""))
        assert f"{float(share):.{len(percent.partition('.')[2])}f}" == percent


def test_undersampling_card_payments_leaves_what_is_said():
    for text in (cell("techniques", "undersampling", "risk"), cell("pitfalls", "undersampling", "why")):
        assert f"{2 * 492} of {284_807:,}" in text
        assert f"{100 * 2 * 492 / 284_807:.2f} %" in text


# --- numbers of thresholds


def test_thresholds_from_costs():
    assert f"{float(Fraction(500, 500 + 50_000)):.4f}" in cell("domains", "fraud", "threshold")
    assert f"= {float(Fraction(10, 510)):.4f}" in cell("domains", "defects", "threshold")
    assert f"{float(Fraction(999, 1000)):.3f}" in cell("domains", "spam", "threshold")
    # the expected gain of an offer is zero at the threshold
    threshold = brentq(lambda p: p * (1 / 5) * 200 - 10, 0, 1)
    assert f"p = {threshold:.2f}" in cell("domains", "churn", "threshold")
    # net benefit weighs a false alarm with the odds of t
    bearable = Fraction(9, 10) / Fraction(1, 10)
    assert f"t = 0.1 bears {bearable} false alarms" in cell("domains", "rare disease", "threshold")


def test_alarms_per_hour_and_the_first_bias():
    assert f"{30 * 3600 * 0.001:.0f} an hour" in cell("domains", "safety vision", "threshold")
    bias = brentq(lambda b: 1 / (1 + math.exp(-b)) - 0.01, -20, 20)
    assert f"= −{-bias:.1f}" in cell("domains", "safety vision", "technique")


def precision(recall: float, false_positives: float, prevalence: float) -> float:
    return recall * prevalence / (recall * prevalence + false_positives * (1 - prevalence))


def test_precision_follows_prevalence():
    text = cell("domains", "rare disease", "pitfall")
    assert f"give {precision(0.9, 0.1, 0.5):.2f} at one" in text
    assert f"{precision(0.9, 0.1, 0.0043):.3f} at 4.3 cases" in text
    text = cell("pitfalls", "ROC-AUC alone", "why")
    assert f"precision of {precision(0.8, 0.01, 0.01):.2f} where 1 %" in text
    assert f"{precision(0.8, 0.01, 492 / 284_807):.2f} where 0.17 %" in text


def test_a_sample_of_cases_and_controls_is_not_where_the_model_is_used():
    text = cell("techniques", "case-control sample", "risk")
    assert f"precision of {precision(0.8, 0.05, 0.25):.2f} at one positive in four" in text
    assert f"and {precision(0.8, 0.05, 0.005):.2f} at 0.5 %" in text
    odds = Fraction(1, 3) / Fraction(5, 995)
    shown = odds * Fraction(5, 995)
    text = cell("techniques", "case-control sample", "probabilities")
    assert f"multiplied by {float(odds):.1f}: 0.005 is shown as {float(shown / (1 + shown)):.2f}." in text
    why = cell("pitfalls", "balanced benchmark", "why")
    balanced = f"{precision(0.8, 0.05, 0.5):.2f}"
    assert f"precision of {balanced} where half" in why
    assert f"and {precision(0.8, 0.05, 0.01):.2f} where 1 % are." in why
    assert cell("pitfalls", "balanced benchmark", "do not say").endswith(f"in production: {balanced}.")


@pytest.mark.slow
def test_the_best_threshold_on_test_flatters():
    X, y = make_classification(
        10_000,
        n_features=2,
        n_redundant=0,
        n_clusters_per_class=1,
        weights=[0.99],
        flip_y=0,
        random_state=4,
    )
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=2)
    model = LogisticRegression()
    scores = model.fit(X_train, y_train).predict_proba(X_test)[:, 1]
    claimed = max(f1_score(y_test, scores >= threshold) for threshold in np.unique(scores)[-150:])
    honest = []
    for seed in range(5):
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        fold_scores = cross_val_predict(model, X_train, y_train, cv=folds, method="predict_proba")[:, 1]
        threshold = max(
            np.unique(fold_scores)[-150:], key=lambda each: f1_score(y_train, fold_scores >= each)
        )
        honest.append(f1_score(y_test, scores >= threshold))
    assert f"F1 is {claimed:.3f}." in cell("pitfalls", "threshold on test", "do not say")
    why = cell("pitfalls", "threshold on test", "why")
    assert f"halves of {len(y):,} rows" in why and len(y_train) == len(y_test)
    assert f"reach {min(honest):.2f} to {max(honest):.2f} on the test half." in why
    assert max(honest) < claimed


# --- numbers of metrics


def test_accuracy_of_calling_everything_negative():
    assert f"{100 * np.mean(Y == 0):.1f} % accurate" in cell("pitfalls", "accuracy", "why")


def test_f1_is_no_arithmetic_mean():
    precise, recalled = Fraction(1), Fraction(1, 100)
    harmonic = 2 / (1 / precise + 1 / recalled)
    text = cell("pitfalls", "F1 as a mean", "why")
    assert f"give {float(harmonic):.3f}, not {float((precise + recalled) / 2):.3f}." in text


def test_trapezoids_reward_a_constant_score():
    scores = np.full(len(Y), 0.3)
    precisions, recalls, _ = precision_recall_curve(Y, scores)
    text = cell("pitfalls", "trapezoid PR area", "why")
    assert f"gets {auc(recalls, precisions):.3f} by trapezoids" in text
    assert f"and {average_precision_score(Y, scores):.2f} by average precision" in text


def test_recall_of_eight_positives():
    # Wilson's ends solve (p̂ − p)² = z² p (1 − p) / n
    hits, n, z = 6, 8, 1.959963984540054
    low, high = np.sort(np.roots([1 + z**2 / n, -(2 * hits / n + z**2 / n), (hits / n) ** 2]))
    assert f"from {low:.2f} to {high:.2f} (Wilson" in cell("pitfalls", "more folds", "why")
    assert f"6 of 8, {low:.2f} to {high:.2f};" in cell("pitfalls", "more folds", "say instead")


def test_random_neighbours_hold_no_positive():
    assert f"{100 * 0.95**5:.0f} % of cases" in cell("models", "knn", "why")
    shares = NAMED["knn"](0).fit(np.arange(50)[:, None], np.arange(50) % 3 == 0).predict_proba(np.c_[:50:0.1])
    assert {f"{share:g}" for share in np.unique(shares)} <= set(
        re.findall(r"\d(?:\.\d)?", cell("models", "knn", "typical error"))
    )


# --- numbers of weights and samplers


def test_weights_and_what_they_do_to_odds():
    no, yes = compute_class_weight("balanced", classes=np.array([0, 1]), y=Y)
    assert f"get {no:.3f} and {yes:.0f} (" in cell("techniques", "class weights", "best for")
    text = cell("techniques", "class weights", "probabilities")
    assert f"{yes:.0f} / {no:.3f} = {yes / no:.0f}:" in text
    shown = 0.05 * yes / (0.05 * yes + 0.95 * no)
    assert f"0.05 is shown as {shown:.2f}." in text
    for row in ("resampled probabilities", "weights and calibration"):
        assert re.search(rf"(by|times) {yes / no:.0f}\b", cell("pitfalls", row, "why"))
    kept = Fraction(50, 950)
    undone = kept / 2 / ((kept - 1) / 2 + 1)
    assert f"β = 1/{1 / kept} turns 0.50 back into {float(undone):.2f}." in cell(
        "techniques", "undersampling", "probabilities"
    )


def test_copies_are_weights_and_balanced_weights_after_smote_are_one():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 2)) + Y[:, None]
    copied = np.r_[np.arange(950), np.repeat(np.arange(950, 1000), 19)]
    by_copies = LogisticRegression(tol=1e-9).fit(X[copied], Y[copied]).coef_
    by_weights = LogisticRegression(tol=1e-9, class_weight={0: 1, 1: 19}).fit(X, Y).coef_
    np.testing.assert_allclose(by_copies, by_weights, rtol=1e-5)
    resampled = np.repeat([0, 1], 720)
    assert (compute_class_weight("balanced", classes=np.array([0, 1]), y=resampled) == 1).all()
    why = cell("pitfalls", "SMOTE plus weights", "why")
    assert f"{len(resampled)} / (2 · 720) = 1" in why
    # SMOTE multiplies the odds by 950 / 50, and weights of the original counts do so again
    odds = Fraction(950, 50) ** 2 * Fraction(5, 95)
    assert f"by {Fraction(950, 50)} once more, by {Fraction(950, 50) ** 2} in all" in why
    assert f"0.05 is shown as {float(odds / (1 + odds)):.2f}" in why


def test_a_point_between_two_has_two_thirds_of_their_variance():
    # E[(1 − λ)² + λ²] over a uniform λ, for independent ends of variance 1: 1 − 2/2 + 2/3
    assert 1 - 2 * Fraction(1, 2) + 2 * Fraction(1, 3) == Fraction(2, 3)
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(60, 400)), rng.normal(size=(2000, 400))]
    y = np.repeat([1, 0], [60, 2000])
    made = SMOTE(k_neighbors=50, random_state=0).fit_resample(X, y)[0][len(X) :]
    assert made.var() / X[:60].var() == pytest.approx(2 / 3, abs=0.03)
    assert "2/3" in cell("techniques", "SMOTE", "risk")


@pytest.mark.slow
def test_smote_before_the_split_makes_noise_predictable():
    said = re.search(
        r"(\d+) columns and (\d+) rows to (\d+)\. A forest of (\d+) trees .* ROC-AUC of ([\d.]+) in (\d) folds",
        cell("pitfalls", "SMOTE before the split", "why"),
    )
    columns, common, rare, trees, cv = (int(said[each]) for each in (1, 2, 3, 4, 6))
    rng = np.random.default_rng(0)
    found = []
    for seed in range(3):
        X, y = rng.normal(size=(600, columns)), np.repeat([1, 0], [rare, common])
        X, y = SMOTE(random_state=seed).fit_resample(X, y)
        forest = RandomForestClassifier(trees, random_state=seed)
        folds = StratifiedKFold(cv, shuffle=True, random_state=seed)
        found.append(
            roc_auc_score(y, cross_val_predict(forest, X, y, cv=folds, method="predict_proba")[:, 1])
        )
    assert np.mean(found) == pytest.approx(float(said[5]), abs=0.0075)


# --- focal loss


def focal(p: float, true: float, gamma: float = 2.0) -> float:
    return -true * (1 - p) ** gamma * math.log(p) - (1 - true) * p**gamma * math.log(1 - p)


def test_focal_loss_is_written_as_published_and_pulls_toward_one_half():
    best_for, probabilities = (
        cell("techniques", "focal loss", name) for name in ("best for", "probabilities")
    )
    formula = "FL(p_t) = −α_t (1 − p_t)^γ log p_t"
    assert formula in best_for
    assert formula in imb.cheatsheet.__doc__
    assert f"{math.log(0.9) / -focal(0.9, 1.0):.0f} times less" in best_for
    for true in (0.05, 0.9):
        learned = minimize_scalar(
            focal, (0.2, 0.5), args=(true,), bounds=(1e-9, 1 - 1e-9), method="bounded"
        ).x
        assert re.search(rf"true {true} (is learned )?as {learned:.2f}\b", probabilities)
        assert abs(learned - 0.5) < abs(true - 0.5)


def test_focal_loss_is_not_convex_and_log_loss_is():
    def loss(z: float, gamma: float) -> float:
        return focal(1 / (1 + math.exp(-z)), 1.0, gamma)

    def curvature(z: float, gamma: float) -> float:
        return (loss(z - 0.01, gamma) - 2 * loss(z, gamma) + loss(z + 0.01, gamma)) / 0.01**2

    grid = np.linspace(-6, 6, 49)
    assert min(curvature(z, 2.0) for z in grid) < -0.01
    assert min(curvature(z, 0.0) for z in grid) > 0
    assert "not convex" in cell("techniques", "focal loss", "risk")


# --- miscalibration of the named models


def slope(y, p) -> float:
    p = np.clip(p, 0.001, 0.999)
    return float(LogisticRegression(C=1e9).fit(np.log(p / (1 - p))[:, None], y).coef_[0, 0])


def drawn(strength: float, n: int, seed: int):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    return X, rng.random(n) < 1 / (1 + np.exp(1 - strength * X[:, :3].sum(1)))


@pytest.mark.slow
def test_forests_err_inward_on_clear_classes_and_outward_on_overlapping_ones():
    slopes = {}
    for strength in (0.5, 3.0):
        X, y = drawn(strength, 1500, 0)
        X_new, y_new = drawn(strength, 4000, 1)
        forest = RandomForestClassifier(random_state=0).fit(X, y)
        slopes[strength] = slope(y_new, forest.predict_proba(X_new)[:, 1])
    assert slopes[0.5] < 0.9 < 1.1 < slopes[3.0]


def test_boosting_turns_too_extreme_with_its_rounds():
    X, y = drawn(1.0, 1500, 0)
    X_new, y_new = drawn(1.0, 4000, 1)
    few, many = (
        slope(
            y_new,
            HistGradientBoostingClassifier(max_iter=rounds, early_stopping=False)
            .fit(X, y)
            .predict_proba(X_new)[:, 1],
        )
        for rounds in (20, 100)
    )
    assert many < 0.8 < few


def test_naive_bayes_counts_a_copied_column_again():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=1000) + Y)[:, None]
    unique, often = (
        np.diff(GaussianNB(var_smoothing=0).fit(X, Y).predict_joint_log_proba(X)).ravel() - math.log(50 / 950)
        for X in (x, np.tile(x, 10))
    )
    np.testing.assert_allclose(often, 10 * unique, rtol=1e-6, atol=1e-9)


def test_a_logistic_fit_has_the_mean_of_its_labels():
    X, y = drawn(1.0, 500, 0)
    p = LogisticRegression(tol=1e-8).fit(X, y).predict_proba(X)[:, 1]
    assert p.mean() == pytest.approx(y.mean(), abs=1e-5)


def test_the_svm_by_name_gives_no_probabilities():
    assert not hasattr(NAMED["svm"](0), "predict_proba")


# --- calibrators, and the threshold of 0.5


def test_platts_targets_are_no_certainties():
    # (n₁ + 1) / (n₁ + 2) and 1 / (n₀ + 2) of 50 positives and 950 negatives
    no, yes = (Y == 0).sum(), Y.sum()
    high, low = Fraction(yes + 1, yes + 2), Fraction(1, no + 2)
    assert (
        f"With {no} to {yes} rows Platt's targets are {float(high):.3f} and {float(low):.3f}, not 1 and 0"
        in cell("techniques", "calibrators", "probabilities")
    )
    # scores that separate the classes wholly: a sigmoid on Platt's targets stays short of 0 and 1
    scores = Y.astype(float)[:, None]

    class Scored(LogisticRegression):
        def decision_function(self, X):
            return np.asarray(X)[:, 0]

    every = np.arange(len(Y))
    model = Scored().fit(scores, Y)
    shown = CalibratedClassifierCV(model, cv=[(every, every)], ensemble=False).fit(scores, Y)
    assert shown.predict_proba([[0.0], [1.0]])[:, 1] == pytest.approx([float(low), float(high)], abs=1e-4)


def test_one_half_makes_the_fewest_errors_and_costs_say_otherwise():
    why = cell("pitfalls", "threshold of 0.5", "why")
    a, b = (float(each) for each in re.search(r"Beta\(([\d.]+), ([\d.]+)\)", why).groups())
    mean = a / (a + b)

    def missed(threshold):  # E[p; p < t] and E[1 − p; p ≥ t] of a Beta(a, b)
        return mean * betainc(a + 1, b, threshold)

    def alarmed(threshold):
        return (1 - mean) * (1 - betainc(a, b + 1, threshold))

    alarm, miss = 500, 50_000
    assert f"an alarm costs {alarm} and a miss {miss:,}, 1,000 rows cost" in " ".join(why.split())
    grid = np.linspace(0.0001, 0.9999, 9999)
    errors = missed(grid) + alarmed(grid)
    costs = alarm * alarmed(grid) + miss * missed(grid)
    assert grid[errors.argmin()] == pytest.approx(0.5, abs=1e-4)
    assert grid[costs.argmin()] == pytest.approx(alarm / (alarm + miss), abs=1e-4)
    assert f"are {mean:.2f} on average" in why
    at_half, at_costs = 0.5, round(alarm / (alarm + miss), 4)
    assert (
        f"At {at_half} their error rate is {missed(at_half) + alarmed(at_half):.3f}, the lowest there is"
        in why
    )
    assert f"at {at_costs} it is {missed(at_costs) + alarmed(at_costs):.3f}." in why
    million = [
        1000 * (alarm * alarmed(each) + miss * missed(each)) / 1e6
        for each in (at_half, alarm / (alarm + miss))
    ]
    assert f"cost {million[0]:.2f} million at 0.5 and {million[1]:.2f} million at {at_costs} (Elkan" in why
    # the closed form against risks that are drawn
    risks = np.random.default_rng(0).beta(a, b, 400_000)
    drawn = np.where(risks < at_half, risks, 1 - risks).mean()
    assert drawn == pytest.approx(missed(at_half) + alarmed(at_half), abs=0.001)


# --- the metrics


def metric(row: str, column: str = "misleads") -> str:
    return cell("metrics", row, column)


NOBODY, EVERYBODY = np.zeros(len(Y), bool), np.ones(len(Y), bool)


def at_rates(prevalence: float, recall: float = 0.8, false_positives: float = 0.05):
    """Labels and flags of 10,000 rows with these rates."""
    n = 10_000
    positives = round(n * prevalence)
    hits, alarms = round(positives * recall), round((n - positives) * false_positives)
    y, flag = np.zeros(n, bool), np.zeros(n, bool)
    y[:positives] = True
    flag[:hits] = True
    flag[positives : positives + alarms] = True
    return y, flag


def test_what_constant_answers_score():
    rows = f"with {(Y == 0).sum()} to {Y.sum()} rows"
    assert f"{rows}, calling everything negative scores {accuracy_score(Y, NOBODY):.3f} and" in metric(
        "accuracy"
    )
    assert metric("accuracy", "no skill").endswith(f": {max(Y.mean(), 1 - Y.mean()):.3f}.")
    precise = precision_score(Y, EVERYBODY)
    assert metric("precision", "no skill") == f"The prevalence: {precise:.2f}."
    assert f"scores {recall_score(Y, EVERYBODY):.1f}, at a precision of {precise:.2f}" in metric("recall")
    half = np.repeat([0, 1], 50)
    assert (
        f"scores {f1_score(Y, EVERYBODY):.3f} at 0.05, and {f1_score(half, np.ones(100)):.3f} at"
        in metric("F1 and F-beta")
    )
    assert metric("F1 and F-beta", "no skill").endswith(f": {2 * 0.05 / 1.05:.3f}.")
    averages = [f1_score(Y, NOBODY, average=each) for each in ("weighted", "macro")]
    assert "weighted F1 of {:.3f}, and a macro F1 of {:.3f}".format(*averages) in metric("F1 and F-beta")
    for row, score in (("MCC", matthews_corrcoef), ("balanced accuracy", balanced_accuracy_score)):
        assert score(Y, NOBODY) == score(Y, EVERYBODY)
        assert metric(row, "no skill") == f"Any constant or random answer: {score(Y, NOBODY):g}."
    never = geometric_mean_score(Y, NOBODY)
    assert never == geometric_mean_score(Y, EVERYBODY)
    assert metric("G-mean", "no skill").startswith(f"Any constant answer: {never:g}. ")
    assert f"never found makes it {never:g}," in metric("G-mean")
    assert metric("ROC-AUC", "no skill") == f"{roc_auc_score(Y, EVERYBODY):g}, whatever the prevalence."


def test_what_a_random_answer_scores():
    rng = np.random.default_rng(0)
    y = rng.random(100_000) < 0.05
    flag = rng.random(len(y)) < 0.1
    assert recall_score(y, flag) == pytest.approx(0.10, abs=0.01)
    assert "0.10 where a random tenth is" in metric("recall", "no skill")
    assert matthews_corrcoef(y, flag) == pytest.approx(0, abs=0.01)
    assert balanced_accuracy_score(y, flag) == pytest.approx(0.5, abs=0.01)
    shares = np.linspace(0, 1, 101)
    chance = np.sqrt(shares * (1 - shares))  # a random share q has recall q and specificity 1 − q
    assert shares[chance.argmax()] == 0.5
    assert f"a random half: {chance.max():g}, the most" in metric("G-mean", "no skill")
    score = rng.random(len(y))
    assert roc_auc_score(y, score) == pytest.approx(0.5, abs=0.01)
    assert average_precision_score(y, score) == pytest.approx(y.mean(), abs=0.003)
    assert metric("average precision", "no skill") == "The prevalence: 0.05."


def test_what_the_same_rates_score_at_another_prevalence():
    recall, false_positives = 0.8, 0.05
    half, rare = (at_rates(each, recall, false_positives) for each in (0.5, 0.01))
    rates = f"ecall {recall:.2f} at {false_positives:.0%} false positives".replace("%", " %")
    assert all(rates in metric(row) for row in ("precision", "MCC", "balanced accuracy", "G-mean"))
    precise = [precision_score(*each) for each in (half, rare)]
    assert "precision of {:.2f} at one half, and {:.2f} at 1 %".format(*precise) in metric("precision")
    correlated = [matthews_corrcoef(*each) for each in (half, rare)]
    assert "an MCC of {:.2f} at one half, and {:.2f} at 1 %".format(*correlated) in metric("MCC")
    for row, score in (("balanced accuracy", balanced_accuracy_score), ("G-mean", geometric_mean_score)):
        assert score(*half) == pytest.approx(score(*rare))
        assert f"scores {score(*rare):.3f}" in metric(row)
        assert f"a precision of {precise[1]:.2f} where 1 % are" in metric(row)
    one = np.arange(len(Y)) == len(Y) - 1
    assert f"scores {precision_score(Y, one):.1f}, at a recall of {recall_score(Y, one):.2f}." in metric(
        "precision"
    )


def test_one_ranking_has_another_average_precision_at_another_prevalence():
    area = 0.95
    apart = math.sqrt(2) * norm.ppf(area)  # ROC-AUC is Φ(d / √2)
    assert f"a ROC-AUC of {area} is" in metric("ROC-AUC")
    assert f"of ROC-AUC {area}, scores" in metric("average precision")

    def found(prevalence):
        def step(t):
            hits, alarms = prevalence * norm.sf(t - apart), (1 - prevalence) * norm.sf(t)
            return hits / (hits + alarms) * norm.pdf(t - apart)

        return quad(step, -8, 12, limit=200)[0]

    often, rare = found(0.05), found(0.001)
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [47_500, 2_500])
    scores = rng.normal(size=len(y)) + apart * y
    assert roc_auc_score(y, scores) == pytest.approx(0.95, abs=0.005)
    assert average_precision_score(y, scores) == pytest.approx(often, abs=0.02)
    assert f"precision of {often:.2f} at 5 % positives, and of {rare:.2f} at 0.1 %" in metric("ROC-AUC")
    said = metric("average precision")
    assert f"scores {often:.2f} at 5 % and {rare:.2f} at 0.1 %" in said
    assert f"0.40 is {0.40 / 0.05:.0f} times no skill at 0.05" in said


def test_what_the_prevalence_scores_as_a_probability():
    constant = np.full(len(Y), Y.mean())
    brier, loss = brier_score_loss(Y, constant), log_loss(Y, constant)
    rare = np.arange(1000) == 0
    assert f"scores {brier:.4f} at 0.05, and {brier_score_loss(rare, np.full(1000, 0.001)):.4f} at" in metric(
        "Brier score"
    )
    assert metric("Brier score", "no skill").endswith(f"(1 − π): {brier:.4f}.")
    assert metric("log loss", "no skill").endswith(f"log(1 − π): {loss:.3f}.")
    assert "and 0.0010 at 0.1 %." in metric("Brier score")
    assert f"p = {0.000001:.6f} for one positive of {len(rare):,} rows" in metric("log loss")
    sure = np.where(rare, 0.000001, 0.0)
    adds = log_loss(rare, np.clip(sure, 1e-15, None)) - log_loss(rare[1:], np.full(999, 1e-15), labels=[0, 1])
    assert f"adds {adds:.4f}" in metric("log loss")
    k = np.arange(101)  # of 100 rows, each positive by 0.05
    chance = (abs(k / 100 - 0.05) * binom.pmf(k, 100, 0.05)).sum()
    assert f"true probabilities of {0.05} in bins of {len(k) - 1} rows show {chance:.3f}" in metric("ECE")
    gap = abs(Y.mean() - constant.mean())  # of the one bin
    assert metric("ECE", "no skill").startswith(f"The prevalence for every row scores {gap:.0f},")


#: What a formula's signs are in Python.
SIGNS = {
    "mean of ": "",
    "√(": "np.sqrt(",
    "·": "*",
    "−": "-",
    "²": "**2",
    "TP": "tp",
    "FP": "fp",
    "FN": "fn",
    "TN": "tn",
    "log(": "np.log(",
}


def computed(formula: str, **given):
    for sign, code in SIGNS.items():
        formula = formula.replace(sign, code)
    return np.mean(eval(formula, {"np": np, **given}))


SPACES = str.maketrans("- ", "__")
NAMED_METRICS = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "MCC": "mcc",
    "balanced accuracy": "balanced_accuracy",
    "G-mean": "g_mean",
    "F1 and F-beta": "f1",
}


@pytest.mark.parametrize(("row", "name"), NAMED_METRICS.items())
def test_a_formula_of_counts_is_that_of_the_metric(row, name):
    counts = dict(zip(("tp", "fp", "fn", "tn"), (37.0, 11.0, 5.0, 203.0), strict=True))
    tp, fp, fn, tn = counts.values()
    rates = {"recall": tp / (tp + fn), "specificity": tn / (tn + fp)}
    root = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    own = eval(METRICS[name].formula, {"np": np, "root": root, **counts, **rates})
    more = {"P": tp / (tp + fp), "R": rates["recall"], "β": 1.0}
    formula = metric(row, "formula")
    assert computed(formula, **counts, **rates, **more) == pytest.approx(own)
    if "β" in formula:
        y, flag = at_rates(0.05)
        of_two = {"P": precision_score(y, flag), "R": recall_score(y, flag), "β": 2.0}
        assert computed(formula, **of_two) == pytest.approx(fbeta_score(y, flag, beta=2))


def test_the_formulas_of_probabilities_and_rankings_are_those_of_scikit_learn():
    rng = np.random.default_rng(1)
    y = rng.random(300) < 0.2
    p = np.round(np.clip(0.2 + 0.3 * y + 0.2 * rng.normal(size=300), 0.01, 0.99), 1).clip(0.01, 0.99)
    assert computed(metric("Brier score", "formula"), p=p, y=y * 1.0) == pytest.approx(brier_score_loss(y, p))
    assert computed(metric("log loss", "formula"), p=p, y=y * 1.0) == pytest.approx(log_loss(y, p))
    higher = (p[y][:, None] > p[~y]).mean() + (p[y][:, None] == p[~y]).mean() / 2
    assert higher == pytest.approx(roc_auc_score(y, p))
    assert metric("ROC-AUC", "formula") == "P(positive scores higher) + ½ · P(both score the same)"
    precisions, recalls, _ = precision_recall_curve(y, p)
    steps = -(np.diff(recalls) * precisions[:-1]).sum()
    assert steps == pytest.approx(average_precision_score(y, p))
    assert metric("average precision", "formula") == "Σ (R_k − R_{k−1}) · P_k"


@pytest.mark.slow
def test_every_call_of_the_metrics_runs_and_shows_its_figure():
    frame = imb.make_churn(300)[["tenure_months", "support_calls", "churn"]]
    quick = {
        "fit_eval": {"strategies": ["class_weight"], "cv": 2},
        "reliability": {"calibrators": [], "cv": 2},
        "best_threshold": {"cv": 2},
    }
    verbs = {
        verb: functools.partial(getattr(frame.imb, verb), progress=False, n_jobs=1, **options)
        for verb, options in quick.items()
    }
    space = {"df": SimpleNamespace(imb=SimpleNamespace(**verbs)), "target": "churn"}
    names = {**NAMED_METRICS, "Brier score": "brier", "ECE": "ece"}
    for row, call in TABLES["metrics"]["call"].items():
        with draws_at_most(20):
            found = eval(call, dict(space)).frame
        assert found[names.get(row, row.lower().translate(SPACES))].notna().any(), row
