"""What to know before the first call: domains, techniques and models at a glance, and sentences not to say."""

from __future__ import annotations

import re
from dataclasses import replace

from imbalance_accessor.errors import one_of
from imbalance_accessor.present.reference import Reference
from imbalance_accessor.reference_texts import DOMAINS, MODELS, PITFALLS, TECHNIQUES

__all__ = ["Reference", "cheatsheet", "pitfalls"]

_TABLES = {"domains": DOMAINS, "techniques": TECHNIQUES, "models": MODELS}
#: Other words for a topic, without capitals, hyphens and underscores.
_ALIASES = {
    "domains": "domain industry industries usecases",
    "techniques": "technique method methods strategy strategies sampling",
    "models": "model classifiers calibration miscalibration",
    "fraud": "frauds creditcard payments aml",
    "rare disease": "disease diseases medical medicine health healthcare diagnosis screening",
    "churn": "attrition retention telco",
    "spam": "email sms ham phishing",
    "defects": "defect faults fault manufacturing quality maintenance predictivemaintenance",
    "safety vision": "safety vision detection objectdetection images ppe",
    "class weights": "classweight weight weights balanced scaleposweight",
    "oversampling": "oversample randomoversampler",
    "undersampling": "undersample randomundersampler",
    "SMOTE": "adasyn borderline smotenc smoten",
    "ensembles": "ensemble balancedforest easyensemble rusboost",
    "threshold": "thresholds cut cuts cutoff operatingpoint",
    "focal loss": "focal",
    "logistic": "logisticregression lr logit",
    "forest": "randomforest rf",
    "boosting": "gradientboosting histgradientboosting gbm xgboost lightgbm catboost",
    "naive_bayes": "nb gaussiannb bayes",
    "svm": "svc supportvectormachine",
    "knn": "kneighbors nearestneighbours nearestneighbors",
}


def cheatsheet(topic: str = "domains") -> Reference:
    """Tell at a glance what is typical: of domains, techniques or models.

    Parameters
    ----------
    topic : str, default "domains"
        ``"domains"`` (typical prevalence, metric, technique, threshold rule and pitfall of fraud, rare disease,
        churn, spam, defects and safety vision), ``"techniques"`` (what each is best for, its risk, what it does to
        probabilities) or ``"models"`` (how each named model is typically miscalibrated). One row's name
        (``"fraud"``, ``"focal loss"``, ``"forest"``) shows that row alone. Usual other words are understood.

    Returns
    -------
    Reference
        Shows itself; ``.frame`` is the table as text.

    Raises
    ------
    OptionError
        If the topic is unknown.

    Notes
    -----
    Focal loss is FL(p_t) = −α_t (1 − p_t)^γ log p_t, with p_t the probability that the model gives the true class;
    γ = 0 is weighted log loss (Lin et al. 2017). Sources are listed at the head of ``reference_texts``.

    Examples
    --------
    >>> cheatsheet().frame.index.tolist()
    ['fraud', 'rare disease', 'churn', 'spam', 'defects', 'safety vision']
    >>> print(cheatsheet("cut").frame.loc["threshold", "probabilities"])
    None: only the decision changes.
    """
    name = one_of("topic", _words().get(_plain(topic), topic), _ALIASES)
    if name in _TABLES:
        return _TABLES[name]
    table, row = next((table, row) for table in _TABLES.values() for row in table.rows if row[0] == name)
    return replace(table, rows=(row,))


def pitfalls() -> Reference:
    """Tell which sentences one must not say of a rare class, why, and what to say instead.

    Returns
    -------
    Reference
        Shows itself; ``.frame`` is the table as text.

    Notes
    -----
    Sources are listed at the head of ``reference_texts``.

    Examples
    --------
    >>> print(pitfalls().frame.loc["F1 as a mean", "say instead"])
    F1 = 2PR / (P + R): it is high only if both are.
    """
    return PITFALLS


def _plain(topic: object) -> str:
    return re.sub(r"[\W_]", "", topic).casefold() if isinstance(topic, str) else ""


def _words() -> dict[str, str]:
    """Return every word that is understood, with the topic it means."""
    return {word: name for name, others in _ALIASES.items() for word in (_plain(name), *others.split())}
