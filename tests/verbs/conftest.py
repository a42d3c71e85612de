"""Runs a snippet as its reader would: only ``df`` exists, and this package cannot be imported."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import pytest

mpl.use("agg")

PACKAGE = "imbalance_accessor"


class NoSuchPackage:
    """A finder that refuses to find this package."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.split(".")[0] == PACKAGE:
            raise ImportError(f"a snippet must not import {name}")


@contextlib.contextmanager
def package_hidden():
    loaded = {name: module for name, module in sys.modules.items() if name.split(".")[0] == PACKAGE}
    finder = NoSuchPackage()
    for name in loaded:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.modules.update(loaded)


@pytest.fixture
def run() -> Callable[..., dict[str, Any]]:
    """Execute code with the given names and return every name it leaves; what it printed is in ``"printed"``."""

    def execute(code: str, **names: Any) -> dict[str, Any]:
        assert PACKAGE not in code
        space, out = dict(names), io.StringIO()
        with package_hidden(), contextlib.redirect_stdout(out):
            exec(compile(str(code), "<snippet>", "exec"), space)
        return {**space, "printed": out.getvalue()}

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

    from imbalance_accessor import fitting, scored
    from imbalance_accessor.verbs import reliability_result, threshold

    class Begun(BaseException):
        """No error that the package could take for a model's own."""

    def begin(*args: Any, **kwargs: Any) -> None:
        raise Begun

    for room, name in (
        (fitting, "run"),
        (scored, "run"),
        (threshold, "choose"),
        (reliability_result, "judge"),
    ):
        monkeypatch.setattr(room, name, begin)
    monkeypatch.setattr(LogisticRegression, "fit", begin)
    return Begun
