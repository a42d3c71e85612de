"""`reliability`: its rows, its choice and what it hands out, held against plain loops and scikit-learn."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from normals import codes, numbers, trees, with_scores
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, _SigmoidCalibration
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.naive_bayes import GaussianNB
from threadpoolctl import threadpool_limits

import imbalance_accessor  # noqa: F401 (registers the accessor)
from imbalance_accessor.errors import ModelError, OptionError
from imbalance_accessor.evaluation import fit, score_folds
from imbalance_accessor.modeling import calibrators

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2, "preprocess": None}
ROWS = ("none", "prior", "sigmoid", "isotonic")


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def weighted():
    return numbers().imb.reliability("y", strategies=["class_weight", "undersample"], **QUICK)


# --- the rows


def test_the_frame_lists_every_calibrator_of_every_strategy_untouched_first(weighted):
    frame = weighted.frame
    assert frame.index.names == ["strategy", "calibrator"]
    strategies = ("none", "class_weight", "undersample")
    assert list(frame.index) == [(name, calibrator) for name in strategies for calibrator in ROWS]
    bounded = ("brier", "brier_skill", "log_loss", "mean_probability", "average_precision", "prevalence")
    wald = ("calibration_intercept", "calibration_slope")
    for name in (*bounded, *wald):
        assert (frame[f"{name}_low"] <= frame[name]).all() and (frame[name] <= frame[f"{name}_high"]).all()
    rest = {"miscalibration", "discrimination", "uncertainty", "ece", "brier_cv", "log_loss_cv"}
    rest |= {f"{name}_{end}" for name in ("miscalibration", "ece") for end in ("expected", "expected_high")}
    assert rest | {"mean_probability_cv"} <= set(frame.columns)
    parts = frame["miscalibration"] - frame["discrimination"] + frame["uncertainty"]
    assert parts.to_numpy() == pytest.approx(frame["brier"].to_numpy(), abs=1e-12)


@pytest.mark.slow
def test_calibrators_stand_in_one_order_however_they_are_asked_for():
    frame = numbers(n=200)
    for asked in (["isotonic", "prior", "none"], ("prior", "isotonic"), {"isotonic", "prior"}):
        found = frame.imb.reliability("y", calibrators=asked, **QUICK)
        assert [calibrator for _, calibrator in found.frame.index] == ["none", "prior", "isotonic"]
    assert list(frame.imb.reliability("y", calibrators="sigmoid", **QUICK).frame.index) == [
        ("none", "none"),
        ("none", "sigmoid"),
    ]


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [(0, 1), ("stay", "leave")])
@pytest.mark.parametrize("model", [LogisticRegression(), GaussianNB(), trees()])
def test_rows_equal_scikit_learn(labels, model):
    frame = numbers(labels=labels)
    found = frame.imb.reliability("y", model=model, calibrators=["sigmoid", "isotonic"], **QUICK)
    X, y = frame[["a", "b", "c"]], frame["y"]
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    folds = StratifiedKFold(2, shuffle=True, random_state=0)
    positive = labels[1]
    for calibrator in ("none", "sigmoid", "isotonic"):
        fitted = model
        if calibrator != "none":
            fitted = CalibratedClassifierCV(model, method=calibrator, cv=folds, ensemble=False)
        fitted = fitted.fit(X, y)
        p = fitted.predict_proba(X_test)[:, list(fitted.classes_).index(positive)]
        row = found.frame.loc["none", calibrator]
        # a sigmoid is found to six digits, from one end of the labels or the other
        near = {"rel": 1e-5} if calibrator == "sigmoid" else {"abs": 1e-12}
        assert row["brier"] == pytest.approx(np.mean((p - (y_test == positive)) ** 2), **near)
        assert row["log_loss"] == pytest.approx(sk.log_loss(y_test == positive, p), **near)
        assert row["mean_probability"] == pytest.approx(p.mean(), **near)
        ranked = sk.average_precision_score(y_test == positive, p)
        assert row["average_precision"] == pytest.approx(ranked, abs=1e-12)
        handed = found.model(calibrator).predict_proba(frame.loc[X_test.index])
        assert handed[:, list(found.model(calibrator).classes_).index(positive)] == pytest.approx(p, rel=1e-5)


# --- the choice


def plain_loop(p, y, fold, method, margin):
    """Fit a calibrator on all folds but one, and apply it to that one."""
    crossed, score = np.empty(len(p)), np.log(p / (1 - p)) if margin else p
    for held in set(fold):
        inside = fold == held
        if method == "isotonic":
            one = IsotonicRegression(out_of_bounds="clip").fit(score[~inside], y[~inside])
            crossed[inside] = one.predict(score[inside])
            continue
        # Platt's targets, by a logistic regression on doubled rows
        n_pos, n_neg = y[~inside].sum(), (~y[~inside]).sum()
        high, low = (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2)
        target = np.where(y[~inside], high, low)
        X = np.repeat(score[~inside], 2)[:, None]
        weights = np.column_stack([target, 1 - target]).ravel()
        labels = np.tile([1, 0], (~inside).sum())
        line = LogisticRegression(C=np.inf, tol=1e-10, max_iter=2000).fit(X, labels, sample_weight=weights)
        crossed[inside] = line.predict_proba(score[inside][:, None])[:, 1]
    return crossed


@pytest.mark.quick(1)
@pytest.mark.parametrize(("model", "margin"), [(LogisticRegression(), True), (trees(), False)])
def test_out_of_fold_figures_are_cross_fitted(model, margin):
    found = numbers().imb.reliability("y", model=model, strategies=["class_weight"], **QUICK | {"cv": 3})
    for name in ("none", "class_weight"):
        sides = found.scores_by_strategy[name].labelled_scores
        y, p = sides.y_oof, sides.score_oof
        assert len(y) == 480 and set(sides.fold) == {0, 1, 2}
        for calibrator in ROWS:
            row = found.frame.loc[name, calibrator]
            crossed = p
            if calibrator == "prior":
                odds_shift = found.report.odds_shift[name]
                crossed = p / odds_shift / (p / odds_shift + 1 - p)
            elif calibrator != "none":
                crossed = plain_loop(p, y, sides.fold, calibrator, margin)
            near = {"rel": 1e-5} if calibrator == "sigmoid" else {"abs": 1e-10}
            assert row["brier_cv"] == pytest.approx(np.mean((crossed - y) ** 2), **near)
            assert row["mean_probability_cv"] == pytest.approx(crossed.mean(), **near)
            assert row["log_loss_cv"] == pytest.approx(sk.log_loss(y, crossed), **near)


@pytest.mark.quick(1)
@pytest.mark.parametrize("model", [LogisticRegression(), trees(), GaussianNB()])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_best_is_the_simplest_within_one_standard_error_or_of_a_forest_the_lowest(model, seed):
    found = numbers(seed=seed).imb.reliability("y", model=model, strategies=["oversample"], **QUICK)
    for name in found.scores_by_strategy:
        rows = {calibrator: row for (each, calibrator), row in found.report.rows.items() if each == name}
        y = found.scores_by_strategy[name].labelled_scores.y_oof
        loss = {calibrator: (row.crossed - y) ** 2 for calibrator, row in rows.items()}
        low, high = found.report.learned[1:]
        if not low <= rows["prior"].cv["mean_probability"] <= high:
            loss.pop("prior")
        loss.pop("isotonic") if y.sum() < 100 else None
        if isinstance(model, RandomForestClassifier):
            steps = loss.pop("isotonic", None)
        least = min(loss, key=lambda calibrator: round(loss[calibrator].mean(), 12))
        if isinstance(model, RandomForestClassifier):
            behind = np.zeros(len(y)) if steps is None else loss[least] - steps
            clearly = behind.mean() > behind.std() / len(y) ** 0.5
            assert found.best[name] == ("isotonic" if clearly else least)
            continue
        for calibrator in ROWS:
            if calibrator in loss:
                behind = loss[calibrator] - loss[least]
                if behind.mean() <= behind.std() / len(y) ** 0.5:
                    assert found.best[name] == calibrator
                    break
    plain, over = found.best["none"], found.best["oversample"]
    assert over != "none" and (plain == "none" or not isinstance(model, LogisticRegression))
    assert over != "prior" or not isinstance(model, RandomForestClassifier)


# --- what is fitted on what


class Watched(ClassifierMixin, BaseEstimator):
    """Notes which rows it was fitted on and scored, by their marks."""

    fitted: ClassVar[list] = []
    scored: ClassVar[list] = []

    def fit(self, X, y):
        self.fitted.append(X["mark"].tolist())
        self.inner_ = LogisticRegression().fit(X[["a"]], y)
        self.classes_ = self.inner_.classes_
        return self

    def predict_proba(self, X):
        self.scored.append(X["mark"].tolist())
        return self.inner_.predict_proba(X[["a"]])


@pytest.mark.quick(1)
@pytest.mark.parametrize("strategy", ["oversample", "undersample", "smote"])
def test_calibrators_see_every_untouched_train_row_and_test_rows_are_scored_once(strategy, monkeypatch):
    frame = numbers().assign(mark=lambda each: 2.0 * np.arange(len(each)))
    sizes = {"sigmoid": [], "isotonic": []}
    monkeypatch.setattr(Watched, "fitted", [])
    monkeypatch.setattr(Watched, "scored", [])

    for method, kind in (("sigmoid", _SigmoidCalibration), ("isotonic", IsotonicRegression)):

        def noted(self, X, y, sample_weight=None, of=method, before=kind.fit):
            sizes[of].append((len(y), int(np.sum(y))))
            return before(self, X, y, sample_weight)

        monkeypatch.setattr(kind, "fit", noted)
    found = frame.imb.reliability("y", model=Watched(), strategies=[strategy], **QUICK)
    train, test = train_test_split(frame, test_size=0.2, stratify=frame["y"], random_state=0)
    halves = [held for _, held in StratifiedKFold(2, shuffle=True, random_state=0).split(train, train["y"])]
    wanted = [(len(half), int(train["y"].iloc[half].sum())) for half in halves]
    for each in sizes.values():  # none and the strategy: all train rows, and each half
        assert sorted(each) == sorted(2 * [(len(train), int(train["y"].sum())), *wanted])
    marks = set(test["mark"])
    assert not any(marks & set(rows) for rows in Watched.fitted)
    held_out = [rows for rows in Watched.scored if marks & set(rows)]
    assert held_out == [test["mark"].tolist()] * 2
    assert len(found.report.y) == len(test)


def test_a_comparison_reuses_its_scores(monkeypatch):
    frame = numbers(labels=("stay", "leave"))
    asked = {
        "calibrators": ["prior", "sigmoid", calibrators.known_calibrators()[-1]],
        "bins": "uniform",
        "n_bins": 7,
    }
    fresh = frame.imb.reliability("y", strategies=["class_weight", "smote"], **asked, **QUICK)
    e = frame.imb.fit_eval("y", strategies=["class_weight", "smote"], **QUICK)

    def refuse(*args, **kwargs):
        raise AssertionError("something was fitted")

    for owner, name in (
        (fit, "fit_and_score"),
        (score_folds, "fit_and_score"),
        (score_folds, "run_all"),
        (LogisticRegression, "fit"),
    ):
        monkeypatch.setattr(owner, name, refuse)
    pd.testing.assert_frame_equal(
        e.reliability(["none", "class_weight", "smote"], **asked).frame, fresh.frame
    )
    assert list(e.reliability(**asked).scores_by_strategy) == [e.best]
    two = e.reliability(["smote", "none", "smote"], **asked)
    assert list(two.scores_by_strategy) == ["smote", "none"]
    pd.testing.assert_frame_equal(two.frame.loc[["smote"]], fresh.frame.loc[["smote"]])
    assert list(e.reliability("class_weight", **asked).scores_by_strategy) == ["class_weight"]
    for wrong, said in ((["smot"], "Did you mean 'smote'"), ([], "names none")):
        with pytest.raises(OptionError, match=said):
            e.reliability(wrong)
    with pytest.raises(OptionError, match="Did you mean 'prior'"):
        e.reliability(calibrators=["priar"])


@pytest.mark.slow
def test_models_are_laid_side_by_side_under_their_names():
    frame, models = numbers(), {"plain": LogisticRegression(), "bayes": GaussianNB()}
    alone = frame.imb.reliability("y", model=models, calibrators=(), **QUICK)
    assert list(alone.frame.index) == [("plain", "none"), ("bayes", "none")]
    two = frame.imb.reliability("y", model=models, strategies=["class_weight"], calibrators=(), **QUICK)
    names = [f"{model}: {strategy}" for model in models for strategy in ("none", "class_weight")]
    assert list(two.frame.index) == [(name, "none") for name in names]
    bayes = frame.imb.reliability("y", model=GaussianNB(), calibrators=(), **QUICK)
    assert two.frame.loc["bayes: none"].equals(bayes.frame.loc["none"])


# --- scores that come with the rows


def test_given_scores_are_calibrated_on_train_and_reported_on_test():
    frame = with_scores()
    found = frame.imb.reliability("y", scores="p", test_size=0.25, cv=3)
    assert list(found.frame.index) == [
        ("scores", calibrator) for calibrator in ("none", "sigmoid", "isotonic")
    ]
    assert "IMB505" in codes(found)
    train, test = train_test_split(frame, test_size=0.25, stratify=frame["y"], random_state=0)
    steps = IsotonicRegression(out_of_bounds="clip").fit(train["p"], train["y"])
    for calibrator, p in (("none", test["p"]), ("isotonic", steps.predict(test["p"]))):
        row = found.frame.loc["scores", calibrator]
        assert row["brier"] == pytest.approx(sk.brier_score_loss(test["y"], p), abs=1e-12)
        assert row["brier_skill"] == pytest.approx(1 - row["brier"] / test["y"].var(ddof=0), abs=1e-12)
        assert row["average_precision"] == pytest.approx(sk.average_precision_score(test["y"], p), abs=1e-12)
        assert row["mean_probability"] == pytest.approx(np.mean(p), abs=1e-12)
    with pytest.raises(ModelError, match=r"Nothing was fitted.*'p'"):
        found.model()


def test_without_calibrators_all_given_scores_are_reported():
    frame = with_scores()
    found = frame.imb.reliability("y", scores="p", calibrators=())
    assert list(found.frame.index) == [("scores", "none")] and len(found.report.y) == len(frame)
    row = found.frame.loc["scores", "none"]
    assert row["brier"] == pytest.approx(sk.brier_score_loss(frame["y"], frame["p"]), abs=1e-12)
    assert row["prevalence"] == pytest.approx(frame["y"].mean(), abs=1e-12)
    edges = np.quantile(frame["p"], np.linspace(0, 1, 11))
    place = np.searchsorted(np.unique(edges)[1:-1], frame["p"])
    gaps = [abs((frame["p"] - frame["y"])[place == each].sum()) for each in set(place)]
    assert row["ece"] == pytest.approx(sum(gaps) / len(frame), abs=1e-12)


def test_with_nothing_held_out_what_is_reported_is_cross_fitted():
    found = with_scores().imb.reliability("y", scores="p", test_size=0, cv=3)
    sides = found.scores_by_strategy["scores"].labelled_scores
    for calibrator in ("sigmoid", "isotonic"):
        crossed = plain_loop(sides.score_oof, sides.y_oof, sides.fold, calibrator, margin=False)
        row = found.frame.loc["scores", calibrator]
        assert row["brier"] == pytest.approx(row["brier_cv"], abs=1e-15)
        assert row["brier"] == pytest.approx(np.mean((crossed - sides.y_oof) ** 2), rel=1e-5)
