"""The slider of a card: its counts are those of the out-of-fold scores, and its words say which rows these are."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.rendering.html import as_html
from imbalance_accessor.rendering.slider import MOST, ThresholdSlider

DF = imb.make_churn(600, 0.1)
WEIGHTS = pd.Series(np.random.default_rng(0).uniform(0.5, 3, len(DF)), DF.index)
#: What is asked, and what the card says of the rows and of their number.
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "plain": ({}, "out of fold on 480 training rows, none of the test set", ""),
    "prevalence": (
        {"prevalence": 0.02},
        "out of fold on 480 training rows, none of the test set",
        "Counts are per 1,000 rows at a prevalence of 2.0 %.",
    ),
    "weights": (
        {"sample_weight": WEIGHTS},
        "out of fold on 480 training rows, none of the test set",
        "Counts are per 1,000 rows, each by its weight.",
    ),
    "both": (
        {"prevalence": 0.3, "sample_weight": WEIGHTS, "test_size": 0},
        "out of fold on 600 rows",
        "Counts are per 1,000 rows at a prevalence of 30.0 %.",
    ),
    "repeats": (
        {"test_size": 0, "repeats": 2},
        "out of fold on 600 rows",
        "Counts are averaged over 2 deals of the folds.",
    ),
    "no probabilities": (
        {"model": "svm"},
        "out of fold on 480 training rows, none of the test set",
        "",
    ),
}
OPTIMISTIC = "These rows chose the threshold, so its figures here are a little optimistic."
COST = {"fp": 1, "fn": 8}


@cache
def evaluation(case: str) -> imb.Evaluation:
    return DF.imb.fit_eval("churn", strategies=["class_weight"], progress=False, **CASES[case][0])


def slider_of(result: Any) -> ThresholdSlider:
    slider = result._card().slider
    assert slider is not None
    return slider


@cache
def deals(case: str) -> list[tuple[Any, Any, Any]]:
    """Return scores, labels and weights of the rows out of fold, once for each deal of the folds."""
    e, options, found = evaluation(case), CASES[case][0], []
    own = options.get("sample_weight", pd.Series(1.0, DF.index))
    for deal in (e.scored, *e.scored.again):
        y = deal.parts.train.y
        positive, worth = (y == "yes").to_numpy(), own.loc[y.index].to_numpy()
        if "prevalence" in options:
            share, there = own[DF["churn"] == "yes"].sum() / own.sum(), options["prevalence"]
            worth = worth * np.where(positive, there / share, (1 - there) / (1 - share))
        found.append((deal.by_name[e.best].oof[:, 1], positive, worth))
    return found


def by_hand(case: str, threshold: float) -> dict[str, float]:
    """Count the rows out of fold at a threshold; of weighted rows so many of 1,000."""
    found = []
    for score, positive, worth in deals(case):
        flagged = score >= threshold
        cells = [flagged & positive, flagged & ~positive, ~flagged & positive, ~flagged & ~positive]
        counts = np.array([worth[cell].sum() for cell in cells])
        is_weighted = not CASES[case][0].keys().isdisjoint({"prevalence", "sample_weight"})
        found.append(1000 * counts / counts.sum() if is_weighted else counts)
    return dict(zip(("tp", "fp", "fn", "tn"), np.mean(found, axis=0).tolist(), strict=True))


@pytest.mark.quick(3)
@pytest.mark.parametrize("case", CASES)
def test_each_threshold_flags_what_a_loop_counts(case):
    e = evaluation(case)
    for result in (e, e.best_threshold(cost=COST)):
        slider = slider_of(result)
        assert len(slider.thresholds) <= MOST
        assert list(slider.thresholds) == sorted(set(slider.thresholds))
        every = pd.DataFrame([by_hand(case, threshold) for threshold in slider.thresholds])
        np.testing.assert_allclose(slider.tp, every["tp"])
        np.testing.assert_allclose(slider.fp, every["fp"])
        np.testing.assert_allclose(slider.positives - slider.tp, every["fn"], atol=1e-9)
        np.testing.assert_allclose(slider.negatives - slider.fp, every["tn"], atol=1e-9)
        if slider.cost is not None:
            np.testing.assert_allclose(slider.cost, every["fp"] + 8 * every["fn"])


@pytest.mark.quick(3)
@pytest.mark.parametrize("case", CASES)
def test_the_chosen_threshold_the_default_and_both_ends_are_among_them(case):
    e = evaluation(case)
    t = e.best_threshold(cost=COST)
    for result, value in ((e, float(e.frame.loc[e.best, "threshold"])), (t, float(t))):
        slider = slider_of(result)
        assert slider.thresholds[slider.chosen] == value
        assert slider.default is None or slider.thresholds[slider.default] == e.scored.default_threshold
        everyone, nobody = by_hand(case, slider.thresholds[0]), by_hand(case, slider.thresholds[-1])
        assert everyone["fn"] == everyone["tn"] == 0
        assert nobody["tp"] == nobody["fp"] == 0


@pytest.mark.quick(3)
@pytest.mark.parametrize("case", CASES)
def test_it_says_which_rows_these_are(case):
    _, rows, counts = CASES[case]
    e = evaluation(case)
    for result, head in ((e, f"{e.best!r} at threshold"), (e.best_threshold(cost=COST), "At threshold")):
        slider = slider_of(result)
        note = f"{apart(slider, e) if result is e else OPTIMISTIC} {counts}".strip()
        assert (slider.head, slider.rows, slider.note) == (head, rows, note)
        html = unescape(as_html(result._card()))
        assert rows in html and note in html
        for each in (f"{head} 0.1 (chosen), {rows}:", note.removesuffix(counts), counts):
            assert len(each.split()) <= 25


def apart(slider: ThresholdSlider, e: imb.Evaluation) -> str:
    """What is said where the F1 of the slider is not that of the headline."""
    here, there = (
        dict(each[1:] for each in slider.figures)["F1"],
        f"{e.frame.loc[e.best, 'f1_tuned_cv']:#.3g}",
    )
    assert here != there
    return f"F1 is {here} here and {there} cross-fitted: these rows chose this threshold, there the other folds did."


def test_the_rows_that_chose_flatter_the_threshold():
    """Why the card says so: what it shows at the tuned threshold lies above the cross-fitted figure of its headline."""
    e = imb.make_churn().imb.fit_eval("churn", strategies=[], progress=False)
    slider = slider_of(e)
    shown = {name: value for name, _, value in slider.figures}
    assert float(shown["f1"]) > e.frame.loc["none", "f1_tuned_cv"] + 0.02
    assert slider.note == apart(slider, e)


def test_of_one_value_no_difference_is_said():
    """Where every fold parts the classes at a threshold that parts them all, both figures are 1."""
    rows = pd.DataFrame(
        {"a": np.r_[np.linspace(0, 1, 180), np.linspace(3, 4, 20)], "y": np.arange(200) >= 180}
    )
    e = imb.fit_eval(rows, "y", strategies=[], model="naive_bayes", progress=False)
    assert e.frame.loc["none", "f1_tuned_cv"] == 1
    assert slider_of(e).note == OPTIMISTIC


def test_scores_of_a_column_and_a_fitted_model_are_of_no_fold():
    scored = DF.assign(p=np.random.default_rng(1).random(len(DF)))
    t = scored.imb.best_threshold("churn", scores="p", min_precision=0.05)
    assert slider_of(t).rows == "on the 480 training rows, none of the test set"
    t = scored.imb.best_threshold("churn", scores="p", min_precision=0.05, test_size=0)
    assert slider_of(t).rows == "on these 600 rows"


def test_a_threshold_that_keeps_no_limit_is_called_the_nearest():
    t = evaluation("plain").best_threshold(min_precision=0.99, min_recall=0.99)
    assert not t.feasible
    slider = slider_of(t)
    assert slider.called == "nearest" and slider.text == t.threshold_text


def test_a_criterion_that_is_not_among_the_figures_is_one_more():
    t = evaluation("plain").best_threshold(criterion="mcc")
    slider = slider_of(t)
    assert slider.other_label == "MCC" and slider.other is not None
    frame = t.frame.set_index("threshold")
    assert slider.other.max() == pytest.approx(frame["mcc"].max(), abs=0.05)
    tp, fp, fn, tn = (by_hand("plain", slider.thresholds[7])[each] for each in ("tp", "fp", "fn", "tn"))
    mcc = (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    assert slider.other[7] == pytest.approx(mcc)
    assert slider_of(evaluation("plain").best_threshold(criterion="f1")).other is None


def test_nothing_slides_for_several_classes_and_for_decisions():
    several = DF.imb.fit_eval("contract", strategies=[])
    assert several._card().slider is None
    decided = DF.assign(flag=(DF["support_calls"] > 2).astype(int)).imb.best_threshold(
        "churn", scores="flag", criterion="f1"
    )
    assert decided._card().slider is None
    assert "<script" not in as_html(several._card()) + as_html(decided._card())


def test_one_class_against_the_rest_has_rows_of_both():
    e = DF.imb.fit_eval("contract", pos_label="two years", strategies=[])
    slider = slider_of(e)
    assert slider.shown_labels == ["rest", "two years"]
    assert slider.positives == (e.scored.parts.train.y == "two years").sum()


def test_a_card_holds_it_without_its_script_too():
    t = evaluation("plain").best_threshold(cost=COST)
    html = re.sub(r"<script>.*?</script>", "", as_html(t._card()), flags=re.DOTALL)
    counts = by_hand("plain", float(t))
    for name, value in counts.items():
        assert f'<span data-is="{name}">{value:,.0f}</span> {name.upper()}' in html
    tp, fp, fn = counts["tp"], counts["fp"], counts["fn"]
    for name, value in (
        ("precision", f"{tp / (tp + fp):#.3g}"),
        ("recall", f"{tp / (tp + fn):#.3g}"),
        ("f1", f"{2 * tp / (2 * tp + fp + fn):#.3g}"),
        ("flagged", f"{(tp + fp) / 4.8:#.3g} %"),
        ("cost", f"{fp + 8 * fn:,.0f}"),
    ):
        assert f'<strong data-is="{name}">{value}</strong>' in html


def test_its_data_are_numbers():
    for result in (evaluation("both"), evaluation("both").best_threshold(cost=COST, criterion="mcc")):
        data = json.loads(unescape(re.search(r'data-points="(.*?)"', as_html(result._card()))[1]))
        assert data.keys() <= {"t", "tp", "fp", "cost", "other", "rows", "at"}
        flat = [each for values in data.values() for each in values]
        assert all(each is None or type(each) in (int, float) for each in flat)


@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_light_however_many_rows_there_are(weighted):
    rng, n = np.random.default_rng(0), 4_000
    y = rng.random(n) < 0.3
    rows = pd.DataFrame(
        {"y": y, "p": 1 / (1 + np.exp(2 - rng.normal(y, 1.0))), "fn": rng.uniform(1e3, 1e5, n)}
    )
    worth = pd.Series(rng.uniform(0.5, 3, n)) if weighted else None
    t = rows.imb.best_threshold(
        "y", scores="p", cost={"fp": 500, "fn": "fn"}, criterion="mcc", sample_weight=worth
    )
    html = as_html(t._card())
    start = html.index('<div class="imb-slider"')
    whole = html[start : html.index("</script>", start)]
    assert 'data-is="cost"' in whole and 'data-is="other"' in whole
    assert 8_500 < len(whole.encode()) < 10_000


def test_the_text_of_a_card_has_none():
    assert "out of fold on 480 training rows" not in repr(evaluation("plain"))
