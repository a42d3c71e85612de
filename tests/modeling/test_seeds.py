"""What draws without a seed is named, and nothing else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTETomek
from imblearn.ensemble import BalancedBaggingClassifier
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler, TomekLinks
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import imbalance_accessor  # noqa: F401

QUICK = {"cv": 2, "progress": False, "n_jobs": 1, "preprocess": None}
GRID = {"C": [0.1, 1.0]}
DRAWING = {
    "a forest": RandomForestClassifier(5),
    "the last step": make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss")),
    "what is within": VotingClassifier([("one", SGDClassifier(loss="log_loss"))], voting="soft"),
    "a tree": DecisionTreeClassifier(),
    "a setting": SVC(probability=True),
    "folds": StackingClassifier([("one", GaussianNB())], cv=StratifiedKFold(2, shuffle=True)),
    "a search at random": RandomizedSearchCV(LogisticRegression(), GRID, n_iter=1, cv=2),
}
QUIET = {
    "a forest with a seed": RandomForestClassifier(5, random_state=1),
    "nothing is drawn": LogisticRegression(),
    "an outer seed": BaggingClassifier(SGDClassifier(loss="log_loss"), 2, random_state=0),
    "another": BalancedBaggingClassifier(
        DecisionTreeClassifier(), 2, sampler=RandomUnderSampler(), random_state=0
    ),
    "a seed that is searched": GridSearchCV(RandomForestClassifier(5), {"random_state": [0, 1]}, cv=2),
    "a draw of all there is": RandomizedSearchCV(LogisticRegression(), GRID, n_iter=2, cv=2),
    "a search on a grid": GridSearchCV(LogisticRegression(), GRID, cv=2),
    "ours": "forest",
}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(0)
    y = np.arange(120) % 4 == 0
    return pd.DataFrame({"a": draw.normal(size=120) + y, "b": draw.normal(size=120), "y": y})


def said(result) -> list[str]:
    return [f"{each.message} {each.cure}" for each in result.findings if each.code == "IMB318"]


@pytest.mark.quick(3)
@pytest.mark.parametrize("case", DRAWING)
def test_what_draws_without_a_seed_is_named(case, frame):
    (sentence,) = said(
        frame.imb.fit_eval("y", model=DRAWING[case], strategies=["none"], random_state=3, **QUICK)
    )
    assert sentence.endswith(
        "has no seed: each call may give other figures. Set random_state=3 there, to have them again."
    )
    named = {
        "the last step": "SGDClassifier",
        "what is within": "SGDClassifier",
        "a forest": "RandomForestClassifier",
        "a tree": "DecisionTreeClassifier",
        "a setting": "SVC",
        "folds": "StratifiedKFold",
        "a search at random": "RandomizedSearchCV",
    }
    assert sentence.startswith(f"{named[case]!r} has")


@pytest.mark.slow
def test_figures_differ_where_the_finding_says_so_and_not_with_a_seed(frame):
    def figures(model):
        return [
            frame.imb.fit_eval("y", model=model, strategies=["none"], **QUICK).scores["probability"].tolist()
            for _ in range(2)
        ]

    one, other = figures(DRAWING["a forest"])
    assert one != other
    for case in (
        "a forest with a seed",
        "an outer seed",
        "another",
        "a seed that is searched",
        "a draw of all there is",
    ):
        one, other = figures(QUIET[case])
        assert one == other, case


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", QUIET)
def test_what_has_a_seed_or_draws_nothing_is_not_named(case, frame):
    assert not said(frame.imb.fit_eval("y", model=QUIET[case], **QUICK | {"preprocess": "auto"}))
    assert not said(
        frame.imb.fit_eval("y", model=QUIET[case], strategies=["smote_tomek", "smote_enn"], **QUICK)
    )


def test_who_asked_for_no_seed_knows(frame):
    assert not said(
        frame.imb.fit_eval("y", model=DRAWING["a forest"], random_state=None, strategies=[], **QUICK)
    )


def test_samplers_too(frame):
    strategies = ["none", SMOTE(), RandomOverSampler(random_state=0), TomekLinks()]
    (sentence,) = said(frame.imb.fit_eval("y", model="logistic", strategies=strategies, **QUICK))
    assert sentence.startswith("'SMOTE' has no seed")
    for drawing in (SMOTE(), SMOTETomek(random_state=0, smote=SMOTE())):
        assert said(frame.imb.smote("y", kind=drawing))[0].startswith("'SMOTE' has no seed")
    for quiet in (SMOTE(random_state=2), TomekLinks(), SMOTETomek(random_state=0), "smote_enn"):
        assert not said(frame.imb.smote("y", kind=quiet))
