"""The preprocessing that each named model needs: imputing, scaling, and how categories are encoded."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import chain, count

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils import get_tags

from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.data.encoded_width import POOLED_BELOW
from imbalance_accessor.modeling.focal.logistic import FocalLogisticRegression
from imbalance_accessor.modeling.models import Encoding, Model, Steps
from imbalance_accessor.modeling.strategies import Estimator

#: scikit-learn's histogram booster takes at most this many levels of a column.
_MOST_LEVELS = 255
#: What learns the same from sparse rows as from others, in less time; others take another solver, step or search for them.
_SPARSE = (LogisticRegression, FocalLogisticRegression, LinearSVC, BernoulliNB, ComplementNB, MultinomialNB)
#: Solvers that take smaller steps for the intercept where rows are sparse.
_BY_STEPS = ("sag", "saga")


def takes_missing(classifier: Estimator) -> bool:
    """Whether a classifier takes missing numbers as they are."""
    try:
        return bool(get_tags(classifier).input_tags.allow_nan)
    except (AttributeError, TypeError):  # estimators older than scikit-learn's tags
        return False


def _takes_sparse(model: Model) -> bool:
    """Whether one-hot columns of ours stay sparse for a model: it then comes to the same in less time."""
    if not model.sparse or type(model.classifier) not in _SPARSE:
        return False
    return getattr(model.classifier, "solver", "") not in _BY_STEPS and "solver" not in model.searched


def preprocessing(
    model: Model, columns: Columns, *, missing: frozenset[Hashable], neighbours: bool, keeps_categories: bool
) -> tuple[Steps, Steps]:
    """Return the steps that stand before a sampler of raw categories, and those after it.

    Parameters
    ----------
    model : Model
        What the features are prepared for.
    columns : Columns
        The features by kind.
    missing : frozenset
        Features with missing cells.
    neighbours : bool
        Whether a neighbour search stands in the pipeline: then cells are imputed and scaled.
    keeps_categories : bool
        Whether the sampler needs raw categories; otherwise all steps stand before it.
    """
    if model.own:
        return ([] if model.filler is None else [(_free_name("impute", model), model.filler)]), []
    if model.vectorizer is not None:
        return _vectorized(model, neighbours=neighbours), []
    first: Steps = []
    numeric, categorical = list(columns.numeric), list(columns.categorical)
    fill_numbers = bool(missing & set(numeric)) and (neighbours or not takes_missing(model.classifier))
    fill_text = bool(missing & set(categorical)) and keeps_categories
    if fill_numbers or fill_text:
        first.append(("impute", _imputer(numeric * fill_numbers, categorical * fill_text, bool(categorical))))
    if numeric and (model.scales or neighbours):
        first.append(("scale", _on(("numeric", StandardScaler(), numeric), whole=not categorical)))
    encoding = model.encoding if keeps_categories or not neighbours else "onehot"
    encoder = _encoder(encoding, sparse=_takes_sparse(model))
    encode: Steps = [("encode", _on_categories(encoder, categorical, bool(numeric)))] if categorical else []
    return (first, encode) if keeps_categories else (first + encode, [])


def pooled_levels(model: Model, X: pd.DataFrame, columns: Columns) -> dict[Hashable, tuple[int, int]]:
    """Return the categories of which two levels or more are pooled: how many are, and how many there are."""
    if model.own or model.vectorizer is not None or model.encoding != "onehot":
        return {}
    found = {}
    for name in columns.categorical:
        rows = X[name].value_counts(dropna=False).to_numpy()
        rare = int((rows[rows > 0] < POOLED_BELOW * len(X)).sum())
        if rare > 1:
            found[name] = rare, int((rows > 0).sum())
    return found


def ready(model: Model, columns: Columns, *, neighbours: bool, keeps_categories: bool) -> Estimator:
    """Return the classifier, told which of its columns are categories where it asks for that."""
    native = model.encoding == "native" and columns.categorical and not model.own and model.vectorizer is None
    if native and (keeps_categories or not neighbours):
        return clone(model.classifier).set_params(categorical_features=list(range(len(columns.categorical))))
    return clone(model.classifier)


def _vectorized(model: Model, *, neighbours: bool) -> Steps:
    """Return the steps that make numbers of a whole table, and what those numbers need.

    Cells are filled even where none is missing so far: an odd date among the rows to come is. A date is a number of
    seconds among others, beside which naive Bayes would lose the other columns: trees alone take it as it is.
    """
    steps: Steps = [("vectorize", model.vectorizer)]
    if neighbours or not takes_missing(model.classifier):
        steps.append(("impute", SimpleImputer(strategy="median", keep_empty_features=True)))
    if neighbours or model.encoding == "onehot":
        steps.append(("scale", StandardScaler()))
    if len(steps) == 1 and model.refuses_names:
        steps.append(("unname", FunctionTransformer(np.asarray, feature_names_out="one-to-one")))
    return steps


def _free_name(name: str, model: Model) -> str:
    """Return a name that no step of the user's own has."""
    taken = {step for step, _ in model.before}
    return next(each for each in chain([name], (f"{name}_{k}" for k in count(2))) if each not in taken)


def _imputer(numeric: list[Hashable], categorical: list[Hashable], mixed: bool) -> Estimator:
    median = SimpleImputer(strategy="median", keep_empty_features=True)
    missing = SimpleImputer(strategy="constant", fill_value="missing", keep_empty_features=True)
    parts = [("numeric", median, numeric), ("categorical", missing, categorical)]
    used = [part for part in parts if part[2]]
    return _on(*used, whole=not mixed)


def _on(*parts: tuple[str, Estimator, list[Hashable]], whole: bool) -> Estimator:
    """Apply transformers to their columns and keep the others, names and all; or one transformer to the whole."""
    if whole:
        return parts[0][1]
    return ColumnTransformer(
        list(parts), remainder="passthrough", verbose_feature_names_out=False
    ).set_output(transform="pandas")


def _encoder(encoding: Encoding, *, sparse: bool) -> Estimator:
    """Return what encodes categories; levels under 1 % share one column, unknown ones too."""
    if encoding == "onehot":
        return OneHotEncoder(
            handle_unknown="infrequent_if_exist", min_frequency=POOLED_BELOW, sparse_output=sparse
        )
    native = encoding == "native"
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=float("nan") if native else -1,
        encoded_missing_value=float("nan") if native else -2,
        max_categories=_MOST_LEVELS if native else None,
    )


def _on_categories(encoder: Estimator, categorical: list[Hashable], mixed: bool) -> Estimator:
    """Put the encoded columns first; they are sparse where numbers beside them leave most cells empty."""
    name = "onehot" if isinstance(encoder, OneHotEncoder) else "ordinal"
    return ColumnTransformer([(name, encoder, categorical)], remainder="passthrough") if mixed else encoder
