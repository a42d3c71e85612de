"""Rows that `smote` made are known where nothing is remembered of the call: in another process, and in a later session."""

import copy
import json
import multiprocessing
import os
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from resampled import AFTER, MADE, accused, count_in, marked, mixed, numbers, said
from sklearn.model_selection import train_test_split

import imbalance_accessor as imb
from imbalance_accessor.data import synthetic_rows
from imbalance_accessor.data.synthetic_rows import count_synthetic
from imbalance_accessor.data.synthetic_token import MOST_HASHES, TOKEN
from imbalance_accessor.errors import LeakageError

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


@pytest.fixture(autouse=True)
def _own_memory(request):
    """Each test starts with nothing remembered."""
    if "made" in request.fixturenames:
        request.getfixturevalue("made")
    synthetic_rows._CALLS.clear()


def large():
    """More rows of either kind than a token holds: 3,200 are learned from, 640 of them rare, so that 1,920 are made."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(4_000, 3)), columns=["a", "b", "c"])
    return frame.assign(k=rng.integers(0, 9, 4_000), y=np.where(np.arange(4_000) % 5, "no", "yes"))


FRAMES = {"numbers": numbers, "mixed": mixed, "large": large}


@pytest.fixture(params=FRAMES, scope="module")
def made(request):
    """A resampled training set of which this process knows nothing once a test begins."""
    return imb.smote(FRAMES[request.param](), "y")


def halves(frame):
    return train_test_split(frame, test_size=0.5, random_state=0)[1]


# ---------------------------------------------------------------- synthetic rows are counted

EXACT = {
    "as it is": lambda f: f,
    "shuffled": lambda f: f.sample(frac=1, random_state=0),
    "index reset": lambda f: f.reset_index(drop=True),
    "shuffled, index reset": lambda f: f.sample(frac=1, random_state=0, ignore_index=True),
    "half of it": halves,
    "copied": lambda f: copy.deepcopy(f.copy()),
    "pickled": lambda f: pickle.loads(pickle.dumps(f)),
    "token through JSON": lambda f: f.__deepcopy__().pipe(through_json),
    "more columns": lambda f: f.assign(more=1.0),
    "a column dropped": lambda f: f.drop(columns="b"),
    "a column dropped, index reset": lambda f: f.drop(columns="b").reset_index(drop=True),
    "numbers scaled": lambda f: f.assign(a=f["a"] * 2, b=f["b"] - 1),
    "numbers scaled, index reset": lambda f: f.assign(a=f["a"] * 2).reset_index(drop=True),
    "labels and a score": lambda f: f[["y"]].assign(score=0.5),
    "filtered": lambda f: f.query("a > 0"),
}


def through_json(frame):
    frame.attrs = json.loads(json.dumps(frame.attrs))
    return frame


def wanted(frame, made):
    """Count synthetic rows by the labels they were given, or all where the index was reset."""
    if isinstance(frame.index, pd.RangeIndex):
        return int(made.is_synthetic.sum())
    return int(made.is_synthetic[frame.index].sum())


@pytest.mark.parametrize("way", EXACT)
def test_the_token_tells_how_many_rows_were_made(way, made):
    frame = EXACT[way](marked(made))
    assert count_in(frame) == (wanted(frame, made), len(frame))
    (finding,) = accused(imb.counts(frame, "y"))
    assert said(finding.message) == (wanted(frame, made), len(frame))


def test_rows_are_known_by_cells_where_a_part_of_them_has_other_labels(made):
    frame = marked(made)
    part = halves(frame)
    new, found = int(made.is_synthetic[part.index].sum()), count_synthetic(part.reset_index(drop=True))
    whole = len(frame) <= MOST_HASHES
    assert (
        found == new if whole else abs(found - new) < 0.1 * new
    )  # of a thousand hashes each, about 2 % are off
    drawn = frame.sample(len(frame) + 100, replace=True, random_state=0)
    new, found = int(made.is_synthetic[drawn.index].sum()), count_synthetic(drawn.reset_index(drop=True))
    assert found == new if whole else abs(found - new) < 0.1 * new


def test_labels_alone_are_counted(made):
    y = made.y_train
    assert count_synthetic(y) == count_synthetic(y.reset_index(drop=True)) == made.is_synthetic.sum()
    assert count_synthetic(halves(y)) == made.is_synthetic[halves(y).index].sum()


@pytest.mark.parametrize("kind", ["oversample", "smote_enn"])
def test_copies_and_cleaned_rows_are_counted(kind):
    made = imb.smote(numbers(), "y", kind=kind)
    synthetic_rows._CALLS.clear()
    frame = marked(made)
    for each in (frame, frame.sample(frac=1, random_state=0), frame.reset_index(drop=True)):
        assert count_synthetic(each) == made.is_synthetic.sum() > 50


# ---------------------------------------------------------------- real rows are no alarm

REAL = {
    "as they are": lambda f, made: f,
    "index reset": lambda f, made: f.reset_index(drop=True),
    "half of them": lambda f, made: halves(f),
    "a column dropped": lambda f, made: f.drop(columns="b"),
    "numbers scaled": lambda f, made: f.assign(a=f["a"] * 2),
    "melted": lambda f, made: f.melt(),
    "under labels of synthetic rows": lambda f, made: f.set_axis(
        made.X_train.index[made.is_synthetic].append(f.index)[: len(f)]
    ),
    "drawn again, as many": lambda f, made: f.sample(
        len(made.X_train), replace=True, random_state=0, ignore_index=True
    ),
    "drawn again, more": lambda f, made: f.sample(
        2 * len(made.X_train), replace=True, random_state=0, ignore_index=True
    ),
}


@pytest.mark.parametrize("way", REAL)
def test_real_rows_of_a_marked_frame_are_no_alarm(way, made):
    real = marked(made).loc[~made.is_synthetic]
    frame = REAL[way](real, made)
    assert TOKEN in frame.attrs
    assert count_synthetic(frame) == 0


def test_parts_that_smote_returned_and_the_frame_are_no_alarm(made):
    test = made.X_test.assign(y=made.y_test)
    test.attrs = marked(made).attrs  # as a user who copies attrs along
    assert count_synthetic(test) == count_synthetic(made.X_test) == count_synthetic(made.y_test) == 0
    assert count_synthetic(test.reset_index(drop=True)) == 0
    assert count_synthetic(made.y_train[~made.is_synthetic]) == 0


@pytest.mark.parametrize(
    "token", ["0123456789abcdef", "a:", "a:{}", 'a:{"format":9}', 'a:{"format":1}', "a:[1]", 7, None, ["a"]]
)
def test_what_is_no_token_of_ours_says_nothing(token):
    frame = numbers()
    frame.attrs[TOKEN] = token
    assert count_synthetic(frame) == count_synthetic(frame["y"]) == 0


def test_glued_parts_with_one_token_keep_it(made):
    frame = marked(made)
    halved = [frame.iloc[: len(frame) // 2], frame.iloc[len(frame) // 2 :]]
    assert count_synthetic(pd.concat(halved)) == made.is_synthetic.sum()


# ---------------------------------------------------------------- processes and files


def refused(frame):
    """Say what a refusal names, as a worker answers."""
    try:
        imb.split(frame, "y")
    except LeakageError as error:
        return said(str(error))
    return None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system starts every process anew")
def test_a_forked_process_refuses_them():
    made = imb.smote(numbers(), "y")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(refused, [marked(made), numbers()]) == [(MADE, AFTER), None]


IN_A_NEW_SESSION = """
import importlib, sys
from pathlib import Path

import joblib, pandas as pd
import imbalance_accessor as imb
from imbalance_accessor.data import synthetic_rows
from imbalance_accessor.errors import LeakageError

def refused(frame):
    try:
        imb.split(frame, "y")
    except LeakageError as error:
        return str(error).split(" rows ")[0].split("] ")[1]

made, test, frame = joblib.load(Path(sys.argv[1], "frames"))
pickled, columns = pd.read_pickle(Path(sys.argv[1], "pickle")), pd.read_parquet(Path(sys.argv[1], "parquet"))
print([refused(each) for each in (made, pickled, columns, test, frame)])
made = imb.smote(frame, "y")
importlib.reload(synthetic_rows)
print([refused(made.X_train.assign(y=made.y_train)), refused(made.X_test.assign(y=made.y_test))])
"""


@pytest.mark.slow
def test_a_new_session_and_a_reloaded_module_refuse_them(tmp_path):
    pytest.importorskip("pyarrow")
    made = imb.smote(numbers(), "y")
    frame = marked(made)
    joblib.dump((frame, made.X_test.assign(y=made.y_test), numbers()), tmp_path / "frames")
    frame.to_pickle(tmp_path / "pickle")
    frame.to_parquet(tmp_path / "parquet")
    command = [sys.executable, "-c", IN_A_NEW_SESSION, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    sentence = f"{MADE} of these {AFTER}"
    assert done.stdout.splitlines() == [str([sentence] * 3 + [None] * 2), str([sentence, None])]


@pytest.mark.slow
def test_a_worker_refuses_them():
    made = imb.smote(numbers(), "y")
    frames = [marked(made), made.X_test.assign(y=made.y_test), numbers()]

    def told(frame):  # it goes to workers by value: not all find the modules of tests
        try:
            imb.split(frame, "y")
        except LeakageError as error:
            return str(error)
        return ""

    found = joblib.Parallel(n_jobs=2, backend="loky")(joblib.delayed(told)(frame) for frame in frames)
    assert said(found[0]) == (MADE, AFTER)
    assert found[1:] == ["", ""]
