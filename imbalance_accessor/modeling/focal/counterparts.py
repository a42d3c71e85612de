"""Which classifier minimises the focal loss in another one's place."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import LogisticRegression

from imbalance_accessor.modeling import focal
from imbalance_accessor.modeling.focal.logistic import FocalLogisticRegression

#: Parameters of a logistic regression by which the focal one goes, or that change nothing but how it is fitted.
_KEPT = ("C", "tol", "max_iter")
_IRRELEVANT = ("dual", "solver", "random_state", "verbose", "n_jobs", "warm_start", "intercept_scaling")
#: Boosters by the module they come from and their name, and their counterparts.
_BOOSTED = {
    ("xgboost", "XGBClassifier"): "FocalXGBClassifier",
    ("lightgbm", "LGBMClassifier"): "FocalLGBMClassifier",
}
#: Objectives that the focal loss generalises; None is each booster's own choice for two classes.
_LOG_LOSS = (None, "binary", "binary:logistic")


def focal_counterpart(classifier: Any) -> Any:
    """Return the classifier that minimises the focal loss with the same parameters.

    Parameters
    ----------
    classifier : classifier
        Not fitted.

    Returns
    -------
    classifier or str
        Not fitted; where there is none, the reason.

    Examples
    --------
    >>> focal_counterpart(LogisticRegression(C=0.5))
    FocalLogisticRegression(C=0.5)
    >>> focal_counterpart(LogisticRegression(class_weight="balanced"))
    "LogisticRegression(class_weight='balanced') has no counterpart under the focal loss"
    """
    kind = type(classifier)
    if kind is LogisticRegression:
        return _logistic(classifier)
    name = _BOOSTED.get((kind.__module__.split(".")[0], kind.__name__))
    if name is None:
        return f"{kind.__name__} takes no loss of one's own"
    return _boosted(classifier, name)


def _logistic(classifier: LogisticRegression) -> Any:
    plain = LogisticRegression().get_params()
    given = classifier.get_params()
    other = [key for key in given if key not in (*_KEPT, *_IRRELEVANT)]
    if given.get("penalty") == "l2":  # the default of older versions by its name
        other.remove("penalty")
    return _unlike(classifier, {key: plain[key] for key in other}) or FocalLogisticRegression(
        **{key: given[key] for key in _KEPT}
    )


def _boosted(classifier: Any, name: str) -> Any:
    given = classifier.get_params()
    if given.get("objective") not in _LOG_LOSS:
        written = f"{type(classifier).__name__}(objective={given['objective']!r:.40})"
        return f"{written} minimises a loss of its own"
    weights: dict[str, Any] = {"is_unbalance": False}
    if given.get("scale_pos_weight") is not None:
        weights["scale_pos_weight"] = 1
    del given["objective"]
    return _unlike(classifier, weights) or getattr(focal, name)(**given)


def _unlike(classifier: Any, plain: dict[str, Any]) -> str | None:
    """Say which parameter differs from what the focal loss goes with."""
    given = classifier.get_params()
    for key, value in plain.items():
        if given.get(key, value) != value:
            return f"{type(classifier).__name__}({key}={given[key]!r:.40}) has no counterpart under the focal loss"
    return None
