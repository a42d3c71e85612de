"""Split first, then resample the training set: five lines as one writes them. Frozen; nothing here comes from the package."""

from __future__ import annotations

from typing import Any

import pandas as pd
from imblearn.over_sampling import SMOTE, SMOTENC
from sklearn.model_selection import train_test_split


def stratified(df: pd.DataFrame, target: str) -> list[Any]:
    """Return X_train, X_test, y_train, y_test."""
    X, y = df.drop(columns=target), df[target]
    return train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)


def resampled(df: pd.DataFrame, target: str) -> tuple[Any, ...]:
    """Return the four parts with SMOTE, or SMOTENC where columns hold text, on the training set."""
    X_train, X_test, y_train, y_test = stratified(df, target)
    text = list(X_train.select_dtypes(exclude="number"))
    sampler = SMOTENC(text, random_state=0) if text else SMOTE(random_state=0)
    X_train, y_train = sampler.fit_resample(X_train, y_train)
    return X_train, X_test, y_train, y_test
