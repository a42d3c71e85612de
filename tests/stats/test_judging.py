"""Figures, intervals, out-of-fold figures and paired differences against libraries and plain loops."""

import numpy as np
import pytest
import sklearn.metrics as sk
from cuts import loop_cut
from imblearn.metrics import geometric_mean_score
from scipy import stats

from imbalance_accessor.stats.bootstrap import Resamples
from imbalance_accessor.stats.figures import differences
from imbalance_accessor.stats.judging import Sides, judge

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
COUNTS = ("tp", "fp", "fn", "tn")
N_DRAWS = 60


def judged_of(sides, *, criterion="f1", out_of_fold=None, **options):
    """Judge strategies on draws of the test rows, as many as are wanted."""
    y = next(iter(sides.values())).y
    return judge(sides, Resamples(y, **options), criterion=criterion, out_of_fold=out_of_fold)


def decided(y, flagged):
    """The decision metrics from their definitions; a loop over scikit-learn's would take minutes."""
    tp, fp = float((y & flagged).sum()), float((~y & flagged).sum())
    fn, tn = float(y.sum()) - tp, float((~y).sum()) - fp
    recall, specificity = tp / max(tp + fn, 1), tn / max(tn + fp, 1)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return {
        "precision": tp / max(tp + fp, 1),
        "recall": recall,
        "f1": 2 * tp / max(2 * tp + fp + fn, 1),
        "mcc": (tp * tn - fp * fn) / product**0.5 if product else 0.0,
        "balanced_accuracy": (recall + specificity) / 2,
        "g_mean": (recall * specificity) ** 0.5,
        "accuracy": (tp + tn) / len(y),
        "specificity": specificity,
        "flag_rate": (tp + fp) / len(y),
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
        found[name] = Sides(y, score, y_oof, oof, fold, is_probability)
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


def all_figures(y, score, cut):
    found = {name: f(y, score) for name, f in (RANKED | LOSSES).items()}
    found["brier_skill"] = 1 - found["brier"] / (y.mean() * (1 - y.mean()))
    found |= decided(y, score >= 0.5)
    return found | {f"{name}_tuned": value for name, value in decided(y, score >= cut).items()}


@pytest.mark.parametrize("cut", [np.inf, 0.9, 0.3, 0.0])
def test_definitions_equal_the_libraries(cut):
    side = two_strategies()["none"]
    for name, value in decided(side.y, side.score >= cut).items():
        assert value == pytest.approx((DECIDED | OF_CUTS)[name](side.y, side.score >= cut), abs=1e-12), name


@pytest.mark.parametrize("digits", [None, 1])
def test_points_equal_the_libraries(digits):
    sides = two_strategies(digits=digits)
    for name, judged in judged_of(sides, n_draws=20).items():
        y, score = sides[name].y, sides[name].score
        for metric, value in all_figures(y, score, judged.cut).items():
            assert judged.points[metric] == pytest.approx(value, abs=1e-12), metric


@pytest.mark.parametrize("criterion", ["f1", "mcc", "balanced_accuracy", "g_mean", "accuracy"])
@pytest.mark.parametrize("digits", [None, 1])
def test_own_cut_is_tuned_out_of_fold_and_never_looks_at_test(criterion, digits):
    sides = two_strategies(seed=3, digits=digits)
    for name, judged in judged_of(sides, criterion=criterion, n_draws=5).items():
        side = sides[name]
        assert judged.cut == loop_cut(side.y_oof, side.score_oof, criterion)


def test_counts_are_those_of_flagged_rows():
    sides = two_strategies(seed=1)
    judged = judged_of(sides, n_draws=5)["none"]
    side = sides["none"]
    for suffix, cut in (("", 0.5), ("_tuned", judged.cut)):
        tn, fp, fn, tp = sk.confusion_matrix(side.y, side.score >= cut).ravel()
        got = [judged.points[f"{count}{suffix}"] for count in ("tn", "fp", "fn", "tp")]
        assert got == [tn, fp, fn, tp]


def test_ranking_is_averaged_over_folds_and_the_rest_is_pooled():
    sides = two_strategies(seed=5)
    for name, judged in judged_of(sides, n_draws=5).items():
        side = sides[name]
        for metric, figure in RANKED.items():
            folds = [figure(side.y_oof[side.fold == f], side.score_oof[side.fold == f]) for f in range(4)]
            assert judged.cv[metric] == pytest.approx(np.mean(folds), abs=1e-12)
        for metric, figure in LOSSES.items():
            assert judged.cv[metric] == pytest.approx(figure(side.y_oof, side.score_oof), abs=1e-12)
        for metric, figure in DECIDED.items():
            assert judged.cv[metric] == pytest.approx(figure(side.y_oof, side.score_oof >= 0.5), abs=1e-12)


@pytest.mark.parametrize("criterion", ["f1", "g_mean"])
def test_tuned_figures_out_of_fold_never_judge_rows_that_chose_the_cut(criterion):
    sides = two_strategies(seed=7)
    for name, judged in judged_of(sides, criterion=criterion, n_draws=5).items():
        side = sides[name]
        flags = np.zeros(len(side.y_oof), bool)
        for f in range(4):
            others = side.fold != f
            cut = loop_cut(side.y_oof[others], side.score_oof[others], criterion)
            flags[~others] = side.score_oof[~others] >= cut
        for metric, figure in DECIDED.items():
            assert judged.cv[f"{metric}_tuned"] == pytest.approx(figure(side.y_oof, flags), abs=1e-12)


def test_rows_that_no_fold_scores_count_nowhere():
    full = two_strategies(seed=9)["none"]
    scored = np.arange(len(full.fold)) % 5 != 0
    fold, oof = np.where(scored, full.fold, -1), np.where(scored, full.score_oof, np.nan)
    left = Sides(full.y, full.score, full.y_oof, oof, fold, True)
    kept = Sides(full.y, full.score, full.y_oof[scored], full.score_oof[scored], full.fold[scored], True)
    one, other = judged_of({"none": left}, n_draws=5)["none"], judged_of({"none": kept}, n_draws=5)["none"]
    assert one.cut == other.cut
    assert one.cv == other.cv


def test_bootstrap_intervals_equal_a_plain_loop_of_the_same_seed():
    sides = two_strategies(seed=11)
    judged = judged_of(sides, n_draws=N_DRAWS, seed=4)
    for name, each in judged.items():
        y, score = sides[name].y, sides[name].score
        loop = [all_figures(y[r], score[r], each.cut) for r in plain_draws(y, seed=4)]
        for metric, point in each.points.items():
            if metric.removesuffix("_tuned") in COUNTS:
                assert metric not in each.low
                assert metric not in each.high
            elif metric.removesuffix("_tuned") not in SHARES:
                low, high = np.quantile([figures[metric] for figures in loop], [0.025, 0.975])
                assert each.low[metric] == pytest.approx(min(low, point), abs=1e-12), metric
                assert each.high[metric] == pytest.approx(max(high, point), abs=1e-12), metric


def test_shares_of_counted_rows_carry_wilson():
    sides = two_strategies(seed=13)
    judged = judged_of(sides, n_draws=20)["smote"]
    for suffix in ("", "_tuned"):
        tp, fp, fn, tn = (int(judged.points[f"{count}{suffix}"]) for count in ("tp", "fp", "fn", "tn"))
        for metric, hits, of in (
            ("recall", tp, tp + fn),
            ("precision", tp, tp + fp),
            ("accuracy", tp + tn, tp + fp + fn + tn),
        ):
            ends = stats.binomtest(hits, of).proportion_ci(0.95, method="wilson")
            got = judged.low[f"{metric}{suffix}"], judged.high[f"{metric}{suffix}"]
            assert got == pytest.approx((ends.low, ends.high), abs=1e-12)


def test_a_recall_of_nothing_still_has_an_interval():
    y = np.arange(100) < 22
    side = Sides(y, np.full(100, 0.1), y, np.linspace(0, 0.4, 100), np.arange(100) % 5, True)
    judged = judged_of({"none": side}, n_draws=20)["none"]
    assert judged.points["recall"] == judged.low["recall"] == 0
    assert round(judged.high["recall"], 3) == 0.149
    assert (judged.low["precision"], judged.high["precision"]) == (0, 1)  # nothing was flagged


def test_groups_are_drawn_whole_and_widen_wilson():
    sides = two_strategies(seed=15, n_test=60)
    groups = np.repeat(np.arange(10), [1, 2, 3, 4, 5, 6, 7, 9, 11, 12])  # a draw has any number of rows
    judged = judged_of(sides, groups=groups, n_draws=N_DRAWS, seed=2)["none"]
    y, score = sides["none"].y, sides["none"].score
    loop = [all_figures(y[r], score[r], judged.cut) for r in plain_draws(y, seed=2, groups=groups)]
    tp, fn = (int(judged.points[name]) for name in ("tp", "fn"))
    ends = stats.binomtest(tp, tp + fn).proportion_ci(0.95, method="wilson")
    for metric in ("average_precision", "f1_tuned", "brier", "log_loss", "mean_probability"):
        low, high = np.quantile([figures[metric] for figures in loop], [0.025, 0.975])
        assert (judged.low[metric], judged.high[metric]) == pytest.approx((low, high), abs=1e-12)
    low, high = np.quantile([figures["recall"] for figures in loop], [0.025, 0.975])
    assert judged.low["recall"] == pytest.approx(min(low, ends.low), abs=1e-12)
    assert judged.high["recall"] == pytest.approx(max(high, ends.high), abs=1e-12)


def test_draws_without_a_positive_are_drawn_again():
    rng = np.random.default_rng(0)
    y = np.zeros(30, bool)
    y[4] = True
    side = Sides(y, rng.random(30), np.arange(40) % 4 == 0, rng.random(40), np.arange(40) % 5, True)
    judged = judged_of({"none": side}, n_draws=100, seed=6)["none"]
    loop = [sk.average_precision_score(y[r], side.score[r]) for r in plain_draws(y, 100, 6)]
    assert np.sort(judged.samples["average_precision"]) == pytest.approx(np.sort(loop), abs=1e-12)


def test_scores_that_are_no_probabilities_are_cut_at_zero_and_have_no_losses():
    sides = two_strategies(seed=17, is_probability=False)
    judged = judged_of(sides, n_draws=20)["none"]
    side = sides["none"]
    assert judged.points["f1"] == pytest.approx(sk.f1_score(side.y, side.score >= 0), abs=1e-12)
    assert judged.cv["f1"] == pytest.approx(sk.f1_score(side.y_oof, side.score_oof >= 0), abs=1e-12)
    for metric in LOSSES:
        assert np.isnan(judged.cv[metric])
        assert not {metric, "brier_skill"} & {*judged.points, *judged.low, *judged.high, *judged.samples}
    assert set(judged_of(two_strategies(seed=17), n_draws=20)["none"].points) == {
        *judged.points,
        *LOSSES,
        "brier_skill",
    }


def max_t_by_hand(points, samples):
    """Spread of each difference over the draws, then how many of them hold all differences in 95 % of draws."""
    spread = [np.sqrt(((s - s.mean()) ** 2).sum() / (len(s) - 1)) for s in samples]
    furthest = [
        max(abs(s[b] - p) / e for s, p, e in zip(samples, points, spread, strict=True))
        for b in range(len(samples[0]))
    ]
    times = np.quantile(furthest, 0.95)
    return [(p, p - times * e, p + times * e) for p, e in zip(points, spread, strict=True)]


@pytest.mark.quick(2)
@pytest.mark.parametrize("metric", ["average_precision", "f1_tuned", "recall", "brier"])
def test_differences_are_simultaneous_and_paired(metric):
    rng = np.random.default_rng(0)
    sides = two_strategies(seed=19)
    base = sides["none"]
    sides["class_weight"] = Sides(
        base.y,
        np.clip(base.score + rng.normal(0, 0.2, len(base.y)), 0, 1),
        base.y_oof,
        base.score_oof,
        base.fold,
        True,
    )
    judged = judged_of(sides, n_draws=N_DRAWS, seed=8)
    rows = list(plain_draws(base.y, seed=8))

    def value(name, r):
        y, score = sides[name].y[r], sides[name].score[r]
        if metric in LOSSES | RANKED:
            return (LOSSES | RANKED)[metric](y, score)
        cut = judged[name].cut if metric.endswith("_tuned") else 0.5
        return decided(y, score >= cut)[metric.removesuffix("_tuned")]

    names, everything = ("smote", "class_weight"), np.arange(len(base.y))
    points = [value(name, everything) - value("none", everything) for name in names]
    samples = [np.array([value(name, r) - value("none", r) for r in rows]) for name in names]
    found = differences(judged, metric)
    assert list(found) == list(names)
    for got, wanted in zip(found.values(), max_t_by_hand(points, samples), strict=True):
        assert got == pytest.approx(wanted, abs=1e-10)


def test_a_strategy_like_the_reference_differs_by_nothing_for_certain():
    sides = two_strategies(seed=21)
    judged = judged_of({**sides, "twin": sides["none"]}, n_draws=50)
    assert differences(judged, "roc_auc")["twin"] == (0, 0, 0)


def test_differences_need_a_second_strategy_and_a_finite_metric():
    sides = two_strategies(seed=23)
    sides = {
        name: Sides(np.zeros(70, bool), each.score, each.y_oof, each.score_oof, each.fold, True)
        for name, each in sides.items()
    }
    judged = judged_of(sides, n_draws=10)
    assert differences({"none": judged["none"]}, "f1") == {}
    assert np.isnan(differences(judged, "average_precision")["smote"]).all()  # there is no positive
    assert np.isfinite(differences(judged, "brier")["smote"]).all()


# --- strategies that are compared on the rows out of fold ---


def few_test_groups(seed=25, ordered=False):
    """Nine groups on the test part, 24 out of fold; some train rows are scored by no fold."""
    sides = two_strategies(seed=seed, digits=2)
    rng = np.random.default_rng(seed)
    fold = np.where(rng.random(120) < 0.1, -1, sides["none"].fold)
    fold[:12] = np.arange(12) % 4
    sides = {
        name: Sides(
            each.y, each.score, each.y_oof, np.where(fold < 0, np.nan, each.score_oof), fold, True, ordered
        )
        for name, each in sides.items()
    }
    return sides, rng.integers(0, 9, 70), rng.integers(0, 24, 120)


def crossed(side):
    """Flag each fold's rows at the cut that the other folds chose, or in the order of time the earlier ones."""
    flags = np.zeros(len(side.fold), bool)
    for f in range(1 if side.ordered else 0, 4):
        choose = (side.fold < f) if side.ordered else (side.fold != f)
        choose &= side.fold >= 0
        cut = loop_cut(side.y_oof[choose], side.score_oof[choose], "f1")
        flags[side.fold == f] = side.score_oof[side.fold == f] >= cut
    return flags


def folds_weighted(figure, y, score, fold):
    found, weights = [], []
    for f in np.unique(fold):
        inside = fold == f
        if 0 < y[inside].sum() < inside.sum():
            found.append(figure(y[inside], score[inside]))
            weights.append(y[inside].sum())
    return np.average(found, weights=weights)


@pytest.mark.quick(1)
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize(
    "metric", ["average_precision", "roc_auc", "brier", "log_loss", "f1", "f1_tuned", "recall_tuned"]
)
def test_too_few_test_groups_leave_differences_of_the_rows_out_of_fold(metric, ordered):
    sides, test_groups, groups = few_test_groups(ordered=ordered)
    seen = sides["none"].fold >= 0
    y, fold, groups = sides["none"].y_oof[seen], sides["none"].fold[seen], groups[seen]
    judged = judged_of(sides, groups=test_groups, out_of_fold=Resamples(y, groups=groups, n_draws=20, seed=8))
    flags = {name: crossed(side)[seen] for name, side in sides.items()}

    def value(name, rows):
        score = sides[name].score_oof[seen][rows]
        if metric in RANKED:
            return folds_weighted(RANKED[metric], y[rows], score, fold[rows])
        if metric in LOSSES:
            return LOSSES[metric](y[rows], score)
        flagged = flags[name][rows] if metric.endswith("_tuned") else score >= 0.5
        return decided(y[rows], flagged)[metric.removesuffix("_tuned")]

    rows, everything = list(plain_draws(y, 20, seed=8, groups=groups)), np.arange(len(y))
    point = value("smote", everything) - value("none", everything)
    sample = np.array([value("smote", r) - value("none", r) for r in rows])
    compared = {name: each.compared for name, each in judged.items()}
    (wanted,) = max_t_by_hand([point], [sample])
    assert differences(compared, metric)["smote"] == pytest.approx(wanted, abs=1e-10)
    # the figures that are reported are those of the test part, without intervals
    for name, each in judged.items():
        reported = all_figures(sides[name].y, sides[name].score, each.cut)[metric]
        assert each.points[metric] == pytest.approx(reported, abs=1e-12)
        assert np.isnan([each.low[metric], each.high[metric]]).all()
    assert np.isnan(differences(judged, metric)["smote"][1:]).all()


def test_strategies_are_compared_on_the_test_part_unless_it_is_told_otherwise():
    judged = judged_of(two_strategies(seed=27), n_draws=20)
    for each in judged.values():
        assert each.compared.points == each.points
        assert each.compared.samples is each.samples


def test_what_is_compared_out_of_fold_changes_nothing_that_is_reported():
    sides, test_groups, groups = few_test_groups()
    seen = sides["none"].fold >= 0
    out_of_fold = Resamples(sides["none"].y_oof[seen], groups=groups[seen], n_draws=10)
    plain, other = (
        judged_of(sides, groups=test_groups),
        judged_of(sides, groups=test_groups, out_of_fold=out_of_fold),
    )
    for name in sides:
        assert (plain[name].points, plain[name].cv, plain[name].cut) == (
            other[name].points,
            other[name].cv,
            other[name].cut,
        )
        assert other[name].compared.points != other[name].points
        assert {len(each) for each in other[name].compared.samples.values()} == {10}
