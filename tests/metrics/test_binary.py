"""Binary metrics against scikit-learn, imbalanced-learn and loops over pairs."""

from itertools import combinations

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score

from imbalance_accessor.errors import ModelError
from imbalance_accessor.metrics import binary
from imbalance_accessor.metrics.arrays import ratio
from imbalance_accessor.metrics.binary import Confusion, Ranking, chance_average_precision, confusion
from imbalance_accessor.metrics.registry import metric_names, probability_losses

RANKED = {"average_precision": binary.average_precision, "roc_auc": binary.roc_auc}

pytestmark = pytest.mark.filterwarnings("error")

WITNESS = {
    "precision": lambda y, f, w: sk.precision_score(y, f, sample_weight=w, zero_division=0),
    "recall": lambda y, f, w: sk.recall_score(y, f, sample_weight=w, zero_division=0),
    "specificity": lambda y, f, w: sk.recall_score(~y, ~f, sample_weight=w, zero_division=0),
    "f1": lambda y, f, w: sk.f1_score(y, f, sample_weight=w, zero_division=0),
    "mcc": lambda y, f, w: sk.matthews_corrcoef(y, f, sample_weight=w),
    "balanced_accuracy": lambda y, f, w: sk.balanced_accuracy_score(y, f, sample_weight=w),
    "g_mean": lambda y, f, w: geometric_mean_score(y, f, sample_weight=w),
    "accuracy": lambda y, f, w: sk.accuracy_score(y, f, sample_weight=w),
    "flag_rate": lambda y, f, w: np.average(f, weights=w),
}


def test_every_decision_metric_has_a_witness():
    assert set(WITNESS) == set(metric_names("decision", compared=False))


def both_classes(n, seed, levels=None):
    """Labels of both classes and scores; with `levels`, only so many distinct scores."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.3
    y[:2] = [True, False]
    score = rng.normal(size=n) + y
    return y, score if levels is None else np.round(score * levels / 4)


@st.composite
def labelled_scores(draw):
    n = draw(st.integers(2, 25))
    y = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    level = st.sampled_from([-2.0, -0.0, 0.0, 0.1, 0.3, np.nextafter(0.3, 1), 1e9])
    score = np.array(draw(st.lists(level, min_size=n, max_size=n)))
    weights = np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), float)
    return y, score, weights


@pytest.mark.parametrize("name", WITNESS)
@pytest.mark.parametrize("seed", range(5))
def test_decision_metrics_equal_the_libraries(name, seed):
    y, score = both_classes(40, seed)
    flagged = score > 0.5
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 4, (6, 40)).astype(float)
    weights[:, :2] += 1
    ours = getattr(confusion(y, flagged, weights), name)
    assert ours == pytest.approx([WITNESS[name](y, flagged, w) for w in weights], abs=1e-12)
    assert getattr(confusion(y, flagged), name) == pytest.approx(WITNESS[name](y, flagged, None), abs=1e-12)
    assert getattr(confusion(y, flagged, weights[0]), name) == pytest.approx(ours[0], abs=0)


def test_weights_mean_repeated_rows():
    y, score = both_classes(30, 1)
    counts = np.random.default_rng(3).integers(0, 4, 30)
    rows = np.repeat(np.arange(30), counts)
    repeated, weighted = confusion(y[rows], score[rows] > 0), confusion(y, score > 0, counts.astype(float))
    for cell in ("tp", "fp", "fn", "tn"):
        assert getattr(repeated, cell) == getattr(weighted, cell)


def test_counts_fall_in_their_own_cells():
    table = confusion(
        np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], bool), np.array([1, 0, 0, 1, 1, 1, 0, 0, 0, 0], bool)
    )
    assert (table.tp, table.fn, table.fp, table.tn) == (1, 2, 3, 4)


def test_nothing_over_nothing_is_zero_without_a_warning():
    empty = Confusion(tp=0, fp=0, fn=0, tn=0)
    nobody_flagged = Confusion(tp=0, fp=0, fn=5, tn=95)
    for name in metric_names("decision", compared=False):
        assert getattr(empty, name) == 0
    for name in ("precision", "recall", "f1", "mcc", "g_mean"):
        assert getattr(nobody_flagged, name) == 0
    assert nobody_flagged.accuracy == 0.95
    assert ratio([1, 2], [0, 4]).tolist() == [0, 0.5]


def test_mcc_of_billions_of_whole_numbers_does_not_overflow():
    table = Confusion(tp=np.array([10**9]), fp=10**9, fn=10**9, tn=10**9 * 3)
    # Divided by 1e9: (1 * 3 - 1 * 1) / sqrt(2 * 2 * 4 * 4) = 1/4.
    assert table.mcc == pytest.approx(0.25, rel=1e-15)


@given(labelled_scores())
@settings(deadline=None, max_examples=100)
def test_ranking_equals_scikit_learn_with_ties_and_weights(case):
    y, score, weights = case
    ranking = Ranking(y, score)
    drawn = ranking.drawn(np.stack([np.ones(len(y)), weights, weights + 1]), RANKED)
    ours = dict(zip(RANKED, drawn.T, strict=True))
    for i, w in enumerate((np.ones(len(y)), weights, weights + 1)):
        if not (w[y].any() and w[~y].any()):
            assert np.isnan(ours["average_precision"][i])
            assert np.isnan(ours["roc_auc"][i])
            continue
        used = w > 0
        ap = sk.average_precision_score(y[used], score[used], sample_weight=w[used])
        auc = sk.roc_auc_score(y[used], score[used], sample_weight=w[used])
        assert ours["average_precision"][i] == pytest.approx(ap, abs=1e-12)
        assert ours["roc_auc"][i] == pytest.approx(auc, abs=1e-12)


@pytest.mark.parametrize("levels", [None, 4, 20])
def test_ranking_equals_loops_over_pairs_and_thresholds(levels):
    y, score = both_classes(60, 5, levels)
    pairs = [(a > b) + (a == b) / 2 for a in score[y] for b in score[~y]]
    # Average precision is the mean, over positives, of precision among all rows that score at least as high.
    precisions = [np.mean(y[score >= a]) for a in score[y]]
    assert Ranking(y, score).roc_auc() == pytest.approx(np.mean(pairs), abs=1e-12)
    assert Ranking(y, score).average_precision() == pytest.approx(np.mean(precisions), abs=1e-12)


def test_ranking_of_many_draws_equals_each_draw_repeated():
    y, score = both_classes(3000, 7, levels=400)
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 3000, (400, 3000))
    counts = np.stack([np.bincount(r, minlength=3000) for r in rows]).astype(float)
    ap, auc = Ranking(y, score).drawn(counts, RANKED).T
    assert ap.shape == auc.shape == (400,)
    for i in (0, 173, 174, 399):
        assert ap[i] == pytest.approx(sk.average_precision_score(y[rows[i]], score[rows[i]]), abs=1e-12)
        assert auc[i] == pytest.approx(sk.roc_auc_score(y[rows[i]], score[rows[i]]), abs=1e-12)


def test_ranking_takes_fractional_weights():
    y, score = both_classes(200, 2, levels=30)
    w = np.random.default_rng(1).random(200)
    expected = sk.average_precision_score(y, score, sample_weight=w)
    found = Ranking(y, score).drawn(w[None], {"ap": binary.average_precision})
    assert found == pytest.approx(np.array([[expected]]), abs=1e-12)


def test_constant_and_perfect_and_reversed_scores():
    y = np.array([True] * 3 + [False] * 7)
    assert Ranking(y, np.ones(10)).average_precision() == pytest.approx(0.3)
    assert Ranking(y, np.ones(10)).roc_auc() == 0.5
    assert Ranking(y, y * 1.0).average_precision() == 1
    assert Ranking(y, y * 1.0).roc_auc() == 1
    assert Ranking(y, ~y * 1.0).roc_auc() == 0


@pytest.mark.parametrize("label", [True, False])
def test_ranking_of_one_class_is_nan(label):
    ranking = Ranking(np.full(4, label), np.arange(4.0))
    for name in metric_names("ranking"):
        assert np.isnan(getattr(ranking, name)())
    assert np.isnan(ranking.drawn(np.ones((2, 4)), RANKED)).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(bad):
    with pytest.raises(ModelError, match="1 of 3 scores are missing or infinite"):
        Ranking(np.array([True, False, True]), np.array([0.1, bad, 0.2]))


@pytest.mark.parametrize(("n", "positives"), [(1, 1), (4, 1), (6, 2), (7, 3), (8, 8), (9, 4)])
def test_a_random_order_scores_the_mean_over_all_orders(n, positives):
    found = []
    for positions in combinations(range(n), positives):  # of the positives, from the highest score on
        found.append(np.mean([(hit + 1) / (place + 1) for hit, place in enumerate(positions)]))
    assert chance_average_precision(n, positives) == pytest.approx(np.mean(found), abs=1e-12)


def test_a_random_order_scores_the_mean_over_shuffled_labels():
    rng, y = np.random.default_rng(0), np.arange(120) < 6
    shuffled = [sk.average_precision_score(rng.permutation(y), np.arange(120.0)) for _ in range(600)]
    within = 4 * np.std(shuffled) / np.sqrt(len(shuffled))
    assert chance_average_precision(120, 6) == pytest.approx(np.mean(shuffled), abs=within)
    assert chance_average_precision(120, 6) - 6 / 120 > within  # far above the prevalence


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_probability_losses_average_to_scikit_learns(kind):
    y, score = both_classes(200, 4)
    p = (1 / (1 + np.exp(-score))).astype(kind)
    p[:4] = [0, 1, 1, 0]
    w = np.random.default_rng(0).random(200)
    losses = probability_losses(y, p)
    assert list(losses) == metric_names("probability")
    assert np.average(losses["brier"], weights=w) == pytest.approx(
        sk.brier_score_loss(y, p, sample_weight=w), 1e-6
    )
    assert np.average(losses["log_loss"], weights=w) == pytest.approx(
        sk.log_loss(y, p, sample_weight=w), 1e-6
    )
    assert losses["mean_probability"].tolist() == p.tolist()


def test_log_loss_clips_at_the_precision_of_the_type():
    y = np.array([True])
    for p, eps in (
        (np.zeros(1), 2.0**-52),
        (np.zeros(1, np.float32), 2.0**-23),
        (np.zeros(1, int), 2.0**-52),
    ):
        assert probability_losses(y, p)["log_loss"][0] == pytest.approx(-np.log(eps), rel=1e-12)


def test_missing_probabilities_stay_missing():
    losses = probability_losses(np.array([True, False]), np.array([np.nan, 0.5]))
    for each in losses.values():
        assert np.isnan(each).tolist() == [True, False]


def test_no_metric_warns_on_arrays_with_empty_cells():
    table = Confusion(tp=np.zeros(3), fp=np.array([0, 1, 0]), fn=np.zeros(3), tn=np.array([0, 0, 1]))
    values = {name: getattr(table, name).tolist() for name in metric_names("decision")}
    assert values["accuracy"] == [0, 0, 1]
    assert values["balanced_accuracy"] == [0, 0, 0.5]
