"""Features that tell nothing: titles say that an answer that needs no scores does as well."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, f1_score
from sklearn.model_selection import train_test_split

import imbalance_accessor as imb

QUICK = {"model": "logistic", "cv": 2, "progress": False}


@pytest.fixture(scope="module")
def noise() -> pd.DataFrame:
    draw = np.random.default_rng(6)
    frame = pd.DataFrame(draw.normal(size=(800, 3)), columns=["a", "b", "c"])
    return frame.assign(y=draw.permutation(np.arange(800) < 80).astype(int))


def held_out(frame: pd.DataFrame) -> pd.Series:
    return train_test_split(frame, test_size=0.2, stratify=frame["y"], random_state=0)[1]["y"]


@pytest.mark.quick(1)
@pytest.mark.parametrize("strategies", [[], ["class_weight"]])
def test_a_model_that_knows_nothing_is_held_against_an_answer_that_does_neither(noise, strategies):
    found = imb.fit_eval(noise, "y", strategies=strategies, **QUICK)
    share = noise["y"].mean()  # splits are stratified
    low = found.comparison.figures("ranking")["none"].low["roc_auc"]
    assert low < 0.5 and found.frame.loc["none", "average_precision_cv"] > share  # no better, though higher
    assert found.verdict.endswith(
        f" out of fold{')' * bool(strategies)}; a dummy baseline (a random order) scores {share:.3f}"
        ". Look for better features first"
    )


@pytest.mark.parametrize("metric", ["f1_tuned", "f1", "balanced_accuracy_tuned", "brier"])
def test_no_threshold_is_advised_to_a_model_that_knows_nothing(metric, noise):
    found = imb.fit_eval(noise, "y", metric=metric, strategies=[], **QUICK)
    assert "its threshold to" not in found.verdict
    assert "; a dummy baseline (" in found.verdict
    floor = {"f1": f1_score(noise["y"], np.ones(800)), "balanced_accuracy": 0.5, "brier": 0.1 * 0.9}
    level = floor[metric.removesuffix("_tuned")]
    assert found.verdict.endswith(f" scores {level:.3f}. Look for better features first")


@pytest.mark.slow
def test_a_model_that_knows_something_is_not():
    found = imb.fit_eval(imb.make_churn(600), "churn", strategies=[], **QUICK)
    assert "dummy" not in found.verdict


@pytest.mark.parametrize("several", [False, True])
def test_a_dummy_baseline_is_the_best_constant_answer_on_the_rows_that_are_compared(several, noise):
    frame = noise.assign(y=np.where(noise["a"] > 1, 2, noise["y"])) if several else noise
    found = imb.fit_eval(frame, "y", strategies=[], **QUICK)
    y, dummy = found.scored.train_codes, found.comparison.dummy
    onehot = np.eye(3)[y] if several else np.column_stack([1 - y, y])
    share = onehot.mean(axis=0)
    assert dummy["average_precision"] == pytest.approx(share.mean() if several else share[1], abs=1e-12)
    assert dummy["roc_auc"] == pytest.approx(0.5, abs=1e-12)
    brier = np.square(share - onehot).sum(axis=1).mean() / (1 if several else 2)
    assert dummy["brier"] == pytest.approx(brier, abs=1e-12)
    if several:
        assert dummy["f1"] == pytest.approx(
            f1_score(y, np.zeros(len(y)), average="macro", zero_division=0), abs=1e-12
        )
    else:
        assert dummy["f1"] == dummy["f1_tuned"] == pytest.approx(f1_score(y, np.ones(len(y))), abs=1e-12)
    assert dummy["accuracy"] == pytest.approx(share.max(), abs=1e-12)


@pytest.mark.slow
def test_a_calibrated_level_is_not_called_knowledge(noise):
    found = imb.reliability(noise, "y", strategies=["class_weight"], **QUICK)
    y, name = held_out(noise), found.best["class_weight"]
    share = brier_score_loss(y, np.full(len(y), y.mean()))
    assert found.frame.loc[("class_weight", name), "brier"] >= share
    assert f"{name}, no better than the prevalence" in found.verdict and "calibrates it" not in found.verdict
    assert dict(found._card().figures)["base rate for every row"].startswith(f"Brier {share:.4f}")


@pytest.mark.slow
def test_a_calibrator_that_knows_more_than_the_share_calibrates_it():
    found = imb.reliability(imb.make_churn(2000), "churn", strategies=["class_weight"], **QUICK)
    assert found.frame.loc[("class_weight", found.best["class_weight"]), "brier_skill"] > 0
    assert "calibrates it" in found.verdict and "no better than the prevalence" not in found.verdict


def test_scores_of_a_random_order_are_not_said_to_rank(noise):
    known = noise.assign(a=noise["a"] + 2 * noise["y"])
    ranked, unranked = (
        str(imb.fit_eval(each, "y", strategies=["class_weight"], **QUICK).explain())
        for each in (known, noise)
    )
    assert "is observed: calibrate it before you read risks." in ranked
    assert "is observed: it gives no risks." in unranked
