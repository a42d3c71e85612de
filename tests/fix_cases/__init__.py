"""Cases of findings and errors, a file an area: code that raises one, and the fix it must carry, word for word.

`tests/test_fixes.py` runs each fix in a fresh namespace that holds nothing but what `setup` made.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from IPython.core.error import UsageError

from imbalance_accessor.errors import ImbalanceError
from imbalance_accessor.ipython.magic import run_line as shown_line

#: 400 rows of two columns with signal, 40 of them positive.
NUMBERS = """
import numpy as np, pandas as pd, imbalance_accessor
rng = np.random.default_rng(0)
y = np.repeat(["no", "yes"], [360, 40])
df = pd.DataFrame({"a": rng.normal(size=400) + (y == "yes"), "b": rng.normal(size=400), "y": y})
df = df.sample(frac=1, random_state=0, ignore_index=True)
"""


@dataclass(frozen=True)
class Case:
    """One finding or error.

    Attributes
    ----------
    name : str
        The code of a finding, or an error's class; a few words after a colon tell cases apart.
    call : str
        The expression that gives the finding or raises the error.
    fix : str
        The fix, word for word; empty where the cure is in words only.
    setup : str
        What makes ``df`` (and ``y``, ``test``, ``model``) and registers the accessor.
    """

    name: str
    call: str
    fix: str = ""
    setup: str = NUMBERS

    @property
    def code(self) -> str:
        return self.name.partition(":")[0]

    def __repr__(self) -> str:
        return self.name


def run_line(line: str, names: dict[str, Any]) -> Any:
    """Run a line of the magic, and raise the error of which its shell shows the sentence and the fix."""
    shell = SimpleNamespace(user_ns=names, history_manager=None, ev=lambda word: eval(word, names))
    shell.set_next_input = lambda text: None
    try:
        return shown_line(cast(Any, shell), line.removeprefix("%imbalance"))
    except UsageError as shown:
        error = shown.__context__
        assert isinstance(error, ImbalanceError)
        assert str(shown) == "\n".join([str(error), *getattr(error, "__notes__", [])])
        raise error from None


def run(code: str, names: dict[str, Any]) -> Any:
    """Run statements, and return the value of the last one where it is an expression; or a line of the magic."""
    if code.startswith("%"):
        return run_line(code, names)
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<case>", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "<case>", "eval"), names)
