"""What is said of rows that were not dealt one by one, and of limits that the reported rows break."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from explained_cases import QUICK, table
from spoken import awkward

import imbalance_accessor as imb

AUDIENCES = ("colleague", "interview")
#: What is asked, and what a colleague and a candidate then hear.
SPLITS: dict[str, tuple[dict[str, Any], str, str]] = {
    "groups": (
        {"groups": "who"},
        "Whole groups of 'who' were held out.",
        r"(on|over) (held-out|whole) groups",
    ),
    "time": ({"time": "day"}, "The rows held out are later by 'day'.", r"(on|over) later rows"),
    "groups, nothing held out": (
        {"groups": "who", "test_size": 0},
        "Each fold held out whole groups of 'who'.",
        r"(on|over) (held-out|whole) groups",
    ),
    "time, a frame of one's own": (
        {"time": "day", "test": "later"},
        "Each fold held out rows that are later by 'day'.",
        r"(on|over) later rows",
    ),
    "rows": ({}, "", ""),
}
VERBS = ("fit_eval", "best_threshold", "reliability")


@cache
def made(verb: str, split: str) -> Any:
    asked = {**SPLITS[split][0]}
    data = table().assign(who=np.arange(400) // 4, day=pd.date_range("2024", periods=400))
    drop = [
        each for each in ("who", "day", "m", "p", "amount") if each in data and each not in asked.values()
    ]
    data = data.drop(columns=drop)
    if "test" in asked:
        data, asked["test"] = data.iloc[:300], data.iloc[300:]
    return getattr(imb, verb)(data, "y", **QUICK | {"model": "naive_bayes"}, **asked)


@pytest.mark.quick(5)
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("verb", VERBS)
def test_whole_groups_and_later_rows_are_said_to_be_held_out(verb, split):
    _, colleague, interview = SPLITS[split]
    result = made(verb, split)
    said = {audience: result._explain(audience) for audience in AUDIENCES}
    assert [each for audience, parts in said.items() for each in awkward(parts, audience)] == []
    whole, heard = said["colleague"], " ".join(said["interview"]).lower()
    if not colleague:
        assert not re.search("group|later", " ".join([*whole, heard]))
        return
    assert colleague in whole
    assert re.search(interview, heard)


def limited(**limits: Any) -> Any:
    """Scores whose training rows keep a precision of one half at 0.6, and whose test rows do not."""
    n = 200
    train = pd.DataFrame({"p": [0.7] * 40 + [0.3] * (n - 40), "y": [1, 0] * 20 + [0] * (n - 40)})
    test = pd.DataFrame({"p": [0.7] * 40 + [0.3] * (n - 40), "y": [1, 0, 0, 0] * 10 + [0] * (n - 40)})
    train.loc[train.index[-10:], "p"] = test.loc[test.index[-10:], "p"] = 0.1
    return imb.best_threshold(train, "y", scores="p", test=test, progress=False, **limits)


def test_a_limit_that_the_test_set_breaks_is_said_to_be_broken():
    t = limited(min_precision=0.5)
    assert t.feasible and t.report.loc["chosen", "precision"] == 10 / 40
    colleague, interview = (t._explain(audience) for audience in AUDIENCES)
    assert "On test, the precision of 0.250 breaks the limit of 0.5." in colleague
    assert interview[1].endswith(", but breaks my limit.")
    assert awkward(colleague, "colleague") == awkward(interview, "interview") == []
    kept = limited(min_precision=0.25)
    assert "breaks" not in " ".join([*kept._explain("colleague"), *kept._explain("interview")])


def test_of_two_limits_the_one_that_breaks_is_named():
    t = limited(min_precision=0.5, min_recall=0.5, criterion="f1")
    colleague, interview = (t._explain(audience) for audience in AUDIENCES)
    assert [each for each in colleague if "breaks" in each] == [
        "On test, the precision of 0.250 breaks the limit of 0.5."
    ]
    assert interview[1].endswith(", but breaks one of my limits.")
