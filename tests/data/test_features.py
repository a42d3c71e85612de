"""The door for frames: columns sorted by kind, odd ones left out by name, rows without a label set aside."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.data.checks import check_features, missing_cells
from imbalance_accessor.data.column_kinds import sort_columns
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import FeatureError, OptionError, TargetError

N = 40
EVEN = np.arange(N)
GAPPED = 3 * EVEN  # whole numbers that lie closer count the rows

NUMERIC = {
    "int": pd.Series(GAPPED),
    "int8": pd.Series(GAPPED, dtype="int8"),
    "flag": pd.Series(EVEN % 2),
    "float": pd.Series(EVEN / 7),
    "float with gaps": pd.Series(EVEN / 7).mask(EVEN < 5),
    "constant with gaps": pd.Series(np.ones(N)).mask(EVEN < 5),
    "Int64": pd.Series(GAPPED, dtype="Int64").mask(EVEN < 5),
    "Float64": pd.Series(EVEN / 7, dtype="Float64"),
    "object int": pd.Series(GAPPED, dtype=object),
    "object mixed": pd.Series([1, 2.5] * (N // 2), dtype=object),
    "decimal": pd.Series([decimal.Decimal(int(i)) for i in GAPPED]),
    "number text": pd.Series([str(i % 8) for i in EVEN]),
    "sparse": pd.Series(pd.arrays.SparseArray(EVEN % 3 * 1.0, fill_value=0.0)),
}
TEXT = [*"abcdefgh"] * (N // 8)
CATEGORICAL = {
    "text": pd.Series(TEXT),
    "object": pd.Series(TEXT, dtype=object),
    "string": pd.Series(TEXT, dtype="string"),
    "gaps": pd.Series(TEXT, dtype=object).mask(EVEN < 5),
    "category": pd.Series(TEXT, dtype="category"),
    "int category": pd.Series(EVEN % 4, dtype="category"),
    "bool": pd.Series(EVEN % 2 == 0),
    "boolean": pd.Series(EVEN % 2 == 0, dtype="boolean"),
    "object bool": pd.Series(EVEN % 2 == 0, dtype=object),
    "mixed": pd.Series(["a", 1] * (N // 2), dtype=object),
    "one value and gaps": pd.Series(["a"] * N, dtype=object).mask(EVEN < 5),
    "digits": pd.Series([f"{i % 8:03}" for i in EVEN]),
}
LEFT_OUT = {
    "id": (pd.Series([f"c{i}" for i in EVEN]), "nearly all different, like an id"),
    "constant": (pd.Series([3] * N), "constant"),
    "constant text": (pd.Series(["a"] * N), "constant"),
    "constant bool": (pd.Series([True] * N), "constant"),
    "empty": (pd.Series([np.nan] * N), "no values"),
    "empty object": (pd.Series([None] * N, dtype=object), "no values"),
    "date": (pd.Series(pd.date_range("2026-01-01", periods=N)), "dates"),
    "zoned date": (pd.Series(pd.date_range("2026-01-01", periods=N, tz="UTC")), "dates"),
    "object date": (pd.Series([datetime.date(2026, 1, 1 + int(i) % 9) for i in EVEN]), "dates"),
    "period": (pd.Series(pd.period_range("2026-01", periods=N, freq="M")), "dates"),
    "duration": (pd.Series(pd.to_timedelta(EVEN, unit="D")), "durations"),
    "complex": (pd.Series(EVEN * 1j), "complex numbers"),
    "lists": (pd.Series([[i] for i in EVEN]), "cells of type list"),
    "dicts": (pd.Series([{"a": i} for i in EVEN]), "cells of type dict"),
    "sets": (pd.Series([{i} for i in EVEN]), "cells of type set"),
    "lists and gaps": (pd.Series([None, *([i] for i in EVEN[1:])], dtype=object), "cells of type list"),
}


def framed(**columns) -> pd.DataFrame:
    return pd.DataFrame({**columns, "y": EVEN % 4 == 0})


def fingerprint(frame: pd.DataFrame):
    """Everything that would show a change: cells by text, dtypes, names, index and attributes."""
    cells = {name: column.map(repr).tolist() for name, column in frame.items()}
    return cells, frame.dtypes.tolist(), frame.index.tolist(), frame.index.names, dict(frame.attrs)


@pytest.mark.parametrize("name", NUMERIC)
def test_numbers_of_any_dtype_are_numeric(name):
    columns = read_features(framed(x=NUMERIC[name]), "y").columns
    assert (columns.numeric, columns.categorical, dict(columns.left_out)) == (("x",), (), {})


@pytest.mark.parametrize("name", CATEGORICAL)
def test_text_categories_and_booleans_are_categorical(name):
    columns = read_features(framed(x=CATEGORICAL[name]), "y").columns
    assert (columns.numeric, columns.categorical, dict(columns.left_out)) == ((), ("x",), {})


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_no_model_can_use_is_left_out_with_the_reason(name):
    column, reason = LEFT_OUT[name]
    features = read_features(framed(x=column, used=EVEN / 3), "y")
    assert dict(features.columns.left_out) == {"x": reason}
    assert features.columns.used == ("used",)
    (finding,) = features.findings
    if reason == "dates":
        assert finding.code == "IMB209"
        assert finding.message.startswith("Dates, not used as features: 'x' (2026-01-")
    else:
        assert finding.code == "IMB202"
        assert finding.message == f"Not used as features: 'x' ({reason})."
    assert ("nothing to do" in finding.cure) == (reason in ("constant", "no values"))
    assert "x" in features.X.columns


def test_all_kinds_side_by_side_keep_the_frames_order():
    columns = {**CATEGORICAL, **{name: column for name, (column, _) in LEFT_OUT.items()}, **NUMERIC}
    shuffled = list(columns)
    np.random.default_rng(0).shuffle(shuffled)
    sorted_columns = read_features(framed(**{name: columns[name] for name in shuffled}), "y").columns
    assert sorted_columns.numeric == tuple(name for name in shuffled if name in NUMERIC)
    assert sorted_columns.categorical == tuple(name for name in shuffled if name in CATEGORICAL)
    assert list(sorted_columns.left_out) == [name for name in shuffled if name in LEFT_OUT]
    assert sorted_columns.used == tuple(name for name in shuffled if name not in LEFT_OUT)


def test_a_short_text_column_is_no_id():
    frame = pd.DataFrame({"x": [*"abcdefghij"], "y": [0, 1] * 5})
    assert read_features(frame, "y").columns.categorical == ("x",)


def test_an_id_with_a_few_repeats_or_gaps_is_an_id_still():
    column = pd.Series([f"c{i}" for i in EVEN], dtype=object)
    column[1], column[2] = "c0", None
    assert "x" in read_features(framed(x=column, z=EVEN), "y").columns.left_out


@pytest.mark.parametrize(
    ("column", "is_whole"),
    [
        (pd.Series(GAPPED), True),
        (pd.Series(EVEN % 2 * 1.0), True),
        (pd.Series(GAPPED, dtype="Int64"), True),
        (pd.Series(GAPPED * 1.0).mask(EVEN < 3), True),
        (pd.Series(EVEN / 2), False),
        (pd.Series(EVEN / 2, dtype="Float64"), False),
    ],
)
def test_whole_number_columns_are_known(column, is_whole):
    assert read_features(framed(x=column), "y").columns.whole == (("x",) if is_whole else ())


def test_the_frame_is_never_changed():
    columns = {**CATEGORICAL, **{name: column for name, (column, _) in LEFT_OUT.items()}, **NUMERIC}
    frame = framed(**columns).set_axis(pd.MultiIndex.from_product([range(4), range(10)], names=["a", "b"]))
    frame.attrs["source"] = "survey"
    frame["y"] = frame["y"].astype(object).where(EVEN > 2, None)
    before = fingerprint(frame)
    features = read_features(frame, "y")
    features.columns.plain(features.X)
    missing_cells(features.X, features.columns)
    assert fingerprint(frame) == before


def test_plain_cells_are_what_every_library_takes():
    frame = framed(**NUMERIC, **CATEGORICAL)
    features = read_features(frame, "y")
    plain = features.columns.plain(features.X)
    assert list(plain.columns) == list(features.columns.used)
    for name in features.columns.numeric:
        assert plain[name].dtype.kind in "iuf"
        assert isinstance(plain[name].dtype, np.dtype)
        expected = [np.nan if pd.isna(cell) else float(cell) for cell in frame[name]]
        np.testing.assert_array_equal(plain[name].to_numpy(dtype=float), expected)
    for name in features.columns.categorical:
        for cell, was in zip(plain[name], frame[name], strict=True):
            assert (isinstance(cell, float) and np.isnan(cell)) if pd.isna(was) else str(cell) == str(was)


def test_plain_columns_of_a_plain_frame_are_the_frame():
    frame = framed(x=EVEN / 7, text=TEXT)
    features = read_features(frame, "y")
    pd.testing.assert_frame_equal(features.columns.plain(features.X), frame[["x", "text"]])


@pytest.mark.parametrize("index", [list(EVEN), [0] * N, [f"r{i}" for i in EVEN[::-1]]])
def test_rows_without_a_label_are_counted_left_out_and_reported(index):
    y = pd.Series([None, *["no"] * 30, None, *["yes"] * 8], dtype=object)
    frame = pd.DataFrame({"x": EVEN / 7, "y": y}).set_axis(index)
    features = read_features(frame, "y")
    kept = [i for i in range(N) if y[i] is not None]
    pd.testing.assert_frame_equal(features.X, frame[["x"]].iloc[kept])
    assert features.y.tolist() == [y[i] for i in kept]
    assert features.y.index.tolist() == [index[i] for i in kept]
    assert features.codes.tolist() == [int(y[i] == "yes") for i in kept]
    (finding,) = features.findings
    assert (finding.code, features.target.missing) == ("IMB201", 2)
    assert "2 of 40 rows have no label in 'y' and are left out" in finding.message


def test_a_series_beside_the_frame_leaves_every_column_in():
    frame = pd.DataFrame({"x": EVEN / 7, "z": EVEN})
    features = read_features(frame, pd.Series(EVEN % 4 == 0))
    assert list(features.X.columns) == ["x", "z"]
    assert not features.in_frame
    assert read_features(framed(x=EVEN), "y").in_frame


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["?", "10", "20", "30.5"], "'x' (like '30.5'; '?' in 10 cells is missing)"),
        (["NA", "", "1", "2", "3"], "'x' (like '1'; '', 'NA' in 16 cells is missing)"),
        (["1", "2", "3"], "'x' (like '1')"),
    ],
)
def test_numbers_written_as_text_are_read(words, said):
    column = [words[i % len(words)] for i in EVEN]
    features = read_features(framed(x=column), "y")
    (finding,) = features.findings
    assert (finding.code, finding.severity) == ("IMB203", "note")
    assert finding.message == f"Numbers written as text, read as numbers: {said}."
    assert features.columns.numeric == ("x",)
    expected = [float(cell) if cell[:1].isdigit() else np.nan for cell in column]
    np.testing.assert_array_equal(features.X["x"], expected)


@pytest.mark.parametrize("words", [["a", "1", "2", "3"], ["0", "1"], ["yes", "?"]])
def test_other_text_is_not_taken_for_numbers(words):
    found = read_features(framed(x=[words[i % len(words)] for i in EVEN]), "y").findings
    assert "IMB203" not in [finding.code for finding in found]


def test_duplicate_names_are_refused_by_name():
    frame = pd.DataFrame([[1, 2, 3, 0]] * 4, columns=["a", "b", "a", "y"])
    with pytest.raises(FeatureError, match=r"must be unique; 'a' stands more than once\. Rename") as caught:
        read_features(frame, "y")
    names = {"df": frame.copy()}
    exec(caught.value.fix.lines, names)
    pd.testing.assert_frame_equal(names["df"], frame.set_axis(["a", "b", "a_2", "y"], axis=1))


def test_a_series_has_no_features():
    with pytest.raises(FeatureError, match="A frame with features is needed, not Series"):
        read_features(pd.Series([0, 1]), None)


def test_the_targets_own_refusals_come_through():
    with pytest.raises(TargetError, match="Did you mean 'y'"):
        read_features(framed(x=EVEN), "Y")
    with pytest.raises(TargetError, match="has no rows"):
        read_features(framed(x=EVEN).iloc[:0], "y")


def test_groups_and_time_are_columns_that_rule_the_split_and_no_features():
    frame = framed(x=EVEN / 7, who=EVEN // 4, when=GAPPED)
    ruled = read_features(frame, "y", groups="who")
    assert dict(ruled.columns.left_out) == {"who": "groups the split"}
    assert ruled.columns.numeric == ("x", "when")
    ruled = read_features(frame, "y", time="when")
    assert dict(ruled.columns.left_out) == {"when": "orders the split"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"groups": "who", "time": "when"}, r"groups= and time= cannot be used together\. Choose"),
        ({"groups": "whom"}, r"groups='whom' is not a column of this frame\. Did you mean 'who'\?"),
        ({"time": "y"}, r"time='y' is the target"),
        ({"groups": ["who"]}, r"groups=\['who'\] is not a column"),
        ({"time": "gaps"}, r"time='gaps' has 2 missing cells\. Fill them or drop"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(options, said):
    frame = framed(who=EVEN // 4, when=EVEN, gaps=pd.Series(EVEN * 1.0).mask(EVEN < 2))
    with pytest.raises(OptionError, match=said):
        read_features(frame, "y", **options)


@pytest.mark.parametrize("dtype", ["float64", "Float64", "Sparse[float]"])
def test_infinite_cells_are_refused_by_column_and_count(dtype):
    frame = pd.DataFrame({"a": [1.0, np.inf, -np.inf], "b": [1.0, 2.0, 3.0], "c": [np.inf, np.nan, 0.5]})
    frame["a"] = frame["a"].astype(dtype)
    with pytest.raises(FeatureError, match=r"Infinite values in 'a' \(2\), 'c' \(1\)\.") as caught:
        check_features(frame, sort_columns(frame))
    names = {"df": frame}
    exec(caught.value.fix.lines, names)
    check_features(names["df"], sort_columns(names["df"]))


def test_a_frame_without_features_is_refused():
    for frame in (framed(), framed(x=[1] * N, z=pd.Series([f"c{i}" for i in EVEN]))):
        features = read_features(frame, "y")
        with pytest.raises(FeatureError, match=r"No column is left to learn from\. Left out:"):
            check_features(features.X, features.columns)


def test_missing_cells_equal_a_plain_loop():
    frame = framed(**NUMERIC, **CATEGORICAL)
    features = read_features(frame, "y")
    expected = {name: sum(map(pd.isna, frame[name])) for name in features.columns.used}
    assert missing_cells(features.X, features.columns) == {
        name: count for name, count in expected.items() if count
    }


# ---------------------------------------------------------------- what only later rows tell

#: Rows of a frame whose first thousand are of one kind; the last row is of another.
LONG, FIRST = 2_500, 1_000


def later(early, late, rows=LONG, dtype=object):
    """A column of one cell, and of another in its last row alone."""
    return pd.Series([early] * (rows - 1) + [late], dtype=dtype)


def read_long(column):
    rows = len(column)
    return read_features(
        pd.DataFrame({"x": column, "z": np.arange(rows) / 7, "y": np.arange(rows) % 4 == 0}), "y"
    ).columns


NOT_CONSTANT = {
    "int": (3, 4, "int64"),
    "small int": (3, 4, "int8"),
    "float": (0.5, 0.7, "float64"),
    "gap": (0.5, np.nan, "float64"),
    "Int64": (3, 4, "Int64"),
    "Int64 with a gap": (3, pd.NA, "Int64"),
    "object": (3, 4, object),
    "object with a gap": (3, None, object),
}


@pytest.mark.parametrize("rows", [FIRST + 1, LONG])
@pytest.mark.parametrize("kind", NOT_CONSTANT)
def test_numbers_that_differ_in_the_last_row_alone_are_not_constant(kind, rows):
    early, late, dtype = NOT_CONSTANT[kind]
    columns = read_long(later(early, late, rows, dtype))
    assert (columns.numeric, dict(columns.left_out)) == (("x", "z"), {})


@pytest.mark.parametrize("kind", NOT_CONSTANT)
def test_numbers_that_never_differ_are_constant_however_long(kind):
    early, _, dtype = NOT_CONSTANT[kind]
    assert dict(read_long(later(early, early, dtype=dtype)).left_out) == {"x": "constant"}


@pytest.mark.parametrize(("early", "late"), [("a", "b"), (True, False), ("a", None)])
def test_categories_that_differ_in_the_last_row_alone_are_not_constant(early, late):
    assert read_long(later(early, late)).categorical == ("x",)
    assert dict(read_long(later(early, early)).left_out) == {"x": "constant"}


NOT_EMPTY = {
    "float": (np.nan, 0.5, "float64"),
    "Int64": (pd.NA, 4, "Int64"),
    "object": (None, 4, object),
    "object float": (np.nan, 0.5, object),
}


@pytest.mark.parametrize("rows", [FIRST + 1, LONG])
@pytest.mark.parametrize("kind", NOT_EMPTY)
def test_numbers_of_which_only_the_last_is_known_are_not_empty(kind, rows):
    early, late, dtype = NOT_EMPTY[kind]
    columns = read_long(later(early, late, rows, dtype))
    assert (columns.numeric, dict(columns.left_out)) == (("x", "z"), {})


@pytest.mark.parametrize("kind", NOT_EMPTY)
def test_columns_without_any_value_are_empty_however_long(kind):
    early, _, dtype = NOT_EMPTY[kind]
    assert dict(read_long(later(early, early, dtype=dtype)).left_out) == {"x": "no values"}


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_text_of_which_only_the_last_is_known_is_a_category(dtype):
    assert read_long(later(None, "a", dtype=dtype)).categorical == ("x",)


@pytest.mark.parametrize("dtype", ["float64", "float32", "Float64", object])
@pytest.mark.parametrize("rows", [FIRST + 1, LONG])
def test_numbers_that_are_whole_but_for_the_last_are_not_whole(dtype, rows):
    numbers = pd.Series(np.arange(rows) * 2.0, dtype=dtype)
    assert read_long(numbers).whole == ("x",)
    numbers.iloc[-1] = 0.5
    assert read_long(numbers).whole == ()


def test_whole_numbers_after_a_thousand_gaps_are_whole():
    numbers = pd.Series(np.arange(LONG) * 2.0).mask(np.arange(LONG) < FIRST + 5)
    assert read_long(numbers).whole == ("x",)
    assert read_long(numbers + 0.5).whole == ()


def test_a_fraction_in_the_first_rows_alone_is_enough():
    numbers = pd.Series(np.arange(LONG) * 1.0)
    numbers.iloc[0] = 0.5
    assert read_long(numbers).whole == ()


@pytest.mark.parametrize("place", [FIRST - 1, FIRST])
def test_the_edge_of_the_first_rows_is_no_edge(place):
    numbers = pd.Series(np.ones(LONG))
    numbers.iloc[place] = 0.5
    columns = read_long(numbers)
    assert (columns.numeric, columns.whole) == (("x", "z"), ())
