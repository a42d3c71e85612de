"""Everything that is read can be said: no sentence of a result or of an error has more than 25 words."""

from __future__ import annotations

import pytest
from every_result import CASES, made
from explained import sentences
from spoken import MOST, awkward, flesch, numbers, syllables, words
from test_bad_input import EACH, arguments
from test_explanations import CASES as EXPLAINED
from test_explanations import made as explained

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
