"""One honest line on a frame with a rare class.

``import imbalance_accessor as imb`` registers ``df.imb`` and ``y.imb``; every verb is also a plain
function, ``imb.counts(df, "churn")``. ``%load_ext imbalance_accessor`` adds the magic ``%imbalance``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imbalance_accessor import accessor
from imbalance_accessor.registry import PLACES, load_public

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from imbalance_accessor.data.datasets import make_churn
    from imbalance_accessor.errors import (
        FeatureError,
        ImbalanceError,
        LeakageError,
        ModelError,
        OptionError,
        SplitError,
        TargetError,
    )
    from imbalance_accessor.findings import Finding, Findings
    from imbalance_accessor.reference.cheatsheet import cheatsheet
    from imbalance_accessor.reference.pitfalls import pitfalls
    from imbalance_accessor.verbs.best_threshold import best_threshold
    from imbalance_accessor.verbs.best_threshold.cost_matrix import CheapestClass
    from imbalance_accessor.verbs.best_threshold.result import Threshold
    from imbalance_accessor.verbs.counts import counts
    from imbalance_accessor.verbs.counts.result import Counts
    from imbalance_accessor.verbs.fit_eval import fit_eval
    from imbalance_accessor.verbs.fit_eval.result import Evaluation
    from imbalance_accessor.verbs.leaks import leaks
    from imbalance_accessor.verbs.leaks.result import Leaks
    from imbalance_accessor.verbs.learning_curve.result import LearningCurve
    from imbalance_accessor.verbs.overview import overview
    from imbalance_accessor.verbs.overview.result import Overview
    from imbalance_accessor.verbs.reliability import reliability
    from imbalance_accessor.verbs.reliability.result import Reliability
    from imbalance_accessor.verbs.report import report
    from imbalance_accessor.verbs.report.result import Report
    from imbalance_accessor.verbs.score import score
    from imbalance_accessor.verbs.score.result import Score
    from imbalance_accessor.verbs.smote import smote
    from imbalance_accessor.verbs.smote.result import Resampled
    from imbalance_accessor.verbs.split import split
    from imbalance_accessor.verbs.split.result import Split
    from imbalance_accessor.verbs.trace.result import Trace
    from imbalance_accessor.verbs.weights import weights
    from imbalance_accessor.verbs.weights.result import ClassWeights

__version__ = "0.1.0"

__all__ = [
    "CheapestClass",
    "ClassWeights",
    "Counts",
    "Evaluation",
    "FeatureError",
    "Finding",
    "Findings",
    "ImbalanceError",
    "LeakageError",
    "Leaks",
    "LearningCurve",
    "ModelError",
    "OptionError",
    "Overview",
    "Reliability",
    "Report",
    "Resampled",
    "Score",
    "Split",
    "SplitError",
    "TargetError",
    "Threshold",
    "Trace",
    "best_threshold",
    "cheatsheet",
    "counts",
    "fit_eval",
    "leaks",
    "make_churn",
    "overview",
    "pitfalls",
    "reliability",
    "report",
    "score",
    "smote",
    "split",
    "weights",
]

accessor.register()


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for, so that importing the package costs pandas alone."""
    if name in PLACES:
        return load_public(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "load_ipython_extension", "unload_ipython_extension"])


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register ``%imbalance``; called by ``%load_ext imbalance_accessor``."""
    from imbalance_accessor.ipython.magic import load_magic

    load_magic(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take ``%imbalance`` away again; called by ``%unload_ext imbalance_accessor``."""
    from imbalance_accessor.ipython.magic import unload_magic

    unload_magic(shell)
