"""Resampled rows never stand beside rows that were not split: not in the code, not in any result."""

from __future__ import annotations

import ast
from typing import Any

import imblearn.combine
import imblearn.over_sampling
import imblearn.under_sampling
import numpy as np
import pandas as pd
import pytest
from sources import by_path

from imbalance_accessor import registry
from imbalance_accessor.splitting.split import TestPart

TREES = by_path()
SAMPLERS = {
    name
    for module in (imblearn.over_sampling, imblearn.under_sampling, imblearn.combine)
    for name in module.__all__
}
QUICK = {"cv": 2, "progress": False, "model": "naive_bayes"}
OPTIONS: dict[str, dict[str, Any]] = {
    "smote": {},
    "fit_eval": {**QUICK, "strategies": ["smote", "oversample"], "permutations": 2},
    "reliability": {**QUICK, "strategies": ["smote"]},
    "best_threshold": {**QUICK, "strategy": "smote"},
    "score": {"scores": "a"},
    "leaks": {**QUICK, "demonstrate": True},
}


def names_called(tree: ast.AST) -> set[str]:
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


def classes_named(tree: ast.AST) -> set[str]:
    """Classes of imbalanced-learn that are imported by their place, as text."""
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {text.split(":")[-1] for text in texts if isinstance(text, str) and text.startswith("imblearn.")}


def test_samplers_run_in_one_module_and_are_made_there_or_named_in_the_table():
    makers = {path for path, tree in TREES.items() if names_called(tree) & SAMPLERS}
    runners = {path for path, tree in TREES.items() if "fit_resample" in names_called(tree)}
    importers = {
        path
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & SAMPLERS
    }
    named = {path for path, tree in TREES.items() if classes_named(tree) & SAMPLERS}
    assert runners == {"modeling/samplers.py"}
    assert makers == {"modeling/samplers.py", "modeling/strategies.py"}
    # these know what each holds, how it is written, and whose weights its rows have, and make none
    told = {"evaluation/memory.py", "modeling/parents.py", "verbs/shared/snippet_weights.py"}
    told |= {"modeling/mixed_neighbours.py"}  # how one searches, while it is fitted there
    told |= {"verbs/shared/short/fits.py", "verbs/shared/short/pipelines.py", "verbs/smote/snippet.py"}
    assert importers == makers | told
    assert named == {"modeling/strategies.py"}


def test_rows_that_no_split_has_parted_are_resampled_for_the_demonstration_alone():
    users = {path for path, tree in TREES.items() if "resampled_first" in names_called(tree)}
    assert users == {"verbs/leaks/demonstration.py"}


def test_the_test_set_offers_no_way_to_resample():
    public = {name for name in dir(TestPart) if not name.startswith("_")}
    assert not {name for name in public if "sampl" in name or "smote" in name}
    assert public == {"rows"}


#: So many that no table of draws is as wide.
FEATURES = "abcdefgh"


def framed() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, len(FEATURES))), columns=list(FEATURES))
    return frame.assign(y=np.where(np.arange(300) % 8 == 0, "yes", "no"))


def inside(thing: Any) -> list[Any]:
    """What an object of ours, of a library's, or a container holds."""
    if isinstance(thing, dict):
        return [*thing.values()]
    if isinstance(thing, list | tuple | set):
        return [*thing]
    if type(thing).__module__.split(".")[0] in {"imbalance_accessor", "sklearn", "imblearn"}:
        return [*getattr(thing, "__dict__", {}).values()]
    return []


def frames_in(thing: Any) -> list[pd.DataFrame]:
    """Every frame with all the features that can be reached from an object, and tables of numbers as wide."""
    seen, found, todo = {}, [], [thing]
    while todo:
        each = todo.pop()
        if id(each) in seen:
            continue
        seen[id(each)] = each
        if isinstance(each, pd.DataFrame):
            found += [each[list(FEATURES)]] if set(FEATURES) <= set(each.columns) else []
        elif isinstance(each, np.ndarray):
            wide = (
                each.ndim == 2
                and each.shape[1] == len(FEATURES)
                and each.dtype.kind == "f"
                and len(each) > 100
            )
            found += [pd.DataFrame(each, columns=list(FEATURES))] if wide else []
        else:
            todo += inside(each)
    return found


def rows_of(frame: pd.DataFrame) -> set[tuple[float, ...]]:
    return set(map(tuple, frame.to_numpy(dtype=float)))


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    frame = framed()
    return {verb: registry.verb(verb)(frame, "y", **OPTIONS.get(verb, {})) for verb in registry.VERBS}


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", [verb for verb in registry.VERBS if verb != "smote"])
def test_no_result_but_that_of_smote_holds_a_made_row(results, verb):
    """Fitted pipelines keep parameters, not the rows they learned from; the demonstration throws its rows away."""
    real = rows_of(framed()[list(FEATURES)])
    for found in frames_in(results[verb]):
        assert rows_of(found) <= real


def test_the_walk_finds_the_rows(results):
    for verb in ("split", "fit_eval", "reliability", "best_threshold", "leaks"):
        assert {len(found) for found in frames_in(results[verb])} >= {240, 60}


def test_synthetic_rows_stand_beside_train_rows_and_never_beside_test_rows(results):
    real, resampled = rows_of(framed()[list(FEATURES)]), results["smote"]
    held_out = rows_of(resampled.X_test)
    made = [found for found in frames_in(resampled) if not rows_of(found) <= real]
    assert made
    for found in made:
        assert not rows_of(found) & held_out
        assert rows_of(found[~resampled.is_synthetic.to_numpy()]) == rows_of(
            resampled.parts.train.X[list(FEATURES)]
        )


def test_the_demonstration_did_resample_before_the_split(results):
    """Or the walk above would prove nothing."""
    rows = results["leaks"].demonstration.rows
    assert rows["before the split"] == 2 * (framed()["y"] == "no").sum()
    assert rows["after the split"] == 300
