"""Plain library code as text: expressions written from objects, laid out as a formatter would."""

from __future__ import annotations

import ast
import builtins
import enum
import functools
import inspect
import itertools
import keyword
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from imbalance_accessor.errors import OptionError
from imbalance_accessor.modeling.seeds import is_unseeded
from imbalance_accessor.rendering.snippets.layout import spaced
from imbalance_accessor.rendering.snippets.literals import MODULES, literal, your_name
from imbalance_accessor.rendering.snippets.source_inlining import inlined_source, is_ours
from imbalance_accessor.terminals import PrintedCode

CODE_WIDTH = 88


class Snippet(PrintedCode):
    """Code that runs where only ``df`` exists; a `str` that a notebook shows highlighted."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.whole}\n```"

    def to_cell(self) -> None:
        """Put the code into the notebook's next cell, ready to run.

        Raises
        ------
        OptionError
            Where there is no notebook or IPython shell.
        """
        ipython = sys.modules.get("IPython")
        shell = None if ipython is None else ipython.get_ipython()
        if shell is None:
            raise OptionError(
                "to_cell() fills the next cell of a notebook, and there is none here. Print the code: print(snippet)."
            )
        shell.set_next_input(self.whole)


@dataclass(frozen=True)
class Group:
    """A bracketed list of parts, which is broken over lines where it is too long."""

    begin: str
    parts: tuple[tuple[str, Node], ...]
    end: str


Node: TypeAlias = "str | Group"


def laid_out(node: Node, *, before: int = 0, after: int = 0, indent: int = 0) -> str:
    """Write a node on one line if it fits in 88 columns, else part by part.

    Parameters
    ----------
    node : Node
    before, after : int
        Columns taken on the line before and after the node.
    indent : int
        Columns of the line's indent.
    """
    whole = on_one_line(node)
    if isinstance(node, str) or not node.parts or before + len(whole) + after <= CODE_WIDTH:
        return whole
    pad = " " * (indent + 4)
    lines = []
    # with a comma at its end, df[...] would be given a tuple
    comma = "" if node.begin[:-1] and node.begin.endswith("[") else ","
    for prefix, part in node.parts:
        start = len(pad) + len(prefix)
        lines.append(f"{pad}{prefix}{laid_out(part, before=start, after=1, indent=indent + 4)}{comma}")
    return "\n".join([node.begin, *lines, " " * indent + node.end])


def on_one_line(node: Node) -> str:
    """Write a node on one line, whatever its length."""
    if isinstance(node, str):
        return node
    inner = ", ".join(prefix + on_one_line(part) for prefix, part in node.parts)
    comma = "," if node.begin == "(" and len(node.parts) == 1 else ""
    return f"{node.begin}{inner}{comma}{node.end}"


def spread_out(
    start: str, parts: Sequence[str], brackets: tuple[str, str], *, indent: int = 0, bare: bool = False
) -> list[str]:
    """Write parts that belong together after a start: on one line, else within brackets on one, else each on its own.

    Parameters
    ----------
    start : str
        With its indent.
    parts : sequence of str
    brackets : tuple of (str, str)
    indent : int
        Columns of the line's indent.
    bare : bool, default False
        Whether one line alone needs no brackets.

    Examples
    --------
    >>> spread_out("x = ", ["1", "+ 2"], ("(", ")"), bare=True)
    ['x = 1 + 2']
    """
    begin, end = brackets
    flat = " ".join(parts)
    whole = f"{start}{flat}" if bare else f"{start}{begin}{flat}{end}"
    if len(whole) <= CODE_WIDTH:
        return [whole]
    pad = " " * (indent + 4)
    inner = [flat] if len(pad + flat) <= CODE_WIDTH else parts
    return [start + begin, *(pad + part for part in inner), " " * indent + end]


@dataclass
class Writer:
    """Collects a program: what it imports, what it defines, and its lines.

    Attributes
    ----------
    imports : dict of str to set of str
        Names by module.
    definitions : dict of str to str
        Classes and functions of this package that the program needs, by name.
    lines : list of str
    placeholders : list of str
        What could not be written, each with a name of its own in the program.
    named : dict of str to str
        Variables by what they stand for, so that it is not written again.
    unwritten : dict of str to object
        What could not be written, by the name it has in the program.
    """

    imports: dict[str, set[str]] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    placeholders: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    unwritten: dict[str, Any] = field(default_factory=dict)

    def use(self, module: str, *names: str) -> None:
        """Import names from a module."""
        self.imports.setdefault(module, set()).update(names)

    def local(self, module: str, name: str) -> str:
        """Import a name from a module, and return what it is called here: two modules may both have a ``Pipeline``."""
        others = (names for place, names in self.imports.items() if place != module)
        if not any(name in names for names in others):
            self.use(module, name)
            return name
        alias = f"{module.split('.')[0].capitalize()}{name}"
        self.use(module, f"{name} as {alias}")
        return alias

    def use_module(self, module: str, alias: str = "") -> None:
        """Import a module, under an alias."""
        self.modules[module] = alias

    def say_unseeded(self) -> None:
        """Say, once, that the program gives other numbers at each run."""
        self.placeholders.append(
            "random_state=None stands below: each run draws anew, and numbers may differ"
        )

    def define(self, thing: Any) -> None:
        """Write out a class or function of this package, which the program cannot import, unless it stands there already."""
        if thing.__name__ in self.definitions:
            return
        found = inlined_source(thing)
        for module, name in found.imports:
            self.use(module, name)
        self.modules |= found.modules
        self.definitions |= found.code

    def add(self, *lines: str) -> None:
        """Append lines as they are."""
        self.lines.extend(lines)

    def assign(self, name: str, node: Node, *, indent: int = 0) -> None:
        """Append ``name = node``."""
        start = " " * indent + f"{name} = "
        self.lines.append(start + laid_out(node, before=len(start), indent=indent))

    def name(self, variable: str, value: Any, *, used_as: str = "") -> None:
        """Append ``variable = value``, and write the variable, or what is made of it, where the value comes again."""
        node = self.expression(value)
        self.assign(variable, node)
        self.named[on_one_line(node)] = used_as or variable

    def text(self) -> Snippet:
        """Return the program."""
        self._complete()
        blocks = [*self._import_blocks(), ""] if self.imports or self.modules else []
        placeholders = [f"# {line}" for line in dict.fromkeys(self.placeholders)]
        return Snippet(spaced("\n".join([*blocks, *self.definitions.values(), *placeholders, *self.lines])))

    def _complete(self) -> None:
        """Import the modules that values are written by, and say what is missing."""
        read = {node.id for node in ast.walk(ast.parse("\n".join(self.lines))) if isinstance(node, ast.Name)}
        known = {alias or name for name, alias in self.modules.items()}
        for name in sorted(read & MODULES.keys() - known):
            self.use_module(MODULES[name], name if name != MODULES[name] else "")
        said = {line.partition(":")[0] for line in self.placeholders}
        missing = {name for name in read if name.startswith("your_")} - said
        self.placeholders += [
            f"{name}: put your own value here; it cannot be written as code" for name in sorted(missing)
        ]

    def _import_blocks(self) -> list[str]:
        standard: list[str] = []
        others: list[str] = []
        for name, alias in self.modules.items():
            lines = standard if name in sys.stdlib_module_names else others
            lines.append(f"import {name} as {alias}" if alias else f"import {name}")
        standard, others = sorted(standard), sorted(others)
        for module in sorted(self.imports):
            lines = standard if module in sys.stdlib_module_names else others
            names = sorted(self.imports[module], key=_isort_key)
            together = [name for name in names if " as " not in name]
            for on_line in filter(None, [together, *([name] for name in names if " as " in name)]):
                line = f"from {module} import {', '.join(on_line)}"
                broken = "".join(f"    {name},\n" for name in on_line)
                lines.append(line if len(line) <= CODE_WIDTH else f"from {module} import (\n{broken})")
        return [*standard, *([""] if standard and others else []), *others]

    def expression(self, value: Any) -> Node:
        """Write a value: plain data by `repr`, an estimator by the parameters that differ from its defaults."""
        node = self._written(value)
        return self.named.get(on_one_line(node), node) if isinstance(node, Group) else node

    def _written(self, value: Any) -> Node:
        if isinstance(value, enum.Enum):  # also those that are numbers or text
            return self._object(value)
        made = literal(value)
        if made is not None:
            return made
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if isinstance(value, str):
            return quoted_code(value)
        if isinstance(value, bytes):
            return f"b{_in_double_quotes(repr(value)[1:])}"
        if value is None or isinstance(value, bool | int | float | complex):
            return repr(value)
        if isinstance(value, Mapping):
            cells = ((f"{on_one_line(self.expression(k))}: ", self.expression(v)) for k, v in value.items())
            return Group("{", tuple(cells), "}")
        if type(value) in {list, tuple, set, frozenset}:
            return self._sequence(value)
        if type(value) is np.ndarray and not value.dtype.names:
            return self._array(value)
        return self._object(value)

    def _array(self, value: NDArray[Any]) -> Node:
        """Write an array, with its type where the values do not tell it."""
        kind = value.dtype
        items = value.astype(str).tolist() if kind.kind in "mM" else value.tolist()
        told = kind.kind == "U" or (
            value.size > 0 and kind in (np.dtype(float), np.dtype(int), np.dtype(bool))
        )
        parts = [("", self.expression(items))]
        if not told:
            parts.append(("dtype=", quoted_code(kind.str if kind.kind in "mM" else kind.name)))
        return Group("np.array(", tuple(parts), ")")

    def _sequence(self, value: Iterable[Any]) -> Node:
        if not value and isinstance(value, set):
            return "set()"
        brackets = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}")}
        begin, end = brackets.get(type(value), ("frozenset([", "])"))
        return Group(begin, tuple(("", self.expression(item)) for item in value), end)

    def _object(self, value: Any) -> Node:
        if hasattr(value, "__sklearn_clone__") and type(value).__name__ == "FrozenEstimator":
            return self._placeholder(value, "what it learned cannot be written as code")
        if hasattr(value, "get_params") and not isinstance(value, type):
            return self._estimator(value)
        if isinstance(value, enum.Enum):
            return self._member(value)
        if isinstance(value, functools.partial):
            return self._partial(value)
        if type(value).__name__ == "make_column_selector" and public_place(type(value)) is not None:
            given = ((key, each) for key, each in vars(value).items() if each is not None)
            name = self.local(*public_place(type(value)))  # type: ignore[misc]
            return Group(f"{name}(", tuple((f"{key}=", self.expression(each)) for key, each in given), ")")
        own = str(getattr(value, "__name__", ""))
        if getattr(builtins, own, None) is value:
            return own
        if isinstance(value, np.ufunc) and getattr(np, own, None) is value:
            return self.local("numpy", own)
        place = public_place(value) if hasattr(value, "__qualname__") else None
        if place is not None:
            return self.local(*place)
        return self._placeholder(value, f"{type(value).__name__} cannot be written as code")

    def _member(self, value: enum.Enum) -> Node:
        """Write a member by its class, imported or, where it cannot be, by the name it has in a notebook."""
        kind = type(value)
        if value.name not in kind.__members__:  # several flags at once
            return self._placeholder(value, f"{kind.__name__} cannot be written as code")
        if public_place(kind) is not None:
            return f"{self._object(kind)}.{value.name}"
        # a class begins with a capital; another name could be one of the program's own
        if not kind.__name__[:1].isupper() or self.unwritten.setdefault(kind.__name__, kind) is not kind:
            return self._placeholder(value, f"{kind.__name__} cannot be imported")
        self.placeholders.append(f"{kind.__name__}: put your own class here; it cannot be imported")
        return f"{kind.__name__}.{value.name}"

    def _partial(self, value: functools.partial[Any]) -> Node:
        given = [("", self.expression(each)) for each in (value.func, *value.args)]
        named = [(f"{name}=", self.expression(each)) for name, each in value.keywords.items()]
        self.use("functools", "partial")
        return Group("partial(", (*given, *named), ")")

    def _placeholder(self, value: Any, why: str) -> str:
        """Name what cannot be written, each object by a name of its own, and say what to put there."""
        own = your_name(value)
        names = itertools.chain([own], (f"{own}_{number}" for number in itertools.count(2)))
        name = next(each for each in names if self.unwritten.setdefault(each, value) is value)
        self.placeholders.append(f"{name}: put your own object here; {why}")
        return name

    def _estimator(self, estimator: Any) -> Node:
        place, name = public_place(type(estimator)), type(estimator).__name__
        if is_ours(type(estimator)):
            self.define(type(estimator))
        elif place is not None:
            name = self.local(*place)
        else:
            self.placeholders.append(f"{name}: put your own class here; it cannot be imported")
        defaults = _defaults(type(estimator))
        given = estimator.get_params(deep=False)
        if is_unseeded(estimator):
            self.say_unseeded()
        parts = []
        for key in dict.fromkeys([*filter(given.__contains__, defaults), *given]):
            default = defaults[key].default if key in defaults else inspect.Parameter.empty
            if not _same(given[key], default):
                prefix = "" if key in {"steps", "transformers"} else f"{key}="
                parts.append((prefix, self.expression(given[key])))
        parts.sort(key=lambda part: part[0] != "")
        output = getattr(estimator, "_sklearn_output_config", {}).get("transform")
        if output is not None and name == "ColumnTransformer":  # it tells its transformers itself
            parts = [(prefix, _without(node, f'.set_output(transform="{output}")')) for prefix, node in parts]
        is_usual = output in (None, "default")
        end = ")" if is_usual else f').set_output(transform="{output}")'
        return Group(f"{name}(", tuple(parts), end)


def _without(node: Node, end: str) -> Node:
    if isinstance(node, str):
        return node
    parts = tuple((prefix, _without(part, end)) for prefix, part in node.parts)
    return Group(node.begin, parts, node.end.removesuffix(end))


def quoted_code(text: str) -> str:
    """Write text as a literal with double quotes where a formatter would.

    Examples
    --------
    >>> print(quoted_code("churn"), quoted_code('say "hi"'))
    "churn" 'say "hi"'
    """
    return _in_double_quotes(repr(text))


def _in_double_quotes(literal: str) -> str:
    plain = literal[0] == "'" and '"' not in literal and "\\'" not in literal
    return f'"{literal[1:-1]}"' if plain else literal


def code_of(value: Any) -> str:
    """Return a value's code on one line, whatever its length."""
    return on_one_line(Writer().expression(value))


def public_place(thing: Any) -> tuple[str, str] | None:
    """Return the shortest public module that a class or function can be imported from, and its name."""
    name, module = thing.__qualname__, thing.__module__
    if not name.isidentifier() or keyword.iskeyword(name) or module in {None, "__main__", "builtins"}:
        return None
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        try:
            found = getattr(import_module(".".join(parts[:end])), name, None)
        except ImportError:
            return None
        if found is thing and not parts[end - 1].startswith("_"):
            return ".".join(parts[:end]), name
    return None


def _defaults(kind: type) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a class, with those that it passes on to its bases by ``**kwargs``."""
    found = dict(inspect.signature(kind.__init__).parameters)  # type: ignore[misc]
    for base in kind.__mro__[1:]:
        if all(each.kind is not each.VAR_KEYWORD for each in found.values()):
            break
        passed_on = inspect.signature(base.__init__).parameters  # type: ignore[misc]
        found = {name: each for name, each in found.items() if each.kind is not each.VAR_KEYWORD}
        found |= {name: each for name, each in passed_on.items() if name not in found}
    return found


def _same(value: Any, default: Any) -> bool:
    if value is default:
        return True
    if isinstance(value, float) and isinstance(default, float) and math.isnan(value) and math.isnan(default):
        return True
    try:
        return type(value) is type(default) and (bool(value == default) or _same_settings(value, default))
    except (TypeError, ValueError):
        return False


def _same_settings(estimator: Any, default: Any) -> bool:
    """Whether two estimators of one class are written alike."""
    if not hasattr(estimator, "get_params") or isinstance(estimator, type):
        return False
    given, others = estimator.get_params(deep=False), default.get_params(deep=False)
    return given.keys() == others.keys() and all(_same(given[key], others[key]) for key in given)


def _isort_key(name: str) -> tuple[int, str]:
    """Order imported names as ruff does: constants, classes, functions."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name
