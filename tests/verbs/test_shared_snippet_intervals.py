"""The intervals of full snippets beside other witnesses: short cases, and rows too many for plain draws."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb  # noqa: F401  (registers the accessor)
from imbalance_accessor.metrics.bootstrap import Resamples, draws_at_most
from imbalance_accessor.metrics.intervals import (
    geometric_mean_of_shares,
    mean_of_shares,
    roc_auc_interval,
    wilson,
)
from imbalance_accessor.rendering.snippets.writer import CODE_WIDTH, Writer, spread_out
from imbalance_accessor.verbs.shared import snippet_intervals

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

LEFT_OUT = "left out"


def scored(n=300, digits=2):
    """Labels, somebody's probabilities of them, a group and an amount of each row."""
    rng = np.random.default_rng(2)
    y = rng.random(n) < 0.3
    p = (1 / (1 + np.exp(0.8 - 1.5 * y - rng.normal(size=n)))).round(digits)
    who, amount = rng.integers(0, 40, n), rng.integers(1, 9, n) * 1.0
    return pd.DataFrame({"p": p, "who": who, "amount": amount, "y": y.astype(int)})


def written(write):
    """Return what a snippet's functions leave."""
    writer = Writer()
    write(writer)
    space = {}
    exec(str(writer.text()), space)
    return space


#: As much of the parts as the functions ask for.
PARTS = SimpleNamespace(split_by=SimpleNamespace(groups=None))


RARE = np.arange(40) < 2  # often missing from a plain draw


def helpers(writer, **drawn):
    writer.use_module("numpy", "np")
    snippet_intervals.write_helpers(writer, PARTS, 7, Resamples(RARE, seed=7, n_draws=50, **drawn))
    snippet_intervals.write_logit(writer, None)
    snippet_intervals.write_ranking(writer)


@pytest.mark.parametrize("groups", [None, np.arange(40) // 3])
def test_the_draws_are_those_of_the_package(groups):
    told = written(helpers)["draws"](RARE, 50, groups)
    wanted = np.concatenate(list(Resamples(RARE, groups=groups, n_draws=50, seed=7).blocks()))
    assert np.array_equal(np.array(list(told)), wanted)


@pytest.mark.parametrize("y", [RARE, np.arange(40) % 3, np.array(list("ab" * 20))])
def test_the_draws_after_a_stratified_split_are_those_of_the_package(y):
    options = {"stratified": True, "frame_rows": 31}  # some frames of 31 rows lack the rare class
    told = written(partial(helpers, **options))["draws"](y, 50)
    wanted = np.concatenate(list(Resamples(y, n_draws=50, seed=7, **options).blocks()))
    np.testing.assert_allclose(list(told), wanted, rtol=1e-14)


def test_wilson_at_its_edges():
    row = {}
    counted = {"none": [(0, 9)], "all": [(9, 9)], "no": [(0, 0)], "some": [(6, 8)]}
    written(helpers)["add_counted"](row, counted)
    assert (row["none_low"], row["all_high"], row["no_low"], row["no_high"]) == (0, 1, 0, 1)
    # 0 of n ends at z^2 / (n + z^2), and so does n of n begin
    z2 = 1.959963984540054**2
    assert row["none_high"] == pytest.approx(z2 / (9 + z2)) == pytest.approx(1 - row["all_low"])
    assert (round(row["some_low"], 4), round(row["some_high"], 4)) == (0.4093, 0.9285)


@pytest.mark.parametrize(
    "shares", [[(8, 8), (150, 160)], [(0, 8), (150, 160)], [(3, 9), (0, 7), (0, 2)], [(4, 4)] * 2]
)
def test_means_of_shares_are_those_of_the_package(shares):
    row = {}
    written(helpers)["add_counted"](row, {"balanced_accuracy": shares, "g_mean_tuned": shares})
    k, n = np.transpose(shares)
    for name, of in (("balanced_accuracy", mean_of_shares), ("g_mean_tuned", geometric_mean_of_shares)):
        assert (row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx(of(k / n, *wilson(k, n)), abs=1e-12)


@pytest.mark.parametrize("auc", [0.0, 0.4, 0.93, 1.0])
def test_the_interval_on_logits_is_that_of_the_package(auc):
    values = np.random.default_rng(0).normal(auc, 0.02, 90) if 0 < auc < 1 else np.full(90, auc)
    row = {"roc_auc": auc}
    written(helpers)["add_logit"](row, "roc_auc", [{"roc_auc": each} for each in values], RARE)
    wanted = roc_auc_interval(auc, values, [38, 2])
    assert (row["roc_auc_low"], row["roc_auc_high"]) == pytest.approx(wanted, abs=1e-12)


def test_ranking_is_that_of_scikit_learn():
    from sklearn.metrics import average_precision_score, roc_auc_score

    frame = scored()
    y, p = frame["y"].to_numpy() == 1, frame["p"].to_numpy()
    times = np.random.default_rng(0).integers(0, 4, len(y))
    told = written(helpers)["ranking"](y, np.unique(-p, return_inverse=True)[1], times)
    for name, metric in (("average_precision", average_precision_score), ("roc_auc", roc_auc_score)):
        assert told[name] == pytest.approx(metric(y, p, sample_weight=times), rel=1e-12)


def bounds(frame):
    return {column for column in frame if column.endswith(("_low", "_high"))}


def test_a_range_of_the_threshold_over_groups_of_scores_is_left_out(run):
    frame = scored(n=3000, digits=12)
    t = frame.imb.best_threshold("y", scores="p", cost={"fp": 1, "fn": 5}, cv=2)
    assert t.threshold_ci.grouped
    assert LEFT_OUT in t.snippet(style="full") and "threshold_low" not in run(
        t.snippet(style="full"), df=frame
    )


@pytest.mark.slow
def test_a_range_of_the_threshold_with_noise_is_left_out(run):
    for digits, noisy in ((1, True), (12, False)):
        frame = scored(digits=digits)
        t = frame.imb.best_threshold("y", scores="p", cost={"fp": 1, "fn": "amount"}, cv=2)
        space = run(t.snippet(style="full"), df=frame)
        assert ("threshold_low" not in space) == (LEFT_OUT in t.snippet(style="full")) == noisy
        assert noisy or (space["threshold_low"], space["threshold_high"]) == (
            t.threshold_ci.low,
            t.threshold_ci.high,
        )


def test_what_chance_would_show_of_like_probabilities_put_together_is_left_out(run):
    frame = scored(n=10_500, digits=12)
    with draws_at_most(20):
        found = frame.imb.reliability("y", scores="p", calibrators=("sigmoid",), test_size=0.4, cv=2)
    code = found.snippet(style="full")
    assert code.count(LEFT_OUT) == 1 and "draws(" in code
    for key, row in run(code, df=frame)["rows"].items():
        ends = bounds(row)
        assert {"brier_low", "average_precision_high", "calibration_slope_low"} <= ends
        assert not {name for name in row if "expected" in name}
        wanted = found.frame.loc[key, sorted(ends)].to_numpy(float)
        assert [row[end] for end in sorted(ends)] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("cost", [None, {"fp": 1, "fn": 5}])
def test_groups_are_drawn_whole(run, cost):
    frame = scored()
    found = frame.imb.reliability("y", scores="p", groups="who", calibrators=(), test_size=0, cv=2)
    row = run(found.snippet(style="full"), df=frame)["rows"]["scores", "none"]
    wanted = found.frame.loc[("scores", "none")]
    assert row["average_precision_low"] == pytest.approx(wanted["average_precision_low"], rel=1e-9)
    t = frame.imb.best_threshold("y", scores="p", groups="who", cost=cost, test_size=0, cv=2)
    space = run(t.snippet(style="full"), df=frame)
    for end in bounds(space["rows"]["chosen"]):
        assert space["rows"]["chosen"][end] == pytest.approx(t.report.loc["chosen", end], rel=1e-9)
    assert (space["threshold_low"], space["threshold_high"]) == (t.threshold_ci.low, t.threshold_ci.high)


def test_parts_that_belong_together_are_laid_out_as_a_formatter_would():
    short, long = ["1 * tp", "+ 2 * fp"], ["1000 * true_positives"] + ["+ 2 * something_that_is_long"] * 2
    assert spread_out("cost = ", short, ("(", ")"), bare=True) == ["cost = 1 * tp + 2 * fp"]
    assert spread_out("x = ", short, ("[", "]")) == ["x = [1 * tp + 2 * fp]"]
    inner = spread_out("a_long_name = ", long, ("(", ")"), bare=True)
    assert inner == ["a_long_name = (", "    " + " ".join(long), ")"]
    each = spread_out("x = ", long * 2, ("(", ")"))
    assert each == ["x = (", *("    " + part for part in long * 2), ")"]
    assert max(map(len, inner + each)) <= CODE_WIDTH
