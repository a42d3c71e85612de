"""Every sentence of a card can be read aloud: the small print and the figures of all results."""

from __future__ import annotations

import re

import pytest
from every_result import CASES, NO_PICTURE, made

from imbalance_accessor.rendering.cells import text

#: Words of a sentence at most, and what counts as one: a name in quotes, code, an interval.
MOST = 25
_AS_ONE = re.compile(r"'[^']*'|\"[^\"]*\"|\S+=\S+|\[[^\]]*\]|\([^()]*\)")


def words(sentence: str) -> int:
    return len(re.findall(r"\w[\w.,/%-]*", _AS_ONE.sub(" it ", sentence)))


def told(said: str) -> list[str]:
    return re.split(r"(?<=[a-z0-9)\]])[.;] +", said)


@pytest.mark.quick(6)
@pytest.mark.parametrize("case", CASES)
def test_notes_and_figures_are_short_sentences(case):
    card = made(case)._card()
    for said in (card.title, *card.notes, *(value for _, value in card.figures)):
        long = [sentence for sentence in told(said) if words(sentence) > MOST]
        assert not long, long


@pytest.mark.quick(6)
@pytest.mark.parametrize("case", CASES)
def test_numbers_of_a_table_have_three_significant_digits(case):
    card = made(case)._card()
    for table in filter(lambda each: each is not None, (card.table, *card.more_tables)):
        for value in table.to_numpy(dtype=object).ravel():
            if not isinstance(value, float) or value != value or value in (0.0, float("inf")):
                continue
            shown = float(text(value).replace(",", ""))
            assert abs(shown / value - 1) <= 0.005 + 1e-9, (value, text(value))


@pytest.mark.quick(4)
@pytest.mark.parametrize("case", CASES)
def test_no_bar_is_drawn_twice_and_methods_are_called_so(case):
    html = made(case)._repr_html_()
    assert html.count("<summary>Methods</summary>") >= 1
    assert ('class="imb-share"' in html and 'class="imb-picture"' in html) <= (
        not case.startswith(NO_PICTURE)
    )
