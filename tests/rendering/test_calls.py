"""What a decorated verb, or a result's method, still is to Python; and fixes written for the call that was made."""

from __future__ import annotations

import functools
import inspect
import pickle
from dataclasses import replace

import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.errors import OptionError, change
from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.rendering.calls import VerbCall, write_fixes
from imbalance_accessor.rendering.result import Result

FRAME = pd.DataFrame({"a": range(40), "y": ["no"] * 30 + ["yes"] * 10})


@pytest.mark.parametrize("verb", registry.VERBS)
def test_a_verb_is_pickled_by_its_name_and_says_its_signature(verb):
    function = registry.verb(verb)
    assert pickle.loads(pickle.dumps(function)) is function
    assert inspect.getmodule(function).__name__ == f"imbalance_accessor.verbs.{verb}"
    assert "as_verb" not in inspect.getsource(function).partition("def ")[2]
    assert list(inspect.signature(function).parameters)[:2] == ["data", "target"]


def test_a_part_of_a_call_is_completed_and_refused_as_a_whole_one():
    part = pickle.loads(pickle.dumps(functools.partial(imb.counts, target="y")))
    assert part(FRAME).frame.equals(FRAME.imb.counts("y").frame)
    with pytest.raises(OptionError, match=r"counts has no cvv=\. Did you mean 'cv'\?"):
        part(FRAME, cvv=3)


def test_a_result_is_pickled_with_the_call_that_made_it():
    again = pickle.loads(pickle.dumps(FRAME.imb.counts("y")))
    with pytest.raises(OptionError) as caught:
        again.snippet(stile="short")
    assert str(caught.value.fix) == 'df.imb.counts("y").snippet(style="short")'


@pytest.mark.parametrize("name", registry._RESULTS)
def test_each_method_that_takes_options_refuses_others(name):
    kind = registry.load_public(name)
    methods = {each: value for each, value in inspect.getmembers(kind, inspect.isfunction) if each[0] != "_"}
    taking = {
        each: value
        for each, value in methods.items()
        if any(p.kind is p.KEYWORD_ONLY for p in inspect.signature(value).parameters.values())
    }
    assert {"plot", "snippet", "explain"} <= set(taking)
    for each, method in taking.items():
        with pytest.raises(OptionError, match=f"{each} has no optionn="):
            method(kind.__new__(kind), optionn=1)
        assert method.__doc__ or each == "snippet"
    assert issubclass(kind, Result)


def test_fixes_name_the_data_as_they_are_called():
    result = FRAME.imb.counts("y", cv=3)
    found = Finding("IMB301", "note", "Said.", "Change it.", fix=change(cv=2))
    object.__setattr__(result, "findings", Findings([found]))
    assert isinstance(result._call, VerbCall)
    write_fixes(result, replace(result._call, names={"df": "train"}, before=("train = read()",)))
    assert str(result.findings[0].fix) == 'train = read()\ntrain.imb.counts("y", cv=2)'
    with pytest.raises(OptionError) as caught:
        result.plot("clases")
    assert str(caught.value.fix) == 'train = read()\ntrain.imb.counts("y", cv=3).plot(kind="classes")'
