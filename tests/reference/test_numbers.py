"""Every number that the cheatsheet and the pitfalls quote, computed again."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from scipy.optimize import brentq, minimize_scalar
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import auc, average_precision_score, f1_score, precision_recall_curve, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.class_weight import compute_class_weight

import imbalance_accessor as imb
from imbalance_accessor.modeling.models import NAMED

TABLES = {
    "domains": imb.cheatsheet().frame,
    "techniques": imb.cheatsheet("techniques").frame,
    "models": imb.cheatsheet("models").frame,
    "pitfalls": imb.pitfalls().frame,
}
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
