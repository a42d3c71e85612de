"""The way of the rows, round by round, row by row: against pipelines run by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from explained import Cut, numbers_in, strays
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline as SamplingPipeline
from scipy.stats import rankdata
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from traced import COMPARED, QUICK, plain

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError, OptionError

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


@pytest.fixture(scope="module")
def numeric() -> pd.DataFrame:
    return plain()


@pytest.fixture(scope="module")
def compared(numeric):
    return numeric.imb.fit_eval("y", strategies=COMPARED, **QUICK)


def test_a_thousand_rows_become_fourteen_hundred_and_forty(compared):
    found = compared.trace("smote")
    assert list(found.frame.index) == ["raw", "split", "scale", "resample", "fit", "test"]
    assert found.frame["rows"].tolist() == [1000, 800, 800, 1440, 1440, 0]
    assert found.frame["rows[yes]"].tolist() == [100, 80, 80, 720, 720, 0]
    assert found.frame["rows[no]"].tolist() == [900, 720, 720, 720, 720, 0]
    assert found.frame["test_rows"].tolist() == [0, 200, 200, 200, 200, 200]
    assert found.frame["test_rows[yes]"].tolist() == [0, 20, 20, 20, 20, 20]
    assert set(found.frame.loc["raw":"fit", "columns"]) == {5}
    assert "1,000 × 5 → 800 / 200 → 1,440\n" in repr(found)
    assert "learns from 1,440 rows, which its sampler makes of the 800 train rows" in " ".join(
        repr(found).split()
    )


@pytest.mark.parametrize(
    ("name", "rows"), [("none", 800), ("class_weight", 800), ("oversample", 1440), ("undersample", 160)]
)
def test_each_strategy_learns_from_its_own_rows(compared, name, rows):
    assert compared.trace(name).frame.loc["fit", "rows"] == rows


def test_without_a_name_it_is_the_best_one(compared):
    assert compared.trace().strategy_scores.name == compared.best


def test_the_classifier_says_how_it_is_weighted(compared, numeric):
    weighted = compared.trace("class_weight").stages[-2]
    assert weighted.what == "LogisticRegression, class_weight='balanced'"
    by_rows = numeric.imb.fit_eval("y", model="naive_bayes", strategies=["class_weight"], **QUICK)
    assert by_rows.trace("class_weight").stages[-2].what == "GaussianNB, balanced sample weights"


def test_the_stages_are_those_of_a_pipeline_run_by_hand():
    frame = imb.make_churn(600, 0.1)
    found = frame.imb.fit_eval("churn", strategies=["smote"], **QUICK)
    trace, parts = found.trace("smote"), found.scored.parts
    X, y = parts.train.X[found.reader.names], parts.train.y
    Z = parts.test.X[found.reader.names]
    assert trace.frame.index.tolist() == [
        "raw",
        "split",
        "impute",
        "scale",
        "resample",
        "encode",
        "fit",
        "test",
    ]
    for name, step in found.candidates["smote"].estimator.steps[:-1]:
        if name == "resample":
            X, y = step.fit_resample(X, y)
        else:
            X, Z = step.fit_transform(X, y), step.transform(Z)
        row = trace.frame.loc[name]
        assert (row["rows"], row["columns"], row["test_rows"], row["test_columns"]) == (*X.shape, *Z.shape)
        assert row["rows[yes]"] == (np.asarray(y) == "yes").sum()


@pytest.mark.slow
def test_a_pipeline_of_ones_own_keeps_its_names(numeric):
    model = SamplingPipeline([("units", StandardScaler()), ("off", "passthrough"), ("last", GaussianNB())])
    found = numeric.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK).trace("smote")
    assert found.frame.index.tolist() == ["raw", "split", "units", "resample", "fit", "test"]
    odd = make_pipeline(StandardScaler(), GaussianNB())
    odd.steps[0] = ("fit", odd.steps[0][1])
    renamed = numeric.imb.fit_eval("y", model=odd, strategies=[], **QUICK).trace()
    assert renamed.frame.index.tolist() == ["raw", "split", "fit (step)", "fit", "test"]


@pytest.mark.slow
def test_a_sampler_of_ones_own_pipeline_is_followed(numeric):
    model = SamplingPipeline([("more", SMOTE(sampling_strategy=0.5, random_state=0)), ("last", GaussianNB())])
    found = numeric.imb.fit_eval("y", model=model, strategies=[], **QUICK).trace()
    assert found.frame["rows"].tolist() == [1000, 800, 1080, 1080, 0]


def test_groups_columns_and_missing_labels_are_counted(numeric):
    frame = numeric.assign(who=np.arange(1000) // 4, twin=1.0)
    frame.loc[:9, "y"] = None
    found = frame.imb.fit_eval("y", groups="who", strategies=["smote"], **QUICK).trace("smote")
    assert found.frame.loc["raw", ["rows", "columns"]].tolist() == [990, 7]
    assert found.frame.loc["split", "columns"] == 5
    assert found.frame.loc["split", ["rows", "test_rows"]].sum() == 990


def test_a_test_frame_of_ones_own_is_held_out_from_the_start(numeric):
    found = numeric.iloc[:800].imb.fit_eval("y", test=numeric.iloc[800:], strategies=["smote"], **QUICK)
    assert found.trace("smote").frame.loc["raw", ["rows", "test_rows"]].tolist() == [800, 200]


@pytest.mark.slow
def test_several_classes_are_counted_each():
    frame = plain().assign(
        y=lambda df: np.where(df["y"] == "yes", "rare", np.where(df["a"] > 0, "up", "down"))
    )
    found = frame.imb.fit_eval("y", strategies=["smote"], **QUICK).trace("smote")
    fit = found.frame.loc["fit", ["rows[down]", "rows[rare]", "rows[up]"]]
    assert fit.max() == fit.min() > 100
    with pytest.raises(OptionError, match="has 3 classes here"):
        frame.imb.fit_eval("y", strategies=[], **QUICK).trace(row=0)
    one = frame.imb.fit_eval("y", pos_label="rare", strategies=["smote"], **QUICK).trace("smote")
    assert one.frame.loc["raw", ["rows[rest]", "rows[rare]"]].tolist() == [900, 100]
    assert one.frame.loc["fit", ["rows[rest]", "rows[rare]"]].tolist() == [720, 720]


def test_a_model_that_came_fitted_learns_from_nothing_here(numeric):
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(numeric[list("abcde")], numeric["y"])
    found = numeric.imb.fit_eval("y", model=model, fitted=True, **QUICK).trace()
    assert found.frame.index.tolist() == ["raw", "split", "standardscaler", "fit", "test"]
    assert found.frame.loc["fit", "rows"] == 0
    assert "Nothing was fitted here" in found.explain()


# --- rounds


def xgboost(**options):
    return pytest.importorskip("xgboost").XGBClassifier(n_jobs=1, **options)


def lightgbm(**options):
    return pytest.importorskip("lightgbm").LGBMClassifier(n_jobs=1, verbose=-1, **options)


ROUNDS = {
    "histograms": lambda n: HistGradientBoostingClassifier(max_iter=n, early_stopping=False),
    "gradient": lambda n: GradientBoostingClassifier(n_estimators=n, max_depth=2, random_state=0),
    "adaboost": lambda n: AdaBoostClassifier(n_estimators=n, random_state=0),
    "xgboost": lambda n: xgboost(n_estimators=n, max_depth=2),
    "lightgbm": lambda n: lightgbm(n_estimators=n, num_leaves=4),
    "network": lambda n: MLPClassifier([3], max_iter=n, random_state=0),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ROUNDS)
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_each_round_is_that_of_a_model_that_stopped_there(kind, numeric):
    """A model of 4 rounds, cross-validated by scikit-learn, is the fourth row."""
    found = numeric.imb.fit_eval("y", model=ROUNDS[kind](6), strategies=["oversample"], **QUICK)
    rounds = found.trace("oversample").rounds
    assert rounds.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert rounds["oof_average_precision"].iloc[-1] == pytest.approx(
        found.evaluated["oversample"].cv["average_precision"], rel=1e-9
    )
    assert rounds["oof_loss"].iloc[-1] == pytest.approx(
        found.evaluated["oversample"].cv["log_loss"], rel=1e-9
    )
    feed_y = (found.scored.parts.train.y == "yes").astype(int).to_numpy()
    X = found.scored.parts.train.X[list("abcde")]
    pipeline = found.candidates["oversample"].estimator
    pipeline = pipeline.__class__([*pipeline.steps[:-1], ("model", ROUNDS[kind](4))])
    folds = list(StratifiedKFold(2, shuffle=True, random_state=0).split(X, feed_y))
    oof = cross_val_predict(pipeline, X, feed_y, cv=folds, method="predict_proba")[:, 1]
    rank = np.empty(len(oof))
    for _, held in folds:
        rank[held] = rankdata(oof[held]) / len(held)
    precision = average_precision_score(feed_y, rank)
    assert rounds.loc[4, "oof_average_precision"] == pytest.approx(precision, rel=1e-6)
    assert rounds.loc[4, "oof_loss"] == pytest.approx(log_loss(feed_y, oof.astype(float)), rel=1e-6)
    inner = [
        log_loss(
            feed_y[learn],
            pipeline.fit(X.iloc[learn], feed_y[learn]).predict_proba(X.iloc[learn])[:, 1].astype(float),
        )
        for learn, _ in folds
    ]
    assert rounds.loc[4, "train_loss"] == pytest.approx(np.mean(inner), rel=1e-6)


@pytest.mark.quick(1)
@pytest.mark.parametrize("library", [xgboost, lightgbm])
def test_rounds_under_the_focal_loss(library, numeric):
    found = numeric.imb.fit_eval("y", model=library(n_estimators=5), strategies=["focal"], **QUICK)
    rounds = found.trace("focal").rounds
    assert rounds["oof_average_precision"].iloc[-1] == pytest.approx(
        found.evaluated["focal"].cv["average_precision"], rel=1e-9
    )


@pytest.mark.slow
def test_a_search_is_followed_with_what_it_chose(numeric):
    search = GridSearchCV(HistGradientBoostingClassifier(max_iter=3), {"max_depth": [1]}, cv=2)
    found = numeric.imb.fit_eval("y", model=search, strategies=["smote"], **QUICK)
    trace = found.trace("smote")
    assert trace.frame.loc["resample", "rows"] == 1440
    assert trace.rounds["oof_loss"].iloc[-1] == pytest.approx(
        found.evaluated["smote"].cv["log_loss"], rel=1e-9
    )


def test_several_classes_have_rounds_too():
    frame = plain(300, 5).assign(
        y=lambda df: np.where(df["y"] == "yes", "rare", np.where(df["a"] > 0, "up", "down"))
    )
    found = frame.imb.fit_eval("y", model=HistGradientBoostingClassifier(max_iter=4), strategies=[], **QUICK)
    rounds = found.trace().rounds
    for name in ("average_precision", "log_loss"):
        column = {"average_precision": "oof_average_precision", "log_loss": "oof_loss"}[name]
        assert rounds[column].iloc[-1] == pytest.approx(found.evaluated["none"].cv[name], rel=1e-9)


def test_many_rounds_are_looked_at_here_and_there(numeric):
    found = numeric.imb.fit_eval(
        "y", model=HistGradientBoostingClassifier(max_iter=90, max_depth=1), strategies=[], **QUICK
    )
    rounds = found.trace().rounds
    assert len(rounds) == 40
    assert rounds.index[0] == 1
    assert rounds.index[-1] == 90


def test_a_model_without_rounds_says_so(compared):
    with pytest.raises(ModelError, match="LogisticRegression has no rounds to show"):
        compared.trace("none").rounds
    with pytest.raises(OptionError, match="kind='rounds' is not known"):
        compared.trace("none").plot("rounds")


# --- its words


@pytest.mark.parametrize("strategy", ["none", "class_weight", "smote", "undersample"])
@pytest.mark.parametrize("part", ["", "train", "test"])
def test_every_number_in_its_words_is_its_own(compared, numeric, strategy, part):
    rows = {"raw": 1000, "train": 800, "test": 200, "columns": 5, "folds": 2}
    learned = {"smote": (1440, 720, 80), "undersample": (160, 720, 80)}.get(strategy, (800,))
    pool = [*rows.values(), *learned]
    row = getattr(compared.scored.parts, part).y.index[8] if part else None
    trace = compared.trace(strategy, row=row)
    if row is not None:
        sides = compared.scored.labelled_scores(strategy)
        score = (sides.score if part == "test" else sides.score_oof)[8]
        odds = np.log(score / (1 - score))
        fold = compared.scored.folds.ids[8] if part == "train" else 0
        factor = {"none": 1, "class_weight": 9, "smote": 9, "undersample": 9}[strategy]
        calibrated = score / (score + (1 - score) * factor)
        threshold = Cut(
            compared.evaluated[strategy].threshold, np.concatenate([sides.score, sides.score_oof])
        )
        pool += [
            int(row),
            score,
            calibrated,
            odds,
            -odds,
            0.5,
            threshold,
            int(fold),
            6,
            1,
            factor,
            *trace.terms["adds"],
        ]
    for audience in ("colleague", "interview"):
        said = str(trace.explain(audience=audience))
        assert numbers_in(said)
        assert strays(said, pool) == []


def test_the_words_of_rounds_are_those_of_the_table(numeric):
    found = numeric.imb.fit_eval(
        "y", model=HistGradientBoostingClassifier(max_iter=30), strategies=[], **QUICK
    )
    trace = found.trace()
    rounds = trace.rounds
    title = trace.plot("rounds")[0].figure._suptitle.get_text()
    least = rounds["oof_loss"].min()
    assert strays(title, [30, int(rounds["oof_loss"].idxmin()), least, rounds["oof_loss"].iloc[-1]]) == []
    assert f"{least:.4f}" in title


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("balanced_forest", "the 800 train rows, of which each tree undersamples its own"),
        ("rus_boost", "the 800 train rows, of which each member of the ensemble undersamples its own"),
        ("class_weight", "the 800 train rows as they are"),
    ],
)
def test_an_ensemble_that_resamples_inside_does_not_learn_from_rows_as_they_are(numeric, name, said):
    found = numeric.imb.fit_eval("y", strategies=[name], **QUICK).trace(name)
    assert f"{name!r} learns from {said}; the 200 test rows stay as they came" == found._card().title
    assert found._card().title in " ".join(str(found.explain()).split())
