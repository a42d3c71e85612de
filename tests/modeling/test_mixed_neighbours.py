"""SMOTENC that searches in blocks: imbalanced-learn's rows to the bit, with ties and without."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTENC
from imblearn.pipeline import Pipeline
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from imbalance_accessor.modeling import mixed_rows
from imbalance_accessor.modeling.mixed_neighbours import (
    BlockwiseSMOTENC,
    neighbours_in_blocks,
    searched_in_blocks,
    voted_levels,
)
from imbalance_accessor.modeling.mixed_rows import MixedRows, nearest_where_distinct, read_mixed
from imbalance_accessor.modeling.row_weights import fit_clone
from imbalance_accessor.modeling.samplers import passed_on, rows_short, with_parents

N = 500
RNG = np.random.default_rng(3)
RARE = RNG.permutation(np.arange(N) < 200).astype(int)
WORDS = {
    "two": RNG.choice(["a", "b"], N),
    "many": np.array([f"town {place}" for place in RNG.integers(0, 60, N)], dtype=object),
    "flag": RNG.random(N) < 0.3,
    "same": np.full(N, "x", dtype=object),
    "holes": RNG.choice(np.array(["a", "b", None], dtype=object), N),
    "uneven": np.array([f"rank {place}" for place in RNG.zipf(1.5, N) % 90], dtype=object),
}
FEW = RNG.integers(0, 3, (N, 2))


def frame(numbers, *words, index=None):
    columns = {f"n{place}": cells for place, cells in enumerate(np.asarray(numbers).T)}
    return pd.DataFrame({**columns, **{name: WORDS[name] for name in words}}, index=index)


NUMBERS = RNG.normal(size=(N, 4))
FRAMES = {
    "no ties": frame(NUMBERS, "two", "many", "flag"),
    "three numbers, two words": frame(FEW.astype(float), "two"),
    "few decimals": frame(NUMBERS.round(1), "two", "flag"),
    "whole numbers": frame(FEW, "two", "many"),
    "a few rows again and again": frame(NUMBERS, "two", "many", "flag").iloc[np.arange(N) % 40],
    "large beside small": frame(NUMBERS * [1, 1, 1e-3, 1] + [0, 1e6, 0, 0], "many", "flag"),
    "booleans alone": frame(NUMBERS.round(1), "flag"),
    "no spread": frame(np.column_stack([np.ones((N, 3)), NUMBERS[:, 0]]), "two", "flag"),
    "hardly any spread": frame(NUMBERS * 1e-9, "two", "many"),
    "of 32 bits": frame(NUMBERS.astype("float32"), "two"),
    "in order of a column": frame(np.sort(NUMBERS, axis=0).round(2), "two", "flag"),
    "categories of pandas": frame(NUMBERS.round(1), "two", "many").astype({"two": "category"}),
    "words that are missing, or all the same": frame(NUMBERS, "holes", "same", "uneven"),
    "whole numbers of some spread": frame((NUMBERS * 100).astype(int), "two", "uneven"),
    "a flag and a constant among numbers": frame(NUMBERS, "uneven").assign(n1=NUMBERS[:, 0] > 0, n2=1.0),
    "a few far away": frame(NUMBERS**9, "two", "uneven"),
    "words first": frame(NUMBERS.round(1), "two", "many")[["many", "n1", "two", "n0"]],
}


def words_of(X):
    return [name for name in X if name in WORDS]


def both(X, y, **options):
    """The rows of imbalanced-learn, and ours."""
    known, quick = (SMOTENC(words_of(X), **{"random_state": 7, **options}) for _ in range(2))
    with searched_in_blocks(quick):
        found = quick.fit_resample(X, y)
    return known.fit_resample(X, y), found, known, quick


def assert_alike(X, y, **options):
    (X_known, y_known), (X_found, y_found), *_ = both(X.reset_index(drop=True), y, **options)
    assert len(X_known) > len(X)
    pd.testing.assert_frame_equal(X_found, X_known, check_exact=True)
    np.testing.assert_array_equal(y_found, y_known)


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("case", FRAMES)
def test_the_rows_are_imbalanced_learns_to_the_bit(case, k):
    assert_alike(FRAMES[case], RARE, k_neighbors=k)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_other_seeds_and_ratios(seed):
    assert_alike(FRAMES["few decimals"], RARE, random_state=seed, sampling_strategy=0.9, k_neighbors=3)


def test_several_classes_are_grown_alike():
    assert_alike(FRAMES["few decimals"], RARE + (np.arange(N) % 5 == 0))


@pytest.mark.parametrize("block", [900, 5_000])
def test_blocks_of_any_size_find_the_same(block, monkeypatch):
    monkeypatch.setattr(mixed_rows, "_BLOCK", block)
    monkeypatch.setattr(mixed_rows, "_PART", block)
    assert_alike(FRAMES["few decimals"], RARE)


#: Frames whose search, or votes, are left to imbalanced-learn.
LEFT = {"no spread", "hardly any spread", "of 32 bits", "whole numbers"}


@pytest.mark.parametrize("case", sorted(FRAMES.keys() - LEFT))
def test_the_blocks_are_at_work(case, monkeypatch):
    """Neither the library's search nor its votes are asked."""

    def refuse(*_, **__):
        raise AssertionError

    monkeypatch.setattr(NearestNeighbors, "kneighbors", refuse)
    monkeypatch.setattr(SMOTENC, "_generate_samples", refuse)
    monkeypatch.setattr(OneHotEncoder, "inverse_transform", refuse)
    quick = SMOTENC(words_of(FRAMES[case]), random_state=0)
    with searched_in_blocks(quick):
        quick.fit_resample(FRAMES[case], RARE)


def test_where_the_library_sums_otherwise_it_searches_itself(monkeypatch):
    """As on a processor that rounds a product and a sum at once."""
    asked, usual = [], NearestNeighbors.kneighbors
    wrong = MixedRows.distances
    monkeypatch.setattr(MixedRows, "distances", lambda *given: np.nextafter(wrong(*given), 9))
    monkeypatch.setattr(
        NearestNeighbors, "kneighbors", lambda *given, **named: asked.append(1) or usual(*given, **named)
    )
    assert_alike(FRAMES["few decimals"], RARE)
    assert len(asked) == 2  # the library's own, and ours


def test_what_was_fitted_is_imbalanced_learns_own():
    _, _, known, quick = both(FRAMES["few decimals"], RARE)
    assert type(quick) is SMOTENC
    assert type(quick.nn_k_) is NearestNeighbors
    assert type(quick.categorical_encoder_) is OneHotEncoder
    assert vars(quick).keys() == vars(known).keys()
    assert vars(quick.nn_k_).keys() == vars(known.nn_k_).keys()
    assert repr(quick) == repr(known)


def test_while_it_is_fitted_it_can_be_cloned_pickled_and_shown():
    sampler = SMOTENC(["two"], random_state=0)
    with searched_in_blocks(sampler):
        assert repr(sampler) == "SMOTENC(categorical_features=['two'], random_state=0)"
        assert type(clone(sampler)) is type(pickle.loads(pickle.dumps(sampler))) is BlockwiseSMOTENC
        assert isinstance(sampler, SMOTENC)
    assert type(sampler) is SMOTENC


@pytest.mark.parametrize(
    "sampler",
    [
        SMOTENC(["two"], categorical_encoder=OneHotEncoder(handle_unknown="ignore")),
        SMOTENC(["two"], k_neighbors=NearestNeighbors(n_neighbors=4)),
    ],
    ids=["an encoder of the user's own", "a search of the user's own"],
)
def test_what_the_user_chose_is_left_alone(sampler):
    with searched_in_blocks(sampler):
        assert type(sampler) is SMOTENC


def test_a_refused_fit_leaves_the_sampler_as_it_was():
    sampler = SMOTENC(["two"], k_neighbors=0)
    with pytest.raises(ValueError, match="of SMOTENC must be"), searched_in_blocks(sampler):
        sampler.fit_resample(FRAMES["no ties"], RARE)
    assert type(sampler) is SMOTENC


@pytest.mark.parametrize("searched", [False, True])
def test_pipelines_and_searches_are_fitted_alike(searched):
    X = FRAMES["few decimals"][["n0", "n1", "two"]]
    steps = [
        ("resample", SMOTENC(["two"], random_state=0)),
        ("numbers", FunctionTransformer(lambda X: X[["n0", "n1"]])),
        ("tree", DecisionTreeClassifier(random_state=0)),
    ]
    plain = Pipeline(steps)
    if searched:
        plain = GridSearchCV(plain, {"resample__k_neighbors": [1, 4]}, cv=2)
    found = fit_clone(plain, X, RARE, {})
    known = clone(plain).fit(X, RARE)
    np.testing.assert_array_equal(found.predict(X), known.predict(X))
    best = found.best_estimator_ if searched else found
    assert type(best["resample"]) is SMOTENC
    assert not searched or type(found.estimator["resample"]) is SMOTENC


def nearest(numbers, codes, k, weight=1.0):
    """Our nearest, whether each row is left, and the exact squared distances."""
    numbers, codes = np.asarray(numbers, dtype=float), np.asarray(codes)
    one = weight * weight
    norms = (numbers**2).sum(axis=1) + one * len(codes)
    apart = ((numbers[:, None] - numbers) ** 2).sum(axis=2)
    apart += 2 * one * (codes[:, :, None] != codes[:, None]).sum(axis=0)
    mixed = MixedRows(numbers, codes, weight, norms, len(norms))
    return *nearest_where_distinct(mixed, np.arange(len(norms)), k), apart


@pytest.mark.parametrize("door", [passed_on, with_parents, rows_short])
def test_every_door_leads_through_the_blocks(door, monkeypatch):
    monkeypatch.setattr(NearestNeighbors, "kneighbors", None)
    door(SMOTENC(["two"], random_state=0), FRAMES["few decimals"][["n0", "two"]], RARE)


def test_ties_are_seen_where_they_are():
    found, is_left, _ = nearest([[0.0], [1.0], [3.0], [3.0], [8.0]], [[0, 0, 0, 0, 1]], 2)
    assert is_left.tolist() == [False, False, True, True, True]  # 1 away from 0 and from nothing else
    assert found[:2].tolist() == [[0, 1], [1, 0]]


def test_all_as_far_away_are_left():
    assert nearest(np.zeros((400, 2)), np.zeros((1, 400), int), 3)[1].all()


@pytest.mark.parametrize("spread", [1e-150, 1.0, 1e140])
@pytest.mark.parametrize("tail", [1, 6])
def test_what_the_sieve_keeps_is_nearest(spread, tail):
    """Also of numbers that 32 bits cannot hold, and where some are far larger than others."""
    numbers = RNG.normal(size=(300, 3)) ** (2 * tail - 1) * spread
    codes = RNG.integers([[0], [3]], [[3], [43]], (2, 300))
    found, is_left, apart = nearest(numbers, codes, 4, spread)
    assert is_left.mean() < 0.1
    np.testing.assert_array_equal(found[~is_left], np.argsort(apart, axis=1)[~is_left, :4])


@pytest.mark.parametrize("far", [1.2e154, 1e200])
def test_rows_whose_squares_overflow_are_left(far):
    numbers = RNG.normal(size=(47, 3))
    numbers[0] = far
    with np.errstate(over="ignore"):
        _, is_left, _ = nearest(numbers, np.zeros((1, 47), int), 4)
    assert is_left[0]


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_other_rows_find_the_library_s_nearest(decimals, k):
    """Among the first 300 rows, with many ties, with some and without."""
    ones = OneHotEncoder().fit_transform(np.column_stack([WORDS["two"], WORDS["many"]])) * 0.7
    rows = sparse.hstack([sparse.csr_matrix(NUMBERS.round(decimals)), ones], format="csr")
    found, known = (
        search.fit(rows[:300]).kneighbors(rows[300:], return_distance=False)
        for search in (neighbours_in_blocks(4, k), NearestNeighbors(n_neighbors=k))
    )
    np.testing.assert_array_equal(found, known)


def test_votes_are_those_of_the_loop():
    near = np.array([[3, 1, 3], [2, 2, 0], [5, 4, 1], [7, 7, 7]])
    found = voted_levels(near, np.random.RandomState(1))
    assert found[[0, 1, 3]].tolist() == [3, 2, 7]
    assert found[2] in {5, 4, 1}


def test_rows_that_are_not_of_one_weight_are_not_read():
    rows = np.array([[0.3, 0.5, 0.0], [0.2, 0.0, 0.5]])
    assert read_mixed(sparse.csr_matrix(rows), 1, 2).codes.tolist() == [[0, 1]]
    assert read_mixed(sparse.csr_matrix(rows * [1, 1, 2]), 1, 2) is None
    assert (
        read_mixed(sparse.csr_matrix(np.where(rows == 0.0, 0.5, rows)[:, :2] * [[1, 1], [1, 0]]), 1, 2)
        is None
    )
    assert read_mixed(rows, 1, 2) is None
