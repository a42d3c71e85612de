"""What is done once another library has been imported, without importing it: now where it is there, else when it comes."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any


def when_imported(module: str, done: Callable[[], None]) -> None:
    """Call a function as soon as a module is imported; at once where it is.

    Parameters
    ----------
    module : str
    done : callable
        Called once; what it raises is not raised by the import.

    Examples
    --------
    >>> when_imported("sys", lambda: print("it is there"))
    it is there
    """
    if module in sys.modules:
        done()
    elif not any(isinstance(each, _Waiting) and each.module == module for each in sys.meta_path):
        sys.meta_path.insert(0, _Waiting(module, done))


class _Waiting(importlib.abc.MetaPathFinder):
    """Waits for one module, and takes itself away when it comes."""

    def __init__(self, module: str, done: Callable[[], None]) -> None:
        self.module, self.done = module, done

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module:
            return None
        others = [each for each in sys.meta_path if each is not self]
        found = (each.find_spec(fullname, path, target) for each in others if hasattr(each, "find_spec"))
        spec = next((each for each in found if each is not None), None)
        if spec is not None and spec.loader is not None:
            sys.meta_path[:] = [each for each in sys.meta_path if each is not self]
            spec.loader = _Then(spec.loader, self.done)
        return spec


class _Then(importlib.abc.Loader):
    """Loads a module as its own loader does, gives it back that loader, and calls a function."""

    def __init__(self, own: Any, done: Callable[[], None]) -> None:
        self.own, self.done = own, done

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self.own.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        module.__loader__ = self.own
        if spec is not None:
            spec.loader = self.own
        self.own.exec_module(module)
        self.done()
