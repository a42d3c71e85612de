"""What a process keeps of synthetic rows: bounded in bytes, shared between calls, looked through in as many steps."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.data import synthetic_memory, synthetic_rows
from imbalance_accessor.data.synthetic_rows import count_synthetic, remember
from imbalance_accessor.data.synthetic_token import MOST_HASHES, TOKEN

#: Rows of the frame that is resampled again and again, and rows that are made each time.
REAL, MADE = 3_000, 2_000
NAMES = list("abcdef")


@pytest.fixture(autouse=True)
def _own_memory():
    synthetic_rows._CALLS.clear()


def draws(seed, rows):
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(rows, len(NAMES))), columns=NAMES)


FRAME = draws(0, REAL)


def resampled(seed, most=synthetic_memory.MOST_BYTES, frame=FRAME, copies=False):
    """Remember a training set of all of a frame's rows but 500, and of 2,000 rows from anywhere, or of copies."""
    train, test = frame.iloc[:-500], frame.iloc[-500:]
    new = train.sample(MADE, replace=True, random_state=seed) if copies else draws(seed, MADE)
    X = pd.concat([train, new.set_axis(np.arange(MADE) + REAL).set_axis(frame.columns, axis=1)])
    remember((X, pd.Series(0, X.index)), np.arange(len(X)) >= len(train), test, frame.iloc[:0], most)
    return X


def bare(frame):
    return pd.DataFrame(frame.to_numpy(), columns=frame.columns)


def n_bytes():
    """Add up what all arrays hold, each once."""
    now = synthetic_rows._CALLS.now
    made = [each for rows in now.rows.values() for each in (rows.sure, rows.numbers, rows.table)]
    calls = [call.batch for call in now.calls.values()]
    arrays = [*made, *(each for call in calls for each in (call.hashes, call.real, call.observed))]
    return sum({id(each): each.nbytes for each in arrays}.values())


# ---------------------------------------------------------------- bytes


def test_real_rows_are_kept_once_for_all_calls_on_a_frame():
    frames = [resampled(seed) for seed in range(1, 6)]
    assert len({id(call.batch.observed) for call in synthetic_rows._CALLS.now.calls.values()}) == 1
    # hashes of all, of those made also the number of their call and at most eight places of a table
    assert n_bytes() <= 8 * REAL + 5 * MADE * (8 + 4 + 8)
    assert [count_synthetic(bare(frame)) for frame in frames] == [MADE] * 5


def test_equal_calls_are_kept_once():
    resampled(1)
    held = n_bytes()
    for _ in range(3):
        resampled(1)
    assert n_bytes() == held
    assert len(synthetic_rows._CALLS.now.calls) == 1


@pytest.mark.parametrize("copies", [False, True])
def test_what_is_kept_stays_below_its_bound(copies):
    most = 200_000
    frames = []
    for seed in range(1, 21):
        frames.append(resampled(seed, most, copies=copies))
        assert n_bytes() <= most
    assert [count_synthetic(frame) for frame in frames] == [MADE] * 20  # by their tokens
    if not copies:  # many of those are among those of the next call
        known = [count_synthetic(bare(frame)) for frame in frames]
        assert known == [0] * known.count(0) + [MADE] * known.count(MADE)
        assert known.count(MADE) == 4  # 40 kB a call, 24 kB for the frame


def test_rows_made_again_are_as_young_as_the_last_call_that_made_them():
    most = 200_000
    first = resampled(1, most)
    for seed in range(2, 20):
        resampled(seed, most)
        resampled(1, most)
    assert count_synthetic(bare(first)) == MADE


def test_sets_of_columns_are_bounded():
    for place in range(40):
        resampled(1, frame=FRAME.rename(columns={"a": f"a{place}", "b": f"b{place}", "c": f"c{place}"}))
    now = synthetic_rows._CALLS.now
    assert len(now.rows) == len(now.calls) == 32


@pytest.mark.parametrize("rows", [10, 100_000])
def test_a_token_is_short_however_many_rows_there_are(rows):
    X = pd.DataFrame({name: np.arange(2.0 * rows) + place for place, name in enumerate(NAMES)})
    remember((X, X["a"]), np.arange(2 * rows) >= rows, X.iloc[:0], X.iloc[:0])
    assert len(X.attrs[TOKEN]) < 250 + 11 * 2 * min(rows, MOST_HASHES) + 6 * len(NAMES)


# ---------------------------------------------------------------- steps


def steps(monkeypatch, frame):
    """Count the cells that are hashed and the hashes that are searched while a frame is looked at."""
    counted = {"hashed": 0, "searched": 0, "compared": 0}
    with monkeypatch.context() as patched:

        def hashed(data, columns, real=synthetic_rows.row_hashes):
            counted["hashed"] += len(data) * len(columns)
            return real(data, columns)

        def searched(among, wanted, real=synthetic_rows.find):
            counted["searched"] += 1
            counted["compared"] += len(wanted)
            return real(among, wanted)

        patched.setattr(synthetic_rows, "row_hashes", hashed)
        patched.setattr(synthetic_rows, "find", searched)
        count_synthetic(frame)
    return counted


def test_looking_costs_the_same_after_many_calls(monkeypatch):
    """The frame itself, its rows in part, other rows with its columns, and other columns."""
    frames = [FRAME, FRAME.iloc[:900], draws(99, REAL), FRAME.drop(columns=["a", "b"])]
    resampled(1)
    after_one = [steps(monkeypatch, frame) for frame in frames]
    for seed in range(2, 60):
        resampled(seed)
    after_many = [steps(monkeypatch, frame) for frame in frames]
    for one, many in zip(after_one, after_many, strict=True):
        assert many["hashed"] == one["hashed"] <= 4 * REAL
        assert many["searched"] <= 1
        assert many["compared"] < 0.3 * REAL  # of four to eight places, one is taken
    assert after_many[0]["searched"] == after_many[3]["hashed"] == 0


def test_few_of_the_calls_whose_rows_prove_nothing_are_looked_through(monkeypatch):
    monkeypatch.setattr(synthetic_memory, "_MOST_DOUBTFUL", 3)
    frames = [resampled(seed, copies=True) for seed in range(5)]
    (rows,) = synthetic_rows._CALLS.now.rows.values()
    assert len(rows.doubtful) == 3
    assert [count_synthetic(bare(frame)) for frame in frames[2:]] == [MADE] * 3
    assert [count_synthetic(frame) for frame in frames] == [MADE] * 5


# ---------------------------------------------------------------- threads


def test_threads_remember_and_look_at_once():
    def work(seed):
        X = resampled(seed, 400_000)
        return count_synthetic(X), count_synthetic(FRAME), count_synthetic(bare(X))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(1, 25)))
    assert {each[:2] for each in found} == {(MADE, 0)}
    assert {each[2] for each in found} <= {0, MADE}  # forgotten meanwhile, or known
    assert n_bytes() <= 400_000
