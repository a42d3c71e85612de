"""The field's own words as options: each is read as the name that it means, however it is written."""

from __future__ import annotations

import pytest

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import OptionError, bare, known_as
from imbalance_accessor.metrics.registry import METRICS, criteria, metric_words
from imbalance_accessor.modeling.models import NAMED, read_model
from imbalance_accessor.modeling.read_strategies import read_strategies
from imbalance_accessor.modeling.strategies import NAMES, SamplerContext, kinds
from imbalance_accessor.options import (
    CALIBRATOR_WORDS,
    CALIBRATORS,
    KIND_WORDS,
    MODEL_WORDS,
    MODELS,
    STRATEGY_WORDS,
)
from imbalance_accessor.verbs.best_threshold.options import _named
from imbalance_accessor.verbs.fit_eval.fields import read_settings
from imbalance_accessor.verbs.reliability.result import read_calibrators
from imbalance_accessor.verbs.smote import _read_kind

LOGISTIC = read_model("logistic")
FEATURES = read_features(imb.make_churn(200), "churn")
CONTEXT = SamplerContext(FEATURES.columns)


def model(word: object) -> str:
    return read_model(word).name


def strategy(word: object) -> list[str]:
    return [each.name for each in read_strategies([word], LOGISTIC, CONTEXT, 50)[0]]


def kind(word: object) -> object:
    return _read_kind(word, 5)


def metric(word: object) -> str:
    return read_settings(word, "f1", LOGISTIC, FEATURES, random_state=0, preprocess="auto").metric


def tuning(word: object) -> str:
    return read_settings("recall", word, LOGISTIC, FEATURES, random_state=0, preprocess="auto").criterion


def criterion(word: object) -> object:
    return _named(word, None)


#: The reading function of an option, its names, and the words that it also takes for each.
OPTIONS = {
    "model": (model, MODELS, MODEL_WORDS),
    "strategies": (strategy, NAMES, STRATEGY_WORDS),
    "kind": (kind, ("auto", *kinds()), KIND_WORDS),
    "calibrators": (read_calibrators, CALIBRATORS, CALIBRATOR_WORDS),
    "metric": (
        metric,
        [each.name for each in METRICS.values() if each.better and each.is_compared],
        metric_words(),
    ),
    "tuning": (tuning, criteria(), metric_words()),
    "criterion": (criterion, criteria(), metric_words()),
}
CASES = [
    (option, word, name)
    for option, (_, names, words) in OPTIONS.items()
    for name in names
    for word in words.get(name, "").split()
    if not (option == "kind" and name == "smote")  # there it is "auto" that keeps categories
]


@pytest.mark.parametrize(("option", "word", "name"), CASES)
def test_a_word_is_read_as_the_name_that_it_means(option, word, name):
    read = OPTIONS[option][0]
    assert read(word) == read(word.upper()) == read(name)


@pytest.mark.parametrize(
    ("option", "word", "name"),
    [
        ("calibrators", "Platt scaling", "sigmoid"),
        ("calibrators", "platt_scaling", "sigmoid"),
        ("calibrators", "Isotonic regression", "isotonic"),
        ("strategies", "random", "oversample"),
        ("strategies", "ROS", "oversample"),
        ("strategies", "Random over-sampling", "oversample"),
        ("strategies", "rus", "undersample"),
        ("strategies", "balanced", "class_weight"),
        ("strategies", "do nothing", "none"),
        ("strategies", "SMOTE-NC", "smote"),
        ("kind", "SMOTE-NC", "auto"),
        ("kind", "ros", "oversample"),
        ("strategies", "SMOTE+Tomek", "smote_tomek"),
        ("strategies", "EasyEnsemble", "easy_ensemble"),
        ("strategies", "RUSBoost", "rus_boost"),
        ("strategies", "BRF", "balanced_forest"),
        ("strategies", "focal loss", "focal"),
        ("metric", "AUPRC", "average_precision"),
        ("metric", "PR-AUC", "average_precision"),
        ("metric", "AUC", "roc_auc"),
        ("metric", "TPR", "recall"),
        ("metric", "sensitivity_tuned", "recall_tuned"),
        ("metric", "PPV", "precision"),
        ("metric", "Youden's J", "balanced_accuracy"),
        ("metric", "G mean", "g_mean"),
        ("criterion", "Matthews", "mcc"),
        ("criterion", "tnr", "specificity"),
        ("criterion", "F2", "f2"),
        ("criterion", "F-0.5 score", "f0.5"),
        ("criterion", "F-score", "f1"),
        ("criterion", "total cost", "cost"),
        ("model", "Random Forest", "forest"),
        ("model", "LogReg", "logistic"),
        ("model", "HistGradientBoosting", "boosting"),
        ("model", "GaussianNB", "naive_bayes"),
        ("model", "k-nearest neighbours", "knn"),
    ],
)
def test_capitals_hyphens_and_blanks_do_not_matter(option, word, name):
    read = OPTIONS[option][0]
    assert read(word) == read(name)


def test_a_strategy_of_two_words_is_there_once():
    assert strategy("plain") == ["none"]
    read, _ = read_strategies(["ros", "oversample", "Oversampling"], LOGISTIC, CONTEXT, 50)
    assert [(each.name, each.given) for each in read] == [("none", "none"), ("oversample", "oversample")]


@pytest.mark.parametrize(
    ("option", "word", "meant"),
    [
        ("model", "xgboost", "boosting"),
        ("model", "random_forrest", "forest"),
        ("model", "logistc", "logistic"),
        ("strategies", "oversampeling", "oversample"),
        ("strategies", "zzz", None),
        ("calibrators", "plattt", "sigmoid"),
        ("metric", "sensitivty", "recall"),
        ("criterion", "matthew", "mcc"),
    ],
)
def test_an_unknown_word_gets_the_nearest_name(option, word, meant):
    with pytest.raises(OptionError) as caught:
        OPTIONS[option][0](word)
    if meant is None:
        assert "Did you mean" not in str(caught.value)
    else:
        assert f"Did you mean {meant!r}" in str(caught.value)
        (value,) = caught.value.fix.options.values()
        assert value in (meant, [meant])


@pytest.mark.parametrize("option", OPTIONS)
def test_no_word_means_two_names_of_an_option(option):
    _, names, words = OPTIONS[option]
    meant = [word for name in names for word in {bare(name), *words.get(name, "").split()}]
    shared = {"smotenc", "smoten"} if option == "kind" else set()  # the first one is taken: "auto"
    assert {word for word in meant if meant.count(word) > 1} == shared
    assert all(word == bare(word) for word in meant)


def test_every_table_is_of_names_that_there_are():
    assert set(MODELS) == set(NAMED) == set(MODEL_WORDS)
    assert set(CALIBRATOR_WORDS) == set(CALIBRATORS)
    assert set(STRATEGY_WORDS) <= set(NAMES)


def test_what_is_no_word_stays_as_it_is():
    given = object()
    assert known_as(given, MODELS, MODEL_WORDS) is given
    assert known_as("", MODELS, MODEL_WORDS) == known_as("-", MODELS, MODEL_WORDS).strip("-") == ""
