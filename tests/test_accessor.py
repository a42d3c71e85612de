"""`df.imb` and `y.imb`: the verbs themselves, bound; nothing happens before one is called."""

from __future__ import annotations

import importlib
import inspect
import types
import warnings

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor import accessor, registry

FRAME = pd.DataFrame({"x": np.arange(40) / 7, "z": np.arange(40) % 5, "y": np.arange(40) % 8 == 0})
LABELS = FRAME["y"]


@pytest.mark.parametrize("verb", registry.VERBS)
def test_a_verb_of_a_frame_is_the_plain_function_bound(verb):
    bound, plain = getattr(FRAME.imb, verb), registry.verb(verb)
    assert isinstance(bound, types.MethodType)
    assert bound.__func__ is plain
    assert bound.__self__ is FRAME
    assert bound.__doc__ == plain.__doc__
    assert len(bound.__doc__) > 500
    first, *others = inspect.signature(plain).parameters.values()
    assert first.name == "data"
    assert list(inspect.signature(bound).parameters.values()) == others
    assert bound.__name__ == verb


@pytest.mark.parametrize("verb", registry.LABEL_VERBS)
def test_a_verb_of_a_series_is_the_plain_function_bound(verb):
    bound = getattr(LABELS.imb, verb)
    assert bound.__func__ is registry.verb(verb)
    assert bound.__self__ is LABELS


def test_what_needs_labels_alone_is_what_a_series_has():
    assert dir(LABELS.imb) == ["counts", "weights"]
    assert dir(FRAME.imb) == sorted(registry.VERBS)
    for verb in set(registry.VERBS) - set(registry.LABEL_VERBS):
        assert not hasattr(LABELS.imb, verb)


@pytest.mark.parametrize("verb", registry.VERBS)
def test_a_verb_says_its_parameters_and_types(verb):
    function = registry.verb(verb)
    signature = inspect.signature(function)
    names = list(signature.parameters)
    assert names[:2] == ["data", "target"]
    for name in names[2:]:
        parameter = signature.parameters[name]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default is not inspect.Parameter.empty
        assert parameter.annotation is not inspect.Parameter.empty
        assert name in function.__doc__
    assert signature.return_annotation is not inspect.Signature.empty
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"{section}\n---" in inspect.getdoc(function)  # Python 3.13 takes the indentation away itself


def test_shared_parameters_have_one_default_everywhere():
    shared = {
        "pos_label": None,
        "test_size": 0.2,
        "random_state": 0,
        "test": None,
        "groups": None,
        "time": None,
        "id": None,
        "cv": 5,
        "model": "logistic",
        "preprocess": "auto",
        "n_jobs": None,
        "progress": None,
        "ignore": (),
    }
    for verb in registry.VERBS:
        for name, parameter in inspect.signature(registry.verb(verb)).parameters.items():
            if name in shared:
                assert parameter.default == shared[name], (verb, name)


def test_labels_need_no_target():
    for verb in registry.LABEL_VERBS:
        assert inspect.signature(registry.verb(verb)).parameters["target"].default is None


def test_it_shows_what_there_is_to_call():
    shown = repr(FRAME.imb)
    assert "40 rows" in shown
    for verb in registry.VERBS:
        assert f'df.imb.{verb}("target")' in shown
    assert "y.imb.counts()" in repr(LABELS.imb)
    assert "fit_eval" not in repr(LABELS.imb)
    assert max(map(len, shown.splitlines())) <= 80


def test_nothing_happens_before_a_verb_is_called():
    for thing in (
        FRAME,
        LABELS,
        pd.DataFrame(),
        pd.Series(dtype=object),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
    ):
        assert "imb" in dir(thing)
        assert repr(thing.imb)
    with pytest.raises(AttributeError, match="smoth"):
        FRAME.imb.smoth


def test_a_verb_that_is_none_is_said_with_the_near_one():
    with pytest.raises(
        AttributeError, match=r"^df\.imb has no 'fit_evl'\. Did you mean 'fit_eval'\? It has: .*weights\.$"
    ):
        FRAME.imb.fit_evl("y")
    with pytest.raises(AttributeError, match=r"^y\.imb has no 'fit_eval'\. It has: counts, weights\.$"):
        LABELS.imb.fit_eval()


def test_the_class_hands_out_the_plain_function():
    assert pd.DataFrame.imb.counts is registry.verb("counts")
    assert pd.Series.imb.weights is registry.verb("weights")


def test_results_of_all_three_faces_are_equal():
    expected = registry.verb("counts")(FRAME, "y").frame
    for found in (FRAME.imb.counts("y"), FRAME.imb.counts(LABELS), LABELS.imb.counts()):
        pd.testing.assert_frame_equal(found.frame, expected)


def test_a_subclass_and_a_slice_have_it_too():
    class Own(pd.DataFrame):
        @property
        def _constructor(self):
            return Own

    assert Own(FRAME).imb.counts("y").ratio == 7
    assert FRAME[FRAME["x"] > 1].imb.counts("y").ratio > 0


def test_registering_again_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        accessor.register()
        importlib.reload(imb)
    assert pd.DataFrame.imb is accessor.FrameAccessor


def test_an_accessor_of_another_package_is_not_silently_replaced():
    class Other:
        def __init__(self, data):
            self.data = data

    kept = vars(pd.DataFrame)["imb"]  # the attribute itself, not what it gives
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            pd.api.extensions.register_dataframe_accessor("imb")(Other)
            accessor.register()
        assert len(said) == 2
        assert all("imb" in str(each.message) for each in said)
    finally:
        pd.DataFrame.imb = kept
    assert FRAME.imb.counts("y").ratio == 7
