"""Frames of independent normal predictors, with true and with wrong probabilities, and short ways to say things."""

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier


def numbers(n=600, share=0.2, labels=(0, 1), seed=0):
    """Independent normal predictors; the last label is the rare one."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    X = rng.normal(size=(n, 3)) + 0.6 * y[:, None]
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=np.arange(n) * 3 + 1)
    return frame.assign(y=np.array(labels)[y.astype(int)])


def with_scores(**options):
    frame = numbers(**options)
    return frame.assign(p=(1 / (1 + np.exp(0.5 - frame["a"] - frame["b"]))).round(3))


def trees(**options):
    return RandomForestClassifier(n_estimators=15, random_state=0, **options)


def codes(found):
    return [each.code for each in found.findings]
