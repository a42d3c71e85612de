"""Classes of this package as plain code: what is left out, what is brought along, and in which order."""

import ast

import numpy as np
import pytest

from imbalance_accessor.modeling.estimators import Relabelled
from imbalance_accessor.modeling.focal import FocalLogisticRegression
from imbalance_accessor.modeling.focal.loss import focal_curvature
from imbalance_accessor.rendering.snippets.source_inlining import _plain, inlined_source, is_ours
from imbalance_accessor.rendering.snippets.writer import Writer


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("def f(a: int, b: str = 'γ', *c: int, d: int | None = None, e: int, **g: int) -> None: ...",) * 2,
        ("def f(a, b=2, /, *, c=3): ...", "def f(a, b=2, /, *, c=3): ..."),
        ("def f(γ: int = 1, b: dict[str, int] | None = None) -> dict[str, int]: ...",) * 2,
        ("x: int = 3  # type: ignore[misc]", "x = 3"),
        ("y = 1  # noqa: E501", "y = 1"),
        ("z = 1  # kept, for it says why", "z = 1  # kept, for it says why"),
        (
            'def f():\n    """One γ.\n\n    Two.\n    """\n    return 1',
            'def f():\n    """One γ."""\n    return 1',
        ),
        ('class A:\n    """One.\n\n    Two."""', 'class A:\n    """One."""'),
    ],
)
def test_annotations_remarks_and_long_docstrings_go(code, plain):
    wanted = {
        "def f(a: int, b": "def f(a, b='γ', *c, d=None, e, **g): ...",
        "def f(γ: int = ": "def f(γ=1, b=None): ...",
    }.get(code[:15], plain)
    assert _plain(code) == wanted


def test_what_is_needed_comes_before_and_nothing_else():
    found = inlined_source(focal_curvature)
    assert list(found.code) == ["_weight", "focal_hessian", "focal_curvature"]
    assert found.imports == {("scipy.special", "expit"), ("scipy.special", "log_expit")}
    assert found.modules == {"numpy": "np"}
    space = {}
    lines = ["import numpy as np", "from scipy.special import expit, log_expit", *found.code.values()]
    exec("\n".join(lines), space)
    y, raw = np.array([True, False]), np.array([-3.0, 0.5])
    assert (space["focal_curvature"](y, raw, 0.3, 1.5) == focal_curvature(y, raw, 0.3, 1.5)).all()


def test_a_program_holds_each_definition_once_between_imports_and_lines():
    writer = Writer()
    for name in ("one", "two"):
        writer.assign(name, writer.expression(FocalLogisticRegression(C=2.0)))
    code = writer.text()
    assert "imbalance_accessor" not in code
    assert code.count("class FocalLogisticRegression") == 1
    kinds = [type(node).__name__ for node in ast.parse(code).body]
    assert kinds == sorted(kinds, key=["Import", "ImportFrom", "FunctionDef", "ClassDef", "Assign"].index)
    assert code.endswith("\n\n\none = FocalLogisticRegression(C=2.0)\ntwo = FocalLogisticRegression(C=2.0)")
    assert code.startswith("import warnings\n\nimport numpy as np\nfrom scipy")


def test_ours_is_what_stands_in_this_package():
    assert is_ours(Relabelled)
    assert not is_ours(np.ndarray)
