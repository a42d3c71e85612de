"""What a colleague would write by hand for the default strategies of `fit_eval`: plain loops, one fit at a time.

Nothing in it comes from imbalance_accessor. `n_jobs` is left alone everywhere. That SMOTE with balanced weights is
SMOTE, and needs no fits of its own, is known to this colleague too. Intervals are not computed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from imblearn.metrics import geometric_mean_score
from imblearn.over_sampling import SMOTE, SMOTENC, RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def fit_eval_loop(df: pd.DataFrame, target: str) -> pd.DataFrame:
    """Fit five strategies, score them out of fold and on a test set; one row a strategy, one column a figure."""
    y = (df[target] == df[target].value_counts().idxmin()).to_numpy()
    X = df.drop(columns=target)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X_train, y_train))
    rows = {}
    for name, pipeline in strategies(X).items():
        oof = cross_val_predict(pipeline, X_train, y_train, cv=folds, method="predict_proba")[:, 1]
        score = pipeline.fit(X_train, y_train).predict_proba(X_test)[:, 1]
        rows[name] = {
            "average_precision_cv": np.mean([average_precision_score(y_train[f], oof[f]) for _, f in folds]),
            "roc_auc_cv": np.mean([roc_auc_score(y_train[f], oof[f]) for _, f in folds]),
            **figures(y_test, score, best_f1_cut(y_train, oof)),
        }
    return pd.DataFrame(rows).T


def strategies(X: pd.DataFrame) -> dict[str, Pipeline]:
    """Write a pipeline for each strategy; SMOTENC needs raw categories, so encoding comes after it."""
    numeric = list(X.select_dtypes("number"))
    categorical = [name for name in X if name not in numeric]
    scale = ColumnTransformer(
        [("numeric", _filled(X[numeric], "median", StandardScaler()), numeric)],
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    onehot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=0.01, sparse_output=False)
    encode = ColumnTransformer(
        [("onehot", _filled(X[categorical], "constant", onehot), categorical)], remainder="passthrough"
    )
    plain = [("scale", scale), ("encode", encode)]
    logistic = LogisticRegression(max_iter=1000)
    smote = SMOTENC(categorical, random_state=0) if categorical else SMOTE(random_state=0)
    balanced = LogisticRegression(class_weight="balanced", max_iter=1000)
    return {
        "none": Pipeline([*plain, ("model", logistic)]),
        "class_weight": Pipeline([*plain, ("model", balanced)]),
        "oversample": Pipeline([*plain, ("sample", RandomOverSampler(random_state=0)), ("model", logistic)]),
        "undersample": Pipeline(
            [*plain, ("sample", RandomUnderSampler(random_state=0)), ("model", logistic)]
        ),
        "smote": Pipeline([("scale", scale), ("sample", smote), ("encode", encode), ("model", logistic)]),
    }


def _filled(columns: pd.DataFrame, strategy: str, transformer: object) -> object:
    """Impute only where cells are missing, as one who has looked at the frame would."""
    if not columns.isna().any(axis=None):
        return transformer
    fill = "missing" if strategy == "constant" else None
    return make_pipeline(SimpleImputer(strategy=strategy, fill_value=fill), transformer)


def best_f1_cut(y: np.ndarray, score: np.ndarray) -> float:
    """Find the threshold with the best F1; of ties the one that flags fewest rows."""
    precision, recall, thresholds = precision_recall_curve(y, score)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    best = np.flatnonzero(f1[:-1] >= f1[:-1].max() * (1 - 1e-12))[-1]
    return float(thresholds[best])


def figures(y: np.ndarray, score: np.ndarray, threshold: float) -> dict[str, float]:
    """Compute every figure of the test set, at 0.5 and at the tuned threshold."""
    found = {
        "average_precision": average_precision_score(y, score),
        "roc_auc": roc_auc_score(y, score),
        "brier": brier_score_loss(y, score),
        "log_loss": log_loss(y, score),
        "mean_probability": score.mean(),
        "threshold": threshold,
    }
    for suffix, at in {"": 0.5, "_tuned": threshold}.items():
        flag = score >= at
        found["precision" + suffix] = precision_score(y, flag, zero_division=0)
        found["recall" + suffix] = recall_score(y, flag)
        found["f1" + suffix] = f1_score(y, flag)
        found["mcc" + suffix] = matthews_corrcoef(y, flag)
        found["balanced_accuracy" + suffix] = balanced_accuracy_score(y, flag)
        found["g_mean" + suffix] = geometric_mean_score(y, flag)
        found["accuracy" + suffix] = accuracy_score(y, flag)
        counts = zip(("tn", "fp", "fn", "tp"), confusion_matrix(y, flag).ravel(), strict=True)
        found |= {name + suffix: float(count) for name, count in counts}
    return found
