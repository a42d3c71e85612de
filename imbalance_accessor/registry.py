"""Where each public name lives, and the one place that imports it: when it is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from imbalance_accessor.process_state import importing

VERBS = (
    "overview",
    "counts",
    "weights",
    "split",
    "smote",
    "fit_eval",
    "score",
    "reliability",
    "best_threshold",
    "leaks",
    "report",
)
#: Verbs that need labels alone, so that a Series has them too.
LABEL_VERBS = ("counts", "weights")

#: Pages that need no frame.
REFERENCES = ("cheatsheet", "pitfalls")

#: Where each result lives, under `verbs`.
_RESULTS = {
    "Overview": "overview.result",
    "Counts": "counts.result",
    "ClassWeights": "weights.result",
    "Split": "split.result",
    "Resampled": "smote.result",
    "Evaluation": "fit_eval.result",
    "LearningCurve": "learning_curve.result",
    "Score": "score.result",
    "Trace": "trace.result",
    "Reliability": "reliability.result",
    "Threshold": "best_threshold.result",
    "CheapestClass": "best_threshold.cost_matrix",
    "Leaks": "leaks.result",
    "Report": "report.result",
}
_ERRORS = (
    "FeatureError",
    "ImbalanceError",
    "LeakageError",
    "ModelError",
    "OptionError",
    "SplitError",
    "TargetError",
)
PLACES = {
    **{verb: f"verbs.{verb}" for verb in VERBS},
    **{result: f"verbs.{place}" for result, place in _RESULTS.items()},
    **dict.fromkeys(_ERRORS, "errors"),
    **dict.fromkeys(("Finding", "Findings"), "findings"),
    "make_churn": "data.datasets",
    **{name: f"reference.{name}" for name in REFERENCES},
}


def load_public(name: str) -> Any:
    """Import the module a public name lives in and return what it names there."""
    with importing():
        module = importlib.import_module(f"imbalance_accessor.{PLACES[name]}")
    return getattr(module, name)


def verb(name: str) -> Callable[..., Any]:
    """Return a verb's plain function."""
    function: Callable[..., Any] = load_public(name)
    return function
