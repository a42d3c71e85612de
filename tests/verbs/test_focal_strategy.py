"""``"focal"`` among the strategies: what is fitted, what is left out, what is said of its probabilities, its code."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation.prior_shift import odds_ratio_shift
from imbalance_accessor.modeling import focal
from imbalance_accessor.modeling.focal import FocalLogisticRegression

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")
FocalXGBClassifier, FocalLGBMClassifier = focal.FocalXGBClassifier, focal.FocalLGBMClassifier

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def plain(n=260, labels=("no", "yes"), seed=0):
    rng = np.random.default_rng(seed)
    shares = [*[0.8 / (len(labels) - 1)] * (len(labels) - 1), 0.2]
    y = rng.choice(len(labels), n, p=shares)
    X = rng.normal(size=(n, 3)) + 0.9 * y[:, None]
    return pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=np.array(labels)[y])


def churn():
    return imb.make_churn(200, 0.2)


def xgb(**options):
    return xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1, **options)


def lgbm(**options):
    return lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1, **options)


def compared(frame, target="y", **options):
    return frame.imb.fit_eval(target, **{**QUICK, "strategies": ["focal"], **options})


# ---------------------------------------------------------------- what is fitted


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("model", "own"),
    [
        ("logistic", make_pipeline(StandardScaler(), FocalLogisticRegression(max_iter=1000))),
        (LogisticRegression(C=0.1), make_pipeline(StandardScaler(), FocalLogisticRegression(C=0.1))),
        (xgb(), FocalXGBClassifier(n_estimators=5, max_depth=2, n_jobs=1)),
        (lgbm(), FocalLGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1)),
    ],
)
def test_its_row_is_that_of_the_classifier_fitted_by_hand(model, own):
    frame = plain()
    found = compared(frame, model=model)
    X, y = frame[["a", "b", "c"]], (frame["y"] == "yes").astype(int)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    p = own.fit(X_train, y_train).predict_proba(X_test)[:, 1].astype(float)
    row = found.frame.loc["focal"]
    assert row["average_precision"] == pytest.approx(average_precision_score(y_test, p))
    assert row["brier"] == pytest.approx(brier_score_loss(y_test, p))
    folds = list(StratifiedKFold(2, shuffle=True, random_state=0).split(X_train, y_train))
    oof = cross_val_predict(own, X_train, y_train, cv=folds, method="predict_proba")[:, 1]
    rank = np.empty(len(oof))
    for _, held in folds:
        rank[held] = rankdata(oof[held]) / len(held)
    assert row["average_precision_cv"] == pytest.approx(average_precision_score(y_train, rank))
    assert row["brier"] != found.frame.loc["none", "brier"]


@pytest.mark.slow
def test_the_users_own_pipeline_and_search_stay_around_it():
    steps = [("scale", StandardScaler()), ("last", LogisticRegression(C=0.5))]
    found = compared(plain(), model=Pipeline(steps))
    last = found.candidates["focal"].estimator[-1]
    assert (type(last), last.C) == (FocalLogisticRegression, 0.5)
    search = GridSearchCV(LogisticRegression(), {"C": [0.01, 1.0]}, cv=2)
    found = compared(plain(), model=search)
    assert found.candidates["focal"].estimator.param_grid == {"model__C": [0.01, 1.0]}
    assert type(found.candidates["focal"].estimator.estimator[-1]) is FocalLogisticRegression


@pytest.mark.slow
def test_trees_under_the_focal_loss_take_columns_as_trees_do():
    frame = churn()
    found = compared(frame, "churn", model=xgb())
    names = [[name for name, _ in found.candidates[each].estimator.steps] for each in ("none", "focal")]
    assert names[0] == names[1]
    assert "scale" not in names[0]
    as_model = compared(frame, "churn", model=FocalXGBClassifier(n_estimators=5, max_depth=2, n_jobs=1))
    columns = [name for name in found.frame.columns if not name.endswith(("_low", "_high"))]
    assert as_model.frame.loc["none", columns].tolist() == found.frame.loc["focal", columns].tolist()


@pytest.mark.slow
def test_the_model_that_is_handed_out_answers_in_labels():
    frame = plain()
    for model in ("logistic", xgb(), lgbm()):
        fitted = compared(frame, model=model).model("focal")
        assert set(fitted.predict(frame)) == {"no", "yes"}
        assert fitted.predict_proba(frame).sum(axis=1) == pytest.approx(np.ones(len(frame)))


# ---------------------------------------------------------------- what is left out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("forest", "RandomForestClassifier takes no loss of one's own"),
        ("boosting", "HistGradientBoostingClassifier takes no loss"),
        ("svm", "SVC takes no loss"),
        (LogisticRegression(class_weight="balanced"), "class_weight='balanced'"),
        (lgbm(scale_pos_weight=3), "scale_pos_weight=3"),
        (
            GridSearchCV(LogisticRegression(), {"fit_intercept": [True, False]}, cv=2),
            "the search tries 'fit_intercept', which FocalLogisticRegression has not",
        ),
    ],
)
def test_a_model_that_cannot_take_it_gets_no_row_and_a_reason(model, says):
    found = compared(plain(), model=model)
    assert "focal" not in found.frame.index
    (said,) = [finding for finding in found.findings if finding.code == "IMB304"]
    assert said.message.startswith("'focal' is left out: ")
    assert says in said.message
    assert said.cure


@pytest.mark.slow
def test_several_classes_are_left_out_and_one_against_the_rest_is_not():
    frame = plain(labels=("x", "y", "z"))
    found = compared(frame)
    (said,) = [finding for finding in found.findings if finding.code == "IMB304"]
    assert "two classes, and these are 3" in said.message
    assert "pos_label" in said.cure
    for model in ("logistic", xgb(), lgbm()):
        assert "focal" in compared(frame, model=model, pos_label="z").frame.index


def test_alone_it_is_refused_with_the_reason():
    with pytest.raises(ModelError, match="RandomForestClassifier takes no loss of one's own"):
        plain().imb.best_threshold("y", model=RandomForestClassifier(), strategy="focal", **QUICK)


# ---------------------------------------------------------------- its probabilities


def reliability(frame, **options):
    return frame.imb.reliability("y", **{**QUICK, "strategies": ["class_weight", "focal"], **options})


@pytest.mark.slow
def test_no_prior_correction_undoes_it_and_calibrators_do():
    found = reliability(plain(600))
    calibrators = found.frame.loc["focal"].index.tolist()
    assert calibrators == ["none", "sigmoid", "isotonic"]
    assert found.frame.loc["class_weight"].index.tolist() == ["none", "prior", "sigmoid", "isotonic"]
    assert np.isnan(odds_ratio_shift(found.scores_by_strategy["focal"]))
    (said,) = [finding for finding in found.findings if finding.code == "IMB505"]
    assert "'focal'" in said.message
    assert "sigmoid or isotonic" in said.cure
    for text in (repr(found), found.explain()):
        assert not re.search(r"\bnan\b", text)


def test_its_probabilities_are_drawn_towards_one_half_and_sigmoid_brings_them_back():
    found = reliability(plain(1500), strategies=["focal"], calibrators=["sigmoid"])
    rows = found.frame
    true = rows.loc[("none", "none"), "mean_probability"]
    assert rows.loc[("focal", "none"), "mean_probability"] > true + 0.03
    assert rows.loc[("focal", "none"), "calibration_slope"] > 1.2
    assert rows.loc[("focal", "sigmoid"), "mean_probability"] == pytest.approx(true, abs=0.02)
    assert found.report.chosen("focal") == "sigmoid"
    assert "The focal loss draws probabilities towards one half" in found.explain()


@pytest.mark.quick(1)
@pytest.mark.parametrize("model", [FocalLogisticRegression(), FocalLGBMClassifier(verbose=-1, n_jobs=1)])
def test_a_focal_model_of_ones_own_is_known_too(model):
    found = reliability(plain(), model=model, strategies=["none"])
    assert found.frame.loc["none"].index.tolist() == ["none", "sigmoid", "isotonic"]
    assert "IMB505" in found.findings.codes


# ---------------------------------------------------------------- code


CASES = {
    "logistic": (plain, "y", {"strategies": ["class_weight", "focal"]}),
    "text columns": (churn, "churn", {"strategies": ["smote", "focal"]}),
    "XGBoost": (plain, "y", {"model": xgb()}),
    "XGBoost by class": (churn, "churn", {"model": xgb(), "strategies": ["class_weight", "focal"]}),
    "LightGBM": (churn, "churn", {"model": lgbm()}),
    "one class against the rest": (lambda: plain(labels=("x", "y", "z")), "y", {"pos_label": "y"}),
    "true and false": (lambda: plain(labels=(False, True)), "y", {}),
    "a search": (plain, "y", {"model": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)}),
    "a focal model": (plain, "y", {"model": FocalXGBClassifier(n_jobs=1, n_estimators=4, focal_gamma=1.0)}),
}


def check_rows(found, rows, rel=1e-9):
    for name, figures in rows.items():
        wanted = found.frame.loc[name, list(figures)].to_numpy(float)
        assert [float(each) for each in figures.values()] == pytest.approx(wanted, rel=rel, abs=1e-12)


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", CASES)
def test_the_code_spells_the_class_out_and_gives_the_same_numbers(case, run, tmp_path):
    make, target, options = CASES[case]
    frame = make()
    found = compared(frame, target, **options)
    for style in ("full", "short"):
        code = found.snippet(style=style)
        assert code.count("\nclass Focal") == int("Focal" in code)
        space = run(code, df=frame.copy())
        if style == "full":
            named = [name for name in found.frame.index if name != "dummy"]
            assert set(space["rows"]) == set(named)
            assert code.count("\nclass Focal") == 1
        check_rows(found, space["rows"])
        check_with_ruff(code, tmp_path)


@pytest.mark.slow
def test_the_code_of_reliability_and_of_a_threshold_spells_it_out_too(run, tmp_path):
    frame = plain()
    found = reliability(frame)
    space = run(found.snippet(style="full"), df=frame.copy())
    assert ("focal", "prior") not in space["rows"]
    assert ("class_weight", "prior") in space["rows"]
    assert set(space["rows"]) == set(found.report.rows)
    check_rows(found, space["rows"], rel=1e-7)  # calibrators and the calibration line are found by iteration
    check_with_ruff(found.snippet(style="full"), tmp_path)
    for model in ("logistic", xgb(), lgbm()):
        threshold = frame.imb.best_threshold("y", model=model, strategy="focal", **QUICK)
        assert run(threshold.snippet(style="full"), df=frame.copy())["threshold"] == threshold.value
        classes, _, _ = threshold.snippet(style="full").partition("\n\n\ny = df")
        check_with_ruff(classes, tmp_path, ignore="F401")


def check_with_ruff(code, folder, *, ignore="E501"):
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        return
    path = folder / "snippet.py"
    path.write_text(f"{code}\n", encoding="utf-8")
    for words in (
        ["check", "--isolated", "--config", "builtins=['df']", "--ignore", ignore],
        ["format", "--isolated", "--check", "--diff"],
    ):
        done = subprocess.run([ruff, *words, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
