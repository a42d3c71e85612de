"""Runs a snippet as its reader would: only ``df`` exists, and this package cannot be imported."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

PACKAGE = "imbalance_accessor"

#: What stands at the head of a file, so that no line below it reaches this package.
BLOCKER = f"""\
import sys


class NoSuchPackage:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "{PACKAGE}":
            raise ImportError("a snippet must not import " + name)


sys.meta_path.insert(0, NoSuchPackage())
"""


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


def execute(code: str, **names: Any) -> dict[str, Any]:
    """Execute code with the given names and return every name it leaves; what it printed is in ``"printed"``."""
    assert PACKAGE not in code
    space, out = dict(names), io.StringIO()
    with package_hidden(), contextlib.redirect_stdout(out):
        exec(compile(str(code), "<snippet>", "exec"), space)
    return {**space, "printed": out.getvalue()}
