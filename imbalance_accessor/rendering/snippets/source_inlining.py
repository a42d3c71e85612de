"""Classes of this package written out in a snippet, which must run where the package is absent."""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from itertools import accumulate
from typing import Any

#: What an editor is told, and a reader need not know.
_REMARKS = re.compile(r"  # (?:type: ignore|noqa).*$", re.MULTILINE)
_PACKAGE = __name__.split(".")[0]


@dataclass
class InlinedSource:
    """A class or function with all that it needs, as plain code.

    Attributes
    ----------
    code : dict of str to str
        Definitions by name, each after those it needs.
    imports : set of (str, str)
        Modules and names; the alias of a module that is imported whole comes with an empty name before it.
    modules : dict of str to str
        Modules imported whole, and their aliases.
    """

    code: dict[str, str] = field(default_factory=dict)
    imports: set[tuple[str, str]] = field(default_factory=set)
    modules: dict[str, str] = field(default_factory=dict)


def is_ours(thing: Any) -> bool:
    """Whether a class or function is this package's own."""
    return bool(thing.__module__.split(".")[0] == _PACKAGE)


def inlined_source(thing: Any) -> InlinedSource:
    """Write out a class or function of this package with whatever it uses of the package.

    It stands at the top of its module; annotations are left out, and all but the first line of each docstring.
    """
    found = InlinedSource()
    _add(found, thing.__module__, thing.__name__)
    return found


def _add(found: InlinedSource, module: str, name: str) -> None:
    """Add a definition after those it needs."""
    if name in found.code:
        return
    source, tree = _parsed(module)
    code = _plain(_definition(source, tree, name))
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)} - {name}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in used:
            _add(found, module, node.name)
        elif isinstance(node, ast.Import):
            found.modules |= {each.name: each.asname or "" for each in node.names if _local(each) in used}
        elif isinstance(node, ast.ImportFrom):
            place, names = str(node.module), [each.name for each in node.names if _local(each) in used]
            if place.split(".")[0] != _PACKAGE:
                found.imports |= {(place, each) for each in names}
            else:
                for each in names:
                    _add(found, place, each)
    found.code[name] = code


@functools.cache
def _parsed(module: str) -> tuple[str, ast.Module]:
    """Read a module once: definitions of one need others of it, and most snippets the same."""
    source = inspect.getsource(import_module(module))
    return source, ast.parse(source)


def _local(each: ast.alias) -> str:
    return each.asname or each.name


def _definition(source: str, tree: ast.Module, name: str) -> str:
    (node,) = (
        each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef) and each.name == name
    )
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def _plain(code: str) -> str:
    """Take out annotations, remarks for editors, and all but the first line of docstrings."""
    raw = code.encode()
    starts = [0, *accumulate(len(line) for line in raw.splitlines(keepends=True))]

    def place(line: int | None, column: int | None) -> int:
        return starts[int(line or 1) - 1] + int(column or 0)

    edits = [edit for node in ast.walk(ast.parse(code)) for edit in _edits(node, raw, place)]
    for begin, end, instead in sorted(edits, reverse=True):
        raw = raw[:begin] + instead + raw[end:]
    return _REMARKS.sub("", raw.decode())


Edit = tuple[int, int, bytes]
Place = Callable[[int | None, int | None], int]


def _edits(node: ast.AST, raw: bytes, place: Place) -> Iterator[Edit]:
    """Yield from where to where a node's text is replaced, and by what."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        said = ast.get_docstring(node)
        if said is not None:
            text = node.body[0]
            begin, end = place(text.lineno, text.col_offset), place(text.end_lineno, text.end_col_offset)
            yield begin, end, f'"""{said.splitlines()[0]}"""'.encode()
    if isinstance(node, ast.FunctionDef):
        yield from _of_arguments(node.args, place)
        if node.returns is not None:
            begin = raw.rindex(b" ->", 0, place(node.returns.lineno, node.returns.col_offset))
            yield begin, place(node.returns.end_lineno, node.returns.end_col_offset), b""
    if isinstance(node, ast.AnnAssign):
        begin = place(node.target.end_lineno, node.target.end_col_offset)
        yield begin, place(node.annotation.end_lineno, node.annotation.end_col_offset), b""


def _of_arguments(given: ast.arguments, place: Place) -> Iterator[Edit]:
    positional = [*given.posonlyargs, *given.args]
    # the last of those that may be given by position have the defaults
    defaults: dict[ast.AST, ast.expr | None] = dict(zip(positional[::-1], given.defaults[::-1], strict=False))
    defaults |= zip(given.kwonlyargs, given.kw_defaults, strict=True)
    for each in ast.walk(given):
        if not isinstance(each, ast.arg) or each.annotation is None:
            continue
        begin = place(each.lineno, each.col_offset) + len(each.arg.encode())
        default = defaults.get(each)
        if default is None:
            yield begin, place(each.annotation.end_lineno, each.annotation.end_col_offset), b""
        else:
            yield begin, place(default.lineno, default.col_offset), b"="
