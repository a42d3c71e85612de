"""The package's own source, each file parsed once, and not before a test looks at it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import imbalance_accessor

ROOT = Path(imbalance_accessor.__file__).parent


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


class Trees(Mapping[str, ast.Module]):
    """The tree of each file, by the name that a function gives its path."""

    def __init__(self, name_of: Callable[[Path], str]) -> None:
        self._paths = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}

    def __getitem__(self, name: str) -> ast.Module:
        return parsed(self._paths[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, name: object) -> bool:
        return name in self._paths  # parses nothing


def by_path() -> Trees:
    return Trees(lambda path: path.relative_to(ROOT).as_posix())
