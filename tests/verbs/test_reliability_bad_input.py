"""What `reliability` refuses: one sentence with the cure, before any fitting or judging, the frame unchanged."""

import numpy as np
import pandas as pd
import pytest
import refusals
from refusals import N, doubled, framed, one_positive, three, with_cell
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

import imbalance_accessor as imb
from imbalance_accessor.errors import FeatureError, ModelError, OptionError, SplitError, TargetError

pytestmark = pytest.mark.filterwarnings("error")

SCORES = {"scores": "p"}
WHOLE = {**SCORES, "test_size": 0}


def sentence_of(error, data, target="churn", **options):
    return refusals.sentence_of(imb.reliability, error, data, target, 500, options)


#: Options, on a sound frame, and words of the sentence.
OPTIONS = {
    "a calibrator misspelt": (
        {"calibrators": ["prior", "isotonik"]},
        ["'isotonik'", "Did you mean 'isotonic'"],
    ),
    "a calibrator by another name, misspelt": (
        {"calibrators": ["plattt"]},
        ["calibrators='plattt'", "Did you mean 'sigmoid'"],
    ),
    "one calibrator misspelt": ({"calibrators": "priors"}, ["'priors'", "Did you mean 'prior'"]),
    "a calibrator that is a number": ({"calibrators": [3]}, ["3 is not known", "'isotonic'"]),
    "a calibrator that is none": ({"calibrators": [None]}, ["None is not known", "'isotonic'"]),
    **{
        f"calibrators={calibrators!r:.12}": (
            {"calibrators": calibrators},
            ["calibrators=", "must be a list", "['sigmoid']"],
        )
        for calibrators in (3, None, True, 1.5)
    },
    "bins misspelt": ({"bins": "quantil"}, ["bins='quantil'", "Did you mean 'quantile'", "'uniform'"]),
    "bins by another name": ({"bins": "equal"}, ["bins='equal'", "'quantile'", "'isotonic'"]),
    "bins that are a number": ({"bins": 10}, ["bins=10", "'quantile'"]),
    "bins that are a list": ({"bins": ["uniform"]}, ["bins=['uniform']", "'quantile'"]),
    **{
        f"n_bins={n!r:.10}": ({"n_bins": n}, [f"n_bins={n!r:.10}", "from 2 to 1000", "Use n_bins=10."])
        for n in (1, 0, -3, 2.5, 10.0, True, np.nan, "10", None, [5], 1001, 10**30)
    },
    "a finding that is none": ({"ignore": ("IMB599",)}, ["ignore='IMB599'", "'IMB501'"]),
    "pos_label of another type": ({"pos_label": 1}, ["pos_label=1", "'no', 'yes'"]),
    "a bar that is text": ({"progress": "yes"}, ["progress='yes'", "True or False"]),
    "workers that are none": ({"n_jobs": 0}, ["n_jobs=0", "-1 for all cores"]),
    "folds that are none": ({"cv": 1}, ["cv=1", "2 or more", "Use cv=5."]),
    "a seed that is text": ({"random_state": "a"}, ["random_state='a'", "whole number"]),
    "groups and time": ({"groups": "who", "time": "age"}, ["groups=", "time=", "Choose"]),
    "unknown groups": ({"groups": "hwo"}, ["groups='hwo'", "Did you mean 'who'"]),
}


@pytest.mark.parametrize("case", OPTIONS)
@pytest.mark.parametrize("given", [{}, SCORES, WHOLE], ids=["model", "scores", "all rows"])
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_an_option_is_refused_in_one_sentence(case, given):
    options, words = OPTIONS[case]
    sentence = sentence_of(OptionError, framed(), **given, **options)
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize("given", [{}, SCORES, WHOLE], ids=["model", "scores", "all rows"])
def test_a_sound_call_does_begin(given, _nothing_is_fitted):
    with pytest.raises(_nothing_is_fitted):
        imb.reliability(framed(), "churn", **given)


#: The frame, target, options, the error, and words of the sentence.
ROWS = {
    "an unknown target": (framed(), "chrun", {}, TargetError, ["'chrun'", "Did you mean 'churn'"]),
    "no target": (framed(), None, {}, TargetError, ["Which column is the target?", "'churn'"]),
    "a target on another index": (
        framed(),
        pd.Series(["no", "yes"] * 60, index=range(1, N + 1)),
        {},
        TargetError,
        ["index", "give it the frame's index"],
    ),
    "three classes": (
        three(),
        "churn",
        {},
        OptionError,
        ["'churn' has 3 classes", "'a', 'b', 'c'", "pos_label="],
    ),
    "an unknown positive class": (
        three(),
        "churn",
        {"pos_label": "d"},
        OptionError,
        ["'d'", "'a', 'b', 'c'"],
    ),
    "one positive": (
        one_positive(),
        "churn",
        {},
        SplitError,
        ["'churn'", "one row of class 'yes'", "More rows of it"],
    ),
    "one class": (framed(churn="no"), "churn", {}, TargetError, ["one class, 'no'"]),
    "a test frame of one class": (
        framed(),
        "churn",
        {"test": framed(churn="no")},
        TargetError,
        ["one class"],
    ),
    "no test frame": (framed(), "churn", {"test": [1]}, SplitError, ["test=", "list"]),
    "no frame": ([[1, 2]], "churn", {}, FeatureError, ["list", "DataFrame"]),
}


@pytest.mark.parametrize("case", ROWS)
@pytest.mark.parametrize("given", [{}, SCORES], ids=["model", "scores"])
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_rows_are_refused_in_one_sentence(case, given):
    data, target, options, error, words = ROWS[case]
    sentence = sentence_of(error, data, target, **given, **options)
    assert all(word in sentence for word in words), sentence


#: Options of a fit, the error, and words of the sentence.
FITS = {
    "deals": ({"repeats": 0}, OptionError, ["repeats=0 must be a whole number", "Use repeats=5"]),
    "an unknown model": ({"model": "logistik"}, OptionError, ["model='logistik'", "Did you mean 'logistic'"]),
    "an unknown model in the dict": (
        {"model": {"plain": "logistic", "trees": "forrest"}},
        OptionError,
        ["'forrest'", "Did you mean 'forest'", "'boosting'"],
    ),
    "a model's class in the dict": (
        {"model": {"plain": LogisticRegression}},
        ModelError,
        ["LogisticRegression", "class", "LogisticRegression()"],
    ),
    "no models": ({"model": {}}, OptionError, ["model={}", "name each model by text", "'forest'"]),
    "a model named by a number": ({"model": {1: "logistic"}}, OptionError, ["{1: 'logistic'}", "by text"]),
    "a model of no name": ({"model": {"": "logistic"}}, OptionError, ["{'': 'logistic'}", "by text"]),
    "a list of models": ({"model": ["logistic", "forest"]}, OptionError, ["model= takes one", "by name"]),
    "an unknown strategy": (
        {"strategies": ["smot"]},
        OptionError,
        ["'smot'", "Did you mean 'smote'", "'class_weight'"],
    ),
    "a strategy that is none": ({"strategies": [3]}, OptionError, ["3 is neither a strategy's name"]),
    "strategies that are a number": ({"strategies": 3}, OptionError, ["strategies=3"]),
    "fitted that is text": ({"fitted": "yes"}, OptionError, ["fitted='yes'", "True or False"]),
    "fitted that is not": (
        {"fitted": True, "model": LogisticRegression()},
        ModelError,
        ["LogisticRegression", "Fit it first"],
    ),
    "an unknown preparation": ({"preprocess": "none"}, OptionError, ["preprocess='none'", "'auto'"]),
    **{
        f"test_size={size!r}": ({"test_size": size}, OptionError, [f"test_size={size!r}", "between 0 and 1"])
        for size in (1.0, -0.1, 30, "0.2", False, True, np.nan)
    },
}


@pytest.mark.parametrize("case", FITS)
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_a_fit_is_refused_in_one_sentence(case):
    options, error, words = FITS[case]
    sentence = sentence_of(error, framed(), **options)
    assert all(word in sentence for word in words), sentence


#: The frame, options beside ``scores="p"``, the error, and words of the sentence.
SCORED = {
    "unknown": (framed(), {"scores": "pp"}, OptionError, ["scores='pp'", "Did you mean 'p'"]),
    "a number that is no column": (framed(), {"scores": 0}, OptionError, ["scores=0 is not a column"]),
    "a list": (framed(), {"scores": ["p"]}, OptionError, ["scores=['p'] is not a column"]),
    "twice": (doubled(), {}, FeatureError, ["'p'", "unique"]),
    "the target": (framed(), {"scores": "churn"}, OptionError, ["scores='churn'", "target itself"]),
    "text": (framed(p="0.5"), {}, OptionError, ["scores='p'", "cells", "numbers"]),
    "dates": (framed(p=pd.Timestamp("2024-01-01")), {}, OptionError, ["datetime64"]),
    "one nan": (with_cell("p", np.nan), {}, OptionError, ["scores='p' has 1 missing or infinite"]),
    "one inf": (
        with_cell("p", np.inf),
        {},
        OptionError,
        ["scores='p' has 1 missing or infinite", "Leave those rows out"],
    ),
    "constant": (framed(p=0.25), {}, OptionError, ["scores='p' is 0.25 in every row", "Name another"]),
    "beside a model": (
        framed(),
        {"model": "forest"},
        OptionError,
        ["scores=", "nothing is fitted", "model="],
    ),
    "beside models": (framed(), {"model": {"a": "forest"}}, OptionError, ["nothing is fitted", "Leave"]),
    "beside an estimator": (framed(), {"model": LinearSVC()}, OptionError, ["Leave model="]),
    "beside strategies": (framed(), {"strategies": ["smote"]}, OptionError, ["nothing is fitted", "Leave"]),
    "beside fitted=True": (framed(), {"fitted": True}, OptionError, ["fitted="]),
    "missing in the test frame": (framed(), {"test": framed().drop(columns="p")}, SplitError, ["lacks 'p'"]),
    "nan in the test frame": (
        framed(),
        {"test": with_cell("p", np.nan)},
        OptionError,
        ["scores='p' has 1 missing or infinite"],
    ),
    "margins in the test frame alone": (
        framed(),
        {"test": with_cell("p", 3.5)},
        OptionError,
        ["scores='p'", "to 3.5", "no probabilities"],
    ),
    "a share that is text": (framed(), {"test_size": "0"}, OptionError, ["test_size='0'", "between 0 and 1"]),
    "a share that is False": (framed(), {"test_size": False}, OptionError, ["test_size=False"]),
    "one positive among all rows": (one_positive(), {"test_size": 0}, SplitError, ["1 row of the rarest"]),
    "one positive, no calibrator": (one_positive(), {"calibrators": ()}, SplitError, ["1 row of the rarest"]),
}


@pytest.mark.parametrize("case", SCORED)
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_scores_are_refused_in_one_sentence(case):
    data, options, error, words = SCORED[case]
    sentence = sentence_of(error, data, **{**SCORES, **options})
    assert all(word in sentence for word in words), sentence


#: Scores that are no probabilities, the sentence's beginning, and its cure.
OUTSIDE = {
    "margins": (np.linspace(-3, 4.5, N), "scores='p' reaches from -3 to 4.5", "the sigmoid of a decision"),
    "percentages": (np.linspace(0, 100, N), "scores='p' reaches from 0 to 100", "Divide percentages by 100."),
    "a little above": (
        np.linspace(0.125, 1.25, N),
        "scores='p' reaches from 0.125 to 1.25",
        "in their order",
    ),
    "a little below": (
        np.linspace(-0.5, 0.5, N),
        "scores='p' reaches from -0.5 to 0.5",
        "the sigmoid of a decision",
    ),
}


@pytest.mark.parametrize("case", OUTSIDE)
@pytest.mark.parametrize("test_size", [0, 0.25])
@pytest.mark.parametrize("calibrators", [(), ("sigmoid",)])
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_scores_that_are_no_probabilities_are_refused_with_what_makes_some(case, test_size, calibrators):
    values, said, cure = OUTSIDE[case]
    sentence = sentence_of(
        OptionError, framed(p=values), **SCORES, test_size=test_size, calibrators=calibrators
    )
    assert sentence.startswith(said)
    assert "no probabilities" in sentence
    assert cure in sentence


@pytest.mark.parametrize("positive", ["yes", "no"])
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_the_sentence_tells_the_ends_whichever_class_is_the_positive_one(positive):
    data = framed(p=np.linspace(-3, 4.5, N))
    assert "from -3 to 4.5" in sentence_of(OptionError, data, **SCORES, pos_label=positive)


@pytest.mark.parametrize("data", [framed(p=np.arange(N) % 2), framed(p=np.linspace(0, 1, N))])
def test_the_ends_0_and_1_are_probabilities(data, _nothing_is_fitted):
    with pytest.raises(_nothing_is_fitted):
        imb.reliability(data, "churn", **SCORES)
