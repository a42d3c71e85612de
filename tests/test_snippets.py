"""Snippets of every verb, on every model, strategy and kind of columns: run where only ``df`` exists, they say the same."""

from __future__ import annotations

import itertools
import pickle
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import snippet_checks
from alone import BLOCKER, execute
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier
from snippet_cases import KINDS, MODELS, STRATEGIES, VERBS, Case, asked, chosen_cases, every_case, pairs_of
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.modeling.strategies import TABLE, StrategyRow

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

#: Each case in one style, by turns: the style is one more axis.
CASES = {
    f"{case}-{style}": (case, style)
    for case, style in zip(chosen_cases(), itertools.cycle(["full", "short"]), strict=False)
}
#: Ensembles by name, as small as they can be.
SMALL = {
    "balanced_forest": {"n_estimators": 5},
    "easy_ensemble": {"n_estimators": 2, "estimator": AdaBoostClassifier(n_estimators=4)},
    "rus_boost": {"n_estimators": 5, "estimator": DecisionTreeClassifier(max_depth=3)},
}


def _smaller(row: StrategyRow, given: dict[str, Any], random_state: int | None) -> Any:
    return row.ensemble(random_state).set_params(**given)


@pytest.fixture(autouse=True, scope="module")
def _light():
    """One thread, small ensembles, and a few hundred draws."""
    with pytest.MonkeyPatch.context() as patch, threadpool_limits(1), draws_at_most(200):
        for name, given in SMALL.items():
            row = TABLE[name]
            patch.setitem(TABLE, name, replace(row, ensemble=partial(_smaller, row, given)))
        yield


def result_of(case: Case) -> tuple[Any, Any]:
    frame, target, options = asked(case)
    return getattr(imb, case.verb)(frame, target, **options), frame


def check(case: Case, found: Any, space: dict[str, Any], *, short: bool) -> None:
    told = {"model": case.model, "strategy": case.strategy, "kind": case.kind}
    getattr(snippet_checks, case.verb)(found, space, short=short, **told)


def test_every_pair_that_makes_sense_is_tried():
    tried = set().union(*(pairs_of(case) for case, _ in CASES.values()))
    assert tried == set().union(*map(pairs_of, every_case()))
    assert len(CASES) >= 150
    for axis, names in (("verb", VERBS), ("kind", KINDS), ("model", MODELS), ("strategy", STRATEGIES)):
        for style in ("full", "short"):
            assert {getattr(case, axis) for case, said in CASES.values() if said == style} - {""} == set(
                names
            )


@pytest.mark.quick(12)
@pytest.mark.parametrize("name", CASES)
def test_the_code_says_the_same(name):
    case, style = CASES[name]
    found, frame = result_of(case)
    given = frame.copy()
    space = execute(found.snippet(style=style), df=given)
    check(case, found, space, short=style == "short")
    assert given.equals(frame)


# --- fresh processes


#: Light cases, run where nothing but a saved frame is there; other verbs run so where they are pasted, below.
FRESH = (
    Case("overview", "", "", "hostile"),
    Case("reliability", "naive_bayes", "undersample", "groups"),
)
_SAVED = """\
import pickle
from pathlib import Path

df = pickle.loads(Path({path!r}).read_bytes())
"""


_NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")


@pytest.mark.slow
def test_they_run_in_fresh_processes(tmp_path):
    """What they print is what the same code prints here, whose every number is the result's.

    But for the last digits: how arrays lie in memory decides how processors add them up.
    """
    jobs = []
    for place, case in enumerate(FRESH):
        found, frame = result_of(case)
        code = found.snippet(style="full")
        space = execute(code, df=frame.copy())
        check(case, found, space, short=False)
        saved, program = tmp_path / f"{place}.pickle", tmp_path / f"{place}.py"
        saved.write_bytes(pickle.dumps(frame))
        program.write_text(f"{BLOCKER}{_SAVED.format(path=str(saved))}\n{code}\n", encoding="utf-8")
        jobs.append(([sys.executable, "-I", str(program)], "", space["printed"]))
    with ThreadPoolExecutor(2) as pool:
        for done, (_, _, printed) in zip(pool.map(alone, jobs), jobs, strict=True):
            assert done.returncode == 0, done.stderr
            words, wanted = (_NUMBER.sub("·", text).split() for text in (done.stdout, printed))
            assert words == wanted != []
            said, wanted = (
                [float(each) for each in _NUMBER.findall(text)] for text in (done.stdout, printed)
            )
            assert said == pytest.approx(wanted, rel=1e-7, abs=1e-9)


def alone(job: tuple[list[str], str, str]) -> subprocess.CompletedProcess[str]:
    words, typed, _ = job
    return subprocess.run(
        words, input=typed, capture_output=True, text=True, check=False, env={"OMP_NUM_THREADS": "1"}
    )


#: How a candidate gets a frame, and what is asked of it.
FIRST_LINES = {
    "make_classification": """\
import pandas as pd
from sklearn.datasets import make_classification

X, y = make_classification(240, 5, weights=[0.8], flip_y=0.05, random_state=3)
df = pd.DataFrame(X, columns=list("abcde")).assign(y=y)
""",
    "load_breast_cancer": """\
from sklearn.datasets import load_breast_cancer

df = load_breast_cancer(as_frame=True).frame.iloc[:, -6:].rename(columns={"target": "y"})
""",
}
PASTED = {
    "weights": ("load_breast_cancer", {}),
    "best_threshold": ("make_classification", {"cv": 2, "progress": False, "cost": {"fp": 1, "fn": 5}}),
    "fit_eval": ("make_classification", {"cv": 2, "progress": False, "strategies": ["smote"]}),
}


@pytest.mark.slow
@pytest.mark.parametrize("verb", PASTED)
def test_it_runs_at_once_where_it_is_pasted(verb):
    first = FIRST_LINES[PASTED[verb][0]]
    df = execute(first)["df"]
    found = getattr(imb, verb)(df, "y", **PASTED[verb][1])
    code = found.snippet(style="full")
    done = alone(([sys.executable, "-I", "-"], f"{first}\n{code}\n", ""))
    assert (done.returncode, done.stderr) == (0, "")
    space = execute(code, df=df) | {"printed": done.stdout}
    check(Case(verb, "logistic", "smote" * (verb == "fit_eval"), "numeric"), found, space, short=False)
