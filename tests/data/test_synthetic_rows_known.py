"""Which columns name a synthetic row, and the hash of a row: the same however its cells are stored."""

from __future__ import annotations

import decimal

import numpy as np
import pandas as pd
import pytest
from resampled import accused, count_in, marked, whole

import imbalance_accessor as imb
from imbalance_accessor.data import synthetic_rows
from imbalance_accessor.data.row_hashes import row_hashes
from imbalance_accessor.data.synthetic_rows import count_synthetic

#: Of the 1,600 train rows 240 are rare and 1,360 common, so that 1,120 are made.
ROWS, RARE, MADE, AFTER = 2_000, 300, 1_120, 2_720


@pytest.fixture(autouse=True)
def _own_memory():
    """Each test starts with nothing remembered."""
    synthetic_rows._CALLS.clear()


def cells(columns=10, rows=ROWS):
    values = np.random.default_rng(0).normal(size=(rows, columns))
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(columns)])


def labelled(frame):
    y = np.where(np.random.default_rng(1).permutation(len(frame)) < RARE / ROWS * len(frame), "yes", "no")
    return frame.assign(k=np.arange(len(frame)) % 9, y=y)


def bare(frame):
    """The same cells on a new index, without a token."""
    return pd.DataFrame({name: frame[name].to_numpy() for name in frame.columns})


def not_accused(frame):
    return count_synthetic(frame) == 0 and not accused(imb.counts(frame, "y"))


# ---------------------------------------------------------------- a few columns name a row

WAYS = {
    "as it is": lambda f: f,
    "others dropped": lambda f: f.drop(columns=["x8", "x9", "k"]),
    "one dropped": lambda f: f.drop(columns="k"),
    "others changed": lambda f: f.assign(x8=f["x8"] * 2, x9=0.0, k=f["k"] + 1),
    "others changed and shuffled": lambda f: f.assign(k=f["x8"].rank()).sample(frac=1, random_state=0),
    "more columns": lambda f: f.drop(columns="x9").assign(new=f["x0"] > 0, newer=f["x1"] + f["x2"]),
    "columns in another order": lambda f: f[list(f.columns[::-1])].drop(columns="x8"),
    "as objects": lambda f: f.drop(columns="x8").assign(x0=f["x0"].astype(object)),
}


@pytest.mark.quick(5)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("options", [{}, {"kind": "borderline"}, {"scale": True}], ids=str)
def test_rows_are_known_after_other_columns_were_dropped_or_changed(way, options):
    made = imb.smote(labelled(cells()), "y", **options)
    assert made.is_synthetic.sum() == MADE
    frame = WAYS[way](bare(whole(made)))
    assert not frame.attrs
    assert count_in(frame) == (MADE, AFTER)
    (finding,) = accused(imb.counts(frame, "y"))
    assert finding.severity == "error"


def test_rows_of_mixed_columns_are_known_after_text_was_changed():
    frame = labelled(cells(8)).assign(word=np.where(np.arange(ROWS) % 3 == 0, "a", "b"))
    made = imb.smote(frame, "y")
    back = bare(whole(made)).assign(word="another").drop(columns="k")
    assert count_in(back) == (MADE, AFTER)


def test_a_part_of_the_rows_is_counted_as_what_it_is():
    made = imb.smote(labelled(cells()), "y")
    positions = np.random.default_rng(3).permutation(AFTER)[:900]
    back = bare(whole(made).iloc[positions]).drop(columns=["x9", "k"])
    assert count_synthetic(back) == made.is_synthetic.to_numpy()[positions].sum() > 100


def test_real_rows_are_not_accused_by_fewer_columns():
    frame = labelled(cells())
    made = imb.smote(frame, "y")
    real = whole(made).loc[~made.is_synthetic.to_numpy()]
    for rows in (frame, frame.drop(columns=["x9", "k"]), bare(real), bare(made.X_test.assign(y=made.y_test))):
        assert not_accused(rows)


def test_a_column_that_names_rows_is_missed_when_it_was_changed():
    made = imb.smote(labelled(cells()), "y")
    assert not_accused(bare(whole(made)).assign(x3=lambda f: f["x3"] * 2))


# ---------------------------------------------------------------- few different rows


@pytest.mark.parametrize("rows", [40, 400, 2_000])
def test_real_rows_of_few_different_cells_are_not_accused(rows):
    """A sample is resampled first, then the whole frame of it is used; rows without a label are real as well."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 2, ROWS), "b": rng.integers(0, 3, ROWS)})
    frame["y"] = np.where(rng.random(ROWS) < 0.2, "yes", "no")
    frame["y"] = frame["y"].mask(rng.random(ROWS) < 0.4)
    made = imb.smote(frame.head(rows), "y")
    assert made.is_synthetic.sum() > 5
    for real in (frame.head(rows), frame, bare(frame), frame.assign(y=frame["y"].fillna("no"))):
        assert not_accused(real)
    assert count_synthetic(marked(made)) == made.is_synthetic.sum()
    assert count_synthetic(bare(whole(made))) > made.is_synthetic.sum() / 2


# ---------------------------------------------------------------- all columns name a row

#: Features of which not enough are continuous, or too few rows are made.
ALL_DECIDE = {
    "three columns": cells(3),
    "whole numbers": (cells(9) * 5).round().astype(int),
    "whole numbers as floats": (cells(9) * 2).round(),
    "three columns and whole numbers": cells(3).assign(more=np.arange(ROWS) % 40),
    "few synthetic rows": cells(10, rows=1_000),
    "float32": cells(10).astype("float32"),
}


@pytest.mark.parametrize("case", ALL_DECIDE)
def test_all_columns_decide_where_few_cannot(case):
    features = ALL_DECIDE[case]
    made = imb.smote(labelled(features), "y")
    new = int(made.is_synthetic.sum())
    assert new == MADE * len(features) // ROWS
    assert (new < 1_000) == (case == "few synthetic rows")
    frame = bare(whole(made))
    assert count_in(frame) == (new, len(frame))
    assert count_synthetic(made.X_train.drop(columns="k")) == new  # by the token
    assert list(synthetic_rows._CALLS.now.rows) == [tuple(made.X_train.columns)]
    for name in features:
        assert not_accused(frame.assign(**{name: frame[name] + 100}))
    assert not_accused(frame.drop(columns="k"))


def test_all_columns_decide_of_copies_which_repeat_rows():
    made = imb.smote(labelled(cells()), "y", kind="oversample")
    frame = bare(whole(made))
    assert count_in(frame) == (MADE, AFTER)
    assert count_in(made.X_train.drop(columns="k").assign(y=made.y_train)) == (MADE, AFTER)  # by the token
    assert list(synthetic_rows._CALLS.now.rows) == [tuple(made.X_train.columns)]
    assert not_accused(frame.drop(columns="k"))


# ---------------------------------------------------------------- hashes

WHOLE = np.array([0, 1, 1, 0, 1] * 4)
STORED = {
    "int": WHOLE,
    "int8": WHOLE.astype("int8"),
    "uint8": WHOLE.astype("uint8"),
    "uint64": WHOLE.astype("uint64"),
    "float": WHOLE.astype(float),
    "float32": WHOLE.astype("float32"),
    "bool": WHOLE.astype(bool),
    "object ints": WHOLE.astype(object),
    "object floats": WHOLE.astype(float).astype(object),
    "object bools": WHOLE.astype(bool).astype(object),
    "decimals": np.array([decimal.Decimal(int(each)) for each in WHOLE]),
    "category of ints": pd.Categorical(WHOLE),
    "category of floats": pd.Categorical(WHOLE.astype(float)),
    "category of bools": pd.Categorical(WHOLE.astype(bool)),
    "Int64": pd.array(WHOLE, dtype="Int64"),
    "UInt64": pd.array(WHOLE, dtype="UInt64"),
    "Float64": pd.array(WHOLE, dtype="Float64"),
    "boolean": pd.array(WHOLE.astype(bool), dtype="boolean"),
    "sparse": pd.arrays.SparseArray(WHOLE.astype(float)),
}


@pytest.mark.parametrize("stored", STORED)
def test_hashes_are_the_same_however_numbers_are_stored(stored):
    beside = np.arange(len(WHOLE)) / 7
    frame = pd.DataFrame({"a": STORED[stored], "b": beside})
    wanted = row_hashes(pd.DataFrame({"a": WHOLE.astype(float), "b": beside}), ["a", "b"])
    np.testing.assert_array_equal(row_hashes(frame, ["a", "b"]), wanted)
    assert len(set(wanted)) == len(WHOLE)
    assert not (row_hashes(frame.assign(a=1 - WHOLE), ["a", "b"]) == wanted).any()


def test_hashes_of_one_column_tell_its_values_apart():
    found = row_hashes(pd.DataFrame({"a": WHOLE}), ["a"])
    assert len(set(found[WHOLE == 0])) == len(set(found[WHOLE == 1])) == 1
    assert found[0] != found[1]


def test_zero_has_one_hash_whatever_its_sign():
    signed, plain = pd.DataFrame({"a": [-0.0, 0.0, 1.0]}), pd.DataFrame({"a": [0, 0, 1]})
    np.testing.assert_array_equal(row_hashes(signed, ["a"]), row_hashes(plain, ["a"]))
    as_object = signed.astype(object)
    np.testing.assert_array_equal(row_hashes(as_object, ["a"]), row_hashes(plain, ["a"]))


def test_numbers_of_float32_hash_as_their_exact_values():
    short = np.array([0.1, 1 / 3, 2.5], dtype="float32")
    found = row_hashes(pd.DataFrame({"a": short}), ["a"])
    np.testing.assert_array_equal(found, row_hashes(pd.DataFrame({"a": short.astype(float)}), ["a"]))
    differ = found != row_hashes(pd.DataFrame({"a": [0.1, 1 / 3, 2.5]}), ["a"])
    assert differ.tolist() == [True, True, False]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA], ids=str)
def test_missing_numbers_hash_alike(missing):
    wanted = row_hashes(pd.DataFrame({"a": [1.0, np.nan, 3.0]}), ["a"])
    for dtype in (object, "Float64", "Int64"):
        frame = pd.DataFrame({"a": pd.Series([1, missing, 3], dtype=dtype)})
        np.testing.assert_array_equal(row_hashes(frame, ["a"]), wanted)


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_text_hashes_alike(dtype):
    text = ["a", "b", "a", "long words"]
    wanted = row_hashes(pd.DataFrame({"a": pd.Series(text)}), ["a"])
    np.testing.assert_array_equal(
        row_hashes(pd.DataFrame({"a": pd.Series(text, dtype=dtype)}), ["a"]), wanted
    )
    assert len(set(wanted)) == 3


def test_columns_of_lists_have_hashes_by_what_they_hold():
    lists = [[1, 2], [1, 2], [2, 1], []]
    found = row_hashes(pd.DataFrame({"a": lists, "b": 1}), ["a", "b"])
    assert found[0] == found[1]
    assert len(set(found)) == 3
    shown = row_hashes(pd.DataFrame({"a": [repr(each) for each in lists], "b": 1}), ["a", "b"])
    np.testing.assert_array_equal(found, shown)


def of_all_kinds(rows):
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "float": rng.normal(size=rows),
            "int": rng.integers(-9, 9, rows),
            "float32": rng.normal(size=rows).astype("float32"),
            "text": rng.choice([*"abc"], rows),
            "bool": rng.random(rows) < 0.5,
            "category": pd.Categorical(rng.choice([3, 5, 7], rows)),
            "uint64": rng.integers(0, 5, rows).astype("uint64"),
            "lists": [[int(each)] for each in rng.integers(0, 3, rows)],
        }
    )


def test_hashes_of_many_rows_are_those_of_their_slices():
    frame = of_all_kinds(10_000)
    names = list(frame.columns)
    found = row_hashes(frame, names)
    assert found.dtype == np.uint64
    assert len(set(found)) == 10_000
    for step in (1_000, 4_095, 4_097, 7_000):
        parts = [row_hashes(frame.iloc[at : at + step], names) for at in range(0, 10_000, step)]
        np.testing.assert_array_equal(np.concatenate(parts), found)
    turned = np.random.default_rng(0).permutation(10_000)
    np.testing.assert_array_equal(row_hashes(frame.iloc[turned], names), found[turned])
    assert [row_hashes(frame.iloc[[at]], names)[0] for at in (0, 4_095, 4_096, 9_999)] == [
        found[at] for at in (0, 4_095, 4_096, 9_999)
    ]


def test_the_order_of_columns_matters_and_the_frames_order_does_not():
    frame = of_all_kinds(50)
    names = list(frame.columns)
    np.testing.assert_array_equal(row_hashes(frame[names[::-1]], names), row_hashes(frame, names))
    assert (row_hashes(frame, names[::-1]) != row_hashes(frame, names)).all()


def test_no_rows_and_no_columns_have_hashes_of_their_own_length():
    frame = of_all_kinds(3)
    assert row_hashes(frame.iloc[:0], list(frame.columns)).shape == (0,)
    assert row_hashes(frame, []).tolist() == [0, 0, 0]


def test_the_frame_is_not_changed():
    frame = pd.DataFrame({"a": [-0.0, 1.0], "b": [1, 2]})
    row_hashes(frame, ["a", "b"])
    assert np.signbit(frame["a"]).tolist() == [True, False]
    assert frame.dtypes.tolist() == [np.dtype(float), np.dtype(int)]
