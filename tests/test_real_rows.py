"""Rows that `smote` did not make are no alarm, whatever it made beside them; and what is remembered of those it made."""

import numpy as np
import pandas as pd
import pytest
from resampled import AFTER, MADE, N, accused, count_in, holey, made_labels, mixed, numbers, whole

import imbalance_accessor as imb
from imbalance_accessor.data import synthetic_rows
from imbalance_accessor.data.row_hashes import row_hashes

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


@pytest.fixture(autouse=True)
def _own_memory():
    """Each test starts with nothing remembered."""
    synthetic_rows._CALLS.clear()


def cleared(frame):
    """Whether every verb takes a frame without a word of synthetic rows."""
    for verb in ("counts", "weights", "overview", "leaks"):
        assert not accused(getattr(imb, verb)(frame, "y")), verb
    assert "IMB101" not in imb.split(frame, "y").findings.codes
    return True


@pytest.mark.quick(1)
@pytest.mark.parametrize(("frame", "kind"), [(numbers, "auto"), (mixed, "auto"), (mixed, "oversample")])
def test_real_rows_are_no_alarm(frame, kind):
    data = frame()
    before = data.copy(deep=True)
    made = imb.smote(data, "y", kind=kind)
    real = whole(made).loc[~made.is_synthetic]
    assert len(real) == 160
    test = pd.concat([made.X_test, made.y_test], axis=1)
    assert cleared(data)
    assert cleared(real)
    assert cleared(real.reset_index(drop=True))
    assert cleared(real.drop(columns="b"))
    assert cleared(test)
    assert cleared(pd.concat([real, test]))
    assert cleared(data.assign(a=data["a"] + 1))  # another frame with the same names
    assert not accused(made.y_test.imb.counts())
    assert not accused(made.y_train[~made.is_synthetic].imb.counts())
    pd.testing.assert_frame_equal(data, before)
    assert data.attrs == {}
    assert made.X_test.attrs == {}


def test_real_rows_of_filled_cells_are_no_alarm():
    made = imb.smote(holey(), "y", impute=True)
    assert cleared(whole(made).loc[~made.is_synthetic])
    assert cleared(pd.concat([made.X_test, made.y_test], axis=1))
    assert cleared(holey())


def test_copies_are_told_from_originals_by_their_number():
    data = numbers()
    data = pd.concat([data, data.iloc[:30]], ignore_index=True)  # thirty rows were honestly recorded twice
    made = imb.smote(data, "y", kind="oversample")
    assert cleared(data)
    frame = whole(made)
    assert cleared(frame.drop_duplicates())
    first = made_labels(made, data)[0]
    again = pd.concat([data, frame.loc[[first]]], ignore_index=True)
    assert cleared(again)  # one more row of known cells proves nothing
    copies = int(made.is_synthetic.sum())
    assert (
        copies - 30 <= count_in(frame.reset_index(drop=True))[0] <= copies
    )  # twins in the test set are real


def test_a_frame_is_no_alarm_after_a_part_of_it_was_oversampled():
    data = numbers()
    data = pd.concat([data, data], ignore_index=True)  # every row was honestly recorded twice
    imb.smote(data.head(N), "y", kind="oversample")
    assert cleared(data)


def test_a_frame_of_categories_is_no_alarm_after_a_part_of_it_was_resampled():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({name: rng.choice(list("abc"), 2 * N) for name in "pqrst"})
    data["y"] = np.where(np.arange(2 * N) % 5 == 0, "yes", "no")
    imb.smote(data.head(N), "y")
    assert cleared(data)


def test_rows_of_a_large_frame_that_look_like_those_made_of_a_sample_are_no_alarm():
    """By chance: a sample of 300 of these rows hardly repeats itself, and the frame has what lies between its rows."""
    rng = np.random.default_rng(0)
    drawn = rng.normal([45, 600], [20, 100], size=(20_000, 2)).astype(int)
    frame = pd.DataFrame(drawn, columns=["age", "score"]).assign(y=rng.random(20_000) < 0.1)
    made = imb.smote(frame.sample(300, random_state=2), "y")
    new = whole(made)[made.is_synthetic]
    met = pd.MultiIndex.from_frame(frame[["age", "score"]]).isin(
        pd.MultiIndex.from_frame(new[["age", "score"]])
    )
    assert met.sum() > 50
    assert not accused(imb.counts(frame, "y"))
    assert not accused(imb.counts(frame.sample(500, random_state=3), "y"))
    again = pd.DataFrame(whole(made).to_dict("list"))  # without a token
    assert count_in(again)[0] > 0.9 * len(new)


def test_the_evaluation_on_the_frame_itself_goes_on():
    data = numbers()
    imb.smote(data, "y", kind="oversample")
    options = {"model": "naive_bayes", "strategies": ["smote", "oversample"], "cv": 2, "n_jobs": 1}
    found = imb.fit_eval(data, "y", **options, progress=False)
    assert list(found.frame.index) == ["none", "smote", "oversample", "dummy"]
    assert not accused(found)


# ---------------------------------------------------------------- memory


def test_frames_get_one_short_token_and_nothing_else():
    made = imb.smote(numbers(), "y")
    assert list(made.X_train.attrs) == list(made.y_train.attrs) == [synthetic_rows.TOKEN]
    assert made.X_train.attrs == made.y_train.attrs
    assert (
        len(made.X_train.attrs[synthetic_rows.TOKEN]) < 4_000
    )  # 11 characters for each of 96 and 200 hashes
    assert made.X_test.attrs == made.y_test.attrs == {}


#: What is held of a call on `numbers()`: its made rows; its 200 real rows are shared.
OF_A_CALL = 2_048 + 20 * MADE


def remembered(seed, most):
    """Resample, and remember it anew under a cap: the training set without its token."""
    made = imb.smote(numbers(), "y", random_state=seed)
    train, none = (made.X_train, made.y_train), made.X_test.iloc[:0]
    synthetic_rows.remember(train, made.is_synthetic.to_numpy(), made.X_test, none, most)
    return whole(made)


def test_the_oldest_call_is_forgotten_beyond_the_cap():
    frames = [remembered(seed, 2 * OF_A_CALL + 8 * N) for seed in range(3)]
    assert [frame.attrs for frame in frames] == [{}] * 3
    assert imb.split(frames[0], "y").findings.codes == ()
    assert [count_in(frame) for frame in frames[1:]] == [(MADE, AFTER)] * 2
    last = remembered(3, 100)
    assert len(synthetic_rows._CALLS.now.calls) == 1  # the newest stays, however large
    assert count_in(last) == (MADE, AFTER)
    assert imb.split(frames[2], "y").findings.codes == ()


def test_equal_cells_have_equal_hashes_however_they_are_stored():
    cells = [0.0, 1.0, 2.0, np.nan]
    stored = [
        pd.Series(cells),
        pd.Series([-0.0, 1.0, 2.0, np.nan]),
        pd.Series(cells, dtype="float32"),
        pd.Series([0, 1, 2, None], dtype="Int64"),
        pd.Series([0, 1, 2, None], dtype=object),
        pd.Series(pd.Categorical([0, 1, 2, None])),
    ]
    hashes = [row_hashes(pd.DataFrame({"a": column}), ["a"]).tolist() for column in stored]
    assert all(each == hashes[0] for each in hashes)
    assert len(set(hashes[0])) == 4
    flags = pd.DataFrame({"a": [False, True]})
    assert row_hashes(flags, ["a"]).tolist() == hashes[0][:2]


def test_cells_that_change_places_have_other_hashes():
    frame = pd.DataFrame({"a": [1, 2, 1], "b": [2, 1, 1]})
    hashes = row_hashes(frame, ["a", "b"])
    assert len(set(hashes.tolist())) == 3
    assert row_hashes(frame, ["b", "a"]).tolist() != hashes.tolist()
    lists = pd.DataFrame({"a": [[1], [2], [1]]})
    one, two, three = row_hashes(lists, ["a"]).tolist()
    assert one == three != two
