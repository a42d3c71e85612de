"""One-hot rows decoded all at once: the cells that scikit-learn's encoder and imbalanced-learn's SMOTENC give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTENC
from scipy import sparse
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder

import imbalance_accessor as imb
from imbalance_accessor.modeling.mixed_neighbours import QuickOneHotEncoder

N = 240
RNG = np.random.default_rng(0)


def column(levels, dtype=object):
    cells = np.empty(N, dtype=dtype)
    cells[:] = [
        levels[place] for place in np.concatenate([np.arange(len(levels)), RNG.integers(0, len(levels), N)])
    ][:N]
    return cells


def frame_of(*columns):
    return pd.DataFrame({f"c{place}": cells for place, cells in enumerate(columns)})


#: Columns of categories of every kind.
CATEGORIES = {
    "text": frame_of(column(["a", "b", "long words"]), column(["x", "y"])),
    "int": frame_of(column([3, -1, 10**6], int), column([7, 8], int)),
    "int and float": frame_of(column([3, -1, 10], int), column([0.5, 2.0])),
    "text of several lengths": np.column_stack([column(["a", "bcd"], "U3"), column(["e", "f"], "U3")]),
    "mixed": frame_of(column(["a", "b"]), column([1, 2, 3], int), column([True, False], bool)),
    "bool": frame_of(column([True, False], bool), column([False, True], bool)),
    "category": frame_of(column(["a", "b", "c"])).astype("category"),
    "nan": frame_of(column(["a", "b", np.nan]), column(["x", "y"])),
    "None": frame_of(column(["a", None, "b"]), column([None, "y"])),
    "nan and None": frame_of(column(["a", None, np.nan]), column(["x", "y"])),
    "nan of floats": frame_of(column([0.5, np.nan, 2.0], float), column([1.0, 2.0], float)),
    "one level": frame_of(column(["only"]), column(["x", "y"])),
    "one level last": frame_of(column(["x", "y"]), column(["only"])),
    "one column of one level": frame_of(column(["only"])),
}


def fitted(X, **options):
    return [made(handle_unknown="ignore", **options).fit(X) for made in (OneHotEncoder, QuickOneHotEncoder)]


def assert_decoded_alike(X, rows, *, quickly=None):
    """Both encoders decode the rows to the same cells; `quickly` says whether the quick way was taken."""
    known, quick = fitted(X)
    wanted = known.inverse_transform(rows)
    asked = []
    usual = OneHotEncoder.inverse_transform
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OneHotEncoder, "inverse_transform", lambda self, X: asked.append(1) or usual(self, X))
        found = quick.inverse_transform(rows)
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    for one, other in zip(found.ravel().tolist(), wanted.ravel().tolist(), strict=True):
        assert type(one) is type(other)
        assert one == other or (one != one and other != other)
    if quickly is not None:
        assert asked == ([] if quickly else [1])


def weighted(rows):
    """The same ones with other numbers above 0 in their place, as SMOTENC leaves them."""
    rows = rows.copy()
    rows.data = np.random.default_rng(1).random(len(rows.data)) + 0.1
    return rows


@pytest.mark.parametrize("case", CATEGORIES)
def test_rows_with_one_level_of_each_column_are_decoded_alike(case):
    X = CATEGORIES[case]
    rows = fitted(X)[0].transform(X)
    assert_decoded_alike(X, rows, quickly=True)
    assert_decoded_alike(X, weighted(rows), quickly=True)
    assert_decoded_alike(X, sparse.csr_array(rows), quickly=True)


def test_five_hundred_levels_are_decoded_alike():
    cells = np.array([f"level {i}" for i in np.random.default_rng(3).permutation(3_000) % 500], dtype=object)
    X = pd.DataFrame({"many": cells, "few": np.arange(3_000) % 5, "two": np.arange(3_000) % 2 == 0})
    assert X["many"].nunique() == 500
    assert_decoded_alike(X, fitted(X)[0].transform(X), quickly=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_numbers_of_any_type_are_decoded_alike(dtype):
    X = CATEGORIES["mixed"]
    assert_decoded_alike(X, fitted(X, dtype=dtype)[0].transform(X), quickly=True)


STORED = {
    "dense": lambda rows: rows.toarray(),
    "csc": sparse.csc_matrix,
    "csc array": sparse.csc_array,
}


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("case", CATEGORIES)
def test_rows_stored_otherwise_are_decoded_as_ever(case, stored):
    X = CATEGORIES[case]
    assert_decoded_alike(X, STORED[stored](fitted(X)[0].transform(X)), quickly=False)


def reversed_indices(rows):
    """The same rows, the cells of each stored from the last to the first."""
    indices, data = (np.concatenate([each[a:b][::-1] for a, b in zip(rows.indptr, rows.indptr[1:], strict=False)])
                     for each in (rows.indices, rows.data))  # fmt: skip
    return sparse.csr_matrix((data, indices, rows.indptr.copy()), shape=rows.shape)


@pytest.mark.parametrize("case", ["text", "mixed", "nan", "one level"])
def test_unsorted_indices_are_decoded_alike(case):
    X = CATEGORIES[case]
    rows = weighted(fitted(X)[0].transform(X))
    turned = reversed_indices(rows)
    assert not turned.has_sorted_indices
    np.testing.assert_array_equal(turned.toarray(), rows.toarray())
    assert_decoded_alike(X, turned, quickly=True)
    fitted(X)[1].inverse_transform(turned)
    np.testing.assert_array_equal(turned.toarray(), rows.toarray())  # no cell was changed


def edited(rows, edit):
    cells = rows.toarray()
    edit(cells)
    return sparse.csr_matrix(cells)


def two_in_a_row(cells):
    cells[5, :3] = [0.4, 0.6, 0.0]
    cells[6, :3] = [0.5, 0.5, 0.0]


def none_and_two(cells):
    """As many ones as columns, but two in the first and none in the second."""
    cells[:] = 0
    cells[:, 0] = cells[:, 1] = 1


EDITS = {
    "unknown": lambda cells: cells.__setitem__((4, slice(0, 3)), 0),
    "unknown in the last column": lambda cells: cells.__setitem__((4, slice(3, 5)), 0),
    "nothing at all": lambda cells: cells.__setitem__(slice(0, 3), 0),
    "two ones": two_in_a_row,
    "none of one, two of another": none_and_two,
    "below 0": lambda cells: cells.__setitem__(7, -cells[7]),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("case", ["text", "int", "nan", "mixed"])
def test_rows_that_are_not_one_hot_are_decoded_as_ever(case, edit):
    X = CATEGORIES[case]
    rows = edited(fitted(X)[0].transform(X), EDITS[edit])
    assert_decoded_alike(X, rows, quickly=False)


@pytest.mark.parametrize("change", [-1, 1])
def test_rows_of_another_width_are_refused_as_ever(change):
    X = CATEGORIES["text"]
    rows = fitted(X)[0].transform(X[X["c1"] == "x"])  # the last column is empty
    rows.resize(rows.shape[0], rows.shape[1] + change)
    for encoder in fitted(X):
        with pytest.raises(ValueError, match="Shape of the passed X data is not correct"):
            encoder.inverse_transform(rows)


def test_zeros_that_are_stored_are_no_ones():
    X = CATEGORIES["text"]
    rows = fitted(X)[0].transform(X)
    rows.data[::3] = 0.0
    assert_decoded_alike(X, rows, quickly=False)


@pytest.mark.parametrize("case", CATEGORIES)
def test_the_rows_handed_in_keep_their_values(case):
    X = CATEGORIES[case]
    rows = weighted(fitted(X)[0].transform(X))
    before = rows.toarray()
    fitted(X)[1].inverse_transform(rows)
    np.testing.assert_array_equal(rows.toarray(), before)


# ---------------------------------------------------------------- SMOTENC

#: More rows than the encoder's, so that all levels have neighbours.
ROWS = 400
DRAW = np.random.default_rng(5)
RARE = DRAW.permutation(np.arange(ROWS) < 80)
TEXT = {
    "color": DRAW.choice([*"rgb"], ROWS),
    "town": DRAW.choice([f"town {i}" for i in range(40)], ROWS),
    "flag": DRAW.random(ROWS) < 0.4,
}
NUMBERS = DRAW.normal(size=(ROWS, 3)) + RARE[:, None]


def mixed(numbers, labels=None, **columns):
    found = pd.DataFrame({**numbers, **TEXT, **columns})
    return found.assign(y=np.where(RARE, "yes", "no") if labels is None else labels)


def named(cells):
    return {f"n{place}": cells[:, place] for place in range(cells.shape[1])}


def seldom():
    """Numbers that are 0 in most rows, so that the median of the rare rows' spreads is 0."""
    constant = np.where(RARE, 1.0, np.arange(ROWS) % 7)
    return {"n0": constant, "n1": constant * 2, "n2": NUMBERS[:, 0]}


THREE = np.where(RARE, "rare", np.where(DRAW.random(ROWS) < 0.4, "middle", "common"))
FRAMES = {
    "floats": mixed(named(NUMBERS)),
    "ints": mixed(named((NUMBERS * 10).astype(int))),
    "small ints": mixed(named((NUMBERS * 10).astype("int8"))),
    "float32": mixed(named(NUMBERS.astype("float32"))),
    "ints and floats": mixed({"n0": (NUMBERS[:, 0] * 10).astype(int), "n1": NUMBERS[:, 1]}),
    "float32 and int8": mixed(
        {"n0": NUMBERS[:, 0].astype("float32"), "n1": (NUMBERS[:, 1] * 9).astype("int8")}
    ),
    "no spread": mixed(seldom()),
    "several classes": mixed(named(NUMBERS), labels=THREE),
    "several classes of ints": mixed(named((NUMBERS * 10).astype(int)), labels=THREE),
    "categories of pandas": mixed(named(NUMBERS), level=pd.Categorical(DRAW.choice(["low", "high"], ROWS))),
    "text first": mixed(named(NUMBERS))[["town", "n0", "color", "n1", "flag", "y"]],
}


def made_plainly(frame, found, **options):
    """What imbalanced-learn makes of the same training set."""
    X, y = frame.drop(columns="y"), frame["y"]
    X_train, _, y_train, _ = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    names = [name for name in X if name not in found.parts.features.columns.numeric]
    return SMOTENC(categorical_features=names, random_state=0, **options).fit_resample(X_train, y_train)


@pytest.mark.quick(3)
@pytest.mark.parametrize("case", FRAMES)
def test_synthetic_rows_of_mixed_frames_are_imbalanced_learns(case):
    frame = FRAMES[case]
    found = imb.smote(frame, "y")
    small = [name for name in frame if frame[name].dtype == np.int8]
    X, y = made_plainly(frame.astype(dict.fromkeys(small, float)), found)  # differences of int8 wrap around
    assert isinstance(found.sampler, SMOTENC)
    assert len(X) > len(frame) * 0.8
    pd.testing.assert_frame_equal(found.X_train.reset_index(drop=True), X, check_exact=True)
    assert found.X_train.dtypes.tolist() == X.dtypes.tolist()
    assert found.y_train.tolist() == y.tolist()


def test_the_case_without_spread_has_none():
    rare = FRAMES["no spread"].query("y == 'yes'")[["n0", "n1", "n2"]]
    assert np.median(rare.std()) == 0


@pytest.mark.parametrize("case", ["floats", "ints", "several classes"])
def test_the_quick_encoder_is_the_one_at_work(case, monkeypatch):
    decoded, usual = [], QuickOneHotEncoder.inverse_transform

    def watched(self, X):
        decoded.append(X.shape)
        return usual(self, X)

    monkeypatch.setattr(QuickOneHotEncoder, "inverse_transform", watched)
    imb.smote(FRAMES[case], "y")
    assert decoded


def test_the_sampler_of_the_result_and_its_snippet_name_no_encoder_of_this_package():
    found = imb.smote(FRAMES["floats"], "y")
    assert found.sampler.categorical_encoder is None
    assert "Quick" not in found.snippet(style="full")
