"""Where a program's empty lines stand: two around each function and class at the top, one between other blocks."""

from __future__ import annotations

import ast


def spaced(program: str) -> str:
    r"""Put the empty lines of a program where a formatter has them.

    Examples
    --------
    >>> print(spaced("x = 1\ndef f():\n    return x"))
    x = 1
    <BLANKLINE>
    <BLANKLINE>
    def f():
        return x
    """
    lines, within, starts, ends = program.splitlines(), set[int](), set[int](), set[int]()
    for node in ast.parse(program).body:
        first, last = extent(node)
        within.update(range(first, last + 1))
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            while lines[first - 2].startswith("#") and first > 1:  # what is said of it stays with it
                first -= 1
            starts.add(first)
            ends.add(last)
    written, empty = list[str](), 0
    for number, line in enumerate(lines, 1):
        if line or number in within:
            empty = 2 if number in starts else empty
            written += [*[""] * (empty if written else 0), line]
            empty = 2 if number in ends else 0
        else:
            empty = max(empty, 1)
    return "\n".join(written)


def extent(node: ast.stmt) -> tuple[int, int]:
    """Return a statement's first line, its decorators counted, and its last."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)]), int(node.end_lineno or node.lineno)
