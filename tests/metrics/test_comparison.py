"""Figures, intervals, out-of-fold figures and paired differences against libraries and plain loops."""

from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics as sk
from best_thresholds import loop_cut
from imblearn.metrics import geometric_mean_score
from scipy import stats

from imbalance_accessor.metrics.binary import ranks_within
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.comparison import LabelledScores, compare
from imbalance_accessor.metrics.measure import differences

pytestmark = pytest.mark.filterwarnings("error")

DECIDED = {
    "precision": lambda y, f: sk.precision_score(y, f, zero_division=0),
    "recall": sk.recall_score,
    "f1": lambda y, f: sk.f1_score(y, f, zero_division=0),
    "mcc": sk.matthews_corrcoef,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "g_mean": geometric_mean_score,
    "accuracy": sk.accuracy_score,
}
OF_CUTS = {"specificity": lambda y, f: sk.recall_score(~y, ~f), "flag_rate": lambda y, f: f.mean()}
RANKED = {"average_precision": sk.average_precision_score, "roc_auc": sk.roc_auc_score}
LOSSES = {"brier": sk.brier_score_loss, "log_loss": sk.log_loss, "mean_probability": lambda y, p: p.mean()}
SHARES = {"recall", "precision", "accuracy", "specificity", "flag_rate"}
#: What has its interval by another way, with tests of its own.
OTHERS = {"balanced_accuracy", "g_mean", "roc_auc"}
COUNTS = ("tp", "fp", "fn", "tn")
N_DRAWS = 60


def judge_both(sides, *, criterion="f1", groups=None, oof_groups=None, **options):
    """Judge strategies on draws of the test rows, and compare them on draws of the rows out of fold, as many as are wanted."""
    one = next(iter(sides.values()))
    seen = one.fold >= 0
    inside = None if oof_groups is None else oof_groups[seen]
    out_of_fold = Resamples(one.y_oof[seen], groups=inside, **options)
    return compare(sides, Resamples(one.y, groups=groups, **options), out_of_fold, criterion=criterion)


def judged_of(sides, **options):
    return judge_both(sides, **options)[0]


def compared_of(sides, **options):
    return judge_both(sides, **options)[1]


def decided(y, flagged):
    """The decision metrics from their definitions; a loop over scikit-learn's would take minutes."""
    tp, fp = float((y & flagged).sum()), float((~y & flagged).sum())
    return of_counts(tp, fp, float(y.sum()) - tp, float((~y).sum()) - fp)


def of_counts(tp, fp, fn, tn):
    recall, specificity = tp / max(tp + fn, 1), tn / max(tn + fp, 1)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return {
        "precision": tp / max(tp + fp, 1),
        "recall": recall,
        "f1": 2 * tp / max(2 * tp + fp + fn, 1),
        "mcc": (tp * tn - fp * fn) / product**0.5 if product else 0.0,
        "balanced_accuracy": (recall + specificity) / 2,
        "g_mean": (recall * specificity) ** 0.5,
        "accuracy": (tp + tn) / (tp + fp + fn + tn),
        "specificity": specificity,
        "flag_rate": (tp + fp) / (tp + fp + fn + tn),
    }


def probabilities(rng, y, noise):
    return 1 / (1 + np.exp(2.2 - 2 * y - noise * rng.normal(size=len(y))))


def two_strategies(seed=0, n_test=70, n_train=120, digits=None, is_probability=True):
    """Two strategies' scores on the same rows; rounded scores tie."""
    rng = np.random.default_rng(seed)
    y, y_oof = rng.random(n_test) < 0.2, rng.random(n_train) < 0.2
    fold = rng.permutation(np.arange(n_train) % 4)
    y[:3], y_oof[:12], fold[:12] = [1, 1, 0], [1, 0] * 6, np.arange(12) % 4
    found = {}
    for name, noise in (("none", 1.0), ("smote", 2.0)):
        score, oof = probabilities(rng, y, noise), probabilities(rng, y_oof, noise)
        if digits is not None:
            score, oof = score.round(digits), oof.round(digits)
        if not is_probability:
            score, oof = score * 4 - 2, oof * 4 - 2
        found[name] = LabelledScores(y, score, y_oof, oof, fold, is_probability)
    return found


def plain_draws(y, n_draws=N_DRAWS, seed=0, groups=None):
    """Draw rows, or whole groups of rows, until both classes are there; yields row positions."""
    rng = np.random.default_rng(seed)
    members = [[i] for i in range(len(y))]
    if groups is not None:
        members = [np.flatnonzero(groups == g).tolist() for g in np.unique(groups)]
    for _ in range(n_draws):
        while True:
            rows = [row for unit in rng.integers(0, len(members), len(members)) for row in members[unit]]
            if 0 < y[rows].sum() < len(rows):
                break
        yield np.array(rows)


def all_figures(y, score, threshold):
    found = {name: f(y, score) for name, f in (RANKED | LOSSES).items()}
    found["brier_skill"] = 1 - found["brier"] / (y.mean() * (1 - y.mean()))
    found |= decided(y, score >= 0.5)
    return found | {f"{name}_tuned": value for name, value in decided(y, score >= threshold).items()}


@pytest.mark.parametrize("threshold", [np.inf, 0.9, 0.3, 0.0])
def test_definitions_equal_the_libraries(threshold):
    side = two_strategies()["none"]
    for name, value in decided(side.y, side.score >= threshold).items():
        assert value == pytest.approx(
            (DECIDED | OF_CUTS)[name](side.y, side.score >= threshold), abs=1e-12
        ), name


@pytest.mark.parametrize("digits", [None, 1])
def test_points_equal_the_libraries(digits):
    sides = two_strategies(digits=digits)
    for name, evaluated in judged_of(sides, n_draws=20).items():
        y, score = sides[name].y, sides[name].score
        for metric, value in all_figures(y, score, evaluated.threshold).items():
            assert evaluated.points[metric] == pytest.approx(value, abs=1e-12), metric


@pytest.mark.parametrize("criterion", ["f1", "mcc", "balanced_accuracy", "g_mean", "accuracy"])
@pytest.mark.parametrize("digits", [None, 1])
def test_own_threshold_is_tuned_out_of_fold_and_never_looks_at_test(criterion, digits):
    sides = two_strategies(seed=3, digits=digits)
    for name, evaluated in judged_of(sides, criterion=criterion, n_draws=5).items():
        side = sides[name]
        assert evaluated.threshold == loop_cut(side.y_oof, side.score_oof, criterion)


def test_counts_are_those_of_flagged_rows():
    sides = two_strategies(seed=1)
    evaluated = judged_of(sides, n_draws=5)["none"]
    side = sides["none"]
    for suffix, threshold in (("", 0.5), ("_tuned", evaluated.threshold)):
        tn, fp, fn, tp = sk.confusion_matrix(side.y, side.score >= threshold).ravel()
        got = [evaluated.points[f"{count}{suffix}"] for count in ("tn", "fp", "fn", "tp")]
        assert got == [tn, fp, fn, tp]


def ranked_by_hand(score, fold):
    """Replace each score by its place among its fold's, ties by the middle of their places, over the rows of the fold."""
    found = []
    for one, where in zip(score, fold, strict=True):
        others = [each for each, there in zip(score, fold, strict=True) if there == where]
        below, equal = sum(each < one for each in others), sum(each == one for each in others)
        found.append((below + (equal + 1) / 2) / len(others))
    return np.array(found)


@pytest.mark.parametrize("digits", [None, 1, 0])
def test_ranks_are_taken_within_folds_and_ties_share_their_middle(digits):
    rng = np.random.default_rng(1)
    score, fold = rng.normal(size=90), rng.choice([0, 1, 4, 7], 90, p=[0.4, 0.4, 0.19, 0.01])
    fold[0] = 7  # as good as alone
    score = score if digits is None else score.round(digits)
    found = ranks_within(score, fold)
    assert found == pytest.approx(ranked_by_hand(score, fold), abs=1e-15)
    for each in np.unique(fold):
        inside = fold == each
        assert (found[inside] == stats.rankdata(score[inside]) / inside.sum()).all()


def test_ranks_do_not_know_a_folds_scale():
    rng = np.random.default_rng(2)
    score, fold = rng.normal(size=60), np.arange(60) % 3
    moved = np.exp(score / 3) * np.array([1.0, 50.0, 0.01])[fold]
    assert (ranks_within(moved, fold) == ranks_within(score, fold)).all()


@pytest.mark.parametrize("digits", [None, 1])
def test_out_of_fold_ranks_of_stratified_folds_are_pooled_and_so_is_the_rest(digits):
    sides = two_strategies(seed=5, digits=digits)
    for name, evaluated in judged_of(sides, n_draws=5).items():
        side = sides[name]
        rank = ranked_by_hand(side.score_oof, side.fold)
        for metric, figure in RANKED.items():
            assert evaluated.cv[metric] == pytest.approx(figure(side.y_oof, rank), abs=1e-12)
        for metric, figure in LOSSES.items():
            assert evaluated.cv[metric] == pytest.approx(figure(side.y_oof, side.score_oof), abs=1e-12)
        for metric, figure in DECIDED.items():
            assert evaluated.cv[metric] == pytest.approx(figure(side.y_oof, side.score_oof >= 0.5), abs=1e-12)


def test_out_of_fold_ranking_of_other_folds_is_their_mean_weighted_by_positives():
    sides = {name: replace(each, stratified=False) for name, each in two_strategies(seed=5).items()}
    for name, evaluated in judged_of(sides, n_draws=5).items():
        side = sides[name]
        counts = {side.y_oof[side.fold == f].sum() for f in range(4)}
        assert len(counts) > 1  # else the weights would not matter
        for metric, figure in RANKED.items():
            wanted = folds_weighted(figure, side.y_oof, side.score_oof, side.fold)
            assert evaluated.cv[metric] == pytest.approx(wanted, abs=1e-12)
        assert evaluated.cv["brier"] == pytest.approx(np.mean((side.y_oof - side.score_oof) ** 2), abs=1e-12)


def test_a_fold_of_one_class_has_no_say_in_the_mean_over_folds():
    side = replace(two_strategies(seed=6)["none"], stratified=False)
    y = side.y_oof & (side.fold != 2)
    alone = judged_of({"none": replace(side, y_oof=y)}, n_draws=5)["none"]
    there = side.fold != 2
    for metric, figure in RANKED.items():
        wanted = folds_weighted(figure, y[there], side.score_oof[there], side.fold[there])
        assert alone.cv[metric] == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("criterion", ["f1", "g_mean"])
def test_tuned_figures_out_of_fold_never_judge_rows_that_chose_the_threshold(criterion):
    sides = two_strategies(seed=7)
    for name, evaluated in judged_of(sides, criterion=criterion, n_draws=5).items():
        side = sides[name]
        flags = np.zeros(len(side.y_oof), bool)
        for f in range(4):
            others = side.fold != f
            threshold = loop_cut(side.y_oof[others], side.score_oof[others], criterion)
            flags[~others] = side.score_oof[~others] >= threshold
        for metric, figure in DECIDED.items():
            assert evaluated.cv[f"{metric}_tuned"] == pytest.approx(figure(side.y_oof, flags), abs=1e-12)


def test_rows_that_no_fold_scores_count_nowhere():
    full = two_strategies(seed=9)["none"]
    scored = np.arange(len(full.fold)) % 5 != 0
    fold, oof = np.where(scored, full.fold, -1), np.where(scored, full.score_oof, np.nan)
    left = LabelledScores(full.y, full.score, full.y_oof, oof, fold, True)
    kept = LabelledScores(
        full.y, full.score, full.y_oof[scored], full.score_oof[scored], full.fold[scored], True
    )
    one, other = judged_of({"none": left}, n_draws=5)["none"], judged_of({"none": kept}, n_draws=5)["none"]
    assert one.threshold == other.threshold
    assert one.cv == other.cv


def test_bootstrap_intervals_equal_a_plain_loop_of_the_same_seed():
    sides = two_strategies(seed=11)
    evaluated = judged_of(sides, n_draws=N_DRAWS, seed=4)
    for name, each in evaluated.items():
        y, score = sides[name].y, sides[name].score
        loop = [all_figures(y[r], score[r], each.threshold) for r in plain_draws(y, seed=4)]
        for metric, point in each.points.items():
            if metric.removesuffix("_tuned") in COUNTS:
                assert metric not in each.low
                assert metric not in each.high
            elif metric.removesuffix("_tuned") not in SHARES | OTHERS:
                low, high = np.quantile([figures[metric] for figures in loop], [0.025, 0.975])
                assert each.low[metric] == pytest.approx(min(low, point), abs=1e-12), metric
                assert each.high[metric] == pytest.approx(max(high, point), abs=1e-12), metric


def test_shares_of_counted_rows_carry_wilson():
    sides = two_strategies(seed=13)
    evaluated = judged_of(sides, n_draws=20)["smote"]
    for suffix in ("", "_tuned"):
        tp, fp, fn, tn = (int(evaluated.points[f"{count}{suffix}"]) for count in ("tp", "fp", "fn", "tn"))
        for metric, hits, of in (
            ("recall", tp, tp + fn),
            ("precision", tp, tp + fp),
            ("accuracy", tp + tn, tp + fp + fn + tn),
        ):
            ends = stats.binomtest(hits, of).proportion_ci(0.95, method="wilson")
            got = evaluated.low[f"{metric}{suffix}"], evaluated.high[f"{metric}{suffix}"]
            assert got == pytest.approx((ends.low, ends.high), abs=1e-12)


def test_a_recall_of_nothing_still_has_an_interval():
    y = np.arange(100) < 22
    side = LabelledScores(y, np.full(100, 0.1), y, np.linspace(0, 0.4, 100), np.arange(100) % 5, True)
    evaluated = judged_of({"none": side}, n_draws=20)["none"]
    assert evaluated.points["recall"] == evaluated.low["recall"] == 0
    assert round(evaluated.high["recall"], 3) == 0.149
    assert (evaluated.low["precision"], evaluated.high["precision"]) == (0, 1)  # nothing was flagged


def test_groups_are_drawn_whole_and_widen_wilson():
    sides = two_strategies(seed=15, n_test=60)
    groups = np.repeat(np.arange(10), [1, 2, 3, 4, 5, 6, 7, 9, 11, 12])  # a draw has any number of rows
    evaluated = judged_of(sides, groups=groups, n_draws=N_DRAWS, seed=2)["none"]
    y, score = sides["none"].y, sides["none"].score
    loop = [all_figures(y[r], score[r], evaluated.threshold) for r in plain_draws(y, seed=2, groups=groups)]
    tp, fn = (int(evaluated.points[name]) for name in ("tp", "fn"))
    ends = stats.binomtest(tp, tp + fn).proportion_ci(0.95, method="wilson")
    for metric in ("average_precision", "f1_tuned", "brier", "log_loss", "mean_probability"):
        low, high = np.quantile([figures[metric] for figures in loop], [0.025, 0.975])
        assert (evaluated.low[metric], evaluated.high[metric]) == pytest.approx((low, high), abs=1e-12)
    low, high = np.quantile([figures["recall"] for figures in loop], [0.025, 0.975])
    assert evaluated.low["recall"] == pytest.approx(min(low, ends.low), abs=1e-12)
    assert evaluated.high["recall"] == pytest.approx(max(high, ends.high), abs=1e-12)


def test_draws_without_a_positive_are_drawn_again():
    rng = np.random.default_rng(0)
    y = np.zeros(30, bool)
    y[4] = True
    side = LabelledScores(y, rng.random(30), np.arange(40) % 4 == 0, rng.random(40), np.arange(40) % 5, True)
    evaluated = judged_of({"none": side}, n_draws=100, seed=6)["none"]
    loop = [sk.average_precision_score(y[r], side.score[r]) for r in plain_draws(y, 100, 6)]
    assert np.sort(evaluated.samples["average_precision"]) == pytest.approx(np.sort(loop), abs=1e-12)


def test_scores_that_are_no_probabilities_are_threshold_at_zero_and_have_no_losses():
    sides = two_strategies(seed=17, is_probability=False)
    evaluated = judged_of(sides, n_draws=20)["none"]
    side = sides["none"]
    assert evaluated.points["f1"] == pytest.approx(sk.f1_score(side.y, side.score >= 0), abs=1e-12)
    assert evaluated.cv["f1"] == pytest.approx(sk.f1_score(side.y_oof, side.score_oof >= 0), abs=1e-12)
    for metric in LOSSES:
        assert np.isnan(evaluated.cv[metric])
        assert not {metric, "brier_skill"} & {
            *evaluated.points,
            *evaluated.low,
            *evaluated.high,
            *evaluated.samples,
        }
    assert set(judged_of(two_strategies(seed=17), n_draws=20)["none"].points) == {
        *evaluated.points,
        *LOSSES,
        "brier_skill",
    }


def max_t_by_hand(points, samples, without=None, least=None):
    """Spread of each difference over the draws, then how many of them hold all differences in 95 % of draws.

    Of groups the spread is at least the jackknife's, and normal quantiles become those of Student's t.
    """
    spread = [np.sqrt(((s - s.mean()) ** 2).sum() / (len(s) - 1)) for s in samples]
    furthest = [
        max(abs(s[b] - p) / e for s, p, e in zip(samples, points, spread, strict=True))
        for b in range(len(samples[0]))
    ]
    times = np.quantile(furthest, 0.95)
    if without is not None:
        n = len(without[0])
        times = stats.t.ppf(stats.norm.cdf(times), n - 1)
        jackknife = [np.sqrt((n - 1) / n * ((w - w.mean()) ** 2).sum()) for w in without]
        spread = [max(e * np.sqrt(n / (n - 1)), j) for e, j in zip(spread, jackknife, strict=True)]
    halves = [max(times * e, floor) for e, floor in zip(spread, least or [0.0] * len(spread), strict=True)]
    return [(p, p - half, p + half) for p, half in zip(points, halves, strict=True)]


def unseen(metric, y, flagged):
    """How far a figure moves where the share 1.96² / (n + 1.96²) of a class, of none among n, is decided otherwise."""
    tp, fp = (y & flagged).sum(), (~y & flagged).sum()
    fn, tn = y.sum() - tp, (~y).sum() - fp
    k, m = (n * 1.959963984540054**2 / (n + 1.959963984540054**2) for n in (tp + fn, fp + tn))
    found, lost, alarms, calmed = min(k, fn), min(k, tp), min(m, tn), min(m, fp)
    moved = [(tp + found, fp, fn - found, tn), (tp - lost, fp, fn + lost, tn)]
    moved += [(tp, fp + alarms, fn, tn - alarms), (tp, fp - calmed, fn, tn + calmed)]
    name = metric.removesuffix("_tuned")
    changes = [abs(of_counts(*each)[name] - of_counts(tp, fp, fn, tn)[name]) for each in moved]
    return np.hypot(max(changes[:2]), max(changes[2:]))


def test_a_strategy_like_the_reference_differs_by_nothing_for_certain():
    sides = two_strategies(seed=21)
    compared = compared_of({**sides, "twin": sides["none"]}, n_draws=50)
    for metric in ("roc_auc", "brier", "f1_tuned"):
        assert compared.differences(metric)["twin"] == (0, 0, 0)


def test_differences_need_a_second_strategy_and_a_finite_metric():
    sides = two_strategies(seed=23)
    assert compared_of({"none": sides["none"]}, n_draws=10).differences("f1") == {}
    none = {name: replace(each, y=np.zeros(70, bool)) for name, each in sides.items()}
    evaluated = judged_of(none, n_draws=10)
    assert np.isnan(differences(evaluated, "average_precision")["smote"]).all()  # there is no positive
    assert np.isfinite(differences(evaluated, "brier")["smote"]).all()


# --- strategies are compared on the rows out of fold ---


def few_test_groups(kind, seed=25):
    """Three strategies; nine groups on the test set, 24 out of fold; some train rows are scored by no fold."""
    sides = two_strategies(seed=seed, digits=2)
    rng = np.random.default_rng(seed)
    fold = np.where(rng.random(120) < 0.1, -1, sides["none"].fold)
    fold[:12] = np.arange(12) % 4
    base = sides["none"]
    noisy = np.clip(base.score_oof + rng.normal(0, 0.2, 120), 0, 1)
    sides["class_weight"] = replace(base, score_oof=noisy)
    told = {"ordered": kind == "time", "stratified": kind == "rows"}
    sides = {
        name: replace(each, score_oof=np.where(fold < 0, np.nan, each.score_oof), fold=fold, **told)
        for name, each in sides.items()
    }
    return sides, rng.integers(0, 9, 70), rng.integers(0, 24, 120)


def crossed(side):
    """Flag each fold's rows at the threshold that the other folds chose, or in the order of time the earlier ones."""
    flags = np.zeros(len(side.fold), bool)
    for f in range(1 if side.ordered else 0, 4):
        choose = (side.fold < f) if side.ordered else (side.fold != f)
        choose &= side.fold >= 0
        threshold = loop_cut(side.y_oof[choose], side.score_oof[choose], "f1")
        flags[side.fold == f] = side.score_oof[side.fold == f] >= threshold
    return flags


def folds_weighted(figure, y, score, fold):
    found, weights = [], []
    for f in np.unique(fold):
        inside = fold == f
        if 0 < y[inside].sum() < inside.sum():
            found.append(figure(y[inside], score[inside]))
            weights.append(y[inside].sum())
    return np.average(found, weights=weights)


def flags_by_hand(side, metric):
    """What a decision figure counts as flagged: at the tuned threshold, or at 0.5."""
    return crossed(side) if metric.endswith("_tuned") else side.score_oof >= 0.5


def value_by_hand(side, metric, rows, flags):
    """A figure of some of the rows that folds scored, which may be drawn several times."""
    seen = side.fold >= 0
    y, score, fold = side.y_oof[seen][rows], side.score_oof[seen][rows], side.fold[seen][rows]
    if metric in RANKED:
        if not side.stratified:
            return folds_weighted(RANKED[metric], y, score, fold)
        # ranks are those of all rows: they stay what they are when rows are drawn
        return RANKED[metric](y, ranked_by_hand(side.score_oof[seen], side.fold[seen])[rows])
    if metric in LOSSES:
        return LOSSES[metric](y, score)
    flagged = flags[seen][rows]
    counted = fold > 0 if side.ordered else np.ones(len(rows), bool)  # nobody chose for the first in time
    return decided(y[counted], flagged[counted])[metric.removesuffix("_tuned")]


COMPARED = ["average_precision", "roc_auc", "brier", "log_loss", "f1", "f1_tuned", "recall_tuned"]


@pytest.mark.quick(3)
@pytest.mark.parametrize("kind", ["rows", "groups", "time"])
@pytest.mark.parametrize("metric", COMPARED)
def test_differences_are_of_the_rows_out_of_fold_paired_and_simultaneous(metric, kind):
    sides, test_groups, groups = few_test_groups(kind)
    drawn = groups if kind == "groups" else None
    evaluated, compared = judge_both(
        sides,
        groups=test_groups if kind == "groups" else None,
        oof_groups=drawn,
        n_draws=25,
        seed=8,
    )
    seen = sides["none"].fold >= 0
    y, drawn = sides["none"].y_oof[seen], None if drawn is None else drawn[seen]
    every, draws = np.arange(len(y)), list(plain_draws(y, 25, 8, drawn))
    flags = {name: flags_by_hand(side, metric) for name, side in sides.items()}
    values = {name: value_by_hand(side, metric, every, flags[name]) for name, side in sides.items()}
    for name, value in values.items():
        assert (
            compared.points_of(name)[metric] == evaluated[name].cv[metric] == pytest.approx(value, abs=1e-12)
        )
    others = ("smote", "class_weight")

    def beyond(drawn_rows):
        found = {
            name: np.array([value_by_hand(side, metric, r, flags[name]) for r in drawn_rows])
            for name, side in sides.items()
        }
        return [found[name] - found["none"] for name in others]

    left_out = None if drawn is None else beyond([every[drawn != each] for each in np.unique(drawn)])
    points = [values[name] - values["none"] for name in others]
    wanted = max_t_by_hand(points, beyond(draws), left_out, floors(sides, metric, others, flags))
    found = compared.differences(metric)
    assert tuple(found) == others
    for got, each in zip(found.values(), wanted, strict=True):
        assert got == pytest.approx(each, abs=1e-10)


def floors(sides, metric, others, flags):
    """How far rows that are not here may move the differences of a decision figure at least."""
    if metric in RANKED | LOSSES:
        return None
    moves = {}
    for name, side in sides.items():
        seen = side.fold >= 0
        counted = side.fold[seen] > 0 if side.ordered else np.ones(seen.sum(), bool)
        moves[name] = unseen(metric, side.y_oof[seen][counted], flags[name][seen][counted])
    return [min(moves[name], moves["none"]) for name in others]


@pytest.mark.parametrize("metric", ["average_precision", "brier", "recall_tuned"])
def test_too_few_test_groups_are_reported_without_intervals_and_compared_out_of_fold(metric):
    sides, test_groups, groups = few_test_groups("groups")
    evaluated, compared = judge_both(sides, groups=test_groups, oof_groups=groups, n_draws=10)
    for name, each in evaluated.items():
        reported = all_figures(sides[name].y, sides[name].score, each.threshold)[metric]
        assert each.points[metric] == pytest.approx(reported, abs=1e-12)
        assert np.isnan([each.low[metric], each.high[metric]]).all()
    assert np.isfinite(list(compared.differences(metric).values())).all()
    few = compared_of(sides, groups=test_groups, oof_groups=groups % 9, n_draws=10)
    for name, (point, *ends) in few.differences(metric).items():
        assert point == compared.differences(metric)[name][0]
        assert np.isnan(ends).all()


def test_in_the_order_of_time_the_first_folds_flags_do_not_count():
    sides, *_ = few_test_groups("time")
    side = sides["none"]
    later = side.fold > 0
    cv = judged_of({"none": side}, n_draws=5)["none"].cv
    for suffix in ("", "_tuned"):
        assert sum(cv[f"{count}{suffix}"] for count in COUNTS) == later.sum()
    assert cv["f1"] == pytest.approx(sk.f1_score(side.y_oof[later], side.score_oof[later] >= 0.5), abs=1e-12)
    other = replace(side, y_oof=np.where(side.fold == 0, ~side.y_oof, side.y_oof))
    changed = judged_of({"none": other}, n_draws=5)["none"].cv
    assert changed["recall"] == cv["recall"]
    assert changed["brier"] != cv["brier"]  # losses choose nothing: they are of all rows


def test_the_test_set_has_no_say_in_what_is_compared_and_chosen():
    sides = two_strategies(seed=29)
    rng = np.random.default_rng(0)
    order = rng.permutation(70)
    mixed = {name: replace(each, y=each.y[order], score=rng.random(70)) for name, each in sides.items()}
    (one, compared), (other, again) = judge_both(sides, n_draws=20), judge_both(mixed, n_draws=20)
    for name in sides:
        assert (one[name].threshold, one[name].cv) == (other[name].threshold, other[name].cv)
        assert one[name].points != other[name].points
    for metric in COMPARED:
        assert compared.differences(metric) == again.differences(metric)


def test_a_comparison_measures_one_kind_of_figures_alone():
    compared = compared_of(two_strategies(seed=31), n_draws=10)
    kinds = {"ranking": {*RANKED}, "probability": {*LOSSES, "brier_skill"}}
    for kind, names in kinds.items():
        assert {*compared.figures(kind)["smote"].points} == names
    assert not {*compared.figures("decision")["smote"].points} & (kinds["ranking"] | kinds["probability"])
    together = {
        name: value
        for kind in (*kinds, "decision")
        for name, value in compared.figures(kind)["none"].points.items()
    }
    assert together == compared.points_of("none")
