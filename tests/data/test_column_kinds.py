"""Columns are read as their owner means them: which kind their cells make, and which numbers and dates they are."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.data.column_kinds import sort_columns

N = 120
NAN, NAT = float("nan"), None

#: Text and the numbers it means, written down by hand.
NUMBERS = {
    "decimals": {"1.5": 1.5, "20.25": 20.25, "-3": -3.0, "0.125": 0.125},
    "whole": {"5": 5, "17": 17, "3": 3, "120": 120},
    "blanks": {" ": NAN, "1.5": 1.5, "2": 2, "": NAN, "7.25": 7.25},
    "question marks": {"?": NAN, "31": 31, "42.5": 42.5, "7": 7},
    "words for missing": {"n/a": NAN, "NA": NAN, "null": NAN, "-": NAN, "1": 1, "2": 2, "10": 10},
    "a dot for missing": {".": NAN, "1.5": 1.5, "2.5": 2.5, "12": 12},
    "spaces around": {"  5 ": 5, " 6.5": 6.5, "77": 77, "8\t": 8},
    "line ends": {"5\n": 5, "6.5\r\n": 6.5, "77": 77},
    "plus signs": {"+1.5": 1.5, "-2.5": -2.5, "+10": 10},
    "no leading zero": {".5": 0.5, ".25": 0.25, "-.75": -0.75},
    "no digits after the point": {"5.": 5, "6.": 6, "17.": 17},
    "exponents": {"1e3": 1000, "2.5E-3": 0.0025, "-1.25e+02": -125},
    "commas between thousands": {"1,234.5": 1234.5, "12": 12, "1,234,567": 1234567},
    "points between thousands": {"1.234,5": 1234.5, "12": 12, "1.234.567": 1234567},
    "decimal commas": {"1,5": 1.5, "20,25": 20.25, "-3": -3},
    "spaces between thousands": {"1 234.5": 1234.5, "12": 12, "1 234 567": 1234567},
    "spaces and decimal commas": {"1 234,5": 1234.5, "12,25": 12.25, "1 234 567": 1234567},
    "narrow spaces": {"1\u202f234,5": 1234.5, "12,25": 12.25, "1\u00a0234\u00a0567": 1234567},
    "apostrophes": {"1'234.50": 1234.5, "12": 12, "1'234'567": 1234567},
    "round apostrophes": {"1’234.50": 1234.5, "12": 12, "999": 999},
    "lakhs": {"1,23,456": 123456, "12,345": 12345, "1,00,00,000": 10000000},
    "some thousands marked": {"1,234.50": 1234.5, "1234.5": 1234.5, "12": 12},
    "dollars": {"$5": 5, "$1,200.50": 1200.5, "-$3": -3, "$-4.5": -4.5},
    "accounting": {"($5)": -5, "$1,200.50": 1200.5, "($3.25)": -3.25, "$0": 0},
    "accounting, brackets inside": {"$(5)": -5, "$1,200.50": 1200.5, "$ (3.25)": -3.25},
    "brackets": {"(5)": -5, "1.5": 1.5, "(3.25)": -3.25},
    "euros behind": {"5 €": 5, "1.200,50 €": 1200.5, "-3,5 €": -3.5},
    "euros in front": {"€5": 5, "€1,200.50": 1200.5, "€ 7": 7},
    "currency by name": {"EUR 5": 5, "EUR 1200.5": 1200.5, "EUR 7.25": 7.25},
    "francs": {"CHF 1'200.50": 1200.5, "CHF 5": 5, "CHF 7.25": 7.25},
    "reais": {"R$ 1.200,50": 1200.5, "R$ 5": 5, "R$ 7,25": 7.25},
    "rupees": {"Rs. 1,200": 1200, "Rs. 5": 5, "Rs. 75": 75},
    "pounds with gaps": {"£5": 5, "": NAN, "£7.50": 7.5, "N/A": NAN, "£12": 12},
    "percent keeps its figure": {"83.7%": 83.7, "5%": 5, "0.5%": 0.5},
    "percent apart": {"83.7 %": 83.7, "5 %": 5, "0.5 %": 0.5},
    "percent and commas": {"83,7%": 83.7, "5%": 5, "0,5%": 0.5},
    "minus behind": {"5-": -5, "1.5": 1.5, "3.25-": -3.25},
    "real minus signs": {"−5": -5, "1.5": 1.5, "−3.25": -3.25},
    "a unit": {"5 kg": 5, "7.5 kg": 7.5, "12 kg": 12},
    "a unit close by": {"5kg": 5, "7.5kg": 7.5, "12kg": 12},
    "months": {" 36 months": 36, " 60 months": 60, " 48 months": 48},
    "degrees": {"5.5°C": 5.5, "-7°C": -7, "12.25°C": 12.25},
    "a speed": {"5 km/h": 5, "7.5 km/h": 7.5, "120 km/h": 120},
    "zero without unit": {"5%": 5, "0": 0, "7.5%": 7.5, "12%": 12},
    "signs make no codes": {"-123": -123, "456": 456, "-789": -789},
    "six digits after the point": {"0.123456": 0.123456, "1.5": 1.5, "22.000001": 22.000001},
}  # fmt: skip

#: Text and the dates it means, written down by hand.
DATES = {
    "iso": {"2026-01-31": "2026-01-31", "2025-12-01": "2025-12-01", "2024-02-29": "2024-02-29"},
    "iso with gaps": {"2026-01-31": "2026-01-31", "": NAT, "?": NAT, "2025-12-01": "2025-12-01", "2024-02-29": "2024-02-29"},
    "zeros for no date": {"2026-01-31": "2026-01-31", "0000-00-00": NAT, "2025-12-01": "2025-12-01", "2024-02-29": "2024-02-29"},
    "spaces around": {" 2026-01-31": "2026-01-31", "2025-12-01 ": "2025-12-01", "2024-02-29": "2024-02-29"},
    "iso times": {
        "2026-01-31T17:05:00": "2026-01-31 17:05:00", "2025-12-01 08:00:30": "2025-12-01 08:00:30",
        "2024-02-29": "2024-02-29",
    },
    "slashes, year first": {"2026/01/31": "2026-01-31", "2025/12/01": "2025-12-01", "2024/02/29": "2024-02-29"},
    "day first": {"31/01/2026": "2026-01-31", "01/12/2025": "2025-12-01", "03/04/2024": "2024-04-03"},
    "month first": {"01/31/2026": "2026-01-31", "12/01/2025": "2025-12-01", "03/04/2024": "2024-03-04"},
    "no padding": {"31/1/2026": "2026-01-31", "1/12/2025": "2025-12-01", "3/4/2024": "2024-04-03"},
    "points": {"31.01.2026": "2026-01-31", "01.12.2025": "2025-12-01", "03.04.2024": "2024-04-03"},
    "dashes, day first": {"31-01-2026": "2026-01-31", "01-12-2025": "2025-12-01", "03-04-2024": "2024-04-03"},
    "two digits of the year": {"31/01/26": "2026-01-31", "01/12/25": "2025-12-01", "03/04/24": "2024-04-03"},
    "year first, two digits": {"26-01-31": "2026-01-31", "26-12-01": "2026-12-01", "26-02-15": "2026-02-15"},
    "digits alone": {"20260131": "2026-01-31", "20251201": "2025-12-01", "20240229": "2024-02-29"},
    "months by name": {"31 Jan 2026": "2026-01-31", "1 Dec 2025": "2025-12-01", "29 Feb 2024": "2024-02-29"},
    "months in full": {"January 31, 2026": "2026-01-31", "December 1, 2025": "2025-12-01", "May 29, 2024": "2024-05-29"},
    "months alone": {"Jan-2026": "2026-01-01", "Dec-2025": "2025-12-01", "Feb-2024": "2024-02-01"},
    "year and month": {"2026-01": "2026-01-01", "2025-12": "2025-12-01", "2024-02": "2024-02-01"},
    "spss": {"31-JAN-2026": "2026-01-31", "01-DEC-2025": "2025-12-01", "29-FEB-2024": "2024-02-29"},
    "sas": {
        "31JAN2026:17:05:00": "2026-01-31 17:05:00", "01DEC2025:08:00:30": "2025-12-01 08:00:30",
        "29FEB2024:00:00:00": "2024-02-29",
    },
    "stata": {"31jan2026": "2026-01-31", "01dec2025": "2025-12-01", "29feb2024": "2024-02-29"},
    "web server": {
        "31/Jan/2026:17:05:00 +0000": "2026-01-31 17:05:00", "01/Dec/2025:08:00:30 +0100": "2025-12-01 07:00:30",
        "29/Feb/2024:00:00:00 +0000": "2024-02-29",
    },
    "c library": {
        "Sat Jan 31 17:05:00 2026": "2026-01-31 17:05:00", "Mon Dec  1 08:00:30 2025": "2025-12-01 08:00:30",
        "Thu Feb 29 00:00:00 2024": "2024-02-29",
    },
    "java logs": {
        "2026-01-31 17:05:00,250": "2026-01-31 17:05:00.250000", "2025-12-01 08:00:30,000": "2025-12-01 08:00:30",
        "2024-02-29 00:00:00,001": "2024-02-29 00:00:00.001000",
    },
    "db2": {
        "2026-01-31-17.05.00": "2026-01-31 17:05:00", "2025-12-01-08.00.30": "2025-12-01 08:00:30",
        "2024-02-29-00.00.00": "2024-02-29",
    },
    "half days": {
        "01/31/2026 5:05 PM": "2026-01-31 17:05:00", "12/01/2025 8:00 AM": "2025-12-01 08:00:00",
        "02/29/2024 12:00 AM": "2024-02-29",
    },
    "zones": {
        "2026-01-31T17:05:00Z": "2026-01-31 17:05:00", "2025-12-01T08:00:30+01:00": "2025-12-01 07:00:30",
        "2024-02-29T00:00:00-05:00": "2024-02-29 05:00:00",
    },
}  # fmt: skip

#: Columns that are neither, and what they are.
OTHERS = {
    "words": (["red", "green", "blue"], "category"),
    "two numbers": (["0", "1"], "category"),
    "two blanks apart": (["yes", "?", ""], "category"),
    "postal codes": (["00501", "10001", "94105", "02134"], "code"),
    "codes of one length": (["410", "250", "786"], "code"),
    "codes with gaps": (["4100", "2500", "?", "7860"], "code"),
    "leading zeros of any length": (["007", "01", "0123"], "code"),
    "codes with points": (["250.83", "008", "410"], "category"),
    "parts of postal codes": (["941xx", "100xx", "303xx"], "category"),
    "articles": (["85123A", "71053", "84406B", "22752"], "category"),
    "years": (["1999", "2004", "2011"], "code"),
    "bounds": (["< 1 year", "2 years", "10+ years"], "category"),
    "more bounds": (["<1", ">20", "5", "7"], "category"),
    "half words": (["1", "2", "low", "high", "3.5"], "category"),
    "two currencies": (["$5", "€6", "$7"], "category"),
    "two units": (["5 kg", "3 lb", "7 kg"], "category"),
    "percent and none": (["5%", "6", "7.5%"], "category"),
    "letters behind digits": (["12A", "3B", "45A"], "category"),
    "letters before digits": (["C12", "C3", "C45"], "category"),
    "ranges": (["[70-80)", "[80-90)", "[50-60)"], "category"),
    "fractions": (["1/2", "3/4", "5/8"], "category"),
    "pressures": (["120/80", "130/85", "118/77"], "category"),
    "versions": (["1.2.3", "1.10.0", "2.0.1"], "category"),
    "hexadecimal": (["0x1F", "0x2A", "0x11"], "category"),
    "other digits": (["١٢", "٣", "٤٥"], "category"),
    "wide digits": (["１２", "３", "４５.５"], "category"),
    "without end": (["1", "2.5", "3", "inf"], "category"),
    "too large": (["1", "2.5", "3", "1e999"], "category"),
    "four hundred digits": (["1", "2.5", "3", "9" * 400], "category"),
    "no real days": (["2026-02-30", "2026-02-28", "2026-02-27"], "category"),
    "two formats": (["2026-02-28", "03/04/2026", "05/06/2026"], "category"),
    "before our time": (["-0044-03-15", "-0043-03-15", "-0042-03-15"], "category"),
    "quotes": (["5\"'", "3\"'", "4\"'"], "category"),
    "backslashes": (["5\\n", "3\\n", "4\\n"], "category"),
    "what patterns are made of": (["5 (a+", "3 (a+", "4 (a+"], "category"),
    "a zero byte": (["5\x00", "3\x00", "4\x00"], "category"),
}
DTYPES = ["object", "str", "string", "string[pyarrow]", "pyarrow"]


def column(cells, dtype="object", rows=N):
    """A column that repeats some cells."""
    if "pyarrow" in dtype:
        pyarrow = pytest.importorskip("pyarrow")
        dtype = pd.ArrowDtype(pyarrow.string()) if dtype == "pyarrow" else dtype
    cells = list(cells)
    return pd.Series([cells[i % len(cells)] for i in range(rows)], dtype=object).astype(dtype)


def dates(days):
    """A column of dates, which Python's own parser reads."""
    return pd.to_datetime(column([day and datetime.datetime.fromisoformat(day) for day in days]))


def read(cells, dtype="object"):
    """What a column is sorted as, its format, and its cells as they are read."""
    frame = pd.DataFrame({"x": column(cells, dtype)})
    before = frame.copy(deep=True)
    columns = sort_columns(frame)
    found = columns.read(frame)["x"]
    pd.testing.assert_frame_equal(frame, before)
    if "x" in columns.formats:
        written_out = eval(columns.formats["x"].code('df["x"]'), {"pd": pd, "df": frame})
        assert_same(written_out, found)
    return columns.kinds["x"], columns.formats.get("x"), found


def assert_same(written_out, found):
    """The line gives what the step gives; columns of nullable types stay such."""
    if found.dtype == np.float64:
        written_out = pd.Series(written_out.to_numpy("float64", na_value=NAN), name="x")
    pd.testing.assert_series_equal(written_out, found)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_read_from_text(name, dtype):
    kind, written, found = read(NUMBERS[name], dtype)
    assert kind == "number"
    assert written.unclear == ""
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, column(NUMBERS[name].values()).astype(float))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DATES)
def test_dates_are_read_from_text(name, dtype):
    kind, written, found = read(DATES[name], dtype)
    assert kind == "date"
    found = found.dt.tz_localize(None) if found.dt.tz is not None else found
    expected = dates(DATES[name].values())
    pd.testing.assert_series_equal(found, expected, check_names=False, check_dtype=False)
    if name not in ("two digits of the year", "year first, two digits"):
        assert written.other == ""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OTHERS)
def test_other_text_stays_text(name, dtype):
    cells, expected = OTHERS[name]
    kind, written, found = read(cells, dtype)
    assert (kind, written) == (expected, None)
    assert found.tolist() == column(cells).tolist()


@pytest.mark.parametrize("cells", [[*NUMBERS["decimals"]], ["5", "7", "12"], [5, 7, 12], [0.5, 0.7, 1.2]])
def test_what_is_declared_categorical_is_never_a_number(cells):
    frame = pd.DataFrame({"x": column(cells).astype("category")})
    columns = sort_columns(frame)
    assert (columns.kinds["x"], columns.categorical, dict(columns.formats)) == ("code", ("x",), {})


@pytest.mark.parametrize("name", DATES)
def test_declared_categories_stay_categories(name):
    columns = sort_columns(pd.DataFrame({"x": column(DATES[name]).astype("category")}))
    assert (columns.categorical, dict(columns.formats)) == (("x",), {})


@pytest.mark.parametrize(("cells", "numbers"), [
    ([1.5, "2.5", 3, "?"], [1.5, 2.5, 3, NAN]),
    ([1.5, "2,5", 3, None], [1.5, 2.5, 3, NAN]),
    ([1500, "2,500", 3000.5, "$4"], [1500, 2500, 3000.5, 4]),
    ([-1.5, "(2.5)", -3, "n/a"], [-1.5, -2.5, -3, NAN]),
    ([5, " ", 7, 12], [5, NAN, 7, 12]),
    ([np.float64(0.5), "-", np.int64(7), 12], [0.5, NAN, 7, 12]),
])  # fmt: skip
def test_numbers_among_text_are_read_with_it(cells, numbers):
    """As spreadsheets hand them over."""
    kind, _, found = read(cells)
    assert kind == "number"
    np.testing.assert_array_equal(found, column(numbers).astype(float))


@pytest.mark.parametrize("cells", [
    [True, 1, "2", "3"], [10**400, 5, "6", "7"], [b"1", b"2", b"3"], [pd.Timestamp(0), "5", "6"], [(1, 2), "5", "6"],
])  # fmt: skip
def test_cells_of_other_types_are_no_numbers(cells):
    assert read(cells)[0] == "category"


def test_cells_that_cannot_be_told_apart_are_named_by_type():
    assert dict(sort_columns(pd.DataFrame({"x": [[i] for i in range(N)]})).left_out) == {
        "x": "cells of type list"
    }


@pytest.mark.parametrize(
    "dtype", ["int64", "int32", "uint32", "Int64", "float64", "Float64", "int64[pyarrow]"]
)
def test_days_written_as_whole_numbers_are_dates(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"x": column([20260131, 20251201, 20240229, 0]).astype(dtype)})
    columns = sort_columns(frame)
    assert columns.kinds["x"] == "date"
    found = columns.read(frame)["x"]
    expected = dates(["2026-01-31", "2025-12-01", "2024-02-29", NAT])
    pd.testing.assert_series_equal(found, expected, check_names=False, check_dtype=False)
    written_out = eval(columns.formats["x"].code('df["x"]'), {"pd": pd, "df": frame})
    assert_same(written_out, found)


def test_days_as_whole_numbers_may_have_gaps():
    cells = column([20260131.0, 20251201, 20240229, NAN])
    frame = pd.DataFrame({"x": cells.astype(float)})
    found = sort_columns(frame).read(frame)["x"]
    expected = dates(["2026-01-31", "2025-12-01", "2024-02-29", NAT])
    pd.testing.assert_series_equal(found, expected, check_names=False, check_dtype=False)


@pytest.mark.parametrize(
    "cells", [[20260131, 20261331, 20260230], [20260131.5, 20260228, 20251201], [202601, 202512, 202402]]
)
def test_other_whole_numbers_are_no_days(cells):
    assert read(column(cells).infer_objects())[0] == "number"


def test_the_last_cell_counts_as_the_first():
    """The first cells tell of most columns; what they do not tell is not missed."""
    plain = [f"{i / 7:.3f}" for i in range(500)]
    assert read_all(plain) == "number"
    assert read_all([*plain, "soon"]) == "category"
    days = [*pd.date_range("2019-03-01", periods=500).strftime("%d/%m/%Y")]
    assert read_all(days) == "date"
    assert read_all([*days, "31/02/2020"]) == "other"


def read_all(cells):
    return sort_columns(pd.DataFrame({"x": pd.Series(cells, dtype=object)})).kinds["x"]


@pytest.mark.parametrize(
    ("cells", "kind", "why"),
    [
        ([f"{i % 24:02}:{i // 24:02}" for i in range(N)], "other", "times of day"),
        ([f"{i % 12 + 1}:{i // 12:02} pm" for i in range(N)], "other", "times of day"),
        ([f"Dec {i % 28 + 1:2} 17:{i // 28:02}:05" for i in range(N)], "other", "times without a year"),
        (
            [["2026-01-{:02}", "{:02}/01/2026"][i % 2].format(i % 28 + 1) + f" 17:{i // 2:02}" for i in range(N)],
            "other", "dates not of one format",
        ),
        ([f"c{i}" for i in range(N)], "id", "nearly all different, like an id"),
        ([f"555-{1000 + 37 * i}" for i in range(N)], "id", "nearly all different, like an id"),
        ([f"+1 555 {1000 + 37 * i} 99" for i in range(N)], "id", "nearly all different, like an id"),
        ([f"10.0.{i}.{i % 7}" for i in range(N)], "id", "nearly all different, like an id"),
        ([f"{'A/5 ' * (i % 3 == 0)}{1_000 + 997 * i}" for i in range(N)], "id", "nearly all different, like an id"),
        ([f"{10_000 + 37 * i}" for i in range(N)], "id", "nearly all different, like an id"),
        ([f"{100 + i}{'ABCDEFGHIJKLMNO'[i % 15]}{'XYZU'[i % 4]}K" for i in range(N)], "id", "nearly all different, like an id"),
        ([f"the customer called {i} times about the bill" for i in range(N)], "free text", "free text"),
        ([f"{'a' * 20_000}{i}" for i in range(N)], "id", "nearly all different, like an id"),
        (["same"] * N, "constant", "constant"),
        (["5.0"] * N, "constant", "constant"),
        ([None] * N, "empty", "no values"),
        ([datetime.time(i % 24, 5) for i in range(N)], "other", "times of day"),
        ([datetime.timedelta(hours=i) for i in range(N)], "other", "durations"),
    ],
    ids=lambda each: f"{each[0]:.20}" if isinstance(each, list) and isinstance(each[0], str) else None,
)  # fmt: skip
def test_what_no_model_uses_is_named_by_kind(cells, kind, why):
    columns = sort_columns(pd.DataFrame({"x": pd.Series(cells, dtype=object), "z": np.arange(N) / 7}))
    assert (columns.kinds["x"], columns.left_out["x"], columns.used) == (kind, why, ("z",))


@pytest.mark.parametrize("dtype", ["time32[s][pyarrow]", "time64[us][pyarrow]"])
def test_times_of_day_by_type_are_no_categories(dtype):
    pytest.importorskip("pyarrow")
    cells = pd.Series([datetime.time(i % 24, 5) for i in range(N)]).astype(dtype)
    assert sort_columns(pd.DataFrame({"x": cells})).left_out["x"] == "times of day"


def test_measured_quantities_with_units_of_several_kinds_are_no_ids():
    cells = [f"{i / 7:.2f} {['kg', 'lb'][i % 2]}" for i in range(N)]
    columns = sort_columns(pd.DataFrame({"x": cells}))
    assert (columns.kinds["x"], columns.bounds) == ("category", ("x",))


@pytest.mark.parametrize("habit", ["{:.6f}", "{:,.6f}", "${:,.6f}", "{:.6f}%", "{:,.6f} €"])
@pytest.mark.parametrize(
    "odd", ["1O.3", "see note", "2.5.6", "9" + " " * 30_000 + "!x"], ids=lambda odd: odd[:8]
)
def test_one_typing_error_makes_no_id_of_many_numbers(habit, odd):
    cells = [habit.format(number) for number in np.random.default_rng(0).normal(0, 1e4, 300)]
    columns = sort_columns(pd.DataFrame({"x": [odd, *cells]}))
    assert (columns.kinds["x"], columns.bounds) == ("category", ("x",))


def test_telephone_numbers_are_no_numbers_with_thousands():
    cells = [f"07{number % 10} {number % 997:03d} {number % 991:03d}" for number in range(300)]
    assert sort_columns(pd.DataFrame({"x": cells})).kinds["x"] == "id"


def test_numbers_among_codes_make_no_numbers_of_them():
    """Files that are read in pieces have both: a piece with a blank is text, another one is numbers."""
    cells = pd.Series([94105, 10001, 60601, "00501", "02139", "?"] * 50, dtype=object)
    columns = sort_columns(pd.DataFrame({"x": cells}))
    assert (columns.kinds["x"], columns.formats, columns.bounds) == ("code", {}, ())
