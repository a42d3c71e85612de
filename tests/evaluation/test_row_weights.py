"""Weights of rows in fits: held against rows that are repeated, and against plain scikit-learn that is handed them."""

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.data.features import read_features
from imbalance_accessor.evaluation.plan import make_plan
from imbalance_accessor.modeling.models import read_model

RNG = np.random.default_rng(8)


def rare_frame(n=300, *, categories=True, weights=(1, 2, 3), seed=8):
    """A frame of complete cells and frequent levels, whose weights depend on the class."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)) * [1, 10, 0.1]
    y = rng.random(n) < 1 / (1 + np.exp(1.3 - x[:, 0]))
    df = pd.DataFrame(x, columns=["a", "b", "c"])
    if categories:
        df["kind"] = rng.choice(["x", "y", "z"], n)
    w = rng.choice(weights, n) * np.where(y, 1, 2)
    return df.assign(w=w.astype(float), churn=np.where(y, "yes", "no"))


def planned(df, strategies=("none",), model="logistic", **options):
    given = {"test_size": 0.25, "cv": 3, "random_state": 0} | options
    features = read_features(df, "churn", sample_weight="w", for_models=True)
    return make_plan(features, read_model(model), list(strategies), **given)


def repeated(X, y, weights):
    times = weights.astype(int)
    return X.loc[X.index.repeat(times)], np.repeat(y, times)


@pytest.mark.parametrize("categories", [True, False])
def test_whole_weights_are_rows_repeated_through_scaler_classifier_and_class_weights(categories):
    """The same pipeline of scikit-learn's, fitted to each fold's rows, each as often as it weighs."""
    plan = planned(rare_frame(categories=categories), ("none", "class_weight"))
    without = planned(rare_frame(categories=categories).assign(w=1.0), ("none", "class_weight"))
    scored, parts = plan.score(n_jobs=1), plan.parts
    X, y, w = plan.reader.features(parts.train), parts.train_outcome, parts.train.X["w"].to_numpy()
    X_test, labels = plan.reader.features(parts.test), plan.reader.classes
    for name in ("none", "class_weight"):
        pipeline = without.candidates[name].estimator
        assert type(pipeline).__name__ == "Pipeline"  # scikit-learn's balanced weights count repeated rows
        for learn, held in plan.folds.pairs:
            witness = pipeline.fit(*repeated(X.iloc[learn], labels[y[learn]], w[learn]))
            p = witness.predict_proba(X.iloc[held])
            assert np.abs(scored.by_name[name].oof[held] - p).max() < 1e-9
        witness = pipeline.fit(*repeated(X, labels[y], w))
        assert np.abs(scored.by_name[name].test - witness.predict_proba(X_test)).max() < 1e-9
