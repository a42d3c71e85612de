"""Models whose ``predict`` is not the default threshold's decision: what they decide is what is shown."""

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import imbalance_accessor  # noqa: F401
from imbalance_accessor.evaluation.outputs import predictions_of
from imbalance_accessor.metrics.intervals import wilson

QUICK = {"n_jobs": 1, "progress": False, "cv": 2, "preprocess": None, "strategies": ["none"]}


def numbers(labels=("no", "yes"), n=240):
    rng = np.random.default_rng(3)
    rare = np.arange(n) % 6 == 0
    frame = pd.DataFrame({"a": rng.normal(size=n) + rare, "b": rng.normal(size=n)})
    return frame.assign(y=pd.Series([labels[each] for each in rare.astype(int)]))


class Margins(ClassifierMixin, BaseEstimator):
    """A linear model without probabilities that says yes from a margin of `least` on."""

    def __init__(self, least=-1.5, says=None, fails=False):
        self.least, self.says, self.fails = least, says, fails

    def fit(self, X, y):
        self.inner_ = LogisticRegression().fit(X, y)
        self.classes_ = self.inner_.classes_
        return self

    def decision_function(self, X):
        return self.inner_.decision_function(X)

    def predict(self, X):
        if self.fails:
            raise RuntimeError("no labels today")
        flagged = self.decision_function(X) >= self.least
        return np.full(len(X), self.says) if self.says else self.classes_[flagged.astype(int)]


def fixed(**options):
    return FixedThresholdClassifier(LogisticRegression(), threshold=0.2, **options)


MODELS = {
    "fixed": fixed,
    "fixed, for the first label": lambda: fixed(pos_label="a"),
    "tuned": lambda: TunedThresholdClassifierCV(LogisticRegression(), cv=2, random_state=0),
    "at the end of a pipeline": lambda: make_pipeline(StandardScaler(), fixed()),
    "inside a search": lambda: GridSearchCV(fixed(), {"estimator__C": [0.1, 1]}, cv=2),
    "margins": Margins,
}


def by_hand(frame, model, labels):
    """What scikit-learn predicts, out of fold and on the test set."""
    X, y = frame.drop(columns="y"), frame["y"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    oof = np.empty(len(y_train), dtype=object)
    for seen, held in StratifiedKFold(2, shuffle=True, random_state=0).split(X_train, y_train):
        fitted = clone(model).fit(X_train.iloc[seen], y_train.iloc[seen])
        oof[held] = fitted.predict(X_train.iloc[held])
    told = clone(model).fit(X_train, y_train).predict(X_test)
    return (y_train == labels[1], oof == labels[1]), (y_test == labels[1], told == labels[1])


@pytest.mark.parametrize("name", MODELS)
def test_figures_without_a_suffix_are_of_what_the_model_predicts(name):
    labels = ("b", "a") if "first" in name else ("no", "yes")
    frame, model = numbers(labels), MODELS[name]()
    row = frame.imb.fit_eval("y", model=model, **QUICK).frame.loc["none"]
    for (is_positive, told), end in zip(by_hand(frame, model, labels), ("_cv", ""), strict=True):
        for metric, of in {"f1": f1_score, "recall": recall_score, "precision": precision_score}.items():
            assert row[f"{metric}{end}"] == pytest.approx(of(is_positive, told)), metric
    assert row["recall_low"], row["recall_high"] == pytest.approx(
        wilson((is_positive & told).sum(), is_positive.sum())
    )


def test_the_code_gives_the_same_figures():
    rows = {
        "strings": (numbers(), fixed(), {}),
        "nothing held out, dealt twice": (numbers(n=120), Margins(), {"test_size": 0, "repeats": 2}),
        "one of several": (several(), fixed(), {"pos_label": "c"}),
        "mixed labels, learned as codes": (numbers((0, "yes")), fixed(pos_label="yes"), {}),
        "fitted": (numbers(), fixed().fit(numbers()[["a", "b"]], numbers()["y"]), {"fitted": True}),
    }
    for what, (frame, model, options) in rows.items():
        e = frame.imb.fit_eval("y", model=model, **QUICK, **options)
        names = {"df": frame, "model": model}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(str(e.snippet(style="full")), names)
        assert e.scored.by_predict, what
        for key, value in names["rows"]["none"].items():
            assert e.frame.loc["none", key] == pytest.approx(value, abs=1e-9), (what, key)


def several():
    frame = numbers()
    return frame.assign(y=np.where(frame["y"] == "yes", "c", np.where(np.arange(len(frame)) % 2, "a", "b")))


def test_it_is_said_in_table_note_and_explanation():
    e = numbers().imb.fit_eval("y", model=fixed(), **QUICK)
    assert "F1 by predict" in e._card().table and "F1 at 0.5" not in e._card().table
    f1, recall, precision = (e.frame.loc["none", each] for each in ("f1", "recall", "precision"))
    assert "By predict: as the model itself decides" in str(e)
    assert (
        "The plain model decides by its own predict, not at 0.5: "
        f"F1 {f1:.3f}, recall {recall:.3f} and precision {precision:.3f} on test." in e.explain()
    )


def test_a_model_that_decides_at_the_default_threshold_is_shown_there():
    for model in (LogisticRegression(), Margins(least=0), FixedThresholdClassifier(LogisticRegression())):
        e = numbers().imb.fit_eval("y", model=model, **QUICK)
        assert not e.scored.by_predict and f"F1 {e.scored.by_default}" in e._card().table
        assert "by predict" not in (str(e) + e.explain()).lower()


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (Margins(says="maybe"), "'maybe' is none of 'no', 'yes'."),
        (Margins(fails=True), "RuntimeError: no labels today."),
    ],
)
@pytest.mark.parametrize("fitted", [False, True])
def test_predictions_that_cannot_be_read_are_left_out_and_said(model, why, fitted):
    frame = numbers()
    if fitted:
        model = clone(model).fit(frame[["a", "b"]], frame["y"])
    e = frame.imb.fit_eval("y", model=model, fitted=fitted, **QUICK)
    (found,) = (each for each in e.findings if each.code == "IMB322")
    assert why in found.message and "F1 at 0" in e._card().table


def test_a_tie_at_the_threshold_is_no_decision_of_its_own():
    e = numbers().imb.fit_eval("y", model=Margins(least=1e-12), **QUICK)
    assert not e.scored.by_predict


def test_a_threshold_is_shown_beside_what_the_model_decides():
    frame = numbers()
    t = frame.imb.best_threshold("y", model=fixed(), cv=2, preprocess=None)
    (found,) = (each for each in t.findings if each.code == "IMB416")
    is_positive, told = by_hand(frame, fixed(), ("no", "yes"))[1]
    precision, recall = precision_score(is_positive, told), recall_score(is_positive, told)
    assert f"it has precision {precision:.3f} and recall {recall:.3f} on test." in found.message
    assert t.model().predict(frame.head(9)).tolist() == np.where(t.apply(frame.head(9)), "yes", "no").tolist()


def test_a_model_of_codes_may_stand_inside():
    xgboost = pytest.importorskip("xgboost")
    model = FixedThresholdClassifier(xgboost.XGBClassifier(n_estimators=2), threshold=0.2)
    e = numbers().imb.fit_eval("y", model=model, **QUICK)
    assert e.scored.by_predict and set(e.model().predict(numbers().head(20))) <= {"no", "yes"}


def test_a_row_is_said_to_be_flagged_as_the_model_predicts():
    frame = numbers()
    e = frame.imb.fit_eval("y", model=fixed(), **QUICK)
    test = e.scores.query("part == 'test' and 0.2 < probability < 0.5")
    row = test.index[0]
    assert e.model().predict(frame.loc[[row]]) == ["yes"]
    assert "Flagged by predict" in e.trace(row=row).explain()


def test_truth_values_are_the_labels_0_and_1():
    X, y = numbers()[["a", "b"]].to_numpy(), np.arange(len(numbers())) % 2

    class Flags(LogisticRegression):
        def predict(self, X):
            return super().predict(X) == 1

    model = Flags().fit(X, y)
    codes, why = predictions_of(model, X, np.array([0, 1]))
    assert codes.tolist() == LogisticRegression().fit(X, y).predict(X).tolist() and not why
