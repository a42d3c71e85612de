"""What fits are fed with: steps that strategies share are fitted once a fold, and nothing comes out otherwise."""

import faulthandler
import threading
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation import fit, parallel
from imbalance_accessor.evaluation.fit import divided
from imbalance_accessor.modeling.pipelines import fit_params

QUICK = {"cv": 2, "progress": False, "n_jobs": 1}
ALL = ["class_weight", "oversample", "undersample", "smote", "smote+class_weight"]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _no_hanging():
    faulthandler.dump_traceback_later(240, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def numbers(n=240, labels=("no", "yes")):
    rng = np.random.default_rng(0)
    y = rng.choice(len(labels), n, p=[*[0.75 / (len(labels) - 1)] * (len(labels) - 1), 0.25])
    out = pd.DataFrame(rng.normal(size=(n, 3)) + 1.2 * y[:, None], columns=["a", "b", "c"])
    return out.assign(block=rng.integers(0, 40, n), y=np.array(labels, dtype=object)[y])


def plain():
    return numbers().drop(columns="block")


def churn():
    return imb.make_churn(300, 0.2).rename(columns={"churn": "y"})


def doubled(model=None):
    """A pipeline of the user's own, with a function that has no name."""
    first_steps = FunctionTransformer(lambda X: np.asarray(X) * 2)
    return make_pipeline(first_steps, StandardScaler(), model or LogisticRegression())


def own_columns(n_jobs=None):
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    number = make_pipeline(SimpleImputer(), StandardScaler())
    parts = [("number", number, ["age", "data_gb", "tenure_months"]), ("word", words, ["contract", "region"])]
    return make_pipeline(ColumnTransformer(parts, n_jobs=n_jobs), LogisticRegression(max_iter=300))


def searched():
    return GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.1, 1]}, cv=2
    )


CASES = {
    "mixed columns with holes": (churn, {}),
    "mixed columns, naive Bayes": (churn, {"model": "naive_bayes"}),
    "mixed columns, boosting": (churn, {"model": "boosting", "strategies": ["class_weight", "smote"]}),
    "mixed columns, samplers by neighbours": (churn, {"strategies": ["smote", "borderline"]}),
    "numbers": (plain, {}),
    "a model that only ranks": (plain, {"model": "svm"}),
    "a pipeline with a lambda": (plain, {"model": doubled()}),
    "a pipeline that picks its columns": (churn, {"model": own_columns()}),
    "a pipeline that resamples": (
        plain,
        {"model": make_pipeline(StandardScaler(), GaussianNB()), "strategies": [SMOTE(random_state=1), SMOTE(random_state=2)]},
    ),
    "three classes": (lambda: numbers(labels=("a", "b", "c")).drop(columns="block"), {}),
    "groups": (numbers, {"groups": "block"}),
    "a search": (plain, {"model": searched(), "strategies": ["class_weight", "smote"]}),
    "nothing before the model": (plain, {"model": GaussianNB(), "preprocess": None}),
}  # fmt: skip


def whole(evaluation, name):
    """Scores of a strategy's whole pipelines, fitted one by one; and the last of them."""
    candidate, reader, parts = evaluation.candidates[name], evaluation.reader, evaluation.plan.parts
    X, X_test = reader.features(parts.train), reader.features(parts.test)
    y = reader.labels(parts.train.codes)
    params = fit_params(candidate.strategy, reader.model, y)
    oof = np.full((len(X), len(reader.classes)), np.nan)

    def fitted(rows):
        given = {key: values[rows] for key, values in params.items()}
        return clone(candidate.estimator).fit(X.iloc[rows], y[rows], **given)

    def scores(model, rows):
        if hasattr(model, "predict_proba"):
            return model.predict_proba(rows)
        margin = model.decision_function(rows)
        return np.column_stack([-margin, margin])

    for learn, evaluated in evaluation.plan.folds.pairs:
        oof[evaluated] = scores(fitted(learn), X.iloc[evaluated])
    last = fitted(np.arange(len(X)))
    return oof, scores(last, X_test), last


def same(evaluation, name):
    oof, test, _ = whole(evaluation, name)
    found = evaluation.scored.by_name[name]
    return np.array_equal(found.oof, oof, equal_nan=True) and np.array_equal(found.test, test)


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore:.*:sklearn.exceptions.ConvergenceWarning")
def test_scores_are_those_of_whole_pipelines_to_the_bit(case):
    make, options = CASES[case]
    options = {"strategies": ALL} | QUICK | options
    found = imb.fit_eval(make(), "y", **options)
    names = list(found.scored.by_name)
    assert len(names) > 2
    assert [name for name in names if not same(found, name)] == []


def test_figures_are_those_of_steps_that_are_not_shared(monkeypatch):
    options = {"strategies": ["class_weight", "smote"]} | QUICK
    found = imb.fit_eval(churn(), "y", **options)
    monkeypatch.setattr(fit, "divided", lambda estimator: (None, estimator))
    pd.testing.assert_frame_equal(found.frame, imb.fit_eval(churn(), "y", **options).frame, check_exact=True)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["mixed columns with holes", "a pipeline with a lambda"])
@pytest.mark.parametrize("where", ["threads by themselves", "loky", "threading"])
def test_the_numbers_are_the_same_wherever_fits_run(case, where, monkeypatch):
    make, options = CASES[case]
    options = {"strategies": ["class_weight", "smote"]} | QUICK | options | {"n_jobs": None}
    want = imb.fit_eval(make(), "y", **options | {"n_jobs": 1})
    if where == "threads by themselves":
        monkeypatch.setattr(parallel, "THREAD_SECONDS", 0.0)
        monkeypatch.setattr(parallel.joblib, "cpu_count", lambda: 2)
        found = imb.fit_eval(make(), "y", **options)
    else:
        with joblib.parallel_config(where, n_jobs=2):
            found = imb.fit_eval(make(), "y", **options)
    pd.testing.assert_frame_equal(found.frame, want.frame, check_exact=True)
    assert all(same(found, name) for name in found.scored.by_name)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "threading"])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_columns_transformed_side_by_side_inside_do_not_wait_for_the_workers_around_them(backend, n_jobs):
    options = {"model": own_columns(n_jobs), "strategies": ["class_weight", "smote"]} | QUICK
    with joblib.parallel_config(backend, n_jobs=2):
        found = imb.fit_eval(churn(), "y", **options | {"n_jobs": None})
    assert all(same(found, name) for name in found.scored.by_name)


# ---------------------------------------------------------------- once a fold


def imb_pipeline(first, steps):
    return Pipeline([("first", first), *steps])


FITS = []


class Counting(TransformerMixin, BaseEstimator):
    """Passes rows on as an array, and counts its fits; raises or warns if told so."""

    def __init__(self, error=None, warning=None):
        self.error = error
        self.warning = warning

    def fit(self, X, y=None):
        FITS.append(len(X))
        if self.error is not None:
            raise self.error
        if self.warning is not None:
            warnings.warn(self.warning, stacklevel=2)
        self.n_ = len(X)
        return self

    def transform(self, X):
        return np.array(X)


def test_a_step_that_strategies_share_is_fitted_once_a_fold():
    FITS.clear()
    model = make_pipeline(Counting(), StandardScaler(), LogisticRegression())
    found = imb.fit_eval(plain(), "y", model=model, strategies=ALL, **QUICK | {"cv": 3})
    train = len(found.plan.parts.train)
    assert [len(learn) for learn, _ in found.plan.folds.pairs] + [train] == FITS


def test_a_step_behind_a_sampler_is_fitted_for_each_strategy():
    FITS.clear()
    steps = [("resample", SMOTE(random_state=0)), ("count", Counting()), ("model", LogisticRegression())]
    first_steps, rest = divided(imb_pipeline(StandardScaler(), steps))
    assert [name for name, _ in first_steps.steps] == ["first"]
    assert [name for name, _ in rest.steps] == ["resample", "count", "model"]


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        make_pipeline(LogisticRegression()),
        make_pipeline(StandardScaler(), LogisticRegression(), memory=joblib.Memory(None)),
        imb_pipeline("passthrough", [("model", LogisticRegression())]),
        searched(),
    ],
)
def test_what_cannot_be_divided_stays_whole(estimator):
    first_steps, rest = divided(estimator)
    assert first_steps is None
    assert rest is estimator


def test_a_step_that_raises_fails_each_strategy_with_its_reason():
    FITS.clear()
    model = make_pipeline(Counting(ValueError("not today\nsecond line")), LogisticRegression())
    says = r"^Pipeline cannot be fitted on these rows\. ValueError: not today\. Use another model\.$"
    with pytest.raises(ModelError, match=says) as told:
        imb.fit_eval(plain(), "y", model=model, strategies=ALL, **QUICK)
    assert told.value.__cause__ is None
    assert told.value.__context__ is None


class Later(Counting):
    """Raises on rows to score that it has not seen."""

    def transform(self, X):
        if len(X) != self.n_:
            raise RuntimeError("other rows")
        return np.array(X)


def test_a_step_that_cannot_transform_other_rows_is_told_too():
    with pytest.raises(ModelError, match=r"RuntimeError: other rows\. Use another model\.$"):
        imb.fit_eval(plain(), "y", model=make_pipeline(Later(), LogisticRegression()), **QUICK)


class Greedy(ClassifierMixin, BaseEstimator):
    """Writes into the rows it is given: a step of its own that scales them where they stand."""

    def fit(self, X, y):
        X -= X.mean(axis=0)
        self.inner_ = GaussianNB().fit(X, y)
        self.classes_ = self.inner_.classes_
        return self

    def predict_proba(self, X):
        X *= 0.5
        return self.inner_.predict_proba(X)


def test_a_model_that_writes_into_its_rows_spoils_no_other_strategys():
    model = make_pipeline(Counting(), Greedy())
    found = imb.fit_eval(plain(), "y", model=model, strategies=["oversample", "smote"], **QUICK)
    assert [name for name in found.scored.by_name if not same(found, name)] == []


# ---------------------------------------------------------------- the model handed out


@pytest.mark.slow
@pytest.mark.parametrize("case", ["mixed columns with holes", "a pipeline with a lambda", "three classes"])
def test_the_model_handed_out_is_the_whole_pipeline_fitted(case):
    make, options = CASES[case]
    data = make()
    found = imb.fit_eval(data, "y", **{"strategies": ["smote"]} | QUICK | options)
    parts = found.plan.parts
    *_, last = whole(found, "smote")
    model = found.model("smote")
    assert [name for name, _ in model.steps[1:]] == [name for name, _ in last.steps]
    test = parts.test.X
    assert np.array_equal(model.predict_proba(test), last.predict_proba(found.reader.features(parts.test)))
    assert np.array_equal(model.predict(data.drop(columns="y").loc[test.index]), model.predict(test))


def test_fitting_one_model_anew_changes_no_other():
    data = plain()
    found = imb.fit_eval(data, "y", strategies=["class_weight", "smote"], **QUICK)
    test = found.plan.parts.test.X
    before = {name: found.model(name).predict_proba(test) for name in ("none", "smote")}
    found.model("class_weight").fit(data[["a", "b", "c"]] * 100 + 7, data["y"])
    assert not np.allclose(found.model("class_weight").predict_proba(test), before["none"])
    for name, wanted in before.items():
        assert np.array_equal(found.model(name).predict_proba(test), wanted)


class Locked(Counting):
    """Holds what cannot be copied once it is fitted."""

    def fit(self, X, y=None):
        self.lock_ = threading.Lock()
        return super().fit(X, y)


def test_a_fitted_step_that_cannot_be_copied_is_no_trouble():
    model = make_pipeline(Locked(), MinMaxScaler(), LogisticRegression())
    found = imb.fit_eval(plain(), "y", model=model, strategies=["smote"], **QUICK)
    assert same(found, "smote")
    assert len(found.model("smote").steps) == 5  # the reader, theirs and the sampler


# ---------------------------------------------------------------- what libraries warned of


def told(evaluation):
    return sorted(each.message for each in evaluation.findings if each.code == "IMB315")


SHORT_OF_BREATH = {
    "model": LogisticRegression(max_iter=1),
    "strategies": ["class_weight", GaussianNB()],
} | QUICK


@pytest.mark.quick(1)
@pytest.mark.parametrize("where", ["here", "threads by themselves", "threading", "loky"])
@pytest.mark.filterwarnings("error")
def test_a_fit_that_did_not_converge_is_told_of_by_strategy(where, monkeypatch):
    """The third strategy puts a model in the place of it that always converges."""
    seen = []
    keep = parallel._threaded
    monkeypatch.setattr(parallel, "_threaded", lambda *given: seen.append(given[1]) or keep(*given))
    if where == "threads by themselves":
        monkeypatch.setattr(parallel, "THREAD_SECONDS", 0.0)
        monkeypatch.setattr(parallel.joblib, "cpu_count", lambda: 2)
    options = SHORT_OF_BREATH | {"n_jobs": 1 if where == "here" else None}
    if where in {"threading", "loky"}:
        with joblib.parallel_config(where, n_jobs=2):
            found = imb.fit_eval(churn(), "y", **options)
    else:
        found = imb.fit_eval(churn(), "y", **options)
    assert told(found) == ["'class_weight': a fit did not converge.", "'none': a fit did not converge."]
    assert "GaussianNB" in found.scored.by_name
    assert bool(seen) == (where == "threads by themselves")


def test_a_shared_step_that_did_not_converge_is_told_of_for_each_strategy():
    model = make_pipeline(Counting(warning=ConvergenceWarning("raise max_iter")), LogisticRegression())
    found = imb.fit_eval(plain(), "y", model=model, strategies=["oversample"], **QUICK)
    assert told(found) == ["'none': a fit did not converge.", "'oversample': a fit did not converge."]
