"""What is done once another library has been imported, without importing it: now where it is there, else when it comes."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any


def when_imported(module: str, done: Callable[[ModuleType], object]) -> None:
    """Call a function with a module as soon as that is imported; at once where it is.

    Parameters
    ----------
    module : str
    done : callable
        Called when the import has succeeded. The module may be another one of that name: what is looked up may be missing.

    Examples
    --------
    >>> when_imported("sys", lambda module: print(module.__name__, "is there"))
    sys is there
    """
    if module not in sys.modules:
        sys.meta_path[:] = [each for each in sys.meta_path if not _waits(each, module)]
        sys.meta_path.insert(0, _Waiting(module, done))
    elif sys.modules[module] is not None:  # None: somebody does not want it imported
        done(importlib.import_module(module))  # waits for another thread that is importing it


def _waits(finder: Any, module: str = "") -> bool:
    """Whether a finder is one of ours, or of this module as it was before a reload."""
    return type(finder).__module__ == __name__ and module in ("", finder.module)


class _Waiting(importlib.abc.MetaPathFinder):
    """Waits for one module, and takes itself away once that has been imported."""

    def __init__(self, module: str, done: Callable[[ModuleType], object]) -> None:
        self.module, self.done = module, done
        self._asked = threading.local()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module or getattr(self._asked, "others", False):
            return None  # another finder may ask all others too
        self._asked.others = True
        try:
            spec = self._found(fullname, path, target)
        finally:
            self._asked.others = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Then(spec.loader, self)
        return spec

    @staticmethod
    def _found(
        fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> importlib.machinery.ModuleSpec | None:
        others = [each for each in sys.meta_path if hasattr(each, "find_spec") and not _waits(each)]
        found = (each.find_spec(fullname, path, target) for each in others)
        return next((each for each in found if each is not None), None)


class _Then(importlib.abc.Loader):
    """Loads a module as its own loader does, gives it back that loader, and does what waited for it."""

    def __init__(self, own: Any, waiting: _Waiting) -> None:
        self.own, self.waiting = own, waiting

    def __getattr__(self, name: str) -> Any:
        return getattr(self.own, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self.own.create_module(spec) if hasattr(self.own, "create_module") else None
        return made

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.own
        if module.__spec__ is not None:
            module.__spec__.loader = self.own
        self.own.exec_module(module)
        sys.meta_path[:] = [each for each in sys.meta_path if each is not self.waiting]
        self.waiting.done(module)
