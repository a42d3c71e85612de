"""Scores brought to a prevalence: by one factor, checked, or by a sigmoid; what is handed out says the same."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import _SigmoidCalibration
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split

from imbalance_accessor.errors import OptionError
from imbalance_accessor.metrics.bootstrap import draws_at_most

PREVALENCE = 0.01


def case_control(n=30_000, seed=0):
    """All positives of a population with 2 % of them, and three negatives each."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3))
    y = rng.random(n) < expit(X @ [1.0, -0.8, 0.4] - 4.6)
    positives = np.flatnonzero(y)
    rows = rng.permutation(
        np.r_[positives, rng.choice(np.flatnonzero(~y), 3 * len(positives), replace=False)]
    )
    return pd.DataFrame(X[rows], columns=list("abc")).assign(y=np.where(y[rows], "yes", "no"))


@pytest.fixture(autouse=True)
def _few_draws():
    with draws_at_most(40):
        yield


@pytest.fixture(scope="module")
def frame():
    return case_control()


@pytest.fixture(scope="module")
def evaluated(frame):
    return frame.imb.fit_eval(
        "y",
        pos_label="yes",
        prevalence=PREVALENCE,
        strategies=["class_weight", "undersample"],
        progress=False,
    )


def by_hand(frame, factor, class_weight=None):
    """Test labels, probabilities with their odds divided, and what each row counts for, in plain scikit-learn."""
    X, y = frame[["a", "b", "c"]], frame["y"] == "yes"
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)
    mean, spread = X_train.mean(), X_train.std(ddof=0)
    model = LogisticRegression(max_iter=1000, class_weight=class_weight).fit(
        (X_train - mean) / spread, y_train
    )
    odds = np.exp(model.decision_function((X_test - mean) / spread)) / factor
    share = y.mean()
    return (
        y_test.to_numpy(),
        odds / (1 + odds),
        np.where(y_test, PREVALENCE / share, (1 - PREVALENCE) / (1 - share)),
    )


@pytest.mark.parametrize("strategy", ["none", "class_weight"])
def test_one_factor_undoes_the_strategy_and_the_sample(frame, evaluated, strategy):
    share = (frame["y"] == "yes").mean()
    to_the_sample = share / (1 - share) / (PREVALENCE / (1 - PREVALENCE))
    own = {"none": 1.0, "class_weight": (1 - share) / share}[strategy]
    y, p, w = by_hand(frame, to_the_sample * own, {"none": None, "class_weight": "balanced"}[strategy])
    found = evaluated.frame.loc[strategy]
    assert found["brier"] == pytest.approx(brier_score_loss(y, p, sample_weight=w), rel=1e-4)
    assert found["log_loss"] == pytest.approx(log_loss(y, p, sample_weight=w), rel=1e-4)
    assert found["mean_probability"] == pytest.approx(np.average(p, weights=w), rel=1e-3)
    assert found["roc_auc"] == pytest.approx(roc_auc_score(y, p), abs=1e-6)
    assert found["prevalence"] == pytest.approx(PREVALENCE, rel=1e-2)
    # half a negative more above each positive: lower than the weighted figure alone
    assert found["average_precision"] < average_precision_score(y, p, sample_weight=w)


def test_what_is_handed_out_is_at_the_prevalence(frame, evaluated):
    X = frame.drop(columns="y")
    scores = evaluated.scores.query("strategy == 'undersample' and part == 'test'")["probability"]
    told = pd.Series(evaluated.model("undersample").predict_proba(X)[:, 1], index=frame.index)
    assert told[scores.index].to_numpy() == pytest.approx(scores.to_numpy(), abs=1e-12)
    t = evaluated.best_threshold("undersample", cost={"fp": 1, "fn": 30})
    flagged = pd.Series(t.model().predict(X) == "yes", index=frame.index)
    assert flagged.tolist() == t.apply(X).tolist() == (told >= t.value).tolist()


def test_the_order_of_the_rows_stays(frame, evaluated):
    plain = frame.imb.fit_eval(
        "y", pos_label="yes", strategies=["class_weight", "undersample"], progress=False
    )
    for name in ("none", "class_weight", "undersample"):
        for figure in ("roc_auc", "roc_auc_cv"):
            assert evaluated.frame.loc[name, figure] == pytest.approx(
                plain.frame.loc[name, figure], abs=1e-12
            )


@pytest.mark.quick(1)
@pytest.mark.parametrize("options", [{}, {"test_size": 0}, {"repeats": 2}], ids=str)
def test_the_frames_own_share_changes_nothing(frame, options):
    few = frame.iloc[:400]
    share = float((few["y"] == "yes").mean())
    options = {"strategies": ["class_weight", "smote"], "progress": False, **options}
    plain, told = (few.imb.fit_eval("y", prevalence=each, **options) for each in (None, share))
    pd.testing.assert_frame_equal(plain.frame, told.frame, rtol=1e-12, atol=1e-12)
    pd.testing.assert_frame_equal(plain.differences, told.differences, rtol=1e-12, atol=1e-12)
    ones = few.assign(w=1.0).imb.fit_eval("y", sample_weight="w", **options)
    pd.testing.assert_frame_equal(plain.frame, ones.frame, rtol=1e-12, atol=1e-12)
    pd.testing.assert_frame_equal(plain.scores, ones.scores, rtol=1e-12, atol=1e-12)


class Overconfident(ClassifierMixin, BaseEstimator):
    """A forest's kind of fault: log odds three times too large, so that the correction misses the prevalence."""

    def fit(self, X, y):
        self.inner_ = LogisticRegression().fit(X, y)
        self.classes_ = self.inner_.classes_
        return self

    def predict_proba(self, X):
        p = expit(3 * self.inner_.decision_function(X))
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def test_a_sigmoid_replaces_a_correction_that_fails(frame):
    X, y = frame[["a", "b", "c"]], frame["y"] == "yes"
    e = frame.imb.fit_eval(
        "y", pos_label="yes", model=Overconfident(), strategies=[], prevalence=PREVALENCE, preprocess=None
    )
    assert [each.code for each in e.findings if each.code == "IMB418"] == ["IMB418"]
    # the same in plain scikit-learn: fitted on the uncorrected scores out of fold, with the rows' weights
    X_train, X_test, y_train, _ = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    share = y.mean()
    # Platt's targets count positives: one of them counts as one
    w = np.where(y_train, 1.0, (1 - PREVALENCE) / (1 - share) / (PREVALENCE / share))
    oof = np.empty(len(y_train))
    for learn, held in folds.split(X_train, y_train):
        oof[held] = (
            Overconfident()
            .fit(X_train.iloc[learn], y_train.iloc[learn])
            .predict_proba(X_train.iloc[held])[:, 1]
        )
    platt = _SigmoidCalibration().fit(oof, y_train.astype(int), w)
    raw = Overconfident().fit(X_train, y_train).predict_proba(X_test)[:, 1]
    wanted = platt.predict(raw)
    assert e.model("none").predict_proba(X_test)[:, 1] == pytest.approx(wanted, abs=1e-9)
    assert e.frame.loc["none", "mean_probability"] == pytest.approx(PREVALENCE, rel=0.15)


def test_a_model_that_weighs_its_rows_to_the_prevalence_is_left_alone(frame):
    share = (frame["y"] == "yes").mean()
    weights = {"yes": PREVALENCE / share, "no": (1 - PREVALENCE) / (1 - share)}
    model = LogisticRegression(class_weight=weights)
    e = frame.imb.fit_eval("y", pos_label="yes", model=model, strategies=[], prevalence=PREVALENCE)
    assert e.scored.by_name["none"].calibrator is None
    assert e.frame.loc["none", "mean_probability"] == pytest.approx(PREVALENCE, rel=0.15)


@pytest.mark.slow
def test_it_is_asked_where_the_share_of_given_scores_is_unknown(frame):
    model = LogisticRegression().fit(frame[["a", "b", "c"]], frame["y"])
    p = model.predict_proba(frame[["a", "b", "c"]])[:, 1]
    given = frame.assign(p=p)
    with pytest.raises(OptionError, match="at which share they were trained is not known"):
        given.imb.best_threshold("y", scores="p", pos_label="yes", prevalence=PREVALENCE)
    with pytest.raises(OptionError, match="at which share they were trained is not known"):
        frame.imb.fit_eval("y", model=model, fitted=True, pos_label="yes", prevalence=PREVALENCE)
    share = p.mean()
    factor = PREVALENCE / (1 - PREVALENCE) / (share / (1 - share))
    given["p"] = p * factor / (p * factor + 1 - p)
    t = given.imb.best_threshold(
        "y", scores="p", pos_label="yes", prevalence=PREVALENCE, cost={"fp": 1, "fn": 30}
    )
    assert t.theory == pytest.approx(1 / 31)


def test_several_classes_come_to_their_shares():
    rng = np.random.default_rng(3)
    y = np.repeat(["a", "b", "c"], 400)
    X = rng.standard_normal((1200, 2)) + np.repeat([[0, 0], [1.2, 0], [0, 1.2]], 400, axis=0)
    frame = pd.DataFrame(X, columns=["u", "v"]).assign(y=y)
    shares = {"a": 0.9, "b": 0.08, "c": 0.02}
    e = frame.imb.fit_eval("y", prevalence=shares, strategies=["class_weight"], progress=False)
    plain = frame.imb.fit_eval("y", strategies=["class_weight"], progress=False)
    raw = plain.model("none").predict_proba(frame)
    moved = raw * np.array(list(shares.values())) / (1 / 3)
    told = e.model("none").predict_proba(frame)
    assert told == pytest.approx(moved / moved.sum(axis=1, keepdims=True), abs=1e-12)
    test = e.scores.query("strategy == 'none' and part == 'test'")
    codes = test["y"].map({"a": 0, "b": 1, "c": 2}).to_numpy()
    w = 3 * np.array(list(shares.values()))[codes]
    p = test[["probability_a", "probability_b", "probability_c"]].to_numpy()
    assert e.frame.loc["none", "log_loss"] == pytest.approx(log_loss(codes, p, sample_weight=w), rel=1e-12)
    assert e.frame.loc["none", "accuracy"] == pytest.approx(np.average(p.argmax(axis=1) == codes, weights=w))


@pytest.mark.slow
def test_a_forest_is_checked_like_the_others(frame):
    model = RandomForestClassifier(30, random_state=0)
    e = frame.imb.fit_eval(
        "y", pos_label="yes", model=model, strategies=[], prevalence=PREVALENCE, progress=False
    )
    assert e.frame.loc["none", "mean_probability"] == pytest.approx(PREVALENCE, rel=0.2)
