"""Cells that stand for missing ones: named with their column, never changed, mended by the one line that is given."""

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features

N = 200


def framed(**columns):
    rng = np.random.default_rng(0)
    y = np.where(np.arange(N) % 5 == 0, "yes", "no")
    return pd.DataFrame({"x": rng.normal(size=N), "y": y}).assign(**columns)


def some(values, mark, every=7):
    """Put a mark in the place of every seventh cell."""
    return np.where(np.arange(N) % every == 0, mark, values)


def words(*levels):
    return np.array(levels, dtype=object)[np.arange(N) % len(levels)]


def said(frame, code):
    return [each for each in imb.overview(frame, "y").findings if each.code == code]


def mended(frame, finding):
    """Run the lines of a finding's fix."""
    names = {"df": frame.copy(), "np": np, "pd": pd}
    exec(finding.fix.lines, names)
    return names["df"]


WORDS = {
    "object": lambda cells: cells,
    "category": lambda cells: pd.Categorical(cells),
    "string": lambda cells: pd.array(cells, dtype="string"),
    "str": lambda cells: pd.Series(cells).astype(str),
}


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize(("levels", "holes"), [
    (("private", "state", "?"), ["?"]),
    ((" private", " state", " ?"), [" ?"]),
    (("yes", "no", "unknown"), ["unknown"]),
    (("a", "b", "", "  "), ["", "  "]),
    (("a", "N/A", "null"), ["N/A", "null"]),
])  # fmt: skip
def test_words_for_missing_cells_are_named_and_mended(kind, levels, holes):
    frame = framed(job=WORDS[kind](words(*levels)))
    before = frame.copy()
    (finding,) = said(frame, "IMB206")
    count = int(np.isin(words(*levels).astype(str), holes).sum())
    assert f"'job' ({count})" in finding.message
    assert all(repr(hole) in finding.message for hole in holes)
    pd.testing.assert_frame_equal(frame, before)
    after = mended(frame, finding)
    assert after["job"].isna().sum() == count
    assert after.drop(columns="job").equals(frame.drop(columns="job"))
    assert said(after, "IMB206") == []


def test_several_columns_share_a_line():
    frame = framed(a=words("p", "q", "?"), b=words("unknown", "r", "s"), c=words("t", "u"))
    (finding,) = said(frame, "IMB206")
    after = mended(frame, finding)
    assert after[["a", "b", "c"]].isna().sum().tolist() == [66, 67, 0]


@pytest.mark.parametrize(
    "levels", [("none", "guarantor"), ("-", "+"), ("yes", "no"), ("Nancy", "Unknown Pleasures")]
)
def test_words_that_may_be_meant_are_left_alone(levels):
    assert said(framed(job=words(*levels)), "IMB206") == []


RNG = np.random.default_rng(1)
MARKED = {
    "days since, -1 for never": (some(RNG.integers(1, 800, N), -1), -1),
    "age, 999": (some(RNG.integers(18, 95, N), 999), 999),
    "z-scores, -999": (some(RNG.normal(size=N), -999.0), -999),
    "amounts, -9999": (some(RNG.uniform(0, 500, N), -9999.0), -9999),
    "answers 0 to 5, -9": (some(RNG.integers(0, 6, N), -9), -9),
    "share, 99": (some(RNG.random(N), 99.0), 99),
    "in every third row": (some(RNG.integers(1, 50, N), -1, every=3), -1),
}


@pytest.mark.parametrize(
    "dtype",
    [None, "Int64", "Float64", "float32", "int64[pyarrow]", "double[pyarrow]", "Sparse[float]", object],
)
@pytest.mark.parametrize("case", MARKED)
def test_numbers_for_missing_cells_are_named_and_mended(case, dtype):
    cells, mark = MARKED[case]
    if "pyarrow" in str(dtype):
        pytest.importorskip("pyarrow")
    whole = np.issubdtype(cells.dtype, np.integer)
    if str(dtype).lower().startswith("int") and not whole:
        pytest.skip("fractions are no whole numbers")
    column = pd.Series(cells) if dtype is None else pd.Series(cells).astype(dtype)
    frame = framed(odd=column)
    (finding,) = said(frame, "IMB207")
    count = int((cells == mark).sum())
    assert finding.message.endswith(f"'odd' ({mark} in {count} rows).")
    after = mended(frame, finding)
    assert after["odd"].isna().sum() == count
    assert said(after, "IMB207") == []


@pytest.mark.parametrize("cells", [
    RNG.integers(-1, 2, N),
    RNG.normal(size=N).round(),
    some(RNG.integers(0, 120, N), 99),
    some(RNG.integers(900, 1100, N), 999),
    np.where(np.arange(N) == 3, -999, RNG.integers(0, 9, N)),
    some(np.full(N, 5), 999),
    RNG.integers(-3, 9, N),
    RNG.lognormal(5, 2, N).round(),
    np.arange(N),
    RNG.integers(0, 2, N).astype("uint8") * 255,
], ids=str)  # fmt: skip
def test_numbers_among_others_are_left_alone(cells):
    assert said(framed(odd=cells), "IMB207") == []


def test_verbs_that_learn_say_so_and_those_that_do_not_keep_quiet():
    frame = framed(odd=MARKED["age, 999"][0], job=words("a", "b", "?"))
    assert {"IMB206", "IMB207"} <= set(
        imb.fit_eval(frame, "y", strategies=["none"], cv=2, progress=False).findings.codes
    )
    assert {"IMB206", "IMB207"} <= set(imb.smote(frame, "y").findings.codes)
    for verb in ("counts", "weights", "split"):
        assert not {"IMB206", "IMB207"} & set(getattr(imb, verb)(frame, "y").findings.codes)
    assert imb.overview(frame, "y", ignore=["IMB206", "IMB207"]).findings == ()


def test_numbers_as_text_with_words_for_missing_are_one_finding():
    frame = framed(age=words("31", "42", "53", "?"))
    (finding,) = said(frame, "IMB203")
    assert f"'?' in {N // 4} cells is missing" in finding.message
    assert said(frame, "IMB206") == []
    assert read_features(frame, "y").X["age"].isna().sum() == N // 4


@pytest.mark.parametrize(
    ("cells", "words"), [([1, "1", "b"], "'1'"), ([True, "True", 2.5, "2.5"], "'2.5', 'True'")]
)
def test_cells_of_several_types_that_are_written_alike_are_named(cells, words):
    df = pd.DataFrame({"o": pd.Series([*cells] * 20, dtype=object), "y": [0, 1] * 10 * len(cells)})
    df.loc[3, "o"] = None
    (finding,) = [each for each in df.imb.overview("y").findings if each.code == "IMB208"]
    assert f"'o' ({words})" in finding.message
    names = {"df": df}
    exec(finding.fix.lines, names)
    assert "IMB208" not in names["df"].imb.overview("y").findings.codes
    assert names["df"]["o"].nunique() == len(cells) and names["df"]["o"].isna().sum() == 1


def test_cells_that_are_written_apart_are_not():
    df = pd.DataFrame({"o": pd.Series([True, 0, 2.5, "b"] * 20, dtype=object), "y": [0, 1] * 40})
    assert "IMB208" not in df.imb.overview("y").findings.codes
