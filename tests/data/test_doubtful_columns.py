"""Columns that one odd cell, a declared type or two digits of a year would have misread."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.data.features import read_features
from imbalance_accessor.data.number_text import number_format
from imbalance_accessor.errors import FeatureError, OptionError, SplitError
from imbalance_accessor.verbs.fit_eval import fit_eval
from imbalance_accessor.verbs.leaks import leaks
from imbalance_accessor.verbs.overview import overview

RNG = np.random.default_rng(0)
N = 400
AMOUNT = RNG.gamma(2, 1500, N)


def framed(**columns) -> pd.DataFrame:
    return pd.DataFrame({**columns, "z": RNG.normal(size=N), "y": np.arange(N) % 5 == 0})


def kind(cells, name="x") -> str:
    return read_features(framed(**{name: cells}), "y").columns.kinds[name]


def message(frame: pd.DataFrame, code: str) -> str:
    (finding,) = [each for each in overview(frame, "y").findings if each.code == code]
    return f"{finding.message} {finding.cure}"


def written(values) -> list[str]:
    return [f"${each:,.2f}" for each in values]


def swapped(cells: list[str]) -> list[str]:
    """Write dots for commas and commas for dots."""
    return [cell.translate(str.maketrans(",.", ".,")) for cell in cells]


def test_a_test_frame_in_another_habit_is_refused_and_odd_cells_of_it_are_counted():
    first = framed(x=written(AMOUNT))
    with pytest.raises(
        SplitError, match=r"has cells like '.*' in 'x', where the first frame has numbers like"
    ):
        fit_eval(first, "y", test=framed(x=swapped(written(AMOUNT))), strategies=["none"], progress=False)
    odd = framed(x=["7 or 8", *written(AMOUNT[1:])])
    found = fit_eval(first, "y", test=odd, strategies=["none"], progress=False)
    (said,) = [each for each in found.findings if each.code == "IMB203" and each.severity == "warning"]
    assert said.message.startswith("1 cell of 'x' in the test frame, such as '7 or 8',")


def test_a_model_refuses_rows_in_another_habit():
    found = fit_eval(framed(x=written(AMOUNT)), "y", strategies=["none"], progress=False).model("none")
    assert found.predict_proba(framed(x=written(AMOUNT))).shape == (N, 2)
    with pytest.raises(OptionError, match="writes them in another way"):
        found.predict_proba(framed(x=swapped(written(AMOUNT))))


def test_a_dash_after_a_currency_is_zero():
    cells = [f" $ {each:,.2f} " if each > 1500 else " $ -   " for each in AMOUNT]
    features = read_features(framed(x=cells), "y")
    assert features.columns.kinds["x"] == "number"
    expected = np.where(AMOUNT > 1500, np.round(AMOUNT, 2), 0.0)
    np.testing.assert_allclose(features.X["x"], expected)
    namespace = {"df": framed(x=cells), "pd": pd}
    made = eval(features.columns.formats["x"].code('df["x"]'), namespace)
    np.testing.assert_allclose(made, expected)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,234.50", "12.25", "3.75", "$ -"], [1234.5, 12.25, 3.75, 0]),
        (["$1,234.50", "$12.25", "$3.75", "€ -"], [1234.5, 12.25, 3.75, 0]),
        ([1, 2.5, 3, "$ -"], [1, 2.5, 3, 0]),
        (["$ -", " $ - ", "$-", "-"], [0, 0, 0, 0]),
    ],
    ids=str,
)
def test_a_dash_after_a_currency_is_zero_whatever_stands_beside_it(cells, numbers):
    column = pd.Series(cells, dtype=object)
    written = number_format(column)
    assert written.read(column).tolist() == numbers
    assert eval(written.code('df["x"]'), {"df": pd.DataFrame({"x": column}), "pd": pd}).tolist() == numbers


def test_numbers_declared_as_categories_are_numbers_where_all_are_different():
    cells = pd.Series([f"{each:.2f}" for each in AMOUNT]).astype("category")
    frame = framed(x=cells)
    features = read_features(frame, "y")
    assert features.columns.kinds["x"] == "number"
    made = eval(features.columns.formats["x"].code('df["x"]'), {"df": frame, "pd": pd})
    np.testing.assert_allclose(made, np.round(AMOUNT, 2))
    assert kind(pd.Series([f"{i % 9}.5" for i in range(N)]).astype("category")) == "code"


@pytest.mark.parametrize("name", ["zip", "PostalCode", "mcc", "postcode"])
def test_digits_that_are_named_like_codes_are_codes(name):
    assert kind([str(100 + 97 * (i % 60)) for i in range(N)], name) == "code"
    assert kind([str(100 + 97 * (i % 60)) for i in range(N)], "amount") == "number"


def test_units_close_to_numbers_of_one_length_are_units_where_they_are_known():
    assert kind([f"{130 + i % 90}lbs" for i in range(N)]) == "number"
    assert kind([f"{130 + i % 90}cm" for i in range(N)]) == "number"
    assert kind([f"{130 + i % 90}xx" for i in range(N)]) == "category"


def test_days_with_an_odd_cell_are_no_categories():
    days = pd.date_range("2020-01-01", periods=N - 1).strftime("%d/%m/%Y")
    frame = framed(x=[*days, "present"])
    assert read_features(frame, "y").columns.left_out["x"] == "dates not of one format"


def test_years_of_two_digits_to_come_and_births_order_no_rows():
    days = pd.Timestamp("1950-01-01") + pd.to_timedelta(RNG.integers(0, 18_000, N), unit="D")
    said = message(framed(seen=days.strftime("%m/%d/%y")), "IMB209")
    assert "some to come by their two digits" in said
    assert "time='seen'" not in said
    assert "time='birth_date'" not in message(framed(birth_date=days.strftime("%Y-%m-%d")), "IMB209")
    assert "time='seen'" in message(framed(seen=days.strftime("%Y-%m-%d")), "IMB209")


@pytest.mark.parametrize(
    ("every", "part"), [("8D", "year"), ("1D", "month"), ("1h", "day_of_week"), ("5min", "hour")]
)
def test_the_part_of_dates_that_is_offered_tells_rows_apart(every, part):
    frame = framed(seen=pd.date_range("2026-01-01", periods=N, freq=every).strftime("%Y-%m-%d %H:%M:%S"))
    (finding,) = [each for each in read_features(frame, "y").findings if each.code == "IMB209"]
    namespace = {"df": frame, "pd": pd}
    exec(finding.fix.lines, namespace)
    assert f'df["seen_{part}"]' in finding.fix.lines
    assert len(set(frame[f"seen_{part}"])) > 1


@pytest.mark.parametrize("unit", ["date32", "date64"])
def test_days_alone_are_offered_no_hours(unit):
    arrow = pytest.importorskip("pyarrow")
    days = pd.array(
        [datetime.date(2026, 1, 1 + n % 2) for n in range(N)], pd.ArrowDtype(getattr(arrow, unit)())
    )
    frame = framed(seen=days)
    (finding,) = [each for each in read_features(frame, "y").findings if each.code == "IMB209"]
    exec(finding.fix.lines, {"df": frame, "pd": pd})
    assert frame["seen_day"].nunique() == 2


def test_blank_text_has_no_values():
    assert kind([" ", "?"] * (N // 2)) == "empty"
    assert kind(["none", "some"] * (N // 2)) == "category"


def test_diagnoses_are_not_told_to_be_ordered():
    assert (
        "IMB211"
        not in overview(
            framed(x=[["250.83", "276", "8", "V57", "E909", "V58"][i % 6] for i in range(N)]), "y"
        ).findings.codes
    )


def test_hours_beyond_a_day_are_no_times_of_day():
    assert (
        read_features(framed(x=[f"{i}:12:33" for i in range(N)]), "y").columns.left_out.get("x")
        != "times of day"
    )


def test_what_would_run_is_proposed_where_our_own_steps_take_nothing():
    pytest.importorskip("skrub")
    text = pd.DataFrame(
        {"t": [f"words that tell of case {i} at length" for i in range(N)], "y": np.arange(N) % 5 == 0}
    )
    (call,) = overview(text, "y")._card().next
    assert call == 'df.imb.fit_eval("y", preprocess="skrub")'
    with pytest.raises(FeatureError, match="preprocess='skrub'"):
        fit_eval(text, "y")
    numbered = pd.DataFrame({0: ["a", "b"] * (N // 2), 1: np.arange(N) % 5 == 0})
    assert overview(numbered, 1)._card().next == ("df.columns = df.columns.map(str)",)


def test_rows_that_free_text_tells_apart_are_no_contradictions():
    frame = (
        framed(t=[f"words that tell of case {i} at length" for i in range(N)])
        .drop(columns="z")
        .assign(s=np.arange(N) % 3)
    )
    assert "IMB105" not in leaks(frame, "y").findings.codes
    assert "IMB105" in leaks(frame.drop(columns="t"), "y").findings.codes
