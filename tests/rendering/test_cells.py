from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imbalance_accessor.rendering.cells import Interval, Share, WrittenNumber, decimal, number, percent, text
from imbalance_accessor.rendering.labels import clean, columns, drawn, name, shorten, wrap


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.05, "5.0 %"),
        (0.0077, "0.77 %"),
        (0.000001, "0.0001 %"),
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.5, "50.0 %"),
        (0.999, "99.9 %"),
        (0.99995, "99.995 %"),
        (0.9999999, "99.99999 %"),
        (math.nan, "–"),
    ],
)
def test_a_share_keeps_the_digits_it_needs(value, shown):
    assert text(Share(value)) == shown


@given(st.floats(1e-9, 1 - 1e-9))
def test_a_share_is_never_rounded_to_nothing_or_to_all(value):
    shown = Fraction(percent(value).removesuffix(" %"))
    assert 0 < shown < 100
    rest = min(Fraction(value), 1 - Fraction(value)) * 100
    assert abs(shown - Fraction(value) * 100) <= max(rest / 20, Fraction(1, 20) if rest >= 1 else 0)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Interval(0.523, 0.41, 0.63), "0.523 [0.41, 0.63]"),
        (Interval(0.00314, 0.0012, 0.0066), "0.00314 [0.0012, 0.0066]"),
        (Interval(0.0384, 0.0287, 0.0481, digits=4), "0.0384 [0.029, 0.048]"),
        (Interval(0.05, 0.0, 0.001), "0.0500 [0.0000, 0.0010]"),
        (WrittenNumber("0.1045"), "0.1045"),
        (WrittenNumber("two\nlines"), r"two\nlines"),
        (10.0, "10.0"),
        (-19.04, "−19.0"),
        (123.4, "123"),
        (12345.6, "12,346"),
        (1.0, "1.000"),
        (1.2345, "1.23"),
        (0.0384, "0.0384"),
        (0.05, "0.0500"),
        (Interval(-0.05, -0.3, 0.02, digits=2), "−0.05 [−0.30, 0.02]"),
        (Interval(0.523, math.nan, 0.63), "0.523"),
        (Interval(0.523), "0.523"),
        (Interval(math.nan, 0.1, 0.2), "–"),
        (Interval(1234.5, 1000, 2000, digits=1), "1,234.5 [1,000, 2,000]"),
        (Interval(-0.1, -0.25, 0.05), "−0.100 [−0.25, 0.05]"),
        (36168, "36,168"),
        (np.int64(36168), "36,168"),
        (np.float64(0.5), "0.500"),
        (0.0, "0.000"),
        (0.0001234, "0.000123"),
        (1.234e-8, "1.23e-08"),
        (math.inf, "inf"),
        (True, "True"),
        (None, "–"),
        (np.nan, "–"),
        (pd.NA, "–"),
        (pd.NaT, "–"),
        ([1, 2], "[1, 2]"),
        ("as is", "as is"),
        ("two\nlines", r"two\nlines"),
        ("\x1b[31mred", r"\x1b[31mred"),
    ],
)
def test_cells_as_text(cell, shown):
    assert text(cell) == shown


@given(st.floats(1e-4, 1e5))
def test_a_number_has_three_significant_digits_or_more(value):
    assert abs(float(number(value).replace(",", "")) / value - 1) <= 0.005 + 1e-9
    if value < 0.999:
        assert abs(float(decimal(value)) / value - 1) <= (0.05 if value >= 0.01 else 0.005) + 1e-9


@pytest.mark.slow
@given(st.text())
def test_no_control_character_passes(label):
    assert clean(label).isprintable()
    assert drawn(label).count("$") == drawn(label).count(r"\$")


def test_text_that_reads_backwards_is_written_as_its_escape():
    assert clean("a\u202eb") == r"a\u202eb"


@pytest.mark.slow
@given(st.text(), st.integers(4, 60))
def test_shortened_text_fits(label, width):
    assert columns(shorten(clean(label), width)) <= width


def test_shortening_keeps_both_ends():
    assert re.fullmatch(r"0123x+…x+789", shorten("0123" + "x" * 90 + "789", 20))


@given(st.text(), st.integers(10, 80))
def test_wrapped_text_fits(sentence, width):
    assert all(columns(line) <= width for line in wrap(sentence, width, first="! ", rest="  "))


def test_blank_labels_are_quoted():
    assert [name(label) for label in ("", " yes", "yes", 1)] == ["''", "' yes'", "yes", "1"]
