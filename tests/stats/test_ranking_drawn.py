"""`Ranking.drawn`: every figure of many draws from one pass, against the figures one by one and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk

from imbalance_accessor.stats import metrics
from imbalance_accessor.stats.metrics import Ranking, confusion

pytestmark = pytest.mark.filterwarnings("error")

#: How scores are drawn: without ties, with many, all alike.
SCORES = {
    "apart": lambda rng, n: rng.normal(size=n),
    "tied": lambda rng, n: np.round(rng.normal(size=n) * 2) / 2,
    "two": lambda rng, n: rng.integers(0, 2, n) * 1.0,
    "alike": lambda rng, n: np.full(n, 0.3),
}


def flags_of(number, score, rng):
    """A cut of the scores, and flags that follow no score."""
    return [score > np.median(score), rng.random(len(score)) < 0.4][:number]


def case(scores, n=150, draws=9, seed=0, share=0.2):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    y[:2] = [True, False]
    score = SCORES[scores](rng, n)
    weights = np.stack([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(draws)]).astype(float)
    return y, score, weights, rng


def assert_one_by_one(y, score, flags, weights):
    """The same as each figure asked for by itself, to 1e-12; nan where that is nan."""
    figures, counts = Ranking(y, score, flags).drawn(weights)
    plain = Ranking(y, score)
    assert set(figures) == set(metrics.RANKING)
    for name in metrics.RANKING:
        assert figures[name].shape == (len(weights),)
        np.testing.assert_allclose(figures[name], getattr(plain, name)(weights), rtol=0, atol=1e-12)
    assert len(counts) == len(flags)
    for table, flagged in zip(counts, flags, strict=True):
        wanted = confusion(y, flagged, weights)
        for cell in ("tp", "fp", "fn", "tn"):
            np.testing.assert_allclose(getattr(table, cell), getattr(wanted, cell), rtol=1e-12, atol=1e-12)
    return figures, counts


def assert_scikit_learns(y, score, flags, weights, figures, counts):
    for draw, w in enumerate(weights):
        auc = sk.roc_auc_score(y, score, sample_weight=w)
        assert figures["roc_auc"][draw] == pytest.approx(auc, abs=1e-12)
        used = w > 0
        precision = sk.average_precision_score(y[used], score[used], sample_weight=w[used])
        assert figures["average_precision"][draw] == pytest.approx(precision, abs=1e-12)
        for table, flagged in zip(counts, flags, strict=True):
            found = [getattr(table, cell)[draw] for cell in ("tn", "fp", "fn", "tp")]
            wanted = sk.confusion_matrix(y, flagged, sample_weight=w, labels=[False, True])
            assert found == pytest.approx(wanted.ravel().tolist(), abs=1e-9)
            assert table.f1[draw] == pytest.approx(
                sk.f1_score(y, flagged, sample_weight=w, zero_division=0), abs=1e-12
            )
            assert table.recall[draw] == pytest.approx(
                sk.recall_score(y, flagged, sample_weight=w), abs=1e-12
            )


@pytest.mark.quick(7)
@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_draws_give_what_each_figure_gives_by_itself(scores, number, seed):
    y, score, weights, rng = case(scores, seed=seed)
    flags = flags_of(number, score, rng)
    figures, counts = assert_one_by_one(y, score, flags, weights)
    assert_scikit_learns(y, score, flags, weights, figures, counts)


@pytest.mark.quick(2)
@pytest.mark.parametrize("scores", SCORES)
def test_flags_that_follow_no_score_leave_the_ranking_as_it_is(scores):
    y, score, weights, rng = case(scores, seed=8)
    flags = [rng.random(len(y)) < 0.5, score < np.median(score), np.arange(len(y)) % 3 == 0]
    figures, counts = assert_one_by_one(y, score, flags, weights)
    assert_scikit_learns(y, score, flags, weights, figures, counts)
    without, none = Ranking(y, score).drawn(weights)
    assert none == []
    for name in metrics.RANKING:
        np.testing.assert_allclose(figures[name], without[name], rtol=0, atol=1e-12)


@pytest.mark.parametrize("flagged", [True, False])
def test_flags_of_all_rows_or_of_none_are_counted(flagged):
    y, score, weights, _ = case("tied")
    _, (table, other) = assert_one_by_one(y, score, [np.full(len(y), flagged), score > 0], weights)
    positives, negatives = weights @ y, weights @ ~y
    assert (table.tp + table.fp).tolist() == ((positives + negatives) * flagged).tolist()
    assert other.tp.tolist() == (weights @ (y & (score > 0))).tolist()


def test_fractional_weights_are_taken():
    y, score, _, rng = case("tied", seed=4)
    weights = rng.random((6, len(y)))
    flags = flags_of(2, score, rng)
    figures, counts = assert_one_by_one(y, score, flags, weights)
    assert_scikit_learns(y, score, flags, weights, figures, counts)


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_draws_without_a_class_are_nan_and_counted_still(scores, number):
    y, score, weights, rng = case(scores, draws=5, seed=2)
    weights[1, y] = 0
    weights[3, ~y] = 0
    weights[4] = 0
    flags = flags_of(number, score, rng)
    figures, counts = assert_one_by_one(y, score, flags, weights)
    for name in metrics.RANKING:
        assert np.isnan(figures[name]).tolist() == [False, True, False, True, True]
    for table, flagged in zip(counts, flags, strict=True):
        assert table.tp.tolist() == (weights @ (y & flagged)).tolist()
        assert (table.tp[1], table.fn[1]) == (0, 0)
        assert (table.fp[3], table.tn[3]) == (0, 0)
        assert table.accuracy[4] == 0


@pytest.mark.parametrize("label", [True, False])
def test_rows_of_one_class_are_nan_and_counted_still(label):
    y, score = np.full(6, label), np.arange(6.0)
    weights = np.arange(18.0).reshape(3, 6)
    figures, (table,) = assert_one_by_one(y, score, [score > 2], weights)
    assert all(np.isnan(found).all() for found in figures.values())
    assert (table.tp if label else table.fp).tolist() == weights[:, 3:].sum(axis=1).tolist()


@pytest.mark.parametrize("cached", [1, 400, 1_000, 10**9])
@pytest.mark.parametrize("number", [0, 2])
def test_blocks_of_any_size_give_the_same(cached, number, monkeypatch):
    y, score, weights, rng = case("tied", draws=11, seed=6)
    flags = flags_of(number, score, rng)
    whole, tables = Ranking(y, score, flags).drawn(weights)
    monkeypatch.setattr(metrics, "_CACHED", cached)
    figures, counts = assert_one_by_one(y, score, flags, weights)
    for name in metrics.RANKING:
        np.testing.assert_allclose(figures[name], whole[name], rtol=0, atol=1e-12)
    for found, wanted in zip(counts, tables, strict=True):
        assert found.tp.tolist() == wanted.tp.tolist()


def test_more_draws_than_one_block_are_those_of_the_repeated_rows():
    n, draws = 5_000, 230
    assert draws > 2 * (metrics._CACHED // n)
    rng = np.random.default_rng(3)
    y = rng.random(n) < 0.1
    score = np.round(rng.normal(size=n) + y, 2)
    rows = rng.integers(0, n, (draws, n))
    weights = np.stack([np.bincount(each, minlength=n) for each in rows]).astype(float)
    flags = [score > 0.5, rng.random(n) < 0.3]
    figures, counts = Ranking(y, score, flags).drawn(weights)
    for draw in (0, 103, 104, 105, 208, 209, draws - 1):
        taken = rows[draw]
        assert figures["roc_auc"][draw] == pytest.approx(sk.roc_auc_score(y[taken], score[taken]), abs=1e-12)
        precision = sk.average_precision_score(y[taken], score[taken])
        assert figures["average_precision"][draw] == pytest.approx(precision, abs=1e-12)
        for table, flagged in zip(counts, flags, strict=True):
            assert table.tp[draw] == np.count_nonzero(y[taken] & flagged[taken])
            assert table.fp[draw] == np.count_nonzero(~y[taken] & flagged[taken])
            assert table.fn[draw] == np.count_nonzero(y[taken] & ~flagged[taken])
            assert table.tn[draw] == np.count_nonzero(~y[taken] & ~flagged[taken])


def test_figures_asked_for_one_by_one_do_not_mind_flags():
    y, score, weights, rng = case("tied", seed=9)
    flagged, plain = Ranking(y, score, flags_of(2, score, rng)), Ranking(y, score)
    for name in metrics.RANKING:
        assert getattr(flagged, name)() == pytest.approx(getattr(plain, name)(), abs=1e-12)
        np.testing.assert_allclose(getattr(flagged, name)(weights), getattr(plain, name)(weights), atol=1e-12)


def test_inputs_are_not_changed():
    y, score, weights, rng = case("tied")
    flags = flags_of(2, score, rng)
    before = [each.copy() for each in (y, score, weights, *flags)]
    Ranking(y, score, flags).drawn(weights)
    for one, other in zip((y, score, weights, *flags), before, strict=True):
        np.testing.assert_array_equal(one, other)
