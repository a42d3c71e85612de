"""The walls between the rooms: what imports what, who may resample, who may draw."""

from __future__ import annotations

import ast
import functools
import graphlib
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from sources import ROOT, Trees, parsed

import imbalance_accessor
from imbalance_accessor import registry
from imbalance_accessor.splitting.split import Part, TestPart, TrainPart

NAME = "imbalance_accessor"


def module_name(path: Path) -> str:
    parts = [NAME, *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = Trees(module_name)

#: The floors, the lowest first; an arrow points to the same floor or down.
FLOORS = (
    ("errors", "findings", "options", "process_state", "terminals", "metrics"),
    ("data",),
    ("splitting",),
    ("modeling",),
    ("evaluation", "leakage"),
    ("inspection",),
    ("rendering",),
    ("verbs", "reference"),
    ("registry", "accessor"),
    ("ipython",),
    ("",),
)
#: What costs time to import, and so waits until a verb is called.
HEAVY = ("sklearn", "imblearn", "matplotlib", "IPython", "jinja2", "scipy", "joblib", "tqdm")


def room(module: str) -> str:
    return module.removeprefix(NAME).lstrip(".").split(".")[0]


def floor(module: str) -> int:
    return next(level for level, rooms in enumerate(FLOORS) if room(module) in rooms)


def for_type_checkers(tree: ast.Module) -> set[ast.AST]:
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    typed = [block for block in blocks if "TYPE_CHECKING" in ast.unparse(block.test)]
    return {node for block in typed for statement in block.body for node in ast.walk(statement)}


def imports(tree: ast.Module) -> set[str]:
    """Every module imported by name, wherever that stands; of what type checkers alone see, ours and nobody else's."""
    typed, found = for_type_checkers(tree), set()
    for node in ast.walk(tree):
        names: set[str] = set()
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{ast.unparse(node)} is relative"
            wholes = [f"{node.module}.{alias.name}" for alias in node.names]
            names = {whole if whole in TREES else str(node.module) for whole in wholes}
        found |= {name for name in names if node not in typed or name.split(".")[0] == NAME}
    return found


@functools.cache
def imported(module: str) -> set[str]:
    return imports(TREES[module])


def own(module: str) -> set[str]:
    """Return what a module imports of ours."""
    return {name for name in imported(module) if name.split(".")[0] == NAME}


def users_of(package: str) -> set[str]:
    return {module for module in TREES if any(name.split(".")[0] == package for name in imported(module))}


def in_a_new_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- what an import costs


def test_importing_the_package_costs_pandas_alone():
    code = f"""
import sys, pandas as pd
before = set(sys.modules)
import {NAME}
print(sorted({{name.split(".")[0] for name in set(sys.modules) - before}} - set(sys.stdlib_module_names)))
df = pd.DataFrame({{"x": [1, 2], "y": [0, 1]}})
dir(df), dir({NAME}), dir(df.imb), repr(df.imb), repr(df.y.imb)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    assert in_a_new_process(code).split("\n")[:2] == [f"[{NAME!r}]", "[]"]


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", ["counts", "weights", "overview"])
def test_what_fits_nothing_waits_for_nothing_heavy(verb):
    code = f"""
import sys, {NAME}
found = {NAME}.make_churn(200).imb.{verb}("churn")
found.frame, found.explain(), repr(found)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    assert in_a_new_process(code) == "[]\n"


# --- arrows


def test_every_module_stands_on_a_floor():
    rooms = {name for level in FLOORS for name in level}
    assert {room(module) for module in TREES} == rooms


def test_arrows_point_down():
    for module in TREES:
        assert not {name for name in own(module) if floor(name) > floor(module)}, module


def loaded_with(name: str) -> set[str]:
    """A module, and the packages around it, which Python runs first."""
    parts = name.split(".")
    return {".".join(parts[:end]) for end in range(1, len(parts) + 1)} & set(TREES)


def test_there_is_no_import_cycle():
    around = {module: loaded_with(module) for module in TREES}
    graph = {
        module: set().union(*(loaded_with(name) for name in own(module))) - around[module] for module in TREES
    }
    list(graphlib.TopologicalSorter(graph).static_order())


def test_no_function_hides_a_file_of_its_package():
    for module, tree in TREES.items():
        bound = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        bound |= {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module != module
            for alias in node.names
        }
        assert not {name for name in bound if f"{module}.{name}" in TREES}, module


def test_there_is_no_import_cycle_between_rooms():
    graph: dict[str, set[str]] = {}
    for module in TREES:
        graph.setdefault(room(module), set()).update({room(name) for name in own(module)} - {room(module)})
    list(graphlib.TopologicalSorter(graph).static_order())


def test_the_house_can_be_seen_at_a_glance():
    entries = [path for path in ROOT.iterdir() if path.name != "__pycache__"]
    assert len(entries) <= 20
    for path in ROOT.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 450, path


def test_every_package_says_what_belongs_there():
    for path in ROOT.rglob("__init__.py"):
        said = ast.get_docstring(parsed(path))
        assert said, path
        if path.parent.parent == ROOT:
            assert len(said.splitlines()) > 2, path


#: What each verb's rooms offer, under the same name in all; and figures that several classes have, too.
INTERFACES = {
    *("card", "explain", "findings_of", "pictures", "title", "verdict", "where", "write"),
    *("claim", "dealt", "figures", "has_ends", "write_ends", "write_helpers", "register"),
    *("average_precision", "brier", "log_loss"),
}


def test_one_name_means_one_thing():
    places: dict[str, set[str]] = {}
    for module, tree in TREES.items():
        for node in tree.body:
            names = {node.name} if isinstance(node, ast.FunctionDef | ast.ClassDef) else set()
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {
                    each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
                }
            for name in names - INTERFACES:
                places.setdefault(name, set()).add(module)
    several = {name for name, found in places.items() if len(found) > 1 and not name.startswith("_")}
    assert not several


def test_arrows_are_seen_wherever_they_stand():
    code = f"""
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from {NAME}.verbs import smote
    if sys.version_info > (3, 11):
        from {NAME}.data.target import Target
else:
    import scipy
def late():
    from {NAME}.verbs.split import split
"""
    ours = {f"{NAME}.{name}" for name in ("verbs.smote", "data.target", "verbs.split")}
    assert imports(ast.parse(code)) == {*ours, "scipy"}


def test_rendering_knows_no_verb():
    for module in TREES:
        if room(module) == "rendering":
            assert not {name for name in imported(module) if room(name) in {"verbs", "accessor", "ipython"}}


def test_statistics_are_pure_functions_over_arrays():
    for module in TREES:
        if room(module) == "metrics":
            assert not {name.split(".")[0] for name in imported(module)} & {
                "pandas",
                "imblearn",
                "matplotlib",
            }


# --- who may do what


def calls(module: str):
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def test_rows_are_resampled_in_one_module_alone():
    assert {module for module in TREES for name, _ in calls(module) if name == "fit_resample"} == {
        f"{NAME}.modeling.samplers"
    }
    assert {module for module in TREES for name, _ in calls(module) if name == "fit_sample"} == set()


def test_only_a_training_set_is_handed_to_the_sampler():
    found = [
        (module, ast.unparse(node)) for module in TREES for name, node in calls(module) if name == "resample"
    ]
    assert {module for module, _ in found} == {f"{NAME}.verbs.smote"}
    for _, call in found:
        assert "train" in call
        assert "test" not in call


def test_the_test_set_has_no_method_that_changes_rows():
    for part in (Part, TestPart):
        assert {name for name in dir(part) if not name.startswith("_")} == {"rows"}
    assert not issubclass(TestPart, TrainPart)


def test_drawing_stays_in_rendering_and_the_shell_in_the_magic():
    assert {room(module) for module in users_of("matplotlib")} == {"rendering"}
    assert {room(module) for module in users_of("jinja2")} <= {"rendering"}
    assert {room(module) for module in users_of("IPython") - {NAME}} == {"ipython"}


def test_nothing_is_warned_of_or_printed():
    for module in TREES:
        said = {name for name, _ in calls(module)} & {"warn", "print"}
        if module == f"{NAME}.ipython.magic":
            said -= {"print"}  # what %imbalance alone shows
        if module.startswith(f"{NAME}.modeling.focal"):
            said -= {"warn"}  # a classifier that does not converge warns as scikit-learn's do
        assert not said, module


# --- public names


def test_every_public_name_has_one_place():
    assert set(imbalance_accessor.__all__) == set(registry.PLACES)
    for name, place in registry.PLACES.items():
        assert f"{NAME}.{place}" in TREES
        assert hasattr(imbalance_accessor, name)
    assert (ROOT / "py.typed").exists()


def test_editors_see_what_is_loaded_late():
    seen = {
        alias.name: node.module.removeprefix(f"{NAME}.")
        for node in for_type_checkers(TREES[NAME])
        if isinstance(node, ast.ImportFrom) and node.module.startswith(NAME)
        for alias in node.names
    }
    assert seen == registry.PLACES


def test_a_verb_stands_in_the_file_of_its_name():
    for verb in registry.VERBS:
        (function,) = [
            node
            for node in TREES[f"{NAME}.verbs.{verb}"].body
            if isinstance(node, ast.FunctionDef) and node.name == verb
        ]
        assert [argument.arg for argument in function.args.args] == ["data", "target"]


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'smoth'"):
        imbalance_accessor.smoth


ORDERS = """
import importlib, json, random, sys, types
import pandas as pd
modules, verbs, orders = json.loads(sys.argv[1])
found = {}
for order in orders:
    for name in [name for name in sys.modules if name.split(".")[0] == "imbalance_accessor"]:
        del sys.modules[name]
    names = sorted(modules, reverse=order == "reversed")
    if order.startswith("shuffled"):
        random.Random(order).shuffle(names)
    for name in names:
        importlib.import_module(name)
    import imbalance_accessor as imb
    df = pd.DataFrame({"x": range(40), "z": [i % 7 for i in range(40)], "y": [i % 4 == 0 for i in range(40)]})
    for verb in verbs:
        function = getattr(imb, verb)
        found[f"{order} {verb}"] = type(function).__name__
        if isinstance(function, types.FunctionType) and verb != "fit_eval":
            told = {"scores": "x", "threshold": 20} if verb == "score" else {}
            found[f"{order} {verb} called"] = type(function(df, "y", **told)).__name__
            found[f"{order} {verb} bound"] = type(getattr(df.imb, verb)("y", **told)).__name__
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def after_every_import() -> dict[str, str]:
    boosted = {f"{NAME}.modeling.focal.boosted_{lib}": lib for lib in ("lightgbm", "xgboost")}
    without = {name for name, lib in boosted.items() if find_spec(lib) is None}
    modules = [name for name in TREES if name != NAME and name not in without]
    given = json.dumps([modules, registry.VERBS, ["reversed", "shuffled"]])
    code = [sys.executable, "-W", "ignore", "-c", ORDERS, given]
    done = subprocess.run(code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("verb", registry.VERBS)
def test_importing_every_submodule_first_hides_no_verb(after_every_import, verb):
    found = {key: kind for key, kind in after_every_import.items() if verb in key.split()}
    assert {kind for key, kind in found.items() if key.endswith(f" {verb}")} == {"function"}
    results = {kind for key, kind in found.items() if not key.endswith(f" {verb}")}
    if verb != "fit_eval":
        (result,) = results
        assert registry.PLACES[result].startswith("verbs.")
