"""Programs written from templates: a file of plain Python with its own imports, filled in and laid out.

A template (``*.py.j2``, beside the writer that fills it) holds one statement a line, however long; `broken` breaks long ones
as a formatter would. Its imports stand at its top, or in a template that it includes: they are gathered at the head of the
program, and those of names that this program does not read are left out. Functions and classes at its top get their empty
lines in the end (`layout.spaced`); one that the program has already, as two templates may include the same, is not written
again. ``{{ value | code }}`` writes a value as the writer does, ``{{ text | quoted }}`` text; ``code | names`` are its words.
"""

from __future__ import annotations

import ast
import functools
import io
import itertools
import re
import tokenize
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from imbalance_accessor.rendering.snippets.layout import extent
from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Writer, on_one_line, quoted_code

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_DEFINED = (ast.FunctionDef, ast.ClassDef)


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
    writer.add(*template_lines(writer, template, **values))


def template_lines(writer: Writer, template: str, *, indent: int = 0, **values: Any) -> list[str]:
    """Add a template's imports to a program, and return its lines, indented, for a block that is written elsewhere."""
    text = _environment().get_template(template).render(writer=writer, **values)
    tree = ast.parse(text)
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in imports:
        _import(writer, node, read)
    left_out = set[int]()
    for first, last in map(extent, [*imports, *_repeated(writer, tree)]):
        left_out.update(range(first, last + 1))
    kept = [line for number, line in enumerate(text.splitlines(), 1) if number not in left_out]
    pad = " " * indent
    return [
        each
        for line in "\n".join(kept).strip("\n").splitlines()
        for each in broken(f"{pad}{line}" if line else "")
    ]


def define_template(writer: Writer, template: str, **values: Any) -> None:
    """Add the functions and classes of a template to those that stand at the head of a program, and its imports."""
    code = "\n".join(template_lines(writer, template, **values))
    lines = code.splitlines()
    for node in ast.parse(code).body:
        if isinstance(node, _DEFINED):
            first, last = extent(node)
            writer.definitions.setdefault(node.name, "\n".join(lines[first - 1 : last]))


def _repeated(writer: Writer, tree: ast.Module) -> list[ast.stmt]:
    """Return the functions and classes that the program has already."""
    known, repeated = set(writer.definitions), list[ast.stmt]()
    known |= {found[1] for line in writer.lines if (found := re.match(r"(?:def|class) (\w+)", line))}
    for node in tree.body:
        if isinstance(node, _DEFINED):
            repeated += [node] if node.name in known else []
            known.add(node.name)
    return repeated


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
    environment.filters["bracketed"] = _bracketed
    environment.filters["names"] = lambda code: set(re.findall(r"\w+", code))
    environment.filters["code"] = jinja2.pass_context(_code)
    return environment


def _bracketed(code: str) -> str:
    """Put brackets around an operation, so that an attribute is read of all of it."""
    return f"({code})" if " " in code or code[0] == "~" else code


def _code(context: Context, value: Any) -> str:
    writer: Writer = context["writer"]
    return on_one_line(writer.expression(value))


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
    >>> broken("x = (" + " @ ".join(["array"] * 10) + ").argmin()")[1]
    '    array @ array @ array @ array @ array @ array @ array @ array @ array @ array'
    """
    if len(line) <= CODE_WIDTH:
        return [line]
    if line.strip().startswith('"""') and line.endswith('"""'):
        return _wrapped(line)
    pairs = _outer_pairs(line)
    # a subscript behind a call stays whole where the call can be broken, and so does a call whose head would not fit
    fitting = [pair for pair in pairs if pair[0] < CODE_WIDTH and pair[1] - pair[0] > 1]
    calls = [pair for pair in fitting if line[pair[0]] != "["] or fitting
    if not calls:
        return [line]
    first, last = calls[-1]
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    head, body, tail = line[: first + 1], line[first + 1 : last], line[last:]
    kind = line[first] if _is_trailer(line, first) else "group" if _is_group(head, body) else ""
    return [head, *_body(indent, body, kind), *broken(f"{indent[4:]}{tail}")]


def _wrapped(docstring: str) -> list[str]:
    """Wrap a docstring of one line; a formatter pulls its end to a single one, however long that gets."""
    pad = " " * (len(docstring) - len(docstring.lstrip()))
    text, width = docstring.strip(), CODE_WIDTH if len(docstring) > CODE_WIDTH + 3 else CODE_WIDTH - 3
    return [*wrap(text.removesuffix('"""'), width, initial_indent=pad, subsequent_indent=pad), f'{pad}"""']


def _body(indent: str, body: str, kind: str) -> list[str]:
    """Write what stands between brackets: of calls and subscripts on one line where it fits, else part by part."""
    parts, loop = _parts(body), _loop(body)
    if (kind or loop) and len(indent + body) <= CODE_WIDTH:
        return [indent + body]
    if loop:
        return [*broken(indent + body[:loop]), *broken(indent + body[loop + 1 :])]
    comma = "" if len(parts) == 1 and kind in {"[", "group"} else ","
    return [line for part in parts for line in broken(f"{indent}{part}{comma}")]


def _is_group(head: str, body: str) -> bool:
    """Whether brackets only hold one expression together: with a comma it would be a tuple."""
    return head.endswith("(") and not body.endswith(",") and len(_parts(body)) == 1


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
