"""`preprocess="skrub"` in every verb that takes it, against the same work written by hand with skrub alone."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import imbalance_accessor  # noqa: F401
from imbalance_accessor.evaluation import fit, runtime
from imbalance_accessor.evaluation.runtime import Trial

skrub = pytest.importorskip("skrub")

QUICK = {"preprocess": "skrub", "cv": 2, "n_jobs": 1, "progress": False}
BOOSTING = HistGradientBoostingClassifier(max_iter=10, early_stopping=False, random_state=0)
MODELS = {"logistic": "logistic", "boosting": BOOSTING}
VECTORIZER = skrub.TableVectorizer(high_cardinality=skrub.StringEncoder(random_state=0))


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def frame(n=160, seed=0):
    """A date and a town tell of the label; numbers, dates and text have holes."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.3
    hours = rng.integers(0, 9000, n) - 4000 * y
    joined = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(hours, unit="h"))
    town = pd.Series(rng.choice([f"town {place}" for place in range(60)], n))
    df = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "town": np.where(y & (rng.random(n) < 0.4), "north ", "south ") + town,
            "kind": rng.choice(["a", "b", "c"], n),
            "whole": pd.array(rng.integers(0, 5, n), dtype="Int64"),
            "joined": joined,
            "written": joined.dt.strftime("%d.%m.%Y"),
            "note": [f"called {a} times and asked {b} about it" for a, b in rng.integers(0, 999, (n, 2))],
            "zoned": joined.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        }
    )
    for place, name in enumerate(df.columns):
        df.loc[place :: 11 + place, name] = pd.NA if name == "whole" else None
    df["code"] = [f"K{number:05d}" for number in range(n)]
    return df.assign(y=np.where(y, "yes", "no"))


DF = frame()
BY_HAND = {
    "logistic": {
        "none": [SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(max_iter=1000)],
        "smote": [
            SimpleImputer(strategy="median"),
            StandardScaler(),
            SMOTE(random_state=0),
            LogisticRegression(max_iter=1000),
        ],
    },
    "boosting": {
        "none": [BOOSTING],
        "smote": [
            SimpleImputer(strategy="median"),
            StandardScaler(),
            SMOTE(random_state=0),
            BOOSTING,
        ],
    },
}


def read_by_hand(df):
    days = pd.to_datetime(df["written"], format="%d.%m.%Y")
    return (
        df.drop(columns="code")
        .assign(written=days)
        .astype({"whole": float})
        .drop(columns="y", errors="ignore")
    )


def by_hand(df, steps):
    """Scores out of fold and on the test set, and the whole pipeline fitted on the training set."""
    X, y = read_by_hand(df), df["y"]
    X_train, X_test, y_train, _ = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    pipeline, oof = make_pipeline(clone(VECTORIZER), *steps), np.empty(len(X_train))
    for learn, held in StratifiedKFold(2, shuffle=True, random_state=0).split(X_train, y_train):
        fitted = clone(pipeline).fit(X_train.iloc[learn], y_train.iloc[learn])
        oof[held] = fitted.predict_proba(X_train.iloc[held])[:, 1]
    fitted = pipeline.fit(X_train, y_train)
    return oof, fitted.predict_proba(X_test)[:, 1], fitted


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("model", BY_HAND)
def test_scores_are_those_of_pipelines_by_hand_and_of_the_model_handed_out(model):
    found = DF.imb.fit_eval("y", model=MODELS[model], strategies=["smote"], **QUICK)
    for name, steps in BY_HAND[model].items():
        oof, test, fitted = by_hand(DF, steps)
        scores = found.scored.by_name[name]
        np.testing.assert_allclose(scores.oof[:, 1], oof, atol=1e-6)
        np.testing.assert_allclose(scores.test[:, 1], test, atol=1e-6)
        y_test = found.scored.parts.test.y
        want = average_precision_score(y_test, test, pos_label="yes")
        assert found.frame.loc[name, "average_precision"] == pytest.approx(want)
        new = frame(30, seed=5).drop(columns="y").assign(kind="a new kind")
        new.loc[3, ["town", "x", "joined", "zoned", "whole", "written", "note"]] = None
        want = fitted.predict_proba(read_by_hand(new))
        np.testing.assert_allclose(found.model(name).predict_proba(new), want, atol=1e-6)


def test_dates_and_text_become_features_and_no_sentence_calls_them_unused():
    found = DF.imb.fit_eval("y", strategies=[], **QUICK)
    plain = DF.imb.fit_eval("y", strategies=[], **QUICK | {"preprocess": "auto"})
    assert found.frame.loc["none", "average_precision_cv"] > plain.frame.loc["none", "average_precision_cv"]
    unused = {
        e: [each.message for each in e.findings if "ot used as" in each.message] for e in (plain, found)
    }
    assert all(name in " ".join(unused[plain]) for name in ("'joined'", "'zoned'", "'written'", "'note'"))
    assert unused[found] == ["Not used as features: 'code' (nearly all different, like an id)."]
    only_dates = DF[["joined", "y"]].imb.fit_eval("y", strategies=["smote"], **QUICK)
    assert not {"IMB202", "IMB209"} & set(only_dates.findings.codes)
    only_text = DF[["note", "y"]].imb.best_threshold("y", **QUICK)
    assert "IMB202" not in only_text.findings.codes


def test_rows_are_the_same_where_their_dates_are_too():
    df = DF.drop(columns=["zoned", "code", "written", "note"])
    df = pd.concat([df, df.assign(joined=df["joined"] + pd.Timedelta("1D"))], ignore_index=True)
    df = df.dropna(subset="joined")
    given = {"strategies": [], **QUICK}
    assert "IMB104" in df.imb.fit_eval("y", **given | {"preprocess": "auto"}).findings.codes
    assert "IMB104" not in df.imb.fit_eval("y", **given).findings.codes


@pytest.mark.quick(1)
@pytest.mark.parametrize("style", ["short", "full"])
def test_the_snippet_gives_the_same_numbers(style, run):
    found = DF.imb.fit_eval("y", model=BOOSTING, strategies=["smote"], **QUICK)
    code = found.snippet(style=style)
    assert "TableVectorizer(high_cardinality=StringEncoder(random_state=0))" in code
    rows = run(code, df=DF)["rows"]
    for name, row in rows.items():
        for key, value in row.items():
            assert found.frame.loc[name, key] == pytest.approx(value, abs=1e-6), (name, key)


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", ["best_threshold", "reliability"])
def test_other_verbs_write_the_same_pipeline(verb, run):
    if verb == "best_threshold":
        found = DF.imb.best_threshold("y", strategy="smote", **QUICK)
        assert run(found.snippet(style="full"), df=DF)["threshold"] == pytest.approx(found.value, abs=1e-6)
        assert len(found.model().predict(DF)) == len(DF)
    else:
        found = DF.imb.reliability("y", strategies=["smote"], **QUICK)
        assert f"{found.frame['brier'].iloc[0]:.6f}" in run(found.snippet(style="full"), df=DF)["printed"]
    assert "TableVectorizer" in found.snippet(style="full")


def test_the_trace_names_what_the_vectorizer_made():
    found = DF.imb.fit_eval("y", strategies=["smote"], **QUICK)
    trace = found.trace("smote", row=DF.index[7])
    wide = trace.frame.loc["vectorize", "columns"]
    assert wide == by_hand(DF, BY_HAND["logistic"]["none"])[2][0].transform(read_by_hand(DF)).shape[1]
    assert {"joined_year", "kind_a", "town_00"} <= set(trace.terms.index)


def test_the_vectorizer_is_fitted_once_a_fold_whatever_stands_behind_it(monkeypatch):
    fits = []
    plain = skrub.TableVectorizer.fit_transform
    monkeypatch.setattr(
        skrub.TableVectorizer, "fit_transform", lambda self, X, y=None: fits.append(1) or plain(self, X, y)
    )
    given = {"model": BOOSTING, "strategies": ["oversample", "smote", "adasyn"]}
    found = DF.imb.fit_eval("y", **given, **QUICK)
    assert len(fits) == QUICK["cv"] + 1
    monkeypatch.setattr(fit, "divided", lambda estimator: (None, estimator))
    pd.testing.assert_frame_equal(DF.imb.fit_eval("y", **given, **QUICK).frame, found.frame)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["several classes", "groups", "time", "own test", "permutations", "repeats"])
def test_it_goes_with_other_options(rule):
    df, options = DF, {}
    if rule == "several classes":
        df = DF.assign(y=np.array(["p", "q", "r"])[np.arange(len(DF)) % 3])
    elif rule == "groups":
        df, options = DF.assign(g=np.arange(len(DF)) // 8), {"groups": "g"}
    elif rule == "time":
        df, options = DF.assign(day=np.arange(len(DF)) // 3), {"time": "day"}
    elif rule == "own test":
        options = {"test": frame(100, seed=3)}
    else:
        options = {rule: 2}
    found = df.imb.fit_eval("y", strategies=["smote"], **options, **QUICK)
    assert found.frame.loc[["none", "smote"], "average_precision"].notna().all()
    assert set(found.candidates) == {"none", "smote"}


def test_a_long_search_is_foreseen_in_the_columns_that_the_vectorizer_makes():
    found = DF.imb.fit_eval("y", strategies=["smote"], **QUICK)

    def a_second(work):
        work()
        return 1.0

    trial = Trial(few=30, looked_up=20, fitted=(80, 100), seconds=a_second)
    rare = int((found.plan.parts.train.y == "yes").sum())
    assert rare >= trial.few
    assert runtime.work_of_fits(found.plan, trial).seconds == pytest.approx(3 * rare / 20)  # three fits
