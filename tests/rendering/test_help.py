from __future__ import annotations

import pytest

from imbalance_accessor.registry import LABEL_VERBS, VERBS
from imbalance_accessor.rendering.help import ANSWERS, accessor_help, magic_help


@pytest.mark.parametrize(
    ("kind", "verbs", "call"),
    [("FrameAccessor", VERBS, 'df.imb.{}("target")'), ("SeriesAccessor", LABEL_VERBS, "y.imb.{}()")],
)
def test_help_lists_each_call_with_what_it_answers(kind, verbs, call):
    text = accessor_help(kind, verbs, 36168)
    assert "36,168" in text
    for verb in verbs:
        assert any(call.format(verb) in line and ANSWERS[verb] in line for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 80


def test_a_verb_without_an_answer_is_listed_all_the_same():
    assert "df.imb.dance" in accessor_help("FrameAccessor", ["dance"], 1)


def test_magic_help_shows_forms_verbs_and_examples():
    text = magic_help()
    for verb in VERBS:
        assert f"  {verb}" in text
    assert "%imbalance demo churn" in text
    assert "%imbalance VERB DF TARGET" in text
    assert max(map(len, text.splitlines())) <= 80
