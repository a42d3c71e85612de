"""The models that `fit_eval` hands out predict on raw rows of the frame, whatever its columns hold."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb

xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def odd(n=240):
    """One column of each kind that a frame may hold."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 5 == 0
    a = rng.normal(size=n) + y
    whole = pd.Series(rng.integers(0, 9, n), dtype="Int64").mask(rng.random(n) < 0.1)
    words = pd.Series(rng.choice(["x", "y", "z"], n), dtype="string").mask(rng.random(n) < 0.1)
    frame = pd.DataFrame(
        {
            "plain": a,
            "nullable_whole": whole,
            "nullable_float": pd.Series(rng.normal(size=n) + y, dtype="Float64").mask(rng.random(n) < 0.1),
            "nullable_bool": pd.Series(rng.random(n) < 0.5, dtype="boolean").mask(rng.random(n) < 0.1),
            "words": words,
            "category": pd.Categorical(rng.choice(["p", "q"], n), categories=["p", "q", "never"]),
            "category_numbers": pd.Categorical(rng.choice([1, 2, 3], n), categories=[1, 2, 3, 4]),
            "mixed": rng.choice(np.array([1, "a", 2.5, True], dtype=object), n),
            "none": pd.Series(rng.choice(np.array(["u", None], dtype=object), n), dtype=object),
            "bool": rng.random(n) < 0.5,
            "numbers_as_objects": pd.Series(rng.integers(0, 5, n).tolist(), dtype=object),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 99, n), unit="D"),
            "id": [f"id{i:04d}" for i in range(n)],
        },
        index=rng.permutation(n) + 5000,
    )
    return frame.assign(y=np.where(y, "yes", "no"))


MODELS = {
    "logistic": "logistic",
    "forest": "forest",
    "boosting": "boosting",
    "naive_bayes": "naive_bayes",
    "knn": "knn",
    "xgboost": xgboost.XGBClassifier(n_estimators=5, n_jobs=1),
}


@pytest.fixture(scope="module", params=MODELS)
def evaluated(request):
    frame = odd()
    return frame, frame.imb.fit_eval("y", model=MODELS[request.param], strategies=["smote"], **QUICK)


@pytest.mark.quick(1)
@pytest.mark.parametrize("strategy", ["none", "smote"])
def test_raw_rows_get_the_probabilities_of_scores(evaluated, strategy):
    frame, found = evaluated
    rows = found.scores.query("part == 'test' and strategy == @strategy")
    model = found.model(strategy)
    raw = frame.loc[rows.index]
    for given in (raw, raw.drop(columns="y"), raw[frame.columns[::-1]], raw.drop(columns=["id", "when"])):
        assert model.predict_proba(given)[:, 1] == pytest.approx(rows["probability"].to_numpy(), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["logistic", "boosting"])
def test_workers_lose_no_step_of_a_model(model):
    frame, strategies = odd(), ["none", "class_weight", "smote"]
    options = {**QUICK, "model": model, "strategies": strategies}
    here, there = (frame.imb.fit_eval("y", **options | {"n_jobs": n_jobs}) for n_jobs in (1, 2))
    for strategy in strategies:
        rows = there.scores.query("part == 'test' and strategy == @strategy")
        given = there.model(strategy).predict_proba(frame.loc[rows.index])[:, 1]
        assert given == pytest.approx(rows["probability"].to_numpy(), abs=1e-12)
        assert list(there.model(strategy).named_steps) == list(here.model(strategy).named_steps)


@pytest.mark.quick(1)
@pytest.mark.parametrize("strategy", ["none", "smote"])
def test_a_few_rows_are_enough_whatever_they_hold(evaluated, strategy):
    """Row by row: dtypes that pandas would infer anew, levels and holes that are not all there."""
    frame, found = evaluated
    model = found.model(strategy)
    together = model.predict_proba(frame.head(6))
    for place in range(6):
        assert model.predict_proba(frame.iloc[[place]])[0] == pytest.approx(together[place], abs=1e-9)
    unseen = frame.head(2).assign(words="never met", mixed="new", category="never", none="w")
    assert model.predict_proba(unseen).sum(axis=1) == pytest.approx([1, 1])


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["none", "smote"])
@pytest.mark.parametrize("model", ["logistic", "forest"])
def test_rows_to_come_may_write_the_same_cells_in_another_way(model, strategy):
    frame = imb.make_churn(240, 0.2)
    found = frame.imb.fit_eval("churn", model=model, strategies=["smote"], **QUICK)
    wanted = found.model(strategy).predict_proba(frame)
    payment = frame["payment_method"].astype(object)
    for given in (
        frame.convert_dtypes(),
        frame.astype(object),
        frame.assign(payment_method=payment.where(payment.notna(), None)),
        frame.assign(paperless=frame["paperless"].astype("boolean"), age=frame["age"].astype("float32")),
    ):
        assert found.model(strategy).predict_proba(given) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.quick(1)
def test_a_model_survives_pickle(evaluated):
    frame, found = evaluated
    for strategy in ("none", "smote"):
        again = pickle.loads(pickle.dumps(found.model(strategy)))
        assert (again.predict_proba(frame) == found.model(strategy).predict_proba(frame)).all()
        assert (again.predict(frame) == found.model(strategy).predict(frame)).all()


@pytest.mark.quick(2)
def test_the_best_is_handed_out_unless_another_is_named(evaluated):
    _, found = evaluated
    assert found.model() is found.model(found.best)


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("labels", "kinds"),
    [
        (pd.Series([0, 1]), (int, np.integer)),
        (pd.Series([False, True]), (bool, np.bool_)),
        (pd.Series(["no", "yes"]), (str,)),
        (pd.Series(["no", "yes"], dtype="category"), (str,)),
        (pd.Series([1, 2], dtype="Int64"), (int, np.integer)),
        (pd.Series([0.0, 1.0]), (float, np.floating)),
        (pd.Series([1, "one"], dtype=object), (int, str)),
    ],
)
@pytest.mark.parametrize("model", ["logistic", "xgboost"])
def test_predictions_have_the_labels_own_type(labels, kinds, model):
    frame = odd()[["plain", "nullable_float", "y"]]
    frame["y"] = labels.take((frame["y"] == "yes").astype(int)).set_axis(frame.index)
    found = frame.imb.fit_eval("y", model=MODELS[model], strategies=["oversample"], **QUICK)
    said = found.model("oversample").predict(frame)
    assert all(isinstance(label, kinds) for label in said)
    assert set(said) <= set(frame["y"])
    assert (said == frame["y"].to_numpy()).mean() > 0.6
    p = found.model("oversample").predict_proba(frame)
    classes = found.scored.parts.features.target.classes
    assert [classes[place] for place in p.argmax(axis=1)] == [
        label.item() if isinstance(label, np.generic) else label for label in said
    ]


def test_missing_labels_are_left_out_of_modelling_and_can_be_predicted():
    frame = imb.make_churn(300, 0.2)
    frame.loc[frame.index[::10], "churn"] = None
    found = frame.imb.fit_eval("churn", strategies=["class_weight"], **QUICK)
    labelled = frame[frame["churn"].notna()]
    for _, rows in found.scores.groupby("strategy"):
        assert sorted(rows.index) == sorted(labelled.index)
    assert "IMB201" in found.findings.codes
    assert len(found.model().predict(frame[frame["churn"].isna()])) == 30


@pytest.mark.slow
def test_a_series_beside_the_frame_is_a_target_too():
    frame = imb.make_churn(300, 0.2)
    inside = frame.imb.fit_eval("churn", strategies=["smote"], **QUICK)
    beside = frame.drop(columns="churn").imb.fit_eval(frame["churn"], strategies=["smote"], **QUICK)
    pd.testing.assert_frame_equal(beside.frame, inside.frame, check_exact=True)


def test_features_as_they_are_reach_the_model_as_they_are():
    frame = odd()[["plain", "y"]].assign(other=lambda d: d["plain"] ** 2)
    found = frame.imb.fit_eval("y", preprocess=None, strategies=[], **QUICK)
    train = found.scores.query("part == 'train'").index
    mine = LogisticRegression(max_iter=1000).fit(frame.loc[train, ["plain", "other"]], frame.loc[train, "y"])
    assert found.model("none").predict_proba(frame) == pytest.approx(
        mine.predict_proba(frame[["plain", "other"]]), abs=1e-9
    )
