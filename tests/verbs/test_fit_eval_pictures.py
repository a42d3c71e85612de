"""The titles of the pictures of a `fit_eval`: about the picture, with scikit-learn's numbers."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

N = 300
RNG = np.random.default_rng(3)
Y = np.arange(N) % 10 == 3
FRAME = pd.DataFrame(RNG.normal(size=(N, 3)) + Y[:, None], columns=[*"abc"]).assign(y=Y.astype(int))


@pytest.fixture(scope="module")
def found():
    return FRAME.imb.fit_eval("y", cv=2, model="logistic", strategies=["class_weight"])


@pytest.fixture(scope="module")
def scores(found):
    test = found.scores.query("part == 'test'")
    return {
        name: (rows["y"].to_numpy(), rows["probability"].to_numpy())
        for name, rows in test.groupby("strategy")
    }


def _title(axes) -> str:
    first = np.ravel(axes)[0]
    text = first.get_title(loc="left") or first.figure.get_suptitle()
    return text.replace("\n", " ")


def test_intervals_say_what_they_stand_on(found):
    assert _title(found.plot()) == "95 % intervals on 60 test rows, 6 of them positive"


def test_precision_and_recall_say_the_highest_average_precision(found, scores):
    values = {name: average_precision_score(y, p) for name, (y, p) in scores.items()}
    top = max(values, key=values.get)
    highest = f"Highest average precision on test {values[top]:.3f} ('{top}')"
    assert _title(found.plot("pr")) == f"{highest}, against 0.100, the prevalence, for flagging at random"


def test_roc_says_its_span(found, scores):
    values = sorted(f"{roc_auc_score(y, p):.3f}" for y, p in scores.values())
    span = " to ".join(dict.fromkeys((values[0], values[-1])))
    assert _title(found.plot("roc")) == f"ROC-AUC on test {span}, against 0.5 without skill"


def test_each_matrix_is_that_of_the_cut_written_over_it(found, scores):
    axes = found.plot("confusion")
    assert _title_of_all(axes) == "The 60 test rows, each strategy at its own cut"
    for ax, (name, cut) in zip(axes, (re.split(", cut ", ax.get_title()) for ax in axes), strict=True):
        y, p = scores[name]
        counts = [int(text.get_text().split("\n")[0]) for text in ax.texts]
        assert counts == confusion_matrix(y, p >= float(cut)).ravel().tolist()


def _title_of_all(axes) -> str:
    return axes[0].figure.get_suptitle().replace("\n", " ")


def test_several_classes_go_to_the_likeliest():
    frame = FRAME.assign(y=np.arange(N) % 3)
    found = frame.imb.fit_eval("y", cv=2, model="naive_bayes", strategies=["none"])
    assert _title_of_all(found.plot("confusion")) == "The 60 test rows, each given to its likeliest class"
    assert _title_of_all(found.plot()) == "95 % intervals on 60 test rows, 3 classes"
