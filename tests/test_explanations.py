"""Every number of every explanation is the result's own, the textbook's, or computed from the user's rows."""

from __future__ import annotations

import math
import re

import pytest
from every_explained import CASES, FEW, made
from explained import NUMBER, is_among, numbers_in, plain, sentences, strays
from explained_cases import MONEY, features, table
from spoken import awkward

import imbalance_accessor as imb
from imbalance_accessor.verbs.best_threshold.text import _criterion, _how_sure
from imbalance_accessor.verbs.fit_eval.text import _apart

AUDIENCES = ("colleague", "interview")
EACH = pytest.mark.parametrize("audience", AUDIENCES)


@pytest.mark.quick(4)
@EACH
@pytest.mark.parametrize("case", CASES)
def test_every_number_is_the_results_own(case, audience):
    result, pool = made(case)
    said = str(result.explain(audience=audience))
    assert not strays(said, pool), "\n".join(each for each in sentences(said) if strays(each, pool))


@pytest.mark.quick(9)
@EACH
@pytest.mark.parametrize("case", CASES)
def test_there_are_as_many_sentences_as_promised(case, audience):
    result, _ = made(case)
    parts = result._explain(audience)
    assert 2 <= len(parts) <= 3 if audience == "interview" else 3 <= len(parts) <= 6
    for each in parts:
        assert each.endswith(".") and not each.endswith("..") and "\n" not in each, each
        assert len(sentences(each)) == 1, each
        assert "nan" not in plain(each) and "np." not in each and "{" not in each and "  " not in each, each
        assert plain(each)[:1].isupper() or not plain(each)[:1].isalpha(), each


@pytest.mark.quick(9)
@EACH
@pytest.mark.parametrize("case", CASES)
def test_a_person_would_say_it(case, audience):
    result, _ = made(case)
    assert awkward(result._explain(audience), audience) == []


@pytest.mark.slow  # makes every case, as the slow tests above do
def test_a_wrong_number_would_be_noticed():
    noticed, tried = 0, 0
    for case in CASES:
        result, pool = made(case)
        for audience in AUDIENCES:
            for number, percent in numbers_in(str(result.explain(audience=audience))):
                bare = number.replace(",", "")
                decimals = len(bare.partition("e")[0].partition(".")[2])
                wrong = f"{float(bare) * 1.37 + 7 * 10.0**-decimals:.{decimals}f}"
                noticed += not is_among(wrong, percent, pool)
                tried += 1
    assert tried > 1000
    assert noticed / tried > 0.9


def test_numbers_are_read_off_a_sentence():
    said = "F1 is 0.317 [0.18, 0.44] on 1,600 rows ('x 7'), 5.0 %, 1 : 19, IMB106, w_c = −w and 3e-05."
    assert [each[0] for each in numbers_in(said)] == [
        "0.317",
        "0.18",
        "0.44",
        "1,600",
        "5.0",
        "1",
        "19",
        "3e-05",
    ]
    assert [each for each, percent in numbers_in(said) if percent] == ["5.0"]
    assert NUMBER.search("p² and x_1") is None
    assert strays("It is 0.32.", [0.317]) == [] and strays("It is 0.33.", [0.317]) == ["0.33"]
    assert strays("11 rows", [10]) == ["11"]


# ---------------------------------------------------------------- sentences by hand


def said(case: str, audience: str = "colleague") -> str:
    return str(made(case)[0].explain(audience=audience))


def test_the_weights_of_fifty_in_a_thousand():
    text = said("weights")
    assert (
        "w_c = n / (k · n_c).** Here they are 1,000 / (2 · 50) = 10 for class 1 and 0.526 for class 0."
        in text
    )
    assert "one row of class 1 counts as 19 of class 0" in text
    # 0.5 / (0.5 + 19 · 0.5)
    assert "19 times too high. Then p' = p / (p + 19 · (1 − p)) turns 0.5 back into 0.05;" in text
    assert "one row of class 1 counts as 19 of class 0" in said("weights", "interview")
    assert "one row of class 1 counts as 19 of class 0" in said("weights majority")


def test_a_weight_of_zero_is_said_and_not_divided_by():
    for audience in AUDIENCES:
        assert "a weight of 0 leaves the rows of class 0 out of it" in said("weights own, none", audience)


def test_why_f1_is_the_harmonic_mean():
    (about, *_) = _criterion(made("threshold f1")[0])
    assert about.endswith("precision and recall: 1.0 and 0.01 give 0.020, not 0.505.")
    assert f"{2 * 1.0 * 0.01 / (1.0 + 0.01):.3f}" == "0.020" and (1.0 + 0.01) / 2 == 0.505


def test_the_business_line():
    line = "One missed 'yes' costs 50,000 and one false alarm 500"
    text = said("threshold cost")
    assert f"{line}." in text
    assert "For comparison, Elkan's 500 / (500 + 50,000) = 0.0099 comes to a cost of " in text
    assert f"{line}, so I chose the threshold by cost." in said("threshold cost", "interview")
    assert pytest.approx(0.0099, abs=5e-6) == 500 / (500 + 50_000)


def test_a_number_as_a_label_is_not_read_as_a_count():
    frame = features().assign(y=(FEW == "yes") * 1)
    found = imb.best_threshold(frame, "y", model="naive_bayes", cv=2, progress=False, cost=MONEY)
    assert "One missed y=1 costs 50,000 and one false alarm 500" in str(found.explain())
    assert "training rows only: class 1 went from 64 to 256 rows." in said("smote numbers", "interview")


def test_gains_are_called_gains():
    # (12.5 + 2) / ((12.5 + 2) + (0 + 300))
    text = said("threshold gains")
    assert (
        "One missed 'yes' costs nothing, one false alarm 12.5, one 'yes' that is found gains 300 and one other row left "
        "alone 2."
    ) in text
    assert "Elkan's (12.5 + 2) / ((12.5 + 2) + (0 + 300)) = 0.0461 comes to a gain of " in text
    assert f"{14.5 / 314.5:.3g}" == "0.0461"
    assert "a gain of" in text


def test_amounts_by_row_have_no_single_threshold():
    low, high = 5 / (5 + table()["amount"].max()), 5 / (5 + table()["amount"].min())
    text = said("threshold cost by row")
    assert "One missed 'yes' costs what 'amount' says of its row and one false alarm 5" in text
    own = f"Elkan's 5 / (5 + amount), one threshold a row ({low:.3g} to {high:.3g}), comes to a cost of "
    assert f"For comparison, {own}" in text


def test_limits_and_margins_have_no_theory():
    for case in (
        "threshold cost with a limit",
        "threshold svm cost",
        "threshold margins",
        "threshold precision",
        "threshold infeasible",
    ):
        assert "In theory" not in said(case) and "true probabilities" not in said(case)
    assert "Theory has no threshold for these scores" in said("threshold svm cost")


def test_the_formula_of_smote_and_its_neighbours():
    assert "A new row is x + λ · (x_nn − x)" in said("smote")
    assert "one of the 5 nearest rows of the same class" in said("smote")
    assert "one of the 3 nearest rows" in said("smote three neighbours")
    assert "near-copies of test rows would be in the training set" in said("smote")
    for case in ("smote oversample", "smote undersample", "smote own"):
        assert "λ" not in said(case)
    assert "no value is new" not in said("smote own") and "Gaussian noise" in said("smote own")
    assert "the test set would not have the classes' real shares" in said("smote undersample")


def test_smote_with_weights_is_smote():
    assert "SMOTE plus balanced weights is SMOTE alone: after it the classes are 1 : 1" in said(
        "fit_eval several"
    )
    assert "SMOTE plus" not in said("fit_eval usual")


def test_the_distinguished_strategies_are_those_whose_interval_leaves_out_zero():
    for case in ("fit_eval usual", "fit_eval brier", "fit_eval several", "fit_eval mcc"):
        found = made(case)[0]
        metric, rows = found.settings.metric, found.differences
        sign = -1 if metric == "brier" else 1
        low, high = (sign * rows[f"{metric}{end}"] for end in ("_low", "_high"))
        better = set(rows.index[(low > 0) & (high > 0)])
        worse = set(rows.index[(low < 0) & (high < 0)])
        text = " ".join(_apart(found))
        at = {"better": set(), "worse": set()}
        for clause in re.split(r" than the plain model(?: and |[ .])?", text):
            for what, names in at.items():
                if clause.endswith(what):
                    names |= set(re.findall("'([^']*)'", clause))
        assert (at["better"], at["worse"]) == (better, worse), text


def test_the_brier_score_adds_up_as_printed():
    for case in (each for each in CASES if each.startswith("reliability")):
        found = [
            each for each in made(case)[0]._explain("colleague") if "miscalibration − discrimination" in each
        ]
        for sentence in found:
            brier, *parts = (float(number) for number, _ in numbers_in(sentence))
            adds_up = brier == pytest.approx(parts[0] - parts[1] + parts[2], abs=1e-9)
            assert adds_up != ("(rounded)" in sentence)
            assert all(len(each.partition(".")[2]) <= 4 for each, _ in numbers_in(sentence))
            assert math.isfinite(brier)


def test_the_overview_says_what_the_counts_say():
    found = made("overview")[0]
    for audience in AUDIENCES:
        assert [*found._explain(audience)][: len(found.counts._explain(audience))] == [
            *found.counts._explain(audience)
        ]


def test_resamples_without_a_threshold_are_not_counted_among_those_with_one():
    for case in CASES:
        if case.startswith("threshold"):
            t = made(case)[0]
            some = 0 < t.threshold_ci.infeasible < 1
            assert ("resamples that have one" in "".join(_how_sure(t))) == some, case


def test_what_was_not_done_is_not_said():
    assert "I calibrate first" not in said("cheapest", "interview")
    assert "would check their calibration" in said("cheapest", "interview")
    for case in (each for each in CASES if each.startswith("fit_eval")):
        assert ("was fitted here" in said(case)) == (case == "fit_eval fitted")
    assert "but it may have seen these rows." in said("fit_eval fitted", "interview")
