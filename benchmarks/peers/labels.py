"""Counts and weights of labels as pandas and scikit-learn give them. Frozen; nothing here comes from the package."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight


def label_counts(labels: pd.Series) -> pd.Series:
    """Count the rows of each label, missing ones too."""
    return labels.value_counts(dropna=False)


def balanced_weights(labels: pd.Series) -> tuple[dict[Any, float], np.ndarray]:
    """Return balanced class weights, and the weight of each row."""
    classes = np.unique(labels)
    weights = compute_class_weight("balanced", classes=classes, y=labels)
    return dict(zip(classes, weights, strict=True)), compute_sample_weight("balanced", labels)
