"""What flags come to, against scikit-learn, scipy, plain loops, and what `fit_eval` says of the same flags."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from scipy.stats import binomtest

import imbalance_accessor as imb
from imbalance_accessor.stats import cut_figures as module
from imbalance_accessor.stats.costs import Costs
from imbalance_accessor.stats.cut_figures import SHARES, figures, n_draws_for
from imbalance_accessor.stats.judging import Sides, judge
from imbalance_accessor.stats.metrics import DECISION

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

EVERY = (*DECISION, "specificity", "flag_rate")


def some_rows(n=90, seed=0, share=0.3):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    score = np.clip(0.35 + 0.2 * y + 0.2 * rng.normal(size=n), 0, 1)
    flags = {"chosen": score >= 0.45, "default": score >= 0.6}
    return y, flags | {"closed_form": rng.random(n) < 0.4}  # not nested in the others


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("flagged", ["some", "nobody", "everyone"])
def test_points_are_those_of_scikit_learn(seed, flagged):
    y, flags = some_rows(seed=seed)
    flag = {"some": flags["chosen"], "nobody": np.zeros(90, bool), "everyone": np.ones(90, bool)}[flagged]
    points = figures(y, {"": flag}, beta=2.5, n_draws=0)[""].points
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
    assert set(points) == {"tp", "fp", "fn", "tn", *expected}


def test_shares_carry_wilsons_interval():
    y, flags = some_rows()
    trials = {
        "precision": lambda c: (c["tp"], c["tp"] + c["fp"]),
        "recall": lambda c: (c["tp"], c["tp"] + c["fn"]),
        "specificity": lambda c: (c["tn"], c["tn"] + c["fp"]),
        "flag_rate": lambda c: (c["tp"] + c["fp"], len(y)),
        "accuracy": lambda c: (c["tp"] + c["tn"], len(y)),
    }
    assert set(trials) == set(SHARES)
    for found in figures(y, flags, n_draws=20).values():
        for name, of in trials.items():
            hits, total = (int(count) for count in of(found.points))
            expected = binomtest(hits, total).proportion_ci(0.95, method="wilson")
            assert found.low[name] == pytest.approx(expected.low, abs=1e-12)
            assert found.high[name] == pytest.approx(expected.high, abs=1e-12)


def loop(y, n_draws, seed, clusters=None):
    """Draw rows, or whole clusters of them, one draw at a time, again while a class is missing."""
    rng, made = np.random.default_rng(seed), 0
    names = np.arange(len(y)) if clusters is None else np.unique(clusters)
    while made < n_draws:
        drawn = rng.integers(0, len(names), len(names))
        rows = (
            drawn
            if clusters is None
            else np.concatenate([np.flatnonzero(clusters == names[each]) for each in drawn])
        )
        if 0 < y[rows].sum() < len(rows):
            made += 1
            yield rows


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
def test_the_other_intervals_are_those_of_a_plain_loop(clustered):
    y, flags = some_rows(n=70)
    rng = np.random.default_rng(3)
    clusters = rng.integers(0, 20, 70) if clustered else None
    costs = Costs(fp=2.0, fn=rng.integers(1, 40, 70).astype(float), tp=-1.5)
    found = figures(y, flags, beta=2, costs=costs, clusters=clusters, n_draws=60, seed=9)
    for name, flag in flags.items():
        paid = [
            (-1.5 if positive else 2.0) if flagged else (amount if positive else 0.0)
            for positive, flagged, amount in zip(y, flag, costs.fn, strict=True)
        ]
        rows = list(loop(y, 60, 9, clusters))
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
                wilson = binomtest(int((y & flag).sum()), int(y.sum())).proportion_ci(method="wilson")
                low, high = (
                    (min(low, wilson.low), max(high, wilson.high)) if clustered else (wilson.low, wilson.high)
                )
            assert found[name].low[metric] == pytest.approx(low, abs=1e-9)
            assert found[name].high[metric] == pytest.approx(high, abs=1e-9)


def test_costs_by_outcome_and_the_same_costs_by_row_agree():
    y, flags = some_rows()
    at_once = figures(y, flags, costs=Costs(fp=2.0, fn=9.0, tp=-1.0, tn=0.5), n_draws=100, seed=4)
    by_row = Costs(fp=np.full(90, 2.0), fn=9.0, tp=-1.0, tn=np.full(90, 0.5))
    one_by_one = figures(y, flags, costs=by_row, n_draws=100, seed=4)
    for name, found in at_once.items():
        c = found.points
        total = 2 * c["fp"] + 9 * c["fn"] - c["tp"] + 0.5 * c["tn"]
        assert c["cost"] == pytest.approx(total)
        assert one_by_one[name].points["cost"] == pytest.approx(total)
        assert one_by_one[name].samples["cost"] == pytest.approx(found.samples["cost"])
        assert found.low["cost"] <= total <= found.high["cost"]
        assert found.low["cost_per_row"] == pytest.approx(found.low["cost"] / 90)


def test_all_ways_of_flagging_are_judged_on_the_same_draws():
    y, flags = some_rows()
    both = figures(y, flags, n_draws=50, seed=2)
    for name, flag in flags.items():
        alone = figures(y, {name: flag}, n_draws=50, seed=2)[name]
        for metric in EVERY:
            assert np.array_equal(alone.samples[metric], both[name].samples[metric])
    twice = figures(y, {"a": flags["chosen"], "b": flags["chosen"]}, n_draws=50)
    assert all(np.array_equal(twice["a"].samples[m], twice["b"].samples[m]) for m in EVERY)


def test_no_draws_leave_points_alone():
    y, flags = some_rows()
    with_draws, without = figures(y, flags, n_draws=30), figures(y, flags, n_draws=0)
    for name, found in without.items():
        assert (found.low, found.high, found.samples) == ({}, {}, {})
        assert found.points == with_draws[name].points


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_flags_get_the_very_intervals_of_judge(clustered, seed):
    rng = np.random.default_rng(seed)
    y = rng.random(120) < 0.25
    p = np.clip(0.2 + 0.25 * y + 0.2 * rng.normal(size=120), 0, 1)
    test, train, clusters = slice(0, 60), slice(60, 120), np.arange(60) % 23 if clustered else None
    sides = Sides(y[test], p[test], y[train], p[train], np.arange(60) % 3, is_probability=True)
    judged = judge({"none": sides}, groups=clusters, n_draws=300, seed=seed)["none"]
    flags = {"": p[test] >= 0.5, "_tuned": p[test] >= judged.cut}
    found = figures(y[test], flags, clusters=clusters, n_draws=300, seed=seed)
    for suffix, each in found.items():
        for metric in DECISION:
            assert each.points[metric] == judged.points[metric + suffix]
            assert (each.low[metric], each.high[metric]) == (
                judged.low[metric + suffix],
                judged.high[metric + suffix],
            )
            assert np.array_equal(each.samples[metric], judged.samples[metric + suffix])


@pytest.mark.parametrize("groups", [None, "who"])
def test_an_evaluation_and_its_threshold_agree_to_the_bit(groups):
    rng = np.random.default_rng(1)
    y = rng.random(400) < 0.2
    frame = pd.DataFrame(rng.normal(size=(400, 2)) + 0.8 * y[:, None], columns=["a", "b"])
    frame = frame.assign(y=y, who=rng.integers(0, 60, 400))
    if groups is None:
        frame = frame.drop(columns="who")
    e = imb.fit_eval(
        frame,
        "y",
        strategies=["class_weight"],
        model="naive_bayes",
        cv=3,
        groups=groups,
        n_jobs=1,
        progress=False,
    )
    for name in ("none", "class_weight"):
        t = e.best_threshold(name)
        row = e.frame.loc[name]
        assert float(t) == e.judged[name].cut
        for metric in DECISION:
            for end in ("", "_low", "_high", "_cv"):
                assert t.report.loc["default", f"{metric}{end}"] == row[f"{metric}{end}"]
                assert t.report.loc["chosen", f"{metric}{end}"] == row[f"{metric}_tuned{end}"]
        for count in ("tp", "fp", "fn", "tn"):
            assert t.report.loc["chosen", count] == row[f"{count}_tuned"]


def test_draws_of_the_kinds_of_many_rows_agree_with_draws_row_by_row(monkeypatch):
    y, flags = some_rows(n=600)
    wanted = {"beta": 2, "costs": Costs(fp=1.0, fn=5.0), "n_draws": 4000, "seed": 1}
    by_row = figures(y, flags, **wanted)
    monkeypatch.setattr(module, "_MANY_ROWS", 599)
    by_kind = figures(y, flags, **wanted)
    for name in flags:
        assert by_kind[name].points == by_row[name].points
        for metric in (*EVERY, "fbeta", "cost", "cost_per_row"):
            a, b = by_kind[name].samples[metric], by_row[name].samples[metric]
            assert not np.array_equal(a, b)
            spread = b.std()
            # standard errors of a mean, a standard deviation and a 2.5 % quantile of 4,000 normal draws
            assert a.mean() == pytest.approx(b.mean(), abs=4.5 * spread * np.sqrt(2 / 4000))
            assert a.std() == pytest.approx(spread, rel=4.5 * np.sqrt(1 / 4000))
            for tail in (0.025, 0.975):
                error = 4.5 * spread * np.sqrt(2 * 0.025 * 0.975 / 4000) / 0.0584
                step = np.diff(np.unique(b)).min()
                assert np.quantile(a, tail) == pytest.approx(np.quantile(b, tail), abs=error + step)
    # paired: both ways of flagging lie in the same multinomial
    paired = [
        np.corrcoef(found["chosen"].samples["recall"], found["default"].samples["recall"])[0, 1]
        for found in (by_kind, by_row)
    ]
    assert paired[0] == pytest.approx(paired[1], abs=0.05)
    assert paired[1] > 0.3


def test_amounts_by_row_and_clusters_are_drawn_row_by_row_however_many(monkeypatch):
    y, flags = some_rows()
    clusters, costs = np.arange(90) % 30, Costs(fp=1.0, fn=np.arange(90.0))
    expected = [
        figures(y, flags, clusters=clusters, n_draws=40),
        figures(y, flags, costs=costs, n_draws=40),
    ]
    monkeypatch.setattr(module, "_MANY_ROWS", 10)
    again = [figures(y, flags, clusters=clusters, n_draws=40), figures(y, flags, costs=costs, n_draws=40)]
    for before, after in zip(expected, again, strict=True):
        for name in flags:
            assert np.array_equal(before[name].samples["f1"], after[name].samples["f1"])


def test_many_rows_are_drawn_less_often_but_never_rarely():
    assert [n_draws_for(n) for n in (0, 1, 200_000, 400_000, 10**9)] == [1000, 1000, 1000, 500, 200]
    y, flags = some_rows()
    assert len(figures(y, flags)["chosen"].samples["f1"]) == 1000
