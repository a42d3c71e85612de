"""The weights in each library's dialect: the code runs, says the same weights, and undoes what they do."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import types
from typing import Any

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.errors import OptionError
from imbalance_accessor.verbs.weights import weights
from imbalance_accessor.verbs.weights.snippet import BOOSTING, LIBRARIES

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
            "Tensor": np.ndarray,
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
    made = run(found.snippet(style="full", library=library), df=frame)
    assert made["class_weight"] == pytest.approx(dict(found))
    short = run(found.snippet(style="short", library=library), df=frame)
    assert short["class_weight"] == made["class_weight"]
    assert not {"unweighted", "calibrated"} & set(short)


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("kind", ["two", "text"])
@pytest.mark.parametrize("library", [each for each in LIBRARIES if each != "sklearn"])
def test_two_classes_go_by_negatives_per_positive(run, library, kind):
    frame = framed(kind)
    found = weights(frame, "y")
    made = run(found.snippet(style="full", library=library), df=frame)
    rows = frame["y"].value_counts()
    assert made["pos_weight"] == rows.max() / rows.min() == found.scale_pos_weight
    assert made["outcome"].sum() == rows.min()
    root = run(weights(frame, "y", method="sqrt").snippet(style="full", library=library), df=frame)
    assert root["pos_weight"] == pytest.approx(np.sqrt(rows.max() / rows.min()))


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", ["pytorch", "keras", "xgboost"])
def test_several_classes_go_by_a_vector_in_label_order(run, library):
    frame = framed("several")
    found = weights(frame, "y")
    made = run(found.snippet(style="full", library=library), df=frame)
    assert made["weight_vector"] == pytest.approx([found[label] for label in "abc"])
    assert made["codes"].tolist() == frame["y"].map({"a": 0, "b": 1, "c": 2}).tolist()


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", LIBRARIES)
def test_one_class_against_the_rest(run, library):
    frame = framed("several")
    found = weights(frame, "y", pos_label="c")
    made = run(found.snippet(style="full", library=library), df=frame)
    assert made["class_weight"] == pytest.approx(dict(found))
    if library != "sklearn":
        assert made["pos_weight"] == (frame["y"] != "c").sum() / (frame["y"] == "c").sum()


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("pos_label", [True, False])
@pytest.mark.parametrize("dtype", ["bool", "object", "boolean"])
def test_truth_values_are_not_compared_with_true(run, dtype, pos_label):
    """As linters ask: ``y == True`` is ``y`` itself, and ``y == False`` is ``~y``."""
    frame = framed("two").assign(y=lambda each: (each["y"] == 1).astype(dtype))
    code = weights(frame, "y", pos_label=pos_label).snippet(library="xgboost")
    assert "== True" not in code
    assert "== False" not in code
    made = run(code, df=frame)
    assert made["outcome"].dtype.kind == "i"
    assert made["outcome"].sum() == {True: 50, False: 950}[pos_label]
    assert made["pos_weight"] == {True: 19, False: 1 / 19}[pos_label]


FORMULA = [library for library in LIBRARIES if library not in BOOSTING]


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", FORMULA)
@pytest.mark.parametrize("kind", ["text", "several"])
def test_the_last_lines_undo_what_weights_do_to_true_shares(run, library, kind):
    """Where the features say nothing, a weighted model says each class's share of the weight; undone, of the rows."""
    frame = framed(kind)
    found = weights(frame, "y")
    made = run(found.snippet(style="full", library=library), df=frame)
    shares = frame["y"].value_counts(normalize=True).sort_index()
    weighted = shares * pd.Series(found)
    weighted /= weighted.sum()
    if kind == "several":
        assert made["unweighted"](weighted.to_numpy()[None])[0] == pytest.approx(shares.to_numpy())
    else:
        assert weighted["yes"] == pytest.approx(0.5)
        assert made["unweighted"](weighted["yes"]) == pytest.approx(shares["yes"])


def test_a_weighted_logistic_model_of_true_probabilities_is_set_right(run):
    rng = np.random.default_rng(1)
    x = rng.normal(size=20_000)
    y = rng.random(20_000) < 1 / (1 + np.exp(3 - x))
    frame = pd.DataFrame({"x": x, "y": np.where(y, "yes", "no")})
    made = run(weights(frame, "y").snippet(style="full"), df=frame)
    p = made["model"].fit(frame[["x"]], frame["y"]).predict_proba(frame[["x"]])[:, 1]
    assert p.mean() > 3 * y.mean()
    assert made["unweighted"](p).mean() == pytest.approx(y.mean(), rel=0.1)


def rare(n: int, seed: int = 1) -> tuple[pd.DataFrame, Any]:
    """Rows whose true probability of "yes" is known, 0.05 on average; "maybe" is a third class of the same share."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    p = 1 / (1 + np.exp(3.5 - 1.2 * frame["a"].to_numpy()))
    drawn = rng.random(n)
    frame["y"] = np.where(drawn < p, "yes", "no")
    frame["three"] = np.where(drawn < p, "yes", np.where(drawn > 1 - p, "maybe", "no"))
    return frame, p


@pytest.mark.slow
@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_no_formula_but_a_calibrator_sets_boosting_right(run, library):
    pytest.importorskip(library)
    frame, p = rare(8000)
    X, train = frame[list("abc")], frame.index < 4000
    made = run(weights(frame[train], "y").snippet(style="full", library=library), df=frame[train])
    assert "unweighted" not in made
    quiet = {"n_jobs": 1} if library == "xgboost" else {"verbose": -1, "n_jobs": 1}
    model, outcome = made["model"].set_params(**quiet), made["outcome"]
    weighted = model.fit(X[train], outcome).predict_proba(X[~train])[:, 1]
    undone = weighted / (weighted + (1 - weighted) * made["pos_weight"])
    calibrated = made["calibrated"].fit(X[train], outcome).predict_proba(X[~train])[:, 1]
    truth = p[~train].mean()
    assert weighted.mean() > 1.5 * truth
    assert undone.mean() < 0.5 * truth  # what the formula of logistic regression would say
    assert calibrated.mean() == pytest.approx(truth, abs=0.005)
    assert np.square(calibrated - p[~train]).mean() < np.square(weighted - p[~train]).mean() / 2


@pytest.mark.quick(1)
@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_the_calibrator_of_several_classes_is_not_weighted(run, library):
    pytest.importorskip(library)
    frame, _ = rare(12_000)
    X, part = frame[list("abc")], np.arange(12_000) // 4000
    made = run(weights(frame, "three").snippet(style="full", library=library), df=frame)
    learn, held, new = (X[part == place] for place in range(3))
    if library == "xgboost":
        codes, weight = made["codes"], made["sample_weight"]
        model = made["model"].set_params(n_jobs=1)
        model.fit(learn, codes[part == 0], sample_weight=weight[part == 0])
        fitted, calibrated_on = made["calibrated"].fit(held, codes[part == 1]), 1
    else:
        model = made["model"].set_params(n_jobs=1, verbose=-1).fit(learn, frame["three"][part == 0])
        fitted, calibrated_on = made["calibrated"].fit(learn, frame["three"][part == 0]), 0
    share = (frame["three"][part == calibrated_on] == "yes").mean()
    assert model.predict_proba(new)[:, 2].mean() > 1.5 * share
    assert fitted.predict_proba(new)[:, 2].mean() == pytest.approx(share, abs=0.005)


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", BOOSTING)
@pytest.mark.parametrize(
    ("rows", "method", "folds"), [(100, "isotonic", 5), (99, "sigmoid", 5), (3, "sigmoid", 3)]
)
def test_few_rows_leave_the_calibrator_to_a_sigmoid(run, library, rows, method, folds):
    frame = pd.DataFrame({"y": [0] * 400 + [1] * rows})
    made = run(weights(frame, "y").snippet(style="full", library=library), df=frame)["calibrated"]
    assert (made.method, made.cv) == (method, folds)


MORE = "# weights shift probabilities: the positive class gets more than is true"


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_sentence_says_which_way_the_weights_shift(run, library):
    frame = framed("text")
    assert MORE in weights(frame, "y").snippet(style="full", library=library)
    less = weights(frame, "y", pos_label="no").snippet(style="full", library=library)
    assert MORE.replace("more", "less") in less and "more" not in less
    if library not in BOOSTING:  # 0.5 of the weight is a share of 0.9 of the rows
        assert run(less, df=frame)["unweighted"](0.5) == pytest.approx(0.9)
    several = weights(framed("several"), "y").snippet(style="full", library=library)
    assert "classes of large weights get more than is true" in several and "positive" not in several


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("library", LIBRARIES)
def test_equal_weights_leave_nothing_to_undo(run, library):
    two = pd.DataFrame({"y": [0, 1] * 20})
    three = pd.DataFrame({"y": list("abc") * 20})
    for frame, method in ((two, "balanced"), (three, "sqrt"), (framed("text"), {"no": 2, "yes": 2})):
        code = weights(frame, "y", method=method).snippet(style="full", library=library)
        assert not {"unweighted", "calibrated"} & set(run(code, df=frame))
        assert "shift" not in code


@pytest.mark.usefixtures("libraries")
def test_weights_of_nothing_have_no_ratio(run):
    found = weights(framed("text"), "y", method={"no": 0, "yes": 1})
    assert "unweighted" not in run(found.snippet(style="full"), df=framed("text"))
    with pytest.raises(OptionError, match=r"Rows of 'no' weigh 0, so that no ratio.*\.sample_weight"):
        found.snippet(style="full", library="xgboost")


WIDE = {
    "text": ["no", "yes"],
    "long": ["a label of some forty letters, or a few more", "another, which is not shorter than the first"],
    "bytes": [b"n", b"p"],
    "quotes": ["it's", 'the "other"'],
    "tuples": [("n", 1), ("p", 2)],
    "mixed": [3, "a"],
    "three": ["one of three classes", "another of three classes", "the last of three classes"],
}


def test_every_dialect_is_as_a_formatter_wants_it(tmp_path):
    pytest.importorskip("ruff")
    for kind, labels in WIDE.items():
        y = pd.Series([labels[0]] * 60 + [labels[-1]] * 9 + labels[1:], dtype=object, name="y")
        for library in LIBRARIES:
            for method in (*METHODS, dict.fromkeys(labels, 0.5) | {labels[0]: 1 / 3}):
                code = weights(y.to_frame(), "y", method=method).snippet(style="full", library=library)
                assert max(map(len, code.splitlines())) <= 88, code
                name = method if isinstance(method, str) else "own"
                (tmp_path / f"{kind}_{library}_{name}.py").write_text(f"{code}\n", encoding="utf-8")
    for order in (["check", "--ignore=F821"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *order, "--isolated", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_an_unknown_library_lists_the_known_ones():
    with pytest.raises(OptionError, match=r"library='torch' is not known.*'sklearn', 'xgboost', 'lightgbm'"):
        weights(framed("two"), "y").snippet(style="full", library="torch")
