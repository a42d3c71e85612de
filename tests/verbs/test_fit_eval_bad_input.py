"""What `fit_eval` refuses: one sentence with the cure, before any fitting, the frame unchanged."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.linear_model import LinearRegression, LogisticRegression
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import FeatureError, ModelError, OptionError, SplitError, TargetError

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


FITS = []


class Watched(LogisticRegression):
    """Tells when it is fitted."""

    def fit(self, X, y, sample_weight=None):
        FITS.append(len(y))
        return super().fit(X, y, sample_weight)


def frame(n=60):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 5 == 0
    return pd.DataFrame(
        {
            "age": rng.normal(40, 9, n),
            "income": rng.normal(3, 1, n),
            "who": rng.integers(0, 12, n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(n), unit="D"),
            "churn": np.where(y, "yes", "no"),
        }
    )


def fitted_sampler():
    sampler = RandomOverSampler()
    sampler.fit_resample(np.arange(6.0).reshape(-1, 1), [0, 0, 0, 0, 1, 1])
    return sampler


def changed(**columns):
    return frame().assign(**columns)


def one_row():
    data = frame()
    data["churn"] = "no"
    data.loc[7, "churn"] = "yes"
    return data


INFINITE = np.where(np.arange(60) == 3, np.inf, 1.0 * np.arange(60))

#: What is given, the error, and words that its sentence must hold.
CASES = {
    "an unknown column": (
        frame(),
        "chrn",
        {},
        TargetError,
        ["'chrn' is not a column", "Did you mean 'churn'"],
    ),
    "no rows": (frame().head(0), "churn", {}, TargetError, ["no rows"]),
    "one class": (changed(churn="no"), "churn", {}, TargetError, ["one class", "'no'", "60"]),
    "a class with one row": (
        one_row(),
        "churn",
        {},
        SplitError,
        ["one row of class 'yes'", "More rows of it are needed"],
    ),
    "no labels": (changed(churn=None), "churn", {}, TargetError, ["no labels", "60"]),
    "a continuous target": (frame(), "income", {}, TargetError, ["looks continuous", "pd.cut"]),
    "dates as a target": (frame(), "day", {}, TargetError, ["no classes"]),
    "infinite values": (
        changed(income=INFINITE),
        "churn",
        {},
        FeatureError,
        ["Infinite values in 'income' (1)", "make them missing"],
    ),
    "no features": (frame()[["churn", "day"]], "churn", {}, FeatureError, ["No column is left", "'day'"]),
    "duplicate columns": (
        pd.concat([frame(), frame()[["age"]]], axis=1),
        "churn",
        {},
        FeatureError,
        ["must be unique", "'age'"],
    ),
    "no frame": ([1, 2, 3], "churn", {}, FeatureError, ["list", "DataFrame"]),
    "a Series on another index": (
        frame(),
        pd.Series(["no", "yes"] * 30, index=range(1, 61)),
        {},
        TargetError,
        ["index", "give it the frame's index"],
    ),
    "test_size=0 and test=": (
        frame(),
        "churn",
        {"test_size": 0, "test": frame()},
        OptionError,
        ["test_size=0 holds nothing out", "Leave one of them out"],
    ),
    "test_size=1.5": (frame(), "churn", {"test_size": 1.5}, OptionError, ["test_size=1.5"]),
    "test_size text": (frame(), "churn", {"test_size": "a fifth"}, OptionError, ["test_size='a fifth'"]),
    "a tiny test set": (frame(), "churn", {"test_size": 0.001}, SplitError, ["test_size=0.001"]),
    "cv=1": (frame(), "churn", {"cv": 1}, OptionError, ["cv=1", "2 or more"]),
    "cv text": (frame(), "churn", {"cv": "5"}, OptionError, ["cv='5'"]),
    "a seed that is none": (frame(), "churn", {"random_state": 0.5}, OptionError, ["random_state=0.5"]),
    "an unknown strategy": (
        frame(),
        "churn",
        {"strategies": ["smoote"]},
        OptionError,
        ["'smoote' is not known", "Did you mean 'smote'", "'undersample'"],
    ),
    "strategies that are none": (frame(), "churn", {"strategies": [3]}, OptionError, ["3 is neither"]),
    "a sampler's class": (frame(), "churn", {"strategies": [SMOTE]}, OptionError, ["SMOTE()"]),
    "a fitted sampler": (
        frame(),
        "churn",
        {"strategies": [fitted_sampler()]},
        OptionError,
        ["fitted already"],
    ),
    "an unknown metric": (
        frame(),
        "churn",
        {"metric": "average_precission"},
        OptionError,
        ["Did you mean 'average_precision'"],
    ),
    "an unknown criterion": (frame(), "churn", {"criterion": "f2"}, OptionError, ["criterion='f2'", "'mcc'"]),
    "an unknown preprocess": (frame(), "churn", {"preprocess": "none"}, OptionError, ["preprocess='none'"]),
    "an unknown pos_label": (
        frame(),
        "churn",
        {"pos_label": "Yes"},
        OptionError,
        ["'Yes' is not a label", "'yes'"],
    ),
    "an unknown group": (
        frame(),
        "churn",
        {"groups": "hwo"},
        OptionError,
        ["groups='hwo'", "Did you mean 'who'"],
    ),
    "groups and time": (
        frame(),
        "churn",
        {"groups": "who", "time": "day"},
        OptionError,
        ["cannot be used together"],
    ),
    "a time with holes": (changed(day=pd.NaT), "churn", {"time": "day"}, OptionError, ["60 missing cells"]),
    "no workers": (frame(), "churn", {"n_jobs": 0}, OptionError, ["n_jobs=0"]),
    "an unknown finding": (frame(), "churn", {"ignore": ("IMB999",)}, OptionError, ["IMB999"]),
    "a test frame that lacks columns": (
        frame(),
        "churn",
        {"test": frame().drop(columns="age")},
        SplitError,
        ["lacks 'age'"],
    ),
    "a test frame with new labels": (
        frame(),
        "churn",
        {"test": changed(churn=["maybe", "no", "yes"] * 20)},
        SplitError,
        ["'maybe'"],
    ),
    "infinite values in the test frame": (
        frame(),
        "churn",
        {"test": changed(income=INFINITE)},
        FeatureError,
        ["Infinite values in 'income' (1) of test=.", "make them missing"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_sentence_before_any_fitting(case):
    data, target, options, error, words = CASES[case]
    FITS.clear()
    before = data.copy() if isinstance(data, pd.DataFrame) else data
    with pytest.raises(error) as caught:
        imb.fit_eval(data, target, **{"model": Watched(), "n_jobs": 1, "progress": False} | options)
    sentence = str(caught.value)
    said = f"{sentence}\n{caught.value.fix}"
    assert all(word in said for word in words), said
    assert "\n" not in sentence
    assert FITS == []
    if isinstance(data, pd.DataFrame):
        pd.testing.assert_frame_equal(data, before)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("forrest", ["Did you mean 'forest'", "'naive_bayes'"]),
        (LogisticRegression, ["LogisticRegression()"]),
        (LinearRegression(), ["no classifier", "'logistic'"]),
        (None, ["no classifier"]),
        (xgboost.XGBClassifier(early_stopping_rounds=3), ["early_stopping_rounds=3", "validation set"]),
        (lightgbm.LGBMClassifier(early_stopping_round=3), ["validation set"]),
    ],
)
def test_what_is_no_usable_model(model, words):
    with pytest.raises((ModelError, OptionError)) as caught:
        frame().imb.fit_eval("churn", model=model)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert "\n" not in str(caught.value)


def test_fitted_true_needs_a_fitted_model():
    with pytest.raises(ModelError, match="is not\\. Fit it first"):
        frame().imb.fit_eval("churn", model=LogisticRegression(), fitted=True)
    with pytest.raises(ModelError, match="not the name 'logistic'"):
        frame().imb.fit_eval("churn", fitted=True)


def test_weights_for_labels_that_are_not_there_are_one_sentence():
    data = frame().assign(churn=(frame()["churn"] == "yes").astype(int)).drop(columns=["day", "who"])
    with pytest.raises(ModelError) as caught:
        data.imb.fit_eval("churn", model=LogisticRegression(class_weight={"0": 1, "1": 10}), n_jobs=1)
    assert "LogisticRegression cannot be fitted on these rows" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_few_rows_of_the_rarest_class_lower_folds_and_neighbours_and_say_so():
    data = frame().drop(columns=["day", "who"])
    data["churn"] = np.where(np.arange(60) < 4, "yes", "no")
    found = data.imb.fit_eval("churn", strategies=["smote"], n_jobs=1)
    said = {finding.code: finding.message for finding in found.findings}
    assert "3 folds instead of 5" in said["IMB301"]  # one of the four is tested on
    assert "1 neighbour instead of 5" in said["IMB302"]  # two are left in each training fold
    assert "smote" in found.frame.index


@pytest.mark.parametrize(
    ("rows", "options", "says"),
    [
        (2, {}, "The test set (12 rows) has no row of class 'yes'"),
        (1, {"test": frame()}, "The training set has 1 row of the rarest class"),
    ],
)
def test_a_class_with_too_few_rows_for_its_parts_is_named(rows, options, says):
    data = frame()
    data["churn"] = np.where(np.arange(60) < rows, "yes", "no")
    FITS.clear()
    with pytest.raises(SplitError) as caught:
        data.imb.fit_eval("churn", model=Watched(), n_jobs=1, **options)
    assert says in str(caught.value)
    assert FITS == []


def test_findings_can_be_muted():
    data = frame()
    found = data.imb.fit_eval("churn", strategies=[], cv=2, ignore=("IMB401", "IMB209"), n_jobs=1)
    assert not {"IMB401", "IMB209"} & set(found.findings.codes)
    heard = data.imb.fit_eval("churn", strategies=[], cv=2, n_jobs=1)
    assert {"IMB401", "IMB209"} <= set(heard.findings.codes)
