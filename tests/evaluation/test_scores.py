"""Scores out of fold and on test, against plain loops; what comes of models that fail or were fitted before."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation.fit import FeatureReader
from imbalance_accessor.evaluation.score_folds import score_by_fold
from imbalance_accessor.modeling.models import read_model
from imbalance_accessor.modeling.pipelines import Candidate, assemble
from imbalance_accessor.modeling.read_strategies import read_strategies
from imbalance_accessor.modeling.strategies import SamplerContext
from imbalance_accessor.splitting.folds import make_folds
from imbalance_accessor.splitting.split import divide

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def frame(n=240, labels=("no", "yes"), seed=0):
    """Two numbers that tell the last label from the others, a block of rows, and a time."""
    rng = np.random.default_rng(seed)
    y = rng.choice(len(labels), n, p=[*[0.75 / (len(labels) - 1)] * (len(labels) - 1), 0.25])
    X = rng.normal(size=(n, 2)) + 1.5 * (y == len(labels) - 1)[:, None] + y[:, None]
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(n) // 2, unit="D")
    out = pd.DataFrame(X, columns=["a", "b"], index=rng.permutation(n) + 1000)
    out["block"] = rng.integers(0, 30, n)
    out["day"] = days
    out["y"] = np.array(labels, dtype=object)[y]
    return out


def scored(data, names=("none",), model="logistic", cv=3, pos_label=None, fitted=False, test=None, **rules):
    features = read_features(data, "y", pos_label=pos_label, **rules, test=test)
    parts = divide(features, test_size=0.25, random_state=0)
    folds = make_folds(parts, cv=cv, random_state=0)
    chosen = read_model(model, fitted=fitted)
    strategies, _ = read_strategies(names, chosen, SamplerContext(features.columns, 0), 20)
    candidates = {
        each.name: Candidate(each, assemble(each, chosen, features.columns, {}, {})) for each in strategies
    }
    return score_by_fold(FeatureReader(chosen, parts), folds, candidates, n_jobs=1, progress=False)


def plain_model():
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


@pytest.mark.parametrize("rules", [{}, {"groups": "block"}, {"time": "day"}])
def test_each_row_is_scored_by_a_model_that_never_saw_it(rules):
    data = frame()
    found = scored(data, **rules)
    train, test = found.parts.train, found.parts.test
    used = list(found.parts.features.columns.used)
    oof = np.full((len(train), 2), np.nan)
    for fold in range(len(found.folds)):
        held = found.folds.ids == fold
        past = (train.X["day"] < train.X["day"][held].min()).to_numpy()
        seen = past if "time" in rules else ~held
        model = plain_model().fit(train.X[used][seen], train.y[seen])
        oof[held] = model.predict_proba(train.X[used][held])
    wanted = plain_model().fit(train.X[used], train.y).predict_proba(test.X[used])
    assert found.by_name["none"].oof == pytest.approx(oof, abs=1e-9, nan_ok=True)
    assert found.by_name["none"].test == pytest.approx(wanted, abs=1e-9)
    assert np.isnan(oof).any() == ("time" in rules)  # the first block has no past to learn from


def test_a_second_name_is_the_same_scores_and_the_same_model():
    found = scored(frame(), ["smote", "smote+class_weight"])
    assert found.by_name["smote"] is found.by_name["smote+class_weight"]
    assert list(found.unique) == ["none", "smote"]
    alone = scored(frame(), ["smote+class_weight"])
    assert (alone.by_name["smote+class_weight"].oof == found.by_name["smote"].oof).all()
    assert (alone.by_name["smote+class_weight"].test == found.by_name["smote"].test).all()


class Choosy(ClassifierMixin, BaseEstimator):
    """Raises where the share of the rarest class among its rows is not what it likes."""

    def __init__(self, likes=(0.0, 1.0)):
        self.likes = likes

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        share = counts.min() / counts.sum()
        if not self.likes[0] <= share <= self.likes[1]:
            raise ValueError(f"a share of {share:.2f} is not to my liking")
        return self

    def predict_proba(self, X):
        return np.column_stack([1 - np.linspace(0, 1, len(X)), np.linspace(0, 1, len(X))])


def test_a_model_that_fails_for_one_strategy_loses_that_row_alone():
    found = scored(frame(), ["oversample", "undersample"], model=Choosy((0.0, 0.4)))
    assert list(found.by_name) == ["none"]
    assert [finding.code for finding in found.findings] == ["IMB305", "IMB305"]
    assert "a share of 0.50 is not to my liking" in found.findings[0].message
    kept = scored(frame(), [], model=Choosy((0.0, 0.4)))
    assert (kept.by_name["none"].test == found.by_name["none"].test).all()


def test_a_model_that_always_fails_is_an_error_of_one_sentence():
    with pytest.raises(
        ModelError, match=r"Choosy cannot be fitted on these rows\. ValueError: a share of"
    ) as caught:
        scored(frame(), ["oversample"], model=Choosy((0.9, 1.0)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "model"),
    [
        ((1, "0"), "logistic"),
        (("0", True), "logistic"),
        ((10, 9), "logistic"),
        ((False, True), "logistic"),
        ((-1.0, 1.0), "logistic"),
        (("b", "a"), "logistic"),
        (("a", 2, "b", 10), "logistic"),
    ],
)
def test_columns_of_scores_belong_to_their_labels(labels, model):
    """The last label lies far from the others, so its own rows must have its highest scores."""
    data = frame(labels=labels)
    found = scored(data, model=model)
    classes = found.parts.features.target.classes
    far = [type(label) is type(labels[-1]) and label == labels[-1] for label in classes].index(True)
    assert sorted(map(str, classes)) == sorted(map(str, labels))
    for codes, scores in (
        (found.train_codes, found.by_name["none"].oof),
        (found.test_codes, found.by_name["none"].test),
    ):
        is_far = codes == far
        assert scores[is_far, far].mean() > scores[~is_far, far].mean() + 0.2


@pytest.mark.parametrize("labels", [("no", "yes"), (0, 1), (False, True), (1, "0"), ("a", "bb", "ccc")])
def test_a_model_answers_in_the_labels_themselves_on_raw_rows(labels):
    data = frame(labels=labels)
    found = scored(data)
    model = found.by_name["none"].model
    said = model.predict(found.parts.test.X)
    classes = found.parts.features.target.classes
    best = [classes[code] for code in found.by_name["none"].test.argmax(axis=1)]
    assert [label.item() if isinstance(label, np.generic) else label for label in said] == best
    assert model.predict_proba(data)[data.index.get_indexer(found.parts.test.X.index)] == pytest.approx(
        found.by_name["none"].test
    )


def test_one_class_against_the_rest_is_answered_by_true_and_false():
    data = frame(labels=("a", "b", "c"))
    found = scored(data, pos_label="b")
    assert found.positive == 1
    assert (found.test_codes == (found.parts.test.y == "b")).all()
    assert set(found.by_name["none"].model.predict(data).tolist()) <= {False, True}
    assert found.by_name["none"].test.shape[1] == 2


def test_a_fitted_model_is_scored_as_it_is_and_never_fitted():
    class Frozen(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            if hasattr(self, "coef_"):
                raise AssertionError("fitted again")
            return super().fit(X, y, sample_weight)

    data = frame()
    mine = Frozen().fit(data[["a", "b"]], data["y"])
    coefficients = mine.coef_.copy()
    for found in (
        scored(data.drop(columns=["block", "day"]), ["smote"], model=mine, fitted=True),
        scored(data.drop(columns=["block", "day"]), ["smote"], model=FrozenEstimator(mine)),
        scored(data, ["smote"], model=mine, fitted=True),  # it picks the columns that it was fitted on
    ):
        assert list(found.by_name) == ["none"]
        assert [finding.code for finding in found.findings] == ["IMB312"]
        wanted = mine.predict_proba(found.parts.test.X[["a", "b"]])
        assert (found.by_name["none"].test == wanted).all()
        assert (
            found.by_name["none"].model.predict(data[["a", "b"]]).tolist()
            == mine.predict(data[["a", "b"]]).tolist()
        )
    assert (mine.coef_ == coefficients).all()


def test_a_fitted_model_that_cannot_score_these_rows_says_why():
    data = frame(labels=("a", "b", "c"))
    two = data[data["y"] != "c"]
    mine = LogisticRegression().fit(two[["a", "b"]], two["y"])
    with pytest.raises(
        ModelError, match="answers in 'a', 'b'; this frame's labels are 'a', 'b', 'c'"
    ) as caught:
        scored(data.drop(columns=["block", "day"]), model=mine, fitted=True)
    assert "\n" not in str(caught.value)


def test_a_fitted_model_of_other_labels_is_refused():
    data = frame(labels=("no", "yes"))
    mine = LogisticRegression().fit(data[["a", "b"]], data["y"] == "yes")
    with pytest.raises(ModelError, match="Map the target to the model's labels first"):
        scored(data, model=mine, fitted=True)


def test_the_users_own_model_is_never_touched():
    mine = LogisticRegression(C=2)
    before = clone(mine).get_params()
    scored(frame(), ["class_weight", "smote"], model=mine)
    assert mine.get_params() == before
    assert not hasattr(mine, "coef_")


# --- draws ---


@pytest.mark.parametrize("ruled", ["nothing", "own test", "block", "day"])
def test_rows_are_drawn_as_they_were_split(ruled):
    data = frame()
    if ruled == "own test":
        found = scored(data.iloc[80:], test=data.iloc[:80])
    else:
        found = scored(data, **{"nothing": {}, "block": {"groups": "block"}, "day": {"time": "day"}}[ruled])
    by_class = {"nothing": (240, 240), "own test": (None, 160)}.get(ruled, (None, None))
    for resamples, frame_rows in zip((found.resamples, found.oof_resamples), by_class, strict=True):
        assert resamples.frame_rows == frame_rows
        assert len(resamples.strata) == (0 if frame_rows is None else 2)
        assert (resamples.n_groups is not None) == (ruled == "block")
