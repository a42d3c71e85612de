"""The one bootstrap: each of its abilities against a plain loop, what it remembers, and the intervals taken from draws."""

import itertools
import math
import pickle

import numpy as np
import pytest
import sklearn.metrics as sk
from scipy import stats
from scipy.stats import multinomial, norm

from imbalance_accessor.errors import SplitError
from imbalance_accessor.metrics.binary import average_precision, roc_auc
from imbalance_accessor.metrics.bootstrap import (
    BLOCK_BYTES,
    FEWEST_GROUPS,
    KEPT_BYTES,
    Resamples,
    cell_draws,
    n_draws_for,
)
from imbalance_accessor.metrics.bootstrap_statistics import Cells, Ranked, Together, Totals
from imbalance_accessor.metrics.draw_intervals import max_t, percentile
from imbalance_accessor.metrics.weights import ONES, Weights

pytestmark = pytest.mark.filterwarnings("error")

RANKED = {"average_precision": average_precision, "roc_auc": roc_auc}
LETTERS = np.array(list("dacbeeafghijklmacdeb"))  # 13 groups of one to three rows


def plain_loop(y, n_draws, seed, groups=None):
    """Draw rows, or whole groups, one by one, again while a class is missing; count how often each is there."""
    rng, n = np.random.default_rng(seed), len(y)
    members = [[i] for i in range(n)]
    if groups is not None:
        members = [np.flatnonzero(groups == each) for each in np.unique(groups)]
    counts = np.zeros((n_draws, n))
    for draw in counts:
        rows = []
        while set(y[rows]) != set(y):
            rows = [i for unit in rng.integers(0, len(members), len(members)) for i in members[unit]]
        for i in rows:
            draw[i] += 1
    return counts


def plain_strata(y, n_draws, seed, frame_rows=None):
    """Draw the rows of each class by themselves; with `frame_rows` how much each class weighs is drawn before all."""
    rng, n = np.random.default_rng(seed), len(y)
    members = [np.flatnonzero(y == each) for each in np.unique(y)]
    counts, shares = np.zeros((n_draws, n)), None
    if frame_rows is not None:
        shares = rng.multinomial(frame_rows, [len(rows) / n for rows in members], n_draws)
    for at, draw in enumerate(counts):
        fewer = [max(len(rows) - 1, 1) for rows in members]
        weight = [len(rows) / less for rows, less in zip(members, fewer, strict=True)]
        if shares is not None:
            frame = [max(each, 1) for each in shares[at]]
            weight = [s / frame_rows * n / less for s, less in zip(frame, fewer, strict=True)]
        for each, rows in zip(weight, members, strict=True):
            for i in rng.integers(0, len(rows), max(len(rows) - 1, 1)):
                draw[rows[i]] += each
    return counts


def all_of(resamples):
    return np.concatenate(list(resamples.blocks()))


def labels(n=40, share=0.2, seed=0, k=2):
    """Rows of every class, in no order."""
    rng = np.random.default_rng(seed)
    y = rng.choice(k, n, p=[1 - share * (k - 1), *[share] * (k - 1)])
    y[rng.choice(n, k, replace=False)] = np.arange(k)
    return y.astype(bool) if k == 2 else y


# --- draws ---


@pytest.mark.parametrize(
    "y",
    [np.arange(50) < 5, np.arange(50) < 1, np.arange(12) % 4, np.zeros(6, bool)],
    ids=["usual", "one positive", "four classes", "one class"],
)
def test_rows_are_drawn_as_a_plain_loop_draws_them(y):
    ours = all_of(Resamples(y, n_draws=40, seed=11, block=7))
    assert ours.tolist() == plain_loop(y, 40, 11).tolist()


@pytest.mark.parametrize("groups", [LETTERS, np.unique(LETTERS, return_inverse=True)[1] * 3 - 7])
def test_groups_are_drawn_whole(groups):
    y = np.arange(20) % 9 == 0
    ours = all_of(Resamples(y, groups=groups, n_draws=40, seed=2))
    assert ours.tolist() == plain_loop(y, 40, 2, groups).tolist()
    for each in np.unique(groups):
        assert (np.ptp(ours[:, groups == each], axis=1) == 0).all()
    assert len(set(ours.sum(axis=1))) > 1  # a draw has any number of rows


def test_a_draw_of_groups_that_lacks_a_class_is_drawn_again():
    y = LETTERS == "d"  # two rows, of one group
    ours = all_of(Resamples(y, groups=LETTERS, n_draws=60, seed=5))
    assert ours.tolist() == plain_loop(y, 60, 5, LETTERS).tolist()
    assert (ours[:, y] > 0).all()


@pytest.mark.parametrize("groups", [None, LETTERS])
def test_a_row_counts_by_its_weight_whenever_it_is_drawn(groups):
    y, weights = labels(20, seed=1), np.random.default_rng(1).random(20) * 3
    resamples = Resamples(y, groups=groups, weights=Weights(weights), n_draws=30, seed=3)
    wanted = plain_loop(y, 30, 3, groups) * weights
    np.testing.assert_allclose(all_of(resamples), wanted, rtol=1e-15)
    assert resamples.undrawn.tolist() == [weights.tolist()]
    assert not resamples.counts_rows


def test_classes_count_by_their_factors_in_sort_order():
    y, prevalence = labels(60, seed=2), 0.013
    share = y.mean()
    factors = np.array([(1 - prevalence) / (1 - share), prevalence / share])
    resamples = Resamples(y, weights=Weights(factors=factors), n_draws=30, seed=4)
    wanted = plain_loop(y, 30, 4) * np.array([factors[int(each)] for each in y])
    np.testing.assert_allclose(all_of(resamples), wanted, rtol=1e-15)
    # the rows as they are stand for a population of this prevalence
    assert np.average(y, weights=resamples.undrawn[0]) == pytest.approx(prevalence, rel=1e-12)
    assert not resamples.counts_rows


def test_a_draw_whose_rows_of_a_class_count_nothing_is_drawn_again():
    y, weights = np.arange(12) < 3, np.r_[0.0, 0.0, np.ones(10)]
    rng, wanted = np.random.default_rng(4), []
    while len(wanted) < 30:
        counts = np.bincount(rng.integers(0, 12, 12), minlength=12)
        if counts[2] and counts[3:].any():
            wanted.append((counts * weights).tolist())
    assert all_of(Resamples(y, weights=Weights(weights), n_draws=30, seed=4)).tolist() == wanted


def test_factors_of_several_classes_and_weights_of_rows_multiply():
    y, weights = labels(30, k=3, seed=3), np.random.default_rng(3).random(30)
    resamples = Resamples(y, weights=Weights(weights, np.array([0.5, 2.0, 7.0])), n_draws=20)
    wanted = [weights[i] * {0: 0.5, 1: 2.0, 2: 7.0}[int(y[i])] for i in range(30)]
    assert resamples.undrawn[0] == pytest.approx(wanted, rel=1e-15)
    np.testing.assert_allclose(all_of(resamples), plain_loop(y, 20, 0) * wanted, rtol=1e-15)


@pytest.mark.parametrize("k", [2, 4])
def test_stratified_rows_are_drawn_within_their_class(k):
    y = labels(40, k=k, seed=4)
    ours = all_of(Resamples(y, stratified=True, n_draws=30, seed=6, block=4))
    np.testing.assert_allclose(ours, plain_strata(y, 30, 6), rtol=1e-13)
    for each in np.unique(y):  # as much of each class as there is, in every draw
        np.testing.assert_allclose(ours[:, y == each].sum(axis=1), (y == each).sum(), rtol=1e-13)


def test_the_mean_of_a_class_varies_as_much_as_that_of_a_sample_does():
    rng = np.random.default_rng(0)
    y, x = np.arange(60) < 4, rng.normal(size=60)
    (sums,) = Resamples(y, stratified=True, n_draws=20_000, seed=1).measure([Totals((x * y)[:, None])])
    assert sums[:, 0].std() / 4 == pytest.approx(x[:4].std(ddof=1) / 2, rel=0.03)


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("block", [None, 7])
def test_the_share_of_each_class_is_drawn_anew_where_the_frame_was_drawn(k, block):
    y = labels(40, k=k, seed=5)
    ours = all_of(Resamples(y, stratified=True, frame_rows=130, n_draws=30, seed=7, block=block))
    np.testing.assert_allclose(ours, plain_strata(y, 30, 7, 130), rtol=1e-13)
    np.testing.assert_allclose(ours.sum(axis=1), 40, rtol=1e-13)  # shares vary, the number of rows does not
    assert (np.array([ours[:, y == each].sum(axis=1) for each in np.unique(y)]) > 0).all()


def test_a_redrawn_share_varies_as_it_does_from_frame_to_frame():
    y = np.arange(50) < 10
    ours = all_of(Resamples(y, stratified=True, frame_rows=400, n_draws=4000, seed=8))
    share = ours @ y / 50
    error = np.sqrt(0.2 * 0.8 / 400)
    assert share.mean() == pytest.approx(0.2, abs=4.5 * error / np.sqrt(4000))
    assert share.std() == pytest.approx(error, rel=4.5 / np.sqrt(2 * 4000))


def test_shares_that_lack_a_class_have_one_row_of_it():
    y = np.arange(30) < 2
    ours = all_of(Resamples(y, stratified=True, frame_rows=15, n_draws=60, seed=9))
    np.testing.assert_allclose(ours, plain_strata(y, 60, 9, 15), rtol=1e-13)
    assert (ours @ y).min() == pytest.approx(30 / 15)  # one frame of 15 rows in three has no positive


def test_stratified_draws_take_weights_and_factors():
    y, weights = labels(30, seed=6), np.random.default_rng(6).random(30)
    resamples = Resamples(
        y, weights=Weights(weights, np.array([0.9, 3.0])), stratified=True, frame_rows=90, n_draws=20
    )
    wanted = plain_strata(y, 20, 0, 90) * weights * np.where(y, 3.0, 0.9)
    np.testing.assert_allclose(all_of(resamples), wanted, rtol=1e-13)


@pytest.mark.parametrize("options", [{}, {"stratified": True, "frame_rows": 33}])
@pytest.mark.parametrize("block", [None, 1, 3, 100])
def test_blocks_do_not_change_the_draws(options, block):
    y = np.arange(20) < 3
    blocks = list(Resamples(y, n_draws=10, block=block, **options).blocks())
    assert np.concatenate(blocks).tolist() == all_of(Resamples(y, n_draws=10, **options)).tolist()
    assert max(len(each) for each in blocks) <= (block or 10)


def test_a_block_stays_small_by_itself():
    n = 150_000
    sizes = [each.nbytes for each in Resamples(np.arange(n) < 9, n_draws=20).blocks()]
    assert max(sizes) <= BLOCK_BYTES
    assert sum(sizes) == 20 * 8 * n


def test_a_seed_gives_its_draws_again_and_another_one_others():
    y = labels()
    first, again, other = (all_of(Resamples(y, n_draws=10, seed=seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_fewer_draws_are_the_first_ones():
    y = labels()
    assert (all_of(Resamples(y, n_draws=5)) == all_of(Resamples(y, n_draws=30))[:5]).all()


def test_draws_that_can_never_hold_all_classes_give_up():
    with pytest.raises(SplitError, match=r"1,000 bootstrap draws in a row lacked one of the 60 classes"):
        next(Resamples(np.arange(60)).blocks())


def test_many_rows_are_drawn_less_often_but_never_rarely():
    assert [n_draws_for(n) for n in (0, 1, 200_000, 400_000, 10**9)] == [1000, 1000, 1000, 500, 200]
    assert n_draws_for(100_000, 4) == n_draws_for(400_000)
    assert Resamples(labels()).n_draws == 1000
    assert Resamples(labels(), n_scores=10**6).n_draws == 200
    assert Resamples(labels(), n_scores=10**6, n_draws=7).n_draws == 7


@pytest.mark.parametrize("options", [{"groups": np.arange(40), "stratified": True}, {"frame_rows": 90}])
def test_options_that_say_nothing_together_are_refused(options):
    with pytest.raises(ValueError, match="groups"):
        Resamples(labels(), **options)


# --- too few groups ---


@pytest.mark.parametrize("count", [FEWEST_GROUPS - 1, 1])
def test_too_few_groups_are_not_drawn(count):
    y, groups = labels(40), np.arange(40) % count
    resamples = Resamples(y, groups=groups, n_draws=50)
    assert (resamples.n_groups, resamples.too_few_groups, resamples.n_draws) == (count, True, 0)
    assert list(resamples.blocks()) == []
    sums, ranked = resamples.measure(
        [Totals(np.ones((40, 3))), Ranked(y, np.arange(40.0), RANKED)],
    )
    assert (sums.shape, ranked.shape) == ((0, 3), (0, 2))
    for each in (sums, ranked):
        ends = percentile(each, np.full(each.shape[1], 0.4))
        assert np.isnan(ends).all()
        assert np.shape(ends) == (2, each.shape[1])
    assert np.isnan(percentile(sums[:, 0], 0.4)).tolist() == [True, True]


def test_ten_groups_are_drawn():
    y, groups = labels(40), np.arange(40) % FEWEST_GROUPS
    resamples = Resamples(y, groups=groups, n_draws=50)
    assert (resamples.n_groups, resamples.too_few_groups, resamples.n_draws) == (10, False, 50)
    assert all_of(resamples).tolist() == plain_loop(y, 50, 0, groups).tolist()


def test_rows_that_stand_for_themselves_are_never_too_few():
    resamples = Resamples(np.array([True, False, False]), n_draws=4)
    assert (resamples.n_groups, resamples.too_few_groups, resamples.counts_rows) == (None, False, True)
    assert len(all_of(resamples)) == 4


# --- statistics ---


def by_fold(y, score, fold, weights):
    """Rank within folds, and take the mean over those that have both classes, each weighing as its positives do."""
    found, positives = [], []
    for each in np.unique(fold):
        there = (fold == each) & (weights > 0)
        if len(set(y[there])) == 2:
            w = weights[there]
            found.append(
                [
                    sk.average_precision_score(y[there], score[there], sample_weight=w),
                    sk.roc_auc_score(y[there], score[there], sample_weight=w),
                ]
            )
            positives.append(w[y[there]].sum())
    return np.average(found, axis=0, weights=positives) if found else np.full(2, np.nan)


OPTIONS = {
    "rows": {},
    "groups": {"groups": np.arange(60) // 4},
    "weights": {"weights": Weights(np.random.default_rng(9).random(60) + 0.1)},
    "factors": {"weights": Weights(factors=np.array([1.3, 0.2]))},
    "stratified": {"stratified": True},
    "shares redrawn": {"stratified": True, "frame_rows": 77},
    "groups and factors": {"groups": np.arange(60) // 4, "weights": Weights(factors=np.array([1.3, 0.2]))},
}


def plain(y, n_draws, seed, *, groups=None, weights=ONES, stratified=False, frame_rows=None):
    """The weights of every draw, by the loops above."""
    counts = (
        plain_strata(y, n_draws, seed, frame_rows) if stratified else plain_loop(y, n_draws, seed, groups)
    )
    return counts if weights.are_ones else counts * weights.of(y)


def scored(n=60, digits=1, seed=0):
    rng = np.random.default_rng(seed)
    y = labels(n, seed=seed)
    return y, np.round(rng.normal(size=n) + y, digits), rng


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_statistics_are_those_of_a_plain_loop_over_the_draws(options):
    y, score, rng = scored()
    columns, cells = rng.normal(size=(60, 3)), rng.integers(0, 5, 60)
    resamples = Resamples(y, n_draws=25, seed=3, block=8, **options)
    sums, by_cell, ranked = resamples.measure([Totals(columns), Cells(cells, 6), Ranked(y, score, RANKED)])
    assert (sums.shape, by_cell.shape, ranked.shape) == ((25, 3), (25, 6), (25, 2))
    for b, w in enumerate(plain(y, 25, 3, **options)):
        assert sums[b] == pytest.approx([sum(w * column) for column in columns.T], abs=1e-11)
        assert by_cell[b] == pytest.approx([w[cells == cell].sum() for cell in range(6)], abs=1e-11)
        assert ranked[b] == pytest.approx(by_fold(y, score, np.zeros(60), w), abs=1e-12)


@pytest.mark.quick(1)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_scores_of_several_folds_are_ranked_fold_by_fold(options):
    y, score, rng = scored(seed=1)
    fold = rng.integers(0, 4, 60)
    fold[y & (fold == 1)] = 0  # a fold without a positive never counts
    fold[np.flatnonzero(y)[0]] = 7  # one whose only positive is often not drawn
    fold[np.flatnonzero(~y)[:3]] = 7
    # a fold says where its scores lie, so that one order of all would be another figure
    score = score + 10.0 * fold
    (found,) = Resamples(y, n_draws=20, seed=4, block=9, **options).measure([Ranked(y, score, RANKED, fold)])
    weights = plain(y, 20, 4, **options)
    np.testing.assert_allclose(found, [by_fold(y, score, fold, w) for w in weights], rtol=0, atol=1e-12)
    lacks = [len(set(y[(fold == 7) & (w > 0)])) < 2 for w in weights]
    assert 0 < sum(lacks) < 20
    pooled = [by_fold(y, score, np.zeros(60), w) for w in weights]
    assert np.abs(found - pooled).max() > 0.01


def test_a_draw_in_which_no_fold_has_both_classes_is_nan():
    y = np.arange(12) < 2
    fold = np.where(np.arange(12) < 8, 0, 1)
    weights = np.ones((3, 12))
    weights[1, 2:8] = 0  # the first fold's negatives, the second has no positive
    weights[2, :2] = 0
    found = Ranked(y, np.arange(12.0), RANKED, fold).of(weights)
    assert np.isnan(found).tolist() == [[False, False], [True, True], [True, True]]


@pytest.mark.quick(1)
@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("options", [OPTIONS["rows"], OPTIONS["groups and factors"]], ids=["rows", "groups"])
def test_figures_of_repeats_are_averaged_draw_by_draw(folded, options):
    y, _, rng = scored(seed=2)
    scores = np.round(rng.normal(size=(3, 60)) + y, 1)
    folds = np.stack([rng.permutation(np.arange(60) % 3) for _ in range(3)])  # each repeat's own
    (found,) = Resamples(y, n_draws=12, seed=5, **options).measure(
        [Ranked(y, scores, RANKED, folds if folded else None)]
    )
    one_order = np.zeros((3, 60))
    for b, w in enumerate(plain(y, 12, 5, **options)):
        each = [by_fold(y, *pair, w) for pair in zip(scores, folds if folded else one_order, strict=True)]
        assert found[b] == pytest.approx(np.mean(each, axis=0), abs=1e-12)
    averaged = Ranked(y, scores.mean(axis=0), RANKED).of(np.ones((1, 60)))
    assert np.abs(Ranked(y, scores, RANKED).of(np.ones((1, 60))) - averaged).max() > 0.01


def test_a_statistic_takes_no_draws_and_many():
    y, score, _ = scored()
    for each in (Totals(np.ones((60, 2))), Cells(np.arange(60) % 2, 2), Ranked(y, score, RANKED)):
        assert each.of(np.ones((0, 60))).shape == (0, 2)
        assert each.of(np.ones((4, 60))).shape == (4, 2)


# --- what is remembered ---


class Counted:
    """The sum of the weights times a number; how many draws it was asked for is counted."""

    def __init__(self, times=1.0):
        self.key, self.times, self.asked = ("counted", times), times, 0

    def of(self, weights):
        self.asked += len(weights)
        return weights.sum(axis=1) * self.times


def test_a_statistic_is_measured_once_whoever_asks():
    resamples = Resamples(labels(), groups=np.arange(40) // 2, n_draws=25, block=4)
    first, twin, other = Counted(), Counted(), Counted(2.0)
    (unique,) = resamples.measure([first])
    assert first.asked == 25
    (again,) = resamples.measure([twin])
    assert again is unique
    both = resamples.measure([other, first, twin, other])
    assert (first.asked, twin.asked, other.asked) == (25, 0, 25)
    assert both[1] is both[2] is unique
    assert both[0] is both[3]
    assert (both[0] == 2 * unique).all()


def test_a_statistic_asked_twice_at_once_is_measured_once():
    first, twin = Counted(), Counted()
    a, b = Resamples(labels(), n_draws=5).measure([first, twin])
    assert a is b
    assert first.asked + twin.asked == 5


def test_statistics_are_told_apart_by_what_they_are_made_of():
    y, score, rng = scored()
    fold, columns = rng.integers(0, 3, 60), rng.normal(size=(60, 2))

    def made():
        return [
            Totals(columns),
            Totals(columns[:, ::-1]),
            Totals(columns[:, :1]),
            Cells(fold, 3),
            Cells(fold, 4),
            Cells(fold[::-1], 3),
            Ranked(y, score, RANKED),
            Ranked(~y, score, RANKED),
            Ranked(y, -score, RANKED),
            Ranked(y, score, RANKED, fold),
            Ranked(y, score, RANKED, fold[::-1]),
            Ranked(y, score, {"roc_auc": roc_auc}),
            Ranked(y, np.stack([score, score]), RANKED),
            # the same bytes
            Totals(np.zeros((60, 2))),
            Totals(np.zeros((60, 4), np.float32)),
            Totals(np.zeros((60, 2), np.int64)),
        ]

    assert len({each.key for each in made()}) == len(made())
    assert [each.key for each in made()] == [each.key for each in made()]
    resamples = Resamples(y, n_draws=10)
    together = resamples.measure(made())
    for kept, again in zip(together, resamples.measure(made()), strict=True):
        assert again is kept
    for kept, each in zip(together, made(), strict=True):
        np.testing.assert_allclose(kept, Resamples(y, n_draws=10).measure([each])[0], rtol=1e-13, atol=1e-13)


def test_scores_of_one_order_are_ranked_once():
    y, score, rng = scored()
    alike = Ranked(y, score, RANKED), Ranked(y, np.exp(3 * score) - 7, RANKED)
    apart = Ranked(y, np.round(score), RANKED), Ranked(y, score, RANKED, rng.integers(0, 3, 60))
    assert alike[0].key == alike[1].key
    assert len({each.key for each in (*alike, *apart)}) == 3
    first, second = Resamples(y, n_draws=10).measure(alike)
    assert first is second


def test_cells_are_counted_together_as_each_is_by_itself():
    rng = np.random.default_rng(0)
    weights, many = (
        rng.random((9, 60)),
        [(rng.integers(0, 40, 60), 40) for _ in range(15)],
    )  # 40¹⁵ joint cells
    for some in (many, [(rng.integers(0, 2, 60), 2) for _ in range(3)]):
        every = {each.key: each for each in (Cells(*one) for one in some)}
        found = Together(every).of(weights)
        for key, each in every.items():
            wanted = [[w[each.cells == cell].sum() for cell in range(each.n_cells)] for w in weights]
            assert found[key] == pytest.approx(np.array(wanted), abs=1e-13)


@pytest.mark.quick(1)
@pytest.mark.parametrize("n_draws", [100, 1 + KEPT_BYTES // 30_000], ids=["kept", "made again"])
def test_draws_are_the_same_the_second_time(n_draws):
    y = np.arange(30_000) < 30
    resamples = Resamples(y, n_draws=n_draws, seed=3)
    seen = [[block.sum(axis=0), block @ np.arange(30_000.0)] for block in resamples.blocks()]
    for (rows, sums), block in zip(seen, resamples.blocks(), strict=True):
        assert (block.sum(axis=0) == rows).all()
        assert (block @ np.arange(30_000.0) == sums).all()
    # as many draws as fit are the first of those that do not
    (few,) = Resamples(y, n_draws=20, seed=3).measure([Totals(np.arange(30_000.0)[:, None])])
    assert np.concatenate([sums for _, sums in seen])[:20].tolist() == few[:, 0].tolist()


def test_weights_that_are_changed_do_no_harm():
    for options in ({}, {"weights": Weights(np.arange(40.0))}, {"stratified": True, "frame_rows": 60}):
        resamples = Resamples(labels(), n_draws=6, **options)
        before = all_of(resamples)
        for block in resamples.blocks():
            block[:] = -1
        assert (all_of(resamples) == before).all()


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_resamples_can_be_pickled_without_their_draws(options):
    y, score, _ = scored()
    resamples = Resamples(y, n_draws=500, seed=2, **options)
    (known,) = resamples.measure([Counted()])
    resamples.measure([Ranked(y, score, RANKED)])
    draws = all_of(resamples)
    text = pickle.dumps(resamples)
    assert len(text) < 60 * 500  # half of what the draws take
    back, never = pickle.loads(text), Counted()
    assert (back.measure([never])[0] == known).all()
    assert never.asked == 0
    assert (all_of(back) == draws).all()


# --- draws of cells ---


def rows_by_cell(y, cell, n_cells, n_draws, seed):
    return np.array(
        [[w[cell == each].sum() for each in range(n_cells)] for w in plain_loop(y, n_draws, seed)]
    )


def test_draws_of_cells_spread_as_draws_of_rows_do():
    rng = np.random.default_rng(0)
    y = rng.random(60) < 0.3
    cell = 2 * rng.integers(0, 5, 60) + y
    ours = np.concatenate(list(cell_draws(np.random.default_rng(1), cell, 10, 6000)))
    rows = rows_by_cell(y, cell, 10, 3000, seed=2)
    assert (ours.sum(axis=1) == 60).all()
    assert (ours == np.round(ours)).all()
    for a, b in itertools.combinations_with_replacement(range(10), 2):  # means, variances, covariances
        left, right = (each[:, a] * each[:, b] for each in (ours, rows))
        error = np.sqrt(left.var() / 6000 + right.var() / 3000)
        assert left.mean() == pytest.approx(right.mean(), abs=4.5 * error), (a, b)


def test_draws_of_cells_have_the_exact_chance_given_both_classes():
    cell = np.array([0, 0, 2, 1])  # one positive: a draw of four rows lacks it in a third of the cases
    tables = [t for t in itertools.product(range(5), repeat=3) if sum(t) == 4]
    chance = {t: multinomial.pmf(t, 4, [0.5, 0.25, 0.25]) for t in tables if t[1] > 0 and t[0] + t[2] > 0}
    (ours,) = cell_draws(np.random.default_rng(0), cell, 4, 20_000)
    assert (ours[:, 3] == 0).all()
    seen = {t: float((ours[:, :3] == t).all(axis=1).mean()) for t in tables}
    for t in tables:
        wanted = chance.get(t, 0) / sum(chance.values())
        assert seen[t] == pytest.approx(wanted, abs=4.5 * math.sqrt(wanted / 20_000)), t


@pytest.mark.parametrize("label", [0, 1])
def test_cells_of_one_class_are_drawn_once(label):
    (ours,) = cell_draws(np.random.default_rng(0), np.full(9, label), 2, 5)
    assert ours[:, label].tolist() == [9] * 5
    assert ours[:, 1 - label].tolist() == [0] * 5


@pytest.mark.parametrize("block", [1, 30, 10**6])
def test_cells_are_drawn_some_at_a_time(block):
    cell = np.arange(300) % 6
    blocks = list(cell_draws(np.random.default_rng(3), cell, 6, 100, block=block))
    assert max(len(each) for each in blocks) == min(max(1, block // 6), 100)
    whole = np.concatenate(list(cell_draws(np.random.default_rng(3), cell, 6, 100)))
    assert np.concatenate(blocks).tolist() == whole.tolist()


# --- intervals ---


def test_percentile_equals_sorted_draws():
    samples = np.random.default_rng(0).normal(size=(401, 2))
    low, high = percentile(samples, samples.mean(axis=0))
    ordered = np.sort(samples, axis=0)
    # 0.025 * 400 and 0.975 * 400 are whole, so the quantiles are draws.
    assert low == pytest.approx(ordered[10], abs=1e-12)
    assert high == pytest.approx(ordered[390], abs=1e-12)


def test_percentile_is_widened_to_its_point_and_passes_nan_on():
    assert percentile(np.arange(11.0), 20.0)[1] == 20
    assert percentile(np.arange(11.0), -1.0)[0] == -1
    assert np.isnan(percentile(np.array([1.0, np.nan]), 1.0)).all()


@pytest.mark.parametrize("confidence", [0.5, 0.9])
def test_percentile_takes_other_confidences(confidence):
    low, high = percentile(np.arange(101.0), 50.0, confidence)
    assert (low, high) == pytest.approx((50 - 50 * confidence, 50 + 50 * confidence))


def test_the_bootstrap_of_a_mean_covers_it():
    rng = np.random.default_rng(1)
    held = 0
    for seed in range(200):
        x, y = rng.exponential(size=80), np.arange(80) < 40
        (sums,) = Resamples(y, n_draws=200, seed=seed).measure([Totals(x[:, None])])
        low, high = percentile(sums[:, 0] / 80, x.mean())
        held += low <= 1 <= high
    # Nominally 0.95; for a skewed mean of 80 the percentile bootstrap loses a little.
    assert 0.89 <= held / 200 <= 0.98


def test_max_t_equals_a_plain_loop():
    rng = np.random.default_rng(0)
    points = np.array([0.1, -0.2, 0.0])
    samples = points + rng.normal(size=(501, 3)) * [0.1, 0.5, 2.0]
    se = [np.sqrt(np.sum((column - column.mean()) ** 2) / 500) for column in samples.T]
    furthest = sorted(max(abs(row[j] - points[j]) / se[j] for j in range(3)) for row in samples)
    low, high, critical = max_t(samples, points)
    assert critical == pytest.approx(furthest[475], rel=1e-12)  # 0.95 * 500 is whole
    assert low == pytest.approx(points - furthest[475] * np.array(se), rel=1e-12)
    assert high == pytest.approx(points + furthest[475] * np.array(se), rel=1e-12)


@pytest.mark.parametrize("s", [1, 2, 5])
def test_max_t_of_independent_normals_nears_the_closed_form(s):
    samples = np.random.default_rng(s).normal(size=(40_000, s))
    expected = norm.ppf((1 + 0.95 ** (1 / s)) / 2)  # Šidák
    assert max_t(samples, np.zeros(s))[2] == pytest.approx(expected, abs=0.04)


def test_max_t_holds_all_truths_at_once():
    rng = np.random.default_rng(4)
    truth, factor = np.array([0.0, 0.3, -0.1, 0.2]), np.tril(np.full((4, 4), 0.5)) + np.eye(4)
    held = 0
    for _ in range(600):
        points = truth + factor @ rng.normal(size=4)
        low, high, _ = max_t(points + rng.normal(size=(400, 4)) @ factor.T, points)
        held += bool(((low <= truth) & (truth <= high)).all())
    assert 0.92 <= held / 600 <= 0.975


def test_max_t_leaves_out_what_does_not_vary_or_is_missing():
    rng = np.random.default_rng(0)
    noisy = rng.normal(0.5, 1, 1000)
    rounding = 0.25 + rng.integers(0, 2, 1000) * 2.0**-54
    missing = np.where(np.arange(1000) == 3, np.nan, noisy)
    samples = np.column_stack([noisy, np.zeros(1000), rounding, missing])
    points = np.array([0.5, 0.0, 0.25, 0.5])
    low, high, critical = max_t(samples, points)
    alone = max_t(noisy[:, None], points[:1])
    assert (low[0], high[0], critical) == pytest.approx((alone[0][0], alone[1][0], alone[2]), rel=1e-12)
    assert low[1] == high[1] == 0
    assert low[2] == high[2] == 0.25
    assert np.isnan([low[3], high[3]]).all()


def test_max_t_of_identical_scores_has_no_critical_value():
    low, high, critical = max_t(np.zeros((10, 2)), [0.0, 0.0])
    assert low.tolist() == high.tolist() == [0, 0]
    assert math.isnan(critical)


# --- some dozens of groups


def test_figures_without_each_group_are_those_of_the_rows_that_stay():
    rng = np.random.default_rng(5)
    groups, x = rng.permutation(np.arange(60) % 12) * 7, rng.normal(size=60)
    resamples = Resamples(np.arange(60) % 4 == 0, groups=groups, n_draws=3)
    found = resamples.without_each(Totals(np.column_stack([x, np.ones(60)])))
    wanted = [[x[groups != each].sum(), (groups != each).sum()] for each in np.unique(groups)]
    assert found == pytest.approx(np.array(wanted), abs=1e-12)


@pytest.mark.parametrize("groups", [None, np.arange(102) // 2])
def test_rows_and_many_groups_are_not_left_out_one_by_one(groups):
    resamples = Resamples(np.arange(102) % 4 == 0, groups=groups, n_draws=3)
    assert resamples.without_each(Totals(np.ones((102, 1)))).shape == (0, 1)


def test_few_groups_widen_differences_by_the_jackknife_and_students_t():
    rng = np.random.default_rng(2)
    samples, points, n = rng.normal(size=(500, 3)) * [1.0, 2.0, 0.5], np.array([0.1, -0.4, 0.0]), 14
    without = points + rng.normal(size=(n, 3)) * [0.01, 0.9, 0.3]
    se = samples.std(axis=0, ddof=1)
    critical = np.quantile((np.abs(samples - points) / se).max(axis=1), 0.95)
    further = stats.t.ppf(stats.norm.cdf(critical), n - 1)
    jackknife = [
        np.sqrt((n - 1) / n * sum((row - column.mean()) ** 2 for row in column)) for column in without.T
    ]
    wanted = [max(a * np.sqrt(n / (n - 1)), b) * further for a, b in zip(se, jackknife, strict=True)]
    low, high, found = max_t(samples, points, without=without, n_groups=n)
    assert found == pytest.approx(further, rel=1e-9) and further > critical
    assert (high - low) / 2 == pytest.approx(wanted, rel=1e-9)
    assert max_t(samples, points, n_groups=n)[1] - points == pytest.approx(
        se * np.sqrt(n / (n - 1)) * further, rel=1e-9
    )
