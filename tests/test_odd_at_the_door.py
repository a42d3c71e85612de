"""Odd cells that are meant plainly are taken so; names and labels of any length are shown in a few words."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from alone import execute

from imbalance_accessor import registry
from imbalance_accessor.errors import ImbalanceError, brief

QUICK = {"cv": 2, "progress": False}


@pytest.fixture(scope="module")
def df():
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat([0, 1], [160, 40]))
    x = rng.normal(size=200) + y
    p = np.round(1 / (1 + np.exp(-x)), 4)
    return pd.DataFrame({"x": x, "z": rng.normal(size=200), "p": p, "y": y})


def objects(cells):
    return pd.Series(list(cells), dtype=object)


FLOATS = {
    "16 bits": lambda y: y.astype("float16"),
    "longdouble": lambda y: y.astype("longdouble"),
    "longdouble objects": lambda y: objects(map(np.longdouble, y)),
    "sparse, of 16 bits": lambda y: pd.Series(pd.arrays.SparseArray(y.astype("float16"))),
}


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("verb", ["counts", "weights", "overview", "split", "smote", "leaks"])
def test_labels_of_any_float_are_those_of_64_bits(verb, kind, df):
    options = QUICK if verb == "leaks" else {}
    wide, odd = df.assign(y=df["y"].astype(float)), df.assign(y=FLOATS[kind](df["y"]))
    wanted, found = (registry.verb(verb)(each, "y", **options) for each in (wide, odd))
    pd.testing.assert_frame_equal(found.frame, wanted.frame)
    assert repr(found) == repr(wanted)
    execute(found.snippet(style="full"), df=odd)


NUMBERS = {
    "decimals": lambda p: objects(Decimal(repr(cell)) for cell in p),
    "fractions": lambda p: objects(map(Fraction, p)),
    "several types": lambda p: objects(
        (Decimal(repr(cell)), cell, Fraction(cell), np.float32(cell))[place % 3]
        for place, cell in enumerate(p)
    ),
    "decimal commas": lambda p: p.map(lambda cell: repr(cell).replace(".", ",")),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_scores_and_amounts_are_numbers_however_they_are_written(kind, df):
    df = df.assign(amount=(df["x"].abs() + 1).round(2))
    odd = df.assign(**{name: NUMBERS[kind](df[name]) for name in ("p", "amount")})
    options = {"scores": "p", "cv": 2, "cost": {"fp": Decimal("0.5"), "fn": "amount"}}
    wanted, found = (registry.verb("best_threshold")(each, "y", **options) for each in (df, odd))
    assert found.value == wanted.value
    assert found.apply(odd).tolist() == (df["p"] >= wanted.value).tolist()
    assert execute(found.snippet(style="short"), df=odd)["threshold"] == wanted.value
    calibrated = registry.verb("reliability")(odd, "y", scores="p")
    np.testing.assert_array_equal(calibrated.apply(odd, "none"), df["p"])
    execute(calibrated.snippet(style="full"), df=odd)


@pytest.mark.parametrize("kind", ["fractions", "several types"])
def test_features_are_numbers_too(kind, df):
    odd = df.assign(x=NUMBERS[kind](df["x"]))
    found = registry.verb("smote")(odd, "y")
    assert found.parts.features.columns.kinds["x"] == "number"
    wanted = registry.verb("smote")(df, "y")
    np.testing.assert_allclose(found.X_train["x"].astype(float), wanted.X_train["x"])
    execute(found.snippet(style="full"), df=odd)


LONG = "a name of many words " * 5_000


@pytest.mark.parametrize("verb", ["counts", "weights", "overview", "split", "smote", "leaks"])
def test_names_of_100_kb_are_shown_in_a_few_words(verb, df):
    options = QUICK if verb == "leaks" else {}
    y = np.where(df["y"] == 1, f"yes, {LONG}", f"no, {LONG}")
    marked = np.where(df.index % 7 == 0, -999.0, df["x"].abs())
    odd = df.assign(y=y, **{f"m {LONG}": marked}).rename(columns={"y": f"y {LONG}"})
    found = registry.verb(verb)(odd, f"y {LONG}", **options)
    for said in (found.explain(), found.explain(audience="interview"), found.findings):
        assert len(repr(said)) < 9_000
    assert verb == "weights" or len(repr(found)) < 9_000  # which prints as the dict that it is
    assert f"y {LONG}" in found.snippet(style="full")
    compile(found.snippet(style="full"), "<snippet>", "exec")


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("y", {"pos_label": f"maybe {LONG}"}),
        (f"x {LONG}", {}),
        (f"why {LONG}", {}),
        ("y", {LONG: 1}),
        ("y", {"ignore": LONG}),
        ("y", {"groups": f"g {LONG}"}),
    ],
)
def test_errors_name_them_in_a_few_words(target, options, df):
    odd = df.assign(y=np.where(df["y"] == 1, f"yes, {LONG}", "no")).rename(columns={"x": f"x {LONG}"})
    with pytest.raises(ImbalanceError) as caught:
        registry.verb("split")(odd, target, **options)
    assert len(str(caught.value)) < 700
    assert len("".join(getattr(caught.value, "__notes__", []))) < 700


def test_only_what_stands_in_quotes_loses_its_middle():
    prose = f"The model's scores aren't those of the frame's rows{', nor of the other ones' * 9} in 'a' and \"b c\"."
    assert brief(prose) == prose
    assert brief(f"{prose} {'ab ' * 99!r}, b'{'x' * 200}', 'c'.").startswith(f"{prose} 'ab ab")
    shown = brief(f"No 'a', {'first ' + 'x' * 500 + ' last'!r} or 'b'.")
    assert shown == f"No 'a', 'first {'x' * 42}…{'x' * 44} last' or 'b'."


@pytest.mark.parametrize("cost", [{"fp": 1e30, "fn": 1e-30}, {"fp": 1, "fn": 123456789012.3}])
def test_huge_amounts_are_said_in_powers_of_ten(cost, df):
    found = registry.verb("best_threshold")(df, "y", scores="p", cost=cost, cv=2)
    most = f"{max(cost.values()):.4g}"
    for said in (repr(found), found.explain(), found.explain(audience="interview")):
        assert most in said
        assert not any(
            len(word.strip(",.()[]").replace(",", "")) > 12 for word in said.split() if word[0].isdigit()
        )
    compile(found.snippet(style="full"), "<snippet>", "exec")


def test_weights_far_apart_are_told(df):
    found = registry.verb("weights")(df, "y", method={0: 1e-30, 1: 1e30})
    assert "1e+30" in found.explain()
    assert "more than is true" in found.snippet(style="full")
