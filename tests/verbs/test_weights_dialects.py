"""The weights in each library's dialect: the code runs, says the same weights, and undoes what they do."""

from __future__ import annotations

import importlib.util
import sys
import types
from typing import Any

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor import weights
from imbalance_accessor.errors import OptionError
from imbalance_accessor.verbs.weights_code import LIBRARIES

ROWS = {"two": [0] * 950 + [1] * 50, "text": ["no"] * 180 + ["yes"] * 20, "several": list("aaaaaabbbc") * 30}
METHODS = ["balanced", "sqrt", "effective"]


class _Taker:
    """Keeps what it is called with, in place of a library that is not installed here."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.given, self.named = given, named


@pytest.fixture
def libraries(monkeypatch):
    """Stand in for the libraries that are not installed, so that every line runs."""
    stands = {
        "torch": {
            "nn": types.SimpleNamespace(BCEWithLogitsLoss=_Taker, CrossEntropyLoss=_Taker),
            "tensor": np.array,
        },
        "catboost": {"CatBoostClassifier": _Taker},
        "xgboost": {"XGBClassifier": _Taker},
        "lightgbm": {"LGBMClassifier": _Taker},
    }
    for name, members in stands.items():
        if importlib.util.find_spec(name) is None:
            module = types.ModuleType(name)
            vars(module).update(members)
            monkeypatch.setitem(sys.modules, name, module)


def framed(kind: str) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = pd.Series(ROWS[kind]).sample(frac=1, random_state=0, ignore_index=True)
    return pd.DataFrame({"x": rng.normal(size=len(y)), "z": rng.normal(size=len(y)), "y": y})


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_every_dialect_runs_and_says_the_same_weights(run, library, kind, method):
    frame = framed(kind)
    found = weights(frame, "y", method=method)
    made = run(found.snippet(library=library), df=frame)
    assert made["class_weight"] == pytest.approx(dict(found))
    short = run(found.snippet(library=library, style="short"), df=frame)
    assert short["class_weight"] == made["class_weight"]
    assert "unweighted" not in short


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("kind", ["two", "text"])
@pytest.mark.parametrize("library", [each for each in LIBRARIES if each != "sklearn"])
def test_two_classes_go_by_negatives_per_positive(run, library, kind):
    frame = framed(kind)
    found = weights(frame, "y")
    made = run(found.snippet(library=library), df=frame)
    rows = frame["y"].value_counts()
    assert made["pos_weight"] == rows.max() / rows.min() == found.scale_pos_weight
    assert made["outcome"].sum() == rows.min()
    root = run(weights(frame, "y", method="sqrt").snippet(library=library), df=frame)
    assert root["pos_weight"] == pytest.approx(np.sqrt(rows.max() / rows.min()))


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", ["pytorch", "keras", "xgboost"])
def test_several_classes_go_by_a_vector_in_label_order(run, library):
    frame = framed("several")
    found = weights(frame, "y")
    made = run(found.snippet(library=library), df=frame)
    assert made["weight_vector"] == pytest.approx([found[label] for label in "abc"])
    assert made["codes"].tolist() == frame["y"].map({"a": 0, "b": 1, "c": 2}).tolist()


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", LIBRARIES)
def test_one_class_against_the_rest(run, library):
    frame = framed("several")
    found = weights(frame, "y", pos_label="c")
    made = run(found.snippet(library=library), df=frame)
    assert made["class_weight"] == pytest.approx(dict(found))
    if library != "sklearn":
        assert made["pos_weight"] == (frame["y"] != "c").sum() / (frame["y"] == "c").sum()


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", ["text", "several"])
def test_the_last_lines_undo_what_weights_do_to_true_shares(run, library, kind):
    """Where the features say nothing, a weighted model says each class's share of the weight; undone, of the rows."""
    frame = framed(kind)
    found = weights(frame, "y")
    made = run(found.snippet(library=library), df=frame)
    shares = frame["y"].value_counts(normalize=True).sort_index()
    weighted = shares * pd.Series(found)
    weighted /= weighted.sum()
    if kind == "several":
        assert made["unweighted"](weighted.to_numpy()[None])[0] == pytest.approx(shares.to_numpy())
    else:
        assert weighted["yes"] == pytest.approx(0.5)
        assert made["unweighted"](weighted["yes"]) == pytest.approx(shares["yes"])


@pytest.mark.parametrize("library", ["sklearn", "xgboost", "lightgbm"])
def test_a_weighted_model_of_true_probabilities_is_set_right(run, library):
    pytest.importorskip({"sklearn": "sklearn"}.get(library, library))
    rng = np.random.default_rng(1)
    x = rng.normal(size=20_000)
    y = rng.random(20_000) < 1 / (1 + np.exp(3 - x))
    frame = pd.DataFrame({"x": x, "y": np.where(y, "yes", "no")})
    made = run(weights(frame, "y").snippet(library=library), df=frame)
    model = made["model"]
    if library != "sklearn":
        model.set_params(n_estimators=30, max_depth=2)
    labels = frame["y"] if library == "sklearn" else made["outcome"]
    p = model.fit(frame[["x"]], labels).predict_proba(frame[["x"]])[:, 1]
    assert p.mean() > 3 * y.mean()
    assert made["unweighted"](p).mean() == pytest.approx(y.mean(), rel=0.1)


def test_an_unknown_library_lists_the_known_ones():
    with pytest.raises(OptionError, match=r"library='torch' is not known.*'sklearn', 'xgboost', 'lightgbm'"):
        weights(framed("two"), "y").snippet(library="torch")
