"""What is said of a threshold: that it is no better than none, what its criterion is, and how its range is written."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.metrics.registry import METRICS
from imbalance_accessor.rendering.cells import money, number
from imbalance_accessor.verbs.best_threshold.phrases import range_ends
from imbalance_accessor.verbs.best_threshold.text import _claimed, _criterion, _how_chosen

QUICK = {"cv": 2, "progress": False}


def noise(n=400, seed=0):
    """Scores that know nothing."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"p": rng.random(n), "y": np.where(rng.random(n) < 0.2, "yes", "no")})


def clear(n=400, seed=0):
    """Scores that know a lot."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.3
    p = 1 / (1 + np.exp(-rng.normal(3 * y - 1.5, 1)))
    return pd.DataFrame({"p": p, "y": np.where(y, "yes", "no")})


def threshold(frame, **options):
    return imb.best_threshold(frame, "y", scores="p", **QUICK, **options)


def claims(t):
    return " ".join(_claimed(t))


def said(t):
    return [str(t.explain(audience=audience)) for audience in ("colleague", "interview")]


@pytest.mark.parametrize("criterion", ["f1", "mcc", "accuracy", "g_mean", "balanced_accuracy"])
def test_a_threshold_of_noise_is_not_praised(criterion):
    t = threshold(noise(), criterion=criterion)
    assert "IMB403" in t.findings.codes
    assert t._card().title.startswith("No threshold helps: ")
    colleague, interview = said(t)
    assert "No threshold helps: " in colleague and "So use a better model before" in colleague
    assert "I would not use a threshold here" in interview and "I would use a better model first" in interview


def test_noise_is_no_better_than_a_constant_answer_for_most_criteria():
    codes = [threshold(noise(), criterion=each).findings.codes for each in ("f1", "mcc", "accuracy")]
    assert sum("IMB403" in each for each in codes) >= 2


@pytest.mark.parametrize(("fn", "fp", "who"), [(10_000, 1, "everyone"), (1, 10_000, "nobody")])
def test_costs_that_no_score_can_beat(fn, fp, who):
    t = threshold(noise(), cost={"fn": fn, "fp": fp})
    chosen = t.report.loc["chosen"]
    positives, negatives = chosen["tp"] + chosen["fn"], chosen["fp"] + chosen["tn"]
    constant = fp * negatives if who == "everyone" else fn * positives
    assert chosen["cost"] >= constant  # this sample must show it
    rows = positives + negatives
    order = f"Flag {who}: cost {number(constant / rows)} a row on test"
    assert "No threshold helps: " in said(t)[0] and order in said(t)[0]


def test_muting_the_finding_does_not_mute_the_sentence():
    loud, mute = threshold(noise()), threshold(noise(), ignore=("IMB403",))
    assert said(loud) == said(mute)


@pytest.mark.parametrize("options", [{}, {"cost": {"fn": 5, "fp": 1}}, {"criterion": "mcc"}])
def test_a_threshold_of_good_scores_is_not_blamed(options):
    t = threshold(clear(), **options)
    assert "IMB403" not in t.findings.codes
    assert not any("needs no scores" in each for each in said(t))


def test_a_default_that_flags_nobody_is_said_without_stray_marks():
    frame = clear().assign(p=lambda f: f["p"] / 3)  # no score reaches one half
    for each in said(threshold(frame)):
        assert ",." not in each and ", ." not in each and ",," not in each
    assert "; 0.5 flags nobody." in said(threshold(frame))[0]


def test_the_closed_form_of_costs_is_held_beside_the_threshold_that_is_recommended():
    rng = np.random.default_rng(2)
    p = rng.beta(1, 4, 2000)
    true = pd.DataFrame({"p": p, "y": np.where(rng.random(2000) < p, "yes", "no")})
    bent = true.assign(p=np.sqrt(p))  # the same order, and no true probabilities
    costs = {"cost": {"fp": 1, "fn": 4}, "test_size": 0}
    believed, doubted = threshold(true, **costs), threshold(bent, **costs)
    assert believed.theory == doubted.theory == 0.2
    for t, frame, trusted in (
        (believed, true, "The scores look calibrated near it"),
        (doubted, bent, "The scores are miscalibrated"),
    ):
        flagged, rare = frame["p"] >= 1 / 5, frame["y"] == "yes"
        cost = int((flagged & ~rare).sum() + 4 * (~flagged & rare).sum())
        form = f"1 / (1 + 4) = 0.2 comes to a cost of {cost:,} here. {trusted}"
        assert f"For comparison: Elkan's formula {form}" in repr_of(t)
        assert f"For comparison, Elkan's {form}" in said(t)[0]


def test_where_the_closed_form_is_the_default_threshold_it_costs_what_that_does():
    t = threshold(clear(), cost={"fp": 2, "fn": 2}, test_size=0)
    points = t.report.reset_index().set_index("operating_point")[
        "cost"
    ]  # the threshold is a column beside it
    assert list(points.index) == ["chosen", "default", "claimed"]
    assert f"2 / (2 + 2) = 0.5 comes to a cost of {points['default']:.0f} here" in repr_of(t)


def repr_of(t):
    return " ".join(repr(t).split())


def test_the_range_is_said_to_be_of_these_scores():
    t = threshold(clear())
    assert re.search(r"in 95 % of the resamples of these scores, not of a refit", repr_of(t))


def test_of_very_many_rows_the_single_best_threshold_is_taken_and_that_is_said():
    with draws_at_most(20):
        many, few = (threshold(clear(n), test_size=0) for n in (20_001, 20_000))
    note = "More than 20,000 rows choose: the threshold is the single best one"
    assert note in repr_of(many) and note in said(many)[0]
    assert note not in repr_of(few) and note not in said(few)[0]
    frame = many.frame
    assert (
        frame.loc[frame["threshold"] >= many.value, "threshold"].min()
        == frame.loc[frame["f1"].idxmax(), "threshold"]
    )
    assert _how_chosen(few) == ["It is the median of the best thresholds of 501 resamples, on these rows."]
    assert "501 resamples" not in said(many)[0]


@pytest.mark.parametrize("criterion", ["mcc", "g_mean", "balanced_accuracy", "accuracy"])
def test_a_colleague_hears_what_the_criterion_is(criterion):
    t = threshold(clear(), criterion=criterion)
    assert _criterion(t)[0] == METRICS[criterion].about
    assert f"for the best {METRICS[criterion].shown}" in said(t)[1]


def test_a_candidate_names_limits_and_capacities():
    assert "for the top 10.0 % of the rows" in said(threshold(clear(), top_k=40))[1]
    assert "with a flag rate of at most 10.0 %" in said(threshold(clear(), max_flag_rate=0.1))[1]
    assert (
        "the best recall with a precision of at least 0.6" in said(threshold(clear(), min_precision=0.6))[1]
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_threshold_lies_in_its_printed_range_wherever_it_lies_in_its_range(seed):
    t = threshold(clear(120, seed))
    low, high = map(float, re.match(r"(\S+) to (\S+) in", dict(t._card().figures)["how sure"]).groups())
    written = float(t.threshold_text)
    if t.threshold_ci.low <= t.value <= t.threshold_ci.high:
        assert low <= written <= high
    for text, end in ((low, t.threshold_ci.low), (high, t.threshold_ci.high)):
        assert text == written or text == pytest.approx(end, rel=5e-3)


def test_an_end_is_the_threshold_only_where_rounding_would_leave_the_threshold_outside():
    assert range_ends(0.6591, 0.6934, 0.6591, "0.65") == ("0.65", "0.693")
    assert range_ends(0.0575, 0.09, 0.0575, "0.057") == ("0.057", "0.09")
    assert range_ends(0.6, 0.7, 0.75, "0.74") == ("0.6", "0.7")
    assert range_ends(0.8, 0.9, 0.75, "0.74") == ("0.8", "0.9")
    assert range_ends(0.2, np.inf, 0.3, "0.3") == ("0.2", "nobody flagged")
    assert range_ends(np.inf, np.inf, np.inf, "inf") == ("nobody flagged", "nobody flagged")


def test_money_has_no_thousandths_where_it_is_large():
    assert [money(each) for each in (800.74, -235.5, 5.25, 1234.6, 40.0)] == [
        "800.74",
        "−235.50",
        "5.25",
        "1,235",
        "40",
    ]


def orders(t):
    """What the card and both explanations tell to do: who is named to be flagged, and which thresholds are to be taken."""
    text = " ".join(" ".join([repr(t), *said(t)]).split())
    return set(re.findall(r"Flag (everyone|nobody|at [0-9.]+)", text)), text


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fn", [2, 4, 100])
@pytest.mark.parametrize("test_size", [0, 0.2])
def test_scores_that_do_not_help_have_one_order_at_most(fn, seed, test_size):
    """True probabilities of a share that hardly varies: the closed form looks right, and nothing is known."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.18, 0.22, 600)
    frame = pd.DataFrame({"p": p, "y": np.where(rng.random(600) < 0.2, "yes", "no")})
    t = threshold(frame, cost={"fp": 1, "fn": fn}, test_size=test_size)
    if t.found.helps:
        pytest.skip("this sample ranks")
    told, text = orders(t)
    points = t.report.loc["chosen"]
    positives, negatives = points["tp"] + points["fn"], points["fp"] + points["tn"]
    constants = {"everyone": negatives, "nobody": fn * positives}
    cheapest = min(constants, key=constants.get)
    assert told == ({cheapest} if constants[cheapest] <= points["cost"] else set())
    assert (
        "recommended" not in text and "take that threshold" not in text and "everyone or nobody" not in text
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_closed_form_that_may_be_believed_does_not_contradict_the_tuned_threshold(seed):
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 4, 2000)
    frame = pd.DataFrame({"p": p, "y": np.where(rng.random(2000) < p, "yes", "no")})
    t = threshold(frame, cost={"fp": 1, "fn": 4}, test_size=0)
    told, text = orders(t)
    assert told == {f"at {t.threshold_text}"} and "take that threshold" not in text
    assert "look calibrated" in text and "recommended" not in text


def test_thresholds_of_folds_that_keep_the_limit_are_not_said_to_miss_it():
    t = threshold(clear(60, seed=19), max_flag_rate=0.2, test_size=0)
    chosen, claimed = t.report.loc["chosen"], t.report.loc["claimed"]
    assert chosen["flag_rate"] <= 0.2 and chosen["recall"] > claimed["recall"]
    assert f"with recall {claimed['recall']:.3f}; the chosen threshold has {chosen['recall']:.3f}." in claims(
        t
    )
    missed = threshold(clear(60, seed=11), max_flag_rate=0.2, test_size=0)
    assert missed.report.loc["chosen", "flag_rate"] > 0.2 and "and does not." in claims(missed)


@pytest.mark.parametrize(("options", "paid"), [({"min_recall": 0.99}, "fp"), ({"min_precision": 0.97}, "fn")])
def test_the_price_is_what_grows_against_the_default_threshold(options, paid):
    frame = clear(2000)
    t = threshold(frame, **options)
    flags, y = {"now": frame["p"] >= t.value, "before": frame["p"] >= 0.5}, frame["y"] == "yes"
    test = t.strategy_scores.scored.parts.test.y.index
    counts = {
        when: int((flag & ~y if paid == "fp" else ~flag & y).loc[test].sum()) for when, flag in flags.items()
    }
    called = "false alarm" if paid == "fp" else "missed positive"
    assert (t.value < 0.5) == (paid == "fp") and counts["now"] > counts["before"]
    price = f"I pay with {counts['now']} {called}s, against {counts['before']} at the default threshold."
    assert t._explain("interview")[-1] == price


def test_a_price_without_a_default_threshold_names_both_sides():
    frame = clear().assign(p=lambda df: 100 * df["p"])
    assert re.search(
        r"I pay with \d+ false alarms?; a higher threshold raises fewer, but adds to the \d+ missed positives?\.$",
        said(threshold(frame))[1],
    )


@pytest.mark.parametrize("options", [{}, {"cost": {"fp": 1, "fn": 1.5}}, {"test_size": 0}])
def test_a_default_threshold_that_does_better_on_the_rows_that_are_reported_is_owned_up_to(options):
    told = set()
    for seed in range(6):
        t = threshold(clear(120, seed), **options)
        mine, other = (t.report.loc[each] for each in ("chosen", "default"))
        name, sign = ("cost_per_row", -1) if "cost" in options else ("f1", 1)
        worse = sign * other[name] > sign * mine[name]
        told.add(worse)
        for each in said(t):
            assert ("does not confirm it" in each) == worse, each
        shown = f" {number(mine[name])}{' a row' if sign < 0 else ''}, against {number(other[name])} at the default"
        assert shown in said(t)[1] and (not worse or ": 0.5 does better there" in said(t)[0])
        within = all(
            a[f"{name}_low"] <= b[name] <= a[f"{name}_high"] for a, b in ((mine, other), (other, mine))
        )
        assert ("within their intervals" in said(t)[1]) == (worse and within)
    assert told == {False, True}
