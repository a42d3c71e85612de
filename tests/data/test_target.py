"""The door for labels: counted against a plain loop, the positive class named, odd labels refused."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imbalance_accessor
from imbalance_accessor.data.target import likely_targets, plain, read_target
from imbalance_accessor.errors import ImbalanceError, OptionError, SplitError, TargetError

#: One pair of labels (rare, common) of each kind a column can hold, with the plain classes to expect.
KINDS = {
    "text": (pd.Series(["yes", "no", "no"]), ("no", "yes")),
    "object": (pd.Series(["yes", "no", "no"], dtype=object), ("no", "yes")),
    "numpy text": (pd.Series([np.str_("yes"), np.str_("no"), np.str_("no")], dtype=object), ("no", "yes")),
    "string": (pd.Series(["yes", "no", "no"], dtype="string"), ("no", "yes")),
    "category": (pd.Series(["yes", "no", "no"], dtype="category"), ("no", "yes")),
    "ordered": (pd.Series(pd.Categorical(["b", "a", "a"], ["c", "b", "a"], ordered=True)), ("a", "b")),
    "int": (pd.Series([1, 0, 0]), (0, 1)),
    "int8": (pd.Series([1, -1, -1], dtype="int8"), (-1, 1)),
    "uint64": (pd.Series([7, 3, 3], dtype="uint64"), (3, 7)),
    "bool": (pd.Series([True, False, False]), (False, True)),
    "object bool": (pd.Series([True, False, False], dtype=object), (False, True)),
    "float": (pd.Series([1.0, 0.0, 0.0]), (0.0, 1.0)),
    "Int64": (pd.Series([1, 0, 0], dtype="Int64"), (0, 1)),
    "Float64": (pd.Series([1.0, 0.0, 0.0], dtype="Float64"), (0.0, 1.0)),
    "boolean": (pd.Series([True, False, False], dtype="boolean"), (False, True)),
    "int category": (pd.Series([1, 0, 0], dtype="category"), (0, 1)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_label_becomes_plain_python(kind):
    labels, classes = KINDS[kind]
    target = read_target(labels)
    assert target.classes == classes
    assert [type(label) for label in target.classes] == [type(label) for label in classes]
    assert target.rows.tolist() == [2, 1]
    assert target.pos_label == classes[1]
    assert target.codes.tolist() == [1, 0, 0]
    assert target.missing == 0


@pytest.mark.parametrize("kind", ["text", "object", "string", "category", "float", "Int64", "boolean"])
def test_missing_labels_are_counted_and_have_no_code(kind):
    labels = KINDS[kind][0].reindex([0, 1, 2, 9, 10])
    target = read_target(labels)
    assert target.missing == 2
    assert target.labelled == 3
    assert target.codes.tolist() == [1, 0, 0, -1, -1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "C", "", " "])), min_size=2).filter(
        lambda cells: len(set(cells) - {None}) > 1
    )
)
def test_counts_equal_a_plain_loop(cells):
    target = read_target(pd.Series(cells, dtype=object))
    counted = Counter(cell for cell in cells if cell is not None)
    assert dict(zip(target.classes, target.rows.tolist(), strict=True)) == counted
    assert list(target.classes) == sorted(counted)
    assert target.missing == cells.count(None)
    assert [None if code < 0 else target.classes[code] for code in target.codes] == cells
    fewest = min(counted.values())
    assert counted[target.classes[target.rarest]] == fewest
    assert target.classes[target.rarest] == max(label for label in counted if counted[label] == fewest)
    most = max(counted.values())
    assert target.classes[target.largest] == min(label for label in counted if counted[label] == most)
    assert target.shares.sum() == pytest.approx(1)


MISSING = {
    "None": [None],
    "nan": [np.nan],
    "NA": [pd.NA],
    "NaT": [pd.NaT],
    "all of them": [None, np.nan, pd.NA, pd.NaT, float("nan")],
}


@pytest.mark.parametrize("kind", MISSING)
@pytest.mark.parametrize("labels", [("yes", "no"), (1, 0), (True, False), (1.0, 0.0)], ids=str)
def test_missing_labels_of_any_kind_among_objects_are_counted_as_missing(kind, labels):
    rare, common = labels
    cells = [rare, common, *MISSING[kind] * 3, common, common, rare, *MISSING[kind]]
    target = read_target(pd.Series(cells, dtype=object))
    assert dict(zip(target.classes, target.rows.tolist(), strict=True)) == {common: 3, rare: 2}
    assert target.missing == 4 * len(MISSING[kind])
    assert target.labelled == 5
    assert [None if code < 0 else target.classes[code] for code in target.codes] == [
        None if pd.isna(cell) else cell for cell in cells
    ]


@pytest.mark.filterwarnings(
    "ignore:The behavior of value_counts:FutureWarning"
)  # pandas 2 makes dates of NaT alone
@pytest.mark.parametrize("kind", MISSING)
def test_labels_that_are_all_missing_are_refused(kind):
    with pytest.raises(TargetError, match=f"has no labels: all {6 * len(MISSING[kind])} cells"):
        read_target(pd.Series(MISSING[kind] * 6, dtype=object))


@pytest.mark.parametrize("kind", MISSING)
def test_missing_labels_are_no_second_class(kind):
    with pytest.raises(TargetError, match=r"one class, 'a', in all 2 labelled rows"):
        read_target(pd.Series(["a", *MISSING[kind], "a"], dtype=object))


@pytest.mark.parametrize("ordered", [True, False])
def test_a_category_with_unused_levels_and_missing_cells_is_counted_by_its_rows(ordered):
    cells = ["b", None, "a", "b", np.nan, "b"]
    target = read_target(pd.Series(pd.Categorical(cells, categories=["z", "b", "y", "a"], ordered=ordered)))
    assert target.classes == ("a", "b")
    assert target.rows.tolist() == [1, 3]
    assert (target.missing, target.labelled) == (2, 4)
    assert target.codes.tolist() == [1, -1, 0, 1, -1, 1]


def test_a_category_whose_rows_are_all_missing_has_no_labels():
    with pytest.raises(TargetError, match="no labels: all 3 cells are missing"):
        read_target(pd.Series(pd.Categorical([None] * 3, categories=["a", "b"])))


def test_a_category_that_no_row_has_is_no_class():
    target = read_target(pd.Series(pd.Categorical(["a", "b", "a"], categories=["z", "b", "a"])))
    assert target.classes == ("a", "b")


def test_the_positive_class_is_the_rarest_of_two_and_the_last_on_a_tie():
    assert read_target(pd.Series([0, 0, 1])).pos_label == 1
    assert read_target(pd.Series([0, 1, 1])).pos_label == 0
    assert read_target(pd.Series(["b", "a"])).pos_label == "b"


def test_several_classes_have_no_positive_one_unless_it_is_named():
    labels = pd.Series([*"aaabbc"])
    target = read_target(labels)
    assert (target.pos_label, target.is_binary, target.is_one_vs_rest) == (None, False, False)
    named = read_target(labels, pos_label="b")
    assert (named.pos_label, named.is_binary, named.is_one_vs_rest) == ("b", True, True)
    assert not read_target(pd.Series([0, 1]), pos_label=0).is_one_vs_rest


@pytest.mark.parametrize("asked", [1, np.int64(1), True, 1.0])
def test_a_positive_label_may_be_any_number_that_equals_it(asked):
    assert read_target(pd.Series([1, 0, 0, 0]), pos_label=asked).pos_label == 1


@pytest.mark.parametrize(
    ("labels", "asked", "said"),
    [
        (
            [1, 0, 0],
            "1",
            r"pos_label='1' is not a label of 'churn'\. Did you mean 1 \(int\)\? Labels: 0, 1\.",
        ),
        (["1", "0", "0"], 1, r"pos_label=1 .* Did you mean '1' \(str\)\? Labels: '0', '1'\."),
        (["yes", "no"], "Yess", r"Did you mean 'yes'\? Labels: 'no', 'yes'\."),
        (["yes", "no"], None, None),
    ],
)
def test_an_unknown_positive_label_is_refused_with_the_labels(labels, asked, said):
    series = pd.Series(labels, name="churn")
    if said is None:
        assert read_target(series, pos_label=asked).pos_label == "yes"
        return
    with pytest.raises(OptionError, match=said):
        read_target(series, pos_label=asked)


def test_labels_of_mixed_types_have_a_stable_order():
    target = read_target(pd.Series(["b", 2, 1, "a", "a"], dtype=object))
    assert target.classes == (1, 2, "a", "b")
    assert target.rows.tolist() == [1, 1, 2, 1]


def test_a_series_on_the_frames_index_is_a_target():
    frame = pd.DataFrame({"x": range(3)}, index=[5, 3, 3])
    target = read_target(frame, pd.Series([0, 0, 1], index=frame.index, name="late"))
    assert target.name == "late"
    with pytest.raises(TargetError, match=r"\(2 rows\).*\(3 rows\).*one label for each row"):
        read_target(frame, pd.Series([0, 1]))


def test_many_classes_with_many_rows_are_classes():
    assert len(read_target(pd.Series(np.arange(400) % 40)).classes) == 40
    assert len(read_target(pd.Series(np.arange(19))).classes) == 19


def drawn(k, rows):
    """Rows of k classes, of which the last ones have one row."""
    return pd.Series([place % k for place in range(rows)])


@pytest.mark.parametrize("dtype", [object, str, "category", int, "Int64"])
@pytest.mark.parametrize(("k", "rows"), [(22, 30), (22, 44), (30, 40), (40, 45), (300, 500)])
def test_many_classes_of_few_rows_are_classes_still(k, rows, dtype):
    labels = drawn(k, rows).astype(dtype if dtype in (int, "Int64") else str).astype(dtype)
    assert len(read_target(labels).classes) == k
    frame = pd.DataFrame({"x": np.arange(rows) / 7, "y": labels})
    if rows < 2 * k:  # what is wrong is the rows of a class
        with pytest.raises(SplitError, match=r"has one row of class .*; a split needs two of every class"):
            imbalance_accessor.split(frame, "y")


def test_numbers_with_gaps_that_are_classes_can_be_made_text():
    numbers = pd.Series(np.random.default_rng(0).integers(0, 90, 100), name="code")
    with pytest.raises(
        TargetError, match=r"looks continuous: .*pd\.cut.*If they are classes, make text of them"
    ):
        read_target(numbers)
    assert len(read_target(numbers.astype(str)).classes) == numbers.nunique()


NAMED = {"name": "churn"}
REFUSED = {
    "no rows": (pd.Series([], dtype=object, **NAMED), r"'churn' has no rows"),
    "one class": (
        pd.Series(["no"] * 7, **NAMED),
        r"'churn' has one class, 'no', in all 7 labelled rows.*filter",
    ),
    "one class and gaps": (
        pd.Series([1.0, np.nan, 1.0], **NAMED),
        r"one class, 1\.0, in all 2 labelled rows",
    ),
    "all missing": (pd.Series([None] * 5, dtype=object, **NAMED), r"no labels: all 5 cells are missing"),
    "all nan": (pd.Series([np.nan] * 5, **NAMED), r"no labels: all 5 cells are missing"),
    "fractions": (
        pd.Series([0.1, 0.9, 0.1], **NAMED),
        r"looks continuous: 2 distinct values such as 0\.1.*pd\.cut",
    ),
    "infinite": (pd.Series([0.0, 1.0, np.inf], **NAMED), r"looks continuous.*inf"),
    "many whole numbers": (pd.Series(range(100), **NAMED), r"looks continuous: 100 distinct.*pd\.cut"),
    "an id": (
        pd.Series([f"c{i}" for i in range(100)], **NAMED),
        r"looks like an id or free text: 100 distinct",
    ),
    "dates": (pd.Series(pd.date_range("2026-01-01", periods=4), **NAMED), r"datetime64.*no classes"),
    "durations": (pd.Series(pd.to_timedelta([1, 2], unit="D"), **NAMED), r"timedelta64.*no classes"),
    "periods": (pd.Series(pd.period_range("2026-01", periods=4, freq="M"), **NAMED), r"period.*no classes"),
    "complex": (pd.Series([1j, 2j], **NAMED), r"complex numbers, which are no classes"),
    "lists": (pd.Series([[1], [2], [1]], **NAMED), r"cells that cannot be compared.*single values"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_labels_that_are_no_classes_are_refused(case):
    labels, said = REFUSED[case]
    with pytest.raises(TargetError, match=said) as caught:
        read_target(labels)
    assert "'churn'" in str(caught.value)
    with pytest.raises(TargetError, match=said):
        read_target(pd.DataFrame({"x": np.arange(len(labels)), "churn": labels}), "churn")


def test_an_unknown_column_gets_near_names_and_likely_targets():
    frame = pd.DataFrame({"x": np.arange(40.0), "Churn": [1] * 4 + [0] * 36})
    with pytest.raises(TargetError) as caught:
        read_target(frame, "chrun")
    assert str(caught.value) == (
        "'chrun' is not a column of this frame. Did you mean 'Churn'? Likely: 'Churn' (1: 10.0%)."
    )
    with pytest.raises(
        TargetError,
        match=r"Which column is the target\? Likely, with the rarest class and its share: 'Churn'",
    ):
        read_target(frame)


@pytest.mark.parametrize("data", [[0, 1], np.array([0, 1]), {"y": [0, 1]}, None])
def test_only_frames_and_series_are_read(data):
    with pytest.raises(TargetError, match=r"must be a pandas DataFrame or Series, not \w+\. Make one of it"):
        read_target(data, "y")


def test_a_series_is_its_own_target():
    with pytest.raises(TargetError, match="its own target"):
        read_target(pd.Series([0, 1]), "y")


def test_a_name_must_name_one_column():
    frame = pd.DataFrame([[0, 1], [1, 0]], columns=["y", "y"])
    with pytest.raises(TargetError, match=r"'y' names 2 columns\. Rename"):
        read_target(frame, "y")
    with pytest.raises(TargetError, match="not a column's name"):
        read_target(frame, ["y"])


def test_every_refusal_is_one_sentence_shape():
    for labels, _ in REFUSED.values():
        with pytest.raises(ImbalanceError) as caught:
            read_target(labels)
        assert "\n" not in str(caught.value)
        assert str(caught.value).endswith(".")


def test_a_column_may_be_named_by_anything():
    frame = pd.DataFrame(
        {("a", 1): [0, 1], 7: [1, 0], "": [0, 1]}, columns=pd.Index([("a", 1), 7, ""], tupleize_cols=False)
    )
    assert read_target(frame, ("a", 1)).name == "('a', 1)"
    assert read_target(frame, 7).name == "7"
    assert read_target(frame, "").name == ""
    assert read_target(pd.Series([0, 1])).name == "target"


def test_labels_are_not_changed():
    labels = pd.Series([1.0, 0.0, np.nan])
    before = labels.copy(deep=True)
    target = read_target(labels)
    target.codes  # reading them is what could change them
    pd.testing.assert_series_equal(labels, before)


def test_likely_targets_come_in_order():
    frame = pd.DataFrame(
        {
            "region": [*"abcabcabca"],
            "flag": [0] * 7 + [1] * 3,
            "price": np.arange(10) / 7,
            "fraud": [0] * 9 + [1],
            "lists": [[i] for i in range(10)],
            "last": [0] * 6 + [1] * 4,
        }
    )
    frame["price"] = np.arange(10) * 1.5
    found = likely_targets(frame)
    assert found[0] == ("fraud", 1, 0.1)
    assert found[1] == ("last", 1, 0.4)
    assert len(found) == 3
    assert likely_targets(pd.DataFrame({"constant": [1, 1]})) == []


@pytest.mark.parametrize("label", [np.int64(3), np.float64(0.5), np.bool_(True), np.str_("a")])
def test_plain_keeps_the_value_and_drops_the_numpy_type(label):
    assert plain(label) == label
    assert not isinstance(plain(label), np.generic)
