"""Programs written from templates: a file of plain Python with its own imports, filled in and laid out.

A template (``*.py.j2``, beside the writer that fills it) holds one statement a line, however long; `render` breaks long ones
as a formatter would. Its imports stand at its top, or in a template that it includes: they are gathered at the head of
the program, and those of names that this program does not read are left out.
"""

from __future__ import annotations

import ast
import functools
import io
import itertools
import re
import tokenize
from typing import TYPE_CHECKING, Any

from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Writer, quoted_code

if TYPE_CHECKING:
    from jinja2 import Environment

_PAIRS = {"(": ")", "[": "]", "{": "}"}


def write_template(writer: Writer, template: str, **values: Any) -> None:
    """Add a template's lines to a program, and its imports.

    Parameters
    ----------
    writer : Writer
    template : str
        Its path below ``verbs``.
    **values
        What the template reads.
    """
    text = _environment().get_template(template).render(**values)
    tree = ast.parse(text)
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in imports:
        _import(writer, node, read)
    above = {line for node in imports for line in range(node.lineno, int(node.end_lineno or 0) + 1)}
    kept = [line for number, line in enumerate(text.splitlines(), 1) if number not in above]
    for line in "\n".join(kept).strip("\n").split("\n"):
        writer.add(*broken(line))


def _import(writer: Writer, node: ast.Import | ast.ImportFrom, read: set[str]) -> None:
    for each in node.names:
        if (each.asname or each.name) not in read:
            continue
        if isinstance(node, ast.Import):
            writer.use_module(each.name, each.asname or "")
        else:
            writer.use(str(node.module), each.name)


@functools.cache
def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("imbalance_accessor", "verbs"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = quoted_code
    return environment


def replaced_names(code: str, instead: dict[str, str]) -> str:
    """Write expressions in place of variables; text and keywords that read alike stay.

    Examples
    --------
    >>> replaced_names('fit(model, name="model", model=1)', {"model": "GaussianNB()"})
    'fit(GaussianNB(), name="model", model=1)'
    """
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    for token, after in reversed(list(itertools.pairwise(tokens))):
        if token.type == tokenize.NAME and token.string in instead and after.string != "=":
            code = code[: token.start[1]] + instead[token.string] + code[token.end[1] :]
    return code


def broken(line: str) -> list[str]:
    """Break one statement that is too long at its brackets, as a formatter does.

    Examples
    --------
    >>> broken("x = " + "call(" + ", ".join(["argument"] * 9) + ")")[0]
    'x = call('
    """
    if len(line) <= CODE_WIDTH:
        return [line]
    pairs = _outer_pairs(line)
    # a subscript behind a call stays whole where the call can be broken, and so does a call whose head would not fit
    fitting = [pair for pair in pairs if pair[0] < CODE_WIDTH and pair[1] - pair[0] > 1]
    calls = [pair for pair in fitting if line[pair[0]] != "["] or fitting
    if not calls:
        return [line]
    first, last = calls[-1]
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    head, body, tail = line[: first + 1], line[first + 1 : last], line[last:]
    kind = line[first] if _is_trailer(line, first) else ""
    return [head, *_body(indent, body, kind), *broken(f"{indent[4:]}{tail}")]


def _body(indent: str, body: str, kind: str) -> list[str]:
    """Write what stands between brackets: of calls and subscripts on one line where it fits, else part by part."""
    parts, loop = _parts(body), _loop(body)
    if (kind or loop) and len(indent + body) <= CODE_WIDTH:
        return [indent + body]
    if loop:
        return [*broken(indent + body[:loop]), *broken(indent + body[loop + 1 :])]
    comma = "," if len(parts) > 1 or kind != "[" else ""
    return [line for part in parts for line in broken(f"{indent}{part}{comma}")]


def _loop(body: str) -> int:
    """Return where a comprehension's loop begins; 0 where there is none."""
    outside, pairs = re.finditer(r" for ", body), _outer_pairs(body)
    places = (each.start() for each in outside)
    return next((at for at in places if not any(first < at < last for first, last in pairs)), 0)


def _is_trailer(line: str, place: int) -> bool:
    """Whether a bracket belongs to what stands before it, as a call's or a subscript's does."""
    before = line[:place]
    return bool(before) and (before[-1].isalnum() or before[-1] in "_)]\"'")


def _outer_pairs(line: str) -> list[tuple[int, int]]:
    """Return where the outermost brackets open and close."""
    pairs, opened = [], list[int]()
    for place, sign in _signs(line):
        if sign in _PAIRS:
            opened.append(place)
        elif sign in _PAIRS.values() and opened:  # the end of a statement closes what was opened above
            start = opened.pop()
            if not opened:
                pairs.append((start, place))
    return pairs


def _parts(body: str) -> list[str]:
    """Divide at the commas that stand in no bracket."""
    depth, start, parts = 0, 0, list[str]()
    for place, sign in _signs(body):
        depth += (sign in _PAIRS) - (sign in _PAIRS.values())
        if sign == "," and depth == 0:
            parts.append(body[start:place].strip())
            start = place + 1
    return [*parts, *filter(None, [body[start:].strip()])]


def _signs(code: str) -> list[tuple[int, str]]:
    """Return brackets and commas outside of text, and where they stand."""
    found, place = list[tuple[int, str]](), 0
    for text in re.finditer(r"""[rbuf]*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|#.*$|([()\[\]{},])""", code):
        place = text.start()
        if text[2]:
            found.append((place, text[2]))
    return found
