"""Which estimators draw at random without a seed of their own, so that no run gives the figures of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from imbalance_accessor.errors import listed
from imbalance_accessor.findings import Finding

#: What draws in every fit; other classes with a `random_state` draw only under settings of theirs.
_DRAWING = frozenset(
    {
        "RandomForestClassifier",
        "ExtraTreesClassifier",
        "BaggingClassifier",
        "MLPClassifier",
        "SGDClassifier",
        "BalancedRandomForestClassifier",
        "BalancedBaggingClassifier",
        "EasyEnsembleClassifier",
        "RUSBoostClassifier",
        "RandomizedSearchCV",
        "HalvingRandomSearchCV",
    }
)


def is_unseeded(estimator: Any) -> bool:
    """Whether an estimator draws at random, a sampler among them, and has no seed.

    Examples
    --------
    >>> from sklearn.linear_model import SGDClassifier
    >>> is_unseeded(SGDClassifier()), is_unseeded(SGDClassifier(random_state=0))
    (True, False)
    """
    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        return False
    draws = hasattr(estimator, "fit_resample") or type(estimator).__name__ in _DRAWING
    return draws and estimator.get_params(deep=False).get("random_state", 0) is None


def about_seeds(estimators: Iterable[Any], random_state: int | None) -> list[Finding]:
    """Say which estimators, or parts of them, draw without a seed though one was given."""
    if random_state is None:
        return []
    every = (each for one in estimators for each in (one, *one.get_params(deep=True).values()))
    names = dict.fromkeys(type(each).__name__ for each in every if is_unseeded(each))
    if not names:
        return []
    sentence = (
        f"{listed(names)} {'has' if len(names) == 1 else 'have'} no seed: each call gives other figures."
    )
    return [
        Finding("IMB318", "note", sentence, f"Set random_state={random_state} there, to have them again.")
    ]
