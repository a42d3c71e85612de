"""`Evaluation.learning_curve` against loops of plain scikit-learn, and its code against its numbers."""

from __future__ import annotations

import contextlib
import io
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.naive_bayes import GaussianNB

from imbalance_accessor.errors import OptionError
from imbalance_accessor.inspection import training_sizes
from imbalance_accessor.verbs.learning_curve import text

N = 500
RNG = np.random.default_rng(7)
Y = np.arange(N) % 10 == 3
FRAME = pd.DataFrame(RNG.normal(size=(N, 4)) + 0.7 * Y[:, None], columns=[*"abcd"]).assign(
    y=np.where(Y, "yes", "no")
)
QUICK = {
    "model": "naive_bayes",
    "strategies": [],
    "preprocess": None,
    "cv": 2,
    "n_jobs": 1,
    "progress": False,
}
RULES = {
    "plain": {},
    "out of fold": {"test_size": 0},
    "groups": {"groups": "g"},
    "groups out of fold": {"groups": "g", "test_size": 0},
    "time": {"time": "t"},
    "weighted at a prevalence": {"sample_weight": "w", "prevalence": 0.02},
    "weighted out of fold": {"sample_weight": "w", "prevalence": 0.02, "test_size": 0},
    "few to learn from": {"max_rows": 200},
}


def ruled(rule: str) -> pd.DataFrame:
    columns = {"groups": ("g", np.arange(N) // 7), "time": ("t", (np.arange(N) * 7) % N)}
    columns["sample_weight"] = ("w", 1.0 + np.arange(N) % 3)
    return FRAME.assign(**dict(columns[each] for each in RULES[rule] if each in columns))


@pytest.fixture(scope="module")
def found():
    return FRAME.imb.fit_eval("y", **QUICK)


@pytest.fixture(scope="module")
def curve(found):
    return found.learning_curve(progress=False)


def test_every_size_is_that_of_a_plain_loop(found, curve):
    train, test = found.plan.parts.train.X.index, found.plan.parts.test.X.index
    X, y, rng = FRAME[[*"abcd"]], FRAME["y"] == "yes", np.random.default_rng(0)
    by_draw = []
    for _ in range(5):
        order = train[rng.permutation(len(train))]
        positives, negatives = order[y[order]], order[~y[order]]
        by_draw.append([])
        for share in (0.2, 0.4, 0.6, 0.8, 1.0):
            rows = positives[: round(40 * share)].append(negatives[: round(360 * share)])
            p = GaussianNB().fit(X.loc[rows], y[rows]).predict_proba(X.loc[test])[:, 1]
            by_draw[-1].append(average_precision_score(y[test], p))
    frame = curve.frame
    assert frame["positives"].tolist() == [8, 16, 24, 32, 40]
    assert frame["rows"].tolist() == [80, 160, 240, 320, 400]
    assert frame["draws"].tolist() == [5, 5, 5, 5, 1]
    assert frame["average_precision"].tolist() == pytest.approx(np.mean(by_draw, axis=0), rel=1e-9)
    assert frame["average_precision_sd"].iloc[:-1].tolist() == pytest.approx(
        np.std(by_draw, axis=0, ddof=1)[:-1]
    )
    n = frame["positives"]
    slope = np.polyfit(np.log2(n), np.transpose(by_draw), 1, w=np.sqrt(n))[0]
    assert curve.gain[0] == pytest.approx(slope.mean())
    # the whole training set is the evaluation's own figure, in the same draws
    for end in ("", "_low", "_high"):
        assert frame[f"average_precision{end}"].iloc[-1] == found.frame.loc["none", f"average_precision{end}"]


def test_the_gains_interval_counts_paired_resamples_and_draws_of_parts(curve):
    sizes, n = curve.sizes, curve.frame["positives"]

    def slopes(values):
        return np.polyfit(np.log2(n), np.transpose(values), 1, w=np.sqrt(n))[0]

    resampled = slopes(np.transpose([each.samples["average_precision"] for each in sizes.figures]))
    gain = slopes(sizes.drawn).mean()
    se = resampled.std(ddof=1)
    critical = np.quantile(np.abs(resampled - gain) / se, 0.95)
    spread = slopes(sizes.drawn).std(ddof=1) / np.sqrt(5)
    known = (se**2 + spread**2) ** 2 / (spread**4 / 4)  # Welch's degrees of freedom: draws are five
    half = max(critical, stats.t.ppf(0.975, known)) * np.hypot(se, spread)
    assert curve.gain == pytest.approx((gain, gain - half, gain + half))


def test_few_draws_of_parts_reach_as_far_as_students_t():
    # no doubt but that of five draws, and then hardly any beside that of the resamples
    assert training_sizes._half(0.0, math.nan, 0.1, 5) == pytest.approx(0.1 * stats.t.ppf(0.975, 4))
    assert training_sizes._half(1.96, 1.96, 1e-9, 5) == pytest.approx(1.96, rel=1e-4)
    assert training_sizes._half(0.02, 2.0, 0.01, 3) == pytest.approx(
        np.hypot(0.01, 0.01) * stats.t.ppf(0.975, 2 * 4)
    )


@pytest.mark.quick(2)
@pytest.mark.parametrize("rule", RULES)
def test_its_code_gives_the_same_numbers(rule):
    df = ruled(rule)
    curve = df.imb.fit_eval("y", **QUICK, **RULES[rule]).learning_curve(n_jobs=1, progress=False)
    names = {"df": df}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(str(curve.snippet()), names)
    assert names["curve"]["positives"].tolist() == pytest.approx(curve.frame["positives"].tolist())
    expected = curve.frame["average_precision"].tolist()
    assert names["curve"]["average_precision"].tolist() == pytest.approx(expected, rel=1e-9)
    assert names["gain"] == pytest.approx(curve.gain[0], rel=1e-9)


def test_groups_stay_whole_and_time_takes_the_latest_rows():
    for rule, column in (("groups", "g"), ("time", "t")):
        df = ruled(rule)
        e = df.imb.fit_eval("y", **QUICK, **RULES[rule])
        parts, _ = training_sizes._parts(e.plan, e.scored)
        values = df.loc[e.plan.parts.train.X.index, column].to_numpy()
        positive = (df.loc[e.plan.parts.train.X.index, "y"] == "yes").to_numpy()
        smaller = {}
        for part in parts:
            inside, rest = values[part.rows], np.delete(values, part.rows)
            assert positive[part.rows].sum() >= part.share * positive.sum() - 1e-9
            if column == "g":
                assert not set(inside) & set(rest)
            elif len(rest):
                assert inside.min() > rest.max()
            assert smaller.get(part.draw, set()) <= set(part.rows)
            smaller[part.draw] = set(part.rows)


def of(gain: float, low: float, high: float, curve):
    """Return the curve with another gain."""
    return replace(curve, sizes=replace(curve.sizes, gain=gain, low=low, high=high))


def test_the_sentence_is_that_of_the_interval(curve):
    by = "per doubling"
    helped = of(0.03, 0.01, 0.05, curve)
    assert text.verdict(helped) == (
        f"More positives helped: average precision +0.030 [+0.010, +0.050] {by}. "
        "Twice as many may bring about +0.030 more, or less, since such curves flatten"
    )
    unknown = of(0.01, -0.01, 0.03, curve)
    assert text.verdict(unknown) == (
        f"These rows cannot tell whether more positives help: average precision +0.010 [−0.010, +0.030] {by}. "
        "Twice as many would hardly bring more than +0.030"
    )
    fell = of(-0.03, -0.05, -0.01, curve)
    assert (
        text.verdict(fell) == f"More positives did not help: average precision −0.030 [−0.050, −0.010] {by}"
    )
    assert fell.verdict in repr(fell).replace("\n", " ")
    first, last = curve.frame["average_precision"].iloc[[0, -1]]
    assert f"It was {first:.3f} with 8 positives and {last:.3f} with all 40." in helped.explain()
    said = [each.explain(audience="interview") for each in (helped, unknown, fell)]
    assert "More positives helped: each doubling brought about 0.03 of average precision." in said[0]
    assert (
        "I cannot tell whether more help: a doubling brought −0.010 to +0.030 of average precision."
        in said[1]
    )
    assert "did not help: each doubling cost about 0.03 of average precision." in said[2]


def test_what_is_perfect_at_every_size_neither_gains_nor_loses():
    curve = FRAME.assign(a=100.0 * Y).imb.fit_eval("y", **QUICK).learning_curve(progress=False)
    assert curve.frame["average_precision"].tolist() == pytest.approx([1.0] * 5)
    assert curve.gain == (0.0, 0.0, 0.0)
    assert "These rows cannot tell whether more positives help" in curve.verdict


def test_few_groups_have_points_and_no_interval():
    df = FRAME.assign(g=np.arange(N) // 70)
    curve = df.imb.fit_eval("y", **QUICK, groups="g").learning_curve(progress=False)
    assert np.isnan(curve.gain[1:]).all() and np.isfinite(curve.gain[0])
    assert re.match(r"With \w+ groups? one cannot tell whether more positives help", curve.verdict)
    assert curve.frame["average_precision_low"].isna().all()
    curve.plot()


def test_sizes_with_too_few_positives_are_left_out_and_named():
    curve = FRAME.iloc[:150].imb.fit_eval("y", **QUICK).learning_curve(progress=False)
    assert curve.frame.index.tolist() == [0.4, 0.6, 0.8, 1.0]
    assert "Left out: 20.0 % (2 positives, fewer than 5)." in repr(curve).replace("\n", " ")


REFUSED = {
    "several classes": (
        {},
        lambda df: df.assign(y=df["y"].where(np.arange(N) % 4 > 0, "maybe")),
        "pos_label=",
    ),
    "came fitted": (
        {"model": GaussianNB().fit(FRAME[[*"abcd"]], FRAME["y"]), "fitted": True},
        None,
        "came fitted",
    ),
    "time out of fold": ({"time": "a", "test_size": 0}, None, "needs a test set"),
    "four positives": ({}, lambda df: df.iloc[:50], "two sizes or more"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_has_no_curve_is_refused_in_one_sentence(why):
    options, made, said = REFUSED[why]
    e = (made or (lambda df: df))(FRAME).imb.fit_eval("y", **QUICK | options)
    with pytest.raises(OptionError, match=said):
        e.learning_curve(progress=False)


def test_the_picture_is_the_evaluations_too_and_is_fitted_once(found, monkeypatch):
    ax = found.plot("learning_curve")
    assert "with each doubling of the positives" in ax.get_title(loc="left").replace("\n", " ")
    monkeypatch.setattr("imbalance_accessor.verbs.fit_eval.result.training_sizes", None)  # fits no more
    (line,) = [
        each for each in found.plot("learning_curve").get_lines() if each.get_label() == "mean over draws"
    ]
    assert line.get_xdata().tolist() == [8, 16, 24, 32, 40]


@pytest.mark.slow
def test_a_frame_whose_names_are_markup_and_code():
    df = FRAME.rename(columns={"a": '"; import os', "y": "<script>"}).assign(**{"<b>": FRAME["b"]})
    labelled = df.assign(**{"<script>": np.where(Y, "<script>", '"x\n')})
    curve = labelled.imb.fit_eval(
        "<script>", strategies=[], cv=2, n_jobs=1, progress=False, model=LogisticRegression()
    ).learning_curve(progress=False)
    assert "<script>" not in curve._repr_html_()
    names = {"df": labelled}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(str(curve.snippet()), names)
    assert names["gain"] == pytest.approx(curve.gain[0])
