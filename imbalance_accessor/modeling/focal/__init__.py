"""Classifiers that minimise the focal loss; the boosted ones are loaded when asked for, since theirs are optional."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {
    "FocalLogisticRegression": "logistic",
    "FocalXGBClassifier": "boosted_xgboost",
    "FocalLGBMClassifier": "boosted_lightgbm",
}


def is_focal(classifier: Any) -> bool:
    """Whether a classifier minimises the focal loss; a copy of one that a snippet spelled out does, too."""
    return any(kind.__name__ in _PLACES for kind in type(classifier).__mro__)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
