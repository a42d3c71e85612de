"""What is said of how columns were read: with numbers, and with a cure that works when it is followed to the letter."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features

N = 120
RNG = np.random.default_rng(0)


def framed(**columns):
    repeated = {name: [cells[i % len(cells)] for i in range(N)] for name, cells in columns.items()}
    return pd.DataFrame({"z": RNG.normal(size=N), **repeated, "y": RNG.random(N) < 0.3})


def said(df, code, **options):
    return [finding for finding in read_features(df, "y", **options).findings if finding.code == code]


def followed(df, finding):
    """Run the lines of a fix."""
    names = {"df": df.copy(), "pd": pd, "np": np}
    exec(finding.fix.lines, names)
    return names["df"]


def test_numbers_written_as_text_are_one_note():
    df = framed(
        a=["$1,200.50", "$5", " ", "n/a", "$7"],
        b=["5%", "7.5%", "83.7%"],
        c=["1", "2", "3.5"],
        d=["1.200,5", "7", "(3,5)"],
    )
    (finding,) = said(df, "IMB203")
    assert finding.severity == "note"
    assert finding.message == (
        "Numbers written as text, read as numbers: 'a' (like '$1,200.50', commas between thousands; ' ', 'n/a' in 48 cells is "
        "missing), 'b' (like '7.5%'), 'c' (like '3.5'), 'd' (like '1.200,5', brackets for negative numbers, dots between "
        "thousands, decimal commas)."
    )


def test_blanks_are_shown_shortly():
    df = framed(a=["1.5", "2.5", "3", "?", "", "-", "n/a", " " * 20_000])
    (finding,) = said(df, "IMB203")
    assert len(finding.message) < 250
    assert "... in 75 cells is missing" in finding.message


@pytest.mark.parametrize(
    ("cells", "severity", "read", "instead"),
    [
        (["1,234", "5,678", "9,123"], "note", 1234.0, 1.234),
        (["1,234", "5,678", "12"], "warning", 1234.0, 1.234),
        (["1.234", "5.678", "9.123"], "note", 1.234, 1234.0),
        (["1.234", "5.678", "12"], "warning", 1.234, 1234.0),
        (["12 mm", "1,234 mm", "5,678 mm"], "warning", 12.0, 12.0),
        (["1,234 mm", "5,678 mm", "(12 mm)", "12 mm"], "warning", 1234.0, 1.234),
        ([1.5, "1,234", "5,678", "9,123"], "note", 1.5, 1.5),
        (["1.459 €", "1.529 €", "1.499 €"], "note", 1.459, 1459.0),
    ],
)
def test_marks_that_can_be_read_in_two_ways_are_said_with_the_other_reading(cells, severity, read, instead):
    df = framed(a=cells)
    (finding,) = said(df, "IMB210")
    assert finding.severity == severity
    assert any(str(cell) in finding.message for cell in cells)
    assert read_features(df, "y").X["a"][0] == read
    after = followed(df, finding)
    assert after["a"][0] == instead
    assert said(after, "IMB210") == []
    assert read_features(after, "y").columns.numeric == ("z", "a")


@pytest.mark.parametrize(
    ("cells", "read", "instead"),
    [
        (["01/02/2026", "03/04/2026", "05/06/2026"], (2026, 1, 2), (2026, 2, 1)),
        (
            ["01.02.2026 10:30", "03.04.2026 11:00", "05.06.2026 12:00"],
            (2026, 2, 1, 10, 30),
            (2026, 1, 2, 10, 30),
        ),
        ([" 01-02-2026", "03-04-2026", "05-06-2026"], (2026, 2, 1), (2026, 1, 2)),
        (["20-12-01", "20-12-02", "21-11-15"], (2020, 12, 1), (2001, 12, 20)),
    ],
)
@pytest.mark.parametrize("time", [None, "a"])
def test_days_that_can_be_read_in_two_ways_are_said_with_the_other_reading(cells, read, instead, time):
    df = framed(a=cells)
    (finding,) = said(df, "IMB210", time=time)
    assert read_features(df, "y", time=time).X["a"][0] == datetime.datetime(*read)
    after = followed(df, finding)
    assert after["a"][0] == datetime.datetime(*instead)
    assert said(after, "IMB210", time=time) == []


def test_dates_that_cells_tell_apart_are_not_said_to_be_unclear():
    assert said(framed(a=["01/02/2026", "03/04/2026", "13/06/2026"]), "IMB210") == []


@pytest.mark.parametrize("cells", [
    ["31/01/2026", "01/02/2026", "03/04/2026"], ["20260131", "20260201", "20260403"], [20260131, 20260201, 20260403],
    [" 2026-01-31", "2026-02-01", "2026-04-03"], [datetime.datetime(2026, 1, 31), datetime.datetime(2026, 2, 1)],
    [datetime.date(2026, 1, 31), datetime.date(2026, 2, 1)],
    ["31/Jan/2026:17:05:00 +0100", "01/Feb/2026:17:05:00 +0100", "03/Apr/2026:17:05:00 +0200"],
], ids=str)  # fmt: skip
def test_dates_are_named_with_format_and_span_and_cures_that_work(cells):
    df = framed(day=cells)
    (finding,) = said(df, "IMB209")
    last = "2026-02-01" if len(cells) == 2 else "2026-04-03"
    assert finding.message.startswith(f"Dates, not used as features: 'day' (2026-01-31 to {last}")
    after = followed(df, finding)
    if len(cells) == 2:  # on two days running the hour, of a longer span the month
        assert after["day_hour"].head(2).tolist() == [0, 0]
    else:
        assert after["day_month"].head(2).tolist() == [1, 2]
    assert ("time='day'" in finding.cure) == (
        type(cells[0]) is not datetime.date
    )  # objects do not order rows
    if "time='day'" in finding.cure:
        parts = imb.split(df, "y", time="day")
        assert parts.X_train["day"].max() < parts.X_test["day"].min()


@pytest.mark.parametrize("options", [{"groups": "who"}, {"time": "when"}])
def test_a_rule_is_not_advised_where_there_is_one(options):
    df = framed(day=["2026-01-31", "2026-02-01", "2026-04-03"], who=[*range(30)], when=[0.5, 1.5, 2.5, 3.5])
    (finding,) = said(df, "IMB209", **options)
    assert "time=" not in finding.cure


def test_days_with_gaps_do_not_order_rows():
    df = framed(day=["2026-01-31", "2026-02-01", "", "2026-04-03"])
    (finding,) = said(df, "IMB209")
    assert "time=" not in finding.cure
    with pytest.raises(imb.errors.OptionError, match="'day' has 30 missing cells") as caught:
        read_features(df, "y", time="day")
    names = {"df": df, "pd": pd}
    exec(caught.value.fix.lines, names)
    assert len(read_features(names["df"], "y", time="day").X) == 90


def test_numbers_written_as_text_order_rows():
    df = framed(week=[str(week) for week in range(1, 41)])
    parts = imb.split(df, "y", time="week")
    assert parts.X_train["week"].max() < parts.X_test["week"].min()
    assert parts.X_test["week"].max() == 40


def test_words_do_not_order_rows():
    df = framed(
        week=[f"w{week}" for week in range(40)], day=["Jan 2026", "3 Feb 2026", "2026/03/01 10:00"] * 2
    )
    with pytest.raises(imb.errors.OptionError, match=r"takes dates or numbers\. Make such of it\.$"):
        read_features(df, "y", time="week")


def test_dates_of_several_types_have_no_span():
    df = framed(day=[datetime.date(2026, 1, 1), pd.Timestamp("2026-02-01")])
    (finding,) = said(df, "IMB209")
    assert "'day' (of several types)" in finding.message


def test_numbers_with_words_stay_categories_and_are_said():
    df = framed(job=["< 1 year", "2 years", "10+ years"], mixed=["1", "2", "3", "low", "high", "4"])
    (finding,) = said(df, "IMB211")
    assert finding.message == (
        "Numbers among words, or with words, are taken as categories, without their order: 'job' ('< 1 year', '10+ years'), "
        "'mixed' ('low', 'high')."
    )
    assert finding.cure == "If their order matters, map each of them to a number."
    assert read_features(df, "y").columns.categorical == ("job", "mixed")


@pytest.mark.parametrize(
    "cells",
    [
        ["941xx", "100xx", "303xx"],
        ["85123A", "71053", "84406B", "22752"],
        ["250.83", "008", "V27", "410"],
        ["C12", "C3", "C7"],
    ],
    ids=str,
)
def test_codes_are_not_advised_to_be_numbers(cells):
    features = read_features(framed(code=cells), "y")
    assert (features.columns.categorical, features.findings) == (("code",), ())


@pytest.mark.parametrize("form", ["{}", "${:,}", "{}%"])
def test_a_word_among_many_numbers_is_said_with_the_line_that_makes_it_missing(form):
    df = framed(a=[form.format(number) for number in range(900, 1500, 15)])
    df.loc[[7, 50], "a"] = "see note"
    (finding,) = said(df, "IMB211")
    assert "'a' ('see note')" in finding.message
    after = followed(df, finding)
    assert after["a"].isna().sum() == 2
    features = read_features(after, "y")
    assert (features.columns.numeric, features.findings) == (("z", "a"), ())


@pytest.mark.parametrize("odd", ["90+", "> 90", "< 1"])
def test_a_bound_among_many_numbers_is_not_advised_to_be_made_missing(odd):
    (finding,) = said(framed(age=[*map(str, range(18, 90)), odd]), "IMB211")
    assert finding.cure == "If their order matters, map each of them to a number."


@pytest.mark.parametrize("odd", ["1e999", "9" * 20_000])
def test_numbers_beyond_all_floats_are_no_reason_to_stop(odd):
    df = framed(a=["1.5", "2", "3.25", odd])
    (finding,) = said(df, "IMB211")
    assert len(finding.message) < 250
    imb.fit_eval(df, "y", strategies=["none"], cv=2, n_jobs=1, progress=False)


def test_free_text_is_said_and_left_out():
    df = framed(note=[f"the customer called {i} times about the bill" for i in range(N)])
    (finding,) = said(df, "IMB202")
    assert finding.message == "Not used as features: 'note' (free text)."
    assert finding.cure == "preprocess='skrub' of fit_eval makes features of free text."


def test_a_test_frame_that_writes_numbers_in_other_ways_is_read_or_refused():
    df = framed(a=["$1,200.50", "$5", " ", "$8"], day=["31/01/2026", "01/02/2026", "03/04/2026"])
    other = framed(a=["?", "$7", "$1,000", None, "12"], day=["28/02/2026", "", None])
    read = read_features(df, "y", test=other).test.X
    np.testing.assert_array_equal(read["a"].head(5), [np.nan, 7, 1000, np.nan, 12])
    assert read["day"].head(3).tolist() == [datetime.datetime(2026, 2, 28), pd.NaT, pd.NaT]
    as_numbers = other.assign(a=2.5)
    assert read_features(df, "y", test=as_numbers).test.X["a"].tolist() == [2.5] * N
    with pytest.raises(
        imb.errors.SplitError,
        match=r"cells like 'seven' in 'a', where the first frame has numbers like '\$1,200.50'",
    ):
        read_features(df, "y", test=other.assign(a="seven"))
    with pytest.raises(
        imb.errors.SplitError,
        match="cells like '2026-02-28' in 'day', where the first frame has dates like '31/01/2026'",
    ):
        read_features(df, "y", test=other.assign(day="2026-02-28"))
