"""Numbers and dates are written by machine in every habit, and read back as they were; what cells leave open is said."""

from __future__ import annotations

import datetime
import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imbalance_accessor.data.column_kinds import sort_columns
from imbalance_accessor.data.date_text import date_format, other_times
from imbalance_accessor.data.number_text import MISSING_TEXT, number_format

NUMBERS = st.lists(st.decimals(-(10**8), 10**8, places=2), min_size=3, max_size=60, unique=True)
#: Marks of thousands and of decimals.
HABITS = [
    ("", "."),
    (",", "."),
    (".", ","),
    ("", ","),
    (" ", "."),
    (" ", ","),
    ("'", "."),
    ("\u202f", ","),
    ("\u00a0", ","),
]
#: What stands around numbers of either sign, {} for the number without it.
AROUND = [
    ("{}", "-{}"), ("{}", "({})"), ("{}", "{}-"), ("{}", "−{}"), ("+{}", "-{}"), ("${}", "-${}"), ("${}", "(${})"),
    ("$ {}", "$ -{}"), ("€{}", "-€{}"), ("{} €", "-{} €"), ("{} kr", "-{} kr"), ("USD {}", "USD -{}"), ("{}%", "-{}%"),
    ("{} %", "-{} %"), ("{} kg", "-{} kg"), (" {} ", " -{}"), ("{}°C", "-{}°C"),
]  # fmt: skip
BLANKS = st.lists(st.sampled_from([*MISSING_TEXT, " ", "NA", "N/A", "NULL"]), max_size=3)


def written(number, habit, around):
    thousands, decimal = habit
    text = f"{abs(number):,.2f}".replace(",", "#").replace(".", decimal).replace("#", thousands)
    return around[number < 0].format(text)


@pytest.mark.parametrize("habit", HABITS, ids=repr)
@settings(max_examples=25)
@given(numbers=NUMBERS, around=st.sampled_from(AROUND), blanks=BLANKS)
def test_numbers_of_any_habit_are_read_back(habit, numbers, around, blanks):
    cells = [written(number, habit, around) for number in numbers]
    column = pd.Series([*cells, *blanks], dtype=object)
    found = number_format(column.unique())
    assert found is not None
    assert found.unclear == ""
    expected = [*map(float, numbers), *[np.nan] * len(blanks)]
    np.testing.assert_array_equal(found.read(column), expected)


@settings(max_examples=40)
@given(numbers=NUMBERS, later=NUMBERS, habit=st.sampled_from(HABITS), around=st.sampled_from(AROUND))
def test_rows_to_come_are_read_alike_by_the_line_and_the_step(numbers, later, habit, around):
    """Also in spellings that were not met before: other signs, blanks, words, marks."""
    found = number_format([written(number, habit, around) for number in numbers])
    cells = [written(number, habit, around) for number in later]
    cells += [
        "?",
        "",
        "n/a",
        None,
        np.nan,
        "words",
        "<5",
        7,
        2.5,
        "1,5",
        "1.234.567",
        "(3)",
        "$4",
        "5-",
        " 6 ",
        "7%",
    ]
    df = pd.DataFrame({"x": pd.Series(cells, dtype=object)})
    line = eval(found.code('df["x"]'), {"pd": pd, "df": df})
    pd.testing.assert_series_equal(line.astype(float), found.read(df["x"]))
    if any(number < 0 for number in numbers) and any(abs(number) >= 1000 for number in numbers):
        np.testing.assert_array_equal(found.read(df["x"]).head(len(later)), [*map(float, later)])


FORMATS = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y",
    "%d %B %Y", "%d-%b-%Y", "%d%b%Y", "%b %d, %Y", "%B %d, %Y", "%a, %d %b %Y", "%A, %d %B %Y", "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%d%b%Y:%H:%M:%S",
    "%a %b %d %H:%M:%S %Y", "%Y%m%d%H%M%S", "%Y%m%dT%H%M%S", "%Y-%m-%d-%H.%M.%S", "%d.%m.%Y, %H:%M", "%H:%M:%S %d/%m/%Y",
    "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S,%f",
]  # fmt: skip


@pytest.mark.parametrize("each", FORMATS)
@settings(max_examples=8)
@given(
    st.lists(
        st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2090, 1, 1)), min_size=3, max_size=60
    ),
    BLANKS,
)
def test_dates_of_any_format_are_read_back(each, moments, blanks):
    cells = [moment.strftime(each) for moment in moments]
    assume(len(set(cells)) >= 3)
    column = pd.Series([*cells, *blanks], dtype=object)
    found = date_format(column.unique())
    assert found is not None
    expected = [datetime.datetime.strptime(cell, each) for cell in cells]
    read = found.read(column)
    assert read.isna().tolist() == [False] * len(cells) + [True] * len(blanks)
    if any(moment.day > 12 for moment in moments):
        assert found.other == ""
    if found.other:  # then the other reading is the true one, or this one is
        readings = [read, pd.to_datetime(column, format=found.other, errors="coerce")]
        assert any(reading.head(len(cells)).tolist() == expected for reading in readings)
    else:
        assert read.head(len(cells)).tolist() == expected


def test_words_with_a_number_are_not_tried_as_months(monkeypatch):
    """As "level 3" has the shape of "May 2026": of fifty levels each format took its time."""
    assert other_times(["May 2026", "3 June 2026", "2026-07-01"])
    monkeypatch.setattr(pd, "to_datetime", None)
    cells = [f"level {place}" for place in range(50)]
    assert date_format(cells) is None
    assert other_times(cells) == ""


@given(st.lists(st.text(string.printable, max_size=12), min_size=1, max_size=40))
def test_any_text_is_read_without_a_change(cells):
    """Whatever the cells hold: one kind, the frame as it was, and the line says what the step does."""
    frame = pd.DataFrame({"x": pd.Series(cells, dtype=object)})
    before = frame.copy(deep=True)
    columns = sort_columns(frame)
    found = columns.read(frame)["x"]
    pd.testing.assert_frame_equal(frame, before)
    if columns.formats:
        line = eval(columns.formats["x"].code('df["x"]'), {"pd": pd, "df": frame})
        pd.testing.assert_series_equal(line, found, check_dtype=False)


# ---------------------------------------------------------------- what cells leave open


@pytest.mark.parametrize(
    ("cells", "unclear", "first"),
    [
        (["1,234", "5,678", "9,123"], "scale", 1234.0),
        (["1,234", "5,678", "12"], "values", 1234.0),
        (["1,234", "5,678", "1,234,567"], "", 1234.0),
        (["1,234", "5,678", "12.5"], "", 1234.0),
        (["1,234", "5,678", "0,123"], "", 1.234),
        (["1,234", "5,678", "9,12"], "", 1.234),
        (["1,234", "5678", "12"], "", 1.234),
        (["$1,234", "$5,678", "$12"], "", 1234.0),
        (["$1,234", "$5,678", "$9,123"], "", 1234.0),
        (["1.234 €", "5.678 €", "12 €"], "", 1234.0),
        (["1.459 €", "1.529 €", "1.499 €"], "scale", 1.459),
        (["1.234", "5.678", "9.123"], "scale", 1.234),
        (["1.234", "5.678", "12"], "values", 1.234),
        (["1.234", "5.678", "12,5"], "", 1234.0),
        (["1.234", "5.678", "1.234.567"], "", 1234.0),
        (["1.234", "5.678", "0.123"], "", 1.234),
        ([f"{number:,}" for number in range(900, 1100)], "", 900.0),
        ([f"{number:,}".replace(",", ".") for number in range(900, 1100)], "", 900.0),
    ],
)
def test_marks_before_three_digits_are_decided_by_the_other_cells(cells, unclear, first):
    found = number_format(cells)
    assert (found.unclear, found.read(pd.Series(cells))[0]) == (unclear, first)


@pytest.mark.parametrize(
    ("cells", "read", "other"),
    [
        (["01/02/2026", "03/04/2026", "05/06/2026"], "%m/%d/%Y", "%d/%m/%Y"),
        (["01/02/2026", "03/04/2026", "13/06/2026"], "%d/%m/%Y", ""),
        (["01/02/2026", "03/04/2026", "05/16/2026"], "%m/%d/%Y", ""),
        (["01.02.2026", "03.04.2026", "05.06.2026"], "%d.%m.%Y", "%m.%d.%Y"),
        (["01-02-2026", "03-04-2026", "05-06-2026"], "%d-%m-%Y", "%m-%d-%Y"),
        (["19-12-01", "19-12-02", "19-11-15"], "%y-%m-%d", "%d-%m-%y"),
        (["01-12-19", "02-12-19", "15-11-19"], "%d-%m-%y", "%y-%m-%d"),
        (["2026-01-02", "2026-03-04", "2026-05-06"], "%Y-%m-%d", ""),
    ],
)
def test_day_month_and_year_are_told_apart_by_all_cells(cells, read, other):
    found = date_format(cells)
    assert (found.format, found.other) == (read, other)
    assert found.read(pd.Series(cells)).notna().all()
