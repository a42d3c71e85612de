"""Scores counted in cells: the same whatever the pieces, exact where they can be, as fine as is promised."""

import pickle

import numpy as np
import pytest

from imbalance_accessor.metrics.score_grid import ScoreGrid, floats_of, ordered

RNG = np.random.default_rng(0)
FIELDS = ("starts", "counts", "low", "high", "sums", "dropped")

#: Scores as models give them, 40,000 of each.
SCORES = {
    "uniform": RNG.random(40_000),
    "near 0": RNG.beta(0.02, 40, 40_000),
    "near 1": 1 - RNG.random(40_000) * 1e-9,
    "margins": RNG.normal(0, 400, 40_000),
    "float32": RNG.random(40_000).astype(np.float32).astype(float),
    "around 0": RNG.normal(0, 1e-12, 40_000),
    "all scales": RNG.normal(size=40_000) * 10.0 ** RNG.integers(-300, 300, 40_000),
    "ties": np.append(RNG.random(30_000), np.full(10_000, 0.25)),
    "few": RNG.integers(0, 50, 40_000) / 50,
}


def in_pieces(y, score, places, **how):
    grids = [ScoreGrid.of(y[each], score[each], **how) for each in places]
    while (
        len(grids) > 1
    ):  # two at a time, from the end: another order of merging each time the pieces are others
        grids.append(grids.pop().merged(grids.pop(0)))
    return grids[0]


@pytest.mark.parametrize("name", SCORES)
def test_a_grid_is_the_same_whatever_the_pieces(name):
    score = SCORES[name]
    y = (RNG.random(len(score)) < 0.1).astype(int)
    how = {"edges": (0.0, 0.5), "most": 3000}
    whole = ScoreGrid.of(y, score, **how)
    for n_pieces in (2, 7, 40):
        pieces = np.array_split(RNG.permutation(len(score)), n_pieces)
        found = in_pieces(y, score, pieces, **how)
        for field in FIELDS:
            assert np.array_equal(getattr(found, field), getattr(whole, field)), field
    again = pickle.loads(pickle.dumps(whole))
    assert np.array_equal(again.starts, whole.starts)


@pytest.mark.parametrize("name", SCORES)
def test_cells_hold_what_they_say(name):
    score, edges = SCORES[name], (0.0, 0.3, 0.5)
    y = (RNG.random(len(score)) < 0.1).astype(int)
    grid = ScoreGrid.of(y, score, edges=edges, most=3000)
    assert len(grid) <= 3000 + len(edges)
    assert len(grid) > 1500 or grid.is_exact  # more than half of those there may be
    assert grid.counts.sum(axis=0).tolist() == np.bincount(y).tolist()
    place = np.searchsorted(grid.starts, ordered(score), side="right") - 1  # by another way
    assert np.array_equal(np.bincount(place, minlength=len(grid)), grid.counts.sum(axis=1))
    assert np.array_equal(np.bincount(place, y), grid.counts[:, 1])
    lowest, highest = np.full(len(grid), np.inf), np.full(len(grid), -np.inf)
    np.minimum.at(lowest, place, score)
    np.maximum.at(highest, place, score)
    assert (grid.lowest == lowest).all()
    assert (grid.highest == highest).all()
    assert (grid.highest[:-1] < grid.lowest[1:]).all()
    if name != "all scales":  # so few cells hold several powers of two there
        mean = np.bincount(place, score) / np.bincount(place)
        assert grid.means == pytest.approx(mean, rel=1e-9, abs=1e-300)
    assert ((grid.means >= lowest) & (grid.means <= highest)).all()
    for edge in edges:  # counted exactly, by the lowest score of a cell and by its mean
        for values in (grid.lowest, grid.means):
            assert grid.counts[values >= edge].sum() == (score >= edge).sum()


def test_scores_are_exact_as_long_as_there_are_few():
    y = np.arange(40_000) % 2
    assert ScoreGrid.of(y, SCORES["few"], most=50).is_exact
    assert len(ScoreGrid.of(y, SCORES["few"], most=50)) == 50
    assert not ScoreGrid.of(y, SCORES["few"], most=49).is_exact
    whole = ScoreGrid.of(y, SCORES["uniform"])
    assert whole.is_exact
    labels, score, copies = whole.entries()
    assert np.average(labels, weights=copies) == 0.5
    assert score @ copies == pytest.approx(SCORES["uniform"].sum(), rel=1e-12)
    assert np.array_equal(whole.means, np.unique(SCORES["uniform"]))


def test_at_least_a_hundred_thousand_cells():
    score = np.random.default_rng(1).beta(0.05, 5, 300_000)
    grid = ScoreGrid.of(np.zeros(len(score), int), score, k=1)
    assert 100_000 < len(grid) <= 2**18
    cell, kind, copies = grid.rows_of([0])
    assert copies.sum() == 300_000
    assert (kind == 0).all()
    assert cell.tolist() == list(range(len(grid)))


def test_a_threshold_inside_a_cell_is_seen():
    score = np.array([0.1, 0.2, 0.2 + 1e-15, 0.9])
    grid = ScoreGrid.of(np.zeros(4, int), score, k=1, most=3)
    assert len(grid) == 3
    assert grid.inside(0.2) is None
    assert grid.inside(0.2 + 1e-15) == 0.2 + 1e-15
    assert grid.inside(0.5) is None
    assert grid.inside(0.05) is None


def test_order_of_bits_is_order_of_scores():
    score = np.array([-np.finfo(float).max, -1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, np.finfo(float).max])
    keys = ordered(score)
    assert (np.diff(keys.astype(object)) >= 0).all()
    assert keys[3] == keys[4]
    assert (floats_of(keys) == score).all()
    empty = ScoreGrid.of(np.empty(0, int), np.empty(0))
    assert len(empty) == 0
    assert empty.merged(empty) is empty
