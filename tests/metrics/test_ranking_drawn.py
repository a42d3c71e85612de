"""`Ranking.drawn`: every figure of many draws from one pass, against the figures one by one and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk

from imbalance_accessor.metrics.binary import Levels, Ranking, average_precision, roc_auc

pytestmark = pytest.mark.filterwarnings("error")

FIGURES = {"average_precision": average_precision, "roc_auc": roc_auc}
#: How scores are drawn: without ties, with many, all alike.
SCORES = {
    "apart": lambda rng, n: rng.normal(size=n),
    "tied": lambda rng, n: np.round(rng.normal(size=n) * 2) / 2,
    "two": lambda rng, n: rng.integers(0, 2, n) * 1.0,
    "alike": lambda rng, n: np.full(n, 0.3),
}


def case(scores, n=150, draws=9, seed=0, share=0.2):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    y[:2] = [True, False]
    score = SCORES[scores](rng, n)
    weights = np.stack([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(draws)]).astype(float)
    return y, score, weights, rng


def drawn(y, score, weights, figures=FIGURES):
    found = Ranking(y, score).drawn(weights, figures)
    assert found.shape == (len(weights), len(figures))
    return dict(zip(figures, found.T, strict=True))


def assert_one_by_one(y, score, weights):
    """The same as each figure asked for by itself, to 1e-12; nan where that is nan."""
    figures = drawn(y, score, weights)
    for name, of in FIGURES.items():
        for alone in (
            drawn(y, score, weights, {name: of})[name],
            np.concatenate([drawn(y, score, each[None], {name: of})[name] for each in weights]),
        ):
            np.testing.assert_allclose(figures[name], alone, rtol=0, atol=1e-12)
    return figures


def assert_scikit_learns(y, score, weights, figures):
    for draw, w in enumerate(weights):
        auc = sk.roc_auc_score(y, score, sample_weight=w)
        assert figures["roc_auc"][draw] == pytest.approx(auc, abs=1e-12)
        used = w > 0
        precision = sk.average_precision_score(y[used], score[used], sample_weight=w[used])
        assert figures["average_precision"][draw] == pytest.approx(precision, abs=1e-12)


@pytest.mark.quick(7)
@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("seed", range(3))
def test_draws_give_what_each_figure_gives_by_itself(scores, seed):
    y, score, weights, _ = case(scores, seed=seed)
    assert_scikit_learns(y, score, weights, assert_one_by_one(y, score, weights))


@pytest.mark.quick(2)
@pytest.mark.parametrize("scores", SCORES)
def test_fractional_weights_are_taken(scores):
    y, score, _, rng = case(scores, seed=4)
    weights = rng.random((6, len(y)))
    assert_scikit_learns(y, score, weights, assert_one_by_one(y, score, weights))


@pytest.mark.parametrize("scores", SCORES)
def test_draws_without_a_class_are_nan(scores):
    y, score, weights, _ = case(scores, draws=5, seed=2)
    weights[1, y] = 0
    weights[3, ~y] = 0
    weights[4] = 0
    figures = assert_one_by_one(y, score, weights)
    for found in figures.values():
        assert np.isnan(found).tolist() == [False, True, False, True, True]


@pytest.mark.parametrize("label", [True, False])
def test_rows_of_one_class_are_nan(label):
    figures = assert_one_by_one(np.full(6, label), np.arange(6.0), np.arange(18.0).reshape(3, 6))
    assert all(np.isnan(found).all() for found in figures.values())


@pytest.mark.parametrize("scores", SCORES)
def test_levels_hold_the_rows_of_each_score(scores):
    y, score, weights, _ = case(scores, seed=6)

    def kept(levels):
        tops = sorted(set(score[y]), reverse=True)
        assert levels.hits.shape == (len(weights), len(tops))
        for b, w in enumerate(weights):
            assert levels.hits[b].tolist() == [w[y & (score == top)].sum() for top in tops]
            assert levels.ahead[b].tolist() == [w[~y & (score >= top)].sum() for top in tops]
            at = [w[~y & (score == top)].sum() for top in tops]
            assert levels.passed[b, 1::2].tolist() == at
        assert levels.positives.tolist() == (weights @ y).tolist()
        assert levels.negatives.tolist() == (weights @ ~y).tolist()
        return levels.positives

    assert (drawn(y, score, weights, {"kept": kept})["kept"] == weights @ y).all()


def test_a_figure_of_ones_own_is_computed_from_levels():
    y, score, weights, _ = case("tied", seed=7)

    def recall_of_the_first_level(levels: Levels):
        return levels.hits[:, 0] / levels.positives

    found = drawn(y, score, weights, {"first": recall_of_the_first_level} | FIGURES)
    top = score[y].max()
    assert found["first"] == pytest.approx((weights @ (y & (score == top))) / (weights @ y), abs=1e-15)
    for name, each in drawn(y, score, weights).items():
        assert found[name].tolist() == each.tolist()


def test_no_draws_give_no_figures():
    y, score, weights, _ = case("tied")
    assert {name: each.shape for name, each in drawn(y, score, weights[:0]).items()} == dict.fromkeys(
        FIGURES, (0,)
    )


@pytest.mark.quick(1)
@pytest.mark.parametrize(("n", "draws"), [(5_000, 230), (170_000, 5), (170_000, 1)])
def test_draws_are_ranked_as_the_repeated_rows_are(n, draws):
    rng = np.random.default_rng(3)
    y = rng.random(n) < 0.1
    score = np.round(rng.normal(size=n) + y, 2)
    weights = np.empty((draws, n))
    seen = {0, draws // 2, draws - 1}
    rows = {}
    for draw in range(draws):
        taken = rng.integers(0, n, n)
        weights[draw] = np.bincount(taken, minlength=n)
        if draw in seen:
            rows[draw] = taken
    figures = drawn(y, score, weights)
    for draw, taken in rows.items():
        assert figures["roc_auc"][draw] == pytest.approx(sk.roc_auc_score(y[taken], score[taken]), abs=1e-12)
        precision = sk.average_precision_score(y[taken], score[taken])
        assert figures["average_precision"][draw] == pytest.approx(precision, abs=1e-12)


def test_inputs_are_not_changed():
    y, score, weights, _ = case("tied")
    before = [each.copy() for each in (y, score, weights)]
    drawn(y, score, weights)
    for one, other in zip((y, score, weights), before, strict=True):
        np.testing.assert_array_equal(one, other)
