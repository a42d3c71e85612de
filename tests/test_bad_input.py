"""Bad input: one error sentence each, with what was got and the cure, before anything is fitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.base import BaseSampler, SamplerMixin
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from imbalance_accessor import registry
from imbalance_accessor.errors import (
    FeatureError,
    ImbalanceError,
    ModelError,
    OptionError,
    SplitError,
    TargetError,
)
from imbalance_accessor.evaluation import fit, score_folds

N = 120


def framed(**columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = np.where(np.arange(N) % 8 == 0, "yes", "no")
    frame = pd.DataFrame({"age": rng.normal(size=N), "income": rng.normal(size=N), "churn": y})
    return frame.assign(**columns)


def fitted(sampler: Any) -> Any:
    frame = framed()
    sampler.fit_resample(frame[["age", "income"]], frame["churn"])
    return sampler


def boosters() -> dict[str, Callable[[], Any]]:
    def xgboost() -> Any:
        return pytest.importorskip("xgboost").XGBClassifier(early_stopping_rounds=5)

    def lightgbm() -> Any:
        return pytest.importorskip("lightgbm").LGBMClassifier(early_stopping_round=5)

    def inside() -> Any:
        return Pipeline([("scale", StandardScaler()), ("model", xgboost())])

    return {"xgboost": xgboost, "lightgbm": lightgbm, "inside a pipeline": inside}


FRAME_VERBS = ("overview", "split", "smote", "fit_eval", "reliability", "best_threshold", "leaks", "report")
EVERY = registry.VERBS
FITTING = ("smote", "fit_eval", "reliability", "best_threshold", "report")
SPLITTING = ("split", "smote", "fit_eval", "reliability", "best_threshold", "report")
MODELLING = ("fit_eval", "reliability", "best_threshold", "report")
COMPARING = ("fit_eval", "reliability")

#: What is wrong; the verbs that must say so; the frame; options; the error; name, what was got, and the cure.
CASES: dict[str, tuple[tuple[str, ...], Any, dict[str, Any], type[ImbalanceError], tuple[str, ...]]] = {
    "unknown column": (EVERY, framed, {"target": "chrun"}, TargetError, ("'chrun'", "Did you mean 'churn'?")),
    "no target": (("counts", "weights"), framed, {"target": None}, TargetError, ("target", "'churn'")),
    "empty frame": (
        EVERY,
        lambda: framed().iloc[:0],
        {},
        TargetError,
        ("'churn'", "no rows", "Pass a frame"),
    ),
    "one class": (
        EVERY,
        lambda: framed(churn="no"),
        {},
        TargetError,
        ("'churn'", "one class, 'no'", "120", "check the filter"),
    ),
    "a class with one row": (
        SPLITTING,
        lambda: framed(churn=["yes", *["no"] * (N - 1)]),
        {},
        SplitError,
        ("'churn'", "one row of class 'yes'", "More rows of it are needed"),
    ),
    "all labels missing": (
        EVERY,
        lambda: framed(churn=None),
        {},
        TargetError,
        ("'churn'", "no labels", "120 cells are missing"),
    ),
    "continuous target": (
        EVERY,
        lambda: framed(churn=np.arange(N) / 7),
        {},
        TargetError,
        ("'churn'", "looks continuous", "120 distinct", "pd.cut"),
    ),
    "infinite values": (
        FITTING,
        lambda: framed(income=np.where(np.arange(N) % 40 == 0, np.inf, 1.0 * np.arange(N))),
        {},
        FeatureError,
        ("'income' (3)", "Infinite", "make them missing"),
    ),
    "duplicate column names": (
        FRAME_VERBS,
        lambda: pd.concat([framed(), framed()[["age"]]], axis=1),
        {},
        FeatureError,
        ("'age'", "unique", "Keep the first"),
    ),
    "duplicate target": (
        ("counts", "weights", *FRAME_VERBS),
        lambda: pd.concat([framed(), framed()[["churn"]]], axis=1),
        {},
        ImbalanceError,
        ("'churn'", "the first"),
    ),
    "missing cells": (
        ("smote",),
        lambda: framed(income=pd.Series(np.arange(N) / 7).mask(np.arange(N) < 4)),
        {},
        FeatureError,
        ("'income' (4)", "neighbours need values", "impute=True"),
    ),
    "nothing to learn from": (
        FITTING,
        lambda: framed()[["churn"]],
        {},
        FeatureError,
        ("No column is left", "there is none"),
    ),
    **{
        f"test_size={size}": (
            # 0: nothing is held out, which split and smote cannot do
            ("overview", "counts", *SPLITTING) if size else ("split", "smote"),
            framed,
            {"test_size": size},
            OptionError,
            (f"test_size={size!r}", "between 0 and 1" if size else "needs a test set", "Use test_size="),
        )
        for size in (0, 1.0, 1.2, -0.1, 30)
    },
    **{
        f"cv={cv}": (
            ("overview", "counts", *MODELLING),
            framed,
            {"cv": cv},
            OptionError,
            (f"cv={cv!r}", "2 or more", "Use cv=5."),
        )
        for cv in (1, 2.5)
    },
    "unknown kind": (
        ("smote",),
        framed,
        {"kind": "smoth"},
        OptionError,
        ("kind='smoth'", "Did you mean 'smote'", "'borderline'", "'undersample'", "'smote_enn'", "'auto'"),
    ),
    "unknown method": (
        ("weights",),
        framed,
        {"method": "balance"},
        OptionError,
        ("method='balance'", "Did you mean 'balanced'", "'sqrt'", "'effective'"),
    ),
    "unknown strategy": (
        COMPARING,
        framed,
        {"strategies": ["none", "smot"]},
        OptionError,
        ("'smot'", "Did you mean 'smote'", "'class_weight'", "'rus_boost'", "'smote+class_weight'"),
    ),
    "unknown model": (
        MODELLING,
        framed,
        {"model": "logistik"},
        OptionError,
        ("model='logistik'", "Did you mean 'logistic'", "'boosting'", "'knn'", "'svm'"),
    ),
    "a model's class": (
        MODELLING,
        framed,
        {"model": LogisticRegression},
        ModelError,
        ("LogisticRegression", "class", "LogisticRegression()"),
    ),
    "no model": (
        MODELLING,
        framed,
        {"model": StandardScaler()},
        ModelError,
        ("StandardScaler", "no classifier"),
    ),
    "not fitted": (
        MODELLING,
        framed,
        {"model": RandomForestClassifier(), "fitted": True},
        ModelError,
        ("RandomForestClassifier", "Fit it first"),
    ),
    "unknown metric": (
        ("fit_eval",),
        framed,
        {"metric": "f2"},
        OptionError,
        ("metric='f2'", "'average_precision'", "'roc_auc'", "'f1'"),
    ),
    "unknown criterion": (
        ("fit_eval",),
        framed,
        {"criterion": "kappa"},
        OptionError,
        ("criterion='kappa'", "'f1'", "'mcc'"),
    ),
    "unknown preprocess": (
        MODELLING,
        framed,
        {"preprocess": "none"},
        OptionError,
        ("preprocess='none'", "'auto'"),
    ),
    "a fitted sampler": (
        ("smote",),
        framed,
        {"kind": lambda: fitted(SMOTE())},
        OptionError,
        ("SMOTE", "fitted already", "sklearn.clone"),
    ),
    "a fitted sampler as strategy": (
        COMPARING,
        framed,
        {"strategies": lambda: ["none", fitted(RandomUnderSampler())]},
        OptionError,
        ("RandomUnderSampler", "fitted already", "sklearn.clone"),
    ),
    "a sampler's class": (
        COMPARING,
        framed,
        {"strategies": [SMOTE]},
        OptionError,
        ("SMOTE", "class", "SMOTE()"),
    ),
    **{
        f"early stopping, {name}": (
            MODELLING,
            framed,
            {"model": make},
            ModelError,
            ("early_stopping_round", "=5", "validation set", "fitted=True"),
        )
        for name, make in boosters().items()
    },
    "keys of another type": (
        ("weights",),
        lambda: framed(churn=np.arange(N) % 8 // 7),
        {"method": {"0": 1, "1": 10}},
        OptionError,
        ("'0', '1'", "0, 1 (int)", "Name labels as the column holds them"),
    ),
    "negative weights": (
        ("weights",),
        framed,
        {"method": {"yes": -3}},
        OptionError,
        ("'yes'", "-3", "0 or more"),
    ),
    "unknown positive class": (
        EVERY,
        framed,
        {"pos_label": "Yes!"},
        OptionError,
        ("pos_label='Yes!'", "'churn'", "Labels: 'no', 'yes'"),
    ),
    "groups and time": (
        SPLITTING,
        framed,
        {"groups": "age", "time": "income"},
        OptionError,
        ("groups=", "time=", "Choose"),
    ),
    "unknown groups": (
        SPLITTING,
        framed,
        {"groups": "aeg"},
        OptionError,
        ("groups='aeg'", "Did you mean 'age'?"),
    ),
    "unknown finding": (EVERY, framed, {"ignore": ("IMB1",)}, OptionError, ("ignore='IMB1'", "'IMB110'")),
    "a seed that is none": (
        SPLITTING,
        framed,
        {"random_state": "a"},
        OptionError,
        ("random_state='a'", "whole number"),
    ),
    "a ratio that is none": (
        ("smote",),
        framed,
        {"ratio": "3:1"},
        OptionError,
        ("ratio='3:1'", "at most 1", '"1:3"'),
    ),
    "no workers": (MODELLING, framed, {"n_jobs": 0}, OptionError, ("n_jobs=0", "-1 for all cores")),
    "not a frame": (
        FRAME_VERBS,
        lambda: [[1, 2], [3, 4]],
        {},
        ImbalanceError,
        ("list", "DataFrame"),
    ),
}
EACH = [(case, verb) for case, (verbs, *_) in CASES.items() for verb in verbs]


@pytest.fixture
def fits(monkeypatch) -> list[str]:
    """Whatever fits or resamples is noted here, and done as ever."""
    seen: list[str] = []

    def noted(owner: Any, name: str) -> None:
        before = getattr(owner, name)

        def note(*args: Any, **kwargs: Any) -> Any:
            seen.append(f"{getattr(owner, '__name__', owner)}.{name}")
            return before(*args, **kwargs)

        monkeypatch.setattr(owner, name, note)

    for owner in (LogisticRegression, HistGradientBoostingClassifier, Pipeline, StandardScaler):
        noted(owner, "fit")
    noted(Pipeline, "fit_transform")
    for owner in (BaseSampler, SamplerMixin):
        if "fit_resample" in vars(owner):
            noted(owner, "fit_resample")
    for module in (fit, score_folds):
        noted(module, "fit_and_score")
    return seen


def arguments(case: str) -> tuple[Any, Any, dict[str, Any]]:
    _, make, options, *_ = CASES[case]
    options = {
        name: value() if callable(value) and not isinstance(value, type) else value
        for name, value in options.items()
    }
    return make(), options.pop("target", "churn"), options


@pytest.mark.parametrize(("case", "verb"), EACH)
def test_bad_input_is_one_sentence_before_any_fit(case, verb, request):
    data, target, options = arguments(case)
    before = data.copy(deep=True) if isinstance(data, pd.DataFrame) else data
    error, said = CASES[case][3:]
    seen = request.getfixturevalue("fits")  # from here on: the case itself may hold something fitted
    with pytest.raises(error) as caught:
        registry.verb(verb)(data, target, **options)
    assert type(caught.value) in ImbalanceError.__subclasses__()
    message = str(caught.value)
    for part in said:
        assert part in message
    assert "\n" not in message
    assert message.endswith((".", "?"))
    assert len(message) < 600
    assert caught.value.__cause__ is None
    assert not seen
    if isinstance(data, pd.DataFrame):
        pd.testing.assert_frame_equal(data, before)


def test_what_is_noted_as_a_fit_is_one(fits):
    registry.verb("smote")(framed(), "churn")
    assert fits
    fits.clear()
    registry.verb("fit_eval")(framed(), "churn", strategies=["none"], cv=2)
    assert "Pipeline.fit" in fits
    assert "LogisticRegression.fit" in fits


@pytest.mark.parametrize("verb", registry.LABEL_VERBS)
@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (pd.Series([], dtype=object, name="y"), "no rows"),
        (pd.Series([1, 1], name="y"), "one class"),
        (pd.Series([None, None], name="y", dtype=object), "no labels"),
        (pd.Series([0.5, 0.25, 0.5], name="y"), "continuous"),
    ],
)
def test_a_series_is_refused_alike(verb, labels, said):
    with pytest.raises(TargetError, match=f"'y'.*{said}"):
        getattr(labels.imb, verb)()


def test_the_sentence_of_an_accessor_is_that_of_the_function():
    with pytest.raises(TargetError) as bound:
        framed().imb.counts("chrun")
    with pytest.raises(TargetError) as plain:
        registry.verb("counts")(framed(), "chrun")
    assert str(bound.value) == str(plain.value)


def test_errors_are_value_errors():
    assert issubclass(ImbalanceError, ValueError)
    for error in ImbalanceError.__subclasses__():
        assert error.__doc__
