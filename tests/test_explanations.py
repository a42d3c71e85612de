"""Every number of every explanation is the result's own, the textbook's, or computed from the user's rows."""

from __future__ import annotations

import math
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from explained import NUMBER, is_among, numbers_in, plain, sentences, strays
from explained_cases import (
    BY_ROW,
    DEAR,
    FRAUD,
    GAINS,
    HARMONIC,
    MONEY,
    Case,
    applied,
    balanced,
    by_amount,
    calibrated,
    calibrated_scores,
    categories,
    changed,
    cheap,
    churn,
    cut_of,
    cut_scores,
    divided,
    effective,
    elkan,
    evaluated,
    features,
    half,
    leaking,
    of_counts,
    of_weights,
    resampled,
    several_evaluated,
    table,
    three,
    top_class,
    weighed,
)
from imblearn.over_sampling import BorderlineSMOTE, RandomOverSampler
from spoken import awkward

import imbalance_accessor as imb
from imbalance_accessor.rendering.result import Result
from imbalance_accessor.verbs.best_threshold.text import _criterion, _how_sure
from imbalance_accessor.verbs.fit_eval.text import _apart

Y, FEW = FRAUD["y"], features()["y"]
GAPS = table()[["y"]].mask(np.arange(400)[:, None] % 7 == 1)
EVEN = pd.DataFrame({"y": ["a", "b"] * 30})
PAIR, OWN = (1, 0), {0: 0.5, 1: 4.0}

CASES: dict[str, Case] = {
    # counts, overview
    "counts": lambda: (imb.counts(FRAUD, "y"), [*of_counts(Y), 1]),
    "counts majority": lambda: (imb.counts(FRAUD, "y", pos_label=0), [*of_counts(Y, 0), 0]),
    "counts several": lambda: (imb.counts(three(), "y"), of_counts(three()["y"])),
    "counts one of several": lambda: (imb.counts(three(), "y", pos_label="c"), of_counts(three()["y"], "c")),
    "counts with gaps": lambda: (imb.counts(GAPS, "y"), of_counts(GAPS["y"].dropna())),
    "counts even": lambda: (imb.counts(EVEN, "y"), of_counts(EVEN["y"], "b")),
    "counts no test row": lambda: (
        imb.counts(FRAUD, "y", test_size=0.001),
        [*of_counts(Y, test=0, size=0.001), 1, 0],
    ),
    "overview": lambda: (
        imb.overview(features(), "y"),
        of_counts(FEW) + of_weights(FEW, balanced(FEW), ("yes", "no")),
    ),
    # weights
    "weights": lambda: weighed(FRAUD, PAIR, balanced(Y)),
    "weights sqrt": lambda: weighed(FRAUD, PAIR, balanced(Y, 0.5), method="sqrt"),
    "weights effective": lambda: weighed(FRAUD, PAIR, effective(Y), method="effective"),
    "weights own": lambda: weighed(FRAUD, PAIR, OWN, method=OWN),
    "weights own, less": lambda: weighed(FRAUD, PAIR, {0: 3.0, 1: 1.5}, method={0: 3.0, 1: 1.5}),
    "weights own, none": lambda: weighed(FRAUD, PAIR, {0: 0.0, 1: 2.0}, method={0: 0, 1: 2}),
    "weights majority": lambda: weighed(FRAUD, (0, 1), balanced(Y), pos_label=0),
    "weights several": lambda: weighed(three(), ("b", "a"), balanced(three()["y"])),
    "weights even": lambda: weighed(EVEN, ("b", "a"), balanced(EVEN["y"])),
    "weights changed": changed,
    # split
    "split": lambda: divided(features(), "yes"),
    "split groups": lambda: divided(table(), "yes", groups="who"),
    "split time": lambda: divided(table(), "yes", time="day"),
    "split own test": lambda: divided(features(), "yes", test=features().iloc[:40]),
    "split several": lambda: divided(three(), "b"),
    # smote
    "smote": lambda: resampled(features()),
    "smote three neighbours": lambda: resampled(features(), k=3, k_neighbors=3),
    "smote half": lambda: resampled(features(), ratio=0.5, scale=True),
    "smote several": lambda: resampled(three()),
    "smote numbers": lambda: resampled(features().assign(y=(FEW == "yes") * 1), labels=(0, 1)),
    "smote nothing": lambda: resampled(features(), ratio=0.1),
    "smote mixed": lambda: resampled(churn(), "churn", impute=True),
    "smote categories": lambda: resampled(categories(), "churn", kind="auto"),
    "smote own": lambda: resampled(features(), kind=RandomOverSampler(shrinkage=0.3, random_state=0)),
    "smote borderline-2": lambda: resampled(
        features(), kind=BorderlineSMOTE(kind="borderline-2", random_state=0)
    ),
    **{
        f"smote {kind}": lambda kind=kind: resampled(features(), kind=kind)
        for kind in ("borderline", "adasyn", "oversample", "undersample", "smote_tomek", "smote_enn")
    },
    # fit_eval
    **{
        f"fit_eval {kind}": lambda kind=kind: evaluated(kind)
        for kind in ("usual", "alone", "svm", "brier", "permuted", "mcc", "focal", "fitted")
    },
    "fit_eval majority": lambda: evaluated("majority", "no"),
    "fit_eval several": lambda: several_evaluated(),
    "fit_eval one of several": lambda: several_evaluated("b"),
    # best_threshold
    "threshold f1": lambda: cut_of(pool=HARMONIC, theory=half),
    "threshold f2": lambda: cut_of(
        "fbeta", HARMONIC, lambda t: applied(t)["fbeta"] / 5, criterion="fbeta", beta=2
    ),
    "threshold mcc": lambda: cut_of("mcc", [0], criterion="mcc"),
    "threshold g_mean": lambda: cut_of("g_mean", [0], criterion="g_mean"),
    "threshold accuracy": lambda: cut_of("accuracy", (), lambda t: 0.5, criterion="accuracy"),
    "threshold balanced": lambda: cut_of(
        "balanced_accuracy", (), lambda t: 64 / 320, criterion="balanced_accuracy"
    ),
    "threshold cost": lambda: cut_of("cost", MONEY.values(), elkan, cost=MONEY),
    "threshold gains": lambda: cut_of("cost", [0, 12.5, 300, 2, 14.5], lambda t: 14.5 / 314.5, cost=GAINS),
    "threshold cost with a limit": lambda: cut_of(
        "cost", [*MONEY.values(), 0.5], cost=MONEY, criterion="cost", min_precision=0.5
    ),
    "threshold precision": lambda: cut_of("recall", [0.5], min_precision=0.5),
    "threshold recall": lambda: cut_of("precision", [0.7], min_recall=0.7),
    "threshold infeasible": lambda: cut_of("f1", [*HARMONIC, 0.99, 0.5], min_precision=0.99, min_recall=0.5),
    "threshold sure": lambda: cut_of("recall", [0.3, 0.9], min_precision=0.3, confidence=0.9),
    "threshold sure, infeasible": lambda: cut_of(
        "recall", [0.95, 0.99, *np.linspace(0, 1, 1001)], min_precision=0.95, confidence=0.99
    ),
    "threshold nobody": lambda: cut_of(
        "precision", [0.002, 0], min_precision=None, max_flag_rate=0.002, criterion="precision"
    ),
    "threshold top_k": lambda: cut_of("precision", [40, 400, 0.1], top_k=40),
    "threshold flag rate": lambda: cut_of("recall", [0.15], max_flag_rate=0.15),
    "threshold svm": lambda: cut_of("f1", [*HARMONIC, 0], kind="svm"),
    "threshold svm cost": lambda: cut_of("cost", [*MONEY.values(), 0], kind="svm", cost=MONEY),
    "threshold fitted": lambda: cut_of("f1", HARMONIC, half, kind="fitted"),
    "threshold scores": lambda: cut_scores(pool=HARMONIC, theory=half),
    "threshold margins": lambda: cut_scores(pool=HARMONIC, scores="m"),
    "threshold without test": lambda: cut_scores(pool=HARMONIC, theory=half, test_size=0),
    "threshold cost by row": lambda: cut_scores("cost", by_amount(), cost=BY_ROW),
    "threshold cost by row without test": lambda: cut_scores("cost", by_amount(), cost=BY_ROW, test_size=0),
    "threshold groups": lambda: cut_scores(pool=HARMONIC, theory=half, groups="who"),
    "threshold time": lambda: cut_scores(pool=HARMONIC, theory=half, time="day"),
    "cheapest": lambda: cheap(DEAR),
    "cheapest even": lambda: cheap(1 - np.eye(3)),
    # reliability
    "reliability": lambda: calibrated(["none"]),
    "reliability weighted": lambda: calibrated(["class_weight"]),
    "reliability uncalibrated": lambda: calibrated(["none"], calibrators=[]),
    "reliability many": lambda: calibrated(
        ["none", "class_weight", "undersample", "smote"], calibrators=["prior", "sigmoid"]
    ),
    "reliability svm": lambda: calibrated(["none"], kind="svm"),
    "reliability svm uncalibrated": lambda: calibrated(["none"], kind="svm", calibrators=["prior"]),
    "reliability focal": lambda: calibrated(["focal"], kind="focal"),
    "reliability scores": lambda: calibrated_scores(),
    "reliability without test": lambda: calibrated_scores(test_size=0, calibrators=["sigmoid"]),
    "reliability top class": top_class,
    # leaks
    "leaks": lambda: leaking(features()),
    "leaks demonstrated": lambda: leaking(features(), demonstrate=True),
    "leaks found": lambda: leaking(
        pd.concat([table(seed=5).assign(refund=(table()["y"] == "yes") * 3.0)] * 3, ignore_index=True)
    ),
}


@cache
def made(case: str) -> tuple[Result, list[object]]:
    return CASES[case]()


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
