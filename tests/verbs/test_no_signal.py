"""Features that tell nothing: titles say that an answer which knows nothing does as well."""

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
    y = held_out(noise)
    floor = f1_score(y, np.ones(len(y)))
    assert found.frame.loc["none", "f1_tuned"] <= floor
    assert found.verdict.endswith(f"; always positive, which knows nothing, scores {floor:.3f}")


@pytest.mark.slow
def test_a_model_that_knows_something_is_not():
    found = imb.fit_eval(imb.make_churn(600), "churn", strategies=[], **QUICK)
    assert "knows nothing" not in found.verdict


@pytest.mark.slow
def test_a_repaired_level_is_not_called_knowledge(noise):
    found = imb.reliability(noise, "y", strategies=["class_weight"], **QUICK)
    y, name = held_out(noise), found.best["class_weight"]
    share = brier_score_loss(y, np.full(len(y), y.mean()))
    assert found.frame.loc[("class_weight", name), "brier"] >= share
    assert f"{name}, no better than the prevalence" in found.verdict and "repairs" not in found.verdict
    assert dict(found._card().figures)["saying the share"].startswith(f"Brier {share:.4f}")


@pytest.mark.slow
def test_a_repair_that_knows_more_than_the_share_repairs_it():
    found = imb.reliability(imb.make_churn(2000), "churn", strategies=["class_weight"], **QUICK)
    assert found.frame.loc[("class_weight", found.best["class_weight"]), "brier_skill"] > 0
    assert "repairs it" in found.verdict and "no better than the prevalence" not in found.verdict
