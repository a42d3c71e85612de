"""The fix of a model without probabilities where these are needed."""

from __future__ import annotations

from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC

from imbalance_accessor.errors import IN_WORDS, Fix, change, known_as
from imbalance_accessor.options import MODEL_WORDS, MODELS


def with_probabilities(model: Any, *, fitted: bool) -> Fix:
    """Return the fix that calibrates a classifier; none where it came fitted, or other steps or a search stand around it."""
    classifier = SVC() if known_as(model, MODELS, MODEL_WORDS) == "svm" else model
    if fitted or hasattr(classifier, "steps") or hasattr(classifier, "estimator"):
        return IN_WORDS
    return change(model=CalibratedClassifierCV(classifier))
