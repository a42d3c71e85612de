"""The loop of `fit_eval_loop.py` for a booster, on columns of numbers: features as they are, scaled only for SMOTE.

Frozen; nothing in it comes from imbalance_accessor. `n_jobs` and threads are left alone. Intervals are not computed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from peers.fit_eval_loop import best_f1_cut, figures
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.preprocessing import StandardScaler


def boosting_loop(df: pd.DataFrame, target: str, *, weighted: bool) -> pd.DataFrame:
    """Fit each strategy out of fold and on the training set; weighted: class weights against nothing, else the others."""
    y = (df[target] == df[target].value_counts().idxmin()).to_numpy()
    X = df.drop(columns=target)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X_train, y_train))
    rows = {}
    for name, pipeline in (weighted_strategies() if weighted else other_strategies()).items():
        oof = cross_val_predict(pipeline, X_train, y_train, cv=folds, method="predict_proba")[:, 1]
        score = pipeline.fit(X_train, y_train).predict_proba(X_test)[:, 1]
        rows[name] = {
            "average_precision_cv": np.mean([average_precision_score(y_train[f], oof[f]) for _, f in folds]),
            "roc_auc_cv": np.mean([roc_auc_score(y_train[f], oof[f]) for _, f in folds]),
            **figures(y_test, score, best_f1_cut(y_train, oof)),
        }
    return pd.DataFrame(rows).T


def weighted_strategies() -> dict[str, Pipeline]:
    return {
        "none": Pipeline([("model", booster())]),
        "class_weight": Pipeline([("model", booster(class_weight="balanced"))]),
    }


def other_strategies() -> dict[str, Pipeline]:
    return {
        "none": Pipeline([("model", booster())]),
        "oversample": Pipeline([("sample", RandomOverSampler(random_state=0)), ("model", booster())]),
        "undersample": Pipeline([("sample", RandomUnderSampler(random_state=0)), ("model", booster())]),
        "smote": Pipeline(
            [("scale", StandardScaler()), ("sample", SMOTE(random_state=0)), ("model", booster())]
        ),
    }


def booster(**given: str) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(early_stopping=False, random_state=0, **given)
