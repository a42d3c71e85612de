"""What a reader does with a snippet afterwards: fits a strategy again, lints the code, reads the short version."""

from __future__ import annotations

import ast
import subprocess
import sys

import numpy as np
import pytest
from snippet_checks import check_said_thresholds

import imbalance_accessor as imb

QUICK = {"cv": 2, "progress": False, "n_jobs": 1}
CASES = {
    "numbers": (lambda: churn()[["age", "tenure_months", "monthly_charges", "churn"]].dropna()),
    "mixed": lambda: churn(),
}


def churn():
    return imb.make_churn(300, 0.2)


def steps_of(estimator):
    return [step for _, step in estimator.steps if hasattr(step, "transform")]


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "case"), [("fit_eval", "mixed"), ("reliability", "numbers")])
def test_no_two_strategies_share_a_step(verb, case, run):
    """In the full style; the short one shares them, and fits clones."""
    frame = CASES[case]()
    strategies = ["none", "class_weight", "undersample"]
    found = getattr(imb, verb)(frame, "churn", strategies=strategies, **QUICK)
    space = run(found.snippet(style="full"), df=frame)
    pipelines = space["strategies"]
    steps = [id(step) for each in pipelines.values() for step in steps_of(each)]
    assert len(steps) == len(set(steps)) and steps
    if len(pipelines) < 2:
        return
    # whoever fits another strategy on other rows finds the first one as it was
    X, y = space["X_train"], space["y_train"]
    first, other = list(pipelines.values())[:2]
    before = first.fit(X, y).predict_proba(X)
    other.fit(X.assign(age=X["age"] * 10), y)
    assert np.array_equal(before, first.predict_proba(X))


def unread(code):
    """Names that the program assigns and never reads."""
    names = [node for node in ast.walk(ast.parse(str(code))) if isinstance(node, ast.Name)]
    written = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return written - {node.id for node in names if isinstance(node.ctx, ast.Load)} - {"_"}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_short_code_has_no_name_for_nothing(case):
    frame = CASES[case]()
    for found in (
        imb.fit_eval(frame, "churn", strategies=["class_weight"], **QUICK),
        imb.best_threshold(frame, "churn", **QUICK),
        imb.best_threshold(frame, "churn", cost={"fn": 50, "fp": 1}, **QUICK),
        imb.best_threshold(frame, "churn", cost={"fn": "age", "fp": 1}, **QUICK),
    ):
        assert not unread(found.snippet(style="short"))


@pytest.mark.slow
def test_code_with_shuffled_labels_and_short_code_are_clean(tmp_path, run):
    frame = CASES["numbers"]()
    several = frame.assign(churn=np.arange(len(frame)) % 3)
    e = imb.fit_eval(frame, "churn", strategies=["class_weight"], permutations=5, **QUICK)
    codes = {
        "permuted": e.snippet(style="full"),
        "short": e.snippet(style="short"),
        "several": imb.fit_eval(several, "churn", strategies=["none"], permutations=5, **QUICK).snippet(
            style="full"
        ),
        "threshold": imb.best_threshold(frame, "churn", **QUICK).snippet(style="short"),
        "cost": imb.best_threshold(frame, "churn", cost={"fn": 50, "fp": 1}, **QUICK).snippet(style="short"),
    }
    for name, code in codes.items():
        assert max(map(len, code.splitlines())) <= 88, name
        (tmp_path / f"{name}.py").write_text(f"{code.rstrip()}\n")
    shuffled = run(codes["permuted"], df=frame)["on_shuffled"]
    assert sorted(shuffled) == pytest.approx(sorted(e.permuted.shuffled), rel=1e-9)
    linter = [sys.executable, "-m", "ruff"]
    for call in (["check", "--isolated", "--config", 'builtins=["df"]'], ["format", "--check", "--isolated"]):
        done = subprocess.run([*linter, *call, tmp_path], capture_output=True, text=True, check=False)
        if "No module named ruff" in done.stderr:
            pytest.skip("ruff is not installed")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.quick(1)
@pytest.mark.parametrize("options", [{}, {"cost": {"fn": 50, "fp": 1}}, {"cost": {"fn": "age", "fp": 1}}])
def test_the_short_threshold_says_what_it_comes_to_on_test(options, run):
    frame = CASES["numbers"]()
    found = imb.best_threshold(frame, "churn", **QUICK, **options)
    printed = run(found.snippet(style="short"), df=frame)["printed"]
    check_said_thresholds(found, printed)
    assert ("cost" if options else "F1") in printed
