"""What `best_threshold` refuses of scores and of a matrix of costs, in one sentence, before anything is searched."""

import numpy as np
import pandas as pd
import pytest
import refusals
from refusals import N, doubled, framed, matrix, one_positive, three, with_cell
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

import imbalance_accessor as imb
from imbalance_accessor.errors import FeatureError, ModelError, OptionError, SplitError

pytestmark = pytest.mark.filterwarnings("error")

SCORES = {"scores": "p"}


def sentence_of(error, data, target="churn", **options):
    return refusals.sentence_of(imb.best_threshold, error, data, target, 400, options)


#: The frame, options beside ``scores="p"``, the error, and words of the sentence.
SCORED = {
    "unknown": (framed(), {"scores": "pp"}, OptionError, ["scores='pp'", "Did you mean 'p'"]),
    "a number that is no column": (framed(), {"scores": 0}, OptionError, ["scores=0 is not a column"]),
    "a list": (framed(), {"scores": ["p"]}, OptionError, ["scores=['p'] is not a column"]),
    "twice": (doubled(), {}, FeatureError, ["'p'", "unique"]),
    "the target": (framed(), {"scores": "churn"}, OptionError, ["scores='churn'", "target itself"]),
    "text": (framed(p="0.5"), {}, OptionError, ["scores='p'", "cells", "numbers"]),
    "dates": (framed(p=pd.Timestamp("2024-01-01")), {}, OptionError, ["datetime64"]),
    "complex": (framed(p=np.arange(N) * 1j), {}, OptionError, ["complex128"]),
    "one nan": (
        with_cell("p", np.nan),
        {},
        OptionError,
        ["scores='p' has 1 missing or infinite", "Leave those rows out"],
    ),
    "one inf": (with_cell("p", -np.inf), {}, OptionError, ["scores='p' has 1 missing or infinite"]),
    "a whole number that is missing": (
        framed(p=pd.Series([None, *range(N - 1)], dtype="Int64")),
        {},
        OptionError,
        ["1 missing or infinite"],
    ),
    "constant": (framed(p=0.25), {}, OptionError, ["scores='p' is 0.25 in every row", "Name another"]),
    "beside a model": (
        framed(),
        {"model": "forest"},
        OptionError,
        ["scores=", "nothing is fitted", "Leave model="],
    ),
    "beside an estimator": (framed(), {"model": LogisticRegression()}, OptionError, ["Leave model="]),
    "beside a strategy": (framed(), {"strategy": "smote"}, OptionError, ["Leave model=, strategy="]),
    "beside fitted=True": (framed(), {"fitted": True}, OptionError, ["fitted="]),
    "missing in the test frame": (
        framed(),
        {"test": framed().drop(columns="p")},
        SplitError,
        ["lacks 'p'"],
    ),
    "nan in the test frame": (
        framed(),
        {"test": with_cell("p", np.nan)},
        OptionError,
        ["scores='p' has 1 missing or infinite"],
    ),
    "text in the test frame": (framed(), {"test": framed(p="x")}, SplitError, ["'p'", "Convert it"]),
    "of a matrix of costs": (three(), {"cost": matrix()}, OptionError, ["one score a row", "pos_label="]),
    "a share that is text": (framed(), {"test_size": "0"}, OptionError, ["test_size='0'", "between 0 and 1"]),
    "a share that is False": (framed(), {"test_size": False}, OptionError, ["test_size=False"]),
    "shares": (framed(), {"test_size": np.array([0, 0.2])}, OptionError, ["test_size=array([0. , 0.2])"]),
    "one positive among all rows": (one_positive(), {"test_size": 0}, SplitError, ["1 row of the rarest"]),
}


@pytest.mark.parametrize("case", SCORED)
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_scores_are_refused_in_one_sentence(case):
    data, options, error, words = SCORED[case]
    sentence = sentence_of(error, data, **{**SCORES, **options})
    assert all(word in sentence for word in words), sentence


@pytest.mark.usefixtures("_nothing_is_fitted")
def test_the_target_as_its_own_score_is_refused_as_a_series_too():
    data = framed(p=np.arange(N) % 2)
    assert "target itself" in sentence_of(OptionError, data, data["p"], scores="p")


#: Costs of several classes, other options, and words of the sentence.
MATRICES = {
    "an unknown column": (matrix(columns="abd"), {}, ["its columns are 'a', 'b', 'd'", "'a', 'b', 'c'"]),
    "an unknown row": (matrix("abd"), {}, ["its rows are 'a', 'b', 'd'"]),
    "too few labels": (matrix("ab", "ab"), {}, ["its rows are 'a', 'b'"]),
    "a row twice": (matrix("aab"), {}, ["its rows are 'a', 'a', 'b'"]),
    "an empty frame": (pd.DataFrame(), {}, ["its rows are none"]),
    "a missing amount": (matrix(values=[[0, None, 1], [1, 0, 1], [1, 1, 0]]), {}, ["finite amounts only"]),
    "text": (matrix(values=np.full((3, 3), "x")), {}, ["numbers only", "each pair of labels"]),
    "zeros": (matrix(values=np.zeros((3, 3))), {}, ["every answer costs the same"]),
    "all alike": (matrix(values=np.full((3, 3), 7)), {}, ["every answer costs the same"]),
    "beside a criterion": (matrix(), {"criterion": "f1"}, ["'criterion'", "there is no threshold"]),
    "beside a limit": (matrix(), {"min_recall": 0.5}, ["'min_recall'", "there is no threshold"]),
    "a limit beside the cost itself": (matrix(), {"criterion": "cost", "min_recall": 0.5}, ["'min_recall'"]),
    "beta beside the cost itself": (matrix(), {"criterion": "cost", "beta": 2}, ["'beta'"]),
    "one against the rest": (matrix(), {"pos_label": "a"}, ["pos_label=", "Leave one out"]),
    "a model without probabilities": (matrix(), {"model": LinearSVC()}, ["LinearSVC", "predict_proba"]),
}


@pytest.mark.parametrize("case", MATRICES)
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_a_matrix_of_costs_is_refused_in_one_sentence(case):
    cost, options, words = MATRICES[case]
    error = ModelError if "model" in options else OptionError
    sentence = sentence_of(error, three(), cost=cost, **options)
    assert all(word in sentence for word in words), sentence
