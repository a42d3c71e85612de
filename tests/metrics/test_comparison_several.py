"""Figures of several classes against libraries and plain loops."""

from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics as sk
from imblearn.metrics import geometric_mean_score
from scipy import stats

from imbalance_accessor.metrics import comparison
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.comparison import LabelledScores
from imbalance_accessor.metrics.figures import ClassScores
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.measure import measure
from imbalance_accessor.metrics.weights import Weights

pytestmark = pytest.mark.filterwarnings("error")

LABELS = ("a", "b", "c")
N_DRAWS = 30


def judge_both(strategies, *, groups=None, oof_groups=None, **options):
    """Judge strategies on draws of the test rows, and compare them on draws of the rows out of fold."""
    one = next(iter(strategies.values()))
    seen = one.fold >= 0
    inside = None if oof_groups is None else oof_groups[seen]
    out_of_fold = Resamples(one.y_oof[seen], groups=inside, **options)
    return comparison.compare(strategies, Resamples(one.y, groups=groups, **options), out_of_fold)


def judge(strategies, **options):
    return judge_both(strategies, **options)[0]


def one_strategy(seed=0, n_test=90, n_train=150, is_probability=True, sharp=1.5):
    rng = np.random.default_rng(seed)
    y, y_oof = (rng.choice(3, n, p=[0.7, 0.2, 0.1]) for n in (n_test, n_train))
    fold = np.arange(n_train) % 3
    y[:6], y_oof[:18], fold[:18] = [0, 1, 2] * 2, np.arange(18) % 3, np.arange(18) // 6

    def scores(labels):
        raw = rng.normal(size=(len(labels), 3)) + sharp * np.eye(3)[labels] + [1, 0, 0]
        return np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True) if is_probability else raw

    return LabelledScores(y, scores(y), y_oof, scores(y_oof), fold, is_probability, labels=LABELS)


def per_class(figure, y, score):
    return np.mean([figure(y == c, score[:, c]) for c in range(3)])


def ranked(y, score):
    return {
        "average_precision": per_class(sk.average_precision_score, y, score),
        "roc_auc": per_class(sk.roc_auc_score, y, score),
    }


def decided(y, score):
    said = score.argmax(axis=1)
    macro = {"average": "macro", "zero_division": 0}
    each = {"average": None, "labels": range(3), "zero_division": 0}
    of_class = {"recall": sk.recall_score(y, said, **each), "precision": sk.precision_score(y, said, **each)}
    return {
        "precision": sk.precision_score(y, said, **macro),
        "recall": sk.recall_score(y, said, **macro),
        "f1": sk.f1_score(y, said, **macro),
        "mcc": sk.matthews_corrcoef(y, said),
        "balanced_accuracy": sk.balanced_accuracy_score(y, said),
        "g_mean": geometric_mean_score(y, said),
        "accuracy": sk.accuracy_score(y, said),
        **{
            f"{name}[{label}]": value
            for name, values in of_class.items()
            for label, value in zip(LABELS, values, strict=True)
        },
    }


def losses(y, score):
    return {
        "brier": np.mean(((score - np.eye(3)[y]) ** 2).sum(axis=1)),
        "log_loss": sk.log_loss(y, score, labels=range(3)),
    }


def test_points_equal_the_libraries():
    side = one_strategy()
    points = judge({"none": side}, n_draws=10)["none"].points
    wanted = ranked(side.y, side.score) | decided(side.y, side.score) | losses(side.y, side.score)
    assert points.keys() == wanted.keys()
    for metric, value in wanted.items():
        assert points[metric] == pytest.approx(value, abs=1e-12), metric


def test_roc_auc_is_the_one_vs_rest_macro_of_scikit_learn():
    side = one_strategy(seed=2)
    evaluated = judge({"none": side}, n_draws=10)["none"]
    wanted = sk.roc_auc_score(side.y, side.score, multi_class="ovr", average="macro")
    assert evaluated.points["roc_auc"] == pytest.approx(wanted, abs=1e-12)


def test_there_is_no_threshold():
    assert np.isnan(judge({"none": one_strategy()}, n_draws=10)["none"].threshold)


def ranks_by_class(score, fold):
    """Each class's scores, as their places among those of their fold."""
    ranks = np.empty(score.shape)
    for f in np.unique(fold):
        for c in range(3):
            ranks[fold == f, c] = stats.rankdata(score[fold == f, c]) / (fold == f).sum()
    return ranks


def weighted_by_rows_of_the_class(figure, y, score, fold):
    """Each class against the rest within folds, which weigh as their rows of the class do; then the mean over classes."""
    by_class = []
    for c in range(3):
        found, weights = [], []
        for f in np.unique(fold):
            there = y[fold == f] == c
            if 0 < there.sum() < len(there):
                found.append(figure(there, score[fold == f, c]))
                weights.append(there.sum())
        by_class.append(np.average(found, weights=weights))
    return np.mean(by_class)


def test_out_of_fold_ranks_of_stratified_folds_are_pooled_and_so_is_the_rest():
    side = one_strategy(seed=4)
    cv = judge({"none": side}, n_draws=10)["none"].cv
    wanted = ranked(side.y_oof, ranks_by_class(side.score_oof, side.fold))
    wanted |= decided(side.y_oof, side.score_oof) | losses(side.y_oof, side.score_oof)
    for metric, value in wanted.items():
        assert cv[metric] == pytest.approx(value, abs=1e-12), metric


def test_out_of_fold_ranking_of_other_folds_is_their_mean_weighted_by_rows_of_each_class():
    side = replace(one_strategy(seed=4), stratified=False)
    cv = judge({"none": side}, n_draws=10)["none"].cv
    for metric, figure in (
        ("average_precision", sk.average_precision_score),
        ("roc_auc", sk.roc_auc_score),
    ):
        wanted = weighted_by_rows_of_the_class(figure, side.y_oof, side.score_oof, side.fold)
        assert cv[metric] == pytest.approx(wanted, abs=1e-12)
    assert cv["f1"] == pytest.approx(macro_f1(side.y_oof, side.score_oof), abs=1e-12)


def test_rows_that_no_fold_scores_count_nowhere():
    full = one_strategy(seed=6)
    scored = np.arange(len(full.fold)) % 4 != 0
    oof = np.where(scored[:, None], full.score_oof, np.nan)
    left = LabelledScores(
        full.y, full.score, full.y_oof, oof, np.where(scored, full.fold, -1), True, labels=LABELS
    )
    kept = LabelledScores(
        full.y,
        full.score,
        full.y_oof[scored],
        full.score_oof[scored],
        full.fold[scored],
        True,
        labels=LABELS,
    )
    assert judge({"none": left}, n_draws=5)["none"].cv == pytest.approx(
        judge({"none": kept}, n_draws=5)["none"].cv
    )


def plain_draws(y, n_draws, seed):
    rng = np.random.default_rng(seed)
    for _ in range(n_draws):
        rows = rng.integers(0, len(y), len(y))
        while len(np.unique(y[rows])) < 3:
            rows = rng.integers(0, len(y), len(y))
        yield rows


@pytest.mark.slow
def test_bootstrap_intervals_equal_a_plain_loop():
    side = one_strategy(seed=8, n_test=50)
    evaluated = judge({"none": side}, n_draws=N_DRAWS, seed=3)["none"]
    loop = [
        ranked(side.y[r], side.score[r])
        | decided(side.y[r], side.score[r])
        | losses(side.y[r], side.score[r])
        for r in plain_draws(side.y, N_DRAWS, 3)
    ]
    for metric in (
        "average_precision",
        "brier",
        "log_loss",
        "precision",
        "f1",
        "mcc",
    ):
        low, high = np.quantile([figures[metric] for figures in loop], [0.025, 0.975])
        point = evaluated.points[metric]
        assert evaluated.low[metric] == pytest.approx(min(low, point), abs=1e-12), metric
        assert evaluated.high[metric] == pytest.approx(max(high, point), abs=1e-12), metric
    # the mean recall is balanced accuracy by another name
    for end in (evaluated.low, evaluated.high):
        assert end["recall"] == end["balanced_accuracy"]
    # the mean area on logits, with a quarter of a row of each class
    areas, n = [figures["roc_auc"] for figures in loop], np.bincount(side.y)
    quarter, point = np.sqrt((1.0 / n**2).sum()) / 12, evaluated.points["roc_auc"]
    se = np.sqrt(np.var(areas, ddof=1) + quarter**2)
    half = 1.959964 * se / (point * (1 - point))
    ends = [1 / (1 + (1 - point) / point * np.exp(each)) for each in (half, -half)]
    assert (evaluated.low["roc_auc"], evaluated.high["roc_auc"]) == pytest.approx(ends, abs=1e-6)


def test_means_of_recalls_have_their_intervals_from_the_recalls():
    side = one_strategy(seed=10)
    evaluated = judge({"none": side}, n_draws=10)["none"]
    p, low, high = (
        np.array([ends[f"recall[{label}]"] for label in LABELS])
        for ends in (evaluated.points, evaluated.low, evaluated.high)
    )
    below, above = np.sqrt(((p - low) ** 2).sum()) / 3, np.sqrt(((high - p) ** 2).sum()) / 3
    found = evaluated.low["balanced_accuracy"], evaluated.high["balanced_accuracy"]
    assert found == pytest.approx((p.mean() - below, p.mean() + above))
    below, above = (np.exp(np.sqrt((np.log(p / end) ** 2).sum()) / 3) for end in (low, high))
    mean = np.prod(p) ** (1 / 3)
    assert (evaluated.low["g_mean"], evaluated.high["g_mean"]) == pytest.approx((mean / below, mean * above))


def test_each_class_recall_and_precision_and_the_accuracy_carry_wilson():
    side = one_strategy(seed=10)
    evaluated = judge({"none": side}, n_draws=10)["none"]
    said = side.score.argmax(axis=1)
    cases = {f"recall[{label}]": ((said == c) & (side.y == c), side.y == c) for c, label in enumerate(LABELS)}
    cases |= {
        f"precision[{label}]": ((said == c) & (side.y == c), said == c) for c, label in enumerate(LABELS)
    }
    cases["accuracy"] = said == side.y, np.ones(len(said), bool)
    for metric, (hits, of) in cases.items():
        ends = stats.binomtest(int(hits.sum()), int(of.sum())).proportion_ci(0.95, method="wilson")
        assert (evaluated.low[metric], evaluated.high[metric]) == pytest.approx(
            (ends.low, ends.high), abs=1e-9
        )


def test_scores_that_are_no_probabilities_have_no_losses():
    evaluated = judge({"none": one_strategy(is_probability=False)}, n_draws=10)["none"]
    for metric in ("brier", "log_loss"):
        assert np.isnan(evaluated.cv[metric])
        assert not {metric} & {*evaluated.points, *evaluated.low, *evaluated.high, *evaluated.samples}


def macro_f1(y, score):
    return sk.f1_score(y, score.argmax(axis=1), average="macro", zero_division=0)


def unseen_f1(y, said):
    """How far F1 moves by rows that are not here, each cell being a row of so much weight for scikit-learn."""
    of, told = np.divmod(np.arange(9), 3)
    table = np.bincount(3 * y + said, minlength=9).astype(float)
    f1 = sk.f1_score(of, told, sample_weight=table, average="macro")
    total = 0.0
    for c in range(3):
        most = (y == c).sum() * 1.959963984540054**2 / ((y == c).sum() + 1.959963984540054**2)
        changes = []
        for new in {0, 1, 2} - {c}:
            for source, to in ((3 * c + c, 3 * c + new), (3 * c + new, 3 * c + c)):
                moved, step = table.copy(), min(most, table[source])
                moved[source] -= step
                moved[to] += step
                changes.append(abs(sk.f1_score(of, told, sample_weight=moved, average="macro") - f1))
        total += max(changes) ** 2
    return total**0.5


@pytest.mark.slow
def test_groups_are_drawn_whole_and_widen_wilson():
    side = one_strategy(seed=14, n_test=60)
    groups = np.repeat(np.arange(12), 5)
    evaluated = judge({"none": side}, groups=groups, n_draws=N_DRAWS, seed=2)["none"]
    rng, rows = np.random.default_rng(2), []
    while len(rows) < N_DRAWS:
        drawn = np.concatenate([np.flatnonzero(groups == g) for g in rng.integers(0, 12, 12)])
        if len(np.unique(side.y[drawn])) == 3:
            rows.append(drawn)
    loop = [decided(side.y[r], side.score[r]) | ranked(side.y[r], side.score[r]) for r in rows]
    said = side.score.argmax(axis=1)
    for metric in ("average_precision", "f1", "mcc", "accuracy", "recall[c]"):
        low, high = np.quantile([figures[metric] for figures in loop], [0.025, 0.975])
        if metric in {"accuracy", "recall[c]"}:
            of = np.ones(60, bool) if metric == "accuracy" else side.y == 2
            hits = int((said == side.y)[of].sum())
            ends = stats.binomtest(hits, int(of.sum())).proportion_ci(0.95, method="wilson")
            low, high = min(low, ends.low), max(high, ends.high)
        point = evaluated.points[metric]
        assert evaluated.low[metric] == pytest.approx(min(low, point), abs=1e-9), metric
        assert evaluated.high[metric] == pytest.approx(max(high, point), abs=1e-9), metric


@pytest.mark.quick(1)
@pytest.mark.parametrize("metric", ["average_precision", "f1", "brier", "recall[b]"])
@pytest.mark.parametrize("stratified", [True, False])
def test_differences_are_of_the_rows_out_of_fold_and_paired(metric, stratified):
    fold = np.where(np.arange(150) % 11 == 10, -1, np.arange(150) % 3)
    fold[:18] = np.arange(18) // 6
    strategies = {}
    for name, sharp in (("none", 1.5), ("smote", 2.5), ("twin", 1.5)):
        side = one_strategy(seed=16, n_test=50, sharp=sharp)
        oof = np.where((fold < 0)[:, None], np.nan, side.score_oof)
        strategies[name] = replace(side, score_oof=oof, fold=fold, stratified=stratified)
    seen = fold >= 0
    y, inside = strategies["none"].y_oof[seen], fold[seen]

    def value(name, rows):
        labels, score, own = y[rows], strategies[name].score_oof[seen][rows], inside[rows]
        if metric == "f1":
            return macro_f1(labels, score)
        if metric == "brier":
            return losses(labels, score)["brier"]
        if metric == "recall[b]":
            return (score.argmax(axis=1) == 1)[labels == 1].mean()
        if not stratified:
            return weighted_by_rows_of_the_class(sk.average_precision_score, labels, score, own)
        ranks = ranks_by_class(strategies[name].score_oof[seen], inside)[rows]  # fixed before rows are drawn
        return ranked(labels, ranks)["average_precision"]

    evaluated, compared = judge_both(strategies, groups=np.arange(50) % 5, n_draws=N_DRAWS, seed=4)
    draws = list(plain_draws(y, N_DRAWS, 4))
    samples = np.array([value("smote", rows) - value("none", rows) for rows in draws])
    everything = np.arange(len(y))
    point = value("smote", everything) - value("none", everything)
    half = np.quantile(np.abs(samples - point) / samples.std(ddof=1), 0.95) * samples.std(ddof=1)
    twin = 0.0
    if metric == "f1":
        moves = [unseen_f1(y, strategies[name].score_oof[seen].argmax(axis=1)) for name in ("none", "smote")]
        half, twin = max(half, min(moves)), moves[0]  # a model that decides alike here need not elsewhere
    if metric == "average_precision":  # nor need one that ranks alike
        twin = 1.959963984540054**2 / (np.bincount(y).min() + 1.959963984540054**2)
    found = compared.differences(metric)
    assert found["smote"] == pytest.approx((point, point - half, point + half), abs=1e-10)
    assert found["twin"] == pytest.approx((0, -twin, twin), abs=1e-12)
    # five groups to test on have no intervals of their own
    assert np.isnan([evaluated["none"].low[metric], evaluated["none"].high[metric]]).all()


def average_precision_at(y, score, w):
    """By the definition, half a negative more above each positive where a negative stands for more than that."""
    more = max(w[~y].mean() - w[y].mean(), 0) / 2
    tp, fp = (np.array([w[of & (score >= level)].sum() for level in score[y]]) for of in (y, ~y))
    return np.average(tp / (tp + fp + more), weights=w[y])


def test_a_known_share_of_each_class_moves_the_figures():
    side, share = one_strategy(seed=18), np.array([0.9, 0.07, 0.03])
    factors = share / (np.bincount(side.y) / 90)
    weights = Weights(factors=factors)
    scores = ClassScores(side.y, side.score, True, LABELS, weights=weights)
    found = measure({"a": scores}, Resamples(side.y, weights=weights, n_draws=20))["a"]
    said, w = side.score.argmax(axis=1), factors[side.y]
    assert found.points["accuracy"] == pytest.approx(sk.accuracy_score(side.y, said, sample_weight=w))
    f1 = sk.f1_score(side.y, said, average="macro", sample_weight=w)
    assert found.points["f1"] == pytest.approx(f1)
    assert found.points["mcc"] == pytest.approx(sk.matthews_corrcoef(side.y, said, sample_weight=w))
    assert found.points["log_loss"] == pytest.approx(sk.log_loss(side.y, side.score, sample_weight=w))
    assert found.points["average_precision"] == pytest.approx(
        np.mean([average_precision_at(side.y == c, side.score[:, c], w) for c in range(3)])
    )
    counted = np.bincount(side.y)
    hits = np.bincount(side.y[said == side.y], minlength=3)
    assert (found.low["recall[b]"], found.high["recall[b]"]) == pytest.approx(wilson(hits[1], counted[1]))
    # of the rows predicted as a class its share in the sample has Wilson's, its odds are brought to the known shares
    others = (said == 1) & (side.y != 1)
    odds = factors[1] / factors[side.y[others]].mean()
    ends = [
        odds * end / (1 - end + odds * end)
        for end in wilson((said[side.y == 1] == 1).sum(), (said == 1).sum())
    ]
    assert (found.low["precision[b]"], found.high["precision[b]"]) == pytest.approx(ends)
    weighed = sk.precision_score(side.y, said, average=None, sample_weight=w)
    assert [found.points[f"precision[{label}]"] for label in LABELS] == pytest.approx(weighed.tolist())
    # the accuracy is the mean of the recalls by the shares that are known: errors add up as squares
    low, high = wilson(hits, counted)
    below, above = (np.linalg.norm(share * (hits / counted - end)) for end in (low, high))
    middle = share @ (hits / counted)
    assert (found.low["accuracy"], found.high["accuracy"]) == pytest.approx((middle - below, middle + above))
