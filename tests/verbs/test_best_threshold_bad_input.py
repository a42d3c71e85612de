"""What `best_threshold` refuses: one sentence with the cure, before any fitting or search, the frame unchanged."""

import numpy as np
import pandas as pd
import pytest
import refusals
from refusals import N, framed, matrix, three, with_cell

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError, OptionError, SplitError, TargetError

pytestmark = pytest.mark.filterwarnings("error")

SCORES = {"scores": "p"}
COST = {"fp": 1, "fn": "amount"}


def two_sided(values):
    return pd.DataFrame(values, index=["no", "yes"], columns=["no", "yes"])


def sentence_of(error, data, target="churn", **options):
    return refusals.sentence_of(imb.best_threshold, error, data, target, 400, options)


#: Options, on a sound frame, and words of the sentence.
OPTIONS = {
    "a criterion misspelt": (
        {"criterion": "balanced_acuracy"},
        ["Did you mean 'balanced_accuracy'", "'mcc'"],
    ),
    "a criterion that is a number": ({"criterion": 3}, ["criterion=3 is not known", "'f1'"]),
    "a criterion that is a list": ({"criterion": ["f1"]}, ["criterion=['f1'] is not known", "'f1'"]),
    **{
        f"criterion={name}": (
            {"criterion": name},
            [f"criterion='{name}'", f"judges {what}", "the same at every threshold", "Use one of 'f1'"],
        )
        for names, what in (
            (("roc_auc", "auc", "average_precision", "pr_auc"), "the order of all rows"),
            (("brier", "log_loss"), "the probabilities themselves"),
        )
        for name in names
    },
    **{
        f"{name} alone": ({"criterion": name}, [f"'{name}'", "everyone or nobody", "Add a limit"])
        for name in ("recall", "precision", "specificity", "flag_rate")
    },
    "fbeta without beta": ({"criterion": "fbeta"}, ["needs beta=", "beta=2"]),
    "beta without fbeta": ({"criterion": "mcc", "beta": 2}, ["beta=2", "'mcc'", "Leave beta= out"]),
    "beta beside the default of a limit": ({"criterion": "recall", "beta": 2}, ["beta=2", "'recall'"]),
    "two betas": ({"criterion": "f2", "beta": 3}, ["'f2'", "beta=3", "contradict"]),
    "f0": ({"criterion": "f0"}, ["beta=0.0", "above 0"]),
    **{
        f"beta={beta!r:.9}": ({"beta": beta}, [f"beta={str(beta)[:9]}", "above 0", "Use beta=2"])
        for beta in (0, -1, np.nan, np.inf, True, 1e200, 10**400)
    },
    "beta that is text": ({"beta": "2"}, ["beta='2'", "above 0"]),
    "no costs": ({"criterion": "cost"}, ["needs amounts", 'cost={"fp": 1, "fn": 5}']),
    "costs of zero": (
        {"cost": {"fp": 0, "fn": 0}},
        ["'fp' must cost more than 'tn'", "fp=0.0", "Give amounts"],
    ),
    "costs all alike": (
        {"cost": {"fp": 2, "fn": 2, "tp": 2, "tn": 2}},
        ["'fp' must cost more than 'tn'", "fp=2.0 and tn=2.0"],
    ),
    "fp below tn": (
        {"cost": {"fp": 1, "fn": 5, "tn": 2}},
        ["'fp' must cost more than 'tn'", "flagging everyone"],
    ),
    "fn as tp": ({"cost": {"fp": 1, "fn": 5, "tp": 5}}, ["'fn' must cost more than 'tp'", "flagging nobody"]),
    "a negative fp": ({"cost": {"fp": -1, "fn": 5}}, ["'fp' must cost more than 'tn'", "fp=-1.0"]),
    "no fn": ({"cost": {"fp": 1}}, ["needs both 'fp' and 'fn'", "{'fp': 1}"]),
    "no fp": ({"cost": {"fn": 1}}, ["needs both 'fp' and 'fn'", "{'fn': 1}"]),
    "no amounts": ({"cost": {}}, ["needs both 'fp' and 'fn'"]),
    "an unknown outcome": (
        {"cost": {"fp": 1, "fn": 5, "fnn": 3}},
        ["'fnn'", "no outcome", "Did you mean 'fn'"],
    ),
    "an outcome in capitals": ({"cost": {"FP": 1, "fn": 5}}, ["'FP'", "no outcome", "Did you mean 'fp'"]),
    "an outcome that is a number": ({"cost": {0: 1, "fp": 1, "fn": 5}}, ["0, which is no outcome", "'tn'"]),
    **{
        f"cost={cost!r:.12}": ({"cost": cost}, ["cost=", "amounts by outcome", '{"fp": 1, "fn": 5}'])
        for cost in (5, True, "5", [1, 5], np.array([[0, 1], [5, 0]]), pd.Series({"fp": 1, "fn": 5}))
    },
    **{
        f"fn={fn!r:.12}": (
            {"cost": {"fp": 1, "fn": fn}},
            ["cost: 'fn' is ", "neither an amount nor a column"],
        )
        for fn in ("5", None, True, np.nan, 1 + 2j, ["amount"], np.ones(N), pd.Series(np.ones(N)))
    },
    "an infinite amount": ({"cost": {"fp": 1, "fn": np.inf}}, ["'fn' is inf", "Give a finite amount"]),
    "an amount whose sum is infinite": ({"cost": {"fp": 1e300, "fn": 1e307}}, ["'fp' is 1e+300", "finite"]),
    "a misspelt column": ({"cost": {"fp": 1, "fn": "amont"}}, ["'amont'", "Did you mean 'amount'"]),
    "the target as an amount": ({"cost": {"fp": 1, "fn": "churn"}}, ["'fn' is 'churn'", "neither an amount"]),
    **{
        f"{limit}={bound!r}": ({limit: bound}, [f"{limit}={bound!r}", "above 0 and at most 1", " %."])
        for limit in ("min_precision", "min_recall", "max_flag_rate")
        for bound in (0, -0.1, 1.1, 80, np.nan, np.inf, True, "0.5", [0.5])
    },
    "recall against flags": (
        {"min_recall": 0.8, "max_flag_rate": 0.05},
        [
            "recall of 0.8",
            "at least 0.1 of the rows",
            "0.125 are positive",
            "bounded by 0.05",
            "Leave min_recall= out",
        ],
    ),
    "recall against rows": ({"min_recall": 0.8, "top_k": 6}, ["recall of 0.8", "bounded by 0.05"]),
    **{
        f"top_k={k!r}": (
            {"top_k": k},
            [f"top_k={k}", "between 1 and the 120 labelled rows", "max_flag_rate="],
        )
        for k in (0, -3, N + 1, np.int64(500))
    },
    **{
        f"top_k={k!r}": ({"top_k": k}, [f"top_k={k!r}", "whole number of rows", f"Use top_k={meant}."])
        for k, meant in [(10.0, 10), ("10", 10), *((k, 100) for k in (2.5, 1.0, np.nan, np.inf, True, [3]))]
    },
    "two bounds of flags": (
        {"top_k": 5, "max_flag_rate": 0.1},
        ["top_k=", "max_flag_rate=", "Leave one out"],
    ),
    "confidence in nothing": (
        {"confidence": 0.9},
        ["confidence=0.9", "there is none", "or add min_precision="],
    ),
    "confidence in a criterion": ({"confidence": 0.9, "criterion": "f1"}, ["there is none"]),
    **{
        f"confidence={sure!r}": (
            {"confidence": sure, "min_recall": 0.5},
            [f"confidence={sure!r}", "at least 0.5", "Use confidence=0.9"],
        )
        for sure in (0, 1, 1.5, -1, 90, np.nan, True, "0.9")
    },
    "pos_label of another type": ({"pos_label": 1}, ["pos_label=1", "'no', 'yes'"]),
    "a bar that is text": ({"progress": "yes"}, ["progress='yes'", "True or False"]),
    "a matrix of unknown labels": (
        {"cost": matrix(["No", "yes"], ["No", "yes"])},
        ["'No'", "labels of 'churn'"],
    ),
    "a matrix of zeros": ({"cost": two_sided(np.zeros((2, 2)))}, ["every answer costs the same"]),
    "a matrix upside down": ({"cost": two_sided(np.eye(2))}, ["'fp' must cost more than 'tn'"]),
}


@pytest.mark.parametrize("case", OPTIONS)
@pytest.mark.parametrize(
    "given", [{}, SCORES, {**SCORES, "test_size": 0}], ids=["model", "scores", "all rows"]
)
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_an_option_is_refused_in_one_sentence(case, given):
    options, words = OPTIONS[case]
    sentence = sentence_of(OptionError, framed(), **given, **options)
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    "given", [{}, SCORES, {**SCORES, "test_size": 0}], ids=["model", "scores", "all rows"]
)
def test_a_sound_call_does_begin(given, _nothing_is_fitted):
    with pytest.raises(_nothing_is_fitted):
        imb.best_threshold(framed(), "churn", **given)


#: The frame, target, options, the error, and words of the sentence.
ROWS = {
    "an unknown target": (framed(), "chrun", {}, TargetError, ["'chrun'", "Did you mean 'churn'"]),
    "no target": (framed(), None, {}, TargetError, ["Which column is the target?", "'churn'"]),
    "a list of targets": (framed(), ["churn"], {}, TargetError, ["['churn']", "one name"]),
    "a target on another index": (
        framed(),
        pd.Series(["no", "yes"] * 60, index=range(1, N + 1)),
        {},
        TargetError,
        ["index", "give it the frame's index"],
    ),
    "three classes": (three(), "churn", {}, OptionError, ["3 classes", "'a', 'b', 'c'", "pos_label="]),
    "text amounts": (
        framed(amount="5"),
        "churn",
        {"cost": COST},
        OptionError,
        ["'amount'", "cells, not amounts"],
    ),
    "amounts that are flags": (framed(amount=True), "churn", {"cost": COST}, OptionError, ["bool cells"]),
    "one negative amount": (
        with_cell("amount", -1.0),
        "churn",
        {"cost": COST},
        OptionError,
        ["'amount' of 'fn' has 1 negative", "a gain goes to 'tp' or 'tn'"],
    ),
    "one missing amount": (
        with_cell("amount", np.nan),
        "churn",
        {"cost": COST},
        OptionError,
        ["'amount' of 'fn' has 1 missing or infinite", "Fill"],
    ),
    "one infinite amount": (
        with_cell("amount", np.inf),
        "churn",
        {"cost": {"fp": "amount", "fn": 5}},
        OptionError,
        ["'amount' of 'fp' has 1 missing or infinite"],
    ),
    "amounts of zero": (
        framed(amount=0.0),
        "churn",
        {"cost": COST},
        OptionError,
        ["'fn' must cost more", "'amount'"],
    ),
    "amounts below those of a hit": (
        framed(),
        "churn",
        {"cost": {"fp": 1, "fn": "amount", "tp": 1.5}},
        OptionError,
        ["'fn' must cost more than 'tp'", "fn='amount' and tp=1.5"],
    ),
    "a test frame without the amounts": (
        framed(),
        "churn",
        {"cost": COST, "test": framed().drop(columns="amount")},
        SplitError,
        ["lacks 'amount'"],
    ),
    "a negative amount in the test frame": (
        framed(),
        "churn",
        {"cost": COST, "test": with_cell("amount", -1.0)},
        OptionError,
        ["'amount' of 'fn' has 1 negative"],
    ),
    "a missing amount in the test frame": (
        framed(),
        "churn",
        {"cost": COST, "test": with_cell("amount", np.nan)},
        OptionError,
        ["'amount' of 'fn' has 1 missing"],
    ),
    "text in the amounts of the test frame": (
        framed(),
        "churn",
        {"cost": COST, "test": framed(amount="5")},
        SplitError,
        ["'amount'", "Convert it"],
    ),
    "a test frame of one class": (
        framed(),
        "churn",
        {"test": framed(churn="no")},
        TargetError,
        ["one class"],
    ),
    "no test frame": (framed(), "churn", {"test": [1]}, SplitError, ["test=", "list"]),
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
    "several strategies": (
        {"strategy": ["none", "smote"]},
        OptionError,
        ["must be one strategy", "fit_eval"],
    ),
    "an unknown strategy": ({"strategy": "smot"}, OptionError, ["strategy='smot'", "Did you mean 'smote'"]),
    "a strategy that is none": ({"strategy": 3}, OptionError, ["3 is neither a strategy's name"]),
    "weights that the model does not take": (
        {"strategy": "class_weight", "model": "knn"},
        ModelError,
        ["'class_weight'", "knn takes neither", "Use a model that takes"],
    ),
    "fitted that is text": ({"fitted": "yes"}, OptionError, ["fitted='yes'", "True or False"]),
    "deals": ({"repeats": 0}, OptionError, ["repeats=0 must be a whole number", "Use repeats=5"]),
}


@pytest.mark.parametrize("case", FITS)
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_a_fit_is_refused_in_one_sentence(case):
    options, error, words = FITS[case]
    sentence = sentence_of(error, framed(), **options)
    assert all(word in sentence for word in words), sentence
