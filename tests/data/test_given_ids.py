"""A column that identifies a row, given as id=: no feature, whatever the verb, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from alone import execute

import imbalance_accessor as imb

QUICK = {"cv": 2, "n_jobs": 1, "progress": False}
VERBS = {
    "split": {},
    "smote": {"impute": True},
    "leaks": {},
    "fit_eval": {"strategies": ["class_weight"], **QUICK},
    "best_threshold": QUICK,
    "reliability": {"calibrators": ["prior"], **QUICK},
    "report": {"strategies": [], **QUICK},
}


@pytest.mark.quick(2)
@pytest.mark.parametrize("verb", VERBS)
def test_an_id_is_no_feature(verb):
    df = imb.make_churn(300, 0.2)
    with_id = df.assign(key=np.arange(300)[::-1] ** 2 % 1009)
    found = getattr(with_id.imb, verb)("churn", id="key", **VERBS[verb])
    own = getattr(df.imb, verb)("churn", **VERBS[verb])
    pd.testing.assert_frame_equal(found.frame, own.frame)
    execute(found.snippet(), df=with_id)


def test_what_is_handed_out_takes_frames_with_it_and_without():
    df = imb.make_churn(300, 0.2)
    with_id = df.assign(key=range(300))
    t = with_id.imb.best_threshold("churn", id="key", test=with_id.tail(100), **QUICK)
    assert t.apply(with_id).tolist() == t.apply(df).tolist()
    own = df.imb.best_threshold("churn", test=df.tail(100), **QUICK)
    assert t.apply(df).tolist() == own.apply(df).tolist()


def test_of_given_scores_it_is_no_feature_either():
    df = imb.make_churn(300, 0.2)
    df = df.assign(key=range(300), p=np.where(df["churn"] == "yes", 0.6, 0.3) + np.arange(300) / 1000)
    found, own = (df.imb.best_threshold("churn", scores="p", **given) for given in ({"id": "key"}, {}))
    pd.testing.assert_frame_equal(found.frame, own.frame)
