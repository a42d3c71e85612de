"""One-hot columns stay sparse where a model comes to the same from them, and nowhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from alone import execute
from imblearn.over_sampling import SMOTE
from scipy.sparse import issparse
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.svm import SVC, LinearSVC

import imbalance_accessor as imb
from imbalance_accessor.evaluation.fit import FoldData, divided
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.modeling import preprocessing

QUICK = {"cv": 2, "n_jobs": 1, "progress": False}


@pytest.fixture(autouse=True, scope="module")
def _few_draws():
    with draws_at_most(50):
        yield


def wide(n=400, *, numbers=True):
    """Rows whose one-hot columns are nearly all 0."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 20, (n, 2))
    signal = 0.2 * codes[:, 0] + rng.normal(size=n)
    words = {f"word {place}": [f"level {code}" for code in codes[:, place]] for place in range(2)}
    cells = {"age": signal + rng.normal(size=n)} if numbers else {}
    return pd.DataFrame(words | cells).assign(y=np.where(signal > np.quantile(signal, 0.75), "yes", "no"))


def handed_on(found, name="none"):
    """What the first steps of a strategy hand to its classifier."""
    task = FoldData(found.reader, found.plan.folds).rows(found.candidates[name], 0)
    first_steps, _ = divided(found.candidates[name].estimator)
    return first_steps.fit_transform(task.X, task.y)


@pytest.mark.parametrize(
    ("model", "stays"),
    [
        ("logistic", True),
        (LinearSVC(), True),
        (GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2), True),
        # others would take another solver, step or search, or refuse them
        (LogisticRegression(solver="saga", tol=0.1), False),
        (GridSearchCV(LogisticRegression(), {"solver": ["lbfgs", "saga"]}, cv=2), False),
        (SGDClassifier(loss="log_loss", random_state=0), False),
        (RidgeClassifier(), False),
        (SVC(), False),
        ("knn", False),
        ("naive_bayes", False),
    ],
    ids=str,
)  # fmt: skip
def test_only_where_the_model_comes_to_the_same(model, stays):
    found = imb.fit_eval(wide(), "y", model=model, strategies=["none"], **QUICK)
    pipeline = found.candidates["none"].estimator
    inner = getattr(pipeline, "estimator", pipeline)
    task = FoldData(found.reader, found.plan.folds).rows(found.candidates["none"], 0)
    assert issparse(inner[:-1].fit_transform(task.X, task.y)) == stays


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "numbers"), [("logistic", True), ("logistic", False), (LinearSVC(), True), (BernoulliNB(), True)], ids=str
)  # fmt: skip
def test_figures_are_those_of_rows_that_are_not_sparse(monkeypatch, model, numbers):
    """As near as the solver comes: it sums in another order."""
    df, last = wide(numbers=numbers), ["focal"] if model == "logistic" else []
    asked = {
        "model": model,
        "strategies": ["class_weight", "oversample", "undersample", "smote", *last],
        **QUICK,
    }
    sparse = imb.fit_eval(df, "y", **asked)
    assert issparse(handed_on(sparse))
    monkeypatch.setattr(preprocessing, "_SPARSE", ())
    dense = imb.fit_eval(df, "y", **asked)
    assert not issparse(handed_on(dense))
    for name, scores in dense.scored.by_name.items():
        assert sparse.scored.by_name[name].oof == pytest.approx(scores.oof, rel=1e-7, abs=1e-7), name
    figures = dense.frame.select_dtypes("number")
    pd.testing.assert_frame_equal(sparse.frame[figures.columns], figures, rtol=1e-6)


@pytest.mark.parametrize("model", [ComplementNB(), MultinomialNB()], ids=str)
def test_counts_of_levels_are_learned_from_sparse_rows(model):
    found = imb.fit_eval(wide(numbers=False), "y", model=model, strategies=["oversample"], **QUICK)
    assert issparse(handed_on(found))
    assert found.frame.loc["oversample", "roc_auc"] > 0.7


def test_few_levels_beside_numbers_are_not_worth_it():
    df = wide().assign(**{"word 0": lambda each: each["word 0"].str[-1], "word 1": "a"})
    found = imb.fit_eval(
        df.assign(**{f"x{k}": np.arange(400.0) % (k + 2) for k in range(9)}),
        "y",
        strategies=["none"],
        **QUICK,
    )
    assert not issparse(handed_on(found))


def test_a_search_for_neighbours_meets_what_it_met():
    found = imb.fit_eval(wide(), "y", strategies=["oversample", SMOTE(random_state=0)], **QUICK)
    assert not any(issparse(handed_on(found, name)) for name in found.candidates)


@pytest.mark.parametrize("name", ["none", "smote"])
def test_a_model_handed_out_answers_in_arrays(name):
    df = wide()
    found = imb.fit_eval(df, "y", strategies=["smote"], **QUICK)
    model = found.model(name)
    steps = [step for step in model[:-1] if not hasattr(step, "fit_resample")]
    rows = df
    for step in steps:
        rows = step.transform(rows)
    assert isinstance(rows, np.ndarray)
    test = found.plan.parts.test.X
    assert model.predict_proba(test) == pytest.approx(found.scored.by_name[name].test, abs=1e-12)


@pytest.mark.slow
def test_the_code_says_the_same_and_so_does_a_row_that_is_traced():
    df = wide()
    found = imb.fit_eval(df, "y", strategies=["oversample", "smote"], **QUICK)
    for style in ("short", "full"):
        rows = execute(found.snippet(style=style), df=df)["rows"]
        assert rows["smote"]["roc_auc"] == pytest.approx(found.frame.loc["smote", "roc_auc"], rel=1e-9)
    traced = found.trace("smote", row=found.plan.parts.test.y.index[0])
    space = execute(traced.snippet(style="full"), df=df)
    assert issparse(space["x"])
    assert 1 / (1 + np.exp(-space["terms"].sum())) == pytest.approx(space["score"], rel=1e-9)
    assert space["terms"].sum() == pytest.approx(traced.terms["adds"].sum(), rel=1e-9)
