"""One row's score, and what it adds up from, against models asked by hand; and the code of a trace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import Pipeline as SamplingPipeline
from scipy.special import expit
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import AdaBoostClassifier, ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from traced import COMPARED, QUICK, plain

import imbalance_accessor as imb
from imbalance_accessor.errors import ImbalanceError, ModelError, OptionError

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


@pytest.fixture(scope="module")
def numeric() -> pd.DataFrame:
    return plain()


@pytest.fixture(scope="module")
def compared(numeric):
    return numeric.imb.fit_eval("y", strategies=COMPARED, **QUICK)


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


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [("no", "yes"), ("zebra", "ant")])
@pytest.mark.parametrize("case", TERMS)
def test_the_terms_add_up_to_the_score_of_a_row_not_learned_from(case, labels):
    model, kind = TERMS[case]
    frame = plain(200, 5, labels)
    found = frame.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK)
    parts, sides = found.scored.parts, found.scored.labelled_scores("smote")
    for part, scores, place in (("train", sides.score_oof, 3), ("test", sides.score, 5)):
        row = getattr(parts, part).y.index[place]
        account = found.trace("smote", row=row).contributions
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_decision_is_that_of_the_thresholds(compared):
    flags = compared.scores
    for row in compared.scored.parts.test.y.index[:30]:
        trace = compared.trace("smote", row=row)
        told = flags[(flags["strategy"] == "smote")].loc[row]
        assert trace.account_flags == (told["probability"] >= 0.5, bool(told["flagged"]))
        said = repr(trace).split("\n\n")[0].replace("\n", " ")
        assert ("not flagged" in said) == (not any(trace.account_flags))


def test_the_change_of_the_class_ratio_is_taken_out(compared):
    row = compared.scored.parts.test.y.index[0]
    account = compared.trace("smote", row=row).contributions
    p = account.score
    assert account.corrected == pytest.approx(p / (p + (1 - p) * 9))  # 80 : 720 became 720 : 720
    assert np.isnan(compared.trace("none", row=row).contributions.corrected)


@pytest.mark.slow
def test_no_probability_is_called_calibrated_where_the_correction_fails():
    """Forests after oversampling: the closed form brings the out-of-fold mean nowhere near the prevalence."""
    frame = plain(600, 10)
    found = frame.imb.fit_eval(
        "y", model=RandomForestClassifier(30, random_state=0), strategies=["smote"], **QUICK
    )
    p = found.scored.labelled_scores("smote").score_oof
    assert (p / (p + (1 - p) * 9)).mean() < 0.07  # where 0.1 is true
    trace = found.trace("smote", row=found.scored.parts.test.y.index[0])
    assert np.isnan(trace.contributions.corrected)
    assert "the model needs a calibrator" in trace.explain()


def test_along_time_folds_learn_from_earlier_rows(numeric):
    timed = numeric.assign(day=np.arange(1000)).imb.fit_eval("y", time="day", strategies=["smote"], **QUICK)
    assert "from earlier rows only" in timed.trace("smote").explain()


@pytest.mark.slow
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
    with pytest.raises(OptionError, match="has no out-of-fold score"):
        timed.trace(row=0)
    with pytest.raises(ModelError, match="No row was named"):
        compared.trace("smote").terms
    with pytest.raises(OptionError, match="strategy='smotes' is not known"):
        compared.trace("smotes")
    for odd in ([1, 2], {"a": 1}, numeric, ("a", 1), "x", object(), np.nan, True):
        with pytest.raises(ImbalanceError, match="is not the index label"):
            compared.trace("smote", row=odd)


@pytest.mark.slow
def test_rows_of_any_index(numeric):
    dated = numeric.iloc[:200].set_index(pd.date_range("2024-01-01", periods=200))
    found = dated.imb.fit_eval("y", strategies=[], **QUICK)
    row = found.scored.parts.test.y.index[0]
    assert found.trace(row=row).contributions.score == found.scored.labelled_scores("none").score[0]
    doubled = numeric.iloc[:200].set_index([np.arange(200) // 2, np.arange(200) % 2])
    two = doubled.imb.fit_eval("y", strategies=[], **QUICK)
    label = two.scored.parts.test.y.index[4]
    assert two.trace(row=label).contributions.score == two.scored.labelled_scores("none").score[4]
    flat = numeric.iloc[:200].set_axis(pd.Index([(i, "x") for i in range(200)], tupleize_cols=False))
    paired = flat.imb.fit_eval("y", strategies=[], **QUICK)
    label = paired.scored.parts.test.y.index[4]
    assert paired.trace(row=label).contributions.score == paired.scored.labelled_scores("none").score[4]


# --- its code


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["none", "class_weight", "smote", "undersample"])
@pytest.mark.parametrize("part", ["train", "test"])
def test_the_code_walks_the_same_way(strategy, part, run):
    frame = imb.make_churn(400, 0.2)
    found = frame.imb.fit_eval(
        "churn", model="naive_bayes", strategies=["class_weight", "smote", "undersample"], **QUICK
    )
    row = getattr(found.scored.parts, part).y.index[6]
    trace = found.trace(strategy, row=row)
    space = run(trace.snippet(style="full"), df=frame)
    for name, (rows, columns, held, wide, counts) in space["stages"].items():
        told = trace.frame.loc[name]
        assert [rows, columns, held, wide] == told[["rows", "columns", "test_rows", "test_columns"]].tolist()
        assert counts == {label: told[f"rows[{label}]"] for label in ("no", "yes")}
    assert space["score"] == pytest.approx(trace.contributions.score, rel=1e-9)
    assert str(space["score"]) in space["printed"].splitlines()
    short = run(trace.snippet(style="short"), df=frame)
    assert short["stages"] == space["stages"]
    assert "score" not in short


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", TERMS)
@pytest.mark.parametrize("part", ["train", "test"])
def test_the_code_adds_up_the_same_terms(case, part, run):
    model, kind = TERMS[case]
    frame = plain(200, 5, ("zebra", "ant"))
    found = frame.imb.fit_eval("y", model=model, strategies=["smote"], **QUICK)
    row = getattr(found.scored.parts, part).y.index[6]
    trace = found.trace("smote", row=row)
    space = run(trace.snippet(style="full"), df=frame)
    assert space["score"] == pytest.approx(trace.contributions.score, rel=1e-9)
    assert ("terms" in space) == (kind not in {"", "rounds"})
    if "terms" in space:
        assert space["terms"].tolist() == pytest.approx(trace.terms["adds"].tolist(), rel=1e-6, abs=1e-9)


@pytest.mark.slow
def test_the_code_of_terms_behind_a_search_and_of_a_fitted_model(run, numeric):
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2
    )
    found = numeric.imb.fit_eval("y", model=search, strategies=["smote"], **QUICK)
    row = found.scored.parts.train.y.index[1]
    trace = found.trace("smote", row=row)
    terms = run(trace.snippet(style="full"), df=numeric)["terms"]
    assert terms.tolist() == pytest.approx(trace.terms["adds"].tolist(), rel=1e-6)
    for model in (LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())):
        fitted = model.fit(numeric[list("abcde")], numeric["y"])
        trace = numeric.imb.fit_eval("y", model=fitted, fitted=True, **QUICK).trace(row=row)
        space = run(trace.snippet(style="full"), df=numeric, model=fitted)
        assert space["terms"].tolist() == pytest.approx(trace.terms["adds"].tolist(), rel=1e-9)
        said = str(trace.explain())
        assert "the fitted model that you passed, which may have learned from it" in said
        assert "fold 0" not in said


@pytest.mark.slow
def test_without_a_seed_the_code_says_so_and_leaves_the_row_out(run, numeric):
    found = numeric.imb.fit_eval("y", strategies=["smote"], random_state=None, **QUICK)
    row = found.scored.parts.train.y.index[1]
    trace = found.trace("smote", row=row)
    assert trace.contributions.kind in {"coefficients", "unseeded"}
    assert "is no sum of terms" not in trace.explain()
    code = trace.snippet(style="full")
    assert "# random_state=None stands below: each run draws anew" in code
    assert "score" not in run(code, df=numeric)
    for result in (
        found,
        found.best_threshold(),
        found.reliability(),
        numeric.imb.split("y", random_state=None),
    ):
        assert result.snippet(style="full").count("random_state=None stands below") == 1
    for result in (numeric.imb.split("y"), numeric.imb.fit_eval("y", strategies=["smote"], **QUICK)):
        assert "stands below" not in result.snippet(style="full")
    forest = numeric.imb.fit_eval("y", model=RandomForestClassifier(5), strategies=[], **QUICK)
    assert "stands below" in forest.snippet(style="full")


@pytest.mark.slow
def test_the_code_of_a_search_and_of_steps_that_do_nothing(run, numeric):
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    model = SamplingPipeline([("off", "passthrough"), ("units", StandardScaler()), ("last", GaussianNB())])
    for each in (search, model):
        trace = numeric.imb.fit_eval("y", model=each, strategies=["smote"], **QUICK).trace("smote")
        space = run(trace.snippet(style="full"), df=numeric)
        assert space["stages"]["resample"][:2] == (1440, 5)
        assert set(space["stages"]) == set(trace.frame.index) - {"raw", "fit", "test"}


def test_what_comes_next_is_a_call_to_paste(compared):
    found = compared.trace("none")
    (call,) = (line.removeprefix("Next:").strip() for line in repr(found).splitlines() if "row=" in line)
    assert f"gives row {call.partition(chr(61))[2][:-1]}," in repr(eval(call, {"e": compared}))
