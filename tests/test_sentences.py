"""Everything that is read can be said: no sentence of a result or of an error has more than 25 words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from every_explained import CASES as EXPLAINED
from every_explained import made as explained
from every_result import CASES, made
from explained import sentences
from explained_cases import QUICK, features, table, three
from spoken import MOST, awkward, flesch, numbers, syllables, words
from test_bad_input import EACH, arguments

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.errors import ImbalanceError
from imbalance_accessor.findings import CATALOG
from imbalance_accessor.rendering.result import Result

AUDIENCES = ("colleague", "interview")


def long_ones(*texts: str) -> list[str]:
    """The sentences that are too long to be said."""
    said = (each for text in texts for each in sentences(text))
    return [f"{len(words(each))} words: {each}" for each in said if len(words(each)) > MOST["colleague"]]


def written(result: Result) -> list[str]:
    """What a card says in sentences."""
    card = result._card()
    findings = [text for each in result.findings for text in (each.message, each.cure)]
    return [*card.title.split(". "), *card.notes, *(value for _, value in card.figures), *findings]


def said(result: Result) -> list[str]:
    return [each for audience in AUDIENCES for each in awkward(result._explain(audience), audience)]


@pytest.mark.parametrize("case", CASES)
def test_a_result_can_be_said(case):
    assert long_ones(*written(made(case))) + said(made(case)) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", EXPLAINED)
def test_a_result_can_be_said_whatever_its_options(case):
    assert long_ones(*written(explained(case)[0])) == []


def noise() -> pd.DataFrame:
    return features().assign(a=np.sin(np.arange(400) * 7.1), b=np.cos(np.arange(400) * 3.3))


def weighted() -> pd.DataFrame:
    return features().assign(w=1 + np.arange(400) % 5)


def grouped() -> pd.DataFrame:
    return features().assign(g=np.arange(400) // 60)


def scored(scores: object) -> pd.DataFrame:
    return pd.DataFrame({"s": scores, "y": table()["y"]})


def row_of(model: str) -> Result:
    return imb.fit_eval(features(), "y", strategies=["smote"], **QUICK | {"model": model}).trace(
        "smote", row=3
    )


COST, SHARES = {"fn": 20, "fp": 1}, {"a": 0.9, "b": 0.02, "c": 0.08}
SCORES: dict[str, Any] = {"scores": "s", "cv": 2, "progress": False}
STATES: dict[str, Callable[[], Result]] = {
    "few groups": lambda: imb.fit_eval(grouped(), "y", groups="g", **QUICK),
    "few groups, threshold": lambda: imb.best_threshold(grouped(), "y", groups="g", **QUICK),
    "few groups, reliability": lambda: imb.reliability(grouped(), "y", groups="g", **QUICK),
    "weighted counts": lambda: imb.counts(weighted(), "y", sample_weight="w"),
    "weighted threshold": lambda: imb.best_threshold(weighted(), "y", sample_weight="w", **QUICK),
    "weighted reliability": lambda: imb.reliability(weighted(), "y", sample_weight="w", **QUICK),
    "a prevalence": lambda: imb.fit_eval(features(), "y", prevalence=0.01, **QUICK),
    "a prevalence, overview": lambda: imb.overview(features(), "y", prevalence=0.01),
    "a prevalence, costs": lambda: imb.best_threshold(features(), "y", prevalence=0.02, cost=COST, **QUICK),
    "a prevalence, several classes": lambda: imb.fit_eval(three(), "y", prevalence=SHARES, **QUICK),
    "repeats": lambda: imb.best_threshold(features(), "y", repeats=2, min_recall=0.6, **QUICK),
    "no signal": lambda: imb.fit_eval(noise(), "y", **QUICK),
    "no signal, threshold": lambda: imb.best_threshold(noise(), "y", **QUICK),
    "no signal, costs": lambda: imb.best_threshold(noise(), "y", cost=COST, **QUICK),
    "no signal, reliability": lambda: imb.reliability(noise(), "y", **QUICK),
    "near perfect": lambda: imb.fit_eval(features().assign(a=(features()["y"] == "yes") * 5.0), "y", **QUICK),
    "two limits, held surely": lambda: imb.best_threshold(
        features(), "y", min_precision=0.4, max_flag_rate=0.3, confidence=0.9, criterion="f1", **QUICK
    ),
    "decisions": lambda: imb.best_threshold(scored((table()["p"] > 0.3) * 1.0), "y", **SCORES),
    "backwards": lambda: imb.best_threshold(scored(1 - table()["p"]), "y", **SCORES),
    "neighbours": lambda: row_of("knn"),
    "trees": lambda: row_of("forest"),
    "rounds": lambda: row_of("boosting"),
    "a margin": lambda: row_of("svm"),
    "a dozen classes": lambda: imb.smote(features().assign(y=np.arange(400) ** 2 % 23), "y"),
}


@pytest.mark.quick(3)
@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_said(state):
    result = STATES[state]()
    colleague, interview = (len(result._explain(audience)) for audience in AUDIENCES)
    assert 3 <= colleague <= 6 and 2 <= interview <= 3
    assert long_ones(*written(result)) + said(result) == []


@pytest.mark.parametrize("case", dict.fromkeys(case for case, _ in EACH))
def test_an_error_can_be_said(case):
    for verb in (verb for named, verb in EACH if named == case):
        data, target, options = arguments(case)
        with pytest.raises(ImbalanceError) as caught:
            registry.verb(verb)(data, target, **options)
        assert long_ones(str(caught.value)) == []


def test_names_of_findings_are_short():
    assert long_ones(*CATALOG.values()) == []


# ---------------------------------------------------------------- what is counted


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("One row of class 1 counts as 19 of class 0.", 11),
        ("F1 is 2 · P · R / (P + R).", 7),
        ("Use `df.imb.split(target, groups=who)` or test_size=0.2.", 4),
        ("'a b', 'c' and 'd e f' are worse than 'g h'.", 5),
        ("the 5 nearest 'x y' rows, out of fold", 8),
    ],
)
def test_words_are_counted_as_they_are_said(sentence, count):
    assert len(words(sentence)) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("average", 3),
        ("precision", 3),
        ("probabilities", 5),
        ("threshold", 2),
        ("rows", 1),
        ("are", 1),
        ("compared", 2),
        ("miscalibrated", 5),
        ("false", 1),
        ("table", 2),
        ("classes", 2),
        ("odds", 1),
        ("resampled", 3),
        ("SMOTE", 1),
        ("MCC", 3),
        ("0.25", 1),
        ("F1", 1),
    ],
)
def test_syllables_are_counted_as_they_are_heard(word, count):
    assert syllables(word) == count


def test_the_ease_of_reading_is_fleschs():
    # ten words in one sentence, eleven syllables
    text = "The cat sat on the mat and saw a tiger."
    assert flesch(text) == pytest.approx(206.835 - 1.015 * 10 - 84.6 * 11 / 10)
    assert flesch("Notwithstanding multicollinearity, regularisation necessitates recalibration.") < 0


def test_a_number_that_names_a_class_is_none():
    assert numbers("Class 1 went from 80 to 1,520 rows of class 0.") == ["80", "1,520"]


def test_what_nobody_would_say_is_seen():
    assert awkward(["I have " + "a very long " * 9 + "tale."], "interview")
    assert awkward(["It is so.", "It is 1 and 2 and 3."], "interview") == [
        "numbers ['1', '2', '3']: It is 1 and 2 and 3.",
        "nobody speaks",
    ]
    assert awkward(["I say so.", "It is 1 and 2."], "interview") == []
    assert awkward(["So it is."] * 40, "colleague") == ["120 words in all"]
    assert long_ones("So it is. " + "word " * 26 + "ends.") != []
