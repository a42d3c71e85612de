"""``"smote+original_weight"``: weights of the original counts on top of SMOTE, its price, and its code."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, precision_score, recall_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError
from imbalance_accessor.ipython import magic
from imbalance_accessor.ipython.completion import complete

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

NAME = "smote+original_weight"
QUICK = {"strategies": [NAME], "n_jobs": 1, "progress": False, "cv": 2}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def frame(labels=("no", "yes"), shares=(0.85, 0.15), n=300):
    rng = np.random.default_rng(0)
    y = rng.choice(len(labels), n, p=shares)
    X = rng.normal(size=(n, 3)) + y[:, None]
    return pd.DataFrame(X, columns=list("abc")).assign(y=np.array(labels)[y])


def weights(y):
    """n / (k · n_c), by hand."""
    labels, counts = np.unique(y, return_counts=True)
    return {label: len(y) / (len(labels) * count) for label, count in zip(labels, counts, strict=True)}


def parts(df, y):
    X = df.drop(columns="y")
    return train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)


def by_hand(model, df, y):
    """Out-of-fold and test scores of an imbalanced-learn pipeline, fold by fold."""
    X_train, X_test, y_train, y_test = parts(df, y)
    pipeline = make_pipeline(SMOTE(random_state=0), model(y_train))
    folds = StratifiedKFold(2, shuffle=True, random_state=0).split(X_train, y_train)
    oof = np.zeros((len(y_train), y_train.nunique()))
    for seen, held in folds:
        X_seen, y_seen = X_train.iloc[seen].to_numpy(), y_train.iloc[seen].to_numpy()
        oof[held] = scores(pipeline.fit(X_seen, y_seen), X_train.iloc[held])
    return oof, scores(pipeline.fit(X_train.to_numpy(), y_train.to_numpy()), X_test), y_test


def scores(model, X):
    if hasattr(model, "predict_proba"):
        return model.predict_proba(X.to_numpy())
    margin = model.decision_function(X.to_numpy())
    return np.c_[-margin, margin]


def ratio(y):
    """Negatives over positives, as a booster's second class weighs."""
    counts = np.unique(y, return_counts=True)[1]
    return counts[0] / counts[1]


MODELS = {
    "logistic": (
        lambda: LogisticRegression(max_iter=1000),
        lambda y: LogisticRegression(max_iter=1000, class_weight=weights(y)),
    ),
    "forest": (
        lambda: RandomForestClassifier(8, random_state=0),
        lambda y: RandomForestClassifier(8, random_state=0, class_weight=weights(y)),
    ),
    "boosting": (
        lambda: HistGradientBoostingClassifier(max_iter=5, early_stopping=False, random_state=0),
        lambda y: HistGradientBoostingClassifier(
            max_iter=5,
            early_stopping=False,
            random_state=0,
            class_weight=dict(enumerate(weights(y).values())),
        ),  # which looks weights up by code
    ),
    "svm": (SVC, lambda y: SVC(class_weight=weights(y))),
}


@pytest.mark.quick(3)
@pytest.mark.parametrize("labels", [("no", "yes"), ("z", "b"), (False, True), (3, 7), (0, 1)])
@pytest.mark.parametrize("model", MODELS)
def test_scores_are_those_of_a_pipeline_written_by_hand_to_the_bit(model, labels):
    make, weighted = MODELS[model]
    df = frame(labels)
    found = df.imb.fit_eval("y", model=make(), preprocess=None, **QUICK)
    oof, test, _ = by_hand(weighted, df, df["y"])
    got = found.scored.by_name[NAME]
    assert (got.oof == oof).all()
    assert (got.test == test).all()


def test_three_classes_weigh_as_their_counts_did():
    df = frame(("a", "b", "c"), (0.7, 0.2, 0.1), 400)
    model = lambda y: LogisticRegression(class_weight=weights(y))  # noqa: E731
    found = df.imb.fit_eval("y", model=LogisticRegression(), preprocess=None, **QUICK)
    oof, test, _ = by_hand(model, df, df["y"])
    assert (found.scored.by_name[NAME].oof == oof).all()
    assert (found.scored.by_name[NAME].test == test).all()
    assert "against the largest" in str(found.findings)


@pytest.mark.parametrize("label", ["a", "c"])
def test_one_class_against_the_rest_is_weighted_as_two_sides(label):
    df = frame(("a", "b", "c"), (0.7, 0.2, 0.1), 400)
    y = df["y"] == label
    found = df.imb.fit_eval("y", model=LogisticRegression(), preprocess=None, pos_label=label, **QUICK)
    X_train, X_test, y_train, _ = train_test_split(
        df[list("abc")], df["y"], test_size=0.2, stratify=df["y"], random_state=0
    )
    y_train = y.loc[y_train.index]
    made = SMOTE(random_state=0).fit_resample(X_train.to_numpy(), y_train.to_numpy())
    model = LogisticRegression(class_weight=weights(y_train)).fit(*made)
    assert (found.scored.by_name[NAME].test == model.predict_proba(X_test.to_numpy())).all()


@pytest.mark.parametrize("labels", [("no", "yes"), ("z", "b")])
def test_a_booster_of_codes_weighs_its_second_class(labels):
    df = frame(labels)
    make = lambda **given: xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1, **given)  # noqa: E731
    found = df.imb.fit_eval("y", model=make(), preprocess=None, **QUICK)
    X_train, X_test, y_train, _ = parts(df, (df["y"] == max(labels)).astype(int))
    made = SMOTE(random_state=0).fit_resample(X_train.to_numpy(), y_train.to_numpy())
    model = make(scale_pos_weight=ratio(y_train)).fit(*made)
    assert (found.scored.by_name[NAME].test == model.predict_proba(X_test.to_numpy())).all()


# ---------------------------------------------------------------- its price


@pytest.fixture(scope="module")
def priced():
    X, y = make_classification(
        n_samples=2000, n_features=10, n_informative=5, weights=[0.95, 0.05], flip_y=0.01, random_state=42
    )
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(10)]).assign(y=y)


def test_the_price_shows_in_its_figures_and_a_finding_names_it(priced):
    options = {"preprocess": None, "random_state": 42, "n_jobs": 1, "progress": False}
    model = LogisticRegression(max_iter=1000, random_state=42)
    found = priced.imb.fit_eval("y", model=model, strategies=["smote", NAME], **options)
    row = found.frame.loc[NAME]
    assert (f"{row['recall']:.3f}", f"{row['precision']:.3f}") == ("0.955", "0.083")
    # the same by hand
    X_train, X_test, y_train, y_test = train_test_split(
        priced.drop(columns="y"), priced["y"], test_size=0.2, stratify=priced["y"], random_state=42
    )
    made = SMOTE(random_state=42).fit_resample(X_train.to_numpy(), y_train.to_numpy())
    by_hand = LogisticRegression(max_iter=1000, random_state=42, class_weight=weights(y_train)).fit(*made)
    p = by_hand.predict_proba(X_test.to_numpy())[:, 1]
    assert row["recall"] == recall_score(y_test, p >= 0.5)
    assert row["precision"] == precision_score(y_test, p >= 0.5)
    assert row["brier"] == pytest.approx(brier_score_loss(y_test, p), abs=1e-12)
    assert row["brier"] > 2 * found.frame.loc["smote", "brier"] > 4 * found.frame.loc["none", "brier"]
    (said,) = [each for each in found.findings if each.code == "IMB110"]
    times = (y_train == 0).sum() / (y_train == 1).sum()
    assert f"by {times:.3g}, its weight by {times:.3g} again, {times**2:.0f} in all" in said.message
    cured = priced.imb.fit_eval("y", model=model, strategies=["smote", "class_weight"], **options)
    assert "IMB110" not in cured.findings.codes


def test_one_that_takes_no_weights_behind_synthetic_rows_is_told_which_does():
    df = frame()
    found = df.imb.fit_eval("y", model="naive_bayes", **QUICK)
    assert NAME not in found.frame.index
    (said,) = [each for each in found.findings if each.code == "IMB304"]
    assert "such as 'logistic'" in said.cure
    assert NAME in df.imb.fit_eval("y", model="logistic", **QUICK).frame.index
    with pytest.raises(ModelError, match="the rows are made inside the pipeline"):
        df.imb.best_threshold("y", model="naive_bayes", strategy=NAME, progress=False)


# ---------------------------------------------------------------- its code

CASES = {
    "text labels": (frame, {}),
    "codes": (lambda: frame((0, 1)), {}),
    "bool labels": (lambda: frame((False, True)), {}),
    "one against the rest": (lambda: frame(("a", "b", "c"), (0.7, 0.2, 0.1), 400), {"pos_label": "c"}),
    "three classes": (lambda: frame(("a", "b", "c"), (0.7, 0.2, 0.1), 400), {}),
    "boosting": (frame, {"model": "boosting"}),
    "forest": (frame, {"model": RandomForestClassifier(8, random_state=0)}),
    "svm": (frame, {"model": "svm"}),
    "xgboost": (frame, {"model": xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1)}),
    "lightgbm": (
        frame,
        {"model": lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1, deterministic=True)},
    ),
    "a search": (frame, {"model": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)}),
    "own pipeline": (
        frame,
        {"model": Pipeline([("units", StandardScaler()), ("last", LogisticRegression())])},
    ),
    "groups": (lambda: frame().assign(who=lambda df: np.arange(len(df)) % 40), {"groups": "who"}),
    "time": (lambda: frame().assign(t=lambda df: np.arange(len(df))), {"time": "t"}),
    "mixed columns": (lambda: imb.make_churn(160, 0.25).rename(columns={"churn": "y"}), {}),
}


@pytest.mark.quick(3)
@pytest.mark.parametrize("case", CASES)
def test_the_code_gives_the_same_numbers(case, run):
    make, options = CASES[case]
    df = make()
    found = df.imb.fit_eval("y", **QUICK | options)
    rows = run(found.snippet(style="full"), df=df.copy())["rows"]
    assert list(rows) == ["none", NAME]
    for name, figures in rows.items():
        wanted = found.frame.loc[name, list(figures)].to_numpy(float)
        got = np.array([float(value) for value in figures.values()])
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("labels", [("no", "yes"), (0, 1)])
def test_the_code_of_reliability_gives_the_same_numbers(labels, run):
    df = frame(labels, n=600)
    found = df.imb.reliability("y", **QUICK)
    rows = run(found.snippet(style="full"), df=df.copy())["rows"]
    assert (NAME, "sigmoid") in rows
    for key, figures in rows.items():
        wanted = found.frame.loc[key, list(figures)].to_numpy(float)
        got = np.array([float(value) for value in figures.values()])
        assert got == pytest.approx(wanted, rel=1e-7, abs=1e-7, nan_ok=True), key


def test_weights_of_ones_own_that_name_labels_have_code_that_runs_too(run):
    df = frame()
    model = LogisticRegression(class_weight={"no": 1.0, "yes": 3.0})
    found = df.imb.reliability("y", model=model, **QUICK | {"strategies": []})
    rows = run(found.snippet(style="full"), df=df.copy())["rows"]
    got = [rows["none", name]["brier"] for name in ("none", "sigmoid", "isotonic")]
    assert got == pytest.approx(
        [found.frame.loc[("none", name), "brier"] for name in ("none", "sigmoid", "isotonic")]
    )


def test_the_code_of_best_threshold_gives_the_same_threshold(run):
    df = frame()
    found = df.imb.best_threshold("y", strategy=NAME, cv=2, progress=False)
    oof = run(found.snippet(style="full"), df=df.copy())["oof"]
    assert oof == pytest.approx(found.strategy_scores.labelled_scores.score_oof, abs=1e-12)


def test_the_trace_tells_the_weights():
    df = frame()
    stages = df.imb.fit_eval("y", **QUICK).trace(NAME).stages
    no, yes = (float(f"{weight:.3g}") for weight in weights(parts(df, df["y"])[2]).values())
    assert stages[-2].what == f"LogisticRegression, class_weight={{'no': {no}, 'yes': {yes}}}"


def test_tab_and_help_offer_it(capsys):
    assert complete("%imbalance fit_eval df y --strategies smote+", {})[1] == ["smote+class_weight", NAME]
    magic.run_line(None, "fit_eval --help")
    assert NAME in capsys.readouterr().out
