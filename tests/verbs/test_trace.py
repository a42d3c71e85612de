"""The way of the rows, round by round, row by row: against pipelines run by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from explained import Cut, numbers_in, strays
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline as SamplingPipeline
from scipy.special import expit
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import average_precision_score, log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

import imbalance_accessor as imb
from imbalance_accessor.errors import ImbalanceError, ModelError, OptionError

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"cv": 2, "n_jobs": 1, "progress": False}


def plain(n=1000, share=10, labels=("no", "yes")) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = np.arange(n) % share == 0
    X = rng.normal(size=(n, 5)) + y[:, None] * np.array([1.0, 0.5, 0.0, 0.0, 0.0])
    return pd.DataFrame(X, columns=list("abcde")).assign(y=np.array(labels)[y.astype(int)])


@pytest.fixture(scope="module")
def numeric() -> pd.DataFrame:
    return plain()


@pytest.fixture(scope="module")
def compared(numeric):
    return numeric.imb.fit_eval(
        "y", strategies=["class_weight", "oversample", "undersample", "smote"], **QUICK
    )


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
    assert compared.trace().origin.name == compared.best


def test_the_classifier_says_how_it_is_weighted(compared, numeric):
    weighted = compared.trace("class_weight").stages[-2]
    assert weighted.what == "LogisticRegression, class_weight='balanced'"
    by_rows = numeric.imb.fit_eval("y", model="naive_bayes", strategies=["class_weight"], **QUICK)
    assert by_rows.trace("class_weight").stages[-2].what == "GaussianNB, balanced sample weights"


def test_the_stages_are_those_of_a_pipeline_run_by_hand():
    frame = imb.make_churn(600, 0.1)
    found = frame.imb.fit_eval("churn", strategies=["smote"], **QUICK)
    trace, parts = found.trace("smote"), found.scored.parts
    X, y = parts.train.X[found.reading.names], parts.train.y
    Z = parts.test.X[found.reading.names]
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
    for name, step in found.plans["smote"].estimator.steps[:-1]:
        if name == "resample":
            X, y = step.fit_resample(X, y)
        else:
            X, Z = step.fit_transform(X, y), step.transform(Z)
        row = trace.frame.loc[name]
        assert (row["rows"], row["columns"], row["test_rows"], row["test_columns"]) == (*X.shape, *Z.shape)
        assert row["rows[yes]"] == (np.asarray(y) == "yes").sum()


def test_a_pipeline_of_ones_own_keeps_its_names(numeric):
    model = SamplingPipeline([("units", StandardScaler()), ("off", "passthrough"), ("last", GaussianNB())])
    found = numeric.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK).trace("smote")
    assert found.frame.index.tolist() == ["raw", "split", "units", "resample", "fit", "test"]
    odd = make_pipeline(StandardScaler(), GaussianNB())
    odd.steps[0] = ("fit", odd.steps[0][1])
    renamed = numeric.imb.fit_eval("y", model=odd, strategies=[], **QUICK).trace()
    assert renamed.frame.index.tolist() == ["raw", "split", "fit (step)", "fit", "test"]


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


@pytest.mark.parametrize("kind", ROUNDS)
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_each_round_is_that_of_a_model_that_stopped_there(kind, numeric):
    """A model of 4 rounds, cross-validated by scikit-learn, is the fourth row."""
    found = numeric.imb.fit_eval("y", model=ROUNDS[kind](6), strategies=["oversample"], **QUICK)
    rounds = found.trace("oversample").rounds
    assert rounds.index.tolist() == ([1, 2, 4, 6] if kind == "network" else [1, 2, 3, 4, 5, 6])
    assert rounds["oof_average_precision"].iloc[-1] == pytest.approx(
        found.judged["oversample"].cv["average_precision"], rel=1e-9
    )
    assert rounds["oof_loss"].iloc[-1] == pytest.approx(found.judged["oversample"].cv["log_loss"], rel=1e-9)
    feed_y = (found.scored.parts.train.y == "yes").astype(int).to_numpy()
    X = found.scored.parts.train.X[list("abcde")]
    pipeline = found.plans["oversample"].estimator
    pipeline = pipeline.__class__([*pipeline.steps[:-1], ("model", ROUNDS[kind](4))])
    folds = list(StratifiedKFold(2, shuffle=True, random_state=0).split(X, feed_y))
    oof = cross_val_predict(pipeline, X, feed_y, cv=folds, method="predict_proba")[:, 1]
    by_fold = [average_precision_score(feed_y[held], oof[held]) for _, held in folds]
    assert rounds.loc[4, "oof_average_precision"] == pytest.approx(np.mean(by_fold), rel=1e-6)
    assert rounds.loc[4, "oof_loss"] == pytest.approx(log_loss(feed_y, oof.astype(float)), rel=1e-6)
    inner = [
        log_loss(
            feed_y[learn],
            pipeline.fit(X.iloc[learn], feed_y[learn]).predict_proba(X.iloc[learn])[:, 1].astype(float),
        )
        for learn, _ in folds
    ]
    assert rounds.loc[4, "train_loss"] == pytest.approx(np.mean(inner), rel=1e-6)


@pytest.mark.parametrize("library", [xgboost, lightgbm])
def test_rounds_under_the_focal_loss(library, numeric):
    found = numeric.imb.fit_eval("y", model=library(n_estimators=5), strategies=["focal"], **QUICK)
    rounds = found.trace("focal").rounds
    assert rounds["oof_average_precision"].iloc[-1] == pytest.approx(
        found.judged["focal"].cv["average_precision"], rel=1e-9
    )


def test_a_search_is_followed_with_what_it_chose(numeric):
    search = GridSearchCV(HistGradientBoostingClassifier(max_iter=3), {"max_depth": [1]}, cv=2)
    found = numeric.imb.fit_eval("y", model=search, strategies=["smote"], **QUICK)
    trace = found.trace("smote")
    assert trace.frame.loc["resample", "rows"] == 1440
    assert trace.rounds["oof_loss"].iloc[-1] == pytest.approx(found.judged["smote"].cv["log_loss"], rel=1e-9)


def test_several_classes_have_rounds_too():
    frame = plain(300, 5).assign(
        y=lambda df: np.where(df["y"] == "yes", "rare", np.where(df["a"] > 0, "up", "down"))
    )
    found = frame.imb.fit_eval("y", model=HistGradientBoostingClassifier(max_iter=4), strategies=[], **QUICK)
    rounds = found.trace().rounds
    for name in ("average_precision", "log_loss"):
        column = {"average_precision": "oof_average_precision", "log_loss": "oof_loss"}[name]
        assert rounds[column].iloc[-1] == pytest.approx(found.judged["none"].cv[name], rel=1e-9)


def test_many_rounds_are_looked_at_here_and_there(numeric):
    found = numeric.imb.fit_eval(
        "y", model=HistGradientBoostingClassifier(max_iter=90, max_depth=1), strategies=[], **QUICK
    )
    rounds = found.trace().rounds
    assert len(rounds) == 40
    assert rounds.index[0] == 1
    assert rounds.index[-1] == 90


def test_a_model_without_rounds_says_so(compared):
    with pytest.raises(ModelError, match="LogisticRegression does not learn in rounds"):
        compared.trace("none").rounds
    with pytest.raises(OptionError, match="kind='rounds' is not known"):
        compared.trace("none").plot("rounds")


# --- one row


TERMS = {
    "logistic": ("logistic", "coefficients"),
    "margins": (make_pipeline(StandardScaler(), LinearSVC()), "coefficients"),
    "naive Bayes": ("naive_bayes", "likelihoods"),
    "forest": (RandomForestClassifier(20, random_state=0), "trees"),
    "extra trees": (ExtraTreesClassifier(20, random_state=0), "trees"),
    "neighbours": ("knn", "neighbours"),
    "boosting": ("boosting", "rounds"),
    "adaboost": (AdaBoostClassifier(n_estimators=9, random_state=0), "rounds"),
    "a kernel": (SVC(), ""),
    "huber": (make_pipeline(StandardScaler(), SGDClassifier(loss="modified_huber", random_state=0)), ""),
}


@pytest.mark.parametrize("labels", [("no", "yes"), ("zebra", "ant")])
@pytest.mark.parametrize("case", TERMS)
def test_the_terms_add_up_to_the_score_of_a_row_not_learned_from(case, labels):
    model, kind = TERMS[case]
    frame = plain(200, 5, labels)
    found = frame.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK)
    parts, sides = found.scored.parts, found.scored.sides("smote")
    for part, scores, place in (("train", sides.score_oof, 3), ("test", sides.score, 5)):
        row = getattr(parts, part).y.index[place]
        account = found.trace("smote", row=row).account
        assert (account.part, account.kind) == (part, kind)
        assert account.score == pytest.approx(scores[place], rel=1e-9)
        assert account.is_positive == (frame.loc[row, "y"] == labels[1])
        if kind:
            total = sum(adds for _, _, adds in account.terms)
            reached = expit(total) if account.unit == "log odds" else total
            assert reached == pytest.approx(scores[place], rel=1e-5)


def test_a_linear_model_adds_coefficients_times_cells(compared, numeric):
    row = compared.scored.parts.test.y.index[0]
    terms = compared.trace("class_weight", row=row).terms
    pipeline = compared.model("class_weight")
    cells = (numeric.loc[row, list("abcde")] - pipeline["scale"].mean_) / pipeline["scale"].scale_
    assert terms.index.tolist() == ["intercept", *"abcde"]
    assert terms["value"].iloc[1:].tolist() == pytest.approx(cells.tolist())
    assert terms["adds"].iloc[1:].tolist() == pytest.approx((cells * pipeline[-1].coef_[0]).tolist())
    assert terms["sum"].iloc[-1] == pytest.approx(pipeline.decision_function(numeric.loc[[row]])[0])


def test_one_hot_columns_are_named_for_the_reader():
    found = imb.make_churn(400, 0.2).imb.fit_eval("churn", strategies=[], **QUICK)
    terms = found.trace(row=found.scored.parts.test.y.index[0]).terms
    assert "contract_two years" in terms.index
    assert not any("__" in name for name in terms.index)


def test_neighbours_and_trees_are_counted():
    frame = load_breast_cancer(as_frame=True).frame
    found = frame.imb.fit_eval("target", model="knn", strategies=[], **QUICK)
    row = found.scored.parts.test.y.index[7]
    terms = found.trace(row=row).terms
    assert len(terms) == 5
    assert set(terms["adds"]) <= {0.0, 0.2}
    forest = frame.imb.fit_eval(
        "target", model=RandomForestClassifier(11, random_state=0), strategies=[], **QUICK
    )
    assert forest.trace(row=row).terms["value"].sum() == 11


def test_the_decision_is_that_of_the_cuts(compared):
    flags = compared.scores
    for row in compared.scored.parts.test.y.index[:30]:
        trace = compared.trace("smote", row=row)
        told = flags[(flags["strategy"] == "smote")].loc[row]
        assert trace.account_flags == (told["probability"] >= 0.5, bool(told["flagged"]))
        said = repr(trace).split("\n\n")[0].replace("\n", " ")
        assert ("not flagged" in said) == (not any(trace.account_flags))


def test_the_change_of_the_class_ratio_is_taken_out(compared):
    row = compared.scored.parts.test.y.index[0]
    account = compared.trace("smote", row=row).account
    p = account.score
    assert account.repaired == pytest.approx(p / (p + (1 - p) * 9))  # 80 : 720 became 720 : 720
    assert np.isnan(compared.trace("none", row=row).account.repaired)


def test_no_probability_is_called_repaired_where_the_correction_fails():
    """Forests after oversampling: the closed form brings the out-of-fold mean nowhere near the prevalence."""
    frame = plain(600, 10)
    found = frame.imb.fit_eval(
        "y", model=RandomForestClassifier(30, random_state=0), strategies=["smote"], **QUICK
    )
    p = found.scored.sides("smote").score_oof
    assert (p / (p + (1 - p) * 9)).mean() < 0.07  # where 0.1 is true
    trace = found.trace("smote", row=found.scored.parts.test.y.index[0])
    assert np.isnan(trace.account.repaired)
    assert "it needs a calibrator" in trace.explain()


def test_along_time_folds_learn_from_earlier_rows(numeric):
    timed = numeric.assign(day=np.arange(1000)).imb.fit_eval("y", time="day", strategies=["smote"], **QUICK)
    assert "from earlier rows alone" in timed.trace("smote").explain()


def test_a_row_that_is_not_there_or_is_there_twice(compared, numeric):
    with pytest.raises(
        OptionError, match=r"row=-1 is not the index label of a labelled row\. Such labels are"
    ):
        compared.trace("smote", row=-1)
    twice = pd.concat([numeric, numeric.iloc[:1]])
    found = twice.imb.fit_eval("y", strategies=[], ignore=("IMB104",), **QUICK)
    with pytest.raises(OptionError, match="is the index label of 2 rows"):
        found.trace(row=0)
    timed = numeric.assign(day=np.arange(1000)).imb.fit_eval("y", time="day", strategies=[], **QUICK)
    with pytest.raises(OptionError, match="is scored by no fold"):
        timed.trace(row=0)
    with pytest.raises(ModelError, match="No row was asked for"):
        compared.trace("smote").terms
    with pytest.raises(OptionError, match="strategy='smotes' is not known"):
        compared.trace("smotes")
    for odd in ([1, 2], {"a": 1}, numeric, ("a", 1), "x", object(), np.nan, True):
        with pytest.raises(ImbalanceError, match="is not the index label"):
            compared.trace("smote", row=odd)


def test_rows_of_any_index(numeric):
    dated = numeric.iloc[:200].set_index(pd.date_range("2024-01-01", periods=200))
    found = dated.imb.fit_eval("y", strategies=[], **QUICK)
    row = found.scored.parts.test.y.index[0]
    assert found.trace(row=row).account.score == found.scored.sides("none").score[0]
    doubled = numeric.iloc[:200].set_index([np.arange(200) // 2, np.arange(200) % 2])
    two = doubled.imb.fit_eval("y", strategies=[], **QUICK)
    label = two.scored.parts.test.y.index[4]
    assert two.trace(row=label).account.score == two.scored.sides("none").score[4]
    flat = numeric.iloc[:200].set_axis(pd.Index([(i, "x") for i in range(200)], tupleize_cols=False))
    paired = flat.imb.fit_eval("y", strategies=[], **QUICK)
    label = paired.scored.parts.test.y.index[4]
    assert paired.trace(row=label).account.score == paired.scored.sides("none").score[4]


# --- its code


@pytest.mark.parametrize("strategy", ["none", "class_weight", "smote", "undersample"])
@pytest.mark.parametrize("part", ["train", "test"])
def test_the_code_walks_the_same_way(strategy, part, run):
    frame = imb.make_churn(400, 0.2)
    found = frame.imb.fit_eval(
        "churn", model="naive_bayes", strategies=["class_weight", "smote", "undersample"], **QUICK
    )
    row = getattr(found.scored.parts, part).y.index[6]
    trace = found.trace(strategy, row=row)
    space = run(trace.snippet(), df=frame)
    for name, (rows, columns, held, wide, counts) in space["stages"].items():
        told = trace.frame.loc[name]
        assert [rows, columns, held, wide] == told[["rows", "columns", "test_rows", "test_columns"]].tolist()
        assert counts == {label: told[f"rows[{label}]"] for label in ("no", "yes")}
    assert space["score"] == pytest.approx(trace.account.score, rel=1e-9)
    assert f"{space['score']!r}"[:12].replace("np.float64(", "")[:6] in space["printed"]
    short = run(trace.snippet(style="short"), df=frame)
    assert short["stages"] == space["stages"]
    assert "score" not in short


@pytest.mark.parametrize("case", TERMS)
@pytest.mark.parametrize("part", ["train", "test"])
def test_the_code_adds_up_the_same_terms(case, part, run):
    model, kind = TERMS[case]
    frame = plain(200, 5, ("zebra", "ant"))
    found = frame.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK)
    row = getattr(found.scored.parts, part).y.index[6]
    trace = found.trace("smote", row=row)
    space = run(trace.snippet(), df=frame)
    assert space["score"] == pytest.approx(trace.account.score, rel=1e-9)
    assert ("terms" in space) == (kind not in {"", "rounds"})
    if "terms" in space:
        assert space["terms"].tolist() == pytest.approx(trace.terms["adds"].tolist(), rel=1e-6, abs=1e-9)


def test_the_code_of_terms_behind_a_search_and_of_a_fitted_model(run, numeric):
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2
    )
    found = numeric.imb.fit_eval("y", model=search, strategies=["smote"], **QUICK)
    row = found.scored.parts.train.y.index[1]
    trace = found.trace("smote", row=row)
    terms = run(trace.snippet(), df=numeric)["terms"]
    assert terms.tolist() == pytest.approx(trace.terms["adds"].tolist(), rel=1e-6)
    for model in (LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())):
        fitted = model.fit(numeric[list("abcde")], numeric["y"])
        trace = numeric.imb.fit_eval("y", model=fitted, fitted=True, **QUICK).trace(row=row)
        space = run(trace.snippet(), df=numeric, model=fitted)
        assert space["terms"].tolist() == pytest.approx(trace.terms["adds"].tolist(), rel=1e-9)
        said = str(trace.explain())
        assert "the fitted model that you passed, which may have learned from it" in said
        assert "fold 0" not in said


def test_without_a_seed_the_code_says_so_and_leaves_the_row_out(run, numeric):
    found = numeric.imb.fit_eval("y", strategies=["smote"], random_state=None, **QUICK)
    row = found.scored.parts.train.y.index[1]
    trace = found.trace("smote", row=row)
    assert trace.account.kind in {"coefficients", "unseeded"}
    assert "is no sum of terms" not in trace.explain()
    code = trace.snippet()
    assert "# random_state=None stands below: each run draws anew" in code
    assert "score" not in run(code, df=numeric)
    for result in (
        found,
        found.best_threshold(),
        found.reliability(),
        numeric.imb.split("y", random_state=None),
    ):
        assert result.snippet().count("random_state=None stands below") == 1
    for result in (numeric.imb.split("y"), numeric.imb.fit_eval("y", strategies=["smote"], **QUICK)):
        assert "stands below" not in result.snippet()
    forest = numeric.imb.fit_eval("y", model=RandomForestClassifier(5), strategies=[], **QUICK)
    assert "stands below" in forest.snippet()


def test_the_code_of_a_search_and_of_steps_that_do_nothing(run, numeric):
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    model = SamplingPipeline([("off", "passthrough"), ("units", StandardScaler()), ("last", GaussianNB())])
    for each in (search, model):
        trace = numeric.imb.fit_eval("y", model=each, strategies=["smote"], **QUICK).trace("smote")
        space = run(trace.snippet(), df=numeric)
        assert space["stages"]["resample"][:2] == (1440, 5)
        assert set(space["stages"]) == set(trace.frame.index) - {"raw", "fit", "test"}


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
        sides = compared.scored.sides(strategy)
        score = (sides.score if part == "test" else sides.score_oof)[8]
        odds = np.log(score / (1 - score))
        fold = compared.scored.folds.ids[8] if part == "train" else 0
        factor = {"none": 1, "class_weight": 9, "smote": 9, "undersample": 9}[strategy]
        repaired = score / (score + (1 - score) * factor)
        cut = Cut(compared.judged[strategy].cut, np.concatenate([sides.score, sides.score_oof]))
        pool += [int(row), score, repaired, odds, -odds, 0.5, cut, int(fold), 6, 1, factor, *trace.terms["adds"]]
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
