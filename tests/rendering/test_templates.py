"""Programs that are written from templates: each function once, empty lines where a formatter has them, long text wrapped."""

import ast

import numpy as np
import pytest
from snippet_checks import formatted

from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.rendering.snippets.layout import spaced
from imbalance_accessor.rendering.snippets.templates import (
    broken,
    define_template,
    template_lines,
    write_template,
)
from imbalance_accessor.rendering.snippets.writer import Writer

RANKS = {"takes_half": False, "is_binary": True, "is_ranked": True}  # the function `weighted_rank` alone


def functions(code):
    return [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]


def test_a_function_that_two_templates_include_is_written_once():
    writer, resamples = Writer(), Resamples(np.arange(40) < 9, n_draws=50)
    intervals = {"is_counted": False, "resamples": resamples, "is_by_cell": False}
    write_template(writer, "shared/full/draws.py.j2", resamples=resamples, seed=1, is_by_cell=False)
    write_template(writer, "shared/full/intervals.py.j2", seed=2, **intervals)
    code = writer.text()
    assert functions(code) == ["draws", "add_ends"]
    assert "default_rng(1)" in code
    assert "default_rng(2)" not in code
    formatted(code)


def test_definitions_stand_at_the_head_and_are_not_written_again():
    writer = Writer()
    writer.add("ranks = weighted_rank(np.array([0.1, 0.3]), np.ones(2))")
    define_template(writer, "shared/full/weighted_precision.py.j2", **RANKS)
    assert template_lines(writer, "shared/full/weighted_precision.py.j2", **RANKS) == []
    space = {}
    exec(str(writer.text()), space)
    assert space["ranks"].tolist() == [0.5, 1]
    formatted(writer.text())


APART = {
    "functions": "import os\ndef f():\n    return 1\ndef g():\n    return os\nx = f()",
    "comments": "x = 1\n# said of x\n\n\n\n# said of f\n@print\ndef f():\n    return 1\n# the rest\ny = 2",
    "inside": "class A:\n    x = 1\n\n    def f(self):\n        return 1\nx = 1\n\n\n\n\ny = 1",
    "text": 'def f():\n    return 1\nx = """one\n\n\n\ntwo"""\n\n',
    "a comment alone": "# nothing to run",
}


@pytest.mark.parametrize("case", APART)
def test_empty_lines_stand_where_a_formatter_has_them(case):
    code = spaced(APART[case])
    assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(APART[case]))
    assert "\n\n\n\n" not in code.replace("one\n\n\n\ntwo", "")
    formatted(code)


def test_what_is_said_of_a_function_stays_above_it():
    assert spaced(APART["comments"]).split("\n\n\n")[1].startswith("# said of f\n@print\ndef f()")


@pytest.mark.parametrize("n", [77, 78, 80, 81, 300])
def test_a_long_docstring_is_wrapped(n):
    text = ("a word of it " * 30)[:n].strip()
    code = "\n".join(["def f():", *broken(f'    """{text}"""')])
    assert ast.get_docstring(ast.parse(code).body[0]).split() == text.split()
    assert max(map(len, code.splitlines())) <= 91  # a formatter pulls the end to a single line
    formatted(code)
