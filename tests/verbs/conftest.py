"""Runs a snippet as its reader would: only ``df`` exists, and this package cannot be imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import pytest
from alone import execute

mpl.use("agg")


@pytest.fixture
def run() -> Callable[..., dict[str, Any]]:
    """Execute code with the given names and return every name it leaves; what it printed is in ``"printed"``."""
    return execute


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    from matplotlib import pyplot

    yield
    pyplot.close("all")


@pytest.fixture
def _nothing_is_fitted(monkeypatch: pytest.MonkeyPatch) -> type[BaseException]:
    """Raise what no verb takes for a model's error as soon as anything is fitted, searched or judged."""
    from sklearn.linear_model import LogisticRegression

    from imbalance_accessor.evaluation import fit, score_folds
    from imbalance_accessor.verbs.best_threshold import result as threshold
    from imbalance_accessor.verbs.reliability import result as reliability_result

    class Begun(BaseException):
        """No error that the package could take for a model's own."""

    def begin(*args: Any, **kwargs: Any) -> None:
        raise Begun

    for room, name in (
        (fit, "fit_and_score"),
        (score_folds, "fit_and_score"),
        (threshold, "choose"),
        (reliability_result, "report_calibration"),
    ):
        monkeypatch.setattr(room, name, begin)
    monkeypatch.setattr(LogisticRegression, "fit", begin)
    return Begun
