"""Neighbours by brute force: chosen only where it is sooner, and never another neighbour than the default's."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from alone import execute
from imblearn.over_sampling import ADASYN, SMOTE, BorderlineSMOTE
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestNeighbors
from snippet_checks import check_counts

import imbalance_accessor as imb
from imbalance_accessor.modeling.samplers import BRUTE_FORCE_ROWS, brute_force_is_sooner, searched_sooner

RARE, COMMON = 3_200, 4_000


def normal(rows=2_500, columns=12, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def flat(rows=2_500):
    """Twelve columns that are linear images of two."""
    return normal(rows, 2) @ normal(2, 12, seed=1)


def dense_spot():
    """A tenth of the rows lies so close together that a squared distance by matrix products is mere rounding."""
    X = normal()
    X[::10] = 5 + 1e-7 * X[::10]
    return X


def framed(X=None, labels=("no", "yes")):
    X = normal(RARE + COMMON) if X is None else X
    y = np.where(np.arange(len(X)) % 9 < 4, labels[1], labels[0])
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])]).assign(y=y)


def made_plainly(frame, sampler):
    """What a user would write: the same split, then the sampler."""
    X, y = frame.drop(columns="y"), frame["y"]
    X_train, _, y_train, _ = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    return sampler.fit_resample(X_train, y_train)


def searches_by_brute_force(sampler):
    search = sampler.k_neighbors
    return isinstance(search, NearestNeighbors) and search.algorithm == "brute"


def assert_same_rows(found, X, y):
    pd.testing.assert_frame_equal(found.X_train.reset_index(drop=True), X, check_exact=True)
    assert found.y_train.tolist() == y.tolist()


# ---------------------------------------------------------------- where it is chosen


@pytest.mark.quick(1)
@pytest.mark.parametrize("seed", range(3))
def test_many_rows_of_twelve_continuous_columns_are_searched_by_brute_force(seed):
    frame = framed(normal(RARE + COMMON, seed=seed))
    found = imb.smote(frame, "y")
    assert searches_by_brute_force(found.sampler)
    X, y = made_plainly(frame, SMOTE(random_state=0))
    assert len(X) > len(frame) * 0.8 + 300
    assert_same_rows(found, X, y)


@pytest.mark.quick(1)
@pytest.mark.parametrize("k", [1, 3, 9])
def test_any_number_of_neighbours_gives_the_same_rows(k):
    frame = framed()
    found = imb.smote(frame, "y", k_neighbors=k)
    assert searches_by_brute_force(found.sampler)
    assert found.sampler.k_neighbors.n_neighbors == k + 1
    assert_same_rows(found, *made_plainly(frame, SMOTE(random_state=0, k_neighbors=k)))


def test_several_classes_give_the_same_rows():
    y = np.random.default_rng(2).permutation(np.repeat([0, 1, 2], [4_000, 3_000, 2_800]))
    frame = framed(normal(len(y))).assign(y=y)
    found = imb.smote(frame, "y")
    assert searches_by_brute_force(found.sampler)
    assert_same_rows(found, *made_plainly(frame, SMOTE(random_state=0)))


@pytest.mark.parametrize("columns", [12, 15])
def test_brute_force_finds_what_the_default_finds_in_its_order(columns):
    X = normal(columns=columns)
    assert brute_force_is_sooner(X, 5)
    brute, default = (NearestNeighbors(n_neighbors=6, algorithm=how).fit(X) for how in ("brute", "auto"))
    assert default._fit_method == "kd_tree"
    found = [search.kneighbors(X, return_distance=False) for search in (brute, default)]
    np.testing.assert_array_equal(*found)


# ---------------------------------------------------------------- where it is not

NOT_SUITABLE = {
    "four columns": normal(columns=4),
    "sixteen columns": normal(columns=16),
    "too few rows": normal(BRUTE_FORCE_ROWS - 1),
    "low intrinsic dimension": flat(5_000),
    "rounded": normal().round(),
    "two decimals": normal(6_000).round(2),
    "three decimals": normal().round(3),
    "one row twice": np.concatenate([normal(), normal()[1234:1235]]),
    "duplicated": np.repeat(normal(1_250), 2, axis=0),
    "large beside their distances": normal() + 1e9,
    "constant": np.ones((2_500, 12)),
    "a dense spot": dense_spot(),
}


@pytest.mark.parametrize("case", NOT_SUITABLE)
def test_the_default_stays_where_brute_force_is_later_or_may_differ(case):
    assert not brute_force_is_sooner(NOT_SUITABLE[case], 5)


def test_the_bounds_are_those_of_the_cases_beside_them():
    assert brute_force_is_sooner(normal(BRUTE_FORCE_ROWS), 5)
    assert brute_force_is_sooner(normal() + 10, 5)
    assert brute_force_is_sooner(normal() * 1e9, 5)  # what counts is relative
    assert brute_force_is_sooner(np.column_stack([normal().round(), normal(seed=1)[:, :3]]), 5)
    assert not brute_force_is_sooner(np.column_stack([normal().round(1), 1e-5 * normal()[:, :1]]), 5)
    assert not brute_force_is_sooner(normal(), 1_250)  # of 2,500 rows, half are neighbours


@pytest.mark.parametrize("case", [each for each in NOT_SUITABLE if each != "constant"])
def test_rows_are_those_of_the_default_where_it_stays(case):
    rare = NOT_SUITABLE[case]
    X = np.concatenate([rare, 1 + normal(len(rare) + 300, rare.shape[1], seed=5)])
    codes = np.repeat([1, 0], [len(rare), len(rare) + 300])
    sampler = SMOTE(random_state=0)
    assert searched_sooner(sampler, X, codes) is sampler


def test_rows_in_a_dense_spot_are_those_of_plain_smote():
    frame = pd.concat(
        [
            pd.DataFrame(dense_spot()).assign(y="yes"),
            pd.DataFrame(normal(3_000, seed=4)).assign(y="no"),
        ],
        ignore_index=True,
    ).rename(columns=str)
    found = imb.smote(frame, "y", test_size=0.1)
    X, y = frame.drop(columns="y"), frame["y"]
    X_train, _, y_train, _ = train_test_split(X, y, test_size=0.1, stratify=y, random_state=0)
    assert_same_rows(found, *SMOTE(random_state=0).fit_resample(X_train, y_train))


OWN = {
    "SMOTE": SMOTE(random_state=0),
    "SMOTE with a search of its own": SMOTE(random_state=0, k_neighbors=NearestNeighbors(n_neighbors=4)),
}


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", OWN)
def test_a_sampler_of_the_users_own_is_left_as_it_is(name):
    frame = framed()
    found = imb.smote(frame, "y", kind=OWN[name])
    assert not searches_by_brute_force(found.sampler)
    assert 'algorithm="brute"' not in found.snippet(style="full")
    assert_same_rows(found, *made_plainly(frame, OWN[name]))


@pytest.mark.parametrize("sampler", [BorderlineSMOTE(random_state=0), ADASYN(random_state=0)], ids=str)
def test_samplers_of_another_kind_are_left_as_they_are(sampler):
    X, codes = normal(6_000), np.repeat([0, 1], [3_200, 2_800])
    assert searched_sooner(SMOTE(), X, codes) is not None
    assert searches_by_brute_force(searched_sooner(SMOTE(), X, codes))
    assert searched_sooner(sampler, X, codes) is sampler


@pytest.mark.slow
def test_borderline_of_a_frame_is_searched_as_ever():
    frame = framed()
    found = imb.smote(frame, "y", kind="borderline")
    assert found.sampler.k_neighbors == 5
    assert_same_rows(found, *made_plainly(frame, BorderlineSMOTE(random_state=0)))


def test_one_small_class_that_is_not_suitable_keeps_the_default_for_all():
    X = normal(8_000)
    sampler = SMOTE(random_state=0)
    assert searches_by_brute_force(searched_sooner(sampler, X, np.repeat([0, 1, 2], [3_000, 2_500, 2_500])))
    assert searched_sooner(sampler, X, np.repeat([0, 1, 2], [4_000, 2_500, 1_500])) is sampler
    tied = X.copy()
    tied[-2_500:] = tied[-2_500:].round()
    assert searched_sooner(sampler, tied, np.repeat([0, 1, 2], [3_000, 2_500, 2_500])) is sampler
    # the largest class is not searched, so that nothing is asked of it
    assert searches_by_brute_force(
        searched_sooner(sampler, tied, np.repeat([0, 1, 2], [2_600, 2_600, 2_800]))
    )


def test_even_classes_and_missing_codes_are_left_alone():
    sampler, X = SMOTE(), normal(5_000)
    assert searched_sooner(sampler, X, np.repeat([0, 1], 2_500)) is sampler
    assert searches_by_brute_force(searched_sooner(sampler, X, np.repeat([0, 3], [2_600, 2_400])))


def test_a_sampler_that_is_changed_is_a_clone():
    sampler = SMOTE(random_state=7, sampling_strategy="minority")
    found = searched_sooner(sampler, normal(6_000), np.repeat([0, 1], [3_200, 2_800]))
    assert sampler.k_neighbors == 5
    assert (found.random_state, found.sampling_strategy) == (7, "minority")


# ---------------------------------------------------------------- the decision


@pytest.mark.parametrize("X", [normal(), flat(), normal(columns=7), normal(BRUTE_FORCE_ROWS, 5)])
def test_the_decision_is_the_same_each_time_and_asks_no_clock(X, monkeypatch):
    first = brute_force_is_sooner(X, 5)

    def refuse(*_):
        raise AssertionError("the clock was asked")

    for name in (
        "time",
        "perf_counter",
        "monotonic",
        "process_time",
        "thread_time",
        "time_ns",
        "perf_counter_ns",
    ):
        monkeypatch.setattr(time, name, refuse)
    again = [brute_force_is_sooner(X.copy(), 5) for _ in range(3)]
    monkeypatch.undo()
    assert again == [first] * 3


def test_rows_are_not_changed_by_the_decision():
    X = normal()
    before = X.copy()
    brute_force_is_sooner(X, 5)
    np.testing.assert_array_equal(X, before)


# ---------------------------------------------------------------- the snippet


@pytest.mark.quick(1)
@pytest.mark.parametrize("options", [{}, {"scale": True}, {"ratio": 0.95}], ids=str)
def test_the_snippet_names_the_search_and_gives_the_same_rows_to_the_bit(options):
    frame = framed()
    found = imb.smote(frame, "y", **options)
    code = found.snippet(style="full")
    assert 'NearestNeighbors(n_neighbors=6, algorithm="brute")' in " ".join(code.split())
    space = execute(code, df=frame.copy())
    exact = {"check_exact": True} if "scale" not in options else {"rtol": 1e-12}  # scaled back by other steps
    pd.testing.assert_frame_equal(space["X_train"], found.X_train.reset_index(drop=True), **exact)
    assert space["y_train"].tolist() == found.y_train.tolist()
    pd.testing.assert_frame_equal(space["X_test"], found.X_test)
    check_counts(space["printed"], found.frame["after"])


def test_the_snippet_names_no_search_where_the_default_stays():
    code = imb.smote(framed(normal(RARE + COMMON, 4)), "y").snippet(style="full")
    assert "NearestNeighbors" not in code
