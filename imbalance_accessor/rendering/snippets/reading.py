"""Programs that make pandas of their frames before they read them."""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Sequence

from imbalance_accessor.rendering.snippets.literals import MODULES
from imbalance_accessor.rendering.snippets.templates import broken
from imbalance_accessor.rendering.snippets.writer import Snippet


def read_first(snippet: Snippet, lines: Sequence[str]) -> Snippet:
    """Put lines below a program's imports, and import what they need."""
    if not lines:
        return snippet
    end, body = 0, snippet.whole.split("\n")
    for node in itertools.takewhile(_is_import, ast.parse(snippet.whole).body):
        end = node.end_lineno or 0
    head = _with_imports(body[:end], lines)
    rest = "\n".join(body[end:]).lstrip("\n")
    return Snippet("\n".join([*head, *([""] if head else []), *on_lines(lines), rest]))


def on_lines(statements: Sequence[str]) -> list[str]:
    """Return the lines of statements as a formatter breaks them."""
    return [line for each in statements for line in broken(each)]


def _with_imports(head: list[str], lines: Sequence[str]) -> list[str]:
    """Add the modules that lines read to a program's imports: they stand before what is imported from modules."""
    read = {node.id for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.Name)}
    named = {name: MODULES[name] for name in read & MODULES.keys()}
    added = {
        f"import {module} as {name}" if name != module else f"import {name}" for name, module in named.items()
    }
    missing = sorted(added - set(head))
    if not missing:
        return head
    start = len(head) - head[::-1].index("") if "" in head else 0
    block = head[start:]
    if block and block[0].split()[1].partition(".")[0] in sys.stdlib_module_names:
        return [*head, "", *missing]
    modules = [line for line in block if line.startswith("import ")]
    return [*head[:start], *sorted([*modules, *missing]), *block[len(modules) :]]


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)
