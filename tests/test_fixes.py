"""Every cure is followed to the letter: the fix of each finding and error is run in a fresh namespace, and must mend."""

from __future__ import annotations

import ast
import functools
import importlib
import sys
from pathlib import Path
from typing import Any

import fix_cases
import pytest
from fix_cases import Case, run
from sources import ROOT, parsed

from imbalance_accessor import errors, registry
from imbalance_accessor.errors import Fix, ImbalanceError
from imbalance_accessor.findings import CATALOG, Finding

AREAS = sorted(path.stem for path in Path(fix_cases.__file__).parent.glob("[a-z]*.py"))
CASES: list[Case] = [case for area in AREAS for case in importlib.import_module(f"fix_cases.{area}").CASES]
MADE: set[tuple[str, int]] = set()


MAKE = Fix.__init__


def sites() -> set[tuple[str, int, int | None]]:
    """Where fixes are made: the file, and the lines of the call."""
    return {
        (str(path), node.lineno, node.end_lineno)
        for path in ROOT.rglob("*.py")
        if path.name != "errors.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Fix", "change", "makes_missing"}
    }


def noted(fix: Fix, *args: Any, **given: Any) -> None:
    """Make a fix, and note the line that asked for it: the first one outside of `errors`."""
    MAKE(fix, *args, **given)
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(str(ROOT)) and not file.endswith("errors.py"):
            MADE.add((file, frame.f_lineno))
            return
        frame = frame.f_back


def fresh(case: Case) -> dict[str, Any]:
    names: dict[str, Any] = {}
    run(case.setup, names)
    return names


@functools.cache
def raised(case: Case) -> Finding | ImbalanceError:
    """Run the call as it is, and return the finding or error that the case is about."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Fix, "__init__", noted)
        try:
            result = run(case.call, fresh(case))
        except ImbalanceError as error:
            assert type(error).__name__ == case.code, f"{type(error).__name__}: {error}"
            return error
    found = [each for each in result.findings if each.code == case.code]
    assert found, f"{case.code} is not among {result.findings.codes}"
    return found[0]


def on_lines_as_they_come(code: str) -> str:
    """Return Python whatever its layout; a line of the magic as it is."""
    return code if code.startswith("%") else ast.unparse(ast.parse(code))


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_the_fix_is_the_one_expected(case: Case) -> None:
    fix = str(raised(case).fix)
    assert on_lines_as_they_come(fix) == on_lines_as_they_come(case.fix), fix


@pytest.mark.parametrize("case", [case for case in CASES if case.fix], ids=repr)
def test_the_fix_mends(case: Case) -> None:
    what = raised(case)
    result = run(str(what.fix), fresh(case))
    if isinstance(what, Finding) and hasattr(result, "findings"):
        assert what.code not in result.findings.codes, result.findings


def test_every_code_and_every_class_of_errors_has_a_case() -> None:
    missing = {*CATALOG, *(set(registry._ERRORS) - {"ImbalanceError"})} - {case.code for case in CASES}
    assert not missing, f"no case: {sorted(missing)}"
    assert all(issubclass(getattr(errors, name), ImbalanceError) for name in registry._ERRORS)


def test_every_fix_in_the_source_is_run() -> None:
    for case in CASES:
        raised(case)
    unmet = {
        site
        for site in sites()
        if not any(file == site[0] and site[1] <= line <= (site[2] or site[1]) for file, line in MADE)
    }
    assert not unmet, "\n".join(f"{Path(file).relative_to(ROOT)}:{line}" for file, line, _ in sorted(unmet))
