"""What scores, flags and probabilities come to: against scikit-learn, scipy and plain loops, the same whoever asks."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from scipy.special import expit, logit
from scipy.stats import binomtest, norm

import imbalance_accessor as imb
from imbalance_accessor.metrics.binary import confusion
from imbalance_accessor.metrics.bootstrap import Resamples
from imbalance_accessor.metrics.comparison import LabelledScores, compare
from imbalance_accessor.metrics.costs import Costs
from imbalance_accessor.metrics.draw_intervals import max_t
from imbalance_accessor.metrics.figures import Scores, decision_figures
from imbalance_accessor.metrics.intervals import wilson
from imbalance_accessor.metrics.measure import COUNTS, Figures, differences, measure, points_of
from imbalance_accessor.metrics.registry import metric_names
from imbalance_accessor.metrics.weights import ONES, Weights

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

DECISION = metric_names("decision")
EVERY = metric_names("decision", compared=False)
PROBABILITY = (*metric_names("probability"), "brier_skill")
RANKING = metric_names("ranking")
SHARES = {
    "precision": lambda c: (c["tp"], c["tp"] + c["fp"]),
    "recall": lambda c: (c["tp"], c["tp"] + c["fn"]),
    "specificity": lambda c: (c["tn"], c["tn"] + c["fp"]),
    "flag_rate": lambda c: (c["tp"] + c["fp"], c["tp"] + c["fp"] + c["fn"] + c["tn"]),
    "accuracy": lambda c: (c["tp"] + c["tn"], c["tp"] + c["fp"] + c["fn"] + c["tn"]),
}


def skill(y, p, weights=None):
    share = np.average(y, weights=weights)
    return 1 - sk.brier_score_loss(y, p, sample_weight=weights) / (share * (1 - share))


EXACT = {
    "brier": lambda y, p, w=None: sk.brier_score_loss(y, p, sample_weight=w),
    "log_loss": lambda y, p, w=None: sk.log_loss(y, p, sample_weight=w),
    "mean_probability": lambda y, p, w=None: np.average(p, weights=w),
    "brier_skill": skill,
    "average_precision": lambda y, p, w=None: sk.average_precision_score(y, p, sample_weight=w),
    "roc_auc": lambda y, p, w=None: sk.roc_auc_score(y, p, sample_weight=w),
}


def some_rows(n=90, seed=0, share=0.3):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    score = np.clip(0.35 + 0.2 * y + 0.2 * rng.normal(size=n), 0, 1)
    flags = {"chosen": score >= 0.45, "default": score >= 0.6}
    return y, flags | {"closed_form": rng.random(n) < 0.4}  # not nested in the others


def probabilities(n, seed=0, *, shift=0.0, digits=None):
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.5, 1.3, n)
    p = expit(odds + shift)
    return rng.random(n) < expit(odds), p if digits is None else p.round(digits)


def of_flags(y, flags, resamples, **options):
    """Measure each way of flagging by itself."""
    return measure({name: Scores(y, flags={"": flag}, **options) for name, flag in flags.items()}, resamples)


def unique(y):
    return np.ones((1, len(y)))


def loop(y, n_draws, seed, groups=None):
    """Draw rows, or whole groups of them, one draw at a time, again while a class is missing."""
    rng, made = np.random.default_rng(seed), 0
    members = (
        [[i] for i in range(len(y))]
        if groups is None
        else [np.flatnonzero(groups == g) for g in np.unique(groups)]
    )
    while made < n_draws:
        rows = np.concatenate([members[each] for each in rng.integers(0, len(members), len(members))])
        if 0 < y[rows].sum() < len(rows):
            made += 1
            yield rows


# --- points ---


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("flagged", ["some", "nobody", "everyone"])
def test_points_of_flags_are_those_of_scikit_learn(seed, flagged):
    y, flags = some_rows(seed=seed)
    flag = {"some": flags["chosen"], "nobody": np.zeros(90, bool), "everyone": np.ones(90, bool)}[flagged]
    points = points_of(Scores(y, flags={"": flag}, beta=2.5), unique(y))
    tn, fp, fn, tp = sk.confusion_matrix(y, flag).ravel()
    assert [points[name] for name in ("tp", "fp", "fn", "tn")] == [tp, fp, fn, tn]
    recall, specificity = sk.recall_score(y, flag), sk.recall_score(~y, ~flag)
    expected = {
        "precision": sk.precision_score(y, flag, zero_division=0),
        "recall": recall,
        "f1": sk.f1_score(y, flag, zero_division=0),
        "mcc": sk.matthews_corrcoef(y, flag),
        "balanced_accuracy": sk.balanced_accuracy_score(y, flag),
        "g_mean": np.sqrt(recall * specificity),
        "accuracy": sk.accuracy_score(y, flag),
        "specificity": specificity,
        "flag_rate": flag.mean(),
        "fbeta": sk.fbeta_score(y, flag, beta=2.5, zero_division=0),
    }
    assert {name: points[name] for name in expected} == pytest.approx(expected, abs=1e-12)
    assert set(points) == {*COUNTS, *expected}


@pytest.mark.parametrize("digits", [None, 2, 1])
@pytest.mark.parametrize("n", [500, 10_000])
def test_points_of_probabilities_and_their_order_are_scikit_learns(digits, n):
    y, p = probabilities(n, shift=1.0, digits=digits)
    points = points_of(Scores(y, rank=p, p=p), unique(y))
    assert set(points) == set(EXACT)
    for name, of in EXACT.items():
        assert points[name] == pytest.approx(of(y, p), rel=0, abs=1e-12), name


def test_decision_figures_are_the_points_of_the_same_flags():
    y, flags = some_rows()
    points = points_of(Scores(y, flags={"_tuned": flags["chosen"]}), unique(y))
    found = decision_figures(confusion(y, flags["chosen"]), "_tuned")
    assert set(found) == {f"{name}_tuned" for name in (*DECISION, *COUNTS)}
    assert {name: points[name] for name in found} == found


def test_only_what_is_handed_in_is_measured():
    y, p = probabilities(80)
    resamples = Resamples(y, n_draws=5)
    found = measure(
        {
            "rank": Scores(y, rank=p),
            "p": Scores(y, p=p),
            "flags": Scores(y, flags={"": p > 0.3, "_tuned": p > 0.2}),
            "none": Scores(y),
        },
        resamples,
    )
    flagged = {*EVERY, *COUNTS}
    assert set(found["rank"].points) == set(RANKING)
    assert set(found["p"].points) == set(PROBABILITY)
    assert set(found["flags"].points) == flagged | {f"{name}_tuned" for name in flagged}
    assert found["none"].points == {}
    for each in found.values():
        assert set(each.samples) == set(each.points)
        # counts have no interval
        assert set(each.low) == set(each.high)
        assert set(each.low) == {name for name in each.points if name.removesuffix("_tuned") not in COUNTS}
        assert all(sample.shape == (5,) for sample in each.samples.values())


def test_probabilities_that_are_missing_are_nan_and_still_ranked():
    y, score = probabilities(200, seed=5)
    found = measure({"a": Scores(y, score * 8 - 4, np.full(200, np.nan))}, Resamples(y, n_draws=20))["a"]
    precision = sk.average_precision_score(y, score)
    assert found.points["average_precision"] == pytest.approx(precision, abs=1e-12)
    assert found.low["average_precision"] < precision < found.high["average_precision"]
    for name in PROBABILITY:
        assert np.isnan([found.points[name], found.low[name], found.high[name]]).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("label", [True, False])
def test_rows_of_one_class_have_losses_and_no_skill_nor_order(label):
    y, p = np.full(30, label), np.linspace(0.1, 0.9, 30)
    found = measure({"a": Scores(y, p, p, {"": p > 0.5})}, Resamples(y, n_draws=10))["a"]
    assert found.points["brier"] == pytest.approx(np.mean((p - label) ** 2))
    assert found.low["brier"] < found.points["brier"] < found.high["brier"]
    for name in ("brier_skill", *RANKING):
        assert np.isnan([found.points[name], found.low[name], found.high[name]]).all()


# --- intervals ---


def on_logits(auc, values, n, areas=1):
    """The interval of an area by the delta method on logits, from the draws' variance and a quarter of a row."""
    quarter = np.sqrt(sum(1 / each**2 for each in n)) / 4 / areas
    se = np.sqrt(np.var(values, ddof=1) + quarter**2)
    at = min(max(auc, quarter), 1 - quarter)
    half = norm.ppf(0.975) * se / (at * (1 - at))
    return min(expit(logit(at) - half), auc), max(expit(logit(at) + half), auc)


def test_shares_carry_wilsons_interval():
    y, flags = some_rows()
    for found in of_flags(y, flags, Resamples(y, n_draws=20)).values():
        for name, of in SHARES.items():
            hits, total = (int(count) for count in of(found.points))
            expected = binomtest(hits, total).proportion_ci(0.95, method="wilson")
            assert found.low[name] == pytest.approx(expected.low, abs=1e-12)
            assert found.high[name] == pytest.approx(expected.high, abs=1e-12)


def test_a_share_of_nothing_may_be_anything():
    y, _ = some_rows()
    found = of_flags(y, {"nobody": np.zeros(90, bool)}, Resamples(y, n_draws=20))["nobody"]
    assert (found.points["precision"], found.low["precision"], found.high["precision"]) == (0, 0, 1)
    assert found.low["recall"] == 0 < found.high["recall"] < 0.2


@pytest.mark.quick(1)
@pytest.mark.parametrize("grouped", [False, True])
def test_the_intervals_of_flags_are_those_of_a_plain_loop(grouped):
    y, flags = some_rows(n=70)
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 20, 70) if grouped else None
    costs = Costs(fp=2.0, fn=rng.integers(1, 40, 70).astype(float), tp=-1.5)
    resamples = Resamples(y, groups=groups, n_draws=60, seed=9)
    found = of_flags(y, flags, resamples, beta=2, costs=costs)
    for name, flag in flags.items():
        paid = [
            (-1.5 if positive else 2.0) if flagged else (amount if positive else 0.0)
            for positive, flagged, amount in zip(y, flag, costs.fn, strict=True)
        ]
        rows = list(loop(y, 60, 9, groups))
        samples = {
            "f1": [sk.f1_score(y[each], flag[each], zero_division=0) for each in rows],
            "fbeta": [sk.fbeta_score(y[each], flag[each], beta=2, zero_division=0) for each in rows],
            "mcc": [sk.matthews_corrcoef(y[each], flag[each]) for each in rows],
            "cost": [sum(paid[row] for row in each) for each in rows],
            "cost_per_row": [sum(paid[row] for row in each) / len(each) for each in rows],
            "recall": [sk.recall_score(y[each], flag[each]) for each in rows],
        }
        assert found[name].points["cost"] == pytest.approx(sum(paid))
        assert found[name].points["cost_per_row"] == pytest.approx(sum(paid) / 70)
        for metric, values in samples.items():
            assert found[name].samples[metric] == pytest.approx(np.array(values), abs=1e-9)
            low, high = np.quantile(values, [0.025, 0.975])
            if metric == "recall":
                interval = binomtest(int((y & flag).sum()), int(y.sum())).proportion_ci(method="wilson")
                low, high = (
                    (min(low, interval.low), max(high, interval.high))
                    if grouped
                    else (interval.low, interval.high)
                )
            assert found[name].low[metric] == pytest.approx(low, abs=1e-9)
            assert found[name].high[metric] == pytest.approx(high, abs=1e-9)


@pytest.mark.quick(1)
@pytest.mark.parametrize("grouped", [False, True])
def test_the_intervals_of_probabilities_are_those_of_a_plain_loop(grouped):
    y, p = probabilities(120, seed=1, digits=2)
    groups = np.arange(120) // 4 if grouped else None
    found = measure({"a": Scores(y, p, p)}, Resamples(y, groups=groups, n_draws=40, seed=3))["a"]
    rows = list(loop(y, 40, 3, groups))
    for name, of in EXACT.items():
        values = [of(y[each], p[each]) for each in rows]
        np.testing.assert_allclose(found.samples[name], values, rtol=0, atol=1e-11)
        low, high = np.quantile(values, [0.025, 0.975])
        point = found.points[name]
        wanted = min(low, point), max(high, point)
        if name == "roc_auc":
            units = np.arange(120) if groups is None else groups
            wanted = on_logits(point, values, [len(set(units[y == each])) for each in (False, True)])
        assert (found.low[name], found.high[name]) == pytest.approx(wanted, abs=1e-11)


def test_fewer_than_ten_groups_leave_points_and_no_interval():
    y, flags = some_rows()
    _, p = probabilities(90)
    few = Resamples(y, groups=np.arange(90) % 9, n_draws=50)
    found = measure({"a": Scores(y, p, p, {"": flags["chosen"]}, beta=2.0)}, few)["a"]
    assert found.points == points_of(Scores(y, p, p, {"": flags["chosen"]}, beta=2.0), unique(y))
    assert set(found.low) == set(found.high) == set(found.points) - set(COUNTS)
    assert np.isnan([*found.low.values(), *found.high.values()]).all()
    assert {len(each) for each in found.samples.values()} == {0}


def average_precision_at(y, score, factors):
    """By the definition: a positive after the other, half a negative more above each where one stands for many."""
    more, found = max(factors[0] - factors[1], 0) / 2, []
    for level in score[y]:
        tp, fp = factors[1] * (score[y] >= level).sum(), factors[0] * (score[~y] >= level).sum()
        found.append(tp / (tp + fp + more))
    return np.mean(found)


@pytest.mark.parametrize("prevalence", [0.02, 0.6])
def test_a_known_prevalence_moves_the_points_and_their_intervals(prevalence):
    y, flags = some_rows(n=200)
    _, p = probabilities(200)
    flag, share = flags["chosen"], y.mean()
    factors = [(1 - prevalence) / (1 - share), prevalence / share]
    weights = Weights(factors=np.asarray(factors))
    resamples = Resamples(y, weights=weights, n_draws=50, seed=6)
    found = measure({"a": Scores(y, p, p, {"": flag}, weights=weights)}, resamples)["a"]
    recall, false_alarms = flag[y].mean(), flag[~y].mean()
    flagged = prevalence * recall + (1 - prevalence) * false_alarms
    assert found.points["recall"] == pytest.approx(recall)
    assert found.points["precision"] == pytest.approx(prevalence * recall / flagged)
    assert found.points["flag_rate"] == pytest.approx(flagged)
    for name, of in EXACT.items():
        wanted = of(y, p, np.array(factors)[y.astype(int)])
        if name == "average_precision":
            assert (wanted != pytest.approx(average_precision_at(y, p, factors))) == (prevalence < share)
            wanted = average_precision_at(y, p, factors)
        assert found.points[name] == pytest.approx(wanted), name
    precision = []
    for rows in loop(y, 50, 6):
        w = np.array(factors)[y[rows].astype(int)]
        precision.append(np.average(y[rows][flag[rows]], weights=w[flag[rows]]))
    assert found.samples["precision"] == pytest.approx(np.array(precision))
    # within a class it is a share of counted rows; of flagged rows that of the sample, with its odds moved
    assert (found.low["recall"], found.high["recall"]) == pytest.approx(wilson(flag[y].sum(), y.sum()))
    ends = np.array(wilson((flag & y).sum(), flag.sum()))
    odds = ends / (1 - ends) * factors[1] / factors[0]
    assert (found.low["precision"], found.high["precision"]) == pytest.approx(tuple(odds / (1 + odds)))
    # of all rows the mean of one share a class: errors add up as squares
    for name, hits in {"accuracy": flag == y, "flag_rate": flag}.items():
        shares = [hits[~y].mean(), hits[y].mean()]
        both = [wilson(hits[side].sum(), side.sum()) for side in (~y, y)]
        of = [1 - prevalence, prevalence]
        below, above = (
            np.hypot(*(w * (each[end] - share) for w, each, share in zip(of, both, shares, strict=True)))
            for end in (0, 1)
        )
        middle = np.dot(of, shares)
        assert (found.low[name], found.high[name]) == pytest.approx((middle - below, middle + above)), name


def test_weights_of_rows_count_as_so_many_rows_and_tell_as_much_as_fewer():
    y, flags = some_rows(n=120)
    _, p = probabilities(120)
    own = np.random.default_rng(5).integers(1, 4, 120).astype(float)
    again, flag = np.repeat(np.arange(120), own.astype(int)), flags["chosen"]
    weights = Weights(own)
    found, repeated = (
        measure({"a": Scores(*each)}, Resamples(each[0], weights=each[-1], n_draws=20))["a"]
        for each in (
            (y, p, p, {"": flag}, None, 2.0, None, None, weights),
            (y[again], p[again], p[again], {"": flag[again]}, None, 2.0, None, None, ONES),
        )
    )
    assert found.points == pytest.approx(repeated.points, rel=1e-12)
    for name, of, hits in (("recall", y, flag), ("precision", flag, y), ("accuracy", y | ~y, flag == y)):
        kish = own[of].sum() ** 2 / (own[of] ** 2).sum()
        ends = wilson(np.average(hits[of], weights=own[of]) * kish, kish)
        assert (found.low[name], found.high[name]) == pytest.approx(ends), name


@pytest.mark.slow
def test_figures_of_repeats_are_averaged_and_no_counts():
    y, _ = some_rows(n=80)
    rng = np.random.default_rng(2)
    p = np.clip(0.3 + 0.2 * y + 0.2 * rng.normal(size=(3, 80)), 0.01, 0.99).round(2)
    flags, folds = p >= 0.4, np.stack([rng.permutation(np.arange(80) % 2) for _ in range(3)])
    costs = Costs(fp=1.0, fn=7.0)
    scores = Scores(y, p, p, {"": flags}, folds, beta=2.0, costs=costs)
    found = measure({"a": scores}, Resamples(y, n_draws=30, seed=4))["a"]

    def ranked(rows, r):
        inside = [rows[folds[r][rows] == f] for f in (0, 1)]
        values = [sk.average_precision_score(y[each], p[r][each]) for each in inside]
        return np.average(values, weights=[y[each].sum() for each in inside])

    figures = {
        "average_precision": ranked,
        "brier": lambda rows, r: sk.brier_score_loss(y[rows], p[r][rows]),
        "log_loss": lambda rows, r: sk.log_loss(y[rows], p[r][rows]),
        "f1": lambda rows, r: sk.f1_score(y[rows], flags[r][rows]),
        "fbeta": lambda rows, r: sk.fbeta_score(y[rows], flags[r][rows], beta=2),
        "recall": lambda rows, r: sk.recall_score(y[rows], flags[r][rows]),
        "tp": lambda rows, r: (y & flags[r])[rows].sum(),
        "cost": lambda rows, r: (~y & flags[r])[rows].sum() + 7 * (y & ~flags[r])[rows].sum(),
    }
    everything, drawn = np.arange(80), list(loop(y, 30, 4))
    for name, of in figures.items():
        assert found.points[name] == pytest.approx(np.mean([of(everything, r) for r in range(3)])), name
        values = [np.mean([of(rows, r) for r in range(3)]) for rows in drawn]
        assert found.samples[name] == pytest.approx(np.array(values)), name
        if name != "tp":  # shares too: a mean over repeats is no count
            low, high = np.quantile(values, [0.025, 0.975])
            assert (found.low[name], found.high[name]) == pytest.approx((low, high)), name


def test_costs_by_row_are_averaged_over_repeats():
    y, _ = some_rows(n=60)
    flags, amount = np.random.default_rng(0).random((3, 60)) < 0.5, np.arange(60.0)
    scores = Scores(y, flags={"": flags}, costs=Costs(fp=2.0, fn=amount))
    found = measure({"a": scores}, Resamples(y, n_draws=30, seed=2))["a"]
    paid = np.mean(
        [np.where(flag, np.where(y, 0.0, 2.0), np.where(y, amount, 0.0)) for flag in flags], axis=0
    )
    assert found.points["cost"] == pytest.approx(paid.sum())
    wanted = np.array([paid[rows].sum() for rows in loop(y, 30, 2)])
    assert found.samples["cost"] == pytest.approx(wanted)
    assert found.samples["cost_per_row"] == pytest.approx(wanted / 60)


def test_costs_by_outcome_and_the_same_costs_by_row_agree():
    y, flags = some_rows()
    resamples = Resamples(y, n_draws=100, seed=4)
    at_once = of_flags(y, flags, resamples, costs=Costs(fp=2.0, fn=9.0, tp=-1.0, tn=0.5))
    by_row = Costs(fp=np.full(90, 2.0), fn=9.0, tp=-1.0, tn=np.full(90, 0.5))
    one_by_one = of_flags(y, flags, resamples, costs=by_row)
    for name, found in at_once.items():
        c = found.points
        total = 2 * c["fp"] + 9 * c["fn"] - c["tp"] + 0.5 * c["tn"]
        assert c["cost"] == pytest.approx(total)
        assert one_by_one[name].points["cost"] == pytest.approx(total)
        assert one_by_one[name].samples["cost"] == pytest.approx(found.samples["cost"])
        assert found.low["cost"] <= total <= found.high["cost"]
        assert found.low["cost_per_row"] == pytest.approx(found.low["cost"] / 90)


# --- the same draws for all ---


def assert_same(one, other, metrics=None):
    """The same points, draws and ends, to the bit."""
    for metric in metrics or one.points:
        assert one.points[metric] == other.points[metric], metric
        assert np.array_equal(one.samples[metric], other.samples[metric]), metric
        if metric.removesuffix("_tuned") not in COUNTS:
            ends = [(each.low[metric], each.high[metric]) for each in (one, other)]
            assert ends[0] == ends[1], metric


def test_all_ways_of_flagging_are_evaluated_on_the_same_draws():
    y, flags = some_rows()
    both = of_flags(y, flags, Resamples(y, n_draws=50, seed=2))
    for name, flag in flags.items():
        assert_same(of_flags(y, {name: flag}, Resamples(y, n_draws=50, seed=2))[name], both[name])
    twice = of_flags(y, {"a": flags["chosen"], "b": flags["chosen"]}, Resamples(y, n_draws=50))
    assert_same(twice["a"], twice["b"])


def test_models_of_one_order_share_one_ranking():
    y, p = probabilities(200, seed=4)
    found = measure({"a": Scores(y, p, p), "b": Scores(y, p, p**2)}, Resamples(y, n_draws=50))
    assert found["a"].samples["average_precision"] is not None
    assert_same(found["a"], found["b"], RANKING)
    assert found["a"].points["brier"] != found["b"].points["brier"]
    assert found["b"].points["brier"] == pytest.approx(sk.brier_score_loss(y, p**2), abs=1e-12)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_scores_get_the_very_intervals_of_judge(grouped, seed):
    rng = np.random.default_rng(seed)
    y = rng.random(120) < 0.25
    p = np.clip(0.2 + 0.25 * y + 0.2 * rng.normal(size=120), 0, 1)
    test, train, groups = slice(0, 60), slice(60, 120), np.arange(60) % 23 if grouped else None

    def drawn():
        return Resamples(y[test], groups=groups, n_draws=300, seed=seed)

    sides = LabelledScores(y[test], p[test], y[train], p[train], np.arange(60) % 3, is_probability=True)
    evaluated = compare({"none": sides}, drawn(), Resamples(y[train], n_draws=2))[0]["none"]
    flags = {"": p[test] >= 0.5, "_tuned": p[test] >= evaluated.threshold}
    for suffix, found in of_flags(y[test], flags, drawn()).items():
        renamed = Figures(
            *({name.removesuffix("_tuned"): each for name, each in part.items() if name.endswith(suffix)}
              if suffix else part
              for part in (*vars(evaluated).values(),)[:6])
        )  # fmt: skip
        assert_same(found, renamed)
    ranked = measure({"a": Scores(y[test], p[test], p[test])}, drawn())["a"]
    assert_same(ranked, evaluated)


@pytest.fixture(scope="module", params=[151_000, 201_000])
def many(request):
    """Many rows with one positive in fifty, and their probabilities with ties."""
    n = request.param
    rng = np.random.default_rng(n)
    odds = rng.normal(-5, 1.5, n)
    return rng.random(n) < expit(odds), np.round(expit(odds + 0.3), 4)


ASKED = {
    "flags alone": lambda y, p: Scores(y, flags={"": p >= 0.1}),
    "order alone": lambda y, p: Scores(y, rank=p),
    "probabilities alone": lambda y, p: Scores(y, p=p),
    "order and probabilities": lambda y, p: Scores(y, rank=p, p=p),
    "all": lambda y, p: Scores(y, rank=p, p=p, flags={"": p >= 0.1, "_tuned": p >= 0.05}),
    "flags, beta and costs": lambda y, p: Scores(
        y, flags={"": p >= 0.1}, beta=2.0, costs=Costs(fp=1.0, fn=9.0)
    ),
}


@pytest.mark.slow
def test_many_rows_have_one_interval_whoever_asks(many):
    y, p = many
    found = {
        who: measure({"a": of(y, p)}, Resamples(y, n_draws=20, seed=5))["a"] for who, of in ASKED.items()
    }
    for who, each in found.items():
        assert_same(each, found["all"], [name for name in each.points if name in found["all"].points])
        assert set(each.points) <= {*found["all"].points, "fbeta", "cost", "cost_per_row"}, who
    together = measure({who: of(y, p) for who, of in ASKED.items()}, Resamples(y, n_draws=20, seed=5))
    for who, each in found.items():
        assert_same(each, together[who])
    few = slice(0, 600)  # what chose matters to nobody else
    sides = LabelledScores(y, p, y[few], p[few], np.arange(600) % 3, is_probability=True)
    chosen_on = Resamples(y[few], n_draws=2)
    evaluated = compare({"none": sides}, Resamples(y, n_draws=20, seed=5), chosen_on)[0]["none"]
    flags = measure({"a": Scores(y, flags={"": p >= 0.5})}, Resamples(y, n_draws=20, seed=5))["a"]
    assert_same(flags, evaluated)
    assert_same(found["order and probabilities"], evaluated)


@pytest.mark.quick(1)
def test_many_rows_are_drawn_one_by_one(many):
    y, p = many
    found = measure({"a": ASKED["all"](y, p)}, Resamples(y, n_draws=8, seed=5))["a"]
    rng = np.random.default_rng(5)
    wanted = {"f1": [], "brier": [], "average_precision": []}
    for _ in range(8):
        rows = rng.integers(0, len(y), len(y))
        wanted["f1"].append(sk.f1_score(y[rows], p[rows] >= 0.1))
        wanted["brier"].append(np.mean((y[rows] - p[rows]) ** 2))
        wanted["average_precision"].append(sk.average_precision_score(y[rows], p[rows]))
    for name, values in wanted.items():
        assert found.samples[name] == pytest.approx(np.array(values), abs=1e-12)
        low, high = np.quantile(values, [0.025, 0.975])
        assert (found.low[name], found.high[name]) == pytest.approx((low, high), abs=1e-12)


# --- an evaluation and its results ---


def evaluated(groups):
    rng = np.random.default_rng(1)
    y = rng.random(400) < 0.2
    frame = pd.DataFrame(rng.normal(size=(400, 2)) + 0.8 * y[:, None], columns=["a", "b"])
    frame = frame.assign(y=y.astype(int), who=rng.integers(0, 60, 400))
    return imb.fit_eval(
        frame if groups else frame.drop(columns="who"),
        "y",
        strategies=["class_weight"],
        model="naive_bayes",
        cv=3,
        groups=groups,
        n_jobs=1,
        progress=False,
    )


@pytest.fixture(scope="module", params=[None, "who"])
def evaluation(request):
    return evaluated(request.param)


@pytest.mark.quick(1)
def test_an_evaluation_and_its_threshold_agree_to_the_bit(evaluation):
    for name in ("none", "class_weight"):
        t = evaluation.best_threshold(name)
        row = evaluation.frame.loc[name]
        assert float(t) == evaluation.evaluated[name].threshold
        for metric in DECISION:
            for end in ("", "_low", "_high", "_cv"):
                assert t.report.loc["default", f"{metric}{end}"] == row[f"{metric}{end}"]
                assert t.report.loc["chosen", f"{metric}{end}"] == row[f"{metric}_tuned{end}"]
        for count in COUNTS:
            assert t.report.loc["chosen", count] == row[f"{count}_tuned"]


@pytest.mark.quick(1)
def test_an_evaluation_and_its_reliability_agree_to_the_bit(evaluation):
    r = evaluation.reliability(["none", "class_weight"])
    for strategy in ("none", "class_weight"):
        there, here = evaluation.frame.loc[strategy], r.frame.loc[(strategy, "none")]
        for name in (*metric_names("probability"), "average_precision"):
            for end in ("", "_low", "_high"):
                assert here[f"{name}{end}"] == there[f"{name}{end}"], (strategy, name, end)


@pytest.mark.slow
@pytest.mark.parametrize("groups", [None, "who"])
def test_nothing_is_drawn_anew_for_the_test_rows(groups, monkeypatch):
    evaluation = evaluated(groups)
    known, chose = evaluation.scored.resamples, evaluation.scored.oof_resamples
    made, asked = [], []

    def watched(of, seen):
        def method(resamples):
            seen.append(resamples)
            return of(resamples)

        return method

    monkeypatch.setattr(Resamples, "_made", watched(Resamples._made, made))
    monkeypatch.setattr(Resamples, "_blocks", watched(Resamples._blocks, asked))
    evaluation.reliability(["none", "class_weight"], calibrators=())
    assert asked == []  # all of it is known
    for strategy in ("none", "class_weight"):
        evaluation.best_threshold(strategy)
        evaluation.best_threshold(strategy, criterion="mcc")
    evaluation.reliability(["none", "class_weight"])
    # other flags and calibrated probabilities are measured on draws that are there; the range of a threshold draws whole
    # groups of the rows that chose, once
    assert set(map(id, asked)) == ({id(known), id(chose)} if groups else {id(known)})
    assert made == ([chose] if groups else [])
    assert evaluation.scored.resamples is known


# --- differences ---


@pytest.mark.slow
def test_differences_are_those_of_the_draws():
    y, p = probabilities(150, seed=3)
    q = np.clip(p + 0.1 * np.random.default_rng(0).normal(size=150), 0.01, 0.99)
    found = measure({"none": Scores(y, p, p), "other": Scores(y, q, q)}, Resamples(y, n_draws=80, seed=2))
    for metric, of in EXACT.items():
        gaps = np.array([of(y[rows], q[rows]) - of(y[rows], p[rows]) for rows in loop(y, 80, 2)])
        gap = of(y, q) - of(y, p)
        half = np.quantile(np.abs(gaps - gap) / gaps.std(ddof=1), 0.95) * gaps.std(ddof=1)
        assert differences(found, metric) == {
            "other": pytest.approx((gap, gap - half, gap + half), abs=1e-10)
        }
        back = differences(found, metric, "other")["none"]
        assert back == pytest.approx((-gap, -gap - half, -gap + half), abs=1e-10)


def test_models_that_flag_the_same_rows_may_differ_elsewhere():
    y = np.arange(200) < 20
    flag = np.arange(200) % 4 == 0  # 5 of 20, and 45 others
    found = of_flags(y, {"none": flag, "same": flag}, Resamples(y, n_draws=50))
    # of no row among 20, and none among 180, at most so many of each class
    more, others = (
        20 * 1.959963984540054**2 / (20 + 1.959963984540054**2),
        180 * 1.959963984540054**2 / (180 + 1.959963984540054**2),
    )
    f1 = 10 / (10 + 45 + 15)
    moves = [2 * (5 + each) / (70 + each) - f1 for each in (more, -more)]
    others = [10 / (70 + each) - f1 for each in (others, -others)]
    half = np.hypot(max(map(abs, moves)), max(map(abs, others)))
    assert differences(found, "f1")["same"] == pytest.approx((0, -half, half), abs=1e-6)
    for metric in DECISION:
        point, low, high = differences(found, metric)["same"]
        assert low < point < high


def test_a_model_under_a_second_name_differs_by_nothing():
    y, p = probabilities(150, seed=3)
    one, other = (Scores(y, p, each, {"": p > 0.4}) for each in (p, p.clip(0, 0.9)))
    found = measure({"none": one, "twin": one, "other": other}, Resamples(y, n_draws=80))
    assert differences(found, "f1")["twin"] == (0, 0, 0)
    assert differences(found, "f1")["other"][1] < 0


def test_the_floor_of_one_difference_leaves_the_others_alone():
    samples = np.random.default_rng(0).normal([0.0, 0.3], 0.1, (500, 2)) * [0, 1]
    plain = [np.array(each) for each in max_t(samples, [0.0, 0.3])[:2]]
    low, high, critical = max_t(samples, [0.0, 0.3], least=[0.05, 0.01])
    assert critical == max_t(samples, [0.0, 0.3])[2]
    assert (low[1], high[1]) == (plain[0][1], plain[1][1])
    assert (low[0], high[0]) == (-0.05, 0.05)
    low, high, critical = max_t(np.zeros((9, 2)), [0.0, 0.0], least=[0.1, 0.0])
    assert (low.tolist(), high.tolist(), np.isnan(critical)) == ([-0.1, 0], [0.1, 0], True)


def test_differences_without_draws_are_points_alone():
    y, p = probabilities(90)
    few = Resamples(y, groups=np.arange(90) % 9)
    found = measure({"none": Scores(y, p), "other": Scores(y, p**2 - (p > 0.4))}, few)
    gap, low, high = differences(found, "average_precision")["other"]
    assert gap == found["other"].points["average_precision"] - found["none"].points["average_precision"] != 0
    assert np.isnan([low, high]).all()


def test_differences_of_a_missing_figure_are_nan():
    y, p = probabilities(90)
    found = measure(
        {"none": Scores(y, p, p), "other": Scores(y, p, np.full(90, np.nan))}, Resamples(y, n_draws=9)
    )
    assert np.isnan(differences(found, "brier")["other"]).all()
    assert differences({"none": found["none"]}, "brier") == {}


def test_a_cost_that_no_draw_moves_is_not_known_for_sure():
    """Nobody is flagged and the shares are known: unseen positives may be flagged, as often as none of so many allows."""
    y = np.arange(400) < 100
    weights = Weights(factors=np.array([1.32, 0.04]))
    scores = Scores(y, flags={"": np.zeros(400, bool)}, costs=Costs(fp=1, fn=20), weights=weights)
    resamples = Resamples(y, weights=weights, stratified=True, n_draws=20)
    found = measure({"a": scores}, resamples, compared=False)["a"]
    assert np.ptp(found.samples["cost"]) < 1e-9
    square = 1.959963984540054**2
    missed, passed = (n * factor * square / (n + square) for n, factor in ((100, 0.04), (300, 1.32)))
    move = np.hypot(20 * missed, passed)
    assert (found.low["cost"], found.high["cost"]) == pytest.approx((80 - move, 80 + move))
    n = 100 * 0.04 + 300 * 1.32
    assert found.high["cost_per_row"] == pytest.approx((80 + move) / n)
