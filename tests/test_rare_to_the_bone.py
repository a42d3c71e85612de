"""Frames at the edge: one positive in a million rows, a thousand classes, ten thousand levels, five thousand columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

import imbalance_accessor as imb
from imbalance_accessor.errors import SplitError, TargetError
from imbalance_accessor.evaluation import score_folds

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error")]

QUICK = {"model": "naive_bayes", "strategies": ["none"], "cv": 2, "progress": False, "n_jobs": 1}


def million(positives: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 1_000_000
    frame = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)}).assign(y=0)
    frame.loc[rng.choice(n, positives, replace=False), "y"] = 1
    return frame


def check_split(frame: pd.DataFrame) -> None:
    parts = frame.imb.split("y")
    both = parts.X_train.index.append(parts.X_test.index)
    assert both.is_unique and len(both) == len(frame)
    assert (parts.y_train.value_counts() + parts.y_test.value_counts()).eq(frame["y"].value_counts()).all()


@pytest.fixture
def nothing_is_fitted(monkeypatch):
    def refused(*_):
        raise AssertionError("a fit began")

    monkeypatch.setattr(score_folds, "fit_and_score", refused)


def test_one_in_a_million_is_counted_and_cannot_be_split(nothing_is_fitted):
    frame = million(1)
    found = frame.imb.counts("y")
    assert found.frame["rows"].to_dict() == {0: 999_999, 1: 1}
    assert "1 of 1,000,000 rows is of class 1: 0.0001 %" in str(found.explain())
    assert frame.imb.weights("y") == pytest.approx({0: 1e6 / (2 * 999_999), 1: 5e5})
    for verb in ("split", "smote", "leaks", "fit_eval", "reliability", "best_threshold"):
        with pytest.raises(SplitError, match="'y' has one row of class 1; a split needs two of every class"):
            getattr(frame.imb, verb)("y")


def test_six_in_a_million_are_split_resampled_and_evaluated():
    frame = million(6)
    check_split(frame)
    made = frame.imb.smote("y")
    real = made.parts.train.rows(2)
    assert made.y_train.value_counts().to_dict() == {0: real[0], 1: real[0]} and len(made.y_test) == 200_000
    found = frame.imb.fit_eval("y", **QUICK)
    p = found.scores.query("part == 'test' and strategy == 'none'")
    told, truth = found.frame.loc["none"], frame.loc[p.index, "y"]
    assert told["average_precision"] == pytest.approx(average_precision_score(truth, p["probability"]))
    assert told["roc_auc"] == pytest.approx(roc_auc_score(truth, p["probability"]))


def test_a_thousand_classes(nothing_is_fitted):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(5_000, 4)), columns=list("abcd"))
    frame["y"] = [f"c{each % 1_000}" for each in range(5_000)]
    assert frame.imb.counts("y").frame["rows"].eq(5).all()
    assert set(frame.imb.weights("y").values()) == {1.0}
    check_split(frame)
    with pytest.raises(SplitError, match="1000 rows of 1000 classes, too few of each for an interval"):
        frame.imb.fit_eval("y", **QUICK)
    with pytest.raises((TargetError, imb.errors.OptionError), match="has 1000 classes"):
        frame.imb.best_threshold("y", model="naive_bayes")


def test_ten_thousand_levels():
    rng = np.random.default_rng(0)
    level = [f"l{each}" for each in rng.integers(0, 10_000, 30_000)]
    frame = pd.DataFrame({"a": rng.normal(size=30_000), "level": level}).assign(y=rng.random(30_000) < 0.03)
    check_split(frame)
    found = frame.imb.fit_eval("y", **QUICK)
    p = found.scores.query("part == 'test' and strategy == 'none'")
    told = found.frame.loc["none", "average_precision"]
    assert told == pytest.approx(average_precision_score(frame.loc[p.index, "y"], p["probability"]))
    again = found.model("none").predict_proba(frame.loc[p.index])[:, 1]
    assert again == pytest.approx(p["probability"].to_numpy(), abs=1e-12)


def test_five_thousand_columns():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 5_000)), columns=[f"x{each}" for each in range(5_000)])
    frame["y"] = (np.arange(200) % 8 == 0).astype(int)
    before = pd.util.hash_pandas_object(frame).sum()
    assert "5000 numeric" in str(frame.imb.overview("y"))
    check_split(frame)
    made = frame.imb.smote("y")
    assert made.X_train.shape == (280, 5_000) and made.y_train.value_counts().to_dict() == {0: 140, 1: 140}
    assert pd.util.hash_pandas_object(frame).sum() == before
